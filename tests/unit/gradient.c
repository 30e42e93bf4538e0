/*
 * Gradients against differences, in double: this program is built of nn, the reference backend and base with LGD_REAL =
 * double, so that a wrong gradient is told from rounding. Central differences (f(x+e) - f(x-e)) / 2e with e = 1e-5 leave
 * an error of about 1e-9 where functions are smooth; 1e-6 is asked for.
 */
#include "logdetect/nn.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>

static const double step = 1e-5, bound = 1e-6;

static lgd_compute compute;

static void setup(void) {
    lgd_err err = {0};
    ck_assert_msg(sizeof(lgd_real) == sizeof(double), "this program must be built in double");
    ck_assert_msg(lgd_compute_open("ref", &compute, &err) == LGD_OK, "%s", err.text);
}
static void teardown(void) { lgd_compute_close(&compute); }

static lgd_rng rng_of(uint64_t seed) {
    lgd_rng r;
    lgd_rng_init(&r, seed);
    return r;
}

static void draw(lgd_rng *r, lgd_real *x, size_t n) {
    for (size_t i = 0; i < n; i++) x[i] = 2 * lgd_rng_unit(r) - 1;
}

/* The derivative of f by x[i] equals `analytic` for each i. */
static void check_array(double (*f)(void *ctx), void *ctx, lgd_real *x, const lgd_real *analytic, size_t n,
                        const char *what) {
    for (size_t i = 0; i < n; i++) {
        lgd_real before = x[i];
        x[i] = before + step;
        double above = f(ctx);
        x[i] = before - step;
        double below = f(ctx);
        x[i] = before;
        double numeric = (above - below) / (2 * step), off = fabs(numeric - analytic[i]);
        ck_assert_msg(off <= bound * (1 + fabs(numeric)), "%s[%zu]: %.9g by differences, %.9g by the way back", what, i,
                      numeric, (double)analytic[i]);
    }
}

/* ---- one LSTM layer ---- */

enum { N = 3, STEPS = 5, INPUTS = 4, UNITS = 6, ROWS = STEPS * N };

typedef struct lstm_case {
    lgd_real x[ROWS * INPUTS], input[INPUTS * 4 * UNITS], recurrent[UNITS * 4 * UNITS], bias[4 * UNITS];
    lgd_real gates[ROWS * 4 * UNITS], cell[ROWS * UNITS], h[ROWS * UNITS], r[ROWS * UNITS];
} lstm_case;

static lgd_lstm_layer layer_of(const lstm_case *k) {
    return (lgd_lstm_layer){N, STEPS, INPUTS, UNITS, k->input, k->recurrent, k->bias};
}

/* Some direction of h: sum r h. */
static double lstm_value(void *ctx) {
    lstm_case *k = ctx;
    lgd_lstm_layer l = layer_of(k);
    double sum = 0;
    lgd_lstm_layer_forward(&compute, &l, k->x, k->gates, k->cell, k->h);
    for (size_t i = 0; i < ROWS * UNITS; i++) sum += k->r[i] * k->h[i];
    return sum;
}

START_TEST(an_lstm_layer_has_the_gradient_of_its_output) {
    lstm_case k = {0};
    lgd_rng r = rng_of(1);
    draw(&r, k.x, ROWS * INPUTS);
    draw(&r, k.input, INPUTS * 4 * UNITS);
    draw(&r, k.recurrent, UNITS * 4 * UNITS);
    draw(&r, k.bias, 4 * UNITS);
    draw(&r, k.r, ROWS * UNITS);
    lgd_real dinput[INPUTS * 4 * UNITS] = {0}, drecurrent[UNITS * 4 * UNITS] = {0}, dbias[4 * UNITS] = {0};
    lgd_real dx[ROWS * INPUTS], dcell[N * UNITS], dh[ROWS * UNITS];
    (void)lstm_value(&k);
    memcpy(dh, k.r, sizeof dh);
    lgd_lstm_layer l = layer_of(&k);
    lgd_lstm_grad g = {dinput, drecurrent, dbias, dcell, dx};
    lgd_lstm_layer_backward(&compute, &l, k.x, k.gates, k.cell, k.h, dh, &g);
    check_array(lstm_value, &k, k.x, dx, ROWS * INPUTS, "x");
    check_array(lstm_value, &k, k.input, dinput, INPUTS * 4 * UNITS, "input");
    check_array(lstm_value, &k, k.recurrent, drecurrent, UNITS * 4 * UNITS, "recurrent");
    check_array(lstm_value, &k, k.bias, dbias, 4 * UNITS, "bias");
}
END_TEST

/* ---- a linear layer behind dropout ---- */

typedef struct linear_case {
    lgd_real x[ROWS * INPUTS], kept[ROWS * INPUTS], weight[INPUTS * UNITS], bias[UNITS], y[ROWS * UNITS],
        r[ROWS * UNITS];
} linear_case;

static const uint64_t mask_seed = 11;

static double linear_value(void *ctx) {
    linear_case *k = ctx;
    lgd_linear_layer l = {ROWS, INPUTS, UNITS, k->weight, k->bias};
    double sum = 0;
    compute.backend->dropout(&compute, ROWS * INPUTS, 0.3, &mask_seed, 2, k->x, k->kept);
    lgd_linear_layer_forward(&compute, &l, k->kept, k->y);
    for (size_t i = 0; i < ROWS * UNITS; i++) sum += k->r[i] * k->y[i];
    return sum;
}

START_TEST(a_linear_layer_behind_dropout_has_the_gradient_of_its_output) {
    linear_case k = {0};
    lgd_rng r = rng_of(2);
    draw(&r, k.x, ROWS * INPUTS);
    draw(&r, k.weight, INPUTS * UNITS);
    draw(&r, k.bias, UNITS);
    draw(&r, k.r, ROWS * UNITS);
    lgd_real dweight[INPUTS * UNITS] = {0}, dbias[UNITS] = {0}, dx[ROWS * INPUTS];
    (void)linear_value(&k);
    lgd_linear_layer l = {ROWS, INPUTS, UNITS, k.weight, k.bias};
    lgd_linear_layer_backward(&compute, &l, k.kept, k.r, dweight, dbias, dx);
    compute.backend->dropout(&compute, ROWS * INPUTS, 0.3, &mask_seed, 2, dx, dx);
    check_array(linear_value, &k, k.x, dx, ROWS * INPUTS, "x");
    check_array(linear_value, &k, k.weight, dweight, INPUTS * UNITS, "weight");
    check_array(linear_value, &k, k.bias, dbias, UNITS, "bias");
    size_t dropped = 0;
    for (size_t i = 0; i < ROWS * INPUTS; i++) dropped += k.kept[i] == 0;
    ck_assert_uint_gt(dropped, 5);
    ck_assert_uint_lt(dropped, 40);
}
END_TEST

/* ---- losses ---- */

enum { LOSS_ROWS = 4, WIDTH = 5 };
typedef void (*loss_slot)(lgd_compute *c, size_t n, size_t width, lgd_real *x, const int32_t *targets,
                          const lgd_real *weights, lgd_real *loss);
typedef struct loss_case {
    loss_slot slot;
    lgd_real x[LOSS_ROWS * WIDTH];
} loss_case;

static const int32_t loss_targets[LOSS_ROWS] = {0, 4, -1, 2};
static const lgd_real loss_weights[LOSS_ROWS] = {0.5, 2, 1, 0.25};

static double loss_value(void *ctx) {
    loss_case *k = ctx;
    lgd_real x[LOSS_ROWS * WIDTH], loss[LOSS_ROWS];
    double sum = 0;
    memcpy(x, k->x, sizeof x);
    k->slot(&compute, LOSS_ROWS, WIDTH, x, loss_targets, loss_weights, loss);
    for (size_t i = 0; i < LOSS_ROWS; i++) sum += loss[i];
    return sum;
}

START_TEST(losses_leave_their_gradient) {
    const loss_slot slots[] = {compute.backend->cross_entropy, compute.backend->squared_error};
    loss_case k = {.slot = slots[_i]};
    lgd_rng r = rng_of(3);
    draw(&r, k.x, LOSS_ROWS * WIDTH);
    lgd_real dx[LOSS_ROWS * WIDTH], loss[LOSS_ROWS];
    memcpy(dx, k.x, sizeof dx);
    slots[_i](&compute, LOSS_ROWS, WIDTH, dx, loss_targets, loss_weights, loss);
    check_array(loss_value, &k, k.x, dx, LOSS_ROWS * WIDTH, "x");
    ck_assert_double_eq(loss[2], 0);
}
END_TEST

/* ---- the whole network ---- */

enum { WINDOWS = 3, WINDOW = 4 };
static const int32_t inputs[WINDOWS * WINDOW] = {0, 3, 1, 4, 0, 2, 2, -1, 4, 4, 3, 0};
static const int32_t targets[WINDOWS * WINDOW] = {3, 1, 4, 2, 2, 2, -1, -1, 4, 3, 0, 1};
static const float weights[WINDOWS] = {1, 0.5f, 2};
static const lgd_windows windows = {WINDOWS, inputs, targets, weights};

typedef struct net_case {
    lgd_net *net;
    lgd_real *grads;
} net_case;

static double net_value(void *ctx) {
    net_case *k = ctx;
    lgd_err err = {0};
    double loss = 0;
    ck_assert_msg(lgd_net_gradient(k->net, &compute, &windows, k->grads, &loss, &err) == LGD_OK, "%s", err.text);
    return loss;
}

static const lgd_net_shape shapes[] = {
    {.vocab = 5, .width = 3, .steps = WINDOW, .n_layers = 3, .units = {4, 2, 5}, .loss = LGD_LOSS_CROSS_ENTROPY},
    {.vocab = 5, .width = 5, .steps = WINDOW, .n_layers = 2, .units = {4, 3}, .loss = LGD_LOSS_SQUARED},
    {.vocab = 5, .width = 2, .steps = WINDOW, .n_layers = 1, .units = {3}, .loss = LGD_LOSS_CROSS_ENTROPY},
};

START_TEST(every_parameter_of_a_network_has_its_gradient) {
    net_case k = {0};
    lgd_err err = {0};
    ck_assert_msg(lgd_net_new(&shapes[_i], 7, &k.net, &err) == LGD_OK, "%s", err.text);
    size_t n = k.net->n_params;
    k.grads = calloc(n, sizeof *k.grads);
    lgd_real *analytic = calloc(n, sizeof *analytic);
    ck_assert(k.grads && analytic);
    (void)net_value(&k);
    memcpy(analytic, k.grads, n * sizeof *analytic);
    for (size_t i = 0; i < k.net->n_tensors; i++) {
        const lgd_tensor *t = &k.net->tensors[i];
        check_array(net_value, &k, k.net->params + t->at, analytic + t->at, t->rows * t->columns, t->name);
    }
    free(k.grads);
    free(analytic);
    lgd_net_free(k.net);
}
END_TEST

int main(void) {
    Suite *s = suite_create("gradient");
    TCase *c = tcase_create("differences");
    tcase_add_checked_fixture(c, setup, teardown);
    tcase_add_test(c, an_lstm_layer_has_the_gradient_of_its_output);
    tcase_add_test(c, a_linear_layer_behind_dropout_has_the_gradient_of_its_output);
    tcase_add_loop_test(c, losses_leave_their_gradient, 0, 2);
    tcase_add_loop_test(c, every_parameter_of_a_network_has_its_gradient, 0, sizeof shapes / sizeof shapes[0]);
    suite_add_tcase(s, c);
    SRunner *runner = srunner_create(s);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
