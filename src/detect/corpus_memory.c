/*
 * detect/corpus_memory: what a model keeps of its training's windows, for an update to learn from again: those that the
 * network was fitted on and held against, each once with its count, and how often each template was fitted.
 *
 * Saved form, in varints: fitted ends, {template, count} by template, {count, events and whether held out, ids} by window.
 * An id stands three higher than it is, above the start, the end and the unknown. A window of 20 events takes some 25
 * bytes. On the way back the counts fade (lgd_fading), and windows that have none left stay out.
 */
#include "corpus.h"

enum { CODE_START, CODE_END, CODE_UNKNOWN, CODE_TEMPLATES };

/* ---- remembering ---- */

static uint32_t code_of(lgd_template_id id) {
    if (id == LGD_ORDER_START) return CODE_START;
    if (id == LGD_ORDER_END) return CODE_END;
    return id == LGD_NO_TEMPLATE ? CODE_UNKNOWN : CODE_TEMPLATES + id;
}

static void put_counts(const lgd_corpus *c, lgd_buf *out) {
    uint32_t n = 0;
    for (size_t i = 0; i < c->n_templates; i++) n += c->counts[i] != 0;
    lgd_put_varint(out, c->n_ends < UINT32_MAX ? c->n_ends : UINT32_MAX);
    lgd_put_u32(out, n);
    for (size_t i = 0; i < c->n_templates; i++) {
        if (c->counts[i] == 0) continue;
        lgd_put_varint(out, i);
        lgd_put_varint(out, c->counts[i]);
    }
}

static void put_window(const corpus_window *w, lgd_buf *out) {
    lgd_put_varint(out, w->count);
    lgd_put_varint(out, (uint64_t)w->n << 1 | w->held_out);
    for (size_t i = 0; i <= w->n; i++) lgd_put_varint(out, code_of(w->ids[i]));
}

static lgd_status put_windows(const lgd_corpus *c, bool held_out, size_t most, lgd_buf *out, lgd_err *err) {
    corpus_sample s = {0};
    LGD_TRY(corpus_draw(c, held_out, most, &s, err));
    lgd_put_u32(out, (uint32_t)s.n);
    for (size_t i = 0; i < s.n; i++) put_window(s.windows[i], out);
    corpus_sample_release(&s);
    return LGD_OK;
}

lgd_status lgd_corpus_remember(lgd_corpus *c, const lgd_lstm_options *o, lgd_buf *out, lgd_err *err) {
    put_counts(c, out);
    LGD_TRY(put_windows(c, false, o->max_windows, out, err));
    LGD_TRY(put_windows(c, true, o->max_windows / 4, out, err));
    return out->failed ? lgd_fail_memory(err, out->n) : LGD_OK;
}

/* ---- recalling ---- */

typedef struct recall {
    lgd_corpus *to;
    lgd_cursor c;
    size_t n_templates;
    double weight;
    uint64_t salt;
} recall;

static uint32_t fade(const recall *r, uint64_t key, uint64_t n) {
    lgd_fading f = lgd_fading_begin(r->weight, key, r->salt);
    return (uint32_t)lgd_fading_next(&f, n);
}

static lgd_status get_counts(recall *r, lgd_err *err) {
    r->to->n_ends += fade(r, UINT64_MAX, lgd_get_varint(&r->c, UINT32_MAX));
    uint32_t n = lgd_get_count(&r->c, 2);
    for (uint32_t i = 0; i < n && !r->c.bad; i++) {
        uint64_t id = lgd_get_varint(&r->c, UINT32_MAX), count = lgd_get_varint(&r->c, UINT32_MAX);
        if (id >= r->n_templates || id >= CORPUS_MAX_TEMPLATES) r->c.bad = true;
        if (!r->c.bad) LGD_TRY(corpus_count_events(r->to, (lgd_template_id)id, fade(r, id, count), err));
    }
    return LGD_OK;
}

static lgd_template_id get_id(recall *r) {
    static const lgd_template_id marks[] = {LGD_ORDER_START, LGD_ORDER_END, LGD_NO_TEMPLATE};
    uint64_t code = lgd_get_varint(&r->c, CODE_TEMPLATES + r->n_templates - 1);
    return code < CODE_TEMPLATES ? marks[code] : (lgd_template_id)(code - CODE_TEMPLATES);
}

static lgd_status get_window(recall *r, lgd_err *err) {
    lgd_template_id ids[1 + LGD_NET_MAX_STEPS];
    uint64_t count = lgd_get_varint(&r->c, UINT32_MAX), events = lgd_get_varint(&r->c, 2 * LGD_NET_MAX_STEPS + 1);
    size_t n = (size_t)(events >> 1);
    if (n < 1 || n > r->to->steps) r->c.bad = true;
    for (size_t i = 0; i <= n && !r->c.bad; i++) ids[i] = get_id(r);
    if (r->c.bad) return LGD_OK;
    uint32_t left = fade(r, lgd_hash(ids, (1 + n) * sizeof *ids, events & 1), count);
    return left ? corpus_add_window(r->to, ids, n, events & 1, left, err) : LGD_OK;
}

static lgd_status get_windows(recall *r, lgd_err *err) {
    uint32_t n = lgd_get_count(&r->c, 4);
    for (uint32_t i = 0; i < n && !r->c.bad; i++) LGD_TRY(get_window(r, err));
    return LGD_OK;
}

lgd_status lgd_corpus_recall(lgd_corpus *c, lgd_sv bytes, size_t n_templates, double weight, uint64_t salt,
                             lgd_err *err) {
    recall r = {c, lgd_cursor_of(bytes), n_templates, weight, salt};
    LGD_TRY(get_counts(&r, err));
    LGD_TRY(get_windows(&r, err));
    LGD_TRY(get_windows(&r, err));
    return lgd_cursor_done(&r.c, "memory: windows", err);
}
