#include <talea.h>

/* The CPU's registers, which the kernel keeps there. */
#define CPU ((const volatile talea_cpu_t *)64)

uint32_t talea_tick(void) { return CPU->tick; }

int talea_describing(void) { return CPU->current < 0 && CPU->depth == 0; }

int talea_interrupting(void) { return CPU->depth > 0; }

int32_t talea_spawn(const char *name, talea_entry_t entry, const talea_options_t *options) {
  const talea_spawn_t parameters = {
      TALEA_ADDRESS(name),
      TALEA_ADDRESS(entry),
      options->argument,
      options->priority,
      options->threshold == 0 ? -1 : options->threshold,
      options->slice == 0 ? 1 : options->slice == TALEA_NO_SLICE ? 0 : options->slice,
      options->flags,
      TALEA_ADDRESS(options->stack),
      options->stack_size == 0 ? TALEA_STACK_SIZE : options->stack_size,
  };
  const int32_t task = task_spawn(&parameters);
  if (task < 0 && talea_describing()) {
    char what[48];
    talea_snprintf(what, sizeof what, "task \"%s\"", name == 0 ? "" : name);
    talea_checked(task, what);
  }
  return task;
}
