/*
 * feature/describe: what a slot of a template holds, for people: its range, its median, its most frequent values. Reads
 * the baseline and changes nothing. Cost: O(1).
 */
#include "feature.h"

#include <math.h>
#include <stdlib.h>

void lgd_baseline_describe_values(const lgd_baseline *b, uint32_t slot, lgd_buf *out) {
    if (slot >= b->n_slots) return;
    const slot_stats *s = &b->slots[slot];
    bool told[MAX_VALUES] = {0};
    for (int k = 0; k < 3; k++) { /* the three most frequent, by selection: there are at most sixteen */
        int best = -1;
        for (int i = 0; i < s->n_values; i++)
            if (!told[i] && (best < 0 || s->values[i].count > s->values[best].count)) best = i;
        if (best < 0) break;
        told[best] = true;
        const value_entry *v = &s->values[best];
        if (k) lgd_buf_add_sv(out, LGD_SV(", "));
        lgd_buf_add(out, v->text, v->n);
        if (v->cut) lgd_buf_add_sv(out, LGD_SV("..."));
        lgd_buf_add_char(out, ' ');
        lgd_format_share(out, v->count, s->n, 0);
    }
    if (s->n_values > 3) lgd_buf_printf(out, ", %u values in all", (unsigned)s->n_values);
}

void lgd_baseline_describe_range(const lgd_baseline *b, uint32_t slot, lgd_buf *out) {
    char low[32], high[32];
    if (slot >= b->n_slots) return;
    const slot_stats *s = &b->slots[slot];
    size_t n_low = lgd_format_f64(s->min, low), n_high = lgd_format_f64(s->max, high);
    lgd_buf_printf(out, "%.*s to %.*s", (int)n_low, low, (int)n_high, high);
    if (s->unit_n) lgd_buf_printf(out, " %.*s", (int)s->unit_n, s->unit);
    lgd_buf_printf(out, " in %u values", (unsigned)s->n_numbers);
}

/* ---- a summary ---- */

static double clip(double x, double low, double high) { return x < low ? low : x > high ? high : x; }

/* To two digits: no more are known of what was counted by octave. */
static double rounded(double x) {
    if (x == 0) return 0;
    int power = (int)floor(log10(fabs(x))) - 1;
    double unit = pow(10, abs(power)), digits = power < 0 ? round(x * unit) : round(x / unit);
    double result = power < 0 ? digits / unit : digits * unit;
    return isfinite(unit) && isfinite(result) ? result : x;
}

/* No number between the two is twice another. */
static bool is_narrow(double low, double high) {
    return low == high || (low > 0 && high <= 2 * low) || (high < 0 && low >= 2 * high);
}

/* By rank within the octave that holds it, as if its numbers lay evenly there; false if that octave is one of those
 * that hold much more than a factor of 2. */
static bool median_of_octaves(const slot_stats *s, double *ret) {
    uint64_t n = 0, before = 0;
    int i = 0;
    for (int k = 0; k < OCTAVES; k++) n += s->octaves[k];
    for (; i < OCTAVES - 1 && (s->octaves[i] == 0 || 2 * (before + s->octaves[i]) < n); i++) before += s->octaves[i];
    if (s->octaves[i] == 0) return false;
    double low, high, rank = ((double)n / 2 - (double)before) / (double)s->octaves[i];
    octave_bounds(i, &low, &high);
    low = clip(low, s->min, s->max);
    high = clip(high, s->min, s->max);
    if (!is_narrow(low, high)) return false;
    *ret = clip(rounded(low + (high - low) * rank), low, high);
    return true;
}

/* Exact where the slot keeps all its values and all are numbers; false else. */
static bool median_of_values(const slot_stats *s, double *ret) {
    double numbers[MAX_VALUES];
    uint64_t before = 0;
    if (s->open || s->n_numbers != s->n) return false;
    for (int i = 0; i < s->n_values; i++) {
        lgd_sv unit;
        if (s->values[i].cut || !lgd_value_unit((lgd_sv){s->values[i].text, s->values[i].n}, &numbers[i], &unit))
            return false;
        if (!slot_convert(s, numbers[i], unit, &numbers[i])) return false;
    }
    bool used[MAX_VALUES] = {0};
    for (int k = 0; k < s->n_values; k++) { /* by selection: there are at most sixteen */
        int least = -1;
        for (int i = 0; i < s->n_values; i++)
            if (!used[i] && (least < 0 || numbers[i] < numbers[least])) least = i;
        used[least] = true;
        before += s->values[least].count;
        *ret = numbers[least];
        if (2 * before >= s->n) break;
    }
    return s->n_values > 0;
}

static bool comes_before(const value_entry *a, const value_entry *b) {
    if (a->count != b->count) return a->count > b->count;
    return lgd_sv_cmp((lgd_sv){a->text, a->n}, (lgd_sv){b->text, b->n}) < 0;
}

static void list_values(const slot_stats *s, lgd_slot_summary *ret) {
    const value_entry *sorted[MAX_VALUES];
    if (s->open) return;
    for (size_t i = 0; i < s->n_values; i++) {
        size_t at = i;
        for (; at > 0 && comes_before(&s->values[i], sorted[at - 1]); at--) sorted[at] = sorted[at - 1];
        sorted[at] = &s->values[i];
    }
    ret->n_values = s->n_values;
    for (size_t i = 0; i < s->n_values; i++) {
        ret->values[i].text = (lgd_sv){sorted[i]->text, sorted[i]->n};
        ret->values[i].count = sorted[i]->count;
        ret->values[i].cut = sorted[i]->cut;
    }
}

bool lgd_baseline_slot(const lgd_baseline *b, uint32_t slot, lgd_slot_summary *ret) {
    if (slot >= b->n_slots || b->slots[slot].n == 0) return false;
    const slot_stats *s = &b->slots[slot];
    *ret = (lgd_slot_summary){.n = s->n, .n_numbers = s->n_numbers, .types = s->types, .many = s->open};
    list_values(s, ret);
    ret->mixed = s->n_units > 1;
    if (s->n_numbers == 0 || ret->mixed) return true;
    ret->unit = (lgd_sv){s->unit, s->unit_n};
    ret->min = s->min;
    ret->max = s->max;
    ret->exact = median_of_values(s, &ret->median);
    ret->has_median = ret->exact || median_of_octaves(s, &ret->median);
    return true;
}

int64_t lgd_baseline_first_ns(const lgd_baseline *b, lgd_template_id t) {
    return t < b->n_templates ? b->templates[t].first_ns : LGD_NO_TIME;
}

int64_t lgd_baseline_last_ns(const lgd_baseline *b, lgd_template_id t) {
    return t < b->n_templates ? b->templates[t].last_ns : LGD_NO_TIME;
}
