/* The board's devices: registers, touched by calls, and the interrupt lines that they raise. */
#ifndef TALEA_DEVICE_H
#define TALEA_DEVICE_H
#if defined(__cplusplus)
extern "C" {
#endif

#define TALEA_UART 1
#define TALEA_UART_LINE 24
#define TALEA_UART_DATA 0
#define TALEA_UART_STATUS 1 /* TALEA_UART_RECEIVED, ... */
#define TALEA_UART_CONTROL 2 /* TALEA_UART_LISTEN, ... */
#define TALEA_UART_OVERRUNS 3
#define TALEA_UART_LEVEL 4
#define TALEA_UART_QUEUED 5
#define TALEA_UART_ENABLE 6 /* bits to set in CONTROL */
#define TALEA_UART_DISABLE 7 /* bits to clear in it */
#define TALEA_UART_RECEIVED 1
#define TALEA_UART_ROOM 2
#define TALEA_UART_ENDED 4
#define TALEA_UART_SENT 8
#define TALEA_UART_LISTEN 1
#define TALEA_UART_ON_RECEIVE 2
#define TALEA_UART_ON_ROOM 4

/* A port of 32 pins. */
#define TALEA_GPIO 2
#define TALEA_GPIO_LINE 25
#define TALEA_GPIO_IN 0 /* levels */
#define TALEA_GPIO_OUT 1 /* outputs */
#define TALEA_GPIO_RISE 2 /* edges that raise the line */
#define TALEA_GPIO_FALL 3
#define TALEA_GPIO_PENDING 4 /* edges that were seen; a 1 that is written clears one */

/* A timer finer than the tick. */
#define TALEA_TIMER 3
#define TALEA_TIMER_LINE 26
#define TALEA_TIMER_PERIOD 0 /* cycles */
#define TALEA_TIMER_CONTROL 1 /* TALEA_TIMER_RUNS, TALEA_TIMER_ONCE; 0 stops it */
#define TALEA_TIMER_COUNT 2 /* expiries */
#define TALEA_TIMER_RUNS 1
#define TALEA_TIMER_ONCE 3

/* A DC motor. The two channels of its encoder are pins of the port; forwards, A comes first. */
#define TALEA_MOTOR 4
#define TALEA_MOTOR_DUTY 0 /* thousandths, -1000 to 1000 */
#define TALEA_MOTOR_LOAD 1 /* the brake's torque in micronewton metres */
#define TALEA_MOTOR_PIN_A 16
#define TALEA_MOTOR_PIN_B 17

/* The word in a register. Ends the caller where the device has no such register. */
static inline uint32_t talea_read_register(int32_t device, int32_t number) {
  uint32_t word;
  talea_checked(device_read(device, number, &word), "device_read");
  return word;
}

/* Stores a word into a register, likewise. */
static inline void talea_write_register(int32_t device, int32_t number, uint32_t word) {
  talea_checked(device_write(device, number, word), "device_write");
}

/* The levels of the pins, and of one of them. */
static inline uint32_t talea_pins(void) { return talea_read_register(TALEA_GPIO, TALEA_GPIO_IN); }
static inline int talea_pin(int pin) { return (talea_pins() >> pin) & 1; }

/* Drives the outputs: those of the mask become as `levels` says. For whoever alone drives them: it reads, then writes. */
static inline void talea_drive(uint32_t mask, uint32_t levels) {
  const uint32_t before = talea_read_register(TALEA_GPIO, TALEA_GPIO_OUT);
  talea_write_register(TALEA_GPIO, TALEA_GPIO_OUT, (before & ~mask) | (levels & mask));
}

#if defined(__cplusplus)
}
#endif
#endif
