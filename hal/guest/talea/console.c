/*
 * Two pipes that everybody has open, and the driver's protocol with the UART. The driver's handler switches its interrupts off when
 * console.out is empty, when console.in is full, and for good at the end of the input; who writes or reads switches them on again.
 */
#include <talea.h>

/* Bytes that the driver takes over whole. */
#define CHUNK 64

static int32_t into;
static int32_t from;
/* All input was read. */
static int ended;

static int32_t opened(int32_t *pipe, const char *name, int32_t mode) {
  if (*pipe <= 0) *pipe = object_open(TALEA_KIND_PIPE, name, mode);
  return *pipe;
}

void talea_console_begin(void) {
  opened(&into, "console.out", TALEA_MODE_WRITE);
  opened(&from, "console.in", TALEA_MODE_READ);
}

static void transmit(void) {
  if ((talea_read_register(TALEA_UART, TALEA_UART_CONTROL) & TALEA_UART_ON_ROOM) == 0)
    talea_write_register(TALEA_UART, TALEA_UART_ENABLE, TALEA_UART_ON_ROOM);
}

/* Before a wait and after a write the transmitter is on. */
static int32_t write_piece(int32_t pipe, const uint8_t *bytes, int32_t length, int wait) {
  int32_t count = pipe_write(pipe, bytes, length, TALEA_NO_WAIT);
  if (count == TALEA_EAGAIN) {
    transmit();
    if (wait) count = pipe_write(pipe, bytes, length, TALEA_FOREVER);
  }
  if (count > 0) transmit();
  return count;
}

int32_t talea_write(const void *bytes, int32_t length) {
  const int32_t pipe = opened(&into, "console.out", TALEA_MODE_WRITE);
  const int wait = !talea_describing() && !talea_interrupting();
  int32_t done = 0;
  while (done < length) {
    const int32_t part = length - done < CHUNK ? length - done : CHUNK;
    const int32_t count = write_piece(pipe, (const uint8_t *)bytes + done, part, wait);
    if (count > 0) done += count;
    else if (done == 0) return count;
    if (count != part) break;
  }
  return done;
}

static int closed(int32_t pipe) {
  talea_pollitem_t item = {pipe, TALEA_POLL_READ, 0, 0};
  object_poll(&item, 1, TALEA_NO_WAIT);
  return (item.ready & TALEA_POLL_CLOSED) != 0;
}

/* Switches the receiver on, unless the input has ended: the driver's handler has closed its end of the pipe then, for good. */
static void listen(int32_t pipe) {
  if (ended || (talea_read_register(TALEA_UART, TALEA_UART_CONTROL) & TALEA_UART_ON_RECEIVE) != 0) return;
  /* The handler must not see the end between the question and its consequence. */
  interrupt_lock();
  if (closed(pipe)) ended = 1;
  else talea_write_register(TALEA_UART, TALEA_UART_ENABLE, TALEA_UART_LISTEN | TALEA_UART_ON_RECEIVE);
  interrupt_unlock();
}

int32_t talea_read(void *buffer, int32_t length, int32_t timeout) {
  const int32_t pipe = opened(&from, "console.in", TALEA_MODE_READ);
  listen(pipe);
  const int32_t count = pipe_read(pipe, buffer, length, timeout);
  listen(pipe);
  return count;
}

int32_t talea_read_line(char *line, int32_t size) {
  int32_t length = 0;
  if (size <= 0) return 0;
  while (length < size - 1 && talea_read(line + length, 1, TALEA_FOREVER) == 1)
    if (line[length++] == '\n') break;
  line[length] = 0;
  return length;
}
