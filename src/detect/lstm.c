/*
 * detect/lstm: distinct windows -> a network that says how likely each event was where it stood.
 *
 * The input is delayed by one event: at step t the network sees the event before (LGD_ORDER_START in front of a stream, the
 * last event of the window before in front of the others) and says which comes now, so it cannot copy. Windows weigh as
 * the square root of their count; a share of the inputs is taken for unknown, so that the unknown has an embedding. The
 * worst score of a session is calibrated by the held-out sessions, followed as a scan would.
 *
 * Cost: epochs * windows * 3 forward passes.
 */
#include "lstm.h"
#include "corpus.h"

#include <math.h>

void lgd_lstm_options_init(lgd_lstm_options *o) {
    *o = (lgd_lstm_options){.seed = 42,
                            .steps = 20,
                            .width = 16,
                            .n_layers = 4,
                            .units = {64, 32, 32, 64},
                            .loss = LGD_LOSS_CROSS_ENTROPY,
                            .epochs = 50,
                            .max_passes = LGD_LSTM_PASSES,
                            .max_windows = 16384};
}

/* An epoch of fewer steps than this does not get far, whatever their number. */
enum { MIN_STEPS = 20, MIN_BATCH = 32, USUAL_BATCH = 128, MAX_BATCH = 512 };

/* Batches are multiples of 16, as kernels like them; large trainings get larger ones, 128 steps an epoch or more. */
static uint32_t batch_of(size_t n_windows) {
    size_t batch = n_windows / MIN_STEPS, most = n_windows / 128 > USUAL_BATCH ? n_windows / 128 : USUAL_BATCH;
    if (batch > most) batch = most;
    if (batch > MAX_BATCH) batch = MAX_BATCH;
    return (uint32_t)(batch < MIN_BATCH ? MIN_BATCH : batch / 16 * 16);
}

static uint32_t epochs_of(const lgd_lstm_options *o, size_t n_windows) {
    uint64_t most = o->max_passes ? o->max_passes / n_windows : o->epochs;
    if (most < 1) most = 1;
    return most < o->epochs ? (uint32_t)most : o->epochs;
}

static lgd_train_options training_of(const lgd_lstm_options *o, size_t n_windows) {
    return (lgd_train_options){.seed = o->seed,
                               .epochs = epochs_of(o, n_windows),
                               .patience = 10,
                               .batch = batch_of(n_windows),
                               .rate = 1e-2,
                               .clip = 1,
                               .mask = 0.005,
                               .mask_id = ROW_UNKNOWN,
                               .average = 0.01};
}

/* ---- windows of rows ---- */

/* The arrays of lgd_windows. */
typedef struct window_block {
    size_t n;
    int32_t *inputs, *targets;
    float *weights;
} window_block;

static void block_release(window_block *b) {
    lgd_free(b->inputs);
    lgd_free(b->targets);
    lgd_free(b->weights);
    *b = (window_block){0};
}

static lgd_windows windows_of(const window_block *b) {
    return (lgd_windows){.n = b->n, .inputs = b->inputs, .targets = b->targets, .weights = b->weights};
}

static int32_t row_of(const vocab *v, lgd_template_id id) {
    return id == LGD_ORDER_START ? ROW_START : vocab_find(v, id)->row;
}

/* What is not known is nothing to be foretold. Returns whether anything is left. */
static bool add_window(window_block *b, const vocab *v, const corpus_window *w, size_t steps) {
    int32_t *inputs = b->inputs + b->n * steps, *targets = b->targets + b->n * steps;
    bool any = false;
    for (size_t t = 0; t < steps; t++) {
        int32_t row = t < w->n ? row_of(v, w->ids[t + 1]) : -1;
        inputs[t] = t < w->n ? row_of(v, w->ids[t]) : -1;
        targets[t] = row == ROW_UNKNOWN ? -1 : row;
        any = any || targets[t] >= 0;
    }
    return any;
}

/* Few windows are taken several times over, so that an epoch has its steps. */
static void repeat_windows(window_block *b, size_t steps, size_t copies) {
    for (size_t i = 1; i < copies; i++) {
        memcpy(b->inputs + i * b->n * steps, b->inputs, b->n * steps * sizeof *b->inputs);
        memcpy(b->targets + i * b->n * steps, b->targets, b->n * steps * sizeof *b->targets);
        memcpy(b->weights + i * b->n, b->weights, b->n * sizeof *b->weights);
    }
    b->n *= copies;
}

static void fill_block(window_block *b, const vocab *v, const corpus_sample *s, size_t steps) {
    double sum = 0;
    for (size_t i = 0; i < s->n; i++) {
        if (!add_window(b, v, s->windows[i], steps)) continue;
        sum += (double)s->weights[i];
        b->weights[b->n++] = s->weights[i];
    }
    for (size_t i = 0; i < b->n; i++) b->weights[i] = (float)((double)b->weights[i] * (double)b->n / sum);
}

/* least: windows that there shall be. */
static lgd_status make_block(const vocab *v, const corpus_sample *s, size_t steps, size_t least, window_block *ret,
                             lgd_err *err) {
    size_t most = s->n + least;
    window_block b = {0, lgd_alloc(most * steps * sizeof *b.inputs), lgd_alloc(most * steps * sizeof *b.targets),
                      lgd_alloc(most * sizeof *b.weights)};
    if (!b.inputs || !b.targets || !b.weights) {
        block_release(&b);
        return lgd_fail_memory(err, most * steps * 8);
    }
    fill_block(&b, v, s, steps);
    if (b.n) repeat_windows(&b, steps, b.n < least ? (least + b.n - 1) / b.n : 1);
    *ret = b;
    return LGD_OK;
}

/* ---- fitting ---- */

typedef struct fitting {
    lgd_corpus *c;
    const lgd_lstm_options *o;
    lgd_engine *e;
    const lgd_lstm_course *course;
    lgd_lstm *l;
    window_block fitted, held;
    lgd_lstm_fit_summary summary;
} fitting;

static uint32_t most_rows(lgd_net_loss loss) { return loss == LGD_LOSS_SQUARED ? VOCAB_MAX_ONE_HOT : VOCAB_MAX_ROWS; }

static lgd_status make_vocab(fitting *f, lgd_err *err) {
    size_t n = 0;
    vocab_count *counts = lgd_alloc(f->c->n_templates * sizeof *counts);
    if (!counts) return lgd_fail_memory(err, f->c->n_templates * sizeof *counts);
    for (lgd_template_id id = 0; id < f->c->n_templates; id++)
        if (f->c->counts[id]) counts[n++] = (vocab_count){id, f->c->counts[id]};
    return vocab_init(&f->l->vocab, counts, n, f->c->n_ends, most_rows(f->o->loss), err);
}

static lgd_status make_windows(fitting *f, bool held_out, lgd_err *err) {
    corpus_sample s = {0};
    size_t most = f->o->max_windows / (held_out ? 4 : 1);
    LGD_TRY(corpus_draw(f->c, held_out, most, &s, err));
    *(held_out ? &f->summary.held : &f->summary.fitted) = s.n;
    lgd_status status = make_block(&f->l->vocab, &s, f->c->steps, held_out ? 0 : MIN_STEPS * MIN_BATCH,
                                   held_out ? &f->held : &f->fitted, err);
    corpus_sample_release(&s);
    return status;
}

/* The start and the unknown are never what comes next. */
static void rule_out(lgd_net *net) {
    const lgd_tensor *prior = lgd_net_tensor(net, "prior");
    if (!prior) return;
    net->params[prior->at + ROW_START] = net->params[prior->at + ROW_UNKNOWN] = -40;
}

static lgd_status make_net(fitting *f, lgd_err *err) {
    const lgd_lstm_options *o = f->o;
    uint32_t rows = f->l->vocab.n_rows;
    lgd_net_shape shape = {.vocab = rows,
                           .width = o->loss == LGD_LOSS_SQUARED ? rows : o->width,
                           .steps = o->steps,
                           .n_layers = o->n_layers,
                           .loss = o->loss,
                           .dropout = o->dropout};
    memcpy(shape.units, o->units, sizeof shape.units);
    LGD_TRY(lgd_net_new(&shape, o->seed, &f->l->net, err));
    rule_out(f->l->net);
    return LGD_OK;
}

static lgd_status keep_state(const fitting *f, const lgd_trainer *t, uint64_t windows, lgd_err *err) {
    lgd_buf state = {0};
    if (!f->course->keep) return LGD_OK;
    lgd_status status = lstm_state_save(t, windows, &f->summary, &state, err);
    if (status == LGD_OK) status = f->course->keep(f->course->ctx, lgd_buf_sv(&state), err);
    lgd_buf_release(&state);
    return status;
}

static lgd_status run_epochs(fitting *f, lgd_trainer *t, lgd_err *err) {
    const double unit = f->o->loss == LGD_LOSS_SQUARED ? 1 : 1.4426950408889634; /* natural -> bits */
    lgd_windows fitted = windows_of(&f->fitted), held = windows_of(&f->held);
    uint64_t windows = lstm_state_windows(&held, f->o->steps, lstm_state_windows(&fitted, f->o->steps, 0));
    if (f->course->resume.n) LGD_TRY(lstm_state_load(f->course, windows, t, &f->summary, err));
    while (f->summary.stop == LGD_STOP_NOT) {
        lgd_epoch epoch = {0};
        LGD_TRY(lgd_trainer_epoch(t, f->e, &fitted, &held, &epoch, &f->summary.stop, err));
        f->summary.epochs = epoch.number;
        if (epoch.best) {
            f->summary.loss = epoch.loss * unit;
            f->summary.held_loss = epoch.held_loss * unit;
        }
        if (f->course->told) f->course->told(f->course->ctx, &epoch);
        LGD_TRY(keep_state(f, t, windows, err));
    }
    if (lgd_trainer_best(t, f->l->net)) return LGD_OK;
    return lgd_fail(err, LGD_E_DATA, "the loss was not finite from the first epoch on");
}

/* ---- calibration ---- */

/* Fewer sessions say nothing of the next one; some already carry a few bits, log2 of their number. */
enum { MIN_CALIBRATION = 8 };

/* Events that are followed at a time: of many sessions, so that many windows are ranked at once. */
enum { CHUNK = 4 * CORPUS_MAX_SESSION_EVENTS };

static lgd_status follow_sessions(const lgd_corpus *c, lgd_follower *x, lgd_step *steps, lgd_foretold *told,
                                  lgd_err *err) {
    size_t n = 0;
    for (size_t i = 0; i < c->n_held; i++) {
        const corpus_session *s = &c->held[i];
        if (n + s->n > CHUNK) {
            LGD_TRY(lgd_follower_add(x, steps, n, told, err));
            n = 0;
        }
        for (size_t k = 0; s->ids && k < s->n; k++) steps[n++] = (lgd_step){i, true, s->ids[k]};
    }
    LGD_TRY(lgd_follower_add(x, steps, n, told, err));
    return lgd_follower_finish(x, err);
}

static lgd_status calibrate_with(const fitting *f, lgd_follower *x, lgd_step *steps, lgd_foretold *told, float *scores,
                                 lgd_err *err) {
    if (!steps || !told || !scores) return lgd_fail_memory(err, CHUNK * (sizeof *steps + sizeof *told));
    LGD_TRY(follow_sessions(f->c, x, steps, told, err));
    size_t n = 0;
    for (size_t i = 0; i < f->c->n_held; i++) {
        lgd_lstm_session s;
        if (lgd_follower_session(x, i, &s)) scores[n++] = s.at_worst.score;
    }
    LGD_TRY(lgd_calibrate(scores, n, 0, 0.25, &f->l->calibration, err));
    calibration_carry(&f->l->calibration, n);
    return LGD_OK;
}

static lgd_status calibrate(const fitting *f, lgd_err *err) {
    lgd_follower *x = NULL;
    if (f->c->n_kept < MIN_CALIBRATION) return LGD_OK;
    LGD_TRY(lgd_follower_new(f->l, f->e, &x, err));
    lgd_step *steps = lgd_alloc(CHUNK * sizeof *steps);
    lgd_foretold *told = lgd_alloc(CHUNK * sizeof *told);
    float *scores = lgd_alloc(f->c->n_held * sizeof *scores);
    lgd_status status = calibrate_with(f, x, steps, told, scores, err);
    lgd_free(steps);
    lgd_free(told);
    lgd_free(scores);
    lgd_follower_free(x);
    return status;
}

/* ---- all of it ---- */

static lgd_status prepare(fitting *f, lgd_err *err) {
    if (f->o->steps != f->c->steps || f->o->max_windows < 1)
        return lgd_fail(err, LGD_E_USAGE, "lstm: windows of %u events, %u of them, from a corpus of windows of %u",
                        (unsigned)f->o->steps, (unsigned)f->o->max_windows, (unsigned)f->c->steps);
    LGD_TRY(corpus_finish(f->c, err));
    f->summary.windows = f->c->n_seen[0] + f->c->n_seen[1];
    f->summary.distinct = f->c->n_windows + f->c->n_forgotten;
    LGD_TRY(make_vocab(f, err));
    f->summary.vocab = f->l->vocab.n_rows;
    LGD_TRY(make_windows(f, false, err));
    if (f->c->n_seen[0] < LGD_LSTM_MIN_WINDOWS || f->fitted.n == 0)
        return lgd_fail(err, LGD_E_DATA, "only %llu windows of %zu templates to fit it on, it needs %d",
                        (unsigned long long)f->c->n_seen[0], f->l->vocab.n, LGD_LSTM_MIN_WINDOWS);
    LGD_TRY(make_windows(f, true, err));
    return make_net(f, err);
}

static lgd_status fit(fitting *f, lgd_err *err) {
    lgd_trainer *t = NULL;
    lgd_train_options training = training_of(f->o, f->fitted.n);
    LGD_TRY(lgd_trainer_new(f->l->net, &training, &t, err));
    lgd_status status = run_epochs(f, t, err);
    lgd_trainer_free(t);
    return status == LGD_OK ? calibrate(f, err) : status;
}

lgd_status lgd_lstm_fit(lgd_corpus *c, const lgd_lstm_options *o, lgd_engine *e, const lgd_lstm_course *course,
                        lgd_lstm **ret, lgd_lstm_fit_summary *ret_summary, lgd_err *err) {
    static const lgd_lstm_course nobody;
    lgd_lstm *l = lgd_calloc(1, sizeof *l);
    if (!l) return lgd_fail_memory(err, sizeof *l);
    fitting f = {.c = c, .o = o, .e = e, .course = course ? course : &nobody, .l = l, .summary.loss_kind = o->loss};
    lgd_status status = prepare(&f, err);
    if (status == LGD_OK) status = fit(&f, err);
    block_release(&f.fitted);
    block_release(&f.held);
    if (status == LGD_OK) {
        *ret = l;
        *ret_summary = f.summary;
    } else
        lgd_lstm_free(l);
    return status;
}

void lgd_lstm_free(lgd_lstm *l) {
    if (!l) return;
    vocab_release(&l->vocab);
    lgd_net_free(l->net);
    lgd_calibration_release(&l->calibration);
    lgd_free(l);
}

const lgd_net *lgd_lstm_net(const lgd_lstm *l) { return l->net; }

/* ---- saved form: vocabulary, calibration, network ---- */

lgd_status lgd_lstm_save(const lgd_lstm *l, lgd_buf *out, lgd_err *err) {
    lgd_put_u8(out, (uint8_t)l->net->shape.loss);
    vocab_save(&l->vocab, out);
    calibration_save(&l->calibration, out);
    return lgd_net_save(l->net, out, err);
}

/* The loss comes first because it limits the rows; the network has to be for that many. */
static lgd_status load(lgd_lstm *l, lgd_cursor *c, size_t n_templates, lgd_err *err) {
    lgd_net_loss loss = lgd_get_u8(c) ? LGD_LOSS_SQUARED : LGD_LOSS_CROSS_ENTROPY;
    LGD_TRY(vocab_load(c, n_templates, most_rows(loss), &l->vocab, err));
    LGD_TRY(calibration_load(c, &l->calibration, err));
    if (c->bad) return lgd_cursor_done(c, "lstm", err);
    LGD_TRY(lgd_net_load(c, &l->net, err));
    if (l->net->shape.vocab != l->vocab.n_rows || l->net->shape.loss != loss) c->bad = true;
    return lgd_cursor_done(c, "lstm", err);
}

lgd_status lgd_lstm_load(lgd_sv bytes, size_t n_templates, lgd_lstm **ret, lgd_err *err) {
    lgd_lstm *l = lgd_calloc(1, sizeof *l);
    if (!l) return lgd_fail_memory(err, sizeof *l);
    lgd_cursor c = lgd_cursor_of(bytes);
    lgd_status status = load(l, &c, n_templates, err);
    if (status == LGD_OK)
        *ret = l;
    else
        lgd_lstm_free(l);
    return status;
}
