/* Included before every file of a plugin: counts the bytes that library functions look at. What the
   plugin's own code does is counted by the compiler, a basic block at a time (work.c). */
#include <stdint.h>
#include <string.h>

extern uint64_t work_done;

static inline const void *counted_memchr(const void *text, int byte, size_t size) {
    const void *found = memchr(text, byte, size);
    work_done += found ? (size_t)((const char *)found - (const char *)text) : size;
    return found;
}

#define memchr(text, byte, size) ((void *)(uintptr_t)counted_memchr(text, byte, size))
#define memcmp(one, other, size) (work_done += (size), memcmp(one, other, size))
#define memcpy(to, from, size) (work_done += (size), memcpy(to, from, size))
#define memmove(to, from, size) (work_done += (size), memmove(to, from, size))
#define memset(to, byte, size) (work_done += (size), memset(to, byte, size))
