/*
 * compute/product: out = x w for rows that must not know of each other. OpenBLAS sums in another order in the middle of a
 * matrix than at its edge, so there a row changes its last bits with the number and place of the rows around it; scores
 * that are remembered and compared must not. Here every element is one chain of fused multiply-adds over k, front to
 * back, wherever it stands, with vector units or without (fmaf is the same operation): the same bits on every processor.
 *
 * w is packed in panels of PANEL columns (Goto & van de Geijn 2008); TILE rows of x are multiplied with a panel at a time,
 * whose sums stay in registers. The file is compiled twice (CMakeLists.txt), as LGD_PRODUCT. Cost: about 90 % of what
 * fused multiply-adds can do for k >= 32; without them some ten times as much.
 */
#include "blas.h"

#include <math.h>

enum { PANEL = 16, TILE = 6, MAX_K = 512 };

/* A piece of w: k rows of PANEL columns, with zeros behind its edge. */
static void pack(const float *w, size_t ldw, bool transposed, size_t k, size_t columns, float *panel) {
    for (size_t l = 0; l < k; l++)
        for (size_t j = 0; j < PANEL; j++)
            panel[l * PANEL + j] = j >= columns ? 0 : transposed ? w[j * ldw + l] : w[l * ldw + j];
}

#ifdef __FMA__
#include <immintrin.h>

static inline __attribute__((always_inline)) void multiply(size_t rows, size_t k, const float *x, size_t ldx,
                                                           const float *panel, float sums[TILE][PANEL]) {
    __m256 low[TILE], high[TILE];
    for (size_t r = 0; r < rows; r++) low[r] = high[r] = _mm256_setzero_ps();
    for (size_t l = 0; l < k; l++) {
        const __m256 w0 = _mm256_loadu_ps(panel + l * PANEL), w1 = _mm256_loadu_ps(panel + l * PANEL + 8);
        for (size_t r = 0; r < rows; r++) {
            const __m256 factor = _mm256_broadcast_ss(x + r * ldx + l);
            low[r] = _mm256_fmadd_ps(factor, w0, low[r]);
            high[r] = _mm256_fmadd_ps(factor, w1, high[r]);
        }
    }
    for (size_t r = 0; r < rows; r++) {
        _mm256_storeu_ps(sums[r], low[r]);
        _mm256_storeu_ps(sums[r] + 8, high[r]);
    }
}
#else
static void multiply(size_t rows, size_t k, const float *x, size_t ldx, const float *panel, float sums[TILE][PANEL]) {
    memset(sums, 0, rows * sizeof sums[0]);
    for (size_t r = 0; r < rows; r++)
        for (size_t l = 0; l < k; l++)
            for (size_t j = 0; j < PANEL; j++) sums[r][j] = fmaf(x[r * ldx + l], panel[l * PANEL + j], sums[r][j]);
}
#endif

static inline void put_sums(size_t rows, size_t columns, float sums[TILE][PANEL], bool add, float *out, size_t ldo) {
    for (size_t r = 0; r < rows; r++)
        for (size_t j = 0; j < columns; j++) out[r * ldo + j] = add ? out[r * ldo + j] + sums[r][j] : sums[r][j];
}

typedef struct piece {
    const float *x;
    size_t ldx, m, k;
    float *out;
    size_t ldo, columns;
    bool add;
} piece;

static void multiply_panel(const piece *p, const float *panel) {
    float sums[TILE][PANEL];
    size_t i = 0;
    for (; i + TILE <= p->m; i += TILE) {
        multiply(TILE, p->k, p->x + i * p->ldx, p->ldx, panel, sums);
        put_sums(TILE, p->columns, sums, p->add, p->out + i * p->ldo, p->ldo);
    }
    for (; i < p->m; i++) {
        multiply(1, p->k, p->x + i * p->ldx, p->ldx, panel, sums);
        put_sums(1, p->columns, sums, p->add, p->out + i * p->ldo, p->ldo);
    }
}

void LGD_PRODUCT(lgd_compute *c, bool w_transposed, size_t m, size_t n, size_t k, const float *x, size_t ldx,
                 const float *w, size_t ldw, bool add, float *out, size_t ldo) {
    float panel[MAX_K * PANEL];
    (void)c;
    for (size_t j = 0; j < n; j += PANEL)
        for (size_t l = 0; l < k || (l == 0 && k == 0); l += MAX_K) {
            const size_t depth = k - l < MAX_K ? k - l : MAX_K, columns = n - j < PANEL ? n - j : PANEL;
            pack(w_transposed ? w + j * ldw + l : w + l * ldw + j, ldw, w_transposed, depth, columns, panel);
            const piece p = {x + l, ldx, m, depth, out + j, ldo, columns, add || l > 0};
            multiply_panel(&p, panel);
        }
}
