/* Beside scenes.c, as a header of an app. */
#ifndef SCENES_H
#define SCENES_H

static inline void waits_in_header(int32_t sem) {
  sem_take(sem, TALEA_FOREVER);
}

#endif
