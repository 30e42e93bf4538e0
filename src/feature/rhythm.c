/*
 * feature/rhythm: the first pass: how often each template comes, at which hours, and what it was read for. Counters only.
 *
 * Rates need to know how long a log was read, hour by hour (exposure), and of which log: an input of requests says
 * nothing about the pace of an audit log. Inputs are therefore sorted into *sources* as they end: two inputs are of one
 * source if half of the templates of either are in both (Jaccard). A template's exposure is that of the sources it is in.
 *
 *     rate(hour) = (events + mean rate * 1 h) / (exposure + 1 h)   where the hour was seen on two days, else the mean rate
 *
 * Working days and weekends are apart, and each takes the other's rate of the hour for the mean where it has one. Cost:
 * O(1) an event, O(templates) an input.
 */
#include "rhythm.h"

#include <math.h>

lgd_status lgd_rhythm_new(size_t n_templates, lgd_rhythm **ret, lgd_err *err) {
    lgd_rhythm *r = lgd_calloc(1, sizeof *r);
    if (!r) return lgd_fail_memory(err, sizeof *r);
    r->n_templates = n_templates;
    r->first_ns = r->now_ns = r->doubt_ns = LGD_NO_TIME;
    r->pulses = lgd_calloc(n_templates, sizeof *r->pulses);
    r->cells = lgd_calloc(n_templates, sizeof *r->cells);
    if (!r->pulses || !r->cells) {
        lgd_rhythm_free(r);
        return lgd_fail_memory(err, n_templates * sizeof *r->cells);
    }
    *ret = r;
    return LGD_OK;
}

void lgd_rhythm_free(lgd_rhythm *r) {
    if (!r) return;
    lgd_free(r->pulses);
    lgd_free(r->cells);
    lgd_free(r->beats);
    lgd_free(r->older);
    lgd_free(r->rare);
    lgd_free(r->touched);
    lgd_free(r->states);
    lgd_free(r->places);
    lgd_free(r);
}

/* ---- exposure ---- */

static void expose(source *s, const moment *m, int64_t ns) {
    days_add(&s->days[m->cell], m->day);
    s->exposure[m->cell] += (uint64_t)ns;
}

/* The input was read up to `to`. What is more than a week is no log that was read, but a gap in it or a wrong date. */
static void pass_time(lgd_rhythm *r, int64_t to) {
    static const int week_hours = 168;
    for (int i = 0; i < week_hours && to >= r->now.end_ns; i++) {
        expose(&r->current, &r->now, elapsed_ns(r->now_ns, r->now.end_ns));
        r->now_ns = r->now.end_ns;
        r->now = moment_of(r->now_ns);
    }
    if (to >= r->now.end_ns) r->now = moment_of(r->now_ns = to);
    expose(&r->current, &r->now, elapsed_ns(r->now_ns, to));
    r->now_ns = to;
}

/* ---- sources ---- */

static double likeness(const lgd_rhythm *r, size_t k) {
    size_t both = 0, either = r->n_touched;
    for (size_t i = 0; i < r->n_touched; i++) both += r->pulses[r->touched[i]].sources >> k & 1;
    for (size_t i = 0; i < r->n_templates; i++) {
        const pulse *p = &r->pulses[i];
        either += (p->sources >> k & 1) && p->in_input != r->input;
    }
    return either ? (double)both / (double)either : 0;
}

/* The likest source, or a new one; the last when there are too many. */
static size_t source_of(lgd_rhythm *r) {
    size_t best = r->n_sources;
    double most = 0.5;
    for (size_t k = 0; k < r->n_sources; k++) {
        double alike = likeness(r, k);
        if (alike < most) continue;
        most = alike;
        best = k;
    }
    if (best < r->n_sources) return best;
    return r->n_sources < MAX_SOURCES ? r->n_sources++ : MAX_SOURCES - 1;
}

static void end_input(lgd_rhythm *r) {
    if (r->n_touched == 0) return;
    size_t k = source_of(r);
    source *s = &r->sources[k];
    for (int c = 0; c < CELLS; c++) {
        days_merge(&s->days[c], &r->current.days[c]);
        s->exposure[c] += r->current.exposure[c] / 1000000000u;
    }
    s->inputs += s->inputs < UINT32_MAX;
    for (size_t i = 0; i < r->n_touched; i++) r->pulses[r->touched[i]].sources |= UINT64_C(1) << k;
    r->n_touched = 0;
}

/* ---- times of the day ---- */

static void take_time(pulse *p, const moment *m, int64_t ns) {
    double second = (double)(ns - m->start_ns) * 1e-9 + (m->cell % (CELLS / 2)) * 3600.0;
    if (p->often) return;
    for (uint8_t i = 0; i < p->n_times; i++) {
        daily_time *d = &p->times[i];
        if (d->weekend != m->weekend || fabs(second - d->sum / d->days.n) > DAILY_NEAR_S) continue;
        if (!days_add(&d->days, m->day)) return;
        d->sum += second;
        d->squares += second * second;
        return;
    }
    p->often = p->n_times == LGD_DAILY_TIMES;
    if (!p->often) p->times[p->n_times++] = (daily_time){{1, m->day, 1}, m->weekend, second, second * second};
}

/* ---- learning ---- */

lgd_status lgd_rhythm_begin_input(lgd_rhythm *r, lgd_err *err) {
    (void)err;
    if (r->states)
        measure_end_input(r);
    else
        end_input(r);
    r->input++;
    r->first_ns = r->now_ns = r->doubt_ns = LGD_NO_TIME;
    r->current = (source){0};
    return LGD_OK;
}

static lgd_status learn_one(lgd_rhythm *r, lgd_template_id id, int64_t ns, lgd_err *err) {
    pulse *p = &r->pulses[id];
    if (r->now_ns == LGD_NO_TIME) r->now = moment_of(r->first_ns = r->now_ns = ns);
    pass_time(r, ns);
    p->count += p->count < UINT32_MAX;
    r->cells[id][r->now.cell] += r->cells[id][r->now.cell] < UINT32_MAX;
    take_time(p, &r->now, r->now_ns);
    if (p->in_input == r->input) return LGD_OK;
    p->in_input = r->input;
    p->inputs += p->inputs < UINT32_MAX;
    LGD_TRY(
        lgd_grow((void **)&r->touched, &r->touched_capacity, r->n_touched + 1, sizeof *r->touched, UINT32_MAX, err));
    r->touched[r->n_touched++] = id;
    return LGD_OK;
}

lgd_status lgd_rhythm_learn(lgd_rhythm *r, const lgd_events *e, lgd_err *err) {
    for (size_t i = 0; i < e->n; i++) {
        int64_t ns = steady_ns(e, i, r->now_ns, &r->doubt_ns);
        if (ns != LGD_NO_TIME && e->template_id[i] < r->n_templates) LGD_TRY(learn_one(r, e->template_id[i], ns, err));
    }
    return LGD_OK;
}

/* ---- what follows ---- */

uint64_t rhythm_inputs(const lgd_rhythm *r, const pulse *p) {
    uint64_t inputs = 0;
    for (size_t k = 0; k < r->n_sources; k++)
        if (p->sources >> k & 1) inputs += r->sources[k].inputs;
    return inputs;
}

static unsigned cell_of_time(const daily_time *d) {
    unsigned hour = (unsigned)(d->sum / d->days.n / 3600) % (CELLS / 2);
    return hour + (d->weekend ? CELLS / 2 : 0);
}

uint32_t rhythm_days(const lgd_rhythm *r, const pulse *p, const daily_time *d) {
    unsigned cell = cell_of_time(d);
    uint32_t days = 0;
    for (size_t k = 0; k < r->n_sources; k++)
        if ((p->sources >> k & 1) && r->sources[k].days[cell].n > days) days = r->sources[k].days[cell].n;
    return days;
}

bool rhythm_is_constant(const lgd_rhythm *r, const pulse *p) {
    return p->inputs > 0 && p->inputs >= rhythm_inputs(r, p);
}

bool rhythm_is_daily(const lgd_rhythm *r, const pulse *p, const daily_time *d) {
    if (p->often || d->days.n < MIN_DAYS || !rhythm_is_constant(r, p)) return false;
    unsigned cell = cell_of_time(d);
    for (size_t k = 0; k < r->n_sources; k++)
        if ((p->sources >> k & 1) && r->sources[k].days[cell].last > d->days.last) return false;
    return rhythm_days(r, p, d) <= d->days.n;
}

/* Events and how long, on how many days, a log was read for them. */
typedef struct sample {
    double events, seconds;
    uint32_t days;
} sample;

/* Drawn towards what is usual, as by an hour of it; that alone where too few days were seen. */
static double rate_of(const sample *s, double usual) {
    static const double hour_s = 3600;
    return s->days < 2 ? usual : (s->events + hour_s * usual) / (s->seconds + hour_s);
}

static sample sample_of(const lgd_rhythm *r, const beat *b, int cell) {
    sample s = {.events = b->cells[cell]};
    for (size_t k = 0; k < r->n_sources; k++) {
        if (!(r->pulses[b->id].sources >> k & 1)) continue;
        s.seconds += (double)r->sources[k].exposure[cell];
        if (r->sources[k].days[cell].n > s.days) s.days = r->sources[k].days[cell].n;
    }
    return s;
}

static void derive_beat(const lgd_rhythm *r, beat *b) {
    sample cells[CELLS], all = {0};
    double week = 0;
    for (int c = 0; c < CELLS; c++) {
        cells[c] = sample_of(r, b, c);
        all.events += cells[c].events;
        all.seconds += cells[c].seconds;
    }
    double mean = all.events / (all.seconds > 1 ? all.seconds : 1);
    for (int hour = 0; hour < CELLS / 2; hour++) {
        const sample *working = &cells[hour], *weekend = &cells[hour + CELLS / 2];
        double on_working = rate_of(working, rate_of(weekend, mean));
        double on_weekend = rate_of(weekend, rate_of(working, mean));
        b->rate[hour] = (float)on_working;
        b->rate[hour + CELLS / 2] = (float)on_weekend;
        week += 5 * on_working + 2 * on_weekend;
    }
    b->mean_rate = (float)(week / 168);
}

void rhythm_derive(lgd_rhythm *r) {
    for (size_t i = 0; i < r->n_beats; i++) derive_beat(r, &r->beats[i]);
}

/* ---- between the passes ---- */

static void begin_beat(lgd_rhythm *r, lgd_template_id id) {
    pulse *p = &r->pulses[id];
    beat *b = &r->beats[r->n_beats++];
    if (p->beat) *b = r->older[p->beat - 1];
    b->id = id;
    memcpy(b->cells, r->cells[id], sizeof b->cells);
    p->beat = (uint32_t)r->n_beats;
}

static size_t count_rare(const lgd_rhythm *r) {
    size_t n = 0;
    for (size_t i = 0; i < r->n_templates; i++)
        for (int c = 0; r->pulses[i].beat == 0 && c < CELLS; c++) n += r->cells[i][c] > 0;
    return n;
}

static lgd_status keep_rare(lgd_rhythm *r, lgd_err *err) {
    size_t n = count_rare(r);
    r->rare = lgd_calloc(n, sizeof *r->rare);
    if (!r->rare) return lgd_fail_memory(err, n * sizeof *r->rare);
    for (size_t i = 0; i < r->n_templates; i++)
        for (uint32_t c = 0; r->pulses[i].beat == 0 && c < CELLS; c++)
            if (r->cells[i][c]) r->rare[r->n_rare++] = (rare_count){(lgd_template_id)i, c, r->cells[i][c]};
    return LGD_OK;
}

lgd_status lgd_rhythm_settle(lgd_rhythm *r, lgd_err *err) {
    size_t n = 0;
    end_input(r);
    for (size_t i = 0; i < r->n_templates; i++) n += r->pulses[i].count >= MIN_BEATS;
    if (n > MAX_BEATS) n = MAX_BEATS;
    r->beats = lgd_calloc(n, sizeof *r->beats);
    r->states = lgd_calloc(n, sizeof *r->states);
    r->places = lgd_calloc(n, sizeof *r->places);
    if (!r->beats || !r->states || !r->places) return lgd_fail_memory(err, n * sizeof *r->places);
    memset(r->places, 0xff, n * sizeof *r->places); /* NO_FILE */
    for (size_t i = 0; i < r->n_templates; i++) {
        if (r->pulses[i].count >= MIN_BEATS && r->n_beats < n)
            begin_beat(r, (lgd_template_id)i);
        else
            r->pulses[i].beat = 0;
    }
    LGD_TRY(keep_rare(r, err));
    lgd_free(r->cells);
    lgd_free(r->older);
    r->cells = NULL;
    r->older = NULL;
    rhythm_derive(r);
    r->first_ns = r->now_ns = r->doubt_ns = LGD_NO_TIME;
    return LGD_OK;
}
