/*
 * cli/output: the sink of results. Three ways, one interface:
 *
 *     standard output     written when 64 KiB are there, or record by record
 *     a whole document    kept, then put in place of the old file by lgd_file_replace
 *     a stream to a file  to PATH.tmp-PID-0 next to it, synced and renamed at the end
 *
 * So an old report is there until the new one is whole, whatever fails. What is no regular file (a pipe, /dev/full) is
 * written directly. Short writes, EINTR and a descriptor that does not block are dealt with here.
 */
#include "cli.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BUFFER_BYTES = 64 * 1024 };

static const char nothing_changed[] = "could not be written; no file was changed";

static const char *name_of(const lgd_output *o) { return o->name ? o->name : "standard output"; }

static lgd_status fail_errno(const lgd_output *o, const char *what, lgd_err *err) {
    return lgd_fail(err, LGD_E_IO, "%s: %s: %s", name_of(o), what, strerror(errno));
}

static lgd_status write_all(const lgd_output *o, lgd_sv bytes, lgd_err *err) {
    while (bytes.n) {
        ssize_t n = write(o->fd, bytes.p, bytes.n);
        if (n >= 0) {
            bytes = (lgd_sv){bytes.p + n, bytes.n - (size_t)n};
        } else if (errno == EAGAIN) {
            (void)poll(&(struct pollfd){.fd = o->fd, .events = POLLOUT}, 1, -1);
        } else if (errno == EPIPE) {
            return lgd_fail(err, LGD_E_CLOSED, "%s: its reader went away", name_of(o));
        } else if (errno != EINTR) {
            return fail_errno(o, o->temporary ? nothing_changed : "could not be written; the result is not whole", err);
        }
    }
    return LGD_OK;
}

static lgd_status flush(lgd_output *o, lgd_err *err) {
    if (o->pending.failed) return lgd_fail_memory(err, o->pending.n);
    lgd_status status = write_all(o, lgd_buf_sv(&o->pending), err);
    lgd_buf_clear(&o->pending);
    return status;
}

static lgd_status take(void *ctx, lgd_sv bytes, lgd_err *err) {
    lgd_output *o = ctx;
    lgd_buf_add_sv(&o->pending, bytes);
    if (o->pending.failed) return lgd_fail_memory(err, bytes.n);
    bool full = o->unbuffered || o->pending.n >= BUFFER_BYTES;
    return o->fd >= 0 && full ? flush(o, err) : LGD_OK;
}

lgd_sink lgd_output_sink(lgd_output *o) { return (lgd_sink){take, o}; }

/* A temporary file that nobody else can read, or as the file that it will replace. It is named as lgd_file_replace does,
 * which removes those of dead runs; one with our own process number can only be such. */
static lgd_status open_temporary(lgd_output *o, const struct stat *old, lgd_err *err) {
    lgd_buf name = {0};
    lgd_buf_printf(&name, "%s.tmp-%ld-0", o->path, (long)getpid());
    lgd_buf_add_char(&name, 0);
    if (name.failed) return lgd_fail_memory(err, name.n);
    (void)unlink(name.p);
    o->fd = open(name.p, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (o->fd < 0) {
        lgd_status status = fail_errno(o, "could not be created; nothing was read", err);
        lgd_buf_release(&name);
        return status;
    }
    o->temporary = name.p;
    if (old && fchmod(o->fd, old->st_mode & 0777) != 0) return fail_errno(o, nothing_changed, err);
    return LGD_OK;
}

/* The file behind all links: a link is kept, and /dev/stdout never is replaced by a file. What cannot be resolved, such
 * as a new file or a pipe, keeps its name. The string is libc's. */
static lgd_status resolve(const char *path, char **ret_path, lgd_err *err) {
    char *resolved = realpath(path, NULL);
    if (!resolved) resolved = strdup(path);
    if (!resolved) return lgd_fail_memory(err, strlen(path) + 1);
    *ret_path = resolved;
    return LGD_OK;
}

lgd_status lgd_output_open(lgd_output *o, const char *path, bool stream, lgd_err *err) {
    *o = (lgd_output){.fd = STDOUT_FILENO};
    if (!path || strcmp(path, "-") == 0) return LGD_OK;
    LGD_TRY(resolve(path, &o->path, err));
    o->name = path;
    o->fd = -1;
    struct stat old;
    bool exists = stat(o->path, &old) == 0;
    if (exists && S_ISDIR(old.st_mode)) return lgd_fail(err, LGD_E_USAGE, "%s: is a folder; nothing was read", path);
    if (!stream) return LGD_OK;
    if (!exists || S_ISREG(old.st_mode)) return open_temporary(o, exists ? &old : NULL, err);
    o->fd = open(o->path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
    return o->fd < 0 ? fail_errno(o, "could not be opened; nothing was read", err) : LGD_OK;
}

/* A rename is durable once its folder is. */
static lgd_status sync_folder(const lgd_output *o, lgd_err *err) {
    const char *slash = strrchr(o->path, '/');
    size_t n = slash ? (size_t)(slash - o->path) + 1 : 1;
    char *folder = lgd_alloc(n + 1);
    if (!folder) return lgd_fail_memory(err, n + 1);
    memcpy(folder, slash ? o->path : ".", n);
    folder[n] = 0;
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool done = fd >= 0 && (fsync(fd) == 0 || errno == EINVAL);
    lgd_status status = done ? LGD_OK : fail_errno(o, "its folder could not be synced", err);
    if (fd >= 0) (void)close(fd);
    lgd_free(folder);
    return status;
}

static lgd_status commit_temporary(lgd_output *o, lgd_err *err) {
    if (fsync(o->fd) != 0) return fail_errno(o, nothing_changed, err);
    int closed = close(o->fd);
    o->fd = -1;
    if (closed != 0 || rename(o->temporary, o->path) != 0) return fail_errno(o, nothing_changed, err);
    lgd_free(o->temporary);
    o->temporary = NULL;
    return sync_folder(o, err);
}

lgd_status lgd_output_finish(lgd_output *o, lgd_err *err) {
    if (o->fd < 0) return lgd_file_replace(o->path, lgd_buf_sv(&o->pending), err);
    LGD_TRY(flush(o, err));
    return o->temporary ? commit_temporary(o, err) : LGD_OK;
}

void lgd_output_release(lgd_output *o) {
    if (o->fd > STDERR_FILENO) (void)close(o->fd);
    if (o->temporary) (void)unlink(o->temporary);
    lgd_free(o->temporary);
    free(o->path);
    lgd_buf_release(&o->pending);
    *o = (lgd_output){.fd = -1};
}

lgd_status lgd_output_print(const lgd_buf *b, lgd_err *err) {
    if (b->failed) return lgd_fail_memory(err, b->n);
    return write_all(&(lgd_output){.fd = STDOUT_FILENO}, lgd_buf_sv(b), err);
}
