/* SPDX-License-Identifier: Apache-2.0
 *
 * The one answer in a sentence of words, the result of a computation, and whether a piece is an answer at all.
 */
#include "functions.h"

static int has_digit(span s) {
    while (s.at < s.end && !is_digit(*s.at)) s.at++;
    return s.at < s.end;
}

static int has_value(span s) { return has_digit(s) || starts_with(s, "\\pi") || starts_with(s, "π"); }

/* ---------------------------------------------------------- computations */

/* A sign of arithmetic that `s` begins with: its size, 0 for another text. */
static int operator_size(span s) {
    static const char *const signs[] = {"+", "*", "/", "-", "^", "!", "×", "÷", "·", "−", "√", "\\times", "\\cdot",
                                        "\\div", "\\sqrt", "\\binom", "\\frac", "\\dfrac", "\\tfrac", "\\log_",
                                        "\\sin", "\\cos", "\\tan", "|"};
    size_t i;
    for (i = 0; i < COUNT(signs); i++) {
        if (starts_with(s, signs[i])) return (int)strlen(signs[i]);
    }
    return 0;
}

/* What has no part in what is computed. */
static int filler_size(span s) {
    static const char *const fillers[] = {"\\left", "\\right", "\\text", "\\$", "\\%", "\\,", "\\!", "\\pi", "π",
                                          "\\circ"};
    size_t i;
    if (is_digit(*s.at) || is_space(*s.at) || memchr(".,(){}$%'", *s.at, 9) != NULL) return 1;
    for (i = 0; i < COUNT(fillers); i++) {
        if (starts_with(s, fillers[i])) return (int)strlen(fillers[i]);
    }
    return 0;
}

/* 3 x 4: a letter between two numbers; but 2x - 4. */
static int is_cross(span s, span word) {
    span left = s, right = s;
    if (word.end - word.at != 1 || lower(*word.at) != 'x') return 0;
    left.end = word.at;
    right.at = word.end;
    left = trimmed(left);
    right = trimmed(right);
    return left.at < left.end && right.at < right.end && (is_digit(left.end[-1]) || left.end[-1] == ')')
        && (is_digit(*right.at) || *right.at == '$' || *right.at == '(');
}

/* Whether `s` computes with numbers, perhaps in words and units, and without letters for unknowns. */
static int is_arithmetic(span s) {
    span rest = s;
    int operators = 0;
    if (!has_digit(s)) return 0;
    while (rest.at < rest.end) {
        int size = operator_size(rest);
        if (size > 0) operators++;
        else if (is_letter(*rest.at)) {
            span word = first_word(rest);
            size = (int)(word.end - word.at);
            if (is_cross(s, word)) operators++;
            else if (size == 1 && (lower(*word.at) != 'a' || word.at == s.at)) return 0;
            else if (size > 1 && (!is_word(word) || function_named(word) != NULL)) return 0;
        } else size = filler_size(rest);
        if (size == 0) return 0;
        rest.at += size;
    }
    return operators > 0;
}

/* 12/7 or \frac{12}{7}: exact, where what is said to be equal may be rounded. */
static int is_fraction(span s) {
    if (starts_with(s, "\\frac") || starts_with(s, "\\dfrac") || starts_with(s, "\\tfrac")) {
        while (s.at < s.end && memchr("+-* ", *s.at, 4) == NULL && !starts_with(s, "\\times")) s.at++;
    } else {
        while (s.at < s.end && (is_digit(*s.at) || *s.at == '/')) s.at++;
    }
    return s.at == s.end;
}

span computed(span s) {
    span left = s, right = s;
    const char *at;
    for (at = s.end; at > s.at && at[-1] != '='; at--) {}
    if (at == s.at || at - s.at < 2 || memchr("<>!=:", at[-2], 5) != NULL) return s;
    right.at = at;
    left.end = at - 1;
    for (at = left.end; at > s.at && at[-1] != '='; at--) {}
    left.at = at;
    left = trimmed(left);
    right = trimmed(right);
    if (!is_arithmetic(left) || !has_value(right)) return s;
    return is_fraction(left) && memchr(right.at, '.', (size_t)(right.end - right.at)) != NULL ? left : right;
}

static int has_root(span s) {
    while (s.at < s.end && !starts_with(s, "√") && !starts_with(s, "π")) s.at++;
    return s.at < s.end;
}

/* 2√3, or about 3.46: the exact one of two values. */
span without_approximation(span s) {
    static const char *const marks[] = {", or approximately ", ", or about ", " or approximately ", "≈", "\\approx"};
    span left = s, right = s;
    for (; right.at < right.end; right.at++) {
        size_t i;
        for (i = 0; i < COUNT(marks) && !starts_with(right, marks[i]); i++) {}
        if (i == COUNT(marks)) continue;
        left.end = right.at;
        right.at += strlen(marks[i]);
        left = trimmed(left);
        right = trimmed(right);
        if (!has_digit(right) || !has_value(left)) return s;
        return memchr(left.at, '\\', (size_t)(left.end - left.at)) == NULL && !is_fraction(left) && is_arithmetic(left)
                && !has_root(left) ? right : left;
    }
    return s;
}

/* ------------------------------------------------------------- sentences */

/* Words that change what a number in their sentence says. */
static const char *const changing[] = {
    "or", "base", "no", "not", "none", "neither", "either", "except", "than", "least", "most", "between", "from",
    "through", "mod", "modulo", "unless", "but", "minus", "plus", "divided", "times", "root", "squared", "cubed",
    "half",
    "undefined", "integers", "reals", "if", "when", "step", "part", "case", "question", "problem", "example",
};

/* Past a number with its thousands, point, slash or colon. */
static void read_digits(span *s) {
    while (s->at < s->end) {
        int joins = s->end - s->at > 1 && memchr(",./:", *s->at, 4) != NULL && is_digit(s->at[1]);
        if (!is_digit(*s->at) && !joins) return;
        s->at++;
    }
}

/* What a sentence holds: `only` is the last of what it counts. */
typedef struct held {
    span number, formula, bold;
    int numbers, formulas, bolds, words, words_before; /* the number */
} held;

/* Reads past a number or a formula; 0 if there is none. */
static int read_item(span *rest, const char *start, int is_bold, held *h) {
    span item = *rest, inside;
    int is_sign = (*item.at == '-' && (item.at == start || is_space(item.at[-1])));
    if (is_digit(*item.at) || (is_sign && item.end - item.at > 1 && is_digit(item.at[1]))) {
        rest->at += is_sign;
        read_digits(rest);
    } else if (read_formula(rest, &inside)) {
        item = inside;
        h->formula = inside;
        h->formulas++;
        if (!has_digit(inside)) return 1;
    } else return 0;
    h->numbers++;
    h->number = item;
    h->words_before = h->words;
    if (is_bold) h->bolds++, h->bold = item;
    return 1;
}

static int read_sentence(span s, held *h) {
    span rest = s;
    int is_bold = 0;
    memset(h, 0, sizeof *h);
    while (rest.at < rest.end) {
        if (starts_with(rest, "**")) is_bold = !is_bold, rest.at += 2;
        else if (read_item(&rest, s.at, is_bold, h)) continue;
        else if (is_letter(*rest.at)) {
            span word = first_word(rest);
            if (is_one_of(word, changing, COUNT(changing)) || (is_word(word) && function_named(word) != NULL)) return 0;
            if (word.end - word.at > 1) h->words++;
            rest.at = word.end;
        } else if (starts_with(rest, "\\$") || starts_with(rest, "\\%")) rest.at += 2;
        else if (memchr("=<>^_{}|\\", *rest.at, 9) != NULL) return 0;
        else rest.at++;
    }
    return h->words > 0;
}

span only_item(span s) {
    static const char *const leading[] = {"given", "found", "obtained", "below", "above", "as", "in", "shown"};
    held h;
    span item;
    if (s.at == s.end || !is_letter(*s.at)) return s;
    if (is_remark(s) && !is_one_of(first_word(s), leading, COUNT(leading))) return s; /* reasonable for 16 eggs */
    if (!read_sentence(s, &h)) return s;
    if (h.bolds == 1) item = h.bold;
    else if (h.numbers == 1 && (h.words_before > 1 || h.formulas == 1)) item = h.number; /* but March 5 */
    else if (h.numbers == 0 && h.formulas == 1) item = h.formula;
    else return s;
    if (h.formulas > 0 && item.at == h.formula.at) return undressed_formula(computed(trimmed(item)));
    item.end = s.end;
    return undressed(without_words(item));
}


/* ----------------------------------------------------------- small talk */

/* Words that are the answer to some questions. */
static const char *const verdicts[] = {
    "yes", "no", "true", "false", "even", "odd", "none", "neither", "both", "infinity", "infinite", "infinitely",
    "undefined", "impossible", "prime", "composite", "dne", "all", "north", "south", "east", "west", "northeast",
    "northwest", "southeast", "southwest", "left", "clockwise", "counterclockwise", "increasing", "decreasing",
};
/* What is said about an answer. */
static const char *const remarks[] = {
    "helpful", "clear", "correct", "right", "useful", "reasonable", "accurate", "wrong", "incorrect", "unclear",
    "based", "given", "below", "above", "found", "obtained", "i", "we", "not", "in", "let", "as", "consistent",
    "verified", "what", "satisfactory", "sufficient", "supposed", "expected", "valid", "easy",
    "simple", "obvious", "now", "shown",
};

int is_remark(span s) {
    span word = first_word(s);
    if (word.end - word.at == 1 && word.end == s.end) return 0; /* the choice I */
    return is_one_of(word, remarks, COUNT(remarks));
}

int is_title(span s) {
    static const char *const titles[] = {
        "step", "part", "case", "solution", "explanation", "calculation", "calculations", "conclusion", "final",
        "answer", "verification", "check", "understanding", "analysis", "summary", "reasoning",
        "approach", "problem", "question", "method", "given",
    };
    return is_one_of(first_word(s), titles, COUNT(titles));
}

int is_definite(span s) {
    span word = first_word(s), rest = s;
    if (has_digit(s) || word.at == word.end || word.end - word.at == 1) return !is_remark(s);
    rest.at = word.end;
    if (number_named(word) >= 0 || starts_with(s, "does not exist")) return 1;
    if (same_word(word, "no")) {
        while (rest.at < rest.end && !starts_with(rest, "solution")) rest.at++;
        return rest.at < rest.end || s.end == word.end || !is_space(*word.end);
    }
    if (is_one_of(word, verdicts, COUNT(verdicts)) || is_moment(word)) {
        return rest.at == rest.end || !is_space(*rest.at) || same_word(word, "infinitely") || same_word(word, "all")
            || same_word(word, "none");
    }
    while (rest.at < rest.end && memchr("\\^=_", *rest.at, 4) == NULL) rest.at++;
    return rest.at < rest.end;
}
