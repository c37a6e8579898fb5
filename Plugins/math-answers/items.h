/* SPDX-License-Identifier: Apache-2.0
 *
 * Items: what is complete and can be listed, known by its text.
 */
#ifndef STRATAGEM_MATH_ANSWERS_ITEMS_H
#define STRATAGEM_MATH_ANSWERS_ITEMS_H

#include "answers.h"

typedef enum item_kind { ITEM_VALUE, ITEM_PAIR, ITEM_INTERVAL, ITEM_SET, ITEM_WORDS, ITEM_OTHER } item_kind;

typedef struct item {
    item_kind kind;
    int at, size; /* of its text */
    int rank;     /* in a sorted list: -infinity 0, a rational 1, anything else 2 */
    rational key; /* of rank 1 */
    int name;     /* the generator whose value this is: x in x = 5; -1 if it has no name */
} item;

static inline void item_begin(item *it, item_kind kind, int rank, const text *out) {
    memset(it, 0, sizeof *it);
    it->kind = kind;
    it->rank = rank;
    it->at = out->size;
    it->name = -1;
}
static inline int item_end(item *it, const text *out) {
    it->size = out->size - it->at;
    return !out->full;
}
static inline span item_text(const item *it, const text *out) { return span_of(out->bytes + it->at, (uint64_t)it->size); }

/* ----------------------------------------------------------- structure.c */

/* Reads a whole answer and writes its canonical text. */
int parse_answer(work *w, text *out);
/* One item, written behind what `out` has; 0 if there is none. */
int parse_one(work *w, text *out, item *it);
/* f(x) = : a name for what follows, read past. */
span skip_function_name(work *w);
/* The generator that stands for a name: f(2), area. */
int name_for(work *w, span name);
/* Writes a value as an item. */
int finish_value(work *w, value v, text *out, item *it);

/* --------------------------------------------------------------- lists.c */

/* What stands between items, as bits. */
enum { JOINED_BY_COMMA = 1, JOINED_BY_AND = 2, JOINED_BY_OR = 4 };

/* Items with commas, "and", "or" between them; returns how many, 0 on failure. */
int parse_items(work *w, text *out, item items[ITEMS_MAX], int *joints);
/* What several items are together, in place of their texts from `mark` on: a point, a union, or a
 * sorted list between `open` and `close`. */
int finish_list(work *w, text *out, int mark, item *items, int count, int joints, const char *open, const char *close,
                item *it);
/* Replaces the items' texts from `mark` on by one text. Sorted items count once. */
void compose(text *out, int mark, item *items, int count, const char *open, const char *between, const char *close, int sorts);
int item_order(const text *t, const item *a, const item *b);
/* If each item is the value of another name: puts them into the order of their names. */
int order_by_names(const work *w, item *items, int count);
/* The parts of "a, b, (c, d)" between commas that no bracket encloses; how many, -1 if too many. */
int split_elements(span s, span parts[ITEMS_MAX]);
/* (y, x) = (1, 2) is the point (2, 1): `names` is what stands on the left, the right is `it`. */
int apply_names(text *out, span names, item *it);

/* ---------------------------------------------------------------- sets.c */

/* Whether a bracket with more than one element begins here, or a matrix. */
int bracket_follows(work *w);
int parse_bracket(work *w, text *out, item *it);
int parse_set(work *w, text *out, item *it);
/* [[1, 2], [3, 4]], each entry times `by` if that is not NULL. */
int parse_matrix(work *w, const value *by, text *out, item *it);
/* Everything but these points, as a union of intervals. */
int write_without(text *out, int mark, item *points, int count, item *it);
int finish_interval(text *out, int mark, const item *low, int closed_low, const item *high, int closed_high, item *it);

/* -------------------------------------------------------------- unions.c */

/* One form for the union of intervals and sets whose texts stand from `mark` on, with " ∪ " between them. */
int finish_union(text *out, int mark, item *it);

/* ------------------------------------------------------------ relation.c */

/* `left`, which begins at `start`, and the relation that follows it. */
int parse_relation(work *w, value left, span start, text *out, item *it);

/* --------------------------------------------------------------- words.c */

/* What is not a formula: 52_8, words, seven. Each returns 0 and reads nothing if it is not there. */
int parse_based(work *w, text *out, item *it);
int parse_words(work *w, text *out, item *it);
int parse_numeral(work *w, text *out, item *it);
/* (C), C) or C, alone or with the text of the choice. */
int parse_choice(work *w, text *out);

/* --------------------------------------------------------------- units.c */

/* Units behind a value count for nothing; million multiplies; loss stays. */
value parse_units(work *w, value v);
int parse_ratio(work *w, value left, span start, text *out, item *it);

#endif
