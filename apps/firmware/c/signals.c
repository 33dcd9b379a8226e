/*
 * A worker that signals reach amid its work: SIGUSR1 asks how far it is, SIGALRM is its own alarm clock, SIGTERM tells it to come to an
 * end. A handler runs on top of what its task was doing, so it only notes that, and the work goes on.
 *
 *     talea run apps/firmware/c/signals.c
 */
#include <talea.h>

static volatile int asked;
static volatile int alarms;
static volatile int told_to_end;

static void on_question(int32_t signal, int32_t sender) {
  (void)signal, (void)sender;
  asked = 1;
}

static void on_alarm(int32_t signal, int32_t sender) {
  (void)signal, (void)sender;
  alarms++;
  task_alarm(10);
}

static void on_end(int32_t signal, int32_t sender) {
  (void)signal, (void)sender;
  told_to_end = 1;
}

static void work(void) {
  talea_signal_handle(TALEA_SIGUSR1, on_question, 0);
  talea_signal_handle(TALEA_SIGALRM, on_alarm, 0);
  talea_signal_handle(TALEA_SIGTERM, on_end, 0);
  task_alarm(10);
  uint32_t turns = 0;
  /* No call in this loop: the handlers come all the same. */
  while (!told_to_end) {
    turns++;
    if (!asked) continue;
    asked = 0;
    talea_printf("worker: %s, %d alarms so far\n", turns > 1000 ? "more than 1000 turns" : "only begun", alarms);
  }
  talea_printf("worker: told to end after %d alarms\n", alarms);
  task_exit(alarms);
}

static void chief(int32_t worker) {
  for (int i = 0; i < 2; i++) {
    task_sleep(25);
    signal_send(worker, TALEA_SIGUSR1);
  }
  task_sleep(25);
  signal_send(worker, TALEA_SIGTERM);
  int32_t status;
  task_join(worker, &status, TALEA_FOREVER);
  talea_printf("chief: the worker ended with status %d\n", status);
}

TALEA_DESCRIPTION {
  const int32_t worker = talea_task("worker", work, .priority = 5);
  talea_task("chief", chief, .priority = 10, .argument = worker);
}
