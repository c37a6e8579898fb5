/* SPDX-License-Identifier: Apache-2.0
 *
 * Numbers as they are written: decimals, repeating decimals, powers of ten, mixed numbers.
 */
#include "answers.h"

static int read_digits(span *s, wide *out, int *count) {
    for (; s->at < s->end && is_digit(*s->at); s->at++, ++*count) {
        if (!wide_times(*out, 10, out)) return 0;
        *out += *s->at - '0';
    }
    return 1;
}

/* 0.1\overline{6}: the digits that continue for ever, behind `places` others. */
static int read_repeating(work *w, int places, const char *close, rational *number) {
    wide digits = 0;
    int count = 0;
    rational part, shift = rational_of(10), power;
    if (!read_digits(&w->rest, &digits, &count) || count == 0 || !accepts(w, close)) return 0;
    if (!rational_power(shift, count, &part) || !rational_power(shift, places, &power)) return 0;
    return wide_times(part.over - 1, power.over, &power.over) && rational_reduced(digits, power.over, &part)
        && rational_plus(*number, part, number);
}

/* 0.1666...: a plain repetition says how it goes on, once it is there three times, or twice from
 * the point on. The digits of e, 2.718281828..., are none; what is not plain has no value. */
static int read_ellipsis(work *w, span fraction, rational *number) {
    int size = (int)(fraction.end - fraction.at), period;
    for (period = 1; period <= size / 2; period++) {
        const char *cycle = fraction.end - period, *at = cycle;
        rational part, shift;
        wide digits = 0;
        int times, count = 0, places = size;
        span s;
        while (at - period >= fraction.at && memcmp(at - period, cycle, (size_t)period) == 0) at -= period;
        times = (int)(fraction.end - at) / period;
        if (times < 2 || (times == 2 && at > fraction.at)) continue;
        s.at = cycle, s.end = fraction.end;
        if (!read_digits(&s, &digits, &count) || !rational_power(rational_of(10), period, &part)) return 0;
        if (!rational_power(rational_of(10), places, &shift)) return 0;
        w->rest.at += 3;
        return wide_times(part.over - 1, shift.over, &shift.over) && rational_reduced(digits, shift.over, &part)
            && rational_plus(*number, part, number);
    }
    return 0;
}

/* A decimal with its power of ten. `is_whole` tells of a plain run of digits. */
int read_number(work *w, rational *out, int *is_whole) {
    wide digits = 0, under = 1;
    int count = 0, places = 0, i;
    span fraction;
    if (!read_digits(&w->rest, &digits, &count)) return 0;
    *is_whole = 1;
    fraction.at = fraction.end = w->rest.at;
    if (w->rest.at < w->rest.end && *w->rest.at == '.' && !starts_with(w->rest, "..")) {
        w->rest.at++;
        *is_whole = 0;
        fraction.at = w->rest.at;
        if (!read_digits(&w->rest, &digits, &places)) return 0;
        fraction.end = w->rest.at;
    }
    if (count + places == 0) return 0;
    for (i = 0; i < places; i++) {
        if (!wide_times(under, 10, &under)) return 0;
    }
    if (!rational_reduced(digits, under, out)) return 0;
    if (!*is_whole && starts_with(w->rest, "\\overline{")) {
        w->rest.at += 10;
        return read_repeating(w, places, "}", out);
    }
    if (!*is_whole && starts_with(w->rest, "...")) return read_ellipsis(w, fraction, out);
    if (!*is_whole && starts_with(w->rest, "(") && places == 0) { /* 0.(3) */
        w->rest.at++;
        return read_repeating(w, 0, ")", out);
    }
    /* 0.1(6) repeats for some and multiplies for others. */
    if (!*is_whole && starts_with(w->rest, "(") && w->rest.end - w->rest.at > 1 && is_digit(w->rest.at[1])) return 0;
    if (w->rest.end - w->rest.at >= 2 && lower(*w->rest.at) == 'e') {
        span power = w->rest;
        int sign = power.at[1] == '-' ? -1 : 1, size = 0;
        wide exponent = 0;
        rational ten = rational_of(10);
        power.at += power.at[1] == '-' || power.at[1] == '+' ? 2 : 1;
        if (!read_digits(&power, &exponent, &size)) return 0;
        if (size == 0) return 1; /* the number e */
        if (out->over == 0 && size > 0) return w->rest = power, 1;
        if (exponent > 60 || !rational_power(ten, sign * (int)exponent, &ten) || !rational_times(*out, ten, out)) return 0;
        w->rest = power;
        *is_whole = 0;
    }
    return 1;
}

static int literal_argument(span *s, wide *out) {
    int count = 0;
    *out = 0;
    while (s->at < s->end && *s->at == ' ') s->at++;
    if (s->at < s->end && *s->at == '{') {
        s->at++;
        if (!read_digits(s, out, &count) || count == 0 || s->at == s->end || *s->at != '}') return 0;
        s->at++;
        return 1;
    }
    if (s->at == s->end || !is_digit(*s->at)) return 0;
    *out = *s->at++ - '0';
    return 1;
}

/* After a whole number: the fraction of a mixed number, 1\frac{2}{3} or 1 2/3. It is added. */
void read_mixed(work *w, rational *number) {
    span s = w->rest;
    wide over = 0, under = 0;
    int spaced = s.at < s.end && *s.at == ' ', count = 0, below = 0;
    rational part;
    if (read_and_part(&s, &part)) { /* 5 and a half */
        if (!rational_plus(*number, part, number)) fail(w);
        w->rest = s;
        return;
    }
    while (s.at < s.end && *s.at == ' ') s.at++;
    if (starts_with(s, "\\frac")) {
        s.at += 5;
        if (!literal_argument(&s, &over) || !literal_argument(&s, &under)) return;
    } else {
        if (!spaced || !read_digits(&s, &over, &count) || count == 0 || s.at == s.end || *s.at++ != '/') return;
        if (!read_digits(&s, &under, &below) || below == 0) return;
    }
    /* 2 7/3 is neither a mixed number nor a product. */
    if (over >= under || !rational_reduced(over, under, &part) || !rational_plus(*number, part, number)) fail(w);
    w->rest = s;
}
