/* Counts the calls by which a process reads and writes files below one folder, and lets one of them go wrong.

       cc -shared -fPIC -O1 -o storage_calls.so storage_calls.c -ldl
       LD_PRELOAD=./storage_calls.so command

   `watch_storage(folder, n, how)`: the nth call, counted from 1 over all threads, goes wrong. `how`: an errno
   (the call fails with it), 0 (nothing), -1 (SIGKILL before it), -2 (SIGKILL after half of what is to be written).
   `storage_calls()`: how many there were.
*/
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

enum { BEFORE = -1, TORN = -2 };

static char folder[PATH_MAX];
static int target, how;
static atomic_int calls;

void watch_storage(const char *path, int n, int goes) {
    target = n, how = goes;
    atomic_store(&calls, 0);
    snprintf(folder, sizeof folder, "%s", path);
}

int storage_calls(void) { return atomic_load(&calls); }

static int below(const char *path) { return folder[0] && path && !strncmp(path, folder, strlen(folder)); }

static int held(int fd) {
    char link[64], path[PATH_MAX];
    if (!folder[0] || fd < 3) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0) return 0;
    path[length] = 0;
    return below(path);
}

/* The errno that this call fails with, 0 for none, TORN where half of it is to happen. */
static int goes_wrong(const char *path, int fd) {
    if (!(path ? below(path) : held(fd))) return 0;
    int n = atomic_fetch_add(&calls, 1) + 1;
    if (n != target || !how) return 0;
    if (how == BEFORE) raise(SIGKILL);
    return how;
}

#define REAL(name) static __typeof__(&name) real; if (!real) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name)
#define FAILS(at, fd, nothing) \
    int wrong = goes_wrong(at, fd); \
    if (wrong == TORN) raise(SIGKILL); \
    if (wrong > 0) { errno = wrong; return nothing; }
#define CALL(type, name, parameters, at, fd, arguments) \
    type name parameters { REAL(name); FAILS(at, fd, -1) return real arguments; }
#define OPEN(name, parameters, arguments) \
    int name parameters { \
        REAL(name); \
        va_list more; \
        va_start(more, flags); \
        int mode = flags & (O_CREAT | __O_TMPFILE) ? va_arg(more, int) : 0; \
        va_end(more); \
        FAILS(path, -1, -1) \
        return real arguments; \
    }
#define WRITE(name, parameters, arguments, half) \
    ssize_t name parameters { \
        REAL(name); \
        int wrong = goes_wrong(NULL, fd); \
        if (wrong == TORN) { if (n) (void)!real half; raise(SIGKILL); } \
        if (wrong > 0) { errno = wrong; return -1; } \
        return real arguments; \
    }

OPEN(open, (const char *path, int flags, ...), (path, flags, mode))
OPEN(open64, (const char *path, int flags, ...), (path, flags, mode))
OPEN(openat, (int at, const char *path, int flags, ...), (at, path, flags, mode))
OPEN(openat64, (int at, const char *path, int flags, ...), (at, path, flags, mode))
CALL(ssize_t, read, (int fd, void *to, size_t n), NULL, fd, (fd, to, n))
CALL(ssize_t, pread, (int fd, void *to, size_t n, off_t at), NULL, fd, (fd, to, n, at))
CALL(ssize_t, pread64, (int fd, void *to, size_t n, off64_t at), NULL, fd, (fd, to, n, at))
WRITE(write, (int fd, const void *from, size_t n), (fd, from, n), (fd, from, n / 2))
WRITE(pwrite, (int fd, const void *from, size_t n, off_t at), (fd, from, n, at), (fd, from, n / 2, at))
WRITE(pwrite64, (int fd, const void *from, size_t n, off64_t at), (fd, from, n, at), (fd, from, n / 2, at))
WRITE(writev, (int fd, const struct iovec *from, int n), (fd, from, n), (fd, from, n / 2))
CALL(int, fsync, (int fd), NULL, fd, (fd))
CALL(int, fdatasync, (int fd), NULL, fd, (fd))
CALL(int, ftruncate, (int fd, off_t n), NULL, fd, (fd, n))
CALL(int, ftruncate64, (int fd, off64_t n), NULL, fd, (fd, n))
CALL(int, rename, (const char *from, const char *to), to, -1, (from, to))
CALL(int, renameat, (int a, const char *from, int b, const char *to), to, -1, (a, from, b, to))
CALL(int, renameat2, (int a, const char *from, int b, const char *to, unsigned how), to, -1, (a, from, b, to, how))
CALL(int, link, (const char *from, const char *to), to, -1, (from, to))
CALL(int, linkat, (int a, const char *from, int b, const char *to, int how), to, -1, (a, from, b, to, how))
CALL(int, unlink, (const char *path), path, -1, (path))
CALL(int, unlinkat, (int at, const char *path, int how), path, -1, (at, path, how))
CALL(int, mkdir, (const char *path, mode_t mode), path, -1, (path, mode))
CALL(int, mkdirat, (int at, const char *path, mode_t mode), path, -1, (at, path, mode))
DIR *opendir(const char *path) { REAL(opendir); FAILS(path, -1, NULL) return real(path); }
