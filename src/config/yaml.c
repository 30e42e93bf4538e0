/*
 * config/yaml: bytes -> a tree of texts, lists and maps. libyaml's events, taken one by one; depth is limited before its
 * stacks grow (0.2.5 has no limit of its own). Cost: linear in the file.
 */
#include "logdetect/yaml.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>
#include <yaml.h>

enum { MAX_BYTES = 1 << 20, MAX_NODES = 10000, MAX_DEPTH = 8, SHOWN_BYTES = 80 };

typedef struct reader {
    yaml_parser_t parser;
    const char *path;
    lgd_arena *arena;
    size_t n_nodes;
} reader;

lgd_status lgd_yaml_fail(const char *path, size_t line, lgd_sv key, const char *what, lgd_err *err) {
    int n = (int)(key.n < SHOWN_BYTES ? key.n : SHOWN_BYTES);
    if (n == 0) return lgd_fail(err, LGD_E_USAGE, "%s:%zu: %s; nothing was done", path, line, what);
    return lgd_fail(err, LGD_E_USAGE, "%s:%zu: %.*s: %s; nothing was done", path, line, n, key.p, what);
}

static lgd_status fail_at(const reader *r, size_t line, const char *what, lgd_err *err) {
    return lgd_yaml_fail(r->path, line + 1, (lgd_sv){"", 0}, what, err);
}

/* The next event, with everything refused that no such file needs. */
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

static lgd_status copy_text(reader *r, const yaml_event_t *e, lgd_sv *ret, lgd_err *err) {
    lgd_sv text = {(const char *)e->data.scalar.value, e->data.scalar.length};
    return lgd_arena_copy(r->arena, text, ret) ? LGD_OK : lgd_fail_memory(err, text.n);
}

static lgd_status read_items(reader *r, lgd_yaml *node, unsigned depth, lgd_err *err);

/* The node that the event starts. */
static lgd_status read_node(reader *r, const yaml_event_t *e, unsigned depth, lgd_yaml **ret, lgd_err *err) {
    lgd_yaml *node = lgd_arena_alloc(r->arena, sizeof *node);
    if (!node) return lgd_fail_memory(err, sizeof *node);
    *node = (lgd_yaml){.kind = LGD_YAML_TEXT, .line = e->start_mark.line + 1};
    *ret = node;
    if (e->type == YAML_SCALAR_EVENT) return copy_text(r, e, &node->text, err);
    node->kind = e->type == YAML_MAPPING_START_EVENT ? LGD_YAML_MAP : LGD_YAML_LIST;
    if (depth == MAX_DEPTH) return fail_at(r, e->start_mark.line, "more than 8 levels", err);
    return read_items(r, node, depth + 1, err);
}

/* The next event starts a key or, in a list, an item; *ret_end: it ends the list or map. */
static lgd_status read_item(reader *r, const lgd_yaml *in, unsigned depth, lgd_yaml **ret, bool *ret_end,
                            lgd_err *err) {
    yaml_event_t e;
    lgd_sv key = {"", 0};
    size_t key_line = 0;
    LGD_TRY(next_event(r, &e, err));
    *ret_end = e.type == YAML_SEQUENCE_END_EVENT || e.type == YAML_MAPPING_END_EVENT;
    lgd_status status = LGD_OK;
    if (in->kind == LGD_YAML_MAP && !*ret_end) {
        key_line = e.start_mark.line;
        status = e.type == YAML_SCALAR_EVENT ? copy_text(r, &e, &key, err)
                                             : fail_at(r, key_line, "a plain name is expected", err);
        yaml_event_delete(&e);
        LGD_TRY(status);
        LGD_TRY(next_event(r, &e, err));
    }
    if (!*ret_end) status = read_node(r, &e, depth, ret, err);
    yaml_event_delete(&e);
    if (status != LGD_OK || *ret_end) return status;
    (*ret)->key = key;
    (*ret)->key_line = key_line + 1;
    return LGD_OK;
}

static bool has_key(const lgd_yaml *map, lgd_sv key) {
    for (const lgd_yaml *n = map->first; n; n = n->next)
        if (lgd_sv_eq(n->key, key)) return true;
    return false;
}

static lgd_status read_items(reader *r, lgd_yaml *node, unsigned depth, lgd_err *err) {
    lgd_yaml **tail = &node->first;
    for (size_t n = 0;; n++) {
        lgd_yaml *item = NULL;
        bool end = false;
        LGD_TRY(read_item(r, node, depth, &item, &end, err));
        if (end) return LGD_OK;
        /* Maps are small: the long ones have been refused by their unknown keys before this costs anything. */
        if (node->kind == LGD_YAML_MAP && n < 1000 && has_key(node, item->key))
            return lgd_yaml_fail(r->path, item->key_line, item->key, "is here twice", err);
        *tail = item;
        tail = &item->next;
    }
}

/* stream start, [document start, map, document end], stream end. */
static lgd_status read_stream(reader *r, lgd_yaml *map, lgd_err *err) {
    for (bool had_document = false;;) {
        yaml_event_t e;
        LGD_TRY(next_event(r, &e, err));
        yaml_event_type_t type = e.type;
        size_t line = e.start_mark.line;
        yaml_event_delete(&e);
        if (type == YAML_STREAM_END_EVENT) return LGD_OK;
        if (type == YAML_DOCUMENT_START_EVENT && had_document) return fail_at(r, line, "one document is allowed", err);
        if (type == YAML_DOCUMENT_START_EVENT) {
            had_document = true;
        } else if (type == YAML_MAPPING_START_EVENT) {
            map->line = line + 1;
            LGD_TRY(read_items(r, map, 1, err));
        } else if (type != YAML_STREAM_START_EVENT && type != YAML_DOCUMENT_END_EVENT) {
            return fail_at(r, line, "expected lines of the form 'name: value'", err);
        }
    }
}

lgd_status lgd_yaml_parse(const char *path, lgd_sv bytes, lgd_arena *arena, lgd_yaml **ret_map, lgd_err *err) {
    reader r = {.path = path, .arena = arena};
    lgd_yaml *map = lgd_arena_alloc(arena, sizeof *map);
    if (!map || !yaml_parser_initialize(&r.parser)) return lgd_fail_memory(err, sizeof r.parser);
    *map = (lgd_yaml){.kind = LGD_YAML_MAP, .line = 1};
    yaml_parser_set_input_string(&r.parser, (const unsigned char *)(bytes.p ? bytes.p : ""), bytes.n);
    lgd_status status = read_stream(&r, map, err);
    yaml_parser_delete(&r.parser);
    if (status == LGD_OK) *ret_map = map;
    return status;
}

/* ---- files ---- */

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

lgd_status lgd_yaml_read(const char *path, lgd_arena *arena, lgd_yaml **ret_map, lgd_err *err) {
    lgd_buf file = {0};
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0) return lgd_fail(err, LGD_E_IO, "%s: could not be opened; nothing was done: %s", path, strerror(errno));
    lgd_status status = read_all(fd, path, &file, err);
    (void)close(fd);
    if (status == LGD_OK) status = lgd_yaml_parse(path, lgd_buf_sv(&file), arena, ret_map, err);
    lgd_buf_release(&file);
    return status;
}
