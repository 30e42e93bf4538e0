/*
 * detect/order: is the order of a session's templates usual? An interpolated trigram (Witten & Bell 1991):
 *
 *     p_0 = 1 / (T + 1),   p_k(e | h) = (n(h,e) + u(h) p_{k-1}) / (n(h) + u(h))
 *
 * h the last k templates, k = 0, 1, 2, u its distinct followers, up to the first h never seen; two start marks and an end
 * mark stand around each session. A session's surprise is the largest -log2 p in it. It is calibrated by cross scores over
 * folds i mod LGD_FOLDS, in turn. Sessions weigh as in drift.c. Bounded: MAX_GRAMS entries; what does not fit is not learned
 * and surprises.
 */
#include "adapt.h"

#include <math.h>

enum { MAX_GRAMS = 1 << 20 };

/* n(h, e) with h in a, b (NONE where h is shorter); with e = NONE it is the context h itself: n(h) and u(h). */
#define NONE UINT32_MAX
typedef struct gram {
    lgd_template_id a, b, e;
    float weight;
    uint32_t followers;
    lgd_template_id usual; /* of a context of one template: its most frequent follower */
    float usual_weight;
} gram;

struct lgd_order {
    gram *grams;
    size_t n, capacity;
    lgd_index index;
    uint32_t n_templates;
    lgd_calibration calibration;
};

static bool gram_equal(const void *ctx, uint32_t item, const void *key) {
    const gram *x = &((const lgd_order *)ctx)->grams[item], *k = key;
    return x->a == k->a && x->b == k->b && x->e == k->e;
}

static uint64_t gram_hash(lgd_template_id a, lgd_template_id b, lgd_template_id e) {
    return lgd_hash_u64((uint64_t)a << 32 | b, lgd_hash_u64(e, 0x6f72646572u));
}

static gram *find(const lgd_order *o, lgd_template_id a, lgd_template_id b, lgd_template_id e) {
    gram key = {.a = a, .b = b, .e = e};
    uint32_t item = lgd_index_find(&o->index, gram_hash(a, b, e), gram_equal, o, &key);
    return item == LGD_INDEX_NONE ? NULL : &o->grams[item];
}

/* ---- learning ---- */

/* Adds weight; *ret_new: it was not there before. */
static lgd_status add(lgd_order *o, gram key, float weight, bool *ret_new, lgd_err *err) {
    gram *x = find(o, key.a, key.b, key.e);
    *ret_new = !x;
    if (!x) {
        if (o->n == MAX_GRAMS) return *ret_new = false, LGD_OK;
        LGD_TRY(lgd_grow((void **)&o->grams, &o->capacity, o->n + 1, sizeof *o->grams, MAX_GRAMS, err));
        LGD_TRY(lgd_index_add(&o->index, gram_hash(key.a, key.b, key.e), (uint32_t)o->n, err));
        x = &o->grams[o->n++];
        *x = key;
    }
    x->weight += weight;
    return LGD_OK;
}

static lgd_status add_event(lgd_order *o, lgd_template_id a, lgd_template_id b, lgd_template_id e, float weight,
                            lgd_err *err) {
    const gram contexts[] = {
        {.a = NONE, .b = NONE, .e = NONE}, {.a = NONE, .b = b, .e = NONE}, {.a = a, .b = b, .e = NONE}};
    for (size_t k = 0; k < 3; k++) {
        gram with = contexts[k];
        bool fresh, new_context;
        with.e = e;
        LGD_TRY(add(o, contexts[k], weight, &new_context, err));
        LGD_TRY(add(o, with, weight, &fresh, err));
        gram *context = find(o, contexts[k].a, contexts[k].b, NONE);
        if (context && fresh) context->followers++;
    }
    return LGD_OK;
}

static lgd_status add_sequence(lgd_order *o, const lgd_sequence *s, float weight, lgd_err *err) {
    lgd_template_id a = LGD_ORDER_START, b = LGD_ORDER_START;
    for (size_t i = 0; i <= s->n; i++) {
        lgd_template_id e = i < s->n ? s->ids[i] : LGD_ORDER_END;
        LGD_TRY(add_event(o, a, b, e, weight, err));
        a = b;
        b = e;
    }
    return LGD_OK;
}

/* ---- scoring ---- */

static double surprise(const lgd_order *o, lgd_template_id a, lgd_template_id b, lgd_template_id e) {
    const lgd_template_id contexts[3][2] = {{NONE, NONE}, {NONE, b}, {a, b}};
    double p = 1 / (o->n_templates + 1.0);
    for (size_t k = 0; k < 3; k++) {
        const gram *context = find(o, contexts[k][0], contexts[k][1], NONE);
        if (!context) break;
        const gram *x = find(o, contexts[k][0], contexts[k][1], e);
        p = ((x ? (double)x->weight : 0) + context->followers * p) / ((double)context->weight + context->followers);
    }
    return p > 0 ? -log2(p) : 64;
}

void lgd_order_begin(lgd_order_state *s) {
    *s = (lgd_order_state){{LGD_ORDER_START, LGD_ORDER_START}, 0, LGD_NO_TEMPLATE, LGD_NO_TEMPLATE};
}

void lgd_order_step(const lgd_order *o, lgd_order_state *s, lgd_template_id id) {
    double bits = surprise(o, s->last[0], s->last[1], id);
    if (bits > s->most) {
        s->most = bits;
        s->before = s->last[1];
        s->at = id;
    }
    s->last[0] = s->last[1];
    s->last[1] = id;
}

double lgd_order_end(const lgd_order *o, lgd_order_state *s) {
    lgd_order_step(o, s, LGD_ORDER_END);
    return lgd_calibration_bits(&o->calibration, s->most);
}

/* Notes for each context of one template what follows it most. */
static void find_usual(lgd_order *o) {
    for (size_t i = 0; i < o->n; i++) {
        const gram *x = &o->grams[i];
        gram *context = x->a == NONE && x->b != NONE && x->e != NONE ? find(o, NONE, x->b, NONE) : NULL;
        if (!context || x->weight <= context->usual_weight) continue;
        context->usual = x->e;
        context->usual_weight = x->weight;
    }
}

lgd_template_id lgd_order_usual(const lgd_order *o, lgd_template_id before, double *ret_p) {
    const gram *context = find(o, NONE, before, NONE);
    if (!context || !(context->usual_weight > 0)) return LGD_NO_TEMPLATE;
    double p = context->weight > 0 ? (double)context->usual_weight / (double)context->weight : 1;
    *ret_p = p < 1 ? p : 1;
    return context->usual;
}

/* ---- fitting ---- */

static lgd_status new_model(size_t n_templates, lgd_order **ret, lgd_err *err) {
    lgd_order *o = lgd_calloc(1, sizeof *o);
    if (!o) return lgd_fail_memory(err, sizeof *o);
    o->n_templates = (uint32_t)n_templates;
    *ret = o;
    return LGD_OK;
}

/* A model of all sessions but those of one fold (LGD_FOLDS: of all). */
static lgd_status fit_without(const lgd_sequence *s, size_t n, size_t n_templates, size_t fold, lgd_order **ret,
                              lgd_err *err) {
    lgd_order *o = NULL;
    double *weights = lgd_alloc(n * sizeof *weights);
    lgd_status status = weights ? new_model(n_templates, &o, err) : lgd_fail_memory(err, n * sizeof *weights);
    if (status == LGD_OK) drift_weights(n, weights);
    for (size_t i = 0; i < n && status == LGD_OK; i++)
        if (i % LGD_FOLDS != fold) status = add_sequence(o, &s[i], (float)weights[i], err);
    lgd_free(weights);
    if (status == LGD_OK)
        *ret = o;
    else
        lgd_order_free(o);
    return status;
}

static double most_surprise(const lgd_order *o, const lgd_sequence *s) {
    lgd_order_state state;
    lgd_order_begin(&state);
    for (size_t i = 0; i < s->n; i++) lgd_order_step(o, &state, s->ids[i]);
    lgd_order_step(o, &state, LGD_ORDER_END);
    return state.most;
}

/* ret_bits: what the scores are once they are calibrated; NULL: not asked for. */
static lgd_status calibrate(const lgd_sequence *s, size_t n, size_t n_templates, float *ret_bits, lgd_calibration *ret,
                            lgd_err *err) {
    float *scores = lgd_alloc(n * sizeof *scores);
    lgd_status status = scores ? LGD_OK : lgd_fail_memory(err, n * sizeof *scores);
    for (size_t fold = 0; fold < LGD_FOLDS && status == LGD_OK; fold++) {
        lgd_order *without = NULL;
        status = fit_without(s, n, n_templates, fold, &without, err);
        for (size_t i = fold; i < n && status == LGD_OK; i += LGD_FOLDS)
            scores[i] = (float)most_surprise(without, &s[i]);
        lgd_order_free(without);
    }
    if (status == LGD_OK && ret_bits) memcpy(ret_bits, scores, n * sizeof *scores);
    if (status == LGD_OK) status = lgd_calibrate(scores, n, 0, 0.25, ret, err);
    for (size_t i = 0; i < n && status == LGD_OK && ret_bits; i++)
        ret_bits[i] = (float)lgd_calibration_bits(ret, (double)ret_bits[i]);
    lgd_free(scores);
    return status;
}

lgd_status lgd_order_fit(const lgd_sequence *sequences, size_t n, size_t n_templates, float *ret_bits, lgd_order **ret,
                         lgd_err *err) {
    if (n < LGD_MIN_SESSIONS)
        return lgd_fail(err, LGD_E_DATA, "only %zu sessions, need %d to learn their order; nothing was written", n,
                        LGD_MIN_SESSIONS);
    lgd_order *o = NULL;
    LGD_TRY(fit_without(sequences, n, n_templates, LGD_FOLDS, &o, err));
    lgd_status status = calibrate(sequences, n, n_templates, ret_bits, &o->calibration, err);
    find_usual(o);
    if (status == LGD_OK)
        *ret = o;
    else
        lgd_order_free(o);
    return status;
}

/* What was there fades; then they are as sessions of the training were. An empty one is not known. */
lgd_status order_follow(lgd_order *o, const lgd_sequence *sequences, const double *weights, size_t n, double fade,
                        lgd_err *err) {
    for (size_t i = 0; i < o->n; i++) {
        o->grams[i].weight *= (float)fade;
        o->grams[i].usual_weight *= (float)fade;
    }
    for (size_t i = 0; i < n; i++)
        if (sequences[i].n) LGD_TRY(add_sequence(o, &sequences[i], (float)weights[i], err));
    find_usual(o);
    return LGD_OK;
}

void lgd_order_free(lgd_order *o) {
    if (!o) return;
    lgd_free(o->grams);
    lgd_index_release(&o->index);
    lgd_calibration_release(&o->calibration);
    lgd_free(o);
}

/* ---- saved form ---- */

lgd_status lgd_order_save(const lgd_order *o, lgd_buf *out, lgd_err *err) {
    lgd_put_u32(out, o->n_templates);
    lgd_put_u32(out, (uint32_t)o->n);
    for (size_t i = 0; i < o->n; i++) {
        lgd_put_u32(out, o->grams[i].a);
        lgd_put_u32(out, o->grams[i].b);
        lgd_put_u32(out, o->grams[i].e);
        lgd_put_f32(out, o->grams[i].weight);
        lgd_put_u32(out, o->grams[i].followers);
    }
    calibration_save(&o->calibration, out);
    return out->failed ? lgd_fail_memory(err, out->n) : LGD_OK;
}

/* A template of the model, a mark or none: what is told by name must have one. */
static bool is_known(const lgd_order *o, lgd_template_id id) {
    return id < o->n_templates || id == NONE || id == LGD_ORDER_START || id == LGD_ORDER_END;
}

static lgd_status load(lgd_order *o, lgd_cursor *c, lgd_err *err) {
    if (lgd_get_u32(c) != o->n_templates) c->bad = true;
    size_t n = lgd_get_count(c, 20);
    if (n > MAX_GRAMS) c->bad = true;
    for (size_t i = 0; i < n && !c->bad; i++) {
        gram key = {0};
        key.a = lgd_get_u32(c);
        key.b = lgd_get_u32(c);
        key.e = lgd_get_u32(c);
        float weight = lgd_get_f32(c);
        uint32_t followers = lgd_get_u32(c);
        bool fresh = false;
        if (c->bad || weight < 0 || (double)weight > MOST_WEIGHT || (key.e == NONE && weight + (float)followers <= 0))
            c->bad = true;
        if (!is_known(o, key.a) || !is_known(o, key.b) || !is_known(o, key.e)) c->bad = true;
        if (!c->bad) LGD_TRY(add(o, key, weight, &fresh, err));
        if (!fresh) c->bad = true; /* twice */
        if (!c->bad) o->grams[o->n - 1].followers = followers;
    }
    LGD_TRY(calibration_load(c, &o->calibration, err));
    find_usual(o);
    return lgd_cursor_done(c, "order", err);
}

lgd_status lgd_order_load(lgd_sv bytes, size_t n_templates, lgd_order **ret, lgd_err *err) {
    lgd_order *o = NULL;
    LGD_TRY(new_model(n_templates, &o, err));
    lgd_cursor c = lgd_cursor_of(bytes);
    lgd_status status = load(o, &c, err);
    if (status == LGD_OK)
        *ret = o;
    else
        lgd_order_free(o);
    return status;
}
