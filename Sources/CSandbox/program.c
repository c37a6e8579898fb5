/* SPDX-License-Identifier: Apache-2.0
 * Starting and ending a program that the user allowed: with the user's rights and environment. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "stratagem_sandbox.h"

extern char **environ;

/* The groups that still run: they end with this process. */
#define PROGRAMS_MAX 256
static _Atomic int32_t running[PROGRAMS_MAX];
static _Atomic int is_registered;

static void end_all(void) {
    for (int i = 0; i < PROGRAMS_MAX; i++) {
        int32_t pid = atomic_exchange(&running[i], 0);
        if (pid > 0) kill(-pid, SIGKILL);
    }
}

static void note(int32_t pid) {
    int32_t free_place = 0;
    if (atomic_exchange(&is_registered, 1) == 0) atexit(end_all);
    for (int i = 0; i < PROGRAMS_MAX; i++, free_place = 0)
        if (atomic_compare_exchange_strong(&running[i], &free_place, pid)) return;
}

static void forget(int32_t pid) {
    for (int i = 0; i < PROGRAMS_MAX; i++) {
        int32_t known = pid;
        if (atomic_compare_exchange_strong(&running[i], &known, 0)) return;
    }
}

int32_t stg_program_start(char *const arguments[], const char *folder, stg_program *program) {
    int pipes[3][2] = {{-1, -1}, {-1, -1}, {-1, -1}};
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t none, all;
    pid_t pid = 0;
    int error = 0;
    for (int i = 0; i < 3 && !error; i++) {
        if (pipe2(pipes[i], O_CLOEXEC) != 0) error = errno;
        /* Out of the way of the child's own descriptors. */
        for (int end = 0; end < 2 && !error; end++) {
            int high = fcntl(pipes[i][end], F_DUPFD_CLOEXEC, 10);
            if (high < 0) error = errno;
            close(pipes[i][end]);
            pipes[i][end] = high;
        }
    }
    if (!error) {
        sigemptyset(&none);
        sigfillset(&all);
        posix_spawn_file_actions_init(&actions);
        posix_spawnattr_init(&attributes);
        error = posix_spawn_file_actions_addchdir_np(&actions, folder);
        posix_spawn_file_actions_adddup2(&actions, pipes[0][0], 0);
        posix_spawn_file_actions_adddup2(&actions, pipes[1][1], 1);
        posix_spawn_file_actions_adddup2(&actions, pipes[2][1], 2);
        posix_spawn_file_actions_addclosefrom_np(&actions, 3);
        posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
        posix_spawnattr_setpgroup(&attributes, 0);
        posix_spawnattr_setsigmask(&attributes, &none);
        posix_spawnattr_setsigdefault(&attributes, &all);
        if (!error) error = posix_spawnp(&pid, arguments[0], &actions, &attributes, arguments, environ);
        posix_spawnattr_destroy(&attributes);
        posix_spawn_file_actions_destroy(&actions);
    }
    /* The child's ends, and on failure ours too. */
    for (int i = 0; i < 3; i++)
        for (int end = 0; end < 2; end++)
            if (pipes[i][end] >= 0 && (error || end == (i == 0 ? 0 : 1))) close(pipes[i][end]);
    if (error) return error;
    note(pid);
    program->pid = pid;
    program->input = pipes[0][1];
    program->output = pipes[1][0];
    program->errors = pipes[2][0];
    fcntl(program->input, F_SETFL, O_NONBLOCK);
    fcntl(program->output, F_SETFL, O_NONBLOCK);
    fcntl(program->errors, F_SETFL, O_NONBLOCK);
    return 0;
}

void stg_program_end(stg_program *program, int32_t patience_ms, int32_t *status) {
    struct timespec pause = {0, 1000000};
    siginfo_t info;
    int found = 0;
    pid_t got;
    memset(&info, 0, sizeof info);
    *status = -1;
    /* Never started: group 0 would be our own. */
    if (program->pid <= 0) return;
    close(program->input);
    /* Left a zombie until its group is killed: until then its number is nobody else's. */
    while (waitid(P_PID, (id_t)program->pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid == 0 && patience_ms-- > 0)
        nanosleep(&pause, NULL);
    kill(-program->pid, SIGKILL);
    forget(program->pid);
    do got = waitpid(program->pid, &found, 0);
    while (got < 0 && errno == EINTR);
    if (got == program->pid) *status = found;
    program->pid = 0;
    close(program->output);
    close(program->errors);
}
