// Generated from kernel/abi/table.ts by `npm run abi`. Do not edit.

/** What task_spawn is told. */
@unmanaged
export class SpawnRecord {
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
export class CallbackRecord {
  /** its handle */
  timer: i32;
  /** what to run */
  entry: u32;
  /** handed to it */
  argument: i32;
}

/** What a signal does to a task. */
@unmanaged
export class SigActionRecord {
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
export class LetterRecord {
  /** handle of the task that sent it, 0 for an interrupt */
  sender: i32;
  /** bytes of the block */
  size: u32;
  /** 1: a broadcast, read-only */
  shared: u32;
}

/** What object_poll looks at. */
@unmanaged
export class PollItemRecord {
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
export class EndpointRecord {
  /** IPv4, the first number in the highest byte */
  address: u32;
  /** 0..65535 */
  port: u32;
}

/** What socket_receive tells of a datagram. */
@unmanaged
export class SenderRecord {
  /** who sent it */
  address: u32;
  /** from which port */
  port: u32;
  /** bytes it had */
  size: u32;
}

/** The CPU's registers, at address 64. A port reads them after dispatch and writes the power-on fields, `device` and `choice`. */
@unmanaged
export class CpuRecord {
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

/** The kernel's own state. */
@unmanaged
export class KernelRecord {
  /** levels with a ready task */
  bitmap: u64;
  /** the task that has the CPU, 0 = none */
  current: u32;
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
  service: u32;
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

/** The PCB. Linked in one ready list or one wait queue, or alone. */
@unmanaged
export class TaskRecord {
  /** the next link */
  next: u32;
  /** the link before */
  prev: u32;
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
  queue: u32;
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
  handlers: u32;
  /** the innermost signal frame, 0 = none */
  frames: u32;
  /** the frame reserved for the handler that interrupted its wait, 0 = none */
  spare: u32;
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

/** How every object but a task begins; the queue is its first wait queue, and its place among the free slots. */
@unmanaged
export class ObjRecord {
  /** the next link */
  next: u32;
  /** the link before */
  prev: u32;
  /** kind << 8 | index of the object it belongs to */
  id: u16;
  /** 0 its first queue, 1 its second */
  side: u8;
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

/** A table of objects of one kind: the sentinel of its free slots, the one freed longest ago first. */
@unmanaged
export class PoolRecord {
  /** the next link */
  next: u32;
  /** the link before */
  prev: u32;
  /** address of the first */
  base: u32;
  /** bytes each */
  size: u32;
  /** how many */
  count: u32;
  /** in use */
  live: u32;
}

/** A piece of the arena, in order of address. */
@unmanaged
export class ExtentRecord {
  /** the next link */
  next: u32;
  /** the link before */
  prev: u32;
  /** where it starts */
  address: u32;
  /** bytes */
  size: u32;
  /** Owner: NOBODY (it is free), the KERNEL (buffers, stacks), the SYSTEM description, or TASKS + slot of the task */
  used: u32;
}
