/*
 * feature/tail: how rare an extreme pause or window is.
 *
 * Time is measured in events that were to be expected: a pause of u of them has, were they independent, the probability
 * e^-u, and a window of c where mu were to be expected e^-D, D = c ln(c/mu) - c + mu (Cramer's rate function; a pause is
 * its case c = 0). So day and night, and windows of any hour, are compared on one scale. Events are hardly ever
 * independent; how far the scale can be trusted is learned for each template from its own extremes: beyond the largest
 * the tail goes on by a power law with Hill's exponent (1975), drawn towards 1 as long as there are few extremes.
 *
 *     excess = alpha * log2((D + 2) / (largest + 2)),   alpha = (k + 2) / (sum ln((D_i + 2) / (D_k + 2)) + 2)
 *
 * where 2 nats more keep differences that mean nothing from looking large.
 *
 * What an excess means is then counted over all templates: extremes of each fold are judged by those of the others, and
 * of N events (exceedances >= x, + 1) / (N + 1) is the probability that a line brings one (conformal; Vovk et al. 2005).
 *
 * A time of the day is judged by Student's predictive distribution with two degrees of freedom, which is that of three
 * days and cautious for more; it has a closed form both ways.
 */
#include "rhythm.h"

#include <math.h>

const int64_t rhythm_width_ns[WIDTHS] = {INT64_C(60000000000), INT64_C(600000000000), INT64_C(3600000000000)};

static const double tail_slope = 1; /* bits for a bit of excess beyond the largest exceedance */
static const double handicap = 6;   /* bits: a rhythm speaks alone only when it is so much surer than a new line */
static const double nothing = 2;    /* nats by which nothing is said yet */
static const int64_t hour_ns = INT64_C(3600000000000), week_ns = 168 * INT64_C(3600000000000);

/* ---- time ---- */

static int64_t floor_div(int64_t a, int64_t b) { return a / b - (a % b < 0); }

moment moment_of(int64_t ns) {
    int64_t hour = floor_div(ns, hour_ns), day = floor_div(hour, 24);
    int64_t weekday = (day + 3) % 7; /* 1970 began on a Thursday; 0 is Monday */
    if (weekday < 0) weekday += 7;
    bool weekend = weekday >= 5;
    int64_t start = hour * hour_ns, end = start > INT64_MAX - hour_ns ? INT64_MAX : start + hour_ns;
    return (moment){day, start, end, (unsigned)(hour - day * 24) + (weekend ? CELLS / 2 : 0), weekend};
}

static const int64_t leap_ns = INT64_C(60000000000);

typedef enum word { TAKEN_BACK, UNCONFIRMED, CONFIRMED } word;

/* What the next events say of a leap to ns. */
static word word_on_leap(const lgd_events *e, size_t i, int64_t ns) {
    static const size_t most_ahead = 16;
    size_t k = i + 1, agree = 0;
    for (; k < e->n && k <= i + most_ahead; k++) {
        if (e->start_ns[k] == LGD_NO_TIME) continue;
        if (elapsed_ns(e->start_ns[k], ns) > leap_ns) return TAKEN_BACK;
        agree++;
    }
    return agree > 0 || k > i + most_ahead ? CONFIRMED : UNCONFIRMED;
}

int64_t steady_ns(const lgd_events *e, size_t i, int64_t now_ns, int64_t *doubt_ns) {
    int64_t ns = e->start_ns[i];
    if (ns < -RHYTHM_MOST_NS || ns > RHYTHM_MOST_NS) return LGD_NO_TIME;
    if (now_ns == LGD_NO_TIME) return ns;
    if (elapsed_ns(now_ns, ns) > leap_ns) {
        word said = word_on_leap(e, i, ns);
        if (said == TAKEN_BACK) return LGD_NO_TIME;
        bool waited = *doubt_ns != LGD_NO_TIME && elapsed_ns(ns, *doubt_ns) <= leap_ns;
        if (said == UNCONFIRMED && !waited && elapsed_ns(now_ns, ns) > week_ns) {
            *doubt_ns = ns;
            return LGD_NO_TIME;
        }
    }
    *doubt_ns = LGD_NO_TIME;
    return ns > now_ns ? ns : now_ns;
}

double rhythm_expected(const beat *b, int64_t from_ns, int64_t to_ns) {
    int64_t left = elapsed_ns(from_ns, to_ns), weeks = left / week_ns;
    double sum = (double)(weeks * 168) * 3600 * (double)b->mean_rate;
    int64_t at = from_ns + weeks * week_ns;
    for (left -= weeks * week_ns; left > 0;) {
        moment m = moment_of(at);
        int64_t here = m.end_ns - at < left ? m.end_ns - at : left;
        if (here <= 0) break; /* the end of time */
        sum += (double)here * 1e-9 * (double)b->rate[m.cell];
        at += here;
        left -= here;
    }
    return sum;
}

int64_t rhythm_reach(const beat *b, int64_t from_ns, double expected) {
    double week = (double)b->mean_rate * 168 * 3600;
    if (!(week > 0) || expected / week > 520) return INT64_MAX;
    int64_t weeks = (int64_t)(expected / week), at = from_ns;
    if (weeks && at > INT64_MAX - weeks * week_ns) return INT64_MAX;
    at += weeks * week_ns;
    expected -= (double)weeks * week;
    for (int i = 0; i <= 168 && expected > 0; i++) { /* rounding may leave a trace of it */
        moment m = moment_of(at);
        double rate = (double)b->rate[m.cell], here = (double)(m.end_ns - at) * 1e-9 * rate;
        if (m.end_ns == INT64_MAX) return INT64_MAX;
        if (here >= expected) return at + (int64_t)(expected / rate * 1e9);
        expected -= here;
        at = m.end_ns;
    }
    return at;
}

double rhythm_extent(double count, double mu) {
    if (count <= 0) return mu;
    if (mu < 1e-9) mu = 1e-9; /* never is a strong word */
    return count > mu ? count * log(count / mu) - count + mu : 0;
}

/* ---- tails ---- */

int tail_take(float *top, double value) {
    int k = TAIL_TOP;
    while (k > 0 && value > (double)top[k - 1]) k--;
    if (k == TAIL_TOP) return -1;
    memmove(top + k + 1, top + k, (size_t)(TAIL_TOP - 1 - k) * sizeof *top);
    top[k] = (float)value;
    return k;
}

/* Largest first. Returns how many there are. */
static size_t merge_folds(const tail *t, int fold, float *out) {
    size_t n = 0;
    for (int f = 0; f < LGD_FOLDS; f++)
        for (int k = 0; f != fold && k < TAIL_TOP && t->top[f][k] > 0; k++) {
            size_t at = n++;
            for (; at > 0 && out[at - 1] < t->top[f][k]; at--) out[at] = out[at - 1];
            out[at] = t->top[f][k];
        }
    return n;
}

/* Of a mixture only the uppermost part is the tail: as many extremes are taken as make the steepest. */
bool tail_shape_of(const tail *t, int fold, tail_shape *ret) {
    float x[LGD_FOLDS * TAIL_TOP];
    size_t n = merge_folds(t, fold, x);
    double sum = 0, alpha = 0;
    for (size_t k = 0; k < n; k++) {
        double least = log((double)x[k] + nothing), spread;
        sum += least;
        spread = sum - (double)(k + 1) * least;
        double here = ((double)k + 3) / ((spread > 0 ? spread : 0) + 2);
        if (here > alpha) alpha = here;
    }
    *ret = (tail_shape){n ? (double)x[0] : 0, alpha};
    return n > 0;
}

double tail_excess(const tail_shape *s, double value) {
    return value > s->largest ? s->alpha * log2((value + nothing) / (s->largest + nothing)) : 0;
}

double tail_value(const tail_shape *s, double excess) {
    return (s->largest + nothing) * exp2(excess / s->alpha) - nothing;
}

/* ---- exceedances ---- */

void exceedances_add(exceedances *e, double x) {
    if (x <= 0) return;
    size_t k = e->n < MAX_CROSS ? e->n++ : MAX_CROSS;
    e->all++;
    for (; k > 0 && (double)e->x[k - 1] < x; k--)
        if (k < MAX_CROSS) e->x[k] = e->x[k - 1];
    if (k < MAX_CROSS) e->x[k] = (float)x;
}

static double bits_of(uint64_t at_least, uint64_t n_events) {
    return log2(((double)n_events + 1) / ((double)at_least + 1)) - handicap;
}

/* Linear between distinct exceedances; those that are not kept lie below. */
static double bits_at(const exceedances *e, double x, uint64_t n_events) {
    double above_x = -1, above_bits = 0;
    if (e->n == 0) return bits_of(0, n_events) + tail_slope * x;
    if (x >= (double)e->x[0]) return bits_of(1, n_events) + tail_slope * (x - (double)e->x[0]);
    for (size_t i = 0; i < e->n; i++) {
        double at = (double)e->x[i], bits = bits_of(i + 1, n_events);
        if (x >= at) return bits + (above_bits - bits) * (x - at) / (above_x - at);
        above_x = at;
        above_bits = bits;
    }
    return above_bits > 0 ? above_bits * x / above_x : above_bits;
}

/* What is likelier than a line is no surprise: nothing is told of it, and a larger excess never says less. */
double exceedances_bits(const exceedances *e, double x, uint64_t n_events) {
    double bits = x > 0 ? bits_at(e, x, n_events) : 0;
    return bits > 0 ? bits : 0;
}

/* By halving: the surprise is monotone. */
double exceedances_reach(const exceedances *e, double bits, uint64_t n_events) {
    double low = 0, high = 1;
    while (exceedances_bits(e, high, n_events) < bits && high < 1e6) high *= 2;
    for (int i = 0; i < 40; i++) {
        double middle = (low + high) / 2;
        if (exceedances_bits(e, middle, n_events) < bits)
            low = middle;
        else
            high = middle;
    }
    return high;
}

void rhythm_calibrate(lgd_rhythm *r) {
    r->silent = r->burst = (exceedances){0};
    for (size_t i = 0; i < r->n_beats; i++)
        for (int t = 0; t < TAILS; t++)
            for (int f = 0; f < LGD_FOLDS; f++) {
                tail_shape others;
                const float *own = r->beats[i].tails[t].top[f];
                if (!tail_shape_of(&r->beats[i].tails[t], f, &others)) continue;
                for (int k = 0; k < TAIL_TOP && own[k] > 0; k++)
                    exceedances_add(t ? &r->burst : &r->silent, tail_excess(&others, (double)own[k]));
            }
}

/* ---- times of the day ---- */

daily_shape daily_shape_of(const daily_time *d) {
    static const double least_s = 2; /* logs tell whole seconds, and schedulers take one */
    double n = d->days.n, mean = d->sum / n, variance = (d->squares - d->sum * mean) / (n - 1);
    double deviation = variance > least_s * least_s ? sqrt(variance) : least_s;
    return (daily_shape){mean, deviation * sqrt(1 + 1.0 / n)};
}

/* -log2 P(T > t), P = 1 / (t^2 + 2 + t sqrt(t^2 + 2)). */
double daily_bits(const daily_shape *s, double late_s) {
    double t = late_s / s->spread_s, square = t * t + 2, bits = log2(square + t * sqrt(square)) - handicap;
    return t > 0 && bits > 0 ? bits : 0;
}

double daily_reach(const daily_shape *s, double bits) {
    double p = exp2(-(bits + handicap > 1 ? bits + handicap : 1));
    return s->spread_s * (1 - 2 * p) / sqrt(2 * p * (1 - p));
}
