/* SPDX-License-Identifier: Apache-2.0
 *
 * What is not a formula: numbers with a base, words, numbers in words, choices.
 */
#include "items.h"

/* ----------------------------------------------------- numbers with bases */

/* Whether an item ends here. */
static int at_end(work *w) {
    span word;
    skip_spaces(w);
    if (w->rest.at == w->rest.end || memchr(",;)]}\\", *w->rest.at, 6) != NULL) return 1;
    word = letters_ahead(w);
    return same_word(word, "or") || same_word(word, "and");
}

/* 1A_16, and 1a_16 if nothing but the base can follow. */
static const char *base_digits_end(span s) {
    span any = s;
    while (any.at < any.end && (is_digit(*any.at) || is_letter(*any.at) || *any.at == '.')) any.at++;
    if (any.at < any.end && *any.at == '_') return any.at;
    while (s.at < s.end && (is_digit(*s.at) || is_upper(*s.at) || *s.at == '.')) s.at++;
    return s.at;
}

static int digit_value(char c) { return is_digit(c) ? c - '0' : lower(c) - 'a' + 10; }

/* _8, _{16}, (base 8), base 8, in base 8: the base, read past; 0 if there is none. */
static int accept_base(work *w) {
    int close = 0, base = 0, digits = 0;
    if (accepts(w, "_")) close = accepts(w, "{") ? '}' : 0;
    else close = accepts(w, "(") ? ')' : 0, accepts(w, "in");
    skip_spaces(w);
    if (same_word(letters_ahead(w), "base")) w->rest.at += 4;
    else if (close != '}' && w->rest.at[-1] != '_') return 0;
    skip_spaces(w);
    for (; w->rest.at < w->rest.end && is_digit(*w->rest.at) && digits < 3; digits++) base = base * 10 + *w->rest.at++ - '0';
    if (digits == 0) {
        span word = letters_ahead(w);
        base = (int)number_named(word);
        w->rest.at = word.end;
    }
    if (close != 0 && !accepts(w, close == '}' ? "}" : ")")) return 0;
    return base >= 2 && base <= 36 ? base : 0;
}

int parse_based(work *w, text *out, item *it) {
    span start = w->rest, digits = w->rest;
    int base, negative = accepts(w, "-"), points = 0, has_digit = 0, has_lower = 0, highest = 0, opens, i;
    opens = starts_with(w->rest, "("); /* (1010)_2 */
    w->rest.at += opens;
    digits.at = w->rest.at;
    digits.end = base_digits_end(w->rest);
    for (; w->rest.at < digits.end; w->rest.at++) {
        points += *w->rest.at == '.';
        has_digit |= is_digit(*w->rest.at);
        has_lower |= is_letter(*w->rest.at) && !is_upper(*w->rest.at);
        if (is_letter(*w->rest.at) && digit_value(*w->rest.at) > highest) highest = digit_value(*w->rest.at);
    }
    if (digits.at == digits.end || points > 1 || (!has_digit && digits.end - digits.at < 2)) goto none;
    if (opens && (!accepts(w, ")") || !starts_with(w->rest, "_"))) goto none;
    base = accept_base(w);
    if (base == 0 || highest >= base || (has_lower && !at_end(w))) goto none; /* 2a_12 + 1 has a term of a sequence */
    while (digits.end - digits.at > 1 && *digits.at == '0' && digits.at[1] != '.') digits.at++;
    if (points) {
        while (digits.end[-1] == '0') digits.end--;
        if (digits.end[-1] == '.') digits.end--;
    }
    item_begin(it, ITEM_OTHER, 2, out);
    if (base == 10) { /* a plain number after all */
        span rest = w->rest;
        w->rest = digits;
        if (!finish_value(w, value_scaled(w, parse_sum(w), rational_of(negative ? -1 : 1)), out, it)) goto none;
        w->rest = rest;
        return 1;
    }
    if (negative) text_byte(out, '-');
    for (i = 0; digits.at + i < digits.end; i++) {
        char c = digits.at[i];
        text_byte(out, is_letter(c) ? (char)(lower(c) - 32) : c);
    }
    text_literal(out, " (base ");
    text_integer(out, base);
    text_byte(out, ')');
    return item_end(it, out);
none:
    w->rest = start;
    return 0;
}

/* ----------------------------------------------------------------- words */

static int ends_with(span s, const char *literal) {
    ptrdiff_t size = (ptrdiff_t)strlen(literal);
    return s.end - s.at >= size && memcmp(s.end - size, literal, (size_t)size) == 0;
}

/* Several words for the same. */
static int finish_words(work *w, text *out, item *it) {
    span words = span_of(out->bytes + it->at, (uint64_t)(out->size - it->at));
    const char *other = NULL;
    if (same_word(words, "infinity") || same_word(words, "negative infinity")) {
        value v = value_named(w, GENERATOR_INFINITY, span_of(NULL, 0));
        w->has_infinity = 1;
        out->size = it->at;
        return finish_value(w, *words.at == 'n' ? value_scaled(w, v, rational_of(-1)) : v, out, it);
    }
    if (same_word(words, "all real numbers") || same_word(words, "all reals") || same_word(words, "real numbers")) {
        it->kind = ITEM_INTERVAL;
        it->rank = 0;
        other = "(-∞, ∞)";
    } else if (same_word(words, "empty set") || same_word(words, "the empty set")) {
        it->kind = ITEM_SET;
        other = "∅";
    } else if (same_word(words, "dne")) {
        other = "does not exist";
    } else if (starts_with(words, "no ") && ends_with(words, " solutions")) {
        out->size--;
    }
    if (other != NULL) {
        out->size = it->at;
        text_literal(out, other);
    }
    return item_end(it, out);
}

/* Area = 5: what is named is the value, and whose it is counts where there are several. */
static int finish_named(work *w, const char *at, int size, text *out, item *it) {
    char name[32];
    if (size < (int)sizeof name) memcpy(name, at, (size_t)size);
    out->size -= size;
    w->product_end = w->rest.at;
    if (!parse_one(w, out, it)) return 0;
    if (it->name < 0 && size < (int)sizeof name) it->name = name_for(w, span_of(name, (uint64_t)size));
    return !w->failed;
}

/* an ellipse is ellipse, but a and b is no word */
static void skip_article(work *w) {
    span start = w->rest, run = letters_ahead(w);
    if (!same_word(run, "a") && !same_word(run, "an") && !same_word(run, "the")) return;
    w->rest.at = run.end;
    run = starts_with(w->rest, " ") ? (w->rest.at++, letters_ahead(w)) : span_of(NULL, 0);
    if (run.at == run.end || !is_word(run) || is_telling(run) || function_named(run) != NULL) w->rest = start;
}

/* Words alone, in lower case; or words that name what follows. */
int parse_words(work *w, text *out, item *it) {
    span start = w->rest, run;
    int mark = out->size, count = 0, at;
    item_begin(it, ITEM_WORDS, 2, out);
    skip_article(w);
    for (;; count++) {
        skip_spaces(w);
        run = letters_ahead(w);
        if (count == 0 ? !is_word(run) || function_named(run) != NULL || same_word(run, "pi") : run.at == run.end) break;
        if (same_word(run, "respectively")) return w->failed = 1, 0; /* then the order counts */
        if (count > 0 && (same_word(run, "or") || same_word(run, "and"))) break;
        if (count > 0) text_byte(out, ' ');
        for (at = 0; run.at + at < run.end; at++) text_byte(out, lower(run.at[at]));
        w->rest.at = run.end;
        while (w->rest.at < w->rest.end && (*w->rest.at == '-' || *w->rest.at == '\'') && w->rest.end - w->rest.at > 1
               && is_letter(w->rest.at[1])) {
            text_byte(out, *w->rest.at++);
            for (run = letters_ahead(w); w->rest.at < run.end; w->rest.at++) text_byte(out, lower(*w->rest.at));
        }
    }
    if (count > 0 && (accepts(w, "=") || accepts(w, ":"))) {
        if (finish_named(w, out->bytes + mark, out->size - mark, out, it)) return 1;
        w->failed = 1;
        return 0;
    }
    if (count > 0 && at_end(w)) return finish_words(w, out, it);
    out->size = mark;
    w->rest = start;
    return 0;
}

/* seven, two thirds, twenty-one apples */
int parse_numeral(work *w, text *out, item *it) {
    span start = w->rest, unit = w->unit;
    int top = w->top, differ = w->units_differ;
    rational number;
    span sign = letters_ahead(w);
    int negative = same_word(sign, "negative") || same_word(sign, "minus");
    value v;
    if (start.at == start.end || !is_letter(*start.at)) return 0;
    if (negative) w->rest.at = sign.end, skip_spaces(w);
    if (!read_numeral(&w->rest, &number)) return w->rest = start, 0;
    if (negative) number.over = -number.over;
    v = parse_units(w, value_of(w, number));
    if (!w->failed && at_end(w)) return finish_value(w, v, out, it);
    w->rest = start;
    w->unit = unit;
    w->units_differ = differ;
    w->top = top;
    w->failed = 0;
    return 0;
}

/* --------------------------------------------------------------- choices */

/* Whether another choice is marked behind the first: A) 5 B) 6 are two answers. */
static int has_another_mark(span s) {
    for (; s.end - s.at > 1; s.at++) {
        if (is_letter(*s.at) && (s.at[1] == ')' || s.at[1] == ':') && !is_letter(s.at[-1])) return 1;
    }
    return 0;
}

/* (C) 5, C) 5, C. 5, C: 5: whether the text of the choice follows its mark. It begins like
 * a number, a formula or a word; (A)(B) and (A)x are products. */
static int is_text_of_choice(span s) {
    span run = s;
    if (s.at == s.end || has_another_mark(s)) return 0;
    while (run.at < run.end && is_letter(*run.at)) run.at++;
    run.end = run.at;
    run.at = s.at;
    return is_digit(*s.at) || *s.at == '-' || starts_with(s, "\\frac") || starts_with(s, "\\sqrt") || starts_with(s, "π")
        || is_word(run);
}

int parse_choice(work *w, text *out) {
    span s = w->rest, word = letters_ahead(w);
    int opens, named = same_word(word, "option") || same_word(word, "choice");
    char letter, mark;
    if (named) s.at = word.end;
    while (named && s.at < s.end && *s.at == ' ') s.at++;
    opens = s.at < s.end && *s.at == '(';
    s.at += opens;
    if (s.at == s.end || !is_letter(*s.at)) return 0;
    letter = *s.at++;
    mark = s.at < s.end ? *s.at : 0;
    if (lower(letter) > 'j' || (letter == 'i' && !named) || (opens && mark != ')')) return 0;
    if (mark == 0) {
        if (letter == 'e' && !named) return 0; /* the number */
    } else {
        if (mark != ')' && mark != '.' && mark != ':') return 0;
        for (s.at++; s.at < s.end && *s.at == ' '; s.at++) {}
        if (s.at < s.end && (!is_upper(letter) || !is_text_of_choice(s))) return 0;
        if (s.at == s.end && letter == 'e' && !opens) return 0;
    }
    text_byte(out, (char)(lower(letter) - 32));
    return 1;
}
