/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "cconformance.h"

#include <dlfcn.h>
#include <fenv.h>
#include <fcntl.h>
#include <malloc.h>
#include <math.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>
#ifdef __linux__
#include <signal.h>
#include <sys/prctl.h>
#endif

int kit_pipe(int ends[2], int non_blocking) { return pipe2(ends, O_CLOEXEC | (non_blocking ? O_NONBLOCK : 0)); }
int kit_close_from(posix_spawn_file_actions_t *actions, int first) { return posix_spawn_file_actions_addclosefrom_np(actions, first); }
int kit_memory_file(const char *name) { return memfd_create(name, MFD_CLOEXEC); }
size_t kit_heap_in_use(void) { return mallinfo2().uordblks; }

void *kit_image_base(const void *address) {
    Dl_info info;
    return dladdr(address, &info) ? info.dli_fbase : NULL;
}

long kit_waits(void) {
#ifdef RUSAGE_THREAD
    struct rusage usage;
    return getrusage(RUSAGE_THREAD, &usage) == 0 ? usage.ru_nvcsw : 0;
#else
    return 0;
#endif
}

static _Atomic int patience_left;
static _Atomic unsigned long arrivals;

void kit_meetings(int patience) { patience_left = patience; }

/* A few nanoseconds more, each time a different number. */
static void wander(void) {
    static _Thread_local unsigned chance;
    if (chance == 0) chance = (unsigned)(size_t)&chance >> 4 | 1;
    chance = chance * 1664525u + 1013904223u;
    for (volatile unsigned i = chance >> 16 & 127; i > 0; i--) {}
}

/* The first of two spins, so that it runs when the second one comes: asleep, it would go on when the other is long gone.
 * It would always go on a little later than the second one, so both wander. */
void kit_meet(void) {
    if (atomic_load_explicit(&patience_left, memory_order_relaxed) <= 0) return;
    unsigned long mine = atomic_fetch_add(&arrivals, 1), next = mine + 1;
    if (mine & 1) {
        wander();
        return;
    }
    for (int i = 0; i < 4000; i++) {
        if (atomic_load_explicit(&arrivals, memory_order_relaxed) != next) {
            wander();
            return;
        }
#if defined(__x86_64__)
        __builtin_ia32_pause();
#elif defined(__aarch64__)
        __asm__ volatile("yield");
#endif
    }
    /* Nobody came: the next one is a first one again. */
    if (atomic_compare_exchange_strong(&arrivals, &next, mine)) patience_left--;
}

static void give_way(void) {
    static _Thread_local unsigned calls;
    if (++calls % 4 == 0) usleep(20);
}

/* What was put somewhere for it to find is another thread's by now, if it is not the instance's own. */
static void pausing_qsort(void *base, size_t count, size_t size, int (*compare)(const void *, const void *)) {
    usleep(50);
    qsort(base, count, size, compare);
}
static void *pausing_bsearch(const void *key, const void *base, size_t count, size_t size,
                             int (*compare)(const void *, const void *)) {
    usleep(50);
    return bsearch(key, base, count, size, compare);
}
static void *pausing_malloc(size_t size) { give_way(); return malloc(size); }
static void *pausing_calloc(size_t count, size_t size) { give_way(); return calloc(count, size); }
static void *pausing_realloc(void *block, size_t size) { give_way(); return realloc(block, size); }
static void pausing_free(void *block) { give_way(); free(block); }
static void *pausing_memcpy(void *to, const void *from, size_t size) { give_way(); return memcpy(to, from, size); }
static void *pausing_memset(void *to, int byte, size_t size) { give_way(); return memset(to, byte, size); }
static int pausing_memcmp(const void *a, const void *b, size_t size) { give_way(); return memcmp(a, b, size); }
static size_t pausing_strlen(const char *text) { give_way(); return strlen(text); }
static double pausing_exp(double x) { give_way(); return exp(x); }
static double pausing_log(double x) { give_way(); return log(x); }

void *kit_pausing(const char *name) {
    static const struct { const char *name; void *function; } all[] = {
        {"qsort", (void *)pausing_qsort}, {"bsearch", (void *)pausing_bsearch}, {"malloc", (void *)pausing_malloc},
        {"calloc", (void *)pausing_calloc}, {"realloc", (void *)pausing_realloc}, {"free", (void *)pausing_free},
        {"memcpy", (void *)pausing_memcpy}, {"memset", (void *)pausing_memset}, {"memcmp", (void *)pausing_memcmp},
        {"strlen", (void *)pausing_strlen}, {"exp", (void *)pausing_exp}, {"log", (void *)pausing_log},
    };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (strcmp(all[i].name, name) == 0) return all[i].function;
    return NULL;
}

unsigned kit_rounding(void) {
#if defined(__x86_64__)
    /* Without the flags of what has happened so far. */
    return __builtin_ia32_stmxcsr() & 0xFFC0u;
#elif defined(__aarch64__)
    unsigned long control;
    __asm__ volatile("mrs %0, fpcr" : "=r"(control));
    return (unsigned)control;
#else
    return (unsigned)fegetround();
#endif
}

static _Atomic int stack_byte = -1;
void kit_stack_pattern(int byte) { stack_byte = byte; }

/* The assembler's line: so that nothing is left out as of no use. */
#define FILL(name, size) __attribute__((noinline)) static void name(int byte) { \
    char room[size]; \
    memset(room, byte, sizeof room); \
    __asm__ volatile("" : : "r"(room) : "memory"); \
}
FILL(fill_much, 1 << 16)
FILL(fill_little, 1 << 13)

void kit_fill_stack(void) {
    int byte = atomic_load_explicit(&stack_byte, memory_order_relaxed);
    if (byte >= 0) fill_much(byte);
}

typedef size_t filled(size_t, size_t, size_t, size_t, size_t, size_t);
static filled *_Atomic real_functions[16];
#define FILLING(n) static size_t filling_##n(size_t a, size_t b, size_t c, size_t d, size_t e, size_t f) { \
    size_t result = real_functions[n](a, b, c, d, e, f); \
    int byte = atomic_load_explicit(&stack_byte, memory_order_relaxed); \
    if (byte >= 0) fill_little(byte); \
    return result; \
}
FILLING(0) FILLING(1) FILLING(2) FILLING(3) FILLING(4) FILLING(5) FILLING(6) FILLING(7)
FILLING(8) FILLING(9) FILLING(10) FILLING(11) FILLING(12) FILLING(13) FILLING(14) FILLING(15)

void *kit_filling(int number, void *real) {
    static filled *const all[] = {filling_0, filling_1, filling_2, filling_3, filling_4, filling_5, filling_6, filling_7,
                                  filling_8, filling_9, filling_10, filling_11, filling_12, filling_13, filling_14, filling_15};
    real_functions[number] = (filled *)real;
    return (void *)all[number];
}

pid_t kit_fork(void) { return fork(); }

void kit_end_with_parent(void) {
#ifdef __linux__
    prctl(PR_SET_PDEATHSIG, SIGKILL);
#endif
}

const char *kit_variable(size_t index) { return environ ? environ[index] : NULL; }
void kit_flush(void) { fflush(NULL); }
