/*
 * cli/scan: the command that finds incidents. Chooses the sink; everything else is lgd_scan.
 */
#include "cli.h"

lgd_status lgd_scan_run(lgd_cli *cli, lgd_outcome *ret_outcome, lgd_err *err) {
    const lgd_config *c = &cli->config;
    bool stream = c->format == LGD_FORMAT_JSONL || c->format == LGD_FORMAT_CSV;
    lgd_world world;
    lgd_output output;
    LGD_TRY(lgd_world_init(&world, cli, err));
    lgd_status status = lgd_output_open(&output, c->output, stream, err);
    /* Anomalies are few and a reader may wait for them; all lines are many. */
    output.unbuffered = c->format == LGD_FORMAT_JSONL && c->emit == LGD_EMIT_ANOMALIES;
    if (status == LGD_OK) status = lgd_scan(c, &world, lgd_output_sink(&output), lgd_wants_color(c), ret_outcome, err);
    lgd_console_clear_bar(&cli->console);
    if (status == LGD_OK) status = lgd_output_finish(&output, err);
    lgd_output_release(&output);
    return status;
}
