/*
 * cut: (profile, line) -> header and message. The one function of this room that runs for every line.
 *
 * The named formats of the input come first, then JSON and logfmt where the input has such lines. For all others the
 * place of the line's first time picks the layouts; the first that fits in full cuts. A line with an unknown place is
 * tried with every layout; if most lines of the input have headers, a time at its front is taken for one nevertheless.
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

static bool is_plain(const lgd_profile *p) { return p->n_named == 0 && p->reads == 0 && p->n_layouts == 0; }

/* Lines of no named format. */
static lgd_status cut_rest(const lgd_profile *p, lgd_sv line, lgd_arena *arena, lgd_cut *ret_cut, lgd_err *err) {
    line_values values;
    ret_cut->format = p->n_named;
    if ((p->reads & READS_JSON && json_read(line, NULL, &values)) ||
        (p->reads & READS_LOGFMT && logfmt_read(line, NULL, &values))) {
        cut_whole(line, ret_cut);
        LGD_TRY(values_cut(&values, line, arena, ret_cut, err));
    } else if (p->n_layouts > 0) {
        cut_layouts(p, line, ret_cut);
    } else {
        cut_whole(line, ret_cut);
        ret_cut->fits = false;
    }
    bool expects_header = p->reads > 0 || p->n_layouts > 0;
    if (!ret_cut->fits && expects_header) ret_cut->format = p->n_named + 1u;
    return LGD_OK;
}

/* What the wrapped line says counts, where it says it; but the time of the wrapper, which is complete. */
static lgd_status cut_wrapped(const lgd_profile *inner, lgd_cutter *cutter, lgd_cut *outer, lgd_err *err) {
    lgd_cut cut;
    outer->wrapped = outer->header.message;
    lgd_sv line = lgd_sv_trim(outer->wrapped);
    if (line.n == 0) return LGD_OK;
    LGD_TRY(lgd_profile_cut(inner, line, cutter, &cut, err));
    lgd_header *to = &outer->header;
    to->message = cut.header.message;
    if (cut.header.level != LGD_LEVEL_NONE) to->level = cut.header.level;
    if (cut.header.component.n) to->component = cut.header.component;
    if (cut.header.pid.n) to->pid = cut.header.pid;
    if (cut.header.host.n) to->host = cut.header.host;
    if (cut.over_limit.n) outer->over_limit = cut.over_limit;
    outer->fits = cut.fits || is_plain(inner);
    if (!outer->has_time && cut.has_time) outer->written = cut.written;
    outer->has_time |= cut.has_time;
    return LGD_OK;
}

lgd_status lgd_profile_cut(const lgd_profile *p, lgd_sv line, lgd_cutter *cutter, lgd_cut *ret_cut, lgd_err *err) {
    ret_cut->wrapped = ret_cut->over_limit = (lgd_sv){"", 0};
    if (!colour_strip(line, cutter->arena, &line)) return lgd_fail_memory(err, line.n);
    for (size_t i = 0; i < p->n_named; i++) {
        LGD_TRY(named_cut(p->named[i], line, cutter, ret_cut, err));
        if (!ret_cut->fits) continue;
        ret_cut->format = i;
        return p->inner && p->named[i]->spec.wrap ? cut_wrapped(p->inner, cutter, ret_cut, err) : LGD_OK;
    }
    return cut_rest(p, line, cutter->arena, ret_cut, err);
}

lgd_status lgd_profile_fit(const lgd_profile *p, const lgd_sv *lines, size_t n_lines, lgd_cutter *cutter,
                           double *ret_fit, lgd_err *err) {
    size_t n_fitting = 0;
    for (size_t i = 0; i < n_lines && !is_plain(p); i++) {
        lgd_cut cut = {0};
        LGD_TRY(lgd_profile_cut(p, lines[i], cutter, &cut, err));
        n_fitting += cut.fits;
    }
    *ret_fit = n_lines > 0 ? (double)n_fitting / (double)n_lines : 0;
    return LGD_OK;
}
