/*
 * spec: a map of a YAML file -> format_spec. Each key is a row; what is missing, unknown or of another kind of format is
 * named with file and line.
 */
#include "spec.h"

#include "chars.h"

const char *const role_names[VALUE_ROLES] = {"message", "time", "level", "component", "pid", "host"};
static const char *const kind_names[SPEC_KINDS] = {"text", "json", "logfmt", "journal"};
static const char *const form_names[TIME_FORMS] = {"auto",         "day-first",    "month-first", "seconds",
                                                   "milliseconds", "microseconds", "nanoseconds"};

typedef struct reader {
    const char *path;
    format_spec *spec;
    lgd_err *err;
} reader;

typedef lgd_status (*read_key)(reader *r, const lgd_yaml *value);

static lgd_status fail_value(const reader *r, const lgd_yaml *v, const char *what) {
    return lgd_yaml_fail(r->path, v->line, v->key, what, r->err);
}

/* The place of text among n names, or n. */
static size_t place_of(lgd_sv text, const char *const *names, size_t n) {
    size_t i = 0;
    while (i < n && !lgd_sv_eq(text, lgd_sv_of(names[i]))) i++;
    return i;
}

static bool is_format_name(lgd_sv name) {
    for (size_t i = 0; i < name.n; i++) {
        char c = name.p[i];
        if (!is_digit(c) && c != '-' && !(c >= 'a' && c <= 'z')) return false;
    }
    return name.n > 0 && name.n <= MAX_FORMAT_NAME;
}

static lgd_status read_name(reader *r, const lgd_yaml *v) {
    if (v->kind != LGD_YAML_TEXT || !is_format_name(v->text))
        return fail_value(r, v, "takes small letters, digits and hyphens, at most 48");
    r->spec->name = v->text;
    return LGD_OK;
}

static lgd_status read_title(reader *r, const lgd_yaml *v) {
    return v->kind == LGD_YAML_TEXT ? LGD_OK : fail_value(r, v, "takes one line of text");
}

static lgd_status read_kind(reader *r, const lgd_yaml *v) {
    size_t kind = v->kind == LGD_YAML_TEXT ? place_of(v->text, kind_names, SPEC_KINDS) : SPEC_KINDS;
    if (kind == SPEC_KINDS) return fail_value(r, v, "takes text, json, logfmt or journal");
    r->spec->kind = (spec_kind)kind;
    return LGD_OK;
}

static lgd_status read_time(reader *r, const lgd_yaml *v) {
    size_t form = v->kind == LGD_YAML_TEXT ? place_of(v->text, form_names, TIME_FORMS) : TIME_FORMS;
    if (form == TIME_FORMS)
        return fail_value(r, v,
                          "takes auto, day-first, month-first, seconds, milliseconds, microseconds or nanoseconds");
    r->spec->time = (time_form)form;
    return LGD_OK;
}

static lgd_status read_wrap(reader *r, const lgd_yaml *v) {
    bool yes = v->kind == LGD_YAML_TEXT && lgd_sv_eq(v->text, LGD_SV("true"));
    bool no = v->kind == LGD_YAML_TEXT && lgd_sv_eq(v->text, LGD_SV("false"));
    if (!yes && !no) return fail_value(r, v, "takes true or false");
    r->spec->wrap = yes;
    return LGD_OK;
}

/* One text or a list of them. */
static lgd_status read_texts(reader *r, const lgd_yaml *v, lgd_sv *ret, size_t *ret_n, size_t max) {
    const lgd_yaml *item = v->kind == LGD_YAML_LIST ? v->first : v;
    for (*ret_n = 0; item; item = v->kind == LGD_YAML_LIST ? item->next : NULL) {
        if (item->kind != LGD_YAML_TEXT || item->text.n == 0)
            return lgd_yaml_fail(r->path, item->line, v->key, "takes a text or a list of texts", r->err);
        if (*ret_n == max) return lgd_yaml_fail(r->path, item->line, v->key, "has more entries than fit", r->err);
        ret[(*ret_n)++] = item->text;
    }
    return *ret_n > 0 ? LGD_OK : fail_value(r, v, "is empty");
}

static lgd_status read_pattern(reader *r, const lgd_yaml *v) {
    return read_texts(r, v, r->spec->patterns, &r->spec->n_patterns, MAX_PATTERNS);
}

static lgd_status read_require(reader *r, const lgd_yaml *v) {
    return read_texts(r, v, r->spec->required, &r->spec->n_required, MAX_REQUIRED);
}

/* Calls `each` for the entries of a map of texts. */
static lgd_status read_map(reader *r, const lgd_yaml *v, read_key each) {
    if (v->kind != LGD_YAML_MAP) return fail_value(r, v, "takes a map");
    for (const lgd_yaml *e = v->first; e; e = e->next) {
        if (e->kind != LGD_YAML_TEXT) return fail_value(r, e, "takes one text");
        LGD_TRY(each(r, e));
    }
    return LGD_OK;
}

static lgd_status add_level(reader *r, const lgd_yaml *e) {
    format_spec *s = r->spec;
    for (int level = LGD_LEVEL_TRACE; level < LGD_LEVEL_COUNT; level++) {
        if (!lgd_sv_eq(e->text, lgd_sv_of(lgd_level_name((lgd_level)level)))) continue;
        if (s->n_levels == MAX_LEVEL_NAMES) return fail_value(r, e, "is one level too many");
        s->levels[s->n_levels++] = (level_name){e->key, (lgd_level)level};
        return LGD_OK;
    }
    return fail_value(r, e, "takes trace, debug, info, warning, error or critical");
}

static lgd_status read_levels(reader *r, const lgd_yaml *v) {
    r->spec->priorities = v->kind == LGD_YAML_TEXT && lgd_sv_eq(v->text, LGD_SV("syslog-priority"));
    if (r->spec->priorities) return LGD_OK;
    if (v->kind != LGD_YAML_MAP) return fail_value(r, v, "takes a map or syslog-priority");
    return read_map(r, v, add_level);
}

static lgd_status add_field(reader *r, const lgd_yaml *e) {
    size_t role = place_of(e->key, role_names, VALUE_ROLES);
    if (role == VALUE_ROLES)
        return fail_value(r, e, "is no field: those are message, time, level, component, pid and host");
    if (e->text.n == 0) return fail_value(r, e, "takes a name");
    r->spec->fields[role] = e->text;
    return LGD_OK;
}

static lgd_status read_fields(reader *r, const lgd_yaml *v) { return read_map(r, v, add_field); }

static lgd_status read_samples(reader *r, const lgd_yaml *v) {
    return v->kind == LGD_YAML_LIST ? LGD_OK : fail_value(r, v, "takes a list");
}

static const struct key_row {
    const char *key;
    read_key read;
    bool text, named; /* kinds that have it: patterns, named fields */
} key_rows[] = {
    {"name", read_name, true, true},      {"title", read_title, true, true},
    {"kind", read_kind, true, true},      {"pattern", read_pattern, true, false},
    {"time", read_time, true, true},      {"levels", read_levels, true, true},
    {"wrap", read_wrap, true, true},      {"require", read_require, false, true},
    {"fields", read_fields, false, true}, {"samples", read_samples, true, true},
};
enum { N_KEYS = sizeof key_rows / sizeof key_rows[0] };

static const struct key_row *row_of(lgd_sv key) {
    for (size_t i = 0; i < N_KEYS; i++)
        if (lgd_sv_eq(key, lgd_sv_of(key_rows[i].key))) return &key_rows[i];
    return NULL;
}

/* Whether the keys suit the kind, which may stand behind them. */
static lgd_status check_kind(const reader *r, const lgd_yaml *map) {
    const format_spec *s = r->spec;
    for (const lgd_yaml *e = map->first; e; e = e->next) {
        const struct key_row *row = row_of(e->key);
        if (row && !(s->kind == SPEC_TEXT ? row->text : row->named))
            return lgd_yaml_fail(
                r->path, e->key_line, e->key,
                s->kind == SPEC_TEXT ? "is for formats of named fields" : "is for formats of kind text", r->err);
    }
    if (s->name.n == 0) return lgd_yaml_fail(r->path, map->line, LGD_SV("name"), "is missing", r->err);
    if (s->kind == SPEC_TEXT && s->n_patterns == 0)
        return lgd_yaml_fail(r->path, map->line, LGD_SV("pattern"), "is missing", r->err);
    if (s->kind != SPEC_TEXT && s->n_required == 0)
        return lgd_yaml_fail(r->path, map->line, LGD_SV("require"), "is missing", r->err);
    return LGD_OK;
}

lgd_status spec_read(const char *path, const lgd_yaml *map, format_spec *ret, lgd_err *err) {
    reader r = {path, ret, err};
    *ret = (format_spec){0};
    for (const lgd_yaml *e = map->first; e; e = e->next) {
        const struct key_row *row = row_of(e->key);
        if (!row)
            return lgd_yaml_fail(path, e->key_line, e->key,
                                 "no such key; there are name, title, kind, pattern, time, levels, wrap, require, "
                                 "fields and samples",
                                 err);
        LGD_TRY(row->read(&r, e));
    }
    return check_kind(&r, map);
}

/* ---- bytes ---- */

static void put_texts(lgd_buf *out, const lgd_sv *texts, size_t n) {
    lgd_put_u32(out, (uint32_t)n);
    for (size_t i = 0; i < n; i++) lgd_put_sv(out, texts[i]);
}

void spec_save(const format_spec *s, lgd_buf *out) {
    lgd_put_sv(out, s->name);
    lgd_put_u8(out, (uint8_t)s->kind);
    lgd_put_u8(out, (uint8_t)s->time);
    lgd_put_u8(out, s->wrap);
    lgd_put_u8(out, s->priorities);
    put_texts(out, s->patterns, s->n_patterns);
    put_texts(out, s->required, s->n_required);
    put_texts(out, s->fields, VALUE_ROLES);
    lgd_put_u32(out, (uint32_t)s->n_levels);
    for (size_t i = 0; i < s->n_levels; i++) {
        lgd_put_sv(out, s->levels[i].text);
        lgd_put_u8(out, (uint8_t)s->levels[i].level);
    }
}

static size_t get_texts(lgd_cursor *c, lgd_sv *ret, size_t max) {
    size_t n = lgd_get_count(c, 4);
    if (n > max) c->bad = true;
    for (size_t i = 0; i < n && !c->bad; i++) ret[i] = lgd_get_sv(c);
    return c->bad ? 0 : n;
}

static void get_levels(lgd_cursor *c, format_spec *s) {
    size_t n = lgd_get_count(c, 5);
    if (n > MAX_LEVEL_NAMES) c->bad = true;
    for (size_t i = 0; i < n && !c->bad; i++) {
        lgd_sv text = lgd_get_sv(c);
        uint8_t level = lgd_get_u8(c);
        if (level == LGD_LEVEL_NONE || level >= LGD_LEVEL_COUNT) c->bad = true;
        s->levels[i] = (level_name){text, (lgd_level)level};
    }
    s->n_levels = c->bad ? 0 : n;
}

bool spec_load(lgd_sv bytes, format_spec *ret) {
    lgd_cursor c = lgd_cursor_of(bytes);
    *ret = (format_spec){.name = lgd_get_sv(&c)};
    uint8_t kind = lgd_get_u8(&c), form = lgd_get_u8(&c), wrap = lgd_get_u8(&c);
    uint8_t priorities = lgd_get_u8(&c);
    if (!is_format_name(ret->name) || kind >= SPEC_KINDS || form >= TIME_FORMS || wrap > 1 || priorities > 1)
        return false;
    ret->kind = (spec_kind)kind;
    ret->time = (time_form)form;
    ret->wrap = wrap;
    ret->priorities = priorities;
    ret->n_patterns = get_texts(&c, ret->patterns, MAX_PATTERNS);
    ret->n_required = get_texts(&c, ret->required, MAX_REQUIRED);
    if (get_texts(&c, ret->fields, VALUE_ROLES) != VALUE_ROLES) return false;
    get_levels(&c, ret);
    if (c.bad || c.p != c.end) return false;
    return ret->kind == SPEC_TEXT ? ret->n_patterns > 0 : ret->n_required > 0;
}
