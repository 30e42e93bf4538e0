/*
 * feature/save: the baseline in the model file. Counters go as they are; what is derived is derived again on loading.
 */
#include "feature.h"

static void put_folds(lgd_buf *out, const uint32_t *folds) {
    for (int f = 0; f < LGD_FOLDS; f++) lgd_put_u32(out, folds[f]);
}

static void get_folds(lgd_cursor *c, uint32_t *folds) {
    for (int f = 0; f < LGD_FOLDS; f++) folds[f] = lgd_get_u32(c);
}

static void put_template(lgd_buf *out, const template_stats *t) {
    put_folds(out, t->count);
    put_folds(out, t->followed);
    put_folds(out, t->peak);
    lgd_put_u32(out, t->successors);
    for (int h = 0; h < HOURS; h++) lgd_put_u32(out, t->hours[h]);
    put_folds(out, t->hour_folds);
    for (int f = 0; f < LGD_FOLDS; f++) lgd_put_i64(out, t->gap_max_ns[f]);
    lgd_put_f64(out, t->log_length_sum);
    lgd_put_f64(out, t->log_length_squares);
    lgd_put_i64(out, t->first_ns);
    lgd_put_i64(out, t->last_ns);
}

static void get_template(lgd_cursor *c, template_stats *t) {
    get_folds(c, t->count);
    get_folds(c, t->followed);
    get_folds(c, t->peak);
    t->successors = lgd_get_u32(c);
    for (int h = 0; h < HOURS; h++) t->hours[h] = lgd_get_u32(c);
    get_folds(c, t->hour_folds);
    for (int f = 0; f < LGD_FOLDS; f++) t->gap_max_ns[f] = lgd_get_i64(c);
    t->log_length_sum = lgd_get_f64(c);
    t->log_length_squares = lgd_get_f64(c);
    t->first_ns = lgd_get_i64(c);
    t->last_ns = lgd_get_i64(c);
}

static void put_slot(lgd_buf *out, const slot_stats *s) {
    lgd_put_u32(out, s->n);
    lgd_put_u32(out, s->n_numbers);
    lgd_put_u32(out, s->types);
    lgd_put_u8(out, s->open);
    lgd_put_u8(out, s->open ? 0 : s->n_values);
    for (uint8_t v = 0; !s->open && v < s->n_values; v++) {
        lgd_put_u32(out, s->values[v].hash);
        lgd_put_u32(out, s->values[v].count);
        lgd_put_u8(out, s->values[v].folds);
        lgd_put_u8(out, s->values[v].cut);
        lgd_put_sv(out, (lgd_sv){s->values[v].text, s->values[v].n});
    }
    if (s->n_numbers == 0) return;
    for (int o = 0; o < OCTAVES; o++) lgd_put_u32(out, s->octaves[o]);
    lgd_put_u8(out, s->n_units);
    lgd_put_sv(out, (lgd_sv){s->unit, s->unit_n});
    lgd_put_f64(out, s->min);
    lgd_put_f64(out, s->max);
    lgd_put_f64(out, s->log_sum);
    lgd_put_f64(out, s->log_squares);
    lgd_put_f64(out, s->step_squares);
}

static void get_unit(lgd_cursor *c, slot_stats *s) {
    s->n_units = lgd_get_u8(c);
    lgd_sv unit = lgd_get_sv(c);
    if (s->n_units > 2 || unit.n > UNIT_TEXT) c->bad = true;
    s->unit_n = (uint8_t)(c->bad ? 0 : unit.n);
    if (s->unit_n) memcpy(s->unit, unit.p, unit.n);
}

static void get_slot(lgd_cursor *c, slot_stats *s) {
    s->n = lgd_get_u32(c);
    s->n_numbers = lgd_get_u32(c);
    s->types = lgd_get_u32(c);
    if (s->types >> LGD_VALUE_TYPES) c->bad = true;
    s->open = lgd_get_u8(c) != 0;
    s->n_values = lgd_get_u8(c);
    if (s->n_values > MAX_VALUES) c->bad = true;
    for (uint8_t v = 0; !c->bad && v < s->n_values; v++) {
        s->values[v].hash = lgd_get_u32(c);
        s->values[v].count = lgd_get_u32(c);
        s->values[v].folds = lgd_get_u8(c);
        if (s->values[v].folds == 0 || s->values[v].folds >> LGD_FOLDS) c->bad = true;
        s->values[v].cut = lgd_get_u8(c) != 0;
        s->values[v].first_event = NOT_HERE;
        lgd_sv text = lgd_get_sv(c);
        if (text.n > VALUE_TEXT) c->bad = true;
        s->values[v].n = (uint8_t)(c->bad ? 0 : text.n);
        if (s->values[v].n) memcpy(s->values[v].text, text.p, text.n);
    }
    if (s->n_numbers == 0) return;
    for (int o = 0; o < OCTAVES; o++) s->octaves[o] = lgd_get_u32(c);
    get_unit(c, s);
    s->min = lgd_get_f64(c);
    s->max = lgd_get_f64(c);
    s->log_sum = lgd_get_f64(c);
    s->log_squares = lgd_get_f64(c);
    s->step_squares = lgd_get_f64(c);
}

lgd_status lgd_baseline_save(const lgd_baseline *b, lgd_buf *out, lgd_err *err) {
    lgd_put_u64(out, b->n_events);
    lgd_put_u64(out, b->warnings);
    lgd_put_u64(out, b->n_streams);
    lgd_put_u64(out, b->stream_events);
    lgd_put_i64(out, b->start_ns);
    lgd_put_i64(out, b->end_ns);
    for (int f = 0; f < LGD_FOLDS; f++) lgd_put_u64(out, b->fold_events[f]);
    for (int f = 0; f < LGD_FOLDS; f++) lgd_put_f64(out, b->warning_peak[f]);
    for (int h = 0; h < HOURS; h++) lgd_put_u64(out, b->hours[h]);
    for (int h = 0; h < HOURS; h++) lgd_put_u32(out, b->hour_days[h]);
    for (size_t i = 0; i < b->n_templates; i++) put_template(out, &b->templates[i]);
    for (size_t i = 0; i < b->n_slots; i++) put_slot(out, &b->slots[i]);
    lgd_put_u32(out, (uint32_t)b->n_pairs);
    for (size_t i = 0; i < b->n_pairs; i++) {
        lgd_put_u32(out, b->pairs[i].previous);
        lgd_put_u32(out, b->pairs[i].next);
        put_folds(out, b->pairs[i].count);
    }
    return out->failed ? lgd_fail_memory(err, out->n) : LGD_OK;
}

static lgd_status load_pairs(lgd_baseline *b, lgd_cursor *c, lgd_err *err) {
    size_t n = lgd_get_count(c, 28);
    for (size_t i = 0; i < n && !c->bad; i++) {
        lgd_template_id previous = lgd_get_u32(c), next = lgd_get_u32(c);
        uint32_t folds[LGD_FOLDS];
        get_folds(c, folds);
        bool known = previous < b->n_templates && next < b->n_templates && n <= MAX_PAIRS;
        if (c->bad || !known || baseline_pair(b, previous, next)) {
            c->bad = true;
            break;
        }
        template_stats saved = b->templates[previous];
        LGD_TRY(baseline_add_pair(b, previous, next, 0, err));
        b->templates[previous] = saved; /* its sums were loaded already */
        memcpy(b->pairs[b->n_pairs - 1].count, folds, sizeof folds);
    }
    return LGD_OK;
}

/* What scoring divides by and takes logarithms of are the sums that learning makes: counts of templates add up to the
 * events, hours to no more than the counts, and no transition is more frequent than what precedes it. */
static bool template_adds_up(const template_stats *t) {
    static const double most_log = 23; /* log(1 + UINT32_MAX), the longest message */
    uint64_t hours = 0;
    for (int h = 0; h < HOURS; h++) hours += t->hours[h];
    for (int f = 0; f < LGD_FOLDS; f++)
        if (t->gap_max_ns[f] < 0) return false;
    if (t->successors == 0 && total_of(t->followed) > 0) return false;
    double most = most_log * (double)total_of(t->count);
    return hours <= total_of(t->count) && t->first_ns <= t->last_ns && t->log_length_sum >= 0 &&
           t->log_length_sum <= most && t->log_length_squares >= 0 && t->log_length_squares <= most_log * most;
}

static bool folds_add_up(const lgd_baseline *b, int f) {
    uint64_t events = 0;
    for (size_t i = 0; i < b->n_templates; i++) events += b->templates[i].count[f];
    return events == b->fold_events[f] && b->warning_peak[f] >= 0 && b->warning_peak[f] <= 1;
}

static bool adds_up(const lgd_baseline *b) {
    uint64_t events = 0;
    for (int f = 0; f < LGD_FOLDS; f++) {
        if (!folds_add_up(b, f)) return false;
        events += b->fold_events[f];
    }
    for (int h = 0; h < HOURS; h++) {
        uint64_t at_hour = 0;
        for (size_t i = 0; i < b->n_templates; i++) at_hour += b->templates[i].hours[h];
        if (at_hour != b->hours[h]) return false;
    }
    for (size_t i = 0; i < b->n_templates; i++)
        if (!template_adds_up(&b->templates[i])) return false;
    for (size_t i = 0; i < b->n_pairs; i++)
        if (total_of(b->pairs[i].count) > total_of(b->templates[b->pairs[i].previous].followed)) return false;
    return events == b->n_events && b->warnings <= events;
}

static lgd_status load(lgd_baseline *b, lgd_cursor *c, lgd_err *err) {
    b->n_events = lgd_get_u64(c);
    b->warnings = lgd_get_u64(c);
    b->n_streams = lgd_get_u64(c);
    b->stream_events = lgd_get_u64(c);
    b->start_ns = lgd_get_i64(c);
    b->end_ns = lgd_get_i64(c);
    for (int f = 0; f < LGD_FOLDS; f++) b->fold_events[f] = lgd_get_u64(c);
    for (int f = 0; f < LGD_FOLDS; f++) b->warning_peak[f] = lgd_get_f64(c);
    for (int h = 0; h < HOURS; h++) b->hours[h] = lgd_get_u64(c);
    for (int h = 0; h < HOURS; h++) b->hour_days[h] = lgd_get_u32(c);
    for (size_t i = 0; i < b->n_templates && !c->bad; i++) get_template(c, &b->templates[i]);
    for (size_t i = 0; i < b->n_slots && !c->bad; i++) get_slot(c, &b->slots[i]);
    LGD_TRY(load_pairs(b, c, err));
    if (!c->bad && !adds_up(b)) c->bad = true;
    LGD_TRY(lgd_cursor_done(c, "baseline", err));
    return lgd_baseline_finish(b, err);
}

lgd_status lgd_baseline_load(lgd_sv bytes, size_t n_templates, size_t n_slots, lgd_baseline **ret, lgd_err *err) {
    lgd_baseline *b = NULL;
    LGD_TRY(lgd_baseline_new(n_templates, n_slots, &b, err));
    lgd_cursor c = lgd_cursor_of(bytes);
    lgd_status status = load(b, &c, err);
    if (status == LGD_OK)
        *ret = b;
    else
        lgd_baseline_free(b);
    return status;
}
