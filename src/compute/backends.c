/*
 * compute/backends: the table, and opening one by name.
 */
#include "blas.h"
#include "cuda/cuda.h"

const lgd_backend *const lgd_backends[] = {
    &lgd_backend_ref,
#ifdef LGD_BLAS
    &lgd_backend_blas,
#endif
#ifdef LGD_CUDA
    &lgd_backend_cuda,
#endif
};
const size_t lgd_n_backends = sizeof lgd_backends / sizeof lgd_backends[0];

const lgd_backend *lgd_backend_find(const char *name) {
    for (size_t i = 0; i < lgd_n_backends; i++)
        if (strcmp(lgd_backends[i]->name, name) == 0) return lgd_backends[i];
    return NULL;
}

lgd_status lgd_compute_open(const char *name, lgd_compute *ret, lgd_err *err) {
    lgd_compute c = {.backend = lgd_backend_find(name)};
    if (!c.backend) return lgd_fail(err, LGD_E_USAGE, "compute: this build has no '%.40s'; nothing was done", name);
    LGD_TRY(c.backend->open(&c, err));
    *ret = c;
    return LGD_OK;
}

void lgd_compute_close(lgd_compute *c) {
    if (c->backend) c->backend->close(c);
    *c = (lgd_compute){0};
}
