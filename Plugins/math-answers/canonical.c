/* SPDX-License-Identifier: Apache-2.0
 *
 * The one form of an answer.
 */
#include "answers.h"

static void begin(work *w, const text *cleaned, equality_kind kind) {
    w->rest.at = w->start = w->product_end = cleaned->bytes;
    w->rest.end = cleaned->bytes + cleaned->size;
    w->failed = w->depth = w->signs = w->signs_seen = w->in_call = w->bars = w->has_infinity = 0;
    w->top = w->generator_count = w->names_size = 0;
    w->plain = kind == EQUALITY_NUMERIC;
}

/* Cleans and parses once. 0 if there is no room for the text. */
static int canonical_once(equality_kind kind, span s, text *out) {
    text cleaned;
    work w;
    int parsed;
    if (!clean_answer(s, &cleaned)) return 0;
    begin(&w, &cleaned, kind);
    parsed = parse_answer(&w, out) && (kind == EQUALITY_MATH || w.is_number);
    if (!parsed) {
        out->size = out->full = 0;
        text_add(out, span_of(cleaned.bytes, (uint64_t)cleaned.size));
    }
    return !out->full && out->size <= ANSWER_MAX;
}

/* A canonical text is its own canonical text. Most are at the first go; what is not is
 * taken again until it stays the same, and if it never does, stands for itself. */
span canonical_text(equality_kind kind, span s, text *out) {
    text next;
    int round;
    s = trimmed(s);
    if (s.end - s.at > ANSWER_MAX || !canonical_once(kind, s, out)) return s;
    if (same_bytes(s, span_of(out->bytes, (uint64_t)out->size))) return s;
    for (round = 0; round < 6; round++) {
        span now = trimmed(span_of(out->bytes, (uint64_t)out->size));
        if (!canonical_once(kind, now, &next)) return s;
        if (same_bytes(now, span_of(next.bytes, (uint64_t)next.size))) return now;
        out->size = 0;
        text_add(out, span_of(next.bytes, (uint64_t)next.size));
    }
    return s;
}
