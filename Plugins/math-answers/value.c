/* SPDX-License-Identifier: Apache-2.0
 *
 * Sums of terms. The order of the terms depends on the terms, never on how they were computed.
 */
#include "answers.h"

value fail(work *w) {
    value none = {0, 0};
    w->failed = 1;
    return none;
}

static value one_term(work *w, term t) {
    value v;
    if (w->failed || w->top == TERMS_MAX) return fail(w);
    v.first = w->top++;
    v.count = 1;
    w->terms[v.first] = t;
    return v;
}

value value_of(work *w, rational r) {
    term t;
    value zero = {0, 0};
    zero.first = w->top;
    if (r.over == 0) return zero;
    memset(&t, 0, sizeof t);
    t.coefficient = r;
    return one_term(w, t);
}

static int generator_of(work *w, generator_kind kind, span name, int64_t prime) {
    int i, size = (int)(name.end - name.at);
    generator *g;
    for (i = 0; i < w->generator_count; i++) {
        g = &w->generators[i];
        if (g->kind == kind && g->prime == prime && g->size == size
            && (size == 0 || memcmp(w->names + g->at, name.at, (size_t)size) == 0)) return i;
    }
    if (w->generator_count == GENERATORS_MAX || w->names_size + size > NAMES_MAX) return -1;
    g = &w->generators[w->generator_count];
    g->kind = kind;
    g->prime = prime;
    g->at = w->names_size;
    g->size = size;
    if (size > 0) memcpy(w->names + g->at, name.at, (size_t)size);
    w->names_size += size;
    return w->generator_count++;
}

static value value_with(work *w, int generator, int over, int under) {
    term t;
    if (generator < 0) return fail(w);
    memset(&t, 0, sizeof t);
    t.coefficient = rational_of(1);
    t.count = 1;
    t.factors[0].generator = (int16_t)generator;
    t.factors[0].over = (int16_t)over;
    t.factors[0].under = (int16_t)under;
    return one_term(w, t);
}

value value_named(work *w, generator_kind kind, span name) {
    return value_with(w, generator_of(w, kind, name, 0), 1, 1);
}

value value_prime(work *w, int64_t prime, int over, int under) {
    return value_with(w, generator_of(w, GENERATOR_PRIME, span_of(NULL, 0), prime), over, under);
}

/* ----------------------------------------------------------------- order */

static int generator_order(const work *w, int a, int b) {
    const generator *g = &w->generators[a], *h = &w->generators[b];
    int order;
    if (a == b) return 0;
    if (g->kind != h->kind) return g->kind < h->kind ? -1 : 1;
    if (g->prime != h->prime) return g->prime < h->prime ? -1 : 1;
    order = memcmp(w->names + g->at, w->names + h->at, (size_t)(g->size < h->size ? g->size : h->size));
    return order != 0 ? order : g->size - h->size;
}

/* What a person would call the degree, in parts of 5040. */
static int64_t degree(const work *w, const term *t) {
    int64_t sum = 0;
    int i;
    for (i = 0; i < t->count; i++) {
        if (w->generators[t->factors[i].generator].kind >= GENERATOR_LETTER)
            sum += (int64_t)t->factors[i].over * 5040 / t->factors[i].under;
    }
    return sum;
}

/* High degrees first; then 1, roots, pi, i; then x before y. */
static int term_order(const work *w, const term *a, const term *b) {
    int64_t left = degree(w, a), right = degree(w, b);
    int i;
    if (left != right) return left > right ? -1 : 1;
    for (i = 0; i < a->count && i < b->count; i++) {
        const factor *f = &a->factors[i], *g = &b->factors[i];
        int order = generator_order(w, f->generator, g->generator);
        if (order != 0) return order;
        order = g->over * f->under - f->over * g->under;
        if (order != 0) return order;
    }
    return a->count - b->count;
}

/* ------------------------------------------------------------ arithmetic */

void value_add_term(work *w, value *sum, const term *t) {
    int at = sum->first + sum->count, order = 1;
    while (at > sum->first && (order = term_order(w, &w->terms[at - 1], t)) > 0) at--;
    if (at > sum->first && order == 0) {
        term *same = &w->terms[at - 1];
        if (!rational_plus(same->coefficient, t->coefficient, &same->coefficient)) {
            fail(w);
        } else if (same->coefficient.over == 0) {
            value lost = {at - 1, 1};
            if (w->has_infinity && value_has(w, lost, GENERATOR_INFINITY)) {
                fail(w); /* ∞ - ∞ */
                return;
            }
            memmove(same, same + 1, (size_t)(sum->first + sum->count - at) * sizeof *same);
            sum->count--;
            w->top--;
        }
        return;
    }
    if (w->top == TERMS_MAX) {
        fail(w);
        return;
    }
    memmove(&w->terms[at + 1], &w->terms[at], (size_t)(sum->first + sum->count - at) * sizeof *t);
    w->terms[at] = *t;
    sum->count++;
    w->top++;
}

value value_plus(work *w, value a, value b, int sign) {
    value sum = {0, 0};
    int i;
    sum.first = w->top;
    for (i = 0; i < a.count && !w->failed; i++) {
        term t = w->terms[a.first + i];
        value_add_term(w, &sum, &t);
    }
    for (i = 0; i < b.count && !w->failed; i++) {
        term t = w->terms[b.first + i];
        if (sign < 0) t.coefficient.over = -t.coefficient.over;
        value_add_term(w, &sum, &t);
    }
    return sum;
}

/* Moves whole powers of primes into the coefficient. If they do not fit, the primes' powers
 * are moved out of the coefficient instead: in both cases there is one form. */
static int tidy_primes(const work *w, term *t) {
    rational coefficient = t->coefficient;
    int i, fits = 1;
    for (i = 0; i < t->count; i++) {
        const factor *f = &t->factors[i];
        rational whole;
        int power = f->over >= 0 ? f->over / f->under : -((f->under - 1 - f->over) / f->under);
        if (w->generators[f->generator].kind != GENERATOR_PRIME || power == 0) continue;
        whole.over = w->generators[f->generator].prime;
        whole.under = 1;
        fits = fits && rational_power(whole, power, &whole) && rational_times(coefficient, whole, &coefficient);
    }
    for (i = 0; i < t->count; i++) {
        factor *f = &t->factors[i];
        wide prime = w->generators[f->generator].prime;
        int over = f->over;
        if (w->generators[f->generator].kind != GENERATOR_PRIME) continue;
        if (fits) over = (f->over % f->under + f->under) % f->under;
        else if (f->under == 1) {
            for (; t->coefficient.over % prime == 0; over++) t->coefficient.over /= prime;
            for (; t->coefficient.under % prime == 0; over--) t->coefficient.under /= prime;
        }
        if (over > 9999 || over < -9999) return 0;
        f->over = (int16_t)over;
    }
    if (fits) t->coefficient = coefficient;
    return 1;
}

/* i·i = -1, no powers of 0, primes in order. */
static int term_tidy(const work *w, term *t) {
    int i, kept = 0, primes = 0;
    for (i = 0; i < t->count; i++) {
        factor *f = &t->factors[i];
        generator_kind kind = w->generators[f->generator].kind;
        primes += kind == GENERATOR_PRIME;
        if (kind != GENERATOR_I) continue;
        if (f->under != 1) return 0;
        f->over = (int16_t)((f->over % 4 + 4) % 4);
        if (f->over >= 2) t->coefficient.over = -t->coefficient.over;
        f->over %= 2;
    }
    if (primes > 0 && !tidy_primes(w, t)) return 0;
    for (i = 0; i < t->count; i++) {
        if (t->factors[i].over != 0) t->factors[kept++] = t->factors[i];
    }
    t->count = kept;
    return 1;
}

static int add_exponents(factor a, factor b, factor *out) {
    rational sum, x = {0, 1}, y = {0, 1};
    x.over = a.over, x.under = a.under;
    y.over = b.over, y.under = b.under;
    if (!rational_plus(x, y, &sum) || sum.over > 9999 || sum.over < -9999 || sum.under > 99) return 0;
    out->generator = a.generator;
    out->over = (int16_t)sum.over;
    out->under = (int16_t)sum.under;
    return 1;
}

int term_times(work *w, const term *a, const term *b, term *out) {
    int i = 0, j = 0, count = 0;
    term t;
    if (!rational_times(a->coefficient, b->coefficient, &t.coefficient)) return 0;
    while (i < a->count || j < b->count) {
        int order = i == a->count ? 1 : j == b->count ? -1
            : generator_order(w, a->factors[i].generator, b->factors[j].generator);
        if (count == FACTORS_MAX) return 0;
        if (order < 0) t.factors[count++] = a->factors[i++];
        else if (order > 0) t.factors[count++] = b->factors[j++];
        else if (w->generators[a->factors[i].generator].kind == GENERATOR_INFINITY) return 0; /* ∞/∞ */
        else if (!add_exponents(a->factors[i++], b->factors[j++], &t.factors[count++])) return 0;
    }
    t.count = count;
    if (count > 0 && !term_tidy(w, &t)) return 0;
    *out = t;
    return 1;
}

value value_times(work *w, value a, value b) {
    value product = {0, 0};
    int i, j;
    product.first = w->top;
    if (w->has_infinity && (a.count == 0 || b.count == 0)
        && (value_has(w, a, GENERATOR_INFINITY) || value_has(w, b, GENERATOR_INFINITY))) return fail(w); /* 0·∞ */
    for (i = 0; i < a.count; i++) {
        for (j = 0; j < b.count && !w->failed; j++) {
            term t;
            if (!term_times(w, &w->terms[a.first + i], &w->terms[b.first + j], &t)) return fail(w);
            value_add_term(w, &product, &t);
        }
    }
    return product;
}

value value_scaled(work *w, value a, rational by) { return value_times(w, a, value_of(w, by)); }

value value_kept(work *w, int mark, value v) {
    if (w->failed) return v;
    memmove(&w->terms[mark], &w->terms[v.first], (size_t)v.count * sizeof(term));
    v.first = mark;
    w->top = mark + v.count;
    return v;
}

/* ------------------------------------------------------------- questions */

int value_rational(const work *w, value v, rational *out) {
    if (w->failed || v.count > 1 || (v.count == 1 && w->terms[v.first].count > 0)) return 0;
    *out = v.count == 0 ? rational_of(0) : w->terms[v.first].coefficient;
    return 1;
}

int value_has(const work *w, value v, generator_kind kind) {
    int i, j;
    for (i = 0; i < v.count; i++) {
        const term *t = &w->terms[v.first + i];
        for (j = 0; j < t->count; j++) {
            if (w->generators[t->factors[j].generator].kind == kind) return 1;
        }
    }
    return 0;
}

int value_holds(const work *w, value v, int generator) {
    int i, j;
    for (i = 0; i < v.count; i++) {
        const term *t = &w->terms[v.first + i];
        for (j = 0; j < t->count; j++) {
            if (t->factors[j].generator == generator) return 1;
        }
    }
    return 0;
}

int value_generator(const work *w, value v) {
    const term *t = &w->terms[v.first];
    if (w->failed || v.count != 1 || t->count != 1 || !rational_is(t->coefficient, 1)) return -1;
    return t->factors[0].over == 1 && t->factors[0].under == 1 ? t->factors[0].generator : -1;
}

int value_content(const work *w, value v, rational *out) {
    wide over = 0, under = 1;
    int i;
    if (v.count == 0) return 0;
    for (i = 0; i < v.count; i++) {
        rational c = w->terms[v.first + i].coefficient, divided, lcm;
        if (i == 0) {
            over = c.over < 0 ? -c.over : c.over;
            under = c.under;
            continue;
        }
        /* gcd(p, q) = p / numerator of p/q; lcm(p, q) = p * numerator of q/p. */
        if (!rational_reduced(over, c.over < 0 ? -c.over : c.over, &divided)) return 0;
        over /= divided.over;
        if (!rational_reduced(c.under, under, &lcm) || !wide_times(under, lcm.over, &under)) return 0;
    }
    if (w->terms[v.first].coefficient.over < 0) over = -over;
    return rational_reduced(over, under, out);
}
