/*
 * test_layout: layouts of real programs, learned from made-up lines of theirs and applied to one line more. A row has up to
 * three kinds of lines, which take turns. Also control sequences.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "../../src/format/colour.h"
#include "cutting.h"

Suite *layout_suite(void);

enum { N_LINES = 60, MAX_LINE = 256, MAX_KINDS = 3 };

typedef struct made {
    char text[N_LINES][MAX_LINE];
    lgd_sv lines[N_LINES];
} made;

/* @@ is the second; the message behind the header is one of these and a number. */
static made *make(const char *const *headers) {
    static const char *const messages[] = {"started", "worker is idle", "connection lost: retry", "took ms", "x=1"};
    made *m = calloc(1, sizeof *m);
    ck_assert_ptr_nonnull(m);
    size_t n_kinds = 0;
    while (n_kinds < MAX_KINDS && headers[n_kinds]) n_kinds++;
    for (size_t i = 0; i < N_LINES; i++) {
        const char *header = headers[i % n_kinds], *mark = strstr(header, "@@");
        int before = mark ? (int)(mark - header) : (int)strlen(header);
        (void)snprintf(m->text[i], MAX_LINE, "%.*s%.2zu%s%s %zu", before, header, i, mark ? mark + 2 : "",
                       messages[i % 5], i * 7 % 31);
        m->lines[i] = lgd_sv_of(m->text[i]);
    }
    return m;
}

typedef struct row {
    const char *headers[MAX_KINDS];
    const char *line;
    bool has_time;
    lgd_level level;
    const char *component, *pid, *message;
} row;

static const row rows[] = {
    /* the server's own lines have no user@database */
    {{"2024-05-01 10:00:@@.123 UTC [77] LOG:  ", "2024-05-01 10:00:@@.123 UTC [78] app@main ERROR:  "},
     "2024-05-01 10:00:01.123 UTC [79] web@main FATAL:  too many connections",
     true,
     LGD_LEVEL_FATAL,
     "",
     "79",
     "too many connections"},
    {{"2024-05-01 10:00:@@ UTC [77]: [1-1] user=a,db=b CONTEXT:  ",
      "2024-05-01 10:00:@@ UTC [7]: [2-1] user=,db= LOG:  "},
     "2024-05-01 10:00:01 UTC [79]: [3-1] user=c,db=d PANIC:  lost",
     true,
     LGD_LEVEL_FATAL,
     "",
     "79",
     "lost"},
    /* the level inside the brackets of the time */
    {{"[10:00:@@ INF] ", "[10:00:@@ ERR] "}, "[10:00:01 WRN] late", true, LGD_LEVEL_WARN, "", "", "late"},
    {{"[2024-05-01 10:00:@@,123: INFO/MainProcess] ", "[2024-05-01 10:00:@@,123: ERROR/Worker-1] "},
     "[2024-05-01 10:00:01,123: WARNING/MainProcess] late",
     true,
     LGD_LEVEL_WARN,
     "",
     "",
     "late"},
    {{"[Wed May 01 10:00:@@.123456 2024] [core:error] [pid 7:tid 9] ",
      "[Wed May 01 10:00:@@.1 2024] [ssl:warn] [pid 7] "},
     "[Wed May 01 10:00:01.123456 2024] [mpm_event:notice] [pid 1:tid 2] AH1: up",
     true,
     LGD_LEVEL_INFO,
     "mpm_event",
     "",
     "AH1: up"},
    {{"2024-05-01 10:00:@@.123 | INFO     | app.mod:run:78 - ", "2024-05-01 10:00:@@.123 | WARNING  | app.db:get:9 - "},
     "2024-05-01 10:00:01.123 | ERROR    | app.mod:run:78 - late",
     true,
     LGD_LEVEL_ERROR,
     "app.mod:run",
     "",
     "late"},
    {{"2024-05-01 10:00:@@,INFO,9,", "2024-05-01 10:00:@@,WARN,9,"},
     "2024-05-01 10:00:01,ERROR,7,late",
     true,
     LGD_LEVEL_ERROR,
     "",
     "",
     "7,late"},
    /* process and thread are no component */
    {{"2024/05/01 10:00:@@ [error] 7#8: *9 ", "2024/05/01 10:00:@@ [warn] 7#8: *9 "},
     "2024/05/01 10:00:01 [crit] 12#34: *5 no space",
     true,
     LGD_LEVEL_FATAL,
     "",
     "12#34",
     "*5 no space"},
    /* colours around the level, the time, all */
    {{"2024-05-01 10:00:@@ \x1b[32mINFO\x1b[0m main: ", "2024-05-01 10:00:@@ \x1b[31mERROR\x1b[0m main: "},
     "2024-05-01 10:00:01 \x1b[1;33mWARN\x1b[0m main: \x1b[1mlate\x1b[0m 5",
     true,
     LGD_LEVEL_WARN,
     "main",
     "",
     "late 5"},
    {{"\x1b[2m2024-05-01T10:00:@@Z\x1b[0m \x1b[32m INFO\x1b[0m \x1b[2mmy_app::db\x1b[0m\x1b[2m:\x1b[0m "},
     "\x1b[2m2024-05-01T10:00:01Z\x1b[0m \x1b[31mERROR\x1b[0m \x1b[2mmy_app::db\x1b[0m\x1b[2m:\x1b[0m late",
     true,
     LGD_LEVEL_ERROR,
     "my_app::db",
     "",
     "late"},
    {{"\x1b[0m\x1b[32mMay  1 \x1b[0m\x1b[33m10:00:@@\x1b[0m\x1b[31m host \x1b[0mprog\x1b[34m[7]\x1b[0m: "},
     "\x1b[0m\x1b[32mMay  1 \x1b[0m\x1b[33m10:00:01\x1b[0m\x1b[31m host \x1b[0mprog\x1b[34m[8]\x1b[0m: late",
     true,
     LGD_LEVEL_NONE,
     "prog",
     "8",
     "late"},
    /* labels, marks and prefixes */
    {{"@400000006632126@@75bcd15 smtpd: "},
     "@4000000066321261075bcd15 smtpd: late",
     true,
     LGD_LEVEL_NONE,
     "smtpd",
     "",
     "late"},
    {{"*May  1 10:00:@@.123: %SYS-5-CONFIG_I: "},
     "*May  1 10:00:01.123: %SYS-3-LOGGER: late",
     true,
     LGD_LEVEL_NONE,
     "%SYS-3-LOGGER",
     "",
     "late"},
    {{"web-1    | 2024-05-01 10:00:@@ INFO ", "redis-1  | 1:M 01 May 2024 10:00:@@.123 * "},
     "redis-1  | 1:M 01 May 2024 10:00:01.123 * late",
     true,
     LGD_LEVEL_NONE,
     "",
     "",
     "late"},
    {{"2024-05-01 10:00:@@ UTC:10.0.0.1(5432):app@main:[7]:LOG:  "},
     "2024-05-01 10:00:01 UTC:10.0.0.2(5433):app@main:[8]:LOG:  late",
     true,
     LGD_LEVEL_NONE,
     "",
     "",
     "late"},
    {{"2024-05-01\t10:00:@@\tINFO\tmodule\t"},
     "2024-05-01\t10:00:01\tWARN\tmodule\tlate \xe9t\xe9",
     true,
     LGD_LEVEL_WARN,
     "module",
     "",
     "late \xe9t\xe9"},
    {{"[2024-05-01T10:00:@@Z INFO  app::db] ", "[2024-05-01T10:00:@@Z WARN  app::web] "},
     "[2024-05-01T10:00:01Z ERROR app::db] late",
     true,
     LGD_LEVEL_ERROR,
     "app::db",
     "",
     "late"},
    {{"WARN [05-01|10:00:@@.123] ", "ERROR[05-01|10:00:@@.123] ", "DEBUG[05-01|10:00:@@.123] "},
     "INFO [05-01|10:00:01.123] late",
     true,
     LGD_LEVEL_INFO,
     "",
     "",
     "late"},
    {{"INFO[00@@] ", "WARN[00@@] "}, "ERRO[0012] late", false, LGD_LEVEL_ERROR, "", "0012", "late"},
    {{"[10:00:@@] [Server thread/INFO]: ", "[10:00:@@] [Worker-1/WARN]: "},
     "[10:00:01] [IO#2/ERROR]: late",
     true,
     LGD_LEVEL_ERROR,
     "",
     "",
     "late"},
    {{"01-May-2024 10:00:@@.123 queries: info: ", "01-May-2024 10:00:@@.123 security: error: "},
     "01-May-2024 10:00:01.123 queries: warning: late",
     true,
     LGD_LEVEL_WARN,
     "queries",
     "",
     "late"},
    {{"2024-05-01 10:00:@@;INFO;", "2024-05-01 10:00:@@;WARN;"},
     "2024-05-01 10:00:01;ERROR;late",
     true,
     LGD_LEVEL_ERROR,
     "",
     "",
     "late"},
    {{"\"2024-05-01 10:00:@@\",\"INFO\",", "\"2024-05-01 10:00:@@\",\"WARN\","},
     "\"2024-05-01 10:00:01\",\"ERROR\",\"late\"",
     true,
     LGD_LEVEL_ERROR,
     "",
     "",
     "\"late\""},
    /* a letter that all lines share is no level, and a word of the message is none */
    {{"2024-05-01T10:00:@@.123456789Z stdout F ", "2024-05-01T10:00:@@.123456789Z stderr F "},
     "2024-05-01T10:00:01.123456789Z stdout F late",
     true,
     LGD_LEVEL_NONE,
     "",
     "",
     "stdout F late"},
    {{"May  1 10:00:@@ web1 app[7]: error ", "May  1 10:00:@@ web1 app[8]: warning "},
     "May  1 10:00:01 web1 app[9]: error late",
     true,
     LGD_LEVEL_NONE,
     "app",
     "9",
     "error late"},
    /* a blank inside of the brackets leaves one bracket alone */
    {{"[20240501-10:00:@@] [INFO ] ", "May  1 10:00:@@ web1 app[7]: [INFO ] "},
     "[20240501-10:00:01] [WARN ] late: 5",
     true,
     LGD_LEVEL_WARN,
     "",
     "",
     "late: 5"},
    /* a time of day whose date is glued to something is no time */
    {{"main::INFO::2011-12-05 10:00:@@,101::vds::", "t-1::DEBUG::2011-12-05 10:00:@@,101::vds::"},
     "main::INFO::2011-12-05 10:00:01,101::vds::late",
     false,
     LGD_LEVEL_NONE,
     "",
     "",
     "main::INFO::2011-12-05 10:00:01,101::vds::late"},
    /* the seconds since the start are no time of day */
    {{"[12345.6789@@] usb 5-1: ", "[   45.6789@@] eth0: "},
     "[12345.678901] usb 5-1: late",
     false,
     LGD_LEVEL_NONE,
     "",
     "",
     "[12345.678901] usb 5-1: late"},
};

START_TEST(test_rows) {
    const row *r = &rows[_i];
    made *m = make(r->headers);
    lgd_profile *p = learn_profile(NULL, m->lines, N_LINES);
    lgd_arena arena = {0};
    lgd_cut c = cut_line(p, &arena, r->line);
    const lgd_sv found[] = {c.header.component, c.header.pid, c.header.message};
    const char *const expected[] = {r->component, r->pid, r->message};
    for (size_t i = 0; i < 3; i++)
        ck_assert_msg(lgd_sv_eq(found[i], lgd_sv_of(expected[i])), "%s: '%.*s', expected '%s'", r->line,
                      (int)found[i].n, found[i].p, expected[i]);
    ck_assert_msg(c.header.level == r->level, "%s: level %d", r->line, (int)c.header.level);
    ck_assert_msg(c.has_time == r->has_time, "%s", r->line);
    lgd_profile_free(p);
    lgd_arena_release(&arena);
    free(m);
}
END_TEST

/* Programs have levels of their own beside the known ones. */
START_TEST(test_own_levels) {
    static const char *const names[] = {"INFO", "ERROR", "INFO", "STATS"}, *const lower[] = {"info", "error", "info",
                                                                                             "stats"};
    for (int k = 0; k < 2; k++) {
        made *m = calloc(1, sizeof *m);
        ck_assert_ptr_nonnull(m);
        for (size_t i = 0; i < N_LINES; i++) {
            const char *name = (k ? lower : names)[i % 10 == 9 ? 3 : i % 3];
            (void)snprintf(m->text[i], MAX_LINE, "2024-05-01 10:00:07 %s [main] com.x.A%zu: %zu ms", name, i % 2, i);
            m->lines[i] = lgd_sv_of(m->text[i]);
        }
        lgd_profile *p = learn_profile(NULL, m->lines, N_LINES);
        lgd_arena arena = {0};
        lgd_cut c = cut_line(p, &arena, m->text[9]);
        ck_assert_int_eq(c.header.level, LGD_LEVEL_NONE);
        ck_assert(c.has_time);
        c = cut_line(p, &arena, m->text[0]);
        if (k == 0) ck_assert_int_eq(c.header.level, LGD_LEVEL_INFO);
        ck_assert(lgd_sv_eq(c.header.component, LGD_SV("com.x.A0")));
        ck_assert(lgd_sv_eq(c.header.message, LGD_SV("0 ms")));
        lgd_profile_free(p);
        lgd_arena_release(&arena);
        free(m);
    }
}
END_TEST

/* Few headers between many lines of traces, and a time of day that belongs to a date. */
START_TEST(test_rare_headers) {
    lgd_sv lines[60];
    for (size_t i = 0; i < 60; i++) lines[i] = lgd_sv_of("    at com.example.Server.run(Server.java:42)");
    lines[0] = lines[20] = lines[40] = lgd_sv_of("[2024-05-01 10:00:07] app.ERROR: no route");
    lgd_profile *p = learn_profile(NULL, lines, 60);
    lgd_arena arena = {0};
    lgd_cut c = cut_line(p, &arena, "[2024-05-01 10:00:07] app.EMERGENCY: late");
    ck_assert(c.has_time);
    ck_assert_int_eq(c.header.level, LGD_LEVEL_FATAL);
    c = cut_line(p, &arena, "    at com.example.Server.run(Server.java:42)");
    ck_assert(!c.has_time);
    ck_assert_uint_eq(c.header.message.n, lines[1].n);
    lgd_profile_free(p);
    for (size_t i = 0; i < 60; i++) lines[i] = lgd_sv_of("aa 10:00:07 late");
    p = learn_profile(NULL, lines, 60);
    c = cut_line(p, &arena, "2024-05-01 10:00:07 late");
    ck_assert(!c.has_time || c.written.year == 2024);
    lgd_profile_free(p);
    lgd_arena_release(&arena);
}
END_TEST

START_TEST(test_colours) {
    static const char *const pairs[][2] = {
        {"plain", "plain"},
        {"", ""},
        {"\x1b[31mred\x1b[0m", "red"},
        {"\x1b[2Kweb-1  | \x1b[38;5;12mx\x1b[m", "web-1  | x"},
        {"\x1b]0;title\x07text", "text"},
        {"\x1b]8;;http://a/\x1b\\link\x1b]8;;\x1b\\", "link"},
        {"\x1b", "\x1b"}, /* what is none, or does not end, stays */
        {"a\x1b[", "a\x1b["},
        {"a\x1b[31", "a\x1b[31"},
        {"a\x1b]title", "a\x1b]title"},
        {"a\x1b]title\x1b[0mb", "a\x1b]titleb"},
        {"\x1b\x1b[0mb", "\x1b"
                         "b"},
        {"\x1b[31\xc3\xa9", "\x1b[31\xc3\xa9"},
        {"\x1b[31m\x1b[0m", "\x1b[31m\x1b[0m"}, /* a line of nothing else */
        {" \x1b[K\t", " \x1b[K\t"},
    };
    lgd_arena arena = {0};
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        lgd_sv plain, line = lgd_sv_of(pairs[i][0]);
        ck_assert(colour_strip(line, &arena, &plain));
        ck_assert_msg(lgd_sv_eq(plain, lgd_sv_of(pairs[i][1])), "%zu: '%.*s'", i, (int)plain.n, plain.p);
    }
    lgd_sv plain, line = lgd_sv_of("no escape");
    ck_assert(colour_strip(line, &arena, &plain));
    ck_assert_ptr_eq(plain.p, line.p);
    lgd_arena_release(&arena);
}
END_TEST

/* A megabyte of openings that never close takes linear time. */
START_TEST(test_hostile_colours) {
    enum { N = 1 << 20 };
    static const char *const openings[] = {"\x1b]", "\x1b[", "\x1b[0;", "\x1b]x"};
    char *text = malloc(N);
    ck_assert_ptr_nonnull(text);
    for (size_t k = 0; k < sizeof openings / sizeof openings[0]; k++) {
        size_t length = strlen(openings[k]);
        for (size_t i = 0; i < N; i++) text[i] = openings[k][i % length];
        lgd_arena arena = {0};
        lgd_sv plain;
        ck_assert(colour_strip((lgd_sv){text, N}, &arena, &plain));
        ck_assert_uint_le(plain.n, N);
        lgd_arena_release(&arena);
    }
    free(text);
}
END_TEST

Suite *layout_suite(void) {
    Suite *suite = suite_create("layout");
    TCase *tc = tcase_create("layout");
    tcase_add_loop_test(tc, test_rows, 0, (int)(sizeof rows / sizeof rows[0]));
    tcase_add_test(tc, test_own_levels);
    tcase_add_test(tc, test_rare_headers);
    tcase_add_test(tc, test_colours);
    tcase_add_test(tc, test_hostile_colours);
    suite_add_tcase(suite, tc);
    return suite;
}
