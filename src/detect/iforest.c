/*
 * detect/iforest: Isolation Forest (Liu, Ting & Zhou 2008): 100 trees over 256 rows each, drawn without replacement;
 * a row's score is 2^(-mean path length / c(256)), eq. 2 of the paper.
 *
 * The rows are surprises (see lgd_column), not raw counts: on raw counts a forest trained on normal logs sees nothing.
 * Rows that are the most surprising `contamination` share of the training stay out of the samples. Trees are flat
 * arrays; leaves carry the finished path length, so scoring is one walk for each tree.
 */

#include "members.h"

#include <math.h>
#include <stdlib.h>

enum { N_TREES = 100, SAMPLE = 256, MAX_NODES = 2 * SAMPLE, MAX_DEPTH = 8 };
/* Those of features that are reasons: a start-up excuses, and what the network says is a member's own opinion. */
enum { FOREST_COLUMNS = LGD_COL_STARTUP };

/* column FOREST_COLUMNS marks a leaf; `value` is then its path length. Children stand at left and left + 1. */
typedef struct node {
    float value;
    uint16_t left;
    uint16_t column;
} node;

typedef struct forest {
    double norm; /* c(sample size) */
    uint32_t n_nodes[N_TREES];
    node nodes[N_TREES][MAX_NODES];
    float least; /* score of a row without surprise */
} forest;

/* Mean path length of an unsuccessful search in a binary tree of n rows (eq. 1). */
static double mean_path(size_t n) {
    if (n < 2) return 0;
    if (n == 2) return 1;
    return 2 * (log((double)n - 1) + 0.5772156649015329) - 2 * ((double)n - 1) / (double)n;
}

typedef struct builder {
    const lgd_matrix *rows;
    lgd_rng rng;
    node *nodes;
    uint32_t n;
} builder;

/* Columns that vary over these rows, and their ranges. */
static size_t varying(const builder *b, const uint32_t *rows, size_t n, uint16_t *columns, float (*range)[2]) {
    size_t found = 0;
    for (uint16_t c = 0; c < FOREST_COLUMNS; c++) {
        float low = lgd_matrix_at(b->rows, rows[0], c), high = low;
        for (size_t i = 1; i < n; i++) {
            float x = lgd_matrix_at(b->rows, rows[i], c);
            if (x < low) low = x;
            if (x > high) high = x;
        }
        if (low == high) continue;
        columns[found] = c;
        range[found][0] = low;
        range[found++][1] = high;
    }
    return found;
}

static size_t partition(const builder *b, uint32_t *rows, size_t n, uint16_t column, float value) {
    size_t left = 0;
    for (size_t i = 0; i < n; i++) {
        if (lgd_matrix_at(b->rows, rows[i], column) >= value) continue;
        uint32_t swap = rows[left];
        rows[left++] = rows[i];
        rows[i] = swap;
    }
    return left;
}

static void grow(builder *b, uint32_t at, uint32_t *rows, size_t n, unsigned depth) {
    uint16_t columns[FOREST_COLUMNS];
    float range[FOREST_COLUMNS][2];
    size_t n_columns = n > 1 && depth < MAX_DEPTH ? varying(b, rows, n, columns, range) : 0;
    if (n_columns == 0) {
        b->nodes[at] = (node){(float)(depth + mean_path(n)), 0, FOREST_COLUMNS};
        return;
    }
    uint32_t k = lgd_rng_below(&b->rng, (uint32_t)n_columns);
    float low = range[k][0], high = range[k][1];
    float value = low + (float)lgd_rng_unit(&b->rng) * (high - low);
    if (value <= low) value = high; /* rounding: both sides must keep a row */
    size_t left = partition(b, rows, n, columns[k], value);
    uint32_t children = b->n;
    b->n += 2;
    b->nodes[at] = (node){value, (uint16_t)children, columns[k]};
    grow(b, children, rows, left, depth + 1);
    grow(b, children + 1, rows + left, n - left, depth + 1);
}

/* Draws without replacement: a partial Fisher-Yates shuffle of `pool`, which keeps its items. */
static void draw(lgd_rng *rng, uint32_t *pool, size_t n, uint32_t *sample, size_t k) {
    for (size_t i = 0; i < k; i++) {
        size_t j = i + lgd_rng_below(rng, (uint32_t)(n - i));
        uint32_t swap = pool[i];
        pool[i] = pool[j];
        pool[j] = swap;
        sample[i] = pool[i];
    }
}

/* ---- rows that may be drawn ---- */

typedef struct ranked {
    float surprise;
    uint32_t row;
} ranked;

static int by_surprise(const void *a, const void *b) {
    const ranked *x = a, *y = b;
    if (x->surprise != y->surprise) return x->surprise < y->surprise ? -1 : 1;
    return (x->row > y->row) - (x->row < y->row);
}

/* The rows without the most surprising share, by the sum of their columns. */
static uint32_t *ordinary_rows(const lgd_matrix *rows, double contamination, size_t *ret_n) {
    ranked *order = lgd_alloc(rows->n_rows * sizeof *order);
    uint32_t *pool = lgd_alloc(rows->n_rows * sizeof *pool);
    if (!order || !pool) {
        lgd_free(order);
        lgd_free(pool);
        return NULL;
    }
    for (size_t i = 0; i < rows->n_rows; i++) {
        float sum = 0;
        for (size_t c = 0; c < FOREST_COLUMNS; c++) sum += rows->x[c * rows->capacity + i];
        order[i] = (ranked){sum, (uint32_t)i};
    }
    qsort(order, rows->n_rows, sizeof *order, by_surprise);
    *ret_n = rows->n_rows - (size_t)(contamination * (double)rows->n_rows);
    for (size_t i = 0; i < *ret_n; i++) pool[i] = order[i].row;
    lgd_free(order);
    return pool;
}

static float score_row(const forest *f, const float *row) {
    float sum = 0;
    for (size_t t = 0; t < N_TREES; t++) {
        const node *n = f->nodes[t];
        while (n->column < FOREST_COLUMNS) n = &f->nodes[t][n->left + (row[n->column] >= n->value)];
        sum += n->value;
    }
    return (float)exp2(-(double)sum / N_TREES / f->norm);
}

static void find_least(forest *f) {
    const float ordinary[FOREST_COLUMNS] = {0};
    f->least = score_row(f, ordinary);
}

/* Where hardly a row is ordinary in all columns, the one that is stands alone, and that is no surprise: it scores least. */
static void score(const void *state, const lgd_matrix *rows, size_t begin, size_t end, float *scores) {
    const forest *f = state;
    for (size_t i = begin; i < end; i++) {
        float row[FOREST_COLUMNS];
        for (size_t c = 0; c < FOREST_COLUMNS; c++) {
            float x = rows->x[c * rows->capacity + i];
            row[c] = x > 0 ? x : 0;
        }
        float x = score_row(f, row);
        scores[i] = x > f->least ? x : f->least;
    }
}

static lgd_status fit(const lgd_matrix *rows, const lgd_fit_options *o, void **ret_state, lgd_err *err) {
    size_t n = 0;
    uint32_t sample[SAMPLE];
    forest *f = lgd_calloc(1, sizeof *f);
    uint32_t *pool = ordinary_rows(rows, o->contamination, &n);
    if (!f || !pool) {
        lgd_free(f);
        lgd_free(pool);
        return lgd_fail_memory(err, sizeof *f + rows->n_rows * 12);
    }
    size_t k = n < SAMPLE ? n : SAMPLE;
    f->norm = mean_path(k) > 0 ? mean_path(k) : 1;
    builder b = {.rows = rows};
    lgd_rng_init(&b.rng, o->seed);
    for (size_t t = 0; t < N_TREES; t++) {
        draw(&b.rng, pool, n, sample, k);
        b.nodes = f->nodes[t];
        b.n = 1;
        grow(&b, 0, sample, k, 0);
        f->n_nodes[t] = b.n;
    }
    lgd_free(pool);
    find_least(f);
    *ret_state = f;
    return LGD_OK;
}

static void save(const void *state, lgd_buf *out) {
    const forest *f = state;
    lgd_put_f64(out, f->norm);
    for (size_t t = 0; t < N_TREES; t++) {
        lgd_put_u32(out, f->n_nodes[t]);
        for (uint32_t i = 0; i < f->n_nodes[t]; i++) {
            lgd_put_f32(out, f->nodes[t][i].value);
            lgd_put_u32(out, (uint32_t)f->nodes[t][i].left << 16 | f->nodes[t][i].column);
        }
    }
}

/* A child must stand behind its parent, so that every walk ends. */
static bool load_tree(lgd_cursor *c, forest *f, size_t t) {
    uint32_t n = lgd_get_u32(c);
    if (n == 0 || n > MAX_NODES) return false;
    f->n_nodes[t] = n;
    for (uint32_t i = 0; i < n; i++) {
        float value = lgd_get_f32(c);
        uint32_t packed = lgd_get_u32(c);
        node x = {value, (uint16_t)(packed >> 16), (uint16_t)(packed & 0xffff)};
        bool leaf = x.column == FOREST_COLUMNS;
        if (x.column > FOREST_COLUMNS || (!leaf && (x.left <= i || x.left + 1u >= n))) return false;
        if (leaf && !(value >= 0 && value <= MAX_NODES)) return false; /* a length, so that scores are in 0..1 */
        f->nodes[t][i] = x;
    }
    return !c->bad;
}

static lgd_status load(lgd_sv bytes, void **ret_state, lgd_err *err) {
    forest *f = lgd_calloc(1, sizeof *f);
    if (!f) return lgd_fail_memory(err, sizeof *f);
    lgd_cursor c = lgd_cursor_of(bytes);
    f->norm = lgd_get_f64(&c);
    bool good = f->norm > 0;
    for (size_t t = 0; t < N_TREES && good; t++) good = load_tree(&c, f, t);
    c.bad |= !good;
    if (good) find_least(f);
    lgd_status status = lgd_cursor_done(&c, "iforest", err);
    if (status == LGD_OK)
        *ret_state = f;
    else
        lgd_free(f);
    return status;
}

static void release(void *state) { lgd_free(state); }

const lgd_member lgd_iforest = {.name = "iforest",
                                .what = "Isolation Forest over the columns that are reasons: 100 trees of 256 rows",
                                .handicap = 4,
                                .fit = fit,
                                .score = score,
                                .save = save,
                                .load = load,
                                .release = release};
