/* SPDX-License-Identifier: Apache-2.0
 *
 * Answers that are not formulas: numbers with a base, words, units, ratios.
 */
#include "answers.h"

/* ----------------------------------------------------- numbers with bases */

static int is_base_digit(char c) { return is_digit(c) || is_upper(c); }

/* _8, _{16}, (base 8), base 8, in base 8: the base, read past; 0 if there is none. */
static int accept_base(work *w) {
    int close = 0, base = 0, digits = 0;
    if (accepts(w, "_")) close = accepts(w, "{") ? '}' : 0;
    else close = accepts(w, "(") ? ')' : 0, accepts(w, "in");
    skip_spaces(w);
    if (same_word(letters_ahead(w), "base")) w->rest.at += 4;
    else if (close != '}' && w->rest.at[-1] != '_') return 0;
    skip_spaces(w);
    for (; w->rest.at < w->rest.end && is_digit(*w->rest.at) && digits < 3; digits++) base = base * 10 + *w->rest.at++ - '0';
    if (digits == 0) {
        span word = letters_ahead(w);
        base = (int)number_named(word);
        w->rest.at = word.end;
    }
    if (close != 0 && !accepts(w, close == '}' ? "}" : ")")) return 0;
    return base >= 2 && base <= 36 ? base : 0;
}

int parse_based(work *w, text *out, item *it) {
    span start = w->rest, digits = w->rest;
    int base, negative = accepts(w, "-"), points = 0, has_digit = 0, letters = 0;
    digits.at = w->rest.at;
    for (; w->rest.at < w->rest.end && (is_base_digit(*w->rest.at) || *w->rest.at == '.'); w->rest.at++) {
        points += *w->rest.at == '.';
        has_digit |= is_digit(*w->rest.at);
        letters |= is_upper(*w->rest.at);
    }
    digits.end = w->rest.at;
    if (digits.at == digits.end || points > 1 || (!has_digit && digits.end - digits.at < 2)) goto none;
    base = accept_base(w);
    if (base == 0 || (base == 10 && letters) || (!has_digit && base <= 10)) goto none;
    while (digits.end - digits.at > 1 && *digits.at == '0' && digits.at[1] != '.') digits.at++;
    if (points) {
        while (digits.end[-1] == '0') digits.end--;
        if (digits.end[-1] == '.') digits.end--;
    }
    memset(it, 0, sizeof *it);
    it->kind = ITEM_OTHER;
    it->rank = 2;
    it->at = out->size;
    if (base == 10) { /* a plain number after all */
        span rest = w->rest;
        w->rest = digits;
        if (!finish_value(w, value_scaled(w, parse_sum(w), rational_of(negative ? -1 : 1)), out, it)) goto none;
        w->rest = rest;
        return 1;
    }
    if (negative) text_byte(out, '-');
    text_add(out, digits);
    text_literal(out, " (base ");
    text_integer(out, base);
    text_byte(out, ')');
    it->size = out->size - it->at;
    return 1;
none:
    w->rest = start;
    return 0;
}

/* ----------------------------------------------------------------- words */

static int finish_words(work *w, text *out, item *it) {
    span words = span_of(out->bytes + it->at, (uint64_t)(out->size - it->at));
    int64_t number = number_named(words);
    if (number >= 0) {
        out->size = it->at;
        return finish_value(w, value_of(w, rational_of(number)), out, it);
    }
    if (same_word(words, "all real numbers") || same_word(words, "all reals") || same_word(words, "real numbers")) {
        out->size = it->at;
        text_literal(out, "(-∞, ∞)");
        it->kind = ITEM_INTERVAL;
        it->rank = 0;
    } else if (same_word(words, "empty set") || same_word(words, "the empty set")) {
        out->size = it->at;
        text_literal(out, "∅");
    }
    it->size = out->size - it->at;
    return 1;
}

/* Words alone, in lower case; or words that name what follows: Area = 5. */
int parse_words(work *w, text *out, item *it) {
    span start = w->rest, run;
    int mark = out->size, count = 0, at;
    memset(it, 0, sizeof *it);
    it->kind = ITEM_OTHER;
    it->rank = 2;
    it->at = mark;
    for (;; count++) {
        skip_spaces(w);
        run = letters_ahead(w);
        if (count == 0 ? !is_word(run) || function_named(run) != NULL || same_word(run, "pi") : run.at == run.end) break;
        if (count > 0 && (same_word(run, "or") || same_word(run, "and"))) break;
        if (count > 0) text_byte(out, ' ');
        for (at = 0; run.at + at < run.end; at++) text_byte(out, lower(run.at[at]));
        w->rest.at = run.end;
        while (w->rest.at < w->rest.end && (*w->rest.at == '-' || *w->rest.at == '\'') && w->rest.end - w->rest.at > 1
               && is_letter(w->rest.at[1])) {
            text_byte(out, *w->rest.at++);
            for (run = letters_ahead(w); w->rest.at < run.end; w->rest.at++) text_byte(out, lower(*w->rest.at));
        }
    }
    if (count > 0 && (accepts(w, "=") || accepts(w, ":"))) {
        out->size = mark;
        w->product_end = w->rest.at;
        if (parse_one(w, out, it)) return 1;
        w->failed = 1;
        return 0;
    }
    skip_spaces(w);
    if (count > 0 && (w->rest.at == w->rest.end || memchr(",;)]}\\", *w->rest.at, 6) != NULL || is_letter(*w->rest.at)))
        return finish_words(w, out, it);
    out->size = mark;
    w->rest = start;
    return 0;
}

/* Units after a value are ignored; million and the like multiply. */
static value parse_units(work *w, value v) {
    int count = 0, generator;
    rational scale;
    if (w->failed) return v;
    generator = value_generator(w, v);
    for (;; count++) {
        span run;
        skip_spaces(w);
        run = letters_ahead(w);
        if (w->rest.at < w->product_end || !is_word(run) || same_word(run, "or") || same_word(run, "and")) return v;
        if (same_word(run, "in") && starts_with(w->rest, "in base")) return v;
        if (is_telling(run) && !(count > 0 && (same_word(run, "squared") || same_word(run, "cubed")))) return fail(w);
        if (is_letter_generator(w, generator)) return fail(w); /* a line is not a unit of a */
        scale = rational_of(scale_of(run));
        if (scale.over > 0) v = value_scaled(w, v, scale);
        w->rest.at = run.end;
        if (accepts(w, "^") && !accepts(w, "2") && !accepts(w, "3") && !accepts(w, "{2}") && !accepts(w, "{3}")) return fail(w);
        if (starts_with(w->rest, ".") && w->rest.end - w->rest.at > 1) w->rest.at++;
        if (starts_with(w->rest, "/") && w->rest.end - w->rest.at > 1 && is_letter(w->rest.at[1])) {
            w->rest.at++;
            run = letters_ahead(w);
            w->rest.at = run.end;
            if (accepts(w, "^") && !accepts(w, "2") && !accepts(w, "{2}")) return fail(w);
        }
    }
}

value parse_formula(work *w) { return parse_units(w, value_joined(w, parse_sum(w))); }

/* ---------------------------------------------------------------- ratios */

/* 12:00 and 2:05 are times. 2:30 is one too, because reduced to 1:15 it would still be a
 * time; but 10:15 is the ratio 2:3. */
static int is_time(span text, rational right, rational ratio) {
    const char *colon = memchr(text.at, ':', (size_t)(text.end - text.at));
    if (text.end - colon - 1 != 2 || colon - text.at > 2 || !is_digit(colon[1]) || !is_digit(colon[2])) return 0;
    if (colon[1] > '5') return 0;
    return colon[1] == '0' || (ratio.under >= 10 && ratio.under != right.over);
}

int parse_ratio(work *w, value left, span start, text *out, item *it) {
    rational parts[4];
    int count = 1, i;
    span whole = start;
    if (!value_rational(w, left, &parts[0]) || !accepts(w, ":")) return 0;
    do {
        value next = parse_formula(w);
        if (count == 4 || !value_rational(w, next, &parts[count++])) return fail(w), 0;
    } while (accepts(w, ":"));
    whole.end = w->rest.at;
    memset(it, 0, sizeof *it);
    it->kind = ITEM_OTHER;
    it->rank = 2;
    it->at = out->size;
    if (count == 2) {
        rational inverse, ratio = rational_of(0);
        int exists = rational_inverse(parts[1], &inverse) && rational_times(parts[0], inverse, &ratio);
        if ((!exists && parts[1].over != 0) || is_time(whole, parts[1], ratio)) {
            text_add(out, whole);
        } else {
            if (!exists) return fail(w), 0;
            return finish_value(w, value_of(w, ratio), out, it);
        }
    } else {
        value sum = {0, 0};
        rational content = rational_of(1);
        for (i = 0; i < count; i++) { /* as coefficients of something: their content is what they share */
            term t;
            if (parts[i].over <= 0) return fail(w), 0;
            memset(&t, 0, sizeof t);
            t.coefficient = parts[i];
            if (w->top == TERMS_MAX) return fail(w), 0;
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
    }
    it->size = out->size - it->at;
    return 1;
}
