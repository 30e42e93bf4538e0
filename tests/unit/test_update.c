/*
 * Tests of `train --update` as a whole: what is new is learned, what is older keeps its ids and fades, and whatever goes wrong
 * leaves the older model as it was.
 */
#include "commands.h"
#include "folder.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

Suite *update_suite(void);

/* A file of the folder; the path stays valid until the next test. */
static char paths[16][96];

static const char *at(const char *name) {
    const char *path = in_folder(name);
    size_t i = 0;
    while (i < 15 && paths[i][0] && strcmp(paths[i], path) != 0) i++;
    snprintf(paths[i], sizeof paths[i], "%s", path);
    return paths[i];
}

static void setup(void) {
    memset(paths, 0, sizeof paths);
    n_warnings = 0;
    folder_make();
}

static void teardown(void) {
    lgd_alloc_fail_at(0, false);
    folder_remove();
}

/* ---- logs ---- */

enum { LINES = 1000 };

/* A line of day `day`; every 10th tells of what that phase has, if it has one. */
static void put_line(lgd_buf *b, lgd_rng *r, unsigned day, unsigned i, const char *phase) {
    unsigned s = i * 80 % 86400, n = lgd_rng_below(r, 900), job = 1000 * day + i / 5;
    lgd_buf_printf(b, "2026-03-%02uT%02u:%02u:%02uZ INFO app[7]: job-%06u ", day, s / 3600, s / 60 % 60, s % 60, job);
    if (i % 10 == 4 && phase)
        lgd_buf_printf(b, "%s %u\n", phase, n);
    else if (i % 5 == 0)
        lgd_buf_printf(b, "accepted from 10.0.0.%u\n", n % 9);
    else if (i % 5 == 4)
        lgd_buf_printf(b, "finished in %u ms\n", n);
    else
        lgd_buf_printf(b, "step %u reads %u rows\n", i % 5, n);
}

static const char *put_day(const char *name, unsigned day, const char *phase, size_t n) {
    const char *path = at(name);
    lgd_buf b = {0};
    lgd_rng r;
    lgd_rng_init(&r, day);
    for (unsigned i = 0; i < n; i++) put_line(&b, &r, day, i, phase);
    FILE *f = fopen(path, "w");
    ck_assert_ptr_nonnull(f);
    ck_assert_uint_eq(fwrite(b.p, 1, b.n, f), b.n);
    fclose(f);
    lgd_buf_release(&b);
    return path;
}

static lgd_buf get(const char *path) {
    lgd_buf b = {0};
    char chunk[65536];
    FILE *f = fopen(path, "r");
    ck_assert_ptr_nonnull(f);
    for (size_t n; (n = fread(chunk, 1, sizeof chunk, f)) > 0;) lgd_buf_add(&b, chunk, n);
    fclose(f);
    return b;
}

static bool same_file(const char *path, const lgd_buf *bytes) {
    lgd_buf b = get(path);
    bool same = lgd_sv_eq(lgd_buf_sv(&b), lgd_buf_sv(bytes));
    lgd_buf_release(&b);
    return same;
}

/* ---- commands ---- */

static const char job_key[] = "job-\\d+", no_network[] = "iforest=0.6,counts=0.4";

/* options: name and value in turn, NULL at the end. */
#define OPTIONS(...) ((const char *const[]){__VA_ARGS__, NULL})

static lgd_config config(unsigned command, const char *const *options) {
    lgd_config c;
    lgd_config_init(&c, command);
    set_quick(&c, command);
    set_option(&c, command, "tz", "UTC");
    for (size_t i = 0; options[i]; i += 2)
        if (strcmp(options[i], "update") == 0)
            c.update = true;
        else
            set_option(&c, command, options[i], options[i + 1]);
    return c;
}

typedef struct run_options {
    size_t n_threads;
    uint64_t hash_key, fail_at;
} run_options;

static lgd_status train_with(run_options o, const char *const *options, lgd_train_summary *ret, lgd_err *err) {
    lgd_world w = {.hash_key = o.hash_key, .n_threads = o.n_threads, .spool_dir = folder, .warn = warn};
    lgd_config c = config(LGD_CMD_TRAIN, options);
    lgd_outcome outcome = {0};
    lgd_arena arena = {0};
    lgd_alloc_fail_at(o.fail_at, o.fail_at % 2 == 0);
    lgd_status status = lgd_train(&c, &w, &arena, ret, &outcome, err);
    lgd_alloc_fail_at(0, false);
    lgd_arena_release(&arena);
    lgd_config_release(&c);
    return status;
}

static lgd_train_summary train(const char *const *options) {
    lgd_train_summary s = {0};
    lgd_err err = {0};
    lgd_status status = train_with((run_options){1, 1, 0}, options, &s, &err);
    ck_assert_msg(status == LGD_OK, "%s", err.text);
    return s;
}

/* An update that is refused, why being among what is said; the model is what it was. */
static void refuse(lgd_status expected, const char *why, const char *const *options) {
    lgd_buf before = get(at("m.lgd"));
    lgd_train_summary s = {0};
    lgd_err err = {0};
    lgd_status status = train_with((run_options){1, 1, 0}, options, &s, &err);
    ck_assert_msg(status == expected && strstr(err.text, why), "%d: %s", (int)status, err.text);
    ck_assert(same_file(at("m.lgd"), &before));
    lgd_buf_release(&before);
}

static lgd_buf scan(const char *model, const char *input) {
    lgd_world w = {.hash_key = 1, .n_threads = 1, .spool_dir = folder, .warn = warn};
    lgd_config c = config(LGD_CMD_SCAN, OPTIONS("model", model, "input", input, "format", "csv", "emit", "all"));
    lgd_buf out = {0};
    lgd_outcome outcome = {0};
    lgd_err err = {0};
    lgd_status status = lgd_scan(&c, &w, (lgd_sink){append, &out}, false, &outcome, &err);
    ck_assert_msg(status == LGD_OK, "%s", err.text);
    lgd_config_release(&c);
    return out;
}

static lgd_buf templates(const char *model) {
    lgd_buf out = {0};
    lgd_err err = {0};
    ck_assert_msg(lgd_model_templates(model, LGD_FORMAT_JSON, false, &out, &err) == LGD_OK, "%s", err.text);
    lgd_buf_add_char(&out, '\0');
    return out;
}

/* The number of the template whose text has these words; -1: there is none. */
static long id_of(const char *model, const char *words) {
    lgd_buf all = templates(model);
    const char *at = strstr(all.p, words);
    long id = -1;
    while (at && at > all.p && strncmp(at, "\"id\":", 5) != 0) at--;
    if (at && at > all.p) id = strtol(at + 5, NULL, 10);
    lgd_buf_release(&all);
    return id;
}

/* Anomalies that a scan tells, lines and sessions, in whose record these words are. */
static uint64_t anomalies(const char *model, const char *input, const char *words) {
    lgd_world w = {.hash_key = 1, .n_threads = 1, .spool_dir = folder, .warn = warn};
    lgd_config c = config(LGD_CMD_SCAN, OPTIONS("model", model, "input", input, "format", "jsonl"));
    lgd_buf out = {0};
    lgd_outcome outcome = {0};
    lgd_err err = {0};
    lgd_status status = lgd_scan(&c, &w, (lgd_sink){append, &out}, false, &outcome, &err);
    ck_assert_msg(status == LGD_OK, "%s", err.text);
    uint64_t n = 0;
    lgd_buf_add_char(&out, '\0');
    for (char *line = strtok(out.p, "\n"); line; line = strtok(NULL, "\n"))
        n += strstr(line, "\"is_anomaly\":true") && strstr(line, words);
    lgd_config_release(&c);
    lgd_buf_release(&out);
    return n;
}

/* ---- what is learned ---- */

START_TEST(test_a_phase_of_the_update_is_known_and_older_ids_stay) {
    const char *a = put_day("a.log", 1, "flushes buffer", LINES), *b = put_day("b.log", 2, "rotates key", LINES);
    const char *c = put_day("c.log", 3, "rotates key", LINES), *old = at("old.lgd"), *m = at("m.lgd");
    train(OPTIONS("input", a, "output", old, "session", job_key));
    lgd_train_summary s = train(OPTIONS("update", "", "input", b, "model", old, "output", m));
    ck_assert(s.updated && s.new_templates >= 1 && s.new_events == LINES && s.old_events == LINES);
    ck_assert_double_eq_tol(s.old_weight, 0.977, 0.002); /* a day of 30 */
    ck_assert_double_eq_tol((double)s.events, (1 + s.old_weight) * LINES, 20);
    ck_assert_uint_ge(s.sessions, 390);
    ck_assert_uint_eq(anomalies(m, a, "flushes buffer"), 0);
    ck_assert_uint_eq(anomalies(m, c, "rotates key"), 0);
    ck_assert_uint_gt(anomalies(old, c, "rotates key"), 80);
    ck_assert_int_ge(id_of(old, "flushes buffer"), 0);
    ck_assert_int_eq(id_of(m, "flushes buffer"), id_of(old, "flushes buffer"));
    ck_assert_int_eq(id_of(m, "finished in"), id_of(old, "finished in"));
    ck_assert_int_eq(id_of(old, "rotates key"), -1);
    ck_assert_int_ge(id_of(m, "rotates key"), (long)s.templates - (long)s.new_templates);
}
END_TEST

START_TEST(test_what_does_not_come_again_is_new_after_many_half_lives) {
    const char *m = at("m.lgd");
    train(OPTIONS("input", put_day("1.log", 1, "flushes buffer", LINES), "output", m, "session", job_key));
    long id = id_of(m, "flushes buffer");
    for (unsigned day = 2; day < 6; day++) {
        char name[16];
        snprintf(name, sizeof name, "%u.log", day);
        const char *next = put_day(name, day, NULL, LINES);
        train(OPTIONS("update", "", "input", next, "output", m, "half-life", "0.25"));
        ck_assert_uint_eq(anomalies(m, next, "finished in"), 0);
    }
    ck_assert_int_eq(id_of(m, "flushes buffer"), id); /* its number is not given away */
    ck_assert_uint_gt(anomalies(m, at("1.log"), "flushes buffer"), 80);
}
END_TEST

START_TEST(test_many_updates_stay_bounded) {
    const char *m = at("m.lgd");
    size_t most = 0, last = 0;
    train(OPTIONS("input", put_day("1.log", 1, NULL, LINES), "output", m, "ensemble", no_network));
    for (unsigned day = 2; day < 13; day++) {
        lgd_train_summary s = train(OPTIONS("update", "", "input", put_day("n.log", day, NULL, LINES), "output", m,
                                            "half-life", "1", "ensemble", no_network));
        lgd_buf b = get(m);
        last = b.n;
        if (day == 10) most = b.n;
        ck_assert_uint_le(s.events, 2 * LINES + LINES / 5); /* what is left after some 22 hours, again and again */
        lgd_buf_release(&b);
    }
    ck_assert_uint_le(last, most + most / 10);
}
END_TEST

START_TEST(test_an_older_day_and_a_log_without_times_can_be_learned) {
    const char *m = at("m.lgd"), *path = at("plain.log");
    train(OPTIONS("input", put_day("5.log", 5, NULL, LINES), "output", m));
    lgd_train_summary s = train(OPTIONS("update", "", "input", put_day("2.log", 2, NULL, LINES), "output", m));
    ck_assert(s.old_weight == 1);
    ck_assert(s.advice.n == 0 || s.events == 2 * LINES);
    FILE *f = fopen(path, "w");
    ck_assert_ptr_nonnull(f);
    for (int i = 0; i < 300; i++) fprintf(f, "no time is told here, only number %d\n", i);
    fclose(f);
    s = train(OPTIONS("update", "", "input", path, "output", m, "half-life", "1"));
    ck_assert(s.old_weight == 0.5); /* such an update is a day */
    ck_assert_uint_eq(s.unknown_events, 300);
}
END_TEST

START_TEST(test_an_update_is_the_same_for_any_number_of_threads_and_hash_key) {
    static const run_options ways[] = {{1, 1, 0}, {3, 99, 0}};
    const char *old = at("old.lgd"), *b = put_day("b.log", 2, "rotates key", LINES);
    const char *made[] = {at("x.lgd"), at("y.lgd")};
    train(OPTIONS("input", put_day("a.log", 1, NULL, LINES), "output", old, "session", job_key));
    for (size_t i = 0; i < 2; i++) {
        lgd_train_summary s = {0};
        lgd_err err = {0};
        lgd_status status =
            train_with(ways[i], OPTIONS("update", "", "input", b, "model", old, "output", made[i]), &s, &err);
        ck_assert_msg(status == LGD_OK, "%s", err.text);
    }
    lgd_buf x = get(made[0]);
    ck_assert(same_file(made[1], &x));
    lgd_buf_release(&x);
}
END_TEST

START_TEST(test_sessions_begin_where_an_update_names_their_key) {
    const char *m = at("m.lgd"), *b = put_day("b.log", 2, NULL, LINES), *c = put_day("c.log", 3, NULL, LINES);
    ck_assert_uint_eq(
        train(OPTIONS("input", put_day("a.log", 1, NULL, LINES), "output", m, "session", "none")).sessions, 0);
    ck_assert_uint_eq(train(OPTIONS("update", "", "input", b, "output", m, "session", job_key)).sessions, LINES / 5);
    ck_assert_uint_ge(train(OPTIONS("update", "", "input", c, "output", m)).sessions, 2 * LINES / 5 - 20);
}
END_TEST

/* A key that is of no use is let go again, and what was recalled of the network is still there. */
START_TEST(test_a_key_that_an_update_cannot_use_is_let_go) {
    const char *m = at("m.lgd"), *b = put_day("b.log", 2, NULL, LINES);
    train(OPTIONS("input", put_day("a.log", 1, NULL, LINES), "output", m, "session", "none"));
    lgd_train_summary s = train(OPTIONS("update", "", "input", b, "output", m, "session", "job-00200\\d+"));
    ck_assert_uint_eq(s.sessions, 0);
    ck_assert_uint_gt(s.network.windows, 3 * LINES / 2 / 20);
}
END_TEST

/* What an ensemble that is calibrated needs of older sessions is what was said of them when they were new. */
START_TEST(test_a_weighted_ensemble_can_be_updated) {
    const char *m = at("m.lgd"), *c = put_day("c.log", 3, NULL, LINES);
    train(OPTIONS("input", put_day("a.log", 1, NULL, LINES), "output", m, "session", job_key, "ensemble", no_network));
    lgd_train_summary s =
        train(OPTIONS("update", "", "input", put_day("b.log", 2, NULL, LINES), "output", m, "ensemble", no_network));
    ck_assert_uint_ge(s.sessions, 390);
    lgd_buf out = scan(m, c);
    ck_assert_uint_gt(out.n, LINES);
    ck_assert_uint_le(anomalies(m, c, "\"type\":\"session\""), LINES / 5 / 20);
    lgd_buf_release(&out);
}
END_TEST

/* ---- what is refused ---- */

START_TEST(test_what_cannot_be_updated_is_refused_and_nothing_is_written) {
    const char *a = put_day("a.log", 1, NULL, LINES), *b = put_day("b.log", 2, NULL, LINES), *m = at("m.lgd");
    const char *few = put_day("few.log", 2, NULL, 3), *broken = at("broken.lgd");
    train(OPTIONS("input", a, "output", m, "session", job_key));
    refuse(LGD_E_DATA, "only 3 events, need 100 to update a model", OPTIONS("update", "", "input", few, "output", m));
    refuse(LGD_E_DATA, "has learned just these records", OPTIONS("update", "", "input", a, "output", m));
    refuse(LGD_E_USAGE, "--session", OPTIONS("update", "", "input", b, "output", m, "session", "none"));
    refuse(LGD_E_USAGE, "--session", OPTIONS("update", "", "input", b, "output", m, "session", "task-\\d+"));
    refuse(LGD_E_USAGE, "--ensemble", OPTIONS("update", "", "input", b, "output", m, "ensemble", "counts=1"));
    refuse(LGD_E_USAGE, "--recipe", OPTIONS("update", "", "input", b, "output", m, "recipe", "brief"));
    refuse(LGD_E_USAGE, "--sequence-length", OPTIONS("update", "", "input", b, "output", m, "sequence-length", "77"));
    refuse(LGD_E_USAGE, "--seed", OPTIONS("update", "", "input", b, "output", m, "seed", "7"));
    refuse(LGD_E_USAGE, "--target-fpr", OPTIONS("update", "", "input", b, "output", m, "target-fpr", "0.002"));
    refuse(LGD_E_IO, "none.lgd", OPTIONS("update", "", "input", b, "model", at("none.lgd"), "output", m));
    FILE *f = fopen(broken, "w");
    ck_assert_ptr_nonnull(f);
    lgd_buf model = get(m);
    model.p[model.n / 2] ^= 1;
    ck_assert_uint_eq(fwrite(model.p, 1, model.n, f), model.n);
    fclose(f);
    lgd_buf_release(&model);
    refuse(LGD_E_DAMAGED, "damaged", OPTIONS("update", "", "input", b, "model", broken, "output", m));
}
END_TEST

START_TEST(test_the_same_records_are_known_in_other_files_and_later) {
    const char *a = put_day("a.log", 1, NULL, LINES), *b = put_day("b.log", 2, NULL, LINES), *m = at("m.lgd");
    const char *copy = put_day("copy.log", 1, NULL, LINES);
    train(OPTIONS("input", a, "output", m));
    train(OPTIONS("update", "", "input", b, "output", m));
    refuse(LGD_E_DATA, "has learned just these records", OPTIONS("update", "", "input", copy, "output", m));
    lgd_train_summary s =
        train(OPTIONS("update", "", "input", b, "input", copy, "output", m)); /* another set of them */
    ck_assert_uint_eq(s.new_events, 2 * LINES);
}
END_TEST

START_TEST(test_an_update_that_runs_out_of_memory_keeps_the_old_model) {
    const char *m = at("m.lgd"), *a = put_day("a.log", 1, NULL, 600), *b = put_day("b.log", 2, "rotates key", 300);
    train(OPTIONS("input", a, "output", m, "session", job_key));
    lgd_buf before = get(m);
    uint64_t n_failed = 0, k = 1;
    for (int in_a_row = 0; in_a_row < 2; k += 1 + k / 4) {
        lgd_train_summary s = {0};
        lgd_err err = {0};
        lgd_status status = train_with(
            (run_options){1, 1, k}, OPTIONS("update", "", "input", b, "model", m, "output", at("next.lgd")), &s, &err);
        if (status != LGD_OK && (status != LGD_E_MEMORY || !err.text[0]))
            ck_abort_msg("allocation %d: status %d, %s", (int)k, (int)status, err.text);
        in_a_row = status == LGD_OK ? in_a_row + 1 : 0;
        n_failed += status != LGD_OK;
    }
    ck_assert_uint_gt(n_failed, 20);
    ck_assert(same_file(m, &before));
    lgd_buf_release(&before);
}
END_TEST

Suite *update_suite(void) {
    Suite *suite = suite_create("update");
    TCase *tests = tcase_create("update");
    tcase_set_timeout(tests, 60);
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, test_a_phase_of_the_update_is_known_and_older_ids_stay);
    tcase_add_test(tests, test_what_does_not_come_again_is_new_after_many_half_lives);
    tcase_add_test(tests, test_many_updates_stay_bounded);
    tcase_add_test(tests, test_an_older_day_and_a_log_without_times_can_be_learned);
    tcase_add_test(tests, test_an_update_is_the_same_for_any_number_of_threads_and_hash_key);
    tcase_add_test(tests, test_sessions_begin_where_an_update_names_their_key);
    tcase_add_test(tests, test_a_key_that_an_update_cannot_use_is_let_go);
    tcase_add_test(tests, test_a_weighted_ensemble_can_be_updated);
    tcase_add_test(tests, test_what_cannot_be_updated_is_refused_and_nothing_is_written);
    tcase_add_test(tests, test_the_same_records_are_known_in_other_files_and_later);
    tcase_add_test(tests, test_an_update_that_runs_out_of_memory_keeps_the_old_model);
    suite_add_tcase(suite, tests);
    return suite;
}
