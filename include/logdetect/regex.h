/*
 * regex: the regular expressions that people write - session keys and line formats. PCRE2 behind four functions, always
 * with limits on matching, depth and heap, so that no line can stall it.
 */
#ifndef LOGDETECT_REGEX_H
#define LOGDETECT_REGEX_H

#include "logdetect/base.h"

enum { LGD_REGEX_MAX_BYTES = 8192, LGD_REGEX_MAX_GROUPS = 32 };

typedef struct lgd_regex lgd_regex; /* immutable once made; thread-safe */

/* Compiles a pattern (PCRE2 syntax, of bytes; several groups may share a name). anchored: it matches at the start alone. Errors: usage: `at character N: why`, without what the
 * pattern is for; also for patterns longer than LGD_REGEX_MAX_BYTES or with more than LGD_REGEX_MAX_GROUPS groups. */
LGD_MUST_CHECK lgd_status lgd_regex_new(lgd_sv pattern, bool anchored, lgd_regex **ret_regex, lgd_err *err);
void lgd_regex_free(lgd_regex *re); /* takes NULL */
/* Translates it to machine code, for a pattern that is to run on every line; where that is not possible the interpreter
 * goes on matching, with the same result. Not thread-safe: call it before the regex is shared. */
void lgd_regex_speed_up(lgd_regex *re);

/* The named groups, in the order of their numbers: name of the i-th and its number in *ret_group. */
size_t lgd_regex_n_names(const lgd_regex *re);
lgd_sv lgd_regex_name(const lgd_regex *re, size_t i, uint32_t *ret_group);

typedef struct lgd_matcher lgd_matcher; /* scratch of one thread, for any regex */
LGD_MUST_CHECK lgd_status lgd_matcher_new(lgd_matcher **ret_matcher, lgd_err *err);
void lgd_matcher_free(lgd_matcher *m); /* takes NULL */

typedef enum lgd_match { LGD_MATCH_NO, LGD_MATCH_YES, LGD_MATCH_OVER_LIMIT } lgd_match;
/* Looks for re in text. Linear in practice, bounded by the limits for the worst. */
lgd_match lgd_regex_match(const lgd_regex *re, lgd_matcher *m, lgd_sv text);
/* Group of the last match in `text`, 0 is all of it. p is NULL if the group took no part. */
lgd_sv lgd_matcher_group(const lgd_matcher *m, lgd_sv text, uint32_t group);

#endif
