/*
 * cli/scan: the command that finds incidents. Chooses colour and sink; everything else is lgd_scan.
 */
#include "cli.h"

#include <stdlib.h>
#include <unistd.h>

/* https://no-color.org: any value that is not empty. */
static bool wants_color(const lgd_config *c) {
    if (c->color != LGD_COLOR_AUTO) return c->color == LGD_COLOR_ALWAYS;
    const char *no_color = getenv("NO_COLOR"), *terminal = getenv("TERM");
    bool dumb = terminal && strcmp(terminal, "dumb") == 0;
    return !c->output && isatty(STDOUT_FILENO) == 1 && !(no_color && no_color[0]) && !dumb;
}

lgd_status lgd_scan_run(lgd_cli *cli, lgd_outcome *ret_outcome, lgd_err *err) {
    const lgd_config *c = &cli->config;
    bool stream = c->format == LGD_FORMAT_JSONL || c->format == LGD_FORMAT_CSV;
    lgd_world world;
    lgd_output output;
    LGD_TRY(lgd_world_init(&world, cli, err));
    lgd_status status = lgd_output_open(&output, c->output, stream, err);
    /* Anomalies are few and a reader may wait for them; all lines are many. */
    output.unbuffered = c->format == LGD_FORMAT_JSONL && c->emit == LGD_EMIT_ANOMALIES;
    if (status == LGD_OK) status = lgd_scan(c, &world, lgd_output_sink(&output), wants_color(c), ret_outcome, err);
    lgd_console_clear_bar(&cli->console);
    if (status == LGD_OK) status = lgd_output_finish(&output, err);
    lgd_output_release(&output);
    return status;
}
