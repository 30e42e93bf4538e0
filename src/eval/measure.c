/*
 * eval/measure: scores and truth -> what is said of a scorer. One sort by score, then one walk over groups of equal
 * scores; what depends on an order that the scores do not give is never used.
 *
 *     AP   = sum over groups of (positives of the group / positives) * (positives so far / units so far)
 *     AUC  = P(score of an anomalous unit > score of a normal one) + P(equal) / 2
 *     P@k  = expected positives among the first k, of all orders that the scores allow, / k
 */
#include "logdetect/eval.h"

#include <math.h>
#include <stdlib.h>

const double lgd_score_thresholds[LGD_SCORE_THRESHOLDS] = {0.5, 0.7, 0.9, 0.95};

/* ---- counts ---- */

static bool share(uint64_t n, uint64_t of, double *ret) {
    if (of) *ret = (double)n / (double)of;
    return of > 0;
}

bool lgd_precision(const lgd_confusion *c, double *ret) { return share(c->tp, c->tp + c->fp, ret); }
bool lgd_recall(const lgd_confusion *c, double *ret) { return share(c->tp, c->tp + c->fn, ret); }
bool lgd_f1(const lgd_confusion *c, double *ret) { return share(2 * c->tp, 2 * c->tp + c->fp + c->fn, ret); }
bool lgd_false_alarm_rate(const lgd_confusion *c, double *ret) { return share(c->fp, c->fp + c->tn, ret); }

static void count(lgd_confusion *c, bool anomalous, bool alarm) {
    if (anomalous)
        *(alarm ? &c->tp : &c->fn) += 1;
    else
        *(alarm ? &c->fp : &c->tn) += 1;
}

lgd_confusion lgd_measure_alarms(const lgd_scores *s) {
    lgd_confusion c = {0};
    for (size_t i = 0; i < s->n; i++) count(&c, s->anomalous[i], s->alarm[i]);
    return c;
}

/* The score as a scan tells it. */
static lgd_confusion count_at(const lgd_scores *s, size_t scorer, double threshold) {
    lgd_confusion c = {0};
    for (size_t i = 0; i < s->n; i++) count(&c, s->anomalous[i], 1 - exp2(-s->bits[scorer][i]) >= threshold);
    return c;
}

/* ---- ranking ---- */

typedef struct ranked {
    double bits;
    bool anomalous;
} ranked;

static int by_bits(const void *a, const void *b) {
    double x = ((const ranked *)a)->bits, y = ((const ranked *)b)->bits;
    return (x < y) - (x > y);
}

/* What lies above a group of equal scores, and what is in it. */
typedef struct group {
    size_t above, above_anomalous, n, anomalous;
} group;

static bool next_group(const ranked *units, size_t n, group *g) {
    size_t begin = g->above + g->n;
    *g = (group){begin, g->above_anomalous + g->anomalous, 0, 0};
    for (size_t i = begin; i < n && units[i].bits == units[begin].bits; i++) {
        g->n++;
        g->anomalous += units[i].anomalous;
    }
    return g->n > 0;
}

static void choose_ranks(const lgd_scores *s, lgd_measure *ret) {
    for (uint64_t k = 10; k <= 1000; k *= 10)
        if (k <= s->n) ret->ranks[ret->n_ranks++].k = k;
    if (s->n_anomalous) ret->ranks[ret->n_ranks++].k = s->n_anomalous;
}

static void take_ranks(const group *g, lgd_measure *m) {
    for (size_t i = 0; i < m->n_ranks; i++) {
        uint64_t k = m->ranks[i].k;
        if (k <= g->above || k > g->above + g->n) continue;
        double of_group = (double)(k - g->above) / (double)g->n * (double)g->anomalous;
        m->ranks[i].precision = ((double)g->above_anomalous + of_group) / (double)k;
    }
}

/* One for each per cent of recall that is reached. */
static void take_point(const group *g, double bits, size_t n_anomalous, lgd_measure *m) {
    size_t before = n_anomalous ? 100 * g->above_anomalous / n_anomalous : 0;
    size_t tp = g->above_anomalous + g->anomalous;
    if (!n_anomalous || 100 * tp / n_anomalous == before) return;
    m->curve[m->n_points++] = (lgd_curve_point){bits, tp, g->above + g->n - tp};
}

static void walk(const lgd_scores *s, const ranked *units, lgd_measure *m) {
    group g = {0};
    double n_anomalous = (double)s->n_anomalous, n_normal = (double)(s->n - s->n_anomalous), area = 0, ap = 0;
    while (next_group(units, s->n, &g)) {
        double hits = (double)(g.above_anomalous + g.anomalous), seen = (double)(g.above + g.n);
        double normal = (double)(g.n - g.anomalous);
        ap += (double)g.anomalous * hits / seen;
        area += normal * ((double)g.above_anomalous + (double)g.anomalous / 2);
        take_ranks(&g, m);
        take_point(&g, units[g.above].bits, s->n_anomalous, m);
    }
    if (!m->ranked) return;
    m->average_precision = ap / n_anomalous;
    m->roc_auc = area / n_anomalous / n_normal;
}

lgd_status lgd_measure_scorer(const lgd_scores *s, size_t scorer, lgd_measure *ret, lgd_err *err) {
    lgd_measure m = {.name = s->names[scorer], .ranked = s->n_anomalous > 0 && s->n_anomalous < s->n};
    ranked *units = lgd_alloc(s->n * sizeof *units);
    if (!units) return lgd_fail_memory(err, s->n * sizeof *units);
    for (size_t i = 0; i < s->n; i++) units[i] = (ranked){s->bits[scorer][i], s->anomalous[i]};
    qsort(units, s->n, sizeof *units, by_bits);
    for (size_t i = 0; i < LGD_SCORE_THRESHOLDS; i++) m.at[i] = count_at(s, scorer, lgd_score_thresholds[i]);
    choose_ranks(s, &m);
    walk(s, units, &m);
    lgd_free(units);
    *ret = m;
    return LGD_OK;
}
