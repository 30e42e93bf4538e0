/*
 * compute/approx: exp, sigmoid, tanh and ln in float32, without branches and without libm, so that a compiler makes
 * them as wide as the processor allows and the result is the same bits for every width.
 *
 * e^x = 2^n e^r with n = round(x / ln 2), |r| <= ln 2 / 2; n ln 2 is taken off in two parts (Cody & Waite 1980), and
 * e^r - 1 = r + r^2 q(r), where q is the polynomial of degree 4 whose largest error, taken relative to e^r - 1, is the
 * least (1.3e-8; found by Lawson's reweighted least squares). Both e^x and e^x - 1 come from it without cancellation, and
 * tanh x = (e^2x - 1) / (e^2x + 1). Products and sums are rounded one by one, as C has it: a fused multiply-add would be
 * other bits where the processor has none. Errors: 2 units in the last place for exp, 3 for sigmoid and tanh (asserted by
 * the tests). NaN gives NaN. Clamped where float32 has nothing more to tell, so infinities are like large numbers.
 */
#ifndef LGD_COMPUTE_APPROX_H
#define LGD_COMPUTE_APPROX_H

#include <math.h>
#include <stdint.h>
#include <string.h>

/* x is NaN: x, as each comparison fails. */
static inline float lgd_clamp(float x, float low, float high) {
    x = x < low ? low : x;
    return x > high ? high : x;
}

/* e^x = scale + scale * rest; |x| <= 87. */
static inline void lgd_exp_parts(float x, float *scale, float *rest) {
    const float round = 0x1.8p23f; /* sums with it have no place for a fraction, and end in the bits of an integer */
    float shifted = x * 1.44269504f + round, n = shifted - round;
    float r = x - n * 0.693359375f - n * -2.12194440e-4f;
    float q = ((0.00139464857f * r + 0.00836661085f) * r + 0.0416662805f) * r;
    *rest = r * r * ((q + 0.166665435f) * r + 0.5f) + r;
    uint32_t bits;
    memcpy(&bits, &shifted, sizeof bits);
    bits = (bits << 23) + UINT32_C(0x3f800000); /* 2^n */
    memcpy(scale, &bits, sizeof bits);
}

/* 1e-38 for all x below -87. */
static inline float lgd_exp(float x) {
    float scale, rest;
    lgd_exp_parts(lgd_clamp(x, -87, 87), &scale, &rest);
    return scale + scale * rest;
}

static inline float lgd_sigmoid(float x) { return 1 / (1 + lgd_exp(-x)); }

static inline float lgd_tanh(float x) {
    float scale, rest;
    lgd_exp_parts(2 * lgd_clamp(x, -9.1f, 9.1f), &scale, &rest);
    float e = scale * rest + (scale - 1);
    return e / (e + 2);
}

/* x: normal and positive, or NaN. With x = 2^n m, 1/sqrt 2 <= m < sqrt 2: ln m = 2 atanh s, s = (m - 1) / (m + 1), by its
 * series; the first term left out is 2e-9 of it. */
static inline float lgd_ln(float x) {
    uint32_t bits;
    float m;
    if (!(x < INFINITY)) return x;
    memcpy(&bits, &x, sizeof bits);
    uint32_t lifted = bits - UINT32_C(0x3f3504f3); /* the bits of 1/sqrt 2: whole powers of two above it */
    int32_t n = (int32_t)(lifted & UINT32_C(0xff800000)) / (1 << 23);
    bits = (lifted & UINT32_C(0x007fffff)) + UINT32_C(0x3f3504f3);
    memcpy(&m, &bits, sizeof m);
    float s = (m - 1) / (m + 1), s2 = s * s;
    float tail = s2 * (0.666666667f + s2 * (0.4f + s2 * (0.285714286f + s2 * 0.222222222f)));
    return (float)n * 0.693359375f + ((float)n * -2.12194440e-4f + (2 * s + s * tail));
}

#endif
