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
/* Whether a run of bare letters is a word (cm, no, even) and not a product (xy). */
int is_word(span run);
/* Whether a word says more than a unit does, so that it may not be dropped: or, base, no. */
int is_telling(span word);
/* The factor that "million" or "dozen" stands for; 0 for another word. */
int64_t scale_of(span word);
/* The number that "seven" names; -1 for another word. */
int64_t number_named(span word);
int same_word(span word, const char *lower_case);

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
    GENERATOR_INFINITY
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
    int in_call;     /* inside the argument of a function: degrees count */
    int bars;        /* inside |…| */
    int has_infinity;
    int is_number;   /* the answer is one rational number, or the letter of a choice */
    int plain;       /* print numbers as decimals if these are finite */
    const char *product_end; /* up to here, bare letters are factors */
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

/* ------------------------------------------------------------ function.c */

/* `name` is one of function_names; `base` is the base of "log", or NULL. */
value value_call(work *w, const char *name, value argument, const value *base);
value value_factorial(work *w, value n);
value value_binomial(work *w, value n, value k);
value value_absolute(work *w, value v);
/* The name of the function that `run` is, or NULL. */
const char *function_named(span run);

/* --------------------------------------------------------------- print.c */

void print_value(const work *w, value v, text *out);
void print_rational(rational r, int plain, text *out);

/* --------------------------------------------------------------- parse.c */

value parse_sum(work *w);
/* A whole formula: a sum, with its fractions joined and units after it. */
value parse_formula(work *w);
void skip_spaces(work *w);
/* Reads `literal` if it is next. */
int accepts(work *w, const char *literal);
span letters_ahead(const work *w);

/* ------------------------------------------------------------- literal.c */

/* A decimal with its power of ten; `is_whole` is set for a plain run of digits. 0 if there is no room. */
int read_number(work *w, rational *out, int *is_whole);
void read_mixed(work *w, rational *number);

/* ----------------------------------------------------------- structure.c */

typedef enum item_kind { ITEM_VALUE, ITEM_PAIR, ITEM_INTERVAL, ITEM_NAMED, ITEM_OTHER } item_kind;

/* A complete item of a list, with its text. */
typedef struct item {
    item_kind kind;
    int at, size; /* of its text */
    int rank;     /* in a sorted list: -infinity 0, a rational 1, anything else 2 */
    rational key; /* of rank 1 */
    char name;    /* of ITEM_NAMED: the letter that has this value */
} item;

/* Reads a whole answer and writes its canonical text. */
int parse_answer(work *w, text *out);
/* One item, written behind what `out` has; 0 if there is none. */
int parse_one(work *w, text *out, item *it);
/* Items with commas, "and", "or" between them; returns how many, 0 on failure. */
int parse_items(work *w, text *out, item items[ITEMS_MAX], int *joined_by_or);
/* Writes a value as an item. */
int finish_value(work *w, value v, text *out, item *it);
/* Replaces the items' texts from `mark` on by one text. Sorted items count once. */
void compose(text *out, int mark, item *items, int count, const char *open, const char *between, const char *close, int sorts);

/* ---------------------------------------------------------------- sets.c */

/* Whether a bracket with more than one element begins here, or a matrix. */
int bracket_follows(work *w);
int parse_bracket(work *w, text *out, item *it);
int parse_set(work *w, text *out, item *it);
/* Everything but these points, as a union of intervals. */
int write_without(text *out, int mark, item *points, int count, item *it);
int finish_interval(text *out, int mark, const item *low, int closed_low, const item *high, int closed_high, item *it);

/* ------------------------------------------------------------ relation.c */

/* `left`, and the relation that follows it. */
int parse_relation(work *w, value left, text *out, item *it);

/* --------------------------------------------------------------- words.c */

/* Answers that are not formulas: 52_8, words, 3:4. Each returns 0 and reads nothing if there is none. */
int parse_based(work *w, text *out, item *it);
int parse_words(work *w, text *out, item *it);
int parse_ratio(work *w, value left, span start, text *out, item *it);

/* ----------------------------------------------------------- canonical.c */

typedef enum equality_kind { EQUALITY_MATH, EQUALITY_NUMERIC } equality_kind;

/* The canonical text of `s`, in `out` or, if it is `s` itself, in `s`. `is_read` is set if it is
 * the text of a value or a word, and not only the text without its formatting. */
span canonical_text(equality_kind kind, span s, text *out, int *is_read);

#endif
