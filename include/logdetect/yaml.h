/*
 * yaml: files that people write - configuration, line formats - as a small tree. libyaml reads them; what it does not
 * limit is limited here: 1 MiB, 10,000 nodes, 8 levels; anchors, aliases and tags are refused, so that no small file can
 * stand for a large one.
 */
#ifndef LOGDETECT_YAML_H
#define LOGDETECT_YAML_H

#include "logdetect/base.h"

typedef enum lgd_yaml_kind { LGD_YAML_TEXT, LGD_YAML_LIST, LGD_YAML_MAP } lgd_yaml_kind;

typedef struct lgd_yaml {
    lgd_yaml_kind kind;
    size_t line;            /* 1-based, of its start */
    lgd_sv text;            /* of LGD_YAML_TEXT */
    lgd_sv key;             /* its name in the map it stands in */
    size_t key_line;        /* of that name */
    struct lgd_yaml *first; /* of LGD_YAML_LIST and LGD_YAML_MAP, in the order of the file */
    struct lgd_yaml *next;
} lgd_yaml;

/* Reads a file, or bytes that `path` names in messages: one document, a map. An empty one is a map without entries. The
 * tree lives in arena. Errors: usage, `PATH:LINE: what; nothing was done`, for what is not YAML, not such a map, or beyond a
 * limit; io. */
LGD_MUST_CHECK lgd_status lgd_yaml_read(const char *path, lgd_arena *arena, lgd_yaml **ret_map, lgd_err *err);
LGD_MUST_CHECK lgd_status lgd_yaml_parse(const char *path, lgd_sv bytes, lgd_arena *arena, lgd_yaml **ret_map,
                                         lgd_err *err);

/* Fails with `PATH:LINE: KEY: what; nothing was done`, without the key if it is empty. */
lgd_status lgd_yaml_fail(const char *path, size_t line, lgd_sv key, const char *what, lgd_err *err);

#endif
