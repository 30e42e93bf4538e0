/*
 * pipeline/budget: so many incidents a day -> their threshold, by the groups that cross-scored training events made and
 * the days they took. Of a long training only the latest events were simulated; they are taken to have taken their share
 * of its time.
 *
 * The threshold is that of lgd_incident_threshold, which may lie at twice the number allowed; a budget is a bound, so it
 * is raised where the training would have told more.
 */
#include "budget.h"

#include <math.h>

lgd_status budget_parse(const char *text, double *ret_per_day, lgd_err *err) {
    static const struct {
        lgd_sv name;
        double a_day;
    } units[] = {{{"day", 3}, 1}, {{"hour", 4}, 24}, {{"week", 4}, 1.0 / 7}};
    const char *slash = strchr(text, '/');
    double n = 0;
    for (size_t i = 0; slash && i < sizeof units / sizeof *units; i++) {
        lgd_sv number = {text, (size_t)(slash - text)};
        if (!lgd_sv_eq(lgd_sv_of(slash + 1), units[i].name) || !lgd_parse_f64(number, &n)) continue;
        if (!(n >= 1e-3 && n <= 1e6)) break;
        *ret_per_day = n * units[i].a_day;
        return LGD_OK;
    }
    return lgd_fail(
        err, LGD_E_USAGE,
        "--budget: '%.80s' is not allowed; it takes a number from 0.001 to 1000000 and a unit, as in 5/day, 1/hour, "
        "2/week; nothing was done",
        text);
}

/* Days that the simulated events took. */
static double simulated_days(const bundle *b) {
    int64_t start = lgd_baseline_start_ns(b->baseline), end = lgd_baseline_end_ns(b->baseline);
    double n = (double)lgd_baseline_n_events(b->baseline);
    if (start == LGD_NO_TIME || end <= start || n <= 0) return 0;
    return ((double)end - (double)start) / 86400e9 * ((double)b->simulated_events / n);
}

lgd_status budget_apply(const bundle *b, double per_day, lgd_grouping *o, lgd_err *err) {
    float scores[MAX_SCORES];
    size_t n = b->n_incident_scores;
    double allowed = per_day * simulated_days(b);
    if (allowed <= 0)
        return lgd_fail(
            err, LGD_E_USAGE,
            "--budget: the model's training log had no times to tell days by; give --fpr; nothing was done");
    o->threshold = o->strong;
    if (n == MAX_SCORES) o->threshold = fmax(o->strong, (double)b->incident_scores[n - 1]); /* there were more */
    if (allowed >= (double)n) return LGD_OK;                                                /* more than are known */
    memcpy(scores, b->incident_scores, n * sizeof *scores);
    double threshold = lgd_incident_threshold(scores, n, allowed);
    size_t most = (size_t)allowed;
    double first_out = (double)scores[most], last_in = most ? (double)scores[most - 1] : first_out;
    if (threshold <= first_out) threshold = (first_out + last_in) / 2;
    if (threshold <= first_out) threshold = nextafter(first_out, HUGE_VAL); /* equal scores are out together */
    o->threshold = fmax(o->threshold, threshold);
    return LGD_OK;
}
