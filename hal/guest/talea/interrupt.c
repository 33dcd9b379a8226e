#include <talea.h>

int32_t talea_serve(int32_t line, talea_handler_t handler, int32_t priority) {
  const int32_t result = irq_attach(line, TALEA_ADDRESS(handler), priority);
  return talea_describing() ? talea_checked(result, "talea_interrupt") : result;
}
