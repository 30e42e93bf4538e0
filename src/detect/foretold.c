/*
 * detect/foretold: how much likelier another event was here, by the network that follows the event's stream
 * (LGD_COL_FORETOLD).
 *
 * Of single lines it speaks only when it is 256 times surer than the others, and what goes beyond the training's own
 * scores counts little: in a stream that several jobs share, an order never seen is the rule (on fault-free runs of a
 * cloud's services, a handicap of 4 bits made six times as many false incidents). Of sessions it speaks freely (ensemble.c).
 */
#include "members.h"

static void score(const void *state, const lgd_matrix *rows, size_t begin, size_t end, float *scores) {
    (void)state;
    for (size_t i = begin; i < end; i++) scores[i] = lgd_matrix_at(rows, i, LGD_COL_FORETOLD);
}

const lgd_member lgd_foretelling = {.name = "lstm",
                                    .what = "events where a recurrent network expected another one",
                                    .handicap = 8,
                                    .tail_slope = 0.25,
                                    .fit = stateless_fit,
                                    .score = score,
                                    .save = stateless_save,
                                    .load = stateless_load,
                                    .release = stateless_release};
