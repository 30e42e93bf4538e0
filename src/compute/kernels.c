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

enum { CHUNK = 256 };

/* ---- sums: in double, over eight lanes whatever the processor has, put together in one order ---- */

typedef float quad __attribute__((vector_size(16)));
typedef double wide_quad __attribute__((vector_size(32)));

static inline void add_eight(const float *x, bool squared, wide_quad *total) {
    for (size_t p = 0; p < 2; p++) {
        quad narrow;
        memcpy(&narrow, x + 4 * p, sizeof narrow);
        const wide_quad v = __builtin_convertvector(narrow, wide_quad);
        total[p] += squared ? v * v : v;
    }
}

/* The sum of x or of its squares. */
static inline double sum(size_t n, const float *x, bool squared) {
    wide_quad total[2] = {{0}};
    float end[8] = {0};
    const size_t n_end = n % 8;
    for (size_t i = 0; i < n - n_end; i += 8) add_eight(x + i, squared, total);
    memcpy(end, x + (n - n_end), n_end * sizeof *x);
    add_eight(end, squared, total);
    const wide_quad v = total[0] + total[1];
    return (v[0] + v[2]) + (v[1] + v[3]);
}

/* The largest, leaving NaN aside; -inf if there is nothing else. */
static float largest(size_t n, const float *x) {
    lanes most = lanes_of(-INFINITY);
    size_t i = 0;
    for (; i + LANES <= n; i += LANES) most = lanes_max(lanes_load(x + i), most);
    float top = -INFINITY;
    for (; i < n; i++) top = x[i] > top ? x[i] : top;
    for (size_t l = 0; l < LANES; l++) top = most[l] > top ? most[l] : top;
    return top;
}

static void exps(size_t n, float *x) {
    for (size_t i = 0; i < n; i += BLOCK) block_store(x + i, n - i, lgd_exp(block_load(x + i, n - i)));
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
    out[0] += (float)sum(n, x, false);
}

static void sum_squares(lgd_compute *c, size_t n, const float *x, float *out) {
    (void)c;
    out[0] = (float)sum(n, x, true);
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

static inline block load_sum(const float *x, const float *y, size_t n) {
    block a = block_load(x, n);
    const block b = block_load(y, n);
    LGD_EACH(k) a.r[k] += b.r[k];
    return a;
}

static inline void sigmoids(size_t n, float *x, const float *bias) {
    for (size_t i = 0; i < n; i += BLOCK) block_store(x + i, n - i, lgd_sigmoid(load_sum(x + i, bias + i, n - i)));
}

static inline void tangents(size_t n, float *x, const float *bias) {
    for (size_t i = 0; i < n; i += BLOCK) block_store(x + i, n - i, lgd_tanh(load_sum(x + i, bias + i, n - i)));
}

/* cell = f * before + i * g, for some units of a row. before: NULL at the first step, when it is 0: a NaN in f shows. */
static inline block new_cell(const float *i, const float *f, const float *g, const float *before, size_t n) {
    const block in = block_load(i, n), new = block_load(g, n), keep = block_load(f, n);
    block now = before ? block_load(before, n) : (block){0};
    LGD_EACH(k) now.r[k] = keep.r[k] * now.r[k] + in.r[k] * new.r[k];
    return now;
}

/* One row; i, f, g, o: its blocks. */
static inline void gates_row(size_t units, float *z, const float *bias, const float *before, float *cell, float *h) {
    float *const i = z, *const f = i + units, *const g = f + units, *const o = g + units;
    sigmoids(2 * units, i, bias);
    tangents(units, g, bias + 2 * units);
    sigmoids(units, o, bias + 3 * units);
    for (size_t u = 0; u < units; u += BLOCK) {
        const size_t n = units - u;
        const block now = new_cell(i + u, f + u, g + u, before ? before + u : NULL, n), out = block_load(o + u, n);
        block squashed = lgd_tanh(now);
        LGD_EACH(k) squashed.r[k] *= out.r[k];
        block_store(cell + u, n, now);
        block_store(h + u, n, squashed);
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
    float *const dz_f = dz + units, *const dz_g = dz_f + units, *const dz_o = dz_g + units;
    for (size_t u = 0; u < units; u += BLOCK, a += BLOCK) {
        const size_t n = units - u;
        const block i = block_load(a, n), f = block_load(a + units, n), g = block_load(a + 2 * units, n);
        const block o = block_load(a + 3 * units, n), up = block_load(dh + u, n),
                    squashed = lgd_tanh(block_load(cell + u, n));
        const block was = before ? block_load(before + u, n) : (block){0};
        block d = block_load(dcell + u, n), di, df, dg, d_o, back;
        LGD_EACH(k) d.r[k] += up.r[k] * o.r[k] * (1 - squashed.r[k] * squashed.r[k]);
        LGD_EACH(k) back.r[k] = d.r[k] * f.r[k];
        LGD_EACH(k) di.r[k] = d.r[k] * g.r[k] * i.r[k] * (1 - i.r[k]);
        LGD_EACH(k) df.r[k] = d.r[k] * was.r[k] * f.r[k] * (1 - f.r[k]);
        LGD_EACH(k) dg.r[k] = d.r[k] * i.r[k] * (1 - g.r[k] * g.r[k]);
        LGD_EACH(k) d_o.r[k] = up.r[k] * squashed.r[k] * o.r[k] * (1 - o.r[k]);
        block_store(dcell + u, n, back);
        block_store(dz + u, n, di);
        block_store(dz_f + u, n, df);
        block_store(dz_g + u, n, dg);
        block_store(dz_o + u, n, d_o);
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
    const uint64_t start = seed[0], least = (uint64_t)ceil(rate * 0x1p53); /* lgd_dropout_keeps in whole numbers */
    (void)c;
#pragma omp simd
    for (size_t i = 0; i < n; i++) y[i] = lgd_dropout_bits(start, salt, i) >= least ? x[i] * scale : 0;
}

/* ---- losses ---- */

/* Rows that are taken at once, so that narrow ones fill blocks too. */
static size_t rows_at_once(size_t width) { return width < CHUNK ? CHUNK / (width ? width : 1) : 1; }

static void less(size_t n, const float *x, float top, float *e) {
#pragma omp simd
    for (size_t j = 0; j < n; j++) e[j] = x[j] - top;
}

/* One row behind exps. x: exp(x - top). wanted: what x[target] - top was. */
static float entropy_row(size_t width, float *x, int32_t target, float weight, float wanted) {
    if (target < 0) {
        memset(x, 0, width * sizeof *x);
        return 0;
    }
    const float total = (float)sum(width, x, false), scale = weight / total;
#pragma omp simd
    for (size_t j = 0; j < width; j++) x[j] *= scale;
    x[target] -= weight;
    return weight * (lgd_ln(total) - wanted);
}

static void cross_entropy(lgd_compute *c, size_t n, size_t width, float *x, const int32_t *targets,
                          const float *weights, float *loss) {
    const size_t step = rows_at_once(width);
    (void)c;
    for (size_t i = 0; i < n; i += step) {
        const size_t end = n - i < step ? n : i + step;
        for (size_t r = i; r < end; r++) {
            float *row = x + r * width;
            less(width, row, largest(width, row), row);
            loss[r] = targets[r] < 0 ? 0 : row[targets[r]]; /* kept until its exp is summed */
        }
        exps((end - i) * width, x + i * width);
        for (size_t r = i; r < end; r++) loss[r] = entropy_row(width, x + r * width, targets[r], weights[r], loss[r]);
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
        loss[i] = (float)((double)weights[i] * sum(width, x, true));
#pragma omp simd
        for (size_t j = 0; j < width; j++) x[j] *= slope;
    }
}

/* The first place of `top`; 0 where it is nowhere: in a row with NaN alone. */
static int32_t place_of(float top, size_t width, const float *x) {
    int32_t first = INT32_MAX;
#pragma omp simd reduction(min : first)
    for (size_t j = 0; j < width; j++) {
        const int32_t here = x[j] == top ? (int32_t)j : INT32_MAX;
        first = here < first ? here : first;
    }
    return first == INT32_MAX ? 0 : first;
}

/* ln sum exp(x - top) of one row that has to stay as it is, and is longer than a chunk. */
static float long_total(size_t width, const float *x, float top) {
    float e[CHUNK];
    double total = 0;
    for (size_t j = 0; j < width; j += CHUNK) {
        const size_t n = width - j < CHUNK ? width - j : CHUNK;
        less(n, x + j, top, e);
        exps(n, e);
        total += sum(n, e, false);
    }
    return lgd_ln((float)total);
}

/* The same of n rows that fill a chunk at the most. */
static void short_totals(size_t n, size_t width, const float *x, const float *tops, float *totals) {
    float e[CHUNK];
    for (size_t r = 0; r < n; r++) less(width, x + r * width, tops[r], e + r * width);
    exps(n * width, e);
    for (size_t r = 0; r < n; r++) totals[r] = lgd_ln((float)sum(width, e + r * width, false));
}

static void rank(lgd_compute *c, size_t n, size_t width, const float *x, const int32_t *targets, float *log_p,
                 float *log_p_best, int32_t *best) {
    const size_t step = rows_at_once(width);
    (void)c;
    for (size_t i = 0; i < n; i += step) {
        const size_t n_rows = n - i < step ? n - i : step;
        float tops[CHUNK], totals[CHUNK];
        for (size_t r = 0; r < n_rows; r++) tops[r] = largest(width, x + (i + r) * width);
        if (width > CHUNK)
            totals[0] = long_total(width, x + i * width, tops[0]);
        else
            short_totals(n_rows, width, x + i * width, tops, totals);
        for (size_t r = 0; r < n_rows; r++) {
            const float *row = x + (i + r) * width;
            const int32_t target = targets[i + r];
            best[i + r] = place_of(tops[r], width, row);
            log_p_best[i + r] = -totals[r];
            log_p[i + r] = target < 0 ? 0 : row[target] - tops[r] - totals[r];
        }
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
    .product = LGD_PRODUCT,
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
