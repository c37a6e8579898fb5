/* SPDX-License-Identifier: Apache-2.0
 *
 * A verifier that is a program: it works out every equation in a text, such as 3 * (4 + 1) = 15,
 * and says 0 if one of them is wrong, 1 if all are right, 0.5 if there is none.
 *
 *   cc -shared -fPIC -I Sources/CStratagem/include examples/check-arithmetic/check_arithmetic.c -lm -o check-arithmetic.so
 *   stratagem trust ./check-arithmetic.so
 *   stratagem solve --plugin-path ./check-arithmetic.so --bundle examples/check-arithmetic/check-arithmetic.toml \
 *       --strategy beam-search --budget 8 "What is 3 times 4 plus 1?"
 *
 * It is pure, allocates nothing, and takes any bytes.
 */
#include "stratagem.h"

#include <math.h>
#include <string.h>

#define TEXT(literal) {(literal), sizeof(literal) - 1}

/* What is left to read, and what was found on the way. */
typedef struct reader {
    const char *at, *end;
    int depth;     /* of parentheses: a text may nest them without end */
    int operators; /* a number alone is not an equation's left side */
} reader;

enum { DEPTH_MAX = 64 };

static int is_digit(char c) { return c >= '0' && c <= '9'; }

static char peek(const reader *r) { return r->at < r->end ? *r->at : '\0'; }

static void skip_spaces(reader *r) {
    while (r->at < r->end && (*r->at == ' ' || *r->at == '\t' || *r->at == '$')) r->at++;
}

/* The operator that stands here, as '+', '-', '*' or '/', and its bytes; else 0. */
static char operator_at(const reader *r, size_t *size) {
    static const struct { const char *text; size_t size; char meaning; } known[] = {
        {"+", 1, '+'}, {"-", 1, '-'}, {"\xE2\x88\x92", 3, '-'}, {"*", 1, '*'}, {"x", 1, '*'},
        {"\xC3\x97", 2, '*'}, {"/", 1, '/'}, {"\xC3\xB7", 2, '/'},
    };
    size_t i;
    for (i = 0; i < sizeof known / sizeof *known; i++) {
        *size = known[i].size;
        if ((size_t)(r->end - r->at) >= *size && memcmp(r->at, known[i].text, *size) == 0) return known[i].meaning;
    }
    return 0;
}

/* Digits, with commas between thousands and a decimal part. */
static int read_number(reader *r, double *value) {
    double scale = 1;
    if (!is_digit(peek(r))) return 0;
    *value = 0;
    for (; r->at < r->end; r->at++) {
        if (*r->at == ',' && r->end - r->at > 3 && is_digit(r->at[1]) && is_digit(r->at[2]) && is_digit(r->at[3])) continue;
        if (!is_digit(*r->at)) break;
        *value = *value * 10 + (*r->at - '0');
    }
    if (r->end - r->at > 1 && r->at[0] == '.' && is_digit(r->at[1]))
        for (r->at++; is_digit(peek(r)); r->at++) *value += (*r->at - '0') * (scale /= 10);
    return 1;
}

static int read_sum(reader *r, double *value);

static int read_factor(reader *r, double *value) {
    size_t size;
    skip_spaces(r);
    if (r->depth >= DEPTH_MAX) return 0;
    if (operator_at(r, &size) == '-') {
        int found;
        r->at += size;
        r->depth++;
        found = read_factor(r, value);
        r->depth--;
        *value = -*value;
        return found;
    }
    if (peek(r) != '(') return read_number(r, value);
    r->at++;
    r->depth++;
    if (!read_sum(r, value)) return 0;
    r->depth--;
    skip_spaces(r);
    if (peek(r) != ')') return 0;
    r->at++;
    return 1;
}

/* Reads `factor (operator factor)*` for the operators of one level; a trailing operator is left unread. */
static int read_level(reader *r, double *value, const char *operators, int (*next)(reader *, double *)) {
    if (!next(r, value)) return 0;
    for (;;) {
        reader ahead = *r;
        double right = 0;
        size_t size;
        char found;
        skip_spaces(&ahead);
        found = operator_at(&ahead, &size);
        if (!found || !strchr(operators, found)) return 1;
        ahead.at += size;
        if (!next(&ahead, &right)) return 1;
        ahead.operators++;
        *r = ahead;
        switch (found) {
        case '+': *value += right; break;
        case '-': *value -= right; break;
        case '*': *value *= right; break;
        default: *value /= right; break;
        }
    }
}

static int read_product(reader *r, double *value) { return read_level(r, value, "*/", read_factor); }
static int read_sum(reader *r, double *value) { return read_level(r, value, "+-", read_product); }

/* As exact as a text can be that was rounded to the digits that it shows: 10 / 3 = 3.33 is right. */
static int are_equal(double left, double right, const char *shown, const char *end) {
    const char *point = memchr(shown, '.', (size_t)(end - shown));
    double unit = 1;
    if (!isfinite(left) || !isfinite(right)) return 0;
    if (fabs(left - right) <= 1e-9 * fmax(1, fabs(left))) return 1;
    if (!point) return 0;
    while (++point < end && is_digit(*point)) unit /= 10;
    return fabs(left - right) <= unit / 2 * (1 + 1e-9);
}

/* What stands here is read as far as it is an equation, or a chain of them: 2 * 3 = 6 = 5 + 1. */
static void check(reader *r, int *right, int *wrong) {
    double left;
    const char *start = r->at;
    r->operators = r->depth = 0;
    if (!read_sum(r, &left)) {
        r->at = start + 1;
        return;
    }
    for (;;) {
        reader ahead = *r;
        double value;
        const char *shown;
        int operators = r->operators;
        skip_spaces(&ahead);
        if (peek(&ahead) != '=') return;
        ahead.at++;
        skip_spaces(&ahead);
        shown = ahead.at;
        ahead.depth = 0;
        if (!read_sum(&ahead, &value)) return;
        if (ahead.operators > 0 || operators > 0) ++*(are_equal(left, value, shown, ahead.at) ? right : wrong);
        left = value;
        *r = ahead;
    }
}

/* Whether an expression may begin here: not inside a word or a number, such as the 2 of x2. */
static int may_begin(const reader *r, const char *text) {
    char before = r->at > text ? r->at[-1] : ' ';
    size_t size;
    if (is_digit(before) || before == '.' || before == ')' || ((before | 32) >= 'a' && (before | 32) <= 'z')) return 0;
    return is_digit(*r->at) || *r->at == '(' || operator_at(r, &size) == '-';
}

static double verify(const char *problem, uint64_t problem_size, const char *text, uint64_t size) {
    reader r;
    int right = 0, wrong = 0;
    (void)problem;
    (void)problem_size;
    if (!size) return 0.5;
    r.at = text;
    r.end = text + size;
    r.depth = r.operators = 0;
    while (r.at < r.end) {
        if (may_begin(&r, text)) {
            check(&r, &right, &wrong);
        } else {
            r.at++;
        }
    }
    if (wrong) return 0;
    return right ? 1 : 0.5;
}

static const stg_function arithmetic = {
    sizeof(stg_function), 0, TEXT("stratagem.verify/1"), TEXT("arithmetic"), TEXT("f64(ptr,u64,ptr,u64)"), (void (*)(void))verify,
};
static const stg_function *const functions[] = {&arithmetic};

static const stg_plugin plugin = {
    STG_MAGIC, sizeof(stg_plugin), STG_ABI_MAJOR, STG_ABI_MINOR, TEXT("check-arithmetic"), TEXT("1.0.0"),
    NULL, 0, functions, 1, NULL,
};

STG_EXPORT const stg_plugin *stg_plugin_entry(void) { return &plugin; }
