/** The alarm of each task: SIGALRM after a number of ticks. Alarms expire with the timers, behind them. */
import { Errno, Signal } from "./abi/constants";
import { Deadline, Task } from "./abi/records";
import { alarmDue, alarmStart, deadlineStop } from "./clock";
import { TASKS } from "./config";
import { linked, listInit, none } from "./lib/list";
import { signalRaise } from "./signal";
import { cpu, kernel } from "./state";
import { taskOf } from "./task";

const alarms: usize = memory.data(TASKS * offsetof<Deadline>(), 8);

export function alarmsInit(): void {
  for (let i = 0; i < TASKS; i++) {
    const alarm = changetype<Deadline>(alarms + i * offsetof<Deadline>());
    listInit(alarm);
    alarm.owner = taskOf(i);
  }
}

function alarmOf(task: Task): Deadline {
  return changetype<Deadline>(alarms + <usize>task.index * offsetof<Deadline>());
}

export function taskAlarm(ticks: u32): i32 {
  if (<i32>ticks < 0) return Errno.EINVAL;
  const alarm = alarmOf(kernel.current);
  const left = linked(alarm) ? alarm.when - cpu.tick : 0;
  deadlineStop(alarm);
  if (ticks > 0) alarmStart(alarm, ticks);
  return <i32>left;
}

/** Every alarm whose tick has come sends its signal. */
export function alarmsExpire(): void {
  for (let alarm = alarmDue(cpu.tick); !none(alarm); alarm = alarmDue(cpu.tick)) {
    deadlineStop(alarm);
    signalRaise(alarm.owner, Signal.ALRM, 0);
  }
}

/** The task ends: nothing will wake it any more. */
export function alarmDropped(task: Task): void {
  deadlineStop(alarmOf(task));
}

/** Who has ended has no alarm. */
export function alarmHolds(task: Task, alive: bool): bool {
  return alive || !linked(alarmOf(task));
}
