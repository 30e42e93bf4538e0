/*
 * Tests of updates of a rhythm: what is counted fades and what always was stays so; a year of days keeps its size; what
 * comes once a week is known from week to week.
 */
#include "../../src/feature/rhythm.h"

#include "story.h"

#include <check.h>
#include <stdlib.h>

Suite *rhythm_update_suite(void);

static const int64_t minute_ns = INT64_C(60000000000), day_ns = INT64_C(86400000000000);
static const int64_t monday = 20514; /* 2 March 2026 */

enum { CLOCK, RARE, JOB, GONE, N_TEMPLATES, BLOCK = 20, MINUTES = 1440 };
static const double a_day = 0.977; /* weight: the half-life is 30 days */

/* ---- made-up days ---- */

static void tell(story *s, lgd_template_id id, int64_t ns) {
    size_t i = story_add(s);
    s->ids[i] = id;
    s->times[i] = ns;
}

/* A clock every ten minutes but for six hours of maintenance on Sundays, something seven times a day, a job at job_minute,
 * and for the first month something every half hour. */
static story *make_day(int64_t day, int job_minute) {
    story *s = story_new();
    bool sunday = (day - monday) % 7 == 6;
    for (int m = 0; m < MINUTES; m++) {
        int64_t at = day * day_ns + m * minute_ns;
        if (m % 10 == 0 && !(sunday && m >= 120 && m < 480)) tell(s, CLOCK, at);
        if (m % 200 == 30 && m < 1400) tell(s, RARE, at + 1);
        if (m == job_minute) tell(s, JOB, at + 2 + 1000000000 * (day % 3));
        if (m % 30 == 5 && day < monday + 30) tell(s, GONE, at + 3);
    }
    return s;
}

/* Learns one more day, upon `old` if there is one, which is freed. */
static lgd_rhythm *learn_day(lgd_rhythm *old, story *s, double weight, uint64_t salt) {
    lgd_rhythm *r = NULL;
    if (old)
        ck_assert_int_eq(lgd_rhythm_go_on(old, N_TEMPLATES, weight, salt, &r, NULL), LGD_OK);
    else
        ck_assert_int_eq(lgd_rhythm_new(N_TEMPLATES, &r, NULL), LGD_OK);
    ck_assert_int_eq(lgd_rhythm_begin_input(r, NULL), LGD_OK);
    ck_assert_int_eq(lgd_rhythm_learn(r, &s->e, NULL), LGD_OK);
    ck_assert_int_eq(lgd_rhythm_settle(r, NULL), LGD_OK);
    ck_assert_int_eq(lgd_rhythm_begin_input(r, NULL), LGD_OK);
    ck_assert_int_eq(lgd_rhythm_measure(r, &s->e, (salt << 20) * BLOCK, BLOCK, 0, NULL), LGD_OK);
    ck_assert_int_eq(lgd_rhythm_finish(r, NULL), LGD_OK);
    lgd_rhythm_free(old);
    free(s);
    return r;
}

static lgd_rhythm *learn_days(int64_t n, double weight) {
    lgd_rhythm *r = NULL;
    for (int64_t d = 0; d < n; d++) r = learn_day(r, make_day(monday + d, 150), weight, (uint64_t)d);
    return r;
}

/* Goes on without anything new. */
static lgd_rhythm *fade(const lgd_rhythm *old, double weight, uint64_t salt) {
    lgd_rhythm *r = NULL;
    ck_assert_int_eq(lgd_rhythm_go_on(old, N_TEMPLATES, weight, salt, &r, NULL), LGD_OK);
    ck_assert_int_eq(lgd_rhythm_settle(r, NULL), LGD_OK);
    ck_assert_int_eq(lgd_rhythm_finish(r, NULL), LGD_OK);
    return r;
}

static lgd_buf save(const lgd_rhythm *r) {
    lgd_buf b = {0};
    ck_assert_int_eq(lgd_rhythm_save(r, &b, NULL), LGD_OK);
    return b;
}

static const beat *beat_of(const lgd_rhythm *r, lgd_template_id id) {
    return r->pulses[id].beat ? &r->beats[r->pulses[id].beat - 1] : NULL;
}

static unsigned n_extremes(const beat *b, int t) {
    unsigned n = 0;
    for (int f = 0; f < LGD_FOLDS; f++)
        for (int k = 0; k < TAIL_TOP; k++) n += b->tails[t].top[f][k] > 0;
    return n;
}

/* Silences that a listener tells of a day. */
static size_t n_told(const lgd_rhythm *r, story *s, lgd_template_id id) {
    lgd_listener *l = NULL;
    const lgd_signal *signals = NULL;
    size_t n = 0, sum = 0;
    ck_assert_int_eq(lgd_listener_new(r, 8, &l, NULL), LGD_OK);
    for (size_t i = 0; i < s->e.n; i++) {
        ck_assert_int_eq(lgd_listener_step(l, &s->e, i, &signals, &n, NULL), LGD_OK);
        for (size_t k = 0; k < n; k++) sum += signals[k].template_id == id && !signals[k].ended;
    }
    lgd_listener_free(l);
    free(s);
    return sum;
}

/* ---- fading ---- */

START_TEST(an_update_without_age_or_news_changes_nothing) {
    lgd_rhythm *r = learn_days(9, 1), *loaded = NULL;
    lgd_buf before = save(r);
    ck_assert_int_eq(lgd_rhythm_load(lgd_buf_sv(&before), N_TEMPLATES, &loaded, NULL), LGD_OK);
    for (int k = 0; k < 2; k++) {
        lgd_rhythm *same = fade(k ? loaded : r, 1, 5);
        lgd_buf after = save(same);
        ck_assert(lgd_sv_eq(lgd_buf_sv(&before), lgd_buf_sv(&after)));
        lgd_buf_release(&after);
        lgd_rhythm_free(same);
    }
    lgd_buf_release(&before);
    lgd_rhythm_free(loaded);
    lgd_rhythm_free(r);
}
END_TEST

START_TEST(updates_by_day_count_as_one_training) {
    lgd_rhythm *r = learn_days(3, 1);
    const beat *clock = beat_of(r, CLOCK), *rare = beat_of(r, RARE);
    ck_assert_ptr_nonnull(clock);
    ck_assert_ptr_nonnull(rare); /* 7 a day: its hours were kept until it had 20 */
    ck_assert_uint_eq(r->pulses[CLOCK].count, 3 * 144);
    ck_assert_uint_eq(r->pulses[RARE].count, 21);
    ck_assert_double_eq_tol((double)rare->mean_rate * 86400, 7, 0.3);
    ck_assert_uint_eq(r->pulses[JOB].inputs, 3);
    ck_assert_uint_eq(r->pulses[JOB].times[0].days.n, 3);
    ck_assert(rhythm_is_daily(r, &r->pulses[JOB], &r->pulses[JOB].times[0]));
    ck_assert_uint_eq(r->n_sources, 1);
    ck_assert_uint_eq(r->n_events, 3 * (144 + 7 + 1 + 48));
    lgd_rhythm_free(r);
}
END_TEST

START_TEST(rates_and_what_always_was_outlive_half_the_weight) {
    lgd_rhythm *old = learn_days(5, 1);
    for (uint64_t salt = 0; salt < 100; salt++) {
        lgd_rhythm *r = fade(old, 0.5, salt);
        const beat *before = beat_of(old, CLOCK), *now = beat_of(r, CLOCK);
        uint64_t events = 0;
        for (int c = 0; c < CELLS; c++) events += now->cells[c];
        ck_assert_uint_eq(events, r->pulses[CLOCK].count);
        ck_assert(events == 360);
        ck_assert_double_eq_tol((double)now->mean_rate, (double)before->mean_rate, 0.03 * (double)before->mean_rate);
        ck_assert(rhythm_is_constant(r, &r->pulses[CLOCK]));
        const daily_time *d = &r->pulses[JOB].times[0];
        ck_assert_uint_eq(d->days.n, 3);
        ck_assert_double_eq_tol(d->sum / d->days.n, old->pulses[JOB].times[0].sum / 5, 1e-6);
        ck_assert(rhythm_is_daily(r, &r->pulses[JOB], d));
        unsigned n = n_extremes(before, 0), left = n_extremes(now, 0);
        ck_assert(left + 1 >= n / 2 && left <= (n + 1) / 2);
        ck_assert_uint_eq(now->longest_ns, before->longest_ns); /* no shorter than the mean */
        ck_assert_uint_le(now->peak[2], 4);                     /* of 6 */
        lgd_rhythm_free(r);
    }
    lgd_rhythm_free(old);
}
END_TEST

START_TEST(older_extremes_are_no_signals_of_the_update) {
    lgd_rhythm *r = learn_days(4, a_day);
    lgd_rhythm_cross *cross = NULL;
    size_t n = 0;
    ck_assert_int_eq(lgd_rhythm_signals(r, -1e9, &cross, &n, NULL), LGD_OK);
    for (size_t i = 0; i < n; i++) {
        ck_assert_uint_eq(cross[i].file, 0);
        ck_assert(cross[i].start_ns >= (monday + 3) * day_ns);
    }
    lgd_free(cross);
    lgd_rhythm_free(r);
}
END_TEST

START_TEST(hours_of_rare_templates_are_taken_as_hostile) {
    static const struct {
        size_t at;
        char byte;
    } bad[] = {{0, CLOCK}, {0, N_TEMPLATES}, {4, CELLS}, {5, 0}}; /* has a rhythm; none; no hour; no events */
    enum { LAST = 9 };
    lgd_rhythm *r = learn_days(3, 1), *loaded = NULL;
    lgd_buf saved = save(r);
    const char *last = saved.p + saved.n - LAST;
    ck_assert(last[0] == JOB && last[5] == 3);
    for (size_t i = 0; i < 4; i++) {
        char kept[LAST];
        memcpy(kept, last, LAST);
        saved.p[saved.n - LAST + bad[i].at] = bad[i].byte;
        ck_assert_int_eq(lgd_rhythm_load(lgd_buf_sv(&saved), N_TEMPLATES, &loaded, NULL), LGD_E_DAMAGED);
        memcpy(saved.p + saved.n - LAST, kept, LAST);
    }
    ck_assert_int_eq(lgd_rhythm_load(lgd_buf_sv(&saved), N_TEMPLATES, &loaded, NULL), LGD_OK);
    lgd_rhythm_free(loaded);
    lgd_buf_release(&saved);
    lgd_rhythm_free(r);
}
END_TEST

/* ---- a year ---- */

START_TEST(what_pauses_once_a_week_is_known_from_week_to_week) {
    lgd_rhythm *r = learn_days(21, a_day);
    size_t wrong = 0;
    for (int64_t d = 21; d < 161; d++) {
        wrong += n_told(r, make_day(monday + d, 150), CLOCK);
        r = learn_day(r, make_day(monday + d, 150), a_day, (uint64_t)d);
    }
    ck_assert_uint_eq(wrong, 0);
    story *s = story_new();
    for (int m = 0; m < MINUTES; m++) { /* on a Monday it is silent from noon on */
        if (m % 10 == 0 && m < 720) tell(s, CLOCK, (monday + 161) * day_ns + m * minute_ns);
        if (m % 200 == 30 && m < 1400) tell(s, RARE, (monday + 161) * day_ns + m * minute_ns + 1);
    }
    ck_assert_uint_eq(n_told(r, s, CLOCK), 1);
    lgd_rhythm_free(r);
}
END_TEST

START_TEST(a_year_of_updates_stays_small_and_forgets_what_is_gone) {
    lgd_rhythm *r = NULL;
    size_t n_bytes = 0;
    for (int64_t d = 0; d < 365; d++) {
        r = learn_day(r, make_day(monday + d, d < 60 ? 150 : 700), a_day, (uint64_t)d);
        lgd_buf b = save(r);
        if (d == 50) n_bytes = b.n;
        if (d > 50) ck_assert_uint_le(b.n, n_bytes + 2 * 29); /* some more times of the job */
        lgd_buf_release(&b);
    }
    ck_assert_uint_eq(r->n_sources, 1);
    ck_assert_uint_le(r->sources[0].inputs, 60); /* of 43 */
    ck_assert_uint_le(r->n_events, 60 * 200);
    ck_assert_uint_le(r->pulses[CLOCK].count, 60 * 144);
    ck_assert_double_eq_tol((double)beat_of(r, CLOCK)->mean_rate * 86400, 139, 5);
    ck_assert_uint_eq(r->pulses[GONE].beat, 0);
    ck_assert_uint_eq(r->pulses[GONE].inputs, 0);
    bool daily = false;
    for (uint8_t i = 0; i < r->pulses[JOB].n_times; i++) {
        const daily_time *t = &r->pulses[JOB].times[i];
        ck_assert_uint_le(t->days.n, 60);
        daily |= rhythm_is_daily(r, &r->pulses[JOB], t);
        ck_assert(t->sum / t->days.n > 11 * 3600 || !rhythm_is_daily(r, &r->pulses[JOB], t));
    }
    ck_assert(daily); /* at its new time: the days without that are forgotten */
    lgd_rhythm_free(r);
}
END_TEST

START_TEST(memory_that_is_not_there_is_an_error) {
    lgd_rhythm *old = learn_days(2, 1), *r = NULL;
    lgd_status status = LGD_E_MEMORY;
    uint64_t n = 1;
    for (; status != LGD_OK; n++) {
        lgd_alloc_fail_at(n, true);
        status = lgd_rhythm_go_on(old, N_TEMPLATES, 0.5, 1, &r, NULL);
        lgd_alloc_fail_at(0, false);
        ck_assert(status == LGD_OK || (status == LGD_E_MEMORY && !r));
        ck_assert_uint_lt(n, 20);
    }
    ck_assert_uint_gt(n, 3);
    lgd_rhythm_free(r);
    lgd_rhythm_free(old);
}
END_TEST

Suite *rhythm_update_suite(void) {
    Suite *suite = suite_create("rhythm_update");
    TCase *t = tcase_create("rhythm_update");
    tcase_add_test(t, an_update_without_age_or_news_changes_nothing);
    tcase_add_test(t, updates_by_day_count_as_one_training);
    tcase_add_test(t, rates_and_what_always_was_outlive_half_the_weight);
    tcase_add_test(t, older_extremes_are_no_signals_of_the_update);
    tcase_add_test(t, hours_of_rare_templates_are_taken_as_hostile);
    tcase_add_test(t, what_pauses_once_a_week_is_known_from_week_to_week);
    tcase_add_test(t, a_year_of_updates_stays_small_and_forgets_what_is_gone);
    tcase_add_test(t, memory_that_is_not_there_is_an_error);
    suite_add_tcase(suite, t);
    return suite;
}
