/*
 * config/file: FILE.yaml -> options, through the same rows as the command line.
 *
 * The file is one map from option names to values, or to lists of values where an option may be given many times.
 */
#include "logdetect/config.h"
#include "logdetect/yaml.h"

typedef struct reader {
    const char *path;
    lgd_config *config;
    lgd_config unused; /* options of other commands are checked by setting them here */
    unsigned command;
} reader;

/* What this command does not take, an option or a --format, has to be right for another one and is left alone. */
static lgd_status set_value(reader *r, const lgd_option *row, const lgd_yaml *value, lgd_err *err) {
    lgd_err inner = {0};
    lgd_status status = lgd_option_set(&r->unused, row, value->text, LGD_CMD_ALL, &inner);
    if (status == LGD_OK && (row->commands & r->command)) {
        status = lgd_option_set(r->config, row, value->text, r->command, &inner);
        if (status == LGD_E_USAGE) return LGD_OK;
    }
    if (status == LGD_OK) return LGD_OK;
    const char *text = strncmp(inner.text, "--", 2) == 0 ? inner.text + 2 : inner.text;
    return lgd_fail(err, status, "%s:%zu: %s", r->path, value->line, text);
}

static lgd_status set_option(reader *r, const lgd_option *row, const lgd_yaml *entry, lgd_err *err) {
    bool takes_list = row->type == LGD_OPTION_STRINGS;
    if (entry->kind == LGD_YAML_TEXT) return set_value(r, row, entry, err);
    if (entry->kind == LGD_YAML_MAP || !takes_list)
        return lgd_yaml_fail(r->path, entry->line, entry->key,
                             takes_list ? "takes a value or a list of values" : "takes one value", err);
    for (const lgd_yaml *item = entry->first; item; item = item->next) {
        if (item->kind != LGD_YAML_TEXT)
            return lgd_yaml_fail(r->path, item->line, entry->key, "takes a list of plain values", err);
        LGD_TRY(set_value(r, row, item, err));
    }
    return LGD_OK;
}

static lgd_status find_row(const reader *r, const lgd_yaml *entry, const lgd_option **ret_row, lgd_err *err) {
    const lgd_option *row = lgd_option_find(entry->key, LGD_CMD_ALL);
    if (!row) {
        const lgd_option *near = lgd_option_nearest(entry->key, LGD_CMD_ALL);
        lgd_err what = {0};
        if (near && !near->cli_only) lgd_fail(&what, LGD_E_USAGE, "no such option; did you mean '%s'?", near->name);
        return lgd_yaml_fail(r->path, entry->key_line, entry->key, what.status ? what.text : "no such option", err);
    }
    if (row->cli_only) return lgd_yaml_fail(r->path, entry->key_line, entry->key, "is for the command line alone", err);
    *ret_row = row;
    return LGD_OK;
}

static lgd_status read_options(reader *r, const lgd_yaml *map, lgd_err *err) {
    for (const lgd_yaml *entry = map->first; entry; entry = entry->next) {
        const lgd_option *row = NULL;
        LGD_TRY(find_row(r, entry, &row, err));
        LGD_TRY(set_option(r, row, entry, err));
    }
    return LGD_OK;
}

lgd_status lgd_config_read_yaml(lgd_config *c, const char *path, unsigned command, lgd_err *err) {
    lgd_arena arena = {0};
    lgd_yaml *map = NULL;
    reader r = {.path = path, .config = c, .command = command};
    lgd_status status = lgd_yaml_read(path, &arena, &map, err);
    if (status == LGD_OK) status = read_options(&r, map, err);
    lgd_config_release(&r.unused);
    lgd_arena_release(&arena);
    return status;
}
