/*
 * nn/net: the parameters - which tensors a shape has, their first values, their saved form.
 *
 * All tensors lie in one block, in the order of the way through the network; an LSTM's input and recurrent kernels are
 * neighbours, [inputs + units, 4 units] together.
 */
#include "net.h"

#include <math.h>
#include <stdio.h>

/* ---- shape ---- */

static bool is_between(uint32_t x, uint32_t low, uint32_t high) { return x >= low && x <= high; }

static bool shape_is_sound(const lgd_net_shape *s) {
    bool squared = s->loss == LGD_LOSS_SQUARED;
    bool sound = (squared || s->loss == LGD_LOSS_CROSS_ENTROPY) &&
                 is_between(s->vocab, 2, squared ? LGD_NET_MAX_ONE_HOT : LGD_NET_MAX_VOCAB) &&
                 (squared ? s->width == s->vocab : is_between(s->width, 1, LGD_NET_MAX_UNITS)) &&
                 is_between(s->steps, 1, LGD_NET_MAX_STEPS) && is_between(s->n_layers, 1, LGD_NET_MAX_LAYERS) &&
                 s->dropout >= 0 && s->dropout <= 0.9;
    for (size_t i = 0; sound && i < s->n_layers; i++) sound = is_between(s->units[i], 1, LGD_NET_MAX_UNITS);
    return sound;
}

static void add_tensor(lgd_net *net, const char *name, size_t number, size_t rows, size_t columns) {
    lgd_tensor *t = &net->tensors[net->n_tensors++];
    *t = (lgd_tensor){.rows = rows, .columns = columns, .at = net->n_params};
    if (number)
        (void)snprintf(t->name, sizeof t->name, "lstm%zu.%s", number, name);
    else
        (void)snprintf(t->name, sizeof t->name, "%s", name);
    net->n_params += rows * columns;
}

static void lay_out(lgd_net *net) {
    const lgd_net_shape *s = &net->shape;
    size_t inputs = s->width;
    bool squared = s->loss == LGD_LOSS_SQUARED;
    if (!squared) add_tensor(net, "embedding", 0, s->vocab, s->width);
    for (size_t i = 0; i < s->n_layers; i++) {
        add_tensor(net, "input", i + 1, inputs, 4 * (size_t)s->units[i]);
        add_tensor(net, "recurrent", i + 1, s->units[i], 4 * (size_t)s->units[i]);
        add_tensor(net, "bias", i + 1, 1, 4 * (size_t)s->units[i]);
        inputs = s->units[i];
    }
    add_tensor(net, "output.weight", 0, inputs, s->width);
    add_tensor(net, "output.bias", 0, 1, s->width);
    if (!squared) add_tensor(net, "prior", 0, 1, s->vocab);
}

const lgd_tensor *lgd_net_tensor(const lgd_net *net, const char *name) {
    for (size_t i = 0; i < net->n_tensors; i++)
        if (strcmp(net->tensors[i].name, name) == 0) return &net->tensors[i];
    return NULL;
}

const char *lgd_net_loss_name(lgd_net_loss loss) { return loss == LGD_LOSS_SQUARED ? "mse" : "cross-entropy"; }

double lgd_net_flops(const lgd_net_shape *s) {
    double inputs = s->width, per_step = 0;
    for (size_t i = 0; i < s->n_layers; i++) {
        per_step += 8.0 * s->units[i] * (inputs + s->units[i]);
        inputs = s->units[i];
    }
    per_step += 2 * inputs * s->width + (s->loss == LGD_LOSS_SQUARED ? 0 : 2.0 * s->width * s->vocab);
    return per_step * s->steps;
}

/* ---- first values ---- */

/* Numbers of the normal distribution, two at a time (Box & Muller 1958). */
static void fill_normal(lgd_rng *r, lgd_real *x, size_t n, double deviation) {
    for (size_t i = 0; i < n; i += 2) {
        double radius = deviation * sqrt(-2 * log(1 - lgd_rng_unit(r))), angle = 6.283185307179586 * lgd_rng_unit(r);
        x[i] = (lgd_real)(radius * cos(angle));
        if (i + 1 < n) x[i + 1] = (lgd_real)(radius * sin(angle));
    }
}

static void fill_uniform(lgd_rng *r, lgd_real *x, size_t n, double limit) {
    for (size_t i = 0; i < n; i++) x[i] = (lgd_real)(limit * (2 * lgd_rng_unit(r) - 1));
}

static double dot(const lgd_real *x, const lgd_real *y, size_t n) {
    double sum = 0;
    for (size_t i = 0; i < n; i++) sum += (double)x[i] * (double)y[i];
    return sum;
}

/* Rows of unit length, each at right angles to those before it (Gram & Schmidt), from normal ones: [rows, columns] with
 * rows <= columns. */
static void fill_orthogonal(lgd_rng *r, lgd_real *x, size_t rows, size_t columns) {
    fill_normal(r, x, rows * columns, 1);
    for (size_t i = 0; i < rows; i++) {
        lgd_real *row = x + i * columns;
        for (size_t k = 0; k < i; k++) {
            const lgd_real *other = x + k * columns;
            double along = dot(row, other, columns);
            for (size_t j = 0; j < columns; j++) row[j] = (lgd_real)((double)row[j] - along * (double)other[j]);
        }
        double length = sqrt(dot(row, row, columns));
        for (size_t j = 0; j < columns; j++) row[j] = (lgd_real)((double)row[j] / length);
    }
}

static bool ends_with(const char *name, const char *end) {
    size_t n = strlen(name), m = strlen(end);
    return n >= m && strcmp(name + n - m, end) == 0;
}

static void fill_tensor(lgd_net *net, const lgd_tensor *t, lgd_rng *r) {
    lgd_real *x = net->params + t->at;
    size_t n = t->rows * t->columns;
    double glorot = sqrt(6.0 / (double)(t->rows + t->columns));
    if (strcmp(t->name, "embedding") == 0)
        fill_normal(r, x, n, 1);
    else if (ends_with(t->name, ".recurrent"))
        fill_orthogonal(r, x, t->rows, t->columns);
    else if (ends_with(t->name, ".input"))
        fill_uniform(r, x, n, glorot);
    else if (strcmp(t->name, "output.weight") == 0)
        fill_uniform(r, x, n, net->shape.loss == LGD_LOSS_SQUARED ? glorot : 2.718281828 * glorot);
    else if (strncmp(t->name, "lstm", 4) == 0) /* a bias: i f g o */
        for (size_t i = n / 4; i < n / 2; i++) x[i] = 1;
}

/* ---- life ---- */

lgd_status net_alloc(const lgd_net_shape *shape, lgd_net **ret, lgd_err *err) {
    if (!shape_is_sound(shape))
        return lgd_fail(err, LGD_E_USAGE, "network: a size is out of range: %u ids of %u numbers, %u steps, %u layers",
                        (unsigned)shape->vocab, (unsigned)shape->width, (unsigned)shape->steps,
                        (unsigned)shape->n_layers);
    lgd_net *net = lgd_calloc(1, sizeof *net);
    if (!net) return lgd_fail_memory(err, sizeof *net);
    net->shape = *shape;
    lay_out(net);
    net->params = lgd_calloc(net->n_params, sizeof *net->params);
    if (!net->params) {
        size_t n_bytes = net->n_params * sizeof *net->params;
        lgd_free(net);
        return lgd_fail_memory(err, n_bytes);
    }
    *ret = net;
    return LGD_OK;
}

lgd_status lgd_net_new(const lgd_net_shape *shape, uint64_t seed, lgd_net **ret, lgd_err *err) {
    lgd_net *net = NULL;
    lgd_rng r;
    LGD_TRY(net_alloc(shape, &net, err));
    lgd_rng_init(&r, seed);
    for (size_t i = 0; i < net->n_tensors; i++) fill_tensor(net, &net->tensors[i], &r);
    *ret = net;
    return LGD_OK;
}

void lgd_net_free(lgd_net *net) {
    if (!net) return;
    lgd_free(net->params);
    lgd_free(net);
}

/* ---- saved form: the shape, then the block ---- */

void net_put_shape(const lgd_net_shape *s, lgd_buf *out) {
    lgd_put_u8(out, (uint8_t)s->loss);
    lgd_put_u32(out, s->vocab);
    lgd_put_u32(out, s->width);
    lgd_put_u32(out, s->steps);
    lgd_put_f64(out, s->dropout);
    lgd_put_u32(out, s->n_layers);
    for (size_t i = 0; i < s->n_layers; i++) lgd_put_u32(out, s->units[i]);
}

void net_get_shape(lgd_cursor *c, lgd_net_shape *ret) {
    *ret = (lgd_net_shape){.loss = lgd_get_u8(c) ? LGD_LOSS_SQUARED : LGD_LOSS_CROSS_ENTROPY};
    ret->vocab = lgd_get_u32(c);
    ret->width = lgd_get_u32(c);
    ret->steps = lgd_get_u32(c);
    ret->dropout = lgd_get_f64(c);
    ret->n_layers = lgd_get_u32(c);
    if (ret->n_layers > LGD_NET_MAX_LAYERS) c->bad = true;
    for (size_t i = 0; i < ret->n_layers && !c->bad; i++) ret->units[i] = lgd_get_u32(c);
}

void net_put_numbers(const lgd_real *x, size_t n, lgd_buf *out) {
    for (size_t i = 0; i < n; i++) lgd_put_f32(out, (float)x[i]);
}

void net_get_numbers(lgd_cursor *c, lgd_real *x, size_t n) {
    for (size_t i = 0; i < n && !c->bad; i++) x[i] = (lgd_real)lgd_get_f32(c);
}

lgd_status lgd_net_save(const lgd_net *net, lgd_buf *out, lgd_err *err) {
    net_put_shape(&net->shape, out);
    lgd_put_u32(out, (uint32_t)net->n_params);
    net_put_numbers(net->params, net->n_params, out);
    return out->failed ? lgd_fail_memory(err, out->n) : LGD_OK;
}

lgd_status lgd_net_load(lgd_cursor *c, lgd_net **ret, lgd_err *err) {
    lgd_net_shape shape;
    lgd_net *net = NULL;
    net_get_shape(c, &shape);
    size_t n = lgd_get_count(c, sizeof(float));
    if (c->bad || !shape_is_sound(&shape)) return lgd_fail(err, LGD_E_DAMAGED, "network: impossible sizes");
    /* What it takes is laid out first, so that no more is allocated than the file holds. */
    lgd_net sizes = {.shape = shape};
    lay_out(&sizes);
    if (sizes.n_params != n) return lgd_fail(err, LGD_E_DAMAGED, "network: %zu numbers where its sizes need others", n);
    LGD_TRY(net_alloc(&shape, &net, err));
    net_get_numbers(c, net->params, n);
    if (c->bad) {
        lgd_net_free(net);
        return lgd_fail(err, LGD_E_DAMAGED, "network: numbers that are none");
    }
    *ret = net;
    return LGD_OK;
}
