/*
 * What the fuzz targets share: a condition whose failure is a finding, an input taken apart, and an input as a file.
 */
#ifndef LGD_FUZZ_H
#define LGD_FUZZ_H

#include "logdetect/base.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n); /* libFuzzer calls it */

#define MUST(condition)                                                                                                \
    do {                                                                                                               \
        if (!(condition)) {                                                                                            \
            fprintf(stderr, "%s:%d: this must hold: %s\n", __FILE__, __LINE__, #condition);                            \
            abort();                                                                                                   \
        }                                                                                                              \
    } while (0)

static const uint64_t fuzz_hash_key = 7;

/* Takes the next byte off s; 0 at its end. */
static inline uint8_t fuzz_byte(lgd_sv *s) {
    if (s->n == 0) return 0;
    s->n--;
    return (uint8_t)*s->p++;
}

/* Takes the next line off s, without its line end; empty at its end. */
static inline lgd_sv fuzz_line(lgd_sv *s) {
    const char *end = s->n ? memchr(s->p, '\n', s->n) : NULL;
    lgd_sv line = {s->p, end ? (size_t)(end - s->p) : s->n};
    size_t n = line.n + (end != NULL);
    s->p += n;
    s->n -= n;
    return line;
}

/* The bytes as a file that lives as long as the descriptor. path: at least 32 bytes. */
static inline int fuzz_file(lgd_sv bytes, char *path) {
    int fd = memfd_create("fuzz", MFD_CLOEXEC);
    MUST(fd >= 0 && write(fd, bytes.p, bytes.n) == (ssize_t)bytes.n);
    (void)snprintf(path, 32, "/proc/self/fd/%d", fd);
    return fd;
}

/* No byte of it would do anything to a terminal: valid UTF-8, and no control but the line end. */
static inline void fuzz_must_be_printable(lgd_sv s) {
    for (size_t i = 0, step; i < s.n; i += step) {
        uint32_t c = 0;
        step = lgd_utf8_decode((lgd_sv){s.p + i, s.n - i}, &c);
        MUST(step > 0);
        MUST(c == '\n' || (c >= 0x20 && !(c >= 0x7f && c < 0xa0)));
    }
}

#endif
