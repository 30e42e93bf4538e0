/*
 * detect/explain: which columns carry a row's bits. Columns are set back to zero, what is ordinary, one after the other,
 * always the one that lowers the bits most; what each takes away is its share. So the evidence that is named is enough
 * to bring the row back to ordinary.
 */
#include "detector.h"

#include <math.h>

static double row_surprise(const lgd_detector *d, const float *row, double *ret_member_bits) {
    float x[LGD_COLUMNS], score = 0;
    memcpy(x, row, sizeof x);
    lgd_matrix one = {x, 1, 1};
    double bits[LGD_MAX_MEMBERS];
    for (size_t m = 0; m < d->n; m++) {
        d->seats[m].member->score(d->seats[m].state, &one, 0, 1, &score);
        bits[m] = detector_member_bits(&d->seats[m], (double)score);
        if (ret_member_bits) ret_member_bits[m] = bits[m];
    }
    return detector_combine(d, bits);
}

/* The column whose setting back lowers the bits most; LGD_COLUMNS when none that is unusual is left. When no single one
 * helps (two reasons that say the same), the largest goes first. */
static size_t strongest(const lgd_detector *d, const float *row, double now, double *ret_drop) {
    size_t best = LGD_COLUMNS;
    double best_drop = -1;
    for (size_t c = 0; c < LGD_COLUMNS; c++) {
        if (row[c] <= 0) continue;
        float without[LGD_COLUMNS];
        memcpy(without, row, sizeof without);
        without[c] = 0;
        double drop = now - row_surprise(d, without, NULL);
        bool better = drop > best_drop + 1e-9 || (drop > best_drop - 1e-9 && best < LGD_COLUMNS && row[c] > row[best]);
        if (!better) continue;
        best = c;
        best_drop = drop;
    }
    *ret_drop = best_drop > 0 ? best_drop : 0;
    return best;
}

/* Gives each waiting column its part of a drop, by its size, and empties the waiting ones. */
static void share_drop(const float *row, double drop, bool *waiting, double *shares) {
    double sum = 0;
    for (size_t c = 0; c < LGD_COLUMNS; c++) sum += waiting[c] ? (double)row[c] : 0;
    for (size_t c = 0; c < LGD_COLUMNS; c++) {
        if (waiting[c]) shares[c] += drop * (double)row[c] / sum;
        waiting[c] = false;
    }
}

/* Columns that were set back without effect wait: others say the same, and they share the next drop. */
static void find_shares(const lgd_detector *d, const float *row, lgd_attribution *ret) {
    float rest[LGD_COLUMNS];
    bool waiting[LGD_COLUMNS] = {0};
    double now = ret->surprise, sum = 0;
    memcpy(rest, row, sizeof rest);
    for (size_t step = 0; step < LGD_COLUMNS && now > 0; step++) {
        double drop = 0;
        size_t c = strongest(d, rest, now, &drop);
        if (c == LGD_COLUMNS) break;
        rest[c] = 0;
        /* Only its own member sees it, which is not the one that speaks. */
        if (c == LGD_COL_FORETOLD && drop <= 0) continue;
        waiting[c] = true;
        if (drop <= 0) continue;
        now -= drop;
        sum += drop;
        share_drop(row, drop, waiting, ret->shares);
    }
    for (size_t c = 0; c < LGD_COLUMNS && sum > 0; c++) ret->shares[c] /= sum;
}

void lgd_detector_explain(const lgd_detector *d, const float row[LGD_COLUMNS], bool with_shares, lgd_attribution *ret) {
    double member_bits[LGD_MAX_MEMBERS];
    *ret = (lgd_attribution){0};
    ret->surprise = row_surprise(d, row, member_bits);
    for (size_t m = 0; m < d->n; m++) ret->member_p[m] = member_bits[m] > 0 ? exp2(-member_bits[m]) : 1;
    if (with_shares) find_shares(d, row, ret);
}
