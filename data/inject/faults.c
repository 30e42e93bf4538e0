/*
 * inject/faults: kinds that insert lines: a template that was never seen, and one that comes at an hour at which it never
 * came. The table of all kinds is here, too.
 */
#include "inject.h"

const inject_kind_row inject_kinds[INJECT_KINDS] = {
    [INJECT_NEW_TEMPLATE] = {"new_template", inject_new_template, false, "messages that stand in the line as they are"},
    [INJECT_BURST] = {"burst", inject_burst, true, "times, and a template with a usual rate"},
    [INJECT_SILENCE] = {"silence", inject_silence, true, "times, and a template that comes steadily"},
    [INJECT_ORDER] = {"order", inject_order, false, "sessions or processes in which one template follows another"},
    [INJECT_RARE_VALUE] = {"rare_value", inject_rare_value, false, "a place that holds few different values"},
    [INJECT_NUMERIC_DRIFT] = {"numeric_drift", inject_numeric_drift, false, "a place that holds a quantity"},
    [INJECT_ODD_HOUR] = {"odd_hour", inject_odd_hour, true, "days, and a template that keeps to some hours"},
    [INJECT_MISSING_EVENT] = {"missing_event", inject_missing_event, false,
                              "sessions or processes in which one template always follows another"},
    [INJECT_LEVEL_SHIFT] = {"level_shift", inject_level_shift, true, "times, and a template that comes steadily"},
};

enum { TRIES = 40, SPREAD = 12 }; /* records from one inserted line to the next, at most */

/* ---- a template that was never seen ---- */

static const char *const nouns[] = {"watchdog", "ledger", "gasket", "turbine", "beacon", "lattice", "valve", "quorum"};
static const char *const verbs[] = {"refused", "lost", "discarded", "mangled", "quarantined", "misrouted"};
static const char *const things[] = {"its anchor", "a sealed parcel", "the spare manifest", "every tether",
                                     "an orphaned ballast"};
static const char *const ends[] = {"giving up", "state is inconsistent", "no fallback left", "integrity violated"};
#define PICK(p, table) ((table)[lgd_rng_below(&(p)->rng, (uint32_t)(sizeof(table) / sizeof(table)[0]))])

static lgd_status make_message(inject_plan *p, lgd_buf *b, bool *ret_new) {
    lgd_template_id id;
    lgd_buf_clear(b);
    lgd_buf_printf(b, "%s %s %s, %s", PICK(p, nouns), PICK(p, verbs), PICK(p, things), PICK(p, ends));
    if (b->failed) return lgd_fail_memory(p->err, b->n);
    LGD_TRY(inject_normal_read(p->normal, lgd_buf_sv(b), &id, p->err));
    *ret_new = id == LGD_NO_TEMPLATE;
    return LGD_OK;
}

static uint32_t find_donor(const inject_log *log, uint32_t from, uint32_t to) {
    for (uint32_t i = from; i < to; i++) {
        const inject_record *r = &log->records[i];
        if (r->is_event && r->message.n && (r->time.n || !log->timed)) return i;
    }
    return LGD_INDEX_NONE;
}

/* One to four lines of it. */
static lgd_status insert_message(inject_plan *p, uint32_t donor, uint32_t to, lgd_sv message, inject_fault *ret) {
    uint32_t n = 1 + lgd_rng_below(&p->rng, 4), at = donor;
    *ret = (inject_fault){INJECT_NEW_TEMPLATE, donor, donor, LGD_NO_TEMPLATE};
    for (uint32_t i = 0; i < n && at != LGD_INDEX_NONE; i++) {
        LGD_TRY(inject_message(p, donor, at, message));
        ret->last = at;
        at = inject_host(p->log, donor, at + 1 + lgd_rng_below(&p->rng, SPREAD), to);
    }
    return LGD_OK;
}

lgd_status inject_new_template(inject_plan *p, uint32_t from, uint32_t to, inject_fault *ret) {
    lgd_buf message = {0};
    bool is_new = false;
    uint32_t donor = find_donor(p->log, inject_draw(p, from, to), to);
    lgd_status status = donor == LGD_INDEX_NONE ? LGD_E_DATA : LGD_OK;
    for (int i = 0; i < TRIES && status == LGD_OK && !is_new; i++) status = make_message(p, &message, &is_new);
    if (status == LGD_OK) status = is_new ? insert_message(p, donor, to, lgd_buf_sv(&message), ret) : LGD_E_DATA;
    lgd_buf_release(&message);
    return status;
}

/* ---- an hour at which a template never came ---- */

static unsigned hour_of(int64_t ns) {
    int64_t second = ns / 1000000000 - (ns % 1000000000 < 0);
    return (unsigned)(((second / 3600) % HOURS + HOURS) % HOURS);
}

/* The template has five events for each hour of the day, and none in this one nor beside it, though the log has. */
static bool avoids_hour(const lgd_baseline *b, lgd_template_id t, unsigned h) {
    const template_stats *s = &b->templates[t];
    unsigned l = (h + HOURS - 1) % HOURS, r = (h + 1) % HOURS;
    return total_of(s->count) >= 5 * HOURS && b->hour_days[h] >= 2 && s->hours[h] + s->hours[l] + s->hours[r] == 0;
}

static lgd_template_id template_for(inject_plan *p, uint32_t record) {
    const lgd_baseline *b = p->normal->model.baseline;
    uint32_t n = (uint32_t)b->n_templates, first = lgd_rng_below(&p->rng, n);
    unsigned hour = hour_of(p->log->records[record].time_ns);
    for (uint32_t i = 0; i < n; i++) {
        lgd_template_id t = (first + i) % n;
        if (avoids_hour(b, t, hour) && inject_log_before(p->log, t, (uint32_t)p->log->n) != LGD_INDEX_NONE) return t;
    }
    return LGD_NO_TEMPLATE;
}

static lgd_status insert_at_hour(inject_plan *p, lgd_template_id t, uint32_t record, uint32_t to, inject_fault *ret) {
    enum { LINES = 8 };
    uint32_t donor = inject_log_before(p->log, t, record);
    if (donor == LGD_INDEX_NONE) donor = inject_log_before(p->log, t, (uint32_t)p->log->n);
    uint32_t at = inject_host(p->log, donor, record, to);
    if (at == LGD_INDEX_NONE) return LGD_E_DATA;
    *ret = (inject_fault){INJECT_ODD_HOUR, at, at, t};
    for (uint32_t i = 0; i < LINES && at != LGD_INDEX_NONE; i++) {
        if (hour_of(p->log->records[at].time_ns) != hour_of(p->log->records[record].time_ns)) break;
        LGD_TRY(inject_copy(p, donor, at));
        ret->last = at;
        at = inject_host(p->log, donor, at + 1 + lgd_rng_below(&p->rng, SPREAD), to);
    }
    return LGD_OK;
}

lgd_status inject_odd_hour(inject_plan *p, uint32_t from, uint32_t to, inject_fault *ret) {
    for (int i = 0; i < TRIES; i++) {
        uint32_t record = inject_draw(p, from, to);
        if (p->log->records[record].time_ns == LGD_NO_TIME) continue;
        lgd_template_id t = template_for(p, record);
        if (t == LGD_NO_TEMPLATE) continue;
        lgd_status status = insert_at_hour(p, t, record, to, ret);
        if (status != LGD_E_DATA) return status;
    }
    return LGD_E_DATA;
}
