/*
 * pipeline/memory_rows: a sample of the rows of columns that a detector was fitted on. What is surprising is rare, and
 * calibration lives by it, so a row's importance grows with its surprises; ordinary ones stand for many.
 *
 * Saved form: the number of columns, of rows, then for each row its weight, a bit for each column that is not 0, and these.
 * The rows of a later fit were described by baselines of their time: what was surprising then stays so.
 */
#include "memory.h"

#include <math.h>

_Static_assert(LGD_COLUMNS <= 32, "a bit for each column");

void memory_rows_release(memory_rows *m) {
    lgd_free(m->x);
    lgd_free(m->weights);
    *m = (memory_rows){0};
}

static lgd_status reserve(memory_rows *m, size_t n, lgd_err *err) {
    m->x = lgd_alloc(n * LGD_COLUMNS * sizeof *m->x);
    m->weights = lgd_alloc(n * sizeof *m->weights);
    return m->x && m->weights ? LGD_OK : lgd_fail_memory(err, n * (LGD_COLUMNS + 1) * sizeof *m->x);
}

/* ---- remembering ---- */

typedef struct drawing {
    const memory_rows *older;
    const lgd_matrix *rows;
    size_t n_older, n;
    float *weights, *importances;
} drawing;

static void get_row(const drawing *d, size_t i, float ret[LGD_COLUMNS]) {
    for (size_t c = 0; c < LGD_COLUMNS; c++)
        ret[c] =
            i < d->n_older ? d->older->x[i * LGD_COLUMNS + c] : lgd_matrix_at(d->rows, i - d->n_older, (lgd_column)c);
}

static void weigh(drawing *d, double weight) {
    float row[LGD_COLUMNS];
    for (size_t i = 0; i < d->n; i++) {
        get_row(d, i, row);
        d->weights[i] = i < d->n_older ? (float)(weight * (double)d->older->weights[i]) : 1;
        d->importances[i] = 1;
        for (size_t c = 0; c < LGD_COLUMNS; c++) d->importances[i] += row[c] > 0 ? row[c] : 0;
    }
}

static lgd_status keep_drawn(const drawing *d, memory_rows *ret, lgd_err *err) {
    static const float least = 1.0f / 256; /* what is left of less is nothing */
    LGD_TRY(reserve(ret, d->n < MEMORY_ROWS ? d->n : MEMORY_ROWS, err));
    for (size_t i = 0; i < d->n && ret->n < MEMORY_ROWS; i++) {
        if (d->weights[i] < least) continue;
        get_row(d, i, ret->x + ret->n * LGD_COLUMNS);
        ret->weights[ret->n++] = d->weights[i];
    }
    return LGD_OK;
}

lgd_status memory_rows_draw(const memory_rows *older, double weight, const lgd_matrix *rows, uint64_t salt,
                            memory_rows *ret, lgd_err *err) {
    size_t n_older = older ? older->n : 0, n = n_older + rows->n_rows;
    drawing d = {older, rows, n_older, n, lgd_alloc(n * sizeof(float)), lgd_alloc(n * sizeof(float))};
    lgd_status status = d.weights && d.importances ? LGD_OK : lgd_fail_memory(err, n * 2 * sizeof(float));
    if (status == LGD_OK) {
        weigh(&d, weight);
        status = memory_draw(d.weights, d.importances, n, MEMORY_ROWS, salt, err);
    }
    if (status == LGD_OK) status = keep_drawn(&d, ret, err);
    lgd_free(d.weights);
    lgd_free(d.importances);
    return status;
}

/* ---- recalling ---- */

lgd_status memory_rows_recall(const memory_rows *m, double weight, lgd_matrix *rows, lgd_err *err) {
    memory_copies copies = {0};
    double sum = 0;
    for (size_t i = 0; i < m->n; i++) sum += weight * (double)m->weights[i];
    if (sum > RECALLED_ROWS) weight *= RECALLED_ROWS / sum;
    LGD_TRY(lgd_matrix_reserve(rows, (size_t)fmin(sum, RECALLED_ROWS) + 2, err));
    for (size_t i = 0; i < m->n; i++)
        for (size_t k = memory_copies_next(&copies, weight * (double)m->weights[i]); k > 0; k--, rows->n_rows++)
            for (size_t c = 0; c < LGD_COLUMNS; c++)
                rows->x[c * rows->capacity + rows->n_rows] = m->x[i * LGD_COLUMNS + c];
    return LGD_OK;
}

/* ---- saved form ---- */

void memory_rows_save(const memory_rows *m, lgd_buf *out) {
    lgd_put_u32(out, LGD_COLUMNS);
    lgd_put_u32(out, (uint32_t)m->n);
    for (size_t i = 0; i < m->n; i++) {
        const float *row = m->x + i * LGD_COLUMNS;
        uint32_t mask = 0;
        for (size_t c = 0; c < LGD_COLUMNS; c++) mask |= row[c] != 0 ? 1u << c : 0;
        lgd_put_f32(out, m->weights[i]);
        lgd_put_varint(out, mask);
        for (size_t c = 0; c < LGD_COLUMNS; c++)
            if (row[c] != 0) lgd_put_f32(out, row[c]);
    }
}

lgd_status memory_rows_load(lgd_cursor *c, memory_rows *ret, lgd_err *err) {
    if (lgd_get_u32(c) != LGD_COLUMNS) c->bad = true;
    size_t n = lgd_get_count(c, 5);
    if (n > MEMORY_ROWS) c->bad = true;
    LGD_TRY(reserve(ret, c->bad ? 0 : n, err));
    for (; ret->n < n && !c->bad; ret->n++) {
        float *row = ret->x + ret->n * LGD_COLUMNS;
        float weight = ret->weights[ret->n] = lgd_get_f32(c);
        if (!(weight > 0 && weight < 1e9f)) c->bad = true;
        uint64_t mask = lgd_get_varint(c, (UINT64_C(1) << LGD_COLUMNS) - 1);
        for (size_t i = 0; i < LGD_COLUMNS; i++) row[i] = mask >> i & 1 ? lgd_get_f32(c) : 0;
    }
    return LGD_OK;
}
