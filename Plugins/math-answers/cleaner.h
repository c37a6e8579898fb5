/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STRATAGEM_MATH_ANSWERS_CLEANER_H
#define STRATAGEM_MATH_ANSWERS_CLEANER_H

#include "answers.h"

typedef enum command_kind {
    COMMAND_DROPPED, /* \! \displaystyle */
    COMMAND_SPACE,   /* \quad */
    COMMAND_TEXT,    /* \le: becomes a sign */
    COMMAND_NAME,    /* \sin: becomes a word */
    COMMAND_STYLE,   /* \mathbf{…}: the argument is mathematics */
    COMMAND_WORDS,   /* \text{…}: the argument is words */
    COMMAND_SIDE,    /* \left: with the bracket after it, or a full stop for none */
    COMMAND_BOARD    /* \mathbb{R} */
} command_kind;

typedef struct command {
    const char *name;
    command_kind kind;
    const char *becomes;
} command;

/* commands.c */
/* NULL for a command that keeps its name. */
const command *command_named(span name);

/* The size of the Unicode sign that `s` begins with, and the plain text for it; 0 if none. */
int sign_ahead(span s, const char **stands_for);

/* Which units stay for the parser to judge: none, those that it knows for words, all. */
typedef enum keeping { KEEPS_NONE, KEEPS_WORDS, KEEPS_ALL } keeping;

/* An answer while it is cleaned. */
typedef struct cleaner {
    text *out;
    const char *start; /* of the whole answer */
    int space;         /* a space is needed if two words would run together */
    int brackets;      /* open ( [ \{, inside which a comma separates */
    int matrices;      /* open environments with rows */
    int nested;        /* \text inside \text */
    int has_relation;  /* an = or < has been written */
    int vectors;       /* products of vectors: their order and their sign count */
    int after_name;    /* the last thing written is \frac or the like */
    span unit;         /* the first unit that was dropped */
    int unit_end;      /* where the last was: m/s may come in two pieces */
    int units_differ;  /* 3 boys, 5 girls */
    int has_words;     /* words behind a number that are no unit */
    keeping keeps;
} cleaner;

/* clean.c */
char last_byte(const cleaner *c);
/* Writes, with a space before it if one is needed. */
void put(cleaner *c, span s);
void put_literal(cleaner *c, const char *literal);
void skip_space(span *s);
/* Reads past `literal` if `s` begins with it. */
int take(span *s, const char *literal);
int clean_span(cleaner *c, span s);
/* Whether a.m., P.M., B.C. or A.D. begins here. */
int abbreviation_ahead(span s);

/* vectors.c */
/* Whether `s` has a product of \mathbf or \vec letters, or a nabla. */
int has_vector_product(span s);
/* Copies what such a product is made of as it is. */
int clean_vector(cleaner *c, span *s);

/* marks.c */
int clean_ordinal(cleaner *c, span *s);
int clean_day(cleaner *c, span *s);
int clean_degree(cleaner *c, span *s);
int clean_wrapping(cleaner *c, span *s);
int clean_mark(cleaner *c, span *s, span name);
int is_circle(const cleaner *c, const char *becomes);
void put_board(cleaner *c, span letter);

/* dress.c */
/* The text inside the braces that `s` begins with, read past; or the one byte there is. */
span take_argument(span *s);
int is_behind_number(const cleaner *c);
int clean_command(cleaner *c, span *s);

#endif
