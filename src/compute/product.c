/*
 * compute/product: matrix products of the backend `blas` that are not deep, which are all of a forward pass. Tiles of six
 * rows by two registers stay in registers while they run through the depth (Goto & van de Geijn 2008, their innermost
 * kernel); the columns of B that a tile needs are copied together once, A is read where it lies. Compiled twice, as
 * kernels.c is; with AVX2, products are added by fused multiply-add, so here the two round differently.
 *
 * Why not OpenBLAS for these: it copies A as well, which small products do not pay back (128 x 256 by 16, 32, 64, Zen 3:
 * 1.7, 1.5, 1.2 times its time), and it rounds a row by its place among the others. Here each number is the sum over the
 * depth from front to back, whatever the other rows are and how many. Deep products, such as gradients of weights over a
 * whole batch, are OpenBLAS's. Cost: m n k multiply-adds, n k copies.
 */
#include "blas.h"

#include "lanes.h"

enum { HEIGHT = 6, WIDTH = 2 * LANES };

/* A tile's share of a product. Element l of its row r: a[r * row + l * step]. panel: [k, WIDTH], of B. */
typedef struct {
    _Alignas(64) float panel[LGD_ALIKE_DEPTH * WIDTH];
    size_t k, row, step;
    float alpha, beta;
} product;

/* height: a constant where it is called, so that what it sums stays in registers. */
static inline __attribute__((always_inline)) void tile(size_t height, const product *p, const float *a, float *out,
                                                       size_t ldc) {
    lanes sum[HEIGHT][2];
    for (size_t r = 0; r < height; r++) sum[r][0] = sum[r][1] = lanes_of(0);
    for (size_t l = 0; l < p->k; l++) {
        const lanes left = lanes_load(p->panel + l * WIDTH), right = lanes_load(p->panel + l * WIDTH + LANES);
        for (size_t r = 0; r < height; r++) {
            const lanes x = lanes_of(a[r * p->row + l * p->step]);
            sum[r][0] = lanes_multiply_add(x, left, sum[r][0]);
            sum[r][1] = lanes_multiply_add(x, right, sum[r][1]);
        }
    }
    for (size_t r = 0; r < height; r++) {
        sum[r][0] *= p->alpha;
        sum[r][1] *= p->alpha;
    }
    if (p->beta != 0)
        for (size_t r = 0; r < height; r++) {
            sum[r][0] += p->beta * lanes_load(out + r * ldc);
            sum[r][1] += p->beta * lanes_load(out + r * ldc + LANES);
        }
    for (size_t r = 0; r < height; r++) {
        lanes_store(out + r * ldc, sum[r][0]);
        lanes_store(out + r * ldc + LANES, sum[r][1]);
    }
}

/* A tile at an edge: `height` rows and `width` columns of it, by way of a whole one. */
static void edge(size_t height, size_t width, const product *p, const float *a, float *out, size_t ldc) {
    float whole[HEIGHT * WIDTH] = {0};
    for (size_t r = 0; p->beta != 0 && r < height; r++) memcpy(whole + r * WIDTH, out + r * ldc, width * sizeof *out);
    switch (height) {
    case 1: tile(1, p, a, whole, WIDTH); break;
    case 2: tile(2, p, a, whole, WIDTH); break;
    case 3: tile(3, p, a, whole, WIDTH); break;
    case 4: tile(4, p, a, whole, WIDTH); break;
    case 5: tile(5, p, a, whole, WIDTH); break;
    default: tile(HEIGHT, p, a, whole, WIDTH); break;
    }
    for (size_t r = 0; r < height; r++) memcpy(out + r * ldc, whole + r * WIDTH, width * sizeof *out);
}

/* Copies `width` columns of op(B) together, from b on; zeros behind. */
static void fill_panel(product *p, bool transposed, const float *b, size_t ldb, size_t width) {
    if (width < WIDTH) memset(p->panel, 0, p->k * WIDTH * sizeof *p->panel);
    if (transposed)
        for (size_t j = 0; j < width; j++)
            for (size_t l = 0; l < p->k; l++) p->panel[l * WIDTH + j] = b[j * ldb + l];
    else if (width == WIDTH)
        for (size_t l = 0; l < p->k; l++) memcpy(p->panel + l * WIDTH, b + l * ldb, WIDTH * sizeof *b);
    else
        for (size_t l = 0; l < p->k; l++) memcpy(p->panel + l * WIDTH, b + l * ldb, width * sizeof *b);
}

/* All rows of the columns that the panel has. */
static void fill_columns(const product *p, size_t m, size_t width, const float *a, float *out, size_t ldc) {
    size_t i = 0;
    for (; width == WIDTH && i + HEIGHT <= m; i += HEIGHT) tile(HEIGHT, p, a + i * p->row, out + i * ldc, ldc);
    for (; i < m; i += HEIGHT) edge(m - i < HEIGHT ? m - i : HEIGHT, width, p, a + i * p->row, out + i * ldc, ldc);
}

void LGD_KERNELS_GEMM(lgd_compute *c, bool a_transposed, bool b_transposed, size_t m, size_t n, size_t k, float alpha,
                      const float *a, size_t lda, const float *b, size_t ldb, float beta, float *out, size_t ldc) {
    if (k > LGD_ALIKE_DEPTH) {
        lgd_blas_gemm(c, a_transposed, b_transposed, m, n, k, alpha, a, lda, b, ldb, beta, out, ldc);
        return;
    }
    product p;
    p.k = k;
    p.row = a_transposed ? 1 : lda;
    p.step = a_transposed ? lda : 1;
    p.alpha = alpha;
    p.beta = beta;
    for (size_t j = 0; j < n; j += WIDTH) {
        const size_t width = n - j < WIDTH ? n - j : WIDTH;
        fill_panel(&p, b_transposed, b + (b_transposed ? j * ldb : j), ldb, width);
        fill_columns(&p, m, width, a, out + j, ldc);
    }
}
