/*
 * detect/fit: from training rows to an ensemble that keeps its word. Members are fitted on the rows of all folds but the
 * last and calibrated on the last; S is calibrated on all rows, which are cross-scored (lgd_extract), so that its tail is
 * that of unseen events. The result does not depend on the number of threads.
 */
#include "detector.h"

enum { MIN_CALIBRATION = 64 };

/* The largest thousandth of the scores is told by slope, not by count: see lgd_calibration. */
static size_t tail_of(size_t n) { return n / 1000 > 32 ? n / 1000 : 32; }

/* ---- who sits in the ensemble ---- */

static lgd_status add_seat(lgd_detector *d, lgd_sv entry, lgd_err *err) {
    const char *equals = memchr(entry.p, '=', entry.n);
    lgd_sv name = equals ? (lgd_sv){entry.p, (size_t)(equals - entry.p)} : entry;
    const lgd_member *member = member_find(name);
    double weight = 0;
    lgd_sv number = equals ? (lgd_sv){equals + 1, entry.n - name.n - 1} : (lgd_sv){"", 0};
    if (!member)
        return lgd_fail(err, LGD_E_USAGE, "--ensemble: there is no member '%.*s'; nothing was done", (int)name.n,
                        name.p);
    if (!lgd_parse_f64(number, &weight) || weight < MIN_WEIGHT || weight > MAX_WEIGHT)
        return lgd_fail(err, LGD_E_USAGE,
                        "--ensemble: '%.*s' needs a weight from 0.001 to 1000, as in %s=0.6; nothing was done",
                        (int)entry.n, entry.p, member->name);
    for (size_t i = 0; i < d->n; i++)
        if (d->seats[i].member == member)
            return lgd_fail(err, LGD_E_USAGE, "--ensemble: '%s' is named twice; nothing was done", member->name);
    d->seats[d->n++] = (seat){.member = member, .weight = weight};
    d->weight_sum += weight;
    return LGD_OK;
}

static lgd_status choose_seats(lgd_detector *d, const char *ensemble, lgd_err *err) {
    if (!ensemble) {
        for (size_t i = 0; i < lgd_n_members; i++) d->seats[d->n++] = (seat){.member = lgd_members[i]};
        return LGD_OK;
    }
    d->weighted = true;
    lgd_sv rest = lgd_sv_of(ensemble);
    for (;;) {
        const char *comma = memchr(rest.p, ',', rest.n);
        lgd_sv entry = {rest.p, comma ? (size_t)(comma - rest.p) : rest.n};
        LGD_TRY(add_seat(d, lgd_sv_trim(entry), err));
        if (!comma) return LGD_OK;
        rest = (lgd_sv){comma + 1, rest.n - entry.n - 1};
    }
}

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

lgd_status lgd_detector_fit(const lgd_matrix *rows, const char *ensemble, const lgd_fit_options *o, lgd_detector **ret,
                            lgd_err *err) {
    lgd_detector *d = lgd_calloc(1, sizeof *d);
    if (!d) return lgd_fail_memory(err, sizeof *d);
    lgd_status status = choose_seats(d, ensemble, err);
    if (status == LGD_OK) status = fit_all(d, rows, o, err);
    if (status == LGD_OK)
        *ret = d;
    else
        lgd_detector_free(d);
    return status;
}
