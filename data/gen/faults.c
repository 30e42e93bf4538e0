/*
 * The faults of the bad day: their table (what, when, how long) and those that add lines of their own. The others -
 * silences, drift, requests that fail - are asked for by the actors through gen_day_has.
 */
#include "gen.h"

const gen_fault_row gen_faults[GEN_FAULTS] = {
    [GEN_NORMAL] = {"normal", 0, 0, GEN_FILES, ""},
    [GEN_NO_BACKUP] = {"silence", 2 * 60 + 30, 10, GEN_SYSLOG, "the nightly backup does not run"},
    [GEN_ODD_HOUR] = {"odd_hour", 3 * 60 + 12, 5, GEN_FILES, "an administrator logs in at night and changes settings"},
    [GEN_POOL] = {"new_error", 10 * 60 + 20, 12, GEN_FILES,
                  "the connection pool is exhausted: errors, stack traces, status 500"},
    [GEN_RARE_VALUE] = {"rare_value", 11 * 60 + 30, 4, GEN_FILES,
                        "tokens for a service account and a region never seen before"},
    [GEN_ORDER] = {"order", 13 * 60 + 5, 14, GEN_FILES, "orders are committed before, or without, their payment"},
    [GEN_BRUTE_FORCE] = {"burst", 14 * 60 + 40, 4, GEN_FILES, "ssh passwords are guessed from one address"},
    [GEN_NO_HEALTH] = {"silence", 15 * 60 + 30, 40, GEN_ACCESS, "the load balancer's health checks stop"},
    [GEN_DRIFT] = {"numeric_drift", 17 * 60, 30, GEN_FILES, "loading a category takes twenty times as long"},
    [GEN_DISK_FULL] = {"new_error", 19 * 60 + 20, 6, GEN_FILES,
                       "the database's disk is full: kernel warnings, PANIC, restart"},
};

static int64_t fault_start(const gen_day *d, gen_fault fault) {
    return gen_day_at(d, 0, gen_faults[fault].start_minute, 0);
}

static void odd_hour(gen_day *d, gen_rng *r) {
    gen_visit v = {"shop01", "admin", "10.0.3.7", "/usr/bin/vi /etc/shop/shop.yaml", 1000, 3};
    int64_t now_ns = fault_start(d, GEN_ODD_HOUR) + 14 * GEN_SECOND;
    gen_host_visit(d, r, now_ns, &v);
    gen_config_reload(d, now_ns + 95 * GEN_SECOND, "admin", 3);
}

static void pool(gen_day *d, gen_rng *r) { /* customers press reload: more requests, and they fail */
    int64_t start_ns = fault_start(d, GEN_POOL);
    for (uint32_t second = 0; second < gen_faults[GEN_POOL].n_minutes * 60; second++)
        if (gen_chance(r, 70))
            gen_request_failed(d, r, start_ns + second * GEN_SECOND + gen_below(r, 1000) * GEN_MS, GEN_POOL);
}

static void rare_value(gen_day *d, gen_rng *r) {
    int64_t now_ns = fault_start(d, GEN_RARE_VALUE);
    for (uint32_t i = 0; i < 4; i++) {
        now_ns += gen_between(r, 15, 50) * GEN_SECOND;
        gen_app_line(d, now_ns, "INFO", "token-1", "c.e.shop.auth.TokenService",
                     "service token issued: account=%s region=%s ttl=3600 s", "svc-export-tmp", "sa-east");
    }
}

static void order(gen_day *d, gen_rng *r) {
    int64_t now_ns = fault_start(d, GEN_ORDER);
    for (uint32_t i = 0; i < 8; i++) {
        now_ns += gen_between(r, 50, 95) * GEN_SECOND;
        gen_request_checkout(d, r, now_ns, i % 2 == 0 ? GEN_CHECKOUT_EARLY_COMMIT : GEN_CHECKOUT_NO_PAYMENT);
    }
}

static void brute_force(gen_day *d, gen_rng *r) {
    static const char *const users[] = {"admin", "test",   "oracle", "ubuntu",  "guest",  "pi",       "git",
                                        "mysql", "nagios", "ftp",    "jenkins", "hadoop", "postgres", "www"};
    int64_t start_ns = fault_start(d, GEN_BRUTE_FORCE);
    for (uint32_t second = 0; second < gen_faults[GEN_BRUTE_FORCE].n_minutes * 60 - 2; second += gen_between(r, 2, 5))
        gen_host_guess(d, r, start_ns + second * GEN_SECOND, "203.0.113.77", GEN_PICK(r, users));
}

static void disk_full(gen_day *d, gen_rng *r) {
    gen_program kernel = {GEN_SYSLOG, "db01", "kernel", 0};
    int64_t now_ns = fault_start(d, GEN_DISK_FULL) + 2 * GEN_SECOND;
    uint32_t pid = 2200 + gen_below(r, 20);
    for (uint32_t i = 0; i < 9; i++) {
        int64_t line_ns = now_ns + i * gen_between(r, 2, 5) * GEN_SECOND;
        gen_host_line(d, line_ns, &kernel,
                      "[%u.{000000..999999}] EXT4-fs (vdb1): Delayed block allocation failed for inode "
                      "{393216..393300} with error 28",
                      1203344 + i * 4);
        gen_host_line(d, line_ns, &kernel,
                      "[%u.{000000..999999}] EXT4-fs (vdb1): This should not happen!! Data will be lost",
                      1203344 + i * 4);
    }
    for (uint32_t i = 0; i < 5; i++)
        gen_db_line(d, now_ns + (3 + i) * GEN_SECOND, 2200 + gen_below(r, 20), "shop@orders",
                    "ERROR:  could not extend file \"base/16402/{24600..24620}\": No space left on device");
    gen_db_line(d, now_ns + 9 * GEN_SECOND, pid, "shop@orders",
                "PANIC:  could not write to file \"pg_wal/xlogtemp.%u\": No space left on device", pid);
    now_ns += 10 * GEN_SECOND;
    gen_db_line(d, now_ns, 801, "", "LOG:  server process (PID %u) was terminated by signal 6: Aborted", pid);
    gen_db_line(d, now_ns + GEN_MS, 801, "", "LOG:  terminating any other active server processes");
    gen_db_line(d, now_ns + 400 * GEN_MS, 801, "", "LOG:  all server processes terminated; reinitializing");
    for (uint32_t i = 0; i < 9; i++)
        gen_db_line(d, now_ns + (5 + 30 * i) * GEN_SECOND, 9100 + i, "shop@orders",
                    "FATAL:  the database system is in recovery mode");
    now_ns = fault_start(d, GEN_DISK_FULL) + 340 * GEN_SECOND;
    gen_db_line(d, now_ns, 9120, "",
                "LOG:  database system was not properly shut down; automatic recovery in progress");
    gen_db_line(d, now_ns + 900 * GEN_MS, 9120, "", "LOG:  redo done at 0/%08X", gen_hex32(r));
    gen_db_line(d, now_ns + 1900 * GEN_MS, 801, "", "LOG:  database system is ready to accept connections");
}

void gen_bad(gen_day *d) {
    static const struct {
        gen_fault fault;
        void (*write)(gen_day *d, gen_rng *r);
    } writers[] = {{GEN_ODD_HOUR, odd_hour},       {GEN_POOL, pool},
                   {GEN_RARE_VALUE, rare_value},   {GEN_ORDER, order},
                   {GEN_BRUTE_FORCE, brute_force}, {GEN_DISK_FULL, disk_full}};
    for (uint32_t i = 0; i < sizeof writers / sizeof writers[0]; i++) {
        gen_rng r = gen_day_rng(d, 70 + i);
        d->fault = writers[i].fault;
        writers[i].write(d, &r);
        d->fault = GEN_NORMAL;
    }
}
