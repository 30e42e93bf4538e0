/* Private to feature: what a listener remembers, and the limits beyond which it tells of something. */
#ifndef LGD_FEATURE_LISTEN_H
#define LGD_FEATURE_LISTEN_H

#include "rhythm.h"

enum { MISS_S = 3600 }; /* what has not come by then does not come that day */

/* What a template's rhythm lets it do. */
typedef struct limits {
    tail_shape shapes[TAILS];
    double pause;           /* events to be expected in one that is told; infinite: none is */
    uint32_t least[WIDTHS]; /* count that may be told at the quietest hour */
    bool constant;          /* it comes in every input of its kinds */
} limits;

typedef struct hearing {
    beat_state s;
    bool seen, silent, queued;
    uint32_t next[WIDTHS]; /* count at which the window is judged again */
    uint64_t events, told; /* of this input; how many of them signals spoke of */
} hearing;

/* A time of the day at which a template has to come. */
typedef struct appointment {
    lgd_template_id id;
    bool weekend, missed;
    daily_shape shape;
    double late_s; /* from which on it is told */
    uint32_t n;
    int64_t came_day, due_day, missed_day;
} appointment;

typedef struct deadline {
    int64_t at_ns;
    uint32_t item; /* row, or behind the rows an appointment */
} deadline;

struct lgd_listener {
    const lgd_rhythm *r;
    double least_bits;
    limits *limits;
    hearing *rows;
    appointment *appointments; /* by template */
    size_t n_appointments;
    uint32_t *first_appointment; /* by template: place + 1 */
    deadline *heap;
    size_t n_heap;
    uint32_t *came; /* by template: the last input that it came in */
    double votes[MAX_SOURCES];
    uint32_t input;
    int64_t first_ns, now_ns, event_ns; /* event_ns: of the last event */
    int64_t doubt_ns;
    int64_t restart_ns; /* pauses begin here at the earliest */
    bool whole;         /* the whole log is silent */
    uint32_t whole_item;
    lgd_signal *signals;
    size_t n_signals, capacity;
};

/* ---- deadline.c ---- */

void deadline_push(deadline *heap, size_t *n, int64_t at_ns, uint32_t item);
deadline deadline_pop(deadline *heap, size_t *n); /* n > 0 */

/* ---- limits.c ---- */

/* Fills limits and appointments, both allocated here. */
lgd_status listener_set_limits(lgd_listener *l, lgd_err *err);

#endif
