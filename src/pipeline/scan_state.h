/* Private to scan.c and scan_summary.c: what a scan keeps from block to block. */
#ifndef LGD_PIPELINE_SCAN_STATE_H
#define LGD_PIPELINE_SCAN_STATE_H

#include "adaptation.h"
#include "fitness.h"
#include "foretell.h"
#include "pending.h"
#include "signals.h"

typedef struct scan {
    run run;
    bundle model;
    bool own_model; /* learned from the input itself */
    batch batch;
    lgd_newcomers *newcomers;
    lgd_tracker *tracker;
    lgd_matrix rows;
    lgd_context *contexts;
    size_t contexts_capacity;
    float *surprise; /* of the block's events, and from it their calibrated bits */
    double *bits;
    size_t surprise_capacity, bits_capacity;
    double fpr;
    verdicts verdicts;
    fitness fitness;
    bool all_lines, all_sessions;
    const lgd_observer *observer; /* NULL: an output */
    lgd_grouper *grouper;
    signals *signals;
    lgd_report *report;
    const char *members[LGD_MAX_MEMBERS]; /* names, for the report's head */
    pending *pending;
    lgd_lexer lexer; /* for the values of what is reported */
    lgd_arena arena; /* lives for one finding */
    session_table sessions;
    foretelling foretelling;
    adaptation adaptation;
    line_judges line_judges; /* of sessions */
    float *member_bits;      /* [n_members, n], of the block's events; only where there are line judges */
    size_t member_bits_capacity;
    uint64_t n_anomalies, n_anomalous_sessions;
} scan;

/* scan_summary.c: what all of it came to, once all is reported: fills *ret and *ret_outcome. Texts go to the scan's arena.
 * Errors: memory. */
lgd_status scan_summarize(scan *s, lgd_summary *ret, lgd_outcome *ret_outcome, lgd_err *err);

#endif
