/* SPDX-License-Identifier: Apache-2.0
 *
 * The last number of a running text.
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

static int is_short_fraction(span s) {
    if (s.end > s.at && s.end[-1] == ' ') s.end--;
    return ends_with(s, "\\frac") || ends_with(s, "\\dfrac") || ends_with(s, "\\tfrac");
}

/* 2\sqrt{3}, \sqrt[3]{5}, \sqrt7: where it begins, for a number that begins at `s.end`. */
static const char *root_start(span s, const char **end, const char *text_end) {
    const char *start = s.end;
    int is_braced = ends_with(s, "{");
    s.end -= is_braced;
    if (is_braced && (*end == text_end || **end != '}')) return start;
    if (ends_with(s, "]")) {
        const char *close = s.end;
        while (s.end > s.at && close - s.end < 8 && s.end[-1] != '[') s.end--;
        if (s.end == s.at || s.end[-1] != '[') return start;
        s.end--;
    }
    if (!ends_with(s, "\\sqrt")) return start;
    if (!is_braced && *end - start != 1) return start; /* \sqrt12 is √1·2 */
    *end += is_braced;
    s.end -= 5;
    return s.end > s.at && is_digit(s.end[-1]) ? decimal_start(s) : s.end;
}

/* \frac{…}{b} with its mixed number: where it begins, for a b that begins at `s.end`. */
static const char *fraction_start(span s, const char **end, const char *text_end) {
    const char *start = s.end;
    int depth = 0;
    if (is_short_fraction(s)) { /* \frac34 */
        if (*end - start != 2) return start;
        while (*--s.end != '\\') {}
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
    {
        span whole = s; /* 2\frac{1}{3}, 2 \frac{1}{3} */
        while (whole.end > whole.at && whole.end[-1] == ' ') whole.end--;
        start = whole.end;
        while (whole.end > whole.at && is_digit(whole.end[-1])) whole.end--;
        return whole.end < start ? whole.end : s.end;
    }
}

/* 1 1/2: where the whole number begins that stands before a fraction smaller than one. */
static const char *mixed_start(span s, span fraction) {
    span whole = s;
    const char *slash = fraction.at;
    int digits = 0;
    while (slash < fraction.end && is_digit(*slash)) slash++;
    if (slash == fraction.end || fraction.end - slash - 1 < slash - fraction.at) return s.end;
    digits = (int)(slash - fraction.at);
    if (fraction.end - slash - 1 == digits && memcmp(fraction.at, slash + 1, (size_t)digits) >= 0) return s.end;
    digits = 0;
    if (whole.end == whole.at || whole.end[-1] != ' ') return s.end;
    whole.end--;
    for (; whole.end > whole.at && is_digit(whole.end[-1]); whole.end--) digits++;
    if (digits == 0 || digits > 3) return s.end;
    if (whole.end - whole.at > 1 && memchr(".,/:-", whole.end[-1], 5) && is_digit(whole.end[-2])) return s.end;
    return whole.end;
}

/* The text before the last run like 1.2.3, which is no number, if `s` ends with one; else all of `s`. */
static span before_version(span s) {
    span rest = s;
    int points = 0;
    while (rest.end > rest.at && (is_digit(rest.end[-1]) || (rest.end[-1] == '.' && rest.end < s.end && is_digit(*rest.end)))) {
        points += *--rest.end == '.';
    }
    return points > 1 && is_digit(*rest.end) ? rest : s;
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
    for (;;) {
        span rest;
        while (s.end > s.at && !is_digit(s.end[-1])) s.end--;
        rest = before_version(s);
        if (rest.end == s.end) break;
        s = rest;
    }
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
        if (number.at == before.end) number.at = root_start(before, &number.end, text_end);
        before.end = number.at;
    }
    if (before.end - before.at >= 2 && before.end[-1] == '/' && is_digit(before.end[-2])) { /* 3/4, but no date */
        const char *over;
        before.end--;
        over = decimal_start(before);
        before.end = over;
        if (over == before.at || over[-1] != '/') number.at = over;
        before.end = number.at;
        number.at = before.end = mixed_start(before, number);
    }
    number.at = sign_start(before);
    return number;
}
