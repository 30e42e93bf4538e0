/* Private to pipeline: the list of what is allowed that lies beside a scan's model, and what it kept from being told. */
#ifndef LGD_PIPELINE_ALLOWANCE_H
#define LGD_PIPELINE_ALLOWANCE_H

#include "logdetect/allow.h"
#include "run.h"

typedef struct allowance {
    lgd_allow *list;                         /* NULL: there is none */
    lgd_buf path;                            /* NUL-terminated; empty: none */
    lgd_err trouble;                         /* with the whole list, if there is any */
    uint64_t anomalies, sessions, incidents; /* anomalies: lines and signals */
} allowance;

/* The list beside `model`, a folder or file (NULL: none). What is wrong with it, or with a rule, is a warning. Errors: memory. */
lgd_status allowance_open(allowance *a, const run *r, const char *model, lgd_err *err);
void allowance_release(allowance *a);

/* Counted where they are allowed. */
lgd_status allowance_line(allowance *a, const lgd_allow_subject *s, bool *ret, lgd_err *err);
/* One that is allowed is no anomaly any more. end_ns: of the log, whose time a session has: a rule that ends before allows
 * none. */
lgd_status allowance_session(allowance *a, lgd_session_finding *f, const lgd_newcomers *names, int64_t end_ns,
                             lgd_err *err);
bool allowance_incident(allowance *a, const char *id);
bool allowance_line_of_incident(allowance *a, const char *id); /* a line whose incident it is; id may be NULL */

/* Fills summary->allowed, and its problems with what is wrong; true in *ret_damaged if something is. end: of the log. */
lgd_status allowance_summarize(const allowance *a, lgd_arena *arena, lgd_summary *summary, bool *ret_damaged,
                               lgd_err *err);

/* ---- shared with model allow ---- */

/* The path of the list beside a model that has to be there, NUL-terminated. */
lgd_status allowance_path(const char *model, lgd_buf *ret, lgd_err *err);
/* Its text, and whether there is such a file; undone: for errors. */
lgd_status allowance_read(const char *path, const char *undone, lgd_buf *ret, bool *ret_there, lgd_err *err);

#endif
