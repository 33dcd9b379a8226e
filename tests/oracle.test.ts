import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  boot,
  defaultOracle,
  type Machine,
  type MachineOptions,
  type Oracle,
  Question,
  RandomOracle,
  type System,
} from "../hal/host/index.js";
import { Stream } from "../hal/host/oracle.js";

const test = suite("oracle");

const SEEDS = Array.from({ length: 20 }, (_, i) => i + 1);

function draw(stream: Stream, count: number): number[] {
  return Array.from({ length: count }, () => stream.next());
}

/** Asks every question there is: slices, the order at an instant, spurious wake-ups, windows. */
function curious(system: System): void {
  const lock = system.mutex();
  const never = system.condition();
  const sem = system.semaphore();
  const timer = system.timer({ give: sem });
  system.task("waits", { priority: 9 }, function* () {
    yield* lock.lock();
    for (let i = 0; i < 30; i++) yield* never.wait(lock, 2);
    yield* lock.unlock();
  });
  system.task("ticks", { priority: 9 }, function* () {
    yield* timer.start(1, 1);
    for (let i = 0; i < 30; i++) yield* sem.take(1);
  });
  for (const name of ["a", "b"]) {
    system.task(name, { priority: 5 }, function* (self) {
      for (let i = 0; i < 40; i++) yield* self.compute(3000, 20_000);
    });
  }
}

function ended(options: MachineOptions): Machine {
  const m = boot(curious, options);
  m.run();
  return m;
}

/** An oracle that answers as `choose` says and remembers what it was asked and what it said. */
class Witness implements Oracle {
  readonly asks = true;
  readonly asked: { question: Question; choices: number; answer: number }[] = [];
  readonly #choose: (question: Question, choices: number) => number;

  constructor(choose: (question: Question, choices: number) => number) {
    this.#choose = choose;
  }

  choose(question: Question, choices: number): number {
    const answer = this.#choose(question, choices);
    this.asked.push({ question, choices, answer });
    return answer;
  }
}

// Streams

test("a stream is the same numbers on every host", () => {
  assert.equal(draw(new Stream(1, 1), 4), [3748074583, 1998728902, 508629736, 729474035]);
  assert.equal(draw(new Stream(0, 2), 4), [1283406420, 2040600849, 3771725330, 4156550489]);
  assert.equal(draw(new Stream(-7, 1), 4), [1381270626, 417520739, 694315165, 3291433151]);
});

test("streams of other seeds, and other streams of one seed, have nothing in common", () => {
  const streams = [0, 1, 2, 3, 1000, -1].flatMap((seed) => [1, 2, 3].map((stream) => draw(new Stream(seed, stream), 200)));
  assert.is(new Set(streams.flat()).size, streams.flat().length);
});

test("below and unit stay in their range and reach all of it evenly", () => {
  const stream = new Stream(5, 1);
  const counts = new Array(7).fill(0);
  for (let i = 0; i < 70_000; i++) counts[stream.below(7)]++;
  assert.is(counts.length, 7);
  for (const count of counts) assert.ok(count > 9_500 && count < 10_500, `${counts}`);
  const tenths = new Array(10).fill(0);
  for (let i = 0; i < 50_000; i++) {
    const x = stream.unit();
    assert.ok(x >= 0 && x < 1);
    tenths[Math.floor(x * 10)]++;
  }
  for (const count of tenths) assert.ok(count > 4_600 && count < 5_400, `${tenths}`);
  for (let i = 0; i < 100; i++) assert.is(stream.below(1), 0);
});

// Oracles

test("the default oracle is never asked by the kernel, and takes the first choice", () => {
  assert.is(defaultOracle.asks, false);
  for (const question of Object.values(Question)) assert.is(defaultOracle.choose(question, 10), 0);
  assert.not(ended({}).trace.some((r) => r.event === "CHOICE"));
});

test("a random oracle keeps to the choices, and draws nothing where there is no choice", () => {
  const oracle = new RandomOracle(3);
  const twin = new RandomOracle(3);
  for (const question of Object.values(Question)) {
    for (const choices of [0, 1]) assert.is(oracle.choose(question, choices), 0);
  }
  for (let i = 0; i < 2000; i++) {
    const question = (Object.values(Question) as Question[])[i % 4] as Question;
    const choices = 2 + (i % 30);
    const choice = oracle.choose(question, choices);
    assert.ok(Number.isInteger(choice) && choice >= 0 && choice < choices);
    assert.is(twin.choose(question, choices), choice);
  }
});

test("rare freedoms are rare: a slice ends early about every other time, a wait for no reason about every eighth", () => {
  const share = (question: Question) => {
    const oracle = new RandomOracle(1);
    let taken = 0;
    for (let i = 0; i < 10_000; i++) if (oracle.choose(question, 1_000_000) > 0) taken++;
    return taken / 10_000;
  };
  assert.ok(Math.abs(share(Question.SLICE) - 1 / 2) < 0.02);
  assert.ok(Math.abs(share(Question.SPURIOUS) - 1 / 8) < 0.02);
  assert.ok(share(Question.WINDOW) > 0.99);
  assert.ok(share(Question.ORDER) > 0.99);
});

// Machines

test("TRC-02a TRC-02b a seed is a schedule: the same again, after power-on and in another machine, and others differ", () => {
  const hashes = SEEDS.map((seed) => ended({ seed }).hash);
  assert.is(new Set(hashes).size, SEEDS.length);
  for (const [i, seed] of SEEDS.entries()) {
    const m = ended({ seed });
    assert.is(m.hash, hashes[i]);
    m.powerOn();
    m.run();
    assert.is(m.hash, hashes[i]);
  }
});

test("a machine's own oracle is asked every question of its own, with at least two choices, and its answers are in the trace", () => {
  const random = new RandomOracle(4);
  const oracle = new Witness((question, choices) => random.choose(question, choices));
  const m = ended({ oracle });
  const kinds = new Set(oracle.asked.map(({ question }) => question));
  const { PACKET, ...own } = Question;
  assert.equal([...kinds].sort(), Object.values(own).sort());
  assert.not(kinds.has(PACKET));
  assert.ok(oracle.asked.every(({ choices }) => choices >= 2));
  assert.ok(oracle.asked.filter(({ question }) => question === Question.ORDER).every(({ choices }) => choices === 24));
  const kernel = oracle.asked.filter(({ question }) => question !== Question.WINDOW);
  assert.equal(
    m.trace.filter((r) => r.event === "CHOICE").map((r) => [r.first, r.second]),
    kernel.map(({ question, answer }) => [question, answer]),
  );
});

test("recorded answers replay the run, whatever gave them", () => {
  for (const seed of SEEDS) {
    const random = new RandomOracle(seed);
    const recorder = new Witness((question, choices) => random.choose(question, choices));
    const recorded = ended({ oracle: recorder });
    const answers = recorder.asked.map(({ answer }) => answer);
    let next = 0;
    const player = new Witness(() => answers[next++] as number);
    assert.is(ended({ oracle: player }).hash, recorded.hash);
    assert.equal(player.asked, recorder.asked);
  }
});

test("an oracle that always takes the first choice makes the default run, but for the record of its choices", () => {
  const first = ended({ oracle: new Witness(() => 0) });
  const plain = ended({});
  assert.equal(
    first.trace.filter((r) => r.event !== "CHOICE" && r.event !== "POWER"),
    plain.trace.filter((r) => r.event !== "POWER"),
  );
});

test("an answer out of range is the last choice", () => {
  const last = ended({ oracle: new Witness((_, choices) => choices - 1) });
  const beyond = ended({ oracle: new Witness((question, choices) => (question === Question.WINDOW ? choices - 1 : choices + 1000)) });
  assert.is(beyond.hash, last.hash);
});

test("a window ends at its first cycle by default, and at every cycle of it under some seed", () => {
  const lengthOf = (options: MachineOptions) => {
    let cycles = 0;
    const m = boot((system) => {
      system.task("t", {}, function* (self) {
        const start = self.cycles;
        yield* self.compute(100, 107);
        cycles = self.cycles - start;
      });
    }, options);
    m.run();
    return cycles;
  };
  assert.is(lengthOf({}), 100);
  const seen = new Set(Array.from({ length: 100 }, (_, seed) => lengthOf({ seed })));
  assert.equal(
    [...seen].sort((a, b) => a - b),
    [100, 101, 102, 103, 104, 105, 106, 107],
  );
});

test("a task's Math.random draws from a stream of its own: it shifts no schedule", () => {
  const gambling = (draws: number) => (system: System) => {
    curious(system);
    system.task("gambler", { priority: 20 }, function* (self) {
      for (let i = 0; i < 5; i++) {
        for (let d = 0; d < draws; d++) Math.random();
        yield* self.sleep(1);
      }
    });
  };
  for (const seed of SEEDS) {
    const hashes = [0, 1, 100].map((draws) => {
      const m = boot(gambling(draws), { seed });
      m.run();
      return m.hash;
    });
    assert.is(new Set(hashes).size, 1);
  }
});

test.run();
