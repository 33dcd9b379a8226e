#include <talea.h>

static int32_t act(int32_t signal, uint32_t disposition, uint32_t entry, uint32_t flags) {
  const talea_sigaction_t action = {disposition, entry, 0, flags};
  return signal_action(signal, &action, 0);
}

int32_t talea_signal_handle(int32_t signal, talea_signal_handler_t handler, uint32_t flags) {
  return act(signal, TALEA_DISPOSITION_HANDLER, TALEA_ADDRESS(handler), flags);
}

int32_t talea_signal_ignore(int32_t signal) { return act(signal, TALEA_DISPOSITION_IGNORE, 0, 0); }

int32_t talea_signal_restore(int32_t signal) { return act(signal, TALEA_DISPOSITION_DEFAULT, 0, 0); }
