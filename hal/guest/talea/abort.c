/* The board's abort takes text as AssemblyScript has it: UTF-16, and how many bytes in the word before it. */
#include <talea.h>

#define LONGEST 120

__attribute__((import_module("env"), import_name("abort"), noreturn)) void env_abort(const uint16_t *message, const uint16_t *file,
                                                                                     uint32_t line, uint32_t column);

/* What is here has ended by the time of the next. */
static struct {
  uint32_t bytes;
  uint16_t units[LONGEST];
} said;

void talea_abort(const char *why) {
  uint32_t length = 0;
  for (; why[length] != 0 && length < LONGEST; length++) said.units[length] = (uint8_t)why[length];
  said.bytes = 2 * length;
  env_abort(said.units, 0, 0, 0);
}

int32_t talea_checked(int32_t result, const char *what) {
  if (result >= 0) return result;
  char sentence[LONGEST + 1];
  talea_snprintf(sentence, sizeof sentence, "%.60s: %s", what, talea_error(result));
  talea_abort(sentence);
}
