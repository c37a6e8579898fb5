/* SPDX-License-Identifier: Apache-2.0
 *
 * What the plugin offers. All of these functions are pure, allocate nothing, do not depend on the locale
 * and take any bytes. An answer that is found points into the text.
 */
#ifndef STRATAGEM_MATH_ANSWERS_FUNCTIONS_H
#define STRATAGEM_MATH_ANSWERS_FUNCTIONS_H

#include "answers.h"
#include "stratagem.h"

/* extract.c: where in a text; told.c, line.c, stated.c, sentence.c: what it says there; number.c: the last number */
int32_t extract_gsm8k(const char *text, uint64_t size, stg_str *answer);
int32_t extract_gsm8k_last(const char *text, uint64_t size, stg_str *answer);
int32_t extract_boxed(const char *text, uint64_t size, stg_str *answer);
int32_t extract_math(const char *text, uint64_t size, stg_str *answer);
int32_t extract_math_first(const char *text, uint64_t size, stg_str *answer);
int32_t extract_last_number(const char *text, uint64_t size, stg_str *answer);

/* The last number of `s`; empty if there is none. */
span last_number(span s);
/* line.c */
static inline span nothing(void) { return span_of(NULL, 0); }
/* The beginning of `s` that an answer may fill. */
span bounded(span s);
/* `s` to the end of its line, or of what the model said. */
span line_of(span s);
int is_end_mark(span s);
/* Without Markdown, dollars, math brackets and full stops at both ends. */
span undressed(span s);
/* The same for what stood in dollars or math brackets, where ! is a factorial. */
span undressed_formula(span s);
/* Reads past the formula that `s` begins with: $…$, $$…$$, \(…\), \[…\]; 0 if there is none. */
int read_formula(span *s, span *inside);

/* told.c */
/* The last or the first "the answer is"; `is_sure` is set if what follows has the form of an answer. */
span find_told(span s, int first, int *is_sure);

/* stated.c */
/* What a sentence says that begins with its answer, or that holds one number. */
span stated(span s);
/* The letters that `s` begins with. */
span first_word(span s);
/* The number that `s` begins with if nothing but words follows it; else all of `s`. */
span without_words(span s);
/* Without "approximately" and the like in front. */
span without_hedges(span s);
/* The letter of the choice that `s` begins with if its text follows, or why it is right; else all of `s`. */
span chosen(span s);
/* A, (A) */
int is_choice(span s);

/* sentence.c */
/* The result of a computation, 12 of 3 * 4 = 12; else all of `s`. */
span computed(span s);
/* The exact one of two values, 2√3 of 2√3 ≈ 3.46; else all of `s`. */
span without_approximation(span s);
/* The only number or formula of a sentence in words; else all of `s`. */
span only_item(span s);
/* Whether `s` has a number, a formula, or a word that answers questions; the second: it speaks about an answer. */
int is_definite(span s);
int is_remark(span s);
/* Whether it is the title of a part of the solution: Step 1. */
int is_title(span s);

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
