/* SPDX-License-Identifier: Apache-2.0
 *
 * Single marks of LaTeX that mean one thing here and another there, or nothing.
 */
#include "cleaner.h"

/* 4^{\text{th}} is 4th, and no power. */
int clean_ordinal(cleaner *c, span *s) {
    static const char *const endings[] = {"th", "st", "nd", "rd"};
    static const char *const opens[] = {"{\\text{", "{\\mathrm{", "{\\textrm{", "\\text{", "\\mathrm{", "{"};
    span rest = *s;
    size_t i, braces = 0;
    rest.at++;
    if (!is_digit(last_byte(c))) return 0;
    for (i = 0; i < sizeof opens / sizeof *opens && braces == 0; i++) {
        if (take(&rest, opens[i])) braces = opens[i][0] == '{' && opens[i][1] ? 2 : 1;
    }
    for (i = 0; i < sizeof endings / sizeof *endings && !take(&rest, endings[i]); i++) {}
    if (braces == 0 || i == sizeof endings / sizeof *endings) return 0;
    for (; braces > 0; braces--) {
        if (!take(&rest, "}")) return 0;
    }
    *s = rest;
    put_literal(c, endings[i]);
    return 1;
}

/* \mathbb{Z} is no Z. */
void put_board(cleaner *c, span letter) {
    static const char *const letters[] = {"Rℝ", "Zℤ", "Qℚ", "Nℕ", "Cℂ", "Hℍ"};
    size_t i;
    for (i = 0; i < sizeof letters / sizeof *letters; i++) {
        if (letter.end - letter.at != 1 || lower(*letter.at) != lower(letters[i][0])) continue;
        put_literal(c, letters[i] + 1);
        return;
    }
    if (letter.end - letter.at == 1 && (*letter.at == 'P' || *letter.at == 'E')) { /* probability, expectation */
        put(c, letter);
        return;
    }
    put_literal(c, "\\mathbb{");
    text_add(c->out, letter);
    text_byte(c->out, '}');
}

static int is_command(span name, const char *literal) { return same_bytes(name, span_of(literal, strlen(literal))); }

/* What says nothing about the value: colours, an angle's mark before its name, an arrow or "therefore" in front. */
int clean_mark(cleaner *c, span *s, span name) {
    if (is_command(name, "color") || is_command(name, "textcolor")) return take_argument(s), 1;
    if (is_command(name, "therefore")) return 1;
    if (is_command(name, "angle")) return memchr(s->at, '=', (size_t)(s->end - s->at)) != NULL;
    return c->out->size == 0 && (is_command(name, "Rightarrow") || is_command(name, "implies"));
}

/* Whether a \circ is no degree: f ∘ g. */
int is_circle(const cleaner *c, const char *becomes) {
    return strcmp(becomes, "°") == 0 && !is_digit(last_byte(c));
}
