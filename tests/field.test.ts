/**
 * Programs about one field of the kernel each, always the same: kernel and model agree on them, and what the kernel traces is what it
 * was when `npm run hashes` recorded it. Few and short: they are the tests that notice most faults for their time.
 */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { playRound, recordedRounds, rounds } from "./same/fields.js";

const test = suite("field");

for (const round of rounds) {
  test(`programs about ${round.name}: the kernel does what the model does, and leaves the trace that was recorded`, () => {
    const { programs, traces } = recordedRounds()[round.name] ?? {};
    const found = playRound(round);
    assert.is(found.programs, programs, "these programs are others than those recorded: npm run hashes");
    assert.is(found.traces, traces, "what the kernel traces has changed: if that is meant, npm run hashes, and CHANGELOG.md must tell why");
  });
}

test.run();
