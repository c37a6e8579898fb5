/* SPDX-License-Identifier: Apache-2.0
 *
 * What LaTeX commands and Unicode signs become.
 */
#include "cleaner.h"

/* Sorted by name, for the search. */
static const command commands[] = {
    {"!", COMMAND_DROPPED, ""}, {"$", COMMAND_DROPPED, ""}, {"%", COMMAND_DROPPED, ""}, {"&", COMMAND_TEXT, "&"},
    {"(", COMMAND_DROPPED, ""}, {")", COMMAND_DROPPED, ""}, {",", COMMAND_SPACE, ""}, {":", COMMAND_SPACE, ""},
    {";", COMMAND_SPACE, ""}, {">", COMMAND_SPACE, ""}, {"Alpha", COMMAND_TEXT, "Α"}, {"Big", COMMAND_DROPPED, ""},
    {"Bigg", COMMAND_DROPPED, ""}, {"Biggl", COMMAND_DROPPED, ""}, {"Biggr", COMMAND_DROPPED, ""},
    {"Bigl", COMMAND_DROPPED, ""}, {"Bigr", COMMAND_DROPPED, ""}, {"Delta", COMMAND_TEXT, "Δ"},
    {"Gamma", COMMAND_TEXT, "Γ"}, {"Omega", COMMAND_TEXT, "Ω"}, {"Phi", COMMAND_TEXT, "Φ"},
    {"Sigma", COMMAND_TEXT, "Σ"}, {"Theta", COMMAND_TEXT, "Θ"}, {"[", COMMAND_DROPPED, ""},
    {"]", COMMAND_DROPPED, ""}, {"alpha", COMMAND_TEXT, "α"}, {"approx", COMMAND_TEXT, "≈"},
    {"arccos", COMMAND_NAME, "arccos"}, {"arcsin", COMMAND_NAME, "arcsin"}, {"arctan", COMMAND_NAME, "arctan"},
    {"ast", COMMAND_TEXT, "*"}, {"bar", COMMAND_TEXT, "\\overline"}, {"beta", COMMAND_TEXT, "β"}, {"bf", COMMAND_DROPPED, ""}, {"big", COMMAND_DROPPED, ""},
    {"bigcup", COMMAND_TEXT, "∪"}, {"bigg", COMMAND_DROPPED, ""}, {"biggl", COMMAND_DROPPED, ""},
    {"biggr", COMMAND_DROPPED, ""}, {"bigl", COMMAND_DROPPED, ""}, {"bigr", COMMAND_DROPPED, ""},
    {"bm", COMMAND_STYLE, ""}, {"boldsymbol", COMMAND_STYLE, ""}, {"boxed", COMMAND_STYLE, ""},
    {"bullet", COMMAND_TEXT, "*"}, {"cap", COMMAND_TEXT, "∩"}, {"cdot", COMMAND_TEXT, "*"},
    {"cdots", COMMAND_TEXT, "..."}, {"cfrac", COMMAND_TEXT, "\\frac"}, {"circ", COMMAND_TEXT, "°"},
    {"colon", COMMAND_TEXT, ":"}, {"cos", COMMAND_NAME, "cos"}, {"cosh", COMMAND_NAME, "cosh"},
    {"cot", COMMAND_NAME, "cot"}, {"csc", COMMAND_NAME, "csc"}, {"cup", COMMAND_TEXT, "∪"},
    {"dbinom", COMMAND_TEXT, "\\binom"}, {"degree", COMMAND_TEXT, "°"}, {"delta", COMMAND_TEXT, "δ"},
    {"dfrac", COMMAND_TEXT, "\\frac"}, {"displaystyle", COMMAND_DROPPED, ""}, {"div", COMMAND_TEXT, "/"},
    {"dot", COMMAND_TEXT, "\\overline"}, {"dots", COMMAND_TEXT, "..."}, {"ell", COMMAND_TEXT, "ℓ"}, {"emph", COMMAND_WORDS, ""},
    {"emptyset", COMMAND_TEXT, "∅"}, {"epsilon", COMMAND_TEXT, "ε"}, {"eta", COMMAND_TEXT, "η"},
    {"exp", COMMAND_NAME, "exp"}, {"fbox", COMMAND_WORDS, ""}, {"gamma", COMMAND_TEXT, "γ"}, {"ge", COMMAND_TEXT, "≥"},
    {"geq", COMMAND_TEXT, "≥"}, {"geqslant", COMMAND_TEXT, "≥"}, {"gt", COMMAND_TEXT, ">"},
    {"hbox", COMMAND_WORDS, ""}, {"in", COMMAND_TEXT, "∈"}, {"infty", COMMAND_TEXT, "∞"}, {"it", COMMAND_DROPPED, ""},
    {"kappa", COMMAND_TEXT, "κ"}, {"lVert", COMMAND_TEXT, "|"}, {"lambda", COMMAND_TEXT, "λ"},
    {"land", COMMAND_TEXT, "∧"}, {"langle", COMMAND_TEXT, "("}, {"lbrace", COMMAND_TEXT, "\\{"},
    {"lbrack", COMMAND_TEXT, "["}, {"lceil", COMMAND_TEXT, "⌈"}, {"ldots", COMMAND_TEXT, "..."}, {"le", COMMAND_TEXT, "≤"},
    {"left", COMMAND_SIDE, ""}, {"leq", COMMAND_TEXT, "≤"}, {"leqslant", COMMAND_TEXT, "≤"}, {"lfloor", COMMAND_TEXT, "⌊"},
    {"lg", COMMAND_NAME, "log"}, {"ln", COMMAND_NAME, "ln"}, {"log", COMMAND_NAME, "log"},
    {"lor", COMMAND_TEXT, "∨"}, {"lparen", COMMAND_TEXT, "("}, {"lt", COMMAND_TEXT, "<"},
    {"lvert", COMMAND_TEXT, "|"}, {"mathbb", COMMAND_BOARD, ""}, {"mathbf", COMMAND_STYLE, ""},
    {"mathcal", COMMAND_STYLE, ""}, {"mathit", COMMAND_WORDS, ""}, {"mathrm", COMMAND_WORDS, ""},
    {"mathsf", COMMAND_WORDS, ""}, {"mathtt", COMMAND_WORDS, ""}, {"mbox", COMMAND_WORDS, ""},
    {"mid", COMMAND_TEXT, "|"}, {"middle", COMMAND_SIDE, ""}, {"mp", COMMAND_TEXT, "∓"}, {"mu", COMMAND_TEXT, "μ"},
    {"ne", COMMAND_TEXT, "≠"}, {"neq", COMMAND_TEXT, "≠"}, {"nu", COMMAND_TEXT, "ν"}, {"omega", COMMAND_TEXT, "ω"},
    {"operatorname", COMMAND_WORDS, ""},
    {"phi", COMMAND_TEXT, "φ"}, {"pi", COMMAND_TEXT, "π"},
    {"pm", COMMAND_TEXT, "±"}, {"psi", COMMAND_TEXT, "ψ"}, {"qquad", COMMAND_SPACE, ""}, {"quad", COMMAND_SPACE, ""},
    {"rVert", COMMAND_TEXT, "|"}, {"rangle", COMMAND_TEXT, ")"}, {"rbrace", COMMAND_TEXT, "\\}"},
    {"rbrack", COMMAND_TEXT, "]"}, {"rceil", COMMAND_TEXT, "⌉"}, {"rfloor", COMMAND_TEXT, "⌋"}, {"rho", COMMAND_TEXT, "ρ"}, {"right", COMMAND_SIDE, ""}, {"rm", COMMAND_DROPPED, ""},
    {"rparen", COMMAND_TEXT, ")"}, {"rvert", COMMAND_TEXT, "|"}, {"sec", COMMAND_NAME, "sec"},
    {"setminus", COMMAND_TEXT, "∖"}, {"sigma", COMMAND_TEXT, "σ"}, {"sin", COMMAND_NAME, "sin"},
    {"sinh", COMMAND_NAME, "sinh"}, {"space", COMMAND_SPACE, ""}, {"tan", COMMAND_NAME, "tan"},
    {"tanh", COMMAND_NAME, "tanh"}, {"tau", COMMAND_TEXT, "τ"}, {"tbinom", COMMAND_TEXT, "\\binom"},
    {"text", COMMAND_WORDS, ""}, {"textbf", COMMAND_WORDS, ""}, {"textit", COMMAND_WORDS, ""},
    {"textnormal", COMMAND_WORDS, ""}, {"textrm", COMMAND_WORDS, ""}, {"textsf", COMMAND_WORDS, ""},
    {"textstyle", COMMAND_DROPPED, ""}, {"texttt", COMMAND_WORDS, ""}, {"tfrac", COMMAND_TEXT, "\\frac"},
    {"theta", COMMAND_TEXT, "θ"}, {"thinspace", COMMAND_SPACE, ""}, {"times", COMMAND_TEXT, "*"},
    {"underline", COMMAND_STYLE, ""}, {"varepsilon", COMMAND_TEXT, "ε"}, {"varnothing", COMMAND_TEXT, "∅"},
    {"varphi", COMMAND_TEXT, "φ"}, {"vee", COMMAND_TEXT, "∨"}, {"vert", COMMAND_TEXT, "|"},
    {"wedge", COMMAND_TEXT, "∧"}, {"xi", COMMAND_TEXT, "ξ"}, {"zeta", COMMAND_TEXT, "ζ"},
};

const command *command_named(span name) {
    size_t low = 0, high = sizeof commands / sizeof *commands;
    size_t size = (size_t)(name.end - name.at);
    while (low < high) {
        size_t middle = (low + high) / 2, other = strlen(commands[middle].name);
        int order = memcmp(name.at, commands[middle].name, size < other ? size : other);
        if (order == 0) order = size < other ? -1 : size > other;
        if (order == 0) return &commands[middle];
        if (order < 0) high = middle;
        else low = middle + 1;
    }
    return NULL;
}

static const struct { const char *sign, *stands_for; } signs[] = {
    {"−", "-"}, {"–", "-"}, {"‐", "-"}, {"‑", "-"}, {"×", "*"}, {"·", "*"}, {"⋅", "*"}, {"•", "*"}, {"∙", "*"},
    {"∗", "*"}, {"÷", "/"}, {"∕", "/"}, {"⁄", "/"}, {"∶", ":"}, {"º", "°"}, {"˚", "°"}, {"∘", "°"},
    {"⩽", "≤"}, {"⩾", "≥"}, {"…", "..."}, {"⋯", "..."}, {"€", ""}, {"£", ""}, {"¥", ""}, {"¢", " cents"}, {"\xC2\xA0", " "},
    {"\xE2\x80\x82", " "}, {"\xE2\x80\x83", " "}, {"\xE2\x80\x87", " "}, {"\xE2\x80\x88", " "},
    {"\xE2\x80\x89", " "}, {"\xE2\x80\x8A", " "}, {"\xE2\x80\xAF", " "}, {"\xE3\x80\x80", " "},
    {"\xE2\x80\x8B", ""}, {"\xEF\xBB\xBF", ""}, {"⁰", "^0"}, {"¹", "^1"}, {"²", "^2"}, {"³", "^3"}, {"⁴", "^4"},
    {"⁵", "^5"}, {"⁶", "^6"}, {"⁷", "^7"}, {"⁸", "^8"}, {"⁹", "^9"}, {"½", "\\frac{1}{2}"}, {"⅓", "\\frac{1}{3}"},
    {"⅔", "\\frac{2}{3}"}, {"¼", "\\frac{1}{4}"}, {"¾", "\\frac{3}{4}"}, {"⅕", "\\frac{1}{5}"},
    {"⅖", "\\frac{2}{5}"}, {"⅗", "\\frac{3}{5}"}, {"⅘", "\\frac{4}{5}"}, {"⅙", "\\frac{1}{6}"},
    {"⅚", "\\frac{5}{6}"}, {"⅛", "\\frac{1}{8}"}, {"⅜", "\\frac{3}{8}"}, {"⅝", "\\frac{5}{8}"},
    {"⅞", "\\frac{7}{8}"}, {"ϕ", "φ"}, {"⟨", "("}, {"⟩", ")"}, {"，", ","}, {"（", "("}, {"）", ")"}, {"＝", "="},
    {"：", ":"}, {"＋", "+"}, {"－", "-"}, {"／", "/"}, {"＜", "<"}, {"＞", ">"}, {"％", ""}, {"⁻¹", "^-1"}, {"⁻²", "^-2"},
    {"⁻³", "^-3"}, {"⁻⁴", "^-4"}, {"⁻⁵", "^-5"}, {"⁻⁶", "^-6"}, {"⁻⁷", "^-7"}, {"⁻⁸", "^-8"}, {"⁻⁹", "^-9"},
     {"．", "."}, {"；", ";"}, {"。", "."},
    {"∣", "|"}, {"≦", "≤"}, {"≧", "≥"}, {"⋃", "∪"},
};

int sign_ahead(span s, const char **stands_for) {
    size_t i;
    for (i = 0; i < sizeof signs / sizeof *signs; i++) {
        if (*s.at != signs[i].sign[0] || !starts_with(s, signs[i].sign)) continue;
        *stands_for = signs[i].stands_for;
        return (int)strlen(signs[i].sign);
    }
    return 0;
}
