#include "bench_strategies.h"

#include <malloc.h>
#include <stdlib.h>
#include <time.h>

#define STR(text) {(text), sizeof(text) - 1}

struct stg_instance {
    int64_t rounds;
    size_t asks;
    stg_ask batch[];
};

static stg_status create(const stg_host *host, const stg_create_info *info, stg_instance **out) {
    (void)host;
    size_t asks = (size_t)info->params[1].i;
    stg_instance *instance = calloc(1, sizeof *instance + asks * sizeof(stg_ask));
    if (!instance) return STG_OUT_OF_MEMORY;
    instance->rounds = info->params[0].i;
    instance->asks = asks;
    for (size_t i = 0; i < asks; i++) {
        stg_ask *ask = &instance->batch[i];
        ask->struct_size = sizeof *ask;
        ask->kind = STG_ASK_SAMPLE;
        ask->tag = i;
        ask->node = info->problems[0].root;
        ask->count = 1;
        ask->steps = 1;
        ask->temperature = 1;
    }
    *out = instance;
    return STG_OK;
}

static stg_status next(stg_instance *instance, const stg_tell *tell, stg_next *out) {
    if (instance->rounds-- <= 0 || tell->event == STG_EVENT_CANCELLED || tell->event == STG_EVENT_BUDGET_OVER) {
        out->kind = STG_NEXT_DONE;
        return STG_OK;
    }
    out->kind = STG_NEXT_ASKS;
    out->asks = instance->batch;
    out->ask_count = instance->asks;
    return STG_OK;
}

static void destroy(stg_instance *instance) { free(instance); }

#define COUNT_PARAM(name, text, usual) \
    {sizeof(stg_param), STG_PARAM_INT, STR(name), STR(text), {STG_VALUE_INT, 0, (usual), 0, {NULL, 0}}, {NULL, 0}, 1, 1e9, NULL, 0, 0, 0}

static const stg_param params[] = {
    COUNT_PARAM("rounds", "turns with asks", 1),
    COUNT_PARAM("asks", "asks a turn", 1),
};

static const stg_strategy steps = {
    sizeof(stg_strategy), 0, STR("org.stratagem.bench-steps"), STR("bench-steps"), STR("1.0.0"),
    STR("Asks for single steps from the root"), params, 2, create, next, NULL, NULL, destroy, NULL, 0,
};

static const stg_strategy *const strategies[] = {&steps};

const stg_plugin *stg_bench_plugin(void) {
    static const stg_plugin plugin = {
        STG_MAGIC, sizeof(stg_plugin), STG_ABI_MAJOR, STG_ABI_MINOR, STR("bench-strategies"), STR("1.0.0"), strategies, 1, NULL, 0, NULL,
    };
    return &plugin;
}

size_t stg_bench_live_bytes(void) {
    struct mallinfo2 info = mallinfo2();
    return info.uordblks + info.hblkhd;
}

double stg_bench_processor_seconds(void) {
    struct timespec time;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

void stg_bench_trim(void) { malloc_trim(0); }
