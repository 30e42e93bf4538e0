/*
 * Private to compute/cuda: a queue of commands between the caller's thread, which must never be kept waiting for good, and
 * the thread that alone talks to the driver, which may be. The caller waits for progress of the other side, not for a
 * time: as long as commands are taken or their results arrive, it goes on waiting; when nothing has moved for `patience`
 * it gives the other thread up.
 */
#ifndef LGD_COMPUTE_CUDA_QUEUE_H
#define LGD_COMPUTE_CUDA_QUEUE_H

#include "kernels.h"

#include <pthread.h>

typedef enum gpu_task {
    GPU_LAUNCH,
    GPU_MULTIPLY,
    GPU_CLEAR,
    GPU_PUT,
    GPU_GET,
    GPU_ALLOC,
    GPU_FREE,
    GPU_FINISH,
    GPU_CAPTURE, /* what follows is recorded under a key ... */
    GPU_REPEAT   /* ... until here; what is recorded under a key is done */
} gpu_task;

typedef struct gpu_launch {
    gpu_kernel kernel;
    uint32_t n_blocks;
    gpu_arguments arguments;
} gpu_launch;

/* As cuBLAS takes it: column-major. */
typedef struct gpu_product {
    bool a_transposed, b_transposed;
    int m, n, k, lda, ldb, ldc;
    float alpha, beta;
    const float *a, *b;
    float *out;
} gpu_product;

typedef struct gpu_bytes {
    void *array;
    size_t n_bytes;
    uint32_t slot; /* of the staging area */
} gpu_bytes;

typedef struct gpu_command {
    gpu_task task;
    uint64_t ticket; /* is reached when the GPU has done this and everything before it; 0: nobody asks */
    union {
        gpu_launch launch;
        gpu_product product;
        gpu_bytes bytes;
        unsigned key;
    };
} gpu_command;

enum { GPU_QUEUE_LENGTH = 512 };

typedef struct gpu_queue {
    pthread_mutex_t lock; /* over all of this */
    pthread_cond_t more;  /* something to take */
    int wake;             /* eventfd: tells the caller that what it waits for may be there */
    bool waiting;
    unsigned patience_ms;
    gpu_command ring[GPU_QUEUE_LENGTH];
    size_t first, n;
    uint64_t progress, reached;
    bool failed;    /* commands are dropped from now on, for the reason `why` */
    bool closing;   /* no more commands will come */
    bool closed;    /* the device's thread has released what it had, and ends */
    bool abandoned; /* the device's thread hangs: the caller goes on without it */
    bool left;      /* one side has: the queue and all around it belong to the other one */
    lgd_err why;
} gpu_queue;

/* Errors: device, where the system has no more descriptors. */
LGD_MUST_CHECK lgd_status gpu_queue_init(gpu_queue *q, unsigned patience_ms, lgd_err *err);
void gpu_queue_release(gpu_queue *q);

/* ---- the caller's side; false when the queue has failed or was abandoned ---- */

bool gpu_queue_put(gpu_queue *q, const gpu_command *c); /* waits for room */
bool gpu_queue_wait(gpu_queue *q, uint64_t ticket);
bool gpu_queue_close(gpu_queue *q); /* true: the thread ends; false: it is abandoned */
lgd_status gpu_queue_status(gpu_queue *q,
                            lgd_err *err); /* LGD_OK or why it has failed; what is done about it is not said */
void gpu_queue_fail(gpu_queue *q, const lgd_err *why); /* of either side; the first reason stays */

/* Where it was abandoned, each side leaves it in the end. True: the other one has already, so that this one frees it. */
bool gpu_queue_leave(gpu_queue *q);

/* ---- the device's side ---- */

bool gpu_queue_listens(gpu_queue *q); /* false: it was abandoned */

typedef enum gpu_taken { GPU_NOTHING, GPU_COMMAND, GPU_DROP, GPU_END } gpu_taken;
/* The next command. GPU_NOTHING: there is none now, only where may_sleep is false; GPU_DROP: one that is not to be done, as
 * the queue has failed; GPU_END: there will be none. */
gpu_taken gpu_queue_take(gpu_queue *q, bool may_sleep, gpu_command *ret);
bool gpu_queue_advance(gpu_queue *q, uint64_t ticket); /* something was done; false: stop, nobody listens any more */
/* The last thing that the device's thread does. False: it was abandoned meanwhile, and nobody waits for it. */
bool gpu_queue_end(gpu_queue *q);

#endif
