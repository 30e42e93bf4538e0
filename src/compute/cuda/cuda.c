/*
 * compute/cuda: the row `cuda` - each operation of the table as commands for the thread that has the GPU (device.c).
 * Nothing here calls the driver, and nothing waits for good: a GPU that stops answering is given up after a time
 * (queue.c), and the caller does the work again elsewhere.
 *
 * Arrays are addresses on the GPU. What goes in or out passes through slots of pinned memory, so that neither a copy that
 * is under way nor a thread that hangs ever holds the caller's own memory. Matrix products are cuBLAS', all else are
 * kernels of our own (kernels.c). Work on intermediate results uses one scratch array, which only grows; one that it has
 * grown out of stays until close, because recorded graphs may use it.
 */
#include "cuda.h"

#include "device.h"

#include <math.h>

enum {
    PATIENCE_MS = 20000,
    BLOCKS_A_PROCESSOR = 8, /* 2048 threads, as many as one holds */
    MAX_PARTS = 512,        /* of a sum in two steps */
    MIN_ROWS_A_PART = 8,
    MIN_ITEMS_A_PART = 1024,
    SCATTER_HEAD_BYTES = 64
};

/* A key of repeat: the first call does the work as it comes, so that cuBLAS loads what it needs and scratch grows; the
 * second records it. */
/* Work that was asked for once and is recorded at the second time: by then, scratch space has its size. */
typedef struct kept_work {
    void (*work)(void *ctx);
    void *ctx;
    bool recorded;
} kept_work;

typedef struct gpu {
    gpu_device device;
    pthread_t thread;
    uint64_t ticket; /* the last one given out */
    uint64_t slot_tickets[GPU_N_SLOTS];
    uint32_t next_slot;
    kept_work repeats[GPU_N_KEYS]; /* filled from the front; forgotten as a whole */
    void *scratch;
    size_t scratch_bytes;
} gpu;

static gpu_queue *queue_of(lgd_compute *c) {
    gpu *g = c->state;
    return &g->device.queue;
}

/* ---- open and close ---- */

static void release(gpu *g) {
    gpu_queue_release(&g->device.queue);
    lgd_free(g);
}

static void *thread_main(void *argument) {
    gpu *g = argument;
    if (!gpu_device_serve(&g->device) && gpu_queue_leave(&g->device.queue)) release(g);
    return NULL;
}

lgd_status gpu_open(lgd_compute *c, unsigned patience_ms, lgd_err *err) {
    gpu *g = lgd_calloc(1, sizeof *g);
    if (!g) return lgd_fail_memory(err, sizeof *g);
    lgd_status status = gpu_queue_init(&g->device.queue, patience_ms, err);
    if (status != LGD_OK) {
        lgd_free(g);
        return status;
    }
    int failed = pthread_create(&g->thread, NULL, thread_main, g);
    if (failed) {
        release(g);
        return lgd_fail(err, LGD_E_DEVICE, "GPU: no thread to serve it: %s; nothing was done", strerror(failed));
    }
    c->state = g;
    g->ticket = GPU_OPENED;
    if (gpu_queue_wait(queue_of(c), g->ticket)) return LGD_OK;
    lgd_err why = {0};
    status = gpu_queue_status(queue_of(c), &why);
    lgd_backend_cuda.close(c);
    return lgd_fail(err, status, "%.1000s; nothing was done", why.text);
}

static lgd_status cuda_open(lgd_compute *c, lgd_err *err) { return gpu_open(c, PATIENCE_MS, err); }

/* A thread that hangs keeps all that it may still touch: that is the price of not hanging with it. */
static void cuda_close(lgd_compute *c) {
    gpu *g = c->state;
    c->state = NULL;
    if (!g) return;
    bool ended = gpu_queue_close(&g->device.queue);
    if (ended)
        (void)pthread_join(g->thread, NULL);
    else
        (void)pthread_detach(g->thread);
    if (ended || gpu_queue_leave(&g->device.queue)) release(g);
}

/* ---- commands ---- */

/* Puts a command; the ticket tells when it is done. */
static uint64_t ask(lgd_compute *c, gpu_command command) {
    gpu *g = c->state;
    command.ticket = ++g->ticket;
    (void)gpu_queue_put(queue_of(c), &command);
    return command.ticket;
}

/* The same where nobody will wait for it. */
static void tell(lgd_compute *c, gpu_command command) { (void)gpu_queue_put(queue_of(c), &command); }

static void refuse(lgd_compute *c, size_t n, size_t width) {
    lgd_err why = {0};
    (void)lgd_fail(&why, LGD_E_DEVICE, "GPU: an array of %zu times %zu numbers is too large", n, width);
    gpu_queue_fail(queue_of(c), &why);
}

/* n times width where kernels can count that far; else, and for nothing, 0. */
static uint32_t count(lgd_compute *c, size_t n, size_t width) {
    if (n == 0 || width == 0) return 0;
    if (n <= INT32_MAX / width) return (uint32_t)(n * width);
    refuse(c, n, width);
    return 0;
}

static void launch(lgd_compute *c, gpu_kernel kernel, size_t n_threads, gpu_arguments arguments) {
    const gpu *g = c->state;
    size_t n_blocks = (n_threads + GPU_BLOCK - 1) / GPU_BLOCK,
           most = (size_t)g->device.n_processors * BLOCKS_A_PROCESSOR;
    tell(c, (gpu_command){.task = GPU_LAUNCH,
                          .launch = {kernel, (uint32_t)(n_blocks < most ? n_blocks : most), arguments}});
}

/* ---- arrays ---- */

static void *cuda_alloc(lgd_compute *c, size_t n_bytes) {
    gpu *g = c->state;
    uint64_t ticket = ask(c, (gpu_command){.task = GPU_ALLOC, .bytes = {.n_bytes = n_bytes ? n_bytes : 1}});
    return gpu_queue_wait(queue_of(c), ticket) ? g->device.answer : NULL;
}

/* What was recorded may use the array: it is forgotten. */
static void cuda_free(lgd_compute *c, void *array) {
    gpu *g = c->state;
    if (!array) return;
    memset(g->repeats, 0, sizeof g->repeats);
    tell(c, (gpu_command){.task = GPU_FREE, .bytes = {.array = array}});
}

/* The next slot of the staging area, once the GPU is done with it. NULL: the GPU is given up. */
static char *take_slot(lgd_compute *c, uint32_t *ret_slot) {
    gpu *g = c->state;
    uint32_t slot = g->next_slot;
    if (!gpu_queue_wait(queue_of(c), g->slot_tickets[slot])) return NULL;
    g->next_slot = (slot + 1) % GPU_N_SLOTS;
    *ret_slot = slot;
    return g->device.staging + (size_t)slot * GPU_SLOT_BYTES;
}

static size_t slot_share(size_t n_bytes) { return n_bytes < GPU_SLOT_BYTES ? n_bytes : GPU_SLOT_BYTES; }

static void cuda_put(lgd_compute *c, void *array, const void *host, size_t n_bytes) {
    gpu *g = c->state;
    for (size_t done = 0, n = 0; done < n_bytes; done += n) {
        uint32_t slot = 0;
        char *staged = take_slot(c, &slot);
        if (!staged) return;
        n = slot_share(n_bytes - done);
        memcpy(staged, (const char *)host + done, n);
        g->slot_tickets[slot] = ask(c, (gpu_command){.task = GPU_PUT, .bytes = {(char *)array + done, n, slot}});
    }
}

/* Asks for as much as all slots hold, then takes it out of them; returns how much that was, 0: the GPU is given up. */
static size_t fetch(lgd_compute *c, char *host, const char *array, size_t n_bytes) {
    gpu *g = c->state;
    uint32_t slots[GPU_N_SLOTS] = {0}, n_slots = 0;
    char *staged[GPU_N_SLOTS] = {0};
    size_t asked = 0, done = 0;
    for (; n_slots < GPU_N_SLOTS && asked < n_bytes; n_slots++) {
        size_t n = slot_share(n_bytes - asked);
        staged[n_slots] = take_slot(c, &slots[n_slots]);
        if (!staged[n_slots]) return 0;
        gpu_bytes from = {.n_bytes = n, .slot = slots[n_slots]};
        memcpy(&from.array, &(const char *){array + asked}, sizeof from.array); /* an address, not a pointer of ours */
        g->slot_tickets[slots[n_slots]] = ask(c, (gpu_command){.task = GPU_GET, .bytes = from});
        asked += n;
    }
    for (uint32_t i = 0; i < n_slots; i++) {
        size_t n = slot_share(asked - done);
        if (!gpu_queue_wait(queue_of(c), g->slot_tickets[slots[i]])) return 0;
        memcpy(host + done, staged[i], n);
        done += n;
    }
    return asked;
}

static void cuda_get(lgd_compute *c, void *host, const void *array, size_t n_bytes) {
    for (size_t done = 0, n = 0; done < n_bytes; done += n) {
        n = fetch(c, (char *)host + done, (const char *)array + done, n_bytes - done);
        if (n == 0) {
            memset(host, 0, n_bytes);
            return;
        }
    }
}

static void cuda_zero(lgd_compute *c, void *array, size_t n_bytes) {
    if (n_bytes) tell(c, (gpu_command){.task = GPU_CLEAR, .bytes = {.array = array, .n_bytes = n_bytes}});
}

static lgd_status cuda_finish(lgd_compute *c, lgd_err *err) {
    (void)gpu_queue_wait(queue_of(c), ask(c, (gpu_command){.task = GPU_FINISH}));
    return gpu_queue_status(queue_of(c), err);
}

static void cuda_repeat(lgd_compute *c, void (*work)(void *ctx), void *ctx) {
    gpu *g = c->state;
    unsigned key = 0;
    while (key < GPU_N_KEYS && g->repeats[key].work && (g->repeats[key].work != work || g->repeats[key].ctx != ctx))
        key++;
    if (key == GPU_N_KEYS || !g->repeats[key].work) {
        if (key < GPU_N_KEYS) g->repeats[key] = (kept_work){work, ctx, false};
        work(ctx);
        return;
    }
    if (!g->repeats[key].recorded) {
        tell(c, (gpu_command){.task = GPU_CAPTURE});
        work(ctx);
        g->repeats[key].recorded = true;
    }
    tell(c, (gpu_command){.task = GPU_REPEAT, .key = key});
}

/* At least n_bytes for what the next kernels hand on to each other. */
static void *scratch(lgd_compute *c, size_t n_bytes) {
    gpu *g = c->state;
    if (n_bytes > g->scratch_bytes) {
        size_t grown = n_bytes > 2 * g->scratch_bytes ? n_bytes : 2 * g->scratch_bytes;
        g->scratch = cuda_alloc(c, grown);
        g->scratch_bytes = grown;
    }
    return g->scratch;
}

/* ---- linear algebra ---- */

/* Of a row as stored: at least 1, as BLAS wants it of empty ones too. */
static int length(size_t n) { return n ? (int)n : 1; }

/* cuBLAS is column-major: what we store by rows is for it the transposed, and C' = B' A'. */
static void gemm(lgd_compute *c, bool a_transposed, bool b_transposed, size_t m, size_t n, size_t k, lgd_real alpha,
                 const lgd_real *a, size_t lda, const lgd_real *b, size_t ldb, lgd_real beta, lgd_real *out,
                 size_t ldc) {
    size_t largest = m;
    const size_t sizes[] = {n, k, lda, ldb, ldc};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) largest = sizes[i] > largest ? sizes[i] : largest;
    if (m == 0 || n == 0 || count(c, largest, 1) == 0) return;
    tell(c, (gpu_command){.task = GPU_MULTIPLY,
                          .product = {.a_transposed = b_transposed,
                                      .b_transposed = a_transposed,
                                      .m = (int)n,
                                      .n = (int)m,
                                      .k = (int)k,
                                      .lda = length(ldb),
                                      .ldb = length(lda),
                                      .ldc = length(ldc),
                                      .alpha = alpha,
                                      .beta = beta,
                                      .a = b,
                                      .b = a,
                                      .out = out}});
}

static void product(lgd_compute *c, bool w_transposed, size_t m, size_t n, size_t k, const lgd_real *x, size_t ldx,
                    const lgd_real *w, size_t ldw, bool add, lgd_real *out, size_t ldo) {
    gemm(c, false, w_transposed, m, n, k, 1, x, ldx, w, ldw, add ? 1 : 0, out, ldo);
}

static void axpby(lgd_compute *c, size_t n, lgd_real alpha, const lgd_real *x, lgd_real beta, lgd_real *y) {
    uint32_t n_items = count(c, n, 1);
    if (n_items) launch(c, GPU_axpby, n, (gpu_arguments){.axpby = {n_items, alpha, beta, x, y}});
}

static void fill_rows(lgd_compute *c, size_t n, size_t width, const lgd_real *row, lgd_real *out) {
    uint32_t n_items = count(c, n, width);
    if (n_items) launch(c, GPU_fill_rows, n_items, (gpu_arguments){.fill_rows = {n_items, (uint32_t)width, row, out}});
}

/* How many of n go into one part of a sum: at least `least`, and so many that there are at most MAX_PARTS parts. */
static uint32_t part_size(uint32_t n, uint32_t least) {
    uint32_t size = n / MAX_PARTS + (n % MAX_PARTS > 0);
    return size > least ? size : least;
}

static void add_columns(lgd_compute *c, size_t n, size_t width, const lgd_real *x, lgd_real *out) {
    if (count(c, n, width) == 0) return;
    uint32_t n_rows = (uint32_t)n, columns = (uint32_t)width, rows = part_size(n_rows, MIN_ROWS_A_PART);
    uint32_t n_parts = n_rows / rows + (n_rows % rows > 0);
    float *parts = scratch(c, sizeof *parts * n_parts * columns);
    launch(c, GPU_add_columns_parts, (size_t)n_parts * columns,
           (gpu_arguments){.add_columns_parts = {n_rows, columns, rows, n_parts, x, parts}});
    launch(c, GPU_add_columns, (size_t)columns * GPU_WARP,
           (gpu_arguments){.add_columns = {n_parts, columns, parts, out}});
}

static void total(lgd_compute *c, size_t n, const lgd_real *x, lgd_real *out, bool squares) {
    uint32_t n_items = count(c, n, 1);
    if (n_items == 0) {
        if (n == 0 && squares) cuda_zero(c, out, sizeof *out);
        return;
    }
    uint32_t items = part_size(n_items, MIN_ITEMS_A_PART), n_parts = n_items / items + (n_items % items > 0);
    double *parts = scratch(c, sizeof *parts * n_parts);
    launch(c, GPU_sum_parts, (size_t)n_parts * GPU_WARP,
           (gpu_arguments){.sum_parts = {n_items, items, n_parts, squares, x, parts}});
    launch(c, GPU_sum, GPU_WARP, (gpu_arguments){.sum = {n_parts, !squares, parts, out}});
}

static void add_sum(lgd_compute *c, size_t n, const lgd_real *x, lgd_real *out) { total(c, n, x, out, false); }
static void sum_squares(lgd_compute *c, size_t n, const lgd_real *x, lgd_real *out) { total(c, n, x, out, true); }

/* ---- layers ---- */

static void gather(lgd_compute *c, size_t n, size_t width, const int32_t *ids, const lgd_real *table, lgd_real *out) {
    uint32_t n_items = count(c, n, width);
    if (n_items) launch(c, GPU_gather, n_items, (gpu_arguments){.gather = {n_items, (uint32_t)width, ids, table, out}});
}

static void scatter_add(lgd_compute *c, size_t n, size_t width, const int32_t *ids, const lgd_real *x, size_t n_ids,
                        lgd_real *table) {
    uint32_t n_items = count(c, n, width), n_places = count(c, n_ids, width);
    if (n_items == 0 || n_places == 0) return;
    size_t sums_bytes = sizeof(int64_t) * n_places,
           n_bytes = SCATTER_HEAD_BYTES + sums_bytes + sizeof(uint32_t) * n_places;
    char *head = scratch(c, n_bytes);
    if (!head) return;
    kernel_scatter k = {
        .n = (uint32_t)n, .n_items = n_items, .width = (uint32_t)width, .ids = ids, .x = x, .table = table};
    k.largest = (void *)head;
    k.sums = (void *)(head + SCATTER_HEAD_BYTES);
    k.odd = (void *)(head + SCATTER_HEAD_BYTES + sums_bytes);
    cuda_zero(c, head, n_bytes);
    launch(c, GPU_scatter_range, n_items, (gpu_arguments){.scatter_range = k});
    launch(c, GPU_scatter, n_items, (gpu_arguments){.scatter = k});
    k.n_items = n_places;
    launch(c, GPU_scatter_settle, n_places, (gpu_arguments){.scatter_settle = k});
}

static void gates(lgd_compute *c, size_t n, size_t units, lgd_real *z, const lgd_real *bias,
                  const lgd_real *cell_before, lgd_real *cell, lgd_real *h) {
    uint32_t n_items = count(c, n, units);
    if (n_items)
        launch(c, GPU_gates, n_items,
               (gpu_arguments){.gates = {n_items, (uint32_t)units, z, bias, cell_before, cell, h}});
}

static void gates_grad(lgd_compute *c, size_t n, size_t units, const lgd_real *a, const lgd_real *cell_before,
                       const lgd_real *cell, const lgd_real *dh, lgd_real *dcell, lgd_real *dz) {
    uint32_t n_items = count(c, n, units);
    if (n_items)
        launch(c, GPU_gates_grad, n_items,
               (gpu_arguments){.gates_grad = {n_items, (uint32_t)units, a, cell_before, cell, dh, dcell, dz}});
}

static void dropout(lgd_compute *c, size_t n, double rate, const uint64_t *seed, uint32_t salt, const lgd_real *x,
                    lgd_real *y) {
    uint32_t n_items = count(c, n, 1);
    const uint64_t least = (uint64_t)ceil(rate * 0x1p53); /* lgd_dropout_keeps in whole numbers */
    if (n_items)
        launch(c, GPU_dropout, n_items,
               (gpu_arguments){.dropout = {n_items, salt, least, (float)(1 / (1 - rate)), seed, x, y}});
}

/* ---- losses: a warp for each row ---- */

static void cross_entropy(lgd_compute *c, size_t n, size_t width, lgd_real *x, const int32_t *targets,
                          const lgd_real *weights, lgd_real *loss) {
    if (count(c, n, width))
        launch(c, GPU_cross_entropy, n * GPU_WARP,
               (gpu_arguments){.cross_entropy = {(uint32_t)n, (uint32_t)width, x, targets, weights, loss}});
}

static void squared_error(lgd_compute *c, size_t n, size_t width, lgd_real *x, const int32_t *targets,
                          const lgd_real *weights, lgd_real *loss) {
    if (count(c, n, width))
        launch(c, GPU_squared_error, n * GPU_WARP,
               (gpu_arguments){.squared_error = {(uint32_t)n, (uint32_t)width, x, targets, weights, loss}});
}

static void rank(lgd_compute *c, size_t n, size_t width, const lgd_real *x, const int32_t *targets, lgd_real *log_p,
                 lgd_real *log_p_best, int32_t *best) {
    if (count(c, n, width))
        launch(c, GPU_rank, n * GPU_WARP,
               (gpu_arguments){.rank = {(uint32_t)n, (uint32_t)width, x, targets, log_p, log_p_best, best}});
}

/* ---- Adam ---- */

static void adam(lgd_compute *c, size_t n, const lgd_real *g, const lgd_real *norm2, const lgd_real *step, lgd_real *w,
                 lgd_real *m, lgd_real *v) {
    uint32_t n_items = count(c, n, 1);
    if (n_items) launch(c, GPU_adam, n_items, (gpu_arguments){.adam = {n_items, g, norm2, step, w, m, v}});
}

const lgd_backend lgd_backend_cuda = {
    .name = "cuda",
    .what = "an NVIDIA GPU",
    .on_host = false,
    .open = cuda_open,
    .close = cuda_close,
    .alloc = cuda_alloc,
    .free = cuda_free,
    .put = cuda_put,
    .get = cuda_get,
    .zero = cuda_zero,
    .finish = cuda_finish,
    .repeat = cuda_repeat,
    .gemm = gemm,
    .product = product,
    .axpby = axpby,
    .fill_rows = fill_rows,
    .add_columns = add_columns,
    .add_sum = add_sum,
    .sum_squares = sum_squares,
    .gather = gather,
    .scatter_add = scatter_add,
    .gates = gates,
    .gates_grad = gates_grad,
    .dropout = dropout,
    .cross_entropy = cross_entropy,
    .squared_error = squared_error,
    .rank = rank,
    .adam = adam,
};
