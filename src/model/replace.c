/*
 * replace: bytes in, a file that holds them out - or the old file, never anything between.
 *
 *     open folder -> [lock] -> remove leftovers of dead runs -> NAME.tmp-PID-N -> write -> fsync -> rename -> fsync folder
 *
 * All steps go through the folder's descriptor, so that a folder that is renamed meanwhile does no harm. A temporary file
 * is a leftover when the process in its name is gone, or is this one: it has none yet.
 *
 * The lock is on a file NAME.tmp-lock, so that other files of the folder may be written meanwhile. The kernel takes it back
 * when the process ends, however it ends; its file is removed under the lock, and who has waited for one that is gone by
 * then begins anew.
 */
#include "replace.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define TEMP_TRIES  100
#define LOCK_SUFFIX ".tmp-lock"

/* Where the file goes, with links followed. */
typedef struct target {
    const char *path; /* as the caller names it, for messages */
    char folder[PATH_MAX], name[NAME_MAX + 1], temp[NAME_MAX + 1];
    char lock_name[NAME_MAX + sizeof LOCK_SUFFIX];
    int dir;  /* the folder's descriptor, -1 before it is open */
    int lock; /* of the file that is locked, -1: none */
    bool exists;
    struct stat old; /* of the file that is there, if exists */
} target;

const char *lgd_model_errno(int number) {
    const char *words = strerrordesc_np(number);
    return words != NULL ? words : "unknown error";
}

static lgd_status fail_errno(lgd_err *err, const char *path, const char *what) {
    int number = errno;
    return lgd_fail(err, number == EPIPE ? LGD_E_CLOSED : LGD_E_IO, "%s: %s: %s", path, what, lgd_model_errno(number));
}

static lgd_status write_all(int fd, lgd_sv s) {
    while (s.n > 0) {
        ssize_t done = write(fd, s.p, s.n);
        if (done < 0 && errno == EINTR) continue;
        if (done == 0) errno = EIO;
        if (done <= 0) return LGD_E_IO;
        s = (lgd_sv){s.p + done, s.n - (size_t)done};
    }
    return LGD_OK;
}

static bool sync_fd(int fd) {
    int code;
    do {
        code = fsync(fd);
    } while (code != 0 && errno == EINTR);
    return code == 0;
}

static lgd_status target_find(target *t, const char *path, lgd_err *err) {
    char resolved[PATH_MAX];
    t->path = path;
    t->dir = t->lock = -1;
    const char *real = realpath(path, resolved);
    if (real == NULL) real = path; /* nothing there yet */
    const char *slash = strrchr(real, '/');
    const char *name = slash != NULL ? slash + 1 : real;
    size_t folder_n = (size_t)(name - real);
    if (folder_n >= sizeof t->folder || strlen(name) >= sizeof t->name) {
        errno = ENAMETOOLONG;
        return fail_errno(err, path, "cannot be written; nothing was done");
    }
    memcpy(t->folder, real, folder_n);
    memcpy(t->folder + folder_n, "", 1);
    if (folder_n == 0) memcpy(t->folder, ".", 2);
    memcpy(t->name, name, strlen(name) + 1);
    t->dir = open(t->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (t->dir < 0) return fail_errno(err, path, "its folder cannot be opened; nothing was written");
    t->exists = fstatat(t->dir, t->name, &t->old, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(t->old.st_mode);
    return LGD_OK;
}

static const char *what_failed(const target *t) {
    return t->exists ? "cannot be written; the old file was kept" : "cannot be written; nothing was kept";
}

static bool take_lock(int fd) {
    int code;
    do {
        code = flock(fd, LOCK_EX | LOCK_NB);
    } while (code != 0 && errno == EINTR);
    return code == 0;
}

/* Whether the file that is locked still has its name. */
static bool is_named(const target *t, int fd) {
    struct stat own, named;
    return fstat(fd, &own) == 0 && fstatat(t->dir, t->lock_name, &named, AT_SYMLINK_NOFOLLOW) == 0 &&
           own.st_dev == named.st_dev && own.st_ino == named.st_ino;
}

static lgd_status target_lock(target *t, lgd_err *err) {
    (void)snprintf(t->lock_name, sizeof t->lock_name, "%s" LOCK_SUFFIX, t->name);
    for (int i = 0; i < TEMP_TRIES; i++) {
        int fd = openat(t->dir, t->lock_name, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
        if (fd < 0 && errno == EINTR) continue;
        if (fd < 0) return fail_errno(err, t->path, what_failed(t));
        t->lock = fd;
        if (!take_lock(fd)) break;
        if (is_named(t, fd)) return LGD_OK;
        close(fd);
        t->lock = -1;
        errno = EWOULDBLOCK;
    }
    lgd_status status = errno == EWOULDBLOCK
                            ? lgd_fail(err, LGD_E_IO, "%s: in use by another logdetect; nothing was written", t->path)
                            : fail_errno(err, t->path, "cannot be locked; nothing was written");
    if (t->lock >= 0) close(t->lock);
    t->lock = -1;
    return status;
}

static void target_release(const target *t) {
    if (t->lock >= 0) {
        (void)unlinkat(t->dir, t->lock_name, 0);
        close(t->lock);
    }
    if (t->dir >= 0) close(t->dir);
}

/* Is entry `NAME.tmp-PID-...` of a process that is gone? */
static bool is_leftover(const target *t, const char *entry) {
    const size_t n = strlen(t->name);
    if (strncmp(entry, t->name, n) != 0 || strncmp(entry + n, ".tmp-", 5) != 0) return false;
    if (strcmp(entry + n, LOCK_SUFFIX) == 0) return false; /* whoever holds it removes it */
    const char *digits = entry + n + 5;
    uint64_t pid;
    const lgd_sv number = {digits, strspn(digits, "0123456789")};
    if (digits[number.n] != '-' || !lgd_parse_u64(number, &pid) || pid == 0 || pid > INT_MAX) return true;
    return (pid_t)pid == getpid() || (kill((pid_t)pid, 0) != 0 && errno == ESRCH);
}

static void remove_leftovers(const target *t) {
    int fd = openat(t->dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC); /* readdir moves its descriptor */
    DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
    if (dir == NULL) {
        if (fd >= 0) close(fd);
        return; /* they are an eyesore, no danger */
    }
    const struct dirent *entry;
    while ((entry = readdir(dir)) != NULL)
        if (is_leftover(t, entry->d_name)) (void)unlinkat(t->dir, entry->d_name, 0);
    closedir(dir);
}

/* Opens a new temporary file and names it in t->temp; -1 and errno on failure. */
static int temp_open(target *t) {
    for (int i = 0; i < TEMP_TRIES; i++) {
        int n = snprintf(t->temp, sizeof t->temp, "%s.tmp-%ld-%d", t->name, (long)getpid(), i);
        if (n < 0 || (size_t)n >= sizeof t->temp) {
            errno = ENAMETOOLONG;
            return -1;
        }
        int fd = openat(t->dir, t->temp, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
        if (fd >= 0 || (errno != EEXIST && errno != EINTR)) return fd;
    }
    return -1;
}

/* Writes the parts and makes them durable; the file gets the owner, if that is allowed, and the mode of the old one. */
static lgd_status temp_fill(const target *t, int fd, const lgd_sv *parts, size_t n_parts) {
    if (t->exists) {
        const bool same_owner = fchown(fd, t->old.st_uid, t->old.st_gid) == 0;
        if (fchmod(fd, t->old.st_mode & (same_owner ? 0777 : 0700)) != 0) return LGD_E_IO;
    }
    for (size_t i = 0; i < n_parts; i++) LGD_TRY(write_all(fd, parts[i]));
    return sync_fd(fd) ? LGD_OK : LGD_E_IO;
}

/* File systems that cannot sync a folder say EINVAL; there is nothing more to do then. */
static bool sync_folder(int dir) { return sync_fd(dir) || errno == EINVAL || errno == ENOTSUP; }

static lgd_status target_write(target *t, const lgd_sv *parts, size_t n_parts, lgd_err *err) {
    const char *failed = what_failed(t);
    int fd = temp_open(t);
    if (fd < 0) return fail_errno(err, t->path, failed);
    lgd_status status = temp_fill(t, fd, parts, n_parts);
    int number = errno;
    if (close(fd) != 0 && status == LGD_OK && errno != EINTR) {
        status = LGD_E_IO;
        number = errno;
    }
    if (status == LGD_OK && renameat(t->dir, t->temp, t->dir, t->name) != 0) {
        status = LGD_E_IO;
        number = errno;
    }
    if (status != LGD_OK) {
        (void)unlinkat(t->dir, t->temp, 0);
        errno = number;
        return fail_errno(err, t->path, failed);
    }
    return sync_folder(t->dir) ? LGD_OK : fail_errno(err, t->path, "was written, but may not outlive a loss of power");
}

lgd_status lgd_replace(const char *path, const lgd_sv *parts, size_t n_parts, lgd_replace_options options,
                       lgd_err *err) {
    target t;
    lgd_status status = target_find(&t, path, err);
    if (status == LGD_OK && options.lock) status = target_lock(&t, err);
    if (status == LGD_OK) {
        remove_leftovers(&t);
        status = target_write(&t, parts, n_parts, err);
    }
    target_release(&t);
    return status;
}

/* ---- files that are not replaced but written: devices and pipes ---- */

static lgd_status write_directly(const char *path, lgd_sv bytes, lgd_err *err) {
    int fd;
    do {
        fd = open(path, O_WRONLY | O_NOCTTY | O_CLOEXEC);
    } while (fd < 0 && errno == EINTR);
    if (fd < 0) return fail_errno(err, path, "cannot be opened; nothing was written");
    lgd_status status = write_all(fd, bytes);
    int number = errno;
    if (close(fd) != 0 && status == LGD_OK && errno != EINTR) {
        status = LGD_E_IO;
        number = errno;
    }
    errno = number;
    return status == LGD_OK ? LGD_OK : fail_errno(err, path, "cannot be written; what it has is incomplete");
}

lgd_status lgd_file_replace(const char *path, lgd_sv bytes, lgd_err *err) {
    struct stat st;
    if (stat(path, &st) == 0 && !S_ISREG(st.st_mode)) return write_directly(path, bytes, err);
    return lgd_replace(path, &bytes, 1, (lgd_replace_options){.lock = false}, err);
}
