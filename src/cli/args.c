/*
 * cli/args: the words of a command line -> lgd_config, by the rows of the option table. There is no knowledge of any
 * option here but of --config and of the plain arguments, which are inputs wherever a command takes files.
 *
 *     --name VALUE   --name=VALUE   --flag   --flag=off   -n VALUE   -nVALUE   -qv   --   -
 */
#include "cli.h"

typedef struct words {
    char *const *items;
    int n, next;
} words;

static bool takes_value(const lgd_option *row) { return row->type != LGD_OPTION_FLAG && row->type != LGD_OPTION_COUNT; }

/* What an option without a value means: on, or once more. */
static lgd_sv bare_value(const lgd_option *row) { return row->type == LGD_OPTION_COUNT ? LGD_SV("1") : LGD_SV("on"); }

static lgd_status unknown_option(const lgd_cli *cli, lgd_sv name, lgd_err *err) {
    enum { SHOWN_BYTES = 60 };
    int n = (int)(name.n < SHOWN_BYTES ? name.n : SHOWN_BYTES);
    const char *command = cli->command->run ? cli->command->name : "logdetect";
    if (lgd_option_find(name, LGD_CMD_ALL))
        return lgd_fail(err, LGD_E_USAGE, "--%.*s is an option of other commands, not of %s", n, name.p, command);
    const lgd_option *near = lgd_option_nearest(name, cli->command->bit);
    if (near) return lgd_fail(err, LGD_E_USAGE, "there is no option --%.*s; did you mean --%s?", n, name.p, near->name);
    return lgd_fail(err, LGD_E_USAGE, "there is no option --%.*s", n, name.p);
}

static lgd_status next_value(words *w, const lgd_option *row, lgd_sv *ret_value, lgd_err *err) {
    if (w->next == w->n)
        return lgd_fail(err, LGD_E_USAGE, "--%s: its value is missing; it takes %s", row->name, row->argument);
    *ret_value = lgd_sv_of(w->items[w->next++]);
    return LGD_OK;
}

static lgd_status set(lgd_cli *cli, const lgd_option *row, lgd_sv value, lgd_err *err) {
    return lgd_option_set(&cli->config, row, value, cli->command->bit, err);
}

/* word: what follows "--". */
static lgd_status read_long(lgd_cli *cli, words *w, const char *word, lgd_err *err) {
    size_t n = strcspn(word, "=");
    lgd_sv name = {word, n};
    const lgd_option *row = lgd_option_find(name, cli->command->bit);
    if (!row) return unknown_option(cli, name, err);
    lgd_sv value = bare_value(row);
    if (word[n] == '=')
        value = lgd_sv_of(word + n + 1);
    else if (takes_value(row))
        LGD_TRY(next_value(w, row, &value, err));
    return set(cli, row, value, err);
}

static const lgd_option *find_letter(char letter, unsigned command) {
    for (size_t i = 0; i < lgd_n_options; i++)
        if (lgd_options[i].letter == letter && (lgd_options[i].commands & command)) return &lgd_options[i];
    return NULL;
}

/* letters: what follows "-"; the first that takes a value takes the rest of the word, or the next word. */
static lgd_status read_letters(lgd_cli *cli, words *w, const char *letters, lgd_err *err) {
    for (; *letters; letters++) {
        const lgd_option *row = find_letter(*letters, cli->command->bit);
        if (!row) return lgd_fail(err, LGD_E_USAGE, "there is no option -%c", *letters);
        if (!takes_value(row)) {
            LGD_TRY(set(cli, row, bare_value(row), err));
            continue;
        }
        lgd_sv value = lgd_sv_of(letters + 1);
        if (value.n == 0) LGD_TRY(next_value(w, row, &value, err));
        return set(cli, row, value, err);
    }
    return LGD_OK;
}

static lgd_status read_plain(lgd_cli *cli, const char *word, lgd_err *err) {
    const lgd_option *input = lgd_option_find(LGD_SV("input"), LGD_CMD_ALL);
    if (cli->command->takes_files) return set(cli, input, lgd_sv_of(word), err);
    lgd_strings *plain = &cli->words;
    void *items = plain->items;
    lgd_status status = lgd_grow(&items, &plain->capacity, plain->n + 1, sizeof *plain->items, 1000, err);
    plain->items = items;
    LGD_TRY(status);
    size_t n_bytes = strlen(word) + 1;
    char *copy = lgd_alloc(n_bytes);
    if (!copy) return lgd_fail_memory(err, n_bytes);
    memcpy(copy, word, n_bytes);
    plain->items[plain->n++] = copy;
    return LGD_OK;
}

static lgd_status read_words(lgd_cli *cli, words w, lgd_err *err) {
    bool options = true;
    while (w.next < w.n) {
        const char *word = w.items[w.next++];
        if (options && strcmp(word, "--") == 0)
            options = false;
        else if (options && word[0] == '-' && word[1] == '-')
            LGD_TRY(read_long(cli, &w, word + 2, err));
        else if (options && word[0] == '-' && word[1])
            LGD_TRY(read_letters(cli, &w, word + 1, err));
        else
            LGD_TRY(read_plain(cli, word, err));
    }
    return LGD_OK;
}

/* The command line outranks the file: it is read once to find --config, and again on top of what the file says. Inputs
 * of the command line stand instead of those of the file. */
static lgd_status read_again_over_file(lgd_cli *cli, words w, lgd_err *err) {
    lgd_config first = cli->config;
    lgd_config_init(&cli->config, cli->command->bit);
    lgd_strings_release(&cli->words);
    lgd_status status = lgd_config_read_yaml(&cli->config, first.config_path, cli->command->bit, err);
    if (first.inputs.n) lgd_strings_release(&cli->config.inputs);
    lgd_config_release(&first);
    LGD_TRY(status);
    return read_words(cli, w, err);
}

lgd_status lgd_args_read(lgd_cli *cli, int n, char *const *args, lgd_err *err) {
    words w = {args, n, 0};
    lgd_config_init(&cli->config, cli->command->bit);
    LGD_TRY(read_words(cli, w, err));
    bool asks = cli->config.help || cli->config.version;
    return cli->config.config_path && !asks ? read_again_over_file(cli, w, err) : LGD_OK;
}
