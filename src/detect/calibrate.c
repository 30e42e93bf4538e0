/*
 * detect/calibrate: training scores -> tail probabilities. The distinct scores are thinned to a fixed number of knots: one
 * for each step of some thousandths of a bit.
 */
#include "members.h"

#include <math.h>
#include <stdlib.h>

static int ascending(const void *a, const void *b) {
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

/* Scores, ascending, and what lies at or above each of them: their weight, or, without weights, their number. */
typedef struct ranking {
    const float *sorted;
    const double *at_least; /* NULL: no weights */
    size_t n, tail;
    double total;
} ranking;

static float bits_at(const ranking *r, size_t i) {
    double at_least = r->at_least ? r->at_least[i] : (double)(r->n - i);
    return (float)-log2((at_least + 1) / (r->total + 1));
}

/* Keeps the lowest score, those whose bits differ by more than `step` from the last kept, and the first of the tail.
 * Returns how many there are, of which LGD_CALIBRATION_KNOTS at most are stored. */
static size_t thin(const ranking *r, float step, lgd_calibration *c) {
    size_t kept = 0;
    float last = 0;
    for (size_t i = 0; i < r->n; i++) {
        if (i && r->sorted[i] == r->sorted[i - 1]) continue;
        float bits = bits_at(r, i);
        bool in_tail = r->n - i < r->tail;
        if (kept && !in_tail && bits - last < step) continue;
        last = bits;
        if (kept < LGD_CALIBRATION_KNOTS) {
            c->scores[kept] = r->sorted[i];
            c->bits[kept] = bits;
        }
        kept++;
        if (in_tail) break;
    }
    return kept;
}

static lgd_status calibrate(const ranking *r, double tail_slope, lgd_calibration *ret, lgd_err *err) {
    lgd_calibration c = {lgd_calloc(LGD_CALIBRATION_KNOTS, sizeof(float)),
                         lgd_calloc(LGD_CALIBRATION_KNOTS, sizeof(float)), 0, tail_slope};
    if (!c.scores || !c.bits) {
        lgd_calibration_release(&c);
        return lgd_fail_memory(err, 2 * LGD_CALIBRATION_KNOTS * sizeof(float));
    }
    float step = 0.005f;
    while ((c.n = thin(r, step, &c)) > LGD_CALIBRATION_KNOTS) step *= 2;
    if (tail_slope <= 0) {
        double range = c.n > 1 ? (double)c.scores[c.n - 1] - (double)c.scores[0] : 0;
        c.tail_slope = range > 0 ? 0.25 * ((double)c.bits[c.n - 1] - (double)c.bits[0]) / range : 1;
    }
    *ret = c;
    return LGD_OK;
}

lgd_status lgd_calibrate(float *scores, size_t n, size_t tail, double tail_slope, lgd_calibration *ret, lgd_err *err) {
    qsort(scores, n, sizeof *scores, ascending);
    return calibrate(&(ranking){scores, NULL, n, tail, (double)n}, tail_slope, ret, err);
}

typedef struct weighed {
    float score;
    double weight;
} weighed;

static int ascending_weighed(const void *a, const void *b) {
    const weighed *x = a, *y = b;
    int by_score = ascending(&x->score, &y->score);
    return by_score ? by_score : (x->weight > y->weight) - (x->weight < y->weight); /* sums depend on the order */
}

lgd_status lgd_calibrate_weighted(float *scores, double *weights, size_t n, double tail_slope, lgd_calibration *ret,
                                  lgd_err *err) {
    weighed *rows = lgd_alloc(n * sizeof *rows);
    double total = 0;
    if (!rows) return lgd_fail_memory(err, n * sizeof *rows);
    for (size_t i = 0; i < n; i++) rows[i] = (weighed){scores[i], weights[i]};
    qsort(rows, n, sizeof *rows, ascending_weighed);
    for (size_t i = n; i-- > 0;) {
        scores[i] = rows[i].score;
        weights[i] = total += rows[i].weight;
    }
    lgd_free(rows);
    return calibrate(&(ranking){scores, weights, n, 0, total}, tail_slope, ret, err);
}

void calibration_carry(lgd_calibration *c, size_t n) {
    if (c->n == 0 || c->n == LGD_CALIBRATION_KNOTS) return;
    float carried = (float)log2((double)n + 1), left = carried - c->bits[c->n - 1];
    if (left <= 0) return;
    c->scores[c->n] = c->scores[c->n - 1] + left;
    c->bits[c->n++] = carried;
}

/* A knot at x, and none below it that says more. */
lgd_status calibration_lower(lgd_calibration *c, double x, double bits, lgd_err *err) {
    if (lgd_calibration_bits(c, x) <= bits) return LGD_OK;
    lgd_calibration lower = {lgd_alloc((c->n + 1) * sizeof(float)), lgd_alloc((c->n + 1) * sizeof(float)), 0,
                             c->tail_slope};
    if (!lower.scores || !lower.bits) {
        lgd_calibration_release(&lower);
        return lgd_fail_memory(err, 2 * (c->n + 1) * sizeof(float));
    }
    size_t below = 0;
    while (below < c->n && c->scores[below] < (float)x) below++;
    size_t same = below < c->n && c->scores[below] <= (float)x;
    for (size_t i = 0; i < below; i++) {
        lower.scores[i] = c->scores[i];
        lower.bits[i] = c->bits[i] < (float)bits ? c->bits[i] : (float)bits;
    }
    lower.scores[below] = (float)x;
    lower.bits[below] = (float)bits;
    lower.n = c->n + 1 - same;
    for (size_t i = below + 1; i < lower.n; i++) {
        lower.scores[i] = c->scores[i - 1 + same];
        lower.bits[i] = c->bits[i - 1 + same];
    }
    lgd_calibration_release(c);
    *c = lower;
    return LGD_OK;
}

double lgd_calibration_bits(const lgd_calibration *c, double score) {
    if (c->n == 0 || score < (double)c->scores[0]) return 0;
    size_t low = 0, high = c->n; /* the last knot at or below score is in [low, high) */
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if ((double)c->scores[middle] <= score)
            low = middle;
        else
            high = middle;
    }
    double x = (double)c->scores[low], bits = (double)c->bits[low];
    if (low + 1 == c->n) return bits + c->tail_slope * (score - x);
    double next = (double)c->scores[low + 1], next_bits = (double)c->bits[low + 1];
    return bits + (next_bits - bits) * (score - x) / (next - x);
}

double lgd_calibration_threshold(const lgd_calibration *c, double rate) {
    double wanted = -log2(rate), best_gap = 0, best = wanted;
    for (size_t i = 0; i + 1 < c->n; i++) {
        double flagged = (double)c->bits[i + 1]; /* bits of the lowest score that is flagged */
        double gap = (double)c->scores[i + 1] - (double)c->scores[i];
        if (flagged < wanted - 1 || flagged > wanted + 1 || gap <= best_gap) continue;
        best_gap = gap;
        best = ((double)c->bits[i] + flagged) / 2;
    }
    return best;
}

double calibration_session_threshold(const lgd_calibration *c, double rate) {
    double least = -log2(rate) - 1, last = c->n ? (double)c->bits[c->n - 1] : 0;
    if (last >= least) return lgd_calibration_threshold(c, rate);
    return last + 0.5 > least ? last + 0.5 : least;
}

void lgd_calibration_release(lgd_calibration *c) {
    lgd_free(c->scores);
    lgd_free(c->bits);
    *c = (lgd_calibration){0};
}

/* ---- saved form ---- */

void calibration_save(const lgd_calibration *c, lgd_buf *out) {
    lgd_put_f64(out, c->tail_slope);
    lgd_put_u32(out, (uint32_t)c->n);
    for (size_t i = 0; i < c->n; i++) {
        lgd_put_f32(out, c->scores[i]);
        lgd_put_f32(out, c->bits[i]);
    }
}

/* Beyond what any training gives; within it nothing that is derived overflows. */
static const float most_score = 1e12F, most_bits = 1000;

/* Scores must ascend and bits must not fall: interpolation relies on it. */
lgd_status calibration_load(lgd_cursor *c, lgd_calibration *ret, lgd_err *err) {
    ret->tail_slope = lgd_get_f64(c);
    size_t n = lgd_get_count(c, 8);
    if (n > LGD_CALIBRATION_KNOTS || ret->tail_slope < 0 || ret->tail_slope > 1e6) c->bad = true;
    if (c->bad) return LGD_OK;
    ret->scores = lgd_calloc(n, sizeof(float));
    ret->bits = lgd_calloc(n, sizeof(float));
    if (!ret->scores || !ret->bits) return lgd_fail_memory(err, n * 8);
    for (size_t i = 0; i < n && !c->bad; i++) {
        ret->scores[i] = lgd_get_f32(c);
        ret->bits[i] = lgd_get_f32(c);
        if (fabsf(ret->scores[i]) > most_score || ret->bits[i] > most_bits) c->bad = true;
        if (ret->bits[i] < (i ? ret->bits[i - 1] : 0) || (i && ret->scores[i] <= ret->scores[i - 1])) c->bad = true;
    }
    ret->n = n;
    return LGD_OK;
}
