#define _GNU_SOURCE
#include "CPosix.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define RETRY(call)                                          \
    ({                                                       \
        __typeof__(call) outcome;                            \
        do outcome = (call); while (outcome == -1 && errno == EINTR); \
        outcome;                                             \
    })

int aviary_open(const char *path, int options) {
    int flags = O_CLOEXEC | O_NOFOLLOW;
    flags |= (options & AVIARY_OPEN_WRITE) ? O_RDWR : O_RDONLY;
    if (options & AVIARY_OPEN_CREATE) flags |= O_CREAT | O_EXCL;
    if (options & AVIARY_OPEN_ENSURE) flags |= O_CREAT;
    if (options & AVIARY_OPEN_DIRECT) flags |= O_DIRECT;
    if (options & AVIARY_OPEN_DSYNC) flags |= O_DSYNC;
    if (options & AVIARY_OPEN_DIRECTORY) flags |= O_DIRECTORY;
    int descriptor = RETRY(open(path, flags, 0600));
    return descriptor < 0 ? -errno : descriptor;
}

// Linux releases the descriptor even when close reports EINTR: it is never repeated.
int aviary_close(int descriptor) { return close(descriptor) == 0 || errno == EINTR ? 0 : -errno; }

ssize_t aviary_read_at(int descriptor, void *bytes, size_t count, uint64_t offset) {
    size_t have = 0;
    while (have < count) {
        ssize_t got = RETRY(pread(descriptor, (char *)bytes + have, count - have, (off_t)(offset + have)));
        if (got < 0) return -errno;
        if (got == 0) break;
        have += (size_t)got;
    }
    return (ssize_t)have;
}

int aviary_write_at(int descriptor, const void *bytes, size_t count, uint64_t offset, size_t *written) {
    *written = 0;
    while (*written < count) {
        ssize_t put = RETRY(
            pwrite(descriptor, (const char *)bytes + *written, count - *written, (off_t)(offset + *written)));
        if (put < 0) return -errno;
        if (put == 0) return -EIO;
        *written += (size_t)put;
    }
    return 0;
}

// A failed sync is not repeated, EINTR included: after it nobody knows which pages were written.
int aviary_sync_data(int descriptor) { return fdatasync(descriptor) == 0 ? 0 : -errno; }

int aviary_sync_all(int descriptor) { return fsync(descriptor) == 0 ? 0 : -errno; }

int64_t aviary_byte_count(int descriptor) {
    struct stat status;
    return fstat(descriptor, &status) == 0 ? (int64_t)status.st_size : -errno;
}

int aviary_resize(int descriptor, uint64_t count) {
    return RETRY(ftruncate(descriptor, (off_t)count)) == 0 ? 0 : -errno;
}

// Not posix_fallocate: where the file system cannot, that one writes a byte into every block.
int aviary_allocate(int descriptor, uint64_t count) {
    return RETRY(fallocate(descriptor, 0, 0, (off_t)count)) == 0 ? 0 : -errno;
}

int aviary_make_directory(const char *path) { return mkdir(path, 0700) == 0 ? 0 : -errno; }

int aviary_rename(const char *source, const char *target) { return rename(source, target) == 0 ? 0 : -errno; }

int aviary_remove(const char *path) { return unlink(path) == 0 ? 0 : -errno; }

int aviary_exists(const char *path) {
    struct stat status;
    if (lstat(path, &status) == 0) return 1;
    return errno == ENOENT || errno == ENOTDIR ? 0 : -errno;
}

ssize_t aviary_list(const char *path, char **names) {
    *names = NULL;
    DIR *directory = opendir(path);
    if (directory == NULL) return -errno;
    size_t count = 0, capacity = 0;
    int failure = 0;
    for (;;) {
        errno = 0;
        struct dirent *entry = readdir(directory);
        if (entry == NULL) {
            failure = errno;
            break;
        }
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
        size_t length = strlen(entry->d_name) + 1;
        if (count + length > capacity) {
            size_t wanted = (capacity + length) * 2;
            char *larger = realloc(*names, wanted);
            if (larger == NULL) {
                failure = ENOMEM;
                break;
            }
            *names = larger;
            capacity = wanted;
        }
        memcpy(*names + count, entry->d_name, length);
        count += length;
    }
    closedir(directory);
    if (failure == 0) return (ssize_t)count;
    free(*names);
    *names = NULL;
    return -failure;
}

void aviary_free(void *memory) { free(memory); }

int aviary_lock_exclusively(int descriptor) {
    return RETRY(flock(descriptor, LOCK_EX | LOCK_NB)) == 0 ? 0 : -errno;
}

int64_t aviary_free_byte_count(const char *path) {
    struct statvfs status;
    if (RETRY(statvfs(path, &status)) != 0) return -errno;
    return (int64_t)status.f_bavail * (int64_t)status.f_frsize;
}

int aviary_process_id(void) { return (int)getpid(); }

void *aviary_allocate_aligned(size_t count, size_t alignment) {
    void *memory = NULL;
    return posix_memalign(&memory, alignment, count) == 0 ? memory : NULL;
}

void aviary_zero(void *memory, size_t count) { memset(memory, 0, count); }

uint64_t aviary_monotonic_nanoseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

uint64_t aviary_thread_nanoseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

int64_t aviary_wall_clock_milliseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

struct thread_start {
    char name[16];
    int niceness;
    void *(*body)(void *);
    void *context;
};

static void *thread_main(void *argument) {
    struct thread_start start = *(struct thread_start *)argument;
    free(argument);
    pthread_setname_np(pthread_self(), start.name);
    // On Linux a niceness belongs to one thread. Refusal is no error: the work is done all the same.
    if (start.niceness != 0) (void)setpriority(PRIO_PROCESS, (id_t)syscall(SYS_gettid), start.niceness);
    return start.body(start.context);
}

int aviary_thread_start(uint64_t *thread, const char *name, int niceness, void *(*body)(void *), void *context) {
    struct thread_start *start = calloc(1, sizeof *start);
    if (start == NULL) return -ENOMEM;
    strncpy(start->name, name, sizeof start->name - 1);
    start->niceness = niceness;
    start->body = body;
    start->context = context;

    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pthread_t started;
    int failure = pthread_create(&started, NULL, thread_main, start);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (failure != 0) {
        free(start);
        return -failure;
    }
    *thread = (uint64_t)started;
    return 0;
}

int aviary_thread_join(uint64_t thread) { return -pthread_join((pthread_t)thread, NULL); }

int64_t aviary_processor_count(void) { return sysconf(_SC_NPROCESSORS_ONLN); }

uint64_t aviary_thread_self(void) { return (uint64_t)pthread_self(); }

int aviary_thread_number(void) { return (int)syscall(SYS_gettid); }

// The system calls themselves: not every C library has functions that take a thread's number. The niceness stays.
static int move_thread(int number, int from, int to) {
    struct sched_param none = {0};
    long policy = syscall(SYS_sched_getscheduler, number);
    if (policy < 0) return -errno;
    if (policy != from) return -EBUSY;
    return syscall(SYS_sched_setscheduler, number, to, &none) == 0 ? 0 : -errno;
}

int aviary_thread_enter_idle_class(void) {
    int number = aviary_thread_number();
    // Said, not derived from the scheduling class as it is otherwise, unless somebody has: ioprio_set(2). Class 2 is best
    // effort.
    int niceness = getpriority(PRIO_PROCESS, (id_t)number);
    if (syscall(SYS_ioprio_get, 1, number) >> 13 == 0)
        (void)syscall(SYS_ioprio_set, 1, number, 2 << 13 | (niceness + 20) / 5);
    return move_thread(number, SCHED_OTHER, SCHED_IDLE);
}

int aviary_thread_leave_idle_class(int number) {
    int outcome = move_thread(number, SCHED_IDLE, SCHED_OTHER);
    return outcome == -EBUSY && syscall(SYS_sched_getscheduler, number) == SCHED_OTHER ? 0 : outcome;
}

// The kernel asks for the same right before it lets a thread come back from the idle class. Without it, it is one niceness
// less urgent from then on.
int aviary_thread_may_rise(void) {
    int number = aviary_thread_number();
    int niceness = getpriority(PRIO_PROCESS, (id_t)number);
    if (niceness == 19) return 0;
    return setpriority(PRIO_PROCESS, (id_t)number, niceness + 1) == 0
        && setpriority(PRIO_PROCESS, (id_t)number, niceness) == 0;
}

void aviary_thread_yield(void) { sched_yield(); }

void aviary_futex_wait(uint32_t *word, uint32_t expected, uint64_t timeout_nanoseconds) {
    struct timespec timeout = {
        .tv_sec = (time_t)(timeout_nanoseconds / 1000000000u), .tv_nsec = (long)(timeout_nanoseconds % 1000000000u)};
    syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, expected, timeout_nanoseconds == 0 ? NULL : &timeout, NULL, 0);
}

void aviary_futex_wake(uint32_t *word, int count) {
    syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, count, NULL, NULL, 0);
}

void aviary_lock_slow(uint32_t *word) {
    // A holder keeps the lock for nanoseconds: look again a few times before sleeping.
    for (int attempt = 0; attempt < 64; attempt++) {
        uint32_t free = 0;
        // Looked at first: to try is to take the word's memory from whoever is about to give it back.
        if (__atomic_load_n(word, __ATOMIC_RELAXED) == 0
            && __atomic_compare_exchange_n(word, &free, 1, 0, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED)) return;
#if defined(__x86_64__)
        __builtin_ia32_pause();
#endif
    }
    while (__atomic_exchange_n(word, 2, __ATOMIC_ACQUIRE) != 0) aviary_futex_wait(word, 2, 0);
}

int aviary_wake_wait(uint32_t *word, uint64_t timeout_nanoseconds) {
    uint64_t deadline = timeout_nanoseconds == 0 ? 0 : aviary_monotonic_nanoseconds() + timeout_nanoseconds;
    for (;;) {
        uint32_t nothing = 0;
        // 0 becomes "asleep"; "asleep" is left from a wake-up for no reason; "signalled" is taken.
        if (!__atomic_compare_exchange_n(word, &nothing, 2, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST) && nothing == 1) {
            __atomic_exchange_n(word, 0, __ATOMIC_SEQ_CST);
            return 1;
        }
        uint64_t left = 0;
        if (deadline != 0) {
            uint64_t now = aviary_monotonic_nanoseconds();
            if (now >= deadline) return __atomic_exchange_n(word, 0, __ATOMIC_SEQ_CST) == 1;
            left = deadline - now;
        }
        aviary_futex_wait(word, 2, left);
    }
}
