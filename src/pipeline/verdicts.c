/*
 * pipeline/verdicts: bits of a line -> ordinary, anomalous, or anomalous and allowed. The threshold is that of the rate
 * asked for, times what --hours says of the hour that the line was written in, in the zone of --tz; a line without a
 * time has the plain rate. O(1) a line, and a walk over the allow-list for those above the threshold.
 */
#include "verdicts.h"

#include <math.h>

/* ---- --hours ---- */

static lgd_status refuse(lgd_sv entry, lgd_err *err) {
    int n = (int)lgd_sv_cut(entry, 80).n;
    return lgd_fail(
        err, LGD_E_USAGE,
        "--hours: '%.*s' is not allowed; it takes such as 22-6=0.1,12=2: hours from 0 to 24, each once, and a factor "
        "from 0.001 to 1000; nothing was done",
        n, entry.p);
}

static bool parse_hour(lgd_sv text, uint64_t most, uint64_t *ret) { return lgd_parse_u64(text, ret) && *ret <= most; }

/* "22-6" is from 22:00 to 06:00, "12" from 12:00 to 13:00. */
static bool parse_span(lgd_sv text, uint64_t *ret_first, uint64_t *ret_n) {
    const char *dash = text.n ? memchr(text.p, '-', text.n) : NULL;
    uint64_t end = 0;
    *ret_n = 1;
    if (!dash) return parse_hour(text, HOURS - 1, ret_first);
    lgd_sv from = {text.p, (size_t)(dash - text.p)}, to = {dash + 1, text.n - from.n - 1};
    if (!parse_hour(from, HOURS - 1, ret_first) || !parse_hour(to, HOURS, &end)) return false;
    *ret_n = end > *ret_first ? end - *ret_first : end + HOURS - *ret_first;
    return true;
}

static lgd_status parse_entry(lgd_sv entry, bool *given, double *ret, lgd_err *err) {
    const char *equals = entry.n ? memchr(entry.p, '=', entry.n) : NULL;
    uint64_t first = 0, n = 0;
    double factor = 0;
    if (!equals) return refuse(entry, err);
    lgd_sv span = {entry.p, (size_t)(equals - entry.p)}, text = {equals + 1, entry.n - span.n - 1};
    bool ok = parse_span(span, &first, &n) && lgd_parse_f64(text, &factor) && factor >= 1e-3 && factor <= 1e3;
    for (uint64_t i = first; ok && i < first + n; i++) {
        ok = !given[i % HOURS];
        given[i % HOURS] = true;
        ret[i % HOURS] = factor;
    }
    return ok ? LGD_OK : refuse(entry, err);
}

lgd_status hours_parse(const char *text, double ret[HOURS], lgd_err *err) {
    bool given[HOURS] = {0};
    lgd_sv rest = lgd_sv_of(text);
    for (int i = 0; i < HOURS; i++) ret[i] = 1;
    for (bool more = text != NULL; more;) {
        const char *comma = rest.n ? memchr(rest.p, ',', rest.n) : NULL;
        lgd_sv entry = {rest.p, comma ? (size_t)(comma - rest.p) : rest.n};
        LGD_TRY(parse_entry(lgd_sv_trim(entry), given, ret, err));
        more = comma != NULL;
        if (more) rest = (lgd_sv){comma + 1, rest.n - entry.n - 1};
    }
    return LGD_OK;
}

/* ---- thresholds ---- */

/* The range that options allow for a rate. */
static double clamp_rate(double rate) { return rate < 1e-6 ? 1e-6 : rate > 0.5 ? 0.5 : rate; }

lgd_status verdicts_begin(verdicts *v, const run *r, const bundle *b, double fpr, lgd_err *err) {
    double factors[HOURS];
    LGD_TRY(hours_parse(r->config->hours, factors, err));
    v->zone = r->zone;
    v->hours_differ = r->config->hours != NULL;
    v->threshold_bits = lgd_detector_threshold(b->detector, fpr);
    for (int i = 0; i < HOURS; i++)
        v->by_hour[i] =
            factors[i] == 1.0 ? v->threshold_bits : lgd_detector_threshold(b->detector, clamp_rate(fpr * factors[i]));
    return LGD_OK;
}

void verdicts_release(verdicts *v) {
    allowance_release(&v->allowed);
    lgd_free(v->lines);
    *v = (verdicts){0};
}

static int64_t floor_divide(int64_t a, int64_t b) { return a / b - (a % b < 0); }

double verdicts_threshold(const verdicts *v, int64_t start_ns) {
    if (!v->hours_differ || start_ns == LGD_NO_TIME) return v->threshold_bits;
    int64_t local_s = lgd_zone_to_local(v->zone, floor_divide(start_ns, 1000000000));
    int64_t hour = floor_divide(local_s, 3600) % HOURS;
    return v->by_hour[hour < 0 ? hour + HOURS : hour];
}

/* ---- a block ---- */

static lgd_status is_allowed(verdicts *v, const batch *b, size_t i, lgd_sv file, bool *ret, lgd_err *err) {
    const origin *o = &b->origins[i];
    lgd_allow_subject s = {.template_text = lgd_newcomers_text(b->newcomers, b->events.template_id[i]),
                           .raw = o->record->text,
                           .component = o->header.component,
                           .session = o->parse->session,
                           .file = file,
                           .time_ns = b->events.start_ns[i]};
    return allowance_line(&v->allowed, &s, ret, err);
}

lgd_status verdicts_fill(verdicts *v, const batch *b, const double *bits, lgd_sv file, lgd_err *err) {
    LGD_TRY(lgd_grow((void **)&v->lines, &v->capacity, b->events.n, sizeof *v->lines, UINT32_MAX, err));
    for (size_t i = 0; i < b->events.n; i++) {
        bool known = false;
        v->lines[i] = LINE_ORDINARY;
        if (bits[i] < verdicts_threshold(v, b->events.start_ns[i])) continue;
        LGD_TRY(is_allowed(v, b, i, file, &known, err));
        v->lines[i] = known ? LINE_ALLOWED : LINE_ANOMALOUS;
    }
    return LGD_OK;
}
