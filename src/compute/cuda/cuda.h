/* Private to compute: the row `cuda`. */
#ifndef LGD_COMPUTE_CUDA_H
#define LGD_COMPUTE_CUDA_H

#include "logdetect/compute.h"

extern const lgd_backend lgd_backend_cuda;

/* open, with another patience than 20 s: how long the GPU may show no progress before it is given up. For tests. */
LGD_MUST_CHECK lgd_status gpu_open(lgd_compute *c, unsigned patience_ms, lgd_err *err);

#endif
