/* SPDX-License-Identifier: Apache-2.0
 *
 * Whole answers, and the items they are made of.
 */
#include "items.h"

int finish_value(work *w, value v, text *out, item *it) {
    rational number;
    if (w->failed) return 0;
    item_begin(it, ITEM_VALUE, 2, out);
    if (w->has_infinity && value_has(w, v, GENERATOR_INFINITY)) {
        const term *t = &w->terms[v.first];
        rational size = t->coefficient;
        if (v.count != 1 || t->count != 1 || t->factors[0].over != 1 || size.under != 1) return 0;
        if (size.over != 1 && size.over != -1) return 0;
        if (size.over < 0) it->rank = 0;
    }
    if (value_rational(w, v, &number)) {
        it->rank = 1;
        it->key = number;
    }
    print_value(w, v, out);
    return item_end(it, out);
}

/* ----------------------------------------------------------------- items */

/* f(2) = 5: what stands between the brackets is no factor. */
static int accept_argument(work *w, span name) {
    span rest = w->rest;
    if ((unsigned char)*name.at < 0x80 && memchr("fghpquvwyEFGHPQST", *name.at, 17) == NULL) return 0;
    if (starts_with(rest, "-")) rest.at++;
    if (rest.at == rest.end || !is_digit(*rest.at)) return 0;
    while (rest.at < rest.end && is_digit(*rest.at)) rest.at++;
    w->rest = rest;
    return 1;
}

/* f(g(x)) and (f ∘ g)(x), read past if an equals sign follows. */
static int accept_composition(work *w) {
    static const char *const patterns[] = {"F(F(x))=", "(F∘F)(x)="}; /* F: a function's letter; x: any */
    span start = w->rest;
    const char *p;
    size_t i;
    for (i = 0; i < sizeof patterns / sizeof *patterns; i++) {
        span s = start;
        for (p = patterns[i]; *p != 0 && s.at < s.end; p++, s.at++) {
            int fits = *p == 'F' ? memchr("fghpqFGHPQ", *s.at, 10) != NULL
                : *p == 'x' ? is_letter(*s.at) : *p == *s.at;
            if (!fits) break;
        }
        if (*p != 0) continue;
        w->rest.at = s.at - 1;
        return 1;
    }
    return 0;
}

/* P(A ∪ B), read past if an equals sign follows: a name whatever it is of. */
static int is_probability(work *w) {
    span s = w->rest;
    int depth = 0;
    if (accept_composition(w)) return 1;
    if (!starts_with(s, "P(")) return 0;
    for (s.at++; s.at < s.end; s.at++) {
        depth += *s.at == '(' ? 1 : *s.at == ')' ? -1 : 0;
        if (depth == 0) break;
    }
    if (s.at == s.end) return 0;
    for (s.at++; s.at < s.end && *s.at == ' '; s.at++) {}
    if (!starts_with(s, "=")) return 0;
    return w->rest = s, 1;
}

/* f(x) = , f^{-1}(x) = : a name for what follows, read past. */
span skip_function_name(work *w) {
    span start = w->rest, run, name;
    skip_spaces(w);
    run = name = letters_ahead(w);
    if (run.at == run.end) run.end = name.end = run.at + greek_size(w->rest);
    if (is_probability(w)) {
        name.end = w->rest.at;
        accepts(w, "=");
        return name;
    }
    if (run.end - run.at == 1 || (run.at < run.end && (unsigned char)*run.at >= 0x80)) {
        w->rest.at = run.end;
        if (accepts(w, "^") && !accepts(w, "{-1}") && !accepts(w, "(-1)") && !accepts(w, "-1")) goto none;
        while (accepts(w, "'")) {}
        if (!accepts(w, "(")) goto none;
        do {
            skip_spaces(w);
            run = letters_ahead(w);
            if (run.end - run.at == 1) w->rest.at = run.end;
            else if (!accept_argument(w, name)) goto none;
        } while (accepts(w, ","));
        if (accepts(w, ")")) {
            name = start;
            name.end = w->rest.at;
            if (accepts(w, "=")) return name;
        }
    }
none:
    w->rest = start;
    return span_of(NULL, 0);
}

static int whole_literal(text *out, item *it, item_kind kind, const char *literal) {
    item_begin(it, kind, kind == ITEM_INTERVAL ? 0 : 2, out);
    text_literal(out, literal);
    return item_end(it, out);
}

/* ℝ, or ℝ without some points. */
static int parse_reals(work *w, text *out, item *it) {
    item points[ITEMS_MAX];
    int mark = out->size, count, joints;
    if (!accepts(w, "∖")) return whole_literal(out, it, ITEM_INTERVAL, "(-∞, ∞)");
    if (!accepts(w, "\\{") && !accepts(w, "{")) return 0;
    count = parse_items(w, out, points, &joints);
    if (count == 0 || (!accepts(w, "\\}") && !accepts(w, "}"))) return 0;
    return write_without(out, mark, points, count, it);
}

/* ∅, ℝ, a bracket, a set: what can be a part of a union. -1 if none of them begins here. */
static int parse_region(work *w, text *out, item *it) {
    static const char *const boards[] = {"ℤ", "ℚ", "ℕ", "ℂ"};
    int i;
    if (accepts(w, "∅")) return whole_literal(out, it, ITEM_SET, "∅");
    if (accepts(w, "ℝ")) return parse_reals(w, out, it);
    for (i = 0; i < 4; i++) {
        if (accepts(w, boards[i])) return whole_literal(out, it, ITEM_OTHER, boards[i]);
    }
    if (bracket_follows(w)) return parse_bracket(w, out, it);
    if (starts_with(w->rest, "\\{") || starts_with(w->rest, "{")) return parse_set(w, out, it);
    return -1;
}

static int parse_union(work *w, text *out, item *first) {
    item part;
    int mark = first->at, count = 1;
    for (; accepts(w, "∪"); count++) {
        text_literal(out, " ∪ ");
        skip_spaces(w);
        if (parse_region(w, out, &part) != 1) return 0;
    }
    return count == 1 || finish_union(out, mark, first);
}

/* (x, y) = (1, 2) */
static int parse_named_tuple(work *w, text *out, item *it) {
    char names[64];
    uint64_t size = (uint64_t)it->size;
    if (size > sizeof names) return 0;
    memcpy(names, out->bytes + it->at, (size_t)size);
    out->size = it->at;
    return parse_one(w, out, it) && apply_names(out, span_of(names, size), it);
}

/* 2 and -1/2 before a matrix; -1 if there is none. */
static int parse_scaled_matrix(work *w, value v, text *out, item *it) {
    if (w->failed) return -1;
    accepts(w, "*");
    return starts_with(w->rest, "[[") || starts_with(w->rest, "([[") ? parse_matrix(w, &v, out, it) : -1;
}

static int parse_expression(work *w, text *out, item *it) {
    span start = w->rest;
    value v;
    int ok;
    if (starts_with(start, "-[[") || starts_with(start, "-([[")) {
        w->rest.at++;
        v = value_of(w, rational_of(-1));
    } else v = parse_formula(w);
    ok = parse_scaled_matrix(w, v, out, it);
    if (ok >= 0) return ok;
    return !w->failed && (parse_ratio(w, v, start, out, it) || parse_relation(w, v, start, out, it));
}

int name_for(work *w, span name) {
    int top = w->top, generator = value_generator(w, value_named(w, GENERATOR_LETTER, name));
    w->top = top;
    return generator;
}

/* USD 5, Rs. 5 */
static void skip_currency(work *w) {
    static const char *const names[] = {"usd", "us", "eur", "gbp", "inr", "cad", "aud", "rs"};
    span run = letters_ahead(w), rest = w->rest;
    size_t i;
    rest.at = run.end;
    while (rest.at < rest.end && (*rest.at == ' ' || *rest.at == '.')) rest.at++;
    if (run.at == run.end || rest.at == rest.end || !is_digit(*rest.at)) return;
    for (i = 0; i < sizeof names / sizeof *names; i++) {
        if (same_word(run, names[i])) w->rest.at = rest.at;
    }
}

int parse_one(work *w, text *out, item *it) {
    span start, function;
    int ok;
    if (++w->depth > DEPTH_MAX) return 0;
    skip_spaces(w);
    function = skip_function_name(w);
    skip_spaces(w);
    skip_currency(w);
    start = w->rest;
    if (parse_based(w, out, it) || parse_numeral(w, out, it) || parse_words(w, out, it)) ok = 1;
    else if (w->failed) ok = 0;
    else if ((ok = parse_region(w, out, it)) == 1) {
        int names = it->kind == ITEM_PAIR || it->kind == ITEM_OTHER ? accepts(w, "=") || accepts(w, "∈") : 0;
        ok = !names || parse_named_tuple(w, out, it);
        ok = ok && parse_union(w, out, it);
    } else if (ok < 0 || starts_with(start, "{")) { /* a formula; it may begin with a group */
        w->rest = start;
        w->product_end = start.at;
        ok = parse_expression(w, out, it);
    }
    w->depth--;
    if (ok && it->name < 0 && function.at < function.end) it->name = name_for(w, function);
    return ok && !w->failed && !out->full;
}

/* --------------------------------------------------------------- answers */

/* 3/14/2026, 2026-03-14 and 10-15 minutes are neither quotients nor differences. */
static int is_date_or_range(span s) {
    int64_t parts[3] = {0, 0, 0};
    int digits[3] = {0, 0, 0}, count = 0;
    char mark = 0;
    for (; s.at < s.end; s.at++) {
        if (is_digit(*s.at)) {
            if (++digits[count] > 8) return 0;
            parts[count] = parts[count] * 10 + *s.at - '0';
        } else if ((*s.at == '/' || *s.at == '-') && (mark == 0 || *s.at == mark) && count < 2 && digits[count] > 0) {
            mark = *s.at;
            count++;
        } else break;
    }
    if (count == 1) return mark == '-' && parts[0] < parts[1] && s.end - s.at > 1 && is_letter(*s.at) && is_letter(s.at[1]);
    if (count != 2 || s.at != s.end || digits[1] > 2 || parts[0] == 0 || parts[1] == 0) return 0;
    return mark == '-' ? digits[0] == 4 && digits[2] == 2 : digits[0] <= 2 && (digits[2] == 4 || digits[2] == 2);
}

int parse_answer(work *w, text *out) {
    item items[ITEMS_MAX], whole;
    int count, joints;
    out->size = out->full = 0;
    w->is_number = 0;
    if (parse_choice(w, out)) return w->is_number = 1;
    if (is_date_or_range(w->rest)) return 0;
    count = parse_items(w, out, items, &joints);
    skip_spaces(w);
    if (count == 0 || w->rest.at != w->rest.end || w->units_differ) return 0;
    if (count > 1) return finish_list(w, out, 0, items, count, joints, "", "", &whole);
    return w->is_number = items[0].rank == 1 && items[0].kind == ITEM_VALUE, 1;
}
