/* SPDX-License-Identifier: Apache-2.0
 *
 * Single marks of LaTeX that mean one thing here and another there, or nothing.
 */
#include "cleaner.h"

/* Whether what has been written begins with a month. */
static int is_in_date(const cleaner *c) {
    span word = span_of(c->out->bytes, (uint64_t)c->out->size);
    const char *end = word.at;
    while (end < word.end && is_letter(*end)) end++;
    word.end = end;
    return is_moment(word);
}

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
    if (!is_in_date(c)) put_literal(c, endings[i]);
    return 1;
}

/* June 20th is June 20. */
int clean_day(cleaner *c, span *s) {
    static const char *const endings[] = {"th", "st", "nd", "rd"};
    size_t i;
    if (!is_digit(last_byte(c)) || c->space || !is_in_date(c)) return 0;
    for (i = 0; i < sizeof endings / sizeof *endings; i++) {
        if (starts_with(*s, endings[i]) && (s->end - s->at == 2 || !is_letter(s->at[2]))) return s->at += 2, 1;
    }
    return 0;
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
    static const char *const sizes[] = {
        "large", "Large", "LARGE", "huge", "Huge", "small", "normalsize", "scriptstyle",
    };
    size_t i;
    for (i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        if (is_command(name, sizes[i])) return 1;
    }
    if (is_command(name, "hspace") || is_command(name, "vspace")) return take(s, "*"), take_argument(s), c->space = 1;
    if (is_command(name, "color") || is_command(name, "textcolor")) return take_argument(s), 1;
    if (is_command(name, "therefore")) return 1;
    if (is_command(name, "angle")) {
        if (memchr(s->at, '=', (size_t)(s->end - s->at)) == NULL) return 0;
        if (c->out->size == 1 && last_byte(c) == 'm') c->out->size = 0; /* the measure of the angle */
        return 1;
    }
    return c->out->size == 0 && (is_command(name, "Rightarrow") || is_command(name, "implies"));
}

/* Whether a \circ is no degree: f ∘ g. */
int is_circle(const cleaner *c, const char *becomes) {
    return strcmp(becomes, "°") == 0 && !is_digit(last_byte(c));
}

/* ^\circ, ^{\circ}, ^{o} behind a number. */
int clean_degree(cleaner *c, span *s) {
    span rest = *s;
    int braces;
    rest.at++;
    skip_space(&rest);
    braces = take(&rest, "{");
    skip_space(&rest);
    if (!(braces && is_digit(last_byte(c)) && take(&rest, "o")) && !take(&rest, "\\circ") && !take(&rest, "\\degree")
        && !take(&rest, "°") && !take(&rest, "∘")) return 0;
    skip_space(&rest);
    if (braces && !take(&rest, "}")) return 0;
    *s = rest;
    put_literal(c, "°");
    return 1;
}

/* ({3, 4}) is (3, 4). */
int clean_wrapping(cleaner *c, span *s) {
    span rest = *s, inside;
    char before = last_byte(c);
    if ((before != '(' && before != '[') || c->nested == 8) return 0;
    inside = take_argument(&rest);
    skip_space(&rest);
    if (take(&rest, "\\right")) skip_space(&rest);
    if (rest.at == rest.end || (*rest.at != ')' && *rest.at != ']')) return 0;
    *s = rest;
    c->nested++;
    clean_span(c, inside);
    c->nested--;
    return 1;
}
