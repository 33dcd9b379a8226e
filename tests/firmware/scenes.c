/* Small scenes for the tests of C; the first word of the command line says which is played. */
#include <string.h>
#include <talea.h>

#include "scenes.h"

static char word[16];
static volatile int32_t zero;
static volatile int32_t count;
static int32_t unit;

/* Printing. */

static void prints(void) {
  char room[8];
  talea_printf("%d %i %u|%x %X %o|%c%c|%s|%%\n", -5, 7, 4000000000u, 48879, 48879, 8, 'o', 'k', "text");
  talea_printf("%5d|%-5d|%05d|%+d|% d|%.3d|%8.3d\n", 42, 42, -42, 42, 42, 7, -7);
  talea_printf("%#x %#o %08x %-8x| %p\n", 255, 8, 255, 255, (void *)114688);
  talea_printf("%ld %lu %lx %lld %llu %zu %hhd\n", -2147483647L, 4294967295UL, 1L, -9223372036854775807LL, 18446744073709551615ULL,
               sizeof(room), (signed char)3);
  talea_printf("%10s|%-10s|%.2s|%*s|%-*s|%.*s|%s\n", "right", "left", "cut", 4, "w", 4, "l", 1, "xyz", (const char *)0);
  talea_printf("%f %.2f %.0f %8.1f %-8.1f| %08.3f %+.1f\n", 1.5, 2.005, 2.5, -3.14, 3.14, -3.14159, 1.0);
  talea_printf("%.3f %f %f %.9f\n", 0.9996, 1e300, zero / 0.0, 0.123456789);
  const char *odd = "%y %";
  talea_printf(odd, 1);
  talea_printf("\n");
  talea_printf("%d of '%s'\n", talea_snprintf(room, sizeof room, "longer than %d", 8), room);
  talea_puts("a line");
  talea_printf("%s\n", "a text of more than sixty-four bytes is written in pieces, one behind the other, and none is lost");
}

/* Memory and text. */

static void remembers(void) {
  char a[40] = "0123456789";
  volatile size_t ten = 10;
  memmove(a + 2, a, ten);
  talea_printf("%s ", a);
  memmove(a, a + 2, ten + 1);
  talea_printf("%s ", a);
  memcpy(a + 20, a, ten);
  memset(a, 'x', ten / 2);
  talea_printf("%.10s %.10s\n", a, a + 20);
  talea_printf("%d %d %d ", memcmp("abc", "abd", 3) < 0, memcmp("abc", "abc", 3), memcmp("\xff", "a", 1) > 0);
  talea_printf("%d %d %d ", strcmp("a", "ab") < 0, strcmp("same", "same"), strncmp("abc", "abd", 2));
  talea_printf("%d %d\n", (int)strlen("four"), (int)strlen(""));
  char b[12];
  strncpy(b, "ab", sizeof b);
  talea_printf("%s %d %d ", b, b[2], b[11]);
  strcat(strcpy(b, "left"), "right");
  talea_printf("%s %s %d %d\n", b, strchr(b, 'r'), strchr(b, '?') == 0, (int)((const char *)memchr(b, 'f', 9) - b));
}

/* What ends a task: the lines are in the tests. */

static int deep(int n) {
  volatile char room[24];
  room[n % 24] = (char)n;
  return n == 0 ? 0 : deep(n - 1) + room[3];
}

static void divides(void) { count = 7 / zero; }

static void checks(void) { talea_assert(zero == 1); }

static void must(void) { TALEA_MUST(sem_take(77, TALEA_NO_WAIT)); }

static void traps(void) { __builtin_trap(); }

static void dives(void) { count = deep(1000000); }

static void dives_a_little(void) { count = deep(10); }

/* A frame of its own that is larger than the stack, in a function that nothing can interrupt. */
static void spreads(void) {
  volatile char room[8000];
  room[zero] = 1;
}

static void jumps(void) { ((void (*)(int32_t))(uintptr_t)(zero + 99))(1); }

static void waits(void) { sem_take(unit, TALEA_FOREVER); }

static void waits_below(void) { waits_in_header(unit); }

/* What protection is for: memory of nobody's, and of another task's stack. */
static int32_t *volatile hers;

static void keeps(void) {
  int32_t mine = 7;
  hers = &mine;
  task_sleep(5);
  talea_printf("hers is %d\n", mine);
}

static void stray(void) {
  task_sleep(1);
  *hers = 1;
}

static void null_store(void) {
  volatile int32_t *nothing = (volatile int32_t *)(uintptr_t)zero; *nothing = 1;
}

/* Preemption. */

static void spins(void) {
  for (;;) count++;
}

static void looks(void) {
  task_sleep(10);
  talea_printf("%s\n", count > 1000 ? "it was preempted" : "it was not");
}

/* The stack of a task stays its own when it is cut amid its frames. */
static uint32_t digest(uint32_t seed, int turns) {
  uint8_t bytes[64];
  for (int i = 0; i < 64; i++) bytes[i] = (uint8_t)(seed * 7 + (uint32_t)i);
  for (int i = 0; i < turns; i++) bytes[i % 64] = (uint8_t)(bytes[(i * 5 + 3) % 64] * 31 + i);
  uint32_t sum = 0;
  for (int i = 0; i < 64; i++) sum = sum * 31 + bytes[i];
  return turns % 3 == 0 ? sum + digest(seed + 1, turns - 1) : sum;
}

static void digests(int32_t seed) { talea_printf("%d: %x\n", seed, digest((uint32_t)seed, 6000)); }

/* Tasks, their signal handlers and interrupt handlers, all with bytes on the C stack that nobody else may touch. */
static volatile int32_t wrong;
static volatile int32_t checked;

static void keep(uint32_t seed, int turns) {
  static const uint32_t known[] = {2, 3, 5, 7, 11, 13, 17, 19};
  volatile uint32_t mine[8];
  for (int i = 0; i < 8; i++) mine[i] = seed * known[i];
  for (int i = 0; i < turns; i++) mine[i % 8] = mine[i % 8] + seed;
  if (turns > 1 && turns % 2 == 0) keep(seed + 1, turns / 2);
  for (int i = 0; i < turns; i++) mine[i % 8] = mine[i % 8] - seed;
  for (int i = 0; i < 8; i++)
    if (mine[i] != seed * known[i]) wrong = 1;
  checked = 1;
}

/* Calls nobody, so the compiler keeps its bytes below the C stack without saying so. */
__attribute__((noinline)) static void keep_below(uint32_t seed, int turns) {
  volatile uint32_t mine[8];
  for (int i = 0; i < 8; i++) mine[i] = seed;
  for (int i = 0; i < turns; i++) mine[i % 8] = mine[i % 8] + 1;
  for (int i = 0; i < turns; i++) mine[i % 8] = mine[i % 8] - 1;
  for (int i = 0; i < 8; i++)
    if (mine[i] != seed) wrong = 2;
}

static void on_storm(int32_t signal, int32_t sender) { keep((uint32_t)signal + (uint32_t)sender, 24); }

static void on_flash(int32_t line) { keep((uint32_t)line, 12); }

static void endures(int32_t seed) {
  talea_signal_handle(TALEA_SIGUSR1, on_storm, 0);
  for (int i = 0; i < 40; i++) {
    keep((uint32_t)(seed + i), 128);
    keep_below((uint32_t)(seed + i), 256);
  }
}

static void storms(int32_t victim) {
  task_sleep(4);
  for (int i = 0; i < 60; i++) {
    signal_send(victim, TALEA_SIGUSR1);
    irq_raise(3 + i % 2);
    if (i % 3 == 0) task_sleep(1);
    keep((uint32_t)i, 16);
  }
}

static int32_t victims[2];

static void sums(void) {
  for (int i = 0; i < 2; i++) task_join(victims[i], 0, TALEA_FOREVER);
  talea_printf("%d wrong of %s\n", wrong, checked ? "many" : "none");
}

/* Signals, timers, interrupts, static storage. */

static void on_signal(int32_t signal, int32_t sender) { talea_printf("signal %d from itself: %d\n", signal, sender == task_self()); }

static void signals(void) {
  talea_signal_handle(TALEA_SIGUSR1, on_signal, 0);
  signal_send(task_self(), TALEA_SIGUSR1);
  talea_signal_ignore(TALEA_SIGUSR1);
  signal_send(task_self(), TALEA_SIGUSR1);
  talea_signal_restore(TALEA_SIGUSR1);
  signal_send(task_self(), TALEA_SIGUSR1);
}

static void tick(int32_t by) { count = count + by; }

static void plain_tick(void) { count = count + 100; }

static void timed(void) {
  task_sleep(35);
  talea_printf("%d\n", count);
}

static void served(int32_t line) {
  count = line;
  sem_give(unit);
}

static void raises(void) {
  irq_raise(3);
  sem_take(unit, TALEA_FOREVER);
  talea_printf("line %d\n", count);
}

static void presses(void) {
  talea_write_register(TALEA_GPIO, TALEA_GPIO_PENDING, 1u << 4);
  sem_give(unit);
}

static void lights(void) {
  for (int i = 0; i < 2; i++) {
    sem_take(unit, TALEA_FOREVER);
    talea_drive(6, i == 0 ? 2 : 4);
    talea_printf("tick %u: pin 4 is %d\n", talea_tick(), talea_pin(4));
  }
}

/* Guards on both sides of what the kernel is lent. */
#define GUARD 0x5a5a5a5a
static struct {
  uint32_t before;
  uint32_t room[2 + 3 * (2 + 2)];
  uint32_t behind;
} lent_queue;
TALEA_QUEUE_STORAGE(queue_room, 3, 6);
TALEA_PIPE_STORAGE(pipe_room, 13);
TALEA_POOL_STORAGE(pool_room, 4, 12);
TALEA_STACK(stack, 2048);

static void fills(void) {
  int32_t queue = TALEA_MUST(queue_create("q", 3, 6, 0, TALEA_MODE_PUBLIC, TALEA_ADDRESS(lent_queue.room)));
  TALEA_MUST(queue_create("r", 3, 6, 0, TALEA_MODE_PUBLIC, TALEA_ADDRESS(queue_room)));
  int32_t pipe = TALEA_MUST(pipe_create("p", 13, TALEA_MODE_PUBLIC, TALEA_ADDRESS(pipe_room)));
  int32_t pool = TALEA_MUST(pool_create("b", 4, 12, TALEA_ADDRESS(pool_room)));
  for (int i = 0; i < 3; i++) queue_send(queue, "\xff\xff\xff\xff\xff\xff", 6, 0, TALEA_NO_WAIT);
  int32_t full = queue_send(queue, "x", 1, 0, TALEA_NO_WAIT);
  int32_t written = pipe_write(pipe, "0123456789abc", 13, TALEA_NO_WAIT);
  for (int i = 0; i < 4; i++) memset((void *)(uintptr_t)TALEA_MUST(pool_alloc(pool, TALEA_NO_WAIT)), 0xff, 16);
  char here;
  talea_printf("%d %d %d ", full, written, pool_alloc(pool, TALEA_NO_WAIT));
  talea_printf("%d %d ", lent_queue.before == GUARD, lent_queue.behind == GUARD);
  talea_printf("%d %d %d ", (int)sizeof queue_room, (int)sizeof pipe_room, (int)sizeof pool_room);
  talea_printf("%d\n", &here >= (char *)stack && &here < (char *)stack + sizeof stack);
}

/* Input, words, chance. */

static void echoes(void) {
  char line[10];
  for (int32_t n; (n = talea_read_line(line, sizeof line)) > 0;) talea_printf("%d[%s]", n, line);
  char second[8] = "";
  talea_printf("%d %d %s\n", talea_argument(1, second, 7), talea_argument(9, second, 7), second);
}

static int is(const char *scene) { return strcmp(word, scene) == 0; }

int main(void) {
  talea_argument(0, word, sizeof word - 1);
  lent_queue.before = lent_queue.behind = GUARD;
  unit = TALEA_MUST(sem_create("unit", 0, 9));
  if (is("prints")) talea_task("prints", prints, .priority = 5);
  if (is("remembers")) talea_task("remembers", remembers, .priority = 5);
  if (is("traps")) {
    talea_task("divides", divides, .priority = 9);
    talea_task("checks", checks, .priority = 8);
    talea_task("must", must, .priority = 7);
    talea_task("traps", traps, .priority = 6);
    talea_task("jumps", jumps, .priority = 5);
  }
  if (is("dives")) {
    talea_task("other", digests, .priority = 6, .argument = 1);
    talea_task("dives", dives, .priority = 6);
    talea_task("spreads", spreads, .priority = 6);
    talea_task("little", dives_a_little, .priority = 6, .stack_size = 1536);
  }
  if (is("strays")) {
    talea_task("keeps", keeps, .priority = 7);
    talea_task("stray", stray, .priority = 6);
    talea_task("null", null_store, .priority = 5);
  }
  if (is("deadlock")) {
    talea_task("waits", waits, .priority = 5);
    talea_task("below", waits_below, .priority = 4);
  }
  if (is("spins")) {
    talea_task("spins", spins, .priority = 5, .flags = TALEA_TASK_FLAG_DAEMON);
    talea_task("looks", looks, .priority = 9);
  }
  if (is("digests"))
    for (int i = 0; i < 4; i++) talea_task(0, digests, .priority = 5, .argument = i);
  if (is("fits")) {
    char size[8] = "";
    talea_argument(1, size, sizeof size - 1);
    uint32_t bytes = 0;
    for (const char *at = size; *at != 0; at++) bytes = 10 * bytes + (uint32_t)(*at - '0');
    for (int i = 0; i < 3; i++) talea_task(0, digests, .priority = 5, .argument = i, .stack_size = i == 1 ? bytes : 4096);
  }
  if (is("storm")) {
    talea_interrupt(3, on_flash, 1);
    talea_interrupt(4, on_flash, 2);
    talea_interrupt(TALEA_TIMER_LINE, on_flash, 3);
    talea_write_register(TALEA_TIMER, TALEA_TIMER_PERIOD, 3331);
    talea_write_register(TALEA_TIMER, TALEA_TIMER_CONTROL, TALEA_TIMER_RUNS);
    victims[0] = talea_task("one", endures, .priority = 5, .argument = 1, .stack_size = 2048);
    victims[1] = talea_task("two", endures, .priority = 5, .argument = 100, .stack_size = 2048);
    talea_task("storms", storms, .priority = 6, .argument = victims[0]);
    talea_task("gales", storms, .priority = 6, .argument = victims[1]);
    talea_task("sums", sums, .priority = 4);
  }
  if (is("signals")) talea_task("signals", signals, .priority = 5);
  if (is("timers")) {
    timer_start(talea_timer(0, tick, 1), 10, 10);
    timer_start(talea_timer(0, plain_tick, 0), 20, 0);
    talea_task("timed", timed, .priority = 5);
  }
  if (is("raises")) {
    talea_interrupt(3, served, 1);
    talea_task("raises", raises, .priority = 5);
  }
  if (is("lights")) {
    talea_interrupt(TALEA_GPIO_LINE, presses, 1);
    talea_write_register(TALEA_GPIO, TALEA_GPIO_RISE, 1u << 4);
    talea_task("lights", lights, .priority = 5);
  }
  if (is("fills")) talea_task("fills", fills, .priority = 5, .stack = stack, .stack_size = sizeof stack);
  if (is("echoes")) talea_task("echoes", echoes, .priority = 5);
  if (is("broken")) talea_task("a name that is too long for a task", looks, .priority = 5);
}
