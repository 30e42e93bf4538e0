/*
 * Tests of room input: every byte ends in a record or in a counter, whatever the container, the encoding and the way
 * reads are cut.
 */
#include "logdetect/input.h"

#include "folder.h"

#include <check.h>
#include <fcntl.h>
#include <inttypes.h>
#include <lzma.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

Suite *input_suite(void);

static void write_all(int fd, lgd_sv bytes, size_t piece) {
    for (size_t done = 0; done < bytes.n;) {
        size_t left = bytes.n - done, most = piece > 0 ? 1 + done % piece : left;
        ssize_t n = write(fd, bytes.p + done, left < most ? left : most);
        ck_assert_int_gt(n, 0);
        done += (size_t)n;
    }
}

static const char *put(const char *name, lgd_sv bytes) {
    const char *path = in_folder(name);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    ck_assert_int_ge(fd, 0);
    write_all(fd, bytes, 0);
    close(fd);
    return path;
}

/* A FIFO that a thread fills in small pieces. */
typedef struct feeder {
    const char *path;
    lgd_sv bytes;
    pthread_t thread;
} feeder;

static void *feed(void *ctx) {
    const feeder *f = ctx;
    int fd = open(f->path, O_WRONLY);
    write_all(fd, f->bytes, 97);
    close(fd);
    return NULL;
}

static void feeder_start(feeder *f, const char *name, lgd_sv bytes) {
    f->path = in_folder(name);
    f->bytes = bytes;
    ck_assert_int_eq(mkfifo(f->path, 0600), 0);
    ck_assert_int_eq(pthread_create(&f->thread, NULL, feed, f), 0);
}

/* ---- compressed forms ---- */

static lgd_buf gzipped(lgd_sv s) {
    lgd_buf out = {0};
    char chunk[4096];
    z_stream z = {0};
    ck_assert_int_eq(deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
    lgd_buf copy = {0};
    lgd_buf_add_sv(&copy, s);
    z.next_in = (Bytef *)copy.p;
    z.avail_in = (uInt)s.n;
    do {
        z.next_out = (Bytef *)chunk;
        z.avail_out = sizeof chunk;
        deflate(&z, Z_FINISH);
        lgd_buf_add(&out, chunk, sizeof chunk - z.avail_out);
    } while (z.avail_out == 0);
    deflateEnd(&z);
    lgd_buf_release(&copy);
    return out;
}

static lgd_buf zstded(lgd_sv s) {
    lgd_buf out = {0};
    size_t bound = ZSTD_compressBound(s.n);
    char *bytes = malloc(bound);
    size_t n = ZSTD_compress(bytes, bound, s.p, s.n, 3);
    ck_assert(!ZSTD_isError(n));
    lgd_buf_add(&out, bytes, n);
    free(bytes);
    return out;
}

static lgd_buf xzed(lgd_sv s) {
    lgd_buf out = {0};
    size_t bound = lzma_stream_buffer_bound(s.n), n = 0;
    uint8_t *bytes = malloc(bound);
    ck_assert_int_eq(lzma_easy_buffer_encode(0, LZMA_CHECK_CRC64, NULL, (const uint8_t *)s.p, s.n, bytes, &n, bound),
                     LZMA_OK);
    lgd_buf_add(&out, bytes, n);
    free(bytes);
    return out;
}

/* ---- reading ---- */

static void add(lgd_input_list *list, const char *path, bool recursive) {
    lgd_err err = {0};
    ck_assert_msg(lgd_input_add(list, path, recursive, &err) == LGD_OK, "%s", err.text);
}

/* Everything a reader tells about its records, as text: `line@offset xN fFLAGS hHEAD|text`, and `--` between blocks. */
static lgd_buf dump(lgd_input_list *list, const lgd_input_options *options) {
    lgd_buf out = {0};
    lgd_err err = {0};
    lgd_reader *reader = NULL;
    ck_assert_msg(lgd_reader_open(list, options, &reader, &err) == LGD_OK, "%s", err.text);
    uint64_t *lines = calloc(list->n_files + 1, sizeof *lines);
    for (lgd_block block = {0};;) {
        ck_assert_msg(lgd_reader_next(reader, &block, &err) == LGD_OK, "%s", err.text);
        if (block.n_records == 0) break;
        size_t bytes = 0;
        for (size_t i = 0; i < block.n_records; i++) {
            const lgd_record *r = &block.records[i];
            ck_assert_uint_eq(r->line, lines[block.file] + 1);
            ck_assert_uint_ge(r->text.n, r->head_n);
            lines[block.file] += r->n_lines;
            bytes += r->text.n;
            lgd_buf_printf(&out, "%" PRIu64 "@%" PRIu64 " x%u f%u h%u|", r->line, r->offset, r->n_lines, r->flags,
                           r->head_n);
            lgd_buf_add_sv(&out, r->text);
            lgd_buf_add_char(&out, '\n');
        }
        ck_assert(block.n_records == 1 || options->block_bytes == 0 || bytes <= options->block_bytes);
        ck_assert(options->block_records == 0 || block.n_records <= options->block_records);
        lgd_buf_add_sv(&out, LGD_SV("--\n"));
    }
    for (size_t i = 0; i < list->n_files; i++) ck_assert_uint_eq(lines[i], list->files[i].lines);
    free(lines);
    lgd_reader_close(reader);
    lgd_buf_add_char(&out, '\0');
    ck_assert(!out.failed);
    return out;
}

/* Reads one file; *ret_file is its entry, without the strings. */
static lgd_buf dump_file(const char *path, const lgd_input_options *options, lgd_input_file *ret_file) {
    lgd_input_list list = {0};
    add(&list, path, false);
    ck_assert_uint_eq(list.n_files, 1);
    lgd_buf out = dump(&list, options);
    if (ret_file != NULL) *ret_file = list.files[0];
    lgd_input_list_release(&list);
    return out;
}

static void expect(const char *path, const lgd_input_options *options, const char *expected) {
    lgd_buf got = dump_file(path, options, NULL);
    ck_assert_str_eq(got.p, expected);
    lgd_buf_release(&got);
}

static const lgd_input_options plain = {0};
static const lgd_input_options stitched = {.multiline = true};

/* Some 400 kB with traces, carriage returns, UTF-8, long and empty lines. */
static lgd_buf sample(void) {
    lgd_buf b = {0};
    for (unsigned i = 0; b.n < 400000; i++) {
        lgd_buf_printf(&b, "2024-05-01 10:00:%02u INFO worker-%u did %u things%s", i % 60, i * 7919 % 100, i * i,
                       i % 5 == 0 ? "\r\n" : "\n");
        if (i % 11 == 0)
            lgd_buf_printf(&b, "java.lang.IllegalStateException: no \xC3\xA9%u\n\tat a.B.c(B.java:%u)\r\n", i, i);
        if (i % 31 == 0) lgd_buf_add_sv(&b, LGD_SV("\n"));
        if (i % 401 == 0) {
            for (unsigned k = 0; k < 3000; k++) lgd_buf_add_char(&b, (char)('a' + (k + i) % 26));
            lgd_buf_add_char(&b, '\n');
        }
    }
    lgd_buf_add_sv(&b, LGD_SV("the end"));
    return b;
}

/* ---- lines ---- */

START_TEST(test_lines_know_their_number_and_offset) {
    lgd_input_file file;
    lgd_buf got = dump_file(put("a", LGD_SV("a\nbb\r\n\n\rc\n  \nlast\r")), &plain, &file);
    ck_assert_str_eq(got.p, "1@0 x1 f0 h1|a\n2@2 x1 f0 h2|bb\n3@6 x1 f0 h0|\n4@7 x1 f0 h2|\rc\n5@10 x1 f0 h2|  \n"
                            "6@13 x1 f2 h5|last\r\n--\n");
    ck_assert_uint_eq(file.lines, 6);
    ck_assert_uint_eq(file.bytes, 18);
    ck_assert_uint_eq(file.size_bytes, 18);
    ck_assert_int_eq(file.state, LGD_INPUT_DONE);
    lgd_buf_release(&got);
    expect(put("b", LGD_SV("")), &plain, "");
    expect(put("c", LGD_SV("\n")), &plain, "1@0 x1 f0 h0|\n--\n");
}
END_TEST

START_TEST(test_long_lines_are_cut_and_counted) {
    const lgd_input_options options = {.max_line_bytes = 8};
    lgd_input_file file;
    lgd_buf got =
        dump_file(put("a", LGD_SV("12345678\n12345678\r\n123456789\n1234567\xC3\xA9\r\n123456789")), &options, &file);
    ck_assert_str_eq(got.p, "1@0 x1 f0 h8|12345678\n2@9 x1 f0 h8|12345678\n3@19 x1 f1 h8|12345678\n"
                            "4@29 x1 f1 h7|1234567\n5@40 x1 f3 h8|12345678\n--\n");
    ck_assert_uint_eq(file.cut_lines, 3);
    ck_assert_uint_eq(file.cut_bytes, 4);
    ck_assert_uint_eq(file.invalid_utf8, 0);
    lgd_buf_release(&got);
}
END_TEST

START_TEST(test_a_line_longer_than_all_buffers_does_no_harm) {
    lgd_buf b = {0};
    lgd_buf_add_sv(&b, LGD_SV("first\n"));
    for (size_t i = 0; i < 5000001; i++) lgd_buf_add_char(&b, 'x');
    lgd_buf_add_sv(&b, LGD_SV("\r\nnext\n  more\n"));
    lgd_input_list list = {0};
    add(&list, put("a", lgd_buf_sv(&b)), false);
    lgd_err err = {0};
    lgd_reader *reader = NULL;
    lgd_block block;
    ck_assert_int_eq(lgd_reader_open(&list, &stitched, &reader, &err), LGD_OK);
    ck_assert_int_eq(lgd_reader_next(reader, &block, &err), LGD_OK);
    ck_assert(block.n_records == 1 && block.first);
    ck_assert_int_eq(lgd_reader_next(reader, &block, &err), LGD_OK);
    ck_assert(block.n_records == 1 && !block.first && block.records[0].text.n == 1 << 20);
    ck_assert_uint_eq(block.records[0].flags, LGD_RECORD_CUT);
    ck_assert_int_eq(lgd_reader_next(reader, &block, &err), LGD_OK);
    ck_assert(block.n_records == 1 && block.records[0].n_lines == 2);
    ck_assert(lgd_sv_eq(block.records[0].text, LGD_SV("next\n  more")));
    ck_assert_uint_eq(block.records[0].offset, 6 + 5000001 + 2);
    ck_assert_int_eq(lgd_reader_next(reader, &block, &err), LGD_OK);
    ck_assert_uint_eq(block.n_records, 0);
    ck_assert_uint_eq(list.files[0].cut_bytes, 5000001 - (1 << 20));
    lgd_reader_close(reader);
    lgd_input_list_release(&list);
    lgd_buf_release(&b);
}
END_TEST

/* ---- the same bytes in other containers ---- */

START_TEST(test_blocks_do_not_depend_on_the_container) {
    lgd_buf b = sample();
    const size_t block_bytes[] = {0, 4096, 777, 64};
    for (size_t i = 0; i < 4; i++) {
        const lgd_input_options options = {
            .multiline = true, .block_bytes = block_bytes[i], .max_line_bytes = 2000, .block_records = i == 1 ? 20 : 0};
        lgd_buf forms[] = {gzipped(lgd_buf_sv(&b)), zstded(lgd_buf_sv(&b)), xzed(lgd_buf_sv(&b)), {0}};
        static const char *const names[] = {"gzip", "zstd", "xz", "gzip"};
        for (size_t k = 0; k < 2; k++) { /* two members */
            lgd_buf half = gzipped((lgd_sv){b.p + k * 100001, k == 0 ? 100001 : b.n - 100001});
            lgd_buf_add_sv(&forms[3], lgd_buf_sv(&half));
            lgd_buf_release(&half);
        }
        lgd_input_file file;
        lgd_buf expected = dump_file(put("plain", lgd_buf_sv(&b)), &options, &file);
        ck_assert_uint_eq(file.bytes, b.n);
        ck_assert_uint_gt(file.cut_lines, 3);
        for (size_t k = 0; k < 4; k++) {
            lgd_buf got = dump_file(put("packed", lgd_buf_sv(&forms[k])), &options, &file);
            ck_assert_int_eq(file.state, LGD_INPUT_DONE);
            ck_assert_str_eq(file.compression, names[k]);
            ck_assert(lgd_sv_eq(lgd_buf_sv(&got), lgd_buf_sv(&expected)));
            lgd_buf_release(&got);
            lgd_buf_release(&forms[k]);
        }
        feeder f;
        char name[8];
        snprintf(name, sizeof name, "fifo%zu", i);
        feeder_start(&f, name, lgd_buf_sv(&b));
        lgd_buf got = dump_file(f.path, &options, &file);
        pthread_join(f.thread, NULL);
        ck_assert(lgd_sv_eq(lgd_buf_sv(&got), lgd_buf_sv(&expected)));
        ck_assert_int_eq(file.mtime_ns, LGD_NO_TIME);
        lgd_buf_release(&got);
        lgd_buf_release(&expected);
    }
    lgd_buf_release(&b);
}
END_TEST

START_TEST(test_damaged_files_give_the_lines_before_the_damage) {
    lgd_buf b = sample();
    lgd_buf expected = dump_file(put("plain", lgd_buf_sv(&b)), &plain, NULL);
    lgd_buf (*const pack[])(lgd_sv) = {gzipped, zstded, xzed};
    for (size_t k = 0; k < 3; k++) {
        lgd_buf packed = pack[k](lgd_buf_sv(&b));
        for (int flip = 0; flip < 2; flip++) {
            if (flip) packed.p[packed.n * 9 / 10] ^= 0x55;
            lgd_sv bytes = {packed.p, flip ? packed.n : packed.n * 9 / 10};
            lgd_input_list list = {0};
            add(&list, put("packed", bytes), false);
            lgd_buf got = dump(&list, &plain);
            const lgd_input_file *file = &list.files[0];
            ck_assert_int_eq(file->state, LGD_INPUT_DAMAGED);
            ck_assert_msg(strncmp(file->problem, "damaged at byte ", 16) == 0, "%s", file->problem);
            if (!flip) {
                ck_assert_uint_gt(file->lines, 1000);
                ck_assert_int_eq(memcmp(got.p, expected.p, 100000), 0);
            }
            lgd_buf again = dump(&list, &plain);
            ck_assert(lgd_sv_eq(lgd_buf_sv(&got), lgd_buf_sv(&again)));
            lgd_buf_release(&again);
            lgd_buf_release(&got);
            lgd_input_list_release(&list);
        }
        lgd_buf_release(&packed);
    }
    lgd_buf_release(&expected);
    lgd_buf_release(&b);
}
END_TEST

START_TEST(test_what_follows_a_gzip_member_is_told_unless_it_is_padding) {
    lgd_buf packed = gzipped(LGD_SV("one\ntwo\n"));
    const size_t n = packed.n;
    lgd_input_file file;
    for (int i = 0; i < 1000; i++) lgd_buf_add_char(&packed, '\0');
    lgd_buf got = dump_file(put("padded", lgd_buf_sv(&packed)), &plain, &file);
    ck_assert_int_eq(file.state, LGD_INPUT_DONE);
    lgd_buf_release(&got);
    packed.n = n;
    lgd_buf_add_sv(&packed, LGD_SV("garbage"));
    got = dump_file(put("garbage", lgd_buf_sv(&packed)), &plain, &file);
    ck_assert_int_eq(file.state, LGD_INPUT_DAMAGED);
    ck_assert_uint_eq(file.lines, 2);
    lgd_buf_release(&got);
    lgd_buf_release(&packed);
}
END_TEST

/* ---- encodings ---- */

START_TEST(test_marks_and_utf16) {
    lgd_input_file file;
    expect(put("bom", LGD_SV("\xEF\xBB\xBFx\ny\n")), &plain, "1@3 x1 f0 h1|x\n2@5 x1 f0 h1|y\n--\n");
    expect(put("le", LGD_SV("\xFF\xFEh\0\xE9\0\n\0\x3D\xD8\x00\xDE")), &plain,
           "1@0 x1 f0 h3|h\xC3\xA9\n2@4 x1 f2 h4|\xF0\x9F\x98\x80\n--\n");
    expect(put("be", LGD_SV("\xFE\xFF\0h\x20\xAC\0\n")), &plain, "1@0 x1 f0 h4|h\xE2\x82\xAC\n--\n");
    expect(put("mark only", LGD_SV("\xFF\xFE")), &plain, "");
    lgd_buf got = dump_file(put("lone", LGD_SV("\xFF\xFE\x3D\xD8h\0\n\0x\0\xE9")), &plain, &file);
    ck_assert_str_eq(got.p, "1@0 x1 f0 h4|\xED\xA0\xBDh\n2@5 x1 f2 h4|x\xED\xB3\xA9\n--\n");
    ck_assert_uint_eq(file.invalid_utf8, 2);
    lgd_buf_release(&got);
}
END_TEST

START_TEST(test_invalid_utf8_is_kept_and_counted) {
    static const char *const bad[] = {"\x80",         "\xC0\xAF",         "\xC3",
                                      "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xE0\x80\x80",
                                      "abcdefgh\xFF", "\xF0\x82\x82\xAC"};
    static const char *const good[] = {"", "ascii", "\xC3\xA9", "12345678\xE2\x82\xAC", "\xF4\x8F\xBF\xBF"};
    lgd_buf b = {0};
    for (size_t i = 0; i < 8; i++) lgd_buf_printf(&b, "%s\n", bad[i]);
    for (size_t i = 0; i < 5; i++) lgd_buf_printf(&b, "%s\n", good[i]);
    lgd_input_file file;
    lgd_buf got = dump_file(put("a", lgd_buf_sv(&b)), &plain, &file);
    ck_assert_uint_eq(file.invalid_utf8, 8);
    ck_assert_ptr_nonnull(strstr(got.p, "abcdefgh\xFF"));
    lgd_buf_release(&got);
    lgd_buf_release(&b);
}
END_TEST

START_TEST(test_binary_is_refused_unless_wanted) {
    char bytes[2048] = "\x7F"
                       "ELF\n";
    lgd_sv binary = {bytes, sizeof bytes};
    const lgd_input_options text = {.text = true};
    lgd_input_list list = {0};
    add(&list, put("elf", binary), false);
    lgd_buf got = dump(&list, &plain);
    ck_assert_str_eq(got.p, "");
    ck_assert_int_eq(list.files[0].state, LGD_INPUT_UNREADABLE);
    ck_assert_str_eq(list.files[0].problem, "looks binary; use --text to read it nevertheless");
    lgd_buf_release(&got);
    lgd_input_list_release(&list);
    got = dump_file(put("elf", binary), &text, NULL);
    ck_assert_uint_gt(got.n, 2048);
    lgd_buf_release(&got);
    lgd_buf once = gzipped(LGD_SV("a\n")), twice = gzipped(lgd_buf_sv(&once));
    lgd_input_file file;
    got = dump_file(put("gz.gz", lgd_buf_sv(&twice)), &plain, &file);
    ck_assert_int_eq(file.state, LGD_INPUT_UNREADABLE);
    lgd_buf_release(&got);
    lgd_buf_release(&once);
    lgd_buf_release(&twice);
    expect(put("nul", LGD_SV("a few NULs\0are bytes of the line\n")), &plain,
           "1@0 x1 f0 h32|a few NULs"); /* the C string ends at the NUL; h32 counts what follows */
}
END_TEST

/* ---- the list ---- */

static const char *base_name(const lgd_input_file *file) { return strrchr(file->path, '/') + 1; }

START_TEST(test_globs_come_in_byte_order) {
    static const char *const names[] = {"b.log", "a.log", "Z.log", "a-1.log", "c.txt", "[x].log"};
    for (size_t i = 0; i < 6; i++) put(names[i], LGD_SV("x\n"));
    lgd_input_list list = {0};
    add(&list, in_folder("*.log"), false);
    add(&list, in_folder("[x].log"), false); /* a name, and there already */
    add(&list, in_folder("*.none"), false);
    static const char *const expected[] = {"Z.log", "[x].log", "a-1.log", "a.log", "b.log", "*.none"};
    ck_assert_uint_eq(list.n_files, 6);
    for (size_t i = 0; i < 6; i++) ck_assert_str_eq(base_name(&list.files[i]), expected[i]);
    ck_assert_str_eq(list.files[5].problem, "no file matches");
    lgd_input_list_release(&list);
}
END_TEST

START_TEST(test_folders_are_read_with_recursive_only) {
    mkdir(in_folder("d"), 0700);
    mkdir(in_folder("d/b"), 0700);
    mkdir(in_folder("d/.hidden"), 0700);
    mkdir(in_folder("empty"), 0700);
    put("d/b.log", LGD_SV("x\n"));
    put("d/b/1", LGD_SV("x\n"));
    put("d/.hidden/2", LGD_SV("x\n"));
    put("outside", LGD_SV("x\n"));
    ck_assert_int_eq(symlink(folder, in_folder("d/loop")), 0);
    ck_assert_int_eq(symlink("../outside", in_folder("d/link")), 0);
    ck_assert_int_eq(symlink("nowhere", in_folder("d/dangling")), 0);
    lgd_input_list list = {0};
    add(&list, in_folder("d"), true);
    ck_assert_uint_eq(list.n_files, 3);
    ck_assert_str_eq(base_name(&list.files[0]), "b.log"); /* "b.log" < "b/1" */
    ck_assert_str_eq(base_name(&list.files[1]), "1");
    ck_assert_str_eq(base_name(&list.files[2]), "link");
    add(&list, in_folder("d"), false);
    ck_assert_str_eq(list.files[3].problem, "is a folder; use -r to read the files in it");
    add(&list, in_folder("empty"), true);
    ck_assert_str_eq(list.files[4].problem, "holds no files");
    lgd_input_list_release(&list);
}
END_TEST

START_TEST(test_what_cannot_be_read_is_told_and_the_rest_is_read) {
    const char *path = put("a", LGD_SV("x\n"));
    ck_assert_int_eq(link(path, in_folder("hard")), 0);
    ck_assert_int_eq(symlink("a", in_folder("soft")), 0);
    ck_assert_int_eq(symlink("self", in_folder("self")), 0);
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "%s/sock", folder);
    ck_assert_int_eq(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
    lgd_input_list list = {0};
    static const char *const names[] = {"missing", "self", "sock", "soft", "hard", "a"};
    for (size_t i = 0; i < 6; i++) add(&list, in_folder(names[i]), false);
    add(&list, "/dev/zero", false);
    add(&list, "/dev/null", false);
    add(&list, "/proc/self/status", false);
    ck_assert_uint_eq(list.n_files, 7);
    ck_assert_str_eq(list.files[0].problem, "cannot be opened: No such file or directory");
    ck_assert_str_eq(list.files[1].problem, "cannot be opened: Too many levels of symbolic links");
    ck_assert_str_eq(list.files[2].problem, "is a socket; logdetect reads files and pipes");
    ck_assert_str_eq(list.files[4].problem, "is a device; logdetect reads files and pipes");
    lgd_buf got = dump(&list, &plain);
    ck_assert_uint_eq(list.files[3].lines, 1);
    ck_assert_int_eq(list.files[5].state, LGD_INPUT_DONE);
    ck_assert_uint_gt(list.files[6].lines, 10);
    lgd_buf_release(&got);
    lgd_input_list_release(&list);
    close(fd);
}
END_TEST

/* ---- reading twice ---- */

START_TEST(test_a_spooled_pipe_can_be_read_again) {
    lgd_buf b = sample();
    for (int spool = 0; spool < 2; spool++) {
        const lgd_input_options options = {.multiline = true, .spool = spool, .spool_dir = folder};
        feeder f;
        feeder_start(&f, spool ? "kept" : "lost", lgd_buf_sv(&b));
        lgd_input_list list = {0};
        add(&list, f.path, false);
        lgd_buf first = dump(&list, &options);
        pthread_join(f.thread, NULL);
        ck_assert_uint_eq(list.files[0].bytes, b.n);
        lgd_buf second = dump(&list, &options);
        ck_assert_int_eq(list.files[0].state, spool ? LGD_INPUT_DONE : LGD_INPUT_UNREADABLE);
        ck_assert_int_eq(lgd_sv_eq(lgd_buf_sv(&first), lgd_buf_sv(&second)), spool);
        lgd_buf_release(&first);
        lgd_buf_release(&second);
        lgd_input_list_release(&list);
    }
    lgd_buf_release(&b);
}
END_TEST

START_TEST(test_a_second_reading_sees_the_bytes_of_the_first) {
    const char *path = put("a", LGD_SV("one\ntwo"));
    lgd_input_list list = {0};
    add(&list, path, false);
    lgd_buf first = dump(&list, &plain);
    put("a", LGD_SV("one\ntwo\nthree\n")); /* the log grows */
    lgd_buf second = dump(&list, &plain);
    ck_assert_str_eq(first.p, second.p);
    put("a", LGD_SV("one\n")); /* and is cut */
    lgd_buf third = dump(&list, &plain);
    ck_assert_int_eq(list.files[0].state, LGD_INPUT_DAMAGED);
    ck_assert_str_eq(list.files[0].problem, "became shorter while logdetect ran: 4 of 7 bytes");
    ck_assert_int_eq(rename(put("other", LGD_SV("one\ntwo")), path), 0); /* and is rotated */
    lgd_buf fourth = dump(&list, &plain);
    ck_assert_int_eq(list.files[0].state, LGD_INPUT_UNREADABLE);
    lgd_buf_release(&first);
    lgd_buf_release(&second);
    lgd_buf_release(&third);
    lgd_buf_release(&fourth);
    lgd_input_list_release(&list);
}
END_TEST

/* ---- stitching ---- */

START_TEST(test_lines_that_continue) {
    static const struct {
        const char *line;
        bool continues;
    } cases[] = {
        {"2024-01-01 ERROR failed", false},
        {"java.io.IOException: broken", true},
        {"\tat a.b.C.d(C.java:1)", true},
        {"at a.b.C.d(C.java:1)", true},
        {"Caused by: x", true},
        {"\tSuppressed: y", true},
        {"\t... 12 more", true},
        {"... 12 more", true},
        {"com.acme.Outer$InnerError", true},
        {"com.acme.Handler: started", false},
        {"Exception in thread \"main\" java.lang.Error", false},
        {"java.io.IOException wrapped", false},
        {"at noon all was well", false},
        {"ValueError: outside of a traceback", false},
        {"ERROR:root:Traceback (most recent call last):", false},
        {"  File \"a.py\", line 1, in f", true},
        {"    raise ValueError('x')", true},
        {"ValueError: x", true},
        {"INFO: next", false},
        {"Traceback (most recent call last):", true},
        {"  File \"a.py\", line 1", true},
        {"socket.timeout: timed out", true},
        {"Traceback (most recent call last):", true},
        {"2024-01-01 INFO next", false},
        {"KeyError", false},
        {"http: panic serving 1.2.3.4:5: boom", false},
        {"goroutine 7 [running]:", true},
        {"net/http.(*conn).serve.func1(0xc000)", true},
        {"\t/usr/go/src/net/http/server.go:1 +0x1", true},
        {"created by net/http.(*Server).Serve", true},
        {"", true}, /* another goroutine may follow */
        {"main.main()", false},
        {"  ", false},
    };
    lgd_line_state state = {.indent = true};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        ck_assert_msg(lgd_line_continues(lgd_sv_of(cases[i].line), &state) == cases[i].continues, "%s", cases[i].line);
}
END_TEST

#define TRACE                                                                                                          \
    "1 ERROR one\njava.lang.Error: e\n\tat a.B.c(B.java:1)\r\n\tat a.B.d(B.java:2)\n2 INFO two\n"                      \
    "3 ERROR three\nTraceback (most recent call last):\n  File \"x\", line 1\n    f()\nKeyError: 'k'\n4 INFO "         \
    "four\n\n  alone\n5 INFO\n6 INFO\n7 INFO\n8 INFO\n9 INFO\n"

START_TEST(test_traces_are_one_record_wherever_blocks_end) {
    const char *path = put("a", LGD_SV(TRACE));
    expect(path, &stitched,
           "1@0 x4 f0 h11|1 ERROR one\njava.lang.Error: e\n\tat a.B.c(B.java:1)\n\tat a.B.d(B.java:2)\n"
           "5@72 x1 f0 h10|2 INFO two\n"
           "6@83 x5 f0 h13|3 ERROR three\nTraceback (most recent call last):\n  File \"x\", line 1\n    f()\nKeyError: "
           "'k'\n"
           "11@173 x1 f0 h11|4 INFO four\n12@185 x1 f0 h0|\n13@186 x1 f0 h7|  alone\n14@194 x1 f0 h6|5 INFO\n"
           "15@201 x1 f0 h6|6 INFO\n16@208 x1 f0 h6|7 INFO\n17@215 x1 f0 h6|8 INFO\n18@222 x1 f0 h6|9 INFO\n--\n");
    for (size_t bytes = 1; bytes < 260; bytes++) {
        const lgd_input_options options = {.multiline = true, .block_bytes = bytes};
        lgd_buf got = dump_file(path, &options, NULL); /* checks the sum of lines */
        ck_assert_msg((strstr(got.p, " x5 ") != NULL) == (bytes >= 89), "block of %zu bytes", bytes);
        ck_assert_msg((strstr(got.p, " x4 ") != NULL) == (bytes >= 70), "block of %zu bytes", bytes);
        lgd_buf_release(&got);
    }
    const lgd_input_options two = {.multiline = true, .max_record_lines = 2, .block_records = 2};
    lgd_buf got = dump_file(path, &two, NULL);
    ck_assert_ptr_null(strstr(got.p, " x3 "));
    ck_assert_ptr_nonnull(strstr(got.p, "--\n5@72 x1 "));
    lgd_buf_release(&got);
}
END_TEST

START_TEST(test_a_file_that_indents_everything_is_not_stitched_by_indentation) {
    expect(put("a", LGD_SV("  1 a\n 12 b\n\tat x.y(Z.java:1)\n  3 c\n")), &stitched,
           "1@0 x1 f0 h5|  1 a\n2@6 x2 f0 h5| 12 b\n\tat x.y(Z.java:1)\n4@30 x1 f0 h5|  3 c\n--\n");
}
END_TEST

/* ---- memory ---- */

/* One run over four kinds of input with the n-th allocation failing; true when all went well. */
static bool run_with_failure(uint64_t n, bool all) {
    const lgd_input_options options = {.multiline = true, .block_bytes = 512};
    lgd_input_list list = {0};
    lgd_reader *reader = NULL;
    lgd_err err = {0};
    lgd_alloc_fail_at(n, all);
    lgd_status status = lgd_input_add(&list, in_folder("*.in"), false, &err);
    if (status == LGD_OK) status = lgd_input_add(&list, folder, true, &err);
    if (status == LGD_OK) status = lgd_reader_open(&list, &options, &reader, &err);
    for (lgd_block block = {.n_records = 1}; status == LGD_OK && block.n_records > 0;)
        status = lgd_reader_next(reader, &block, &err);
    lgd_alloc_fail_at(0, false);
    ck_assert(status == LGD_OK || (status == LGD_E_MEMORY && err.status == LGD_E_MEMORY));
    lgd_reader_close(reader);
    lgd_input_list_release(&list);
    return status == LGD_OK;
}

START_TEST(test_failing_allocations_are_told) {
    lgd_buf (*const pack[])(lgd_sv) = {gzipped, zstded, xzed};
    static const char *const names[] = {"1.in", "2.in", "3.in"};
    for (size_t k = 0; k < 3; k++) {
        lgd_buf packed = pack[k](LGD_SV(TRACE TRACE TRACE));
        put(names[k], lgd_buf_sv(&packed));
        lgd_buf_release(&packed);
    }
    put("4.in", LGD_SV("\xFF\xFE"
                       "a\0\n\0"));
    uint64_t n = 1;
    while (!run_with_failure(n, n % 2 == 0)) n++;
    ck_assert_uint_gt(n, 20);
    ck_assert_uint_lt(n, 1000);
}
END_TEST

Suite *input_suite(void) {
    Suite *suite = suite_create("input");
    TCase *tests = tcase_create("input");
    tcase_set_timeout(tests, 60);
    tcase_add_checked_fixture(tests, folder_make, folder_remove);
    tcase_add_test(tests, test_lines_know_their_number_and_offset);
    tcase_add_test(tests, test_long_lines_are_cut_and_counted);
    tcase_add_test(tests, test_a_line_longer_than_all_buffers_does_no_harm);
    tcase_add_test(tests, test_blocks_do_not_depend_on_the_container);
    tcase_add_test(tests, test_damaged_files_give_the_lines_before_the_damage);
    tcase_add_test(tests, test_what_follows_a_gzip_member_is_told_unless_it_is_padding);
    tcase_add_test(tests, test_marks_and_utf16);
    tcase_add_test(tests, test_invalid_utf8_is_kept_and_counted);
    tcase_add_test(tests, test_binary_is_refused_unless_wanted);
    tcase_add_test(tests, test_globs_come_in_byte_order);
    tcase_add_test(tests, test_folders_are_read_with_recursive_only);
    tcase_add_test(tests, test_what_cannot_be_read_is_told_and_the_rest_is_read);
    tcase_add_test(tests, test_a_spooled_pipe_can_be_read_again);
    tcase_add_test(tests, test_a_second_reading_sees_the_bytes_of_the_first);
    tcase_add_test(tests, test_lines_that_continue);
    tcase_add_test(tests, test_traces_are_one_record_wherever_blocks_end);
    tcase_add_test(tests, test_a_file_that_indents_everything_is_not_stitched_by_indentation);
    tcase_add_test(tests, test_failing_allocations_are_told);
    suite_add_tcase(suite, tests);
    return suite;
}
