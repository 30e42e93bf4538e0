/*
 * incident/group: what one group of anomalies remembers: its extent, the largest bits of each component, the strongest
 * line of each of its first templates, and the reasons of its strongest line. A fixed amount for any number of lines.
 */
#include "group.h"

#include <stdio.h>

double group_score(const group *x) {
    double score = 0, weight = 1;
    for (size_t k = 0; k < x->n_units; k++, weight *= 0.7) score += weight * x->units[k].bits;
    return score;
}

/* Units stay sorted, largest bits first. */
static void take_unit(group *x, uint32_t unit, double bits) {
    size_t k = 0;
    while (k < x->n_units && x->units[k].unit != unit) k++;
    if (k == x->n_units) {
        if (x->n_units == MAX_UNITS) return;
        x->units[x->n_units++] = (unit_row){unit, bits};
    } else if (bits > x->units[k].bits) {
        x->units[k].bits = bits;
    }
    for (; k > 0 && x->units[k].bits > x->units[k - 1].bits; k--) {
        unit_row swap = x->units[k];
        x->units[k] = x->units[k - 1];
        x->units[k - 1] = swap;
    }
}

static void add_once(uint32_t *items, size_t *n, size_t most, uint32_t item) {
    for (size_t i = 0; i < *n; i++)
        if (items[i] == item) return;
    if (*n < most) items[(*n)++] = item;
}

static void set_evidence(kind_row *row, const lgd_anomaly *a) {
    row->id = a->template_id;
    row->bits = a->surprise;
    row->file = a->file;
    row->line = a->line;
    row->time_ns = a->time_ns;
    lgd_buf_clear(&row->raw);
    lgd_buf_add(&row->raw, a->raw.p, a->raw.n < MAX_RAW ? a->raw.n : MAX_RAW);
}

static void raise_kind(group *x, size_t k) {
    for (; k > 0 && x->kinds[k].bits > x->kinds[k - 1].bits; k--) {
        kind_row swap = x->kinds[k];
        x->kinds[k] = x->kinds[k - 1];
        x->kinds[k - 1] = swap;
    }
}

/* Room for a new template: a free place, or the weakest's when it is weaker. NULL: none. */
static lgd_status kind_place(group *x, double bits, kind_row **ret, lgd_err *err) {
    *ret = NULL;
    if (x->n_kinds < MAX_KINDS) {
        LGD_TRY(lgd_grow((void **)&x->kinds, &x->kinds_capacity, x->n_kinds + 1, sizeof *x->kinds, MAX_KINDS, err));
        x->kinds[x->n_kinds] = (kind_row){0};
        *ret = &x->kinds[x->n_kinds++];
    } else if (x->kinds[MAX_KINDS - 1].bits < bits) {
        *ret = &x->kinds[MAX_KINDS - 1];
        (*ret)->count = 0;
    }
    return LGD_OK;
}

static lgd_status take_kind(group *x, const lgd_anomaly *a, lgd_err *err) {
    size_t k = 0;
    while (k < x->n_kinds && x->kinds[k].id != a->template_id) k++;
    kind_row *row = k < x->n_kinds ? &x->kinds[k] : NULL;
    bool fresh = !row;
    if (fresh) LGD_TRY(kind_place(x, a->surprise, &row, err));
    if (!row) return LGD_OK;
    if (fresh || a->surprise > row->bits) set_evidence(row, a);
    row->count++;
    bool failed = row->raw.failed;
    raise_kind(x, (size_t)(row - x->kinds));
    return failed ? lgd_fail_memory(err, a->raw.n) : LGD_OK;
}

/* ---- the strongest line ---- */

static lgd_sv *text_of(lgd_verdict *v, size_t i) {
    lgd_factor *f = &v->factors[i / 3];
    return i % 3 == 0 ? &f->text : i % 3 == 1 ? &f->typical : &f->actual;
}

/* Copies a verdict; its texts are put one behind the other, with the component in front. */
static lgd_status set_top(group *x, const lgd_verdict *verdict, lgd_sv component, lgd_err *err) {
    lgd_verdict copy = *verdict;
    lgd_buf text = {0};
    lgd_buf_add_sv(&text, component);
    for (size_t i = 0; i < 3 * copy.n_factors; i++) lgd_buf_add_sv(&text, *text_of(&copy, i));
    if (text.failed) {
        lgd_buf_release(&text);
        return lgd_fail_memory(err, component.n);
    }
    size_t at = component.n;
    for (size_t i = 0; i < 3 * copy.n_factors; i++) {
        lgd_sv *s = text_of(&copy, i);
        *s = (lgd_sv){text.p + at, s->n};
        at += s->n;
    }
    lgd_buf_release(&x->top_text);
    x->top_text = text;
    x->top = copy;
    x->top_component = (lgd_sv){text.p, component.n};
    return LGD_OK;
}

static void take_extent(group *x, const lgd_anomaly *a) {
    int64_t at = anomaly_ns(a);
    if (at != LGD_NO_TIME) {
        if (x->start_ns == LGD_NO_TIME || at < x->start_ns) x->start_ns = at;
        if (x->end_ns == LGD_NO_TIME || at > x->end_ns) x->end_ns = at;
    }
    x->last_number = a->number;
}

static lgd_status keep_evidence(group *x, const lgd_anomaly *a, lgd_err *err) {
    if (x->anomalies == 1) {
        set_evidence(&x->first, a);
        if (x->first.raw.failed) return lgd_fail_memory(err, a->raw.n);
    }
    LGD_TRY(take_kind(x, a, err));
    if (x->anomalies > 1 && a->surprise <= x->top_bits) return LGD_OK;
    x->top_template = a->template_id;
    x->top_previous = a->previous;
    return set_top(x, a->verdict, a->component, err);
}

lgd_status group_take(group *x, const lgd_anomaly *a, bool strong, lgd_err *err) {
    x->anomalies++;
    x->lines += a->n_lines;
    if (strong || x->anomalies == 1) take_extent(x, a);
    if (strong) take_unit(x, a->unit, a->surprise);
    if (strong && a->level > x->level) x->level = a->level;
    if (a->stream) add_once(x->streams, &x->n_streams, MAX_UNITS, a->stream);
    add_once(x->ids, &x->n_ids, MAX_IDS, a->template_id);
    add_once(x->files, &x->n_files, MAX_FILES, a->file);
    x->lasting += a->lasts;
    if (a->verdict) LGD_TRY(keep_evidence(x, a, err));
    if (x->anomalies == 1 || a->surprise > x->top_bits) x->top_bits = a->surprise;
    return LGD_OK;
}

lgd_status group_raise(group *x, const lgd_anomaly *a, lgd_err *err) {
    x->lasting -= x->lasting > 0;
    if (a->at_ns > x->until_ns) x->until_ns = a->at_ns;
    take_unit(x, a->unit, a->surprise);
    for (size_t k = 0; k < x->n_kinds; k++) {
        if (x->kinds[k].id != a->template_id || a->surprise <= x->kinds[k].bits) continue;
        x->kinds[k].bits = a->surprise;
        raise_kind(x, k);
        break;
    }
    if (a->surprise < x->top_bits) return LGD_OK;
    x->top_bits = a->surprise;
    x->top_template = a->template_id;
    x->top_previous = LGD_NO_TEMPLATE;
    return set_top(x, a->verdict, a->component, err);
}

/* ---- merging two ---- */

static lgd_status merge_kinds(group *into, const group *from, lgd_err *err) {
    for (size_t k = 0; k < from->n_kinds; k++) {
        const kind_row *row = &from->kinds[k];
        lgd_anomaly a = {.file = row->file,
                         .line = row->line,
                         .time_ns = row->time_ns,
                         .surprise = row->bits,
                         .template_id = row->id,
                         .raw = lgd_buf_sv(&row->raw)};
        LGD_TRY(take_kind(into, &a, err));
        for (size_t i = 0; i < into->n_kinds; i++)
            if (into->kinds[i].id == row->id) into->kinds[i].count += row->count - 1;
    }
    return LGD_OK;
}

lgd_status group_merge(group *into, const group *from, lgd_err *err) {
    if (from->start_ns < into->start_ns) into->start_ns = from->start_ns;
    if (from->end_ns > into->end_ns) into->end_ns = from->end_ns;
    if (from->until_ns > into->until_ns) into->until_ns = from->until_ns;
    into->lines += from->lines;
    into->anomalies += from->anomalies;
    if (from->level > into->level) into->level = from->level;
    for (size_t i = 0; i < from->n_units; i++) take_unit(into, from->units[i].unit, from->units[i].bits);
    for (size_t i = 0; i < from->n_ids; i++) add_once(into->ids, &into->n_ids, MAX_IDS, from->ids[i]);
    for (size_t i = 0; i < from->n_files; i++) add_once(into->files, &into->n_files, MAX_FILES, from->files[i]);
    LGD_TRY(merge_kinds(into, from, err));
    if (from->top_bits <= into->top_bits) return LGD_OK;
    into->top_bits = from->top_bits;
    into->top_template = from->top_template;
    into->top_previous = from->top_previous;
    return set_top(into, &from->top, from->top_component, err);
}

void group_name(group *x) {
    lgd_sv raw = lgd_buf_sv(&x->first.raw);
    uint64_t place = x->first.time_ns == LGD_NO_TIME ? x->first.line : (uint64_t)x->first.time_ns;
    (void)snprintf(x->id, sizeof x->id, "%016llx", (unsigned long long)lgd_hash_sv(raw, place));
}

void group_free(group *x) {
    if (!x) return;
    for (size_t k = 0; k < x->n_kinds; k++) lgd_buf_release(&x->kinds[k].raw);
    lgd_free(x->kinds);
    lgd_buf_release(&x->first.raw);
    lgd_buf_release(&x->top_text);
    lgd_free(x);
}
