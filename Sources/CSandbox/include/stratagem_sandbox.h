/* SPDX-License-Identifier: Apache-2.0
 *
 * Takes away from the calling process what a plugin has no use for. Needs no
 * privileges. What a kernel lacks is left out and reported: the host decides
 * whether the rest is enough.
 */
#ifndef STRATAGEM_SANDBOX_H
#define STRATAGEM_SANDBOX_H

#include <stddef.h>
#include <stdint.h>

typedef struct stg_sandbox_limits {
    uint64_t memory_bytes; /* of address space; also bounds the threads, by their stacks */
    uint64_t files;        /* open at once */
} stg_sandbox_limits;

/* What was applied. Each is 1 or 0, but for landlock_abi, which is the version of
 * the rules in force, 0 without. */
typedef struct stg_sandbox_report {
    int32_t no_new_privileges;
    int32_t landlock_abi;
    int32_t seccomp;
    int32_t limits;
} stg_sandbox_report;

/* The kernel's version of Landlock, 0 if it has none or has it switched off. */
int32_t stg_sandbox_landlock_abi(void);

/* 1 if the kernel can filter system calls. */
int32_t stg_sandbox_has_seccomp(void);

/* Confines this process, which must have one thread only, for good. Afterwards it
 * can read and map `image`, the system's libraries and those of the Swift runtime
 * that it runs on, and open nothing else; it has no environment, sockets (but for
 * what it inherited), child processes or programs. */
void stg_sandbox_confine(const char *image, const stg_sandbox_limits *limits, stg_sandbox_report *report);

/* ----------------------------------------------------------------- crashes */

/* What a dying process says of its death: written by a signal handler to the
 * descriptor given, as one message. A hint, which the process may have forged. */
#define STG_CRASH_MAGIC 0x57475453u /* of IsolatedWire: "STGW" */
#define STG_CRASH_KIND 20

/* A system call that is not allowed, from the registers at that moment. */
typedef struct stg_crash_call {
    int32_t number;          /* -1: not known */
    uint32_t architecture;   /* AUDIT_ARCH_… */
    uint64_t arguments[6];
    uint32_t text_size, reserved;
    char text[256];          /* the path that it names, if it names one; no NUL at its end */
} stg_crash_call;

typedef struct stg_crash_message {
    uint32_t magic;
    uint8_t kind, flags;
    uint16_t reserved;
    uint32_t length;   /* of what follows the first 24 bytes */
    uint32_t sequence; /* 0 */
    uint64_t instance; /* 0 */
    int32_t signal;
    int32_t unused;
    uint64_t address;  /* of a fault */
    uint64_t memory_bytes; /* address space in use, 0 if unknown */
    stg_crash_call call;   /* of a SIGSYS */
} stg_crash_message;

/* From here on fatal signals are reported to `descriptor` before they kill. To be
 * called before stg_sandbox_confine, while /proc can still be opened. */
void stg_sandbox_report_crashes(int32_t descriptor);

/* Fills in what a handler of SIGSYS is told: `info` is its siginfo_t, `context` its
 * ucontext_t. Safe in that handler. Reads the path that the call names, wherever the
 * plugin says it is, if stg_sandbox_prepare_reading was called in time. */
void stg_sandbox_read_call(const void *info, const void *context, stg_crash_call *call);

/* Opens what stg_sandbox_read_call needs for texts. Before stg_sandbox_confine. */
void stg_sandbox_prepare_reading(void);

/* Writes the call in words, `kill(1, 9)` or `openat (for writing) "/etc/passwd"`, with a
 * NUL, as far as `size` bytes reach. Returns their number without the NUL. The path is
 * the plugin's: any bytes. Safe in a handler. */
size_t stg_sandbox_describe_call(const stg_crash_call *call, char *out, size_t size);

/* Which argument of a forbidden call is a path, or -1. */
int32_t stg_sandbox_path_argument(int32_t number);

/* The process dies with the thread that started it. */
void stg_sandbox_die_with_parent(void);

/* ------------------------------------------------------- the host's side */

/* A worker that was started, and the host's ends of what it was given. */
typedef struct stg_worker {
    int32_t pid;       /* and process group */
    int32_t socket;    /* its descriptor 3; not blocking */
    int32_t output;    /* what it writes to 1; not blocking */
    int32_t errors;    /* what it writes to 2; not blocking */
    void *shared;      /* its descriptor 4, read-only there */
    uint64_t shared_bytes;
} stg_worker;

/* Starts `program` with these arguments (NULL at the end), no environment and no
 * descriptors but its own, in a process group of its own. 0, or an errno. */
int32_t stg_worker_start(const char *program, char *const arguments[], uint64_t shared_bytes, stg_worker *worker);

/* Kills the group, waits for the process, and closes and unmaps all of it.
 * `status` is that of wait. `ended_itself`: 1 if the process was over within
 * `patience_ms`, before it was killed. `peak_bytes`: the most memory that it had resident. */
void stg_worker_end(stg_worker *worker, int32_t patience_ms, int32_t *status, int32_t *ended_itself, uint64_t *peak_bytes);

/* ------------------------------------------------- a program of the user's */

/* A program that runs with the user's rights and environment, in a process group of its
 * own, and the host's ends of its standard streams, none of them blocking. */
typedef struct stg_program {
    int32_t pid; /* and process group */
    int32_t input;
    int32_t output;
    int32_t errors;
} stg_program;

/* Starts it in `folder`; a name without a slash is looked for in PATH. 0, or an errno. A program
 * that still runs when this process exits is killed. */
int32_t stg_program_start(char *const arguments[], const char *folder, stg_program *program);

/* Closes its input, waits, kills the group, and waits for the process. `status` is that of wait. */
void stg_program_end(stg_program *program, int32_t patience_ms, int32_t *status);

/* An eventfd, not blocking: what wakes a thread that polls. */
int32_t stg_wakeup(void);

#endif
