/*
 * allow: what a user has marked as normal. A plain-text list beside the model, one rule a line, that people read and
 * edit; what a rule matches is not told, but counted.
 *
 *     # the monitor opens a connection and says nothing
 *     template="Connection closed by <*> port <*>" component=sshd until=2026-12-31 by=ops reason="the monitor's probe"
 *
 * A line is words `key=value`. A value with blanks stands in double quotes, in which "" is one quote; nothing else is
 * special there, so that a regular expression is written as it is. Blank lines, and those that start with #, are comments.
 *
 *     template=TEXT     lines of this template, and sessions whose foremost reason is about it
 *     regex=PATTERN     lines in which PCRE2 finds PATTERN
 *     incident=ID       this one incident, and its lines
 *     session=GLOB      alone: the sessions of that name, and their lines
 *     session=, file=, component=GLOB   beside template or regex: only there; * and ? stand for what they do in a shell
 *     until=TIME        not from that time on; a date: not after that day
 *     reason=, by=      for people
 *
 * The first rule that matches counts. Time is that of the log: there is no clock in results.
 */
#ifndef LOGDETECT_ALLOW_H
#define LOGDETECT_ALLOW_H

#include "logdetect/format.h"
#include "logdetect/regex.h"

typedef enum lgd_allow_key {
    LGD_ALLOW_TEMPLATE,
    LGD_ALLOW_REGEX,
    LGD_ALLOW_INCIDENT,
    LGD_ALLOW_SESSION,
    LGD_ALLOW_COMPONENT,
    LGD_ALLOW_FILE,
    LGD_ALLOW_UNTIL,
    LGD_ALLOW_REASON,
    LGD_ALLOW_BY,
    LGD_ALLOW_KEYS
} lgd_allow_key;
const char *lgd_allow_key_name(lgd_allow_key key); /* "template" ... */

enum { LGD_ALLOW_MAX_BYTES = 1 << 20, LGD_ALLOW_MAX_RULES = 10000 };

typedef struct lgd_allow_rule {
    size_t line;                  /* in its file, from 1 */
    lgd_sv text;                  /* the line as it stands there, trimmed */
    lgd_sv words[LGD_ALLOW_KEYS]; /* p is NULL: not given */
    int64_t until_ns;             /* exclusive; LGD_NO_TIME: always */
    lgd_regex *regex;             /* NULL: none */
    uint64_t hits;                /* lines, sessions and incidents that it kept from being told */
} lgd_allow_rule;

/* A line that is no rule. */
typedef struct lgd_allow_problem {
    size_t line;
    lgd_sv what;
} lgd_allow_problem;

typedef struct lgd_allow lgd_allow;

/* text is hostile. What is no rule is a problem of the list and no error. zone: of a TIME that names none. Errors: damaged
 * for more than LGD_ALLOW_MAX_RULES lines that are rules or problems, without the path; memory. */
LGD_MUST_CHECK lgd_status lgd_allow_parse(lgd_sv text, const lgd_zone *zone, lgd_allow **ret, lgd_err *err);
void lgd_allow_free(lgd_allow *a); /* takes NULL */
size_t lgd_allow_n(const lgd_allow *a);
const lgd_allow_rule *lgd_allow_at(const lgd_allow *a, size_t i);
size_t lgd_allow_n_problems(const lgd_allow *a);
const lgd_allow_problem *lgd_allow_problem_at(const lgd_allow *a, size_t i);

/* ---- matching; each counts a hit of the rule. Not thread-safe ---- */

/* What rules look at, of a line or of a session. */
typedef struct lgd_allow_subject {
    lgd_sv template_text; /* of the line; of a session's foremost reason, empty if that is about none */
    lgd_sv raw;           /* of a line; its first LGD_ALLOW_LOOKED bytes are searched */
    lgd_sv component, session, file;
    int64_t time_ns; /* LGD_NO_TIME: unknown, and rules with until do not match */
} lgd_allow_subject;
enum { LGD_ALLOW_LOOKED = 1 << 16 };

/* O(rules), and for each regex a search. Errors: memory. */
LGD_MUST_CHECK lgd_status lgd_allow_line(lgd_allow *a, const lgd_allow_subject *s, bool *ret, lgd_err *err);
LGD_MUST_CHECK lgd_status lgd_allow_session(lgd_allow *a, const lgd_allow_subject *s, bool *ret, lgd_err *err);
/* An incident, which counts, or one of its lines, which does not. id may be NULL. */
bool lgd_allow_incident(lgd_allow *a, const char *id);
bool lgd_allow_line_of_incident(const lgd_allow *a, const char *id);
uint64_t lgd_allow_over_limit(const lgd_allow *a); /* searches that ran out of their limits: they found nothing */

/* ---- editing: the text of the list with a rule more or less; all other lines stay as they are ---- */

/* words: `key=value` as a shell hands them over, without quotes of the list's own. Errors: usage, `RULE: why`, or that it is there
 * already. */
LGD_MUST_CHECK lgd_status lgd_allow_add(lgd_sv text, const lgd_sv *words, size_t n, const lgd_zone *zone, lgd_buf *ret,
                                        lgd_err *err);
/* lines: numbers of rules or problems. Errors: usage, for one that is neither. */
LGD_MUST_CHECK lgd_status lgd_allow_remove(lgd_sv text, const size_t *lines, size_t n, const lgd_zone *zone,
                                           lgd_buf *ret, lgd_err *err);

#endif
