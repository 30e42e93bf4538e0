/*
 * cli/model: `model info MODEL` and `model templates MODEL`.
 */
#include "cli.h"

static lgd_status show_info(const char *path, const lgd_config *c, lgd_buf *out, lgd_err *err) {
    return lgd_model_info(path, c->format, out, err);
}

static lgd_status show_templates(const char *path, const lgd_config *c, lgd_buf *out, lgd_err *err) {
    return lgd_model_templates(path, c->format, c->verbose > 0, out, err);
}

static const struct {
    const char *name;
    lgd_status (*show)(const char *path, const lgd_config *c, lgd_buf *out, lgd_err *err);
} views[] = {{"info", show_info}, {"templates", show_templates}};

lgd_status lgd_model_run(lgd_cli *cli, lgd_outcome *ret_outcome, lgd_err *err) {
    (void)ret_outcome;
    const lgd_strings *words = &cli->words;
    size_t i = 0, n_views = sizeof views / sizeof views[0];
    while (words->n && i < n_views && strcmp(words->items[0], views[i].name) != 0) i++;
    if (words->n != 2 || i == n_views)
        return lgd_fail(err, LGD_E_USAGE, "model: it takes %s: what to show, and a model", cli->command->arguments);
    lgd_buf text = {0};
    lgd_status status = views[i].show(words->items[1], &cli->config, &text, err);
    if (status == LGD_OK) status = lgd_output_print(&text, err);
    lgd_buf_release(&text);
    return status;
}
