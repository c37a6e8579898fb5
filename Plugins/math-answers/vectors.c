/* SPDX-License-Identifier: Apache-2.0
 *
 * Products of vectors. They are compared by their text: i·i is not -1, nor a × b the same as b × a or a·b.
 */
#include "cleaner.h"

static int starts_with_one_of(span s, const char *const *literals, size_t count) {
    size_t i;
    for (i = 0; i < count; i++) {
        if (starts_with(s, literals[i])) return (int)strlen(literals[i]);
    }
    return 0;
}
#define ONE_OF(s, literals) starts_with_one_of(s, literals, sizeof(literals) / sizeof *(literals))

static const char *const letters[] = {
    "\\mathbf", "\\boldsymbol", "\\bm", "\\vec", "\\hat", "\\overrightarrow",
};
static const char *const products[] = {"\\times", "\\cdot", "×", "·", "⋅", "•"};

/* \mathbf{a}, \vec a: read past. A bold number is no vector. */
static int skip_vector(span *s) {
    int size = ONE_OF(*s, letters), braces;
    if (size == 0 || s->at + size == s->end || is_letter(s->at[size])) return 0;
    s->at += size;
    skip_space(s);
    braces = take(s, "{");
    skip_space(s);
    if (s->at == s->end || !(is_letter(*s->at) || *s->at == '\\')) return 0;
    for (s->at++; s->at < s->end && is_letter(*s->at) && braces; s->at++) {}
    skip_space(s);
    return !braces || take(s, "}");
}

/* A × B alone: of sets, where the order counts. */
static int is_cartesian(span s) {
    s = trimmed(s);
    if (s.end - s.at < 3 || !is_upper(*s.at) || !is_upper(s.end[-1])) return 0;
    s.at++, s.end--;
    s = trimmed(s);
    return take(&s, "\\times") || take(&s, "×") ? s.at == s.end : 0;
}

int has_vector_product(span s) {
    char before = 0;
    if (is_cartesian(s)) return 1;
    while (s.at < s.end) {
        span rest = s;
        if (starts_with(s, "\\nabla") || starts_with(s, "∇")) return 1;
        if (skip_vector(&rest)) {
            s.at = rest.at;
            do skip_space(&rest);
            while (take(&rest, "\\,") || take(&rest, "\\;") || take(&rest, "\\!"));
            if (s.at[-1] == 'i' || (s.at[-1] == '}' && s.at[-2] == 'i')) {
                if (starts_with(rest, "^")) return 1; /* i^2 of a unit vector is not -1 */
            }
            if (ONE_OF(rest, products) || ONE_OF(rest, letters)) return 1;
            before = 0;
        } else if (before == ')' && ONE_OF(s, products)) {
            rest.at += ONE_OF(s, products);
            skip_space(&rest);
            if (ONE_OF(rest, letters)) return 1;
            s.at++;
        } else {
            if (!is_space(*s.at)) before = *s.at;
            s.at++;
        }
    }
    return 0;
}

int clean_vector(cleaner *c, span *s) {
    int size = ONE_OF(*s, products);
    span piece = *s;
    if (size == 0) size = ONE_OF(*s, letters);
    if (size == 0) return 0;
    s->at += size;
    piece.end = s->at;
    c->space = 0;
    put(c, piece);
    c->after_name = 1;
    return 1;
}
