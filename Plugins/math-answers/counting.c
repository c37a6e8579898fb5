/* SPDX-License-Identifier: Apache-2.0
 *
 * Factorials and binomials, absolute values, whole parts.
 */
#include "answers.h"

value value_factorial(work *w, value n, int step) {
    rational number, product = rational_of(1);
    int i;
    if (!value_rational(w, n, &number) || number.under != 1 || number.over < 0 || number.over > 33) return fail(w);
    for (i = (int)number.over; i > 1; i -= step) {
        if (!rational_times(product, rational_of(i), &product)) return fail(w);
    }
    return value_of(w, product);
}

value value_binomial(work *w, value n, value k) {
    rational top, below, result = rational_of(1);
    wide size;
    int64_t i;
    if (!value_rational(w, n, &top) || !value_rational(w, k, &below)) return fail(w);
    if (top.under != 1 || below.under != 1 || top.over < 0 || below.over < 0 || top.over > 1000000000) return fail(w);
    if (below.over > top.over) return value_of(w, rational_of(0));
    size = below.over < top.over - below.over ? below.over : top.over - below.over;
    if (size > 130) return fail(w);
    for (i = 1; i <= size; i++) {
        rational step;
        if (!rational_reduced(top.over - size + i, i, &step) || !rational_times(result, step, &result)) return fail(w);
    }
    return value_of(w, result);
}

/* ------------------------------------------------------------------ size */

/* √(a² + b²) of a number a + bi, if what stands under the root is rational; also π and √2 for -π and -√2. */
static int number_absolute(work *w, value v, value *out) {
    static const rational half = {1, 2};
    value other = {0, 0}, square;
    rational plain;
    int i, j, has_i = 0;
    for (i = 0; i < v.count; i++) {
        const term *t = &w->terms[v.first + i];
        for (j = 0; j < t->count; j++) {
            generator_kind kind = w->generators[t->factors[j].generator].kind;
            if (kind > GENERATOR_I) return 0;
            has_i |= kind == GENERATOR_I;
        }
    }
    if (!has_i) {
        if (v.count != 1) return 0;
        *out = w->terms[v.first].coefficient.over < 0 ? value_scaled(w, v, rational_of(-1)) : v;
        return 1;
    }
    other = value_plus(w, v, value_of(w, rational_of(0)), 1);
    for (i = 0; i < other.count && !w->failed; i++) {
        term *t = &w->terms[other.first + i];
        for (j = 0; j < t->count; j++) {
            if (w->generators[t->factors[j].generator].kind == GENERATOR_I) t->coefficient.over = -t->coefficient.over;
        }
    }
    square = value_times(w, v, other);
    if (!value_rational(w, square, &plain)) return 0;
    *out = value_power_rational(w, value_of(w, plain), half);
    return 1;
}

static value named_between(work *w, const char *open, value v, const char *close) {
    text name;
    if (w->failed) return v;
    name.size = name.full = 0;
    text_literal(&name, open);
    print_value(w, v, &name);
    text_literal(&name, close);
    return name.full ? fail(w) : value_named(w, GENERATOR_CALL, span_of(name.bytes, (uint64_t)name.size));
}

value value_absolute(work *w, value v) {
    rational number;
    value exact;
    if (value_rational(w, v, &number)) {
        if (number.over < 0) number.over = -number.over;
        return value_of(w, number);
    }
    if (w->failed) return v;
    if (number_absolute(w, v, &exact)) return exact;
    /* |x - y| = |y - x| */
    if (w->terms[v.first].coefficient.over < 0) v = value_scaled(w, v, rational_of(-1));
    return named_between(w, "|", v, "|");
}

value value_rounded(work *w, value v, int up) {
    rational number;
    wide whole;
    if (!value_rational(w, v, &number)) return up ? named_between(w, "⌈", v, "⌉") : named_between(w, "⌊", v, "⌋");
    whole = number.over / number.under;
    if (number.over % number.under != 0) {
        if (number.over < 0 && !up) whole--;
        if (number.over > 0 && up) whole++;
    }
    number.over = whole;
    number.under = 1;
    return value_of(w, number);
}
