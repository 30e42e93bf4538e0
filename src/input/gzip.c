/*
 * gzip: RFC 1952 through zlib. Members that follow one another are one stream, as gzip(1) and log rotation make them;
 * zeros behind the last one are padding; anything else there is told as damage after all lines were given.
 */
#include "stream.h"

#define ZLIB_CONST
#include <zlib.h>

#define WINDOW_BITS (15 + 16) /* the largest window; gzip framing only */

static void *gzip_alloc(void *ctx, uInt n, uInt size) {
    (void)ctx;
    return lgd_calloc(n, size);
}

static void gzip_free(void *ctx, void *p) {
    (void)ctx;
    lgd_free(p);
}

static lgd_status gzip_open(lgd_stream *s, lgd_err *err) {
    z_stream *z = lgd_calloc(1, sizeof *z);
    if (z == NULL) return lgd_fail_memory(err, sizeof *z);
    s->state = z;
    z->zalloc = gzip_alloc;
    z->zfree = gzip_free;
    return inflateInit2(z, WINDOW_BITS) == Z_OK ? LGD_OK : lgd_fail_memory(err, sizeof *z);
}

/* A member is complete: is there another one behind it? */
static lgd_status next_member(lgd_stream *s, lgd_err *err) {
    LGD_TRY(lgd_stream_need(s, lgd_codec_gzip.magic.n, err));
    if (lgd_sv_starts((lgd_sv){(const char *)s->in + s->in_at, lgd_stream_has(s)}, lgd_codec_gzip.magic)) {
        (void)inflateReset(s->state);
        return LGD_OK;
    }
    while (lgd_stream_has(s) > 0 && s->in[s->in_at] == 0) {
        s->in_at++;
        LGD_TRY(lgd_stream_need(s, 1, err));
    }
    if (lgd_stream_has(s) > 0) lgd_stream_damaged(s, "what follows the compressed data is not gzip");
    s->done = true;
    return LGD_OK;
}

static lgd_status gzip_read(lgd_stream *s, char *out, size_t n, size_t *ret_n, lgd_err *err) {
    z_stream *z = s->state;
    z->next_out = (Bytef *)out;
    z->avail_out = (uInt)n;
    while (z->avail_out == (uInt)n && !s->done) {
        LGD_TRY(lgd_stream_need(s, 1, err));
        z->next_in = s->in + s->in_at;
        z->avail_in = (uInt)lgd_stream_has(s);
        const bool at_end = z->avail_in == 0;
        int code = inflate(z, Z_NO_FLUSH);
        s->in_at = s->in_n - z->avail_in;
        if (code == Z_STREAM_END)
            LGD_TRY(next_member(s, err));
        else if (code == Z_MEM_ERROR)
            return lgd_fail_memory(err, n);
        else if (code != Z_OK && code != Z_BUF_ERROR)
            lgd_stream_damaged(s, z->msg != NULL ? z->msg : "not gzip data");
        else if (at_end && z->avail_out == (uInt)n)
            lgd_stream_damaged(s, "the file ends in the middle of the compressed data");
    }
    *ret_n = n - z->avail_out;
    return LGD_OK;
}

static void gzip_close(lgd_stream *s) {
    if (s->state != NULL) (void)inflateEnd(s->state);
    lgd_free(s->state);
}

const lgd_codec lgd_codec_gzip = {"gzip", {"\x1f\x8b", 2}, gzip_open, gzip_read, gzip_close};
