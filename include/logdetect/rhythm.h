/*
 * rhythm: how often each template comes, and when that changes. A template has a rate (by hour, on working days and
 * weekends apart, where days enough are known), a usual pause, usual counts in windows of a minute, ten minutes and an
 * hour, and perhaps times of the day at which it always comes. A *signal* tells of what no line says: that a template
 * comes much more often than it ever did, or that it does not come any more.
 *
 * Learned in two passes over the same events: `learn` counts, `settle` makes rates of it, `measure` finds the most
 * extreme pauses and windows in each fold, `finish` calibrates by how far those of one fold lie beyond those of the others.
 */
#ifndef LOGDETECT_RHYTHM_H
#define LOGDETECT_RHYTHM_H

#include "logdetect/feature.h"

typedef struct lgd_rhythm lgd_rhythm;

#define LGD_DAILY_TIMES 4u /* times of the day at which a template may have to come */

/* ---- training ---- */

LGD_MUST_CHECK lgd_status lgd_rhythm_new(size_t n_templates, lgd_rhythm **ret, lgd_err *err);
/* One that goes on from an older one, whose counts weigh `weight` from now on, as lgd_fading has it: ready to learn more.
 * n_templates: no fewer than the older one has; those have the same numbers. What came in all inputs, and on all days, did
 * so still; an extreme stays as it is, with the chance of the weight. Errors: memory. */
LGD_MUST_CHECK lgd_status lgd_rhythm_go_on(const lgd_rhythm *old, size_t n_templates, double weight, uint64_t salt,
                                           lgd_rhythm **ret, lgd_err *err);
void lgd_rhythm_free(lgd_rhythm *r); /* takes NULL */
/* The events of one input follow. In both passes. */
LGD_MUST_CHECK lgd_status lgd_rhythm_begin_input(lgd_rhythm *r, lgd_err *err);
/* First pass. Events without time say nothing here. O(1) an event. */
LGD_MUST_CHECK lgd_status lgd_rhythm_learn(lgd_rhythm *r, const lgd_events *e, lgd_err *err);
/* Between the passes. */
LGD_MUST_CHECK lgd_status lgd_rhythm_settle(lgd_rhythm *r, lgd_err *err);
/* Second pass; first and block_events as in lgd_baseline_learn, file is what signals of the training are told with. */
LGD_MUST_CHECK lgd_status lgd_rhythm_measure(lgd_rhythm *r, const lgd_events *e, uint64_t first, uint64_t block_events,
                                             uint32_t file, lgd_err *err);
/* After the second pass. */
LGD_MUST_CHECK lgd_status lgd_rhythm_finish(lgd_rhythm *r, lgd_err *err);

/* A signal of the training: of one fold, judged by the others. */
typedef struct lgd_rhythm_cross {
    uint32_t file;
    int64_t start_ns;
    lgd_template_id template_id;
    double bits;
} lgd_rhythm_cross;
/* After finish, not after load: those of at least least_bits, by file and time. The caller frees *ret with lgd_free. */
LGD_MUST_CHECK lgd_status lgd_rhythm_signals(const lgd_rhythm *r, double least_bits, lgd_rhythm_cross **ret,
                                             size_t *ret_n, lgd_err *err);

LGD_MUST_CHECK lgd_status lgd_rhythm_save(const lgd_rhythm *r, lgd_buf *out, lgd_err *err);
/* The section is taken as hostile; what is derived is derived again. */
LGD_MUST_CHECK lgd_status lgd_rhythm_load(lgd_sv bytes, size_t n_templates, lgd_rhythm **ret, lgd_err *err);

/* ---- listening ---- */

typedef enum lgd_signal_kind {
    LGD_SIGNAL_BURST,
    LGD_SIGNAL_SILENCE, /* a pause longer than any */
    LGD_SIGNAL_MISSED   /* did not come at its time of the day: a silence too */
} lgd_signal_kind;

typedef struct lgd_signal {
    lgd_signal_kind kind;
    lgd_template_id template_id;
    bool ended;       /* of a silence that was told before: it is over, these are its final figures */
    bool whole;       /* of a silence: no other line came either since this one was due */
    bool seen;        /* the template came before in this input */
    int64_t start_ns; /* of a burst: its window; of a silence: the last event, or the beginning of the input */
    int64_t due_ns; /* of a silence: when the template should have come, by the longest pause or its time of the day */
    int64_t end_ns; /* up to now */
    int64_t lasted_ns;    /* from start to end */
    int64_t width_ns;     /* of a burst: its window */
    double bits;          /* surprise, in the bits of a line */
    uint64_t count;       /* of a burst: events in its window so far */
    uint64_t news;        /* of those: not told before */
    uint64_t peak;        /* of a burst: the most that training had in a window that wide */
    double expected;      /* events in that window, or in that pause */
    int64_t mean_ns;      /* of a silence: usual pause */
    int64_t deviation_ns; /* of the usual pause, or of the time of the day */
    int64_t longest_ns;   /* of a silence: the longest pause in training */
    uint32_t days;        /* of a miss: days of training on which it came */
    uint32_t second;      /* of a miss: usual time of the day, in seconds (UTC) */
    uint32_t appointment; /* of a miss: which one of the template, below LGD_DAILY_TIMES */
} lgd_signal;

/* State that runs along one input in order. Bounded by the number of templates. */
typedef struct lgd_listener lgd_listener;
/* least_bits: what is less surprising is not told. */
LGD_MUST_CHECK lgd_status lgd_listener_new(const lgd_rhythm *r, double least_bits, lgd_listener **ret, lgd_err *err);
void lgd_listener_free(lgd_listener *l); /* takes NULL */
/* Whether there can be signals of a template. */
bool lgd_listener_heeds(const lgd_listener *l, lgd_template_id id);
/* A new input: nothing came before, and nothing is silent yet. */
void lgd_listener_begin_input(lgd_listener *l);
/* Event i of the batch; one without time says nothing. Signals are those of this event and live until the next call. A
 * silence is told once, when it is recognised, and once more when it has ended. O(1), now and then O(log templates). */
LGD_MUST_CHECK lgd_status lgd_listener_step(lgd_listener *l, const lgd_events *e, size_t i, const lgd_signal **ret,
                                            size_t *ret_n, lgd_err *err);
/* Time that passes without an event, by a clock: silences up to then. */
LGD_MUST_CHECK lgd_status lgd_listener_pass(lgd_listener *l, int64_t now_ns, const lgd_signal **ret, size_t *ret_n,
                                            lgd_err *err);
/* The input ended: so do the silences that were told. The end of a log is itself no silence. */
LGD_MUST_CHECK lgd_status lgd_listener_end_input(lgd_listener *l, const lgd_signal **ret, size_t *ret_n, lgd_err *err);

#endif
