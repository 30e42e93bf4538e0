/*
 * test_timestamp: the table timestamps.tsv (a fresh clock for each row), and sequences of lines through one clock.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "logdetect/format.h"

Suite *timestamp_suite(void);

enum { MAX_ROW = 512, COLUMNS = 4 };

/* Reads "yyyy-mm-ddThh:mm:ss[.fraction]Z" without any code of the library. */
static int64_t utc_ns(const char *text) {
    int year, month, day, hour, minute, second, n = 0;
    ck_assert_int_eq(sscanf(text, "%4d-%2d-%2dT%2d:%2d:%2d%n", &year, &month, &day, &hour, &minute, &second, &n), 6);
    int64_t ns = 0;
    if (text[n] == '.') {
        int64_t unit = 100000000;
        for (n++; text[n] >= '0' && text[n] <= '9'; n++, unit /= 10) ns += unit * (text[n] - '0');
    }
    ck_assert_str_eq(text + n, "Z");
    int64_t days = 0; /* counted, so that nothing is shared with what is tested */
    static const int lengths[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    for (int y = year; y < 1970; y++) days -= (y % 4 == 0 && y % 100 != 0) || y % 400 == 0 ? 366 : 365;
    for (int y = 1970; y < year; y++) days += (y % 4 == 0 && y % 100 != 0) || y % 400 == 0 ? 366 : 365;
    for (int m = 1; m < month; m++) days += lengths[m - 1];
    if (month > 2 && ((year % 4 == 0 && year % 100 != 0) || year % 400 == 0)) days++;
    days += day - 1;
    return (((days * 24 + hour) * 60 + minute) * 60 + second) * INT64_C(1000000000) + ns;
}

static lgd_zone *zone(const char *name) {
    lgd_zone *z = NULL;
    lgd_err err = {0};
    ck_assert_msg(lgd_zone_new(name, &z, &err) == LGD_OK, "%s", err.text);
    return z;
}

static int64_t resolve(lgd_clock *clock, const char *written) {
    lgd_timestamp t;
    lgd_sv s = lgd_sv_of(written);
    if (s.n == 0 || lgd_timestamp_parse(s, &t) != s.n) return LGD_NO_TIME;
    return lgd_clock_resolve(clock, &t);
}

static size_t split(char *line, char *column[COLUMNS]) {
    size_t n = 0;
    for (char *p = line; n < COLUMNS;) {
        column[n++] = p;
        p = strpbrk(p, "\t\n");
        if (!p) break;
        bool last = *p == '\n';
        *p++ = '\0';
        if (last) break;
    }
    return n;
}

START_TEST(test_table) {
    FILE *f = fopen(LGD_SOURCE_DIR "/tests/unit/timestamps.tsv", "r");
    ck_assert_ptr_nonnull(f);
    char line[MAX_ROW], *column[COLUMNS];
    size_t n_rows = 0;
    while (fgets(line, sizeof line, f)) {
        if (line[0] == '#') continue;
        ck_assert_uint_eq(split(line, column), COLUMNS);
        lgd_zone *z = zone(column[2]);
        lgd_clock clock;
        lgd_clock_init(&clock, z, column[1][0] == '-' ? LGD_NO_TIME : utc_ns(column[1]));
        int64_t expected = column[3][0] == '-' ? LGD_NO_TIME : utc_ns(column[3]);
        int64_t actual = resolve(&clock, column[0]);
        ck_assert_msg(actual == expected, "'%s' in %s: %lld, expected %lld", column[0], column[2], (long long)actual,
                      (long long)expected);
        lgd_zone_free(z);
        n_rows++;
    }
    (void)fclose(f);
    ck_assert_uint_ge(n_rows, 520);
}
END_TEST

typedef struct written_row {
    const char *written, *utc; /* utc NULL: no time */
} written_row;

static void check_sequence(const char *zone_name, const char *mtime, const written_row *rows, size_t n) {
    lgd_zone *z = zone(zone_name);
    lgd_clock clock;
    lgd_clock_init(&clock, z, mtime ? utc_ns(mtime) : LGD_NO_TIME);
    for (size_t i = 0; i < n; i++) {
        int64_t expected = rows[i].utc ? utc_ns(rows[i].utc) : LGD_NO_TIME;
        int64_t actual = resolve(&clock, rows[i].written);
        ck_assert_msg(actual == expected, "row %zu '%s': %lld, expected %lld", i, rows[i].written, (long long)actual,
                      (long long)expected);
    }
    lgd_zone_free(z);
}
#define SEQUENCE(zone, mtime, rows) check_sequence((zone), (mtime), (rows), sizeof(rows) / sizeof(rows)[0])

START_TEST(test_new_year) {
    static const written_row rows[] = {{"Dec 31 23:59:58", "2023-12-31T23:59:58Z"},
                                       {"Jan  1 00:00:01", "2024-01-01T00:00:01Z"},
                                       {"Dec 31 23:59:59", "2023-12-31T23:59:59Z"}, /* a straggler */
                                       {"Jan  1 00:00:02", "2024-01-01T00:00:02Z"},
                                       {"Feb 29 00:00:00", "2024-02-29T00:00:00Z"},
                                       {"Feb 30 00:00:00", NULL},
                                       {"Nov  1 00:00:00", "2024-11-01T00:00:00Z"}, /* eight silent months */
                                       {"Oct 31 12:00:00", "2024-10-31T12:00:00Z"}, /* a small step back */
                                       {"Jan  2 00:00:00", "2025-01-02T00:00:00Z"}};
    SEQUENCE("UTC", "2024-01-05T00:00:00Z", rows);
}
END_TEST

START_TEST(test_leap_day_after_wrong_year) {
    static const written_row rows[] = {{"Feb 28 10:00:00", "2023-02-28T10:00:00Z"},
                                       {"Feb 29 10:00:00", "2024-02-29T10:00:00Z"},
                                       {"Mar  1 10:00:00", "2024-03-01T10:00:00Z"}};
    SEQUENCE("UTC", "2023-06-01T00:00:00Z", rows);
}
END_TEST

START_TEST(test_midnight) {
    static const written_row rows[] = {
        {"23:59:58", "2024-05-19T23:59:58Z"}, {"00:00:01", "2024-05-20T00:00:01Z"},
        {"23:59:59", "2024-05-19T23:59:59Z"}, {"00:00:02", "2024-05-20T00:00:02Z"},
        {"09:00:00", "2024-05-20T09:00:00Z"}, {"08:59:00", "2024-05-20T08:59:00Z"},
        {"23:00:00", "2024-05-20T23:00:00Z"}, {"10:00:00", "2024-05-21T10:00:00Z"},
        {"08:30:00", "2024-05-21T08:30:00Z"}, /* two hours back is disorder, more is a day */
        {"03:00:00", "2024-05-22T03:00:00Z"}, {"00:30:00", "2024-05-23T00:30:00Z"}};
    SEQUENCE("UTC", "2024-05-20T12:00:00Z", rows);
}
END_TEST

START_TEST(test_fold_is_monotone) {
    static const written_row rows[] = {
        {"2024-10-27 02:10:00", "2024-10-27T00:10:00Z"}, {"2024-10-27 02:59:59", "2024-10-27T00:59:59Z"},
        {"2024-10-27 02:59:58", "2024-10-27T00:59:58Z"}, /* a second of disorder is no second pass */
        {"2024-10-27 02:00:00", "2024-10-27T01:00:00Z"}, {"2024-10-27 02:40:00", "2024-10-27T01:40:00Z"},
        {"2024-10-27 03:00:00", "2024-10-27T02:00:00Z"}};
    SEQUENCE("Europe/Berlin", NULL, rows);
}
END_TEST

START_TEST(test_mixed_forms) {
    static const written_row rows[] = {
        {"1714564800", "2024-05-01T12:00:00Z"}, {"May  1 12:00:01", "2024-05-01T12:00:01Z"},
        {"12:00:02", "2024-05-01T12:00:02Z"},   {"2024-05-01T14:00:03+02:00", "2024-05-01T12:00:03Z"},
        {"2024-02-30 00:00:00", NULL},          {"12:00:04", "2024-05-01T12:00:04Z"}};
    SEQUENCE("UTC", NULL, rows);
}
END_TEST

/* Absurd mtimes and times at the limits of 64 bits neither overflow nor hang. */
START_TEST(test_extreme_mtimes) {
    static const char *const written[] = {"23:59:59", "00:00:00", "Feb 29 10:00:00", "Dec 31 23:59:59", "12:00:00"};
    static const int64_t mtimes[] = {INT64_MAX, INT64_MIN + 1, 0, -1, INT64_C(9223000000000000000)};
    const int64_t limit_s = INT64_C(9) * 366 * 86400; /* 29 February may be eight years away */
    lgd_zone *z = zone("Europe/Berlin");
    for (size_t m = 0; m < sizeof mtimes / sizeof mtimes[0]; m++) {
        lgd_clock clock;
        lgd_clock_init(&clock, z, mtimes[m]);
        for (size_t i = 0; i < sizeof written / sizeof written[0]; i++) {
            int64_t ns = resolve(&clock, written[i]);
            int64_t away_s = ns / 1000000000 - mtimes[m] / 1000000000;
            ck_assert(ns == LGD_NO_TIME || (away_s > -limit_s && away_s < limit_s));
        }
    }
    lgd_zone_free(z);
}
END_TEST

START_TEST(test_zone_names) {
    static const char *const bad[] = {"Mars/Olympus", "../../../etc/passwd", "/etc/localtime", "", "+25:00", "+1",
                                      "Europe/",      "Europe/Ber\nlin",     "Europe"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        lgd_zone *z = NULL;
        lgd_err err = {0};
        ck_assert_msg(lgd_zone_new(bad[i], &z, &err) != LGD_OK, "'%s' was taken", bad[i]);
        ck_assert_ptr_null(z);
        ck_assert_int_ne(err.text[0], '\0');
    }
    lgd_zone *z = zone("+05:30");
    ck_assert_int_eq(lgd_zone_to_utc(z, 19800), 0);
    lgd_zone_free(z);
    z = zone(NULL);
    lgd_zone_free(z);
    lgd_zone_free(NULL);
}
END_TEST

START_TEST(test_days_from_civil) {
    ck_assert_int_eq(lgd_days_from_civil(1970, 1, 1), 0);
    ck_assert_int_eq(lgd_days_from_civil(2000, 3, 1), 11017);
    ck_assert_int_eq(lgd_days_from_civil(1969, 12, 31), -1);
    ck_assert_int_eq(lgd_days_from_civil(1600, 2, 29), -135081);
}
END_TEST

Suite *timestamp_suite(void) {
    Suite *suite = suite_create("timestamp");
    TCase *tc = tcase_create("timestamp");
    tcase_add_test(tc, test_table);
    tcase_add_test(tc, test_new_year);
    tcase_add_test(tc, test_leap_day_after_wrong_year);
    tcase_add_test(tc, test_midnight);
    tcase_add_test(tc, test_fold_is_monotone);
    tcase_add_test(tc, test_mixed_forms);
    tcase_add_test(tc, test_extreme_mtimes);
    tcase_add_test(tc, test_zone_names);
    tcase_add_test(tc, test_days_from_civil);
    suite_add_tcase(suite, tc);
    return suite;
}
