/*
 * pipeline/examples: see examples.h. First come, first kept, in the order of the log; so the result is the same for any
 * number of threads. Cost: O(1) for an event whose template has one.
 */
#include "examples.h"

lgd_status examples_add(examples *x, uint32_t number, lgd_sv text, lgd_err *err) {
    if (number < x->n && x->texts[number].p) return LGD_OK;
    size_t before = x->capacity;
    LGD_TRY(lgd_grow((void **)&x->texts, &x->capacity, (size_t)number + 1, sizeof *x->texts, UINT32_MAX, err));
    if (x->capacity > before) memset(x->texts + before, 0, (x->capacity - before) * sizeof *x->texts);
    if (number >= x->n) x->n = (size_t)number + 1;
    text = lgd_sv_cut(text, EXAMPLE_BYTES);
    bool full = x->n_bytes + text.n > ALL_EXAMPLES_BYTES;
    x->n_left_out += full;
    x->texts[number] = LGD_SV("");
    if (full || text.n == 0) return LGD_OK;
    x->n_bytes += text.n;
    return lgd_arena_copy(&x->arena, text, &x->texts[number]) ? LGD_OK : lgd_fail_memory(err, text.n);
}

lgd_sv examples_text(const examples *x, uint32_t number) {
    return number < x->n && x->texts[number].p ? x->texts[number] : LGD_SV("");
}

void examples_release(examples *x) {
    lgd_free(x->texts);
    lgd_arena_release(&x->arena);
    *x = (examples){0};
}

void examples_save(const examples *x, size_t n, lgd_buf *out) {
    lgd_put_u64(out, x->n_left_out);
    lgd_put_u32(out, (uint32_t)n);
    for (uint32_t i = 0; i < n; i++) lgd_put_sv(out, examples_text(x, i));
}

lgd_status examples_load(lgd_sv bytes, size_t n, examples *ret, lgd_err *err) {
    lgd_cursor c = lgd_cursor_of(bytes);
    uint64_t n_left_out = lgd_get_u64(&c);
    if (lgd_get_count(&c, 4) != n) c.bad = true;
    for (uint32_t i = 0; i < n && !c.bad; i++) {
        lgd_sv text = lgd_get_sv(&c);
        if (text.n > EXAMPLE_BYTES) c.bad = true;
        if (!c.bad) LGD_TRY(examples_add(ret, i, text, err));
    }
    ret->n_left_out = n_left_out;
    return lgd_cursor_done(&c, "examples", err);
}
