/* SPDX-License-Identifier: Apache-2.0
 *
 * LaTeX commands of an answer: words and units in \text, matrices, and all the rest.
 */
#include "cleaner.h"

/* ---------------------------------------------------------------- words */

/* The text inside the braces that `s` begins with, read past; or the one byte there is. */
static span take_argument(span *s) {
    span inside;
    int depth = 0;
    skip_space(s);
    inside.at = s->at;
    inside.end = s->at < s->end ? s->at + 1 : s->at;
    if (s->at == s->end || *s->at != '{') {
        s->at = inside.end;
        return inside;
    }
    for (; s->at < s->end; s->at++) {
        if (*s->at == '\\' && s->at + 1 < s->end) s->at++;
        else if (*s->at == '{') depth++;
        else if (*s->at == '}' && --depth == 0) break;
    }
    inside.at++;
    inside.end = s->at;
    if (s->at < s->end) s->at++;
    return inside;
}

static int is_behind_number(const cleaner *c) {
    span whole, tail;
    char last = last_byte(c);
    whole.at = c->out->bytes;
    whole.end = whole.at + c->out->size;
    tail = whole;
    tail.at = whole.end - (c->out->size < 2 ? c->out->size : 2);
    return is_digit(last) || last == '}' || last == ')' || starts_with(tail, "π") || starts_with(tail, "°");
}

/* cm, square units, m/s, ft^2: words without a meaning of their own. */
static int is_unit(span s) {
    int letters = 0;
    if (s.end - s.at == 1 && (*s.at == 'e' || *s.at == 'i')) return 0;
    while (s.at < s.end) {
        span word = s;
        while (word.at < word.end && is_letter(*word.at)) word.at++;
        if (word.at > s.at) {
            word.end = word.at;
            word.at = s.at;
            if (scale_of(word) || (is_telling(word) && !(letters && (same_word(word, "squared") || same_word(word, "cubed"))))) return 0;
            if (same_word(word, "a") && starts_with(s, "a.m")) return 0;
            if (same_word(word, "p") && starts_with(s, "p.m")) return 0;
            letters = 1;
            s.at = word.end;
        } else if (*s.at == '^') {
            s.at++;
            if (s.at < s.end && *s.at == '{') s.at++;
            if (s.at < s.end && is_digit(*s.at)) s.at++;
        } else if (starts_with(s, "²") || starts_with(s, "³")) {
            s.at += 2;
        } else if (memchr(" ~/.-{}\\,$", *s.at, 10) != NULL) {
            s.at++;
        } else return 0;
    }
    return letters;
}

static void skip_exponent(span *s) {
    span rest = *s;
    skip_space(&rest);
    if (take(&rest, "²") || take(&rest, "³")) {
        *s = rest;
    } else if (take(&rest, "^")) {
        span power = take_argument(&rest);
        if (power.end - power.at == 1 && is_digit(*power.at)) *s = rest;
    }
    rest = *s; /* m/s in two pieces: the second is treated alike */
    skip_space(&rest);
    if (take(&rest, "/")) {
        skip_space(&rest);
        if (starts_with(rest, "\\text") || starts_with(rest, "\\mathrm") || starts_with(rest, "\\mbox")) *s = rest;
    }
}

static int clean_words(cleaner *c, span *s) {
    span words = trimmed(take_argument(s));
    int ok;
    while (words.at < words.end && *words.at == '~') words.at++;
    if (is_behind_number(c) && is_unit(words)) {
        skip_exponent(s);
        c->space = 1;
        return 1;
    }
    c->space = 1;
    if (c->nested == 8) return 0;
    c->nested++;
    ok = clean_span(c, words);
    c->nested--;
    c->space = 1;
    return ok;
}

/* -------------------------------------------------------------- commands */

/* Matrices with any brackets, except determinants. */
static int clean_environment(cleaner *c, span *s, int begins) {
    span name = take_argument(s);
    size_t size = (size_t)(name.end - name.at);
    int rows = (size >= 6 && memcmp(name.end - 6, "matrix", 6) == 0 && lower(*name.at) != 'v') || starts_with(name, "array");
    if (!rows) {
        put_literal(c, begins ? "\\begin{" : "\\end{");
        text_add(c->out, name);
        text_byte(c->out, '}');
        return 1;
    }
    if (begins && starts_with(name, "array")) take_argument(s);
    put_literal(c, begins ? "[[" : "]]");
    c->matrices += begins ? 1 : c->matrices > 0 ? -1 : 0;
    c->brackets += begins ? 1 : c->brackets > 0 ? -1 : 0;
    return 1;
}

static void clean_row_end(cleaner *c, span *s) {
    skip_space(s);
    if (c->matrices == 0) {
        c->space = 1;
        return;
    }
    if (s->at < s->end && *s->at == '[') {
        while (s->at < s->end && *s->at != ']') s->at++;
        if (s->at < s->end) s->at++;
        skip_space(s);
    }
    if (!starts_with(*s, "\\end")) put_literal(c, "],[");
}

int clean_command(cleaner *c, span *s) {
    span name = *s;
    const command *found;
    name.at++;
    if (name.at == name.end) return s->at = name.at, 1;
    for (name.end = name.at; name.end < s->end && is_letter(*name.end); name.end++) {}
    if (name.end == name.at) name.end++;
    s->at = name.end;
    switch (*name.at) {
    case '\\': clean_row_end(c, s); return 1;
    case '{': c->brackets++; put_literal(c, "\\{"); return 1;
    case '}': c->brackets -= c->brackets > 0; put_literal(c, "\\}"); return 1;
    case '|': put_literal(c, "|"); return 1;
    default: break;
    }
    if (is_space(*name.at)) return c->space = 1;
    if (same_word(name, "begin") && *name.at == 'b') return clean_environment(c, s, 1);
    if (same_word(name, "end") && *name.at == 'e') return clean_environment(c, s, 0);
    found = command_named(name);
    if (found == NULL) {
        name.at--;
        c->space = 0;
        text_add(c->out, name);
        c->after_name = 1;
        return 1;
    }
    switch (found->kind) {
    case COMMAND_DROPPED: case COMMAND_STYLE: break;
    case COMMAND_SPACE: c->space = 1; break;
    case COMMAND_TEXT:
        put_literal(c, found->becomes);
        c->brackets += found->becomes[0] == '(' || found->becomes[0] == '[';
        if (found->becomes[0] == '\\') c->after_name = 1;
        break;
    case COMMAND_NAME: c->space = 1; put_literal(c, found->becomes); c->space = 1; break;
    case COMMAND_WORDS: return clean_words(c, s);
    case COMMAND_SIDE: skip_space(s); take(s, "."); break;
    case COMMAND_BOARD: {
        span board = trimmed(take_argument(s));
        if (same_word(board, "r")) put_literal(c, "ℝ");
        else put(c, board);
    }
    }
    return 1;
}
