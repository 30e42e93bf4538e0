/*
 * pipeline/batch: see batch.h. Work is cut into pieces by record; a worker writes each record's result to the record's
 * own place, so the outcome is the same for any number of threads.
 */
#include "batch.h"

enum { GRAIN = 256 };

lgd_status batch_init(batch *b, lgd_pool *pool, const lgd_regex *key, lgd_err *err) {
    b->pool = pool;
    b->session_key = key;
    b->workers = lgd_calloc(lgd_pool_size(pool), sizeof *b->workers);
    if (!b->workers) return lgd_fail_memory(err, lgd_pool_size(pool) * sizeof *b->workers);
    b->n_workers = lgd_pool_size(pool);
    b->tally.start_ns = b->tally.end_ns = LGD_NO_TIME;
    for (size_t i = 0; i < b->n_workers; i++) {
        LGD_TRY(lgd_cutter_new(&b->workers[i].arena, &b->workers[i].cutter, err));
        if (key) LGD_TRY(lgd_matcher_new(&b->workers[i].matcher, err));
    }
    return LGD_OK;
}

uint64_t batch_over_limit(const batch *b) {
    uint64_t sum = 0;
    for (size_t i = 0; i < b->n_workers; i++) sum += b->workers[i].over_limit;
    return sum;
}

static void release_events(lgd_events *e) {
    lgd_free(e->template_id);
    lgd_free(e->start_ns);
    lgd_free(e->level);
    lgd_free(e->length);
    lgd_free(e->stream);
    lgd_free(e->n_values);
    lgd_free(e->values);
}

void batch_release(batch *b) {
    for (size_t i = 0; i < b->n_workers; i++) {
        lgd_matcher_free(b->workers[i].matcher);
        lgd_cutter_free(b->workers[i].cutter);
        lgd_lexer_release(&b->workers[i].lexer);
        lgd_arena_release(&b->workers[i].arena);
    }
    lgd_free(b->workers);
    lgd_free(b->parses);
    lgd_free(b->origins);
    release_events(&b->events);
    *b = (batch){0};
}

static lgd_status reserve(batch *b, size_t n, lgd_err *err) {
    LGD_TRY(lgd_grow((void **)&b->parses, &b->parses_capacity, n, sizeof *b->parses, UINT32_MAX, err));
    if (n <= b->capacity) return LGD_OK;
    lgd_free(b->origins);
    release_events(&b->events);
    b->events = (lgd_events){0,
                             lgd_alloc(n * sizeof(lgd_template_id)),
                             lgd_alloc(n * sizeof(int64_t)),
                             lgd_alloc(n),
                             lgd_alloc(n * sizeof(uint32_t)),
                             lgd_alloc(n * sizeof(uint32_t)),
                             lgd_alloc(n * sizeof(uint32_t)),
                             lgd_alloc(n * sizeof(lgd_observation *))};
    b->origins = lgd_alloc(n * sizeof *b->origins);
    const lgd_events *e = &b->events;
    bool ok =
        e->template_id && e->start_ns && e->level && e->length && e->stream && e->n_values && e->values && b->origins;
    b->capacity = ok ? n : 0;
    return ok ? LGD_OK : lgd_fail_memory(err, n * 48);
}

/* ---- the parallel part ---- */

static lgd_status observe(const batch *b, worker *w, const lgd_signature *s, lgd_sv message, parsed *ret) {
    lgd_value values[MAX_EVENT_VALUES];
    const lgd_pattern *p = lgd_store_pattern(b->store, ret->pattern);
    size_t n = lgd_pattern_values(p, s, message, values, MAX_EVENT_VALUES);
    lgd_observation *to = lgd_arena_alloc(&w->arena, n * sizeof *to);
    if (!to) return lgd_fail_memory(&w->err, n * sizeof *to);
    for (size_t i = 0; i < n; i++) {
        to[i] = (lgd_observation){
            .slot = p->slot_base + (uint32_t)i, .hash = lgd_value_hash(values[i].text), .text = values[i].text};
        to[i].type = (uint8_t)values[i].type;
        to[i].is_number =
            lgd_value_is_quantity(values[i].type) && lgd_value_unit(values[i].text, &to[i].number, &to[i].unit);
    }
    ret->values = to;
    ret->n_values = (uint32_t)n;
    return LGD_OK;
}

static lgd_status keep_signature(worker *w, const lgd_signature *s, parsed *ret) {
    if (!lgd_arena_copy(&w->arena, s->bytes, &ret->signature)) return lgd_fail_memory(&w->err, s->bytes.n);
    ret->raw_signature = ret->signature;
    if (s->raw_bytes.n == s->bytes.n) return LGD_OK;
    return lgd_arena_copy(&w->arena, s->raw_bytes, &ret->raw_signature) ? LGD_OK
                                                                        : lgd_fail_memory(&w->err, s->raw_bytes.n);
}

static lgd_status cut_one(const batch *b, worker *w, const lgd_record *r, parsed *ret) {
    *ret = (parsed){.record = r, .pattern = LGD_NO_PATTERN, .blank = lgd_sv_trim(r->text).n == 0};
    if (ret->blank) return LGD_OK;
    LGD_TRY(batch_cut(b, w, lgd_record_line(r), ret));
    ret->body = ret->cut.header.message;
    return lgd_record_message(r, &w->arena, &ret->cut, &w->err);
}

static lgd_status read_one(const batch *b, worker *w, parsed *ret) {
    const lgd_sv message = ret->cut.header.message;
    if (ret->blank || ret->joined) return LGD_OK;
    if (b->session_key)
        ret->session = session_key_find(b->session_key, w->matcher, lgd_record_line(ret->record), &w->over_limit);
    lgd_signature s;
    LGD_TRY(lgd_lex(&w->lexer, message, &s, &w->err));
    if (b->store) ret->pattern = lgd_store_find(b->store, s.bytes);
    if (ret->pattern != LGD_NO_PATTERN) LGD_TRY(observe(b, w, &s, message, ret));
    if (b->keep_signatures || ret->pattern == LGD_NO_PATTERN) LGD_TRY(keep_signature(w, &s, ret));
    return LGD_OK;
}

static void cut_piece(void *ctx, size_t begin, size_t end, size_t number) {
    batch *b = ctx;
    worker *w = &b->workers[number];
    for (size_t i = begin; i < end && w->err.status == LGD_OK; i++)
        if (cut_one(b, w, &b->block->records[i], &b->parses[i]) != LGD_OK) return;
}

static void read_piece(void *ctx, size_t begin, size_t end, size_t number) {
    batch *b = ctx;
    worker *w = &b->workers[number];
    for (size_t i = begin; i < end && w->err.status == LGD_OK; i++)
        if (read_one(b, w, &b->parses[i]) != LGD_OK) return;
}

static void parse_piece(void *ctx, size_t begin, size_t end, size_t number) {
    batch *b = ctx;
    worker *w = &b->workers[number];
    for (size_t i = begin; i < end && w->err.status == LGD_OK; i++) {
        if (cut_one(b, w, &b->block->records[i], &b->parses[i]) != LGD_OK) return;
        if (read_one(b, w, &b->parses[i]) != LGD_OK) return;
    }
}

/* ---- the ordered part ---- */

static bool is_outside(const batch *b, int64_t now, lgd_skip *ret) {
    if (now == LGD_NO_TIME) return false;
    *ret = now < b->since_ns ? LGD_SKIP_BEFORE : LGD_SKIP_AFTER;
    return (b->since_ns != LGD_NO_TIME && now < b->since_ns) || (b->until_ns != LGD_NO_TIME && now >= b->until_ns);
}

static uint32_t stream_of(const lgd_header *h) {
    lgd_sv key = h->pid.n ? h->pid : h->component;
    return key.n ? lgd_value_hash(key) | 1u : 0;
}

static lgd_status identify(batch *b, const parsed *p, lgd_template_id *ret, lgd_err *err) {
    bool first = false;
    *ret = LGD_NO_TEMPLATE;
    if (p->pattern != LGD_NO_PATTERN)
        *ret = lgd_store_pattern(b->store, p->pattern)->template_id;
    else if (b->newcomers)
        LGD_TRY(lgd_newcomers_id(b->newcomers, p->signature, ret, &first, err));
    return LGD_OK;
}

static void widen_time(tally *t, int64_t now) {
    if (now == LGD_NO_TIME) return;
    if (t->start_ns == LGD_NO_TIME || now < t->start_ns) t->start_ns = now;
    if (t->end_ns == LGD_NO_TIME || now > t->end_ns) t->end_ns = now;
}

/* A line without a header in a file that has them goes on with what the line before said: it has its component, its
 * process and its time. */
static void place_event(batch *b, const lgd_record *r, const parsed *p, int64_t now) {
    lgd_events *e = &b->events;
    size_t i = e->n;
    const lgd_header *h = &p->cut.header;
    bool goes_on = now == LGD_NO_TIME && b->clock.last_ns != LGD_NO_TIME && !h->component.n;
    if (!goes_on) {
        b->last_stream = stream_of(h);
        b->last_unit = h->component.n ? lgd_value_hash(h->component) | 1u : 0;
    }
    lgd_sv id = {(const char *)&e->template_id[i], sizeof e->template_id[i]};
    e->start_ns[i] = now == LGD_NO_TIME ? b->clock.last_ns : now;
    e->stream[i] = b->last_stream;
    b->origins[i] = (origin){r, p, *h, b->last_unit ? b->last_unit : lgd_value_hash(id) & ~1u};
    b->origins[i].header.start_ns = now;
}

static lgd_status add_event(batch *b, const lgd_record *r, const parsed *p, int64_t now, lgd_err *err) {
    size_t i = b->events.n;
    lgd_events *e = &b->events;
    LGD_TRY(identify(b, p, &e->template_id[i], err));
    place_event(b, r, p, now);
    e->level[i] = (uint8_t)p->cut.header.level;
    e->length[i] = (uint32_t)(p->cut.header.message.n < UINT32_MAX ? p->cut.header.message.n : UINT32_MAX);
    e->n_values[i] = p->n_values;
    e->values[i] = p->values;
    e->n++;
    widen_time(&b->tally, now);
    b->tally.scored_lines += r->n_lines;
    b->tally.events++;
    return LGD_OK;
}

static void tally_format(batch *b, const parsed *p) {
    b->tally.format_lines[b->chain[p->link]][p->cut.format] += p->record->n_lines;
    if (p->cut.over_limit.n == 0) return;
    if (b->tally.over_limit++ == 0) b->tally.over_limit_name = p->cut.over_limit;
}

static lgd_status order_one(batch *b, const parsed *p, lgd_err *err) {
    lgd_skip skip = LGD_SKIP_EMPTY;
    int64_t now = LGD_NO_TIME;
    const lgd_record *r = p->record;
    if (p->joined) return LGD_OK; /* counted with the record that holds it */
    b->tally.records++;
    b->tally.lines += r->n_lines;
    if (!p->blank) tally_format(b, p);
    if (!p->blank && p->cut.has_time) now = lgd_clock_resolve(&b->clock, &p->cut.written);
    if (p->blank || is_outside(b, now == LGD_NO_TIME ? b->clock.last_ns : now, &skip)) {
        b->tally.skipped[skip] += r->n_lines;
        return LGD_OK;
    }
    return add_event(b, r, p, now, err);
}

static lgd_status run_pieces(batch *b, size_t n, lgd_pool_work work, lgd_err *err) {
    lgd_pool_run(b->pool, n, GRAIN, work, b);
    for (size_t i = 0; i < b->n_workers; i++)
        if (b->workers[i].err.status != LGD_OK)
            return lgd_fail(err, b->workers[i].err.status, "%s", b->workers[i].err.text);
    return LGD_OK;
}

static lgd_status parse_all(batch *b, const lgd_block *block, lgd_err *err) {
    for (size_t i = 0; i < b->n_workers; i++) lgd_arena_clear(&b->workers[i].arena);
    if (!b->multiline || !batch_has_wrapped(b)) return run_pieces(b, block->n_records, parse_piece, err);
    LGD_TRY(run_pieces(b, block->n_records, cut_piece, err));
    LGD_TRY(batch_join_wrapped(b, block, err));
    return run_pieces(b, block->n_records, read_piece, err);
}

lgd_status batch_parse(batch *b, const lgd_block *block, const lgd_input_file *file, lgd_err *err) {
    LGD_TRY(reserve(b, block->n_records, err));
    if (block->first) b->n_chain = 0;
    if (b->n_chain == 0) LGD_TRY(batch_begin_file(b, block, err));
    if (block->first) {
        b->inside = (lgd_line_state){.indent = true};
        lgd_clock_init(&b->clock, b->zone, file->mtime_ns);
        b->last_unit = b->last_stream = 0;
    }
    b->block = block;
    const lgd_line_state inside = b->inside;
    for (bool again = true; again;) {
        b->inside = inside;
        LGD_TRY(parse_all(b, block, err));
        LGD_TRY(batch_extend_chain(b, block, &again, err));
    }
    b->events.n = 0;
    for (size_t i = 0; i < block->n_records; i++) LGD_TRY(order_one(b, &b->parses[i], err));
    return LGD_OK;
}
