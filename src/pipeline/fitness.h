/* Private to pipeline: does a model still fit the log that is scanned with it? */
#ifndef LGD_PIPELINE_FITNESS_H
#define LGD_PIPELINE_FITNESS_H

#include "meter.h"
#include "verdicts.h"

enum { FIT_BINS = 12 };

/* Of the events of one input. */
typedef struct fit_input {
    meter unseen, anomalous;
} fit_input;

typedef struct fitness {
    const bundle *model; /* NULL: it was learned from the log itself, and there is nothing to measure */
    bool is_asked_for;
    size_t n_members;         /* that are looked at: 0 or all */
    fit_input input;          /* the current one */
    double unseen, anomalous; /* of the inputs before: typical shares times events */
    uint64_t events, unseen_events, anomalies;
    uint64_t bins[LGD_MAX_MEMBERS + 1][FIT_BINS]; /* events by whole bits, of each member and, last, of the ensemble */
    uint64_t *counts;                             /* by template of the model */
    meter sessions;
} fitness;

/* is_asked_for: as the result, and not in passing, so that members are looked at too. */
lgd_status fitness_begin(fitness *f, const bundle *model, bool is_asked_for, lgd_err *err);
void fitness_release(fitness *f);

/* What a scan made of a block of events. */
typedef struct fit_events {
    const lgd_events *events;
    const uint8_t *verdicts; /* line_verdict */
    const double *bits;
    const float *member_bits; /* [n_members, events->n]; unused where no members are looked at */
} fit_events;
void fitness_begin_input(fitness *f);
void fitness_add(fitness *f, const fit_events *e);
void fitness_add_session(fitness *f, bool is_anomaly);

/* Judges; b: what was read. summary is filled but for its fitness, and that is set; an unfit model is a problem, unless
 * that was what was asked for. Errors: memory. */
lgd_status fitness_judge(fitness *f, const batch *b, lgd_arena *arena, lgd_summary *summary, lgd_err *err);

#endif
