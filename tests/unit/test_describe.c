/*
 * Tests of what the baseline tells of a slot and of a template: values by frequency, range, median, first and last time.
 */
#include "story.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

Suite *describe_suite(void);

enum { N_TEMPLATES = 2, N_SLOTS = 2 };
static const int64_t start_ns = INT64_C(1772500000000000000);

/* Events of template 0, a nanosecond apart, each with a value in slot 0. */
static lgd_observation *tell(story *s, const char *text, lgd_value_type type) {
    size_t i = story_add(s);
    s->times[i] = start_ns + (int64_t)i;
    s->held[i] =
        (lgd_observation){.text = lgd_sv_of(text), .hash = lgd_value_hash(lgd_sv_of(text)), .type = (uint8_t)type};
    lgd_observation *o = &s->held[i];
    o->is_number = type == LGD_VALUE_NUMBER && lgd_value_unit(o->text, &o->number, &o->unit);
    s->values[i] = &s->held[i];
    s->n_values[i] = 1;
    return &s->held[i];
}

static void tell_number(story *s, double number) {
    lgd_observation *o = tell(s, "", LGD_VALUE_NUMBER);
    o->number = number;
    o->is_number = true;
    o->hash = lgd_value_hash((lgd_sv){(const char *)&o->number, sizeof o->number});
}

START_TEST(test_a_slot_tells_its_values_by_frequency) {
    static const char umlauts[] =
        "\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4x\xc3\xa4";
    static const char *const values[] = {"GET", "PUT", "GET", "7", umlauts};
    story *s = story_new();
    lgd_slot_summary got;
    for (size_t i = 0; i < 5; i++) {
        tell(s, values[i], i == 3 ? LGD_VALUE_NUMBER : LGD_VALUE_NONE);
    }
    lgd_baseline *b = story_learn(s, N_TEMPLATES, N_SLOTS);
    ck_assert(!lgd_baseline_slot(b, 1, &got) && !lgd_baseline_slot(b, N_SLOTS, &got));
    ck_assert(lgd_baseline_slot(b, 0, &got));
    ck_assert_uint_eq(got.n, 5);
    ck_assert_uint_eq(got.n_numbers, 1);
    ck_assert_uint_eq(got.types, 1u << LGD_VALUE_NONE | 1u << LGD_VALUE_NUMBER);
    ck_assert(got.min == 7 && got.median == 7 && got.max == 7 && !got.many);
    ck_assert_uint_eq(got.n_values, 4);
    ck_assert(lgd_sv_eq(got.values[0].text, LGD_SV("GET")) && got.values[0].count == 2);
    ck_assert(lgd_sv_eq(got.values[1].text, LGD_SV("7")) && lgd_sv_eq(got.values[2].text, LGD_SV("PUT")));
    ck_assert_uint_eq(got.values[3].text.n, 23); /* no half character */
    ck_assert(got.values[3].cut && !got.values[0].cut);
    ck_assert(lgd_baseline_first_ns(b, 0) == start_ns && lgd_baseline_last_ns(b, 0) == start_ns + 4);
    ck_assert(lgd_baseline_first_ns(b, 1) == LGD_NO_TIME && lgd_baseline_last_ns(b, N_TEMPLATES) == LGD_NO_TIME);
    lgd_baseline_free(b);
    free(s);
}
END_TEST

START_TEST(test_a_share_of_nearly_all_is_not_100) {
    story *s = story_new();
    lgd_buf text = {0};
    for (size_t i = 0; i < 400; i++) tell(s, i ? "GET" : "PUT", LGD_VALUE_NONE);
    lgd_baseline *b = story_learn(s, N_TEMPLATES, N_SLOTS);
    lgd_baseline_describe_values(b, 0, &text);
    ck_assert_msg(lgd_sv_eq(lgd_buf_sv(&text), LGD_SV("GET >99 %, PUT <1 %")), "%.*s", (int)text.n, text.p);
    lgd_buf_release(&text);
    lgd_baseline_free(b);
    free(s);
}
END_TEST

START_TEST(test_the_median_of_few_numbers_is_exact) {
    static const char *const values[] = {"200", "404", "200", "-5", "500"};
    story *s = story_new();
    lgd_slot_summary got;
    for (size_t i = 0; i < 100; i++) tell(s, values[i % 5], LGD_VALUE_NUMBER);
    lgd_baseline *b = story_learn(s, N_TEMPLATES, N_SLOTS);
    ck_assert(lgd_baseline_slot(b, 0, &got));
    ck_assert(got.exact && got.min == -5 && got.median == 200 && got.max == 500);
    lgd_baseline_free(b);
    free(s);
}
END_TEST

/* i -> number; the median is the one in the middle. NAN if none is told. */
static double median_of(double (*number)(size_t i), double *ret_true) {
    enum { N = 401 };
    story *s = story_new();
    lgd_slot_summary got;
    for (size_t i = 0; i < N; i++) tell_number(s, number(i));
    lgd_baseline *b = story_learn(s, N_TEMPLATES, N_SLOTS);
    ck_assert(lgd_baseline_slot(b, 0, &got) && got.many && !got.exact);
    if (got.has_median) ck_assert(got.min <= got.median && got.median <= got.max);
    *ret_true = number(N / 2);
    lgd_baseline_free(b);
    free(s);
    return got.has_median ? got.median : NAN;
}

static double upwards(size_t i) { return 100 + (double)i; }
static double by_powers(size_t i) { return exp2((double)i / 20 - 6); }
static double below_zero(size_t i) { return -3000 + (double)i; }
static double around_zero(size_t i) { return (double)i - 200; }

START_TEST(test_the_median_of_many_numbers_is_in_its_octave) {
    static double (*const ways[])(size_t) = {upwards, by_powers, below_zero};
    double real = 0;
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        double got = median_of(ways[i], &real), ratio = got / real;
        ck_assert_msg(ratio >= 0.5 && ratio <= 2, "%zu: %g for %g", i, got, real);
    }
    ck_assert(median_of(around_zero, &real) == 0);
}
END_TEST

static double fractions(size_t i) { return -0.9 * pow(0.97, (double)i); }
static double tiny(size_t i) { return 1e-8 * (1 + (double)(i * i)); }
static double tiny_and_alike(size_t i) { return 1e-6 * (1000 + (double)i); }
static double huge_below(size_t i) { return -1e9 * (402 - (double)i); }
static double huge(size_t i) { return 1e12 * exp2((double)i); }
static double around_one(size_t i) { return 1 - 1e-3 * (201 - (double)i); }
static double at_the_end_of_an_octave(size_t i) { return 128 + 127.9 * (double)(i > 190) + 1e-4 * (double)i; }

START_TEST(test_no_median_is_told_that_is_wrong_by_more_than_a_factor_of_two) {
    static double (*const unknown[])(size_t) = {fractions, tiny, huge_below, huge};
    static double (*const known[])(size_t) = {tiny_and_alike, around_one, at_the_end_of_an_octave};
    double real = 0;
    for (size_t i = 0; i < sizeof unknown / sizeof *unknown; i++) {
        double got = median_of(unknown[i], &real);
        ck_assert_msg(isnan(got), "%zu: %g for %g", i, got, real);
    }
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        double got = median_of(known[i], &real), ratio = got / real;
        ck_assert_msg(ratio >= 0.5 && ratio <= 2, "%zu: %g for %g", i, got, real);
    }
}
END_TEST

/* ---- units ---- */

/* What a slot tells of values that come again and again: "MIN MEDIAN MAX UNIT", or "mixed". */
static void summary_of(const char *const *values, size_t n, lgd_buf *ret) {
    story *s = story_new();
    lgd_slot_summary got;
    for (size_t i = 0; i < 60; i++) tell(s, values[i % n], LGD_VALUE_NUMBER);
    lgd_baseline *b = story_learn(s, N_TEMPLATES, N_SLOTS), *back = NULL;
    lgd_buf saved = {0};
    ck_assert_int_eq(lgd_baseline_save(b, &saved, NULL), LGD_OK);
    ck_assert_int_eq(lgd_baseline_load(lgd_buf_sv(&saved), N_TEMPLATES, N_SLOTS, &back, NULL), LGD_OK);
    ck_assert(lgd_baseline_slot(back, 0, &got) && got.n_numbers == 60);
    if (got.mixed)
        lgd_buf_printf(ret, "mixed");
    else
        lgd_buf_printf(ret, "%g %g %g %.*s", got.min, got.median, got.max, (int)got.unit.n, got.unit.p);
    lgd_buf_add_char(ret, 0);
    lgd_baseline_free(b);
    lgd_baseline_free(back);
    lgd_buf_release(&saved);
    free(s);
}

START_TEST(test_numbers_are_told_in_one_unit) {
    static const struct {
        const char *values[3], *want;
    } rows[] = {
        {{"900ms", "950ms", "1.5s"}, "900 950 1500 ms"},
        {{"0", "2s", "500ms"}, "0 0.5 2 s"},
        {{"1h30m", "2m", "7200s"}, "120 5400 7200 s"},
        {{"1.5 KB", "1 KiB", "512 bytes"}, "0.5 1 1.5 KB"},
        {{"1MB/s", "512KB/s", "2MB/s"}, "0.5 1 2 MB/s"},
        {{"5%", "7%", "6%"}, "5 6 7 %"},
        {{"1", "2", "3"}, "1 2 3 "},
        {{"1", "2ms", "3"}, "mixed"},
        {{"1s", "2KB", "3s"}, "mixed"},
        {{"1MB", "2MB/s", "3MB"}, "mixed"},
        {{"1 unitsofsomething", "2", "3"}, "mixed"},
        {{"1ns", "2ns", "9.5e300days"}, "mixed"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        lgd_buf got = {0};
        summary_of(rows[i].values, 3, &got);
        ck_assert_msg(strcmp(got.p, rows[i].want) == 0, "%zu: %s, not %s", i, got.p, rows[i].want);
        lgd_buf_release(&got);
    }
}
END_TEST

Suite *describe_suite(void) {
    Suite *s = suite_create("describe");
    TCase *t = tcase_create("describe");
    tcase_add_test(t, test_a_slot_tells_its_values_by_frequency);
    tcase_add_test(t, test_a_share_of_nearly_all_is_not_100);
    tcase_add_test(t, test_the_median_of_few_numbers_is_exact);
    tcase_add_test(t, test_the_median_of_many_numbers_is_in_its_octave);
    tcase_add_test(t, test_no_median_is_told_that_is_wrong_by_more_than_a_factor_of_two);
    tcase_add_test(t, test_numbers_are_told_in_one_unit);
    suite_add_tcase(s, t);
    return s;
}
