/* A strategy that goes on and on: one step, one score, `turns` times. */
#include <stdlib.h>

#include "stratagem.h"

#define TEXT(s) {s, sizeof(s) - 1}

static const stg_param params[] = {
    {sizeof(stg_param), STG_PARAM_INT, TEXT("turns"), TEXT("How many."), {STG_VALUE_INT, 0, 10, 0, {NULL, 0}}, {NULL, 0}, 1, 1e9, NULL, 0, 0, 0},
    {sizeof(stg_param), STG_PARAM_INT, TEXT("score"), TEXT("Score every step."), {STG_VALUE_INT, 0, 1, 0, {NULL, 0}}, {NULL, 0}, 0, 1, NULL, 0, 0, 0},
};

struct stg_instance {
    stg_node node;
    int64_t left, score;
    int sampling;
    stg_ask ask;
};

static stg_status create(const stg_host *host, const stg_create_info *info, stg_instance **out) {
    stg_instance *self = calloc(1, sizeof *self);
    (void)host;
    if (!self) return STG_OUT_OF_MEMORY;
    self->node = info->problems->root;
    self->left = info->params[0].i;
    self->score = info->params[1].i;
    *out = self;
    return STG_OK;
}

static stg_status next(stg_instance *self, const stg_tell *tell, stg_next *out) {
    if (self->sampling && tell->told_count && tell->told->node_count) self->node = tell->told->nodes[0];
    if (self->left-- <= 0 || tell->event > STG_EVENT_RESULTS) {
        out->kind = STG_NEXT_DONE;
        return STG_OK;
    }
    self->sampling = !(self->sampling && self->score);
    self->ask = (stg_ask){0};
    self->ask.struct_size = sizeof self->ask;
    if (self->sampling) {
        self->ask.kind = STG_ASK_SAMPLE;
        self->ask.node = self->node;
        self->ask.count = self->ask.steps = 1;
        self->ask.temperature = 1;
    } else {
        self->ask.kind = STG_ASK_SCORE;
        self->ask.nodes = &self->node;
        self->ask.node_count = 1;
    }
    out->kind = STG_NEXT_ASKS;
    out->asks = &self->ask;
    out->ask_count = 1;
    return STG_OK;
}

static void destroy(stg_instance *self) { free(self); }

static const stg_strategy strategy = {
    sizeof(stg_strategy), 0, TEXT("org.stratagem.tests.walker"), TEXT("walker"), TEXT("1.0.0"), TEXT("Goes on."),
    params, 2, create, next, NULL, NULL, destroy, NULL, 0,
};
static const stg_strategy *const strategies[] = {&strategy};
static const stg_plugin plugin = {
    STG_MAGIC, sizeof(stg_plugin), STG_ABI_MAJOR, STG_ABI_MINOR, TEXT("walker"), TEXT("1.0.0"), strategies, 1, NULL, 0, NULL,
};

STG_EXPORT const stg_plugin *stg_plugin_entry(void) { return &plugin; }
