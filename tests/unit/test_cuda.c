/*
 * Tests of the backend `cuda`: every operation gives what `ref` gives, and whatever goes wrong with a GPU is told - it
 * never crashes, hangs, leaks or passes a wrong result off as right. What goes wrong is made up by the stand-in for the
 * driver (tests/shim), of which each call fails in turn; without it and without a GPU, that the driver is missing is all
 * that can be shown. LGD_TEST_SHIM=1: that the stand-in is missing is a failure. On a computer with a GPU, the results are
 * those of the GPU.
 */
#include "../../src/compute/cuda/cuda.h"
#include "../../src/compute/cuda/queue.h"

#include <check.h>
#include <dlfcn.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

Suite *cuda_suite(void);

/* ---- a bit of everything ---- */

enum { ROWS = 37, UNITS = 5, WIDTH = 4 * UNITS, IDS = 6, MANY_ROWS = 2001, LARGE = 3 * 1024 * 1024 };
enum { PATIENCE_MS = 30000, SHORT_MS = 80, N_REPEATS = 3 };

/* Arrays: name, numbers, and what is in them at first. */
typedef enum fill { RANDOM, SMALL_IDS, TARGETS, SEED, STEPS, NOTHING } fill;
#define ARRAYS(ARRAY)                                                                                                  \
    ARRAY(a, ROWS *WIDTH, RANDOM)                                                                                      \
    ARRAY(b, WIDTH *WIDTH, RANDOM)                                                                                     \
    ARRAY(product, ROWS *WIDTH, RANDOM)                                                                                \
    ARRAY(transposed, WIDTH *WIDTH, NOTHING)                                                                           \
    ARRAY(bias, WIDTH, RANDOM)                                                                                         \
    ARRAY(columns, WIDTH, RANDOM)                                                                                      \
    ARRAY(many_columns, 3, NOTHING)                                                                                    \
    ARRAY(sums, 2, RANDOM)                                                                                             \
    ARRAY(before, ROWS *UNITS, RANDOM)                                                                                 \
    ARRAY(cell, ROWS *UNITS, NOTHING)                                                                                  \
    ARRAY(h, ROWS *UNITS, NOTHING)                                                                                     \
    ARRAY(dcell, ROWS *UNITS, RANDOM)                                                                                  \
    ARRAY(dz, ROWS *WIDTH, NOTHING)                                                                                    \
    ARRAY(ids, ROWS, SMALL_IDS)                                                                                        \
    ARRAY(table, IDS *UNITS, RANDOM)                                                                                   \
    ARRAY(gathered, ROWS *UNITS, RANDOM)                                                                               \
    ARRAY(seed, 2, SEED)                                                                                               \
    ARRAY(dropped, ROWS *WIDTH, NOTHING)                                                                               \
    ARRAY(targets, ROWS, TARGETS)                                                                                      \
    ARRAY(weights, ROWS, RANDOM)                                                                                       \
    ARRAY(softmax, ROWS *WIDTH, RANDOM)                                                                                \
    ARRAY(loss, ROWS, NOTHING)                                                                                         \
    ARRAY(squares, ROWS *WIDTH, RANDOM)                                                                                \
    ARRAY(square_loss, ROWS, NOTHING)                                                                                  \
    ARRAY(log_p, ROWS, NOTHING)                                                                                        \
    ARRAY(log_best, ROWS, NOTHING)                                                                                     \
    ARRAY(best, ROWS, NOTHING)                                                                                         \
    ARRAY(large, 3 * MANY_ROWS, RANDOM)                                                                                \
    ARRAY(step, LGD_ADAM_SIZE, STEPS)                                                                                  \
    ARRAY(w, WIDTH, RANDOM)                                                                                            \
    ARRAY(m, WIDTH, NOTHING)                                                                                           \
    ARRAY(v, WIDTH, NOTHING)

enum {
#define ARRAY(name, n, fill) A_##name,
    ARRAYS(ARRAY)
#undef ARRAY
        N_ARRAYS
};
static const struct {
    const char *name;
    size_t n;
    fill fill;
} arrays[N_ARRAYS] = {
#define ARRAY(name, n, fill) {#name, n, fill},
    ARRAYS(ARRAY)
#undef ARRAY
};

typedef struct outcome {
    lgd_status status;
    lgd_err err;
    bool opened, allocated;
    float *got[N_ARRAYS]; /* as they were at the end */
} outcome;

typedef struct work {
    lgd_compute *c;
    float *on[N_ARRAYS]; /* of the backend */
} work;

static void release(outcome *o) {
    for (size_t i = 0; i < N_ARRAYS; i++) free(o->got[i]);
    *o = (outcome){0};
}

static void fill_array(float *x, size_t which) {
    static const float steps[LGD_ADAM_SIZE] = {.01f, .9f, .999f, 1e-8f, .1f, .001f, 1};
    lgd_rng rng;
    lgd_rng_init(&rng, which);
    for (size_t i = 0; i < arrays[which].n; i++) {
        int32_t id = (int32_t)lgd_rng_below(&rng, arrays[which].fill == TARGETS ? WIDTH + 1 : IDS + 1) - 1;
        uint32_t bits = (uint32_t)lgd_rng_next(&rng);
        switch (arrays[which].fill) {
        case RANDOM: x[i] = (float)(2 * lgd_rng_unit(&rng) - 1); break;
        case TARGETS:
        case SMALL_IDS: memcpy(&x[i], &id, sizeof id); break;
        case SEED: memcpy(&x[i], &bits, sizeof bits); break;
        case STEPS: x[i] = steps[i]; break;
        case NOTHING: x[i] = 0; break;
        }
    }
}

/* Made once: the same for every backend. */
static const float *input(size_t which) {
    static float *inputs[N_ARRAYS];
    if (!inputs[which]) fill_array(inputs[which] = calloc(arrays[which].n, sizeof(float)), which);
    return inputs[which];
}

/* What layers do, in what may be repeated. It changes `product`, so that a second time is not like the first. */
static void do_layers(void *ctx) {
    const work *k = ctx;
    lgd_compute *c = k->c;
    const lgd_backend *b = c->backend;
    float *const *on = k->on;
    b->gemm(c, false, false, ROWS, WIDTH, WIDTH, .5f, on[A_a], WIDTH, on[A_b], WIDTH, .5f, on[A_product], WIDTH);
    b->gemm(c, true, false, WIDTH, UNITS, ROWS, 1, on[A_a], WIDTH, on[A_product], WIDTH, 0, on[A_transposed], WIDTH);
    b->gemm(c, false, true, ROWS, UNITS, WIDTH, 1, on[A_a], WIDTH, on[A_b], WIDTH, 1, on[A_gathered], UNITS);
    b->add_columns(c, ROWS, WIDTH, on[A_product], on[A_columns]);
    b->add_columns(c, MANY_ROWS, 3, on[A_large], on[A_many_columns]);
    b->add_sum(c, MANY_ROWS, on[A_large], on[A_sums]);
    b->sum_squares(c, MANY_ROWS, on[A_large], on[A_sums] + 1);
    b->fill_rows(c, ROWS, WIDTH, on[A_bias], on[A_dz]);
    b->axpby(c, (size_t)ROWS * WIDTH, 2, on[A_product], -1, on[A_dz]);
    b->gates(c, ROWS, UNITS, on[A_dz], on[A_bias], on[A_before], on[A_cell], on[A_h]);
    b->gates_grad(c, ROWS, UNITS, on[A_dz], on[A_before], on[A_cell], on[A_h], on[A_dcell], on[A_dz]);
    b->scatter_add(c, ROWS, UNITS, (const int32_t *)on[A_ids], on[A_gathered], IDS, on[A_table]);
    b->gather(c, ROWS, UNITS, (const int32_t *)on[A_ids], on[A_table], on[A_gathered]);
    b->dropout(c, (size_t)ROWS * WIDTH, .3, (const uint64_t *)on[A_seed], 7, on[A_product], on[A_dropped]);
    b->cross_entropy(c, ROWS, WIDTH, on[A_softmax], (const int32_t *)on[A_targets], on[A_weights], on[A_loss]);
    b->squared_error(c, ROWS, WIDTH, on[A_squares], (const int32_t *)on[A_targets], on[A_weights], on[A_square_loss]);
    b->rank(c, ROWS, WIDTH, on[A_product], (const int32_t *)on[A_targets], on[A_log_p], on[A_log_best],
            (int32_t *)on[A_best]);
    b->adam(c, WIDTH, on[A_columns], on[A_sums] + 1, on[A_step], on[A_w], on[A_m], on[A_v]);
    b->zero(c, on[A_sums], sizeof(float));
}

/* More than fits between two marks, into the ring of marks, into the queue; an array larger than the staging area, which
 * comes back as it went. */
static void do_many(const work *k) {
    const lgd_backend *b = k->c->backend;
    float *from = malloc(LARGE * sizeof *from), *to = malloc(LARGE * sizeof *to),
          *on = b->alloc(k->c, LARGE * sizeof *on);
    for (size_t i = 0; i < LARGE; i++) from[i] = (float)i;
    b->put(k->c, on, from, LARGE * sizeof *from);
    b->get(k->c, to, on, LARGE * sizeof *to);
    ck_assert_int_eq(memcmp(from, to, LARGE * sizeof *to), 0);
    b->free(k->c, on);
    free(from);
    free(to);
    for (int i = 0; i < 700; i++) k->c->backend->axpby(k->c, WIDTH, 0, k->on[A_bias], 1, k->on[A_columns]);
}

static void do_all(lgd_compute *c, bool many, outcome *o) {
    work k = {.c = c};
    o->allocated = true;
    for (size_t i = 0; i < N_ARRAYS; i++) {
        size_t n_bytes = arrays[i].n * sizeof(float);
        o->got[i] = calloc(arrays[i].n, sizeof(float));
        k.on[i] = c->backend->alloc(c, n_bytes);
        if (!k.on[i])
            o->allocated = false;
        else if (arrays[i].fill != NOTHING)
            c->backend->put(c, k.on[i], input(i), n_bytes);
    }
    for (int i = 0; i < N_REPEATS && o->allocated; i++) c->backend->repeat(c, do_layers, &k);
    if (many && o->allocated) do_many(&k);
    for (size_t i = 0; i < N_ARRAYS && o->allocated; i++)
        c->backend->get(c, o->got[i], k.on[i], arrays[i].n * sizeof(float));
    for (size_t i = 0; i < N_ARRAYS; i++) /* on a GPU, those that are left die with the backend */
        if (c->backend->on_host || i % 2 == 0) c->backend->free(c, k.on[i]);
    o->status = c->backend->finish(c, &o->err);
}

static outcome run(const char *name, unsigned patience_ms, bool many) {
    outcome o = {0};
    lgd_compute c = {.backend = lgd_backend_find(name)};
    ck_assert_ptr_nonnull(c.backend);
    o.status = strcmp(name, "cuda") == 0 ? gpu_open(&c, patience_ms, &o.err) : c.backend->open(&c, &o.err);
    o.opened = o.status == LGD_OK;
    if (!o.opened) return o;
    do_all(&c, many, &o);
    lgd_compute_close(&c);
    return o;
}

/* The largest difference, relative to the numbers' size; ids as numbers. */
static double difference(size_t which, const float *a, const float *b) {
    double most = 0;
    for (size_t i = 0; i < arrays[which].n; i++) {
        int32_t ids[2];
        memcpy(&ids[0], &a[i], sizeof *ids);
        memcpy(&ids[1], &b[i], sizeof *ids);
        bool is_id = which == A_best || arrays[which].fill == SMALL_IDS || arrays[which].fill == TARGETS ||
                     arrays[which].fill == SEED;
        double x = is_id ? ids[0] != ids[1] : fabs((double)a[i] - (double)b[i]) / (1 + fabs((double)b[i]));
        if (!(x <= most)) most = x;
    }
    return most;
}

static bool is_right(const outcome *o, const outcome *ref) {
    for (size_t i = 0; i < N_ARRAYS; i++)
        if (!(difference(i, o->got[i], ref->got[i]) <= 2e-5)) return false;
    return true;
}

/* ---- the stand-in ---- */

typedef struct shim {
    unsigned long (*calls)(void), (*left)(void);
} shim;

/* False: this is not the stand-in, but a driver or nothing, and it may be. */
static bool find_shim(shim *ret) {
    void *library = dlopen("libcuda.so.1", RTLD_NOW | RTLD_LOCAL);
    void *calls = library ? dlsym(library, "lgd_shim_calls") : NULL,
         *left = calls ? dlsym(library, "lgd_shim_left") : NULL;
    memcpy(&ret->calls, &calls, sizeof calls);
    memcpy(&ret->left, &left, sizeof left);
    ck_assert_msg((calls && left) || !getenv("LGD_TEST_SHIM"), "the stand-in for the driver was not found");
    return calls && left;
}

static void tell_shim(const char *mode, unsigned long fail_at) {
    char text[32];
    (void)snprintf(text, sizeof text, "%lu", fail_at);
    ck_assert_int_eq(setenv("LGD_SHIM_MODE", mode, 1), 0);
    ck_assert_int_eq(setenv("LGD_SHIM_FAIL_AT", text, 1), 0);
}

static bool has_gpu(void) {
    outcome o = run("cuda", PATIENCE_MS, false);
    bool opened = o.opened;
    ck_assert_msg(opened || !getenv("LGD_TEST_SHIM"), "%s", o.err.text);
    release(&o);
    return opened;
}

/* ---- what must hold ---- */

START_TEST(test_every_operation_gives_what_ref_gives) {
    if (!has_gpu()) return;
    outcome ref = run("ref", 0, true), o = run("cuda", PATIENCE_MS, true);
    ck_assert_msg(o.status == LGD_OK, "%s", o.err.text);
    for (size_t i = 0; i < N_ARRAYS; i++) {
        double off = difference(i, o.got[i], ref.got[i]);
        ck_assert_msg(off <= 2e-5, "%s is off by %g", arrays[i].name, off);
    }
    release(&ref);
    release(&o);
}
END_TEST

START_TEST(test_the_same_again_gives_the_same_bits) {
    if (!has_gpu()) return;
    outcome one = run("cuda", PATIENCE_MS, false), two = run("cuda", PATIENCE_MS, false);
    ck_assert_msg(one.status == LGD_OK && two.status == LGD_OK, "%s%s", one.err.text, two.err.text);
    for (size_t i = 0; i < N_ARRAYS; i++)
        ck_assert_msg(memcmp(one.got[i], two.got[i], arrays[i].n * sizeof(float)) == 0, "%s differs", arrays[i].name);
    release(&one);
    release(&two);
}
END_TEST

START_TEST(test_everything_is_released) {
    shim s;
    if (!find_shim(&s)) return;
    outcome o = run("cuda", PATIENCE_MS, true);
    ck_assert_msg(o.status == LGD_OK, "%s", o.err.text);
    ck_assert_uint_eq(s.left(), 0);
    release(&o);
}
END_TEST

/* The staging area goes round faster than events pass: what is in a slot stays until it has been copied. */
START_TEST(test_a_slot_is_kept_until_it_is_copied) {
    shim s;
    if (!find_shim(&s)) return;
    ck_assert_int_eq(setenv("LGD_SHIM_QUESTIONS", "220", 1), 0);
    outcome o = run("cuda", PATIENCE_MS, true);
    ck_assert_msg(o.status == LGD_OK, "%s", o.err.text);
    release(&o);
}
END_TEST

/* One run for each step-th call of the driver and of cuBLAS, which goes wrong; the last one has none left, and all is well. */
static void spoil_calls(const char *mode, unsigned long step, unsigned patience_ms, const char *words) {
    shim s;
    if (!find_shim(&s)) return;
    ck_assert_int_eq(setenv("LGD_SHIM_CAPABILITY", "80", 1), 0); /* for which less memory is taken: faster */
    outcome ref = run("ref", 0, false);
    unsigned long n_told = 0, left = 0;
    bool was_spoiled = true;
    for (unsigned long fail_at = 1; was_spoiled; fail_at += step) {
        unsigned long before = s.left();
        tell_shim(mode, fail_at);
        outcome o = run("cuda", patience_ms, false);
        was_spoiled = s.calls() >= fail_at;
        left = s.left() - before;
        bool told = o.status == LGD_E_DEVICE && strstr(o.err.text, words) &&
                    (o.opened || strstr(o.err.text, "; nothing was done"));
        bool right = o.status == LGD_OK && o.allocated && is_right(&o, &ref);
        ck_assert_msg(told || right, "call %lu: status %d, %s", fail_at, o.status, o.err.text);
        ck_assert_msg(!was_spoiled || left <= 1 || strcmp(mode, "error") != 0, "call %lu: %lu left", fail_at, left);
        n_told += told;
        release(&o);
    }
    ck_assert_uint_eq(left, 0);
    ck_assert_uint_ge(n_told, 300 / step);
    release(&ref);
}

START_TEST(test_a_call_that_fails_is_told) { spoil_calls("error", 1, PATIENCE_MS, "GPU: "); }
END_TEST

START_TEST(test_a_fault_that_stays_is_told) { spoil_calls("fault", 5, PATIENCE_MS, "GPU: "); }
END_TEST

START_TEST(test_out_of_memory_is_told) { spoil_calls("memory", 5, PATIENCE_MS, "GPU: "); }
END_TEST

/* Few of them: each costs the patience, and leaves a thread behind. */
START_TEST(test_a_call_that_hangs_is_given_up) { spoil_calls("hang", 67, SHORT_MS, "no answer for 0.08 s"); }
END_TEST

START_TEST(test_a_kernel_that_never_ends_is_given_up) { spoil_calls("stuck", 97, SHORT_MS, "no answer for 0.08 s"); }
END_TEST

/* ---- patience ---- */

enum { TICKET = 1, SLOW_STEP_MS = 120, N_SLOW_STEPS = 11, SLOW_PATIENCE_MS = 640 };

/* A device that gets on, each time within a fifth of the patience, and gives what is waited for after twice of it. */
static void *advance_slowly(void *queue) {
    const struct timespec nap = {.tv_nsec = SLOW_STEP_MS * 1000000L};
    for (int i = 0; i < N_SLOW_STEPS; i++) {
        (void)nanosleep(&nap, NULL);
        (void)gpu_queue_advance(queue, 0);
    }
    (void)gpu_queue_advance(queue, TICKET);
    return NULL;
}

START_TEST(test_what_gets_on_is_waited_for) {
    gpu_queue *q = lgd_calloc(1, sizeof *q);
    pthread_t thread;
    lgd_err err = {0};
    ck_assert_int_eq(gpu_queue_init(q, SLOW_PATIENCE_MS, &err), LGD_OK);
    ck_assert_int_eq(pthread_create(&thread, NULL, advance_slowly, q), 0);
    bool reached = gpu_queue_wait(q, TICKET);
    ck_assert_int_eq(pthread_join(thread, NULL), 0);
    ck_assert_msg(gpu_queue_status(q, &err) == LGD_OK && reached, "%s", err.text);
    gpu_queue_release(q);
    lgd_free(q);
}
END_TEST

/* ---- what is said ---- */

START_TEST(test_open_says_what_is_missing) {
    static const struct {
        const char *name, *value, *words;
    } rows[] = {{"LGD_SHIM_DEVICES", "0", "the NVIDIA driver sees none"},
                {"LGD_SHIM_CAPABILITY", "70", "Shim 0 has compute capability 7.0, at least 7.5 is needed"}};
    lgd_compute c = {0};
    lgd_err err = {0};
    shim s;
    if (!find_shim(&s)) {
        lgd_status status = lgd_compute_open("cuda", &c, &err); /* a driver, or none */
        ck_assert_msg(status == LGD_OK ||
                          ((status == LGD_E_DEVICE || status == LGD_E_IO) && strstr(err.text, "nothing was done")),
                      "%s", err.text);
        lgd_compute_close(&c);
        return;
    }
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        err = (lgd_err){0};
        ck_assert_int_eq(setenv(rows[i].name, rows[i].value, 1), 0);
        ck_assert_int_eq(lgd_compute_open("cuda", &c, &err), LGD_E_DEVICE);
        ck_assert_msg(strstr(err.text, rows[i].words), "%s", err.text);
        ck_assert_ptr_null(c.backend);
        ck_assert_int_eq(unsetenv(rows[i].name), 0);
    }
    ck_assert_uint_eq(s.left(), 0);
}
END_TEST

/* Rows of a table get what does not fit a number, each the right one. */
START_TEST(test_scatter_keeps_what_is_not_finite) {
    enum { N = 8 };
    static const int32_t ids[N] = {0, 0, 1, 1, 2, 3, -1, 4};
    static const float x[N] = {1e30f, 1, INFINITY, 2, -INFINITY, NAN, NAN, 1e-3f};
    float table[5] = {1, 1, 1, 1, 1};
    lgd_compute c = {0};
    lgd_err err = {0};
    if (lgd_compute_open("cuda", &c, &err) != LGD_OK) return;
    const lgd_backend *b = c.backend;
    void *on_ids = b->alloc(&c, sizeof ids), *on_x = b->alloc(&c, sizeof x), *on_table = b->alloc(&c, sizeof table);
    b->put(&c, on_ids, ids, sizeof ids);
    b->put(&c, on_x, x, sizeof x);
    b->put(&c, on_table, table, sizeof table);
    b->scatter_add(&c, N, 1, on_ids, on_x, 5, on_table);
    b->get(&c, table, on_table, sizeof table);
    ck_assert_msg(b->finish(&c, &err) == LGD_OK, "%s", err.text);
    lgd_compute_close(&c);
    ck_assert_float_eq(table[0], 1e30f);
    ck_assert(isinf(table[1]) && table[1] > 0);
    ck_assert(isinf(table[2]) && table[2] < 0);
    ck_assert(isnan(table[3]));
    ck_assert_float_eq(table[4], 1); /* far below the largest: lost, as it would be beside it */
}
END_TEST

START_TEST(test_what_is_too_large_is_refused) {
    lgd_compute c = {0};
    lgd_err err = {0};
    if (lgd_compute_open("cuda", &c, &err) != LGD_OK) return;
    float *x = c.backend->alloc(&c, sizeof *x), one = 1;
    c.backend->put(&c, x, &one, sizeof one);
    c.backend->axpby(&c, (size_t)1 << 40, 1, x, 1, x);
    c.backend->get(&c, &one, x, sizeof one);
    ck_assert_float_eq(one, 0); /* nothing can be trusted any more */
    ck_assert_ptr_null(c.backend->alloc(&c, 1));
    ck_assert_int_eq(c.backend->finish(&c, &err), LGD_E_DEVICE);
    ck_assert_msg(strstr(err.text, "too large"), "%s", err.text);
    lgd_compute_close(&c);
}
END_TEST

START_TEST(test_memory_that_runs_out_on_the_host_is_told) {
    lgd_compute c = {0};
    lgd_err err = {0};
    lgd_alloc_fail_at(1, false);
    ck_assert_int_eq(lgd_compute_open("cuda", &c, &err), LGD_E_MEMORY);
    lgd_alloc_fail_at(0, false);
}
END_TEST

Suite *cuda_suite(void) {
    Suite *s = suite_create("cuda");
    TCase *t = tcase_create("cuda");
    tcase_add_test(t, test_every_operation_gives_what_ref_gives);
    tcase_add_test(t, test_the_same_again_gives_the_same_bits);
    tcase_add_test(t, test_everything_is_released);
    tcase_add_test(t, test_a_slot_is_kept_until_it_is_copied);
    tcase_add_test(t, test_a_call_that_fails_is_told);
    tcase_add_test(t, test_a_fault_that_stays_is_told);
    tcase_add_test(t, test_out_of_memory_is_told);
    tcase_add_test(t, test_a_call_that_hangs_is_given_up);
    tcase_add_test(t, test_a_kernel_that_never_ends_is_given_up);
    tcase_add_test(t, test_what_gets_on_is_waited_for);
    tcase_add_test(t, test_open_says_what_is_missing);
    tcase_add_test(t, test_scatter_keeps_what_is_not_finite);
    tcase_add_test(t, test_what_is_too_large_is_refused);
    tcase_add_test(t, test_memory_that_runs_out_on_the_host_is_told);
    suite_add_tcase(s, t);
    return s;
}
