/* Private to feature: the tables of a rhythm, and the arithmetic that measuring and listening share. */
#ifndef LGD_FEATURE_RHYTHM_H
#define LGD_FEATURE_RHYTHM_H

#include "logdetect/rhythm.h"

#include "feature.h"

enum {
    CELLS = 48,         /* hour of the day (UTC), on working days and on weekends */
    WIDTHS = 3,         /* of windows: rhythm_width_ns */
    TAILS = 1 + WIDTHS, /* pauses, then counts by width */
    TAIL_TOP = 4,       /* extremes kept of each fold */
    MAX_SOURCES = 64,
    MAX_BEATS = 16384,
    MIN_BEATS = 20, /* events from which on a template has a rhythm */
    MIN_BURST = 16, /* events of a window that may be called a burst */
    MIN_DAYS = 3,   /* from which on a time of the day is one */
    MAX_CROSS = 256 /* exceedances kept for calibration, the largest */
};
extern const int64_t rhythm_width_ns[WIDTHS];
#define NO_FILE UINT32_MAX

/* ---- time ---- */

typedef struct moment {
    int64_t day, start_ns, end_ns; /* the hour that holds it */
    unsigned cell;
    bool weekend;
} moment;
moment moment_of(int64_t ns);

#define RHYTHM_MOST_NS                                                                                                 \
    (INT64_MAX - INT64_C(1209600000000000)) /* what lies beyond is no time: a fortnight is added to some */
/* Up to when the log has come with event i, now_ns before it (LGD_NO_TIME: it begins); LGD_NO_TIME: the event says nothing.
 * Time does not go back, and a leap that the next events take back is a date that a message speaks of. Where the block
 * ends first, one of more than a week is in doubt (*doubt_ns; LGD_NO_TIME: none is) and waits for the next event. */
int64_t steady_ns(const lgd_events *e, size_t i, int64_t now_ns, int64_t *doubt_ns);

/* ---- what is kept ---- */

/* Different days, in whatever order they come; of those further back than the last 64 no new one counts. */
typedef struct seen_days {
    uint32_t n;
    int64_t last;
    uint64_t recent; /* while learning: 1 << (last - day) of each */
} seen_days;

/* A time of the day at which a template comes, on working days or on weekends. Sums are of seconds since midnight. */
typedef struct daily_time {
    seen_days days;
    bool weekend;
    double sum, squares;
} daily_time;

/* Of each template. */
typedef struct pulse {
    uint64_t sources; /* bits: kinds of input that it came in */
    uint32_t inputs;  /* how many it came in */
    uint32_t count;
    uint32_t in_input; /* while learning: number of the last input that it came in, from 1 */
    uint32_t beat;     /* its row + 1; 0: too few events */
    uint8_t n_times;
    bool often; /* it has more times of the day than LGD_DAILY_TIMES */
    daily_time times[LGD_DAILY_TIMES];
} pulse;

/* The most extreme observations of each fold, largest first, 0 where there is none. Pauses are measured in events
 * that were to be expected meanwhile, counts by Cramer's rate function: rhythm_extent. */
typedef struct tail {
    float top[LGD_FOLDS][TAIL_TOP];
} tail;

/* Where an extreme was. */
typedef struct place {
    uint32_t file; /* NO_FILE: in an earlier training */
    int64_t start_ns;
} place;

/* A template with a rhythm. */
typedef struct beat {
    lgd_template_id id;
    uint32_t cells[CELLS]; /* events */
    uint64_t longest_ns;   /* pause */
    uint64_t n_pauses;
    double pause_sum, pause_squares; /* seconds */
    uint32_t peak[WIDTHS];
    tail tails[TAILS];
    float rate[CELLS]; /* derived: events a second */
    float mean_rate;   /* derived: of a week */
} beat;

/* Events of a template without a rhythm: an update may give it one. */
typedef struct rare_count {
    lgd_template_id id;
    uint32_t cell, n;
} rare_count;

/* Inputs of one kind, told by the templates that they hold. */
typedef struct source {
    uint32_t inputs;
    uint64_t exposure[CELLS]; /* seconds read; of the current input, nanoseconds */
    seen_days days[CELLS];    /* on which the hour was seen */
} source;

/* How far an observation lies beyond those it is judged by -> how rare that is. */
typedef struct exceedances {
    float x[MAX_CROSS]; /* largest first */
    size_t n;
    uint64_t all; /* those that were not kept too */
} exceedances;

/* What comes along one input: of each beat, by its row. */
typedef struct beat_state {
    uint32_t input; /* rows of earlier ones count as new */
    int64_t last_ns;
    int64_t window[WIDTHS];
    uint32_t count[WIDTHS];
} beat_state;

struct lgd_rhythm {
    size_t n_templates;
    pulse *pulses;
    beat *beats;
    size_t n_beats;
    rare_count *rare; /* by template and cell */
    size_t n_rare;
    source sources[MAX_SOURCES];
    size_t n_sources;
    uint64_t n_events;         /* measured */
    exceedances silent, burst; /* derived by finish */
    /* while learning */
    uint32_t (*cells)[CELLS]; /* by template */
    beat *older;              /* of the rhythm that is gone on from; pulse.beat numbers them until settle */
    uint32_t input;           /* number of the current one */
    int64_t first_ns, now_ns; /* of it; LGD_NO_TIME: no event had a time yet */
    int64_t doubt_ns;
    moment now;
    source current; /* its hours */
    lgd_template_id *touched;
    size_t n_touched, touched_capacity;
    beat_state *states;
    place (*places)[TAILS][LGD_FOLDS][TAIL_TOP]; /* by beat */
    unsigned fold;                               /* of the last event */
    uint32_t file;
};

/* ---- rhythm_days.c ---- */

/* False: it was seen, or is too long ago to know. O(1). */
bool days_add(seen_days *d, int64_t day);
void days_merge(seen_days *into, const seen_days *from);
/* What is no more known in detail: each day up to the last counts as seen. */
void days_close(seen_days *d);

/* ---- rhythm.c ---- */

/* Makes rates of counts and exposures. */
void rhythm_derive(lgd_rhythm *r);
/* Inputs of the kinds that a template came in. */
uint64_t rhythm_inputs(const lgd_rhythm *r, const pulse *p);
/* Days on which one of these kinds was read at the hour of that time. */
uint32_t rhythm_days(const lgd_rhythm *r, const pulse *p, const daily_time *d);
/* Whether a template came in every input of the kinds that it came in. */
bool rhythm_is_constant(const lgd_rhythm *r, const pulse *p);
/* Whether a template came at this time on each day on which its kind of input was read at that hour. */
bool rhythm_is_daily(const lgd_rhythm *r, const pulse *p, const daily_time *d);

/* ---- measure.c ---- */

void measure_end_input(lgd_rhythm *r);

/* ---- tail.c ---- */

#define DAILY_NEAR_S 1200.0 /* events so far from each other are of one time of the day */

/* Events to be expected. O(hours), a week at most. */
double rhythm_expected(const beat *b, int64_t from_ns, int64_t to_ns);
/* When so many events were to be expected; INT64_MAX: not in ten years. */
int64_t rhythm_reach(const beat *b, int64_t from_ns, double expected);
/* Cramer's rate function of a Poisson variable: nats by which `count` is unlikely where mu was to be expected. */
double rhythm_extent(double count, double mu);
/* Largest extreme and shape of a tail without a fold (-1: with all). False: there is none. */
typedef struct tail_shape {
    double largest, alpha;
} tail_shape;
bool tail_shape_of(const tail *t, int fold, tail_shape *ret);
/* How far a value lies beyond: bits if the tail goes on as it did, by a power law; 0 below. */
double tail_excess(const tail_shape *s, double value);
/* The value that lies so far beyond. */
double tail_value(const tail_shape *s, double excess);
/* Takes an observation; returns where it stands now, -1 if nowhere. */
int tail_take(float *top, double value);

void exceedances_add(exceedances *e, double x);
/* Surprise of an excess, in bits of a line of n_events; monotone. */
double exceedances_bits(const exceedances *e, double x, uint64_t n_events);
/* The least excess with so much surprise. */
double exceedances_reach(const exceedances *e, double bits, uint64_t n_events);
/* Fills silent and burst. */
void rhythm_calibrate(lgd_rhythm *r);

/* A time of the day, as learned. */
typedef struct daily_shape {
    double mean_s, spread_s;
} daily_shape;
daily_shape daily_shape_of(const daily_time *d);
/* Surprise of a template that is late by so much, and back. */
double daily_bits(const daily_shape *s, double late_s);
double daily_reach(const daily_shape *s, double bits);

#endif
