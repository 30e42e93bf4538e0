/*
 * detect/lstm_state: a fit between two epochs <-> bytes, so that a training that was cut short goes on from its last epoch.
 *
 *     magic "LGDTRAIN" | version u32 | CRC-32C of the rest u32 | hash of the windows u64 | epochs u32 | loss, held-out loss
 *     f64, of the best epoch | the trainer's own form
 *
 * An epoch follows from the trainer's state and the windows alone, so both have to be the same for the end to be the same:
 * the trainer knows its own network and options, the windows are known by a hash. Cost: linear in network and windows.
 */
#include "lstm.h"

#define MAGIC    LGD_SV("LGDTRAIN")
#define REMEDY   "remove it, or name another file"
#define ANOTHERS "of another network, or trained with other options or logs; " REMEDY
enum { VERSION = 1 };

uint64_t lstm_state_windows(const lgd_windows *w, size_t steps, uint64_t before) {
    uint64_t hash = lgd_hash_u64(w->n, before);
    hash = lgd_hash(w->inputs, w->n * steps * sizeof *w->inputs, hash);
    hash = lgd_hash(w->targets, w->n * steps * sizeof *w->targets, hash);
    return lgd_hash(w->weights, w->n * sizeof *w->weights, hash);
}

static void put_summary(uint64_t windows, const lgd_lstm_fit_summary *s, lgd_buf *out) {
    lgd_put_u64(out, windows);
    lgd_put_u32(out, s->epochs);
    lgd_put_f64(out, s->loss);
    lgd_put_f64(out, s->held_loss);
}

lgd_status lstm_state_save(const lgd_trainer *t, uint64_t windows, const lgd_lstm_fit_summary *s, lgd_buf *out,
                           lgd_err *err) {
    lgd_buf rest = {0};
    put_summary(windows, s, &rest);
    lgd_status status = lgd_trainer_save(t, s->stop, &rest, err);
    if (status == LGD_OK) {
        lgd_buf_add_sv(out, MAGIC);
        lgd_put_u32(out, VERSION);
        lgd_put_u32(out, lgd_crc32c(0, rest.p, rest.n));
        lgd_buf_add_sv(out, lgd_buf_sv(&rest));
        if (out->failed) status = lgd_fail_memory(err, rest.n);
    }
    lgd_buf_release(&rest);
    return status;
}

/* The cursor is behind the head then. */
static lgd_status check_head(lgd_cursor *c, const char *name, lgd_err *err) {
    lgd_sv all = {c->p, (size_t)(c->end - c->p)};
    if (!lgd_sv_starts(all, MAGIC))
        return lgd_fail(err, LGD_E_DAMAGED, "%s: damaged: it is no state of a training; " REMEDY, name);
    c->p += MAGIC.n;
    uint32_t version = lgd_get_u32(c), crc = lgd_get_u32(c);
    if (!c->bad && version != VERSION)
        return lgd_fail(err, LGD_E_USAGE, "%s: made by another version of logdetect; " REMEDY, name);
    if (c->bad || lgd_crc32c(0, c->p, (size_t)(c->end - c->p)) != crc)
        return lgd_fail(err, LGD_E_DAMAGED, "%s: damaged: its checksum; " REMEDY, name);
    return LGD_OK;
}

static lgd_status load_trainer(lgd_cursor *c, const char *name, lgd_trainer *t, lgd_stop *ret, lgd_err *err) {
    lgd_err why = {0};
    lgd_status status = lgd_trainer_load(t, (lgd_sv){c->p, (size_t)(c->end - c->p)}, ret, &why);
    if (status == LGD_E_DATA) return lgd_fail(err, LGD_E_USAGE, "%s: " ANOTHERS, name);
    if (status == LGD_E_DAMAGED) return lgd_fail(err, status, "%s: damaged: %s; " REMEDY, name, why.text);
    return status == LGD_OK ? LGD_OK : lgd_fail(err, status, "%s", why.text);
}

lgd_status lstm_state_load(const lgd_lstm_course *course, uint64_t windows, lgd_trainer *t, lgd_lstm_fit_summary *s,
                           lgd_err *err) {
    lgd_cursor c = lgd_cursor_of(course->resume);
    lgd_lstm_fit_summary read = *s;
    LGD_TRY(check_head(&c, course->name, err));
    bool same = lgd_get_u64(&c) == windows;
    read.epochs = lgd_get_u32(&c);
    read.loss = lgd_get_f64(&c);
    read.held_loss = lgd_get_f64(&c);
    if (c.bad)
        return lgd_fail(err, LGD_E_DAMAGED, "%s: damaged: ends too early or holds an impossible value; " REMEDY,
                        course->name);
    if (!same) return lgd_fail(err, LGD_E_USAGE, "%s: " ANOTHERS, course->name);
    LGD_TRY(load_trainer(&c, course->name, t, &read.stop, err));
    *s = read;
    return LGD_OK;
}
