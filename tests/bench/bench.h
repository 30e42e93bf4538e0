/*
 * What the benchmarks share: timing of cases side by side, and what machine it was. Machines are shared and drift, so cases
 * take turns and what counts is the ratio of two in one run.
 */
#ifndef LGD_BENCH_H
#define LGD_BENCH_H

#include <stddef.h>

typedef struct bench_case {
    const char *name;
    void (*work)(void *ctx);
    void *ctx;
    double median_s, best_s; /* out: of one call */
} bench_case;

/* Times the cases in turn, some dozens of rounds; a turn calls `work` as often as fills a millisecond. */
void bench_run(bench_case *cases, size_t n);

/* Prints processor, compiler and kind of build, a line each. */
void bench_machine(void);

#endif
