/*
 * template/forms: the uncollapsed forms of signatures with a list in them. Forms of one shape join to one pattern, which
 * shows each element of a list of fixed length; a join does not depend on the order of what it joins, so templates do
 * not depend on the order of lines. Cost: O(length) for a form.
 */
#include "miner.h"

#include "mask.h"
#include "symbols.h"

static bool same_shape(lgd_sv a, lgd_sv b) {
    lgd_sv x, y;
    bool sx, sy;
    for (;;) {
        bool more_a = token_next(&a, &x, &sx), more_b = token_next(&b, &y, &sy);
        if (more_a != more_b) return false;
        if (!more_a) return true;
        if (token_is(x, ',') != token_is(y, ',')) return false;
        if ((mask_is_size_unit(x) || mask_is_size_unit(y)) && !lgd_sv_eq(x, y)) return false;
    }
}

/* a and b are of one shape. */
static void widen(lgd_sv a, lgd_sv b, lgd_buf *out) {
    static const char any[] = {SYM_ANY};
    lgd_sv x, y;
    bool sx, sy;
    lgd_buf_clear(out);
    while (token_next(&a, &x, &sx) && token_next(&b, &y, &sy)) {
        lgd_buf_add_char(out, sx || sy ? SYM_SPACED : SYM_GLUED);
        lgd_buf_add_sv(out, lgd_sv_eq(x, y) ? x : (lgd_sv){any, 1});
    }
}

bool form_join(lgd_buf *pattern, lgd_sv form, lgd_buf *scratch) {
    if (pattern->n == 0) {
        lgd_buf_add_sv(pattern, form);
        return true;
    }
    if (!same_shape(lgd_buf_sv(pattern), form)) return false;
    widen(lgd_buf_sv(pattern), form, scratch);
    lgd_buf swap = *pattern;
    *pattern = *scratch;
    *scratch = swap;
    return true;
}
