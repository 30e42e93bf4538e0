/* Private to pipeline: a scan, and what it is for. */
#ifndef LGD_PIPELINE_SCAN_H
#define LGD_PIPELINE_SCAN_H

#include "logdetect/pipeline.h"

typedef struct scan_purpose {
    lgd_sink sink;
    bool color;
    bool is_check; /* whether the model fits is what is asked for */
} scan_purpose;

lgd_status scan_run(const lgd_config *config, const lgd_world *world, scan_purpose purpose, lgd_outcome *ret_outcome,
                    lgd_err *err);

#endif
