/*
 * cli: argv -> command -> exit status. The table of commands stands here; each command has its own file.
 *
 * Exit status: 0 done, 1 anomalies (with --exit-code), 2 failed, 3 some input was missing; 2 outranks 3 outranks 1. When
 * the reader of our output goes away, the process ends as SIGPIPE would have ended it, and says nothing.
 */
#include "cli.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

const lgd_command lgd_commands[] = {
    {"train",
     LGD_CMD_TRAIN,
     "--output PATH [OPTION]... FILE...",
     "learn what is normal from logs, write a model",
     "Learns what is normal from the logs in FILE... and writes a model to --output. Prints what was learned and "
     "whether "
     "it is enough.",
     {"logdetect train --days 7 --output model/ '/var/log/app/*.log'",
      "zcat old.gz | logdetect train --output app.lgd -"},
     lgd_train_run,
     true},
    {"scan",
     LGD_CMD_SCAN,
     "[--model PATH] [OPTION]... FILE...",
     "find what is not normal, and why",
     "Reports the incidents in FILE...: which lines, since when, and why they are not normal. Without --model it "
     "learns "
     "from FILE... itself, which finds what is rare there.",
     {"logdetect scan --model model/ today.log",
      "logdetect scan -m model/ --format jsonl today.log | jq 'select(.type==\"incident\")'"},
     lgd_scan_run,
     true},
    {"parse",
     LGD_CMD_PARSE,
     "[OPTION]... FILE...",
     "print each record with its template and parameters",
     "Prints each record of FILE... with its timestamp, level, component, template and parameters.",
     {"logdetect parse app.log > app.csv", "logdetect parse --format jsonl app.log | jq -r .template | sort | uniq -c"},
     lgd_parse_run,
     true},
    {"diff",
     LGD_CMD_DIFF,
     "[OPTION]... GOOD BAD",
     "tell what is new, gone, more or less frequent",
     "Compares two logs, each a file, a glob in quotes, a folder (with -r) or -, on one table of templates: what came "
     "only "
     "in BAD, only in GOOD, more or less often than GOOD lets expect. Needs no model.",
     {"logdetect diff yesterday.log today.log",
      "logdetect diff --format jsonl 'before/*.log' 'after/*.log' | jq 'select(.type==\"change\") | .template'"},
     lgd_diff_run,
     true},
    {"eval",
     LGD_CMD_EVAL,
     "--labels FILE [OPTION]... FILE...",
     "measure how well labelled anomalies are found",
     "Scores the logs in FILE... and compares with labels of lines or sessions: precision, recall, F1, average "
     "precision, ROC-AUC, the rate of false alarms. Without --model the first part of the log trains and the rest is "
     "tested.",
     {"logdetect eval --session 'blk_-?\\d+' --train-normal --labels anomaly_label.csv HDFS.log",
      "logdetect eval --labels-in-line --split 0.8 --window 100 --format json BGL.log"},
     lgd_eval_run,
     true},
    {"model",
     LGD_CMD_MODEL,
     "info|templates|check|allow MODEL [OPTION]... [ARGUMENT]...",
     "show what is inside a model, whether it fits a log, what it allows",
     "Shows what is inside MODEL: `info` where it comes from and what it learned, `templates` every template, with -v "
     "also when it came, its first message and the values of its places. `check MODEL FILE...` tells whether the model "
     "still fits a log, with exit status 1 if not. `allow MODEL list`, `add KEY=VALUE...` and `remove LINE...` show "
     "and "
     "edit the list of what is normal and not to be told.",
     {"logdetect model check model/ today.log",
      "logdetect model allow model/ add id=17 until=2026-12-31 reason='known, ticket 4711'"},
     lgd_model_run,
     false},
};
const size_t lgd_n_commands = sizeof lgd_commands / sizeof lgd_commands[0];

/* Options before a command: only --help and --version make sense there. */
static const lgd_command no_command = {.name = "", .bit = LGD_CMD_ALL};

static const lgd_command *command_find(const char *name) {
    for (size_t i = 0; i < lgd_n_commands; i++)
        if (strcmp(lgd_commands[i].name, name) == 0) return &lgd_commands[i];
    return NULL;
}

static lgd_status unknown_command(const char *name, lgd_err *err) {
    lgd_buf names = {0};
    for (size_t i = 0; i < lgd_n_commands; i++) lgd_buf_printf(&names, "%s%s", i ? ", " : "", lgd_commands[i].name);
    lgd_buf_add_char(&names, 0);
    lgd_fail(err, LGD_E_USAGE, "'%.80s' is not a command; there are %s", name, names.failed ? "others" : names.p);
    lgd_buf_release(&names);
    return LGD_E_USAGE;
}

/* A descriptor 0, 1 or 2 that came closed would be given to the first file we open, and results would go into it.
 * Each is opened the wrong way round, so that using it fails. */
static void occupy_standard_descriptors(void) {
    for (int fd = 0; fd <= 2; fd++)
        if (fcntl(fd, F_GETFD) == -1) (void)open("/dev/null", fd == 0 ? O_WRONLY : O_RDONLY);
}

static void ignore_signals(void) {
    (void)signal(SIGPIPE, SIG_IGN); /* EPIPE tells it where it happens */
    (void)signal(SIGXFSZ, SIG_IGN); /* EFBIG likewise */
}

static int die_of_pipe(void) {
    (void)signal(SIGPIPE, SIG_DFL);
    (void)raise(SIGPIPE);
    return LGD_EXIT_PIPE;
}

static int exit_status(const lgd_cli *cli, lgd_status status, const lgd_outcome *outcome) {
    if (status == LGD_E_CLOSED) return die_of_pipe();
    if (status != LGD_OK) return LGD_EXIT_FAILED;
    if (outcome->incomplete) return LGD_EXIT_INCOMPLETE;
    return cli->config.exit_code && outcome->anomalies ? LGD_EXIT_ANOMALIES : LGD_EXIT_DONE;
}

static lgd_status print_help(const lgd_command *command, lgd_err *err) {
    lgd_buf b = {0};
    if (command->run)
        lgd_help_command(&b, command);
    else
        lgd_help_overview(&b);
    lgd_status status = lgd_output_print(&b, err);
    lgd_buf_release(&b);
    return status;
}

static lgd_status print_version(bool verbose, lgd_err *err) {
    lgd_buf b = {0};
    lgd_version_text(&b, verbose);
    lgd_status status = lgd_output_print(&b, err);
    lgd_buf_release(&b);
    return status;
}

/* What the rows offer for later and this build does not have, and choices that exclude each other. */
static lgd_status check_config(const lgd_cli *cli, lgd_err *err) {
    const lgd_config *c = &cli->config;
    if (c->fpr > 0 && c->sensitivity_given)
        return lgd_fail(err, LGD_E_USAGE, "--fpr and --sensitivity exclude each other; give one");
    if (c->budget && (c->fpr > 0 || c->sensitivity_given))
        return lgd_fail(err, LGD_E_USAGE, "--budget excludes --fpr and --sensitivity; give one");
    if (c->emit == LGD_EMIT_ALL && (c->format == LGD_FORMAT_TEXT || c->format == LGD_FORMAT_JSON))
        return lgd_fail(err, LGD_E_USAGE, "--emit all needs --format jsonl or csv");
    if (cli->command->takes_files && c->inputs.n == 0)
        return lgd_fail(err, LGD_E_USAGE, "%s: no input was named; name files, or - for standard input",
                        cli->command->name);
    return LGD_OK;
}

static lgd_status run(lgd_cli *cli, lgd_outcome *ret_outcome, lgd_err *err) {
    LGD_TRY(lgd_guard_check(cli, err));
    int64_t start_ns = lgd_monotonic_ns();
    lgd_status status = cli->command->run(cli, ret_outcome, err);
    if (status == LGD_OK && ret_outcome->lines && (cli->console.terminal || cli->config.verbose))
        lgd_console_speed(&cli->console, ret_outcome, lgd_monotonic_ns() - start_ns);
    return status;
}

/* argv[0] is the command, or an option when none was named. */
static lgd_status dispatch(lgd_cli *cli, int argc, char **argv, lgd_outcome *ret_outcome, lgd_err *err) {
    bool bare = argv[0][0] == '-';
    bool help = strcmp(argv[0], "help") == 0;
    if (help && argc == 1) return print_help(&no_command, err);
    const char *name = help ? argv[1] : argv[0];
    cli->command = bare ? &no_command : command_find(name);
    if (!cli->command) return unknown_command(name, err);
    if (help) return print_help(cli->command, err);

    lgd_status status = lgd_args_read(cli, bare ? argc : argc - 1, bare ? argv : argv + 1, err);
    lgd_console_init(&cli->console, cli->config.quiet);
    LGD_TRY(status);
    if (cli->config.help) return print_help(cli->command, err);
    if (cli->config.version) return print_version(cli->config.verbose > 0, err);
    if (bare) return lgd_fail(err, LGD_E_USAGE, "%.80s: name a command before its options", argv[0]);
    LGD_TRY(check_config(cli, err));
    return run(cli, ret_outcome, err);
}

static void tell_error(lgd_cli *cli, const lgd_err *err) {
    lgd_console_error(&cli->console, err->text);
    if (err->status != LGD_E_USAGE) return;
    lgd_buf hint = {0};
    bool named = cli->command && cli->command->run;
    lgd_buf_printf(&hint, "see: logdetect %s%s--help", named ? cli->command->name : "", named ? " " : "");
    lgd_buf_add_char(&hint, 0);
    if (!hint.failed) lgd_console_error(&cli->console, hint.p);
    lgd_buf_release(&hint);
}

static int without_arguments(void) {
    lgd_buf b = {0};
    lgd_help_overview(&b);
    for (size_t at = 0; at < b.n;) {
        ssize_t n = write(STDERR_FILENO, b.p + at, b.n - at);
        if (n <= 0) break;
        at += (size_t)n;
    }
    lgd_buf_release(&b);
    return LGD_EXIT_FAILED;
}

int lgd_cli_main(int argc, char **argv) {
    occupy_standard_descriptors();
    ignore_signals();
    if (argc < 2) return without_arguments();
    lgd_cli cli = {0};
    lgd_err err = {0};
    lgd_outcome outcome = {0};
    lgd_console_init(&cli.console, false);
    lgd_status status = dispatch(&cli, argc - 1, argv + 1, &outcome, &err);
    lgd_console_finish(&cli.console);
    if (status != LGD_OK && status != LGD_E_CLOSED) tell_error(&cli, &err);
    int code = exit_status(&cli, status, &outcome);
    lgd_config_release(&cli.config);
    lgd_strings_release(&cli.words);
    return code;
}
