/* SPDX-License-Identifier: Apache-2.0
 *
 * stratagem_confidence.h: the extension "stratagem.confidence/1".
 *
 * How sure the model was of its own words: the log-probabilities of a node's
 * tokens, as a few summary figures. A strategy may stop or drop a path whose
 * confidence breaks down, or weigh a vote by it (Fu et al. 2025, arXiv 2508.15260).
 *
 *     const stg_confidence_1 *confidence = host->get_extension(host, id);
 *     if (confidence) … confidence->summary(host, node, &out) …
 *     else            … what stg_node_info has: log_probability and tokens …
 *
 * Ask for it in create: figures are kept from then on, and a run whose strategy
 * never asks pays nothing. The rules of stratagem.h hold here too.
 */
#ifndef STRATAGEM_CONFIDENCE_H
#define STRATAGEM_CONFIDENCE_H

#include "stratagem.h"

#ifdef __cplusplus
extern "C" {
#endif

#define STG_CONFIDENCE_1 "stratagem.confidence/1"

/* Tokens of a window: what is said of a stretch of text is said of this many. */
#define STG_CONFIDENCE_WINDOW 16u

/* Of the log-probabilities of a node's own tokens, each under the model's own
 * distribution (T = 1). All are <= 0; the nearer to 0, the surer it was. Where a
 * node has fewer tokens than a window, the window is all that it has. */
typedef struct stg_confidence {
    uint32_t struct_size;  /* set by the plugin before the call */
    uint32_t tokens;       /* how many there are; at least 1 */
    double mean;
    double minimum;
    double tenth;          /* the value that a tenth of them are no higher than … */
    double median;         /* … and half of them: of n in ascending order, that at
                            * index floor((n - 1) / 10), floor((n - 1) / 2) */
    double lowest_window;  /* the lowest mean of any window of consecutive tokens */
    double last_window;    /* the mean of the last window */
} stg_confidence;

typedef struct stg_confidence_1 {
    uint32_t struct_size;
    uint32_t reserved;

    /* [call] Fills in *out up to out->struct_size. NOT_FOUND: no such node, or
     * nothing is known of its tokens: it is a root or was appended, its model tells
     * no probabilities, or it was sampled before this run had asked for the
     * extension (or in a RUN whose strategy did not ask). */
    stg_status (*summary)(const stg_host *host, stg_node node, stg_confidence *out);
} stg_confidence_1;

#ifdef __cplusplus
}
#endif
#endif /* STRATAGEM_CONFIDENCE_H */
