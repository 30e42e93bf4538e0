/* Private to compute: what backends in this process's memory share. */
#ifndef LGD_COMPUTE_HOST_H
#define LGD_COMPUTE_HOST_H

#include "logdetect/compute.h"

lgd_status host_open(lgd_compute *c, lgd_err *err);
void host_close(lgd_compute *c);
void *host_alloc(lgd_compute *c, size_t n_bytes);
void host_free(lgd_compute *c, void *array);
void host_copy_in(lgd_compute *c, void *array, const void *host, size_t n_bytes);
void host_copy_out(lgd_compute *c, void *host, const void *array, size_t n_bytes);
void host_zero(lgd_compute *c, void *array, size_t n_bytes);
lgd_status host_finish(lgd_compute *c, lgd_err *err);
void host_repeat(lgd_compute *c, void (*work)(void *ctx), void *ctx);

/* The rows of `ref`, for backends that do better in some places alone. */
extern const lgd_backend lgd_backend_ref;

#endif
