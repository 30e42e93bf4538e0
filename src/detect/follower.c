/*
 * detect/follower: steps -> what the network says of each event, given its window so far.
 *
 * An event is looked up by the hash of its window's context and rows up to it. What is not known is asked for: the window
 * so far joins those that are waiting, later events of the same window make it longer, other streams at the same point
 * wait for the same answer. All of them are ranked at once at the end of a call, which is what makes it fast. Answers are
 * kept in 1/64 bit and the network's do not depend on the company of a window, so the result does not depend on calls, on
 * threads, nor on what was forgotten (Memoization; a window cut in two by the end of a call is computed again).
 *
 * A hit costs two look-ups: the stream, and one line of the cache. Bounded: MAX_SESSIONS and MAX_OTHER_STREAMS states of
 * 128 bytes where windows have 20 events, PREFIX_CACHE_MOST answers, MAX_ASKED ids that wait to be ranked.
 */
#include "lstm.h"
#include "prefix_cache.h"
#include "streams.h"

#include <math.h>

enum { MAX_ASKED = 1 << 18, MAX_WAITERS = 1 << 18 };
enum { POWERS = 150 }; /* what is below 2^-149 is 0 */

/* A stream on its way. */
typedef struct followed {
    stream_state base;
    uint64_t prefix;         /* hash of the window so far */
    uint32_t batch, window;  /* the window that was asked for, if that batch is not ranked yet */
    uint32_t n, worst_n;     /* events; number of the worst, 0: none */
    lgd_foretold worst;      /* of a session */
    lgd_template_id last[3]; /* oldest first */
    lgd_template_id before[3], at;
    uint16_t context, n_rows; /* rows: before the window; in it */
    uint16_t rows[];
} followed;

/* An event whose answer is waited for. */
typedef struct waiter {
    uint64_t prefix;
    lgd_foretold *ret; /* NULL: an end */
    uint32_t session;  /* number of the state; LGD_INDEX_NONE */
    uint32_t n;        /* of the event in its session */
    lgd_template_id id, before[3];
} waiter;

struct lgd_follower {
    const lgd_lstm *l;
    lgd_ranker *ranker;
    stream_table sessions, others;
    uint64_t clock;
    prefix_cache cache;
    uint32_t steps, batch;
    int32_t *inputs, *targets; /* [n_windows, steps] */
    lgd_ranked *ranked;
    size_t n_windows, windows_capacity, most_windows;
    waiter *waiters;
    size_t n_waiters, waiters_capacity;
    float wholes[POWERS], fractions[64]; /* 2^-i, 2^-(i/64) */
};

lgd_status follower_new(const lgd_lstm *l, lgd_engine *e, size_t most_prefixes, lgd_follower **ret, lgd_err *err) {
    lgd_follower *f = lgd_calloc(1, sizeof *f);
    if (!f) return lgd_fail_memory(err, sizeof *f);
    f->l = l;
    f->batch = 1;
    f->steps = l->net->shape.steps;
    f->most_windows = MAX_ASKED / f->steps;
    for (int i = 0; i < POWERS; i++) f->wholes[i] = exp2f((float)-i);
    for (int i = 0; i < 64; i++) f->fractions[i] = exp2f(bits64_value(-i));
    size_t stride = (offsetof(followed, rows) + f->steps * sizeof(uint16_t) + 7) / 8 * 8;
    stream_table_init(&f->sessions, stride, MAX_SESSIONS);
    stream_table_init(&f->others, stride, MAX_OTHER_STREAMS);
    lgd_status status = prefix_cache_init(&f->cache, most_prefixes, err);
    if (status == LGD_OK) status = lgd_ranker_new(l->net, e, &f->ranker, err);
    if (status == LGD_OK)
        *ret = f;
    else
        lgd_follower_free(f);
    return status;
}

lgd_status lgd_follower_new(const lgd_lstm *l, lgd_engine *e, lgd_follower **ret, lgd_err *err) {
    return follower_new(l, e, PREFIX_CACHE_MOST, ret, err);
}

void lgd_follower_free(lgd_follower *f) {
    if (!f) return;
    lgd_ranker_free(f->ranker);
    stream_table_release(&f->sessions);
    stream_table_release(&f->others);
    prefix_cache_release(&f->cache);
    lgd_free(f->inputs);
    lgd_free(f->targets);
    lgd_free(f->ranked);
    lgd_free(f->waiters);
    lgd_free(f);
}

void lgd_follower_begin_input(lgd_follower *f) { stream_table_clear(&f->others); }

/* ---- what is said of an event ---- */

/* 2^(x/64), x <= 0: a probability is wanted twice for each event. */
static float power_of_two(const lgd_follower *f, int x) {
    unsigned n = (unsigned)-x, whole = n / 64;
    return whole < POWERS ? f->wholes[whole] * f->fractions[n % 64] : 0;
}

static lgd_foretold foretell_squared(const vocab *v, const vocab_place *place, const prefix_entry *e) {
    /* A right guess of what is not known is none; 2 is what a sure and wrong one costs. */
    const bits64 unknown = 2 * 64;
    bits64 error = place->row == ROW_UNKNOWN && e->p < unknown ? unknown : e->p;
    return (lgd_foretold){.score = bits64_value(error), .expected = v->ids[e->best]};
}

static lgd_foretold foretell(const lgd_follower *f, const vocab_place *place, const prefix_entry *e) {
    const vocab *v = &f->l->vocab;
    if (f->l->net->shape.loss == LGD_LOSS_SQUARED) return foretell_squared(v, place, e);
    int p = e->p + place->share, ratio = e->p_best + v->top[e->best] - p;
    bool known = place->row != ROW_UNKNOWN;
    if (ratio < 0) ratio = 0;
    return (lgd_foretold){.score = bits64_value(known && ratio < place->cap ? ratio : place->cap),
                          .p = known ? power_of_two(f, p) : 0,
                          .p_expected = power_of_two(f, e->p_best),
                          .expected = v->ids[e->best]};
}

/* The first of the worst counts, in whatever order they come. */
static void note_worst(followed *s, const lgd_foretold *told, uint32_t n, lgd_template_id id,
                       const lgd_template_id before[3]) {
    bool worse = s->worst_n == 0 || told->score > s->worst.score || (told->score == s->worst.score && n < s->worst_n);
    if (!worse) return;
    s->worst = *told;
    s->worst_n = n;
    s->at = id;
    memcpy(s->before, before, sizeof s->before);
}

/* ---- asking ---- */

static void take_answer(const lgd_follower *f, prefix_entry *e) {
    const lgd_ranked *r = &f->ranked[e->slot];
    bool sound = r->best >= 0 && (uint32_t)r->best < f->l->vocab.n_rows;
    e->best = (uint16_t)(sound ? r->best : ROW_UNKNOWN);
    bits64 p = bits64_of((double)r->log2_p), p_best = bits64_of((double)r->log2_p_best);
    e->p = p;
    e->p_best = p_best;
    e->state = PREFIX_KNOWN;
}

static void answer(lgd_follower *f) {
    for (size_t i = 0; i < f->n_waiters; i++) {
        const waiter *w = &f->waiters[i];
        prefix_entry *e = prefix_cache_find(&f->cache, w->prefix);
        if (e->state == PREFIX_PENDING) take_answer(f, e);
        lgd_foretold told = foretell(f, vocab_find(&f->l->vocab, w->id), e);
        if (w->ret) *w->ret = told;
        if (w->session != LGD_INDEX_NONE)
            note_worst((followed *)stream_at(&f->sessions, w->session), &told, w->n, w->id, w->before);
    }
}

/* Ranks all that was asked for and tells those who wait. */
static lgd_status settle(lgd_follower *f, lgd_err *err) {
    lgd_status status = LGD_OK;
    if (f->n_windows) {
        lgd_windows w = {.n = f->n_windows, .inputs = f->inputs, .targets = f->targets};
        status = lgd_ranker_run(f->ranker, &w, f->ranked, err);
    }
    if (status == LGD_OK)
        answer(f);
    else
        prefix_cache_clear(&f->cache); /* of entries that will never be answered */
    f->n_windows = f->n_waiters = 0;
    f->batch++;
    return status;
}

/* For one window more, in all three arrays alike. */
static lgd_status grow_windows(lgd_follower *f, lgd_err *err) {
    size_t need = f->n_windows + 1, most = f->most_windows, capacity[3];
    for (size_t i = 0; i < 3; i++) capacity[i] = f->windows_capacity;
    LGD_TRY(lgd_grow((void **)&f->inputs, &capacity[0], need, f->steps * sizeof *f->inputs, most, err));
    LGD_TRY(lgd_grow((void **)&f->targets, &capacity[1], need, f->steps * sizeof *f->targets, most, err));
    LGD_TRY(lgd_grow((void **)&f->ranked, &capacity[2], need, f->steps * sizeof *f->ranked, most, err));
    f->windows_capacity = capacity[2];
    return LGD_OK;
}

/* For one answer more, and the window that it takes. */
static lgd_status make_room(lgd_follower *f, lgd_err *err) {
    bool full = prefix_cache_is_full(&f->cache);
    if (full || f->n_windows == f->most_windows) LGD_TRY(settle(f, err));
    if (full) prefix_cache_clear(&f->cache);
    return grow_windows(f, err);
}

/* The place of the stream's window among those that are asked for, with its rows up to now. */
static size_t put_window(lgd_follower *f, followed *s) {
    if (s->batch != f->batch) {
        s->batch = f->batch;
        s->window = (uint32_t)f->n_windows++;
        for (size_t i = s->window * (size_t)f->steps, t = 0; t < f->steps; t++)
            f->inputs[i + t] = f->targets[i + t] = -1;
    }
    size_t first = s->window * (size_t)f->steps;
    for (size_t t = s->n_rows; t-- > 0 && f->targets[first + t] < 0;) {
        f->inputs[first + t] = t ? s->rows[t - 1] : s->context;
        f->targets[first + t] = s->rows[t];
    }
    return first + s->n_rows - 1U;
}

static lgd_status wait_for_answer(lgd_follower *f, const followed *s, uint32_t session, lgd_template_id id,
                                  lgd_foretold *ret, lgd_err *err) {
    LGD_TRY(
        lgd_grow((void **)&f->waiters, &f->waiters_capacity, f->n_waiters + 1, sizeof *f->waiters, UINT32_MAX, err));
    waiter *w = &f->waiters[f->n_waiters++];
    *w = (waiter){.prefix = s->prefix, .ret = ret, .session = session, .n = s->n, .id = id};
    memcpy(w->before, s->last, sizeof w->before);
    return LGD_OK;
}

/* ---- streams ---- */

static void begin_window(followed *s, uint16_t context) {
    s->context = context;
    s->n_rows = 0;
    s->prefix = lgd_hash_u64(context, 0x707265666978u);
    s->batch = 0;
}

static void begin_stream(followed *s) {
    begin_window(s, ROW_START);
    for (size_t i = 0; i < 3; i++) s->last[i] = LGD_ORDER_START;
}

/* One event more. session: number of its state; LGD_INDEX_NONE for other streams. */
static lgd_status follow(lgd_follower *f, followed *s, uint32_t session, lgd_template_id id, lgd_foretold *ret,
                         lgd_err *err) {
    const vocab_place *place = vocab_find(&f->l->vocab, id);
    if (f->n_waiters == MAX_WAITERS) LGD_TRY(settle(f, err));
    if (s->n_rows == f->steps) begin_window(s, s->rows[s->n_rows - 1]);
    s->rows[s->n_rows++] = place->row;
    s->prefix = lgd_hash_u64(place->row, s->prefix);
    s->n += s->n < UINT32_MAX;
    prefix_entry *e = prefix_cache_find(&f->cache, s->prefix);
    if (e && e->state == PREFIX_KNOWN) {
        lgd_foretold told = foretell(f, place, e);
        if (ret) *ret = told;
        if (session != LGD_INDEX_NONE) note_worst(s, &told, s->n, id, s->last);
    } else {
        if (!e) {
            LGD_TRY(make_room(f, err));
            LGD_TRY(prefix_cache_add(&f->cache, s->prefix, (uint32_t)put_window(f, s), err));
        }
        LGD_TRY(wait_for_answer(f, s, session, id, ret, err));
    }
    s->last[0] = s->last[1];
    s->last[1] = s->last[2];
    s->last[2] = id;
    return LGD_OK;
}

/* Forgets the streams that were not there for longest. */
static lgd_status forget_old_streams(lgd_follower *f, lgd_err *err) {
    stream_table_sort_by_use(&f->others);
    return stream_table_keep(&f->others, f->others.n / 2, err);
}

/* Sessions beyond the limit are followed like other streams. */
static lgd_status find_stream(lgd_follower *f, const lgd_step *step, stream_table **ret_table, uint32_t *ret_item,
                              lgd_err *err) {
    stream_table *t = step->is_session ? &f->sessions : &f->others;
    uint32_t item = stream_find(t, step->stream);
    if (item == LGD_INDEX_NONE && step->is_session && stream_table_is_full(t)) {
        t = &f->others;
        item = stream_find(t, step->stream);
    }
    if (item == LGD_INDEX_NONE) {
        if (stream_table_is_full(t)) LGD_TRY(forget_old_streams(f, err));
        LGD_TRY(stream_add(t, step->stream, &item, err));
        begin_stream((followed *)stream_at(t, item));
    }
    *ret_table = t;
    *ret_item = item;
    return LGD_OK;
}

static lgd_status follow_step(lgd_follower *f, const lgd_step *step, lgd_foretold *ret, lgd_err *err) {
    stream_table *t;
    uint32_t item;
    LGD_TRY(find_stream(f, step, &t, &item, err));
    followed *s = (followed *)stream_at(t, item);
    s->base.used = f->clock++;
    return follow(f, s, t == &f->sessions ? item : LGD_INDEX_NONE, step->id, ret, err);
}

lgd_status lgd_follower_add(lgd_follower *f, const lgd_step *steps, size_t n, lgd_foretold *ret, lgd_err *err) {
    for (size_t i = 0; i < n; i++) LGD_TRY(follow_step(f, &steps[i], &ret[i], err));
    return settle(f, err);
}

lgd_status lgd_follower_finish(lgd_follower *f, lgd_err *err) {
    for (uint32_t i = 0; i < f->sessions.n; i++)
        LGD_TRY(follow(f, (followed *)stream_at(&f->sessions, i), i, LGD_ORDER_END, NULL, err));
    return settle(f, err);
}

bool lgd_follower_session(const lgd_follower *f, uint64_t stream, lgd_lstm_session *ret) {
    uint32_t item = stream_find(&f->sessions, stream);
    if (item == LGD_INDEX_NONE) return false;
    const followed *s = (const followed *)stream_at(&f->sessions, item);
    double score = (double)s->worst.score;
    *ret = (lgd_lstm_session){.at_worst = s->worst, .at = s->at};
    ret->bits = lgd_calibration_bits(&f->l->calibration, score);
    memcpy(ret->before, s->before, sizeof ret->before);
    return true;
}
