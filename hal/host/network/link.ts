/**
 * One direction of a link: what becomes of each packet that is put on it. All chance is asked of the oracle, in this order and only
 * where the link is set to need it: is it lost, is there a second copy, and of each copy, is it held back, how late is it. A choice
 * of 0 is always the harmless one.
 *
 *     sender -> [ queue ] -> bandwidth -> latency + jitter -> arrival
 *               full: lost                lost, doubled, held back
 */
import { type Oracle, Question } from "../oracle.js";

/** How a link behaves, in cycles and thousandths. */
export interface LinkTraits {
  /** Cycles from the last byte sent to its arrival. */
  latency: number;
  /** Cycles a byte takes, 0 where bandwidth is no limit. */
  byteCycles: number;
  loss: number;
  duplicate: number;
  reorder: number;
  /** Cycles by which a packet may be late. */
  jitter: number;
  /** Packets that wait for their turn; further ones are lost. */
  queue: number;
}

/** What a link did. */
export interface LinkCounts {
  /** Packets put on it. */
  sent: number;
  /** Packets that the link lost. */
  lost: number;
  /** Packets that the full queue did not take. */
  overflowed: number;
  duplicated: number;
  reordered: number;
}

const THOUSAND = 1000;

export class Link {
  readonly counts: LinkCounts = { sent: 0, lost: 0, overflowed: 0, duplicated: 0, reordered: 0 };
  readonly #traits: LinkTraits;
  readonly #oracle: Oracle;
  /** Arrivals of the packet that was sent last. */
  readonly #arrivals: number[] = [];
  /** Cycles at which waiting packets get their turn. */
  #turns: number[] = [];
  /** Cycle at which the last byte of all that was sent so far is on its way. */
  #busy = 0;
  /** The last arrival of a packet that was not held back: jitter alone changes no order. */
  #last = 0;

  constructor(traits: LinkTraits, oracle: Oracle) {
    this.#traits = traits;
    this.#oracle = oracle;
  }

  /** A packet of `bytes` is sent at a cycle: at which cycles it arrives. None: it is lost. Valid until the next packet. */
  send(bytes: number, cycle: number): readonly number[] {
    const arrivals = this.#arrivals;
    arrivals.length = 0;
    this.counts.sent++;
    const left = this.#leaves(bytes, cycle);
    if (left < 0) {
      this.counts.overflowed++;
      return arrivals;
    }
    if (this.#happens(this.#traits.loss)) {
      this.counts.lost++;
      return arrivals;
    }
    const copies = this.#happens(this.#traits.duplicate) ? 2 : 1;
    if (copies === 2) this.counts.duplicated++;
    for (let i = 0; i < copies; i++) arrivals.push(this.#arrives(left));
    return arrivals;
  }

  /** When the packet has left its sender, -1 when there is no room for it. */
  #leaves(bytes: number, cycle: number): number {
    const { byteCycles, queue } = this.#traits;
    if (byteCycles === 0) return cycle;
    const begun = this.#turns.findIndex((turn) => turn > cycle);
    this.#turns.splice(0, begun < 0 ? this.#turns.length : begun);
    const turn = Math.max(cycle, this.#busy);
    if (turn > cycle && this.#turns.length >= queue) return -1;
    if (turn > cycle) this.#turns.push(turn);
    this.#busy = turn + Math.ceil(bytes * byteCycles);
    return this.#busy;
  }

  #arrives(left: number): number {
    const { latency, jitter, reorder } = this.#traits;
    const held = this.#happens(reorder);
    const late = jitter > 0 ? this.#oracle.choose(Question.PACKET, jitter + 1) : 0;
    if (held) {
      this.counts.reordered++;
      // Behind whatever is sent within another latency.
      return left + latency + late + latency;
    }
    this.#last = Math.max(this.#last, left + latency + late);
    return this.#last;
  }

  /** Whether what happens to so many of a thousand packets happens to this one. */
  #happens(thousandths: number): boolean {
    return thousandths > 0 && this.#oracle.choose(Question.PACKET, THOUSAND) >= THOUSAND - thousandths;
  }
}
