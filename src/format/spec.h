/*
 * spec: a named format as data - what a file in data/formats or a user's --format-file says, without its samples.
 * As bytes it stands in the program (the built-in ones), in models, and nowhere else.
 */
#ifndef LGD_FORMAT_SPEC_H
#define LGD_FORMAT_SPEC_H

#include "fields.h"
#include "logdetect/yaml.h"

enum { MAX_PATTERNS = 16, MAX_LEVEL_NAMES = 32, MAX_REQUIRED = 16, MAX_FORMAT_NAME = 48 };

typedef enum spec_kind { SPEC_TEXT, SPEC_JSON, SPEC_LOGFMT, SPEC_JOURNAL, SPEC_KINDS } spec_kind;

/* How the text of the time field is to be read where the general rules (lgd_timestamp_parse) would guess. */
typedef enum time_form {
    TIME_AUTO,
    TIME_DAY_FIRST,
    TIME_MONTH_FIRST,
    TIME_SECONDS, /* since 1970, and so on */
    TIME_MILLISECONDS,
    TIME_MICROSECONDS,
    TIME_NANOSECONDS,
    TIME_FORMS
} time_form;

typedef struct level_name {
    lgd_sv text;
    lgd_level level;
} level_name;

typedef struct format_spec {
    lgd_sv name;
    spec_kind kind;
    time_form time;
    bool wrap;       /* the message is itself a line of another format */
    bool priorities; /* a level that is a number is a syslog priority */
    size_t n_patterns, n_levels, n_required;
    lgd_sv patterns[MAX_PATTERNS];
    level_name levels[MAX_LEVEL_NAMES];
    lgd_sv required[MAX_REQUIRED]; /* names that a line must have */
    lgd_sv fields[VALUE_ROLES];    /* names that come before the general ones; empty: none */
} format_spec;

extern const char *const role_names[VALUE_ROLES];

/* Reads a format's map. Texts live in the map's arena. Errors: usage, with file and line: unknown keys, wrong values, keys
 * of another kind. Patterns are not compiled here. */
LGD_MUST_CHECK lgd_status spec_read(const char *path, const lgd_yaml *map, format_spec *ret, lgd_err *err);

void spec_save(const format_spec *s, lgd_buf *out);
/* bytes are hostile; what is read points into them. False: not sound. */
bool spec_load(lgd_sv bytes, format_spec *ret);

#endif
