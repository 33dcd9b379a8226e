/** Shared memory, and its words. */
import { Bytes } from "./bytes";
import { region_address, region_create, word_add, word_compare_exchange, word_exchange, word_wait, word_wake } from "./calls";
import { errorText, Info, Mode } from "./constants";
import { Channel, FOREVER, made, modeOf } from "./object";
import { Partial } from "./partial";
import { slot } from "./slot";
import { dropName, stageName } from "./text";

/** How a region is made. */
export class RegionOptions {
  name: string = "";
  /** Bytes. */
  size: i32 = 0;
  /** In a running task: how the creator is attached; to write includes to read. */
  open: i32 = Mode.WRITE;
}

const EVERYBODY: i32 = i32.MAX_VALUE;

/** Memory of a fixed size, at the same address for every task that is attached to it. Words are named by their first byte. */
@unmanaged
export class Region extends Channel {
  /** Its memory. An error for a task that is not attached. */
  view(): Bytes {
    return changetype<Bytes>(region_address(this.handle));
  }

  /** Waits for a wake of the word at byte `index`, if it holds `expected`; EAGAIN at once if it does not. */
  wait(index: i32, expected: i32, timeout: i32 = FOREVER): i32 {
    const address = region_address(this.handle);
    return address < 0 ? address : word_wait(address + index, expected, timeout);
  }

  /** Wakes at most `count` of the tasks that wait for the word, most urgent first; answers how many. */
  wake(index: i32, count: i32 = 1): i32 {
    const address = region_address(this.handle);
    return address < 0 ? address : word_wake(address + index, count);
  }

  /** Wakes every task that waits for the word; answers how many. */
  wakeAll(index: i32): i32 {
    return this.wake(index, EVERYBODY);
  }

  /** Adds to the word in one step; answers what it was. */
  add(index: i32, value: i32): i32 {
    const own = slot();
    const old = own.take(4);
    const result = word_add(this.at(index), value, old);
    const was = load<i32>(old);
    own.give(old);
    return stored(was, result);
  }

  /** Sets the word in one step; answers what it was. */
  exchange(index: i32, value: i32): i32 {
    const own = slot();
    const old = own.take(4);
    const result = word_exchange(this.at(index), value, old);
    const was = load<i32>(old);
    own.give(old);
    return stored(was, result);
  }

  /** Sets the word if it holds `expected`, in one step; answers what it was: it was set if that is `expected`. */
  compareExchange(index: i32, expected: i32, value: i32): i32 {
    const own = slot();
    const old = own.take(4);
    const result = word_compare_exchange(this.at(index), expected, value, old);
    const was = load<i32>(old);
    own.give(old);
    return stored(was, result);
  }

  /** Bytes it has. */
  get size(): i32 {
    return <i32>this.info(Info.SIZE);
  }

  private at(index: i32): u32 {
    const address = region_address(this.handle);
    if (address < 0) abort("the caller is not attached to this region");
    return address + index;
  }
}

/** What the word was; ends a caller that may not store there. */
function stored(was: i32, result: i32): i32 {
  if (result < 0) abort(`the word of the region cannot be changed: ${errorText(result)}`);
  return was;
}

/** Makes shared memory, zeroed; tasks of the description are attached to it by `reads` and `writes`. */
export function region(options: Partial<RegionOptions>): Region {
  const o = options as RegionOptions;
  const own = slot();
  const name = stageName(own, o.name);
  const handle = region_create(name, o.size, modeOf(o.open, 0, 0), 0);
  dropName(own, name);
  return changetype<Region>(made("region", o.name, handle));
}
