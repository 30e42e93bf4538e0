/*
 * feature/measure: the second pass over the training: the most extreme pauses and windows of each template, by fold.
 *
 * A pause is the time between two events of a template in one input, and also that from the beginning of the input to the
 * first and from the last to its end: what a run does only in its first minute is silent for the rest of it, and that is
 * how it should be. A window is one of the clock; the last of each width is closed by the next event in a later one, or
 * by the end of the input. Cost: O(1) an event, O(templates) an input.
 */
#include "rhythm.h"

#include <math.h>
#include <stdlib.h>

static void take(lgd_rhythm *r, size_t row, int t, double value, int64_t start_ns) {
    if (value <= 0) return;
    int k = tail_take(r->beats[row].tails[t].top[r->fold], value);
    place *places = r->places[row][t][r->fold];
    if (k < 0) return;
    memmove(places + k + 1, places + k, (size_t)(TAIL_TOP - 1 - k) * sizeof *places);
    places[k] = (place){r->file, start_ns};
}

static void take_pause(lgd_rhythm *r, size_t row, int64_t from, int64_t to) {
    beat *b = &r->beats[row];
    int64_t pause = elapsed_ns(from, to);
    double s = (double)pause * 1e-9;
    take(r, row, 0, rhythm_expected(b, from, to), from);
    if ((uint64_t)pause > b->longest_ns) b->longest_ns = (uint64_t)pause;
    b->n_pauses++;
    b->pause_sum += s;
    b->pause_squares += s * s;
}

static void close_window(lgd_rhythm *r, size_t row, int w) {
    beat_state *s = &r->states[row];
    int64_t start = s->window[w] * rhythm_width_ns[w];
    uint32_t n = s->count[w];
    if (n == 0) return;
    double mu = rhythm_expected(&r->beats[row], start, start + rhythm_width_ns[w]);
    take(r, row, 1 + w, rhythm_extent(n, mu), start);
    if (n > r->beats[row].peak[w]) r->beats[row].peak[w] = n;
    s->count[w] = 0;
}

/* The pause up to the end is one for the extremes and the longest, but no usual one. */
void measure_end_input(lgd_rhythm *r) {
    for (size_t row = 0; row < r->n_beats; row++) {
        beat_state *s = &r->states[row];
        beat *b = &r->beats[row];
        if (s->input != r->input || r->now_ns == LGD_NO_TIME) continue;
        int64_t pause = elapsed_ns(s->last_ns, r->now_ns);
        for (int w = 0; w < WIDTHS; w++) close_window(r, row, w);
        take(r, row, 0, rhythm_expected(b, s->last_ns, r->now_ns), s->last_ns);
        if ((uint64_t)pause > b->longest_ns) b->longest_ns = (uint64_t)pause;
    }
}

static void begin_row(lgd_rhythm *r, size_t row) {
    beat *b = &r->beats[row];
    int64_t pause = elapsed_ns(r->first_ns, r->now_ns);
    r->states[row] = (beat_state){.input = r->input, .last_ns = r->now_ns};
    take(r, row, 0, rhythm_expected(b, r->first_ns, r->now_ns), r->first_ns);
    if ((uint64_t)pause > b->longest_ns) b->longest_ns = (uint64_t)pause;
}

static void measure_one(lgd_rhythm *r, size_t row) {
    beat_state *s = &r->states[row];
    if (s->input != r->input)
        begin_row(r, row);
    else
        take_pause(r, row, s->last_ns, r->now_ns);
    s->last_ns = r->now_ns;
    for (int w = 0; w < WIDTHS; w++) {
        int64_t window = r->now_ns / rhythm_width_ns[w];
        if (window != s->window[w]) close_window(r, row, w);
        s->window[w] = window;
        s->count[w]++;
    }
}

lgd_status lgd_rhythm_measure(lgd_rhythm *r, const lgd_events *e, uint64_t first, uint64_t block_events, uint32_t file,
                              lgd_err *err) {
    (void)err;
    r->file = file;
    for (size_t i = 0; i < e->n; i++) {
        lgd_template_id id = e->template_id[i];
        int64_t ns = steady_ns(e, i, r->now_ns, &r->doubt_ns);
        r->n_events++;
        r->fold = lgd_fold_of(first + i, block_events);
        if (ns == LGD_NO_TIME) continue;
        if (r->now_ns == LGD_NO_TIME) r->first_ns = ns;
        r->now_ns = ns;
        if (id < r->n_templates && r->pulses[id].beat) measure_one(r, r->pulses[id].beat - 1);
    }
    return LGD_OK;
}

lgd_status lgd_rhythm_finish(lgd_rhythm *r, lgd_err *err) {
    (void)err;
    measure_end_input(r);
    rhythm_calibrate(r);
    return LGD_OK;
}

/* ---- signals of the training ---- */

static int by_place(const void *a, const void *b) {
    const lgd_rhythm_cross *x = a, *y = b;
    if (x->file != y->file) return x->file < y->file ? -1 : 1;
    if (x->start_ns != y->start_ns) return x->start_ns < y->start_ns ? -1 : 1;
    return (x->template_id > y->template_id) - (x->template_id < y->template_id);
}

/* Those of one tail of one fold go behind *n; out may be NULL to count them. */
static void cross_tail(const lgd_rhythm *r, size_t row, int t, int f, double least_bits, lgd_rhythm_cross *out,
                       size_t *n) {
    const beat *b = &r->beats[row];
    tail_shape others;
    if (!tail_shape_of(&b->tails[t], f, &others)) return;
    for (int k = 0; k < TAIL_TOP && b->tails[t].top[f][k] > 0; k++) {
        double x = tail_excess(&others, (double)b->tails[t].top[f][k]);
        double bits = exceedances_bits(t ? &r->burst : &r->silent, x, r->n_events);
        if (x <= 0 || bits < least_bits) return;
        const place *p = &r->places[row][t][f][k];
        if (p->file == NO_FILE) continue; /* an earlier training told it */
        if (out) out[*n] = (lgd_rhythm_cross){p->file, p->start_ns, b->id, bits};
        ++*n;
    }
}

static size_t cross_all(const lgd_rhythm *r, double least_bits, lgd_rhythm_cross *out) {
    size_t n = 0;
    for (size_t row = 0; row < r->n_beats; row++)
        for (int t = 0; t < TAILS; t++)
            for (int f = 0; f < LGD_FOLDS; f++) cross_tail(r, row, t, f, least_bits, out, &n);
    return n;
}

lgd_status lgd_rhythm_signals(const lgd_rhythm *r, double least_bits, lgd_rhythm_cross **ret, size_t *ret_n,
                              lgd_err *err) {
    size_t n = cross_all(r, least_bits, NULL);
    lgd_rhythm_cross *out = lgd_alloc(n * sizeof *out);
    if (!out) return lgd_fail_memory(err, n * sizeof *out);
    (void)cross_all(r, least_bits, out);
    qsort(out, n, sizeof *out, by_place);
    *ret = out;
    *ret_n = n;
    return LGD_OK;
}
