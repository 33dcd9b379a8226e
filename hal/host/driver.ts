/** What drivers of devices share. */
import { Mode } from "../../kernel/abi/host.js";
import { handleOf } from "./api/object.js";
import { Pipe } from "./api/pipe.js";
import type { Machine } from "./machine.js";

/** A pipe of a driver: the driver has one end as the system's own, everybody the other. */
export function systemPipe(m: Machine, name: string, capacity: number, own: "read" | "write", everyone: "read" | "write"): Pipe {
  const mode = (own === "read" ? Mode.READ : Mode.WRITE) | (everyone === "read" ? Mode.PUBLIC_READ : Mode.PUBLIC_WRITE);
  const what = `pipe "${name}"`;
  const p = m.enter();
  const call = p.make(
    what,
    (k) => k.pipe_create(m.stageName(name), capacity, mode, 0),
    (r) => new Pipe(m, m.named(handleOf(r, what), name)),
  );
  return p.take(call);
}
