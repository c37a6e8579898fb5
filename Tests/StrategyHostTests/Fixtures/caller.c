/* A plugin that calls every host function, rightly or wrongly as its parameter says:
 * for the tests of interposition. */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "stratagem.h"

#define TEXT(s) {s, sizeof(s) - 1}

struct stg_instance {
    const stg_host *host;
    int64_t deed;
    char state[8];
};

static stg_str text(const char *s) {
    stg_str text = {s, strlen(s)};
    return text;
}

static stg_status create(const stg_host *host, const stg_create_info *info, stg_instance **out) {
    *out = calloc(1, sizeof **out);
    if (!*out) return STG_OUT_OF_MEMORY;
    (*out)->host = host;
    (*out)->deed = info->params[0].i;
    return STG_OK;
}

/* Every function, and every result compared with what the test's host gives. */
static stg_status all_right(const stg_host *host) {
    stg_node_info node = {0};
    node.struct_size = sizeof node;
    if (host->get_node(host, 7, &node) != STG_OK || node.parent != 3 || node.score != 0.25) return 101;
    if (node.text.size != 4 || memcmp(node.text.data, "step", 4) != 0) return 102;
    if (host->get_node(host, 8, &node) != STG_NOT_FOUND) return 103;
    double scores[2] = {0, 0};
    size_t count = 0;
    if (host->step_scores(host, 7, scores, 2, &count) != STG_OK || count != 3 || scores[1] != 0.5) return 104;
    if (host->step_scores(host, 7, NULL, 0, &count) != STG_OK || count != 3) return 105;
    stg_budget budget = {0};
    budget.struct_size = sizeof budget;
    if (host->get_budget(host, &budget) != STG_OK || budget.generations != 16 || budget.tokens != STG_UNLIMITED) return 106;
    if (host->random(host) != UINT64_C(0xFEDCBA9876543210)) return 107;
    if (host->has_role(host, text("prm")) != 1 || host->has_role(host, text("policy, but long")) != 0) return 108;
    host->log(host, STG_LOG_WARNING, text("a \"quoted\" line"));
    host->set_error(host, STG_NOT_FOUND, text("no such thing"));
    if (host->get_extension(host, text("stratagem.nothing/1")) != NULL) return 109;
    if (host->get_extension(host, text("stratagem.test/1")) != (const void *)host->get_node) return 110;
    uint64_t left = 0;
    if (host->generations_left(host, 7, 4096, &left) != STG_OK || left != 12) return 111;
    if (host->generations_left(host, 8, 0, &left) != STG_OK || left != STG_UNLIMITED) return 112;
    return STG_OK;
}

static void *from_a_thread(void *host) { return (void *)(uintptr_t)((const stg_host *)host)->random(host); }

static stg_status misdeed(const stg_host *host, int64_t deed) {
    stg_node_info node = {0};
    stg_budget budget = {0};
    double score;
    stg_str null = {NULL, 3};
    pthread_t thread;
    switch (deed) {
    case 1: return host->get_node(host, 7, NULL);
    case 2: return host->get_node(host, 7, &node);
    case 3: budget.struct_size = 8; return host->get_budget(host, &budget);
    case 4: return host->get_budget(host, NULL);
    case 5: return host->step_scores(host, 7, &score, 1, NULL);
    case 6: { size_t count; return host->step_scores(host, 7, NULL, 4, &count); }
    case 7: host->log(host, 9, text("what level is this?")); return STG_OK;
    case 8: host->log(host, STG_LOG_INFO, text("\xff\xfe")); return STG_OK;
    case 9: host->set_error(host, STG_OK, text("all is well")); return STG_OK;
    case 10: host->set_error(host, 77, text("a status of my own")); return STG_OK;
    case 11: return host->has_role(host, null);
    case 12:
        if (pthread_create(&thread, NULL, from_a_thread, (void *)(uintptr_t)host) != 0) return STG_ERROR;
        pthread_join(thread, NULL);
        return STG_OK;
    case 13: budget.struct_size = 0xFFFFFFFFu; return host->get_budget(host, &budget);
    case 14: { uint64_t left; return host->generations_left(host, 7, STG_MAX_STEPS + 1, &left); }
    case 15: return host->generations_left(host, 7, 1, NULL);
    default: return STG_OK;
    }
}

static const stg_ask ask = {
    sizeof(stg_ask), STG_ASK_SAMPLE, 5, TEXT("policy"), 7, 4, 1, 0, 0, 0.5, 0, 0, NULL, 0, {NULL, 0}, NULL, 0, 0, 0, 0,
};
static const stg_answer answer = {7, 0.5};

static stg_status next(stg_instance *instance, const stg_tell *tell, stg_next *out) {
    if (tell->event == STG_EVENT_RESULTS) {
        out->kind = STG_NEXT_DONE;
        out->answers = &answer;
        out->answer_count = 1;
        return STG_OK;
    }
    out->kind = STG_NEXT_ASKS;
    out->asks = &ask;
    out->ask_count = 1;
    return instance->deed == 0 ? all_right(instance->host) : misdeed(instance->host, instance->deed);
}

static stg_status save(stg_instance *instance, stg_str *out) {
    out->data = instance->state;
    out->size = sizeof instance->state;
    return STG_OK;
}

static stg_status restore(const stg_host *host, const stg_create_info *info, stg_str state, stg_instance **out) {
    if (state.size != 8) return STG_INVALID_ARGUMENT;
    return create(host, info, out);
}

static void destroy(stg_instance *instance) {
    if (instance->deed == 20) instance->host->log(instance->host, STG_LOG_INFO, text("too late"));
    free(instance);
}

static const stg_param params[] = {
    {sizeof(stg_param), STG_PARAM_INT, TEXT("deed"), TEXT(""), {STG_VALUE_INT, 0, 0, 0, {NULL, 0}}, TEXT(""), 0, 99, NULL, 0, 0, 0},
};

static const stg_strategy caller = {
    sizeof(stg_strategy), 0, TEXT("org.example.caller"), TEXT("caller"), TEXT("1.0.0"), TEXT("Calls the host."),
    params, 1, create, next, save, restore, destroy, NULL, 0,
};
static const stg_strategy *const strategies[] = {&caller};
static const stg_plugin plugin = {
    STG_MAGIC, sizeof(stg_plugin), STG_ABI_MAJOR, STG_ABI_MINOR, TEXT("caller"), TEXT("1.0.0"), strategies, 1, NULL, 0, NULL,
};

STG_EXPORT const stg_plugin *stg_plugin_entry(void) { return &plugin; }
