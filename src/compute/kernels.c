/*
 * compute/kernels: all of the backend `blas` but its matrix product. The file is compiled twice, for any processor and for
 * those with AVX2 (CMakeLists.txt); each time it exports one row, LGD_KERNELS_ROW, and opening the backend takes the row
 * that the processor runs. The two give the same bits: loops do one element after the other without contraction, and what
 * sums is cut into eight lanes by the code itself and put together in a fixed order.
 *
 * Loops are marked `omp simd`: their iterations are independent even where output and input are the same array, which is
 * allowed and which a compiler could not know. Functions of approx.h stand in for libm. Cost: gates about 5 divisions for
 * eight units, the rest is bound by the first-level cache.
 */
#include "blas.h"

#include "approx.h"

typedef float f8 __attribute__((vector_size(32)));
typedef int32_t i8 __attribute__((vector_size(32)));
typedef double d8 __attribute__((vector_size(64)));

enum { LANES = 8, CHUNK = 256 };

/* ---- lanes: x[from..] up to eight of n, `other` behind the end ---- */

static inline void load(const float *x, size_t from, size_t n, float other, f8 *ret) {
    if (n - from >= LANES) {
        memcpy(ret, x + from, sizeof *ret);
    } else {
        *ret = (f8){0} + other;
        memcpy(ret, x + from, (n - from) * sizeof *x);
    }
}

static float add_lanes(const f8 *x) {
    const f8 v = *x;
    return ((v[0] + v[4]) + (v[2] + v[6])) + ((v[1] + v[5]) + (v[3] + v[7]));
}

static double add_double_lanes(const d8 *x) {
    const d8 v = *x;
    return ((v[0] + v[4]) + (v[2] + v[6])) + ((v[1] + v[5]) + (v[3] + v[7]));
}

static double sum(size_t n, const float *x) {
    d8 total = {0};
    for (size_t i = 0; i < n; i += LANES) {
        f8 v;
        load(x, i, n, 0, &v);
        total += __builtin_convertvector(v, d8);
    }
    return add_double_lanes(&total);
}

static double squares(size_t n, const float *x) {
    d8 total = {0};
    for (size_t i = 0; i < n; i += LANES) {
        f8 v;
        load(x, i, n, 0, &v);
        const d8 wide = __builtin_convertvector(v, d8);
        total += wide * wide;
    }
    return add_double_lanes(&total);
}

/* The largest, leaving NaN aside; -inf if there is nothing else. */
static float largest(size_t n, const float *x) {
    f8 most = (f8){0} - INFINITY;
    for (size_t i = 0; i < n; i += LANES) {
        f8 v;
        load(x, i, n, -INFINITY, &v);
        const i8 more = v > most;
        most = (f8)((more & (i8)v) | (~more & (i8)most));
    }
    float top = most[0];
    for (size_t l = 1; l < LANES; l++) top = most[l] > top ? most[l] : top;
    return top;
}

/* e = exp(x - top), at most 1, and its sum by lanes. e may be x. */
static void exps(size_t n, const float *x, float top, float *e, f8 *total) {
#pragma omp simd
    for (size_t i = 0; i < n; i++) e[i] = lgd_exp(x[i] - top);
    for (size_t i = 0; i < n; i += LANES) {
        f8 v;
        load(e, i, n, 0, &v);
        *total += v;
    }
}

/* ---- linear algebra ---- */

static void axpby(lgd_compute *c, size_t n, float alpha, const float *x, float beta, float *y) {
    (void)c;
    if (beta != 0) {
#pragma omp simd
        for (size_t i = 0; i < n; i++) y[i] = alpha * x[i] + beta * y[i];
    } else {
#pragma omp simd
        for (size_t i = 0; i < n; i++) y[i] = alpha * x[i];
    }
}

static void fill_rows(lgd_compute *c, size_t n, size_t width, const float *row, float *out) {
    (void)c;
    for (size_t i = 0; i < n; i++) memcpy(out + i * width, row, width * sizeof *row);
}

/* Four rows at a time, added in their order: `out` goes through the cache a quarter as often. */
static void add_columns(lgd_compute *c, size_t n, size_t width, const float *x, float *out) {
    size_t i = 0;
    (void)c;
    for (; i + 4 <= n; i += 4, x += 4 * width) {
        const float *x1 = x + width, *x2 = x1 + width, *x3 = x2 + width;
#pragma omp simd
        for (size_t j = 0; j < width; j++) out[j] = (((out[j] + x[j]) + x1[j]) + x2[j]) + x3[j];
    }
    for (; i < n; i++, x += width) {
#pragma omp simd
        for (size_t j = 0; j < width; j++) out[j] += x[j];
    }
}

static void add_sum(lgd_compute *c, size_t n, const float *x, float *out) {
    (void)c;
    out[0] += (float)sum(n, x);
}

static void sum_squares(lgd_compute *c, size_t n, const float *x, float *out) {
    (void)c;
    out[0] = (float)squares(n, x);
}

/* ---- layers ---- */

static void gather(lgd_compute *c, size_t n, size_t width, const int32_t *ids, const float *table, float *out) {
    (void)c;
    for (size_t i = 0; i < n; i++, out += width)
        if (ids[i] < 0)
            memset(out, 0, width * sizeof *out);
        else
            memcpy(out, table + (size_t)ids[i] * width, width * sizeof *out);
}

static void scatter_add(lgd_compute *c, size_t n, size_t width, const int32_t *ids, const float *x, size_t n_ids,
                        float *table) {
    (void)c;
    (void)n_ids;
    for (size_t i = 0; i < n; i++, x += width) {
        if (ids[i] < 0) continue;
        float *row = table + (size_t)ids[i] * width;
#pragma omp simd
        for (size_t j = 0; j < width; j++) row[j] += x[j];
    }
}

/* One row. i, f, g, o: blocks of z. before: NULL at the first step. */
static inline void gates_row(size_t units, float *z, const float *bias, const float *before, float *cell, float *h) {
    float *const i = z, *const f = i + units, *const g = f + units, *const o = g + units;
#pragma omp simd
    for (size_t u = 0; u < units; u++) {
        const float in = lgd_sigmoid(i[u] + bias[u]), keep = lgd_sigmoid(f[u] + bias[units + u]);
        const float new = lgd_tanh(g[u] + bias[2 * units + u]), out = lgd_sigmoid(o[u] + bias[3 * units + u]);
        const float now = (before ? keep * before[u] : 0) + in * new;
        i[u] = in;
        f[u] = keep;
        g[u] = new;
        o[u] = out;
        cell[u] = now;
        h[u] = out * lgd_tanh(now);
    }
}

static void gates(lgd_compute *c, size_t n, size_t units, float *z, const float *bias, const float *cell_before,
                  float *cell, float *h) {
    (void)c;
    for (size_t r = 0; r < n; r++)
        gates_row(units, z + r * 4 * units, bias, cell_before ? cell_before + r * units : NULL, cell + r * units,
                  h + r * units);
}

/* One row of the gradient, in the letters of gates_grad. before: NULL at the first step. */
static inline void grad_row(size_t units, const float *a, const float *before, const float *cell, const float *dh,
                            float *dcell, float *dz) {
    const size_t n = units;
#pragma omp simd
    for (size_t u = 0; u < units; u++) {
        const float i = a[u], f = a[n + u], g = a[2 * n + u], o = a[3 * n + u];
        const float squashed = lgd_tanh(cell[u]), up = dh[u];
        const float d = dcell[u] + up * o * (1 - squashed * squashed);
        dcell[u] = d * f;
        dz[u] = d * g * i * (1 - i);
        dz[n + u] = before ? d * before[u] * f * (1 - f) : 0;
        dz[2 * n + u] = d * i * (1 - g * g);
        dz[3 * n + u] = up * squashed * o * (1 - o);
    }
}

static void gates_grad(lgd_compute *c, size_t n, size_t units, const float *a, const float *cell_before,
                       const float *cell, const float *dh, float *dcell, float *dz) {
    (void)c;
    for (size_t r = 0; r < n; r++) {
        const size_t row = r * units;
        grad_row(units, a + 4 * row, cell_before ? cell_before + row : NULL, cell + row, dh + row, dcell + row,
                 dz + 4 * row);
    }
}

static void dropout(lgd_compute *c, size_t n, double rate, const uint64_t *seed, uint32_t salt, const float *x,
                    float *y) {
    const float scale = (float)(1 / (1 - rate));
    const uint64_t start = seed[0];
    (void)c;
    for (size_t i = 0; i < n; i++) y[i] = lgd_dropout_keeps(start, salt, i, rate) ? x[i] * scale : 0;
}

/* ---- losses ---- */

static void cross_entropy(lgd_compute *c, size_t n, size_t width, float *x, const int32_t *targets,
                          const float *weights, float *loss) {
    (void)c;
    for (size_t i = 0; i < n; i++, x += width) {
        loss[i] = 0;
        if (targets[i] < 0) {
            memset(x, 0, width * sizeof *x);
            continue;
        }
        const float top = largest(width, x), wanted = x[targets[i]] - top, weight = weights[i];
        f8 lanes = {0};
        exps(width, x, top, x, &lanes);
        const float total = add_lanes(&lanes), scale = weight / total;
        loss[i] = weight * (lgd_ln(total) - wanted);
#pragma omp simd
        for (size_t j = 0; j < width; j++) x[j] *= scale;
        x[targets[i]] -= weight;
    }
}

static void squared_error(lgd_compute *c, size_t n, size_t width, float *x, const int32_t *targets,
                          const float *weights, float *loss) {
    (void)c;
    for (size_t i = 0; i < n; i++, x += width) {
        loss[i] = 0;
        if (targets[i] < 0) {
            memset(x, 0, width * sizeof *x);
            continue;
        }
        const float slope = 2 * weights[i];
        x[targets[i]] -= 1;
        loss[i] = (float)((double)weights[i] * squares(width, x));
#pragma omp simd
        for (size_t j = 0; j < width; j++) x[j] *= slope;
    }
}

/* sum exp(x - top) of a row that has to stay as it is. */
static float exp_total(size_t width, const float *x, float top) {
    float e[CHUNK];
    f8 lanes = {0};
    for (size_t j = 0; j < width; j += CHUNK) exps(width - j < CHUNK ? width - j : CHUNK, x + j, top, e, &lanes);
    return add_lanes(&lanes);
}

/* The first place of `top`; 0 where it is nowhere: in a row with NaN alone. */
static size_t place_of(float top, size_t width, const float *x) {
    for (size_t j = 0; j < width; j++)
        if (x[j] == top) return j;
    return 0;
}

static void rank(lgd_compute *c, size_t n, size_t width, const float *x, const int32_t *targets, float *log_p,
                 float *log_p_best, int32_t *best) {
    (void)c;
    for (size_t i = 0; i < n; i++, x += width) {
        const float top = largest(width, x), total = lgd_ln(exp_total(width, x, top));
        best[i] = (int32_t)place_of(top, width, x);
        log_p_best[i] = -total;
        log_p[i] = targets[i] < 0 ? 0 : x[targets[i]] - top - total;
    }
}

/* ---- Adam ---- */

static void adam(lgd_compute *c, size_t n, const float *g, const float *norm2, const float *step, float *w, float *m,
                 float *v) {
    const float norm = sqrtf(norm2[0]), clip = step[LGD_ADAM_CLIP], scale = norm > clip ? clip / norm : 1;
    const float beta1 = step[LGD_ADAM_BETA1], beta2 = step[LGD_ADAM_BETA2], epsilon = step[LGD_ADAM_EPSILON];
    const float correct1 = step[LGD_ADAM_CORRECT1], correct2 = step[LGD_ADAM_CORRECT2], rate = step[LGD_ADAM_RATE];
    (void)c;
#pragma omp simd
    for (size_t i = 0; i < n; i++) {
        const float d = g[i] * scale;
        m[i] = beta1 * m[i] + (1 - beta1) * d;
        v[i] = beta2 * v[i] + (1 - beta2) * d * d;
        w[i] -= rate * (m[i] / correct1) / (sqrtf(v[i] / correct2) + epsilon);
    }
}

const lgd_backend LGD_KERNELS_ROW = {
    .name = "blas",
    .what = "OpenBLAS, and kernels as wide as the processor",
    .on_host = true,
    .open = lgd_blas_open,
    .close = host_close,
    .alloc = host_alloc,
    .free = host_free,
    .put = host_copy_in,
    .get = host_copy_out,
    .zero = host_zero,
    .finish = host_finish,
    .repeat = host_repeat,
    .gemm = lgd_blas_gemm,
    .axpby = axpby,
    .fill_rows = fill_rows,
    .add_columns = add_columns,
    .add_sum = add_sum,
    .sum_squares = sum_squares,
    .gather = gather,
    .scatter_add = scatter_add,
    .gates = gates,
    .gates_grad = gates_grad,
    .dropout = dropout,
    .cross_entropy = cross_entropy,
    .squared_error = squared_error,
    .rank = rank,
    .adam = adam,
};
