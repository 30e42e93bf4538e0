/*
 * cli/guard: an output or a checkpoint must not be one of the files that are read: writing would destroy what is being read,
 * or a scan would read its own report; nor may one be the other. Names do not tell (links, ./, bind mounts), so devices and inodes are compared, before
 * anything is read or written. Only regular files count: a terminal or /dev/null may be both.
 *
 * Two logs that are one pipe under two names cannot be compared: the first would take all of it.
 */
#include "cli.h"

#include <limits.h>
#include <stdio.h>
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

/* A file that will be written. */
typedef struct written {
    const char *name, *role; /* as the user gave it, what it is */
    identity id;             /* of what is there already */
    bool is_update;          /* a model that is read whole before it is replaced */
} written;

static lgd_status find_output(const lgd_cli *cli, written *ret, lgd_err *err) {
    const char *path = cli->config.output;
    *ret = (written){path ? path : "standard output", "output", {0}, cli->config.update};
    if (cli->command->bit == LGD_CMD_TRAIN) return identity_of_model(path, &ret->id, err);
    bool named = path && strcmp(path, "-") != 0;
    ret->id = named ? identity_of_path(path) : identity_of_descriptor(STDOUT_FILENO);
    return LGD_OK;
}

static lgd_status check_inputs(const lgd_input_list *list, const written *w, lgd_err *err) {
    for (size_t i = 0; i < list->n_files; i++) {
        const lgd_input_file *f = &list->files[i];
        identity input = {f->ino != 0, (dev_t)f->dev, (ino_t)f->ino};
        if (strcmp(f->path, "-") == 0) input = identity_of_descriptor(STDIN_FILENO);
        if (same(w->id, input))
            return lgd_fail(err, LGD_E_USAGE, "%s: is also the %s (%s); nothing was read or written", f->path, w->role,
                            w->name);
    }
    return LGD_OK;
}

static lgd_status fail_same(const char *path, const char *what, const written *w, lgd_err *err) {
    return lgd_fail(err, LGD_E_USAGE, "%s: is the %s and also the %s; nothing was read or written", path, what,
                    w->role);
}

/* What lies beside the model. */
static lgd_status check_allowed(const char *model, const written *w, lgd_err *err) {
    lgd_buf file = {0}, list = {0};
    if (!model) return LGD_OK;
    lgd_status status = LGD_OK;
    if (identity_of_path(model).known)
        lgd_buf_add(&file, model, strlen(model) + 1);
    else
        status = lgd_model_path(model, &file, err);
    if (status == LGD_OK && file.failed) status = lgd_fail_memory(err, file.n);
    if (status == LGD_OK) status = lgd_model_allow_path(file.p, &list, err);
    if (status == LGD_OK && same(w->id, identity_of_path(list.p))) status = fail_same(list.p, "allow-list", w, err);
    lgd_buf_release(&file);
    lgd_buf_release(&list);
    return status;
}

static lgd_status check_written(const lgd_config *c, const written *w, lgd_err *err) {
    identity model = {0};
    if (!w->id.known) return LGD_OK;
    LGD_TRY(identity_of_model(c->model, &model, err));
    if (!w->is_update && same(w->id, model)) return fail_same(c->model, "model", w, err);
    LGD_TRY(check_allowed(c->model, w, err));
    if (same(w->id, identity_of_path(c->config_path))) return fail_same(c->config_path, "configuration", w, err);
    if (same(w->id, identity_of_path(c->labels))) return fail_same(c->labels, "file of labels", w, err);
    if (c->recipe && lgd_recipe_is_path(c->recipe) && same(w->id, identity_of_path(c->recipe)))
        return fail_same(c->recipe, "recipe", w, err);
    lgd_input_list list = {0};
    lgd_status status = LGD_OK;
    for (size_t i = 0; i < c->inputs.n && status == LGD_OK; i++)
        status = lgd_input_add(&list, c->inputs.items[i], c->recursive, err);
    if (status == LGD_OK) status = check_inputs(&list, w, err);
    lgd_input_list_release(&list);
    return status;
}

/* ---- what may not be there yet ---- */

static const char *name_of(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static identity identity_of_folder(const char *path) {
    char folder[PATH_MAX];
    struct stat s;
    int n = snprintf(folder, sizeof folder, "%.*s.", (int)(name_of(path) - path), path);
    bool found = n > 0 && (size_t)n < sizeof folder && stat(folder, &s) == 0;
    return found ? (identity){true, s.st_dev, s.st_ino} : (identity){0};
}

static bool same_place(const char *a, const char *b) {
    if (same(identity_of_path(a), identity_of_path(b))) return true;
    return strcmp(name_of(a), name_of(b)) == 0 && same(identity_of_folder(a), identity_of_folder(b));
}

/* The model goes to its file, and to the folder of that. */
static lgd_status check_checkpoint(const lgd_config *c, lgd_err *err) {
    if (!c->checkpoint || !c->output) return LGD_OK;
    written w = {c->checkpoint, "checkpoint", identity_of_path(c->checkpoint), false};
    lgd_buf model = {0};
    LGD_TRY(check_written(c, &w, err));
    lgd_status status = lgd_model_path(c->output, &model, err);
    if (status == LGD_OK && (same_place(c->checkpoint, c->output) || same_place(c->checkpoint, model.p)))
        status = fail_same(c->checkpoint, "output", &w, err);
    lgd_buf_release(&model);
    return status;
}

/* ---- the two sides of diff ---- */

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
    written output;
    LGD_TRY(find_output(cli, &output, err));
    LGD_TRY(check_written(c, &output, err));
    return check_checkpoint(c, err);
}
