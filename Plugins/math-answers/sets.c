/* SPDX-License-Identifier: Apache-2.0
 *
 * Brackets with several elements: points, intervals, sets, matrices.
 */
#include "items.h"

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

/* ]0, 1[ and ]0, 1]: a bracket that is turned round is open. */
static int turned_follows(span s) {
    int depth = 0, commas = 0;
    if (!starts_with(s, "]")) return 0;
    for (s.at++; s.at < s.end; s.at++) {
        if (*s.at == '(') depth++;
        else if (*s.at == ')') depth--;
        else if (depth == 0 && (*s.at == '[' || *s.at == ']')) return commas == 1;
        else commas += depth == 0 && (*s.at == ',' || *s.at == ';');
    }
    return 0;
}

int bracket_follows(work *w) {
    if (starts_with(w->rest, "[[") || starts_with(w->rest, "([[") || turned_follows(w->rest)) return 1;
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
    it->name = -1;
    return item_end(it, out);
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

/* The same for a matrix that is multiplied. */
static int parse_multiples(work *w, value by, text *out, item *items) {
    int count = 0;
    do {
        value entry = parse_formula(w);
        if (count == ITEMS_MAX || w->failed || !finish_value(w, value_times(w, entry, by), out, &items[count])) return 0;
        count++;
    } while (accepts(w, ","));
    return count;
}

int parse_matrix(work *w, const value *by, text *out, item *it) {
    item rows[ITEMS_MAX];
    int mark = out->size, count = 0, width = 0;
    int wrapped = starts_with(w->rest, "([[") || starts_with(w->rest, "[[["); /* \left( \begin{array} … \right) */
    if (wrapped) w->rest.at++;
    if (!accepts(w, "[[")) return 0;
    do {
        item entries[ITEMS_MAX];
        int start = out->size, size = by ? parse_multiples(w, *by, out, entries) : parse_elements(w, out, entries);
        if (size == 0 || count == ITEMS_MAX || (count > 0 && size != width) || !accepts(w, "]")) return 0;
        width = size;
        compose(out, start, entries, size, "[", ", ", "]", 0);
        item_begin(&rows[count], ITEM_OTHER, 2, out);
        rows[count].at = start;
        item_end(&rows[count++], out);
    } while (accepts(w, ",") && accepts(w, "["));
    if (!accepts(w, "]") || (wrapped && !accepts(w, ")") && !accepts(w, "]"))) return 0;
    compose(out, mark, rows, count, "[", ", ", "]", 0);
    item_begin(it, ITEM_OTHER, 2, out);
    it->at = mark;
    return item_end(it, out);
}

int parse_bracket(work *w, text *out, item *it) {
    item elements[ITEMS_MAX];
    int mark = out->size, low, high, count;
    if (starts_with(w->rest, "[[") || starts_with(w->rest, "([[")) return parse_matrix(w, NULL, out, it);
    low = accepts(w, "[") ? '[' : accepts(w, "]") ? ']' : accepts(w, "(") ? '(' : 0;
    if (low == 0 || (count = parse_elements(w, out, elements)) < 2) return 0;
    high = accepts(w, "]") ? ']' : accepts(w, "[") ? '[' : accepts(w, ")") ? ')' : 0;
    if (high == 0 || (count != 2 && (low != '(' || high != ')') && (low != '[' || high != ']'))) return 0;
    if (low == '(' && high == ')') order_by_names(w, elements, count);
    compose(out, mark, elements, count, low == '[' ? "[" : "(", ", ", high == ']' ? "]" : ")", 0);
    *it = elements[0];
    it->name = -1;
    it->kind = count > 2 ? ITEM_OTHER : low != '(' || high != ')' ? ITEM_INTERVAL : ITEM_PAIR;
    if (elements[0].kind != ITEM_VALUE) it->rank = 2;
    it->at = mark;
    return item_end(it, out);
}

/* ------------------------------------------------------------------ sets */

/* Whether the group that begins here is a whole element, as in {1, {2}}: then it is a set. */
static int is_element(const work *w) {
    span s = w->rest;
    int depth = 0, follows_comma = s.at - w->start > 1 && s.at[-1] == ' ' && s.at[-2] == ',';
    for (; s.at < s.end; s.at++) {
        if (*s.at == '{') depth++;
        else if (*s.at == '}' && --depth == 0) break;
    }
    if (s.at == s.end) return 0;
    for (s.at++; s.at < s.end && *s.at == ' '; s.at++) {}
    return s.at == s.end ? follows_comma : *s.at == ',' || *s.at == '}' || starts_with(s, "\\}");
}

/* {x | x > 0}, {x ∈ ℝ : 0 < x < 1}: what stands before the condition, read past. */
static void skip_builder(work *w) {
    span start = w->rest, run;
    skip_spaces(w);
    run = letters_ahead(w);
    w->rest.at = run.end;
    if (run.end - run.at != 1 || (accepts(w, "∈") && !accepts(w, "ℝ")) || (!accepts(w, ":") && !accepts(w, "|"))) w->rest = start;
}

/* Whether there is only one element, and that is a set. */
static int is_one_set(const text *out, const item *items, int count) {
    int i;
    for (i = 1; i < count; i++) {
        if (item_order(out, &items[0], &items[i]) != 0) return 0;
    }
    return items[0].kind == ITEM_SET;
}

/* {1, 2}: sorted, each element once. */
int parse_set(work *w, text *out, item *it) {
    item items[ITEMS_MAX];
    const char *start = w->rest.at, *inside;
    int mark = out->size, escaped = starts_with(w->rest, "\\{"), count, joints, is_whole, is_built;
    if (!escaped && !has_comma(w->rest) && !is_element(w)) return 0;
    w->rest.at += escaped ? 2 : 1;
    item_begin(it, ITEM_SET, 2, out);
    if (accepts(w, escaped ? "\\}" : "}")) {
        text_literal(out, "∅");
        return item_end(it, out);
    }
    inside = w->rest.at;
    skip_builder(w);
    is_built = w->rest.at != inside;
    count = parse_items(w, out, items, &joints);
    if (count == 0 || !accepts(w, escaped ? "\\}" : "}")) return 0;
    skip_spaces(w);
    if (is_built) {
        *it = items[0];
        if (count > 1 && !finish_list(w, out, mark, items, count, joints, "", "", it)) return 0;
        return it->kind == ITEM_INTERVAL;
    }
    /* The braces go where the set is the whole answer: then it is a list, or its one element;
     * but not if that is a set, for {{2}} is not {2}. */
    is_whole = start == w->start && w->rest.at == w->rest.end && !is_one_set(out, items, count);
    if (!finish_list(w, out, mark, items, count, joints, is_whole ? "" : "\\{", is_whole ? "" : "\\}", it)) return 0;
    if (!is_whole && out->bytes[mark] == '\\') it->kind = ITEM_SET;
    return 1;
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
    item_begin(it, ITEM_INTERVAL, 0, out);
    text_add(out, span_of(gaps.bytes, (uint64_t)gaps.size));
    return item_end(it, out) && !gaps.full;
}
