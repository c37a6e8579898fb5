/* SPDX-License-Identifier: Apache-2.0
 * The last words of a process: which signal, at which address, in which forbidden
 * system call, with how much memory in use. Everything here is safe in a handler. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <ucontext.h>
#include <unistd.h>

#include "stratagem_sandbox.h"

static const int fatal[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGTRAP, SIGSYS, SIGXFSZ};
/* SYS_SECCOMP, which not every C library spells out. */
#define FROM_FILTER 1
static int socket_descriptor = -1;
static int statm_descriptor = -1;
/* For copying a text out of memory that may not be there. */
static int pipe_ends[2] = {-1, -1};
static long page_bytes;
/* A stack that has overflowed can run no handler. */
static char handler_stack[65536];

/* /proc/self/statm begins with the address space in pages. */
static uint64_t memory_in_use(void) {
    char text[32];
    uint64_t pages = 0;
    ssize_t count = statm_descriptor < 0 ? 0 : pread(statm_descriptor, text, sizeof text, 0);
    for (ssize_t i = 0; i < count && text[i] >= '0' && text[i] <= '9'; i++) pages = pages * 10 + (uint64_t)(text[i] - '0');
    return pages * (uint64_t)page_bytes;
}

/* Copies a text that may lie anywhere: a pipe takes what can be read, and refuses the
 * rest, where a look of our own would be another fault. */
static uint32_t copy_text(const char *from, char *to, size_t size) {
    size_t got = 0;
    while (got < size) {
        /* A page at a time: what is after it may not be there. */
        size_t count = 4096 - ((uintptr_t)from + got) % 4096;
        if (count > size - got) count = size - got;
        if (write(pipe_ends[1], from + got, count) != (ssize_t)count) return (uint32_t)got;
        if (read(pipe_ends[0], to + got, count) != (ssize_t)count) return (uint32_t)got;
        const char *end = memchr(to + got, 0, count);
        if (end) return (uint32_t)(end - to);
        got += count;
    }
    return (uint32_t)got;
}

void stg_sandbox_read_call(const void *info, const void *context, stg_crash_call *call) {
    const siginfo_t *signal_info = info;
    const ucontext_t *user = context;
    memset(call, 0, sizeof *call);
    call->number = signal_info->si_syscall;
    call->architecture = signal_info->si_arch;
#if defined(__x86_64__)
    static const int registers[6] = {REG_RDI, REG_RSI, REG_RDX, REG_R10, REG_R8, REG_R9};
    for (int i = 0; i < 6; i++) call->arguments[i] = (uint64_t)user->uc_mcontext.gregs[registers[i]];
#elif defined(__aarch64__)
    for (int i = 0; i < 6; i++) call->arguments[i] = user->uc_mcontext.regs[i];
#endif
    int path = stg_sandbox_path_argument(call->number);
    if (path >= 0 && pipe_ends[1] >= 0)
        call->text_size = copy_text((const char *)(uintptr_t)call->arguments[path], call->text, sizeof call->text);
}

static void report(int number, siginfo_t *info, void *context) {
    stg_crash_message message;
    memset(&message, 0, sizeof message);
    message.magic = STG_CRASH_MAGIC;
    message.kind = STG_CRASH_KIND;
    message.length = sizeof message - 24;
    message.signal = number;
    message.call.number = -1;
    if (number == SIGSYS && info->si_code == FROM_FILTER) stg_sandbox_read_call(info, context, &message.call);
    message.address = number == SIGSEGV || number == SIGBUS ? (uint64_t)(uintptr_t)info->si_addr : 0;
    message.memory_bytes = memory_in_use();
    if (write(socket_descriptor, &message, sizeof message) < 0) { /* Then the signal alone must do. */ }
    /* SA_RESETHAND has restored the default: the signal kills. */
    raise(number);
}

void stg_sandbox_prepare_reading(void) {
    if (pipe_ends[0] < 0 && pipe2(pipe_ends, O_CLOEXEC | O_NONBLOCK) != 0) pipe_ends[0] = pipe_ends[1] = -1;
}

void stg_sandbox_report_crashes(int32_t descriptor) {
    stack_t stack = {handler_stack, 0, sizeof handler_stack};
    struct sigaction action;
    socket_descriptor = descriptor;
    statm_descriptor = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
    page_bytes = sysconf(_SC_PAGESIZE);
    stg_sandbox_prepare_reading();
    sigaltstack(&stack, NULL);
    memset(&action, 0, sizeof action);
    action.sa_sigaction = report;
    action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_RESETHAND | SA_NODEFER;
    for (size_t i = 0; i < sizeof fatal / sizeof *fatal; i++) sigaction(fatal[i], &action, NULL);
}
