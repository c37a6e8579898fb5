/* SPDX-License-Identifier: Apache-2.0
 *
 * Fractions of polynomials: one numerator over one denominator, without common
 * factors, so that 1 - 1/(x + 1) is x/(x + 1).
 */
#include "answers.h"

value value_reread(work *w, int at, int size) {
    span rest = w->rest;
    const char *product_end = w->product_end, *start = w->start;
    value v;
    w->rest.at = w->start = w->product_end = w->names + at;
    w->rest.end = w->rest.at + size;
    v = parse_sum(w);
    if (w->rest.at != w->rest.end) v = fail(w);
    w->rest = rest;
    w->product_end = product_end;
    w->start = start;
    return v;
}

/* The sum that a GENERATOR_SUM is known by. */
static value sum_named(work *w, int generator) {
    return value_reread(w, w->generators[generator].at, w->generators[generator].size);
}

/* How often the sum is divided by, at most; -1 if by a root of it. */
static int most_below(const work *w, value v, int generator) {
    int i, j, most = 0;
    for (i = 0; i < v.count; i++) {
        const term *t = &w->terms[v.first + i];
        for (j = 0; j < t->count; j++) {
            if (t->factors[j].generator != generator) continue;
            if (t->factors[j].under != 1) return -1;
            if (-t->factors[j].over > most) most = -t->factors[j].over;
        }
    }
    return most;
}

/* v·sum^power, where the sum is no longer hidden in a generator. */
static value multiplied(work *w, value v, int generator, int power) {
    int mark = w->top, i, j;
    value sum = sum_named(w, generator), result = value_of(w, rational_of(0));
    for (i = 0; i < v.count && !w->failed; i++) {
        term t = w->terms[v.first + i];
        value one = {0, 0};
        int more = power;
        for (j = 0; j < t.count && t.factors[j].generator != generator; j++) {}
        if (j < t.count) {
            more += t.factors[j].over;
            memmove(&t.factors[j], &t.factors[j + 1], (size_t)(t.count - j - 1) * sizeof *t.factors);
            t.count--;
        }
        one.first = w->top;
        value_add_term(w, &one, &t);
        while (more-- > 0 && !w->failed) one = value_times(w, one, sum);
        result = value_plus(w, result, one, 1);
    }
    return value_kept(w, mark, result);
}

value value_joined(work *w, value v) {
    int generator, count = w->generator_count;
    value below;
    if (w->failed || !value_has(w, v, GENERATOR_SUM)) return v;
    below = value_of(w, rational_of(1));
    for (generator = 0; generator < count && !w->failed; generator++) {
        int power, i;
        value sum;
        if (w->generators[generator].kind != GENERATOR_SUM || !value_holds(w, v, generator)) continue;
        power = most_below(w, v, generator);
        if (power < 0 || power > 6) return fail(w);
        v = multiplied(w, v, generator, power);
        sum = sum_named(w, generator);
        for (i = 0; i < power && !w->failed; i++) below = value_times(w, below, sum);
    }
    return w->failed ? v : value_over(w, v, below);
}
