/* SPDX-License-Identifier: Apache-2.0
 *
 * From an answer as a model formats it to the one plain spelling that the parser reads.
 */
#include "cleaner.h"

char last_byte(const cleaner *c) { return c->out->size > 0 ? c->out->bytes[c->out->size - 1] : 0; }

void put(cleaner *c, span s) {
    char before = last_byte(c), next;
    if (s.at == s.end) return;
    next = *s.at;
    if (c->space || c->after_name) {
        int words = is_letter(before) && is_letter(next);
        int numbers = is_digit(before) && is_digit(next);
        if (words || (c->space && !c->after_name && (numbers || (is_letter(before) && is_digit(next))))) text_byte(c->out, ' ');
    }
    c->space = c->after_name = 0;
    c->has_relation |= next == '=' || next == '<' || next == '>' || starts_with(s, "≤") || starts_with(s, "≥");
    text_add(c->out, s);
}
void put_literal(cleaner *c, const char *literal) { put(c, span_of(literal, strlen(literal))); }

void skip_space(span *s) {
    while (s->at < s->end && (is_space(*s->at) || *s->at == '~')) s->at++;
}

int take(span *s, const char *literal) {
    if (s->at == s->end || *s->at != *literal || !starts_with(*s, literal)) return 0;
    s->at += strlen(literal);
    return 1;
}

/* --------------------------------------------------------------- numbers */

static const char *digits_from(span s) {
    while (s.at < s.end && is_digit(*s.at)) s.at++;
    return s.at;
}

enum { PLAIN_COMMA = 100 };

/* The kind of mark between thousands that `s` begins with, read past; 0 if none. */
static int take_thousands_mark(span *s, int brackets) {
    static const char *const marks[] = {"{,}\\!", "{,}", ",\\!", "{\\,}", "\\,", "\\ ", "\xE2\x80\x89", "\xE2\x80\xAF",
                                        "\xC2\xA0", "'", " "};
    int i;
    for (i = 0; i < (int)(sizeof marks / sizeof *marks); i++) {
        if (!take(s, marks[i])) continue;
        if (i < 4) skip_space(s);
        return i + 1;
    }
    if (!brackets && take(s, ",")) return PLAIN_COMMA;
    return 0;
}

/* Where the whole number at `s` ends if its thousands are marked, every one of them
 * alike; NULL if they are not: 12,34 and 1,200,3 are lists. */
static const char *thousands_end(const cleaner *c, span s) {
    const char *end = digits_from(s);
    int first = 0, in_list = s.at > c->start && s.at[-1] == ',';
    if (end - s.at > 3 || *s.at == '0') return NULL;
    for (s.at = end;;) {
        span group = s;
        int mark = take_thousands_mark(&group, c->brackets);
        const char *after = digits_from(group);
        if (mark == 0 || after == group.at || (first != 0 && mark != first)) break;
        if (after - group.at != 3 || (mark == PLAIN_COMMA && in_list)) return NULL;
        first = mark;
        s.at = end = after;
    }
    return first == 0 ? NULL : end;
}

static void clean_number(cleaner *c, span *s) {
    const char *start = s->at, *end = thousands_end(c, *s), *p;
    int whole = is_digit(*start);
    if (end == NULL) end = digits_from(*s);
    if (!whole) put_literal(c, is_digit(last_byte(c)) && !c->space ? "" : "0");
    for (p = start; p < end; p++) {
        span digit;
        digit.at = p;
        digit.end = p + 1;
        if (is_digit(*p)) put(c, digit);
    }
    s->at = end;
    if (s->at < s->end && *s->at == '.') {
        span fraction = *s;
        fraction.at++;
        fraction.end = digits_from(fraction);
        if (fraction.at == fraction.end && !starts_with(*s, ".\\overline") && !starts_with(*s, ".\\bar")
            && !starts_with(*s, ".\\dot{") && !starts_with(*s, ".(")) return;
        text_byte(c->out, '.');
        text_add(c->out, fraction);
        s->at = fraction.end;
    }
}

/* ------------------------------------------------------------ everything */

/* Two or more stars: bold in Markdown, or a power between two operands. */
static void clean_stars(cleaner *c, span *s) {
    char before = last_byte(c), next;
    int count = 0;
    while (take(s, "*")) count++;
    next = s->at < s->end ? *s->at : 0;
    if (count == 1) put_literal(c, "*");
    else if (count == 2 && (is_digit(before) || is_letter(before) || before == ')') && !c->space
             && (is_digit(next) || is_letter(next) || next == '(' || next == '-')) put_literal(c, "^");
    else c->space = 1;
}

/* A byte or a sign that is copied as it is. */
static void clean_plain(cleaner *c, span *s) {
    const char *stands_for;
    int size = 1;
    span sign = *s;
    if ((unsigned char)*s->at >= 0x80) {
        size = sign_ahead(*s, &stands_for);
        if (size > 0) {
            if (starts_with(*s, "∘") && is_circle(c, stands_for)) stands_for = "∘";
            s->at += size;
            if (stands_for[0] == ' ') c->space = 1, stands_for++;
            put_literal(c, stands_for);
            c->brackets += stands_for[0] == '(' ? 1 : stands_for[0] == ')' && c->brackets > 0 ? -1 : 0;
            return;
        }
        if (s->end - s->at >= 3 && starts_with(*s, "\xEF\xBC") && (unsigned char)s->at[2] <= 0x99) {
            char wide_digit = (char)((unsigned char)s->at[2] - 0x90 + '0'); /* full-width */
            sign.at = &wide_digit;
            sign.end = sign.at + 1;
            if (is_digit(wide_digit)) {
                s->at += 3;
                put(c, sign);
                return;
            }
        }
        for (size = 1; s->at + size < s->end && ((unsigned char)s->at[size] & 0xC0) == 0x80; size++) {}
    }
    sign.at = s->at;
    sign.end = s->at + size;
    s->at += size;
    put(c, sign);
}

/* a.m., P.M., B.C., A.D. */
int abbreviation_ahead(span s) {
    static const char *const pairs[] = {"am", "pm", "bc", "ad"};
    int i;
    if (s.end - s.at < 3 || s.at[1] != '.' || (s.end - s.at > 3 && is_letter(s.at[3]))) return 0;
    for (i = 0; i < 4; i++) {
        if (lower(*s.at) == pairs[i][0] && lower(s.at[2]) == pairs[i][1]) return 1;
    }
    return 0;
}

/* Whether the e at `s` is the number although a sign and digits follow: 2e + 3 is not 2000. */
static int is_e_of_sum(span s) {
    int spaced;
    s.at++;
    spaced = s.at < s.end && is_space(*s.at);
    skip_space(&s);
    if (s.at == s.end || (*s.at != '+' && *s.at != '-')) return 0;
    return spaced || (s.end - s.at > 1 && is_space(s.at[1]));
}

/* p.m. is pm, and the x of 3 x 10^8 a sign. */
static int clean_letter(cleaner *c, span *s) {
    span rest = *s;
    char letters[2], before = last_byte(c);
    int capital;
    if (abbreviation_ahead(*s) && (!is_letter(before) || c->space)) {
        capital = lower(s->at[2]) != 'm';
        letters[0] = (char)(lower(*s->at) - 32 * capital);
        letters[1] = (char)(lower(s->at[2]) - 32 * capital);
        put(c, span_of(letters, 2));
        s->at += 3;
        take(s, ".");
        return 1;
    }
    if (lower(*s->at) == 'e' && is_digit(before) && is_e_of_sum(*s)) {
        put_literal(c, "*");
        put(c, span_of(s->at++, 1));
        return 1;
    }
    rest.at++;
    skip_space(&rest);
    if (lower(*s->at) != 'x' || !is_digit(before) || !starts_with(rest, "10^")) return 0;
    s->at = rest.at;
    c->space = 0;
    put_literal(c, "*");
    return 1;
}

int clean_span(cleaner *c, span s) {
    while (s.at < s.end && !c->out->full) {
        char at = *s.at;
        if (c->vectors && clean_vector(c, &s)) continue;
        if (is_digit(at) || (at == '.' && s.end - s.at > 1 && is_digit(s.at[1]))) {
            clean_number(c, &s);
            continue;
        }
        switch (at) {
        case '\\':
            if (!clean_command(c, &s)) return 0;
            continue;
        case '{':
            if (clean_wrapping(c, &s)) continue;
            break;
        case '^':
            if (clean_degree(c, &s) || clean_ordinal(c, &s)) continue;
            break;
        case '*': clean_stars(c, &s); continue;
        case '$': case '%': case '`': s.at++; continue;
        case '&':
            if (c->matrices > 0) {
                s.at++;
                put_literal(c, ",");
                continue;
            }
            break;
        case '(': case '[': c->brackets++; break;
        case ')': c->brackets -= c->brackets > 0; break;
        case ']': c->brackets += c->brackets > 0 ? -1 : 1; break; /* ]0, 1[ begins with one */
        case ',': case ';':
            clean_plain(c, &s);
            text_byte(c->out, ' ');
            continue;
        case '<': case '>': case '!':
            if (s.end - s.at > 1 && s.at[1] == '=') {
                put_literal(c, at == '<' ? "≤" : at == '>' ? "≥" : "≠");
                s.at += 2;
                continue;
            }
            break;
        default:
            if (is_letter(at) && (clean_day(c, &s) || clean_letter(c, &s))) continue;
            if (!is_space(at) && at != '~') break;
            s.at++;
            c->space = 1;
            continue;
        }
        clean_plain(c, &s);
    }
    return !c->out->full;
}

/* Whether the brace that the text begins with closes at its end. */
static int is_group(span s) {
    int depth = 0;
    if (s.end - s.at < 2 || *s.at != '{') return 0;
    for (; s.at < s.end; s.at++) {
        if (*s.at == '\\' && s.at + 1 < s.end) s.at++;
        else if (*s.at == '{') depth++;
        else if (*s.at == '}' && --depth == 0) return s.at + 1 == s.end;
    }
    return 0;
}

static int ends_with(span s, const char *literal) {
    ptrdiff_t size = (ptrdiff_t)strlen(literal);
    return s.end - s.at >= size && memcmp(s.end - size, literal, (size_t)size) == 0;
}

/* Takes off what says nothing at either end: punctuation, and braces round everything. */
static span stripped(span s) {
    do {
        if (is_group(s)) s.at++, s.end--;
        while (s.at < s.end && memchr(" .,;:", s.end[-1], 5) != NULL && !ends_with(s, "...")) s.end--;
        while (s.at < s.end && memchr(" =:", *s.at, 3) != NULL) s.at++;
        if (starts_with(s, "≈")) s.at += strlen("≈");
    } while (is_group(s));
    return s;
}

static int clean_once(cleaner *c, span s, text *out, keeping keeps) {
    memset(c, 0, sizeof *c);
    c->out = out;
    c->start = s.at;
    c->keeps = keeps;
    c->vectors = has_vector_product(s);
    out->size = out->full = 0;
    return clean_span(c, s);
}

int clean_answer(span s, text *out) {
    cleaner c;
    if (!clean_once(&c, s, out, KEEPS_NONE)) return 0;
    /* 3 boys, 5 girls: which is which is part of the answer; 7 dollars and 50 cents are one number. */
    if (c.units_differ || (c.has_words && c.unit.at < c.unit.end)) {
        if (!clean_once(&c, s, out, c.units_differ ? KEEPS_ALL : KEEPS_WORDS)) return 0;
    }
    s = stripped(span_of(out->bytes, (uint64_t)out->size));
    out->size = (int)(s.end - s.at);
    memmove(out->bytes, s.at, (size_t)out->size);
    return 1;
}
