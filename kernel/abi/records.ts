// Generated from kernel/abi/table.ts by `npm run abi`. Do not edit.

/** A place in a ring list; alone it points to itself. */
@unmanaged
export class Link {
  /** the next link */
  next: Link;
  /** the link before */
  prev: Link;
}

/** The CPU's registers, at address 64. A port reads them after dispatch and writes the power-on fields, `device` and `choice`. */
@unmanaged
export class Cpu {
  /** cycle of the next event */
  due: u64;
  /** cycles until it: now = due - left */
  left: i32;
  /** index of the task that runs, -1 for nobody */
  current: i32;
  /** START, INTERRUPT, SIGNAL: what to run */
  entry: u32;
  /** START: its argument; INTERRUPT: the line; SIGNAL: its number */
  argument: i32;
  /** RESUME: what the call that gave up the CPU returns */
  result: i32;
  /** CHOOSE: how many there are */
  choices: u32;
  /** CHOOSE: which kind; the port puts its choice here */
  choice: u32;
  /** ticks served */
  tick: u32;
  /** cycle of the next device event, by the port */
  device: u64;
  /** contexts the port has not yet dropped */
  drops: u32;
  /** set when a task ended or half the trace ring was filled; the port clears it */
  attention: u32;
  /** tasks alive that are not daemons */
  busy: u32;
  /** deadlines and timers that are running: 0 and IDLE means nobody can ever run, but for devices */
  waiting: u32;
  /** where the Kernel record is, from power-on on; the next six too */
  kernel: u32;
  /** where the Trace record is */
  trace: u32;
  /** where the table of tasks is */
  tasks: u32;
  /** how many tasks there is room for */
  slots: u32;
  /** where the table of their deadlines is */
  deadlines: u32;
  /** where the Pool records are, by kind */
  pools: u32;
  /** where the table of lines is */
  lines: u32;
  /** why the kernel stopped, 0 while it runs */
  panic: u32;
  /** power-on: where RAM ends */
  memory: u32;
  /** power-on: bytes at RAM's start that the port keeps for itself; set to where RAM starts */
  scratch: u32;
  /** power-on: bytes behind them for the firmware's data */
  statics: u32;
  /** power-on: cycles a tick */
  period: u32;
  /** power-on: number of the first tick */
  first: u32;
  /** power-on: Option */
  options: u32;
  /** SIGNAL: handle of the task or object that sent it, 0 for none */
  origin: i32;
  /** where the table of memory blocks is, from power-on on */
  blocks: u32;
  /** index of the task whose wait closed a ring of waits, -1 for none; the port clears it */
  cycle: i32;
  /** where the list of the arena's pieces is, from power-on on */
  pieces: u32;
  /** power-on: the machine's IPv4 address, 0 = it has no network */
  address: u32;
  /** power-on: addresses that agree with its own in these bits can be reached */
  netmask: u32;
  /** power-on: first of the ports that are given out */
  portFirst: u32;
  /** power-on: how many they are */
  portCount: u32;
  /** power-on: ticks without a sign of life after which a connection is lost */
  giveUp: u32;
  /** power-on: how often the machine was on before, so that its streams' first numbers differ */
  lives: u32;
  /** where packets are left, from power-on on: a Packet record and its bytes */
  packet: u32;
  /** connections that nobody has open any more and that still send */
  lingering: u32;
  /** connections to other machines */
  connections: u32;
  /** cycle at which the port wants to look at compiled code, by the port; it is no event */
  observe: u64;
  /** how often compiled code may be resumed before the port is asked, by the port */
  quota: i32;
  /** handle of the task `current` */
  self: i32;
  /** handlers of lines that run, one on top of the other */
  depth: u32;
  /** power-on: not 0 where memory is protected */
  guarded: u32;
  /** power-on: the bits that mark an entry as the port's own, which may touch all RAM; 0 where all are the same */
  mark: u32;
  /** the firmware describes the system, and not the port; by the port */
  describing: u32;
  /** power-on: where among the statics the data begin that every task may touch, 0 = with the first */
  data: u32;
  /** the part of its stack that the code which runs keeps data on, by the port */
  ownStart: u32;
  /** where it ends */
  ownEnd: u32;
  /** memory that reach() has found, until something takes it away */
  reachStart: u32;
  /** where it ends; 0 for none */
  reachEnd: u32;
  /** 1: to write, too */
  reachWrite: u32;
}

/** What task_spawn is told. */
@unmanaged
export class Spawn {
  /** address of the name, 0 = none */
  name: u32;
  /** what it runs */
  entry: u32;
  /** handed to the entry */
  argument: i32;
  /** 0..63, 63 is the most urgent */
  priority: i32;
  /** preemption threshold, -1 = the priority */
  threshold: i32;
  /** ticks, 0 = none */
  slice: i32;
  /** TaskFlag */
  flags: u32;
  /** address of its stack, 0 = from the arena */
  stack: u32;
  /** bytes */
  stackSize: u32;
}

/** What timer_service answers. */
@unmanaged
export class Callback {
  /** its handle */
  timer: i32;
  /** what to run */
  entry: u32;
  /** handed to it */
  argument: i32;
}

/** What a signal does to a task. */
@unmanaged
export class SigAction {
  /** Disposition */
  disposition: u32;
  /** HANDLER: what to run */
  entry: u32;
  /** HANDLER: what is masked besides while it runs */
  mask: u32;
  /** SigFlag */
  flags: u32;
}

/** What mailbox_receive tells of a block. */
@unmanaged
export class Letter {
  /** handle of the task that sent it, 0 for an interrupt */
  sender: i32;
  /** bytes of the block */
  size: u32;
  /** 1: a broadcast, read-only */
  shared: u32;
}

/** What object_poll looks at. */
@unmanaged
export class PollItem {
  /** an object, a task, or the caller itself for SIGNAL, FLAGS and NOTE */
  handle: i32;
  /** Poll: what is waited for */
  events: u32;
  /** event flags, signals or thread flags: which of them */
  bits: u32;
  /** Poll: what is ready */
  ready: u32;
}

/** An address on the network. */
@unmanaged
export class Endpoint {
  /** IPv4, the first number in the highest byte */
  address: u32;
  /** 0..65535 */
  port: u32;
}

/** What socket_receive tells of a datagram. */
@unmanaged
export class Sender {
  /** who sent it */
  address: u32;
  /** from which port */
  port: u32;
  /** bytes it had */
  size: u32;
}

/** What travels between machines; `length` bytes follow. */
@unmanaged
export class Packet {
  /** address */
  source: u32;
  /** address */
  destination: u32;
  /** 0..65535 */
  sourcePort: u16;
  /** 0..65535 */
  destinationPort: u16;
  /** PacketFlag */
  flags: u32;
  /** number of its first byte in the stream */
  sequence: u32;
  /** number of the byte that is expected next */
  acknowledged: u32;
  /** bytes there is room for behind that */
  window: u32;
  /** bytes that follow */
  length: u32;
}

/** A wait queue: the sentinel of a ring of tasks, most urgent first. */
@unmanaged
export class Queue extends Link {
  /** kind << 8 | index of the object it belongs to */
  id: u16;
  /** 0 its first queue, 1 its second */
  side: u8;
}

/** The PCB. Linked in one ready list or one wait queue, or alone. */
@unmanaged
export class Task extends Link {
  /** 0 while the slot is free */
  handle: i32;
  /** how often the slot was freed */
  generation: u32;
  /** State */
  state: i32;
  /** Held: it may not run though READY */
  held: u8;
  /** current priority: base, or raised by inheritance or a ceiling */
  priority: u8;
  /** its own priority */
  base: u8;
  /** as configured; at least base */
  threshold: u8;
  /** the ready list it belongs to: priority, or the threshold while it has the CPU or was preempted */
  level: u8;
  /** TaskFlag */
  flags: i32;
  /** its slot */
  index: u8;
  /** ticks, 0 = none */
  slice: u16;
  /** ticks left of the slice */
  sliceLeft: u16;
  /** what its call returns when it runs again */
  result: i32;
  /** what it runs */
  entry: u32;
  /** handed to the entry */
  argument: i32;
  /** whether it ever ran */
  started: u8;
  /** whether its threshold holds: it has the CPU, or had it and was preempted */
  kept: u8;
  /** its next call was charged already */
  repeat: u8;
  /** the call it waits in */
  call: u8;
  /** how a wait that ends must be settled by its object before the task is ready */
  settle: i32;
  /** wait: why it ended, kept while it settles */
  cause: u8;
  /** the wait queue it is in, 0 = none */
  queue: Queue;
  /** wait: address of the caller's memory */
  pointer: u32;
  /** wait: its length, or the bits, or the direction */
  length: u32;
  /** wait: bytes moved so far */
  progress: u32;
  /** wait: a second object or option */
  aside: u32;
  /** wait: order of arrival */
  arrival: u32;
  /** wait: the result kept while it settles */
  outcome: i32;
  /** wait: as it was asked for */
  timeout: i32;
  /** cycles left of its task_compute */
  remaining: u32;
  /** the timer service: 1 it runs a callback, 2 it was woken to look for one */
  callback: u8;
  /** depth */
  schedulerLocks: u16;
  /** depth */
  interruptLocks: u16;
  /** exit status of a zombie */
  status: i32;
  /** End: how it ended */
  how: u8;
  /** handle, 0 = none */
  parent: i32;
  /** address of its stack */
  stack: u32;
  /** bytes */
  stackSize: u32;
  /** most bytes of it ever used */
  stackUsed: u32;
  /** arena block of the stack, 0 = the caller's */
  storage: u32;
  /** times it got the CPU */
  switches: u32;
  /** most cycles between ready and running */
  worst: u32;
  /** when it became ready */
  readyAt: u64;
  /** cycles it used */
  cycles: u64;
  /** name, first 8 bytes */
  name0: u64;
  /** name, last 8 bytes */
  name1: u64;
  /** tasks that poll for its end, a bit each */
  pollers: u64;
  /** signals sent and not yet delivered, bit s is signal s */
  pending: u32;
  /** signals that wait until they are unmasked */
  mask: u32;
  /** signals it ignores */
  ignored: u32;
  /** signals it has a handler for */
  caught: u32;
  /** those handlers, 0 = none */
  handlers: Handler;
  /** the innermost signal frame, 0 = none */
  frames: Frame;
  /** the frame reserved for the handler that interrupted its wait, 0 = none */
  spare: Frame;
  /** what becomes of the wait that a signal interrupted */
  restart: u8;
  /** SigFlag of SIGCHLD: NOCLDSTOP, NOCLDWAIT */
  childFlags: u8;
  /** the signal that ends it, 0 = none */
  fatal: u8;
  /** the signal for what it did, which ends it when its handler has returned, 0 = none */
  dying: u8;
  /** whether its notification value is unread */
  noted: u8;
  /** tick at which the interrupted wait gives up */
  until: u32;
  /** which wait for a taken block was interrupted */
  ticket: u32;
  /** its thread flags */
  threadFlags: u32;
  /** its notification value */
  note: u32;
  pad32: u32;
}

/** A task's handler for a signal. */
@unmanaged
export class Handler extends Link {
  /** the task's next one */
  after: Handler;
  /** what it runs */
  entry: u32;
  /** masked besides while it runs */
  mask: u32;
  /** SigFlag */
  flags: u8;
  /** for which */
  signal: u8;
  pad16: u16;
}

/** What a task was doing when a signal's handler began, to be gone on with. */
@unmanaged
export class Frame extends Link {
  /** the frame of the handler that this one interrupted, 0 = none */
  below: Frame;
  /** whose handler runs */
  signal: u32;
  /** the mask as it will be again */
  mask: u32;
  /** what the interrupted call returns */
  result: i32;
  /** its next call was charged already */
  repeat: u8;
  /** what becomes of the wait that was interrupted */
  restart: u8;
  /** tick at which that wait gives up */
  until: u32;
  /** as it was asked for */
  timeout: i32;
  /** which wait for a taken block */
  ticket: u32;
  /** cycles left of its task_compute */
  remaining: u32;
  /** a condition's mutex: its handle */
  pointer: u32;
  /** a condition's mutex: its address */
  aside: u32;
  /** a condition's mutex: its recursion count */
  progress: u32;
  /** a condition's result */
  outcome: i32;
}

/** A place in the ordered list of deadlines. */
@unmanaged
export class Deadline extends Link {
  /** tick */
  when: u32;
  /** whose it is */
  owner: Task;
}

/** How every object but a task begins; the queue is its first wait queue, and its place among the free slots. */
@unmanaged
export class Obj extends Queue {
  /** its slot */
  index: u8;
  /** 0 while the slot is free */
  handle: i32;
  /** how often the slot was freed */
  generation: u32;
  /** the kind's own */
  flags: u16;
  /** 1: the system description made it */
  system: u8;
  /** name, first 8 bytes */
  name0: u64;
  /** name, last 8 bytes */
  name1: u64;
  /** tasks that poll it, a bit each */
  pollers: u64;
}

/** An object that is opened. */
@unmanaged
export class Channel extends Obj {
  /** tasks that have it open to read or receive, a bit each */
  readers: u64;
  /** tasks that have it open to write or send */
  writers: u64;
  /** Mode: directions in which everybody has it open */
  everyone: u8;
  /** Mode: directions in which the system description and interrupts have it open */
  own: u8;
  /** Mode: directions in which anyone ever had it open */
  had: u8;
}

/** Counting semaphore: while a task waits, the count is 0. */
@unmanaged
export class Sem extends Obj {
  /** units there */
  count: u32;
  /** at most */
  maximum: u32;
}

/** Mutex: while a task waits, it has an owner. */
@unmanaged
export class Mutex extends Obj {
  /** 0 = free */
  owner: Task;
  /** locks of the owner */
  count: u16;
  /** priority */
  ceiling: u8;
  /** 1: the owner died and nobody made it consistent; 2: not recoverable */
  broken: u8;
}

/** Condition: all its waiters released the same mutex. */
@unmanaged
export class Cond extends Obj {
  /** that mutex, 0 while nobody waits */
  mutex: Mutex;
  pad32: u32;
}

/** Event flags: no waiter is satisfied by the flags as they are. */
@unmanaged
export class Event extends Obj {
  /** flags 0..30 */
  bits: u32;
  pad32: u32;
}

/** Barrier: fewer than `count` tasks wait. */
@unmanaged
export class Barrier extends Obj {
  /** tasks that open it */
  count: u32;
  /** tasks that wait */
  waiting: u32;
}

/** Readers-writer lock: readers or a writer, never both. */
@unmanaged
export class Rwlock extends Obj {
  /** tasks that hold it to read, a bit each */
  readers: u64;
  /** the task that holds it to write, 0 = none */
  writer: Task;
  pad32: u32;
}

/** Timer: on the list of timers while it runs. */
@unmanaged
export class Timer extends Obj {
  /** tick of the next expiry */
  when: u32;
  /** ticks, 0 = once */
  period: u32;
  /** Action */
  action: u8;
  /** whether it is on the list */
  running: u8;
  /** whether its callback waits for the timer service */
  queued: u8;
  /** handle, or entry of the callback */
  target: i32;
  /** bits, or argument of the callback */
  value: i32;
  /** since the last query */
  expiries: u32;
  /** since the last query */
  overruns: u32;
  /** order of creation */
  born: u32;
}

/** Pipe: `used` bytes from `head` on, around the ring's end. The second wait queue is the writers'. */
@unmanaged
export class Pipe extends Channel {
  /** address of its storage */
  buffer: u32;
  /** bytes */
  capacity: u32;
  /** offset of the first byte */
  head: u32;
  /** bytes in it */
  used: u32;
  /** bytes that wake a blocked reader */
  trigger: u32;
  /** arena block of the buffer, 0 = the caller's */
  storage: u32;
  pad32: u32;
}

/** Message queue: `used` slots from `head` on in the ring `order`; the rest of the ring names the free slots. */
@unmanaged
export class MsgQueue extends Channel {
  /** address of its storage: the ring of slot numbers (u16), then the slots */
  buffer: u32;
  /** arena block of the buffer, 0 = the caller's */
  storage: u32;
  /** address of the first slot: length u32, priority u32, bytes */
  slots: u32;
  /** messages */
  capacity: u32;
  /** bytes of a message at most */
  size: u32;
  /** bytes of a slot */
  stride: u32;
  /** place of the first message in the ring */
  head: u32;
  /** messages in it */
  used: u32;
  /** Discipline */
  discipline: u8;
  /** signal of its notification, 0 = none */
  signal: u8;
  /** handle of the task that is notified, 0 = none */
  registrant: i32;
  pad32: u32;
}

/** Block pool: its blocks are `count` records of the block table; while a task waits, none is free. */
@unmanaged
export class MemPool extends Obj {
  /** address of the first block */
  buffer: u32;
  /** arena block of the buffer, 0 = the caller's */
  storage: u32;
  /** bytes of a block, a multiple of 8 */
  size: u32;
  /** bytes of a block as they were asked for */
  asked: u32;
  /** blocks */
  count: u32;
  /** number of its first record in the block table */
  first: u32;
  /** blocks that nobody has */
  free: u32;
  pad32: u32;
}

/** A block of a pool. Linked among the pool's free blocks or in a mailbox, or alone. */
@unmanaged
export class Block extends Link {
  /** broadcast: tasks that have not received it, a bit each */
  due: u64;
  /** broadcast: tasks that have received it and not freed it */
  holders: u64;
  /** whose it is, 0 = nobody's or the interrupts' */
  owner: Task;
  /** handle of the task that sent it last, 0 for none or an interrupt */
  from: i32;
  /** in a mailbox: handle of the task it is for, 0 = anyone */
  to: i32;
  /** the mailbox it is in; also that of a broadcast until it is free, and that in which its synchronous sender waits */
  box: Mailbox;
  /** the synchronous send that waits for it */
  ticket: u32;
  /** the task of that send, 0 = none */
  waiter: Task;
  /** 0 no block, 1 free, 2 owned, 3 in a mailbox, 4 broadcast */
  state: u32;
  /** its pool's slot */
  pool: u32;
}

/** Mailbox. The second wait queue is the synchronous senders'. */
@unmanaged
export class Mailbox extends Channel {
  /** blocks in it */
  letters: u32;
}

/** Endpoint. A connection within the machine has a `peer`; one to another machine has segments under way. The second wait queue is the senders' and connectors'. */
@unmanaged
export class Socket extends Channel {
  /** SocketType */
  type: i32;
  /** Connection */
  state: i32;
  /** whether it has a port */
  bound: u8;
  /** listening: connections that may wait */
  backlog: u8;
  /** its own */
  port: u16;
  /** the other end's, 0 = none */
  peerPort: u16;
  /** what is to be sent beside bytes: PacketFlag SYN, ACK, FIN, PROBE */
  due: u8;
  /** acknowledgements in a row that acknowledged nothing new */
  repeats: u8;
  /** this end sends no more */
  sentAll: u8;
  /** the other end sends no more, and all it sent is here */
  gotAll: u8;
  /** this end reads no more: what comes is dropped */
  deaf: u8;
  /** the other end reads no more */
  stopped: u8;
  /** nobody has it open: it only brings the stream to its end */
  orphan: u8;
  /** how many of its ends were sent: FIN, then STOP */
  endsSent: u8;
  /** how many of them were acknowledged */
  endsAcked: u8;
  /** its own, 0 = all of the machine's */
  address: u32;
  /** the other end's */
  peerAddress: u32;
  /** the other end in this machine, 0 = none */
  peer: Socket;
  /** in whose backlog it is, 0 = none */
  listener: Socket;
  /** when it came into the backlog */
  order: u32;
  /** what became of the connection, told once; 0 = nothing to tell */
  error: i32;
  /** bytes of its receive buffer */
  receive: u32;
  /** bytes of its transmit buffer */
  transmit: u32;
  /** arena block of the buffers, 0 = none or the caller's */
  storage: u32;
  /** the caller's memory for them, 0 = none */
  given: u32;
  /** address of the receive ring, 0 = none yet */
  rxBuffer: u32;
  /** offset of its first byte */
  rxHead: u32;
  /** bytes in it */
  rxUsed: u32;
  /** address of the transmit ring, 0 = none */
  txBuffer: u32;
  /** offset of its first byte, the oldest that is not acknowledged */
  txHead: u32;
  /** bytes in it */
  txUsed: u32;
  /** number of the oldest byte that is not acknowledged */
  unacked: u32;
  /** number of the next byte to be sent */
  upcoming: u32;
  /** number behind the last byte that was ever sent */
  highest: u32;
  /** number of the first byte for which the other end has no room */
  edge: u32;
  /** number of the byte that is expected next */
  expected: u32;
  /** number of the first byte for which this end said it has no room */
  offered: u32;
  /** tick at which it does something if nothing comes */
  when: u32;
  /** tick of the last sign of life */
  heard: u32;
  /** ticks until it sends again */
  retry: u32;
  /** bytes that it lets be on their way at once */
  flight: u32;
  /** bytes from which on that number grows slowly */
  calm: u32;
  /** measured ticks there and back, times 8, 0 = not measured yet */
  trip: i32;
  /** by how much they vary, times 4 */
  spread: i32;
  /** number of the byte whose acknowledgement is timed */
  timed: u32;
  /** when it was sent, 0 = none is timed */
  timedAt: u32;
  /** datagrams dropped for want of room */
  lost: u32;
  pad32: u32;
}

/** Shared region. Its wait queue is of those who wait for one of its words. */
@unmanaged
export class Region extends Channel {
  /** where it is */
  address: u32;
  /** arena block, 0 = the caller's */
  storage: u32;
  /** bytes */
  size: u32;
}

/** An interrupt line. */
@unmanaged
export class Line {
  /** its handler */
  entry: u32;
  /** whether it has one */
  attached: u8;
  /** 255 is the most urgent */
  priority: u8;
  /** whether its handler runs */
  started: u8;
  /** its next call was charged already */
  repeat: u8;
  /** what its call returns when it runs again */
  result: i32;
  /** cycles left of its task_compute */
  remaining: u32;
  /** times its handler ran */
  served: u32;
  /** most cycles between raise and handler */
  worst: u32;
  /** when it was raised */
  raisedAt: u64;
  /** cycles its handler used */
  cycles: u64;
}

/** A piece of the arena, in order of address. */
@unmanaged
export class Extent extends Link {
  /** where it starts */
  address: u32;
  /** bytes */
  size: u32;
  /** Owner: NOBODY (it is free), the KERNEL (buffers, stacks), the SYSTEM description, or TASKS + slot of the task */
  used: u32;
}

/** A table of objects of one kind: the sentinel of its free slots, the one freed longest ago first. */
@unmanaged
export class Pool extends Link {
  /** address of the first */
  base: u32;
  /** bytes each */
  size: u32;
  /** how many */
  count: u32;
  /** in use */
  live: u32;
}

/** One event of the trace. */
@unmanaged
export class Record {
  /** lower half of the cycle counter */
  cycles: u32;
  /** an event, or the number of a call */
  event: u8;
  /** index of the task, 255 for none, 128 + line for a handler */
  task: u8;
  /** kind << 8 | index, 0 for none */
  object: u16;
  /** see the table */
  first: u32;
  /** a call: its result */
  second: u32;
}

/** The trace ring's state. */
@unmanaged
export class Trace {
  /** records ever put in */
  head: u32;
  /** records ever taken out */
  tail: u32;
  /** records the full ring did not take */
  dropped: u32;
  /** rolling hash, lower lane */
  hash0: u32;
  /** rolling hash, upper lane */
  hash1: u32;
  /** upper half of the cycle counter at the last record */
  high: u32;
  /** records made, kept or dropped */
  events: u64;
  /** address of the records */
  ring: u32;
  /** records the ring holds, a power of two */
  capacity: u32;
  /** Option.TRACE and HASH as the run has them */
  on: u32;
  pad32: u32;
}

/** The kernel's own state. */
@unmanaged
export class Kernel {
  /** levels with a ready task */
  bitmap: u64;
  /** the task that has the CPU, 0 = none */
  current: Task;
  /** where the caller is: Context, and 64 while its next call was charged already */
  context: u32;
  /** who the trace names: a task's index, 128 + line, 255 for the kernel */
  actor: u32;
  /** set when anything changed for which the caller might have to give up the CPU */
  look: u32;
  /** waits ever begun */
  arrivals: u32;
  /** cycle up to which time is accounted */
  nowCharged: u64;
  /** cycles of ticks, dispatches, interrupt entries */
  kernelCycles: u64;
  /** cycles in which nobody could run */
  idleCycles: u64;
  /** cycles of tasks whose slot is free again */
  endedCycles: u64;
  /** cycles of interrupt handlers */
  lineCycles: u64;
  /** cycle of the next tick */
  nextTick: u64;
  /** cycle at which the oracle ends the slice, all ones = not */
  cut: u64;
  /** what is still to be served at this tick */
  phase: u32;
  /** whether the tick being served was counted already */
  counted: u32;
  /** whether the oracle is still to be asked how long the slice lasts */
  undecided: u32;
  /** whether nobody ran since the last IDLE record */
  idling: u32;
  /** the Choice the port was asked for, 0 = none */
  asked: u32;
  /** index of the task that may wake for no reason, -1 = none */
  spurious: i32;
  /** lines that are raised, a bit each */
  pending: u32;
  /** whether the entry of a handler was charged, and which line's is not yet decided */
  entering: u32;
  /** handlers that run, one on top of another */
  depth: u32;
  /** priority of the innermost, -1 = none */
  level: i32;
  /** tasks whose context the port must forget */
  dropped: u64;
  /** kinds with objects to be served before the export ends, a bit each */
  changed: u32;
  /** tasks whose wait must be settled by its object */
  settling: u64;
  /** tasks whose poll must look again */
  polled: u64;
  /** tasks that a signal ends */
  killed: u64;
  /** tasks for which there was no signal frame */
  starved: u64;
  /** set when any of the sets above may hold something */
  todo: u32;
  /** the call that runs goes on with an interrupted wait */
  restarting: u32;
  /** where the firmware's data begin */
  dataStart: u32;
  /** and end */
  dataEnd: u32;
  /** where the port's own memory, with which RAM begins, ends */
  portEnd: u32;
  /** timers ever created */
  births: u32;
  /** synchronous sends ever begun */
  tickets: u32;
  /** the timer service's task, 0 = none */
  service: Task;
  /** sockets with a packet to send, a bit each */
  sending: u32;
  /** sockets with a tick at which they do something, a bit each */
  timing: u32;
  /** answers to packets for which there is no socket, not yet sent */
  replies: u32;
  /** the next port to be given out */
  nextPort: u32;
  /** streams ever begun, for their first numbers */
  streams: u32;
  /** 0 before power-on, 1 in the system description, 2 when tasks run */
  booted: u32;
}
