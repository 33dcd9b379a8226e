/* Of <string.h>, what a freestanding program wants; compilers make calls of some of these by themselves. */
#ifndef TALEA_MEMORY_H
#define TALEA_MEMORY_H
#include <stddef.h>
#if defined(__cplusplus)
extern "C" {
#endif

void *memcpy(void *to, const void *from, size_t length);
void *memmove(void *to, const void *from, size_t length);
void *memset(void *to, int byte, size_t length);
int memcmp(const void *one, const void *other, size_t length);
void *memchr(const void *in, int byte, size_t length);
size_t strlen(const char *text);
int strcmp(const char *one, const char *other);
int strncmp(const char *one, const char *other, size_t length);
char *strcpy(char *to, const char *from);
char *strncpy(char *to, const char *from, size_t length);
char *strcat(char *to, const char *from);
char *strchr(const char *text, int character);

#if defined(__cplusplus)
}
#endif
#endif
