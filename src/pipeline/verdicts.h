/* Private to pipeline: which lines of a block are anomalous - by the rate asked for, hour by hour, and by what is allowed. */
#ifndef LGD_PIPELINE_VERDICTS_H
#define LGD_PIPELINE_VERDICTS_H

#include "allowance.h"

typedef enum line_verdict { LINE_ORDINARY, LINE_ANOMALOUS, LINE_ALLOWED } line_verdict;

enum { HOURS = 24 };

typedef struct verdicts {
    double threshold_bits; /* at the rate asked for */
    double by_hour[HOURS]; /* where hours differ */
    bool hours_differ;
    const lgd_zone *zone;
    allowance allowed; /* nothing, until it is opened */
    uint8_t *lines;    /* line_verdict of the block's events */
    size_t capacity;
} verdicts;

/* Errors: usage for --hours. */
lgd_status verdicts_begin(verdicts *v, const run *r, const bundle *b, double fpr, lgd_err *err);
void verdicts_release(verdicts *v);
/* Least bits of an anomalous line of that time. */
double verdicts_threshold(const verdicts *v, int64_t start_ns);
/* bits: of the batch's events. */
lgd_status verdicts_fill(verdicts *v, const batch *b, const double *bits, lgd_sv file, lgd_err *err);

/* text: "22-6=0.1,12=2", NULL: none; ret: by hour, what the rate is multiplied by. Errors: usage, `--hours: ...`. */
lgd_status hours_parse(const char *text, double ret[HOURS], lgd_err *err);

#endif
