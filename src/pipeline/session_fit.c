/*
 * pipeline/session_fit: the sessions of a training -> counts, order, and an ensemble of those who judge sessions.
 *
 * Members are fitted as soon as the table is whole; those that judge by lines have to wait for the detector. An ensemble
 * that is calibrated needs one score for each of its seats and each training session: of what had not seen the session.
 */
#include "session_fit.h"

void session_fit_release(session_fit *f) {
    session_table_release(&f->table);
    lgd_free(f->scores);
    lgd_free(f->suspect);
    *f = (session_fit){0};
}

/* Where the scores of the seat go that judges so; NULL: nowhere. */
static float *scores_of(const session_fit *f, const lgd_session_ensemble *e, lgd_session_judge judge) {
    for (size_t i = 0; i < lgd_session_ensemble_n(e) && f->scores; i++)
        if (lgd_session_ensemble_role(e, i)->sessions == judge) return f->scores + i * f->table.n;
    return NULL;
}

static lgd_status reserve_scores(session_fit *f, const lgd_session_ensemble *e, lgd_err *err) {
    if (!lgd_session_ensemble_is_calibrated(e)) return LGD_OK;
    size_t n = lgd_session_ensemble_n(e) * f->table.n;
    f->scores = lgd_calloc(n, sizeof *f->scores);
    f->suspect = lgd_calloc(f->table.n, sizeof *f->suspect);
    return f->scores && f->suspect ? LGD_OK : lgd_fail_memory(err, n * sizeof *f->scores);
}

/* The suspects are known by the counts, whoever judges. */
static lgd_status fit_counts(session_fit *f, bundle *b, lgd_err *err) {
    size_t n = f->table.n;
    lgd_counts_options o = {lgd_store_n_templates(b->store), b->target_fpr};
    float *own = scores_of(f, b->session_ensemble, LGD_JUDGE_BY_COUNTS), *spare = NULL;
    lgd_session *sessions = lgd_alloc(n * sizeof *sessions);
    if (f->suspect && !own) own = spare = lgd_alloc(n * sizeof *spare);
    lgd_status status = sessions && (own || !f->suspect) ? LGD_OK : lgd_fail_memory(err, n * sizeof *sessions);
    for (size_t i = 0; i < n && status == LGD_OK; i++)
        sessions[i] = (lgd_session){f->table.rows[i].counts, f->table.rows[i].n_counts};
    lgd_counts_cross cross = {own, f->suspect};
    if (status == LGD_OK) status = lgd_counts_fit(sessions, n, &o, f->suspect ? &cross : NULL, &b->counts, err);
    lgd_free(spare);
    lgd_free(sessions);
    return status;
}

static lgd_status fit_order(session_fit *f, bundle *b, lgd_err *err) {
    size_t n = f->table.n;
    lgd_sequence *sequences = lgd_alloc(n * sizeof *sequences);
    if (!sequences) return lgd_fail_memory(err, n * sizeof *sequences);
    for (size_t i = 0; i < n; i++)
        sequences[i] = (lgd_sequence){f->table.rows[i].sequence, f->table.rows[i].n_sequence};
    float *own = scores_of(f, b->session_ensemble, LGD_JUDGE_BY_ORDER);
    lgd_status status = lgd_order_fit(sequences, n, lgd_store_n_templates(b->store), own, &b->order, err);
    lgd_free(sequences);
    return status;
}

lgd_status session_fit_members(session_fit *f, const lgd_ensemble *e, bundle *b, lgd_err *err) {
    LGD_TRY(lgd_session_ensemble_new(e, &b->session_ensemble, err));
    LGD_TRY(reserve_scores(f, b->session_ensemble, err));
    LGD_TRY(fit_counts(f, b, err));
    return fit_order(f, b, err);
}

bool session_fit_wants_lines(const session_fit *f, const bundle *b) {
    return b->session_ensemble && scores_of(f, b->session_ensemble, LGD_JUDGE_BY_LINES) != NULL;
}

/* bits: [n_rows], of one member. */
static void keep_most(const float *bits, const uint32_t *sessions, size_t n_rows, float *ret) {
    for (size_t i = 0; i < n_rows; i++)
        if (sessions[i] != LGD_INDEX_NONE && bits[i] > ret[sessions[i]]) ret[sessions[i]] = bits[i];
}

lgd_status session_fit_lines(session_fit *f, const bundle *b, lgd_pool *pool, const lgd_matrix *rows,
                             const uint32_t *sessions, lgd_err *err) {
    const lgd_session_ensemble *e = b->session_ensemble;
    size_t n_floats = (1 + lgd_detector_n_members(b->detector)) * rows->n_rows, line_judge = 0;
    line_judges judges;
    float *bits = lgd_alloc(n_floats * sizeof *bits);
    if (!bits) return lgd_fail_memory(err, n_floats * sizeof *bits);
    float *members = bits + rows->n_rows;
    lgd_status status = lgd_detector_score_members(b->detector, pool, rows, bits, members, err);
    line_judges_find(e, b->detector, &judges);
    for (size_t i = 0; i < lgd_session_ensemble_n(e) && status == LGD_OK; i++)
        if (lgd_session_ensemble_role(e, i)->sessions == LGD_JUDGE_BY_LINES)
            keep_most(members + judges.members[line_judge++] * rows->n_rows, sessions, rows->n_rows,
                      f->scores + i * f->table.n);
    lgd_free(bits);
    return status;
}

lgd_status session_fit_foretold(session_fit *f, foretelling *t, const bundle *b, lgd_err *err) {
    float *scores = b->session_ensemble ? scores_of(f, b->session_ensemble, LGD_JUDGE_BY_LSTM) : NULL;
    size_t n_held = 0;
    if (!scores || !t->follower) return LGD_OK;
    LGD_TRY(lgd_follower_finish(t->follower, err));
    for (size_t i = 0; i < f->table.n; i++) {
        lgd_lstm_session s;
        if (foretelling_session(t, f->table.rows[i].name, &s)) scores[i] = (float)s.bits;
        n_held += f->table.rows[i].held_out && !f->suspect[i];
    }
    for (size_t i = 0; i < f->table.n && n_held >= LGD_MIN_SESSIONS; i++)
        if (!f->table.rows[i].held_out) f->suspect[i] = true;
    return LGD_OK;
}

static size_t count_kept(const session_fit *f, size_t first) {
    size_t n = 0;
    for (size_t i = first; i < f->table.n; i++) n += !f->suspect[i];
    return n;
}

/* Sessions whose lines are not all kept would look less surprising than they are, so those before `first` stay out; but
 * few are worse than those. */
lgd_status session_fit_ensemble(session_fit *f, bundle *b, lgd_err *err) {
    if (!f->scores) return LGD_OK;
    bool leave_out = session_fit_wants_lines(f, b) && count_kept(f, f->first) >= LGD_MIN_SESSIONS;
    for (size_t i = 0; i < f->first && leave_out; i++) f->suspect[i] = true;
    return lgd_session_ensemble_fit(b->session_ensemble, f->scores, f->suspect, f->table.n, err);
}
