/* What a task says about its own signals. A set has bit s for signal s. */
#ifndef TALEA_SIGNAL_H
#define TALEA_SIGNAL_H
#if defined(__cplusplus)
extern "C" {
#endif

#define TALEA_SIGNAL_SET(signal) (1u << (signal))

/* Runs in its task, on top of what that was doing; `sender` is a handle, 0 for none. */
typedef void (*talea_signal_handler_t)(int32_t signal, int32_t sender);

/* From now on `handler` runs at each of these signals; `flags` are of TALEA_SIG_FLAG_. */
int32_t talea_signal_handle(int32_t signal, talea_signal_handler_t handler, uint32_t flags);

/* The signal does nothing from now on; what it does by default. */
int32_t talea_signal_ignore(int32_t signal);
int32_t talea_signal_restore(int32_t signal);

#if defined(__cplusplus)
}
#endif
#endif
