/*
 * Tests of the option table, of setting values, of YAML files, and that docs/CLI.md says what the rows say.
 */
#include "logdetect/config.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const unsigned commands[] = {LGD_CMD_TRAIN, LGD_CMD_SCAN, LGD_CMD_PARSE, LGD_CMD_MODEL};
enum { N_COMMANDS = sizeof commands / sizeof commands[0] };

static lgd_status set(lgd_config *c, const char *name, const char *value, unsigned command, lgd_err *err) {
    const lgd_option *row = lgd_option_find(lgd_sv_of(name), command);
    ck_assert_msg(row != NULL, "no option %s", name);
    *err = (lgd_err){0};
    return lgd_option_set(c, row, lgd_sv_of(value), command, err);
}

START_TEST(rows_are_unambiguous) {
    ck_assert_uint_le(lgd_n_options, 64);
    for (size_t i = 0; i < lgd_n_options; i++) {
        const lgd_option *a = &lgd_options[i];
        size_t n = strlen(a->help);
        ck_assert_msg(n > 0 && a->help[n - 1] == '.', "help of %s is no sentence", a->name);
        bool flag = a->type == LGD_OPTION_FLAG || a->type == LGD_OPTION_COUNT;
        ck_assert_msg(flag == (a->argument == NULL), "argument of %s", a->name);
        ck_assert_msg((a->type == LGD_OPTION_CHOICE) == (a->choices != NULL), "choices of %s", a->name);
        for (size_t k = i + 1; k < lgd_n_options; k++) {
            ck_assert_str_ne(a->name, lgd_options[k].name);
            ck_assert_msg(!a->letter || a->letter != lgd_options[k].letter, "-%c is there twice", a->letter);
            ck_assert_msg(a->offset != lgd_options[k].offset, "%s and %s share a field", a->name, lgd_options[k].name);
        }
    }
}
END_TEST

START_TEST(every_default_is_allowed) {
    for (size_t k = 0; k < N_COMMANDS; k++) {
        lgd_config c;
        lgd_config_init(&c, commands[k]);
        for (size_t i = 0; i < lgd_n_options; i++) {
            const lgd_option *row = &lgd_options[i];
            const char *preset = lgd_option_default(row, commands[k]);
            lgd_err err = {0};
            if (!(row->commands & commands[k]) || !preset) continue;
            ck_assert_msg(lgd_option_set(&c, row, lgd_sv_of(preset), commands[k], &err) == LGD_OK, "%s", err.text);
        }
        lgd_config_release(&c);
    }
}
END_TEST

START_TEST(defaults_are_those_of_the_documentation) {
    lgd_config c;
    lgd_config_init(&c, LGD_CMD_SCAN);
    ck_assert_uint_eq(c.seed, 42);
    ck_assert_uint_eq(c.threads, 0);
    ck_assert(c.contamination == 0.01 && c.target_fpr == 0.01 && c.fpr == 0);
    ck_assert(c.multiline && !c.quiet && !c.no_header && !c.exit_code);
    ck_assert_int_eq(c.sensitivity, LGD_SENSITIVITY_MEDIUM);
    ck_assert(!c.sensitivity_given && !c.format_given);
    ck_assert_int_eq(c.format, LGD_FORMAT_TEXT);
    ck_assert_ptr_null(c.output);
    lgd_config_release(&c);
    lgd_config_init(&c, LGD_CMD_PARSE);
    ck_assert_int_eq(c.format, LGD_FORMAT_CSV);
    lgd_config_release(&c);
}
END_TEST

START_TEST(values_reach_their_fields) {
    lgd_config c;
    lgd_err err;
    lgd_config_init(&c, LGD_CMD_SCAN);
    ck_assert_int_eq(set(&c, "format", "csv", LGD_CMD_SCAN, &err), LGD_OK);
    ck_assert(c.format == LGD_FORMAT_CSV && c.format_given);
    ck_assert_int_eq(set(&c, "sensitivity", "high", LGD_CMD_SCAN, &err), LGD_OK);
    ck_assert(c.sensitivity == LGD_SENSITIVITY_HIGH && c.sensitivity_given);
    ck_assert_int_eq(set(&c, "emit", "all", LGD_CMD_SCAN, &err), LGD_OK);
    ck_assert_int_eq(c.emit, LGD_EMIT_ALL);
    ck_assert_int_eq(set(&c, "fpr", "1e-3", LGD_CMD_SCAN, &err), LGD_OK);
    ck_assert(c.fpr == 1e-3);
    ck_assert_int_eq(set(&c, "multiline", "off", LGD_CMD_SCAN, &err), LGD_OK);
    ck_assert(!c.multiline);
    ck_assert_int_eq(set(&c, "model", "a", LGD_CMD_SCAN, &err), LGD_OK);
    ck_assert_int_eq(set(&c, "model", "b", LGD_CMD_SCAN, &err), LGD_OK);
    ck_assert_str_eq(c.model, "b");
    for (int i = 0; i < 100; i++) ck_assert_int_eq(set(&c, "input", i % 2 ? "x" : "y", LGD_CMD_SCAN, &err), LGD_OK);
    ck_assert_uint_eq(c.inputs.n, 100);
    ck_assert_str_eq(c.inputs.items[99], "x");
    for (int i = 0; i < 5; i++) ck_assert_int_eq(set(&c, "verbose", "1", LGD_CMD_SCAN, &err), LGD_OK);
    ck_assert_uint_eq(c.verbose, 3);
    lgd_config_release(&c);
}
END_TEST

static const struct {
    const char *name, *value, *expected;
    unsigned command;
} refused[] = {
    {"days", "-1", "--days: '-1' is not allowed; it takes a whole number from 0 to 36500", LGD_CMD_TRAIN},
    {"days", "36501", "--days: '36501' is not allowed; it takes a whole number from 0 to 36500", LGD_CMD_TRAIN},
    {"days", "3 ", "--days: '3 ' is not allowed; it takes a whole number from 0 to 36500", LGD_CMD_TRAIN},
    {"days", "99999999999999999999", "--days: '99999999999999999999' is not allowed", LGD_CMD_TRAIN},
    {"target-fpr", "0", "--target-fpr: '0' is not allowed; it takes a number from 1e-06 to 0.5", LGD_CMD_TRAIN},
    {"target-fpr", "0,01", "--target-fpr: '0,01' is not allowed", LGD_CMD_TRAIN},
    {"target-fpr", "nan", "--target-fpr: 'nan' is not allowed", LGD_CMD_TRAIN},
    {"fpr", "1e999", "--fpr: '1e999' is not allowed", LGD_CMD_SCAN},
    {"multiline", "maybe", "--multiline: 'maybe' is not allowed; it takes on or off", LGD_CMD_SCAN},
    {"format", "csv", "--format: 'csv' is not allowed; it takes text|json", LGD_CMD_TRAIN},
    {"format", "text", "--format: 'text' is not allowed; it takes csv|jsonl", LGD_CMD_PARSE},
    {"format", "tex", "--format: 'tex' is not allowed; it takes text|json|jsonl|csv", LGD_CMD_SCAN},
    {"format", "text|json", "--format: 'text|json' is not allowed", LGD_CMD_SCAN},
    {"format", "", "--format: '' is not allowed", LGD_CMD_SCAN},
    {"output", "", "--output: the value is empty; it takes PATH", LGD_CMD_SCAN},
};

START_TEST(what_is_not_allowed_is_told_and_changes_nothing) {
    lgd_config c, before;
    lgd_err err;
    lgd_config_init(&c, LGD_CMD_SCAN);
    before = c;
    ck_assert_int_eq(set(&c, refused[_i].name, refused[_i].value, refused[_i].command, &err), LGD_E_USAGE);
    ck_assert_msg(strncmp(err.text, refused[_i].expected, strlen(refused[_i].expected)) == 0, "%s", err.text);
    ck_assert_mem_eq(&c, &before, sizeof c);
    lgd_config_release(&c);
}
END_TEST

START_TEST(near_misses_are_recognised) {
    ck_assert_str_eq(lgd_option_nearest(LGD_SV("modle"), LGD_CMD_SCAN)->name, "model");
    ck_assert_str_eq(lgd_option_nearest(LGD_SV("sensitivty"), LGD_CMD_SCAN)->name, "sensitivity");
    ck_assert_str_eq(lgd_option_nearest(LGD_SV("inputs"), LGD_CMD_SCAN)->name, "input");
    ck_assert_ptr_null(lgd_option_nearest(LGD_SV("frobnicate"), LGD_CMD_SCAN));
    ck_assert_ptr_null(lgd_option_nearest(LGD_SV("x"), LGD_CMD_SCAN));
    ck_assert_ptr_null(lgd_option_nearest(LGD_SV("dayz"), LGD_CMD_SCAN));
    ck_assert_ptr_null(lgd_option_find(LGD_SV("days"), LGD_CMD_SCAN));
    ck_assert_ptr_null(lgd_option_find(LGD_SV("mod"), LGD_CMD_SCAN));
}
END_TEST

/* ---- YAML ---- */

/* Reads `text` as --config of scan; the message has "PATH" in place of the file's name. */
static lgd_status read_yaml(lgd_config *c, const char *text, size_t n, char message[1200]) {
    char path[] = "/tmp/lgd-config-XXXXXX";
    int fd = mkstemp(path);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(write(fd, text, n), (ssize_t)n);
    ck_assert_int_eq(close(fd), 0);
    lgd_err err = {0};
    lgd_config_init(c, LGD_CMD_SCAN);
    lgd_status status = lgd_config_read_yaml(c, path, LGD_CMD_SCAN, &err);
    ck_assert_int_eq(unlink(path), 0);
    bool named = strncmp(err.text, path, strlen(path)) == 0;
    (void)snprintf(message, 1200, "%s%s", named ? "PATH" : "", err.text + (named ? strlen(path) : 0));
    return status;
}

START_TEST(yaml_sets_what_the_command_takes) {
    static const char text[] = "# for all commands\n"
                               "input: [a.log, 'b c.log']\n"
                               "model: \"m/\"\n"
                               "days: 7\n" /* of train: checked, left alone */
                               "multiline: off\n"
                               "exit-code: true\n"
                               "fpr: 0.005\n"
                               "format: jsonl\n"
                               "verbose: 2\n";
    lgd_config c;
    char message[1200];
    ck_assert_msg(read_yaml(&c, text, sizeof text - 1, message) == LGD_OK, "%s", message);
    ck_assert_uint_eq(c.inputs.n, 2);
    ck_assert_str_eq(c.inputs.items[1], "b c.log");
    ck_assert_str_eq(c.model, "m/");
    ck_assert_uint_eq(c.days, 0);
    ck_assert(!c.multiline && c.exit_code && c.fpr == 0.005);
    ck_assert(c.format == LGD_FORMAT_JSONL && c.format_given);
    ck_assert_uint_eq(c.verbose, 2);
    lgd_config_release(&c);
}
END_TEST

START_TEST(yaml_format_of_another_command_is_left_alone) {
    lgd_config c;
    lgd_err err = {0};
    lgd_config_init(&c, LGD_CMD_TRAIN);
    char path[] = "/tmp/lgd-config-XXXXXX";
    int fd = mkstemp(path);
    ck_assert_int_eq(write(fd, "format: csv\n", 12), 12);
    ck_assert_int_eq(close(fd), 0);
    ck_assert_int_eq(lgd_config_read_yaml(&c, path, LGD_CMD_TRAIN, &err), LGD_OK);
    ck_assert_int_eq(unlink(path), 0);
    ck_assert(c.format == LGD_FORMAT_TEXT && !c.format_given);
    lgd_config_release(&c);
}
END_TEST

static const struct {
    const char *text, *expected;
} bad_yaml[] = {
    {"seed: 1\nmodle: x\n", "PATH:2: modle: no such option; did you mean 'model'?; nothing was done"},
    {"zzzzzz: 1\n", "PATH:1: zzzzzz: no such option; nothing was done"},
    {"seed: 1\nseed: 2\n", "PATH:2: seed: is here twice; nothing was done"},
    {"seed: one\n", "PATH:1: seed: 'one' is not allowed; it takes a whole number"},
    {"days: 99999\n", "PATH:1: days: '99999' is not allowed; it takes a whole number from 0 to 36500"},
    {"format: xml\n", "PATH:1: format: 'xml' is not allowed; it takes text|json|jsonl|csv"},
    {"quiet: 3\n", "PATH:1: quiet: '3' is not allowed; it takes on or off"},
    {"help: true\n", "PATH:1: help: is for the command line alone; nothing was done"},
    {"config: other.yaml\n", "PATH:1: config: is for the command line alone"},
    {"model: [a, b]\n", "PATH:1: model: takes one value; nothing was done"},
    {"model: {a: b}\n", "PATH:1: model: takes one value; nothing was done"},
    {"input: {a: b}\n", "PATH:1: input: takes a value or a list of values"},
    {"input:\n- a\n- [b]\n", "PATH:3: input: takes a list of plain values"},
    {"- seed\n", "PATH:1: expected lines of the form 'name: value'"},
    {"seed\n", "PATH:1: expected lines of the form 'name: value'"},
    {"seed: 1\n---\nseed: 2\n", "PATH:2: one document is allowed"},
    {"[a]: 1\n", "PATH:1: a plain name is expected"},
    {"model: &a x\n", "PATH:1: anchors, aliases and tags are not allowed here"},
    {"model: *a\n", "PATH:1: anchors, aliases and tags are not allowed here"},
    {"model: !!str x\n", "PATH:1: anchors, aliases and tags are not allowed here"},
    {"model: \"a\\0b\"\n", "PATH:1: model: 'a' is not allowed; it takes text without NUL bytes"},
    {"model:\n", "PATH:1: model: the value is empty; it takes PATH"},
    {"seed: 1\n\tmodel: x\n", "PATH:2: found"},
    {"model: \"x\n", "PATH:"},
    {"model: \xff\xfe\n", "PATH:"},
};

START_TEST(bad_yaml_is_refused_by_line_and_key) {
    lgd_config c;
    char message[1200];
    ck_assert_int_eq(read_yaml(&c, bad_yaml[_i].text, strlen(bad_yaml[_i].text), message), LGD_E_USAGE);
    ck_assert_msg(strncmp(message, bad_yaml[_i].expected, strlen(bad_yaml[_i].expected)) == 0, "%s", message);
    lgd_config_release(&c);
}
END_TEST

static void assert_big_yaml(const char *head, const char *unit, size_t n_bytes, const char *expected) {
    lgd_buf text = {0};
    lgd_config c;
    char message[1200];
    lgd_buf_add_sv(&text, lgd_sv_of(head));
    while (text.n < n_bytes) lgd_buf_add_sv(&text, lgd_sv_of(unit));
    ck_assert_int_ne(read_yaml(&c, text.p, text.n, message), LGD_OK);
    ck_assert_msg(strstr(message, expected) != NULL, "%s", message);
    lgd_config_release(&c);
    lgd_buf_release(&text);
}

START_TEST(yaml_has_caps) {
    assert_big_yaml("model: x #", "padding ", 2 << 20, "is larger than 1 MiB");
    assert_big_yaml("input: [", "a,", 40000, "more than 10,000 nodes");
    assert_big_yaml("input: ", "[", 500000, "PATH:1: more than 8 levels");
    assert_big_yaml("", "[", 500000, "expected lines of the form");
}
END_TEST

START_TEST(empty_yaml_and_missing_file) {
    lgd_config c;
    char message[1200];
    ck_assert_int_eq(read_yaml(&c, "# nothing\n", 10, message), LGD_OK);
    lgd_err err = {0};
    ck_assert_int_eq(lgd_config_read_yaml(&c, "/nonexistent/x.yaml", LGD_CMD_SCAN, &err), LGD_E_IO);
    ck_assert_ptr_nonnull(strstr(err.text, "/nonexistent/x.yaml: could not be opened"));
    lgd_config_release(&c);
}
END_TEST

START_TEST(every_failing_allocation_is_a_status) {
    static const char text[] = "input: [a, b]\nmodel: m\n";
    for (uint64_t k = 1; k < 20; k++) {
        lgd_config c;
        char message[1200];
        lgd_alloc_fail_at(k, true);
        lgd_status status = read_yaml(&c, text, sizeof text - 1, message);
        lgd_alloc_fail_at(0, false);
        ck_assert(status == LGD_OK || status == LGD_E_MEMORY);
        lgd_config_release(&c);
        if (status == LGD_OK) return;
    }
    ck_abort_msg("never succeeded");
}
END_TEST

/* ---- documentation ---- */

static void read_documentation(lgd_buf *b) {
    FILE *f = fopen(LGD_SOURCE_DIR "/docs/CLI.md", "rb");
    ck_assert_ptr_nonnull(f);
    char piece[4096];
    for (size_t n; (n = fread(piece, 1, sizeof piece, f)) > 0;) lgd_buf_add(b, piece, n);
    ck_assert_int_eq(fclose(f), 0);
    lgd_buf_add_char(b, 0);
}

/* The table row of an option: "| `-q`, `--quiet` | ... | help |". */
START_TEST(documentation_has_every_row) {
    lgd_buf docs = {0};
    read_documentation(&docs);
    size_t n_rows = 0;
    for (const char *p = docs.p; (p = strstr(p, "\n| `-")) != NULL; p++) n_rows++;
    ck_assert_uint_eq(n_rows, lgd_n_options);
    for (size_t i = 0; i < lgd_n_options; i++) {
        const lgd_option *row = &lgd_options[i];
        lgd_buf line = {0};
        lgd_buf_add_sv(&line, LGD_SV("| "));
        if (row->letter) lgd_buf_printf(&line, "`-%c`, ", row->letter);
        lgd_buf_printf(&line, "`--%s%s", row->name, row->argument ? " " : "");
        for (const char *p = row->argument ? row->argument : ""; *p; p++)
            lgd_buf_printf(&line, *p == '|' ? "\\|" : "%c", *p);
        lgd_buf_add_sv(&line, LGD_SV("` |"));
        lgd_buf_add_char(&line, 0);
        const char *at = strstr(docs.p, line.p);
        ck_assert_msg(at != NULL, "docs/CLI.md has no row '%s'", line.p);
        const char *help = strstr(at, row->help);
        ck_assert_msg(help && help < strchr(at, '\n'), "docs/CLI.md: --%s says other than its row: %s", row->name,
                      row->help);
        lgd_buf_release(&line);
    }
    lgd_buf_release(&docs);
}
END_TEST

Suite *config_suite(void);
Suite *config_suite(void) {
    Suite *s = suite_create("config");
    TCase *options = tcase_create("options");
    tcase_add_test(options, rows_are_unambiguous);
    tcase_add_test(options, every_default_is_allowed);
    tcase_add_test(options, defaults_are_those_of_the_documentation);
    tcase_add_test(options, values_reach_their_fields);
    tcase_add_loop_test(options, what_is_not_allowed_is_told_and_changes_nothing, 0,
                        sizeof refused / sizeof refused[0]);
    tcase_add_test(options, near_misses_are_recognised);
    tcase_add_test(options, documentation_has_every_row);
    suite_add_tcase(s, options);
    TCase *yaml = tcase_create("yaml");
    tcase_add_test(yaml, yaml_sets_what_the_command_takes);
    tcase_add_test(yaml, yaml_format_of_another_command_is_left_alone);
    tcase_add_loop_test(yaml, bad_yaml_is_refused_by_line_and_key, 0, sizeof bad_yaml / sizeof bad_yaml[0]);
    tcase_add_test(yaml, yaml_has_caps);
    tcase_add_test(yaml, empty_yaml_and_missing_file);
    tcase_add_test(yaml, every_failing_allocation_is_a_status);
    suite_add_tcase(s, yaml);
    return s;
}
