/* SPDX-License-Identifier: Apache-2.0
 *
 * Renders a chat template with llama.cpp's Jinja engine. A template is a program that came with a
 * model's file: it may loop for ever, ask for all memory, recurse without end or meet a fault of the
 * engine's. So it is run in a copy of the process that has little time and memory, and of which
 * nothing comes back but a text.
 */
#ifndef STRATAGEM_JINJA_H
#define STRATAGEM_JINJA_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum stg_jinja_status {
    STG_JINJA_OK = 0,      /* the text is what was rendered */
    STG_JINJA_ERROR = 1,   /* the engine or the template refused: the text says why */
    STG_JINJA_TIME = 2,    /* it did not end in time */
    STG_JINJA_MEMORY = 3,  /* it wants more memory, or gives more text, than it may */
    STG_JINJA_CRASH = 4,   /* it brought the engine down */
    STG_JINJA_SYSTEM = 5,  /* no process could be started: the text says why */
} stg_jinja_status;

typedef struct stg_jinja_limits {
    uint32_t processor_seconds;
    uint32_t clock_seconds; /* many times as long: a busy machine is no fault of the template's */
    uint64_t memory_bytes;  /* beside what this process has already */
    uint64_t text_bytes;
} stg_jinja_limits;

/* Renders `source` with the members of the JSON object `variables`. `text` is `text_bytes` long and
 * is freed with `free`; NULL if it is empty. The calling thread waits meanwhile; any thread may. */
stg_jinja_status stg_jinja_render(const char *source, size_t source_bytes, const char *variables, size_t variables_bytes,
                                  const stg_jinja_limits *limits, char **text, size_t *text_bytes);

#ifdef __cplusplus
}
#endif

#endif
