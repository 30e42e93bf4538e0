/*
 * inject/read: the log that gets the faults, all of it in memory: every record's text, and of those that are events the
 * template, time and thread, and where in the text its time, message and values stand. Cost: the log's size and some
 * hundred bytes an event.
 *
 * A record that a wrapper had parted stays as it is and carries no fault: its event's text is not that of the log.
 */
#include "inject.h"

#include <stdlib.h>

/* ---- places in a record's text ---- */

static inject_span span_in(lgd_sv text, lgd_sv part) {
    if (part.n == 0 || part.p < text.p || part.p + part.n > text.p + text.n) return (inject_span){0, 0};
    return (inject_span){(uint32_t)(part.p - text.p), (uint32_t)part.n};
}

static bool same_time(const lgd_timestamp *a, const lgd_timestamp *b) {
    if (a->is_epoch || b->is_epoch) return a->is_epoch && b->is_epoch && a->epoch_ns == b->epoch_ns;
    return a->year == b->year && a->month == b->month && a->day == b->day && a->hour == b->hour &&
           a->minute == b->minute && a->second == b->second && a->nanosecond == b->nanosecond;
}

/* Where the timestamp that the header was read from is written; where it is in several fields, what stands in front of
 * the first other one. */
static inject_span find_time(lgd_sv line, const lgd_cut *cut) {
    const lgd_header *h = &cut->header;
    const lgd_sv fields[] = {h->host, h->component, h->pid, h->message};
    size_t end = line.n;
    for (size_t at = 0; at < line.n; at++) {
        lgd_timestamp t;
        bool inside = at && (line.p[at - 1] >= '0' && line.p[at - 1] <= '9');
        size_t n = inside ? 0 : lgd_timestamp_parse((lgd_sv){line.p + at, line.n - at}, &t);
        if (n && same_time(&t, &cut->written)) return (inject_span){(uint32_t)at, (uint32_t)n};
    }
    for (size_t i = 0; i < 4; i++) {
        inject_span s = span_in(line, fields[i]);
        if (s.n && s.at < end) end = s.at;
    }
    return (inject_span){0, (uint32_t)(end < line.n ? end : 0)};
}

static lgd_status read_values(inject_log *log, const lgd_events *e, size_t i, inject_record *r, lgd_sv text,
                              lgd_err *err) {
    r->values = lgd_arena_alloc(&log->arena, e->n_values[i] * sizeof *r->values);
    if (!r->values) return lgd_fail_memory(err, e->n_values[i] * sizeof *r->values);
    for (uint32_t v = 0; v < e->n_values[i]; v++) {
        const lgd_observation *o = &e->values[i][v];
        inject_span span = span_in(text, o->text);
        if (span.n) r->values[r->n_values++] = (inject_value){o->slot, span, o->type, o->is_number, o->number};
    }
    return LGD_OK;
}

static lgd_status read_event(inject_log *log, const batch *b, size_t i, inject_record *r, lgd_err *err) {
    const origin *o = &b->origins[i];
    lgd_sv text = o->record->text, session = o->parse->session;
    r->is_event = true;
    r->template_id = b->events.template_id[i];
    r->time_ns = b->events.start_ns[i];
    r->shape = (uint32_t)(b->chain[o->parse->link] * LGD_PROFILE_MAX_FORMATS + o->parse->cut.format);
    r->in_session = session.n > 0;
    r->thread = session.n ? lgd_hash_sv(session, 1) : b->events.stream[i];
    r->message = span_in(text, o->header.message);
    if (o->parse->cut.has_time) r->time = find_time(lgd_record_line(o->record), &o->parse->cut);
    log->timed |= r->time_ns != LGD_NO_TIME;
    return read_values(log, &b->events, i, r, text, err);
}

static lgd_status keep_block(void *ctx, batch *b, const lgd_block *block, uint64_t first, lgd_err *err) {
    inject_log *log = ctx;
    size_t at = 0;
    (void)first;
    LGD_TRY(lgd_grow((void **)&log->records, &log->capacity, log->n + block->n_records, sizeof *log->records,
                     UINT32_MAX - 1, err));
    for (size_t k = 0; k < block->n_records; k++) {
        inject_record *r = &log->records[log->n++];
        *r = (inject_record){.template_id = LGD_NO_TEMPLATE, .time_ns = LGD_NO_TIME, .fault = INJECT_NO_FAULT};
        if (!lgd_arena_copy(&log->arena, block->records[k].text, &r->text))
            return lgd_fail_memory(err, block->records[k].text.n);
        while (at < b->events.n && b->origins[at].parse < &b->parses[k]) at++;
        if (at < b->events.n && b->origins[at].record == &block->records[k]) LGD_TRY(read_event(log, b, at, r, err));
    }
    return LGD_OK;
}

/* ---- by template ---- */

static lgd_status sort_by_template(inject_log *log, size_t n_templates, lgd_err *err) {
    log->template_at = lgd_calloc(n_templates + 2, sizeof *log->template_at);
    log->by_template = lgd_calloc(log->n, sizeof *log->by_template);
    if (!log->template_at || !log->by_template) return lgd_fail_memory(err, log->n * sizeof *log->by_template);
    for (size_t i = 0; i < log->n; i++)
        if (log->records[i].template_id < n_templates) log->template_at[log->records[i].template_id + 2]++;
    for (size_t t = 0; t < n_templates; t++) log->template_at[t + 2] += log->template_at[t + 1];
    for (size_t i = 0; i < log->n; i++) {
        lgd_template_id id = log->records[i].template_id;
        if (id < n_templates) log->by_template[log->template_at[id + 1]++] = (uint32_t)i;
    }
    return LGD_OK;
}

/* The first of the sorted items that is not below x. */
static size_t lower_bound(const uint32_t *items, size_t n, uint32_t x) {
    size_t low = 0;
    while (n > 0) {
        size_t half = n / 2;
        if (items[low + half] < x) {
            low += half + 1;
            n -= half + 1;
        } else {
            n = half;
        }
    }
    return low;
}

const uint32_t *inject_log_of(const inject_log *log, lgd_template_id t, uint32_t from, uint32_t to, size_t *ret_n) {
    const uint32_t *all = log->by_template + log->template_at[t];
    size_t n = log->template_at[t + 1] - log->template_at[t], low = lower_bound(all, n, from);
    *ret_n = lower_bound(all, n, to) - low;
    return all + low;
}

uint32_t inject_log_before(const inject_log *log, lgd_template_id t, uint32_t record) {
    size_t n = 0;
    const uint32_t *all = inject_log_of(log, t, 0, record, &n);
    return n ? all[n - 1] : LGD_INDEX_NONE;
}

uint32_t inject_log_at(const inject_log *log, uint32_t record, int64_t ns) {
    while (record < log->n && (!log->records[record].is_event || log->records[record].time_ns < ns)) record++;
    return record;
}

uint32_t inject_log_next(const inject_log *log, uint32_t record) {
    enum { REACH = 2000 };
    const uint64_t thread = log->records[record].thread;
    for (uint32_t i = record + 1; i < log->n && i < record + REACH; i++)
        if (log->records[i].is_event && log->records[i].thread == thread) return i;
    return LGD_INDEX_NONE;
}

/* ---- reading ---- */

static lgd_status read_with(inject_log *log, inject_normal *n, run *r, lgd_err *err) {
    batch b = {0};
    LGD_TRY(run_set_key(r, n->model.session, err));
    lgd_status status = batch_init(&b, r->pool, r->key, err);
    b.store = n->model.store;
    b.profiles = n->model.profiles;
    b.n_profiles = &n->model.n_profiles;
    b.n_model_profiles = n->model.n_profiles;
    if (status == LGD_OK) status = run_pass(r, &b, "read", false, keep_block, log, err);
    if (status == LGD_OK) status = run_check_inputs(r, err);
    batch_release(&b);
    return status;
}

lgd_status inject_log_read(inject_log *log, inject_normal *n, const char *path, lgd_err *err) {
    run r = {0};
    lgd_config c;
    lgd_config_init(&c, LGD_CMD_PARSE);
    lgd_status status =
        lgd_option_set(&c, lgd_option_find(LGD_SV("input"), LGD_CMD_PARSE), lgd_sv_of(path), LGD_CMD_PARSE, err);
    if (status == LGD_OK)
        status = lgd_option_set(&c, lgd_option_find(LGD_SV("tz"), LGD_CMD_PARSE), LGD_SV("UTC"), LGD_CMD_PARSE, err);
    if (status == LGD_OK) status = run_init(&r, &c, n->run.world, err);
    if (status == LGD_OK) status = read_with(log, n, &r, err);
    run_release(&r);
    lgd_config_release(&c);
    return status == LGD_OK ? sort_by_template(log, lgd_store_n_templates(n->model.store), err) : status;
}

void inject_log_release(inject_log *log) {
    lgd_free(log->records);
    lgd_free(log->insertions);
    lgd_free(log->by_template);
    lgd_free(log->template_at);
    lgd_arena_release(&log->arena);
}
