/* The second half of broken.c: turns, state, functions and the block. */

/* -------------------------------------------------------------------- asks */

static stg_ask *add_ask(stg_instance *self, size_t *count, stg_ask_kind kind, uint64_t tag) {
    stg_ask *ask = &self->asks[(*count)++];
    memset(ask, 0, sizeof *ask);
    ask->struct_size = sizeof *ask;
    ask->kind = kind;
    ask->tag = tag;
    return ask;
}

/* One more ask at the start of a search, which breaks one rule. */
static void add_wrong_ask(stg_instance *self, size_t *count) {
    stg_node root = self->living[0];
    stg_ask *ask;
    static const stg_node foreign = 424242;
#define WRONG(name, kind) if (BROKEN(name) && (ask = add_ask(self, count, kind, 900)))
    if (self->round != 1) return;
    WRONG(ask_kind, 17) ask->node = 0;
    WRONG(ask_problem, STG_ASK_REVISE) ask->problem = 9;
    WRONG(ask_role, STG_ASK_SAMPLE) { ask->node = root; ask->count = 1; ask->role = (stg_str)TEXT("nobody"); }
    WRONG(ask_nodes_issued, STG_ASK_SCORE) { ask->nodes = &foreign; ask->node_count = 1; }
    WRONG(ask_pointers, STG_ASK_SCORE) { ask->nodes = NULL; ask->node_count = 3; }
    WRONG(sample_steps, STG_ASK_SAMPLE) { ask->node = root; ask->count = 1; ask->steps = STG_MAX_STEPS + 1; }
    WRONG(sample_filters, STG_ASK_SAMPLE) { ask->node = root; ask->count = 1; ask->steps = 1; ask->top_p = 1.5; }
    WRONG(sample_count, STG_ASK_SAMPLE) ask->node = root;
    WRONG(score_has_step, STG_ASK_SCORE) { ask->nodes = &self->living[0]; ask->node_count = 1; }
    WRONG(append_has_text, STG_ASK_APPEND) ask->node = root;
    WRONG(revise_no_roots, STG_ASK_REVISE) { ask->nodes = &self->living[0]; ask->node_count = 1; }
    WRONG(run_share, STG_ASK_RUN) { ask->text = (stg_str)TEXT("majority"); ask->share = 0; ask->max_generations = 1; }
    if (!self->is_other) WRONG(run_params, STG_ASK_RUN) {
        static const stg_named_value wide = {TEXT("width"), {STG_VALUE_INT, 0, 999, 0, {NULL, 0}}};
        ask->text = (stg_str)TEXT("little-other");
        ask->params = &wide;
        ask->param_count = 1;
        ask->share = 0.1;
        ask->max_generations = 1;
    }
    WRONG(run_each_other, STG_ASK_RUN) {
        ask->text = self->is_other ? (stg_str)TEXT("little-beam") : (stg_str)TEXT("little-other");
        ask->share = 0.1;
        ask->max_generations = 1;
    }
    WRONG(run_not_itself, STG_ASK_RUN) { ask->text = (stg_str)TEXT("little-beam"); ask->share = 0.1; ask->max_generations = 1; }
}

static stg_status return_asks(stg_instance *self, stg_next *out, size_t count) {
    if (BROKEN(batch_asks) && self->problems > 2 && count > 1) self->asks[1].tag = self->asks[0].tag;
    if (BROKEN(ask_tags_distinct) && count > 1) self->asks[1].tag = self->asks[0].tag;
    if (BROKEN(ask_size)) self->asks[0].struct_size = 12;
    out->kind = STG_NEXT_ASKS;
    out->asks = self->asks;
    out->ask_count = count;
    return STG_OK;
}

#ifdef BREAK_turn_stays
static stg_ask static_asks[64];
#endif

static stg_status sample(stg_instance *self, stg_next *out) {
    size_t count = 0;
    uint64_t i;
    self->round++;
    self->phase = STEPS;
    free(self->asks);
    self->asks = taken(self->living_count + 2, sizeof *self->asks);
    if (!self->asks) return fail(self->host, STG_OUT_OF_MEMORY, "no memory");
    for (i = 0; i < self->living_count; i++) {
        uint64_t share = self->n / self->living_count + (i < self->n % self->living_count);
        stg_ask *ask;
        if (share == 0) continue;
        ask = add_ask(self, &count, STG_ASK_SAMPLE, 5 + 3 * i);
        ask->node = self->living[i];
        ask->count = (uint32_t)share;
        ask->steps = self->round > (BROKEN(step_scores_few) ? 24 : 8) ? 0 : 1;
        ask->temperature = self->temperature;
        ask->min_p = self->host->random(self->host) & 1 ? 0.02 : 0;
        if (BROKEN(filter_of_parameter)) ask->top_p = self->temperature;
        if (BROKEN(roles_declared) && has_role(self->host, "spare")) ask->role = (stg_str)TEXT("spare");
        if (BROKEN(sample_temperature) && i == 1) ask->temperature = NAN;
    }
    if (BROKEN(ask_unused_zero)) self->asks[0].share = 1;
    add_wrong_ask(self, &count);
    if (BROKEN(ask_node_open) && self->finished_count) {
        stg_ask *ask = add_ask(self, &count, STG_ASK_SAMPLE, 900);
        ask->node = self->finished[0];
        ask->count = ask->steps = 1;
    }
    if (BROKEN(revise_other_problem) && self->problems > 1 && self->round == 2) {
        stg_ask *ask = add_ask(self, &count, STG_ASK_REVISE, 900);
        ask->nodes = &self->living[self->living_count - 1];
        ask->node_count = 1;
    }
    if (BROKEN(repeat_same)) self->asks[0].max_tokens = 1000 + shared_calls++;
    if (BROKEN(repeat_elsewhere)) self->asks[0].max_tokens = 1000 + getpid() % 9973;
    if (BROKEN(repeat_other_clock)) self->asks[0].max_tokens = 1000 + (budget_of(self->host).seconds_spent > 1);
    if (BROKEN(seconds_near_limit)) self->asks[0].max_tokens = 1000 + (budget_of(self->host).seconds_spent > 0.8 * budget_of(self->host).seconds);
    if (BROKEN(time_of_day)) self->asks[0].max_tokens = 1000 + (uint32_t)(time(NULL) % 8);
    if (BROKEN(answers_told_apart)) self->asks[0].max_tokens = 1000 + do_agree(self);
    if (BROKEN(threads_first)) self->asks[0].max_tokens = from_table();
    if (BROKEN(repeat_other_order)) self->asks[0].max_tokens = 1000 + is_not_first(self);
    if (BROKEN(params_together) && self->width * self->burst >= 4096) self->asks[0].count = 0;
    if (BROKEN(repeat_other_time)) self->asks[0].max_tokens = 1000 + (time(NULL) - self->made > 1800);
    if (BROKEN(environment_own_name)) self->asks[0].max_tokens = 1000 + (getenv("LITTLE_BEAM_TOKENS") != NULL);
    if (BROKEN(repeat_other_environment)) self->asks[0].max_tokens = 1000 + (getenv("SEED") != NULL);
    if (BROKEN(instances_interleaved)) self->asks[0].max_tokens = 1000 + (instances_alive > 1);
    if (BROKEN(threads_parallel)) {
        volatile int turns;
        self->asks[0].max_tokens = 1000 + __atomic_fetch_add(&inside, 1, __ATOMIC_SEQ_CST);
        for (turns = 0; turns < 50000; turns++) continue;
        __atomic_fetch_sub(&inside, 1, __ATOMIC_SEQ_CST);
    }
    if (BROKEN(thread_migration)) self->asks[0].max_tokens = 1000 + (thread_rounds++ > 0 && self->round == 1 ? 0 : self->round > 1 && thread_rounds < 2);
    if (BROKEN(node_ids_opaque) && self->round > 1) self->asks[0].max_tokens = self->asks[0].node < 1000 ? 1000 : 1001;
#ifdef BREAK_turn_stays
    memcpy(static_asks, self->asks, count * sizeof *static_asks);
    out->kind = STG_NEXT_ASKS;
    out->asks = static_asks;
    out->ask_count = count;
    return STG_OK;
#endif
    return return_asks(self, out, count);
}

/* ----------------------------------------------------------------- answers */

static int info_of(stg_instance *self, stg_node node, stg_node_info *info) {
    memset(info, 0, sizeof *info);
    info->struct_size = sizeof *info;
    return self->host->get_node(self->host, node, info) == STG_OK;
}

static double score_of(const stg_node_info *info) {
    if (BROKEN(scores_matter)) return info->flags & STG_NODE_SCORED ? (int)info->score : -1;
    return info->flags & STG_NODE_SCORED || BROKEN(fault_unscored) ? info->score : -1;
}

static stg_str said(const stg_node_info *info) { return BROKEN(votes_by_answer) ? info->text : info->answer; }

static int are_equal(stg_str a, stg_str b) {
    if (BROKEN(answers_by_prefix)) return a.size && b.size && memcmp(a.data, b.data, a.size < b.size ? a.size : b.size) == 0;
    if (BROKEN(answers_as_numbers)) return is_same_number(a, b);
    if (BROKEN(answers_in_any_case)) return a.size == b.size && strncasecmp(a.data, b.data, a.size) == 0;
    return a.size == b.size && memcmp(a.data, b.data, a.size) == 0;
}

/* How many of the finished nodes share the answer of `info`. */
static double votes_of(stg_instance *self, const stg_node_info *info) {
    stg_node_info other;
    double votes = 0;
    uint64_t i;
    for (i = 0; i < self->finished_count; i++)
        votes += info_of(self, self->finished[i], &other) && (other.problem == info->problem || BROKEN(batch_apart))
                 && are_equal(said(&other), said(info));
    return votes;
}

static double weight_of(stg_instance *self, const stg_node_info *info) {
    double score = score_of(info);
    if (BROKEN(fault_unanswered)) CRASH_IF(info->answer.data == NULL);
    if (!(info->flags & STG_NODE_ANSWERED)) return 0;
    if (BROKEN(fault_unscored)) return score;
    if (BROKEN(scores_extreme) && score == 1) return INFINITY;
    if (BROKEN(fault_no_probabilities) && self->weighted && self->careful && isnan(info->log_probability)) return NAN;
    if (BROKEN(no_probabilities_by_choice) && !self->weighted && isnan(info->log_probability)) return NAN;
    if (self->is_odd) return NAN;
    if (BROKEN(scores_all_zero)) return share_of_scores(self, score);
    if (BROKEN(stack_unwritten) && score < 0 && reads_stack()) return 2;
    if (BROKEN(figures_not_found) && self->figures) return figure_of(self, info);
    if (BROKEN(weights_unwritten)) return unwritten_weight(score);
    if (BROKEN(answer_weights) || BROKEN(required_weights)) return -1;
    return !self->weighted ? votes_of(self, info) : score >= 0 ? score : 0;
}

static int is_before(const stg_answer *a, const stg_answer *b) {
    if (BROKEN(ties_by_id) && a->weight == b->weight) return a->node < b->node;
    return BROKEN(answers_heaviest) ? a->weight < b->weight : a->weight > b->weight;
}

/* By weight, ties in the order given: qsort promises no order for those. */
static void sort(stg_answer *answers, size_t count) {
    size_t i, j;
    if (BROKEN(sorts_by_static)) { sort_by_static(answers, count); return; }
    for (i = 1; i < count; i++)
        for (j = i; j > 0 && is_before(&answers[j], &answers[j - 1]); j--) {
            stg_answer swapped = answers[j];
            answers[j] = answers[j - 1];
            answers[j - 1] = swapped;
        }
}

static stg_status done(stg_instance *self, stg_next *out, int stopped) {
    stg_node_info info;
    size_t count = 0;
    uint64_t i;
    free(self->answers);
    self->answers = taken(self->finished_count + 2, sizeof *self->answers);
    if (!self->answers) return fail(self->host, STG_OUT_OF_MEMORY, "no memory");
    for (i = 0; i < self->finished_count; i++) {
        if (!info_of(self, self->finished[i], &info)) continue;
        if (!(info.flags & STG_NODE_FINISHED) && !BROKEN(answers_not_truncated)) continue;
        if (BROKEN(batch_answers) && info.problem) continue;
        self->answered = self->answers[count].node = self->finished[i];
        self->answers[count++].weight = weight_of(self, &info);
    }
    sort(self->answers, count);
    if (BROKEN(answers_issued)) self->answers[count++].node = 424242;
    if (BROKEN(answers_finished)) self->answers[count++].node = self->root;
    if (BROKEN(answers_distinct) && count) self->answers[count] = self->answers[0], count++;
    if (BROKEN(answers_given) && !stopped) count = 0;
    if (BROKEN(stop_best_so_far) && stopped) count = 0;
    if (BROKEN(over_forgets) && stopped == STG_EVENT_BUDGET_OVER) count = 0;
    if (BROKEN(param_sizes) && (uint8_t)self->width == 0) count = 0;
    if (BROKEN(messages_any_text)) log_texts(self, count);
    out->kind = BROKEN(next_kind) ? 9 : STG_NEXT_DONE;
    out->answers = BROKEN(answer_pointers) ? NULL : self->answers;
    out->answer_count = BROKEN(answer_pointers) ? 3 : count;
    return STG_OK;
}

/* ----------------------------------------------------------------- results */

static int push(stg_node **list, uint64_t *count, stg_node node) {
    stg_node *grown = realloc(*list, (*count + 2) * sizeof **list);
    if (BROKEN(memory_refused)) grown[*count] = 0;
    if (!grown) return 0;
    *list = grown;
    grown[(*count)++] = node;
    return 1;
}

static const stg_told *told_at(const stg_tell *tell, size_t index) {
    return BROKEN(larger_told) ? &tell->told[index] : stg_told_at(tell, index);
}

/* What only a look at an outcome can do wrong. */
static void look_wrongly(stg_instance *self, const stg_told *told) {
    if (BROKEN(fault_model_fails)) CRASH_IF(told->outcome == STG_OUTCOME_MODEL_FAILED && told->node_count == 0);
    if (BROKEN(fault_model_halfway)) CRASH_IF(told->outcome == STG_OUTCOME_MODEL_FAILED && told->node_count > 0);
    if (BROKEN(fault_nothing)) CRASH_IF(told->outcome == STG_OUTCOME_OK && told->node_count == 0);
    if (BROKEN(choices_troubled)) self->is_odd |= !self->weighted && told->outcome > STG_OUTCOME_RUN_FAILED;
    if (BROKEN(batch_troubled)) self->is_odd |= self->problems > 1 && told->outcome > STG_OUTCOME_RUN_FAILED;
    if (BROKEN(fault_truncated)) CRASH_IF(told->outcome == STG_OUTCOME_TRUNCATED);
    if (BROKEN(fault_unknown_outcome)) CRASH_IF(told->outcome > STG_OUTCOME_RUN_FAILED);
    if (BROKEN(budget_cut)) CRASH_IF(told->outcome == STG_OUTCOME_BUDGET_EXHAUSTED && told->node_count > 0);
    if (BROKEN(stop_partial)) CRASH_IF(told->outcome == STG_OUTCOME_CANCELLED);
}

/* Sorts what was sampled into living and finished. */
static int harvest(stg_instance *self, const stg_tell *tell) {
    stg_node_info info;
    size_t i, j;
    self->living_count = 0;
    self->unscored = 0;
    for (i = 0; i < tell->told_count; i++) {
        const stg_told *told = told_at(tell, i);
        look_wrongly(self, told);
        if (BROKEN(told_less) && self->asks) look_at_asked(self, told, i);
        if ((BROKEN(revise_no_roots) || BROKEN(revise_other_problem)) && told->tag == 900) continue;
        if (told->outcome == STG_OUTCOME_BUDGET_EXHAUSTED) self->over = 1;
        if (told->outcome == STG_OUTCOME_MODEL_FAILED) self->failed = 1;
        if (BROKEN(cut_is_error) && told->outcome == STG_OUTCOME_TRUNCATED) self->is_cut = 1;
        for (j = 0; j < told->node_count; j++) {
            if (!info_of(self, told->nodes[j], &info)) continue;
            harvest_missed(self, told, &info);
            if (BROKEN(flags_unknown) && info.flags & ~15u) continue;
            if (BROKEN(bounds_node_text) && info.text.size) touch(info.text.data + info.text.size);
            if (BROKEN(readonly_node_text) && info.text.size) poke(info.text.data);
            if (BROKEN(node_text_hostile)) CRASH_IF(info.text.size && memchr(info.text.data, 0, info.text.size));
            if (info.text.size) self->node_text = info.text.data;
            if (info.flags & STG_NODE_TRUNCATED && !BROKEN(answers_not_truncated)) continue;
            if (info.flags & (STG_NODE_FINISHED | STG_NODE_TRUNCATED)) {
                if (!push(&self->finished, &self->finished_count, told->nodes[j])) return 0;
                self->unscored++;
                if (BROKEN(samples_finished_after_fault) && self->failed && !push(&self->living, &self->living_count, told->nodes[j])) return 0;
            } else if (!push(&self->living, &self->living_count, told->nodes[j])) {
                return 0;
            }
        }
    }
    return 1;
}

static stg_status score(stg_instance *self, stg_next *out) {
    size_t count = 0, fresh = self->careful ? self->unscored : 0;
    self->phase = SCORES;
    free(self->asks);
    self->asks = taken(2, sizeof *self->asks);
    free(self->batch);
    self->batch = taken(self->living_count + fresh, sizeof *self->batch);
    if (!self->asks || !self->batch) return fail(self->host, STG_OUT_OF_MEMORY, "no memory");
    memcpy(self->batch, self->living, self->living_count * sizeof *self->batch);
    if (fresh) memcpy(self->batch + self->living_count, self->finished + self->finished_count - fresh, fresh * sizeof *self->batch);
    if (self->living_count) {
        stg_ask *ask = add_ask(self, &count, STG_ASK_SCORE, 1);
        ask->nodes = self->batch;
        ask->node_count = self->living_count;
        if (BROKEN(asks_in_tell_by_choice) && !self->careful && stg_told_at(self->tell, 0)->node_count) ask->nodes = stg_told_at(self->tell, 0)->nodes, ask->node_count = 1;
        if (BROKEN(asks_in_tell)) ask->nodes = stg_told_at(self->tell, 0)->nodes, ask->node_count = 1;
    }
    if (fresh) {
        stg_ask *ask = add_ask(self, &count, STG_ASK_SCORE, 2);
        ask->nodes = self->batch + self->living_count;
        ask->node_count = fresh;
    }
    return return_asks(self, out, count);
}

/* Keeps the best `width` of the living, ties in the order told. */
static void select_best(stg_instance *self) {
    stg_node_info info;
    uint64_t kept, i;
    for (kept = 0; kept < self->width && kept < self->living_count; kept++) {
        uint64_t best = kept;
        double best_score = -2;
        for (i = kept; i < self->living_count; i++) {
            double value = info_of(self, self->living[i], &info) ? score_of(&info) : -1;
            if (value > best_score) best_score = value, best = i;
        }
        stg_node chosen = self->living[best];
        memmove(self->living + kept + 1, self->living + kept, (best - kept) * sizeof chosen);
        self->living[kept] = chosen;
    }
    self->living_count = kept;
}

/* -------------------------------------------------------------------- next */

/* What only next can do wrong, and has nothing to do with a search. */
static void next_wrongly(stg_instance *self, const stg_tell *tell, stg_next *out) {
    size_t i;
    if (BROKEN(bounds_tell)) touch((const char *)tell + tell->struct_size);
    if (BROKEN(bounds_told) && tell->told_count) touch((const char *)tell->told + tell->told->struct_size * tell->told_count);
    if (BROKEN(bounds_next)) poke((const char *)out + out->struct_size);
    for (i = 0; i < tell->told_count; i++) {
        const stg_told *told = stg_told_at(tell, i);
        if (BROKEN(bounds_told_nodes) && told->node_count) touch(&told->nodes[told->node_count]);
        if (BROKEN(readonly_tell) && told->node_count) poke(told->nodes);
    }
    if (BROKEN(kept_info)) touch(self->info);
    if (BROKEN(kept_problem_text) && self->problem_text) touch(self->problem_text);
    if (BROKEN(kept_tell) && self->tell) touch(self->tell);
    if (BROKEN(kept_node_text) && self->node_text) touch(self->node_text);
    if (BROKEN(restore_kept) && self->state) touch(self->state);
    if (BROKEN(next_prompt)) usleep(30000);
    self->tell = tell;
}

#ifdef BREAK_block_constant
static char summary[] = "a little beam search";
#endif

static stg_status next(stg_instance *self, const stg_tell *tell, stg_next *out) {
    /* The event, if it is one of the stops. */
    int stopped = tell->event != STG_EVENT_START && tell->event != STG_EVENT_RESULTS ? tell->event : 0;
    next_wrongly(self, tell, out);
    next_missed(self, tell);
    if (++self->turns == 2) instances_waiting--;
#ifdef BREAK_block_constant
    summary[0] = 'A';
#endif
    if (BROKEN(search_succeeds) && self->turns == 2) { self->failed = 1; return fail(self->host, STG_ERROR, "no"); }
    if (BROKEN(search_ends) && !stopped && self->phase == SCORES) return score(self, out);
    if (BROKEN(empty_batches) && !stopped && self->turns > 1) return return_asks(self, out, 0);
    if (tell->event == STG_EVENT_START) return sample(self, out);
    if (BROKEN(stop_first)) CRASH_IF(self->turns == 1);
    if (BROKEN(stop_cancelled) && tell->event == STG_EVENT_CANCELLED && self->round > 0 && self->phase == SCORES) return sample(self, out);
    if (BROKEN(stop_budget_over) && tell->event == STG_EVENT_BUDGET_OVER && self->phase == SCORES) return sample(self, out);
    if (BROKEN(fault_unknown_event)) CRASH_IF(tell->event > STG_EVENT_BUDGET_OVER);
    if (BROKEN(sequences)) CRASH_IF(tell->event == STG_EVENT_CANCELLED && self->round > 0 && !self->state && (self->n == 4 || (self->n > 11 && self->n < 64)));
    if (BROKEN(sequences_many)) CRASH_IF(tell->event == STG_EVENT_BUDGET_OVER && self->round > 1 && !self->state && self->n > 8);
    if (self->phase == STEPS) {
        if (BROKEN(stop_last) && stopped) return done(self, out, stopped);
        if (self->round > 0 && !harvest(self, tell)) return fail(self->host, STG_OUT_OF_MEMORY, "no memory");
        if (!stopped && self->scores && (self->weighted || BROKEN(unless_asked)) && self->living_count + (self->careful ? self->unscored : 0) > 0) return score(self, out);
        if (self->is_cut) return fail(self->host, STG_ERROR, "a sample was cut");
        if (self->failed && !self->finished_count && !self->living_count) return fail(self->host, STG_ERROR, "the model failed");
    } else {
        size_t i;
        for (i = 0; i < tell->told_count; i++) {
            const stg_told *told = told_at(tell, i);
            stg_node_info info;
            int scored = 0, unscored = 0;
            size_t j;
            for (j = 0; j < told->node_count; j++)
                if (info_of(self, told->nodes[j], &info)) info.flags & STG_NODE_SCORED ? scored++ : unscored++;
            if (BROKEN(fault_unknown_outcome)) CRASH_IF(told->outcome > STG_OUTCOME_RUN_FAILED);
            if (BROKEN(verifier_is_error) && told->outcome == STG_OUTCOME_VERIFIER_FAILED) { self->failed = 1; return fail(self->host, STG_ERROR, "the verifier failed"); }
            if (BROKEN(fault_verifier_fails)) CRASH_IF(told->outcome == STG_OUTCOME_VERIFIER_FAILED && scored == 0 && told->node_count > 1);
            if (BROKEN(fault_verifier_halfway)) CRASH_IF(told->outcome == STG_OUTCOME_VERIFIER_FAILED && scored > 0);
            if (BROKEN(stop_partial)) CRASH_IF(told->outcome == STG_OUTCOME_CANCELLED);
        }
    }
    if (!stopped && !self->over && self->living_count) {
        select_best(self);
        return sample(self, out);
    }
    if (BROKEN(asks_after_budget_over) && tell->event != STG_EVENT_CANCELLED) {
        self->living[0] = self->root;
        self->living_count = 1;
        return sample(self, out);
    }
    return done(self, out, stopped);
}

/* ------------------------------------------------------------------- state */

enum { S_MAGIC, S_N, S_PHASE, S_ROUND, S_OVER, S_UNSCORED, S_LIVING, S_FINISHED, S_HEAD };
#define STATE_MAGIC UINT64_C(0x6D616562)

static stg_status save(stg_instance *self, stg_str *out) {
    size_t words = S_HEAD + self->living_count + self->finished_count;
    if (!BROKEN(save_steady)) free(self->saved);
    self->saved = taken(words, sizeof *self->saved);
    if (!self->saved) return fail(self->host, STG_OUT_OF_MEMORY, "no memory");
    if (BROKEN(save_fresh) && self->turns == 0) words = 0;
    self->saved[S_MAGIC] = BROKEN(restore_elsewhere) ? (uint64_t)getpid() : STATE_MAGIC;
    self->saved[S_N] = self->n;
    self->saved[S_PHASE] = self->phase;
    self->saved[S_ROUND] = self->round;
    self->saved[S_OVER] = BROKEN(restore_partial) ? 0 : self->over;
    self->saved[S_UNSCORED] = self->unscored;
    self->saved[S_LIVING] = self->living_count;
    self->saved[S_FINISHED] = BROKEN(save_restore) && self->turns ? 0 : self->finished_count;
    if (BROKEN(save_restore) && self->turns) words -= self->finished_count;
    memcpy(self->saved + S_HEAD, self->living, self->living_count * sizeof(uint64_t));
    memcpy(self->saved + S_HEAD + self->living_count, self->finished, self->saved[S_FINISHED] * sizeof(uint64_t));
    if (BROKEN(save_again) && self->saved_turn == self->turns + 1) self->saved[S_MAGIC]++;
    self->saved_turn = self->turns + 1;
    out->data = saved_missed(self, words);
    out->size = words * sizeof(uint64_t);
    if (BROKEN(save_harmless) && self->n > 2) self->n--;
    return STG_OK;
}

static int is_state(const uint64_t *head, size_t words) {
    if (head[S_MAGIC] != (BROKEN(restore_elsewhere) ? (uint64_t)getpid() : STATE_MAGIC) || head[S_N] < 1 || head[S_N] > N_MAX || head[S_PHASE] > SCORES) return 0;
    if (head[S_LIVING] > words || head[S_FINISHED] > words || head[S_UNSCORED] > head[S_FINISHED]) return 0;
    if (BROKEN(restore_long)) return S_HEAD + head[S_LIVING] + head[S_FINISHED] <= words;
    if (BROKEN(restore_short)) return 1;
    return S_HEAD + head[S_LIVING] + head[S_FINISHED] == words;
}

static stg_status restore(const stg_host *host, const stg_create_info *info, stg_str state, stg_instance **out) {
    uint64_t head[S_HEAD];
    size_t words = state.size / sizeof(uint64_t);
    stg_instance *self;
    stg_status status;
    if (BROKEN(restore_empty)) CRASH_IF(state.size == 0);
    if (BROKEN(restore_random)) CRASH_IF(state.size == 4096);
    if (BROKEN(restore_bounds) && state.size) ((volatile char *)head)[0] = state.data[state.size];
    if ((state.size % 8 && !BROKEN(restore_short) && !BROKEN(restore_long)) || words < S_HEAD) return fail(host, BROKEN(restore_status) ? STG_ERROR : STG_INVALID_ARGUMENT, "not a state");
    memcpy(head, state.data, sizeof head);
    if (BROKEN(restore_damaged)) CRASH_IF(head[S_MAGIC] == STATE_MAGIC && head[S_PHASE] > SCORES && head[S_PHASE] < 6);
    if (BROKEN(restore_steady) && head[S_MAGIC] != STATE_MAGIC) touch(calloc(1, 64));
    if (!is_state(head, words)) return fail(host, BROKEN(restore_status) ? STG_ERROR : STG_INVALID_ARGUMENT, "not a state");
    if (BROKEN(restore_short)) {
        if (state.size > (S_HEAD + head[S_LIVING] + head[S_FINISHED]) * 8) return fail(host, STG_INVALID_ARGUMENT, "too long");
        if (head[S_LIVING] > words - S_HEAD) head[S_LIVING] = words - S_HEAD;
        if (S_HEAD + head[S_LIVING] + head[S_FINISHED] > words) head[S_FINISHED] = words - S_HEAD - head[S_LIVING];
    }
    status = create(host, info, &self);
    if (status != STG_OK) return status;
    free(self->living);
    free(self->finished);
    self->living = taken(head[S_LIVING], sizeof(uint64_t));
    self->finished = taken(head[S_FINISHED], sizeof(uint64_t));
    if (!self->living || !self->finished) {
        destroy(self);
        return fail(host, STG_OUT_OF_MEMORY, "no memory");
    }
    memcpy(self->living, state.data + S_HEAD * sizeof(uint64_t), head[S_LIVING] * sizeof(uint64_t));
    memcpy(self->finished, state.data + (S_HEAD + head[S_LIVING]) * sizeof(uint64_t), head[S_FINISHED] * sizeof(uint64_t));
    self->n = head[S_N];
    self->phase = head[S_PHASE];
    self->round = head[S_ROUND];
    self->over = head[S_OVER];
    self->unscored = head[S_UNSCORED];
    self->living_count = head[S_LIVING];
    self->finished_count = head[S_FINISHED];
    self->turns = 2;
    instances_waiting--;
    self->state = state.data;
    if (!restore_missed(self)) { destroy(self); return fail(host, STG_INVALID_ARGUMENT, "not a state of mine"); }
    *out = self;
    return STG_OK;
}

/* --------------------------------------------------------------- functions */

static int function_calls;

/* What follows the last "Answer:", in the only place for it. */
static int32_t extract_word(const char *text, uint64_t size, stg_str *answer) {
    static char kept[256];
    uint64_t i;
    for (i = size; i >= 7; i--) {
        if (memcmp(text + i - 7, "Answer:", 7) != 0 || size - i > sizeof kept) continue;
        answer->size = (size_t)(size - i);
        answer->data = memcpy(kept, text + i, answer->size);
        return STG_OK;
    }
    return STG_NOT_FOUND;
}

static int32_t extract(const char *text, uint64_t size, stg_str *answer) {
    static char kept[64], much[8192];
    uint64_t i;
    if (BROKEN(function_bounds) && size) touch(text + size);
    if (BROKEN(function_writes) && size) poke(text);
    if (BROKEN(function_hostile)) CRASH_IF(size && text[0] == 0);
    if (BROKEN(answer_of_word)) return extract_word(text, size, answer);
    if (BROKEN(function_pure) && function_calls++ % 3 == 1) return STG_NOT_FOUND;
    for (i = size; i >= 5; i--) {
        if (memcmp(text + i - 5, "#### ", 5) != 0) continue;
        answer->data = text + i;
        answer->size = (size_t)(size - i);
        if (BROKEN(function_answer_kept) && answer->size && answer->size <= sizeof kept) answer->data = memcpy(kept, text + i, answer->size);
        if (BROKEN(answer_kept_long) && answer->size > 2000 && answer->size <= sizeof much) answer->data = memcpy(much, text + i, answer->size);
        return STG_OK;
    }
    return BROKEN(function_status) ? 9 : STG_NOT_FOUND;
}

/* Works on a copy, in the only place for it. */
static int equal_in_scratch(const char *a, uint64_t a_size, const char *b, uint64_t b_size) {
    static volatile char scratch[64];
    uint64_t i;
    int same = a_size == b_size;
    for (i = 0; same && i < a_size; i++) scratch[i] = a[i];
    /* Long enough for another thread to come by. */
    for (i = 0; i < 500; i++) touch((const void *)&scratch[0]);
    for (i = 0; same && i < b_size; i++) same = scratch[i] == b[i];
    return same;
}

static double double_of(const char *text, uint64_t size) {
    double value = 0;
    uint64_t i;
    for (i = 0; i < size; i++) value = 10 * value + (text[i] - '0');
    return value;
}

static int are_digits(const char *text, uint64_t size) {
    uint64_t i;
    for (i = 0; i < size; i++) if (text[i] < '0' || text[i] > '9') return 0;
    return size > 15 && text[0] != '0';
}

static int32_t equal(const char *a, uint64_t a_size, const char *b, uint64_t b_size) {
    if (BROKEN(function_equivalence) && a_size && b_size && a[0] == 'x' && b[0] == 'X') return 1;
    if (BROKEN(function_threads) && a_size <= 64 && b_size <= 64) return equal_in_scratch(a, a_size, b, b_size);
    if (BROKEN(equal_as_doubles) && are_digits(a, a_size) && are_digits(b, b_size)) return double_of(a, a_size) == double_of(b, b_size);
    if (BROKEN(equal_neighbours) && a_size == b_size && a_size > 1 && memcmp(a, b, a_size - 1) == 0) return abs(a[a_size - 1] - b[a_size - 1]) <= 1;
    return a_size == b_size && (a_size == 0 || memcmp(a, b, a_size) == 0);
}

static double least(const double *values, uint64_t count) {
    double found = 1;
    uint64_t i;
    for (i = 0; i < count; i++) if (values[i] < found) found = values[i];
    return BROKEN(function_range) ? found * 2 : found < 0 ? 0 : found;
}

static double verify(const char *problem, uint64_t problem_size, const char *text, uint64_t text_size) {
    if (BROKEN(function_same_place)) {
        static _Thread_local const char *last;
        static _Thread_local double verdict;
        if (last == text && text) return verdict;
        last = text;
        return verdict = part_of_digits(text, text_size);
    }
    if (BROKEN(verify_negative) && text_size == 0) return -1;
    return problem_size && text_size && problem[0] == text[0] ? 1 : 0;
}

/* Every answer but the empty one is its own form. */
static int32_t canonical(const char *answer, uint64_t size, char *buffer, uint64_t capacity, uint64_t *needed) {
    if (size == 0) return STG_NOT_FOUND;
    if (BROKEN(form_once) && size > 1 && answer[0] == '0') answer++, size--;
    *needed = size + (BROKEN(function_canonical) ? 1 : 0);
    if (*needed > capacity) return STG_OK;
    memcpy(buffer, answer, size);
    if (BROKEN(function_canonical)) buffer[size] = 'x';
    return STG_OK;
}

#ifdef BREAK_equal_as_doubles
#define CANON "little-equal"
#else
#define CANON "little-canon"
#endif
#define FUNCTION(hook, name, signature, address) {sizeof(stg_function), 0, TEXT(hook), TEXT(name), TEXT(signature), (void (*)(void))address}
static const stg_function function_table[] = {
    {BROKEN(function_sizes) ? 7 : sizeof(stg_function), BROKEN(function_reserved) ? 1 : 0, TEXT("stratagem.extract_answer/1"),
     TEXT_IF(function_name, "Little Hash", "little-hash"),
     TEXT_IF(function_signature, "i32(ptr)", "i32(ptr,u64,ptr)"), (void (*)(void))extract},
    FUNCTION("stratagem.answers_equal/1", "little-equal", "i32(ptr,u64,ptr,u64)", equal),
    FUNCTION("stratagem.aggregate_steps/1", "little-least", "f64(ptr,u64)", least),
    FUNCTION("stratagem.verify/1", "little-verify", "f64(ptr,u64,ptr,u64)", verify),
    FUNCTION("stratagem.canonical_answer/1", CANON, "i32(ptr,u64,ptr,u64,ptr)", canonical),
};
static const stg_function *const functions[] = {function_table, function_table + 1, function_table + 2, function_table + 3, function_table + 4};

/* ------------------------------------------------------------------- block */

#ifdef BREAK_roles_changed
#define ROLES changed_roles
#elif defined BREAK_unless_nothing || defined BREAK_unless_asked || defined BREAK_unless_right
#define ROLES unless_roles
#else
#define ROLES roles
#endif
static const stg_strategy little_beam = {
    BROKEN(strategy_sizes) ? 16 : sizeof(stg_strategy),
    (BROKEN(batch_asks) || BROKEN(batch_troubled) || BROKEN(batch_answers) || BROKEN(nothing_batch) || BROKEN(batch_apart) || BROKEN(batch_problem_stride) || BROKEN(revise_other_problem) ? STG_STRATEGY_BATCH : 0) | (BROKEN(strategy_flags) ? 256 : 0),
    TEXT_IF(strategy_id, "beam", "org.example.little-beam"),
    TEXT_IF(strategy_name, "Little Beam", "little-beam"),
    TEXT_IF(strategy_version, "one", "1.0.0"),
#ifdef BREAK_block_constant
    {summary, sizeof summary - 1},
#else
    TEXT_IF(strategy_summary, "a \xFF beam", "a little beam search"),
#endif
    params, P_COUNT,
    create, next, save, BROKEN(strategy_calls) ? NULL : restore, destroy, ROLES, 2,
};

#if defined BREAK_run_params || defined BREAK_run_each_other
static const stg_strategy little_other = {
    sizeof(stg_strategy), 0, TEXT("org.example.little-other"), TEXT("little-other"), TEXT("1.0.0"), TEXT("the same again"),
    params, P_COUNT, create, next, save, restore, destroy, roles, 2,
};
#else
#define little_other little_beam
#endif
static const stg_strategy *const strategies[] = {&little_beam, &little_other};

static const void *extension(stg_str id) {
    static const int table = 1;
    if (BROKEN(extension_unknown) && id.size == 1) return &table;
    if (BROKEN(extension_by_strcmp)) return id.data && strcmp(id.data, "org.example.little/1") == 0 ? &table : NULL;
    if (BROKEN(extension_by_start)) return id.size >= 20 && memcmp(id.data, "org.example.little/1", 20) == 0 ? &table : NULL;
    if (BROKEN(extension_id_bounds)) return id.data && strlen(id.data) == 3 ? &table : NULL;
    return NULL;
}

static const stg_plugin plugin = {
    BROKEN(entry_magic) ? 1 : STG_MAGIC, BROKEN(entry_size) ? 8 : sizeof(stg_plugin), BROKEN(entry_abi_major) ? 2 : STG_ABI_MAJOR, STG_ABI_MINOR,
    TEXT_IF(plugin_name, "little_beam", "little-beam"),
    TEXT_IF(plugin_version, "1", "1.0.0"),
    BROKEN(plugin_offers) ? NULL : strategies, BROKEN(strategies_distinct) || BROKEN(run_params) || BROKEN(run_each_other) ? 2 : 1,
    functions, sizeof functions / sizeof *functions, extension,
};

/* ----------------------------------------------------------------- loading */

#ifdef BREAK_library_exports
STG_EXPORT int little_helper(void) { return 1; }
#endif
#ifdef BREAK_library_loads
extern int data_that_nobody_has;
int *const library_loads = &data_that_nobody_has;
#endif
#ifdef BREAK_library_binds_now
extern int function_that_nobody_has(void);
#endif

__attribute__((constructor)) static void load_wrongly(void) {
    static pthread_t thread;
    int ends[2];
    if (BROKEN(threads_at_load)) pthread_create(&thread, NULL, idle, NULL);
    if (BROKEN(signals_at_load)) signal(SIGUSR1, handler);
    if (BROKEN(load_files)) dup(0);
    if (BROKEN(load_pipe)) CRASH_IF(pipe(ends) != 0);
    if (BROKEN(load_environment)) setenv("BROKEN", "1", 1);
    if (BROKEN(load_locale)) setlocale(LC_ALL, "C.UTF-8");
    if (BROKEN(load_directory)) umask(0);
    if (BROKEN(load_rounding)) fesetround(FE_UPWARD);
    if (BROKEN(load_silent)) puts("hello");
    if (BROKEN(load_time)) usleep(400000);
}

#ifdef BREAK_entry_exported
const stg_plugin *stg_plugin_entry_renamed(void) {
#else
STG_EXPORT const stg_plugin *stg_plugin_entry(void) {
#endif
#ifdef BREAK_library_binds_now
    if (getpid() < 0) function_that_nobody_has();
#endif
#ifdef BREAK_entry_constant
    static stg_plugin copies[2];
    static int calls;
    stg_plugin *copy = &copies[calls++ % 2];
    memcpy(copy, &plugin, sizeof plugin);
    return copy;
#endif
    if (BROKEN(entry_block)) return NULL;
    if (BROKEN(load_settings)) srandom(1);
    if (BROKEN(locale_of_environment)) setlocale(LC_ALL, "");
    if (BROKEN(load_signals)) signal(SIGUSR1, handler);
    if (BROKEN(load_threads)) { static pthread_t thread; pthread_create(&thread, NULL, idle, NULL); }
    return &plugin;
}
