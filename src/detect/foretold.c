/*
 * detect/foretold: how much likelier another event was here, by the network that follows the event's stream
 * (LGD_COL_FORETOLD).
 */
#include "members.h"

static void score(const void *state, const lgd_matrix *rows, size_t begin, size_t end, float *scores) {
    (void)state;
    for (size_t i = begin; i < end; i++) scores[i] = lgd_matrix_at(rows, i, LGD_COL_FORETOLD);
}

const lgd_member lgd_foretelling = {.name = "lstm",
                                    .what = "events where a recurrent network expected another one",
                                    .handicap = 4,
                                    .tail_slope = 1,
                                    .fit = stateless_fit,
                                    .score = score,
                                    .save = stateless_save,
                                    .load = stateless_load,
                                    .release = stateless_release};
