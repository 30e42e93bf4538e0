/*
 * named: a format of the table, ready to run - its patterns compiled, its names at hand.
 */
#ifndef LGD_FORMAT_NAMED_H
#define LGD_FORMAT_NAMED_H

#include "logdetect/regex.h"
#include "spec.h"

/* A group of a pattern and what it holds. */
typedef struct group_role {
    uint8_t group, role; /* role: value_role */
} group_role;

typedef struct line_pattern {
    lgd_regex *regex;
    group_role roles[LGD_REGEX_MAX_GROUPS];
    size_t n_roles;
} line_pattern;

typedef struct named_format {
    lgd_buf bytes;    /* the spec's; it points into them */
    format_spec spec; /* immutable once made */
    field_names names;
    line_pattern patterns[MAX_PATTERNS];
    size_t rank; /* place in the table that it came from: on a tie the lower one is taken */
} named_format;

/* bytes: of spec_save, copied. Errors: usage, for a pattern that does not compile: `pattern I: at character N: why`; damaged; memory. */
LGD_MUST_CHECK lgd_status named_new(lgd_sv bytes, named_format **ret, lgd_err *err);
void named_free(named_format *f);
/* For a format that is to cut many lines. Not thread-safe. */
void named_speed_up(named_format *f);

/* Scratch of one thread. */
struct lgd_cutter {
    lgd_arena *arena;
    lgd_matcher *matcher;
};

/* Cuts a line of this format into *ret; ret->fits says whether it is one, and if not *ret holds nothing else. Errors: memory. */
LGD_MUST_CHECK lgd_status named_cut(const named_format *f, lgd_sv line, lgd_cutter *cutter, lgd_cut *ret, lgd_err *err);

#endif
