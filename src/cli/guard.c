/*
 * cli/guard: an output must not be one of the files that are read: writing would destroy what is being read, or a scan
 * would read its own report. Names do not tell (links, ./, bind mounts), so devices and inodes are compared, before
 * anything is read or written. Only regular files count: a terminal or /dev/null may be both.
 *
 * Two logs that are one pipe under two names cannot be compared: the first would take all of it.
 */
#include "cli.h"

#include <sys/stat.h>
#include <unistd.h>

typedef struct identity {
    bool known;
    dev_t dev;
    ino_t ino;
} identity;

static identity identity_of(const struct stat *s) { return (identity){S_ISREG(s->st_mode), s->st_dev, s->st_ino}; }

static identity identity_of_descriptor(int fd) {
    struct stat s;
    return fstat(fd, &s) == 0 ? identity_of(&s) : (identity){0};
}

static identity identity_of_path(const char *path) {
    struct stat s;
    return path && stat(path, &s) == 0 ? identity_of(&s) : (identity){0};
}

static bool same(identity a, identity b) { return a.known && b.known && a.dev == b.dev && a.ino == b.ino; }

/* A model is named by its file or by the folder it is in. */
static lgd_status identity_of_model(const char *path, identity *ret, lgd_err *err) {
    lgd_buf file = {0};
    identity found = identity_of_path(path);
    lgd_status status = path && !found.known ? lgd_model_path(path, &file, err) : LGD_OK;
    if (status == LGD_OK && file.n) found = identity_of_path(file.p);
    lgd_buf_release(&file);
    if (status == LGD_OK) *ret = found;
    return status;
}

static lgd_status output_identity(const lgd_cli *cli, identity *ret, lgd_err *err) {
    const char *path = cli->config.output;
    if (cli->command->bit == LGD_CMD_TRAIN) return identity_of_model(path, ret, err);
    bool named = path && strcmp(path, "-") != 0;
    *ret = named ? identity_of_path(path) : identity_of_descriptor(STDOUT_FILENO);
    return LGD_OK;
}

static lgd_status check_inputs(const lgd_cli *cli, const lgd_input_list *list, identity output, lgd_err *err) {
    for (size_t i = 0; i < list->n_files; i++) {
        const lgd_input_file *f = &list->files[i];
        identity input = {f->ino != 0, (dev_t)f->dev, (ino_t)f->ino};
        if (strcmp(f->path, "-") == 0) input = identity_of_descriptor(STDIN_FILENO);
        if (same(output, input))
            return lgd_fail(err, LGD_E_USAGE, "%s: is also the output (%s); nothing was read or written", f->path,
                            cli->config.output ? cli->config.output : "standard output");
    }
    return LGD_OK;
}

static identity identity_of_pipe(const char *path) {
    struct stat s;
    int failed = strcmp(path, "-") == 0 ? fstat(STDIN_FILENO, &s) : stat(path, &s);
    return failed ? (identity){0} : (identity){S_ISFIFO(s.st_mode) || S_ISSOCK(s.st_mode), s.st_dev, s.st_ino};
}

static lgd_status check_sides(const lgd_strings *inputs, lgd_err *err) {
    if (inputs->n != 2) return LGD_OK;
    bool standard_input = strcmp(inputs->items[0], "-") == 0 && strcmp(inputs->items[1], "-") == 0; /* whatever it is */
    if (standard_input || !same(identity_of_pipe(inputs->items[0]), identity_of_pipe(inputs->items[1]))) return LGD_OK;
    return lgd_fail(err, LGD_E_USAGE, "diff: %s and %s are one pipe, which can be only one of the two logs",
                    inputs->items[0], inputs->items[1]);
}

lgd_status lgd_guard_check(const lgd_cli *cli, lgd_err *err) {
    const lgd_config *c = &cli->config;
    if (cli->command->bit == LGD_CMD_DIFF) LGD_TRY(check_sides(&c->inputs, err));
    identity output = {0}, model = {0};
    LGD_TRY(output_identity(cli, &output, err));
    if (!output.known) return LGD_OK;
    LGD_TRY(identity_of_model(c->model, &model, err));
    if (same(output, model))
        return lgd_fail(err, LGD_E_USAGE, "%s: is the model and also the output; nothing was read or written",
                        c->model);
    if (same(output, identity_of_path(c->config_path)))
        return lgd_fail(err, LGD_E_USAGE, "%s: is the configuration and also the output; nothing was read or written",
                        c->config_path);
    if (c->recipe && lgd_recipe_is_path(c->recipe) && same(output, identity_of_path(c->recipe)))
        return lgd_fail(err, LGD_E_USAGE, "%s: is the recipe and also the output; nothing was read or written",
                        c->recipe);
    lgd_input_list list = {0};
    lgd_status status = LGD_OK;
    for (size_t i = 0; i < c->inputs.n && status == LGD_OK; i++)
        status = lgd_input_add(&list, c->inputs.items[i], c->recursive, err);
    if (status == LGD_OK) status = check_inputs(cli, &list, output, err);
    lgd_input_list_release(&list);
    return status;
}
