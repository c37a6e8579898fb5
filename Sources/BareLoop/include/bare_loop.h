#ifndef BARE_LOOP_H
#define BARE_LOOP_H

// The decoding of a search, without the search: what `stratagem bench` holds the
// engine against. A loop over llama.cpp in plain C++ that samples a given number
// of sequences of given lengths, and scores given numbers of tokens, in the cache
// layout that is the fastest for it. No strategies, no budgets, no promise of the
// same bytes: what llama.cpp can do at best.

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// One sample: `tokens` tokens below `parent`, a node of an earlier round of the same
// problem, or -1 for its prompt.
struct bare_node {
    int32_t parent;
    int32_t round;
    int32_t tokens;
    // Read by the verifier, below what it read of the parent; 0: not scored.
    int32_t verifier_tokens;
};

struct bare_problem {
    const int32_t *prompt;
    int32_t prompt_count;
    int32_t verifier_prompt_count; // of the prompt's tokens, again and again
    const struct bare_node *nodes; // by round
    int32_t node_count;
};

struct bare_plan {
    const char *policy_path;
    const char *verifier_path; // NULL: nothing is scored
    int32_t lanes;             // threads side by side, each with contexts of its own
    int32_t threads_per_lane;
    int32_t context_tokens;
    int32_t sequences;         // of one lane's context
    float temperature;
    const struct bare_problem *problems;
    int32_t problem_count;
    // Told of every problem that is done, from any thread; may be NULL.
    void (*progress)(int32_t done, void *user);
    void *user;
};

struct bare_result {
    double seconds;          // from the first decode call to the end; weights and contexts are ready
    int64_t decoded_tokens;  // by the policy, prompts included
    int64_t sampled_tokens;
    int64_t verifier_tokens; // prompts included
    char error[200];         // empty if all went well
};

// Returns 0 if all went well.
int bare_loop_run(const struct bare_plan *plan, struct bare_result *result);

#ifdef __cplusplus
}
#endif
#endif
