/*
 * config/recipe: FILE.yaml, or a built-in text of the same kind -> lgd_recipe. Each key is a row; what is unknown, of
 * another type or out of range is named with file and line, and with what is allowed.
 *
 *     members: {NAME: WEIGHT, ...} or [NAME, ...]
 *     lstm:    {layers: [UNITS, ...], steps, embedding, epochs, windows, dropout, loss}
 */
#include "logdetect/recipe.h"

#include "logdetect/yaml.h"

typedef struct reader {
    const char *path;
    lgd_recipe *recipe;
    lgd_err *err;
} reader;

typedef lgd_status (*read_key)(reader *r, const lgd_yaml *value);

void lgd_recipe_init(lgd_recipe *r) {
    *r = (lgd_recipe){
        .name = LGD_SV("default"),
        .lstm = {
            .layers = {64, 32, 32, 64}, .n_layers = 4, .steps = 20, .embedding = 16, .epochs = 50, .windows = 16384}};
}

static lgd_status fail_value(const reader *r, const lgd_yaml *v, lgd_sv key, const char *what) {
    return lgd_yaml_fail(r->path, v->line, key, what, r->err);
}

/* ---- members ---- */

static lgd_status add_member(reader *r, const lgd_yaml *at, lgd_sv name, double weight) {
    lgd_recipe *x = r->recipe;
    if (x->n_members == LGD_RECIPE_MEMBERS) return fail_value(r, at, LGD_SV("members"), "takes at most 16 members");
    x->members[x->n_members++] = (lgd_recipe_member){name, weight, at->line};
    return LGD_OK;
}

static lgd_status read_weighted(reader *r, const lgd_yaml *map) {
    for (const lgd_yaml *e = map->first; e; e = e->next) {
        double weight = 0;
        if (e->kind != LGD_YAML_TEXT || !lgd_parse_f64(e->text, &weight) || weight <= 0)
            return fail_value(r, e, e->key, "takes a weight, a number above 0");
        LGD_TRY(add_member(r, e, e->key, weight));
    }
    return LGD_OK;
}

static lgd_status read_listed(reader *r, const lgd_yaml *list) {
    for (const lgd_yaml *e = list->first; e; e = e->next) {
        if (e->kind != LGD_YAML_TEXT) return fail_value(r, e, list->key, "takes a list of names");
        LGD_TRY(add_member(r, e, e->text, 0));
    }
    return LGD_OK;
}

static lgd_status read_members(reader *r, const lgd_yaml *v) {
    if (v->kind == LGD_YAML_TEXT || !v->first)
        return fail_value(r, v, v->key, "takes a list of names, or a map of names to weights");
    return v->kind == LGD_YAML_MAP ? read_weighted(r, v) : read_listed(r, v);
}

/* ---- the network ---- */

/* Whole numbers of lstm. */
static const struct count_row {
    const char *key;
    size_t offset;
    uint32_t min, max;
    const char *allowed;
} count_rows[] = {
    {"steps", offsetof(lgd_recipe_lstm, steps), 2, 1000, "takes a whole number from 2 to 1000"},
    {"embedding", offsetof(lgd_recipe_lstm, embedding), 1, 1024, "takes a whole number from 1 to 1024"},
    {"epochs", offsetof(lgd_recipe_lstm, epochs), 1, 10000, "takes a whole number from 1 to 10000"},
    {"windows", offsetof(lgd_recipe_lstm, windows), 16, 131072, "takes a whole number from 16 to 131072"},
};

static bool parse_count(const lgd_yaml *v, uint32_t min, uint32_t max, uint32_t *ret) {
    uint64_t x = 0;
    if (v->kind != LGD_YAML_TEXT || !lgd_parse_u64(v->text, &x) || x < min || x > max) return false;
    *ret = (uint32_t)x;
    return true;
}

static lgd_status read_layers(reader *r, const lgd_yaml *v) {
    static const char allowed[] = "takes a list of 1 to 8 whole numbers from 1 to 1024";
    lgd_recipe_lstm *lstm = &r->recipe->lstm;
    if (v->kind != LGD_YAML_LIST || !v->first) return fail_value(r, v, v->key, allowed);
    lstm->n_layers = 0;
    for (const lgd_yaml *e = v->first; e; e = e->next)
        if (lstm->n_layers == LGD_RECIPE_LAYERS || !parse_count(e, 1, 1024, &lstm->layers[lstm->n_layers++]))
            return fail_value(r, e, v->key, allowed);
    return LGD_OK;
}

static lgd_status read_dropout(reader *r, const lgd_yaml *v) {
    double x = 0;
    if (v->kind != LGD_YAML_TEXT || !lgd_parse_f64(v->text, &x) || x < 0 || x > 0.9)
        return fail_value(r, v, v->key, "takes a number from 0 to 0.9");
    r->recipe->lstm.dropout = x;
    return LGD_OK;
}

static lgd_status read_loss(reader *r, const lgd_yaml *v) {
    bool squared = v->kind == LGD_YAML_TEXT && lgd_sv_eq(v->text, LGD_SV("mse"));
    if (!squared && !(v->kind == LGD_YAML_TEXT && lgd_sv_eq(v->text, LGD_SV("cross-entropy"))))
        return fail_value(r, v, v->key, "takes cross-entropy or mse");
    r->recipe->lstm.squared = squared;
    return LGD_OK;
}

/* *ret_found: the key is that of a whole number. */
static lgd_status read_count(reader *r, const lgd_yaml *v, bool *ret_found) {
    for (size_t i = 0; i < sizeof count_rows / sizeof count_rows[0]; i++) {
        const struct count_row *row = &count_rows[i];
        uint32_t x = 0;
        if (!lgd_sv_eq(v->key, lgd_sv_of(row->key))) continue;
        if (!parse_count(v, row->min, row->max, &x)) return fail_value(r, v, v->key, row->allowed);
        memcpy((char *)&r->recipe->lstm + row->offset, &x, sizeof x);
        *ret_found = true;
    }
    return LGD_OK;
}

static lgd_status read_lstm(reader *r, const lgd_yaml *v) {
    if (v->kind != LGD_YAML_MAP) return fail_value(r, v, v->key, "takes a map");
    for (const lgd_yaml *e = v->first; e; e = e->next) {
        bool found = false;
        LGD_TRY(read_count(r, e, &found));
        if (found) continue;
        read_key read = lgd_sv_eq(e->key, LGD_SV("layers"))    ? read_layers
                        : lgd_sv_eq(e->key, LGD_SV("dropout")) ? read_dropout
                        : lgd_sv_eq(e->key, LGD_SV("loss"))    ? read_loss
                                                               : NULL;
        if (!read)
            return lgd_yaml_fail(r->path, e->key_line, e->key,
                                 "no such key; lstm has layers, steps, embedding, epochs, windows, dropout and loss",
                                 r->err);
        LGD_TRY(read(r, e));
    }
    return LGD_OK;
}

/* ---- the file ---- */

static lgd_status read_map(const char *path, const lgd_yaml *map, lgd_recipe *ret, lgd_err *err) {
    lgd_recipe recipe;
    lgd_recipe_init(&recipe);
    recipe.name = lgd_sv_of(path);
    reader r = {path, &recipe, err};
    for (const lgd_yaml *e = map->first; e; e = e->next) {
        read_key read = lgd_sv_eq(e->key, LGD_SV("members")) ? read_members
                        : lgd_sv_eq(e->key, LGD_SV("lstm"))  ? read_lstm
                                                             : NULL;
        if (!read) return lgd_yaml_fail(path, e->key_line, e->key, "no such key; a recipe has members and lstm", err);
        LGD_TRY(read(&r, e));
    }
    *ret = recipe;
    return LGD_OK;
}

lgd_status lgd_recipe_parse(const char *path, lgd_sv yaml, lgd_arena *arena, lgd_recipe *ret, lgd_err *err) {
    lgd_yaml *map = NULL;
    LGD_TRY(lgd_yaml_parse(path, yaml, arena, &map, err));
    return read_map(path, map, ret, err);
}

bool lgd_recipe_is_path(const char *what) {
    static const char end[] = ".yaml";
    size_t n = strlen(what), n_end = sizeof end - 1;
    return strchr(what, '/') || (n >= n_end && strcmp(what + n - n_end, end) == 0);
}

/* "default, brief": for the message. */
static lgd_status fail_name(const char *what, lgd_sv packed, lgd_err *err) {
    lgd_buf names = {0};
    lgd_cursor c = lgd_cursor_of(packed);
    while (!c.bad && c.p < c.end) {
        if (names.n) lgd_buf_add_sv(&names, LGD_SV(", "));
        lgd_buf_add_sv(&names, lgd_get_sv(&c));
        (void)lgd_get_sv(&c);
    }
    lgd_status status = lgd_fail(err, LGD_E_USAGE,
                                 "--recipe '%.100s': there is no such recipe; there are %.*s, or a file of yours that "
                                 "ends in .yaml; nothing was done",
                                 what, (int)names.n, names.n ? names.p : "");
    lgd_buf_release(&names);
    return status;
}

lgd_status lgd_recipe_find(const char *what, lgd_sv packed, lgd_arena *arena, lgd_recipe *ret, lgd_err *err) {
    if (lgd_recipe_is_path(what)) {
        lgd_yaml *map = NULL;
        LGD_TRY(lgd_yaml_read(what, arena, &map, err));
        return read_map(what, map, ret, err);
    }
    lgd_cursor c = lgd_cursor_of(packed);
    while (!c.bad && c.p < c.end) {
        lgd_sv name = lgd_get_sv(&c), text = lgd_get_sv(&c);
        if (!c.bad && lgd_sv_eq(name, lgd_sv_of(what))) return lgd_recipe_parse(what, text, arena, ret, err);
    }
    return fail_name(what, packed, err);
}
