/* Private to pipeline: `--budget N/day`, a threshold of incidents by how many of them a day may have. */
#ifndef LGD_PIPELINE_BUDGET_H
#define LGD_PIPELINE_BUDGET_H

#include "bundle.h"

/* text: "5/day", also hour or week; ret: a day. Errors: usage, `--budget: ...`. */
lgd_status budget_parse(const char *text, double *ret_per_day, lgd_err *err);
/* Sets o->threshold so that the training would have told at most so many a day. Errors: usage for a model without times. */
lgd_status budget_apply(const bundle *b, double per_day, lgd_grouping *o, lgd_err *err);

#endif
