/*
 * The lost update: two tasks count to 40000 together in one variable. Each loads it and stores it plus one; whoever is preempted in
 * between stores over all that the other one counted meanwhile. With a mutex around it nothing is lost.
 *
 *     talea run apps/firmware/c/shared.c                          tasks are preempted where loops begin their next turn: all is well
 *     talea run apps/firmware/c/shared.c --grain access           and between a load and its store, too: the first round loses
 *     talea run apps/firmware/c/shared.c --grain access --seed 3  other updates, the same ones each time
 */
#include <talea.h>

#define EACH 20000

static volatile int32_t count;
static int32_t lock;

static void count_plainly(void) {
  for (int i = 0; i < EACH; i++) count = count + 1;
}

static void count_locked(void) {
  for (int i = 0; i < EACH; i++) {
    mutex_lock(lock, TALEA_FOREVER);
    count = count + 1;
    mutex_unlock(lock);
  }
}

static void round_of(const char *name, void (*counting)(void)) {
  count = 0;
  const int32_t one = talea_task("one", counting, .priority = 8);
  const int32_t other = talea_task("other", counting, .priority = 8);
  task_join(one, 0, TALEA_FOREVER);
  task_join(other, 0, TALEA_FOREVER);
  talea_printf("%-7s expected %d, got %d\n", name, 2 * EACH, count);
}

static void rounds(void) {
  round_of("no lock", count_plainly);
  round_of("mutex", count_locked);
}

int main(void) {
  lock = TALEA_MUST(mutex_create("lock", 0, 0));
  talea_task("main", rounds, .priority = 10);
}
