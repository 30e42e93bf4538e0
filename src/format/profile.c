/*
 * profile: sample lines of an input -> its profile.
 *
 * The formats of the table vote first (vote.c). What the lines have in common otherwise is found in all of them, for lines
 * that are of no named format: whether some are JSON or logfmt, and layouts for those that are neither (groups.c). Where
 * the formats found wrap lines of others, the same is done with their messages, once.
 */
#include "profile.h"

#include "colour.h"

#include <stdio.h>

enum { MAX_WRAPPERS = 1 };

/* Notes whether groups of the lines are JSON or logfmt, and moves the others to the front; returns how many those are. */
static size_t set_structured_apart(lgd_profile *p, lgd_sv *lines, size_t n) {
    size_t n_json = 0, n_logfmt = 0, n_rest = 0;
    for (size_t i = 0; i < n; i++) {
        line_values v;
        if (json_read(lines[i], NULL, &v) && values_name_header(&v))
            n_json++;
        else if (logfmt_read(lines[i], NULL, &v))
            n_logfmt++;
        else
            lines[n_rest++] = lines[i];
    }
    if (n_json && n_json >= profile_min_group(n)) p->reads |= READS_JSON;
    if (n_logfmt && n_logfmt >= profile_min_group(n)) p->reads |= READS_LOGFMT;
    return n_rest;
}

static void name_rest(const lgd_profile *p, lgd_buf *name) {
    static const char *const kinds[FIELD_KINDS] = {"field",  "time",    "time", "level", "level", "number", "tag",
                                                   "source", "bracket", "",     "words", "word",  "level",  "level"};
    if (p->reads & READS_JSON) lgd_buf_add_sv(name, LGD_SV("json"));
    if (p->reads & READS_LOGFMT) lgd_buf_printf(name, "%slogfmt", name->n ? " + " : "");
    if (p->n_layouts == 0) {
        if (name->n == 0) lgd_buf_add_sv(name, LGD_SV("plain"));
        return;
    }
    const layout *l = &p->layouts[p->largest];
    const char *between = name->n ? " + " : "";
    for (size_t i = 0; i < l->n_steps; i++) {
        if (!kinds[l->steps[i].kind][0]) continue;
        lgd_buf_printf(name, "%s%s", between, kinds[l->steps[i].kind]);
        between = " ";
    }
}

static void keep_name(char *to, size_t size, const lgd_buf *name) {
    size_t n = name->n < size ? name->n : size - 1;
    memset(to, 0, size);
    if (n > 0) memcpy(to, name->p, n);
}

/* `nginx-access`, `syslog-rfc3164 + json`, `docker-json (python-logging)`; without named formats what was learned. */
static lgd_status make_names(lgd_profile *p, lgd_err *err) {
    lgd_buf rest = {0}, name = {0};
    name_rest(p, &rest);
    keep_name(p->rest_name, sizeof p->rest_name, &rest);
    for (size_t i = 0; i < p->n_named; i++) {
        if (i > 0) lgd_buf_add_sv(&name, LGD_SV(" + "));
        lgd_buf_add_sv(&name, p->named[i]->spec.name);
    }
    if (p->inner) lgd_buf_printf(&name, " (%s)", p->inner->name);
    keep_name(p->name, sizeof p->name, p->n_named ? &name : &rest);
    bool failed = rest.failed || name.failed;
    lgd_buf_release(&rest);
    lgd_buf_release(&name);
    return failed ? lgd_fail_memory(err, sizeof p->name) : LGD_OK;
}

lgd_status profile_finish(lgd_profile *p, lgd_err *err) {
    LGD_TRY(make_names(p, err));
    lgd_buf_clear(&p->bytes);
    return lgd_profile_save(p, &p->bytes, err);
}

lgd_status profile_add_named(lgd_profile *p, const named_format *f, lgd_err *err) {
    named_format *copy = NULL;
    LGD_TRY(named_new(lgd_buf_sv(&f->bytes), &copy, err));
    named_speed_up(copy);
    p->named[p->n_named++] = copy;
    return LGD_OK;
}

/* ---- learning ---- */

static lgd_status learn(const lgd_formats *formats, lgd_sv *lines, size_t n, int depth, lgd_cutter *cutter,
                        lgd_profile **ret, lgd_err *err);

/* The messages of the lines that a wrapping format cuts, as lines of their own. */
static lgd_status unwrap(const lgd_profile *p, const lgd_sv *lines, size_t n, lgd_cutter *cutter, lgd_sv *ret,
                         size_t *ret_n, lgd_err *err) {
    for (size_t i = 0; i < n; i++) {
        lgd_cut cut;
        LGD_TRY(lgd_profile_cut(p, lines[i], cutter, &cut, err));
        if (!cut.fits || cut.format >= p->n_named || !p->named[cut.format]->spec.wrap) continue;
        lgd_sv message = lgd_sv_trim(cut.header.message);
        if (message.n) ret[(*ret_n)++] = message;
    }
    return LGD_OK;
}

static lgd_status learn_inner(const lgd_formats *formats, const lgd_sv *lines, size_t n, int depth, lgd_cutter *cutter,
                              lgd_profile *p, lgd_err *err) {
    bool wraps = false;
    for (size_t i = 0; i < p->n_named; i++) wraps |= p->named[i]->spec.wrap;
    if (!wraps || depth == MAX_WRAPPERS) return LGD_OK;
    lgd_sv *messages = lgd_alloc(n * sizeof *messages);
    size_t n_messages = 0;
    lgd_status status = messages ? LGD_OK : lgd_fail_memory(err, n * sizeof *messages);
    if (status == LGD_OK) status = unwrap(p, lines, n, cutter, messages, &n_messages, err);
    if (status == LGD_OK && n_messages)
        status = learn(formats, messages, n_messages, depth + 1, cutter, &p->inner, err);
    lgd_free(messages);
    return status;
}

/* lines may be reordered. */
static lgd_status learn_into(lgd_profile *p, const lgd_formats *formats, lgd_sv *lines, size_t n, int depth,
                             lgd_cutter *cutter, lgd_err *err) {
    const named_format *forced = formats && depth == 0 ? formats->forced : NULL;
    if (forced)
        LGD_TRY(profile_add_named(p, forced, err));
    else if (formats)
        LGD_TRY(profile_vote(formats, lines, n, cutter, p, err));
    LGD_TRY(learn_inner(formats, lines, n, depth, cutter, p, err));
    if (!forced) {
        size_t n_rest = set_structured_apart(p, lines, n);
        if (n_rest && n_rest >= profile_min_group(n)) LGD_TRY(profile_learn_groups(p, lines, n_rest, err));
    }
    return profile_finish(p, err);
}

static lgd_status learn(const lgd_formats *formats, lgd_sv *lines, size_t n, int depth, lgd_cutter *cutter,
                        lgd_profile **ret, lgd_err *err) {
    lgd_profile *p = lgd_calloc(1, sizeof *p);
    if (!p) return lgd_fail_memory(err, sizeof *p);
    lgd_status status = learn_into(p, formats, lines, n, depth, cutter, err);
    if (status != LGD_OK) {
        lgd_profile_free(p);
        return status;
    }
    *ret = p;
    return LGD_OK;
}

lgd_status lgd_profile_learn(const lgd_formats *formats, const lgd_sv *lines, size_t n_lines, lgd_profile **ret_profile,
                             lgd_err *err) {
    lgd_arena arena = {0}, texts = {0}; /* lines without colours; unescaped texts of JSON */
    lgd_cutter *cutter = NULL;
    lgd_status status = lgd_cutter_new(&texts, &cutter, err);
    size_t n = n_lines < MAX_SAMPLE ? n_lines : MAX_SAMPLE;
    lgd_sv *plain = lgd_arena_alloc(&arena, n * sizeof *plain);
    bool done = plain != NULL;
    for (size_t i = 0; i < n && done; i++) done = colour_strip(lines[i], &arena, &plain[i]);
    if (status == LGD_OK && !done) status = lgd_fail_memory(err, n * sizeof *plain);
    if (status == LGD_OK) status = learn(formats, plain, n, 0, cutter, ret_profile, err);
    lgd_cutter_free(cutter);
    lgd_arena_release(&texts);
    lgd_arena_release(&arena);
    return status;
}

/* ---- the object ---- */

lgd_status lgd_profile_none(lgd_profile **ret_profile, lgd_err *err) {
    return learn(NULL, NULL, 0, 0, NULL, ret_profile, err);
}

void lgd_profile_free(lgd_profile *p) {
    if (!p) return;
    for (size_t i = 0; i < p->n_named; i++) named_free(p->named[i]);
    lgd_profile_free(p->inner);
    lgd_buf_release(&p->bytes);
    lgd_free(p);
}

bool lgd_profile_wraps(const lgd_profile *p) { return p->inner != NULL; }

const char *lgd_profile_name(const lgd_profile *p) { return p->name; }

size_t lgd_profile_n_formats(const lgd_profile *p) { return p->n_named + 2u; }

lgd_sv lgd_profile_format_name(const lgd_profile *p, size_t format) {
    if (format < p->n_named) return p->named[format]->spec.name;
    return format == p->n_named ? lgd_sv_of(p->rest_name) : LGD_SV("other");
}

bool lgd_profile_equal(const lgd_profile *a, const lgd_profile *b) {
    return lgd_sv_eq(lgd_buf_sv(&a->bytes), lgd_buf_sv(&b->bytes));
}
