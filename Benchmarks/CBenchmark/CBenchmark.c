#include "CBenchmark.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/vfs.h>
#include <unistd.h>

enum { EVENT_COUNT_MAX = 256 };

int benchmark_poll_create(void) { return epoll_create1(EPOLL_CLOEXEC); }

int benchmark_poll_watch(int poll, int descriptor, uint32_t token, uint32_t flags, int isNew) {
    struct epoll_event event;
    memset(&event, 0, sizeof event);
    if (flags & BENCHMARK_POLL_READABLE) event.events |= EPOLLIN | EPOLLRDHUP;
    if (flags & BENCHMARK_POLL_WRITABLE) event.events |= EPOLLOUT;
    event.data.u32 = token;
    return epoll_ctl(poll, isNew ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, descriptor, &event);
}

int benchmark_poll_wait(int poll, struct benchmark_poll_event *events, int count, int timeoutMilliseconds) {
    struct epoll_event raw[EVENT_COUNT_MAX];
    if (count > EVENT_COUNT_MAX) count = EVENT_COUNT_MAX;
    int got = epoll_wait(poll, raw, count, timeoutMilliseconds);
    for (int index = 0; index < got; index++) {
        uint32_t flags = 0;
        if (raw[index].events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP)) flags |= BENCHMARK_POLL_READABLE;
        if (raw[index].events & EPOLLOUT) flags |= BENCHMARK_POLL_WRITABLE;
        if (raw[index].events & EPOLLERR) flags |= BENCHMARK_POLL_BROKEN;
        events[index].token = raw[index].data.u32;
        events[index].flags = flags;
    }
    return got;
}

int benchmark_open_file(const char *path, int isDirect, int isSynchronous) {
    int flags = O_RDWR | O_CREAT | O_CLOEXEC;
    if (isDirect) flags |= O_DIRECT;
    if (isSynchronous) flags |= O_DSYNC;
    return open(path, flags, 0600);
}

int benchmark_wake_create(int isNonblocking) { return eventfd(0, EFD_CLOEXEC | (isNonblocking ? EFD_NONBLOCK : 0)); }

int benchmark_spawn(const char *path, char *const arguments[], int output) {
    pid_t parent = getpid();
    int failure[2];
    if (pipe2(failure, O_CLOEXEC) != 0) return -1;
    pid_t child = fork();
    if (child < 0) {
        int saved = errno;
        close(failure[0]);
        close(failure[1]);
        errno = saved;
        return -1;
    }
    if (child == 0) {
        setpgid(0, 0);
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() != parent) _exit(127);
        sigset_t none;
        sigemptyset(&none);
        sigprocmask(SIG_SETMASK, &none, NULL);
        signal(SIGPIPE, SIG_DFL);
        if (dup2(output, 1) >= 0 && dup2(output, 2) >= 0) execv(path, arguments);
        int code = errno;
        ssize_t ignored = write(failure[1], &code, sizeof code);
        (void)ignored;
        _exit(127);
    }
    close(failure[1]);
    int code = 0;
    ssize_t got = read(failure[0], &code, sizeof code);
    close(failure[0]);
    if (got == (ssize_t)sizeof code) {
        errno = code;
        return -1;
    }
    return child;
}

uint64_t benchmark_file_system_kind(const char *path) {
    struct statfs information;
    return statfs(path, &information) == 0 ? (uint64_t)information.f_type : 0;
}
