/* regex: what a pattern finds, what is refused, and that no line makes it run on. */
#include <check.h>

#include "logdetect/regex.h"

Suite *regex_suite(void);

static lgd_regex *compile(const char *pattern, bool anchored, bool fast) {
    lgd_regex *re = NULL;
    lgd_err err = {0};
    ck_assert_msg(lgd_regex_new(lgd_sv_of(pattern), anchored, &re, &err) == LGD_OK, "%s", err.text);
    if (fast) lgd_regex_speed_up(re);
    return re;
}

static const struct {
    const char *pattern, *text;
    bool anchored;
    lgd_match match;
    const char *found, *first; /* all of it and group 1; NULL: it took no part */
} rows[] = {
    {"b(.)", "abcd", false, LGD_MATCH_YES, "bc", "c"},        {"b(.)", "abcd", true, LGD_MATCH_NO, NULL, NULL},
    {"a(.)", "abcd", true, LGD_MATCH_YES, "ab", "b"},         {"^b", "abcd", false, LGD_MATCH_NO, NULL, NULL},
    {"a(x)?", "ab", false, LGD_MATCH_YES, "a", NULL},         {"a(x?)", "ab", false, LGD_MATCH_YES, "a", ""},
    {"(?<n>x)|(?<n>y)", "y", true, LGD_MATCH_YES, "y", NULL}, {"", "", true, LGD_MATCH_YES, "", NULL},
};

START_TEST(patterns_find) {
    for (int fast = 0; fast < 2; fast++) { /* interpreted and as machine code: the same */
        lgd_regex *re = compile(rows[_i].pattern, rows[_i].anchored, fast);
        lgd_matcher *m = NULL;
        lgd_err err = {0};
        lgd_sv text = lgd_sv_of(rows[_i].text);
        ck_assert_int_eq(lgd_matcher_new(&m, &err), LGD_OK);
        ck_assert_int_eq(lgd_regex_match(re, m, text), rows[_i].match);
        lgd_sv found = lgd_matcher_group(m, text, 0), first = lgd_matcher_group(m, text, 1);
        ck_assert((found.p != NULL) == (rows[_i].found != NULL) && (first.p != NULL) == (rows[_i].first != NULL));
        if (found.p) ck_assert(lgd_sv_eq(found, lgd_sv_of(rows[_i].found)));
        if (first.p) ck_assert(lgd_sv_eq(first, lgd_sv_of(rows[_i].first)));
        ck_assert_ptr_null(lgd_matcher_group(m, text, 7).p);
        lgd_matcher_free(m);
        lgd_regex_free(re);
    }
}
END_TEST

START_TEST(groups_have_names_in_their_order) {
    lgd_regex *re = compile("(?<z>a)(b)(?<y>c)|(?<z>d)", false, false);
    const char *const names[] = {"z", "y", "z"};
    const uint32_t groups[] = {1, 3, 4};
    ck_assert_uint_eq(lgd_regex_n_names(re), 3);
    for (size_t i = 0; i < 3; i++) {
        uint32_t group = 0;
        ck_assert(lgd_sv_eq(lgd_regex_name(re, i, &group), lgd_sv_of(names[i])));
        ck_assert_uint_eq(group, groups[i]);
    }
    lgd_regex_free(re);
}
END_TEST

static void assert_refused(lgd_sv pattern, const char *why) {
    lgd_regex *re = NULL;
    lgd_err err = {0};
    ck_assert_int_eq(lgd_regex_new(pattern, false, &re, &err), LGD_E_USAGE);
    ck_assert_msg(strncmp(err.text, why, strlen(why)) == 0, "%s", err.text);
    ck_assert_ptr_null(re);
}

START_TEST(bad_patterns_are_refused_by_character) {
    lgd_buf many = {0}, nested = {0}, large = {0};
    for (size_t i = 0; i <= LGD_REGEX_MAX_GROUPS; i++) lgd_buf_add_sv(&many, LGD_SV("(a)"));
    for (size_t i = 0; i < 1000; i++) lgd_buf_add_char(&nested, '(');
    for (size_t i = 0; i <= LGD_REGEX_MAX_BYTES; i++) lgd_buf_add_char(&large, 'a');
    assert_refused(LGD_SV("ab["), "at character 3: missing terminating ]");
    assert_refused(LGD_SV("\\C"), "at character 2: using \\C is disabled");
    assert_refused(lgd_buf_sv(&many), "at character 0: more than 32 groups");
    assert_refused(lgd_buf_sv(&nested), "at character 251: parentheses are too deeply nested");
    assert_refused(lgd_buf_sv(&large), "at character 8192: the pattern is longer than that");
    lgd_buf_release(&many);
    lgd_buf_release(&nested);
    lgd_buf_release(&large);
}
END_TEST

START_TEST(exponential_patterns_stop) {
    char text[4000];
    memset(text, 'a', sizeof text);
    for (int fast = 0; fast < 2; fast++) {
        lgd_regex *re = compile("(a+)+$", true, fast);
        lgd_matcher *m = NULL;
        lgd_err err = {0};
        ck_assert_int_eq(lgd_matcher_new(&m, &err), LGD_OK);
        text[sizeof text - 1] = '!';
        ck_assert_int_eq(lgd_regex_match(re, m, (lgd_sv){text, sizeof text}), LGD_MATCH_OVER_LIMIT);
        ck_assert_ptr_null(lgd_matcher_group(m, (lgd_sv){text, sizeof text}, 0).p);
        lgd_matcher_free(m);
        lgd_regex_free(re);
    }
}
END_TEST

Suite *regex_suite(void) {
    Suite *suite = suite_create("regex");
    TCase *tc = tcase_create("regex");
    tcase_add_loop_test(tc, patterns_find, 0, sizeof rows / sizeof rows[0]);
    tcase_add_test(tc, groups_have_names_in_their_order);
    tcase_add_test(tc, bad_patterns_are_refused_by_character);
    tcase_add_test(tc, exponential_patterns_stop);
    suite_add_tcase(suite, tc);
    return suite;
}
