/*
 * Tests of nn: training gives the same bytes for any number of threads and from a checkpoint, follows a written course on
 * every backend, stops when it has to, and outlives a GPU; scoring gives a window the same numbers in any company; saved
 * forms are not trusted. Gradients are in gradient.c.
 */
#include "logdetect/nn.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

Suite *nn_suite(void);

/* ---- windows of a small language: 0 is the start, 1 2 3 4 follow each other, 5 comes now and then ---- */

enum { VOCAB = 6, STEPS = 8, N_FIT = 90, N_HELD = 24 };

typedef struct text {
    int32_t inputs[N_FIT * STEPS], targets[N_FIT * STEPS];
    float weights[N_FIT];
    lgd_windows windows;
} text;
static text fit, held;

static void write_window(lgd_rng *r, int32_t *in, int32_t *out) {
    int32_t before = 0;
    size_t n = STEPS - lgd_rng_below(r, 3);
    for (size_t t = 0; t < STEPS; t++) {
        int32_t usual = before >= 4 || before == 0 ? 1 : before + 1;
        int32_t id = lgd_rng_below(r, 8) == 0 ? 5 : usual;
        in[t] = t < n ? before : -1;
        out[t] = t < n ? id : -1;
        before = id == 5 ? 4 : id;
    }
}

static void write_text(text *x, size_t n, uint64_t seed) {
    lgd_rng r;
    lgd_rng_init(&r, seed);
    for (size_t i = 0; i < n; i++) {
        write_window(&r, x->inputs + i * STEPS, x->targets + i * STEPS);
        x->weights[i] = (float)(1 + lgd_rng_below(&r, 3));
    }
    x->windows = (lgd_windows){n, x->inputs, x->targets, x->weights};
}

static void setup(void) {
    write_text(&fit, N_FIT, 1);
    write_text(&held, N_HELD, 2);
}

static const lgd_net_shape small = {
    .vocab = VOCAB, .width = 5, .steps = STEPS, .n_layers = 2, .units = {12, 8}, .loss = LGD_LOSS_CROSS_ENTROPY};
static const lgd_train_options plain = {.seed = 3,
                                        .epochs = 6,
                                        .patience = 6,
                                        .batch = 32,
                                        .rate = 0.02,
                                        .clip = 1,
                                        .mask = 0.05,
                                        .mask_id = 5,
                                        .average = 0.1};

static lgd_engine engine_of(const char *device, size_t threads, lgd_pool **ret_pool) {
    lgd_engine e;
    lgd_err err = {0};
    ck_assert_msg(lgd_pool_new(threads, ret_pool, &err) == LGD_OK, "%s", err.text);
    ck_assert_msg(lgd_engine_open(device, *ret_pool, &e, &err) == LGD_OK, "%s", err.text);
    return e;
}

static lgd_net *net_of(const lgd_net_shape *shape) {
    lgd_net *net = NULL;
    lgd_err err = {0};
    ck_assert_msg(lgd_net_new(shape, 3, &net, &err) == LGD_OK, "%s", err.text);
    return net;
}

static lgd_trainer *trainer_of(const lgd_net *net, const lgd_train_options *o) {
    lgd_trainer *t = NULL;
    lgd_err err = {0};
    ck_assert_msg(lgd_trainer_new(net, o, &t, &err) == LGD_OK, "%s", err.text);
    return t;
}

static lgd_epoch epoch_of(lgd_trainer *t, lgd_engine *e, const lgd_windows *f, const lgd_windows *h, lgd_stop *stop) {
    lgd_epoch ret;
    lgd_err err = {0};
    ck_assert_msg(lgd_trainer_epoch(t, e, f, h, &ret, stop, &err) == LGD_OK, "%s", err.text);
    return ret;
}

/* The network after a whole training. losses: [epochs] or NULL. */
static lgd_net *train_on(lgd_engine *e, const lgd_net_shape *shape, const lgd_train_options *o, lgd_epoch *losses) {
    lgd_net *net = net_of(shape);
    lgd_trainer *t = trainer_of(net, o);
    lgd_stop stop = LGD_STOP_NOT;
    for (size_t i = 0; stop == LGD_STOP_NOT; i++) {
        lgd_epoch epoch = epoch_of(t, e, &fit.windows, &held.windows, &stop);
        if (losses) losses[i] = epoch;
    }
    ck_assert(lgd_trainer_best(t, net));
    lgd_trainer_free(t);
    return net;
}

static void assert_same_net(const lgd_net *a, const lgd_net *b) {
    ck_assert_uint_eq(a->n_params, b->n_params);
    ck_assert_mem_eq(a->params, b->params, a->n_params * sizeof *a->params);
}

/* ---- training ---- */

static lgd_net *train_with_threads(const char *device, size_t threads, const lgd_net_shape *shape) {
    lgd_pool *pool = NULL;
    lgd_engine e = engine_of(device, threads, &pool);
    lgd_net *net = train_on(&e, shape, &plain, NULL);
    lgd_engine_close(&e);
    lgd_pool_free(pool);
    return net;
}

static const char *const host_backends[] = {"ref", "cpu"};

START_TEST(training_is_the_same_for_any_number_of_threads) {
    lgd_net_shape shape = small;
    shape.dropout = 0.2;
    lgd_net *one = train_with_threads(host_backends[_i], 1, &shape);
    lgd_net *three = train_with_threads(host_backends[_i], 3, &shape);
    assert_same_net(one, three);
    lgd_net_free(one);
    lgd_net_free(three);
}
END_TEST

/* The course of a training, epoch by epoch: loss and held-out loss. Written by LGD_WRITE_COURSE=1. */
static const lgd_net_shape course_shapes[] = {
    {.vocab = VOCAB, .width = 5, .steps = STEPS, .n_layers = 2, .units = {12, 8}, .loss = LGD_LOSS_CROSS_ENTROPY},
    {.vocab = VOCAB, .width = 5, .steps = STEPS, .n_layers = 4, .units = {8, 4, 4, 8}, .loss = LGD_LOSS_CROSS_ENTROPY},
    {.vocab = VOCAB, .width = VOCAB, .steps = STEPS, .n_layers = 1, .units = {12}, .loss = LGD_LOSS_SQUARED},
};
enum { N_COURSES = sizeof course_shapes / sizeof course_shapes[0], EPOCHS = 6 };

static const char *course_path = LGD_TEST_DIR "/unit/training.tsv";

static void write_course(lgd_engine *e) {
    FILE *f = fopen(course_path, "w");
    ck_assert_ptr_nonnull(f);
    fprintf(f, "# network\tepoch\tloss\theld-out loss, by the reference backend; LGD_WRITE_COURSE=1 writes it anew\n");
    for (int i = 0; i < N_COURSES; i++) {
        lgd_epoch losses[EPOCHS];
        lgd_net_free(train_on(e, &course_shapes[i], &plain, losses));
        for (int k = 0; k < EPOCHS; k++)
            fprintf(f, "%d\t%d\t%.6f\t%.6f\n", i, k + 1, losses[k].loss, losses[k].held_loss);
    }
    ck_assert_int_eq(fclose(f), 0);
}

static void read_course(int network, lgd_epoch ret[EPOCHS]) {
    char line[200];
    FILE *f = fopen(course_path, "r");
    ck_assert_msg(f != NULL, "%s is missing", course_path);
    int n = 0;
    while (fgets(line, sizeof line, f)) {
        int which = 0, epoch = 0;
        double loss = 0, other = 0;
        if (sscanf(line, "%d %d %lf %lf", &which, &epoch, &loss, &other) != 4 || which != network) continue;
        ck_assert_int_eq(epoch, n + 1);
        ck_assert_int_lt(n, EPOCHS);
        ret[n++] = (lgd_epoch){.loss = loss, .held_loss = other};
    }
    ck_assert_int_eq(fclose(f), 0);
    ck_assert_int_eq(n, EPOCHS);
}

/* Backends round differently, and training is chaotic: 1 % of the loss after six epochs of some steps. */
static void follow_course(lgd_engine *e, const char *name, int network) {
    lgd_epoch course[EPOCHS], seen[EPOCHS];
    double allowed = strcmp(name, "ref") == 0 ? 1e-4 : 0.01;
    read_course(network, course);
    lgd_net_free(train_on(e, &course_shapes[network], &plain, seen));
    for (int k = 0; k < EPOCHS; k++) {
        ck_assert_msg(fabs(seen[k].loss / course[k].loss - 1) <= allowed,
                      "%s, network %d, epoch %d: loss %.6f, not %.6f", name, network, k + 1, seen[k].loss,
                      course[k].loss);
        ck_assert_msg(fabs(seen[k].held_loss / course[k].held_loss - 1) <= allowed,
                      "%s, network %d, epoch %d: held-out loss %.6f, not %.6f", name, network, k + 1, seen[k].held_loss,
                      course[k].held_loss);
    }
    ck_assert_double_lt(seen[EPOCHS - 1].held_loss, seen[0].held_loss);
}

START_TEST(training_follows_the_written_course_on_every_backend) {
    lgd_engine e;
    lgd_err err = {0};
    if (getenv("LGD_WRITE_COURSE")) {
        ck_assert_int_eq(lgd_engine_open("ref", NULL, &e, &err), LGD_OK);
        write_course(&e);
        lgd_engine_close(&e);
    }
    size_t n = 0;
    for (size_t i = 0; i < lgd_n_backends; i++) {
        if (lgd_engine_open(lgd_backends[i]->name, NULL, &e, &err) != LGD_OK) { /* no such device here */
            ck_assert_msg(!getenv("LGD_TEST_SHIM"), "%s", err.text);
            continue;
        }
        for (int k = 0; k < N_COURSES; k++) follow_course(&e, lgd_backends[i]->name, k);
        lgd_engine_close(&e);
        n++;
    }
    ck_assert_uint_ge(n, 2);
}
END_TEST

START_TEST(training_goes_on_from_a_checkpoint_as_if_it_had_never_stopped) {
    lgd_pool *pool = NULL;
    lgd_engine e = engine_of("cpu", 1, &pool);
    lgd_net *whole = train_on(&e, &small, &plain, NULL), *net = net_of(&small);
    lgd_trainer *first = trainer_of(net, &plain), *second = trainer_of(net, &plain);
    lgd_stop stop = LGD_STOP_NOT;
    lgd_buf saved = {0};
    lgd_err err = {0};
    for (int i = 0; i < 3; i++) (void)epoch_of(first, &e, &fit.windows, &held.windows, &stop);
    ck_assert_int_eq(lgd_trainer_save(first, stop, &saved, &err), LGD_OK);
    stop = LGD_STOP_PATIENCE;
    ck_assert_msg(lgd_trainer_load(second, lgd_buf_sv(&saved), &stop, &err) == LGD_OK, "%s", err.text);
    ck_assert_int_eq(stop, LGD_STOP_NOT);
    while (stop == LGD_STOP_NOT) (void)epoch_of(second, &e, &fit.windows, &held.windows, &stop);
    ck_assert_int_eq(stop, LGD_STOP_EPOCHS);
    ck_assert(lgd_trainer_best(second, net));
    assert_same_net(whole, net);
    lgd_buf_release(&saved);
    lgd_trainer_free(first);
    lgd_trainer_free(second);
    lgd_net_free(net);
    lgd_net_free(whole);
    lgd_engine_close(&e);
    lgd_pool_free(pool);
}
END_TEST

START_TEST(a_checkpoint_of_another_training_or_a_damaged_one_changes_nothing) {
    lgd_net_shape other = small;
    lgd_train_options faster = plain;
    other.units[0] = 13;
    faster.rate = 0.03;
    lgd_net *net = net_of(&small), *bigger = net_of(&other);
    lgd_trainer *t = trainer_of(net, &plain), *wrong[] = {trainer_of(bigger, &plain), trainer_of(net, &faster)};
    lgd_buf saved = {0}, again = {0};
    lgd_stop stop = LGD_STOP_EPOCHS;
    lgd_err err = {0};
    ck_assert_int_eq(lgd_trainer_save(t, LGD_STOP_NOT, &saved, &err), LGD_OK);
    for (size_t i = 0; i < 2; i++) {
        err = (lgd_err){0};
        ck_assert_int_eq(lgd_trainer_load(wrong[i], lgd_buf_sv(&saved), &stop, &err), LGD_E_DATA);
        ck_assert_ptr_nonnull(strstr(err.text, "of another network"));
        lgd_trainer_free(wrong[i]);
    }
    for (size_t n = 0; n < saved.n; n += n < 100 ? 1 : 997) {
        err = (lgd_err){0};
        lgd_status status = lgd_trainer_load(t, (lgd_sv){saved.p, n}, &stop, &err);
        ck_assert_msg(status == LGD_E_DAMAGED || status == LGD_E_DATA, "%zu bytes: %d %s", n, (int)status, err.text);
    }
    ck_assert_int_eq(lgd_trainer_save(t, LGD_STOP_NOT, &again, &err), LGD_OK);
    ck_assert_int_eq(stop, LGD_STOP_EPOCHS); /* as it was */
    ck_assert(lgd_sv_eq(lgd_buf_sv(&saved), lgd_buf_sv(&again)));
    lgd_buf_release(&saved);
    lgd_buf_release(&again);
    lgd_trainer_free(t);
    lgd_net_free(net);
    lgd_net_free(bigger);
}
END_TEST

/* What is over is its best epoch alone; not finite weights are none of it. */
static void assert_over(lgd_trainer *t, lgd_stop stop, const lgd_net *best) {
    lgd_net *net = net_of(&small);
    lgd_trainer *back = trainer_of(net, &plain);
    lgd_buf saved = {0};
    lgd_stop seen = LGD_STOP_NOT;
    lgd_err err = {0};
    ck_assert_int_eq(lgd_trainer_save(t, stop, &saved, &err), LGD_OK);
    ck_assert_msg(lgd_trainer_load(back, lgd_buf_sv(&saved), &seen, &err) == LGD_OK, "%s", err.text);
    ck_assert_int_eq(seen, stop);
    ck_assert(lgd_trainer_best(back, net));
    assert_same_net(net, best);
    ck_assert_uint_lt(saved.n, 2 * sizeof(float) * net->n_params);
    lgd_buf_release(&saved);
    lgd_trainer_free(back);
    lgd_net_free(net);
}

START_TEST(a_checkpoint_says_why_a_training_is_over) {
    lgd_engine e;
    lgd_err err = {0};
    lgd_net *net = net_of(&small);
    lgd_trainer *t = trainer_of(net, &plain);
    lgd_stop stop = LGD_STOP_NOT, seen = LGD_STOP_NOT;
    lgd_buf saved = {0};
    ck_assert_int_eq(lgd_engine_open("cpu", NULL, &e, &err), LGD_OK);
    ck_assert_int_eq(lgd_trainer_save(t, LGD_STOP_PATIENCE, &saved, &err), LGD_OK); /* without any epoch */
    ck_assert_int_eq(lgd_trainer_load(t, lgd_buf_sv(&saved), &seen, &err), LGD_E_DAMAGED);
    while (stop == LGD_STOP_NOT) (void)epoch_of(t, &e, &fit.windows, &held.windows, &stop);
    ck_assert(lgd_trainer_best(t, net));
    assert_over(t, stop, net);
    assert_over(t, LGD_STOP_PATIENCE, net);
    lgd_buf_clear(&saved);
    ck_assert_int_eq(lgd_trainer_save(t, LGD_STOP_NOT, &saved, &err), LGD_OK); /* after the last epoch */
    ck_assert_int_eq(lgd_trainer_load(t, lgd_buf_sv(&saved), &seen, &err), LGD_E_DAMAGED);
    lgd_buf_release(&saved);
    lgd_trainer_free(t);
    lgd_net_free(net);
    lgd_engine_close(&e);
}
END_TEST

START_TEST(a_loss_that_is_not_finite_stops_and_keeps_the_best_epoch) {
    lgd_engine e;
    lgd_err err = {0};
    lgd_net *net = net_of(&small), *best = net_of(&small);
    lgd_trainer *t = trainer_of(net, &plain);
    lgd_stop stop = LGD_STOP_NOT;
    static float broken[N_FIT];
    for (size_t i = 0; i < N_FIT; i++) broken[i] = i == 7 ? INFINITY : 1;
    lgd_windows bad = {N_FIT, fit.inputs, fit.targets, broken};
    ck_assert_int_eq(lgd_engine_open("cpu", NULL, &e, &err), LGD_OK);
    ck_assert(!lgd_trainer_best(t, best));
    (void)epoch_of(t, &e, &fit.windows, &held.windows, &stop);
    ck_assert_int_eq(stop, LGD_STOP_NOT);
    ck_assert(lgd_trainer_best(t, best));
    lgd_epoch last = epoch_of(t, &e, &bad, &held.windows, &stop);
    ck_assert_int_eq(stop, LGD_STOP_NOT_FINITE);
    ck_assert(!isfinite(last.loss) || !isfinite(last.held_loss));
    ck_assert(lgd_trainer_best(t, net));
    assert_same_net(net, best);
    assert_over(t, stop, best);
    lgd_trainer_free(t);
    lgd_net_free(net);
    lgd_net_free(best);
    lgd_engine_close(&e);
}
END_TEST

/* Held-out windows that are just the other way round get worse the more is learned. */
START_TEST(training_stops_when_the_held_out_loss_grows_no_better) {
    static int32_t inputs[N_HELD * STEPS], targets[N_HELD * STEPS];
    for (size_t i = 0; i < N_HELD * STEPS; i++) {
        inputs[i] = held.targets[i];
        targets[i] = held.inputs[i];
    }
    lgd_windows reversed = {N_HELD, inputs, targets, NULL};
    lgd_train_options o = plain;
    lgd_engine e;
    lgd_err err = {0};
    lgd_net *net = net_of(&small);
    lgd_stop stop = LGD_STOP_NOT;
    o.epochs = 60;
    o.patience = 3;
    lgd_trainer *t = trainer_of(net, &o);
    ck_assert_int_eq(lgd_engine_open("cpu", NULL, &e, &err), LGD_OK);
    lgd_epoch epoch = {0};
    while (stop == LGD_STOP_NOT) epoch = epoch_of(t, &e, &fit.windows, &reversed, &stop);
    ck_assert_int_eq(stop, LGD_STOP_PATIENCE);
    ck_assert_uint_lt(epoch.number, 30);
    lgd_trainer_free(t);
    lgd_net_free(net);
    lgd_engine_close(&e);
}
END_TEST

START_TEST(fewer_windows_than_a_batch_are_enough) {
    lgd_windows few = {3, fit.inputs, fit.targets, fit.weights}, none = {0};
    lgd_engine e;
    lgd_err err = {0};
    lgd_net *net = net_of(&small);
    lgd_trainer *t = trainer_of(net, &plain);
    lgd_stop stop = LGD_STOP_NOT;
    ck_assert_int_eq(lgd_engine_open("cpu", NULL, &e, &err), LGD_OK);
    lgd_epoch first = epoch_of(t, &e, &few, &none, &stop), last = first;
    while (stop == LGD_STOP_NOT) last = epoch_of(t, &e, &few, &none, &stop);
    ck_assert_double_lt(last.loss, first.loss);
    ck_assert_double_eq(last.loss, last.held_loss);
    lgd_trainer_free(t);
    lgd_net_free(net);
    lgd_engine_close(&e);
}
END_TEST

/* ---- a device that fails: the reference, which says at its K-th use that it broke ---- */

typedef struct broken {
    uint64_t uses, fails_at;
    char warning[300];
    size_t n_warnings;
} broken;
static broken state;

static lgd_backend breaking;

static bool is_broken(void) { return ++state.uses >= state.fails_at; }

static void *breaking_alloc(lgd_compute *c, size_t n_bytes) {
    return is_broken() ? NULL : lgd_backends[0]->alloc(c, n_bytes);
}
static void breaking_gates(lgd_compute *c, size_t n, size_t units, lgd_real *z, const lgd_real *bias,
                           const lgd_real *before, lgd_real *cell, lgd_real *h) {
    if (!is_broken()) lgd_backends[0]->gates(c, n, units, z, bias, before, cell, h);
}
static void breaking_get(lgd_compute *c, void *host, const void *array, size_t n_bytes) {
    if (is_broken())
        memset(host, 0, n_bytes);
    else
        lgd_backends[0]->get(c, host, array, n_bytes);
}
static lgd_status breaking_finish(lgd_compute *c, lgd_err *err) {
    (void)c;
    return is_broken() ? lgd_fail(err, LGD_E_DEVICE, "it broke") : LGD_OK;
}
static void take_warning(void *ctx, const char *text_of_it) {
    broken *b = ctx;
    b->n_warnings++;
    (void)snprintf(b->warning, sizeof b->warning, "%s", text_of_it);
}

static lgd_engine engine_that_breaks(uint64_t at) {
    lgd_engine e;
    lgd_err err = {0};
    breaking = *lgd_backends[0];
    breaking.name = "shaky";
    breaking.on_host = false;
    breaking.alloc = breaking_alloc;
    breaking.gates = breaking_gates;
    breaking.get = breaking_get;
    breaking.finish = breaking_finish;
    state = (broken){.fails_at = at};
    ck_assert_int_eq(lgd_engine_open("ref", NULL, &e, &err), LGD_OK);
    e.device = (lgd_compute){.backend = &breaking};
    e.warn = take_warning;
    e.ctx = &state;
    return e;
}

static const lgd_net_shape tiny = {
    .vocab = VOCAB, .width = 2, .steps = STEPS, .n_layers = 1, .units = {2}, .loss = LGD_LOSS_CROSS_ENTROPY};

static lgd_ranked *rank_on(const lgd_net *net, lgd_engine *e, const lgd_windows *w) {
    lgd_ranker *r = NULL;
    lgd_err err = {0};
    lgd_ranked *ret = calloc(w->n * STEPS, sizeof *ret);
    ck_assert_ptr_nonnull(ret);
    ck_assert_msg(lgd_ranker_new(net, e, &r, &err) == LGD_OK, "%s", err.text);
    ck_assert_msg(lgd_ranker_run(r, w, ret, &err) == LGD_OK, "%s", err.text);
    lgd_ranker_free(r);
    return ret;
}

START_TEST(a_device_that_breaks_anywhere_loses_no_result) {
    lgd_train_options o = plain;
    o.epochs = 2;
    lgd_engine whole = engine_that_breaks(UINT64_MAX);
    lgd_net *wanted = train_on(&whole, &tiny, &o, NULL);
    lgd_ranked *ranks = rank_on(wanted, &whole, &held.windows);
    uint64_t uses = state.uses;
    ck_assert_uint_eq(state.n_warnings, 0);
    ck_assert_uint_gt(uses, 100);
    lgd_engine_close(&whole);
    for (uint64_t k = 1; k <= uses; k++) {
        lgd_engine e = engine_that_breaks(k);
        lgd_net *net = train_on(&e, &tiny, &o, NULL);
        lgd_ranked *seen = rank_on(net, &e, &held.windows);
        ck_assert_uint_eq(state.n_warnings, 1);
        ck_assert_ptr_nonnull(strstr(state.warning, "shaky"));
        ck_assert_ptr_nonnull(strstr(state.warning, "again on the CPU"));
        /* The CPU cuts a batch into shards, so sums differ in their last bits. */
        for (size_t i = 0; i < net->n_params; i++)
            ck_assert_double_eq_tol((double)net->params[i], (double)wanted->params[i], 2e-4);
        for (size_t i = 0; i < N_HELD * STEPS; i++)
            ck_assert_double_eq_tol((double)seen[i].log2_p, (double)ranks[i].log2_p, 2e-3);
        free(seen);
        lgd_net_free(net);
        lgd_engine_close(&e);
    }
    free(ranks);
    lgd_net_free(wanted);
}
END_TEST

/* ---- scoring ---- */

START_TEST(a_window_has_the_same_ranks_in_any_company) {
    lgd_net_shape full = {.vocab = 30,
                          .width = 16,
                          .steps = STEPS,
                          .n_layers = 4,
                          .units = {64, 32, 32, 64},
                          .loss = LGD_LOSS_CROSS_ENTROPY};
    lgd_pool *pool = NULL;
    lgd_engine e = engine_of("cpu", 3, &pool);
    lgd_net *net = net_of(&full);
    lgd_ranked *all = rank_on(net, &e, &fit.windows);
    for (size_t i = 0; i < N_FIT; i += 7) {
        lgd_windows one = {1, fit.inputs + i * STEPS, fit.targets + i * STEPS, NULL};
        lgd_ranked *alone = rank_on(net, &e, &one);
        ck_assert_mem_eq(alone, all + i * STEPS, STEPS * sizeof *all);
        free(alone);
    }
    free(all);
    lgd_net_free(net);
    lgd_engine_close(&e);
    lgd_pool_free(pool);
}
END_TEST

START_TEST(ranks_are_those_of_the_loss) {
    lgd_engine e;
    lgd_err err = {0};
    ck_assert_int_eq(lgd_engine_open("ref", NULL, &e, &err), LGD_OK);
    lgd_net *net = train_on(&e, &small, &plain, NULL);
    lgd_ranked *ranks = rank_on(net, &e, &held.windows);
    lgd_real *grads = calloc(net->n_params, sizeof *grads);
    double loss = 0, sum = 0, total = 0;
    ck_assert_ptr_nonnull(grads);
    ck_assert_int_eq(lgd_net_gradient(net, &e.cpu, &held.windows, grads, &loss, &err), LGD_OK);
    for (size_t i = 0; i < N_HELD * STEPS; i++) {
        ck_assert(held.targets[i] >= 0 || (ranks[i].log2_p == 0 && ranks[i].best == 0));
        ck_assert_float_le(ranks[i].log2_p, ranks[i].log2_p_best);
        if (held.targets[i] < 0) continue;
        sum -= (double)held.weights[i / STEPS] * (double)ranks[i].log2_p;
        total += (double)held.weights[i / STEPS];
    }
    ck_assert_double_eq_tol(sum / total, loss / log(2), 1e-4);
    free(grads);
    free(ranks);
    lgd_net_free(net);
    lgd_engine_close(&e);
}
END_TEST

/* ---- networks ---- */

START_TEST(sizes_out_of_range_are_refused) {
    lgd_net_shape bad[8];
    lgd_net *net = NULL;
    for (size_t i = 0; i < 8; i++) bad[i] = small;
    bad[0].vocab = 1;
    bad[1].vocab = LGD_NET_MAX_VOCAB + 1;
    bad[2].steps = 0;
    bad[3].n_layers = 0;
    bad[4].n_layers = LGD_NET_MAX_LAYERS + 1;
    bad[5].units[1] = 0;
    bad[6].loss = LGD_LOSS_SQUARED; /* width is not vocab */
    bad[7].dropout = 0.95;
    for (size_t i = 0; i < 8; i++) {
        lgd_err err = {0};
        ck_assert_msg(lgd_net_new(&bad[i], 1, &net, &err) == LGD_E_USAGE, "shape %zu was taken", i);
        ck_assert_ptr_null(net);
    }
}
END_TEST

START_TEST(a_network_is_saved_and_loaded_and_no_byte_is_believed) {
    lgd_net *net = net_of(&small), *back = NULL;
    lgd_buf saved = {0};
    lgd_err err = {0};
    ck_assert_int_eq(lgd_net_save(net, &saved, &err), LGD_OK);
    lgd_cursor c = lgd_cursor_of(lgd_buf_sv(&saved));
    ck_assert_int_eq(lgd_net_load(&c, &back, &err), LGD_OK);
    assert_same_net(net, back);
    lgd_net_free(back);
    for (size_t n = 0; n < saved.n; n += n < 64 ? 1 : 97) {
        err = (lgd_err){0};
        c = lgd_cursor_of((lgd_sv){saved.p, n});
        ck_assert_msg(lgd_net_load(&c, &back, &err) == LGD_E_DAMAGED, "%zu bytes were taken", n);
    }
    for (size_t at = 0; at < 45 * 8; at++) {
        saved.p[at / 8] = (char)(saved.p[at / 8] ^ 1 << at % 8);
        err = (lgd_err){0};
        c = lgd_cursor_of(lgd_buf_sv(&saved));
        back = NULL;
        if (lgd_net_load(&c, &back, &err) == LGD_OK) ck_assert_uint_eq(back->n_params, net->n_params);
        lgd_net_free(back);
        saved.p[at / 8] = (char)(saved.p[at / 8] ^ 1 << at % 8);
    }
    lgd_buf_release(&saved);
    lgd_net_free(net);
}
END_TEST

START_TEST(recurrent_kernels_are_orthogonal_and_forget_biases_one) {
    lgd_net *net = net_of(&small);
    const lgd_tensor *u = lgd_net_tensor(net, "lstm1.recurrent"), *b = lgd_net_tensor(net, "lstm1.bias");
    ck_assert(u && b);
    for (size_t i = 0; i < u->rows; i++)
        for (size_t k = 0; k <= i; k++) {
            double sum = 0;
            for (size_t j = 0; j < u->columns; j++)
                sum +=
                    (double)net->params[u->at + i * u->columns + j] * (double)net->params[u->at + k * u->columns + j];
            ck_assert_double_eq_tol(sum, i == k ? 1 : 0, 1e-5);
        }
    for (size_t i = 0; i < b->columns; i++) ck_assert_double_eq((double)net->params[b->at + i], i / 12 == 1 ? 1 : 0);
    ck_assert_ptr_null(lgd_net_tensor(net, "lstm3.bias"));
    lgd_net_free(net);
}
END_TEST

/* A failed allocation is an error and leaves nothing behind. */
START_TEST(every_failed_allocation_is_told) {
    lgd_engine e;
    lgd_err err = {0};
    lgd_train_options o = plain;
    o.epochs = 1;
    ck_assert_int_eq(lgd_engine_open("ref", NULL, &e, &err), LGD_OK);
    lgd_status status = LGD_E_MEMORY;
    for (uint64_t k = 1; status != LGD_OK; k++) {
        lgd_net *net = NULL;
        lgd_trainer *t = NULL;
        lgd_epoch epoch;
        lgd_stop stop;
        err = (lgd_err){0};
        lgd_alloc_fail_at(k, false);
        status = lgd_net_new(&tiny, 1, &net, &err);
        if (status == LGD_OK) status = lgd_trainer_new(net, &o, &t, &err);
        if (status == LGD_OK) status = lgd_trainer_epoch(t, &e, &held.windows, &held.windows, &epoch, &stop, &err);
        lgd_alloc_fail_at(0, false);
        ck_assert_msg(status == LGD_OK || status == LGD_E_MEMORY, "allocation %u: %s", (unsigned)k, err.text);
        lgd_trainer_free(t);
        lgd_net_free(net);
        ck_assert_uint_lt(k, 500);
    }
    lgd_engine_close(&e);
}
END_TEST

Suite *nn_suite(void) {
    Suite *s = suite_create("nn");
    TCase *c = tcase_create("training");
    tcase_add_checked_fixture(c, setup, NULL);
    tcase_add_loop_test(c, training_is_the_same_for_any_number_of_threads, 0, 2);
    tcase_add_test(c, training_follows_the_written_course_on_every_backend);
    tcase_add_test(c, training_goes_on_from_a_checkpoint_as_if_it_had_never_stopped);
    tcase_add_test(c, a_checkpoint_of_another_training_or_a_damaged_one_changes_nothing);
    tcase_add_test(c, a_checkpoint_says_why_a_training_is_over);
    tcase_add_test(c, a_loss_that_is_not_finite_stops_and_keeps_the_best_epoch);
    tcase_add_test(c, training_stops_when_the_held_out_loss_grows_no_better);
    tcase_add_test(c, fewer_windows_than_a_batch_are_enough);
    tcase_add_test(c, a_device_that_breaks_anywhere_loses_no_result);
    tcase_add_test(c, every_failed_allocation_is_told);
    suite_add_tcase(s, c);
    c = tcase_create("scoring");
    tcase_add_checked_fixture(c, setup, NULL);
    tcase_add_test(c, a_window_has_the_same_ranks_in_any_company);
    tcase_add_test(c, ranks_are_those_of_the_loss);
    suite_add_tcase(s, c);
    c = tcase_create("networks");
    tcase_add_test(c, sizes_out_of_range_are_refused);
    tcase_add_test(c, a_network_is_saved_and_loaded_and_no_byte_is_believed);
    tcase_add_test(c, recurrent_kernels_are_orthogonal_and_forget_biases_one);
    suite_add_tcase(s, c);
    return s;
}
