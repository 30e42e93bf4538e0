/*
 * Tests of rhythms: made-up logs of clocks, chance, day and night, daily jobs and short runs. What keeps its rhythm is
 * never told; what breaks it is told once, with the figures that the log has.
 */
#include "story.h"

#include "../../src/feature/rhythm.h"

#include <check.h>
#include <stdlib.h>

Suite *rhythm_suite(void);

static const int64_t minute_ns = INT64_C(60000000000), hour_ns = INT64_C(3600000000000),
                     day_ns = INT64_C(86400000000000);
static const int64_t monday_ns = INT64_C(1772409600) * 1000000000; /* 2 March 2026 */

enum { CLOCK, CHANCE, BUSY, JOB, OTHER_CLOCK, OTHER_CHANCE, N_TEMPLATES, BLOCK = 50 };
static const double least_bits = 10;

/* ---- made-up logs ---- */

static void tell(story *s, lgd_template_id id, int64_t ns) {
    size_t i = story_add(s);
    s->ids[i] = id;
    s->times[i] = ns;
}

/* Every so often from..to. */
static void tell_clock(story *s, lgd_template_id id, int64_t from, int64_t to, int64_t every) {
    for (int64_t t = from; t < to; t += every) tell(s, id, t);
}

/* By chance, one in `mean` (Bernoulli trials of a second each). */
static void tell_chance(story *s, lgd_template_id id, int64_t from, int64_t to, uint32_t mean_s, uint64_t seed) {
    lgd_rng rng;
    lgd_rng_init(&rng, seed);
    for (int64_t t = from; t < to; t += 1000000000)
        if (lgd_rng_below(&rng, mean_s) == 0) tell(s, id, t + 137);
}

static const story *sorted;
static int by_time(const void *a, const void *b) {
    const size_t *x = a, *y = b;
    int64_t p = sorted->times[*x], q = sorted->times[*y];
    return p != q ? (p < q ? -1 : 1) : (*x > *y) - (*x < *y);
}

static void sort(story *s) {
    static size_t order[MAX_EVENTS];
    story *copy = malloc(sizeof *copy);
    memcpy(copy, s, sizeof *copy);
    for (size_t i = 0; i < s->e.n; i++) order[i] = i;
    sorted = copy;
    qsort(order, s->e.n, sizeof *order, by_time);
    for (size_t i = 0; i < s->e.n; i++) {
        s->ids[i] = copy->ids[order[i]];
        s->times[i] = copy->times[order[i]];
    }
    free(copy);
}

/* A day of a server: a clock, chance, more of it by day, a job at half past two. */
static story *usual_day(int64_t day) {
    int64_t start = monday_ns + day * day_ns;
    story *s = story_new();
    tell_clock(s, CLOCK, start + 7, start + day_ns, 10 * minute_ns);
    tell_chance(s, CHANCE, start, start + day_ns, 300, (uint64_t)day + 1);
    tell_chance(s, BUSY, start + 8 * hour_ns, start + 20 * hour_ns, 40, (uint64_t)day + 100);
    tell_chance(s, BUSY, start, start + 8 * hour_ns, 1800, (uint64_t)day + 200);
    tell(s, JOB, start + 2 * hour_ns + 30 * minute_ns + 1000000000 * (day % 3));
    return s;
}

/* Leaves out the events of a template from..to. */
static void silence(story *s, lgd_template_id id, int64_t from, int64_t to) {
    size_t n = 0;
    for (size_t i = 0; i < s->e.n; i++) {
        if ((id == N_TEMPLATES || s->ids[i] == id) && s->times[i] >= from && s->times[i] < to) continue;
        s->ids[n] = s->ids[i];
        s->times[n++] = s->times[i];
    }
    s->e.n = n;
}

/* ---- learning and listening ---- */

typedef lgd_status each_pass(lgd_rhythm *r, const lgd_events *e, uint64_t first, uint32_t file);
static lgd_status learn_pass(lgd_rhythm *r, const lgd_events *e, uint64_t first, uint32_t file) {
    (void)first, (void)file;
    return lgd_rhythm_learn(r, e, NULL);
}
static lgd_status measure_pass(lgd_rhythm *r, const lgd_events *e, uint64_t first, uint32_t file) {
    return lgd_rhythm_measure(r, e, first, BLOCK, file, NULL);
}

static void pass(lgd_rhythm *r, story *const *inputs, size_t n, each_pass *each) {
    uint64_t first = 0;
    for (size_t i = 0; i < n; i++) {
        ck_assert_int_eq(lgd_rhythm_begin_input(r, NULL), LGD_OK);
        ck_assert_int_eq(each(r, &inputs[i]->e, first, (uint32_t)i), LGD_OK);
        first += inputs[i]->e.n;
    }
}

/* Learns from inputs, upon an older rhythm if there is one, and frees them. */
static lgd_rhythm *learn_on(const lgd_rhythm *older, story **inputs, size_t n) {
    lgd_rhythm *r = NULL;
    for (size_t i = 0; i < n; i++) sort(inputs[i]);
    if (older)
        ck_assert_int_eq(lgd_rhythm_go_on(older, N_TEMPLATES, 0.9, 7, &r, NULL), LGD_OK);
    else
        ck_assert_int_eq(lgd_rhythm_new(N_TEMPLATES, &r, NULL), LGD_OK);
    pass(r, inputs, n, learn_pass);
    ck_assert_int_eq(lgd_rhythm_settle(r, NULL), LGD_OK);
    pass(r, inputs, n, measure_pass);
    ck_assert_int_eq(lgd_rhythm_finish(r, NULL), LGD_OK);
    for (size_t i = 0; i < n; i++) free(inputs[i]);
    return r;
}

static lgd_rhythm *learn(story **inputs, size_t n) { return learn_on(NULL, inputs, n); }

static lgd_rhythm *learn_days(int64_t n) {
    story *days[16];
    for (int64_t d = 0; d < n; d++) days[d] = usual_day(d);
    return learn(days, (size_t)n);
}

enum { MAX_TOLD = 64 };
typedef struct told {
    lgd_signal s[MAX_TOLD];
    size_t n;
} told;

static void keep(told *t, const lgd_signal *s, size_t n) {
    for (size_t i = 0; i < n && t->n < MAX_TOLD; i++) t->s[t->n++] = s[i];
}

/* What a listener tells of one input, which is sorted and freed. */
static told listen(const lgd_rhythm *r, story *s) {
    lgd_listener *l = NULL;
    const lgd_signal *signals = NULL;
    size_t n = 0;
    told t = {0};
    sort(s);
    ck_assert_int_eq(lgd_listener_new(r, least_bits, &l, NULL), LGD_OK);
    for (size_t i = 0; i < s->e.n; i++) {
        ck_assert_int_eq(lgd_listener_step(l, &s->e, i, &signals, &n, NULL), LGD_OK);
        keep(&t, signals, n);
    }
    ck_assert_int_eq(lgd_listener_end_input(l, &signals, &n, NULL), LGD_OK);
    keep(&t, signals, n);
    lgd_listener_free(l);
    free(s);
    return t;
}

/* ---- tests ---- */

START_TEST(what_keeps_its_rhythm_is_not_told) {
    lgd_rhythm *r = learn_days(5); /* Monday to Friday */
    for (int64_t d = 7; d < 12; d++) {
        told t = listen(r, usual_day(d));
        ck_assert_msg(t.n == 0, "day %d: %zu signals, the first of template %u", (int)d, t.n, t.s[0].template_id);
    }
    lgd_rhythm_free(r);
}
END_TEST

START_TEST(a_clock_that_stops_is_told_once_and_ended) {
    lgd_rhythm *r = learn_days(5);
    story *s = usual_day(7);
    int64_t noon = monday_ns + 7 * day_ns + 12 * hour_ns;
    silence(s, CLOCK, noon, noon + 3 * hour_ns);
    told t = listen(r, s);
    ck_assert_uint_eq(t.n, 2);
    ck_assert_int_eq(t.s[0].kind, LGD_SIGNAL_SILENCE);
    ck_assert_uint_eq(t.s[0].template_id, CLOCK);
    ck_assert(!t.s[0].ended && !t.s[0].whole && t.s[0].seen);
    ck_assert_int_eq(t.s[0].start_ns, noon - 10 * minute_ns + 7);
    ck_assert_int_ge(t.s[0].due_ns, noon);
    ck_assert_int_le(t.s[0].end_ns, noon + 2 * hour_ns);
    ck_assert(t.s[0].bits >= least_bits);
    ck_assert(t.s[1].ended && t.s[1].bits > t.s[0].bits);
    ck_assert_int_eq(t.s[1].end_ns, noon + 3 * hour_ns + 7);
    ck_assert_int_eq(t.s[1].longest_ns, 10 * minute_ns);
    ck_assert_int_eq(t.s[1].mean_ns / 1000000, 600000);
    lgd_rhythm_free(r);
}
END_TEST

START_TEST(the_end_of_a_log_is_no_silence) {
    lgd_rhythm *r = learn_days(5);
    story *s = usual_day(7);
    int64_t noon = monday_ns + 7 * day_ns + 12 * hour_ns;
    silence(s, CLOCK, noon, noon + day_ns);
    silence(s, N_TEMPLATES, noon + 9 * minute_ns, noon + day_ns);
    ck_assert_uint_eq(listen(r, s).n, 0);
    lgd_rhythm_free(r);
}
END_TEST

START_TEST(two_hours_of_a_log_say_nothing_of_the_other_hours) {
    lgd_rhythm *r = learn_days(5);
    for (int64_t hour = 0; hour < 22; hour += 3) {
        int64_t start = monday_ns + 7 * day_ns, from = start + hour * hour_ns;
        story *s = usual_day(7);
        silence(s, N_TEMPLATES, start, from);
        silence(s, N_TEMPLATES, from + 2 * hour_ns, start + day_ns);
        ck_assert_uint_eq(listen(r, s).n, 0);
    }
    lgd_rhythm_free(r);
}
END_TEST

START_TEST(a_burst_is_judged_by_its_hour) {
    lgd_rhythm *r = learn_days(5);
    int64_t four = monday_ns + 7 * day_ns + 4 * hour_ns;
    story *s = usual_day(7);
    tell_clock(s, BUSY, four, four + hour_ns, 40 * minute_ns / 60); /* no more than at noon */
    told t = listen(r, s);
    ck_assert_uint_ge(t.n, 1);
    for (size_t i = 0; i < t.n; i++) {
        ck_assert_int_eq(t.s[i].kind, LGD_SIGNAL_BURST);
        ck_assert_uint_eq(t.s[i].template_id, BUSY);
        ck_assert_int_ge(t.s[i].start_ns, four);
        ck_assert_int_lt(t.s[i].end_ns, four + hour_ns);
        ck_assert((double)t.s[i].count > 2 * t.s[i].expected && t.s[i].news <= t.s[i].count);
    }
    lgd_rhythm_free(r);
}
END_TEST

START_TEST(a_job_that_does_not_run_is_missed_for_an_hour) {
    lgd_rhythm *r = learn_days(3);
    int64_t start = monday_ns + 3 * day_ns, due = start + 2 * hour_ns + 30 * minute_ns;
    story *s = usual_day(3);
    silence(s, JOB, start, start + day_ns);
    told t = listen(r, s);
    ck_assert_uint_eq(t.n, 2);
    ck_assert_int_eq(t.s[0].kind, LGD_SIGNAL_MISSED);
    ck_assert_uint_eq(t.s[0].template_id, JOB);
    ck_assert_int_eq(t.s[0].due_ns / minute_ns, due / minute_ns);
    ck_assert_uint_eq(t.s[0].days, 3);
    ck_assert_uint_eq(t.s[0].second, 9001); /* 02:30:00, :01 and :02 */
    ck_assert(t.s[1].ended && t.s[1].bits > 20);
    ck_assert_int_le(t.s[1].end_ns, due + hour_ns + 30 * minute_ns);
    lgd_rhythm_free(r);
}
END_TEST

START_TEST(a_job_that_is_late_is_told_until_it_runs) {
    lgd_rhythm *r = learn_days(3);
    int64_t start = monday_ns + 3 * day_ns, late = start + 3 * hour_ns + 5 * minute_ns;
    story *s = usual_day(3);
    silence(s, JOB, start, start + day_ns);
    tell(s, JOB, late);
    told t = listen(r, s);
    ck_assert_uint_eq(t.n, 2);
    ck_assert(t.s[1].ended);
    ck_assert_int_eq(t.s[1].end_ns, late);
    lgd_rhythm_free(r);
}
END_TEST

/* Of three days, on which the job came `step_ns` later each day; the fourth is listened to, where it comes at `at` or not. */
static told after_a_vague_job(int64_t step_ns, int64_t at) {
    story *days[3], *s = usual_day(3);
    int64_t half_past_two = 2 * hour_ns + 30 * minute_ns;
    for (int64_t d = 0; d < 3; d++) {
        days[d] = usual_day(d);
        silence(days[d], JOB, INT64_MIN, INT64_MAX);
        tell(days[d], JOB, monday_ns + d * day_ns + half_past_two + d * step_ns);
    }
    lgd_rhythm *r = learn(days, 3);
    silence(s, JOB, INT64_MIN, INT64_MAX);
    if (at) tell(s, JOB, monday_ns + 3 * day_ns + half_past_two + at);
    told t = listen(r, s);
    lgd_rhythm_free(r);
    return t;
}

START_TEST(a_job_that_comes_before_its_deadline_is_not_missed) {
    int64_t later = minute_ns / 4;
    ck_assert_uint_eq(after_a_vague_job(later, 0).n, 2);
    ck_assert_uint_eq(after_a_vague_job(later, 25 * minute_ns).n, 0);
    ck_assert_uint_eq(after_a_vague_job(later, 45 * minute_ns).n, 0);
    ck_assert_uint_eq(after_a_vague_job(later, -15 * minute_ns).n, 0);
    ck_assert_uint_eq(after_a_vague_job(later, 90 * minute_ns).n, 2);
}
END_TEST

START_TEST(a_vague_job_is_missed_after_an_hour) {
    told t = after_a_vague_job(minute_ns / 2, 0);
    ck_assert_uint_eq(t.n, 2);
    ck_assert_int_ge(t.s[0].lasted_ns, hour_ns);
    ck_assert_int_le(t.s[0].lasted_ns, hour_ns + 10 * minute_ns);
    ck_assert(t.s[0].bits >= least_bits);
}
END_TEST

START_TEST(each_time_of_the_day_is_missed_by_itself) {
    story *days[3], *s = usual_day(3);
    for (int64_t d = 0; d < 3; d++) {
        days[d] = usual_day(d);
        tell(days[d], JOB, monday_ns + d * day_ns + 3 * hour_ns);
    }
    lgd_rhythm *r = learn(days, 3);
    silence(s, JOB, INT64_MIN, INT64_MAX);
    told t = listen(r, s);
    ck_assert_uint_eq(t.n, 4); /* two are told, then they end */
    for (size_t i = 0; i < t.n; i++) {
        ck_assert_int_eq(t.s[i].ended, i >= 2);
        ck_assert_uint_eq(t.s[i].appointment, i % 2);
        ck_assert_uint_eq(t.s[i].second, i % 2 ? 10800 : 9001);
    }
    lgd_rhythm_free(r);
}
END_TEST

START_TEST(two_days_and_other_kinds_of_days_make_no_job) {
    lgd_rhythm *two = learn_days(2), *week = learn_days(5);
    int64_t saturday = monday_ns + 5 * day_ns;
    story *s = usual_day(2), *weekend = usual_day(5);
    silence(s, JOB, 0, INT64_MAX);
    ck_assert_uint_eq(listen(two, s).n, 0);
    silence(weekend, JOB, saturday, saturday + day_ns);
    ck_assert_uint_eq(listen(week, weekend).n, 0);
    lgd_rhythm_free(two);
    lgd_rhythm_free(week);
}
END_TEST

/* Learns days, in the order that they are given, of which the job came on some; listens to a Friday without it. */
static told miss_after(const int64_t *days, size_t n, bool each_day) {
    story *inputs[16], *s = usual_day(18);
    for (size_t i = 0; i < n; i++) {
        inputs[i] = usual_day(days[i]);
        if (!each_day && days[i] % 2) silence(inputs[i], JOB, INT64_MIN, INT64_MAX);
    }
    lgd_rhythm *r = learn(inputs, n);
    silence(s, JOB, INT64_MIN, INT64_MAX);
    told t = listen(r, s);
    lgd_rhythm_free(r);
    return t;
}

START_TEST(a_day_counts_once_in_whatever_order_inputs_come) {
    static const int64_t oldest_first[] = {0, 1, 2, 3, 4, 7, 8, 9, 10}, newest_first[] = {10, 9, 8, 7, 4, 3, 2, 1, 0},
                         two_hosts[] = {0, 1, 2, 3, 4, 0, 1, 2, 3, 4};
    ck_assert_uint_eq(miss_after(oldest_first, 9, false).n, 0);
    ck_assert_uint_eq(miss_after(newest_first, 9, false).n, 0);
    ck_assert_uint_eq(miss_after(two_hosts, 10, false).n, 0);
    ck_assert_uint_eq(miss_after(oldest_first, 9, true).s[0].days, 9);
    ck_assert_uint_eq(miss_after(newest_first, 9, true).s[0].days, 9);
    ck_assert_uint_eq(miss_after(two_hosts, 10, true).s[0].days, 5);
}
END_TEST

START_TEST(a_log_that_is_silent_as_a_whole_is_told_once) {
    lgd_rhythm *r = learn_days(5);
    int64_t ten = monday_ns + 7 * day_ns + 10 * hour_ns;
    story *s = usual_day(7);
    silence(s, N_TEMPLATES, ten, ten + 4 * hour_ns);
    told t = listen(r, s);
    ck_assert_uint_eq(t.n, 2);
    ck_assert(t.s[0].whole && !t.s[0].ended && t.s[1].ended);
    ck_assert_int_ge(t.s[0].due_ns, ten - 10 * minute_ns);
    ck_assert_int_ge(t.s[1].end_ns, ten + 4 * hour_ns);
    lgd_rhythm_free(r);
}
END_TEST

START_TEST(a_clock_of_the_world_tells_a_silence_that_no_line_ends) {
    lgd_rhythm *r = learn_days(5);
    lgd_listener *l = NULL;
    const lgd_signal *signals = NULL;
    size_t n = 0;
    story *s = usual_day(7);
    int64_t noon = monday_ns + 7 * day_ns + 12 * hour_ns;
    silence(s, N_TEMPLATES, noon, noon + day_ns);
    sort(s);
    ck_assert_int_eq(lgd_listener_new(r, least_bits, &l, NULL), LGD_OK);
    for (size_t i = 0; i < s->e.n; i++) ck_assert_int_eq(lgd_listener_step(l, &s->e, i, &signals, &n, NULL), LGD_OK);
    ck_assert_int_eq(lgd_listener_pass(l, noon + 5 * minute_ns, &signals, &n, NULL), LGD_OK);
    ck_assert_uint_eq(n, 0);
    ck_assert_int_eq(lgd_listener_pass(l, noon + 4 * hour_ns, &signals, &n, NULL), LGD_OK);
    ck_assert_uint_eq(n, 1);
    ck_assert(signals[0].whole && !signals[0].ended);
    ck_assert_int_eq(lgd_listener_pass(l, noon + 9 * hour_ns, &signals, &n, NULL), LGD_OK);
    ck_assert_uint_eq(n, 0); /* told already */
    lgd_listener_free(l);
    free(s);
    lgd_rhythm_free(r);
}
END_TEST

/* A run of ten minutes: a phase of a quarter of an hour's third, then another, a clock all the while. */
static story *short_run(int64_t k) {
    int64_t start = monday_ns + k * 5 * hour_ns + k * 7 * minute_ns;
    story *s = story_new();
    tell_clock(s, CLOCK, start, start + 10 * minute_ns, 2000000000);
    tell_chance(s, CHANCE, start, start + 3 * minute_ns, 5, (uint64_t)k + 1);
    tell_chance(s, BUSY, start + 4 * minute_ns, start + 9 * minute_ns, 4, (uint64_t)k + 50);
    return s;
}

START_TEST(what_a_run_does_only_at_its_beginning_is_not_silent_later) {
    story *runs[10];
    for (int64_t k = 0; k < 10; k++) runs[k] = short_run(k);
    lgd_rhythm *r = learn(runs, 10);
    for (int64_t k = 10; k < 20; k++) ck_assert_uint_eq(listen(r, short_run(k)).n, 0);
    story *s = short_run(20); /* which never comes to its second phase */
    silence(s, BUSY, 0, INT64_MAX);
    told t = listen(r, s);
    ck_assert_uint_eq(t.n, 2);
    ck_assert_uint_eq(t.s[0].template_id, BUSY);
    ck_assert(!t.s[0].seen && t.s[1].ended);
    lgd_rhythm_free(r);
}
END_TEST

START_TEST(a_template_is_missed_only_in_its_kind_of_input) {
    story *inputs[6];
    for (int64_t d = 0; d < 3; d++) {
        int64_t start = monday_ns + d * day_ns;
        inputs[2 * d] = usual_day(d);
        story *s = inputs[2 * d + 1] = story_new();
        tell_clock(s, OTHER_CLOCK, start + 3, start + day_ns, 5 * minute_ns);
        tell_chance(s, OTHER_CHANCE, start, start + day_ns, 400, (uint64_t)d + 300);
    }
    lgd_rhythm *r = learn(inputs, 6);
    int64_t start = monday_ns + 3 * day_ns;
    story *other = story_new(), *dead = usual_day(3);
    tell_clock(other, OTHER_CLOCK, start + 3, start + day_ns, 5 * minute_ns);
    tell_chance(other, OTHER_CHANCE, start, start + day_ns, 400, 999);
    ck_assert_uint_eq(listen(r, other).n, 0);
    silence(dead, CLOCK, 0, INT64_MAX); /* from the beginning */
    told t = listen(r, dead);
    ck_assert_uint_eq(t.n, 2);
    ck_assert_uint_eq(t.s[0].template_id, CLOCK);
    ck_assert(!t.s[0].seen);
    lgd_rhythm_free(r);
}
END_TEST

START_TEST(a_date_that_a_line_speaks_of_is_no_time) {
    story *days[5];
    for (int64_t d = 0; d < 5; d++) days[d] = usual_day(d);
    lgd_rhythm *r = learn(days, 5);
    story *s = usual_day(7);
    sort(s);
    s->times[100] += 28 * hour_ns;
    lgd_listener *l = NULL;
    const lgd_signal *signals = NULL;
    size_t n = 0;
    ck_assert_int_eq(lgd_listener_new(r, least_bits, &l, NULL), LGD_OK);
    for (size_t i = 0; i < s->e.n; i++) {
        ck_assert_int_eq(lgd_listener_step(l, &s->e, i, &signals, &n, NULL), LGD_OK);
        ck_assert_uint_eq(n, 0);
    }
    lgd_listener_free(l);
    free(s);
    lgd_rhythm_free(r);
}
END_TEST

/* Listens to a sorted story in two blocks, or in blocks of one event (cut 0), and frees it. */
static told listen_in_blocks(const lgd_rhythm *r, story *s, size_t cut) {
    lgd_listener *l = NULL;
    const lgd_signal *signals = NULL;
    size_t n = 0;
    told t = {0};
    ck_assert_int_eq(lgd_listener_new(r, least_bits, &l, NULL), LGD_OK);
    for (size_t i = 0; i < s->e.n; i++) {
        lgd_events block = s->e;
        if (i < cut) block.n = cut;
        if (cut == 0) block.n = i + 1;
        ck_assert_int_eq(lgd_listener_step(l, &block, i, &signals, &n, NULL), LGD_OK);
        keep(&t, signals, n);
    }
    lgd_listener_free(l);
    free(s);
    return t;
}

START_TEST(a_date_at_the_end_of_a_block_is_no_time_either) {
    lgd_rhythm *r = learn_days(5);
    for (size_t cut = 101; cut < 104; cut++) {
        story *s = usual_day(7);
        sort(s);
        s->times[100] += 300 * day_ns;
        ck_assert_uint_eq(listen_in_blocks(r, s, cut).n, 0);
    }
    lgd_rhythm_free(r);
}
END_TEST

START_TEST(a_log_that_goes_on_after_weeks_is_heard_line_by_line) {
    lgd_rhythm *r = learn_days(5);
    for (size_t cut = 0; cut <= 100; cut += 100) {
        story *s = usual_day(7);
        sort(s);
        for (size_t i = 100; i < s->e.n; i++) s->times[i] += 21 * day_ns;
        told t = listen_in_blocks(r, s, cut);
        ck_assert_uint_eq(t.n, 2);
        ck_assert(t.s[0].whole && t.s[1].ended);
    }
    lgd_rhythm_free(r);
}
END_TEST

START_TEST(times_at_the_ends_of_what_can_be_told_do_no_harm) {
    static const int64_t odd[] = {INT64_MIN + 1, -1, 0, INT64_MAX / 2, INT64_MAX - 1, INT64_MAX, LGD_NO_TIME, 5};
    lgd_rhythm *r = learn_days(3);
    story *s = usual_day(3);
    sort(s);
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
        s->times[40 + 50 * i] = odd[i];
        s->times[s->e.n - 1 - i] = odd[i];
    }
    lgd_listener *l = NULL;
    const lgd_signal *signals = NULL;
    size_t n = 0;
    ck_assert_int_eq(lgd_listener_new(r, least_bits, &l, NULL), LGD_OK);
    for (size_t i = 0; i < s->e.n; i++) {
        ck_assert_int_eq(lgd_listener_step(l, &s->e, i, &signals, &n, NULL), LGD_OK);
        for (size_t k = 0; k < n; k++) ck_assert(signals[k].bits >= 0 && signals[k].bits < 1e6);
    }
    lgd_listener_free(l);
    free(s);
    lgd_rhythm_free(r);
}
END_TEST

START_TEST(training_signals_are_ordered_and_few) {
    lgd_rhythm *r = learn_days(5);
    lgd_rhythm_cross *cross = NULL;
    size_t all = 0, n = 0;
    ck_assert_int_eq(lgd_rhythm_signals(r, -1e9, &cross, &all, NULL), LGD_OK);
    ck_assert_uint_ge(all, 3); /* the largest of each template lies beyond those of the other folds */
    for (size_t i = 1; i < all; i++)
        ck_assert(cross[i - 1].file < cross[i].file ||
                  (cross[i - 1].file == cross[i].file && cross[i - 1].start_ns <= cross[i].start_ns));
    lgd_free(cross);
    ck_assert_int_eq(lgd_rhythm_signals(r, least_bits, &cross, &n, NULL), LGD_OK);
    ck_assert_uint_eq(n, 0);
    lgd_free(cross);
    lgd_rhythm_free(r);
}
END_TEST

START_TEST(a_loaded_rhythm_is_the_same) {
    lgd_rhythm *r = learn_days(5), *again = NULL;
    lgd_buf saved = {0}, second = {0};
    ck_assert_int_eq(lgd_rhythm_save(r, &saved, NULL), LGD_OK);
    ck_assert_int_eq(lgd_rhythm_load(lgd_buf_sv(&saved), N_TEMPLATES, &again, NULL), LGD_OK);
    ck_assert_int_eq(lgd_rhythm_save(again, &second, NULL), LGD_OK);
    ck_assert(lgd_sv_eq(lgd_buf_sv(&saved), lgd_buf_sv(&second)));
    told t[2];
    for (int k = 0; k < 2; k++) {
        story *s = usual_day(7);
        silence(s, CLOCK, monday_ns + 7 * day_ns + 12 * hour_ns, monday_ns + 7 * day_ns + 15 * hour_ns);
        t[k] = listen(k ? again : r, s);
        ck_assert_uint_eq(t[k].n, 2);
    }
    ck_assert_double_eq(t[0].s[1].bits, t[1].s[1].bits);
    lgd_rhythm_free(again);
    again = NULL;
    for (size_t n = 0; n < saved.n; n += n < 300 ? 1 : 97)
        ck_assert_int_eq(lgd_rhythm_load((lgd_sv){saved.p, n}, N_TEMPLATES, &again, NULL), LGD_E_DAMAGED);
    ck_assert_int_eq(lgd_rhythm_load(lgd_buf_sv(&saved), N_TEMPLATES - 3, &again, NULL), LGD_E_DAMAGED);
    lgd_buf_release(&saved);
    lgd_buf_release(&second);
    lgd_rhythm_free(r);
}
END_TEST

START_TEST(a_rhythm_that_is_gone_on_from_is_known_still) {
    lgd_rhythm *older = learn_days(4);
    story *friday = usual_day(4), *s = usual_day(7);
    lgd_rhythm *r = learn_on(older, &friday, 1);
    int64_t start = monday_ns + 7 * day_ns;
    lgd_rhythm_free(older);
    ck_assert_uint_eq(listen(r, usual_day(8)).n, 0);
    silence(s, JOB, start, start + 4 * hour_ns);
    silence(s, CLOCK, start + 12 * hour_ns, start + 15 * hour_ns);
    told t = listen(r, s);
    ck_assert_uint_eq(t.n, 4);
    ck_assert_int_eq(t.s[0].kind, LGD_SIGNAL_MISSED);
    ck_assert_uint_ge(t.s[0].days, 4); /* of five, and days fade */
    ck_assert_uint_eq(t.s[2].template_id, CLOCK);
    lgd_rhythm_free(r);
}
END_TEST

/* Loads what was saved with n bytes of it set to 0xff. */
static lgd_status load_with_most(const lgd_buf *saved, size_t at, size_t n, lgd_rhythm **ret) {
    char *bytes = malloc(saved->n);
    memcpy(bytes, saved->p, saved->n);
    memset(bytes + at, 0xff, n);
    lgd_status status = lgd_rhythm_load((lgd_sv){bytes, saved->n}, N_TEMPLATES, ret, NULL);
    free(bytes);
    return status;
}

START_TEST(counters_of_a_file_have_room) {
    enum { EVENTS = 0, INPUTS = 12, EXPOSURE = 16, DAYS = 24 }; /* of the first source */
    lgd_rhythm *r = learn_days(3), *full = NULL;
    lgd_buf saved = {0};
    story *day = usual_day(3);
    ck_assert_int_eq(lgd_rhythm_save(r, &saved, NULL), LGD_OK);
    ck_assert_int_eq(load_with_most(&saved, EVENTS, 8, &full), LGD_E_DAMAGED);
    ck_assert_int_eq(load_with_most(&saved, EXPOSURE, 8, &full), LGD_E_DAMAGED);
    ck_assert_int_eq(load_with_most(&saved, DAYS, 4, &full), LGD_E_DAMAGED);
    ck_assert_int_eq(load_with_most(&saved, INPUTS, 4, &full), LGD_OK);
    lgd_rhythm *on = learn_on(full, &day, 1);
    ck_assert_uint_gt(on->sources[0].inputs, UINT32_MAX / 2); /* faded, and not begun anew at 0 */
    lgd_buf_release(&saved);
    lgd_rhythm_free(on);
    lgd_rhythm_free(full);
    lgd_rhythm_free(r);
}
END_TEST

START_TEST(a_larger_excess_is_never_less_surprising) {
    for (uint64_t n_events = 1; n_events < UINT64_C(1) << 40; n_events *= 16) {
        exceedances e = {0};
        for (int k = 0; k <= 300; k += k ? k : 1) {
            double before = 0;
            for (double x = 0; x < 8; x += 0.01) {
                double bits = exceedances_bits(&e, x, n_events);
                ck_assert_msg(bits >= before, "%d exceedances, excess %g: %g bits after %g", k, x, bits, before);
                before = bits;
            }
            for (int i = 0; i < (k ? k : 1); i++) exceedances_add(&e, 1 + (double)(i % 17) / 4);
        }
    }
}
END_TEST

/* Learns a day and listens to one, whatever fails; true once nothing does. */
static bool try_all(story *s) {
    lgd_rhythm *r = NULL;
    lgd_listener *l = NULL;
    lgd_rhythm_cross *cross = NULL;
    const lgd_signal *signals = NULL;
    size_t n = 0;
    lgd_status status = lgd_rhythm_new(N_TEMPLATES, &r, NULL);
    if (status == LGD_OK) status = lgd_rhythm_begin_input(r, NULL);
    if (status == LGD_OK) status = lgd_rhythm_learn(r, &s->e, NULL);
    if (status == LGD_OK) status = lgd_rhythm_settle(r, NULL);
    if (status == LGD_OK) status = lgd_rhythm_begin_input(r, NULL);
    if (status == LGD_OK) status = lgd_rhythm_measure(r, &s->e, 0, BLOCK, 0, NULL);
    if (status == LGD_OK) status = lgd_rhythm_finish(r, NULL);
    if (status == LGD_OK) status = lgd_rhythm_signals(r, 0, &cross, &n, NULL);
    if (status == LGD_OK) status = lgd_listener_new(r, 0, &l, NULL); /* tells much */
    for (size_t i = 0; i < s->e.n && status == LGD_OK; i++) status = lgd_listener_step(l, &s->e, i, &signals, &n, NULL);
    lgd_free(cross);
    lgd_listener_free(l);
    lgd_rhythm_free(r);
    ck_assert(status == LGD_OK || status == LGD_E_MEMORY);
    return status == LGD_OK;
}

START_TEST(memory_that_is_not_there_is_an_error) {
    story *s = usual_day(0);
    sort(s);
    uint64_t n = 1;
    for (bool done = false; !done; n++) {
        lgd_alloc_fail_at(n, true);
        done = try_all(s);
        lgd_alloc_fail_at(0, false);
        ck_assert_uint_lt(n, 100);
    }
    ck_assert_uint_gt(n, 10);
    free(s);
}
END_TEST

Suite *rhythm_suite(void) {
    Suite *suite = suite_create("rhythm");
    TCase *t = tcase_create("rhythm");
    tcase_add_test(t, what_keeps_its_rhythm_is_not_told);
    tcase_add_test(t, a_clock_that_stops_is_told_once_and_ended);
    tcase_add_test(t, the_end_of_a_log_is_no_silence);
    tcase_add_test(t, two_hours_of_a_log_say_nothing_of_the_other_hours);
    tcase_add_test(t, a_burst_is_judged_by_its_hour);
    tcase_add_test(t, a_job_that_does_not_run_is_missed_for_an_hour);
    tcase_add_test(t, a_job_that_is_late_is_told_until_it_runs);
    tcase_add_test(t, a_job_that_comes_before_its_deadline_is_not_missed);
    tcase_add_test(t, a_vague_job_is_missed_after_an_hour);
    tcase_add_test(t, each_time_of_the_day_is_missed_by_itself);
    tcase_add_test(t, two_days_and_other_kinds_of_days_make_no_job);
    tcase_add_test(t, a_day_counts_once_in_whatever_order_inputs_come);
    tcase_add_test(t, a_log_that_is_silent_as_a_whole_is_told_once);
    tcase_add_test(t, a_clock_of_the_world_tells_a_silence_that_no_line_ends);
    tcase_add_test(t, what_a_run_does_only_at_its_beginning_is_not_silent_later);
    tcase_add_test(t, a_template_is_missed_only_in_its_kind_of_input);
    tcase_add_test(t, a_date_that_a_line_speaks_of_is_no_time);
    tcase_add_test(t, a_date_at_the_end_of_a_block_is_no_time_either);
    tcase_add_test(t, a_log_that_goes_on_after_weeks_is_heard_line_by_line);
    tcase_add_test(t, times_at_the_ends_of_what_can_be_told_do_no_harm);
    tcase_add_test(t, training_signals_are_ordered_and_few);
    tcase_add_test(t, a_loaded_rhythm_is_the_same);
    tcase_add_test(t, a_rhythm_that_is_gone_on_from_is_known_still);
    tcase_add_test(t, counters_of_a_file_have_room);
    tcase_add_test(t, a_larger_excess_is_never_less_surprising);
    tcase_add_test(t, memory_that_is_not_there_is_an_error);
    suite_add_tcase(suite, t);
    return suite;
}
