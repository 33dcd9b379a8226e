/**
 * Ring lists. A list is a sentinel Link; an element alone, and the sentinel of an empty list, point to themselves.
 *
 *     sentinel <-> first <-> ... <-> last <-> sentinel
 */
import { Link } from "../abi/records";

/** Whether a reference is absent. */
export function none<T>(reference: T): bool {
  return changetype<usize>(reference) == 0;
}

/** Makes the link stand alone: an element on no list, or a sentinel with nothing in it. */
export function listInit(link: Link): void {
  link.next = link;
  link.prev = link;
}

/** Whether the element is on a list, or the list has elements. */
export function linked(link: Link): bool {
  return link.next !== link;
}

/** Puts an element, which is on no list, before another one or, with the sentinel, at the end. */
export function listInsert(element: Link, before: Link): void {
  const prev = before.prev;
  element.next = before;
  element.prev = prev;
  prev.next = element;
  before.prev = element;
}

/** Takes an element off its list; harmless if it is on none. */
export function listRemove(element: Link): void {
  const next = element.next;
  const prev = element.prev;
  prev.next = next;
  next.prev = prev;
  element.next = element;
  element.prev = element;
}

/** How many elements there are, at most `most`: for checks and reports only. */
export function listLength(sentinel: Link, most: i32): i32 {
  let length = 0;
  for (let link = sentinel.next; link !== sentinel && length < most; link = link.next) length++;
  return length;
}
