/* What the benchmarks measure with that must cost little itself.
 *
 * Strategies that do nothing but ask: what the host is measured with.
 * Built into the host (PluginRegistry.register(builtIn:)), never listed as a plugin. */
#ifndef BENCH_STRATEGIES_H
#define BENCH_STRATEGIES_H

#include "replay_server.h"
#include "stratagem.h"

/* "bench-steps": `rounds` turns of `asks` asks each, every one a sample of one step
 * from the root; then done, without an answer. */
const stg_plugin *stg_bench_plugin(void);

/* Bytes that are allocated now, in all arenas. */
size_t stg_bench_live_bytes(void);
/* Processor time of this process so far. */
double stg_bench_processor_seconds(void);
/* Gives free memory back to the system. */
void stg_bench_trim(void);

#endif
