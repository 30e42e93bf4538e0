/*
 * feature/rhythm_save: a rhythm in the model file: sources, templates, beats with their tails, hours of the others. Rates and calibrations are
 * derived again on loading. All of it are counters, sums and largest values.
 */
#include "rhythm.h"

#include <math.h>

static void put_source(lgd_buf *out, const source *s) {
    lgd_put_u32(out, s->inputs);
    for (int c = 0; c < CELLS; c++) {
        lgd_put_u64(out, s->exposure[c]);
        lgd_put_u32(out, s->days[c].n);
        lgd_put_i64(out, s->days[c].last);
    }
}

static void put_pulse(lgd_buf *out, const pulse *p) {
    lgd_put_u64(out, p->sources);
    lgd_put_u32(out, p->inputs);
    lgd_put_u32(out, p->count);
    lgd_put_u8(out, p->often);
    lgd_put_u8(out, p->often ? 0 : p->n_times);
    for (uint8_t i = 0; !p->often && i < p->n_times; i++) {
        lgd_put_u32(out, p->times[i].days.n);
        lgd_put_u8(out, p->times[i].weekend);
        lgd_put_f64(out, p->times[i].sum);
        lgd_put_f64(out, p->times[i].squares);
        lgd_put_i64(out, p->times[i].days.last);
    }
}

static void put_beat(lgd_buf *out, const beat *b) {
    lgd_put_u32(out, b->id);
    for (int c = 0; c < CELLS; c++) lgd_put_u32(out, b->cells[c]);
    lgd_put_u64(out, b->longest_ns);
    lgd_put_u64(out, b->n_pauses);
    lgd_put_f64(out, b->pause_sum);
    lgd_put_f64(out, b->pause_squares);
    for (int w = 0; w < WIDTHS; w++) lgd_put_u32(out, b->peak[w]);
    for (int t = 0; t < TAILS; t++)
        for (int f = 0; f < LGD_FOLDS; f++)
            for (int k = 0; k < TAIL_TOP; k++) lgd_put_f32(out, b->tails[t].top[f][k]);
}

lgd_status lgd_rhythm_save(const lgd_rhythm *r, lgd_buf *out, lgd_err *err) {
    lgd_put_u64(out, r->n_events);
    lgd_put_u32(out, (uint32_t)r->n_sources);
    for (size_t k = 0; k < r->n_sources; k++) put_source(out, &r->sources[k]);
    for (size_t i = 0; i < r->n_templates; i++) put_pulse(out, &r->pulses[i]);
    lgd_put_u32(out, (uint32_t)r->n_beats);
    for (size_t i = 0; i < r->n_beats; i++) put_beat(out, &r->beats[i]);
    lgd_put_u32(out, (uint32_t)r->n_rare);
    for (size_t i = 0; i < r->n_rare; i++) {
        lgd_put_u32(out, r->rare[i].id);
        lgd_put_u8(out, (uint8_t)r->rare[i].cell);
        lgd_put_u32(out, r->rare[i].n);
    }
    return out->failed ? lgd_fail_memory(err, out->n) : LGD_OK;
}

/* ---- reading: what scoring divides by and takes logarithms of is checked, and what an update counts on has room ---- */

enum {
    SOURCE_BYTES = 4 + CELLS * 20,
    BEAT_BYTES = 36 + 4 * CELLS + 4 * WIDTHS + 4 * TAILS * LGD_FOLDS * TAIL_TOP,
    RARE_BYTES = 9
};

static const uint64_t most_count = UINT64_C(1)
                                   << 46; /* of seconds, events, pauses: sums of CELLS are exact as double */
static const int64_t most_days = INT64_MAX / INT64_C(86400000000000);

static void get_source(lgd_cursor *c, source *s) {
    s->inputs = lgd_get_u32(c);
    for (int i = 0; i < CELLS; i++) {
        s->exposure[i] = lgd_get_u64(c);
        s->days[i].n = lgd_get_u32(c);
        s->days[i].last = lgd_get_i64(c);
        if (s->days[i].last > most_days || s->days[i].last < -most_days) c->bad = true;
        if (s->exposure[i] > most_count || s->days[i].n > 2 * most_days) c->bad = true;
    }
    if (s->inputs == 0) c->bad = true;
}

static void get_time(lgd_cursor *c, daily_time *d) {
    d->days.n = lgd_get_u32(c);
    d->weekend = lgd_get_u8(c) != 0;
    d->sum = lgd_get_f64(c);
    d->squares = lgd_get_f64(c);
    d->days.last = lgd_get_i64(c);
    double most_s = 86400.0 * d->days.n;
    bool possible = d->days.n > 0 && d->days.n <= 2 * most_days && d->sum >= 0 && d->sum <= most_s && d->squares >= 0 &&
                    d->squares <= 86400.0 * most_s && d->days.last <= most_days && d->days.last >= -most_days;
    if (!possible) c->bad = true;
}

static void get_pulse(lgd_cursor *c, size_t n_sources, pulse *p) {
    p->sources = lgd_get_u64(c);
    p->inputs = lgd_get_u32(c);
    p->count = lgd_get_u32(c);
    p->often = lgd_get_u8(c) != 0;
    p->n_times = lgd_get_u8(c);
    if (p->n_times > LGD_DAILY_TIMES || (n_sources < MAX_SOURCES && p->sources >> n_sources != 0)) c->bad = true;
    for (uint8_t i = 0; i < p->n_times && !c->bad; i++) get_time(c, &p->times[i]);
}

/* A tail's extremes go down and lie above zero. */
static void get_tail(lgd_cursor *c, tail *t) {
    for (int f = 0; f < LGD_FOLDS; f++)
        for (int k = 0; k < TAIL_TOP; k++) {
            float x = t->top[f][k] = lgd_get_f32(c);
            if (x < 0 || (k && x > t->top[f][k - 1])) c->bad = true;
        }
}

static void get_beat(lgd_cursor *c, lgd_rhythm *r, beat *b) {
    b->id = lgd_get_u32(c);
    for (int i = 0; i < CELLS; i++) b->cells[i] = lgd_get_u32(c);
    b->longest_ns = lgd_get_u64(c);
    b->n_pauses = lgd_get_u64(c);
    b->pause_sum = lgd_get_f64(c);
    b->pause_squares = lgd_get_f64(c);
    for (int w = 0; w < WIDTHS; w++) b->peak[w] = lgd_get_u32(c);
    for (int t = 0; t < TAILS; t++) get_tail(c, &b->tails[t]);
    static const double most_s = 9.2e9; /* an int64 of nanoseconds */
    double n = (double)b->n_pauses;
    bool possible = b->id < r->n_templates && b->longest_ns <= INT64_MAX && b->n_pauses <= most_count &&
                    b->pause_sum >= 0 && b->pause_sum <= most_s * n && b->pause_squares >= 0 &&
                    b->pause_squares <= most_s * most_s * n;
    if (!possible || r->pulses[b->id].beat) c->bad = true;
    if (!c->bad) r->pulses[b->id].beat = (uint32_t)(b - r->beats) + 1;
}

/* By template and hour, and not of one that has a rhythm. */
static void get_rare(lgd_cursor *c, const lgd_rhythm *r, rare_count *x) {
    x->id = lgd_get_u32(c);
    x->cell = lgd_get_u8(c);
    x->n = lgd_get_u32(c);
    if (x->id >= r->n_templates || x->cell >= CELLS || x->n == 0 || r->pulses[x->id].beat) c->bad = true;
    if (x > r->rare && (x[-1].id > x->id || (x[-1].id == x->id && x[-1].cell >= x->cell))) c->bad = true;
}

static lgd_status load_rare(lgd_rhythm *r, lgd_cursor *c, lgd_err *err) {
    size_t n = lgd_get_count(c, RARE_BYTES);
    if (c->bad) n = 0;
    r->rare = lgd_calloc(n, sizeof *r->rare);
    if (!r->rare) return lgd_fail_memory(err, n * sizeof *r->rare);
    for (; r->n_rare < n && !c->bad; r->n_rare++) get_rare(c, r, &r->rare[r->n_rare]);
    return LGD_OK;
}

static lgd_status load(lgd_rhythm *r, lgd_cursor *c, lgd_err *err) {
    r->n_events = lgd_get_u64(c);
    if (r->n_events > most_count) c->bad = true;
    size_t n = lgd_get_count(c, SOURCE_BYTES);
    if (n > MAX_SOURCES) c->bad = true;
    for (; r->n_sources < n && !c->bad; r->n_sources++) get_source(c, &r->sources[r->n_sources]);
    for (size_t i = 0; i < r->n_templates && !c->bad; i++) get_pulse(c, n, &r->pulses[i]);
    n = lgd_get_count(c, BEAT_BYTES);
    if (n > MAX_BEATS) c->bad = true;
    if (c->bad) n = 0;
    r->beats = lgd_calloc(n, sizeof *r->beats);
    if (!r->beats) return lgd_fail_memory(err, n * sizeof *r->beats);
    for (size_t i = 0; i < n && !c->bad; i++) get_beat(c, r, &r->beats[i]);
    r->n_beats = n;
    LGD_TRY(load_rare(r, c, err));
    LGD_TRY(lgd_cursor_done(c, "rhythm", err));
    rhythm_derive(r);
    rhythm_calibrate(r);
    return LGD_OK;
}

lgd_status lgd_rhythm_load(lgd_sv bytes, size_t n_templates, lgd_rhythm **ret, lgd_err *err) {
    lgd_rhythm *r = NULL;
    lgd_cursor c = lgd_cursor_of(bytes);
    LGD_TRY(lgd_rhythm_new(n_templates, &r, err));
    lgd_free(r->cells); /* of learning */
    r->cells = NULL;
    lgd_status status = load(r, &c, err);
    if (status == LGD_OK)
        *ret = r;
    else
        lgd_rhythm_free(r);
    return status;
}
