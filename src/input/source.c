/*
 * source: a list entry in, its raw bytes out.
 *
 * A regular file is opened each time. A pipe gives its bytes once: the first reading copies them to an unnamed file (the
 * spool), later readings read that. The first complete reading fixes the length: later ones stop there, so a log that
 * grows meanwhile gives the same bytes twice, and one that was cut or replaced is told, not guessed.
 * Trouble with the input goes to s->trouble and ends it; only trouble with the spool stops the caller.
 */
#include "source.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static int spool_make(const char *dir) {
    int fd = open(dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (fd >= 0) return fd;
    lgd_buf name = {0}; /* the file system there knows no O_TMPFILE */
    lgd_buf_printf(&name, "%s/logdetect-XXXXXX", dir);
    lgd_buf_add_char(&name, '\0');
    if (name.failed) {
        errno = ENOMEM;
    } else {
        fd = mkostemp(name.p, O_CLOEXEC);
        if (fd >= 0) unlink(name.p);
    }
    int number = errno;
    lgd_buf_release(&name);
    errno = number;
    return fd;
}

static lgd_status spool_fail(const char *dir, lgd_err *err) {
    return lgd_fail(err, LGD_E_IO, "%s: cannot keep a copy of a pipe there; reading stopped: %s", dir,
                    lgd_errno_words(errno));
}

static lgd_status spool_write(const lgd_source *s, const char *bytes, size_t n, lgd_err *err) {
    while (n > 0) {
        ssize_t done = write(s->copy_fd, bytes, n);
        if (done < 0 && errno == EINTR) continue;
        if (done <= 0) return spool_fail(s->copy_dir, err);
        bytes += done;
        n -= (size_t)done;
    }
    return LGD_OK;
}

/* The copy of the first reading is what a second one reads. */
static void reopen_pipe(lgd_source *s) {
    const struct lgd_input_source *source = s->file->source;
    if (source->spool_fd < 0 || source->end == LGD_NO_END) {
        lgd_fail(&s->trouble, LGD_E_IO, "is a pipe that was read before; a pipe gives its bytes once");
        return;
    }
    s->fd = source->spool_fd;
    if (lseek(s->fd, 0, SEEK_SET) != 0)
        lgd_fail(&s->trouble, LGD_E_IO, "its copy cannot be read: %s", lgd_errno_words(errno));
}

/* A log may be rotated between two readings; another file's lines under the same name would be a lie. */
static void check_same(lgd_source *s) {
    struct stat st;
    const struct lgd_input_source *source = s->file->source;
    if (fstat(s->fd, &st) != 0 || st.st_dev != source->dev || st.st_ino != source->ino)
        lgd_fail(&s->trouble, LGD_E_IO, "was replaced by another file while logdetect ran");
}

static void open_path(lgd_source *s) {
    do {
        s->fd = open(s->file->path, O_RDONLY | O_NOCTTY | O_CLOEXEC);
    } while (s->fd < 0 && errno == EINTR);
    s->owned = s->fd >= 0;
    if (s->fd < 0)
        lgd_fail(&s->trouble, LGD_E_IO, "cannot be opened: %s", lgd_errno_words(errno));
    else
        check_same(s);
}

static void open_standard_input(lgd_source *s) {
    const struct lgd_input_source *source = s->file->source;
    s->fd = STDIN_FILENO;
    if (!source->pipe && source->begun && lseek(s->fd, source->start, SEEK_SET) != source->start)
        lgd_fail(&s->trouble, LGD_E_IO, "cannot be read a second time: %s", lgd_errno_words(errno));
}

lgd_status lgd_source_open(lgd_source *s, lgd_input_file *file, const lgd_input_options *options, lgd_err *err) {
    struct lgd_input_source *source = file->source;
    *s = (lgd_source){.file = file, .fd = -1, .copy_fd = -1, .copy_dir = options->spool_dir, .limit = source->end};
    if (source->pipe && source->begun)
        reopen_pipe(s);
    else if (strcmp(file->path, "-") == 0)
        open_standard_input(s);
    else
        open_path(s);
    if (s->trouble.status != LGD_OK) return LGD_OK;
    if (source->pipe && !source->begun && options->spool && options->spool_dir != NULL) {
        source->spool_fd = spool_make(options->spool_dir);
        if (source->spool_fd < 0) return spool_fail(options->spool_dir, err);
        s->copy_fd = source->spool_fd;
    }
    source->begun = true;
    if (!source->pipe) (void)posix_fadvise(s->fd, 0, 0, POSIX_FADV_SEQUENTIAL);
    return LGD_OK;
}

/* read(2) that waits out signals and descriptors that somebody made non-blocking. */
static ssize_t read_patiently(int fd, void *bytes, size_t n) {
    for (;;) {
        ssize_t got = read(fd, bytes, n);
        if (got >= 0) return got;
        if (errno == EAGAIN) {
            struct pollfd ready = {.fd = fd, .events = POLLIN};
            (void)poll(&ready, 1, -1);
        } else if (errno != EINTR) {
            return got;
        }
    }
}

static void note_end(lgd_source *s) {
    struct lgd_input_source *source = s->file->source;
    if (s->limit != LGD_NO_END && s->file->disk_bytes < s->limit)
        lgd_fail(&s->trouble, LGD_E_DAMAGED, "became shorter while logdetect ran: %" PRIu64 " of %" PRIu64 " bytes",
                 s->file->disk_bytes, s->limit);
    if (source->end == LGD_NO_END) source->end = s->file->disk_bytes;
}

lgd_status lgd_source_read(lgd_source *s, void *bytes, size_t n, size_t *ret_n, lgd_err *err) {
    *ret_n = 0;
    if (s->trouble.status != LGD_OK) return LGD_OK;
    uint64_t left = s->limit - s->file->disk_bytes;
    if (n > left) n = (size_t)left;
    ssize_t got = n > 0 ? read_patiently(s->fd, bytes, n) : 0;
    if (got < 0)
        lgd_fail(&s->trouble, LGD_E_DAMAGED, "cannot be read from byte %" PRIu64 " on: %s", s->file->disk_bytes,
                 lgd_errno_words(errno));
    if (got <= 0) {
        note_end(s);
        return LGD_OK;
    }
    if (s->copy_fd >= 0) LGD_TRY(spool_write(s, bytes, (size_t)got, err));
    s->file->disk_bytes += (uint64_t)got;
    *ret_n = (size_t)got;
    return LGD_OK;
}

void lgd_source_close(lgd_source *s) {
    if (s->owned) close(s->fd);
    s->fd = -1;
    s->owned = false;
}
