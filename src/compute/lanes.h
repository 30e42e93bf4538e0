/*
 * compute/lanes: several float32 side by side, as wide as the processor that a file is compiled for has them, and blocks of
 * four such registers. What is done lane by lane gives the same bits for any width; sums have a width of their own (kernels.c).
 *
 * Why blocks: the approximations are long chains, and a processor looks ahead by one or two of them at most. Four of them
 * side by side, step by step, keep it busy (sigmoid, Zen 3: 4.1 ns for eight numbers one register at a time, 3.3 ns so).
 */
#ifndef LGD_COMPUTE_LANES_H
#define LGD_COMPUTE_LANES_H

#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#ifdef __AVX2__
#include <immintrin.h>
enum { LANES = 8 };
#else
enum { LANES = 4 };
#endif
enum { DEEP = 4, BLOCK = DEEP * LANES };

typedef float lanes __attribute__((vector_size(LANES * sizeof(float))));
typedef int32_t int_lanes __attribute__((vector_size(LANES * sizeof(int32_t))));

/* The larger of both; b where one is NaN. A compiler does not find the instruction in the comparison. */
static inline lanes lanes_max(lanes a, lanes b) {
#ifdef __AVX2__
    return _mm256_max_ps(a, b);
#else
    const int_lanes more = a > b;
    return (lanes)((more & (int_lanes)a) | (~more & (int_lanes)b));
#endif
}

/* The smaller of both; b where one is NaN. */
static inline lanes lanes_min(lanes a, lanes b) {
#ifdef __AVX2__
    return _mm256_min_ps(a, b);
#else
    const int_lanes less = a < b;
    return (lanes)((less & (int_lanes)a) | (~less & (int_lanes)b));
#endif
}

static inline lanes lanes_of(float x) { return (lanes){0} + x; }

static inline lanes lanes_load(const float *x) {
    lanes v;
    memcpy(&v, x, sizeof v);
    return v;
}

static inline void lanes_store(float *x, lanes v) { memcpy(x, &v, sizeof v); }

/* ---- blocks ---- */

typedef struct {
    lanes r[DEEP];
} block;

#define LGD_EACH(k) for (size_t k = 0; k < DEEP; k++)

/* The ends of rows, kept apart: what is here has to lie in memory, what is in the loops must not. */
static inline block block_load_end(const float *x, size_t n) {
    float end[BLOCK] = {0};
    block b;
    memcpy(end, x, n * sizeof *x);
    memcpy(&b, end, sizeof b);
    return b;
}

static inline void block_store_end(float *x, size_t n, block b) { memcpy(x, &b, n * sizeof *x); }

/* x[0..n), 0 behind. */
static inline block block_load(const float *x, size_t n) {
    block b;
    if (n < BLOCK) return block_load_end(x, n);
    LGD_EACH(k) b.r[k] = lanes_load(x + k * LANES);
    return b;
}

static inline void block_store(float *x, size_t n, block b) {
    if (n < BLOCK)
        block_store_end(x, n, b);
    else
        LGD_EACH(k) lanes_store(x + k * LANES, b.r[k]);
}

#endif
