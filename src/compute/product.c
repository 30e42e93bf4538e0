/*
 * compute/product: out = x w for rows that must not know of each other. OpenBLAS sums in another order in the middle of a
 * matrix than at its edge, so there a row changes its last bits with the number and place of the rows around it; scores
 * that are remembered and compared must not. Here every element is one chain of fused multiply-adds over k, front to
 * back, wherever it stands - beyond a depth of MAX_K one chain for each MAX_K, added up from front to back: the same bits
 * on every processor that has them. One that has none rounds products and sums apart, and its last bits are others.
 *
 * w is packed in panels of PANEL columns (Goto & van de Geijn 2008); TILE rows of x are multiplied with a panel at a time,
 * whose sums stay in registers. The file is compiled twice (CMakeLists.txt), as LGD_PRODUCT. Cost: about 90 % of what
 * fused multiply-adds can do for k >= 32.
 */
#include "blas.h"

enum { PANEL = 16, TILE = 6, MAX_K = 512 };

/* A piece of w: k rows of PANEL columns, with zeros behind its edge. */
static void pack(const float *w, size_t ldw, bool transposed, size_t k, size_t columns, float *panel) {
    if (columns < PANEL) memset(panel, 0, k * PANEL * sizeof *panel);
    if (transposed)
        for (size_t j = 0; j < columns; j++)
            for (size_t l = 0; l < k; l++) panel[l * PANEL + j] = w[j * ldw + l];
    else if (columns == PANEL) /* of known length: a few moves */
        for (size_t l = 0; l < k; l++) memcpy(panel + l * PANEL, w + l * ldw, PANEL * sizeof *w);
    else
        for (size_t l = 0; l < k; l++) memcpy(panel + l * PANEL, w + l * ldw, columns * sizeof *w);
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
            for (size_t j = 0; j < PANEL; j++) sums[r][j] += x[r * ldx + l] * panel[l * PANEL + j];
}
#endif

static inline __attribute__((always_inline)) void put(size_t rows, size_t columns, float sums[TILE][PANEL], bool add,
                                                      float *out, size_t ldo) {
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

/* `rows` rows from row i on. rows: a constant where it is called, so that sums stay in registers. */
static inline __attribute__((always_inline)) void multiply_tile(size_t rows, const piece *p, size_t i,
                                                                const float *panel) {
    float sums[TILE][PANEL], *out = p->out + i * p->ldo;
    multiply(rows, p->k, p->x + i * p->ldx, p->ldx, panel, sums);
    if (p->columns < PANEL)
        put(rows, p->columns, sums, p->add, out, p->ldo);
    else if (p->add)
        put(rows, PANEL, sums, true, out, p->ldo);
    else
        put(rows, PANEL, sums, false, out, p->ldo);
}

static void multiply_panel(const piece *p, const float *panel) {
    size_t i = 0;
    for (; i + TILE <= p->m; i += TILE) multiply_tile(TILE, p, i, panel);
    switch (p->m - i) {
    case 1: multiply_tile(1, p, i, panel); break;
    case 2: multiply_tile(2, p, i, panel); break;
    case 3: multiply_tile(3, p, i, panel); break;
    case 4: multiply_tile(4, p, i, panel); break;
    case 5: multiply_tile(5, p, i, panel); break;
    default: break;
    }
}

void LGD_PRODUCT(lgd_compute *c, bool w_transposed, size_t m, size_t n, size_t k, const float *x, size_t ldx,
                 const float *w, size_t ldw, bool add, float *out, size_t ldo) {
    _Alignas(64) float panel[MAX_K * PANEL];
    (void)c;
    for (size_t j = 0; j < n; j += PANEL)
        for (size_t l = 0; l < k || (l == 0 && k == 0); l += MAX_K) {
            const size_t depth = k - l < MAX_K ? k - l : MAX_K, columns = n - j < PANEL ? n - j : PANEL;
            pack(w_transposed ? w + j * ldw + l : w + l * ldw + j, ldw, w_transposed, depth, columns, panel);
            const piece p = {x + l, ldx, m, depth, out + j, ldo, columns, add || l > 0};
            multiply_panel(&p, panel);
        }
}
