/* SPDX-License-Identifier: Apache-2.0
 *
 * Exact fractions of 120 bits. A result that does not fit is refused, never rounded.
 */
#include "answers.h"

static const wide limit = (wide)1 << 120;

static wide size_of(wide n) { return n < 0 ? -n : n; }

int wide_times(wide a, wide b, wide *out) {
    wide x = size_of(a), y = size_of(b);
    if ((x | y) >> 59 && y != 0 && x > limit / y) return 0;
    *out = a * b;
    return size_of(*out) < limit;
}

/* Most numbers are small, and dividing 128 bits is slow. */
static wide common_divisor(wide a, wide b) {
    uint64_t x, y;
    while ((a | b) >> 63) {
        wide rest;
        if (b == 0) return a;
        rest = a % b;
        a = b;
        b = rest;
    }
    x = (uint64_t)a;
    y = (uint64_t)b;
    while (y != 0) {
        uint64_t rest = x % y;
        x = y;
        y = rest;
    }
    return x;
}

int rational_reduced(wide over, wide under, rational *out) {
    wide divisor;
    if (under == 0) return 0;
    if (under != 1) {
        divisor = common_divisor(size_of(over), size_of(under));
        if (under < 0) divisor = -divisor;
        if (divisor != 1) {
            over /= divisor;
            under /= divisor;
        }
    }
    out->over = over;
    out->under = under;
    return size_of(over) < limit && under < limit;
}

int rational_plus(rational a, rational b, rational *out) {
    wide left, right, under;
    if (a.under == 1 && b.under == 1) return rational_reduced(a.over + b.over, 1, out);
    return wide_times(a.over, b.under, &left) && wide_times(b.over, a.under, &right)
        && wide_times(a.under, b.under, &under) && rational_reduced(left + right, under, out);
}

int rational_times(rational a, rational b, rational *out) {
    rational x, y; /* reduced crosswise first, so that less overflows */
    if (a.under == 1 && b.under == 1) return out->under = 1, wide_times(a.over, b.over, &out->over);
    if (!rational_reduced(a.over, b.under, &x) || !rational_reduced(b.over, a.under, &y)) return 0;
    return wide_times(x.over, y.over, &out->over) && wide_times(x.under, y.under, &out->under);
}

int rational_inverse(rational a, rational *out) { return rational_reduced(a.under, a.over, out); }

int rational_power(rational a, int exponent, rational *out) {
    rational result = rational_of(1);
    if (exponent < 0) {
        if (!rational_inverse(a, &a)) return 0;
        exponent = -exponent;
    }
    if (rational_is(a, -1)) exponent %= 2;
    if (rational_is(a, 0) && exponent == 0) return 0;
    for (; exponent > 0; exponent /= 2) {
        if (exponent % 2 && !rational_times(result, a, &result)) return 0;
        if (rational_is(a, 1) || rational_is(a, 0)) break;
        if (exponent > 1 && !rational_times(a, a, &a)) return 0;
    }
    *out = result;
    return 1;
}

/* Compares the whole parts of continued fractions, because cross products might not fit. */
int rational_compare(rational a, rational b) {
    int sign = 1;
    for (;;) {
        wide p = a.over / a.under, q = b.over / b.under, rest;
        if (a.over % a.under < 0) p--;
        if (b.over % b.under < 0) q--;
        if (p != q) return p < q ? -sign : sign;
        a.over -= p * a.under;
        b.over -= q * b.under;
        if (a.over == 0 || b.over == 0) return a.over == b.over ? 0 : a.over == 0 ? -sign : sign;
        rest = a.over, a.over = a.under, a.under = rest;
        rest = b.over, b.over = b.under, b.under = rest;
        sign = -sign;
    }
}

void text_wide(text *t, wide n) {
    char digits[48];
    int count = 0;
    uint64_t small;
    if (n < 0) text_byte(t, '-');
    n = size_of(n);
    for (; n >> 63; n /= 10) digits[count++] = (char)('0' + (int)(n % 10));
    small = (uint64_t)n;
    do digits[count++] = (char)('0' + small % 10); while ((small /= 10) != 0);
    while (count > 0) text_byte(t, digits[--count]);
}
