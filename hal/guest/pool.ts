import { Bytes } from "./bytes";
import { pool_alloc, pool_create, pool_free } from "./calls";
import { Info } from "./constants";
import { FOREVER, KernelObject, made } from "./object";
import { Partial } from "./partial";
import { slot } from "./slot";
import { dropName, stageName } from "./text";

/** How a pool is made. */
export class PoolOptions {
  name: string = "";
  /** How many blocks. */
  count: i32 = 0;
  /** Bytes of a block. */
  size: i32 = 0;
}

/** A block of a pool, for as long as it is the caller's; where it could not be had, `error` says why. */
@unmanaged
export class Block extends Bytes {
  /** Gives it back to its pool. A broadcast block is free when the last one who got it has freed it. */
  free(): i32 {
    return pool_free(changetype<u32>(this));
  }
}

/** A number of blocks of one size. */
@unmanaged
export class Pool extends KernelObject {
  /** A block of the caller's own; while none is free it waits. */
  alloc(timeout: i32 = FOREVER): Block {
    return changetype<Block>(pool_alloc(this.handle, timeout));
  }

  /** Blocks that nobody has. */
  get free(): i32 {
    return <i32>this.info(Info.COUNT);
  }
}

/** Makes `count` blocks of `size` bytes. */
export function pool(options: Partial<PoolOptions>): Pool {
  const o = options as PoolOptions;
  const own = slot();
  const name = stageName(own, o.name);
  const handle = pool_create(name, o.count, o.size, 0);
  dropName(own, name);
  return changetype<Pool>(made("pool", o.name, handle));
}
