/* The console: what the machine says and is told. An interrupt handler and the description do not wait for it. */
#ifndef TALEA_CONSOLE_H
#define TALEA_CONSOLE_H
#if defined(__cplusplus)
extern "C" {
#endif

/* Opens both pipes: for the start of the description, as interrupt handlers open nothing. A main finds it done. */
void talea_console_begin(void);

/* Writes bytes; waits while the console has no room. Up to 64 bytes are never mixed with another task's. How many went in. */
int32_t talea_write(const void *bytes, int32_t length);

/* Reads what has come, at most so many bytes; waits for a first one, at most so many ticks. 0: the input has ended. For tasks. */
int32_t talea_read(void *buffer, int32_t length, int32_t timeout);

/*
 * Reads a line with its "\n" into `size` bytes, and a 0 behind it; the length. 0: the input has ended. The last line may lack its
 * "\n", and a line that is too long comes in pieces. For tasks.
 */
int32_t talea_read_line(char *line, int32_t size);

#if defined(__cplusplus)
}
#endif
#endif
