/* SPDX-License-Identifier: Apache-2.0
 *
 * Equations and inequalities.
 */
#include "items.h"

/* ------------------------------------------------------------- equations */

/* How many letters `v` has, and one of them. */
static int letters_in(const work *w, value v, int *letter) {
    int g, count = 0;
    for (g = 0; g < w->generator_count; g++) {
        if (w->generators[g].kind != GENERATOR_LETTER || !value_holds(w, v, g)) continue;
        *letter = g;
        count++;
    }
    return count;
}

static int is_named(const work *w, int generator, char name) {
    return w->generators[generator].size == 1 && w->names[w->generators[generator].at] == name;
}

/* v = coefficient·letter + rest, with a rational coefficient; 0 if it is not linear. */
static int linear_in(work *w, value v, int letter, rational *coefficient, value *rest) {
    int i, found = 0;
    rest->first = w->top;
    rest->count = 0;
    for (i = 0; i < v.count && !w->failed; i++) {
        value one = {0, 1};
        term t = w->terms[v.first + i];
        one.first = v.first + i;
        if (!value_holds(w, one, letter)) {
            value_add_term(w, rest, &t);
            continue;
        }
        if (found || t.count != 1 || t.factors[0].over != 1 || t.factors[0].under != 1) return 0;
        *coefficient = t.coefficient;
        found = 1;
    }
    return found && !w->failed;
}

static int finish_named(work *w, value v, int letter, text *out, item *it) {
    if (!finish_value(w, v, out, it)) return 0;
    it->name = letter;
    return 1;
}

static int solve(work *w, value difference, int letter, value *solution) {
    rational c;
    value rest;
    if (!linear_in(w, difference, letter, &c, &rest)) return 0;
    c.over = -c.over;
    if (!rational_inverse(c, &c)) return 0;
    *solution = value_scaled(w, rest, c);
    return !w->failed;
}

/* `difference` relation 0, up to a factor that does not matter. */
static int finish_difference(work *w, value difference, int keeps_sign, const char *relation, text *out, item *it) {
    rational content;
    if (w->failed || !value_content(w, difference, &content) || !rational_inverse(content, &content)) return 0;
    if (keeps_sign && content.over < 0) content.over = -content.over;
    if (!finish_value(w, value_scaled(w, difference, content), out, it)) return 0;
    text_literal(out, relation);
    it->kind = ITEM_OTHER;
    it->rank = 2;
    it->size = out->size - it->at;
    return 1;
}

/* 3·4 = 12 is 12: the left side is a computation whose value stands on the right. */
static int is_computed(const work *w, span left, value v) {
    int letter;
    if (letters_in(w, v, &letter) > 0 || value_has(w, v, GENERATOR_CALL) || value_has(w, v, GENERATOR_SUM)) return 0;
    left = trimmed(left);
    if (starts_with(left, "-")) left.at++;
    while (left.at < left.end && (is_digit(*left.at) || *left.at == '.')) left.at++;
    return left.at < left.end;
}

/* y = 2x + 3 and 2x - y + 3 = 0 are the line 2x + 3; x = 5 is 5. An equation that cannot be
 * solved for y, or for a letter that stands alone, is compared as a difference. */
static int equation(work *w, value a, value b, text *out, item *it) {
    int left = value_generator(w, a), right = value_generator(w, b), g, letter = -1, count, in_plane = 1;
    value difference = value_plus(w, a, b, -1), solution;
    if (w->failed || difference.count == 0) return 0;
    count = letters_in(w, difference, &letter);
    for (g = 0; g < w->generator_count; g++) {
        if (w->generators[g].kind != GENERATOR_LETTER || !value_holds(w, difference, g)) continue;
        in_plane = in_plane && (is_named(w, g, 'x') || is_named(w, g, 'y'));
        if (is_named(w, g, 'y')) letter = g;
    }
    if (count > 0 && in_plane && is_named(w, letter, 'y') && solve(w, difference, letter, &solution))
        return finish_named(w, solution, letter, out, it);
    if (is_letter_generator(w, left) && !value_holds(w, b, left)) return finish_named(w, b, left, out, it);
    if (is_letter_generator(w, right) && !value_holds(w, a, right)) return finish_named(w, a, right, out, it);
    if (count == 1 && solve(w, difference, letter, &solution)) return finish_named(w, solution, letter, out, it);
    return finish_difference(w, difference, 0, " = 0", out, it);
}

/* ---------------------------------------------------------- inequalities */

/* +2 for >, +1 for ≥, -2 for <, -1 for ≤, 3 for ≠, 4 for =; 0 if none follows. */
static int accept_relation(work *w) {
    if (accepts(w, "=")) return 4;
    if (accepts(w, "≠")) return 3;
    if (accepts(w, ">")) return 2;
    if (accepts(w, "≥")) return 1;
    if (accepts(w, "<")) return -2;
    return accepts(w, "≤") ? -1 : 0;
}

static value infinity(work *w, int sign) {
    w->has_infinity = 1;
    return value_scaled(w, value_named(w, GENERATOR_INFINITY, span_of(NULL, 0)), rational_of(sign));
}

static int interval(work *w, value low, int closed_low, value high, int closed_high, text *out, item *it) {
    item ends[2];
    int mark = out->size;
    return finish_value(w, low, out, &ends[0]) && finish_value(w, high, out, &ends[1])
        && finish_interval(out, mark, &ends[0], closed_low, &ends[1], closed_high, it);
}

/* |2x - 1| < 5 is -2 < x < 3, and |x| > 2 is a union; -1 if `difference` > 0 or ≥ 0 is none of them. */
static int absolute(work *w, value difference, int closed, text *out, item *it) {
    int g, mark = out->size, letter = -1;
    value rest, inside, ends[2];
    rational c, bound, low, high;
    for (g = 0; g < w->generator_count; g++) {
        if (w->generators[g].kind != GENERATOR_CALL || w->names[w->generators[g].at] != '|') continue;
        if (value_holds(w, difference, g)) break;
    }
    if (g == w->generator_count || !linear_in(w, difference, g, &c, &rest) || !value_rational(w, rest, &bound)) return -1;
    if (!rational_inverse(c, &high) || !rational_times(bound, high, &bound)) return -1;
    bound.over = -bound.over; /* |…| > bound, or < if c < 0 */
    if (bound.over < 0 || (bound.over == 0 && (c.over < 0 || closed))) return -1;
    inside = value_reread(w, w->generators[g].at + 1, w->generators[g].size - 2);
    if (w->failed || letters_in(w, inside, &letter) != 1) return w->failed ? 0 : -1;
    for (g = 0; g < 2; g++) {
        value side = value_plus(w, inside, value_of(w, bound), g ? -1 : 1);
        if (!solve(w, side, letter, &ends[g])) return w->failed ? 0 : -1;
    }
    if (!value_rational(w, ends[0], &low) || !value_rational(w, ends[1], &high)) return -1;
    if (rational_compare(low, high) > 0) rest = ends[0], ends[0] = ends[1], ends[1] = rest;
    if (c.over < 0) {
        g = interval(w, ends[0], closed, ends[1], closed, out, it);
    } else {
        if (!interval(w, infinity(w, -1), 0, ends[0], closed, out, it)) return 0;
        text_literal(out, " ∪ ");
        g = interval(w, ends[1], closed, infinity(w, 1), 0, out, it) && finish_union(out, mark, it);
    }
    it->name = letter;
    return g;
}

static int inequality(work *w, value a, int relation, value b, text *out, item *it) {
    value difference = relation < 0 ? value_plus(w, b, a, -1) : value_plus(w, a, b, -1), end;
    int letter = -1, closed = relation == 1 || relation == -1;
    rational c;
    if (w->failed || value_rational(w, difference, &c)) return 0; /* 2 > 1 says nothing of 3 > 1 */
    if (letters_in(w, difference, &letter) == 1 && solve(w, difference, letter, &end) && linear_in(w, difference, letter, &c, &a)) {
        int mark = out->size, ok;
        item point;
        if (relation == 3) ok = finish_value(w, end, out, &point) && write_without(out, mark, &point, 1, it);
        else if (c.over > 0) ok = interval(w, end, closed, infinity(w, 1), 0, out, it);
        else ok = interval(w, infinity(w, -1), 0, end, closed, out, it);
        it->name = letter;
        return ok;
    }
    if (relation != 3) {
        int found = absolute(w, difference, closed, out, it);
        if (found >= 0) return found;
    }
    return finish_difference(w, difference, relation != 3, relation == 3 ? " ≠ 0" : closed ? " ≥ 0" : " > 0", out, it);
}

/* low < x ≤ high, also the other way round. */
static int between(work *w, value low, int first, value middle, int second, value high, text *out, item *it) {
    int letter;
    if (!is_letter_generator(w, value_generator(w, middle)) || (first > 0) != (second > 0) || first > 2 || second > 2) return 0;
    if (letters_in(w, low, &letter) > 0 || letters_in(w, high, &letter) > 0) return 0;
    if (first > 0 ? !interval(w, high, second == 1, low, first == 1, out, it)
                  : !interval(w, low, first == -1, high, second == -1, out, it)) return 0;
    it->name = value_generator(w, middle);
    return 1;
}

/* What a letter is said to be, or to lie in. */
static int parse_one_named(work *w, int letter, text *out, item *it) {
    if (!parse_one(w, out, it)) return 0;
    if (it->name < 0) it->name = letter;
    return 1;
}

int parse_relation(work *w, value left, span start, text *out, item *it) {
    int relation, next, generator;
    value right;
    if (w->failed) return 0;
    generator = value_generator(w, left);
    if (accepts(w, "∈")) return is_letter_generator(w, generator) && parse_one_named(w, generator, out, it);
    relation = accept_relation(w);
    if (relation == 0) return finish_value(w, left, out, it);
    skip_spaces(w);
    if (relation == 4 && is_letter_generator(w, generator)) {
        skip_function_name(w); /* y = f(x) = 2x */
        skip_spaces(w);
        /* x = (1, 2), S = {1, 2}, x = no solution */
        span word = letters_ahead(w);
        if (bracket_follows(w) || starts_with(w->rest, "\\{") || starts_with(w->rest, "∅")
            || (is_word(word) && function_named(word) == NULL)) return parse_one_named(w, generator, out, it);
    }
    start.end = w->rest.at - 1;
    right = parse_formula(w);
    if (w->failed) return 0;
    next = accept_relation(w);
    if (next != 0) {
        value last = parse_formula(w);
        if (w->failed) return 0;
        if (next != 4 || relation != 4) return between(w, left, relation, right, next, last, out, it);
        if (value_plus(w, right, last, -1).count != 0) return 0; /* x = 2 + 3 = 5 */
    }
    if (relation == 4 && is_computed(w, start, left) && value_plus(w, left, right, -1).count == 0)
        return finish_value(w, right, out, it);
    return relation == 4 ? equation(w, left, right, out, it) : inequality(w, left, relation, right, out, it);
}
