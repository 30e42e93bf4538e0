/* Private to compute: the backend `blas` is one row for any processor and one for those with AVX2. */
#ifndef LGD_COMPUTE_BLAS_H
#define LGD_COMPUTE_BLAS_H

#include "host.h"

/* Puts the row that this processor runs best into c->backend. */
lgd_status lgd_blas_open(lgd_compute *c, lgd_err *err);

/* Slot gemm, by OpenBLAS. */
void lgd_blas_gemm(lgd_compute *c, bool a_transposed, bool b_transposed, size_t m, size_t n, size_t k, float alpha,
                   const float *a, size_t lda, const float *b, size_t ldb, float beta, float *out, size_t ldc);

/* Slot product, for any processor and for those with AVX2 and FMA. */
void lgd_product_any(lgd_compute *c, bool w_transposed, size_t m, size_t n, size_t k, const float *x, size_t ldx,
                     const float *w, size_t ldw, bool add, float *out, size_t ldo);
void lgd_product_avx2(lgd_compute *c, bool w_transposed, size_t m, size_t n, size_t k, const float *x, size_t ldx,
                      const float *w, size_t ldw, bool add, float *out, size_t ldo);

extern const lgd_backend lgd_backend_blas; /* any processor */
/* Where this build has it and the processor too; the same bits, but for `product` (product.c). */
extern const lgd_backend lgd_backend_blas_avx2;

#endif
