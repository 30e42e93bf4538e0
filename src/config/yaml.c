/*
 * config/yaml: FILE.yaml -> options, through the same rows as the command line.
 *
 * The file is one mapping from option names to scalars, or to lists of scalars where an option may be given many times;
 * anything deeper is refused at once, so no nesting reaches libyaml's stacks (0.2.5 has no limit of its own). It is read
 * as events, never as a tree. Caps: 1 MiB, 10,000 nodes; anchors, aliases and tags are refused, so that no small file
 * can stand for a large one. Cost: linear in the file.
 */
#include "logdetect/config.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>
#include <yaml.h>

enum { MAX_BYTES = 1 << 20, MAX_NODES = 10000, SHOWN_BYTES = 80 };

typedef struct reader {
    yaml_parser_t parser;
    const char *path;
    lgd_config *config;
    lgd_config unused; /* options of other commands are checked by setting them here */
    unsigned command;
    size_t n_nodes;
    uint64_t seen; /* a bit for each row, of which a test allows 64 */
} reader;

static lgd_status fail_at(const reader *r, size_t line, const char *what, lgd_err *err) {
    return lgd_fail(err, LGD_E_USAGE, "%s:%zu: %s; nothing was done", r->path, line + 1, what);
}

static lgd_status fail_key(const reader *r, size_t line, lgd_sv key, const char *what, lgd_err *err) {
    int n = (int)(key.n < SHOWN_BYTES ? key.n : SHOWN_BYTES);
    return lgd_fail(err, LGD_E_USAGE, "%s:%zu: %.*s: %s; nothing was done", r->path, line + 1, n, key.p, what);
}

/* The next event, with everything refused that no option file needs. */
static lgd_status next_event(reader *r, yaml_event_t *e, lgd_err *err) {
    if (!yaml_parser_parse(&r->parser, e)) {
        if (r->parser.error == YAML_MEMORY_ERROR) return lgd_fail_memory(err, 0);
        const char *problem = r->parser.problem ? r->parser.problem : "this is not YAML";
        return fail_at(r, r->parser.problem_mark.line, problem, err);
    }
    size_t line = e->start_mark.line;
    bool marked =
        e->type == YAML_ALIAS_EVENT ||
        (e->type == YAML_SCALAR_EVENT && (e->data.scalar.anchor || e->data.scalar.tag)) ||
        (e->type == YAML_SEQUENCE_START_EVENT && (e->data.sequence_start.anchor || e->data.sequence_start.tag)) ||
        (e->type == YAML_MAPPING_START_EVENT && (e->data.mapping_start.anchor || e->data.mapping_start.tag));
    lgd_status status = LGD_OK;
    if (marked) status = fail_at(r, line, "anchors, aliases and tags are not allowed here", err);
    if (++r->n_nodes > MAX_NODES) status = fail_at(r, line, "more than 10,000 nodes", err);
    if (status != LGD_OK) yaml_event_delete(e);
    return status;
}

/* What this command does not take, an option or a --format, has to be right for another one and is left alone. */
static lgd_status set_value(reader *r, const lgd_option *row, const yaml_event_t *e, lgd_err *err) {
    lgd_err inner = {0};
    lgd_sv value = {(const char *)e->data.scalar.value, e->data.scalar.length};
    lgd_status status = lgd_option_set(&r->unused, row, value, LGD_CMD_ALL, &inner);
    if (status == LGD_OK && (row->commands & r->command)) {
        status = lgd_option_set(r->config, row, value, r->command, &inner);
        if (status == LGD_E_USAGE) return LGD_OK;
    }
    if (status == LGD_OK) return LGD_OK;
    const char *text = strncmp(inner.text, "--", 2) == 0 ? inner.text + 2 : inner.text;
    return lgd_fail(err, status, "%s:%zu: %s", r->path, e->start_mark.line + 1, text);
}

static lgd_status read_list(reader *r, const lgd_option *row, lgd_err *err) {
    for (;;) {
        yaml_event_t e;
        LGD_TRY(next_event(r, &e, err));
        bool end = e.type == YAML_SEQUENCE_END_EVENT;
        lgd_status status = LGD_OK;
        if (e.type == YAML_SCALAR_EVENT)
            status = set_value(r, row, &e, err);
        else if (!end)
            status = fail_key(r, e.start_mark.line, lgd_sv_of(row->name), "takes a list of plain values", err);
        yaml_event_delete(&e);
        if (end || status != LGD_OK) return status;
    }
}

static lgd_status read_value(reader *r, const lgd_option *row, lgd_err *err) {
    yaml_event_t e;
    LGD_TRY(next_event(r, &e, err));
    lgd_status status;
    if (e.type == YAML_SCALAR_EVENT)
        status = set_value(r, row, &e, err);
    else if (e.type == YAML_SEQUENCE_START_EVENT && row->type == LGD_OPTION_STRINGS)
        status = read_list(r, row, err);
    else
        status =
            fail_key(r, e.start_mark.line, lgd_sv_of(row->name),
                     row->type == LGD_OPTION_STRINGS ? "takes a value or a list of values" : "takes one value", err);
    yaml_event_delete(&e);
    return status;
}

/* The row of a key, which may stand in the file once. */
static lgd_status find_row(reader *r, const yaml_event_t *e, const lgd_option **ret_row, lgd_err *err) {
    size_t line = e->start_mark.line;
    if (e->type != YAML_SCALAR_EVENT) return fail_at(r, line, "an option name is expected", err);
    lgd_sv key = {(const char *)e->data.scalar.value, e->data.scalar.length};
    const lgd_option *row = lgd_option_find(key, LGD_CMD_ALL);
    if (!row) {
        const lgd_option *near = lgd_option_nearest(key, LGD_CMD_ALL);
        lgd_err what = {0};
        if (near && !near->cli_only) lgd_fail(&what, LGD_E_USAGE, "no such option; did you mean '%s'?", near->name);
        return fail_key(r, line, key, what.status ? what.text : "no such option", err);
    }
    if (row->cli_only) return fail_key(r, line, key, "is for the command line alone", err);
    uint64_t bit = UINT64_C(1) << (row - lgd_options);
    if (r->seen & bit) return fail_key(r, line, key, "is here twice", err);
    r->seen |= bit;
    *ret_row = row;
    return LGD_OK;
}

static lgd_status read_mapping(reader *r, lgd_err *err) {
    for (;;) {
        yaml_event_t e;
        LGD_TRY(next_event(r, &e, err));
        bool end = e.type == YAML_MAPPING_END_EVENT;
        const lgd_option *row = NULL;
        lgd_status status = end ? LGD_OK : find_row(r, &e, &row, err);
        yaml_event_delete(&e);
        if (end || status != LGD_OK) return status;
        LGD_TRY(read_value(r, row, err));
    }
}

/* stream start, [document start, mapping, document end], stream end; an empty file sets nothing. */
static lgd_status read_stream(reader *r, lgd_err *err) {
    bool had_document = false;
    for (;;) {
        yaml_event_t e;
        LGD_TRY(next_event(r, &e, err));
        yaml_event_type_t type = e.type;
        size_t line = e.start_mark.line;
        yaml_event_delete(&e);
        if (type == YAML_STREAM_END_EVENT) return LGD_OK;
        if (type == YAML_DOCUMENT_START_EVENT && had_document) return fail_at(r, line, "one document is allowed", err);
        if (type == YAML_DOCUMENT_START_EVENT)
            had_document = true;
        else if (type == YAML_MAPPING_START_EVENT)
            LGD_TRY(read_mapping(r, err));
        else if (type != YAML_STREAM_START_EVENT && type != YAML_DOCUMENT_END_EVENT)
            return fail_at(r, line, "expected lines of the form 'option: value'", err);
    }
}

static lgd_status read_all(int fd, const char *path, lgd_buf *b, lgd_err *err) {
    char piece[16384];
    for (;;) {
        ssize_t n = read(fd, piece, sizeof piece);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return lgd_fail(err, LGD_E_IO, "%s: could not be read; nothing was done: %s", path, strerror(errno));
        if (n == 0) break;
        lgd_buf_add(b, piece, (size_t)n);
        if (b->n > MAX_BYTES) return lgd_fail(err, LGD_E_USAGE, "%s: is larger than 1 MiB; nothing was done", path);
    }
    return b->failed ? lgd_fail_memory(err, b->n) : LGD_OK;
}

static lgd_status read_file(const char *path, lgd_buf *b, lgd_err *err) {
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0) return lgd_fail(err, LGD_E_IO, "%s: could not be opened; nothing was done: %s", path, strerror(errno));
    lgd_status status = read_all(fd, path, b, err);
    (void)close(fd);
    return status;
}

lgd_status lgd_config_read_yaml(lgd_config *c, const char *path, unsigned command, lgd_err *err) {
    lgd_buf file = {0};
    lgd_status status = read_file(path, &file, err);
    if (status != LGD_OK) goto out;
    reader r = {.path = path, .config = c, .command = command};
    if (!yaml_parser_initialize(&r.parser)) {
        status = lgd_fail_memory(err, sizeof r.parser);
        goto out;
    }
    yaml_parser_set_input_string(&r.parser, (const unsigned char *)(file.p ? file.p : ""), file.n);
    status = read_stream(&r, err);
    yaml_parser_delete(&r.parser);
    lgd_config_release(&r.unused);
out:
    lgd_buf_release(&file);
    return status;
}
