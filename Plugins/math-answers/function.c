/* SPDX-License-Identifier: Apache-2.0
 *
 * Functions by name. A call with an exact value becomes that value; other calls stay,
 * and are identified by their canonical arguments.
 */
#include "answers.h"

static const char *const names[] = {
    "arcsin", "arccos", "arctan", "sinh", "cosh", "tanh", "sin", "cos", "tan", "cot", "sec", "csc", "log", "ln",
    "exp", "sqrt",
};

const char *function_named(span run) {
    size_t i;
    for (i = 0; i < sizeof names / sizeof *names; i++) {
        if ((size_t)(run.end - run.at) == strlen(names[i]) && starts_with(run, names[i])) return names[i];
    }
    return NULL;
}

static value call_by_text(work *w, const char *name, value argument) {
    text t;
    if (w->failed) return argument;
    t.size = t.full = 0;
    text_literal(&t, name);
    text_byte(&t, '(');
    print_value(w, argument, &t);
    text_byte(&t, ')');
    return t.full ? fail(w) : value_named(w, GENERATOR_CALL, span_of(t.bytes, (uint64_t)t.size));
}

/* ---------------------------------------------------------- trigonometry */

/* The angle in parts of 15 degrees, if it is a whole number of them. */
static int in_fifteens(work *w, value angle, int *parts) {
    const term *t = &w->terms[angle.first];
    rational turn;
    wide rest;
    if (angle.count == 0) return *parts = 0, 1;
    if (angle.count != 1 || t->count != 1 || w->generators[t->factors[0].generator].kind != GENERATOR_PI) return 0;
    if (t->factors[0].over != 1 || t->factors[0].under != 1) return 0;
    if (!rational_times(t->coefficient, rational_of(12), &turn) || turn.under != 1) return 0;
    rest = turn.over % 24;
    *parts = (int)(rest < 0 ? rest + 24 : rest);
    return 1;
}

/* The sine of 15·parts degrees. */
static int sine(work *w, int parts, value *out) {
    int sign = parts >= 12 ? -1 : 1, under = 2;
    value v, root = value_prime(w, 2, 1, 2);
    parts %= 12;
    if (parts > 6) parts = 12 - parts;
    switch (parts) {
    case 0: v = value_of(w, rational_of(0)); break;
    case 2: v = value_of(w, rational_of(1)); break;
    case 3: v = root; break;
    case 4: v = value_prime(w, 3, 1, 2); break;
    case 6: v = value_of(w, rational_of(1)), under = 1; break;
    default: /* (√6 ± √2)/4 */
        v = value_plus(w, value_times(w, root, value_prime(w, 3, 1, 2)), root, parts == 5 ? 1 : -1);
        under = 4;
    }
    {
        rational scale = {0, 1};
        scale.over = sign;
        scale.under = under;
        *out = value_scaled(w, v, scale);
    }
    return !w->failed;
}

static value trigonometric(work *w, const char *name, value angle) {
    int parts;
    value s, c;
    if (!in_fifteens(w, angle, &parts) || !sine(w, parts, &s) || !sine(w, (parts + 6) % 24, &c))
        return call_by_text(w, name, angle);
    switch (name[0] * 256 + name[1]) {
    case 's' * 256 + 'i': return s;
    case 'c' * 256 + 'o': return name[2] == 't' ? value_over(w, c, s) : c;
    case 't' * 256 + 'a': return value_over(w, s, c);
    case 's' * 256 + 'e': return value_inverse(w, c);
    default: return value_inverse(w, s);
    }
}

/* arcsin 1/2 = π/6: the angle in the function's range that has this value, if it is a part of 15 degrees. */
static value inverse_trigonometric(work *w, const char *name, value x) {
    int mark = w->top, first = name[3] == 'c' ? 0 : name[3] == 's' ? -6 : -5, parts;
    int last = name[3] == 'c' ? 12 : -first;
    for (parts = first; parts <= last && !w->failed; parts++) {
        value v, c;
        rational turn;
        w->top = mark;
        if (!sine(w, (parts + (name[3] == 'c' ? 30 : 24)) % 24, &v)) return fail(w);
        if (name[3] == 't' && (!sine(w, (parts + 30) % 24, &c) || (v = value_over(w, v, c), w->failed))) return fail(w);
        if (value_plus(w, x, v, -1).count != 0 || w->failed) continue;
        w->top = mark;
        if (!rational_reduced(parts, 12, &turn)) return fail(w);
        return value_scaled(w, value_named(w, GENERATOR_PI, span_of(NULL, 0)), turn);
    }
    w->top = mark;
    return call_by_text(w, name, x);
}

int value_turned(work *w, rational part, value *out) {
    value angle = value_scaled(w, value_named(w, GENERATOR_PI, span_of(NULL, 0)), part), s, c;
    int parts;
    if (w->failed || !in_fifteens(w, angle, &parts) || !sine(w, parts, &s) || !sine(w, (parts + 6) % 24, &c)) return 0;
    *out = value_plus(w, c, value_times(w, s, value_named(w, GENERATOR_I, span_of(NULL, 0))), 1);
    return 1;
}

/* ------------------------------------------------------------ logarithms */

/* The exponents of the primes of a rational number; returns how many, -1 if unknown. */
static int number_exponents(rational r, int64_t primes[2 * PRIMES_MAX], int exponents[2 * PRIMES_MAX]) {
    int over, under, i;
    if (r.over <= 0 || (over = prime_factors(r.over, primes, exponents)) < 0) return -1;
    under = prime_factors(r.under, primes + over, exponents + over);
    if (under < 0) return -1;
    for (i = over; i < over + under; i++) exponents[i] = -exponents[i];
    return over + under;
}

/* log of x to a base, if both are powers of the same number. */
static int rational_logarithm(rational x, rational base, rational *out) {
    int64_t p[2 * PRIMES_MAX], q[2 * PRIMES_MAX];
    int e[2 * PRIMES_MAX], f[2 * PRIMES_MAX], i, j, found = 0;
    int count = number_exponents(x, p, e), below = number_exponents(base, q, f);
    if (rational_is(x, 1) && below > 0) return *out = rational_of(0), 1;
    if (count < 1 || below != count) return 0;
    for (i = 0; i < count; i++) {
        rational ratio;
        for (j = 0; j < below && q[j] != p[i]; j++) {}
        if (j == below || !rational_reduced(e[i], f[j], &ratio)) return 0;
        if (found && rational_compare(ratio, *out) != 0) return 0;
        *out = ratio;
        found = 1;
    }
    return found;
}

static value natural_logarithm(work *w, value x) {
    int64_t primes[2 * PRIMES_MAX];
    int exponents[2 * PRIMES_MAX], i, count;
    rational number;
    value sum = value_of(w, rational_of(0));
    const term *t = &w->terms[x.first];
    if (x.count == 1 && t->count == 1 && rational_is(t->coefficient, 1)
        && w->generators[t->factors[0].generator].kind == GENERATOR_E) {
        if (!rational_reduced(t->factors[0].over, t->factors[0].under, &number)) return fail(w);
        return value_of(w, number);
    }
    if (!value_rational(w, x, &number)) return call_by_text(w, "ln", x);
    if (number.over <= 0) return fail(w);
    count = number_exponents(number, primes, exponents);
    if (count < 0) return call_by_text(w, "ln", x);
    for (i = 0; i < count && !w->failed; i++) {
        value prime = call_by_text(w, "ln", value_of(w, rational_of(primes[i])));
        sum = value_plus(w, sum, value_scaled(w, prime, rational_of(exponents[i])), 1);
    }
    return sum;
}

static value logarithm(work *w, value x, const value *base) {
    rational number, below, result;
    text name;
    if (base == NULL || (value_rational(w, *base, &below) && rational_is(below, 10))) {
        if (value_rational(w, x, &number) && rational_logarithm(number, rational_of(10), &result)) return value_of(w, result);
        return call_by_text(w, "log", x);
    }
    if (value_generator(w, *base) >= 0 && w->generators[value_generator(w, *base)].kind == GENERATOR_E)
        return natural_logarithm(w, x);
    if (value_rational(w, x, &number) && value_rational(w, *base, &below)) {
        if (rational_logarithm(number, below, &result)) return value_of(w, result);
    }
    name.size = name.full = 0;
    below = rational_of(-1);
    value_rational(w, *base, &below);
    text_literal(&name, "log_");
    if (below.under != 1 || below.over < 0) text_byte(&name, '(');
    print_value(w, *base, &name);
    if (below.under != 1 || below.over < 0) text_byte(&name, ')');
    text_byte(&name, 0);
    return name.full || w->failed ? fail(w) : call_by_text(w, name.bytes, x);
}

value value_call(work *w, const char *name, value argument, const value *base) {
    static const rational half = {1, 2};
    if (w->failed) return argument;
    if (strcmp(name, "log") == 0) return logarithm(w, argument, base);
    if (strcmp(name, "ln") == 0) return natural_logarithm(w, argument);
    if (strcmp(name, "sqrt") == 0) return value_power_rational(w, argument, half);
    if (strcmp(name, "exp") == 0) return value_power(w, value_named(w, GENERATOR_E, span_of(NULL, 0)), argument);
    if (strncmp(name, "arc", 3) == 0) return inverse_trigonometric(w, name, argument);
    if (strlen(name) == 3) return trigonometric(w, name, argument);
    return call_by_text(w, name, argument);
}
