/*
 * nn/layers: an LSTM and a linear layer, forwards and backwards, in terms of the backend's operations. The products of all
 * steps with the input kernel are one large product; only what hangs on the step before goes step by step.
 */
#include "logdetect/nn.h"

void lgd_lstm_layer_forward(lgd_compute *c, const lgd_lstm_layer *l, const lgd_real *x, lgd_real *gates, lgd_real *cell,
                            lgd_real *h) {
    const lgd_backend *b = c->backend;
    size_t n = l->n, units = l->units, four = 4 * units;
    b->product(c, false, l->steps * n, four, l->inputs, x, l->inputs, l->input, four, false, gates, four);
    for (size_t t = 0; t < l->steps; t++) {
        lgd_real *z = gates + t * n * four, *before = t ? cell + (t - 1) * n * units : NULL;
        if (t) b->product(c, false, n, four, units, h + (t - 1) * n * units, units, l->recurrent, four, true, z, four);
        b->gates(c, n, units, z, l->bias, before, cell + t * n * units, h + t * n * units);
    }
}

void lgd_lstm_layer_backward(lgd_compute *c, const lgd_lstm_layer *l, const lgd_real *x, lgd_real *gates,
                             const lgd_real *cell, const lgd_real *h, lgd_real *dh, const lgd_lstm_grad *g) {
    const lgd_backend *b = c->backend;
    size_t n = l->n, units = l->units, four = 4 * units, rows = l->steps * n;
    b->zero(c, g->dcell, n * units * sizeof *g->dcell);
    for (size_t t = l->steps; t-- > 0;) {
        lgd_real *dz = gates + t * n * four;
        size_t at = t * n * units, before = at - n * units;
        b->gates_grad(c, n, units, dz, t ? cell + before : NULL, cell + at, dh + at, g->dcell, dz);
        if (t) b->gemm(c, false, true, n, units, four, 1, dz, four, l->recurrent, four, 1, dh + before, units);
    }
    b->gemm(c, true, false, l->inputs, four, rows, 1, x, l->inputs, gates, four, 1, g->input, four);
    if (l->steps > 1)
        b->gemm(c, true, false, units, four, rows - n, 1, h, units, gates + n * four, four, 1, g->recurrent, four);
    b->add_columns(c, rows, four, gates, g->bias);
    if (g->dx) b->gemm(c, false, true, rows, l->inputs, four, 1, gates, four, l->input, four, 0, g->dx, l->inputs);
}

void lgd_linear_layer_forward(lgd_compute *c, const lgd_linear_layer *l, const lgd_real *x, lgd_real *y) {
    const lgd_backend *b = c->backend;
    b->fill_rows(c, l->n, l->outputs, l->bias, y);
    b->product(c, false, l->n, l->outputs, l->inputs, x, l->inputs, l->weight, l->outputs, true, y, l->outputs);
}

void lgd_linear_layer_backward(lgd_compute *c, const lgd_linear_layer *l, const lgd_real *x, const lgd_real *dy,
                               lgd_real *dweight, lgd_real *dbias, lgd_real *dx) {
    const lgd_backend *b = c->backend;
    b->gemm(c, true, false, l->inputs, l->outputs, l->n, 1, x, l->inputs, dy, l->outputs, 1, dweight, l->outputs);
    b->add_columns(c, l->n, l->outputs, dy, dbias);
    b->gemm(c, false, true, l->n, l->inputs, l->outputs, 1, dy, l->outputs, l->weight, l->outputs, 0, dx, l->inputs);
}
