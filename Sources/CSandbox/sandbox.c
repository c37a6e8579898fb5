/* SPDX-License-Identifier: Apache-2.0
 * Privileges, files (Landlock) and limits. The system calls are in filter.c. */
#define _GNU_SOURCE
#include "stratagem_sandbox.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <malloc.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "filter.h"

/* Spelt out here: the headers of a distribution are often older than its kernel. */
#define LANDLOCK_CREATE 444
#define LANDLOCK_ADD_RULE 445
#define LANDLOCK_RESTRICT 446
#define LANDLOCK_VERSION 1u
#define LANDLOCK_PATH_BENEATH 1
#define FS_EXECUTE (1ull << 0)
#define FS_READ_FILE (1ull << 2)
#define FS_READ_DIR (1ull << 3)

struct ruleset {
    uint64_t files, network, scoped;
};

struct path_rule {
    uint64_t allowed;
    int32_t parent;
} __attribute__((packed));

int32_t stg_sandbox_landlock_abi(void) {
    long version = syscall(LANDLOCK_CREATE, NULL, 0, LANDLOCK_VERSION);
    return version > 0 ? (int32_t)version : 0;
}

/* Every access that this kernel's version can take away. */
static uint64_t all_file_access(int32_t abi) {
    int bits = abi >= 5 ? 16 : abi >= 3 ? 15 : abi == 2 ? 14 : 13;
    return (1ull << bits) - 1;
}

static void allow(int ruleset, const char *path, uint64_t access) {
    int parent = open(path, O_PATH | O_CLOEXEC);
    if (parent < 0) return; /* What is not there cannot be read either. */
    struct path_rule rule = {access, parent};
    syscall(LANDLOCK_ADD_RULE, ruleset, LANDLOCK_PATH_BENEATH, &rule, 0);
    close(parent);
}

/* The folder of the library that a symbol of this process lies in. */
static void allow_folder_of(int ruleset, const char *symbol) {
    Dl_info info;
    void *address = dlsym(RTLD_DEFAULT, symbol);
    char *path;
    if (!address || !dladdr(address, &info) || !info.dli_fname) return;
    path = realpath(info.dli_fname, NULL);
    if (path) {
        char *slash = strrchr(path, '/');
        /* Statically linked, it lies in the program itself: whose folder says nothing. */
        if (slash && slash != path && strstr(slash, ".so")) {
            *slash = 0;
            allow(ruleset, path, FS_EXECUTE | FS_READ_FILE | FS_READ_DIR);
        }
    }
    free(path);
}

static int32_t confine_files(const char *image) {
    static const char *const folders[] = {"/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib"};
    int32_t abi = stg_sandbox_landlock_abi();
    if (abi == 0) return 0;
    /* Since 4 it knows the network, since 6 other processes' signals and sockets. */
    struct ruleset attributes = {all_file_access(abi), abi >= 4 ? 3 : 0, abi >= 6 ? 3 : 0};
    size_t size = abi >= 6 ? 24 : abi >= 4 ? 16 : 8;
    int ruleset = (int)syscall(LANDLOCK_CREATE, &attributes, size, 0);
    if (ruleset < 0) return 0;
    allow(ruleset, image, FS_EXECUTE | FS_READ_FILE);
    allow(ruleset, "/etc/ld.so.cache", FS_READ_FILE);
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++)
        allow(ruleset, folders[i], FS_EXECUTE | FS_READ_FILE | FS_READ_DIR);
    allow_folder_of(ruleset, "swift_retain");
    long status = syscall(LANDLOCK_RESTRICT, ruleset, 0);
    close(ruleset);
    return status == 0 ? abi : 0;
}

/* Of no use to a plugin, and of none to a user who is not root. */
static void drop_capabilities(void) {
    struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct none[2];
    memset(none, 0, sizeof none);
    syscall(SYS_capset, &header, none);
}

static int limit(int resource, rlim_t value) {
    struct rlimit now;
    if (getrlimit((__rlimit_resource_t)resource, &now) != 0) return 0;
    if (now.rlim_max != RLIM_INFINITY && value > now.rlim_max) value = now.rlim_max;
    struct rlimit wanted = {value, value};
    return setrlimit((__rlimit_resource_t)resource, &wanted) == 0;
}

static int confine_resources(const stg_sandbox_limits *limits) {
    /* Of the address space, each thread's own heap takes 64 MiB and more, used or not: too much for a runtime that starts a
     * few threads when it is loaded. One heap serves all. */
    mallopt(M_ARENA_MAX, 1);
    /* The number of processes is no limit of this process's but of its user's:
     * here the filter forbids children, and stacks in the address space bound threads. */
    return limit(RLIMIT_AS, limits->memory_bytes) & limit(RLIMIT_FSIZE, 0) & limit(RLIMIT_NOFILE, limits->files)
        & limit(RLIMIT_CORE, 0) & limit(RLIMIT_MEMLOCK, 0) & limit(RLIMIT_MSGQUEUE, 0);
}

void stg_sandbox_confine(const char *image, const stg_sandbox_limits *limits, stg_sandbox_report *report) {
    clearenv();
    if (chdir("/") != 0) { /* Relative paths lead nowhere then, either. */ }
    report->no_new_privileges = prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0;
    report->landlock_abi = confine_files(image);
    report->limits = confine_resources(limits);
    drop_capabilities();
    report->seccomp = stg_filter_install();
}

void stg_sandbox_die_with_parent(void) { prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0); }
