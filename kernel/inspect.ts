/** One fact about an object at a time, and the list of all of a kind: what a shell's `ps` needs, by calls instead of memory. */
import { Errno, Info, Kind, State } from "./abi/constants";
import {
  Barrier,
  Channel,
  Event,
  Mailbox,
  MemPool,
  MsgQueue,
  Mutex,
  Obj,
  Pipe,
  Region,
  Rwlock,
  Sem,
  Socket,
  Task,
  Timer,
} from "./abi/records";
import { arenaFree, arenaSize } from "./arena";
import { accounted } from "./clock";
import { TASKS } from "./config";
import { listLength, none } from "./lib/list";
import { poolSlot } from "./lib/pool";
import { sendersFrom } from "./object/endpoint";
import { sendersTo } from "./object/mailbox";
import { isChannel, kindOf, objectAt, poolOf } from "./object/object";
import { writersOf } from "./object/pipe";
import { sendersOf } from "./object/queue";
import { socketLocal, socketPeer } from "./object/socket";
import { kernel } from "./state";
import { joinersOf, taskAt, taskOf } from "./task";

const NOT_A_FIELD: u64 = u64.MAX_VALUE;

export function objectInfo(handle: i32, field: i32, out: usize): i32 {
  let value = NOT_A_FIELD;
  if (handle == 0) {
    value = systemInfo(field);
    if (value == NOT_A_FIELD) return Errno.EBADF;
  } else if (kindOf(handle) == Kind.TASK) {
    const task = taskAt(handle);
    if (none(task)) return Errno.EBADF;
    value = taskInfo(task, field);
  } else {
    const object = objectAt(kindOf(handle), handle);
    if (none(object)) return Errno.EBADF;
    value = infoOf(object, field);
  }
  if (value == NOT_A_FIELD) return Errno.EINVAL;
  store<u64>(out, value);
  return 0;
}

function taskInfo(task: Task, field: i32): u64 {
  switch (field) {
    case Info.STATE:
      return task.state;
    case Info.PRIORITY:
      return task.priority;
    case Info.BASE:
      return task.base;
    case Info.THRESHOLD:
      return task.threshold;
    case Info.SLICE:
      return task.slice;
    case Info.HELD:
      return task.held;
    case Info.CYCLES:
      return cyclesOf(task);
    case Info.SWITCHES:
      return task.switches;
    case Info.LATENCY:
      return task.worst;
    case Info.STACK_SIZE:
      return task.stackSize;
    case Info.STACK_USED:
      return task.stackUsed;
    case Info.WAITING_FOR:
      return none(task.queue) ? 0 : task.queue.id;
    case Info.WAITING_ON:
      return waitedOn(task);
    case Info.WAITING_IN:
      return task.state == State.BLOCKED ? task.call : 0;
    case Info.NAME0:
      return task.name0;
    case Info.NAME1:
      return task.name1;
    case Info.WAITERS:
      return listLength(joinersOf(task), TASKS);
    case Info.FLAGS:
      return task.flags;
    case Info.PENDING:
      return task.pending;
    case Info.MASK:
      return task.mask;
  }
  return NOT_A_FIELD;
}

function systemInfo(field: i32): u64 {
  switch (field) {
    case Info.RAM:
      return arenaSize();
    case Info.RAM_FREE:
      return arenaFree(false);
    case Info.RAM_LARGEST:
      return arenaFree(true);
    case Info.IDLE:
      return kernel.idleCycles;
    case Info.DATA_END:
      return kernel.dataEnd;
  }
  return NOT_A_FIELD;
}

/** The handle of what a task waits for, 0 where that is no object. */
function waitedOn(task: Task): i32 {
  if (none(task.queue)) return 0;
  const kind: u32 = task.queue.id >> 8;
  if (kind == Kind.TASK) return taskOf(task.queue.id & 0xff).handle;
  const pool = poolOf(kind);
  const index: u32 = task.queue.id & 0xff;
  return index < pool.count ? changetype<Obj>(poolSlot(pool, index)).handle : 0;
}

/** Up to this very call, for the caller too. */
function cyclesOf(task: Task): u64 {
  if (task === kernel.current && kernel.depth == 0) task.cycles += accounted();
  return task.cycles;
}

function infoOf(object: Obj, field: i32): u64 {
  const kind: u32 = object.id >> 8;
  if (field == Info.WAITERS) return waitersOf(object);
  if (field == Info.FLAGS) return object.flags;
  if (field == Info.NAME0) return object.name0;
  if (field == Info.NAME1) return object.name1;
  if (isChannel(kind)) return channelInfo(changetype<Channel>(object), field);
  switch (kind) {
    case Kind.SEM:
      return field == Info.COUNT
        ? <u64>changetype<Sem>(object).count
        : field == Info.CAPACITY
          ? <u64>changetype<Sem>(object).maximum
          : NOT_A_FIELD;
    case Kind.MUTEX:
      return field == Info.COUNT
        ? <u64>changetype<Mutex>(object).count
        : field == Info.OWNER
          ? handleOf(changetype<Mutex>(object).owner)
          : NOT_A_FIELD;
    case Kind.EVENT:
      return field == Info.COUNT ? <u64>changetype<Event>(object).bits : NOT_A_FIELD;
    case Kind.BARRIER:
      return field == Info.COUNT
        ? <u64>changetype<Barrier>(object).waiting
        : field == Info.CAPACITY
          ? <u64>changetype<Barrier>(object).count
          : NOT_A_FIELD;
    case Kind.RWLOCK:
      return field == Info.READERS
        ? changetype<Rwlock>(object).readers
        : field == Info.OWNER
          ? handleOf(changetype<Rwlock>(object).writer)
          : NOT_A_FIELD;
    case Kind.TIMER:
      return field == Info.STATE
        ? <u64>changetype<Timer>(object).running
        : field == Info.COUNT
          ? <u64>changetype<Timer>(object).expiries
          : NOT_A_FIELD;
    case Kind.POOL:
      return poolInfo(changetype<MemPool>(object), field);
  }
  return NOT_A_FIELD;
}

function channelInfo(channel: Channel, field: i32): u64 {
  if (field == Info.READERS) return channel.readers;
  if (field == Info.WRITERS) return channel.writers;
  switch (<u32>(channel.id >> 8)) {
    case Kind.PIPE:
      return field == Info.COUNT
        ? <u64>changetype<Pipe>(channel).used
        : field == Info.CAPACITY
          ? <u64>changetype<Pipe>(channel).capacity
          : NOT_A_FIELD;
    case Kind.QUEUE:
      return queueInfo(changetype<MsgQueue>(channel), field);
    case Kind.MAILBOX:
      return field == Info.COUNT ? <u64>changetype<Mailbox>(channel).letters : NOT_A_FIELD;
    case Kind.REGION:
      return field == Info.SIZE ? <u64>changetype<Region>(channel).size : NOT_A_FIELD;
  }
  return socketInfo(changetype<Socket>(channel), field);
}

function socketInfo(socket: Socket, field: i32): u64 {
  switch (field) {
    case Info.STATE:
      return socket.state;
    case Info.COUNT:
      return socket.rxUsed;
    case Info.CAPACITY:
      return socket.receive;
    case Info.LOCAL:
      return socketLocal(socket);
    case Info.PEER:
      return socketPeer(socket);
    case Info.LOST:
      return socket.lost;
  }
  return NOT_A_FIELD;
}

function queueInfo(queue: MsgQueue, field: i32): u64 {
  if (field == Info.COUNT) return queue.used;
  if (field == Info.CAPACITY) return queue.capacity;
  return field == Info.SIZE ? <u64>queue.size : NOT_A_FIELD;
}

function poolInfo(pool: MemPool, field: i32): u64 {
  if (field == Info.COUNT) return pool.free;
  if (field == Info.CAPACITY) return pool.count;
  return field == Info.SIZE ? <u64>pool.asked : NOT_A_FIELD;
}

function waitersOf(object: Obj): u64 {
  let count = listLength(object, TASKS);
  const kind: u32 = object.id >> 8;
  if (kind == Kind.PIPE) count += listLength(writersOf(changetype<Pipe>(object)), TASKS);
  if (kind == Kind.QUEUE) count += listLength(sendersOf(changetype<MsgQueue>(object)), TASKS);
  if (kind == Kind.SOCKET) count += listLength(sendersFrom(changetype<Socket>(object)), TASKS);
  if (kind == Kind.MAILBOX) count += listLength(sendersTo(changetype<Mailbox>(object)), TASKS);
  return count;
}

function handleOf(task: Task): u64 {
  return none(task) ? 0 : task.handle;
}

export function objectEnumerate(kind: i32, previous: i32): i32 {
  if (<u32>kind > 15) return Errno.EINVAL;
  if (previous != 0 && kindOf(previous) != <u32>kind) return Errno.EINVAL;
  const start = previous == 0 ? 0 : (previous & 0xff) + 1;
  if (kind == Kind.TASK) {
    for (let i = start; i < TASKS; i++) {
      if (taskOf(i).handle != 0) return taskOf(i).handle;
    }
    return 0;
  }
  const pool = poolOf(kind);
  if (pool.count == 0) return Errno.EINVAL;
  for (let i: u32 = start; i < pool.count; i++) {
    const object = changetype<Obj>(poolSlot(pool, i));
    if (object.handle != 0) return object.handle;
  }
  return 0;
}
