/* SPDX-License-Identifier: Apache-2.0
 *
 * majority: N whole answers; the most common one wins (self-consistency).
 *
 * It uses only C99 and the header, and so proves that both are enough. The state
 * machine has two turns: START is answered with one SAMPLE, and whatever comes next
 * with DONE. So there is no state to save either.
 */
#include <stdlib.h>
#include <string.h>

#include "stratagem.h"

#define TEXT(literal) { literal, sizeof(literal) - 1 }
#define FALLBACK_GENERATIONS 16 /* if neither user nor budget says */

/* -------------------------------------------------------------- parameters */

enum { PARAM_N, PARAM_TEMPERATURE, PARAM_TOP_P, PARAM_MIN_P, PARAM_MAX_TOKENS, PARAM_COUNT };

static const stg_param params[PARAM_COUNT] = {
    {sizeof(stg_param), STG_PARAM_INT, TEXT("n"),
     TEXT("generations to spend (N in the paper), at most those of the budget"),
     {STG_VALUE_NONE, 0, 0, 0, {NULL, 0}}, TEXT("the budget's generations, else 16"), 1, STG_MAX_COUNT, NULL, 0, 0, 0},
    {sizeof(stg_param), STG_PARAM_FLOAT, TEXT("temperature"),
     TEXT("of sampling; 0 takes the most likely token"),
     {STG_VALUE_FLOAT, 0, 0, 0.8, {NULL, 0}}, {NULL, 0}, 0, 10, NULL, 0, 0, 0},
    {sizeof(stg_param), STG_PARAM_FLOAT, TEXT("top_p"),
     TEXT("sample from the most likely tokens with this total probability; 0 is off"),
     {STG_VALUE_FLOAT, 0, 0, 0, {NULL, 0}}, {NULL, 0}, 0, 1, NULL, 0, 0, 0},
    {sizeof(stg_param), STG_PARAM_FLOAT, TEXT("min_p"),
     TEXT("leave out tokens less likely than this times the most likely; 0 is off"),
     {STG_VALUE_FLOAT, 0, 0, 0, {NULL, 0}}, {NULL, 0}, 0, 1, NULL, 0, 0, 0},
    {sizeof(stg_param), STG_PARAM_INT, TEXT("max_tokens"),
     TEXT("limit for each sample; 0 is off"),
     {STG_VALUE_INT, 0, 0, 0, {NULL, 0}}, {NULL, 0}, 0, INT32_MAX, NULL, 0, 0, 0},
};

static const stg_role roles[1] = {
    {sizeof(stg_role), 0, TEXT("policy"), {NULL, 0}, {NULL, 0}, {NULL, 0}, TEXT("samples the answers")},
};

/* ---------------------------------------------------------------- instance */

struct stg_instance {
    const stg_host *host;
    stg_ask ask;
    stg_answer *answers; /* what DONE returned: valid until destroy */
};

static stg_status fail(const stg_host *host, stg_status code, const char *why) {
    stg_str text;
    text.data = why;
    text.size = strlen(why);
    host->set_error(host, code, text);
    return code;
}

/* N: what the user asked for, else what the budget has, else 16; never more than
 * the budget has left. */
static uint32_t generations(const stg_host *host, const stg_value *n) {
    stg_budget budget = {0};
    uint64_t left = STG_UNLIMITED, wanted;
    budget.struct_size = sizeof budget;
    if (host->get_budget(host, &budget) == STG_OK && budget.generations != STG_UNLIMITED)
        left = budget.generations > budget.generations_spent ? budget.generations - budget.generations_spent : 0;
    wanted = n->kind == STG_VALUE_INT ? (uint64_t)n->i : left != STG_UNLIMITED ? left : FALLBACK_GENERATIONS;
    if (wanted > left) wanted = left;
    if (wanted > STG_MAX_COUNT) wanted = STG_MAX_COUNT;
    /* At least one is asked for: the host decides whether anything fits. */
    return wanted < 1 ? 1 : (uint32_t)wanted;
}

static stg_status create(const stg_host *host, const stg_create_info *info, stg_instance **out) {
    stg_instance *self;
    const stg_value *values = info->params;
    if (info->param_count < PARAM_COUNT) return fail(host, STG_INVALID_ARGUMENT, "too few parameter values");
    self = calloc(1, sizeof *self);
    if (!self) return fail(host, STG_OUT_OF_MEMORY, "no memory for an instance");
    self->host = host;
    self->ask.struct_size = sizeof self->ask;
    self->ask.kind = STG_ASK_SAMPLE;
    self->ask.node = info->problems->root;
    self->ask.count = generations(host, &values[PARAM_N]);
    self->ask.temperature = values[PARAM_TEMPERATURE].f;
    self->ask.top_p = values[PARAM_TOP_P].f;
    self->ask.min_p = values[PARAM_MIN_P].f;
    self->ask.max_tokens = (uint32_t)values[PARAM_MAX_TOKENS].i;
    *out = self;
    return STG_OK;
}

static void destroy(stg_instance *self) {
    free(self->answers);
    free(self);
}

/* -------------------------------------------------------------------- vote */

/* Nodes with the same answer. */
typedef struct group {
    stg_str answer; /* belongs to the host; valid during this call of next */
    size_t votes;
    size_t first; /* place of the first vote: decides ties */
    size_t start; /* place of its next node in the ranking */
} group;

static size_t hash(stg_str text) { /* FNV-1a */
    uint64_t value = UINT64_C(14695981039346656037);
    size_t i;
    for (i = 0; i < text.size; i++) value = (value ^ (unsigned char)text.data[i]) * UINT64_C(1099511628211);
    return (size_t)(value ^ (value >> 32));
}

static int by_votes(const void *left, const void *right) {
    const group *a = left, *b = right;
    if (a->votes != b->votes) return a->votes > b->votes ? -1 : 1;
    return a->first < b->first ? -1 : a->first > b->first;
}

/* Slot of `answer` in the open-addressing table: its group's, or a free one. */
static size_t *find(size_t *table, size_t mask, const group *groups, stg_str answer) {
    size_t slot = hash(answer) & mask;
    for (;; slot = (slot + 1) & mask) {
        const group *found;
        if (table[slot] == 0) return &table[slot];
        found = &groups[table[slot] - 1];
        if (found->answer.size == answer.size
            && (answer.size == 0 || memcmp(found->answer.data, answer.data, answer.size) == 0))
            return &table[slot];
    }
}

typedef struct vote {
    stg_node *nodes; /* finished, in the order told */
    size_t *groups_of; /* 0: no answer; else its first vote's place + 1 */
    group *groups;
    size_t *table;
    size_t mask, node_count, group_count;
} vote;

static int vote_init(vote *v, size_t capacity) {
    size_t slots = 16;
    while (slots < 2 * capacity) slots *= 2; /* never more than half full */
    memset(v, 0, sizeof *v);
    v->mask = slots - 1;
    v->nodes = calloc(capacity + 1, sizeof *v->nodes);
    v->groups_of = calloc(capacity + 1, sizeof *v->groups_of);
    v->groups = calloc(capacity + 1, sizeof *v->groups);
    v->table = calloc(slots, sizeof *v->table);
    return v->nodes && v->groups_of && v->groups && v->table;
}

static void vote_free(vote *v) {
    free(v->nodes);
    free(v->groups_of);
    free(v->groups);
    free(v->table);
}

static void vote_add(vote *v, const stg_host *host, stg_node node) {
    stg_node_info info = {0};
    size_t *slot;
    group *g;
    info.struct_size = sizeof info;
    /* Truncated is not finished: a cut text has no vote. */
    if (host->get_node(host, node, &info) != STG_OK || !(info.flags & STG_NODE_FINISHED)) return;
    v->nodes[v->node_count] = node;
    if (info.flags & STG_NODE_ANSWERED) {
        slot = find(v->table, v->mask, v->groups, info.answer);
        if (*slot == 0) {
            g = &v->groups[v->group_count++];
            g->answer = info.answer;
            g->first = v->node_count;
            *slot = v->group_count;
        }
        g = &v->groups[*slot - 1];
        g->votes++;
        v->groups_of[v->node_count] = g->first + 1;
    }
    v->node_count++;
}

/* All nodes by the votes of their answer, those without an answer at the end. */
static void vote_rank(vote *v, stg_answer *answers) {
    size_t i, place = 0;
    size_t *starts = v->table; /* no longer a table; large enough: slots > nodes */
    qsort(v->groups, v->group_count, sizeof *v->groups, by_votes);
    for (i = 0; i < v->group_count; i++) {
        starts[v->groups[i].first] = place;
        place += v->groups[i].votes;
    }
    for (i = 0; i < v->node_count; i++) {
        int has_answer = v->groups_of[i] != 0;
        stg_answer *answer = &answers[has_answer ? starts[v->groups_of[i] - 1]++ : place++];
        answer->node = v->nodes[i];
        answer->weight = has_answer ? 1 : 0;
    }
}

/* -------------------------------------------------------------------- next */

static stg_status done(stg_instance *self, const stg_tell *tell, stg_next *out) {
    size_t i, j, told_nodes = 0;
    int failed = 0;
    vote v;
    for (i = 0; i < tell->told_count; i++) {
        told_nodes += stg_told_at(tell, i)->node_count;
        failed |= stg_told_at(tell, i)->outcome == STG_OUTCOME_MODEL_FAILED;
    }
    if (!vote_init(&v, told_nodes) || !(self->answers = calloc(told_nodes + 1, sizeof *self->answers))) {
        vote_free(&v);
        return fail(self->host, STG_OUT_OF_MEMORY, "no memory for the vote");
    }
    for (i = 0; i < tell->told_count; i++) {
        const stg_told *told = stg_told_at(tell, i);
        for (j = 0; j < told->node_count; j++) vote_add(&v, self->host, told->nodes[j]);
    }
    vote_rank(&v, self->answers);
    out->kind = STG_NEXT_DONE;
    out->answers = self->answers;
    out->answer_count = v.node_count;
    vote_free(&v);
    if (out->answer_count == 0 && failed)
        return fail(self->host, STG_ERROR, "the model failed before it finished an answer");
    return STG_OK;
}

static stg_status next(stg_instance *self, const stg_tell *tell, stg_next *out) {
    if (tell->event != STG_EVENT_START) return done(self, tell, out);
    out->kind = STG_NEXT_ASKS;
    out->asks = &self->ask;
    out->ask_count = 1;
    return STG_OK;
}

static stg_status save(stg_instance *self, stg_str *out) {
    (void)self;
    out->data = NULL;
    out->size = 0;
    return STG_OK;
}

static stg_status restore(const stg_host *host, const stg_create_info *info, stg_str state, stg_instance **out) {
    if (state.size != 0) return fail(host, STG_INVALID_ARGUMENT, "the saved state is damaged");
    return create(host, info, out);
}

/* ------------------------------------------------------------------- entry */

static const stg_strategy majority = {
    sizeof(stg_strategy), 0, TEXT("org.stratagem.majority"), TEXT("majority"), TEXT("1.0.0"),
    TEXT("N whole answers; the most common one wins"), params, PARAM_COUNT,
    create, next, save, restore, destroy, roles, 1,
};

static const stg_strategy *const strategies[] = {&majority};

static const stg_plugin plugin = {
    STG_MAGIC, sizeof(stg_plugin), STG_ABI_MAJOR, STG_ABI_MINOR, TEXT("majority"), TEXT("1.0.0"),
    strategies, 1, NULL, 0, NULL,
};

STG_EXPORT const stg_plugin *stg_plugin_entry(void) { return &plugin; }
