/*
 * detect/rate: too many, or after too long. How far beyond everything in training is the count of this template in its
 * minute, the time since it came last, the minute's share of warnings, each in octaves. The largest speaks.
 */
#include "members.h"

static void score(const void *state, const lgd_matrix *rows, size_t begin, size_t end, float *scores) {
    static const lgd_column columns[] = {LGD_COL_BURST, LGD_COL_GAP, LGD_COL_ERRORS};
    (void)state;
    for (size_t i = begin; i < end; i++) {
        float most = 0;
        for (size_t c = 0; c < sizeof columns / sizeof *columns; c++) {
            float x = lgd_matrix_at(rows, i, columns[c]);
            if (x > most) most = x;
        }
        scores[i] = most;
    }
}

const lgd_member lgd_rate = {.name = "rate",
                             .what = "bursts and silences of a template, minutes full of warnings",
                             .handicap = 4,
                             .tail_slope = 1,
                             .fit = stateless_fit,
                             .score = score,
                             .save = stateless_save,
                             .load = stateless_load,
                             .release = stateless_release};
