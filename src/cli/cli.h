/*
 * cli: what only a program may do - read argv and the environment, look at terminals, print, exit. Private to src/cli
 * and main.c.
 *
 *     argv -> command table -> options (args.c, YAML) -> checks (guard.c) -> run -> exit status
 */
#ifndef LGD_CLI_H
#define LGD_CLI_H

#include "logdetect/logdetect.h"

enum { LGD_EXIT_DONE = 0, LGD_EXIT_ANOMALIES = 1, LGD_EXIT_FAILED = 2, LGD_EXIT_INCOMPLETE = 3, LGD_EXIT_PIPE = 141 };

/* ---- console.c, progress.c: standard error ---- */

enum { LGD_CONDITIONS = 64 };

typedef struct lgd_console {
    bool quiet;
    bool terminal;  /* standard error is one */
    bool bar_shown; /* a progress bar stands on the last line */
    int64_t bar_drawn_ns;
    /* Conditions that were warned of. Past the last place, all others count as one. */
    struct {
        uint64_t hash, count;
        char text[200]; /* of the first warning */
    } conditions[LGD_CONDITIONS];
    size_t n_conditions;
} lgd_console;

void lgd_console_init(lgd_console *console, bool quiet);
void lgd_console_error(lgd_console *console, const char *text);
/* An lgd_world.warn: the same condition is told three times, then counted. */
void lgd_console_warn(void *console, const char *text);
/* An lgd_world.progress: a bar, on a terminal alone, at most ten times a second. */
void lgd_console_progress(void *console, const char *phase, uint64_t done_bytes, uint64_t total_bytes);
void lgd_console_clear_bar(lgd_console *console);
/* "12,345 lines in 0.42 s, 29,393 lines/s". */
void lgd_console_speed(lgd_console *console, const lgd_outcome *outcome, int64_t elapsed_ns);
/* Removes the bar and tells how often warnings were held back. */
void lgd_console_finish(lgd_console *console);
int64_t lgd_monotonic_ns(void);

/* ---- the commands ---- */

typedef struct lgd_cli lgd_cli;

typedef struct lgd_command {
    const char *name;
    unsigned bit;            /* LGD_CMD_* */
    const char *arguments;   /* "[OPTION]... FILE..." */
    const char *summary;     /* half a line for the overview */
    const char *description; /* some sentences */
    const char *examples[2];
    lgd_status (*run)(lgd_cli *cli, lgd_outcome *ret_outcome, lgd_err *err);
    bool takes_files; /* its plain arguments are inputs */
} lgd_command;

extern const lgd_command lgd_commands[];
extern const size_t lgd_n_commands;

struct lgd_cli {
    const lgd_command *command;
    lgd_config config;
    lgd_strings words; /* plain arguments of a command that takes no files */
    lgd_console console;
};

int lgd_cli_main(int argc, char **argv);
lgd_status lgd_train_run(lgd_cli *cli, lgd_outcome *ret_outcome, lgd_err *err);
lgd_status lgd_scan_run(lgd_cli *cli, lgd_outcome *ret_outcome, lgd_err *err);
lgd_status lgd_parse_run(lgd_cli *cli, lgd_outcome *ret_outcome, lgd_err *err);
lgd_status lgd_diff_run(lgd_cli *cli, lgd_outcome *ret_outcome, lgd_err *err);
lgd_status lgd_eval_run(lgd_cli *cli, lgd_outcome *ret_outcome, lgd_err *err);
lgd_status lgd_model_run(lgd_cli *cli, lgd_outcome *ret_outcome, lgd_err *err);

/* ---- args.c ---- */

/* Reads options and plain arguments into cli->config and cli->words, and the --config file, which they outrank.
 * Errors: usage. */
LGD_MUST_CHECK lgd_status lgd_args_read(lgd_cli *cli, int n, char *const *args, lgd_err *err);

/* ---- help.c, version.c ---- */

void lgd_help_overview(lgd_buf *b);
void lgd_help_command(lgd_buf *b, const lgd_command *command);
void lgd_version_text(lgd_buf *b, bool verbose);

/* ---- guard.c ---- */

/* Refuses an output that is also an input, the model or the configuration, whatever the names: dev and inode decide;
 * and a pipe that diff would have to read twice. */
LGD_MUST_CHECK lgd_status lgd_guard_check(const lgd_cli *cli, lgd_err *err);

/* ---- world.c: what the library gets from outside ---- */

LGD_MUST_CHECK lgd_status lgd_world_init(lgd_world *world, lgd_cli *cli, lgd_err *err);

/* Whether a report on standard output is to be coloured: --color, else a terminal, NO_COLOR and TERM decide. */
bool lgd_wants_color(const lgd_config *c);

/* ---- output.c ---- */

/* Where results go: standard output, or --output, where the old file stays until the new one is whole. */
typedef struct lgd_output {
    lgd_buf pending;
    int fd;           /* -1: kept in pending until the end */
    const char *name; /* as the user wrote it; NULL: standard output */
    char *path;       /* with links resolved */
    char *temporary;  /* NULL: none */
    bool unbuffered;  /* hand on each record at once */
} lgd_output;

/* path: NULL or "-" is standard output. stream: the result comes bit by bit (jsonl, csv) and may be larger than memory. */
LGD_MUST_CHECK lgd_status lgd_output_open(lgd_output *o, const char *path, bool stream, lgd_err *err);
lgd_sink lgd_output_sink(lgd_output *o);
/* Writes what is left and puts the file in its place. */
LGD_MUST_CHECK lgd_status lgd_output_finish(lgd_output *o, lgd_err *err);
/* Frees everything; without a finish before it the old file stays. */
void lgd_output_release(lgd_output *o);
/* All of b to standard output. */
LGD_MUST_CHECK lgd_status lgd_output_print(const lgd_buf *b, lgd_err *err);

#endif
