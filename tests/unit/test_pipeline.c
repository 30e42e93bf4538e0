/*
 * Tests of room pipeline: train and scan on a small log in a folder of its own. Counts add up, faults are found, and the
 * result is the same bytes for any number of threads, any hash key and any container; every failure leaves what was there.
 */
#include "commands.h"
#include "folder.h"

#include <check.h>
#include <cJSON.h>
#include <fcntl.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

Suite *pipeline_suite(void);

/* ---- a folder for each test ---- */

static void setup(void) {
    n_warnings = 0;
    folder_make();
}

static void teardown(void) {
    lgd_alloc_fail_at(0, false);
    folder_remove();
}

static const char *put(const char *name, lgd_sv bytes) {
    const char *path = in_folder(name);
    FILE *f = fopen(path, "w");
    ck_assert_ptr_nonnull(f);
    ck_assert_uint_eq(fwrite(bytes.p, 1, bytes.n, f), bytes.n);
    fclose(f);
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

/* ---- logs ---- */

enum { TRAIN_LINES = 4000, SCAN_LINES = 600, N_FAULTS = 4 };

static const char *const faults[N_FAULTS] = {"panic: page table of pid 4711 is corrupt, giving up",
                                             "disk failure on /dev/sdb, remounting read-only",
                                             "replica lost quorum after 3 retries", "watchdog bites, no heartbeat"};

static void put_line(lgd_buf *b, lgd_rng *r, size_t i) {
    static const char *const methods[] = {"GET", "GET", "GET", "POST"};
    unsigned s = (unsigned)(i * 2 % 86400), pid = 100 + (unsigned)(i / 7 % 5), n = lgd_rng_below(r, 900);
    lgd_buf_printf(b, "2026-03-%02u %02u:%02u:%02u ", (unsigned)(1 + i * 2 / 86400), s / 3600, s / 60 % 60, s % 60);
    switch (i % 7) {
    case 0: lgd_buf_printf(b, "INFO api[%u]: %s /v1/items/%u took %u ms\n", pid, methods[n % 4], n, 5 + n % 50); break;
    case 1: lgd_buf_printf(b, "INFO api[%u]: session opened for user u%u\n", pid, n % 9); break;
    case 2: lgd_buf_printf(b, "DEBUG db[%u]: query returned %u rows in %u us\n", pid, n % 30, n); break;
    case 3: lgd_buf_printf(b, "INFO db[%u]: checkpoint complete: wrote %u buffers\n", pid, n); break;
    case 4:
        lgd_buf_printf(b, "INFO cache[%u]: evicted %u keys, sizes %u, %u, %u\n", pid, n % 5, n, n + 1, n + 2);
        break;
    case 5: lgd_buf_printf(b, "%s cache[%u]: slow reply from 10.0.0.%u\n", n < 20 ? "WARN" : "INFO", pid, n % 4); break;
    default: lgd_buf_printf(b, "INFO api[%u]: session closed for user u%u\n", pid, n % 9); break;
    }
}

static lgd_buf make_log(size_t first, size_t n, bool with_faults) {
    lgd_buf b = {0};
    lgd_rng r;
    lgd_rng_init(&r, first + 1);
    for (size_t i = 0; i < n; i++) {
        put_line(&b, &r, first + i);
        if (with_faults && i % 100 == 50 && i / 100 < N_FAULTS)
            lgd_buf_printf(&b, "2026-03-01 23:%02u:00 ERROR kernel[1]: %s\n", (unsigned)(i / 100), faults[i / 100]);
    }
    return b;
}

static const char *put_log(const char *name, size_t first, size_t n, bool with_faults) {
    lgd_buf b = make_log(first, n, with_faults);
    const char *path = put(name, lgd_buf_sv(&b));
    lgd_buf_release(&b);
    return path;
}

static size_t count(lgd_sv s, char c) {
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++) n += s.p[i] == c;
    return n;
}

/* ---- commands ---- */

static lgd_world world(size_t n_threads, uint64_t hash_key) {
    return (lgd_world){.hash_key = hash_key, .n_threads = n_threads, .spool_dir = folder, .warn = warn};
}

/* options: name and value in turn, NULL at the end. */
static lgd_config config(unsigned command, const char *const *options) {
    lgd_config c;
    lgd_config_init(&c, command);
    set_quick(&c, command);
    set_option(&c, command, "tz", "UTC");
    for (size_t i = 0; options[i]; i += 2) set_option(&c, command, options[i], options[i + 1]);
    return c;
}
#define OPTIONS(...) ((const char *const[]){__VA_ARGS__, NULL})

static lgd_status train(lgd_world w, const char *const *options, lgd_train_summary *ret, lgd_arena *arena,
                        lgd_err *err) {
    lgd_config c = config(LGD_CMD_TRAIN, options);
    lgd_outcome outcome = {0};
    lgd_status status = lgd_train(&c, &w, arena, ret, &outcome, err);
    lgd_config_release(&c);
    return status;
}

static lgd_status scan(lgd_world w, const char *const *options, lgd_buf *out, lgd_outcome *ret, lgd_err *err) {
    lgd_config c = config(LGD_CMD_SCAN, options);
    lgd_status status = lgd_scan(&c, &w, (lgd_sink){append, out}, false, ret, err);
    lgd_config_release(&c);
    return status;
}

/* Those that must succeed. */
static void train_ok(lgd_world w, const char *input, const char *output) {
    lgd_train_summary summary;
    lgd_arena arena = {0};
    lgd_err err = {0};
    lgd_status status = train(w, OPTIONS("input", input, "output", output), &summary, &arena, &err);
    ck_assert_msg(status == LGD_OK, "%s", err.text);
    lgd_arena_release(&arena);
}

static lgd_buf scan_ok(lgd_world w, const char *const *options) {
    lgd_buf out = {0};
    lgd_outcome outcome = {0};
    lgd_err err = {0};
    ck_assert_msg(scan(w, options, &out, &outcome, &err) == LGD_OK, "%s", err.text);
    return out;
}

static void expect_same(lgd_buf a, lgd_buf b, const char *what) {
    ck_assert_msg(a.n > 0 && lgd_sv_eq(lgd_buf_sv(&a), lgd_buf_sv(&b)), "%s: %zu and %zu bytes", what, a.n, b.n);
}

/* ---- what a document says ---- */

static cJSON *parse(const lgd_buf *b) {
    cJSON *tree = cJSON_ParseWithLength(b->p, b->n);
    ck_assert_msg(tree != NULL, "%.*s", (int)(b->n < 300 ? b->n : 300), b->p);
    return tree;
}

static double number(const cJSON *tree, const char *name) {
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(tree, name);
    ck_assert_msg(cJSON_IsNumber(item), "%s", name);
    return item->valuedouble;
}

static double skipped(const cJSON *summary) {
    const cJSON *item;
    double sum = 0;
    cJSON_ArrayForEach(item, cJSON_GetObjectItemCaseSensitive(summary, "skipped")) sum += item->valuedouble;
    return sum;
}

static int size(const cJSON *tree, const char *name) {
    return cJSON_GetArraySize(cJSON_GetObjectItemCaseSensitive(tree, name));
}

START_TEST(test_counts_add_up_and_faults_are_found) {
    lgd_buf log = make_log(TRAIN_LINES, SCAN_LINES, true);
    lgd_buf_printf(&log, "\n   \n\n"); /* blank lines are skipped, and counted */
    const char *input = put("scan.log", lgd_buf_sv(&log)), *model = in_folder("m.lgd");
    train_ok(world(1, 1), put_log("train.log", 0, TRAIN_LINES, false), model);
    lgd_buf out = scan_ok(world(1, 1), OPTIONS("input", input, "model", model, "format", "json"));
    cJSON *tree = parse(&out), *summary = cJSON_GetObjectItemCaseSensitive(tree, "summary");
    const cJSON *anomaly;
    size_t found[N_FAULTS] = {0};
    ck_assert(number(summary, "lines_read") == SCAN_LINES + N_FAULTS + 3);
    ck_assert(number(summary, "lines_read") == number(summary, "scored") + skipped(summary));
    ck_assert(skipped(summary) == 3);
    ck_assert(number(summary, "anomalies") == size(tree, "anomalies"));
    ck_assert(number(summary, "incidents") == size(tree, "incidents"));
    ck_assert(number(summary, "new_templates") == N_FAULTS);
    ck_assert(size(tree, "incidents") >= 1);
    cJSON_ArrayForEach(anomaly, cJSON_GetObjectItemCaseSensitive(tree, "anomalies")) {
        const char *raw = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(anomaly, "raw"));
        size_t offset = (size_t)number(anomaly, "offset"), line = (size_t)number(anomaly, "line");
        ck_assert_int_eq(strncmp(log.p + offset, raw, strlen(raw)), 0);
        ck_assert_uint_eq(count((lgd_sv){log.p, offset}, '\n') + 1, line);
        double score = number(anomaly, "score"), sum = 0;
        const cJSON *factor;
        cJSON_ArrayForEach(factor, cJSON_GetObjectItemCaseSensitive(anomaly, "factors")) sum += number(factor, "share");
        ck_assert(score >= 0 && score <= 1 && fabs(sum - score) < 1e-4);
        for (size_t i = 0; i < N_FAULTS; i++) found[i] += strstr(raw, faults[i]) != NULL;
    }
    for (size_t i = 0; i < N_FAULTS; i++) ck_assert_msg(found[i] == 1, "%s", faults[i]);
    cJSON_Delete(tree);
    lgd_buf_release(&out);
    lgd_buf_release(&log);
}
END_TEST

START_TEST(test_training_says_what_it_read) {
    lgd_train_summary s;
    lgd_arena arena = {0};
    lgd_err err = {0};
    lgd_status status = train(world(2, 1),
                              OPTIONS("input", put_log("train.log", 0, TRAIN_LINES, false), "input",
                                      put("empty.log", LGD_SV("\n\n")), "output", in_folder("model")),
                              &s, &arena, &err);
    ck_assert_msg(status == LGD_OK, "%s", err.text);
    ck_assert_uint_eq(s.read.lines_read, TRAIN_LINES + 2);
    ck_assert_uint_eq(s.read.scored, TRAIN_LINES);
    ck_assert_uint_eq(s.read.skipped[LGD_SKIP_EMPTY].n, 2);
    ck_assert_uint_eq(s.events, TRAIN_LINES);
    ck_assert_uint_eq(s.read.n_inputs, 2);
    ck_assert(s.templates > 3 && s.templates <= s.signatures && s.fit_rows > 0);
    ck_assert(s.coverage > 0.9 && s.coverage <= 1 && !s.enough && s.advice.n > 0);
    ck_assert_uint_le(s.training_incidents, s.training_anomalies);
    lgd_buf model = get(in_folder("model/model.lgd"));
    ck_assert_uint_gt(model.n, 0);
    lgd_buf_release(&model);
    lgd_arena_release(&arena);
}
END_TEST

START_TEST(test_a_trained_log_has_no_new_templates) {
    const char *input = put_log("train.log", 0, TRAIN_LINES, false), *model = in_folder("m.lgd");
    train_ok(world(1, 1), input, model);
    lgd_buf out = scan_ok(world(1, 1), OPTIONS("input", input, "model", model, "format", "json"));
    cJSON *tree = parse(&out);
    ck_assert(number(cJSON_GetObjectItemCaseSensitive(tree, "summary"), "new_templates") == 0);
    ck_assert_int_lt(size(tree, "anomalies"), TRAIN_LINES / 10);
    cJSON_Delete(tree);
    lgd_buf_release(&out);
}
END_TEST

/* ---- the same bytes ---- */

/* More lines than a block holds. */
START_TEST(test_threads_and_hash_keys_do_not_matter) {
    static const struct {
        size_t threads;
        uint64_t hash_key;
    } rows[] = {{1, 1}, {2, 1}, {4, 0xfeedfacecafebeef}, {7, UINT64_MAX}};
    const char *train_log = put_log("train.log", 0, 18000, true), *scan_log = put_log("scan.log", 18000, 2000, true);
    lgd_buf model = {0}, document = {0};
    for (size_t i = 0; i < 4; i++) {
        const char *path = in_folder("m.lgd");
        lgd_world w = world(rows[i].threads, rows[i].hash_key);
        train_ok(w, train_log, path);
        lgd_buf m = get(path), d = scan_ok(w, OPTIONS("input", scan_log, "model", path, "format", "json"));
        if (i > 0) {
            expect_same(model, m, "model");
            expect_same(document, d, "document");
            lgd_buf_release(&m);
            lgd_buf_release(&d);
        } else {
            model = m;
            document = d;
        }
    }
    lgd_buf_release(&model);
    lgd_buf_release(&document);
}
END_TEST

START_TEST(test_the_seed_is_in_the_model) {
    const char *log = put_log("train.log", 0, TRAIN_LINES, false), *path = in_folder("m.lgd");
    lgd_train_summary s;
    lgd_arena arena = {0};
    lgd_err err = {0};
    train_ok(world(1, 1), log, path);
    lgd_buf a = get(path);
    ck_assert_int_eq(train(world(1, 1), OPTIONS("input", log, "output", path, "seed", "43"), &s, &arena, &err), LGD_OK);
    lgd_buf b = get(path);
    ck_assert(!lgd_sv_eq(lgd_buf_sv(&a), lgd_buf_sv(&b)));
    lgd_buf_release(&a);
    lgd_buf_release(&b);
    lgd_arena_release(&arena);
}
END_TEST

typedef struct feeder {
    const char *path;
    lgd_sv bytes;
    pthread_t thread;
} feeder;

static void *feed(void *ctx) {
    const feeder *f = ctx;
    int fd = open(f->path, O_WRONLY);
    for (size_t done = 0, n; done < f->bytes.n; done += n) {
        n = f->bytes.n - done < 997 ? f->bytes.n - done : 997;
        ssize_t written = write(fd, f->bytes.p + done, n);
        if (written <= 0) break;
        n = (size_t)written;
    }
    close(fd);
    return NULL;
}

enum { AS_FILE, AS_GZIP, AS_PIPE, CONTAINERS };

/* Lays the log at path, in one container or another. */
static void lay(feeder *f, const char *path, int container, lgd_sv log) {
    (void)remove(path);
    *f = (feeder){path, log, 0};
    if (container == AS_GZIP) {
        gzFile gz = gzopen(path, "w");
        ck_assert_int_eq(gzwrite(gz, log.p, (unsigned)log.n), (int)log.n);
        gzclose(gz);
    } else if (container == AS_PIPE) {
        ck_assert_int_eq(mkfifo(path, 0600), 0);
        ck_assert_int_eq(pthread_create(&f->thread, NULL, feed, f), 0);
    } else {
        FILE *file = fopen(path, "w");
        ck_assert_uint_eq(fwrite(log.p, 1, log.n, file), log.n);
        fclose(file);
    }
}

static void clear_away(feeder *f, int container) {
    if (container == AS_PIPE) pthread_join(f->thread, NULL);
}

START_TEST(test_a_file_a_pipe_and_a_gzip_file_are_the_same) {
    const char *path = in_folder("app.log"), *model = in_folder("m.lgd");
    lgd_buf learned = make_log(0, TRAIN_LINES, false), scanned = make_log(TRAIN_LINES, SCAN_LINES, true);
    lgd_buf first_model = {0}, first_rows = {0};
    for (int container = 0; container < CONTAINERS; container++) {
        feeder f;
        lay(&f, path, container, lgd_buf_sv(&learned));
        train_ok(world(2, 1), path, model);
        clear_away(&f, container);
        lay(&f, path, container, lgd_buf_sv(&scanned));
        lgd_buf m = get(model);
        lgd_buf rows = scan_ok(world(2, 1), OPTIONS("input", path, "model", model, "format", "csv", "emit", "all"));
        clear_away(&f, container);
        ck_assert_uint_ge(count(lgd_buf_sv(&rows), '\n'), SCAN_LINES + N_FAULTS);
        if (container > 0) {
            expect_same(first_model, m, "model");
            expect_same(first_rows, rows, "rows");
            lgd_buf_release(&m);
            lgd_buf_release(&rows);
        } else {
            first_model = m;
            first_rows = rows;
        }
    }
    lgd_buf_release(&first_model);
    lgd_buf_release(&first_rows);
    lgd_buf_release(&learned);
    lgd_buf_release(&scanned);
}
END_TEST

/* ---- what cannot be done ---- */

START_TEST(test_too_little_data_keeps_the_old_model) {
    const char *model = in_folder("m.lgd");
    lgd_train_summary s = {.events = 77};
    lgd_arena arena = {0};
    lgd_err err = {0};
    train_ok(world(1, 1), put_log("train.log", 0, TRAIN_LINES, false), model);
    lgd_buf before = get(model);
    lgd_status status =
        train(world(1, 1), OPTIONS("input", put_log("few.log", 0, LGD_TRAIN_MIN_EVENTS - 1, false), "output", model),
              &s, &arena, &err);
    ck_assert_int_eq(status, LGD_E_DATA);
    ck_assert_msg(strstr(err.text, "only 499 events, need 500") != NULL, "%s", err.text);
    ck_assert_uint_eq(s.events, 77); /* untouched */
    lgd_buf after = get(model);
    expect_same(before, after, "model");
    train_ok(world(1, 1), put_log("enough.log", 0, LGD_TRAIN_MIN_EVENTS, false), model);
    lgd_buf_release(&before);
    lgd_buf_release(&after);
    lgd_arena_release(&arena);
}
END_TEST

START_TEST(test_trouble_with_inputs_is_told) {
    const char *good = put_log("scan.log", TRAIN_LINES, SCAN_LINES, false), *model = in_folder("m.lgd");
    train_ok(world(1, 1), put_log("train.log", 0, TRAIN_LINES, false), model);
    lgd_buf out = {0};
    lgd_outcome outcome = {0};
    lgd_err err = {0};
    const char *missing = in_folder("missing.log");
    ck_assert_int_eq(scan(world(1, 1), OPTIONS("input", good, "input", missing, "model", model, "format", "json"), &out,
                          &outcome, &err),
                     LGD_OK);
    ck_assert(outcome.incomplete && outcome.lines == SCAN_LINES && n_warnings == 1);
    cJSON *tree = parse(&out), *summary = cJSON_GetObjectItemCaseSensitive(tree, "summary");
    ck_assert(cJSON_IsFalse(cJSON_GetObjectItemCaseSensitive(summary, "complete")));
    ck_assert_int_eq(size(summary, "problems"), 1);
    cJSON_Delete(tree);
    const struct {
        const char *const *options;
        lgd_status status;
    } rows[] = {{OPTIONS("input", missing, "model", model), LGD_E_IO},
                {OPTIONS("model", model), LGD_E_USAGE},
                {OPTIONS("input", good, "model", missing), LGD_E_IO},
                {OPTIONS("input", good, "model", good), LGD_E_DAMAGED},
                {OPTIONS("input", good, "model", model, "tz", "Nowhere/Land"), LGD_E_USAGE}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        err = (lgd_err){0};
        lgd_buf_clear(&out);
        lgd_status status = scan(world(1, 1), rows[i].options, &out, &outcome, &err);
        ck_assert_msg(status == rows[i].status && strchr(err.text, ';'), "row %zu: %d, %s", i, status, err.text);
        ck_assert_uint_eq(out.n, 0);
    }
    lgd_buf_release(&out);
}
END_TEST

static lgd_status gone(void *ctx, lgd_sv bytes, lgd_err *err) {
    (void)ctx, (void)bytes;
    return lgd_fail(err, LGD_E_CLOSED, "-: the reader went away; stopped");
}

START_TEST(test_a_reader_that_goes_away_ends_the_scan) {
    const char *input = put_log("scan.log", TRAIN_LINES, SCAN_LINES, true), *model = in_folder("m.lgd");
    static const char *const formats[] = {"text", "json", "jsonl", "csv"};
    train_ok(world(1, 1), put_log("train.log", 0, TRAIN_LINES, false), model);
    for (size_t i = 0; i < 4; i++) {
        lgd_config c = config(LGD_CMD_SCAN, OPTIONS("input", input, "model", model, "format", formats[i]));
        lgd_world w = world(2, 1);
        lgd_outcome outcome = {0};
        lgd_err err = {0};
        ck_assert_int_eq(lgd_scan(&c, &w, (lgd_sink){gone, NULL}, false, &outcome, &err), LGD_E_CLOSED);
        lgd_config_release(&c);
    }
}
END_TEST

/* ---- options ---- */

START_TEST(test_a_scan_without_a_model_learns_from_its_input) {
    const char *input = put_log("scan.log", 0, TRAIN_LINES, true);
    lgd_buf out = scan_ok(world(2, 1), OPTIONS("input", input, "format", "json"));
    lgd_buf again = scan_ok(world(1, 9), OPTIONS("input", input, "format", "json"));
    expect_same(out, again, "document");
    cJSON *tree = parse(&out), *summary = cJSON_GetObjectItemCaseSensitive(tree, "summary");
    const cJSON *problem = cJSON_GetArrayItem(cJSON_GetObjectItemCaseSensitive(summary, "problems"), 0);
    ck_assert_ptr_nonnull(strstr(cJSON_GetStringValue(problem), "no model"));
    ck_assert(number(summary, "scored") == TRAIN_LINES + N_FAULTS);
    ck_assert(number(summary, "anomalies") >= 1);
    cJSON_Delete(tree);
    lgd_buf_release(&out);
    lgd_buf_release(&again);
}
END_TEST

START_TEST(test_a_higher_rate_flags_more) {
    static const char *const rates[] = {"0.0001", "0.001", "0.01", "0.05", "0.3"};
    const char *input = put_log("scan.log", TRAIN_LINES, SCAN_LINES, true), *model = in_folder("m.lgd");
    train_ok(world(1, 1), put_log("train.log", 0, TRAIN_LINES, false), model);
    uint64_t last = 0;
    for (size_t i = 0; i < 5; i++) {
        lgd_buf out = {0};
        lgd_outcome outcome = {0};
        lgd_err err = {0};
        lgd_status status =
            scan(world(1, 1), OPTIONS("input", input, "model", model, "fpr", rates[i]), &out, &outcome, &err);
        ck_assert_msg(status == LGD_OK, "%s", err.text);
        ck_assert_uint_ge(outcome.anomalies, last);
        last = outcome.anomalies;
        lgd_buf_release(&out);
    }
    ck_assert_uint_gt(last, N_FAULTS);
}
END_TEST

START_TEST(test_lines_outside_the_time_are_skipped_and_counted) {
    const struct {
        const char *const *options;
        lgd_skip skip;
    } rows[] = {{OPTIONS("since", "2026-03-01T00:30:00Z"), LGD_SKIP_BEFORE},
                {OPTIONS("until", "2026-03-01T01:00:00Z"), LGD_SKIP_AFTER}};
    const char *input = put_log("train.log", 0, TRAIN_LINES, false); /* a line each two seconds: 2 h 13 min */
    static const uint64_t expected[] = {900, TRAIN_LINES - 1800};
    for (size_t i = 0; i < 2; i++) {
        lgd_train_summary s;
        lgd_arena arena = {0};
        lgd_err err = {0};
        lgd_status status = train(
            world(1, 1), OPTIONS("input", input, "output", in_folder("m.lgd"), rows[i].options[0], rows[i].options[1]),
            &s, &arena, &err);
        ck_assert_msg(status == LGD_OK, "%s", err.text);
        ck_assert_uint_eq(s.read.skipped[rows[i].skip].n, expected[i]);
        ck_assert_uint_eq(s.events, TRAIN_LINES - expected[i]);
        lgd_arena_release(&arena);
    }
    lgd_train_summary s;
    lgd_arena arena = {0};
    lgd_err err = {0};
    ck_assert_int_eq(train(world(1, 1), OPTIONS("input", input, "output", in_folder("m.lgd"), "since", "yesterday"), &s,
                           &arena, &err),
                     LGD_E_USAGE);
    ck_assert_ptr_nonnull(strstr(err.text, "--since"));
    lgd_arena_release(&arena);
}
END_TEST

START_TEST(test_days_are_counted_from_the_newest_line) {
    enum { DAY_LINES = 86400 / 2, LINES = 1000 };
    lgd_train_summary s;
    lgd_arena arena = {0};
    lgd_err err = {0};
    lgd_buf log = make_log(0, LINES, false), day_later = make_log(DAY_LINES, LINES, false);
    lgd_buf_add_sv(&log, lgd_buf_sv(&day_later));
    const char *const *options =
        OPTIONS("input", put("train.log", lgd_buf_sv(&log)), "output", in_folder("m.lgd"), "days", "1");
    lgd_status status = train(world(2, 1), options, &s, &arena, &err);
    ck_assert_msg(status == LGD_OK, "%s", err.text);
    ck_assert_uint_eq(s.events, LINES + 1); /* the last line of the first day is a day old, and no older */
    ck_assert_uint_eq(s.read.skipped[LGD_SKIP_BEFORE].n, LINES - 1);
    lgd_buf_release(&log);
    lgd_buf_release(&day_later);
    lgd_arena_release(&arena);
}
END_TEST

START_TEST(test_an_empty_file_is_scanned_to_its_end) {
    const char *model = in_folder("m.lgd");
    train_ok(world(1, 1), put_log("train.log", 0, TRAIN_LINES, false), model);
    lgd_buf out =
        scan_ok(world(2, 1), OPTIONS("input", put("empty.log", LGD_SV("")), "model", model, "format", "json"));
    cJSON *tree = parse(&out), *summary = cJSON_GetObjectItemCaseSensitive(tree, "summary");
    ck_assert(number(summary, "lines_read") == 0 && size(tree, "anomalies") == 0);
    ck_assert(cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(summary, "complete")));
    cJSON_Delete(tree);
    lgd_buf_release(&out);
}
END_TEST

/* ---- parse and model ---- */

START_TEST(test_parse_gives_an_object_for_each_record) {
    const char *input = put_log("train.log", 0, TRAIN_LINES, false), *model = in_folder("m.lgd");
    train_ok(world(1, 1), input, model);
    lgd_buf outs[2] = {{0}, {0}};
    for (int with_model = 0; with_model < 2; with_model++) {
        lgd_config c = config(LGD_CMD_PARSE, OPTIONS("input", input, "format", "jsonl"));
        if (with_model) set_option(&c, LGD_CMD_PARSE, "model", model);
        lgd_world w = world(3, 1);
        lgd_outcome outcome = {0};
        lgd_err err = {0};
        lgd_status status = lgd_parse(&c, &w, (lgd_sink){append, &outs[with_model]}, &outcome, &err);
        ck_assert_msg(status == LGD_OK, "%s", err.text);
        ck_assert_uint_eq(outcome.lines, TRAIN_LINES);
        lgd_config_release(&c);
    }
    expect_same(outs[0], outs[1], "mined and trained templates");
    ck_assert_uint_eq(count(lgd_buf_sv(&outs[0]), '\n'), TRAIN_LINES);
    lgd_buf first = {.p = outs[0].p, .n = (size_t)((char *)memchr(outs[0].p, '\n', outs[0].n) - outs[0].p)};
    cJSON *tree = parse(&first);
    ck_assert(number(tree, "line") == 1);
    ck_assert_str_eq(cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(tree, "component")), "api");
    ck_assert_str_eq(cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(tree, "timestamp")), "2026-03-01T00:00:00Z");
    ck_assert_str_eq(cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(tree, "pid")), "100");
    ck_assert(cJSON_IsNull(cJSON_GetObjectItemCaseSensitive(tree, "host")));
    ck_assert(cJSON_GetArraySize(cJSON_GetObjectItemCaseSensitive(tree, "params")) > 0);
    cJSON_Delete(tree);
    lgd_buf_release(&outs[0]);
    lgd_buf_release(&outs[1]);
}
END_TEST

START_TEST(test_a_model_tells_what_is_in_it) {
    const char *model = in_folder("m.lgd");
    lgd_buf info = {0}, templates = {0}, text = {0};
    lgd_err err = {0};
    train_ok(world(1, 1), put_log("train.log", 0, TRAIN_LINES, false), model);
    ck_assert_int_eq(lgd_model_info(model, LGD_FORMAT_JSON, &info, &err), LGD_OK);
    ck_assert_int_eq(lgd_model_templates(model, LGD_FORMAT_JSON, false, &templates, &err), LGD_OK);
    ck_assert_int_eq(lgd_model_info(model, LGD_FORMAT_TEXT, &text, &err), LGD_OK);
    ck_assert_int_eq(lgd_model_templates(model, LGD_FORMAT_TEXT, true, &text, &err), LGD_OK);
    cJSON *tree = parse(&info), *document = parse(&templates);
    const cJSON *list = cJSON_GetObjectItemCaseSensitive(document, "templates");
    const cJSON *item;
    double sum = 0;
    cJSON_ArrayForEach(item, list) sum += number(item, "count");
    ck_assert(number(tree, "events") == TRAIN_LINES && sum == TRAIN_LINES);
    ck_assert(number(tree, "templates") == cJSON_GetArraySize(list));
    ck_assert_uint_gt(count(lgd_buf_sv(&text), '\n'), (size_t)cJSON_GetArraySize(list));
    cJSON_Delete(tree);
    cJSON_Delete(document);
    ck_assert_int_eq(lgd_model_info(in_folder("none.lgd"), LGD_FORMAT_JSON, &info, &err), LGD_E_IO);
    lgd_buf_release(&info);
    lgd_buf_release(&templates);
    lgd_buf_release(&text);
}
END_TEST

/* ---- memory ---- */

/* Either it is said that memory ran out, or the result is whole. */
START_TEST(test_a_scan_that_runs_out_of_memory_says_so) {
    const char *input = put_log("scan.log", TRAIN_LINES, 120, true), *model = in_folder("m.lgd");
    train_ok(world(1, 1), put_log("train.log", 0, 1000, false), model);
    const char *const *options = OPTIONS("input", input, "model", model, "format", "json");
    lgd_buf whole = scan_ok(world(1, 1), options), out = {0};
    uint64_t k = 1, n_failed = 0;
    for (int in_a_row = 0; in_a_row < 3; k += 1 + k / 40) {
        lgd_outcome outcome = {0};
        lgd_err err = {0};
        lgd_buf_release(&out);
        lgd_config c = config(LGD_CMD_SCAN, options);
        lgd_world w = world(1, 1);
        lgd_alloc_fail_at(k, k % 2 == 0);
        lgd_status status = lgd_scan(&c, &w, (lgd_sink){append, &out}, false, &outcome, &err);
        lgd_alloc_fail_at(0, false);
        lgd_config_release(&c);
        in_a_row = status == LGD_OK ? in_a_row + 1 : 0;
        n_failed += status != LGD_OK;
        if (status == LGD_OK)
            expect_same(whole, out, "document");
        else if (status != LGD_E_MEMORY || !err.text[0])
            ck_abort_msg("allocation %d: status %d, %s", (int)k, status, err.text);
    }
    ck_assert_uint_gt(n_failed, 50);
    lgd_buf_release(&out);
    lgd_buf_release(&whole);
}
END_TEST

START_TEST(test_training_that_runs_out_of_memory_keeps_the_old_model) {
    const char *input = put_log("train.log", 0, 600, false), *model = in_folder("m.lgd");
    train_ok(world(1, 1), input, model);
    lgd_buf before = get(model);
    uint64_t n_failed = 0, k = 1;
    for (int in_a_row = 0; in_a_row < 2; k += 1 + k / 6) {
        lgd_train_summary s;
        lgd_arena arena = {0};
        lgd_err err = {0};
        lgd_config c = config(LGD_CMD_TRAIN, OPTIONS("input", input, "output", model));
        lgd_world w = world(1, 1);
        lgd_outcome outcome = {0};
        lgd_alloc_fail_at(k, k % 2 == 0);
        lgd_status status = lgd_train(&c, &w, &arena, &s, &outcome, &err);
        lgd_alloc_fail_at(0, false);
        if (status != LGD_OK && (status != LGD_E_MEMORY || !err.text[0]))
            ck_abort_msg("allocation %d: %s", (int)k, err.text);
        in_a_row = status == LGD_OK ? in_a_row + 1 : 0;
        n_failed += status != LGD_OK;
        lgd_buf after = get(model);
        expect_same(before, after, "model");
        lgd_buf_release(&after);
        lgd_config_release(&c);
        lgd_arena_release(&arena);
    }
    ck_assert_uint_gt(n_failed, 10);
    lgd_buf_release(&before);
}
END_TEST

Suite *pipeline_suite(void) {
    Suite *suite = suite_create("pipeline");
    TCase *tests = tcase_create("pipeline");
    tcase_set_timeout(tests, 100);
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, test_counts_add_up_and_faults_are_found);
    tcase_add_test(tests, test_training_says_what_it_read);
    tcase_add_test(tests, test_a_trained_log_has_no_new_templates);
    tcase_add_test(tests, test_threads_and_hash_keys_do_not_matter);
    tcase_add_test(tests, test_the_seed_is_in_the_model);
    tcase_add_test(tests, test_a_file_a_pipe_and_a_gzip_file_are_the_same);
    tcase_add_test(tests, test_too_little_data_keeps_the_old_model);
    tcase_add_test(tests, test_trouble_with_inputs_is_told);
    tcase_add_test(tests, test_a_reader_that_goes_away_ends_the_scan);
    tcase_add_test(tests, test_a_scan_without_a_model_learns_from_its_input);
    tcase_add_test(tests, test_a_higher_rate_flags_more);
    tcase_add_test(tests, test_lines_outside_the_time_are_skipped_and_counted);
    tcase_add_test(tests, test_days_are_counted_from_the_newest_line);
    tcase_add_test(tests, test_an_empty_file_is_scanned_to_its_end);
    tcase_add_test(tests, test_parse_gives_an_object_for_each_record);
    tcase_add_test(tests, test_a_model_tells_what_is_in_it);
    tcase_add_test(tests, test_a_scan_that_runs_out_of_memory_says_so);
    tcase_add_test(tests, test_training_that_runs_out_of_memory_keeps_the_old_model);
    suite_add_tcase(suite, tests);
    return suite;
}
