/* For sources that ask for it: what talea/memory.h has. */
#include "../memory.h"
