/*
 * How fast the LSTM member's network (20 steps, 16 inputs, 64-32-32-64, 30 ids) trains and ranks, against OpenBLAS's sgemm
 * on the products that it needs and nothing else, which is the ceiling. One thread and several take turns.
 * Usage: bench-network [BACKEND [BATCH [THREADS]]]   (default: blas 128 2; a GPU wants 4096)
 */
#include "bench.h"

#include "logdetect/nn.h"

#include <cblas.h>
#include <stdio.h>
#include <stdlib.h>

enum { STEPS = 20, WIDTH = 16, VOCAB = 30, LAYERS = 4, GEMM_N = 128 };

static const lgd_net_shape shape = {.vocab = VOCAB,
                                    .width = WIDTH,
                                    .steps = STEPS,
                                    .n_layers = LAYERS,
                                    .units = {64, 32, 32, 64},
                                    .loss = LGD_LOSS_CROSS_ENTROPY};

static void *must(void *p) {
    if (p) return p;
    fprintf(stderr, "bench-network: out of memory\n");
    exit(1);
}

static void check(lgd_status status, const lgd_err *err) {
    if (status == LGD_OK) return;
    fprintf(stderr, "bench-network: %s\n", err->text);
    exit(1);
}

/* ---- the ceiling: products alone ---- */

typedef struct products {
    float *a, *b, *out;
} products;

static void multiply(const products *p, CBLAS_TRANSPOSE ta, CBLAS_TRANSPOSE tb, int m, int n, int k) {
    cblas_sgemm(CblasRowMajor, ta, tb, m, n, k, 1, p->a, ta == CblasTrans ? m : k, p->b, tb == CblasTrans ? k : n, 0,
                p->out, n);
}

static void forward_products(const products *p) {
    int inputs = WIDTH;
    for (int l = 0; l < LAYERS; l++) {
        int units = (int)shape.units[l];
        multiply(p, CblasNoTrans, CblasNoTrans, STEPS * GEMM_N, 4 * units, inputs);
        for (int t = 1; t < STEPS; t++) multiply(p, CblasNoTrans, CblasNoTrans, GEMM_N, 4 * units, units);
        inputs = units;
    }
    multiply(p, CblasNoTrans, CblasNoTrans, STEPS * GEMM_N, WIDTH, inputs);
    multiply(p, CblasNoTrans, CblasTrans, STEPS * GEMM_N, VOCAB, WIDTH);
}

static void backward_products(const products *p) {
    int inputs = (int)shape.units[LAYERS - 1], rows = STEPS * GEMM_N;
    multiply(p, CblasTrans, CblasNoTrans, VOCAB, WIDTH, rows);
    multiply(p, CblasNoTrans, CblasNoTrans, rows, WIDTH, VOCAB);
    multiply(p, CblasTrans, CblasNoTrans, inputs, WIDTH, rows);
    multiply(p, CblasNoTrans, CblasTrans, rows, inputs, WIDTH);
    for (int l = LAYERS; l-- > 0;) {
        int units = (int)shape.units[l];
        inputs = l ? (int)shape.units[l - 1] : WIDTH;
        for (int t = 1; t < STEPS; t++) multiply(p, CblasNoTrans, CblasTrans, GEMM_N, units, 4 * units);
        multiply(p, CblasTrans, CblasNoTrans, inputs, 4 * units, rows);
        multiply(p, CblasTrans, CblasNoTrans, units, 4 * units, rows - GEMM_N);
        multiply(p, CblasNoTrans, CblasTrans, rows, inputs, 4 * units);
    }
}

static void gemm_ranking(void *ctx) { forward_products(ctx); }
static void gemm_training(void *ctx) {
    forward_products(ctx);
    backward_products(ctx);
}

static float *numbers(size_t n, lgd_rng *r) {
    float *x = must(lgd_calloc(n, sizeof *x));
    for (size_t i = 0; i < n; i++) x[i] = (float)(lgd_rng_unit(r) - .5);
    return x;
}

/* ---- the network ---- */

typedef struct network {
    lgd_pool *pool;
    lgd_engine engine;
    lgd_net *net;
    lgd_trainer *trainer;
    lgd_ranker *ranker;
    lgd_windows windows;
    lgd_ranked *ranked;
} network;

static void rank(void *ctx) {
    network *n = ctx;
    lgd_err err = {0};
    check(lgd_ranker_run(n->ranker, &n->windows, n->ranked, &err), &err);
}

static void train(void *ctx) {
    network *n = ctx;
    lgd_err err = {0};
    lgd_epoch epoch;
    lgd_stop stop;
    const lgd_windows none = {0};
    check(lgd_trainer_epoch(n->trainer, &n->engine, &n->windows, &none, &epoch, &stop, &err), &err);
}

static lgd_windows draw_windows(size_t n, lgd_rng *r) {
    int32_t *inputs = must(lgd_calloc(n * STEPS, sizeof *inputs)),
            *targets = must(lgd_calloc(n * STEPS, sizeof *targets));
    for (size_t i = 0; i < n * STEPS; i++) {
        targets[i] = (int32_t)lgd_rng_below(r, VOCAB);
        inputs[i] = i % STEPS ? targets[i - 1] : 0;
    }
    return (lgd_windows){n, inputs, targets, NULL};
}

/* In its place: the ranker keeps the address of the engine. */
static void network_init(network *n, const char *backend, uint32_t batch, size_t threads, const lgd_windows *w) {
    lgd_err err = {0};
    const lgd_train_options o = {
        .seed = 1, .epochs = 1000000, .patience = 1000000, .batch = batch, .rate = 1e-5, .clip = 1, .average = 0.01};
    *n = (network){.windows = *w, .ranked = must(lgd_calloc(w->n * STEPS, sizeof(lgd_ranked)))};
    check(lgd_pool_new(threads, &n->pool, &err), &err);
    check(lgd_engine_open(backend, n->pool, &n->engine, &err), &err);
    check(lgd_net_new(&shape, 1, &n->net, &err), &err);
    check(lgd_trainer_new(n->net, &o, &n->trainer, &err), &err);
    check(lgd_ranker_new(n->net, &n->engine, &n->ranker, &err), &err);
}

static void network_release(network *n) {
    lgd_ranker_free(n->ranker);
    lgd_trainer_free(n->trainer);
    lgd_net_free(n->net);
    lgd_engine_close(&n->engine);
    lgd_pool_free(n->pool);
    lgd_free(n->ranked);
}

/* ---- all of it ---- */

static void print(const bench_case *c, size_t windows, double ceiling) {
    double rate = (double)windows / c->median_s;
    printf("%-28s %9.0f windows/s", c->name, rate);
    if (ceiling > 0) printf("   %3.0f %% of sgemm alone", 100 * rate / ceiling);
    printf("\n");
}

int main(int argc, char **argv) {
    const char *backend = argc > 1 ? argv[1] : "blas";
    const uint32_t batch = argc > 2 ? (uint32_t)strtoul(argv[2], NULL, 10) : 128;
    const size_t threads = argc > 3 ? strtoul(argv[3], NULL, 10) : 2, n = batch * (size_t)4;
    lgd_rng r;
    lgd_rng_init(&r, 1);
    lgd_windows windows = draw_windows(n, &r);
    network one, several;
    network_init(&one, backend, batch, 1, &windows);
    network_init(&several, backend, batch, threads, &windows);
    products p = {numbers(STEPS * GEMM_N * 256, &r), numbers(STEPS * GEMM_N * 256, &r),
                  numbers(STEPS * GEMM_N * 256, &r)};
    openblas_set_num_threads(1);
    bench_case cases[] = {{.name = "sgemm alone, ranking", .work = gemm_ranking, .ctx = &p},
                          {.name = "ranking, 1 thread", .work = rank, .ctx = &one},
                          {.name = "ranking, several threads", .work = rank, .ctx = &several},
                          {.name = "sgemm alone, training", .work = gemm_training, .ctx = &p},
                          {.name = "training, 1 thread", .work = train, .ctx = &one},
                          {.name = "training, several threads", .work = train, .ctx = &several}};
    bench_machine();
    printf("backend %s, %.2f MFLOP a window, batches of %u, several threads: %zu\n\n", backend,
           lgd_net_flops(&shape) / 1e6, (unsigned)batch, threads);
    bench_run(cases, sizeof cases / sizeof cases[0]);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i += 3) {
        print(&cases[i], GEMM_N, 0);
        print(&cases[i + 1], n, GEMM_N / cases[i].median_s);
        print(&cases[i + 2], n, 0);
        printf("%-28s %9.2f times one\n", "", cases[i + 1].median_s / cases[i + 2].median_s);
    }
    network_release(&one);
    network_release(&several);
    lgd_free(p.a);
    lgd_free(p.b);
    lgd_free(p.out);
    free((void *)(uintptr_t)windows.inputs);
    free((void *)(uintptr_t)windows.targets);
    return 0;
}
