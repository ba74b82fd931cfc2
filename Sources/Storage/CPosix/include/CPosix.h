#ifndef AVIARY_CPOSIX_H
#define AVIARY_CPOSIX_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

// System calls of the house, as functions that Swift can import. A call that fails returns the negative error number,
// so that nobody reads errno on another thread or too late. Interrupted calls are repeated here and nowhere else.

#define AVIARY_OPEN_WRITE 1      // for reading and writing
#define AVIARY_OPEN_CREATE 2     // make the file, mode 0600, and fail if it exists
#define AVIARY_OPEN_ENSURE 4     // make the file, mode 0600, if it does not exist
#define AVIARY_OPEN_DIRECT 8     // O_DIRECT
#define AVIARY_OPEN_DSYNC 16     // O_DSYNC
#define AVIARY_OPEN_DIRECTORY 32 // O_DIRECTORY

int aviary_open(const char *path, int options);
int aviary_close(int descriptor);
// Reads until `count` bytes are there or the file ends; returns how many there are.
ssize_t aviary_read_at(int descriptor, void *bytes, size_t count, uint64_t offset);
// Writes all `count` bytes; returns 0. `*written` says how many went out, also on failure.
int aviary_write_at(int descriptor, const void *bytes, size_t count, uint64_t offset, size_t *written);
int aviary_sync_data(int descriptor);
int aviary_sync_all(int descriptor);
int64_t aviary_byte_count(int descriptor);
int aviary_resize(int descriptor, uint64_t count);
// Reserves blocks without writing them; -EOPNOTSUPP where the file system cannot.
int aviary_allocate(int descriptor, uint64_t count);
int aviary_make_directory(const char *path);
int aviary_rename(const char *source, const char *target);
int aviary_remove(const char *path);
// 1 if there is such a name (a symbolic link is not followed), 0 if not.
int aviary_exists(const char *path);
// All names of a directory but "." and "..", each ended by a zero byte, in memory that the caller frees.
ssize_t aviary_list(const char *path, char **names);
void aviary_free(void *memory);
int aviary_lock_exclusively(int descriptor);
int64_t aviary_free_byte_count(const char *path);
int aviary_process_id(void);

void *aviary_allocate_aligned(size_t count, size_t alignment);
void aviary_zero(void *memory, size_t count);

uint64_t aviary_monotonic_nanoseconds(void);
uint64_t aviary_thread_nanoseconds(void);
int64_t aviary_wall_clock_milliseconds(void);

// Starts a thread with all signals blocked; a niceness of 0 leaves the priority alone.
int aviary_thread_start(uint64_t *thread, const char *name, int niceness, void *(*body)(void *), void *context);
int aviary_thread_join(uint64_t thread);
uint64_t aviary_thread_self(void);

// The number that the kernel knows the calling thread by.
int aviary_thread_number(void);
// Moves the calling thread from the ordinary scheduling class to that of idle processors; -EBUSY if it is in another one
// to begin with, that of idle processors included. Its reads and writes keep the urgency that its niceness gives them.
int aviary_thread_enter_idle_class(void);
// Moves a thread back; 0 also if it is back already. -EPERM if this process may not, -EBUSY if it is in a third class.
int aviary_thread_leave_idle_class(int number);
// 1 if this process may make the calling thread more urgent than it is, up to its niceness of now.
int aviary_thread_may_rise(void);

// Lets other threads run on the processor of this one.
void aviary_thread_yield(void);
int64_t aviary_processor_count(void);

// MARK: Sleeping and waking

// Blocks while *word == expected, until woken or until the time runs out (0: no limit).
void aviary_futex_wait(uint32_t *word, uint32_t expected, uint64_t timeout_nanoseconds);
void aviary_futex_wake(uint32_t *word, int count);

// A wake signal: 0 nothing, 1 signalled, 2 asleep. One sleeper, any number of wakers.
static inline void aviary_wake_signal(uint32_t *word) {
    if (__atomic_exchange_n(word, 1, __ATOMIC_SEQ_CST) == 2) aviary_futex_wake(word, 1);
}

// A lock: 0 free, 1 held, 2 held and waited for. Source: Drepper, Futexes Are Tricky (2011), mutex 2.
void aviary_lock_slow(uint32_t *word);
static inline void aviary_lock(uint32_t *word) {
    uint32_t free = 0;
    if (!__atomic_compare_exchange_n(word, &free, 1, 0, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED)) aviary_lock_slow(word);
}
static inline int aviary_try_lock(uint32_t *word) {
    uint32_t free = 0;
    return __atomic_compare_exchange_n(word, &free, 1, 0, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED);
}
static inline void aviary_unlock(uint32_t *word) {
    if (__atomic_exchange_n(word, 0, __ATOMIC_RELEASE) == 2) aviary_futex_wake(word, 1);
}

// Waits for the signal and takes it; returns 1, or 0 when the time ran out (0: no limit).
int aviary_wake_wait(uint32_t *word, uint64_t timeout_nanoseconds);

#endif
