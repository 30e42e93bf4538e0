/*
 * Tests of diff: two small logs in a folder. What was put in is told, counts add up, the result is the same bytes for any
 * number of threads, any hash key and any way in; no output lets hostile bytes through.
 */
#include "commands.h"
#include "folder.h"

#include <check.h>
#include <cJSON.h>
#include <ctype.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

Suite *diff_suite(void);

/* Under a sanitizer 130,000 templates take minutes; what happens to them is the same. */
#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SLOW_MEMORY true
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SLOW_MEMORY true
#endif
#ifndef SLOW_MEMORY
#define SLOW_MEMORY false
#endif

static void setup(void) {
    n_warnings = 0;
    folder_make();
}

static void teardown(void) {
    lgd_alloc_fail_at(0, false);
    folder_remove();
}

/* ---- logs ---- */

enum { N_LINES = 2000 };

/* GOOD: five templates, of which `cache` is rare. BAD: no `checkpoint`, six times as much `cache`, and disk failures. */
static void put_line(FILE *f, size_t i, bool bad) {
    unsigned s = (unsigned)i, n = (unsigned)(i * 7919 % 1000);
    fprintf(f, "2026-03-0%d %02u:%02u:%02u ", bad ? 2 : 1, s / 3600, s / 60 % 60, s % 60);
    if (i % 20 == 3)
        fprintf(f, bad ? "ERROR kernel[1]: disk failure on sector %u\n" : "INFO db[7]: checkpoint wrote %u buffers\n",
                n);
    else if (i % 40 == 8 || (bad && i % 8 == 0))
        fprintf(f, "WARN cache[9]: evicted key k%u after %u s\n", n, n % 60);
    else if (i % 3 == 0)
        fprintf(f, "INFO api[3]: GET /v1/items/%u took=%ums\n", n, n % 90);
    else
        fprintf(f, "DEBUG api[3]: user=u%u is valid\n", n % 50);
}

static const char *put_log(const char *name, bool bad) {
    const char *path = in_folder(name);
    FILE *f = fopen(path, "w");
    ck_assert_ptr_nonnull(f);
    for (size_t i = 0; i < N_LINES; i++) put_line(f, i, bad);
    fclose(f);
    return path;
}

/* ---- running ---- */

typedef struct call {
    const char *good, *bad, *format;
    size_t n_threads;
    uint64_t hash_key;
} call;

static lgd_status diff(call k, lgd_buf *out, lgd_outcome *ret, lgd_err *err) {
    lgd_config c;
    lgd_config_init(&c, LGD_CMD_DIFF);
    set_option(&c, LGD_CMD_DIFF, "tz", "UTC");
    set_option(&c, LGD_CMD_DIFF, "format", k.format);
    if (k.good) set_option(&c, LGD_CMD_SCAN, "input", k.good);
    if (k.bad) set_option(&c, LGD_CMD_SCAN, "input", k.bad);
    lgd_world w = {.hash_key = k.hash_key, .n_threads = k.n_threads, .spool_dir = folder, .warn = warn};
    lgd_status status = lgd_diff_logs(&c, &w, (lgd_sink){append, out}, false, ret, err);
    lgd_config_release(&c);
    return status;
}

static lgd_buf diff_ok(call k) {
    lgd_buf out = {0};
    lgd_outcome outcome = {0};
    lgd_err err = {0};
    ck_assert_msg(diff(k, &out, &outcome, &err) == LGD_OK, "%s", err.text);
    return out;
}

static cJSON *parse(lgd_buf *b) {
    cJSON *tree = cJSON_ParseWithLength(b->p, b->n);
    ck_assert_msg(tree != NULL, "%.*s", (int)(b->n < 300 ? b->n : 300), b->p);
    lgd_buf_release(b);
    return tree;
}

static const cJSON *at(const cJSON *tree, const char *name) {
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(tree, name);
    ck_assert_msg(item != NULL, "%s", name);
    return item;
}

static const char *text(const cJSON *tree, const char *name) {
    ck_assert_msg(cJSON_IsString(at(tree, name)), "%s", name);
    return at(tree, name)->valuestring;
}

/* ---- what is told ---- */

START_TEST(test_what_was_put_in_is_told) {
    const char *good = put_log("good.log", false), *bad = put_log("bad.log", true);
    lgd_buf out = diff_ok((call){good, bad, "json", 2, 1});
    cJSON *tree = parse(&out);
    static const struct {
        const char *kind, *start, *level;
        int good, bad;
    } wanted[] = {{"more", "evicted", "warning", 50, 250},
                  {"new", "disk failure", "error", 0, 100},
                  {"gone", "checkpoint", "info", 100, 0}};
    const cJSON *changes = at(tree, "changes"), *change;
    ck_assert_int_eq(cJSON_GetArraySize(changes), 3);
    double last = 1e9;
    cJSON_ArrayForEach(change, changes) {
        size_t i = 0;
        while (i < 3 && strcmp(text(change, "kind"), wanted[i].kind) != 0) i++;
        ck_assert_uint_lt(i, 3);
        ck_assert_ptr_nonnull(strstr(text(change, "template"), wanted[i].start));
        ck_assert_str_eq(text(change, "level"), wanted[i].level);
        ck_assert_msg(at(change, "good")->valueint == wanted[i].good && at(change, "bad")->valueint == wanted[i].bad,
                      "%s: %d -> %d", wanted[i].kind, at(change, "good")->valueint, at(change, "bad")->valueint);
        const cJSON *example = at(change, "example");
        ck_assert_str_eq(text(example, "file"), strcmp(wanted[i].kind, "gone") ? bad : good);
        ck_assert_ptr_nonnull(strstr(text(example, "text"), wanted[i].start));
        ck_assert(cJSON_IsTrue(at(change, "significant")) && at(change, "bits")->valuedouble <= last);
        last = at(change, "bits")->valuedouble;
    }
    ck_assert(cJSON_IsNumber(at(at(tree, "summary"), "scale")));
    ck_assert_int_eq(at(at(tree, "good"), "events")->valueint, N_LINES);
    ck_assert_int_eq(at(at(tree, "bad"), "events")->valueint, N_LINES);
    cJSON_Delete(tree);
}
END_TEST

START_TEST(test_a_log_does_not_differ_from_itself) {
    const char *log = put_log("good.log", false);
    lgd_buf out = {0};
    lgd_outcome outcome = {.anomalies = 7};
    lgd_err err = {0};
    ck_assert_int_eq(diff((call){log, log, "text", 1, 1}, &out, &outcome, &err), LGD_OK);
    ck_assert_uint_eq(outcome.anomalies, 0);
    ck_assert_uint_eq(outcome.lines, 2 * N_LINES);
    lgd_buf_add_char(&out, 0);
    ck_assert_ptr_nonnull(strstr(out.p, "No difference."));
    lgd_buf_release(&out);
}
END_TEST

START_TEST(test_threads_and_hash_keys_do_not_matter) {
    static const char *const formats[] = {"text", "json", "jsonl", "csv"};
    const char *good = put_log("good.log", false), *bad = put_log("bad.log", true);
    for (size_t i = 0; i < 4; i++) {
        lgd_buf a = diff_ok((call){good, bad, formats[i], 1, 1}), b = diff_ok((call){good, bad, formats[i], 4, 99});
        ck_assert_msg(a.n > 100 && lgd_sv_eq(lgd_buf_sv(&a), lgd_buf_sv(&b)), "%s", formats[i]);
        lgd_buf_release(&a);
        lgd_buf_release(&b);
    }
}
END_TEST

START_TEST(test_one_side_may_be_standard_input) {
    const char *good = put_log("good.log", false), *bad = put_log("bad.log", true);
    lgd_buf whole = diff_ok((call){good, bad, "csv", 1, 1});
    int old = dup(STDIN_FILENO), input = open(bad, O_RDONLY | O_CLOEXEC);
    ck_assert(input >= 0 && dup2(input, STDIN_FILENO) == STDIN_FILENO);
    lgd_buf piped = diff_ok((call){good, "-", "csv", 1, 1});
    ck_assert(dup2(old, STDIN_FILENO) == STDIN_FILENO);
    close(old);
    close(input);
    /* the same but for the name of BAD, which both its changes show, with an apostrophe before the dash */
    ck_assert_uint_eq(whole.n - piped.n, 2 * (strlen(bad) - 2));
    ck_assert_ptr_nonnull(memmem(piped.p, piped.n, ",'-,", 4));
    lgd_buf_release(&whole);
    lgd_buf_release(&piped);
}
END_TEST

/* ---- trouble ---- */

/* `n` lines of which each is a template, and 300 of one that both logs have. */
static const char *put_strange_log(const char *name, unsigned from, unsigned n) {
    const char *path = in_folder(name);
    FILE *f = fopen(path, "w");
    ck_assert_ptr_nonnull(f);
    for (unsigned i = from; i < from + n; i++) {
        for (unsigned k = 0, rest = i; k < 6; k++, rest /= 10) fputc("ghijklmnop"[rest % 10], f);
        fputc('\n', f);
    }
    for (int i = 0; i < 300; i++) fputs("steady line of both logs\n", f);
    fclose(f);
    return path;
}

static void shorten_good(void *ctx, const char *phase, uint64_t done_bytes, uint64_t total_bytes) {
    (void)done_bytes;
    (void)total_bytes;
    if (strcmp(phase, "diff") != 0 && n_warnings++ == 1) put_strange_log("good.log", 0, *(unsigned *)ctx);
}

/* Between the passes GOOD is rewritten: shares and sums are of what was counted, and a note says it. */
START_TEST(test_a_log_that_changes_between_the_passes_is_told) {
    const char *good = put_strange_log("good.log", 0, 500), *bad = put_strange_log("bad.log", 0, 100);
    unsigned n_left = _i ? 900 : 100;
    lgd_config c;
    lgd_config_init(&c, LGD_CMD_DIFF);
    set_option(&c, LGD_CMD_DIFF, "format", "json");
    set_option(&c, LGD_CMD_SCAN, "input", good);
    set_option(&c, LGD_CMD_SCAN, "input", bad);
    lgd_world w = {.hash_key = 1, .n_threads = 1, .spool_dir = folder, .ctx = &n_left, .progress = shorten_good};
    lgd_buf out = {0};
    lgd_outcome outcome = {0};
    lgd_err err = {0};
    ck_assert_msg(lgd_diff_logs(&c, &w, (lgd_sink){append, &out}, false, &outcome, &err) == LGD_OK, "%s", err.text);
    lgd_config_release(&c);
    cJSON *tree = parse(&out);
    const cJSON *side = at(tree, "good"), *change;
    int n = at(at(at(tree, "summary"), "unchanged"), "good")->valueint, events = at(side, "events")->valueint;
    cJSON_ArrayForEach(change, at(tree, "changes")) {
        n += at(change, "good")->valueint;
        double share = at(change, "good")->valuedouble / events - at(change, "good_share")->valuedouble;
        ck_assert(share < 1e-12 && share > -1e-12);
    }
    ck_assert_int_eq(events, at(side, "records")->valueint);
    ck_assert_int_eq(n, events);
    ck_assert_int_ne(events, 800);
    char *problems = cJSON_PrintUnformatted(at(side, "problems"));
    ck_assert_msg(strstr(problems, "it changed while it was read: it had 800 events first"), "%s", problems);
    cJSON_free(problems);
    cJSON_Delete(tree);
}
END_TEST

/* What has no place in the table is no template that both have. */
START_TEST(test_more_templates_than_can_be_kept_are_compared_with_nothing) {
    const char *good = put_strange_log("good.log", 0, 122500), *bad = put_strange_log("bad.log", 122500, 10000);
    lgd_buf out = diff_ok((call){good, bad, "text", 2, 1}); /* as JSON it is large */
    lgd_buf_add_char(&out, 0);
    ck_assert_ptr_nonnull(strstr(out.p, "as many events as GOOD"));
    ck_assert(strstr(out.p, "\nNEW") && strstr(out.p, "\nGONE") && !strstr(out.p, "\nMORE") &&
              !strstr(out.p, "\nLESS"));
    const char *one = strstr(out.p, " events were not compared"),
               *other = one ? strstr(one + 1, " events were not") : NULL;
    ck_assert_msg(other != NULL, "%s", out.p + out.n - 300);
    ck_assert(isdigit((unsigned char)one[-4]) && isdigit((unsigned char)other[-4]));
    lgd_buf_release(&out);
}
END_TEST

START_TEST(test_two_logs_are_needed) {
    const char *good = put_log("good.log", false);
    lgd_buf out = {0};
    lgd_outcome outcome = {0};
    lgd_err one = {0}, pipes = {0}, missing = {0};
    ck_assert_int_eq(diff((call){good, NULL, "text", 1, 1}, &out, &outcome, &one), LGD_E_USAGE);
    ck_assert_int_eq(diff((call){"-", "-", "text", 1, 1}, &out, &outcome, &pipes), LGD_E_USAGE);
    ck_assert_int_eq(diff((call){good, in_folder("none.log"), "text", 1, 1}, &out, &outcome, &missing), LGD_E_IO);
    ck_assert_msg(strstr(missing.text, "none.log") && n_warnings == 1, "%s", missing.text);
    ck_assert_uint_eq(out.n, 0);
}
END_TEST

START_TEST(test_an_empty_side_makes_everything_new) {
    const char *bad = put_log("bad.log", true), *empty = in_folder("empty.log");
    FILE *f = fopen(empty, "w");
    ck_assert_ptr_nonnull(f);
    fclose(f);
    lgd_buf out = diff_ok((call){empty, bad, "json", 1, 1});
    cJSON *tree = parse(&out);
    ck_assert(at(at(tree, "summary"), "new")->valueint == 4 && at(at(tree, "summary"), "templates")->valueint == 4);
    cJSON_Delete(tree);
    static const struct {
        bool good, bad;
        const char *said;
    } sides[] = {{false, true, "; GOOD holds no events\n"},
                 {true, false, "; BAD holds no events\n"},
                 {false, false, "; GOOD holds no events\n"}};
    for (size_t i = 0; i < 3; i++) {
        call k = {sides[i].good ? bad : empty, sides[i].bad ? bad : empty, "json", 1, 1};
        out = diff_ok(k);
        tree = parse(&out);
        ck_assert(cJSON_IsNull(at(at(tree, "summary"), "scale")));
        cJSON_Delete(tree);
        k.format = "text";
        out = diff_ok(k);
        ck_assert_ptr_nonnull(memmem(out.p, out.n, sides[i].said, strlen(sides[i].said)));
        ck_assert(!memmem(out.p, out.n, "where nothing changed", 21) && !memmem(out.p, out.n, "No difference", 13));
        lgd_buf_release(&out);
    }
}
END_TEST

START_TEST(test_running_out_of_memory_is_told) {
    const char *good = put_log("good.log", false), *bad = put_log("bad.log", true);
    lgd_buf whole = diff_ok((call){good, bad, "json", 1, 1}), out = {0};
    uint64_t k = 1, n_failed = 0;
    for (int in_a_row = 0; in_a_row < 3; k += 1 + k / 40) {
        lgd_outcome outcome = {0};
        lgd_err err = {0};
        lgd_buf_release(&out);
        lgd_config c;
        lgd_config_init(&c, LGD_CMD_DIFF);
        set_option(&c, LGD_CMD_DIFF, "tz", "UTC");
        set_option(&c, LGD_CMD_DIFF, "format", "json");
        set_option(&c, LGD_CMD_SCAN, "input", good);
        set_option(&c, LGD_CMD_SCAN, "input", bad);
        lgd_world w = {.hash_key = 1, .n_threads = 1, .spool_dir = folder};
        lgd_alloc_fail_at(k, k % 2 == 0);
        lgd_status status = lgd_diff_logs(&c, &w, (lgd_sink){append, &out}, false, &outcome, &err);
        lgd_alloc_fail_at(0, false);
        lgd_config_release(&c);
        in_a_row = status == LGD_OK ? in_a_row + 1 : 0;
        n_failed += status != LGD_OK;
        if (status == LGD_OK)
            ck_assert(lgd_sv_eq(lgd_buf_sv(&whole), lgd_buf_sv(&out)));
        else if (status != LGD_E_MEMORY || !err.text[0])
            ck_abort_msg("allocation %d: status %d, %s", (int)k, status, err.text);
    }
    ck_assert_uint_gt(n_failed, 30);
    lgd_buf_release(&out);
    lgd_buf_release(&whole);
}
END_TEST

/* ---- hostile bytes ---- */

#define HOSTILE "=1\x1b[31m\"<a>,\n\xff\x00\xe2\x80\xae"

static lgd_diff hostile_diff(const lgd_change *changes, size_t n, bool color) {
    lgd_sv hostile = {HOSTILE, sizeof HOSTILE - 1};
    lgd_diff d = {.tool_version = "1", .color = color, .templates = n, .scale = 1, .changes = changes, .n_changes = n};
    d.good = d.bad = (lgd_diff_side){.name = hostile, .events = 1, .read = {.start_ns = LGD_NO_TIME}};
    for (size_t i = 0; i < n; i++) d.n[changes[i].kind]++;
    return d;
}

START_TEST(test_no_output_lets_hostile_bytes_through) {
    enum { N = 30 };
    lgd_change changes[N];
    lgd_sv hostile = {HOSTILE, sizeof HOSTILE - 1};
    for (size_t i = 0; i < N; i++) {
        changes[i] = (lgd_change){.kind = (lgd_change_kind)(LGD_CHANGE_NEW + i % 4), .template_text = hostile};
        changes[i].file = changes[i].raw = hostile;
        changes[i].good = i % 3;
        changes[i].time_ns = i % 2 ? LGD_NO_TIME : (int64_t)i;
    }
    lgd_diff d = hostile_diff(changes, N, false);
    for (unsigned format = LGD_FORMAT_TEXT; format <= LGD_FORMAT_CSV; format++) {
        lgd_buf out = {0};
        ck_assert_int_eq(lgd_report_diff((lgd_output_format)format, &d, (lgd_sink){append, &out}, NULL), LGD_OK);
        ck_assert_msg(!memchr(out.p, 0x1b, out.n) && !memchr(out.p, 0xff, out.n) && !memchr(out.p, 0, out.n), "%u",
                      format);
        if (format == LGD_FORMAT_CSV) ck_assert_ptr_nonnull(memmem(out.p, out.n, "'=1", 3));
        lgd_buf_release(&out);
    }
    lgd_buf out = {0};
    ck_assert_int_eq(lgd_report_diff(LGD_FORMAT_JSON, &d, (lgd_sink){append, &out}, NULL), LGD_OK);
    cJSON *tree = parse(&out);
    ck_assert_int_eq(cJSON_GetArraySize(at(tree, "changes")), N);
    cJSON_Delete(tree);
    d.color = true;
    ck_assert_int_eq(lgd_report_diff(LGD_FORMAT_TEXT, &d, (lgd_sink){append, &out}, NULL), LGD_OK);
    ck_assert_ptr_nonnull(memmem(out.p, out.n, "\x1b[1;31mNEW\x1b[0m", 14));
    lgd_buf_release(&out);
}
END_TEST

Suite *diff_suite(void) {
    Suite *s = suite_create("diff");
    TCase *t = tcase_create("diff");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_set_timeout(t, 60);
    tcase_add_test(t, test_what_was_put_in_is_told);
    tcase_add_test(t, test_a_log_does_not_differ_from_itself);
    tcase_add_test(t, test_threads_and_hash_keys_do_not_matter);
    tcase_add_test(t, test_one_side_may_be_standard_input);
    if (!SLOW_MEMORY) tcase_add_test(t, test_more_templates_than_can_be_kept_are_compared_with_nothing);
    tcase_add_loop_test(t, test_a_log_that_changes_between_the_passes_is_told, 0, 2);
    tcase_add_test(t, test_two_logs_are_needed);
    tcase_add_test(t, test_an_empty_side_makes_everything_new);
    tcase_add_test(t, test_running_out_of_memory_is_told);
    tcase_add_test(t, test_no_output_lets_hostile_bytes_through);
    suite_add_tcase(s, t);
    return s;
}
