/*
 * incident/rank: from closed groups to the incidents that are told. Groups of different inputs that overlap in time are
 * one incident: the web server and the database of one fault write different files. Then order and titles.
 */
#include "group.h"

#include <stdlib.h>

static int by_start(const void *a, const void *b) {
    const group *x = *(group *const *)a, *y = *(group *const *)b;
    if (x->start_ns != y->start_ns) return x->start_ns < y->start_ns ? -1 : 1;
    return (x->number > y->number) - (x->number < y->number);
}

static int by_rank(const void *a, const void *b) {
    const group *x = *(group *const *)a, *y = *(group *const *)b;
    double p = group_score(x), q = group_score(y);
    if (p != q) return p > q ? -1 : 1;
    return (x->number > y->number) - (x->number < y->number);
}

/* b may become part of a. */
static bool overlap(const lgd_grouper *g, const group *a, const group *b) {
    if (b->told || a->start_ns == LGD_NO_TIME || b->start_ns == LGD_NO_TIME) return false;
    if (a->n_files == 1 && b->n_files == 1 && a->files[0] == b->files[0]) return false;
    uint64_t near = (uint64_t)g->o.near_ns;
    return behind_ns(a->end_ns, b->start_ns) <= near && behind_ns(b->end_ns, a->start_ns) <= near;
}

static lgd_status merge_overlapping(lgd_grouper *g, lgd_err *err) {
    qsort(g->incidents, g->n_incidents, sizeof(group *), by_start);
    size_t kept = 0;
    LGD_TRY(lgd_grow((void **)&g->merged, &g->merged_capacity, g->n_incidents, sizeof(group *), MAX_INCIDENTS, err));
    for (size_t i = 0; i < g->n_incidents; i++) {
        group *x = g->incidents[i], *into = NULL;
        for (size_t k = kept; k-- > 0 && !into;)
            if (overlap(g, g->incidents[k], x)) into = g->incidents[k];
        if (into) {
            lgd_status status = group_merge(into, x, err);
            x->part_of = into->number;
            g->merged[g->n_merged++] = x;
            if (status != LGD_OK) { /* nothing may be lost or owned twice: close the ranks and go */
                memmove(&g->incidents[kept], &g->incidents[i + 1], (g->n_incidents - i - 1) * sizeof(group *));
                g->n_incidents = kept + (g->n_incidents - i - 1);
                return status;
            }
        } else {
            g->incidents[kept++] = x;
        }
    }
    g->n_incidents = kept;
    return LGD_OK;
}

lgd_status lgd_grouper_rank(lgd_grouper *g, lgd_err *err) {
    if (g->n_incidents == 0) return LGD_OK;
    LGD_TRY(merge_overlapping(g, err));
    qsort(g->incidents, g->n_incidents, sizeof(group *), by_rank);
    return LGD_OK;
}

/* ---- what is told ---- */

/* A log that calls it an error says more than bits do about a single line; of one that says so all day, error lines are
 * not strong. */
static lgd_severity severity_of(double above_threshold, lgd_level level) {
    if (above_threshold >= 20) return LGD_CRITICAL;
    if (above_threshold >= 10 || level >= LGD_LEVEL_FATAL) return LGD_HIGH;
    return above_threshold >= 4 || level >= LGD_LEVEL_ERROR ? LGD_MEDIUM : LGD_LOW;
}

/* "New: <template> (component)", after the strongest line's first reason. */
static lgd_status make_title(const group *x, const lgd_names *names, lgd_arena *arena, lgd_sv *ret, lgd_err *err) {
    static const char *const prefix[LGD_FACTOR_KINDS] = {[LGD_NEW_TEMPLATE] = "New: ",
                                                         [LGD_RARE_TEMPLATE] = "Rare: ",
                                                         [LGD_UNUSUAL_TIME] = "Unusual hour: ",
                                                         [LGD_BURST] = "Burst: ",
                                                         [LGD_SILENCE] = "Silence: ",
                                                         [LGD_SEQUENCE] = "Out of order: ",
                                                         [LGD_COUNT] = "Unusual count: ",
                                                         [LGD_LEVEL_RATIO] = "Errors: ",
                                                         [LGD_NEW_VALUE] = "New value: ",
                                                         [LGD_RARE_VALUE] = "Rare value: ",
                                                         [LGD_NUMERIC_RANGE] = "Out of range: ",
                                                         [LGD_LENGTH] = "Length: ",
                                                         [LGD_LINE] = "Line: "};
    lgd_buf title = {0};
    lgd_sv text = names->template_text(names->ctx, x->top_template);
    if (x->top.n_factors) lgd_buf_printf(&title, "%s", prefix[x->top.factors[0].kind]);
    lgd_buf_add_sv(&title, lgd_sv_cut(text, 100));
    if (text.n > 100) lgd_buf_add_sv(&title, LGD_SV("..."));
    if (x->top_component.n) {
        lgd_buf_add_sv(&title, LGD_SV(" ("));
        lgd_buf_add_sv(&title, x->top_component);
        lgd_buf_add_char(&title, ')');
    }
    bool ok = !title.failed && lgd_arena_copy(arena, lgd_buf_sv(&title), ret);
    lgd_buf_release(&title);
    return ok ? LGD_OK : lgd_fail_memory(err, text.n);
}

static lgd_evidence evidence_of(const kind_row *row, const lgd_names *names) {
    return (lgd_evidence){
        names->file(names->ctx, row->file), row->line, row->time_ns, lgd_buf_sv(&row->raw), row->bits, row->count};
}

/* Arrays of an incident, in one piece of the arena. */
typedef struct incident_arrays {
    lgd_evidence related[MAX_KINDS];
    lgd_sv templates[MAX_KINDS];
    lgd_template_id ids[MAX_KINDS];
    lgd_sv files[MAX_FILES];
    lgd_sv normal[2];
    lgd_sv actual[2];
} incident_arrays;

/* The strongest line behind its predecessor, and what usually stands there; nothing where that is the same. */
static void fill_sequences(const group *x, const lgd_names *names, incident_arrays *to, lgd_incident *ret) {
    if (x->top_previous == LGD_NO_TEMPLATE) return;
    lgd_template_id usual = names->successor(names->ctx, x->top_previous);
    if (usual == LGD_NO_TEMPLATE || usual == x->top_template) return;
    to->normal[0] = to->actual[0] = names->template_text(names->ctx, x->top_previous);
    to->normal[1] = names->template_text(names->ctx, usual);
    to->actual[1] = names->template_text(names->ctx, x->top_template);
    ret->normal_sequence = to->normal;
    ret->actual_sequence = to->actual;
    ret->n_normal_sequence = ret->n_actual_sequence = 2;
}

static void fill_arrays(const group *x, const lgd_names *names, incident_arrays *to, lgd_incident *ret) {
    for (size_t k = 0; k < x->n_kinds; k++) {
        to->related[k] = evidence_of(&x->kinds[k], names);
        to->ids[k] = x->kinds[k].id;
        to->templates[k] = names->template_text(names->ctx, x->kinds[k].id);
    }
    for (size_t i = 0; i < x->n_files; i++) to->files[i] = names->file(names->ctx, x->files[i]);
    ret->related = to->related;
    ret->n_related = ret->n_templates = x->n_kinds;
    ret->template_ids = to->ids;
    ret->templates = to->templates;
    ret->files = to->files;
    ret->n_files = x->n_files;
    fill_sequences(x, names, to, ret);
}

lgd_status lgd_grouper_incident(const lgd_grouper *g, size_t rank, const lgd_names *names, lgd_arena *arena,
                                lgd_incident *ret, lgd_err *err) {
    const group *x = g->incidents[rank];
    incident_arrays *arrays = lgd_arena_alloc(arena, sizeof *arrays);
    if (!arrays) return lgd_fail_memory(err, sizeof *arrays);
    double score = group_score(x);
    lgd_incident i = {.status = "closed",
                      .severity = severity_of(score - g->o.threshold, x->level),
                      .start_ns = x->start_ns,
                      .end_ns = x->until_ns > x->end_ns ? x->until_ns : x->end_ns,
                      .lines = x->lines,
                      .anomalies = x->anomalies,
                      .first = evidence_of(&x->first, names),
                      .n_templates_all = x->n_ids,
                      .verdict = x->top};
    memcpy(i.id, x->id, sizeof i.id);
    i.verdict.bits = score;
    i.verdict.is_anomaly = true;
    LGD_TRY(make_title(x, names, arena, &i.title, err));
    fill_arrays(x, names, arrays, &i);
    *ret = i;
    return LGD_OK;
}
