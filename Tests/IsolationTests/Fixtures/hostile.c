/* A plugin that does one bad deed: the parameter `deed` names it, `at` says in which
 * call. Until then it is a best-of-4 without a verifier. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <locale.h>
#include <netinet/in.h>
#include <pthread.h>
#include <pwd.h>
#include <setjmp.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "stratagem_capabilities.h"
#include "stratagem_confidence.h"

#define TEXT(s) {s, sizeof(s) - 1}
#define MARK "MARK0000000000000000" /* patched by tests: another image, the same behaviour */
#ifndef NAME
#define NAME "hostile"
#endif

static const char mark[] = MARK;

struct stg_instance {
    const stg_host *host;
    const stg_confidence_1 *confidence;
    const stg_confidence_2 *figures;
    const stg_capabilities_1 *capabilities;
    char deed[32], at[16];
    stg_node root;
    stg_ask ask;
    stg_ask asks[4];
    stg_node nodes[64];
    size_t scored;
    stg_answer answers[64];
    int turns;
};

static jmp_buf somewhere;

static stg_status fail(const stg_host *host, const char *why) {
    stg_str text = {why, strlen(why)};
    host->set_error(host, STG_ERROR, text);
    return STG_ERROR;
}

static pthread_barrier_t together;
static void *use_heap(void *ignored) { void *volatile block = malloc(100); pthread_barrier_wait(&together); free(block); return ignored; }
static void *spin(void *unused) {
    (void)unused;
    for (;;) usleep(1000);
    return NULL;
}

static void ignore(int number) { (void)number; }

static void say(const stg_host *host, const char *words) {
    stg_str text = {words, strlen(words)};
    host->log(host, STG_LOG_INFO, text);
}

static int is(const struct stg_instance *self, const char *deed) { return strcmp(self->deed, deed) == 0; }

__attribute__((noinline)) static int dive(int depth) {
    volatile char deep[4096];
    deep[depth % 4096] = 1;
    return depth < 0 ? 0 : dive(depth + 1) + deep[1];
}

/* Fills bytes that look like a message of the worker's: reply, log … */
static void forge(unsigned char *header, unsigned char kind, unsigned length, unsigned sequence) {
    memset(header, 0, 24);
    memcpy(header, "STGW", 4);
    header[4] = kind;
    memcpy(header + 8, &length, 4);
    memcpy(header + 12, &sequence, 4);
}

static stg_status misbehave(struct stg_instance *self) {
    const stg_host *host = self->host;
    unsigned char header[24 + 64];
    memset(header, 0, sizeof header);
    if (is(self, "segfault")) *(volatile int *)8 = 1;
    if (is(self, "overflow")) return (stg_status)dive(1);
    if (is(self, "abort")) abort();
    if (is(self, "trap")) __builtin_trap();
    if (is(self, "loop")) for (volatile int i = 0;; i++) {}
    if (is(self, "sleep")) for (;;) sleep(1000);
    if (is(self, "exit")) exit(0);
    if (is(self, "_exit")) _exit(7);
    if (is(self, "allocate")) for (;;) memset(malloc(1 << 20), 1, 1 << 20);
    if (is(self, "hoard")) { while (malloc(1 << 20)) {} return fail(host, "no memory"); }
    if (is(self, "heap")) {
        char *block = malloc(64);
        for (volatile int i = -16; i < 4096; i++) ((volatile char *)block)[i] = 0x41;
        free(block);
    }
    if (is(self, "fork")) { if (fork() == 0) for (;;) {} }
    if (is(self, "exec")) { char *arguments[] = {"sh", "-c", "true", NULL}; execv("/bin/sh", arguments); }
    if (is(self, "socket")) { if (socket(AF_INET, SOCK_STREAM, 0) < 0) return fail(host, "no socket"); }
    if (is(self, "ptrace")) ptrace(PTRACE_ATTACH, getppid(), 0, 0);
    if (is(self, "kill")) kill(getppid(), SIGKILL);
    if (is(self, "killall")) kill(-1, SIGKILL);
    if (is(self, "signal-host")) { fcntl(1, F_SETSIG, SIGKILL); fcntl(1, F_SETOWN, getppid()); }
    if (is(self, "write-file")) { if (open("/tmp/stratagem-hostile", O_WRONLY | O_CREAT, 0600) < 0) return fail(host, "no file"); }
    if (is(self, "read-file")) { if (open("/etc/passwd", O_RDONLY) < 0) return fail(host, "/etc/passwd cannot be read"); }
    if (is(self, "list-home")) { if (open("/root", O_RDONLY | O_DIRECTORY) < 0) return fail(host, "/root cannot be listed"); }
    if (is(self, "environment")) { if (!getenv("HOME") && !getenv("PATH")) return fail(host, "no environment"); }
    if (is(self, "garbage")) { if (write(3, "This is not a message at all, but long enough.", 46) < 0) return fail(host, "no socket"); }
    if (is(self, "huge")) { forge(header, 18, 0xFFFFFFFFu, 2); if (write(3, header, 24) < 0) return STG_ERROR; }
    if (is(self, "reply")) { forge(header, 18, 2, 99); if (write(3, header, 26) < 0) return STG_ERROR; }
    if (is(self, "hello")) { forge(header, 16, 64, 0); if (write(3, header, 88) < 0) return STG_ERROR; }
    if (is(self, "host-message")) { forge(header, 2, 0, 0); if (write(3, header, 24) < 0) return STG_ERROR; }
    if (is(self, "messages")) { forge(header, 19, 8, 0); for (int i = 0; i < 1000000; i++) if (write(3, header, 32) < 0) break; }
    if (is(self, "close")) { close(3); for (;;) sleep(1); }
    if (is(self, "close-all")) for (int i = 0; i < 64; i++) close(i);
    if (is(self, "replace")) dup2(1, 3);
    if (is(self, "kill-self")) kill(getpid(), SIGKILL);
    if (is(self, "x32")) syscall(0x40000000 | 39);
    if (is(self, "handled")) { signal(SIGSYS, SIG_IGN); socket(AF_INET, SOCK_STREAM, 0); }
    if (is(self, "blocked")) { sigset_t all; sigfillset(&all); sigprocmask(SIG_SETMASK, &all, NULL); socket(AF_INET, SOCK_STREAM, 0); }
    if (is(self, "wild-path")) syscall(SYS_openat, AT_FDCWD, 16, O_WRONLY, 0);
    if (is(self, "end-of-page")) { char *page = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0); munmap(page + 4096, 4096); strcpy(page + 4090, "/here"); unlink(page + 4090); }
    if (is(self, "long-path")) { char path[4000]; memset(path, 'x', sizeof path); path[0] = '/', path[3999] = 0; mkdir(path, 0700); }
    if (is(self, "escapes-path")) mkdir("/\033[31m\xff\n", 0700);
    if (is(self, "spawn")) { pid_t pid; char *arguments[] = {"sh", NULL}; if (posix_spawn(&pid, "/bin/sh", NULL, NULL, arguments, NULL) != 0) return fail(host, "no child"); }
    if (is(self, "system")) { if (system("true") != 0) return fail(host, "no shell"); }
    if (is(self, "user")) { getpwuid(getuid()); getpwnam("nobody"); }
    if (is(self, "name-thread")) { pthread_t thread; pthread_create(&thread, NULL, spin, NULL); pthread_setname_np(thread, "spinner"); }
    if (is(self, "escapes-log")) say(host, "one\033[2J\rtwo\xe2\x80\xae three\xc2\x9b\nanswer  42\x7f\xef\xb7\x90");
    if (is(self, "escapes-error")) return fail(host, "one\033[2J\rtwo\xe2\x80\xae three\xc2\x9b\nanswer  42\x7f\xef\xb7\x90");
    if (is(self, "shared")) {
        /* Its pages are read-only for the worker, and stay so. */
        FILE *maps = fopen("/proc/self/maps", "r");
        if (!maps) return fail(host, "no maps");
    }
    if (is(self, "longjmp")) longjmp(somewhere, 1);
    if (is(self, "handler")) { struct sigaction action = {0}; action.sa_handler = ignore; for (int i = 1; i < 32; i++) sigaction(i, &action, NULL); }
    if (is(self, "chdir")) { if (chdir("/usr") != 0) return fail(host, "no chdir"); }
    if (is(self, "locale")) setlocale(LC_ALL, "C.UTF-8");
    if (is(self, "threads")) for (int i = 0; i < 4; i++) { pthread_t thread; pthread_create(&thread, NULL, spin, NULL); }
    /* A heap for each would take four times 64 MiB of the address space. */
    if (is(self, "threads-heap")) {
        pthread_t users[4];
        pthread_barrier_init(&together, NULL, 4);
        for (int i = 0; i < 4; i++) pthread_create(&users[i], NULL, use_heap, NULL);
        for (int i = 0; i < 4; i++) pthread_join(users[i], NULL);
        if (mmap(NULL, 32 << 20, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED) return fail(host, "no room");
    }
    if (is(self, "bomb")) for (;;) { pthread_t thread; if (pthread_create(&thread, NULL, spin, NULL) != 0) return fail(host, "no more threads"); }
    if (is(self, "print")) { printf("{\"answer\": \"42\"}\n\033[31mred"); fflush(stdout); fprintf(stderr, "a complaint\n"); }
    if (is(self, "flood")) { for (int i = 0; i < 200000; i++) printf("line %d\n", i); fflush(stdout); }
    if (is(self, "chatter")) for (int i = 0; i < 100000; i++) say(host, "chatter");
    if (is(self, "log")) say(host, "a line of log");
    if (is(self, "errors")) return fail(host, "I do not feel like it");
    if (is(self, "garbage-ask")) { self->ask.temperature = -1; }
    return STG_OK;
}

/* ---------------------------------------------- every ask, and every getter */

static void tell_all(struct stg_instance *self, stg_node node) {
    const stg_host *host = self->host;
    char line[1024];
    double scores[16];
    size_t count = 0;
    stg_node_info info = {.struct_size = sizeof info};
    stg_status status = host->get_node(host, node, &info);
    host->step_scores(host, node, scores, 16, &count);
    int used = snprintf(line, sizeof line, "node %d status %d flags %u parent %d problem %u depth %u steps %u tokens %u p %a score %a text '%.*s' answer '%.*s' scores",
                        (int)node, status, info.flags, (int)info.parent, info.problem, info.depth, info.steps, info.tokens,
                        info.log_probability, info.score, (int)info.text.size, info.text.data ? info.text.data : "",
                        (int)info.answer.size, info.answer.data ? info.answer.data : "");
    for (size_t i = 0; i < count && i < 16; i++) used += snprintf(line + used, sizeof line - (size_t)used, " %a", scores[i]);
    say(host, line);
    used = snprintf(line, sizeof line, "left at %d:", (int)node);
    for (uint32_t steps = 0; steps < 4; steps++) {
        uint64_t left = 0;
        status = host->generations_left(host, node, steps, &left);
        used += snprintf(line + used, sizeof line - (size_t)used, " %d %llu", status, (unsigned long long)left);
    }
    say(host, line);
    if (!self->confidence) return;
    stg_confidence found = {.struct_size = sizeof found};
    status = self->confidence->summary(host, node, &found);
    snprintf(line, sizeof line, "confidence of %d: status %d tokens %u mean %a minimum %a tenth %a median %a lowest %a last %a", (int)node, status,
             found.tokens, found.mean, found.minimum, found.tenth, found.median, found.lowest_window, found.last_window);
    say(host, line);
    for (stg_token_figure figure = 0; figure < 6 && self->figures; figure++) {
        count = 0;
        status = self->figures->token_figures(host, node, figure, scores, 16, &count);
        used = snprintf(line, sizeof line, "figure %d of %d: status %d count %zu", (int)figure, (int)node, status, count);
        for (size_t i = 0; i < count && i < 16 && status == STG_OK; i++) used += snprintf(line + used, sizeof line - (size_t)used, " %a", scores[i]);
        say(host, line);
    }
}

static void tell_promises(struct stg_instance *self, stg_str role) {
    char line[128];
    uint64_t kept = 0;
    stg_status status = self->capabilities ? self->capabilities->of_role(self->host, role, &kept) : STG_UNSUPPORTED;
    snprintf(line, sizeof line, "role %.*s: status %d promises %llu", (int)role.size, role.data, status, (unsigned long long)kept);
    say(self->host, line);
}

static void tell_rest(struct stg_instance *self) {
    const stg_host *host = self->host;
    char line[512];
    stg_str prm = TEXT("prm"), none = TEXT("none");
    stg_budget budget = {.struct_size = sizeof budget};
    host->get_budget(host, &budget);
    snprintf(line, sizeof line, "budget %llu %llu %a %a spent %llu %llu %a random %llx prm %d none %d", (unsigned long long)budget.generations,
             (unsigned long long)budget.tokens, budget.flops, budget.seconds, (unsigned long long)budget.generations_spent,
             (unsigned long long)budget.tokens_spent, budget.flops_spent, (unsigned long long)host->random(host), host->has_role(host, prm),
             host->has_role(host, none));
    say(host, line);
    tell_promises(self, prm);
    tell_promises(self, (stg_str)TEXT("policy"));
    tell_promises(self, none);
    tell_all(self, 99999); /* no such node */
}

static void ask_everything(struct stg_instance *self, stg_next *out) {
    static const stg_named_value selection = {TEXT("selection"), {STG_VALUE_TEXT, 0, 0, 0, TEXT("naive")}};
    stg_ask *asks = self->asks;
    for (int i = 0; i < 4; i++) asks[i] = (stg_ask){.struct_size = sizeof(stg_ask), .tag = (uint64_t)(40 - i)};
    asks[0].kind = STG_ASK_SAMPLE, asks[0].node = self->root, asks[0].count = 5, asks[0].temperature = 0.7, asks[0].top_p = 0.9, asks[0].min_p = 0.01;
    asks[1].kind = STG_ASK_APPEND, asks[1].node = self->root, asks[1].text = (stg_str)TEXT("2 + 2 is 4\n");
    asks[2].kind = STG_ASK_REVISE;
    asks[3].kind = STG_ASK_RUN, asks[3].text = (stg_str)TEXT("best-of-n"), asks[3].share = 0.5, asks[3].params = &selection, asks[3].param_count = 1;
    out->kind = STG_NEXT_ASKS, out->asks = asks, out->ask_count = 4;
}

static stg_status everything(struct stg_instance *self, const stg_tell *tell, stg_next *out) {
    tell_all(self, self->root);
    tell_rest(self);
    if (tell->event == STG_EVENT_START) return ask_everything(self, out), STG_OK;
    if (self->turns == 2) {
        for (size_t i = 0; i < tell->told_count; i++) {
            const stg_told *told = stg_told_at(tell, i);
            for (size_t j = 0; j < told->node_count; j++) {
                stg_node_info info = {.struct_size = sizeof info};
                tell_all(self, told->nodes[j]);
                if (self->host->get_node(self->host, told->nodes[j], &info) == STG_OK && info.flags & STG_NODE_FINISHED && self->scored < 64)
                    self->nodes[self->scored++] = told->nodes[j];
            }
        }
        self->asks[0] = (stg_ask){.struct_size = sizeof(stg_ask), .kind = STG_ASK_SCORE, .tag = 7, .nodes = self->nodes, .node_count = self->scored};
        out->kind = STG_NEXT_ASKS, out->asks = self->asks, out->ask_count = 1;
        return STG_OK;
    }
    for (size_t i = 0; i < self->scored; i++) {
        tell_all(self, self->nodes[i]);
        self->answers[i] = (stg_answer){self->nodes[i], (double)(i + 1) / 7};
    }
    out->kind = STG_NEXT_DONE, out->answers = self->answers, out->answer_count = self->scored;
    return STG_OK;
}

static stg_status create(const stg_host *host, const stg_create_info *info, stg_instance **out) {
    struct stg_instance *self = calloc(1, sizeof *self);
    self->host = host;
    memcpy(self->deed, info->params[0].s.data, info->params[0].s.size);
    memcpy(self->at, info->params[1].s.data, info->params[1].s.size);
    self->root = info->problems->root;
    self->ask.struct_size = sizeof self->ask;
    self->ask.kind = STG_ASK_SAMPLE;
    self->ask.node = self->root;
    self->ask.count = 4;
    self->ask.temperature = 1;
    *out = self;
    if (is(self, "everything")) {
        self->confidence = host->get_extension(host, (stg_str)TEXT(STG_CONFIDENCE_1));
        self->figures = host->get_extension(host, (stg_str)TEXT(STG_CONFIDENCE_2));
        self->capabilities = host->get_extension(host, (stg_str)TEXT(STG_CAPABILITIES_1));
    }
    setjmp(somewhere);
    return strcmp(self->at, "create") == 0 ? misbehave(self) : STG_OK;
}

static stg_status next(stg_instance *self, const stg_tell *tell, stg_next *out) {
    size_t count = 0;
    self->turns++;
    if (is(self, "everything")) return everything(self, tell, out);
    if (is(self, "measure")) {
        char line[128];
        unsigned long long sum = 0;
        stg_node_info info = {.struct_size = sizeof info};
        self->host->get_node(self->host, self->root, &info);
        for (size_t i = 0; i < info.text.size; i++) sum += (unsigned char)info.text.data[i];
        snprintf(line, sizeof line, "sum %llu of %zu, turn %d", sum, info.text.size, self->turns);
        say(self->host, line);
    }
    if (is(self, "echo") || is(self, "measure")) {
        out->kind = STG_NEXT_ASKS, out->asks = &self->ask, out->ask_count = 1;
        return STG_OK;
    }
    if (strcmp(self->at, self->turns == 1 ? "start" : "results") == 0) {
        stg_status status = misbehave(self);
        if (status != STG_OK) return status;
    }
    if (tell->event == STG_EVENT_START) {
        out->kind = STG_NEXT_ASKS;
        out->asks = &self->ask;
        out->ask_count = 1;
        return STG_OK;
    }
    for (size_t i = 0; tell->told_count && i < stg_told_at(tell, 0)->node_count; i++) {
        stg_node_info info = {.struct_size = sizeof info};
        stg_node node = stg_told_at(tell, 0)->nodes[i];
        if (self->host->get_node(self->host, node, &info) != STG_OK) return STG_ERROR;
        if (!(info.flags & STG_NODE_FINISHED)) continue;
        self->answers[count].node = node;
        self->answers[count++].weight = 1;
    }
    say(self->host, mark);
    out->kind = STG_NEXT_DONE;
    out->answers = self->answers;
    out->answer_count = count;
    return STG_OK;
}

static void destroy(stg_instance *self) {
    if (strcmp(self->at, "destroy") == 0) misbehave(self);
    free(self);
}

#define WORD(id, word) {sizeof(stg_param), STG_PARAM_TEXT, TEXT(id), TEXT("Of the deed."), \
    {STG_VALUE_TEXT, 0, 0, 0, TEXT(word)}, {NULL, 0}, 0, 0, NULL, 0, 0, 0}

static const stg_param params[] = {WORD("deed", "none"), WORD("at", "results")};
static const stg_strategy strategy = {
    sizeof(stg_strategy), 0, TEXT("org.example." NAME), TEXT(NAME), TEXT("1.0.0"), TEXT("Does a bad deed."),
    params, 2, create, next, NULL, NULL, destroy, NULL, 0,
};
static const stg_strategy *const strategies[] = {&strategy};

static int32_t always(const char *a, uint64_t a_size, const char *b, uint64_t b_size) {
    (void)a, (void)a_size, (void)b, (void)b_size;
    return 1;
}
static const stg_function function = {sizeof(stg_function), 0, TEXT("stratagem.answers_equal/1"), TEXT("always"),
    TEXT("i32(ptr,u64,ptr,u64)"), (void (*)(void))always};
static const stg_function *const functions[] = {&function};

static const stg_plugin plugin = {
    STG_MAGIC, sizeof(stg_plugin), STG_ABI_MAJOR, STG_ABI_MINOR, TEXT(NAME), TEXT("1.0.0"), strategies, 1, functions, 1, NULL,
};

#ifdef AT_LOAD
__attribute__((constructor)) static void load(void) { AT_LOAD; }
#endif

STG_EXPORT const stg_plugin *stg_plugin_entry(void) { return &plugin; }
