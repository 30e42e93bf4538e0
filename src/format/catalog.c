/*
 * catalog: the table of named formats - the built-in ones, which come packed as bytes, and the user's, which are read from
 * YAML files with their samples checked. Formats are compiled once, here; a profile takes copies of those it uses.
 */
#include "profile.h"

enum { MAX_FORMATS = 1000 };

static lgd_status add(lgd_formats *f, named_format *format, size_t at, lgd_err *err) {
    void *items = f->items;
    lgd_status status = lgd_grow(&items, &f->capacity, f->n + 1, sizeof *f->items, MAX_FORMATS, err);
    f->items = items;
    if (status != LGD_OK) {
        named_free(format);
        return status;
    }
    memmove(f->items + at + 1, f->items + at, (f->n - at) * sizeof *f->items);
    f->items[at] = format;
    f->n++;
    for (size_t i = 0; i < f->n; i++) f->items[i]->rank = i;
    return LGD_OK;
}

static lgd_status add_packed(lgd_formats *f, lgd_sv packed, lgd_err *err) {
    lgd_cursor c = lgd_cursor_of(packed);
    while (!c.bad && c.p < c.end) {
        lgd_sv one = lgd_get_sv(&c);
        named_format *format = NULL;
        if (c.bad) break;
        LGD_TRY(named_new(one, &format, err));
        LGD_TRY(add(f, format, f->n, err));
    }
    return lgd_cursor_done(&c, "formats", err);
}

lgd_status lgd_formats_new(lgd_sv packed, lgd_formats **ret_formats, lgd_err *err) {
    lgd_formats *f = lgd_calloc(1, sizeof *f);
    if (!f) return lgd_fail_memory(err, sizeof *f);
    lgd_status status = add_packed(f, packed, err);
    if (status != LGD_OK) {
        lgd_formats_free(f);
        return status;
    }
    *ret_formats = f;
    return LGD_OK;
}

void lgd_formats_free(lgd_formats *f) {
    if (!f) return;
    for (size_t i = 0; i < f->n; i++) named_free(f->items[i]);
    lgd_free(f->items);
    lgd_free(f);
}

size_t lgd_formats_n(const lgd_formats *f) { return f->n; }
lgd_sv lgd_formats_name(const lgd_formats *f, size_t i) { return f->items[i]->spec.name; }

static size_t find(const lgd_formats *f, lgd_sv name) {
    size_t i = 0;
    while (i < f->n && !lgd_sv_eq(f->items[i]->spec.name, name)) i++;
    return i;
}

/* ---- the user's ---- */

static lgd_status add_spec(lgd_formats *f, const format_spec *spec, named_format **ret, lgd_err *err) {
    lgd_buf bytes = {0};
    named_format *format = NULL;
    spec_save(spec, &bytes);
    lgd_status status = bytes.failed ? lgd_fail_memory(err, bytes.n) : named_new(lgd_buf_sv(&bytes), &format, err);
    lgd_buf_release(&bytes);
    LGD_TRY(status);
    LGD_TRY(add(f, format, f->n_user, err));
    f->n_user++;
    *ret = format;
    return LGD_OK;
}

static const lgd_yaml *entry_of(const lgd_yaml *map, lgd_sv key) {
    const lgd_yaml *e = map->first;
    while (e && !lgd_sv_eq(e->key, key)) e = e->next;
    return e;
}

static lgd_status add_map(lgd_formats *f, const char *path, const lgd_yaml *map, lgd_err *err) {
    format_spec spec;
    named_format *format = NULL;
    lgd_err inner = {0};
    LGD_TRY(spec_read(path, map, &spec, err));
    size_t line = entry_of(map, LGD_SV("name"))->line;
    if (find(f, spec.name) < f->n_user)
        return lgd_yaml_fail(path, line, spec.name, "is the name of a format that was read before", err);
    lgd_status status = add_spec(f, &spec, &format, &inner);
    if (status == LGD_E_USAGE) {
        const lgd_yaml *pattern = entry_of(map, LGD_SV("pattern"));
        return lgd_yaml_fail(path, pattern ? pattern->line : line, spec.name, inner.text, err);
    }
    if (status != LGD_OK) return lgd_fail(err, status, "%s", inner.text);
    const lgd_yaml *samples = entry_of(map, LGD_SV("samples"));
    return samples ? samples_check(path, format, samples, err) : LGD_OK;
}

lgd_status lgd_formats_parse(lgd_formats *f, const char *path, lgd_sv yaml, lgd_err *err) {
    lgd_arena arena = {0};
    lgd_yaml *map = NULL;
    lgd_status status = lgd_yaml_parse(path, yaml, &arena, &map, err);
    if (status == LGD_OK) status = add_map(f, path, map, err);
    lgd_arena_release(&arena);
    return status;
}

lgd_status lgd_formats_read(lgd_formats *f, const char *path, lgd_err *err) {
    lgd_arena arena = {0};
    lgd_yaml *map = NULL;
    lgd_status status = lgd_yaml_read(path, &arena, &map, err);
    if (status == LGD_OK) status = add_map(f, path, map, err);
    lgd_arena_release(&arena);
    return status;
}

/* ---- one for all lines ---- */

static lgd_status force_pattern(lgd_formats *f, lgd_sv pattern, lgd_err *err) {
    format_spec spec = {.name = LGD_SV("regex"), .kind = SPEC_TEXT, .n_patterns = 1, .patterns = {pattern}};
    lgd_err inner = {0};
    lgd_status status = add_spec(f, &spec, &f->forced, &inner);
    if (status == LGD_OK && f->forced->patterns[0].n_roles == 0)
        return lgd_fail(err, LGD_E_USAGE, "'%.*s': has no named group; nothing was done",
                        (int)(pattern.n < 200 ? pattern.n : 200), pattern.p);
    if (status == LGD_OK || status == LGD_E_MEMORY)
        return status == LGD_OK ? status : lgd_fail(err, status, "%s", inner.text);
    lgd_sv why = lgd_sv_of(inner.text);
    lgd_sv head = LGD_SV("pattern 1: ");
    const char *text = inner.text + (lgd_sv_starts(why, head) ? head.n : 0);
    return lgd_fail(err, status, "'%.*s': %s; nothing was done", (int)(pattern.n < 200 ? pattern.n : 200), pattern.p,
                    text);
}

lgd_status lgd_formats_force(lgd_formats *f, lgd_sv text, lgd_err *err) {
    size_t i = find(f, text);
    if (i < f->n) {
        f->forced = f->items[i];
        return LGD_OK;
    }
    for (size_t k = 0; k + 1 < text.n; k++)
        if (text.p[k] == '(' && text.p[k + 1] == '?') return force_pattern(f, text, err);
    return lgd_fail(err, LGD_E_USAGE,
                    "'%.*s': is no line format of that name, nor a pattern with named groups such as "
                    "'(?<time>\\S+) (?<level>\\w+) (?<message>.*)'; nothing was done",
                    (int)(text.n < 200 ? text.n : 200), text.p);
}

lgd_status lgd_formats_pack(const lgd_formats *f, lgd_buf *out, lgd_err *err) {
    for (size_t i = 0; i < f->n; i++) lgd_put_sv(out, lgd_buf_sv(&f->items[i]->bytes));
    return out->failed ? lgd_fail_memory(err, out->n) : LGD_OK;
}
