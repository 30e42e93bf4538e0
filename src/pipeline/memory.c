/*
 * pipeline/memory: the section `memory` of a model.
 *
 *     plan       the ensemble, the network's sizes and how it is fitted
 *     learned    which inputs there were, the latest MEMORY_INPUTS trainings of them
 *     rows       memory_rows
 *     sessions   memory_sessions
 *     windows    lgd_corpus_remember
 *
 * Bounded whatever the training was: MEMORY_ROWS rows, MEMORY_SESSIONS sessions of MEMORY_IDS templates, the plan's
 * windows; some hundred kilobytes for a day of a usual log, a few megabytes at most.
 */
#include "memory.h"

void memory_free(memory *m) {
    if (!m) return;
    memory_rows_release(&m->rows);
    memory_sessions_release(&m->sessions);
    lgd_buf_release(&m->windows);
    lgd_free(m);
}

/* ---- the plan ---- */

static void put_ensemble(const lgd_ensemble *e, lgd_buf *out) {
    lgd_put_u8(out, e->weighted);
    lgd_put_u32(out, (uint32_t)e->n);
    for (size_t i = 0; i < e->n; i++) {
        lgd_put_sv(out, lgd_sv_of(e->seats[i].role->name));
        lgd_put_f64(out, e->seats[i].weight);
    }
}

static lgd_status get_ensemble(lgd_cursor *c, lgd_ensemble *e, lgd_err *err) {
    bool weighted = lgd_get_u8(c) != 0;
    size_t n = lgd_get_count(c, 12);
    if (n > LGD_MAX_MEMBERS) c->bad = true;
    for (size_t i = 0; i < n && !c->bad; i++) {
        lgd_sv name = lgd_get_sv(c);
        double weight = lgd_get_f64(c);
        if (c->bad || weighted != (weight != 0)) return c->bad = true, LGD_OK;
        if (lgd_ensemble_add(e, name, weight, NULL) != LGD_OK)
            return lgd_fail(err, LGD_E_DAMAGED, "memory: '%.*s' is not known to this version, or not so",
                            (int)(name.n < 64 ? name.n : 64), name.p);
    }
    return LGD_OK;
}

static void put_network(const lgd_lstm_options *o, lgd_buf *out) {
    lgd_put_u32(out, o->steps);
    lgd_put_u32(out, o->width);
    lgd_put_u32(out, o->n_layers);
    for (size_t i = 0; i < LGD_NET_MAX_LAYERS; i++) lgd_put_u32(out, o->units[i]);
    lgd_put_u8(out, o->loss == LGD_LOSS_SQUARED);
    lgd_put_f64(out, o->dropout);
    lgd_put_u32(out, o->epochs);
    lgd_put_u64(out, o->max_passes);
    lgd_put_u32(out, o->max_windows);
}

/* What a recipe may say (config/recipe). */
static void get_network(lgd_cursor *c, lgd_lstm_options *o) {
    enum { MOST_WINDOWS = 1 << 17, MOST_EPOCHS = 10000 };
    o->steps = lgd_get_u32(c);
    o->width = lgd_get_u32(c);
    o->n_layers = lgd_get_u32(c);
    for (size_t i = 0; i < LGD_NET_MAX_LAYERS; i++) o->units[i] = lgd_get_u32(c);
    o->loss = lgd_get_u8(c) ? LGD_LOSS_SQUARED : LGD_LOSS_CROSS_ENTROPY;
    o->dropout = lgd_get_f64(c);
    o->epochs = lgd_get_u32(c);
    o->max_passes = lgd_get_u64(c);
    o->max_windows = lgd_get_u32(c);
    bool sound = o->steps >= 1 && o->steps <= LGD_NET_MAX_STEPS && o->width >= 1 && o->width <= LGD_NET_MAX_UNITS &&
                 o->n_layers >= 1 && o->n_layers <= LGD_NET_MAX_LAYERS && o->dropout >= 0 && o->dropout < 1 &&
                 o->epochs >= 1 && o->epochs <= MOST_EPOCHS && o->max_windows >= 1 && o->max_windows <= MOST_WINDOWS;
    for (size_t i = 0; i < LGD_NET_MAX_LAYERS; i++) sound = sound && o->units[i] <= LGD_NET_MAX_UNITS;
    for (size_t i = 0; sound && i < o->n_layers; i++) sound = o->units[i] >= 1;
    if (!sound) c->bad = true;
}

/* ---- all of it ---- */

lgd_status memory_save(const memory *m, lgd_buf *out, lgd_err *err) {
    put_ensemble(&m->plan.ensemble, out);
    put_network(&m->plan.lstm, out);
    lgd_put_u32(out, (uint32_t)m->n_learned);
    for (size_t i = 0; i < m->n_learned; i++) lgd_put_u64(out, m->learned[i]);
    memory_rows_save(&m->rows, out);
    memory_sessions_save(&m->sessions, out);
    lgd_put_sv(out, lgd_buf_sv(&m->windows));
    return out->failed ? lgd_fail_memory(err, out->n) : LGD_OK;
}

static lgd_status load(memory *m, lgd_cursor *c, size_t n_templates, lgd_err *err) {
    LGD_TRY(get_ensemble(c, &m->plan.ensemble, err));
    get_network(c, &m->plan.lstm);
    m->n_learned = lgd_get_count(c, 8);
    if (m->n_learned > MEMORY_INPUTS) c->bad = true;
    if (c->bad) m->n_learned = 0;
    for (size_t i = 0; i < m->n_learned; i++) m->learned[i] = lgd_get_u64(c);
    LGD_TRY(memory_rows_load(c, &m->rows, err));
    LGD_TRY(memory_sessions_load(c, n_templates, &m->sessions, err));
    lgd_buf_add_sv(&m->windows, lgd_get_sv(c));
    if (m->windows.failed) return lgd_fail_memory(err, m->windows.n);
    return lgd_cursor_done(c, "memory", err);
}

lgd_status memory_load(lgd_sv bytes, size_t n_templates, memory **ret, lgd_err *err) {
    memory *m = lgd_calloc(1, sizeof *m);
    if (!m) return lgd_fail_memory(err, sizeof *m);
    lgd_cursor c = lgd_cursor_of(bytes);
    lgd_status status = load(m, &c, n_templates, err);
    if (status == LGD_OK)
        *ret = m;
    else
        memory_free(m);
    return status;
}
