/* Defects that went unnoticed once: each is what an author who had nothing but the header did. */

/* ------------------------------------------------------------- parameters */

static pthread_t loader;
static volatile int threads_seen, busy;
static _Thread_local int thread_is_known, thread_told, thread_restored;

/* A text parameter's value, if it has one. */
static stg_str text_of(const stg_create_info *info, int index) {
    stg_str none = {NULL, 0};
    stg_value_kind kind = info->params[index].kind;
    return kind == STG_VALUE_TEXT || kind == STG_VALUE_BYTES ? info->params[index].s : none;
}

static void *nap(void *unused) {
    usleep(300000);
    return unused;
}

static const stg_host *first_host, *saved_host;

static stg_role changed_roles[2] = {
    {sizeof(stg_role), 0, TEXT("policy"), {NULL, 0}, {NULL, 0}, {NULL, 0}, TEXT("samples the steps")},
    {sizeof(stg_role), STG_ROLE_VERIFIER | STG_ROLE_OPTIONAL, TEXT("prm"), {NULL, 0}, {NULL, 0}, {NULL, 0}, TEXT("scores them")},
};

/* prm is needed but for one choice, which no choice is, or which asks for it all the same. */
static const stg_role unless_roles[2] = {
    {sizeof(stg_role), 0, TEXT("policy"), {NULL, 0}, {NULL, 0}, {NULL, 0}, TEXT("samples the steps")},
    {sizeof(stg_role), STG_ROLE_VERIFIER, TEXT("prm"), {NULL, 0}, TEXT("selection"), TEXT_IF(unless_nothing, "Count", "count"), TEXT("scores them")},
};

static uint64_t shared_width;

/* Whether the model tells other things than this plugin knows of. */
static int tells_more(const stg_host *host) {
    const stg_capabilities_1 *table = host->get_extension(host, (stg_str)TEXT(STG_CAPABILITIES_1));
    uint64_t bits = 0;
    return table && table->of_role(host, (stg_str)TEXT("policy"), &bits) == STG_OK && bits > 127;
}

/* 1 if the process's first search was of another size. */
static uint32_t is_not_first(const stg_instance *self) {
    static uint64_t first;
    if (!first) first = self->n;
    return first != self->n;
}

/* Whether the first two answers look the same, as far as they are looked at. */
static uint32_t do_agree(stg_instance *self) {
    stg_node_info a = {sizeof a}, b = {sizeof b};
    if (self->finished_count < 2) return 0;
    self->host->get_node(self->host, self->finished[0], &a);
    self->host->get_node(self->host, self->finished[1], &b);
    return a.answer.size == b.answer.size && memcmp(a.answer.data, b.answer.data, a.answer.size > 64 ? 64 : a.answer.size) == 0;
}

static double part_of_digits(const char *text, uint64_t size) {
    uint64_t i, digits = 0;
    for (i = 0; i < size; i++) digits += text[i] >= '0' && text[i] <= '9';
    return size ? (double)digits / (double)size : 0;
}

/* A table that the first one who needs it makes. */
static uint32_t from_table(void) {
    static volatile int is_made;
    static volatile uint32_t table[200000];
    size_t i;
    if (!is_made) {
        is_made = 1;
        for (i = 0; i < 4000000; i++) table[i / 20] = 1000;
    }
    return table[199999];
}

/* What the comparison looks into. */
static const stg_answer *sorted;

static int by_sorted(const void *a, const void *b) {
    size_t x = *(const size_t *)a, y = *(const size_t *)b;
    if (sorted[x].weight != sorted[y].weight) return sorted[x].weight < sorted[y].weight ? 1 : -1;
    return x < y ? -1 : x > y;
}

static void sort_by_static(stg_answer *answers, size_t count) {
    size_t *order = malloc((count + 1) * sizeof *order), i;
    stg_answer *copy = malloc((count + 1) * sizeof *copy);
    memcpy(copy, answers, count * sizeof *copy);
    for (i = 0; i < count; i++) order[i] = i;
    sorted = copy;
    qsort(order, count, sizeof *order, by_sorted);
    for (i = 0; i < count; i++) answers[i] = copy[order[i]];
    free(order);
    free(copy);
}

static double number_of(stg_str text) {
    char copy[64] = {0};
    memcpy(copy, text.data, text.size < 63 ? text.size : 63);
    return atof(copy);
}

static int is_same_number(stg_str a, stg_str b) {
    if (a.size == b.size && memcmp(a.data, b.data, a.size) == 0) return 1;
    return number_of(a) == number_of(b) && number_of(a) != 0;
}

/* Its part of all scores. */
static double share_of_scores(stg_instance *self, double score) {
    double sum = 0;
    uint64_t i;
    for (i = 0; i < self->finished_count; i++) {
        stg_node_info info = {sizeof info};
        self->host->get_node(self->host, self->finished[i], &info);
        if (info.flags & STG_NODE_SCORED) sum += info.score;
    }
    return score < 0 ? 0 : score / sum;
}

/* What was on the stack before, as if it had been written. */
__attribute__((noinline)) static int reads_stack(void) {
    volatile uint64_t words[16];
    int i, found = 0;
    for (i = 0; i < 16; i++) found |= words[i] == UINT64_MAX;
    return found;
}

/* Of a node that nothing is known of, what was there before. */
__attribute__((noinline)) static double figure_of(stg_instance *self, const stg_node_info *info) {
    stg_confidence found;
    found.struct_size = sizeof found;
    self->figures->summary(self->host, self->answered, &found);
    return found.mean <= 0 ? 1 / (1 - found.mean) : 0.5;
}

static void create_missed(stg_instance *self, const stg_host *host, const stg_create_info *info) {
    stg_str note = text_of(info, P_NOTE), table = text_of(info, P_TABLE), choice = text_of(info, P_SELECTION);
    if (BROKEN(bounds_param_text) && note.size) touch(note.data + note.size);
    if (BROKEN(param_file_past_end) && table.size) touch(table.data + table.size);
    if (BROKEN(param_choice_past_end) && choice.size) touch(choice.data + choice.size);
    if (BROKEN(readonly_param_text) && note.size) poke(note.data);
    if (BROKEN(threads_of_runtime)) {
        static int is_started;
        if (!__atomic_exchange_n(&is_started, 1, __ATOMIC_SEQ_CST)) pthread_create(&self->thread, NULL, idle, NULL);
    }
    if (BROKEN(heap_bounds)) { char *block = malloc(32); touch(block + 32); free(block); }
    if (BROKEN(heap_written_behind)) { char *block = calloc(1, 36); ((volatile char *)block)[36] = 1; free(block); }
    if (BROKEN(heap_used_after_free)) { char *block = malloc(32); free(block); touch(block); }
    if (BROKEN(heap_unwritten)) {
        char *block = malloc(4096);
        if (*(volatile char *)block == (char)0xA5) self->n = 1;
        free(block);
    }
    if (BROKEN(threads_detached)) {
        pthread_create(&self->thread, NULL, nap, NULL);
        pthread_detach(self->thread);
    }
    if (BROKEN(host_older)) touch((const char *)host + offsetof(stg_host, generations_left));
    if (!first_host) first_host = host;
    if (BROKEN(getter_room)) {
        stg_budget budget = {sizeof(stg_budget *)};
        host->get_budget(host, &budget);
    }
    self->made = time(NULL);
    if (BROKEN(figures_not_found)) self->figures = host->get_extension(host, (stg_str)TEXT("stratagem.confidence/1"));
    self->problems = info->problem_count;
#ifdef BREAK_params_together
    self->burst = (uint64_t)info->params[P_BURST].i;
#endif
    if (BROKEN(params_in_static)) shared_width = self->width;
    if (BROKEN(log_cut)) {
        stg_str line = info->problems->text;
        if (line.size > 30) line.size = 30;
        host->log(host, STG_LOG_INFO, line);
    }
    if (BROKEN(flops_as_int)) {
        stg_budget budget = {sizeof budget};
        host->get_budget(host, &budget);
        CRASH_IF(isnan(budget.flops - budget.flops_spent));
    }
    if (BROKEN(roles_changed)) changed_roles[1].flags = STG_ROLE_VERIFIER;
    self->is_other = info->strategy->name.size == sizeof "little-other" - 1;
    self->note = note.data;
    self->file = table.data;
    self->choice = choice.data;
}

/* ------------------------------------------------------------------- turns */

static int is_crowded(void) {
    if (!thread_is_known) thread_is_known = __atomic_add_fetch(&threads_seen, 1, __ATOMIC_SEQ_CST);
    return thread_is_known > 200;
}

static void next_missed(stg_instance *self, const stg_tell *tell) {
    if (BROKEN(kept_param_text) && self->note) touch(self->note);
    if (BROKEN(param_file_kept) && self->file) touch(self->file);
    if (BROKEN(param_choice_kept) && self->choice) touch(self->choice);
    if (BROKEN(next_waits) && self->turns == 1) usleep(10000);
    if (BROKEN(next_prompt_many) && self->turns == 1 && self->n == 160) usleep(1200000);
    if (BROKEN(params_in_static)) self->width = shared_width;
    if (BROKEN(kept_host)) touch(first_host);
    if (BROKEN(extension_with_nul) && self->turns == 0) self->host->get_extension(self->host, (stg_str){"stratagem.capabilities/1", sizeof "stratagem.capabilities/1"});
    if (BROKEN(extension_late)) self->host->get_extension(self->host, (stg_str)TEXT("stratagem.confidence/1"));
    if (BROKEN(threads_short_lived)) CRASH_IF(is_crowded());
    if (BROKEN(restore_threads)) CRASH_IF(self->restored && !thread_restored);
    /* A collector that was started for one thread, and has enough to do to begin on another. */
    if (BROKEN(threads_collector)) {
        size_t i;
        for (i = 0; i < tell->told_count; i++) thread_told += (int)stg_told_at(tell, i)->node_count;
        CRASH_IF(thread_told > 1000 && !pthread_equal(loader, pthread_self()));
    }
    if (BROKEN(threads_static)) {
        static volatile uint64_t shared;
        size_t i, j;
        shared = (uint64_t)self;
        for (i = 0; i < tell->told_count; i++)
            for (j = 0; j < stg_told_at(tell, i)->node_count; j++) {
                stg_node_info info = {sizeof info};
                self->host->get_node(self->host, stg_told_at(tell, i)->nodes[j], &info);
            }
        CRASH_IF(shared != (uint64_t)self);
    }
}

/* A weight that is written only where there is a score. */
static double unwritten_weight(double score) {
    volatile double *block = malloc(sizeof *block);
    double weight;
    if (score >= 0) *block = score;
    weight = *block >= 0 && *block < 1 ? *block : 0.5;
    free((void *)block);
    return weight;
}

/* What came before each answer, as if it were text. */
static void log_texts(stg_instance *self, size_t count) {
    size_t i;
    for (i = 0; i < count; i++) {
        stg_node_info info = {sizeof info};
        self->host->get_node(self->host, self->answers[i].node, &info);
        if (info.parent) self->host->get_node(self->host, info.parent, &info);
        self->host->log(self->host, STG_LOG_INFO, info.text);
    }
}

/* Looks at as many nodes as were asked for. */
static void look_at_asked(stg_instance *self, const stg_told *told, size_t index) {
    size_t i;
    for (i = 0; told->node_count && i < self->asks[index].count; i++) touch(&told->nodes[i]);
}

static void harvest_missed(stg_instance *self, const stg_told *told, const stg_node_info *info) {
    double few[16];
    size_t count = 0, i;
    volatile double sum = 0;
    /* A heap without a lock, as runtimes have that were started for one thread. */
    if (BROKEN(threads_heap)) {
        static volatile int is_taken;
        CRASH_IF(is_taken);
        is_taken = 1;
        for (i = 0; i < 300; i++) touch(self);
        is_taken = 0;
    }
    if (BROKEN(node_text_empty)) touch(info->text.data);
    if (BROKEN(search_deep)) CRASH_IF(info->depth == 100);
    if (BROKEN(answers_long)) CRASH_IF(info->answer.size > 512);
    if (BROKEN(tell_large)) CRASH_IF((self->told_all += 1) > 65535);
    if (BROKEN(steps_many)) CRASH_IF(info->steps > 1000);
    if (BROKEN(step_scores_by_choice) && !self->weighted) {
        self->host->step_scores(self->host, told->nodes[0], few, 16, &count);
        for (i = 0; i < count; i++) sum += few[i];
    }
    if (BROKEN(step_scores_few) && info->depth < 40) {
        self->host->step_scores(self->host, told->nodes[0], few, 16, &count);
        for (i = 0; i < count; i++) sum += few[i];
    }
    if (BROKEN(step_scores_past_capacity) || BROKEN(step_scores_past_block))
        self->host->step_scores(self->host, told->nodes[0], few, 16, &count);
    if (BROKEN(step_scores_past_capacity))
        for (i = 0; i < count; i++) sum += few[i];
    if (BROKEN(step_scores_past_block)) {
        double *block = malloc(16 * sizeof *block);
        self->host->step_scores(self->host, told->nodes[0], block, 16, &count);
        for (i = 0; i < count; i++) sum += ((volatile double *)block)[i];
        free(block);
    }
    if (BROKEN(host_calls_grow) || BROKEN(work_grows))
        for (i = 0; i < self->told_all && (self->n == 250 || self->n == 1000); i++) {
            if (BROKEN(work_grows)) { touch(self); continue; }
            stg_node_info again = {sizeof again};
            self->host->get_node(self->host, told->nodes[0], &again);
        }
    if (BROKEN(host_calls_grow) || BROKEN(work_grows)) self->told_all++;
}

/* ------------------------------------------------------------------- state */

static stg_instance *last_saved;

static const char *saved_missed(stg_instance *self, size_t words) {
    static uint64_t shared[1 << 16];
    static _Thread_local uint64_t of_thread[1 << 12];
    last_saved = self;
    saved_host = self->host;
    if (BROKEN(save_freed)) {
        uint64_t *copy = malloc(words * sizeof *copy);
        memcpy(copy, self->saved, words * sizeof *copy);
        free(copy);
        return (const char *)copy;
    }
    if (BROKEN(save_stays) && words < 1 << 16) return memcpy(shared, self->saved, words * sizeof *shared);
    if (BROKEN(save_in_thread) && words < 1 << 12) return memcpy(of_thread, self->saved, words * sizeof *of_thread);
    return (const char *)self->saved;
}

static int restore_missed(stg_instance *self) {
    self->restored = 1;
    if (BROKEN(saved_host)) self->host = saved_host;
    thread_restored = 1;
    if (BROKEN(restore_params) && self->width == 64) self->width = 1;
    return !BROKEN(restore_alone) || last_saved != NULL;
}

static void destroy_missed(stg_instance *self) {
    if (last_saved == self) last_saved = NULL;
}
