/*
 * incident/grouper: anomalies, in the order of the log -> groups. See the header for the rules. At most MAX_OPEN groups
 * are open; when one more is needed, the one that was quiet longest is closed.
 */
#include "group.h"

#include <stdio.h>
#include <stdlib.h>

void lgd_grouping_init(lgd_grouping *o) {
    *o = (lgd_grouping){.gap_ns = INT64_C(300000000000), .near_ns = INT64_C(5000000000), .gap_events = 1000};
}

lgd_status lgd_grouper_new(const lgd_grouping *o, lgd_grouper **ret, lgd_err *err) {
    lgd_grouper *g = lgd_calloc(1, sizeof *g);
    if (!g) return lgd_fail_memory(err, sizeof *g);
    g->o = *o;
    *ret = g;
    return LGD_OK;
}

void lgd_grouper_free(lgd_grouper *g) {
    if (!g) return;
    for (size_t i = 0; i < g->n_open; i++) group_free(g->open[i]);
    for (size_t i = 0; i < g->n_incidents; i++) group_free(g->incidents[i]);
    for (size_t i = 0; i < g->n_merged; i++) group_free(g->merged[i]);
    lgd_free(g->incidents);
    lgd_free(g->merged);
    lgd_free(g->scores);
    lgd_free(g);
}

const float *lgd_grouper_scores(const lgd_grouper *g, size_t *ret_n) {
    *ret_n = g->n_scores;
    return g->scores;
}

size_t lgd_grouper_n_incidents(const lgd_grouper *g) { return g->n_incidents; }
uint64_t lgd_grouper_n_left_out(const lgd_grouper *g) { return g->n_left_out; }

/* ---- closing ---- */

static lgd_status close_group(lgd_grouper *g, size_t at, lgd_err *err) {
    group *x = g->open[at];
    double score = group_score(x);
    LGD_TRY(lgd_grow((void **)&g->scores, &g->scores_capacity, g->n_scores + 1, sizeof *g->scores, 1u << 24, err));
    bool incident = score >= g->o.threshold && g->n_incidents < MAX_INCIDENTS;
    if (incident)
        LGD_TRY(
            lgd_grow((void **)&g->incidents, &g->capacity, g->n_incidents + 1, sizeof(group *), MAX_INCIDENTS, err));
    g->scores[g->n_scores++] = (float)score;
    g->open[at] = g->open[--g->n_open];
    if (incident) {
        g->incidents[g->n_incidents++] = x;
    } else {
        g->n_left_out += score >= g->o.threshold;
        group_free(x);
    }
    return LGD_OK;
}

/* How far an anomaly lies from a group's extent; 0: within. */
static uint64_t distance_ns(const group *x, const lgd_anomaly *a) {
    int64_t at = anomaly_ns(a);
    return at < x->start_ns ? behind_ns(at, x->start_ns) : behind_ns(x->end_ns, at);
}

static bool is_behind(const lgd_grouper *g, const group *x, const lgd_anomaly *a) {
    int64_t at = anomaly_ns(a);
    if (x->lasting) return false;
    if (at == LGD_NO_TIME || x->end_ns == LGD_NO_TIME) return a->number - x->last_number > g->o.gap_events;
    return at > x->end_ns && distance_ns(x, a) > (uint64_t)g->o.gap_ns;
}

static lgd_status close_behind(lgd_grouper *g, const lgd_anomaly *a, lgd_err *err) {
    for (size_t i = g->n_open; i-- > 0;)
        if (is_behind(g, g->open[i], a)) LGD_TRY(close_group(g, i, err));
    return LGD_OK;
}

lgd_status lgd_grouper_finish(lgd_grouper *g, lgd_err *err) {
    while (g->n_open) LGD_TRY(close_group(g, g->n_open - 1, err));
    return LGD_OK;
}

/* ---- joining ---- */

static bool holds(const uint32_t *items, size_t n, uint32_t item) {
    for (size_t i = 0; i < n; i++)
        if (items[i] == item) return true;
    return false;
}

static bool holds_unit(const group *x, uint32_t unit) {
    for (size_t i = 0; i < x->n_units; i++)
        if (x->units[i].unit == unit) return true;
    return false;
}

/* 0: does not belong; else higher is more alike. */
static int likeness(const lgd_grouper *g, const group *x, const lgd_anomaly *a) {
    bool timed = anomaly_ns(a) != LGD_NO_TIME && x->end_ns != LGD_NO_TIME;
    if (a->lasts && x->lasting) return 8; /* one cause for all that is silent at a time */
    if (timed && distance_ns(x, a) > (uint64_t)g->o.gap_ns) return 0;
    bool near =
        timed ? distance_ns(x, a) <= (uint64_t)g->o.near_ns : a->number - x->last_number <= g->o.gap_events / 20;
    bool same_template = holds(x->ids, x->n_ids, a->template_id);
    bool same_stream = a->stream && holds(x->streams, x->n_streams, a->stream);
    bool same_unit = a->unit && holds_unit(x, a->unit);
    bool again = same_template && a->surprise >= g->o.strong; /* the same strange line once more */
    return 4 * near + 2 * same_template + 2 * again + 2 * same_stream + same_unit;
}

static group *best_group(const lgd_grouper *g, const lgd_anomaly *a) {
    group *best = NULL;
    int most = 0;
    for (size_t i = 0; i < g->n_open; i++) {
        int like = likeness(g, g->open[i], a);
        if (like < most || like == 0) continue;
        if (like == most && best && g->open[i]->last_number < best->last_number) continue;
        best = g->open[i];
        most = like;
    }
    return most >= 4 ? best : NULL;
}

static lgd_status make_room(lgd_grouper *g, lgd_err *err) {
    if (g->n_open < MAX_OPEN) return LGD_OK;
    size_t oldest = 0;
    for (size_t i = 1; i < g->n_open; i++) {
        const group *x = g->open[i], *o = g->open[oldest];
        bool lasts = x->lasting > 0, oldest_lasts = o->lasting > 0;
        if (lasts != oldest_lasts ? oldest_lasts : x->last_number < o->last_number) oldest = i;
    }
    return close_group(g, oldest, err);
}

static lgd_status open_group(lgd_grouper *g, const lgd_anomaly *a, group **ret, lgd_err *err) {
    LGD_TRY(make_room(g, err));
    group *x = lgd_calloc(1, sizeof *x);
    if (!x) return lgd_fail_memory(err, sizeof *x);
    x->number = x->part_of = g->n_groups++;
    x->start_ns = x->end_ns = x->until_ns = LGD_NO_TIME;
    x->first_number = a->number;
    *ret = g->open[g->n_open++] = x;
    return LGD_OK;
}

lgd_status lgd_grouper_add(lgd_grouper *g, const lgd_anomaly *a, uint64_t *ret_group, lgd_err *err) {
    bool strong = a->surprise >= g->o.strong;
    LGD_TRY(close_behind(g, a, err));
    group *x = best_group(g, a);
    if (!x && strong) LGD_TRY(open_group(g, a, &x, err));
    *ret_group = x ? x->number : LGD_NO_GROUP;
    if (!x) return LGD_OK;
    LGD_TRY(group_take(x, a, strong, err));
    if (x->anomalies == 1) group_name(x);
    return LGD_OK;
}

/* ---- what became of a group ---- */

static group *find_group(group *const *items, size_t n, uint64_t number) {
    for (size_t i = n; i-- > 0;)
        if (items[i]->number == number) return items[i];
    return NULL;
}

lgd_status lgd_grouper_raise(lgd_grouper *g, uint64_t number, const lgd_anomaly *a, lgd_err *err) {
    group *x = find_group(g->open, g->n_open, number);
    return x ? group_raise(x, a, err) : LGD_OK; /* room was made: it is told as it was */
}

lgd_fate lgd_grouper_fate(const lgd_grouper *g, uint64_t number) {
    if (number == LGD_NO_GROUP) return LGD_FATE_NONE;
    const group *x = find_group(g->open, g->n_open, number);
    if (x) return group_score(x) >= g->o.threshold ? LGD_FATE_INCIDENT : LGD_FATE_OPEN;
    bool incident = find_group(g->incidents, g->n_incidents, number) || find_group(g->merged, g->n_merged, number);
    return incident ? LGD_FATE_INCIDENT : LGD_FATE_NONE;
}

const char *lgd_grouper_id(lgd_grouper *g, uint64_t number) {
    if (lgd_grouper_fate(g, number) != LGD_FATE_INCIDENT) return NULL;
    group *x = find_group(g->open, g->n_open, number);
    if (!x) x = find_group(g->merged, g->n_merged, number);
    if (!x) x = find_group(g->incidents, g->n_incidents, number);
    if (x->part_of != x->number) x = find_group(g->incidents, g->n_incidents, x->part_of);
    x->told = true;
    return x->id;
}

/* ---- threshold ---- */

static int descending(const void *a, const void *b) {
    float x = *(const float *)a, y = *(const float *)b;
    return (x < y) - (x > y);
}

/* How far from the scores below the threshold lies in a gap: in the middle, but no further than where a score of the same
 * tail comes once in sixteen times. */
static double place_in(double below, double gap) {
    static const double most = 4;
    return below + (gap / 2 < most ? gap / 2 : most);
}

double lgd_incident_threshold(float *scores, size_t n, double allowed) {
    static const double head_room = 4; /* bits beyond the highest score that training made */
    if (n == 0) return head_room;
    qsort(scores, n, sizeof *scores, descending);
    size_t first = (size_t)(allowed / 2), last = (size_t)(allowed * 2 + 0.999);
    double best_gap = -1, threshold = (double)scores[0] + head_room / 2;
    for (size_t i = last < n ? last : n; i + 1 > first; i--) {
        double above = i == 0 ? (double)scores[0] + head_room : (double)scores[i - 1];
        double below = i < n ? (double)scores[i] : 0;
        if (above - below <= best_gap) continue;
        best_gap = above - below;
        threshold = place_in(below, best_gap);
        if (i == 0 || best_gap >= head_room) break;
    }
    return threshold;
}
