/*
 * What customers do: each request leaves a line in access.log, several in app.log and the statements it caused in
 * db.log, all with its request id. Kinds: browse, look at a product, search, fill the basket, check out, log in, ask
 * for an order; and nginx alone serves assets, crawlers and health checks.
 */
#include "gen.h"

#include <stdio.h>

/* A request on its way through the shop; now_ns moves on with each step. */
typedef struct flow {
    gen_day *d;
    gen_rng *r;
    int64_t start_ns, now_ns;
    uint32_t req, customer, pid;
    char thread[32], ip[20];
    const char *agent, *method;
    char path[96];
} flow;

static const char *const agents[] = {
    "Mozilla/5.0 (X11; Linux x86_64; rv:135.0) Gecko/20100101 Firefox/135.0",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/133.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.3",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_3 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148",
    "ExampleShop/4.2 (Android 15)"};
static const char *const categories[] = {"garden", "kitchen", "lighting", "tools", "storage", "textiles"};
static const char *const words[] = {"lamp",    "shelf", "spade", "drill", "pan",
                                    "curtain", "box",   "chair", "hose",  "knife"};
static const char *const providers[] = {"cardlink", "cardlink", "paybank", "invoice"};
static const char *const warehouses[] = {"north", "north", "south", "harbour"};

static void wait_ms(flow *f, uint32_t median_ms) { f->now_ns += gen_skewed(f->r, median_ms * 1000) * (GEN_MS / 1000); }

static flow flow_begin(gen_day *d, gen_rng *r, int64_t time_ns, const char *method, const char *path) {
    flow f = {.d = d, .r = r, .start_ns = time_ns, .now_ns = time_ns, .method = method};
    f.req = gen_hex32(r) | 1;
    f.customer = gen_between(r, 10000, 10899);
    f.pid = 2200 + gen_below(r, 20);
    f.agent = GEN_PICK(r, agents);
    snprintf(f.path, sizeof f.path, "%s", path);
    snprintf(f.thread, sizeof f.thread, "http-nio-8080-exec-%u", gen_between(r, 1, 12));
    const char *net = gen_chance(r, 700) ? "198.51.100" : "192.0.2";
    snprintf(f.ip, sizeof f.ip, "%s.%u", net, gen_between(r, 10, 99));
    wait_ms(&f, 1);
    gen_app_line(d, f.now_ns, "INFO", f.thread, "c.e.shop.web.RequestFilter",
                 "req=%08x %s %s client={storefront|storefront|storefront|mobile|mobile|partner} "
                 "region={eu-central|eu-central|eu-west|eu-north}",
                 f.req, method, f.path);
    return f;
}

static void flow_end(flow *f, uint32_t status, uint32_t n_bytes) {
    wait_ms(f, 1);
    uint32_t ms = (uint32_t)((f->now_ns - f->start_ns) / GEN_MS);
    gen_app_line(f->d, f->now_ns, "INFO", f->thread, "c.e.shop.web.RequestFilter", "req=%08x done %u in %u ms", f->req,
                 status, ms);
    gen_hit hit = {f->ip, f->method, f->path, f->agent, status, n_bytes, f->req, ms + 1};
    gen_access_line(f->d, f->now_ns + GEN_MS, &hit);
}

/* A read: the database logs the slower half of them. */
static void query(flow *f, uint32_t median_us, const char *statement) {
    uint32_t us = gen_skewed(f->r, median_us);
    f->now_ns += us * (GEN_MS / 1000);
    if (us < median_us) return;
    gen_db_line(f->d, f->now_ns, f->pid, "shop@orders",
                "LOG:  duration: %u.%03u ms  execute <unnamed>: %s /* req=%08x */", us / 1000, us % 1000, statement,
                f->req);
}

static void check_session(flow *f) {
    wait_ms(f, 2);
    gen_app_line(f->d, f->now_ns, "INFO", f->thread, "c.e.shop.auth.SessionService",
                 "req=%08x session of customer %u is valid, {30..1800} s left", f->req, f->customer);
}

/* ---- kinds of request ---- */

static void browse(gen_day *d, gen_rng *r, int64_t time_ns) {
    char path[96];
    const char *category = GEN_PICK(r, categories);
    snprintf(path, sizeof path, "/api/products?category=%s&page=%u", category, gen_between(r, 1, 9));
    flow f = flow_begin(d, r, time_ns, "GET", path);
    bool slow = gen_day_has(d, GEN_DRIFT, time_ns);
    uint32_t ms = gen_skewed(r, 14) * (slow ? 20 : 1);
    query(&f, 4000, "SELECT id, name, price FROM product WHERE category = $1 ORDER BY rank LIMIT 24 OFFSET $2");
    if (slow) d->fault = GEN_DRIFT;
    f.now_ns += ms * GEN_MS;
    gen_app_line(d, f.now_ns, "INFO", f.thread, "c.e.shop.catalog.CatalogService",
                 "req=%08x loaded {9..24} products of category %s in %u ms", f.req, category, ms);
    flow_end(&f, 200, gen_between(r, 4000, 11000));
    d->fault = GEN_NORMAL;
}

static void look(gen_day *d, gen_rng *r, int64_t time_ns) {
    char path[96];
    uint32_t product = gen_between(r, 1000, 4999);
    snprintf(path, sizeof path, "/api/products/%u", product);
    flow f = flow_begin(d, r, time_ns, "GET", path);
    bool cached = gen_chance(r, 650), known = !gen_chance(r, 25);
    wait_ms(&f, cached ? 1 : 5);
    if (cached && known)
        gen_app_line(d, f.now_ns, "DEBUG", f.thread, "c.e.shop.catalog.ProductCache",
                     "req=%08x hit for product %u, age {1..600} s", f.req, product);
    else
        query(&f, 2500, "SELECT * FROM product WHERE id = $1");
    if (!known) {
        gen_app_line(d, f.now_ns, "WARN", f.thread, "c.e.shop.catalog.CatalogService",
                     "req=%08x product %u does not exist", f.req, product);
        flow_end(&f, 404, 87);
        return;
    }
    flow_end(&f, 200, gen_between(r, 900, 2400));
}

static void search(gen_day *d, gen_rng *r, int64_t time_ns) {
    char path[96];
    const char *word = GEN_PICK(r, words);
    snprintf(path, sizeof path, "/api/search?q=%s", word);
    flow f = flow_begin(d, r, time_ns, "GET", path);
    uint32_t ms = gen_skewed(r, 38);
    f.now_ns += ms * GEN_MS;
    if (gen_chance(r, 60))
        gen_app_line(d, f.now_ns, "INFO", f.thread, "c.e.shop.search.SearchService", "req=%08x no results for \"%s\"",
                     f.req, word);
    else
        gen_app_line(d, f.now_ns, "INFO", f.thread, "c.e.shop.search.SearchService",
                     "req=%08x {1..240} results for \"%s\" in %u ms", f.req, word, ms);
    flow_end(&f, 200, gen_between(r, 300, 9000));
}

static void fill_basket(gen_day *d, gen_rng *r, int64_t time_ns) {
    flow f = flow_begin(d, r, time_ns, "POST", "/api/basket/items");
    check_session(&f);
    uint32_t basket = gen_between(r, 50000, 59999);
    wait_ms(&f, 6);
    gen_app_line(d, f.now_ns, "INFO", f.thread, "c.e.shop.basket.BasketService",
                 "req=%08x added {1..4} x product {1000..4999} to basket %u", f.req, basket);
    query(&f, 3000, "INSERT INTO basket_item (basket, product, n) VALUES ($1, $2, $3)");
    flow_end(&f, 201, gen_between(r, 180, 420));
}

static void log_in(gen_day *d, gen_rng *r, int64_t time_ns) {
    flow f = flow_begin(d, r, time_ns, "POST", "/api/login");
    query(&f, 2000, "SELECT id, hash FROM customer WHERE mail = $1");
    wait_ms(&f, 85); /* the password hash is meant to be slow */
    bool right = !gen_chance(r, 70);
    if (right)
        gen_app_line(d, f.now_ns, "INFO", f.thread, "c.e.shop.auth.SessionService",
                     "req=%08x customer %u logged in from %s", f.req, f.customer, f.ip);
    else
        gen_app_line(d, f.now_ns, "WARN", f.thread, "c.e.shop.auth.SessionService",
                     "req=%08x wrong password for customer %u from %s", f.req, f.customer, f.ip);
    flow_end(&f, right ? 200 : 401, right ? 312 : 64);
}

static void ask_order(gen_day *d, gen_rng *r, int64_t time_ns) {
    static const char *const states[] = {"paid", "packed", "sent", "delivered"};
    char path[96];
    uint32_t order = gen_between(r, 80000, 81900);
    snprintf(path, sizeof path, "/api/orders/%u", order);
    flow f = flow_begin(d, r, time_ns, "GET", path);
    check_session(&f);
    query(&f, 3000, "SELECT * FROM orders WHERE id = $1 AND customer = $2");
    gen_app_line(d, f.now_ns, "INFO", f.thread, "c.e.shop.order.OrderService", "req=%08x order %u is %s", f.req, order,
                 GEN_PICK(r, states));
    flow_end(&f, 200, gen_between(r, 500, 900));
}

/* ---- check out: the order of these steps is what fault `order` breaks ---- */

typedef struct purchase {
    uint32_t order, n_items, cents;
} purchase;

static void reserve(flow *f, const purchase *p) {
    wait_ms(f, 3);
    gen_app_line(f->d, f->now_ns, "INFO", f->thread, "c.e.shop.basket.BasketService",
                 "req=%08x basket {50000..59999} has %u items, total %u.%02u EUR", f->req, p->n_items, p->cents / 100,
                 p->cents % 100);
    wait_ms(f, 8);
    gen_app_line(f->d, f->now_ns, "INFO", f->thread, "c.e.shop.stock.StockService",
                 "req=%08x reserved %u items for order %u in warehouse %s", f->req, p->n_items, p->order,
                 GEN_PICK(f->r, warehouses));
    query(f, 4000, "UPDATE stock SET reserved = reserved + $1 WHERE product = ANY ($2)");
}

static void authorise(flow *f, const purchase *p) {
    uint32_t ms = gen_skewed(f->r, 140);
    f->now_ns += ms * GEN_MS;
    gen_app_line(f->d, f->now_ns, "INFO", f->thread, "c.e.shop.pay.PaymentService",
                 "req=%08x payment of order %u authorised: %u.%02u EUR by %s in %u ms", f->req, p->order,
                 p->cents / 100, p->cents % 100, GEN_PICK(f->r, providers), ms);
}

static void commit(flow *f, const purchase *p) {
    wait_ms(f, 5);
    gen_db_line(f->d, f->now_ns, f->pid, "shop@orders",
                "LOG:  execute <unnamed>: INSERT INTO orders (id, customer, total) VALUES ($1, $2, $3) /* req=%08x */",
                f->req);
    gen_db_line(f->d, f->now_ns, f->pid, "shop@orders", "DETAIL:  parameters: $1 = '%u', $2 = '%u', $3 = '%u.%02u'",
                p->order, f->customer, p->cents / 100, p->cents % 100);
    wait_ms(f, 2);
    gen_app_line(f->d, f->now_ns, "INFO", f->thread, "c.e.shop.order.OrderService", "req=%08x order %u committed",
                 f->req, p->order);
}

static bool refused(flow *f, const purchase *p) {
    if (!gen_chance(f->r, 45)) return false;
    wait_ms(f, 120);
    gen_app_line(f->d, f->now_ns, "WARN", f->thread, "c.e.shop.pay.PaymentService",
                 "req=%08x payment of order %u declined by %s: code {51..55}", f->req, p->order,
                 GEN_PICK(f->r, providers));
    wait_ms(f, 4);
    gen_app_line(f->d, f->now_ns, "INFO", f->thread, "c.e.shop.stock.StockService",
                 "req=%08x reservation of order %u released", f->req, p->order);
    flow_end(f, 402, 118);
    return true;
}

void gen_request_checkout(gen_day *d, gen_rng *r, int64_t time_ns, gen_checkout how) {
    flow f = flow_begin(d, r, time_ns, "POST", "/api/orders");
    purchase p = {.order = 82000 + d->number * 400 + d->n_orders++};
    p.n_items = gen_between(r, 1, 6);
    p.cents = gen_between(r, 690, 24900);
    check_session(&f);
    reserve(&f, &p);
    if (how == GEN_CHECKOUT_NORMAL) {
        if (refused(&f, &p)) return;
        authorise(&f, &p);
    }
    commit(&f, &p);
    if (how == GEN_CHECKOUT_EARLY_COMMIT) authorise(&f, &p);
    wait_ms(&f, 3);
    gen_app_line(d, f.now_ns, "INFO", f.thread, "c.e.shop.mail.MailService",
                 "req=%08x confirmation of order %u queued for customer %u", f.req, p.order, f.customer);
    flow_end(&f, 201, gen_between(r, 380, 460));
}

/* ---- requests that a fault breaks ---- */

void gen_request_failed(gen_day *d, gen_rng *r, int64_t time_ns, gen_fault fault) {
    char path[96];
    snprintf(path, sizeof path, "/api/products?category=%s&page=1", GEN_PICK(r, categories));
    flow f = flow_begin(d, r, time_ns, "GET", path);
    d->fault = fault;
    if (fault == GEN_POOL) {
        f.now_ns += (3000 + gen_below(r, 12)) * GEN_MS;
        gen_app_line(d, f.now_ns, "ERROR", f.thread, "c.e.shop.db.ConnectionPool",
                     "req=%08x no connection after 3000 ms: active=20 idle=0 waiting={11..58} max=20\n"
                     "com.example.shop.db.PoolExhaustedException: no connection after 3000 ms\n"
                     "\tat com.example.shop.db.ConnectionPool.acquire(ConnectionPool.java:118)\n"
                     "\tat com.example.shop.db.Database.read(Database.java:64)\n"
                     "\tat com.example.shop.catalog.ProductTable.byCategory(ProductTable.java:41)\n"
                     "\tat com.example.shop.catalog.CatalogService.load(CatalogService.java:77)\n"
                     "\tat com.example.shop.web.Dispatcher.run(Dispatcher.java:52)\n"
                     "\tat java.base/java.lang.Thread.run(Thread.java:840)",
                     f.req);
    } else {
        wait_ms(&f, 4);
        gen_app_line(d, f.now_ns, "ERROR", f.thread, "c.e.shop.db.Database",
                     "req=%08x database refused the connection\n"
                     "com.example.shop.db.DatabaseException: FATAL: the database system is in recovery mode\n"
                     "\tat com.example.shop.db.Connection.open(Connection.java:93)\n"
                     "\tat com.example.shop.db.ConnectionPool.acquire(ConnectionPool.java:109)\n"
                     "\tat com.example.shop.db.Database.read(Database.java:64)\n"
                     "\tat com.example.shop.web.Dispatcher.run(Dispatcher.java:52)",
                     f.req);
    }
    flow_end(&f, 500, 141);
    d->fault = GEN_NORMAL;
}

/* ---- nginx by itself ---- */

static void serve_asset(gen_day *d, gen_rng *r, int64_t time_ns) {
    static const char *const assets[] = {"/", "/assets/app.3f9c21.js", "/assets/shop.77ab0e.css", "/assets/logo.svg",
                                         "/favicon.ico"};
    static const uint32_t sizes[] = {2210, 184220, 40110, 3120, 1406};
    char ip[20];
    uint32_t which = gen_below(r, 5);
    snprintf(ip, sizeof ip, "198.51.100.%u", gen_between(r, 10, 99));
    gen_hit hit = {.ip = ip, .method = "GET", .path = assets[which], .status = 200, .n_bytes = sizes[which]};
    hit.agent = GEN_PICK(r, agents);
    hit.ms = gen_below(r, 3);
    if (gen_chance(r, 300)) {
        hit.status = 304;
        hit.n_bytes = 0;
    }
    gen_access_line(d, time_ns, &hit);
}

static void serve_robot(gen_day *d, gen_rng *r, int64_t time_ns) {
    static const char *const paths[] = {"/robots.txt", "/sitemap.xml", "/wp-login.php", "/.env", "/admin/"};
    char ip[20];
    uint32_t which = gen_below(r, 5);
    bool there = which < 2;
    snprintf(ip, sizeof ip, "203.0.113.%u", gen_between(r, 100, 140));
    gen_hit hit = {
        .ip = ip, .method = "GET", .path = paths[which], .status = there ? 200 : 404, .n_bytes = there ? 412 : 153};
    hit.agent = "examplebot/1.1 (+http://bot.example.org)";
    gen_access_line(d, time_ns, &hit);
}

static void serve_health(gen_day *d, gen_rng *r) {
    for (uint32_t minute = 0; minute < GEN_MINUTES; minute++) {
        gen_hit hit = {"10.0.0.5", "GET", "/health", "lb-check/2.0", 200, 15, 0, gen_between(r, 1, 3)};
        int64_t time_ns = gen_day_at(d, 0, minute, 7);
        if (!gen_day_has(d, GEN_NO_HEALTH, time_ns)) gen_access_line(d, time_ns, &hit);
    }
}

/* ---- the day ---- */

typedef void request(gen_day *d, gen_rng *r, int64_t time_ns);

static void check_out(gen_day *d, gen_rng *r, int64_t time_ns) {
    gen_request_checkout(d, r, time_ns, GEN_CHECKOUT_NORMAL);
}

static void one_request(gen_day *d, gen_rng *r, int64_t time_ns) {
    static request *const mix[] = {browse,    browse,      browse,      browse,    look,     look,
                                   look,      look,        search,      search,    log_in,   ask_order,
                                   ask_order, fill_basket, fill_basket, check_out, check_out};
    request *kind = GEN_PICK(r, mix);
    gen_rng own = gen_fork(r);
    if (gen_day_has(d, GEN_POOL, time_ns) && gen_chance(&own, 750))
        gen_request_failed(d, &own, time_ns, GEN_POOL);
    else if (gen_day_has(d, GEN_DISK_FULL, time_ns))
        gen_request_failed(d, &own, time_ns, GEN_DISK_FULL);
    else
        kind(d, &own, time_ns);
}

void gen_requests(gen_day *d) {
    gen_rng r = gen_day_rng(d, 1);
    for (uint32_t second = 0; second < GEN_SECONDS; second++) {
        int64_t time_ns = gen_day_at(d, 0, 0, second) + gen_below(&r, 1000) * GEN_MS;
        uint32_t activity = gen_activity(second);
        if (gen_below(&r, 1000000) < activity * 18) one_request(d, &r, time_ns);
        if (gen_below(&r, 1000000) < activity * 8) serve_asset(d, &r, time_ns);
        if (gen_below(&r, 1000000) < 900) serve_robot(d, &r, time_ns);
    }
    gen_rng health = gen_day_rng(d, 2);
    serve_health(d, &health);
}
