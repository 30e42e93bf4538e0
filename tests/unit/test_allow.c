/*
 * Tests of the allow-list: what is a rule and what is a problem with its line, what a rule matches and when it ends, and
 * that editing leaves all other lines as they are.
 */
#include "logdetect/allow.h"

#include <check.h>
#include <stdio.h>

Suite *allow_suite(void);

static lgd_zone *utc(void) {
    lgd_zone *z = NULL;
    ck_assert_int_eq(lgd_zone_new("UTC", &z, NULL), LGD_OK);
    return z;
}

static lgd_allow *parse_in(const char *text, lgd_zone *zone) {
    lgd_allow *a = NULL;
    lgd_err err = {0};
    ck_assert_msg(lgd_allow_parse(lgd_sv_of(text), zone, &a, &err) == LGD_OK, "%s", err.text);
    lgd_zone_free(zone);
    return a;
}

static lgd_allow *parse(const char *text) { return parse_in(text, utc()); }

static void expect_text(lgd_sv got, const char *wanted) {
    ck_assert_msg(lgd_sv_eq(got, lgd_sv_of(wanted)), "'%.*s', wanted '%s'", (int)got.n, got.p ? got.p : "", wanted);
}

/* ---- reading ---- */

START_TEST(a_line_is_a_rule_or_a_comment) {
    lgd_allow *a = parse("\xef\xbb\xbf# why\r\n\n  \t\ntemplate=\"a \"\"b\"\" <*>\" reason=x\r\n"
                         "  regex=\"^\\d+\\s\" by=me\tuntil=2026-03-04\nincident=0123456789abcdef");
    ck_assert_uint_eq(lgd_allow_n_problems(a), 0);
    ck_assert_uint_eq(lgd_allow_n(a), 3);
    expect_text(lgd_allow_at(a, 0)->words[LGD_ALLOW_TEMPLATE], "a \"b\" <*>");
    expect_text(lgd_allow_at(a, 0)->words[LGD_ALLOW_REASON], "x");
    expect_text(lgd_allow_at(a, 1)->words[LGD_ALLOW_REGEX], "^\\d+\\s");
    expect_text(lgd_allow_at(a, 1)->words[LGD_ALLOW_BY], "me");
    expect_text(lgd_allow_at(a, 1)->text, "regex=\"^\\d+\\s\" by=me\tuntil=2026-03-04");
    ck_assert_uint_eq(lgd_allow_at(a, 0)->line, 4);
    ck_assert_uint_eq(lgd_allow_at(a, 2)->line, 6);
    lgd_allow_free(a);
}
END_TEST

static const struct {
    const char *line, *what;
} wrong[] = {{"nothing", "a word is not of the form key=value"},
             {"template=x oops", "a word is not of the form key=value"},
             {"templte=x", "an unknown key"},
             {"template=x template=y", "a key is there twice"},
             {"template=", "a value is empty"},
             {"template=\"\"", "a value is empty"},
             {"template=\"x", "a quote is not closed"},
             {"template=\"x\"y", "right behind a closing quote"},
             {"template=x\"y", "a quote stands within a value"},
             {"template=\x01", "a control byte"},
             {"reason=x", "names no template, regex, incident or session"},
             {"template=x regex=y", "exclude each other"},
             {"session=x component=y", "component narrows"},
             {"incident=0123456789abcdef until=2026-01-01", "cannot narrow"},
             {"incident=0123456789ABCDEF", "16 digits"},
             {"incident=0123", "16 digits"},
             {"regex=(", "regex: at character 1"},
             {"template=x until=soon", "until takes a date"},
             {"template=x until=2026-02-30", "until takes a date"},
             {"template=x until=2026-12-3", "until takes a date"},
             {"template=x until=2026/12/31", "until takes a date"},
             {"template=x until=31/Dec/2026", "until takes a date"},
             {"template=x until=20261231", "until takes a date"}};

START_TEST(other_lines_are_problems) {
    char text[200];
    (void)snprintf(text, sizeof text, "session=a\n%s\nsession=b\n", wrong[_i].line);
    lgd_allow *a = parse(text);
    ck_assert_uint_eq(lgd_allow_n(a), 2);
    ck_assert_uint_eq(lgd_allow_n_problems(a), 1);
    ck_assert_uint_eq(lgd_allow_problem_at(a, 0)->line, 2);
    lgd_sv what = lgd_allow_problem_at(a, 0)->what;
    ck_assert_msg(memmem(what.p, what.n, wrong[_i].what, strlen(wrong[_i].what)) != NULL, "%.*s", (int)what.n, what.p);
    lgd_allow_free(a);
}
END_TEST

START_TEST(too_many_rules_are_an_error) {
    lgd_buf text = {0};
    lgd_allow *a = NULL;
    lgd_err err = {0};
    lgd_zone *zone = utc();
    for (int i = 0; i <= LGD_ALLOW_MAX_RULES; i++) lgd_buf_add_sv(&text, LGD_SV("session=a\n"));
    ck_assert_int_eq(lgd_allow_parse(lgd_buf_sv(&text), zone, &a, &err), LGD_E_DAMAGED);
    ck_assert_ptr_null(a);
    lgd_zone_free(zone);
    lgd_buf_release(&text);
}
END_TEST

START_TEST(every_failed_allocation_is_told) {
    lgd_zone *zone = utc();
    lgd_status status = LGD_E_MEMORY;
    uint64_t n = 0;
    while (status == LGD_E_MEMORY && n < 1000) {
        lgd_allow *a = NULL;
        lgd_err err = {0};
        lgd_alloc_fail_at(++n, true);
        status = lgd_allow_parse(LGD_SV("template=\"a b\"\nregex=x\nx\n"), zone, &a, &err);
        lgd_alloc_fail_at(0, false);
        ck_assert(status == LGD_OK ? a != NULL : a == NULL);
        lgd_allow_free(a);
    }
    ck_assert_int_eq(status, LGD_OK);
    ck_assert_uint_gt(n, 5);
    lgd_zone_free(zone);
}
END_TEST

/* ---- matching ---- */

static const int64_t day_ns = INT64_C(86400000000000), start_ns = INT64_C(1772582400000000000); /* 2026-03-04 */

static bool allows_line(const char *rule, lgd_allow_subject s) {
    bool ret = false;
    lgd_allow *a = parse(rule);
    ck_assert_uint_eq(lgd_allow_n(a), 1);
    ck_assert_int_eq(lgd_allow_line(a, &s, &ret, NULL), LGD_OK);
    ck_assert_uint_eq(lgd_allow_at(a, 0)->hits, ret);
    lgd_allow_free(a);
    return ret;
}

START_TEST(a_rule_matches_its_lines_alone) {
    const lgd_allow_subject s = {.template_text = LGD_SV("probe <*> failed"),
                                 .raw = LGD_SV("12:00 probe 7 failed\n\tat x"),
                                 .component = LGD_SV("sshd"),
                                 .session = LGD_SV("req-17"),
                                 .file = LGD_SV("logs/web/a.log"),
                                 .time_ns = start_ns};
    static const struct {
        const char *rule;
        bool matches;
    } rows[] = {{"template=\"probe <*> failed\"", true},
                {"template=\"probe <*>\"", false},
                {"regex=\"probe \\d\"", true},
                {"regex=\"at x$\"", true},
                {"regex=\"^probe\"", false},
                {"session=req-*", true},
                {"session=req-?", false},
                {"session=req-??", true},
                {"session=req-17 file=*/web/*", true},
                {"session=req-17 file=web/*", false},
                {"regex=probe component=ssh*", true},
                {"regex=probe component=cron", false},
                {"regex=probe file=**.log*", true},
                {"regex=probe file=*.l?g session=*", true},
                {"regex=probe session=*18", false},
                {"incident=0123456789abcdef", false}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        ck_assert_msg(allows_line(rows[i].rule, s) == rows[i].matches, "%s", rows[i].rule);
    lgd_allow_subject nameless = s;
    nameless.session = (lgd_sv){0};
    ck_assert_msg(!allows_line("session=*", nameless), "a line of no session");
}
END_TEST

START_TEST(a_rule_ends_by_the_time_of_the_log) {
    lgd_allow_subject s = {.raw = LGD_SV("x"), .time_ns = start_ns + day_ns - 1};
    ck_assert(allows_line("regex=x until=2026-03-04", s)); /* to the end of that day */
    s.time_ns++;
    ck_assert(!allows_line("regex=x until=2026-03-04", s));
    ck_assert(!allows_line("regex=x until=2026-03-04T23:59:59Z", s));
    s.time_ns = start_ns;
    ck_assert(!allows_line("regex=x until=2026-03-04T00:00:00Z", s));
    ck_assert(allows_line("regex=x until=2026-03-04T00:00:01Z", s));
    s.time_ns = LGD_NO_TIME; /* nobody can tell */
    ck_assert(!allows_line("regex=x until=2026-03-04", s));
    ck_assert(allows_line("regex=x", s));
}
END_TEST

START_TEST(a_day_is_that_of_the_zone) {
    lgd_zone *zone = NULL;
    ck_assert_int_eq(lgd_zone_new("+02:00", &zone, NULL), LGD_OK);
    lgd_allow *a = parse_in("regex=x until=2026-03-04", zone);
    ck_assert_int_eq(lgd_allow_at(a, 0)->until_ns, start_ns + day_ns - INT64_C(7200000000000));
    lgd_allow_free(a);
}
END_TEST

START_TEST(the_first_rule_counts) {
    lgd_allow *a = parse("regex=b\nregex=a\nregex=ab\n");
    bool ret = false;
    const lgd_allow_subject both = {.raw = LGD_SV("ab"), .time_ns = 0}, one = {.raw = LGD_SV("a"), .time_ns = 0};
    ck_assert_int_eq(lgd_allow_line(a, &both, &ret, NULL), LGD_OK);
    ck_assert_int_eq(lgd_allow_line(a, &one, &ret, NULL), LGD_OK);
    ck_assert_uint_eq(lgd_allow_at(a, 0)->hits, 1);
    ck_assert_uint_eq(lgd_allow_at(a, 1)->hits, 1);
    ck_assert_uint_eq(lgd_allow_at(a, 2)->hits, 0);
    lgd_allow_free(a);
}
END_TEST

START_TEST(sessions_are_known_by_name_or_reason) {
    lgd_allow *a = parse("regex=.\ntemplate=slow\nsession=probe*\n");
    const lgd_allow_subject by_reason = {.template_text = LGD_SV("slow"), .session = LGD_SV("s1")},
                            by_name = {.template_text = LGD_SV("other"), .session = LGD_SV("probe1")},
                            neither = {.session = LGD_SV("s1")};
    bool ret = false;
    ck_assert(lgd_allow_session(a, &by_reason, &ret, NULL) == LGD_OK && ret);
    ck_assert(lgd_allow_session(a, &by_name, &ret, NULL) == LGD_OK && ret);
    ck_assert(lgd_allow_session(a, &neither, &ret, NULL) == LGD_OK && !ret);
    ck_assert_uint_eq(lgd_allow_at(a, 0)->hits, 0);
    lgd_allow_free(a);
}
END_TEST

START_TEST(an_incident_counts_once_and_its_lines_do_not) {
    lgd_allow *a = parse("incident=0123456789abcdef\n");
    ck_assert(lgd_allow_line_of_incident(a, "0123456789abcdef"));
    ck_assert(!lgd_allow_line_of_incident(a, "0123456789abcdee"));
    ck_assert(!lgd_allow_line_of_incident(a, NULL));
    ck_assert_uint_eq(lgd_allow_at(a, 0)->hits, 0);
    ck_assert(lgd_allow_incident(a, "0123456789abcdef") && !lgd_allow_incident(a, NULL));
    ck_assert_uint_eq(lgd_allow_at(a, 0)->hits, 1);
    lgd_allow_free(a);
}
END_TEST

START_TEST(a_regex_cannot_stall) {
    lgd_allow *a = parse("regex=^(a+)+$\n");
    char text[2000];
    bool ret = true;
    memset(text, 'a', sizeof text);
    text[sizeof text - 1] = '!';
    const lgd_allow_subject s = {.raw = {text, sizeof text}};
    ck_assert_int_eq(lgd_allow_line(a, &s, &ret, NULL), LGD_OK);
    ck_assert(!ret);
    ck_assert_uint_eq(lgd_allow_over_limit(a), 1);
    lgd_allow_free(a);
}
END_TEST

/* A line of the list cannot hold a control byte; the template is known by how it is shown. */
START_TEST(a_template_is_known_by_how_it_is_shown) {
    lgd_allow_subject s = {.template_text = LGD_SV("a\n\x1b[31m<*>"), .time_ns = 0};
    ck_assert(allows_line("template=a\\x0a\\x1b[31m<*>", s));
    ck_assert(!allows_line("template=a\\x0a<*>", s));
}
END_TEST

/* ---- editing ---- */

static lgd_status add(const char *text, const lgd_sv *words, size_t n, lgd_buf *ret, lgd_err *err) {
    lgd_zone *zone = utc();
    lgd_status status = lgd_allow_add(lgd_sv_of(text), words, n, zone, ret, err);
    lgd_zone_free(zone);
    return status;
}

START_TEST(a_new_rule_comes_last_and_is_quoted) {
    const lgd_sv words[] = {LGD_SV("template=say \"hi\" to <*>"), LGD_SV("reason=it's fine"), LGD_SV("by=me")};
    lgd_buf out = {0};
    lgd_err err = {0};
    ck_assert_msg(add("# why\nsession=a", words, 3, &out, &err) == LGD_OK, "%s", err.text);
    expect_text(lgd_buf_sv(&out), "# why\nsession=a\ntemplate=\"say \"\"hi\"\" to <*>\" reason=\"it's fine\" by=me\n");
    lgd_buf_add_char(&out, '\0');
    lgd_allow *a = parse(out.p);
    expect_text(lgd_allow_at(a, 1)->words[LGD_ALLOW_TEMPLATE], "say \"hi\" to <*>");
    lgd_allow_free(a);
    lgd_buf_release(&out);
}
END_TEST

START_TEST(what_is_no_new_rule_is_refused) {
    const struct {
        lgd_sv word;
        const char *what;
    } rows[] = {{LGD_SV("session=a"), "there already, in line 2"},
                {LGD_SV("session"), "not of the form"},
                {LGD_SV("# x"), "it is empty"},
                {LGD_SV("reason=a\nsession=b"), "a control byte"},
                {LGD_SV("session=b\nsession=c"), "a control byte"},
                {LGD_SV("regex=("), "at character 1"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        lgd_buf out = {0};
        lgd_err err = {0};
        ck_assert_int_eq(add("\nsession=a reason=x\n", &rows[i].word, 1, &out, &err), LGD_E_USAGE);
        ck_assert_msg(strstr(err.text, rows[i].what) != NULL, "%s", err.text);
        ck_assert_ptr_null(strchr(err.text, '\n'));
        lgd_buf_release(&out);
    }
}
END_TEST

START_TEST(removing_leaves_the_rest_as_it_is) {
    static const char text[] = "# one\r\nsession=a\r\n\n  # two\nbad line\nsession=b   reason=x";
    lgd_zone *zone = utc();
    lgd_buf out = {0};
    lgd_err err = {0};
    ck_assert_int_eq(lgd_allow_remove(lgd_sv_of(text), (size_t[]){5, 2}, 2, zone, &out, &err), LGD_OK);
    expect_text(lgd_buf_sv(&out), "# one\r\n\n  # two\nsession=b   reason=x");
    lgd_buf_clear(&out);
    const size_t others[] = {0, 1, 3, 7, SIZE_MAX};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        ck_assert_int_eq(lgd_allow_remove(lgd_sv_of(text), &others[i], 1, zone, &out, &err), LGD_E_USAGE);
    ck_assert_uint_eq(out.n, 0);
    lgd_zone_free(zone);
    lgd_buf_release(&out);
}
END_TEST

Suite *allow_suite(void) {
    Suite *suite = suite_create("allow");
    TCase *tc = tcase_create("allow");
    tcase_add_test(tc, a_line_is_a_rule_or_a_comment);
    tcase_add_loop_test(tc, other_lines_are_problems, 0, sizeof wrong / sizeof wrong[0]);
    tcase_add_test(tc, too_many_rules_are_an_error);
    tcase_add_test(tc, every_failed_allocation_is_told);
    tcase_add_test(tc, a_rule_matches_its_lines_alone);
    tcase_add_test(tc, a_rule_ends_by_the_time_of_the_log);
    tcase_add_test(tc, a_day_is_that_of_the_zone);
    tcase_add_test(tc, the_first_rule_counts);
    tcase_add_test(tc, sessions_are_known_by_name_or_reason);
    tcase_add_test(tc, an_incident_counts_once_and_its_lines_do_not);
    tcase_add_test(tc, a_regex_cannot_stall);
    tcase_add_test(tc, a_template_is_known_by_how_it_is_shown);
    tcase_add_test(tc, a_new_rule_comes_last_and_is_quoted);
    tcase_add_test(tc, what_is_no_new_rule_is_refused);
    tcase_add_test(tc, removing_leaves_the_rest_as_it_is);
    suite_add_tcase(suite, tc);
    return suite;
}
