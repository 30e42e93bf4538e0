/*
 * inject/order: kinds that disturb the order of a session or process: two events that change places, and one that does not
 * come. Both need a pair that the training has nearly always, and make one that it never has.
 */
#include "inject.h"

enum { TRIES = 60, REACH = 3000, MIN_FOLLOWED = 50, UNITS = 3 };

/* Whether b comes behind a in so many of a thousand cases. */
static bool follows(const inject_plan *p, lgd_template_id a, lgd_template_id b, uint64_t per_mille) {
    uint64_t n = p->normal->followed[a];
    return n >= MIN_FOLLOWED && inject_pair_count(p->normal, a, b) * 1000 >= per_mille * n;
}

static bool usable(const inject_plan *p, uint32_t record) {
    const inject_record *r = &p->log->records[record];
    return r->is_event && r->thread && r->fault == INJECT_NO_FAULT &&
           r->template_id < lgd_store_n_templates(p->normal->model.store);
}

/* The next event of the thread, if it can carry a fault. */
static uint32_t next_usable(const inject_plan *p, uint32_t record, uint32_t to) {
    uint32_t next = inject_log_next(p->log, record);
    return next < to && usable(p, next) ? next : LGD_INDEX_NONE;
}

/* Does it at this record, or says that this is no place for it. */
typedef lgd_status disturb(inject_plan *p, uint32_t record, uint32_t to, uint32_t *ret_last);

/* The first places at or behind `from`, each in another thread, at most UNITS. */
static lgd_status disturb_some(inject_plan *p, uint32_t from, uint32_t to, disturb *one, inject_fault *ret) {
    uint64_t threads[UNITS] = {0};
    uint32_t n = 0, end = to - from < REACH ? to : from + REACH;
    for (uint32_t i = from; i < end && n < UNITS; i++) {
        uint32_t last = i;
        bool again = false;
        if (!usable(p, i)) continue;
        for (uint32_t k = 0; k < n && p->log->records[i].in_session; k++)
            again |= threads[k] == p->log->records[i].thread;
        lgd_status status = again ? LGD_E_DATA : one(p, i, to, &last);
        if (status == LGD_E_DATA) continue;
        if (status != LGD_OK) return status;
        if (n == 0) *ret = (inject_fault){ret->kind, i, last, p->log->records[last].template_id};
        if (last > ret->last) ret->last = last;
        threads[n++] = p->log->records[i].thread;
        i = p->log->records[i].in_session ? i : last;
    }
    return n ? LGD_OK : LGD_E_DATA;
}

static lgd_status try_places(inject_plan *p, uint32_t from, uint32_t to, disturb *one, inject_fault *ret) {
    for (int i = 0; i < TRIES; i++) {
        lgd_status status = disturb_some(p, inject_draw(p, from, to), to, one, ret);
        if (status != LGD_E_DATA) return status;
    }
    return LGD_E_DATA;
}

/* ---- wrong order ---- */

/* The record says what the other one said, at its own time. */
static lgd_status say(inject_plan *p, uint32_t record, lgd_sv other, inject_span other_time) {
    inject_record *r = &p->log->records[record];
    lgd_buf b = {0};
    lgd_buf_add(&b, other.p, other_time.at);
    lgd_buf_add(&b, r->text.p + r->time.at, r->time.n);
    lgd_buf_add(&b, other.p + other_time.at + other_time.n, other.n - other_time.at - other_time.n);
    bool ok = !b.failed && lgd_arena_copy(&p->log->arena, lgd_buf_sv(&b), &r->changed);
    lgd_buf_release(&b);
    r->fault = (uint32_t)p->n_faults;
    return ok ? LGD_OK : lgd_fail_memory(p->err, other.n);
}

static lgd_status swap(inject_plan *p, uint32_t record, uint32_t to, uint32_t *ret_last) {
    uint32_t next = next_usable(p, record, to);
    if (next == LGD_INDEX_NONE) return LGD_E_DATA;
    const inject_record *a = &p->log->records[record], *b = &p->log->records[next];
    if (a->shape != b->shape || (a->time.n > 0) != (b->time.n > 0)) return LGD_E_DATA;
    if (a->template_id == b->template_id || !follows(p, a->template_id, b->template_id, 800)) return LGD_E_DATA;
    if (inject_pair_count(p->normal, b->template_id, a->template_id)) return LGD_E_DATA;
    LGD_TRY(say(p, record, b->text, b->time));
    *ret_last = next;
    return say(p, next, a->text, a->time);
}

lgd_status inject_order(inject_plan *p, uint32_t from, uint32_t to, inject_fault *ret) {
    ret->kind = INJECT_ORDER;
    return try_places(p, from, to, swap, ret);
}

/* ---- a missing event ---- */

static lgd_status leave_out(inject_plan *p, uint32_t record, uint32_t to, uint32_t *ret_last) {
    uint32_t next = next_usable(p, record, to);
    uint32_t third = next == LGD_INDEX_NONE ? LGD_INDEX_NONE : next_usable(p, next, to);
    if (third == LGD_INDEX_NONE) return LGD_E_DATA;
    const inject_record *a = &p->log->records[record], *b = &p->log->records[next], *c = &p->log->records[third];
    if (!follows(p, a->template_id, b->template_id, 950)) return LGD_E_DATA;
    if (inject_pair_count(p->normal, a->template_id, c->template_id)) return LGD_E_DATA;
    inject_delete(p, next);
    *ret_last = next;
    return LGD_OK;
}

lgd_status inject_missing_event(inject_plan *p, uint32_t from, uint32_t to, inject_fault *ret) {
    ret->kind = INJECT_MISSING_EVENT;
    return try_places(p, from, to, leave_out, ret);
}
