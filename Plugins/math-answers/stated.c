/* SPDX-License-Identifier: Apache-2.0
 *
 * An answer in a sentence: without the words before a number and behind it, or the letter of a choice.
 */
#include "functions.h"

static void skip_digits(span *s) {
    while (s->at < s->end && is_digit(*s->at)) s->at++;
}

/* Reads past a number with thousands, point and exponent, or a fraction, or both. */
static int skip_number(span *s) {
    const char *start;
    if (starts_with(*s, "-") || starts_with(*s, "+")) s->at++;
    else if (starts_with(*s, "−")) s->at += 3;
    while (s->at < s->end && (*s->at == '$' || starts_with(*s, "\\$") || is_space(*s->at))) s->at += *s->at == '\\' ? 2 : 1;
    start = s->at;
    skip_digits(s);
    while (s->at > start) {
        span group = *s;
        if (starts_with(group, "{,}")) group.at += 3;
        else if (starts_with(group, ",\\!")) group.at += 3;
        else if (starts_with(group, ",")) group.at += 1;
        else break;
        skip_digits(&group);
        if (!is_digit(group.at[-1])) break;
        *s = group;
    }
    if (starts_with(*s, ".")) {
        span fraction = *s;
        fraction.at++;
        skip_digits(&fraction);
        if (is_digit(fraction.at[-1])) *s = fraction;
    }
    return s->at > start;
}

/* Whether the words behind a number change what it says: 3 or 4, 5 million, 12 in base 8, 3 fifths, 5 March. */
static int goes_on(span word, span rest) {
    return same_word(word, "or") || same_word(word, "and") || same_word(word, "base") || same_word(word, "mod")
        || same_word(word, "to") || is_moment(word) || scale_of(word) != 0 || part_named(word) != 0
        || starts_with(rest, "in base");
}

static span first_word(span s) {
    span word = s;
    while (word.at < word.end && is_letter(*word.at)) word.at++;
    word.end = word.at;
    word.at = s.at;
    return word;
}

span without_words(span s) {
    span rest = s, number = s, word;
    if (!skip_number(&rest)) return s;
    number.end = rest.at;
    rest = trimmed(rest);
    if (rest.at < rest.end && is_digit(*rest.at) && is_space(rest.at[-1])) skip_digits(&rest); /* 1 1/2 */
    if (starts_with(rest, "/") && rest.end - rest.at > 1 && is_digit(rest.at[1])) {
        rest.at++;
        skip_digits(&rest);
        number.end = rest.at;
        rest = trimmed(rest);
    }
    if (rest.at == rest.end) return s;
    if (*rest.at == '%' || *rest.at == '*' || *rest.at == '#' || starts_with(rest, "\\%")) return number;
    if (starts_with(rest, "\\boxed") || starts_with(rest, "\\fbox")) return number;
    if ((*rest.at == ',' || *rest.at == ';') && rest.end - rest.at > 2 && is_space(rest.at[1])) rest.at += 2; /* 5, so … */
    if (!is_space(rest.at[-1])) return s;
    if (*rest.at == '(') rest.at++; /* 12 (twelve) */
    word = first_word(rest);
    return word.end - word.at < 2 || goes_on(word, rest) ? s : number;
}

/* ------------------------------------------------------- words in front */

span without_hedges(span s) {
    static const char *const hedges[] = {
        "about", "approximately", "approx", "roughly", "around", "nearly", "almost", "exactly", "precisely", "therefore",
        "thus", "hence", "then", "simply", "just", "clearly", "indeed", "equal", "equals", "also",
    };
    for (;;) {
        span word = first_word(s), rest = s;
        size_t i;
        rest.at = word.end;
        for (i = 0; i < sizeof hedges / sizeof *hedges && !same_word(word, hedges[i]); i++) {}
        if (i == sizeof hedges / sizeof *hedges) return s;
        while (rest.at < rest.end && (*rest.at == ',' || *rest.at == '.' || *rest.at == ':')) rest.at++;
        if (rest.at == rest.end || !is_space(*rest.at)) return s;
        rest = trimmed(rest);
        if (rest.at == rest.end) return s;
        if (same_word(word, "equal") && same_word(first_word(rest), "to")) rest.at += 2, rest = trimmed(rest);
        s = rest;
    }
}

/* --------------------------------------------------------------- choices */

/* Whether another choice is marked in `s`: A) 5 and B) 6 are two answers. */
static int has_another_mark(span s) {
    for (; s.end - s.at > 2; s.at++) {
        if (is_upper(s.at[1]) && s.at[2] == ')' && !is_letter(s.at[0])) return 1;
    }
    return 0;
}

static int explains(span s) {
    static const char *const words[] = {"because", "since", "as", "due", "which", "for"};
    size_t i;
    if (s.at < s.end && *s.at == ',') s.at++;
    s = trimmed(s);
    for (i = 0; i < sizeof words / sizeof *words; i++) {
        if (same_word(first_word(s), words[i])) return 1;
    }
    return 0;
}

span chosen(span s) {
    span rest = s, choice, word = first_word(s);
    int opens;
    if (same_word(word, "option") || same_word(word, "choice")) rest.at = word.end;
    rest = trimmed(rest);
    opens = starts_with(rest, "(");
    choice = rest;
    rest.at += opens;
    if (rest.at == rest.end || !is_upper(*rest.at) || *rest.at > 'H') return s;
    rest.at++;
    if (opens ? !starts_with(rest, ")") : 0) return s;
    choice.end = rest.at + opens;
    if (starts_with(rest, ")")) {
        rest.at++;
        return rest.at == rest.end || (opens && !is_space(*rest.at)) || has_another_mark(rest) ? s : choice;
    }
    if (starts_with(rest, ":") && rest.end - rest.at > 1 && is_space(rest.at[1])) return choice;
    return rest.at < rest.end && (is_space(*rest.at) || *rest.at == ',') && explains(rest) ? choice : s;
}
