/*
 * detect/session_ensemble: what the members say of a session -> one surprise, calibrated.
 *
 *     without weights:  S = max over seats of (bits - handicap)
 *     weighted:         S = sum of weight * bits / sum of weights
 *
 * A seat that judges by lines brings the greatest bits of a session's lines. Of many lines one is always surprising, so
 * these are calibrated by the training sessions before they are compared with others. S is calibrated by them too, but
 * for the ensemble that the counts lead: there, bits stay those of the member that speaks, and the counts' threshold is
 * the ensemble's, since members that speak seldom hardly change the tail. Cost: O(n log n) to fit, O(seats log knots)
 * for a session.
 */
#include "members.h"

typedef struct chair {
    const lgd_role *role;
    double weight;
    lgd_calibration lines; /* of LGD_JUDGE_BY_LINES: greatest bits of a line -> bits of a session */
} chair;

struct lgd_session_ensemble {
    chair chairs[LGD_MAX_MEMBERS];
    size_t n;
    bool weighted;
    lgd_calibration calibration; /* of S; without knots where lgd_session_ensemble_is_calibrated says no */
};

/* ---- who sits in it ---- */

static bool has_own_judge(const lgd_ensemble *e) {
    for (size_t i = 0; i < e->n; i++)
        if (e->seats[i].role->sessions != LGD_JUDGE_BY_LINES) return true;
    return false;
}

lgd_status lgd_session_ensemble_new(const lgd_ensemble *e, lgd_session_ensemble **ret, lgd_err *err) {
    lgd_session_ensemble *x = lgd_calloc(1, sizeof *x);
    if (!x) return lgd_fail_memory(err, sizeof *x);
    bool all = e->weighted || !has_own_judge(e);
    x->weighted = e->weighted;
    for (size_t i = 0; i < e->n; i++)
        if (all || e->seats[i].role->sessions != LGD_JUDGE_BY_LINES)
            x->chairs[x->n++] = (chair){.role = e->seats[i].role, .weight = e->seats[i].weight};
    *ret = x;
    return LGD_OK;
}

void lgd_session_ensemble_free(lgd_session_ensemble *e) {
    if (!e) return;
    for (size_t i = 0; i < e->n; i++) lgd_calibration_release(&e->chairs[i].lines);
    lgd_calibration_release(&e->calibration);
    lgd_free(e);
}

size_t lgd_session_ensemble_n(const lgd_session_ensemble *e) { return e->n; }
const lgd_role *lgd_session_ensemble_role(const lgd_session_ensemble *e, size_t seat) { return e->chairs[seat].role; }
double lgd_session_ensemble_weight(const lgd_session_ensemble *e, size_t seat) { return e->chairs[seat].weight; }

bool lgd_session_ensemble_is_calibrated(const lgd_session_ensemble *e) {
    for (size_t i = 0; i < e->n && !e->weighted; i++)
        if (e->chairs[i].role->sessions == LGD_JUDGE_BY_COUNTS) return false;
    return true;
}

/* ---- judging ---- */

/* S; *ret_speaker the seat that carries it, the first of equals. */
static double combine(const lgd_session_ensemble *e, const double *bits, size_t *ret_speaker) {
    double sum = 0, weights = 0, most = 0;
    for (size_t i = 0; i < e->n; i++) {
        const chair *c = &e->chairs[i];
        double part = e->weighted ? c->weight * bits[i] : bits[i] - c->role->session_handicap;
        sum += part;
        weights += c->weight;
        if (i && part <= most) continue;
        most = part;
        *ret_speaker = i;
    }
    return e->weighted ? sum / weights : most;
}

static double seat_bits(const chair *c, double score) {
    return c->role->sessions == LGD_JUDGE_BY_LINES ? lgd_calibration_bits(&c->lines, score) : score;
}

void lgd_session_ensemble_judge(const lgd_session_ensemble *e, const double *scores, lgd_session_opinion *ret) {
    *ret = (lgd_session_opinion){0};
    for (size_t i = 0; i < e->n; i++) ret->member_bits[i] = seat_bits(&e->chairs[i], scores[i]);
    double surprise = combine(e, ret->member_bits, &ret->speaker);
    bool calibrated = lgd_session_ensemble_is_calibrated(e);
    ret->bits = calibrated ? lgd_calibration_bits(&e->calibration, surprise) : surprise;
}

double lgd_session_ensemble_threshold(const lgd_session_ensemble *e, const lgd_counts *counts, double rate) {
    return lgd_session_ensemble_is_calibrated(e) ? calibration_session_threshold(&e->calibration, rate)
                                                 : lgd_counts_threshold(counts, rate);
}

/* ---- fitting ---- */

/* By what is left of scores without the suspects, and by weighted ranks (drift.c). */
static lgd_status calibrate(const float *scores, const bool *suspect, size_t n, lgd_calibration *ret, lgd_err *err) {
    float *kept = lgd_alloc(n * sizeof *kept);
    double *weights = lgd_alloc(n * sizeof *weights);
    lgd_status status = kept && weights ? LGD_OK : lgd_fail_memory(err, n * (sizeof *kept + sizeof *weights));
    size_t n_kept = 0;
    if (status == LGD_OK) drift_weights(n, weights);
    for (size_t i = 0; i < n && status == LGD_OK; i++) {
        if (suspect[i]) continue;
        weights[n_kept] = weights[i];
        kept[n_kept++] = scores[i];
    }
    if (status == LGD_OK) status = lgd_calibrate_weighted(kept, weights, n_kept, 1, ret, err);
    lgd_free(kept);
    lgd_free(weights);
    return status;
}

lgd_status lgd_session_ensemble_fit(lgd_session_ensemble *e, const float *scores, const bool *suspect, size_t n,
                                    lgd_err *err) {
    if (!lgd_session_ensemble_is_calibrated(e)) return LGD_OK;
    for (size_t i = 0; i < e->n; i++)
        if (e->chairs[i].role->sessions == LGD_JUDGE_BY_LINES)
            LGD_TRY(calibrate(scores + i * n, suspect, n, &e->chairs[i].lines, err));
    float *surprise = lgd_alloc(n * sizeof *surprise);
    if (!surprise) return lgd_fail_memory(err, n * sizeof *surprise);
    for (size_t k = 0; k < n; k++) {
        double bits[LGD_MAX_MEMBERS];
        size_t speaker = 0;
        for (size_t i = 0; i < e->n; i++) bits[i] = seat_bits(&e->chairs[i], (double)scores[i * n + k]);
        surprise[k] = (float)combine(e, bits, &speaker);
    }
    lgd_status status = calibrate(surprise, suspect, n, &e->calibration, err);
    lgd_free(surprise);
    return status;
}

/* ---- saved form ---- */

lgd_status lgd_session_ensemble_save(const lgd_session_ensemble *e, lgd_buf *out, lgd_err *err) {
    lgd_put_u8(out, e->weighted);
    lgd_put_u32(out, (uint32_t)e->n);
    for (size_t i = 0; i < e->n; i++) {
        lgd_put_sv(out, lgd_sv_of(e->chairs[i].role->name));
        lgd_put_f64(out, e->chairs[i].weight);
        calibration_save(&e->chairs[i].lines, out);
    }
    calibration_save(&e->calibration, out);
    return out->failed ? lgd_fail_memory(err, out->n) : LGD_OK;
}

/* The same rules as for an ensemble that a user names. */
static lgd_status load_ensemble(lgd_cursor *c, lgd_ensemble *e, lgd_calibration *lines, lgd_err *err) {
    bool weighted = lgd_get_u8(c) != 0;
    size_t n = lgd_get_count(c, 24);
    if (n == 0 || n > LGD_MAX_MEMBERS) c->bad = true;
    for (size_t i = 0; i < n && !c->bad; i++) {
        lgd_sv name = lgd_get_sv(c);
        double weight = lgd_get_f64(c);
        if (c->bad || weighted != (weight != 0)) return c->bad = true, LGD_OK;
        if (lgd_ensemble_add(e, name, weight, NULL) != LGD_OK)
            return lgd_fail(err, LGD_E_DAMAGED, "ensemble: '%.*s' is not known to this version, or not so; train again",
                            (int)(name.n < 64 ? name.n : 64), name.p);
        LGD_TRY(calibration_load(c, &lines[i], err));
    }
    return LGD_OK;
}

static lgd_status load(lgd_cursor *c, lgd_calibration *lines, lgd_session_ensemble **ret, lgd_err *err) {
    lgd_ensemble named = {0};
    LGD_TRY(load_ensemble(c, &named, lines, err));
    if (c->bad) return lgd_cursor_done(c, "ensemble", err);
    LGD_TRY(lgd_session_ensemble_new(&named, ret, err));
    if ((*ret)->n != named.n) c->bad = true; /* someone sits in it who never does */
    for (size_t i = 0; i < (*ret)->n && !c->bad; i++) {
        (*ret)->chairs[i].lines = lines[i];
        lines[i] = (lgd_calibration){0};
    }
    LGD_TRY(calibration_load(c, &(*ret)->calibration, err));
    return lgd_cursor_done(c, "ensemble", err);
}

lgd_status lgd_session_ensemble_load(lgd_sv bytes, lgd_session_ensemble **ret, lgd_err *err) {
    lgd_calibration lines[LGD_MAX_MEMBERS] = {0}; /* until their chairs are there */
    lgd_session_ensemble *e = NULL;
    lgd_cursor c = lgd_cursor_of(bytes);
    lgd_status status = load(&c, lines, &e, err);
    for (size_t i = 0; i < LGD_MAX_MEMBERS; i++) lgd_calibration_release(&lines[i]);
    if (status == LGD_OK)
        *ret = e;
    else
        lgd_session_ensemble_free(e);
    return status;
}
