/*
 * Tests of the lexer: characters and classes, the table signatures.tsv, hostile messages.
 */
#include "logdetect/template.h"

#include "../../src/template/chars.h"
#include "../../src/template/symbols.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

Suite *lexer_suite(void);

/* ---- characters and classes ---- */

static unsigned defined_class(unsigned c) {
    unsigned sum = 0;
    if (c <= ' ' || c == 0x7f) sum |= CH_SPACE;
    if (c >= '0' && c <= '9') sum |= CH_DIGIT | CH_HEX;
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c >= 0x80) sum |= CH_ALPHA;
    if ((c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F')) sum |= CH_HEX;
    if (c && strchr("=:,;|()[]{}<>\"'!?", (int)c)) sum |= CH_DELIM;
    if (c == '_') sum |= CH_UNDERSCORE;
    if (c && strchr(".$@+~*%#=&:-/", (int)c)) sum |= CH_PATH;
    return sum;
}

START_TEST(test_the_character_table_is_its_definition) {
    for (unsigned c = 0; c < 256; c++)
        ck_assert_msg(char_class[c] == defined_class(c), "0x%02x: %u, not %u", c, char_class[c], defined_class(c));
}
END_TEST

START_TEST(test_words_have_their_class) {
    static const struct {
        const char *text;
        token_class class;
    } rows[] = {{"=", CLASS_PUNCT},
                {"****", CLASS_PUNCT},
                {"-", CLASS_PUNCT},
                {"\4", CLASS_EMPTY},
                {"word", CLASS_WORD},
                {"x.y", CLASS_WORD},
                {"\xc3\xa9", CLASS_WORD},
                {"com.apple.", CLASS_WORD},
                {"ssh2", CLASS_NAME},
                {"alt0", CLASS_NAME},
                {"jk2_init", CLASS_NAME},
                {"SOCKS5", CLASS_NAME},
                {"Slf4jLogger", CLASS_NAME},
                {"awdl0.", CLASS_NAME},
                {"com.apple.x", CLASS_DOTTED},
                {"org.foo.Bar", CLASS_DOTTED},
                {"node-12", CLASS_SOFT},
                {"blk_1", CLASS_SOFT},
                {"R02-M1", CLASS_SOFT},
                {"x1", CLASS_SOFT},
                {"ssh222", CLASS_SOFT},
                {"a1b2", CLASS_SOFT},
                {"com.apple2.x", CLASS_SOFT},
                {"\3", CLASS_VAR},
                {"core.\3", CLASS_VAR},
                {"\5", CLASS_ANY}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        ck_assert_msg(token_classify(lgd_sv_of(rows[i].text)) == rows[i].class, "'%s'", rows[i].text);
}
END_TEST

/* ---- lexer ---- */

static lgd_signature lex(lgd_lexer *x, lgd_sv message) {
    lgd_signature s;
    lgd_err err = {0};
    ck_assert_msg(lgd_lex(x, message, &s, &err) == LGD_OK, "%s", err.text);
    return s;
}

static void put_types(lgd_buf *b, const lgd_signature *s) {
    for (size_t i = 0; i < s->n_tokens; i++)
        if (s->tokens[i].type != LGD_VALUE_NONE)
            lgd_buf_printf(b, "%s%s", b->n ? "," : "", lgd_value_type_name((lgd_value_type)s->tokens[i].type));
    if (b->n == 0) lgd_buf_add_char(b, '-');
}

static size_t split(char *line, char *column[4]) {
    size_t n = 0;
    line[strcspn(line, "\n")] = 0;
    for (char *p = line; p && n < 4;) {
        column[n++] = p;
        p = strchr(p, '\t');
        if (p) *p++ = 0;
    }
    return n;
}

START_TEST(test_messages_have_the_signatures_of_the_table) {
    FILE *f = fopen(LGD_SOURCE_DIR "/tests/unit/signatures.tsv", "r");
    ck_assert_ptr_nonnull(f);
    char line[512], *column[4];
    size_t n_rows = 0;
    lgd_lexer x = {0};
    while (fgets(line, sizeof line, f)) {
        if (line[0] == '#' && line[1] == ' ') continue;
        ck_assert_uint_eq(split(line, column), 4);
        lgd_signature s = lex(&x, lgd_sv_of(column[0]));
        lgd_buf text = {0}, types = {0};
        lgd_signature_render(s.bytes, &text);
        put_types(&types, &s);
        ck_assert_msg(lgd_sv_eq(lgd_buf_sv(&text), lgd_sv_of(column[1])), "'%s': '%.*s', not '%s'", column[0],
                      (int)text.n, text.p, column[1]);
        ck_assert_msg(lgd_sv_eq(lgd_buf_sv(&types), lgd_sv_of(column[2])), "'%s': %.*s, not %s", column[0],
                      (int)types.n, types.p, column[2]);
        ck_assert_msg((int)s.n_tokens == atoi(column[3]), "'%s': %zu tokens, not %s", column[0], s.n_tokens, column[3]);
        lgd_buf_release(&text);
        lgd_buf_release(&types);
        n_rows++;
    }
    fclose(f);
    lgd_lexer_release(&x);
    ck_assert_uint_ge(n_rows, 100);
}
END_TEST

/* What must hold for the signature of any message. */
static void check_signature(const lgd_signature *s, lgd_sv message) {
    static const char symbols[] = {SYM_SPACED, SYM_GLUED, SYM_VAR, SYM_EMPTY};
    lgd_sv rest = s->bytes, text;
    bool space;
    size_t n = 0, end = 0, most = message.n < LGD_MAX_MESSAGE ? message.n : LGD_MAX_MESSAGE;
    while (token_next(&rest, &text, &space)) n++;
    if (n != s->n_tokens || n > LGD_MAX_TOKENS) ck_abort_msg("%zu tokens encoded, %zu listed", n, s->n_tokens);
    for (size_t i = 0; i < n; i++) {
        const lgd_token *t = &s->tokens[i];
        bool inside = end <= t->begin && t->begin <= t->end && t->end <= most;
        bool part = t->var_begin == t->var_end || (t->begin <= t->var_begin && t->var_end <= t->end);
        if (!inside || !part) ck_abort_msg("token %zu: %u..%u (%u..%u)", i, t->begin, t->end, t->var_begin, t->var_end);
        end = t->end;
    }
    for (size_t i = 0; i < s->bytes.n; i++) {
        char c = s->bytes.p[i];
        if ((unsigned char)c < 0x20 && !memchr(symbols, c, sizeof symbols)) ck_abort_msg("byte %d at %zu", c, i);
    }
}

/* Each is repeated up to the limit and beyond, alone and before an end that spoils it. A lexer that looks at the rest of
 * the message again and again does not come back within the time of a test. */
START_TEST(test_hostile_messages_take_one_pass) {
    static const char *const units[] = {
        "1,1,",   "a-a-",   ".",        "a.",       "1.1.",      ":",      "::",        "a:a:",  "<1 ",
        "/",      "/.",     "(",        "=",        "k=",        "a@a.",   "a@",        "+1",    "+",
        "Mon ",   "Jan 1 ", "0x",       "1e",       "\x01",      "\x80",   "\xff\xfe",  "1 B (", "a+",
        "a://",   " ",      "1:1:",     "f:f:f",    "true.",     "aa-bb-", "2026-01-",  "\\",    "C:\\",
        "/:",     "1/Jan/", "-1",       "1-1-1-1-", "ffffffff-", "a b ",   "W",         "<",     "1",
        "a",      "_",      "1.1.1.1 ", "1 1 ",     "\"",        "Jan",    "Monday,  ", "1K",    "()",
        "f:::",   "a.b-",   "/a?",      "9%",       "&0o",       "x_1-",   "an1 ",      "an1,",  "for user ",
        "user=",  "root ",  "1 bytes ", "1 byte (", "x=true ",   "a-1:",   "a.1:5x",    "a@b-",  "1h",
        "1d1h1m", "1.5e-",  "1e-1",     "1/s",      "1KB/s",     "1.1m1.",
    };
    static const char *const ends[] = {"", "x"};
    lgd_lexer x = {0};
    lgd_buf m = {0};
    for (size_t u = 0; u < sizeof units / sizeof *units; u++)
        for (size_t e = 0; e < sizeof ends / sizeof *ends; e++) {
            lgd_buf_clear(&m);
            while (m.n < (e == 0 ? 2 : 1) * LGD_MAX_MESSAGE - 8) lgd_buf_printf(&m, "%s", units[u]);
            lgd_buf_printf(&m, "%s", ends[e]);
            lgd_signature s = lex(&x, lgd_buf_sv(&m));
            check_signature(&s, lgd_buf_sv(&m));
        }
    lgd_buf_release(&m);
    lgd_lexer_release(&x);
}
END_TEST

START_TEST(test_no_byte_of_a_message_becomes_a_symbol) {
    static const char bait[] = "\0\1\2\3\4\5\6\7 =()[]{}<>,:;./-+@%aAzZ019\x7f\x80\xc3\xff";
    lgd_lexer x = {0};
    lgd_rng r;
    lgd_rng_init(&r, 11);
    for (int round = 0; round < 20000; round++) {
        char m[64];
        size_t n = lgd_rng_below(&r, sizeof m);
        for (size_t i = 0; i < n; i++) m[i] = bait[lgd_rng_below(&r, sizeof bait - 1)];
        lgd_signature s;
        if (lgd_lex(&x, (lgd_sv){m, n}, &s, NULL) != LGD_OK) ck_abort_msg("round %d", round);
        check_signature(&s, (lgd_sv){m, n});
    }
    lgd_lexer_release(&x);
}
END_TEST

START_TEST(test_a_message_of_nothing_has_the_empty_signature) {
    static const struct {
        const char *p;
        size_t n;
    } rows[] = {{NULL, 0}, {"", 0}, {" \t ", 3}, {"\0\1\2\3\4\5\6", 7}};
    lgd_lexer x = {0};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        lgd_signature s = lex(&x, (lgd_sv){rows[i].p, rows[i].n});
        ck_assert_uint_eq(s.bytes.n, 0);
        ck_assert_uint_eq(s.n_tokens, 0);
    }
    lgd_lexer_release(&x);
}
END_TEST

START_TEST(test_numbers_of_values) {
    static const struct {
        const char *text;
        bool ok;
        double value;
    } rows[] = {{"12.5ms", true, 12.5}, {"1,234", true, 1234}, {"-3", true, -3},
                {"+7 KB", true, 7},     {"<1 sec", false, 0},  {"x", false, 0},
                {"", false, 0},         {"-", false, 0},       {"1.2.3", true, 1.2},
                {"5.", true, 5},        {"0x10", true, 0},     {"1,5", true, 15},
                {"1.5,7", true, 1.5},   {".5", false, 0},      {"99999999999", true, 99999999999.0}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        double x = 0;
        ck_assert_msg(lgd_value_number(lgd_sv_of(rows[i].text), &x) == rows[i].ok, "'%s'", rows[i].text);
        ck_assert_msg(x == rows[i].value, "'%s' is %g", rows[i].text, x);
    }
    char many[5000];
    double x = 0;
    memset(many, '9', sizeof many);
    if (lgd_value_number((lgd_sv){many, sizeof many}, &x)) ck_assert(x > 1e30 && x < 1e300);
}
END_TEST
Suite *lexer_suite(void) {
    Suite *suite = suite_create("lexer");
    TCase *tests = tcase_create("all");
    tcase_add_test(tests, test_the_character_table_is_its_definition);
    tcase_add_test(tests, test_words_have_their_class);
    tcase_add_test(tests, test_messages_have_the_signatures_of_the_table);
    tcase_add_test(tests, test_hostile_messages_take_one_pass);
    tcase_add_test(tests, test_no_byte_of_a_message_becomes_a_symbol);
    tcase_add_test(tests, test_a_message_of_nothing_has_the_empty_signature);
    tcase_add_test(tests, test_numbers_of_values);
    suite_add_tcase(suite, tests);
    return suite;
}
