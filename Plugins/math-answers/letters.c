/* SPDX-License-Identifier: Apache-2.0
 *
 * Letters: x, x_1 and θ, names in capitals, derivatives.
 */
#include "answers.h"

/* The letters that are functions where a bracket follows: f(2x) is not 2f(x), while x(x + 1) is a product. */
static int is_function_letter(span letter) {
    static const char *const greek[] = {"φ", "σ", "τ", "ζ", "ψ", "Γ", "Φ"};
    size_t i;
    if (letter.end - letter.at == 1) return memchr("fghFGHPQTE", *letter.at, 10) != NULL;
    for (i = 0; i < sizeof greek / sizeof *greek; i++) {
        if (same_bytes(letter, span_of(greek[i], strlen(greek[i])))) return 1;
    }
    return 0;
}

/* The letters that are functions unless a sum is in the brackets: p(2), but p(1 - p) is a product. */
static int is_often_function(span letter) {
    return letter.end - letter.at == 1 && memchr("pquvwy", *letter.at, 6) != NULL;
}

static int bracket_has_sum(span s) {
    for (; s.at < s.end && *s.at != ')'; s.at++) {
        if (*s.at == '+' || *s.at == '-') return 1;
    }
    return 0;
}

static int is_applied(span letter, span rest) {
    if (!starts_with(rest, "(")) return 0;
    return is_function_letter(letter) || (is_often_function(letter) && !bracket_has_sum(rest));
}

int has_function_letter(span s, span bracket) {
    int is_sum = bracket_has_sum(bracket);
    for (; s.at < s.end; s.at++) {
        span letter = s;
        int size = greek_size(s);
        letter.end = s.at + (size > 0 ? size : 1);
        if (is_function_letter(letter) || (is_often_function(letter) && !is_sum)) return 1;
    }
    return 0;
}

/* f^{-1}(x), f^2(x): neither an application of f nor a power. */
static int has_power_before_bracket(span s) {
    if (!starts_with(s, "^")) return 0;
    s.at++;
    if (starts_with(s, "{") || starts_with(s, "(")) s.at++;
    while (s.at < s.end && (is_digit(*s.at) || is_letter(*s.at) || *s.at == '-')) s.at++;
    if (starts_with(s, "}") || starts_with(s, ")")) s.at++;
    return starts_with(s, "(");
}

/* f(2x + 1): known by its name and the canonical text of its argument. */
static value parse_application(work *w, span name) {
    text t;
    value argument;
    t.size = t.full = 0;
    text_add(&t, name);
    if (!accepts(w, "(")) return fail(w);
    argument = parse_sum(w);
    if (w->failed || !accepts(w, ")")) return fail(w);
    text_byte(&t, '(');
    print_value(w, argument, &t);
    text_byte(&t, ')');
    return t.full ? fail(w) : value_named(w, GENERATOR_CALL, span_of(t.bytes, (uint64_t)t.size));
}

value parse_letter(work *w, span letter) {
    char name[16];
    int size = (int)(letter.end - letter.at);
    w->rest.at = letter.end;
    if (w->rest.at < w->rest.end && *w->rest.at == '_') {
        int braces, start = size + 1;
        memcpy(name, letter.at, (size_t)size);
        name[size++] = '_';
        w->rest.at++;
        braces = accepts(w, "{");
        while (w->rest.at < w->rest.end && (is_digit(*w->rest.at) || is_letter(*w->rest.at)) && size < 12) {
            int digit = is_digit(*w->rest.at);
            name[size++] = *w->rest.at++;
            if (!braces && (!digit || w->rest.at == w->rest.end || !is_digit(*w->rest.at))) break;
        }
        if (size == start || (braces && !accepts(w, "}"))) return fail(w);
        /* More than one sign needs braces again when it is written, but for a run of digits. */
        for (braces = start; braces < size; braces++) {
            if (size - start > 1 && !is_digit(name[braces])) return fail(w);
        }
        if (is_applied(letter, w->rest))
            return parse_application(w, span_of(name, (uint64_t)size));
        return value_named(w, GENERATOR_LETTER, span_of(name, (uint64_t)size));
    }
    if (w->rest.at < w->rest.end && *w->rest.at == '\'') return fail(w);
    if (is_applied(letter, w->rest)) return parse_application(w, letter);
    if (is_function_letter(letter) && has_power_before_bracket(w->rest)) return fail(w);
    if (size == 1 && *letter.at == 'e') return value_named(w, GENERATOR_E, span_of(NULL, 0));
    if (size == 1 && *letter.at == 'i') return value_named(w, GENERATOR_I, span_of(NULL, 0));
    return value_named(w, GENERATOR_LETTER, letter);
}

/* α … ω and ℓ; also Δx, which is no product of Δ. */
int greek_size(span s) {
    if (starts_with(s, "ℓ")) return 3;
    if (starts_with(s, "Δ") && s.end - s.at > 2) {
        span run = s, next = s;
        next.at = run.at += 2;
        while (run.at < run.end && is_letter(*run.at)) run.at++;
        run.end = run.at;
        run.at = next.at;
        if (run.end - run.at == 1 || (run.at < run.end && !is_word(run))) return 3;
        if (run.at == run.end && !starts_with(next, "Δ") && greek_size(next) == 2) return 4;
    }
    return s.end - s.at >= 2 && ((unsigned char)*s.at == 0xCE || (unsigned char)*s.at == 0xCF) ? 2 : 0;
}

int is_capital_name(span run) {
    span s = run;
    while (s.at < s.end && is_upper(*s.at)) s.at++;
    return s.at == s.end && run.end - run.at > 1 && run.end - run.at < 8;
}

int function_sum_ahead(const work *w) {
    span s = w->rest;
    if (!starts_with(s, "(f") && !starts_with(s, "(g") && !starts_with(s, "(h")) return 0;
    for (s.at++; s.at < s.end && memchr("fgh+-*/ ", *s.at, 8) != NULL; s.at++) {}
    return s.at - w->rest.at > 2 && starts_with(s, ")(");
}

int ordinal_ahead(const work *w) {
    static const char *const endings[] = {"th", "st", "nd", "rd"};
    span run = letters_ahead(w);
    const char *at = run.at;
    size_t i;
    while (at > w->start && at[-1] == ' ') at--;
    if (run.end - run.at != 2 || at == w->start || !is_digit(at[-1])) return 0;
    for (i = 0; i < sizeof endings / sizeof *endings; i++) {
        if (starts_with(run, endings[i])) return 1;
    }
    return 0;
}

/* dy, d^2y, dx^2: reads past one half of a derivative. */
static int skip_differential(span *s, int below) {
    if (!starts_with(*s, "d")) return 0;
    s->at++;
    if (!below && starts_with(*s, "^") && s->end - s->at > 1 && is_digit(s->at[1])) s->at += 2;
    if (s->at == s->end || !is_letter(*s->at)) return 0;
    s->at++;
    if (below && starts_with(*s, "^") && s->end - s->at > 1 && is_digit(s->at[1])) s->at += 2;
    return s->at == s->end || !is_letter(*s->at);
}

int derivative_size(span s) {
    const char *start = s.at;
    int slash = !starts_with(s, "\\frac{");
    if (!slash) s.at += 6;
    if (!skip_differential(&s, 0) || !starts_with(s, slash ? "/" : "}{")) return 0;
    s.at += slash ? 1 : 2;
    if (!skip_differential(&s, 1)) return 0;
    if (slash) return (int)(s.at - start);
    return starts_with(s, "}") ? (int)(s.at + 1 - start) : 0;
}

/* A derivative is known by its text, dy/dx, and no quotient. */
value parse_derivative(work *w) {
    span s = w->rest;
    text name;
    name.size = name.full = 0;
    w->rest.at += derivative_size(s);
    s.end = w->rest.at;
    if (starts_with(s, "\\frac{")) s.at += 6, s.end--;
    for (; s.at < s.end; s.at++) {
        if (*s.at == '}') text_byte(&name, '/'), s.at++;
        else text_byte(&name, *s.at);
    }
    if (starts_with(w->rest, "(")) return fail(w); /* at a point */
    return value_named(w, GENERATOR_CALL, span_of(name.bytes, (uint64_t)name.size));
}
