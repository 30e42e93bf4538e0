/*
 * zone: a zone name becomes a table of offsets; local civil seconds become UTC seconds.
 *
 * Sources: fixed offsets by name, and TZif files (RFC 8536) below /usr/share/zoneinfo. Of a TZif file the 64-bit block
 * is read where there is one, and its footer, a POSIX TZ rule, answers for times behind the last transition.
 * Cost: O(log transitions) for each question. A zone is immutable, so threads share it.
 * The file is the system's, yet every length is checked: a damaged one is an error, never a wrong read.
 */
#include "zone.h"

#include "chars.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { DAY_S = 86400, MAX_FILE = 1 << 20, MAX_TRANSITIONS = 1 << 16, MAX_TYPES = 256 };

/* When a rule's summer time starts or ends: POSIX Jn, n or Mm.w.d, and the local second of that day. */
typedef struct rule_date {
    char form; /* 'J', '0' or 'M' */
    int32_t month, week, day;
    int32_t time_s;
} rule_date;

struct lgd_zone {
    int64_t *times;   /* [n_transitions], ascending */
    int32_t *offsets; /* [n_transitions], in force from times[i] on */
    size_t n_transitions;
    int32_t first_s; /* in force before the first transition */
    bool has_rule, has_dst;
    int32_t std_s, dst_s;
    rule_date dst_start, dst_end;
};

/* ---- the footer: std offset [dst [offset] [,start[/time],end[/time]]] ---- */

typedef struct text {
    const char *p, *end;
} text;

static bool take(text *t, char c) {
    if (t->p == t->end || *t->p != c) return false;
    t->p++;
    return true;
}

static bool take_number(text *t, int32_t max, int32_t *ret) {
    int32_t value = 0;
    if (t->p == t->end || !is_digit(*t->p)) return false;
    for (; t->p < t->end && is_digit(*t->p); t->p++) {
        value = value * 10 + (*t->p - '0');
        if (value > max) return false;
    }
    *ret = value;
    return true;
}

static bool take_name(text *t) {
    const char *start = t->p;
    if (take(t, '<')) {
        while (t->p < t->end && *t->p != '>') t->p++;
        return take(t, '>');
    }
    while (t->p < t->end && is_letter(*t->p)) t->p++;
    return t->p - start >= 3;
}

/* [+-]h[:m[:s]], up to 167 hours as RFC 8536 allows for rule times. */
static bool take_clock(text *t, int32_t *ret_s) {
    int32_t sign = 1, h, m = 0, s = 0;
    if (take(t, '-'))
        sign = -1;
    else
        (void)take(t, '+');
    if (!take_number(t, 167, &h)) return false;
    if (take(t, ':')) {
        if (!take_number(t, 59, &m)) return false;
        if (take(t, ':') && !take_number(t, 59, &s)) return false;
    }
    *ret_s = sign * (h * 3600 + m * 60 + s);
    return true;
}

static bool take_date(text *t, rule_date *ret) {
    rule_date d = {.form = '0', .time_s = 2 * 3600};
    if (take(t, 'M')) {
        d.form = 'M';
        if (!take_number(t, 12, &d.month) || !take(t, '.') || !take_number(t, 5, &d.week) || !take(t, '.') ||
            !take_number(t, 6, &d.day))
            return false;
        if (d.month < 1 || d.week < 1) return false;
    } else {
        if (take(t, 'J')) d.form = 'J';
        if (!take_number(t, 365, &d.day)) return false;
    }
    if (take(t, '/') && !take_clock(t, &d.time_s)) return false;
    *ret = d;
    return true;
}

static bool parse_rule(lgd_sv footer, lgd_zone *z) {
    text t = {footer.p, footer.p + footer.n};
    int32_t west;
    if (!take_name(&t) || !take_clock(&t, &west)) return false;
    z->std_s = -west;
    z->dst_s = z->std_s + 3600;
    if (t.p < t.end) {
        if (!take_name(&t)) return false;
        if (t.p < t.end && *t.p != ',') {
            if (!take_clock(&t, &west)) return false;
            z->dst_s = -west;
        }
        if (!take(&t, ',') || !take_date(&t, &z->dst_start) || !take(&t, ',') || !take_date(&t, &z->dst_end))
            return false;
        z->has_dst = true;
    }
    z->has_rule = t.p == t.end;
    return z->has_rule;
}

static bool is_leap(int64_t year) { return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0; }

/* Local seconds (as if UTC) at which the rule's date of that year comes. */
static int64_t rule_second(const rule_date *d, int64_t year) {
    int64_t day;
    if (d->form == 'M') {
        int64_t first = lgd_days_from_civil(year, (unsigned)d->month, 1);
        int64_t next =
            d->month == 12 ? lgd_days_from_civil(year + 1, 1, 1) : lgd_days_from_civil(year, (unsigned)d->month + 1, 1);
        int64_t weekday = ((first + 4) % 7 + 7) % 7; /* 1970-01-01 was a Thursday */
        day = first + (d->day - weekday + 7) % 7 + 7 * (d->week - 1);
        while (day >= next) day -= 7;
    } else {
        day = lgd_days_from_civil(year, 1, 1) + d->day;
        if (d->form == 'J' && (d->day < 60 || !is_leap(year))) day -= 1; /* J60 is 1 March in every year */
    }
    return day * DAY_S + d->time_s;
}

static int32_t rule_offset(const lgd_zone *z, int64_t utc_s) {
    if (!z->has_dst) return z->std_s;
    /* 400 Gregorian years have 146097 days; the first guess is off by one day at most, which no rule date is near. */
    int64_t local = utc_s + z->std_s;
    int64_t days = local >= 0 ? local / DAY_S : -((DAY_S - 1 - local) / DAY_S);
    int64_t year = 1970 + days * 400 / 146097;
    while (lgd_days_from_civil(year, 1, 1) > days) year--;
    while (lgd_days_from_civil(year + 1, 1, 1) <= days) year++;
    int64_t start = rule_second(&z->dst_start, year) - z->std_s;
    int64_t end = rule_second(&z->dst_end, year) - z->dst_s;
    bool in_dst = start < end ? utc_s >= start && utc_s < end : utc_s >= start || utc_s < end;
    return in_dst ? z->dst_s : z->std_s;
}

/* ---- TZif ---- */

static int64_t read_be(const unsigned char *p, size_t n) {
    uint64_t value = (p[0] & 0x80) ? UINT64_MAX : 0;
    for (size_t i = 0; i < n; i++) value = value << 8 | p[i];
    return (int64_t)value;
}

typedef struct block {
    size_t n_utc, n_std, n_leap, n_time, n_type, n_char; /* in the order of the header */
    size_t time_bytes;                                   /* 4 or 8 */
    size_t n_bytes;                                      /* header and data */
} block;

static bool read_block(const unsigned char *p, size_t n, size_t time_bytes, block *ret) {
    if (n < 44 || memcmp(p, "TZif", 4) != 0) return false;
    size_t count[6];
    for (size_t i = 0; i < 6; i++) {
        int64_t v = read_be(p + 20 + 4 * i, 4);
        if (v < 0 || v > MAX_TRANSITIONS) return false;
        count[i] = (size_t)v;
    }
    block b = {count[0], count[1], count[2], count[3], count[4], count[5], time_bytes, 0};
    b.n_bytes =
        44 + b.n_time * (time_bytes + 1) + b.n_type * 6 + b.n_char + b.n_leap * (time_bytes + 4) + b.n_std + b.n_utc;
    if (b.n_type == 0 || b.n_type > MAX_TYPES || b.n_bytes > n) return false;
    *ret = b;
    return true;
}

static bool type_offset(const unsigned char *types, const block *b, size_t type, int32_t *ret) {
    if (type >= b->n_type) return false;
    int64_t offset = read_be(types + 6 * type, 4);
    *ret = (int32_t)offset;
    return offset > -2 * DAY_S && offset < 2 * DAY_S;
}

/* Fills z from the data block at p. False: not a sound TZif block. */
static bool load_block(const unsigned char *p, const block *b, lgd_zone *z) {
    const unsigned char *times = p + 44, *index = times + b->n_time * b->time_bytes, *types = index + b->n_time;
    if (!type_offset(types, b, 0, &z->first_s)) return false;
    for (size_t i = 0; i < b->n_time; i++) {
        z->times[i] = read_be(times + i * b->time_bytes, b->time_bytes);
        if (i > 0 && z->times[i] <= z->times[i - 1]) return false;
        if (!type_offset(types, b, index[i], &z->offsets[i])) return false;
    }
    z->n_transitions = b->n_time;
    return true;
}

static lgd_status parse_tzif(const unsigned char *p, size_t n, const char *path, lgd_zone *z, lgd_err *err) {
    block b;
    const unsigned char *end = p + n;
    if (!read_block(p, n, 4, &b)) goto damaged;
    bool wide = p[4] >= '2';
    if (wide) {
        p += b.n_bytes;
        if (!read_block(p, (size_t)(end - p), 8, &b)) goto damaged;
    }
    z->times = lgd_calloc(b.n_time + 1, sizeof *z->times);
    z->offsets = lgd_calloc(b.n_time + 1, sizeof *z->offsets);
    if (!z->times || !z->offsets) return lgd_fail_memory(err, (b.n_time + 1) * sizeof *z->times);
    if (!load_block(p, &b, z)) goto damaged;
    p += b.n_bytes;
    if (wide && p < end && *p == '\n') {
        const unsigned char *footer = p + 1;
        const unsigned char *stop = memchr(footer, '\n', (size_t)(end - footer));
        lgd_sv rule = {(const char *)footer, stop ? (size_t)(stop - footer) : 0};
        if (rule.n > 0 && !parse_rule(rule, z)) goto damaged;
    }
    return LGD_OK;
damaged:
    return lgd_fail(err, LGD_E_DAMAGED, "%s: not a sound time zone file; give another --tz", path);
}

/* Reads path whole. A file that is not there: LGD_E_USAGE without a message, for the caller to word. */
static lgd_status load_file(const char *path, lgd_zone *z, lgd_err *err) {
    FILE *f = fopen(path, "rbe");
    if (!f) {
        if (errno == ENOENT || errno == ENOTDIR) return LGD_E_USAGE;
        return lgd_fail(err, LGD_E_IO, "%s: cannot be opened; the time zone is unknown: %s", path, strerror(errno));
    }
    lgd_status status = LGD_OK;
    unsigned char *bytes = lgd_alloc(MAX_FILE);
    if (!bytes) {
        status = lgd_fail_memory(err, MAX_FILE);
        goto out;
    }
    size_t n = fread(bytes, 1, MAX_FILE, f);
    if (ferror(f))
        status = lgd_fail(err, LGD_E_IO, "%s: cannot be read; the time zone is unknown: %s", path, strerror(errno));
    else
        status = parse_tzif(bytes, n, path, z, err);
out:
    lgd_free(bytes);
    (void)fclose(f);
    return status;
}

/* ---- names ---- */

/* "+hh[:]mm" or "-hh[:]mm". */
static bool fixed_offset(lgd_sv name, int32_t *ret_s) {
    if (name.n < 5 || (name.p[0] != '+' && name.p[0] != '-')) return false;
    bool colon = name.p[3] == ':';
    if (name.n != (colon ? 6u : 5u)) return false;
    const char *d[4] = {name.p + 1, name.p + 2, name.p + (colon ? 4 : 3), name.p + (colon ? 5 : 4)};
    int32_t v[4];
    for (size_t i = 0; i < 4; i++) {
        if (!is_digit(*d[i])) return false;
        v[i] = *d[i] - '0';
    }
    int32_t h = v[0] * 10 + v[1], m = v[2] * 10 + v[3];
    if (h > 15 || m > 59) return false;
    *ret_s = (name.p[0] == '-' ? -1 : 1) * (h * 3600 + m * 60);
    return true;
}

/* Below the zoneinfo folder: relative, no "..", no odd characters. */
static bool is_zone_path(lgd_sv name) {
    if (name.n == 0 || name.n > 128 || name.p[0] == '/') return false;
    for (size_t i = 0; i < name.n; i++) {
        char c = name.p[i];
        if (!is_letter(c) && !is_digit(c) && !is_one_of(c, "/_+-")) return false;
    }
    return name.p[name.n - 1] != '/';
}

static lgd_status load_named(lgd_sv name, lgd_zone *z, lgd_err *err) {
    if (lgd_sv_eq_nocase(name, LGD_SV("UTC")) || lgd_sv_eq_nocase(name, LGD_SV("Z"))) return LGD_OK;
    if (fixed_offset(name, &z->first_s)) return LGD_OK;
    lgd_status status = LGD_E_USAGE;
    if (is_zone_path(name)) {
        char path[192];
        (void)snprintf(path, sizeof path, "/usr/share/zoneinfo/%.*s", (int)name.n, name.p);
        status = load_file(path, z, err);
    }
    if (status != LGD_E_USAGE) return status;
    lgd_buf shown = {0};
    lgd_escape_terminal(&shown, name, 64);
    status = lgd_fail(err, LGD_E_USAGE, "time zone '%.*s' is unknown; give UTC, +hh:mm or a name such as Europe/Berlin",
                      (int)shown.n, shown.n ? shown.p : "");
    lgd_buf_release(&shown);
    return status;
}

lgd_status lgd_zone_new(const char *name, lgd_zone **ret_zone, lgd_err *err) {
    lgd_zone *z = lgd_calloc(1, sizeof *z);
    if (!z) return lgd_fail_memory(err, sizeof *z);
    lgd_status status;
    if (name) {
        status = load_named(lgd_sv_of(name), z, err);
    } else {
        status = load_file("/etc/localtime", z, err);
        if (status == LGD_E_USAGE) status = LGD_OK; /* a machine without one runs on UTC */
    }
    if (status != LGD_OK) {
        lgd_zone_free(z);
        return status;
    }
    *ret_zone = z;
    return LGD_OK;
}

void lgd_zone_free(lgd_zone *zone) {
    if (!zone) return;
    lgd_free(zone->times);
    lgd_free(zone->offsets);
    lgd_free(zone);
}

/* ---- questions ---- */

int32_t zone_offset_at(const lgd_zone *z, int64_t utc_s) {
    if (z->n_transitions == 0) return z->has_rule ? rule_offset(z, utc_s) : z->first_s;
    if (utc_s < z->times[0]) return z->first_s;
    size_t low = 0, high = z->n_transitions; /* times[low] <= utc_s < times[high] */
    if (utc_s >= z->times[high - 1]) return z->has_rule ? rule_offset(z, utc_s) : z->offsets[high - 1];
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (z->times[middle] <= utc_s)
            low = middle;
        else
            high = middle;
    }
    return z->offsets[low];
}

/* The offsets of a day before and a day after bracket every transition near local_s. Equal: nothing happens there. */
int64_t zone_readings(const lgd_zone *z, int64_t local_s, int64_t *ret_second) {
    int32_t before = zone_offset_at(z, local_s - DAY_S), after = zone_offset_at(z, local_s + DAY_S);
    int64_t first = local_s - before, second = local_s - after;
    bool first_holds = zone_offset_at(z, first) == before;
    bool second_holds = before != after && zone_offset_at(z, second) == after;
    if (!first_holds) first = second; /* behind the transition, or in a gap: the later offset */
    if (!second_holds || second < first) second = first;
    *ret_second = second;
    return first;
}

int64_t lgd_zone_to_utc(const lgd_zone *zone, int64_t local_s) {
    int64_t second;
    return zone_readings(zone, local_s, &second);
}

int64_t lgd_zone_to_local(const lgd_zone *zone, int64_t utc_s) { return utc_s + zone_offset_at(zone, utc_s); }
