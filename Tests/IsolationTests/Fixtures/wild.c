/* A plugin that does at random what the contract allows, and now and then what it does not: its
 * parameter `seed` decides. What it reads of the host goes into what it does next, so that one
 * difference between a worker and the host's own process becomes many. Pointers are NULL or good. */
#include <stdlib.h>
#include <string.h>

#include "stratagem.h"

#define TEXT(s) {s, sizeof(s) - 1}
#define ASKS 5
#define NODES 256

struct stg_instance {
    const stg_host *host;
    uint64_t dice;
    int turns;
    stg_node nodes[NODES];
    size_t known;
    stg_ask asks[ASKS];
    stg_answer answers[8];
    stg_node lists[ASKS][8];
    stg_named_value params[ASKS][3];
    char bytes[64];
};

static uint64_t draw(stg_instance *self) {
    uint64_t z = self->dice += UINT64_C(0x9E3779B97F4A7C15);
    z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
    return z ^ z >> 31;
}

static uint64_t roll(stg_instance *self, uint64_t bound) { return draw(self) % bound; }
static int chance(stg_instance *self, uint64_t percent) { return roll(self, 100) < percent; }
static void mix(stg_instance *self, uint64_t value) { self->dice = (self->dice ^ value) * UINT64_C(0x100000001B3) + 1; }

static void mix_bytes(stg_instance *self, stg_str text) {
    mix(self, text.size);
    for (size_t i = 0; i < text.size; i++) mix(self, (unsigned char)text.data[i]);
}

static void mix_double(stg_instance *self, double value) {
    uint64_t bits;
    if (value != value) value = -77;
    memcpy(&bits, &value, sizeof bits);
    mix(self, bits);
}

/* A number that is likely to be a border of something. */
static uint64_t number(stg_instance *self) {
    static const uint64_t borders[] = {0, 1, 2, 3, 4, 5, 7, 16, 152, 160, 4096, 4097, 1 << 20, (1 << 20) + 1, UINT64_C(1) << 31, UINT32_MAX,
                                       UINT64_C(1) << 32, INT64_MAX, UINT64_MAX - 1, UINT64_MAX};
    return chance(self, 90) ? borders[roll(self, sizeof borders / sizeof *borders)] : roll(self, 1 << 30);
}

static double real(stg_instance *self) {
    static const double values[] = {0, 1, 0.5, -1, 2, 1e308, -1e308, 1e-300, -0.0};
    uint64_t index = roll(self, 12);
    if (index == 9) return __builtin_nan("");
    if (index > 9) return index == 10 ? __builtin_inf() : -__builtin_inf();
    return values[index];
}

static stg_str text(stg_instance *self) {
    static const char *const words[] = {"policy", "prm", "reviser", "best-of-n", "Wait", "so\n", "n", "\xff\xfe", "\xed\xa0\x80", "\033[2J", "a\0b"};
    stg_str none = {NULL, 0}, bad = {NULL, 3}, word;
    if (chance(self, 6)) return none;
    if (chance(self, 4)) return bad;
    if (chance(self, 40)) {
        size_t size = roll(self, sizeof self->bytes);
        for (size_t i = 0; i < size; i++) self->bytes[i] = (char)(chance(self, 90) ? 'a' + (int)roll(self, 4) : (int)roll(self, 256));
        word.data = self->bytes, word.size = size;
        return word;
    }
    word.data = words[roll(self, sizeof words / sizeof *words)];
    word.size = strlen(word.data) + (word.data[0] == 'a' ? 2 : 0);
    return word;
}

static stg_node node(stg_instance *self) { return chance(self, 97) ? self->nodes[roll(self, self->known)] : number(self); }

/* ------------------------------------------------------------ reads the host */

static void read_node(stg_instance *self, stg_node one) {
    stg_node_info info;
    double scores[6];
    size_t count = 0, capacity = roll(self, 6);
    uint64_t left = 0;
    memset(&info, 0, sizeof info);
    memset(scores, 0, sizeof scores);
    info.struct_size = chance(self, 80) ? sizeof info : (uint32_t)(8 * roll(self, sizeof info / 8 + 1));
    mix(self, (uint64_t)self->host->get_node(self->host, one, &info));
    mix(self, info.flags), mix(self, info.parent), mix(self, info.problem), mix(self, info.depth), mix(self, info.steps), mix(self, info.tokens);
    mix_double(self, info.log_probability), mix_double(self, info.score);
    mix_bytes(self, info.text), mix_bytes(self, info.answer);
    mix(self, (uint64_t)self->host->step_scores(self->host, one, scores, capacity, &count));
    mix(self, count);
    for (size_t i = 0; i < capacity && i < count; i++) mix_double(self, scores[i]);
    mix(self, (uint64_t)self->host->generations_left(self->host, one, (uint32_t)(chance(self, 90) ? roll(self, 6) : number(self)), &left));
    mix(self, left);
}

static void read_rest(stg_instance *self) {
    const stg_host *host = self->host;
    stg_budget budget;
    memset(&budget, 0, sizeof budget);
    budget.struct_size = sizeof budget;
    switch (roll(self, 6)) {
    case 0:
        mix(self, (uint64_t)host->get_budget(host, &budget));
        mix(self, budget.generations), mix(self, budget.tokens), mix(self, budget.generations_spent), mix(self, budget.tokens_spent);
        mix_double(self, budget.flops), mix_double(self, budget.flops_spent), mix_double(self, budget.seconds);
        break;
    case 1: mix(self, host->random(host)); break;
    case 2: mix(self, (uint64_t)host->has_role(host, text(self))); break;
    case 3: host->log(host, (stg_log_level)(chance(self, 80) ? roll(self, 5) : number(self)), text(self)); break;
    case 4: mix(self, host->get_extension(host, text(self)) != NULL); break;
    default: if (chance(self, 10)) host->set_error(host, (stg_status)number(self), text(self));
    }
}

/* ---------------------------------------------------------------- its batches */

static void good(stg_instance *self, size_t index) {
    static const stg_str policy = TEXT("policy"), reviser = TEXT("reviser"), prm = TEXT("prm"), wait = TEXT("Wait, "), others[] = {TEXT("majority"), TEXT("best-of-n"), TEXT("greedy")};
    stg_ask *ask = &self->asks[index];
    memset(ask, 0, sizeof *ask);
    ask->struct_size = sizeof *ask;
    ask->kind = (stg_ask_kind)(1 + (chance(self, 50) ? 0 : roll(self, 5)));
    ask->tag = index * 7 % 11;
    ask->role = chance(self, 80) ? policy : reviser;
    ask->nodes = self->lists[index];
    for (size_t i = 0; i < 8; i++) self->lists[index][i] = node(self);
    switch (ask->kind) {
    case STG_ASK_SAMPLE:
        ask->node = node(self), ask->count = (uint32_t)(1 + roll(self, 4)), ask->steps = (uint32_t)roll(self, 3), ask->temperature = 1;
        ask->nodes = NULL;
        break;
    case STG_ASK_SCORE: ask->role = prm, ask->node_count = roll(self, 4); break;
    case STG_ASK_APPEND: ask->node = node(self), ask->text = wait, ask->nodes = NULL; break;
    case STG_ASK_REVISE: ask->node_count = roll(self, 3); break;
    default: {
        stg_str name = TEXT("n"), none = {NULL, 0};
        ask->nodes = NULL, ask->role = none, ask->text = others[roll(self, 3)], ask->share = 0.5, ask->max_generations = 1 + roll(self, 3);
        memset(self->params[index], 0, sizeof self->params[index]);
        self->params[index][0].name = name, self->params[index][0].value.kind = STG_VALUE_INT, self->params[index][0].value.i = (int64_t)(1 + roll(self, 3));
        ask->params = self->params[index], ask->param_count = chance(self, 20);
    }
    }
}

static void spoil(stg_instance *self, size_t index, size_t count) {
    stg_ask *ask = &self->asks[index];
    stg_named_value *param = &self->params[index][roll(self, 3)];
    switch (roll(self, 22)) {
    /* None that moves the next ask to where there is none. */
    case 0: ask->struct_size = chance(self, 50) ? (uint32_t)roll(self, 8) : UINT32_MAX; break;
    case 1: ask->kind = (stg_ask_kind)number(self); break;
    case 2: ask->tag = count > 1 && chance(self, 70) ? self->asks[(index + 1) % count].tag : number(self); break;
    case 3: ask->role = text(self); break;
    case 4: ask->node = number(self); break;
    case 5: ask->count = (uint32_t)number(self); break;
    case 6: ask->steps = (uint32_t)number(self); break;
    case 7: ask->max_tokens = (uint32_t)number(self); break;
    case 8: ask->problem = (uint32_t)number(self); break;
    case 9: ask->temperature = real(self); break;
    case 10: ask->top_p = real(self); break;
    case 11: ask->min_p = real(self); break;
    case 12: ask->nodes = NULL; break;
    case 13: ask->node_count = chance(self, 50) ? roll(self, 9) : ((size_t)STG_MAX_ASKS + 1) << roll(self, 40); break;
    case 14: ask->text = text(self); break;
    case 15: ask->params = chance(self, 50) ? NULL : self->params[index]; break;
    case 16: ask->param_count = chance(self, 50) ? roll(self, 4) : SIZE_MAX >> roll(self, 30); break;
    case 17: ask->share = real(self); break;
    case 18: ask->max_generations = number(self), ask->max_tokens_total = number(self); break;
    case 19: param->name = text(self); break;
    case 20: param->value.kind = (stg_value_kind)number(self), param->value.f = real(self); break;
    default: param->value.kind = STG_VALUE_TEXT, param->value.s = text(self);
    }
}

static stg_status next(stg_instance *self, const stg_tell *tell, stg_next *out) {
    int is_over = tell->event == STG_EVENT_CANCELLED || tell->event == STG_EVENT_BUDGET_OVER;
    mix(self, (uint64_t)tell->event);
    for (size_t i = 0; i < tell->told_count; i++) {
        const stg_told *told = stg_told_at(tell, i);
        mix(self, told->tag), mix(self, (uint64_t)told->outcome);
        for (size_t j = 0; j < told->node_count; j++) {
            if (self->known < NODES) self->nodes[self->known++] = told->nodes[j];
            read_node(self, told->nodes[j]);
        }
    }
    for (uint64_t i = roll(self, 4); i > 0; i--) chance(self, 50) ? read_node(self, node(self)) : read_rest(self);
    if (chance(self, 2)) {
        if (chance(self, 70)) self->host->set_error(self->host, STG_ERROR, text(self));
        return (stg_status)number(self);
    }
    if (chance(self, 1)) {
        out->kind = (stg_next_kind)number(self);
        return STG_OK;
    }
    if ((is_over && chance(self, 97)) || --self->turns < 0) {
        size_t count = 0;
        for (size_t i = 0; i < self->known && count < 8; i++) {
            stg_node_info info;
            info.struct_size = sizeof info;
            if (self->host->get_node(self->host, self->nodes[i], &info) != STG_OK || !(info.flags & STG_NODE_FINISHED)) continue;
            self->answers[count].node = self->nodes[i], self->answers[count++].weight = (double)roll(self, 4);
        }
        if (count > 0 && chance(self, 8)) self->answers[roll(self, count)].weight = real(self);
        if (count > 0 && chance(self, 5)) self->answers[roll(self, count)].node = node(self);
        out->kind = STG_NEXT_DONE, out->answers = self->answers, out->answer_count = count;
        if (chance(self, 2)) out->answers = NULL;
        if (chance(self, 2)) out->answer_count = SIZE_MAX >> roll(self, 40);
        return STG_OK;
    }
    size_t count = roll(self, ASKS + 1);
    for (size_t i = 0; i < count; i++) good(self, i);
    if (count > 0 && chance(self, 12)) spoil(self, roll(self, count), count);
    out->kind = STG_NEXT_ASKS, out->asks = self->asks, out->ask_count = count;
    if (chance(self, 1)) out->asks = NULL;
    if (chance(self, 1)) out->ask_count = ((size_t)STG_MAX_ASKS + 1) << roll(self, 40);
    return STG_OK;
}

static stg_status create(const stg_host *host, const stg_create_info *info, stg_instance **out) {
    stg_instance *self = calloc(1, sizeof *self);
    if (!self) return STG_OUT_OF_MEMORY;
    self->host = host;
    self->dice = (uint64_t)info->params[0].i;
    self->turns = (int)roll(self, 8);
    self->nodes[self->known++] = info->problems[0].root;
    while (chance(self, 30)) chance(self, 50) ? read_node(self, node(self)) : read_rest(self);
    if (chance(self, 2)) {
        if (chance(self, 50)) host->set_error(host, STG_ERROR, text(self));
        stg_status status = (stg_status)(1 + roll(self, 9));
        free(self);
        return status;
    }
    *out = self;
    return STG_OK;
}

static void destroy(stg_instance *self) { free(self); }

static const stg_param params[] = {{.struct_size = sizeof(stg_param), .kind = STG_PARAM_INT, .id = TEXT("seed"), .help = TEXT("What it does"),
                                    .fallback = {.kind = STG_VALUE_INT}, .max = 1e15}};
static const stg_strategy wild = {.struct_size = sizeof wild, .id = TEXT("org.stratagem.tests.wild"), .name = TEXT("wild"), .version = TEXT("1.0.0"),
                                  .summary = TEXT("Anything"), .params = params, .param_count = 1, .create = create, .next = next, .destroy = destroy};
static const stg_strategy *const all[] = {&wild};
static const stg_plugin plugin = {.magic = STG_MAGIC, .struct_size = sizeof plugin, .abi_major = STG_ABI_MAJOR, .abi_minor = STG_ABI_MINOR,
                                  .name = TEXT("wild"), .version = TEXT("1.0.0"), .strategies = all, .strategy_count = 1};
STG_EXPORT const stg_plugin *stg_plugin_entry(void) { return &plugin; }
