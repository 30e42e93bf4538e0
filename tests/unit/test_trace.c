/*
 * Tests of records of several lines as one event: the same exception at the same place with other values is the same
 * signature, another exception or another function on top is another one, with another first word.
 */
#include "logdetect/format.h"
#include "logdetect/template.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

Suite *trace_suite(void);

/* A record whose message starts `skip` bytes into its first line. */
static lgd_record record_of(lgd_sv text) {
    lgd_record r = {.text = text, .n_lines = 1, .line = 1};
    const char *end = memchr(text.p, '\n', text.n);
    r.head_n = (uint32_t)(end != NULL ? (size_t)(end - text.p) : text.n);
    for (size_t i = 0; i < text.n; i++) r.n_lines += text.p[i] == '\n';
    return r;
}

static lgd_sv message_of(lgd_sv text, lgd_arena *arena) {
    const lgd_record r = record_of(text);
    lgd_cut cut = {.header.message = lgd_record_line(&r)};
    lgd_err err = {0};
    ck_assert_int_eq(lgd_record_message(&r, arena, &cut, &err), LGD_OK);
    return cut.header.message;
}

static lgd_sv signature_of(lgd_lexer *x, lgd_arena *arena, const char *text, lgd_sv *ret_message) {
    lgd_signature s;
    lgd_sv copy;
    lgd_err err = {0};
    *ret_message = message_of(lgd_sv_of(text), arena);
    ck_assert_int_eq(lgd_lex(x, *ret_message, &s, &err), LGD_OK);
    ck_assert(lgd_arena_copy(arena, s.bytes, &copy));
    return copy;
}

static lgd_sv first_word(lgd_sv message) {
    size_t n = 0;
    while (n < message.n && message.p[n] != ' ') n++;
    return (lgd_sv){message.p, n};
}

/* clang-format off */
/* Three texts of a record, `%` between them: the second is the same event as the first, the third is not. */
static const struct { const char *name, *a, *same, *other; } kinds[] = {
{"java",
 "failed\njava.lang.IllegalStateException: no user 'alice' (17)\n"
 "\tat com.acme.Service.save(Service.java:42)\n\tat com.acme.Service.lambda$run$3(Service.java:50)\n"
 "\tat com.acme.Proxy$$Lambda$12/0x0000000800c.run(Unknown Source)\n\tat java.base/java.lang.Thread.run(Thread.java:829)",
 "failed\njava.lang.IllegalStateException: no user 'bob or eve' (4)\n"
 "\tat com.acme.Service.save(Service.java:43)\n\tat com.acme.Service.lambda$run$7(Service.java:51)\n"
 "\tat com.acme.Proxy$$Lambda$345/0x0000000801d.run(Unknown Source)\n\tat java.lang.Thread.run(Thread.java:748)",
 "failed\njava.lang.IllegalStateException: no user 'alice' (17)\n"
 "\tat com.acme.Service.load(Service.java:42)\n\tat com.acme.Service.lambda$run$3(Service.java:50)\n"
 "\tat com.acme.Proxy$$Lambda$12/0x0000000800c.run(Unknown Source)\n\tat java.base/java.lang.Thread.run(Thread.java:829)"},
{"java, the root",
 "failed\njava.lang.RuntimeException: x\n\tat a.B.c(B.java:1)\n\tSuppressed: java.io.IOException: y\n\t\tat a.B.close(B.java:2)\n"
 "Caused by: java.sql.SQLException: to 10.0.0.1:5432\n\tat org.pg.Driver.connect(D.java:2)\n\t... 12 more",
 "failed\njava.lang.RuntimeException: x\n\tat a.B.c(B.java:9)\n"
 "Caused by: java.sql.SQLException: to 10.0.0.7:5432\n\tat org.pg.Driver.connect(D.java:7)\n\t... 2 more",
 "failed\njava.lang.RuntimeException: x\n\tat a.B.c(B.java:1)\n"
 "Caused by: java.net.ConnectException: to 10.0.0.1:5432\n\tat org.pg.Driver.connect(D.java:2)\n\t... 12 more"},
{"java, the exception is the first line",
 "java.lang.IllegalArgumentException: 17\n\tat a.B.c(B.java:1)",
 "java.lang.IllegalArgumentException: 4\n\tat a.B.c(B.java:2)",
 "java.lang.UnsupportedOperationException: 17\n\tat a.B.c(B.java:1)"},
{"python",
 "failed\nTraceback (most recent call last):\n  File \"/srv/app/main.py\", line 9, in <module>\n    run()\n"
 "  File \"/srv/app/handler.py\", line 3, in run\n    return t[key]\nKeyError: 'x'",
 "failed\nTraceback (most recent call last):\n  File \"/opt/app/main.py\", line 19, in <module>\n    run(5)\n"
 "  File \"/opt/app/handler.py\", line 4, in run\n    return t[key]\n           ~^^^^^\nKeyError: 'some key'",
 "failed\nTraceback (most recent call last):\n  File \"/srv/app/main.py\", line 9, in <module>\n    run()\n"
 "  File \"/srv/app/handler.py\", line 3, in stop\n    return t[key]\nKeyError: 'x'"},
{"python, chained",
 "Traceback (most recent call last):\n  File \"a.py\", line 3, in get\n    t[k]\nKeyError: 'x'\n\n"
 "During handling of the above exception, another exception occurred:\n\nTraceback (most recent call last):\n"
 "  File \"b.py\", line 3, in run\n    get()\nb.AppError: lookup 5",
 "Traceback (most recent call last):\n  File \"a.py\", line 5, in get\n    t[k]\nKeyError: 'y'\n\n"
 "During handling of the above exception, another exception occurred:\n\nTraceback (most recent call last):\n"
 "  File \"b.py\", line 6, in run\n    get()\nb.AppError: lookup 7",
 "Traceback (most recent call last):\n  File \"a.py\", line 3, in get\n    t[k]\nKeyError: 'x'\n\n"
 "During handling of the above exception, another exception occurred:\n\nTraceback (most recent call last):\n"
 "  File \"b.py\", line 3, in run\n    get()\nb.UserError: lookup 5"},
{"go",
 "http: panic serving 1.2.3.4:5: boom\ngoroutine 7 [running]:\nnet/http.(*conn).serve.func1(0xc000)\n"
 "\t/usr/go/src/net/http/server.go:1 +0x1\npanic({0x1, 0x2})\n\t/usr/x.go:2\nmain.(*T).run(0xc0, {0x1, 0x3})\n\t/srv/main.go:12 +0x1d",
 "http: panic serving 1.2.3.5:6: boom\ngoroutine 9 [running]:\nnet/http.(*conn).serve.func2(0xc001)\n"
 "\t/usr/go/src/net/http/server.go:2 +0x2\npanic({0x2, 0x2})\n\t/usr/x.go:2\nmain.(*T).run(0xc1)\n\t/opt/main.go:13 +0x1e",
 "http: panic serving 1.2.3.4:5: boom\ngoroutine 7 [running]:\nnet/http.(*conn).serve.func1(0xc000)\n"
 "\t/usr/go/src/net/http/server.go:1 +0x1\npanic({0x1, 0x2})\n\t/usr/x.go:2\nmain.(*T).stop(0xc0, {0x1, 0x3})\n\t/srv/main.go:12 +0x1d"},
{"go, several goroutines",
 "panic: index out of range [5] with length 3\n\ngoroutine 1 [running]:\nmain.f(0x1)\n\t/a.go:1\n\ngoroutine 2 [select]:\nmain.g()\n\t/a.go:2",
 "panic: index out of range [7] with length 6\n\ngoroutine 8 [running]:\nmain.f(0x2)\n\t/a.go:3\n\ngoroutine 2 [select]:\nmain.h()\n\t/a.go:2",
 "panic: index out of range [5] with length 3\n\ngoroutine 1 [running]:\nmain.g(0x1)\n\t/a.go:1"},
{"go, names alone",
 "dropped\ngo.example.io/internal.NewSender.func3\n     go.example.io/internal@v0.120.0/s.go:128\nruntime.goexit\n\t/usr/a.s:1",
 "dropped\ngo.example.io/internal.NewSender.func12\n     go.example.io/internal@v0.121.0/s.go:130\nruntime.goexit\n\t/usr/a.s:2",
 "dropped\ngo.example.io/internal.NewQueue.func3\n     go.example.io/internal@v0.120.0/s.go:128"},
{"javascript",
 "failed\nError: connect ECONNREFUSED 127.0.0.1:80\n    at TCP.afterConnect [as oncomplete] (node:net:1555:16)\n"
 "    at async Object.<anonymous> (/srv/y.js:1:2) {\n  errno: -111\n}",
 "failed\nError: connect ECONNREFUSED 127.0.0.2:443\n    at TCP.afterConnect [as oncomplete] (node:net:1666:16)\n"
 "    at async Object.<anonymous> (/opt/y.js:3:4) {\n  errno: -111\n}",
 "failed\nTypeError: connect ECONNREFUSED 127.0.0.1:80\n    at TCP.afterConnect [as oncomplete] (node:net:1555:16)\n"
 "    at async Object.<anonymous> (/srv/y.js:1:2)"},
{"javascript, functions without names",
 "failed\nError: x\n    at /srv/app/x.js:1:2\n    at new Store (/srv/store.js:3:4)",
 "failed\nError: x\n    at /opt/app/x.js:5:6\n    at new Store (/opt/store.js:7:8)",
 "failed\nError: x\n    at /srv/app/y.js:1:2\n    at new Store (/srv/store.js:3:4)"},
{".net",
 "failed\nSystem.InvalidOperationException: order 5\n ---> System.Exception: inner\n   at Acme.A.Run(String x) in C:\\src\\A.cs:line 3\n"
 "   --- End of inner exception stack trace ---\n   at Acme.B.<Run>d__3.MoveNext() in C:\\src\\B.cs:line 8",
 "failed\nSystem.InvalidOperationException: order 7\n ---> System.Exception: inner\n   at Acme.A.Run(String x) in D:\\build\\A.cs:line 4\n"
 "   --- End of inner exception stack trace ---\n   at Acme.B.<Run>d__5.MoveNext()",
 "failed\nSystem.InvalidOperationException: order 5\n ---> System.ArgumentException: inner\n   at Acme.A.Run(String x) in C:\\src\\A.cs:line 3\n"
 "   --- End of inner exception stack trace ---\n   at Acme.B.<Run>d__3.MoveNext() in C:\\src\\B.cs:line 8"},
{"ruby",
 "app.rb:12:in 'run': no table (RuntimeError)\n\tfrom app.rb:20:in 'block in serve'\n\tfrom app.rb:30:in '<main>'",
 "app.rb:13:in 'run': no table (RuntimeError)\n\tfrom app.rb:21:in 'block (2 levels) in serve'\n\tfrom app.rb:31:in '<main>'",
 "app.rb:12:in 'run': no table (KeyError)\n\tfrom app.rb:20:in 'block in serve'\n\tfrom app.rb:30:in '<main>'"},
{"php",
 "PHP Fatal error:  Uncaught Exception: x in /srv/x.php:3\nStack trace:\n#0 /srv/x.php(12): Foo\\Bar->run('x')\n#1 [internal function]: f()\n#2 {main}\n  thrown in /srv/x.php on line 3",
 "PHP Fatal error:  Uncaught Exception: x in /opt/x.php:4\nStack trace:\n#0 /opt/x.php(13): Foo\\Bar->run('y')\n#1 [internal function]: f(2)\n#2 {main}\n  thrown in /opt/x.php on line 4",
 "PHP Fatal error:  Uncaught Exception: x in /srv/x.php:3\nStack trace:\n#0 /srv/x.php(12): Foo\\Bar->stop('x')\n#1 [internal function]: f()\n#2 {main}\n  thrown in /srv/x.php on line 3"},
{"rust",
 "thread 'main' panicked at src/main.rs:2:5:\nindex out of bounds: the len is 3 but the index is 5\nstack backtrace:\n"
 "   0: rust_begin_unwind\n             at /rustc/1/std/src/panicking.rs:5:5\n   1: core::panicking::panic_fmt\n"
 "   2: app::db::Pool<T>::get::h0123456789abcdef\n             at /srv/src/db.rs:5:5\n   3: app::main",
 "thread 'main' panicked at src/main.rs:3:6:\nindex out of bounds: the len is 4 but the index is 9\nstack backtrace:\n"
 "   0: rust_begin_unwind\n             at /rustc/2/std/src/panicking.rs:6:6\n   1: core::panicking::panic_fmt\n"
 "   2: app::db::Pool<T>::get::hfedcba9876543210\n             at /opt/src/db.rs:7:7\n   3: app::main",
 "thread 'main' panicked at src/main.rs:2:5:\nindex out of bounds: the len is 3 but the index is 5\nstack backtrace:\n"
 "   0: rust_begin_unwind\n             at /rustc/1/std/src/panicking.rs:5:5\n   1: core::panicking::panic_fmt\n"
 "   2: app::db::Pool<T>::put::h0123456789abcdef\n             at /srv/src/db.rs:5:5\n   3: app::main"},
{"gdb",
 "crashed\n#0  0x00007f1 in raise () from /lib/libc.so.6\n#1  main (argc=1) at x.c:3",
 "crashed\n#0  0x00007f2 in raise () from /lib/libc.so.6\n#1  main (argc=2) at x.c:4",
 "crashed\n#0  0x00007f1 in abort () from /lib/libc.so.6\n#1  main (argc=1) at x.c:3"},
{"kernel",
 "BUG: unable to handle page fault\nCall Trace:\n [<ffffffff810>] do_sys+0x1/0x2\n ? entry+0x44/0xa9",
 "BUG: unable to handle page fault\nCall Trace:\n [<ffffffff910>] do_sys+0x5/0x2\n ? entry+0x45/0xa9",
 "BUG: unable to handle page fault\nCall Trace:\n [<ffffffff810>] do_irq+0x1/0x2\n ? entry+0x44/0xa9"},
{"mysql slow log",
 "# Time: 2021-01-26T23:45:57.678222Z\n# User@Host: x[x] @ localhost []  Id:     2\n# Query_time: 0.011853  Lock_time: 0.011542\n"
 "use x;\nSET timestamp=1611704757;\nSELECT *\nFROM t WHERE a=5;",
 "# User@Host: y[y] @ localhost []  Id:     3\n# Query_time: 2  Lock_time: 0\nSET timestamp=1611704758;\nSELECT *\nFROM t WHERE a=17;",
 "# User@Host: y[y] @ localhost []  Id:     3\n# Query_time: 2  Lock_time: 0\nSET timestamp=1611704758;\nDELETE\nFROM t WHERE a=17;"},
{"plain text", "the first line says it\n  and this more", "the first line says it\n  and that less\n  or", "another first line\n  and this more"},
{"plain text, an empty first line", "{\n  state: 5\n}", "{\n  state: 7\n}", "{\n  color: 5\n}"},
};
/* clang-format on */

START_TEST(test_same_place_same_event) {
    lgd_lexer lexer = {0};
    lgd_arena arena = {0};
    lgd_sv m[3], s[3];
    const char *const texts[] = {kinds[_i].a, kinds[_i].same, kinds[_i].other};
    for (size_t k = 0; k < 3; k++) s[k] = signature_of(&lexer, &arena, texts[k], &m[k]);
    ck_assert_msg(lgd_sv_eq(s[0], s[1]), "%s:\n%.*s\n%.*s", kinds[_i].name, (int)m[0].n, m[0].p, (int)m[1].n, m[1].p);
    ck_assert_msg(!lgd_sv_eq(s[0], s[2]), "%s: %.*s", kinds[_i].name, (int)m[2].n, m[2].p);
    const bool is_trace = strstr(texts[0], "\n\tat ") || strstr(texts[0], "File \"");
    ck_assert_msg(!is_trace || !lgd_sv_eq(first_word(m[0]), first_word(m[2])), "%s: %.*s", kinds[_i].name, (int)m[2].n,
                  m[2].p);
    lgd_lexer_release(&lexer);
    lgd_arena_release(&arena);
}
END_TEST

START_TEST(test_what_messages_say) {
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"one line", "one line"},
        {"failed\njava.io.IOException: to 'x y': no\n\tat a.B.c(B.java:1)\n\tat a.B.d(B.java:2)\n\tat "
         "a.B.e(B.java:2)\n\tat f.g",
         "IOException/B.c: failed java.io.IOException: to '...': no at a.B.c a.B.d a.B.e"},
        {"Exception in thread \"main\" a.b.FooException: x\n\tat a.B.c(B.java:1)\nCaused by: a.b.BarError\n\tat "
         "a.C.<init>(C.java:1)",
         "FooException/BarError/B.c: Exception in thread \"main\" a.b.FooException: x a.b.BarError: at a.B.c a.C.init"},
        {"failed\nTraceback (most recent call last):\n  File \"/srv/v2/a.py\", line 1, in <module>\n    "
         "f()\nValueError",
         "ValueError/a.module: failed ValueError: at a.module"},
        {"text that says it:\n\tand more", "text that says it:"},
        {"Reply:\n  <ok/>\n\n  done", "Reply: <ok/> done"},
        {"{   'Log': set(['1.0']),\n    'b': set(['1.1'])}", "{   'Log': set(['1.0']),"},
        {"{\n  \"msg\": 1\n}\n", "{\n  \"msg\": 1\n}"},
    };
    lgd_arena arena = {0};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const lgd_sv m = message_of(lgd_sv_of(cases[i].text), &arena);
        ck_assert_msg(lgd_sv_eq(m, lgd_sv_of(cases[i].message)), "%zu: %.*s", i, (int)m.n, m.p);
    }
    lgd_arena_release(&arena);
}
END_TEST

START_TEST(test_a_trace_in_the_message_of_a_json_line) {
    lgd_arena arena = {0};
    lgd_err err = {0};
    const lgd_record r = record_of(LGD_SV("{\"message\":\"failed\\njava.io.IOException: x\\n\\tat a.B.c(B.java:1)\"}"));
    lgd_cut cut = {.header.message = LGD_SV("failed\njava.io.IOException: x\n\tat a.B.c(B.java:1)")};
    ck_assert_int_eq(lgd_record_message(&r, &arena, &cut, &err), LGD_OK);
    ck_assert(lgd_sv_eq(cut.header.message, LGD_SV("IOException/B.c: failed java.io.IOException: x at a.B.c")));
    lgd_arena_release(&arena);
}
END_TEST

/* unit, n times, behind a first line. */
static void check_bounded(const char *name, const char *head, const char *unit, size_t n) {
    lgd_buf b = {0};
    lgd_arena arena = {0};
    lgd_buf_printf(&b, "%s", head);
    for (size_t i = 0; i < n; i++) lgd_buf_printf(&b, "%s", unit);
    const clock_t begin = clock();
    const lgd_sv m = message_of(lgd_buf_sv(&b), &arena);
    ck_assert_msg(clock() - begin < 2 * CLOCKS_PER_SEC, "%s: too slow", name);
    ck_assert_msg(m.n <= strlen(head) + 2048, "%s: %zu bytes", name, m.n);
    lgd_arena_release(&arena);
    lgd_buf_release(&b);
}

START_TEST(test_hostile_traces_are_bounded) {
    check_bounded("frames", "x", "\n\tat a.b.C.d(C.java:1)", 1000);
    check_bounded("causes", "x", "\nCaused by: a.b.CException: text\n\tat a.b.C.d(C.java:1)", 1000);
    check_bounded("a long name", "x\n\tat ", "name.", 200000);
    check_bounded("a long file", "x\nTraceback (most recent call last):\n  File \"", "/name", 200000);
    check_bounded("a long text", "x\njava.io.IOException: ", "'a \"b `c ", 100000);
    check_bounded("blank lines", "x", "\n", 1000000);
    check_bounded("brackets", "x\n\tat a[", "<[(", 300000);
    check_bounded("a long statement", "# Query_time: 1\n", "select ", 100000);
    check_bounded("short lines", "x", "\na", 500000);
}
END_TEST

/* Each beginning of each text, in a block of its own so that a look behind its end is seen. */
START_TEST(test_texts_cut_anywhere_do_no_harm) {
    lgd_arena arena = {0};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        for (size_t n = 1; n < strlen(kinds[i].a); n++) {
            char *bytes = malloc(n);
            ck_assert_ptr_nonnull(bytes);
            memcpy(bytes, kinds[i].a, n);
            (void)message_of((lgd_sv){bytes, n}, &arena);
            free(bytes);
        }
    }
    lgd_arena_release(&arena);
}
END_TEST

START_TEST(test_times_of_slow_log_entries) {
    static const struct {
        const char *text;
        int64_t epoch_s;
        int hour; /* -1: it is since 1970 */
    } cases[] = {
        {"# Time: 2021-01-26T23:45:57Z\n# Query_time: 1\nSET timestamp=1611704750;\nSELECT 1;", 0, 23},
        {"# Time: 071015 21:43:52\n# Query_time: 1\nSET timestamp=1611704757;\nSELECT 1;", 1611704757, -1},
        {"# Time: 071015  1:43:52\n# Query_time: 1\nSELECT 1;", 0, 1},
        {"# User@Host: x\n# Query_time: 1\nSET insert_id=5,timestamp=1611704757;\nSELECT 1;", 1611704757, -1},
    };
    lgd_arena arena = {0};
    lgd_err err = {0};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const lgd_record r = record_of(lgd_sv_of(cases[i].text));
        lgd_cut cut = {.header.message = lgd_record_line(&r)};
        ck_assert_int_eq(lgd_record_message(&r, &arena, &cut, &err), LGD_OK);
        ck_assert_msg(cut.has_time && cut.written.is_epoch == (cases[i].hour < 0), "%zu", i);
        if (cut.written.is_epoch) ck_assert_int_eq(cut.written.epoch_ns, cases[i].epoch_s * INT64_C(1000000000));
        if (!cut.written.is_epoch) ck_assert_int_eq(cut.written.hour, cases[i].hour);
        ck_assert(lgd_sv_eq(cut.header.message, LGD_SV("Query_time: 1 SELECT 1;")));
    }
    lgd_arena_release(&arena);
}
END_TEST

START_TEST(test_memory_that_runs_out_is_told) {
    lgd_arena arena = {0};
    lgd_err err = {0};
    const lgd_record r = record_of(LGD_SV("failed\njava.io.IOException: x\n\tat a.B.c(B.java:1)"));
    lgd_cut cut = {.header.message = lgd_record_line(&r)};
    lgd_alloc_fail_at(1, true);
    const lgd_status status = lgd_record_message(&r, &arena, &cut, &err);
    lgd_alloc_fail_at(0, false);
    ck_assert_int_eq(status, LGD_E_MEMORY);
    ck_assert_int_eq(err.status, LGD_E_MEMORY);
    lgd_arena_release(&arena);
}
END_TEST

Suite *trace_suite(void) {
    Suite *suite = suite_create("trace");
    TCase *tests = tcase_create("trace");
    tcase_set_timeout(tests, 60);
    tcase_add_loop_test(tests, test_same_place_same_event, 0, (int)(sizeof kinds / sizeof *kinds));
    tcase_add_test(tests, test_what_messages_say);
    tcase_add_test(tests, test_a_trace_in_the_message_of_a_json_line);
    tcase_add_test(tests, test_hostile_traces_are_bounded);
    tcase_add_test(tests, test_texts_cut_anywhere_do_no_harm);
    tcase_add_test(tests, test_times_of_slow_log_entries);
    tcase_add_test(tests, test_memory_that_runs_out_is_told);
    suite_add_tcase(suite, tests);
    return suite;
}
