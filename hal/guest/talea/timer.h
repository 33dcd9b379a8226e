/* Timers that call a function. The other actions of timer_create need no more than that call. */
#ifndef TALEA_TIMER_H
#define TALEA_TIMER_H
#if defined(__cplusplus)
extern "C" {
#endif

/*
 * A stopped timer, for timer_start(), that runs `callback` with the argument at each expiry, in the timer service: a task above all
 * others, which the first such timer brings, so that is made in the description. A callback that waits delays the others.
 */
int32_t talea_timer_calling(const char *name, talea_entry_t callback, int32_t argument);

/* The same with a callback that takes nothing. */
int32_t talea_timer_running(const char *name, void (*callback)(void));

#if defined(__cplusplus)
}

inline int32_t talea_timer(const char *name, talea_entry_t callback, int32_t argument) {
  return talea_timer_calling(name, callback, argument);
}
inline int32_t talea_timer(const char *name, void (*callback)(void), int32_t) { return talea_timer_running(name, callback); }
#else
/* The same; the callback takes an int32_t, or nothing. */
#define talea_timer(name, callback, argument)                                                        \
  _Generic((callback), void (*)(void)                                                                \
           : talea_timer_running(name, (void (*)(void))(callback)), talea_entry_t                    \
           : talea_timer_calling(name, (talea_entry_t)(void (*)(void))(callback), argument))
#endif
#endif
