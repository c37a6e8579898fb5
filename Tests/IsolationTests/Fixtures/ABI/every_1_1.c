/* Uses what ABI 1.1 added, and tells of all of it: generations_left, a parameter that has to be given, roles, a
 * canonical answer, confidence/2 and capabilities/1. Compiled for 1.1 once (every-1.1-x86_64.so); every later build
 * must run that, and tell it the same as it tells this source compiled anew (CompiledPluginTests). */
#include "stratagem_capabilities.h"
#include "stratagem_confidence.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEXT(s) {s, sizeof(s) - 1}
#define NODES_MAX 64

struct stg_instance {
    const stg_host *host;
    const stg_confidence_2 *confidence;
    const stg_capabilities_1 *capabilities;
    stg_node root;
    size_t count;
    stg_ask asks[2];
    stg_answer answers[NODES_MAX];
};

static void say(const stg_host *host, const char *line) { host->log(host, STG_LOG_INFO, (stg_str){line, strlen(line)}); }

static void tell_left(stg_instance *self, stg_node node) {
    char line[256];
    int used = snprintf(line, sizeof line, "left at %d:", (int)node);
    for (uint32_t steps = 0; steps < 3; steps++) {
        uint64_t left = 0;
        stg_status status = self->host->generations_left(self->host, node, steps, &left);
        used += snprintf(line + used, sizeof line - (size_t)used, " %d %llu", status, (unsigned long long)left);
    }
    say(self->host, line);
}

static void tell_figures(stg_instance *self, stg_node node) {
    char line[1024];
    double list[8];
    /* One figure more than there are, and one less. */
    for (stg_token_figure figure = 0; figure <= STG_TOKEN_ENTROPY + 1 && self->confidence; figure++) {
        size_t count = 0;
        stg_status status = self->confidence->token_figures(self->host, node, figure, list, 8, &count);
        int used = snprintf(line, sizeof line, "figure %d of %d: %d, %zu:", (int)figure, (int)node, status, count);
        for (size_t i = 0; i < count && i < 8; i++) used += snprintf(line + used, sizeof line - (size_t)used, " %a", list[i]);
        say(self->host, line);
    }
}

static void tell_role(stg_instance *self, stg_str role) {
    char line[128];
    uint64_t kept = 0;
    stg_status status = self->capabilities ? self->capabilities->of_role(self->host, role, &kept) : STG_UNSUPPORTED;
    snprintf(line, sizeof line, "role %.*s: %d, promises %llu", (int)role.size, role.data, status, (unsigned long long)kept);
    say(self->host, line);
}

static stg_status next(stg_instance *self, const stg_tell *tell, stg_next *out) {
    tell_left(self, self->root);
    tell_left(self, 99999);
    if (tell->event == STG_EVENT_START) {
        tell_role(self, (stg_str)TEXT("policy"));
        tell_role(self, (stg_str)TEXT("prm"));
        tell_role(self, (stg_str)TEXT("none"));
        for (int i = 0; i < 2; i++) self->asks[i] = (stg_ask){.struct_size = sizeof(stg_ask), .tag = (uint64_t)i + 1, .node = self->root};
        self->asks[0].kind = STG_ASK_SAMPLE, self->asks[0].count = 6, self->asks[0].temperature = 1;
        self->asks[1].kind = STG_ASK_APPEND, self->asks[1].text = (stg_str)TEXT("2 + 2 is 5\n");
        out->kind = STG_NEXT_ASKS, out->asks = self->asks, out->ask_count = 2;
        return STG_OK;
    }
    tell_figures(self, self->root);
    for (size_t i = 0; i < tell->told_count; i++) {
        const stg_told *told = stg_told_at(tell, i);
        for (size_t j = 0; j < told->node_count; j++) {
            stg_node_info info = {.struct_size = sizeof info};
            tell_figures(self, told->nodes[j]);
            if (self->host->get_node(self->host, told->nodes[j], &info) == STG_OK && info.flags & STG_NODE_FINISHED && self->count < NODES_MAX)
                self->answers[self->count++] = (stg_answer){told->nodes[j], 1};
        }
    }
    out->kind = STG_NEXT_DONE, out->answers = self->answers, out->answer_count = self->count;
    return STG_OK;
}

static stg_status create(const stg_host *host, const stg_create_info *info, stg_instance **out) {
    static const stg_str figures = TEXT(STG_CONFIDENCE_2), promises = TEXT(STG_CAPABILITIES_1);
    char line[128];
    struct stg_instance *self = calloc(1, sizeof *self);
    if (!self) return STG_OUT_OF_MEMORY;
    self->host = host;
    self->root = info->problems->root;
    self->confidence = host->get_extension(host, figures);
    self->capabilities = host->get_extension(host, promises);
    snprintf(line, sizeof line, "word '%.*s', host %u.%s", (int)info->params[0].s.size, info->params[0].s.data, host->abi_major,
             host->abi_minor >= 1 ? "1 or later" : "0");
    say(host, line);
    *out = self;
    return STG_OK;
}

static void destroy(stg_instance *self) { free(self); }

static const stg_param params[] = {
    {.struct_size = sizeof(stg_param), .kind = STG_PARAM_TEXT, .id = TEXT("word"), .help = TEXT("a text that has to be given"),
     .fallback = {STG_VALUE_NONE, 0, 0, 0, {NULL, 0}}, .flags = STG_PARAM_REQUIRED},
};
static const stg_role roles[] = {
    {.struct_size = sizeof(stg_role), .name = TEXT("policy"), .help = TEXT("samples")},
    {.struct_size = sizeof(stg_role), .flags = STG_ROLE_VERIFIER | STG_ROLE_OPTIONAL, .name = TEXT("prm"), .help = TEXT("is asked what it promises")},
};
static const stg_strategy strategy = {
    .struct_size = sizeof(stg_strategy), .id = TEXT("org.stratagem.fixtures.every-1-1"), .name = TEXT("every-1-1"), .version = TEXT("1.0.0"),
    .summary = TEXT("Uses what ABI 1.1 added."), .params = params, .param_count = 1, .create = create, .next = next, .destroy = destroy,
    .roles = roles, .role_count = 2,
};
static const stg_strategy *const strategies[] = {&strategy};

/* The form of an answer is its first byte. */
static int32_t canonical(const char *answer, uint64_t size, char *buffer, uint64_t capacity, uint64_t *needed) {
    if (size == 0) return STG_NOT_FOUND;
    *needed = 1;
    if (capacity >= 1) buffer[0] = answer[0];
    return STG_OK;
}
static const stg_function function = {sizeof(stg_function), 0, TEXT("stratagem.canonical_answer/1"), TEXT("every-1-1"), TEXT("i32(ptr,u64,ptr,u64,ptr)"), (void (*)(void))canonical};
static const stg_function *const functions[] = {&function};

static const stg_plugin plugin = {
    STG_MAGIC, sizeof(stg_plugin), STG_ABI_MAJOR, STG_ABI_MINOR, TEXT("every-1-1"), TEXT("1.0.0"), strategies, 1, functions, 1, NULL,
};

STG_EXPORT const stg_plugin *stg_plugin_entry(void) { return &plugin; }
