/*
 * A day: random streams, the daily rhythm, and the lines of each file, which are collected in any order, sorted by
 * time and written. Labels come from the marks on the lines, after sorting, so that line numbers are true.
 */
#include "gen.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

const char *const gen_file_names[GEN_FILES] = {"auth.log", "syslog", "app.log", "access.log", "db.log"};

static uint64_t next(gen_rng *r) {
    uint64_t z = (r->state += UINT64_C(0x9E3779B97F4A7C15));
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

uint32_t gen_hex32(gen_rng *r) { return (uint32_t)(next(r) >> 32); }

gen_rng gen_fork(gen_rng *r) { return (gen_rng){next(r)}; }

uint32_t gen_below(gen_rng *r, uint32_t bound) { return (uint32_t)(((next(r) >> 32) * bound) >> 32); }

uint32_t gen_between(gen_rng *r, uint32_t low, uint32_t high) { return low + gen_below(r, high - low + 1); }

bool gen_chance(gen_rng *r, uint32_t per_mille) { return gen_below(r, 1000) < per_mille; }

uint32_t gen_skewed(gen_rng *r, uint32_t median) {
    uint32_t percent = 50 + gen_below(r, 60);
    percent += gen_below(r, 51);
    uint32_t tail = gen_below(r, 1000);
    uint32_t factor = tail < 5 ? 4 : tail < 50 ? 2 : 1;
    return 1 + median * percent * factor / 100;
}

uint32_t gen_activity(uint32_t second) {
    static const uint16_t by_hour[25] = {120, 80,  60,   50,  50,  80,  180, 400, 700, 920, 1000, 980, 640,
                                         760, 960, 1000, 940, 840, 680, 600, 550, 440, 300, 180,  120};
    uint32_t hour = second / 3600, into = second % 3600;
    return (by_hour[hour] * (3600 - into) + by_hour[hour + 1] * into) / 3600;
}

/* ---- a day ---- */

void gen_day_init(gen_day *d, uint32_t number, uint64_t seed, bool bad) {
    const int64_t monday = INT64_C(1772409600); /* 2026-03-02T00:00:00Z */
    *d = (gen_day){
        .start_ns = (monday + (int64_t)number * GEN_SECONDS) * GEN_SECOND, .number = number, .seed = seed, .bad = bad};
}

void gen_day_release(gen_day *d) {
    for (size_t i = 0; i < GEN_FILES; i++) {
        free(d->streams[i].lines);
        free(d->streams[i].text);
    }
}

gen_rng gen_day_rng(const gen_day *d, uint32_t actor) {
    gen_rng r = {d->seed * 1000003 + d->number * 1009 + actor};
    r.state = next(&r);
    return r;
}

int64_t gen_day_some(const gen_day *d, gen_rng *r, uint32_t first_hour, uint32_t last_hour) {
    return gen_day_at(d, 0, 0, gen_between(r, first_hour * 3600, (last_hour + 1) * 3600 - 1));
}

int64_t gen_day_at(const gen_day *d, uint32_t hour, uint32_t minute, uint32_t second) {
    return d->start_ns + ((int64_t)hour * 3600 + minute * 60 + second) * GEN_SECOND;
}

bool gen_day_has(const gen_day *d, gen_fault fault, int64_t time_ns) {
    int64_t start_ns = d->start_ns + gen_faults[fault].start_minute * GEN_MINUTE;
    return d->bad && time_ns >= start_ns && time_ns < start_ns + gen_faults[fault].n_minutes * GEN_MINUTE;
}

void gen_format_time(char *out, size_t size, const char *format, int64_t time_ns) {
    time_t seconds = (time_t)(time_ns / GEN_SECOND);
    struct tm tm;
    gmtime_r(&seconds, &tm);
    strftime(out, size, format, &tm);
}

/* ---- output ---- */

static int by_time(const void *a, const void *b) {
    const gen_line *x = a, *y = b;
    if (x->time_ns != y->time_ns) return x->time_ns < y->time_ns ? -1 : 1;
    return x->order < y->order ? -1 : x->order > y->order;
}

static FILE *open_or_exit(const char *path, const char *mode) {
    FILE *f = fopen(path, mode);
    if (f == NULL) {
        perror(path);
        exit(2);
    }
    return f;
}

static void close_or_exit(FILE *f, const char *path) {
    bool failed = ferror(f) != 0;
    if (fclose(f) != 0 || failed) {
        perror(path);
        exit(2);
    }
}

void gen_day_write(gen_day *d, const char *folder) {
    for (size_t i = 0; i < GEN_FILES; i++) {
        gen_stream *s = &d->streams[i];
        char path[4096];
        snprintf(path, sizeof path, "%s/%s", folder, gen_file_names[i]);
        FILE *f = open_or_exit(path, "w");
        if (s->n_lines > 0) qsort(s->lines, s->n_lines, sizeof *s->lines, by_time);
        for (size_t k = 0; k < s->n_lines; k++) fwrite(s->text + s->lines[k].at, 1, s->lines[k].n_bytes, f);
        close_or_exit(f, path);
    }
}

static void write_row(FILE *f, const gen_day *d, gen_fault fault, gen_file file, uint32_t first_line,
                      uint32_t n_lines) {
    const gen_fault_row *row = &gen_faults[fault];
    char start[32], end[32];
    int64_t start_ns = d->start_ns + row->start_minute * GEN_MINUTE;
    gen_format_time(start, sizeof start, "%Y-%m-%dT%H:%M:%SZ", start_ns);
    gen_format_time(end, sizeof end, "%Y-%m-%dT%H:%M:%SZ", start_ns + row->n_minutes * GEN_MINUTE);
    fprintf(f, "F%d\t%s\t%s\t%s\t%s\t%u\t%u\t%s\n", (int)fault, row->kind, start, end, gen_file_names[file], first_line,
            n_lines, row->description);
}

/* The line number of the first marked line and the number of marked lines; for a silence the line after its start. */
static void write_file_labels(FILE *f, const gen_day *d, gen_fault fault, gen_file file) {
    const gen_stream *s = &d->streams[file];
    int64_t start_ns = d->start_ns + gen_faults[fault].start_minute * GEN_MINUTE;
    uint32_t line = 1, first_marked = 0, first_after = 0, n_marked = 0;
    for (size_t i = 0; i < s->n_lines; i++) {
        if (first_after == 0 && s->lines[i].time_ns >= start_ns) first_after = line;
        if (s->lines[i].fault == fault) {
            if (first_marked == 0) first_marked = line;
            n_marked += s->lines[i].n_lines;
        }
        line += s->lines[i].n_lines;
    }
    if (gen_faults[fault].silent == file)
        write_row(f, d, fault, file, first_after, 0);
    else if (n_marked > 0)
        write_row(f, d, fault, file, first_marked, n_marked);
}

void gen_day_write_labels(const gen_day *d, const char *path) {
    FILE *f = open_or_exit(path, "w");
    fputs("id\tkind\tstart\tend\tfile\tfirst_line\tn_lines\tdescription\n", f);
    for (int fault = GEN_NORMAL + 1; fault < GEN_FAULTS; fault++)
        for (int file = 0; file < GEN_FILES; file++) write_file_labels(f, d, (gen_fault)fault, (gen_file)file);
    close_or_exit(f, path);
}
