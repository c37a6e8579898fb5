/* SPDX-License-Identifier: Apache-2.0
 * Which system calls a confined process may make.
 *
 * A list of what is allowed, since a list of what is not would miss the next
 * kernel's. Of the rest, what a strategy can have no honest reason for is a SIGSYS,
 * so that the host can say what the plugin tried; anything else fails with EPERM,
 * for libraries probe. */
#define _GNU_SOURCE
#include "filter.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stddef.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "stratagem_sandbox.h"

#if defined(__x86_64__)
#define THIS_ARCH AUDIT_ARCH_X86_64
#define X32_BIT 0x40000000u
#elif defined(__aarch64__)
#define THIS_ARCH AUDIT_ARCH_AARCH64
#else
#error "say here which AUDIT_ARCH this architecture has"
#endif

static const int allowed[] = {
    /* descriptors that are there */
    SYS_read, SYS_write, SYS_readv, SYS_writev, SYS_pread64, SYS_close, SYS_close_range, SYS_lseek, SYS_fstat,
    SYS_dup, SYS_dup3, SYS_ppoll, SYS_pselect6, SYS_pipe2, SYS_eventfd2, SYS_epoll_create1, SYS_epoll_ctl, SYS_epoll_pwait,
    SYS_timerfd_create, SYS_timerfd_settime, SYS_timerfd_gettime,
    /* looking at files: Landlock says which */
    SYS_newfstatat, SYS_statx, SYS_faccessat, SYS_faccessat2, SYS_readlinkat, SYS_getdents64, SYS_getcwd, SYS_statfs,
    SYS_fstatfs, SYS_chdir, SYS_fchdir,
    /* memory */
    SYS_mmap, SYS_munmap, SYS_mprotect, SYS_mremap, SYS_madvise, SYS_brk, SYS_mincore, SYS_msync, SYS_membarrier,
    /* threads, signals, time */
    SYS_futex, SYS_set_robust_list, SYS_get_robust_list, SYS_rseq, SYS_set_tid_address, SYS_exit, SYS_exit_group,
    SYS_sched_yield, SYS_sched_getaffinity, SYS_sched_getparam, SYS_sched_getscheduler, SYS_sched_get_priority_max,
    SYS_sched_get_priority_min, SYS_rt_sigprocmask, SYS_rt_sigreturn, SYS_rt_sigpending, SYS_rt_sigsuspend,
    SYS_rt_sigtimedwait, SYS_sigaltstack, SYS_restart_syscall, SYS_clock_gettime, SYS_clock_getres, SYS_clock_nanosleep,
    SYS_nanosleep, SYS_gettimeofday, SYS_times, SYS_getitimer, SYS_getrusage, SYS_getcpu,
    /* who am I */
    SYS_getpid, SYS_gettid, SYS_getppid, SYS_getpgid, SYS_getuid, SYS_geteuid, SYS_getgid, SYS_getegid, SYS_getgroups,
    SYS_getresuid, SYS_getresgid, SYS_uname, SYS_sysinfo, SYS_getrandom, SYS_umask,
#if defined(__x86_64__)
    SYS_stat, SYS_lstat, SYS_access, SYS_readlink, SYS_getdents, SYS_poll, SYS_select, SYS_pipe, SYS_dup2, SYS_eventfd,
    SYS_epoll_create, SYS_epoll_wait, SYS_arch_prctl, SYS_time, SYS_getpgrp,
#endif
};

/* `path`: which argument points to a path that a message can name; -1 for none.
 * `numbers`: how many of the first arguments it shows as numbers. */
static const struct forbidden {
    int number;
    const char *name;
    int8_t path, numbers;
} forbidden[] = {
    {SYS_socket, "socket", -1, 3}, {SYS_socketpair, "socketpair", -1, 3}, {SYS_connect, "connect", -1, 1},
    {SYS_bind, "bind", -1, 1}, {SYS_listen, "listen", -1, 2}, {SYS_accept, "accept", -1, 1},
    {SYS_accept4, "accept4", -1, 1}, {SYS_sendto, "sendto", -1, 1}, {SYS_sendmsg, "sendmsg", -1, 1},
    {SYS_sendmmsg, "sendmmsg", -1, 1}, {SYS_recvfrom, "recvfrom", -1, 1}, {SYS_recvmsg, "recvmsg", -1, 1},
    {SYS_recvmmsg, "recvmmsg", -1, 1}, {SYS_execve, "execve", 0, 0}, {SYS_execveat, "execveat", 1, 0},
    {SYS_ptrace, "ptrace", -1, 2}, {SYS_process_vm_readv, "process_vm_readv", -1, 1},
    {SYS_process_vm_writev, "process_vm_writev", -1, 1}, {SYS_kill, "kill", -1, 2}, {SYS_tgkill, "tgkill", -1, 3},
    {SYS_tkill, "tkill", -1, 2}, {SYS_rt_sigqueueinfo, "rt_sigqueueinfo", -1, 2},
    {SYS_rt_tgsigqueueinfo, "rt_tgsigqueueinfo", -1, 3}, {SYS_clone, "clone", -1, 1},
    {SYS_fcntl, "fcntl (to direct signals)", -1, 3}, {SYS_setsid, "setsid", -1, 0}, {SYS_setpgid, "setpgid", -1, 2},
    {SYS_unshare, "unshare", -1, 1}, {SYS_setns, "setns", -1, 2}, {SYS_mount, "mount", 1, 0},
    {SYS_umount2, "umount2", 0, 0}, {SYS_pivot_root, "pivot_root", 0, 0}, {SYS_chroot, "chroot", 0, 0},
    {SYS_bpf, "bpf", -1, 1}, {SYS_perf_event_open, "perf_event_open", -1, 0}, {SYS_userfaultfd, "userfaultfd", -1, 1},
    {SYS_keyctl, "keyctl", -1, 1}, {SYS_add_key, "add_key", -1, 0}, {SYS_request_key, "request_key", -1, 0},
    {SYS_shmget, "shmget", -1, 3}, {SYS_msgget, "msgget", -1, 2}, {SYS_semget, "semget", -1, 3},
    {SYS_mq_open, "mq_open", 0, 0}, {SYS_setuid, "setuid", -1, 1}, {SYS_setgid, "setgid", -1, 1},
    {SYS_setreuid, "setreuid", -1, 2}, {SYS_setregid, "setregid", -1, 2}, {SYS_setresuid, "setresuid", -1, 3},
    {SYS_setresgid, "setresgid", -1, 3}, {SYS_setgroups, "setgroups", -1, 0}, {SYS_capset, "capset", -1, 0},
    {SYS_openat, "openat (for writing)", 1, 0}, {SYS_truncate, "truncate", 0, 0}, {SYS_unlinkat, "unlinkat", 1, 0},
    {SYS_renameat, "renameat", 1, 0}, {SYS_renameat2, "renameat2", 1, 0}, {SYS_linkat, "linkat", 1, 0},
    {SYS_symlinkat, "symlinkat", 0, 0}, {SYS_mkdirat, "mkdirat", 1, 0}, {SYS_mknodat, "mknodat", 1, 0},
    {SYS_fchmod, "fchmod", -1, 2}, {SYS_fchmodat, "fchmodat", 1, 0}, {SYS_fchown, "fchown", -1, 3},
    {SYS_fchownat, "fchownat", 1, 0}, {SYS_utimensat, "utimensat", 1, 0}, {SYS_setxattr, "setxattr", 0, 0},
    {SYS_lsetxattr, "lsetxattr", 0, 0}, {SYS_fsetxattr, "fsetxattr", -1, 1},
    {SYS_name_to_handle_at, "name_to_handle_at", 1, 0}, {SYS_open_by_handle_at, "open_by_handle_at", -1, 0},
    {SYS_personality, "personality", -1, 1}, {SYS_reboot, "reboot", -1, 0}, {SYS_settimeofday, "settimeofday", -1, 0},
    {SYS_clock_settime, "clock_settime", -1, 0}, {425 /* on every architecture */, "io_uring_setup", -1, 0},
#if defined(__x86_64__)
    {SYS_fork, "fork", -1, 0}, {SYS_vfork, "vfork", -1, 0}, {SYS_open, "open (for writing)", 0, 0},
    {SYS_creat, "creat", 0, 0}, {SYS_unlink, "unlink", 0, 0}, {SYS_rename, "rename", 0, 0}, {SYS_link, "link", 0, 0},
    {SYS_symlink, "symlink", 0, 0}, {SYS_mkdir, "mkdir", 0, 0}, {SYS_rmdir, "rmdir", 0, 0},
    {SYS_mknod, "mknod", 0, 0}, {SYS_chmod, "chmod", 0, 0}, {SYS_chown, "chown", 0, 0}, {SYS_lchown, "lchown", 0, 0},
    {SYS_utime, "utime", 0, 0}, {SYS_utimes, "utimes", 0, 0}, {SYS_iopl, "iopl", -1, 1},
    {SYS_ioperm, "ioperm", -1, 3},
#endif
};

static const struct forbidden *row_of(int32_t number) {
    for (size_t i = 0; i < sizeof forbidden / sizeof *forbidden; i++)
        if (forbidden[i].number == number) return &forbidden[i];
    return NULL;
}

int32_t stg_sandbox_path_argument(int32_t number) {
    const struct forbidden *row = row_of(number);
    return row ? row->path : -1;
}

/* What is written so far, and where it ends. */
struct line {
    char *text;
    size_t used, size;
};

static void put(struct line *line, const char *text, size_t count) {
    for (size_t i = 0; i < count && line->used + 1 < line->size; i++) line->text[line->used++] = text[i];
    line->text[line->used] = 0;
}

static void put_text(struct line *line, const char *text) { put(line, text, strlen(text)); }

static void put_number(struct line *line, int64_t number) {
    char digits[24];
    size_t at = sizeof digits;
    uint64_t rest = number < 0 ? 0 - (uint64_t)number : (uint64_t)number;
    do digits[--at] = (char)('0' + rest % 10);
    while (rest /= 10);
    if (number < 0) digits[--at] = '-';
    put(line, digits + at, sizeof digits - at);
}

size_t stg_sandbox_describe_call(const stg_crash_call *call, char *out, size_t size) {
    const struct forbidden *row = call->architecture == THIS_ARCH ? row_of(call->number) : NULL;
    const size_t count = call->text_size < sizeof call->text ? call->text_size : sizeof call->text;
    struct line line = {out, 0, size};
    if (size == 0) return 0;
    out[0] = 0;
    if (row) {
        put_text(&line, row->name);
        if (row->path >= 0 && count > 0) {
            put_text(&line, " \"");
            put(&line, call->text, count);
            put_text(&line, count == sizeof call->text ? "\"..." : "\"");
        }
        for (int i = 0; i < row->numbers; i++) {
            put_text(&line, i == 0 ? "(" : ", ");
            /* As the kernel reads them: arguments of these calls are ints, and flags. */
            put_number(&line, (int32_t)call->arguments[i]);
        }
        if (row->numbers > 0) put_text(&line, ")");
        return line.used;
    }
    put_text(&line, "number ");
#ifdef X32_BIT
    if (call->architecture == THIS_ARCH && (uint32_t)call->number & X32_BIT) {
        put_number(&line, (int32_t)((uint32_t)call->number & ~X32_BIT));
        put_text(&line, " in the table of x32 programs");
        return line.used;
    }
#endif
    put_number(&line, call->number);
    if (call->architecture != THIS_ARCH) put_text(&line, " in the table of another architecture (32-bit code)");
    return line.used;
}

#define PROGRAM_MAX 1024

struct program {
    struct sock_filter code[PROGRAM_MAX];
    unsigned short count;
};

static void emit(struct program *p, uint16_t op, uint32_t k, uint8_t yes, uint8_t no) {
    if (p->count < PROGRAM_MAX) p->code[p->count++] = (struct sock_filter){op, yes, no, k};
}

static void answer(struct program *p, uint32_t action) { emit(p, BPF_RET | BPF_K, action, 0, 0); }
static void load(struct program *p, size_t offset) { emit(p, BPF_LD | BPF_W | BPF_ABS, (uint32_t)offset, 0, 0); }
static void load_number(struct program *p) { load(p, offsetof(struct seccomp_data, nr)); }
/* The low half: both architectures are little-endian. */
static void load_argument(struct program *p, int index) { load(p, offsetof(struct seccomp_data, args) + 8 * (size_t)index); }
static void load_upper(struct program *p, int index) { load(p, offsetof(struct seccomp_data, args) + 8 * (size_t)index + 4); }

static void rule(struct program *p, int number, uint32_t action) {
    emit(p, BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)number, 0, 1);
    answer(p, action);
}

/* Allowed if `value` is argument `index`. The next rule needs the number again. */
static void rule_if_equal(struct program *p, int number, int index, uint32_t value, uint32_t otherwise) {
    emit(p, BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)number, 0, 4);
    load_argument(p, index);
    emit(p, BPF_JMP | BPF_JEQ | BPF_K, value, 0, 1);
    answer(p, SECCOMP_RET_ALLOW);
    answer(p, otherwise);
}

/* Allowed if any bit of `bits` is set in argument `index`, or if none is. */
static void rule_if_bits(struct program *p, int number, int index, uint32_t bits, int wanted, uint32_t otherwise) {
    emit(p, BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)number, 0, 4);
    load_argument(p, index);
    emit(p, BPF_JMP | BPF_JSET | BPF_K, bits, wanted ? 0 : 1, wanted ? 1 : 0);
    answer(p, SECCOMP_RET_ALLOW);
    answer(p, otherwise);
}

/* Fails with `error` if, of argument `index`, the bits of `mask` are `value`. */
static void refuse_if_all_bits(struct program *p, int number, int index, uint32_t mask, uint32_t value, uint32_t error) {
    emit(p, BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)number, 0, 5);
    load_argument(p, index);
    emit(p, BPF_ALU | BPF_AND | BPF_K, mask, 0, 0);
    emit(p, BPF_JMP | BPF_JEQ | BPF_K, value, 0, 1);
    answer(p, SECCOMP_RET_ERRNO | error);
    load_number(p);
}

/* Signal handlers are the plugin's own affair, but for SIGSYS, whose handler says
 * which call is forbidden: a new one for it is not set, which no library notices. */
static void rule_sigaction(struct program *p) {
    emit(p, BPF_JMP | BPF_JEQ | BPF_K, SYS_rt_sigaction, 0, 8);
    load_argument(p, 0);
    emit(p, BPF_JMP | BPF_JEQ | BPF_K, SIGSYS, 0, 5);
    load_argument(p, 1);
    emit(p, BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 2);
    load_upper(p, 1);
    emit(p, BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 0);
    answer(p, SECCOMP_RET_ERRNO | 0);
    answer(p, SECCOMP_RET_ALLOW);
}

/* Not those of its commands that make the kernel send signals, to any process of the
 * same user: F_SETOWN and F_SETSIG. */
static void rule_fcntl(struct program *p, uint32_t otherwise) {
    static const uint32_t commands[] = {F_DUPFD, F_GETFD, F_SETFD, F_GETFL, F_SETFL, F_DUPFD_CLOEXEC};
    const uint8_t count = sizeof commands / sizeof *commands;
    emit(p, BPF_JMP | BPF_JEQ | BPF_K, SYS_fcntl, 0, (uint8_t)(3 + count));
    load_argument(p, 1);
    for (uint8_t i = 0; i < count; i++) emit(p, BPF_JMP | BPF_JEQ | BPF_K, commands[i], (uint8_t)(count - i), 0);
    answer(p, otherwise);
    answer(p, SECCOMP_RET_ALLOW);
}

/* Limits may be looked at, not set. */
static void rule_prlimit(struct program *p, uint32_t denied) {
    emit(p, BPF_JMP | BPF_JEQ | BPF_K, SYS_prlimit64, 0, 6);
    load_argument(p, 2);
    emit(p, BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 3);
    load_upper(p, 2);
    emit(p, BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 1);
    answer(p, SECCOMP_RET_ALLOW);
    answer(p, denied);
}

static void write_program(struct program *p) {
    const uint32_t denied = SECCOMP_RET_ERRNO | EPERM, trapped = SECCOMP_RET_TRAP;
    const uint32_t writes = O_WRONLY | O_RDWR | O_CREAT | O_TRUNC | O_APPEND;
    load(p, offsetof(struct seccomp_data, arch));
    emit(p, BPF_JMP | BPF_JEQ | BPF_K, THIS_ARCH, 1, 0);
    answer(p, trapped);
    load_number(p);
#ifdef X32_BIT
    emit(p, BPF_JMP | BPF_JGE | BPF_K, X32_BIT, 0, 1);
    answer(p, trapped);
#endif
    for (size_t i = 0; i < sizeof allowed / sizeof *allowed; i++) rule(p, allowed[i], SECCOMP_RET_ALLOW);
    /* A thread has no new process; clone3 keeps its flags where a filter cannot
     * read them, so glibc is told to use clone. */
    rule(p, 435, SECCOMP_RET_ERRNO | ENOSYS);
    /* posix_spawn, system and popen: they block all signals, so that a SIGSYS would
     * kill without a word; and they have an answer for whoever cannot have a child. */
    refuse_if_all_bits(p, SYS_clone, 0, CLONE_VFORK, CLONE_VFORK, EPERM);
    rule_if_bits(p, SYS_clone, 0, CLONE_THREAD, 1, trapped);
    /* For reading and writing, and nothing made: a C library that names a thread by
     * its file in /proc. Landlock would refuse it with the same errno. */
    refuse_if_all_bits(p, SYS_openat, 2, writes, O_RDWR, EACCES);
    rule_if_bits(p, SYS_openat, 2, writes, 0, trapped);
#if defined(__x86_64__)
    refuse_if_all_bits(p, SYS_open, 1, writes, O_RDWR, EACCES);
    rule_if_bits(p, SYS_open, 1, writes, 0, trapped);
#endif
    /* A C library that looks up the user asks a service on this machine first. */
    refuse_if_all_bits(p, SYS_socket, 0, ~0u, AF_UNIX, EACCES);
    rule_sigaction(p);
    /* raise and abort send to this process only. */
    rule_if_equal(p, SYS_tgkill, 0, (uint32_t)getpid(), trapped);
    rule_if_equal(p, SYS_kill, 0, (uint32_t)getpid(), trapped);
    rule_if_equal(p, SYS_ioctl, 1, 0x5401 /* TCGETS: isatty */, denied);
    rule_if_equal(p, SYS_prctl, 0, PR_SET_NAME, denied);
    rule_prlimit(p, denied);
    rule_fcntl(p, trapped);
    for (size_t i = 0; i < sizeof forbidden / sizeof *forbidden; i++) rule(p, forbidden[i].number, trapped);
    answer(p, denied);
}

int32_t stg_sandbox_has_seccomp(void) {
    uint32_t action = SECCOMP_RET_TRAP;
    return syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) == 0;
}

int32_t stg_filter_install(void) {
    struct program *p = calloc(1, sizeof *p);
    if (!p) return 0;
    write_program(p);
    struct sock_fprog filter = {p->count, p->code};
    long status = p->count < PROGRAM_MAX
        ? syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &filter) : -1;
    free(p);
    return status == 0;
}
