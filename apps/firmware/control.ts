/**
 * A control loop: the speed of a motor is kept at its set point, whatever load it has.
 *
 *     encoder -- edges, line 25 --> counts -- every 10 ticks --> PID --> DUTY        watch: was the period done in time?
 *                                                                 |                    |
 *                                                                 '-- news, a queue ---+--> logger --> console
 *
 * The set point steps from 1000 turns a minute to 2000, and to -1000; half way a load comes on the shaft. A period is released by a
 * timer and done when DUTY is written, 5 ticks later at the latest. Three that are late in a row put the motor off, for good.
 *
 *     talea run apps/firmware/control.ts                settles within 200 ms of every step, and no period is late
 *     talea run apps/firmware/control.ts --disturb      a task above the controller takes the CPU for 60 ms: the watch trips
 *     talea run apps/firmware/control.ts --disturb 15   for 15 ms: periods are late, and the motor stays on
 */
import {
  args,
  Buffer,
  buffer,
  FOREVER,
  GpioRegister,
  gpio,
  interrupt,
  MotorPin,
  MotorRegister,
  motor,
  NO_WAIT,
  out,
  print,
  queue,
  self,
  semaphore,
  task,
  timer,
} from "talea/firmware";

/** Ticks, which are milliseconds, from one period to the next, and until one must be done. */
const PERIOD: i32 = 10;
const DEADLINE: i32 = 5;
/** Periods of a run, and from one step to the next. */
const PERIODS: i32 = 200;
const STAGE: i32 = 50;
/** Late periods in a row that put the motor off. */
const PATIENCE: i32 = 3;
/** Periods from one line of the log to the next. */
const LINE: i32 = 5;
/** Cycles of a tick, and of a minute. */
const TICK: i32 = 16_000;
const MINUTE: f64 = 60.0 * 1000.0 * <f64>TICK;
/** Edges of the encoder a turn. */
const EDGES: f64 = 512.0;

// PID, for a duty in thousandths and a speed in turns a minute.
const PROPORTIONAL: f64 = 1.0;
/** A period's. */
const INTEGRAL: f64 = 0.25;
const DERIVATIVE: f64 = 0.05;
const FULL: f64 = 1000.0;

/** The set point from each step on. */
const plan: i32[] = [1000, 2000, 2000, -1000];
/** In micronewton metres, half way. */
const LOAD: u32 = 40_000;
/** A speed is settled within this part of the set point. */
const BAND: f64 = 0.05;

// News for the logger: what it is, when, and three numbers.
const NEWS_LINE: i32 = 0;
const NEWS_SETTLED: i32 = 1;
const NEWS_UNSETTLED: i32 = 2;
const NEWS_LATE: i32 = 3;
const NEWS_TRIPPED: i32 = 4;
const NEWS_OVER: i32 = 5;
const NEWS_BYTES: i32 = 20;

/** Where the shaft is, in edges: the handler's, which others only read. */
let position: i32 = 0;
/** Steps of the shaft that no encoder makes: edges came too quickly for the handler. */
let skipped: i32 = 0;
/** The quarter of a line that it is in. */
let quarter: u32 = 0;
/** The controller's own: the sum of errors, weighted, and the speed of the period before. */
let integral: f64 = 0;
let last: f64 = 0;
/** The period that was done last, and how many were: the controller's, which others only read. */
let done: i32 = 0;
let doneCount: i32 = 0;
/** The watch's: it has put the motor off, and how many periods were late. */
let tripped = false;
let lateCount: i32 = 0;

const period = semaphore({ name: "period" });
const clock = timer({ name: "clock", give: period });
const news = queue({ name: "news", count: 16, size: NEWS_BYTES });
const measured = buffer(NEWS_BYTES);
const watched = buffer(NEWS_BYTES);
const received = buffer(NEWS_BYTES);

interrupt(25, { priority: 5 }, () => {
  const pins: u32 = (1 << MotorPin.A) | (1 << MotorPin.B);
  // An edge that comes from here on raises the line again.
  gpio.write(GpioRegister.PENDING, pins);
  const channels = (gpio.read(GpioRegister.IN) >> MotorPin.A) & 3;
  // Only one channel changes at an edge: 00, 01, 11, 10.
  const now = channels ^ (channels >> 1);
  const move = (now - quarter) & 3;
  quarter = now;
  if (move == 2) skipped++;
  else position += move == 3 ? -1 : <i32>move;
});

/** Whoever controls or watches does not wait for the logger. */
function tell(note: Buffer, kind: i32, a: i32 = 0, b: i32 = 0, c: i32 = 0, timeout: i32 = NO_WAIT): void {
  note.setWord(0, kind);
  note.setWord(4, self.tick);
  note.setWord(8, a);
  note.setWord(12, b);
  note.setWord(16, c);
  news.send(note, 0, timeout);
}

task("controller", { priority: 30, writes: [news] }, () => {
  const pins: u32 = (1 << MotorPin.A) | (1 << MotorPin.B);
  gpio.write(GpioRegister.RISE, pins);
  gpio.write(GpioRegister.FALL, pins);
  let before = position;
  let since = self.cycles;
  let stage = -1;
  let settled: i32 = 0;
  let begun: i32 = 0;
  clock.start(PERIOD, PERIOD);
  for (let n = 1; n <= PERIODS; n++) {
    period.take();
    // Periods that are past already are left out: there is nothing to be done about them any more.
    while (period.take(NO_WAIT) == 0) n++;
    if (tripped) break;
    const now = self.cycles;
    const here = position;
    const speed = (<f64>(here - before) / EDGES / <f64>(now - since)) * MINUTE;
    before = here;
    since = now;
    if (stage < 0 || (n - 1) / STAGE > stage) {
      if (stage >= 0) report(stage, settled - begun);
      stage = min((n - 1) / STAGE, plan.length - 1);
      begun = self.tick;
      settled = begun;
      if (stage == plan.length / 2) motor.write(MotorRegister.LOAD, LOAD);
    }
    const target = <f64>plan[stage];
    if (abs(target - speed) > BAND * abs(target)) settled = self.tick + PERIOD;
    const duty = <i32>nearest(pid(target, speed));
    if (!drive(duty)) break;
    done = n;
    doneCount++;
    if (n % LINE == 0) tell(measured, NEWS_LINE, <i32>target, <i32>nearest(speed), duty);
  }
  if (!tripped) report(stage, settled - begun);
  clock.stop();
  motor.write(MotorRegister.DUTY, 0);
  tell(measured, NEWS_OVER, doneCount, 0, 0, FOREVER);
});

/** The duty of a period. */
function pid(target: f64, speed: f64): f64 {
  const error = target - speed;
  const wanted = PROPORTIONAL * error + integral + INTEGRAL * error - DERIVATIVE * (speed - last);
  const duty = max(-FULL, min(FULL, wanted));
  // What the motor cannot do is not summed up.
  if (duty == wanted) integral += INTEGRAL * error;
  last = speed;
  return duty;
}

/** Sets the duty, unless the watch has put the motor off: between looking and writing it does not come. */
function drive(duty: i32): bool {
  self.lockScheduler();
  if (!tripped) motor.write(MotorRegister.DUTY, duty);
  self.unlockScheduler();
  return !tripped;
}

/** How long the step to a stage took to settle. */
function report(stage: i32, ticks: i32): void {
  tell(measured, ticks < STAGE * PERIOD ? NEWS_SETTLED : NEWS_UNSETTLED, plan[stage], ticks, stage == plan.length / 2 ? 1 : 0);
}

task("watch", { priority: 50, writes: [news] }, () => {
  let row = 0;
  for (let n = 1; n <= PERIODS; n++) {
    self.sleepUntil(n * PERIOD + DEADLINE);
    if (done >= n) {
      row = 0;
      continue;
    }
    lateCount++;
    row++;
    tell(watched, NEWS_LATE, n, row);
    if (row < PATIENCE) continue;
    tripped = true;
    motor.write(MotorRegister.DUTY, 0);
    tell(watched, NEWS_TRIPPED, row);
    return;
  }
});

if (args.includes("--disturb")) {
  const ticks = args.number(1, 60);
  if (ticks < 0 || ticks > 100_000) abort(`--disturb ${ticks}: give 0 to 100000 milliseconds`);
  task("disturber", { priority: 40, daemon: true, argument: ticks }, (ticks) => {
    for (;;) {
      self.sleep(700);
      self.compute(ticks * TICK);
    }
  });
}

task("logger", { priority: 10, reads: [news], stack: 2048 }, () => {
  for (;;) {
    news.receive(received);
    const tick = received.word(4);
    const a = received.word(8);
    const b = received.word(12);
    const c = received.word(16);
    switch (received.word(0)) {
      case NEWS_LINE:
        print("{} ms: set point {}, speed {}, duty {}\n", tick, a, b, c);
        break;
      case NEWS_SETTLED:
        out()
          .text(c == 1 ? "with the load at " : "at ")
          .int(a)
          .text(" turns a minute after ")
          .int(b)
          .text(" ms\n")
          .end();
        break;
      case NEWS_UNSETTLED:
        print("not settled at {} turns a minute\n", a);
        break;
      case NEWS_LATE:
        print("{} ms: period {} is late, {} in a row\n", tick, a, b);
        break;
      case NEWS_TRIPPED:
        print("{} ms: {} late in a row, the motor is off\n", tick, a);
        break;
      default:
        print("{} periods done, {} late, {} edges missed\n", a, lateCount, skipped);
        return;
    }
  }
});
