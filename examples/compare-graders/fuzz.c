/* SPDX-License-Identifier: Apache-2.0
 *
 * Mutates answers and checks what must hold of any bytes: a canonical form is its own
 * canonical form; equality is reflexive, symmetric and transitive, and is the same as
 * equal canonical forms; what is extracted lies within the text. fuzz.sh builds it with
 * the sanitizers, so that no read or write goes astray unseen.
 *
 *     fuzz COUNT [SEED]
 */
#include <stdio.h>
#include <stdlib.h>

#include "functions.h"

static const char *const seeds[] = {
    "42", "-7.50", "1{,}250", "3,\\!400", "1e-05", "0.1\\overline{6}", "\\frac{3}{4}", "\\frac34", "2\\frac{1}{3}", "1 1/2",
    "7\\sqrt{12}", "\\sqrt[3]{54}", "\\frac{1}{1+\\sqrt{2}}", "\\frac{5\\pi}{6}", "3-4i", "(1+2i)^3", "\\frac{2+i}{1-3i}",
    "x^2-3x+2", "(x-1)(x-2)", "\\frac{x^2-1}{x-1}", "\\frac{x+2}{x+1}", "2^{n+1}", "e^{2x}", "\\sin^2 x", "\\sin 30^\\circ",
    "\\log_2 8", "\\ln 12", "5!", "\\binom{6}{2}", "|x-2|", "(1,-2)", "\\left(\\frac12,3\\right]", "(-\\infty,0)\\cup(1,\\infty)",
    "-2 \\le x < 5", "x > 3", "x \\ne 2", "x \\in [0,1]", "\\{1,2,3\\}", "1, 2 \\text{ and } 3", "1 \\pm \\sqrt{5}", "\\emptyset",
    "\\begin{pmatrix} 1 & 2 \\\\ 3 & 4 \\end{pmatrix}", "1011_2", "52_{8}", "52 (base 8)", "y = 2x + 3", "2x-y+3=0", "x=1, y=2",
    "3:4", "2:30", "\\text{(C)}", "\\text{no solution}", "12\\text{ cm}^2", "5 million", "40\\%", "\\$18.90", "65^\\circ", "−5",
    "½", "\\mathbb{R} \\setminus \\{0\\}", "\\boxed{7}", "#### 18 dollars", "The answer is $x=3$.", "{42}", "f(x) = x^2", "x_1+x_2",
    "2^{2010}", "\\frac{1}{2^{99}}", "\\alpha\\beta", "a b c", "10^{30}", "999999999999999999999999999999999999", "**12**",
    "\\{1,\\{2\\}\\}", "\\{\\emptyset\\}", "(y,x)=(1,2)", "x_1=2, x_2=3", "x=1,y=2 or x=3,y=4", "\\mp 3", "5!!", "\\frac{dy}{dx}",
    "0.1666...", "0.(3)", "AB", "I \\text{ or } II", "5 loss", "3 fifths", "12 noon", "3:00 p.m.", "3\\text{ boys}, 5\\text{ girls}",
    "7 dollars and 50 cents", "[0,1)\\cup\\{1\\}", "(0,1]\\cup(1,2)", "|2x-1|<5", "\\{x : 0<x<1\\}", "]0,1[", "3\\begin{pmatrix} 1 & x \\end{pmatrix}",
    "1a_{16}", "|3+4i|", "\\lfloor 3.7\\rfloor", "\\arctan 1", "(-2)^n", "e^{i\\pi/3}", "\\cos 15^\\circ", "\\sqrt{3+2\\sqrt2}", "9.8 m/s^2",
    "36 sq in", "USD 5", "twenty-one", "five and a half", "1 to 2", "option A", "(C) 5", "∓", "⌊", "\\cup", "...", "and", "loss", "A", "\\mid", "]",
    "f(2x)", "f(g(x))", "P(x+1)", "p(2)", "1/(P(x+1))", "f^{-1}(x)", "\\sigma(12)", "f\\circ g", "5\\text{ m s}^{-1}",
    "500\\text{ BC}", "p \\lor q", "4^{\\text{th}}", "June 20th", "5 tens", "\\infty-\\infty",
    "\\mathbf{a}\\times\\mathbf{b}", "\\vec{v}", "\\nabla", "\\mathbb{Z}", "\\text{ab}", "\\Delta x", "Δ", "∘", "·", "(J)",
    "3\\times4=12", "9 (apples)", "5/hour", "\\angle A=30", "\\color{red}{5}", "(1010)_2", "（", "10⁻³", "negative seven",
    "an ellipse", "({3, 4})", "f", "P", "u", "th",
    "\\text{", "\\left.", "[[1, 2], [3, 4]]", "{", "}", "\\{", "\\}", "(", ")", "[", "]", "^", "_", ",", "/", "*", "-", "+", "±",
    "=", "<", "|", "!", "°", ".", " ", "e", "i", "π", "√", "∞", "∪", "0", "1", "9", "x", "\\", "or", "cm", ";", ":", "\xC3", "\x00\x7F",
};
enum { SEEDS = sizeof seeds / sizeof *seeds, LONGEST = 120 };

static uint64_t state;
static unsigned below(unsigned bound) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)((state >> 33) % bound);
}

typedef struct answer {
    char *bytes; /* exactly as long as it is, so that a sanitizer sees a read past it */
    uint64_t size;
} answer;

static answer made(const char *bytes, uint64_t size) {
    answer a;
    a.bytes = malloc(size > 0 ? size : 1);
    a.size = size;
    if (a.bytes == NULL) exit(3);
    if (size > 0) memcpy(a.bytes, bytes, size);
    return a;
}

/* A seed put into, cut out of, or written over another. */
static answer mutated(const char *bytes, uint64_t size) {
    char all[2 * LONGEST];
    unsigned rounds = 1 + below(4);
    if (size > LONGEST) size = LONGEST;
    memcpy(all, bytes, size);
    while (rounds-- > 0) {
        const char *piece = seeds[below(SEEDS)];
        uint64_t length = strlen(piece), at = below((unsigned)size + 1), cut = below(3) == 0 ? below(5) : 0;
        if (below(4) == 0) length = 0;
        if (cut > size - at) cut = size - at;
        if (size - cut + length > LONGEST) length = 0;
        memmove(all + at + length, all + at + cut, size - at - cut);
        memcpy(all + at, piece, length);
        size += length - cut;
    }
    return made(all, size);
}

/* Another dress of the same answer, more often than not. */
static answer dressed(answer a) {
    static const char *const dresses[][2] = {
        {"$", "$"}, {" ", " "}, {"\\left", ""}, {"{", "}"}, {"\\text{", "}"}, {"\\boxed{", "}"}, {"x = ", ""}, {"", "."},
        {"\\displaystyle ", ""}, {"", "\\text{ cm}"}, {"\\(", "\\)"}, {"", "\\,"},
    };
    char all[2 * LONGEST];
    unsigned which = below(sizeof dresses / sizeof *dresses);
    uint64_t before = strlen(dresses[which][0]), after = strlen(dresses[which][1]);
    memcpy(all, dresses[which][0], before);
    memcpy(all + before, a.bytes, a.size);
    memcpy(all + before + a.size, dresses[which][1], after);
    return made(all, before + a.size + after);
}

static void report(const char *what, answer a, answer b) {
    printf("%s\n  ", what);
    fwrite(a.bytes, 1, a.size, stdout);
    printf("\n  ");
    fwrite(b.bytes, 1, b.size, stdout);
    printf("\n");
    exit(1);
}

typedef int32_t (*canonical_function)(const char *, uint64_t, char *, uint64_t, uint64_t *);
typedef int32_t (*equal_function)(const char *, uint64_t, const char *, uint64_t);

static answer canonical(canonical_function of, answer a) {
    char buffer[TEXT_MAX];
    uint64_t needed = 0, room = 0;
    int32_t status = of(a.bytes, a.size, buffer, sizeof buffer, &needed);
    if (status == STG_NOT_FOUND) return made("", 0); /* nothing but dress */
    if (status != STG_OK || needed == 0 || needed > sizeof buffer) report("no canonical form", a, a);
    if (of(a.bytes, a.size, NULL, 0, &room) != STG_OK || room != needed) report("asks for other room", a, a);
    return made(buffer, needed);
}

static int same(answer a, answer b) { return a.size == b.size && memcmp(a.bytes, b.bytes, a.size) == 0; }

static void check(canonical_function of, equal_function equal, answer a, answer b, answer c) {
    answer forms[3], again;
    int ab, bc, ac, i;
    forms[0] = canonical(of, a);
    forms[1] = canonical(of, b);
    forms[2] = canonical(of, c);
    again = canonical(of, forms[0]);
    if (!same(forms[0], again)) report("not its own canonical form", a, again);
    ab = equal(a.bytes, a.size, b.bytes, b.size);
    bc = equal(b.bytes, b.size, c.bytes, c.size);
    ac = equal(a.bytes, a.size, c.bytes, c.size);
    if (!equal(a.bytes, a.size, a.bytes, a.size)) report("not equal to itself", a, a);
    if (!equal(a.bytes, a.size, forms[0].bytes, forms[0].size)) report("not equal to its form", a, forms[0]);
    if (ab != equal(b.bytes, b.size, a.bytes, a.size)) report("not symmetric", a, b);
    if (ab != same(forms[0], forms[1])) report("equality is not that of the forms", a, b);
    if (ab + bc + ac == 2) report("not transitive", a, c);
    for (i = 0; i < 3; i++) free(forms[i].bytes);
    free(again.bytes);
}

static void check_extractors(answer a) {
    static int32_t (*const extractors[])(const char *, uint64_t, stg_str *) = {
        extract_gsm8k, extract_gsm8k_last, extract_boxed, extract_math, extract_math_first, extract_last_number,
    };
    size_t i;
    for (i = 0; i < sizeof extractors / sizeof *extractors; i++) {
        stg_str found = {NULL, 0};
        if (extractors[i](a.bytes, a.size, &found) != STG_OK) continue;
        if (found.size == 0 || found.data < a.bytes || found.data + found.size > a.bytes + a.size) report("outside the text", a, a);
    }
}

int main(int argc, char **argv) {
    long count = argc > 1 ? atol(argv[1]) : 100000, i, rounds = (count + 2) / 3, equal = 0, third = 0; /* three answers a round */
    answer last = made("", 0);
    state = argc > 2 ? (uint64_t)atol(argv[2]) : 1;
    for (i = 0; i < rounds; i++) {
        const char *seed = seeds[below(SEEDS)];
        answer a = below(3) == 0 ? mutated(last.bytes, last.size) : mutated(seed, strlen(seed));
        answer b = dressed(a), c = below(2) ? dressed(a) : mutated(a.bytes, a.size);
        check(canonical_math, equal_math, a, b, c);
        if (i % 4 == 0) check(canonical_numeric, equal_numeric, a, b, c);
        check_extractors(a);
        equal += equal_math(a.bytes, a.size, b.bytes, b.size);
        third += equal_math(a.bytes, a.size, c.bytes, c.size);
        free(last.bytes);
        last = a;
        free(b.bytes);
        free(c.bytes);
    }
    free(last.bytes);
    printf("%ld mutated answers: nothing broken; %.1f %% equal to their dressed twins, %.1f %% to a third\n", count,
           100.0 * (double)equal / (double)rounds, 100.0 * (double)third / (double)rounds);
    return 0;
}
