/**
 * Every wait made to time out: each call of the table that takes a timeout, alone and in a queue of three, at exactly its tick and under
 * every schedule. Then nothing of the wait is left: objects, RAM and the other tasks are as they were before it.
 */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { callTable, ETIMEDOUT, type MachineOptions, type Self, type System, type Task } from "../hal/host/index.js";
import { Kind, layout } from "../kernel/abi/host.js";
import { table } from "./armoury.js";
import { cpuWord, waits as kinds, pieces, priorityOf, raw, type Wait, word } from "./probe.js";
import { ORACLES, playOut } from "./support.js";

const test = suite("timeout");

const T = layout.Task;
/** Not reached by anybody: what is sent there gets no answer. */
const NOWHERE = 0x0a000002;
const NETWORK: MachineOptions = { address: "10.0.0.1", giveUp: 1000 };

const waits: Record<string, (system: System) => Wait> = {
  ...kinds,
  "socket connect": (system) => {
    const object = system.socket({ name: "out" });
    return {
      *wait({ machine }, ticks) {
        yield* raw(machine, "object_open", Kind.SOCKET, machine.stageName("out"), 3);
        return yield* raw(machine, "socket_connect", object.handle, NOWHERE, 80, ticks);
      },
    };
  },
  "timer service": () => ({ wait: (self, ticks) => raw(self.machine, "timer_service", self.buffer(layout.Callback.bytes).address, ticks) }),
};

/** Ways to wait that leave something by themselves: an attempt that goes on, a service that stays one, a block that the sender has. */
const LASTING = ["socket connect", "timer service", "mailbox sync send"];
/** Sleeping is no timeout, but an end. */
const answers = (kind: string) => (kind === "sleep" ? 0 : ETIMEDOUT);
/** Where nothing wakes for no reason. */
const schedules = (kind: string) => (kind === "condition" ? [{}] : ORACLES.slice(0, 5));

/** All objects, the RAM, and how the other tasks stand but the one that looks on. */
function digest(self: Self, observer: Task): string {
  const { machine } = self;
  const { u8, u32 } = machine;
  const apart = [self.handle & 0xff, observer.handle & 0xff];
  const parts: string[] = [];
  for (let kind: number = Kind.SEM; kind < Kind.LINE; kind++) {
    const pool = cpuWord(machine, layout.Cpu.pools) + kind * layout.Pool.bytes;
    const [base, size, count] = [layout.Pool.base, layout.Pool.size, layout.Pool.count].map((field) => u32[(pool + field) >> 2] as number);
    const end = (base as number) + (size as number) * (count as number);
    const bytes = Buffer.from(u8.subarray(base, end));
    // Who polled it and does no more is passed over.
    for (let slot = 0; slot < bytes.length; slot += size as number) bytes.fill(0, slot + layout.Obj.pollers, slot + layout.Obj.pollers + 8);
    parts.push(bytes.toString("latin1"));
  }
  parts.push(JSON.stringify(pieces(machine)), `${cpuWord(machine, layout.Cpu.waiting)} deadlines`);
  for (let i = 0; i < machine.taskCount; i++) {
    const record = machine.taskRecord(i);
    if (u32[(record + T.handle) >> 2] === 0 || apart.includes(i)) continue;
    parts.push(`${i}: ${u8[record + T.priority]} ${u32[(record + T.state) >> 2]} ${u32[(record + T.queue) >> 2]}`);
  }
  return parts.join("\n");
}

const blockedIn = new Set<string>();

test("ERR-01b ERR-02a ERR-04b every wait times out at exactly its tick, and leaves everything as it was", () => {
  for (const kind of Object.keys(waits)) {
    for (const options of schedules(kind)) {
      for (const ticks of [1, 2, 7]) {
        const what = `${kind}, ${ticks} ticks, ${JSON.stringify(options)}`;
        let came = 0;
        playOut(
          (system) => {
            const wait = (waits[kind] as (typeof waits)[string])(system);
            const waiter = system.task("waiter", { priority: 20 }, function* (self) {
              yield* self.sleep(3);
              // What it opens first is no part of the wait.
              if (kind !== "sleep" && !LASTING.includes(kind)) yield* wait.wait(self, 0);
              const [before, from] = [digest(self, observer), self.tick];
              assert.is(yield* wait.wait(self, ticks), answers(kind), what);
              came = self.tick - from;
              if (!LASTING.includes(kind)) assert.ok(digest(self, observer) === before, `${what}: something is left`);
              assert.is(word(self, T.queue), 0, what);
              if (wait.object) assert.is(wait.object.waiters, 0, what);
            });
            const observer: Task = system.task("observer", { priority: 10, daemon: true }, function* (self) {
              yield* self.sleepUntil(3);
              const call = self.machine.u8[self.machine.taskRecord(waiter.handle & 0xff) + T.call] as number;
              if (call > 0) blockedIn.add(callTable[call]?.name as string);
              yield* self.suspend();
            });
          },
          { ...NETWORK, ...options },
        );
        assert.is(came, ticks, what);
      }
    }
  }
});

test("every call of the table that takes a timeout has waited for one", () => {
  const timed = table.filter(([, call]) => call.args.some(([, type]) => type === "timeout")).map(([name]) => name);
  assert.equal(
    timed.filter((name) => !blockedIn.has(name)),
    [],
  );
});

/** Waits for which three tasks can stand in one queue. */
const SHARED = Object.keys(kinds).filter(
  (kind) => !["sleep", "signal", "flags", "notification", "barrier", "join", "condition"].includes(kind),
);

test("ERR-02a ERR-04b three that wait in one queue time out each at its tick, whoever stood in front, and are on no list then", () => {
  const orders = [
    [2, 4, 6],
    [6, 4, 2],
    [4, 6, 2],
    [3, 3, 3],
  ];
  for (const kind of SHARED) {
    for (const order of orders) {
      const came: number[] = [];
      playOut(
        (system) => {
          const wait = (waits[kind] as (typeof waits)[string])(system);
          for (const [i, ticks] of order.entries()) {
            system.task(`waiter ${i}`, { priority: 30 - i }, function* (self) {
              yield* self.sleep(2);
              assert.is(yield* wait.wait(self, ticks), ETIMEDOUT, `${kind} ${order}`);
              came[i] = self.tick - 2;
            });
          }
        },
        { ...NETWORK },
      );
      assert.equal(came, order, kind);
    }
  }
});

test("SYN-03d each waiter of a chain of mutexes takes its boost with it when it times out, at that very tick", () => {
  for (const options of ORACLES) {
    const seen: number[][] = [];
    playOut((system) => {
      const [first, second, third] = [system.mutex(), system.mutex(), system.mutex()];
      const low = system.task("low", { priority: 5 }, function* (self) {
        yield* first.lock();
        yield* self.compute(16_000 * 9);
        yield* first.unlock();
      });
      const middle = system.task("middle", { priority: 10 }, function* (self) {
        yield* self.sleep(1);
        yield* second.lock();
        assert.is(yield* first.lock(6), ETIMEDOUT);
        yield* second.unlock();
      });
      system.task("high", { priority: 20 }, function* (self) {
        yield* self.sleep(2);
        yield* third.lock();
        assert.is(yield* second.lock(3), ETIMEDOUT);
        yield* third.unlock();
      });
      system.task("peak", { priority: 30 }, function* (self) {
        yield* self.sleep(2);
        yield* self.sleep(1);
        assert.is(yield* third.lock(1), ETIMEDOUT);
      });
      system.task("clock", { priority: 40 }, function* (self) {
        for (let tick = 1; tick <= 8; tick++) {
          yield* self.sleepUntil(tick);
          // Behind what is due at this tick and more urgent tasks did not do yet.
          yield* self.compute(200);
          seen.push([tick, priorityOf(self.machine, low.handle), priorityOf(self.machine, middle.handle)]);
        }
      });
    }, options);
    const at = (tick: number) => seen.find(([when]) => when === tick)?.slice(1);
    // From the tick at which the others have given up on; before it, whoever waits is heard through the chain.
    assert.equal(at(4), [20, 20], JSON.stringify(options));
    assert.equal(at(6), [10, 10], JSON.stringify(options));
    assert.equal(at(8), [5, 10], JSON.stringify(options));
  }
});

test.run();
