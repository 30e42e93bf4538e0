/* Private to incident: groups of anomalies. */
#ifndef LGD_INCIDENT_GROUP_H
#define LGD_INCIDENT_GROUP_H

#include "logdetect/incident.h"

enum {
    MAX_OPEN = 64,
    MAX_UNITS = 32,
    MAX_KINDS = 10, /* templates an incident shows */
    MAX_IDS = 256,  /* templates it counts one by one */
    MAX_FILES = 16,
    MAX_INCIDENTS = 4096,
    MAX_RAW = 512
};

typedef struct unit_row {
    uint32_t unit;
    double bits;
} unit_row;

/* One template's anomalies in a group; text copied. */
typedef struct kind_row {
    lgd_template_id id;
    uint64_t count;
    double bits;
    uint32_t file;
    uint64_t line;
    int64_t time_ns;
    lgd_buf raw;
} kind_row;

typedef struct group {
    uint64_t number;
    uint64_t part_of; /* after rank: number of the group that this one was merged into */
    int64_t start_ns, end_ns;
    uint64_t first_number, last_number; /* events */
    size_t lasting;                     /* silences in it that have not ended */
    int64_t until_ns;                   /* when the last one did; others are not tied to it by that */
    uint64_t lines, anomalies;
    unit_row units[MAX_UNITS];
    size_t n_units;
    kind_row *kinds; /* strongest first */
    size_t n_kinds, kinds_capacity;
    lgd_template_id ids[MAX_IDS];
    size_t n_ids;
    uint32_t streams[MAX_UNITS];
    size_t n_streams;
    uint32_t files[MAX_FILES];
    size_t n_files;
    kind_row first;
    double top_bits;
    lgd_level level;  /* the worst that a strong line states */
    lgd_buf top_text; /* the strongest line's component and factor texts, one after the other */
    lgd_verdict top;  /* its texts point into top_text */
    lgd_sv top_component;
    lgd_template_id top_template;
    lgd_template_id top_previous; /* before it in its stream */
    char id[17];
    bool told; /* its id was given out */
} group;

struct lgd_grouper {
    lgd_grouping o;
    group *open[MAX_OPEN];
    size_t n_open;
    uint64_t n_groups;
    group **incidents; /* closed groups that reached the threshold */
    size_t n_incidents, capacity;
    group **merged; /* incidents that became part of another; kept for their ids */
    size_t n_merged, merged_capacity;
    uint64_t n_left_out;
    float *scores;
    size_t n_scores, scores_capacity;
};

/* How far `to` lies behind `from`; 0: it does not. Unsigned, since a log may say 1700 and then 2250. */
static inline uint64_t behind_ns(int64_t from, int64_t to) { return to > from ? (uint64_t)to - (uint64_t)from : 0; }

double group_score(const group *x);
lgd_status group_take(group *x, const lgd_anomaly *a, bool strong, lgd_err *err);
/* A silence that it has is as surprising as this at its end. */
lgd_status group_raise(group *x, const lgd_anomaly *a, lgd_err *err);
/* When it is taken to have happened. */
static inline int64_t anomaly_ns(const lgd_anomaly *a) { return a->is_signal ? a->at_ns : a->time_ns; }
lgd_status group_merge(group *into, const group *from, lgd_err *err);
/* Sets the id from the first line: the same for the same line at the same time, wherever the file lies. */
void group_name(group *x);
void group_free(group *x);

#endif
