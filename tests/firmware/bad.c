/* Tasks that are wrong, each in its own way, and two that are well; for the tests of memory protection. */
#include <talea.h>

static int32_t region;
static uint8_t *shared;
static volatile uint32_t somewhere = 0x2000;
static volatile int *volatile nowhere;
static volatile int index = 40000;
static int32_t lent[16];
TALEA_STACK(own_stack, 2048);

typedef void (*action_t)(int32_t);
static volatile action_t actions[2];

static void wild(int32_t argument) { *(volatile int32_t *)somewhere = argument; }

static void null_load(int32_t argument) { (void)(argument + *nowhere); }

static void stack_overrun(int32_t argument) {
  volatile uint8_t here[32];
  for (int i = 0;; i++) here[i] = (uint8_t)argument;
}

static void stack_underrun(int32_t argument) {
  volatile int32_t here[8];
  for (int i = 0;; i--) here[i] = argument;
}

static void read_only(int32_t argument) {
  object_open(TALEA_KIND_REGION, "shared", TALEA_MODE_READ);
  if (shared[0] != 7) task_exit(9);
  shared[0] = (uint8_t)argument;
}

static void bad_index(int32_t argument) { ((action_t)(uintptr_t)index)(argument); }

static void bad_type(int32_t argument) { ((void (*)(int64_t, double))(uintptr_t)actions[0])(argument, 1.0); }

static int32_t deeper(int32_t n) {
  volatile int32_t pad[8];
  pad[n & 7] = n;
  return n == 0 ? 0 : deeper(n + 1) + pad[n & 7];
}

static void endless(int32_t argument) { talea_printf("%d\n", (int)deeper(argument)); }

static void well(int32_t argument) {
  for (int i = 0; i < 3; i++) {
    task_sleep(4);
    talea_printf("task %d is well at tick %u\n", (int)argument, talea_tick());
  }
}

static void lender(int32_t argument) {
  /* Storage of the program's own is not what the kernel keeps things in, and no region is made of it. */
  int32_t made = region_create("lent", sizeof lent, TALEA_MODE_WRITE, (uint32_t)(uintptr_t)lent);
  talea_printf("%d %d\n", (int)made, (int)argument);
}

#define BAD(name, rank) talea_task(#name, name, .priority = rank, .argument = 3)

int main(void) {
  region = TALEA_MUST(region_create("shared", 64, TALEA_MODE_WRITE, 0));
  shared = (uint8_t *)(uintptr_t)region_address(region);
  shared[0] = 7;
  actions[0] = well;
  talea_task("one", well, .priority = 20, .argument = 1);
  talea_task("two", well, .priority = 1, .argument = 2, .stack = own_stack, .stack_size = sizeof own_stack);
  talea_task("lender", lender, .priority = 19, .argument = 5);
  BAD(wild, 18);
  BAD(null_load, 17);
  BAD(stack_overrun, 16);
  BAD(stack_underrun, 15);
  BAD(read_only, 14);
  BAD(bad_index, 13);
  BAD(bad_type, 12);
  BAD(endless, 11);
}
