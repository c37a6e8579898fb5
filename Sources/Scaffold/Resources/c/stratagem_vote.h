/* stratagem_vote.h: the vote, for plugins in C. Header only, C99; needs stratagem.h.
 *
 * The strategy votes, not the host: which nodes agree, how heavy each answer is, and so
 * which node comes first. This does it as the kits of the other languages do:
 *
 *     size_t count;
 *     status = stg_vote_rank(host, STG_VOTE_SUM, nodes, node_count, answers, &count);
 *     out->kind = STG_NEXT_DONE;
 *     out->answers = answers;        room for node_count of them; yours to keep and free
 *     out->answer_count = count;
 *
 * Answers are grouped by their bytes. A group's place is its vote's, ties going to the one seen
 * first; inside a group the best score comes first. Nodes without a score follow those with
 * one. Nodes without an answer come last, with weight 0; unfinished ones are left out. If no
 * node has a score, the count decides, whatever was asked for. */
#ifndef STRATAGEM_VOTE_H
#define STRATAGEM_VOTE_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "stratagem.h"

typedef enum stg_vote_by {
    STG_VOTE_SUM,  /* the largest sum of scores wins; a node's weight is its score */
    STG_VOTE_BEST, /* the best single score wins; only the best of an answer has weight */
    STG_VOTE_COUNT /* the most common answer wins; every node weighs 1 */
} stg_vote_by;

/* One finished node. What is said of its answer is right in the answer's first entry until
 * the count is over, and then in all. */
typedef struct stg_vote_entry {
    stg_node node;
    stg_str answer;    /* the host's: valid during this call of the plugin's */
    int has_answer;
    double score;      /* -1: none */
    size_t place;      /* settles ties */
    size_t first;      /* of its answer: its first entry */
    double sum, best;  /* of its answer; best is -1 without any score */
    size_t votes;
    double value;      /* what answers are compared by: first this … */
    size_t count;      /* … then this */
} stg_vote_entry;

static int stg_vote_order(const void *left, const void *right) {
    const stg_vote_entry *a = (const stg_vote_entry *)left, *b = (const stg_vote_entry *)right;
    if (a->has_answer != b->has_answer) return a->has_answer ? -1 : 1;
    if (a->value != b->value) return a->value > b->value ? -1 : 1;
    if (a->count != b->count) return a->count > b->count ? -1 : 1;
    if (a->first != b->first) return a->first < b->first ? -1 : 1;
    if (a->score != b->score) return a->score > b->score ? -1 : 1;
    return a->place < b->place ? -1 : a->place > b->place;
}

/* The first entry with this answer, by a table of places + 1 with `mask` + 1 slots; a new
 * answer's first entry is `place`. */
static size_t stg_vote_find(size_t *table, size_t mask, const stg_vote_entry *entries, size_t place) {
    stg_str answer = entries[place].answer;
    uint64_t hash = UINT64_C(14695981039346656037); /* FNV-1a */
    size_t i, slot;
    for (i = 0; i < answer.size; i++) hash = (hash ^ (unsigned char)answer.data[i]) * UINT64_C(1099511628211);
    for (slot = (size_t)(hash ^ (hash >> 32)) & mask; table[slot]; slot = (slot + 1) & mask) {
        stg_str other = entries[table[slot] - 1].answer;
        if (other.size == answer.size && (answer.size == 0 || !memcmp(other.data, answer.data, answer.size))) return table[slot] - 1;
    }
    table[slot] = place + 1;
    return place;
}

/* Reads the finished ones of `nodes` into entries, and returns how many there are. */
static size_t stg_vote_read(const stg_host *host, const stg_node *nodes, size_t node_count, stg_vote_entry *entries) {
    size_t i, size = 0;
    for (i = 0; i < node_count; i++) {
        stg_vote_entry *entry = &entries[size];
        stg_node_info info;
        memset(&info, 0, sizeof info);
        info.struct_size = sizeof info;
        if (host->get_node(host, nodes[i], &info) != STG_OK || !(info.flags & STG_NODE_FINISHED)) continue;
        entry->node = nodes[i];
        entry->place = entry->first = size++;
        entry->score = entry->best = -1;
        if (!(info.flags & STG_NODE_ANSWERED)) continue;
        entry->has_answer = 1;
        entry->answer = info.answer;
        if ((info.flags & STG_NODE_SCORED) && info.score >= 0 && info.score <= 1) entry->score = info.score;
    }
    return size;
}

/* Counts every answer in its first entry. Returns how many entries have a score. */
static size_t stg_vote_tally(stg_vote_entry *entries, size_t size, size_t *table, size_t mask) {
    size_t i, scored = 0;
    for (i = 0; i < size; i++) {
        stg_vote_entry *entry = &entries[i], *first;
        if (!entry->has_answer) continue;
        entry->first = stg_vote_find(table, mask, entries, i);
        first = &entries[entry->first];
        first->votes++;
        if (entry->score < 0) continue;
        scored++;
        first->sum += entry->score;
        if (entry->score > first->best) first->best = entry->score;
    }
    return scored;
}

/* Ranks `nodes`, best first, into `answers`, which has room for node_count, and sets *count.
 * Call it from inside next. STG_OUT_OF_MEMORY: nothing is ranked. */
static stg_status stg_vote_rank(const stg_host *host, stg_vote_by by, const stg_node *nodes, size_t node_count,
                                stg_answer *answers, size_t *count) {
    size_t i, size, slots = 16;
    stg_vote_entry *entries = (stg_vote_entry *)calloc(node_count + 1, sizeof *entries);
    size_t *table;
    while (slots < 2 * node_count) slots *= 2;
    table = (size_t *)calloc(slots, sizeof *table);
    *count = 0;
    if (!entries || !table) {
        free(entries);
        free(table);
        return STG_OUT_OF_MEMORY;
    }
    size = stg_vote_read(host, nodes, node_count, entries);
    if (!stg_vote_tally(entries, size, table, slots - 1)) by = STG_VOTE_COUNT;
    for (i = 0; i < size; i++) {
        stg_vote_entry *entry = &entries[i], *first = &entries[entry->first];
        int by_score = by != STG_VOTE_COUNT && first->best >= 0;
        entry->value = by_score ? by == STG_VOTE_SUM ? first->sum : first->best : by == STG_VOTE_COUNT ? 0 : -1;
        entry->count = by_score ? 0 : first->votes;
    }
    qsort(entries, size, sizeof *entries, stg_vote_order);
    for (i = 0; i < size; i++) {
        int leads = i == 0 || entries[i - 1].first != entries[i].first;
        double score = entries[i].score > 0 ? entries[i].score : 0;
        answers[i].node = entries[i].node;
        answers[i].weight = !entries[i].has_answer ? 0 : by == STG_VOTE_COUNT ? 1 : by == STG_VOTE_SUM || leads ? score : 0;
    }
    *count = size;
    free(entries);
    free(table);
    return STG_OK;
}

#endif /* STRATAGEM_VOTE_H */
