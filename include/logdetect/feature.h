/*
 * feature: events -> columns. What is normal is learned once, as the baseline (counts by template, transition, hour,
 * window and value); each event is then described by how far it is from it, one float32 column for each kind of
 * surprise. Template ids are categories throughout: no column is an id.
 *
 * Cross-scores: training events are cut into blocks of consecutive events, dealt out to LGD_FOLDS folds; a training
 * event is described by what the other folds (or, for values, the other events) hold, so that training scores look
 * like those of unseen events.
 */
#ifndef LOGDETECT_FEATURE_H
#define LOGDETECT_FEATURE_H

#include "logdetect/event.h"
#include "logdetect/template.h"

enum { LGD_FOLDS = 5 };
/* The fold of a training event. Blocks are dealt out by a hash, not in turn: logs repeat daily and from run to run, and a
 * fold must not get the same hour of each. */
static inline unsigned lgd_fold_of(uint64_t event, uint64_t block_events) {
    return (unsigned)(lgd_hash_u64(event / block_events, 0x666f6c64u) % LGD_FOLDS);
}
#define LGD_WINDOW_NS 60000000000 /* width of a time window */

/* ---- events of one batch, as columns ---- */

/* A value seen in a slot of a pattern. */
typedef struct lgd_observation {
    uint32_t slot; /* lgd_pattern.slot_base + place */
    uint32_t hash; /* of its text, lgd_value_hash */
    lgd_sv text;   /* a view that lives as long as the batch */
    double number;
    bool is_number; /* a quantity (number, size, duration) */
    uint8_t type;   /* lgd_value_type */
    lgd_sv unit;    /* of the number, as lgd_value_unit has it */
} lgd_observation;
uint32_t lgd_value_hash(lgd_sv text); /* fixed key: it is kept in models */

typedef struct lgd_events {
    size_t n;
    lgd_template_id *template_id;
    int64_t *start_ns; /* LGD_NO_TIME: none */
    uint8_t *level;    /* lgd_level */
    uint32_t *length;  /* bytes of the message */
    uint32_t *stream;  /* the process, thread or component it belongs to, hashed; 0: none */
    uint32_t *n_values;
    const lgd_observation **values; /* [n] -> n_values[i] observations */
} lgd_events;

/* ---- the tracker: what came just before ---- */

/* State that runs along one input in order. Bounded: a fixed table of streams, two words for each template. */
typedef struct lgd_tracker lgd_tracker;
LGD_MUST_CHECK lgd_status lgd_tracker_new(size_t n_templates, lgd_tracker **ret, lgd_err *err);
void lgd_tracker_begin_input(lgd_tracker *t); /* a new file: nothing came before */
void lgd_tracker_free(lgd_tracker *t);

/* ---- the baseline ---- */

typedef struct lgd_baseline lgd_baseline;
LGD_MUST_CHECK lgd_status lgd_baseline_new(size_t n_templates, size_t n_slots, lgd_baseline **ret, lgd_err *err);
void lgd_baseline_free(lgd_baseline *b);
/* Learns a batch whose first event is number `first` of the training. block_events: events in a block of the folds. */
LGD_MUST_CHECK lgd_status lgd_baseline_learn(lgd_baseline *b, lgd_tracker *t, const lgd_events *e, uint64_t first,
                                             uint64_t block_events, lgd_err *err);
/* A baseline that goes on from an older one, whose counts weigh `weight` from now on, as lgd_fading has it: ready to learn
 * more, and to be finished. n_templates, n_slots: no fewer than the older one has; those have the same numbers. What the
 * largest were (bursts, gaps, shares of warnings) shrinks by the weight. Errors: memory. */
LGD_MUST_CHECK lgd_status lgd_baseline_go_on(const lgd_baseline *old, size_t n_templates, size_t n_slots, double weight,
                                             uint64_t salt, lgd_baseline **ret, lgd_err *err);
/* Derives what scoring needs. Call once, after the last batch. */
LGD_MUST_CHECK lgd_status lgd_baseline_finish(lgd_baseline *b, lgd_err *err);
LGD_MUST_CHECK lgd_status lgd_baseline_save(const lgd_baseline *b, lgd_buf *out, lgd_err *err);
LGD_MUST_CHECK lgd_status lgd_baseline_load(lgd_sv bytes, size_t n_templates, size_t n_slots, lgd_baseline **ret,
                                            lgd_err *err);

uint64_t lgd_baseline_n_events(const lgd_baseline *b);
uint64_t lgd_baseline_count(const lgd_baseline *b, lgd_template_id t); /* 0 for newcomers */
uint64_t lgd_baseline_singletons(const lgd_baseline *b);               /* templates seen once */
double lgd_baseline_newcomer_bits(const lgd_baseline *b);              /* LGD_COL_TEMPLATE of a template never seen */
int64_t lgd_baseline_start_ns(const lgd_baseline *b);
int64_t lgd_baseline_end_ns(const lgd_baseline *b);
/* The most frequent successor of a template in its stream and its probability; LGD_NO_TEMPLATE if none is known. */
lgd_template_id lgd_baseline_successor(const lgd_baseline *b, lgd_template_id t, double *ret_p);

/* ---- columns ---- */

typedef enum lgd_column {
    LGD_COL_TEMPLATE, /* bits: -log2 of the share of training events whose template is as rare or rarer (conformal) */
    LGD_COL_SEQUENCE, /* bits by which this template is rarer behind its predecessor than it is anywhere */
    LGD_COL_BURST,    /* log2 of its count in the window over the largest in training; 0 below that */
    LGD_COL_LEVEL,    /* prior bits for the level the line states: trace, debug -3, warning 2, error 8, critical 10 */
    LGD_COL_LENGTH,   /* |log length - mean| in standard deviations of the template, above 3 */
    LGD_COL_HOUR,     /* bits by which this hour is rarer for the template than for all events */
    LGD_COL_VALUE,    /* bits of the rarest value in a slot that holds few values */
    LGD_COL_NUMBER,   /* bits of the most extreme quantity: tail probability by octave */
    LGD_COL_GAP,      /* log2 of the time since the template came last over the longest in training; 0 below that */
    LGD_COL_ERRORS,   /* log2 of the window's share of warnings and worse over the largest in training */
    LGD_COL_STARTUP,  /* 1 within 5 s of the first line that an input has of a process, where processes live long */
    LGD_COL_FORETOLD, /* bits by which a network expected another template (detect); 0 here, and where there is none */
    LGD_COLUMNS
} lgd_column;
const char *lgd_column_name(lgd_column c);

/* Rows of columns, column by column: x[c * capacity + row]. */
typedef struct lgd_matrix {
    float *x;
    size_t n_rows, capacity;
} lgd_matrix;
LGD_MUST_CHECK lgd_status lgd_matrix_reserve(lgd_matrix *m, size_t n_rows, lgd_err *err); /* for n_rows more */
void lgd_matrix_release(lgd_matrix *m);
static inline float lgd_matrix_at(const lgd_matrix *m, size_t row, lgd_column c) {
    return m->x[(size_t)c * m->capacity + row];
}

/* What stands behind the columns of one event, for explanations. */
typedef struct lgd_context {
    lgd_template_id previous;                /* in its stream, LGD_NO_TEMPLATE if none */
    uint32_t window_count;                   /* of this template in the window so far */
    uint32_t window_peak;                    /* the largest in training */
    uint32_t window_events, window_warnings; /* in the window so far */
    int64_t gap_ns;                          /* since the template came last, -1: first time */
    int64_t gap_max_ns;                      /* the longest in training, -1: unknown */
    uint64_t count;                          /* of the template in the training */
    uint64_t pair_count;                     /* of (previous, template) in the training */
    uint64_t previous_count;
    uint32_t hour;            /* UTC, 0..23 */
    uint64_t hour_count;      /* of the template in that hour */
    int32_t value;            /* index of the observation behind LGD_COL_VALUE, -1: none */
    int32_t number;           /* likewise LGD_COL_NUMBER */
    lgd_template_id expected; /* by the network: lgd_foretold */
    double p, p_expected;
} lgd_context;

/* Appends a row for each event of the batch. cross_block: 0 when scanning; else block_events of the training, and `first`
 * is the number of the batch's first event. contexts: room for e->n, or NULL. */
LGD_MUST_CHECK lgd_status lgd_extract(const lgd_baseline *b, lgd_tracker *t, const lgd_events *e, uint64_t first,
                                      uint64_t cross_block, lgd_matrix *out, lgd_context *contexts, lgd_err *err);

/* What is typical for a slot, for explanations: its values by frequency ("GET 61 %, POST 38 %") or its range. */
void lgd_baseline_describe_values(const lgd_baseline *b, uint32_t slot, lgd_buf *out);
void lgd_baseline_describe_range(const lgd_baseline *b, uint32_t slot, lgd_buf *out);

/* What is known of the values of a slot. */
enum { LGD_SLOT_VALUES = 16, LGD_SLOT_VALUE_BYTES = 24 };
typedef struct lgd_slot_summary {
    uint32_t n;         /* values seen */
    uint32_t n_numbers; /* quantities among them */
    uint32_t types;     /* bit 1 << lgd_value_type for each type seen */
    lgd_sv unit;        /* of min, median and max; a view into the baseline */
    bool mixed;         /* the quantities have units that do not measure the same: nothing is known of their range */
    double min, median, max; /* of the quantities */
    bool has_median;         /* false where it is too near zero, or too far away, to be known to a factor of 2 */
    bool exact;              /* the median; else it is estimated, to a factor of 2 */
    bool many;               /* more than LGD_SLOT_VALUES different ones: which is not known */
    size_t n_values;
    struct {
        lgd_sv text; /* its first LGD_SLOT_VALUE_BYTES bytes; a view into the baseline */
        uint32_t count;
        bool cut;              /* there was more of it */
    } values[LGD_SLOT_VALUES]; /* most frequent first */
} lgd_slot_summary;
/* False for a slot without values, or one past those that are kept. */
bool lgd_baseline_slot(const lgd_baseline *b, uint32_t slot, lgd_slot_summary *ret);
/* Times of the first and last event of a template; LGD_NO_TIME if none has one. */
int64_t lgd_baseline_first_ns(const lgd_baseline *b, lgd_template_id t);
int64_t lgd_baseline_last_ns(const lgd_baseline *b, lgd_template_id t);
double lgd_baseline_mean_length(const lgd_baseline *b, lgd_template_id t);
double lgd_baseline_warning_share(const lgd_baseline *b); /* share of training events at warning or worse */
bool lgd_baseline_value_is_new(const lgd_baseline *b, const lgd_observation *o);

#endif
