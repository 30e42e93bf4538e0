/*
 * Tests of the places of a pattern: what they are called, the type of what stands in them, numbers with their units.
 */
#include "logdetect/template.h"

#include <check.h>
#include <stdio.h>

Suite *slots_suite(void);

/* ---- names and types ---- */

/* A message, and what its values are: NAME:TYPE=TEXT, with blanks between them. */
static const struct {
    const char *message, *values;
} examples[] = {
    {"request took=12.5ms", "took:duration=12.5ms"},
    {"session of host 10.0.0.7 closed after 5", "host:ip=10.0.0.7 :number=5"},
    {"retries: 3 of 5", "retries:number=3 :number=5"},
    {"{size:123, offset:0} end:7", "size:number=123 offset:number=0 :number=7"},
    {"size: 123 offset :0", "size:number=123 offset:number=0"},
    {"WARNING: 79 files, info: 25 rows", ":number=79 :number=25"},
    {"{error: 5} \"warning\": 7, warning=3", "error:number=5 warning:number=7 warning:number=3"},
    {"{\"text\": \"WARNING: 79 files\", \"disk2\": 5} {A:x B:7}", ":number=79 disk2:number=5 B:number=7"},
    {"e: 5", "e:number=5"},
    {"to localhost:8080, owner => root:322", ":number=8080 :number=322"},
    {"port 22 ssh2: ED25519 SHA256:4f0c22aa", ":number=22 :id=ED25519 :id=SHA256 :id=4f0c22aa"},
    {"pos: [3] box:[4]", "pos:number=3 :number=4"},
    {"key = 7", "key:number=7"},
    {"id => 7", "id:number=7"},
    {"n:=7", "n:number=7"},
    {"{\"latency\": 8, \"http.status\":200}", "latency:number=8 http.status:number=200"},
    {"{\"host\":\"10.0.0.1\"}", "host:ip=10.0.0.1"},
    {"java.version=17", "java.version:number=17"},
    {"at Main.java: 33", ":number=33"},
    {"run --threads=4", "threads:number=4"},
    {"attempt(3) failed", "attempt:number=3"},
    {"attempt(3, 4) failed", ":number=3 :number=4"},
    {"pos=[3] box={4}", "pos:number=3 box:number=4"},
    {"status=200 bytes=1234 s=1", "status:number=200 bytes:number=1234 s:number=1"},
    {"pos=[3 4]", ":number=3 :number=4"},
    {"block=blk_77 read", "block:id=blk_77"},
    {"port 22 of 10.0.0.1", ":number=22 :ip=10.0.0.1"},
    {"'7' = 7", ":number=7 :number=7"},
    {"= 7 : 8", ":number=7 :number=8"},
    {"\xc3\xa9t\xc3\xa9=7", "\xc3\xa9t\xc3\xa9:number=7"},
    {"a234567890123456789012345678901x=7", ":id=a234567890123456789012345678901x :number=7"},
    {"an_overlong_name_of_more_than_thirty_two_bytes=7", ":number=7"},
    {"flag=true", "flag:literal=true"},
    {"", ""},
};

static void describe(const lgd_value *values, size_t n, lgd_buf *out) {
    for (size_t i = 0; i < n; i++)
        lgd_buf_printf(out, "%s%.*s:%s=%.*s", i ? " " : "", (int)values[i].name.n, values[i].name.p,
                       lgd_value_type_name(values[i].type), (int)values[i].text.n, values[i].text.p);
    lgd_buf_add_char(out, 0);
}

static lgd_store *learn(const char *const *lines, size_t n) {
    lgd_miner *m = NULL;
    lgd_store *s = NULL;
    lgd_lexer x = {0};
    lgd_signature signature;
    ck_assert_int_eq(lgd_miner_new(1, 0, &m, NULL), LGD_OK);
    for (size_t i = 0; i < n; i++) {
        ck_assert_int_eq(lgd_lex(&x, lgd_sv_of(lines[i]), &signature, NULL), LGD_OK);
        ck_assert_int_eq(lgd_miner_add(m, signature.bytes, signature.raw_bytes, NULL), LGD_OK);
    }
    ck_assert_int_eq(lgd_miner_freeze(m, &s, NULL), LGD_OK);
    lgd_lexer_release(&x);
    lgd_miner_free(m);
    return s;
}

/* What a store knows of a message's values. */
static void values_in(const lgd_store *s, const char *message, lgd_buf *out) {
    lgd_lexer x = {0};
    lgd_signature signature;
    lgd_value values[64];
    ck_assert_int_eq(lgd_lex(&x, lgd_sv_of(message), &signature, NULL), LGD_OK);
    uint32_t p = lgd_store_find(s, signature.bytes);
    ck_assert_uint_ne(p, LGD_NO_PATTERN);
    describe(values, lgd_pattern_values(lgd_store_pattern(s, p), &signature, lgd_sv_of(message), values, 64), out);
    lgd_lexer_release(&x);
}

START_TEST(test_a_place_has_the_name_that_the_text_says) {
    for (size_t i = 0; i < sizeof examples / sizeof *examples; i++) {
        lgd_store *s = learn(&examples[i].message, 1);
        lgd_buf got = {0};
        values_in(s, examples[i].message, &got);
        ck_assert_msg(strcmp(got.p, examples[i].values) == 0, "%s\n  is   %s\n  want %s", examples[i].message, got.p,
                      examples[i].values);
        lgd_buf_release(&got);
        lgd_store_free(s);
    }
}
END_TEST

START_TEST(test_a_message_without_a_pattern_has_the_same_values) {
    for (size_t i = 0; i < sizeof examples / sizeof *examples; i++) {
        lgd_lexer x = {0};
        lgd_signature signature;
        lgd_value values[64];
        lgd_buf got = {0};
        lgd_sv message = lgd_sv_of(examples[i].message);
        ck_assert_int_eq(lgd_lex(&x, message, &signature, NULL), LGD_OK);
        describe(values, lgd_signature_values(&signature, message, values, 64), &got);
        ck_assert_str_eq(got.p, examples[i].values);
        lgd_buf_release(&got);
        lgd_lexer_release(&x);
    }
}
END_TEST

static const char *const logins[] = {
    "login of \"ann\" from 'home'",   "login of \"bob\" from 'office'", "login of \"eve\" from 'train'",
    "login of \"max\" from 'street'", "login of \"ida\" from 'hotel'",  "login of \"joe\" from 'port'",
};

START_TEST(test_a_word_between_quotes_is_quoted) {
    lgd_store *s = learn(logins, sizeof logins / sizeof *logins);
    lgd_buf got = {0};
    ck_assert_uint_eq(lgd_store_n_patterns(s), 1);
    values_in(s, "login of \"kim\" from 'attic'", &got);
    ck_assert_str_eq(got.p, ":quoted=kim :quoted=attic");
    lgd_buf_clear(&got);
    values_in(s, "login of \"7\" from 'attic'", &got);
    ck_assert_str_eq(got.p, ":number=7 :quoted=attic");
    lgd_buf_release(&got);
    lgd_store_free(s);
}
END_TEST

START_TEST(test_names_come_back_with_the_store) {
    const char *line = "took=5 at 7";
    lgd_store *s = learn(&line, 1), *again = NULL;
    lgd_buf saved = {0};
    ck_assert_int_eq(lgd_store_save(s, &saved, NULL), LGD_OK);
    lgd_store_free(s);
    ck_assert_int_eq(lgd_store_load(lgd_buf_sv(&saved), 2, &again, NULL), LGD_OK);
    lgd_buf_release(&saved);
    const lgd_pattern *p = lgd_store_pattern(again, 0);
    ck_assert_uint_eq(p->n_slots, 2);
    ck_assert(lgd_sv_eq(lgd_pattern_slot_name(p, 0), LGD_SV("took")));
    ck_assert_uint_eq(lgd_pattern_slot_name(p, 1).n, 0);
    ck_assert_uint_eq(lgd_pattern_slot_name(p, 2).n, 0);
    lgd_store_free(again);
}
END_TEST

/* ---- units ---- */

static const struct {
    const char *text;
    double number;
    const char *unit; /* NULL: is no number with a unit */
} units[] = {
    {"12.5ms", 12.5, "ms"},
    {"42", 42, ""},
    {"-3", -3, ""},
    {"+7s", 7, "s"},
    {"1,234", 1234, ""},
    {"1,234,567.5 bytes", 1234567.5, "bytes"},
    {"95%", 95, "%"},
    {"3 %", 3, "%"},
    {"1033 bytes (1.00 KB)", 1033, "bytes"},
    {"64KiB", 64, "KiB"},
    {"478\xc2\xb5s", 478, "\xc2\xb5s"},
    {"50 \xce\xbcs", 50, "\xce\xbcs"},
    {"44.9MB/s", 44.9, "MB/s"},
    {"12/s", 12, "/s"},
    {"3.66e-02", 0.0366, ""},
    {"-1.5E3", -1500, ""},
    {"2.5e-3s", 0.0025, "s"},
    {"1h30m", 5400, "s"},
    {"-2m0.5s", -120.5, "s"},
    {"1d2h3m4s", 93784, "s"},
    {"5m", 5, "m"},
    {"30m1h", 0, NULL},
    {"5/", 0, NULL},
    {"1.2.3", 0, NULL},
    {"1,2", 0, NULL},
    {"1234,567", 0, NULL},
    {"5-7", 0, NULL},
    {"12ab7", 0, NULL},
    {"", 0, NULL},
    {"-", 0, NULL},
    {"<1 sec", 0, NULL},
    {"7 bytes more", 0, NULL},
    {"7 (x", 0, NULL},
    {"1e5", 1, NULL},
    {"12345678901234567890123456789012345678901", 0, NULL},
};

START_TEST(test_a_number_parts_from_its_unit) {
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        double number = 0;
        lgd_sv unit = {0};
        bool is = lgd_value_unit(lgd_sv_of(units[i].text), &number, &unit);
        ck_assert_msg(is == (units[i].unit != NULL), "%s", units[i].text);
        if (!is) continue;
        ck_assert_msg(number == units[i].number && lgd_sv_eq(unit, lgd_sv_of(units[i].unit)), "%s: %g and %.*s",
                      units[i].text, number, (int)unit.n, unit.p);
    }
}
END_TEST

Suite *slots_suite(void) {
    Suite *s = suite_create("slots");
    TCase *t = tcase_create("slots");
    tcase_add_test(t, test_a_place_has_the_name_that_the_text_says);
    tcase_add_test(t, test_a_message_without_a_pattern_has_the_same_values);
    tcase_add_test(t, test_a_word_between_quotes_is_quoted);
    tcase_add_test(t, test_names_come_back_with_the_store);
    tcase_add_test(t, test_a_number_parts_from_its_unit);
    suite_add_tcase(s, t);
    return s;
}
