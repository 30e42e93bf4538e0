/*
 * detect/compare: how often each template came in two logs -> which are new, gone, more or less frequent, and how surely.
 *
 *     scale       how many lines of BAD one of GOOD stands for: the weighted median of bad / good over the templates that
 *                 both have (as size factors of Anders & Huber 2010). One flood changes every share of the log; it
 *                 does not change the median, so the rest of the log is not called less frequent. Where they share few
 *                 templates a flood may be half of them: what the caller expects (by time) counts as one template more.
 *     test        given good + bad, bad is binomial (Przyborowski & Wilenski 1940, two Poisson means); two-sided
 *     burstiness  a template that comes in bursts is less evidence than its count: both counts are divided by the
 *                 variance over mean of its counts in equal blocks of GOOD (quasi-Poisson, Wedderburn 1974). Only GOOD says
 *                 what is usual, so a burst that only BAD has is not excused; that of a template which
 *                 GOOD never had is in part, by the cube root of what its blocks of BAD say.
 *     many tests  q-values of Benjamini & Hochberg 1995 over the templates that came often enough to be sure of anything
 *                 (Tarone 1990): the singletons of a log say nothing, and so do not count as tests
 *
 * Everything is a function of the counts: the order of templates does not matter. Cost: O(n log n), and the square root
 * of a count for its tail.
 */
#include "logdetect/detect.h"

#include <math.h>
#include <stdlib.h>

enum { MOST_STEPS = 100000 }; /* of the continued fraction; it needs about the square root of the counts */

static const double max_q = 0.01;    /* share of wrong ones among those that are called significant */
static const double min_ratio = 1.5; /* less is no change that anyone looks for, however sure */
static const double max_weight = 25; /* of one template in the median: some events say it as well as a million */

/* ---- the tail of the binomial ---- */

static double log_gamma(double x) {
    int sign;
    return lgamma_r(x, &sign);
}

/* ln I_x(a, b), regularised incomplete beta, where it converges fast: x < (a + 1) / (a + b + 2). Continued fraction of
 * DLMF 8.17.22 by the modified method of Lentz (Thompson & Barnett 1986). */
static double log_beta_fraction(double a, double b, double x) {
    double f = 1, c = 1, d = 0;
    for (int step = 1; step < MOST_STEPS; step++) {
        int half = step / 2;
        double m = half;
        double e = step % 2 ? -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
                            : m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
        d = 1 + e * d;
        c = 1 + e / c;
        if (fabs(d) < 1e-300) d = 1e-300;
        if (fabs(c) < 1e-300) c = 1e-300;
        d = 1 / d;
        f *= c * d;
        if (fabs(c * d - 1) < 1e-14) break;
    }
    double front = a * log(x) + b * log1p(-x) - log(a) + log_gamma(a + b) - log_gamma(a) - log_gamma(b);
    return front - log(f);
}

/* ln P(X >= a) of a binomial with a + b - 1 trials of chance x; a and b need not be whole. */
static double log_tail(double a, double b, double x) {
    if (a <= 0) return 0;
    double y = x < (a + 1) / (a + b + 2) ? log_beta_fraction(a, b, x) : log1p(-exp(log_beta_fraction(b, a, 1 - x)));
    return y < 0 ? y : 0; /* also where rounding left no number */
}

/* ln of the two-sided p-value. */
static double log_p_value(double good, double bad, double scale) {
    double chance = scale / (1 + scale);
    double upper = log_tail(bad, good + 1, chance), lower = log_tail(good, bad + 1, 1 - chance);
    double p = (upper < lower ? upper : lower) + log(2);
    return p < 0 ? p : 0;
}

/* ---- scale ---- */

typedef struct ratio_row {
    double ratio, weight;
} ratio_row;

static int by_ratio(const void *a, const void *b) {
    const ratio_row *x = a, *y = b;
    return (x->ratio > y->ratio) - (x->ratio < y->ratio);
}

static double nearer(double a, double b, double to) { return fabs(log(a / to)) <= fabs(log(b / to)) ? a : b; }

/* Between two halves of equal weight: their border that is nearer to `expected`. A mean of both would be no template's. */
static double weighted_median(ratio_row *rows, size_t n, double expected) {
    double sum = 0, before = 0;
    qsort(rows, n, sizeof *rows, by_ratio);
    for (size_t i = 0; i < n; i++) sum += rows[i].weight;
    for (size_t i = 0; i < n; i++) {
        before += rows[i].weight;
        if (2 * before > sum) return rows[i].ratio;
        if (2 * before == sum && i + 1 < n) return nearer(rows[i].ratio, rows[i + 1].ratio, expected);
    }
    return rows[n - 1].ratio;
}

/* scratch: [n + 1] */
static double scale_of(const lgd_compared *rows, size_t n, double expected, ratio_row *scratch, uint64_t *ret_n_both) {
    size_t n_both = 0;
    double most = 1;
    for (size_t i = 0; i < n; i++) {
        double g = (double)rows[i].good, b = (double)rows[i].bad, weight = fmin(g * b / (g + b), max_weight);
        if (rows[i].good == 0 || rows[i].bad == 0) continue;
        scratch[n_both++] = (ratio_row){b / g, weight};
        most = fmax(most, weight);
    }
    *ret_n_both = n_both;
    scratch[n_both] = (ratio_row){expected, most};
    return weighted_median(scratch, n_both + 1, expected);
}

/* ---- one template ---- */

/* Variance over mean of its counts in the blocks of a log, at least 1. */
static double index_of(const uint32_t blocks[static LGD_COMPARE_BLOCKS]) {
    double mean = 0, squares = 0;
    for (int i = 0; i < LGD_COMPARE_BLOCKS; i++) mean += (double)blocks[i] / LGD_COMPARE_BLOCKS;
    for (int i = 0; i < LGD_COMPARE_BLOCKS; i++) squares += (blocks[i] - mean) * (blocks[i] - mean);
    double index = mean > 0 ? squares / (LGD_COMPARE_BLOCKS - 1) / mean : 1;
    return index > 1 ? index : 1;
}

static const double new_burst = 1.0 / 3; /* 0: a burst of what is new is no burst, 1: it is as one of GOOD */

/* GOOD says what is usual. Of what it never had nothing is known but how it comes in BAD, where the burst may be the fault
 * itself, so it is held against it in part. */
static double burstiness(const lgd_compared *row) {
    return row->good ? index_of(row->good_blocks) : pow(index_of(row->bad_blocks), new_burst);
}

/* Even if all of them came on the rarer side, could it be significant? By their sum, which the test takes as given. */
static bool is_testable(double total, double scale) {
    double chance = scale / (1 + scale);
    return 2 * pow(chance < 0.5 ? chance : 1 - chance, total) <= max_q;
}

static lgd_comparison compare(const lgd_compared *row, double scale) {
    double good = (double)row->good, bad = (double)row->bad, index = burstiness(row);
    lgd_comparison c = {.ratio = good > 0 ? bad / (good * scale) : 0};
    if (row->good + row->bad == 0) return c;
    c.bits = 0 - log_p_value(good / index, bad / index, scale) / log(2); /* not -0 */
    c.q_value = is_testable((good + bad) / index, scale) ? 0 : 1;
    if (row->good == 0)
        c.kind = LGD_CHANGE_NEW;
    else if (row->bad == 0)
        c.kind = LGD_CHANGE_GONE;
    else
        c.kind = c.ratio >= 1 ? LGD_CHANGE_MORE : LGD_CHANGE_LESS;
    return c;
}

/* ---- many tests ---- */

typedef struct rank_row {
    double bits;
    size_t number;
} rank_row;

static int by_bits(const void *a, const void *b) {
    const rank_row *x = a, *y = b;
    if (x->bits != y->bits) return x->bits < y->bits ? -1 : 1;
    return (x->number > y->number) - (x->number < y->number);
}

/* From the least sure one on: q is the least of p * tests / rank of those that are not surer. Those whose q is 1 already
 * are no tests. */
static void find_q_values(lgd_comparison *all, rank_row *ranks, size_t n) {
    size_t m = 0;
    for (size_t i = 0; i < n; i++)
        if (all[i].kind != LGD_CHANGE_NONE && all[i].q_value < 1) ranks[m++] = (rank_row){all[i].bits, i};
    qsort(ranks, m, sizeof *ranks, by_bits);
    double q = 1;
    for (size_t i = 0; i < m; i++) {
        double here = exp2(-ranks[i].bits) * (double)m / (double)(m - i);
        if (here < q) q = here;
        all[ranks[i].number].q_value = q;
    }
}

/* What is new or gone is a fact and stays one, sure or not. */
static void decide(lgd_comparison *c) {
    c->significant = c->kind != LGD_CHANGE_NONE && c->q_value <= max_q;
    bool more_or_less = c->kind == LGD_CHANGE_MORE || c->kind == LGD_CHANGE_LESS;
    bool little = c->ratio < min_ratio && c->ratio > 1 / min_ratio;
    if (more_or_less && (!c->significant || little)) c->kind = LGD_CHANGE_NONE;
}

lgd_status lgd_compare(const lgd_compared *rows, size_t n, double expected_scale, lgd_comparison *ret,
                       lgd_compare_summary *ret_summary, lgd_err *err) {
    lgd_compare_summary s = {.max_q = max_q, .min_ratio = min_ratio};
    union {
        ratio_row *ratios;
        rank_row *ranks;
    } scratch;
    _Static_assert(sizeof(ratio_row) == sizeof(rank_row), "one scratch serves both");
    scratch.ratios = lgd_alloc((n + 1) * sizeof *scratch.ratios);
    if (!scratch.ratios) return lgd_fail_memory(err, (n + 1) * sizeof *scratch.ratios);
    s.scale = scale_of(rows, n, expected_scale, scratch.ratios, &s.n_both);
    for (size_t i = 0; i < n; i++) ret[i] = compare(&rows[i], s.scale);
    find_q_values(ret, scratch.ranks, n);
    for (size_t i = 0; i < n; i++) {
        decide(&ret[i]);
        s.n[ret[i].kind]++;
    }
    lgd_free(scratch.ratios);
    *ret_summary = s;
    return LGD_OK;
}
