/* Tasks: how they are made and the stacks on which they run. */
#ifndef TALEA_TASK_H
#define TALEA_TASK_H
#if defined(__cplusplus)
extern "C" {
#endif

/* Timeouts, in ticks. */
#define TALEA_FOREVER (-1)
#define TALEA_NO_WAIT 0

/* Bytes of a task's stack unless it is said: frames of what waits, from its start up, and the C stack, from its end down. */
#define TALEA_STACK_SIZE 4096
/* A slice without an end: equals run only when it waits or yields. */
#define TALEA_NO_SLICE (-1)

/* A stack that is no part of the machine's RAM but of the program: TALEA_STACK(stack, 4096); */
#define TALEA_STACK(name, bytes) static uint8_t name[bytes] __attribute__((aligned(16)))
/* Room for what a pipe, queue or pool keeps, for the last argument of their creation. */
#define TALEA_PIPE_STORAGE(name, capacity) static uint8_t name[capacity] __attribute__((aligned(8)))
#define TALEA_QUEUE_STORAGE(name, count, size) \
  static uint8_t name[((2 * (count) + 7) & ~7) + (count) * (8 + (((size) + 3) & ~3))] __attribute__((aligned(8)))
#define TALEA_POOL_STORAGE(name, count, size) static uint8_t name[(count) * (((size) + 7) & ~7)] __attribute__((aligned(8)))
/* An address as calls take it: for storage, blocks, names and records. */
#define TALEA_ADDRESS(pointer) ((uint32_t)(uintptr_t)(pointer))

/* What a task or a timer runs. */
typedef void (*talea_entry_t)(int32_t argument);

/* How a task is made. What is 0 is as it says here, so that only what matters must be written. */
typedef struct {
  int32_t priority; /* 0..63, 63 is the most urgent */
  int32_t argument; /* handed to it */
  int32_t slice; /* ticks that it runs before an equal does; 0: one; TALEA_NO_SLICE */
  int32_t threshold; /* only tasks above this preempt it; 0: its priority */
  uint32_t flags; /* TALEA_TASK_FLAG_DETACHED, TALEA_TASK_FLAG_DAEMON */
  void *stack; /* a TALEA_STACK; 0: of RAM */
  uint32_t stack_size; /* its bytes; 0: TALEA_STACK_SIZE */
} talea_options_t;

/* Makes a task that is ready to run; its handle, or an error. In the description an error ends the run with a sentence. */
int32_t talea_spawn(const char *name, talea_entry_t entry, const talea_options_t *options);

/* The tick. */
uint32_t talea_tick(void);

/* Whether this is the description: no task has run yet. Whether an interrupt handler runs. */
int talea_describing(void);
int talea_interrupting(void);

#if defined(__cplusplus)
}

/* A function that takes nothing, an int32_t or a pointer, as an entry. */
inline talea_entry_t talea_entry(talea_entry_t entry) { return entry; }
inline talea_entry_t talea_entry(void (*entry)(void)) { return reinterpret_cast<talea_entry_t>(entry); }
inline talea_entry_t talea_entry(void (*entry)(void *)) { return reinterpret_cast<talea_entry_t>(entry); }

template <typename Entry> int32_t talea_task(const char *name, Entry entry, const talea_options_t &options) {
  return talea_spawn(name, talea_entry(entry), &options);
}
#else
/* A function that takes nothing, an int32_t or a pointer, as an entry. */
#define TALEA_ENTRY(entry)                                    \
  _Generic((entry), talea_entry_t                             \
           : (entry), void (*)(void)                          \
           : (talea_entry_t)(void (*)(void))(entry), void (*)(void *) \
           : (talea_entry_t)(void (*)(void))(entry))

/* Makes a task: talea_task("led", led, .priority = 10, .stack_size = 8192). */
#define talea_task(name, entry, ...) talea_spawn(name, TALEA_ENTRY(entry), &(talea_options_t){__VA_ARGS__})
#endif

/* The system description, which runs once, before any task does: TALEA_DESCRIPTION { ... }. A plain main does as well. */
#define TALEA_DESCRIPTION             \
  static void talea_described(void); \
  int main(void) {                    \
    talea_described();                \
    return 0;                         \
  }                                   \
  static void talea_described(void)

#endif
