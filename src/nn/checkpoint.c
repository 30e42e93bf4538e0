/*
 * nn/checkpoint: a training's state - made, kept, and taken up again as if it had never stopped. Of one that is over only
 * the best weights are kept: nothing goes on from the others, and where it stopped for them they are no numbers.
 */
#include "trainer.h"

#include "net.h"

/* ---- life ---- */

static bool alloc_state(lgd_trainer *t) {
    size_t n = t->net->n_params;
    bool ok = (t->best = lgd_calloc(n, sizeof *t->best)) != NULL;
    for (size_t i = 0; i < STATES; i++) {
        t->state[i] = lgd_calloc(n, sizeof *t->state[i]);
        t->backup[i] = lgd_calloc(n, sizeof *t->backup[i]);
        ok = ok && t->state[i] && t->backup[i];
    }
    return ok;
}

static bool options_are_sound(const lgd_train_options *o, const lgd_net_shape *s) {
    return o->epochs >= 1 && o->patience >= 1 && o->batch >= 1 && o->rate > 0 && o->rate <= 1 && o->clip > 0 &&
           o->mask >= 0 && o->mask < 1 && o->mask_id >= -1 && o->mask_id < (int32_t)s->vocab && o->average >= 0 &&
           o->average <= 1;
}

lgd_status lgd_trainer_new(const lgd_net *net, const lgd_train_options *o, lgd_trainer **ret, lgd_err *err) {
    if (!options_are_sound(o, &net->shape)) return lgd_fail(err, LGD_E_USAGE, "training: an option is out of range");
    lgd_trainer *t = lgd_calloc(1, sizeof *t);
    if (!t) return lgd_fail_memory(err, sizeof *t);
    t->o = *o;
    lgd_status status = net_alloc(&net->shape, &t->net, err);
    if (status == LGD_OK && !alloc_state(t)) status = lgd_fail_memory(err, net->n_params * sizeof(lgd_real));
    if (status == LGD_OK) {
        memcpy(t->state[WEIGHTS], net->params, net->n_params * sizeof(lgd_real));
        memcpy(t->state[MEAN], net->params, net->n_params * sizeof(lgd_real));
        *ret = t;
    } else
        lgd_trainer_free(t);
    return status;
}

void lgd_trainer_free(lgd_trainer *t) {
    if (!t) return;
    for (size_t i = 0; i < STATES; i++) {
        lgd_free(t->state[i]);
        lgd_free(t->backup[i]);
    }
    lgd_free(t->best);
    lgd_net_free(t->net);
    lgd_free(t);
}

bool lgd_trainer_best(const lgd_trainer *t, lgd_net *net) {
    if (t->has_best) memcpy(net->params, t->best, net->n_params * sizeof(lgd_real));
    return t->has_best;
}

/* ---- saved form: whose it is, where it stands, the arrays, the best ---- */

static void put_options(const lgd_train_options *o, lgd_buf *out) {
    lgd_put_u64(out, o->seed);
    lgd_put_u32(out, o->epochs);
    lgd_put_u32(out, o->patience);
    lgd_put_u32(out, o->batch);
    lgd_put_f64(out, o->rate);
    lgd_put_f64(out, o->clip);
    lgd_put_f64(out, o->mask);
    lgd_put_u32(out, (uint32_t)o->mask_id);
    lgd_put_f64(out, o->average);
}

static void put_owner(const lgd_trainer *t, lgd_buf *out) {
    net_put_shape(&t->net->shape, out);
    put_options(&t->o, out);
}

lgd_status lgd_trainer_save(const lgd_trainer *t, lgd_stop stop, lgd_buf *out, lgd_err *err) {
    lgd_buf owner = {0};
    put_owner(t, &owner);
    lgd_put_sv(out, lgd_buf_sv(&owner));
    out->failed |= owner.failed;
    lgd_buf_release(&owner);
    lgd_put_u8(out, (uint8_t)stop);
    lgd_put_u32(out, t->epoch);
    lgd_put_u64(out, t->step);
    lgd_put_u8(out, t->has_best);
    lgd_put_f64(out, t->best_loss);
    lgd_put_u32(out, t->since_best);
    for (size_t i = 0; stop == LGD_STOP_NOT && i < STATES; i++) net_put_numbers(t->state[i], t->net->n_params, out);
    net_put_numbers(t->best, t->net->n_params, out);
    return out->failed ? lgd_fail_memory(err, out->n) : LGD_OK;
}

/* Whether the checkpoint is of the same network and options. */
static lgd_status check_owner(const lgd_trainer *t, lgd_sv found, lgd_err *err) {
    lgd_buf owner = {0};
    put_owner(t, &owner);
    bool failed = owner.failed, same = !failed && lgd_sv_eq(found, lgd_buf_sv(&owner));
    lgd_buf_release(&owner);
    if (failed) return lgd_fail_memory(err, 256);
    return same ? LGD_OK : lgd_fail(err, LGD_E_DATA, "checkpoint: of another network, or trained with other options");
}

/* What a training that goes on, or has ended so, can be like. */
static bool stop_is_sound(const lgd_trainer *t, lgd_stop stop) {
    if (stop > LGD_STOP_NOT_FINITE || t->epoch > t->o.epochs) return false;
    if (stop == LGD_STOP_NOT) return t->epoch < t->o.epochs && t->since_best < t->o.patience;
    return t->has_best || stop == LGD_STOP_NOT_FINITE;
}

static lgd_stop get_state(lgd_trainer *t, lgd_cursor *c) {
    lgd_stop stop = (lgd_stop)lgd_get_u8(c);
    t->epoch = lgd_get_u32(c);
    t->step = lgd_get_u64(c);
    t->has_best = lgd_get_u8(c) != 0;
    t->best_loss = lgd_get_f64(c);
    t->since_best = lgd_get_u32(c);
    for (size_t i = 0; stop == LGD_STOP_NOT && i < STATES; i++) net_get_numbers(c, t->state[i], t->net->n_params);
    net_get_numbers(c, t->best, t->net->n_params);
    if (!stop_is_sound(t, stop)) c->bad = true;
    return stop;
}

/* Read into a second trainer, so that the first one stays as it is when the bytes are damaged. */
lgd_status lgd_trainer_load(lgd_trainer *t, lgd_sv bytes, lgd_stop *ret_stop, lgd_err *err) {
    lgd_cursor c = lgd_cursor_of(bytes);
    lgd_sv owner = lgd_get_sv(&c);
    if (c.bad) return lgd_cursor_done(&c, "checkpoint", err);
    LGD_TRY(check_owner(t, owner, err));
    lgd_trainer *read = NULL;
    LGD_TRY(lgd_trainer_new(t->net, &t->o, &read, err));
    lgd_stop stop = get_state(read, &c);
    lgd_status status = lgd_cursor_done(&c, "checkpoint", err);
    if (status == LGD_OK) {
        lgd_trainer other = *t;
        *t = *read;
        *read = other;
        *ret_stop = stop;
    }
    lgd_trainer_free(read);
    return status;
}
