/**
 * The schedule oracle: all chance of a run comes from here. It is asked where a real system is free: whether a slice ends early,
 * in which order the kinds of one instant are served, whether a condition wakes for no reason (kernel questions), and at which
 * cycle of its window a device event or the end of a compute falls, and what becomes of a packet on its way (host questions).
 * Tasks' own Math.random draws from a stream of its own, so it never shifts a schedule.
 */
import { Choice } from "../../kernel/abi/host.js";

/** What is asked. The first three are the kernel's (Choice), the others are the host's. */
export const Question = { ...Choice, WINDOW: 4, PACKET: 5 } as const;
export type Question = (typeof Question)[keyof typeof Question];

export interface Oracle {
  /** Whether the kernel asks at all; without, every choice is 0, the default rules. */
  readonly asks: boolean;
  /** A number from 0 to choices - 1. */
  choose(question: Question, choices: number): number;
}

/** A deterministic stream of 32-bit numbers (sfc32; seeded through splitmix32), the same on every host. */
export class Stream {
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;

  constructor(seed: number, stream: number) {
    let state = (seed ^ Math.imul(stream, 0x9e3779b9)) | 0;
    const split = () => {
      state = (state + 0x9e3779b9) | 0;
      let z = state;
      z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
      z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
      return z ^ (z >>> 15);
    };
    this.#a = split();
    this.#b = split();
    this.#c = split();
    for (let i = 0; i < 12; i++) this.next();
  }

  /** 0 .. 2^32 - 1. */
  next(): number {
    const sum = (this.#a + this.#b + this.#counter++) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + sum;
    this.#c |= 0;
    return sum >>> 0;
  }

  /** 0 .. bound - 1, every one about equally likely. */
  below(bound: number): number {
    return Math.floor((this.next() / 4294967296) * bound);
  }

  /** 0 <= x < 1. */
  unit(): number {
    return this.next() / 4294967296;
  }
}

/** The default rules: slices last, kinds keep their order, nothing is spurious, windows end at their earliest cycle. */
export const defaultOracle: Oracle = { asks: false, choose: () => 0 };

/** Chooses at random from a seed. Rare freedoms stay rare: 1 slice in 2 ends early, 1 wait in 8 wakes for no reason. */
export class RandomOracle implements Oracle {
  readonly asks = true;
  readonly seed: number;
  readonly #stream: Stream;

  /** `stream` tells apart oracles that have the same seed; 1 is a machine's own. */
  constructor(seed: number, stream = 1) {
    this.seed = seed;
    this.#stream = new Stream(seed, stream);
  }

  choose(question: Question, choices: number): number {
    if (choices < 2) return 0;
    if (question === Question.SLICE && this.#stream.below(2) === 0) return 0;
    if (question === Question.SPURIOUS && this.#stream.below(8) !== 0) return 0;
    return this.#stream.below(choices);
  }
}
