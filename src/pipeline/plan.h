/* Private to pipeline: what training is to make, from the recipe and the options that outrank it. */
#ifndef LGD_PIPELINE_PLAN_H
#define LGD_PIPELINE_PLAN_H

#include "logdetect/detect.h"
#include "logdetect/pipeline.h"

typedef struct plan {
    lgd_ensemble ensemble;
    lgd_lstm_options lstm;
} plan;

/* Errors: usage, of the option or of the recipe with its line; io. */
lgd_status plan_make(const lgd_config *c, plan *ret, lgd_err *err);
/* For a quick look, which cannot wait for a training. */
void plan_leave_out_network(plan *p);

#endif
