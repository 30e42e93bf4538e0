/*
 * zstd: RFC 8878 through libzstd. The window is limited to 128 MiB (`zstd -d` has the same limit), so a hostile frame
 * cannot ask for more. Frames that follow one another and skippable frames are one stream.
 *
 * libzstd drops what a failing call had already put out. One block for each call keeps every line before the damage: the
 * library says how much it wants next, which is a block and the three bytes that head the one behind it; we leave those.
 */
#include "stream.h"

#include <zstd.h>
#include <zstd_errors.h>

#define WINDOW_LOG_MAX 27
#define BLOCK_HEADER   3

typedef struct zstd_state {
    ZSTD_DStream *stream;
    size_t want;  /* what libzstd asks for next; 0 between frames */
    size_t first; /* the same at the start of a frame */
} zstd_state;

static lgd_status zstd_open(lgd_stream *s, lgd_err *err) {
    zstd_state *z = lgd_calloc(1, sizeof *z);
    if (z == NULL) return lgd_fail_memory(err, sizeof *z);
    s->state = z;
    z->stream = ZSTD_createDStream(); /* libzstd's way to pass an allocator is not stable in its shared library */
    if (z->stream == NULL) return lgd_fail_memory(err, ZSTD_DStreamInSize());
    z->first = ZSTD_initDStream(z->stream);
    (void)ZSTD_DCtx_setParameter(z->stream, ZSTD_d_windowLogMax, WINDOW_LOG_MAX);
    return LGD_OK;
}

static lgd_status zstd_read(lgd_stream *s, char *out, size_t n, size_t *ret_n, lgd_err *err) {
    zstd_state *z = s->state;
    ZSTD_outBuffer to = {out, n, 0};
    while (to.pos == 0 && !s->done) {
        LGD_TRY(lgd_stream_need(s, 1, err));
        size_t feed = z->want > 0 ? z->want : z->first;
        if (feed > BLOCK_HEADER) feed -= BLOCK_HEADER;
        if (feed > lgd_stream_has(s)) feed = lgd_stream_has(s);
        if (feed == 0 && z->want == 0) {
            s->done = true;
            break;
        }
        ZSTD_inBuffer from = {s->in + s->in_at, feed, 0};
        size_t code = ZSTD_decompressStream(z->stream, &to, &from);
        s->in_at += from.pos;
        if (ZSTD_getErrorCode(code) == ZSTD_error_memory_allocation)
            return lgd_fail_memory(err, (size_t)1 << WINDOW_LOG_MAX);
        if (ZSTD_isError(code))
            lgd_stream_damaged(s, ZSTD_getErrorName(code));
        else if (feed == 0 && to.pos == 0)
            lgd_stream_damaged(s, "the file ends in the middle of the compressed data");
        else
            z->want = code;
    }
    *ret_n = to.pos;
    return LGD_OK;
}

static void zstd_close(lgd_stream *s) {
    zstd_state *z = s->state;
    if (z != NULL) ZSTD_freeDStream(z->stream);
    lgd_free(z);
}

const lgd_codec lgd_codec_zstd = {"zstd", {"\x28\xb5\x2f\xfd", 4}, zstd_open, zstd_read, zstd_close};
