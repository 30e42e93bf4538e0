/* Private to feature: the baseline's tables. */
#ifndef LGD_FEATURE_FEATURE_H
#define LGD_FEATURE_FEATURE_H

#include "logdetect/feature.h"

enum {
    MAX_VALUES = LGD_SLOT_VALUES,
    VALUE_TEXT = LGD_SLOT_VALUE_BYTES,
    OCTAVES = 64,
    UNIT_TEXT = 12,
    MAX_SLOTS = 32768,
    MAX_PAIRS = 262144,
    HOURS = 24
};

/* ---- time ---- */

/* From `from` to `to`; 0 when time goes back, and at most what an int64 holds: a log may say 1700 and then 2250. */
static inline int64_t elapsed_ns(int64_t from, int64_t to) {
    if (to <= from) return 0;
    return from < 0 && to > INT64_MAX + from ? INT64_MAX : to - from;
}

/* ---- tracker ---- */

typedef struct step {
    lgd_template_id previous;
    uint32_t window_count, window_events, window_warnings;
    int64_t gap_ns; /* -1: first time */
    bool startup;
    bool new_stream; /* first event of its process */
} step;

step tracker_step(lgd_tracker *t, const lgd_events *e, size_t i);

/* ---- values of one slot ---- */

/* Where in a training a value is met. */
typedef struct occasion {
    int fold;       /* -1: in no training, but in a scan */
    uint64_t event; /* its number */
} occasion;
#define NOT_HERE UINT64_MAX

typedef struct value_entry {
    uint32_t hash, count;
    uint8_t folds;        /* 1 << fold of each that has it */
    uint32_t before;      /* values of the slot that came before its first one */
    uint64_t first_event; /* of the training that goes on; NOT_HERE: an older one had it */
    bool cut;             /* there was more of it */
    uint8_t n;
    char text[VALUE_TEXT];
} value_entry;

typedef struct slot_stats {
    uint32_t n; /* values seen */
    uint32_t n_numbers;
    uint32_t types;   /* 1 << lgd_value_type of each */
    uint8_t n_values; /* distinct ones kept */
    bool open;        /* more than MAX_VALUES: not a slot of few values */
    value_entry values[MAX_VALUES];
    uint32_t octaves[OCTAVES]; /* of numbers: octave_of */
    uint8_t n_units, unit_n; /* 0: no number with a unit yet, 1: they are in `unit`, 2: in several, no range is known */
    char unit[UNIT_TEXT];    /* of the first; what measures the same is converted */
    double min, max;
    double last_log, log_sum, log_squares, step_squares; /* of signed log2(1 + |x|), in order: see slot_is_quantity */
} slot_stats;

/* True if the numbers of a slot vary like a quantity does, from one to the next, and not like an id or a counter. */
bool slot_is_quantity(const slot_stats *s);
/* Bounds of the numbers of an octave; infinite, or zero, for those that hold all numbers beyond. */
void octave_bounds(int octave, double *ret_low, double *ret_high);
/* The number of an observation in the unit of the slot; false if it measures something else. */
bool slot_convert(const slot_stats *s, double number, lgd_sv unit, double *ret);
void slot_learn(slot_stats *s, const lgd_observation *o, occasion at);
/* fold: of the observation, which is one of those learned (training); -1 in a scan. */
double slot_value_bits(const slot_stats *s, const lgd_observation *o, occasion at);
/* own: 1 when the observation is one of those learned (training), 0 in a scan. */
double slot_number_bits(const slot_stats *s, const lgd_observation *o, uint32_t own);

/* ---- transitions ---- */

typedef struct pair_row {
    lgd_template_id previous, next;
    uint32_t count[LGD_FOLDS];
} pair_row;

typedef struct template_stats {
    uint32_t count[LGD_FOLDS];
    uint32_t followed[LGD_FOLDS]; /* events that had it as predecessor */
    uint32_t successors;          /* distinct */
    uint32_t peak[LGD_FOLDS];     /* largest count in one window */
    uint32_t hours[HOURS];
    uint32_t hour_folds[LGD_FOLDS]; /* 1 << hour of each in which the fold has events of it */
    int64_t gap_max_ns[LGD_FOLDS];
    double log_length_sum, log_length_squares;
    int64_t first_ns, last_ns; /* LGD_NO_TIME: no event had a time */
    lgd_template_id best_successor;
    uint32_t best_count;
} template_stats;

struct lgd_baseline {
    size_t n_templates, n_slots;
    template_stats *templates;
    slot_stats *slots;
    pair_row *pairs;
    size_t n_pairs, pairs_capacity;
    lgd_index pair_index;
    uint64_t pairs_left_out;
    uint64_t n_events;
    uint64_t fold_events[LGD_FOLDS];
    uint64_t hours[HOURS];
    uint32_t hour_days[HOURS];         /* different days on which an hour was seen */
    int64_t hour_last_day[HOURS];      /* while learning */
    uint64_t n_streams, stream_events; /* processes that began, events of any process */
    uint64_t warnings;                 /* events at warning or worse */
    double warning_peak[LGD_FOLDS];    /* largest share in a window of MIN_WINDOW events or more */
    int64_t start_ns, end_ns;
    /* derived by finish */
    uint64_t *rare_events; /* [MAX_RARE]: events whose template was seen at most i times */
    uint64_t singletons;
};

enum { MAX_RARE = 4096, MIN_WINDOW = 20 };

static inline uint64_t total_of(const uint32_t *folds) {
    uint64_t sum = 0;
    for (int f = 0; f < LGD_FOLDS; f++) sum += folds[f];
    return sum;
}

/* The pair's row, or NULL. */
const pair_row *baseline_pair(const lgd_baseline *b, lgd_template_id previous, lgd_template_id next);
lgd_status baseline_add_pair(lgd_baseline *b, lgd_template_id previous, lgd_template_id next, unsigned fold,
                             lgd_err *err);

#endif
