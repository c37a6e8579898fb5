/* SPDX-License-Identifier: Apache-2.0
 * Starting and ending a worker process: the host's side. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "stratagem_sandbox.h"

/* Newer than many headers. */
#ifndef F_SEAL_FUTURE_WRITE
#define F_SEAL_FUTURE_WRITE 0x0010
#endif

/* Moves a descriptor out of the way of those that the child will have. */
static int moved(int descriptor) {
    int high = descriptor < 0 ? -1 : fcntl(descriptor, F_DUPFD_CLOEXEC, 10);
    if (descriptor >= 0) close(descriptor);
    return high;
}

static void close_all(int *descriptors, int count) {
    for (int i = 0; i < count; i++)
        if (descriptors[i] >= 0) close(descriptors[i]);
}

/* Memory that this process writes and the child can only read, whatever it does. */
static int make_shared(uint64_t bytes, void **start) {
    int descriptor = memfd_create("stratagem-tells", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (descriptor < 0) return -1;
    *start = MAP_FAILED;
    if (ftruncate(descriptor, (off_t)bytes) == 0)
        *start = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
    if (*start == MAP_FAILED) {
        close(descriptor);
        return -1;
    }
    /* Before Linux 5.1 there is no such seal: then the filter alone keeps it read-only. */
    if (fcntl(descriptor, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_FUTURE_WRITE | F_SEAL_SEAL) != 0)
        fcntl(descriptor, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL);
    return moved(descriptor);
}

static int spawn(const char *program, char *const arguments[], const int ends[4], pid_t *pid) {
    static char *const environment[] = {NULL};
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t none, all;
    int error;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    for (int target = 1; target <= 4; target++) posix_spawn_file_actions_adddup2(&actions, ends[target - 1], target);
    posix_spawn_file_actions_addclosefrom_np(&actions, 5);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    posix_spawnattr_setpgroup(&attributes, 0);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    error = posix_spawn(pid, program, &actions, &attributes, arguments, environment);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return error;
}

int32_t stg_worker_start(const char *program, char *const arguments[], uint64_t shared_bytes, stg_worker *worker) {
    int sockets[2] = {-1, -1}, output[2] = {-1, -1}, errors[2] = {-1, -1};
    int ends[4] = {-1, -1, -1, -1}; /* the child's: output, errors, socket, shared */
    pid_t pid = 0;
    int error = 0;
    memset(worker, 0, sizeof *worker);
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets) != 0 || pipe2(output, O_CLOEXEC) != 0
        || pipe2(errors, O_CLOEXEC) != 0)
        error = errno;
    ends[0] = moved(output[1]);
    ends[1] = moved(errors[1]);
    ends[2] = moved(sockets[1]);
    ends[3] = make_shared(shared_bytes, &worker->shared);
    for (int i = 0; i < 4 && !error; i++)
        if (ends[i] < 0) error = errno ? errno : EMFILE;
    if (!error) error = spawn(program, arguments, ends, &pid);
    close_all(ends, 4);
    if (error) {
        int mine[3] = {sockets[0], output[0], errors[0]};
        close_all(mine, 3);
        if (ends[3] >= 0) munmap(worker->shared, shared_bytes);
        return error;
    }
    /* Not on the child's ends: it may block. A socket's ends have their own flags. */
    fcntl(sockets[0], F_SETFL, O_NONBLOCK);
    fcntl(output[0], F_SETFL, O_NONBLOCK);
    fcntl(errors[0], F_SETFL, O_NONBLOCK);
    worker->pid = pid;
    worker->socket = sockets[0];
    worker->output = output[0];
    worker->errors = errors[0];
    worker->shared_bytes = shared_bytes;
    return 0;
}

void stg_worker_end(stg_worker *worker, int32_t patience_ms, int32_t *status, int32_t *ended_itself, uint64_t *peak_bytes) {
    struct rusage usage;
    struct timespec pause = {0, 1000000};
    siginfo_t info;
    int found = 0;
    pid_t got;
    memset(&usage, 0, sizeof usage);
    memset(&info, 0, sizeof info);
    /* Left a zombie until its group is killed: until then its number is nobody else's. */
    while (waitid(P_PID, (id_t)worker->pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid == 0 && patience_ms-- > 0)
        nanosleep(&pause, NULL);
    *ended_itself = info.si_pid != 0;
    kill(-worker->pid, SIGKILL);
    do got = wait4(worker->pid, &found, 0, &usage);
    while (got < 0 && errno == EINTR);
    *status = got == worker->pid ? found : -1;
    *peak_bytes = (uint64_t)usage.ru_maxrss * 1024;
    close(worker->socket);
    close(worker->output);
    close(worker->errors);
    munmap(worker->shared, worker->shared_bytes);
}

int32_t stg_wakeup(void) { return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }
