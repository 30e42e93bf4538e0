/*
 * feature/value: what a slot of a template usually holds. A slot of few values keeps them with their counts; a slot of
 * numbers keeps a histogram by octave (a log-bucket sketch of base 2, after DDSketch, Masson et al. 2019).
 *
 * Surprise of a value: -log2 of the share of values as rare or rarer, and for one never seen of those that came anew in one
 * fold (Good-Turing, with folds in place of single values); and no more than Witten and Bell's (1991) for one, distinct
 * values over values: where each run of a program brings a value of its own, which then comes often, none is rare, and yet
 * a new one is nothing new.
 * Of a number: -log2 of the share of numbers as extreme, two bits more for each empty octave beyond all of them. In
 * training the number itself is left out (own = 1), and a value that only its own fold has is one never seen.
 */
#include "feature.h"

#include <math.h>

static const uint32_t min_values = 50; /* fewer say nothing about what is rare */

uint32_t lgd_value_hash(lgd_sv text) { return (uint32_t)lgd_hash_sv(text, 0x76616c7565u); }

static value_entry *find_value(const slot_stats *s, uint32_t hash) {
    for (uint8_t i = 0; i < s->n_values; i++)
        if (s->values[i].hash == hash) return (value_entry *)(uintptr_t)&s->values[i];
    return NULL;
}

/* Octave of |x|, negative numbers below zero, zero in the middle: 0..OCTAVES-1. */
static int octave_of(double x) {
    if (x == 0) return OCTAVES / 4;
    int e = 0;
    (void)frexp(x, &e); /* |x| in [2^(e-1), 2^e) */
    int limit = OCTAVES / 4 - 1;
    if (x < 0) return limit - (e < 0 ? 0 : e > limit ? limit : e);
    int octave = OCTAVES / 4 + 8 + e;
    int least = OCTAVES / 4 + 1;
    return octave < least ? least : octave >= OCTAVES ? OCTAVES - 1 : octave;
}

/* The inverse of octave_of: the outermost octaves hold all that is beyond them, those next to zero all that is between. */
void octave_bounds(int octave, double *ret_low, double *ret_high) {
    const int zero = OCTAVES / 4;
    *ret_low = *ret_high = 0;
    if (octave > zero) {
        double low = ldexp(1, octave - zero - 9);
        *ret_low = octave == zero + 1 ? 0 : low;
        *ret_high = octave == OCTAVES - 1 ? HUGE_VAL : 2 * low;
    } else if (octave < zero) {
        double low = -ldexp(1, zero - 1 - octave);
        *ret_low = octave == 0 ? -HUGE_VAL : low;
        *ret_high = octave == zero - 1 ? 0 : low / 2;
    }
}

bool slot_convert(const slot_stats *s, double number, lgd_sv unit, double *ret) {
    double ratio = 1;
    lgd_sv own = {s->unit, s->unit_n};
    bool any = s->n_units == 0 || number == 0; /* nothing is nothing in any unit */
    if (s->n_units > 1 || (!any && !lgd_unit_ratio(unit, own, &ratio)) || !isfinite(number * ratio)) return false;
    *ret = number * ratio;
    return true;
}

static void learn_unit(slot_stats *s, const lgd_observation *o) {
    double x;
    if (s->n_units == 0 && (o->number != 0 || o->unit.n)) {
        s->n_units = 1;
        s->unit_n = (uint8_t)(o->unit.n <= UNIT_TEXT ? o->unit.n : 0);
        if (s->unit_n) memcpy(s->unit, o->unit.p, s->unit_n);
    }
    if (!slot_convert(s, o->number, o->unit, &x)) s->n_units = 2;
}

static void learn_number(slot_stats *s, const lgd_observation *o) {
    double x = o->number;
    learn_unit(s, o);
    if (!slot_convert(s, o->number, o->unit, &x)) {
        s->n_numbers++;
        return;
    }
    double log_x = x < 0 ? -log2(1 - x) : log2(1 + x), change = s->n_numbers ? log_x - s->last_log : 0;
    if (s->n_numbers == 0 || x < s->min) s->min = x;
    if (s->n_numbers == 0 || x > s->max) s->max = x;
    s->last_log = log_x;
    s->log_sum += log_x;
    s->log_squares += log_x * log_x;
    s->step_squares += change * change;
    s->octaves[octave_of(x)]++;
    s->n_numbers++;
}

/* The ratio of von Neumann (1941): mean squared step over twice the variance, 1 for values drawn independently, near 0
 * for process ids and counters, which stay or grow slowly and are then elsewhere for good. */
bool slot_is_quantity(const slot_stats *s) {
    if (s->n_numbers < min_values || s->n_units > 1) return false;
    double n = s->n_numbers, mean = s->log_sum / n, variance = s->log_squares / n - mean * mean;
    return variance < 1e-9 || s->step_squares / (n - 1) >= 0.5 * 2 * variance;
}

void slot_learn(slot_stats *s, const lgd_observation *o, occasion at) {
    if (s->n == UINT32_MAX) return;
    s->n++;
    if (o->type < LGD_VALUE_TYPES) s->types |= 1u << o->type;
    if (o->is_number) learn_number(s, o);
    if (s->open) return;
    value_entry *v = find_value(s, o->hash);
    if (v) {
        v->count++;
        v->folds |= (uint8_t)(1u << at.fold);
    } else if (s->n_values == MAX_VALUES) {
        s->open = true;
    } else {
        v = &s->values[s->n_values++];
        *v = (value_entry){.hash = o->hash, .count = 1, .folds = (uint8_t)(1u << at.fold), .first_event = at.event};
        v->before = s->n - 1;
        v->n = (uint8_t)lgd_sv_cut(o->text, VALUE_TEXT).n;
        v->cut = v->n < o->text.n;
        if (v->n) memcpy(v->text, o->text.p, v->n);
    }
}

/* Values that all but the own fold were without: they came anew, and by as much is the next one no surprise. A place whose
 * values change from run to run, as ids of a start do, has only such ones. */
static uint64_t came_anew(const slot_stats *s) {
    uint64_t sum = 0;
    for (uint8_t i = 0; i < s->n_values; i++)
        if ((s->values[i].folds & (s->values[i].folds - 1)) == 0) sum += s->values[i].count;
    return sum;
}

static uint64_t at_most_as_frequent(const slot_stats *s, uint32_t count) {
    uint64_t sum = 0;
    for (uint8_t i = 0; i < s->n_values; i++)
        if (s->values[i].count <= count) sum += s->values[i].count;
    return sum;
}

/* Whether it was there before, as far as a training may know: of what its other folds have, the event that brought it is to
 * tell nonetheless how often a new value comes, once the place was known. */
static bool is_known(const slot_stats *s, const value_entry *v, occasion at) {
    if (at.fold < 0) return true;
    bool brought = v->first_event == at.event && v->before >= min_values && v->before >= s->n / 2;
    return !brought && (v->folds & ~(1u << at.fold)) != 0;
}

double slot_value_bits(const slot_stats *s, const lgd_observation *o, occasion at) {
    if (s->open || s->n < min_values || o->is_number) return 0;
    const value_entry *v = find_value(s, o->hash);
    bool known = v && is_known(s, v, at);
    uint64_t as_rare = came_anew(s) + 1, as_frequent = known ? at_most_as_frequent(s, v->count) + 1 : 0;
    if (as_frequent > as_rare) as_rare = as_frequent;
    if (as_rare < s->n_values) as_rare = s->n_values;
    return -log2((double)as_rare / (double)((uint64_t)s->n + 1));
}

static bool is_fraction(int octave) {
    const int zero = OCTAVES / 4;
    return octave == zero - 1 || (octave > zero && octave < zero + 9);
}

/* Octaves from one to another. Where no fraction was seen and none is now, 1 is next to 0. */
static int octaves_between(const slot_stats *s, int from, int to) {
    int n = 0, fractions = 0;
    bool whole = !is_fraction(from) && !is_fraction(to);
    for (int i = 0; i < OCTAVES && whole; i++) whole = !is_fraction(i) || s->octaves[i] == 0;
    for (int i = from; i < to; i++, n++) fractions += is_fraction(i);
    return whole ? n - fractions : n;
}

double slot_number_bits(const slot_stats *s, const lgd_observation *o, uint32_t own) {
    double x;
    if (!o->is_number || !slot_is_quantity(s) || !slot_convert(s, o->number, o->unit, &x)) return 0;
    int at = octave_of(x), first = 0, last = OCTAVES - 1;
    uint64_t above = 0, below = 0;
    for (int i = at; i < OCTAVES; i++) above += s->octaves[i];
    for (int i = 0; i <= at; i++) below += s->octaves[i];
    if (own && s->octaves[at]) above--, below--;
    while (first < OCTAVES && s->octaves[first] == 0) first++;
    while (last > 0 && s->octaves[last] == 0) last--;
    uint64_t tail = above < below ? above : below;
    double bits = -log2((double)(tail + 1) / (double)(s->n_numbers + 1)) - 1;
    if (at > last) bits += 2.0 * octaves_between(s, last, at);
    if (at < first) bits += 2.0 * octaves_between(s, at, first);
    return bits > 0 ? bits : 0;
}

bool lgd_baseline_value_is_new(const lgd_baseline *b, const lgd_observation *o) {
    return o->slot < b->n_slots && find_value(&b->slots[o->slot], o->hash) == NULL;
}
