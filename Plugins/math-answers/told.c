/* SPDX-License-Identifier: Apache-2.0
 *
 * What follows "the answer is", and what is said about an answer that was given before.
 */
#include "functions.h"

/* The words between "answer" and "is" that still lead to the answer: to the question, must be. */
enum { WORDS_BETWEEN = 10 };
/* So many marks are looked at in one sentence, so that it is not read again from each of many. */
enum { MARKS_IN_A_SENTENCE = 4 };

static span next_word(span s) {
    while (s.at < s.end && (*s.at == ' ' || *s.at == '*' || *s.at == '(' || *s.at == ')')) s.at++;
    return first_word(s);
}

static span after(span word, span s) {
    s.at = word.end;
    return s;
}

/* answer must be, answer to the question is: past them; NULL if something else follows "answer". */
static const char *behind_words(span s) {
    static const char *const modals[] = {"must", "should", "would", "will", "can", "could", "may", "therefore", "then",
                                         "thus", "hence", "here", "now"};
    static const char *const links[] = {"to", "for", "in", "of", "we", "comes", "turns"};
    static const char *const verbs[] = {"is", "are", "be", "equals"};
    span word, digits;
    int i, is_aside = starts_with(s, ", ");
    s.at += is_aside;
    word = next_word(s);
    if (is_aside && !starts_with(after(word, s), ",")) return NULL; /* the answer, then, is */
    if (is_one_of(word, modals, COUNT(modals))) {
        s.at = word.end + is_aside;
        word = next_word(s);
        return is_one_of(word, verbs, COUNT(verbs)) ? word.end : NULL;
    }
    if (!is_one_of(word, links, COUNT(links))) return NULL;
    digits = s;
    digits.at = word.end;
    while (digits.at < digits.end && (*digits.at == ' ' || *digits.at == '*')) digits.at++;
    if (same_word(word, "of") && digits.at < digits.end
        && (is_digit(*digits.at) || *digits.at == '$' || *digits.at == '\\')) return digits.at; /* answer of 12 */
    for (i = 0; i < WORDS_BETWEEN && word.at < word.end; i++) {
        s.at = word.end;
        while (s.at < s.end && (is_digit(*s.at) || *s.at == '\'' || *s.at == ')')) s.at++;
        if (s.at < s.end && *s.at == ':') return s.at + 1;
        word = next_word(s);
        if (word.at == word.end) { /* question 3 is */
            s.at = word.at;
            while (s.at < s.end && is_digit(*s.at)) s.at++;
            if (s.at == word.at) return NULL;
            word = next_word(s);
        }
        if (is_one_of(word, verbs, COUNT(verbs))) return word.end;
    }
    return NULL;
}

/* Whether the line that begins with these words and ends here is a heading: ## Final answer. */
static int is_heading(const char *start, span line) {
    const char *at = line.at;
    while (at > start && line.at - at < 32 && at[-1] != '\n') at--;
    if (at > start && at[-1] != '\n') return 0;
    line.end = line.at;
    line.at = at;
    if (line.at < line.end && (*line.at == '#' || *line.at == '*')) return 1;
    line = trimmed(line);
    return line.at == line.end || same_word(line, "final") || same_word(line, "the") || same_word(line, "the final")
        || same_word(line, "correct");
}

/* After "answer": skips the words between it and the answer; NULL if no answer follows. */
static const char *behind_answer(span s, int is_titled) {
    int told = 0;
    const char *behind;
    if (s.at < s.end && *s.at == 's') s.at++;
    for (;;) {
        while (s.at < s.end && (is_space(*s.at) || *s.at == '*')) {
            if (*s.at++ == '\n') {
                if (!is_titled && !told) return NULL;
                told = 1;
                if (starts_with(s, "- ") || starts_with(s, "> ")) s.at += 2; /* an entry of a list, a quotation */
            }
        }
        if (s.at < s.end && (*s.at == ':' || *s.at == '=')) s.at++;
        else if (starts_with(s, "is") && s.end - s.at > 2 && !is_letter(s.at[2])) s.at += 2;
        else if (starts_with(s, "are") && s.end - s.at > 3 && !is_letter(s.at[3])) s.at += 3;
        else if (!told && (behind = behind_words(s)) != NULL) s.at = behind;
        else return told ? s.at : NULL;
        told = 1;
    }
}

/* $2$ and $3$: the rest of a list of formulas, if the sentence ends with it. */
static span with_list(span first, span rest) {
    span all = first, inside;
    int count = 0;
    for (;; count++) {
        span next = rest;
        if (starts_with(next, ",")) next.at++;
        next = trimmed(next);
        if (same_word(first_word(next), "and") || same_word(first_word(next), "or")) next.at = first_word(next).end;
        next = trimmed(next);
        if (next.at == rest.at || !read_formula(&next, &inside)) break;
        rest = next;
    }
    if (count == 0) return first;
    all.end = rest.at;
    rest = undressed(line_of(rest));
    return rest.at == rest.end || *rest.at == '\n' ? all : first;
}

/* The formula that begins here, or else the rest of the sentence. `looked` is where it ends. */
static span sentence(span s, int *is_sure, const char **looked) {
    const char *end;
    span inside, rest;
    s = without_hedges(trimmed(bounded(s)));
    rest = s;
    *is_sure = 1;
    if (read_formula(&rest, &inside)) {
        *looked = rest.at;
        span all = with_list(s, rest);
        if (all.end < s.end && all.end != rest.at) return all;
        inside = undressed_formula(computed(without_approximation(undressed_formula(inside))));
        if (inside.at < inside.end) return inside;
    }
    s = line_of(s);
    for (end = s.at; end + 1 < s.end; end++) {
        if (*end == '.' && is_space(end[1])) s.end = end;
    }
    *looked = s.end;
    s = stated(s);
    *is_sure = is_definite(s);
    return s;
}

/* Final answer: The answer is 5 */
static int is_told_again(span s) {
    s = bounded(s);
    for (; s.end - s.at > 6 && *s.at != '\n' && !(*s.at == '.' && is_space(s.at[1])); s.at++) {
        span word = s, rest = s;
        word.end = word.at + 6;
        if (lower(*s.at) != 'a' || !same_word(word, "answer")) continue;
        rest.at = word.end;
        rest.at = behind_answer(rest, 0);
        if (rest.at != NULL && rest.at < rest.end) return 1;
    }
    return 0;
}

/* The size of the word that `s` begins with if an answer may follow it. */
static int mark_size(span s) {
    span word = s;
    if (memchr("aAoOcC", *s.at, 6) == NULL) return 0;
    word.end = s.at + 6;
    return same_word(word, "answer") || same_word(word, "option") || same_word(word, "choice") ? 6 : 0;
}

/* option C is correct, choice (C) is the right one: the letter; empty if it is not said so. */
static span praised(span s) {
    static const char *const praises[] = {"correct", "right", "best", "answer"};
    span letter, word;
    while (s.at < s.end && (*s.at == ' ' || *s.at == '*' || *s.at == '(')) s.at++;
    letter = first_word(s);
    if (!is_choice(letter)) return nothing();
    s.at = letter.end;
    word = next_word(s);
    s.at = word.end;
    if (!same_word(word, "is")) return nothing();
    word = next_word(s);
    s.at = word.end;
    if (same_word(word, "the")) word = next_word(s);
    return is_one_of(word, praises, COUNT(praises)) ? letter : nothing();
}

/* Answer: Correct. One word behind a colon is an answer, and no remark about one. */
static int is_entry(const char *start, span s) {
    const char *at = s.at;
    if (first_word(s).end != s.end) return 0;
    while (at > start && s.at - at < 8 && (is_space(at[-1]) || at[-1] == '*')) at--;
    return at > start && at[-1] == ':';
}

/* An answer that is none in its form does not replace one that is: "The answer is clear." */
span find_told(span s, int first, int *is_sure) {
    span answer = nothing(), at = s;
    const char *looked = s.at;
    int nested = 0;
    *is_sure = 0;
    for (; s.end - at.at > 6; at.at++) {
        span rest = at;
        int is_answer = lower(*at.at) == 'a', sure, size = mark_size(at);
        if (size == 0) continue;
        nested = at.at < looked ? nested + 1 : 0;
        if (nested > MARKS_IN_A_SENTENCE) continue;
        rest.at += size;
        rest.at = behind_answer(rest, is_answer && is_heading(s.at, at));
        if (rest.at == rest.end || (rest.at != NULL && first && is_told_again(rest))) continue;
        if (rest.at != NULL) rest = sentence(rest, &sure, &looked);
        else if (!is_answer) rest = at, rest.at += size, rest = praised(bounded(rest)), sure = 1;
        else continue;
        if (rest.at == rest.end || (!is_answer && !is_choice(rest))) continue;
        if (!sure && (*is_sure || (is_remark(rest) && !is_entry(s.at, rest)))) continue;
        answer = rest;
        *is_sure = sure;
        if (first && sure) break;
    }
    return answer;
}
