/*
 * cli/parse: the command that prints each record with its template.
 */
#include "cli.h"

lgd_status lgd_parse_run(lgd_cli *cli, lgd_outcome *ret_outcome, lgd_err *err) {
    lgd_world world;
    lgd_output output;
    LGD_TRY(lgd_world_init(&world, cli, err));
    lgd_status status = lgd_output_open(&output, cli->config.output, true, err);
    if (status == LGD_OK) status = lgd_parse(&cli->config, &world, lgd_output_sink(&output), ret_outcome, err);
    lgd_console_clear_bar(&cli->console);
    if (status == LGD_OK) status = lgd_output_finish(&output, err);
    lgd_output_release(&output);
    return status;
}
