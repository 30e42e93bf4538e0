/*
 * compute/cuda/device: does the commands of the queue, in order, on one stream of the first GPU.
 *
 * Nothing here waits inside the driver: that could be for good, and nobody would know. Work is started; how far the GPU has
 * come is asked of events put into the stream after every few commands (marks), and each that has passed is progress that
 * the caller hears of. At most GPU_N_MARKS marks are under way, so that what lies between two signs of life stays small
 * however much is asked.
 *
 * Any error is final, as it is for CUDA, where a fault stays until the process ends: the first text is kept, everything
 * later is dropped, and what can still be released is.
 */
#include "device.h"

#include <sched.h>
#include <stdio.h>
#include <time.h>

enum {
    MARK_EVERY = 32,   /* commands; the driver itself blocks at about a thousand launches that have not started */
    WORKSPACE_MIB = 4, /* what NVIDIA advises for cuBLAS, and for Hopper and later */
    WORKSPACE_MIB_HOPPER = 32,
    HOPPER_MAJOR = 9,
    OLDEST_MAJOR = 7, /* compute capability 7.5: the oldest that kernels are built for */
    OLDEST_MINOR = 5,
    EAGER_POLLS = 200, /* before a wait sleeps in between */
    NAP_NS = 20000
};

static bool fail(gpu_device *g) {
    gpu_queue_fail(&g->queue, &g->err);
    return false;
}

static bool ok(gpu_device *g, CUresult result, const char *call) {
    return gpu_check(&g->driver, result, call, &g->err) == LGD_OK || fail(g);
}

static bool ok_cublas(gpu_device *g, cublasStatus_t status, const char *call) {
    return gpu_check_cublas(&g->driver, status, call, &g->err) == LGD_OK || fail(g);
}

#define TRY(g, name, ...)                                                                                              \
    do {                                                                                                               \
        if (!ok((g), (g)->driver.name(__VA_ARGS__), #name)) return false;                                              \
    } while (0)
#define TRY_CUBLAS(g, name, ...)                                                                                       \
    do {                                                                                                               \
        if (!ok_cublas((g), (g)->driver.name(__VA_ARGS__), #name)) return false;                                       \
    } while (0)
#define STEP(g)                                                                                                        \
    do {                                                                                                               \
        if (!gpu_queue_advance(&(g)->queue, 0)) return false;                                                          \
    } while (0)

/* ---- marks ---- */

/* Asks whether the oldest mark has passed. False: not yet, or an error. */
static bool pass_mark(gpu_device *g) {
    const gpu_mark *m = &g->marks[g->first_mark];
    CUresult result = g->driver.cuEventQuery(m->event);
    if (result == CUDA_ERROR_NOT_READY) return false;
    if (!ok(g, result, "a kernel or copy before cuEventQuery")) return false;
    g->first_mark = (g->first_mark + 1) % GPU_N_MARKS;
    g->n_marks--;
    return gpu_queue_advance(&g->queue, m->ticket);
}

/* A short rest between two questions, longer when many were in vain. */
static void rest(unsigned n_polls) {
    static const struct timespec nap = {.tv_nsec = NAP_NS};
    if (n_polls < EAGER_POLLS)
        (void)sched_yield();
    else
        (void)nanosleep(&nap, NULL);
}

/* Until at most n marks are under way. False: an error, or the caller has gone on without us. */
static bool pass_marks(gpu_device *g, unsigned n) {
    for (unsigned n_polls = 0; g->n_marks > n; n_polls++)
        if (pass_mark(g)) {
            n_polls = 0;
        } else {
            if (g->err.status != LGD_OK || !gpu_queue_listens(&g->queue)) return false;
            rest(n_polls);
        }
    return true;
}

static bool put_mark(gpu_device *g, uint64_t ticket) {
    if (!pass_marks(g, GPU_N_MARKS - 1)) return false;
    gpu_mark *m = &g->marks[(g->first_mark + g->n_marks) % GPU_N_MARKS];
    TRY(g, cuEventRecord, m->event, g->stream);
    m->ticket = ticket;
    g->n_marks++;
    g->n_unmarked = 0;
    return true;
}

/* After each command: its own mark where somebody waits for it, else one for many. None into a recording. */
static bool mark(gpu_device *g, uint64_t ticket) {
    if (g->capturing || (ticket == 0 && ++g->n_unmarked < MARK_EVERY)) return true;
    return put_mark(g, ticket);
}

/* ---- open ---- */

static bool open_driver(gpu_device *g) {
    int n = 0, major = 0, minor = 0, n_processors = 0;
    char name[128] = "";
    if (gpu_driver_open(&g->driver, &g->err) != LGD_OK) return fail(g);
    TRY(g, cuInit, 0);
    STEP(g);
    TRY(g, cuDeviceGetCount, &n);
    if (n == 0) {
        (void)lgd_fail(&g->err, LGD_E_DEVICE, "GPU: the NVIDIA driver sees none");
        return fail(g);
    }
    TRY(g, cuDeviceGet, &g->device, 0);
    TRY(g, cuDeviceGetName, name, (int)sizeof name, g->device);
    TRY(g, cuDeviceGetAttribute, &major, CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR, g->device);
    TRY(g, cuDeviceGetAttribute, &minor, CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR, g->device);
    TRY(g, cuDeviceGetAttribute, &n_processors, CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT, g->device);
    if (major < OLDEST_MAJOR || (major == OLDEST_MAJOR && minor < OLDEST_MINOR)) {
        (void)lgd_fail(&g->err, LGD_E_DEVICE, "GPU: %.100s has compute capability %d.%d, at least %d.%d is needed",
                       name, major, minor, OLDEST_MAJOR, OLDEST_MINOR);
        return fail(g);
    }
    g->workspace_bytes = (size_t)(major < HOPPER_MAJOR ? WORKSPACE_MIB : WORKSPACE_MIB_HOPPER) << 20;
    g->n_processors = n_processors > 0 ? (uint32_t)n_processors : 1;
    return true;
}

static bool open_module(gpu_device *g) {
    static const char *const names[GPU_N_KERNELS] = {
#define NAME(name) #name,
        GPU_KERNELS(NAME)
#undef NAME
    };
    TRY(g, cuDevicePrimaryCtxRetain, &g->context, g->device);
    STEP(g);
    TRY(g, cuCtxSetCurrent, g->context);
    TRY(g, cuModuleLoadData, &g->module, gpu_image);
    STEP(g);
    for (size_t i = 0; i < GPU_N_KERNELS; i++) TRY(g, cuModuleGetFunction, &g->kernels[i], g->module, names[i]);
    return true;
}

static bool open_stream(gpu_device *g) {
    void *staging = NULL;
    TRY(g, cuStreamCreate, &g->stream, CU_STREAM_NON_BLOCKING);
    for (size_t i = 0; i < GPU_N_MARKS; i++) TRY(g, cuEventCreate, &g->marks[i].event, CU_EVENT_DISABLE_TIMING);
    TRY(g, cuMemHostAlloc, &staging, (size_t)GPU_N_SLOTS * GPU_SLOT_BYTES, 0);
    g->staging = staging;
    STEP(g);
    return true;
}

/* Plain float32, no TF32; with a workspace of its own, results repeat bit by bit on GPUs of one kind. The stream comes
 * before the workspace: setting it takes the workspace away. */
static bool open_cublas(gpu_device *g) {
    if (gpu_cublas_open(&g->driver, &g->err) != LGD_OK) return fail(g);
    STEP(g);
    TRY_CUBLAS(g, cublasCreate, &g->cublas);
    STEP(g);
    TRY(g, cuMemAlloc, &g->workspace, g->workspace_bytes);
    TRY_CUBLAS(g, cublasSetStream, g->cublas, g->stream);
    TRY_CUBLAS(g, cublasSetWorkspace, g->cublas, (void *)(uintptr_t)g->workspace, g->workspace_bytes);
    TRY_CUBLAS(g, cublasSetMathMode, g->cublas, CUBLAS_DEFAULT_MATH);
    return true;
}

static bool open_device(gpu_device *g) {
    return open_driver(g) && open_module(g) && open_stream(g) && open_cublas(g) &&
           gpu_queue_advance(&g->queue, GPU_OPENED);
}

/* Errors are not looked at: what is broken cannot be released, and the rest is. Arrays die with the context. */
static void release_device(gpu_device *g) {
    const gpu_driver *d = &g->driver;
    CUgraph graph = NULL;
    if (g->capturing && d->cuStreamEndCapture(g->stream, &graph) == CUDA_SUCCESS && graph)
        (void)d->cuGraphDestroy(graph);
    for (size_t i = 0; i < GPU_N_KEYS; i++)
        if (g->graphs[i]) (void)d->cuGraphExecDestroy(g->graphs[i]);
    if (g->cublas) (void)d->cublasDestroy(g->cublas);
    if (g->workspace) (void)d->cuMemFree(g->workspace);
    if (g->staging) (void)d->cuMemFreeHost(g->staging);
    for (size_t i = 0; i < GPU_N_MARKS; i++)
        if (g->marks[i].event) (void)d->cuEventDestroy(g->marks[i].event);
    if (g->stream) (void)d->cuStreamDestroy(g->stream);
    if (g->module) (void)d->cuModuleUnload(g->module);
    if (g->context) (void)d->cuDevicePrimaryCtxRelease(g->device);
}

/* ---- commands ---- */

static bool do_launch(gpu_device *g, gpu_launch *l) {
    void *parameters[] = {&l->arguments};
    TRY(g, cuLaunchKernel, g->kernels[l->kernel], l->n_blocks, 1, 1, GPU_BLOCK, 1, 1, 0, g->stream, parameters, NULL);
    return true;
}

static bool do_multiply(gpu_device *g, const gpu_product *p) {
    TRY_CUBLAS(g, cublasSgemm, g->cublas, p->a_transposed ? CUBLAS_OP_T : CUBLAS_OP_N,
               p->b_transposed ? CUBLAS_OP_T : CUBLAS_OP_N, p->m, p->n, p->k, &p->alpha, p->a, p->lda, p->b, p->ldb,
               &p->beta, p->out, p->ldc);
    return true;
}

static CUdeviceptr address(const gpu_bytes *b) { return (CUdeviceptr)(uintptr_t)b->array; }

static bool do_alloc(gpu_device *g, const gpu_bytes *b) {
    CUdeviceptr array = 0;
    char call[64];
    (void)snprintf(call, sizeof call, "cuMemAlloc of %zu bytes", b->n_bytes);
    if (!pass_marks(g, 0) || !ok(g, g->driver.cuMemAlloc(&array, b->n_bytes), call)) return false;
    TRY(g, cuMemsetD8Async, array, 0, b->n_bytes, g->stream);
    g->answer = (void *)(uintptr_t)array;
    return true;
}

/* cuMemFree waits inside the driver for what is under way: so we wait outside first. */
static bool do_free(gpu_device *g, const gpu_bytes *b) {
    if (!put_mark(g, 0) || !pass_marks(g, 0)) return false;
    TRY(g, cuMemFree, address(b));
    return true;
}

static bool do_copy(gpu_device *g, gpu_task task, const gpu_bytes *b) {
    char *slot = g->staging + (size_t)b->slot * GPU_SLOT_BYTES;
    if (task == GPU_PUT)
        TRY(g, cuMemcpyHtoDAsync, address(b), slot, b->n_bytes, g->stream);
    else
        TRY(g, cuMemcpyDtoHAsync, slot, address(b), b->n_bytes, g->stream);
    return true;
}

/* Only this thread uses the driver, and cuBLAS may do what a stricter mode forbids while others might record. */
static bool do_capture(gpu_device *g) {
    TRY(g, cuStreamBeginCapture, g->stream, CU_STREAM_CAPTURE_MODE_RELAXED);
    g->capturing = true;
    return true;
}

static bool end_capture(gpu_device *g, unsigned key) {
    CUgraph graph = NULL;
    g->capturing = false;
    TRY(g, cuStreamEndCapture, g->stream, &graph);
    if (g->graphs[key]) (void)g->driver.cuGraphExecDestroy(g->graphs[key]); /* forgotten: an array was freed since */
    g->graphs[key] = NULL;
    CUresult made = g->driver.cuGraphInstantiateWithFlags(&g->graphs[key], graph, 0);
    (void)g->driver.cuGraphDestroy(graph);
    return ok(g, made, "cuGraphInstantiate");
}

static bool do_repeat(gpu_device *g, unsigned key) {
    if (g->capturing && !end_capture(g, key)) return false;
    TRY(g, cuGraphLaunch, g->graphs[key], g->stream);
    g->n_unmarked = MARK_EVERY; /* it stands for many */
    return true;
}

static bool do_command(gpu_device *g, gpu_command *c) {
    switch (c->task) {
    case GPU_LAUNCH: return do_launch(g, &c->launch);
    case GPU_MULTIPLY: return do_multiply(g, &c->product);
    case GPU_CLEAR: TRY(g, cuMemsetD8Async, address(&c->bytes), 0, c->bytes.n_bytes, g->stream); return true;
    case GPU_PUT:
    case GPU_GET: return do_copy(g, c->task, &c->bytes);
    case GPU_ALLOC: return do_alloc(g, &c->bytes);
    case GPU_FREE: return do_free(g, &c->bytes);
    case GPU_FINISH: return true;
    case GPU_CAPTURE: return do_capture(g);
    case GPU_REPEAT: return do_repeat(g, c->key);
    }
    return true;
}

/* Takes what is asked; asks how far the GPU has come when nothing is, but not while it records. */
static void serve(gpu_device *g) {
    for (unsigned n_polls = 0;;) {
        gpu_command c;
        bool may_sleep = g->n_marks == 0 || g->capturing || g->err.status != LGD_OK;
        switch (gpu_queue_take(&g->queue, may_sleep, &c)) {
        case GPU_END: return;
        case GPU_COMMAND:
            (void)(do_command(g, &c) && mark(g, c.ticket));
            n_polls = 0;
            break;
        case GPU_DROP: break;
        case GPU_NOTHING:
            if (pass_mark(g))
                n_polls = 0;
            else
                rest(n_polls++);
            break;
        }
    }
}

bool gpu_device_serve(gpu_device *g) {
    (void)open_device(g);
    serve(g);
    if (g->err.status == LGD_OK) (void)(put_mark(g, 0) && pass_marks(g, 0));
    if (!gpu_queue_listens(&g->queue)) return false;
    release_device(g);
    return gpu_queue_end(&g->queue);
}
