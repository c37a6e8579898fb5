/* SPDX-License-Identifier: Apache-2.0
 *
 * math-answers: functions, no strategy. They find the final answer of a worked solution,
 * decide when two answers mean the same, and combine the scores of steps into one.
 */
#include "functions.h"

#define TEXT(literal) { literal, sizeof(literal) - 1 }

/* -------------------------------------------------------------- equality */

static int32_t equal_as(equality_kind kind, span a, span b) {
    text left, right;
    int is_read;
    a = trimmed(a);
    b = trimmed(b);
    if (same_bytes(a, b)) return 1;
    return same_bytes(canonical_text(kind, a, &left, &is_read), canonical_text(kind, b, &right, &is_read));
}

int32_t equal_math(const char *a, uint64_t a_size, const char *b, uint64_t b_size) {
    return equal_as(EQUALITY_MATH, span_of(a, a_size), span_of(b, b_size));
}

/* Numbers by value, choices by letter; anything else by its text without formatting. */
int32_t equal_numeric(const char *a, uint64_t a_size, const char *b, uint64_t b_size) {
    return equal_as(EQUALITY_NUMERIC, span_of(a, a_size), span_of(b, b_size));
}

int32_t equal_exact(const char *a, uint64_t a_size, const char *b, uint64_t b_size) {
    return same_bytes(trimmed(span_of(a, a_size)), trimmed(span_of(b, b_size)));
}

/* --------------------------------------------------------- canonical form */

/* The largest form that a host takes; an answer beyond it keeps its own spelling. */
#define CANONICAL_MAX 65536u

/* `strict`: an answer that is compared by its text alone has no form. */
static int32_t canonical_as(equality_kind kind, int strict, span answer, char *buffer, uint64_t capacity,
                            uint64_t *needed) {
    text form;
    int is_read;
    span s = canonical_text(kind, answer, &form, &is_read);
    uint64_t size = (uint64_t)(s.end - s.at);
    if (size == 0 || size > CANONICAL_MAX || (strict && !is_read)) return STG_NOT_FOUND;
    *needed = size;
    if (size <= capacity) memcpy(buffer, s.at, size);
    return STG_OK;
}

int32_t canonical_math(const char *answer, uint64_t size, char *buffer, uint64_t capacity, uint64_t *needed) {
    return canonical_as(EQUALITY_MATH, 0, span_of(answer, size), buffer, capacity, needed);
}

int32_t canonical_math_strict(const char *answer, uint64_t size, char *buffer, uint64_t capacity, uint64_t *needed) {
    return canonical_as(EQUALITY_MATH, 1, span_of(answer, size), buffer, capacity, needed);
}

int32_t canonical_numeric(const char *answer, uint64_t size, char *buffer, uint64_t capacity, uint64_t *needed) {
    return canonical_as(EQUALITY_NUMERIC, 0, span_of(answer, size), buffer, capacity, needed);
}

int32_t canonical_numeric_strict(const char *answer, uint64_t size, char *buffer, uint64_t capacity, uint64_t *needed) {
    return canonical_as(EQUALITY_NUMERIC, 1, span_of(answer, size), buffer, capacity, needed);
}

/* ------------------------------------------------------------------- entry */

#define EXTRACT TEXT("stratagem.extract_answer/1")
#define EQUAL TEXT("stratagem.answers_equal/1")
#define CANONICAL TEXT("stratagem.canonical_answer/1")
#define AGGREGATE TEXT("stratagem.aggregate_steps/1")
#define FUNCTION(variable, hook, name, signature, address)                     \
    static const stg_function variable = {sizeof(stg_function), 0, hook, TEXT(name), \
                                          TEXT(signature), (void (*)(void))(address)}

FUNCTION(gsm8k, EXTRACT, "gsm8k", "i32(ptr,u64,ptr)", extract_gsm8k);
FUNCTION(gsm8k_last, EXTRACT, "gsm8k-last", "i32(ptr,u64,ptr)", extract_gsm8k_last);
FUNCTION(math_answer, EXTRACT, "math", "i32(ptr,u64,ptr)", extract_math);
FUNCTION(math_first, EXTRACT, "math-first", "i32(ptr,u64,ptr)", extract_math_first);
FUNCTION(boxed, EXTRACT, "boxed", "i32(ptr,u64,ptr)", extract_boxed);
FUNCTION(last_number_of, EXTRACT, "last-number", "i32(ptr,u64,ptr)", extract_last_number);
FUNCTION(math, EQUAL, "math", "i32(ptr,u64,ptr,u64)", equal_math);
FUNCTION(numeric, EQUAL, "numeric", "i32(ptr,u64,ptr,u64)", equal_numeric);
FUNCTION(exact, EQUAL, "exact", "i32(ptr,u64,ptr,u64)", equal_exact);
FUNCTION(math_form, CANONICAL, "math", "i32(ptr,u64,ptr,u64,ptr)", canonical_math);
FUNCTION(numeric_form, CANONICAL, "numeric", "i32(ptr,u64,ptr,u64,ptr)", canonical_numeric);
FUNCTION(math_strict, CANONICAL, "math-strict", "i32(ptr,u64,ptr,u64,ptr)", canonical_math_strict);
FUNCTION(numeric_strict, CANONICAL, "numeric-strict", "i32(ptr,u64,ptr,u64,ptr)", canonical_numeric_strict);
FUNCTION(last, AGGREGATE, "last", "f64(ptr,u64)", aggregate_last);
FUNCTION(min, AGGREGATE, "min", "f64(ptr,u64)", aggregate_min);
FUNCTION(product, AGGREGATE, "product", "f64(ptr,u64)", aggregate_product);
FUNCTION(mean, AGGREGATE, "mean", "f64(ptr,u64)", aggregate_mean);

static const stg_function *const functions[] = {
    &math_form, &numeric_form, &math_strict, &numeric_strict, &gsm8k, &gsm8k_last, &math_answer, &math_first, &boxed, &last_number_of,
    &math, &numeric, &exact, &last, &min, &product, &mean,
};

static const stg_plugin plugin = {
    STG_MAGIC, sizeof(stg_plugin), STG_ABI_MAJOR, STG_ABI_MINOR, TEXT("math-answers"), TEXT("1.0.0"),
    NULL, 0, functions, sizeof functions / sizeof *functions, NULL,
};

STG_EXPORT const stg_plugin *stg_plugin_entry(void) { return &plugin; }
