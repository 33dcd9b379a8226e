/** The board's devices: registers, touched by calls. hal/host/device/ says what each register does. */
import { device_read, device_write } from "./calls";
import { slot } from "./slot";

/** Registers of the console's UART. */
export const enum UartRegister {
  DATA = 0,
  STATUS = 1,
  CONTROL = 2,
  OVERRUNS = 3,
  LEVEL = 4,
  QUEUED = 5,
  ENABLE = 6,
  DISABLE = 7,
  FOREGROUND = 8,
}

/** Bits of the UART's STATUS. */
export const enum UartStatus {
  RECEIVED = 1,
  ROOM = 2,
  ENDED = 4,
  SENT = 8,
}

/** Bits of the UART's CONTROL, ENABLE and DISABLE. */
export const enum UartControl {
  LISTEN = 1,
  ON_RECEIVE = 2,
  ON_ROOM = 4,
}

/** Registers of the port of 32 pins; PENDING is written 1 to clear. */
export const enum GpioRegister {
  IN = 0,
  OUT = 1,
  RISE = 2,
  FALL = 3,
  PENDING = 4,
}

/** Registers of the timer device: PERIOD in cycles; CONTROL 1 runs, 3 runs once, 0 stops; COUNT of expiries. */
export const enum TimerRegister {
  PERIOD = 0,
  CONTROL = 1,
  COUNT = 2,
}

/** Registers of the motor: DUTY in thousandths, -1000 to 1000; LOAD, the brake's torque in micronewton metres. */
export const enum MotorRegister {
  DUTY = 0,
  LOAD = 1,
}

/** Pins of the GPIO port on which the two channels of the motor's encoder are. Forwards, A comes first. */
export const enum MotorPin {
  A = 16,
  B = 17,
}

/** A device by its number. */
@unmanaged
export class Device {
  /** The value of a register. Ends the caller where there is none. */
  read(register: i32): u32 {
    const own = slot();
    const out = own.take(4);
    if (device_read(changetype<i32>(this), register, out) < 0) abort(`the device has no register ${register}`);
    const value = load<u32>(out);
    own.give(out);
    return value;
  }

  /** Writes a register: 0, or a negative error. */
  write(register: i32, value: u32): i32 {
    return device_write(changetype<i32>(this), register, value);
  }
}

/** The console's UART. */
export const uart: Device = changetype<Device>(1);
/** A port of 32 pins. */
export const gpio: Device = changetype<Device>(2);
/** A timer finer than the tick. */
export const hardwareTimer: Device = changetype<Device>(3);
/** A DC motor with an encoder. */
export const motor: Device = changetype<Device>(4);
