/*
 * detect/detector: members -> calibrated bits -> ensemble -> calibrated bits.
 *
 *     default:   S = max over members of (bits - handicap)    a weaker member speaks only when it is 2^handicap times surer
 *     weighted:  S = sum of weight * bits / sum of weights     --ensemble iforest=0.6,...
 *
 * Members are fitted on the rows of folds 0..LGD_FOLDS-2 and calibrated on those of the last fold; S is calibrated on all
 * rows, which are cross-scored (lgd_extract), so that its tail is that of unseen events.
 */
#include "detector.h"

void lgd_detector_free(lgd_detector *d) {
    if (!d) return;
    for (size_t i = 0; i < d->n; i++) {
        d->seats[i].member->release(d->seats[i].state);
        lgd_calibration_release(&d->seats[i].calibration);
    }
    lgd_calibration_release(&d->calibration);
    lgd_free(d);
}

size_t lgd_detector_n_members(const lgd_detector *d) { return d->n; }
const char *lgd_detector_member_name(const lgd_detector *d, size_t i) { return d->seats[i].member->name; }
double lgd_detector_threshold(const lgd_detector *d, double fpr) {
    return lgd_calibration_threshold(&d->calibration, fpr);
}
uint64_t lgd_detector_fit_rows(const lgd_detector *d) { return d->fit_rows; }

/* ---- scoring ---- */

double detector_combine(const lgd_detector *d, const double *bits) {
    double sum = 0, best = 0;
    for (size_t i = 0; i < d->n; i++) {
        double own = bits[i] - d->seats[i].member->handicap;
        sum += d->seats[i].weight * bits[i];
        if (i == 0 || own > best) best = own;
    }
    return d->weighted ? sum / d->weight_sum : best;
}

double detector_member_bits(const seat *x, double score) {
    return x->member->is_bits ? score : lgd_calibration_bits(&x->calibration, score);
}

/* Rows [begin, end), at most BATCH of them. */
static void score_batch(const lgd_detector *d, const lgd_matrix *rows, size_t begin, size_t end, float *scratch,
                        float *ret) {
    size_t n = end - begin;
    lgd_matrix view = {rows->x + begin, n, rows->capacity};
    for (size_t m = 0; m < d->n; m++) d->seats[m].member->score(d->seats[m].state, &view, 0, n, scratch + m * BATCH);
    for (size_t i = 0; i < n; i++) {
        double bits[MAX_MEMBERS];
        for (size_t m = 0; m < d->n; m++) bits[m] = detector_member_bits(&d->seats[m], (double)scratch[m * BATCH + i]);
        ret[i] = (float)detector_combine(d, bits);
    }
}

lgd_status lgd_detector_score(const lgd_detector *d, const lgd_matrix *rows, size_t begin, size_t end, float *ret,
                              lgd_err *err) {
    float *scratch = lgd_alloc(MAX_MEMBERS * BATCH * sizeof *scratch);
    if (!scratch) return lgd_fail_memory(err, MAX_MEMBERS * BATCH * sizeof *scratch);
    for (size_t at = begin; at < end; at += BATCH)
        score_batch(d, rows, at, end - at < BATCH ? end : at + BATCH, scratch, ret + (at - begin));
    lgd_free(scratch);
    return LGD_OK;
}

double lgd_detector_bits(const lgd_detector *d, double surprise) {
    return lgd_calibration_bits(&d->calibration, surprise);
}
