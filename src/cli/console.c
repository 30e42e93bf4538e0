/*
 * cli/console: what is said on standard error. Every text may hold bytes of file names and logs, so all of it is
 * escaped; a failure to write there has nobody to be told to and is ignored.
 *
 * The same condition is told three times and then counted: two warnings are of the same condition when they differ in
 * the place (what stands before the first ": ") and in digits alone.
 */
#include "cli.h"

#include <time.h>
#include <unistd.h>

enum { TOLD = 3, TEXT_BYTES = 4096 };

static void write_all(const lgd_buf *b) {
    for (size_t at = 0; at < b->n;) {
        ssize_t n = write(STDERR_FILENO, b->p + at, b->n - at);
        if (n <= 0) return;
        at += (size_t)n;
    }
}

static void tell(lgd_console *console, const char *text) {
    lgd_console_clear_bar(console);
    lgd_buf b = {0};
    lgd_buf_add_sv(&b, LGD_SV("logdetect: "));
    lgd_escape_terminal(&b, lgd_sv_of(text), TEXT_BYTES);
    lgd_buf_add_char(&b, '\n');
    write_all(&b);
    lgd_buf_release(&b);
}

void lgd_console_init(lgd_console *console, bool quiet) {
    *console = (lgd_console){.quiet = quiet, .terminal = isatty(STDERR_FILENO) == 1};
}

void lgd_console_error(lgd_console *console, const char *text) { tell(console, text); }

static uint64_t condition_hash(const char *text) {
    const char *place = strstr(text, ": ");
    char words[256];
    size_t n = 0;
    for (const char *p = place ? place : text; *p && n < sizeof words; p++)
        if (*p < '0' || *p > '9') words[n++] = *p;
    return lgd_hash(words, n, 0);
}

/* The condition's place in the table; the last place takes all that came too late. */
static size_t condition_of(lgd_console *console, const char *text) {
    uint64_t hash = condition_hash(text);
    size_t i = 0;
    while (i < console->n_conditions && console->conditions[i].hash != hash) i++;
    if (i == LGD_CONDITIONS) return LGD_CONDITIONS - 1;
    if (i == console->n_conditions) {
        size_t n = strnlen(text, sizeof console->conditions[i].text - 1);
        console->n_conditions++;
        console->conditions[i].hash = hash;
        memcpy(console->conditions[i].text, text, n);
        console->conditions[i].text[n] = 0;
    }
    return i;
}

void lgd_console_warn(void *ctx, const char *text) {
    lgd_console *console = ctx;
    if (console->quiet) return;
    size_t i = condition_of(console, text);
    if (++console->conditions[i].count <= TOLD) tell(console, text);
}

void lgd_console_finish(lgd_console *console) {
    lgd_console_clear_bar(console);
    for (size_t i = 0; i < console->n_conditions; i++) {
        uint64_t count = console->conditions[i].count;
        if (count <= TOLD) continue;
        lgd_buf text = {0};
        lgd_format_count(&text, count - TOLD);
        lgd_buf_printf(&text, " more of the kind: %s", console->conditions[i].text);
        lgd_buf_add_char(&text, 0);
        if (!text.failed) tell(console, text.p);
        lgd_buf_release(&text);
    }
}

int64_t lgd_monotonic_ns(void) {
    struct timespec t = {0};
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

void lgd_console_speed(lgd_console *console, const lgd_outcome *outcome, int64_t elapsed_ns) {
    if (console->quiet) return;
    double seconds = (double)(elapsed_ns > 0 ? elapsed_ns : 1) / 1e9;
    lgd_buf text = {0};
    lgd_format_count(&text, outcome->lines);
    lgd_buf_printf(&text, " lines in %.2f s, ", seconds);
    lgd_format_count(&text, (uint64_t)((double)outcome->lines / seconds));
    lgd_buf_printf(&text, " lines/s, %.1f MB/s", (double)outcome->bytes / 1e6 / seconds);
    lgd_buf_add_char(&text, 0);
    if (!text.failed) tell(console, text.p);
    lgd_buf_release(&text);
}
