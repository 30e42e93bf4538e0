/*
 * One line: the header that the software of its file would write, then the message. Messages are printf formats in
 * which braces draw: {1..99} a number (written as wide as its first bound: {000..999}), {a|b|c} one of the words. The
 * draws of a line come from a stream of its own, seeded by the day, the time and the text, so that neither other lines
 * nor a compiler's order of evaluation can change them.
 */
#include "gen.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MESSAGE_BYTES = 4096 };

static void *grow(void *p, size_t *capacity, size_t need, size_t size) {
    if (need <= *capacity) return p;
    *capacity = need * 2;
    p = realloc(p, *capacity * size);
    if (p == NULL) {
        fputs("lgd-sample: out of memory\n", stderr);
        exit(2);
    }
    return p;
}

/* Appends one record; lines past midnight are left out: they would stand in the next day. */
static void add(gen_day *d, gen_file file, int64_t time_ns, const char *header, const char *message) {
    gen_stream *s = &d->streams[file];
    size_t n_header = strlen(header), n_message = strlen(message), n_bytes = n_header + n_message + 1;
    if (time_ns >= d->start_ns + GEN_MINUTES * GEN_MINUTE) return;
    s->lines = grow(s->lines, &s->line_capacity, s->n_lines + 1, sizeof *s->lines);
    s->text = grow(s->text, &s->text_capacity, s->n_text + n_bytes, 1);
    gen_line line = {.time_ns = time_ns,
                     .at = s->n_text,
                     .n_bytes = n_bytes,
                     .order = (uint32_t)s->n_lines,
                     .n_lines = 1,
                     .fault = d->fault};
    for (const char *c = message; *c != '\0'; c++) line.n_lines += *c == '\n';
    memcpy(s->text + s->n_text, header, n_header);
    memcpy(s->text + s->n_text + n_header, message, n_message);
    s->text[s->n_text + n_bytes - 1] = '\n';
    s->n_text += n_bytes;
    s->lines[s->n_lines++] = line;
}

/* FNV-1a (Fowler, Noll, Vo). */
static gen_rng line_rng(const gen_day *d, int64_t time_ns, const char *text) {
    uint64_t hash = UINT64_C(0xCBF29CE484222325) ^ d->seed;
    for (const char *c = text; *c != '\0'; c++) hash = (hash ^ (uint8_t)*c) * UINT64_C(0x100000001B3);
    gen_rng r = {hash + (uint64_t)time_ns};
    return gen_fork(&r);
}

static size_t draw_number(gen_rng *r, const char *body, char *out, size_t size) {
    char *end = NULL;
    unsigned long low = strtoul(body, &end, 10), high = strtoul(end + 2, NULL, 10);
    return (size_t)snprintf(out, size, "%0*u", (int)(end - body), gen_between(r, (uint32_t)low, (uint32_t)high));
}

static size_t draw_word(gen_rng *r, const char *body, const char *end, char *out) {
    uint32_t n_words = 1;
    for (const char *c = body; c < end; c++) n_words += *c == '|';
    for (uint32_t skip = gen_below(r, n_words); skip > 0; skip--) body = strchr(body, '|') + 1;
    size_t n = strcspn(body, "|}");
    memcpy(out, body, n);
    return n;
}

/* Formats into out, then replaces what stands in braces. */
static void compose(const gen_day *d, int64_t time_ns, char out[MESSAGE_BYTES], const char *format, va_list args) {
    char text[MESSAGE_BYTES];
    vsnprintf(text, sizeof text, format, args);
    gen_rng r = line_rng(d, time_ns, text);
    size_t n = 0;
    for (const char *c = text; *c != '\0' && n + 64 < MESSAGE_BYTES; c++) {
        const char *end = *c == '{' ? strchr(c, '}') : NULL;
        if (end == NULL) {
            out[n++] = *c;
            continue;
        }
        const char *dots = strstr(c, "..");
        bool number = dots != NULL && dots < end;
        n += number ? draw_number(&r, c + 1, out + n, MESSAGE_BYTES - n) : draw_word(&r, c + 1, end, out + n);
        c = end;
    }
    out[n] = '\0';
}

static unsigned milliseconds(int64_t time_ns) { return (unsigned)(time_ns / GEN_MS % 1000); }

#define COMPOSE(message, format)                                                                                       \
    do {                                                                                                               \
        va_list args;                                                                                                  \
        va_start(args, format);                                                                                        \
        compose(d, time_ns, message, format, args);                                                                    \
        va_end(args);                                                                                                  \
    } while (0)

void gen_host_line(gen_day *d, int64_t time_ns, const gen_program *p, const char *format, ...) {
    char message[MESSAGE_BYTES], when[32], header[128];
    COMPOSE(message, format);
    gen_format_time(when, sizeof when, "%b %e %H:%M:%S", time_ns);
    if (p->pid == 0)
        snprintf(header, sizeof header, "%s %s %s: ", when, p->host, p->name);
    else
        snprintf(header, sizeof header, "%s %s %s[%u]: ", when, p->host, p->name, p->pid);
    add(d, p->file, time_ns, header, message);
}

void gen_app_line(gen_day *d, int64_t time_ns, const char *level, const char *thread, const char *logger,
                  const char *format, ...) {
    char message[MESSAGE_BYTES], when[32], header[160];
    COMPOSE(message, format);
    gen_format_time(when, sizeof when, "%Y-%m-%d %H:%M:%S", time_ns);
    snprintf(header, sizeof header, "%s,%03u %-5s [%s] %s - ", when, milliseconds(time_ns), level, thread, logger);
    add(d, GEN_APP, time_ns, header, message);
}

void gen_db_line(gen_day *d, int64_t time_ns, uint32_t pid, const char *user, const char *format, ...) {
    char message[MESSAGE_BYTES], when[32], header[128];
    COMPOSE(message, format);
    gen_format_time(when, sizeof when, "%Y-%m-%d %H:%M:%S", time_ns);
    snprintf(header, sizeof header, "%s.%03u UTC [%u] %s%s", when, milliseconds(time_ns), pid, user,
             user[0] == '\0' ? "" : " ");
    add(d, GEN_DB, time_ns, header, message);
}

void gen_access_line(gen_day *d, int64_t time_ns, const gen_hit *h) {
    char when[40], header[128], message[512], req[32] = "-";
    gen_format_time(when, sizeof when, "%d/%b/%Y:%H:%M:%S +0000", time_ns);
    snprintf(header, sizeof header, "%s - - [%s] ", h->ip, when);
    if (h->req != 0) snprintf(req, sizeof req, "req=%08x", h->req);
    snprintf(message, sizeof message, "\"%s %s HTTP/1.1\" %u %u \"-\" \"%s\" %s rt=%u.%03u", h->method, h->path,
             h->status, h->n_bytes, h->agent, req, h->ms / 1000, h->ms % 1000);
    add(d, GEN_ACCESS, time_ns, header, message);
}
