/* SPDX-License-Identifier: Apache-2.0
 *
 * Division: roots and i are removed from the denominator, and common factors of polynomials are cancelled.
 */
#include "answers.h"

/* The generator g of the first 1/2-th power of a prime, or i, in a sum; -1 if none. */
static int quadratic(const work *w, value v) {
    int i, j;
    for (i = 0; i < v.count; i++) {
        const term *t = &w->terms[v.first + i];
        for (j = 0; j < t->count; j++) {
            const factor *f = &t->factors[j];
            generator_kind kind = w->generators[f->generator].kind;
            if (kind == GENERATOR_I || (kind == GENERATOR_PRIME && f->under == 2)) return f->generator;
        }
    }
    return -1;
}

static value conjugate(work *w, value v, int generator) {
    value result = value_plus(w, v, value_of(w, rational_of(0)), 1);
    int i, j;
    for (i = 0; i < result.count && !w->failed; i++) {
        term *t = &w->terms[result.first + i];
        for (j = 0; j < t->count; j++) {
            if (t->factors[j].generator == generator) t->coefficient.over = -t->coefficient.over;
        }
    }
    return result;
}

static value monomial_inverse(work *w, value v) {
    term t = w->terms[v.first], one;
    value result = {0, 0};
    int i;
    if (!rational_inverse(t.coefficient, &t.coefficient)) return fail(w);
    for (i = 0; i < t.count; i++) t.factors[i].over = (int16_t)-t.factors[i].over;
    one.coefficient = rational_of(1);
    one.count = 0;
    if (!term_times(w, &t, &one, &t)) return fail(w);
    result.first = w->top;
    value_add_term(w, &result, &t);
    return result;
}

static int exponent_in(const term *t, int generator) {
    int i;
    for (i = 0; i < t->count; i++) {
        if (t->factors[i].generator == generator) return t->factors[i].under == 1 ? t->factors[i].over : -1;
    }
    return 0;
}

/* a = quotient·b + rest, where no leading term of the rest is a multiple of b's. */
static void divide(work *w, value a, value b, value *quotient, value *rest) {
    int step, i;
    *quotient = value_of(w, rational_of(0));
    *rest = a;
    for (step = 0; step < 32 && rest->count > 0 && !w->failed; step++) {
        value lead = {0, 1}, below = {0, 1}, ratio;
        const term *t = &w->terms[rest->first], *u = &w->terms[b.first];
        for (i = 0; i < u->count; i++) {
            const factor *f = &u->factors[i];
            if (f->under != 1 || f->over < 0 || exponent_in(t, f->generator) < f->over) return;
        }
        lead.first = rest->first;
        below.first = b.first;
        ratio = value_times(w, lead, monomial_inverse(w, below));
        *quotient = value_plus(w, *quotient, ratio, 1);
        *rest = value_plus(w, *rest, value_times(w, ratio, b), -1);
    }
}

/* The one letter of polynomials with rational coefficients; -1 if it is not one. */
static int only_letter(const work *w, value v, int letter) {
    int i;
    for (i = 0; i < v.count; i++) {
        const term *t = &w->terms[v.first + i];
        if (t->count == 0) continue;
        if (t->count > 1 || w->generators[t->factors[0].generator].kind != GENERATOR_LETTER) return -2;
        if (t->factors[0].under != 1 || t->factors[0].over < 0) return -2;
        if (letter >= 0 && t->factors[0].generator != letter) return -2;
        letter = t->factors[0].generator;
    }
    return letter;
}

/* Cancels the common factors of two polynomials of one letter. */
static void cancel(work *w, value *a, value *b) {
    int letter = only_letter(w, *b, -1), step, top = w->top;
    value x = *a, y = *b, quotient, rest;
    if (letter < 0 || only_letter(w, *a, letter) != letter) return;
    for (step = 0; step < 12 && y.count > 0 && !w->failed; step++) {
        divide(w, x, y, &quotient, &rest);
        x = y;
        y = rest;
    }
    if (!w->failed && y.count == 0 && x.count > 1) {
        divide(w, *a, x, &quotient, &rest);
        divide(w, *b, x, &y, &rest);
        if (!w->failed) {
            *a = quotient;
            *b = y;
            return;
        }
    }
    w->failed = 0; /* no room to cancel: the fraction stays as it is */
    w->top = top;
}

static value sum_inverse(work *w, value v) {
    rational content;
    text name;
    value sum;
    if (!value_content(w, v, &content) || !rational_inverse(content, &content)) return fail(w);
    sum = value_scaled(w, v, content);
    if (w->failed) return sum;
    name.size = name.full = 0;
    print_value(w, sum, &name);
    if (name.full) return fail(w);
    sum = value_named(w, GENERATOR_SUM, span_of(name.bytes, (uint64_t)name.size));
    return w->failed ? sum : value_scaled(w, monomial_inverse(w, sum), content);
}

value value_over(work *w, value a, value b) {
    int step, generator;
    value quotient, rest;
    if (w->failed || b.count == 0) return fail(w);
    for (step = 0; step < 6 && b.count > 1 && (generator = quadratic(w, b)) >= 0; step++) {
        value other = conjugate(w, b, generator);
        a = value_times(w, a, other);
        b = value_times(w, b, other);
        if (w->failed || b.count == 0) return fail(w);
    }
    if (b.count > 1) {
        cancel(w, &a, &b);
        if (w->failed) return fail(w);
    }
    if (b.count == 1) return value_times(w, a, monomial_inverse(w, b));
    divide(w, a, b, &quotient, &rest);
    if (w->failed || rest.count == 0) return quotient;
    return value_times(w, a, sum_inverse(w, b));
}

value value_inverse(work *w, value v) { return value_over(w, value_of(w, rational_of(1)), v); }
