/* SPDX-License-Identifier: Apache-2.0
 * What the conformance kit needs of glibc that Swift's Glibc module leaves out. */
#ifndef CCONFORMANCE_H
#define CCONFORMANCE_H
#include <spawn.h>
#include <stddef.h>
#include <sys/types.h>

/* A pipe whose ends close on exec. */
int kit_pipe(int ends[2], int non_blocking);
/* The started program has no descriptor from `first` on. */
int kit_close_from(posix_spawn_file_actions_t *actions, int first);
/* A file in memory, for a library that no path but /proc's leads to. */
int kit_memory_file(const char *name);
/* Bytes of the heap in use. */
size_t kit_heap_in_use(void);
/* Where the image that holds `address` begins, or NULL. */
void *kit_image_base(const void *address);
/* How often this thread has given the processor away by itself: to wait, and not because its time was up. */
long kit_waits(void);
/* From now on two threads meet in kit_meet, and leave it at the same moment; until `patience` waits were in vain. 0: no more. */
void kit_meetings(int patience);
/* Waits a little for another thread that comes here too. */
void kit_meet(void);
/* The C library's function of that name, which lets other threads go first now and then; NULL if there is none such. */
void *kit_pausing(const char *name);
/* Fills the stack below the caller's frame with this byte, each time that a call of the plugin's begins or a function of
 * the host's returns to it; -1: no more. */
void kit_stack_pattern(int byte);
void kit_fill_stack(void);
/* A function that calls `real` and then fills the stack. `number`: 0 to 15, one for each function. All arguments are
 * whole numbers, pointers, or structs of two of them. */
void *kit_filling(int number, void *real);
/* fork(): for a process with one thread. */
pid_t kit_fork(void);

/* This process is killed when the thread that started it is gone, which waits for it. */
void kit_end_with_parent(void);
/* Environment variable number `index`, NULL after the last one. */
const char *kit_variable(size_t index);
/* How this thread's processor rounds, and whether it takes tiny numbers for 0. */
unsigned kit_rounding(void);
/* fflush(NULL). */
void kit_flush(void);
#endif
