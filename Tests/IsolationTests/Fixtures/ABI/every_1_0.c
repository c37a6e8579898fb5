/* A plugin of ABI 1.0 that uses all of it: every ask, every getter, every kind of
 * parameter, save and restore, a function, the extension. It logs whatever it is told.
 *
 * Frozen with 1.0: beside it lies what it was compiled to then (make-fixtures.sh), and
 * every later build must run that, and tell it the same as it tells this source
 * compiled anew (CompiledPluginTests). What later versions add goes elsewhere. */
#include "stratagem_confidence.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEXT(s) {s, sizeof(s) - 1}
#define NODES_MAX 64

struct stg_instance {
    const stg_host *host;
    const stg_confidence_1 *confidence;
    stg_node root;
    uint64_t turn, count;
    stg_node nodes[NODES_MAX];
    stg_ask asks[4];
    stg_answer answers[NODES_MAX];
    char state[16 + 8 * NODES_MAX];
};

static void say(const stg_host *host, stg_log_level level, const char *line) {
    stg_str text = {line, strlen(line)};
    host->log(host, level, text);
}

static stg_status fail(const stg_host *host, stg_status code, const char *why) {
    stg_str text = {why, strlen(why)};
    host->set_error(host, code, text);
    return code;
}

static void tell_node(struct stg_instance *self, stg_node node) {
    const stg_host *host = self->host;
    char line[2048];
    double scores[16];
    size_t count = 0;
    int used;
    stg_node_info info = {.struct_size = sizeof info};
    stg_confidence sure = {.struct_size = sizeof sure};
    stg_status status = host->get_node(host, node, &info), known = STG_UNSUPPORTED;
    stg_status scored = host->step_scores(host, node, scores, 16, &count);
    if (self->confidence) known = self->confidence->summary(host, node, &sure);
    used = snprintf(line, sizeof line, "node %d: %d %d %d, flags %u parent %d problem %u depth %u steps %u tokens %u p %a score %a text '%.*s' answer '%.*s' sure %u %a %a %a %a %a %a scores",
                    (int)node, status, scored, known, info.flags, (int)info.parent, info.problem, info.depth, info.steps, info.tokens,
                    info.log_probability, info.score, (int)info.text.size, info.text.data ? info.text.data : "", (int)info.answer.size,
                    info.answer.data ? info.answer.data : "", sure.tokens, sure.mean, sure.minimum, sure.tenth, sure.median,
                    sure.lowest_window, sure.last_window);
    for (size_t i = 0; i < count && i < 16; i++) used += snprintf(line + used, sizeof line - (size_t)used, " %a", scores[i]);
    say(host, STG_LOG_INFO, line);
}

static void tell_rest(struct stg_instance *self) {
    static const stg_str prm = TEXT("prm"), none = TEXT("none"), unknown = TEXT("stratagem.unknown/1");
    const stg_host *host = self->host;
    char line[512];
    stg_budget budget = {.struct_size = sizeof budget};
    stg_status status = host->get_budget(host, &budget);
    snprintf(line, sizeof line, "budget %d: %llu %llu %a %a, spent %llu %llu %a; random %llx; prm %d, none %d; unknown %d", status,
             (unsigned long long)budget.generations, (unsigned long long)budget.tokens, budget.flops, budget.seconds,
             (unsigned long long)budget.generations_spent, (unsigned long long)budget.tokens_spent, budget.flops_spent,
             (unsigned long long)host->random(host), host->has_role(host, prm), host->has_role(host, none),
             host->get_extension(host, unknown) != NULL);
    say(host, STG_LOG_WARNING, line);
    tell_node(self, 99999);
}

static void ask_everything(struct stg_instance *self, stg_next *out) {
    static const stg_named_value selection = {TEXT("selection"), {STG_VALUE_TEXT, 0, 0, 0, TEXT("naive")}};
    stg_ask *asks = self->asks;
    for (int i = 0; i < 4; i++) asks[i] = (stg_ask){.struct_size = sizeof(stg_ask), .tag = (uint64_t)(40 - i)};
    asks[0].kind = STG_ASK_SAMPLE, asks[0].node = self->root, asks[0].count = 5, asks[0].temperature = 0.7, asks[0].top_p = 0.9,
    asks[0].min_p = 0.01, asks[0].max_tokens = 64;
    asks[1].kind = STG_ASK_APPEND, asks[1].node = self->root, asks[1].text = (stg_str)TEXT("2 + 2 is 4\n");
    asks[2].kind = STG_ASK_REVISE;
    asks[3].kind = STG_ASK_RUN, asks[3].text = (stg_str)TEXT("best-of-n"), asks[3].share = 0.5, asks[3].params = &selection,
    asks[3].param_count = 1, asks[3].max_generations = 3;
    out->kind = STG_NEXT_ASKS, out->asks = asks, out->ask_count = 4;
}

static stg_status next(stg_instance *self, const stg_tell *tell, stg_next *out) {
    char line[128];
    self->turn++;
    snprintf(line, sizeof line, "turn %d: event %d, %zu told", (int)self->turn, tell->event, tell->told_count);
    say(self->host, STG_LOG_DEBUG, line);
    tell_rest(self);
    tell_node(self, self->root);
    if (tell->event == STG_EVENT_START) return ask_everything(self, out), STG_OK;
    for (size_t i = 0; i < tell->told_count; i++) {
        const stg_told *told = stg_told_at(tell, i);
        snprintf(line, sizeof line, "tag %d: outcome %d, %zu nodes", (int)told->tag, told->outcome, told->node_count);
        say(self->host, STG_LOG_ERROR, line);
        for (size_t j = 0; j < told->node_count; j++) {
            stg_node_info info = {.struct_size = sizeof info};
            tell_node(self, told->nodes[j]);
            if (self->turn != 2 || self->count == NODES_MAX) continue;
            if (self->host->get_node(self->host, told->nodes[j], &info) == STG_OK && info.flags & STG_NODE_FINISHED)
                self->nodes[self->count++] = told->nodes[j];
        }
    }
    if (self->turn == 2 && tell->event == STG_EVENT_RESULTS) {
        self->asks[0] = (stg_ask){.struct_size = sizeof(stg_ask), .kind = STG_ASK_SCORE, .tag = 7, .role = TEXT("prm"),
                                  .nodes = self->nodes, .node_count = (size_t)self->count};
        out->kind = STG_NEXT_ASKS, out->asks = self->asks, out->ask_count = 1;
        return STG_OK;
    }
    for (uint64_t i = 0; i < self->count; i++) self->answers[i] = (stg_answer){self->nodes[i], (double)(i + 1) / 7};
    out->kind = STG_NEXT_DONE, out->answers = self->answers, out->answer_count = (size_t)self->count;
    return STG_OK;
}

static void tell_params(const stg_host *host, const stg_create_info *info) {
    char line[512];
    for (size_t i = 0; i < info->param_count; i++) {
        const stg_value *value = &info->params[i];
        snprintf(line, sizeof line, "%.*s: kind %d, %lld, %a, '%.*s'", (int)info->strategy->params[i].id.size, info->strategy->params[i].id.data,
                 value->kind, (long long)value->i, value->f, (int)value->s.size, value->s.data ? value->s.data : "");
        say(host, STG_LOG_INFO, line);
    }
    snprintf(line, sizeof line, "%u problems; the first: '%.*s', root %d; host %u", info->problem_count, (int)info->problems[0].text.size,
             info->problems[0].text.data, (int)info->problems[0].root, host->abi_major);
    say(host, STG_LOG_INFO, line);
}

static stg_status create(const stg_host *host, const stg_create_info *info, stg_instance **out) {
    static const stg_str id = TEXT(STG_CONFIDENCE_1);
    struct stg_instance *self = calloc(1, sizeof *self);
    if (!self) return fail(host, STG_OUT_OF_MEMORY, "no memory");
    self->host = host;
    self->root = info->problems->root;
    self->confidence = host->get_extension(host, id);
    tell_params(host, info);
    *out = self;
    return STG_OK;
}

static stg_status save(stg_instance *self, stg_str *out) {
    memcpy(self->state, &self->turn, 8);
    memcpy(self->state + 8, &self->count, 8);
    memcpy(self->state + 16, self->nodes, sizeof self->nodes);
    *out = (stg_str){self->state, 16 + 8 * (size_t)self->count};
    return STG_OK;
}

static stg_status restore(const stg_host *host, const stg_create_info *info, stg_str state, stg_instance **out) {
    uint64_t count = 0;
    if (state.size >= 16) memcpy(&count, state.data + 8, 8);
    if (state.size < 16 || count > NODES_MAX || state.size != 16 + 8 * count) return fail(host, STG_INVALID_ARGUMENT, "no state of this strategy");
    stg_status status = create(host, info, out);
    if (status != STG_OK) return status;
    memcpy(&(*out)->turn, state.data, 8);
    (*out)->count = count;
    memcpy((*out)->nodes, state.data + 16, 8 * (size_t)count);
    return STG_OK;
}

static void destroy(stg_instance *self) { free(self); }

static const stg_str choices[] = {TEXT("one"), TEXT("two")};
static const stg_param params[] = {
    {.struct_size = sizeof(stg_param), .kind = STG_PARAM_INT, .id = TEXT("whole"), .help = TEXT("a whole number"), .fallback = {STG_VALUE_INT, 0, 7, 0, {NULL, 0}}, .min = 1, .max = 9},
    {.struct_size = sizeof(stg_param), .kind = STG_PARAM_FLOAT, .id = TEXT("part"), .help = TEXT("a number"), .fallback = {STG_VALUE_FLOAT, 0, 0, 0.25, {NULL, 0}}, .min = 0, .max = 1},
    {.struct_size = sizeof(stg_param), .kind = STG_PARAM_BOOL, .id = TEXT("yes"), .help = TEXT("a truth value"), .fallback = {STG_VALUE_BOOL, 0, 1, 0, {NULL, 0}}},
    {.struct_size = sizeof(stg_param), .kind = STG_PARAM_CHOICE, .id = TEXT("which"), .help = TEXT("a choice"), .fallback = {STG_VALUE_TEXT, 0, 0, 0, TEXT("two")}, .choices = choices, .choice_count = 2},
    {.struct_size = sizeof(stg_param), .kind = STG_PARAM_TEXT, .id = TEXT("word"), .help = TEXT("a text"), .fallback = {STG_VALUE_TEXT, 0, 0, 0, TEXT("w\xC3\xB6rd")}},
    {.struct_size = sizeof(stg_param), .kind = STG_PARAM_INT, .id = TEXT("open"), .help = TEXT("worked out"), .fallback = {STG_VALUE_NONE, 0, 0, 0, {NULL, 0}}, .fallback_text = TEXT("by the plugin"), .min = 1, .max = 9},
    {.struct_size = sizeof(stg_param), .kind = STG_PARAM_FILE, .id = TEXT("file"), .help = TEXT("a file"), .fallback = {STG_VALUE_NONE, 0, 0, 0, {NULL, 0}}, .fallback_text = TEXT("none")},
};

static const stg_strategy strategy = {
    sizeof(stg_strategy), 0, TEXT("org.stratagem.fixtures.every-1-0"), TEXT("every-1-0"), TEXT("1.0.0"), TEXT("Uses all of ABI 1.0."),
    params, sizeof params / sizeof *params, create, next, save, restore, destroy,
};
static const stg_strategy *const strategies[] = {&strategy};

/* What stands after "= " is the answer. */
static int32_t extract(const char *text, uint64_t size, stg_str *answer) {
    for (uint64_t i = 0; i + 2 < size; i++)
        if (text[i] == '=' && text[i + 1] == ' ') return *answer = (stg_str){text + i + 2, (size_t)(size - i - 2)}, STG_OK;
    return STG_NOT_FOUND;
}
static const stg_function function = {sizeof(stg_function), 0, TEXT("stratagem.extract_answer/1"), TEXT("every-1-0"), TEXT("i32(ptr,u64,ptr)"), (void (*)(void))extract};
static const stg_function *const functions[] = {&function};

static const void *get_extension(stg_str id) {
    (void)id;
    return NULL;
}

static const stg_plugin plugin = {
    STG_MAGIC, sizeof(stg_plugin), STG_ABI_MAJOR, STG_ABI_MINOR, TEXT("every-1-0"), TEXT("1.0.0"), strategies, 1, functions, 1, get_extension,
};

STG_EXPORT const stg_plugin *stg_plugin_entry(void) { return &plugin; }
