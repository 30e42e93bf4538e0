/*
 * compute/approx: exp, sigmoid, tanh and ln in float32 without branches (exp to tanh) and without libm, so that the
 * result is the same bits on every processor.
 *
 * e^x = 2^y with y = x / ln 2 = n + r, n whole, |r| <= 1/2. 2^r - 1 = r p(r), p the polynomial of degree 5 whose largest
 * relative error is the least (1.1e-8; found by Lawson's reweighted least squares). tanh x = (e^2x - 1) / (e^2x + 1), and e^2x - 1 = 2^n (2^r - 1) + (2^n - 1) does not cancel where x is small.
 * Products and sums are rounded one by one: a fused multiply-add would be other bits than those of processors that have
 * none, and to imitate it there costs fifty times as much.
 *
 * Errors, relative, asserted by the tests: tanh 3e-7 at most; sigmoid and exp 1.5e-7 (1 + |x|), as y is rounded. NaN
 * gives NaN. Beyond what float32 can tell x is clamped, so infinities are large numbers.
 */
#ifndef LGD_COMPUTE_APPROX_H
#define LGD_COMPUTE_APPROX_H

#include "lanes.h"

#define LGD_LOG2_E 1.44269504f

/* 2^y = scale * (1 + rest), |y| <= 126. */
static inline void lgd_exp2_parts(block y, block *scale, block *rest) {
    const float round = 0x1.8p23f + 127; /* a sum with it keeps no fraction and ends in the bits of n + 127 */
    block shifted, r, r2, low, high;
    LGD_EACH(k) shifted.r[k] = y.r[k] + round;
    LGD_EACH(k) r.r[k] = y.r[k] - (shifted.r[k] - round);
    LGD_EACH(k) r2.r[k] = r.r[k] * r.r[k];
    LGD_EACH(k) high.r[k] = 0.00133907923f + 0.000154034773f * r.r[k];
    LGD_EACH(k) low.r[k] = 0.0555035733f + 0.00961823761f * r.r[k];
    LGD_EACH(k) high.r[k] = low.r[k] + high.r[k] * r2.r[k];
    LGD_EACH(k) low.r[k] = 0.693147182f + 0.240226492f * r.r[k];
    LGD_EACH(k) high.r[k] = low.r[k] + high.r[k] * r2.r[k];
    LGD_EACH(k) rest->r[k] = high.r[k] * r.r[k];
    LGD_EACH(k) scale->r[k] = (lanes)((int_lanes)shifted.r[k] << 23);
}

/* factor x within [-limit, limit]; NaN stays. */
static inline block lgd_clamp(block x, float factor, float limit) {
    LGD_EACH(k) x.r[k] = x.r[k] * factor;
    LGD_EACH(k) x.r[k] = lanes_min(lanes_of(limit), x.r[k]);
    LGD_EACH(k) x.r[k] = lanes_max(lanes_of(-limit), x.r[k]);
    return x;
}

static inline block lgd_exp(block x) {
    block scale, rest;
    lgd_exp2_parts(lgd_clamp(x, LGD_LOG2_E, 126), &scale, &rest);
    LGD_EACH(k) x.r[k] = scale.r[k] * (1 + rest.r[k]);
    return x;
}

static inline block lgd_sigmoid(block x) {
    block scale, rest;
    lgd_exp2_parts(lgd_clamp(x, -LGD_LOG2_E, 126), &scale, &rest);
    LGD_EACH(k) x.r[k] = 1 + scale.r[k] * (1 + rest.r[k]);
    LGD_EACH(k) x.r[k] = 1 / x.r[k];
    return x;
}

/* 1 in float32 from 9.02 on, which is 26 of y. */
static inline block lgd_tanh(block x) {
    block scale, rest;
    lgd_exp2_parts(lgd_clamp(x, 2 * LGD_LOG2_E, 27), &scale, &rest);
    LGD_EACH(k) x.r[k] = scale.r[k] * rest.r[k] + (scale.r[k] - 1); /* e^2x - 1 */
    LGD_EACH(k) x.r[k] = x.r[k] / (x.r[k] + 2);
    return x;
}

/* x: one number, normal and positive, or NaN. With x = 2^n m, 1/sqrt 2 <= m < sqrt 2: ln m = 2 atanh s, s = (m - 1) / (m +
 * 1), by its series; the first term left out is 2e-9 of it. ln 2 in two parts, the first times n without rounding. */
static inline float lgd_ln(float x) {
    const uint32_t start = UINT32_C(0x3f3504f3); /* the bits of 1/sqrt 2 */
    uint32_t bits;
    float m;
    if (!(x < INFINITY)) return x;
    memcpy(&bits, &x, sizeof bits);
    const int32_t above = (int32_t)(bits - start);
    const float n = (float)(above >> 23);
    bits = ((uint32_t)above & UINT32_C(0x007fffff)) + start;
    memcpy(&m, &bits, sizeof m);
    const float s = (m - 1) / (m + 1), s2 = s * s;
    const float tail = s2 * (0.666666667f + s2 * (0.4f + s2 * (0.285714286f + s2 * 0.222222222f)));
    return n * 0.693359375f + (n * -2.12194440e-4f + (2 * s + s * tail));
}

#endif
