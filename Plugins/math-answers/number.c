/* SPDX-License-Identifier: Apache-2.0
 *
 * Numbers in running text: the last one, and one with words after it.
 */
#include "functions.h"

static int ends_with(span s, const char *literal) {
    ptrdiff_t size = (ptrdiff_t)strlen(literal);
    return s.end - s.at >= size && memcmp(s.end - size, literal, (size_t)size) == 0;
}

/* The size of a mark between thousands that `s` ends with: , {,} ,\! and 0 if none. */
static int thousands_mark_before(span s) {
    static const char *const marks[] = {"{,}", ",\\!", ","};
    size_t i;
    for (i = 0; i < sizeof marks / sizeof *marks; i++) {
        ptrdiff_t size = (ptrdiff_t)strlen(marks[i]);
        if (ends_with(s, marks[i]) && s.end - size > s.at && is_digit(s.end[-size - 1])) return (int)size;
    }
    return 0;
}

/* From the digit before `s.end` to the left: digits, thousands in groups of three, one
 * point. Returns where the number begins. */
static const char *decimal_start(span s) {
    const char *end = s.end;
    int group = 0, has_fraction = 0, mark;
    while (s.end > s.at) {
        char c = s.end[-1];
        if (is_digit(c)) {
            group++;
            s.end--;
        } else if (c == '.' && !has_fraction && group > 0 && group == end - s.end) {
            int digit_before = s.end - s.at >= 2 && is_digit(s.end[-2]);
            if (!digit_before) { /* .5, but not the end of a sentence before 5 */
                if (s.end - s.at < 2 || is_space(s.end[-2]) || s.end[-2] == '$') s.end--;
                break;
            }
            has_fraction = 1;
            group = 0;
            s.end--;
        } else if (group == 3 && (mark = thousands_mark_before(s)) > 0) {
            group = 0;
            s.end -= mark;
        } else break;
    }
    return s.end;
}

/* 2.5e6: where the number begins, given that its exponent begins at `s.end`. */
static const char *mantissa_start(span s) {
    span rest = s;
    if (rest.end > rest.at && (rest.end[-1] == '-' || rest.end[-1] == '+')) rest.end--;
    if (rest.end - rest.at < 2 || lower(rest.end[-1]) != 'e' || !is_digit(rest.end[-2])) return s.end;
    rest.end--;
    return decimal_start(rest);
}

/* \frac{…}{b} with its mixed number: where it begins, for a b that begins at `s.end`. */
static const char *fraction_start(span s, const char **end, const char *text_end) {
    const char *start = s.end;
    int depth = 0;
    if (ends_with(s, "\\frac") || ends_with(s, "\\frac ")) { /* \frac34 */
        if (*end - start != 2) return start;
        while (s.end[-1] != '\\') s.end--;
        s.end--;
    } else {
        if (!ends_with(s, "}{") || *end == text_end || **end != '}') return start;
        s.end -= 1;
        do {
            s.end--;
            depth += *s.end == '}' ? 1 : *s.end == '{' ? -1 : 0;
        } while (depth > 0 && s.end > s.at && *s.end != '\n');
        if (depth != 0 || !ends_with(s, "frac")) return start;
        s.end -= 4;
        if (s.end > s.at && (s.end[-1] == 'd' || s.end[-1] == 't')) s.end--;
        if (s.end == s.at || s.end[-1] != '\\') return start;
        s.end--;
        (*end)++;
    }
    while (s.end > s.at && is_digit(s.end[-1])) s.end--;
    return s.end;
}

/* A minus without a word or number before it. */
static const char *sign_start(span s) {
    const char *minus = s.end;
    int is_operator;
    char before;
    if (ends_with(s, "-")) minus -= 1;
    else if (ends_with(s, "−")) minus -= 3;
    else return s.end;
    before = minus > s.at ? minus[-1] : ' ';
    is_operator = is_digit(before) || is_letter(before) || before == ')' || before == '}' || (unsigned char)before >= 0x80;
    return is_operator ? s.end : minus;
}

span last_number(span s) {
    span number, before = s;
    while (s.end > s.at && !is_digit(s.end[-1])) s.end--;
    number.end = before.end;
    before.end = s.end;
    number.at = decimal_start(before);
    if (number.at == before.end) return span_of(NULL, 0);
    {
        const char *text_end = number.end;
        number.end = s.end;
        before.end = number.at;
        number.at = mantissa_start(before);
        before.end = number.at;
        number.at = fraction_start(before, &number.end, text_end);
        before.end = number.at;
    }
    if (before.end - before.at >= 2 && before.end[-1] == '/' && is_digit(before.end[-2])) { /* 3/4, but no date */
        const char *over;
        before.end--;
        over = decimal_start(before);
        before.end = over;
        if (over == before.at || over[-1] != '/') number.at = over;
        before.end = number.at;
    }
    number.at = sign_start(before);
    return number;
}

/* ------------------------------------------------------- words behind a number */

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

/* Whether the words after a number change its meaning: 3 or 4, 5 million, 12 in base 8. */
static int goes_on(span word, span rest) {
    return same_word(word, "or") || same_word(word, "and") || same_word(word, "base") || same_word(word, "mod")
        || same_word(word, "am") || same_word(word, "pm") || scale_of(word) != 0 || starts_with(rest, "in base");
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
    if (!is_space(rest.at[-1])) return s;
    word = rest;
    while (word.at < word.end && is_letter(*word.at)) word.at++;
    word.end = word.at;
    word.at = rest.at;
    return word.end - word.at < 2 || goes_on(word, rest) ? s : number;
}
