/* A plugin that is right unless a macro makes it wrong: each test defines the one
 * thing that it wants broken. See Fixture in FixtureBuilder.swift. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "stratagem.h"

#define TEXT(s) {s, sizeof(s) - 1}
#define NOTHING {STG_VALUE_NONE, 0, 0, 0, {NULL, 0}}
#define INT(v) {STG_VALUE_INT, 0, v, 0, {NULL, 0}}
#define FLOAT(v) {STG_VALUE_FLOAT, 0, 0, v, {NULL, 0}}
#define BOOL(v) {STG_VALUE_BOOL, 0, v, 0, {NULL, 0}}
#define WORD(v) {STG_VALUE_TEXT, 0, 0, 0, TEXT(v)}
#define REQUIRED(id, kind, min, max, choices, count) \
    {sizeof(stg_param), kind, TEXT(id), TEXT("Help."), NOTHING, {NULL, 0}, min, max, choices, count, STG_PARAM_REQUIRED, 0}
#define ROLE(flags, name, param, unless_param, unless_value) \
    {sizeof(stg_role), flags, TEXT(name), TEXT(param), TEXT(unless_param), TEXT(unless_value), TEXT("For it.")}
#define PARAM(id, kind, fallback, min, max, choices, count) \
    {sizeof(stg_param), kind, TEXT(id), TEXT("Help."), fallback, TEXT("worked out"), min, max, choices, count, 0, 0}

#ifndef MAGIC
#define MAGIC STG_MAGIC
#endif
#ifndef ABI_MAJOR
#define ABI_MAJOR STG_ABI_MAJOR
#endif
#ifndef PLUGIN_SIZE
#define PLUGIN_SIZE sizeof(stg_plugin)
#endif
#ifndef PLUGIN_NAME
#define PLUGIN_NAME "fixture"
#endif
#ifndef PLUGIN_VERSION
#define PLUGIN_VERSION "1.2.3"
#endif
#ifndef STRATEGY_SIZE
#define STRATEGY_SIZE sizeof(stg_strategy)
#endif
#ifndef STRATEGY_NAME
#define STRATEGY_NAME "first"
#endif
#ifndef STRATEGY_ID
#define STRATEGY_ID "org.example.first"
#endif
#ifndef STRATEGY_VERSION
#define STRATEGY_VERSION "1.0.0"
#endif
#ifndef SUMMARY
#define SUMMARY "Does nothing, and says so."
#endif
#ifndef FLAGS
#define FLAGS 0
#endif
#ifndef CREATE
#define CREATE create
#endif
#ifndef NEXT
#define NEXT next
#endif
#ifndef SAVE
#define SAVE NULL
#endif
#ifndef DESTROY
#define DESTROY destroy
#endif
#ifndef RESTORE
#define RESTORE NULL
#endif

/* ------------------------------------------------------- a strategy of no use */

struct stg_instance {
    int turns;
};

static stg_status create(const stg_host *host, const stg_create_info *info, stg_instance **out) {
    (void)host;
    (void)info;
    *out = calloc(1, sizeof **out);
    return *out ? STG_OK : STG_OUT_OF_MEMORY;
}

static stg_status next(stg_instance *instance, const stg_tell *tell, stg_next *out) {
    (void)tell;
    instance->turns++;
    out->kind = STG_NEXT_DONE;
    return STG_OK;
}

static stg_status save(stg_instance *instance, stg_str *out) {
    out->data = (const char *)instance;
    out->size = sizeof *instance;
    return STG_OK;
}

static stg_status restore(const stg_host *host, const stg_create_info *info, stg_str state, stg_instance **out) {
    if (state.size != sizeof **out) return STG_INVALID_ARGUMENT;
    stg_status status = create(host, info, out);
    if (status == STG_OK) memcpy(*out, state.data, state.size);
    return status;
}

static void destroy(stg_instance *instance) { free(instance); }

/* What some variants leave unused. */
void *const fixture_all_used[] = {(void *)save, (void *)restore, (void *)create, (void *)next, (void *)destroy};

static const stg_str choices[] = {TEXT("weighted"), TEXT("naive")};
static const stg_str twice[] = {TEXT("weighted"), TEXT("weighted")};
const stg_str *const fixture_choices[] = {choices, twice};

#ifndef PARAMS
#define PARAMS \
    PARAM("width", STG_PARAM_INT, INT(4), 1, 64, NULL, 0), \
    PARAM("beam_width", STG_PARAM_INT, NOTHING, 1, INFINITE, NULL, 0), \
    PARAM("temperature", STG_PARAM_FLOAT, FLOAT(0.5), 0, 2, NULL, 0), \
    PARAM("fast", STG_PARAM_BOOL, BOOL(1), 0, 0, NULL, 0), \
    PARAM("selection", STG_PARAM_CHOICE, WORD("naive"), 0, 0, choices, 2), \
    PARAM("note", STG_PARAM_TEXT, WORD("a\nb"), 0, 0, NULL, 0), \
    PARAM("table", STG_PARAM_FILE, NOTHING, 0, 0, NULL, 0)
#endif
#define INFINITE __builtin_inf()

static const stg_param params[] = {PARAMS};

#ifndef ROLES
#define ROLES {sizeof(stg_role), 0, {NULL, 0}, {NULL, 0}, {NULL, 0}, {NULL, 0}, {NULL, 0}}
#define ROLE_COUNT 0
#endif
#ifndef ROLE_COUNT
#define ROLE_COUNT sizeof roles / sizeof *roles
#endif
static const stg_role roles[] = {ROLES};
const stg_role *const fixture_roles = roles;

static const stg_strategy first = {
    STRATEGY_SIZE, FLAGS, TEXT(STRATEGY_ID), TEXT(STRATEGY_NAME), TEXT(STRATEGY_VERSION), TEXT(SUMMARY),
#ifdef PARAMS_MISSING
    NULL, 3,
#elif defined(PARAMS_MANY)
    params, (size_t)-1,
#else
    params, sizeof params / sizeof *params,
#endif
    CREATE, NEXT, SAVE, RESTORE, DESTROY,
#ifdef ROLES_MISSING
    NULL, 2,
#else
    roles, ROLE_COUNT,
#endif
};

#ifdef SECOND_NAME
static const stg_strategy second = {
    sizeof(stg_strategy), STG_STRATEGY_BATCH, TEXT(SECOND_ID), TEXT(SECOND_NAME), TEXT("1.0.0"), TEXT("Another."),
    NULL, 0, create, next, save, restore, destroy, NULL, 0,
};
static const stg_strategy *const strategies[] = {&first, &second};
#elif defined(STRATEGY_NULL)
static const stg_strategy *const strategies[] = {NULL};
#else
static const stg_strategy *const strategies[] = {&first};
#endif
const stg_strategy *const fixture_first = &first;

/* ---------------------------------------------------------------- functions */

/* The text after the last "= ". */
static int32_t extract(const char *text, uint64_t size, stg_str *answer) {
    for (uint64_t i = size; i >= 2; i--) {
        if (text[i - 2] == '=' && text[i - 1] == ' ') {
            answer->data = text + i;
            answer->size = (size_t)(size - i);
            return STG_OK;
        }
    }
    return STG_NOT_FOUND;
}

/* Without regard to case. */
static int32_t equal(const char *a, uint64_t a_size, const char *b, uint64_t b_size) {
    if (a_size != b_size) return 0;
    for (uint64_t i = 0; i < a_size; i++) {
        if ((a[i] | 32) != (b[i] | 32)) return 0;
    }
    return 1;
}

static double smallest(const double *values, uint64_t count) {
    double least = values[0];
    for (uint64_t i = 1; i < count; i++) least = values[i] < least ? values[i] : least;
    return least;
}

/* The share of the problem's bytes that the text repeats. */
static double verify(const char *problem, uint64_t problem_size, const char *text, uint64_t text_size) {
    uint64_t same = 0;
    for (uint64_t i = 0; i < problem_size && i < text_size; i++) same += problem[i] == text[i];
    return problem_size ? (double)same / (double)problem_size : __builtin_nan("");
}

/* Without spaces, in small letters; "long" is 4,000 bytes, "?" has no form. */
static int32_t canonical(const char *answer, uint64_t size, char *buffer, uint64_t capacity, uint64_t *needed) {
    uint64_t count = 0;
    if (size == 1 && answer[0] == '?') return STG_NOT_FOUND;
    if (size == 1 && answer[0] == '!') return *needed = 1 << 20, STG_OK;
    if (size == 4 && memcmp(answer, "long", 4) == 0) {
        *needed = 4000;
        if (capacity >= 4000) memset(buffer, 'l', 4000);
        return STG_OK;
    }
    for (uint64_t i = 0; i < size; i++) count += answer[i] != ' ';
    *needed = count;
    if (count > capacity) return STG_OK;
    for (uint64_t i = 0, j = 0; i < size; i++)
        if (answer[i] != ' ') buffer[j++] = (char)(answer[i] >= 'A' && answer[i] <= 'Z' ? answer[i] | 32 : answer[i]);
    return STG_OK;
}

#define FUNCTION(hook, name, signature, address) \
    {sizeof(stg_function), 0, TEXT(hook), TEXT(name), TEXT(signature), (void (*)(void))address}

static const stg_function functions_table[] = {
    FUNCTION("stratagem.extract_answer/1", "after-equals", "i32(ptr,u64,ptr)", extract),
    FUNCTION("stratagem.answers_equal/1", "caseless", "i32(ptr,u64,ptr,u64)", equal),
    FUNCTION("stratagem.aggregate_steps/1", "min", "f64(ptr,u64)", smallest),
    FUNCTION("stratagem.verify/1", "repeats", "f64(ptr,u64,ptr,u64)", verify),
    FUNCTION("stratagem.canonical_answer/1", "spaceless", "i32(ptr,u64,ptr,u64,ptr)", canonical),
#ifdef EXTRA_FUNCTION
    EXTRA_FUNCTION,
#endif
};

static const stg_function *const functions[] = {
    functions_table, functions_table + 1, functions_table + 2, functions_table + 3, functions_table + 4,
#ifdef EXTRA_FUNCTION
    functions_table + 5,
#endif
};

/* -------------------------------------------------------------------- plugin */

static const stg_plugin plugin = {
    MAGIC, PLUGIN_SIZE, ABI_MAJOR, STG_ABI_MINOR, TEXT(PLUGIN_NAME), TEXT(PLUGIN_VERSION),
#ifdef EMPTY
    NULL, 0, NULL, 0,
#elif defined(STRATEGIES_MISSING)
    NULL, 1, functions, sizeof functions / sizeof *functions,
#else
    strategies, sizeof strategies / sizeof *strategies, functions, sizeof functions / sizeof *functions,
#endif
    NULL,
};
const stg_plugin *const fixture_plugin = &plugin;

#if defined(NULL_ENTRY)
STG_EXPORT const stg_plugin *stg_plugin_entry(void) { return NULL; }
#elif defined(UNRESOLVED)
extern int function_that_nobody_has(void);
STG_EXPORT const stg_plugin *stg_plugin_entry(void) { return function_that_nobody_has() ? &plugin : NULL; }
#elif !defined(NO_ENTRY)
STG_EXPORT const stg_plugin *stg_plugin_entry(void) { return &plugin; }
#endif
#ifdef HIDDEN_ENTRY
__asm__(".hidden stg_plugin_entry");
#endif
