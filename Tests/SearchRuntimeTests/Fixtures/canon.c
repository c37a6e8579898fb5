/* Answers in words and in figures, for the hooks that read and compare them; and a
 * strategy that says what it needs. */
#include <stdlib.h>
#include <string.h>

#include "stratagem.h"

#define TEXT(s) {s, sizeof(s) - 1}

/* 2 for "two", "2" and "2.0"; -1 for what is not a number here. */
static int number(const char *text, uint64_t size) {
    static const char *const words[] = {"zero", "one", "two", "three", "four", "five"};
    if (size == 1 && *text >= '0' && *text <= '9') return *text - '0';
    if (size == 3 && memcmp(text + 1, ".0", 2) == 0) return number(text, 1);
    for (int i = 0; i < 6; i++)
        if (strlen(words[i]) == size && memcmp(words[i], text, size) == 0) return i;
    return -1;
}

static int32_t canonical(const char *answer, uint64_t size, char *buffer, uint64_t capacity, uint64_t *needed) {
    int value = number(answer, size);
    if (value < 0) return STG_NOT_FOUND;
    *needed = 1;
    if (capacity > 0) *buffer = (char)('0' + value);
    return STG_OK;
}

static int32_t equal(const char *a, uint64_t a_size, const char *b, uint64_t b_size) {
    if (a_size == b_size && (a_size == 0 || memcmp(a, b, a_size) == 0)) return 1;
    return number(a, a_size) >= 0 && number(a, a_size) == number(b, b_size);
}

#define FUNCTION(hook, name, signature, address) {sizeof(stg_function), 0, TEXT(hook), TEXT(name), TEXT(signature), (void (*)(void))address}
static const stg_function table[] = {
    FUNCTION("stratagem.answers_equal/1", "canon", "i32(ptr,u64,ptr,u64)", equal),
    FUNCTION("stratagem.canonical_answer/1", "canon", "i32(ptr,u64,ptr,u64,ptr)", canonical),
    FUNCTION("stratagem.answers_equal/1", "plain", "i32(ptr,u64,ptr,u64)", equal),
};
static const stg_function *const functions[] = {table, table + 1, table + 2};

struct stg_instance {
    int unused;
};

static stg_status create(const stg_host *host, const stg_create_info *info, stg_instance **out) {
    (void)host;
    (void)info;
    return (*out = calloc(1, sizeof **out)) ? STG_OK : STG_OUT_OF_MEMORY;
}

static stg_status next(stg_instance *self, const stg_tell *tell, stg_next *out) {
    (void)self;
    (void)tell;
    out->kind = STG_NEXT_DONE;
    return STG_OK;
}

static void destroy(stg_instance *self) { free(self); }

static const stg_str ways[] = {TEXT("judge"), TEXT("count")};
static const stg_param params[] = {
    {sizeof(stg_param), STG_PARAM_INT, TEXT("size"), TEXT("of it"), {STG_VALUE_NONE, 0, 0, 0, {NULL, 0}}, {NULL, 0}, 1, 9, NULL, 0, STG_PARAM_REQUIRED, 0},
    {sizeof(stg_param), STG_PARAM_TEXT, TEXT("judge"), TEXT("the role"), {STG_VALUE_TEXT, 0, 0, 0, TEXT("judge")}, {NULL, 0}, 0, 0, NULL, 0, 0, 0},
    {sizeof(stg_param), STG_PARAM_CHOICE, TEXT("way"), TEXT("of choosing"), {STG_VALUE_TEXT, 0, 0, 0, TEXT("judge")}, {NULL, 0}, 0, 0, ways, 2, 0, 0},
};
static const stg_role roles[] = {
    {sizeof(stg_role), STG_ROLE_VERIFIER, {NULL, 0}, TEXT("judge"), TEXT("way"), TEXT("count"), TEXT("judges")},
    {sizeof(stg_role), STG_ROLE_OPTIONAL, TEXT("drafter"), {NULL, 0}, {NULL, 0}, {NULL, 0}, TEXT("drafts")},
};
static const stg_strategy needy = {
    sizeof(stg_strategy), 0, TEXT("org.stratagem.tests.needy"), TEXT("needy"), TEXT("1.0.0"), TEXT("Needs much."),
    params, 3, create, next, NULL, NULL, destroy, roles, 2,
};
static const stg_strategy *const strategies[] = {&needy};

static const stg_plugin plugin = {
    STG_MAGIC, sizeof(stg_plugin), STG_ABI_MAJOR, STG_ABI_MINOR, TEXT("canon"), TEXT("1.0.0"), strategies, 1, functions, 3, NULL,
};

STG_EXPORT const stg_plugin *stg_plugin_entry(void) { return &plugin; }
