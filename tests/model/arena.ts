/** RAM that is given out: what is taken is known, what is free is what lies between. */
import { GRAIN } from "./abi.js";
import type { Task } from "./task.js";

/** Whose a piece is: the kernel's (buffers, stacks), the system description's, or a task's. */
export type Owner = "kernel" | "system" | Task;

interface Piece {
  address: number;
  size: number;
  owner: Owner;
}

export class Arena {
  readonly start: number;
  readonly end: number;
  taken: Piece[] = [];

  constructor(
    start: number,
    end: number,
    /** How many pieces there can be, free ones included. */
    readonly most: number,
  ) {
    this.start = Math.ceil(start / GRAIN) * GRAIN;
    this.end = Math.max(this.start, Math.floor(end / GRAIN) * GRAIN);
  }

  get size(): number {
    return this.end - this.start;
  }

  /** The free pieces, in order of address. */
  get gaps(): { address: number; size: number }[] {
    const gaps: { address: number; size: number }[] = [];
    let at = this.start;
    for (const { address, size } of [...this.taken, { address: this.end, size: 0 }]) {
      if (address > at) gaps.push({ address: at, size: address - at });
      at = address + size;
    }
    return gaps;
  }

  /** The lowest address where so many bytes can be taken, and are from now on; none where there is no room for them or for one piece more. */
  take(bytes: number, owner: Owner): number | undefined {
    const size = Math.max(GRAIN, Math.ceil(bytes / GRAIN) * GRAIN);
    const gaps = this.gaps;
    const more = this.taken.length + gaps.length < this.most;
    const gap = gaps.find((each) => each.size === size || (each.size > size && more));
    if (!gap) return;
    this.taken.push({ address: gap.address, size, owner });
    this.taken.sort((a, b) => a.address - b.address);
    return gap.address;
  }

  ownerOf(address: number): Owner | undefined {
    return this.taken.find((piece) => piece.address === address)?.owner;
  }

  /** Gives back what begins at the address; whether something does. */
  give(address: number): boolean {
    const count = this.taken.length;
    this.taken = this.taken.filter((piece) => piece.address !== address);
    return this.taken.length < count;
  }

  giveAll(owner: Owner): boolean {
    const count = this.taken.length;
    this.taken = this.taken.filter((piece) => piece.owner !== owner);
    return this.taken.length < count;
  }
}
