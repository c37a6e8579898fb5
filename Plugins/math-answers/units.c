/* SPDX-License-Identifier: Apache-2.0
 *
 * What stands behind a number: units, million, loss, noon; and ratios and times.
 */
#include "items.h"

/* ------------------------------------------------------------ with strokes */

/* Units of single letters, which would be products anywhere but behind a number. */
static const char *const strokes[] = {
    "m/s", "m/min", "m/h", "m/hr", "g/cm", "g/mL", "g/ml", "g/L", "g/mol", "L/s", "L/min", "L/h", "N/m", "J/s", "J/kg",
    "W/m", "N/C", "V/m", "C/s",
};

static int skip_power(span *s) {
    static const char *const powers[] = {
        "^2", "^3", "^{2}", "^{3}", "^{-1}", "^{-2}", "^{-3}", "^-1", "^-2", "^-3",
    };
    size_t i;
    for (i = 0; i < sizeof powers / sizeof *powers; i++) {
        if (starts_with(*s, powers[i])) return s->at += strlen(powers[i]), 1;
    }
    return !starts_with(*s, "^");
}

/* Behind the unit that begins at w->rest, which is all that is left of its item; NULL if there is none. */
static const char *stroke_end(const work *w) {
    span s = w->rest;
    size_t i;
    for (i = 0; i < sizeof strokes / sizeof *strokes; i++) {
        span after = s;
        if (!starts_with(s, strokes[i])) continue;
        after.at += strlen(strokes[i]);
        if (!skip_power(&after)) continue;
        if (after.at == after.end || memchr(",;)]}", *after.at, 5) != NULL) return after.at;
    }
    return NULL;
}

/* sq in, cu. ft */
static const char *square_end(const work *w) {
    span s = w->rest, word;
    if (!starts_with(s, "sq") && !starts_with(s, "cu")) return NULL;
    s.at += 2;
    while (s.at < s.end && (*s.at == '.' || *s.at == ' ')) s.at++;
    word = s;
    while (word.at < word.end && is_letter(*word.at)) word.at++;
    word.end = word.at;
    word.at = s.at;
    return s.at - w->rest.at > 2 && (is_word(word) || word.end - word.at == 1) ? word.end : NULL;
}

static const char *unit_end(const work *w) {
    const char *at = w->rest.at;
    if (at == w->rest.end || memchr("mgLNJWVCsc", *at, 10) == NULL) return NULL;
    while (at > w->start && at[-1] == ' ') at--;
    if (at == w->start || !is_digit(at[-1])) return NULL;
    at = stroke_end(w);
    return at != NULL ? at : square_end(w);
}

int unit_ahead(const work *w) { return unit_end(w) != NULL; }

/* ----------------------------------------------------------------- units */

static void note_unit(work *w, span unit) {
    if (unit.at == unit.end) return;
    if (w->unit.at == w->unit.end) w->unit = unit;
    else if (!same_unit(w->unit, unit)) w->units_differ = 1;
}

/* 7 dollars and 50 cents: the cents, read past. */
static int accept_cents(work *w, rational *cents) {
    span start = w->rest, word;
    int number = 0, digits = 0;
    accepts(w, ",");
    skip_spaces(w);
    word = letters_ahead(w);
    if (same_word(word, "and")) w->rest.at = word.end;
    skip_spaces(w);
    for (; w->rest.at < w->rest.end && is_digit(*w->rest.at) && digits < 3; digits++) number = number * 10 + *w->rest.at++ - '0';
    skip_spaces(w);
    word = letters_ahead(w);
    if (digits > 0 && digits < 3 && (same_word(word, "cents") || same_word(word, "cent"))) {
        w->rest.at = word.end;
        return rational_reduced(number, 100, cents);
    }
    w->rest = start;
    return 0;
}

/* 3 fifths, 1 half: over what. 0 if the word is no such part. */
static int part_of(const work *w, value v, span run) {
    rational count;
    int part = part_named(run), plural = lower(run.end[-1]) == 's';
    return value_rational(w, v, &count) && plural != rational_is(count, 1) ? part : 0;
}

/* The rest of a unit behind its word: a power, a full stop, /h. */
static int skip_rest_of_unit(work *w) {
    if (!skip_power(&w->rest)) return 0;
    if (starts_with(w->rest, ".") && w->rest.end - w->rest.at > 1) w->rest.at++;
    if (starts_with(w->rest, "/") && w->rest.end - w->rest.at > 1 && is_letter(w->rest.at[1])) {
        w->rest.at++;
        w->rest.at = letters_ahead(w).end;
        return skip_power(&w->rest);
    }
    return 1;
}

/* 3 solutions, 2 real solutions */
static int is_count_of_solutions(const work *w, value v, span run) {
    rational count;
    if (!same_word(run, "solutions") && !same_word(run, "solution")) return 0;
    return value_rational(w, v, &count) && count.under == 1;
}

const char *aside_end(const work *w) {
    span s = w->rest, word;
    const char *at = w->rest.at;
    int opens = starts_with(s, "(");
    while (at > w->start && at[-1] == ' ') at--;
    if (at == w->start || !is_digit(at[-1]) || !(opens || starts_with(s, "/"))) return NULL;
    for (s.at++;; s.at++) {
        word = s;
        while (word.at < word.end && is_letter(*word.at)) word.at++;
        word.end = word.at;
        word.at = s.at;
        if (!is_word(word) || is_telling(word) || is_kept(word) || scale_of(word) || part_named(word)
            || number_named(word) >= 0 || function_named(word) != NULL || same_word(word, "pi")) return NULL;
        s.at = word.end;
        if (!opens) return s.at;
        if (s.at == s.end || *s.at != ' ') break;
    }
    if (!starts_with(s, ")")) return NULL;
    s.at++;
    return s.at == s.end || memchr(",;)", *s.at, 3) != NULL ? s.at : NULL;
}

/* The value with the words that stay behind it. */
static value value_said(work *w, value v, const char *said, int size) {
    return size == 0 || w->failed ? v : value_times(w, v, value_named(w, GENERATOR_WORD, span_of(said, (uint64_t)size)));
}

value parse_units(work *w, value v) {
    span unit = span_of(NULL, 0);
    char said[40];
    int count = 0, size = 0, part, i, generator;
    if (w->failed) return v;
    generator = value_generator(w, v);
    for (;; count++) {
        rational more;
        span run;
        skip_spaces(w);
        if (unit_ahead(w)) {
            if (unit.at == unit.end) unit.at = w->rest.at;
            unit.end = w->rest.at = unit_end(w);
            if (!skip_rest_of_unit(w)) return fail(w);
            continue;
        }
        if (aside_end(w) != NULL) {
            if (unit.at == unit.end) unit.at = w->rest.at;
            unit.end = w->rest.at = aside_end(w);
            continue;
        }
        run = letters_ahead(w);
        if (w->rest.at < w->product_end || !(is_word(run) || ordinal_ahead(w))) break;
        if (same_word(run, "or") || same_word(run, "and") || same_word(run, "to")
            || (same_word(run, "in") && starts_with(w->rest, "in base"))) break;
        if (count == 0 && (part = part_of(w, v, run)) > 0) {
            more = rational_of(1);
            more.under = part;
            v = value_scaled(w, v, more);
            w->rest.at = run.end;
            continue;
        }
        if (number_named(run) >= 0 || part_named(run) > 0) return fail(w);
        if (is_telling(run) && !is_count_of_solutions(w, v, run)
            && !(count > 0 && (same_word(run, "squared") || same_word(run, "cubed")))) return fail(w);
        if (is_letter_generator(w, generator)) return fail(w); /* a line is no unit of a */
        more = rational_of(scale_of(run));
        w->rest.at = run.end;
        if (more.over > 0) {
            v = value_scaled(w, v, more);
        } else if (is_kept(run)) {
            if (size + (run.end - run.at) + 1 > (int)sizeof said) return fail(w);
            if (size > 0) said[size++] = ' ';
            for (i = 0; run.at + i < run.end; i++) said[size++] = lower(run.at[i]);
        } else {
            if (unit.at == unit.end) unit.at = run.at;
            unit.end = run.end;
            if ((same_word(run, "dollars") || same_word(run, "dollar")) && accept_cents(w, &more))
                v = value_plus(w, v, value_of(w, more), 1);
        }
        if (!skip_rest_of_unit(w)) return fail(w);
    }
    note_unit(w, unit);
    return value_said(w, v, said, size);
}

value parse_formula(work *w) { return parse_units(w, value_joined(w, parse_sum(w))); }

/* ---------------------------------------------------------------- ratios */

/* 12:00 and 2:05 are times. So is 2:30, for it could still be one if it were reduced to
 * 1:15; but 10:15 is the ratio 2:3. */
static int has_minutes(span text) {
    const char *colon = memchr(text.at, ':', (size_t)(text.end - text.at));
    return colon != NULL && text.end - colon - 1 == 2 && colon - text.at <= 2 && is_digit(colon[1]) && is_digit(colon[2])
        && colon[1] <= '5';
}

static int is_time(span text, rational right, rational ratio) {
    const char *colon = memchr(text.at, ':', (size_t)(text.end - text.at));
    if (!has_minutes(text)) return 0;
    return colon[1] == '0' || (ratio.under >= 10 && ratio.under != right.over);
}

/* 3:30 pm; and 3:00 pm is 3 pm. */
static int finish_time(work *w, value hours, span whole, span moment, text *out, item *it) {
    int is_full = whole.end[-1] == '0' && whole.end[-2] == '0', i;
    char word[16];
    for (i = 0; moment.at + i < moment.end && i < 15; i++) word[i] = lower(moment.at[i]);
    if (is_full) {
        value v = value_named(w, GENERATOR_WORD, span_of(word, (uint64_t)i));
        return finish_value(w, value_times(w, hours, v), out, it);
    }
    item_begin(it, ITEM_OTHER, 2, out);
    text_add(out, whole);
    text_byte(out, ' ');
    text_add(out, span_of(word, (uint64_t)i));
    return item_end(it, out);
}

/* 2:4:6, with what they have in common taken out. */
static int finish_parts(work *w, rational *parts, int count, text *out, item *it) {
    value sum = {0, 0};
    rational content = rational_of(1);
    int i;
    item_begin(it, ITEM_OTHER, 2, out);
    for (i = 0; i < count; i++) { /* as coefficients of something: their content is what they share */
        term t;
        if (parts[i].over <= 0 || w->top == TERMS_MAX) return fail(w), 0;
        memset(&t, 0, sizeof t);
        t.coefficient = parts[i];
        if (i == 0) sum.first = w->top;
        w->terms[w->top++] = t;
        sum.count++;
    }
    if (!value_content(w, sum, &content) || !rational_inverse(content, &content)) return fail(w), 0;
    for (i = 0; i < count; i++) {
        if (!rational_times(parts[i], content, &parts[i])) return fail(w), 0;
        if (i > 0) text_byte(out, ':');
        print_rational(parts[i], 0, out);
    }
    return item_end(it, out);
}

/* ":" or "to"; of what is said with "to", neither side may have a unit: 10 to 15 minutes is a range. */
static int accept_ratio(work *w, int *is_to) {
    span word;
    if (accepts(w, ":")) return 1;
    skip_spaces(w);
    word = letters_ahead(w);
    if (!same_word(word, "to") || w->unit.at != w->unit.end) return 0;
    w->rest.at = word.end;
    return *is_to = 1;
}

int parse_ratio(work *w, value left, span start, text *out, item *it) {
    rational parts[4], inverse, ratio = rational_of(0);
    int count = 1, is_to = 0, exists;
    span whole = start;
    if (!value_rational(w, left, &parts[0]) || !accept_ratio(w, &is_to)) return 0;
    do {
        value next = value_joined(w, parse_sum(w));
        span moment;
        whole.end = w->rest.at;
        skip_spaces(w);
        moment = letters_ahead(w);
        if (count == 1 && !w->failed && is_moment(moment) && has_minutes(whole)) {
            w->rest.at = moment.end;
            return finish_time(w, left, whole, moment, out, it);
        }
        next = parse_units(w, next);
        if (count == 4 || !value_rational(w, next, &parts[count++])) return fail(w), 0;
        if (is_to && w->unit.at != w->unit.end) return fail(w), 0;
    } while (accept_ratio(w, &is_to));
    if (count > 2) return finish_parts(w, parts, count, out, it);
    exists = rational_inverse(parts[1], &inverse) && rational_times(parts[0], inverse, &ratio);
    if ((!exists && parts[1].over != 0) || is_time(whole, parts[1], ratio)) {
        item_begin(it, ITEM_OTHER, 2, out);
        text_add(out, whole);
        return item_end(it, out);
    }
    return exists ? finish_value(w, value_of(w, ratio), out, it) : (fail(w), 0);
}
