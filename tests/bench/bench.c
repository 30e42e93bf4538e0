/* Timing: a turn of each case in every round, so that a slow moment of the machine hits all of them. */
#include "bench.h"

#include "logdetect/base.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { N_ROUNDS = 41 };
static const double TURN_S = 1e-3;

static double now_s(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static double turn(const bench_case *c, size_t n_calls) {
    double start = now_s();
    for (size_t i = 0; i < n_calls; i++) c->work(c->ctx);
    return (now_s() - start) / (double)n_calls;
}

/* How many calls fill a turn; warms up on the way. */
static size_t calls_of(const bench_case *c) {
    size_t n = 1;
    while ((double)n * turn(c, n) < TURN_S) n *= 2;
    return n;
}

static int by_size(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void summarise(bench_case *c, double *seconds) {
    qsort(seconds, N_ROUNDS, sizeof *seconds, by_size);
    c->median_s = seconds[N_ROUNDS / 2];
    c->best_s = seconds[0];
}

void bench_run(bench_case *cases, size_t n) {
    double(*seconds)[N_ROUNDS] = lgd_calloc(n, sizeof *seconds);
    size_t *n_calls = lgd_calloc(n, sizeof *n_calls);
    if (!seconds || !n_calls) {
        fprintf(stderr, "bench: out of memory\n");
        exit(1);
    }
    for (size_t i = 0; i < n; i++) n_calls[i] = calls_of(&cases[i]);
    for (size_t r = 0; r < N_ROUNDS; r++)
        for (size_t i = 0; i < n; i++) seconds[i][r] = turn(&cases[i], n_calls[i]);
    for (size_t i = 0; i < n; i++) summarise(&cases[i], seconds[i]);
    lgd_free(seconds);
    lgd_free(n_calls);
}

/* The first `model name` of /proc/cpuinfo. */
static void print_processor(void) {
    char line[256] = "";
    FILE *f = fopen("/proc/cpuinfo", "r");
    while (f && fgets(line, sizeof line, f))
        if (strncmp(line, "model name", 10) == 0) break;
    const char *colon = f ? strchr(line, ':') : NULL;
    printf("processor: %s", colon ? colon + 2 : "unknown\n");
    if (f) fclose(f);
}

void bench_machine(void) {
    print_processor();
#if defined(__clang__)
    printf("compiler:  clang %s\n", __clang_version__);
#else
    printf("compiler:  gcc %s\n", __VERSION__);
#endif
    printf("build:     %s\n", LGD_BUILD_TYPE);
}
