/*
 * How fast a backend of the CPU is on the shapes of the LSTM autoencoder (20 steps, 16 inputs, 64-32-32-64), one thread,
 * 128 windows at once: products in GFLOP/s, the work between them relative to the product that feeds it.
 * Usage: bench-compute [BACKEND]   (default: blas)
 */
#include "bench.h"

#include "logdetect/compute.h"

#include <cblas.h>
#include <stdio.h>
#include <stdlib.h>

enum { N = 128, N_STEPS = 20, MAX_WIDTH = 256, N_WEIGHTS = 100000, N_LABELS = 100 };

typedef struct {
    lgd_compute *c;
    size_t width, k; /* columns and depth of a product, or units */
    float *x, *y, *a, *b, *weights, *moments, *squares;
    int32_t *ids;
} bench_data;

static void product(void *ctx) {
    const bench_data *d = ctx;
    d->c->backend->product(d->c, false, N, d->width, d->k, d->a, d->k, d->b, d->width, false, d->y, d->width);
}

static void gemm(void *ctx) {
    const bench_data *d = ctx;
    d->c->backend->gemm(d->c, false, false, N, d->width, d->k, 1, d->a, d->k, d->b, d->width, 0, d->y, d->width);
}

static void gates(void *ctx) {
    const bench_data *d = ctx;
    d->c->backend->gates(d->c, N, d->width, d->x, d->b, d->a, d->y, d->y + N * MAX_WIDTH / 4);
}

static void gates_grad(void *ctx) {
    const bench_data *d = ctx;
    d->c->backend->gates_grad(d->c, N, d->width, d->x, d->a, d->a, d->b, d->y, d->y + N * MAX_WIDTH);
}

static void cross_entropy(void *ctx) {
    const bench_data *d = ctx;
    d->c->backend->cross_entropy(d->c, N, d->width, d->x, d->ids, d->weights, d->y);
}

static void rank(void *ctx) {
    const bench_data *d = ctx;
    d->c->backend->rank(d->c, N, d->width, d->x, d->ids, d->y, d->y + N, d->ids + N);
}

static void dropout(void *ctx) {
    const bench_data *d = ctx;
    const uint64_t seed = 1;
    d->c->backend->dropout(d->c, N * d->width, .2, &seed, 3, d->x, d->y);
}

static void adam(void *ctx) {
    const bench_data *d = ctx;
    const float step[LGD_ADAM_SIZE] = {1e-3f, .9f, .999f, 1e-8f, .1f, .001f, 1}, norm2 = 4;
    d->c->backend->adam(d->c, N_WEIGHTS, d->x, &norm2, step, d->weights, d->moments, d->squares);
}

/* An array of n numbers of -1 to 1; or of zeros, where they have to stay small whatever is done to them. */
static float *numbers(lgd_compute *c, size_t n, bool drawn) {
    float *x = c->backend->alloc(c, n * sizeof *x);
    lgd_rng r;
    lgd_rng_init(&r, n);
    if (!x) {
        fprintf(stderr, "bench: out of memory\n");
        exit(1);
    }
    for (size_t i = 0; drawn && i < n; i++) x[i] = (float)(2 * lgd_rng_unit(&r) - 1);
    return x;
}

static bench_data make_data(lgd_compute *c, size_t width, size_t k) {
    bench_data d = {.c = c, .width = width, .k = k};
    d.x = numbers(c, N_WEIGHTS, true);
    d.y = numbers(c, 2 * N * MAX_WIDTH, false);
    d.a = numbers(c, N * MAX_WIDTH, true);
    d.b = numbers(c, N * MAX_WIDTH, true);
    d.weights = numbers(c, N_WEIGHTS, false);
    d.moments = numbers(c, N_WEIGHTS, false);
    d.squares = numbers(c, N_WEIGHTS, false);
    d.ids = (int32_t *)(void *)numbers(c, 2 * N, false);
    return d;
}

static const struct {
    const char *name;
    void (*work)(void *ctx);
    size_t width, k;
    size_t n_of_network; /* how often it is done in one step of the network, forward */
    size_t relative_to;  /* row of the product that feeds it */
} rows[] = {
    {"product 128 x 256 x 16", product, 256, 16, 1, 0},
    {"product 128 x 256 x 32", product, 256, 32, 1, 0},
    {"product 128 x 256 x 64", product, 256, 64, 2, 0},
    {"product 128 x 128 x 32", product, 128, 32, 3, 0},
    {"product 128 x 128 x 64", product, 128, 64, 1, 0},
    {"product 128 x 16 x 64", product, 16, 64, 1, 0},
    {"product 128 x 100 x 64", product, N_LABELS, 64, 0, 0},
    {"gates, 64 units", gates, 64, 0, 2, 2},
    {"gates, 32 units", gates, 32, 0, 2, 3},
    {"gates_grad, 64 units", gates_grad, 64, 0, 0, 2},
    {"gates_grad, 32 units", gates_grad, 32, 0, 0, 3},
    {"cross_entropy, 100 labels", cross_entropy, N_LABELS, 0, 0, 6},
    {"rank, 100 labels", rank, N_LABELS, 0, 0, 6},
    {"dropout, 64 units", dropout, 64, 0, 0, 2},
    {"adam, 100,000 weights", adam, 0, 0, 0, 2},
    {"gemm, 128 x 256 x 16", gemm, 256, 16, 0, 0},
    {"gemm, 128 x 256 x 64", gemm, 256, 64, 0, 2},
};
enum { N_ROWS = sizeof rows / sizeof rows[0] };

static void print_row(const bench_case *cases, size_t i) {
    const double us = cases[i].median_s * 1e6;
    if (rows[i].work == product)
        printf("%-26s %9.2f us  %6.1f GFLOP/s\n", rows[i].name, us,
               2e-3 * N * (double)(rows[i].width * rows[i].k) / us);
    else
        printf("%-26s %9.2f us  %6.2f of %s\n", rows[i].name, us,
               cases[i].median_s / cases[rows[i].relative_to].median_s, rows[rows[i].relative_to].name);
}

/* Products and gates of the network alone, and exp and tanh in the gates: four and one for each unit. */
static void print_network(const bench_case *cases) {
    double products_s = 0, gates_s = 0;
    for (size_t i = 0; i < N_ROWS; i++)
        *(rows[i].work == product ? &products_s : &gates_s) += (double)rows[i].n_of_network * cases[i].median_s;
    printf("forward, a window: products %.1f us, gates %.1f us; both %.0f windows/s, products alone %.0f\n",
           products_s * N_STEPS / N * 1e6, gates_s * N_STEPS / N * 1e6, (double)N / N_STEPS / (products_s + gates_s),
           (double)N / N_STEPS / products_s);
    printf("sigmoid and tanh in gates: %.0f million/s\n", 5e-6 * N * 64 / cases[7].median_s);
}

int main(int argc, char **argv) {
    lgd_compute c = {0};
    lgd_err err = {0};
    if (lgd_compute_open(argc > 1 ? argv[1] : "blas", &c, &err) != LGD_OK || !c.backend->on_host) {
        fprintf(stderr, "bench: %s\n", err.text[0] ? err.text : "not a backend of the CPU");
        return 2;
    }
    bench_machine();
    printf("backend:   %s; %s\n\n", c.backend->name, openblas_get_config());
    bench_data data[N_ROWS];
    bench_case cases[N_ROWS];
    for (size_t i = 0; i < N_ROWS; i++) {
        data[i] = make_data(&c, rows[i].width, rows[i].k);
        cases[i] = (bench_case){.name = rows[i].name, .work = rows[i].work, .ctx = &data[i]};
    }
    bench_run(cases, N_ROWS);
    for (size_t i = 0; i < N_ROWS; i++) print_row(cases, i);
    print_network(cases);
    return 0;
}
