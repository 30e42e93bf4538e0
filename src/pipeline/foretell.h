/* Private to pipeline: the LSTM's part of a training and of a scan. */
#ifndef LGD_PIPELINE_FORETELL_H
#define LGD_PIPELINE_FORETELL_H

#include "bundle.h"
#include "plan.h"
#include "run.h"

typedef struct foretelling {
    lgd_corpus *corpus;     /* of a training, while it reads; NULL: no network is wanted, or it is made */
    lgd_buf state;          /* of a training that was cut short: where the network's goes on; empty: from the start */
    lgd_follower *follower; /* NULL: there is no network */
    uint64_t hash_key;
    lgd_step *steps; /* of a block's events */
    lgd_foretold *told;
    size_t steps_capacity, told_capacity;
} foretelling;

void foretelling_release(foretelling *f);

/* ---- training ---- */

bool plan_wants_network(const plan *p);
/* An event's stream is held out from fitting where its fold is the last, as rows of columns are. */
bool event_is_held_out(uint64_t event, uint64_t block_events);
lgd_status foretelling_collect(foretelling *f, const batch *b, const lgd_block *block, uint64_t first,
                               uint64_t block_events, lgd_err *err);
/* Before anything else is read: what --checkpoint has, if it is there. */
lgd_status foretelling_open(foretelling *f, const run *r, lgd_err *err);
/* The network, to b->lstm, its state after each epoch to --checkpoint; none where the log does not allow one, as *ret_problem then says. */
lgd_status foretelling_fit(foretelling *f, run *r, const plan *p, bundle *b, lgd_lstm_fit_summary *ret,
                           lgd_err *ret_problem, lgd_err *err);

/* ---- training and scans ---- */

lgd_status foretelling_begin(foretelling *f, run *r, const bundle *b, lgd_err *err);
/* LGD_COL_FORETOLD of the block's events, whose rows begin at first_row, and their contexts (may be NULL). */
lgd_status foretelling_fill(foretelling *f, const batch *b, const lgd_block *block, lgd_matrix *rows, size_t first_row,
                            lgd_context *contexts, lgd_err *err);
/* What it says of a session, after all of them have ended. False: nothing. */
bool foretelling_session(const foretelling *f, lgd_sv name, lgd_lstm_session *ret);

#endif
