import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type Oracle, Question } from "../hal/host/index.js";
import { Link, type LinkTraits } from "../hal/host/network/link.js";
import { RandomOracle } from "../hal/host/oracle.js";

const test = suite("link");

const PLAIN: LinkTraits = { latency: 1000, byteCycles: 0, loss: 0, duplicate: 0, reorder: 0, jitter: 0, queue: 64 };

/** Answers what it was given, and notes what it was asked. */
class Scripted implements Oracle {
  readonly asks = true;
  readonly asked: number[] = [];
  readonly #answers: number[];

  constructor(...answers: number[]) {
    this.#answers = answers;
  }

  choose(question: Question, choices: number): number {
    assert.is(question, Question.PACKET);
    this.asked.push(choices);
    return this.#answers.shift() ?? 0;
  }
}

function sent(link: Link, bytes: number, cycle: number): number[] {
  return [...link.send(bytes, cycle)];
}

test("a link without chance asks nothing, and takes its latency", () => {
  const oracle = new Scripted();
  const link = new Link(PLAIN, oracle);
  assert.equal(sent(link, 100, 0), [1000]);
  assert.equal(sent(link, 100, 10), [1010]);
  assert.equal(oracle.asked, []);
});

test("with a bandwidth, bytes take their time and packets their turn", () => {
  const link = new Link({ ...PLAIN, byteCycles: 10 }, new Scripted());
  assert.equal(sent(link, 100, 0), [2000]);
  assert.equal(sent(link, 50, 0), [2500]);
  assert.equal(sent(link, 1, 5000), [6010]);
});

test("a queue that is full takes no more, and takes again when a packet got its turn", () => {
  const link = new Link({ ...PLAIN, byteCycles: 10, queue: 2 }, new Scripted());
  assert.equal(
    [0, 1, 2, 3].map(() => sent(link, 100, 0).length),
    [1, 1, 1, 0],
  );
  assert.is(link.counts.overflowed, 1);
  assert.equal(sent(link, 100, 1000), [5000]);
  assert.equal(sent(link, 100, 1000), []);
});

test("a packet is lost, doubled or held back by its probability, and a choice of 0 is harmless", () => {
  const traits = { ...PLAIN, loss: 100, duplicate: 200, reorder: 300, jitter: 50 };
  assert.equal(sent(new Link(traits, new Scripted(900)), 1, 0), []);
  assert.equal(sent(new Link(traits, new Scripted(899, 800, 699, 0, 699, 7)), 1, 0), [1000, 1007]);
  assert.equal(sent(new Link(traits, new Scripted(0, 0, 700, 3)), 1, 0), [2003]);
  const oracle = new Scripted();
  assert.equal(sent(new Link(traits, oracle), 1, 0), [1000]);
  assert.equal(oracle.asked, [1000, 1000, 1000, 51]);
});

test("what is held back is overtaken; jitter alone overtakes nothing", () => {
  const held = new Link({ ...PLAIN, reorder: 1 }, new Scripted(999, 0));
  assert.equal([sent(held, 1, 0), sent(held, 1, 10)], [[2000], [1010]]);
  const late = new Link({ ...PLAIN, jitter: 100 }, new Scripted(100, 0));
  assert.equal([sent(late, 1, 0), sent(late, 1, 10)], [[1100], [1100]]);
});

test("probabilities hold over many packets, and what happened is counted", () => {
  const link = new Link({ ...PLAIN, loss: 100, duplicate: 50, reorder: 200 }, new RandomOracle(1));
  let arrived = 0;
  for (let i = 0; i < 10_000; i++) arrived += link.send(1, i).length;
  const { sent, lost, duplicated, reordered } = link.counts;
  assert.is(sent, 10_000);
  assert.is(arrived, sent - lost + duplicated);
  assert.ok(Math.abs(lost - 1000) < 100, `${lost}`);
  assert.ok(Math.abs(duplicated - 450) < 80, `${duplicated}`);
  assert.ok(Math.abs(reordered - 1890) < 150, `${reordered}`);
});

test.run();
