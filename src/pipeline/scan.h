/* Private to pipeline: a scan, and what it is for. */
#ifndef LGD_PIPELINE_SCAN_H
#define LGD_PIPELINE_SCAN_H

#include "run.h"

typedef struct scan_purpose {
    lgd_sink sink;
    bool color;
    bool is_check;                /* whether the model fits is what is asked for */
    const lgd_observer *observer; /* takes the results instead of an output; NULL: none */
} scan_purpose;

lgd_status scan_run(const lgd_config *config, const lgd_world *world, scan_purpose purpose, lgd_outcome *ret_outcome,
                    lgd_err *err);

/* Scans the inputs of r, which may have been read before. Takes over what r and model hold. Findings of all lines, and of
 * all sessions, where the observer takes them. */
lgd_status scan_observed(run *r, bundle *model, const lgd_observer *observer, lgd_outcome *ret_outcome, lgd_err *err);

#endif
