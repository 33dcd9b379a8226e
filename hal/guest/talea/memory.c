/* The compiler must not take these loops for calls of themselves: no builtins here. Copies and fills are one instruction. */
#include <talea.h>

#define PLAIN __attribute__((no_builtin))

void *memcpy(void *to, const void *from, size_t length) { return __builtin_memmove(to, from, length); }

void *memmove(void *to, const void *from, size_t length) { return __builtin_memmove(to, from, length); }

void *memset(void *to, int byte, size_t length) { return __builtin_memset(to, byte, length); }

PLAIN int memcmp(const void *one, const void *other, size_t length) {
  const uint8_t *a = (const uint8_t *)one;
  const uint8_t *b = (const uint8_t *)other;
  for (size_t i = 0; i < length; i++)
    if (a[i] != b[i]) return a[i] - b[i];
  return 0;
}

PLAIN void *memchr(const void *in, int byte, size_t length) {
  const uint8_t *at = (const uint8_t *)in;
  for (size_t i = 0; i < length; i++)
    if (at[i] == (uint8_t)byte) return (void *)(at + i);
  return 0;
}

PLAIN size_t strlen(const char *text) {
  size_t length = 0;
  while (text[length] != 0) length++;
  return length;
}

PLAIN int strncmp(const char *one, const char *other, size_t length) {
  for (size_t i = 0; i < length; i++) {
    if (one[i] != other[i]) return (uint8_t)one[i] - (uint8_t)other[i];
    if (one[i] == 0) break;
  }
  return 0;
}

int strcmp(const char *one, const char *other) { return strncmp(one, other, (size_t)-1); }

PLAIN char *strncpy(char *to, const char *from, size_t length) {
  size_t i = 0;
  for (; i < length && from[i] != 0; i++) to[i] = from[i];
  for (; i < length; i++) to[i] = 0;
  return to;
}

PLAIN char *strcpy(char *to, const char *from) {
  memcpy(to, from, strlen(from) + 1);
  return to;
}

PLAIN char *strcat(char *to, const char *from) {
  strcpy(to + strlen(to), from);
  return to;
}

PLAIN char *strchr(const char *text, int character) {
  for (;; text++) {
    if (*text == (char)character) return (char *)text;
    if (*text == 0) return 0;
  }
}
