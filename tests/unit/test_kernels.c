/*
 * Tests of the GPU's kernels where there is none: their source as C, with warps of 32 lanes that are threads here and meet
 * at a barrier for every swap, as a GPU's lanes do. Rows wider and narrower than a warp, ties, and rows without a target
 * come out as in `ref`; how many threads there are makes no difference to a bit.
 */
#include "../../src/compute/cuda/kernels.h"

#include <check.h>
#include <math.h>
#include <pthread.h>

Suite *kernels_suite(void);

/* ---- warps ---- */

enum { MAX_WARPS = 3, MAX_ROWS = 7, MAX_WIDTH = 70 };

typedef struct warp {
    pthread_barrier_t barrier;
    double swapped[GPU_WARP];
} warp;

typedef struct lane {
    warp *warp;
    gpu_kernel kernel;
    const gpu_arguments *arguments;
    gpu_place at;
    pthread_t thread;
} lane;

static double swap(void *ctx, double x, uint32_t mask) {
    const lane *l = ctx;
    uint32_t me = l->at.thread % GPU_WARP;
    l->warp->swapped[me] = x;
    pthread_barrier_wait(&l->warp->barrier);
    double other = l->warp->swapped[me ^ mask];
    pthread_barrier_wait(&l->warp->barrier);
    return other;
}

static void *lane_main(void *argument) {
    lane *l = argument;
    gpu_host_kernels[l->kernel].run(l->arguments, l->at);
    return NULL;
}

static void launch(gpu_kernel kernel, const gpu_arguments *a, uint32_t n_warps) {
    warp warps[MAX_WARPS];
    lane lanes[MAX_WARPS * GPU_WARP];
    for (uint32_t i = 0; i < n_warps; i++) ck_assert_int_eq(pthread_barrier_init(&warps[i].barrier, NULL, GPU_WARP), 0);
    for (uint32_t i = 0; i < n_warps * GPU_WARP; i++) {
        lane *l = &lanes[i];
        *l = (lane){.warp = &warps[i / GPU_WARP], .kernel = kernel, .arguments = a};
        l->at = (gpu_place){.thread = i, .n_threads = n_warps * GPU_WARP, .lanes = GPU_WARP, .swap = swap, .ctx = l};
        ck_assert_int_eq(pthread_create(&l->thread, NULL, lane_main, l), 0);
    }
    for (uint32_t i = 0; i < n_warps * GPU_WARP; i++) pthread_join(lanes[i].thread, NULL);
    for (uint32_t i = 0; i < n_warps; i++) pthread_barrier_destroy(&warps[i].barrier);
}

/* ---- rows ---- */

typedef struct rows {
    uint32_t n, width;
    float x[MAX_ROWS * MAX_WIDTH], weights[MAX_ROWS], loss[MAX_ROWS], log_p[MAX_ROWS], log_best[MAX_ROWS];
    int32_t targets[MAX_ROWS], best[MAX_ROWS];
} rows;

static rows make_rows(uint32_t width) {
    rows r = {.n = MAX_ROWS, .width = width};
    lgd_rng rng;
    lgd_rng_init(&rng, width);
    for (uint32_t i = 0; i < r.n * width; i++) r.x[i] = (float)(8 * lgd_rng_unit(&rng) - 4);
    for (uint32_t i = 0; i < r.n; i++) {
        r.weights[i] = (float)i / 2;
        r.targets[i] = (int32_t)lgd_rng_below(&rng, width);
    }
    r.targets[2] = -1;
    r.weights[2] = NAN;                                          /* of no account */
    r.x[3 * width + width / 2] = r.x[3 * width + width - 1] = 5; /* the first of equals is the best */
    return r;
}

static const uint32_t widths[] = {1, 5, 31, 32, 33, MAX_WIDTH};
enum { N_WIDTHS = sizeof widths / sizeof *widths };

static void assert_near(const char *what, const float *a, const float *b, size_t n) {
    for (size_t i = 0; i < n; i++)
        ck_assert_msg(fabs((double)a[i] - (double)b[i]) <= 1e-5 * (1 + fabs((double)b[i])), "%s[%zu]: %.9g, not %.9g",
                      what, i, (double)a[i], (double)b[i]);
}

static gpu_arguments loss_arguments(rows *r) {
    return (gpu_arguments){.cross_entropy = {r->n, r->width, r->x, r->targets, r->weights, r->loss}};
}

static void check_loss(gpu_kernel kernel, const char *what) {
    lgd_compute ref = {.backend = lgd_backend_find("ref")};
    for (size_t i = 0; i < N_WIDTHS; i++) {
        rows one = make_rows(widths[i]), three = one, want = one;
        gpu_arguments a = loss_arguments(&one), b = loss_arguments(&three);
        launch(kernel, &a, 1);
        launch(kernel, &b, MAX_WARPS);
        (kernel == GPU_cross_entropy ? ref.backend->cross_entropy : ref.backend->squared_error)(
            &ref, want.n, want.width, want.x, want.targets, want.weights, want.loss);
        ck_assert_int_eq(memcmp(&one, &three, sizeof one), 0);
        assert_near(what, one.x, want.x, (size_t)want.n * want.width);
        assert_near(what, one.loss, want.loss, want.n);
    }
}

START_TEST(test_cross_entropy_by_warps) { check_loss(GPU_cross_entropy, "cross_entropy"); }
END_TEST

START_TEST(test_squared_error_by_warps) { check_loss(GPU_squared_error, "squared_error"); }
END_TEST

START_TEST(test_rank_by_warps) {
    lgd_compute ref = {.backend = lgd_backend_find("ref")};
    for (size_t i = 0; i < N_WIDTHS; i++) {
        rows got = make_rows(widths[i]), want = got;
        gpu_arguments a = {.rank = {got.n, got.width, got.x, got.targets, got.log_p, got.log_best, got.best}};
        launch(GPU_rank, &a, 2);
        ref.backend->rank(&ref, want.n, want.width, want.x, want.targets, want.log_p, want.log_best, want.best);
        assert_near("log_p", got.log_p, want.log_p, want.n);
        assert_near("log_p_best", got.log_best, want.log_best, want.n);
        ck_assert_int_eq(memcmp(got.best, want.best, sizeof got.best), 0);
    }
}
END_TEST

/* A row that has become useless shows it, and its best is a place in it all the same. */
START_TEST(test_rows_of_nan_stay_so) {
    rows r = make_rows(33);
    for (uint32_t j = 0; j < r.width; j++) {
        r.x[j] = NAN;             /* row 0: all */
        r.x[r.width + j] = j > 3; /* row 1: one among numbers */
        r.x[4 * r.width + j] = -INFINITY;
    }
    r.x[r.width + 7] = NAN;
    gpu_arguments a = {.rank = {r.n, r.width, r.x, r.targets, r.log_p, r.log_best, r.best}}, b = loss_arguments(&r);
    launch(GPU_rank, &a, 1);
    for (uint32_t i = 0; i < r.n; i++) ck_assert(r.best[i] >= 0 && r.best[i] < (int32_t)r.width);
    ck_assert(isnan(r.log_best[0]) && isnan(r.log_best[1]) && isnan(r.log_best[4]) && !isnan(r.log_best[5]));
    r.weights[0] = 1;
    launch(GPU_cross_entropy, &b, 1);
    ck_assert(isnan(r.loss[0]) && isnan(r.loss[1]) && isnan(r.x[0]) && !isnan(r.loss[5]));
}
END_TEST

/* ---- sums ---- */

START_TEST(test_sums_by_warps) {
    enum { N = 333, PART = 100, N_PARTS = 4, COLUMNS = 3, ROWS = N / COLUMNS, ROW_PART = 2, ROW_PARTS = 56 };
    float x[N], sum = 1, squares = 1, columns[COLUMNS] = {1, 2, 3}, column_parts[ROW_PARTS * COLUMNS];
    double parts[N_PARTS], want = 1, want_squares = 0;
    for (int i = 0; i < N; i++) {
        x[i] = (float)(i % 17) - 4;
        want += (double)x[i];
        want_squares += (double)x[i] * (double)x[i];
    }
    gpu_arguments a = {.sum_parts = {N, PART, N_PARTS, false, x, parts}}, b = {.sum = {N_PARTS, true, parts, &sum}};
    launch(GPU_sum_parts, &a, MAX_WARPS);
    launch(GPU_sum, &b, 1);
    ck_assert_double_eq_tol((double)sum, want, 1e-4);
    a.sum_parts.squares = true;
    b.sum = (kernel_sum){N_PARTS, false, parts, &squares};
    launch(GPU_sum_parts, &a, 1);
    launch(GPU_sum, &b, 2);
    ck_assert_double_eq_tol((double)squares, want_squares, 1e-2);
    gpu_arguments c = {.add_columns_parts = {ROWS, COLUMNS, ROW_PART, ROW_PARTS, x, column_parts}};
    gpu_arguments d = {.add_columns = {ROW_PARTS, COLUMNS, column_parts, columns}};
    launch(GPU_add_columns_parts, &c, 2);
    launch(GPU_add_columns, &d, 2);
    for (int j = 0; j < COLUMNS; j++) {
        float all = (float)(j + 1);
        for (int i = 0; i < ROWS; i++) all += x[i * COLUMNS + j];
        ck_assert_float_eq_tol(columns[j], all, 1e-3f);
    }
}
END_TEST

/* Lanes of several warps add to the same places at once: any order gives the same bits. */
START_TEST(test_scatter_in_any_order) {
    enum { N = 500, PLACES = 3 };
    int32_t ids[N];
    float x[N], first[PLACES] = {0};
    lgd_rng rng;
    lgd_rng_init(&rng, 1);
    for (int i = 0; i < N; i++) {
        ids[i] = (int32_t)lgd_rng_below(&rng, PLACES + 1) - 1;
        x[i] = (float)((lgd_rng_unit(&rng) - .5) * pow(10, lgd_rng_below(&rng, 6)));
    }
    for (uint32_t n_warps = 1; n_warps <= MAX_WARPS; n_warps++) {
        uint32_t largest = 0, odd[PLACES] = {0};
        int64_t sums[PLACES] = {0};
        float table[PLACES] = {0};
        gpu_arguments a = {.scatter = {N, N, 1, ids, x, &largest, sums, odd, table}};
        launch(GPU_scatter_range, &a, n_warps);
        launch(GPU_scatter, &a, n_warps);
        a.scatter.n_items = PLACES;
        launch(GPU_scatter_settle, &a, 1);
        if (n_warps == 1) memcpy(first, table, sizeof first);
        ck_assert_int_eq(memcmp(first, table, sizeof first), 0);
    }
    for (int j = 0; j < PLACES; j++) {
        double all = 0;
        for (int i = 0; i < N; i++) all += ids[i] == j ? (double)x[i] : 0;
        ck_assert_msg(fabs((double)first[j] - all) <= 1e-6 * fabs(all) + 1e-9, "%g, not %g", (double)first[j], all);
    }
}
END_TEST

Suite *kernels_suite(void) {
    Suite *s = suite_create("kernels");
    TCase *t = tcase_create("kernels");
    tcase_add_test(t, test_cross_entropy_by_warps);
    tcase_add_test(t, test_squared_error_by_warps);
    tcase_add_test(t, test_rank_by_warps);
    tcase_add_test(t, test_rows_of_nan_stay_so);
    tcase_add_test(t, test_sums_by_warps);
    tcase_add_test(t, test_scatter_in_any_order);
    suite_add_tcase(s, t);
    return s;
}
