/* SPDX-License-Identifier: Apache-2.0
 *
 * Texts of bounded size.
 */
#include "answers.h"

void text_byte(text *t, char c) {
    if (t->size == TEXT_MAX) t->full = 1;
    else t->bytes[t->size++] = c;
}

void text_add(text *t, span s) {
    size_t size = (size_t)(s.end - s.at);
    if (size > (size_t)(TEXT_MAX - t->size)) {
        t->full = 1;
        return;
    }
    if (size > 0) memcpy(t->bytes + t->size, s.at, size);
    t->size += (int)size;
}

void text_literal(text *t, const char *literal) { text_add(t, span_of(literal, strlen(literal))); }

void text_integer(text *t, int64_t n) { text_wide(t, n); }
