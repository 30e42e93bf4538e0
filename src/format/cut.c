/*
 * cut: (profile, line) -> header and message. The one function of this room that runs for every line.
 *
 * The place of the line's first time picks the layouts; the first that fits in full cuts. A line with an unknown place
 * is tried with every layout; if most lines of the input have headers, a time at its front is taken for one nevertheless.
 * A line that shows no header stays whole: the lines of a stack trace are left untouched.
 */
#include "colour.h"
#include "fields.h"
#include "profile.h"

/* time [epoch] [number] [level], for a line like no other. */
static void cut_generic(lgd_sv line, const line_head *head, const time_hit *hit, line_key key, lgd_cut *ret) {
    const layout generic = {.key = key,
                            .n_steps = 4,
                            .component_step = NO_STEP,
                            .steps = {{key.kind == KEY_TIME ? FIELD_TIME : FIELD_EPOCH, key.word},
                                      {key.kind == KEY_TIME ? FIELD_EPOCH : FIELD_TIME, 0},
                                      {FIELD_NUMBER, 0},
                                      {FIELD_LEVEL, 0}}};
    (void)layout_run(&generic, line, head, hit, ret);
    bool only_time = ret->header.message.p == line.p + hit->at; /* `Date: Sun, 05 May ...` is text, not a header */
    if (only_time) cut_whole(line, ret);
}

static void cut_layouts(const lgd_profile *p, lgd_sv line, lgd_cut *ret) {
    line_head head = line_head_of(line);
    time_hit hit;
    line_key key = line_key_of(&head, &hit);
    const layout *likely = NULL; /* of this key, should none fit in full */
    for (size_t i = 0; i < p->n_layouts; i++) {
        const layout *l = &p->layouts[i];
        if (!line_key_equal(l->key, key)) continue;
        if (l->is_main) likely = l;
        ret->fits = layout_run(l, line, &head, &hit, ret);
        if (ret->fits) return;
    }
    if (likely) {
        (void)layout_run(likely, line, &head, &hit, ret);
        return;
    }
    for (size_t i = 0; i < p->n_layouts; i++) {
        ret->fits = layout_run(&p->layouts[i], line, &head, &hit, ret);
        if (ret->fits) return;
    }
    if (p->mostly_headers && key.kind != KEY_NONE && key.word <= 1)
        cut_generic(line, &head, &hit, key, ret);
    else
        cut_whole(line, ret);
}

lgd_status lgd_profile_cut(const lgd_profile *p, lgd_sv line, lgd_arena *arena, lgd_cut *ret_cut, lgd_err *err) {
    line_values values;
    if (!colour_strip(line, arena, &line)) return lgd_fail_memory(err, line.n);
    if (p->kind == PROFILE_LAYOUTS) {
        cut_layouts(p, line, ret_cut);
        return LGD_OK;
    }
    cut_whole(line, ret_cut);
    switch ((profile_kind)p->kind) {
    case PROFILE_LAYOUTS: break;
    case PROFILE_JSON:
        if (json_read(line, &values)) return values_cut(&values, line, arena, ret_cut, err);
        break;
    case PROFILE_LOGFMT:
        if (logfmt_read(line, &values)) return values_cut(&values, line, arena, ret_cut, err);
        break;
    case PROFILE_PLAIN:
    case PROFILE_KINDS: ret_cut->fits = true; break;
    }
    return LGD_OK;
}

double lgd_profile_fit(const lgd_profile *p, const lgd_sv *lines, size_t n_lines) {
    size_t n_fitting = 0;
    for (size_t i = 0; i < n_lines; i++) {
        line_values values;
        lgd_cut cut = {0};
        switch ((profile_kind)p->kind) {
        case PROFILE_LAYOUTS: cut_layouts(p, lines[i], &cut); break;
        case PROFILE_JSON: cut.fits = json_read(lines[i], &values) && values_name_header(&values); break;
        case PROFILE_LOGFMT: cut.fits = logfmt_read(lines[i], &values); break;
        case PROFILE_PLAIN:
        case PROFILE_KINDS: break; /* no header, so none is recognised */
        }
        n_fitting += cut.fits;
    }
    return n_lines > 0 ? (double)n_fitting / (double)n_lines : 0;
}
