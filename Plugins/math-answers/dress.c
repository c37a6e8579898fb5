/* SPDX-License-Identifier: Apache-2.0
 *
 * LaTeX commands of an answer: words and units in \text, matrices, and all the rest.
 */
#include "cleaner.h"

/* ---------------------------------------------------------------- words */

span take_argument(span *s) {
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

int is_behind_number(const cleaner *c) {
    span whole, tail;
    char last = last_byte(c);
    whole.at = c->out->bytes;
    whole.end = whole.at + c->out->size;
    tail = whole;
    tail.at = whole.end - (c->out->size < 2 ? c->out->size : 2);
    return is_digit(last) || last == '}' || last == ')' || starts_with(tail, "π") || starts_with(tail, "°");
}

/* degrees N, km N */
static int is_before_side(span word) {
    static const char *const words[] = {
        "degrees", "degree", "km", "miles", "mi", "feet", "meters", "metres", "kilometers",
    };
    return is_one_of(word, words, COUNT(words));
}

/* AD, NE; and behind a degree N, which is a newton elsewhere. */
static int is_side(span word, int behind_degree) {
    static const char *const sides[] = {
        "BC", "AD", "BCE", "CE", "NE", "NW", "SE", "SW", "NNE", "ENE", "ESE", "SSE", "SSW", "WSW", "WNW", "NNW",
    };
    size_t i;
    if (behind_degree && word.end - word.at == 1 && memchr("NESW", *word.at, 4) != NULL) return 1;
    for (i = 0; i < sizeof sides / sizeof *sides; i++) {
        if (same_bytes(word, span_of(sides[i], strlen(sides[i])))) return 1;
    }
    return 0;
}

/* cm, square units, m/s, ft^2: words without a meaning of their own. */
static int is_unit(span s, int behind_degree) {
    int letters = 0;
    if (s.end - s.at == 1 && (*s.at == 'e' || *s.at == 'i')) return 0;
    while (s.at < s.end) {
        span word = s;
        while (word.at < word.end && is_letter(*word.at)) word.at++;
        if (word.at > s.at) {
            word.end = word.at;
            word.at = s.at;
            if (scale_of(word) || is_kept(word) || part_named(word) || number_named(word) >= 0) return 0;
            if (is_telling(word) && !(letters && (same_word(word, "squared") || same_word(word, "cubed")))) return 0;
            if (abbreviation_ahead(s) || is_side(word, behind_degree)) return 0;
            letters = 1;
            behind_degree |= is_before_side(word);
            s.at = word.end;
        } else if (*s.at == '^') {
            s.at++;
            if (s.at < s.end && *s.at == '{') s.at++;
            if (s.at < s.end && *s.at == '-') s.at++;
            if (s.at < s.end && is_digit(*s.at)) s.at++;
        } else if (starts_with(s, "⁻¹") || starts_with(s, "⁻²") || starts_with(s, "⁻³")) {
            s.at += 5;
        } else if (starts_with(s, "²") || starts_with(s, "³") || starts_with(s, "·")) {
            s.at += 2;
        } else if (memchr(" ~/.-{}\\,$", *s.at, 10) != NULL) {
            s.at++;
        } else return 0;
    }
    return letters;
}

/* Whether the parser knows each word of a unit for a word. */
static int is_in_words(span s) {
    while (s.at < s.end) {
        span word = s;
        while (word.at < word.end && is_letter(*word.at)) word.at++;
        word.end = word.at;
        word.at = s.at;
        if (word.at < word.end && !is_word(word)) return 0;
        s.at = word.at < word.end ? word.end : s.at + 1;
    }
    return 1;
}

/* A unit that goes; several of them are compared. */
static int drops_unit(cleaner *c, span unit) {
    if (c->keeps == KEEPS_ALL || (c->keeps == KEEPS_WORDS && is_in_words(unit))) return 0;
    if (c->unit.at == c->unit.end) c->unit = unit;
    else if (c->unit_end != c->out->size && !same_unit(c->unit, unit)) c->units_differ = 1;
    c->unit_end = c->out->size;
    return 1;
}

static void skip_exponent(span *s) {
    span rest = *s;
    skip_space(&rest);
    if (take(&rest, "²") || take(&rest, "³") || take(&rest, "⁻¹") || take(&rest, "⁻²") || take(&rest, "⁻³")) {
        *s = rest;
    } else if (take(&rest, "^")) {
        span power = take_argument(&rest);
        if (power.end - power.at == 2 && *power.at == '-') power.at++; /* m s^{-1} */
        if (power.end - power.at == 1 && is_digit(*power.at)) *s = rest;
    }
    rest = *s; /* kg·m, then m/s, in two pieces: the second is treated alike */
    skip_space(&rest);
    if (take(&rest, "/") || take(&rest, "\\cdot") || take(&rest, "·")) {
        skip_space(&rest);
        if (starts_with(rest, "\\text") || starts_with(rest, "\\mathrm") || starts_with(rest, "\\mbox")) *s = rest;
    }
}

/* \text{ab} is a word, and not the product ba. */
static int is_unknown_word(span s) {
    const char *at;
    for (at = s.at; at < s.end; at++) {
        if (!is_letter(*at)) return 0;
    }
    if (s.end - s.at == 2 && *s.at == 'd') return 0; /* dx */
    return s.end - s.at > 1 && !is_word(s) && !is_capital_name(s) && !is_kept(s) && !is_telling(s)
        && function_named(s) == NULL;
}

static int clean_words(cleaner *c, span *s, int is_text) {
    span words = trimmed(take_argument(s));
    int ok;
    while (words.at < words.end && *words.at == '~') words.at++;
    if (is_behind_number(c) && is_unit(words, last_byte(c) == (char)0xB0) && drops_unit(c, words)) {
        skip_exponent(s);
        c->space = 1;
        return 1;
    }
    if (is_text && is_unknown_word(words)) {
        put_literal(c, "\\text{");
        text_add(c->out, words);
        text_byte(c->out, '}');
        return 1;
    }
    c->space = 1;
    c->has_words |= is_behind_number(c) && words.at < words.end;
    if (c->nested == 8) return 0;
    c->nested++;
    ok = clean_span(c, words);
    c->nested--;
    c->space = 1;
    return ok;
}

/* The words of \text{…} if that is all there is. */
static span words_of(span s) {
    static const char *const names[] = {"\\text{", "\\mathrm{", "\\mbox{", "\\textrm{"};
    size_t i;
    s = trimmed(s);
    for (i = 0; i < sizeof names / sizeof *names; i++) {
        if (!starts_with(s, names[i])) continue;
        s.at += strlen(names[i]);
        return s;
    }
    return span_of(NULL, 0);
}

/* \frac{\text{m}}{\text{s}^2} behind a number is a unit like m/s^2. */
static int clean_unit_fraction(cleaner *c, span *s) {
    span rest = *s, over = words_of(take_argument(&rest)), under = words_of(take_argument(&rest));
    if (over.at == over.end || under.at == under.end || !is_unit(over, 0) || !is_unit(under, 0)) return 0;
    over.end = under.end;
    if (!drops_unit(c, over)) return 0;
    *s = rest;
    c->space = 1;
    return 1;
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
    if (same_word(name, "frac") && is_behind_number(c) && clean_unit_fraction(c, s)) return 1;
    if (clean_mark(c, s, name)) return 1;
    found = command_named(name);
    if (found != NULL && strcmp(found->becomes, "∨") == 0 && c->has_relation && is_behind_number(c)) {
        c->space = 1; /* x = 1 \lor x = 2 is said with "or"; p \lor q is logic */
        put_literal(c, "or");
        return c->space = 1;
    }
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
        put_literal(c, is_circle(c, found->becomes) ? "∘" : found->becomes);
        c->brackets += found->becomes[0] == '(' || found->becomes[0] == '[';
        if (found->becomes[0] == '\\') c->after_name = 1;
        break;
    case COMMAND_NAME: c->space = 1; put_literal(c, found->becomes); c->space = 1; break;
    case COMMAND_WORDS:
        return clean_words(c, s, !starts_with(name, "mathit") && !starts_with(name, "mathtt"));
    case COMMAND_SIDE: skip_space(s); take(s, "."); break;
    case COMMAND_BOARD: {
        span board = trimmed(take_argument(s));
        put_board(c, board);
    }
    }
    return 1;
}
