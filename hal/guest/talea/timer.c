/* The timer service runs the callbacks of timers, in order of expiry. */
#include <talea.h>

#define PRIORITY 63

static void serve(int32_t argument) {
  (void)argument;
  for (;;) {
    talea_callback_t due;
    /* A handler that a callback installed has run, or somebody aborted the wait. */
    if (timer_service(&due, TALEA_FOREVER) < 0) continue;
    ((talea_entry_t)(uintptr_t)due.entry)(due.argument);
  }
}

static void begin(void) {
  static int running;
  if (running) return;
  if (!talea_describing()) talea_abort("the first timer with a callback must be made in the description: it brings the timer service");
  running = 1;
  const talea_options_t options = {PRIORITY, 0, TALEA_NO_SLICE, 0, TALEA_TASK_FLAG_DAEMON, 0, 0};
  talea_spawn("timer service", serve, &options);
}

int32_t talea_timer_calling(const char *name, talea_entry_t callback, int32_t argument) {
  begin();
  const int32_t timer = timer_create(name, TALEA_ACTION_CALLBACK, (int32_t)TALEA_ADDRESS(callback), argument);
  return talea_describing() ? talea_checked(timer, "talea_timer") : timer;
}

/* What a callback that takes nothing is called by: its type says so. */
static void run(int32_t callback) { ((void (*)(void))(uintptr_t)callback)(); }

int32_t talea_timer_running(const char *name, void (*callback)(void)) {
  return talea_timer_calling(name, run, (int32_t)TALEA_ADDRESS(callback));
}
