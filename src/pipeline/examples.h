/* Private to pipeline: for each template the first message of the training that had it, as it stands in its first line, for
 * people. */
#ifndef LGD_PIPELINE_EXAMPLES_H
#define LGD_PIPELINE_EXAMPLES_H

#include "logdetect/base.h"

enum { EXAMPLE_BYTES = 512, ALL_EXAMPLES_BYTES = 8 << 20 }; /* of one; of all of them together */

typedef struct examples {
    lgd_sv *texts; /* by number; p is NULL until one is there */
    size_t n, capacity;
    lgd_arena arena;
    size_t n_bytes;      /* of all texts */
    uint64_t n_left_out; /* that came when ALL_EXAMPLES_BYTES were used: their text is empty */
} examples;

/* Keeps text as the example of `number` unless there is one: its first EXAMPLE_BYTES bytes. Errors: memory. */
lgd_status examples_add(examples *x, uint32_t number, lgd_sv text, lgd_err *err);
lgd_sv examples_text(const examples *x, uint32_t number); /* empty: none */
void examples_release(examples *x);
void examples_save(const examples *x, size_t n, lgd_buf *out);
/* bytes are hostile; n: as many as must be there. */
lgd_status examples_load(lgd_sv bytes, size_t n, examples *ret, lgd_err *err);

#endif
