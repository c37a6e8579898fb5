/* my-search: N whole answers, chosen by the verifier (best-of-N).
 *
 * A state machine of three turns. START is answered with one SAMPLE, the samples
 * with one SCORE, and whatever comes after that with DONE. stratagem.h is the
 * contract; it states every rule that this file follows. */
#include <stdlib.h>
#include <string.h>

#include "stratagem.h"
#include "stratagem_vote.h"

#define TEXT(literal) { literal, sizeof(literal) - 1 }
#define N_MAX 4096
#define FALLBACK_N 16 /* if neither the user nor the budget says */

/* -------------------------------------------------------------- parameters */

enum { PARAM_N, PARAM_TEMPERATURE, PARAM_COUNT };

static const stg_param params[PARAM_COUNT] = {
    {sizeof(stg_param), STG_PARAM_INT, TEXT("n"), TEXT("answers to sample, never more than the budget has"),
     {STG_VALUE_NONE, 0, 0, 0, {NULL, 0}}, TEXT("the budget's generations, else 16"), 1, N_MAX, NULL, 0, 0, 0},
    {sizeof(stg_param), STG_PARAM_FLOAT, TEXT("temperature"), TEXT("of sampling; 0 takes the most likely token"),
     {STG_VALUE_FLOAT, 0, 0, 0.8, {NULL, 0}}, {NULL, 0}, 0, 10, NULL, 0, 0, 0},
};

/* What the bundle must have: without it, the host refuses a run before anything runs. */
static const stg_role roles[2] = {
    {sizeof(stg_role), 0, TEXT("policy"), {NULL, 0}, {NULL, 0}, {NULL, 0}, TEXT("samples the answers")},
    {sizeof(stg_role), STG_ROLE_VERIFIER, TEXT("prm"), {NULL, 0}, {NULL, 0}, {NULL, 0}, TEXT("scores them")},
};

/* ---------------------------------------------------------------- instance */

struct stg_instance {
    const stg_host *host;
    uint32_t n;
    stg_ask ask;         /* what next returns stays valid until the next call: */
    stg_node *nodes;     /*   so does all that it points to */
    size_t node_count;   /* finished samples, in the order told */
    size_t voter_count;  /* the first ones of these: those in which an answer was found */
    stg_answer *answers;
};

static stg_status fail(const stg_host *host, stg_status code, const char *why) {
    stg_str text;
    text.data = why;
    text.size = strlen(why);
    host->set_error(host, code, text);
    return code;
}

/* What the user asked for, else what the budget has, else 16; never more than the
 * budget has left. At least one is asked for: the host decides whether anything fits. */
static uint32_t how_many(const stg_host *host, const stg_value *n) {
    stg_budget budget = {0};
    uint64_t left = STG_UNLIMITED, wanted;
    budget.struct_size = sizeof budget;
    if (host->get_budget(host, &budget) == STG_OK && budget.generations != STG_UNLIMITED)
        left = budget.generations > budget.generations_spent ? budget.generations - budget.generations_spent : 0;
    wanted = n->kind == STG_VALUE_INT && n->i > 0 ? (uint64_t)n->i : left != STG_UNLIMITED ? left : FALLBACK_N;
    if (wanted > left) wanted = left;
    if (wanted > N_MAX) wanted = N_MAX;
    return wanted < 1 ? 1 : (uint32_t)wanted;
}

static stg_status create(const stg_host *host, const stg_create_info *info, stg_instance **out) {
    stg_instance *self;
    stg_str prm = TEXT("prm");
    if (info->param_count < PARAM_COUNT) return fail(host, STG_INVALID_ARGUMENT, "too few parameter values");
    if (!host->has_role(host, prm))
        return fail(host, STG_UNSUPPORTED, "this bundle has no verifier (role prm): give one that has");
    self = calloc(1, sizeof *self);
    if (!self) return fail(host, STG_OUT_OF_MEMORY, "no memory for an instance");
    self->host = host;
    self->n = how_many(host, &info->params[PARAM_N]);
    self->ask.struct_size = sizeof self->ask;
    self->ask.kind = STG_ASK_SAMPLE;
    self->ask.node = info->problems->root;
    self->ask.count = self->n;
    self->ask.temperature = info->params[PARAM_TEMPERATURE].f;
    *out = self;
    return STG_OK;
}

static void destroy(stg_instance *self) {
    free(self->nodes);
    free(self->answers);
    free(self);
}

/* ----------------------------------------------------------------- samples */

static int get(const stg_instance *self, stg_node node, stg_node_info *out) {
    memset(out, 0, sizeof *out);
    out->struct_size = sizeof *out;
    return self->host->get_node(self->host, node, out) == STG_OK;
}

/* Keeps the finished samples, those with an answer in front: the others cannot
 * win, so the verifier need not read them. A truncated sample is not finished. */
static stg_status harvest(stg_instance *self, const stg_tell *tell) {
    size_t i, j, total = 0;
    int failed = 0, voters;
    for (i = 0; i < tell->told_count; i++) {
        total += stg_told_at(tell, i)->node_count;
        failed |= stg_told_at(tell, i)->outcome == STG_OUTCOME_MODEL_FAILED;
    }
    self->nodes = calloc(total + 1, sizeof *self->nodes);
    if (!self->nodes) return fail(self->host, STG_OUT_OF_MEMORY, "no memory for the samples");
    for (voters = 1; voters >= 0; voters--) {
        for (i = 0; i < tell->told_count; i++) {
            const stg_told *told = stg_told_at(tell, i);
            for (j = 0; j < told->node_count; j++) {
                stg_node_info info;
                if (!get(self, told->nodes[j], &info) || !(info.flags & STG_NODE_FINISHED)) continue;
                if (voters != ((info.flags & STG_NODE_ANSWERED) != 0)) continue;
                self->nodes[self->node_count++] = told->nodes[j];
            }
        }
        if (voters) self->voter_count = self->node_count;
    }
    if (self->node_count == 0 && failed)
        return fail(self->host, STG_ERROR, "the model failed before it finished an answer");
    return STG_OK;
}

/* DONE: ranked by the sum of the scores that each answer has, best first. */
static stg_status done(stg_instance *self, stg_next *out) {
    free(self->answers);
    self->answers = calloc(self->node_count + 1, sizeof *self->answers);
    if (!self->answers || stg_vote_rank(self->host, STG_VOTE_SUM, self->nodes, self->node_count, self->answers, &out->answer_count))
        return fail(self->host, STG_OUT_OF_MEMORY, "no memory for the ranking");
    out->kind = STG_NEXT_DONE;
    out->answers = self->answers;
    return STG_OK;
}

/* -------------------------------------------------------------------- next */

static stg_status next(stg_instance *self, const stg_tell *tell, stg_next *out) {
    stg_status status;
    out->kind = STG_NEXT_ASKS;
    out->asks = &self->ask;
    out->ask_count = 1;
    if (tell->event == STG_EVENT_START) return STG_OK;
    if (self->ask.kind == STG_ASK_SAMPLE) {
        status = harvest(self, tell);
        if (status != STG_OK) return status;
        if (tell->event == STG_EVENT_RESULTS && self->voter_count > 0) {
            memset(&self->ask, 0, sizeof self->ask);
            self->ask.struct_size = sizeof self->ask;
            self->ask.kind = STG_ASK_SCORE;
            self->ask.nodes = self->nodes;
            self->ask.node_count = self->voter_count;
            return STG_OK;
        }
    }
    /* Scored, stopped, or nothing to score: with events of later versions too. */
    return done(self, out);
}

/* ------------------------------------------------------------------- entry */

/* Names here end in the kind of thing that they name, so that any strategy's name fits. */
static const stg_strategy my_search_strategy = {
    sizeof(stg_strategy), 0, TEXT("org.example.my-search"), TEXT("my-search"), TEXT("0.1.0"),
    TEXT("N whole answers, chosen by the verifier"), params, PARAM_COUNT,
    create, next, NULL, NULL, destroy, roles, 2,
};

static const stg_strategy *const strategies[] = {&my_search_strategy};

static const stg_plugin plugin = {
    STG_MAGIC, sizeof(stg_plugin), STG_ABI_MAJOR, STG_ABI_MINOR, TEXT("my-search"), TEXT("0.1.0"),
    strategies, 1, NULL, 0, NULL,
};

STG_EXPORT const stg_plugin *stg_plugin_entry(void) { return &plugin; }
