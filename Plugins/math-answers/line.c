/* SPDX-License-Identifier: Apache-2.0
 *
 * A line of a solution: where it ends, the formulas in it, and the dress around its answer.
 */
#include "functions.h"

/* No answer is longer than this, so no part of a text is examined again and again. */
span bounded(span s) {
    if (s.end - s.at > ANSWER_MAX) s.end = s.at + ANSWER_MAX;
    return s;
}

/* What a chat model writes when it has ended, if its host lets it through: <|eot_id|>; but 0<|x|<5. */
int is_end_mark(span s) {
    span rest = s;
    if (*s.at != '<') return 0;
    if (starts_with(s, "</s>") || starts_with(s, "<end_of_turn>") || starts_with(s, "<eos>")) return 1;
    if (starts_with(s, "<｜")) return 1;
    if (!starts_with(s, "<|")) return 0;
    rest.at += 2;
    while (rest.at < rest.end && (is_letter(*rest.at) || is_digit(*rest.at) || *rest.at == '_')) rest.at++;
    return rest.at - s.at > 2 && starts_with(rest, "|>");
}

span line_of(span s) {
    span rest = s;
    while (rest.at < rest.end && *rest.at != '\n' && !is_end_mark(rest)) rest.at++;
    s.end = rest.at;
    return s;
}

/* Of `n!` the mark is a factorial, and of `5!/3!`; of `18!` at the end of a sentence it is not. */
static int ends_loudly(span s) {
    if (s.end - s.at < 2 || s.end[-1] != '!' || memchr(s.at, '!', (size_t)(s.end - s.at - 1)) != NULL) return 0;
    return !is_letter(s.end[-2]) || (s.end - s.at > 2 && is_letter(s.end[-3]));
}

/* The area is $25\pi$: whether what `s` ends with may close a formula in a sentence. */
static int holds_formula(span s) {
    int dollars = 0;
    if (s.at == s.end || !is_letter(*s.at)) return 0;
    for (; s.at < s.end; s.at++) {
        if (starts_with(s, "\\(") || starts_with(s, "\\[")) return 1;
        if (*s.at == '\\' && s.end - s.at > 1) s.at++;
        else dollars += *s.at == '$';
    }
    return dollars > 0 && dollars % 2 == 0;
}

/* Removes Markdown's stars, dollars, math brackets and full stops from both ends, and marks behind words. */
static span without_dress(span s, int formula) {
    const char *before;
    int slanted = 0, keeps;
    do {
        before = s.at;
        s = trimmed(s);
        while (s.at < s.end && memchr("*$:_`", *s.at, 5) != NULL) slanted |= *s.at++ == '_';
        if (starts_with(s, "\\(") || starts_with(s, "\\$") || starts_with(s, "\\[")) s.at += 2;
    } while (s.at != before);
    keeps = holds_formula(s);
    do {
        before = s.end;
        s = trimmed(s);
        while (s.at < s.end && (memchr("*.,;`$", s.end[-1], keeps ? 5 : 6) != NULL || (slanted && s.end[-1] == '_')
                                || (!formula && ends_loudly(s)))
               && !(s.end[-1] == '$' && s.end - s.at > 1 && s.end[-2] == '\\')) formula |= *--s.end == '$';
        if (!keeps && s.end - s.at >= 2 && s.end[-2] == '\\' && (s.end[-1] == ')' || s.end[-1] == ']')) {
            s.end -= 2;
            formula = 1;
        }
    } while (s.end != before);
    return s;
}

span undressed(span s) { return without_dress(s, 0); }
span undressed_formula(span s) { return without_dress(s, 1); }

/* A dollar opens a formula if the next dollar closes it; between prices it does not: $5 and $6. */
static int closes_price(span s, const char *start) {
    int opens_wide = is_space(*start), closes_wide = is_space(s.at[-1]);
    return opens_wide != closes_wide || (s.end - s.at > 1 && is_digit(s.at[1])) || s.at == start;
}

int read_formula(span *s, span *inside) {
    static const char *const marks[][2] = {{"$$", "$$"}, {"$", "$"}, {"\\(", "\\)"}, {"\\[", "\\]"}};
    span rest = *s;
    int i = 0, is_inline;
    while (i < 4 && !starts_with(rest, marks[i][0])) i++;
    if (i == 4) return 0;
    is_inline = i == 1;
    rest.at += strlen(marks[i][0]);
    inside->at = rest.at;
    for (; rest.at < rest.end && !(is_inline && *rest.at == '\n'); rest.at++) {
        if (*rest.at != *marks[i][1] || !starts_with(rest, marks[i][1])) continue;
        if (i < 2 && rest.at[-1] == '\\') continue;
        if (is_inline && closes_price(rest, inside->at)) return 0;
        inside->end = rest.at;
        s->at = rest.at + strlen(marks[i][1]);
        return 1;
    }
    return 0;
}
