/*
 * inject/shape: new lines in the log's own shapes. A line is a copy of one that is there, of which spans are replaced: its
 * time by that of the line it comes behind, its message by another, a value by another.
 */
#include "inject.h"

uint32_t inject_draw(inject_plan *p, uint32_t from, uint32_t to) {
    return to > from ? from + lgd_rng_below(&p->rng, to - from) : from;
}

static lgd_status keep(inject_plan *p, lgd_buf *b, lgd_sv *ret) {
    bool ok = !b->failed && lgd_arena_copy(&p->log->arena, lgd_buf_sv(b), ret);
    lgd_buf_release(b);
    return ok ? LGD_OK : lgd_fail_memory(p->err, b->n);
}

/* Appends text with up to two spans replaced; those that are empty are left out. */
typedef struct patch {
    inject_span span;
    lgd_sv by;
} patch;

static void add_patched(lgd_buf *b, lgd_sv text, patch first, patch second) {
    if (second.span.n && (first.span.n == 0 || second.span.at < first.span.at)) {
        patch other = first;
        first = second;
        second = other;
    }
    size_t at = 0;
    const patch patches[] = {first, second};
    for (size_t i = 0; i < 2; i++) {
        if (patches[i].span.n == 0 || patches[i].span.at < at) continue;
        lgd_buf_add(b, text.p + at, patches[i].span.at - at);
        lgd_buf_add_sv(b, patches[i].by);
        at = patches[i].span.at + patches[i].span.n;
    }
    lgd_buf_add(b, text.p + at, text.n - at);
}

uint32_t inject_host(const inject_log *log, uint32_t donor, uint32_t record, uint32_t to) {
    const inject_record *d = &log->records[donor];
    for (uint32_t i = record; i < to; i++) {
        const inject_record *r = &log->records[i];
        if (r->is_event && !r->deleted && r->shape == d->shape && (r->time.n > 0) == (d->time.n > 0)) return i;
    }
    return LGD_INDEX_NONE;
}

static lgd_status insert(inject_plan *p, uint32_t donor, uint32_t behind, patch message) {
    inject_log *log = p->log;
    const inject_record *d = &log->records[donor], *host = &log->records[behind];
    lgd_buf b = {0};
    inject_insertion x = {behind, (uint32_t)log->n_insertions, (uint32_t)p->n_faults, {0}};
    add_patched(&b, d->text, (patch){d->time, {host->text.p + host->time.at, host->time.n}}, message);
    LGD_TRY(keep(p, &b, &x.text));
    LGD_TRY(lgd_grow((void **)&log->insertions, &log->insertions_capacity, log->n_insertions + 1,
                     sizeof *log->insertions, UINT32_MAX, p->err));
    log->insertions[log->n_insertions++] = x;
    return LGD_OK;
}

lgd_status inject_copy(inject_plan *p, uint32_t donor, uint32_t behind) {
    return insert(p, donor, behind, (patch){{0, 0}, {0}});
}

lgd_status inject_message(inject_plan *p, uint32_t donor, uint32_t behind, lgd_sv message) {
    return insert(p, donor, behind, (patch){p->log->records[donor].message, message});
}

lgd_status inject_replace(inject_plan *p, uint32_t record, inject_span span, lgd_sv by) {
    inject_record *r = &p->log->records[record];
    lgd_buf b = {0};
    add_patched(&b, r->text, (patch){span, by}, (patch){{0, 0}, {0}});
    r->fault = (uint32_t)p->n_faults;
    return keep(p, &b, &r->changed);
}

void inject_delete(inject_plan *p, uint32_t record) {
    p->log->records[record].deleted = true;
    p->log->records[record].fault = (uint32_t)p->n_faults;
}
