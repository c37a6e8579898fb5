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

/* ----------------------------------------------------------------- marks */

/* The heading that `s` begins with, and the line below it that is not empty. */
static span heading(span s) {
    span rest = s, line;
    rest.at = line_of(trimmed(s)).end;
    line = line_of(trimmed(rest));
    if (starts_with(line, "####")) line.end = rest.at;
    else if (starts_with(line, "$$") || starts_with(line, "\\[")) line.end = s.end; /* a formula may take several */
    s.end = line.end;
    return s;
}

/* What follows the mark that ends at `s.at`, to the end of its line or the next mark. */
static span marked(span s) {
    span end, told, all = bounded(s);
    int is_sure;
    s = trimmed(all);
    for (end = s; end.at < end.end && *end.at != '\n' && !starts_with(end, "####") && !is_end_mark(end); end.at++) {}
    s.end = end.at;
    told = find_told(undressed(s), 1, &is_sure); /* #### The answer is 5 */
    if (told.at < told.end) return told;
    s = stated(s);
    if (!is_title(s) || end.at == end.end || *end.at != '\n') return s;
    told = find_told(heading(all), 1, &is_sure); /* #### Final answer, and it below */
    return told.at < told.end ? told : s;
}

/* The first or the last "####" with something after it, which is not the title of a step if another is there. */
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
        if (here.at == here.end || (answer.at < answer.end && is_title(here) && !is_title(answer))) continue;
        if (answer.at == answer.end || !first || !is_title(here)) answer = here;
        if (first && !is_title(answer)) break;
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
    while (s.at < s.end && !is_space(*s.at) && *s.at != '$' && *s.at != '}' && !starts_with(s, "\\)")
           && !starts_with(s, "\\]") && !(*s.at == '<' && is_end_mark(s))) s.at++;
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
        if (*at != '\\' || !(starts_with(after, "\\boxed") || starts_with(after, "\\fbox"))
            || is_escaped(s.at, at)) continue;
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

/* ------------------------------------------------------------ any of them */

/* Whether a line begins here with which a model goes on to another question: Question: or **Problem 2.** */
static int is_next_question(span s) {
    static const char *const words[] = {
        "question", "problem", "q", "example", "exercise", "user", "human", "instruction",
    };
    span word;
    s = bounded(s);
    while (s.at < s.end && (*s.at == '#' || *s.at == '*' || *s.at == ' ')) s.at++;
    word = first_word(s);
    if (!is_one_of(word, words, COUNT(words))) return 0;
    s.at = word.end;
    while (s.at < s.end && (*s.at == ' ' || is_digit(*s.at) || *s.at == '#' || *s.at == '*')) s.at++;
    return s.at < s.end && (*s.at == ':' || *s.at == '.' || *s.at == '\n');
}

/* `s` up to the question that follows the answer which ends at `at`. */
static span before_next_question(span s, const char *at) {
    span rest = s;
    for (rest.at = at; rest.at < rest.end; rest.at++) {
        if (is_end_mark(rest)) break;
        if (*rest.at != '\n') continue;
        rest.at++;
        if (is_next_question(rest)) break;
        rest.at--;
    }
    s.end = rest.at;
    return s;
}

static const char *earlier(const char *end, span answer) {
    return answer.at < answer.end && answer.end < end ? answer.end : end;
}

static int32_t extract_last(span s, stg_str *answer) {
    int is_sure;
    span piece = find_boxed(s, 0);
    if (piece.at == piece.end) piece = find_marked(s, 0);
    if (piece.at == piece.end) piece = find_told(s, 0, &is_sure);
    if (piece.at == piece.end) piece = last_number(s);
    return found(piece, answer);
}

/* A box counts before a mark, and a mark before a sentence; but nothing that answers another question. */
static int32_t extract_first(span s, stg_str *answer) {
    int is_sure;
    span box = find_boxed(s, 1), mark = find_marked(s, 1), told = find_told(s, 1, &is_sure), piece;
    const char *end = earlier(earlier(s.end, box), is_title(mark) ? nothing() : mark);
    if (is_sure) end = earlier(end, told);
    s = before_next_question(s, end);
    if (box.end > s.end) box = nothing();
    if (mark.end > s.end) mark = nothing();
    if (told.end > s.end) told = nothing();
    piece = box;
    if (piece.at == piece.end || (mark.at < mark.end && !is_title(mark) && mark.end < piece.at)) piece = mark;
    if (piece.at == piece.end) piece = told;
    if (piece.at == piece.end) piece = last_number(s);
    return found(piece, answer);
}

int32_t extract_math(const char *text, uint64_t size, stg_str *answer) {
    return extract_last(span_of(text, size), answer);
}

int32_t extract_math_first(const char *text, uint64_t size, stg_str *answer) {
    return extract_first(span_of(text, size), answer);
}

int32_t extract_last_number(const char *text, uint64_t size, stg_str *answer) {
    return found(last_number(span_of(text, size)), answer);
}
