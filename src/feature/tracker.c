/*
 * feature/tracker: the little that has to be remembered from event to event - the predecessor in the same stream, the
 * counts of the current window, when each template came last.
 *
 * A process starts up in the first seconds that are heard of it, at the begin of an input too, where nobody knows how
 * long it has been there.
 *
 * Time that goes back stays in the current window and gives no negative gaps. Streams live in a fixed table addressed by
 * their hash; two that collide share a place, and the newer one takes it.
 */
#include "feature.h"

enum { STREAM_SLOTS = 65536 };
static const int64_t startup_ns = 5000000000;

typedef struct stream_row {
    uint32_t stream;
    lgd_template_id previous;
    int64_t first_ns;
    uint32_t input;
} stream_row;

typedef struct last_row {
    int64_t last_ns;
    int64_t window;
    uint32_t window_count;
    uint32_t input; /* number of the input it is of: rows of earlier ones count as new */
} last_row;

struct lgd_tracker {
    stream_row *streams;
    last_row *last; /* by template, newcomers too */
    size_t n_last;
    uint32_t input;
    int64_t window;
    uint32_t window_events, window_warnings;
};

lgd_status lgd_tracker_new(size_t n_templates, lgd_tracker **ret, lgd_err *err) {
    lgd_tracker *t = lgd_calloc(1, sizeof *t);
    if (!t) return lgd_fail_memory(err, sizeof *t);
    t->n_last = n_templates + LGD_MAX_NEWCOMERS;
    t->streams = lgd_calloc(STREAM_SLOTS, sizeof *t->streams);
    t->last = lgd_calloc(t->n_last, sizeof *t->last);
    if (!t->streams || !t->last) {
        lgd_status status = lgd_fail_memory(err, t->n_last * sizeof *t->last);
        lgd_tracker_free(t);
        return status;
    }
    lgd_tracker_begin_input(t);
    *ret = t;
    return LGD_OK;
}

void lgd_tracker_begin_input(lgd_tracker *t) {
    t->input++;
    t->window = INT64_MIN;
    t->window_events = t->window_warnings = 0;
}

void lgd_tracker_free(lgd_tracker *t) {
    if (!t) return;
    lgd_free(t->streams);
    lgd_free(t->last);
    lgd_free(t);
}

static void step_window(lgd_tracker *t, int64_t now, uint8_t level) {
    int64_t window = now / LGD_WINDOW_NS;
    if (window > t->window) {
        t->window = window;
        t->window_events = t->window_warnings = 0;
    }
    t->window_events++;
    t->window_warnings += level >= LGD_LEVEL_WARN;
}

static void step_template(lgd_tracker *t, int64_t now, lgd_template_id id, step *ret) {
    last_row *last = &t->last[id < t->n_last ? id : t->n_last - 1];
    if (last->input != t->input) *last = (last_row){LGD_NO_TIME, INT64_MIN, 0, t->input};
    if (last->window != t->window) {
        last->window = t->window;
        last->window_count = 0;
    }
    ret->window_count = ++last->window_count;
    if (last->last_ns != LGD_NO_TIME) ret->gap_ns = elapsed_ns(last->last_ns, now);
    if (last->last_ns == LGD_NO_TIME || now > last->last_ns) last->last_ns = now;
}

step tracker_step(lgd_tracker *t, const lgd_events *e, size_t i) {
    step s = {.previous = LGD_NO_TEMPLATE, .gap_ns = -1};
    int64_t now = e->start_ns[i];
    uint32_t key = e->stream[i];
    stream_row *row = &t->streams[key >> 1 & (STREAM_SLOTS - 1)]; /* bit 0 is set in each key */
    s.new_stream = row->stream != key || row->input != t->input;
    if (s.new_stream) *row = (stream_row){key, LGD_NO_TEMPLATE, now, t->input};
    s.previous = row->previous;
    row->previous = e->template_id[i];
    if (now == LGD_NO_TIME) return s;
    if (row->first_ns == LGD_NO_TIME) row->first_ns = now;
    s.startup = key && now < row->first_ns + startup_ns;
    step_window(t, now, e->level[i]);
    step_template(t, now, e->template_id[i], &s);
    s.window_events = t->window_events;
    s.window_warnings = t->window_warnings;
    return s;
}
