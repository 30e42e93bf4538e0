/* Private to pipeline: which session a record belongs to, and what each session held. */
#ifndef LGD_PIPELINE_SESSIONS_H
#define LGD_PIPELINE_SESSIONS_H

#include "logdetect/detect.h"
#include "logdetect/finding.h"
#include "logdetect/regex.h"

/* ---- key: a regular expression over the record's first line ---- */

/* pattern: PCRE2; the key is its first group, or the whole match. Errors: usage, with the place in the pattern. */
lgd_status session_key_new(const char *pattern, lgd_regex **ret, lgd_err *err);
/* The key in line, empty if there is none. A line on which the pattern runs out of its limits counts in *over_limit. */
lgd_sv session_key_find(const lgd_regex *key, lgd_matcher *m, lgd_sv line, uint64_t *over_limit);

/* ---- table ---- */

enum { MAX_SESSIONS = 1 << 20, MAX_SESSION_TEMPLATES = 256, MAX_SEQUENCE = 4096, MAX_SEQUENCES = 1 << 25 };

/* The line of a session that a member finds most surprising. */
typedef struct worst_line {
    float bits;
    lgd_template_id id;
    uint32_t file;
    uint64_t line;
} worst_line;

typedef struct session_row {
    lgd_sv name;
    uint32_t file;
    uint64_t first_line, last_line, lines;
    int64_t start_ns; /* of its first event, LGD_NO_TIME */
    lgd_template_count *counts;
    size_t n_counts, capacity;
    lgd_order_state order;     /* in a scan */
    lgd_template_id *sequence; /* where they are kept: its templates in order, the first MAX_SEQUENCE of them */
    size_t n_sequence, sequence_capacity;
    bool held_out;     /* in training: the network did not see it */
    worst_line *worst; /* by member that judges by lines */
} session_row;

typedef struct session_table {
    session_row *rows; /* in order of appearance */
    size_t n, capacity;
    uint64_t hash_key;
    uint64_t n_left_out;    /* events of sessions beyond MAX_SESSIONS */
    const lgd_order *order; /* in a scan: follows each session's order; NULL: does not */
    bool keep_sequences;    /* in training, and with --adapt */
    size_t n_line_members;  /* in a scan: members that judge a session by its lines */
    size_t n_kept;          /* templates in all sequences, at most MAX_SEQUENCES */
    lgd_index index;
    lgd_arena arena;
} session_table;

typedef struct session_event {
    lgd_sv name; /* of its session */
    lgd_template_id id;
    uint32_t file;
    uint64_t line;
    uint32_t n_lines;
    int64_t start_ns;
    const float *bits; /* [n_line_members] */
    bool held_out;     /* of a session that begins here */
} session_event;

/* Counts one event. */
lgd_status session_table_add(session_table *t, const session_event *e, lgd_err *err);
/* The row of that name, LGD_INDEX_NONE if there is none. */
uint32_t session_table_find(const session_table *t, lgd_sv name);
void session_table_release(session_table *t);

/* ---- what is said ---- */

/* Fills a session's finding: bits, verdict and its reason in words. Texts go to the judge's arena. */
typedef struct session_names {
    lgd_sv (*template_text)(const void *ctx, lgd_template_id id);
    lgd_sv (*file)(const void *ctx, uint32_t file);
    const void *ctx;
} session_names;
typedef struct session_judge {
    const lgd_session_ensemble *ensemble;
    const lgd_counts *counts;
    const lgd_order *order;
    const struct foretelling *foretelling;
    lgd_adapt *adapt; /* whose counts and order they are; NULL: those of the model */
    double threshold; /* bits from which on a session is anomalous */
    session_names names;
    lgd_arena *arena;
} session_judge;
lgd_status session_finding(const session_judge *j, session_row *row, lgd_session_finding *ret, lgd_err *err);

/* The members of the detector that judge sessions by lines, in the order of their seats, which is that of
 * session_event.bits. */
typedef struct line_judges {
    size_t members[LGD_MAX_MEMBERS]; /* of the detector */
    size_t n;
} line_judges;
void line_judges_find(const lgd_session_ensemble *e, const lgd_detector *d, line_judges *ret);

#endif
