/*
 * A light and a button. A timer changes the light in a callback; the button's interrupt handler gives a semaphore, and a task makes
 * the light twice as fast for each press. Nobody is there to press, so a task that is a finger raises the button's line.
 *
 *     talea run apps/firmware/c/blink.c
 */
#include <talea.h>

#define LIGHT 0
#define BUTTON 8
#define PRESSES 3

static int32_t blinking;
static int32_t pressed;

static void change(void) { talea_drive(1u << LIGHT, ~talea_read_register(TALEA_GPIO, TALEA_GPIO_OUT)); }

static void button(void) {
  talea_write_register(TALEA_GPIO, TALEA_GPIO_PENDING, 1u << BUTTON);
  sem_give(pressed);
}

static void panel(void) {
  int32_t period = 400;
  for (int press = 1; press <= PRESSES; press++) {
    timer_start(blinking, period, period);
    sem_take(pressed, TALEA_FOREVER);
    talea_printf("tick %4u: press %d after %d changes of the light\n", talea_tick(), press, timer_count(blinking));
    period /= 2;
  }
  timer_stop(blinking);
}

static void finger(void) {
  for (int press = 0; press < PRESSES; press++) {
    task_sleep(1000);
    irq_raise(TALEA_GPIO_LINE);
  }
}

int main(void) {
  pressed = TALEA_MUST(sem_create("pressed", 0, PRESSES));
  blinking = talea_timer("blinking", change, 0);
  talea_interrupt(TALEA_GPIO_LINE, button, 1);
  talea_write_register(TALEA_GPIO, TALEA_GPIO_RISE, 1u << BUTTON);
  talea_task("panel", panel, .priority = 10);
  talea_task("finger", finger, .priority = 5);
}
