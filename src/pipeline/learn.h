/* Private to pipeline: training, as train and a scan without a model do it. */
#ifndef LGD_PIPELINE_LEARN_H
#define LGD_PIPELINE_LEARN_H

#include "past.h"
#include "plan.h"
#include "run.h"

typedef struct learned {
    batch batch; /* of the last pass: what was read */
    uint64_t signatures, dropped_signatures, dropped_events;
    uint64_t training_anomalies, training_incidents;
    const past *past;             /* the caller's, for what it says */
    uint64_t new_events;          /* of the inputs */
    uint64_t rows;                /* events that calibration saw */
    uint64_t sessions_dropped;    /* they were too few to learn from */
    lgd_lstm_fit_summary network; /* zeros: none was made */
    lgd_err network_problem;      /* why not, where the ensemble has one */
} learned;

/* Fills the bundle from the run's inputs. Reads them three times. */
lgd_status learn(run *r, const plan *p, bundle *b, learned *ret, lgd_err *err);
/* The same upon a past. A bundle that is given a memory gets one filled. */
lgd_status learn_on(run *r, const plan *p, past *x, bundle *b, learned *ret, lgd_err *err);

#endif
