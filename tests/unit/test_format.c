/*
 * test_format: levels; profiles that are learned from made-up logs, and what they cut; profiles as bytes.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "cutting.h"

Suite *format_suite(void);

enum { MAX_LINES = 200, MAX_LINE = 256 };

/* A made-up log: `n` lines by a printf pattern with the line's number (twice) and one of the words. */
typedef struct made {
    char text[MAX_LINES][MAX_LINE];
    lgd_sv lines[MAX_LINES];
    size_t n;
} made;

static const char *const words[] = {"started", "worker is idle", "connection lost: retry", "took [12] ms", "x=1 y=2"};

static void add_line(made *m, const char *line) {
    ck_assert_uint_lt(m->n, MAX_LINES);
    (void)snprintf(m->text[m->n], MAX_LINE, "%s", line);
    m->lines[m->n] = lgd_sv_of(m->text[m->n]);
    m->n++;
}

/* header holds one %02zu for the second; the message is a word and a number that varies. */
static made *make(const char *header, size_t n) {
    made *m = calloc(1, sizeof *m);
    ck_assert_ptr_nonnull(m);
    for (size_t i = 0; i < n; i++) {
        char line[MAX_LINE];
        const char *mark = strstr(header, "@@");
        int before = mark ? (int)(mark - header) : (int)strlen(header);
        (void)snprintf(line, sizeof line, "%.*s%.2zu%s%s %zu", before, header, i % 60, mark ? mark + 2 : "",
                       words[i % 5], i * 7 % 31);
        add_line(m, line);
    }
    return m;
}

typedef struct header_row {
    const char *name, *header, *line; /* learn from lines with this header, then cut this line */
    lgd_level level;
    const char *component, *pid, *host, *message;
} header_row;

static const header_row header_rows[] = {
    {"time level tag", "2024-05-01 10:00:@@,123 INFO com.example.Server: ",
     "2024-05-01 10:00:07,001 ERROR com.example.Db: gone 5", LGD_LEVEL_ERROR, "com.example.Db", "", "", "gone 5"},
    {"time tag", "May  1 10:00:@@ web1 sshd[123]: ", "May  1 10:00:09 web2 cron(root)[77]: run-parts", LGD_LEVEL_NONE,
     "cron(root)", "77", "web2", "run-parts"},
    {"time number level bracket", "2024-05-01 10:00:@@.445 2931 INFO nova.virt.driver [req-1 - -] ",
     "2024-05-01 10:00:01.445 17 WARNING nova.compute.manager [-] [instance: 7] slow", LGD_LEVEL_WARN,
     "nova.compute.manager", "17", "", "[instance: 7] slow"},
    {"time number level bracket",
     "nova.log.1.2017_13:55 2024-05-01 10:00:@@.445 2931 INFO nova.virt.driver [req-1 - -] ",
     "nova.log.1.2017_13:55 2024-05-01 10:00:01.445 17 INFO nova.compute.manager [-] up", LGD_LEVEL_INFO,
     "nova.compute.manager", "17", "", "up"},
    {"time number level tag",
     "081109 2036@@ 148 INFO dfs.DataNode$PacketResponder: ", "081109 203615 148 INFO dfs.FSNamesystem: block gone",
     LGD_LEVEL_INFO, "dfs.FSNamesystem", "148", "", "block gone"},
    {"time number number level tag", "05-01 10:00:@@.811  1702  2395 D WindowManager: ",
     "05-01 10:00:01.811  11  12 E PowerManager: low", LGD_LEVEL_ERROR, "PowerManager", "11", "", "low"},
    {"time level", "[Sun Dec 04 04:47:@@ 2005] [notice] ", "[Sun Dec 04 04:47:59 2005] [error] mod_jk failed",
     LGD_LEVEL_ERROR, "", "", "", "mod_jk failed"},
    {"time field field", "20171223-22:15:@@:606|Step_LSC|30002312|", "20171223-22:15:01:6|Step_Utils|3000|getAll",
     LGD_LEVEL_NONE, "Step_Utils", "", "", "getAll"},
    {"time level bracket", "2024-05-01 10:00:@@,747 - INFO  [main:10.0.0.1:2181:QuorumPeer@774] - ",
     "2024-05-01 10:00:01,747 - WARN  [thread/0:0:2181:Fast$Election@12] - late", LGD_LEVEL_WARN, "Fast$Election", "",
     "", "late"},
    {"time bracket level words", "10:00:@@.123 [main] INFO  com.example.App - ",
     "10:00:01.123 [pool-1] WARN  com.example.Db - slow", LGD_LEVEL_WARN, "com.example.Db", "", "", "slow"},
    {"time level word", "2016-09-28 04:30:@@, Info                  CBS    ",
     "2016-09-28 04:30:31, Error                 CSI    failed", LGD_LEVEL_ERROR, "CSI", "", "", "failed"},
    {"time number source", "I0517 15:04:@@.619632 1952 logging.cc:253] ", "E0517 15:04:01.619632 7 net.cc:9] refused",
     LGD_LEVEL_ERROR, "net.cc", "7", "", "refused"},
    {"time", "10.0.0.1 - - [20/Jul/2009:22:59:@@ +0000] ",
     "10.0.0.9 - - [20/Jul/2009:22:59:01 +0000] \"GET / HTTP/1.0\" 200", LGD_LEVEL_NONE, "", "", "",
     "\"GET / HTTP/1.0\" 200"},
    {"time tag", "<34>Oct 11 22:14:@@ host su[1]: ", "<35>Oct 11 22:14:15 host su[2]: denied", LGD_LEVEL_ERROR, "su",
     "2", "host", "denied"},
    {"level", "WARNING:root:@@ ", "ERROR:root:late", LGD_LEVEL_ERROR, "", "", "", "root:late"},
    {"time number level", "2024-05-01 10:00:@@ UTC [77] LOG:  ", "2024-05-01 10:00:01 UTC [78] STATEMENT:  select 1",
     LGD_LEVEL_INFO, "", "78", "", "select 1"},
    {"time number tag", "2024-05-01 10:00:@@ UTC [77] QUERY:  ", "2024-05-01 10:00:01 UTC [78] ERROR:  select 1",
     LGD_LEVEL_ERROR, "", "78", "", "select 1"},
    {"time tag", "[2024-05-01 10:00:@@] app.main: ", "[2024-05-01 10:00:01] app.ERROR: late", LGD_LEVEL_ERROR, "app",
     "", "", "late"},
};

START_TEST(test_headers) {
    const header_row *row = &header_rows[_i];
    made *m = make(row->header, 100);
    lgd_profile *p = learn_profile(NULL, m->lines, m->n);
    lgd_arena arena = {0};
    lgd_cut c = cut_line(p, &arena, row->line);
    ck_assert_msg(c.fits, "%s", row->line);
    ck_assert_int_eq(c.header.level, row->level);
    ASSERT_SV(c.header.component, row->component);
    ASSERT_SV(c.header.pid, row->pid);
    ASSERT_SV(c.header.host, row->host);
    ASSERT_SV(c.header.message, row->message);
    ck_assert_double_eq(fit_lines(p, m->lines, m->n), 1.0);
    ck_assert_str_eq(lgd_profile_name(p), row->name);
    lgd_profile_free(p);
    lgd_arena_release(&arena);
    free(m);
}
END_TEST

START_TEST(test_lines_unlike_the_others) {
    made *m = make("2024-05-01 10:00:@@ INFO app: ", 100);
    lgd_profile *p = learn_profile(NULL, m->lines, m->n);
    lgd_arena arena = {0};
    static const char trace[] = "\tat com.example.Main.main(Main.java:12)";
    lgd_cut c = cut_line(p, &arena, trace);
    ck_assert(!c.fits && !c.has_time);
    ASSERT_SV(c.header.message, trace);
    c = cut_line(p, &arena, "2024-05-01 10:00:01 no level here"); /* the steps that fail are left out */
    ck_assert(!c.fits && c.has_time);
    ASSERT_SV(c.header.message, "no level here");
    c = cut_line(p, &arena,
                 "1714557601 12 ERROR odd one"); /* another kind of time: cut, for most lines have a header */
    ck_assert(!c.fits && c.has_time && c.written.is_epoch);
    ck_assert_int_eq(c.header.level, LGD_LEVEL_ERROR);
    ASSERT_SV(c.header.message, "odd one");
    c = cut_line(p, &arena, "2024-05-01 10:00:01 INFO app:"); /* a header alone keeps its last field */
    ASSERT_SV(c.header.message, "app:");
    c = cut_line(p, &arena, "");
    ck_assert_uint_eq(c.header.message.n, 0);
    lgd_profile_free(p);
    lgd_arena_release(&arena);
    free(m);
}
END_TEST

/* Two formats in one file: each is cut by its own layout, in any order. */
START_TEST(test_two_formats) {
    made *a = make("2024-05-01 10:00:@@ INFO app: ", 80),
         *b = make("2024-05-01 10:00:@@ [77] [worker] ERROR (main) db[9]: ", 80);
    made *both = calloc(1, sizeof *both);
    ck_assert_ptr_nonnull(both);
    for (size_t i = 0; i < 80; i++) {
        add_line(both, a->text[i]);
        add_line(both, b->text[i]);
    }
    lgd_profile *p = learn_profile(NULL, both->lines, both->n);
    lgd_arena arena = {0};
    lgd_cut c = cut_line(p, &arena, a->text[3]);
    ck_assert(c.fits);
    ASSERT_SV(c.header.message, "took [12] ms 21");
    c = cut_line(p, &arena, b->text[3]);
    ck_assert(c.fits);
    ASSERT_SV(c.header.component, "db");
    ASSERT_SV(c.header.message, "took [12] ms 21");
    lgd_profile_free(p);
    lgd_arena_release(&arena);
    free(a);
    free(b);
    free(both);
}
END_TEST

START_TEST(test_plain_text) {
    static const char *const lines[] = {"a tale of two cities", "it was: the best", "[of] times", "10.0.0.1 answered",
                                        "- the end"};
    made *m = calloc(1, sizeof *m);
    ck_assert_ptr_nonnull(m);
    for (size_t i = 0; i < 100; i++) add_line(m, lines[i % 5]);
    lgd_profile *p = learn_profile(NULL, m->lines, m->n), *none = NULL;
    lgd_arena arena = {0};
    ck_assert_str_eq(lgd_profile_name(p), "plain");
    ck_assert_double_eq(fit_lines(p, m->lines, m->n), 0.0);
    lgd_cut c = cut_line(p, &arena, "  2024-05-01 10:00:00 INFO x: y ");
    ck_assert(!c.fits && !c.has_time);
    ASSERT_SV(c.header.message, "  2024-05-01 10:00:00 INFO x: y ");
    lgd_err err = {0};
    ck_assert_int_eq(lgd_profile_none(&none, &err), LGD_OK);
    ck_assert(lgd_profile_equal(p, none));
    lgd_profile_free(none);
    lgd_profile_free(p);
    p = learn_profile(NULL, NULL, 0);
    ck_assert_str_eq(lgd_profile_name(p), "plain");
    lgd_profile_free(p);
    lgd_profile_free(NULL);
    free(m);
}
END_TEST

typedef struct named_row {
    const char *line;
    bool fits;
    lgd_level level;
    const char *component, *pid, *message; /* message NULL: the line as it is */
    int64_t epoch_ns;                      /* 0: not checked */
} named_row;

static void check_named(const lgd_profile *p, const named_row *rows, size_t n) {
    lgd_arena arena = {0};
    for (size_t i = 0; i < n; i++) {
        lgd_cut c = cut_line(p, &arena, rows[i].line);
        ck_assert_msg(c.fits == rows[i].fits, "%s", rows[i].line);
        ck_assert_msg(c.header.level == rows[i].level, "%s", rows[i].line);
        ASSERT_SV(c.header.component, rows[i].component);
        ASSERT_SV(c.header.pid, rows[i].pid);
        ASSERT_SV(c.header.message, rows[i].message ? rows[i].message : rows[i].line);
        if (rows[i].epoch_ns) ck_assert_int_eq(c.written.epoch_ns, rows[i].epoch_ns);
    }
    lgd_arena_release(&arena);
}

START_TEST(test_json) {
    static const named_row rows[] = {
        {"{\"level\":\"warn\",\"ts\":1714557601.5,\"logger\":\"http\",\"msg\":\"a\\tb\",\"pid\":7}", true,
         LGD_LEVEL_WARN, "http", "7", "a\tb", INT64_C(1714557601500000000)},
        {"{\"level\":50,\"time\":1714557601500,\"name\":\"api\",\"msg\":\"\\u00e9\\ud83d\\ude00\\/\"}", true,
         LGD_LEVEL_ERROR, "api", "", "\xc3\xa9\xf0\x9f\x98\x80/", INT64_C(1714557601500000000)},
        {"{\"MESSAGE\":\"m\",\"PRIORITY\":\"3\",\"__REALTIME_TIMESTAMP\":\"1714557601500000\",\"_PID\":\"9\",\"SYSLOG_"
         "IDENTIFIER\":\"cron\"}",
         true, LGD_LEVEL_ERROR, "cron", "9", "m", INT64_C(1714557601500000000)},
        {"{\"log\":{\"level\":\"error\"},\"message\":\"m\",\"service\":{\"name\":\"pay\",\"level\":\"info\"},"
         "\"process\":{\"pid\":3}}",
         true, LGD_LEVEL_ERROR, "pay", "3", "m", 0},
        {"{\"fields\":{\"message\":\"deep\"},\"level\":\"INFO\",\"target\":\"a::b\"}", true, LGD_LEVEL_INFO, "a::b", "",
         "deep", 0},
        {"{\"t\":{\"$date\":\"2024-05-01T10:00:01Z\"},\"s\":\"W\",\"c\":\"NETWORK\",\"msg\":\"m\"}", true,
         LGD_LEVEL_WARN, "NETWORK", "", "m", 0},
        {"{\"ts\":1.7145576015e+09,\"msg\":\"first\",\"msg\":\"second\"}", true, LGD_LEVEL_NONE, "", "", "first",
         INT64_C(1714557601500000000)},
        {" {\"msg\" : \"x\\ud800\\q\" , \"a\":[1,{\"b\":\"]}\"}] } ", true, LGD_LEVEL_NONE, "", "", "x\xef\xbf\xbd\\q",
         0},
        {"{\"msg\":null,\"event\":\"e\",\"ts\":1e999,\"level\":99999999999999999999}", true, LGD_LEVEL_NONE, "", "",
         "e", 0},
        {"{\"a\":1}", false, LGD_LEVEL_NONE, "", "", NULL, 0},
        {"{}", false, LGD_LEVEL_NONE, "", "", NULL, 0},
        {"{\"msg\":\"x\"", false, LGD_LEVEL_NONE, "", "", NULL, 0},
        {"{\"msg\":\"x\"} tail", false, LGD_LEVEL_NONE, "", "", NULL, 0},
        {"{\"msg\":\"x\",}", false, LGD_LEVEL_NONE, "", "", NULL, 0},
        {"{\"msg\":\"x\",\"a\":[}]}", false, LGD_LEVEL_NONE, "", "", NULL, 0},
        {"{\"msg\":\"x", false, LGD_LEVEL_NONE, "", "", NULL, 0},
        {"{\"msg\":\"x\\", false, LGD_LEVEL_NONE, "", "", NULL, 0},
        {"Traceback (most recent call last):", false, LGD_LEVEL_NONE, "", "", NULL, 0},
    };
    made *m = calloc(1, sizeof *m);
    ck_assert_ptr_nonnull(m);
    for (size_t i = 0; i < 10; i++) add_line(m, i % 5 ? rows[0].line : rows[17].line);
    lgd_profile *p = learn_profile(NULL, m->lines, m->n);
    ck_assert_str_eq(lgd_profile_name(p), "json");
    ck_assert_double_eq(fit_lines(p, m->lines, m->n), 0.8);
    check_named(p, rows, sizeof rows / sizeof rows[0]);
    lgd_profile_free(p);
    free(m);
}
END_TEST

/* 64 levels are read, 65 and 100,000 are text. */
START_TEST(test_json_depth) {
    static const named_row one[] = {{"{\"msg\":\"x\"}", true, LGD_LEVEL_NONE, "", "", "x", 0}};
    lgd_sv sample = lgd_sv_of(one[0].line);
    lgd_profile *p = learn_profile(NULL, &sample, 1);
    lgd_arena arena = {0};
    static const size_t depths[] = {64, 65, 100000};
    for (size_t i = 0; i < 3; i++) {
        size_t depth = depths[i] - 1;
        lgd_buf b = {0};
        lgd_buf_add_sv(&b, LGD_SV("{\"msg\":\"x\",\"a\":"));
        for (size_t k = 0; k < depth; k++) lgd_buf_add_char(&b, '[');
        for (size_t k = 0; k < depth; k++) lgd_buf_add_char(&b, ']');
        lgd_buf_add_char(&b, '}');
        lgd_cut c = cut_sv(p, &arena, lgd_buf_sv(&b));
        ck_assert(c.fits == (i == 0));
        ck_assert_uint_eq(c.header.message.n, i == 0 ? 1 : b.n);
        lgd_buf_release(&b);
    }
    lgd_profile_free(p);
    lgd_arena_release(&arena);
}
END_TEST

START_TEST(test_logfmt) {
    static const named_row rows[] = {
        {"time=\"2024-05-01T10:00:01Z\" level=info msg=\"pod \\\"a\\\" is up\" component=kubelet n=3", true,
         LGD_LEVEL_INFO, "kubelet", "", "pod \"a\" is up", 0},
        {"ts=1714557601 lvl=eror bare msg=done logger=x", true, LGD_LEVEL_NONE, "x", "", "done",
         INT64_C(1714557601000000000)},
        {"level=warn msg=\"open end pid=4 x=1", true, LGD_LEVEL_WARN, "", "4", "\"open", 0},
        {"a=1 b=2 c=3", false, LGD_LEVEL_NONE, "", "", NULL, 0},
        {"some text level=info msg=x a=1", false, LGD_LEVEL_NONE, "", "", NULL, 0},
    };
    made *m = calloc(1, sizeof *m);
    ck_assert_ptr_nonnull(m);
    for (size_t i = 0; i < 10; i++) add_line(m, rows[i % 3].line);
    lgd_profile *p = learn_profile(NULL, m->lines, m->n);
    ck_assert_str_eq(lgd_profile_name(p), "logfmt");
    check_named(p, rows, sizeof rows / sizeof rows[0]);
    lgd_profile_free(p);
    free(m);
}
END_TEST

START_TEST(test_levels) {
    static const struct {
        const char *word;
        lgd_level level;
    } rows[] = {{"TRACE", LGD_LEVEL_TRACE},
                {"finest", LGD_LEVEL_TRACE},
                {"V", LGD_LEVEL_TRACE},
                {"Debug", LGD_LEVEL_DEBUG},
                {"DEBUG5", LGD_LEVEL_DEBUG},
                {"info", LGD_LEVEL_INFO},
                {"Information", LGD_LEVEL_INFO},
                {"NOTICE", LGD_LEVEL_INFO},
                {"warn", LGD_LEVEL_WARN},
                {"WARNING", LGD_LEVEL_WARN},
                {"err", LGD_LEVEL_ERROR},
                {"Error", LGD_LEVEL_ERROR},
                {"FAILURE", LGD_LEVEL_ERROR},
                {"crit", LGD_LEVEL_FATAL},
                {"EMERGENCY", LGD_LEVEL_FATAL},
                {"panic", LGD_LEVEL_FATAL},
                {"F", LGD_LEVEL_FATAL},
                {"", LGD_LEVEL_NONE},
                {"x", LGD_LEVEL_NONE},
                {"errors", LGD_LEVEL_NONE},
                {"12", LGD_LEVEL_NONE},
                {"i", LGD_LEVEL_NONE},
                {"fail", LGD_LEVEL_ERROR},
                {"dbug", LGD_LEVEL_DEBUG},
                {"trce", LGD_LEVEL_TRACE},
                {"CONTEXT", LGD_LEVEL_INFO},
                {"Informational", LGD_LEVEL_INFO},
                {"informationally", LGD_LEVEL_NONE}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        ck_assert_msg(lgd_level_of(lgd_sv_of(rows[i].word)) == rows[i].level, "%s", rows[i].word);
    ck_assert_int_eq(lgd_level_of((lgd_sv){"inf\0", 4}), LGD_LEVEL_NONE);
}
END_TEST

/* ---- profiles as bytes ---- */

START_TEST(test_save_and_load) {
    const header_row *row = &header_rows[_i];
    made *m = make(row->header, 60);
    lgd_profile *p = learn_profile(NULL, m->lines, m->n), *again = learn_profile(NULL, m->lines, m->n), *q = NULL;
    ck_assert(lgd_profile_equal(p, again)); /* learning is deterministic */
    lgd_buf b = {0}, b2 = {0};
    lgd_err err = {0};
    ck_assert_int_eq(lgd_profile_save(p, &b, &err), LGD_OK);
    ck_assert_int_eq(lgd_profile_load(lgd_buf_sv(&b), &q, &err), LGD_OK);
    ck_assert(lgd_profile_equal(p, q));
    ck_assert_str_eq(lgd_profile_name(p), lgd_profile_name(q));
    ck_assert_int_eq(lgd_profile_save(q, &b2, &err), LGD_OK);
    ck_assert(lgd_sv_eq(lgd_buf_sv(&b), lgd_buf_sv(&b2)));
    lgd_profile_free(p);
    lgd_profile_free(again);
    lgd_profile_free(q);
    lgd_buf_release(&b);
    lgd_buf_release(&b2);
    free(m);
}
END_TEST

/* Every truncation is refused; every changed byte is refused or gives a profile that cuts without harm. */
START_TEST(test_hostile_load) {
    made *m = make(header_rows[3].header, 60);
    lgd_profile *p = learn_profile(NULL, m->lines, m->n), *q = NULL;
    lgd_buf b = {0};
    lgd_err err = {0};
    ck_assert_int_eq(lgd_profile_save(p, &b, &err), LGD_OK);
    for (size_t n = 0; n < b.n; n++) {
        lgd_err e = {0};
        ck_assert_int_eq(lgd_profile_load((lgd_sv){b.p, n}, &q, &e), LGD_E_DAMAGED);
        ck_assert_ptr_null(q);
    }
    size_t refused = 0, loaded = 0;
    lgd_arena arena = {0};
    for (size_t at = 0; at < b.n; at++) {
        char kept = b.p[at];
        for (unsigned value = 0; value < 256; value++) {
            b.p[at] = (char)value;
            lgd_err e = {0};
            if (lgd_profile_load(lgd_buf_sv(&b), &q, &e) != LGD_OK) {
                refused++;
                continue;
            }
            loaded++;
            lgd_cut c = cut_line(q, &arena, m->text[7]);
            ck_assert_uint_gt(c.header.message.n, 0);
            lgd_profile_free(q);
            q = NULL;
        }
        b.p[at] = kept;
    }
    ck_assert_uint_gt(refused, loaded);
    lgd_buf_add_char(&b, '\0');
    ck_assert_int_eq(lgd_profile_load(lgd_buf_sv(&b), &q, &err), LGD_E_DAMAGED);
    lgd_arena_release(&arena);
    lgd_buf_release(&b);
    lgd_profile_free(p);
    free(m);
}
END_TEST

/* Bytes that are no text: nothing but the contract is expected, for every kind of profile. */
START_TEST(test_hostile_lines) {
    static const char alphabet[] = "\0\xff[]{}()<>|:=\"\\ \t2024-05-01 10:00:00 INFO a.b[1]: - #.,x";
    lgd_rng rng;
    lgd_rng_init(&rng, 7);
    lgd_arena arena = {0};
    static const char *const samples[] = {"2024-05-01 10:00:01 host app[1]: x", "{\"msg\":\"x\"}",
                                          "a=1 level=info msg=x", "x|y|1714557601|INFO z"};
    for (size_t k = 0; k < sizeof samples / sizeof samples[0]; k++) {
        lgd_sv sample = lgd_sv_of(samples[k]);
        lgd_profile *p = learn_profile(NULL, &sample, 1);
        for (size_t i = 0; i < 5000; i++) {
            char line[96];
            size_t n = lgd_rng_below(&rng, sizeof line);
            for (size_t j = 0; j < n; j++) line[j] = alphabet[lgd_rng_below(&rng, sizeof alphabet - 1)];
            lgd_cut c = cut_sv(p, &arena, (lgd_sv){line, n});
            ck_assert(n == 0 || c.header.message.n > 0);
        }
        lgd_arena_clear(&arena);
        lgd_profile_free(p);
    }
    lgd_arena_release(&arena);
}
END_TEST

START_TEST(test_out_of_memory) {
    made *m = make(header_rows[0].header, 60);
    size_t failures = 0;
    for (uint64_t n = 1; n < 50; n++) {
        lgd_profile *p = NULL;
        lgd_err err = {0};
        lgd_alloc_fail_at(n, true);
        lgd_status status = lgd_profile_learn(NULL, m->lines, m->n, &p, &err);
        lgd_alloc_fail_at(0, false);
        if (status == LGD_OK) {
            lgd_profile_free(p);
            break;
        }
        ck_assert_int_eq(status, LGD_E_MEMORY);
        ck_assert_ptr_null(p);
        failures++;
    }
    ck_assert_uint_ge(failures, 2);
    free(m);
}
END_TEST

Suite *format_suite(void) {
    Suite *suite = suite_create("format");
    TCase *tc = tcase_create("format");
    const int n_headers = sizeof header_rows / sizeof header_rows[0];
    tcase_add_loop_test(tc, test_headers, 0, n_headers);
    tcase_add_test(tc, test_lines_unlike_the_others);
    tcase_add_test(tc, test_two_formats);
    tcase_add_test(tc, test_plain_text);
    tcase_add_test(tc, test_json);
    tcase_add_test(tc, test_json_depth);
    tcase_add_test(tc, test_logfmt);
    tcase_add_test(tc, test_levels);
    tcase_add_loop_test(tc, test_save_and_load, 0, n_headers);
    tcase_add_test(tc, test_hostile_load);
    tcase_add_test(tc, test_hostile_lines);
    tcase_add_test(tc, test_out_of_memory);
    suite_add_tcase(suite, tc);
    return suite;
}
