/* SPDX-License-Identifier: Apache-2.0
 *
 * stratagem_confidence.h: the extensions "stratagem.confidence/1" and "/2".
 *
 * How sure the model was of its own words. A strategy may stop or drop a path whose
 * confidence breaks down, or weigh a vote by it.
 *
 *   /1  the log-probabilities of a node's tokens, as a few summary figures
 *   /2  (1.1) figures of every token, also of the whole distribution that it was drawn
 *       from: DeepConf (Fu et al. 2025, arXiv 2508.15260) and self-certainty
 *       (Kang et al. 2025, arXiv 2502.18581) use them
 *
 *     const stg_confidence_1 *confidence = host->get_extension(host, id);
 *     if (confidence) … confidence->summary(host, node, &out) …
 *     else            … what stg_node_info has: log_probability and tokens …
 *
 * Ask in create, for what you use and no more: figures are kept from then on, and a
 * run whose strategy never asks pays nothing. The rules of stratagem.h hold here too.
 */
#ifndef STRATAGEM_CONFIDENCE_H
#define STRATAGEM_CONFIDENCE_H

#include "stratagem.h"

#ifdef __cplusplus
extern "C" {
#endif

#define STG_CONFIDENCE_1 "stratagem.confidence/1"

/* Tokens of a window: figures of a stretch of text use this many tokens. */
#define STG_CONFIDENCE_WINDOW 16u

/* Of the log-probabilities of a node's own tokens, each under the model's own
 * distribution (T = 1). All are <= 0; the nearer to 0, the surer it was. If a node has
 * fewer tokens than a window, the window is all of its tokens. */
typedef struct stg_confidence {
    uint32_t struct_size;  /* set by the plugin before the call */
    uint32_t tokens;       /* their number; at least 1 */
    double mean;
    double minimum;
    double tenth;          /* a tenth of them are no higher than this value … */
    double median;         /* … and half of them: of n in ascending order, that at
                            * index floor((n - 1) / 10), floor((n - 1) / 2) */
    double lowest_window;  /* the lowest mean of any window of consecutive tokens */
    double last_window;    /* the mean of the last window */
} stg_confidence;

typedef struct stg_confidence_1 {
    uint32_t struct_size;
    uint32_t reserved;

    /* [call] Fills in *out up to out->struct_size. NOT_FOUND: no such node, or
     * nothing is known of its tokens: it is a root or was appended, its model reports
     * no probabilities, or it was sampled before this run had asked for the
     * extension (or in a RUN whose strategy did not ask). */
    stg_status (*summary)(const stg_host *host, stg_node node, stg_confidence *out);
} stg_confidence_1;

/* --------------------------------------------------------------------- /2 */

#define STG_CONFIDENCE_2 "stratagem.confidence/2"

/* Figures of a token, from the distribution p that it was drawn from: the model's
 * own, at T = 1, before top_p and min_p. Nats. A figure that the model does not report is
 * NaN for every token; a minor version may add figures. */
typedef int32_t stg_token_figure;
#define STG_TOKEN_LOG_PROBABILITY 1 /* log p of the token itself: <= 0 */
#define STG_TOKEN_TOP_MEAN 2        /* the mean of log p over the STG_CONFIDENCE_TOP most likely
                                     * tokens, or over as many as the model reports: always the
                                     * same number. Its negative is DeepConf's confidence */
#define STG_TOKEN_SELF_CERTAINTY 3  /* the divergence of p from the uniform distribution u:
                                     * KL(u || p), the mean of -log(V p) over all V tokens
                                     * whose probability is not 0: >= 0; 0: p is u */
#define STG_TOKEN_ENTROPY 4         /* of p: >= 0; 0 is certain */

#define STG_CONFIDENCE_TOP 20u

/* NULL if no model of the bundle reports more than the token's own probability. */
typedef struct stg_confidence_2 {
    uint32_t struct_size;
    uint32_t reserved;

    /* [call] One figure of each of the node's own tokens, in their order, the token that
     * ends an answer included. Writes at most `capacity` of them and sets *count to how
     * many there are: stg_node_info.tokens. `out` may be NULL if capacity is 0.
     * NOT_FOUND: as in /1. UNSUPPORTED: this host does not know the figure. */
    stg_status (*token_figures)(const stg_host *host, stg_node node, stg_token_figure figure,
                                double *out, size_t capacity, size_t *count);
} stg_confidence_2;

#ifdef __cplusplus
}
#endif
#endif /* STRATAGEM_CONFIDENCE_H */
