/*
 * detect/explain: which columns carry a row's bits. Columns are set back to zero, what is ordinary, one after the other,
 * always the one that lowers the bits most, until none are left: so the evidence that is named is enough to bring the row
 * back to ordinary. Its shares go by what each column says by itself and what is missing without it.
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

/* What a column says: the mean of what is lost without it and of what it says alone, which of two columns is its Shapley
 * value (1953). */
static double weight_of(const lgd_detector *d, const float *row, double now, size_t column) {
    float without[LGD_COLUMNS], alone[LGD_COLUMNS] = {0}, none[LGD_COLUMNS] = {0};
    memcpy(without, row, sizeof without);
    without[column] = 0;
    alone[column] = row[column];
    double lost = now - row_surprise(d, without, NULL);
    double gained = row_surprise(d, alone, NULL) - row_surprise(d, none, NULL);
    return ((lost > 0 ? lost : 0) + (gained > 0 ? gained : 0)) / 2;
}

/* Columns are named until none that is left says anything; those that were set back without effect wait for one that
 * has: they say the same. Each gets a share by what it says; where that is nothing by itself, all the same. */
static void find_shares(const lgd_detector *d, const float *row, lgd_attribution *ret) {
    float rest[LGD_COLUMNS];
    bool named[LGD_COLUMNS] = {0}, waiting[LGD_COLUMNS] = {0};
    double now = ret->surprise, sum = 0;
    size_t n = 0;
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
        for (size_t k = 0; k < LGD_COLUMNS; k++) named[k] |= waiting[k], waiting[k] = false;
    }
    for (size_t c = 0; c < LGD_COLUMNS; c++) {
        n += named[c];
        sum += ret->shares[c] = named[c] ? weight_of(d, row, ret->surprise, c) : 0;
    }
    for (size_t c = 0; c < LGD_COLUMNS && n > 0; c++)
        ret->shares[c] = sum > 0 ? ret->shares[c] / sum : named[c] ? 1 / (double)n : 0;
}

void lgd_detector_explain(const lgd_detector *d, const float row[LGD_COLUMNS], bool with_shares, lgd_attribution *ret) {
    double member_bits[LGD_MAX_MEMBERS];
    *ret = (lgd_attribution){0};
    ret->surprise = row_surprise(d, row, member_bits);
    for (size_t m = 0; m < d->n; m++) ret->member_p[m] = member_bits[m] > 0 ? exp2(-member_bits[m]) : 1;
    if (with_shares) find_shares(d, row, ret);
}
