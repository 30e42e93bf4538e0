/*
 * detect/follow: counts of sessions that go on learning. New sessions join the histograms with weights of their own,
 * what was there fades, so that the model is what a training up to here would have made of it, but for the mix of the
 * smoothing, which stays, and the calibration, which is that of the training. A template that the training did not have
 * gets a histogram in which all sessions before had none of it. Cost: that of count_model_finish, so sessions come in
 * batches.
 */
#include "adapt.h"

/* The mix that EM starts from, for templates that it has not seen. */
static const double first_mix[3] = {0.9, 0.09, 0.01};

/* Every table knows how many they are. */
static uint32_t sessions_of(const count_model *m) {
    uint32_t n = 0;
    for (uint32_t b = 0; m->n_templates && b < m->tables[0].n_bins; b++) n += m->tables[0].bins[b].sessions;
    return n;
}

static lgd_status grow_tables(count_model *m, size_t n, lgd_err *err) {
    if (n <= m->n_templates) return LGD_OK;
    uint32_t sessions = sessions_of(m);
    count_table *tables = lgd_calloc(n, sizeof *tables);
    if (!tables) return lgd_fail_memory(err, n * sizeof *tables);
    memcpy(tables, m->tables, m->n_templates * sizeof *tables);
    lgd_free(m->tables);
    m->tables = tables;
    for (; m->n_templates < n; m->n_templates++) {
        count_table *t = &tables[m->n_templates];
        memcpy(t->mix, first_mix, sizeof first_mix);
        LGD_TRY(count_table_add(t, 0, m->weight, err));
        t->bins[0].sessions = sessions;
    }
    return LGD_OK;
}

static lgd_status add_session(count_model *m, const lgd_session *s, double weight, lgd_err *err) {
    for (size_t t = 0; t < m->n_templates; t++) m->tables[t].bins[0].sessions++;
    for (size_t k = 0; k < s->n; k++) {
        count_table *t = &m->tables[s->counts[k].id];
        LGD_TRY(count_table_add(t, s->counts[k].n, weight, err));
        t->bins[0].sessions--;
        count_table_bin(t, s->counts[k].n)->sessions++;
    }
    m->weight += weight;
    return LGD_OK;
}

static size_t tables_for(const lgd_session *sessions, size_t n) {
    size_t need = 0;
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < sessions[i].n; k++)
            if (sessions[i].counts[k].id >= need) need = sessions[i].counts[k].id + (size_t)1;
    return need;
}

lgd_status count_model_follow(count_model *m, const lgd_session *sessions, const double *weights, size_t n, double fade,
                              lgd_err *err) {
    m->weight *= fade;
    for (size_t t = 0; t < m->n_templates; t++)
        for (uint32_t b = 0; b < m->tables[t].n_bins; b++) m->tables[t].bins[b].weight *= fade;
    LGD_TRY(grow_tables(m, tables_for(sessions, n), err));
    for (size_t i = 0; i < n; i++) LGD_TRY(add_session(m, &sessions[i], weights[i], err));
    count_model_fill_absent(m);
    lgd_free(m->usual);
    m->usual = NULL;
    return count_model_finish(m, err);
}

/* ---- what a session does that others do not ---- */

static uint32_t typical_count(const count_table *t) {
    const count_bin *most = &t->bins[0];
    for (uint32_t b = 1; b < t->n_bins; b++)
        if (t->bins[b].weight > most->weight) most = &t->bins[b];
    return most->value;
}

static lgd_deviation deviation_of(const count_model *m, lgd_template_id id, uint32_t n) {
    bool fewer = id < m->n_templates && n < typical_count(&m->tables[id]);
    return (lgd_deviation){n == 0 ? LGD_DEVIATION_ABSENT : fewer ? LGD_DEVIATION_FEWER : LGD_DEVIATION_MORE, id};
}

size_t counts_deviations(const lgd_counts *c, const lgd_session *s, double level, lgd_deviation *ret, size_t most) {
    const count_model *m = &c->model;
    size_t n = 0;
    for (size_t i = 0; i < s->n && n < most; i++) {
        double surprise = count_model_surprise(m, s->counts[i].id, s->counts[i].n);
        if (lgd_calibration_bits(&c->calibration, surprise) >= level)
            ret[n++] = deviation_of(m, s->counts[i].id, s->counts[i].n);
    }
    for (size_t u = 0; u < m->n_usual && n < most; u++) {
        double surprise = count_model_surprise(m, m->usual[u], 0);
        if (lgd_calibration_bits(&c->calibration, surprise) < level) break; /* the list falls */
        if (!session_has_template(s, m->usual[u])) ret[n++] = deviation_of(m, m->usual[u], 0);
    }
    return n;
}

bool counts_is_cut_short(const lgd_counts *c, const lgd_session *s) {
    const count_model *m = &c->model;
    size_t usual = 0, present = 0;
    for (size_t u = 0; u < m->n_usual; u++) {
        if (m->tables[m->usual[u]].bins[0].weight >= m->weight / 2) continue;
        usual++;
        present += session_has_template(s, m->usual[u]);
    }
    return usual > 0 && 2 * present <= usual;
}
