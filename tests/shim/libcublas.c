/*
 * libcublas.so.13 of a computer without a GPU: the product of two matrices, column-major, with the checks of BLAS, and the
 * calls around it.
 */
#include "shim.h"

#include <cublas_v2.h>

struct cublasContext {
    cudaStream_t stream;
    void *workspace;
};

#define CALL()                                                                                                         \
    do {                                                                                                               \
        shim_outcome outcome_ = lgd_shim_call();                                                                       \
        if (outcome_ != SHIM_WORKS)                                                                                    \
            return outcome_ == SHIM_ERROR ? CUBLAS_STATUS_EXECUTION_FAILED : CUBLAS_STATUS_ALLOC_FAILED;               \
    } while (0)

cublasStatus_t CUBLASWINAPI cublasCreate(cublasHandle_t *handle) {
    CALL();
    *handle = lgd_shim_make_handle(sizeof **handle);
    return *handle ? CUBLAS_STATUS_SUCCESS : CUBLAS_STATUS_ALLOC_FAILED;
}

cublasStatus_t CUBLASWINAPI cublasDestroy(cublasHandle_t handle) {
    CALL();
    return lgd_shim_unmake_handle(handle) ? CUBLAS_STATUS_SUCCESS : CUBLAS_STATUS_INVALID_VALUE;
}

cublasStatus_t CUBLASWINAPI cublasSetStream(cublasHandle_t handle, cudaStream_t stream) {
    CALL();
    handle->stream = stream;
    handle->workspace = NULL; /* as the real one does */
    return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t CUBLASWINAPI cublasSetWorkspace(cublasHandle_t handle, void *workspace, size_t n_bytes) {
    CALL();
    handle->workspace = workspace;
    return workspace && n_bytes ? CUBLAS_STATUS_SUCCESS : CUBLAS_STATUS_INVALID_VALUE;
}

cublasStatus_t CUBLASWINAPI cublasSetMathMode(cublasHandle_t handle, cublasMath_t mode) {
    (void)handle;
    (void)mode;
    CALL();
    return CUBLAS_STATUS_SUCCESS;
}

const char *CUBLASWINAPI cublasGetStatusName(cublasStatus_t status) {
    return status == CUBLAS_STATUS_ALLOC_FAILED ? "CUBLAS_STATUS_ALLOC_FAILED" : "CUBLAS_STATUS_OF_THE_SHIM";
}

typedef struct product {
    bool a_transposed, b_transposed;
    int m, n, k, lda, ldb, ldc;
    float alpha, beta;
    const float *a, *b;
    float *out;
} product;

static float at(const float *x, int ld, bool transposed, int row, int column) {
    return transposed ? x[(size_t)row * (size_t)ld + (size_t)column] : x[(size_t)column * (size_t)ld + (size_t)row];
}

static void multiply(const void *data) {
    const product *p = data;
    for (int j = 0; j < p->n; j++)
        for (int i = 0; i < p->m; i++) {
            float sum = 0, *out = &p->out[(size_t)j * (size_t)p->ldc + (size_t)i];
            for (int l = 0; l < p->k; l++)
                sum += at(p->a, p->lda, p->a_transposed, i, l) * at(p->b, p->ldb, p->b_transposed, l, j);
            *out = p->alpha * sum + (p->beta != 0 ? p->beta * *out : 0);
        }
}

cublasStatus_t CUBLASWINAPI cublasSgemm(cublasHandle_t handle, cublasOperation_t transa, cublasOperation_t transb,
                                        int m, int n, int k, const float *alpha, const float *a, int lda,
                                        const float *b, int ldb, const float *beta, float *c, int ldc) {
    CALL();
    product p = {transa != CUBLAS_OP_N, transb != CUBLAS_OP_N, m, n, k, lda, ldb, ldc, *alpha, *beta, a, b, c};
    if (m < 0 || n < 0 || k < 0 || lda < (p.a_transposed ? k : m) || ldb < (p.b_transposed ? n : k) || ldc < m ||
        lda < 1 || ldb < 1 || ldc < 1)
        return CUBLAS_STATUS_INVALID_VALUE;
    if (!handle->stream || (lgd_shim_recording() && !handle->workspace)) return CUBLAS_STATUS_NOT_SUPPORTED;
    return lgd_shim_submit(handle->stream, multiply, &p, sizeof p) ? CUBLAS_STATUS_SUCCESS : CUBLAS_STATUS_ALLOC_FAILED;
}
