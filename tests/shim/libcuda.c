/*
 * libcuda.so.1 of a computer without a GPU: memory is the heap, a stream and a graph are lists of what was asked. Kernels
 * are the host build of kernels.c, over every thread of the launch, forwards and backwards in turn. It is stricter than the
 * driver where that shows mistakes: a context has to be current on the calling thread, copies have to lie inside an array,
 * nothing may be allocated or asked while a graph is recorded, and it is as late as a GPU can be: nothing is done, no copy
 * either, before an event behind it has been asked for, again and again (LGD_SHIM_QUESTIONS).
 */
#include "shim.h"

#include "../../src/compute/cuda/kernels.h"

#include <cuda.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

typedef struct step {
    struct step *next;
    void (*work)(const void *data);
    size_t n_bytes;
    _Alignas(16) char data[];
} step;

typedef enum kind { ARRAY, PINNED, STREAM, EVENT, MODULE, GRAPH, EXECUTABLE, HANDLE } kind;

/* Anything that is made and released. An array's or pinned block's bytes are a block of their own, so that a sanitizer
 * sees its ends. */
typedef struct object {
    struct object *next;
    kind is;
    char *bytes;
    size_t n_bytes;
    step *steps, **end;            /* of a stream: still to do; of a graph, which an executable graph takes over */
    unsigned long n_added, n_done; /* of a stream: steps; of an event: n_added of its stream where it stands */
    bool is_stuck;                 /* a stream: nothing more is ever done */
    struct object *stream;         /* of an event */
    long n_questions;              /* that have been asked of an event */
} object;

typedef enum failure { ERROR, FAULT, MEMORY, HANG, STUCK, N_MODES } failure;

/* A thread that was given up may still be in a call while another one starts again: what both read is atomic. */
static struct {
    _Atomic unsigned long n_calls, fail_at;
    _Atomic failure mode;
    _Atomic long capability, n_devices, n_questions;
    _Atomic pthread_t current; /* the thread that has the context */
    object *_Atomic recording; /* the graph that is recorded */
    pthread_mutex_t lock;      /* over the rest */
    object *objects;
    unsigned long n_launches;
} shim = {.lock = PTHREAD_MUTEX_INITIALIZER};

#define MEMORY_BYTES ((size_t)1 << 32)
enum { ALIGNMENT = 256, SPOILED = 65536 }; /* bytes at the start of new memory */

/* ---- counting and failing ---- */

static long from_environment(const char *name, long otherwise) {
    const char *value = getenv(name);
    return value ? strtol(value, NULL, 10) : otherwise;
}

static failure mode_from_environment(void) {
    static const char *const names[N_MODES] = {"error", "fault", "memory", "hang", "stuck"};
    const char *name = getenv("LGD_SHIM_MODE");
    failure m = ERROR;
    for (failure i = ERROR; name && i < N_MODES; i++)
        if (strcmp(names[i], name) == 0) m = i;
    return m;
}

shim_outcome lgd_shim_call(void) {
    unsigned long call = atomic_fetch_add(&shim.n_calls, 1) + 1, fail_at = atomic_load(&shim.fail_at);
    failure m = atomic_load(&shim.mode);
    if (fail_at == 0 || call < fail_at || m == STUCK) return SHIM_WORKS;
    if (m == FAULT) return SHIM_ERROR;
    if (call > fail_at) return SHIM_WORKS;
    while (m == HANG) pause();
    return m == MEMORY ? SHIM_NO_MEMORY : SHIM_ERROR;
}

unsigned long lgd_shim_calls(void) { return atomic_load(&shim.n_calls); }

unsigned long lgd_shim_left(void) {
    unsigned long n = 0;
    pthread_mutex_lock(&shim.lock);
    for (const object *o = shim.objects; o; o = o->next) n += o->is != ARRAY;
    pthread_mutex_unlock(&shim.lock);
    return n;
}

#define CALL()                                                                                                         \
    do {                                                                                                               \
        shim_outcome outcome_ = lgd_shim_call();                                                                       \
        if (outcome_ != SHIM_WORKS)                                                                                    \
            return outcome_ == SHIM_ERROR ? CUDA_ERROR_LAUNCH_FAILED : CUDA_ERROR_OUT_OF_MEMORY;                       \
    } while (0)
#define CALL_IN_CONTEXT()                                                                                              \
    do {                                                                                                               \
        CALL();                                                                                                        \
        if (!pthread_equal(atomic_load(&shim.current), pthread_self())) return CUDA_ERROR_INVALID_CONTEXT;             \
    } while (0)
/* What a recording would be spoiled by. */
#define CALL_NOT_RECORDED()                                                                                            \
    do {                                                                                                               \
        CALL_IN_CONTEXT();                                                                                             \
        if (lgd_shim_recording()) return CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED;                                        \
    } while (0)

/* ---- objects ---- */

static bool add_step(object *o, void (*work)(const void *data), const void *data, size_t n_bytes) {
    step *s = malloc(sizeof *s + n_bytes);
    if (!s) return false;
    s->next = NULL;
    s->work = work;
    s->n_bytes = n_bytes;
    memcpy(s->data, data, n_bytes);
    *o->end = s;
    o->end = &s->next;
    o->n_added++;
    return true;
}

/* The first one. */
static step *take_step(object *o) {
    step *s = o->steps;
    o->steps = s->next;
    if (!o->steps) o->end = &o->steps;
    o->n_done++;
    return s;
}

static object *make(kind is, size_t n_bytes) {
    object *o = calloc(1, sizeof *o);
    if (!o) return NULL;
    o->is = is;
    o->end = &o->steps;
    o->n_bytes = n_bytes;
    void *bytes = NULL;
    if (n_bytes && posix_memalign(&bytes, ALIGNMENT, n_bytes) == 0) o->bytes = bytes;
    if (o->bytes) memset(o->bytes, 0xa5, n_bytes < SPOILED ? n_bytes : SPOILED); /* memory of a GPU is not zero */
    pthread_mutex_lock(&shim.lock);
    o->next = shim.objects;
    shim.objects = o;
    pthread_mutex_unlock(&shim.lock);
    return o;
}

static void discard(object *o) {
    while (o->steps) free(take_step(o));
    free(o->bytes);
    free(o);
}

/* Takes an object out of the list and frees it. False: there is no such object. */
static bool unmake(kind is, const void *what) {
    object *found = NULL;
    pthread_mutex_lock(&shim.lock);
    for (object **at = &shim.objects; *at && !found;)
        if ((*at)->is == is && (*at == what || (*at)->bytes == what)) {
            found = *at;
            *at = found->next;
        } else {
            at = &(*at)->next;
        }
    pthread_mutex_unlock(&shim.lock);
    if (found) discard(found);
    return found;
}

static CUresult unmade(kind is, const void *what) {
    return unmake(is, what) ? CUDA_SUCCESS : CUDA_ERROR_INVALID_HANDLE;
}

void *lgd_shim_make_handle(size_t n_bytes) {
    object *o = make(HANDLE, n_bytes);
    return o && o->bytes ? memset(o->bytes, 0, n_bytes) : NULL;
}

bool lgd_shim_unmake_handle(void *handle) { return unmake(HANDLE, handle); }

static bool is_inside(kind is, const void *start, size_t n_bytes) {
    bool inside = false;
    pthread_mutex_lock(&shim.lock);
    for (const object *o = shim.objects; o && !inside; o = o->next) {
        uintptr_t first = (uintptr_t)o->bytes, asked = (uintptr_t)start;
        inside =
            o->is == is && asked >= first && asked - first <= o->n_bytes && n_bytes <= o->n_bytes - (asked - first);
    }
    pthread_mutex_unlock(&shim.lock);
    return inside;
}

static void *pointer(CUdeviceptr p) { return (void *)(uintptr_t)p; }

/* ---- the device ---- */

CUresult CUDAAPI cuInit(unsigned int flags) {
    (void)flags;
    atomic_store(&shim.n_calls, 0);
    atomic_store(&shim.recording, NULL); /* of a thread that hangs */
    atomic_store(&shim.fail_at, (unsigned long)from_environment("LGD_SHIM_FAIL_AT", 0));
    atomic_store(&shim.mode, mode_from_environment());
    shim.capability = from_environment("LGD_SHIM_CAPABILITY", 90);
    shim.n_devices = from_environment("LGD_SHIM_DEVICES", 1);
    shim.n_questions = from_environment("LGD_SHIM_QUESTIONS", 2);
    CALL();
    return CUDA_SUCCESS;
}

CUresult CUDAAPI cuGetErrorName(CUresult error, const char **name) {
    *name = error == CUDA_ERROR_LAUNCH_FAILED   ? "CUDA_ERROR_LAUNCH_FAILED"
            : error == CUDA_ERROR_OUT_OF_MEMORY ? "CUDA_ERROR_OUT_OF_MEMORY"
                                                : "CUDA_ERROR_OF_THE_SHIM";
    return CUDA_SUCCESS;
}

CUresult CUDAAPI cuGetErrorString(CUresult error, const char **words) {
    *words = error == CUDA_ERROR_OUT_OF_MEMORY ? "out of memory" : "made up by the shim";
    return CUDA_SUCCESS;
}

CUresult CUDAAPI cuDeviceGetCount(int *n) {
    CALL();
    *n = (int)shim.n_devices;
    return CUDA_SUCCESS;
}

CUresult CUDAAPI cuDeviceGet(CUdevice *device, int number) {
    CALL();
    *device = number;
    return number < shim.n_devices ? CUDA_SUCCESS : CUDA_ERROR_INVALID_DEVICE;
}

CUresult CUDAAPI cuDeviceGetName(char *name, int size, CUdevice device) {
    CALL();
    (void)snprintf(name, (size_t)size, "Shim %d", device);
    return CUDA_SUCCESS;
}

CUresult CUDAAPI cuDeviceGetAttribute(int *value, CUdevice_attribute attribute, CUdevice device) {
    CALL();
    (void)device;
    *value = attribute == CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR   ? (int)shim.capability / 10
             : attribute == CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR ? (int)shim.capability % 10
                                                                         : 2;
    return CUDA_SUCCESS;
}

CUresult CUDAAPI cuDevicePrimaryCtxRetain(CUcontext *context, CUdevice device) {
    static char the_context;
    CALL();
    (void)device;
    *context = (CUcontext)(void *)&the_context;
    return CUDA_SUCCESS;
}

/* Arrays die with it. Other objects stay in the list, for lgd_shim_left. */
CUresult CUDAAPI cuDevicePrimaryCtxRelease(CUdevice device) {
    CALL();
    (void)device;
    atomic_store(&shim.current, (pthread_t){0});
    for (;;) {
        const object *array = NULL;
        pthread_mutex_lock(&shim.lock);
        for (array = shim.objects; array && array->is != ARRAY; array = array->next) {
        }
        pthread_mutex_unlock(&shim.lock);
        if (!array || !unmake(ARRAY, array)) return CUDA_SUCCESS;
    }
}

CUresult CUDAAPI cuCtxSetCurrent(CUcontext context) {
    CALL();
    atomic_store(&shim.current, context ? pthread_self() : (pthread_t){0});
    return CUDA_SUCCESS;
}

/* ---- modules and launches ---- */

CUresult CUDAAPI cuModuleLoadData(CUmodule *module, const void *image) {
    uint32_t magic = 0;
    CALL_NOT_RECORDED();
    memcpy(&magic, image, sizeof magic);
    if (magic != 0xba55ed50) return CUDA_ERROR_INVALID_IMAGE; /* a fat binary */
    *module = (CUmodule)(void *)make(MODULE, 0);
    return CUDA_SUCCESS;
}

CUresult CUDAAPI cuModuleUnload(CUmodule module) {
    CALL_IN_CONTEXT();
    return unmade(MODULE, module);
}

/* A function is its place in the table of kernels. */
CUresult CUDAAPI cuModuleGetFunction(CUfunction *function, CUmodule module, const char *name) {
    CALL_IN_CONTEXT();
    (void)module;
    for (uintptr_t i = 0; i < GPU_N_KERNELS; i++)
        if (strcmp(gpu_host_kernels[i].name, name) == 0) {
            *function = (CUfunction)(i + 1);
            return CUDA_SUCCESS;
        }
    return CUDA_ERROR_NOT_FOUND;
}

typedef struct launch {
    const gpu_host_row *kernel;
    uint32_t n_threads;
    gpu_arguments arguments;
} launch;

static void do_launch(const void *data) {
    const launch *l = data;
    bool backwards = shim.n_launches++ % 2;
    for (uint32_t i = 0; i < l->n_threads; i++) {
        gpu_place at = {.thread = backwards ? l->n_threads - 1 - i : i, .n_threads = l->n_threads, .lanes = 1};
        l->kernel->run(&l->arguments, at);
    }
}

CUresult CUDAAPI cuLaunchKernel(CUfunction f, unsigned int grid_x, unsigned int grid_y, unsigned int grid_z,
                                unsigned int block_x, unsigned int block_y, unsigned int block_z, unsigned int shared,
                                CUstream stream, void **parameters, void **extra) {
    uintptr_t kernel = (uintptr_t)f;
    CALL_IN_CONTEXT();
    if (kernel == 0 || kernel > GPU_N_KERNELS || !stream || shared || extra || grid_x == 0 || block_x % GPU_WARP ||
        block_x > GPU_BLOCK || grid_y * grid_z * block_y * block_z != 1)
        return CUDA_ERROR_INVALID_VALUE;
    launch l = {.kernel = &gpu_host_kernels[kernel - 1], .n_threads = grid_x * block_x};
    memcpy(&l.arguments, parameters[0], l.kernel->n_bytes);
    return lgd_shim_submit(stream, do_launch, &l, sizeof l) ? CUDA_SUCCESS : CUDA_ERROR_OUT_OF_MEMORY;
}

/* ---- streams, events, graphs ---- */

bool lgd_shim_recording(void) { return atomic_load(&shim.recording); }

bool lgd_shim_submit(void *stream, void (*work)(const void *data), const void *data, size_t n_bytes) {
    object *graph = atomic_load(&shim.recording);
    return add_step(graph ? graph : stream, work, data, n_bytes);
}

/* What was asked of the stream before an event. */
static void do_steps(const object *event) {
    while (event->stream->n_done < event->n_added) {
        step *s = take_step(event->stream);
        s->work(s->data);
        free(s);
    }
}

CUresult CUDAAPI cuStreamCreate(CUstream *stream, unsigned int flags) {
    CALL_IN_CONTEXT();
    (void)flags;
    *stream = (CUstream)(void *)make(STREAM, 0);
    return CUDA_SUCCESS;
}

CUresult CUDAAPI cuStreamDestroy(CUstream stream) {
    CALL_IN_CONTEXT();
    return unmade(STREAM, stream);
}

CUresult CUDAAPI cuStreamBeginCapture(CUstream stream, CUstreamCaptureMode mode) {
    CALL_NOT_RECORDED();
    (void)stream;
    (void)mode;
    atomic_store(&shim.recording, make(GRAPH, 0));
    return CUDA_SUCCESS;
}

/* Whatever comes of it, the recording is over. */
CUresult CUDAAPI cuStreamEndCapture(CUstream stream, CUgraph *graph) {
    object *recorded = atomic_exchange(&shim.recording, NULL);
    shim_outcome outcome = lgd_shim_call();
    (void)stream;
    if (!recorded) return CUDA_ERROR_ILLEGAL_STATE;
    if (outcome != SHIM_WORKS) {
        (void)unmake(GRAPH, recorded);
        return CUDA_ERROR_STREAM_CAPTURE_INVALIDATED;
    }
    *graph = (CUgraph)(void *)recorded;
    return CUDA_SUCCESS;
}

CUresult CUDAAPI cuGraphInstantiateWithFlags(CUgraphExec *executable, CUgraph graph, unsigned long long flags) {
    CALL_NOT_RECORDED();
    (void)flags;
    object *from = (object *)(void *)graph, *to = make(EXECUTABLE, 0);
    if (!to) return CUDA_ERROR_OUT_OF_MEMORY;
    to->steps = from->steps;
    from->steps = NULL;
    from->end = &from->steps;
    *executable = (CUgraphExec)(void *)to;
    return CUDA_SUCCESS;
}

CUresult CUDAAPI cuGraphLaunch(CUgraphExec executable, CUstream stream) {
    CALL_NOT_RECORDED();
    if (!executable || !stream) return CUDA_ERROR_INVALID_HANDLE;
    for (const step *s = ((const object *)(const void *)executable)->steps; s; s = s->next)
        if (!lgd_shim_submit(stream, s->work, s->data, s->n_bytes)) return CUDA_ERROR_OUT_OF_MEMORY;
    return CUDA_SUCCESS;
}

CUresult CUDAAPI cuGraphDestroy(CUgraph graph) {
    CALL_IN_CONTEXT();
    return unmade(GRAPH, graph);
}

CUresult CUDAAPI cuGraphExecDestroy(CUgraphExec executable) {
    CALL_IN_CONTEXT();
    return unmade(EXECUTABLE, executable);
}

CUresult CUDAAPI cuEventCreate(CUevent *event, unsigned int flags) {
    CALL_IN_CONTEXT();
    (void)flags;
    *event = (CUevent)(void *)make(EVENT, 0);
    return CUDA_SUCCESS;
}

CUresult CUDAAPI cuEventDestroy(CUevent event) {
    CALL_IN_CONTEXT();
    return unmade(EVENT, event);
}

CUresult CUDAAPI cuEventRecord(CUevent event, CUstream stream) {
    CALL_NOT_RECORDED();
    if (!event || !stream) return CUDA_ERROR_INVALID_HANDLE;
    object *e = (object *)(void *)event;
    e->stream = (object *)(void *)stream;
    e->n_added = e->stream->n_added;
    e->n_questions = 0;
    return CUDA_SUCCESS;
}

CUresult CUDAAPI cuEventQuery(CUevent event) {
    CALL_NOT_RECORDED();
    unsigned long fail_at = atomic_load(&shim.fail_at);
    object *e = (object *)(void *)event;
    if (!e->stream) return CUDA_SUCCESS; /* it was never recorded */
    if (atomic_load(&shim.mode) == STUCK && fail_at && lgd_shim_calls() >= fail_at) e->stream->is_stuck = true;
    if (e->stream->is_stuck || ++e->n_questions < atomic_load(&shim.n_questions)) return CUDA_ERROR_NOT_READY;
    do_steps(e);
    return CUDA_SUCCESS;
}

/* ---- memory ---- */

CUresult CUDAAPI cuMemAlloc(CUdeviceptr *array, size_t n_bytes) {
    CALL_NOT_RECORDED();
    if (n_bytes == 0) return CUDA_ERROR_INVALID_VALUE;
    object *o = n_bytes <= MEMORY_BYTES ? make(ARRAY, n_bytes) : NULL;
    if (!o || !o->bytes) return CUDA_ERROR_OUT_OF_MEMORY;
    *array = (CUdeviceptr)(uintptr_t)o->bytes;
    return CUDA_SUCCESS;
}

CUresult CUDAAPI cuMemFree(CUdeviceptr array) {
    CALL_NOT_RECORDED();
    return unmade(ARRAY, pointer(array));
}

CUresult CUDAAPI cuMemHostAlloc(void **block, size_t n_bytes, unsigned int flags) {
    CALL_NOT_RECORDED();
    (void)flags;
    object *o = make(PINNED, n_bytes);
    if (!o || !o->bytes) return CUDA_ERROR_OUT_OF_MEMORY;
    *block = o->bytes;
    return CUDA_SUCCESS;
}

CUresult CUDAAPI cuMemFreeHost(void *block) {
    CALL_NOT_RECORDED();
    return unmade(PINNED, block);
}

typedef struct copying {
    void *to;
    const void *from;
    size_t n_bytes;
} copying;

static void copy(const void *data) {
    const copying *c = data;
    memcpy(c->to, c->from, c->n_bytes);
}

static CUresult submit_copy(CUstream stream, kind to_kind, kind from_kind, copying c) {
    if (!stream || !is_inside(to_kind, c.to, c.n_bytes) || !is_inside(from_kind, c.from, c.n_bytes))
        return CUDA_ERROR_INVALID_VALUE;
    return lgd_shim_submit(stream, copy, &c, sizeof c) ? CUDA_SUCCESS : CUDA_ERROR_OUT_OF_MEMORY;
}

CUresult CUDAAPI cuMemcpyHtoDAsync(CUdeviceptr to, const void *from, size_t n_bytes, CUstream stream) {
    CALL_NOT_RECORDED();
    return submit_copy(stream, ARRAY, PINNED, (copying){pointer(to), from, n_bytes});
}

CUresult CUDAAPI cuMemcpyDtoHAsync(void *to, CUdeviceptr from, size_t n_bytes, CUstream stream) {
    CALL_NOT_RECORDED();
    return submit_copy(stream, PINNED, ARRAY, (copying){to, pointer(from), n_bytes});
}

typedef struct filling {
    void *to;
    size_t n_bytes;
    unsigned char byte;
} filling;

static void fill(const void *data) {
    const filling *f = data;
    memset(f->to, f->byte, f->n_bytes);
}

CUresult CUDAAPI cuMemsetD8Async(CUdeviceptr to, unsigned char byte, size_t n_bytes, CUstream stream) {
    CALL_IN_CONTEXT();
    filling f = {pointer(to), n_bytes, byte};
    if (!stream || n_bytes == 0 || !is_inside(ARRAY, f.to, n_bytes)) return CUDA_ERROR_INVALID_VALUE;
    return lgd_shim_submit(stream, fill, &f, sizeof f) ? CUDA_SUCCESS : CUDA_ERROR_OUT_OF_MEMORY;
}
