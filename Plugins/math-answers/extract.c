/* SPDX-License-Identifier: Apache-2.0
 *
 * Where the answer is in a solution: in a box, after a mark, after "the answer is".
 * A text that continues to another question has several answers; each function says
 * which of them counts.
 */
#include "functions.h"

static int32_t found(span s, stg_str *answer) {
    if (s.at >= s.end) return STG_NOT_FOUND;
    answer->data = s.at;
    answer->size = (size_t)(s.end - s.at);
    return STG_OK;
}

static span nothing(void) { return span_of(NULL, 0); }

/* Removes Markdown's stars, dollars, math brackets and full stops from both ends. */
static span undressed(span s) {
    const char *before;
    do {
        before = s.at;
        s = trimmed(s);
        while (s.at < s.end && (*s.at == '*' || *s.at == '$' || *s.at == ':' || *s.at == '_')) s.at++;
        if (starts_with(s, "\\(") || starts_with(s, "\\$")) s.at += 2;
        else if (starts_with(s, "\\[")) s.at += 2;
    } while (s.at != before);
    do {
        before = s.end;
        s = trimmed(s);
        while (s.at < s.end && memchr("*$.,;", s.end[-1], 5) != NULL
               && !(s.end[-1] == '$' && s.end - s.at > 1 && s.end[-2] == '\\')) s.end--;
        if (s.end - s.at >= 2 && s.end[-2] == '\\' && (s.end[-1] == ')' || s.end[-1] == ']')) s.end -= 2;
    } while (s.end != before);
    return s;
}

/* No answer is longer than this, so no part of a text is examined again and again. */
static span bounded(span s) {
    if (s.end - s.at > ANSWER_MAX) s.end = s.at + ANSWER_MAX;
    return s;
}

/* What a sentence that begins with its answer says. */
static span stated(span s) {
    span choice;
    s = undressed(without_hedges(s));
    choice = chosen(s);
    return choice.end < s.end || choice.at > s.at ? choice : without_words(s);
}

static span find_told(span s, int first);

/* ----------------------------------------------------------------- marks */

/* What follows the mark that ends at `s.at`, to the end of its line or the next mark. */
static span marked(span s) {
    span end;
    s = trimmed(bounded(s));
    for (end = s; end.at < end.end && *end.at != '\n' && !starts_with(end, "####"); end.at++) {}
    s.end = end.at;
    s = undressed(s);
    end = find_told(s, 1); /* #### The answer is 5 */
    return end.at < end.end ? end : stated(s);
}

/* The first or the last "####" with something after it. */
static span find_marked(span s, int first) {
    span answer = nothing(), rest = s;
    while (rest.end - rest.at >= 4) {
        const char *mark = memchr(rest.at, '#', (size_t)(rest.end - rest.at));
        span here;
        if (mark == NULL) break;
        rest.at = mark;
        if (!starts_with(rest, "####")) {
            rest.at++;
            continue;
        }
        rest.at += 4;
        while (rest.at < rest.end && *rest.at == '#') rest.at++;
        here = marked(rest);
        if (here.at == here.end) continue;
        answer = here;
        if (first) break;
    }
    return answer;
}

/* GSM8K's own grader takes the first mark. */
int32_t extract_gsm8k(const char *text, uint64_t size, stg_str *answer) {
    return found(find_marked(span_of(text, size), 1), answer);
}

int32_t extract_gsm8k_last(const char *text, uint64_t size, stg_str *answer) {
    return found(find_marked(span_of(text, size), 0), answer);
}

/* ----------------------------------------------------------------- boxes */

/* Whether the byte at `at` follows an odd number of backslashes: \{ is a
 * brace to print, not one that groups. */
static int is_escaped(const char *start, const char *at) {
    const char *slash = at;
    while (slash > start && slash[-1] == '\\') slash--;
    return (at - slash) % 2 == 1;
}

/* +1, -1 or 0: how the byte at `at` changes the depth of braces. */
static int brace(const char *start, const char *at) {
    if ((*at != '{' && *at != '}') || is_escaped(start, at)) return 0;
    return *at == '{' ? 1 : -1;
}

/* \boxed 7: up to a space or the end of the formula. */
static span unbraced(span s) {
    span inside = s;
    while (inside.at < inside.end && is_space(*inside.at)) inside.at++;
    s.at = inside.at;
    s = bounded(s);
    while (s.at < s.end && !is_space(*s.at) && *s.at != '$' && *s.at != '}' && !starts_with(s, "\\)") && !starts_with(s, "\\]")) s.at++;
    inside.end = s.at;
    while (inside.at < inside.end && memchr(".,;", inside.end[-1], 3) != NULL) inside.end--;
    return inside;
}

/* The text of the last or the first \boxed or \fbox. One pass from the right: an
 * opening brace is closed if the depth to its right ever falls to what it was before
 * the brace, so only the lowest depth so far has to be remembered. For the brace that was
 * passed last, it is also kept whether it is closed, because a command may precede it. */
static span find_boxed(span s, int first) {
    span answer = nothing();
    const char *at = s.end, *opening = NULL, *chosen = NULL;
    int64_t depth = 0, lowest = 0; /* relative to the depth at the end of the text */
    int is_closed = 0;
    while (at > s.at) {
        int change = brace(s.at, --at);
        span after = s, inside;
        depth -= change; /* now the depth before this byte */
        if (change > 0) opening = at, is_closed = lowest <= depth;
        if (depth < lowest) lowest = depth;
        after.at = at;
        /* The cheap test first: a run of backslashes must not be counted at each of them. */
        if (*at != '\\' || !(starts_with(after, "\\boxed") || starts_with(after, "\\fbox")) || is_escaped(s.at, at)) continue;
        after.at += at[1] == 'b' ? 6 : 5;
        if (after.at < s.end && is_letter(*after.at)) continue;
        inside = unbraced(after);
        if (inside.at < s.end && *inside.at == '{') {
            span content = s;
            content.at = opening + 1;
            while (content.at < s.end && is_space(*content.at)) content.at++;
            if (inside.at != opening || !is_closed || *content.at == '}') continue;
            chosen = opening;
        } else if (inside.at < inside.end) {
            chosen = NULL;
            answer = inside;
        } else continue;
        if (!first) break;
    }
    if (chosen != NULL) {
        int64_t open = 1;
        answer.at = answer.end = chosen + 1;
        while ((open += brace(s.at, answer.end)) > 0) answer.end++;
    }
    return trimmed(answer);
}

int32_t extract_boxed(const char *text, uint64_t size, stg_str *answer) {
    return found(find_boxed(span_of(text, size), 0), answer);
}

/* --------------------------------------------------------- "the answer is" */

/* After "answer": skips the words between it and the answer; NULL if no answer follows. */
static const char *behind_answer(span s) {
    int told = 0;
    if (s.at < s.end && *s.at == 's') s.at++;
    for (;;) {
        while (s.at < s.end && (is_space(*s.at) || *s.at == '*')) {
            if (*s.at++ == '\n' && !told) return NULL;
        }
        if (s.at < s.end && (*s.at == ':' || *s.at == '=')) s.at++;
        else if (starts_with(s, "is") && s.end - s.at > 2 && !is_letter(s.at[2])) s.at += 2;
        else if (starts_with(s, "are") && s.end - s.at > 3 && !is_letter(s.at[3])) s.at += 3;
        else return told ? s.at : NULL;
        told = 1;
    }
}

/* The formula that begins here, or else the rest of the sentence. */
static span sentence(span s) {
    const char *end;
    s = without_hedges(trimmed(bounded(s)));
    if (s.at == s.end) return s;
    if (starts_with(s, "\\(") || starts_with(s, "\\[") || (*s.at == '$' && s.end - s.at > 1 && s.at[1] != '$')) {
        span close = s;
        close.at += *s.at == '$' ? 1 : 2;
        for (; close.at < close.end && *close.at != '\n'; close.at++) {
            int closes = *s.at == '$' ? *close.at == '$' && close.at[-1] != '\\' && !is_space(close.at[-1])
                                      : starts_with(close, s.at[1] == '(' ? "\\)" : "\\]");
            if (!closes) continue;
            s.end = close.at;
            s.at += *s.at == '$' ? 1 : 2;
            return undressed(s);
        }
    }
    end = memchr(s.at, '\n', (size_t)(s.end - s.at));
    if (end) s.end = end;
    for (end = s.at; end + 1 < s.end; end++) {
        if (*end == '.' && is_space(end[1])) s.end = end;
    }
    return stated(undressed(s));
}

/* Final answer: The answer is 5 */
static int is_told_again(span s) {
    s = bounded(s);
    for (; s.end - s.at > 6 && *s.at != '\n' && !(*s.at == '.' && is_space(s.at[1])); s.at++) {
        span word = s, rest = s;
        word.end = word.at + 6;
        if (lower(*s.at) != 'a' || !same_word(word, "answer")) continue;
        rest.at = word.end;
        rest.at = behind_answer(rest);
        if (rest.at != NULL && rest.at < rest.end) return 1;
    }
    return 0;
}

static span find_told(span s, int first) {
    span answer = nothing(), at = s;
    for (; s.end - at.at > 6; at.at++) {
        span word = at, rest = s;
        if (lower(*at.at) != 'a') continue;
        word.end = word.at + 6;
        if (!same_word(word, "answer")) continue;
        rest.at = word.end;
        rest.at = behind_answer(rest);
        if (rest.at == NULL || rest.at == rest.end || (first && is_told_again(rest))) continue;
        rest = sentence(rest);
        if (rest.at == rest.end) continue;
        answer = rest;
        if (first) break;
    }
    return answer;
}

static int32_t extract(span s, int first, stg_str *answer) {
    span piece = find_boxed(s, first);
    if (piece.at == piece.end) piece = find_marked(s, first);
    if (piece.at == piece.end) piece = find_told(s, first);
    if (piece.at == piece.end) piece = last_number(s);
    return found(piece, answer);
}

int32_t extract_math(const char *text, uint64_t size, stg_str *answer) {
    return extract(span_of(text, size), 0, answer);
}

int32_t extract_math_first(const char *text, uint64_t size, stg_str *answer) {
    return extract(span_of(text, size), 1, answer);
}

int32_t extract_last_number(const char *text, uint64_t size, stg_str *answer) {
    return found(last_number(span_of(text, size)), answer);
}
