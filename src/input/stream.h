/*
 * stream: raw bytes in, decompressed bytes out. A compression is one file and one row in the table in stream.c.
 */
#ifndef LGD_INPUT_STREAM_H
#define LGD_INPUT_STREAM_H

#include "source.h"

#define LGD_STREAM_IN_BYTES ((size_t)128 << 10)

typedef struct lgd_stream lgd_stream;

typedef struct lgd_codec {
    const char *name; /* as in lgd_input_file.compression */
    lgd_sv magic;
    lgd_status (*open)(lgd_stream *s, lgd_err *err);
    /* Gives 1..n bytes; 0 at the end or after damage. */
    lgd_status (*read)(lgd_stream *s, char *out, size_t n, size_t *ret_n, lgd_err *err);
    void (*close)(lgd_stream *s); /* state may be half built or NULL */
} lgd_codec;

struct lgd_stream {
    lgd_source source;
    const lgd_codec *codec;
    void *state;       /* the codec's own */
    unsigned char *in; /* [in_at, in_n): raw bytes not used yet */
    size_t in_at, in_n;
    bool done; /* the codec has seen its end or damage */
};

extern const lgd_codec lgd_codec_gzip, lgd_codec_zstd, lgd_codec_xz;

/* Opens file and finds its compression by its first bytes. Trouble with the input is in s->source.trouble. */
LGD_MUST_CHECK lgd_status lgd_stream_open(lgd_stream *s, lgd_input_file *file, const lgd_input_options *options,
                                          lgd_err *err);
LGD_MUST_CHECK lgd_status lgd_stream_read(lgd_stream *s, char *out, size_t n, size_t *ret_n, lgd_err *err);
void lgd_stream_close(lgd_stream *s); /* takes a zeroed one */

/* The compression whose magic number starts bytes, NULL if none does. */
const lgd_codec *lgd_codec_of(lgd_sv bytes);

/* For codecs: reads until at least n raw bytes are there or the source ends. */
LGD_MUST_CHECK lgd_status lgd_stream_need(lgd_stream *s, size_t n, lgd_err *err);
static inline size_t lgd_stream_has(const lgd_stream *s) { return s->in_n - s->in_at; }
/* For codecs: notes `damaged at byte N: what` (N counts raw bytes) and ends the stream. */
void lgd_stream_damaged(lgd_stream *s, const char *what);

#endif
