/* SPDX-License-Identifier: Apache-2.0
 *
 * stratagem_capabilities.h: the extension "stratagem.capabilities/1". (1.1)
 *
 * What the model or verifier of a role promises. One that runs in the host's process
 * promises all of it; a server promises what its interface allows. A strategy that
 * needs a promise can refuse the run in create, or choose another way, before anything
 * is spent.
 *
 *     const stg_capabilities_1 *capabilities = host->get_extension(host, id);
 *     uint64_t kept = 0;
 *     if (capabilities && capabilities->of_role(host, role, &kept) == STG_OK
 *         && !(kept & STG_KEEPS_REPEATABILITY)) …
 *
 * A host of 1.0 does not have it, and its models keep every promise of the header. The
 * rules of stratagem.h hold here too.
 */
#ifndef STRATAGEM_CAPABILITIES_H
#define STRATAGEM_CAPABILITIES_H

#include "stratagem.h"

#ifdef __cplusplus
extern "C" {
#endif

#define STG_CAPABILITIES_1 "stratagem.capabilities/1"

/* Bits; a minor version may add some: ignore those that you do not know. */
#define STG_KEEPS_REPEATABILITY   1ull         /* equal requests give equal bytes: sample i of
                                                * a node is the same in every run of a seed */
#define STG_KEEPS_TOKENS          2ull         /* a node is continued by the very tokens that
                                                * were sampled, not by its text read again */
#define STG_COUNTS_TOKENS         4ull         /* counts of tokens are exact */
#define STG_COUNTS_FLOPS          8ull         /* FLOPs are known, and may be limited */
#define STG_TELLS_PROBABILITIES   16ull        /* the log-probability of each sampled token */
#define STG_TELLS_TOP             32ull        /* STG_TOKEN_TOP_MEAN of confidence/2 */
#define STG_TELLS_DISTRIBUTIONS   64ull        /* STG_TOKEN_SELF_CERTAINTY and _ENTROPY */

typedef struct stg_capabilities_1 {
    uint32_t struct_size;
    uint32_t reserved;

    /* [call] What the model or verifier of this role promises, in *kept: the same for the
     * life of the instance. NOT_FOUND: the bundle has no such role. */
    stg_status (*of_role)(const stg_host *host, stg_str role, uint64_t *kept);
} stg_capabilities_1;

#ifdef __cplusplus
}
#endif
#endif /* STRATAGEM_CAPABILITIES_H */
