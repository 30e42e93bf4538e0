/*
 * Tests of stitching: which lines make one record. A case is the text of an input; each of its lines has one sign before
 * it that says what must come out: `=` starts a record, `+` continues the one before. The layout is voted on by all of it.
 */
#include "logdetect/input.h"

#include <check.h>
#include <stdlib.h>
#include <time.h>

Suite *stitch_suite(void);

static lgd_buf without_signs(lgd_sv text) {
    lgd_buf b = {0};
    bool start = true;
    for (size_t i = 0; i < text.n; i++) {
        if (!start) lgd_buf_add_char(&b, text.p[i]);
        start = text.p[i] == '\n';
    }
    return b;
}

static void check_stitching(const char *name, const char *text) {
    lgd_buf sample = without_signs(lgd_sv_of(text));
    lgd_line_state state = lgd_line_state_of(lgd_buf_sv(&sample));
    for (size_t number = 1; *text != '\0'; number++) {
        const size_t n = strcspn(text, "\n");
        const lgd_sv line = {text + 1, n - 1};
        const bool continues = lgd_line_continues(line, &state);
        ck_assert_msg(continues == (text[0] == '+'), "%s, line %zu: %.*s", name, number, (int)n, text);
        text += n + (text[n] == '\n');
    }
    lgd_buf_release(&sample);
}

/* clang-format off */
static const struct { const char *name, *text; } cases[] = {
{"java", "=2024-05-01 10:00:00 ERROR failed\n"
         "+java.lang.IllegalStateException: outer\n"
         "+\tat com.acme.A.run(A.java:1)\n"
         "+\tSuppressed: java.io.IOException: close\n"
         "+\t\tat com.acme.A.close(A.java:9)\n"
         "+\t\t... 1 more\n"
         "+Caused by: java.sql.SQLException: first line\n"
         "+second line of the text\n"
         "+\tat com.acme.B.read(B.java:2)\n"
         "+\t... 12 more\n"
         "=2024-05-01 10:00:01 INFO next\n"
         "=a line without a time\n"},
{"java, the text of a cause", "=2024-05-01 10:00:00 ERROR failed\n"
         "+java.lang.RuntimeException: bad input:\n"
         "+<doc>\n"
         "+</doc>\n"
         "=2024-05-01 10:00:01 INFO next\n"},
{"python", "=2024-05-01 10:00:00,000 ERROR app: failed\n"
           "+Traceback (most recent call last):\n"
           "+  File \"/srv/app.py\", line 3, in run\n"
           "+    return table[key]\n"
           "+           ~~~~~^^^^^\n"
           "+KeyError: 'x'\n"
           "+\n"
           "+During handling of the above exception, another exception occurred:\n"
           "+\n"
           "+Traceback (most recent call last):\n"
           "+  File \"/srv/app.py\", line 9, in main\n"
           "+    run()\n"
           "+app.errors.AppError: first line\n"
           "+DETAIL: second line\n"
           "+\n"
           "+The above exception was the direct cause of the following exception:\n"
           "+\n"
           "+Traceback (most recent call last):\n"
           "+  File \"/srv/app.py\", line 12, in <module>\n"
           "+SystemExit: 2\n"
           "=2024-05-01 10:00:01,000 INFO app: next\n"},
{"python without headers", "=starting\n"
           "+Traceback (most recent call last):\n"
           "+  File \"a.py\", line 1, in <module>\n"
           "+ValueError: x\n"
           "=stopped\n"},
{"python, frames that are not indented", "=12:00:07,101 ERROR Traceback (most recent call last):\n"
           "+File \"/srv/x\", line 72, in run\n"
           "+    serve(log)\n"
           "+libError: Failed to connect: No such file or directory\n"
           "=12:00:08,101 DEBUG call\n"},
{"python, a syntax error", "=2024-05-01 10:00:00 ERROR cannot load\n"
           "+  File \"a.py\", line 3\n"
           "+    x = = 1\n"
           "+        ^\n"
           "+SyntaxError: invalid syntax\n"
           "=2024-05-01 10:00:01 INFO next\n"},
{"python, each line with a header", "=2018-06-26 07:36:27.956 22928 ERROR rpc Traceback (most recent call last):\n"
           "=2018-06-26 07:36:27.956 22928 ERROR rpc   File \"/usr/lib/server.py\", line 160, in _process\n"
           "=2018-06-26 07:36:27.956 22928 ERROR rpc     res = self.dispatch(message)\n"
           "=2018-06-26 07:36:27.956 22928 ERROR rpc ValueError: x\n"},
{"go", "=listening on :80\n"
       "=panic: runtime error: index out of range [5] with length 3\n"
       "+[signal SIGSEGV: segmentation violation code=0x1 addr=0x0 pc=0x1]\n"
       "+\n"
       "+goroutine 1 [running]:\n"
       "+main.(*T).run(0xc000010000)\n"
       "+\t/srv/main.go:12 +0x1d\n"
       "+main.main()\n"
       "+\t/srv/main.go:20 +0x20\n"
       "+\n"
       "+goroutine 18 [chan receive, 5 minutes]:\n"
       "+created by main.main in goroutine 1\n"
       "+\t/srv/main.go:9 +0x12\n"
       "+exit status 2\n"
       "=listening on :80\n"},
{"go, behind a header", "=2024/05/01 10:00:00 http: panic serving 1.2.3.4:5: boom\n"
       "+goroutine 7 [running]:\n"
       "+net/http.(*conn).serve.func1(0xc000)\n"
       "+\t/usr/go/src/net/http/server.go:1 +0x1\n"
       "=2024/05/01 10:00:01 next\n"},
{"go, names alone", "=2025-04-24T22:09:20.856Z\terror\tqueue.go:128\tdropped\n"
       "+go.example.io/exporter/internal.NewQueueSender.func3\n"
       "+     go.example.io/exporter@v0.120.0/internal/queue_sender.go:128\n"
       "+go.example.io/exporter/batcher.(*disabledBatcher[...]).Consume\n"
       "+     go.example.io/exporter@v0.120.0/batcher/disabled.go:23\n"
       "=2025-04-24T22:09:21.256Z\tinfo\tMetrics\n"},
{"javascript", "=2024-05-01T10:00:00Z error: request failed\n"
       "+Error: connect ECONNREFUSED 127.0.0.1:80\n"
       "+    at TCPConnectWrap.afterConnect [as oncomplete] (node:net:1555:16)\n"
       "+    at async run (/srv/x.js:1:2) {\n"
       "+  errno: -111,\n"
       "+  nested: {\n"
       "+    a: 1\n"
       "+  }\n"
       "+}\n"
       "=2024-05-01T10:00:01Z info: next\n"},
{"javascript, not caught", "=/srv/x.js:3\n"
       "+    throw new Error('x');\n"
       "+    ^\n"
       "+\n"
       "+TypeError [ERR_X]: x\n"
       "+    at Object.<anonymous> (/srv/x.js:3:11)\n"
       "+\n"
       "+Node.js v18.0.0\n"
       "=listening on 80\n"
       "=ready\n=ready\n=ready\n=ready\n"},
{".net", "=2024-05-01 10:00:00 fail: Unhandled\n"
       "+System.InvalidOperationException: outer\n"
       "+ ---> System.Exception: inner\n"
       "+   at Acme.A.Run(String x) in C:\\src\\A.cs:line 3\n"
       "+   --- End of inner exception stack trace ---\n"
       "+   at Acme.B.Run()\n"
       "+--- End of stack trace from previous location ---\n"
       "+   at Acme.C.Run()\n"
       "=2024-05-01 10:00:01 info: next\n"},
{"ruby", "=app.rb:12:in 'run': no table (RuntimeError)\n"
       "+\tfrom app.rb:20:in 'main'\n"
       "=E, [2024-05-01T10:00:00 #1] ERROR -- : failed\n"
       "+app/models/x.rb:12:in `save'\n"
       "+app/models/y.rb:2:in `block in run'\n"
       "=I, [2024-05-01T10:00:01 #1]  INFO -- : next\n"},
{"php", "=PHP Fatal error:  Uncaught Exception: x in /srv/x.php:3\n"
       "+Stack trace:\n"
       "+#0 /srv/x.php(12): f()\n"
       "+#1 {main}\n"
       "+\n"
       "+Next LogicException: y in /srv/x.php:5\n"
       "+Stack trace:\n"
       "+#0 {main}\n"
       "+  thrown in /srv/x.php on line 5\n"
       "=PHP Notice:  next\n"
       "=PHP Notice:  next\n"},
{"php, a framework's log", "=[2023-05-15 18:19:32] local.ERROR: x {\"exception\":\"[object] (Exception(code: 0): x at /x.php:9)\n"
       "+[stacktrace]\n"
       "+#0 /srv/x.php(12): A\\\\B->f('x')\n"
       "+#1 {main}\n"
       "+\n"
       "+[previous exception] [object] (ReflectionException(code: -1): x at /x.php:7)\n"
       "+[stacktrace]\n"
       "+#0 {main}\n"
       "+\"} \n"
       "=[2023-05-15 18:19:33] local.ERROR: x\n"},
{"rust", "=starting\n"
       "=thread 'main' panicked at src/main.rs:2:5:\n"
       "+index out of bounds: the len is 3 but the index is 5\n"
       "+stack backtrace:\n"
       "+   0: rust_begin_unwind\n"
       "+             at /rustc/1/library/std/src/panicking.rs:5:5\n"
       "+   1: app::run\n"
       "+note: Some details are omitted\n"
       "=stopped\n"
       "=stopped\n=stopped\n=stopped\n=stopped\n=stopped\n"},
{"json, one object each", "={\n"
       "+    \"a\": {\n"
       "+        \"b\": [\n"
       "+            \"}\"\n"
       "+        ]\n"
       "+    },\n"
     "+    \"times\": [\n"
     "+        1583349513.89,\n"
     "+        1583349514\n"
     "+    ],\n"
       "+    \"c\": 1\n"
       "+}\n"
       "={\n"
       "+\"a\": 1\n"
       "+}\n"
       "={\"a\": 1,\n"
       "+ \"b\": 2}\n"
       "={\"a\": 1}\n"
       "={\"a\": 1},\n"
       "={\"a\": 1}\n"},
{"json, an array of objects", "=[\n"
       "=  {\n"
       "+    \"a\": 1\n"
       "+  },\n"
       "=  {\n"
       "+    \"a\": 2\n"
       "+  }\n"
       "=]\n"},
{"json, behind a header", "=2024-05-01 10:00:00 INFO config: {\n"
       "+  \"a\": [\n"
       "+    1\n"
       "+  ]\n"
       "+}\n"
       "=2024-05-01 10:00:00 INFO answer:\n"
       "+{\n"
       "+  \"a\": 1\n"
       "+}\n"
       "=2024-05-01 10:00:01 INFO next\n"},
{"a brace that never closes", "=2024-05-01 10:00:00 INFO odd {\n"
       "=2024-05-01 10:00:00 INFO next\n"
       "=odd [\n"
       "=10:00:00 next\n"
       "+{\n"
       "=ERROR next\n"
       "=odd {\n"
       "=text\n"},
{"mysql slow log", "=/usr/sbin/mysqld, Version: 8.0.1 (MySQL). started with:\n"
       "=Tcp port: 3306  Unix socket: /run/mysqld.sock\n"
       "=Time                 Id Command    Argument\n"
       "=# Time: 2021-01-26T23:45:57.678222Z\n"
       "+# User@Host: x[x] @ localhost []  Id:     2\n"
       "+# Query_time: 0.011853  Lock_time: 0.011542\n"
       "+use x;\n"
       "+SET timestamp=1611704757;\n"
       "+SELECT *\n"
       "+\n"
       "+FROM t;\n"
       "=# User@Host: x[x] @ localhost []  Id:     2\n"
       "+# Query_time: 0.011853  Lock_time: 0.011542\n"
       "+# administrator command: Ping;\n"
       "=# Time: 071015 21:43:52\n"
       "+# User@Host: x[x] @ localhost []  Id:     2\n"
       "=/usr/sbin/mysqld, Version: 8.0.1 (MySQL). started with:\n"},
{"sql, more indented lines than others", "=2025-04-12 00:14:12.837 CEST [13] STATEMENT:  create table t (\n"
       "+\t    id smallserial primary key,\n"
       "+\t    -- comment\n"
       "+\t    created timestamp\n"
       "+\t);\n"
       "=2025-04-12 00:14:12.884 CEST [13] WARNING:  x\n"},
{"indented for another reason", "=  1 a\n= 12 b\n=  3 c\n=110 d\n"},
{"indented behind a blank line", "=a\n=b\n=c\n=d\n=\n=  e\n=f\n"},
};
/* clang-format on */

START_TEST(test_structures_of_several_lines) { check_stitching(cases[_i].name, cases[_i].text); }
END_TEST

static lgd_line_state opened(const char *line, bool dated) {
    lgd_line_state state = {.indent = true, .dated = dated};
    (void)lgd_line_continues(lgd_sv_of(line), &state);
    return state;
}

START_TEST(test_braces_and_texts_end_by_number) {
    lgd_line_state state = opened("odd {", false);
    size_t n = 0;
    while (lgd_line_continues(LGD_SV("\"a\": 1,"), &state)) n++;
    ck_assert_uint_eq(n, 500);
    state = opened("java.io.IOException: text", true);
    for (n = 0; lgd_line_continues(LGD_SV("more text"), &state);) n++;
    ck_assert_uint_eq(n, 20);
}
END_TEST

START_TEST(test_lines_that_start_a_record) {
    static const char *const dated[] = {
        "2024-05-01 10:00",  "[2024/05/01 10", "05-01 10:00:07", "05/01/24 1", "10:00:07.1 x", "081109 203615 x",
        "20240501T100007",   "1714557601.5 x", "May  1 10:00",   "Wed May 01", "Wed, 01 May",  "I0501 10:00:07",
        "<34>1 2003-10-11T", "<34>Oct 11 22",  "ERROR: x",       "[info] x",   "[ERROR] x",    "20240501100007 x"};
    static const char *const others[] = {"",      "May",      "Marching on", "12 monkeys",  "1.5 litres",
                                         "2024",  "Error: x", "ERRORS x",    "information", "Sunday",
                                         "(1) x", "<b>",      "10-20 items"};
    lgd_line_state state;
    for (size_t i = 0; i < sizeof dated / sizeof *dated; i++) {
        state = opened("java.io.IOException: text", true);
        ck_assert_msg(!lgd_line_continues(lgd_sv_of(dated[i]), &state), "%s", dated[i]);
    }
    for (size_t i = 1; i < sizeof others / sizeof *others; i++) {
        state = opened("java.io.IOException: text", true);
        ck_assert_msg(lgd_line_continues(lgd_sv_of(others[i]), &state), "%s", others[i]);
    }
}
END_TEST

/* Every state sees every line of all cases, whole and cut: no crash, and no state that takes a log for ever. */
START_TEST(test_no_structure_takes_a_healthy_log) {
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        for (const char *p = cases[i].text; *p != '\0'; p += strcspn(p, "\n"), p += *p == '\n') {
            for (int dated = 0; dated < 2; dated++) {
                lgd_line_state state = {.indent = true, .dated = dated};
                (void)lgd_line_continues((lgd_sv){p + 1, strcspn(p, "\n") - 1}, &state);
                ck_assert_msg(!lgd_line_continues(LGD_SV("2024-05-01 10:00:00 INFO healthy"), &state), "%s", p);
                ck_assert(!lgd_line_continues(LGD_SV("2024-05-01 10:00:01 INFO healthy"), &state));
            }
        }
    }
}
END_TEST

/* Each beginning of each line, in a block of its own so that a look behind its end is seen. */
static void check_beginnings(lgd_sv line) {
    for (size_t n = 0; n <= line.n; n++) {
        char *bytes = malloc(n + (n == 0));
        ck_assert_ptr_nonnull(bytes);
        memcpy(bytes, line.p, n);
        for (int dated = 0; dated < 2; dated++) {
            lgd_line_state state = opened("java.io.IOException: text", dated);
            (void)lgd_line_continues((lgd_sv){bytes, n}, &state);
            (void)lgd_line_continues((lgd_sv){bytes, n}, &state);
        }
        free(bytes);
    }
}

START_TEST(test_lines_cut_anywhere_do_no_harm) {
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        for (const char *p = cases[i].text; *p != '\0'; p += strcspn(p, "\n"), p += *p == '\n')
            check_beginnings((lgd_sv){p + 1, strcspn(p, "\n") - 1});
    check_beginnings(LGD_SV("I0501 10:00:07"));
    check_beginnings(LGD_SV("<34>1 2003-10-11T22:14:15.003Z"));
    check_beginnings(LGD_SV("Wed, 01 May 2024"));
}
END_TEST

START_TEST(test_long_lines_cost_little) {
    enum { N = 1 << 20 };
    char *bytes = malloc(N);
    ck_assert_ptr_nonnull(bytes);
    static const char fill[] = "{[\"a.'(#:0";
    const clock_t begin = clock();
    for (size_t k = 0; k < sizeof fill - 1; k++) {
        memset(bytes, fill[k], N);
        lgd_line_state state = {.indent = true, .dated = true};
        for (int i = 0; i < 3; i++) (void)lgd_line_continues((lgd_sv){bytes, N}, &state);
    }
    ck_assert_msg(clock() - begin < 5 * CLOCKS_PER_SEC, "too slow");
    free(bytes);
}
END_TEST

Suite *stitch_suite(void) {
    Suite *suite = suite_create("stitch");
    TCase *tests = tcase_create("stitch");
    tcase_add_loop_test(tests, test_structures_of_several_lines, 0, (int)(sizeof cases / sizeof *cases));
    tcase_add_test(tests, test_braces_and_texts_end_by_number);
    tcase_add_test(tests, test_lines_that_start_a_record);
    tcase_add_test(tests, test_no_structure_takes_a_healthy_log);
    tcase_add_test(tests, test_lines_cut_anywhere_do_no_harm);
    tcase_add_test(tests, test_long_lines_cost_little);
    suite_add_tcase(suite, tests);
    return suite;
}
