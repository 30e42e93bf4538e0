/*
 * profile: what is known of the lines of one input - the named formats that they have, whether others are JSON or logfmt,
 * and learned layouts for the rest.
 */
#ifndef LGD_FORMAT_PROFILE_H
#define LGD_FORMAT_PROFILE_H

#include "layout.h"
#include "named.h"

enum { MAX_LAYOUTS = 64, MAX_NAMED = LGD_PROFILE_MAX_FORMATS - 2, NAME_MAX_BYTES = 512, MAX_SAMPLE = 1000 };

enum { READS_JSON = 1, READS_LOGFMT = 2 };

struct lgd_profile {
    named_format *named[MAX_NAMED]; /* tried first, in this order */
    uint8_t n_named;
    uint8_t reads;               /* READS_*: what is tried next */
    uint8_t mostly_headers;      /* half of the lines or more have one: a time at the front of an odd line is one too */
    uint8_t largest;             /* the layout of most lines; it gives the name */
    uint8_t n_layouts;           /* tried last; 0: the line is the message */
    layout layouts[MAX_LAYOUTS]; /* most steps first; unused ones are zero */
    lgd_profile *inner;          /* how the messages of a wrapping format are laid out; NULL: there is none */
    char rest_name[NAME_MAX_BYTES / 2]; /* of the lines of no named format */
    char name[NAME_MAX_BYTES];          /* made from the rest */
    lgd_buf bytes;                      /* as saved: equal profiles have equal bytes */
};

struct lgd_formats {
    named_format **items; /* the user's first, then the built-in ones */
    size_t n, n_user, capacity;
    named_format *forced; /* the only one to be used; borrowed from items; NULL: all are asked */
};

/* Names and bytes, once all else is there. Errors: memory. */
LGD_MUST_CHECK lgd_status profile_finish(lgd_profile *p, lgd_err *err);
/* Takes a copy of the format as the next one. */
LGD_MUST_CHECK lgd_status profile_add_named(lgd_profile *p, const named_format *f, lgd_err *err);

/* sample.c: whether the format cuts its samples as they say. Errors: usage, with file and line. */
LGD_MUST_CHECK lgd_status samples_check(const char *path, const named_format *format, const lgd_yaml *samples,
                                        lgd_err *err);

/* groups.c: learns layouts into p. */
LGD_MUST_CHECK lgd_status profile_learn_groups(lgd_profile *p, const lgd_sv *lines, size_t n, lgd_err *err);
/* Groups of lines smaller than this are noise: 2 % of the sample and ten lines; of a sample below 50 lines a fifth. */
size_t profile_min_group(size_t n);

/* vote.c: the formats of the table that the lines have, into p. */
LGD_MUST_CHECK lgd_status profile_vote(const lgd_formats *formats, const lgd_sv *lines, size_t n, lgd_cutter *cutter,
                                       lgd_profile *p, lgd_err *err);

#endif
