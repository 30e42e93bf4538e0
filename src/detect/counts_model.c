/*
 * detect/counts_model: how often does a template occur in a session? For each template a histogram of its count per
 * session (absent is 0), smoothed by a mixture of three: what was seen, what is near to it on a log scale, and anything:
 *
 *     P(c) = l1 e(c) + l2 k(c) + l3 / ((c+1)(c+2))
 *     k(c) = sum over seen v > 0 with |d| < 3 of e(v) exp(-3 |d|) / Z(v),   d = log2((c+.5)/(v+.5))
 *
 * l by EM on leave-one-out values. Surprise of a count: max(0, -log2 p(c) - H), p(c) the share of sessions whose count is
 * as improbable or more so (density-ordered conformal p; Good-Turing for a count never seen), H the template's entropy:
 * it tells "a count that never varies has changed" from "a count that varies took a rare value". A session's score is
 * the largest over templates, since templates that come together would count one deviation many times.
 */
#include "counts.h"

#include <math.h>
#include <stdlib.h>

static const double floor_p = 1e-12;
enum { EM_ROUNDS = 30 };

/* ---- histograms ---- */

/* Distance on the log scale, in octaves. */
static double distance(double c, double v) { return fabs(log2((c + 0.5) / (v + 0.5))); }

/* Sum of the kernel around v over all counts; for large v its integral, v ln 2 (1 / (3 - ln 2) + 1 / (3 + ln 2)). */
static double kernel_norm(uint32_t v) {
    static const double log_2 = 0.69314718055994531;
    if (v > 64) return v * log_2 * (1 / (3 - log_2) + 1 / (3 + log_2));
    double sum = 0;
    uint32_t end = v > 8 ? 6 * v : 50;
    for (uint32_t c = 1; c < end; c++) sum += exp(-3 * distance(c, v));
    return sum;
}

/* A table that is full adds what it cannot tell apart to the next lower count. */
lgd_status count_table_add(count_table *t, uint32_t value, double weight, lgd_err *err) {
    uint32_t at = t->n_bins;
    while (at > 0 && t->bins[at - 1].value > value) at--;
    if (at > 0 && (t->bins[at - 1].value == value || t->n_bins == MAX_BINS)) {
        t->bins[at - 1].weight += weight;
        return LGD_OK;
    }
    size_t capacity = t->capacity;
    LGD_TRY(lgd_grow((void **)&t->bins, &capacity, t->n_bins + 1u, sizeof *t->bins, MAX_BINS, err));
    t->capacity = (uint32_t)capacity;
    memmove(&t->bins[at + 1], &t->bins[at], (t->n_bins - at) * sizeof *t->bins);
    t->bins[at] = (count_bin){.value = value, .weight = weight, .norm = kernel_norm(value)};
    t->n_bins++;
    return LGD_OK;
}

void count_model_fill_absent(count_model *m) {
    for (size_t t = 0; t < m->n_templates; t++) {
        double present = 0;
        for (uint32_t b = 1; b < m->tables[t].n_bins; b++) present += m->tables[t].bins[b].weight;
        m->tables[t].bins[0].weight = m->weight > present ? m->weight - present : 0;
    }
}

static lgd_status fill(count_model *m, const lgd_session *sessions, const double *weights, size_t n, lgd_err *err) {
    for (size_t t = 0; t < m->n_templates; t++) LGD_TRY(count_table_add(&m->tables[t], 0, 0, err));
    for (size_t i = 0; i < n; i++) {
        m->weight += weights[i];
        for (size_t k = 0; k < sessions[i].n && weights[i] > 0; k++)
            if (sessions[i].counts[k].id < m->n_templates)
                LGD_TRY(
                    count_table_add(&m->tables[sessions[i].counts[k].id], sessions[i].counts[k].n, weights[i], err));
    }
    count_model_fill_absent(m);
    return LGD_OK;
}

count_bin *count_table_bin(const count_table *t, uint32_t value) {
    uint32_t b = t->n_bins - 1;
    while (b > 0 && t->bins[b].value > value) b--;
    return &t->bins[b];
}

void count_model_tally(count_model *m, const lgd_session *sessions, size_t n) {
    for (size_t t = 0; t < m->n_templates; t++) m->tables[t].bins[0].sessions = (uint32_t)n;
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < sessions[i].n; k++) {
            if (sessions[i].counts[k].id >= m->n_templates) continue;
            const count_table *t = &m->tables[sessions[i].counts[k].id];
            t->bins[0].sessions--;
            count_table_bin(t, sessions[i].counts[k].n)->sessions++;
        }
}

/* ---- smoothing ---- */

/* e(c) and k(c), with `out` of weight taken off the bin of `c` itself and off the total. */
static void densities(const count_table *t, double total, uint32_t c, double out, double *ret_seen, double *ret_near) {
    double seen = 0, near = 0;
    for (uint32_t b = 0; b < t->n_bins; b++) {
        const count_bin *bin = &t->bins[b];
        double weight = bin->value == c ? bin->weight - out : bin->weight;
        if (weight < 0) weight = 0;
        if (bin->value == c) seen = weight;
        if (c == 0 && bin->value == 0) near = weight;
        if (c == 0 || bin->value == 0) continue;
        double d = distance(c, bin->value);
        if (d < 3) near += weight * exp(-3 * d) / bin->norm;
    }
    *ret_seen = seen / total;
    *ret_near = near / total;
}

static double any_density(uint32_t c) { return 1 / ((c + 1.0) * (c + 2.0)); }

static double probability(const count_table *t, double total, uint32_t c, double out) {
    double seen, near;
    densities(t, total, c, out, &seen, &near);
    double p = t->mix[0] * seen + t->mix[1] * near + t->mix[2] * any_density(c);
    return p > floor_p ? p : floor_p;
}

/* Mean weight of one session that has this count: what leaving one out takes away. */
static void fit_mix(count_table *t, double total, double mean_weight) {
    t->mix[0] = 0.9, t->mix[1] = 0.09, t->mix[2] = 0.01;
    for (int round = 0; round < EM_ROUNDS; round++) {
        double g[3] = {0};
        for (uint32_t b = 0; b < t->n_bins; b++) {
            if (t->bins[b].weight <= 0) continue;
            double seen, near, one = t->bins[b].weight < mean_weight ? t->bins[b].weight : mean_weight;
            densities(t, total - one, t->bins[b].value, one, &seen, &near);
            double part[3] = {t->mix[0] * seen, t->mix[1] * near, t->mix[2] * any_density(t->bins[b].value)};
            double sum = part[0] + part[1] + part[2];
            for (int k = 0; k < 3 && sum > 0; k++) g[k] += t->bins[b].weight / mean_weight * part[k] / sum;
        }
        double sum = g[0] + g[1] + g[2] + 0.5;
        for (int k = 0; k < 3; k++) t->mix[k] = (g[k] + (k == 2 ? 0.5 : 0)) / sum;
    }
}

/* ---- surprise ---- */

static double surprise_of(const count_table *t, double total, double bits) {
    double as_rare = 1;
    for (uint32_t b = 0; b < t->n_bins; b++)
        if (t->bins[b].bits >= bits - 1e-9) as_rare += t->bins[b].weight;
    double surprise = -log2(as_rare / (total + 1)) - t->entropy;
    return surprise > 0 ? surprise : 0;
}

static const count_bin *find_bin(const count_table *t, uint32_t value) {
    for (uint32_t b = 0; b < t->n_bins; b++)
        if (t->bins[b].value == value) return &t->bins[b];
    return NULL;
}

double count_model_surprise(const count_model *m, lgd_template_id id, uint32_t n) {
    if (id >= m->n_templates) return log2(m->weight + 1);
    const count_table *t = &m->tables[id];
    const count_bin *bin = find_bin(t, n);
    if (bin && bin->weight > 0) return bin->surprise;
    /* never seen: nothing is as improbable but counts that are even further away */
    double surprise = log2(m->weight + 1) - t->entropy;
    return surprise > 0 ? surprise : 0;
}

static void finish_table(count_table *t, double total) {
    t->entropy = 0;
    for (uint32_t b = 0; b < t->n_bins; b++) t->bins[b].bits = -log2(probability(t, total, t->bins[b].value, 0));
    for (uint32_t b = 0; b < t->n_bins; b++) t->entropy += t->bins[b].weight / total * t->bins[b].bits;
    for (uint32_t b = 0; b < t->n_bins; b++) t->bins[b].surprise = surprise_of(t, total, t->bins[b].bits);
}

typedef struct usual_row {
    double surprise;
    uint32_t id;
} usual_row;

static int by_surprise(const void *a, const void *b) {
    const usual_row *x = a, *y = b;
    if (x->surprise != y->surprise) return x->surprise > y->surprise ? -1 : 1;
    return (x->id > y->id) - (x->id < y->id);
}

static lgd_status list_usual(count_model *m, lgd_err *err) {
    usual_row *rows = lgd_alloc(m->n_templates * sizeof *rows);
    m->usual = lgd_alloc(m->n_templates * sizeof *m->usual);
    if (!rows || !m->usual) {
        lgd_free(rows);
        return lgd_fail_memory(err, m->n_templates * sizeof *rows);
    }
    m->n_usual = 0;
    for (uint32_t t = 0; t < m->n_templates; t++) {
        double surprise = count_model_surprise(m, t, 0);
        if (surprise > 0) rows[m->n_usual++] = (usual_row){surprise, t};
    }
    qsort(rows, m->n_usual, sizeof *rows, by_surprise);
    for (size_t i = 0; i < m->n_usual; i++) m->usual[i] = rows[i].id;
    lgd_free(rows);
    return LGD_OK;
}

lgd_status count_model_finish(count_model *m, lgd_err *err) {
    for (size_t t = 0; t < m->n_templates; t++) finish_table(&m->tables[t], m->weight);
    return list_usual(m, err);
}

lgd_status count_model_fit(const lgd_session *sessions, const double *weights, size_t n, size_t n_templates,
                           count_model *ret, lgd_err *err) {
    count_model m = {.tables = lgd_calloc(n_templates, sizeof(count_table)), .n_templates = n_templates};
    if (!m.tables) return lgd_fail_memory(err, n_templates * sizeof(count_table));
    lgd_status status = fill(&m, sessions, weights, n, err);
    double counted = 0;
    for (size_t i = 0; i < n; i++) counted += weights[i] > 0;
    for (size_t t = 0; t < n_templates && status == LGD_OK; t++)
        fit_mix(&m.tables[t], m.weight, counted > 0 ? m.weight / counted : 1);
    if (status == LGD_OK) status = count_model_finish(&m, err);
    if (status == LGD_OK)
        *ret = m;
    else
        count_model_release(&m);
    return status;
}

void count_model_release(count_model *m) {
    for (size_t t = 0; m->tables && t < m->n_templates; t++) lgd_free(m->tables[t].bins);
    lgd_free(m->tables);
    lgd_free(m->usual);
    *m = (count_model){0};
}

/* ---- scoring ---- */

bool session_has_template(const lgd_session *s, lgd_template_id id) {
    for (size_t i = 0; i < s->n; i++)
        if (s->counts[i].id == id) return true;
    return false;
}

double count_model_score(const count_model *m, const lgd_session *s, lgd_template_id *ret_id) {
    double most = 0;
    *ret_id = LGD_NO_TEMPLATE;
    for (size_t i = 0; i < s->n; i++) {
        double surprise = count_model_surprise(m, s->counts[i].id, s->counts[i].n);
        if (surprise <= most) continue;
        most = surprise;
        *ret_id = s->counts[i].id;
    }
    for (size_t u = 0; u < m->n_usual; u++) {
        double surprise = count_model_surprise(m, m->usual[u], 0);
        if (surprise <= most) break; /* the list falls */
        if (session_has_template(s, m->usual[u])) continue;
        most = surprise;
        *ret_id = m->usual[u];
    }
    return most;
}

static void leave_out(const count_model *m, lgd_template_id id, uint32_t n, count_deviation *most) {
    if (id >= m->n_templates) return;
    const count_table *t = &m->tables[id];
    double bits = -log2(probability(t, m->weight - 1, n, 1)) - 2 * t->entropy;
    if (bits > most->bits) *most = (count_deviation){id, n, bits};
}

count_deviation count_model_leave_one_out(const count_model *m, const lgd_session *s) {
    count_deviation most = {LGD_NO_TEMPLATE, 0, 0};
    for (size_t i = 0; i < s->n; i++) leave_out(m, s->counts[i].id, s->counts[i].n, &most);
    for (size_t u = 0; u < m->n_usual; u++)
        if (!session_has_template(s, m->usual[u])) leave_out(m, m->usual[u], 0, &most);
    return most;
}
