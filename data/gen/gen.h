/*
 * gen: the shared parts of lgd-sample, which writes the days of a fictional web shop as log files.
 *
 * Actors (requests.c, service.c, host.c) write the lines of a normal day, faults.c the labelled disturbances of a bad
 * one. Each actor draws from its own random stream, so that a fault never moves the normal lines around it. All
 * arithmetic is on integers: the same seed gives the same bytes on every machine.
 */
#ifndef LGD_SAMPLE_GEN_H
#define LGD_SAMPLE_GEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define GEN_PRINTF(f, a) __attribute__((format(printf, f, a)))

enum { GEN_MINUTES = 24 * 60, GEN_SECONDS = 24 * 60 * 60 };
#define GEN_MS     INT64_C(1000000) /* in ns */
#define GEN_SECOND (1000 * GEN_MS)
#define GEN_MINUTE (60 * GEN_SECOND)

typedef enum gen_file { GEN_AUTH, GEN_SYSLOG, GEN_APP, GEN_ACCESS, GEN_DB, GEN_FILES } gen_file;
extern const char *const gen_file_names[GEN_FILES];

/* ---- draws ---- */

typedef struct gen_rng {
    uint64_t state; /* splitmix64 (Steele, Lea, Flood 2014) */
} gen_rng;

uint32_t gen_below(gen_rng *r, uint32_t bound);                /* uniform in [0, bound), bound > 0 */
uint32_t gen_between(gen_rng *r, uint32_t low, uint32_t high); /* both included */
bool gen_chance(gen_rng *r, uint32_t per_mille);
uint32_t gen_skewed(gen_rng *r, uint32_t median); /* 0.5x to 1.6x as a rule, now and then 2x, seldom 4x */
uint32_t gen_hex32(gen_rng *r);
gen_rng gen_fork(gen_rng *r); /* a stream of its own, so that what it is used for cannot move later draws */
/* How busy the shop is at this second of the day, in per mille of its peak: night, morning, lunch dip, evening. */
uint32_t gen_activity(uint32_t second);

#define GEN_PICK(r, table) ((table)[gen_below((r), (uint32_t)(sizeof(table) / sizeof((table)[0])))])

/* ---- a day ---- */

/* The faults of the bad day; GEN_NORMAL is none. */
typedef enum gen_fault {
    GEN_NORMAL,
    GEN_NO_BACKUP,
    GEN_ODD_HOUR,
    GEN_POOL,
    GEN_RARE_VALUE,
    GEN_ORDER,
    GEN_BRUTE_FORCE,
    GEN_NO_HEALTH,
    GEN_DRIFT,
    GEN_DISK_FULL,
    GEN_FAULTS
} gen_fault;

typedef struct gen_fault_row {
    const char *kind;
    uint32_t start_minute, n_minutes; /* of the day */
    gen_file silent;                  /* for silences: the file that lacks lines; else GEN_FILES */
    const char *description;
} gen_fault_row;
extern const gen_fault_row gen_faults[GEN_FAULTS];

typedef struct gen_line {
    int64_t time_ns;
    size_t at, n_bytes; /* in the stream's text */
    uint32_t order;     /* lines of one time stay in the order they were written in */
    uint32_t n_lines;   /* a stack trace has many */
    gen_fault fault;
} gen_line;

/* The lines of one file of one day, in any order until they are written. */
typedef struct gen_stream {
    gen_line *lines;
    size_t n_lines, line_capacity;
    char *text;
    size_t n_text, text_capacity;
} gen_stream;

typedef struct gen_day {
    int64_t start_ns; /* midnight UTC */
    uint32_t number;  /* 0 = the first day */
    uint64_t seed;
    bool bad;
    gen_fault fault;   /* marks the lines written while it is set */
    uint32_t n_orders; /* given out today */
    gen_stream streams[GEN_FILES];
} gen_day;

void gen_day_init(gen_day *d, uint32_t number, uint64_t seed, bool bad);
void gen_day_release(gen_day *d);
gen_rng gen_day_rng(const gen_day *d, uint32_t actor); /* one stream of draws for each actor of a day */
/* True while a bad day has this fault. */
bool gen_day_has(const gen_day *d, gen_fault fault, int64_t time_ns);
int64_t gen_day_at(const gen_day *d, uint32_t hour, uint32_t minute, uint32_t second);
/* Any second of these hours, both included. */
int64_t gen_day_some(const gen_day *d, gen_rng *r, uint32_t first_hour, uint32_t last_hour);
void gen_format_time(char *out, size_t size, const char *format, int64_t time_ns); /* strftime, in UTC */
/* Sorts by time and writes `folder/NAME` for each file; exits with a message when that fails. */
void gen_day_write(gen_day *d, const char *folder);
/* Appends one row for each fault and file to labels.tsv; after gen_day_write. */
void gen_day_write_labels(const gen_day *d, const char *path);

/* ---- one line: the header that the software of that file would write, then the message, in which braces draw:
 * {1..99} a number, {a|b|c} a word (line.c) ---- */

typedef struct gen_program {
    gen_file file; /* GEN_AUTH or GEN_SYSLOG */
    const char *host, *name;
    uint32_t pid; /* 0: none, as the kernel */
} gen_program;

typedef struct gen_hit {
    const char *ip, *method, *path, *agent;
    uint32_t status, n_bytes, req, ms; /* req 0: none */
} gen_hit;

void gen_host_line(gen_day *d, int64_t time_ns, const gen_program *p, const char *format, ...) GEN_PRINTF(4, 5);
void gen_app_line(gen_day *d, int64_t time_ns, const char *level, const char *thread, const char *logger,
                  const char *format, ...) GEN_PRINTF(6, 7);
void gen_db_line(gen_day *d, int64_t time_ns, uint32_t pid, const char *user, const char *format, ...) GEN_PRINTF(5, 6);
void gen_access_line(gen_day *d, int64_t time_ns, const gen_hit *h);

/* ---- actors ---- */

void gen_requests(gen_day *d); /* requests.c: what customers do, through access, app and db */
void gen_service(gen_day *d);  /* service.c: what the shop and its database do by themselves */
void gen_host(gen_day *d);     /* host.c: cron, kernel, systemd, mail, people who log in */
void gen_bad(gen_day *d);      /* faults.c: the faults that add lines of their own */

typedef enum gen_checkout { GEN_CHECKOUT_NORMAL, GEN_CHECKOUT_EARLY_COMMIT, GEN_CHECKOUT_NO_PAYMENT } gen_checkout;
void gen_request_checkout(gen_day *d, gen_rng *r, int64_t time_ns, gen_checkout how);
void gen_request_failed(gen_day *d, gen_rng *r, int64_t time_ns, gen_fault fault); /* GEN_POOL or GEN_DISK_FULL */

/* A person logs in and out again; with `command`, runs it by sudo in between. */
typedef struct gen_visit {
    const char *host, *user, *ip, *command;
    uint32_t uid, n_minutes;
} gen_visit;
void gen_host_visit(gen_day *d, gen_rng *r, int64_t time_ns, const gen_visit *v);
void gen_host_guess(gen_day *d, gen_rng *r, int64_t time_ns, const char *ip, const char *user); /* a failed ssh login */
void gen_config_reload(gen_day *d, int64_t time_ns, const char *user, uint32_t n_keys);

#endif
