/* SPDX-License-Identifier: Apache-2.0
 *
 * Unions of intervals and of finite sets.
 */
#include "items.h"

enum { PIECES_MAX = 2 * ITEMS_MAX };

/* An interval, or a point with both ends in one. */
typedef struct piece {
    span low, high;
    rational low_key, high_key;
    int low_kind, high_kind; /* -1: -∞, 0: a rational number, 1: ∞, 2: known by its text alone */
    int closed_low, closed_high;
} piece;

static int read_integer(span *s, wide *out) {
    int digits = 0;
    for (*out = 0; s->at < s->end && is_digit(*s->at); s->at++, digits++) {
        if (!wide_times(*out, 10, out)) return 0;
        *out += *s->at - '0';
    }
    return digits > 0;
}

/* 3, -1/2 as print_rational writes them, or 0.75. */
static int end_kind(span s, rational *key) {
    wide over, under = 1;
    int sign = 1;
    *key = rational_of(0);
    if (same_bytes(s, span_of("-∞", strlen("-∞")))) return -1;
    if (same_bytes(s, span_of("∞", strlen("∞")))) return 1;
    if (starts_with(s, "-")) s.at++, sign = -1;
    if (!read_integer(&s, &over)) return 2;
    if (starts_with(s, "/")) {
        s.at++;
        if (!read_integer(&s, &under) || under == 0) return 2;
    } else if (starts_with(s, ".")) {
        for (s.at++; s.at < s.end && is_digit(*s.at); s.at++) {
            if (!wide_times(over, 10, &over) || !wide_times(under, 10, &under)) return 2;
            over += *s.at - '0';
        }
    }
    return s.at == s.end && rational_reduced(sign * over, under, key) ? 0 : 2;
}

/* Reads the pieces of a union; -1 if one is neither interval nor set, or there are too many. */
static int read_pieces(span s, piece pieces[PIECES_MAX]) {
    int count = 0;
    while (s.at < s.end) {
        span parts[ITEMS_MAX], part = s;
        int depth = 0, elements, i, set;
        for (part.end = part.at; part.end < s.end; part.end++) {
            span here = s;
            here.at = part.end;
            if (memchr("([{", *part.end, 3)) depth++;
            else if (memchr(")]}", *part.end, 3)) depth--;
            if (depth == 0 && starts_with(here, " ∪ ")) break;
        }
        s.at = part.end < s.end ? part.end + strlen(" ∪ ") : s.end;
        if (same_bytes(part, span_of("∅", strlen("∅")))) continue;
        set = starts_with(part, "\\{");
        if (part.end - part.at < 4 + set || (!set && !memchr("([", *part.at, 2))) return -1;
        part.at += 1 + set;
        part.end -= 1 + set;
        elements = split_elements(part, parts);
        if (elements < 1 || (!set && elements != 2)) return -1;
        for (i = 0; i < elements; i += set ? 1 : 2) {
            piece *p = &pieces[count++];
            if (count == PIECES_MAX) return -1;
            p->low = parts[i];
            p->high = parts[set ? i : i + 1];
            p->low_kind = end_kind(p->low, &p->low_key);
            p->high_kind = end_kind(p->high, &p->high_key);
            p->closed_low = set || part.at[-1] == '[';
            p->closed_high = set || *part.end == ']';
        }
    }
    return count;
}

static int is_point(const piece *p) { return p->low.at == p->high.at; }

/* For ends that are not known by their text alone. */
static int compare(int kind, rational key, int other_kind, rational other) {
    return kind != other_kind ? kind - other_kind : kind == 0 ? rational_compare(key, other) : 0;
}

static int piece_order(const piece *a, const piece *b) {
    ptrdiff_t left = a->low.end - a->low.at, right = b->low.end - b->low.at;
    int order = compare(a->low_kind, a->low_key, b->low_kind, b->low_key);
    if (order != 0) return order;
    if (a->low_kind == 2 && (order = memcmp(a->low.at, b->low.at, (size_t)(left < right ? left : right))) != 0) return order;
    if (a->low_kind == 2 && left != right) return left < right ? -1 : 1;
    return b->closed_low - a->closed_low;
}

static void sort_pieces(piece *pieces, int count) {
    int i, j;
    for (i = 1; i < count; i++) {
        piece moved = pieces[i];
        for (j = i; j > 0 && piece_order(&pieces[j - 1], &moved) > 0; j--) pieces[j] = pieces[j - 1];
        pieces[j] = moved;
    }
}

/* Joins sorted pieces that touch or overlap; returns how many are left. */
static int merge(piece *pieces, int count) {
    int i, kept = 0;
    for (i = 0; i < count; i++) {
        piece *last = &pieces[kept - 1], *p = &pieces[i];
        int order = compare(p->low_kind, p->low_key, p->high_kind, p->high_key);
        if (order == 0 && !(p->closed_low && p->closed_high)) continue; /* (1, 1) is empty */
        if (kept > 0) {
            int gap = compare(p->low_kind, p->low_key, last->high_kind, last->high_key), more;
            if (gap < 0 || (gap == 0 && (p->closed_low || last->closed_high))) {
                more = compare(p->high_kind, p->high_key, last->high_kind, last->high_key);
                if (more == 0) last->closed_high |= p->closed_high;
                if (more <= 0) continue;
                last->high = p->high, last->high_kind = p->high_kind, last->high_key = p->high_key;
                last->closed_high = p->closed_high;
                continue;
            }
        }
        pieces[kept++] = *p;
    }
    return kept;
}

/* Intervals first, then the points that lie in none of them, as one set. */
static void write_pieces(const piece *pieces, int count, text *all) {
    int i, points = 0;
    for (i = 0; i < count; i++) {
        const piece *p = &pieces[i];
        if (is_point(p)) continue;
        if (all->size > 0) text_literal(all, " ∪ ");
        text_byte(all, p->closed_low ? '[' : '(');
        text_add(all, p->low);
        text_literal(all, ", ");
        text_add(all, p->high);
        text_byte(all, p->closed_high ? ']' : ')');
    }
    for (i = 0; i < count; i++) {
        if (!is_point(&pieces[i])) continue;
        if (points++ > 0) text_literal(all, ", ");
        else text_literal(all, all->size > 0 ? " ∪ \\{" : "\\{");
        text_add(all, pieces[i].low);
    }
    if (points > 0) text_literal(all, "\\}");
    if (all->size == 0) text_literal(all, "∅");
}

/* The same with the same ends and brackets once, where ends cannot be compared. */
static int distinct(piece *pieces, int count) {
    int i, j, kept = 0;
    for (i = 0; i < count; i++) {
        for (j = 0; j < kept; j++) {
            const piece *a = &pieces[i], *b = &pieces[j];
            if (same_bytes(a->low, b->low) && same_bytes(a->high, b->high) && a->closed_low == b->closed_low
                && a->closed_high == b->closed_high) break;
        }
        if (j == kept) pieces[kept++] = pieces[i];
    }
    return kept;
}

int finish_union(text *out, int mark, item *it) {
    piece pieces[PIECES_MAX];
    text all;
    int count = read_pieces(span_of(out->bytes + mark, (uint64_t)(out->size - mark)), pieces), i, plain = 1;
    if (count < 0 || out->full) return 0;
    for (i = 0; i < count; i++) {
        const piece *p = &pieces[i];
        plain = plain && p->low_kind != 2 && p->high_kind != 2;
        if (plain && compare(p->low_kind, p->low_key, p->high_kind, p->high_key) > 0) return 0; /* [2, 1] */
    }
    sort_pieces(pieces, count);
    count = plain ? merge(pieces, count) : distinct(pieces, count);
    all.size = all.full = 0;
    write_pieces(pieces, count, &all);
    out->size = mark;
    item_begin(it, ITEM_INTERVAL, 2, out);
    text_add(out, span_of(all.bytes, (uint64_t)all.size));
    if (out->bytes[mark] == '\\') it->kind = ITEM_SET;
    else if (count > 0 && pieces[0].low_kind == -1) it->rank = 0;
    return item_end(it, out) && !all.full;
}
