/**
 * The porting layer of the Thread-Metric suite, which is eight small measurements of an RTOS, as published by Express Logic and now
 * Eclipse ThreadX: what it asks of an RTOS, in the calls of this one. Each app counts what it does for a period of virtual time; a
 * reporter, more urgent than all the rest, then says how much that was and whether the counts fit together, and the run is over.
 *
 *     talea run apps/firmware/threadmetric/cooperative.ts 1000     1000 ticks instead of 30000
 *
 * The suite's priorities are 1, the most urgent, to 31. Its threads have no time slice and begin suspended.
 */
import { args, calls, print, self, TaskBody, task } from "talea/firmware";

const MOST_URGENT: i32 = 64;
/** Ticks of a period: 30 seconds. */
const PERIOD: i32 = 30_000;

/** Handles of the threads 0 to 7. */
const threads: usize = memory.data(8 * 4, 4);

const period = args.number(0, PERIOD);
let verdict: TaskBody = alone;

/** Makes a thread, suspended. The run does not wait for its end. */
export function thread(id: i32, priority: i32, body: TaskBody): void {
  const made = task(`thread ${id}`, { priority: MOST_URGENT - priority, slice: 0, daemon: true }, body);
  store<i32>(threads + ((<usize>id) << 2), made.handle);
  made.suspend();
}

/** Lets a thread run. */
export function resume(id: i32): void {
  calls.task_resume(load<i32>(threads + ((<usize>id) << 2)));
}

/** Keeps a thread, which may be the caller, from running. */
export function suspend(id: i32): void {
  calls.task_suspend(load<i32>(threads + ((<usize>id) << 2)));
}

/** After the period `judge` runs, in a task of this priority; then the run ends. */
export function reporter(priority: i32, judge: TaskBody): void {
  verdict = judge;
  task("reporter", { priority: MOST_URGENT - priority, slice: 0 }, report);
}

/** Nobody said what is to be judged. */
function alone(_argument: i32): void {}

function report(_argument: i32): void {
  self.sleep(period);
  verdict(0);
}

/** Complains unless the counter of this thread is within 1 of the average. */
export function near(id: i32, counter: u32, average: u32): void {
  if (counter + 1 >= average && counter <= average + 1) return;
  print("error: thread {} counted {}, the average is {}\n", id, counter, average);
}

/** Complains unless anything was counted. */
export function alive(counter: u32): void {
  if (counter == 0) print("error: nothing was counted\n");
}
