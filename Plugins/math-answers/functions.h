/* SPDX-License-Identifier: Apache-2.0
 *
 * What the plugin offers. All of these functions are pure, allocate nothing, do not depend on the locale
 * and take any bytes. An answer that is found points into the text.
 */
#ifndef STRATAGEM_MATH_ANSWERS_FUNCTIONS_H
#define STRATAGEM_MATH_ANSWERS_FUNCTIONS_H

#include "answers.h"
#include "stratagem.h"

/* extract.c, number.c */
int32_t extract_gsm8k(const char *text, uint64_t size, stg_str *answer);
int32_t extract_gsm8k_last(const char *text, uint64_t size, stg_str *answer);
int32_t extract_boxed(const char *text, uint64_t size, stg_str *answer);
int32_t extract_math(const char *text, uint64_t size, stg_str *answer);
int32_t extract_math_first(const char *text, uint64_t size, stg_str *answer);
int32_t extract_last_number(const char *text, uint64_t size, stg_str *answer);

/* The last number of `s`; empty if there is none. */
span last_number(span s);
/* stated.c */
/* The number that `s` begins with if nothing but words follows it; else all of `s`. */
span without_words(span s);
/* Without "approximately" and the like in front. */
span without_hedges(span s);
/* The letter of the choice that `s` begins with if its text follows, or why it is right; else all of `s`. */
span chosen(span s);

/* math_answers.c */
int32_t equal_math(const char *a, uint64_t a_size, const char *b, uint64_t b_size);
int32_t equal_numeric(const char *a, uint64_t a_size, const char *b, uint64_t b_size);
int32_t equal_exact(const char *a, uint64_t a_size, const char *b, uint64_t b_size);
int32_t canonical_math(const char *answer, uint64_t size, char *buffer, uint64_t capacity, uint64_t *needed);
int32_t canonical_numeric(const char *answer, uint64_t size, char *buffer, uint64_t capacity, uint64_t *needed);
/* The same for answers that are read as a value or a word; those compared by their text alone have no form. */
int32_t canonical_math_strict(const char *answer, uint64_t size, char *buffer, uint64_t capacity, uint64_t *needed);
int32_t canonical_numeric_strict(const char *answer, uint64_t size, char *buffer, uint64_t capacity, uint64_t *needed);

/* aggregate.c */
double aggregate_last(const double *values, uint64_t count);
double aggregate_min(const double *values, uint64_t count);
double aggregate_product(const double *values, uint64_t count);
double aggregate_mean(const double *values, uint64_t count);

#endif
