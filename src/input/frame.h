/*
 * frame: text in, blocks of records out.
 */
#ifndef LGD_INPUT_FRAME_H
#define LGD_INPUT_FRAME_H

#include "text.h"

/* A physical line that is framed and not yet in a record. */
typedef struct lgd_line {
    size_t at, n; /* its text in the buffer */
    size_t kept;  /* n and a carriage return that was taken off */
    uint64_t number, offset;
    uint32_t flags; /* LGD_RECORD_* */
    bool continues; /* belongs to the record before it, if there is one that takes it */
} lgd_line;

typedef struct lgd_framer {
    /* fixed when the reader is opened; one framer serves all its inputs */
    size_t max_line, block_bytes, block_records;
    uint32_t max_record_lines;
    bool multiline, text;
    char *buf; /* [0, used) records of this block; [scan, fill) not framed yet */
    size_t capacity;
    lgd_record *records;
    size_t n_records, records_capacity;

    /* state in the current input */
    lgd_text *source;
    lgd_input_file *file;
    size_t used, scan, fill;
    size_t searched;  /* [scan, searched) holds no line end */
    size_t carry;     /* the next block starts with what lies here */
    uint64_t dropped; /* bytes of the line at scan that no longer fit and were let go */
    uint64_t offset;  /* of the line at scan */
    bool end;
    lgd_line_state lines; /* what decides whether a line continues */
    lgd_line line;
    bool have_line;
    lgd_record open; /* still takes lines; n_lines 0: there is none. text.p points into buf */
} lgd_framer;

LGD_MUST_CHECK lgd_status lgd_framer_init(lgd_framer *f, const lgd_input_options *options, lgd_err *err);
void lgd_framer_release(lgd_framer *f);

/* Starts on an opened input: reads its first bytes to see whether it is text and how it indents. What looks binary is
 * noted in source->stream.source.trouble. */
LGD_MUST_CHECK lgd_status lgd_framer_begin(lgd_framer *f, lgd_text *source, lgd_input_file *file, lgd_err *err);
/* Fills f->records with the next block; n_records == 0 at the end of the input. */
LGD_MUST_CHECK lgd_status lgd_framer_next(lgd_framer *f, lgd_err *err);

#endif
