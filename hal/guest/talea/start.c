/* How the description begins: with what C++ makes before main, then main. A program may have an _initialize of its own. */
#include <talea.h>

extern int main(void);
void __wasm_call_ctors(void);

__attribute__((weak, export_name("_initialize"))) void _initialize(void) {
  talea_console_begin();
  __wasm_call_ctors();
  main();
}
