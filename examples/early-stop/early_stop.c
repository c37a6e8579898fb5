/* Early-stopping self-consistency (Li et al. 2024, arXiv 2401.10480): sample answers
 * a window at a time, and stop as soon as a whole window agrees. Easy problems cost
 * one window; hard ones the budget.
 *
 *   cc -shared -fPIC -I Sources/CStratagem/include examples/early-stop/early_stop.c -o early-stop.so
 *   stratagem solve --strategy ./early-stop.so --budget 64 --example 2
 */
#include "stratagem.h"

#include <stdlib.h>
#include <string.h>

#define TEXT(literal) {(literal), sizeof(literal) - 1}

#define ANSWERS_MAX 65536 /* a run may have no limit */

struct stg_instance {
    const stg_host *host;
    stg_node root;
    uint32_t window, asked;
    stg_ask ask;
    size_t count, capacity;
    stg_answer *answers; /* every finished answer so far */
};

static stg_status create(const stg_host *host, const stg_create_info *info, stg_instance **out) {
    stg_instance *self = calloc(1, sizeof *self);
    if (!self) return STG_OUT_OF_MEMORY;
    self->host = host;
    self->root = info->problems[0].root;
    self->window = (uint32_t)info->params[0].i;
    *out = self;
    return STG_OK;
}

static void destroy(stg_instance *self) {
    free(self->answers);
    free(self);
}

static stg_str answer_of(stg_instance *self, stg_node node) {
    stg_node_info info = {0};
    info.struct_size = sizeof info;
    self->host->get_node(self->host, node, &info);
    return info.flags & STG_NODE_ANSWERED ? info.answer : (stg_str){NULL, 0};
}

static int same(stg_str a, stg_str b) { return a.size == b.size && a.size > 0 && memcmp(a.data, b.data, a.size) == 0; }

/* Adds the finished answers of a window; returns 1 if all of them are one answer, or no more will come. */
static int take(stg_instance *self, const stg_told *told) {
    size_t first = self->count;
    for (size_t i = 0; i < told->node_count; i++) {
        if (answer_of(self, told->nodes[i]).size == 0) continue; /* truncated, or no answer in it */
        if (self->count == self->capacity) {
            size_t capacity = self->capacity ? 2 * self->capacity : 64;
            stg_answer *grown = realloc(self->answers, capacity * sizeof *grown);
            if (!grown) return 1;
            self->answers = grown;
            self->capacity = capacity;
        }
        self->answers[self->count++] = (stg_answer){told->nodes[i], 1};
    }
    size_t agreeing = 0;
    for (size_t i = first; i < self->count; i++)
        agreeing += same(answer_of(self, self->answers[first].node), answer_of(self, self->answers[i].node));
    return agreeing == self->window || told->node_count == 0 || (told->outcome != STG_OUTCOME_OK && told->outcome != STG_OUTCOME_TRUNCATED);
}

/* The most common answer's nodes first: answers are equal if their bytes are. */
static void rank(stg_instance *self) {
    size_t most = 0;
    stg_str winner = {NULL, 0};
    for (size_t i = 0; i < self->count; i++) {
        size_t votes = 0;
        for (size_t j = 0; j < self->count; j++)
            votes += same(answer_of(self, self->answers[i].node), answer_of(self, self->answers[j].node));
        if (votes > most) { most = votes; winner = answer_of(self, self->answers[i].node); }
    }
    for (size_t i = 0, front = 0; i < self->count; i++) {
        if (!same(answer_of(self, self->answers[i].node), winner)) continue;
        stg_answer moved = self->answers[i];
        self->answers[i] = self->answers[front];
        self->answers[front++] = moved;
    }
}

static stg_status next(stg_instance *self, const stg_tell *tell, stg_next *out) {
    int settled = tell->event != STG_EVENT_START && tell->event != STG_EVENT_RESULTS;
    for (size_t i = 0; i < tell->told_count; i++) settled |= take(self, stg_told_at(tell, i));
    if (settled || self->asked >= ANSWERS_MAX) {
        rank(self);
        out->kind = STG_NEXT_DONE;
        out->answers = self->answers;
        out->answer_count = self->count;
        return STG_OK;
    }
    self->ask = (stg_ask){.struct_size = sizeof(stg_ask), .kind = STG_ASK_SAMPLE, .node = self->root,
                          .count = self->window, .temperature = 0.8};
    self->asked += self->window;
    out->kind = STG_NEXT_ASKS;
    out->asks = &self->ask;
    out->ask_count = 1;
    return STG_OK;
}

static const stg_param params[] = {{
    .struct_size = sizeof(stg_param), .kind = STG_PARAM_INT, .id = TEXT("window"),
    .help = TEXT("samples that must all agree"), .fallback = {.kind = STG_VALUE_INT, .i = 4}, .min = 1, .max = 1024}};

static const stg_strategy early_stop = {
    .struct_size = sizeof(stg_strategy), .id = TEXT("org.stratagem.examples.early-stop"), .name = TEXT("early-stop"),
    .version = TEXT("1.0.0"), .summary = TEXT("Samples until a window of answers agrees"),
    .params = params, .param_count = 1, .create = create, .next = next, .destroy = destroy};

static const stg_strategy *const strategies[] = {&early_stop};

static const stg_plugin plugin = {
    .magic = STG_MAGIC, .struct_size = sizeof(stg_plugin), .abi_major = STG_ABI_MAJOR, .abi_minor = STG_ABI_MINOR,
    .name = TEXT("early-stop"), .version = TEXT("1.0.0"), .strategies = strategies, .strategy_count = 1};

const stg_plugin *stg_plugin_entry(void) { return &plugin; }
