/* Deep think with confidence (Fu et al. 2025, arXiv 2508.15260), with what a host tells
 * of its tokens. Whole answers are sampled to warm up; how sure the model was at the
 * worst place of the better half of them is the threshold. Later paths go step by
 * step and are given up where they fall below it. The vote is weighed by confidence.
 *
 * It uses the extension stratagem.confidence/1 if the host has it. If not, nothing
 * is given up, and the vote is weighed by what every host knows.
 *
 *   cc -shared -fPIC -I Sources/CStratagem/include examples/deep-confidence/deep_confidence.c -lm -o deep-confidence.so
 *   stratagem solve --strategy ./deep-confidence.so --budget 64 --example 2
 */
#include "stratagem_confidence.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define TEXT(literal) {(literal), sizeof(literal) - 1}
#define SAMPLES_MAX 4096
#define TEMPERATURE 0.8

struct stg_instance {
    const stg_host *host;
    const stg_confidence_1 *confidence; /* NULL: the host does not have it */
    stg_node root;
    size_t samples, warmup; /* in all; of these whole, to begin with */
    double keep;            /* the part of the warm-up that sets the threshold */
    double threshold;
    int warm;
    size_t count;           /* answers so far */
    stg_answer *answers;    /* room for all samples */
    double *worst;          /* of the warm-up's answers: how sure at the worst place */
    stg_ask *asks;          /* one a path that is being followed */
};

static void destroy(stg_instance *self) {
    free(self->answers);
    free(self->worst);
    free(self->asks);
    free(self);
}

static stg_status create(const stg_host *host, const stg_create_info *info, stg_instance **out) {
    static const stg_str id = TEXT(STG_CONFIDENCE_1);
    stg_budget budget = {.struct_size = sizeof budget};
    stg_instance *self = calloc(1, sizeof *self);
    if (!self) return STG_OUT_OF_MEMORY;
    self->host = host;
    self->root = info->problems[0].root;
    self->confidence = host->get_extension(host, id);
    host->get_budget(host, &budget);
    self->samples = budget.generations == STG_UNLIMITED ? 16 : budget.generations < SAMPLES_MAX ? (size_t)budget.generations : SAMPLES_MAX;
    self->warmup = self->confidence ? (size_t)info->params[0].i : self->samples;
    if (self->warmup > self->samples) self->warmup = self->samples;
    self->keep = info->params[1].f;
    self->answers = calloc(self->samples + 1, sizeof *self->answers);
    self->worst = calloc(self->samples + 1, sizeof *self->worst);
    self->asks = calloc(self->samples + 1, sizeof *self->asks);
    if (!self->answers || !self->worst || !self->asks) {
        destroy(self);
        return STG_OUT_OF_MEMORY;
    }
    *out = self;
    return STG_OK;
}

/* How sure the model was at the worst place of a node; -infinity if nobody knows. */
static double worst_place(const stg_instance *self, stg_node node) {
    stg_confidence found = {.struct_size = sizeof found};
    if (!self->confidence || self->confidence->summary(self->host, node, &found) != STG_OK) return -HUGE_VAL;
    return found.lowest_window;
}

/* The mean probability of a token on the way to a node: every host knows it. */
static double sureness(const stg_instance *self, stg_node node) {
    double sum = 0, tokens = 0;
    while (node != STG_NO_NODE) {
        stg_node_info info = {.struct_size = sizeof info};
        if (self->host->get_node(self->host, node, &info) != STG_OK) break;
        if (info.parent != STG_NO_NODE) sum += info.log_probability, tokens += info.tokens;
        node = info.parent;
    }
    double mean = tokens > 0 ? exp(sum / tokens) : 0;
    return mean >= 0 && mean <= 1 ? mean : 0;
}

static stg_ask sample(stg_node node, size_t count, uint32_t steps, uint64_t tag) {
    return (stg_ask){.struct_size = sizeof(stg_ask), .kind = STG_ASK_SAMPLE, .tag = tag, .node = node,
                     .count = (uint32_t)count, .steps = steps, .temperature = TEMPERATURE};
}

static int descending(const void *a, const void *b) {
    double left = *(const double *)a, right = *(const double *)b;
    return (left < right) - (left > right);
}

/* What the best `keep` of the warm-up reached; a path that falls below it is given
 * up, and so are the warm-up's own answers below it. */
static void set_threshold(stg_instance *self) {
    size_t kept = 0;
    double sorted[SAMPLES_MAX];
    memcpy(sorted, self->worst, self->count * sizeof *sorted);
    qsort(sorted, self->count, sizeof *sorted, descending);
    size_t place = (size_t)ceil(self->keep * (double)self->count);
    self->threshold = self->count && place ? sorted[place - 1] : -HUGE_VAL;
    for (size_t i = 0; i < self->count; i++)
        if (self->worst[i] >= self->threshold) self->answers[kept++] = self->answers[i];
    self->count = kept;
}

/* Takes the told nodes in, and makes `asks` of the paths that continue. */
static size_t take(stg_instance *self, const stg_tell *tell, int *spent) {
    size_t live = 0;
    for (size_t i = 0; i < tell->told_count; i++) {
        const stg_told *told = stg_told_at(tell, i);
        *spent |= told->outcome == STG_OUTCOME_BUDGET_EXHAUSTED || told->outcome == STG_OUTCOME_MODEL_FAILED;
        for (size_t j = 0; j < told->node_count; j++) {
            stg_node node = told->nodes[j];
            stg_node_info info = {.struct_size = sizeof info};
            if (self->host->get_node(self->host, node, &info) != STG_OK || info.flags & STG_NODE_TRUNCATED) continue;
            double worst = worst_place(self, node);
            if (self->warm && worst < self->threshold) continue;
            if (info.flags & STG_NODE_FINISHED) {
                if (!(info.flags & STG_NODE_ANSWERED) || self->count >= self->samples) continue;
                self->worst[self->count] = worst;
                self->answers[self->count++] = (stg_answer){node, 0};
            } else if (live < self->samples) {
                self->asks[live] = sample(node, 1, 1, live);
                live++;
            }
        }
    }
    return live;
}

static stg_status done(stg_instance *self, stg_next *out) {
    for (size_t i = 0; i < self->count; i++) self->answers[i].weight = sureness(self, self->answers[i].node);
    /* Best first; the order among equals is theirs already. */
    for (size_t i = 1; i < self->count; i++)
        for (size_t j = i; j > 0 && self->answers[j].weight > self->answers[j - 1].weight; j--) {
            stg_answer lower = self->answers[j - 1];
            self->answers[j - 1] = self->answers[j];
            self->answers[j] = lower;
        }
    out->kind = STG_NEXT_DONE;
    out->answers = self->answers;
    out->answer_count = self->count;
    return STG_OK;
}

static stg_status ask(stg_instance *self, size_t count, stg_next *out) {
    out->kind = STG_NEXT_ASKS;
    out->asks = self->asks;
    out->ask_count = count;
    return STG_OK;
}

static stg_status next(stg_instance *self, const stg_tell *tell, stg_next *out) {
    int spent = tell->event != STG_EVENT_START && tell->event != STG_EVENT_RESULTS;
    size_t live = take(self, tell, &spent);
    if (tell->event == STG_EVENT_START) {
        self->asks[0] = sample(self->root, self->warmup, 0, 0);
        return self->warmup ? ask(self, 1, out) : done(self, out);
    }
    if (!self->warm) {
        self->warm = 1;
        if (self->confidence) set_threshold(self);
        live = self->samples > self->warmup;
        self->asks[0] = sample(self->root, self->samples - self->warmup, 1, 0);
    }
    return spent || live == 0 ? done(self, out) : ask(self, live, out);
}

static const stg_param params[] = {
    {.struct_size = sizeof(stg_param), .kind = STG_PARAM_INT, .id = TEXT("warmup"),
     .help = TEXT("whole answers that set the threshold"), .fallback = {.kind = STG_VALUE_INT, .i = 8}, .min = 1, .max = SAMPLES_MAX},
    {.struct_size = sizeof(stg_param), .kind = STG_PARAM_FLOAT, .id = TEXT("keep"),
     .help = TEXT("the part of them that reaches it"), .fallback = {.kind = STG_VALUE_FLOAT, .f = 0.5}, .min = 0.01, .max = 1}};

static const stg_strategy deep_confidence = {
    .struct_size = sizeof(stg_strategy), .id = TEXT("org.stratagem.examples.deep-confidence"), .name = TEXT("deep-confidence"),
    .version = TEXT("1.0.0"), .summary = TEXT("Gives paths up where the model is less sure than it was"),
    .params = params, .param_count = 2, .create = create, .next = next, .destroy = destroy};

static const stg_strategy *const strategies[] = {&deep_confidence};

static const stg_plugin plugin = {
    .magic = STG_MAGIC, .struct_size = sizeof(stg_plugin), .abi_major = STG_ABI_MAJOR, .abi_minor = STG_ABI_MINOR,
    .name = TEXT("deep-confidence"), .version = TEXT("1.0.0"), .strategies = strategies, .strategy_count = 1};

const stg_plugin *stg_plugin_entry(void) { return &plugin; }
