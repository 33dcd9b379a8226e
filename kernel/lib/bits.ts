/** Sets in a word: of tasks (a bit a task) and of levels. No kernel state. */

/** The set that holds only this member. */
export function only(member: u32): u64 {
  return (<u64>1) << member;
}

/** The least member of a set that is not empty. */
export function lowest(set: u64): u32 {
  return <u32>ctz(set);
}

/** The greatest member of a set, -1 if it is empty. */
export function highest(set: u64): i32 {
  return 63 - <i32>clz(set);
}
