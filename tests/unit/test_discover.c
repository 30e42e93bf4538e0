/*
 * Session keys that are found: src/pipeline/discover.c. Lines are made here; each row says what a log looks like and what
 * its key is to match.
 */
#include <check.h>
#include <stdio.h>

#include "../../src/pipeline/discover.h"
#include "../../src/pipeline/sessions.h"

Suite *discover_suite(void);

enum { N_LINES = 2000 };

typedef void (*line_maker)(unsigned i, char *out, size_t n);

/* Five lines a request, four requests at a time. */
static void request_lines(unsigned i, char *out, size_t n) {
    static const char *const what[] = {"accepted", "checked", "stored", "answered", "closed"};
    unsigned request = i / 20 * 4 + i % 4, step = i % 20 / 4;
    snprintf(out, n, "worker %u %s req=%08x after %u ms", i % 3, what[step], 0xa1000000u + request * 7919u, i % 50);
}

static void block_lines(unsigned i, char *out, size_t n) {
    static const char *const what[] = {"Receiving", "Received", "Verified", "Deleting"};
    snprintf(out, n, "%s block blk_-%u of /data/store", what[i % 4], 100000u + i / 4 * 31u);
}

static void uuid_lines(unsigned i, char *out, size_t n) {
    static const char *const what[] = {"begin", "step", "end"};
    snprintf(out, n, "[job-%08x-1234-4abc-8def-%012x] %s of job", i / 3 * 2654435761u, i / 3, what[i % 3]);
}

/* A value that each line has a new one of ties nothing together. */
static void counter_lines(unsigned i, char *out, size_t n) {
    snprintf(out, n, "tick number id=%08x done", 0xb0000000u + i);
}

/* One that never ends is no session. */
static void host_lines(unsigned i, char *out, size_t n) {
    static const char *const what[] = {"up", "down", "slow"};
    snprintf(out, n, "node-%u is %s", 10 + i * 7 % 30, what[i % 3]);
}

static void plain_lines(unsigned i, char *out, size_t n) {
    snprintf(out, n, "all is %s today", i % 2 ? "well" : "quiet");
}

static void find_pattern(line_maker make, lgd_buf *ret) {
    discovery *d = NULL;
    lgd_err err = {0};
    ck_assert_int_eq(discovery_new(&d, &err), LGD_OK);
    for (unsigned i = 0; i < N_LINES; i++) {
        char line[160];
        make(i, line, sizeof line);
        /* the first word but digits stands for the template here */
        uint32_t template_hash = (uint32_t)lgd_hash(line, strcspn(line, "0123456789"), 1) + (uint32_t)strlen(line) % 2;
        ck_assert_int_eq(discovery_add(d, lgd_sv_of(line), template_hash, &err), LGD_OK);
    }
    ck_assert_int_eq(discovery_pattern(d, ret, &err), LGD_OK);
    discovery_free(d);
}

/* A found pattern matches exactly the identifier in a line. */
static void expect_key(const char *pattern, const char *line, const char *key) {
    lgd_regex *k = NULL;
    lgd_matcher *m = NULL;
    lgd_err err = {0};
    uint64_t over_limit = 0;
    ck_assert_msg(session_key_new(pattern, &k, &err) == LGD_OK, "%s", err.text);
    ck_assert_int_eq(lgd_matcher_new(&m, &err), LGD_OK);
    lgd_sv found = session_key_find(k, m, lgd_sv_of(line), &over_limit);
    ck_assert_msg(lgd_sv_eq(found, lgd_sv_of(key)), "%s in '%s': '%.*s'", pattern, line, (int)found.n, found.p);
    ck_assert_uint_eq(over_limit, 0);
    lgd_matcher_free(m);
    lgd_regex_free(k);
}

START_TEST(test_identifiers_that_recur_are_keys) {
    static const struct {
        line_maker make;
        const char *line, *key;
    } rows[] = {
        {request_lines, "x req=0fedcba9 y", "0fedcba9"},
        {request_lines, "x other=0fedcba9 y", ""},
        {block_lines, "Lost block blk_-987654321.", "blk_-987654321"},
        {uuid_lines, "a [job-00000000-1234-4abc-8def-00000000beef] b", "job-00000000-1234-4abc-8def-00000000beef"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        lgd_buf pattern = {0};
        find_pattern(rows[i].make, &pattern);
        ck_assert_msg(pattern.n > 1, "row %zu: nothing was found", i);
        expect_key(pattern.p, rows[i].line, rows[i].key);
        lgd_buf_release(&pattern);
    }
}
END_TEST

START_TEST(test_what_ties_nothing_together_is_no_key) {
    static const line_maker makers[] = {counter_lines, host_lines, plain_lines};
    for (size_t i = 0; i < sizeof makers / sizeof *makers; i++) {
        lgd_buf pattern = {0};
        find_pattern(makers[i], &pattern);
        ck_assert_msg(pattern.n == 1, "row %zu: found %s", i, pattern.p);
        lgd_buf_release(&pattern);
    }
}
END_TEST

START_TEST(test_hostile_lines_are_bounded) {
    discovery *d = NULL;
    lgd_err err = {0};
    lgd_buf line = {0}, pattern = {0};
    for (unsigned i = 0; i < 60000; i++) lgd_buf_printf(&line, "a%u_%u=", i % 400, i);
    ck_assert_int_eq(discovery_new(&d, &err), LGD_OK);
    for (unsigned i = 0; i < 100; i++) ck_assert_int_eq(discovery_add(d, lgd_buf_sv(&line), i, &err), LGD_OK);
    ck_assert_int_eq(discovery_add(d, (lgd_sv){"\0\xff\0", 3}, 0, &err), LGD_OK);
    ck_assert_int_eq(discovery_add(d, (lgd_sv){"", 0}, 0, &err), LGD_OK);
    ck_assert_int_eq(discovery_pattern(d, &pattern, &err), LGD_OK);
    ck_assert_uint_eq(pattern.n, 1);
    discovery_free(d);
    discovery_free(NULL);
    lgd_buf_release(&line);
    lgd_buf_release(&pattern);
}
END_TEST

Suite *discover_suite(void) {
    Suite *s = suite_create("discover");
    TCase *c = tcase_create("discover");
    tcase_add_test(c, test_identifiers_that_recur_are_keys);
    tcase_add_test(c, test_what_ties_nothing_together_is_no_key);
    tcase_add_test(c, test_hostile_lines_are_bounded);
    suite_add_tcase(s, c);
    return s;
}
