/*
 * sample: the lines that a format file gives as examples -> whether the format cuts them as the file says. A format whose
 * samples do not hold is refused, with file and line, so that a mistake in a pattern is found before the first log is.
 */
#include "profile.h"

/* Year-less times are resolved against this day, times without a zone are UTC. */
#define SAMPLE_MTIME_NS (INT64_C(1735689600) * 1000000000) /* 2025-01-01T00:00:00Z */

typedef struct checker {
    const char *path;
    const named_format *format;
    lgd_cutter *cutter;
    lgd_zone *utc;
    lgd_err *err;
} checker;

static lgd_status differs(const checker *c, const lgd_yaml *e, lgd_sv found) {
    lgd_err what = {0};
    lgd_fail(&what, LGD_E_USAGE, "the format finds '%.*s' in this sample", (int)(found.n < 200 ? found.n : 200),
             found.n ? found.p : "");
    return lgd_yaml_fail(c->path, e->line, e->key, what.text, c->err);
}

static int64_t resolve(const checker *c, const lgd_timestamp *written) {
    lgd_clock clock;
    lgd_clock_init(&clock, c->utc, SAMPLE_MTIME_NS);
    return lgd_clock_resolve(&clock, written);
}

static lgd_status check_time(const checker *c, const lgd_yaml *e, const lgd_cut *cut) {
    lgd_timestamp expected = {0};
    bool none = lgd_sv_eq(e->text, LGD_SV("none"));
    if (!none && lgd_timestamp_parse(e->text, &expected) != e->text.n)
        return lgd_yaml_fail(c->path, e->line, e->key, "takes an RFC 3339 timestamp or none", c->err);
    if (none != cut->has_time && (none || resolve(c, &expected) == resolve(c, &cut->written))) return LGD_OK;
    return lgd_yaml_fail(c->path, e->line, e->key, "the format finds another time in this sample", c->err);
}

static lgd_status check_entry(const checker *c, const lgd_yaml *e, const lgd_cut *cut) {
    const lgd_sv found[VALUE_ROLES] = {[VALUE_MESSAGE] = lgd_sv_trim(cut->header.message),
                                       [VALUE_LEVEL] = lgd_sv_of(lgd_level_name(cut->header.level)),
                                       [VALUE_COMPONENT] = cut->header.component,
                                       [VALUE_PID] = cut->header.pid,
                                       [VALUE_HOST] = cut->header.host};
    size_t role = 0;
    if (e->kind != LGD_YAML_TEXT) return lgd_yaml_fail(c->path, e->line, e->key, "takes one text", c->err);
    if (lgd_sv_eq(e->key, LGD_SV("line"))) return LGD_OK;
    while (role < VALUE_ROLES && !lgd_sv_eq(e->key, lgd_sv_of(role_names[role]))) role++;
    if (role == VALUE_ROLES)
        return lgd_yaml_fail(c->path, e->key_line, e->key,
                             "no such key; there are line, time, level, component, pid, host and message", c->err);
    if (role == VALUE_TIME) return check_time(c, e, cut);
    lgd_sv expected = role != VALUE_MESSAGE && lgd_sv_eq(e->text, LGD_SV("none")) ? (lgd_sv){"", 0} : e->text;
    return lgd_sv_eq(expected, found[role]) ? LGD_OK : differs(c, e, found[role]);
}

static lgd_status check_sample(const checker *c, const lgd_yaml *sample) {
    lgd_cut cut = {0};
    const lgd_yaml *line = sample->kind == LGD_YAML_MAP ? sample->first : NULL;
    while (line && !lgd_sv_eq(line->key, LGD_SV("line"))) line = line->next;
    if (!line || line->kind != LGD_YAML_TEXT)
        return lgd_yaml_fail(c->path, sample->line, LGD_SV("samples"), "takes maps with a line", c->err);
    LGD_TRY(named_cut(c->format, line->text, c->cutter, &cut, c->err));
    if (!cut.fits)
        return lgd_yaml_fail(c->path, line->line, LGD_SV("line"), "this sample is no line of the format", c->err);
    for (const lgd_yaml *e = sample->first; e; e = e->next) LGD_TRY(check_entry(c, e, &cut));
    return LGD_OK;
}

lgd_status samples_check(const char *path, const named_format *format, const lgd_yaml *samples, lgd_err *err) {
    lgd_arena arena = {0};
    checker c = {.path = path, .format = format, .err = err};
    lgd_status status = lgd_zone_new("UTC", &c.utc, err);
    if (status == LGD_OK) status = lgd_cutter_new(&arena, &c.cutter, err);
    for (const lgd_yaml *s = samples->first; s && status == LGD_OK; s = s->next) status = check_sample(&c, s);
    lgd_cutter_free(c.cutter);
    lgd_zone_free(c.utc);
    lgd_arena_release(&arena);
    return status;
}
