/*
 * incident: anomalies -> incidents. An anomaly joins an open incident when it comes within moments of it, or within
 * gap_ns and is like it (same template, same process); else, if it is strong, it opens one. An incident's score counts
 * each component once, so that a dump of hundreds of new lines from one process does not outweigh a fault that shows in
 * several (docs/DETECTORS.md).
 *
 *     score = sum over components k of b_k * 0.7^(k-1),   b_1 >= b_2 >= ... the largest surprise of each, in bits
 *
 * Groups are candidates; those whose score reaches the threshold are incidents. The threshold is learned from the groups
 * that cross-scored training events make.
 */
#ifndef LOGDETECT_INCIDENT_H
#define LOGDETECT_INCIDENT_H

#include "logdetect/detect.h"
#include "logdetect/finding.h"

#define LGD_NO_GROUP UINT64_MAX

/* All signals of an incident count as one component: what stops one template stops others, and so does what delays it. */
#define LGD_RHYTHM_UNIT 2u

/* An anomalous line, as grouping sees it. Views live during the call; what is kept is copied. */
typedef struct lgd_anomaly {
    uint32_t file; /* index of the input */
    uint64_t line;
    uint32_t n_lines;
    uint64_t number; /* of the event in this scan: orders what has no time */
    int64_t time_ns;
    double surprise; /* what the ensemble made of it; incidents add it up */
    lgd_level level; /* that the line states */
    lgd_template_id template_id;
    lgd_template_id previous; /* before it in its stream */
    uint32_t stream, unit;    /* process and component, hashed; 0: none; LGD_RHYTHM_UNIT of a signal */
    lgd_sv raw, component;
    const lgd_verdict *verdict; /* NULL in training: no evidence is kept */
    bool is_signal;             /* no line is anomalous, one stands for it: the rhythm of its template broke */
    bool lasts;                 /* a silence that has not ended: its group stays open until it is raised */
    int64_t at_ns;              /* of a signal: when it is taken to have happened; time_ns is that of the line */
} lgd_anomaly;

typedef struct lgd_grouping {
    int64_t gap_ns;      /* 300 s */
    int64_t near_ns;     /* 5 s */
    uint64_t gap_events; /* the same for events without time: 1000 */
    double strong;       /* least surprise that opens an incident and counts for its score */
    double threshold;    /* least score of an incident */
} lgd_grouping;
void lgd_grouping_init(lgd_grouping *o); /* the times above; bits are the caller's */

typedef struct lgd_grouper lgd_grouper;
LGD_MUST_CHECK lgd_status lgd_grouper_new(const lgd_grouping *o, lgd_grouper **ret, lgd_err *err);
void lgd_grouper_free(lgd_grouper *g);

/* Adds an anomaly; ret_group is its group's number, or LGD_NO_GROUP if it is weak and belongs to none. Closes groups
 * that the log has left behind. O(open groups), at most 64. */
LGD_MUST_CHECK lgd_status lgd_grouper_add(lgd_grouper *g, const lgd_anomaly *a, uint64_t *ret_group, lgd_err *err);
/* A silence that was added to a group has ended at at_ns and is as surprising as it says now. */
LGD_MUST_CHECK lgd_status lgd_grouper_raise(lgd_grouper *g, uint64_t group, const lgd_anomaly *a, lgd_err *err);
/* The input ended: closes what is open. */
LGD_MUST_CHECK lgd_status lgd_grouper_finish(lgd_grouper *g, lgd_err *err);

/* Scores of all closed groups, incidents or not, in order of closing (training). */
const float *lgd_grouper_scores(const lgd_grouper *g, size_t *ret_n);

/* After finish: incidents of different inputs that overlap are made one, then ranked by score. */
LGD_MUST_CHECK lgd_status lgd_grouper_rank(lgd_grouper *g, lgd_err *err);
size_t lgd_grouper_n_incidents(const lgd_grouper *g);
uint64_t lgd_grouper_n_left_out(const lgd_grouper *g); /* incidents beyond the most that are kept (4096) */
/* What is known of a group: LGD_FATE_OPEN may still become an incident, the others are final. */
typedef enum lgd_fate { LGD_FATE_OPEN, LGD_FATE_INCIDENT, LGD_FATE_NONE } lgd_fate;
lgd_fate lgd_grouper_fate(const lgd_grouper *g, uint64_t group);
/* The id of the incident that a group is (part of), NULL if it is none. An id that was given out before rank stays: its
 * incident is not made part of another any more. */
const char *lgd_grouper_id(lgd_grouper *g, uint64_t group);

/* Names that an incident shows; ctx is passed on. */
typedef struct lgd_names {
    lgd_sv (*template_text)(const void *ctx, lgd_template_id id);
    lgd_template_id (*successor)(const void *ctx, lgd_template_id id);
    lgd_sv (*file)(const void *ctx, uint32_t file);
    const void *ctx;
} lgd_names;
/* Fills an incident, rank 0 first. Its arrays and strings live in arena or in the grouper. */
LGD_MUST_CHECK lgd_status lgd_grouper_incident(const lgd_grouper *g, size_t rank, const lgd_names *names,
                                               lgd_arena *arena, lgd_incident *ret, lgd_err *err);

/* The threshold for about `allowed` false incidents, from the scores of the groups that training made (sorted in place,
 * highest first). Among the ranks from half to twice that number it lies in the lowest gap of 4 bits or more between
 * neighbours, else in the widest: where training scores are empty, and no higher than it has to, for the highest of them
 * may be faults themselves. Never more than 4 bits over the score below it. */
double lgd_incident_threshold(float *scores, size_t n, double allowed);

/* Puts the reasons of one line into words. */
typedef struct lgd_reasons {
    const lgd_baseline *baseline;
    const lgd_context *context;
    const lgd_events *events;
    size_t i;             /* the event */
    const double *shares; /* [LGD_COLUMNS], sum 1 or 0 */
    double score;         /* what the factors' shares add up to */
    lgd_sv (*template_text)(const void *ctx, lgd_template_id id);
    const void *ctx;
} lgd_reasons;
/* Fills verdict->factors, largest share first. Text goes to arena. */
LGD_MUST_CHECK lgd_status lgd_explain(const lgd_reasons *r, lgd_arena *arena, lgd_verdict *verdict, lgd_err *err);

#endif
