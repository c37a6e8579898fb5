/* SPDX-License-Identifier: Apache-2.0
 *
 * stratagem.h: the C ABI between the Stratagem host and a strategy plugin.
 *
 * A plugin is one shared object that exports one function, stg_plugin_entry.
 * It offers search strategies: small state machines that say what a language
 * model should try next. The host owns the model, the verifier, the search tree
 * and the budget, and drives every strategy by ask and tell:
 *
 *     host                                   plugin
 *      | stg_plugin_entry()  ---------------->|  a constant block
 *      | create(host, info)  ---------------->|  an instance for one problem
 *      | next(tell: START)   ---------------->|
 *      |<------------- asks: sample, score, … |
 *      |   (does the work, merged with that of all other runs)
 *      | next(tell: results) ---------------->|
 *      |<------------------------------- done |  ranked answers
 *      | destroy             ---------------->|
 *
 * A plugin never waits for work: it returns asks and is called again when they
 * are answered. That is why thousands of runs share one model, why a run can be
 * cancelled by no longer calling it, and why a recorded run replays without a
 * model.
 *
 * CONVENTIONS, for every declaration below
 *
 * Versions.  ABI 1.1. Same major only. A minor version may append fields to the
 *   end of a struct, add ask kinds, events, outcomes and extensions; it never
 *   moves or removes anything. 1.0 and 1.1 are frozen; what 1.1 added says "(1.1)". A host of
 *   1.0 does not have it: look at host->struct_size, or ask for the extension.
 * Struct sizes.  Every struct that may grow begins with struct_size, set by the
 *   side that fills it in to sizeof(that struct) as it was compiled. Read a field
 *   only if it lies inside the struct_size of the struct at hand. Arrays of such
 *   structs step by the struct_size of their elements (all equal); see stg_told_at.
 *   A struct that is smaller than it was in 1.0 is refused, except where the
 *   plugin has the host fill one in (stg_node_info, stg_budget): there anything
 *   from 8 bytes up will do, and the host writes no further.
 * Bits and reserved fields.  What this header does not name is 0. The host refuses
 *   a plugin that sets a bit it does not know; a plugin ignores the bits of the
 *   host's that it does not know.
 * Text.  stg_str: pointer and length, never NUL-terminated. Bytes; UTF-8 where
 *   the field says "UTF-8". {NULL, 0} is the empty text.
 * Ownership.  Nothing is freed across the boundary. What a call passes in is
 *   valid until that call returns, and read-only. What a plugin returns from
 *   next() stays valid and unchanged until the next call on the same instance.
 *   What the plugin block points to stays valid for the life of the process.
 * Threads.  Calls on one instance never overlap, but may come from different
 *   threads one after another. Different instances run at the same time. Host
 *   functions may be called only from inside create, next, save or restore, on
 *   the thread of that call. Each function says so with a tag:
 *     [any]   any thread, at any time, many at once
 *     [inst]  one call at a time for that instance
 *     [call]  only from inside an [inst] call of the plugin's, same thread
 * Errors.  Functions return an stg_status. No C++ exception, Swift error, panic
 *   or longjmp may cross the boundary. Before a plugin returns anything but
 *   STG_OK it should say why with host->set_error.
 * Speed.  next() is expected to return in microseconds. It must never block on
 *   I/O, on other threads or on time.
 * Repeatable.  The same tells, getters and random bits lead to the same asks, with the
 *   same tags, and to the same ranking, in any process: a replay compares them.
 *   Nothing may depend on time, on addresses or on the order of node ids.
 */
#ifndef STRATAGEM_H
#define STRATAGEM_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define STG_MAGIC UINT64_C(0x314741545254530A) /* "\nSTRTAG1", little-endian */
#define STG_ABI_MAJOR 1
#define STG_ABI_MINOR 1

#if defined(__GNUC__)
#define STG_EXPORT __attribute__((visibility("default")))
#else
#define STG_EXPORT
#endif

/* ------------------------------------------------------------------ basics */

/* Text: size bytes at data. data may be NULL only if size is 0. */
typedef struct stg_str {
    const char *data;
    size_t size;
} stg_str;

/* A node of the search tree: an immutable prefix of text. Issued by the host,
 * unique within a run, never reused. 0 is no node. Ids are opaque and unordered: an
 * id does not say when or where its node was made. Break ties by something else. */
typedef uint64_t stg_node;
#define STG_NO_NODE UINT64_C(0)

/* The result of a call. A closed set: treat any other value as STG_ERROR. */
typedef int32_t stg_status;
#define STG_OK               0
#define STG_ERROR            1 /* failed; set_error says why */
#define STG_INVALID_ARGUMENT 2 /* the caller broke the contract */
#define STG_UNSUPPORTED      3 /* this build or this version cannot do it */
#define STG_OUT_OF_MEMORY    4
#define STG_NOT_FOUND        5 /* no such node, id, answer … */

/* A typed value: of a parameter. `kind` says which field holds it. */
typedef int32_t stg_value_kind;
#define STG_VALUE_NONE  0 /* not given, and the parameter has no fixed default */
#define STG_VALUE_INT   1 /* i */
#define STG_VALUE_FLOAT 2 /* f, finite */
#define STG_VALUE_BOOL  3 /* i: 0 or 1 */
#define STG_VALUE_TEXT  4 /* s, UTF-8; also the value of a CHOICE parameter */
#define STG_VALUE_BYTES 5 /* s: what the host read from the file the user named */

typedef struct stg_value {
    stg_value_kind kind;
    int32_t reserved; /* 0 */
    int64_t i;
    double f;
    stg_str s;
} stg_value;

/* A value by name: for a RUN ask. */
typedef struct stg_named_value {
    stg_str name; /* UTF-8, a parameter's id */
    stg_value value;
} stg_named_value;

/* -------------------------------------------------------------------- asks */

/* What the instance wants done. The host carries out all asks of a batch, in
 * whatever order suits it, and tells the results of all of them at once.
 * Work that no budget counts is limited too, so that every run ends: a turn is free if
 * its batch made no model sample a token and no verifier read a sampled node.
 * A run, with all that it runs, has 1000 free turns and ten more for each turn that
 * is not free; it may add 100000 nodes and 64 MiB of text by APPEND, REVISE (a node,
 * and one for each attempt) and RUN (16), and 16 nodes and 64 KiB more for each node
 * sampled. Past that it ends with an error, and keeps what is finished. */
typedef int32_t stg_ask_kind;

/* Sample `count` continuations of `node` from the model of `role`.
 *   steps       stop after so many steps; 0: go on to the end of the answer
 *   temperature >= 0, finite; 0 takes the most likely token
 *   top_p,min_p in [0, 1]; 0 turns each off (top_p 1 does too)
 *   max_tokens  a limit for each sample; 0: as far as the context reaches
 * One child node per sample, in the order of their index. A sample that meets a
 * token limit is `truncated`, which is not `finished`: it may be continued, and its
 * last step, which has no end, counts as a step. What the host requests for the i-th
 * sample ever drawn from a node depends only on the run's seed, the node and i: neither
 * on the batch it was in nor on the budget. Whether the same request gives the same
 * bytes is the model's promise: see stratagem.capabilities/1. `node` must not be
 * finished.
 * A sample of several steps, or of all (steps 0), is one node: its inner steps have
 * values (step_scores), but nothing can be sampled from them. To branch there, sample
 * step by step, or APPEND the text of the first steps to the node above. */
#define STG_ASK_SAMPLE 1

/* Score `nodes` with the verifier of `role`. Each node's last step gets a value
 * in [0, 1]; a process verifier scores all its steps (read with step_scores).
 * The verifier reads what the node's root shows: the problem and, below a root of
 * REVISE, the earlier attempts, if the template of its role has a place for them.
 * An outcome verifier judges finished nodes only, and gives their earlier steps no
 * value. Told: the same nodes, in the same order. Scoring a node again costs nothing; one
 * may stand twice in `nodes`, but a root has no step and may not.
 * Equal text below one node is one prefix (1.1): it is read and charged once per role, and
 * all nodes with it get its values. No strategy has to look for equal texts itself.
 * Of several roles, what can be read is what the latest SCORE gave, in order of tag:
 * a node that it could not score has no score then. */
#define STG_ASK_SCORE 2

/* Append the literal `text` to `node`: budget forcing ("Wait"), an action
 * prompt, a hint. Told: one child node, whose text counts as prompt tokens of the
 * model of `role`. A node may be continued by another role than made it: its text
 * is what carries over. `node` must not be finished. */
#define STG_ASK_APPEND 3

/* A new root that shows the model problem number `problem` and the earlier
 * attempts `nodes` (finished or not, but no roots), oldest first. Each is shown from
 * its own root to its end, through the bundle's template. Told: the root. Zero
 * attempts give a plain root. `role` is the model that will go on from it; it costs
 * nothing until a model or verifier reads it. */
#define STG_ASK_REVISE 4

/* Run another loaded strategy, named by `text` (its id or short name), on
 * problem number `problem`, with `params`, on a part of what is left of the budget:
 * `share` in (0, 1] of every limit, and no more than `max_generations` and
 * `max_tokens` where these are not 0. Its cost is charged to this run; its own
 * get_budget begins with that part as its limits and nothing spent. Each RUN of a
 * batch takes its share of what was left before the batch. Told: its answer
 * nodes, best first; they are nodes of this run from then on. At most four deep;
 * a strategy may not run itself, directly or through others. */
#define STG_ASK_RUN 5

/* One ask. Zero every field that its kind does not use. */
typedef struct stg_ask {
    uint32_t struct_size;
    stg_ask_kind kind;
    uint64_t tag;             /* the plugin's own; distinct within a batch, and the same
                               * from run to run: work is charged in order of tag */
    stg_str role;             /* UTF-8; empty: "policy", for SCORE "prm" */
    stg_node node;            /* SAMPLE, APPEND */
    uint32_t count;           /* SAMPLE: 1 … STG_MAX_COUNT */
    uint32_t steps;           /* SAMPLE: 0 … STG_MAX_STEPS */
    uint32_t max_tokens;      /* SAMPLE */
    uint32_t problem;         /* REVISE, RUN: index into the instance's problems */
    double temperature;       /* SAMPLE */
    double top_p;             /* SAMPLE */
    double min_p;             /* SAMPLE */
    const stg_node *nodes;    /* SCORE, REVISE */
    size_t node_count;        /* SCORE, REVISE */
    stg_str text;             /* APPEND: the text. RUN: the strategy */
    const stg_named_value *params; /* RUN */
    size_t param_count;       /* RUN */
    double share;             /* RUN */
    uint64_t max_generations; /* RUN */
    uint64_t max_tokens_total;/* RUN */
} stg_ask;

#define STG_MAX_COUNT 1048576u     /* samples in one ask */
#define STG_MAX_STEPS 4096u        /* steps of one sample */
#define STG_MAX_ASKS  1048576u     /* asks in one batch; nodes in one ask */

/* -------------------------------------------------------------------- tell */

/* The result of one ask. */
typedef int32_t stg_outcome;
#define STG_OUTCOME_OK               0 /* all of it */
#define STG_OUTCOME_TRUNCATED        1 /* all of it; a node met a token limit */
#define STG_OUTCOME_MODEL_FAILED     2 /* the nodes that were done before the failure */
#define STG_OUTCOME_VERIFIER_FAILED  3 /* some nodes lack a score: see their flags */
#define STG_OUTCOME_BUDGET_EXHAUSTED 4 /* as much as the budget allowed */
#define STG_OUTCOME_CANCELLED        5 /* the part that was done before the stop */
#define STG_OUTCOME_RUN_FAILED       6 /* RUN: the strategy it ran failed */

typedef struct stg_told {
    uint32_t struct_size;
    stg_outcome outcome;
    uint64_t tag;
    const stg_node *nodes;
    size_t node_count;
} stg_told;

typedef int32_t stg_event;
#define STG_EVENT_START       1 /* the first call; no results */
#define STG_EVENT_RESULTS     2 /* every ask of the last batch, in order of tag */
/* The two stops are told once, with the results of the last batch. They are the end: the
 * instance answers DONE with the best that it has; anything else is an error. So a
 * strategy that searches by depth looks at generations_left before it asks: BUDGET_OVER
 * comes if nothing of a batch fitted, even if another node had room left. A strategy
 * needs no clock for a deadline: the host sends CANCELLED. */
#define STG_EVENT_CANCELLED   3 /* the user, or a deadline in seconds */
#define STG_EVENT_BUDGET_OVER 4 /* nothing of the last batch fitted the budget */

typedef struct stg_tell {
    uint32_t struct_size;
    stg_event event;
    const stg_told *told;
    size_t told_count;
} stg_tell;

/* Element `index` of a tell, whatever minor version the host was built for. */
static inline const stg_told *stg_told_at(const stg_tell *tell, size_t index) {
    return (const stg_told *)(const void *)((const char *)(const void *)tell->told
                                            + index * (size_t)tell->told->struct_size);
}

/* -------------------------------------------------------------------- next */

typedef int32_t stg_next_kind;
#define STG_NEXT_ASKS 1
#define STG_NEXT_DONE 2

/* One answer, in a ranking. `node` was issued to this instance and is finished.
 * `weight` >= 0, finite: what this node adds to the vote for its answer.
 *
 * The strategy votes, not the host: the first node's answer is the run's answer. Nodes
 * agree if their stg_node_info.answer is the same bytes. A strategy that votes adds up
 * weights by it, and ranks a node of the heaviest answer first. The host adds weights up
 * in the same way, but only to show them. */
typedef struct stg_answer {
    stg_node node;
    double weight;
} stg_answer;

/* Filled in by next(). The host zeroes it first and sets struct_size. */
typedef struct stg_next {
    uint32_t struct_size;
    stg_next_kind kind;
    const stg_ask *asks;       /* ASKS: a batch. An empty batch is called again */
    size_t ask_count;          /*   at once, and ends the run after 100 in a row */
    const stg_answer *answers; /* DONE: best first; may be empty. For a batch */
    size_t answer_count;       /*   instance, ranked within each problem */
} stg_next;

/* -------------------------------------------------------------------- host */

#define STG_NODE_FINISHED  1u /* ended by the model: an answer */
#define STG_NODE_TRUNCATED 2u /* cut by a token limit: not an answer */
#define STG_NODE_SCORED    4u /* `score` is set */
#define STG_NODE_ANSWERED  8u /* finished, and an answer was found in its text */

/* Everything that is known about a node. */
typedef struct stg_node_info {
    uint32_t struct_size;    /* set by the plugin before the call */
    uint32_t flags;          /* STG_NODE_… */
    stg_node parent;         /* STG_NO_NODE for a root */
    uint32_t problem;        /* index into the instance's problems */
    uint32_t depth;          /* steps below its root */
    uint32_t steps;          /* steps in this node itself: 0 for a root */
    uint32_t tokens;         /* tokens in this node itself */
    double log_probability;  /* of those tokens, under the model at T = 1; NaN if the
                              * model does not report it */
    double score;            /* its last step's value, in [0, 1]; of a finished node
                              * what the bundle's aggregator (by default: the last)
                              * makes of the values of all its steps. 0 unless SCORED */
    stg_str text;            /* of this node itself. Bytes */
    stg_str answer;          /* canonical: equal answers are equal bytes. UTF-8. As the
                              * bundle's canonical_answer function writes it (1.1), or
                              * else the spelling that came first in this run */
} stg_node_info;

#define STG_UNLIMITED UINT64_MAX

/* The limits, and what was spent. A limit that the run does not have is STG_UNLIMITED
 * (flops, seconds: infinity). */
typedef struct stg_budget {
    uint32_t struct_size;      /* set by the plugin before the call */
    uint32_t reserved;
    uint64_t generations;      /* limit: the most steps sampled at any one depth */
    uint64_t tokens;           /* limit: sampled tokens */
    double flops;              /* limit */
    double seconds;            /* limit, from the run's start; the host enforces it */
    uint64_t generations_spent;
    uint64_t tokens_spent;
    double flops_spent;        /* NaN: unknown, because a model's shape is (1.1) */
    double seconds_spent;      /* as of the last tell; not repeatable */
} stg_budget;

typedef int32_t stg_log_level;
#define STG_LOG_DEBUG   0
#define STG_LOG_INFO    1
#define STG_LOG_WARNING 2
#define STG_LOG_ERROR   3
/* Levels that say whose fault it is. */
#define STG_LOG_HOST_MISBEHAVING 4

/* The host's side, one for each instance; valid until destroy returns. All that a
 * getter can return was sent with a tell: getters never wait.
 * Every pointer a getter hands out stays valid until the call of the plugin's
 * that it was made from returns: copy what must be kept. */
typedef struct stg_host {
    uint32_t struct_size;
    uint16_t abi_major, abi_minor; /* of the host */
    void *host_data;               /* the host's own */

    /* [call] Fills in *out up to out->struct_size. NOT_FOUND: no such node. */
    stg_status (*get_node)(const struct stg_host *host, stg_node node, stg_node_info *out);

    /* [call] The values of all scored steps from the root to the end of `node`,
     * oldest first. Writes at most `capacity` of them and sets *count to how many
     * there are. Steps never scored are NaN. `out` may be NULL if capacity is 0. */
    stg_status (*step_scores)(const struct stg_host *host, stg_node node, double *out,
                              size_t capacity, size_t *count);

    /* [call] Limits and what was spent. */
    stg_status (*get_budget)(const struct stg_host *host, stg_budget *out);

    /* [call] 64 random bits from the run's seed: the only random numbers that a
     * strategy may use. The k-th call of an instance always returns the same. */
    uint64_t (*random)(const struct stg_host *host);

    /* [call] 1 if the bundle has a model or verifier of this role, else 0. A role may be
     * pinned to its weights: "prm@" and the first digits, 16 at least, of the SHA-256 of
     * their file. So a plugin can refuse a table that was fitted for other models. */
    int32_t (*has_role)(const struct stg_host *host, stg_str role);

    /* [call] A line for the user's log. UTF-8. */
    void (*log)(const struct stg_host *host, stg_log_level level, stg_str text);

    /* [call] Why the plugin is about to return `code`. UTF-8; the last one counts. */
    void (*set_error)(const struct stg_host *host, stg_status code, stg_str text);

    /* [call] An extension's table by its id ("stratagem.name/1"), or NULL. The
     * table lives as long as the host struct. */
    const void *(*get_extension)(const struct stg_host *host, stg_str id);

    /* (1.1) [call] How many more samples of `steps` steps (0: to the end of the answer)
     * the limit of generations allows from `node`, in *count; STG_UNLIMITED if the run
     * has no such limit. An ask for no more is not cut by it, if it is alone: asks of
     * one batch share what is left. NOT_FOUND: no such node. INVALID_ARGUMENT: more
     * than STG_MAX_STEPS steps. */
    stg_status (*generations_left)(const struct stg_host *host, stg_node node, uint32_t steps,
                                   uint64_t *count);
} stg_host;

/* ---------------------------------------------------------------- strategy */

typedef int32_t stg_param_kind;
#define STG_PARAM_INT    1
#define STG_PARAM_FLOAT  2
#define STG_PARAM_BOOL   3
#define STG_PARAM_CHOICE 4 /* one of `choices` */
#define STG_PARAM_TEXT   5
#define STG_PARAM_FILE   6 /* the user names a file, the plugin gets its bytes */

#define STG_PARAM_REQUIRED 1u /* (1.1) the user has to give it: there is no default */

/* A parameter. The host checks values against it before the plugin sees them. */
typedef struct stg_param {
    uint32_t struct_size;
    stg_param_kind kind;
    stg_str id;            /* UTF-8: what people type; [a-z][a-z0-9_]* */
    stg_str help;          /* UTF-8: one line, with the paper's symbol or source */
    stg_value fallback;    /* the default; NONE: the plugin works it out … */
    stg_str fallback_text; /* UTF-8: … and this says how ("floor of sqrt(N)") */
    double min, max;       /* INT, FLOAT: inclusive; -INFINITY, INFINITY: no limit */
    const stg_str *choices;/* CHOICE */
    size_t choice_count;
    uint32_t flags;        /* (1.1) STG_PARAM_…. The host refuses a run without a value
                            * for a REQUIRED one, whose fallback is NONE and whose
                            * fallback_text is empty. A host of 1.0 passes NONE */
    uint32_t reserved;     /* (1.1) */
} stg_param;

/* One problem of an instance. */
typedef struct stg_problem {
    uint32_t struct_size;
    uint32_t reserved;
    stg_str text;  /* UTF-8 */
    stg_node root; /* shows it to whatever role reads it; never finished */
} stg_problem;

/* What create gets. */
typedef struct stg_create_info {
    uint32_t struct_size;
    uint32_t problem_count;      /* 1, unless the descriptor says BATCH */
    const stg_problem *problems; /* in the user's order: `problem` elsewhere is an index */
    const stg_value *params;     /* one for each of the strategy's, in its order */
    size_t param_count;
    const struct stg_strategy *strategy; /* the descriptor that create was found in:
                                          * one function may serve several */
} stg_create_info;

#define STG_ROLE_VERIFIER 1u /* a verifier: SCORE. Else a model: SAMPLE, APPEND, REVISE */
#define STG_ROLE_OPTIONAL 2u /* used if the bundle has it (has_role); else it is needed */

/* (1.1) A role that a strategy uses. The host refuses a run that needs a role
 * which the bundle lacks, before anything is sampled. */
typedef struct stg_role {
    uint32_t struct_size;
    uint32_t flags;       /* STG_ROLE_… */
    stg_str name;         /* UTF-8: "policy", "prm" … Empty where `param` names it */
    stg_str param;        /* the id of a TEXT or CHOICE parameter: its value is the role.
                           * While it is NONE, the strategy finds a role itself */
    stg_str unless_param; /* the id of a CHOICE or BOOL parameter. The role is not used … */
    stg_str unless_value; /* … while it has this value ("majority"; "true", "false") */
    stg_str help;         /* UTF-8, one line: what it is for */
} stg_role;

/* One strategy at work. The plugin's own; the host only hands it back. */
typedef struct stg_instance stg_instance;

#define STG_STRATEGY_BATCH 1u /* one instance may be given several problems */

typedef struct stg_strategy {
    uint32_t struct_size;
    uint32_t flags;              /* STG_STRATEGY_… */
    stg_str id;                  /* reverse-URI, for ever: "org.example.beam" */
    stg_str name;                /* what people type: [a-z0-9-]+ */
    stg_str version;             /* semantic */
    stg_str summary;             /* UTF-8, one line */
    const stg_param *params;
    size_t param_count;

    /* [any] A new instance in *out. The host pointer and nothing else of the
     * arguments may be kept. No work may be asked for yet. */
    stg_status (*create)(const stg_host *host, const stg_create_info *info, stg_instance **out);

    /* [inst] One turn: take the results of the last batch, return the next batch.
     * After DONE, or anything but STG_OK, only destroy follows. */
    stg_status (*next)(stg_instance *instance, const stg_tell *tell, stg_next *out);

    /* [inst] Optional (both or none; else NULL). save: the state between two
     * turns as bytes, valid until the next call on the instance. restore: an
     * instance that goes on exactly where save left off (get_budget and random go
     * on too, the nodes are known); any bytes may come, and bad ones return
     * INVALID_ARGUMENT. save is called after create, or after a next that returned
     * ASKS, as often as the host likes; the saved instance may go on. restore is called
     * in place of create, with the same info, in any process, whether or not the saved
     * instance is still there. */
    stg_status (*save)(stg_instance *instance, stg_str *out);
    stg_status (*restore)(const stg_host *host, const stg_create_info *info, stg_str state,
                          stg_instance **out);

    /* [inst] Frees the instance, in any state. Never NULL. Joins every thread
     * that the instance started. */
    void (*destroy)(stg_instance *instance);

    const stg_role *roles; /* (1.1) all that it needs, and all that it can use. None:    */
    size_t role_count;     /* it does not say, and the host refuses nothing beforehand   */
} stg_strategy;

/* --------------------------------------------------------------- functions */

/* A plain function that the host calls by its declared signature, through libffi:
 * a new kind of hook needs no new ABI. The host refuses a hook that it does not
 * know, and a signature that is not that hook's.
 *
 * Signatures are "result(argument,…)" of i32 i64 u64 f64 ptr. Known hooks, all
 * [any], pure and quick:
 *
 *   stratagem.extract_answer/1   i32(ptr,u64,ptr)
 *     (const char *text, uint64_t size, stg_str *answer): the final answer in a
 *     finished text. STG_OK, or STG_NOT_FOUND. *answer points into text or to
 *     memory that lives for ever.
 *   stratagem.answers_equal/1    i32(ptr,u64,ptr,u64)
 *     (a, a_size, b, b_size): 1 if two answers mean the same, else 0. An
 *     equivalence.
 *   stratagem.aggregate_steps/1  f64(ptr,u64)
 *     (const double *values, uint64_t count >= 1): one value in [0, 1] for an
 *     answer from the values of its steps.
 *   stratagem.verify/1           f64(ptr,u64,ptr,u64)
 *     (problem, problem_size, text, text_size): a program's verdict in [0, 1].
 *   stratagem.canonical_answer/1 i32(ptr,u64,ptr,u64,ptr)                    (1.1)
 *     (const char *answer, uint64_t size, char *buffer, uint64_t capacity,
 *     uint64_t *needed): the one spelling that all answers of this meaning share. It
 *     sets *needed to its size in bytes, 1 to STG_CANONICAL_MAX. If that is no more than
 *     capacity it writes the form to buffer; else it writes nothing to buffer, and the
 *     host calls again with room for it. Both return STG_OK. STG_NOT_FOUND: there is no
 *     form of this answer, which then keeps its own spelling; so it does if the form is
 *     not UTF-8 or too long, or on any other status. buffer does not overlap answer, and
 *     may be NULL if capacity is 0. The form of a form is itself, byte for byte. If the
 *     plugin has an answers_equal/1 of the same name, two answers that have forms are
 *     equal exactly if their forms are the same bytes.
 */
#define STG_CANONICAL_MAX 65536u

typedef struct stg_function {
    uint32_t struct_size;
    uint32_t reserved;
    stg_str hook;      /* "stratagem.extract_answer/1" */
    stg_str name;      /* what a bundle says: "gsm8k"; [a-z0-9-]+ */
    stg_str signature;
    void (*address)(void);
} stg_function;

/* ------------------------------------------------------------------ plugin */

/* What the plugin is: constant, for the life of the process. */
typedef struct stg_plugin {
    uint64_t magic;              /* STG_MAGIC */
    uint32_t struct_size;
    uint16_t abi_major, abi_minor; /* of the header it was built with */
    stg_str name;                /* [a-z0-9-]+ */
    stg_str version;             /* semantic */
    const stg_strategy *const *strategies;
    size_t strategy_count;
    const stg_function *const *functions;
    size_t function_count;

    /* [any] An extension of the plugin's, by id, or NULL for one it does not
     * know. May itself be NULL. */
    const void *(*get_extension)(stg_str id);
} stg_plugin;

/* [any] The one symbol that a plugin exports. Always the same block. It must do
 * nothing but return it: no thread, file or global state of the process changes. */
typedef const stg_plugin *(*stg_plugin_entry_fn)(void);
STG_EXPORT const stg_plugin *stg_plugin_entry(void);
#define STG_ENTRY_SYMBOL "stg_plugin_entry"

#ifdef __cplusplus
}
#endif
#endif /* STRATAGEM_H */
