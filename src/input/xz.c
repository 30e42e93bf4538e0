/*
 * xz: the .xz format through liblzma, streams that follow one another included. Memory is limited to 256 MiB, enough
 * for `xz -9` (65 MiB) and too little for a hostile dictionary size.
 */
#include "stream.h"

#include <lzma.h>

#define MEMORY_LIMIT ((uint64_t)256 << 20)

typedef struct xz_state {
    lzma_stream stream;
    lzma_allocator allocator;
} xz_state;

static void *xz_alloc(void *ctx, size_t n, size_t size) {
    (void)ctx;
    return lgd_calloc(n, size);
}

static void xz_free(void *ctx, void *p) {
    (void)ctx;
    lgd_free(p);
}

static lgd_status xz_open(lgd_stream *s, lgd_err *err) {
    xz_state *x = lgd_calloc(1, sizeof *x);
    if (x == NULL) return lgd_fail_memory(err, sizeof *x);
    s->state = x;
    x->stream = (lzma_stream)LZMA_STREAM_INIT;
    x->allocator = (lzma_allocator){.alloc = xz_alloc, .free = xz_free};
    x->stream.allocator = &x->allocator;
    lzma_ret code = lzma_stream_decoder(&x->stream, MEMORY_LIMIT, LZMA_CONCATENATED);
    return code == LZMA_OK ? LGD_OK : lgd_fail_memory(err, sizeof *x);
}

static const char *words(lzma_ret code) {
    if (code == LZMA_MEMLIMIT_ERROR) return "it asks for more than 256 MiB of memory";
    if (code == LZMA_BUF_ERROR) return "the file ends in the middle of the compressed data";
    if (code == LZMA_FORMAT_ERROR) return "not xz data";
    if (code == LZMA_OPTIONS_ERROR) return "made with options that liblzma does not know";
    return "corrupt xz data";
}

static lgd_status xz_read(lgd_stream *s, char *out, size_t n, size_t *ret_n, lgd_err *err) {
    lzma_stream *z = &((xz_state *)s->state)->stream;
    z->next_out = (uint8_t *)out;
    z->avail_out = n;
    while (z->avail_out == n && !s->done) {
        LGD_TRY(lgd_stream_need(s, 1, err));
        z->next_in = s->in + s->in_at;
        z->avail_in = lgd_stream_has(s);
        lzma_ret code = lzma_code(z, z->avail_in == 0 ? LZMA_FINISH : LZMA_RUN);
        s->in_at = s->in_n - z->avail_in;
        if (code == LZMA_STREAM_END)
            s->done = true;
        else if (code == LZMA_MEM_ERROR)
            return lgd_fail_memory(err, n);
        else if (code != LZMA_OK)
            lgd_stream_damaged(s, words(code));
    }
    *ret_n = n - z->avail_out;
    return LGD_OK;
}

static void xz_close(lgd_stream *s) {
    xz_state *x = s->state;
    if (x != NULL) lzma_end(&x->stream);
    lgd_free(x);
}

const lgd_codec lgd_codec_xz = {"xz", {"\xfd\x37\x7a\x58\x5a\x00", 6}, xz_open, xz_read, xz_close};
