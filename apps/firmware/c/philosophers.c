/*
 * The dining philosophers: five at a round table, five forks between them, and everyone eats with two. Each takes the fork on the left,
 * then the one on the right. By default they are lucky; under some schedules all hold their left fork, and wait for ever.
 *
 *     talea run apps/firmware/c/philosophers.c                        all have eaten
 *     talea run apps/firmware/c/philosophers.c --seed 8               a deadlock, with the lines at which they wait
 *     talea run apps/firmware/c/philosophers.c --seed 8 --ordered     each takes the fork with the lower number first: no ring
 */
#include <talea.h>

#define SEATS 5
#define MEALS 3

static int32_t forks[SEATS];
static int ordered;

static void eat(int32_t seat) {
  const int left = seat;
  const int right = (seat + 1) % SEATS;
  const int turned = ordered && left > right;
  for (int meal = 0; meal < MEALS; meal++) {
    mutex_lock(forks[turned ? right : left], TALEA_FOREVER);
    task_compute(3000);
    mutex_lock(forks[turned ? left : right], TALEA_FOREVER);
    task_compute(200);
    mutex_unlock(forks[left]);
    mutex_unlock(forks[right]);
  }
  talea_printf("philosopher %d has eaten\n", seat);
}

int main(void) {
  char word[16] = "";
  talea_argument(0, word, sizeof word - 1);
  ordered = strcmp(word, "--ordered") == 0;
  for (int seat = 0; seat < SEATS; seat++) {
    char name[16];
    talea_snprintf(name, sizeof name, "fork %d", seat);
    forks[seat] = TALEA_MUST(mutex_create(name, 0, 0));
    talea_snprintf(name, sizeof name, "philosopher %d", seat);
    talea_task(name, eat, .priority = 8, .argument = seat);
  }
}
