/*
 * feature/listen: events of one input, as they come -> signals.
 *
 * Silence is found without looking at every template at every event: a heap holds for each template the time at which
 * its silence would be told if it did not come any more (its deadline). An event does not move its entry; when the log's
 * time passes an entry, the deadline is worked out again from the template's last event, and either the entry goes back
 * or the template is silent. An entry is put back at most once for each event, so the cost of an event is O(log
 * templates) at the most and next to nothing as a rule. A window is judged when its count reaches what could be told
 * at the quietest hour, and then at each quarter more.
 *
 * What has not come in this input yet can be silent too, if it came in every input of this kind in the training; the
 * kind is told by the templates that have come so far. When no other line came either since a template was due, the
 * whole log was silent: that is told once, and then all begin anew.
 */
#include "listen.h"

#include <math.h>

static const int64_t day_ns = INT64_C(86400000000000), miss_ns = MISS_S * INT64_C(1000000000);

static lgd_status prepare(lgd_listener *l, lgd_err *err) {
    const lgd_rhythm *r = l->r;
    LGD_TRY(listener_set_limits(l, err));
    l->rows = lgd_calloc(r->n_beats, sizeof *l->rows);
    l->came = lgd_calloc(r->n_templates, sizeof *l->came);
    if (!l->rows || !l->came) return lgd_fail_memory(err, r->n_beats * sizeof *l->rows);
    l->heap = lgd_calloc(r->n_beats + l->n_appointments, sizeof *l->heap);
    return l->heap ? LGD_OK : lgd_fail_memory(err, (r->n_beats + l->n_appointments) * sizeof *l->heap);
}

lgd_status lgd_listener_new(const lgd_rhythm *r, double least_bits, lgd_listener **ret, lgd_err *err) {
    lgd_listener *l = lgd_calloc(1, sizeof *l);
    if (!l) return lgd_fail_memory(err, sizeof *l);
    l->r = r;
    l->least_bits = least_bits;
    lgd_status status = prepare(l, err);
    if (status != LGD_OK) {
        lgd_listener_free(l);
        return status;
    }
    lgd_listener_begin_input(l);
    *ret = l;
    return LGD_OK;
}

void lgd_listener_free(lgd_listener *l) {
    if (!l) return;
    lgd_free(l->limits);
    lgd_free(l->rows);
    lgd_free(l->appointments);
    lgd_free(l->first_appointment);
    lgd_free(l->heap);
    lgd_free(l->came);
    lgd_free(l->signals);
    lgd_free(l);
}

/* ---- when to look again ---- */

static int64_t pause_start(const lgd_listener *l, size_t row) {
    int64_t last = l->rows[row].s.last_ns;
    return last > l->restart_ns ? last : l->restart_ns;
}

static void queue_row(lgd_listener *l, size_t row) {
    hearing *h = &l->rows[row];
    if (h->queued || h->silent || l->limits[row].pause == HUGE_VAL) return;
    int64_t at = rhythm_reach(&l->r->beats[row], pause_start(l, row), l->limits[row].pause);
    h->queued = true;
    deadline_push(l->heap, &l->n_heap, at > l->now_ns ? at : l->now_ns, (uint32_t)row);
}

static int64_t due_ns(const appointment *a, int64_t day) {
    return day * day_ns + (int64_t)a->shape.mean_s * INT64_C(1000000000);
}

/* The next day on which the appointment can be kept as a whole. */
static void queue_appointment(lgd_listener *l, size_t k, int64_t from_ns) {
    appointment *a = &l->appointments[k];
    int64_t day = moment_of(from_ns).day;
    for (int i = 0; i < 8; i++, day++) {
        if (day > INT64_MAX / day_ns - 2 || day < INT64_MIN / day_ns + 2) return;
        int64_t due = due_ns(a, day);
        if (moment_of(day * day_ns).weekend != a->weekend) continue;
        if (due - (int64_t)(4e9 * a->shape.spread_s) < from_ns) continue;
        a->due_day = day;
        deadline_push(l->heap, &l->n_heap, due + (int64_t)(a->late_s * 1e9), (uint32_t)(l->r->n_beats + k));
        return;
    }
}

/* ---- inputs ---- */

void lgd_listener_begin_input(lgd_listener *l) {
    l->input++;
    l->n_heap = l->n_signals = 0;
    l->first_ns = l->now_ns = l->event_ns = l->restart_ns = l->doubt_ns = LGD_NO_TIME;
    l->whole = false;
    memset(l->votes, 0, sizeof l->votes);
    memset(l->rows, 0, l->r->n_beats * sizeof *l->rows);
    for (size_t k = 0; k < l->n_appointments; k++) {
        l->appointments[k].missed = false;
        l->appointments[k].came_day = INT64_MIN;
    }
}

/* The first event with a time: what came in all inputs is due from now on. */
static void begin(lgd_listener *l, int64_t now_ns) {
    l->first_ns = l->now_ns = l->event_ns = l->restart_ns = now_ns;
    for (size_t row = 0; row < l->r->n_beats; row++) {
        l->rows[row].s.last_ns = now_ns;
        if (l->limits[row].constant) queue_row(l, row);
    }
    for (size_t k = 0; k < l->n_appointments; k++) queue_appointment(l, k, now_ns);
}

/* ---- whether a template belongs here ---- */

static void vote(lgd_listener *l, lgd_template_id id) {
    uint64_t sources = l->r->pulses[id].sources;
    int n = 0;
    if (l->came[id] == l->input) return;
    l->came[id] = l->input;
    for (uint64_t left = sources; left; left &= left - 1) n++;
    for (size_t k = 0; k < l->r->n_sources; k++)
        if (sources >> k & 1) l->votes[k] += 1.0 / n;
}

static bool belongs_here(const lgd_listener *l, lgd_template_id id) {
    size_t best = 0;
    if (l->came[id] == l->input) return true;
    for (size_t k = 1; k < l->r->n_sources; k++)
        if (l->votes[k] > l->votes[best]) best = k;
    return l->votes[best] > 0 && (l->r->pulses[id].sources >> best & 1);
}

/* ---- silence ---- */

static lgd_status add_signal(lgd_listener *l, const lgd_signal *s, lgd_err *err) {
    LGD_TRY(lgd_grow((void **)&l->signals, &l->capacity, l->n_signals + 1, sizeof *l->signals, UINT32_MAX, err));
    l->signals[l->n_signals++] = *s;
    return LGD_OK;
}

/* What was worked out is no more exact. */
static int64_t whole_second(int64_t ns) { return ns > 0 ? ns - ns % 1000000000 : ns; }

static lgd_signal silence_of(const lgd_listener *l, size_t row) {
    const beat *b = &l->r->beats[row];
    int64_t start = pause_start(l, row), due = whole_second(rhythm_reach(b, start, l->limits[row].shapes[0].largest));
    double expected = rhythm_expected(b, start, l->now_ns), n = b->n_pauses ? (double)b->n_pauses : 1;
    double mean = b->pause_sum / n, variance = b->pause_squares / n - mean * mean;
    lgd_signal s = {.kind = LGD_SIGNAL_SILENCE,
                    .template_id = b->id,
                    .seen = l->rows[row].seen && start == l->rows[row].s.last_ns,
                    .start_ns = start,
                    .due_ns = due < l->now_ns ? due : l->now_ns,
                    .end_ns = l->now_ns,
                    .lasted_ns = elapsed_ns(start, l->now_ns),
                    .expected = expected,
                    .mean_ns = (int64_t)(mean * 1e9),
                    .deviation_ns = (int64_t)(sqrt(variance > 0 ? variance : 0) * 1e9),
                    .longest_ns = (int64_t)b->longest_ns};
    s.bits = exceedances_bits(&l->r->silent, tail_excess(&l->limits[row].shapes[0], expected), l->r->n_events);
    return s;
}

/* What has not come within the hour does not come that day. */
static lgd_signal miss_of(const lgd_listener *l, const appointment *a) {
    int64_t due = due_ns(a, a->missed_day), late = elapsed_ns(due, l->now_ns);
    const appointment *first = &l->appointments[l->first_appointment[a->id] - 1];
    return (lgd_signal){.kind = LGD_SIGNAL_MISSED,
                        .template_id = a->id,
                        .start_ns = due,
                        .due_ns = due,
                        .end_ns = l->now_ns,
                        .lasted_ns = late,
                        .expected = 1,
                        .deviation_ns = (int64_t)(a->shape.spread_s * 1e9),
                        .days = a->n,
                        .second = (uint32_t)a->shape.mean_s,
                        .appointment = (uint32_t)(a - first),
                        .bits = daily_bits(&a->shape, (double)(late < miss_ns ? late : day_ns) * 1e-9)};
}

static lgd_signal signal_of(const lgd_listener *l, uint32_t item) {
    size_t rows = l->r->n_beats;
    return item < rows ? silence_of(l, item) : miss_of(l, &l->appointments[item - rows]);
}

static lgd_status end_silence(lgd_listener *l, uint32_t item, lgd_err *err) {
    lgd_signal s = signal_of(l, item);
    s.ended = true;
    return add_signal(l, &s, err);
}

/* The silence that is told for a log of which nothing came: the surest. */
static void add_whole(lgd_listener *l, const lgd_signal *s, uint32_t item, lgd_signal *surest) {
    if (l->whole && s->bits <= surest->bits) return;
    *surest = *s;
    l->whole = true;
    l->whole_item = item;
}

/* A deadline passed at which nothing came. */
static lgd_status tell(lgd_listener *l, uint32_t item, lgd_signal *surest, lgd_err *err) {
    lgd_signal s = signal_of(l, item);
    s.whole = l->event_ns <= s.due_ns;
    if (s.whole) {
        add_whole(l, &s, item, surest);
        if (item < l->r->n_beats) queue_row(l, item); /* judged again when all have begun anew */
        return LGD_OK;
    }
    if (item < l->r->n_beats)
        l->rows[item].silent = true;
    else
        l->appointments[item - l->r->n_beats].missed = true;
    return add_signal(l, &s, err);
}

static lgd_status check_row(lgd_listener *l, size_t row, lgd_signal *surest, lgd_err *err) {
    hearing *h = &l->rows[row];
    h->queued = false;
    if (rhythm_expected(&l->r->beats[row], pause_start(l, row), l->now_ns) <= l->limits[row].pause) {
        queue_row(l, row);
        return LGD_OK;
    }
    return belongs_here(l, l->r->beats[row].id) ? tell(l, (uint32_t)row, surest, err) : LGD_OK;
}

/* A miss is told for an hour: by then it is as sure as it gets, and the rest of the day has other troubles. */
static void queue_end_of_miss(lgd_listener *l, size_t k) {
    int64_t due = due_ns(&l->appointments[k], l->appointments[k].missed_day);
    deadline_push(l->heap, &l->n_heap, due + miss_ns > l->now_ns ? due + miss_ns : l->now_ns,
                  (uint32_t)(l->r->n_beats + k));
}

static lgd_status check_appointment(lgd_listener *l, size_t k, lgd_signal *surest, lgd_err *err) {
    appointment *a = &l->appointments[k];
    uint32_t item = (uint32_t)(l->r->n_beats + k);
    if (a->missed) {
        a->missed = false;
        LGD_TRY(end_silence(l, item, err));
    } else if (a->came_day != a->due_day && belongs_here(l, a->id)) {
        a->missed_day = a->due_day;
        LGD_TRY(tell(l, item, surest, err));
    }
    if (a->missed)
        queue_end_of_miss(l, k);
    else
        queue_appointment(l, k, l->now_ns);
    return LGD_OK;
}

/* All deadlines that the log's time has passed. What is put back lies ahead, or is not looked at again in this turn. */
static lgd_status check_deadlines(lgd_listener *l, lgd_err *err) {
    lgd_signal surest = {0};
    bool was_whole = l->whole;
    for (size_t most = l->n_heap; most > 0 && l->n_heap && l->heap[0].at_ns < l->now_ns; most--) {
        uint32_t item = deadline_pop(l->heap, &l->n_heap).item;
        LGD_TRY(item < l->r->n_beats ? check_row(l, item, &surest, err)
                                     : check_appointment(l, item - l->r->n_beats, &surest, err));
    }
    return l->whole && !was_whole ? add_signal(l, &surest, err) : LGD_OK;
}

/* The log goes on after it was silent as a whole. */
static lgd_status end_whole(lgd_listener *l, lgd_err *err) {
    if (!l->whole) return LGD_OK;
    LGD_TRY(end_silence(l, l->whole_item, err));
    l->whole = false;
    l->restart_ns = l->now_ns;
    return LGD_OK;
}

/* ---- events ---- */

/* Whether an event now is the one that was due, early or late. */
static bool keeps(const lgd_listener *l, const appointment *a) {
    int64_t due = due_ns(a, a->due_day);
    double late = (double)elapsed_ns(due, l->now_ns) * 1e-9, early = (double)elapsed_ns(l->now_ns, due) * 1e-9;
    return a->missed || (early <= DAILY_NEAR_S && late <= (a->late_s > DAILY_NEAR_S ? a->late_s : DAILY_NEAR_S));
}

static lgd_status keep_appointments(lgd_listener *l, lgd_template_id id, lgd_err *err) {
    size_t k = l->first_appointment[id];
    if (k == 0) return LGD_OK;
    for (k--; k < l->n_appointments && l->appointments[k].id == id; k++) {
        appointment *a = &l->appointments[k];
        if (a->missed) LGD_TRY(end_silence(l, (uint32_t)(l->r->n_beats + k), err));
        if (keeps(l, a)) a->came_day = a->due_day;
        a->missed = false;
    }
    return LGD_OK;
}

static lgd_status judge_window(lgd_listener *l, size_t row, int w, lgd_err *err) {
    const beat *b = &l->r->beats[row];
    hearing *h = &l->rows[row];
    uint32_t n = h->s.count[w];
    int64_t start = h->s.window[w] * rhythm_width_ns[w];
    double mu = rhythm_expected(b, start, start + rhythm_width_ns[w]);
    double x = tail_excess(&l->limits[row].shapes[1 + w], rhythm_extent(n, mu));
    double bits = exceedances_bits(&l->r->burst, x, l->r->n_events);
    h->next[w] = n + n / 4 + 1;
    if (bits < l->least_bits) return LGD_OK;
    uint64_t news = h->events - h->told < n ? h->events - h->told : n;
    lgd_signal s = {.kind = LGD_SIGNAL_BURST,
                    .template_id = b->id,
                    .start_ns = start,
                    .due_ns = start,
                    .end_ns = l->now_ns,
                    .lasted_ns = elapsed_ns(start, l->now_ns),
                    .width_ns = rhythm_width_ns[w],
                    .bits = bits,
                    .count = n,
                    .news = news,
                    .peak = b->peak[w],
                    .expected = mu};
    h->next[w] = n < UINT32_MAX / 2 ? 2 * n : UINT32_MAX;
    h->told = h->events;
    return add_signal(l, &s, err);
}

static lgd_status hear(lgd_listener *l, size_t row, lgd_err *err) {
    hearing *h = &l->rows[row];
    if (h->silent) LGD_TRY(end_silence(l, (uint32_t)row, err));
    h->s.last_ns = l->now_ns;
    h->silent = false;
    h->seen = true;
    h->events++;
    queue_row(l, row);
    for (int w = 0; w < WIDTHS; w++) {
        int64_t window = l->now_ns / rhythm_width_ns[w];
        if (window != h->s.window[w] || h->s.count[w] == 0) {
            h->s.window[w] = window;
            h->s.count[w] = 0;
            h->next[w] = l->limits[row].least[w];
        }
        if (++h->s.count[w] >= h->next[w]) LGD_TRY(judge_window(l, row, w, err));
    }
    return LGD_OK;
}

bool lgd_listener_heeds(const lgd_listener *l, lgd_template_id id) {
    return id < l->r->n_templates && (l->r->pulses[id].beat || l->first_appointment[id]);
}

static lgd_status return_signals(const lgd_listener *l, const lgd_signal **ret, size_t *ret_n) {
    *ret = l->signals;
    *ret_n = l->n_signals;
    return LGD_OK;
}

lgd_status lgd_listener_step(lgd_listener *l, const lgd_events *e, size_t i, const lgd_signal **ret, size_t *ret_n,
                             lgd_err *err) {
    lgd_template_id id = e->template_id[i];
    int64_t ns = steady_ns(e, i, l->now_ns, &l->doubt_ns);
    l->n_signals = 0;
    if (ns == LGD_NO_TIME) return return_signals(l, ret, ret_n);
    if (l->now_ns == LGD_NO_TIME) begin(l, ns);
    l->now_ns = ns;
    if (l->n_heap && l->heap[0].at_ns < l->now_ns) LGD_TRY(check_deadlines(l, err));
    LGD_TRY(end_whole(l, err));
    l->event_ns = l->now_ns;
    if (id < l->r->n_templates) {
        vote(l, id);
        LGD_TRY(keep_appointments(l, id, err));
        if (l->r->pulses[id].beat) LGD_TRY(hear(l, l->r->pulses[id].beat - 1, err));
    }
    return return_signals(l, ret, ret_n);
}

lgd_status lgd_listener_pass(lgd_listener *l, int64_t now_ns, const lgd_signal **ret, size_t *ret_n, lgd_err *err) {
    l->n_signals = 0;
    if (l->now_ns != LGD_NO_TIME && now_ns > l->now_ns && now_ns <= RHYTHM_MOST_NS) {
        l->now_ns = now_ns;
        if (!l->whole) LGD_TRY(check_deadlines(l, err));
    }
    return return_signals(l, ret, ret_n);
}

lgd_status lgd_listener_end_input(lgd_listener *l, const lgd_signal **ret, size_t *ret_n, lgd_err *err) {
    l->n_signals = 0;
    if (l->whole) LGD_TRY(end_silence(l, l->whole_item, err));
    for (size_t row = 0; row < l->r->n_beats; row++)
        if (l->rows[row].silent) LGD_TRY(end_silence(l, (uint32_t)row, err));
    for (size_t k = 0; k < l->n_appointments; k++)
        if (l->appointments[k].missed) LGD_TRY(end_silence(l, (uint32_t)(l->r->n_beats + k), err));
    size_t n = l->n_signals;
    lgd_listener_begin_input(l);
    l->n_signals = n;
    return return_signals(l, ret, ret_n);
}
