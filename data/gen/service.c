/*
 * What the shop and its database do by themselves: scheduled jobs, pool and heap figures, tokens for the services that
 * call the shop, suppliers that answer late a few times a day (with a stack trace, and it is normal); checkpoints,
 * autovacuum, slow reports.
 */
#include "gen.h"

static void stock_sync(gen_day *d, gen_rng *r) {
    for (uint32_t minute = 3; minute < GEN_MINUTES; minute += 10) {
        int64_t now_ns = gen_day_at(d, 0, minute, 0) + gen_below(r, 400) * GEN_MS;
        uint32_t ms = gen_skewed(r, 800);
        gen_app_line(d, now_ns, "INFO", "scheduler-2", "c.e.shop.stock.StockSync",
                     "stock sync started, warehouse feed %u of %u", minute / 10 + 1, GEN_MINUTES / 10);
        gen_app_line(d, now_ns + ms * GEN_MS, "INFO", "scheduler-2", "c.e.shop.stock.StockSync",
                     "stock sync finished: {3990..4010} products compared, {0..39} changed, %u ms", ms);
    }
}

static void pool_and_heap(gen_day *d, gen_rng *r) {
    for (uint32_t minute = 0; minute < GEN_MINUTES; minute += 5) {
        int64_t now_ns = gen_day_at(d, 0, minute, 30) + gen_below(r, 50) * GEN_MS;
        uint32_t active = gen_below(r, 1 + gen_activity(minute * 60) / 150);
        uint32_t waiting = 0;
        if (gen_day_has(d, GEN_POOL, now_ns)) {
            active = 20;
            waiting = 37;
            d->fault = GEN_POOL;
        }
        gen_app_line(d, now_ns, "DEBUG", "pool-stats", "c.e.shop.db.ConnectionPool",
                     "pool active=%u idle=%u waiting=%u max=20", active, 20 - active, waiting);
        d->fault = GEN_NORMAL;
    }
    for (uint32_t second = 240; second < GEN_SECONDS; second += gen_between(r, 500, 1100)) {
        uint32_t before = gen_between(r, 610, 780), after = gen_between(r, 180, 260);
        gen_app_line(d, gen_day_at(d, 0, 0, second), "INFO", "gc-notify", "c.e.shop.jvm.HeapWatch",
                     "young collection: %uM -> %uM of 1024M in {6..28} ms", before, after);
    }
}

static void service_tokens(gen_day *d, gen_rng *r) {
    for (uint32_t second = 100; second < GEN_SECONDS; second += gen_between(r, 200, 700)) {
        int64_t now_ns = gen_day_at(d, 0, 0, second) + gen_below(r, 1000) * GEN_MS;
        gen_app_line(d, now_ns, "INFO", "token-1", "c.e.shop.auth.TokenService",
                     "service token issued: account={svc-storefront|svc-mobile|svc-partner|svc-reporting} "
                     "region={eu-central|eu-central|eu-west|eu-north} ttl=3600 s");
    }
}

static void supplier_timeout(gen_day *d, gen_rng *r, int64_t now_ns) {
    uint32_t supplier = gen_between(r, 1, 4);
    gen_app_line(d, now_ns, "WARN", "scheduler-3", "c.e.shop.supply.SupplierClient",
                 "supplier %u did not answer within 5000 ms, will retry\n"
                 "java.net.http.HttpTimeoutException: request timed out\n"
                 "\tat com.example.shop.supply.SupplierClient.fetch(SupplierClient.java:88)\n"
                 "\tat com.example.shop.supply.PriceJob.run(PriceJob.java:35)\n"
                 "\tat com.example.shop.jobs.Scheduler.lambda$start$0(Scheduler.java:49)\n"
                 "\tat java.base/java.lang.Thread.run(Thread.java:840)",
                 supplier);
    gen_app_line(d, now_ns + gen_between(r, 6000, 9000) * GEN_MS, "INFO", "scheduler-3",
                 "c.e.shop.supply.SupplierClient", "supplier %u answered on attempt 2", supplier);
}

static void write_conflict(gen_day *d, int64_t now_ns) {
    gen_app_line(d, now_ns, "WARN", "scheduler-1", "c.e.shop.basket.BasketReaper",
                 "basket {50000..59999} was changed while it was being closed, left for the next run\n"
                 "com.example.shop.db.StaleRowException: row version 3 expected, 4 found\n"
                 "\tat com.example.shop.db.Database.update(Database.java:131)\n"
                 "\tat com.example.shop.basket.BasketReaper.close(BasketReaper.java:58)");
}

static void hourly_jobs(gen_day *d, gen_rng *r) {
    for (uint32_t hour = 0; hour < 24; hour++) {
        gen_app_line(d, gen_day_at(d, hour, 15, 0), "INFO", "scheduler-1", "c.e.shop.basket.BasketReaper",
                     "closed %u abandoned baskets", gen_below(r, 3 + gen_activity(hour * 3600) / 40));
        gen_app_line(d, gen_day_at(d, hour, 20, 1), "INFO", "scheduler-4", "c.e.shop.mail.MailService",
                     "queue flushed: %u messages to mx.example.net", gen_below(r, 4 + gen_activity(hour * 3600) / 60));
        gen_app_line(d, gen_day_at(d, hour, 40, 2), "INFO", "scheduler-3", "c.e.shop.supply.PriceJob",
                     "prices refreshed from 4 suppliers: {0..29} new, {3960..4000} unchanged");
        if (hour % 6 == 1)
            gen_app_line(d, gen_day_at(d, hour, 2, 0), "INFO", "scheduler-5", "c.e.shop.pay.RateTable",
                         "currency rates refreshed from rates.example.com: 31 rates, oldest {20..59} min");
    }
    gen_app_line(d, gen_day_at(d, 1, 0, 0), "INFO", "scheduler-5", "c.e.shop.report.DailyReport",
                 "report for the day before started");
    gen_app_line(d, gen_day_at(d, 1, 1, 12), "INFO", "scheduler-5", "c.e.shop.report.DailyReport",
                 "report written: {150..210} orders, {3..12} returns, 1 file");
    gen_app_line(d, gen_day_at(d, 4, 0, 0), "INFO", "scheduler-5", "c.e.shop.search.IndexJob",
                 "search index rebuild started");
    gen_app_line(d, gen_day_at(d, 4, 3, 41), "INFO", "scheduler-5", "c.e.shop.search.IndexJob",
                 "search index rebuilt: {3990..4010} documents in {214..226} s");
}

static void now_and_then(gen_day *d, gen_rng *r) {
    uint32_t n = gen_between(r, 4, 7);
    for (uint32_t i = 0; i < n; i++) supplier_timeout(d, r, gen_day_some(d, r, 0, 23));
    n = gen_between(r, 2, 4);
    for (uint32_t i = 0; i < n; i++) write_conflict(d, gen_day_at(d, gen_between(r, 8, 21), 15, i));
    n = gen_between(r, 3, 6);
    for (uint32_t i = 0; i < n; i++)
        gen_app_line(d, gen_day_some(d, r, 9, 20), "WARN", "pool-stats", "c.e.shop.db.ConnectionPool",
                     "connection {0..19} was held for {2100..4800} ms by com.example.shop.report.Export");
    n = gen_between(r, 2, 4);
    for (uint32_t i = 0; i < n; i++) {
        int64_t now_ns = gen_day_some(d, r, 9, 16);
        gen_config_reload(d, now_ns, i % 2 == 0 ? "mara" : "admin", gen_between(r, 1, 4));
    }
}

void gen_config_reload(gen_day *d, int64_t time_ns, const char *user, uint32_t n_keys) {
    gen_app_line(d, time_ns, "INFO", "config-watch", "c.e.shop.config.Settings",
                 "settings of /etc/shop/shop.yaml reloaded: %u keys changed by %s", n_keys, user);
}

/* ---- the database by itself ---- */

static void checkpoints(gen_day *d, gen_rng *r) {
    for (uint32_t minute = 2; minute < GEN_MINUTES; minute += 5) {
        int64_t now_ns = gen_day_at(d, 0, minute, 11) + gen_below(r, 300) * GEN_MS;
        if (gen_activity(minute * 60) < 150 && !gen_chance(r, 300)) continue; /* nothing was written: nothing to do */
        if (gen_day_has(d, GEN_DISK_FULL, now_ns)) continue;
        uint32_t buffers = gen_between(r, 4, 40 + gen_activity(minute * 60) / 4);
        gen_db_line(d, now_ns, 811, "", "LOG:  checkpoint starting: time");
        gen_db_line(d, now_ns + buffers * 100 * GEN_MS, 811, "",
                    "LOG:  checkpoint complete: wrote %u buffers (%u.%u%%); 0 WAL file(s) added, {0..1} removed, 0 "
                    "recycled; write=%u.{000..999} s, sync=0.{000..29} s, total=%u.{000..999} s",
                    buffers, buffers / 160, buffers / 16 % 10, buffers / 10, buffers / 10);
    }
}

static void vacuum(gen_day *d, gen_rng *r) {
    for (uint32_t second = 1800; second < GEN_SECONDS; second += gen_between(r, 1500, 5400)) {
        int64_t now_ns = gen_day_at(d, 0, 0, second);
        uint32_t pid = gen_between(r, 6000, 32000);
        gen_db_line(d, now_ns, pid, "",
                    "LOG:  automatic vacuum of table \"orders.public.{basket_item|orders|stock|session}\": index "
                    "scans: 1, pages: {0..8} removed, "
                    "{180..900} remain, elapsed: {0..3}.{00..99} s");
    }
}

static void reporting(gen_day *d, gen_rng *r) {
    uint32_t n = gen_between(r, 10, 16);
    for (uint32_t i = 0; i < n; i++) {
        int64_t now_ns = gen_day_some(d, r, 8, 18);
        uint32_t pid = gen_between(r, 6000, 32000), ms = gen_skewed(r, 1900);
        gen_db_line(d, now_ns, pid, "[unknown]@[unknown]",
                    "LOG:  connection received: host=10.0.3.12 port={40000..60000}");
        gen_db_line(d, now_ns + 8 * GEN_MS, pid, "report@orders",
                    "LOG:  connection authorized: user=report database=orders");
        gen_db_line(d, now_ns + (8 + ms) * GEN_MS, pid, "report@orders",
                    "LOG:  duration: %u.{000..999} ms  statement: SELECT day, sum(total) FROM orders GROUP BY day", ms);
        if (gen_chance(r, 120))
            gen_db_line(d, now_ns + (9 + ms) * GEN_MS, pid, "report@orders",
                        "ERROR:  canceling statement due to user request");
        gen_db_line(
            d, now_ns + (40 + ms) * GEN_MS, pid, "report@orders",
            "LOG:  disconnection: session time: 0:00:%02u.{000..999} user=report database=orders host=10.0.3.12",
            1 + ms / 1000);
    }
}

static void temporary_files(gen_day *d, gen_rng *r) {
    uint32_t n = gen_between(r, 4, 8);
    for (uint32_t i = 0; i < n; i++) {
        uint32_t pid = gen_between(r, 2200, 2219), pages = gen_between(r, 90, 900);
        gen_db_line(d, gen_day_some(d, r, 8, 20), pid, "shop@orders",
                    "LOG:  temporary file: path \"base/pgsql_tmp/pgsql_tmp%u.0\", size %u", pid, pages * 8192);
    }
}

void gen_service(gen_day *d) {
    typedef void job(gen_day * d, gen_rng * r);
    static job *const jobs[] = {stock_sync,  pool_and_heap, service_tokens, hourly_jobs,    now_and_then,
                                checkpoints, vacuum,        reporting,      temporary_files};
    for (uint32_t i = 0; i < sizeof jobs / sizeof jobs[0]; i++) {
        gen_rng r = gen_day_rng(d, 10 + i);
        jobs[i](d, &r);
    }
}
