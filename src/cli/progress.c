/*
 * cli/progress: a bar on the last line of a terminal, drawn at most ten times a second and gone before anything else is
 * printed. Pipes and files never see it.
 */
#include "cli.h"

#include <unistd.h>

enum { BAR_WIDTH = 30 };

static void put(const lgd_buf *b) {
    ssize_t ignored = b->failed ? 0 : write(STDERR_FILENO, b->p, b->n);
    (void)ignored;
}

void lgd_console_clear_bar(lgd_console *console) {
    if (!console->bar_shown) return;
    console->bar_shown = false;
    lgd_buf b = {0};
    lgd_buf_add_sv(&b, LGD_SV("\r\x1b[K"));
    put(&b);
    lgd_buf_release(&b);
}

static void draw(lgd_buf *b, const char *phase, uint64_t done_bytes, uint64_t total_bytes) {
    lgd_buf_printf(b, "\r\x1b[K%-10s ", phase);
    if (total_bytes == 0) {
        lgd_buf_printf(b, "%.1f MB", (double)done_bytes / 1e6);
        return;
    }
    double share = done_bytes < total_bytes ? (double)done_bytes / (double)total_bytes : 1;
    lgd_buf_add_char(b, '[');
    for (int i = 0; i < BAR_WIDTH; i++) lgd_buf_add_char(b, i < (int)(share * BAR_WIDTH) ? '#' : '.');
    lgd_buf_printf(b, "] %3d %%", (int)(share * 100));
}

void lgd_console_progress(void *ctx, const char *phase, uint64_t done_bytes, uint64_t total_bytes) {
    const int64_t pause_ns = 100000000;
    lgd_console *console = ctx;
    if (console->quiet || !console->terminal) return;
    int64_t now_ns = lgd_monotonic_ns();
    if (console->bar_shown && now_ns - console->bar_drawn_ns < pause_ns) return;
    lgd_buf b = {0};
    draw(&b, phase, done_bytes, total_bytes);
    put(&b);
    lgd_buf_release(&b);
    console->bar_shown = true;
    console->bar_drawn_ns = now_ns;
}
