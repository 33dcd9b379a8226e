/* How code says that it cannot go on: the task ends as failed, and the run's report names the line. */
#ifndef TALEA_ABORT_H
#define TALEA_ABORT_H
#if defined(__cplusplus)
extern "C" {
#endif

/* Ends the caller with this sentence; in the description and in an interrupt handler, the run. */
__attribute__((noreturn)) void talea_abort(const char *why);

/* What an error is called and means: "ETIMEDOUT, ...". */
const char *talea_error(int32_t error);

/* Ends the caller unless `result` is 0 or more: "what: EBADF, ...". Returns it. */
int32_t talea_checked(int32_t result, const char *what);

/* A call that must not fail, as in `lock = TALEA_MUST(mutex_create("lock", 0, 0))`. Its value is the call's. */
#define TALEA_MUST(call) talea_checked((call), #call)

/* Ends the caller unless it holds. */
#define talea_assert(holds) ((holds) ? (void)0 : talea_abort("it does not hold: " #holds))

#if defined(__cplusplus)
}
#endif
#endif
