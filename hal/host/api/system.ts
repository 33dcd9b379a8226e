/**
 * The system description: what an app's default export is handed at each power-on. It makes the objects and tasks that exist
 * when the first task runs; everything it makes lives until the run ends.
 */

import type { Call } from "../call.js";
import { Console, type ConsoleOptions } from "../console.js";
import { Gpio, type GpioOptions } from "../device/gpio.js";
import { MOTOR_OPTIONS, Motor, type MotorOptions } from "../device/motor.js";
import { HardwareTimer, type HardwareTimerOptions } from "../device/timer.js";
import { AppError, CallError } from "../errors.js";
import type { Machine } from "../machine.js";
import { View } from "../view.js";
import type { Barrier } from "./barrier.js";
import { knownLine, knownOptions, wholeNumber, wholeOptions } from "./check.js";
import type { Condition } from "./condition.js";
import {
  barrierRecipe,
  conditionRecipe,
  eventRecipe,
  mailboxRecipe,
  mutexRecipe,
  type Named,
  pipeRecipe,
  poolRecipe,
  queueRecipe,
  type Recipe,
  regionRecipe,
  rwlockRecipe,
  semaphoreRecipe,
  socketRecipe,
  type TaskOptions,
  taskRecipe,
  timerRecipe,
} from "./create.js";
import type { EventFlags, EventFlagsOptions } from "./event.js";
import type { Duplex, Mailbox, MailboxOptions } from "./mailbox.js";
import { allocate } from "./memory.js";
import type { Mutex, MutexOptions } from "./mutex.js";
import { Channel } from "./object.js";
import type { Pipe, PipeOptions } from "./pipe.js";
import type { Pool, PoolOptions } from "./pool.js";
import type { Queue, QueueOptions } from "./queue.js";
import type { Region, RegionOptions } from "./region.js";
import { NO_WAIT } from "./results.js";
import type { RwLock } from "./rwlock.js";
import type { Semaphore, SemaphoreOptions } from "./semaphore.js";
import type { Socket, SocketOptions } from "./socket.js";
import type { HandlerBody, Task, TaskBody } from "./task.js";
import type { Timer, TimerOptions } from "./timer.js";

/** A task of the system description: besides its options, what it has open. */
export interface SystemTaskOptions extends TaskOptions {
  /** What it may read, receive or accept from; regions to which it is attached read-only. */
  reads?: Channel[];
  /** What it may write or send to; regions to which it is attached to read and write. */
  writes?: Channel[];
}

export interface InterruptOptions {
  /** 0..255, 255 is the most urgent; default 1. The tick is less urgent than every line. */
  priority?: number;
}

/** An app: its default export is a function of this type. */
export type App = (system: System) => void;

export class System {
  /** What stands behind the app's name on the command line, or `args` of boot(). */
  readonly args: readonly string[];
  readonly #machine: Machine;

  constructor(machine: Machine, args: readonly string[]) {
    this.#machine = machine;
    this.args = args;
  }

  /** A task; it begins when the description is complete. Priorities are 0..63, 63 is the most urgent. */
  task(name: string, options: SystemTaskOptions, body: TaskBody): Task {
    const { reads = [], writes = [] } = options;
    for (const list of [reads, writes]) {
      const fits = Array.isArray(list) && list.every((each) => each instanceof Channel);
      if (!fits) throw new AppError(`task "${name}": reads and writes list pipes, queues, mailboxes, regions and sockets: reads: [pipe]`);
    }
    const task = this.#make(taskRecipe(this.#machine, name, options, body));
    for (const channel of reads) this.#grant(channel, task, "read");
    for (const channel of writes) this.#grant(channel, task, "write");
    return task;
  }

  semaphore(options: SemaphoreOptions = {}): Semaphore {
    return this.#make(semaphoreRecipe(this.#machine, options));
  }

  mutex(options: MutexOptions = {}): Mutex {
    return this.#make(mutexRecipe(this.#machine, options));
  }

  condition(options: Named = {}): Condition {
    return this.#make(conditionRecipe(this.#machine, options));
  }

  event(options: EventFlagsOptions = {}): EventFlags {
    return this.#make(eventRecipe(this.#machine, options));
  }

  /** A meeting point for `count` tasks. */
  barrier(count: number, options: Named = {}): Barrier {
    return this.#make(barrierRecipe(this.#machine, count, options));
  }

  rwlock(options: Named = {}): RwLock {
    return this.#make(rwlockRecipe(this.#machine, options));
  }

  timer(options: TimerOptions): Timer {
    return this.#make(timerRecipe(this.#machine, options));
  }

  /** A pipe; tasks get it by `reads` and `writes`. */
  pipe(options: PipeOptions = {}): Pipe {
    return this.#make(pipeRecipe(this.#machine, options));
  }

  /** A message queue; tasks get it by `reads` (to receive) and `writes` (to send). */
  queue(options: QueueOptions = {}): Queue {
    return this.#make(queueRecipe(this.#machine, options));
  }

  /** `count` blocks of `size` bytes. */
  pool(options: PoolOptions): Pool {
    return this.#make(poolRecipe(this.#machine, options));
  }

  /** A mailbox; tasks receive from it by `reads` and send to it by `writes`, no task both. */
  mailbox(options: MailboxOptions = {}): Mailbox {
    return this.#make(mailboxRecipe(this.#machine, options));
  }

  /** Two mailboxes, one each way, opened for the two tasks. Their names are the given one with ".ab" and ".ba" behind it. */
  duplex(a: Task, b: Task, options: Named = {}): Duplex {
    const box = (way: string) => this.mailbox(options.name === undefined ? {} : { name: options.name + way });
    const [ab, ba] = [box(".ab"), box(".ba")];
    this.#grant(ab, a, "write");
    this.#grant(ab, b, "read");
    this.#grant(ba, b, "write");
    this.#grant(ba, a, "read");
    return { a: { out: ab, in: ba }, b: { out: ba, in: ab } };
  }

  /** Shared memory, zeroed; tasks are attached to it by `reads` and `writes`. */
  region(options: RegionOptions): Region {
    return this.#make(regionRecipe(this.#machine, options));
  }

  /** A socket; tasks receive or accept from it by `reads` and send by `writes`. */
  socket(options: SocketOptions = {}): Socket {
    return this.#make(socketRecipe(this.#machine, options));
  }

  /** `bytes` of RAM for good, of no task. */
  alloc(bytes: number): View {
    wholeNumber("the number of bytes", bytes);
    const view = this.#machine.enter().take(allocate(this.#machine, bytes, NO_WAIT));
    if (view instanceof View) return view;
    throw new CallError("alloc", view);
  }

  /** The handler of an interrupt line (0..31; the console, GPIO and hardware timer take theirs from 24 on). */
  interrupt(line: number, options: InterruptOptions, body: HandlerBody): void {
    knownOptions(`interrupt ${line}`, options, ["priority"]);
    wholeNumber("an interrupt's line", line);
    wholeOptions(`interrupt ${line}`, options, ["priority"]);
    this.#machine.attach(line, options.priority ?? 1, body);
  }

  /** The console: a UART, its driver, and a pipe each way. */
  console(options: ConsoleOptions = {}): Console {
    knownOptions("the console", options, ["baud", "flow", "inCapacity", "outCapacity"]);
    return this.#machine.once("console", () => new Console(this.#machine, this, options));
  }

  /** The task that gets SIGINT at Ctrl-C and SIGTSTP at Ctrl-Z; without this, the last one that read the console. */
  foreground(task: Task): void {
    this.#machine.nameForeground(task);
  }

  /** A port of 32 pins. */
  gpio(options: GpioOptions = {}): Gpio {
    knownOptions("the GPIO port", options, ["line"]);
    knownLine("the GPIO port", options.line);
    return this.#machine.once("gpio", () => new Gpio(this.#machine, options));
  }

  /** A DC motor whose encoder is on two pins of the GPIO port. */
  motor(options: MotorOptions = {}): Motor {
    knownOptions("motor", options, MOTOR_OPTIONS);
    return this.#machine.once("motor", () => new Motor(this.#machine, this.#machine.gpio, options));
  }

  /** A timer device: an interrupt line raised at cycles, finer than the tick. */
  hardwareTimer(options: HardwareTimerOptions = {}): HardwareTimer {
    knownOptions("the hardware timer", options, ["line", "jitter"]);
    knownLine("the hardware timer", options.line);
    return this.#machine.once("timer", () => new HardwareTimer(this.#machine, options));
  }

  #make<T>(recipe: Recipe<T>): T {
    const p = this.#machine.enter();
    if (!this.#machine.describing) throw new AppError("the system description is over: a running task makes things with self.create");
    return p.take(p.make(recipe.name, recipe.retry, recipe.wrap));
  }

  #grant(channel: Channel, task: Task, direction: "read" | "write"): void {
    const p = this.#machine.enter();
    p.take(channel.grant(task, direction) as Call<0>);
  }
}
