/*
 * Tests of eval: labelled jobs in a folder. The counts are those of the labels, the parts do not overlap, the result is the
 * same bytes for any number of threads and any hash key, and running out of memory anywhere is told.
 */
#include "commands.h"
#include "folder.h"

#include <check.h>
#include <cJSON.h>
#include <stdio.h>
#include <stdlib.h>

Suite *eval_suite(void);

enum { N_JOBS = 250, ODD = 25 };

static void setup(void) {
    n_warnings = 0;
    folder_make();
}

static void teardown(void) {
    lgd_alloc_fail_at(0, false);
    folder_remove();
}

/* ---- a log ---- */

static bool is_odd(int job) { return job % ODD == 7; }

/* Four lines a job; an odd one fails in place of its third step. Each line bears a label where marked. */
static const char *put_jobs(const char *name, bool marked) {
    static const char *const steps[] = {"accepted", "started", "written", "finished"};
    const char *path = in_folder(name);
    FILE *f = fopen(path, "w");
    ck_assert_ptr_nonnull(f);
    for (int i = 0; i < N_JOBS * 4; i++) {
        int job = i / 4;
        bool fault = is_odd(job) && i % 4 == 2;
        if (marked) fputs(fault ? "FAULT " : "- ", f);
        fprintf(f, "2026-03-02 %02d:%02d:%02d INFO worker[%d]: job=j%d %s after %d ms\n", i / 3600, i / 60 % 60, i % 60,
                1 + i % 3, job, fault ? "failed: disk is full" : steps[i % 4], i * 7 % 90);
    }
    fclose(f);
    return path;
}

static const char *put_labels(void) {
    const char *path = in_folder("labels.csv");
    FILE *f = fopen(path, "w");
    ck_assert_ptr_nonnull(f);
    fputs("Id,Label\n", f);
    for (int i = 0; i < N_JOBS; i++) fprintf(f, "j%d,%s\n", i, is_odd(i) ? "Anomaly" : "Normal");
    fclose(f);
    return path;
}

/* ---- running ---- */

typedef struct call {
    const char *log, *labels; /* NULL: they are in the lines */
    const char *format, *session;
    bool normal_only;
    size_t n_threads;
    uint64_t hash_key;
    uint64_t fail_at; /* allocation from which on all fail; 0: none */
} call;

static lgd_status evaluate(const call *k, lgd_buf *out, lgd_outcome *ret, lgd_err *err) {
    lgd_config c;
    lgd_config_init(&c, LGD_CMD_EVAL);
    set_option(&c, LGD_CMD_EVAL, "tz", "UTC");
    set_option(&c, LGD_CMD_EVAL, "recipe", "fast");
    set_option(&c, LGD_CMD_EVAL, "format", k->format);
    set_option(&c, LGD_CMD_EVAL, "input", k->log);
    set_option(&c, LGD_CMD_EVAL, k->labels ? "labels" : "labels-in-line", k->labels ? k->labels : "on");
    if (k->session) set_option(&c, LGD_CMD_EVAL, "session", k->session);
    if (k->normal_only) set_option(&c, LGD_CMD_EVAL, "train-normal", "on");
    lgd_world w = {.hash_key = k->hash_key, .n_threads = k->n_threads, .spool_dir = folder, .warn = warn};
    lgd_alloc_fail_at(k->fail_at, true);
    lgd_status status = lgd_eval(&c, &w, (lgd_sink){append, out}, ret, err);
    lgd_alloc_fail_at(0, false);
    lgd_config_release(&c);
    return status;
}

static lgd_buf evaluate_ok(call k) {
    lgd_buf out = {0};
    lgd_outcome outcome = {0};
    lgd_err err = {0};
    ck_assert_msg(evaluate(&k, &out, &outcome, &err) == LGD_OK, "%s", err.text);
    ck_assert_uint_eq(outcome.lines, N_JOBS * 4);
    return out;
}

static int number(const cJSON *tree, const char *object, const char *name) {
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(cJSON_GetObjectItemCaseSensitive(tree, object), name);
    ck_assert_msg(cJSON_IsNumber(item), "%s.%s", object, name);
    return item->valueint;
}

static cJSON *parse(lgd_buf *b) {
    cJSON *tree = cJSON_ParseWithLength(b->p, b->n);
    ck_assert_msg(tree != NULL, "%.*s", (int)(b->n < 300 ? b->n : 300), b->p);
    lgd_buf_release(b);
    return tree;
}

/* ---- the parts ---- */

/* Of 250 jobs ten are odd, each behind its 25: 150 train, with six odd ones, or 144 normal ones of 240. */
START_TEST(test_every_session_is_in_one_part) {
    const char *log = put_jobs("jobs.log", false), *labels = put_labels();
    for (int normal_only = 0; normal_only < 2; normal_only++) {
        lgd_buf out = evaluate_ok((call){log, labels, "json", "job=(\\w+)", normal_only, 2, 1, 0});
        cJSON *tree = parse(&out);
        ck_assert_int_eq(number(tree, "training", "units"), normal_only ? 144 : 150);
        ck_assert_int_eq(number(tree, "tested", "units"), normal_only ? 106 : 100);
        ck_assert_int_eq(number(tree, "tested", "anomalous"), normal_only ? 10 : 4);
        ck_assert_int_eq(number(tree, "model", "events"), normal_only ? 144 * 4 : 150 * 4);
        ck_assert_int_eq(number(tree, "alarms", "tp") + number(tree, "alarms", "fn"), normal_only ? 10 : 4);
        cJSON_Delete(tree);
    }
}
END_TEST

/* Of 600 lines six bear an alert. */
START_TEST(test_every_line_is_in_one_part_or_left_out) {
    const char *log = put_jobs("jobs.log", true);
    for (int normal_only = 0; normal_only < 2; normal_only++) {
        lgd_buf out = evaluate_ok((call){log, NULL, "json", NULL, normal_only, 2, 1, 0});
        cJSON *tree = parse(&out);
        ck_assert_int_eq(number(tree, "labels", "anomalous"), 10);
        ck_assert_int_eq(number(tree, "training", "units"), normal_only ? 594 : 600);
        ck_assert_int_eq(number(tree, "training", "left_out"), normal_only ? 6 : 0);
        ck_assert_int_eq(number(tree, "tested", "units"), 400);
        ck_assert_int_eq(number(tree, "tested", "anomalous"), 4);
        ck_assert_int_eq(number(tree, "tested", "unlabelled"), 0);
        cJSON_Delete(tree);
    }
}
END_TEST

/* A member of which what never was seen in training ranks above everything else. */
START_TEST(test_each_member_is_measured) {
    lgd_buf out = evaluate_ok((call){put_jobs("jobs.log", true), NULL, "json", NULL, true, 1, 1, 0});
    ck_assert_ptr_null(memmem(out.p, out.n, ":-0,", 4));
    cJSON *tree = parse(&out);
    const cJSON *scorer, *scorers = cJSON_GetObjectItemCaseSensitive(tree, "scorers");
    int n_novelty = 0;
    ck_assert_str_eq(cJSON_GetObjectItemCaseSensitive(cJSON_GetArrayItem(scorers, 0), "name")->valuestring, "ensemble");
    cJSON_ArrayForEach(scorer, scorers) {
        if (strcmp(cJSON_GetObjectItemCaseSensitive(scorer, "name")->valuestring, "novelty") != 0) continue;
        ck_assert_double_eq(cJSON_GetObjectItemCaseSensitive(scorer, "average_precision")->valuedouble, 1);
        ck_assert_double_eq(cJSON_GetObjectItemCaseSensitive(scorer, "roc_auc")->valuedouble, 1);
        n_novelty++;
    }
    ck_assert_int_eq(n_novelty, 1);
    cJSON_Delete(tree);
}
END_TEST

START_TEST(test_threads_and_hash_keys_do_not_matter) {
    const char *log = put_jobs("jobs.log", true), *labels = put_labels();
    for (int by_session = 0; by_session < 2; by_session++) {
        lgd_buf first = {0};
        for (size_t i = 0; i < 3; i++) {
            const call k = {log, by_session ? labels : NULL, "json", "job=(\\w+)", false, 1 + 2 * i, 5 + i, 0};
            lgd_buf out = evaluate_ok(k);
            if (i == 0) {
                first = out;
                continue;
            }
            ck_assert(lgd_sv_eq(lgd_buf_sv(&first), lgd_buf_sv(&out)));
            lgd_buf_release(&out);
        }
        lgd_buf_release(&first);
    }
}
END_TEST

/* ---- trouble ---- */

START_TEST(test_running_out_of_memory_is_told) {
    const char *log = put_jobs("jobs.log", true), *labels = put_labels();
    const call calls[] = {{log, labels, "text", "job=(\\w+)", true, 1, 1, 0}, {log, NULL, "json", NULL, true, 1, 1, 0}};
    for (size_t i = 0; i < 2; i++) {
        uint64_t n_failed = 0, step = 1;
        lgd_status status = LGD_E_MEMORY;
        for (uint64_t k = 1; status != LGD_OK && k < 1000000; k += step, step += step / 4 + 1) {
            lgd_buf out = {0};
            lgd_outcome outcome = {0};
            lgd_err err = {0};
            call c = calls[i];
            c.fail_at = k;
            status = evaluate(&c, &out, &outcome, &err);
            lgd_buf_release(&out);
            n_failed += status != LGD_OK;
            if (status != LGD_OK && (status != LGD_E_MEMORY || !err.text[0]))
                ck_abort_msg("allocation %d: status %d, %s", (int)k, status, err.text);
        }
        ck_assert_int_eq(status, LGD_OK);
        ck_assert_uint_gt(n_failed, 10);
    }
}
END_TEST

#define HOSTILE "=1\x1b[31m\"<a>,\n\xff\x00\xe2\x80\xae"

START_TEST(test_no_output_lets_hostile_bytes_through) {
    lgd_sv hostile = {HOSTILE, sizeof HOSTILE - 1};
    lgd_measure m = {.name = "ensemble"};
    lgd_evaluation e = {.unit = "line", .labels_path = hostile, .scorers = &m, .n_scorers = 1};
    e.learned = (lgd_report_head){.tool_version = "1", .model_path = hostile, .session_key = hostile};
    e.read = (lgd_summary){.problems = &hostile, .n_problems = 1};
    for (unsigned format = LGD_FORMAT_TEXT; format <= LGD_FORMAT_JSON; format++) {
        lgd_buf out = {0};
        ck_assert_int_eq(lgd_report_evaluation((lgd_output_format)format, &e, (lgd_sink){append, &out}, NULL), LGD_OK);
        ck_assert_msg(!memchr(out.p, 0x1b, out.n) && !memchr(out.p, 0xff, out.n) && !memchr(out.p, 0, out.n), "%u",
                      format);
        if (format == LGD_FORMAT_JSON)
            cJSON_Delete(parse(&out));
        else
            lgd_buf_release(&out);
    }
}
END_TEST

Suite *eval_suite(void) {
    Suite *s = suite_create("eval");
    TCase *t = tcase_create("eval");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_set_timeout(t, 60);
    tcase_add_test(t, test_every_session_is_in_one_part);
    tcase_add_test(t, test_every_line_is_in_one_part_or_left_out);
    tcase_add_test(t, test_each_member_is_measured);
    tcase_add_test(t, test_threads_and_hash_keys_do_not_matter);
    tcase_add_test(t, test_running_out_of_memory_is_told);
    tcase_add_test(t, test_no_output_lets_hostile_bytes_through);
    suite_add_tcase(s, t);
    return s;
}
