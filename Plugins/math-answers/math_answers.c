/* SPDX-License-Identifier: Apache-2.0
 *
 * math-answers: functions, no strategy. How the final answer of a worked solution
 * is found, when two of them mean the same, and how the scores of steps become one.
 *
 * All of them are pure, allocate nothing, know no locale and take any bytes.
 */
#include <string.h>

#include "stratagem.h"

#define TEXT(literal) { literal, sizeof(literal) - 1 }

/* A piece of somebody's text: [at, end). */
typedef struct span {
    const char *at, *end;
} span;

/* Not <ctype.h>: its answers depend on the locale. */
static int is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
static int is_digit(char c) { return c >= '0' && c <= '9'; }

static span trimmed(span s) {
    while (s.at < s.end && is_space(*s.at)) s.at++;
    while (s.at < s.end && is_space(s.end[-1])) s.end--;
    return s;
}

static span span_of(const char *text, uint64_t size) {
    span s;
    s.at = size ? text : "";
    s.end = s.at + size;
    return s;
}

static int32_t found(span s, stg_str *answer) {
    if (s.at >= s.end) return STG_NOT_FOUND;
    answer->data = s.at;
    answer->size = (size_t)(s.end - s.at);
    return STG_OK;
}

/* -------------------------------------------------------------- extractors */

/* GSM8K: what follows the last "####", to the end of its line, without a currency
 * sign in front and a full stop behind. An answer must point into the text, so
 * the commas of 1,234 stay; `numeric` reads past them. */
static int32_t extract_gsm8k(const char *text, uint64_t size, stg_str *answer) {
    span s = span_of(text, size), line;
    const char *mark = s.end;
    for (;; mark--) {
        if (mark - s.at < 4) return STG_NOT_FOUND;
        if (memcmp(mark - 4, "####", 4) == 0) break;
    }
    line.at = mark;
    line.end = s.end;
    line = trimmed(line);
    s.end = memchr(line.at, '\n', (size_t)(line.end - line.at));
    if (s.end) line.end = s.end;
    line = trimmed(line);
    if (line.at < line.end && *line.at == '$') line.at++;
    if (line.at < line.end && line.end[-1] == '.') line.end--;
    return found(trimmed(line), answer);
}

/* Whether the byte at `at` stands behind an odd number of backslashes: \{ is a
 * brace to print, not one that groups. */
static int is_escaped(const char *start, const char *at) {
    const char *slash = at;
    while (slash > start && slash[-1] == '\\') slash--;
    return (at - slash) % 2 == 1;
}

/* +1, -1 or 0: what the byte at `at` does to the depth of braces. */
static int brace(const char *start, const char *at) {
    if ((*at != '{' && *at != '}') || is_escaped(start, at)) return 0;
    return *at == '{' ? 1 : -1;
}

/* The text of the last \boxed{…} whose braces balance. One pass from the right:
 * an opening brace is closed if the depth to its right ever falls to what it was
 * before the brace, so the lowest depth so far is all there is to remember. */
static int32_t extract_boxed(const char *text, uint64_t size, stg_str *answer) {
    static const char command[] = "\\boxed";
    const ptrdiff_t command_size = sizeof command - 1;
    span s = span_of(text, size), inside;
    const char *at = s.end;
    int64_t depth = 0, lowest = 0; /* relative to the depth at the end of the text */
    while (at > s.at) {
        int change = brace(s.at, --at);
        depth -= change; /* now the depth before this byte */
        if (change > 0 && lowest <= depth && at - s.at >= command_size
            && memcmp(at - command_size, command, sizeof command - 1) == 0
            && !is_escaped(s.at, at - command_size)) {
            int64_t open = 1;
            inside.at = inside.end = at + 1;
            while ((open += brace(s.at, inside.end)) > 0) inside.end++;
            return found(trimmed(inside), answer);
        }
        if (depth < lowest) lowest = depth;
    }
    return STG_NOT_FOUND;
}

/* The last number in the text: a minus that no word or number stands before,
 * digits (thousands in groups of three), and a fraction. */
static int32_t extract_last_number(const char *text, uint64_t size, stg_str *answer) {
    span s = span_of(text, size), number;
    int group = 0, has_fraction = 0;
    while (s.end > s.at && !is_digit(s.end[-1])) s.end--;
    number.at = number.end = s.end;
    for (; number.at > s.at; number.at--) {
        char c = number.at[-1];
        int digit_before = number.at - s.at >= 2 && is_digit(number.at[-2]);
        if (is_digit(c)) group++;
        else if (c == ',' && group == 3 && digit_before) group = 0;
        else if (c == '.' && !has_fraction && group == number.end - number.at && group > 0) {
            if (!digit_before) { /* .5, but not the end of a sentence before 5 */
                if (number.at - s.at < 2 || is_space(number.at[-2])) number.at--;
                break;
            }
            has_fraction = 1;
            group = 0;
        } else break;
    }
    if (number.at > s.at && number.at < number.end && number.at[-1] == '-') {
        const char *minus = number.at - 1;
        char before = minus > s.at ? minus[-1] : ' ';
        int is_word = is_digit(before) || (before >= 'a' && before <= 'z') || (before >= 'A' && before <= 'Z')
            || before == ')' || (unsigned char)before >= 0x80;
        if (!is_word) number.at = minus;
    }
    return found(number, answer);
}

/* ---------------------------------------------------------------- equality */

/* A plain decimal number, exactly: no floating point, so that no two different
 * numbers are equal and equality is transitive. */
typedef struct decimal {
    int negative;
    span whole;    /* digits and commas, leading zeros gone */
    span fraction; /* digits, trailing zeros gone */
} decimal;

/* Reads digits in groups of three after each comma; 0 if they are not. */
static int read_whole(span *rest, span *whole) {
    int group = 0, has_comma = 0;
    whole->at = rest->at;
    for (; rest->at < rest->end; rest->at++) {
        if (is_digit(*rest->at)) group++;
        else if (*rest->at == ',' && group > 0 && (has_comma ? group == 3 : group <= 3)) {
            has_comma = 1;
            group = 0;
        } else break;
    }
    whole->end = rest->at;
    return !has_comma || group == 3;
}

static int read_decimal(span s, decimal *out) {
    int digits;
    memset(out, 0, sizeof *out);
    if (s.at < s.end && *s.at == '$') s.at++;
    if (s.at < s.end && (*s.at == '-' || *s.at == '+')) out->negative = *s.at++ == '-';
    if (s.at < s.end && *s.at == '$') s.at++;
    if (!read_whole(&s, &out->whole)) return 0;
    digits = out->whole.at < out->whole.end;
    out->fraction.at = out->fraction.end = s.at;
    if (s.at < s.end && *s.at == '.') {
        out->fraction.at = ++s.at;
        while (s.at < s.end && is_digit(*s.at)) s.at++;
        out->fraction.end = s.at;
        digits = digits || out->fraction.at < out->fraction.end;
    }
    if (!digits || s.at != s.end) return 0;
    while (out->whole.at < out->whole.end && (*out->whole.at == '0' || *out->whole.at == ',')) out->whole.at++;
    while (out->fraction.at < out->fraction.end && out->fraction.end[-1] == '0') out->fraction.end--;
    /* There is one zero. */
    if (out->whole.at == out->whole.end && out->fraction.at == out->fraction.end) out->negative = 0;
    return 1;
}

static int same_bytes(span a, span b) {
    return a.end - a.at == b.end - b.at && (a.at == a.end || memcmp(a.at, b.at, (size_t)(a.end - a.at)) == 0);
}

/* The same digits, commas aside. */
static int same_whole(span a, span b) {
    for (;;) {
        while (a.at < a.end && *a.at == ',') a.at++;
        while (b.at < b.end && *b.at == ',') b.at++;
        if (a.at == a.end || b.at == b.end) return a.at == a.end && b.at == b.end;
        if (*a.at++ != *b.at++) return 0;
    }
}

static int32_t equal_exact(const char *a, uint64_t a_size, const char *b, uint64_t b_size) {
    return same_bytes(trimmed(span_of(a, a_size)), trimmed(span_of(b, b_size)));
}

/* Numbers by value: 42 = 42.0 = 42. = $42, 1,234 = 1234. Anything else byte by byte. */
static int32_t equal_numeric(const char *a, uint64_t a_size, const char *b, uint64_t b_size) {
    span left = trimmed(span_of(a, a_size)), right = trimmed(span_of(b, b_size));
    decimal x, y;
    if (!read_decimal(left, &x) || !read_decimal(right, &y)) return same_bytes(left, right);
    return x.negative == y.negative && same_whole(x.whole, y.whole) && same_bytes(x.fraction, y.fraction);
}

/* ------------------------------------------------------------- aggregators */

/* A step that was never scored is NaN and has no say; where none was, the answer is
 * worth nothing. A verifier's rounding never leads out of [0, 1]. */
static double clamped(double value) { return value > 1 ? 1 : value > 0 ? value : 0; }
static int is_score(double value) { return value == value; }

static double aggregate_last(const double *values, uint64_t count) {
    while (count > 0 && !is_score(values[count - 1])) count--;
    return count > 0 ? clamped(values[count - 1]) : 0;
}

static double aggregate_min(const double *values, uint64_t count) {
    double lowest = 1;
    uint64_t i, scored = 0;
    for (i = 0; i < count; i++) {
        if (!is_score(values[i])) continue;
        scored++;
        if (values[i] < lowest) lowest = values[i];
    }
    return scored ? clamped(lowest) : 0;
}

static double aggregate_product(const double *values, uint64_t count) {
    double product = 1;
    uint64_t i, scored = 0;
    for (i = 0; i < count; i++) {
        if (!is_score(values[i])) continue;
        scored++;
        product *= clamped(values[i]);
    }
    return scored ? product : 0;
}

static double aggregate_mean(const double *values, uint64_t count) {
    double sum = 0;
    uint64_t i, scored = 0;
    for (i = 0; i < count; i++) {
        if (!is_score(values[i])) continue;
        scored++;
        sum += clamped(values[i]);
    }
    return scored ? clamped(sum / (double)scored) : 0;
}

/* ------------------------------------------------------------------- entry */

#define EXTRACT TEXT("stratagem.extract_answer/1")
#define EQUAL TEXT("stratagem.answers_equal/1")
#define AGGREGATE TEXT("stratagem.aggregate_steps/1")
#define FUNCTION(variable, hook, name, signature, address)                     \
    static const stg_function variable = {sizeof(stg_function), 0, hook, TEXT(name), \
                                          TEXT(signature), (void (*)(void))(address)}

FUNCTION(gsm8k, EXTRACT, "gsm8k", "i32(ptr,u64,ptr)", extract_gsm8k);
FUNCTION(boxed, EXTRACT, "boxed", "i32(ptr,u64,ptr)", extract_boxed);
FUNCTION(last_number, EXTRACT, "last-number", "i32(ptr,u64,ptr)", extract_last_number);
FUNCTION(numeric, EQUAL, "numeric", "i32(ptr,u64,ptr,u64)", equal_numeric);
FUNCTION(exact, EQUAL, "exact", "i32(ptr,u64,ptr,u64)", equal_exact);
FUNCTION(last, AGGREGATE, "last", "f64(ptr,u64)", aggregate_last);
FUNCTION(min, AGGREGATE, "min", "f64(ptr,u64)", aggregate_min);
FUNCTION(product, AGGREGATE, "product", "f64(ptr,u64)", aggregate_product);
FUNCTION(mean, AGGREGATE, "mean", "f64(ptr,u64)", aggregate_mean);

static const stg_function *const functions[] = {
    &gsm8k, &boxed, &last_number, &numeric, &exact, &last, &min, &product, &mean,
};

static const stg_plugin plugin = {
    STG_MAGIC, sizeof(stg_plugin), STG_ABI_MAJOR, STG_ABI_MINOR, TEXT("math-answers"), TEXT("1.0.0"),
    NULL, 0, functions, sizeof functions / sizeof *functions, NULL,
};

STG_EXPORT const stg_plugin *stg_plugin_entry(void) { return &plugin; }
