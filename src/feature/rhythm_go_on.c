/*
 * feature/rhythm_go_on: a rhythm for an update: the older one's counters, faded, for learning to go on upon.
 *
 * Counts of events fade by systematic rounding (lgd_fading), a template's hours with one offset, and so does the time that
 * was read for them, so rates stay. Two things are told by counts that are equal: that a template comes in every input of
 * its kinds, and at its time on every day. There the misses fade and the rest follows from them,
 *
 *     inputs' = faded(all inputs) - faded(inputs without it),   days' = faded(all days) - faded(days without it),
 *
 * so that what never missed has not missed afterwards; up to MIN_DAYS days, and one input, of a kind stay known while any
 * time of it weighs. Extremes are thinned as the sample is that they are of: each stays as it is, with the chance of the
 * weight. To shrink them would make a pause that comes once a week longer than any, every week. The longest pause and
 * largest counts, which are only told, shrink. Cost: linear in the rhythm.
 */
#include "fader.h"
#include "rhythm.h"

/* What is rounded, beside the template or source it is of. */
enum { OF_EVENTS = 1, OF_INPUTS, OF_EXPOSURE, OF_DAYS, OF_TOTALS, OF_MISSES, OF_PAUSES, OF_TAILS };

static lgd_fading begin(const fader *f, unsigned what, uint64_t of) {
    return fader_begin(f, (uint64_t)what << 40 | of);
}

static uint32_t clamp(uint64_t n) { return n < UINT32_MAX ? (uint32_t)n : UINT32_MAX; }

/* ---- sources ---- */

static uint32_t fade_days(const fader *f, const source *from, uint64_t exposure, int c) {
    uint32_t n = (uint32_t)fade_one(begin(f, OF_DAYS, 0), from->days[c].n);
    uint32_t least = exposure == 0 ? 0 : from->days[c].n < MIN_DAYS ? from->days[c].n : MIN_DAYS;
    return n > least ? n : least;
}

static source fade_source(const fader *f, size_t k, const source *from) {
    lgd_fading own = begin(f, OF_EXPOSURE, k);
    source s = *from;
    uint64_t all = 0;
    for (int c = 0; c < CELLS; c++) {
        all += s.exposure[c] = lgd_fading_next(&own, from->exposure[c]);
        s.days[c].n = fade_days(f, from, s.exposure[c], c);
        days_close(&s.days[c]);
    }
    s.inputs = (uint32_t)fade_one(begin(f, OF_INPUTS, k), from->inputs);
    if (s.inputs == 0 && all > 0) s.inputs = 1;
    return s;
}

/* Those that are left close ranks. */
typedef struct source_map {
    const lgd_rhythm *old;
    lgd_rhythm *r;
    uint8_t now[MAX_SOURCES]; /* number, MAX_SOURCES: gone */
} source_map;

static void fade_sources(const fader *f, source_map *m) {
    for (size_t k = 0; k < m->old->n_sources; k++) {
        source s = fade_source(f, k, &m->old->sources[k]);
        m->now[k] = MAX_SOURCES;
        if (s.inputs == 0) continue;
        m->now[k] = (uint8_t)m->r->n_sources;
        m->r->sources[m->r->n_sources++] = s;
    }
}

static uint64_t map_sources(const source_map *m, uint64_t sources) {
    uint64_t ret = 0;
    for (size_t k = 0; k < m->old->n_sources; k++)
        if ((sources >> k & 1) && m->now[k] < MAX_SOURCES) ret |= UINT64_C(1) << m->now[k];
    return ret;
}

/* ---- templates ---- */

static uint64_t without(uint64_t all, uint64_t n) { return n < all ? all - n : 0; }

static uint32_t fade_inputs(lgd_fading own, const source_map *m, const pulse *from, const pulse *p) {
    uint64_t missed = without(rhythm_inputs(m->old, from), from->inputs);
    return clamp(without(rhythm_inputs(m->r, p), fade_one(own, missed)));
}

static uint32_t fade_time(lgd_fading own, const source_map *m, const pulse *from, const pulse *p, const daily_time *d) {
    uint64_t missed = without(rhythm_days(m->old, from, d), d->days.n);
    uint64_t n = without(rhythm_days(m->r, p, d), fade_one(own, missed));
    return n < d->days.n ? (uint32_t)n : d->days.n;
}

/* Of a template without events left only what is one of its times stays. */
static void fade_times(lgd_fading own, const source_map *m, const pulse *from, pulse *p) {
    for (uint8_t i = 0; i < from->n_times && !from->often; i++) {
        daily_time d = from->times[i];
        uint32_t n = fade_time(own, m, from, p, &d);
        if (n == 0 || (p->count == 0 && n < MIN_DAYS)) continue;
        double left = (double)n / d.days.n;
        daily_time *t = &p->times[p->n_times++];
        *t = (daily_time){{n, d.days.last, 0}, d.weekend, d.sum * left, d.squares * left};
        days_close(&t->days);
    }
}

static void fade_template(const fader *f, const source_map *m, size_t i) {
    const pulse *from = &m->old->pulses[i];
    pulse *p = &m->r->pulses[i];
    uint32_t *cells = m->r->cells[i];
    uint64_t n = 0;
    fade_counts(begin(f, OF_EVENTS, i), cells, CELLS, cells);
    for (int c = 0; c < CELLS; c++) n += cells[c];
    *p = (pulse){.sources = map_sources(m, from->sources), .count = clamp(n), .beat = from->beat};
    fade_times(begin(f, OF_MISSES, i), m, from, p);
    if (p->count == 0 && p->n_times == 0)
        p->sources = 0; /* as if it had never come */
    else
        p->often = from->often;
    p->inputs = p->sources ? fade_inputs(begin(f, OF_MISSES, i), m, from, p) : 0;
}

static void fade_templates(const fader *f, const source_map *m) {
    const lgd_rhythm *old = m->old;
    for (size_t i = 0; i < old->n_beats; i++)
        memcpy(m->r->cells[old->beats[i].id], old->beats[i].cells, sizeof old->beats[i].cells);
    for (size_t i = 0; i < old->n_rare; i++) m->r->cells[old->rare[i].id][old->rare[i].cell] = old->rare[i].n;
    for (size_t i = 0; i < old->n_templates; i++) fade_template(f, m, i);
}

/* ---- beats ---- */

static void thin_tail(lgd_fading own, tail *t) {
    for (int fold = 0; fold < LGD_FOLDS; fold++) {
        float *top = t->top[fold];
        int n = 0;
        for (int k = 0; k < TAIL_TOP; k++) {
            float x = top[k];
            top[k] = 0;
            if (x > 0 && lgd_fading_next(&own, 1)) top[n++] = x;
        }
    }
}

/* No longest pause is shorter than the usual one. */
static void fade_pauses(const fader *f, const beat *from, beat *b) {
    double n = from->n_pauses ? (double)from->n_pauses : 1, mean_ns = from->pause_sum / n * 1e9;
    double longest = f->weight * (double)from->longest_ns;
    b->n_pauses = fade_one(begin(f, OF_PAUSES, from->id), from->n_pauses);
    b->pause_sum = from->pause_sum * (double)b->n_pauses / n;
    b->pause_squares = from->pause_squares * (double)b->n_pauses / n;
    if (longest < mean_ns) longest = mean_ns;
    if (longest < (double)from->longest_ns) b->longest_ns = (uint64_t)longest;
}

static void fade_beat(const fader *f, beat *b) {
    beat from = *b;
    fade_pauses(f, &from, b);
    for (int w = 0; w < WIDTHS; w++) b->peak[w] = (uint32_t)fade_one(begin(f, OF_PAUSES, b->id), from.peak[w]);
    for (int t = 0; t < TAILS; t++) thin_tail(begin(f, OF_TAILS + (unsigned)t, b->id), &b->tails[t]);
}

static lgd_status fade_beats(const fader *f, const lgd_rhythm *old, lgd_rhythm *r, lgd_err *err) {
    r->older = lgd_calloc(old->n_beats, sizeof *r->older);
    if (!r->older) return lgd_fail_memory(err, old->n_beats * sizeof *r->older);
    if (old->n_beats) memcpy(r->older, old->beats, old->n_beats * sizeof *r->older);
    for (size_t i = 0; i < old->n_beats; i++) fade_beat(f, &r->older[i]);
    return LGD_OK;
}

lgd_status lgd_rhythm_go_on(const lgd_rhythm *old, size_t n_templates, double weight, uint64_t salt, lgd_rhythm **ret,
                            lgd_err *err) {
    const fader f = {weight, salt};
    lgd_rhythm *r = NULL;
    LGD_TRY(lgd_rhythm_new(n_templates, &r, err));
    source_map m = {.old = old, .r = r};
    lgd_status status = fade_beats(&f, old, r, err);
    if (status != LGD_OK) {
        lgd_rhythm_free(r);
        return status;
    }
    fade_sources(&f, &m);
    fade_templates(&f, &m);
    r->n_events = fade_one(begin(&f, OF_TOTALS, 0), old->n_events);
    *ret = r;
    return LGD_OK;
}
