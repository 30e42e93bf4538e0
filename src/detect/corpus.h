/* Private to detect: what fitting an LSTM needs of the windows of a training log. */
#ifndef LGD_DETECT_CORPUS_H
#define LGD_DETECT_CORPUS_H

#include "streams.h"

#include "logdetect/detect.h"

enum { CORPUS_MAX_WINDOWS = 1 << 17, CORPUS_MAX_BYTES = 1 << 24, CORPUS_MAX_TEMPLATES = 1 << 20 };
/* Of the held-out sessions: so many are kept whole, of so many events together and each; calibration needs no more. */
enum { CORPUS_MAX_SESSIONS = 4096, CORPUS_MAX_EVENTS = 1 << 22, CORPUS_MAX_SESSION_EVENTS = 1 << 14 };

/* A distinct window. */
typedef struct corpus_window {
    uint64_t hash;
    uint32_t count;
    uint16_t n; /* events in it */
    bool held_out;
    lgd_template_id ids[]; /* [1 + steps]: what came before it or LGD_ORDER_START, then the events */
} corpus_window;

/* A held-out session. ids is NULL where it is no longer in the sample. */
typedef struct corpus_session {
    uint64_t priority;
    lgd_template_id *ids;
    size_t n, capacity;
} corpus_session;

struct lgd_corpus {
    uint32_t steps;
    stream_table sessions, others;
    uint64_t clock;
    bool input_ended; /* others end before the next event */
    char *windows;    /* [n_windows] of stride bytes */
    size_t stride, n_windows, capacity, most_windows;
    lgd_index index;
    uint64_t n_seen[2], n_forgotten; /* windows: fitted and held out; distinct ones that are no longer there */
    uint32_t *counts;                /* fitted events by template */
    size_t n_templates, counts_capacity;
    uint64_t n_ends; /* fitted */
    corpus_session *held;
    size_t n_held, held_capacity, n_kept, n_kept_events;
    uint64_t n_held_seen, held_below; /* sessions with a lower priority are kept */
};

static inline const corpus_window *corpus_window_at(const lgd_corpus *c, size_t item) {
    return (const corpus_window *)(const void *)(c->windows + item * c->stride);
}

/* All streams end. After an error, free is all that may be called. */
lgd_status corpus_finish(lgd_corpus *c, lgd_err *err);

/* `count` more of the window ids[1 + n], of events and what stands before them. */
lgd_status corpus_add_window(lgd_corpus *c, const lgd_template_id *ids, size_t n, bool held_out, uint32_t count,
                             lgd_err *err);
/* `count` more fitted events of a template. */
lgd_status corpus_count_events(lgd_corpus *c, lgd_template_id id, uint32_t count, lgd_err *err);

/* Windows, and what each stands for. */
typedef struct corpus_sample {
    const corpus_window **windows;
    float *weights; /* square root of the count, or more where it stands for others */
    size_t n;
} corpus_sample;
/* At most `most` of the windows that are held out, or are not. Does not depend on the order in which they came. */
lgd_status corpus_draw(const lgd_corpus *c, bool held_out, size_t most, corpus_sample *ret, lgd_err *err);
void corpus_sample_release(corpus_sample *s);

#endif
