/* SPDX-License-Identifier: Apache-2.0
 *
 * Lists of items: points, values with names, and what is only sorted.
 */
#include "items.h"

int item_order(const text *t, const item *a, const item *b) {
    int order;
    if (a->rank != b->rank) return a->rank - b->rank;
    if (a->rank == 1 && (order = rational_compare(a->key, b->key)) != 0) return order;
    order = memcmp(t->bytes + a->at, t->bytes + b->at, (size_t)(a->size < b->size ? a->size : b->size));
    return order != 0 ? order : a->size - b->size;
}

/* A lone item of rank 1 is known by its number, so the same number is the same text. */
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
        text_add(&all, item_text(&items[i], out));
    }
    text_literal(&all, close);
    out->size = mark;
    out->full |= all.full;
    text_add(out, span_of(all.bytes, (uint64_t)all.size));
}

/* ", " ";" "and" "or" ", and": the bit for it; 0 if none follows. */
static int accept_separator(work *w) {
    int found = accepts(w, ",") || accepts(w, ";"), joint = 0;
    span word;
    skip_spaces(w);
    word = letters_ahead(w);
    if (same_word(word, "or")) joint = JOINED_BY_OR;
    else if (same_word(word, "and")) joint = JOINED_BY_AND;
    if (joint != 0) w->rest.at = word.end;
    return joint != 0 ? joint : found ? JOINED_BY_COMMA : 0;
}

/* One item, or as many as its ± stand for. */
static int parse_choices(work *w, text *out, item *items, int room) {
    span start = w->rest;
    int count = 0, choices = 1;
    for (; count < choices; count++) {
        w->rest = start;
        w->product_end = start.at;
        w->signs = count;
        w->signs_seen = w->signs_tied = 0;
        w->top = 0;
        if (count == room || !parse_one(w, out, &items[count])) return 0;
        if (w->signs_seen > 3) return 0;
        choices = 1 << w->signs_seen;
    }
    return count;
}

int parse_items(work *w, text *out, item items[ITEMS_MAX], int *joints) {
    int count = 0, added, joint;
    int signs = w->signs, seen = w->signs_seen, tied = w->signs_tied;
    *joints = 0;
    do {
        added = parse_choices(w, out, items + count, ITEMS_MAX - count);
        if (added == 0) return 0;
        count += added;
        joint = accept_separator(w);
        *joints |= joint;
    } while (joint != 0);
    w->signs = signs;
    w->signs_seen = seen;
    w->signs_tied = tied;
    return count;
}

/* ----------------------------------------------------------------- names */

static int bytes_order(span a, span b) {
    ptrdiff_t left = a.end - a.at, right = b.end - b.at;
    int order = memcmp(a.at, b.at, (size_t)(left < right ? left : right));
    return order != 0 ? order : left < right ? -1 : left > right;
}

/* Alphabetical, but that a slope stands before its intercept, and ρ before θ and φ. */
static int name_order(span a, span b, int count) {
    span rho = span_of("ρ", strlen("ρ"));
    if (count == 2 && a.end - a.at == 1 && b.end - b.at == 1 && *a.at == 'b' && *b.at == 'm') return 1;
    if (count == 2 && a.end - a.at == 1 && b.end - b.at == 1 && *a.at == 'm' && *b.at == 'b') return -1;
    if ((unsigned char)*a.at >= 0x80 && (unsigned char)*b.at >= 0x80 && same_bytes(a, rho) != same_bytes(b, rho))
        return same_bytes(a, rho) ? -1 : 1;
    return bytes_order(a, b);
}

static span name_of(const work *w, const item *it) {
    const generator *g = &w->generators[it->name];
    return span_of(w->names + g->at, (uint64_t)g->size);
}

/* How many items, from the first on, have names that differ. */
static int distinct_names(const item *items, int count) {
    int i, j;
    for (i = 0; i < count; i++) {
        if (items[i].name < 0) return i;
        for (j = 0; j < i; j++) {
            if (items[j].name == items[i].name) return i;
        }
    }
    return count;
}

int order_by_names(const work *w, item *items, int count) {
    int i, j;
    if (count < 2 || distinct_names(items, count) != count) return 0;
    for (i = 1; i < count; i++) {
        item moved = items[i];
        for (j = i; j > 0 && name_order(name_of(w, &items[j - 1]), name_of(w, &moved), count) > 0; j--) items[j] = items[j - 1];
        items[j] = moved;
    }
    return 1;
}

/* x = 1, y = 2 or x = 3, y = 4: as many points as the names come round; 0 if they do not. */
static int compose_points(const work *w, text *out, int mark, item *items, int count, const char *open, const char *close) {
    item points[ITEMS_MAX];
    int size = distinct_names(items, count), made = 0, at, i;
    if (size < 2 || count % size != 0) return 0;
    for (at = 0; at < count; at += size) {
        order_by_names(w, items + at, size);
        for (i = 0; i < size; i++) {
            if (items[at + i].name < 0 || items[at + i].name != items[i].name) return 0;
        }
    }
    for (at = 0; at < count; at += size) {
        item *p = &points[made++];
        item_begin(p, ITEM_OTHER, 2, out);
        text_byte(out, '(');
        for (i = 0; i < size; i++) {
            if (i > 0) text_literal(out, ", ");
            text_add(out, item_text(&items[at + i], out));
        }
        text_byte(out, ')');
        item_end(p, out);
    }
    compose(out, mark, points, made, made > 1 ? open : "", ", ", made > 1 ? close : "", 1);
    return !out->full;
}

/* Whether two items are values of different names. */
static int names_differ(const item *items, int count) {
    int i, first = -1;
    for (i = 0; i < count; i++) {
        if (items[i].name < 0) continue;
        if (first >= 0 && items[i].name != first) return 1;
        first = items[i].name;
    }
    return 0;
}

/* x = 1, x = 2, y = 3: whose values they are is part of what is said. */
static void write_names(const work *w, text *out, item *items, int count) {
    int i;
    for (i = 0; i < count; i++) {
        span value = item_text(&items[i], out);
        if (items[i].name < 0) continue;
        items[i].rank = 2;
        items[i].at = out->size;
        text_add(out, name_of(w, &items[i]));
        text_literal(out, " = ");
        text_add(out, value);
        item_end(&items[i], out);
    }
}

/* I, II, odd: what is named and not computed. */
static int is_name(const text *out, const item *it) {
    span s = item_text(it, out);
    if (it->kind == ITEM_WORDS) return 1;
    while (s.at < s.end && is_upper(*s.at)) s.at++;
    return it->kind == ITEM_VALUE && s.at == s.end;
}

/* (1, 2) looks like a point; beside an interval, or with an infinity, it is an interval. */
static int are_intervals(const text *out, const item *items, int count) {
    int i, found = 0;
    for (i = 0; i < count; i++) {
        span s = item_text(&items[i], out);
        if (items[i].kind != ITEM_INTERVAL && items[i].kind != ITEM_PAIR) return 0;
        found |= items[i].kind == ITEM_INTERVAL;
        for (; s.at < s.end && !found; s.at++) found = starts_with(s, "∞");
    }
    return found;
}

int finish_list(work *w, text *out, int mark, item *items, int count, int joints, const char *open, const char *close,
                item *it) {
    int i, intervals = are_intervals(out, items, count), names = 1, differ = names_differ(items, count);
    for (i = 0; i < count; i++) {
        names = names && is_name(out, &items[i]);
    }
    it->kind = ITEM_OTHER;
    it->rank = 2;
    it->name = -1;
    it->at = mark;
    if (intervals && joints == JOINED_BY_OR && !differ) {
        compose(out, mark, items, count, "", " ∪ ", "", 0);
        return finish_union(out, mark, it);
    }
    /* x = 1 or y = 2 is no point. */
    if (joints != JOINED_BY_OR && compose_points(w, out, mark, items, count, open, close)) return item_end(it, out);
    if (differ) write_names(w, out, items, count);
    if ((joints & JOINED_BY_OR) && ((differ && joints != JOINED_BY_OR) || (names && (joints & JOINED_BY_AND)))) return 0;
    if ((names || differ) && (joints & JOINED_BY_OR)) compose(out, mark, items, count, "", " or ", "", 1);
    else compose(out, mark, items, count, open, ", ", close, 1);
    return item_end(it, out);
}

/* ---------------------------------------------------------------- tuples */

int split_elements(span s, span parts[ITEMS_MAX]) {
    int count = 0, depth = 0;
    const char *start = s.at;
    for (;; s.at++) {
        if (s.at < s.end && memchr("([{", *s.at, 3)) depth++;
        else if (s.at < s.end && memchr(")]}", *s.at, 3)) depth--;
        if (s.at < s.end && (depth != 0 || *s.at != ',')) continue;
        if (count == ITEMS_MAX) return -1;
        parts[count].at = start;
        parts[count].end = s.at;
        parts[count] = trimmed(parts[count]);
        count++;
        if (s.at == s.end) return count;
        start = s.at + 1;
    }
}

/* x, x_1 or θ, and no number. */
static int is_letter_name(span s) {
    if (s.at == s.end || !(is_letter(*s.at) || (unsigned char)*s.at >= 0x80)) return 0;
    if ((unsigned char)*s.at >= 0x80) return s.end - s.at == 2;
    return s.end - s.at == 1 || s.at[1] == '_';
}

int apply_names(text *out, span names, item *it) {
    span left[ITEMS_MAX], right[ITEMS_MAX], inside = item_text(it, out);
    text all;
    int count, i, j, sorted = 1;
    names.at++, names.end--;
    count = split_elements(names, left);
    for (i = 0; i < count; i++) {
        if (!is_letter_name(left[i])) return 0;
        for (j = 0; j < i; j++) {
            int order = name_order(left[j], left[i], count);
            if (order == 0) return 0;
            if (j == i - 1 && order > 0) sorted = 0;
        }
    }
    if (sorted) return 1; /* what is named is said already */
    if (inside.end - inside.at < 2 || *inside.at != '(' || inside.end[-1] != ')') return 0;
    inside.at++, inside.end--;
    if (split_elements(inside, right) != count) return 0;
    all.size = all.full = 0;
    for (i = 0; i < count; i++) { /* count² is small */
        for (j = 0; j < count; j++) {
            int before = 0, k;
            for (k = 0; k < count; k++) before += k != j && name_order(left[k], left[j], count) < 0;
            if (before != i) continue;
            text_literal(&all, i == 0 ? "(" : ", ");
            text_add(&all, right[j]);
        }
    }
    text_byte(&all, ')');
    out->size = it->at;
    text_add(out, span_of(all.bytes, (uint64_t)all.size));
    return item_end(it, out) && !all.full;
}
