/*
 * Private to detect: which row of the network stands for which template. The rarer ones of a large vocabulary share a few
 * rows: p(template) = p(row) * its share of the row (classes of words, Goodman 2001).
 */
#ifndef LGD_DETECT_VOCAB_H
#define LGD_DETECT_VOCAB_H

#include "logdetect/detect.h"

enum { ROW_START, ROW_END, ROW_UNKNOWN, ROW_TEMPLATES };
enum { VOCAB_MAX_ROWS = 1024, VOCAB_MAX_ONE_HOT = 256, VOCAB_SHARED_ROWS = 64 };

/* Bits, in 1/64: sums of them are exact, and what is said of an event does not depend on how it was computed. */
typedef int16_t bits64;
bits64 bits64_of(double bits); /* rounded; held within +-511; NaN: -511 */
static inline double bits64_value(int x) { return (double)x / 64; }

/* How often a template was fitted. */
typedef struct vocab_count {
    lgd_template_id id;
    uint32_t n;
} vocab_count;

typedef struct vocab_place {
    uint16_t row;
    bits64 share; /* log2 of its share of the row */
    bits64 cap;   /* the highest score of it */
} vocab_place;

typedef struct vocab {
    vocab_count *counts; /* by id, ascending */
    size_t n;
    uint64_t n_ends;
    uint32_t n_rows;
    lgd_template_id ids[VOCAB_MAX_ROWS]; /* of a row: LGD_ORDER_END; LGD_NO_TEMPLATE if it is no template or several */
    bits64 top[VOCAB_MAX_ROWS];          /* the largest share in a row */
    vocab_place *places;                 /* [n_places] by id */
    size_t n_places;
    vocab_place end, unknown;
} vocab;

/* Takes counts (n of them, by id, ascending, none 0), also on failure. most_rows: more than VOCAB_SHARED_ROWS + 3.
 * Errors: memory. */
lgd_status vocab_init(vocab *v, vocab_count *counts, size_t n, uint64_t n_ends, uint32_t most_rows, lgd_err *err);
void vocab_release(vocab *v); /* takes {0} */
/* Of any id, LGD_ORDER_END too. */
static inline const vocab_place *vocab_find(const vocab *v, lgd_template_id id) {
    return id < v->n_places ? &v->places[id] : id == LGD_ORDER_END ? &v->end : &v->unknown;
}

void vocab_save(const vocab *v, lgd_buf *out);
/* Hostile bytes; c may be bad afterwards, and v is then {0}. Errors: memory. */
lgd_status vocab_load(lgd_cursor *c, size_t n_templates, uint32_t most_rows, vocab *ret, lgd_err *err);

#endif
