/*
 * Tests of sessions in pipeline: the user's pattern finds its key and cannot stall, the table counts what it is told and
 * stops at its limits, and a log in which one session lacks a step is reported by that session's name.
 */
#include "../../src/pipeline/sessions.h"
#include "logdetect/pipeline.h"

#include "commands.h"
#include "folder.h"

#include <check.h>
#include <cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

Suite *session_suite(void);

/* ---- key ---- */

/* The key of one line, or NULL if the pattern cannot be compiled. */
static lgd_sv find(const char *pattern, lgd_sv line, uint64_t *over_limit) {
    lgd_regex *k = NULL;
    lgd_matcher *m = NULL;
    lgd_err err = {0};
    ck_assert_msg(session_key_new(pattern, &k, &err) == LGD_OK, "%s", err.text);
    ck_assert_int_eq(lgd_matcher_new(&m, NULL), LGD_OK);
    lgd_sv key = session_key_find(k, m, line, over_limit);
    lgd_matcher_free(m);
    lgd_regex_free(k);
    return key;
}

START_TEST(test_the_key_is_the_first_group_or_the_match) {
    static const struct {
        const char *pattern;
        lgd_sv line, key;
    } rows[] = {{"blk_-?\\d+", {"got blk_-42 from x", 18}, {"blk_-42", 7}},
                {"req=(\\w+)", {"GET req=ab1 200", 15}, {"ab1", 3}},
                {"(a+)(b+)", {"xaabbb", 6}, {"aa", 2}},
                {"req=(?:id)?(\\d+)", {"req=id77", 8}, {"77", 2}},
                {"^\\[(\\d+)\\]", {"[9] [10]", 8}, {"9", 1}},
                {"x(y)?z", {"..xz..", 6}, {"xz", 2}}, /* a group that took no part */
                {"req=(\\w+)", {"nothing of that", 15}, {"", 0}},
                {"x*", {"aaa", 3}, {"", 0}}, /* an empty match is no key */
                {"req=(\\d*)", {"req=x", 5}, {"", 0}},
                {"q(?=\\Kr)", {"qr", 2}, {"", 0}}, /* \K puts the start behind the end */
                {".", {"", 0}, {"", 0}},
                {"a.c", {"xa\0cx", 5}, {"a\0c", 3}},
                {"\xc3.", {"\xc3\xff", 2}, {"\xc3\xff", 2}}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint64_t over_limit = 0;
        lgd_regex *k = NULL;
        if (session_key_new(rows[i].pattern, &k, NULL) == LGD_E_USAGE) { /* newer PCRE2 refuses \K in a look-ahead */
            ck_assert_ptr_nonnull(strstr(rows[i].pattern, "\\K"));
            continue;
        }
        lgd_regex_free(k);
        lgd_sv key = find(rows[i].pattern, rows[i].line, &over_limit);
        ck_assert_msg(lgd_sv_eq(key, rows[i].key), "row %zu: '%.*s'", i, (int)key.n, key.p);
        ck_assert_uint_eq(over_limit, 0);
    }
}
END_TEST

START_TEST(test_a_bad_pattern_is_refused_with_its_place) {
    static const struct {
        const char *pattern, *place;
    } rows[] = {{"blk_(", "at character 5"}, {"a[b", "at character 3"}, {"*a", "at character 0"},
                {"(?<n", "at character 4"},  {"a\\C", "at character"},  {"(x)\\2", "at character"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        lgd_regex *k = NULL;
        lgd_err err = {0};
        ck_assert_msg(session_key_new(rows[i].pattern, &k, &err) == LGD_E_USAGE, "'%s'", rows[i].pattern);
        ck_assert_ptr_null(k);
        ck_assert_msg(strstr(err.text, "--session") && strstr(err.text, rows[i].pattern) &&
                          strstr(err.text, rows[i].place) && strstr(err.text, "nothing was done"),
                      "%s", err.text);
    }
    lgd_regex_free(NULL);
    lgd_matcher_free(NULL);
}
END_TEST

/* As many steps as there are ways to cut a row of letters: without limits it would take the age of the universe. */
START_TEST(test_a_pattern_that_explodes_ends_at_its_limit) {
    static char line[100000];
    static const char *const patterns[] = {"(a+)+$", "^(a|aa)+$", "(.*)*x(.*)*y", "(?:(a*)*b)?(a*)*c"};
    memset(line, 'a', sizeof line - 1);
    line[sizeof line - 1] = '!';
    for (size_t i = 0; i < sizeof patterns / sizeof *patterns; i++) {
        uint64_t over_limit = 0;
        lgd_sv key = find(patterns[i], (lgd_sv){line, sizeof line}, &over_limit);
        ck_assert_uint_eq(key.n, 0);
        if (i == 0) ck_assert_uint_eq(over_limit, 1); /* others PCRE2 may see through */
    }
}
END_TEST

START_TEST(test_one_matcher_serves_many_lines) {
    lgd_regex *k = NULL;
    lgd_matcher *m = NULL;
    uint64_t over_limit = 0;
    ck_assert_int_eq(session_key_new("(a+)+$|id=(\\d+)", &k, NULL), LGD_OK);
    ck_assert_int_eq(lgd_matcher_new(&m, NULL), LGD_OK);
    char hostile[60];
    memset(hostile, 'a', sizeof hostile);
    hostile[59] = '!';
    for (int i = 0; i < 3; i++) {
        (void)session_key_find(k, m, (lgd_sv){hostile, sizeof hostile}, &over_limit);
        ck_assert(lgd_sv_eq(session_key_find(k, m, LGD_SV("xaaa"), &over_limit), LGD_SV("aaa")));
        ck_assert_uint_eq(over_limit, (uint64_t)i + 1); /* each hostile line is counted, and harms no other */
    }
    lgd_matcher_free(m);
    lgd_regex_free(k);
}
END_TEST

/* ---- table ---- */

static void add(session_table *t, lgd_sv name, lgd_template_id id, uint64_t line, uint32_t n_lines) {
    lgd_err err = {0};
    session_event e = {name, id, 3, line, n_lines, LGD_NO_TIME, NULL, false};
    ck_assert_msg(session_table_add(t, &e, &err) == LGD_OK, "%s", err.text);
}

START_TEST(test_the_table_counts_what_it_is_told) {
    session_table t = {.hash_key = 7};
    char name[] = "one";
    add(&t, lgd_sv_of(name), 5, 10, 1);
    memset(name, 'x', 3); /* names are kept, not pointed at */
    add(&t, LGD_SV("two"), 5, 11, 2);
    add(&t, LGD_SV("one"), 5, 13, 1);
    add(&t, LGD_SV("one"), 0, 14, 3);
    add(&t, LGD_SV("a\0b"), 1, 17, 1);
    add(&t, LGD_SV("a\0c"), 1, 18, 1);
    ck_assert_uint_eq(t.n, 4);
    const session_row *r = &t.rows[0];
    ck_assert(lgd_sv_eq(r->name, LGD_SV("one")) && lgd_sv_eq(t.rows[1].name, LGD_SV("two")));
    ck_assert(lgd_sv_eq(t.rows[3].name, LGD_SV("a\0c")));
    ck_assert(r->file == 3 && r->first_line == 10 && r->last_line == 16 && r->lines == 5);
    ck_assert_uint_eq(r->n_counts, 2);
    ck_assert(r->counts[0].id == 5 && r->counts[0].n == 2 && r->counts[1].id == 0 && r->counts[1].n == 1);
    ck_assert(t.rows[1].lines == 2 && t.rows[1].last_line == 12);
    session_table_release(&t);
    ck_assert(t.n == 0 && !t.rows);
    session_table_release(&t);
}
END_TEST

START_TEST(test_a_session_keeps_so_many_templates) {
    session_table t = {0};
    for (lgd_template_id id = 0; id < MAX_SESSION_TEMPLATES + 100; id++) add(&t, LGD_SV("s"), id, id + 1, 1);
    add(&t, LGD_SV("s"), 3, 1000, 1);
    ck_assert_uint_eq(t.rows[0].n_counts, MAX_SESSION_TEMPLATES);
    ck_assert_uint_eq(t.rows[0].lines, MAX_SESSION_TEMPLATES + 101);
    ck_assert_uint_eq(t.rows[0].counts[3].n, 2);
    session_table_release(&t);
}
END_TEST

START_TEST(test_sessions_beyond_the_limit_are_counted_not_kept) {
    session_table t = {.hash_key = 99};
    char name[16];
    for (uint32_t i = 0; i < MAX_SESSIONS + 5; i++) {
        int n = snprintf(name, sizeof name, "%x", i);
        session_event e = {{name, (size_t)n}, 0, 0, i + 1, 1, LGD_NO_TIME, NULL, false};
        if (session_table_add(&t, &e, NULL) != LGD_OK) ck_abort();
    }
    ck_assert_uint_eq(t.n, MAX_SESSIONS);
    ck_assert_uint_eq(t.n_left_out, 5);
    add(&t, LGD_SV("0"), 0, 1, 1); /* those that are kept go on */
    ck_assert(t.n_left_out == 5 && t.rows[0].counts[0].n == 2);
    session_table_release(&t);
}
END_TEST

static lgd_status fill(session_table *t, lgd_err *err) {
    for (uint32_t i = 0; i < 200; i++) {
        char name[16];
        int n = snprintf(name, sizeof name, "s%u", i % 40);
        session_event e = {{name, (size_t)n}, i % 7, 0, i + 1, 1, LGD_NO_TIME, NULL, false};
        LGD_TRY(session_table_add(t, &e, err));
    }
    return LGD_OK;
}

START_TEST(test_failing_allocations_are_told) {
    lgd_status status = LGD_E_MEMORY;
    uint64_t k = 0;
    while (status != LGD_OK && k < 2000) {
        session_table t = {0};
        lgd_err err = {0};
        k++;
        lgd_alloc_fail_at(k, k % 2 == 0);
        status = fill(&t, &err);
        lgd_alloc_fail_at(0, false);
        if (status != LGD_OK && (status != LGD_E_MEMORY || !err.text[0])) ck_abort_msg("allocation %d", (int)k);
        session_table_release(&t);
    }
    ck_assert_int_eq(status, LGD_OK);
    ck_assert_uint_gt(k, 40);
}
END_TEST

/* ---- train and scan ---- */

static const char *const steps[] = {"accepted, items:", "reserved in depot east, shelf",
                                    "charged, cents:", "packed in box", "handed over to carrier, seconds:"};
enum { N_STEPS = sizeof steps / sizeof *steps, AT_ONCE = 4 };

/* Orders go through all steps in turn, four at a time. without: the order that is never charged. */
static const char *put_log(const char *name, unsigned first, unsigned n, unsigned without) {
    const char *path = in_folder(name);
    FILE *f = fopen(path, "w");
    lgd_rng r;
    lgd_rng_init(&r, first + 1);
    ck_assert_ptr_nonnull(f);
    for (unsigned i = first; i < first + n; i += AT_ONCE)
        for (unsigned k = 0; k < N_STEPS * AT_ONCE; k++) {
            unsigned id = i + k % AT_ONCE, s = (i / AT_ONCE * 20 + k) % 86400;
            if (id == without && k / AT_ONCE == 2) continue;
            fprintf(f, "2026-03-02 %02u:%02u:%02u INFO shop[7]: order=o%u %s %u\n", s / 3600, s / 60 % 60, s % 60, id,
                    steps[k / AT_ONCE], lgd_rng_below(&r, 900));
        }
    fclose(f);
    return path;
}

static lgd_config config(unsigned command, const char *const *options) {
    lgd_config c;
    lgd_config_init(&c, command);
    set_quick(&c, command);
    for (size_t i = 0; options[i]; i += 2) set_option(&c, command, options[i], options[i + 1]);
    return c;
}
#define OPTIONS(...) ((const char *const[]){"tz", "UTC", __VA_ARGS__, NULL})

/* ensemble: NULL for the default. */
static lgd_status train_with(const char *input, const char *session, const char *ensemble, lgd_train_summary *ret,
                             lgd_arena *arena, lgd_err *err) {
    lgd_world w = {.hash_key = 1, .n_threads = 2, .spool_dir = folder};
    lgd_config c = config(LGD_CMD_TRAIN, OPTIONS("input", input, "output", in_folder("m.lgd"), "session", session));
    lgd_outcome outcome = {0};
    if (ensemble) set_option(&c, LGD_CMD_TRAIN, "ensemble", ensemble);
    lgd_status status = lgd_train(&c, &w, arena, ret, &outcome, err);
    lgd_config_release(&c);
    return status;
}

static lgd_status train(const char *input, const char *session, lgd_train_summary *ret, lgd_arena *arena,
                        lgd_err *err) {
    return train_with(input, session, NULL, ret, arena, err);
}

static cJSON *scan(const char *input) {
    lgd_world w = {.hash_key = 2, .n_threads = 2, .spool_dir = folder};
    lgd_config c = config(LGD_CMD_SCAN, OPTIONS("input", input, "model", in_folder("m.lgd"), "format", "json"));
    lgd_outcome outcome = {0};
    lgd_buf out = {0};
    lgd_err err = {0};
    ck_assert_msg(lgd_scan(&c, &w, (lgd_sink){append, &out}, false, &outcome, &err) == LGD_OK, "%s", err.text);
    cJSON *tree = cJSON_ParseWithLength(out.p, out.n);
    ck_assert_ptr_nonnull(tree);
    lgd_buf_release(&out);
    lgd_config_release(&c);
    return tree;
}

static const cJSON *at(const cJSON *tree, const char *name) {
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(tree, name);
    ck_assert_msg(item != NULL, "%s", name);
    return item;
}

START_TEST(test_a_session_that_lacks_a_step_is_reported) {
    lgd_train_summary s;
    lgd_arena arena = {0};
    lgd_err err = {0};
    ck_assert_msg(train(put_log("train.log", 0, 400, 9999), "order=(\\w+)", &s, &arena, &err) == LGD_OK, "%s",
                  err.text);
    ck_assert_uint_eq(s.sessions, 400);
    cJSON *tree = scan(put_log("scan.log", 400, 80, 433));
    const cJSON *sessions = at(tree, "sessions"), *one = cJSON_GetArrayItem(sessions, 0);
    ck_assert(at(at(tree, "summary"), "sessions")->valuedouble == 80);
    ck_assert_int_eq(cJSON_GetArraySize(sessions), 1);
    ck_assert_str_eq(cJSON_GetStringValue(at(one, "session")), "o433");
    ck_assert(at(one, "lines")->valuedouble == N_STEPS - 1 && cJSON_IsTrue(at(one, "is_anomaly")));
    const cJSON *factor = cJSON_GetArrayItem(at(one, "factors"), 0);
    ck_assert_str_eq(cJSON_GetStringValue(at(factor, "kind")), "COUNT");
    ck_assert_ptr_nonnull(strstr(cJSON_GetStringValue(at(factor, "text")), "charged"));
    ck_assert_int_eq(strncmp(cJSON_GetStringValue(at(factor, "typical")), "1 in 100.00 %", 13), 0);
    ck_assert_int_eq(strncmp(cJSON_GetStringValue(at(factor, "actual")), "0,", 2), 0);
    ck_assert(at(factor, "share")->valuedouble == at(one, "score")->valuedouble);
    cJSON_Delete(tree);
    lgd_arena_release(&arena);
}
END_TEST

/* A line more, which says of an order what is said of none. */
static void add_strange_line(const char *path, unsigned order) {
    FILE *f = fopen(path, "a");
    ck_assert_ptr_nonnull(f);
    fprintf(f, "2026-03-02 23:00:00 CRITICAL shop[7]: order=o%u burnt down with the depot\n", order);
    fclose(f);
}

/* True: training says that nobody judges lines. */
static bool model_of(const char *ensemble, lgd_arena *arena) {
    lgd_train_summary s;
    lgd_err err = {0};
    ck_assert_msg(train_with(put_log("train.log", 0, 400, 9999), "order=(\\w+)", ensemble, &s, arena, &err) == LGD_OK,
                  "%s", err.text);
    return strstr(s.advice.p, "no member of the ensemble judges lines") != NULL;
}

/* The names of a session's members, each behind a space. */
static void expect_members(const cJSON *session, const char *names) {
    char got[200] = "";
    for (const cJSON *m = at(session, "members")->child; m; m = m->next) {
        size_t n = strlen(got);
        ck_assert(m->valuedouble > 0 && m->valuedouble <= 1);
        snprintf(got + n, sizeof got - n, " %s", m->string);
    }
    ck_assert_str_eq(got, names);
}

/* The session with the most bits. At a rate of 1 % one or two of 80 normal ones may be beside it. */
static const cJSON *most_surprising(const cJSON *sessions) {
    const cJSON *best = NULL;
    ck_assert_int_ge(cJSON_GetArraySize(sessions), 1);
    ck_assert_int_le(cJSON_GetArraySize(sessions), 3);
    for (const cJSON *one = sessions->child; one; one = one->next)
        if (!best || at(one, "bits")->valuedouble > at(best, "bits")->valuedouble) best = one;
    return best;
}

START_TEST(test_whoever_judges_finds_the_session_that_lacks_a_step) {
    static const struct {
        const char *ensemble, *names, *kind;
        bool lines;
    } rows[] = {{"counts=1", " counts", "COUNT", false},
                {"ngram=1", " ngram", "SEQUENCE", true},
                {"counts=0.4,ngram=0.6", " counts ngram", NULL, true},
                {"novelty=0.1,counts=0.9", " novelty counts", "COUNT", true}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        lgd_arena arena = {0};
        ck_assert(model_of(rows[i].ensemble, &arena) == !rows[i].lines);
        cJSON *tree = scan(put_log("scan.log", 400, 80, 433));
        const cJSON *one = most_surprising(at(tree, "sessions"));
        ck_assert_str_eq(cJSON_GetStringValue(at(one, "session")), "o433");
        expect_members(one, rows[i].names);
        const cJSON *factor = cJSON_GetArrayItem(at(one, "factors"), 0);
        if (rows[i].kind) ck_assert_str_eq(cJSON_GetStringValue(at(factor, "kind")), rows[i].kind);
        if (!rows[i].lines) ck_assert(at(at(tree, "summary"), "anomalies")->valuedouble == 0);
        cJSON_Delete(tree);
        lgd_arena_release(&arena);
    }
}
END_TEST

START_TEST(test_a_session_is_as_surprising_as_its_line) {
    static const char *const ensembles[] = {"novelty=1", "novelty=0.7,rate=0.3"};
    for (size_t i = 0; i < 2; i++) {
        lgd_arena arena = {0};
        (void)model_of(ensembles[i], &arena);
        const char *log = put_log("scan.log", 400, 80, 9999);
        add_strange_line(log, 451);
        cJSON *tree = scan(log);
        const cJSON *one = most_surprising(at(tree, "sessions"));
        ck_assert_str_eq(cJSON_GetStringValue(at(one, "session")), "o451");
        const cJSON *factor = cJSON_GetArrayItem(at(one, "factors"), 0);
        ck_assert_str_eq(cJSON_GetStringValue(at(factor, "kind")), "LINE");
        ck_assert_ptr_nonnull(strstr(cJSON_GetStringValue(at(factor, "text")), "burnt down"));
        ck_assert_ptr_nonnull(strstr(cJSON_GetStringValue(at(factor, "actual")), "scan.log:401,"));
        cJSON_Delete(tree);
        lgd_arena_release(&arena);
    }
}
END_TEST

START_TEST(test_too_few_sessions_are_told_and_left_out) {
    static const char *const keys[] = {"order=o(?:1|2|3)\\b", "no such thing"};
    static const char *const told[] = {"into 3 sessions, need 50", "into 0 sessions, need 50"};
    const char *log = put_log("train.log", 0, 400, 9999);
    for (int i = 0; i < 2; i++) {
        lgd_train_summary s;
        lgd_arena arena = {0};
        lgd_err err = {0};
        ck_assert_msg(train(log, keys[i], &s, &arena, &err) == LGD_OK, "%s", err.text);
        ck_assert(s.sessions == 0 && s.session_key.n == 0);
        ck_assert_uint_eq(s.read.n_problems, 1);
        ck_assert_msg(strstr(s.read.problems[0].p, told[i]) != NULL, "%s", s.read.problems[0].p);
        ck_assert_int_eq(access(in_folder("m.lgd"), F_OK), 0);
        lgd_arena_release(&arena);
    }
}
END_TEST

Suite *session_suite(void) {
    Suite *suite = suite_create("session");
    TCase *tests = tcase_create("session");
    tcase_set_timeout(tests, 60);
    tcase_add_checked_fixture(tests, folder_make, folder_remove);
    tcase_add_test(tests, test_the_key_is_the_first_group_or_the_match);
    tcase_add_test(tests, test_a_bad_pattern_is_refused_with_its_place);
    tcase_add_test(tests, test_a_pattern_that_explodes_ends_at_its_limit);
    tcase_add_test(tests, test_one_matcher_serves_many_lines);
    tcase_add_test(tests, test_the_table_counts_what_it_is_told);
    tcase_add_test(tests, test_a_session_keeps_so_many_templates);
    tcase_add_test(tests, test_sessions_beyond_the_limit_are_counted_not_kept);
    tcase_add_test(tests, test_failing_allocations_are_told);
    tcase_add_test(tests, test_a_session_that_lacks_a_step_is_reported);
    tcase_add_test(tests, test_whoever_judges_finds_the_session_that_lacks_a_step);
    tcase_add_test(tests, test_a_session_is_as_surprising_as_its_line);
    tcase_add_test(tests, test_too_few_sessions_are_told_and_left_out);
    suite_add_tcase(suite, tests);
    return suite;
}
