/*
 * stream: a source in, decompressed bytes out, whatever the file's name says.
 *
 * The first bytes choose the codec; without a magic number bytes pass through, read straight into the caller's buffer.
 * One layer only: a .gz inside a .gz is binary data. Memory is bounded by the codecs' own limits, never by the input.
 */
#include "stream.h"

#include <inttypes.h>

static const lgd_codec *const codecs[] = {&lgd_codec_gzip, &lgd_codec_zstd, &lgd_codec_xz};
#define MAGIC_BYTES 8 /* the longest magic number has 6; the time in a gzip header ends here */

const lgd_codec *lgd_codec_of(lgd_sv bytes) {
    for (size_t i = 0; i < sizeof codecs / sizeof *codecs; i++)
        if (lgd_sv_starts(bytes, codecs[i]->magic)) return codecs[i];
    return NULL;
}

lgd_status lgd_stream_need(lgd_stream *s, size_t n, lgd_err *err) {
    if (lgd_stream_has(s) >= n) return LGD_OK;
    memmove(s->in, s->in + s->in_at, lgd_stream_has(s));
    s->in_n -= s->in_at;
    s->in_at = 0;
    while (s->in_n < n) {
        size_t got = 0;
        LGD_TRY(lgd_source_read(&s->source, s->in + s->in_n, LGD_STREAM_IN_BYTES - s->in_n, &got, err));
        if (got == 0) break;
        s->in_n += got;
    }
    return LGD_OK;
}

void lgd_stream_damaged(lgd_stream *s, const char *what) {
    s->done = true;
    lgd_fail(&s->source.trouble, LGD_E_DAMAGED, "damaged at byte %" PRIu64 ": %s",
             s->source.file->disk_bytes - lgd_stream_has(s), what);
}

/* A gzip header may say when the log was last written (RFC 1952, MTIME): that outlives copies and clones of the file. */
static void take_written_time(const lgd_stream *s, lgd_input_file *file) {
    uint32_t seconds = 0;
    for (size_t i = 0; i < 4 && s->in_n >= 8; i++) seconds |= (uint32_t)s->in[4 + i] << (8 * i);
    if (seconds != 0) file->mtime_ns = (int64_t)seconds * 1000000000;
}

lgd_status lgd_stream_open(lgd_stream *s, lgd_input_file *file, const lgd_input_options *options, lgd_err *err) {
    *s = (lgd_stream){0};
    LGD_TRY(lgd_source_open(&s->source, file, options, err));
    if (s->source.trouble.status != LGD_OK) return LGD_OK;
    s->in = lgd_alloc(LGD_STREAM_IN_BYTES);
    if (s->in == NULL) return lgd_fail_memory(err, LGD_STREAM_IN_BYTES);
    LGD_TRY(lgd_stream_need(s, MAGIC_BYTES, err));
    s->codec = lgd_codec_of((lgd_sv){(const char *)s->in, s->in_n});
    file->compression = s->codec != NULL ? s->codec->name : "none";
    if (s->codec == &lgd_codec_gzip) take_written_time(s, file);
    return s->codec != NULL ? s->codec->open(s, err) : LGD_OK;
}

lgd_status lgd_stream_read(lgd_stream *s, char *out, size_t n, size_t *ret_n, lgd_err *err) {
    *ret_n = 0;
    if (s->in == NULL || s->done) return LGD_OK;
    if (s->codec != NULL) return s->codec->read(s, out, n, ret_n, err);
    size_t left = lgd_stream_has(s);
    if (left == 0) return lgd_source_read(&s->source, out, n, ret_n, err);
    if (left > n) left = n;
    memcpy(out, s->in + s->in_at, left);
    s->in_at += left;
    *ret_n = left;
    return LGD_OK;
}

void lgd_stream_close(lgd_stream *s) {
    if (s->codec != NULL) s->codec->close(s);
    lgd_free(s->in);
    lgd_source_close(&s->source);
    s->codec = NULL;
    s->in = NULL;
}
