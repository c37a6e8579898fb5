/* SPDX-License-Identifier: Apache-2.0
 *
 * Numbers in words: twenty-one, two thirds, five and a half.
 */
#include "answers.h"

static void skip_gap(span *s) {
    while (s->at < s->end && (*s->at == ' ' || *s->at == '-')) s->at++;
}

static span word_at(span s) {
    const char *start = s.at;
    while (s.at < s.end && is_letter(*s.at)) s.at++;
    s.end = s.at;
    s.at = start;
    return s;
}

/* The next word behind spaces and hyphens, read past if it is `word`. */
static int take_word(span *s, const char *word) {
    span rest = *s, run;
    skip_gap(&rest);
    run = word_at(rest);
    if (!same_word(run, word)) return 0;
    s->at = run.end;
    return 1;
}

/* two hundred and five: a whole number; returns how many words it has. */
static int read_whole(span *s, int64_t *out) {
    enum { NONE, UNIT, TEN, HUNDRED, SCALE } last = NONE;
    int64_t total = 0, part = 0, smallest = INT64_MAX;
    int count = 0;
    for (;; count++) {
        span rest = *s, run;
        int64_t number, scale;
        int joined = last >= HUNDRED && take_word(&rest, "and");
        skip_gap(&rest);
        run = word_at(rest);
        number = number_named(run);
        scale = joined ? 0 : scale_of(run);
        if (number >= 20) {
            if (last == UNIT || last == TEN) break;
            part += number, last = TEN;
        } else if (number >= 0) {
            if (last == UNIT || (last == TEN && number > 9) || (last != NONE && number == 0)) break;
            part += number, last = UNIT;
        } else if (scale == 100) {
            if (last != UNIT && last != TEN) break;
            part *= 100, last = HUNDRED;
        } else if (scale >= 1000 && scale < smallest) {
            if (last == NONE || last == SCALE) break;
            total += part * scale, part = 0, smallest = scale, last = SCALE;
        } else break;
        s->at = run.end;
    }
    *out = total + part;
    return count;
}

/* thirds behind a count of them. */
static int read_part(span *s, int64_t count, rational *out) {
    span rest = *s, run;
    int part;
    skip_gap(&rest);
    run = word_at(rest);
    part = part_named(run);
    if (part == 0 || rest.at == s->at || !rational_reduced(count, part, out)) return 0;
    if ((count == 1) != (lower(run.end[-1]) != 's')) return 0; /* the third, and not a third */
    s->at = run.end;
    return 1;
}

/* and a half, and three quarters: what a mixed number has behind the whole. */
int read_and_part(span *s, rational *part) {
    span rest = *s;
    int64_t count = 1;
    if (!take_word(&rest, "and")) return 0;
    if (!take_word(&rest, "a") && !take_word(&rest, "an") && read_whole(&rest, &count) == 0) return 0;
    if (!read_part(&rest, count, part) || part->over >= part->under) return 0;
    *s = rest;
    return 1;
}

int read_numeral(span *s, rational *out) {
    span rest = *s, before;
    int64_t whole = 1;
    rational part;
    if (take_word(&rest, "half")) return *s = rest, rational_reduced(1, 2, out);
    if (take_word(&rest, "a") || take_word(&rest, "an")) return read_part(&rest, 1, out) ? (*s = rest, 1) : 0;
    if (read_whole(&rest, &whole) == 0) return 0;
    *out = rational_of(whole);
    before = rest;
    if (read_part(&rest, whole, &part)) *out = part;
    else if (rest = before, read_and_part(&rest, &part) && !rational_plus(*out, part, out)) return 0;
    *s = rest;
    return 1;
}
