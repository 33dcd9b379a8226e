import { Buffer } from "./bytes";
import { queue_create, queue_notify, queue_overwrite, queue_peek, queue_receive, queue_reset, queue_send } from "./calls";
import { Discipline, EMSGSIZE, Info } from "./constants";
import { BOTH, Channel, FOREVER, made, modeOf } from "./object";
import { Partial } from "./partial";
import { slot } from "./slot";
import { dropName, stageName, stageText } from "./text";

/** How a message queue is made. Directions are of Mode, or BOTH. */
export class QueueOptions {
  name: string = "";
  /** Messages it holds, 1 to 65535. */
  count: i32 = 8;
  /** Bytes of the longest message. */
  size: i32 = 32;
  /** In which order messages come out. */
  discipline: i32 = Discipline.FIFO;
  /** Everybody has it open in these directions. */
  everybody: i32 = 0;
  /** In the description: the directions in which interrupt handlers have it open. */
  interrupts: i32 = 0;
  /** In a running task: the directions in which the creator has it open. */
  open: i32 = BOTH;
}

/** Messages with their boundaries, a fixed number of them, of a fixed maximum size. Text of a message has at most 120 bytes. */
@unmanaged
export class Queue extends Channel {
  /**
   * Copies a message in, text or a Buffer, and waits while the queue is full. `how` is its priority (0..255, 255 comes out first),
   * plus SendHow.FRONT for ahead of its equals. Answers 0, EMSGSIZE when it is longer than the queue takes, or an outcome.
   */
  send<T>(data: T, how: i32 = 0, timeout: i32 = FOREVER): i32 {
    if (isString<T>()) return this.sendText(changetype<string>(data), how, timeout);
    if (data instanceof Buffer) {
      const buffer = changetype<Buffer>(data);
      return queue_send(this.handle, buffer.address, buffer.length, how, timeout);
    }
    ERROR("a queue takes text or a Buffer; sendFrom takes an address and a length");
    return 0;
  }

  /** The same from `length` bytes at an address. */
  sendFrom(address: usize, length: i32, how: i32 = 0, timeout: i32 = FOREVER): i32 {
    return queue_send(this.handle, address, length, how, timeout);
  }

  /**
   * Takes the first message out and waits while there is none. Answers its length, EMSGSIZE when the buffer is too small for it
   * (then it stays), or an outcome. `priority` is a word of the caller's that its priority is put into.
   */
  receive(buffer: Buffer, timeout: i32 = FOREVER, priority: Buffer | null = null): i32 {
    return queue_receive(this.handle, buffer.address, buffer.length, wordOf(priority), timeout);
  }

  /** The same into `length` bytes at an address. */
  receiveInto(address: usize, length: i32, timeout: i32 = FOREVER): i32 {
    return queue_receive(this.handle, address, length, 0, timeout);
  }

  /** As receive, and leaves the message where it is. */
  peek(buffer: Buffer, timeout: i32 = FOREVER, priority: Buffer | null = null): i32 {
    return queue_peek(this.handle, buffer.address, buffer.length, wordOf(priority), timeout);
  }

  /** The same into `length` bytes at an address. */
  peekInto(address: usize, length: i32, timeout: i32 = FOREVER): i32 {
    return queue_peek(this.handle, address, length, 0, timeout);
  }

  /** Puts text or a Buffer into a queue of one, in place of the message that is there; never waits. On another queue it is EINVAL. */
  overwrite<T>(data: T): i32 {
    if (isString<T>()) return this.overwriteText(changetype<string>(data));
    if (data instanceof Buffer) {
      const buffer = changetype<Buffer>(data);
      return queue_overwrite(this.handle, buffer.address, buffer.length);
    }
    ERROR("a queue takes text or a Buffer; overwriteFrom takes an address and a length");
    return 0;
  }

  /** The same from `length` bytes at an address. */
  overwriteFrom(address: usize, length: i32): i32 {
    return queue_overwrite(this.handle, address, length);
  }

  /** Drops the messages; blocked senders get ECANCELED, receivers wait on. */
  reset(): i32 {
    return queue_reset(this.handle);
  }

  /** The caller gets this signal, once, when a message comes into the empty queue and nobody waits for it; 0 withdraws. */
  notify(signal: i32): i32 {
    return queue_notify(this.handle, signal);
  }

  /** Messages in it now. */
  get used(): i32 {
    return <i32>this.info(Info.COUNT);
  }

  private sendText(text: string, how: i32, timeout: i32): i32 {
    const own = slot();
    const at = stageText(text);
    if (at == 0) return EMSGSIZE;
    const result = queue_send(this.handle, at, own.length, how, timeout);
    own.give(at);
    return result;
  }

  private overwriteText(text: string): i32 {
    const own = slot();
    const at = stageText(text);
    if (at == 0) return EMSGSIZE;
    const result = queue_overwrite(this.handle, at, own.length);
    own.give(at);
    return result;
  }
}

/** The address of the word that is to be told something, 0 for none. */
function wordOf(buffer: Buffer | null): usize {
  return buffer === null ? 0 : buffer.address;
}

/** Makes a message queue; tasks of the description get it by `reads` (to receive) and `writes` (to send). */
export function queue(options: Partial<QueueOptions> = {}): Queue {
  const o = options as QueueOptions;
  const own = slot();
  const name = stageName(own, o.name);
  const handle = queue_create(name, o.count, o.size, o.discipline, modeOf(o.open, o.interrupts, o.everybody), 0);
  dropName(own, name);
  return changetype<Queue>(made("queue", o.name, handle));
}
