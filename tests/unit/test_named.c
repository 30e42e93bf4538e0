/* named: formats that are data - files that are wrong, files that are right, and the built-in ones by their samples. */
#include <check.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>

#include "cutting.h"
#include "folder.h"
#include "logdetect/logdetect.h"

Suite *named_suite(void);

/* What a test works with. */
typedef struct bench {
    lgd_arena arena;
    lgd_cutter *cutter;
    lgd_formats *formats;
    lgd_err err;
} bench;

static void begin(bench *b, lgd_sv packed) {
    *b = (bench){0};
    ck_assert_int_eq(lgd_cutter_new(&b->arena, &b->cutter, &b->err), LGD_OK);
    ck_assert_msg(lgd_formats_new(packed, &b->formats, &b->err) == LGD_OK, "%s", b->err.text);
}

static void end(bench *b) {
    lgd_cutter_free(b->cutter);
    lgd_formats_free(b->formats);
    lgd_arena_release(&b->arena);
}

/* Reads a format from text; the message has PATH for the file. */
static lgd_status read_format(bench *b, const char *text, char message[1200]) {
    const char *path = in_folder("format.yaml");
    FILE *f = fopen(path, "wb");
    ck_assert_ptr_nonnull(f);
    ck_assert(fputs(text, f) >= 0 && fclose(f) == 0);
    b->err = (lgd_err){0};
    lgd_status status = lgd_formats_read(b->formats, path, &b->err);
    const char *at = strstr(b->err.text, path);
    if (at)
        (void)snprintf(message, 1200, "PATH%s", at + strlen(path));
    else
        (void)snprintf(message, 1200, "%s", b->err.text);
    return status;
}

static lgd_cut cut(bench *b, const lgd_profile *p, const char *line) {
    lgd_cut c = {0};
    ck_assert_int_eq(lgd_profile_cut(p, lgd_sv_of(line), b->cutter, &c, &b->err), LGD_OK);
    return c;
}

/* ---- files that are wrong ---- */

#define HEAD "name: x\n"

static const struct {
    const char *text, *expected;
} bad_formats[] = {
    {"", "PATH:1: name: is missing; nothing was done"},
    {"pattern: '^x'\n", "PATH:1: name: is missing"},
    {HEAD, "PATH:1: pattern: is missing"},
    {HEAD "kind: json\n", "PATH:1: require: is missing"},
    {"name: X Y\npattern: '^x'\n", "PATH:1: name: takes small letters, digits and hyphens, at most 48"},
    {HEAD "patern: '^x'\n", "PATH:2: patern: no such key; there are name, title, kind, pattern,"},
    {HEAD "pattern: '^x'\npattern: '^y'\n", "PATH:3: pattern: is here twice"},
    {HEAD "pattern: '^(x'\n", "PATH:2: x: pattern 1: at character 3: missing closing parenthesis; nothing was done"},
    {HEAD "pattern: ['^x', '[z']\n", "PATH:2: x: pattern 2: at character 2: missing terminating ]"},
    {HEAD "pattern: '^(?<user>x)'\n", "PATH:2: x: pattern 1: no field is called 'user': there are message, time,"},
    {HEAD "pattern: ''\n", "PATH:2: pattern: takes a text or a list of texts"},
    {HEAD "pattern: []\n", "PATH:2: pattern: is empty"},
    {HEAD "pattern: {a: b}\n", "PATH:2: pattern: takes a text or a list of texts"},
    {HEAD "pattern: '^x'\nkind: xml\n", "PATH:3: kind: takes text, json, logfmt or journal"},
    {HEAD "pattern: '^x'\nkind: json\nrequire: [a]\n", "PATH:2: pattern: is for formats of kind text"},
    {HEAD "pattern: '^x'\nrequire: [a]\n", "PATH:3: require: is for formats of named fields"},
    {HEAD "pattern: '^x'\ntime: noon\n", "PATH:3: time: takes auto, day-first,"},
    {HEAD "pattern: '^x'\nwrap: maybe\n", "PATH:3: wrap: takes true or false"},
    {HEAD "pattern: '^x'\nlevels: {E: bad}\n", "PATH:3: E: takes trace, debug, info, warning, error or critical"},
    {HEAD "pattern: '^x'\nlevels: high\n", "PATH:3: levels: takes a map or syslog-priority"},
    {HEAD "kind: json\nrequire: [a]\nfields: {user: u}\n", "PATH:4: user: is no field: those are message, time,"},
    {HEAD "pattern: '^x'\nsamples: x\n", "PATH:3: samples: takes a list"},
    {HEAD "pattern: '^x'\nsamples:\n- text: x\n", "PATH:4: samples: takes maps with a line"},
    {HEAD "pattern: '^x'\nsamples:\n- line: y\n", "PATH:4: line: this sample is no line of the format"},
    {HEAD "pattern: '^x'\nsamples:\n- line: xa\n  message: b\n",
     "PATH:5: message: the format finds 'a' in this sample; nothing was done"},
    {HEAD "pattern: '^x'\nsamples:\n- line: xa\n  user: b\n", "PATH:5: user: no such key; there are line, time,"},
    {HEAD "pattern: '^(?<level>\\w+)'\nsamples:\n- line: INFO a\n  level: error\n",
     "PATH:5: level: the format finds 'info'"},
    {HEAD "pattern: '^(?<time>\\S+)'\nsamples:\n- line: 2024-05-01T10:00:07Z a\n  time: 2024-05-01T10:00:08Z\n",
     "PATH:5: time: the format finds another time"},
    {HEAD "pattern: '^(?<time>\\S+)'\nsamples:\n- line: 2024-05-01T10:00:07Z a\n  time: none\n",
     "PATH:5: time: the format finds another time"},
    {HEAD "pattern: '^(?<time>\\S+)'\nsamples:\n- line: noon a\n",
     "PATH:4: line: this sample is no line of the format"},
};

START_TEST(bad_files_are_refused_by_line) {
    bench b;
    char message[1200];
    begin(&b, (lgd_sv){"", 0});
    ck_assert_int_eq(read_format(&b, bad_formats[_i].text, message), LGD_E_USAGE);
    ck_assert_msg(strncmp(message, bad_formats[_i].expected, strlen(bad_formats[_i].expected)) == 0, "%s", message);
    end(&b);
}
END_TEST

START_TEST(names_are_used_once) {
    bench b;
    char message[1200];
    begin(&b, (lgd_sv){"", 0});
    ck_assert_int_eq(read_format(&b, HEAD "pattern: '^x'\n", message), LGD_OK);
    ck_assert_int_eq(read_format(&b, HEAD "pattern: '^y'\n", message), LGD_E_USAGE);
    ck_assert_str_eq(message, "PATH:1: x: is the name of a format that was read before; nothing was done");
    end(&b);
}
END_TEST

/* ---- formats that are right ---- */

static const struct {
    const char *format, *line;
    bool fits;
    const char *message, *component, *pid, *host;
    lgd_level level;
    int day, month; /* 0: no time */
} good_formats[] = {
    {"pattern: '^(?<time>\\S+) (?<level>\\w+) '", "2024-05-01T10:00:07Z warn  gone ", true, "gone", "", "", "",
     LGD_LEVEL_WARN, 1, 5},
    {"pattern: '^(?<time>\\S+) '", "noon x", false, "noon x", "", "", "", LGD_LEVEL_NONE, 0, 0},
    {"pattern: '^\\[(?<time>[^]]+)\\]'\ntime: day-first", "[03/05/2024 10:00:07] x", true, "x", "", "", "",
     LGD_LEVEL_NONE, 3, 5},
    {"pattern: '^\\[(?<time>[^]]+)\\]'\ntime: month-first", "[03/05/2024 10:00:07] x", true, "x", "", "", "",
     LGD_LEVEL_NONE, 5, 3},
    {"pattern: '^\\[(?<time>[^]]+)\\]'\ntime: day-first", "[03.05.2024 10:00:07] x", true, "x", "", "", "",
     LGD_LEVEL_NONE, 3, 5},
    {"pattern: '^\\[(?<time>[^]]+)\\]'\ntime: month-first", "[03.05.2024 10:00:07] x", true, "x", "", "", "",
     LGD_LEVEL_NONE, 5, 3},
    {"pattern: '^\\[(?<time>[^]]+)\\]'\ntime: day-first", "[13/05/2024 10:00:07] x", true, "x", "", "", "",
     LGD_LEVEL_NONE, 13, 5},
    {"pattern: '^(?<level>.):(?<component>\\w+)\\[(?<pid>\\d+)\\]@(?<host>\\w+) (?<message>\"[^\"]*\")'\nlevels: {Q: "
     "error}",
     "Q:db[12]@h1 \"a b\" 12 c", true, "\"a b\"", "db", "12", "h1", LGD_LEVEL_ERROR, 0, 0},
    {"pattern: '^<(?<level>\\d+)>'\nlevels: syslog-priority", "<11>disk", true, "disk", "", "", "", LGD_LEVEL_ERROR, 0,
     0},
    {"pattern: ['^a (?<component>\\w+)', '^b (?<pid>\\w+)']", "b 7 c", true, "c", "", "7", "", LGD_LEVEL_NONE, 0, 0},
    {"pattern: '^(?:a=(?<pid>\\d+)|b=(?<pid>\\d+)) '", "b=7 c", true, "c", "", "7", "", LGD_LEVEL_NONE, 0, 0},
    {"pattern: '^abc'", "abc", true, "abc", "", "", "", LGD_LEVEL_NONE, 0, 0},
    {"kind: json\nrequire: [id, who.name]\nfields: {message: what, component: who.name, level: sev}\nlevels: {'9': "
     "critical}",
     "{\"id\":null,\"what\":\"a\\u0041\",\"msg\":\"no\",\"who\":{\"name\":\"n\",\"pid\":3},\"sev\":9}", true, "aA", "n",
     "", "", LGD_LEVEL_FATAL, 0, 0},
    {"kind: json\nrequire: [id]", "{\"msg\":\"x\"}", false, "{\"msg\":\"x\"}", "", "", "", LGD_LEVEL_NONE, 0, 0},
    {"kind: json\nrequire: [id]\nfields: {message: a}", "{\"id\":{},\"a\":\"x\"}", true, "x", "", "", "",
     LGD_LEVEL_NONE, 0, 0},
    {"kind: logfmt\nrequire: [at, method]\nfields: {message: path}", "at=info method=GET path=\"/a b\" pid=3", true,
     "/a b", "", "3", "", LGD_LEVEL_NONE, 0, 0},
    {"kind: logfmt\nrequire: [at, method]", "at=info path=/", false, "at=info path=/", "", "", "", LGD_LEVEL_NONE, 0,
     0},
};

START_TEST(good_formats_cut) {
    bench b;
    lgd_buf text = {0};
    char message[1200];
    begin(&b, (lgd_sv){"", 0});
    lgd_buf_printf(&text, HEAD "%s\n", good_formats[_i].format);
    lgd_buf_add_char(&text, '\0');
    ck_assert_msg(read_format(&b, text.p, message) == LGD_OK, "%s", message);
    ck_assert_int_eq(lgd_formats_force(b.formats, LGD_SV("x"), &b.err), LGD_OK);
    lgd_profile *p = learn_profile(b.formats, NULL, 0);
    ck_assert_str_eq(lgd_profile_name(p), "x");
    lgd_cut c = cut(&b, p, good_formats[_i].line);
    ck_assert(c.fits == good_formats[_i].fits && c.format == (c.fits ? 0 : 1));
    ASSERT_SV(c.header.message, good_formats[_i].message);
    ASSERT_SV(c.header.component, good_formats[_i].component);
    ASSERT_SV(c.header.pid, good_formats[_i].pid);
    ASSERT_SV(c.header.host, good_formats[_i].host);
    ck_assert_int_eq(c.header.level, good_formats[_i].level);
    ck_assert(c.has_time == (good_formats[_i].day > 0));
    if (c.has_time) ck_assert(c.written.day == good_formats[_i].day && c.written.month == good_formats[_i].month);
    lgd_profile_free(p);
    lgd_buf_release(&text);
    end(&b);
}
END_TEST

static const struct {
    const char *form, *text;
    int64_t ns; /* -1: no time */
} counts[] = {
    {"seconds", "1714557607", INT64_C(1714557607000000000)},
    {"seconds", "1714557607.25", INT64_C(1714557607250000000)},
    {"milliseconds", "1714557607250", INT64_C(1714557607250000000)},
    {"milliseconds", "1.5", INT64_C(1500000)},
    {"microseconds", "1714557607250000", INT64_C(1714557607250000000)},
    {"nanoseconds", "1714557607250000001", INT64_C(1714557607250000001)},
    {"nanoseconds", "9223372036854775807", INT64_MAX},
    {"nanoseconds", "9223372036854775808", -1},
    {"seconds", "99999999999999999999", -1},
    {"seconds", "17145576x", -1},
    {"seconds", "", -1},
};

START_TEST(times_can_be_counted) {
    bench b;
    lgd_buf text = {0}, line = {0};
    char message[1200];
    begin(&b, (lgd_sv){"", 0});
    lgd_buf_printf(&text, HEAD "pattern: '^<(?<time>[^>]+)>'\ntime: %s\n", counts[_i].form);
    lgd_buf_add_char(&text, '\0');
    lgd_buf_printf(&line, "<%s> x", counts[_i].text);
    lgd_buf_add_char(&line, '\0');
    ck_assert_msg(read_format(&b, text.p, message) == LGD_OK, "%s", message);
    ck_assert_int_eq(lgd_formats_force(b.formats, LGD_SV("x"), &b.err), LGD_OK);
    lgd_profile *p = learn_profile(b.formats, NULL, 0);
    lgd_cut c = cut(&b, p, line.p);
    ck_assert(c.has_time == (counts[_i].ns >= 0));
    if (c.has_time) ck_assert_int_eq(c.written.epoch_ns, counts[_i].ns);
    lgd_profile_free(p);
    lgd_buf_release(&text);
    lgd_buf_release(&line);
    end(&b);
}
END_TEST

START_TEST(a_pattern_can_be_given_alone) {
    bench b;
    begin(&b, lgd_builtin_formats());
    ck_assert_int_eq(lgd_formats_force(b.formats, LGD_SV("no-such-format"), &b.err), LGD_E_USAGE);
    ck_assert_ptr_nonnull(strstr(b.err.text, "'no-such-format': is no line format of that name"));
    b.err = (lgd_err){0};
    ck_assert_int_eq(lgd_formats_force(b.formats, LGD_SV("(?<time>x"), &b.err), LGD_E_USAGE);
    ck_assert_str_eq(b.err.text, "'(?<time>x': at character 9: missing closing parenthesis; nothing was done");
    b.err = (lgd_err){0};
    ck_assert_int_eq(lgd_formats_force(b.formats, LGD_SV("(?<component>\\w+)/"), &b.err), LGD_OK);
    lgd_profile *p = learn_profile(b.formats, NULL, 0);
    lgd_cut c = cut(&b, p, "db/gone");
    ASSERT_SV(c.header.component, "db");
    ASSERT_SV(c.header.message, "gone");
    ck_assert_str_eq(lgd_profile_name(p), "regex");
    lgd_profile_free(p);
    end(&b);
}
END_TEST

/* A pattern that takes exponential time gives up, is counted and named, and the line is taken whole. */
START_TEST(exponential_patterns_give_up) {
    bench b;
    lgd_buf line = {0};
    begin(&b, (lgd_sv){"", 0});
    ck_assert_int_eq(lgd_formats_force(b.formats, LGD_SV("(?<pid>(a+)+)$"), &b.err), LGD_OK);
    lgd_profile *p = learn_profile(b.formats, NULL, 0);
    for (size_t i = 0; i < 3000; i++) lgd_buf_add_char(&line, 'a');
    lgd_buf_add_sv(&line, LGD_SV("!\0"));
    lgd_cut c = cut(&b, p, line.p);
    ck_assert(!c.fits && c.header.message.n == 3001);
    ASSERT_SV(c.over_limit, "regex");
    lgd_profile_free(p);
    lgd_buf_release(&line);
    end(&b);
}
END_TEST

/* ---- the vote ---- */

static lgd_sv copy_line(bench *b, const char *text) {
    lgd_sv copy = {0};
    ck_assert(lgd_arena_copy(&b->arena, lgd_sv_of(text), &copy));
    return copy;
}

START_TEST(files_of_several_formats) {
    bench b;
    lgd_sv lines[300];
    begin(&b, lgd_builtin_formats());
    for (size_t i = 0; i < 300; i++) {
        char text[200];
        if (i % 3 == 0)
            (void)snprintf(text, sizeof text, "May  1 10:%02zu:07 web-1 sshd[%zu]: Connection closed", i % 60, i);
        else if (i % 3 == 1)
            (void)snprintf(text, sizeof text, "I0501 10:%02zu:07.619632   %zu main.go:12] started", i % 60, i);
        else
            (void)snprintf(text, sizeof text, "step %zu of many, no header here", i);
        lines[i] = copy_line(&b, text);
    }
    lgd_profile *p = learn_profile(b.formats, lines, 300);
    lgd_cut c = cut(&b, p, "May  1 10:00:07 web-1 sshd[12]: Connection closed");
    ck_assert(c.fits);
    ASSERT_SV(c.header.message, "Connection closed");
    c = cut(&b, p, "E0501 10:00:07.619632   12 main.go:13] stopped: bad");
    ck_assert(c.fits);
    ASSERT_SV(c.header.message, "stopped: bad");
    ck_assert_int_eq(c.header.level, LGD_LEVEL_ERROR);
    c = cut(&b, p, "step 7 of many, no header here");
    ASSERT_SV(c.header.message, "step 7 of many, no header here");
    lgd_profile_free(p);
    end(&b);
}
END_TEST

#define WRAPPER                                                                                                        \
    HEAD "wrap: true\nkind: json\nrequire: [log, stream]\nfields: {message: log, time: time, component: stream}\n"

START_TEST(wrapped_lines) {
    bench b;
    lgd_sv lines[50];
    char message[1200];
    begin(&b, lgd_builtin_formats());
    ck_assert_msg(read_format(&b, WRAPPER, message) == LGD_OK, "%s", message);
    for (size_t i = 0; i < 50; i++) {
        char text[200];
        (void)snprintf(
            text, sizeof text,
            "{\"log\":\"I0501 10:00:%02zu.619632   7 main.go:%zu] started\\n\",\"stream\":\"stderr\",\"time\":"
            "\"2024-05-01T10:00:07.1Z\"}",
            i, i);
        lines[i] = copy_line(&b, text);
    }
    lgd_profile *p = learn_profile(b.formats, lines, 50), *loaded = NULL;
    ck_assert_str_eq(lgd_profile_name(p), "x (glog)");
    lgd_buf bytes = {0};
    ck_assert_int_eq(lgd_profile_save(p, &bytes, &b.err), LGD_OK);
    ck_assert_msg(lgd_profile_load(lgd_buf_sv(&bytes), &loaded, &b.err) == LGD_OK, "%s", b.err.text);
    ck_assert(lgd_profile_equal(p, loaded));
    lgd_cut c = cut(&b, loaded,
                    "{\"log\":\"W0501 10:00:00.619632   7 main.go:9] "
                    "\\\"late\\\"\\n\",\"stream\":\"stderr\",\"time\":\"2024-05-01T10:00:07Z\"}");
    ck_assert(c.fits && c.has_time);
    ck_assert_int_eq(c.written.year, 2024);
    ck_assert_int_eq(c.header.level, LGD_LEVEL_WARN);
    ASSERT_SV(c.header.message, "\"late\"");
    c = cut(&b, loaded, "{\"log\":\"plain\\n\",\"stream\":\"stderr\",\"time\":\"2024-05-01T10:00:07Z\"}");
    ASSERT_SV(c.header.message, "plain");
    ASSERT_SV(c.header.component, "stderr");
    /* every byte changed in turn: refused or read, never out of bounds */
    size_t n_refused = 0;
    for (size_t i = 0; i < bytes.n; i++) {
        lgd_profile *other = NULL;
        bytes.p[i] ^= (char)0xff;
        if (lgd_profile_load(lgd_buf_sv(&bytes), &other, NULL) == LGD_OK)
            lgd_profile_free(other);
        else
            n_refused++;
        bytes.p[i] ^= (char)0xff;
    }
    ck_assert_uint_gt(n_refused, 20);
    lgd_buf_release(&bytes);
    lgd_profile_free(p);
    lgd_profile_free(loaded);
    end(&b);
}
END_TEST

/* ---- the built-in formats ---- */

static const lgd_yaml *entry(const lgd_yaml *map, const char *key) {
    const lgd_yaml *e = map->first;
    while (e && !lgd_sv_eq(e->key, lgd_sv_of(key))) e = e->next;
    return e;
}

/* A file of its samples alone is found to be of the format. That the samples are cut as they say is checked when the
 * program is built. */
static size_t check_builtin(bench *b, const char *path) {
    size_t n_wrong = 0;
    lgd_sv lines[1000];
    size_t n = 0;
    lgd_yaml *map = NULL;
    ck_assert_msg(lgd_yaml_read(path, &b->arena, &map, &b->err) == LGD_OK, "%s", b->err.text);
    const lgd_yaml *samples = entry(map, "samples");
    ck_assert_msg(samples && samples->first && samples->first->next, "%s has less than two samples", path);
    for (size_t round = 0; round < 10; round++)
        for (const lgd_yaml *s = samples->first; s && n < 1000; s = s->next) lines[n++] = entry(s, "line")->text;
    lgd_profile *p = learn_profile(b->formats, lines, n);
    lgd_sv name = entry(map, "name")->text;
    for (size_t i = 0; i < n / 10; i++) {
        lgd_cut c = {0};
        ck_assert_int_eq(lgd_profile_cut(p, lines[i], b->cutter, &c, &b->err), LGD_OK);
        lgd_sv found = lgd_profile_format_name(p, c.format);
        if (lgd_sv_eq(found, name)) continue;
        n_wrong++;
        fprintf(stderr, "%s: sample %zu is found to be %.*s: %.*s\n", path, i + 1, (int)found.n, found.p,
                (int)lines[i].n, lines[i].p);
    }
    lgd_profile_free(p);
    return n_wrong;
}

START_TEST(samples_are_found_to_be_of_their_format) {
    glob_t files;
    bench b;
    begin(&b, lgd_builtin_formats());
    ck_assert_int_eq(glob(LGD_SOURCE_DIR "/data/formats/*.yaml", 0, NULL, &files), 0);
    ck_assert_uint_eq(files.gl_pathc, lgd_formats_n(b.formats));
    size_t n_wrong = 0;
    for (size_t i = 0; i < files.gl_pathc; i++) n_wrong += check_builtin(&b, files.gl_pathv[i]);
    ck_assert_uint_eq(n_wrong, 0);
    globfree(&files);
    end(&b);
}
END_TEST

/* A sample with a run of one byte in it, at each quarter: no built-in pattern runs out of its limits on such lines. */
static void check_hostile(bench *b, const lgd_profile *p, lgd_sv sample) {
    static const char fillers[] = "a0 /:.\"";
    lgd_buf line = {0};
    for (size_t quarter = 1; quarter <= 4; quarter++) {
        for (const char *filler = fillers; *filler; filler++) {
            lgd_cut c = {0};
            size_t at = sample.n * quarter / 4;
            lgd_buf_clear(&line);
            lgd_buf_add(&line, sample.p, at);
            for (size_t i = 0; i < 3000; i++) lgd_buf_add_char(&line, *filler);
            lgd_buf_add(&line, sample.p + at, sample.n - at);
            ck_assert_int_eq(lgd_profile_cut(p, lgd_buf_sv(&line), b->cutter, &c, &b->err), LGD_OK);
            ck_assert_msg(c.over_limit.n == 0, "%.*s: %zu of %.*s", (int)c.over_limit.n, c.over_limit.p, at,
                          (int)sample.n, sample.p);
        }
    }
    lgd_buf_release(&line);
    lgd_arena_clear(&b->arena);
}

START_TEST(hostile_lines_stay_within_the_limits) {
    glob_t files;
    ck_assert_int_eq(glob(LGD_SOURCE_DIR "/data/formats/*.yaml", 0, NULL, &files), 0);
    for (size_t i = 0; i < files.gl_pathc; i++) {
        bench b;
        lgd_arena texts = {0};
        lgd_yaml *map = NULL;
        begin(&b, (lgd_sv){"", 0});
        ck_assert_int_eq(lgd_formats_read(b.formats, files.gl_pathv[i], &b.err), LGD_OK);
        ck_assert_int_eq(lgd_yaml_read(files.gl_pathv[i], &texts, &map, &b.err), LGD_OK);
        ck_assert_int_eq(lgd_formats_force(b.formats, entry(map, "name")->text, &b.err), LGD_OK);
        lgd_profile *p = learn_profile(b.formats, NULL, 0);
        for (const lgd_yaml *s = entry(map, "samples")->first; s; s = s->next)
            check_hostile(&b, p, entry(s, "line")->text);
        lgd_profile_free(p);
        lgd_arena_release(&texts);
        end(&b);
    }
    globfree(&files);
}
END_TEST

START_TEST(documentation_names_every_format) {
    bench b;
    lgd_buf docs = {0};
    char piece[4096];
    FILE *f = fopen(LGD_SOURCE_DIR "/docs/FORMATS.md", "rb");
    ck_assert_ptr_nonnull(f);
    for (size_t n; (n = fread(piece, 1, sizeof piece, f)) > 0;) lgd_buf_add(&docs, piece, n);
    ck_assert_int_eq(fclose(f), 0);
    lgd_buf_add_char(&docs, '\0');
    begin(&b, lgd_builtin_formats());
    for (size_t i = 0; i < lgd_formats_n(b.formats); i++) {
        lgd_sv name = lgd_formats_name(b.formats, i);
        (void)snprintf(piece, sizeof piece, "`%.*s`", (int)name.n, name.p);
        ck_assert_msg(strstr(docs.p, piece) != NULL, "docs/FORMATS.md does not name %s", piece);
    }
    lgd_buf_release(&docs);
    end(&b);
}
END_TEST

START_TEST(out_of_memory_is_a_status) {
    size_t n_failures = 0;
    lgd_sv line = LGD_SV("May  1 10:00:07 web-1 sshd[12]: Connection closed");
    for (uint64_t k = 1;; k += 7) {
        lgd_formats *f = NULL;
        lgd_profile *p = NULL;
        lgd_err err = {0};
        lgd_alloc_fail_at(k, true);
        lgd_status status = lgd_formats_new(lgd_builtin_formats(), &f, &err);
        if (status == LGD_OK) status = lgd_profile_learn(f, &line, 1, &p, &err);
        lgd_alloc_fail_at(0, false);
        lgd_profile_free(p);
        lgd_formats_free(f);
        if (status == LGD_OK) break;
        ck_assert_int_eq(status, LGD_E_MEMORY);
        n_failures++;
    }
    ck_assert_uint_gt(n_failures, 10);
}
END_TEST

Suite *named_suite(void) {
    Suite *suite = suite_create("named");
    TCase *tc = tcase_create("named");
    tcase_set_timeout(tc, 60);
    tcase_add_checked_fixture(tc, folder_make, folder_remove);
    tcase_add_loop_test(tc, bad_files_are_refused_by_line, 0, sizeof bad_formats / sizeof bad_formats[0]);
    tcase_add_test(tc, names_are_used_once);
    tcase_add_loop_test(tc, good_formats_cut, 0, sizeof good_formats / sizeof good_formats[0]);
    tcase_add_loop_test(tc, times_can_be_counted, 0, sizeof counts / sizeof counts[0]);
    tcase_add_test(tc, a_pattern_can_be_given_alone);
    tcase_add_test(tc, exponential_patterns_give_up);
    tcase_add_test(tc, files_of_several_formats);
    tcase_add_test(tc, wrapped_lines);
    tcase_add_test(tc, samples_are_found_to_be_of_their_format);
    tcase_add_test(tc, hostile_lines_stay_within_the_limits);
    tcase_add_test(tc, documentation_names_every_format);
    tcase_add_test(tc, out_of_memory_is_a_status);
    suite_add_tcase(suite, tc);
    return suite;
}
