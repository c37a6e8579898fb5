/* SPDX-License-Identifier: Apache-2.0
 *
 * Whole answers: items, and lists of them.
 */
#include "answers.h"

int finish_value(work *w, value v, text *out, item *it) {
    rational number;
    if (w->failed) return 0;
    memset(it, 0, sizeof *it);
    it->kind = ITEM_VALUE;
    it->at = out->size;
    it->rank = 2;
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
    it->size = out->size - it->at;
    return !out->full;
}

/* ----------------------------------------------------------------- lists */

static int item_order(const text *t, const item *a, const item *b) {
    int order;
    if (a->rank != b->rank) return a->rank - b->rank;
    if (a->rank == 1 && (order = rational_compare(a->key, b->key)) != 0) return order;
    order = memcmp(t->bytes + a->at, t->bytes + b->at, (size_t)(a->size < b->size ? a->size : b->size));
    return order != 0 ? order : a->size - b->size;
}

/* A single item of rank 1 is identified by its number, so the same number gives the same text. */
static int sort_items(const text *t, item *items, int count) {
    int i, j, kept = 0;
    for (i = 1; i < count; i++) {
        item moved = items[i];
        for (j = i; j > 0 && item_order(t, &items[j - 1], &moved) > 0; j--) items[j] = items[j - 1];
        items[j] = moved;
    }
    for (i = 0; i < count; i++) {
        if (kept == 0 || item_order(t, &items[kept - 1], &items[i]) != 0) items[kept++] = items[i];
    }
    return kept;
}

void compose(text *out, int mark, item *items, int count, const char *open, const char *between, const char *close, int sorts) {
    text all;
    int i;
    all.size = all.full = 0;
    if (sorts) count = sort_items(out, items, count);
    text_literal(&all, open);
    for (i = 0; i < count; i++) {
        if (i > 0) text_literal(&all, between);
        text_add(&all, span_of(out->bytes + items[i].at, (uint64_t)items[i].size));
    }
    text_literal(&all, close);
    out->size = mark;
    out->full |= all.full;
    text_add(out, span_of(all.bytes, (uint64_t)all.size));
}

/* ", " ";" "and" "or" ", and": 0 if none follows. */
static int accept_separator(work *w, int *is_or) {
    int found = accepts(w, ",") || accepts(w, ";");
    span word;
    skip_spaces(w);
    word = letters_ahead(w);
    *is_or = same_word(word, "or");
    if (*is_or || same_word(word, "and")) {
        w->rest.at = word.end;
        return 1;
    }
    return found;
}

/* One item, or as many as its ± signs stand for. */
static int parse_choices(work *w, text *out, item *items, int room) {
    span start = w->rest;
    int count = 0, choices = 1;
    for (; count < choices; count++) {
        w->rest = start;
        w->product_end = start.at;
        w->signs = count;
        w->signs_seen = 0;
        w->top = 0;
        if (count == room || !parse_one(w, out, &items[count])) return 0;
        if (w->signs_seen > 3) return 0;
        choices = 1 << w->signs_seen;
    }
    return count;
}

int parse_items(work *w, text *out, item items[ITEMS_MAX], int *joined_by_or) {
    int count = 0, added, is_or, ors = 0, separators = 0;
    int signs = w->signs, seen = w->signs_seen;
    do {
        added = parse_choices(w, out, items + count, ITEMS_MAX - count);
        if (added == 0) return 0;
        count += added;
        is_or = 0;
        if (!accept_separator(w, &is_or)) break;
        separators++;
        ors += is_or;
    } while (1);
    w->signs = signs;
    w->signs_seen = seen;
    *joined_by_or = ors > 0 && (ors == separators || separators == 0);
    return count;
}

/* ----------------------------------------------------------------- items */

/* f(x) = , f^{-1}(x) = : a name for what follows. */
static void skip_function_name(work *w) {
    span start = w->rest, run;
    skip_spaces(w);
    run = letters_ahead(w);
    if (run.end - run.at == 1) {
        w->rest.at = run.end;
        if (accepts(w, "^") && !accepts(w, "{-1}") && !accepts(w, "(-1)") && !accepts(w, "-1")) goto none;
        while (accepts(w, "'")) {}
        if (!accepts(w, "(")) goto none;
        do {
            skip_spaces(w);
            run = letters_ahead(w);
            if (run.end - run.at != 1) goto none;
            w->rest.at = run.end;
        } while (accepts(w, ","));
        if (accepts(w, ")") && accepts(w, "=")) return;
    }
none:
    w->rest = start;
}

static int parse_union(work *w, text *out, item *first) {
    item parts[ITEMS_MAX];
    int count = 1, mark = first->at;
    parts[0] = *first;
    while (accepts(w, "∪")) {
        skip_spaces(w);
        if (count == ITEMS_MAX || !bracket_follows(w) || !parse_bracket(w, out, &parts[count])) return 0;
        count++;
    }
    if (count == 1) return 1;
    while (count-- > 1) {
        if (parts[count].kind != ITEM_PAIR && parts[count].kind != ITEM_INTERVAL) return 0;
    }
    for (count = 1; count < ITEMS_MAX && parts[count - 1].at + parts[count - 1].size < out->size; count++) {}
    compose(out, mark, parts, count, "", " ∪ ", "", 1);
    *first = parts[0];
    first->kind = ITEM_INTERVAL;
    first->at = mark;
    first->size = out->size - mark;
    return !out->full;
}

static int whole_literal(text *out, item *it, const char *literal) {
    memset(it, 0, sizeof *it);
    it->kind = ITEM_OTHER;
    it->rank = 2;
    it->at = out->size;
    text_literal(out, literal);
    it->size = out->size - it->at;
    return 1;
}

/* ℝ, or ℝ without some points. */
static int parse_reals(work *w, text *out, item *it) {
    item points[ITEMS_MAX];
    int mark = out->size, count, is_or;
    if (!accepts(w, "∖")) {
        whole_literal(out, it, "(-∞, ∞)");
        it->kind = ITEM_INTERVAL;
        it->rank = 0;
        return 1;
    }
    if (!accepts(w, "\\{") && !accepts(w, "{")) return 0;
    count = parse_items(w, out, points, &is_or);
    if (count == 0 || (!accepts(w, "\\}") && !accepts(w, "}"))) return 0;
    return write_without(out, mark, points, count, it);
}

int parse_one(work *w, text *out, item *it) {
    span start;
    value v;
    int ok;
    if (++w->depth > DEPTH_MAX) return 0;
    skip_spaces(w);
    skip_function_name(w);
    skip_spaces(w);
    start = w->rest;
    if (accepts(w, "∅")) ok = whole_literal(out, it, "∅");
    else if (accepts(w, "ℝ")) ok = parse_reals(w, out, it);
    else if (parse_based(w, out, it) || parse_words(w, out, it)) ok = 1;
    else if (bracket_follows(w)) {
        ok = parse_bracket(w, out, it);
        if (ok && accepts(w, "=")) { /* (x, y) = (1, 2): what is named is said already */
            out->size = it->at;
            ok = parse_one(w, out, it);
        } else ok = ok && parse_union(w, out, it);
    } else if (starts_with(w->rest, "\\{") || starts_with(w->rest, "{")) {
        ok = parse_set(w, out, it);
        if (!ok && starts_with(start, "{")) { /* a group */
            w->rest = start;
            w->product_end = start.at;
            v = parse_formula(w);
            ok = parse_relation(w, v, out, it);
        }
    } else {
        v = parse_formula(w);
        ok = !w->failed && (parse_ratio(w, v, start, out, it) || parse_relation(w, v, out, it));
    }
    w->depth--;
    return ok && !w->failed && !out->full;
}

/* --------------------------------------------------------------- answers */

/* (C), C), C or c: the letter of a choice. Not e, which is a number; nor x. */
static int parse_choice(work *w, text *out) {
    span s = w->rest;
    int brackets = 0;
    char letter;
    if (s.at < s.end && *s.at == '(') s.at++, brackets = 1;
    if (s.at == s.end || !is_letter(*s.at)) return 0;
    letter = *s.at++;
    if (s.at < s.end && *s.at == ')') s.at++, brackets++;
    else if (brackets) return 0;
    if (s.at != s.end || lower(letter) > 'h' || (letter == 'e' && !brackets)) return 0;
    text_byte(out, (char)(lower(letter) - 32));
    return 1;
}

/* x = 1, y = 2 is the point (1, 2), whatever the order; x = 1, x = 2 are two values. */
static int is_point(item *items, int count) {
    int i, j;
    for (i = 0; i < count; i++) {
        if (items[i].kind != ITEM_NAMED) return 0;
        for (j = 0; j < i; j++) {
            if (items[j].name == items[i].name) return 0;
        }
    }
    for (i = 1; i < count; i++) {
        item moved = items[i];
        for (j = i; j > 0 && items[j - 1].name > moved.name; j--) items[j] = items[j - 1];
        items[j] = moved;
    }
    return count > 1;
}

int parse_answer(work *w, text *out) {
    item items[ITEMS_MAX];
    int count, i, intervals = 1, is_or;
    out->size = out->full = 0;
    w->is_number = 0;
    if (parse_choice(w, out)) return w->is_number = 1;
    count = parse_items(w, out, items, &is_or);
    skip_spaces(w);
    if (count == 0 || w->rest.at != w->rest.end) return 0;
    if (count == 1) return w->is_number = items[0].rank == 1 && items[0].kind != ITEM_INTERVAL && items[0].kind != ITEM_PAIR, 1;
    for (i = 0; i < count; i++) intervals = intervals && items[i].kind == ITEM_INTERVAL;
    if (intervals && is_or) compose(out, 0, items, count, "", " ∪ ", "", 1);
    else if (is_point(items, count)) compose(out, 0, items, count, "(", ", ", ")", 0);
    else compose(out, 0, items, count, "", ", ", "", 1);
    return !out->full;
}
