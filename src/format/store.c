/*
 * store: profile <-> bytes, for the model file.
 *
 *     version, reads, mostly_headers, largest, n_layouts, n_named, has_inner: u8 each; then for each layout
 *     key kind, key word, is_main, component step, component word, n_steps: u8 each; then kind, skip: u8 for each step;
 *     then each named format (spec.c) as length and bytes; then likewise the profile of what they wrap, if there is one
 *
 * Loading trusts nothing: every value is checked against what the running code may index with it, and neither a missing
 * nor an additional byte is taken. What was loaded saves to the same bytes.
 */
#include "profile.h"

enum { VERSION = 2, LAYOUT_HEAD = 6, PROFILE_HEAD = 7 };

lgd_status lgd_profile_save(const lgd_profile *p, lgd_buf *out, lgd_err *err) {
    const uint8_t head[PROFILE_HEAD] = {VERSION,      p->reads,   p->mostly_headers, p->largest,
                                        p->n_layouts, p->n_named, p->inner != NULL};
    lgd_buf_add(out, head, sizeof head);
    for (size_t i = 0; i < p->n_layouts; i++) {
        const layout *l = &p->layouts[i];
        const uint8_t bytes[LAYOUT_HEAD] = {l->key.kind,       l->key.word,       l->is_main,
                                            l->component_step, l->component_word, l->n_steps};
        lgd_buf_add(out, bytes, sizeof bytes);
        for (size_t k = 0; k < l->n_steps; k++) {
            const uint8_t step_bytes[2] = {l->steps[k].kind, l->steps[k].skip};
            lgd_buf_add(out, step_bytes, sizeof step_bytes);
        }
    }
    for (size_t i = 0; i < p->n_named; i++) lgd_put_sv(out, lgd_buf_sv(&p->named[i]->bytes));
    if (p->inner) lgd_put_sv(out, lgd_buf_sv(&p->inner->bytes));
    return out->failed ? lgd_fail_memory(err, out->n) : LGD_OK;
}

static bool take(lgd_sv *bytes, uint8_t *ret, size_t n) {
    if (bytes->n < n) return false;
    memcpy(ret, bytes->p, n);
    bytes->p += n;
    bytes->n -= n;
    return true;
}

static bool load_steps(lgd_sv *bytes, layout *l) {
    for (size_t i = 0; i < l->n_steps; i++) {
        uint8_t step_bytes[2];
        if (!take(bytes, step_bytes, 2) || step_bytes[0] >= FIELD_KINDS || step_bytes[1] > MAX_SKIP) return false;
        l->steps[i] = (step){step_bytes[0], step_bytes[1]};
    }
    if (l->component_step == NO_STEP) return l->component_word == 0;
    return l->component_step < l->n_steps && l->component_word <= l->steps[l->component_step].skip;
}

static bool load_layout(lgd_sv *bytes, layout *l) {
    uint8_t b[LAYOUT_HEAD];
    if (!take(bytes, b, sizeof b)) return false;
    *l =
        (layout){.key = {b[0], b[1]}, .is_main = b[2], .component_step = b[3], .component_word = b[4], .n_steps = b[5]};
    if (l->key.kind >= KEY_KINDS || l->key.word >= KEY_WORDS || (l->key.kind == KEY_NONE && l->key.word > 0))
        return false;
    if (l->is_main > 1 || l->n_steps == 0 || l->n_steps > MAX_STEPS) return false;
    return load_steps(bytes, l);
}

static bool load_head(lgd_sv *bytes, lgd_profile *p, size_t *ret_n_named, bool *ret_inner) {
    uint8_t b[PROFILE_HEAD];
    if (!take(bytes, b, sizeof b) || b[0] != VERSION) return false;
    p->reads = b[1];
    p->mostly_headers = b[2];
    p->largest = b[3];
    p->n_layouts = b[4];
    *ret_n_named = b[5];
    *ret_inner = b[6];
    if (p->reads > (READS_JSON | READS_LOGFMT) || p->mostly_headers > 1 || p->n_layouts > MAX_LAYOUTS) return false;
    if (b[5] > MAX_NAMED || b[6] > 1 || (b[6] && b[5] == 0)) return false;
    return p->n_layouts > 0 ? p->largest < p->n_layouts : p->largest + p->mostly_headers == 0;
}

/* A damaged format and a lack of memory are told apart: the one is the file's fault. */
static lgd_status load_named(lgd_cursor *c, lgd_profile *p, size_t n, lgd_err *err) {
    for (size_t i = 0; i < n; i++) {
        lgd_sv bytes = lgd_get_sv(c);
        lgd_err inner = {0};
        if (c->bad) return LGD_OK;
        lgd_status status = named_new(bytes, &p->named[i], &inner);
        if (status != LGD_OK) return lgd_fail(err, status == LGD_E_USAGE ? LGD_E_DAMAGED : status, "%s", inner.text);
        p->n_named++;
        named_speed_up(p->named[i]);
    }
    return LGD_OK;
}

static lgd_status load(lgd_sv bytes, int depth, lgd_profile **ret, lgd_err *err);

static lgd_status load_into(lgd_sv bytes, int depth, lgd_profile *p, lgd_err *err) {
    size_t n_named = 0;
    bool has_inner = false, ok = load_head(&bytes, p, &n_named, &has_inner);
    for (size_t i = 0; ok && i < p->n_layouts; i++) ok = load_layout(&bytes, &p->layouts[i]);
    lgd_cursor c = lgd_cursor_of(bytes);
    if (ok) LGD_TRY(load_named(&c, p, n_named, err));
    if (ok && has_inner && !c.bad) {
        lgd_sv inner = lgd_get_sv(&c);
        ok = depth == 0 && !c.bad;
        if (ok) LGD_TRY(load(inner, depth + 1, &p->inner, err));
    }
    if (!ok || c.bad || c.p != c.end)
        return lgd_fail(err, LGD_E_DAMAGED, "not a sound line profile; nothing was loaded");
    return profile_finish(p, err);
}

static lgd_status load(lgd_sv bytes, int depth, lgd_profile **ret, lgd_err *err) {
    lgd_profile *p = lgd_calloc(1, sizeof *p);
    if (!p) return lgd_fail_memory(err, sizeof *p);
    lgd_status status = load_into(bytes, depth, p, err);
    if (status != LGD_OK) {
        lgd_profile_free(p);
        return status;
    }
    *ret = p;
    return LGD_OK;
}

lgd_status lgd_profile_load(lgd_sv bytes, lgd_profile **ret_profile, lgd_err *err) {
    return load(bytes, 0, ret_profile, err);
}
