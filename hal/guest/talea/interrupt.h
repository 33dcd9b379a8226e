/* Interrupt lines: 0 to 31, of which the board's devices have some from 24 on (talea/device.h). */
#ifndef TALEA_INTERRUPT_H
#define TALEA_INTERRUPT_H

/* What a line runs, on top of whatever runs. It waits for nothing: calls have timeout 0. */
typedef void (*talea_handler_t)(int32_t line);

#if defined(__cplusplus)
extern "C" {
#endif

/* From now on `handler` serves the line; priority 0..255, 255 is the most urgent. In the description an error ends the run. */
int32_t talea_serve(int32_t line, talea_handler_t handler, int32_t priority);

#if defined(__cplusplus)
}

template <typename Handler> int32_t talea_interrupt(int32_t line, Handler handler, int32_t priority) {
  return talea_serve(line, talea_entry(handler), priority);
}
#else
/* The same; the handler takes the line or nothing. */
#define talea_interrupt(line, handler, priority) talea_serve(line, TALEA_ENTRY(handler), priority)
#endif
#endif
