/*
 * detect/suspects: which sessions of a training are anomalous themselves?
 *
 *     score      each session with itself left out, equal weights: max over templates of -log2 P(count) - 2 H; the entropy
 *                counts twice, since a fault changes what hardly varies, and what varies has rare values of its own
 *     level      if tails halve with each bit, n sessions above an empty stretch of g bits leave n (2^g - 1) to be expected
 *                in it; the stretch of MIN_GAP or more where most are missing parts the suspects from the rest. What one
 *                session in 32 does, or all in all one in 20, is a habit
 *     kinds      suspects that deviate by the same count of the same template are of one kind. Faults are manifold and
 *                habits are few: a training is contaminated if its suspects are as many as so many equally frequent
 *                kinds (2^entropy), and more than the rate that is asked for explains
 *
 * In a contaminated training each kind weighs as one session, so that a fault that recurs in it is as rare as one that came
 * once. Cost: O(n log n).
 */
#include "counts.h"

#include <math.h>
#include <stdlib.h>

static const double min_gap = 0.75, min_level = 5, min_kinds = 7.5;
/* Between the share of rare but normal sessions in clean logs (up to .0045) and that in logs with 0.5 % of anomalies among
 * them (.0095); .005 to .009 do as well. */
static const double min_share = 0.0066;

typedef struct deviant {
    count_deviation by;
    size_t session;
} deviant;

/* ---- the level ---- */

static int descending(const void *a, const void *b) {
    const deviant *x = a, *y = b;
    return (x->by.bits < y->by.bits) - (x->by.bits > y->by.bits);
}

/* How many are suspect. sorted: highest first. */
static size_t count_suspects(const deviant *sorted, size_t n) {
    double most = 0;
    size_t best = 0;
    for (size_t i = 0; i + 1 < n && i + 1 <= n / 20 && sorted[i].by.bits >= min_level; i++) {
        double gap = sorted[i].by.bits - sorted[i + 1].by.bits, missing = (double)(i + 1) * (exp2(gap) - 1);
        if (gap < min_gap || missing <= most) continue;
        most = missing;
        best = i + 1;
    }
    return best;
}

/* ---- kinds ---- */

static int by_kind(const void *a, const void *b) {
    const count_deviation *x = &((const deviant *)a)->by, *y = &((const deviant *)b)->by;
    if (x->id != y->id) return x->id < y->id ? -1 : 1;
    return (x->n > y->n) - (x->n < y->n);
}

/* The end of the kind that begins at `first`. */
static size_t end_of_kind(const deviant *sorted, size_t n, size_t first) {
    size_t end = first + 1;
    while (end < n && by_kind(&sorted[first], &sorted[end]) == 0) end++;
    return end;
}

static double count_kinds(const deviant *sorted, size_t n) {
    double entropy = 0;
    for (size_t first = 0, end; first < n; first = end) {
        end = end_of_kind(sorted, n, first);
        double share = (double)(end - first) / (double)n;
        entropy -= share * log2(share);
    }
    return exp2(entropy);
}

static void weigh_kinds(const deviant *sorted, size_t n, double *weights, bool *ret_suspect) {
    for (size_t first = 0, end; first < n; first = end) {
        end = end_of_kind(sorted, n, first);
        for (size_t i = first; i < end; i++) {
            weights[sorted[i].session] /= (double)(end - first);
            ret_suspect[sorted[i].session] = true;
        }
    }
}

/* ---- all of it ---- */

static lgd_status score(const lgd_session *sessions, size_t n, size_t n_templates, deviant *ret, lgd_err *err) {
    count_model flat;
    double *ones = lgd_alloc(n * sizeof *ones);
    if (!ones) return lgd_fail_memory(err, n * sizeof *ones);
    for (size_t i = 0; i < n; i++) ones[i] = 1;
    lgd_status status = count_model_fit(sessions, ones, n, n_templates, &flat, err);
    lgd_free(ones);
    LGD_TRY(status);
    for (size_t i = 0; i < n; i++) {
        ret[i] = (deviant){count_model_leave_one_out(&flat, &sessions[i]), i};
        ret[i].by.bits = round(ret[i].by.bits / 0.05) * 0.05; /* steps, so that next to equal is no gap */
    }
    count_model_release(&flat);
    return LGD_OK;
}

lgd_status suspects_find(const lgd_session *sessions, size_t n, const lgd_counts_options *o, double *weights,
                         suspects *ret, lgd_err *err) {
    deviant *all = lgd_alloc(n * sizeof *all);
    if (!all) return lgd_fail_memory(err, n * sizeof *all);
    lgd_status status = score(sessions, n, o->n_templates, all, err);
    if (status == LGD_OK) {
        qsort(all, n, sizeof *all, descending);
        size_t n_suspects = count_suspects(all, n);
        qsort(all, n_suspects, sizeof *all, by_kind);
        ret->share = (double)n_suspects / (double)n;
        double explained = 2 * o->rate > min_share ? 2 * o->rate : min_share;
        if (ret->share > explained && count_kinds(all, n_suspects) >= min_kinds)
            weigh_kinds(all, n_suspects, weights, ret->is);
    }
    lgd_free(all);
    return status;
}
