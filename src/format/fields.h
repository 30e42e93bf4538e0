/* fields: lines that name their fields (JSON, logfmt): which names mean what, and how their values become a header. */
#ifndef LGD_FORMAT_FIELDS_H
#define LGD_FORMAT_FIELDS_H

#include "logdetect/format.h"

typedef enum value_role {
    VALUE_MESSAGE,
    VALUE_TIME,
    VALUE_LEVEL,
    VALUE_COMPONENT,
    VALUE_PID,
    VALUE_HOST,
    VALUE_ROLES
} value_role;

typedef struct value {
    lgd_sv text;  /* as it stands in the line, without quotes */
    uint8_t rank; /* place of its name in the table; the lowest wins, of equals the first */
    bool found;
    bool escaped;       /* holds backslashes */
    bool syslog_number; /* a level that counts as syslog does */
} value;

/* What a named format says of its lines' names. A dotted name is a member of an object, or a key with a dot in it. */
typedef struct field_names {
    const lgd_sv *fields;   /* by role; they count before the general names; empty: none */
    const lgd_sv *required; /* a line without one of them is of another format */
    size_t n_required;      /* at most 32 */
} field_names;

typedef struct line_values {
    const field_names *names; /* NULL: the general ones alone */
    value value[VALUE_ROLES];
    size_t n_pairs;
    uint32_t required; /* bit i: the i-th required name is there */
} line_values;

/* The line has a value of this name: key, or parent.key in a nested object (parent empty: none). */
void values_see(line_values *v, lgd_sv parent, lgd_sv key);
/* It is a text, number or literal. */
void values_offer(line_values *v, lgd_sv parent, lgd_sv key, lgd_sv text, bool escaped);
/* Whether an object of this name is worth looking into. */
bool values_is_container(const line_values *v, lgd_sv key);
/* Whether all required names are there. */
bool values_are_complete(const line_values *v);
/* Whether the line says what a log line says: a message, or at least a time. */
static inline bool values_name_header(const line_values *v) {
    return v->value[VALUE_MESSAGE].found || v->value[VALUE_TIME].found;
}
/* The header that the values make; a line without a message stays whole. Unescaped text goes to the arena. */
LGD_MUST_CHECK lgd_status values_cut(const line_values *v, lgd_sv line, lgd_arena *arena, lgd_cut *ret, lgd_err *err);

/* Reads a line that is one JSON object. False: it is none, or nested deeper than 64. names may be NULL. */
bool json_read(lgd_sv line, const field_names *names, line_values *ret);
/* Reads a line of key=value pairs: three or more, a level and a message among them, or with names the required ones. */
bool logfmt_read(lgd_sv line, const field_names *names, line_values *ret);
/* Reads an entry of systemd's journal as `journalctl -o export` writes it: lines NAME=value, and binary values. */
bool journal_read(lgd_sv text, const field_names *names, line_values *ret);

#endif
