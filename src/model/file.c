/*
 * model/file: a regular file -> its bytes. It may be anything that a user named: a pipe does not make us wait, a folder or a
 * device is refused, and memory is that of the file, up to a limit of the caller's. Cost: one reading.
 */
#include "replace.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

/* What is read, and what is told of it. */
typedef struct source {
    const char *path, *undone;
    int fd;
} source;

static lgd_status fail_errno(const source *s, const char *what, lgd_err *err) {
    return lgd_fail(err, LGD_E_IO, "%s: %s; %s: %s", s->path, what, s->undone, lgd_model_errno(errno));
}

static lgd_status find_size(const source *s, size_t most_bytes, size_t *ret, lgd_err *err) {
    struct stat st;
    if (fstat(s->fd, &st) != 0) return fail_errno(s, "cannot be opened", err);
    if (!S_ISREG(st.st_mode)) return lgd_fail(err, LGD_E_DAMAGED, "%s: is no regular file; %s", s->path, s->undone);
    *ret = (size_t)st.st_size;
    if (*ret <= most_bytes) return LGD_OK;
    return lgd_fail(err, LGD_E_DAMAGED, "%s: is larger than %zu MiB; %s", s->path, most_bytes >> 20, s->undone);
}

/* A file that becomes shorter meanwhile gives what it has; whoever asked checks what came. */
static lgd_status read_all(const source *s, lgd_buf *b, lgd_err *err) {
    while (b->n < b->capacity) {
        ssize_t got = read(s->fd, b->p + b->n, b->capacity - b->n);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return fail_errno(s, "cannot be read", err);
        if (got == 0) break;
        b->n += (size_t)got;
    }
    return LGD_OK;
}

lgd_status lgd_file_read(const char *path, size_t most_bytes, const char *undone, lgd_buf *ret, lgd_err *err) {
    source s = {path, undone, -1};
    lgd_buf b = {0};
    do {
        s.fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    } while (s.fd < 0 && errno == EINTR);
    if (s.fd < 0) return fail_errno(&s, "cannot be opened", err);
    lgd_status status = find_size(&s, most_bytes, &b.capacity, err);
    if (status == LGD_OK && !(b.p = lgd_alloc(b.capacity))) status = lgd_fail_memory(err, b.capacity);
    if (status == LGD_OK) status = read_all(&s, &b, err);
    close(s.fd);
    if (status == LGD_OK)
        *ret = b;
    else
        lgd_buf_release(&b);
    return status;
}
