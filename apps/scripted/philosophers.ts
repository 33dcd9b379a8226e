/**
 * The dining philosophers: five at a round table, five forks between them, and everyone eats with two. Each takes the fork on the
 * left, then the one on the right; when all hold their left fork, everybody waits for a neighbour, for ever.
 *
 *     talea run apps/scripted/philosophers.ts             ends in that deadlock
 *     talea run apps/scripted/philosophers.ts --ordered   each takes the fork with the lower number first: no ring, no deadlock
 */
import type { Mutex, System } from "talea";

const SEATS = 5;
const MEALS = 3;

export default function philosophers(system: System): void {
  const console = system.console();
  const ordered = system.args.includes("--ordered");
  const forks = Array.from({ length: SEATS }, (_, i) => system.mutex({ name: `fork ${i}` }));

  for (const [seat, left] of forks.entries()) {
    // Forks 0 to 4 lie in a ring: on the right of the last seat is fork 0 again.
    const right = forks[(seat + 1) % SEATS] as Mutex;
    const lastSeat = seat === SEATS - 1;
    const [first, second] = ordered && lastSeat ? [right, left] : [left, right];

    system.task(`philosopher ${seat}`, {}, function* (self) {
      for (let meal = 0; meal < MEALS; meal++) {
        yield* first.lock();
        // Reaching for the other fork takes a moment. Without it this program ends well nearly always, which is worse.
        yield* self.sleep(1);
        yield* second.lock();
        yield* self.compute(8_000);
        yield* second.unlock();
        yield* first.unlock();
      }
      yield* console.write(`philosopher ${seat} has eaten\n`);
    });
  }
}
