/*
 * Every operation of the table of backends, done on made-up data: the same data for every backend, so that what two of
 * them give can be compared. An operation sees arrays through alloc, put, get and finish alone, wherever they lie.
 */
#ifndef LGD_TEST_OPERATIONS_H
#define LGD_TEST_OPERATIONS_H

#include "logdetect/compute.h"

enum { MAX_ARRAYS = 16, MAX_RESULTS = 1 << 16 };

/* One operation on one backend. */
typedef struct trial {
    lgd_compute *c;
    size_t n, width; /* rows and columns, or what the operation calls so */
    float odd;       /* stands at one place of the first array: 0, or what is no number */
    lgd_rng random;
    void *arrays[MAX_ARRAYS];
    size_t n_arrays;
    float *results; /* what came out, one array behind the other: [MAX_RESULTS] */
    size_t n_results;
} trial;

typedef struct operation {
    const char *name;
    void (*run)(trial *t);
    /* How far a result may be from the one of `ref`, times 1 + its size. Reasons: rounding of sums in another order (64
     * units in the last place for products and columns), of approximations (8), of one expression (2). */
    float bound;
} operation;

extern const operation operations[];
extern const size_t n_operations;

/* Runs it on n rows of `width`, and waits. results: [MAX_RESULTS], out. Returns how many there are. */
size_t operate(const operation *o, lgd_compute *c, size_t n, size_t width, float odd, float *results);

#endif
