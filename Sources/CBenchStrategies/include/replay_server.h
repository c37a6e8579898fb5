/* A server on loopback that answers as llama-server does, and samples the same words for every request: what the cost
 * of a client is measured with. It runs on one thread of this process. */
#ifndef REPLAY_SERVER_H
#define REPLAY_SERVER_H

#include <stdint.h>

typedef struct stg_replay stg_replay;

/* NULL if the system has no socket or no thread for it. */
stg_replay *stg_replay_start(void);
uint16_t stg_replay_port(const stg_replay *replay);
/* How many tokens a sample has, an end token included (2 to 4096), and how many milliseconds pass from one token to
 * the next: all samples that are being drawn get theirs together, as from one batch. Only while no request is in
 * flight. */
void stg_replay_set(stg_replay *replay, int tokens, int pause);
/* Processor time of its thread so far. */
double stg_replay_processor_seconds(const stg_replay *replay);
void stg_replay_stop(stg_replay *replay);

#endif
