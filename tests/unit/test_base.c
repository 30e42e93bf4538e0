/*
 * Tests of room base: what every stage relies on holds for hostile bytes, odd sizes, other locales and failing memory.
 */
#include "logdetect/base.h"

#include <check.h>
#include <cJSON.h>
#include <locale.h>
#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>

Suite *base_suite(void);

/* ---- status ---- */

START_TEST(test_a_share_is_100_only_if_it_is_all) {
    static const struct {
        uint64_t n, of;
        int decimals;
        const char *want;
    } rows[] = {{0, 5, 1, "0 %"},         {5, 5, 1, "100 %"},         {0, 0, 1, "0 %"},
                {1, 4000, 1, "<0.1 %"},   {3999, 4000, 1, ">99.9 %"}, {9995, 10000, 1, ">99.9 %"},
                {999, 1000, 1, "99.9 %"}, {1, 3, 1, "33.3 %"},        {1, 4000, 0, "<1 %"},
                {3999, 4000, 0, ">99 %"}, {99, 100, 0, "99 %"},       {2, 3, 0, "67 %"},
                {1, 1000, 1, "0.1 %"},    {7, 7, 0, "100 %"},         {UINT64_MAX, 3, 1, "100 %"},
                {3, 0, 0, "100 %"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        lgd_buf got = {0};
        lgd_format_share(&got, rows[i].n, rows[i].of, rows[i].decimals);
        ck_assert_msg(lgd_sv_eq(lgd_buf_sv(&got), lgd_sv_of(rows[i].want)), "%zu: %.*s", i, (int)got.n, got.p);
        lgd_buf_release(&got);
    }
}
END_TEST

START_TEST(test_a_probability_is_never_said_to_be_1) {
    static const struct {
        double p;
        const char *want;
    } rows[] = {{1, " (p >0.99)"},
                {0.995, " (p >0.99)"},
                {0.9949, " (p 0.99)"},
                {0.32, " (p 0.32)"},
                {4.7e-7, " (p 4.7e-07)"},
                {1e-300, " (p 1e-300)"},
                {0, ""}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        lgd_buf got = {0};
        lgd_format_probability(&got, rows[i].p);
        ck_assert_msg(lgd_sv_eq(lgd_buf_sv(&got), lgd_sv_of(rows[i].want)), "%g: %.*s", rows[i].p, (int)got.n, got.p);
        lgd_buf_release(&got);
    }
}
END_TEST

START_TEST(test_the_first_message_wins) {
    lgd_err err = {0};
    ck_assert_int_eq(lgd_fail(&err, LGD_E_IO, "a%d: %s", 1, "no"), LGD_E_IO);
    ck_assert_int_eq(lgd_fail(&err, LGD_E_USAGE, "later"), LGD_E_USAGE);
    ck_assert_int_eq(err.status, LGD_E_IO);
    ck_assert_str_eq(err.text, "a1: no");
    ck_assert_int_eq(lgd_fail(NULL, LGD_E_DATA, "nobody listens"), LGD_E_DATA);
    ck_assert_int_eq(lgd_fail_memory(NULL, 7), LGD_E_MEMORY);
}
END_TEST

START_TEST(test_a_long_message_is_cut) {
    lgd_err err = {0};
    char text[3000];
    memset(text, 'x', sizeof text);
    (void)lgd_fail(&err, LGD_E_DATA, "%.3000s", text);
    ck_assert_uint_eq(strlen(err.text), sizeof err.text - 1);
}
END_TEST

/* ---- numbers ---- */

static const struct {
    const char *text;
    bool ok;
    double value;
} doubles[] = {
    {"0", true, 0},
    {"-0", true, -0.0},
    {"00012", true, 12},
    {"1.5", true, 1.5},
    {"-1.25e2", true, -125},
    {"1E+3", true, 1000},
    {"25e-1", true, 2.5},
    {"1e-400", true, 0},
    {"123456789012345678901234567890", true, 123456789012345678901234567890.0},
    {"0.1", true, 0.1},
    {"1e308", true, 1e308},
    {"1e309", false, 0},
    {"", false, 0},
    {"-", false, 0},
    {"+1", false, 0},
    {".5", false, 0},
    {"5.", false, 0},
    {"1,5", false, 0},
    {"1e", false, 0},
    {"1e+", false, 0},
    {"1.e3", false, 0},
    {"0x10", false, 0},
    {"inf", false, 0},
    {"nan", false, 0},
    {" 1", false, 0},
    {"1 ", false, 0},
    {"1.2.3", false, 0},
    {"--1", false, 0},
    {"1111111111111111111111111111111111111111111111111111111111111111111111111111111", false, 0},
};

static const struct {
    double x;
    const char *text;
} written[] = {{0, "0"},
               {-1.5, "-1.5"},
               {0.1, "0.1"},
               {100, "100"},
               {123456, "123456"},
               {1e21, "1e+21"},
               {1.0 / 3, "0.3333333333333333"},
               {0.1 + 0.2, "0.30000000000000004"},
               {9007199254740991.0, "9007199254740991"},
               {(double)NAN, "0"},
               {(double)INFINITY, "0"},
               {-(double)INFINITY, "0"}};

static void check_numbers(const char *locale) {
    for (size_t i = 0; i < sizeof doubles / sizeof *doubles; i++) {
        double x = 77;
        bool ok = lgd_parse_f64(lgd_sv_of(doubles[i].text), &x);
        ck_assert_msg(ok == doubles[i].ok, "%s: '%s'", locale, doubles[i].text);
        ck_assert_msg(x == (ok ? doubles[i].value : 77), "%s: '%s' gives %g", locale, doubles[i].text, x);
    }
    for (size_t i = 0; i < sizeof written / sizeof *written; i++) {
        char out[32];
        size_t n = lgd_format_f64(written[i].x, out);
        ck_assert_msg(lgd_sv_eq((lgd_sv){out, n}, lgd_sv_of(written[i].text)), "%s: %.*s for %s", locale, (int)n, out,
                      written[i].text);
    }
}

/* Those with a decimal comma are tried where the machine has them. */
START_TEST(test_numbers_do_not_depend_on_the_locale) {
    static const char *const locales[] = {"C", "de_DE.UTF-8", "de_DE", "fr_FR.UTF-8", "ru_RU.UTF-8", "pt_BR.UTF-8"};
    for (size_t i = 0; i < sizeof locales / sizeof *locales; i++)
        if (setlocale(LC_ALL, locales[i])) check_numbers(locales[i]);
    setlocale(LC_ALL, "C");
}
END_TEST

START_TEST(test_every_double_reads_back) {
    lgd_rng r;
    lgd_rng_init(&r, 1);
    for (int i = 0; i < 20000; i++) {
        uint64_t bits = lgd_rng_next(&r);
        double x, back = 0;
        char out[32];
        memcpy(&x, &bits, sizeof x);
        size_t n = lgd_format_f64(x, out);
        bool same = n <= sizeof out && lgd_parse_f64((lgd_sv){out, n}, &back) && back == (isfinite(x) ? x : 0);
        if (!same) ck_abort_msg("%a is written as %.*s", x, (int)n, out);
    }
}
END_TEST

START_TEST(test_whole_numbers_are_decimal_digits_alone) {
    static const struct {
        const char *text;
        bool ok;
        uint64_t value;
    } rows[] = {{"0", true, 0},
                {"007", true, 7},
                {"18446744073709551615", true, UINT64_MAX},
                {"18446744073709551616", false, 0},
                {"99999999999999999999", false, 0},
                {"184467440737095516150", false, 0},
                {"", false, 0},
                {"-1", false, 0},
                {"+1", false, 0},
                {"1 ", false, 0},
                {"1.0", false, 0},
                {"0x1", false, 0},
                {"\xb2", false, 0}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint64_t x = 77;
        ck_assert_msg(lgd_parse_u64(lgd_sv_of(rows[i].text), &x) == rows[i].ok, "'%s'", rows[i].text);
        ck_assert_uint_eq(x, rows[i].ok ? rows[i].value : 77);
    }
}
END_TEST

/* ---- strings ---- */

START_TEST(test_views_compare_as_bytes) {
    static const struct {
        lgd_sv a, b;
        int order;
    } rows[] = {{{"", 0}, {NULL, 0}, 0},    {{"a", 1}, {"", 0}, 1},         {{"a", 1}, {"b", 1}, -1},
                {{"a\0b", 3}, {"a", 1}, 1}, {{"a\0b", 3}, {"a\0c", 3}, -1}, {{"\xff", 1}, {"a", 1}, 1}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        ck_assert_int_eq(lgd_sv_cmp(rows[i].a, rows[i].b), rows[i].order);
        ck_assert_int_eq(lgd_sv_cmp(rows[i].b, rows[i].a), -rows[i].order);
        ck_assert(lgd_sv_eq(rows[i].a, rows[i].b) == (rows[i].order == 0));
    }
    ck_assert(lgd_sv_eq(lgd_sv_trim(LGD_SV(" \t\r\n a\0 b \v\f")), LGD_SV("a\0 b")));
    ck_assert_uint_eq(lgd_sv_trim(LGD_SV(" \t ")).n, 0);
    ck_assert_uint_eq(lgd_sv_trim((lgd_sv){NULL, 0}).n, 0);
    ck_assert(lgd_sv_starts(LGD_SV("abc"), LGD_SV("ab")) && lgd_sv_starts(LGD_SV(""), (lgd_sv){NULL, 0}));
    ck_assert(!lgd_sv_starts(LGD_SV("a"), LGD_SV("ab")));
    ck_assert(lgd_sv_cut(LGD_SV("abc"), 3).n == 3 && lgd_sv_cut(LGD_SV("abc"), 2).n == 2);
    ck_assert(lgd_sv_cut(LGD_SV("a\xe2\x82\xac"), 3).n == 1 && lgd_sv_cut(LGD_SV("a\xe2\x82\xac"), 4).n == 4);
    ck_assert(lgd_sv_cut(LGD_SV("\x80\x80\x80\x80\x80\x80"), 5).n == 5); /* no character at all */
    ck_assert(lgd_sv_cut(LGD_SV("\x80\x80"), 1).n <= 1 && lgd_sv_cut(LGD_SV("a"), 0).n == 0);
    ck_assert(lgd_sv_eq_nocase(LGD_SV("WaRn@["), LGD_SV("wArN@[")) && !lgd_sv_eq_nocase(LGD_SV("@"), LGD_SV("`")));
    ck_assert_uint_eq(lgd_sv_of(NULL).n, 0);
}
END_TEST

/* ---- memory ---- */

START_TEST(test_the_nth_allocation_fails) {
    lgd_alloc_fail_at(3, false);
    void *p[5] = {lgd_alloc(1), lgd_calloc(1, 1), lgd_alloc(1), lgd_realloc(NULL, 1), lgd_alloc(0)};
    for (int i = 0; i < 5; i++) ck_assert(i == 2 ? p[i] == NULL : p[i] != NULL);
    lgd_alloc_fail_at(2, true);
    void *q[4] = {lgd_alloc(1), lgd_alloc(1), lgd_calloc(1, 1), lgd_realloc(p[0], 100)};
    ck_assert(q[0] && !q[1] && !q[2] && !q[3]);
    lgd_alloc_fail_at(0, false);
    *(char *)p[0] = 1; /* still valid after its realloc failed */
    void *last = lgd_alloc(1);
    ck_assert_ptr_nonnull(last);
    ck_assert_ptr_null(lgd_calloc(SIZE_MAX / 2, 3));
    lgd_free(last);
    lgd_free(q[0]);
    for (int i = 0; i < 5; i++) lgd_free(p[i]);
}
END_TEST

START_TEST(test_growing_keeps_items_and_stops_at_the_cap) {
    lgd_err err = {0};
    uint32_t *items = NULL;
    size_t capacity = 0;
    for (uint32_t i = 0; i < 1000; i++) {
        ck_assert_int_eq(lgd_grow((void **)&items, &capacity, i + 1, sizeof *items, 1000, &err), LGD_OK);
        ck_assert_uint_gt(capacity, i);
        items[i] = i;
    }
    ck_assert_uint_eq(capacity, 1000);
    uint32_t *before = items;
    ck_assert_int_eq(lgd_grow((void **)&items, &capacity, 1001, sizeof *items, 1000, &err), LGD_E_MEMORY);
    ck_assert_ptr_nonnull(strstr(err.text, "1000"));
    ck_assert_int_eq(lgd_grow((void **)&items, &capacity, SIZE_MAX / 4, sizeof *items, SIZE_MAX, NULL), LGD_E_MEMORY);
    lgd_alloc_fail_at(1, true);
    ck_assert_int_eq(lgd_grow((void **)&items, &capacity, 2000, sizeof *items, SIZE_MAX, NULL), LGD_E_MEMORY);
    lgd_alloc_fail_at(0, false);
    ck_assert(items == before && capacity == 1000);
    for (uint32_t i = 0; i < 1000; i++)
        if (items[i] != i) ck_abort_msg("item %u is %u", i, items[i]);
    lgd_free(items);
}
END_TEST

START_TEST(test_a_buffer_takes_anything_and_fails_for_good) {
    lgd_buf b = {0};
    for (int i = 0; i < 3000; i++) lgd_buf_printf(&b, "%d,", i);
    lgd_buf_add(&b, "\0", 1);
    lgd_buf_add(&b, NULL, 0);
    lgd_buf_add_sv(&b, (lgd_sv){NULL, 0});
    ck_assert_uint_eq(b.n, 10 * 2 + 90 * 3 + 900 * 4 + 2000 * 5 + 1);
    ck_assert(lgd_sv_eq((lgd_sv){b.p + b.n - 6, 6}, LGD_SV("2999,\0")));
    lgd_alloc_fail_at(1, false);
    size_t n = b.n;
    for (int i = 0; i < 100; i++) lgd_buf_printf(&b, "%0500d", i);
    lgd_buf_add_char(&b, 'x');
    ck_assert(b.failed);
    ck_assert_uint_lt(b.n, n + 100 * 500);
    lgd_buf_clear(&b);
    lgd_buf_add_char(&b, 'x');
    ck_assert(!b.failed && b.n == 1);
    lgd_buf_release(&b);
    ck_assert(!b.p && lgd_buf_sv(&b).n == 0);
}
END_TEST

START_TEST(test_an_arena_hands_out_aligned_pieces) {
    lgd_arena a = {0};
    size_t sum = 0;
    char *pieces[500];
    for (size_t i = 0; i < 500; i++) {
        size_t n = i * 7 % 1000;
        pieces[i] = lgd_arena_alloc(&a, n);
        ck_assert_ptr_nonnull(pieces[i]);
        ck_assert_uint_eq((uintptr_t)pieces[i] % 8, 0);
        memset(pieces[i], (int)(i & 0x7f), n);
        sum += n;
    }
    size_t kept = 0, n_bytes = 0;
    for (size_t i = 0; i < 500; i++)
        for (size_t k = 0; k < i * 7 % 1000; k++, n_bytes++) kept += pieces[i][k] == (char)(i & 0x7f);
    ck_assert_uint_eq(kept, n_bytes);
    ck_assert_uint_ge(a.used_bytes, sum);
    char *big = lgd_arena_alloc(&a, 1000000);
    ck_assert_ptr_nonnull(big);
    memset(big, 1, 1000000);
    ck_assert_ptr_null(lgd_arena_alloc(&a, SIZE_MAX));
    lgd_arena_clear(&a);
    ck_assert_uint_eq(a.used_bytes, 0);
    lgd_alloc_fail_at(1, true); /* one chunk was kept */
    lgd_sv copy = {0};
    bool copied = lgd_arena_copy(&a, LGD_SV("a\0b"), &copy), failed = !lgd_arena_alloc(&a, 1000000);
    lgd_alloc_fail_at(0, false);
    ck_assert(copied && failed && lgd_sv_eq(copy, LGD_SV("a\0b")) && copy.p[3] == 0);
    lgd_arena_release(&a);
    lgd_arena_release(&a);
    ck_assert_ptr_null(a.head);
}
END_TEST

/* ---- hashing ---- */

static bool same_number(const void *ctx, uint32_t item, const void *key) {
    return ((const uint64_t *)ctx)[item] == *(const uint64_t *)key;
}

/* hash_mask 0: all keys collide. */
static void fill_index(size_t n, uint64_t hash_mask) {
    lgd_index ix = {0};
    lgd_err err = {0};
    uint64_t *keys = lgd_alloc(n * sizeof *keys);
    for (uint32_t i = 0; i < n; i++) {
        keys[i] = (uint64_t)i * 977;
        uint64_t hash = lgd_hash_u64(keys[i], 5) & hash_mask;
        bool absent = lgd_index_find(&ix, hash, same_number, keys, &keys[i]) == LGD_INDEX_NONE;
        if (!absent || lgd_index_add(&ix, hash, i, &err) != LGD_OK) ck_abort_msg("item %u", i);
    }
    size_t found = 0;
    for (uint32_t i = 0; i < n; i++)
        found += lgd_index_find(&ix, lgd_hash_u64(keys[i], 5) & hash_mask, same_number, keys, &keys[i]) == i;
    ck_assert_uint_eq(found, n);
    ck_assert_uint_eq(ix.n_items, n);
    ck_assert_uint_ge(ix.n_slots, 2 * n);
    lgd_index_clear(&ix);
    ck_assert_uint_eq(lgd_index_find(&ix, lgd_hash_u64(0, 5) & hash_mask, same_number, keys, &keys[0]), LGD_INDEX_NONE);
    lgd_index_release(&ix);
    lgd_free(keys);
}

START_TEST(test_an_index_finds_all_items_as_it_grows) {
    fill_index(20000, UINT64_MAX);
    fill_index(300, 0);
    fill_index(300, 0xffffffff); /* equal tags */
}
END_TEST

START_TEST(test_an_index_that_cannot_grow_stays_whole) {
    lgd_index ix = {0};
    uint64_t keys[33];
    for (uint32_t i = 0; i < 33; i++) {
        keys[i] = i;
        lgd_alloc_fail_at(i == 32 ? 1 : 0, false);
        lgd_status status = lgd_index_add(&ix, lgd_hash_u64(i, 1), i, NULL);
        ck_assert_int_eq(status, i == 32 ? LGD_E_MEMORY : LGD_OK);
    }
    lgd_alloc_fail_at(0, false);
    for (uint32_t i = 0; i < 33; i++)
        ck_assert_uint_eq(lgd_index_find(&ix, lgd_hash_u64(i, 1), same_number, keys, &keys[i]),
                          i == 32 ? LGD_INDEX_NONE : i);
    lgd_index_release(&ix);
}
END_TEST

START_TEST(test_the_hash_sees_every_byte_length_and_key) {
    char bytes[80];
    for (size_t n = 0; n < sizeof bytes; n++) {
        memset(bytes, 'a', sizeof bytes);
        uint64_t h = lgd_hash(bytes, n, 9);
        ck_assert_uint_eq(h, lgd_hash(bytes, n, 9));
        ck_assert_uint_ne(h, lgd_hash(bytes, n, 10));
        ck_assert_uint_ne(h, lgd_hash(bytes, n + 1, 9));
        size_t seen = 0;
        for (size_t i = 0; i < n; i++) {
            bytes[i] ^= 1;
            seen += h != lgd_hash(bytes, n, 9);
            bytes[i] ^= 1;
        }
        ck_assert_uint_eq(seen, n);
    }
    ck_assert_uint_ne(lgd_hash("\0\0", 1, 9), lgd_hash("\0\0", 2, 9));
}
END_TEST

START_TEST(test_crc32c_gives_the_known_answers) {
    char zeros[32] = {0}, ones[32];
    memset(ones, 0xff, sizeof ones);
    ck_assert_uint_eq(lgd_crc32c(0, "123456789", 9), 0xe3069283); /* check value of the CRC catalogue */
    ck_assert_uint_eq(lgd_crc32c(0, zeros, 32), 0x8a9136aa);      /* RFC 3720, B.4 */
    ck_assert_uint_eq(lgd_crc32c(0, ones, 32), 0x62a8ab43);
    ck_assert_uint_eq(lgd_crc32c(0, "", 0), 0);
    ck_assert_uint_eq(lgd_crc32c(lgd_crc32c(0, "1234", 4), "56789", 5), 0xe3069283);
}
END_TEST

/* ---- random numbers ---- */

START_TEST(test_random_numbers_are_those_of_the_papers) {
    static const uint64_t first[] = {
        11520, 0, 1509978240, 1215971899390074240u, 1216172134540287360u, 607988272756665600u};
    static const uint64_t seeded[] = {0xe220a8397b1dcdafu, 0x6e789e6aa1b965f4u, 0x06c45d188009454fu,
                                      0xf88bb8a8724c81ecu};
    lgd_rng r = {{1, 2, 3, 4}};
    for (size_t i = 0; i < 6; i++) ck_assert_uint_eq(lgd_rng_next(&r), first[i]);
    lgd_rng_init(&r, 0);
    for (size_t i = 0; i < 4; i++) ck_assert_uint_eq(r.s[i], seeded[i]);
}
END_TEST

START_TEST(test_random_numbers_stay_in_bounds_and_even) {
    static const uint32_t bounds[] = {1, 2, 3, 10, 1000, 0x80000001u, UINT32_MAX};
    lgd_rng r;
    lgd_rng_init(&r, 7);
    for (size_t b = 0; b < sizeof bounds / sizeof *bounds; b++)
        for (int i = 0; i < 2000; i++)
            if (lgd_rng_below(&r, bounds[b]) >= bounds[b]) ck_abort_msg("bound %u", bounds[b]);
    uint32_t seen[10] = {0};
    double sum = 0;
    for (int i = 0; i < 100000; i++) {
        seen[lgd_rng_below(&r, 10)]++;
        double x = lgd_rng_unit(&r);
        if (!(x >= 0 && x < 1)) ck_abort_msg("%a", x);
        sum += x;
    }
    for (int i = 0; i < 10; i++) ck_assert(seen[i] > 9500 && seen[i] < 10500); /* five standard deviations */
    ck_assert(sum > 49500 && sum < 50500);
}
END_TEST

/* ---- JSON ---- */

static cJSON *read_back(const lgd_buf *b) {
    ck_assert(!b->failed);
    for (size_t i = 0; i < b->n; i++)
        if ((unsigned char)b->p[i] < 0x20 || b->p[i] == 0x7f) ck_abort_msg("a control byte at %zu", i);
    ck_assert_ptr_null(memchr(b->p, '<', b->n));
    cJSON *tree = cJSON_ParseWithLength(b->p, b->n);
    ck_assert_msg(tree != NULL, "%.*s", (int)b->n, b->p);
    return tree;
}

static void expect_string(lgd_sv in, lgd_sv expected) {
    lgd_buf b = {0};
    lgd_json j = {&b, false};
    lgd_json_string(&j, NULL, in);
    cJSON *tree = read_back(&b);
    ck_assert_msg(lgd_sv_eq(lgd_sv_of(cJSON_GetStringValue(tree)), expected), "%.*s", (int)b.n, b.p);
    cJSON_Delete(tree);
    lgd_buf_release(&b);
}

#define FFFD "\xef\xbf\xbd"

START_TEST(test_every_byte_survives_as_json) {
    for (int c = 1; c < 256; c++) {
        char in[3] = {'[', (char)c, ']'}, out[] = "[" FFFD "]";
        if (c < 0x80)
            expect_string((lgd_sv){in, 3}, (lgd_sv){in, 3});
        else
            expect_string((lgd_sv){in, 3}, lgd_sv_of(out));
    }
    lgd_buf b = {0};
    lgd_json j = {&b, false};
    lgd_json_string(&j, NULL, LGD_SV("a\0b")); /* the reader stops at NUL, so the text is compared */
    ck_assert(lgd_sv_eq(lgd_buf_sv(&b), LGD_SV("\"a\\u0000b\"")));
    lgd_buf_release(&b);
}
END_TEST

START_TEST(test_only_valid_utf8_is_written) {
    static const struct {
        const char *in, *out;
    } rows[] = {
        {"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80", "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80"},
        {"\xc2\x85|\xe2\x80\xa8|\xe2\x80\xa9", "\xc2\x85|\xe2\x80\xa8|\xe2\x80\xa9"},
        {"\xf4\x8f\xbf\xbf", "\xf4\x8f\xbf\xbf"},
        {"\xc0\x80", FFFD FFFD},                   /* overlong */
        {"\xe0\x9f\xbf", FFFD FFFD FFFD},          /* overlong */
        {"\xf0\x8f\xbf\xbf", FFFD FFFD FFFD FFFD}, /* overlong */
        {"\xed\xa0\x80", FFFD FFFD FFFD},          /* surrogate */
        {"\xf4\x90\x80\x80", FFFD FFFD FFFD FFFD}, /* past the last code point */
        {"\xe2\x82", FFFD FFFD},                   /* cut */
        {"\xe2\x82\xc3\xa9", FFFD FFFD "\xc3\xa9"},
        {"\xff\xfe", FFFD FFFD},
        {"</script>", "</script>"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        expect_string(lgd_sv_of(rows[i].in), lgd_sv_of(rows[i].out));
}
END_TEST

START_TEST(test_json_nests_with_commas_where_they_belong) {
    lgd_buf b = {0};
    lgd_json j = {&b, false};
    lgd_json_object(&j, NULL);
    lgd_json_u64(&j, "n", UINT64_MAX);
    lgd_json_array(&j, "a");
    lgd_json_f64(&j, NULL, 0.5);
    lgd_json_f64(&j, NULL, (double)NAN);
    lgd_json_object(&j, NULL);
    lgd_json_object_end(&j);
    lgd_json_array(&j, NULL);
    lgd_json_array_end(&j);
    lgd_json_bool(&j, NULL, true);
    lgd_json_array_end(&j);
    lgd_json_key_sv(&j, LGD_SV("k\"<\n"));
    lgd_json_null(&j, NULL);
    lgd_json_key_sv(&j, LGD_SV(""));
    lgd_json_object(&j, NULL);
    lgd_json_bool(&j, "z", false);
    lgd_json_object_end(&j);
    lgd_json_string(&j, "s", (lgd_sv){NULL, 0});
    lgd_json_object_end(&j);
    lgd_sv expected = LGD_SV("{\"n\":18446744073709551615,\"a\":[0.5,0,{},[],true],\"k\\\"\\u003c\\n\":null,"
                             "\"\":{\"z\":false},\"s\":\"\"}");
    ck_assert_msg(lgd_sv_eq(lgd_buf_sv(&b), expected), "%.*s", (int)b.n, b.p);
    cJSON_Delete(read_back(&b));
    lgd_buf_release(&b);
}
END_TEST

/* ---- terminals ---- */

/* No byte that a terminal acts on, and no text that looks like other text. */
static void expect_harmless(lgd_sv s) {
    for (size_t i = 0; i < s.n;) {
        uint32_t c = 0;
        size_t n = lgd_utf8_decode((lgd_sv){s.p + i, s.n - i}, &c);
        bool control = c < 0x20 || (c >= 0x7f && c <= 0x9f);
        bool bidi = (c >= 0x200b && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e) || (c >= 0x2060 && c <= 0x206f);
        if (n == 0 || control || bidi || c == 0xfeff) ck_abort_msg("U+%04X after %zu bytes", (unsigned)c, i);
        i += n;
    }
}

START_TEST(test_no_control_survives_the_terminal_escape) {
    lgd_buf in = {0}, out = {0};
    lgd_rng r;
    lgd_rng_init(&r, 3);
    for (int round = 0; round < 200; round++) {
        lgd_buf_clear(&in);
        lgd_buf_clear(&out);
        for (int i = 0; i < 256; i++) lgd_buf_add_char(&in, (char)(round ? lgd_rng_below(&r, 256) : (uint32_t)i));
        lgd_escape_terminal(&out, lgd_buf_sv(&in), SIZE_MAX);
        expect_harmless(lgd_buf_sv(&out));
    }
    for (uint32_t c = 0x80; c < 0x10000; c++) { /* every code point of the first plane, three-byte form from 0x800 on */
        char text[3] = {(char)(0xe0 | c >> 12), (char)(0x80 | (c >> 6 & 0x3f)), (char)(0x80 | (c & 0x3f))};
        char two[2] = {(char)(0xc0 | c >> 6), (char)(0x80 | (c & 0x3f))};
        lgd_buf_clear(&out);
        lgd_escape_terminal(&out, c < 0x800 ? (lgd_sv){two, 2} : (lgd_sv){text, 3}, SIZE_MAX);
        expect_harmless(lgd_buf_sv(&out));
    }
    lgd_buf_release(&in);
    lgd_buf_release(&out);
}
END_TEST

START_TEST(test_what_was_there_stays_visible) {
    const struct {
        lgd_sv in;
        size_t max;
        const char *out;
    } rows[] = {
        {LGD_SV("plain \xc3\xa9"), 99, "plain \xc3\xa9"},
        {LGD_SV("\x1b[31mred"), 99, "\\x1b[31mred"},
        {LGD_SV("a\0b\x7f"), 99, "a\\x00b\\x7f"},
        {LGD_SV("a\tb"), 99, "a b"},
        {LGD_SV("\xc2\x9b"), 99, "<U+009B>"},
        {LGD_SV("\xe2\x80\xae"
                "drawkcab"),
         99, "<U+202E>drawkcab"},
        {LGD_SV("\xff\xc3"), 99, "\\xff\\xc3"},
        {LGD_SV("abcdef"), 6, "abcdef"},
        {LGD_SV("abcdef"), 5, "abcde..."},
        {LGD_SV("abcdef"), 0, "..."},
        {LGD_SV(""), 0, ""},
        {LGD_SV("a\xc3\xa9z"), 2, "a..."}, /* no more of the text than was asked for, and no half character */
        {LGD_SV("a\xc3\xa9z"), 3, "a\xc3\xa9..."},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        lgd_buf out = {0};
        lgd_escape_terminal(&out, rows[i].in, rows[i].max);
        ck_assert_msg(lgd_sv_eq(lgd_buf_sv(&out), lgd_sv_of(rows[i].out)), "row %zu: %.*s", i, (int)out.n, out.p);
        lgd_buf_release(&out);
    }
}
END_TEST

/* ---- bytes of a section ---- */

static void put_section(lgd_buf *b) {
    lgd_put_u8(b, 200);
    lgd_put_u32(b, 0xdeadbeef);
    lgd_put_u64(b, UINT64_MAX - 5);
    lgd_put_i64(b, -7);
    lgd_put_f32(b, 1.5f);
    lgd_put_f64(b, -1e300);
    lgd_put_sv(b, LGD_SV("a\0b"));
    lgd_put_u32(b, 2);
    lgd_put_u64(b, 1);
    lgd_put_u64(b, 2);
}

static lgd_status get_section(lgd_sv bytes) {
    lgd_cursor c = lgd_cursor_of(bytes);
    bool same = lgd_get_u8(&c) == 200;
    same &= lgd_get_u32(&c) == 0xdeadbeef;
    same &= lgd_get_u64(&c) == UINT64_MAX - 5;
    same &= lgd_get_i64(&c) == -7;
    same &= lgd_get_f32(&c) == 1.5f;
    same &= lgd_get_f64(&c) == -1e300;
    same &= lgd_sv_eq(lgd_get_sv(&c), LGD_SV("a\0b"));
    uint32_t n = lgd_get_count(&c, 8);
    uint64_t sum = 0;
    for (uint32_t i = 0; i < n; i++) sum += lgd_get_u64(&c);
    same &= sum == 3;
    lgd_err err = {0};
    lgd_status status = lgd_cursor_done(&c, "section", &err);
    if (status == LGD_OK)
        ck_assert(same);
    else
        ck_assert_int_eq(strncmp(err.text, "section: ", 9), 0);
    return status;
}

START_TEST(test_a_section_comes_back_whole_or_not_at_all) {
    lgd_buf b = {0};
    put_section(&b);
    ck_assert_int_eq(get_section(lgd_buf_sv(&b)), LGD_OK);
    for (size_t n = 0; n < b.n; n++) {
        char *copy = malloc(n ? n : 1); /* exactly n bytes, so that reading on is seen */
        memcpy(copy, b.p, n);
        ck_assert_msg(get_section((lgd_sv){copy, n}) == LGD_E_DAMAGED, "%zu bytes", n);
        free(copy);
    }
    ck_assert_int_eq(get_section((lgd_sv){NULL, 0}), LGD_E_DAMAGED);
    lgd_buf_add_char(&b, 0);
    ck_assert_int_eq(get_section(lgd_buf_sv(&b)), LGD_E_DAMAGED);
    lgd_buf_release(&b);
}
END_TEST

START_TEST(test_a_count_is_what_could_be_there) {
    lgd_buf b = {0};
    lgd_put_u32(&b, 3);
    lgd_put_u64(&b, 0);
    lgd_put_u32(&b, 0);
    static const struct {
        size_t item_bytes;
        uint32_t count;
    } rows[] = {{4, 3}, {1, 3}, {0, 3}, {5, 0}, {SIZE_MAX, 0}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        lgd_cursor c = lgd_cursor_of(lgd_buf_sv(&b));
        ck_assert_uint_eq(lgd_get_count(&c, rows[i].item_bytes), rows[i].count);
        ck_assert(c.bad == (rows[i].count == 0));
    }
    lgd_buf_release(&b);
}
END_TEST

/* ---- threads ---- */

enum { ITEMS = 10000 };

typedef struct count_job {
    _Atomic unsigned char taken[ITEMS];
    _Atomic uint64_t sum;
    _Atomic uint32_t busy[64];
    size_t n_workers, grain;
    _Atomic bool wrong;
} count_job;

static void count_piece(void *ctx, size_t begin, size_t end, size_t worker) {
    count_job *job = ctx;
    uint64_t sum = 0;
    if (worker >= job->n_workers || (job->n_workers > 1 && end - begin > job->grain)) job->wrong = true;
    if (worker < 64 && atomic_fetch_add(&job->busy[worker], 1) != 0) job->wrong = true; /* scratch in use twice */
    for (size_t i = begin; i < end; i++) {
        job->taken[i]++;
        sum += i;
    }
    job->sum += sum;
    if (worker < 64) atomic_fetch_sub(&job->busy[worker], 1);
}

START_TEST(test_every_item_is_worked_on_once) {
    static const size_t threads[] = {0, 1, 2, 3, 8}, sizes[] = {0, 1, 5, 100, ITEMS}, grains[] = {0, 1, 7, 4096, 99999};
    for (size_t t = 0; t < 5; t++) {
        lgd_pool *pool = NULL;
        lgd_err err = {0};
        if (t > 0) ck_assert_int_eq(lgd_pool_new(threads[t], &pool, &err), LGD_OK); /* else: no pool at all */
        ck_assert_uint_eq(lgd_pool_size(pool), threads[t] ? threads[t] : 1);
        for (size_t s = 0; s < 5; s++)
            for (size_t g = 0; g < 5; g++) {
                static count_job job;
                memset(&job, 0, sizeof job);
                size_t n = sizes[s];
                job.n_workers = lgd_pool_size(pool);
                job.grain = grains[g] ? grains[g] : 1;
                lgd_pool_run(pool, n, grains[g], count_piece, &job);
                ck_assert(!job.wrong);
                ck_assert_uint_eq(job.sum, n ? n * (n - 1) / 2 : 0);
                size_t once = 0;
                for (size_t i = 0; i < ITEMS; i++) once += job.taken[i] == (i < n);
                ck_assert_uint_eq(once, ITEMS);
            }
        lgd_pool_free(pool);
    }
}
END_TEST

static void add_piece(void *ctx, size_t begin, size_t end, size_t worker) {
    (void)worker;
    *(_Atomic uint64_t *)ctx += end - begin;
}

START_TEST(test_jobs_follow_each_other) {
    lgd_pool *pool = NULL;
    _Atomic uint64_t sum = 0;
    ck_assert_int_eq(lgd_pool_new(4, &pool, NULL), LGD_OK);
    for (uint64_t job = 1; job <= 500; job++) {
        lgd_pool_run(pool, 64, 1, add_piece, &sum);
        ck_assert_uint_eq(sum, job * 64);
    }
    lgd_pool_free(pool);
    lgd_pool_free(NULL);
}
END_TEST

START_TEST(test_a_thread_that_cannot_start_is_done_without) {
    lgd_pool *pool = NULL;
    _Atomic uint64_t sum = 0;
    lgd_status status = LGD_E_MEMORY;
    size_t smallest = 99;
    for (uint64_t n = 1; n <= 8; n++) {
        lgd_alloc_fail_at(n, true);
        status = lgd_pool_new(4, &pool, NULL);
        lgd_alloc_fail_at(0, false);
        if (status != LGD_OK) continue;
        if (lgd_pool_size(pool) < smallest) smallest = lgd_pool_size(pool);
        lgd_pool_run(pool, 100, 1, add_piece, &sum);
        lgd_pool_free(pool);
    }
    ck_assert_int_eq(status, LGD_OK);
    ck_assert_uint_eq(smallest, 1);
    ck_assert_uint_eq(sum % 100, 0);
    ck_assert_uint_gt(sum, 0);
}
END_TEST

Suite *base_suite(void) {
    Suite *suite = suite_create("base");
    TCase *tests = tcase_create("base");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, test_a_share_is_100_only_if_it_is_all);
    tcase_add_test(tests, test_a_probability_is_never_said_to_be_1);
    tcase_add_test(tests, test_the_first_message_wins);
    tcase_add_test(tests, test_a_long_message_is_cut);
    tcase_add_test(tests, test_numbers_do_not_depend_on_the_locale);
    tcase_add_test(tests, test_every_double_reads_back);
    tcase_add_test(tests, test_whole_numbers_are_decimal_digits_alone);
    tcase_add_test(tests, test_views_compare_as_bytes);
    tcase_add_test(tests, test_the_nth_allocation_fails);
    tcase_add_test(tests, test_growing_keeps_items_and_stops_at_the_cap);
    tcase_add_test(tests, test_a_buffer_takes_anything_and_fails_for_good);
    tcase_add_test(tests, test_an_arena_hands_out_aligned_pieces);
    tcase_add_test(tests, test_an_index_finds_all_items_as_it_grows);
    tcase_add_test(tests, test_an_index_that_cannot_grow_stays_whole);
    tcase_add_test(tests, test_the_hash_sees_every_byte_length_and_key);
    tcase_add_test(tests, test_crc32c_gives_the_known_answers);
    tcase_add_test(tests, test_random_numbers_are_those_of_the_papers);
    tcase_add_test(tests, test_random_numbers_stay_in_bounds_and_even);
    tcase_add_test(tests, test_every_byte_survives_as_json);
    tcase_add_test(tests, test_only_valid_utf8_is_written);
    tcase_add_test(tests, test_json_nests_with_commas_where_they_belong);
    tcase_add_test(tests, test_no_control_survives_the_terminal_escape);
    tcase_add_test(tests, test_what_was_there_stays_visible);
    tcase_add_test(tests, test_a_section_comes_back_whole_or_not_at_all);
    tcase_add_test(tests, test_a_count_is_what_could_be_there);
    tcase_add_test(tests, test_every_item_is_worked_on_once);
    tcase_add_test(tests, test_jobs_follow_each_other);
    tcase_add_test(tests, test_a_thread_that_cannot_start_is_done_without);
    suite_add_tcase(suite, tests);
    return suite;
}
