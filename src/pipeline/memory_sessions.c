/*
 * pipeline/memory_sessions: a sample of the sessions of a training, each with the counts and the order of its templates, so
 * that whoever judges sessions can be fitted anew on older and newer ones together; in the order in which they began.
 *
 * A session that stands for several is put into the table as often. Cross-validation deals sessions out to LGD_FOLDS folds
 * in turn, so copies of one stand LGD_FOLDS apart: one in another fold would make it look usual. Saved form: in varints,
 * some 50 bytes for a session of 20 events.
 */
#include "memory.h"

#include <math.h>

void memory_sessions_release(memory_sessions *m) {
    lgd_free(m->items);
    lgd_arena_release(&m->arena);
    *m = (memory_sessions){0};
}

/* ---- remembering ---- */

/* The older ones and those of the table, in one row. */
typedef struct drawing {
    const memory_sessions *older;
    const memory_source *source;
    size_t n_older, n;
    float *weights, *drawn;
} drawing;

static memory_session item_at(const drawing *d, size_t i) {
    if (i < d->n_older) return d->older->items[i];
    const session_row *row = &d->source->table->rows[d->source->first + i - d->n_older];
    return (memory_session){.counts = row->counts,
                            .n_counts = row->n_counts,
                            .sequence = row->sequence,
                            .n_sequence = row->n_sequence,
                            .weight = 1,
                            .held_out = row->held_out};
}

static size_t ids_of(const memory_session *s) { return s->n_sequence + 2 * s->n_counts; }

/* Fewer and fewer are drawn until they fit. */
static lgd_status draw(drawing *d, uint64_t salt, lgd_err *err) {
    for (size_t most = MEMORY_SESSIONS;; most /= 2) {
        size_t ids = 0;
        memcpy(d->drawn, d->weights, d->n * sizeof *d->drawn);
        LGD_TRY(memory_draw(d->drawn, NULL, d->n, most, salt, err));
        for (size_t i = 0; i < d->n; i++) {
            memory_session s = item_at(d, i);
            ids += d->drawn[i] > 0 ? ids_of(&s) : 0;
        }
        if (ids <= MEMORY_IDS || most == 0) return LGD_OK;
    }
}

static bool copy_array(lgd_arena *a, const void *from, size_t n_bytes, const void **ret) {
    lgd_sv copy = {"", 0};
    if (n_bytes && !lgd_arena_copy(a, (lgd_sv){from, n_bytes}, &copy)) return false;
    *ret = copy.p;
    return true;
}

/* *s with arrays of its own. */
static lgd_status own(lgd_arena *a, memory_session *s, size_t n_seats, lgd_err *err) {
    const void *counts, *sequence, *scores;
    if (!copy_array(a, s->counts, s->n_counts * sizeof *s->counts, &counts) ||
        !copy_array(a, s->sequence, s->n_sequence * sizeof *s->sequence, &sequence) ||
        !copy_array(a, s->scores, n_seats * sizeof *s->scores, &scores))
        return lgd_fail_memory(err, s->n_counts * sizeof *s->counts);
    s->counts = counts;
    s->sequence = sequence;
    s->scores = scores;
    return LGD_OK;
}

static lgd_status keep_drawn(const drawing *d, memory_sessions *ret, lgd_err *err) {
    static const float least = 1.0f / 256; /* what is left of less is nothing */
    const memory_source *from = d->source;
    float scores[LGD_MAX_MEMBERS];
    ret->n_seats = from->n_seats;
    ret->items = lgd_alloc((d->n < MEMORY_SESSIONS ? d->n : MEMORY_SESSIONS) * sizeof *ret->items);
    if (!ret->items) return lgd_fail_memory(err, MEMORY_SESSIONS * sizeof *ret->items);
    for (size_t i = 0; i < d->n && ret->n < MEMORY_SESSIONS; i++) {
        memory_session s = item_at(d, i);
        if (d->drawn[i] < least) continue;
        s.weight = d->drawn[i];
        for (size_t k = 0; i >= d->n_older && k < from->n_seats; k++)
            scores[k] = from->scores[k * from->table->n + from->first + i - d->n_older];
        if (i >= d->n_older) s.scores = scores;
        LGD_TRY(own(&ret->arena, &s, from->n_seats, err));
        ret->items[ret->n++] = s;
    }
    return LGD_OK;
}

lgd_status memory_sessions_draw(const memory_sessions *older, double weight, const memory_source *s, uint64_t salt,
                                memory_sessions *ret, lgd_err *err) {
    /* What other members said of it, as a file may have it, is no score of these. */
    size_t n_older = older && older->n_seats == s->n_seats ? older->n : 0, n = n_older + s->table->n - s->first;
    drawing d = {older, s, n_older, n, lgd_alloc(n * sizeof(float)), lgd_alloc(n * sizeof(float))};
    lgd_status status = d.weights && d.drawn ? LGD_OK : lgd_fail_memory(err, 2 * n * sizeof(float));
    for (size_t i = 0; i < n && status == LGD_OK; i++)
        d.weights[i] = i < n_older ? (float)(weight * (double)older->items[i].weight) : 1;
    if (status == LGD_OK) status = draw(&d, salt, err);
    if (status == LGD_OK) status = keep_drawn(&d, ret, err);
    lgd_free(d.weights);
    lgd_free(d.drawn);
    return status;
}

/* ---- recalling ---- */

static lgd_status add_row(session_table *t, const memory_session *s, lgd_err *err) {
    LGD_TRY(lgd_grow((void **)&t->rows, &t->capacity, t->n + 1, sizeof *t->rows, MAX_SESSIONS, err));
    session_row row = {.held_out = s->held_out};
    row.counts = lgd_alloc(s->n_counts * sizeof *row.counts);
    row.sequence = lgd_alloc(s->n_sequence * sizeof *row.sequence);
    if (!row.counts || !row.sequence) {
        lgd_free(row.counts);
        lgd_free(row.sequence);
        return lgd_fail_memory(err, s->n_counts * sizeof *row.counts);
    }
    row.n_counts = row.capacity = s->n_counts;
    row.n_sequence = row.sequence_capacity = s->n_sequence;
    memcpy(row.counts, s->counts, s->n_counts * sizeof *row.counts);
    memcpy(row.sequence, s->sequence, s->n_sequence * sizeof *row.sequence);
    t->n_kept += s->n_sequence;
    t->rows[t->n++] = row;
    return LGD_OK;
}

/* What all of them weigh, scaled to what there is room for. */
static double scale_of(const memory_sessions *m, double weight) {
    double sessions = 0, ids = 0;
    for (size_t i = 0; i < m->n; i++) {
        double copies = weight * (double)m->items[i].weight;
        sessions += copies;
        ids += copies * (double)ids_of(&m->items[i]);
    }
    return weight / fmax(1, fmax(sessions / RECALLED_SESSIONS, ids / RECALLED_IDS));
}

/* Copies in LGD_FOLDS queues, one taken from each in turn. */
typedef struct queue {
    size_t item, left; /* copies of the item that are to come */
} queue;

static size_t deal(const memory_sessions *m, const uint32_t *copies, uint32_t *ret) {
    queue queues[LGD_FOLDS];
    size_t n = 0, n_open = LGD_FOLDS;
    for (size_t q = 0; q < LGD_FOLDS; q++) queues[q] = (queue){q, q < m->n ? copies[q] : 0};
    while (n_open) {
        n_open = 0;
        for (size_t q = 0; q < LGD_FOLDS; q++) {
            queue *x = &queues[q];
            while (x->left == 0 && x->item < m->n) {
                x->item += LGD_FOLDS;
                x->left = x->item < m->n ? copies[x->item] : 0;
            }
            if (x->item >= m->n) continue;
            n_open++;
            x->left--;
            ret[n++] = (uint32_t)x->item;
        }
    }
    return n;
}

lgd_status memory_sessions_recall(const memory_sessions *m, double weight, session_table *t, uint32_t **ret,
                                  lgd_err *err) {
    memory_copies each[LGD_FOLDS] = {0}; /* by queue, so that these are of one length */
    double scale = scale_of(m, weight);
    uint32_t *copies = lgd_alloc(m->n * sizeof *copies);
    size_t n = 0;
    if (!copies) return lgd_fail_memory(err, m->n * sizeof *copies);
    for (size_t i = 0; i < m->n; i++)
        n += copies[i] = (uint32_t)memory_copies_next(&each[i % LGD_FOLDS], scale * (double)m->items[i].weight);
    uint32_t *items = lgd_alloc(n * sizeof *items);
    lgd_status status = items ? LGD_OK : lgd_fail_memory(err, n * sizeof *items);
    if (items) n = deal(m, copies, items);
    for (size_t i = 0; i < n && status == LGD_OK; i++) status = add_row(t, &m->items[items[i]], err);
    lgd_free(copies);
    if (status == LGD_OK)
        *ret = items;
    else
        lgd_free(items);
    return status;
}

/* ---- saved form ---- */

/* Ids one higher than they are: 0 is what the training did not know. */
static void put_id(lgd_buf *out, lgd_template_id id) { lgd_put_varint(out, id == LGD_NO_TEMPLATE ? 0 : id + 1); }

static void put_session(const memory_session *s, size_t n_seats, lgd_buf *out) {
    lgd_put_f32(out, s->weight);
    lgd_put_u8(out, s->held_out);
    lgd_put_varint(out, s->n_counts);
    for (size_t i = 0; i < s->n_counts; i++) {
        put_id(out, s->counts[i].id);
        lgd_put_varint(out, s->counts[i].n);
    }
    lgd_put_varint(out, s->n_sequence);
    for (size_t i = 0; i < s->n_sequence; i++) put_id(out, s->sequence[i]);
    for (size_t i = 0; i < n_seats; i++) lgd_put_f32(out, s->scores[i]);
}

void memory_sessions_save(const memory_sessions *m, lgd_buf *out) {
    lgd_put_u32(out, (uint32_t)m->n_seats);
    lgd_put_u32(out, (uint32_t)m->n);
    for (size_t i = 0; i < m->n; i++) put_session(&m->items[i], m->n_seats, out);
}

static lgd_template_id get_id(lgd_cursor *c, size_t n_templates) {
    uint64_t code = lgd_get_varint(c, n_templates);
    return code ? (lgd_template_id)(code - 1) : LGD_NO_TEMPLATE;
}

/* The caller's arrays are large enough for any. */
typedef struct room {
    lgd_template_count counts[MAX_SESSION_TEMPLATES];
    lgd_template_id sequence[MAX_SEQUENCE];
    float scores[LGD_MAX_MEMBERS];
} room;

static memory_session get_session(lgd_cursor *c, size_t n_templates, size_t n_seats, room *r) {
    memory_session s = {.counts = r->counts, .sequence = r->sequence, .scores = r->scores};
    s.weight = lgd_get_f32(c);
    s.held_out = lgd_get_u8(c) != 0;
    if (!(s.weight > 0 && s.weight < 1e9f)) c->bad = true;
    s.n_counts = (size_t)lgd_get_varint(c, MAX_SESSION_TEMPLATES);
    for (size_t i = 0; i < s.n_counts; i++) {
        lgd_template_id id = get_id(c, n_templates);
        r->counts[i] = (lgd_template_count){id, (uint32_t)lgd_get_varint(c, UINT32_MAX)};
    }
    s.n_sequence = (size_t)lgd_get_varint(c, MAX_SEQUENCE);
    for (size_t i = 0; i < s.n_sequence; i++) r->sequence[i] = get_id(c, n_templates);
    for (size_t i = 0; i < n_seats; i++) r->scores[i] = lgd_get_f32(c);
    return s;
}

static lgd_status load(lgd_cursor *c, size_t n_templates, memory_sessions *m, room *r, lgd_err *err) {
    size_t n_seats = lgd_get_u32(c), n = lgd_get_count(c, 7);
    if (n_seats > LGD_MAX_MEMBERS || n > MEMORY_SESSIONS) c->bad = true;
    if (c->bad) return LGD_OK;
    m->n_seats = n_seats;
    m->items = lgd_alloc(n * sizeof *m->items);
    if (!m->items) return lgd_fail_memory(err, n * sizeof *m->items);
    while (m->n < n && !c->bad) {
        memory_session s = get_session(c, n_templates, n_seats, r);
        if (c->bad) break;
        LGD_TRY(own(&m->arena, &s, n_seats, err));
        m->items[m->n++] = s;
    }
    return LGD_OK;
}

lgd_status memory_sessions_load(lgd_cursor *c, size_t n_templates, memory_sessions *ret, lgd_err *err) {
    room *r = lgd_alloc(sizeof *r);
    if (!r) return lgd_fail_memory(err, sizeof *r);
    lgd_status status = load(c, n_templates, ret, r, err);
    lgd_free(r);
    return status;
}
