/* The operations of the table, each on made-up data. */
#include "operations.h"

#include <check.h>
#include <math.h>

/* ---- data ---- */

static void *upload(trial *t, const void *host, size_t n_bytes) {
    void *array = t->c->backend->alloc(t->c, n_bytes);
    ck_assert_ptr_nonnull(array);
    ck_assert_uint_lt(t->n_arrays, MAX_ARRAYS);
    t->c->backend->put(t->c, array, host, n_bytes);
    return t->arrays[t->n_arrays++] = array;
}

/* n numbers between low and high; the odd one in the first array. */
static float *numbers_between(trial *t, size_t n, double low, double high) {
    float *x = lgd_calloc(n, sizeof *x);
    ck_assert_ptr_nonnull(x);
    for (size_t i = 0; i < n; i++) x[i] = (float)(low + (high - low) * lgd_rng_unit(&t->random));
    if (t->n_arrays == 0 && t->odd != 0) x[n > 5 ? 5 : n - 1] = t->odd;
    float *array = upload(t, x, n * sizeof *x);
    lgd_free(x);
    return array;
}

static float *numbers(trial *t, size_t n) { return numbers_between(t, n, -2, 2); }

/* n ids below n_ids; one in five stands for nothing. */
static int32_t *ids(trial *t, size_t n, size_t n_ids) {
    int32_t *x = lgd_calloc(n, sizeof *x);
    ck_assert_ptr_nonnull(x);
    for (size_t i = 0; i < n; i++)
        x[i] =
            lgd_rng_below(&t->random, 5) ? (int32_t)lgd_rng_below(&t->random, (uint32_t)n_ids) : -1 - (int32_t)(i % 3);
    int32_t *array = upload(t, x, n * sizeof *x);
    lgd_free(x);
    return array;
}

static void result(trial *t, const float *array, size_t n) {
    ck_assert_uint_le(t->n_results + n, MAX_RESULTS);
    t->c->backend->get(t->c, t->results + t->n_results, array, n * sizeof *array);
    t->n_results += n;
}

static void result_ids(trial *t, const int32_t *array, size_t n) {
    int32_t *x = lgd_calloc(n, sizeof *x);
    ck_assert_ptr_nonnull(x);
    t->c->backend->get(t->c, x, array, n * sizeof *array);
    for (size_t i = 0; i < n; i++) t->results[t->n_results++] = (float)x[i];
    lgd_free(x);
}

/* ---- linear algebra ---- */

/* Rows are longer than what is used of them, and what lies between must stay. */
static void multiply(trial *t, bool a_transposed, bool b_transposed, float alpha, float beta) {
    const size_t m = t->n, n = t->width, k = 33;
    const size_t lda = (a_transposed ? m : k) + 3, ldb = (b_transposed ? k : n) + 1, ldc = n + 2;
    const float *a = numbers(t, (a_transposed ? k : m) * lda), *b = numbers(t, (b_transposed ? n : k) * ldb);
    float *out = numbers(t, m * ldc);
    t->c->backend->gemm(t->c, a_transposed, b_transposed, m, n, k, alpha, a, lda, b, ldb, beta, out, ldc);
    result(t, out, m * ldc);
}

static void gemm(trial *t) { multiply(t, false, false, 1, 0); }
static void gemm_added(trial *t) { multiply(t, false, true, 1, 1); }
static void gemm_of_transposed(trial *t) { multiply(t, true, false, .5f, .25f); }
static void gemm_of_both_transposed(trial *t) { multiply(t, true, true, -1, 0); }

static void multiply_rows(trial *t, bool transposed, bool add, size_t k) {
    const size_t m = t->n, n = t->width, ldx = k + 3, ldw = (transposed ? k : n) + 1, ldo = n + 2;
    const float *x = numbers(t, m * ldx), *w = numbers(t, (transposed ? n : k) * ldw);
    float *out = numbers(t, m * ldo);
    t->c->backend->product(t->c, transposed, m, n, k, x, ldx, w, ldw, add, out, ldo);
    result(t, out, m * ldo);
}

static void product(trial *t) { multiply_rows(t, false, false, 33); }
static void product_added(trial *t) { multiply_rows(t, true, true, 7); }
static void product_of_long_rows(trial *t) { multiply_rows(t, true, false, 700); }

static void axpby(trial *t) {
    const float *x = numbers(t, t->n * t->width);
    float *y = numbers(t, t->n * t->width);
    t->c->backend->axpby(t->c, t->n * t->width, .5f, x, -.25f, y);
    result(t, y, t->n * t->width);
    t->c->backend->axpby(t->c, t->n * t->width, 3, x, 0, y);
    result(t, y, t->n * t->width);
    t->c->backend->axpby(t->c, t->n * t->width, 2, y, .5f, y);
    result(t, y, t->n * t->width);
}

static void fill_rows(trial *t) {
    const float *row = numbers(t, t->width);
    float *out = numbers(t, t->n * t->width);
    t->c->backend->fill_rows(t->c, t->n, t->width, row, out);
    result(t, out, t->n * t->width);
}

static void add_columns(trial *t) {
    const float *x = numbers(t, t->n * t->width);
    float *out = numbers(t, t->width);
    t->c->backend->add_columns(t->c, t->n, t->width, x, out);
    result(t, out, t->width);
}

static void sums(trial *t) {
    const float *x = numbers(t, t->n * t->width);
    float *sum = numbers(t, 1), *squares = numbers(t, 1);
    t->c->backend->add_sum(t->c, t->n * t->width, x, sum);
    t->c->backend->sum_squares(t->c, t->n * t->width, x, squares);
    result(t, sum, 1);
    result(t, squares, 1);
}

/* ---- layers ---- */

static void gather(trial *t) {
    const float *table = numbers(t, 9 * t->width);
    float *out = numbers(t, t->n * t->width);
    t->c->backend->gather(t->c, t->n, t->width, ids(t, t->n, 9), table, out);
    result(t, out, t->n * t->width);
}

static void scatter_add(trial *t) {
    const float *x = numbers(t, t->n * t->width);
    float *table = numbers(t, 9 * t->width);
    t->c->backend->scatter_add(t->c, t->n, t->width, ids(t, t->n, 9), x, 9, table);
    result(t, table, 9 * t->width);
}

static void run_gates(trial *t, bool first) {
    const size_t n = t->n * t->width;
    float *z = numbers_between(t, 4 * n, -12, 12), *cell = numbers(t, n), *h = numbers(t, n);
    const float *bias = numbers(t, 4 * t->width), *before = first ? NULL : numbers(t, n);
    t->c->backend->gates(t->c, t->n, t->width, z, bias, before, cell, h);
    result(t, z, 4 * n);
    result(t, cell, n);
    result(t, h, n);
}

static void gates(trial *t) { run_gates(t, false); }
static void gates_of_first_step(trial *t) { run_gates(t, true); }

/* dz may be where the activations are. */
static void run_gates_grad(trial *t, bool first, bool in_place) {
    const size_t n = t->n * t->width;
    float *a = numbers_between(t, 4 * n, 0, 1), *dz = in_place ? a : numbers(t, 4 * n), *dcell = numbers(t, n);
    const float *before = first ? NULL : numbers(t, n), *cell = numbers(t, n), *dh = numbers(t, n);
    t->c->backend->gates_grad(t->c, t->n, t->width, a, before, cell, dh, dcell, dz);
    result(t, dcell, n);
    result(t, dz, 4 * n);
}

static void gates_grad(trial *t) { run_gates_grad(t, false, false); }
static void gates_grad_in_place(trial *t) { run_gates_grad(t, false, true); }
static void gates_grad_of_first_step(trial *t) { run_gates_grad(t, true, true); }

static void run_dropout(trial *t, double rate, bool in_place) {
    const size_t n = t->n * t->width;
    float *x = numbers(t, n), *y = in_place ? x : numbers(t, n);
    const uint64_t seed = 0x5eed;
    t->c->backend->dropout(t->c, n, rate, upload(t, &seed, sizeof seed), 77, x, y);
    result(t, y, n);
}

static void dropout(trial *t) { run_dropout(t, .2, false); }
static void dropout_in_place(trial *t) { run_dropout(t, .5, true); }
static void dropout_of_nothing(trial *t) { run_dropout(t, 0, false); }

/* ---- losses ---- */

static void run_loss(trial *t, void (*loss_of)(lgd_compute *c, size_t n, size_t width, float *x, const int32_t *targets,
                                               const float *weights, float *loss)) {
    float *x = numbers_between(t, t->n * t->width, -20, 20), *loss = numbers(t, t->n);
    const float *weights = numbers_between(t, t->n, 0, 1);
    loss_of(t->c, t->n, t->width, x, ids(t, t->n, t->width), weights, loss);
    result(t, x, t->n * t->width);
    result(t, loss, t->n);
}

static void cross_entropy(trial *t) { run_loss(t, t->c->backend->cross_entropy); }
static void squared_error(trial *t) { run_loss(t, t->c->backend->squared_error); }

/* Few different numbers, so that some are equal: the first of them counts. */
static void rank(trial *t) {
    const float *x = numbers_between(t, t->n * t->width, -20, 20), *coarse = NULL;
    float *equal = lgd_calloc(t->n * t->width, sizeof *equal);
    ck_assert_ptr_nonnull(equal);
    for (size_t i = 0; i < t->n * t->width; i++) equal[i] = (float)lgd_rng_below(&t->random, 4);
    coarse = upload(t, equal, t->n * t->width * sizeof *equal);
    lgd_free(equal);
    float *log_p = numbers(t, t->n), *log_p_best = numbers(t, t->n);
    const int32_t *targets = ids(t, t->n, t->width);
    int32_t *best = ids(t, t->n, 2);
    const float *const both[] = {x, coarse};
    for (size_t i = 0; i < 2; i++) {
        t->c->backend->rank(t->c, t->n, t->width, both[i], targets, log_p, log_p_best, best);
        result(t, log_p, t->n);
        result(t, log_p_best, t->n);
        result_ids(t, best, t->n);
    }
}

/* ---- Adam: two steps; the gradient is clipped in the second ---- */

static void adam(trial *t) {
    const size_t n = t->n * t->width;
    const float *g = numbers(t, n);
    float *w = numbers(t, n), *m = numbers(t, n), *v = numbers_between(t, n, 0, 1), *norm2 = numbers(t, 1);
    const float step[LGD_ADAM_SIZE] = {1e-2f, .9f, .999f, 1e-8f, .1f, .001f, 1e9f};
    const float clipped[LGD_ADAM_SIZE] = {1e-2f, .9f, .999f, 1e-8f, .19f, .002f, .5f};
    const float largest = 4.0f * (float)n;
    t->c->backend->put(t->c, norm2, &largest, sizeof largest);
    t->c->backend->adam(t->c, n, g, norm2, upload(t, step, sizeof step), w, m, v);
    t->c->backend->adam(t->c, n, g, norm2, upload(t, clipped, sizeof clipped), w, m, v);
    result(t, w, n);
    result(t, m, n);
    result(t, v, n);
}

/* ---- the table ---- */

#define ULP 0x1p-23f

const operation operations[] = {
    {"gemm", gemm, 64 * ULP},
    {"gemm, added", gemm_added, 64 * ULP},
    {"gemm of transposed", gemm_of_transposed, 64 * ULP},
    {"gemm of both transposed", gemm_of_both_transposed, 64 * ULP},
    {"product", product, 64 * ULP},
    {"product, added", product_added, 64 * ULP},
    {"product of long rows", product_of_long_rows, 512 * ULP},
    {"axpby", axpby, 2 * ULP},
    {"fill_rows", fill_rows, 0},
    {"add_columns", add_columns, 64 * ULP},
    {"sums", sums, 2 * ULP},
    {"gather", gather, 0},
    {"scatter_add", scatter_add, 64 * ULP},
    {"gates", gates, 8 * ULP},
    {"gates of the first step", gates_of_first_step, 8 * ULP},
    {"gates_grad", gates_grad, 8 * ULP},
    {"gates_grad in place", gates_grad_in_place, 8 * ULP},
    {"gates_grad of the first step", gates_grad_of_first_step, 8 * ULP},
    {"dropout", dropout, 0},
    {"dropout in place", dropout_in_place, 0},
    {"dropout of nothing", dropout_of_nothing, 0},
    {"cross_entropy", cross_entropy, 8 * ULP},
    {"squared_error", squared_error, 8 * ULP},
    {"rank", rank, 8 * ULP},
    {"adam", adam, 8 * ULP},
};
const size_t n_operations = sizeof operations / sizeof operations[0];

size_t operate(const operation *o, lgd_compute *c, size_t n, size_t width, float odd, float *results) {
    trial t = {.c = c, .n = n, .width = width, .odd = odd, .results = results};
    lgd_err err = {0};
    lgd_rng_init(&t.random, 0x5eed + n * 1000 + width);
    o->run(&t);
    ck_assert_msg(c->backend->finish(c, &err) == LGD_OK, "%s: %s", o->name, err.text);
    while (t.n_arrays > 0) c->backend->free(c, t.arrays[--t.n_arrays]);
    return t.n_results;
}
