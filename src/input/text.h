/*
 * text: decompressed bytes in, text out: byte order marks taken off, UTF-16 made UTF-8.
 */
#ifndef LGD_INPUT_TEXT_H
#define LGD_INPUT_TEXT_H

#include "stream.h"

typedef struct lgd_text {
    lgd_stream stream;
    enum { LGD_TEXT_BYTES, LGD_TEXT_UTF16LE, LGD_TEXT_UTF16BE } encoding;
    size_t bom_bytes; /* of a UTF-8 mark: the offset where text starts */
    char head[3];     /* [head_at, head_n): looked at for a mark, not yet given */
    size_t head_at, head_n;
    char *raw; /* UTF-16 only: raw_n bytes that are not yet a unit */
    size_t raw_n;
    uint32_t high; /* a high surrogate that waits for its low one, 0 if none */
    bool done;
} lgd_text;

LGD_MUST_CHECK lgd_status lgd_text_open(lgd_text *t, lgd_input_file *file, const lgd_input_options *options,
                                        lgd_err *err);
/* Gives 1..n bytes, 0 at the end; n >= 64. */
LGD_MUST_CHECK lgd_status lgd_text_read(lgd_text *t, char *out, size_t n, size_t *ret_n, lgd_err *err);
void lgd_text_close(lgd_text *t); /* takes a zeroed one */

bool lgd_utf8_valid(lgd_sv s);
/* Where s can be cut at or before n without splitting a character; at most 3 bytes before. n < s.n */
size_t lgd_utf8_floor(lgd_sv s, size_t n);

#endif
