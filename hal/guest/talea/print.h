/* Text from a format. */
#ifndef TALEA_PRINT_H
#define TALEA_PRINT_H
#include <stdarg.h>
#if defined(__cplusplus)
extern "C" {
#endif

/*
 * As printf: %d %i %u %x %X %o %c %s %p %f %%, with the flags - 0 + space #, width and precision (also *), and hh h l ll z t j
 * before the letter; %f has at most 9 decimals. What comes to 64 bytes is never mixed with another task's. The bytes of the text.
 */
__attribute__((format(printf, 1, 2))) int32_t talea_printf(const char *format, ...);

/* The same with a list of arguments. */
__attribute__((format(printf, 1, 0))) int32_t talea_vprintf(const char *format, va_list arguments);

/* As snprintf: at most size - 1 bytes and a 0 go to `buffer`; the bytes that the whole text has. */
__attribute__((format(printf, 3, 4))) int32_t talea_snprintf(char *buffer, size_t size, const char *format, ...);
__attribute__((format(printf, 3, 0))) int32_t talea_vsnprintf(char *buffer, size_t size, const char *format, va_list arguments);

/* Text, and the end of the line. */
int32_t talea_puts(const char *text);

#if defined(__cplusplus)
}
#endif
#endif
