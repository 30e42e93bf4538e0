/*
 * detect/fit: from training rows to an ensemble that keeps its word. Members are fitted on the rows of all folds but the
 * last and calibrated on the last; S is calibrated on all rows, which are cross-scored (lgd_extract), so that its tail is
 * that of unseen events - but for LGD_COL_FORETOLD: there is one network, which has seen four fifths of them. The result does not depend on the number of threads.
 */
#include "detector.h"

enum { MIN_CALIBRATION = 64 };

/* The largest thousandth of the scores is told by slope, not by count: see lgd_calibration. */
static size_t tail_of(size_t n) { return n / 1000 > 32 ? n / 1000 : 32; }

/* ---- fitting ---- */

/* Rows of the last fold. */
static bool is_held_out(const lgd_fit_options *o, size_t row) {
    return lgd_fold_of(o->first_event + row, o->block_events) == LGD_FOLDS - 1;
}

static lgd_status copy_rows(const lgd_matrix *rows, const lgd_fit_options *o, bool held_out, lgd_matrix *ret,
                            lgd_err *err) {
    LGD_TRY(lgd_matrix_reserve(ret, rows->n_rows, err));
    for (size_t i = 0; i < rows->n_rows; i++) {
        if (is_held_out(o, i) != held_out) continue;
        for (size_t c = 0; c < LGD_COLUMNS; c++)
            ret->x[c * ret->capacity + ret->n_rows] = rows->x[c * rows->capacity + i];
        ret->n_rows++;
    }
    return LGD_OK;
}

typedef struct score_job {
    const seat *seat;
    const lgd_matrix *rows;
    float *scores;
} score_job;

static void score_piece(void *ctx, size_t begin, size_t end, size_t worker) {
    const score_job *job = ctx;
    (void)worker;
    job->seat->member->score(job->seat->state, job->rows, begin, end, job->scores);
}

static lgd_status fit_seat(seat *s, const lgd_matrix *fit, const lgd_matrix *held, const lgd_fit_options *o,
                           lgd_err *err) {
    LGD_TRY(s->member->fit(fit, o, &s->state, err));
    if (s->member->is_bits) return LGD_OK;
    float *scores = lgd_alloc(held->n_rows * sizeof *scores);
    if (!scores) return lgd_fail_memory(err, held->n_rows * sizeof *scores);
    score_job job = {s, held, scores};
    lgd_pool_run(o->pool, held->n_rows, BATCH, score_piece, &job);
    lgd_status status =
        lgd_calibrate(scores, held->n_rows, tail_of(held->n_rows), s->member->tail_slope, &s->calibration, err);
    lgd_free(scores);
    return status;
}

static lgd_status calibrate_ensemble(lgd_detector *d, const lgd_matrix *rows, const lgd_fit_options *o, lgd_err *err) {
    float *scores = lgd_alloc(rows->n_rows * sizeof *scores);
    if (!scores) return lgd_fail_memory(err, rows->n_rows * sizeof *scores);
    lgd_status status = lgd_detector_score(d, o->pool, rows, scores, err);
    if (status == LGD_OK) status = lgd_calibrate(scores, rows->n_rows, tail_of(rows->n_rows), 1, &d->calibration, err);
    lgd_free(scores);
    return status;
}

static lgd_status fit_all(lgd_detector *d, const lgd_matrix *rows, const lgd_fit_options *o, lgd_err *err) {
    lgd_matrix fit = {0}, held = {0};
    lgd_status status = copy_rows(rows, o, false, &fit, err);
    if (status == LGD_OK) status = copy_rows(rows, o, true, &held, err);
    if (status == LGD_OK && (held.n_rows < MIN_CALIBRATION || fit.n_rows < MIN_CALIBRATION))
        status = lgd_fail(err, LGD_E_DATA, "%zu events are too few to calibrate on; nothing was written", rows->n_rows);
    for (size_t i = 0; i < d->n && status == LGD_OK; i++) status = fit_seat(&d->seats[i], &fit, &held, o, err);
    d->fit_rows = fit.n_rows;
    lgd_matrix_release(&fit);
    lgd_matrix_release(&held);
    LGD_TRY(status);
    return calibrate_ensemble(d, rows, o, err);
}

static void choose_seats(lgd_detector *d, const lgd_ensemble *ensemble) {
    d->weighted = ensemble->weighted;
    for (size_t i = 0; i < ensemble->n; i++) {
        const lgd_seat *s = &ensemble->seats[i];
        if (!s->role->lines) continue;
        d->seats[d->n++] = (seat){.member = s->role->lines, .weight = s->weight};
        d->weight_sum += s->weight;
    }
}

lgd_status lgd_detector_fit(const lgd_matrix *rows, const lgd_ensemble *ensemble, const lgd_fit_options *o,
                            lgd_detector **ret, lgd_err *err) {
    lgd_detector *d = lgd_calloc(1, sizeof *d);
    if (!d) return lgd_fail_memory(err, sizeof *d);
    choose_seats(d, ensemble);
    lgd_status status = fit_all(d, rows, o, err);
    if (status == LGD_OK)
        *ret = d;
    else
        lgd_detector_free(d);
    return status;
}
