/*
 * Private to compute/cuda: the kernels, and what each is told. The arguments of a kernel are one struct, so that a launch
 * is the same for all: a number, a size and some bytes. Read by nvcc (for the GPU) and by a C compiler (for the caller,
 * and for tests where there is no GPU).
 */
#ifndef LGD_COMPUTE_CUDA_KERNELS_H
#define LGD_COMPUTE_CUDA_KERNELS_H

#include "logdetect/compute.h"

/* KERNEL(name): struct kernel_name, and `name` in the module. */
#define GPU_KERNELS(KERNEL)                                                                                            \
    KERNEL(axpby)                                                                                                      \
    KERNEL(fill_rows)                                                                                                  \
    KERNEL(add_columns_parts)                                                                                          \
    KERNEL(add_columns)                                                                                                \
    KERNEL(sum_parts)                                                                                                  \
    KERNEL(sum)                                                                                                        \
    KERNEL(gather)                                                                                                     \
    KERNEL(scatter_range)                                                                                              \
    KERNEL(scatter)                                                                                                    \
    KERNEL(scatter_settle)                                                                                             \
    KERNEL(gates)                                                                                                      \
    KERNEL(gates_grad)                                                                                                 \
    KERNEL(dropout)                                                                                                    \
    KERNEL(cross_entropy)                                                                                              \
    KERNEL(squared_error)                                                                                              \
    KERNEL(rank)                                                                                                       \
    KERNEL(adam)

typedef enum gpu_kernel {
#define KERNEL(name) GPU_##name,
    GPU_KERNELS(KERNEL)
#undef KERNEL
        GPU_N_KERNELS
} gpu_kernel;

/* Threads of a block: whole warps, and enough of them to hide each other's waits. */
enum { GPU_BLOCK = 256, GPU_WARP = 32 };

/* Numbers of items are 32 bits wide, as 64-bit division is slow on a GPU: cuda.c refuses larger arrays. */

typedef struct kernel_axpby {
    uint32_t n;
    float alpha, beta;
    const float *x;
    float *y;
} kernel_axpby;

typedef struct kernel_fill_rows {
    uint32_t n_items, width;
    const float *row;
    float *out;
} kernel_fill_rows;

/* Column sums in two steps of a shape that depends on n alone: parts[p,j] = sum of rows p rows_a_part ..., then
 * out[j] += sum_p parts[p,j]. */
typedef struct kernel_add_columns_parts {
    uint32_t n, width, rows_a_part, n_parts;
    const float *x;
    float *parts;
} kernel_add_columns_parts;

typedef struct kernel_add_columns {
    uint32_t n_parts, width;
    const float *parts;
    float *out;
} kernel_add_columns;

/* Sums of x or of its squares, likewise: one warp for each part. */
typedef struct kernel_sum_parts {
    uint32_t n, items_a_part, n_parts, squares;
    const float *x;
    double *parts;
} kernel_sum_parts;

typedef struct kernel_sum {
    uint32_t n_parts, add; /* add: out += sum, else out = sum */
    const double *parts;
    float *out;
} kernel_sum;

typedef struct kernel_gather {
    uint32_t n_items, width;
    const int32_t *ids;
    const float *table;
    float *out;
} kernel_gather;

/* table[ids[i],:] += x[i,:] in fixed point: integers can be added in any order. `largest`, `sums` and `odd` start as 0.
 *   scatter_range   largest = bits of the largest finite |x|, which orders as the number does
 *   scatter         sums[id,j] += x 2^scale, with the largest scale for which n such numbers fit 63 bits; what is not
 *                   finite is noted in odd[id,j]
 *   scatter_settle  table += sums 2^-scale */
typedef struct kernel_scatter {
    uint32_t n, n_items, width; /* n_items: n * width; of the table in scatter_settle */
    const int32_t *ids;
    const float *x;
    uint32_t *largest;
    int64_t *sums;
    uint32_t *odd;
    float *table;
} kernel_scatter;
typedef kernel_scatter kernel_scatter_range;
typedef kernel_scatter kernel_scatter_settle;

typedef struct kernel_gates {
    uint32_t n_items, units; /* n_items: n * units */
    float *z;
    const float *bias, *cell_before;
    float *cell, *h;
} kernel_gates;

typedef struct kernel_gates_grad {
    uint32_t n_items, units;
    const float *a, *cell_before, *cell, *dh;
    float *dcell, *dz;
} kernel_gates_grad;

typedef struct kernel_dropout {
    uint32_t n, salt;
    uint64_t least; /* of lgd_dropout_bits, where a place is kept */
    float scale;
    const uint64_t *seed;
    const float *x;
    float *y;
} kernel_dropout;

typedef struct kernel_cross_entropy {
    uint32_t n, width;
    float *x;
    const int32_t *targets;
    const float *weights;
    float *loss;
} kernel_cross_entropy;
typedef kernel_cross_entropy kernel_squared_error;

typedef struct kernel_rank {
    uint32_t n, width;
    const float *x;
    const int32_t *targets;
    float *log_p, *log_p_best;
    int32_t *best;
} kernel_rank;

typedef struct kernel_adam {
    uint32_t n;
    const float *g, *norm2, *step;
    float *w, *m, *v;
} kernel_adam;

/* The arguments of any kernel. */
typedef union gpu_arguments {
#define KERNEL(name) kernel_##name name;
    GPU_KERNELS(KERNEL)
#undef KERNEL
} gpu_arguments;

#ifndef __CUDACC__
/* One thread of a launch, on the host: `lanes` threads in a row are a warp. swap gives the x of the lane whose number
 * differs in `mask`; a warp of one lane never asks. */
typedef struct gpu_place {
    uint32_t thread, n_threads, lanes;
    double (*swap)(void *ctx, double x, uint32_t mask);
    void *ctx;
} gpu_place;

/* The kernels as functions, for tests: one thread's share of the work. */
typedef void gpu_host_kernel(const gpu_arguments *a, gpu_place at);
typedef struct gpu_host_row {
    const char *name;
    size_t n_bytes; /* of its arguments */
    gpu_host_kernel *run;
} gpu_host_row;
extern const gpu_host_row gpu_host_kernels[GPU_N_KERNELS];
#endif

#endif
