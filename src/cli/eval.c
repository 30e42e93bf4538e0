/*
 * cli/eval: the command that measures how well the detector finds what is labelled.
 */
#include "cli.h"

lgd_status lgd_eval_run(lgd_cli *cli, lgd_outcome *ret_outcome, lgd_err *err) {
    const lgd_config *c = &cli->config;
    lgd_world world;
    lgd_output output;
    LGD_TRY(lgd_world_init(&world, cli, err));
    lgd_status status = lgd_output_open(&output, c->output, false, err);
    if (status == LGD_OK) status = lgd_eval(c, &world, lgd_output_sink(&output), ret_outcome, err);
    lgd_console_clear_bar(&cli->console);
    if (status == LGD_OK) status = lgd_output_finish(&output, err);
    lgd_output_release(&output);
    return status;
}
