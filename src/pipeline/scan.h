/* Private to pipeline: a scan whose results an observer takes. */
#ifndef LGD_PIPELINE_SCAN_H
#define LGD_PIPELINE_SCAN_H

#include "run.h"

/* Scans the inputs of r, which may have been read before. Takes over what r and model hold. Findings of all lines, and of
 * all sessions, where the observer takes them. */
lgd_status scan_observed(run *r, bundle *model, const lgd_observer *observer, lgd_outcome *ret_outcome, lgd_err *err);

#endif
