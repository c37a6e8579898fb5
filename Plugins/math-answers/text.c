/* SPDX-License-Identifier: Apache-2.0
 *
 * Texts of bounded size, and the meaning of single words in an answer.
 */
#include "answers.h"

void text_byte(text *t, char c) {
    if (t->size == TEXT_MAX) t->full = 1;
    else t->bytes[t->size++] = c;
}

void text_add(text *t, span s) {
    size_t size = (size_t)(s.end - s.at);
    if (size > (size_t)(TEXT_MAX - t->size)) {
        t->full = 1;
        return;
    }
    if (size > 0) memcpy(t->bytes + t->size, s.at, size);
    t->size += (int)size;
}

void text_literal(text *t, const char *literal) { text_add(t, span_of(literal, strlen(literal))); }

void text_integer(text *t, int64_t n) { text_wide(t, n); }

int same_word(span word, const char *lower_case) {
    if (word.at == word.end || lower(*word.at) != *lower_case) return 0;
    while (word.at < word.end && *lower_case && lower(*word.at) == *lower_case) word.at++, lower_case++;
    return word.at == word.end && *lower_case == 0;
}

static int is_one_of(span word, const char *const *words, size_t count) {
    size_t i;
    for (i = 0; i < count; i++) {
        if (same_word(word, words[i])) return 1;
    }
    return 0;
}
#define COUNT(array) (sizeof(array) / sizeof *(array))

/* Runs of two or three letters are products in a formula (xy, abc), except these. */
static const char *const short_words[] = {
    "am", "an", "as", "at", "be", "by", "cc", "cm", "do", "ft", "gb", "gm", "go", "hr", "he", "if", "in", "is", "it",
    "kb", "kg", "km", "kw", "lb", "mb", "mg", "mi", "ml", "mm", "mw", "my", "no", "nm", "of", "on", "or", "oz", "pi",
    "pm", "pt", "so", "to", "up", "us", "we", "yd", "add", "all", "and", "any", "ate", "box", "boy", "buy", "cos",
    "cot", "csc", "cts", "day", "deg", "dry", "few", "for", "gal", "hrs", "lbs", "lcm", "lot", "low", "max", "min",
    "mod", "mph", "net", "nor", "not", "now", "one", "pkg", "sec", "sin", "six", "sqm", "tan", "ten", "the", "two",
    "usd", "was", "yes", "yrs",
};

int is_word(span run) {
    ptrdiff_t size = run.end - run.at, i;
    if (size < 2) return 0;
    if (size > 3) return 1;
    if (is_one_of(run, short_words, COUNT(short_words))) return 1;
    if (size == 2) return 0;
    for (i = 1; i < size; i++) {
        if (run.at[i] <= run.at[i - 1]) return 1; /* cat, but not abc */
    }
    return 0;
}

static const char *const telling[] = {
    "or", "and", "base", "am", "pm", "no", "not", "none", "solution", "solutions", "if", "when", "where", "for", "to",
    "mod", "modulo", "but", "from", "through", "undefined", "infinite", "infinity", "infinitely", "is", "are", "by",
    "plus", "minus", "over", "divided", "except", "only", "than", "least", "most", "more", "less", "about",
    "approximately", "impossible", "both", "neither", "either", "then", "mixed", "root", "squared", "cubed", "half",
    "halves", "third", "thirds", "quarter", "quarters", "hence", "so", "thus", "with", "without", "unless",
};

int is_telling(span word) { return is_one_of(word, telling, COUNT(telling)); }

int64_t scale_of(span word) {
    static const struct { const char *word; int64_t scale; } scales[] = {
        {"dozen", 12}, {"hundred", 100}, {"thousand", 1000}, {"million", 1000000}, {"billion", 1000000000},
        {"trillion", 1000000000000},
    };
    size_t i;
    for (i = 0; i < COUNT(scales); i++) {
        if (same_word(word, scales[i].word)) return scales[i].scale;
    }
    return 0;
}

int64_t number_named(span word) {
    static const char *const names[] = {
        "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
        "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty",
    };
    size_t i;
    for (i = 0; i < COUNT(names); i++) {
        if (same_word(word, names[i])) return (int64_t)i;
    }
    return -1;
}
