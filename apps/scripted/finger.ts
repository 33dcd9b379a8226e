/**
 * A finger on a button: the other side of apps/firmware/button.ts, on the same board. Each press bounces, as contacts do, for up to
 * 5 ms; between presses something comes along that is shorter than one.
 *
 *     talea run apps/scripted/finger.ts 3 --firmware apps/firmware/button.ts
 */
import type { Gpio, Self, System } from "talea";

const BUTTON = 0;
/** Ticks that a press lasts, and that follow it. */
const PRESS = 100;
/** Edges of a bounce, an odd number, and the cycles from one to the next, at least and at most. */
const EDGES = 7;
const LEAST = 1_000;
const MOST = 11_000;

/** The contact closes or opens, and has its level after some bouncing. */
function* bounce(self: Self, gpio: Gpio, level: boolean) {
  for (let i = 0; i < EDGES; i++) {
    gpio.drive(BUTTON, i % 2 === 0 ? level : !level);
    yield* self.compute(LEAST, MOST);
  }
}

export default (system: System) => {
  const presses = Number(system.args[0] ?? 3);
  const gpio = system.gpio();
  system.task("finger", { priority: 20 }, function* (self) {
    for (let i = 0; i < presses; i++) {
      yield* self.sleep(PRESS);
      // Lightning, not a finger.
      gpio.drive(BUTTON, true);
      yield* self.sleep(10);
      gpio.drive(BUTTON, false);
      yield* self.sleep(PRESS);
      yield* bounce(self, gpio, true);
      yield* self.sleep(PRESS);
      yield* bounce(self, gpio, false);
    }
  });
};
