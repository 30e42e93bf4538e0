/*
 * compute/blas: the matrix product of the backend `blas` by OpenBLAS, and which of its two rows (kernels.c) a processor
 * runs.
 *
 * Each worker multiplies small matrices in its own thread, so OpenBLAS is told to start none. It has to be the flavour
 * built for POSIX threads all the same: the serial one, as Debian builds it, has no lock around its table of buffers, and
 * eight threads that multiply at once get wrong products (176 of 40,000 when it was tried, 0.3.21). Opening refuses what
 * is not that flavour.
 */
#include "blas.h"

#include <cblas.h>

lgd_status lgd_blas_open(lgd_compute *c, lgd_err *err) {
    if (openblas_get_parallel() != OPENBLAS_THREAD)
        return lgd_fail(err, LGD_E_DEVICE,
                        "compute: this OpenBLAS is not safe in threads; blas needs its pthread flavour");
    openblas_set_num_threads(1);
#ifdef LGD_AVX2
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) c->backend = &lgd_backend_blas_avx2;
#endif
    return LGD_OK;
}

static blasint size(size_t n) { return (blasint)n; }

/* How long a row is: at least 1, which OpenBLAS wants of empty ones too. */
static blasint stride(size_t n) { return n ? (blasint)n : 1; }

void lgd_blas_gemm(lgd_compute *c, bool a_transposed, bool b_transposed, size_t m, size_t n, size_t k, float alpha,
                   const float *a, size_t lda, const float *b, size_t ldb, float beta, float *out, size_t ldc) {
    (void)c;
    cblas_sgemm(CblasRowMajor, a_transposed ? CblasTrans : CblasNoTrans, b_transposed ? CblasTrans : CblasNoTrans,
                size(m), size(n), size(k), alpha, a, stride(lda), b, stride(ldb), beta, out, stride(ldc));
}
