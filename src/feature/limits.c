/*
 * feature/limits: rhythm and the least surprise that is told -> how long each template may pause, how often it may come,
 * and when it has to come. Worked out once, so that an event costs a comparison.
 */
#include "listen.h"

#include <math.h>

static uint32_t least_count(double extent, double mu) {
    uint32_t high = MIN_BURST;
    while (high < 1u << 30 && rhythm_extent(high, mu) < extent) high *= 2;
    if (high >= 1u << 30) return UINT32_MAX;
    uint32_t low = MIN_BURST;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (rhythm_extent(middle, mu) < extent)
            low = middle + 1;
        else
            high = middle;
    }
    return high;
}

static void set_limits(const lgd_rhythm *r, const beat *b, double silent_x, double burst_x, limits *ret) {
    float quietest = b->rate[0];
    for (int c = 1; c < CELLS; c++)
        if (b->rate[c] < quietest) quietest = b->rate[c];
    ret->constant = rhythm_is_constant(r, &r->pulses[b->id]);
    ret->pause = tail_shape_of(&b->tails[0], -1, &ret->shapes[0]) ? tail_value(&ret->shapes[0], silent_x) : HUGE_VAL;
    for (int w = 0; w < WIDTHS; w++) {
        ret->least[w] = UINT32_MAX;
        if (tail_shape_of(&b->tails[1 + w], -1, &ret->shapes[1 + w]))
            ret->least[w] = least_count(tail_value(&ret->shapes[1 + w], burst_x),
                                        (double)quietest * (double)rhythm_width_ns[w] * 1e-9);
    }
}

static void add_appointments(lgd_listener *l, lgd_template_id id) {
    static const double most_late_s = 6 * 3600;
    const pulse *p = &l->r->pulses[id];
    for (uint8_t i = 0; i < p->n_times; i++) {
        const daily_time *d = &p->times[i];
        if (!rhythm_is_daily(l->r, p, d)) continue;
        daily_shape shape = daily_shape_of(d);
        double late = daily_reach(&shape, l->least_bits);
        if (late > most_late_s) continue; /* too vague to be one */
        if (late > MISS_S) late = MISS_S;
        if (l->appointments) {
            l->appointments[l->n_appointments] =
                (appointment){.id = id, .weekend = d->weekend, .shape = shape, .late_s = late, .n = d->days.n};
            if (!l->first_appointment[id]) l->first_appointment[id] = (uint32_t)l->n_appointments + 1;
        }
        l->n_appointments++;
    }
}

static lgd_status make_appointments(lgd_listener *l, lgd_err *err) {
    for (size_t i = 0; i < l->r->n_templates; i++) add_appointments(l, (lgd_template_id)i);
    l->appointments = lgd_calloc(l->n_appointments, sizeof *l->appointments);
    l->first_appointment = lgd_calloc(l->r->n_templates, sizeof *l->first_appointment);
    if (!l->appointments || !l->first_appointment)
        return lgd_fail_memory(err, l->n_appointments * sizeof *l->appointments);
    l->n_appointments = 0;
    for (size_t i = 0; i < l->r->n_templates; i++) add_appointments(l, (lgd_template_id)i);
    return LGD_OK;
}

lgd_status listener_set_limits(lgd_listener *l, lgd_err *err) {
    const lgd_rhythm *r = l->r;
    l->limits = lgd_calloc(r->n_beats, sizeof *l->limits);
    if (!l->limits) return lgd_fail_memory(err, r->n_beats * sizeof *l->limits);
    double silent_x = exceedances_reach(&r->silent, l->least_bits, r->n_events);
    double burst_x = exceedances_reach(&r->burst, l->least_bits, r->n_events);
    for (size_t i = 0; i < r->n_beats; i++) set_limits(r, &r->beats[i], silent_x, burst_x, &l->limits[i]);
    return make_appointments(l, err);
}
