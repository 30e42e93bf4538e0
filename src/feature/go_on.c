/*
 * feature/go_on: a baseline for an update: the older one's counters, faded, for learning to go on upon.
 *
 * Counts of events fade by systematic rounding (lgd_fading), those of one template with one offset, so that what has to
 * add up does: its folds, and its hours to no more than these. Sums of logarithms keep their mean. Maxima shrink by the
 * weight: a peak that does not come again is half as high after a half-life, and a higher one that comes is taken at once.
 * What is derived from the counts is added up anew. Cost: linear in the baseline.
 */
#include "fader.h"
#include "feature.h"

#include <math.h>

/* ---- templates ---- */

static void fade_template(const fader *f, uint32_t id, const template_stats *from, template_stats *t) {
    lgd_fading own = fader_begin(f, id);
    double before = (double)total_of(from->count);
    fade_counts(own, from->count, LGD_FOLDS, t->count);
    fade_counts(own, from->hours, HOURS, t->hours);
    double left = before > 0 ? (double)total_of(t->count) / before : 0;
    uint32_t hours = 0;
    for (int h = 0; h < HOURS; h++) hours |= (uint32_t)(t->hours[h] > 0) << h;
    t->log_length_sum = left * from->log_length_sum;
    t->log_length_squares = left * from->log_length_squares;
    for (int i = 0; i < LGD_FOLDS; i++) {
        t->hour_folds[i] = from->hour_folds[i] & hours;
        t->peak[i] = (uint32_t)fade_one(own, from->peak[i]);
        t->gap_max_ns[i] = (int64_t)(f->weight * (double)from->gap_max_ns[i]);
    }
    t->first_ns = from->first_ns;
    t->last_ns = from->last_ns;
}

/* ---- slots ---- */

/* What is gone leaves its place. */
static void fade_values(lgd_fading own, slot_stats *s) {
    uint8_t n = 0;
    for (uint8_t i = 0; i < s->n_values; i++) {
        s->values[i].count = (uint32_t)lgd_fading_next(&own, s->values[i].count);
        if (s->values[i].count) s->values[n++] = s->values[i];
    }
    s->n_values = n;
}

/* The range is known to an octave: it ends where the outermost one that is left does. */
static void narrow_range(slot_stats *s) {
    int first = 0, last = OCTAVES - 1;
    double low, high, unused;
    while (first < last && s->octaves[first] == 0) first++;
    while (last > first && s->octaves[last] == 0) last--;
    octave_bounds(first, &low, &unused);
    octave_bounds(last, &unused, &high);
    if (s->min < low) s->min = low;
    if (s->max > high) s->max = high;
}

/* The last number is not kept: the mean stands for it, which is half as far from the next one as another number is. */
static void fade_numbers(lgd_fading own, slot_stats *s) {
    double before = s->n_numbers;
    s->n_numbers = (uint32_t)fade_one(own, s->n_numbers);
    if (s->n_numbers == 0) {
        memset(s->octaves, 0, sizeof s->octaves);
        s->n_units = s->unit_n = 0;
        s->min = s->max = s->last_log = s->log_sum = s->log_squares = s->step_squares = 0;
        return;
    }
    double left = (double)s->n_numbers / before;
    fade_counts(own, s->octaves, OCTAVES, s->octaves);
    s->log_sum *= left;
    s->log_squares *= left;
    s->step_squares *= left;
    s->last_log = s->log_sum / (double)s->n_numbers;
    if (s->n_units < 2) narrow_range(s);
}

static void fade_slot(const fader *f, size_t slot, const slot_stats *from, slot_stats *s) {
    lgd_fading own = fader_begin(f, UINT64_C(1) << 32 | slot);
    uint32_t n = (uint32_t)fade_one(own, from->n);
    if (n == 0) return;
    *s = *from;
    s->n = n;
    fade_values(own, s);
    if (s->n_numbers) fade_numbers(own, s);
}

/* ---- transitions ---- */

static lgd_status fade_pair(const fader *f, const pair_row *from, lgd_baseline *b, lgd_err *err) {
    pair_row faded = *from;
    lgd_fading own = fader_begin(f, UINT64_C(1) << 63 | (uint64_t)from->previous << 32 | from->next);
    fade_counts(own, from->count, LGD_FOLDS, faded.count);
    if (total_of(faded.count) == 0) return LGD_OK;
    LGD_TRY(baseline_add_pair(b, from->previous, from->next, 0, err)); /* counts one, which is not meant */
    b->templates[from->previous].followed[0]--;
    b->pairs[b->n_pairs - 1] = faded;
    for (int i = 0; i < LGD_FOLDS; i++) b->templates[from->previous].followed[i] += faded.count[i];
    return LGD_OK;
}

/* ---- all of it ---- */

static void add_up(lgd_baseline *b) {
    for (size_t i = 0; i < b->n_templates; i++) {
        const template_stats *t = &b->templates[i];
        b->n_events += total_of(t->count);
        for (int f = 0; f < LGD_FOLDS; f++) b->fold_events[f] += t->count[f];
        for (int h = 0; h < HOURS; h++) b->hours[h] += t->hours[h];
    }
}

static void fade_totals(const fader *f, const lgd_baseline *old, lgd_baseline *b) {
    lgd_fading own = fader_begin(f, UINT64_MAX);
    b->n_streams = fade_one(own, old->n_streams);
    b->stream_events = fade_one(own, old->stream_events);
    b->warnings = fade_one(own, old->warnings);
    if (b->warnings > b->n_events) b->warnings = b->n_events;
    b->start_ns = old->start_ns;
    b->end_ns = old->end_ns;
    for (int i = 0; i < LGD_FOLDS; i++) b->warning_peak[i] = f->weight * old->warning_peak[i];
    for (int h = 0; h < HOURS; h++) {
        b->hour_days[h] = (uint32_t)fade_one(own, old->hour_days[h]);
        /* the day that the older one ended on was counted */
        if (old->end_ns != LGD_NO_TIME && b->hours[h])
            b->hour_last_day[h] = old->end_ns / (86400 * INT64_C(1000000000));
    }
}

lgd_status lgd_baseline_go_on(const lgd_baseline *old, size_t n_templates, size_t n_slots, double weight, uint64_t salt,
                              lgd_baseline **ret, lgd_err *err) {
    const fader f = {weight, salt};
    lgd_baseline *b = NULL;
    lgd_status status = lgd_baseline_new(n_templates, n_slots, &b, err);
    if (status != LGD_OK) return status;
    for (size_t i = 0; i < old->n_templates; i++) fade_template(&f, (uint32_t)i, &old->templates[i], &b->templates[i]);
    for (size_t i = 0; i < old->n_slots; i++) fade_slot(&f, i, &old->slots[i], &b->slots[i]);
    for (size_t i = 0; i < old->n_pairs && status == LGD_OK; i++) status = fade_pair(&f, &old->pairs[i], b, err);
    add_up(b);
    fade_totals(&f, old, b);
    if (status == LGD_OK)
        *ret = b;
    else
        lgd_baseline_free(b);
    return status;
}
