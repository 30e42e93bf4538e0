/*
 * Tests of compute: every operation of every backend gives what `ref` gives, on odd sizes too; what is no number goes
 * through; the two rows of `blas` give the same bits, but for products, which one of them adds up without fused
 * multiply-adds; rows of a product do not depend on their company nor on threads. A backend that cannot be opened here is
 * named and left out, but with LGD_TEST_SHIM=1 in the environment, which promises the stand-in for a GPU.
 */
#include "logdetect/compute.h"

#include "operations.h"

#include <check.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

Suite *compute_suite(void);

static const struct {
    size_t n, width;
} shapes[] = {{1, 1},  {1, 3},   {1, 16},  {1, 257}, {7, 1},    {7, 3},    {7, 30},
              {16, 1}, {16, 16}, {16, 30}, {129, 3}, {129, 16}, {129, 30}, {16, 257}};
enum { N_SHAPES = sizeof shapes / sizeof shapes[0] };

static float wanted[MAX_RESULTS], got[MAX_RESULTS];

/* False: not on this machine. */
static bool open_backend(size_t i, lgd_compute *c) {
    lgd_err err = {0};
    lgd_status status = lgd_compute_open(lgd_backends[i]->name, c, &err);
    if (status != LGD_OK) {
        ck_assert_msg((status == LGD_E_DEVICE || status == LGD_E_IO) && !getenv("LGD_TEST_SHIM"), "%s: %s",
                      lgd_backends[i]->name, err.text);
        printf("compute: %s left out: %s\n", lgd_backends[i]->name, err.text);
    }
    return status == LGD_OK;
}

static lgd_compute open_named(const char *name) {
    lgd_compute c = {0};
    lgd_err err = {0};
    ck_assert_msg(lgd_compute_open(name, &c, &err) == LGD_OK, "%s", err.text);
    return c;
}

static bool close_enough(float value, float reference, float bound) {
    if (isnan(reference)) return isnan(value);
    if (isinf(reference)) return value == reference;
    return fabsf(value - reference) <= bound * (1 + fabsf(reference));
}

/* For numbers that are none, every third shape will do. */
static void compare(lgd_compute *c, lgd_compute *ref, const operation *o, float odd) {
    for (size_t i = 0; i < N_SHAPES; i += odd == 0 ? 1 : 3) {
        size_t n = operate(o, ref, shapes[i].n, shapes[i].width, odd, wanted);
        ck_assert_uint_eq(operate(o, c, shapes[i].n, shapes[i].width, odd, got), n);
        for (size_t k = 0; k < n; k++)
            if (!close_enough(got[k], wanted[k], o->bound))
                ck_abort_msg("%s of %s, %zu x %zu, at %zu: %.9g, not %.9g", o->name, c->backend->name, shapes[i].n,
                             shapes[i].width, k, (double)got[k], (double)wanted[k]);
    }
}

static void compare_all(float odd) {
    lgd_compute ref = open_named("ref");
    for (size_t i = 1; i < lgd_n_backends; i++) {
        lgd_compute c = {0};
        if (!open_backend(i, &c)) continue;
        for (size_t k = 0; k < n_operations; k++) compare(&c, &ref, &operations[k], odd);
        lgd_compute_close(&c);
    }
    lgd_compute_close(&ref);
}

START_TEST(backends_agree_with_the_reference) { compare_all(0); }
END_TEST

START_TEST(nan_goes_through) { compare_all(NAN); }
END_TEST

/* Nothing is said of what comes out, but that there is an end. */
START_TEST(infinities_do_no_harm) {
    for (size_t i = 0; i < lgd_n_backends; i++) {
        lgd_compute c = {0};
        if (!open_backend(i, &c)) continue;
        for (size_t k = 0; k < n_operations; k++)
            ck_assert_uint_gt(operate(&operations[k], &c, 16, 30, k % 2 ? INFINITY : -INFINITY, got), 0);
        lgd_compute_close(&c);
    }
}
END_TEST

START_TEST(arrays_are_zeroed_and_aligned) {
    const char zeros[1000] = {0};
    char bytes[sizeof zeros];
    for (size_t i = 0; i < lgd_n_backends; i++) {
        lgd_compute c = {0};
        if (!open_backend(i, &c)) continue;
        for (size_t n = 0; n <= sizeof zeros; n += 125) {
            void *array = c.backend->alloc(&c, n);
            ck_assert_ptr_nonnull(array);
            ck_assert_uint_eq((uintptr_t)array % 64, 0);
            memset(bytes, 1, sizeof bytes);
            c.backend->get(&c, bytes, array, n);
            ck_assert_mem_eq(bytes, zeros, n);
            memset(bytes, 1, sizeof bytes);
            c.backend->put(&c, array, bytes, n);
            c.backend->zero(&c, array, n);
            c.backend->get(&c, bytes, array, n);
            ck_assert_mem_eq(bytes, zeros, n);
            c.backend->free(&c, array);
        }
        c.backend->free(&c, NULL);
        ck_assert_ptr_null(c.backend->alloc(&c, SIZE_MAX));
        lgd_compute_close(&c);
    }
}
END_TEST

START_TEST(unknown_backend_is_refused) {
    lgd_compute c = {0};
    lgd_err err = {0};
    ck_assert_int_eq(lgd_compute_open("abacus", &c, &err), LGD_E_USAGE);
    ck_assert_ptr_null(c.backend);
    lgd_compute_close(&c);
    ck_assert_ptr_null(lgd_backend_find("abacus"));
    ck_assert_str_eq(lgd_backends[0]->name, "ref");
}
END_TEST

/* Rows without a target cost nothing, whatever they weigh. */
START_TEST(what_has_no_target_has_no_loss) {
    enum { N_ROWS = 3, WIDTH = 5 };
    const float outputs[N_ROWS * WIDTH] = {1, 2, 3, 4, 5, 1, 2, 3, 4, 5, 5, 4, 3, 2, 1};
    const float weights[N_ROWS] = {NAN, .5f, INFINITY};
    const int32_t targets[N_ROWS] = {-1, 2, -3};
    for (size_t i = 0; i < 2 * lgd_n_backends; i++) {
        lgd_compute c = {0};
        if (!open_backend(i / 2, &c)) continue;
        const lgd_backend *b = c.backend;
        float *x = b->alloc(&c, sizeof outputs), *w = b->alloc(&c, sizeof weights),
              *loss = b->alloc(&c, sizeof weights);
        int32_t *t = b->alloc(&c, sizeof targets);
        b->put(&c, x, outputs, sizeof outputs);
        b->put(&c, w, weights, sizeof weights);
        b->put(&c, t, targets, sizeof targets);
        (i % 2 ? b->cross_entropy : b->squared_error)(&c, N_ROWS, WIDTH, x, t, w, loss);
        b->get(&c, got, x, sizeof outputs);
        b->get(&c, wanted, loss, sizeof weights);
        for (size_t k = 0; k < N_ROWS * WIDTH; k++)
            ck_assert_msg(k / WIDTH == 1 ? isfinite(got[k]) && got[k] != 0 : got[k] == 0, "%s, %zu: %g", b->name, i % 2,
                          (double)got[k]);
        ck_assert(wanted[0] == 0 && wanted[1] > 0 && wanted[2] == 0);
        void *const arrays[] = {x, w, loss, t};
        for (size_t k = 0; k < sizeof arrays / sizeof *arrays; k++) b->free(&c, arrays[k]);
        lgd_compute_close(&c);
    }
}
END_TEST

/* ---- repeat ---- */

typedef struct {
    lgd_compute *c;
    float *x, *y;
    size_t n;
} doubling;

static void add_twice(void *ctx) {
    const doubling *d = ctx;
    d->c->backend->axpby(d->c, d->n, 1, d->x, 1, d->y);
    d->c->backend->axpby(d->c, d->n, 1, d->x, 1, d->y);
}

START_TEST(repeated_work_sees_what_is_in_the_arrays) {
    const float first[3] = {1, 2, 3}, second[3] = {10, 0, -3};
    for (size_t i = 0; i < lgd_n_backends; i++) {
        lgd_compute c = {0};
        lgd_err err = {0};
        if (!open_backend(i, &c)) continue;
        doubling d = {&c, c.backend->alloc(&c, sizeof first), c.backend->alloc(&c, sizeof first), 3};
        c.backend->put(&c, d.x, first, sizeof first);
        c.backend->repeat(&c, add_twice, &d);
        c.backend->put(&c, d.x, second, sizeof second);
        for (size_t k = 0; k < 2; k++) c.backend->repeat(&c, add_twice, &d);
        c.backend->get(&c, got, d.y, sizeof first);
        ck_assert_int_eq(c.backend->finish(&c, &err), LGD_OK);
        for (size_t k = 0; k < 3; k++) ck_assert_float_eq(got[k], 2 * first[k] + 4 * second[k]);
        c.backend->free(&c, d.x);
        c.backend->free(&c, d.y);
        lgd_compute_close(&c);
    }
}
END_TEST

/* ---- blas: kernels ---- */

/* got and wanted are the same bits, but for products: a processor without fused multiply-adds rounds twice. */
static void expect_alike(const operation *o, size_t n, size_t shape) {
    const bool fused = strncmp(o->name, "product", 7) == 0;
    size_t n_bad = 0;
    for (size_t i = 0; i < n; i++)
        n_bad += fused ? !(fabsf(got[i] - wanted[i]) <= o->bound * (1 + fabsf(wanted[i])))
                       : memcmp(&got[i], &wanted[i], sizeof *got) != 0;
    ck_assert_msg(n_bad == 0, "%s, %zu x %zu: %zu of %zu", o->name, shapes[shape].n, shapes[shape].width, n_bad, n);
}

/* Row `blas` is the one for any processor until it is opened. */
START_TEST(kernels_give_the_same_bits_on_every_processor) {
    lgd_compute plain = {.backend = lgd_backend_find("blas")}, wide = open_named("blas");
    if (plain.backend == wide.backend) printf("compute: this processor has no AVX2; nothing to compare\n");
    for (size_t o = 0; o < n_operations; o++)
        for (size_t i = 0; i < N_SHAPES; i++) {
            size_t n = operate(&operations[o], &plain, shapes[i].n, shapes[i].width, 0, wanted);
            ck_assert_uint_eq(operate(&operations[o], &wide, shapes[i].n, shapes[i].width, 0, got), n);
            expect_alike(&operations[o], n, i);
        }
    lgd_compute_close(&wide);
}
END_TEST

/* Sigmoid and tanh of -100 to 100 against those of libm, in double: within what approx.h promises. */
START_TEST(approximations_keep_their_bounds) {
    enum { N = 1 << 16 };
    static float z[4 * N], zeros[4 * N], cell[N], h[N];
    lgd_compute c = open_named("blas");
    for (size_t i = 0; i < N; i++) {
        const float x = (float)i / N, place = (2 * x - 1) * (i % 4 == 0   ? 100
                                                             : i % 4 == 1 ? 10
                                                             : i % 4 == 2 ? 1
                                                                          : 1e-3f);
        for (size_t gate = 0; gate < 4; gate++) z[gate * N + i] = place;
    }
    memcpy(got, z, N * sizeof *z);
    c.backend->gates(&c, 1, N, z, zeros, NULL, cell, h);
    for (size_t i = 0; i < N; i++) {
        const double x = (double)got[i], sigmoid = 1 / (1 + exp(-x)), tangent = tanh(x);
        if (fabs((double)z[i] - sigmoid) > 1.5e-7 * sigmoid * (1 + fabs(x)) + 1e-30)
            ck_abort_msg("sigmoid of %.9g: %.9g", x, (double)z[i]);
        if (fabs((double)z[2 * N + i] - tangent) > 3e-7 * fabs(tangent))
            ck_abort_msg("tanh of %.9g: %.9g", x, (double)z[2 * N + i]);
    }
    lgd_compute_close(&c);
}
END_TEST

/* ---- blas: products ---- */

enum { ROWS = 240, MAX_K = 64, MAX_N = 256 };
static float product_a[ROWS * MAX_K], product_b[MAX_K * MAX_N], whole[ROWS * MAX_N], part[ROWS * MAX_N];

static void draw_factors(void) {
    lgd_rng r;
    lgd_rng_init(&r, 7);
    for (size_t i = 0; i < ROWS * MAX_K; i++) product_a[i] = (float)(lgd_rng_unit(&r) - .5);
    for (size_t i = 0; i < MAX_K * MAX_N; i++) product_b[i] = (float)(lgd_rng_unit(&r) - .5);
}

/* Rows `from` to `from + m` alone are those of the product of all. */
static void compare_rows(lgd_compute *c, bool transposed, size_t n, size_t k, size_t m) {
    for (size_t from = 0; from + m <= ROWS; from += 37) {
        c->backend->product(c, transposed, m, n, k, product_a + from * k, k, product_b, transposed ? k : n, false, part,
                            n);
        ck_assert_msg(memcmp(part, whole + from * n, m * n * sizeof *part) == 0, "%zu rows from %zu: %zu x %zu%s", m,
                      from, k, n, transposed ? ", transposed" : "");
    }
}

START_TEST(rows_of_a_product_do_not_depend_on_the_others) {
    static const size_t ks[] = {16, 32, 64}, ns[] = {128, 256, 16, 30, 100}, ms[] = {1, 5, 6, 48, 100};
    lgd_compute c = open_named("blas");
    draw_factors();
    for (size_t i = 0; i < 2 * 3 * 5; i++) {
        const bool transposed = i % 2;
        const size_t k = ks[i / 2 % 3], n = ns[i / 6];
        c.backend->product(&c, transposed, ROWS, n, k, product_a, k, product_b, transposed ? k : n, false, whole, n);
        for (size_t j = 0; j < sizeof ms / sizeof ms[0]; j++) compare_rows(&c, transposed, n, k, ms[j]);
    }
    lgd_compute_close(&c);
}
END_TEST

/* out = A B, and then + A B again. */
static void multiply_twice(lgd_compute *c, size_t m, size_t n, size_t k, const float *a, float *out) {
    c->backend->gemm(c, false, false, m, n, k, 1, a, k, product_b, n, 0, out, n);
    c->backend->gemm(c, false, false, m, n, k, 1, a, k, product_b, n, 1, out, n);
}

enum { N_THREADS = 8, N_PRODUCTS = 150, THREAD_ROWS = 32 };

static void *multiply_often(void *ctx) {
    lgd_compute *c = ctx;
    size_t n_bad = 0;
    float *out = lgd_calloc(THREAD_ROWS * MAX_N, sizeof *out);
    for (size_t i = 0; out && i < N_PRODUCTS; i++) {
        multiply_twice(c, THREAD_ROWS, MAX_N, MAX_K, product_a, out);
        n_bad += memcmp(out, whole, THREAD_ROWS * MAX_N * sizeof *out) != 0;
    }
    n_bad += out == NULL;
    lgd_free(out);
    return n_bad == 0 ? NULL : ctx;
}

/* Fails with an OpenBLAS that was built for one thread. */
START_TEST(products_in_several_threads_are_right) {
    pthread_t threads[N_THREADS];
    lgd_compute c = open_named("blas");
    draw_factors();
    multiply_twice(&c, THREAD_ROWS, MAX_N, MAX_K, product_a, whole);
    for (size_t i = 0; i < N_THREADS; i++) ck_assert_int_eq(pthread_create(&threads[i], NULL, multiply_often, &c), 0);
    for (size_t i = 0; i < N_THREADS; i++) {
        void *bad = NULL;
        ck_assert_int_eq(pthread_join(threads[i], &bad), 0);
        ck_assert_ptr_null(bad);
    }
    lgd_compute_close(&c);
}
END_TEST

Suite *compute_suite(void) {
    Suite *s = suite_create("compute");
    TCase *t = tcase_create("compute");
    tcase_add_test(t, backends_agree_with_the_reference);
    tcase_add_test(t, nan_goes_through);
    tcase_add_test(t, infinities_do_no_harm);
    tcase_add_test(t, arrays_are_zeroed_and_aligned);
    tcase_add_test(t, unknown_backend_is_refused);
    tcase_add_test(t, what_has_no_target_has_no_loss);
    tcase_add_test(t, repeated_work_sees_what_is_in_the_arrays);
    tcase_add_test(t, kernels_give_the_same_bits_on_every_processor);
    tcase_add_test(t, approximations_keep_their_bounds);
    tcase_add_test(t, rows_of_a_product_do_not_depend_on_the_others);
    tcase_add_test(t, products_in_several_threads_are_right);
    suite_add_tcase(s, t);
    return s;
}
