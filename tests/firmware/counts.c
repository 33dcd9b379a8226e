/* The same program as counts.ts: the calls of the one are those of the other. */
#include <talea.h>

static int32_t lock;
static int32_t items;
static volatile int32_t sum;

static void makes(int32_t count) {
  for (int32_t i = 0; i < count; i++) {
    mutex_lock(lock, TALEA_FOREVER);
    sum = sum + i;
    mutex_unlock(lock);
    sem_give(items);
    task_sleep(1);
  }
}

static void takes(int32_t count) {
  for (int32_t i = 0; i < count; i++) {
    sem_take(items, TALEA_FOREVER);
    task_compute(500);
  }
  task_exit(sum);
}

int main(void) {
  lock = mutex_create("lock", 0, 0);
  items = sem_create("items", 0, 0x7fffffff);
  talea_task("makes", makes, .priority = 6, .argument = 5, .stack_size = 1024);
  talea_task("takes", takes, .priority = 7, .argument = 5, .stack_size = 1024);
}
