/*
 * compute: arithmetic on arrays of float32, by one of several backends behind one table. `ref` is plain C, always there,
 * and says what the others must give; `blas` is OpenBLAS with gate kernels of our own; `cuda` an NVIDIA GPU. Layers and
 * training loops (nn) are written once, on top of the table.
 *
 * Arrays belong to the backend that allocated them; nobody else looks inside (lgd_backend.on_host: the caller may). All
 * matrices are row-major. An operation cannot fail where it stands: a backend that fails does nothing from then on, and
 * `finish` tells. Ids are int32; a negative one stands for nothing.
 */
#ifndef LOGDETECT_COMPUTE_H
#define LOGDETECT_COMPUTE_H

#include "logdetect/base.h"

/* float. The tests build this room and nn a second time in double, to check gradients by differences. */
#ifndef LGD_REAL
#define LGD_REAL float
#endif
typedef LGD_REAL lgd_real;

typedef struct lgd_backend lgd_backend;

/* An opened backend. */
typedef struct lgd_compute {
    const lgd_backend *backend;
    void *state; /* its own */
} lgd_compute;

/* What Adam needs of a step, as an array of the backend: lr, beta1, beta2, epsilon, 1 - beta1^t, 1 - beta2^t, clip. */
enum {
    LGD_ADAM_RATE,
    LGD_ADAM_BETA1,
    LGD_ADAM_BETA2,
    LGD_ADAM_EPSILON,
    LGD_ADAM_CORRECT1,
    LGD_ADAM_CORRECT2,
    LGD_ADAM_CLIP,
    LGD_ADAM_SIZE
};

struct lgd_backend {
    const char *name;
    const char *what; /* one sentence */
    /* Arrays are plain memory of this process, and operations on different arrays may run on several threads at once.
     * Else: one thread at a time. */
    bool on_host;

    /* Errors of open: LGD_E_IO where there is no such device on this machine, LGD_E_DEVICE where it does not work; the text
     * says which call said what. */
    lgd_status (*open)(lgd_compute *c, lgd_err *err);
    void (*close)(lgd_compute *c); /* arrays of a device die with it; those in this process's memory are freed before */

    /* ---- arrays ---- */
    void *(*alloc)(lgd_compute *c, size_t n_bytes); /* zeroed, 64-byte aligned; NULL on failure */
    void (*free)(lgd_compute *c, void *array);      /* takes NULL */
    void (*put)(lgd_compute *c, void *array, const void *host, size_t n_bytes);
    void (*get)(lgd_compute *c, void *host, const void *array, size_t n_bytes); /* waits for what was asked before */
    void (*zero)(lgd_compute *c, void *array, size_t n_bytes);
    /* Waits until everything is done. LGD_E_DEVICE, with a text, if anything has failed since open: what was computed is
     * not to be trusted then. */
    lgd_status (*finish)(lgd_compute *c, lgd_err *err);
    /* Calls work(ctx), which asks for operations and nothing else (no alloc, free, get, put, finish). A backend may keep
     * what the first calls with this work and ctx asked for, and do the same again at the next ones: same operations,
     * arrays and sizes; only what is in the arrays differs. Freeing an array forgets all that was kept. */
    void (*repeat)(lgd_compute *c, void (*work)(void *ctx), void *ctx);

    /* ---- linear algebra ---- */
    /* C[m,n] = alpha op(A)[m,k] op(B)[k,n] + beta C; op: transposed if so. lda, ldb, ldc: length of a row as stored.
     * The last bits of a row may depend on its place and on m. */
    void (*gemm)(lgd_compute *c, bool a_transposed, bool b_transposed, size_t m, size_t n, size_t k, lgd_real alpha,
                 const lgd_real *a, size_t lda, const lgd_real *b, size_t ldb, lgd_real beta, lgd_real *out,
                 size_t ldc);
    /* out[m,n] = x[m,k] op(w)[k,n], plus what was there if `add`. On a CPU a row of out is the same bits whatever rows
     * stand beside it, in any number. */
    void (*product)(lgd_compute *c, bool w_transposed, size_t m, size_t n, size_t k, const lgd_real *x, size_t ldx,
                    const lgd_real *w, size_t ldw, bool add, lgd_real *out, size_t ldo);
    void (*axpby)(lgd_compute *c, size_t n, lgd_real alpha, const lgd_real *x, lgd_real beta,
                  lgd_real *y); /* y = alpha x + beta y */
    void (*fill_rows)(lgd_compute *c, size_t n, size_t width, const lgd_real *row, lgd_real *out); /* out[i,:] = row */
    void (*add_columns)(lgd_compute *c, size_t n, size_t width, const lgd_real *x,
                        lgd_real *out);                                              /* out[j] += sum_i x[i,j] */
    void (*add_sum)(lgd_compute *c, size_t n, const lgd_real *x, lgd_real *out);     /* out[0] += sum x */
    void (*sum_squares)(lgd_compute *c, size_t n, const lgd_real *x, lgd_real *out); /* out[0] = sum x^2 */

    /* ---- layers ---- */
    void (*gather)(lgd_compute *c, size_t n, size_t width, const int32_t *ids, const lgd_real *table,
                   lgd_real *out); /* out[i,:] = table[ids[i],:]; 0 for a negative id */
    /* table[ids[i],:] += x[i,:]; the result does not depend on the order in which it is done. */
    void (*scatter_add)(lgd_compute *c, size_t n, size_t width, const int32_t *ids, const lgd_real *x, size_t n_ids,
                        lgd_real *table);
    /* One step of an LSTM behind its matrix products (Hochreiter & Schmidhuber 1997, with the forget gate of Gers 2000):
     *     i, f, o = sigmoid, g = tanh of z + bias;  cell = f * cell_before + i * g;  h = o * tanh(cell)
     * z: [n, 4 units], blocks i f g o; in: products, out: activations. bias: [4 units]. cell_before: [n, units], NULL: 0.
     * cell, h: [n, units], out. */
    void (*gates)(lgd_compute *c, size_t n, size_t units, lgd_real *z, const lgd_real *bias,
                  const lgd_real *cell_before, lgd_real *cell, lgd_real *h);
    /* Its gradient. a: the activations. dh: of h. dcell: in, of cell from the step behind; out, of cell_before. dz: [n, 4
     * units], out, of z; may be the same array as a. */
    void (*gates_grad)(lgd_compute *c, size_t n, size_t units, const lgd_real *a, const lgd_real *cell_before,
                       const lgd_real *cell, const lgd_real *dh, lgd_real *dcell, lgd_real *dz);
    /* y = x / (1 - rate) where a hash of (seed[0], salt, place) says so, else 0 (Srivastava 2014); the same mask in every
     * backend, and for x = a gradient. y may be x. */
    void (*dropout)(lgd_compute *c, size_t n, double rate, const uint64_t *seed, uint32_t salt, const lgd_real *x,
                    lgd_real *y);

    /* ---- losses: x [n, width] in: outputs, out: their gradient; rows without a target: loss and gradient 0 ---- */
    /* loss[i] = -weights[i] ln softmax(x[i,:])[targets[i]] */
    void (*cross_entropy)(lgd_compute *c, size_t n, size_t width, lgd_real *x, const int32_t *targets,
                          const lgd_real *weights, lgd_real *loss);
    /* loss[i] = weights[i] |x[i,:] - onehot(targets[i])|^2 */
    void (*squared_error)(lgd_compute *c, size_t n, size_t width, lgd_real *x, const int32_t *targets,
                          const lgd_real *weights, lgd_real *loss);
    /* ln softmax of the target and of the largest x, and which that is (the first of equals). Without a target: 0. */
    void (*rank)(lgd_compute *c, size_t n, size_t width, const lgd_real *x, const int32_t *targets, lgd_real *log_p,
                 lgd_real *log_p_best, int32_t *best);

    /* ---- Adam (Kingma & Ba 2015) ---- */
    /* g is scaled to the norm `clip` where norm2[0], its sum of squares, is larger (Pascanu 2013). step: LGD_ADAM_SIZE numbers. */
    void (*adam)(lgd_compute *c, size_t n, const lgd_real *g, const lgd_real *norm2, const lgd_real *step, lgd_real *w,
                 lgd_real *m, lgd_real *v);
};

/* The backends of this build, `ref` first, the best for a CPU next. */
extern const lgd_backend *const lgd_backends[];
extern const size_t lgd_n_backends;
const lgd_backend *lgd_backend_find(const char *name); /* NULL: not in this build */

/* Opens a backend by name. Errors: usage for a name that this build does not have; those of lgd_backend.open. */
LGD_MUST_CHECK lgd_status lgd_compute_open(const char *name, lgd_compute *ret, lgd_err *err);
void lgd_compute_close(lgd_compute *c); /* takes one that was never opened, {0} */

/* The kernels of `cuda` ask for the same mask on the GPU. */
#ifdef __CUDACC__
#define LGD_GPU_TOO __host__ __device__
#else
#define LGD_GPU_TOO
#endif

/* 53 bits of place `i`. */
LGD_GPU_TOO static inline uint64_t lgd_dropout_bits(uint64_t seed, uint32_t salt, size_t i) {
    uint64_t x = seed + ((uint64_t)salt << 40) + i * UINT64_C(0x9e3779b97f4a7c15); /* splitmix64 */
    x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
    return (x ^ x >> 31) >> 11;
}

/* The bit of the dropout mask: whether place `i` is kept at this rate. */
LGD_GPU_TOO static inline bool lgd_dropout_keeps(uint64_t seed, uint32_t salt, size_t i, double rate) {
    return (double)lgd_dropout_bits(seed, salt, i) * 0x1p-53 >= rate;
}

#endif
