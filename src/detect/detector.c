/*
 * detect/detector: members -> calibrated bits -> ensemble -> calibrated bits.
 *
 *     default:   S = max over members of (bits - handicap)    a weaker member speaks only when it is 2^handicap times surer
 *     weighted:  S = sum of weight * bits / sum of weights     --ensemble iforest=0.6,...
 *     nobody:    S = 0                                         an ensemble whose members judge sessions alone
 *
 * Members are fitted on the rows of folds 0..LGD_FOLDS-2 and calibrated on those of the last fold; S is calibrated on all
 * rows, which are cross-scored (lgd_extract; LGD_COL_FORETOLD is not), so that its tail is that of unseen events.
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
double lgd_detector_member_weight(const lgd_detector *d, size_t i) { return d->weighted ? d->seats[i].weight : 0; }
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
    return d->weighted && d->n ? sum / d->weight_sum : best;
}

double detector_member_bits(const seat *x, double score) {
    return x->member->is_bits ? score : lgd_calibration_bits(&x->calibration, score);
}

/* ---- the same row is scored once: most lines of a log repeat what came before ---- */

typedef struct scratch {
    float rows[LGD_COLUMNS * BATCH]; /* the distinct ones, column by column */
    float scores[LGD_MAX_MEMBERS * BATCH];
    float surprise[BATCH];
    uint32_t which[BATCH];     /* by row: its place among the distinct ones */
    uint32_t slots[2 * BATCH]; /* hash table of places + 1 */
} scratch;

static bool same_row(const scratch *s, uint32_t at, const float *row) {
    for (size_t c = 0; c < LGD_COLUMNS; c++)
        if (memcmp(&s->rows[c * BATCH + at], &row[c], sizeof *row) != 0) return false;
    return true;
}

/* Gathers the distinct rows of [begin, begin + n) and says which each row is. Returns how many there are. */
static size_t find_distinct(const lgd_matrix *rows, size_t begin, size_t n, scratch *s) {
    size_t distinct = 0;
    memset(s->slots, 0, sizeof s->slots);
    for (size_t i = 0; i < n; i++) {
        float row[LGD_COLUMNS];
        for (size_t c = 0; c < LGD_COLUMNS; c++) row[c] = rows->x[c * rows->capacity + begin + i];
        size_t slot = lgd_hash(row, sizeof row, 0) % (2 * BATCH);
        while (s->slots[slot] && !same_row(s, s->slots[slot] - 1, row)) slot = (slot + 1) % (2 * BATCH);
        if (s->slots[slot] == 0) {
            for (size_t c = 0; c < LGD_COLUMNS; c++) s->rows[c * BATCH + distinct] = row[c];
            s->slots[slot] = (uint32_t)++distinct;
        }
        s->which[i] = s->slots[slot] - 1;
    }
    return distinct;
}

/* What is scored, and where it goes. */
typedef struct score_job {
    const lgd_detector *d;
    const lgd_matrix *rows;
    float *ret, *ret_members; /* by row; by member and row, NULL: not asked for */
    _Atomic bool failed;
} score_job;

static void score_batch(const score_job *job, size_t begin, size_t n, scratch *s) {
    const lgd_detector *d = job->d;
    size_t distinct = find_distinct(job->rows, begin, n, s);
    lgd_matrix view = {s->rows, distinct, BATCH};
    for (size_t m = 0; m < d->n; m++)
        d->seats[m].member->score(d->seats[m].state, &view, 0, distinct, s->scores + m * BATCH);
    for (size_t i = 0; i < distinct; i++) {
        double bits[LGD_MAX_MEMBERS];
        for (size_t m = 0; m < d->n; m++) {
            float *score = &s->scores[m * BATCH + i];
            bits[m] = detector_member_bits(&d->seats[m], (double)*score);
            *score = (float)bits[m];
        }
        s->surprise[i] = (float)detector_combine(d, bits);
    }
    for (size_t i = 0; i < n; i++) job->ret[begin + i] = s->surprise[s->which[i]];
    for (size_t m = 0; m < d->n && job->ret_members; m++)
        for (size_t i = 0; i < n; i++)
            job->ret_members[m * job->rows->n_rows + begin + i] = s->scores[m * BATCH + s->which[i]];
}

static void score_piece(void *ctx, size_t begin, size_t end, size_t worker) {
    score_job *job = ctx;
    scratch *s = lgd_alloc(sizeof *s);
    (void)worker;
    if (!s) job->failed = true;
    for (size_t at = begin; s && at < end; at += BATCH) score_batch(job, at, end - at < BATCH ? end - at : BATCH, s);
    lgd_free(s);
}

lgd_status lgd_detector_score_members(const lgd_detector *d, lgd_pool *pool, const lgd_matrix *rows, float *ret,
                                      float *ret_members, lgd_err *err) {
    score_job job = {d, rows, ret, ret_members, false};
    lgd_pool_run(pool, rows->n_rows, BATCH, score_piece, &job);
    return job.failed ? lgd_fail_memory(err, sizeof(scratch)) : LGD_OK;
}

lgd_status lgd_detector_score(const lgd_detector *d, lgd_pool *pool, const lgd_matrix *rows, float *ret, lgd_err *err) {
    return lgd_detector_score_members(d, pool, rows, ret, NULL, err);
}

double lgd_detector_bits(const lgd_detector *d, double surprise) {
    return lgd_calibration_bits(&d->calibration, surprise);
}
