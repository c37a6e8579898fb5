/* Built by build-llama.sh. Named by its place, so that nothing that imports this needs a search path. */
#include "../../.build/llama/include/llama.h"
/* Compiled into the same library. */
#include "quantised-rows.h"
