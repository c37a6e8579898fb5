/* A plugin that breaks the contract, one way per run: the parameter `mode` says which.
 * In most modes it first samples one whole answer, so that there is something finished
 * to keep, and then misbehaves. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "stratagem.h"

#define TEXT(s) {s, sizeof(s) - 1}

struct stg_instance {
    const stg_host *host;
    stg_node root, child;
    int turn;
    char mode[32];
    stg_ask asks[4];
    stg_answer answers[4];
    stg_node nodes[4];
    stg_named_value values[2];
};

static const stg_param params[] = {
    {sizeof(stg_param), STG_PARAM_TEXT, TEXT("mode"), TEXT("What to do wrong."), {STG_VALUE_TEXT, 0, 0, 0, TEXT("none")}, {NULL, 0}, 0, 0, NULL, 0, 0, 0},
};

static stg_str str(const char *text) {
    stg_str s;
    s.data = text;
    s.size = strlen(text);
    return s;
}

static stg_status create(const stg_host *host, const stg_create_info *info, stg_instance **out) {
    stg_instance *self;
    const stg_str mode = info->params[0].s;
    if (mode.size == 12 && !memcmp(mode.data, "create-fails", 12)) {
        host->set_error(host, STG_OUT_OF_MEMORY, str("no room"));
        return STG_OUT_OF_MEMORY;
    }
    if (mode.size == 11 && !memcmp(mode.data, "create-null", 11)) return STG_OK;
    self = calloc(1, sizeof *self);
    self->host = host;
    self->root = info->problems->root;
    memcpy(self->mode, mode.data, mode.size < 31 ? mode.size : 31);
    *out = self;
    return STG_OK;
}

static void sample(stg_ask *ask, stg_node node) {
    memset(ask, 0, sizeof *ask);
    ask->struct_size = sizeof *ask;
    ask->kind = STG_ASK_SAMPLE;
    ask->node = node;
    ask->count = 1;
    ask->temperature = 1;
}

static stg_status ask(stg_instance *self, stg_next *out, size_t count) {
    out->kind = STG_NEXT_ASKS;
    out->asks = self->asks;
    out->ask_count = count;
    return STG_OK;
}

static stg_status done(stg_instance *self, stg_next *out, size_t count) {
    out->kind = STG_NEXT_DONE;
    out->answers = self->answers;
    out->answer_count = count;
    return STG_OK;
}

static int is(const stg_instance *self, const char *mode) { return !strcmp(self->mode, mode); }

/* A RUN with a parameter that is wrong. */
static int misgive(stg_instance *self, stg_ask *a) {
    static char large[100000];
    stg_named_value *value = self->values;
    a->kind = STG_ASK_RUN, a->text = str("greedy"), a->share = 1, a->params = value, a->param_count = 1;
    memset(large, 'x', sizeof large);
    value[0].name = value[1].name = str("temperature");
    value[0].value.kind = value[1].value.kind = STG_VALUE_FLOAT;
    if (is(self, "param-name-bytes")) value->name = str("\xff");
    else if (is(self, "param-value-bytes")) value->value.kind = STG_VALUE_TEXT, value->value.s = str("\xc3(");
    else if (is(self, "param-twice")) a->param_count = 2;
    else if (is(self, "param-kind")) value->value.kind = 77;
    else if (is(self, "param-name-null")) value->name.data = NULL, value->name.size = 9;
    else if (is(self, "param-name-long")) value->name.data = large, value->name.size = sizeof large, value->value.kind = 77;
    else if (is(self, "param-unknown")) value->name = str("nonsense");
    else if (is(self, "param-wrong")) value->value.kind = STG_VALUE_TEXT, value->value.s = str("warm");
    else if (is(self, "params-huge")) a->param_count = 1025;
    else return 0;
    return 1;
}

/* Asks of one kind that are wrong in one field. */
static int misask(stg_instance *self) {
    stg_ask *a = &self->asks[0];
    sample(a, self->root);
    if (is(self, "foreign-node")) a->node = 999;
    else if (is(self, "no-node")) a->node = STG_NO_NODE;
    else if (is(self, "huge-node")) a->node = UINT64_MAX;
    else if (is(self, "finished-node")) a->node = self->child;
    else if (is(self, "count-zero")) a->count = 0;
    else if (is(self, "count-huge")) a->count = UINT32_C(1) << 31;
    else if (is(self, "steps-huge")) a->steps = UINT32_MAX;
    else if (is(self, "temperature-nan")) a->temperature = NAN;
    else if (is(self, "temperature-negative")) a->temperature = -1;
    else if (is(self, "temperature-infinite")) a->temperature = INFINITY;
    else if (is(self, "top-p-two")) a->top_p = 2;
    else if (is(self, "min-p-nan")) a->min_p = NAN;
    else if (is(self, "kind-zero")) a->kind = 0;
    else if (is(self, "kind-huge")) a->kind = 99;
    else if (is(self, "kind-negative")) a->kind = -1;
    else if (is(self, "size-zero")) a->struct_size = 0;
    else if (is(self, "size-odd")) a->struct_size = sizeof *a + 1;
    else if (is(self, "size-huge")) a->struct_size = UINT32_MAX - 7;
    else if (is(self, "role-bytes")) a->role = str("\xff\xfe");
    else if (is(self, "role-unknown")) a->role = str("wizard");
    else if (is(self, "role-beyond")) a->role = str("role-beyondSam went to");
    else if (is(self, "role-words")) a->role = str("the large one");
    else if (is(self, "role-null")) a->role.size = 5;
    else if (is(self, "append-finished")) a->kind = STG_ASK_APPEND, a->node = self->child, a->text = str("Wait");
    else if (is(self, "append-empty")) a->kind = STG_ASK_APPEND;
    else if (is(self, "append-null")) a->kind = STG_ASK_APPEND, a->text.size = 7;
    else if (is(self, "append-huge")) a->kind = STG_ASK_APPEND, a->text.data = "x", a->text.size = SIZE_MAX / 2;
    else if (is(self, "score-root")) a->kind = STG_ASK_SCORE, self->nodes[0] = self->root, a->nodes = self->nodes, a->node_count = 1;
    else if (is(self, "score-foreign")) a->kind = STG_ASK_SCORE, self->nodes[0] = 77, a->nodes = self->nodes, a->node_count = 1;
    else if (is(self, "score-null")) a->kind = STG_ASK_SCORE, a->node_count = 3;
    else if (is(self, "score-role")) a->kind = STG_ASK_SCORE, a->role = str("orm"), a->nodes = &self->child, a->node_count = 1;
    else if (is(self, "nodes-huge")) a->kind = STG_ASK_SCORE, a->nodes = self->nodes, a->node_count = SIZE_MAX / 4;
    else if (is(self, "revise-problem")) a->kind = STG_ASK_REVISE, a->problem = 9;
    else if (is(self, "revise-foreign")) a->kind = STG_ASK_REVISE, self->nodes[0] = 77, a->nodes = self->nodes, a->node_count = 1;
    else if (is(self, "self-run")) a->kind = STG_ASK_RUN, a->text = str("hostile"), a->share = 0.5;
    else if (is(self, "self-run-by-id")) a->kind = STG_ASK_RUN, a->text = str("org.stratagem.tests.hostile"), a->share = 0.5;
    else if (is(self, "run-nobody")) a->kind = STG_ASK_RUN, a->text = str("nobody"), a->share = 0.5;
    else if (is(self, "run-problem")) a->kind = STG_ASK_RUN, a->text = str("greedy"), a->share = 0.5, a->problem = 3;
    else if (is(self, "share-zero")) a->kind = STG_ASK_RUN, a->text = str("greedy");
    else if (is(self, "share-nan")) a->kind = STG_ASK_RUN, a->text = str("greedy"), a->share = NAN;
    else if (is(self, "share-two")) a->kind = STG_ASK_RUN, a->text = str("greedy"), a->share = 2;
    else if (is(self, "params-null")) a->kind = STG_ASK_RUN, a->text = str("greedy"), a->share = 1, a->param_count = 2;
    else if (is(self, "params-negative")) a->kind = STG_ASK_RUN, a->text = str("greedy"), a->share = 1, a->param_count = SIZE_MAX;
    else if (is(self, "nodes-negative")) a->kind = STG_ASK_SCORE, a->nodes = self->nodes, a->node_count = SIZE_MAX;
    else if (is(self, "text-negative")) a->kind = STG_ASK_APPEND, a->text.data = "x", a->text.size = SIZE_MAX;
    else if (is(self, "append-bytes")) a->kind = STG_ASK_APPEND, a->text = str("a\xff");
    else if (is(self, "revise-null")) a->kind = STG_ASK_REVISE, a->node_count = 3;
    else if (is(self, "revise-huge")) a->kind = STG_ASK_REVISE, a->nodes = self->nodes, a->node_count = SIZE_MAX / 4;
    else if (is(self, "run-bytes")) a->kind = STG_ASK_RUN, a->text = str("gr\xff" "edy"), a->share = 1;
    else if (is(self, "run-empty")) a->kind = STG_ASK_RUN, a->share = 1;
    else if (is(self, "run-escapes")) a->kind = STG_ASK_RUN, a->text = str("\033[2J\rgreedy\n"), a->share = 1;
    else return misgive(self, a);
    return 1;
}

static stg_status misbehave(stg_instance *self, const stg_tell *tell, stg_next *out) {
    self->answers[0].node = self->answers[1].node = self->child;
    self->answers[0].weight = self->answers[1].weight = 1;
    if (misask(self)) return ask(self, out, 1);
    if (is(self, "duplicate-tags")) {
        sample(&self->asks[0], self->root);
        sample(&self->asks[1], self->root);
        sample(&self->asks[2], self->root);
        self->asks[0].tag = self->asks[2].tag = 5;
        return ask(self, out, 3);
    }
    if (is(self, "sizes-mixed")) {
        sample(&self->asks[0], self->root);
        sample(&self->asks[1], self->root);
        self->asks[1].tag = 1;
        self->asks[1].struct_size = 160;
        return ask(self, out, 2);
    }
    if (is(self, "asks-misaligned")) return out->kind = STG_NEXT_ASKS, out->asks = (stg_ask *)((char *)self->asks + 4), out->ask_count = 1, STG_OK;
    if (is(self, "batch-heavy")) {
        /* Four asks that point to one text of 20 MiB. */
        static char text[20 << 20];
        for (int i = 0; i < 4; i++) {
            sample(&self->asks[i], self->root);
            self->asks[i].tag = (uint64_t)i, self->asks[i].kind = STG_ASK_APPEND;
            self->asks[i].text.data = text, self->asks[i].text.size = sizeof text;
        }
        return ask(self, out, 4);
    }
    if (is(self, "empty-for-ever")) return ask(self, out, 0);
    if (is(self, "asks-null")) return out->kind = STG_NEXT_ASKS, out->ask_count = 5, STG_OK;
    if (is(self, "asks-huge")) return ask(self, out, SIZE_MAX / sizeof(stg_ask));
    if (is(self, "asks-negative")) return ask(self, out, SIZE_MAX);
    if (is(self, "done-negative-count")) return done(self, out, SIZE_MAX);
    if (is(self, "next-nothing")) return STG_OK;
    if (is(self, "next-kind")) return out->kind = 7, STG_OK;
    if (is(self, "done-foreign")) return self->answers[0].node = 99, done(self, out, 1);
    if (is(self, "done-root")) return self->answers[0].node = self->root, done(self, out, 1);
    if (is(self, "done-twice")) return done(self, out, 2);
    if (is(self, "done-nan")) return self->answers[0].weight = NAN, done(self, out, 1);
    if (is(self, "done-infinite")) return self->answers[0].weight = INFINITY, done(self, out, 1);
    if (is(self, "done-negative")) return self->answers[0].weight = -1, done(self, out, 1);
    if (is(self, "done-null")) return out->kind = STG_NEXT_DONE, out->answer_count = 3, STG_OK;
    if (is(self, "done-huge")) return done(self, out, SIZE_MAX / sizeof(stg_answer));
    if (is(self, "done-truncated")) {
        if (self->turn == 2) {
            sample(&self->asks[0], self->root);
            self->asks[0].max_tokens = 1;
            return ask(self, out, 1);
        }
        self->answers[0].node = tell->told->nodes[0];
        return done(self, out, 1);
    }
    if (is(self, "error")) return self->host->set_error(self->host, STG_ERROR, str("I give up")), STG_ERROR;
    if (is(self, "error-bytes")) return self->host->set_error(self->host, STG_ERROR, str("\xff!")), STG_ERROR;
    if (is(self, "error-long")) {
        static char bytes[100000];
        stg_str text = {bytes, sizeof bytes};
        memset(bytes, 0xff, sizeof bytes);
        return self->host->set_error(self->host, STG_ERROR, text), STG_ERROR;
    }
    if (is(self, "error-escapes")) return self->host->set_error(self->host, STG_ERROR, str("\033[2J\r\nanswer  42")), STG_ERROR;
    if (is(self, "error-silent")) return STG_INVALID_ARGUMENT;
    if (is(self, "status")) return 77;
    if (is(self, "ignore-stop")) {
        sample(&self->asks[0], self->root);
        return ask(self, out, 1);
    }
    if (is(self, "score-for-ever")) {
        self->nodes[0] = self->child;
        memset(&self->asks[0], 0, sizeof self->asks[0]);
        self->asks[0].struct_size = sizeof self->asks[0];
        self->asks[0].kind = STG_ASK_SCORE;
        self->asks[0].nodes = self->nodes;
        self->asks[0].node_count = 1;
        return ask(self, out, 1);
    }
    if (is(self, "slow")) usleep(600000);
    return done(self, out, 1);
}

static stg_status next(stg_instance *self, const stg_tell *tell, stg_next *out) {
    if (self->turn++ == 0) {
        sample(&self->asks[0], self->root);
        return ask(self, out, 1);
    }
    if (self->turn == 2) self->child = tell->told_count && tell->told->node_count ? tell->told->nodes[0] : 0;
    return misbehave(self, tell, out);
}

static void destroy(stg_instance *self) { free(self); }

static const stg_strategy strategy = {
    sizeof(stg_strategy), 0, TEXT("org.stratagem.tests.hostile"), TEXT("hostile"), TEXT("1.0.0"), TEXT("Breaks the contract."),
    params, 1, create, next, NULL, NULL, destroy, NULL, 0,
};
static const stg_strategy *const strategies[] = {&strategy};
static const stg_plugin plugin = {
    STG_MAGIC, sizeof(stg_plugin), STG_ABI_MAJOR, STG_ABI_MINOR, TEXT("hostile"), TEXT("1.0.0"), strategies, 1, NULL, 0, NULL,
};

STG_EXPORT const stg_plugin *stg_plugin_entry(void) { return &plugin; }
