// What the benchmark needs of Linux and Swift's Glibc module does not show: epoll, the packed event of which Swift
// cannot lay out itself, and the flags of direct input and output.
#ifndef CBENCHMARK_H
#define CBENCHMARK_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <stdint.h>

/// What `benchmark_poll_wait` tells of one descriptor.
struct benchmark_poll_event {
    uint32_t token;
    uint32_t flags;
};

enum {
    BENCHMARK_POLL_READABLE = 1,
    BENCHMARK_POLL_WRITABLE = 2,
    BENCHMARK_POLL_BROKEN = 4,
};

/// A new epoll descriptor, or -1 with errno set.
int benchmark_poll_create(void);

/// Watches `descriptor` (level-triggered) for the BENCHMARK_POLL flags; `isNew` tells adding from changing.
int benchmark_poll_watch(int poll, int descriptor, uint32_t token, uint32_t flags, int isNew);

/// Waits for events, at most `count` (and 256); returns how many, or -1 with errno set.
int benchmark_poll_wait(int poll, struct benchmark_poll_event *events, int count, int timeoutMilliseconds);

/// Opens (and makes, if need be) a file for writing with O_DIRECT and O_DSYNC as asked.
int benchmark_open_file(const char *path, int isDirect, int isSynchronous);

/// A new eventfd, which counts up what is written and is read back to zero.
int benchmark_wake_create(int isNonblocking);

/// Starts a program in a process group of its own that is killed when this process dies; its standard output and
/// error both go to `output`. Returns its id, or -1 with errno set.
///
/// Call it from the main thread: the kernel kills the child when the *thread* that started it ends.
int benchmark_spawn(const char *path, char *const arguments[], int output);

/// The magic number of the file system that holds `path`, or 0.
uint64_t benchmark_file_system_kind(const char *path);

#endif
