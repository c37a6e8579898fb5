/* SPDX-License-Identifier: Apache-2.0
 *
 * The canonical form of an answer.
 */
#include "items.h"

static void begin(work *w, const text *cleaned, equality_kind kind) {
    w->rest.at = w->start = w->product_end = cleaned->bytes;
    w->rest.end = cleaned->bytes + cleaned->size;
    w->failed = w->depth = w->signs = w->signs_seen = w->signs_tied = w->units_differ = w->in_call = w->bars = w->has_infinity = 0;
    w->unit = span_of(NULL, 0);
    w->top = w->generator_count = w->names_size = 0;
    w->plain = kind == EQUALITY_NUMERIC;
}

/* Cleans and parses once. 0 if there is no room for the text. */
static int canonical_once(equality_kind kind, span s, text *out, int *is_read) {
    text cleaned;
    work w;
    if (!clean_answer(s, &cleaned)) return 0;
    begin(&w, &cleaned, kind);
    *is_read = parse_answer(&w, out) && (kind == EQUALITY_MATH || w.is_number);
    if (!*is_read) {
        out->size = out->full = 0;
        text_add(out, span_of(cleaned.bytes, (uint64_t)cleaned.size));
    }
    return !out->full && out->size <= ANSWER_MAX;
}

/* A canonical text must be its own canonical text. Most are so at the first attempt; otherwise the
 * step is repeated until the text stays the same. If it never does, the answer keeps its own text. */
span canonical_text(equality_kind kind, span s, text *out, int *is_read) {
    text next;
    int round, again;
    s = trimmed(s);
    *is_read = 0;
    if (s.end - s.at > ANSWER_MAX || !canonical_once(kind, s, out, is_read)) return s;
    if (same_bytes(s, span_of(out->bytes, (uint64_t)out->size))) return s;
    for (round = 0; round < 6; round++) {
        span now = trimmed(span_of(out->bytes, (uint64_t)out->size));
        if (!canonical_once(kind, now, &next, &again)) return s;
        if (same_bytes(now, span_of(next.bytes, (uint64_t)next.size))) return now;
        out->size = 0;
        text_add(out, span_of(next.bytes, (uint64_t)next.size));
    }
    return s;
}
