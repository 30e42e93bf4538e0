/*
 * cli/model: `model info|templates MODEL`, `model check MODEL FILE...`, `model allow MODEL list|add|remove`.
 */
#include "cli.h"

typedef lgd_status (*action)(lgd_cli *cli, lgd_outcome *ret_outcome, lgd_err *err);

/* The words behind the first n, as a view. */
static lgd_strings words_from(const lgd_cli *cli, size_t n) {
    return (lgd_strings){cli->words.items + n, cli->words.n - n, 0};
}

static lgd_status print(lgd_status status, lgd_buf *text, lgd_err *err) {
    if (status == LGD_OK) status = lgd_output_print(text, err);
    lgd_buf_release(text);
    return status;
}

static lgd_status show_info(lgd_cli *cli, lgd_outcome *ret_outcome, lgd_err *err) {
    lgd_buf text = {0};
    (void)ret_outcome;
    return print(lgd_model_info(cli->words.items[1], cli->config.format, &text, err), &text, err);
}

static lgd_status show_templates(lgd_cli *cli, lgd_outcome *ret_outcome, lgd_err *err) {
    const lgd_config *c = &cli->config;
    lgd_buf text = {0};
    (void)ret_outcome;
    return print(lgd_model_templates(cli->words.items[1], c->format, c->verbose > 0, &text, err), &text, err);
}

/* ---- check ---- */

/* The plain words behind the model become what a scan takes: its model and its inputs. */
static lgd_status take_words(lgd_cli *cli, lgd_err *err) {
    lgd_config *c = &cli->config;
    const lgd_option *input = lgd_option_find(LGD_SV("input"), LGD_CMD_SCAN);
    const lgd_option *model = lgd_option_find(LGD_SV("model"), LGD_CMD_SCAN);
    lgd_strings_release(&c->inputs);
    LGD_TRY(lgd_option_set(c, model, lgd_sv_of(cli->words.items[1]), LGD_CMD_SCAN, err));
    for (size_t i = 2; i < cli->words.n; i++)
        LGD_TRY(lgd_option_set(c, input, lgd_sv_of(cli->words.items[i]), LGD_CMD_SCAN, err));
    c->exit_code = true; /* the verdict is what is asked for */
    return lgd_guard_check(cli, err);
}

static lgd_status check(lgd_cli *cli, lgd_outcome *ret_outcome, lgd_err *err) {
    lgd_world world;
    lgd_output output;
    LGD_TRY(take_words(cli, err));
    LGD_TRY(lgd_world_init(&world, cli, err));
    lgd_status status = lgd_output_open(&output, NULL, false, err);
    if (status == LGD_OK) status = lgd_model_check(&cli->config, &world, lgd_output_sink(&output), ret_outcome, err);
    lgd_console_clear_bar(&cli->console);
    if (status == LGD_OK) status = lgd_output_finish(&output, err);
    lgd_output_release(&output);
    return status;
}

/* ---- allow ---- */

static lgd_status allow(lgd_cli *cli, lgd_outcome *ret_outcome, lgd_err *err) {
    const char *model = cli->words.items[1], *what = cli->words.items[2];
    const lgd_config *c = &cli->config;
    lgd_strings rest = words_from(cli, 3);
    lgd_buf text = {0};
    bool sound = true;
    lgd_status status = LGD_E_USAGE;
    if (strcmp(what, "list") == 0 && rest.n == 0)
        status = lgd_model_allow_list(model, c, &text, &sound, err);
    else if (strcmp(what, "add") == 0 && rest.n)
        status = lgd_model_allow_add(model, c, &rest, &text, err);
    else if (strcmp(what, "remove") == 0 && rest.n)
        status = lgd_model_allow_remove(model, c, &rest, &text, err);
    else
        lgd_fail(err, status, "model allow: it takes MODEL list|add KEY=VALUE...|remove LINE...");
    ret_outcome->incomplete = !sound;
    return print(status, &text, err);
}

static const struct {
    const char *name, *arguments;
    action run;
    size_t least, most; /* words */
} actions[] = {{"info", "MODEL", show_info, 2, 2},
               {"templates", "MODEL", show_templates, 2, 2},
               {"check", "MODEL FILE...", check, 3, SIZE_MAX},
               {"allow", "MODEL list|add KEY=VALUE...|remove LINE...", allow, 3, SIZE_MAX}};

lgd_status lgd_model_run(lgd_cli *cli, lgd_outcome *ret_outcome, lgd_err *err) {
    const lgd_strings *words = &cli->words;
    size_t i = 0, n = sizeof actions / sizeof actions[0];
    while (words->n && i < n && strcmp(words->items[0], actions[i].name) != 0) i++;
    if (words->n == 0 || i == n) return lgd_fail(err, LGD_E_USAGE, "model: it takes %s", cli->command->arguments);
    if (words->n < actions[i].least || words->n > actions[i].most)
        return lgd_fail(err, LGD_E_USAGE, "model %s: it takes %s", actions[i].name, actions[i].arguments);
    return actions[i].run(cli, ret_outcome, err);
}
