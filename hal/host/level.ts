/** How full the objects are that hold things: read from kernel memory, so asking changes nothing. */
import { Kind, layout } from "../../kernel/abi/host.js";
import type { Machine } from "./machine.js";

/** What an object holds, and how much it can. */
export interface Level {
  /** The object's name, or kind and number. */
  name: string;
  used: number;
  capacity: number;
  unit: "bytes" | "messages" | "blocks";
}

const P = layout.Pipe;
const Q = layout.MsgQueue;
const M = layout.MemPool;

/** Pipes in bytes, queues in messages, pools in blocks that are out. */
export function levelsOf(m: Machine): Level[] {
  const word = (record: number, offset: number) => m.u32[(record + offset) >> 2] as number;
  const levels = (kind: number, unit: Level["unit"], used: (record: number) => number, capacity: number): Level[] =>
    m.recordsOf(kind).map((record) => {
      const name = m.nameOf(word(record, layout.Obj.handle) & 0x1fff);
      return { name, used: used(record), capacity: word(record, capacity), unit };
    });
  return [
    ...levels(Kind.PIPE, "bytes", (pipe) => word(pipe, P.used), P.capacity),
    ...levels(Kind.QUEUE, "messages", (queue) => word(queue, Q.used), Q.capacity),
    ...levels(Kind.POOL, "blocks", (pool) => word(pool, M.count) - word(pool, M.free), M.count),
  ];
}
