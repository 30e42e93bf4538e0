/*
 * feature/extract: baseline + event -> one row of columns. Each column is zero for what is ordinary and grows with
 * surprise, in bits where a probability stands behind it (header: lgd_column). Cost: O(1) for an event and O(1) for each
 * of its values.
 *
 * Conformal bits of a template (Vovk et al. 2005): the share of training events whose template is as rare or rarer; for
 * one never seen this is Good's estimate for the unseen, (singletons + 1) / (events + 1).
 */
#include "feature.h"

#include <math.h>

enum {
    MIN_RHYTHM = 20,
    LEVEL_HALF = 4,
    MIN_DAYS = 3
}; /* events of a template from which on it has a usual rate, gap and length */

const char *lgd_column_name(lgd_column c) {
    static const char *const names[LGD_COLUMNS] = {"template", "sequence", "burst", "level",  "length",  "hour",
                                                   "value",    "number",   "gap",   "errors", "startup", "foretold"};
    return c < LGD_COLUMNS ? names[c] : "";
}

lgd_status lgd_matrix_reserve(lgd_matrix *m, size_t n_rows, lgd_err *err) {
    size_t need = m->n_rows + n_rows;
    if (need <= m->capacity) return LGD_OK;
    size_t capacity = m->capacity ? m->capacity : 1024;
    while (capacity < need) capacity *= 2;
    float *x = lgd_alloc(capacity * LGD_COLUMNS * sizeof *x);
    if (!x) return lgd_fail_memory(err, capacity * LGD_COLUMNS * sizeof *x);
    for (size_t c = 0; c < LGD_COLUMNS && m->n_rows; c++)
        memcpy(x + c * capacity, m->x + c * m->capacity, m->n_rows * sizeof *x);
    lgd_free(m->x);
    m->x = x;
    m->capacity = capacity;
    return LGD_OK;
}

void lgd_matrix_release(lgd_matrix *m) {
    lgd_free(m->x);
    *m = (lgd_matrix){0};
}

/* The event under description. fold: the one to leave out, or -1. */
typedef struct subject {
    const lgd_baseline *b;
    const template_stats *t; /* NULL: a newcomer */
    const lgd_events *e;
    size_t i;
    int fold;
    uint64_t event; /* its number in the training */
    step s;
    lgd_context *context;
} subject;

static uint64_t without_fold(const uint32_t *folds, int fold) { return total_of(folds) - (fold < 0 ? 0 : folds[fold]); }

/* Whether a template is new is for the other folds to say; how rare it is, where they know it, for all of them: four
 * fifths of the rarest count would be rarer than any count there is. */
static double template_bits(const subject *x) {
    bool known = x->t && without_fold(x->t->count, x->fold) > 0;
    uint64_t count = known ? total_of(x->t->count) + (x->fold < 0) : 1; /* itself included */
    uint64_t at_most = count < MAX_RARE ? x->b->rare_events[count] : x->b->n_events;
    return -log2((double)(at_most + 1) / (double)(x->b->n_events + 1));
}

/* log2 of p(template) / p(template | predecessor), Witten-Bell smoothed towards the former; 0 if it is not rarer there. */
static double sequence_bits(const subject *x) {
    const lgd_baseline *b = x->b;
    if (x->s.previous >= b->n_templates) return 0;
    const template_stats *before = &b->templates[x->s.previous];
    const pair_row *pair = x->t ? baseline_pair(b, x->s.previous, x->e->template_id[x->i]) : NULL;
    double n = (double)without_fold(before->followed, x->fold), u = before->successors;
    double together = pair ? (double)without_fold(pair->count, x->fold) : 0;
    double events = (double)(b->n_events - (x->fold < 0 ? 0 : b->fold_events[x->fold]));
    double p0 = ((x->t ? (double)without_fold(x->t->count, x->fold) : 0) + 0.5) / (events + 1);
    if (n + u <= 0) return 0;
    double p1 = (together + u * p0) / (n + u);
    return p1 < p0 ? log2(p0 / p1) : 0;
}

static uint32_t largest_without(const uint32_t *folds, int fold) {
    uint32_t largest = 0;
    for (int f = 0; f < LGD_FOLDS; f++)
        if (f != fold && folds[f] > largest) largest = folds[f];
    return largest;
}

static int64_t longest_without(const int64_t *folds, int fold) {
    int64_t longest = 0;
    for (int f = 0; f < LGD_FOLDS; f++)
        if (f != fold && folds[f] > longest) longest = folds[f];
    return longest;
}

/* A template that was seen a few times has no rhythm to break. */
static double burst(const subject *x) {
    if (!x->t || total_of(x->t->count) < MIN_RHYTHM) return 0;
    uint32_t peak = largest_without(x->t->peak, x->fold);
    return x->s.window_count > peak ? log2((x->s.window_count + 1.0) / (peak + 1.0)) : 0;
}

/* A level says how bad a line is that nobody knows. What the training says often, at that level, is normal at that level:
 * after k events of the template half of the prior is left. */
static double level_prior(const subject *x) {
    static const double bits[LGD_LEVEL_COUNT] = {0, -3, -3, 0, 2, 8, 10}, k = LEVEL_HALF;
    uint8_t level = x->e->level[x->i];
    double known = x->t ? (double)without_fold(x->t->count, x->fold) : 0;
    return level < LGD_LEVEL_COUNT ? bits[level] * (bits[level] > 0 ? k / (k + known) : 1) : 0;
}

static double length_deviation(const subject *x) {
    double n = x->t ? (double)total_of(x->t->count) : 0;
    if (n < MIN_RHYTHM) return 0;
    double mean = x->t->log_length_sum / n, variance = x->t->log_length_squares / n - mean * mean;
    double z = fabs(log(1.0 + x->e->length[x->i]) - mean) / (sqrt(variance > 0 ? variance : 0) + 0.1);
    return z > 3 ? (z < 20 ? z : 20) - 3 : 0;
}

static unsigned hour_of(int64_t ns) {
    int64_t second = ns / 1000000000 - (ns % 1000000000 < 0);
    return (unsigned)(((second / 3600) % HOURS + HOURS) % HOURS);
}

/* Hours from this one to the next one of the set; HOURS if it is empty. */
static unsigned hours_away(uint32_t set, unsigned hour) {
    for (unsigned d = 0; d <= HOURS / 2; d++)
        if ((set >> (hour + d) % HOURS | set >> (hour + HOURS - d) % HOURS) & 1) return d;
    return HOURS;
}

static uint32_t hours_without(const template_stats *t, int one, int other) {
    uint32_t set = 0;
    for (int f = 0; f < LGD_FOLDS; f++) set |= f == one || f == other ? 0 : t->hour_folds[f];
    return set;
}

/* How far a fold's events stray from the hours of the other folds: from what keeps to its hours, hardly. */
static unsigned hours_strayed(const template_stats *t, int fold) {
    unsigned most = 0;
    for (int f = 0; f < LGD_FOLDS; f++) {
        uint32_t others = hours_without(t, f, fold);
        for (unsigned h = 0; f != fold && h < HOURS; h++) {
            unsigned away = t->hour_folds[f] >> h & 1 ? hours_away(others, h) : 0;
            if (away > most) most = away;
        }
    }
    return most;
}

/* Two bits for each hour that lies between this one and those in which the template comes, beyond what it strays; on
 * fewer than three days an hour without it may be chance. */
static double distance_bits(const subject *x, unsigned hour) {
    unsigned away = hours_away(hours_without(x->t, x->fold, -1), hour);
    if (away < 2 || away == HOURS) return 0;
    unsigned strayed = hours_strayed(x->t, x->fold), usual = strayed > 1 ? strayed : 1;
    return away > usual ? 2.0 * (away - usual) : 0;
}

/* Neighbouring hours count half, so that a rhythm need not be kept to the minute. Days are the sample here, not events:
 * a template that did not come in an hour on d days says log2(d + 1) bits, and more only by its distance from any hour in
 * which it came. */
static double hour_bits(const subject *x) {
    const lgd_baseline *b = x->b;
    uint64_t n = x->t ? total_of(x->t->count) : 0;
    unsigned h = hour_of(x->e->start_ns[x->i]), l = (h + HOURS - 1) % HOURS, r = (h + 1) % HOURS;
    if (n < 50 || b->hour_days[h] < MIN_DAYS) return 0;
    double own = x->fold < 0 ? 0 : 1;
    double here = x->t->hours[h] - own + 0.5 * (x->t->hours[l] + x->t->hours[r]);
    double all = (double)b->hours[h] - own + 0.5 * (double)(b->hours[l] + b->hours[r]);
    double usual = (all + 1) / (2.0 * (double)b->n_events), p = (here + 24 * usual) / (2.0 * (double)n + 24);
    double bits = p < usual ? log2(usual / p) : 0, most = log2(b->hour_days[h] + 1.0);
    return (bits < most ? bits : most) + (bits > 0 ? distance_bits(x, h) : 0);
}

static double gap_bits(const subject *x) {
    if (!x->t || x->s.gap_ns < 0 || total_of(x->t->count) < MIN_RHYTHM) return 0;
    int64_t longest = longest_without(x->t->gap_max_ns, x->fold);
    return x->s.gap_ns > longest ? log2(((double)x->s.gap_ns + 1e9) / ((double)longest + 1e9)) : 0;
}

static double error_share_bits(const subject *x) {
    if (x->s.window_events < MIN_WINDOW) return 0;
    double peak = 0;
    for (int f = 0; f < LGD_FOLDS; f++)
        if (f != x->fold && x->b->warning_peak[f] > peak) peak = x->b->warning_peak[f];
    double share = (double)x->s.window_warnings / x->s.window_events;
    return share > peak ? log2((share + 0.01) / (peak + 0.01)) : 0;
}

static void value_columns(const subject *x, double *ret_value, double *ret_number) {
    uint32_t own = x->fold < 0 ? 0 : 1;
    for (uint32_t v = 0; v < x->e->n_values[x->i]; v++) {
        const lgd_observation *o = &x->e->values[x->i][v];
        if (o->slot >= x->b->n_slots) continue;
        double value = slot_value_bits(&x->b->slots[o->slot], o, (occasion){x->fold, x->event});
        double number = slot_number_bits(&x->b->slots[o->slot], o, own);
        if (value > *ret_value) {
            *ret_value = value;
            if (x->context) x->context->value = (int32_t)v;
        }
        if (number > *ret_number) {
            *ret_number = number;
            if (x->context) x->context->number = (int32_t)v;
        }
    }
}

static void describe(const subject *x) {
    lgd_context *c = x->context;
    const pair_row *pair = NULL;
    if (x->t && x->s.previous < x->b->n_templates) pair = baseline_pair(x->b, x->s.previous, x->e->template_id[x->i]);
    *c = (lgd_context){.previous = x->s.previous,
                       .window_count = x->s.window_count,
                       .window_events = x->s.window_events,
                       .window_warnings = x->s.window_warnings,
                       .gap_ns = x->s.gap_ns,
                       .gap_max_ns = x->t ? longest_without(x->t->gap_max_ns, -1) : -1,
                       .window_peak = x->t ? largest_without(x->t->peak, -1) : 0,
                       .count = x->t ? total_of(x->t->count) : 0,
                       .pair_count = pair ? total_of(pair->count) : 0,
                       .value = -1,
                       .number = -1,
                       .expected = LGD_NO_TEMPLATE};
    if (x->s.previous < x->b->n_templates) c->previous_count = total_of(x->b->templates[x->s.previous].followed);
    if (x->e->start_ns[x->i] == LGD_NO_TIME) return;
    c->hour = hour_of(x->e->start_ns[x->i]);
    c->hour_count = x->t ? x->t->hours[c->hour] : 0;
}

/* Where processes come and go with every few lines (syslog), the first lines of one are no start-up of a service. */
static bool processes_live_long(const lgd_baseline *b) { return b->stream_events / 20 >= b->n_streams; }

static void extract_row(const subject *x, lgd_matrix *out, size_t row) {
    double col[LGD_COLUMNS] = {0};
    bool timed = x->e->start_ns[x->i] != LGD_NO_TIME;
    if (x->context) describe(x);
    col[LGD_COL_TEMPLATE] = template_bits(x);
    col[LGD_COL_SEQUENCE] = sequence_bits(x);
    col[LGD_COL_LEVEL] = level_prior(x);
    col[LGD_COL_LENGTH] = length_deviation(x);
    value_columns(x, &col[LGD_COL_VALUE], &col[LGD_COL_NUMBER]);
    col[LGD_COL_STARTUP] = x->s.startup && processes_live_long(x->b);
    if (timed) {
        col[LGD_COL_BURST] = burst(x);
        col[LGD_COL_HOUR] = hour_bits(x);
        col[LGD_COL_GAP] = gap_bits(x);
        col[LGD_COL_ERRORS] = error_share_bits(x);
    }
    for (size_t c = 0; c < LGD_COLUMNS; c++) out->x[c * out->capacity + row] = (float)col[c];
}

lgd_status lgd_extract(const lgd_baseline *b, lgd_tracker *t, const lgd_events *e, uint64_t first, uint64_t cross_block,
                       lgd_matrix *out, lgd_context *contexts, lgd_err *err) {
    LGD_TRY(lgd_matrix_reserve(out, e->n, err));
    for (size_t i = 0; i < e->n; i++) {
        lgd_template_id id = e->template_id[i];
        subject x = {.b = b,
                     .t = id < b->n_templates ? &b->templates[id] : NULL,
                     .e = e,
                     .i = i,
                     .event = first + i,
                     .fold = cross_block ? (int)lgd_fold_of(first + i, cross_block) : -1,
                     .s = tracker_step(t, e, i),
                     .context = contexts ? &contexts[i] : NULL};
        extract_row(&x, out, out->n_rows + i);
    }
    out->n_rows += e->n;
    return LGD_OK;
}
