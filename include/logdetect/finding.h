/*
 * finding: what detection and grouping have found, as the reports show it: verdicts with their reasons, lines, sessions,
 * incidents. Shapes only; the fields are those of docs/OUTPUT.md, a contract.
 */
#ifndef LOGDETECT_FINDING_H
#define LOGDETECT_FINDING_H

#include "logdetect/event.h"

#define LGD_MAX_MEMBERS 8
#define LGD_MAX_FACTORS 6

typedef enum lgd_factor_kind {
    LGD_NEW_TEMPLATE,
    LGD_RARE_TEMPLATE,
    LGD_UNUSUAL_TIME,
    LGD_BURST,
    LGD_SILENCE,
    LGD_SEQUENCE,
    LGD_COUNT,
    LGD_LEVEL_RATIO,
    LGD_NEW_VALUE,
    LGD_RARE_VALUE,
    LGD_NUMERIC_RANGE,
    LGD_LENGTH,
    LGD_LINE, /* of a session: a line of it */
    LGD_FACTOR_KINDS
} lgd_factor_kind;
const char *lgd_factor_kind_name(lgd_factor_kind kind); /* "NEW_TEMPLATE" ... */

/* One reason: what is typical, what was seen, and its share of the score. The shares of a finding add up to its score. */
typedef struct lgd_factor {
    lgd_factor_kind kind;
    lgd_sv text;    /* one phrase for people: "never seen in training" */
    lgd_sv typical; /* what is normal, from the model: "0 in 12,345 events" */
    lgd_sv actual;  /* what was seen: "first time" */
    double share;   /* 0..1 */
} lgd_factor;

typedef struct lgd_member_p {
    const char *name;
    double p_value;
} lgd_member_p;

/* Surprise common to lines, sessions and incidents. */
typedef struct lgd_verdict {
    double score; /* 1 - p_value, 0..1 */
    double bits;  /* -log2 of the calibrated probability; not bounded */
    double p_value;
    bool is_anomaly;
    lgd_member_p members[LGD_MAX_MEMBERS];
    size_t n_members;
    lgd_factor factors[LGD_MAX_FACTORS]; /* largest share first */
    size_t n_factors;
} lgd_verdict;

/* A variable part of a message. */
typedef struct lgd_param {
    lgd_sv value;
    lgd_sv name;      /* what the text calls it, "took=<*>"; empty: nothing */
    const char *type; /* "number", "duration" ...: lgd_value_type_name */
    bool has_number;  /* value is a number and perhaps a unit: 12.5 and "ms" */
    double number;
    lgd_sv unit; /* a view into value; empty: none */
} lgd_param;

/* A scored line (or record of several lines). */
typedef struct lgd_finding {
    lgd_sv file;
    uint64_t line, offset;
    uint32_t n_lines;
    lgd_header header;
    lgd_sv raw;
    lgd_template_id template_id;
    lgd_sv template_text;
    const lgd_param *params;
    size_t n_params;
    lgd_sv session;   /* empty: none */
    double threshold; /* of p_value: anomalous at or below it */
    lgd_verdict verdict;
} lgd_finding;

typedef struct lgd_session_finding {
    lgd_sv session;
    lgd_sv file; /* of its first line */
    uint64_t first_line, last_line, lines;
    lgd_template_id template_id; /* that its foremost reason is about; LGD_NO_TEMPLATE: none */
    lgd_verdict verdict;
} lgd_session_finding;

/* How a template of two logs differs between them. */
typedef enum lgd_change_kind {
    LGD_CHANGE_NONE,
    LGD_CHANGE_NEW,  /* only in the second */
    LGD_CHANGE_GONE, /* only in the first */
    LGD_CHANGE_MORE,
    LGD_CHANGE_LESS,
    LGD_CHANGE_KINDS
} lgd_change_kind;
const char *lgd_change_kind_name(lgd_change_kind kind); /* "none", "new", "gone", "more", "less" */

/* A change as it is shown, with a line where it can be seen: of the second log, or of the first for what is gone or less. */
typedef struct lgd_change {
    lgd_change_kind kind;
    lgd_template_id template_id;
    lgd_sv template_text;
    lgd_level level;              /* of the example */
    uint64_t good, bad;           /* events */
    double good_share, bad_share; /* of the events of its log */
    double ratio;                 /* bad / expected; 0 where good is 0 */
    double bits, q_value;
    bool significant;
    lgd_sv file;
    uint64_t line;
    int64_t time_ns; /* LGD_NO_TIME: none */
    lgd_sv raw;      /* its first line, cut */
} lgd_change;

typedef enum lgd_severity { LGD_LOW, LGD_MEDIUM, LGD_HIGH, LGD_CRITICAL } lgd_severity;
const char *lgd_severity_name(lgd_severity s); /* "low" .. "critical" */

/* A line that an incident shows as evidence. */
typedef struct lgd_evidence {
    lgd_sv file;
    uint64_t line;
    int64_t time_ns;
    lgd_sv raw; /* cut to 512 bytes */
    double bits;
    uint64_t count; /* anomalies of this template in the incident */
} lgd_evidence;

typedef struct lgd_incident {
    char id[17];        /* 16 hex digits, stable: from its first anomaly's text and time */
    const char *status; /* "closed" in a scan */
    lgd_severity severity;
    lgd_sv title;
    int64_t start_ns, end_ns; /* of its anomalies; LGD_NO_TIME where there are no timestamps */
    uint64_t lines;           /* physical lines of its anomalies */
    uint64_t anomalies;
    lgd_evidence first;          /* its first anomaly */
    const lgd_evidence *related; /* one for each template, strongest first, at most 10 */
    size_t n_related;
    const lgd_template_id *template_ids;
    const lgd_sv *templates; /* their texts, strongest first, at most 10 */
    size_t n_templates;
    uint64_t n_templates_all;
    const lgd_sv *files;
    size_t n_files;
    const lgd_sv *normal_sequence; /* what usually follows, as template texts; for people */
    size_t n_normal_sequence;
    const lgd_sv *actual_sequence; /* what came instead */
    size_t n_actual_sequence;
    lgd_verdict verdict; /* score, bits, factors; members unused */
} lgd_incident;

/* ---- whether a model fits a log ---- */

typedef enum lgd_fit { LGD_FIT, LGD_DRIFTING, LGD_UNFIT } lgd_fit;
const char *lgd_fit_name(lgd_fit fit); /* "fit", "drifting", "unfit" */

/* Shares that are called typical are those of the median stretch of the log, or of its later half, if that is more: what
 * stays, and not what comes and goes. Of several inputs it is their mean, by events. */
typedef struct lgd_fitness {
    lgd_fit fit;
    const lgd_sv *reasons; /* sentences without an end; none: too few events to tell */
    size_t n_reasons;
    uint64_t events, unseen_events, anomalies; /* unseen: of templates that the training did not have */
    double unseen, anomalous;                  /* typical shares of events */
    double expected_unseen;                    /* by the templates that training saw once */
    uint64_t templates, unseen_templates;      /* of the log; of them those that training did not have */
    uint64_t gone_templates;                   /* of the training: ten events or more were to be expected, none came */
    double gone_share;                         /* of the training's events */
    uint64_t lines, lines_in_format;           /* with a header as the model knows it */
    uint64_t sessions, anomalous_sessions;
    double typical_sessions; /* share of anomalous ones, of 32 and more in a stretch */
    double rate;             /* of anomalous lines, and sessions, that was asked for */
    double shift; /* by how much more events than in training have at least shift_bits, a share, where that is most */
    uint32_t shift_bits;
    struct {
        const char *name;
        bool known; /* the member is calibrated, so that there is something to compare with */
        double shift;
    } members[LGD_MAX_MEMBERS];
    size_t n_members;
} lgd_fitness;

/* ---- what was allowed ---- */

typedef struct lgd_allowed_rule {
    size_t line; /* in the list */
    lgd_sv text;
    uint64_t hits;
    const char *state; /* "used", "unused", "expired" before the end of the log */
} lgd_allowed_rule;

/* What a list of allowed things kept from being told. */
typedef struct lgd_allowed {
    lgd_sv path;
    uint64_t anomalies, sessions, incidents;
    const lgd_allowed_rule *rules;
    size_t n_rules;
} lgd_allowed;

/* ---- the templates of a model ---- */

enum { LGD_PLACE_VALUES = 16 };

typedef struct lgd_place_value {
    lgd_sv text;
    bool cut; /* there was more of it */
    uint64_t n;
} lgd_place_value;

/* What training saw in one place of a template. */
typedef struct lgd_place {
    uint32_t pattern; /* of its template, from 0 */
    uint64_t pattern_events;
    uint32_t number;        /* in its pattern, from 0 */
    lgd_sv name;            /* what the text calls it; empty: nothing */
    uint32_t types;         /* a bit for each; bit i is called type_names[i] */
    uint64_t n, n_numbers;  /* values, and quantities among them */
    lgd_sv unit;            /* of min, median and max */
    bool mixed;             /* several units that do not measure the same: no min, median and max */
    bool has_median, exact; /* exact: no estimate */
    double min, median, max;
    bool many; /* more than LGD_PLACE_VALUES different values: which is not known */
    lgd_place_value values[LGD_PLACE_VALUES];
    size_t n_values; /* most frequent first */
} lgd_place;

/* A template with what training saw of it. */
typedef struct lgd_catalogue_entry {
    lgd_template_id id;
    lgd_sv text;
    uint64_t count;
    int64_t first_ns, last_ns; /* LGD_NO_TIME: none */
    lgd_sv example;            /* empty: none */
    const lgd_place *places;   /* pattern by pattern */
    size_t n_places;
    uint32_t n_patterns;
} lgd_catalogue_entry;

#endif
