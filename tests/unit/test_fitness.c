/*
 * Tests of what a scan is asked for beside a rate: hours and budgets, as they are written and as thresholds; and of what
 * tells a fault from a model that does not fit: the typical share.
 */
#include "../../src/pipeline/budget.h"
#include "../../src/pipeline/meter.h"
#include "../../src/pipeline/verdicts.h"

#include "story.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>

Suite *fitness_suite(void);

/* ---- typical shares ---- */

static void add_many(meter *m, size_t n, size_t one_in) {
    for (size_t i = 0; i < n; i++) meter_add(m, one_in && i % one_in == 0);
}

static void expect_share(const meter *m, double wanted) {
    double got = meter_typical(m);
    ck_assert_msg(fabs(got - wanted) < 0.01, "%g, wanted %g", got, wanted);
}

START_TEST(a_steady_share_is_typical) {
    meter m = {.block_n = 16};
    expect_share(&m, 0);
    add_many(&m, 1, 1);
    expect_share(&m, 1);
    m = (meter){.block_n = 16};
    add_many(&m, 100000, 4);
    expect_share(&m, .25);
    ck_assert_uint_eq(m.n, 100000);
    ck_assert_uint_eq(m.hits, 25000);
    ck_assert_uint_le(m.n_blocks, METER_BLOCKS);
}
END_TEST

START_TEST(a_burst_is_not_typical) {
    meter m = {.block_n = 16};
    add_many(&m, 4000, 0);
    add_many(&m, 1000, 1); /* a fault, a tenth of the log */
    add_many(&m, 5000, 100);
    ck_assert_double_ge((double)m.hits / (double)m.n, .1);
    ck_assert_double_le(meter_typical(&m), .02);
}
END_TEST

START_TEST(a_change_in_the_middle_is_typical) {
    meter m = {.block_n = 16};
    add_many(&m, 6000, 0);
    add_many(&m, 4000, 2);
    expect_share(&m, .5);
}
END_TEST

START_TEST(a_short_last_block_does_not_count_alone) {
    meter m = {.block_n = 100};
    add_many(&m, 100, 0);
    add_many(&m, 10, 1);
    expect_share(&m, 10.0 / 110);
}
END_TEST

/* ---- hours ---- */

START_TEST(hours_are_spans_with_a_factor) {
    double f[HOURS];
    lgd_err err = {0};
    ck_assert_msg(hours_parse("22-6=0.1, 12=2,13-14=1e1", f, &err) == LGD_OK, "%s", err.text);
    for (int h = 0; h < HOURS; h++) {
        double wanted = h >= 22 || h < 6 ? .1 : h == 12 ? 2 : h == 13 ? 10 : 1;
        ck_assert_msg(f[h] == wanted, "hour %d: %g", h, f[h]);
    }
    ck_assert_int_eq(hours_parse("0-24=3", f, &err), LGD_OK);
    ck_assert(f[0] == 3.0 && f[23] == 3.0);
    ck_assert_int_eq(hours_parse("5-5=3", f, &err), LGD_OK); /* all day, from 5 on */
    ck_assert(f[4] == 3.0 && f[5] == 3.0);
    ck_assert_int_eq(hours_parse(NULL, f, &err), LGD_OK);
    ck_assert(f[7] == 1.0);
}
END_TEST

START_TEST(other_hours_are_refused) {
    static const char *const rows[] = {"",      "x",       "1",         "1=",      "1=0",       "1=-1",    "1=1001",
                                       "1=nan", "24=1",    "1-25=1",    "-1=1",    "1-=1",      "1-2-3=1", "1=1,",
                                       ",1=1",  "1=1,1=2", "1-3=1,2=1", "1=1;2=2", "0-24=1,3=1"};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        double f[HOURS];
        lgd_err err = {0};
        ck_assert_msg(hours_parse(rows[i], f, &err) == LGD_E_USAGE, "%s", rows[i]);
        ck_assert_ptr_nonnull(strstr(err.text, "--hours: '"));
    }
}
END_TEST

START_TEST(a_threshold_is_that_of_the_local_hour) {
    static const int64_t hour_ns = INT64_C(3600000000000);
    lgd_zone *zone = NULL;
    ck_assert_int_eq(lgd_zone_new("+05:30", &zone, NULL), LGD_OK);
    verdicts v = {.threshold_bits = 100, .hours_differ = true, .zone = zone};
    for (int h = 0; h < HOURS; h++) v.by_hour[h] = h;
    ck_assert(verdicts_threshold(&v, 0) == 5.0);
    ck_assert(verdicts_threshold(&v, hour_ns / 2) == 6.0);
    ck_assert(verdicts_threshold(&v, 18 * hour_ns + hour_ns / 2) == 0.0);
    ck_assert(verdicts_threshold(&v, -6 * hour_ns) == 23.0);
    ck_assert(verdicts_threshold(&v, LGD_NO_TIME) == 100.0);
    v.hours_differ = false;
    ck_assert(verdicts_threshold(&v, 0) == 100.0);
    lgd_zone_free(zone);
}
END_TEST

/* ---- shares for people ---- */

START_TEST(an_estimate_is_neither_all_nor_nothing_by_rounding) {
    static const struct {
        double share;
        const char *text;
    } rows[] = {{0, "0 %"},  {1, "100 %"},     {0.5, "50.0 %"},     {1e-6, "<0.1 %"}, {1 - 1e-6, ">99.9 %"},
                {-1, "0 %"}, {1e300, "100 %"}, {HUGE_VAL, "100 %"}, {NAN, "0 %"},     {0.1234, "12.3 %"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        lgd_buf b = {0};
        lgd_format_estimate(&b, rows[i].share);
        ck_assert_msg(lgd_sv_eq(lgd_buf_sv(&b), lgd_sv_of(rows[i].text)), "%g: %.*s", rows[i].share, (int)b.n, b.p);
        lgd_buf_release(&b);
    }
}
END_TEST

/* ---- the place of the list ---- */

START_TEST(the_list_lies_beside_the_model) {
    static const char *const rows[][2] = {{"m/model.lgd", "m/allow.txt"},
                                          {"model.lgd", "allow.txt"},
                                          {"x.lgd", "x.lgd.allow"},
                                          {"m/mymodel.lgd", "m/mymodel.lgd.allow"},
                                          {"a", "a.allow"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        lgd_buf b = {0};
        ck_assert_int_eq(lgd_model_allow_path(rows[i][0], &b, NULL), LGD_OK);
        ck_assert_str_eq(b.p, rows[i][1]);
        lgd_buf_release(&b);
    }
}
END_TEST

/* ---- budgets ---- */

START_TEST(budgets_are_a_number_and_a_unit) {
    double n = 0;
    ck_assert(budget_parse("5/day", &n, NULL) == LGD_OK && n == 5.0);
    ck_assert(budget_parse("0.5/hour", &n, NULL) == LGD_OK && n == 12.0);
    ck_assert(budget_parse("7/week", &n, NULL) == LGD_OK && fabs(n - 1) < 1e-12);
    static const char *const rows[] = {"5",     "5/",     "/day",    "5/month", "5/days",
                                       "0/day", "-1/day", "1e9/day", "x/day",   "5 /day"};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        lgd_err err = {0};
        ck_assert_msg(budget_parse(rows[i], &n, &err) == LGD_E_USAGE, "%s", rows[i]);
        ck_assert_ptr_nonnull(strstr(err.text, "--budget: '"));
    }
}
END_TEST

/* Ten days with an event an hour, and groups with these scores, highest first. */
static bundle made_bundle(const float *scores, size_t n, bool timed) {
    story *s = story_new();
    for (int i = 0; i <= 240; i++) {
        size_t at = story_add(s);
        s->times[at] = timed ? i * INT64_C(3600000000000) : LGD_NO_TIME;
    }
    bundle b = {.baseline = story_learn(s, 1, 0), .n_incident_scores = n, .simulated_events = 241};
    memcpy(b.incident_scores, scores, n * sizeof *scores);
    free(s);
    return b;
}

static size_t told(const float *scores, size_t n, double threshold) {
    size_t ret = 0;
    for (size_t i = 0; i < n; i++) ret += (double)scores[i] >= threshold;
    return ret;
}

START_TEST(the_training_stays_within_a_budget) {
    const float scores[] = {90, 80, 80, 80, 70, 60, 50, 49, 48, 47, 20, 19, 18, 17, 16};
    const size_t n = sizeof scores / sizeof *scores;
    bundle b = made_bundle(scores, n, true);
    size_t before = 0;
    for (double per_day = 0.01; per_day < 2; per_day *= 1.1) {
        lgd_grouping o = {.strong = 10, .threshold = 1000};
        ck_assert_int_eq(budget_apply(&b, per_day, &o, NULL), LGD_OK);
        size_t now = told(scores, n, o.threshold);
        ck_assert_msg((double)now <= per_day * 10 + 1e-9, "%g a day: %zu", per_day, now);
        ck_assert_msg((double)now >= floor(per_day * 10 / 2) - 3, "%g a day: %zu", per_day,
                      now); /* equal scores go together */
        ck_assert_double_ge(o.threshold, o.strong);
        before = now > before ? now : before;
    }
    ck_assert_uint_eq(before, n);
    bundle_release(&b);
}
END_TEST

START_TEST(a_budget_needs_times) {
    const float scores[] = {2, 1};
    bundle b = made_bundle(scores, 2, false);
    lgd_grouping o = {.strong = 1, .threshold = 7};
    lgd_err err = {0};
    ck_assert_int_eq(budget_apply(&b, 5, &o, &err), LGD_E_USAGE);
    ck_assert_ptr_nonnull(strstr(err.text, "no times"));
    bundle_release(&b);
}
END_TEST

START_TEST(a_budget_of_a_training_without_groups_is_what_opens_one) {
    bundle b = made_bundle((const float[]){0}, 0, true);
    lgd_grouping o = {.strong = 10, .threshold = 7};
    ck_assert_int_eq(budget_apply(&b, 5, &o, NULL), LGD_OK);
    ck_assert(o.threshold == 10.0);
    bundle_release(&b);
}
END_TEST

Suite *fitness_suite(void) {
    Suite *suite = suite_create("fitness");
    TCase *tc = tcase_create("fitness");
    tcase_add_test(tc, a_steady_share_is_typical);
    tcase_add_test(tc, a_burst_is_not_typical);
    tcase_add_test(tc, a_change_in_the_middle_is_typical);
    tcase_add_test(tc, a_short_last_block_does_not_count_alone);
    tcase_add_test(tc, hours_are_spans_with_a_factor);
    tcase_add_test(tc, other_hours_are_refused);
    tcase_add_test(tc, a_threshold_is_that_of_the_local_hour);
    tcase_add_test(tc, an_estimate_is_neither_all_nor_nothing_by_rounding);
    tcase_add_test(tc, the_list_lies_beside_the_model);
    tcase_add_test(tc, budgets_are_a_number_and_a_unit);
    tcase_add_test(tc, the_training_stays_within_a_budget);
    tcase_add_test(tc, a_budget_needs_times);
    tcase_add_test(tc, a_budget_of_a_training_without_groups_is_what_opens_one);
    suite_add_tcase(suite, tc);
    return suite;
}
