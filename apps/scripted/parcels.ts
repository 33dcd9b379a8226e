/**
 * A camera whose pictures are too big to copy. It fills blocks of a pool and sends their addresses; nobody copies a pixel.
 *
 *     camera -- pictures --> worker -- results, one copy for all --> display, printer
 *        worker -- duplex, asking and answering --> librarian
 *
 * The pool is the brake: it has two blocks, so the camera is never more than that ahead of the worker, and waits in `alloc`.
 */
import { Block, type System, type Task } from "talea";

const PICTURES = 3;
/** Bytes of a picture. To send one costs the same cycles whatever stands here. */
const SIZE = 4096;
const TICK = 16_000;

export default function parcels(system: System): void {
  const console = system.console();
  const frames = system.pool({ name: "frames", count: 2, size: SIZE });
  const pictures = system.mailbox({ name: "pictures" });
  const results = system.mailbox({ name: "results" });

  system.task("camera", { priority: 12, writes: [pictures] }, function* (self) {
    for (let number = 1; number <= PICTURES; number++) {
      // Waits until a block is free. A number instead of a block says how the wait ended otherwise.
      const picture = yield* frames.alloc();
      if (!(picture instanceof Block)) return;
      yield* self.compute(TICK / 2);
      for (let i = 0; i < SIZE; i++) picture.view.set(i, number);
      // From here on the block is the worker's: picture.view would throw.
      yield* pictures.send(picture);
    }
    // When this task ends nobody is left to send: once the mailbox is drained, the worker's receive is EPIPE.
  });

  const worker: Task = system.task("worker", { priority: 10, reads: [pictures], writes: [results] }, function* (self) {
    for (;;) {
      const picture = yield* pictures.receive();
      if (!(picture instanceof Block)) break;
      const number = picture.view.get(0);
      yield* self.compute(TICK);
      // The same block goes on: to the librarian and back, who leaves the answer in it, and then to all displays.
      yield* library.a.out.send(picture, librarian);
      const named = yield* library.a.in.receive(librarian);
      if (!(named instanceof Block)) break;
      const reached = yield* results.broadcast(named);
      yield* console.write(`worker: picture ${number} goes to ${reached} displays\n`);
    }
  });

  const librarian: Task = system.task("librarian", { priority: 11 }, function* () {
    for (;;) {
      const asked = yield* library.b.in.receive();
      if (!(asked instanceof Block)) return;
      asked.view.copy(`no. ${asked.view.get(0)}`);
      yield* library.b.out.send(asked, asked.sender);
    }
  });

  const library = system.duplex(worker, librarian, { name: "library" });

  for (const [name, ticks] of [
    ["display", 1],
    ["printer", 4],
  ] as const) {
    system.task(name, { priority: 8, reads: [results] }, function* (self) {
      for (;;) {
        const shared = yield* results.receive();
        if (!(shared instanceof Block)) return;
        yield* self.compute(ticks * TICK);
        yield* console.write(`${name}: ${shared.view.text(5)} at tick ${self.tick}\n`);
        // Its part of the block; the pool has it back when the slower one has freed it, too.
        yield* shared.free();
      }
    });
  }
}
