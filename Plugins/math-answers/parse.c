/* SPDX-License-Identifier: Apache-2.0
 *
 * Expressions: sum, product, power, and their parts.
 */
#include "answers.h"

static value parse_product(work *w);
static value parse_power(work *w);
static value parse_juxtaposed(work *w, int stops_at_call);

void skip_spaces(work *w) {
    while (w->rest.at < w->rest.end && *w->rest.at == ' ') w->rest.at++;
}

int accepts(work *w, const char *literal) {
    skip_spaces(w);
    if (w->rest.at == w->rest.end || *w->rest.at != *literal || !starts_with(w->rest, literal)) return 0;
    w->rest.at += strlen(literal);
    return 1;
}

static char peek(work *w) {
    skip_spaces(w);
    return w->rest.at < w->rest.end ? *w->rest.at : 0;
}

span letters_ahead(const work *w) {
    span run = w->rest;
    while (run.at < run.end && is_letter(*run.at)) run.at++;
    run.end = run.at;
    run.at = w->rest.at;
    return run;
}

/* --------------------------------------------------- numbers and letters */

static value parse_number(work *w) {
    rational number;
    int is_whole;
    if (!read_number(w, &number, &is_whole)) return fail(w);
    if (is_whole) read_mixed(w, &number);
    if (w->rest.at < w->rest.end && *w->rest.at == '_') return fail(w);
    return value_of(w, number);
}

/* ------------------------------------------------------------- enclosed */

static value parse_enclosed(work *w, const char *close) {
    value v = parse_sum(w);
    return w->failed || !accepts(w, close) ? fail(w) : v;
}

/* What \frac and \binom take: a group, one digit, or something small. */
static value parse_argument(work *w) {
    char next = peek(w);
    if (accepts(w, "{")) return parse_enclosed(w, "}");
    if (is_digit(next)) {
        w->rest.at++;
        return value_of(w, rational_of(next - '0'));
    }
    if (is_letter(next)) {
        span letter = w->rest;
        letter.end = letter.at + 1;
        return parse_letter(w, letter);
    }
    return next == '\\' || (unsigned char)next >= 0x80 ? parse_power(w) : fail(w);
}

/* The argument of a root, or an exponent: also a whole run of digits. */
static value parse_operand(work *w) {
    char next = peek(w);
    rational number;
    int is_whole;
    if (accepts(w, "(")) return parse_enclosed(w, ")");
    if (is_digit(next)) return read_number(w, &number, &is_whole) ? value_of(w, number) : fail(w);
    return parse_argument(w);
}

static value parse_root(work *w, int index) {
    rational exponent = {1, 1};
    value inside;
    exponent.under = index;
    if (accepts(w, "[")) {
        value n = parse_enclosed(w, "]");
        if (!value_rational(w, n, &exponent) || exponent.under != 1 || exponent.over < 2 || exponent.over > 20) return fail(w);
        if (!rational_inverse(exponent, &exponent)) return fail(w);
    }
    inside = parse_operand(w);
    return w->failed ? inside : value_power_rational(w, inside, exponent);
}

static value parse_exponent(work *w) {
    int negative = accepts(w, "-");
    value v;
    if (!negative) accepts(w, "+");
    v = parse_operand(w);
    if (peek(w) == '^') return fail(w); /* 2^3^2 has two readings */
    return negative && !w->failed ? value_scaled(w, v, rational_of(-1)) : v;
}

/* sin x, \sin^2 (x), \log_2 8: the argument ends before the next function or operator. */
static value parse_call(work *w, const char *name) {
    value power = {0, 0}, base = {0, 0}, argument;
    int has_power = 0, has_base = 0, is_inverse = 0;
    char arc[8] = "arc";
    rational plain;
    w->rest.at += strlen(name);
    if (accepts(w, "_")) base = parse_operand(w), has_base = 1;
    if (accepts(w, "^")) power = parse_exponent(w), has_power = 1;
    if (has_base && strcmp(name, "log") != 0) return fail(w);
    if (has_power && value_rational(w, power, &plain) && rational_is(plain, -1) && strlen(name) == 3) {
        is_inverse = 1;
        memcpy(arc + 3, name, 4);
        if (strcmp(name, "sin") && strcmp(name, "cos") && strcmp(name, "tan")) return fail(w);
    }
    w->in_call++;
    if (accepts(w, "(")) argument = parse_enclosed(w, ")");
    else if (accepts(w, "{")) argument = parse_enclosed(w, "}");
    else argument = parse_juxtaposed(w, 1);
    w->in_call--;
    argument = value_call(w, is_inverse ? arc : name, argument, has_base ? &base : NULL);
    return has_power && !is_inverse && !w->failed ? value_power(w, argument, power) : argument;
}

/* --------------------------------------------------------------- factors */

static value parse_named(work *w) {
    span run = letters_ahead(w), letter = run;
    const char *name = function_named(run);
    if (w->rest.at >= w->product_end) {
        if (name != NULL) return parse_call(w, name);
        if (run.end - run.at == 2 && starts_with(run, "pi")) {
            w->rest.at += 2;
            return value_named(w, GENERATOR_PI, span_of(NULL, 0));
        }
        if (is_word(run)) return fail(w);
        if (is_capital_name(run)) return parse_letter(w, run);
        if (derivative_size(w->rest) > 0) return parse_derivative(w);
        w->product_end = run.end; /* xy: none of its parts is a word either */
    }
    letter.end = letter.at + 1;
    return parse_letter(w, letter);
}

static value parse_primary(work *w) {
    char next = peek(w);
    int size;
    if (is_digit(next) || next == '.') return parse_number(w);
    if (is_letter(next)) return parse_named(w);
    if (next == '(' && function_sum_ahead(w)) return fail(w);
    if (accepts(w, "(")) return parse_enclosed(w, ")");
    if (accepts(w, "{")) return parse_enclosed(w, "}");
    if (accepts(w, "π")) return value_named(w, GENERATOR_PI, span_of(NULL, 0));
    if (derivative_size(w->rest) > 0) return parse_derivative(w);
    if (starts_with(w->rest, "\\frac{d}{d")) return fail(w); /* d/dx of something */
    if (accepts(w, "\\frac")) {
        value over = parse_argument(w), under = w->failed ? over : parse_argument(w);
        return w->failed ? under : value_over(w, over, under);
    }
    if (accepts(w, "\\sqrt") || accepts(w, "√")) return parse_root(w, 2);
    if (accepts(w, "∛")) return parse_root(w, 3);
    if (accepts(w, "\\binom")) {
        value n = parse_argument(w), k = w->failed ? n : parse_argument(w);
        return w->failed ? k : value_binomial(w, n, k);
    }
    if (accepts(w, "∞")) {
        w->has_infinity = 1;
        return value_named(w, GENERATOR_INFINITY, span_of(NULL, 0));
    }
    if (accepts(w, "⌊")) return value_rounded(w, parse_enclosed(w, "⌋"), 0);
    if (accepts(w, "⌈")) return value_rounded(w, parse_enclosed(w, "⌉"), 1);
    if (next == '|' && !w->bars) {
        value inside;
        w->bars = 1;
        w->rest.at++;
        inside = parse_enclosed(w, "|");
        w->bars = 0;
        return w->failed ? inside : value_absolute(w, inside);
    }
    size = greek_size(w->rest);
    if (size > 0) {
        span letter = w->rest;
        letter.end = letter.at + size;
        return parse_letter(w, letter);
    }
    return fail(w);
}

/* A degree is pi/180 inside a function, and a unit elsewhere. */
static value degrees(work *w, value v) {
    rational part = {1, 180};
    if (w->in_call > 0) return value_times(w, value_scaled(w, v, part), value_named(w, GENERATOR_PI, span_of(NULL, 0)));
    if (peek(w) == 'C' || peek(w) == 'F') {
        span run = letters_ahead(w);
        if (run.end - run.at == 1) w->rest.at++;
    }
    return v;
}

static value parse_power(work *w) {
    value v = parse_primary(w);
    while (!w->failed) {
        if (accepts(w, "^")) v = value_power(w, v, parse_exponent(w));
        else if (accepts(w, "!!")) v = value_factorial(w, v, 2);
        else if (peek(w) == '!') w->rest.at++, v = value_factorial(w, v, 1);
        else if (accepts(w, "°")) v = degrees(w, v);
        else break;
    }
    return v;
}

/* 2^n 3^n: a power of a number may follow what does not end in a digit. */
static int power_follows(const work *w) {
    span s = w->rest;
    if (s.at == w->start || is_digit(s.at[-1]) || (s.at[-1] == ' ' && s.at - 1 > w->start && is_digit(s.at[-2]))) return 0;
    while (s.at < s.end && is_digit(*s.at)) s.at++;
    return s.at < s.end && *s.at == '^';
}

/* Whether a factor can follow without a sign. A number cannot: 4 2 is not 8. */
static int factor_follows(work *w, int stops_at_call) {
    char next = peek(w);
    if (is_letter(next)) {
        span run = letters_ahead(w);
        if (w->rest.at < w->product_end) return 1;
        if (function_named(run) != NULL) return !stops_at_call;
        if (unit_ahead(w) || ordinal_ahead(w)) return 0;
        return !is_word(run) || (run.end - run.at == 2 && starts_with(run, "pi"));
    }
    if (next == '(' || next == '{') return aside_end(w) == NULL;
    if (next == '|') return !w->bars;
    if (is_digit(next)) return power_follows(w);
    return starts_with(w->rest, "\\frac") || starts_with(w->rest, "\\sqrt") || starts_with(w->rest, "\\binom")
        || starts_with(w->rest, "√") || starts_with(w->rest, "⌊") || starts_with(w->rest, "⌈") || starts_with(w->rest, "∛") || greek_size(w->rest) > 0;
}

static value parse_juxtaposed(work *w, int stops_at_call) {
    int mark = w->top;
    value v = parse_power(w);
    while (!w->failed && factor_follows(w, stops_at_call)) {
        v = value_times(w, v, parse_power(w));
        v = value_kept(w, mark, v);
    }
    return v;
}

static value parse_signed(work *w) {
    int sign = 1;
    value v;
    for (;;) {
        if (accepts(w, "-")) sign = -sign;
        else if (!accepts(w, "+")) break;
    }
    v = parse_power(w);
    return sign < 0 && !w->failed ? value_scaled(w, v, rational_of(-1)) : v;
}

static value parse_product(work *w) {
    int mark = w->top;
    value v = parse_power(w);
    while (!w->failed) {
        if (starts_with(w->rest, "*[[")) break; /* of a matrix */
        if (peek(w) == '/' && aside_end(w) != NULL) break;
        if (accepts(w, "*")) v = value_times(w, v, parse_signed(w));
        else if (accepts(w, "/")) v = value_over(w, v, parse_signed(w));
        else if (factor_follows(w, 0)) v = value_times(w, v, parse_power(w));
        else break;
        v = value_kept(w, mark, v);
    }
    return v;
}

/* +1, -1, or 0 if no sign follows. Each ± has a bit of its own; a ∓ goes against the first
 * of them, and where it is itself the first, all others go by it. */
static int parse_sign(work *w) {
    if (accepts(w, "+")) return 1;
    if (accepts(w, "-")) return -1;
    if (accepts(w, "±")) return w->signs >> (w->signs_tied ? 0 : w->signs_seen++) & 1 ? -1 : 1;
    if (accepts(w, "∓")) {
        if (w->signs_seen == 0) w->signs_seen = w->signs_tied = 1;
        return w->signs & 1 ? 1 : -1;
    }
    return 0;
}

value parse_sum(work *w) {
    int mark = w->top, sign = parse_sign(w), next;
    value sum;
    if (++w->depth > DEPTH_MAX) return fail(w);
    if (sign != 0 && (next = parse_sign(w)) != 0) sign *= next; /* --2 */
    sum = parse_product(w);
    if (sign < 0 && !w->failed) sum = value_kept(w, mark, value_scaled(w, sum, rational_of(-1)));
    while (!w->failed && (sign = parse_sign(w)) != 0) {
        if ((next = parse_sign(w)) != 0) sign *= next;
        sum = value_plus(w, sum, parse_product(w), sign);
        sum = value_kept(w, mark, sum);
    }
    w->depth--;
    return w->failed ? fail(w) : sum;
}
