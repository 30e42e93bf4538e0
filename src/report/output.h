/*
 * Private to report: what an output is. Each has one file and one const table of functions; report.c picks the table
 * and owns the memory.
 */
#ifndef LGD_REPORT_OUTPUT_H
#define LGD_REPORT_OUTPUT_H

#include "logdetect/report.h"

/* A slot is NULL where an output has nothing to do for it; finding and end are always there. */
typedef struct lgd_report_ops {
    size_t state_bytes; /* zeroed memory behind lgd_report.state */
    lgd_status (*begin)(lgd_report *r, lgd_err *err);
    lgd_status (*finding)(lgd_report *r, const lgd_finding *f, const char *incident_id, lgd_err *err);
    lgd_status (*session)(lgd_report *r, const lgd_session_finding *s, lgd_err *err);
    lgd_status (*incident)(lgd_report *r, const lgd_incident *i, lgd_err *err);
    lgd_status (*end)(lgd_report *r, const lgd_summary *s, lgd_err *err);
    void (*release)(lgd_report *r); /* what state owns */
} lgd_report_ops;

struct lgd_report {
    const lgd_report_ops *ops;
    lgd_report_head head; /* its strings are the caller's and outlive the report */
    lgd_sink sink;
    lgd_buf out; /* scratch: one record, or the document at the end */
    void *state;
};

extern const lgd_report_ops lgd_report_text, lgd_report_json, lgd_report_jsonl, lgd_report_csv;

/* A report that does what ops say. */
LGD_MUST_CHECK lgd_status lgd_report_make(const lgd_report_ops *ops, const lgd_report_head *head, lgd_sink sink,
                                          lgd_report **ret_report, lgd_err *err);

/* Hands r->out to the sink and empties it. */
LGD_MUST_CHECK lgd_status lgd_report_flush(lgd_report *r, lgd_err *err);

/* One JSON object for each kind of record. type: the value of its "type" member, NULL to leave it out. */
void lgd_record_finding(lgd_json *j, const char *type, const lgd_finding *f, const char *incident_id);
void lgd_record_session(lgd_json *j, const char *type, const lgd_session_finding *s);
void lgd_record_incident(lgd_json *j, const char *type, const lgd_incident *i);
void lgd_record_model(lgd_json *j, const lgd_report_head *head);

/* The members of a scan's summary alone: whether the model fits, what was allowed. */
void lgd_record_scan_fields(lgd_json *j, const lgd_summary *s);
void lgd_record_counts(lgd_json *j, const char *key, const lgd_count *counts, size_t n);
void lgd_record_strings(lgd_json *j, const char *key, const lgd_sv *items, size_t n);

static inline void add(lgd_buf *b, const char *text) { lgd_buf_add_sv(b, lgd_sv_of(text)); }

/* What was allowed, a line; nothing where no rule is. */
void lgd_text_allowed(lgd_buf *b, const lgd_allowed *a);
/* The page of diff for people. */
void lgd_text_diff(lgd_buf *b, const lgd_diff *d);
/* The page of eval for people. */
void lgd_text_evaluation(lgd_buf *b, const lgd_evaluation *e);
/* The templates of a model for people. */
void lgd_text_catalogue_begin(const lgd_catalogue *c);
void lgd_text_catalogue_add(const lgd_catalogue *c, const lgd_catalogue_entry *e);
void lgd_text_catalogue_end(const lgd_catalogue *c);
/* One incident for people; `rank` counts from 1. */
void lgd_text_incident(lgd_buf *b, const lgd_incident *i, uint64_t rank, bool color, bool explain);
/* The strongest reasons of a verdict, one a line, the first behind `label`. */
void lgd_text_factors(lgd_buf *b, const lgd_verdict *v, const char *label, size_t limit);
/* "score 0.9999 (41.2 bits)". */
void lgd_text_surprise(lgd_buf *b, const lgd_verdict *v);
/* "FILE:LINE  raw", the first line of raw alone, cut to the width of a page. */
void lgd_text_place(lgd_buf *b, lgd_sv file, uint64_t line, lgd_sv raw);
/* "12,345", right-aligned in `width` columns. */
void lgd_text_count(lgd_buf *b, uint64_t n, int width);
/* "12,345 lines": the count with its noun, which takes an s unless n is 1. */
void lgd_text_plural(lgd_buf *b, uint64_t n, const char *noun);
/* "2026-03-04 09:14:02 - 09:16:40 UTC"; "no time" where there is none. */
void lgd_text_range(lgd_buf *b, int64_t start_ns, int64_t end_ns);

#endif
