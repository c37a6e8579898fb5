/* SPDX-License-Identifier: Apache-2.0
 *
 * What the files of this plugin share. An answer goes one way:
 *
 *     text -> clean.c -> parse.c, structure.c -> value.c, power.c, function.c -> print.c -> canonical text
 *
 * Two answers are equal if their canonical texts are the same bytes; so equality is
 * an equivalence. Everything is done in one `work` on the caller's stack: nothing is
 * allocated, nothing outlives the call, and no floating point is used anywhere.
 */
#ifndef STRATAGEM_MATH_ANSWERS_H
#define STRATAGEM_MATH_ANSWERS_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* A longer answer is not read: its bytes are its canonical text. */
#define ANSWER_MAX 1024
/* The space for a canonical text while it is made. */
#define TEXT_MAX 2048

/* A piece of somebody's text: [at, end). */
typedef struct span {
    const char *at, *end;
} span;

/* Not <ctype.h>: its answers depend on the locale. */
static inline int is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
static inline int is_digit(char c) { return c >= '0' && c <= '9'; }
static inline int is_upper(char c) { return c >= 'A' && c <= 'Z'; }
static inline int is_letter(char c) { return is_upper(c) || (c >= 'a' && c <= 'z'); }
static inline char lower(char c) { return is_upper(c) ? (char)(c + 32) : c; }

#define COUNT(array) (sizeof(array) / sizeof *(array))

static inline span trimmed(span s) {
    while (s.at < s.end && is_space(*s.at)) s.at++;
    while (s.at < s.end && is_space(s.end[-1])) s.end--;
    return s;
}

static inline span span_of(const char *text, uint64_t size) {
    span s;
    s.at = size ? text : "";
    s.end = s.at + size;
    return s;
}

static inline int same_bytes(span a, span b) {
    return a.end - a.at == b.end - b.at && (a.at == a.end || memcmp(a.at, b.at, (size_t)(a.end - a.at)) == 0);
}

static inline int starts_with(span s, const char *literal) {
    for (; *literal; literal++, s.at++) {
        if (s.at == s.end || *s.at != *literal) return 0;
    }
    return 1;
}

/* ---------------------------------------------------------------- text.c */

/* A text under construction. Once it is full it stays `full`, and must not be used. */
typedef struct text {
    int size, full;
    char bytes[TEXT_MAX];
} text;

void text_byte(text *t, char c);
void text_add(text *t, span s);
void text_literal(text *t, const char *literal);
void text_integer(text *t, int64_t n);

/* ---------------------------------------------------------- vocabulary.c */

int same_word(span word, const char *lower_case);
int is_one_of(span word, const char *const *lower_case, size_t count);
/* Whether a run of bare letters is a word (cm, no, even) and not a product (xy). */
int is_word(span run);
/* Whether a word behind a value turns it into something else: or, base, no. */
int is_telling(span word);
/* Whether a word tells more than a unit does, so that it stays: loss, noon. The second: when. */
int is_kept(span word);
int is_moment(span word);
/* What "million" or "dozen" multiplies with; 0 for another word. */
int64_t scale_of(span word);
/* The number that "seven" or "seventy" names; -1 for another word. */
int64_t number_named(span word);
/* 5 for fifth and fifths; 0 for another word. */
int part_named(span word);
/* Whether two units have the same letters, but for an s at the end. */
int same_unit(span a, span b);

/* --------------------------------------------------------------- clean.c */

/* Removes formatting: LaTeX spacing, sizes, styles, currency, thousands marks, Unicode
 * variants, units in \text. The parser reads what is left, and if nothing parses, what
 * is left is compared. Returns 0 if there is no room. */
int clean_answer(span s, text *out);

/* ------------------------------------------------------------ rational.c */

__extension__ typedef __int128 wide;

/* over/under, reduced, under > 0, both below 2^120 in size. */
typedef struct rational {
    wide over, under;
} rational;

static inline rational rational_of(int64_t n) {
    rational r = {n, 1};
    return r;
}
static inline int rational_is(rational r, int64_t n) { return r.over == n && r.under == 1; }

/* Each returns 0 where the result has no room (or does not exist). */
int wide_times(wide a, wide b, wide *out);
int rational_reduced(wide over, wide under, rational *out);
int rational_plus(rational a, rational b, rational *out);
int rational_times(rational a, rational b, rational *out);
int rational_inverse(rational a, rational *out);
int rational_power(rational a, int exponent, rational *out);
int rational_compare(rational a, rational b);
void text_wide(text *t, wide n);

/* ------------------------------------------------------------ numerals.c */

/* two hundred and five, two thirds, five and a half: read past, or 0 and nothing read. */
int read_numeral(span *s, rational *out);
/* and a half, and three quarters: behind a whole number. */
int read_and_part(span *s, rational *part);

/* --------------------------------------------------------------- value.c */

/* A value is a sum of terms: rational coefficient times powers of generators. That
 * one form holds rationals, roots, multiples of pi, complex numbers, polynomials. */
typedef enum generator_kind {
    GENERATOR_PRIME, /* with a fractional exponent: a root; otherwise a power too large to write out */
    GENERATOR_PI,
    GENERATOR_E,
    GENERATOR_I,
    GENERATOR_LETTER, /* x, x_1, θ */
    GENERATOR_CALL,   /* sin(x), 2^x, √(x + 1): known by its text */
    GENERATOR_SUM,    /* (x + 1), in a denominator */
    GENERATOR_INFINITY,
    GENERATOR_WORD    /* loss, clockwise: behind the whole value, which it tells more of */
} generator_kind;

typedef struct generator {
    generator_kind kind;
    int at, size; /* its text, in work.names */
    int64_t prime;
} generator;

/* generator^(over/under), never to the power of 0. */
typedef struct factor {
    int16_t generator, over, under;
} factor;

#define FACTORS_MAX 6
typedef struct term {
    rational coefficient; /* never 0 */
    int count;
    factor factors[FACTORS_MAX]; /* in order of their generators */
} term;

/* Terms in order, in work.terms from `first`. None: zero. */
typedef struct value {
    int first, count;
} value;

#define TERMS_MAX 192
#define GENERATORS_MAX 24
#define NAMES_MAX 768
#define DEPTH_MAX 24
#define ITEMS_MAX 24

typedef struct work {
    span rest;       /* what the parser has not read yet */
    const char *start; /* of what the parser reads */
    int failed;      /* the text is not an answer of a known form */
    int depth;       /* of nesting */
    int signs_seen;  /* how many ± have been read in this item … */
    int signs;       /* … and a bit for each: set if it stands for minus */
    int signs_tied;  /* a ∓ came first: the first bit is everyone's */
    int in_call;     /* inside the argument of a function: degrees count */
    int bars;        /* inside |…| */
    int has_infinity;
    int is_number;   /* the answer is one rational number, or the letter of a choice */
    int plain;       /* print numbers as decimals if these are finite */
    const char *product_end; /* up to here, bare letters are factors */
    span unit;       /* the first words that were dropped as a unit */
    int units_differ; /* 3 boys and 5 girls: then the units are part of the answer */
    int top;         /* of terms */
    int generator_count, names_size;
    term terms[TERMS_MAX];
    generator generators[GENERATORS_MAX];
    char names[NAMES_MAX];
} work;

value fail(work *w);
value value_of(work *w, rational r);
value value_named(work *w, generator_kind kind, span name);
value value_prime(work *w, int64_t prime, int over, int under);
value value_plus(work *w, value a, value b, int sign);
value value_times(work *w, value a, value b);
value value_scaled(work *w, value a, rational by);
/* Moves `v` down to `mark`, over the terms that it was made from. */
value value_kept(work *w, int mark, value v);
/* Whether `v` is a rational number, and which. */
int value_rational(const work *w, value v, rational *out);
int value_has(const work *w, value v, generator_kind kind);
/* The generator of the one term 1·g^1; -1 if `v` is anything else. */
int value_generator(const work *w, value v);
int value_holds(const work *w, value v, int generator);
static inline int is_letter_generator(const work *w, int generator) {
    return generator >= 0 && w->generators[generator].kind == GENERATOR_LETTER;
}
int term_times(work *w, const term *a, const term *b, term *out);
void value_add_term(work *w, value *sum, const term *t);
/* The rational of which all coefficients are whole multiples; it has the sign of the first term. */
int value_content(const work *w, value v, rational *out);

/* ------------------------------------------------------------ division.c */

value value_inverse(work *w, value v);
value value_over(work *w, value a, value b);

/* --------------------------------------------------------------- power.c */

value value_power(work *w, value base, value exponent);
value value_power_rational(work *w, value base, rational exponent);
/* The prime factors of n > 0, smallest first; returns how many, -1 if too many or too large. */
#define PRIMES_MAX 16
int prime_factors(wide n, int64_t primes[PRIMES_MAX], int exponents[PRIMES_MAX]);

/* ------------------------------------------------------------ fraction.c */

/* One fraction for a sum of them. */
value value_joined(work *w, value v);
/* A value that has been written into w->names, read again. */
value value_reread(work *w, int at, int size);

/* ------------------------------------------------------------ function.c */

/* `name` is one of function_names; `base` is the base of "log", or NULL. */
value value_call(work *w, const char *name, value argument, const value *base);
/* n!, or n!! with a step of 2. */
value value_factorial(work *w, value n, int step);
value value_binomial(work *w, value n, value k);
value value_absolute(work *w, value v);
/* The whole number below, or above, if `v` is rational; else known by its text. */
value value_rounded(work *w, value v, int up);
/* e^(iπ·part), if that is exact; 0 if it is not. */
int value_turned(work *w, rational part, value *out);
/* The name of the function that `run` is, or NULL. */
const char *function_named(span run);

/* --------------------------------------------------------------- print.c */

void print_value(const work *w, value v, text *out);
void print_rational(rational r, int plain, text *out);

/* --------------------------------------------------------------- parse.c */

value parse_sum(work *w);
/* A whole formula: a sum, with its fractions joined and units after it. */
value parse_formula(work *w);
/* Whether m/s or the like begins here, behind a number. */
int unit_ahead(const work *w);
/* Behind the brackets of 9 (apples), or the word of 5/hour; NULL if neither begins here. */
const char *aside_end(const work *w);
void skip_spaces(work *w);
/* Reads `literal` if it is next. */
int accepts(work *w, const char *literal);
span letters_ahead(const work *w);

/* ------------------------------------------------------------- letters.c */

/* `letter` with the index behind it. */
value parse_letter(work *w, span letter);
/* The size of the Greek letter that `s` begins with; 0 if it does not. */
int greek_size(span s);
/* Whether a letter in `s` would be read as a function if `bracket` followed. */
int has_function_letter(span s, span bracket);
/* NE, HT, AB: capitals stand in their order, as a direction, a toss or a segment; they are no product. */
int is_capital_name(span run);
/* Whether (f + g)(x) or the like begins here. */
int function_sum_ahead(const work *w);
/* Whether the th of 4th begins here, behind a number. */
int ordinal_ahead(const work *w);
/* The size of the derivative that `s` begins with: dy/dx or \frac{dy}{dx}; 0 if there is none. */
int derivative_size(span s);
value parse_derivative(work *w);

/* ------------------------------------------------------------- literal.c */

/* A decimal with its power of ten; `is_whole` is set for a plain run of digits. 0 if there is no room. */
int read_number(work *w, rational *out, int *is_whole);
void read_mixed(work *w, rational *number);

/* ----------------------------------------------------------- canonical.c */

typedef enum equality_kind { EQUALITY_MATH, EQUALITY_NUMERIC } equality_kind;

/* The canonical text of `s`, in `out` or, if it is `s` itself, in `s`. `is_read` is set if it is
 * the text of a value or a word, and not only the text without its formatting. */
span canonical_text(equality_kind kind, span s, text *out, int *is_read);

#endif
