/*
 * report: what people and programs see of a scan. One file for each output behind one table: text, json, jsonl, csv.
 * The fields are those of docs/OUTPUT.md, a contract. The same findings give the same bytes: no clock, no locale.
 */
#ifndef LOGDETECT_REPORT_H
#define LOGDETECT_REPORT_H

#include "logdetect/config.h"
#include "logdetect/eval.h"
#include "logdetect/finding.h"

typedef struct lgd_input_status {
    lgd_sv path;
    const char *state; /* "done", "unreadable", "damaged" */
    lgd_sv problem;    /* empty: none */
    uint64_t lines, bytes;
    const char *compression;
    lgd_sv format; /* name of its profile */
} lgd_input_status;

typedef struct lgd_count {
    lgd_sv name;
    uint64_t n;
} lgd_count;

/* A behaviour of sessions that --adapt learned. */
typedef struct lgd_learned {
    int64_t since_ns;      /* LGD_NO_TIME: no time is known */
    uint64_t sessions, of; /* that showed it before it was learned, of so many since then */
    lgd_sv text;
} lgd_learned;

/* What is known before the first finding. */
typedef struct lgd_report_head {
    const char *tool_version;
    lgd_sv model_path; /* empty: the scan learned from its own input */
    uint32_t model_checksum;
    uint64_t model_templates, model_events;
    int64_t model_start_ns, model_end_ns;
    lgd_sv session_key; /* pattern that ties lines into sessions; empty: none */
    const char *const *members;
    size_t n_members;
    lgd_emit emit;
    bool explain; /* text: explain every incident */
    bool color;   /* text */
} lgd_report_head;

typedef struct lgd_summary {
    uint64_t lines_read, records, scored; /* scored: physical lines; lines_read = scored + sum of skipped */
    lgd_count skipped[LGD_SKIP_COUNT];
    uint64_t anomalies, incidents, sessions, anomalous_sessions;
    bool has_sessions;
    uint64_t templates, new_templates;
    double threshold, requested_fpr; /* p-value threshold; the rate asked for */
    int64_t start_ns, end_ns;
    const lgd_count *formats;
    size_t n_formats;
    const lgd_input_status *inputs;
    size_t n_inputs;
    const lgd_fitness *fitness; /* NULL: there is no model, or it was not asked for */
    const lgd_allowed *allowed; /* NULL: there is no such list */
    bool complete;              /* every input was read to its end */
    const lgd_sv *problems;     /* sentences: what is missing, what was left out */
    size_t n_problems;
    bool adapts;                /* --adapt, and there are sessions */
    const lgd_learned *learned; /* in the order in which it was learned */
    size_t n_learned;
} lgd_summary;

/* Where bytes go. write returns LGD_E_CLOSED when the reader is gone, LGD_E_IO otherwise. */
typedef struct lgd_sink {
    lgd_status (*write)(void *ctx, lgd_sv bytes, lgd_err *err);
    void *ctx;
} lgd_sink;

typedef struct lgd_report lgd_report;
/* Order of calls: new, then findings and sessions in any order, then incidents (highest rank first), then end, free.
 * Findings come once for each line with --emit all (is_anomaly says which), else for anomalies alone. incident_id may be NULL.
 * jsonl and csv write as they go; json and text write at the end; json keeps at most 64 MiB of findings and says in `problems` what it left out. */
LGD_MUST_CHECK lgd_status lgd_report_new(lgd_output_format format, const lgd_report_head *head, lgd_sink sink,
                                         lgd_report **ret_report, lgd_err *err);
LGD_MUST_CHECK lgd_status lgd_report_finding(lgd_report *r, const lgd_finding *f, const char *incident_id,
                                             lgd_err *err);
LGD_MUST_CHECK lgd_status lgd_report_session(lgd_report *r, const lgd_session_finding *s, lgd_err *err);
LGD_MUST_CHECK lgd_status lgd_report_incident(lgd_report *r, const lgd_incident *i, lgd_err *err);
LGD_MUST_CHECK lgd_status lgd_report_end(lgd_report *r, const lgd_summary *s, lgd_err *err);
void lgd_report_free(lgd_report *r);

/* Who takes the results of a scan instead of an output; NULL: of no interest. Same calls, same order. */
typedef struct lgd_observer {
    lgd_status (*begin)(void *ctx, const lgd_report_head *head, lgd_err *err); /* its strings outlive the report */
    lgd_status (*finding)(void *ctx, const lgd_finding *f, lgd_err *err);
    lgd_status (*session)(void *ctx, const lgd_session_finding *s, lgd_err *err);
    lgd_status (*end)(void *ctx, const lgd_summary *s, lgd_err *err);
    void *ctx;
    bool fitness; /* whether the model fits is asked for: the summary's fitness is there, with that of each member */
} lgd_observer;
LGD_MUST_CHECK lgd_status lgd_report_observed(const lgd_observer *observer, const lgd_report_head *head,
                                              lgd_report **ret_report, lgd_err *err);

/* ---- whether a model fits ---- */

/* Writes what a scan's summary says of that, as text or JSON. */
LGD_MUST_CHECK lgd_status lgd_report_check(lgd_output_format format, const lgd_report_head *head, const lgd_summary *s,
                                           lgd_sink sink, lgd_err *err);

/* ---- two logs ---- */

typedef struct lgd_diff_side {
    lgd_sv name;                      /* as the user named it: a file, a glob, a folder, - */
    uint64_t events, events_left_out; /* the latter are part of the former, and of no change */
    lgd_summary read;                 /* what was read; its findings are unused */
} lgd_diff_side;

/* What differs between two logs. */
typedef struct lgd_diff {
    const char *tool_version;
    bool color; /* text */
    lgd_diff_side good, bad;
    uint64_t templates;       /* of both */
    double scale;             /* events of BAD for one of GOOD, where nothing changed */
    uint64_t scale_templates; /* that say so: both logs have them */
    double max_q, min_ratio;  /* what counts as more or less */
    uint64_t n[LGD_CHANGE_KINDS];
    uint64_t unchanged_good, unchanged_bad; /* events of templates without a change */
    const lgd_change *changes;              /* surest first */
    size_t n_changes;
} lgd_diff;
/* Writes all of it to the sink. */
LGD_MUST_CHECK lgd_status lgd_report_diff(lgd_output_format format, const lgd_diff *d, lgd_sink sink, lgd_err *err);

/* ---- scores against labels ---- */

/* What trained, where the log was split; units that are left out of it are those labelled anomalous. */
typedef struct lgd_eval_training {
    double share; /* 0: it was not split, a model was given */
    bool by_session, normal_only;
    uint64_t units, left_out; /* sessions, or records */
} lgd_eval_training;

typedef struct lgd_evaluation {
    lgd_report_head learned; /* what scored: a model, or what was learned from the first part */
    lgd_sv labels_path;      /* empty: they are the first word of each line */
    const char *unit;        /* "session", "line", "window" */
    uint64_t window;         /* lines in a window; 0: none */
    lgd_eval_training training;
    uint64_t labels, labels_anomalous, labels_repeated, labels_absent; /* absent: of what is not in the log */
    lgd_sv absent_example;                                             /* empty: none */
    uint64_t units, anomalous, unlabelled;                             /* tested; left out, since they have no label */
    double requested_fpr;
    lgd_confusion alarms;
    const lgd_measure *scorers; /* the ensemble, then its members */
    size_t n_scorers;
    lgd_sv not_ranked; /* why nothing can be said of ranking; empty: it can */
    lgd_summary read;  /* what was read; its findings are unused */
} lgd_evaluation;
/* Writes all of it to the sink: text or JSON. */
LGD_MUST_CHECK lgd_status lgd_report_evaluation(lgd_output_format format, const lgd_evaluation *e, lgd_sink sink,
                                                lgd_err *err);

/* ---- the templates of a model ---- */

typedef struct lgd_catalogue {
    const char *tool_version;
    lgd_sv model_path;
    uint32_t model_checksum;
    uint64_t model_events, examples_left_out;
    const char *const *type_names; /* [n_types], see lgd_place */
    size_t n_types;
    bool details; /* text: a block for each, not a row */
    lgd_buf *out;
    lgd_json json; /* the outputs' own */
} lgd_catalogue;
/* format: text, or JSON. Order of calls: begin, an entry for each template in the order of their ids, end. */
void lgd_catalogue_begin(lgd_output_format format, lgd_catalogue *c);
void lgd_catalogue_add(lgd_output_format format, lgd_catalogue *c, const lgd_catalogue_entry *e);
void lgd_catalogue_end(lgd_output_format format, lgd_catalogue *c);

/* ---- pieces of the outputs, for those who print more than findings ---- */

/* RFC 3339 UTC with as many fraction digits as needed (0, 3, 6 or 9): "2026-01-02T03:04:05.678Z". Nothing for LGD_NO_TIME. */
void lgd_format_time(lgd_buf *b, int64_t time_ns);
/* For people: "2026-03-04 09:14:02", whole seconds, UTC; "no time" for LGD_NO_TIME. */
void lgd_format_time_text(lgd_buf *b, int64_t time_ns);
/* For people: "12,345". */
void lgd_format_count(lgd_buf *b, uint64_t n);
/* One cell of RFC 4180, quoted where needed: control bytes and invalid UTF-8 become \xNN, and what a spreadsheet would
 * take for a formula (= + - @ tab CR at the start) gets an apostrophe in front. No comma is written. */
void lgd_csv_cell(lgd_buf *b, lgd_sv text);
/* A timestamp (null for LGD_NO_TIME); a string that is null when empty; a file name, in which bytes that are not UTF-8
 * are written as \xNN. */
void lgd_json_time(lgd_json *j, const char *key, int64_t time_ns);
void lgd_json_optional(lgd_json *j, const char *key, lgd_sv value);
void lgd_json_file(lgd_json *j, const char *key, lgd_sv name);
/* The array of a message's variable parts: {"value", "type"} and, where there are any, "name", "number", "unit". */
void lgd_json_params(lgd_json *j, const char *key, const lgd_param *params, size_t n);
/* The members `tool`, `input` and those of `summary`, as in every document. */
void lgd_json_tool(lgd_json *j, const char *version);
void lgd_json_inputs(lgd_json *j, const lgd_input_status *inputs, size_t n_inputs);
void lgd_json_summary_fields(lgd_json *j, const lgd_summary *s);

#endif
