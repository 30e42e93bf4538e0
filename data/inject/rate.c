/*
 * inject/rate: kinds that change how often a template comes: much more for a minute, not at all for a while, and four
 * times or a quarter as often from some time on to the end.
 */
#include "inject.h"

enum { TRIES = 60, MIN_STEADY = 50, MAX_BURST = 400, SHIFT = 4 };

static const template_stats *stats_of(const inject_plan *p, lgd_template_id t) {
    return &p->normal->model.baseline->templates[t];
}

static bool is_timed_event(const inject_plan *p, uint32_t record) {
    const inject_record *r = &p->log->records[record];
    return r->is_event && r->time.n && r->time_ns != LGD_NO_TIME &&
           r->template_id < p->normal->model.baseline->n_templates;
}

/* ---- burst ---- */

static uint32_t burst_size(const template_stats *s) {
    uint32_t peak = 0;
    for (int f = 0; f < LGD_FOLDS; f++)
        if (s->peak[f] > peak) peak = s->peak[f];
    return 20 + 4 * peak;
}

static lgd_status insert_burst(inject_plan *p, uint32_t donor, uint32_t from, uint32_t to, uint32_t n,
                               inject_fault *ret) {
    *ret = (inject_fault){INJECT_BURST, from, from, p->log->records[donor].template_id};
    for (uint32_t i = 0; i < n; i++) {
        uint32_t at = inject_host(p->log, donor, from + (uint32_t)((uint64_t)(to - from) * i / n), to);
        if (at == LGD_INDEX_NONE) at = ret->last;
        LGD_TRY(inject_copy(p, donor, at));
        ret->last = at;
    }
    return LGD_OK;
}

lgd_status inject_burst(inject_plan *p, uint32_t from, uint32_t to, inject_fault *ret) {
    for (int i = 0; i < TRIES; i++) {
        uint32_t donor = inject_draw(p, from, to);
        const inject_record *d = &p->log->records[donor];
        if (!is_timed_event(p, donor) || (d->in_session && i < TRIES / 2)) continue;
        const template_stats *s = stats_of(p, d->template_id);
        uint32_t n = burst_size(s), end = inject_log_at(p->log, donor, d->time_ns + LGD_WINDOW_NS);
        if (total_of(s->count) >= MIN_STEADY && n <= MAX_BURST)
            return insert_burst(p, donor, donor, end < to ? end : to, n, ret);
    }
    return LGD_E_DATA;
}

/* ---- silence ---- */

/* So long a pause is out of the usual: three times the longest and twelve times the mean one. */
static int64_t silence_ns(const inject_plan *p, const template_stats *s) {
    const lgd_baseline *b = p->normal->model.baseline;
    int64_t longest = 0, mean = (b->end_ns - b->start_ns) / (int64_t)(total_of(s->count) + 1);
    for (int f = 0; f < LGD_FOLDS; f++)
        if (s->gap_max_ns[f] > longest) longest = s->gap_max_ns[f];
    return 3 * longest > 12 * mean ? 3 * longest : 12 * mean;
}

static lgd_status silence(inject_plan *p, uint32_t record, uint32_t to, inject_fault *ret) {
    enum { MIN_MISSING = 10 };
    const inject_record *r = &p->log->records[record];
    uint32_t end = inject_log_at(p->log, record, r->time_ns + silence_ns(p, stats_of(p, r->template_id)));
    size_t n = 0;
    if (end >= to) return LGD_E_DATA;
    const uint32_t *lines = inject_log_of(p->log, r->template_id, record, end, &n);
    if (n < MIN_MISSING) return LGD_E_DATA;
    *ret = (inject_fault){INJECT_SILENCE, record, end, r->template_id};
    for (size_t i = 0; i < n; i++) inject_delete(p, lines[i]);
    return LGD_OK;
}

lgd_status inject_silence(inject_plan *p, uint32_t from, uint32_t to, inject_fault *ret) {
    for (int i = 0; i < TRIES; i++) {
        uint32_t record = inject_draw(p, from, to);
        if (!is_timed_event(p, record) || (p->log->records[record].in_session && i < TRIES / 2)) continue;
        if (total_of(stats_of(p, p->log->records[record].template_id)->count) < MIN_STEADY) continue;
        lgd_status status = silence(p, record, to, ret);
        if (status != LGD_E_DATA) return status;
    }
    return LGD_E_DATA;
}

/* ---- another level ---- */

static lgd_status raise_level(inject_plan *p, const uint32_t *lines, size_t n, uint32_t to) {
    for (size_t i = 0; i < n; i++) {
        uint32_t next = i + 1 < n ? lines[i + 1] : to;
        for (uint32_t k = 1; k < SHIFT; k++) {
            uint32_t at = inject_host(p->log, lines[i], lines[i] + (next - lines[i]) / SHIFT * k, next);
            LGD_TRY(inject_copy(p, lines[i], at == LGD_INDEX_NONE ? lines[i] : at));
        }
    }
    return LGD_OK;
}

static void lower_level(inject_plan *p, const uint32_t *lines, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (i % SHIFT != SHIFT - 1) inject_delete(p, lines[i]);
}

lgd_status inject_level_shift(inject_plan *p, uint32_t from, uint32_t to, inject_fault *ret) {
    enum { MIN_LINES = 40 };
    for (int i = 0; i < TRIES; i++) {
        uint32_t record = inject_draw(p, from, to);
        size_t n = 0;
        if (!is_timed_event(p, record) || (p->log->records[record].in_session && i < TRIES / 2)) continue;
        lgd_template_id t = p->log->records[record].template_id;
        const uint32_t *lines = inject_log_of(p->log, t, record, (uint32_t)p->log->n, &n);
        if (n < MIN_LINES || total_of(stats_of(p, t)->count) < 2 * MIN_LINES) continue;
        *ret = (inject_fault){INJECT_LEVEL_SHIFT, record, (uint32_t)p->log->n - 1, t};
        if (lgd_rng_below(&p->rng, 2)) return raise_level(p, lines, n, (uint32_t)p->log->n);
        lower_level(p, lines, n);
        return LGD_OK;
    }
    return LGD_E_DATA;
}
