/* SPDX-License-Identifier: Apache-2.0
 *
 * What single words mean in an answer.
 */
#include "answers.h"

int same_word(span word, const char *lower_case) {
    if (word.at == word.end || lower(*word.at) != *lower_case) return 0;
    while (word.at < word.end && *lower_case && lower(*word.at) == *lower_case) word.at++, lower_case++;
    return word.at == word.end && *lower_case == 0;
}

int is_one_of(span word, const char *const *words, size_t count) {
    size_t i;
    for (i = 0; i < count; i++) {
        if (same_word(word, words[i])) return 1;
    }
    return 0;
}

/* Runs of two or three letters are products in a formula (xy, abc), but for these. */
static const char *const short_words[] = {
    "am", "an", "as", "at", "be", "by", "cc", "cm", "do", "ft", "gb", "gm", "go", "hr", "he", "if", "in", "is", "it",
    "kb", "kg", "km", "kw", "lb", "mb", "mg", "mi", "ml", "mm", "mw", "my", "no", "nm", "of", "on", "or", "oz", "pi",
    "pm", "pt", "so", "to", "up", "us", "we", "yd", "add", "all", "and", "any", "ate", "box", "boy", "buy", "cos",
    "cot", "csc", "cts", "day", "deg", "dry", "few", "for", "gal", "hrs", "lbs", "lcm", "lot", "low", "max", "min",
    "mod", "mph", "net", "nor", "not", "now", "one", "pkg", "sec", "sin", "six", "sqm", "tan", "ten", "the", "two",
    "usd", "was", "yes", "yrs", "ant", "arm", "art", "bin", "bit", "cow", "den", "dot", "elk", "fox", "gem", "hit",
    "hop", "ivy",
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
    "or", "and", "base", "no", "not", "none", "solution", "solutions", "if", "when", "where", "for", "to", "mod",
    "modulo", "but", "from", "through", "undefined", "infinite", "infinity", "infinitely", "is", "are", "by", "plus",
    "minus", "divided", "except", "only", "than", "least", "most", "about", "approximately", "impossible", "both",
    "neither", "either", "then", "mixed", "root", "squared", "cubed", "half", "hence", "so", "thus", "with", "without",
    "unless", "factorial", "respectively", "respective", "matrix", "matrices", "percentile", "quartile", "doubled",
    "tripled", "halved", "inverse", "reciprocal",
};

int is_telling(span word) { return is_one_of(word, telling, COUNT(telling)); }

/* When, which way, more or less: 5 loss is neither 5 nor 5 profit. */
static const char *const moments[] = {
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december", "jan", "feb", "mar", "apr", "jun", "jul", "aug", "sep", "sept", "oct", "nov", "dec", "monday",
    "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "mondays", "tuesdays", "wednesdays",
    "thursdays", "fridays", "saturdays", "sundays", "mon", "tue", "tues", "wed", "thu", "thur", "thurs", "fri", "sat",
    "sun", "noon", "midnight", "morning", "afternoon", "evening", "am", "pm", "midday", "dawn", "dusk", "sunrise",
    "sunset", "today", "tomorrow", "yesterday", "tonight", "spring", "summer", "autumn", "winter",
};
static const char *const sides[] = {
    "increase", "decrease", "increased", "decreased", "loss", "losses", "profit", "profits", "gain", "gains", "gained",
    "lost", "win", "wins", "won", "left", "right", "leftward", "rightward", "up", "down", "upward", "downward",
    "upwards", "downwards", "above", "below", "north", "south", "east", "west", "northeast", "northwest", "southeast",
    "southwest", "northern", "southern", "eastern", "western", "more", "less", "fewer", "extra", "short", "greater",
    "smaller", "larger", "bigger", "higher", "lower", "longer", "shorter", "taller", "older", "younger", "faster",
    "slower", "heavier", "lighter", "cheaper", "hotter", "colder", "warmer", "cooler", "positive", "negative",
    "clockwise", "counterclockwise", "anticlockwise", "forward", "forwards", "backward", "backwards", "deposit",
    "deposits", "deposited", "withdrawal", "withdrawals", "withdrawn", "withdrew", "before", "after", "ago", "early",
    "late", "earlier", "later", "even", "odd", "prime", "composite", "rise", "rises", "rose", "fall", "falls", "fell",
    "drop", "drops", "surplus", "deficit", "credit", "debit", "debt", "owed", "owes", "discount", "markup", "over",
    "under", "inside", "outside", "out", "off", "true", "false", "correct", "incorrect", "wrong", "added", "removed",
    "ascending", "descending", "st", "nd", "rd", "th", "ahead", "behind", "front", "fast", "slow", "maximum", "maxima",
    "minimum", "minima", "max", "inward", "inwards", "outward", "outwards", "uphill", "downhill", "upstairs",
    "downstairs", "upstream", "downstream", "too", "many", "few", "first", "last", "next", "previous", "overweight",
    "underweight", "overpaid", "underpaid", "inclusive", "exclusive", "northbound", "southbound", "eastbound",
    "westbound", "northward", "southward", "eastward", "westward", "northwards", "southwards", "eastwards",
    "westwards", "inbound", "outbound", "deeper", "shallower", "farther", "further", "closer", "nearer", "wider",
    "narrower", "thicker", "thinner", "richer", "poorer", "stronger", "weaker", "better", "worse", "sooner", "growth",
    "decline", "grew", "shrank", "expansion", "contraction", "imaginary", "onward", "gross", "score", "grand",
    "trillionth", "trillionths",
};

int is_moment(span word) { return is_one_of(word, moments, COUNT(moments)); }
int is_kept(span word) { return is_moment(word) || is_one_of(word, sides, COUNT(sides)); }

int64_t scale_of(span word) {
    static const struct { const char *word; int64_t scale; } scales[] = {
        {"dozen", 12}, {"hundred", 100}, {"thousand", 1000}, {"million", 1000000}, {"billion", 1000000000},
        {"trillion", 1000000000000}, {"lakh", 100000}, {"crore", 10000000},
    };
    size_t i;
    if (same_word(word, "tens")) return 10;
    if (same_word(word, "lakhs")) return 100000;
    if (word.end - word.at > 5 && lower(word.end[-1]) == 's') word.end--;
    for (i = 0; i < COUNT(scales); i++) {
        if (same_word(word, scales[i].word)) return scales[i].scale;
    }
    return 0;
}

int part_named(span word) {
    static const struct { const char *word; int part; } parts[] = {
        {"half", 2}, {"halve", 2}, {"third", 3}, {"quarter", 4}, {"fourth", 4}, {"fifth", 5}, {"sixth", 6},
        {"seventh", 7}, {"eighth", 8}, {"ninth", 9}, {"tenth", 10}, {"eleventh", 11}, {"twelfth", 12},
        {"thirteenth", 13}, {"fourteenth", 14}, {"fifteenth", 15}, {"sixteenth", 16}, {"seventeenth", 17},
        {"eighteenth", 18},
        {"nineteenth", 19}, {"thirtieth", 30}, {"fortieth", 40}, {"fiftieth", 50}, {"sixtieth", 60},
        {"seventieth", 70}, {"eightieth", 80}, {"ninetieth", 90}, {"billionth", 1000000000},
        {"twentieth", 20}, {"hundredth", 100}, {"thousandth", 1000}, {"millionth", 1000000},
    };
    span singular = word;
    size_t i;
    if (word.end - word.at > 4 && lower(word.end[-1]) == 's') singular.end--;
    for (i = 0; i < COUNT(parts); i++) {
        if (same_word(singular, parts[i].word)) return parts[i].part;
    }
    return 0;
}

int64_t number_named(span word) {
    static const char *const names[] = {
        "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
        "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
    };
    static const char *const tens[] = {"twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"};
    size_t i;
    for (i = 0; i < COUNT(names); i++) {
        if (same_word(word, names[i])) return (int64_t)i;
    }
    for (i = 0; i < COUNT(tens); i++) {
        if (same_word(word, tens[i])) return 10 * (int64_t)i + 20;
    }
    return -1;
}

/* Alike in their letters, but for an s at the end. */
int same_unit(span a, span b) {
    for (;;) {
        while (a.at < a.end && !is_letter(*a.at)) a.at++;
        while (b.at < b.end && !is_letter(*b.at)) b.at++;
        if (a.at == a.end || b.at == b.end || lower(*a.at) != lower(*b.at)) break;
        a.at++, b.at++;
    }
    if (a.at < a.end && lower(*a.at) == 's' && b.at == b.end) a.at++;
    else if (b.at < b.end && lower(*b.at) == 's' && a.at == a.end) b.at++;
    return a.at == a.end && b.at == b.end;
}
