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
#include <stdlib.h>
#include <sys/prctl.h>
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
    SYS_sched_get_priority_min, SYS_rt_sigaction, SYS_rt_sigprocmask, SYS_rt_sigreturn, SYS_rt_sigpending, SYS_rt_sigsuspend,
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

static const struct forbidden {
    int number;
    const char *name;
} forbidden[] = {
    {SYS_socket, "socket"}, {SYS_socketpair, "socketpair"}, {SYS_connect, "connect"}, {SYS_bind, "bind"},
    {SYS_listen, "listen"}, {SYS_accept, "accept"}, {SYS_accept4, "accept4"}, {SYS_sendto, "sendto"},
    {SYS_sendmsg, "sendmsg"}, {SYS_sendmmsg, "sendmmsg"}, {SYS_recvfrom, "recvfrom"}, {SYS_recvmsg, "recvmsg"},
    {SYS_recvmmsg, "recvmmsg"}, {SYS_execve, "execve"}, {SYS_execveat, "execveat"}, {SYS_ptrace, "ptrace"},
    {SYS_process_vm_readv, "process_vm_readv"}, {SYS_process_vm_writev, "process_vm_writev"}, {SYS_kill, "kill"},
    {SYS_tgkill, "tgkill"}, {SYS_tkill, "tkill"}, {SYS_rt_sigqueueinfo, "rt_sigqueueinfo"},
    {SYS_rt_tgsigqueueinfo, "rt_tgsigqueueinfo"}, {SYS_clone, "clone"}, {SYS_fcntl, "fcntl (to direct signals)"}, {SYS_setsid, "setsid"}, {SYS_setpgid, "setpgid"},
    {SYS_unshare, "unshare"}, {SYS_setns, "setns"}, {SYS_mount, "mount"}, {SYS_umount2, "umount2"},
    {SYS_pivot_root, "pivot_root"}, {SYS_chroot, "chroot"}, {SYS_bpf, "bpf"}, {SYS_perf_event_open, "perf_event_open"},
    {SYS_userfaultfd, "userfaultfd"}, {SYS_keyctl, "keyctl"}, {SYS_add_key, "add_key"}, {SYS_request_key, "request_key"},
    {SYS_shmget, "shmget"}, {SYS_msgget, "msgget"}, {SYS_semget, "semget"}, {SYS_mq_open, "mq_open"},
    {SYS_setuid, "setuid"}, {SYS_setgid, "setgid"}, {SYS_setreuid, "setreuid"}, {SYS_setregid, "setregid"},
    {SYS_setresuid, "setresuid"}, {SYS_setresgid, "setresgid"}, {SYS_setgroups, "setgroups"}, {SYS_capset, "capset"},
    {SYS_openat, "openat (for writing)"}, {SYS_truncate, "truncate"}, {SYS_unlinkat, "unlinkat"}, {SYS_renameat, "renameat"},
    {SYS_renameat2, "renameat2"}, {SYS_linkat, "linkat"}, {SYS_symlinkat, "symlinkat"}, {SYS_mkdirat, "mkdirat"},
    {SYS_mknodat, "mknodat"}, {SYS_fchmod, "fchmod"}, {SYS_fchmodat, "fchmodat"}, {SYS_fchown, "fchown"},
    {SYS_fchownat, "fchownat"}, {SYS_utimensat, "utimensat"}, {SYS_setxattr, "setxattr"}, {SYS_lsetxattr, "lsetxattr"},
    {SYS_fsetxattr, "fsetxattr"}, {SYS_name_to_handle_at, "name_to_handle_at"}, {SYS_open_by_handle_at, "open_by_handle_at"},
    {SYS_personality, "personality"}, {SYS_reboot, "reboot"}, {SYS_settimeofday, "settimeofday"},
    {SYS_clock_settime, "clock_settime"}, {425 /* on every architecture */, "io_uring_setup"},
#if defined(__x86_64__)
    {SYS_fork, "fork"}, {SYS_vfork, "vfork"}, {SYS_open, "open (for writing)"}, {SYS_creat, "creat"}, {SYS_unlink, "unlink"},
    {SYS_rename, "rename"}, {SYS_link, "link"}, {SYS_symlink, "symlink"}, {SYS_mkdir, "mkdir"}, {SYS_rmdir, "rmdir"},
    {SYS_mknod, "mknod"}, {SYS_chmod, "chmod"}, {SYS_chown, "chown"}, {SYS_lchown, "lchown"}, {SYS_utime, "utime"},
    {SYS_utimes, "utimes"}, {SYS_iopl, "iopl"}, {SYS_ioperm, "ioperm"},
#endif
};

const char *stg_sandbox_syscall_name(int32_t number) {
    for (size_t i = 0; i < sizeof forbidden / sizeof *forbidden; i++)
        if (forbidden[i].number == number) return forbidden[i].name;
    return NULL;
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
    answer(p, SECCOMP_RET_KILL_PROCESS);
    load_number(p);
#ifdef X32_BIT
    emit(p, BPF_JMP | BPF_JGE | BPF_K, X32_BIT, 0, 1);
    answer(p, SECCOMP_RET_KILL_PROCESS);
#endif
    for (size_t i = 0; i < sizeof allowed / sizeof *allowed; i++) rule(p, allowed[i], SECCOMP_RET_ALLOW);
    /* A thread has no new process; clone3 keeps its flags where a filter cannot
     * read them, so glibc is told to use clone. */
    rule(p, 435, SECCOMP_RET_ERRNO | ENOSYS);
    rule_if_bits(p, SYS_clone, 0, CLONE_THREAD, 1, trapped);
    rule_if_bits(p, SYS_openat, 2, writes, 0, trapped);
#if defined(__x86_64__)
    rule_if_bits(p, SYS_open, 1, writes, 0, trapped);
#endif
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
