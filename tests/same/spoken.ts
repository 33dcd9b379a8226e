/** The machine that docs/browser.md shows, under Node. */
import { boot, type System } from "talea";

function speaker(system: System): void {
  const console = system.console();
  system.task("speaker", {}, function* (self) {
    for (let i = 1; i <= 3; i++) {
      yield* console.write(`${i} at tick ${self.tick}\n`);
      yield* self.sleep(10);
    }
  });
}

/** What its page shows. */
export function spoken(): string {
  const machine = boot(speaker, { seed: 7 });
  const reason = machine.run();
  return `${machine.output}${reason}, trace hash 0x${machine.hash}`;
}
