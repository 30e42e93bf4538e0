/*
 * compute/ref: what every backend must give, in plain C. No blocking, no tricks; sums run from front to back. It is the
 * oracle of the parity tests and, built in double, of the gradient checks.
 */
#include "host.h"

#include <math.h>

typedef lgd_real real;

/* ---- linear algebra ---- */

static real at(const real *x, size_t ld, bool transposed, size_t i, size_t j) {
    return transposed ? x[j * ld + i] : x[i * ld + j];
}

static void gemm(lgd_compute *c, bool a_transposed, bool b_transposed, size_t m, size_t n, size_t k, real alpha,
                 const real *a, size_t lda, const real *b, size_t ldb, real beta, real *out, size_t ldc) {
    (void)c;
    for (size_t i = 0; i < m; i++)
        for (size_t j = 0; j < n; j++) {
            real sum = 0;
            for (size_t l = 0; l < k; l++) sum += at(a, lda, a_transposed, i, l) * at(b, ldb, b_transposed, l, j);
            real *x = &out[i * ldc + j];
            *x = alpha * sum + (beta != 0 ? beta * *x : 0);
        }
}

static void product(lgd_compute *c, bool w_transposed, size_t m, size_t n, size_t k, const real *x, size_t ldx,
                    const real *w, size_t ldw, bool add, real *out, size_t ldo) {
    gemm(c, false, w_transposed, m, n, k, 1, x, ldx, w, ldw, add, out, ldo);
}

static void axpby(lgd_compute *c, size_t n, real alpha, const real *x, real beta, real *y) {
    (void)c;
    for (size_t i = 0; i < n; i++) y[i] = alpha * x[i] + (beta != 0 ? beta * y[i] : 0);
}

static void fill_rows(lgd_compute *c, size_t n, size_t width, const real *row, real *out) {
    (void)c;
    for (size_t i = 0; i < n; i++) memcpy(out + i * width, row, width * sizeof *row);
}

static void add_columns(lgd_compute *c, size_t n, size_t width, const real *x, real *out) {
    (void)c;
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < width; j++) out[j] += x[i * width + j];
}

static void add_sum(lgd_compute *c, size_t n, const real *x, real *out) {
    double sum = 0;
    (void)c;
    for (size_t i = 0; i < n; i++) sum += (double)x[i];
    out[0] += (real)sum;
}

static void sum_squares(lgd_compute *c, size_t n, const real *x, real *out) {
    double sum = 0;
    (void)c;
    for (size_t i = 0; i < n; i++) sum += (double)x[i] * (double)x[i];
    out[0] = (real)sum;
}

/* ---- layers ---- */

static void gather(lgd_compute *c, size_t n, size_t width, const int32_t *ids, const real *table, real *out) {
    (void)c;
    for (size_t i = 0; i < n; i++)
        if (ids[i] < 0)
            memset(out + i * width, 0, width * sizeof *out);
        else
            memcpy(out + i * width, table + (size_t)ids[i] * width, width * sizeof *out);
}

static void scatter_add(lgd_compute *c, size_t n, size_t width, const int32_t *ids, const real *x, size_t n_ids,
                        real *table) {
    (void)c;
    (void)n_ids;
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < width && ids[i] >= 0; j++) table[(size_t)ids[i] * width + j] += x[i * width + j];
}

static real sigmoid(real x) { return (real)(1 / (1 + exp(-(double)x))); }
static real tangent(real x) { return (real)tanh((double)x); }

static void gates(lgd_compute *ctx, size_t n, size_t units, real *z, const real *bias, const real *cell_before,
                  real *cell, real *h) {
    (void)ctx;
    for (size_t r = 0; r < n; r++)
        for (size_t u = 0; u < units; u++) {
            real *i = z + r * 4 * units + u, *f = i + units, *g = f + units, *o = g + units;
            *i = sigmoid(*i + bias[u]);
            *f = sigmoid(*f + bias[units + u]);
            *g = tangent(*g + bias[2 * units + u]);
            *o = sigmoid(*o + bias[3 * units + u]);
            real before = cell_before ? cell_before[r * units + u] : 0;
            real now = *f * before + *i * *g;
            cell[r * units + u] = now;
            h[r * units + u] = *o * tangent(now);
        }
}

static void gates_grad(lgd_compute *ctx, size_t n, size_t units, const real *a, const real *cell_before,
                       const real *cell, const real *dh, real *dcell, real *dz) {
    (void)ctx;
    for (size_t r = 0; r < n; r++)
        for (size_t u = 0; u < units; u++) {
            size_t at_gate = r * 4 * units + u, at_unit = r * units + u;
            real i = a[at_gate], f = a[at_gate + units], g = a[at_gate + 2 * units], o = a[at_gate + 3 * units];
            real squashed = tangent(cell[at_unit]), before = cell_before ? cell_before[at_unit] : 0;
            real d = dcell[at_unit] + dh[at_unit] * o * (1 - squashed * squashed);
            dcell[at_unit] = d * f;
            dz[at_gate] = d * g * i * (1 - i);
            dz[at_gate + units] = d * before * f * (1 - f);
            dz[at_gate + 2 * units] = d * i * (1 - g * g);
            dz[at_gate + 3 * units] = dh[at_unit] * squashed * o * (1 - o);
        }
}

static void dropout(lgd_compute *c, size_t n, double rate, const uint64_t *seed, uint32_t salt, const real *x,
                    real *y) {
    real scale = (real)(1 / (1 - rate));
    (void)c;
    for (size_t i = 0; i < n; i++) y[i] = lgd_dropout_keeps(seed[0], salt, i, rate) ? x[i] * scale : 0;
}

/* ---- losses ---- */

static size_t largest(const real *x, size_t width) {
    size_t best = 0;
    for (size_t j = 1; j < width; j++)
        if (x[j] > x[best]) best = j;
    return best;
}

/* ln sum exp(x - top) */
static double log_total(const real *x, size_t width, real top) {
    double sum = 0;
    for (size_t j = 0; j < width; j++) sum += exp((double)(x[j] - top));
    return log(sum);
}

static void cross_entropy(lgd_compute *c, size_t n, size_t width, real *x, const int32_t *targets, const real *weights,
                          real *loss) {
    (void)c;
    for (size_t i = 0; i < n; i++, x += width) {
        loss[i] = 0;
        if (targets[i] < 0) {
            memset(x, 0, width * sizeof *x);
            continue;
        }
        real top = x[largest(x, width)];
        double total = log_total(x, width, top);
        loss[i] = (real)((double)weights[i] * (total - (double)(x[targets[i]] - top)));
        for (size_t j = 0; j < width; j++)
            x[j] = weights[i] * (real)(exp((double)(x[j] - top) - total) - (j == (size_t)targets[i]));
    }
}

static void squared_error(lgd_compute *c, size_t n, size_t width, real *x, const int32_t *targets, const real *weights,
                          real *loss) {
    (void)c;
    for (size_t i = 0; i < n; i++, x += width) {
        double sum = 0;
        loss[i] = 0;
        if (targets[i] < 0) {
            memset(x, 0, width * sizeof *x);
            continue;
        }
        for (size_t j = 0; j < width; j++) {
            real d = x[j] - (j == (size_t)targets[i]);
            sum += (double)d * (double)d;
            x[j] = 2 * weights[i] * d;
        }
        loss[i] = (real)((double)weights[i] * sum);
    }
}

static void rank(lgd_compute *c, size_t n, size_t width, const real *x, const int32_t *targets, real *log_p,
                 real *log_p_best, int32_t *best) {
    (void)c;
    for (size_t i = 0; i < n; i++, x += width) {
        size_t most = largest(x, width);
        double total = log_total(x, width, x[most]);
        best[i] = (int32_t)most;
        log_p_best[i] = (real)-total;
        log_p[i] = targets[i] < 0 ? 0 : (real)((double)(x[targets[i]] - x[most]) - total);
    }
}

/* ---- Adam ---- */

static void adam(lgd_compute *c, size_t n, const real *g, const real *norm2, const real *step, real *w, real *m,
                 real *v) {
    real norm = (real)sqrt((double)norm2[0]), clip = step[LGD_ADAM_CLIP];
    real scale = norm > clip ? clip / norm : 1;
    (void)c;
    for (size_t i = 0; i < n; i++) {
        real d = g[i] * scale;
        m[i] = step[LGD_ADAM_BETA1] * m[i] + (1 - step[LGD_ADAM_BETA1]) * d;
        v[i] = step[LGD_ADAM_BETA2] * v[i] + (1 - step[LGD_ADAM_BETA2]) * d * d;
        real mean = m[i] / step[LGD_ADAM_CORRECT1], square = v[i] / step[LGD_ADAM_CORRECT2];
        w[i] -= step[LGD_ADAM_RATE] * mean / ((real)sqrt((double)square) + step[LGD_ADAM_EPSILON]);
    }
}

const lgd_backend lgd_backend_ref = {
    .name = "ref",
    .what = "plain C, the reference",
    .on_host = true,
    .open = host_open,
    .close = host_close,
    .alloc = host_alloc,
    .free = host_free,
    .put = host_copy_in,
    .get = host_copy_out,
    .zero = host_zero,
    .finish = host_finish,
    .repeat = host_repeat,
    .gemm = gemm,
    .product = product,
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
