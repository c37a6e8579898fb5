/* Strategies that do nothing but ask: what the benchmarks measure the host with.
 * Built into the host (PluginRegistry.register(builtIn:)), never listed as a plugin. */
#ifndef BENCH_STRATEGIES_H
#define BENCH_STRATEGIES_H

#include "stratagem.h"

/* "bench-steps": `rounds` turns of `asks` asks each, every one a sample of one step
 * from the root; then done, without an answer. */
const stg_plugin *stg_bench_plugin(void);

#endif
