/* SPDX-License-Identifier: Apache-2.0
 *
 * How values are written: 1/2, 3√2, x^2 + 1, 2 - 3i, 20000/π. The text is read back as
 * the same value.
 */
#include "answers.h"

static int ends_in_decimals(rational r, int *places) {
    wide under = r.under;
    int twos = 0, fives = 0;
    for (; under % 2 == 0; under /= 2) twos++;
    for (; under % 5 == 0; under /= 5) fives++;
    *places = twos > fives ? twos : fives;
    return under == 1 && *places <= 18;
}

/* A half, three quarters, -1/8: numbers that people write as fractions. */
static int is_simple(rational r) { return r.under < 10 && r.over < r.under && -r.over < r.under; }

void print_rational(rational r, int plain, text *out) {
    int places, i;
    if (plain && r.under != 1 && !is_simple(r) && ends_in_decimals(r, &places)) {
        wide power = 1, shown;
        for (i = 0; i < places; i++) power *= 10;
        if (wide_times(r.over, power / r.under, &shown)) {
            if (shown < 0) text_byte(out, '-'), shown = -shown;
            text_wide(out, shown / power);
            text_byte(out, '.');
            for (shown %= power, power /= 10; power > 0; shown %= power, power /= 10)
                text_byte(out, (char)('0' + (int)(shown / power)));
            return;
        }
    }
    text_wide(out, r.over);
    if (r.under != 1) {
        text_byte(out, '/');
        text_wide(out, r.under);
    }
}

/* Keeps bare letters from becoming a word, and digits from becoming one number. */
static void print_separator(text *out, int start, char next) {
    char last = out->size > start ? out->bytes[out->size - 1] : 0;
    int at = out->size, run;
    char letters[8];
    if (is_digit(next) && (is_digit(last) || is_letter(last))) text_literal(out, "·");
    if (!is_letter(next) || !is_letter(last)) return;
    if (is_upper(last) && (is_upper(next) || (at - start > 1 && is_upper(out->bytes[at - 2])))) {
        text_literal(out, "·"); /* AB is a name */
        return;
    }
    while (at > start && is_letter(out->bytes[at - 1])) at--;
    run = out->size - at;
    if (run < 4) {
        span all;
        memcpy(letters, out->bytes + at, (size_t)run);
        letters[run] = next;
        all.at = letters;
        all.end = letters + run + 1;
        if (!is_word(all) && function_named(all) == NULL) return;
    }
    text_literal(out, "·");
}

static int is_root(const work *w, const factor *f) {
    return w->generators[f->generator].kind == GENERATOR_PRIME && f->under != 1;
}

/* The root that all primes with this denominator make together. */
static void print_roots(const work *w, const term *t, text *out, int start) {
    int under, i, most = 0;
    for (i = 0; i < t->count; i++) {
        if (is_root(w, &t->factors[i]) && t->factors[i].under > most) most = t->factors[i].under;
    }
    for (under = 2; under <= most; under++) {
        wide inside = 1;
        int found = 0;
        for (i = 0; i < t->count; i++) {
            const factor *f = &t->factors[i];
            rational power;
            if (w->generators[f->generator].kind != GENERATOR_PRIME || f->under != under) continue;
            power.over = w->generators[f->generator].prime;
            power.under = 1;
            found = 1;
            if (f->over < 0 || !rational_power(power, f->over, &power) || !wide_times(inside, power.over, &inside)) out->full = 1;
        }
        if (!found) continue;
        if (under > 3) print_separator(out, start, '2');
        if (under <= 3) text_literal(out, under == 2 ? "√" : "∛");
        text_wide(out, inside);
        if (under > 3) {
            text_literal(out, "^(1/");
            text_integer(out, under);
            text_literal(out, ")");
        }
    }
}

static void print_exponent(int over, int under, text *out) {
    if (over == 1 && under == 1) return;
    text_byte(out, '^');
    if (under == 1 && over > 0) {
        text_integer(out, over);
        return;
    }
    text_byte(out, '(');
    text_integer(out, over);
    if (under != 1) text_byte(out, '/'), text_integer(out, under);
    text_byte(out, ')');
}

/* P·(x + 1) is no P(x + 1), nor Δ·θ the name Δθ. */
static int needs_dot(span name, generator_kind kind, const text *out, int start) {
    span before = span_of(out->bytes + start, (uint64_t)(out->size - start)), last = before;
    int is_open = kind == GENERATOR_SUM || (kind == GENERATOR_CALL && *name.at == '(');
    if (before.at == before.end) return 0;
    if (is_open) return has_function_letter(before, name);
    last.at = last.end - (last.end - last.at < 2 ? 1 : 2);
    return starts_with(last, "Δ");
}

/* base^(over/under) of a generator that is not a root of a prime. */
static void print_factor(const work *w, const factor *f, int over, text *out, int start) {
    const generator *g = &w->generators[f->generator];
    span name;
    int is_power, i;
    name.at = w->names + g->at;
    name.end = name.at + g->size;
    if (needs_dot(name, g->kind, out, start)) text_literal(out, "·");
    if (g->kind == GENERATOR_CALL && is_letter(*name.at) && name.end - name.at > 1 && out->size > start
        && is_letter(out->bytes[out->size - 1])) text_literal(out, "·");
    switch (g->kind) {
    case GENERATOR_PRIME:
        print_separator(out, start, '2');
        text_wide(out, g->prime);
        break;
    case GENERATOR_PI: text_literal(out, "π"); break;
    case GENERATOR_E: print_separator(out, start, 'e'), text_byte(out, 'e'); break;
    case GENERATOR_I: print_separator(out, start, 'i'), text_byte(out, 'i'); break;
    case GENERATOR_INFINITY: text_literal(out, "∞"); break;
    case GENERATOR_SUM: text_byte(out, '('), text_add(out, name), text_byte(out, ')'); break;
    case GENERATOR_LETTER:
        i = out->size > start && is_letter(out->bytes[out->size - 1]);
        if (i && g->size > 1 && is_upper(name.at[1])) text_literal(out, "·");
        else print_separator(out, start, *name.at);
        text_add(out, name);
        break;
    case GENERATOR_WORD: break; /* print_value writes it behind everything */
    case GENERATOR_CALL:
        for (is_power = i = 0; name.at + i < name.end && name.at[i] != '('; i++) is_power |= name.at[i] == '^';
        is_power |= name.at[0] == '(' || name.end[-1] != ')';
        if (is_power && (over != 1 || f->under != 1)) {
            text_byte(out, '('), text_add(out, name), text_byte(out, ')');
        } else print_separator(out, start, *name.at), text_add(out, name);
        break;
    }
    print_exponent(over, f->under, out);
}

/* The term without its sign, and without the generator `left_out`. */
static void print_term(const work *w, const term *t, int left_out, text *out) {
    rational size = t->coefficient;
    int start = out->size, below = size.under != 1, i, parts;
    if (size.over < 0) size.over = -size.over;
    if (t->count == 0) {
        print_rational(size, w->plain, out);
        return;
    }
    if (size.over != 1) text_wide(out, size.over);
    for (i = 0; i < t->count; i++) {
        const factor *f = &t->factors[i];
        if (is_root(w, f) || f->generator == left_out) continue;
        if (w->generators[f->generator].kind == GENERATOR_WORD) continue;
        if (f->over < 0) below++;
        else print_factor(w, f, f->over, out, start);
    }
    print_roots(w, t, out, start);
    if (out->size == start) text_byte(out, '1');
    if (below == 0) return;
    text_byte(out, '/');
    if (below > 1) text_byte(out, '(');
    parts = out->size;
    if (size.under != 1) text_wide(out, size.under);
    for (i = 0; i < t->count; i++) {
        const factor *f = &t->factors[i];
        if (!is_root(w, f) && f->generator != left_out && f->over < 0) print_factor(w, f, -f->over, out, parts);
    }
    if (below > 1) text_byte(out, ')');
}

/* The sum that all terms are divided by, as often each; NULL if there is none. */
static const factor *common_below(const work *w, value v) {
    const term *first = &w->terms[v.first];
    const factor *sum = NULL;
    int i, j;
    if (v.count < 2) return NULL;
    for (i = 0; i < first->count; i++) {
        const factor *f = &first->factors[i];
        if (w->generators[f->generator].kind == GENERATOR_SUM && f->over < 0) sum = f;
    }
    for (i = 1; i < v.count && sum != NULL; i++) {
        const term *t = &w->terms[v.first + i];
        for (j = 0; j < t->count && t->factors[j].generator != sum->generator; j++) {}
        if (j == t->count || t->factors[j].over != sum->over || t->factors[j].under != sum->under) sum = NULL;
    }
    return sum;
}

/* The words behind the value: loss, clockwise. One value has the same in all its terms. */
static void print_said(const work *w, value v, text *out) {
    const factor *said = NULL;
    int i;
    for (i = 0; i < v.count; i++) {
        const term *t = &w->terms[v.first + i];
        const factor *last = t->count > 0 ? &t->factors[t->count - 1] : NULL;
        if (last != NULL && w->generators[last->generator].kind != GENERATOR_WORD) last = NULL;
        if (last != NULL && (last->over != 1 || last->under != 1)) out->full = 1;
        if (i > 0 && (last == NULL) != (said == NULL)) out->full = 1;
        if (i > 0 && last != NULL && said != NULL && last->generator != said->generator) out->full = 1;
        said = last;
    }
    if (said == NULL) return;
    text_byte(out, ' ');
    text_add(out, span_of(w->names + w->generators[said->generator].at, (uint64_t)w->generators[said->generator].size));
}

void print_value(const work *w, value v, text *out) {
    const factor *below = common_below(w, v);
    int i;
    if (v.count == 0) text_byte(out, '0');
    if (below != NULL) text_byte(out, '(');
    for (i = 0; i < v.count; i++) {
        const term *t = &w->terms[v.first + i];
        int is_negative = t->coefficient.over < 0;
        if (i > 0) text_literal(out, is_negative ? " - " : " + ");
        else if (is_negative) text_byte(out, '-');
        print_term(w, t, below != NULL ? below->generator : -1, out);
    }
    if (below != NULL) {
        text_literal(out, ")/");
        print_factor(w, below, -below->over, out, out->size);
    }
    print_said(w, v, out);
}
