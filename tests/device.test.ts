import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  AppError,
  boot,
  GpioRegister,
  type Machine,
  type MachineOptions,
  type Oracle,
  Question,
  type Self,
  type System,
  TimerRegister,
  Uart,
  UartControl,
  type UartOptions,
  UartRegister,
  UartStatus,
} from "../hal/host/index.js";
import { play } from "./support.js";

const test = suite("device");

/** No tick in a whole test: every cycle is a task's or a device's. */
const TICKLESS: MachineOptions = { tickCycles: 0x10000000 };
const LINE = 5;
const ACCESS_COST = 8;
const FIFO = 64;
const { DATA, STATUS, CONTROL, OVERRUNS, LEVEL, QUEUED, ENABLE, DISABLE } = UartRegister;
const { LISTEN, ON_RECEIVE, ON_ROOM } = UartControl;

function machineOf(system: System): Machine {
  return system.semaphore().machine;
}

/** A UART without the console's driver. */
function uartOn(system: System, options: UartOptions = { baud: 1_000_000 }): Uart {
  return new Uart(machineOf(system), LINE, options);
}

/** Lets time pass so that the next register access takes effect at this cycle. */
function* reach(self: Self, cycle: number) {
  yield* self.compute(cycle - self.cycles - ACCESS_COST);
}

function* readAt(self: Self, device: { read: Uart["read"] }, register: number, cycle: number) {
  yield* reach(self, cycle);
  const value = yield* device.read(register);
  assert.is(self.cycles, cycle);
  return value;
}

/** Cycles at which this line was raised. */
function raises(m: Machine, line: number): number[] {
  return m.trace.filter((r) => r.event === "RAISE" && (r.object & 0xff) === line).map((r) => r.cycles);
}

/** Runs one task beside a device, without ticks, and checks the kernel after every step. */
function alone<D>(make: (system: System) => D, body: (self: Self, device: D) => Generator, options: MachineOptions = {}): Machine {
  const app = (system: System) => {
    const device = make(system);
    system.task("driver", {}, (self) => body(self, device) as ReturnType<typeof idle>);
  };
  return play(app, { ...TICKLESS, ...options }).machine;
}

function* idle(self: Self) {
  yield* self.yield();
}

function letters(count: number): Uint8Array {
  return Uint8Array.from({ length: count }, (_, i) => 97 + (i % 26));
}

// Registers

test("a register access takes 8 cycles, and is traced with the register and its value", () => {
  const m = alone(uartOn, function* (self, uart) {
    const before = self.cycles;
    assert.is(yield* uart.write(ENABLE, ON_ROOM), ON_ROOM);
    assert.is(yield* uart.read(CONTROL), ON_ROOM);
    assert.is(self.cycles - before, 2 * ACCESS_COST);
  });
  const accesses = m.trace.filter((r) => r.event === "DEVICE").map((r) => [r.first, r.second]);
  assert.equal(accesses, [
    [~ENABLE, ON_ROOM],
    [CONTROL, ON_ROOM],
  ]);
});

test("a register that there is not fails the task that touches it", () => {
  const touches: [make: (system: System) => Pick<Uart, "read" | "write">, read: number, write: number][] = [
    [uartOn, ENABLE, STATUS],
    [(system) => system.gpio(), 9, GpioRegister.IN],
    [(system) => system.hardwareTimer(), 9, 9],
  ];
  for (const [make, read, write] of touches) {
    const reading = boot((system) => {
      const device = make(system);
      system.task("t", {}, function* () {
        yield* device.read(read);
      });
    });
    assert.throws(
      () => reading.run(),
      (error: unknown) => error instanceof AppError && error.message.includes(String(read)),
    );
    const writing = boot((system) => {
      const device = make(system);
      system.task("t", {}, function* () {
        yield* device.write(write, 1);
      });
    });
    assert.throws(
      () => writing.run(),
      (error: unknown) => error instanceof AppError && error.message.includes(String(write)),
    );
  }
});

test("registers are words of 32 bits without a sign", () => {
  play((system) => {
    const gpio = system.gpio();
    system.task("t", {}, function* () {
      assert.is(yield* gpio.write(GpioRegister.OUT, -1), 0xffffffff);
      assert.is(yield* gpio.read(GpioRegister.OUT), 0xffffffff);
      assert.ok(gpio.level(31));
      yield* gpio.write(GpioRegister.OUT, 0x1_0000_0002);
      assert.is(yield* gpio.read(GpioRegister.OUT), 2);
    });
  });
});

test("an access that an event cuts happens once, when it is repeated", () => {
  const input = letters(60);
  for (let offset = 0; offset < 20; offset++) {
    const got: number[] = [];
    alone(
      uartOn,
      function* (self, uart) {
        yield* uart.write(ENABLE, LISTEN | ON_RECEIVE);
        // The 32nd byte raises the line, in the middle of one of these reads.
        yield* self.compute(31 * uart.byteCycles + 140 + offset);
        while (got.length < input.length) {
          if ((yield* uart.read(LEVEL)) === 0) yield* self.compute(uart.byteCycles);
          else got.push(yield* uart.read(DATA));
        }
      },
      { input },
    );
    assert.equal(Uint8Array.from(got), input);
  }
});

// UART: receiving

test("bytes arrive at the baud rate, to the cycle, from when the receiver listens", () => {
  const rates = { 9600: 16667, 115200: 1389, 1000000: 160, 16000000: 10 };
  for (const [baud, byteCycles] of Object.entries(rates)) {
    alone(
      (system) => uartOn(system, { baud: Number(baud) }),
      function* (self, uart) {
        assert.is(uart.byteCycles, byteCycles);
        yield* self.compute(12345);
        assert.is(yield* uart.read(LEVEL), 0);
        yield* uart.write(ENABLE, LISTEN);
        const start = self.cycles;
        for (const byte of [1, 2, 3, 40]) {
          // Two accesses do not fit into the time of one byte at the highest rate.
          if (byteCycles > 10) assert.is(yield* readAt(self, uart, LEVEL, start + byte * byteCycles - 1 - ACCESS_COST), byte - 1);
          assert.is(yield* readAt(self, uart, LEVEL, start + byte * byteCycles), byte);
        }
      },
      { input: letters(50) },
    );
  }
});

test("the FIFO gives bytes in the order in which they came, and 0 when it is empty", () => {
  alone(
    uartOn,
    function* (self, uart) {
      assert.is(yield* uart.read(DATA), 0);
      yield* uart.write(ENABLE, LISTEN);
      yield* self.compute(10 * uart.byteCycles);
      for (const byte of [7, 0, 255]) assert.is(yield* uart.read(DATA), byte);
      assert.is(yield* uart.read(DATA), 0);
    },
    { input: Uint8Array.of(7, 0, 255) },
  );
});

test("STATUS tells bytes to read, room to write, the end of the input, and that all is sent", () => {
  alone(
    uartOn,
    function* (self, uart) {
      const { RECEIVED, ROOM, ENDED, SENT } = UartStatus;
      assert.is(yield* uart.read(STATUS), ROOM | SENT);
      yield* uart.write(ENABLE, LISTEN);
      const start = self.cycles;
      assert.is(yield* readAt(self, uart, STATUS, start + uart.byteCycles), RECEIVED | ROOM | SENT);
      yield* uart.write(DATA, 1);
      assert.is(yield* uart.read(STATUS), RECEIVED | ROOM);
      yield* uart.read(DATA);
      // The end takes the place of a byte behind the last one, and is not known before.
      assert.is((yield* readAt(self, uart, STATUS, start + 2 * uart.byteCycles - 1)) & ENDED, 0);
      assert.is((yield* uart.read(STATUS)) & ENDED, ENDED);
      const view = self.buffer(FIFO);
      yield* uart.send(view);
      yield* uart.send(view);
      assert.is(yield* uart.read(STATUS), ENDED);
    },
    { input: "x" },
  );
});

test("with flow control the sender pauses while the FIFO is full, and goes on one byte time after there is room", () => {
  const input = letters(200);
  alone(
    uartOn,
    function* (self, uart) {
      yield* uart.write(ENABLE, LISTEN);
      yield* self.compute(500 * uart.byteCycles);
      assert.is(yield* uart.read(LEVEL), FIFO);
      const got = [yield* uart.read(DATA)];
      const room = self.cycles;
      assert.is(yield* readAt(self, uart, LEVEL, room + uart.byteCycles - 1), FIFO - 1);
      assert.is(yield* uart.read(LEVEL), FIFO);
      while (got.length < input.length) {
        for (let level = yield* uart.read(LEVEL); level > 0; level--) got.push(yield* uart.read(DATA));
        yield* self.compute(90 * uart.byteCycles);
      }
      assert.equal(Uint8Array.from(got), input);
      assert.is(yield* uart.read(OVERRUNS), 0);
    },
    { input },
  );
});

test("a full FIFO that is read in time does not make the sender pause", () => {
  alone(
    uartOn,
    function* (self, uart) {
      yield* uart.write(ENABLE, LISTEN);
      const start = self.cycles;
      yield* readAt(self, uart, DATA, start + FIFO * uart.byteCycles + 20);
      assert.is(yield* readAt(self, uart, LEVEL, start + (FIFO + 1) * uart.byteCycles), FIFO);
    },
    { input: letters(100) },
  );
});

test("without flow control every byte that does not fit is lost and counted, and the FIFO keeps the first", () => {
  const input = letters(200);
  const m = alone(
    (system) => uartOn(system, { baud: 1_000_000, flow: "none" }),
    function* (self, uart) {
      yield* uart.write(ENABLE, LISTEN);
      const start = self.cycles;
      assert.is(yield* readAt(self, uart, OVERRUNS, start + FIFO * uart.byteCycles), 0);
      assert.is(yield* readAt(self, uart, OVERRUNS, start + (FIFO + 1) * uart.byteCycles), 1);
      yield* self.compute(500 * uart.byteCycles);
      assert.is(yield* uart.read(OVERRUNS), input.length - FIFO);
      assert.is(uart.overruns, input.length - FIFO);
      for (const byte of input.subarray(0, FIFO)) assert.is(yield* uart.read(DATA), byte);
      assert.is(yield* uart.read(LEVEL), 0);
    },
    { input },
  );
  assert.is((m.devices[0] as Uart).overruns, input.length - FIFO);
});

// UART: sending

test("bytes leave at the baud rate, to the cycle, and what does not fit into the FIFO is dropped", () => {
  const m = alone(
    (system) => uartOn(system, { baud: 9600 }),
    function* (self, uart) {
      yield* uart.write(DATA, 97);
      const start = self.cycles;
      for (let i = 1; i < FIFO + 10; i++) yield* uart.write(DATA, 97 + (i % 26));
      assert.is(yield* uart.read(QUEUED), FIFO);
      assert.is(yield* readAt(self, uart, QUEUED, start + uart.byteCycles - 1), FIFO);
      assert.is(yield* uart.read(QUEUED), FIFO - 1);
      assert.is(yield* readAt(self, uart, QUEUED, start + FIFO * uart.byteCycles - 1), 1);
      assert.is(yield* uart.read(QUEUED), 0);
    },
  );
  assert.is(m.output, new TextDecoder().decode(letters(FIFO)));
});

test("what was sent is seen from outside when the last byte has left, also if nobody touches the UART again", () => {
  let start = 0;
  const m = boot((system) => {
    const uart = uartOn(system);
    system.task("t", {}, function* (self) {
      yield* uart.write(DATA, 104);
      start = self.cycles;
      yield* uart.write(DATA, 105);
      yield* self.compute(1_000_000);
    });
  }, TICKLESS);
  let shown = 0;
  m.onOutput = () => {
    shown = m.cycles;
  };
  m.runUntil(() => m.output === "hi");
  assert.is(shown, start + 320);
});

test("a burst takes 12 cycles and one a byte, and moves no more than there is or fits", () => {
  const input = letters(40);
  const m = alone(
    uartOn,
    function* (self, uart) {
      const view = self.buffer(FIFO);
      yield* uart.write(ENABLE, LISTEN);
      yield* self.compute(39 * uart.byteCycles);
      const before = self.cycles;
      assert.is(yield* uart.receive(view, 30), 30);
      assert.is(self.cycles - before, 12 + 30);
      assert.equal(view.bytes(30), input.subarray(0, 30));
      assert.is(yield* uart.receive(view), 9);
      assert.is(yield* uart.receive(view), 0);
      view.copy(letters(FIFO));
      const sending = self.cycles;
      assert.is(yield* uart.send(view, 50), 50);
      assert.is(self.cycles - sending, 12 + 50);
      assert.is(yield* uart.send(view), FIFO - 50);
    },
    { input },
  );
  assert.is(m.output, new TextDecoder().decode(letters(50)) + new TextDecoder().decode(letters(FIFO - 50)));
});

test("the trace tells bursts of other bytes apart", () => {
  const hashOf = (input: string) =>
    alone(
      uartOn,
      function* (self, uart) {
        yield* uart.write(ENABLE, LISTEN);
        yield* self.compute(10 * uart.byteCycles);
        yield* uart.receive(self.buffer(8));
      },
      { input },
    ).hash;
  assert.is(hashOf("abc"), hashOf("abc"));
  assert.is.not(hashOf("abc"), hashOf("abd"));
  assert.is.not(hashOf("abc"), hashOf("acb"));
});

// UART: interrupts

test("the line is raised by the 32nd byte, and once more only when its condition came true again", () => {
  let start = 0;
  const m = alone(
    uartOn,
    function* (self, uart) {
      yield* uart.write(ENABLE, LISTEN | ON_RECEIVE);
      start = self.cycles;
      yield* self.compute(50 * uart.byteCycles);
      yield* uart.receive(self.buffer(FIFO));
      yield* self.compute(33 * uart.byteCycles);
    },
    { input: letters(1000) },
  );
  assert.equal(raises(m, LINE), [start + 32 * 160, start + (50 + 32) * 160]);
});

test("the end of the input raises the line one byte time behind the last byte", () => {
  for (const length of [0, 5, 32]) {
    let start = 0;
    const m = alone(
      uartOn,
      function* (self, uart) {
        yield* uart.write(ENABLE, LISTEN | ON_RECEIVE);
        start = self.cycles;
        yield* self.compute(length * uart.byteCycles + 20);
        yield* uart.receive(self.buffer(FIFO));
        yield* self.compute(100 * uart.byteCycles);
      },
      { input: letters(length) },
    );
    const end = start + (length + 1) * 160;
    assert.equal(raises(m, LINE), length === 32 ? [start + 32 * 160, end] : [end]);
  }
});

test("a few bytes from a terminal raise the line after four byte times of silence", () => {
  const app = (system: System) => {
    const uart = uartOn(system);
    system.task("t", {}, function* (self) {
      yield* uart.write(ENABLE, LISTEN | ON_RECEIVE);
      yield* self.sleep(3);
      assert.is(yield* uart.read(LEVEL), 3);
    });
  };
  const m = boot(app, { input: "open" });
  m.input.paced = true;
  assert.is(m.advance({ cycle: 20_000 }), "pace");
  const typed = m.cycles;
  m.type("abc");
  assert.is(m.run(), "finished");
  assert.equal(raises(m, LINE), [typed + (3 + 4) * 160]);
});

test("an interrupt that is enabled again is raised again while its condition holds", () => {
  const m = alone(uartOn, function* (_, uart) {
    yield* uart.write(ENABLE, ON_ROOM);
    yield* uart.write(ENABLE, LISTEN);
    assert.is(raises(uart.machine, LINE).length, 1);
    yield* uart.write(ENABLE, ON_ROOM);
    yield* uart.write(DISABLE, ON_ROOM);
    assert.is(yield* uart.read(CONTROL), LISTEN);
    yield* uart.write(CONTROL, ON_ROOM);
    assert.is(yield* uart.read(CONTROL), ON_ROOM);
  });
  assert.is(raises(m, LINE).length, 3);
});

test("the transmitter raises the line when half of its FIFO is free", () => {
  let start = 0;
  const m = alone(uartOn, function* (self, uart) {
    yield* uart.write(DATA, 1);
    start = self.cycles;
    for (let i = 1; i < FIFO; i++) yield* uart.write(DATA, 1);
    const left = yield* uart.read(QUEUED);
    assert.ok(left > 32);
    yield* uart.write(ENABLE, ON_ROOM);
    yield* self.compute(100 * uart.byteCycles);
  });
  const [raised] = raises(m, LINE);
  assert.is((raised as number) - start, 160 * Math.round(((raised as number) - start) / 160));
  assert.is(raises(m, LINE).length, 1);
});

test("a UART refuses a baud rate or a flow control that there is not", () => {
  for (const baud of [0, -1, Number.NaN, 16_000_001]) {
    assert.throws(
      () => boot((system) => void uartOn(system, { baud })),
      (error: unknown) => error instanceof AppError && error.message.includes(`baud is ${baud}`),
    );
  }
  assert.throws(
    () => boot((system) => void uartOn(system, { flow: "xon" as "rts" })),
    (error: unknown) => error instanceof AppError && error.message.includes('flow is "xon"'),
  );
});

// GPIO

test("an output pin is seen from outside, an input pin by a task", () => {
  alone(
    (system) => system.gpio(),
    function* (_, gpio) {
      yield* gpio.write(GpioRegister.OUT, 0b101);
      assert.equal(
        [0, 1, 2].map((pin) => gpio.level(pin)),
        [true, false, true],
      );
      gpio.drive(4, true);
      gpio.drive(31, true);
      assert.is(yield* gpio.read(GpioRegister.IN), 0x80000010);
      gpio.drive(4, false);
      assert.is(yield* gpio.read(GpioRegister.IN), 0x80000000);
    },
  );
});

test("an edge raises the line if it is enabled for its pin and direction, and pends until it is cleared", () => {
  const m = alone(
    (system) => system.gpio(),
    function* (_, gpio) {
      const { RISE, FALL, PENDING } = GpioRegister;
      yield* gpio.write(RISE, 0b0011);
      yield* gpio.write(FALL, 0b0110);
      for (let pin = 0; pin < 4; pin++) gpio.drive(pin, true);
      assert.is(yield* gpio.read(PENDING), 0b0011);
      // No edge: the level is the same.
      for (let pin = 0; pin < 4; pin++) gpio.drive(pin, true);
      yield* gpio.write(PENDING, 0b0001);
      assert.is(yield* gpio.read(PENDING), 0b0010);
      for (let pin = 0; pin < 4; pin++) gpio.drive(pin, false);
      assert.is(yield* gpio.read(PENDING), 0b0110);
      assert.is(yield* gpio.read(RISE), 0b0011);
      assert.is(yield* gpio.read(FALL), 0b0110);
    },
  );
  assert.is(raises(m, 25).length, 4);
});

test("a pin is driven at a cycle, several in the order of their cycles", () => {
  const m = alone(
    (system) => {
      const gpio = system.gpio({ line: 9 });
      gpio.drive(1, true, 5000);
      gpio.drive(0, true, 3000);
      gpio.drive(0, false, 5000);
      return gpio;
    },
    function* (self, gpio) {
      yield* gpio.write(GpioRegister.RISE, 0xff);
      yield* gpio.write(GpioRegister.FALL, 0xff);
      assert.is(yield* readAt(self, gpio, GpioRegister.IN, 2999), 0);
      assert.is(yield* readAt(self, gpio, GpioRegister.IN, 3010), 1);
      assert.is(yield* readAt(self, gpio, GpioRegister.IN, 4999), 1);
      assert.is(yield* readAt(self, gpio, GpioRegister.IN, 5010), 2);
    },
  );
  assert.equal(raises(m, 9), [3000, 5000, 5000]);
});

test("the oracle chooses the cycle of an edge within its window", () => {
  const asked: [number, number][] = [];
  const seventh: Oracle = {
    asks: false,
    choose(question, choices) {
      asked.push([question, choices]);
      return 7;
    },
  };
  const edgeOf = (options: MachineOptions) => {
    const make = (system: System) => {
      const gpio = system.gpio();
      gpio.drive(0, true, 3000, 100);
      return gpio;
    };
    const body = function* (self: Self, gpio: ReturnType<typeof make>) {
      yield* gpio.write(GpioRegister.RISE, 1);
      yield* self.compute(5000);
    };
    return raises(alone(make, body, options), 25)[0] as number;
  };
  assert.is(edgeOf({}), 3000);
  assert.is(edgeOf({ oracle: seventh }), 3007);
  assert.equal(asked, [[Question.WINDOW, 101]]);
  const seeds = Array.from({ length: 20 }, (_, i) => edgeOf({ seed: i + 1 }));
  assert.ok(seeds.every((cycle) => cycle >= 3000 && cycle <= 3100));
  assert.ok(new Set(seeds).size > 10);
});

test("a pin, a cycle or a window that there is not is refused", () => {
  const drive = (pin: number, cycle?: number, window?: number) => () =>
    boot((system) => void system.gpio().drive(pin, true, cycle, window));
  for (const pin of [-1, 32, 1.5, Number.NaN]) assert.throws(drive(pin), /pin is/);
  for (const cycle of [1000.5, Number.NaN, -1]) assert.throws(drive(0, cycle), /cycle is/);
  for (const window of [-1, 0.5, Number.NaN]) assert.throws(drive(0, 1000, window), /window is/);
});

// Timer

test("a periodic hardware timer does not drift, whatever holds up its handler", () => {
  let start = 0;
  const served: number[] = [];
  const m = play((system) => {
    const timer = system.hardwareTimer();
    system.interrupt(26, {}, function* (irq) {
      served.push(irq.cycles);
      yield* irq.compute(200);
    });
    system.task("t", {}, function* (self) {
      yield* timer.write(TimerRegister.PERIOD, 1000);
      yield* timer.write(TimerRegister.CONTROL, 1);
      start = self.cycles;
      yield* self.compute(2500);
      yield* self.lockInterrupts();
      yield* self.compute(3333);
      yield* self.unlockInterrupts();
      yield* self.compute(4000);
      assert.is(yield* timer.read(TimerRegister.COUNT), Math.floor((self.cycles - start) / 1000));
      yield* timer.write(TimerRegister.CONTROL, 0);
      yield* self.compute(5000);
    });
  }, TICKLESS).machine;
  const expiries = raises(m, 26);
  assert.equal(
    expiries,
    expiries.map((_, i) => start + (i + 1) * 1000),
  );
  assert.ok(expiries.length > 9);
  // Raised while it was pending already: served once.
  assert.ok(served.length < expiries.length);
});

test("a hardware timer runs once, counts, and is reset", () => {
  const m = alone(
    (system) => system.hardwareTimer({ line: 3 }),
    function* (self, timer) {
      const { PERIOD, CONTROL, COUNT } = TimerRegister;
      yield* timer.write(PERIOD, 500);
      assert.is(yield* timer.read(PERIOD), 500);
      yield* timer.write(CONTROL, 3);
      assert.is(yield* timer.read(CONTROL), 3);
      yield* self.compute(5000);
      assert.is(yield* timer.read(COUNT), 1);
      assert.is(yield* timer.read(CONTROL), 0);
      yield* timer.write(COUNT, 0);
      assert.is(yield* timer.read(COUNT), 0);
    },
  );
  assert.is(raises(m, 3).length, 1);
});

test("a period of 0 is refused, before and while the timer runs", () => {
  const start = (...periods: number[]) =>
    alone(
      (system) => system.hardwareTimer(),
      function* (self, timer) {
        for (const period of periods) {
          yield* timer.write(TimerRegister.PERIOD, period);
          yield* timer.write(TimerRegister.CONTROL, 1);
        }
        yield* self.compute(1000);
      },
    );
  assert.throws(() => start(0), /PERIOD is 0/);
  assert.throws(() => start(100, 0), /PERIOD is 0/);
  assert.throws(
    () =>
      alone(
        (system) => system.hardwareTimer(),
        function* (_, timer) {
          yield* timer.write(TimerRegister.CONTROL, 1);
        },
      ),
    /PERIOD is 0/,
  );
});

test("with jitter each expiry falls into its own window behind its time, and the times do not drift", () => {
  const expiriesOf = (options: MachineOptions) => {
    let start = 0;
    const m = alone(
      (system) => system.hardwareTimer({ jitter: 300 }),
      function* (self, timer) {
        yield* timer.write(TimerRegister.PERIOD, 1000);
        yield* timer.write(TimerRegister.CONTROL, 1);
        start = self.cycles;
        yield* self.compute(20_500);
      },
      options,
    );
    return raises(m, 26).map((cycle, i) => cycle - start - (i + 1) * 1000);
  };
  assert.equal(expiriesOf({}), new Array(20).fill(0));
  const late = Array.from({ length: 20 }, (_, seed) => expiriesOf({ seed })).flat();
  assert.is(late.length, 400);
  assert.ok(late.every((cycles) => cycles >= 0 && cycles <= 300));
  assert.ok(new Set(late).size > 100);
  assert.throws(() => boot((system) => void system.hardwareTimer({ jitter: -1 })), /jitter is -1/);
});

// Saving

/** Every device at work: echo, edges in windows, a timer with jitter. */
function busy(system: System): void {
  const console = system.console({ baud: 1_000_000 });
  const gpio = system.gpio();
  const timer = system.hardwareTimer({ jitter: 100 });
  for (let i = 0; i < 20; i++) gpio.drive(i, i % 3 !== 0, 2000 * i, 500);
  system.interrupt(25, {}, function* () {
    yield* gpio.write(GpioRegister.PENDING, yield* gpio.read(GpioRegister.PENDING));
  });
  system.interrupt(26, {}, function* () {
    yield* timer.read(TimerRegister.COUNT);
  });
  system.task("echo", { priority: 9 }, function* (self) {
    const view = self.buffer(32);
    yield* gpio.write(GpioRegister.RISE, -1);
    yield* timer.write(TimerRegister.PERIOD, 700);
    yield* timer.write(TimerRegister.CONTROL, 1);
    for (let n = yield* console.read(view); n > 0; n = yield* console.read(view)) yield* console.write(view.slice(0, n));
  });
  system.task("worker", {}, function* (self) {
    yield* self.compute(60_000);
  });
}

test("a device's state is plain data: saved, put through JSON and restored at every step, the run is the same", () => {
  for (const options of [{}, { seed: 1 }, { seed: 2 }]) {
    const input = letters(300);
    const undisturbed = boot(busy, { input, ...options });
    undisturbed.run();
    const m = boot(busy, { input, ...options });
    while (m.advance({ dispatches: 1 }) === "budget") {
      for (const device of m.devices) {
        const saved = device.save();
        device.restore(JSON.parse(JSON.stringify(saved)));
        assert.equal(device.save(), saved);
      }
    }
    assert.is(m.hash, undisturbed.hash);
    assert.is(m.output, undisturbed.output);
  }
});

test("a restored device has the bytes, the edges and the expiries of the one that was saved", () => {
  alone(
    (system) => ({ uart: uartOn(system), gpio: system.gpio(), timer: system.hardwareTimer() }),
    function* (self, { uart, gpio, timer }) {
      yield* uart.write(ENABLE, LISTEN);
      yield* self.compute(10 * uart.byteCycles);
      yield* uart.write(DATA, 1);
      yield* gpio.write(GpioRegister.OUT, 6);
      gpio.drive(2, true, self.cycles + 3000);
      yield* timer.write(TimerRegister.PERIOD, 2000);
      yield* timer.write(TimerRegister.CONTROL, 1);
      const devices = [uart, gpio, timer];
      const saved = JSON.stringify(devices.map((device) => device.save()));
      yield* uart.receive(self.buffer(4));
      for (let i = 0; i < 9; i++) yield* uart.write(DATA, i);
      yield* gpio.write(GpioRegister.OUT, 0);
      gpio.drive(2, true);
      yield* timer.write(TimerRegister.CONTROL, 0);
      for (const [i, state] of (JSON.parse(saved) as unknown[]).entries()) devices[i]?.restore(state);
      assert.is(yield* uart.read(DATA), 97);
      assert.ok((yield* uart.read(QUEUED)) <= 1);
      assert.ok(gpio.level(2));
      assert.is(yield* gpio.read(GpioRegister.IN), 0);
      yield* self.compute(4000);
      assert.is(yield* gpio.read(GpioRegister.IN), 4);
      assert.is(yield* timer.read(TimerRegister.COUNT), 2);
    },
    { input: letters(20) },
  );
});

test.run();
