/*
 * nn/pass: ids -> embedding -> LSTM layers -> output -> scores -> loss, and back.
 *
 * With cross-entropy the scores are y E' + prior, E the embedding itself, whose gradient so has two parts: what comes out
 * of it and what goes in. With squared errors ids go in as one-hot rows and y is compared with one.
 */
#include "pass.h"

/* ---- arrays ---- */

static bool get_array(pass *p, void **ret, size_t n, size_t size) {
    if (n > SIZE_MAX / size) return false;
    *ret = p->c->backend->alloc(p->c, n * size);
    return *ret != NULL;
}

static bool get_reals(pass *p, lgd_real **ret, size_t n) { return get_array(p, (void **)ret, n, sizeof **ret); }
static bool get_ids(pass *p, int32_t **ret, size_t n) { return get_array(p, (void **)ret, n, sizeof **ret); }

static size_t most_units(const lgd_net_shape *s) {
    size_t most = 0;
    for (size_t i = 0; i < s->n_layers; i++) most = s->units[i] > most ? s->units[i] : most;
    return most;
}

static bool alloc_forward(pass *p) {
    const lgd_net_shape *s = &p->net->shape;
    bool squared = s->loss == LGD_LOSS_SQUARED;
    bool ok = get_ids(p, &p->ids, p->rows) && get_ids(p, &p->targets, p->rows) && get_reals(p, &p->weights, p->rows) &&
              get_reals(p, &p->x, p->rows * s->width) && get_reals(p, &p->y, p->rows * s->width) &&
              (squared ? get_reals(p, &p->one_hot, (size_t)s->vocab * s->vocab)
                       : get_reals(p, &p->scores, p->rows * s->vocab));
    for (size_t i = 0; ok && i < s->n_layers; i++)
        ok = get_reals(p, &p->gates[i], p->rows * 4 * s->units[i]) &&
             get_reals(p, &p->cell[i], p->rows * s->units[i]) && get_reals(p, &p->h[i], p->rows * s->units[i]);
    return ok && get_reals(p, &p->loss, p->rows) && get_reals(p, &p->loss_sum, 1);
}

static bool alloc_backward(pass *p) {
    const lgd_net_shape *s = &p->net->shape;
    size_t units = most_units(s);
    bool ok = get_reals(p, &p->grads, p->net->n_params) && get_reals(p, &p->dy, p->rows * s->width) &&
              get_reals(p, &p->dcell, p->n * units) && get_array(p, (void **)&p->seed, 1, sizeof *p->seed);
    for (size_t i = 0; ok && i < 2; i++) ok = get_reals(p, &p->dh[i], p->rows * (units > s->width ? units : s->width));
    for (size_t i = 0; ok && i < s->n_layers && s->dropout > 0; i++)
        ok = get_reals(p, &p->kept[i], p->rows * s->units[i]);
    return ok;
}

static bool alloc_ranks(pass *p) {
    return get_reals(p, &p->log_p, p->rows) && get_reals(p, &p->log_p_best, p->rows) && get_ids(p, &p->best, p->rows);
}

static bool alloc_host(pass *p, bool train) {
    p->host_ids = lgd_calloc(p->rows, sizeof *p->host_ids);
    p->host_targets = lgd_calloc(p->rows, sizeof *p->host_targets);
    p->host_weights = lgd_calloc(p->rows, sizeof *p->host_weights);
    if (train) return p->host_ids && p->host_targets && p->host_weights;
    p->host_p = lgd_calloc(p->rows, sizeof *p->host_p);
    p->host_best_p = lgd_calloc(p->rows, sizeof *p->host_best_p);
    p->host_best = lgd_calloc(p->rows, sizeof *p->host_best);
    return p->host_ids && p->host_targets && p->host_weights && p->host_p && p->host_best_p && p->host_best;
}

static lgd_status put_one_hot(pass *p, lgd_err *err) {
    size_t n = p->net->shape.vocab;
    lgd_real *rows = lgd_calloc(n * n, sizeof *rows);
    if (!rows) return lgd_fail_memory(err, n * n * sizeof *rows);
    for (size_t i = 0; i < n; i++) rows[i * n + i] = 1;
    p->c->backend->put(p->c, p->one_hot, rows, n * n * sizeof *rows);
    lgd_free(rows);
    return LGD_OK;
}

lgd_status pass_no_array(lgd_compute *c, size_t n_bytes, lgd_err *err) {
    if (c->backend->on_host) return lgd_fail_memory(err, n_bytes);
    LGD_TRY(c->backend->finish(c, err));
    return lgd_fail(err, LGD_E_DEVICE, "out of memory for %zu bytes", n_bytes);
}

lgd_status pass_init(pass *p, lgd_compute *c, const lgd_net *net, size_t n, bool train, lgd_err *err) {
    *p = (pass){.c = c, .net = net, .n = n, .rows = n * net->shape.steps};
    bool ok = alloc_forward(p) && (train ? alloc_backward(p) : alloc_ranks(p)) && alloc_host(p, train);
    lgd_status status = ok ? LGD_OK : pass_no_array(c, p->rows * sizeof(lgd_real), err);
    if (net->shape.loss == LGD_LOSS_SQUARED) {
        p->scores = p->y;
        if (status == LGD_OK) status = put_one_hot(p, err);
    }
    if (status != LGD_OK) pass_release(p);
    return status;
}

void pass_release(pass *p) {
    if (!p->c) return;
    const lgd_backend *b = p->c->backend; /* NULL: it was closed, and its arrays with it */
    void *arrays[] = {
        p->ids,  p->targets,  p->weights,    p->one_hot, p->x,     p->y,     p->scores == p->y ? NULL : p->scores,
        p->loss, p->loss_sum, p->grads,      p->dy,      p->dh[0], p->dh[1], p->dcell,
        p->seed, p->log_p,    p->log_p_best, p->best};
    for (size_t i = 0; b && i < sizeof arrays / sizeof arrays[0]; i++) b->free(p->c, arrays[i]);
    for (size_t i = 0; b && i < LGD_NET_MAX_LAYERS; i++) {
        b->free(p->c, p->gates[i]);
        b->free(p->c, p->cell[i]);
        b->free(p->c, p->h[i]);
        b->free(p->c, p->kept[i]);
    }
    lgd_free(p->host_ids);
    lgd_free(p->host_targets);
    lgd_free(p->host_weights);
    lgd_free(p->host_p);
    lgd_free(p->host_best_p);
    lgd_free(p->host_best);
    *p = (pass){0};
}

/* ---- windows in ---- */

void pass_fill(pass *p, const pass_batch *b) {
    size_t steps = p->net->shape.steps;
    for (size_t i = 0; i < p->n; i++)
        for (size_t t = 0; t < steps; t++) {
            size_t at = t * p->n + i, window = b->order && i < b->n ? b->order[b->first + i] : b->first + i;
            bool there = i < b->n;
            p->host_ids[at] = there ? b->windows->inputs[window * steps + t] : -1;
            p->host_targets[at] = there ? b->windows->targets[window * steps + t] : -1;
            double weight = there && b->windows->weights ? (double)b->windows->weights[window] : there;
            p->host_weights[at] = (lgd_real)(weight * b->scale);
            if (p->host_targets[at] >= 0 && !lgd_dropout_keeps(b->seed, 0, (b->place + i) * steps + t, b->mask))
                p->host_ids[at] = b->mask_id;
        }
    const lgd_backend *x = p->c->backend;
    uint64_t seed = lgd_hash_u64(b->seed, b->place);
    x->put(p->c, p->ids, p->host_ids, p->rows * sizeof *p->ids);
    x->put(p->c, p->targets, p->host_targets, p->rows * sizeof *p->targets);
    x->put(p->c, p->weights, p->host_weights, p->rows * sizeof *p->weights);
    if (p->seed) x->put(p->c, p->seed, &seed, sizeof seed);
}

/* ---- forwards ---- */

static const lgd_real *weights_of(const pass *p, const char *name) {
    return p->params + lgd_net_tensor(p->net, name)->at;
}

/* The three tensors of a layer follow each other. */
static const lgd_tensor *layer_tensors(const pass *p, size_t layer) {
    return lgd_net_tensor(p->net, "lstm1.input") + 3 * layer;
}

static lgd_lstm_layer layer_of(const pass *p, size_t layer) {
    const lgd_net_shape *s = &p->net->shape;
    const lgd_tensor *t = layer_tensors(p, layer);
    return (lgd_lstm_layer){.n = p->n,
                            .steps = s->steps,
                            .inputs = layer ? s->units[layer - 1] : s->width,
                            .units = s->units[layer],
                            .input = p->params + t[0].at,
                            .recurrent = p->params + t[1].at,
                            .bias = p->params + t[2].at};
}

static lgd_linear_layer output_of(const pass *p) {
    const lgd_net_shape *s = &p->net->shape;
    return (lgd_linear_layer){.n = p->rows,
                              .inputs = s->units[s->n_layers - 1],
                              .outputs = s->width,
                              .weight = weights_of(p, "output.weight"),
                              .bias = weights_of(p, "output.bias")};
}

/* What goes into layer i (n_layers: into the output). */
static const lgd_real *input_of(const pass *p, size_t i) {
    if (i == 0) return p->x;
    return p->drops ? p->kept[i - 1] : p->h[i - 1];
}

static void forward(const pass *p) {
    const lgd_net_shape *s = &p->net->shape;
    const lgd_backend *b = p->c->backend;
    bool squared = s->loss == LGD_LOSS_SQUARED;
    b->gather(p->c, p->rows, s->width, p->ids, squared ? p->one_hot : weights_of(p, "embedding"), p->x);
    for (size_t i = 0; i < s->n_layers; i++) {
        lgd_lstm_layer l = layer_of(p, i);
        lgd_lstm_layer_forward(p->c, &l, input_of(p, i), p->gates[i], p->cell[i], p->h[i]);
        if (p->drops) b->dropout(p->c, p->rows * l.units, s->dropout, p->seed, (uint32_t)i, p->h[i], p->kept[i]);
    }
    lgd_linear_layer out = output_of(p);
    lgd_linear_layer_forward(p->c, &out, input_of(p, s->n_layers), p->y);
    if (squared) return;
    b->fill_rows(p->c, p->rows, s->vocab, weights_of(p, "prior"), p->scores);
    b->product(p->c, true, p->rows, s->vocab, s->width, p->y, s->width, weights_of(p, "embedding"), s->width, true,
               p->scores, s->vocab);
}

/* scores become their gradient. */
static void lose(const pass *p) {
    const lgd_net_shape *s = &p->net->shape;
    const lgd_backend *b = p->c->backend;
    if (s->loss == LGD_LOSS_SQUARED)
        b->squared_error(p->c, p->rows, s->vocab, p->scores, p->targets, p->weights, p->loss);
    else
        b->cross_entropy(p->c, p->rows, s->vocab, p->scores, p->targets, p->weights, p->loss);
    b->add_sum(p->c, p->rows, p->loss, p->loss_sum);
}

/* ---- backwards ---- */

static lgd_real *grads_of(const pass *p, const char *name) { return p->grads + lgd_net_tensor(p->net, name)->at; }

/* Gradient of the scores -> of y; of the embedding as far as it is the output's. */
static lgd_real *scores_back(const pass *p) {
    const lgd_net_shape *s = &p->net->shape;
    const lgd_backend *b = p->c->backend;
    if (s->loss == LGD_LOSS_SQUARED) return p->scores;
    b->gemm(p->c, true, false, s->vocab, s->width, p->rows, 1, p->scores, s->vocab, p->y, s->width, 1,
            grads_of(p, "embedding"), s->width);
    b->add_columns(p->c, p->rows, s->vocab, p->scores, grads_of(p, "prior"));
    b->gemm(p->c, false, false, p->rows, s->width, s->vocab, 1, p->scores, s->vocab, weights_of(p, "embedding"),
            s->width, 0, p->dy, s->width);
    return p->dy;
}

static void layer_back(const pass *p, size_t i, lgd_real *dh, lgd_real *dx) {
    const lgd_tensor *t = layer_tensors(p, i);
    lgd_lstm_layer l = layer_of(p, i);
    lgd_lstm_grad g = {.input = p->grads + t[0].at,
                       .recurrent = p->grads + t[1].at,
                       .bias = p->grads + t[2].at,
                       .dcell = p->dcell,
                       .dx = dx};
    if (p->drops) p->c->backend->dropout(p->c, p->rows * l.units, p->net->shape.dropout, p->seed, (uint32_t)i, dh, dh);
    lgd_lstm_layer_backward(p->c, &l, input_of(p, i), p->gates[i], p->cell[i], p->h[i], dh, &g);
}

static void backward(const pass *p) {
    const lgd_net_shape *s = &p->net->shape;
    const lgd_backend *b = p->c->backend;
    bool squared = s->loss == LGD_LOSS_SQUARED;
    lgd_linear_layer out = output_of(p);
    lgd_linear_layer_backward(p->c, &out, input_of(p, s->n_layers), scores_back(p), grads_of(p, "output.weight"),
                              grads_of(p, "output.bias"), p->dh[s->n_layers % 2]);
    for (size_t i = s->n_layers; i-- > 0;) layer_back(p, i, p->dh[(i + 1) % 2], i || !squared ? p->dh[i % 2] : NULL);
    if (!squared) b->scatter_add(p->c, p->rows, s->width, p->ids, p->dh[0], s->vocab, grads_of(p, "embedding"));
}

/* ---- batches ---- */

static void train_work(void *ctx) {
    const pass *p = ctx;
    p->c->backend->zero(p->c, p->grads, p->net->n_params * sizeof *p->grads);
    forward(p);
    lose(p);
    backward(p);
}

static void loss_work(void *ctx) {
    const pass *p = ctx;
    forward(p);
    lose(p);
}

static void rank_work(void *ctx) {
    const pass *p = ctx;
    const lgd_net_shape *s = &p->net->shape;
    forward(p);
    p->c->backend->rank(p->c, p->rows, s->vocab, p->scores, p->targets, p->log_p, p->log_p_best, p->best);
    if (s->loss == LGD_LOSS_SQUARED)
        p->c->backend->squared_error(p->c, p->rows, s->vocab, p->scores, p->targets, p->weights, p->log_p);
}

static void repeat(pass *p, const lgd_real *params, void (*work)(void *ctx)) {
    p->params = params;
    p->drops = work == train_work && p->net->shape.dropout > 0;
    p->c->backend->repeat(p->c, work, p);
}

void pass_train(pass *p, const lgd_real *params) { repeat(p, params, train_work); }
void pass_loss(pass *p, const lgd_real *params) { repeat(p, params, loss_work); }
void pass_rank(pass *p, const lgd_real *params) { repeat(p, params, rank_work); }
