/*
 * detect/counts: sessions -> calibrated surprise, after docs/DETECTORS.md ("Sessions").
 *
 *     weights    logs drift: drift.c
 *     suspects   sessions of a contaminated training that look anomalous: those of a kind weigh as one, and they calibrate
 *                nothing (suspects.c)
 *     cross      folds i mod 5, in turn, so that each phase of the log is in every fold; each fold is scored by a model of
 *                the others
 *     final      a model of all
 */
#include "counts.h"

#include <math.h>

typedef struct fitting {
    const lgd_session *sessions;
    size_t n;
    const lgd_counts_options *o;
    double *weights; /* of all */
    double *some;    /* of a model's own */
    float *scores;
    suspects suspects;
    const lgd_counts_cross *cross; /* NULL: not asked for; its bits are scores until they are calibrated */
} fitting;

/* ---- cross scores ---- */

static lgd_status score_fold(fitting *f, size_t fold, lgd_err *err) {
    count_model m;
    lgd_template_id id;
    for (size_t i = 0; i < f->n; i++) f->some[i] = i % LGD_FOLDS == fold ? 0 : f->weights[i];
    LGD_TRY(count_model_fit(f->sessions, f->some, f->n, f->o->n_templates, &m, err));
    for (size_t i = fold; i < f->n; i += LGD_FOLDS)
        f->scores[i] = (float)(round(count_model_score(&m, &f->sessions[i], &id) / 0.05) * 0.05);
    count_model_release(&m);
    return LGD_OK;
}

/* By weighted ranks, the suspects left out. */
static lgd_status calibrate(fitting *f, lgd_calibration *ret, lgd_err *err) {
    size_t kept = 0;
    if (f->cross) memcpy(f->cross->bits, f->scores, f->n * sizeof *f->scores);
    for (size_t i = 0; i < f->n; i++) {
        if (f->suspects.is[i]) continue;
        f->some[kept] = f->weights[i];
        f->scores[kept++] = f->scores[i];
    }
    return lgd_calibrate_weighted(f->scores, f->some, kept, 1, ret, err);
}

static void tell_cross(const fitting *f, const lgd_calibration *calibration) {
    for (size_t i = 0; f->cross && i < f->n; i++) {
        f->cross->bits[i] = (float)lgd_calibration_bits(calibration, (double)f->cross->bits[i]);
        f->cross->suspect[i] = f->suspects.is[i];
    }
}

static lgd_status fit(fitting *f, lgd_counts *c, lgd_err *err) {
    drift_weights(f->n, f->weights);
    LGD_TRY(suspects_find(f->sessions, f->n, f->o, f->weights, &f->suspects, err));
    for (size_t fold = 0; fold < LGD_FOLDS; fold++) LGD_TRY(score_fold(f, fold, err));
    LGD_TRY(calibrate(f, &c->calibration, err));
    tell_cross(f, &c->calibration);
    c->suspects = f->suspects.share;
    c->n_sessions = f->n;
    LGD_TRY(count_model_fit(f->sessions, f->weights, f->n, f->o->n_templates, &c->model, err));
    count_model_tally(&c->model, f->sessions, f->n);
    return LGD_OK;
}

lgd_status lgd_counts_fit(const lgd_session *sessions, size_t n, const lgd_counts_options *o,
                          const lgd_counts_cross *ret_cross, lgd_counts **ret, lgd_err *err) {
    if (n < LGD_MIN_SESSIONS)
        return lgd_fail(err, LGD_E_DATA,
                        "only %zu sessions, need %d to learn what a normal one is; nothing was written", n,
                        LGD_MIN_SESSIONS);
    fitting f = {.sessions = sessions,
                 .n = n,
                 .o = o,
                 .weights = lgd_alloc(n * sizeof(double)),
                 .some = lgd_alloc(n * sizeof(double)),
                 .scores = lgd_alloc(n * sizeof(float)),
                 .suspects.is = lgd_calloc(n, sizeof(bool)),
                 .cross = ret_cross};
    lgd_counts *c = lgd_calloc(1, sizeof *c);
    bool ok = f.weights && f.some && f.scores && f.suspects.is && c;
    lgd_status status = ok ? fit(&f, c, err) : lgd_fail_memory(err, n * 24);
    lgd_free(f.weights);
    lgd_free(f.some);
    lgd_free(f.scores);
    lgd_free(f.suspects.is);
    if (status == LGD_OK)
        *ret = c;
    else
        lgd_counts_free(c);
    return status;
}

void lgd_counts_free(lgd_counts *c) {
    if (!c) return;
    count_model_release(&c->model);
    lgd_calibration_release(&c->calibration);
    lgd_free(c);
}

/* ---- scoring ---- */

static uint32_t count_in(const lgd_session *s, lgd_template_id id) {
    for (size_t i = 0; i < s->n; i++)
        if (s->counts[i].id == id) return s->counts[i].n;
    return 0;
}

/* What is typical is so by weight, as scores are; shares are of sessions as they come, so that they can be recounted. */
static void give_reason(const lgd_counts *c, const lgd_session *s, lgd_template_id id, lgd_count_reason *ret) {
    const count_model *m = &c->model;
    double n = (double)c->n_sessions;
    *ret = (lgd_count_reason){.id = id, .actual = id == LGD_NO_TEMPLATE ? 0 : count_in(s, id)};
    if (id >= m->n_templates) {
        ret->typical_share = 1;
        return;
    }
    const count_table *t = &m->tables[id];
    const count_bin *most = &t->bins[0];
    for (uint32_t b = 0; b < t->n_bins; b++) {
        if (t->bins[b].weight > most->weight) most = &t->bins[b];
        if (t->bins[b].value == ret->actual) ret->actual_share = t->bins[b].sessions / n;
    }
    ret->typical = most->value;
    ret->typical_share = most->sessions / n;
}

double lgd_counts_bits(const lgd_counts *c, const lgd_session *session, lgd_count_reason *ret_reason) {
    lgd_template_id id;
    double surprise = count_model_score(&c->model, session, &id);
    if (ret_reason) give_reason(c, session, id, ret_reason);
    return lgd_calibration_bits(&c->calibration, surprise);
}

double lgd_counts_threshold(const lgd_counts *c, double rate) {
    return calibration_session_threshold(&c->calibration, rate);
}
uint64_t lgd_counts_n_sessions(const lgd_counts *c) { return c->n_sessions; }
double lgd_counts_suspects(const lgd_counts *c) { return c->suspects; }

/* ---- saved form ---- */

static void put_table(lgd_buf *out, const count_table *t) {
    for (int k = 0; k < 3; k++) lgd_put_f64(out, t->mix[k]);
    lgd_put_u32(out, t->n_bins);
    for (uint32_t b = 0; b < t->n_bins; b++) {
        lgd_put_u32(out, t->bins[b].value);
        lgd_put_f64(out, t->bins[b].weight);
        lgd_put_u32(out, t->bins[b].sessions);
    }
}

lgd_status lgd_counts_save(const lgd_counts *c, lgd_buf *out, lgd_err *err) {
    lgd_put_u64(out, c->n_sessions);
    lgd_put_f64(out, c->suspects);
    lgd_put_f64(out, c->model.weight);
    lgd_put_u32(out, (uint32_t)c->model.n_templates);
    for (size_t t = 0; t < c->model.n_templates; t++) put_table(out, &c->model.tables[t]);
    calibration_save(&c->calibration, out);
    return out->failed ? lgd_fail_memory(err, out->n) : LGD_OK;
}

/* Sums of weights are rounded. */
static const double rounding = 1e-6;

/* Shares of a probability: with more of it a count would be more than certain. */
static void get_mix(lgd_cursor *c, double *mix) {
    double sum = 0;
    for (int k = 0; k < 3; k++) {
        sum += mix[k] = lgd_get_f64(c);
        if (!(mix[k] >= 0 && mix[k] <= 1)) c->bad = true;
    }
    if (sum > 1 + rounding) c->bad = true;
}

static lgd_status get_table(const lgd_counts *x, lgd_cursor *c, count_table *t, lgd_err *err) {
    double left = x->model.weight * (1 + rounding);
    get_mix(c, t->mix);
    uint32_t n = lgd_get_count(c, 16);
    if (n == 0 || n > MAX_BINS) c->bad = true;
    for (uint32_t b = 0; b < n && !c->bad; b++) {
        uint32_t value = lgd_get_u32(c);
        double weight = lgd_get_f64(c);
        uint32_t sessions = lgd_get_u32(c);
        bool ordered = b == 0 ? value == 0 : value > t->bins[b - 1].value;
        left -= weight;
        if (!ordered || weight < 0 || left < 0 || sessions > x->n_sessions) c->bad = true;
        if (!c->bad) LGD_TRY(count_table_add(t, value, weight, err));
        if (!c->bad) t->bins[b].sessions = sessions;
    }
    return LGD_OK;
}

static lgd_status load(lgd_counts *x, lgd_cursor *c, size_t n_templates, lgd_err *err) {
    x->n_sessions = lgd_get_u64(c);
    x->suspects = lgd_get_f64(c);
    x->model.weight = lgd_get_f64(c);
    size_t n = lgd_get_count(c, 28);
    bool weighs = x->model.weight >= 1 && x->model.weight <= MOST_WEIGHT;
    if (!weighs || !(x->suspects >= 0 && x->suspects <= 1)) c->bad = true;
    if (x->n_sessions == 0 || n != n_templates) c->bad = true;
    if (c->bad) return lgd_cursor_done(c, "sessions", err);
    x->model.tables = lgd_calloc(n, sizeof *x->model.tables);
    if (!x->model.tables) return lgd_fail_memory(err, n * sizeof *x->model.tables);
    x->model.n_templates = n;
    for (size_t t = 0; t < n && !c->bad; t++) LGD_TRY(get_table(x, c, &x->model.tables[t], err));
    LGD_TRY(calibration_load(c, &x->calibration, err));
    LGD_TRY(lgd_cursor_done(c, "sessions", err));
    return count_model_finish(&x->model, err);
}

lgd_status lgd_counts_load(lgd_sv bytes, size_t n_templates, lgd_counts **ret, lgd_err *err) {
    lgd_counts *x = lgd_calloc(1, sizeof *x);
    if (!x) return lgd_fail_memory(err, sizeof *x);
    lgd_cursor c = lgd_cursor_of(bytes);
    lgd_status status = load(x, &c, n_templates, err);
    if (status == LGD_OK)
        *ret = x;
    else
        lgd_counts_free(x);
    return status;
}
