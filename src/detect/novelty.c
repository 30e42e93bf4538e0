/*
 * detect/novelty: how new is this line by itself - its template, its values - weighed with the level it states, less a
 * discount while a process starts up, when it says things that it says once in its life.
 *
 *     max(template bits, value bits, number bits) + level prior - 6 during start-up
 *
 * There is nothing to fit: the columns are learned already.
 */
#include "members.h"

static const float startup_discount = 6;

static void score(const void *state, const lgd_matrix *rows, size_t begin, size_t end, float *scores) {
    (void)state;
    for (size_t i = begin; i < end; i++) {
        float most = lgd_matrix_at(rows, i, LGD_COL_TEMPLATE);
        float value = lgd_matrix_at(rows, i, LGD_COL_VALUE), number = lgd_matrix_at(rows, i, LGD_COL_NUMBER);
        if (value > most) most = value;
        if (number > most) most = number;
        scores[i] =
            most + lgd_matrix_at(rows, i, LGD_COL_LEVEL) - startup_discount * lgd_matrix_at(rows, i, LGD_COL_STARTUP);
    }
}

const lgd_member lgd_novelty = {.name = "novelty",
                                .what = "new or rare templates and values, weighed with the level",
                                .handicap = 0,
                                .is_bits = true,
                                .fit = stateless_fit,
                                .score = score,
                                .save = stateless_save,
                                .load = stateless_load,
                                .release = stateless_release};
