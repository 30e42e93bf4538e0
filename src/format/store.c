/*
 * store: profile <-> bytes, for the model file.
 *
 *     version, kind, mostly_headers, largest, n_layouts: u8 each; then for each layout
 *     key kind, key word, is_main, component step, component word, n_steps: u8 each; then kind, skip: u8 for each step
 *
 * Loading trusts nothing: every value is checked against what the running code may index with it, and neither a missing
 * nor an additional byte is taken. What was loaded saves to the same bytes.
 */
#include "profile.h"

enum { VERSION = 1, LAYOUT_HEAD = 6, PROFILE_HEAD = 5 };

lgd_status lgd_profile_save(const lgd_profile *p, lgd_buf *out, lgd_err *err) {
    const uint8_t head[PROFILE_HEAD] = {VERSION, p->kind, p->mostly_headers, p->largest, p->n_layouts};
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

static bool load_profile(lgd_sv bytes, lgd_profile *p) {
    uint8_t b[PROFILE_HEAD];
    if (!take(&bytes, b, sizeof b) || b[0] != VERSION) return false;
    p->kind = b[1];
    p->mostly_headers = b[2];
    p->largest = b[3];
    p->n_layouts = b[4];
    if (p->kind >= PROFILE_KINDS || p->mostly_headers > 1 || p->n_layouts > MAX_LAYOUTS) return false;
    if (p->kind == PROFILE_LAYOUTS ? p->largest >= p->n_layouts : p->largest + p->n_layouts + p->mostly_headers > 0)
        return false;
    for (size_t i = 0; i < p->n_layouts; i++) {
        if (!load_layout(&bytes, &p->layouts[i])) return false;
    }
    return bytes.n == 0;
}

lgd_status lgd_profile_load(lgd_sv bytes, lgd_profile **ret_profile, lgd_err *err) {
    lgd_profile *p = lgd_calloc(1, sizeof *p);
    if (!p) return lgd_fail_memory(err, sizeof *p);
    if (!load_profile(bytes, p)) {
        lgd_profile_free(p);
        return lgd_fail(err, LGD_E_DAMAGED, "not a sound line profile; nothing was loaded");
    }
    profile_name(p);
    *ret_profile = p;
    return LGD_OK;
}
