/*
 * detect/calibrate: training scores -> tail probabilities. The distinct scores are thinned to a fixed number of knots,
 * dense where it matters: a knot for each step of a few hundredths of a bit.
 */
#include "logdetect/detect.h"

#include <math.h>
#include <stdlib.h>

static int ascending(const void *a, const void *b) {
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

static float bits_of(size_t at_least, size_t n) { return (float)-log2((double)(at_least + 1) / (double)(n + 1)); }

/* Keeps the lowest score, the highest, and those between whose bits differ by more than `step` from the last kept. */
static size_t thin(const float *sorted, size_t n, float step, lgd_calibration *c) {
    size_t kept = 0;
    float last = 0;
    for (size_t i = 0; i < n; i++) {
        if (i && sorted[i] == sorted[i - 1]) continue;
        float bits = bits_of(n - i, n);
        bool top = sorted[i] == sorted[n - 1];
        if (kept && !top && bits - last < step) continue;
        if (kept < LGD_CALIBRATION_KNOTS) {
            c->scores[kept] = sorted[i];
            c->bits[kept] = last = bits;
        }
        kept++;
    }
    return kept;
}

lgd_status lgd_calibrate(float *scores, size_t n, lgd_calibration *ret, lgd_err *err) {
    lgd_calibration c = {lgd_calloc(LGD_CALIBRATION_KNOTS, sizeof(float)),
                         lgd_calloc(LGD_CALIBRATION_KNOTS, sizeof(float)), 0, 0};
    if (!c.scores || !c.bits) {
        lgd_calibration_release(&c);
        return lgd_fail_memory(err, 2 * LGD_CALIBRATION_KNOTS * sizeof(float));
    }
    qsort(scores, n, sizeof *scores, ascending);
    float step = 0.005f;
    while ((c.n = thin(scores, n, step, &c)) > LGD_CALIBRATION_KNOTS) step *= 2;
    double range = c.n > 1 ? (double)c.scores[c.n - 1] - (double)c.scores[0] : 1;
    c.tail_slope = c.n > 1 ? 0.25 * ((double)c.bits[c.n - 1] - (double)c.bits[0]) / range : 0.25;
    *ret = c;
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

void lgd_calibration_release(lgd_calibration *c) {
    lgd_free(c->scores);
    lgd_free(c->bits);
    *c = (lgd_calibration){0};
}
