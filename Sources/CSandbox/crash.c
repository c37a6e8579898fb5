/* SPDX-License-Identifier: Apache-2.0
 * The last words of a process: which signal, at which address, in which forbidden
 * system call, with how much memory in use. Everything here is safe in a handler. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "stratagem_sandbox.h"

static const int fatal[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGTRAP, SIGSYS, SIGXFSZ};
static int socket_descriptor = -1;
static int statm_descriptor = -1;
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

static void report(int number, siginfo_t *info, void *context) {
    stg_crash_message message;
    (void)context;
    memset(&message, 0, sizeof message);
    message.magic = STG_CRASH_MAGIC;
    message.kind = STG_CRASH_KIND;
    message.length = sizeof message - 24;
    message.signal = number;
    message.syscall = number == SIGSYS ? info->si_syscall : -1;
    message.address = number == SIGSEGV || number == SIGBUS ? (uint64_t)(uintptr_t)info->si_addr : 0;
    message.memory_bytes = memory_in_use();
    if (write(socket_descriptor, &message, sizeof message) < 0) { /* Then the signal alone must do. */ }
    /* SA_RESETHAND has restored the default: the signal kills. */
    raise(number);
}

void stg_sandbox_report_crashes(int32_t descriptor) {
    stack_t stack = {handler_stack, 0, sizeof handler_stack};
    struct sigaction action;
    socket_descriptor = descriptor;
    statm_descriptor = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
    page_bytes = sysconf(_SC_PAGESIZE);
    sigaltstack(&stack, NULL);
    memset(&action, 0, sizeof action);
    action.sa_sigaction = report;
    action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_RESETHAND | SA_NODEFER;
    for (size_t i = 0; i < sizeof fatal / sizeof *fatal; i++) sigaction(fatal[i], &action, NULL);
}
