/*
 * The two machines of the shop, shop01 and db01: cron at its fixed minutes, systemd, kernel, mail, time, log rotation,
 * people who log in over ssh and use sudo, and the few strangers who try to.
 */
#include "gen.h"

static const char *const hosts[] = {"shop01", "db01"};
static const char *const strangers[] = {"admin", "test", "oracle", "ubuntu", "guest", "pi"};

static uint32_t draw_pid(gen_rng *r) { return gen_between(r, 3000, 32000); }

/* ---- cron ---- */

static void cron_run(gen_day *d, gen_rng *r, int64_t time_ns, const char *host, const char *command) {
    gen_program auth = {GEN_AUTH, host, "CRON", draw_pid(r)}, log = {GEN_SYSLOG, host, "CRON", auth.pid + 1};
    gen_host_line(d, time_ns, &auth, "pam_unix(cron:session): session opened for user root(uid=0) by (uid=0)");
    gen_host_line(d, time_ns, &log, "(root) CMD (%s)", command);
    gen_host_line(d, time_ns + gen_between(r, 1, 3) * GEN_SECOND, &auth,
                  "pam_unix(cron:session): session closed for user root");
}

static void backup(gen_day *d, gen_rng *r) {
    int64_t now_ns = gen_day_at(d, 2, 30, 1);
    if (gen_day_has(d, GEN_NO_BACKUP, now_ns)) return;
    gen_program log = {GEN_SYSLOG, "db01", "shop-backup", draw_pid(r)};
    uint32_t pid = draw_pid(r), mb = gen_between(r, 1830, 1890), seconds = gen_between(r, 300, 360);
    cron_run(d, r, now_ns, "db01", "/usr/local/sbin/shop-backup --nightly");
    gen_host_line(d, now_ns + GEN_SECOND, &log, "nightly backup started, target /srv/backup/orders");
    gen_db_line(d, now_ns + 2 * GEN_SECOND, pid, "backup@orders",
                "LOG:  connection authorized: user=backup database=orders");
    static const char *const tables[] = {"customer", "orders", "product", "stock"};
    for (uint32_t i = 0; i < 4; i++) {
        now_ns += (20 + gen_skewed(r, 40)) * GEN_SECOND;
        gen_db_line(d, now_ns, pid, "backup@orders",
                    "LOG:  duration: %u.{000..999} ms  statement: COPY public.%s TO stdout;", gen_skewed(r, 30000),
                    tables[i]);
        gen_host_line(d, now_ns, &log, "table %s dumped, %u rows", tables[i], 4000 * (i + 1) + gen_below(r, 60));
    }
    now_ns = gen_day_at(d, 2, 30, 1) + seconds * GEN_SECOND;
    gen_host_line(d, now_ns, &log, "archive of %u MB written in %u s, checksum verified", mb, seconds);
    gen_host_line(d, now_ns + GEN_SECOND, &log, "nightly backup finished, %u archives kept", 14);
}

static void cron(gen_day *d, gen_rng *r) {
    for (uint32_t minute = 0; minute < GEN_MINUTES; minute += 10)
        for (uint32_t h = 0; h < 2; h++)
            cron_run(d, r, gen_day_at(d, 0, minute + 5 * h, 1), hosts[h], "/usr/local/sbin/collect-metrics --quiet");
    for (uint32_t hour = 0; hour < 24; hour++)
        for (uint32_t h = 0; h < 2; h++)
            cron_run(d, r, gen_day_at(d, hour, 17, 1), hosts[h], "cd / && run-parts --report /etc/cron.hourly");
    cron_run(d, r, gen_day_at(d, 6, 25, 1), "shop01",
             "test -x /usr/sbin/anacron || run-parts --report /etc/cron.daily");
    cron_run(d, r, gen_day_at(d, 6, 27, 1), "db01", "test -x /usr/sbin/anacron || run-parts --report /etc/cron.daily");
    cron_run(d, r, gen_day_at(d, 4, 40, 1), "shop01", "/usr/local/sbin/renew-certificates --all");
}

/* ---- systemd and what it starts ---- */

static void unit_run(gen_day *d, gen_rng *r, int64_t time_ns, const char *host, const char *const unit[2]) {
    gen_program log = {GEN_SYSLOG, host, "systemd", 1};
    gen_host_line(d, time_ns, &log, "Starting %s.service - %s...", unit[0], unit[1]);
    time_ns += gen_between(r, 200, 4000) * GEN_MS;
    gen_host_line(d, time_ns, &log, "%s.service: Deactivated successfully.", unit[0]);
    gen_host_line(d, time_ns, &log, "Finished %s.service - %s.", unit[0], unit[1]);
}

static void units(gen_day *d, gen_rng *r) {
    static const char *const logrotate[] = {"logrotate", "Rotate log files"}, *const man[] = {
                                                                                  "man-db",
                                                                                  "Daily man-db regeneration"};
    static const char *const apt[] = {"apt-daily", "Daily apt download activities"};
    static const char *const sysstat[] = {"sysstat-collect", "system activity accounting tool"};
    static const char *const fstrim[] = {"fstrim", "Discard unused blocks on filesystems from /etc/fstab"};
    for (uint32_t h = 0; h < 2; h++) {
        unit_run(d, r, gen_day_at(d, 0, 0, 1), hosts[h], logrotate);
        gen_program rsyslog = {GEN_SYSLOG, hosts[h], "rsyslogd", 0};
        gen_host_line(d, gen_day_at(d, 0, 0, 2), &rsyslog,
                      "[origin software=\"rsyslogd\" swVersion=\"8.2302.0\" x-pid=\"%u\"] rsyslogd was HUPed", 512 + h);
        unit_run(d, r, gen_day_at(d, 5, 31 + h, 8), hosts[h], man);
        unit_run(d, r, gen_day_at(d, 6, 12 + h, gen_below(r, 60)), hosts[h], apt);
        for (uint32_t hour = 0; hour < 24; hour += 4)
            unit_run(d, r, gen_day_at(d, hour, 9 + 30 * h, gen_below(r, 60)), hosts[h], sysstat);
        unit_run(d, r, gen_day_at(d, 23, 52, 3 + h), hosts[h], fstrim);
    }
    gen_program nginx = {GEN_SYSLOG, "shop01", "nginx", 901};
    gen_host_line(d, gen_day_at(d, 0, 0, 3), &nginx, "reopening logs after rotation");
}

/* ---- kernel, time, mail ---- */

static void kernel(gen_day *d, gen_rng *r) {
    gen_program log = {GEN_SYSLOG, "shop01", "kernel", 0};
    for (uint32_t second = 60; second < GEN_SECONDS; second += gen_between(r, 300, 1500)) {
        uint32_t up = 911003 + d->number * GEN_SECONDS + second;
        gen_host_line(d, gen_day_at(d, 0, 0, second), &log,
                      "[%u.{000000..999999}] nft drop: IN=ens3 OUT= SRC=203.0.113.{100..199} DST=192.0.2.10 "
                      "LEN={40..60} TTL={44..58} PROTO=TCP SPT={30000..65000} DPT=%u",
                      up, gen_chance(r, 500) ? 23 : 445);
    }
    uint32_t n = gen_between(r, 2, 4);
    for (uint32_t i = 0; i < n; i++) {
        uint32_t second = gen_between(r, 8 * 3600, 20 * 3600);
        gen_host_line(
            d, gen_day_at(d, 0, 0, second), &log,
            "[%u.{000000..999999}] TCP: request_sock_TCP: Possible SYN flooding on port 443. Sending cookies.",
            911003 + d->number * GEN_SECONDS + second);
    }
}

static void clock_and_network(gen_day *d, gen_rng *r) {
    for (uint32_t h = 0; h < 2; h++) {
        gen_program ntp = {GEN_SYSLOG, hosts[h], "chronyd", 640 + h},
                    dhcp = {GEN_SYSLOG, hosts[h], "dhclient", 588 + h};
        for (uint32_t second = 700; second < GEN_SECONDS; second += gen_between(r, 2000, 9000))
            gen_host_line(d, gen_day_at(d, 0, 0, second), &ntp, "Selected source 10.0.0.%u (ntp%u.example.net)",
                          2 + second % 2, 1 + second % 2);
        for (uint32_t second = gen_between(r, 100, 900); second < GEN_SECONDS; second += gen_between(r, 6600, 7300)) {
            uint32_t renew = gen_between(r, 6700, 7200);
            gen_host_line(d, gen_day_at(d, 0, 0, second), &dhcp,
                          "DHCPREQUEST for 10.0.1.%u on ens3 to 10.0.0.1 port 67", 10 + h);
            gen_host_line(d, gen_day_at(d, 0, 0, second), &dhcp, "DHCPACK of 10.0.1.%u from 10.0.0.1", 10 + h);
            gen_host_line(d, gen_day_at(d, 0, 0, second), &dhcp, "bound to 10.0.1.%u -- renewal in %u seconds.", 10 + h,
                          renew);
        }
    }
}

static void mail(gen_day *d, gen_rng *r) {
    gen_program smtp = {GEN_SYSLOG, "shop01", "postfix/smtp", 1402},
                queue = {GEN_SYSLOG, "shop01", "postfix/qmgr", 1177};
    for (uint32_t second = 0; second < GEN_SECONDS; second++) {
        if (gen_below(r, 1000000) >= gen_activity(second) * 3) continue;
        uint32_t id = gen_hex32(r);
        int64_t now_ns = gen_day_at(d, 0, 0, second);
        gen_host_line(d, now_ns, &queue, "%08X: from=<shop@example.com>, size={1900..5200}, nrcpt=1 (queue active)",
                      id);
        bool deferred = gen_chance(r, 40);
        gen_host_line(d, now_ns + gen_between(r, 300, 2500) * GEN_MS, &smtp,
                      "%08X: to=<customer{10000..10899}@example.org>, relay=mx.example.net[10.0.0.25]:25, "
                      "delay={0..2}.{00..99}, dsn=%s, status=%s",
                      id, deferred ? "4.4.1" : "2.0.0", deferred ? "deferred (connection timed out)" : "sent (250 ok)");
        if (!deferred) gen_host_line(d, now_ns + 3 * GEN_SECOND, &queue, "%08X: removed", id);
    }
}

/* ---- people ---- */

void gen_host_visit(gen_day *d, gen_rng *r, int64_t time_ns, const gen_visit *v) {
    gen_program sshd = {GEN_AUTH, v->host, "sshd", draw_pid(r)}, logind = {GEN_AUTH, v->host, "systemd-logind", 603};
    uint32_t port = gen_between(r, 40000, 60000), session = 4000 + d->number * 300 + gen_below(r, 300);
    int64_t end_ns = time_ns + v->n_minutes * GEN_MINUTE + gen_below(r, 60) * GEN_SECOND;
    gen_host_line(d, time_ns, &sshd, "Accepted publickey for %s from %s port %u ssh2: ED25519 SHA256:k%08xPq%08xZ",
                  v->user, v->ip, port, v->uid * 2654435761u, v->uid * 40503u);
    gen_host_line(d, time_ns, &sshd, "pam_unix(sshd:session): session opened for user %s(uid=%u) by (uid=0)", v->user,
                  v->uid);
    gen_host_line(d, time_ns, &logind, "New session %u of user %s.", session, v->user);
    if (v->command != NULL) {
        gen_program sudo = {GEN_AUTH, v->host, "sudo", 0};
        int64_t sudo_ns = time_ns + gen_between(r, 20, 50) * GEN_SECOND;
        gen_host_line(d, sudo_ns, &sudo, "%8s : TTY=pts/{0..3} ; PWD=/home/%s ; USER=root ; COMMAND=%s", v->user,
                      v->user, v->command);
        gen_host_line(d, sudo_ns, &sudo, "pam_unix(sudo:session): session opened for user root(uid=0) by %s(uid=%u)",
                      v->user, v->uid);
        gen_host_line(d, sudo_ns + gen_between(r, 1, 30) * GEN_SECOND, &sudo,
                      "pam_unix(sudo:session): session closed for user root");
    }
    gen_host_line(d, end_ns, &sshd, "Received disconnect from %s port %u:11: disconnected by user", v->ip, port);
    gen_host_line(d, end_ns, &sshd, "Disconnected from user %s %s port %u", v->user, v->ip, port);
    gen_host_line(d, end_ns, &sshd, "pam_unix(sshd:session): session closed for user %s", v->user);
    gen_host_line(d, end_ns, &logind, "Session %u logged out. Waiting for processes to exit.", session);
    gen_host_line(d, end_ns, &logind, "Removed session %u.", session);
}

void gen_host_guess(gen_day *d, gen_rng *r, int64_t time_ns, const char *ip, const char *user) {
    gen_program sshd = {GEN_AUTH, "shop01", "sshd", draw_pid(r)};
    uint32_t port = gen_between(r, 30000, 65000);
    gen_host_line(d, time_ns, &sshd, "Invalid user %s from %s port %u", user, ip, port);
    gen_host_line(d, time_ns + 700 * GEN_MS, &sshd, "Failed password for invalid user %s from %s port %u ssh2", user,
                  ip, port);
    gen_host_line(d, time_ns + 900 * GEN_MS, &sshd, "Connection closed by invalid user %s %s port %u [preauth]", user,
                  ip, port);
}

static void people(gen_day *d, gen_rng *r) {
    static const struct {
        const char *user, *ip;
        uint32_t uid;
    } staff[] = {{"mara", "10.0.3.21", 1001},
                 {"jonas", "10.0.3.22", 1002},
                 {"admin", "10.0.3.7", 1000},
                 {"yusuf", "10.0.3.24", 1004}};
    static const char *const commands[] = {"/usr/bin/systemctl status shop", "/usr/bin/journalctl -u shop -n 200",
                                           "/usr/bin/tail -n 50 /var/log/nginx/error.log",
                                           "/usr/bin/vi /etc/shop/shop.yaml"};
    uint32_t n = gen_between(r, 26, 34);
    for (uint32_t i = 0; i < n; i++) {
        uint32_t who = gen_below(r, 4);
        int64_t now_ns = gen_day_some(d, r, 8, 17);
        gen_visit v = {.host = GEN_PICK(r, hosts), .user = staff[who].user, .ip = staff[who].ip, .uid = staff[who].uid};
        v.n_minutes = gen_between(r, 2, 50);
        v.command = gen_chance(r, 600) ? commands[(who + gen_below(r, 2)) % 4] : NULL;
        if (gen_chance(r, 120)) {
            gen_program sshd = {GEN_AUTH, v.host, "sshd", draw_pid(r)};
            gen_host_line(d, now_ns - 9 * GEN_SECOND, &sshd, "Failed password for %s from %s port {40000..60000} ssh2",
                          v.user, v.ip);
        }
        gen_host_visit(d, r, now_ns, &v);
    }
}

/* Deployments and the monitoring account come by key, day and night. */
static void machines(gen_day *d, gen_rng *r) {
    for (uint32_t hour = 0; hour < 24; hour++) {
        gen_visit v = {"shop01", "monitor", "10.0.0.9", NULL, 1100, 0};
        gen_host_visit(d, r, gen_day_at(d, hour, 33, gen_below(r, 60)), &v);
    }
    for (uint32_t hour = 10; hour <= 16; hour += 3) {
        gen_visit v = {"shop01", "deploy", "10.0.3.40", "/usr/bin/systemctl reload shop", 1101, 1};
        gen_host_visit(d, r, gen_day_some(d, r, hour, hour), &v);
    }
}

static void background_noise(gen_day *d, gen_rng *r) {
    uint32_t n = gen_between(r, 7, 12);
    for (uint32_t i = 0; i < n; i++) {
        static const char *const ips[] = {"203.0.113.104", "203.0.113.117", "203.0.113.131", "203.0.113.188"};
        int64_t now_ns = gen_day_some(d, r, 0, 23);
        const char *ip = GEN_PICK(r, ips);
        gen_host_guess(d, r, now_ns, ip, GEN_PICK(r, strangers));
    }
}

void gen_host(gen_day *d) {
    typedef void job(gen_day * d, gen_rng * r);
    static job *const jobs[] = {cron, backup, units,    kernel,          clock_and_network,
                                mail, people, machines, background_noise};
    for (uint32_t i = 0; i < sizeof jobs / sizeof jobs[0]; i++) {
        gen_rng r = gen_day_rng(d, 40 + i);
        jobs[i](d, &r);
    }
}
