/*
 * Private to compute/cuda: the GPU, as the one thread sees it that talks to the driver.
 */
#ifndef LGD_COMPUTE_CUDA_DEVICE_H
#define LGD_COMPUTE_CUDA_DEVICE_H

#include "driver.h"
#include "queue.h"

enum {
    GPU_N_SLOTS = 8,              /* of the staging area: pinned memory through which everything goes in and out, ... */
    GPU_SLOT_BYTES = 1024 * 1024, /* ... as much at a time */
    GPU_N_KEYS = 16,              /* of repeat */
    GPU_N_MARKS = 16
};

/* An event in the stream: when it has passed, so has everything before it. */
typedef struct gpu_mark {
    CUevent event;
    uint64_t ticket;
} gpu_mark;

typedef struct gpu_device {
    gpu_queue queue;
    /* Written before ticket 1 is reached, or in answer to GPU_ALLOC: the caller may read these. */
    char *staging; /* [GPU_N_SLOTS * GPU_SLOT_BYTES] */
    uint32_t n_processors;
    void *answer;
    /* The device's thread alone. */
    gpu_driver driver;
    lgd_err err;
    CUdevice device;
    CUcontext context;
    CUmodule module;
    CUfunction kernels[GPU_N_KERNELS];
    CUstream stream;
    cublasHandle_t cublas;
    CUdeviceptr workspace; /* of cuBLAS, which would otherwise allocate while it is being recorded */
    size_t workspace_bytes;
    gpu_mark marks[GPU_N_MARKS];
    unsigned first_mark, n_marks, n_unmarked;
    CUgraphExec graphs[GPU_N_KEYS];
    bool capturing;
} gpu_device;

enum { GPU_OPENED = 1 }; /* the first ticket */

extern const unsigned char gpu_image[]; /* the kernels, compiled */

/* What the thread does: opens the GPU, does what the queue says until it ends, releases all. False: it was abandoned, and
 * has released nothing. */
bool gpu_device_serve(gpu_device *g);

#endif
