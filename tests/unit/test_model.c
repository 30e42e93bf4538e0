/*
 * Tests of room model: what is written comes back, no damaged byte is accepted, no failure loses the old file.
 */
#include "logdetect/model.h"

#include "folder.h"

#include <check.h>
#include <dirent.h>
#include <fcntl.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

Suite *model_suite(void);

static void put(const char *path, lgd_sv bytes) {
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(write(fd, bytes.p, bytes.n), (ssize_t)bytes.n);
    close(fd);
}

static lgd_buf get(const char *path) {
    lgd_buf b = {0};
    char chunk[4096];
    int fd = open(path, O_RDONLY);
    ck_assert_int_ge(fd, 0);
    for (ssize_t n; (n = read(fd, chunk, sizeof chunk)) > 0;) lgd_buf_add(&b, chunk, (size_t)n);
    close(fd);
    return b;
}

static size_t count_files(void) {
    size_t n = 0;
    DIR *dir = opendir(folder);
    for (const struct dirent *entry; (entry = readdir(dir)) != NULL;) n += entry->d_name[0] != '.';
    closedir(dir);
    return n;
}

/* ---- a small model ---- */

static lgd_status write_model(const char *output, uint32_t value, lgd_err *err) {
    lgd_model_writer *w = NULL;
    lgd_status status = lgd_model_writer_new(&w, err);
    if (status != LGD_OK) return status;
    lgd_buf *meta = lgd_model_section(w, "meta", 3);
    lgd_put_u32(meta, value);
    lgd_put_sv(meta, LGD_SV("a\0b"));
    (void)lgd_model_section(w, "empty", 1);
    lgd_buf *tree = lgd_model_section(w, "eightlet", UINT32_MAX);
    for (uint64_t i = 0; i < 20; i++) lgd_put_u64(tree, i * i);
    status = lgd_model_write(w, output, err);
    lgd_model_writer_free(w);
    return status;
}

static void save(const char *output, uint32_t value) {
    lgd_err err = {0};
    ck_assert_msg(write_model(output, value, &err) == LGD_OK, "%s", err.text);
}

static uint32_t saved_value(const char *path) {
    lgd_err err = {0};
    lgd_model_reader *r = NULL;
    ck_assert_msg(lgd_model_open(path, &r, &err) == LGD_OK, "%s", err.text);
    lgd_cursor c = lgd_cursor_of(lgd_model_find(r, "meta")->bytes);
    uint32_t value = lgd_get_u32(&c);
    lgd_model_close(r);
    return value;
}

static void expect_refused(const char *path, lgd_status status, const char *words) {
    lgd_err err = {0};
    lgd_model_reader *r = NULL;
    ck_assert_int_eq(lgd_model_open(path, &r, &err), status);
    ck_assert_ptr_null(r);
    ck_assert_msg(strncmp(err.text, path, strlen(path)) == 0 && strstr(err.text, words) != NULL, "%s", err.text);
}

/* ---- scalars ---- */

START_TEST(test_scalars_come_back) {
    lgd_buf b = {0};
    lgd_put_u8(&b, 0xFE);
    lgd_put_u32(&b, 0x01020304);
    lgd_put_u64(&b, UINT64_MAX - 1);
    lgd_put_i64(&b, INT64_MIN);
    lgd_put_f32(&b, -0.1f);
    lgd_put_f64(&b, 1e-308);
    lgd_put_sv(&b, LGD_SV("x\0y"));
    lgd_put_sv(&b, LGD_SV(""));
    ck_assert_int_eq(memcmp(b.p, "\xFE\x04\x03\x02\x01\xFE\xFF", 7), 0);
    lgd_cursor c = lgd_cursor_of(lgd_buf_sv(&b));
    lgd_err err = {0};
    ck_assert_uint_eq(lgd_get_u8(&c), 0xFE);
    ck_assert_uint_eq(lgd_get_u32(&c), 0x01020304);
    ck_assert_uint_eq(lgd_get_u64(&c), UINT64_MAX - 1);
    ck_assert_int_eq(lgd_get_i64(&c), INT64_MIN);
    ck_assert(lgd_get_f32(&c) == -0.1f);
    ck_assert(lgd_get_f64(&c) == 1e-308);
    ck_assert(lgd_sv_eq(lgd_get_sv(&c), LGD_SV("x\0y")));
    ck_assert_int_eq(lgd_cursor_done(&c, "tree", &err), LGD_E_DAMAGED);
    ck_assert_str_eq(err.text, "tree: 4 bytes more than it should have");
    ck_assert_uint_eq(lgd_get_sv(&c).n, 0);
    ck_assert_int_eq(lgd_cursor_done(&c, "tree", NULL), LGD_OK);
    ck_assert_uint_eq(lgd_get_u8(&c), 0);
    ck_assert_int_eq(lgd_cursor_done(&c, "tree", NULL), LGD_E_DAMAGED);
    lgd_buf_release(&b);
}
END_TEST

START_TEST(test_impossible_values_turn_the_cursor_bad) {
    static const double wild[] = {NAN, INFINITY, -INFINITY};
    for (size_t i = 0; i < 3; i++) {
        lgd_buf b = {0};
        lgd_put_f64(&b, wild[i]);
        lgd_put_f32(&b, (float)wild[i]);
        lgd_cursor c = lgd_cursor_of(lgd_buf_sv(&b)), d = lgd_cursor_of((lgd_sv){b.p + 8, 4});
        ck_assert(lgd_get_f64(&c) == 0 && c.bad);
        ck_assert(lgd_get_f32(&d) == 0 && d.bad);
        lgd_buf_release(&b);
    }
    lgd_cursor c = lgd_cursor_of(LGD_SV("\3\0\0\0twelve bytes"));
    ck_assert_uint_eq(lgd_get_count(&c, 4), 3);
    c = lgd_cursor_of(LGD_SV("\4\0\0\0twelve bytes"));
    ck_assert(lgd_get_count(&c, 4) == 0 && c.bad);
    ck_assert_uint_eq(lgd_get_u8(&c), 0);
    c = lgd_cursor_of(LGD_SV("\xFF\xFF\xFF\xFFx"));
    ck_assert(lgd_get_sv(&c).n == 0 && c.bad);
}
END_TEST

/* ---- round trip ---- */

START_TEST(test_sections_come_back) {
    const char *path = in_folder("m.lgd");
    save(path, 7);
    lgd_err err = {0};
    lgd_model_reader *r = NULL;
    ck_assert_msg(lgd_model_open(path, &r, &err) == LGD_OK, "%s", err.text);
    ck_assert_uint_eq(lgd_model_n_sections(r), 3);
    const lgd_section *tree = lgd_model_find(r, "eightlet");
    ck_assert(tree == lgd_model_section_at(r, 2) && tree->version == UINT32_MAX && tree->bytes.n == 160);
    ck_assert_uint_eq(lgd_model_find(r, "empty")->bytes.n, 0);
    ck_assert_ptr_null(lgd_model_find(r, "none"));
    ck_assert_str_eq(lgd_model_reader_path(r), path);
    lgd_buf file = get(path);
    ck_assert_uint_eq(lgd_model_size_bytes(r), file.n);
    ck_assert_uint_eq(lgd_model_checksum(r), lgd_crc32c(0, file.p, file.n));
    ck_assert_int_eq(memcmp(file.p + tree->offset, tree->bytes.p, tree->bytes.n), 0);
    lgd_model_close(r);
    save(in_folder("again.lgd"), 7);
    lgd_buf again = get(in_folder("again.lgd"));
    ck_assert(lgd_sv_eq(lgd_buf_sv(&file), lgd_buf_sv(&again)));
    lgd_buf_release(&file);
    lgd_buf_release(&again);
}
END_TEST

START_TEST(test_a_folder_holds_its_model) {
    lgd_buf path = {0};
    ck_assert_int_eq(lgd_model_path("a/b//", &path, NULL), LGD_OK);
    ck_assert_str_eq(path.p, "a/b/model.lgd");
    ck_assert_int_eq(lgd_model_path("/", &path, NULL), LGD_OK);
    ck_assert_str_eq(path.p, "/model.lgd");
    ck_assert_int_eq(lgd_model_path("x.lgd", &path, NULL), LGD_OK);
    ck_assert_str_eq(path.p, "x.lgd");
    ck_assert_int_eq(lgd_model_path("", &path, NULL), LGD_E_USAGE);
    lgd_buf_release(&path);
    save(in_folder("model/"), 1);
    save(in_folder("model"), 2);
    ck_assert_uint_eq(saved_value(in_folder("model")), 2);
    ck_assert_uint_eq(saved_value(in_folder("model/model.lgd")), 2);
}
END_TEST

START_TEST(test_wrong_sections_are_refused) {
    static const char *const ids[] = {"", "Upper", "ninechars", "a b", "twice"};
    for (size_t i = 0; i < 5; i++) {
        lgd_model_writer *w = NULL;
        lgd_err err = {0};
        ck_assert_int_eq(lgd_model_writer_new(&w, &err), LGD_OK);
        lgd_put_u8(lgd_model_section(w, "twice", 1), 1);
        lgd_put_u8(lgd_model_section(w, ids[i], 1), 1);
        ck_assert_int_eq(lgd_model_write(w, in_folder("m.lgd"), &err), LGD_E_USAGE);
        lgd_model_writer_free(w);
    }
    ck_assert_uint_eq(count_files(), 0);
}
END_TEST

/* ---- hostile files ---- */

START_TEST(test_no_flip_and_no_truncation_is_accepted) {
    const char *path = in_folder("m.lgd");
    save(path, 7);
    lgd_buf b = get(path);
    for (size_t i = 0; i < b.n * 8; i++) {
        b.p[i / 8] = (char)(b.p[i / 8] ^ 1 << i % 8);
        put(path, lgd_buf_sv(&b));
        expect_refused(path, LGD_E_DAMAGED, "");
        b.p[i / 8] = (char)(b.p[i / 8] ^ 1 << i % 8);
    }
    for (size_t n = 0; n < b.n; n++) {
        put(path, (lgd_sv){b.p, n});
        expect_refused(path, LGD_E_DAMAGED, n < 8 ? "not a logdetect model" : "damaged");
    }
    lgd_buf_add_char(&b, '\0');
    put(path, lgd_buf_sv(&b));
    expect_refused(path, LGD_E_DAMAGED, "something follows the last section");
    lgd_buf_release(&b);
}
END_TEST

/* Puts a head with a right checksum in front of a table and writes it. */
static void put_forged(const char *path, uint32_t version, uint32_t mark, uint32_t n_sections, lgd_sv table) {
    lgd_buf b = {0};
    lgd_buf_add_sv(&b, LGD_SV("LGDMODEL"));
    lgd_put_u32(&b, version);
    lgd_put_u32(&b, mark);
    lgd_put_u32(&b, n_sections);
    lgd_put_u32(&b, lgd_crc32c(lgd_crc32c(0, b.p, b.n), table.p, table.n));
    lgd_buf_add_sv(&b, table);
    put(path, lgd_buf_sv(&b));
    lgd_buf_release(&b);
}

static void add_row(lgd_buf *b, const char id[8], uint64_t offset, uint64_t length) {
    lgd_buf_add(b, id, 8);
    lgd_put_u32(b, 1);
    lgd_put_u32(b, 0);
    lgd_put_u64(b, offset);
    lgd_put_u64(b, length);
}

START_TEST(test_forged_heads_are_refused) {
    const char *path = in_folder("m.lgd");
    put_forged(path, 2, 0x01020304, 0, LGD_SV(""));
    expect_refused(path, LGD_E_DAMAGED,
                   "made by a newer logdetect (format 2, this one reads up to 1); upgrade or retrain");
    put_forged(path, 0x01000000, 0x04030201, 0, LGD_SV(""));
    expect_refused(path, LGD_E_DAMAGED, "other byte order");
    put_forged(path, 1, 0x01020304, UINT32_MAX, LGD_SV(""));
    expect_refused(path, LGD_E_DAMAGED, "damaged: the head");
    put_forged(path, 1, 0x01020304, 64, LGD_SV(""));
    expect_refused(path, LGD_E_DAMAGED, "ends inside the table");
    static const struct {
        const char *id;
        uint64_t offset, length;
        const char *words;
    } rows[] = {{"tree\0\0\0\0", 56, 1, "section tree: does not fit"},
                {"tree\0\0\0\0", 56, UINT64_MAX, "section tree: does not fit"},
                {"tree\0\0\0\0", UINT64_MAX, 0, "section tree: does not fit"},
                {"tree\0\0\0x", 56, 0, "an impossible name"},
                {"\0\0\0\0\0\0\0\0", 56, 0, "an impossible name"},
                {"tr\033e\0\0\0\0", 56, 0, "an impossible name"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        lgd_buf table = {0};
        add_row(&table, rows[i].id, rows[i].offset, rows[i].length);
        put_forged(path, 1, 0x01020304, 1, lgd_buf_sv(&table));
        expect_refused(path, LGD_E_DAMAGED, rows[i].words);
        lgd_buf_release(&table);
    }
    lgd_buf table = {0};
    add_row(&table, "tree\0\0\0\0", 88, 0);
    add_row(&table, "tree\0\0\0\0", 88, 0);
    put_forged(path, 1, 0x01020304, 2, lgd_buf_sv(&table));
    expect_refused(path, LGD_E_DAMAGED, "two sections of the same name");
    lgd_buf_release(&table);
}
END_TEST

START_TEST(test_what_is_no_model_is_refused) {
    const char *path = in_folder("m.lgd");
    expect_refused(path, LGD_E_IO, "cannot be opened; no model was read: No such file or directory");
    put(path, LGD_SV("2024-01-01 a log\n"));
    expect_refused(path, LGD_E_DAMAGED, "not a logdetect model");
    ck_assert_int_eq(mkfifo(in_folder("fifo"), 0600), 0);
    expect_refused(in_folder("fifo"), LGD_E_DAMAGED, "is no regular file"); /* does not wait for a writer */
    expect_refused("/dev/zero", LGD_E_DAMAGED, "is no regular file");
    expect_refused(folder, LGD_E_IO, "model.lgd: cannot be opened");
}
END_TEST

/* ---- writing without loss ---- */

static void expect_not_written(const char *output, lgd_status status, const char *words) {
    lgd_err err = {0};
    ck_assert_int_eq(write_model(output, 9, &err), status);
    ck_assert_msg(strstr(err.text, words) != NULL, "%s", err.text);
}

START_TEST(test_impossible_targets_are_refused) {
    expect_not_written(in_folder("no/such/model"), LGD_E_IO, "cannot be made; nothing was written: No such file");
    expect_not_written(in_folder("no/m.lgd"), LGD_E_IO, "its folder cannot be opened");
    expect_not_written("/dev/full", LGD_E_USAGE, "is not a folder");
    put(in_folder("file"), LGD_SV("x"));
    expect_not_written(in_folder("file"), LGD_E_USAGE, "is not a folder; a model file is called NAME.lgd");
    mkdir(in_folder("d.lgd"), 0700);
    expect_not_written(in_folder("d.lgd"), LGD_E_USAGE, "is not a regular file");
    ck_assert_int_eq(symlink("/dev/full", in_folder("full.lgd")), 0);
    expect_not_written(in_folder("full.lgd"), LGD_E_USAGE, "is not a regular file");
    ck_assert_uint_eq(count_files(), 3);
}
END_TEST

START_TEST(test_a_full_disk_keeps_the_old_model) {
    const char *path = in_folder("m.lgd");
    save(path, 1);
    signal(SIGXFSZ, SIG_IGN);
    const struct rlimit little = {100, RLIM_INFINITY};
    struct rlimit old;
    ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &old), 0);
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &little), 0);
    lgd_err err = {0};
    lgd_status status = write_model(path, 2, &err);
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &old), 0);
    ck_assert_int_eq(status, LGD_E_IO);
    ck_assert_msg(strstr(err.text, "the old file was kept: File too large") != NULL, "%s", err.text);
    ck_assert_uint_eq(saved_value(path), 1);
    ck_assert_uint_eq(count_files(), 1);
}
END_TEST

START_TEST(test_mode_and_links_are_kept_and_leftovers_removed) {
    const char *path = in_folder("m.lgd");
    struct stat st;
    char alive[64], dead[64];
    save(path, 1);
    ck_assert(stat(path, &st) == 0 && (st.st_mode & 0777) == 0600);
    ck_assert_int_eq(chmod(path, 0640), 0);
    ck_assert_int_eq(symlink("m.lgd", in_folder("link.lgd")), 0);
    snprintf(alive, sizeof alive, "m.lgd.tmp-%ld-0", (long)getppid());
    snprintf(dead, sizeof dead, "m.lgd.tmp-%ld-0", (long)getpid());
    put(in_folder(alive), LGD_SV("x"));
    put(in_folder(dead), LGD_SV("x"));
    put(in_folder("m.lgd.tmp-2147483647-0"), LGD_SV("x"));
    put(in_folder("other.lgd.tmp-2147483647-0"), LGD_SV("x"));
    save(in_folder("link.lgd"), 2);
    ck_assert_uint_eq(saved_value(path), 2);
    ck_assert(stat(path, &st) == 0 && (st.st_mode & 0777) == 0640);
    ck_assert(lstat(in_folder("link.lgd"), &st) == 0 && S_ISLNK(st.st_mode));
    ck_assert_int_eq(access(in_folder(alive), F_OK), 0);
    ck_assert_uint_eq(count_files(), 4);
}
END_TEST

START_TEST(test_a_second_writer_is_refused) {
    save(in_folder("m.lgd"), 1);
    int fd = open(in_folder("m.lgd.tmp-lock"), O_RDWR | O_CREAT, 0600);
    ck_assert_int_eq(flock(fd, LOCK_EX), 0);
    expect_not_written(in_folder("m.lgd"), LGD_E_IO, "in use by another logdetect; nothing was written");
    save(in_folder("other.lgd"), 3); /* a file of its own */
    ck_assert_uint_eq(count_files(), 3);
    close(fd);
    save(in_folder("m.lgd"), 2); /* what a killed run has left is taken over */
    ck_assert_uint_eq(saved_value(in_folder("m.lgd")), 2);
    ck_assert_uint_eq(saved_value(in_folder("other.lgd")), 3);
    ck_assert_uint_eq(count_files(), 2);
}
END_TEST

START_TEST(test_any_file_can_be_replaced) {
    lgd_err err = {0};
    const char *path = in_folder("report.json");
    ck_assert_int_eq(lgd_file_replace(path, LGD_SV("old"), &err), LGD_OK);
    ck_assert_int_eq(lgd_file_replace(path, LGD_SV("newer"), &err), LGD_OK);
    lgd_buf b = get(path);
    ck_assert(lgd_sv_eq(lgd_buf_sv(&b), LGD_SV("newer")));
    lgd_buf_release(&b);
    ck_assert_int_eq(lgd_file_replace("/dev/null", LGD_SV("x"), &err), LGD_OK);
    ck_assert_int_eq(lgd_file_replace("/dev/full", LGD_SV("x"), &err), LGD_E_IO);
    ck_assert_str_eq(err.text, "/dev/full: cannot be written; what it has is incomplete: No space left on device");
    err = (lgd_err){0};
    ck_assert_int_eq(lgd_file_replace(in_folder("none/x"), LGD_SV("x"), &err), LGD_E_IO);
    ck_assert_uint_eq(count_files(), 1);
}
END_TEST

START_TEST(test_failing_allocations_are_told) {
    const char *path = in_folder("m.lgd");
    save(path, 1);
    lgd_status status = LGD_E_MEMORY;
    uint64_t n = 0;
    while (status != LGD_OK) {
        lgd_err err = {0};
        lgd_model_reader *r = NULL;
        n++;
        lgd_alloc_fail_at(n, n % 2 == 0);
        status = write_model(path, 2, &err);
        if (status == LGD_OK) status = lgd_model_open(path, &r, &err);
        lgd_alloc_fail_at(0, false);
        lgd_model_close(r);
        ck_assert(status == LGD_OK || status == LGD_E_MEMORY);
        ck_assert_uint_ge(saved_value(path), 1);
    }
    ck_assert_uint_gt(n, 7);
    ck_assert_uint_eq(saved_value(path), 2);
}
END_TEST

Suite *model_suite(void) {
    Suite *suite = suite_create("model");
    TCase *tests = tcase_create("model");
    tcase_set_timeout(tests, 60);
    tcase_add_checked_fixture(tests, folder_make, folder_remove);
    tcase_add_test(tests, test_scalars_come_back);
    tcase_add_test(tests, test_impossible_values_turn_the_cursor_bad);
    tcase_add_test(tests, test_sections_come_back);
    tcase_add_test(tests, test_a_folder_holds_its_model);
    tcase_add_test(tests, test_wrong_sections_are_refused);
    tcase_add_test(tests, test_no_flip_and_no_truncation_is_accepted);
    tcase_add_test(tests, test_forged_heads_are_refused);
    tcase_add_test(tests, test_what_is_no_model_is_refused);
    tcase_add_test(tests, test_impossible_targets_are_refused);
    tcase_add_test(tests, test_a_full_disk_keeps_the_old_model);
    tcase_add_test(tests, test_mode_and_links_are_kept_and_leftovers_removed);
    tcase_add_test(tests, test_a_second_writer_is_refused);
    tcase_add_test(tests, test_any_file_can_be_replaced);
    tcase_add_test(tests, test_failing_allocations_are_told);
    suite_add_tcase(suite, tests);
    return suite;
}
