/*
 * inject: the shared parts of lgd-inject, which puts labelled faults into a normal log of any format.
 *
 *     train.c  what is normal, learned from the training log by the library's own stages
 *     read.c   the log that gets the faults, as events with the places of their time, message and values
 *     shape.c  new lines in the log's own shapes
 *     faults.c, values.c, order.c, rate.c  one kind of fault each, or a few that are alike
 *     place.c  where faults go: far from each other, at places drawn by a seed
 *     write.c  the log with its faults, and the truth about them
 *
 * No timestamp is ever formatted: an inserted line takes the time of the line it comes behind, as that one has it. So
 * every format is served, and times never go back. The same seed gives the same bytes.
 */
#ifndef LGD_INJECT_H
#define LGD_INJECT_H

#include "../../src/feature/feature.h"
#include "../../src/pipeline/learn.h"

typedef enum inject_kind {
    INJECT_NEW_TEMPLATE,
    INJECT_BURST,
    INJECT_SILENCE,
    INJECT_ORDER,
    INJECT_RARE_VALUE,
    INJECT_NUMERIC_DRIFT,
    INJECT_ODD_HOUR,
    INJECT_MISSING_EVENT,
    INJECT_LEVEL_SHIFT, /* last: it stays to the end of the log */
    INJECT_KINDS
} inject_kind;

#define INJECT_NO_FAULT UINT32_MAX

/* ---- what is normal ---- */

/* How often a template came behind another one in the same thread: the session, or where the log has none the stream. */
typedef struct inject_pair {
    lgd_template_id previous, next;
    uint64_t count;
} inject_pair;

typedef struct inject_normal {
    run run;
    lgd_config config;
    bundle model;
    inject_pair *pairs;
    size_t n_pairs, pairs_capacity;
    lgd_index pair_index;
    uint64_t *followed; /* by template: events that came behind it */
    lgd_lexer lexer;
} inject_normal;

/* pattern: of the training log's files; session: as --session. */
lgd_status inject_normal_learn(inject_normal *n, const char *pattern, const char *session, const lgd_world *world,
                               lgd_err *err);
void inject_normal_release(inject_normal *n);
uint64_t inject_pair_count(const inject_normal *n, lgd_template_id previous, lgd_template_id next);
/* The template of a message, LGD_NO_TEMPLATE for one never seen, and its values; at most MAX_EVENT_VALUES. */
lgd_status inject_normal_read(inject_normal *n, lgd_sv message, lgd_template_id *ret, lgd_err *err);

/* ---- the log ---- */

/* A part of a record's text. n 0: it has none. */
typedef struct inject_span {
    uint32_t at, n;
} inject_span;

typedef struct inject_value {
    uint32_t slot;
    inject_span text;
    uint8_t type;
    bool is_number;
    double number;
} inject_value;

/* One record as it was read, and what becomes of it. */
typedef struct inject_record {
    lgd_sv text; /* without the last line end */
    bool is_event;
    lgd_template_id template_id;
    int64_t time_ns; /* LGD_NO_TIME: none */
    uint32_t shape;  /* the format that cut it: only lines of one shape exchange their times */
    uint64_t thread; /* of the session, else the stream; 0: none */
    bool in_session;
    inject_span time, message;
    inject_value *values;
    uint32_t n_values;
    /* what becomes of it */
    uint32_t fault; /* that changed or deleted it */
    bool deleted;
    lgd_sv changed; /* empty: as it was */
} inject_record;

typedef struct inject_insertion {
    uint32_t behind; /* record */
    uint32_t number; /* insertions behind one record stay in the order they were made in */
    uint32_t fault;
    lgd_sv text;
} inject_insertion;

typedef struct inject_log {
    inject_record *records;
    size_t n, capacity;
    inject_insertion *insertions;
    size_t n_insertions, insertions_capacity;
    lgd_arena arena;
    uint32_t *by_template; /* event records sorted by template, in order of the log */
    uint32_t *template_at; /* [n_templates + 1]: where in by_template each begins */
    bool timed;
} inject_log;

lgd_status inject_log_read(inject_log *log, inject_normal *n, const char *path, lgd_err *err);
void inject_log_release(inject_log *log);
/* Events of template t in records [from, to): the first of them in by_template, and how many. */
const uint32_t *inject_log_of(const inject_log *log, lgd_template_id t, uint32_t from, uint32_t to, size_t *ret_n);
/* The last event of template t before `record`, LGD_INDEX_NONE if there is none. */
uint32_t inject_log_before(const inject_log *log, lgd_template_id t, uint32_t record);
/* The first record at or behind `record` that is at or after `ns`; log->n if there is none. */
uint32_t inject_log_at(const inject_log *log, uint32_t record, int64_t ns);
/* The next event in the same thread, within so many records. */
uint32_t inject_log_next(const inject_log *log, uint32_t record);

/* ---- faults ---- */

typedef struct inject_fault {
    inject_kind kind;
    uint32_t first, last; /* records that it spans, last included */
    lgd_template_id template_id;
} inject_fault;

typedef struct inject_plan {
    inject_log *log;
    inject_normal *normal;
    lgd_rng rng;
    inject_fault *faults;
    size_t n_faults, faults_capacity;
    lgd_err *err;
} inject_plan;

/* Puts one fault between records from and to, and says which it is; LGD_E_DATA: there is no carrier for it here. */
typedef lgd_status inject_maker(inject_plan *p, uint32_t from, uint32_t to, inject_fault *ret);
inject_maker inject_new_template, inject_burst, inject_silence, inject_order, inject_rare_value, inject_numeric_drift,
    inject_odd_hour, inject_missing_event, inject_level_shift;

typedef struct inject_kind_row {
    const char *name;
    inject_maker *make;
    bool needs_time;
    const char *carrier; /* what a log needs for it */
} inject_kind_row;
extern const inject_kind_row inject_kinds[INJECT_KINDS];

/* Deals out `count` faults of the kinds whose bits are set. */
lgd_status inject_place(inject_plan *p, unsigned kinds, uint32_t count);

/* ---- shapes ---- */

/* Inserts a copy of event `donor` behind record `behind`, with the time of that one. */
lgd_status inject_copy(inject_plan *p, uint32_t donor, uint32_t behind);
/* The same with another message. */
lgd_status inject_message(inject_plan *p, uint32_t donor, uint32_t behind, lgd_sv message);
/* The record's text becomes the text with this span replaced. */
lgd_status inject_replace(inject_plan *p, uint32_t record, inject_span span, lgd_sv by);
void inject_delete(inject_plan *p, uint32_t record);
/* A record whose time a copy of the donor may take, at or behind `record` and before `to`; LGD_INDEX_NONE if none. */
uint32_t inject_host(const inject_log *log, uint32_t donor, uint32_t record, uint32_t to);
uint32_t inject_draw(inject_plan *p, uint32_t from, uint32_t to); /* uniform in [from, to) */

lgd_status inject_write(const inject_plan *p, const char *output, const char *truth, lgd_err *err);

#endif
