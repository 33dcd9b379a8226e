/**
 * Mailbox: the address of a block travels from its sender to its receiver, not the bytes.
 *
 *     senders' queue (synchronous ones)      receivers' queue
 *                      |                           |
 *     send ---> [ letter, letter, letter ] ---> receive
 *
 * A letter is a block, linked in the box in order of arrival, for one task or anyone, or a broadcast for a set of tasks. A match
 * needs both sides; what does not match is skipped. A letter that a waiting receiver matches never stays in the box, so nobody
 * waits for what is there, and a queue that changes its order has nobody to serve.
 */
import { BlockState, Call, Cause, Errno, Kind, Mode, Poll, SWITCH } from "../abi/constants";
import { Block, Letter, Link, Mailbox, Queue, Task } from "../abi/records";
import { deadlineStop } from "../clock";
import { BLOCKS, MAILBOXES, TASKS } from "../config";
import { lowest, only } from "../lib/bits";
import { linked, listInit, listInsert, listLength, none } from "../lib/list";
import { signalRaise } from "../signal";
import { kernel, NO_TASK, unreach } from "../state";
import { alive, deadlineOf, taskAt, taskOf, taskOfLink } from "../task";
import { block, dismissAll, moveWaiter, Settle, waitsIn, wake } from "../wait";
import { modeRefused, objectNew, objectsInit, openForCreator, openToAny, secondQueue, slotAt, touched } from "./object";
import {
  acting,
  addressOf,
  blockAt,
  blockDone,
  blockForget,
  blockFree,
  blockLeave,
  blockOf,
  blockOwn,
  blockRelease,
  NO_BLOCK,
  NO_BOX,
  notOwn,
  poolOfBlock,
} from "./pool";

const table: usize = memory.data(MAILBOXES * offsetof<Mailbox>(), 8);
const senderQueues: usize = memory.data(MAILBOXES * offsetof<Queue>(), 8);
const letterLists: usize = memory.data(MAILBOXES * offsetof<Link>(), 8);
/** For each mailbox and task the signal of its notification, 0 = none. */
const signals: usize = memory.data(MAILBOXES * TASKS);

export function mailboxesInit(): void {
  objectsInit(Kind.MAILBOX, table, offsetof<Mailbox>(), MAILBOXES);
}

export function mailboxAt(handle: i32): Mailbox {
  return changetype<Mailbox>(slotAt(table, offsetof<Mailbox>(), MAILBOXES, handle));
}

/** The synchronous senders; the mailbox itself is the receivers' wait queue. */
export function sendersTo(box: Mailbox): Queue {
  return changetype<Queue>(senderQueues + <usize>box.index * offsetof<Queue>());
}

/** The blocks that wait to be received, in order. */
function lettersIn(box: Mailbox): Link {
  return changetype<Link>(letterLists + <usize>box.index * offsetof<Link>());
}

function signalFor(box: Mailbox, task: u32): usize {
  return signals + <usize>box.index * TASKS + task;
}

export function mailboxCreate(name: usize, mode: i32): i32 {
  if (mode == (Mode.READ | Mode.WRITE) || modeRefused(mode, Mode.READ | Mode.WRITE, name)) return Errno.EINVAL;
  const slot = objectNew(Kind.MAILBOX, name);
  if (slot < 0) return slot;
  const box = changetype<Mailbox>(slot);
  secondQueue(sendersTo(box), box);
  listInit(lettersIn(box));
  memory.fill(signalFor(box, 0), 0, TASKS);
  openForCreator(box, mode);
  return box.handle;
}

// Who gets what

/** Whether the letter is for this task (none: the interrupts) and from the source that it wants. */
function matches(letter: Block, task: Task, source: i32): bool {
  if (source != 0 && letter.from != source) return false;
  if (letter.state == BlockState.BROADCAST) return !none(task) && (letter.due & only(task.index)) != 0;
  return letter.to == 0 || (!none(task) && letter.to == task.handle);
}

function letterFor(box: Mailbox, task: Task, source: i32): Block {
  const letters = lettersIn(box);
  for (let link = letters.next; link !== letters; link = link.next) {
    const letter = changetype<Block>(link);
    if (matches(letter, task, source)) return letter;
  }
  return NO_BLOCK;
}

/** The letter is the task's from now on; what is to be known of it goes to `record`. Its address. */
function hand(letter: Block, task: Task, record: usize): i32 {
  const shared = letter.state == BlockState.BROADCAST;
  if (shared) {
    letter.due &= ~only(task.index);
    letter.holders |= only(task.index);
  }
  if (!shared || letter.due == 0) blockLeave(letter);
  if (!shared) {
    blockOwn(letter, task);
    taken(letter);
  }
  if (record != 0) {
    const told = changetype<Letter>(record);
    told.sender = letter.from;
    told.size = poolOfBlock(letter).asked;
    told.shared = shared ? 1 : 0;
  }
  return addressOf(letter);
}

/** A synchronous sender waits on for what the receiver does with the block, now without a deadline. */
function taken(letter: Block): void {
  const sender = letter.waiter;
  if (letter.ticket == 0) {
    letter.box = NO_BOX;
    return;
  }
  if (!waitsIn(sender, Call.MAILBOX_SEND_SYNC)) return;
  deadlineStop(deadlineOf(sender));
  sender.timeout = -1;
  sender.progress = 1;
}

/** Puts the caller's block in: receivers that wait for it get it at once, in order; whoever does not gets its notification. */
function post(box: Mailbox, letter: Block, state: u32, destination: i32): void {
  const sender = acting();
  unreach();
  letter.state = state;
  letter.owner = NO_TASK;
  letter.from = none(sender) ? 0 : sender.handle;
  letter.to = destination;
  letter.box = box;
  listInsert(letter, lettersIn(box));
  box.letters++;
  for (let link = box.next; link !== changetype<Link>(box) && linked(letter); ) {
    const receiver = taskOfLink(link);
    link = link.next;
    if (matches(letter, receiver, receiver.aside)) wake(receiver, hand(letter, receiver, receiver.pointer), Cause.HANDOFF);
  }
  if (!linked(letter)) return;
  for (let set = box.readers; set != 0; set &= set - 1) {
    const index = lowest(set);
    const signal = load<u8>(signalFor(box, index));
    if (signal != 0 && matches(letter, taskOf(index), 0)) signalRaise(taskOf(index), signal, box.handle);
  }
  touched(box);
}

// Sending

/** Why the caller cannot send the block there, 0 if it can. */
function refusal(box: Mailbox, destination: i32, letter: Block): i32 {
  const error = notOwn(letter);
  if (error != 0) return error;
  if (destination == 0) return openToAny(box, Mode.READ) ? 0 : Errno.ESRCH;
  const task = taskAt(destination);
  if (none(task) || !(box.readers & only(task.index))) return Errno.ESRCH;
  return 0;
}

export function mailboxSend(box: Mailbox, destination: i32, address: u32): i32 {
  const letter = blockAt(address);
  const error = refusal(box, destination, letter);
  if (error != 0) return error;
  blockDone(letter, 0, Cause.HANDOFF);
  post(box, letter, BlockState.LETTER, destination);
  return 0;
}

export function mailboxSendSync(box: Mailbox, destination: i32, address: u32, timeout: i32): i32 {
  const letter = blockAt(address);
  const error = refusal(box, destination, letter);
  if (error != 0) return error;
  if (timeout == 0) return Errno.EAGAIN;
  blockDone(letter, 0, Cause.HANDOFF);
  const task = kernel.current;
  if (++kernel.tickets == 0) kernel.tickets = 1;
  letter.ticket = kernel.tickets;
  letter.waiter = task;
  task.ticket = kernel.tickets;
  task.pointer = address;
  task.aside = <u32>changetype<usize>(letter);
  task.progress = 0;
  const answer = block(sendersTo(box), timeout, Call.MAILBOX_SEND_SYNC, Settle.OBJECT);
  if (answer == SWITCH) {
    post(box, letter, BlockState.LETTER, destination);
    return SWITCH;
  }
  task.ticket = 0;
  blockForget(letter);
  return answer;
}

export function mailboxBroadcast(box: Mailbox, address: u32): i32 {
  const letter = blockAt(address);
  const error = notOwn(letter);
  if (error != 0) return error;
  const readers = box.readers;
  if (readers == 0) return 0;
  blockDone(letter, 0, Cause.HANDOFF);
  letter.due = readers;
  post(box, letter, BlockState.BROADCAST, 0);
  return <i32>popcnt(readers);
}

/** The block of the task's synchronous send; none when it is no longer waited for. */
function letterOf(task: Task): Block {
  for (let i = 0; i < BLOCKS; i++) {
    if (blockOf(i).waiter === task && blockOf(i).ticket == task.ticket) return blockOf(i);
  }
  return NO_BLOCK;
}

/**
 * The wait of a synchronous sender ended from outside: what was not taken is its own again. What was stays delivered, and nobody
 * will tell it what becomes of the block, unless a signal's handler is all that came between: then it waits on.
 */
export function mailboxSettle(task: Task): void {
  const letter = letterOf(task);
  const taken = !none(letter) && letter.state == BlockState.OWNED;
  if (taken && task.cause == Cause.SIGNAL) {
    task.timeout = -1;
    moveWaiter(task, sendersTo(letter.box));
    return;
  }
  task.ticket = 0;
  if (!none(letter)) {
    if (!taken) {
      blockLeave(letter);
      blockOwn(letter, task);
    }
    blockForget(letter);
  }
  wake(task, task.outcome, task.cause);
}

// Receiving

/** Everyone who ever had it open to send has closed it. */
function ended(box: Mailbox): bool {
  return (box.had & Mode.WRITE) != 0 && !openToAny(box, Mode.WRITE);
}

/** Why nothing can come any more from the source (0: anyone), 0 while something can. */
function hopeless(box: Mailbox, source: i32): i32 {
  if (ended(box)) return Errno.EPIPE;
  if (source == 0) return 0;
  const task = taskAt(source);
  return none(task) || !alive(task) ? Errno.ESRCH : 0;
}

export function mailboxReceive(box: Mailbox, source: i32, record: usize, timeout: i32): i32 {
  const task = acting();
  const letter = letterFor(box, task, source);
  if (!none(letter)) return hand(letter, task, record);
  const end = hopeless(box, source);
  if (end != 0) return end;
  if (timeout == 0) return Errno.EAGAIN;
  task.pointer = <u32>record;
  task.aside = source;
  return block(box, timeout, Call.MAILBOX_RECEIVE, Settle.PLAIN);
}

export function mailboxNotify(box: Mailbox, signal: i32): i32 {
  if (signal < 0 || signal > 31) return Errno.EINVAL;
  store<u8>(signalFor(box, kernel.current.index), signal);
  return 0;
}

// Ends

/** The letter is not delivered: it goes back to its synchronous sender, with this result, or to its pool. */
function undelivered(letter: Block, result: i32, cause: u32): void {
  blockLeave(letter);
  if (letter.ticket == 0) {
    blockFree(letter);
    return;
  }
  blockOwn(letter, letter.waiter);
  blockDone(letter, result, cause);
}

/** The task (none: the system and interrupts) has just closed the mailbox in these directions. */
export function mailboxClosed(box: Mailbox, task: Task, mode: u32): void {
  if (mode & Mode.READ) {
    const handle = none(task) ? 0 : task.handle;
    const last = !openToAny(box, Mode.READ);
    if (handle != 0) store<u8>(signalFor(box, task.index), 0);
    for (let i = 0; i < BLOCKS; i++) {
      const letter = blockOf(i);
      if (letter.box !== box) continue;
      if (letter.state == BlockState.BROADCAST) {
        if (handle != 0) blockRelease(letter, only(task.index));
      } else if (letter.state == BlockState.LETTER && (letter.to == 0 ? last : letter.to == handle)) {
        undelivered(letter, Errno.ESRCH, Cause.CLOSED);
      }
    }
  }
  if (ended(box)) {
    dismissAll(box, Errno.EPIPE, Cause.CLOSED);
    touched(box);
  }
}

/** The task ends: who waits for a letter from it alone is told. */
export function mailboxForgets(box: Mailbox, task: Task): void {
  for (let link = box.next; link !== changetype<Link>(box); ) {
    const receiver = taskOfLink(link);
    link = link.next;
    if (receiver.aside == task.handle) wake(receiver, Errno.ESRCH, Cause.ENDED);
  }
}

/** Waiters get EIDRM, what was not delivered goes back, what was stays where it is. */
export function mailboxEnd(box: Mailbox): void {
  dismissAll(box, Errno.EIDRM, Cause.DELETED);
  for (let i = 0; i < BLOCKS; i++) {
    const letter = blockOf(i);
    if (letter.box !== box) continue;
    if (letter.state == BlockState.LETTER) undelivered(letter, Errno.EIDRM, Cause.DELETED);
    else if (letter.state == BlockState.OWNED) blockDone(letter, Errno.EIDRM, Cause.DELETED);
    else blockRelease(letter, letter.due);
    letter.box = NO_BOX;
  }
}

/** Poll.READ while there is a letter for this task, Poll.CLOSED when none can come. */
export function mailboxReady(box: Mailbox, task: Task): u32 {
  if (!none(letterFor(box, task, 0))) return Poll.READ;
  return ended(box) ? Poll.CLOSED : 0;
}

/** Letters are counted and can still be received, and nobody is notified who may not receive. */
export function mailboxHolds(box: Mailbox): bool {
  if ((box.readers & box.writers) != 0 || !receiversHold(box) || !sendersHold(box)) return false;
  const letters = lettersIn(box);
  if (listLength(letters, BLOCKS + 1) != <i32>box.letters) return false;
  for (let link = letters.next; link !== letters; link = link.next) {
    const letter = changetype<Block>(link);
    if (letter.box !== box || letter.state < <u32>BlockState.LETTER || !deliverable(box, letter)) return false;
  }
  for (let i = 0; i < TASKS; i++) {
    if (load<u8>(signalFor(box, i)) != 0 && !(box.readers & only(i))) return false;
  }
  return true;
}

/** Nobody waits for what is there, or for what cannot come. */
function receiversHold(box: Mailbox): bool {
  for (let link = box.next; link !== changetype<Link>(box); link = link.next) {
    const task = taskOfLink(link);
    if (!none(letterFor(box, task, task.aside)) || hopeless(box, task.aside) != 0) return false;
  }
  return true;
}

/** Each synchronous sender waits for a block of this box, with a deadline only until it is taken. */
function sendersHold(box: Mailbox): bool {
  const senders = sendersTo(box);
  for (let link = senders.next; link !== changetype<Link>(senders); link = link.next) {
    const task = taskOfLink(link);
    const letter = letterOf(task);
    if (none(letter) || letter !== changetype<Block>(task.aside) || letter.box !== box) return false;
    if ((task.progress == 1) != (letter.state == BlockState.OWNED)) return false;
    if (task.progress == 1 && linked(deadlineOf(task))) return false;
  }
  return true;
}

function deliverable(box: Mailbox, letter: Block): bool {
  if (letter.state == BlockState.BROADCAST) return letter.due != 0 && (letter.due & ~box.readers) == 0;
  if (letter.to == 0) return openToAny(box, Mode.READ);
  return (box.readers & only(letter.to & 0xff)) != 0 && !none(taskAt(letter.to));
}
