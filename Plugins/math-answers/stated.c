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
    while (s->at < s->end && (*s->at == '$' || starts_with(*s, "\\$") || is_space(*s->at))) {
        s->at += *s->at == '\\' ? 2 : 1;
    }
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

span first_word(span s) {
    span word = s;
    while (word.at < word.end && is_letter(*word.at)) word.at++;
    word.end = word.at;
    word.at = s.at;
    return word;
}

/* 18 and that is all; 18 to be exact; 18, or so */
static int is_clause(span word) {
    static const char *const words[] = {
        "that", "this", "it", "he", "she", "they", "we", "there", "the", "so", "be", "is",
    };
    return is_one_of(word, words, COUNT(words));
}

/* Whether the words behind a number change what it says: 3 or 4, 5 million, 12 in base 8, 3 fifths, 5 March. */
static int goes_on(span word, span rest) {
    span next = rest;
    next.at = word.end;
    next = first_word(trimmed(next));
    if (is_clause(next) && (same_word(word, "and") || same_word(word, "to") || same_word(word, "or"))) return 0;
    return same_word(word, "or") || same_word(word, "and") || same_word(word, "base") || same_word(word, "mod")
        || same_word(word, "to") || is_moment(word) || scale_of(word) != 0 || part_named(word) != 0
        || starts_with(rest, "in base");
}

static span after_byte(span s) {
    s.at++;
    return s;
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
    if (*rest.at == '/' && first_word(after_byte(rest)).end - rest.at > 2) return number; /* 18/day */
    if (*rest.at == '%' || *rest.at == '*' || *rest.at == '#' || starts_with(rest, "\\%")) return number;
    if (starts_with(rest, "\\boxed") || starts_with(rest, "\\fbox")) return number;
    if ((*rest.at == ',' || *rest.at == ';') && rest.end - rest.at > 2 && is_space(rest.at[1])) rest.at += 2;
    if (!is_space(rest.at[-1])) return s;
    if (*rest.at == '(') rest.at++; /* 12 (twelve) */
    else if (starts_with(rest, "- ")) rest.at += 2; /* 7 - that is all */
    else if (starts_with(rest, "— ") || starts_with(rest, "– ")) rest.at += 4;
    word = first_word(rest);
    return word.end - word.at < 2 || goes_on(word, rest) ? s : number;
}

/* [18]: a number in brackets is no point. */
static span unbracketed(span s) {
    span inside = s, rest;
    if (s.end - s.at < 3 || *s.at != '[' || s.end[-1] != ']') return s;
    inside.at++;
    inside.end--;
    inside = rest = undressed(inside);
    return skip_number(&rest) && rest.at == rest.end ? inside : s;
}

/* ------------------------------------------------------- words in front */

static span without_signs(span s) {
    static const char *const signs[] = {"≈", "\\approx", "~", "="};
    size_t i;
    for (i = 0; i < sizeof signs / sizeof *signs; i++) {
        span rest = s;
        if (!starts_with(s, signs[i])) continue;
        rest.at += strlen(signs[i]);
        rest = trimmed(rest);
        return rest.at < rest.end && (is_digit(*rest.at) || memchr("$\\-.", *rest.at, 4) != NULL) ? rest : s;
    }
    return s;
}

span without_hedges(span s) {
    static const char *const hedges[] = {
        "about", "approximately", "approx", "roughly", "around", "nearly", "almost", "exactly", "precisely",
        "therefore", "thus", "hence", "then", "simply", "just", "clearly", "indeed", "equal", "equals", "also",
    };
    for (;;) {
        span word, rest;
        s = without_signs(s);
        word = first_word(s);
        rest = s;
        rest.at = word.end;
        if (!is_one_of(word, hedges, COUNT(hedges))) return s;
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
    static const char *const words[] = {"because", "since", "as", "due", "which", "for", "not"};
    s = trimmed(s);
    if (s.at < s.end && (*s.at == ',' || *s.at == '(' || *s.at == ';')) s.at++;
    return is_one_of(first_word(trimmed(s)), words, COUNT(words));
}

/* B, 5 cm and B - 5 cm and B (5 cm): the text of a choice; but B, C and F (x) and A (base 16). */
static int is_set_off(span s) {
    span text = trimmed(s), word;
    if (text.end - text.at < 3) return 0;
    if (*text.at == ',' && is_space(text.at[1])) return is_digit(text.at[2]);
    if (*text.at == '-' && is_space(*s.at) && is_space(text.at[1])) return text.end - text.at > 3;
    if (!is_space(*s.at) || *text.at != '(' || text.end[-1] != ')') return 0;
    text.at++;
    word = first_word(text);
    return !is_letter(*text.at) || (word.end - word.at > 1 && !same_word(word, "base"));
}

span chosen(span s) {
    span rest = s, choice, word = first_word(s);
    int opens, named = same_word(word, "option") || same_word(word, "choice");
    if (named) rest.at = word.end;
    rest = trimmed(rest);
    opens = starts_with(rest, "(");
    choice = rest;
    rest.at += opens;
    if (rest.at == rest.end || !is_upper(*rest.at) || *rest.at > 'J') return s;
    rest.at++;
    if (opens ? !starts_with(rest, ")") : 0) return s;
    choice.end = rest.at + opens;
    if (rest.at[-1] > 'H') { /* I and J are choices where their brackets say so, and are read without them */
        if (!starts_with(rest, ")")) return s;
        choice.at += opens;
        choice.end -= opens;
    }
    if (starts_with(rest, ")")) {
        rest.at++;
        if (rest.at == rest.end) return *choice.at > 'H' ? choice : s;
        if (has_another_mark(rest) && !explains(rest)) return s;
        return !opens || is_space(*rest.at) || *rest.at == ':' || explains(rest) || is_set_off(rest) ? choice : s;
    }
    if (rest.at == rest.end) return named ? choice : s;
    if (starts_with(rest, ":") && rest.end - rest.at > 1 && is_space(rest.at[1])) return choice;
    return (is_space(*rest.at) || *rest.at == ',') && (explains(rest) || is_set_off(rest)) ? choice : s;
}

int is_choice(span s) {
    if (s.end - s.at == 3 && *s.at == '(' && s.end[-1] == ')') s.at++, s.end--;
    return s.end - s.at == 1 && is_upper(*s.at) && *s.at <= 'J';
}

/* ------------------------------------------------------------ sentences */

/* the point (2, 3), the interval [0, 1): without the words that say what it is. */
static span without_noun(span s) {
    static const char *const nouns[] = {
        "the", "ordered", "point", "pair", "triple", "interval", "set", "vector", "matrix", "number", "fraction",
        "value",
    };
    span rest = s;
    for (;;) {
        span word = first_word(rest);
        if (word.at == word.end) return rest.at < rest.end && memchr("([{\\$", *rest.at, 5) != NULL ? rest : s;
        if (!is_one_of(word, nouns, COUNT(nouns))) return s;
        rest.at = word.end;
        if (rest.at == rest.end || !is_space(*rest.at)) return s;
        rest = trimmed(rest);
    }
}

span stated(span s) {
    span choice, result;
    s = undressed(without_hedges(undressed(s)));
    choice = chosen(s);
    if (choice.end < s.end || choice.at > s.at) return choice;
    s = without_noun(s);
    result = s;
    result.at = without_words(s).end;
    if (result.at < s.end && explains(result)) return without_words(s); /* 7 (since 3 + 4 = 7) */
    result = computed(without_approximation(s));
    s = undressed(without_hedges(only_item(undressed(result))));
    return unbracketed(without_words(s));
}
