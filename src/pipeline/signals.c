/*
 * pipeline/signals: see signals.h. The last line of each template that can fall silent is kept: within a block as the
 * number of its event, between blocks as a copy of its first bytes. Cost of an event: a word; of a block: a copy for each
 * template in it. Memory: some 600 bytes for each template with a rhythm.
 */
#include "signals.h"

enum { MAX_KEPT = 512 };

/* The last line of a template. */
typedef struct last_line {
    uint64_t block; /* number of the block that holds it, from 1; else it is copied */
    size_t event;   /* in that block */
    bool known;
    uint32_t input, file, stream;
    uint64_t line;
    int64_t time_ns;
    lgd_buf raw, component;
    uint64_t silence, missed[LGD_DAILY_TIMES]; /* groups of what was told of it and lasts */
} last_line;

struct signals {
    const bundle *b;
    lgd_listener *listener;
    lgd_grouper *grouper;
    allowance *allowed;         /* NULL: nothing is */
    const lgd_input_list *list; /* for names of files in it */
    last_line *last;            /* by template */
    size_t n_templates;
    uint64_t block;
    uint32_t input;
    lgd_template_id *touched; /* in this block */
    size_t n_touched, touched_capacity;
    lgd_arena arena;
};

/* Nothing was told of it. */
static void begin_last(last_line *l) {
    l->silence = LGD_NO_GROUP;
    for (size_t k = 0; k < LGD_DAILY_TIMES; k++) l->missed[k] = LGD_NO_GROUP;
}

lgd_status signals_new(const bundle *b, double least_bits, lgd_grouper *grouper, signals **ret, lgd_err *err) {
    signals *s = lgd_calloc(1, sizeof *s);
    if (!s) return lgd_fail_memory(err, sizeof *s);
    *s = (signals){.b = b, .grouper = grouper, .n_templates = lgd_store_n_templates(b->store), .block = 1, .input = 1};
    lgd_status status = lgd_listener_new(b->rhythm, least_bits, &s->listener, err);
    s->last = lgd_calloc(s->n_templates, sizeof *s->last);
    if (status == LGD_OK && !s->last) status = lgd_fail_memory(err, s->n_templates * sizeof *s->last);
    if (status != LGD_OK) {
        signals_free(s);
        return status;
    }
    for (size_t i = 0; i < s->n_templates; i++) begin_last(&s->last[i]);
    *ret = s;
    return LGD_OK;
}

void signals_allow(signals *s, allowance *allowed, const lgd_input_list *list) {
    s->allowed = allowed;
    s->list = list;
}

void signals_free(signals *s) {
    if (!s) return;
    for (size_t i = 0; s->last && i < s->n_templates; i++) {
        lgd_buf_release(&s->last[i].raw);
        lgd_buf_release(&s->last[i].component);
    }
    lgd_free(s->last);
    lgd_free(s->touched);
    lgd_listener_free(s->listener);
    lgd_arena_release(&s->arena);
    lgd_free(s);
}

/* ---- lines that stand for signals ---- */

static void show_event(const batch *b, size_t i, uint32_t file, lgd_anomaly *a) {
    const origin *o = &b->origins[i];
    a->file = file;
    a->line = o->record->line;
    a->time_ns = b->events.start_ns[i];
    a->stream = b->events.stream[i];
    a->raw = o->record->text;
    a->component = o->header.component;
}

static void show_last(const signals *s, const last_line *l, const batch *b, uint32_t file, lgd_anomaly *a) {
    if (l->block == s->block) {
        show_event(b, l->event, file, a);
        return;
    }
    a->file = l->file;
    a->line = l->line;
    a->time_ns = l->time_ns;
    a->stream = l->stream;
    a->raw = lgd_buf_sv(&l->raw);
    a->component = lgd_buf_sv(&l->component);
}

static lgd_status copy_last(signals *s, last_line *l, const batch *b, uint32_t file, lgd_err *err) {
    const origin *o = &b->origins[l->event];
    lgd_sv raw = lgd_sv_cut(o->record->text, MAX_KEPT), component = lgd_sv_cut(o->header.component, MAX_KEPT);
    l->known = true;
    l->input = s->input;
    l->file = file;
    l->line = o->record->line;
    l->time_ns = b->events.start_ns[l->event];
    l->stream = b->events.stream[l->event];
    lgd_buf_clear(&l->raw);
    lgd_buf_clear(&l->component);
    lgd_buf_add_sv(&l->raw, raw);
    lgd_buf_add_sv(&l->component, component);
    return l->raw.failed || l->component.failed ? lgd_fail_memory(err, raw.n) : LGD_OK;
}

lgd_status signals_end_block(signals *s, const batch *b, uint32_t file, lgd_err *err) {
    for (size_t i = 0; i < s->n_touched; i++) LGD_TRY(copy_last(s, &s->last[s->touched[i]], b, file, err));
    s->n_touched = 0;
    s->block++;
    return LGD_OK;
}

static lgd_status touch(signals *s, lgd_template_id id, size_t i, lgd_err *err) {
    if (!lgd_listener_heeds(s->listener, id)) return LGD_OK;
    last_line *l = &s->last[id];
    l->event = i;
    if (l->block == s->block) return LGD_OK;
    l->block = s->block;
    LGD_TRY(
        lgd_grow((void **)&s->touched, &s->touched_capacity, s->n_touched + 1, sizeof *s->touched, UINT32_MAX, err));
    s->touched[s->n_touched++] = id;
    return LGD_OK;
}

/* ---- signals ---- */

static lgd_anomaly anomaly_of(const lgd_signal *sig, const lgd_verdict *v) {
    bool burst = sig->kind == LGD_SIGNAL_BURST;
    return (lgd_anomaly){.n_lines = burst ? (uint32_t)sig->news : 0,
                         .surprise = sig->bits,
                         .template_id = sig->template_id,
                         .previous = LGD_NO_TEMPLATE,
                         .unit = LGD_RHYTHM_UNIT,
                         .verdict = v,
                         .is_signal = true,
                         .lasts = !burst,
                         .at_ns = burst || sig->ended ? sig->end_ns : sig->due_ns};
}

static uint64_t *group_of(signals *s, const lgd_signal *sig) {
    last_line *l = &s->last[sig->template_id];
    return sig->kind == LGD_SIGNAL_MISSED ? &l->missed[sig->appointment] : &l->silence;
}

/* Whether the template itself came before in this input, so that its last line can stand for its silence. */
static bool has_last(const signals *s, const last_line *l) {
    return l->block == s->block || (l->known && l->input == s->input);
}

/* Another's line stands for a template that did not come, and nothing of it is known but where it is. */
static void show_other(const batch *b, size_t i, uint32_t file, lgd_anomaly *a) {
    show_event(b, i, file, a);
    a->stream = 0;
    a->component = (lgd_sv){0};
}

/* What is allowed of a template's lines is allowed of their rhythm. own: the line that is shown is of the template. That
 * the whole log was silent is no template's matter. */
static lgd_status is_allowed(signals *s, const lgd_signal *sig, const lgd_anomaly *a, bool own, bool *ret,
                             lgd_err *err) {
    *ret = false;
    if (!s->allowed || sig->whole) return LGD_OK;
    lgd_allow_subject x = {.template_text = lgd_store_template(s->b->store, sig->template_id)->text,
                           .component = a->component,
                           .file = lgd_sv_of(s->list->files[a->file].path),
                           .time_ns = a->at_ns};
    if (own) x.raw = a->raw;
    return allowance_line(s->allowed, &x, ret, err);
}

static lgd_status add(signals *s, const lgd_signal *sig, lgd_anomaly *a, uint64_t *ret_group, lgd_err *err) {
    lgd_verdict v;
    a->verdict = &v;
    LGD_TRY(signal_explain(sig, &s->arena, &v, err));
    lgd_status status = lgd_grouper_add(s->grouper, a, ret_group, err);
    lgd_arena_clear(&s->arena);
    return status;
}

static lgd_status tell(signals *s, const lgd_signal *sig, const batch *b, size_t i, uint32_t file, lgd_err *err) {
    last_line *l = &s->last[sig->template_id];
    lgd_anomaly a = anomaly_of(sig, NULL);
    uint64_t group = LGD_NO_GROUP;
    bool burst = sig->kind == LGD_SIGNAL_BURST, allowed = false;
    if (burst)
        show_event(b, i, file, &a);
    else if (has_last(s, l))
        show_last(s, l, b, file, &a);
    else
        show_other(b, i, file, &a);
    a.number = b->tally.events - b->events.n + i;
    LGD_TRY(is_allowed(s, sig, &a, burst || has_last(s, l), &allowed, err));
    if (!allowed) LGD_TRY(add(s, sig, &a, &group, err));
    if (!burst) *group_of(s, sig) = group; /* that of none is never raised */
    return LGD_OK;
}

/* b: of the block, NULL between blocks. */
static lgd_status raise(signals *s, const lgd_signal *sig, const batch *b, lgd_err *err) {
    lgd_verdict v;
    const last_line *l = &s->last[sig->template_id];
    lgd_anomaly a = anomaly_of(sig, &v);
    LGD_TRY(signal_explain(sig, &s->arena, &v, err));
    if (has_last(s, l)) show_last(s, l, b, l->file, &a);
    lgd_status status = lgd_grouper_raise(s->grouper, *group_of(s, sig), &a, err);
    lgd_arena_clear(&s->arena);
    return status;
}

lgd_status signals_step(signals *s, const batch *b, size_t i, uint32_t file, lgd_err *err) {
    const lgd_signal *told = NULL;
    size_t n = 0;
    lgd_template_id id = b->events.template_id[i];
    LGD_TRY(lgd_listener_step(s->listener, &b->events, i, &told, &n, err));
    for (size_t k = 0; k < n; k++)
        LGD_TRY(told[k].ended ? raise(s, &told[k], b, err) : tell(s, &told[k], b, i, file, err));
    return touch(s, id, i, err);
}

lgd_status signals_end_input(signals *s, lgd_err *err) {
    const lgd_signal *told = NULL;
    size_t n = 0;
    LGD_TRY(lgd_listener_end_input(s->listener, &told, &n, err));
    for (size_t k = 0; k < n; k++) LGD_TRY(raise(s, &told[k], NULL, err));
    s->input++;
    return LGD_OK;
}
