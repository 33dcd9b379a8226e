/**
 * The dining philosophers: five at a round table, five forks between them, and everyone eats with two. Each takes the fork on the
 * left, then the one on the right; when all hold their left fork, everybody waits for a neighbour, for ever.
 *
 *     talea run apps/firmware/philosophers.ts             ends in that deadlock
 *     talea run apps/firmware/philosophers.ts --ordered   each takes the fork with the lower number first: no ring, no deadlock
 */
import { args, Mutex, mutex, print, self, task } from "talea/firmware";

const SEATS: i32 = 5;
const MEALS: i32 = 3;

const ordered = args.includes("--ordered");
const forks: Mutex[] = [];
for (let i = 0; i < SEATS; i++) forks.push(mutex({ name: `fork ${i}` }));

function dine(seat: i32): void {
  const left = forks[seat];
  // Forks 0 to 4 lie in a ring: on the right of the last seat is fork 0 again.
  const right = forks[(seat + 1) % SEATS];
  const turned = ordered && seat == SEATS - 1;
  const first = turned ? right : left;
  const second = turned ? left : right;
  for (let meal = 0; meal < MEALS; meal++) {
    first.lock();
    // Reaching for the other fork takes a moment. Without it this program ends well nearly always, which is worse.
    self.sleep(1);
    second.lock();
    self.compute(8_000);
    second.unlock();
    first.unlock();
  }
  print("philosopher {} has eaten\n", seat);
}

for (let seat = 0; seat < SEATS; seat++) task(`philosopher ${seat}`, { argument: seat }, dine);
