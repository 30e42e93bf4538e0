/*
 * nn: a recurrent network over windows of ids - embedding, LSTM layers, a linear output, a loss - with its training loop.
 * It knows no detector and no log: ids go in, and out comes how likely each id was where it stood.
 *
 * Layers are forward/backward pairs on the caller's arrays and run on any backend (compute). Within a window arrays are
 * time-major, [steps, n, width]: step t of all n windows lies in one piece.
 */
#ifndef LOGDETECT_NN_H
#define LOGDETECT_NN_H

#include "logdetect/compute.h"

/* ---- parameters: named tensors in one block ---- */

typedef enum lgd_net_loss {
    LGD_LOSS_CROSS_ENTROPY, /* ids are embedded; the output's weights are the embedding itself (tied: Press & Wolf 2017) */
    LGD_LOSS_SQUARED        /* ids are one-hot vectors on both ends; mean squared error */
} lgd_net_loss;

enum { LGD_NET_MAX_LAYERS = 8, LGD_NET_MAX_TENSORS = 4 + 3 * LGD_NET_MAX_LAYERS };
enum { LGD_NET_MAX_VOCAB = 4096, LGD_NET_MAX_ONE_HOT = 1024, LGD_NET_MAX_UNITS = 1024, LGD_NET_MAX_STEPS = 1024 };

typedef struct lgd_net_shape {
    uint32_t vocab; /* ids are 0..vocab-1 */
    uint32_t width; /* of the embedding; LGD_LOSS_SQUARED: vocab */
    uint32_t steps; /* ids in a window */
    uint32_t n_layers;
    uint32_t units[LGD_NET_MAX_LAYERS];
    lgd_net_loss loss;
    double dropout; /* share of the numbers between layers that training leaves out; 0: none */
} lgd_net_shape;

typedef struct lgd_tensor {
    char name
        [24]; /* "embedding", "lstm1.input", "lstm1.recurrent", "lstm1.bias", "output.weight", "output.bias", "prior" */
    size_t rows, columns;
    size_t at; /* of its first number in the block */
} lgd_tensor;

typedef struct lgd_net {
    lgd_net_shape shape;
    lgd_tensor tensors[LGD_NET_MAX_TENSORS];
    size_t n_tensors;
    lgd_real *params; /* [n_params] */
    size_t n_params;
} lgd_net;

/* A network with its first weights: input kernels by Glorot & Bengio (2010), recurrent ones orthogonal (Saxe 2014), bias of
 * the forget gate 1 (Jozefowicz 2015), embedding N(0,1). Errors: usage for sizes out of range; memory. */
LGD_MUST_CHECK lgd_status lgd_net_new(const lgd_net_shape *shape, uint64_t seed, lgd_net **ret, lgd_err *err);
void lgd_net_free(lgd_net *net); /* takes NULL */
/* The tensor of that name; NULL: there is none. */
const lgd_tensor *lgd_net_tensor(const lgd_net *net, const char *name);
const char *lgd_net_loss_name(lgd_net_loss loss); /* as a recipe has it: "cross-entropy", "mse" */
double lgd_net_flops(const lgd_net_shape *shape); /* multiplications and additions of one window forward */

LGD_MUST_CHECK lgd_status lgd_net_save(const lgd_net *net, lgd_buf *out, lgd_err *err);
/* c is hostile: sizes are checked before they are believed. Errors: damaged; memory. */
LGD_MUST_CHECK lgd_status lgd_net_load(lgd_cursor *c, lgd_net **ret, lgd_err *err);

/* ---- where it runs ---- */

/* A CPU backend, and a GPU where there is one and the work is worth it. When the GPU fails, the work is done again on the
 * CPU from what this process remembers, the GPU stays off, and the user is told once. */
typedef struct lgd_engine {
    lgd_compute cpu;
    lgd_compute device;                        /* backend NULL: none yet, or no more */
    bool device_wanted;                        /* may still be opened */
    double device_from;                        /* FLOP from which the device is worth its start; 0: always */
    lgd_pool *pool;                            /* of the CPU; may be NULL */
    void (*warn)(void *ctx, const char *text); /* may be NULL */
    void *ctx;
} lgd_engine;

/* device: "auto", "cpu", or the name of a backend, which then has to work. Errors: usage for a backend that this build does
 * not have, LGD_E_DEVICE for one that does not open. */
LGD_MUST_CHECK lgd_status lgd_engine_open(const char *device, lgd_pool *pool, lgd_engine *ret, lgd_err *err);
void lgd_engine_close(lgd_engine *e);                      /* takes {0} */
lgd_compute *lgd_engine_pick(lgd_engine *e, double flops); /* where work of that size runs */
/* After LGD_E_DEVICE: true if c was the GPU. It is closed, the user is told, and the work is to be done again. */
bool lgd_engine_give_up(lgd_engine *e, const lgd_compute *c, const lgd_err *why);

/* ---- layers: forward and backward ---- */

/* An LSTM layer over n windows; its state starts at zero in each. */
typedef struct lgd_lstm_layer {
    size_t n, steps, inputs, units;
    const lgd_real *input, *recurrent, *bias; /* [inputs, 4 units], [units, 4 units], [4 units]; gates i f g o */
} lgd_lstm_layer;
/* x: [steps, n, inputs] -> gates: [steps, n, 4 units], cell, h: [steps, n, units]; all three are kept for the way back. */
void lgd_lstm_layer_forward(lgd_compute *c, const lgd_lstm_layer *l, const lgd_real *x, lgd_real *gates, lgd_real *cell,
                            lgd_real *h);
typedef struct lgd_lstm_grad {
    lgd_real *input, *recurrent, *bias; /* added to */
    lgd_real *dcell;                    /* [n, units], scratch */
    lgd_real *dx;                       /* [steps, n, inputs], out; NULL: not wanted */
} lgd_lstm_grad;
/* dh: [steps, n, units], of h; used up. gates: used up too. */
void lgd_lstm_layer_backward(lgd_compute *c, const lgd_lstm_layer *l, const lgd_real *x, lgd_real *gates,
                             const lgd_real *cell, const lgd_real *h, lgd_real *dh, const lgd_lstm_grad *g);

/* y[n, outputs] = x[n, inputs] weight + bias; weight: [inputs, outputs]. */
typedef struct lgd_linear_layer {
    size_t n, inputs, outputs;
    const lgd_real *weight, *bias;
} lgd_linear_layer;
void lgd_linear_layer_forward(lgd_compute *c, const lgd_linear_layer *l, const lgd_real *x, lgd_real *y);
/* dweight, dbias: added to. dx: out. */
void lgd_linear_layer_backward(lgd_compute *c, const lgd_linear_layer *l, const lgd_real *x, const lgd_real *dy,
                               lgd_real *dweight, lgd_real *dbias, lgd_real *dx);

/* ---- windows ---- */

typedef struct lgd_windows {
    size_t n;
    const int32_t *inputs;  /* [n, steps]; -1: nothing */
    const int32_t *targets; /* [n, steps]; -1: nothing to be said, as behind the end of a short window */
    const float *weights;   /* [n], > 0; NULL: all 1 */
} lgd_windows;

/* Loss of the windows' targets (sum of weight * loss of each target / sum of weights of targets) and its gradient by every
 * parameter, on one backend, without dropout; grads: [n_params]. For checks. */
LGD_MUST_CHECK lgd_status lgd_net_gradient(const lgd_net *net, lgd_compute *c, const lgd_windows *w, lgd_real *grads,
                                           double *ret_loss, lgd_err *err);

/* ---- training ---- */

typedef struct lgd_train_options {
    uint64_t seed;
    uint32_t epochs;   /* at most */
    uint32_t patience; /* epochs without a better held-out loss before it stops */
    uint32_t batch;    /* windows of a step */
    double rate;       /* of Adam at the start; falls linearly to 0 at the last epoch */
    double clip;       /* largest norm of a gradient */
    double mask;       /* share of the input ids that are replaced by mask_id in training */
    int32_t mask_id;
    double
        average; /* what is kept is a running mean of the weights, this share of a step's being new (Polyak 1992); 0: the last */
} lgd_train_options;

typedef struct lgd_epoch {
    uint32_t number;  /* from 1 */
    double loss;      /* of the fitted windows, as they went by */
    double held_loss; /* of the others after it */
    bool best;        /* so far */
} lgd_epoch;

typedef enum lgd_stop { LGD_STOP_NOT, LGD_STOP_EPOCHS, LGD_STOP_PATIENCE, LGD_STOP_NOT_FINITE } lgd_stop;

/* A training on its way. All that it is lies in this process's memory between epochs, so it can be saved, and an epoch
 * that fails on a GPU can be done again. */
typedef struct lgd_trainer lgd_trainer;
LGD_MUST_CHECK lgd_status lgd_trainer_new(const lgd_net *net, const lgd_train_options *o, lgd_trainer **ret,
                                          lgd_err *err);
void lgd_trainer_free(lgd_trainer *t); /* takes NULL */
/* One epoch; the same result for any number of threads. *ret_stop: whether that was the last. held: n may be 0, then the
 * fitted loss stands for the other. A loss that is not finite is no error: it stops, and the best epoch before it stays.
 * Errors: memory. */
LGD_MUST_CHECK lgd_status lgd_trainer_epoch(lgd_trainer *t, lgd_engine *e, const lgd_windows *fit,
                                            const lgd_windows *held, lgd_epoch *ret, lgd_stop *ret_stop, lgd_err *err);
/* The weights of the best epoch, to net. False: there is none yet, net is as it was. */
bool lgd_trainer_best(const lgd_trainer *t, lgd_net *net);
/* A checkpoint: goes on as if it had never stopped, and after the last epoch stays where it ended. stop: as the last epoch
 * said, LGD_STOP_NOT before any; *ret_stop: the same; unless it is LGD_STOP_NOT, lgd_trainer_best and free are all that may
 * be called. bytes are hostile. Errors of load: damaged; data for one of another network or options. */
LGD_MUST_CHECK lgd_status lgd_trainer_save(const lgd_trainer *t, lgd_stop stop, lgd_buf *out, lgd_err *err);
LGD_MUST_CHECK lgd_status lgd_trainer_load(lgd_trainer *t, lgd_sv bytes, lgd_stop *ret_stop, lgd_err *err);

/* ---- scoring ---- */

/* What the network says of a target. */
typedef struct lgd_ranked {
    float log2_p;      /* LGD_LOSS_SQUARED: the error, |output - onehot|^2 */
    float log2_p_best; /* of the likeliest id in its place; LGD_LOSS_SQUARED: 0 */
    int32_t best;      /* that id */
} lgd_ranked;

/* Keeps the arrays that scoring needs from call to call. */
typedef struct lgd_ranker lgd_ranker;
/* net and e must outlive it. Errors: memory. */
LGD_MUST_CHECK lgd_status lgd_ranker_new(const lgd_net *net, lgd_engine *e, lgd_ranker **ret, lgd_err *err);
void lgd_ranker_free(lgd_ranker *r); /* takes NULL */
/* ret: [n, steps]; zeros where there is no target. A window's result does not depend on the others, nor on the number of
 * threads. Errors: memory. */
LGD_MUST_CHECK lgd_status lgd_ranker_run(lgd_ranker *r, const lgd_windows *w, lgd_ranked *ret, lgd_err *err);

#endif
