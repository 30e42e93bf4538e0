/*
 * compute/cuda/kernels: the backend's kernels, in what C and CUDA C++ have in common. nvcc makes the GPU's code of this
 * file (-x cu); a C compiler makes functions of it that do one thread's share, which tests run over all threads of a
 * launch, in any order, with warps of one lane or of 32: logic, indices and independence of order are shown where there
 * is no GPU. Formulas are those of ref.c.
 *
 * Two shapes. Item by item: a thread takes items thread, thread + n_threads, ... Row by row: a warp takes a row, its lanes
 * the columns, and sums go through swaps in a tree of fixed shape. No shared memory, no barriers, no atomics on floats:
 * what a kernel gives never depends on the order in which its threads run, nor on their number.
 */
#include "kernels.h"

#include <math.h>

#ifdef __CUDACC__

typedef struct gpu_place {
    uint32_t thread, n_threads, lanes;
} gpu_place;

#define DEVICE static __device__ __forceinline__
#define KERNEL(name)                                                                                                   \
    DEVICE void do_##name(const kernel_##name &a, gpu_place at);                                                       \
    extern "C" __global__ void __launch_bounds__(GPU_BLOCK) name(const kernel_##name a) {                              \
        gpu_place at;                                                                                                  \
        at.thread = blockIdx.x * blockDim.x + threadIdx.x;                                                             \
        at.n_threads = gridDim.x * blockDim.x;                                                                         \
        at.lanes = GPU_WARP;                                                                                           \
        do_##name(a, at);                                                                                              \
    }                                                                                                                  \
    DEVICE void do_##name(const kernel_##name &a, gpu_place at)
#define SWAPPED(at, type, x, mask) __shfl_xor_sync(0xffffffffu, (x), (int)(mask))
#define ATOMIC_ADD(place, x)       atomicAdd((unsigned long long *)(place), (unsigned long long)(x))
#define ATOMIC_OR(place, x)        atomicOr((place), (x))
#define ATOMIC_MAX(place, x)       atomicMax((place), (x))

#else

#define DEVICE static
#define KERNEL(name)                                                                                                   \
    static void do_##name(kernel_##name a, gpu_place at);                                                              \
    static void run_##name(const gpu_arguments *all, gpu_place at) { do_##name(all->name, at); }                       \
    static void do_##name(kernel_##name a, gpu_place at)
#define SWAPPED(at, type, x, mask) ((type)(at).swap((at).ctx, (double)(x), (mask)))
#define ATOMIC_ADD(place, x)       __atomic_fetch_add((place), (x), __ATOMIC_RELAXED)
#define ATOMIC_OR(place, x)        __atomic_fetch_or((place), (x), __ATOMIC_RELAXED)
#define ATOMIC_MAX(place, x)       atomic_max((place), (x))

static void atomic_max(uint32_t *place, uint32_t x) {
    uint32_t was = __atomic_load_n(place, __ATOMIC_RELAXED);
    while (was < x && !__atomic_compare_exchange_n(place, &was, x, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED)) {
    }
}

#endif

/* for (each item, row or column that is this thread's) */
#define EACH_ITEM(i, n) for (uint32_t i = at.thread; i < (n); i += at.n_threads)
#define EACH_ROW(i, n)  for (uint32_t i = at.thread / at.lanes; i < (n); i += at.n_threads / at.lanes)
#define EACH_LANE(j, n) for (uint32_t j = at.thread % at.lanes; j < (n); j += at.lanes)

DEVICE bool is_first_lane(gpu_place at) { return at.thread % at.lanes == 0; }

DEVICE float lanes_sum(gpu_place at, float x) {
    for (uint32_t mask = at.lanes / 2; mask > 0; mask /= 2) x += SWAPPED(at, float, x, mask);
    return x;
}

DEVICE double lanes_sum_double(gpu_place at, double x) {
    for (uint32_t mask = at.lanes / 2; mask > 0; mask /= 2) x += SWAPPED(at, double, x, mask);
    return x;
}

DEVICE uint32_t bits_of(float x) {
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

/* ---- linear algebra ---- */

KERNEL(axpby) { EACH_ITEM(i, a.n) a.y[i] = a.alpha * a.x[i] + (a.beta != 0 ? a.beta * a.y[i] : 0); }

KERNEL(fill_rows) { EACH_ITEM(i, a.n_items) a.out[i] = a.row[i % a.width]; }

KERNEL(add_columns_parts) {
    EACH_ITEM(i, a.n_parts * a.width) {
        uint32_t first = i / a.width * a.rows_a_part, j = i % a.width;
        uint32_t end = a.n - first < a.rows_a_part ? a.n : first + a.rows_a_part;
        float sum = 0;
        for (uint32_t r = first; r < end; r++) sum += a.x[(size_t)r * a.width + j];
        a.parts[i] = sum;
    }
}

KERNEL(add_columns) {
    EACH_ROW(j, a.width) {
        float sum = 0;
        EACH_LANE(p, a.n_parts) sum += a.parts[(size_t)p * a.width + j];
        sum = lanes_sum(at, sum);
        if (is_first_lane(at)) a.out[j] += sum;
    }
}

KERNEL(sum_parts) {
    EACH_ROW(p, a.n_parts) {
        uint32_t first = p * a.items_a_part;
        uint32_t n = a.n - first < a.items_a_part ? a.n - first : a.items_a_part;
        double sum = 0;
        EACH_LANE(i, n) {
            double x = (double)a.x[first + i];
            sum += a.squares ? x * x : x;
        }
        sum = lanes_sum_double(at, sum);
        if (is_first_lane(at)) a.parts[p] = sum;
    }
}

KERNEL(sum) {
    EACH_ROW(only, 1) {
        double sum = 0;
        EACH_LANE(p, a.n_parts) sum += a.parts[p];
        sum = lanes_sum_double(at, sum);
        if (is_first_lane(at)) a.out[only] = (float)sum + (a.add ? a.out[only] : 0);
    }
}

/* ---- layers ---- */

KERNEL(gather) {
    EACH_ITEM(i, a.n_items) {
        int32_t id = a.ids[i / a.width];
        a.out[i] = id < 0 ? 0 : a.table[(size_t)id * a.width + i % a.width];
    }
}

KERNEL(scatter_range) {
    uint32_t most = 0;
    EACH_ITEM(i, a.n_items) {
        uint32_t bits = bits_of(fabsf(a.x[i]));
        if (a.ids[i / a.width] >= 0 && isfinite(a.x[i]) && bits > most) most = bits;
    }
    if (most) ATOMIC_MAX(a.largest, most);
}

/* The power of two by which x is scaled, as its exponent: n times the largest one stays below 2^62. */
DEVICE int scatter_scale(uint32_t n, uint32_t largest) {
    int exponent = 0, log2_n = 0;
    float most;
    memcpy(&most, &largest, sizeof most);
    (void)frexpf(most, &exponent);
    while (log2_n < 32 && (UINT64_C(1) << log2_n) < n) log2_n++;
    return 62 - log2_n - exponent;
}

enum { ODD_NAN = 1, ODD_PLUS = 2, ODD_MINUS = 4 };

KERNEL(scatter) {
    double scale = ldexp(1.0, scatter_scale(a.n, *a.largest));
    EACH_ITEM(i, a.n_items) {
        int32_t id = a.ids[i / a.width];
        float x = a.x[i];
        if (id < 0) continue;
        size_t place = (size_t)id * a.width + i % a.width;
        if (isfinite(x))
            ATOMIC_ADD(&a.sums[place], llrint((double)x * scale));
        else
            ATOMIC_OR(&a.odd[place], (uint32_t)(isnan(x) ? ODD_NAN : x > 0 ? ODD_PLUS : ODD_MINUS));
    }
}

KERNEL(scatter_settle) {
    double scale = ldexp(1.0, -scatter_scale(a.n, *a.largest));
    EACH_ITEM(i, a.n_items) {
        a.table[i] += (float)((double)a.sums[i] * scale);
        if (a.odd[i] & ODD_PLUS) a.table[i] += INFINITY;
        if (a.odd[i] & ODD_MINUS) a.table[i] -= INFINITY;
        if (a.odd[i] & ODD_NAN) a.table[i] = NAN;
    }
}

DEVICE float sigmoid(float x) { return 1 / (1 + expf(-x)); }

KERNEL(gates) {
    EACH_ITEM(i, a.n_items) {
        uint32_t u = i % a.units, units = a.units;
        float *z = a.z + (size_t)(i / units) * 4 * units + u;
        float in = sigmoid(z[0] + a.bias[u]);
        float forget = sigmoid(z[units] + a.bias[units + u]);
        float what = tanhf(z[2 * units] + a.bias[2 * units + u]);
        float out = sigmoid(z[3 * units] + a.bias[3 * units + u]);
        float cell = forget * (a.cell_before ? a.cell_before[i] : 0) + in * what;
        z[0] = in;
        z[units] = forget;
        z[2 * units] = what;
        z[3 * units] = out;
        a.cell[i] = cell;
        a.h[i] = out * tanhf(cell);
    }
}

KERNEL(gates_grad) {
    EACH_ITEM(i, a.n_items) {
        uint32_t units = a.units;
        size_t first = (size_t)(i / units) * 4 * units + i % units;
        const float *act = a.a + first;
        float *dz = a.dz + first;
        float in = act[0], forget = act[units], what = act[2 * units], out = act[3 * units];
        float squashed = tanhf(a.cell[i]), before = a.cell_before ? a.cell_before[i] : 0, dh = a.dh[i];
        float d = a.dcell[i] + dh * out * (1 - squashed * squashed);
        a.dcell[i] = d * forget;
        dz[0] = d * what * in * (1 - in);
        dz[units] = d * before * forget * (1 - forget);
        dz[2 * units] = d * in * (1 - what * what);
        dz[3 * units] = dh * squashed * out * (1 - out);
    }
}

KERNEL(dropout) { EACH_ITEM(i, a.n) a.y[i] = lgd_dropout_bits(a.seed[0], a.salt, i) >= a.least ? a.x[i] * a.scale : 0; }

/* ---- losses: a warp for each row ---- */

typedef struct peak {
    float top;
    uint32_t best;
} peak;

/* The largest number of a row and the first place where it stands, as ref's `largest` finds them. */
DEVICE peak row_peak(gpu_place at, const float *x, uint32_t width) {
    peak p;
    p.top = x[0]; /* of every lane, so that a row of NaN has a place too */
    p.best = 0;
    EACH_LANE(j, width) if (x[j] > p.top) {
        p.top = x[j];
        p.best = j;
    }
    for (uint32_t mask = at.lanes / 2; mask > 0; mask /= 2) {
        float top = SWAPPED(at, float, p.top, mask);
        uint32_t best = SWAPPED(at, uint32_t, p.best, mask);
        if (top > p.top || (top == p.top && best < p.best)) {
            p.top = top;
            p.best = best;
        }
    }
    return p;
}

/* ln sum exp(x - top) */
DEVICE float row_log_total(gpu_place at, const float *x, uint32_t width, float top) {
    float sum = 0;
    EACH_LANE(j, width) sum += expf(x[j] - top);
    return logf(lanes_sum(at, sum));
}

KERNEL(cross_entropy) {
    EACH_ROW(i, a.n) {
        float *x = a.x + (size_t)i * a.width, weight = a.weights[i];
        int32_t target = a.targets[i];
        float top = row_peak(at, x, a.width).top, total = row_log_total(at, x, a.width, top);
        if (target < 0 && is_first_lane(at)) a.loss[i] = 0;
        EACH_LANE(j, a.width) {
            float below = x[j] - top;
            bool is_target = target >= 0 && j == (uint32_t)target;
            if (is_target) a.loss[i] = weight * (total - below); /* by the lane that owns it: nobody has written it */
            x[j] = target < 0 ? 0 : weight * (expf(below - total) - (is_target ? 1.0f : 0.0f));
        }
    }
}

KERNEL(squared_error) {
    EACH_ROW(i, a.n) {
        float *x = a.x + (size_t)i * a.width, weight = a.weights[i], sum = 0;
        int32_t target = a.targets[i];
        EACH_LANE(j, a.width) {
            float d = target < 0 ? 0 : x[j] - (j == (uint32_t)target ? 1.0f : 0.0f);
            sum += d * d;
            x[j] = target < 0 ? 0 : 2 * weight * d; /* the weight may be no number */
        }
        sum = lanes_sum(at, sum);
        if (is_first_lane(at)) a.loss[i] = target < 0 ? 0 : weight * sum;
    }
}

KERNEL(rank) {
    EACH_ROW(i, a.n) {
        const float *x = a.x + (size_t)i * a.width;
        int32_t target = a.targets[i];
        peak p = row_peak(at, x, a.width);
        float total = row_log_total(at, x, a.width, p.top);
        if (!is_first_lane(at)) continue;
        a.best[i] = (int32_t)p.best;
        a.log_p_best[i] = -total;
        a.log_p[i] = target < 0 ? 0 : x[target] - p.top - total;
    }
}

/* ---- Adam ---- */

KERNEL(adam) {
    float norm = sqrtf(a.norm2[0]), clip = a.step[LGD_ADAM_CLIP], scale = norm > clip ? clip / norm : 1;
    float beta1 = a.step[LGD_ADAM_BETA1], beta2 = a.step[LGD_ADAM_BETA2];
    EACH_ITEM(i, a.n) {
        float d = a.g[i] * scale;
        float m = beta1 * a.m[i] + (1 - beta1) * d, v = beta2 * a.v[i] + (1 - beta2) * d * d;
        a.m[i] = m;
        a.v[i] = v;
        a.w[i] -= a.step[LGD_ADAM_RATE] * (m / a.step[LGD_ADAM_CORRECT1]) /
                  (sqrtf(v / a.step[LGD_ADAM_CORRECT2]) + a.step[LGD_ADAM_EPSILON]);
    }
}

#ifndef __CUDACC__
const gpu_host_row gpu_host_kernels[GPU_N_KERNELS] = {
#define ROW(name) {#name, sizeof(kernel_##name), run_##name},
    GPU_KERNELS(ROW)
#undef ROW
};
#endif
