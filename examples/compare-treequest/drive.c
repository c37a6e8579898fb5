/* SPDX-License-Identifier: Apache-2.0
 *
 * A host without a model: it drives the strategy mcts until a tree has so many nodes, and says what the plugin took.
 *
 *   drive PLUGIN NODES WIDTH
 *
 * A step's value is a hash of its place in the tree, the same as in compare.py. Time is all that passes between the first
 * turn and the last, with the little that this host does; memory is what the heap has more than before. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <malloc.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#include "stratagem.h"

typedef struct {
    uint64_t key, parent;
    uint32_t depth, children;
    uint8_t flags;
    char text[16];
} node;

static node *nodes; /* by id; 1 is the root. Not from the heap that is measured */
static uint64_t count = 1;

static uint64_t mixed(uint64_t x) {
    x += UINT64_C(0x9E3779B97F4A7C15);
    x = (x ^ (x >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94D049BB133111EB);
    return x ^ (x >> 31);
}

static uint64_t add(uint64_t parent, int is_finished) {
    static const char digits[] = "0123456789abcdef";
    node *made = &nodes[++count];
    made->key = mixed(nodes[parent].key + ++nodes[parent].children);
    made->parent = parent;
    made->depth = nodes[parent].depth + 1;
    made->flags = is_finished ? STG_NODE_FINISHED : 0;
    for (int i = 0; i < 16; i++) made->text[i] = digits[made->key >> (60 - 4 * i) & 15];
    return count;
}

/* ------------------------------------------------------------------ the host's table */

static stg_status get_node(const stg_host *host, stg_node id, stg_node_info *out) {
    const node *one = &nodes[id];
    uint32_t size = out->struct_size;
    stg_node_info info = {size, one->flags, one->parent, 0, one->depth, 1, 8, NAN, 0, {one->text, 16}, {NULL, 0}};
    (void)host;
    if (id == 0 || id > count) return STG_NOT_FOUND;
    if (one->flags & STG_NODE_SCORED) info.score = (double)(one->key >> 11) * 0x1p-53;
    memcpy(out, &info, size < sizeof info ? size : sizeof info);
    return STG_OK;
}

static stg_status step_scores(const stg_host *host, stg_node id, double *out, size_t capacity, size_t *found) {
    (void)host, (void)id, (void)out, (void)capacity;
    *found = 0;
    return STG_OK;
}

static stg_status get_budget(const stg_host *host, stg_budget *out) {
    stg_budget budget = {out->struct_size, 0, STG_UNLIMITED, STG_UNLIMITED, INFINITY, INFINITY, 0, 0, 0, 0};
    (void)host;
    memcpy(out, &budget, out->struct_size < sizeof budget ? out->struct_size : sizeof budget);
    return STG_OK;
}

static uint64_t next_random(const stg_host *host) {
    static uint64_t state;
    (void)host;
    return mixed(state++);
}

static int32_t has_role(const stg_host *host, stg_str role) { return (void)host, (void)role, 1; }
static void print(const stg_host *host, stg_log_level level, stg_str text) {
    (void)host, (void)level;
    fprintf(stderr, "%.*s\n", (int)text.size, text.data);
}
static const void *get_extension(const stg_host *host, stg_str id) { return (void)host, (void)id, NULL; }
static stg_status generations_left(const stg_host *host, stg_node id, uint32_t steps, uint64_t *left) {
    (void)host, (void)id, (void)steps;
    *left = STG_UNLIMITED;
    return STG_OK;
}

static const stg_host host = {sizeof(stg_host), STG_ABI_MAJOR, STG_ABI_MINOR, NULL, get_node, step_scores, get_budget,
    next_random, has_role, print, print, get_extension, generations_left};

/* ------------------------------------------------------------------ the search */

static _Noreturn void stop(const char *why, const char *what) {
    fprintf(stderr, "drive: %s: %s\n", why, what ? what : "");
    exit(1);
}

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec * 1e-3;
}

static size_t heap(void) {
    struct mallinfo2 info = mallinfo2();
    return info.uordblks + info.hblkhd;
}

static int is(stg_str text, const char *word) { return text.size == strlen(word) && memcmp(text.data, word, text.size) == 0; }

static stg_instance *create(const stg_strategy *strategy, uint64_t n, uint32_t width) {
    stg_value values[64];
    stg_problem problem = {sizeof problem, 0, {"q", 1}, 1};
    stg_create_info info = {sizeof info, 1, &problem, values, strategy->param_count, strategy};
    stg_instance *made = NULL;
    if (strategy->param_count > 64) stop("too many parameters", NULL);
    for (size_t i = 0; i < strategy->param_count; i++) {
        const stg_param *param = (const void *)((const char *)strategy->params + i * strategy->params->struct_size);
        values[i] = param->fallback;
        if (is(param->id, "n")) values[i] = (stg_value){STG_VALUE_INT, 0, (int64_t)(n < param->max ? n : param->max), 0, {NULL, 0}};
        if (is(param->id, "width")) values[i] = (stg_value){STG_VALUE_INT, 0, width, 0, {NULL, 0}};
    }
    if (strategy->create(&host, &info, &made) != STG_OK) stop("create failed", NULL);
    return made;
}

/* Sums over the simulations, for a line through (levels, time). */
static struct { double steps, levels, squares, time, product; } sums;

static void run(const stg_strategy *strategy, stg_instance *self, uint64_t wanted) {
    stg_node *told_nodes = malloc(STG_MAX_COUNT * sizeof *told_nodes);
    stg_told told = {sizeof told, STG_OUTCOME_OK, 0, told_nodes, 0};
    stg_tell tell = {sizeof tell, STG_EVENT_START, &told, 0};
    double levels = 0, before = 0;
    for (;;) {
        stg_next next = {sizeof next, 0, NULL, 0, NULL, 0};
        const double start = now();
        if (strategy->next(self, &tell, &next) != STG_OK) stop("next failed", NULL);
        before += now() - start;
        if (next.kind != STG_NEXT_ASKS || next.ask_count != 1) break;
        told.tag = next.asks->tag;
        if (next.asks->kind == STG_ASK_SAMPLE) {
            /* One simulation is behind: from the last SAMPLE to this one. */
            if (tell.event == STG_EVENT_RESULTS) {
                sums.steps += 1, sums.levels += levels, sums.squares += levels * levels;
                sums.time += before, sums.product += before * levels;
            }
            before = 0;
            levels = nodes[next.asks->node].depth;
            if (count >= wanted) break;
            for (told.node_count = 0; told.node_count < next.asks->count;)
                told_nodes[told.node_count++] = add(next.asks->node, next.asks->steps == 0);
        } else {
            for (told.node_count = 0; told.node_count < next.asks->node_count; told.node_count++) {
                told_nodes[told.node_count] = next.asks->nodes[told.node_count];
                nodes[told_nodes[told.node_count]].flags |= STG_NODE_SCORED;
            }
        }
        tell.event = STG_EVENT_RESULTS;
        tell.told_count = 1;
    }
    free(told_nodes);
}

int main(int argc, char **argv) {
    void *library = argc == 4 ? dlopen(argv[1], RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE) : NULL;
    if (!library) stop("drive PLUGIN NODES WIDTH", dlerror());
    stg_plugin_entry_fn entry = (stg_plugin_entry_fn)dlsym(library, STG_ENTRY_SYMBOL);
    const uint64_t wanted = strtoull(argv[2], NULL, 10);
    const size_t bytes = (wanted + STG_MAX_COUNT) * sizeof(node);
    if (!entry) stop("no plugin", argv[1]);
    nodes = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (nodes == MAP_FAILED) stop("no memory", NULL);
    const stg_strategy *strategy = entry()->strategies[0];
    const size_t empty = heap();
    stg_instance *self = create(strategy, wanted, (uint32_t)atoi(argv[3]));
    run(strategy, self, wanted);
    const double mean = sums.levels / sums.steps;
    const double level = (sums.product - sums.time * mean) / (sums.squares - sums.levels * mean);
    printf("{\"nodes\": %llu, \"simulations\": %.0f, \"microseconds\": %.3f, \"levels\": %.0f, \"level_microseconds\": %.4f, "
           "\"bytes\": %zu}\n", (unsigned long long)count, sums.steps, sums.time, sums.levels, level, heap() - empty);
    strategy->destroy(self);
    return 0;
}
