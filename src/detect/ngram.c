/*
 * detect/ngram: is this what comes next? Bits by which the template is rarer behind its predecessor in the same process
 * than it is anywhere (Witten-Bell smoothed bigram: LGD_COL_SEQUENCE).
 */
#include "members.h"

static void score(const void *state, const lgd_matrix *rows, size_t begin, size_t end, float *scores) {
    (void)state;
    for (size_t i = begin; i < end; i++) scores[i] = lgd_matrix_at(rows, i, LGD_COL_SEQUENCE);
}

const lgd_member lgd_ngram = {.name = "ngram",
                              .what = "templates that do not follow their predecessor",
                              .handicap = 4,
                              .tail_slope = 1,
                              .fit = stateless_fit,
                              .score = score,
                              .save = stateless_save,
                              .load = stateless_load,
                              .release = stateless_release};
