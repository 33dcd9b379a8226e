/** Everything an app, a test or a tool may use, on any host. */

export type { ErrorName } from "../../kernel/abi/host.js";
export {
  callTable,
  EADDRINUSE,
  EADDRNOTAVAIL,
  EAGAIN,
  EALREADY,
  EBUSY,
  ECANCELED,
  ECHILD,
  ECONNREFUSED,
  ECONNRESET,
  EDEADLK,
  EEXIST,
  EIDRM,
  EINPROGRESS,
  EINTR,
  EISCONN,
  EMSGSIZE,
  ENETUNREACH,
  ENOENT,
  ENOMEM,
  ENOTCONN,
  ENOTRECOVERABLE,
  EOVERFLOW,
  EOWNERDEAD,
  EPIPE,
  ESRCH,
  ETIMEDOUT,
  eventTable,
  Happening,
  Info,
  Kind,
  SIGABRT,
  SIGALRM,
  SIGBUS,
  SIGCHLD,
  SIGCONT,
  SIGFPE,
  SIGHUP,
  SIGILL,
  SIGINT,
  SIGIO,
  SIGKILL,
  SIGPIPE,
  SIGPROF,
  SIGPWR,
  SIGQUIT,
  SIGSEGV,
  SIGSTKFLT,
  SIGSTOP,
  SIGSYS,
  SIGTERM,
  SIGTRAP,
  SIGTSTP,
  SIGTTIN,
  SIGTTOU,
  SIGURG,
  SIGUSR1,
  SIGUSR2,
  SIGVTALRM,
  SIGWINCH,
  SIGXCPU,
  SIGXFSZ,
  signalNames,
} from "../../kernel/abi/host.js";
export { addressText, isMachineAddress, parseAddress } from "./address.js";
export { Barrier } from "./api/barrier.js";
export { Condition } from "./api/condition.js";
export type { Creator, Named, TaskOptions } from "./api/create.js";
export { EventFlags, type EventFlagsOptions, type EventWaitOptions } from "./api/event.js";
export type { TaskFacts } from "./api/inspect.js";
export { type Duplex, Mailbox, type MailboxOptions, type Mailed, type Received, type Settled } from "./api/mailbox.js";
export { Mutex, type MutexOptions } from "./api/mutex.js";
export type { Channel, Direction, KernelObject } from "./api/object.js";
export type { Opener } from "./api/open.js";
export { Pipe, type PipeOptions } from "./api/pipe.js";
export { PollSet, type Watched } from "./api/poll.js";
export { type Allocated, Block, Pool, type PoolOptions } from "./api/pool.js";
export { Queue, type QueueOptions, type SendOptions } from "./api/queue.js";
export { Region, type RegionOptions } from "./api/region.js";
export {
  type Bound,
  type Connected,
  type Count,
  type Done,
  FOREVER,
  type Given,
  type Joined,
  type Listening,
  type Locked,
  NO_WAIT,
  type Registered,
  type Sent,
  type Shut,
  type Unmet,
  type Waited,
} from "./api/results.js";
export { RwLock } from "./api/rwlock.js";
export { Semaphore, type SemaphoreOptions } from "./api/semaphore.js";
export { type SignalAction, type SignalBody, type SignalOptions, type SignalSet, Signals, signalSet } from "./api/signal.js";
export { type Accepted, Endpoint, type Place, Sender, Socket, type SocketOptions, type SocketState } from "./api/socket.js";
export type { App, InterruptOptions, System, SystemTaskOptions } from "./api/system.js";
export { type Handler, type HandlerBody, Self, Task, type TaskBody } from "./api/task.js";
export { Timer, type TimerAction, type TimerOptions } from "./api/timer.js";
export { boot, kernelBytes, useKernel } from "./boot.js";
export type { Call, Parked } from "./call.js";
export { Console, type ConsoleOptions } from "./console.js";
export { Device } from "./device/device.js";
export { Gpio, type GpioOptions, GpioRegister, type PinChange, type PinDriver } from "./device/gpio.js";
export { Motor, type MotorOptions, MotorRegister } from "./device/motor.js";
export { HardwareTimer, type HardwareTimerOptions, TimerRegister } from "./device/timer.js";
export { Uart, UartControl, type UartOptions, UartRegister, UartStatus } from "./device/uart.js";
export { Entrance } from "./entrance.js";
export { AppError, CallError, errorName, MachineError, type Site, shortenFilesWith, siteOf, siteText, TaleaError } from "./errors.js";
export { Firmware, type FirmwareOptions, firmware, type Grain, type Parts, useParts } from "./firmware.js";
export type { KernelFlavour } from "./image.js";
export { type Level, levelsOf } from "./level.js";
export { Machine } from "./machine.js";
export { bootNetwork } from "./network/boot.js";
export type { Farewell } from "./network/client.js";
export {
  type BetweenOptions,
  type CrashOptions,
  type LinkOptions,
  NetworkDescription,
  type NetworkMachine,
  type NetworkSettings,
  network,
  type PartitionOptions,
  type Side,
} from "./network/description.js";
export { freeAddress, Gateway, type GatewayEvent, type GatewayOptions, nobody, type Outer } from "./network/gateway.js";
export { Network, type NetworkLimits, type NetworkRecord } from "./network/network.js";
export { type NetworkNode, NODE_LATENCY } from "./network/node.js";
export type { MachineReport, NetworkReport } from "./network/report.js";
export type { PacketCounts } from "./network/wire.js";
export { Objects } from "./objects.js";
export type { DriveOptions, Failure, Limits, MachineOptions, Reason } from "./options.js";
export { defaultOracle, type Oracle, Question, RandomOracle } from "./oracle.js";
export { Playback } from "./playback.js";
export {
  type Close,
  type Entry,
  type MachineEvent,
  type Recording,
  RecordingError,
  RecordingWriter,
  readRecording,
  type Setting,
  type Target,
  targetText,
} from "./recording.js";
export type { Blocked, Report, Ring } from "./report.js";
export type { TaskInfo } from "./roster.js";
export { firstDifference, objectText, recordText, TraceReader, type TraceRecord } from "./trace.js";
export { TrapError } from "./trap.js";
export { View } from "./view.js";
