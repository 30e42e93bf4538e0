/*
 * Private to pipeline: signals of a scan, which no line tells -> anomalies with a line that stands for each: of a silence
 * the template's last, of a burst the one at which it was recognised.
 */
#ifndef LGD_PIPELINE_SIGNALS_H
#define LGD_PIPELINE_SIGNALS_H

#include "allowance.h"
#include "batch.h"
#include "logdetect/rhythm.h"

typedef struct signals signals;
/* least_bits: what is less surprising is not told. The grouper is borrowed. */
lgd_status signals_new(const bundle *b, double least_bits, lgd_grouper *grouper, signals **ret, lgd_err *err);
/* What is allowed is not told, but counted there. Both are borrowed. */
void signals_allow(signals *s, allowance *allowed, const lgd_input_list *list);
void signals_free(signals *s); /* takes NULL */
/* Event i of the batch. */
lgd_status signals_step(signals *s, const batch *b, size_t i, uint32_t file, lgd_err *err);
/* The block's memory goes: keeps what is needed of it. */
lgd_status signals_end_block(signals *s, const batch *b, uint32_t file, lgd_err *err);
lgd_status signals_end_input(signals *s, lgd_err *err);

/* ---- training_signals.c: what a scan of the training would have told ---- */

typedef struct training_signals {
    lgd_rhythm_cross *items; /* by file and time */
    size_t n, at;
} training_signals;

/* Those of at least least_bits. */
lgd_status training_signals_find(const bundle *b, double least_bits, training_signals *ret, lgd_err *err);
void training_signals_release(training_signals *t);
/* Passes over those before this place. */
void training_signals_skip(training_signals *t, uint32_t file, int64_t time_ns);
/* Adds those up to this place. number: of the event there. */
lgd_status training_signals_add(training_signals *t, uint32_t file, int64_t time_ns, uint64_t number, lgd_grouper *g,
                                lgd_err *err);

/* ---- signal_words.c ---- */

/* Fills a verdict with the one reason of a signal. Text goes to arena. */
lgd_status signal_explain(const lgd_signal *s, lgd_arena *arena, lgd_verdict *ret, lgd_err *err);

#endif
