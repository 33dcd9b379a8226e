/*
 * Two producers and a consumer around a queue of four messages, the most urgent first. Nothing here takes the machine's RAM: stacks
 * and the queue's storage are the program's own, so that the linker says whether all fits.
 *
 *     talea run apps/firmware/c/producer.c
 */
#include <talea.h>

#define EACH 5
#define SLOTS 4
#define STACK 2048

typedef struct {
  char sensor[8];
  int32_t value;
} sample_t;

TALEA_QUEUE_STORAGE(storage, SLOTS, sizeof(sample_t));
TALEA_STACK(boiler_stack, STACK);
TALEA_STACK(room_stack, STACK);
TALEA_STACK(log_stack, STACK);

static int32_t samples;

static void produce(const char *sensor, int32_t first, int32_t step, int32_t priority, uint32_t pause) {
  for (int i = 0; i < EACH; i++) {
    sample_t sample = {{0}, first + i * step};
    strncpy(sample.sensor, sensor, sizeof sample.sensor - 1);
    queue_send(samples, &sample, sizeof sample, priority, TALEA_FOREVER);
    task_sleep(pause);
  }
}

static void boiler(void) { produce("boiler", 80, 3, 7, 3); }

static void room(void) { produce("room", 19, 1, 1, 1); }

static void log_samples(void) {
  for (int i = 0; i < 2 * EACH; i++) {
    sample_t sample;
    int32_t priority;
    queue_receive(samples, &sample, sizeof sample, &priority, TALEA_FOREVER);
    talea_printf("tick %2u: %-6s %3d degrees, urgency %d\n", talea_tick(), sample.sensor, sample.value, priority);
    task_sleep(2);
  }
}

int main(void) {
  samples = TALEA_MUST(
      queue_create("samples", SLOTS, sizeof(sample_t), TALEA_DISCIPLINE_PRIORITY, TALEA_MODE_PUBLIC, TALEA_ADDRESS(storage)));
  talea_task("boiler", boiler, .priority = 12, .stack = boiler_stack, .stack_size = STACK);
  talea_task("room", room, .priority = 11, .stack = room_stack, .stack_size = STACK);
  talea_task("log", log_samples, .priority = 10, .stack = log_stack, .stack_size = STACK);
}
