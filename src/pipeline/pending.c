/*
 * pipeline/pending: see pending.h. Each waiting finding is one block of memory that holds it and all its texts.
 */
#include "pending.h"

static const size_t max_pending_bytes = 64u << 20;

typedef struct waiting {
    struct waiting *next;
    size_t n_bytes;
    uint64_t group;
    lgd_finding finding;
    char bytes[];
} waiting;

struct pending {
    lgd_grouper *grouper;
    lgd_report *report;
    allowance *allowed;
    bool several_inputs; /* incidents of different inputs may become one: nothing is decided before the end */
    waiting *head, **tail;
    size_t n_bytes;
    uint64_t n_undecided, n_allowed;
};

lgd_status pending_new(lgd_grouper *grouper, lgd_report *report, allowance *allowed, bool several_inputs, pending **ret,
                       lgd_err *err) {
    pending *p = lgd_calloc(1, sizeof *p);
    if (!p) return lgd_fail_memory(err, sizeof *p);
    *p = (pending){.grouper = grouper, .report = report, .allowed = allowed, .several_inputs = several_inputs};
    p->tail = &p->head;
    *ret = p;
    return LGD_OK;
}

void pending_free(pending *p) {
    if (!p) return;
    while (p->head) {
        waiting *next = p->head->next;
        lgd_free(p->head);
        p->head = next;
    }
    lgd_free(p);
}

uint64_t pending_n_undecided(const pending *p) { return p->n_undecided; }
uint64_t pending_n_allowed(const pending *p) { return p->n_allowed; }

/* ---- copying ---- */

/* Calls each on every text of a finding. */
static void each_text(lgd_finding *f, void (*each)(void *ctx, lgd_sv *text), void *ctx) {
    each(ctx, &f->file);
    each(ctx, &f->header.component);
    each(ctx, &f->header.pid);
    each(ctx, &f->header.host);
    each(ctx, &f->header.message);
    each(ctx, &f->raw);
    each(ctx, &f->template_text);
    each(ctx, &f->session);
    for (size_t i = 0; i < f->verdict.n_factors; i++) {
        each(ctx, &f->verdict.factors[i].text);
        each(ctx, &f->verdict.factors[i].typical);
        each(ctx, &f->verdict.factors[i].actual);
    }
}

static void add_length(void *ctx, lgd_sv *text) { *(size_t *)ctx += text->n; }

static void move_text(void *ctx, lgd_sv *text) {
    char **at = ctx;
    if (text->n) memcpy(*at, text->p, text->n);
    text->p = *at;
    *at += text->n;
}

/* The unit stays a view into the value. */
static lgd_param moved_param(const lgd_param *from, char **at) {
    lgd_param to = *from;
    move_text(at, &to.value);
    move_text(at, &to.name);
    if (to.unit.n) to.unit.p = to.value.p + (from->unit.p - from->value.p);
    return to;
}

static waiting *copy_finding(const lgd_finding *f) {
    lgd_finding finding = *f;
    size_t texts = 0, params = f->n_params * sizeof *f->params;
    each_text(&finding, add_length, &texts);
    for (size_t i = 0; i < f->n_params; i++) texts += f->params[i].value.n + f->params[i].name.n;
    waiting *w = lgd_alloc(sizeof *w + params + texts);
    if (!w) return NULL;
    lgd_param *to = (lgd_param *)(void *)w->bytes;
    char *at = w->bytes + params;
    each_text(&finding, move_text, &at);
    for (size_t i = 0; i < f->n_params; i++) to[i] = moved_param(&f->params[i], &at);
    finding.params = to;
    w->next = NULL;
    w->n_bytes = sizeof *w + params + texts;
    w->finding = finding;
    return w;
}

/* ---- the queue ---- */

static bool is_decided(const pending *p, uint64_t group) {
    if (group == LGD_NO_GROUP) return true;
    return !p->several_inputs && lgd_grouper_fate(p->grouper, group) != LGD_FATE_OPEN;
}

static lgd_status report_one(pending *p, const lgd_finding *f, uint64_t group, lgd_err *err) {
    const char *id = lgd_grouper_id(p->grouper, group);
    if (!allowance_line_of_incident(p->allowed, id)) return lgd_report_finding(p->report, f, id, err);
    lgd_finding plain = *f; /* one line more, of all lines */
    plain.verdict.is_anomaly = false;
    p->n_allowed++;
    return lgd_report_finding(p->report, &plain, NULL, err);
}

lgd_status pending_add(pending *p, const lgd_finding *f, uint64_t group, lgd_err *err) {
    if (!p->head && is_decided(p, group)) return report_one(p, f, group, err);
    waiting *w = copy_finding(f);
    if (!w) return lgd_fail_memory(err, sizeof *w + f->raw.n);
    w->group = group;
    *p->tail = w;
    p->tail = &w->next;
    p->n_bytes += w->n_bytes;
    return LGD_OK;
}

lgd_status pending_flush(pending *p, bool end, lgd_err *err) {
    while (p->head) {
        waiting *w = p->head;
        bool decided = end || is_decided(p, w->group);
        if (!decided && p->n_bytes <= max_pending_bytes) return LGD_OK;
        p->n_undecided += !decided;
        LGD_TRY(report_one(p, &w->finding, w->group, err));
        p->head = w->next;
        if (!p->head) p->tail = &p->head;
        p->n_bytes -= w->n_bytes;
        lgd_free(w);
    }
    return LGD_OK;
}
