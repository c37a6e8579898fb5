/* SPDX-License-Identifier: Apache-2.0
 *
 * One small, correct strategy, and one defect for each check of the kit: compiled
 * with -DBREAK_name, where name is the check's with _ for -, exactly that defect is
 * in it. Without any it passes every check.
 *
 * The strategy is a little beam search: sample a step from each living node, score
 * what came, keep the best `width`, and so on until all end. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <fenv.h>
#include <link.h>
#include <locale.h>
#include <math.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "stratagem.h"
#include "stratagem_capabilities.h"
#include "stratagem_confidence.h"

/* BROKEN(name): 1 if BREAK_name is defined (as 1), else 0. */
#define BROKEN(name) BROKEN0(BREAK_##name)
#define BROKEN0(value) BROKEN_(value)
#define BROKEN_(value) BROKEN__(PROBE_##value)
#define BROKEN__(probe) BROKEN___(probe 1, 0, 0)
#define BROKEN___(ignored, value, ...) value
#define PROBE_1 0,

#define TEXT(s) {s, sizeof(s) - 1}
#define TEXT_IF(name, wrong, right) \
    {BROKEN(name) ? wrong : right, BROKEN(name) ? sizeof(wrong) - 1 : sizeof(right) - 1}
#define CRASH_IF(condition) do { if (condition) abort(); } while (0)

/* Reads, or reads and writes, a byte that an optimiser would leave alone. */
static void touch(const void *at) { (void)*(const volatile char *)at; }
static void poke(const void *at) { *(volatile char *)at = *(const volatile char *)at; }

/* -------------------------------------------------------------- parameters */

#ifdef BREAK_params_together
enum { P_WIDTH, P_TEMPERATURE, P_SELECTION, P_CAREFUL, P_NOTE, P_TABLE, P_BURST, P_COUNT };
#else
enum { P_WIDTH, P_TEMPERATURE, P_SELECTION, P_CAREFUL, P_NOTE, P_TABLE, P_COUNT };
#endif

#define NEEDS_NOTE (BROKEN(param_required) || BROKEN(required_weights) || BROKEN(required_right))
static const stg_str choices[] = {TEXT("weighted"),
#ifdef BREAK_param_choices
                                  TEXT("weighted")
#else
                                  TEXT("count")
#endif
};

static const stg_param params[P_COUNT] = {
    {sizeof(stg_param), STG_PARAM_INT,
     TEXT_IF(param_ids, "Beam-Width", "width"),
     {BROKEN(param_texts) ? "survivors\nof a round" : "survivors of a round", BROKEN(strategy_described) ? 0 : 20},
     {STG_VALUE_NONE, 0, 0, 0, {NULL, 0}}, TEXT("floor of the square root of N"),
     BROKEN(param_ranges) ? 99 : 1, BROKEN(param_sizes) ? 1024 : 64, NULL, 0, 0, 0},
    {sizeof(stg_param) + (BROKEN(param_table) ? 1 : 0), STG_PARAM_FLOAT, TEXT("temperature"), TEXT("of sampling"),
     {STG_VALUE_FLOAT, 0, 0, BROKEN(param_defaults) ? 3 : 0.8, {NULL, 0}}, {NULL, 0}, 0, 2, NULL, 0, 0, 0},
    {sizeof(stg_param), STG_PARAM_CHOICE,
     TEXT_IF(param_ids_distinct, "temperature", "selection"), TEXT("how answers are weighed"),
     {STG_VALUE_TEXT, 0, 0, 0, TEXT("weighted")}, {NULL, 0}, 0, 0, choices, 2, 0, 0},
    {sizeof(stg_param), BROKEN(param_kinds) ? 42 : STG_PARAM_BOOL, TEXT("careful"), TEXT("score finished answers too"),
     {STG_VALUE_BOOL, 0, 1, 0, {NULL, 0}}, {NULL, 0}, 0, 0, NULL, 0, 0, 0},
    {sizeof(stg_param), STG_PARAM_TEXT, TEXT("note"), TEXT("for the log"),
     {NEEDS_NOTE ? STG_VALUE_NONE : STG_VALUE_TEXT, BROKEN(fallback_reserved) ? -1 : 0, 0, 0, {NULL, 0}}, {NULL, 0}, 0, 0, NULL, 0, NEEDS_NOTE ? STG_PARAM_REQUIRED : 0, 0},
    {sizeof(stg_param), STG_PARAM_FILE, TEXT("table"), TEXT("not used"),
     {STG_VALUE_NONE, 0, 0, 0, {NULL, 0}}, {NULL, 0}, 0, 0, NULL, 0, BROKEN(param_flags) ? 6 : 0, 0},
#ifdef BREAK_params_together
    {sizeof(stg_param), STG_PARAM_INT, TEXT("burst"), TEXT("survivors at once"),
     {STG_VALUE_INT, 0, 1, 0, {NULL, 0}}, {NULL, 0}, 1, 64, NULL, 0, 0, 0},
#endif
};

static const stg_role roles[] = {
    {sizeof(stg_role), BROKEN(model_as_verifier) ? STG_ROLE_VERIFIER : 0, TEXT_IF(strategy_roles, "", "policy"), {NULL, 0}, {NULL, 0}, {NULL, 0}, TEXT("samples the steps")},
    {sizeof(stg_role), (BROKEN(verifier_as_model) ? 0 : STG_ROLE_VERIFIER) | STG_ROLE_OPTIONAL, TEXT("prm"), {NULL, 0}, {NULL, 0}, {NULL, 0}, TEXT("scores them")},
};

/* ---------------------------------------------------------------- instance */

enum { STEPS, SCORES };
/* More than any search of the kit has a use for. */
#define N_MAX 100000

struct stg_instance {
    const stg_host *host;
    uint64_t n, width;
    double temperature;
    int weighted, careful, scores;
    /* State between two turns. */
    uint64_t phase, round, over;
    stg_node *living, *finished;
    uint64_t living_count, finished_count, unscored;
    /* What next returned. */
    stg_ask *asks;
    stg_answer *answers;
    stg_node *batch;
    uint64_t *saved;
    /* What only a defect needs. */
    const stg_create_info *info;
    const char *problem_text;
    const stg_tell *tell;
    const char *node_text, *state;
    pthread_t thread;
    stg_node root;
    int has_thread, turns, failed, is_other, is_cut, is_odd;
    time_t made;
    const char *note, *file, *choice;
    int restored, saved_turn;
    uint32_t told_all, problems;
    uint64_t burst;
    const stg_confidence_1 *figures;
    stg_node answered;
};

static stg_status fail(const stg_host *host, stg_status code, const char *why) {
    stg_str text = {why, strlen(why)};
    if (!BROKEN(errors_explained)) host->set_error(host, code, text);
    return BROKEN(status_known) ? 77 : code;
}

/* Memory that is there whether or not the machine has any. */
static void *taken(size_t count, size_t size) {
    void *memory = calloc(count + 1, size);
    if (BROKEN(memory_refused)) memset(memory, 0, size);
    if (BROKEN(memory_aborts)) CRASH_IF(!memory);
    return memory;
}

static int is_count(stg_str choice) { return choice.size == 5 && memcmp(choice.data, "count", 5) == 0; }

static int has_role(const stg_host *host, const char *name) {
    stg_str role = {name, strlen(name)};
    return host->has_role(host, role);
}

static stg_budget budget_of(const stg_host *host) {
    stg_budget budget = {0};
    budget.struct_size = sizeof budget;
    host->get_budget(host, &budget);
    return budget;
}

static uint64_t generations(const stg_host *host) {
    stg_budget budget = budget_of(host);
    uint64_t n = budget.generations == STG_UNLIMITED ? 4 : budget.generations;
    if (BROKEN(budget_in_32_bits)) return (uint32_t)budget.generations;
    if (BROKEN(budget_overasked)) n++;
    if (BROKEN(budget_left_over) && n > 7) n--;
    if (BROKEN(budget_one)) CRASH_IF(n == 1);
    if (BROKEN(budget_odd)) CRASH_IF(n == 7);
    if (BROKEN(budget_unlimited)) CRASH_IF(budget.generations == STG_UNLIMITED && budget.tokens == STG_UNLIMITED);
    if (BROKEN(budget_joint)) CRASH_IF(budget.seconds < 1e9 && budget.tokens != STG_UNLIMITED);
    if (BROKEN(budget_tokens)) CRASH_IF(budget.tokens == 20);
    if (BROKEN(budget_huge)) CRASH_IF(n > UINT32_MAX);
    if (BROKEN(budget_zero)) CRASH_IF(n == 0);
    if (n < 1) n = 1;
    return n > N_MAX ? 64 : n;
}

#ifdef BREAK_two_copies
static int count_copies(struct dl_phdr_info *info, size_t size, void *data) {
    (void)size;
    if (strstr(info->dlpi_name, "two_copies") || strstr(info->dlpi_name, "/proc/self/fd") || strstr(info->dlpi_name, "memfd")) ++*(int *)data;
    return 0;
}
#endif

static void *idle(void *unused);
#include "broken-missed.h"

static void *idle(void *unused) {
    (void)unused;
    for (;;) sleep(1000);
    return NULL;
}

static void *log_from_elsewhere(void *host) {
    stg_str text = TEXT("hello");
    ((const stg_host *)host)->log(host, STG_LOG_INFO, text);
    return NULL;
}

static void handler(int number) { (void)number; }

static int instances_alive, instances_waiting;
static _Thread_local int thread_rounds;
static int shared_calls;
static volatile int inside;

/* On its own: its caller would have all that room too. */
__attribute__((noinline)) static void copy_on_stack(void) {
    volatile char copy[64 << 20];
    copy[0] = copy[sizeof copy / 2] = 1;
}

/* What only create can do wrong. */
static void create_wrongly(stg_instance *self, const stg_host *host, const stg_create_info *info) {
    const stg_problem *problem = info->problems;
    if (BROKEN(bounds_host)) touch((const char *)host + host->struct_size);
    if (BROKEN(bounds_info)) touch((const char *)info + info->struct_size);
    if (BROKEN(bounds_problems)) touch((const char *)info->problems + problem->struct_size * info->problem_count);
    if (BROKEN(bounds_params)) touch(&info->params[info->param_count]);
    if (BROKEN(bounds_problem_text) && problem->text.size) touch(problem->text.data + problem->text.size);
    if (BROKEN(readonly_host)) poke(host);
    if (BROKEN(readonly_info)) poke(&info->params[P_WIDTH]);
    if (BROKEN(problem_empty)) CRASH_IF(problem->text.size == 0);
    if (BROKEN(problem_nul)) CRASH_IF(memchr(problem->text.data, 0, problem->text.size) != NULL);
    if (BROKEN(problem_huge) && problem->text.size > 100000) copy_on_stack();
    if (BROKEN(problem_unicode))
        for (size_t i = 0; i < problem->text.size; i++) CRASH_IF((unsigned char)problem->text.data[i] == 0xE4);
    if (BROKEN(run_files)) dup(0);
    if (BROKEN(run_signals)) signal(SIGUSR1, handler);
    if (BROKEN(run_environment)) setenv("BROKEN", "1", 1);
    if (BROKEN(run_locale)) setlocale(LC_ALL, "C.UTF-8");
    if (BROKEN(run_directory)) umask(0);
    if (BROKEN(run_settings)) srandom(1);
    if (BROKEN(params_in_pairs)) CRASH_IF(is_count(info->params[P_SELECTION].s) && info->params[P_CAREFUL].i == 0);
    if (BROKEN(run_rounding)) fesetround(FE_UPWARD);
    if (BROKEN(run_silent)) puts("hello");
    if (BROKEN(threads_joined)) pthread_create(&self->thread, NULL, idle, NULL);
    if (BROKEN(host_calls_own_thread) || BROKEN(thread_own_calls)) {
        pthread_create(&self->thread, NULL, log_from_elsewhere, (void *)host);
        /* The kit's host is not to be waited for while it waits: so join at the end. */
        self->has_thread = 1;
        pthread_join(self->thread, NULL);
    }
    if (BROKEN(messages_valid)) host->log(host, STG_LOG_INFO, (stg_str)TEXT("\xFF\xFE"));
    if (BROKEN(getter_struct_size)) {
        stg_budget budget = {0};
        host->get_budget(host, &budget);
    }
    if (BROKEN(extensions_offered)) CRASH_IF(host->get_extension(host, (stg_str)TEXT("stratagem.confidence/1")) != NULL);
    if (BROKEN(param_choices_taken)) CRASH_IF(is_count(info->params[P_SELECTION].s));
    if (BROKEN(param_bools_taken)) CRASH_IF(info->params[P_CAREFUL].i == 0);
    if (BROKEN(param_minimum_taken)) CRASH_IF(info->params[P_WIDTH].kind == STG_VALUE_INT && info->params[P_WIDTH].i == 1);
    if (BROKEN(param_maximum_taken)) CRASH_IF(info->params[P_TEMPERATURE].f == 2);
    if (BROKEN(param_texts_taken)) CRASH_IF(info->params[P_NOTE].s.size > 1000);
    if (BROKEN(param_out_of_range)) CRASH_IF(info->params[P_WIDTH].kind == STG_VALUE_INT && info->params[P_WIDTH].i > 64);
    self->info = info;
    self->problem_text = problem->text.data;
    self->root = problem->root;
}

static const stg_problem *problem_at(const stg_create_info *info, size_t index) {
    if (BROKEN(batch_problem_stride)) return &info->problems[index];
    return (const stg_problem *)(const void *)((const char *)info->problems + index * (size_t)info->problems->struct_size);
}

static stg_status create(const stg_host *host, const stg_create_info *info, stg_instance **out) {
    stg_instance *self;
    uint64_t root = 1;
    uint32_t i;
    if (info->param_count < P_COUNT) return fail(host, STG_INVALID_ARGUMENT, "too few parameters");
    if (NEEDS_NOTE && info->params[P_NOTE].s.size != (BROKEN(param_required) ? 66 : 6)) return fail(host, STG_INVALID_ARGUMENT, "no such role");
    if (BROKEN(create_succeeds)) return fail(host, STG_ERROR, "no");
    if (BROKEN(create_instance)) return STG_OK;
    if (BROKEN(capabilities_whole) && is_count(info->params[P_SELECTION].s) && tells_more(host)) return fail(host, STG_UNSUPPORTED, "what does the model tell?");
    if (BROKEN(param_text_null) && info->params[P_NOTE].s.data && !info->params[P_NOTE].s.size) return fail(host, STG_INVALID_ARGUMENT, "an empty note");
    if (BROKEN(larger_structs) && info->struct_size != sizeof *info) return fail(host, STG_INVALID_ARGUMENT, "unknown size");
#ifdef BREAK_two_copies
    int copies = 0;
    dl_iterate_phdr(count_copies, &copies);
    if (copies > 1) return fail(host, STG_ERROR, "there is another one of me");
#endif
    if (BROKEN(instances_many) && instances_waiting >= 100) return fail(host, STG_OUT_OF_MEMORY, "no room");
    self = taken(1, sizeof *self);
    if (!self) return fail(host, STG_OUT_OF_MEMORY, "no memory");
    self->host = host;
    self->n = generations(host);
    while (root < 64 && (root + 1) * (root + 1) <= self->n) root++;
    self->width = info->params[P_WIDTH].kind == STG_VALUE_INT ? (uint64_t)info->params[P_WIDTH].i : root;
    if (self->width < 1 || self->width > (BROKEN(param_sizes) ? 1024 : 64)) self->width = 1;
    /* Of several problems none may be dropped for another one's sake. */
    if (info->problem_count > 1) self->width = 64;
    self->temperature = info->params[P_TEMPERATURE].f;
    if (BROKEN(value_kind)) self->temperature += (double)info->params[P_TEMPERATURE].i;
    if (!(self->temperature >= 0 && self->temperature <= 2)) self->temperature = 1;
    self->weighted = !is_count(info->params[P_SELECTION].s);
    self->careful = info->params[P_CAREFUL].i != 0;
    self->scores = BROKEN(role_missing) || BROKEN(unless_asked) || BROKEN(unless_right) || has_role(host, "prm");
    self->living_count = info->problem_count;
    self->living = taken(self->living_count, sizeof *self->living);
    self->finished = taken(0, sizeof *self->finished);
    if (!self->living || !self->finished) {
        free(self->living);
        free(self->finished);
        free(self);
        return fail(host, STG_OUT_OF_MEMORY, "no memory");
    }
    for (i = 0; i < info->problem_count; i++)
        self->living[i] = problem_at(info, i)->root;
    create_wrongly(self, host, info);
    create_missed(self, host, info);
    instances_alive++;
    instances_waiting++;
    *out = self;
    return STG_OK;
}

static void destroy(stg_instance *self) {
    if (BROKEN(host_calls_inside)) self->host->log(self->host, STG_LOG_INFO, (stg_str)TEXT("bye"));
    if (BROKEN(destroy_quiet) && !self->answers) self->host->log(self->host, STG_LOG_INFO, (stg_str)TEXT("bye"));
    if (BROKEN(destroy_fresh)) CRASH_IF(self->turns == 0);
    if (BROKEN(destroy_midway)) CRASH_IF(self->turns > 0 && self->answers == NULL && !self->failed);
    if (BROKEN(destroy_failed)) CRASH_IF(self->failed);
    instances_alive--;
    if (self->turns < 2) instances_waiting--;
    destroy_missed(self);
    if (!(BROKEN(destroy_steady) && self->failed)) free(self->living);
    free(self->finished);
    free(self->asks);
    free(self->batch);
    if (!BROKEN(memory_steady)) free(self->answers);
    free(self->saved);
    free(self);
}
#include "broken-next.h"
