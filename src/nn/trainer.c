/*
 * nn/trainer: epochs of Adam over shuffled windows, with a held-out loss after each.
 *
 * On a CPU a batch is cut into shards of fixed size; each shard has its own pass and gradient, workers take shards as they
 * come, and gradients are added up in the order of the shards: the result does not depend on the number of threads. On a
 * GPU the batch is one shard. All state is copied to the backend at the start of an epoch and back at its end: 1 MB, and
 * in exchange a GPU may fail at any point without a loss.
 */
#include "trainer.h"

#include <math.h>

enum { SHARD = 64, MIN_SHARD = 16 };

/* Share of the steps over which the rate rises to its full height: Adam's first estimates of the moments are poor, and full
 * steps by them leave some networks for good where nothing is learned any more. */
#define WARM_UP 0.05

/* ---- the rig: what an epoch needs on a backend ---- */

typedef struct rig {
    lgd_compute *c;
    pass *passes;
    size_t n_passes, shard;
    lgd_real *state[STATES]; /* the trainer's, on the backend */
    lgd_real *norm2, *step;
} rig;

static void rig_release(rig *r) {
    for (size_t i = 0; i < r->n_passes; i++) pass_release(&r->passes[i]);
    lgd_free(r->passes);
    for (size_t i = 0; r->c && i < STATES; i++) r->c->backend->free(r->c, r->state[i]);
    if (r->c) {
        r->c->backend->free(r->c, r->norm2);
        r->c->backend->free(r->c, r->step);
    }
    *r = (rig){0};
}

/* Windows of a shard, by the batch alone. */
static size_t shard_of(const lgd_compute *c, size_t batch) {
    if (!c->backend->on_host) return batch;
    if (batch >= 2 * SHARD) return SHARD;
    return batch >= 2 * MIN_SHARD ? (batch / 2 + 15) / 16 * 16 : batch;
}

static lgd_status rig_init(rig *r, lgd_compute *c, const lgd_trainer *t, lgd_err *err) {
    size_t n_bytes = t->net->n_params * sizeof(lgd_real);
    *r = (rig){.c = c, .shard = shard_of(c, t->o.batch)};
    size_t n = (t->o.batch + r->shard - 1) / r->shard;
    r->passes = lgd_calloc(n, sizeof *r->passes);
    if (!r->passes) return lgd_fail_memory(err, n * sizeof *r->passes);
    lgd_status status = LGD_OK;
    while (status == LGD_OK && r->n_passes < n) {
        status = pass_init(&r->passes[r->n_passes], c, t->net, r->shard, true, err);
        r->n_passes += status == LGD_OK;
    }
    bool ok = status == LGD_OK;
    for (size_t i = 0; ok && i < STATES; i++) ok = (r->state[i] = c->backend->alloc(c, n_bytes)) != NULL;
    ok = ok && (r->norm2 = c->backend->alloc(c, sizeof(lgd_real))) &&
         (r->step = c->backend->alloc(c, LGD_ADAM_SIZE * sizeof(lgd_real)));
    if (status == LGD_OK && !ok) status = pass_no_array(c, n_bytes, err);
    if (status != LGD_OK) rig_release(r);
    return status;
}

/* ---- one step ---- */

static double weight_of(const lgd_windows *w, size_t window, size_t steps) {
    size_t n = 0;
    for (size_t t = 0; t < steps; t++) n += w->targets[window * steps + t] >= 0;
    return (double)n * (w->weights ? (double)w->weights[window] : 1);
}

typedef struct shard_job {
    rig *r;
    pass_batch batch;
    bool train;
    const lgd_real *params;
} shard_job;

static void do_shards(void *ctx, size_t begin, size_t end, size_t worker) {
    const shard_job *job = ctx;
    (void)worker;
    for (size_t i = begin; i < end; i++) {
        pass_batch b = job->batch;
        size_t from = i * job->r->shard;
        b.n = from >= job->batch.n ? 0 : job->batch.n - from < job->r->shard ? job->batch.n - from : job->r->shard;
        b.first += from;
        b.place = from;
        pass_fill(&job->r->passes[i], &b);
        (job->train ? pass_train : pass_loss)(&job->r->passes[i], job->params);
    }
}

static void run_shards(shard_job *job, lgd_pool *pool) {
    if (job->r->c->backend->on_host)
        lgd_pool_run(pool, job->r->n_passes, 1, do_shards, job);
    else
        do_shards(job, 0, job->r->n_passes, 0);
}

static void put_step(const lgd_trainer *t, const rig *r, size_t steps_per_epoch) {
    double all = (double)steps_per_epoch * t->o.epochs, k = (double)t->step + 1;
    double done = (double)t->step / all, warm = k / (WARM_UP * all + 1);
    lgd_real step[LGD_ADAM_SIZE];
    step[LGD_ADAM_RATE] = (lgd_real)(t->o.rate * (warm < 1 ? warm : 1) * (done < 1 ? 1 - done : 0));
    step[LGD_ADAM_BETA1] = (lgd_real)0.9;
    step[LGD_ADAM_BETA2] = (lgd_real)0.999;
    step[LGD_ADAM_EPSILON] = (lgd_real)1e-8;
    step[LGD_ADAM_CORRECT1] = (lgd_real)(1 - pow(0.9, k));
    step[LGD_ADAM_CORRECT2] = (lgd_real)(1 - pow(0.999, k));
    step[LGD_ADAM_CLIP] = (lgd_real)t->o.clip;
    r->c->backend->put(r->c, r->step, step, sizeof step);
}

/* A running mean whose first values weigh as they are: over the last 1/average steps, or all where there were fewer. */
static lgd_real share_of_new(const lgd_trainer *t) {
    double few = 1 / ((double)t->step + 1);
    return (lgd_real)(t->o.average > 0 ? (few > t->o.average ? few : t->o.average) : 1);
}

static void update(const lgd_trainer *t, const rig *r) {
    const lgd_backend *b = r->c->backend;
    size_t n = t->net->n_params;
    lgd_real *grads = r->passes[0].grads, share = share_of_new(t);
    for (size_t i = 1; i < r->n_passes; i++) b->axpby(r->c, n, 1, r->passes[i].grads, 1, grads);
    b->sum_squares(r->c, n, grads, r->norm2);
    b->adam(r->c, n, grads, r->norm2, r->step, r->state[WEIGHTS], r->state[MOMENT1], r->state[MOMENT2]);
    b->axpby(r->c, n, share, r->state[WEIGHTS], 1 - share, r->state[MEAN]);
}

/* ---- one epoch ---- */

static void shuffle(const lgd_trainer *t, uint32_t *order, size_t n) {
    lgd_rng r;
    lgd_rng_init(&r, lgd_hash_u64(t->o.seed, t->epoch + 1));
    for (size_t i = 0; i < n; i++) order[i] = (uint32_t)i;
    for (size_t i = n; i > 1; i--) {
        size_t k = lgd_rng_below(&r, (uint32_t)i);
        uint32_t x = order[i - 1];
        order[i - 1] = order[k];
        order[k] = x;
    }
}

/* Takes the losses that the passes have added up since the last call. */
static double take_losses(const rig *r) {
    double sum = 0;
    for (size_t i = 0; i < r->n_passes; i++) {
        lgd_real one = 0;
        r->c->backend->get(r->c, &one, r->passes[i].loss_sum, sizeof one);
        r->c->backend->zero(r->c, r->passes[i].loss_sum, sizeof one);
        sum += (double)one;
    }
    return sum;
}

static double fit(lgd_trainer *t, rig *r, lgd_pool *pool, const lgd_windows *w, const uint32_t *order) {
    size_t steps = (w->n + t->o.batch - 1) / t->o.batch;
    for (size_t s = 0; s < steps; s++, t->step++) {
        size_t first = s * t->o.batch, n = w->n - first < t->o.batch ? w->n - first : t->o.batch;
        double total = 0;
        for (size_t i = 0; i < n; i++) total += weight_of(w, order[first + i], t->net->shape.steps);
        shard_job job = {.r = r, .train = true, .params = r->state[WEIGHTS]};
        job.batch = (pass_batch){.windows = w,
                                 .order = order,
                                 .first = first,
                                 .n = n,
                                 .scale = 1 / total,
                                 .mask = t->o.mask,
                                 .mask_id = t->o.mask_id,
                                 .seed = lgd_hash_u64(t->o.seed, t->step)};
        put_step(t, r, steps);
        run_shards(&job, pool);
        update(t, r);
    }
    return take_losses(r) / (double)steps;
}

static double held_loss(const lgd_trainer *t, rig *r, lgd_pool *pool, const lgd_windows *w) {
    double total = 0, loss = 0;
    size_t stride = r->n_passes * r->shard;
    for (size_t i = 0; i < w->n; i++) total += weight_of(w, i, t->net->shape.steps);
    for (size_t first = 0; first < w->n; first += stride) {
        shard_job job = {.r = r, .params = r->state[MEAN]};
        job.batch = (pass_batch){
            .windows = w, .first = first, .n = w->n - first < stride ? w->n - first : stride, .scale = 1 / total};
        run_shards(&job, pool);
        loss += take_losses(r);
    }
    return loss;
}

static void put_state(const lgd_trainer *t, const rig *r) {
    for (size_t i = 0; i < STATES; i++)
        r->c->backend->put(r->c, r->state[i], t->state[i], t->net->n_params * sizeof(lgd_real));
}

static void get_state(lgd_trainer *t, const rig *r) {
    for (size_t i = 0; i < STATES; i++)
        r->c->backend->get(r->c, t->state[i], r->state[i], t->net->n_params * sizeof(lgd_real));
}

/* What an epoch goes over. */
typedef struct lesson {
    const lgd_windows *fitted, *held;
    const uint32_t *order; /* of the fitted ones */
} lesson;

/* On failure the trainer is as it was. */
static lgd_status epoch_on(lgd_trainer *t, rig *r, lgd_pool *pool, const lesson *x, lgd_epoch *ret, lgd_err *err) {
    uint64_t step = t->step;
    put_state(t, r);
    double loss = fit(t, r, pool, x->fitted, x->order);
    double other = x->held->n ? held_loss(t, r, pool, x->held) : loss;
    lgd_status status = r->c->backend->finish(r->c, err);
    if (status == LGD_OK) {
        for (size_t i = 0; i < STATES; i++) memcpy(t->backup[i], t->state[i], t->net->n_params * sizeof(lgd_real));
        get_state(t, r);
        status = r->c->backend->finish(r->c, err);
        for (size_t i = 0; status != LGD_OK && i < STATES; i++)
            memcpy(t->state[i], t->backup[i], t->net->n_params * sizeof(lgd_real));
    }
    if (status != LGD_OK) {
        t->step = step;
        return status;
    }
    *ret = (lgd_epoch){.number = t->epoch + 1, .loss = loss, .held_loss = other};
    return LGD_OK;
}

static lgd_stop judge(lgd_trainer *t, lgd_epoch *e) {
    t->epoch++;
    if (!isfinite(e->loss) || !isfinite(e->held_loss)) return LGD_STOP_NOT_FINITE;
    e->best = !t->has_best || e->held_loss < t->best_loss;
    if (e->best) {
        memcpy(t->best, t->state[MEAN], t->net->n_params * sizeof(lgd_real));
        t->best_loss = e->held_loss;
        t->has_best = true;
        t->since_best = 0;
    } else
        t->since_best++;
    if (t->epoch >= t->o.epochs) return LGD_STOP_EPOCHS;
    return t->since_best >= t->o.patience ? LGD_STOP_PATIENCE : LGD_STOP_NOT;
}

/* FLOP of what is left; back costs twice what forth does. */
static double work_left(const lgd_trainer *t, const lgd_windows *fitted) {
    return 3 * lgd_net_flops(&t->net->shape) * (double)fitted->n * (t->o.epochs - t->epoch);
}

static lgd_status epoch_with(lgd_trainer *t, lgd_engine *e, const lesson *x, lgd_epoch *ret, lgd_err *err) {
    for (;;) {
        lgd_compute *c = lgd_engine_pick(e, work_left(t, x->fitted));
        lgd_err why = {0};
        rig r = {0};
        lgd_status status = rig_init(&r, c, t, &why);
        if (status == LGD_OK) status = epoch_on(t, &r, e->pool, x, ret, &why);
        rig_release(&r);
        if (status == LGD_E_DEVICE && lgd_engine_give_up(e, c, &why)) continue;
        return status == LGD_OK ? LGD_OK : lgd_fail(err, status, "%s", why.text);
    }
}

lgd_status lgd_trainer_epoch(lgd_trainer *t, lgd_engine *e, const lgd_windows *fitted, const lgd_windows *held,
                             lgd_epoch *ret, lgd_stop *ret_stop, lgd_err *err) {
    uint32_t *order = lgd_alloc(fitted->n * sizeof *order);
    if (!order) return lgd_fail_memory(err, fitted->n * sizeof *order);
    shuffle(t, order, fitted->n);
    lgd_status status = epoch_with(t, e, &(lesson){fitted, held, order}, ret, err);
    lgd_free(order);
    if (status == LGD_OK) *ret_stop = judge(t, ret);
    return status;
}
