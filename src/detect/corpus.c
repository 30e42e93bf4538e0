/*
 * detect/corpus: steps -> distinct windows with their counts. Windows of a stream follow each other without overlap, the
 * last one is short; a session ends with LGD_ORDER_END, another stream without. Whether a window is held out is decided
 * where its session began; where there is none, where it began itself, since a log may be one endless stream. The two kinds
 * are counted apart.
 *
 * Bounded: of too many distinct windows the half with the highest priority stays, sqrt(count) / u with u in (0, 1] from the
 * window's hash (Duffield, Lund & Thorup 2007: the k highest are a sample whose members stand for
 * max(sqrt(count), the k+1-st priority) each). Held-out sessions are sampled by a hash of their number; the bar is halved
 * whenever they are too many. O(1) an event.
 */
#include "corpus.h"

#include <math.h>
#include <stdlib.h>

/* An open stream. */
typedef struct open_stream {
    stream_state base;
    uint32_t n;            /* events in ids */
    uint32_t held_session; /* number of the session that is kept; LGD_INDEX_NONE */
    bool is_session, held_out;
    lgd_template_id ids[]; /* as in a window */
} open_stream;

static size_t round_up(size_t n) { return (n + 7) / 8 * 8; }

lgd_status lgd_corpus_new(const lgd_lstm_options *o, lgd_corpus **ret, lgd_err *err) {
    if (o->steps < 1 || o->steps > LGD_NET_MAX_STEPS)
        return lgd_fail(err, LGD_E_USAGE, "windows of %u events, allowed are 1 to %d", (unsigned)o->steps,
                        LGD_NET_MAX_STEPS);
    lgd_corpus *c = lgd_calloc(1, sizeof *c);
    if (!c) return lgd_fail_memory(err, sizeof *c);
    size_t ids = (1 + (size_t)o->steps) * sizeof(lgd_template_id);
    c->steps = o->steps;
    c->stride = round_up(offsetof(corpus_window, ids) + ids);
    c->most_windows = CORPUS_MAX_BYTES / c->stride;
    if (c->most_windows > CORPUS_MAX_WINDOWS) c->most_windows = CORPUS_MAX_WINDOWS;
    c->held_below = UINT64_MAX;
    stream_table_init(&c->sessions, round_up(offsetof(open_stream, ids) + ids), MAX_SESSIONS);
    stream_table_init(&c->others, c->sessions.stride, MAX_OTHER_STREAMS);
    *ret = c;
    return LGD_OK;
}

void lgd_corpus_free(lgd_corpus *c) {
    if (!c) return;
    stream_table_release(&c->sessions);
    stream_table_release(&c->others);
    lgd_free(c->windows);
    lgd_index_release(&c->index);
    lgd_free(c->counts);
    for (size_t i = 0; i < c->n_held; i++) lgd_free(c->held[i].ids);
    lgd_free(c->held);
    lgd_free(c);
}

/* ---- samples ---- */

typedef struct ranked_window {
    double priority;
    uint64_t hash;
    uint32_t item;
} ranked_window;

static int highest_first(const void *a, const void *b) {
    const ranked_window *x = a, *y = b;
    if (x->priority != y->priority) return x->priority < y->priority ? 1 : -1;
    return (x->hash > y->hash) - (x->hash < y->hash);
}

static double weight_of(const corpus_window *w) { return sqrt((double)w->count); }

static double priority_of(const corpus_window *w) {
    double u = (double)((lgd_hash_u64(w->hash, 0x7072696fu) >> 11) + 1) * 0x1p-53;
    return weight_of(w) / u;
}

/* ranked: [n_windows]; those of one kind or of both, highest priority first. Returns how many there are. */
static size_t rank_windows(const lgd_corpus *c, bool fitted, bool held_out, ranked_window *ranked) {
    size_t n = 0;
    for (size_t i = 0; i < c->n_windows; i++) {
        const corpus_window *w = corpus_window_at(c, i);
        if (w->held_out ? held_out : fitted) ranked[n++] = (ranked_window){priority_of(w), w->hash, (uint32_t)i};
    }
    if (n) qsort(ranked, n, sizeof *ranked, highest_first);
    return n;
}

lgd_status corpus_draw(const lgd_corpus *c, bool held_out, size_t most, corpus_sample *ret, lgd_err *err) {
    ranked_window *ranked = lgd_alloc(c->n_windows * sizeof *ranked);
    if (!ranked) return lgd_fail_memory(err, c->n_windows * sizeof *ranked);
    size_t n = rank_windows(c, !held_out, held_out, ranked), kept = n < most ? n : most;
    double least = n > kept ? ranked[kept].priority : 0;
    corpus_sample s = {lgd_alloc(kept * sizeof *s.windows), lgd_alloc(kept * sizeof *s.weights), kept};
    bool ok = s.windows && s.weights;
    for (size_t i = 0; ok && i < kept; i++) {
        s.windows[i] = corpus_window_at(c, ranked[i].item);
        s.weights[i] = (float)fmax(weight_of(s.windows[i]), least);
    }
    lgd_free(ranked);
    if (ok)
        *ret = s;
    else
        corpus_sample_release(&s);
    return ok ? LGD_OK : lgd_fail_memory(err, kept * 12);
}

void corpus_sample_release(corpus_sample *s) {
    lgd_free(s->windows);
    lgd_free(s->weights);
    *s = (corpus_sample){0};
}

static int by_item(const void *a, const void *b) {
    const ranked_window *x = a, *y = b;
    return (x->item > y->item) - (x->item < y->item);
}

/* Forgets the half of the windows that has the lower priorities. */
static lgd_status prune(lgd_corpus *c, lgd_err *err) {
    size_t kept = c->n_windows / 2;
    ranked_window *ranked = lgd_alloc(c->n_windows * sizeof *ranked);
    if (!ranked) return lgd_fail_memory(err, c->n_windows * sizeof *ranked);
    (void)rank_windows(c, true, true, ranked);
    qsort(ranked, kept, sizeof *ranked, by_item);
    lgd_index_clear(&c->index);
    lgd_status status = LGD_OK;
    for (size_t i = 0; i < kept && status == LGD_OK; i++) {
        if (ranked[i].item != i) memcpy(c->windows + i * c->stride, c->windows + ranked[i].item * c->stride, c->stride);
        status = lgd_index_add(&c->index, corpus_window_at(c, i)->hash, (uint32_t)i, err);
    }
    lgd_free(ranked);
    c->n_forgotten += c->n_windows - kept;
    c->n_windows = kept;
    return status;
}

/* ---- windows ---- */

static size_t id_bytes(size_t n_events) { return (1 + n_events) * sizeof(lgd_template_id); }

typedef struct window_key {
    const lgd_template_id *ids;
    size_t n;
    bool held_out;
} window_key;

static bool same_window(const void *ctx, uint32_t item, const void *key) {
    const corpus_window *w = corpus_window_at(ctx, item);
    const window_key *k = key;
    return w->n == k->n && w->held_out == k->held_out && memcmp(w->ids, k->ids, id_bytes(k->n)) == 0;
}

static lgd_status new_window(lgd_corpus *c, const window_key *k, uint64_t hash, corpus_window **ret, lgd_err *err) {
    if (c->n_windows == c->most_windows) LGD_TRY(prune(c, err));
    LGD_TRY(lgd_grow((void **)&c->windows, &c->capacity, c->n_windows + 1, c->stride, c->most_windows, err));
    LGD_TRY(lgd_index_add(&c->index, hash, (uint32_t)c->n_windows, err));
    corpus_window *w = (corpus_window *)(void *)(c->windows + c->n_windows++ * c->stride);
    memset(w, 0, c->stride);
    *w = (corpus_window){.hash = hash, .n = (uint16_t)k->n, .held_out = k->held_out};
    memcpy(w->ids, k->ids, id_bytes(k->n));
    *ret = w;
    return LGD_OK;
}

lgd_status corpus_add_window(lgd_corpus *c, const lgd_template_id *ids, size_t n, bool held_out, uint32_t count,
                             lgd_err *err) {
    window_key key = {ids, n, held_out};
    uint64_t hash = lgd_hash(ids, id_bytes(n), 0x77696e646f77u + held_out);
    uint32_t item = lgd_index_find(&c->index, hash, same_window, c, &key);
    corpus_window *w = NULL;
    if (item == LGD_INDEX_NONE)
        LGD_TRY(new_window(c, &key, hash, &w, err));
    else
        w = (corpus_window *)(void *)(c->windows + item * c->stride);
    w->count += w->count < UINT32_MAX - count ? count : UINT32_MAX - w->count;
    c->n_seen[held_out] += count;
    return LGD_OK;
}

/* The stream's open window is done; the next one starts behind its last event. */
static lgd_status close_window(lgd_corpus *c, open_stream *s, lgd_err *err) {
    if (s->n == 0) return LGD_OK;
    LGD_TRY(corpus_add_window(c, s->ids, s->n, s->held_out, 1, err));
    s->ids[0] = s->ids[s->n];
    s->n = 0;
    return LGD_OK;
}

static lgd_status add_event(lgd_corpus *c, open_stream *s, lgd_template_id id, lgd_err *err) {
    s->ids[1 + s->n++] = id;
    return s->n == c->steps ? close_window(c, s, err) : LGD_OK;
}

lgd_status corpus_count_events(lgd_corpus *c, lgd_template_id id, uint32_t count, lgd_err *err) {
    if (id == LGD_NO_TEMPLATE) return LGD_OK;
    LGD_TRY(lgd_grow((void **)&c->counts, &c->counts_capacity, (size_t)id + 1, sizeof *c->counts, CORPUS_MAX_TEMPLATES,
                     err));
    while (c->n_templates <= id) c->counts[c->n_templates++] = 0;
    c->counts[id] += c->counts[id] < UINT32_MAX - count ? count : UINT32_MAX - c->counts[id];
    return LGD_OK;
}

/* ---- held-out sessions ---- */

static void drop_session(lgd_corpus *c, corpus_session *s) {
    c->n_kept--;
    c->n_kept_events -= s->n;
    lgd_free(s->ids);
    s->ids = NULL;
}

static void bound_sessions(lgd_corpus *c) {
    while (c->n_kept > CORPUS_MAX_SESSIONS || c->n_kept_events > CORPUS_MAX_EVENTS) {
        c->held_below /= 2;
        for (size_t i = 0; i < c->n_held; i++)
            if (c->held[i].ids && c->held[i].priority >= c->held_below) drop_session(c, &c->held[i]);
    }
}

/* *ret: its number; LGD_INDEX_NONE if it is not in the sample. */
static lgd_status begin_held_session(lgd_corpus *c, uint32_t *ret, lgd_err *err) {
    uint64_t priority = lgd_hash_u64(c->n_held_seen++, 0x68656c64u);
    if (priority >= c->held_below) return LGD_OK;
    LGD_TRY(lgd_grow((void **)&c->held, &c->held_capacity, c->n_held + 1, sizeof *c->held, MAX_SESSIONS, err));
    *ret = (uint32_t)c->n_held;
    c->held[c->n_held++] = (corpus_session){.priority = priority};
    return LGD_OK;
}

static lgd_status keep_event(lgd_corpus *c, uint32_t session, lgd_template_id id, lgd_err *err) {
    corpus_session *s = &c->held[session];
    if (s->n && !s->ids) return LGD_OK;
    if (s->n == CORPUS_MAX_SESSION_EVENTS)
        return drop_session(c, s), LGD_OK; /* cut short it would end where none does */
    LGD_TRY(lgd_grow((void **)&s->ids, &s->capacity, s->n + 1, sizeof *s->ids, CORPUS_MAX_SESSION_EVENTS, err));
    c->n_kept += s->n == 0;
    c->n_kept_events++;
    s->ids[s->n++] = id;
    bound_sessions(c);
    return LGD_OK;
}

lgd_status lgd_corpus_recall_session(lgd_corpus *c, const lgd_template_id *ids, size_t n, lgd_err *err) {
    uint32_t session = LGD_INDEX_NONE;
    if (c->n_held_seen == MAX_SESSIONS) return LGD_OK;
    LGD_TRY(begin_held_session(c, &session, err));
    for (size_t i = 0; i < n && session != LGD_INDEX_NONE; i++) LGD_TRY(keep_event(c, session, ids[i], err));
    return LGD_OK;
}

/* ---- streams ---- */

/* Forgets the streams that were not there for longest; their windows are done. */
static lgd_status end_old_streams(lgd_corpus *c, lgd_err *err) {
    stream_table_sort_by_use(&c->others);
    size_t kept = c->others.n / 2;
    for (size_t i = kept; i < c->others.n; i++) LGD_TRY(close_window(c, (open_stream *)stream_at(&c->others, i), err));
    return stream_table_keep(&c->others, kept, err);
}

static lgd_status begin_stream(lgd_corpus *c, stream_table *t, uint64_t key, bool held_out, open_stream **ret,
                               lgd_err *err) {
    uint32_t item;
    if (stream_table_is_full(t)) LGD_TRY(end_old_streams(c, err));
    LGD_TRY(stream_add(t, key, &item, err));
    open_stream *s = (open_stream *)stream_at(t, item);
    s->is_session = t == &c->sessions;
    s->held_out = held_out;
    s->held_session = LGD_INDEX_NONE;
    s->ids[0] = LGD_ORDER_START;
    *ret = s;
    return s->is_session && held_out ? begin_held_session(c, &s->held_session, err) : LGD_OK;
}

/* Sessions beyond the limit are followed like other streams. */
static lgd_status find_stream(lgd_corpus *c, const lgd_step *step, bool held_out, open_stream **ret, lgd_err *err) {
    stream_table *t = step->is_session ? &c->sessions : &c->others;
    uint32_t item = stream_find(t, step->stream);
    if (item == LGD_INDEX_NONE && step->is_session && stream_table_is_full(t)) {
        t = &c->others;
        item = stream_find(t, step->stream);
    }
    if (item == LGD_INDEX_NONE) return begin_stream(c, t, step->stream, held_out, ret, err);
    *ret = (open_stream *)stream_at(t, item);
    return LGD_OK;
}

static lgd_status end_others(lgd_corpus *c, lgd_err *err) {
    for (size_t i = 0; i < c->others.n; i++) LGD_TRY(close_window(c, (open_stream *)stream_at(&c->others, i), err));
    stream_table_clear(&c->others);
    c->input_ended = false;
    return LGD_OK;
}

void lgd_corpus_begin_input(lgd_corpus *c) { c->input_ended = true; }

lgd_status lgd_corpus_add(lgd_corpus *c, const lgd_step *step, bool held_out, lgd_err *err) {
    open_stream *s;
    lgd_template_id id = step->id < CORPUS_MAX_TEMPLATES ? step->id : LGD_NO_TEMPLATE;
    if (c->input_ended) LGD_TRY(end_others(c, err));
    LGD_TRY(find_stream(c, step, held_out, &s, err));
    s->base.used = c->clock++;
    if (!s->is_session && s->n == 0) s->held_out = held_out;
    if (!s->held_out) LGD_TRY(corpus_count_events(c, id, 1, err));
    if (s->held_session != LGD_INDEX_NONE) LGD_TRY(keep_event(c, s->held_session, id, err));
    return add_event(c, s, id, err);
}

lgd_status corpus_finish(lgd_corpus *c, lgd_err *err) {
    for (size_t i = 0; i < c->sessions.n; i++) {
        open_stream *s = (open_stream *)stream_at(&c->sessions, i);
        c->n_ends += !s->held_out;
        LGD_TRY(add_event(c, s, LGD_ORDER_END, err));
        LGD_TRY(close_window(c, s, err));
    }
    stream_table_clear(&c->sessions);
    return end_others(c, err);
}
