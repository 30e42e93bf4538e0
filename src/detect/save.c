/*
 * detect/save: the ensemble in the model file: for each member its name, weight, calibration and state; then the
 * ensemble's own calibration.
 */
#include "detector.h"

lgd_status lgd_detector_save(const lgd_detector *d, lgd_buf *out, lgd_err *err) {
    lgd_buf state = {0};
    lgd_put_u64(out, d->fit_rows);
    lgd_put_u8(out, d->weighted);
    lgd_put_u32(out, (uint32_t)d->n);
    for (size_t i = 0; i < d->n; i++) {
        const seat *s = &d->seats[i];
        lgd_put_sv(out, lgd_sv_of(s->member->name));
        lgd_put_f64(out, s->weight);
        calibration_save(&s->calibration, out);
        lgd_buf_clear(&state);
        s->member->save(s->state, &state);
        out->failed |= state.failed;
        lgd_put_sv(out, lgd_buf_sv(&state));
    }
    calibration_save(&d->calibration, out);
    lgd_buf_release(&state);
    return out->failed ? lgd_fail_memory(err, out->n) : LGD_OK;
}

static lgd_status load_seat(lgd_detector *d, lgd_cursor *c, lgd_err *err) {
    lgd_sv name = lgd_get_sv(c);
    const lgd_role *role = role_find(name);
    seat s = {.member = role ? role->lines : NULL, .weight = lgd_get_f64(c)};
    if (s.weight != 0 && !is_weight(s.weight)) c->bad = true;
    if (c->bad) return LGD_OK;
    if (!s.member)
        return lgd_fail(err, LGD_E_DAMAGED, "detector: the member '%.*s' is not known to this version; train again",
                        (int)(name.n < 64 ? name.n : 64), name.p);
    lgd_status status = calibration_load(c, &s.calibration, err);
    lgd_sv state = lgd_get_sv(c);
    if (status == LGD_OK && !c->bad) status = s.member->load(state, &s.state, err);
    if (status != LGD_OK || c->bad) {
        lgd_calibration_release(&s.calibration);
        return status;
    }
    d->seats[d->n++] = s;
    d->weight_sum += s.weight;
    return LGD_OK;
}

static lgd_status load(lgd_detector *d, lgd_cursor *c, lgd_err *err) {
    d->fit_rows = lgd_get_u64(c);
    d->weighted = lgd_get_u8(c) != 0;
    size_t n = lgd_get_count(c, 16);
    if (n > LGD_MAX_MEMBERS) c->bad = true;
    for (size_t i = 0; i < n && !c->bad; i++) LGD_TRY(load_seat(d, c, err));
    LGD_TRY(calibration_load(c, &d->calibration, err));
    if (d->n && d->weighted && !(d->weight_sum > 0)) c->bad = true;
    return lgd_cursor_done(c, "detector", err);
}

lgd_status lgd_detector_load(lgd_sv bytes, lgd_detector **ret, lgd_err *err) {
    lgd_detector *d = lgd_calloc(1, sizeof *d);
    if (!d) return lgd_fail_memory(err, sizeof *d);
    lgd_cursor c = lgd_cursor_of(bytes);
    lgd_status status = load(d, &c, err);
    if (status == LGD_OK)
        *ret = d;
    else
        lgd_detector_free(d);
    return status;
}
