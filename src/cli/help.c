/*
 * cli/help: the tables of commands and options as text of 80 columns. Nothing is written twice: a new row shows up here.
 */
#include "cli.h"

enum { WIDTH = 80, COLUMN = 28 };

static void add(lgd_buf *b, const char *text) { lgd_buf_add_sv(b, lgd_sv_of(text)); }

/* Words of text in lines of WIDTH, each but the first indented. `at`: the column where the first begins. */
static void wrap(lgd_buf *b, const char *text, size_t at, size_t indent) {
    size_t column = at;
    bool first = true;
    while (*text) {
        size_t n = strcspn(text, " ");
        if (!first && column + 1 + n > WIDTH) {
            lgd_buf_printf(b, "\n%*s", (int)indent, "");
            column = indent;
        } else if (!first) {
            lgd_buf_add_char(b, ' ');
            column++;
        }
        lgd_buf_add(b, text, n);
        column += n;
        first = false;
        text += n + (text[n] == ' ');
    }
    lgd_buf_add_char(b, '\n');
}

static void put_option(lgd_buf *b, const lgd_option *row, unsigned command) {
    size_t start = b->n;
    if (row->letter)
        lgd_buf_printf(b, "  -%c, --%s", row->letter, row->name);
    else
        lgd_buf_printf(b, "      --%s", row->name);
    if (row->argument) lgd_buf_printf(b, " %s", row->argument);
    size_t used = b->n - start;
    if (used + 2 > COLUMN)
        lgd_buf_printf(b, "\n%*s", COLUMN, "");
    else
        lgd_buf_printf(b, "%*s", (int)(COLUMN - used), "");

    lgd_buf text = {0};
    const char *choices = lgd_option_choices(row, command), *preset = lgd_option_default(row, command);
    add(&text, row->help);
    if (choices) lgd_buf_printf(&text, " One of %s.", choices);
    if (preset) lgd_buf_printf(&text, " Default: %s.", preset);
    lgd_buf_add_char(&text, 0);
    if (!text.failed) wrap(b, text.p, COLUMN, COLUMN);
    lgd_buf_release(&text);
}

void lgd_help_command(lgd_buf *b, const lgd_command *command) {
    lgd_buf_printf(b, "Usage: logdetect %s %s\n\n", command->name, command->arguments);
    wrap(b, command->description, 0, 0);
    add(b, "\nExamples:\n");
    for (size_t i = 0; i < sizeof command->examples / sizeof command->examples[0]; i++)
        lgd_buf_printf(b, "  %s\n", command->examples[i]);
    add(b, "\nOptions:\n");
    for (size_t i = 0; i < lgd_n_options; i++)
        if ((lgd_options[i].commands & command->bit) && lgd_options[i].commands != LGD_CMD_ALL)
            put_option(b, &lgd_options[i], command->bit);
    /* Options of every command come last; what differs by command is shown as this one has it. */
    for (size_t i = 0; i < lgd_n_options; i++)
        if (lgd_options[i].commands == LGD_CMD_ALL) put_option(b, &lgd_options[i], command->bit);
    lgd_buf_add_char(b, '\n');
    wrap(b,
         "Exit status: 0 done; 1 anomalies found, with --exit-code; 2 failed; 3 some input was missing or damaged, the "
         "rest is valid.",
         0, 0);
}

void lgd_help_overview(lgd_buf *b) {
    add(b, "Usage: logdetect COMMAND [OPTION]... [FILE]...\n\n"
           "Learns what is normal in a system's logs and says what is not: which lines, why,\n"
           "and which of them belong to one incident.\n\nCommands:\n");
    for (size_t i = 0; i < lgd_n_commands; i++)
        lgd_buf_printf(b, "  %-8s  %s\n", lgd_commands[i].name, lgd_commands[i].summary);
    lgd_buf_printf(b, "\nExamples:\n  %s\n  %s\n", lgd_commands[0].examples[0], lgd_commands[1].examples[0]);
    add(b, "\nlogdetect COMMAND --help tells its options, logdetect --version -v what was built in.\n");
}
