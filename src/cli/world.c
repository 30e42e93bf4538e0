/*
 * cli/world: randomness, processors, environment - what the library may not fetch itself.
 */
#include "cli.h"

#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/random.h>
#include <unistd.h>

/* Processors that this process may use: in a container fewer than the machine has. */
static size_t online_processors(void) {
    cpu_set_t set;
    CPU_ZERO(&set);
    if (sched_getaffinity(0, sizeof set, &set) == 0 && CPU_COUNT(&set) > 0) return (size_t)CPU_COUNT(&set);
    long n = sysconf(_SC_NPROCESSORS_ONLN);
    return n > 0 ? (size_t)n : 1;
}

/* https://no-color.org: any value that is not empty. */
bool lgd_wants_color(const lgd_config *c) {
    if (c->color != LGD_COLOR_AUTO) return c->color == LGD_COLOR_ALWAYS;
    const char *no_color = getenv("NO_COLOR"), *terminal = getenv("TERM");
    bool dumb = terminal && strcmp(terminal, "dumb") == 0;
    return !c->output && isatty(STDOUT_FILENO) == 1 && !(no_color && no_color[0]) && !dumb;
}

lgd_status lgd_world_init(lgd_world *world, lgd_cli *cli, lgd_err *err) {
    uint64_t key = 0;
    ssize_t n;
    do n = getrandom(&key, sizeof key, 0);
    while (n < 0 && errno == EINTR);
    if (n != (ssize_t)sizeof key)
        return lgd_fail(err, LGD_E_IO, "no random numbers from the system: %s", strerror(errno));
    const char *folder = getenv("TMPDIR");
    *world = (lgd_world){
        .hash_key = key,
        .n_threads = cli->config.threads ? (size_t)cli->config.threads : online_processors(),
        .spool_dir = folder && folder[0] ? folder : "/tmp",
        .progress = lgd_console_progress,
        .warn = lgd_console_warn,
        .ctx = &cli->console,
    };
    return LGD_OK;
}
