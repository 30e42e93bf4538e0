/*
 * Tests of comparing two logs by counts: kinds, known probabilities, a scale that floods do not move, bursts, many tests.
 */
#include "logdetect/detect.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>

Suite *compare_suite(void);

enum { MAX_ROWS = 400 };

typedef struct table {
    lgd_compared rows[MAX_ROWS];
    lgd_comparison got[MAX_ROWS];
    lgd_compare_summary summary;
    size_t n;
    double expected; /* scale; 0: 1 */
} table;

/* A template that comes evenly. */
static void add_even(table *t, uint64_t good, uint64_t bad) {
    if (t->n == MAX_ROWS) ck_abort_msg("too many rows");
    lgd_compared *row = &t->rows[t->n++];
    *row = (lgd_compared){.good = good, .bad = bad};
    for (uint64_t i = 0; i < LGD_COMPARE_BLOCKS; i++)
        row->good_blocks[i] = (uint32_t)(good * (i + 1) / LGD_COMPARE_BLOCKS - good * i / LGD_COMPARE_BLOCKS);
    for (uint64_t i = 0; i < LGD_COMPARE_BLOCKS; i++)
        row->bad_blocks[i] = (uint32_t)(bad * (i + 1) / LGD_COMPARE_BLOCKS - bad * i / LGD_COMPARE_BLOCKS);
}

/* One that comes in one part of GOOD alone. */
static void add_burst(table *t, uint32_t good, uint64_t bad) {
    add_even(t, 0, bad);
    t->rows[t->n - 1].good = t->rows[t->n - 1].good_blocks[3] = good;
}

/* One that comes in one part of BAD alone, and never in GOOD. */
static void add_new_burst(table *t, uint32_t bad) {
    add_even(t, 0, 0);
    t->rows[t->n - 1].bad = t->rows[t->n - 1].bad_blocks[7] = bad;
}

/* Ten templates that did not change, so that the scale is `scale`. */
static void add_steady(table *t, double scale) {
    for (int i = 0; i < 10; i++) add_even(t, 1000, (uint64_t)(1000 * scale));
}

static void compare(table *t) {
    ck_assert_int_eq(lgd_compare(t->rows, t->n, t->expected > 0 ? t->expected : 1, t->got, &t->summary, NULL), LGD_OK);
    uint64_t n = 0;
    for (int k = 0; k < LGD_CHANGE_KINDS; k++) n += t->summary.n[k];
    ck_assert_uint_eq(n, t->n);
    for (size_t i = 0; i < t->n; i++) {
        const lgd_comparison *c = &t->got[i];
        ck_assert_msg(isfinite(c->bits) && !signbit(c->bits) && isfinite(c->ratio), "row %zu: %g bits", i, c->bits);
        ck_assert(c->q_value >= 0 && c->q_value <= 1);
        ck_assert(!c->significant || c->q_value <= t->summary.max_q);
    }
}

START_TEST(test_each_kind_of_change_is_told) {
    table t = {0};
    add_steady(&t, 1);
    add_even(&t, 0, 30);
    add_even(&t, 30, 0);
    add_even(&t, 100, 300);
    add_even(&t, 300, 100);
    add_even(&t, 0, 1);
    add_even(&t, 1, 0);
    add_even(&t, 1, 2);
    add_even(&t, 0, 0);
    compare(&t);
    static const lgd_change_kind kinds[] = {LGD_CHANGE_NEW, LGD_CHANGE_GONE, LGD_CHANGE_MORE, LGD_CHANGE_LESS,
                                            LGD_CHANGE_NEW, LGD_CHANGE_GONE, LGD_CHANGE_NONE, LGD_CHANGE_NONE};
    for (size_t i = 0; i < 8; i++) {
        ck_assert_msg(t.got[10 + i].kind == kinds[i], "row %zu is %s", i, lgd_change_kind_name(t.got[10 + i].kind));
        ck_assert_int_eq(t.got[10 + i].significant, i < 4);
    }
    for (size_t i = 0; i < 10; i++) ck_assert_int_eq(t.got[i].kind, LGD_CHANGE_NONE);
    ck_assert(t.summary.scale == 1 && t.got[12].ratio == 3 && t.got[10].ratio == 0);
}
END_TEST

/* p of a two-sided binomial test, from tables of the distribution. */
static const struct {
    uint64_t good, bad;
    double scale, p;
} known[] = {
    {0, 1, 1, 1},         {0, 10, 1, 2.0 / 1024}, {10, 0, 1, 2.0 / 1024},     {3, 12, 1, 2 * 576.0 / 32768},
    {0, 4, 0.25, 0.0032}, {5, 5, 1, 1},           {1, 9, 1, 2 * 11.0 / 1024},
};

START_TEST(test_probabilities_are_those_of_the_binomial) {
    table t = {0};
    add_steady(&t, known[_i].scale);
    add_even(&t, known[_i].good, known[_i].bad);
    compare(&t);
    double p = exp2(-t.got[10].bits);
    ck_assert_msg(fabs(p / known[_i].p - 1) < 1e-9, "%g for %g", p, known[_i].p);
}
END_TEST

START_TEST(test_large_counts_are_finite_and_grow) {
    static const uint64_t counts[] = {10, 1000, 100000, UINT64_C(10000000), UINT64_C(4000000000)};
    double last = 0;
    for (size_t i = 0; i < 5; i++) {
        table t = {0};
        add_steady(&t, 1);
        add_even(&t, counts[i], counts[i] * 3);
        compare(&t);
        ck_assert_msg(t.got[10].bits > last, "%g bits", t.got[10].bits);
        last = t.got[10].bits;
    }
}
END_TEST

START_TEST(test_a_flood_does_not_make_the_rest_less) {
    table t = {0};
    add_steady(&t, 1);
    add_even(&t, 10, 1000000);
    add_even(&t, 0, 1000000);
    compare(&t);
    ck_assert(t.summary.scale == 1);
    for (size_t i = 0; i < 10; i++) ck_assert_int_eq(t.got[i].kind, LGD_CHANGE_NONE);
    ck_assert_int_eq(t.got[10].kind, LGD_CHANGE_MORE);
}
END_TEST

/* Half of the templates, or all there are, may be a flood; a mean of both would be the scale of none. */
static const struct {
    uint64_t steady, flooded;
    double expected;
} floods[] = {{0, 1, 1}, {1, 1, 1}, {2, 2, 1}, {1, 2, 1}, {1, 1, 0.25}, {0, 1, 3}};

START_TEST(test_a_flood_in_a_log_of_few_templates_is_told) {
    table t = {.expected = floods[_i].expected};
    uint64_t n_steady = floods[_i].steady;
    for (uint64_t i = 0; i < n_steady; i++) add_even(&t, 1000, (uint64_t)(1000 * t.expected));
    for (uint64_t i = 0; i < floods[_i].flooded; i++) add_even(&t, 100, (uint64_t)(10000 * t.expected));
    compare(&t);
    ck_assert_msg(t.summary.scale == t.expected, "%g", t.summary.scale);
    ck_assert_uint_eq(t.summary.n_both, t.n);
    for (size_t i = 0; i < t.n; i++) ck_assert_int_eq(t.got[i].kind, i < n_steady ? LGD_CHANGE_NONE : LGD_CHANGE_MORE);
}
END_TEST

/* A program that ran ten times as long and said the same: its lines outweigh the time. */
START_TEST(test_a_few_rare_templates_outweigh_the_time) {
    table t = {.expected = 10};
    for (int i = 0; i < 10; i++) add_even(&t, 2, 2);
    compare(&t);
    ck_assert(t.summary.scale == 1);
}
END_TEST

START_TEST(test_windows_of_different_length_are_no_change) {
    table t = {0};
    for (uint64_t i = 1; i < 100; i++) add_even(&t, 70 * i, 3 * i);
    compare(&t);
    ck_assert(fabs(t.summary.scale - 3.0 / 70) < 1e-12);
    ck_assert_uint_eq(t.summary.n[LGD_CHANGE_NONE], 99);
}
END_TEST

START_TEST(test_what_usually_comes_in_bursts_needs_more_evidence) {
    table t = {0};
    add_steady(&t, 1);
    add_burst(&t, 500, 0);
    add_even(&t, 500, 0);
    add_burst(&t, 500, 1500);
    add_even(&t, 500, 1500);
    compare(&t);
    ck_assert(t.got[10].bits < 2 && !t.got[10].significant && t.got[11].bits > 400);
    ck_assert_int_eq(t.got[12].kind, LGD_CHANGE_NONE);
    ck_assert_int_eq(t.got[13].kind, LGD_CHANGE_MORE);
}
END_TEST

/* Of what GOOD never had, the bursts of BAD are evidence of how it comes. */
START_TEST(test_a_burst_of_something_new_needs_more_evidence) {
    table t = {0};
    add_steady(&t, 1);
    add_new_burst(&t, 20);
    add_even(&t, 0, 20);
    add_new_burst(&t, 100);
    compare(&t);
    ck_assert(!t.got[10].significant && t.got[10].bits < 8 && t.got[11].significant && t.got[12].significant);
    ck_assert(t.got[12].bits < 25);
    for (size_t i = 10; i < 13; i++) ck_assert_int_eq(t.got[i].kind, LGD_CHANGE_NEW);
}
END_TEST

START_TEST(test_a_small_change_is_none_however_sure) {
    table t = {0};
    add_steady(&t, 1);
    add_even(&t, 10000000, 14000000);
    add_even(&t, 10000000, 16000000);
    compare(&t);
    ck_assert(t.got[10].q_value < 1e-9);
    ck_assert_int_eq(t.got[10].kind, LGD_CHANGE_NONE);
    ck_assert_int_eq(t.got[11].kind, LGD_CHANGE_MORE);
}
END_TEST

/* Counts drawn from the same rates: hardly any may be called changed. */
START_TEST(test_noise_is_not_told) {
    lgd_rng r;
    lgd_rng_init(&r, 7);
    uint64_t n_false = 0;
    for (int trial = 0; trial < 20; trial++) {
        table t = {0};
        for (uint32_t i = 0; i < 300; i++) {
            uint32_t blocks[2 * LGD_COMPARE_BLOCKS] = {0}, total = 1 + lgd_rng_below(&r, 200);
            lgd_compared row = {0};
            for (uint32_t k = 0; k < total; k++) blocks[lgd_rng_below(&r, 2 * LGD_COMPARE_BLOCKS)]++;
            for (int k = 0; k < LGD_COMPARE_BLOCKS; k++) {
                row.good += row.good_blocks[k] = blocks[k];
                row.bad += row.bad_blocks[k] = blocks[LGD_COMPARE_BLOCKS + k];
            }
            t.rows[t.n++] = row;
        }
        compare(&t);
        for (size_t i = 0; i < t.n; i++) n_false += t.got[i].significant;
    }
    ck_assert_uint_le(n_false, 2);
}
END_TEST

/* What came once or twice can never be sure, so it does not make the others less so. */
START_TEST(test_singletons_are_no_tests) {
    table few = {0}, many = {0};
    add_steady(&few, 1);
    add_steady(&many, 1);
    add_even(&few, 0, 14);
    add_even(&many, 0, 14);
    for (int i = 0; i < 350; i++) add_even(&many, (uint64_t)(i % 2), (uint64_t)(1 + i % 3));
    compare(&few);
    compare(&many);
    ck_assert(few.got[10].significant && many.got[10].significant);
    ck_assert(few.got[10].q_value == many.got[10].q_value);
    ck_assert(many.got[11].q_value == 1);
}
END_TEST

START_TEST(test_nothing_and_one_side_alone_are_compared) {
    table t = {0};
    compare(&t);
    add_even(&t, 0, 100);
    add_even(&t, 0, 1);
    compare(&t);
    ck_assert_uint_eq(t.summary.n[LGD_CHANGE_NEW], 2);
    ck_assert(t.summary.scale == 1);
    lgd_err err = {0};
    lgd_alloc_fail_at(1, true);
    lgd_status status = lgd_compare(t.rows, t.n, 1, t.got, &t.summary, &err);
    lgd_alloc_fail_at(0, false);
    ck_assert_int_eq(status, LGD_E_MEMORY);
}
END_TEST

Suite *compare_suite(void) {
    Suite *s = suite_create("compare");
    TCase *t = tcase_create("compare");
    tcase_add_test(t, test_each_kind_of_change_is_told);
    tcase_add_loop_test(t, test_probabilities_are_those_of_the_binomial, 0, sizeof known / sizeof *known);
    tcase_add_test(t, test_large_counts_are_finite_and_grow);
    tcase_add_test(t, test_a_flood_does_not_make_the_rest_less);
    tcase_add_loop_test(t, test_a_flood_in_a_log_of_few_templates_is_told, 0, sizeof floods / sizeof *floods);
    tcase_add_test(t, test_a_few_rare_templates_outweigh_the_time);
    tcase_add_test(t, test_windows_of_different_length_are_no_change);
    tcase_add_test(t, test_what_usually_comes_in_bursts_needs_more_evidence);
    tcase_add_test(t, test_a_burst_of_something_new_needs_more_evidence);
    tcase_add_test(t, test_a_small_change_is_none_however_sure);
    tcase_add_test(t, test_noise_is_not_told);
    tcase_add_test(t, test_singletons_are_no_tests);
    tcase_add_test(t, test_nothing_and_one_side_alone_are_compared);
    suite_add_tcase(s, t);
    return s;
}
