/* Private to nn: the state of a training between its epochs. */
#ifndef LGD_NN_TRAINER_H
#define LGD_NN_TRAINER_H

#include "pass.h"

/* The arrays that are as long as the network's block. */
enum { WEIGHTS, MOMENT1, MOMENT2, MEAN, STATES };

struct lgd_trainer {
    lgd_net *net; /* its shape */
    lgd_train_options o;
    lgd_real *state[STATES], *backup[STATES];
    uint32_t epoch; /* done */
    uint64_t step;  /* done */
    lgd_real *best;
    double best_loss;
    bool has_best;
    uint32_t since_best; /* epochs */
};

#endif
