#ifndef AVIARY_CLMDB_SHIM_H
#define AVIARY_CLMDB_SHIM_H

#include <errno.h>
#include <lmdb.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/// Says what to do before LMDB stops the process: it checks the shape of pages with assertions that cannot be turned
/// into errors.
static inline void aviary_lmdb_on_assertion(MDB_env *environment, const char *message) {
    const char *path = "";
    mdb_env_get_path(environment, &path);
    fprintf(stderr,
            "%s: a page of the store is damaged (LMDB: %s); this process stops now. Verify the store and rebuild it "
            "from the newest snapshot and the log.\n",
            path, message);
}

/// Makes `aviary_lmdb_on_assertion` the environment's last words.
static inline void aviary_lmdb_explain_assertions(MDB_env *environment) {
    mdb_env_set_assert(environment, aviary_lmdb_on_assertion);
}

/// Takes pages of a map out of this process's page tables; for a shared file mapping the page cache keeps them.
/// Returns 0 or errno.
static inline int aviary_lmdb_release_pages(void *address, size_t byte_count) {
    return madvise(address, byte_count, MADV_DONTNEED) == 0 ? 0 : errno;
}

/// Which file or directory a path names now. Returns 0 or errno.
static inline int aviary_lmdb_identity(const char *path, uint64_t *device, uint64_t *inode, uint64_t *byte_count) {
    struct stat status;
    if (stat(path, &status) != 0) return errno;
    *device = (uint64_t)status.st_dev;
    *inode = (uint64_t)status.st_ino;
    *byte_count = (uint64_t)status.st_size;
    return 0;
}

/// Where this process has mapped a file, or 0: LMDB 0.9 tells the address of its map only when that is fixed.
/// Looks for a shared mapping of just this length whose inode, or resolved path, is the file's.
static inline uintptr_t aviary_lmdb_find_map(const char *path, uint64_t inode, uint64_t byte_count) {
    FILE *maps = fopen("/proc/self/maps", "re");
    if (!maps) return 0;
    char *resolved = realpath(path, NULL);
    char *line = NULL;
    size_t capacity = 0;
    uintptr_t found = 0;
    while (!found && getline(&line, &capacity, maps) > 0) {
        unsigned long long start, end, offset, number;
        char permissions[8], device[32];
        int name_at = 0;
        if (sscanf(line, "%llx-%llx %7s %llx %31s %llu %n", &start, &end, permissions, &offset, device, &number,
                   &name_at) < 6) continue;
        if (permissions[3] != 's' || offset != 0 || end - start != byte_count) continue;
        line[strcspn(line, "\n")] = 0;
        if (number == inode || (resolved && name_at > 0 && strcmp(line + name_at, resolved) == 0)) {
            found = (uintptr_t)start;
        }
    }
    free(line);
    free(resolved);
    fclose(maps);
    return found;
}

/// The kernel's number of the calling thread.
static inline int64_t aviary_lmdb_thread(void) { return (int64_t)syscall(SYS_gettid); }

/// The text of an error number, thread-safe in the C library of every Linux.
static inline const char *aviary_lmdb_error_text(int code) { return strerror(code); }

#endif
