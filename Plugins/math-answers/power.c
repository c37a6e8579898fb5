/* SPDX-License-Identifier: Apache-2.0
 *
 * Powers and roots. Roots of numbers are products of primes with exponents
 * between 0 and 1: such products are independent over the rationals, so that two sums
 * of them are equal only if they look the same.
 */
#include "answers.h"

/* ---------------------------------------------------------------- primes */

/* Trial division: a remainder above its bound counts as one prime. That can hide an
 * equality of numbers beyond 10^9, but never makes a false one. */
int prime_factors(wide n, int64_t primes[PRIMES_MAX], int exponents[PRIMES_MAX]) {
    int64_t bound = n >> 62 ? 1000 : 31623, p, rest;
    int count = 0;
    for (p = 2; p <= bound && (wide)p * p <= n; p += p == 2 ? 1 : 2) {
        if (n % p != 0) continue;
        if (count == PRIMES_MAX) return -1;
        primes[count] = p;
        for (exponents[count] = 0; n % p == 0; n /= p) exponents[count]++;
        count++;
        if (!(n >> 62)) break; /* from here on with 64 bits, which is much faster */
    }
    if (n >> 62) return -1;
    rest = (int64_t)n;
    for (; p <= bound && p * p <= rest; p += p == 2 ? 1 : 2) {
        if (rest % p != 0) continue;
        if (count == PRIMES_MAX) return -1;
        if (count == 0 || primes[count - 1] != p) primes[count] = p, exponents[count++] = 0;
        for (; rest % p == 0; rest /= p) exponents[count - 1]++;
    }
    if (rest > 1) {
        if (count == PRIMES_MAX) return -1;
        primes[count] = rest;
        exponents[count++] = 1;
    }
    return count;
}

/* n^(exponent) for n > 0. */
static value whole_power(work *w, wide n, rational exponent) {
    int64_t primes[PRIMES_MAX];
    int exponents[PRIMES_MAX], i, count = prime_factors(n, primes, exponents);
    value result = value_of(w, rational_of(1));
    if (count < 0) return fail(w);
    for (i = 0; i < count && !w->failed; i++) {
        rational e;
        if (!rational_times(exponent, rational_of(exponents[i]), &e)) return fail(w);
        if (e.over > 9999 || e.over < -9999 || e.under > 99) return fail(w);
        result = value_times(w, result, value_prime(w, primes[i], (int)e.over, (int)e.under));
        /* A product with 1 has not been normalised yet. */
        result = value_times(w, result, value_of(w, rational_of(1)));
    }
    return result;
}

static value number_power(work *w, rational base, rational exponent) {
    value result = value_of(w, rational_of(1));
    if (base.over < 0) {
        rational half;
        value sign;
        base.over = -base.over;
        if (exponent.under % 2 != 0) {
            sign = value_of(w, rational_of(exponent.over % 2 != 0 ? -1 : 1));
        } else if (exponent.under == 2) {
            half.over = exponent.over, half.under = 1;
            sign = value_power_rational(w, value_named(w, GENERATOR_I, span_of(NULL, 0)), half);
        } else return fail(w);
        result = sign;
    }
    result = value_times(w, result, whole_power(w, base.over, exponent));
    exponent.over = -exponent.over;
    return base.under == 1 ? result : value_times(w, result, whole_power(w, base.under, exponent));
}

/* ---------------------------------------------------------------- powers */

/* base^exponent for a base whose root is identified only by its text. */
static value named_root(work *w, value base, rational exponent) {
    rational content;
    value root, numbers;
    term *t;
    text name;
    if (!value_content(w, base, &content)) return fail(w);
    if (content.over < 0) content.over = -content.over;
    numbers = number_power(w, content, exponent);
    if (!rational_inverse(content, &content)) return fail(w);
    base = value_scaled(w, base, content);
    if (w->failed) return base;
    name.size = name.full = 0;
    text_literal(&name, exponent.under == 2 ? "√(" : "(");
    print_value(w, base, &name);
    text_literal(&name, ")");
    if (exponent.under != 2) {
        text_literal(&name, "^(1/");
        text_wide(&name, exponent.under);
        text_literal(&name, ")");
    }
    if (name.full) return fail(w);
    root = value_named(w, GENERATOR_CALL, span_of(name.bytes, (uint64_t)name.size));
    if (w->failed || exponent.over > 999 || exponent.over < -999) return fail(w);
    t = &w->terms[root.first];
    t->factors[0].over = (int16_t)exponent.over;
    return value_times(w, numbers, root);
}

/* Whether the root of this term may be taken factor by factor: not √(x²), which is |x|. */
static int splits(const work *w, const term *t, rational exponent) {
    int i, letters = 0;
    for (i = 0; i < t->count; i++) {
        const factor *f = &t->factors[i];
        rational e = {0, 1};
        generator_kind kind = w->generators[f->generator].kind;
        if (kind < GENERATOR_I) continue;
        if (kind == GENERATOR_I || kind > GENERATOR_CALL || ++letters > 1) return 0;
        if (t->coefficient.over < 0) return 0;
        if (!rational_reduced(f->over * exponent.over, f->under * exponent.under, &e)) return 0;
        if (exponent.under % 2 == 0 && e.under % 2 != 0 && e.over % 2 != 0) return 0;
    }
    return 1;
}

static value monomial_root(work *w, value base, rational exponent) {
    term t = w->terms[base.first], one;
    value rest = {0, 0};
    int i;
    value number = number_power(w, t.coefficient, exponent);
    for (i = 0; i < t.count; i++) {
        rational e;
        factor *f = &t.factors[i];
        if (!rational_reduced(f->over * exponent.over, f->under * exponent.under, &e)) return fail(w);
        if (e.over > 9999 || e.over < -9999 || e.under > 99) return fail(w);
        f->over = (int16_t)e.over;
        f->under = (int16_t)e.under;
    }
    t.coefficient = one.coefficient = rational_of(1);
    one.count = 0;
    if (w->failed || !term_times(w, &t, &one, &t)) return fail(w);
    rest.first = w->top;
    value_add_term(w, &rest, &t);
    return value_times(w, number, rest);
}

static value whole_number_power(work *w, value base, int exponent) {
    value result = value_of(w, rational_of(1));
    rational plain, e = {0, 1};
    if (exponent == 0) return base.count == 0 ? fail(w) : result;
    if (base.count == 0) return exponent < 0 ? fail(w) : base;
    if (value_rational(w, base, &plain)) {
        e.over = exponent;
        if (rational_power(plain, exponent, &plain)) return value_of(w, plain);
        return number_power(w, w->terms[base.first].coefficient, e); /* too large to write out */
    }
    if (exponent < 0) {
        base = value_inverse(w, base);
        exponent = -exponent;
    }
    if (exponent > 1 && base.count == 1) {
        e.over = exponent;
        return w->failed ? base : monomial_root(w, base, e);
    }
    if (exponent > 12) return fail(w);
    while (exponent-- > 0 && !w->failed) {
        int mark = result.first;
        result = value_times(w, result, base);
        if (mark > base.first) result = value_kept(w, mark, result);
    }
    return result;
}

/* √(3 + 2√2) = 1 + √2: √(a + b) is √p ± √q with p, q = (a ± d)/2, if a and d² = a² - b² > 0 are rational and d too. */
static int denested(work *w, value base, value *out) {
    static const rational half = {1, 2};
    value square, root;
    rational a, b, d, p, q;
    int i, at = w->terms[base.first].count == 0 ? 0 : 1, mark = w->top;
    value other = {0, 1};
    const term *t = &w->terms[base.first + 1 - at];
    if (base.count != 2 || w->terms[base.first + at].count != 0 || t->count == 0) return 0;
    for (i = 0; i < t->count; i++) {
        if (w->generators[t->factors[i].generator].kind != GENERATOR_PRIME || t->factors[i].under != 2) return 0;
    }
    a = w->terms[base.first + at].coefficient;
    other.first = base.first + 1 - at;
    square = value_times(w, other, other);
    if (a.over < 0 || !value_rational(w, square, &b) || !rational_times(a, a, &d)) goto none;
    b.over = -b.over;
    if (!rational_plus(d, b, &d) || d.over <= 0) goto none;
    root = number_power(w, d, half);
    if (!value_rational(w, root, &d)) goto none;
    p = d, q = d, q.over = -q.over;
    if (!rational_plus(a, p, &p) || !rational_plus(a, q, &q)) goto none;
    if (!rational_times(p, half, &p) || !rational_times(q, half, &q)) goto none;
    i = w->terms[other.first].coefficient.over < 0 ? -1 : 1;
    *out = value_plus(w, number_power(w, p, half), number_power(w, q, half), i);
    return !w->failed;
none:
    w->failed = 0; /* the root stays as it is */
    w->top = mark;
    return 0;
}

value value_power_rational(work *w, value base, rational exponent) {
    value denser;
    if (w->failed || exponent.over > 9999 || exponent.over < -9999 || exponent.under > 99) return fail(w);
    if (exponent.under == 1) return whole_number_power(w, base, (int)exponent.over);
    if (base.count == 0) return exponent.over > 0 ? base : fail(w);
    if (exponent.under == 2 && exponent.over == 1 && base.count == 2 && denested(w, base, &denser)) return denser;
    if (base.count == 1 && splits(w, &w->terms[base.first], exponent)) return monomial_root(w, base, exponent);
    return named_root(w, base, exponent);
}

/* base^(c·m) for a base that is a prime or a generator: (base^m)^c, where m has no coefficient. */
static value named_power(work *w, span base, value monomial, rational c) {
    rational one = rational_of(1);
    text name;
    value result;
    int generator = value_generator(w, monomial);
    int bare = generator >= 0 && w->generators[generator].kind == GENERATOR_LETTER && w->generators[generator].size == 1;
    name.size = name.full = 0;
    text_add(&name, base);
    text_literal(&name, bare ? "^" : "^(");
    print_value(w, monomial, &name);
    if (!bare) text_literal(&name, ")");
    if (name.full || c.over > 999 || c.over < -999 || c.under > 99) return fail(w);
    result = value_named(w, GENERATOR_CALL, span_of(name.bytes, (uint64_t)name.size));
    if (w->failed) return result;
    w->terms[result.first].factors[0].over = (int16_t)c.over;
    w->terms[result.first].factors[0].under = (int16_t)c.under;
    return value_scaled(w, result, one);
}

/* Whether it is iπ. */
static int is_turn(const work *w, value v) {
    const term *t = &w->terms[v.first];
    int i;
    for (i = 0; i < t->count; i++) {
        const factor *f = &t->factors[i];
        generator_kind kind = w->generators[f->generator].kind;
        if (f->over != 1 || f->under != 1 || (kind != GENERATOR_PI && kind != GENERATOR_I)) return 0;
    }
    return t->count == 2;
}

static value power_of_term(work *w, value base, value monomial, rational c) {
    value result = value_of(w, rational_of(1));
    int64_t primes[PRIMES_MAX];
    int exponents[PRIMES_MAX], i, side, generator = value_generator(w, base);
    rational number;
    text name;
    name.size = name.full = 0;
    if (generator >= 0) {
        generator_kind kind = w->generators[generator].kind;
        if (kind == GENERATOR_E && is_turn(w, monomial) && value_turned(w, c, &result)) return result;
        if (kind == GENERATOR_I || kind > GENERATOR_LETTER) return fail(w);
        print_value(w, base, &name);
        return named_power(w, span_of(name.bytes, (uint64_t)name.size), monomial, c);
    }
    if (!value_rational(w, base, &number) || number.over == 0) return fail(w);
    if (number.over < 0) { /* (-2)^n = (-1)^n·2^n */
        if (c.under != 1) return fail(w);
        number.over = -number.over;
        result = named_power(w, span_of("(-1)", 4), monomial, c);
    }
    for (side = 0; side < 2; side++) {
        int count = prime_factors(side ? number.under : number.over, primes, exponents);
        if (count < 0) return fail(w);
        for (i = 0; i < count && !w->failed; i++) {
            rational e;
            name.size = 0;
            text_wide(&name, primes[i]);
            if (!rational_times(c, rational_of(side ? -exponents[i] : exponents[i]), &e)) return fail(w);
            result = value_times(w, result,
                                 named_power(w, span_of(name.bytes, (uint64_t)name.size), monomial, e));
        }
    }
    return result;
}

value value_power(work *w, value base, value exponent) {
    rational plain;
    value result;
    int i;
    if (w->has_infinity && (value_has(w, base, GENERATOR_INFINITY) || value_has(w, exponent, GENERATOR_INFINITY)))
        return fail(w); /* 1^∞ */
    if (value_rational(w, exponent, &plain)) return value_power_rational(w, base, plain);
    result = value_of(w, rational_of(1));
    for (i = 0; i < exponent.count && !w->failed; i++) {
        value monomial = {0, 1};
        rational c = w->terms[exponent.first + i].coefficient, inverse;
        monomial.first = exponent.first + i;
        if (value_rational(w, monomial, &plain)) {
            result = value_times(w, result, value_power_rational(w, base, plain));
            continue;
        }
        if (!rational_inverse(c, &inverse)) return fail(w);
        monomial = value_scaled(w, monomial, inverse);
        result = value_times(w, result, power_of_term(w, base, monomial, c));
    }
    return result;
}
