/* SPDX-License-Identifier: Apache-2.0
 *
 * Brackets with several elements: points, intervals, sets, matrices.
 */
#include "answers.h"

/* Looks ahead for a comma that belongs to the bracket that opens here. */
static int has_comma(span s) {
    int depth = 0;
    for (; s.at < s.end; s.at++) {
        switch (*s.at) {
        case '(': case '[': case '{': depth++; break;
        case ')': case ']': case '}':
            if (--depth == 0) return 0;
            break;
        case ',': case ';':
            if (depth == 1) return 1;
            break;
        default: break;
        }
    }
    return 0;
}

int bracket_follows(work *w) {
    if (starts_with(w->rest, "[[") || starts_with(w->rest, "([[")) return 1;
    return (starts_with(w->rest, "(") || starts_with(w->rest, "[")) && has_comma(w->rest);
}

int finish_interval(text *out, int mark, const item *low, int closed_low, const item *high, int closed_high, item *it) {
    item ends[2];
    ends[0] = *low;
    ends[1] = *high;
    compose(out, mark, ends, 2, closed_low ? "[" : "(", ", ", closed_high ? "]" : ")", 0);
    *it = *low;
    it->kind = ITEM_INTERVAL;
    it->at = mark;
    it->size = out->size - mark;
    return !out->full;
}

/* Elements up to a bracket that closes; ± stays with the item around them. */
static int parse_elements(work *w, text *out, item *items) {
    int count = 0;
    do {
        if (count == ITEMS_MAX || !parse_one(w, out, &items[count])) return 0;
        count++;
    } while (accepts(w, ",") || accepts(w, ";"));
    return count;
}

/* [[1, 2], [3, 4]] */
static int parse_matrix(work *w, text *out, item *it) {
    item rows[ITEMS_MAX];
    int mark = out->size, count = 0, width = 0;
    int wrapped = starts_with(w->rest, "([[") || starts_with(w->rest, "[[["); /* \left( \begin{array} … \right) */
    if (wrapped) w->rest.at++;
    if (!accepts(w, "[[")) return 0;
    do {
        item entries[ITEMS_MAX];
        int start = out->size, size = parse_elements(w, out, entries);
        if (size == 0 || count == ITEMS_MAX || (count > 0 && size != width) || !accepts(w, "]")) return 0;
        width = size;
        compose(out, start, entries, size, "[", ", ", "]", 0);
        memset(&rows[count], 0, sizeof rows[count]);
        rows[count].at = start;
        rows[count++].size = out->size - start;
    } while (accepts(w, ",") && accepts(w, "["));
    if (!accepts(w, "]") || (wrapped && !accepts(w, ")") && !accepts(w, "]"))) return 0;
    compose(out, mark, rows, count, "[", ", ", "]", 0);
    memset(it, 0, sizeof *it);
    it->kind = ITEM_OTHER;
    it->rank = 2;
    it->at = mark;
    it->size = out->size - mark;
    return !out->full;
}

int parse_bracket(work *w, text *out, item *it) {
    item elements[ITEMS_MAX];
    int mark = out->size, square, closes_square, count;
    if (starts_with(w->rest, "[[") || starts_with(w->rest, "([[")) return parse_matrix(w, out, it);
    square = accepts(w, "[");
    if (!square && !accepts(w, "(")) return 0;
    count = parse_elements(w, out, elements);
    if (count < 2) return 0;
    closes_square = accepts(w, "]");
    if (!closes_square && !accepts(w, ")")) return 0;
    if (square != closes_square && count != 2) return 0;
    compose(out, mark, elements, count, square ? "[" : "(", ", ", closes_square ? "]" : ")", 0);
    *it = elements[0];
    it->kind = count > 2 ? ITEM_OTHER : square || closes_square ? ITEM_INTERVAL : ITEM_PAIR;
    if (elements[0].kind != ITEM_VALUE) it->rank = 2;
    it->at = mark;
    it->size = out->size - mark;
    return !out->full;
}

/* {1, 2}: sorted, each element once. A set of one element is that element. */
int parse_set(work *w, text *out, item *it) {
    item items[ITEMS_MAX];
    int mark = out->size, escaped = starts_with(w->rest, "\\{"), count, is_or;
    span after;
    if (!escaped && !has_comma(w->rest)) return 0;
    w->rest.at += escaped ? 2 : 1;
    memset(it, 0, sizeof *it);
    it->kind = ITEM_OTHER;
    it->rank = 2;
    it->at = mark;
    if (accepts(w, escaped ? "\\}" : "}")) {
        text_literal(out, "∅");
        it->size = out->size - mark;
        return 1;
    }
    count = parse_items(w, out, items, &is_or);
    if (count == 0 || !accepts(w, escaped ? "\\}" : "}")) return 0;
    /* If the set is the whole answer, its braces are removed: then it is a list. */
    skip_spaces(w);
    after = w->rest;
    if (count == 1) {
        *it = items[0];
        return 1;
    }
    if (w->depth == 1 && after.at == after.end) compose(out, mark, items, count, "", ", ", "", 1);
    else compose(out, mark, items, count, "{", ", ", "}", 1);
    it->size = out->size - mark;
    return !out->full;
}

int write_without(text *out, int mark, item *points, int count, item *it) {
    text gaps;
    int i;
    for (i = 1; i < count; i++) {
        if (points[i].rank != 1 || points[0].rank != 1 || rational_compare(points[i - 1].key, points[i].key) >= 0) return 0;
    }
    gaps.size = gaps.full = 0;
    text_literal(&gaps, "(-∞, ");
    for (i = 0; i < count; i++) {
        span point = span_of(out->bytes + points[i].at, (uint64_t)points[i].size);
        if (points[i].kind != ITEM_VALUE) return 0;
        text_add(&gaps, point);
        text_literal(&gaps, ") ∪ (");
        text_add(&gaps, point);
        text_literal(&gaps, ", ");
    }
    text_literal(&gaps, "∞)");
    out->size = mark;
    text_add(out, span_of(gaps.bytes, (uint64_t)gaps.size));
    memset(it, 0, sizeof *it);
    it->kind = ITEM_INTERVAL;
    it->at = mark;
    it->size = out->size - mark;
    return !gaps.full && !out->full;
}
