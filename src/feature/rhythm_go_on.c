/*
 * feature/rhythm_go_on: a rhythm for an update: the older one, faded, for learning to go on upon.
 *
 * Events and the time they were read in fade by the same weight, so that rates stay as they are until new ones come.
 * Extremes and peaks shrink by it: one that does not come again is half as large after a half-life, and a larger one that
 * comes is taken at once. Days, inputs and times of the day do not fade: they are few, and say what is kept always.
 * Templates that had too few events for a rhythm begin theirs anew. Cost: linear in the older rhythm.
 */
#include "rhythm.h"

static uint32_t faded(uint32_t n, double weight) { return (uint32_t)(weight * n + 0.5); }

static void fade_beat(double weight, beat *b) {
    for (int c = 0; c < CELLS; c++) b->cells[c] = faded(b->cells[c], weight);
    for (int w = 0; w < WIDTHS; w++) b->peak[w] = faded(b->peak[w], weight);
    for (int t = 0; t < TAILS; t++)
        for (int f = 0; f < LGD_FOLDS; f++)
            for (int k = 0; k < TAIL_TOP; k++) b->tails[t].top[f][k] *= (float)weight;
    b->longest_ns = (uint64_t)(weight * (double)b->longest_ns);
    double pauses = (double)b->n_pauses;
    b->n_pauses = (uint64_t)(weight * pauses);
    double left = pauses > 0 ? (double)b->n_pauses / pauses : 0; /* means stay */
    b->pause_sum *= left;
    b->pause_squares *= left;
}

static lgd_status keep_beats(const lgd_rhythm *old, double weight, lgd_rhythm *r, lgd_err *err) {
    r->older = lgd_calloc(old->n_beats, sizeof *r->older);
    if (!r->older) return lgd_fail_memory(err, old->n_beats * sizeof *r->older);
    for (size_t i = 0; i < old->n_beats; i++) {
        r->older[i] = old->beats[i];
        fade_beat(weight, &r->older[i]);
        memcpy(r->cells[r->older[i].id], r->older[i].cells, sizeof *r->cells);
    }
    return LGD_OK;
}

lgd_status lgd_rhythm_go_on(const lgd_rhythm *old, size_t n_templates, double weight, lgd_rhythm **ret, lgd_err *err) {
    lgd_rhythm *r = NULL;
    LGD_TRY(lgd_rhythm_new(n_templates, &r, err));
    r->n_events = (uint64_t)(weight * (double)old->n_events);
    r->n_sources = old->n_sources;
    memcpy(r->sources, old->sources, sizeof r->sources);
    for (size_t k = 0; k < r->n_sources; k++)
        for (int c = 0; c < CELLS; c++) {
            r->sources[k].exposure[c] = (uint64_t)(weight * (double)r->sources[k].exposure[c]);
            days_close(&r->sources[k].days[c]);
        }
    for (size_t i = 0; i < old->n_templates && i < n_templates; i++) {
        r->pulses[i] = old->pulses[i];
        r->pulses[i].count = old->pulses[i].beat ? faded(old->pulses[i].count, weight) : 0;
        r->pulses[i].in_input = 0;
        for (uint8_t t = 0; t < r->pulses[i].n_times; t++) days_close(&r->pulses[i].times[t].days);
    }
    lgd_status status = keep_beats(old, weight, r, err);
    if (status == LGD_OK)
        *ret = r;
    else
        lgd_rhythm_free(r);
    return status;
}
