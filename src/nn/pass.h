/*
 * Private to nn: one batch of windows on its way through the network and back - the arrays that takes, on one backend. A
 * pass is made once for a size and used for many batches.
 */
#ifndef LGD_NN_PASS_H
#define LGD_NN_PASS_H

#include "logdetect/nn.h"

typedef struct pass {
    lgd_compute *c;
    const lgd_net *net;     /* its shape; the weights are given to each call */
    size_t n, rows;         /* windows; steps * windows */
    int32_t *ids, *targets; /* [rows] time-major */
    lgd_real *weights;      /* [rows] */
    lgd_real *one_hot;      /* [vocab, vocab], LGD_LOSS_SQUARED */
    lgd_real *x;            /* [rows, width] */
    lgd_real *gates[LGD_NET_MAX_LAYERS], *cell[LGD_NET_MAX_LAYERS], *h[LGD_NET_MAX_LAYERS];
    lgd_real *kept[LGD_NET_MAX_LAYERS]; /* h behind dropout; NULL: there is none */
    lgd_real *y, *scores;               /* [rows, width], [rows, vocab]; LGD_LOSS_SQUARED: the same array */
    /* the way back; NULL where only scores are wanted */
    lgd_real *loss, *loss_sum; /* [rows], [1] */
    lgd_real *grads;           /* [n_params] */
    lgd_real *dy, *dh[2], *dcell;
    uint64_t *seed; /* [1], of the dropout */
    /* what the network says, where only scores are wanted */
    lgd_real *log_p, *log_p_best; /* [rows] */
    int32_t *best;                /* [rows] */
    /* this side of it: what goes there and comes back */
    int32_t *host_ids, *host_targets;
    lgd_real *host_weights, *host_p, *host_best_p;
    int32_t *host_best;
    /* what repeated work needs to know */
    const lgd_real *params;
    bool drops; /* dropout is on */
} pass;

/* The error of an array that could not be had: what the device says, or its memory or ours is full. */
lgd_status pass_no_array(lgd_compute *c, size_t n_bytes, lgd_err *err);
/* Errors: memory, also that of a device; device. */
lgd_status pass_init(pass *p, lgd_compute *c, const lgd_net *net, size_t n, bool train, lgd_err *err);
void pass_release(pass *p); /* takes {0}, and one whose backend was closed under it */

/* Which windows to take, and what to do to them. */
typedef struct pass_batch {
    const lgd_windows *windows;
    const uint32_t *order; /* [n] of windows; NULL: from first on */
    size_t first, n;       /* fewer than the pass has places: the rest stays empty */
    size_t place;          /* of the first one in the whole batch, which several passes may share */
    double scale;          /* of the weights; where windows have none they are 1 */
    double mask;           /* share of ids that become mask_id */
    int32_t mask_id;
    uint64_t seed; /* of mask and dropout */
} pass_batch;
void pass_fill(pass *p, const pass_batch *b);

/* params: the network's block on the backend. Losses of the batch are added to loss_sum, gradients to grads. */
void pass_train(pass *p, const lgd_real *params);
void pass_loss(pass *p, const lgd_real *params);
/* -> log_p, log_p_best, best */
void pass_rank(pass *p, const lgd_real *params);

#endif
