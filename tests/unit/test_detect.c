/*
 * Tests of room detect: calibrated bits are those of a tail probability, the forest sees outliers and is the same for
 * any number of threads, the ensemble does what its name says, explanations are enough, and no saved byte is trusted.
 */
#include "logdetect/detect.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>

Suite *detect_suite(void);

/* ---- calibration ---- */

static lgd_calibration calibrate(const float *scores, size_t n, size_t tail, double tail_slope) {
    lgd_calibration c = {0};
    float *copy = malloc((n ? n : 1) * sizeof *copy);
    memcpy(copy, scores, n * sizeof *copy);
    ck_assert_int_eq(lgd_calibrate(copy, n, tail, tail_slope, &c, NULL), LGD_OK);
    free(copy);
    ck_assert_uint_le(c.n, LGD_CALIBRATION_KNOTS);
    return c;
}

enum { N_SCORES = 20000 };

/* kind 0: continuous, 1: few distinct values, 2: heavy tail. */
static void draw_scores(float *scores, int kind) {
    lgd_rng r;
    lgd_rng_init(&r, 3);
    for (size_t i = 0; i < N_SCORES; i++) {
        double u = lgd_rng_unit(&r);
        scores[i] = (float)(kind == 0 ? u : kind == 1 ? floor(8 * u * u) : 1 / (1e-4 + u));
    }
}

START_TEST(test_bits_are_those_of_the_share_that_scores_as_high) {
    static float scores[N_SCORES];
    for (int kind = 0; kind < 3; kind++) {
        draw_scores(scores, kind);
        lgd_calibration c = calibrate(scores, N_SCORES, 0, 0);
        for (size_t i = 0; i < 50; i++) {
            size_t at_least = 0;
            for (size_t k = 0; k < N_SCORES; k++) at_least += scores[k] >= scores[i];
            double exact = -log2((double)(at_least + 1) / (N_SCORES + 1));
            double bits = lgd_calibration_bits(&c, (double)scores[i]);
            ck_assert_msg(fabs(bits - exact) < 0.1 + 0.02 * exact, "kind %d: %g bits, not %g", kind, bits, exact);
        }
        lgd_calibration_release(&c);
    }
}
END_TEST

START_TEST(test_ranks_by_weight_count_weight) {
    static float scores[N_SCORES], sorted[N_SCORES];
    static double weights[N_SCORES];
    for (int kind = 0; kind < 3; kind++) {
        double total = 0;
        draw_scores(scores, kind);
        memcpy(sorted, scores, sizeof sorted);
        for (size_t i = 0; i < N_SCORES; i++) total += weights[i] = i < N_SCORES / 2 ? 0.5 : 1.5;
        lgd_calibration c = {0};
        ck_assert_int_eq(lgd_calibrate_weighted(sorted, weights, N_SCORES, 1, &c, NULL), LGD_OK);
        for (size_t i = 0; i < 50; i++) {
            double at_least = 0;
            for (size_t k = 0; k < N_SCORES; k++)
                if (scores[k] >= scores[i]) at_least += k < N_SCORES / 2 ? 0.5 : 1.5;
            double exact = -log2((at_least + 1) / (total + 1));
            double bits = lgd_calibration_bits(&c, (double)scores[i]);
            ck_assert_msg(fabs(bits - exact) < 0.1 + 0.02 * exact, "kind %d: %g bits, not %g", kind, bits, exact);
        }
        lgd_calibration_release(&c);
    }
}
END_TEST

START_TEST(test_bits_never_fall_as_the_score_rises) {
    static float scores[N_SCORES];
    for (int kind = 0; kind < 3; kind++)
        for (size_t tail = 0; tail < 200; tail += 64) {
            draw_scores(scores, kind);
            lgd_calibration c = calibrate(scores, N_SCORES, tail, 0);
            double last = 0;
            ck_assert(lgd_calibration_bits(&c, -1e30) == 0);
            for (double x = -1; x < 12000; x += x < 10 ? 0.01 : 7) {
                double bits = lgd_calibration_bits(&c, x);
                if (!(bits >= last)) ck_abort_msg("kind %d: %g bits at %g, %g before", kind, bits, x, last);
                last = bits;
            }
            ck_assert(lgd_calibration_bits(&c, 30000) > last); /* the tail goes on */
            ck_assert(isfinite(lgd_calibration_bits(&c, 1e30)));
            lgd_calibration_release(&c);
        }
}
END_TEST

START_TEST(test_the_tail_has_the_slope_that_was_asked_for) {
    static float scores[N_SCORES];
    draw_scores(scores, 0);
    lgd_calibration c = calibrate(scores, N_SCORES, 20, 3);
    ck_assert_double_eq_tol(lgd_calibration_bits(&c, 12) - lgd_calibration_bits(&c, 10), 6, 1e-9);
    lgd_calibration_release(&c);
}
END_TEST

START_TEST(test_few_scores_calibrate_too) {
    static const float same[5] = {2, 2, 2, 2, 2}, zeros[3] = {0, -0.0f, 0};
    lgd_calibration c = calibrate(same, 5, 0, 0);
    ck_assert(lgd_calibration_bits(&c, 1) == 0 && lgd_calibration_bits(&c, 2) == 0);
    ck_assert(lgd_calibration_bits(&c, 3) > 0 && isfinite(lgd_calibration_bits(&c, 1e30)));
    lgd_calibration_release(&c);
    c = calibrate(same, 1, 32, 1);
    ck_assert(lgd_calibration_bits(&c, 2) == 0 && lgd_calibration_bits(&c, 4) > 0);
    lgd_calibration_release(&c);
    c = calibrate(zeros, 3, 0, 0);
    ck_assert(lgd_calibration_bits(&c, 0) == 0);
    lgd_calibration_release(&c);
    c = calibrate(same, 0, 0, 0);
    ck_assert(lgd_calibration_bits(&c, 99) == 0);
    lgd_calibration_release(&c);
    lgd_calibration_release(&c);
}
END_TEST

START_TEST(test_a_threshold_flags_about_what_was_asked_for) {
    static const double rates[] = {0.2, 0.05, 0.01};
    static float scores[N_SCORES];
    for (int kind = 0; kind < 3; kind += 2) {
        draw_scores(scores, kind);
        lgd_calibration c = calibrate(scores, N_SCORES, 20, 0);
        for (size_t i = 0; i < 3; i++) {
            double threshold = lgd_calibration_threshold(&c, rates[i]), flagged = 0;
            for (size_t k = 0; k < N_SCORES; k++) flagged += lgd_calibration_bits(&c, (double)scores[k]) >= threshold;
            double share = flagged / N_SCORES;
            ck_assert_msg(share > rates[i] / 2.5 && share < rates[i] * 2.5, "%g flags %g", rates[i], share);
        }
        lgd_calibration_release(&c);
    }
}
END_TEST

/* ---- rows ---- */

enum { N_ROWS = 3000 };

static void put_row(lgd_matrix *m, const float *row) {
    ck_assert_int_eq(lgd_matrix_reserve(m, 1, NULL), LGD_OK);
    for (size_t c = 0; c < LGD_COLUMNS; c++) m->x[c * m->capacity + m->n_rows] = row[c];
    m->n_rows++;
}

static void draw_row(lgd_rng *r, float *row) {
    for (size_t c = 0; c < LGD_COLUMNS; c++) {
        bool quiet = c != LGD_COL_TEMPLATE && lgd_rng_below(r, 10) > 0;
        row[c] = quiet || c == LGD_COL_STARTUP ? 0 : (float)(-0.5 * log2(1 - lgd_rng_unit(r)));
    }
}

/* Ordinary rows: most columns zero, the others exponential. */
static lgd_matrix draw_rows(size_t n, uint64_t seed) {
    lgd_matrix m = {0};
    lgd_rng r;
    lgd_rng_init(&r, seed);
    ck_assert_int_eq(lgd_matrix_reserve(&m, n, NULL), LGD_OK);
    for (size_t i = 0; i < n; i++) {
        float row[LGD_COLUMNS];
        draw_row(&r, row);
        for (size_t c = 0; c < LGD_COLUMNS; c++) m.x[c * m.capacity + i] = row[c];
        m.n_rows++;
    }
    return m;
}

static lgd_fit_options options(uint64_t seed) {
    return (lgd_fit_options){.seed = seed, .contamination = 0.01, .block_events = 10};
}

/* ---- the forest ---- */

static const lgd_member *member(const char *name) {
    for (size_t i = 0; i < lgd_n_members; i++)
        if (strcmp(lgd_members[i]->name, name) == 0) return lgd_members[i];
    ck_abort_msg("no member %s", name);
    return NULL;
}

static void *fit_forest(const lgd_matrix *rows, uint64_t seed) {
    void *state = NULL;
    lgd_fit_options o = options(seed);
    ck_assert_int_eq(member("iforest")->fit(rows, &o, &state, NULL), LGD_OK);
    return state;
}

static bool same_state(const void *a, const void *b) {
    lgd_buf x = {0}, y = {0};
    member("iforest")->save(a, &x);
    member("iforest")->save(b, &y);
    bool same = lgd_sv_eq(lgd_buf_sv(&x), lgd_buf_sv(&y));
    lgd_buf_release(&x);
    lgd_buf_release(&y);
    return same;
}

START_TEST(test_a_forest_is_made_by_its_seed) {
    lgd_matrix rows = draw_rows(N_ROWS, 1);
    void *a = fit_forest(&rows, 42), *b = fit_forest(&rows, 42), *c = fit_forest(&rows, 43);
    ck_assert(same_state(a, b));
    ck_assert(!same_state(a, c));
    member("iforest")->release(a);
    member("iforest")->release(b);
    member("iforest")->release(c);
    member("iforest")->release(NULL);
    lgd_matrix_release(&rows);
}
END_TEST

START_TEST(test_an_outlier_stands_out) {
    static const lgd_column columns[] = {LGD_COL_TEMPLATE, LGD_COL_BURST, LGD_COL_NUMBER};
    lgd_matrix rows = draw_rows(N_ROWS, 1);
    float out[LGD_COLUMNS] = {0}, scores[N_ROWS + 1];
    for (size_t i = 0; i < 3; i++) out[columns[i]] = 25;
    put_row(&rows, out);
    void *forest = fit_forest(&rows, 42);
    member("iforest")->score(forest, &rows, 0, rows.n_rows, scores);
    size_t lower = 0;
    for (size_t i = 0; i < N_ROWS; i++) {
        if (!(scores[i] > 0 && scores[i] < 1)) ck_abort_msg("row %zu: %g", i, (double)scores[i]);
        lower += scores[i] < scores[N_ROWS];
    }
    ck_assert_uint_ge(lower, N_ROWS * 99 / 100);
    member("iforest")->release(forest);
    lgd_matrix_release(&rows);
}
END_TEST

START_TEST(test_a_forest_of_few_or_equal_rows_is_finite) {
    static const size_t sizes[] = {1, 2, 3, 10, 300, N_ROWS};
    for (size_t s = 0; s < 6; s++) {
        lgd_matrix rows = draw_rows(sizes[s], 1);
        float scores[N_ROWS];
        for (size_t i = 0; i < rows.n_rows; i++)
            for (size_t c = 0; c < LGD_COLUMNS; c++) rows.x[c * rows.capacity + i] = 3;
        void *forest = fit_forest(&rows, 42);
        member("iforest")->score(forest, &rows, 0, rows.n_rows, scores);
        for (size_t i = 0; i < rows.n_rows; i++)
            if (!isfinite(scores[i]) || scores[i] != scores[0]) ck_abort_msg("%zu rows: row %zu", sizes[s], i);
        member("iforest")->release(forest);
        lgd_matrix_release(&rows);
    }
}
END_TEST

/* Every word of the first trees is replaced: by nothing (a child that is its own parent), by all ones (not a number, too
 * many nodes), by a large number. What is still taken must come to an end and be finite. */
START_TEST(test_a_forged_forest_does_no_harm) {
    static const uint32_t words[] = {0, UINT32_MAX, 0x7f000000, 0xff000000, 0x00010000, 0x7fc00000};
    const lgd_member *m = member("iforest");
    lgd_matrix rows = draw_rows(300, 1);
    lgd_buf saved = {0};
    float scores[20];
    size_t taken = 0, tried = 0;
    void *forest = fit_forest(&rows, 42), *back = NULL;
    m->save(forest, &saved);
    ck_assert_int_eq(m->load(lgd_buf_sv(&saved), &back, NULL), LGD_OK);
    ck_assert(same_state(forest, back));
    m->release(back);
    for (size_t at = 0; at + 4 <= saved.n && at < 2000; at += 4)
        for (size_t w = 0; w < sizeof words / sizeof *words; w++, tried++) {
            char old[4];
            memcpy(old, saved.p + at, 4);
            memcpy(saved.p + at, &words[w], 4);
            if (m->load(lgd_buf_sv(&saved), &back, NULL) == LGD_OK) {
                m->score(back, &rows, 0, 20, scores);
                for (size_t i = 0; i < 20; i++)
                    if (!isfinite(scores[i])) ck_abort_msg("word %zu: %x", at / 4, words[w]);
                m->release(back);
                taken++;
            }
            memcpy(saved.p + at, old, 4);
        }
    ck_assert_uint_lt(taken, tried / 2);
    lgd_buf_release(&saved);
    m->release(forest);
    lgd_matrix_release(&rows);
}
END_TEST

/* ---- novelty ---- */

/* What the training holds of values and hours is less than new; what lies beyond all of it by a bit is as new as a
 * template never seen, and nothing is more. */
START_TEST(test_novelty_ranks_values_and_hours_among_the_training) {
    static const lgd_column ranked[] = {LGD_COL_VALUE, LGD_COL_HOUR};
    const lgd_member *m = member("novelty");
    lgd_fit_options o = options(42);
    void *state = NULL;
    o.newcomer_bits = 14;
    for (size_t k = 0; k < 2; k++) {
        float x[LGD_COLUMNS * N_ROWS] = {0}, scores[4];
        lgd_matrix rows = {x, N_ROWS, N_ROWS};
        for (size_t i = 0; i < N_ROWS; i++) x[(size_t)ranked[k] * N_ROWS + i] = (float)(i % 64) / 16;
        ck_assert_int_eq(m->fit(&rows, &o, &state, NULL), LGD_OK);
        const float asked[] = {0, 63.0f / 16, 63.0f / 16 + 1, 20};
        for (size_t i = 0; i < 4; i++) x[(size_t)ranked[k] * N_ROWS + i] = asked[i];
        m->score(state, &rows, 0, 4, scores);
        ck_assert_msg(scores[0] <= 0 && scores[1] > 5 && scores[1] < 7, "%g %g", (double)scores[0], (double)scores[1]);
        ck_assert_double_eq_tol((double)scores[2], 14, 1e-6);
        ck_assert_double_eq_tol((double)scores[3], 14, 1e-6);
        m->release(state);
    }
}
END_TEST

/* ---- the ensemble ---- */

static lgd_detector *fit(const lgd_matrix *rows, const char *ensemble, size_t n_threads) {
    lgd_detector *d = NULL;
    lgd_fit_options o = options(42);
    lgd_err err = {0};
    lgd_ensemble e;
    ck_assert_msg(lgd_ensemble_parse(ensemble, &e, &err) == LGD_OK, "%s", err.text);
    ck_assert_int_eq(lgd_pool_new(n_threads, &o.pool, NULL), LGD_OK);
    ck_assert_msg(lgd_detector_fit(rows, &e, &o, &d, &err) == LGD_OK, "%s", err.text);
    lgd_pool_free(o.pool);
    return d;
}

static void get_row(const lgd_matrix *m, size_t i, float *row) {
    for (lgd_column c = 0; c < LGD_COLUMNS; c++) row[c] = lgd_matrix_at(m, i, c);
}

static double surprise_of(const lgd_detector *d, const float *row) {
    float x[LGD_COLUMNS], ret = 0;
    memcpy(x, row, sizeof x);
    lgd_matrix one = {x, 1, 1};
    ck_assert_int_eq(lgd_detector_score(d, NULL, &one, &ret, NULL), LGD_OK);
    return (double)ret;
}

START_TEST(test_too_few_rows_are_refused) {
    lgd_matrix m = draw_rows(80, 1);
    lgd_detector *d = NULL;
    lgd_err err = {0};
    lgd_fit_options o = options(42);
    lgd_ensemble all;
    lgd_ensemble_init(&all);
    ck_assert_int_eq(lgd_detector_fit(&m, &all, &o, &d, &err), LGD_E_DATA);
    ck_assert(!d && err.text[0]);
    lgd_matrix_release(&m);
}
END_TEST

START_TEST(test_weights_make_the_mean_of_bits) {
    lgd_matrix m = draw_rows(N_ROWS, 1);
    lgd_detector *d = fit(&m, " iforest=0.6, novelty=0.4 ", 1), *scaled = fit(&m, "iforest=6,novelty=4", 1);
    size_t checked = 0;
    ck_assert_uint_eq(lgd_detector_n_members(d), 2);
    ck_assert_str_eq(lgd_detector_member_name(d, 0), "iforest");
    for (size_t i = 0; i < 500; i++) {
        float row[LGD_COLUMNS];
        lgd_attribution a;
        get_row(&m, i, row);
        row[LGD_COL_TEMPLATE] += (float)(i % 20);
        lgd_detector_explain(d, row, true, &a);
        double own = surprise_of(d, row);
        if (!(fabs(own - surprise_of(scaled, row)) < 1e-4)) ck_abort_msg("row %zu: scaled", i);
        if (a.member_p[0] >= 1 || a.member_p[1] >= 1) continue; /* bits of what is ordinary are not told */
        double mean = -0.6 * log2(a.member_p[0]) - 0.4 * log2(a.member_p[1]);
        if (!(fabs(own - mean) < 1e-4)) ck_abort_msg("row %zu: %g, not %g", i, own, mean);
        checked++;
    }
    ck_assert_uint_gt(checked, 100);
    lgd_detector_free(d);
    lgd_detector_free(scaled);
    lgd_matrix_release(&m);
}
END_TEST

START_TEST(test_no_member_drags_the_ensemble_down) {
    lgd_matrix m = draw_rows(N_ROWS, 1);
    lgd_detector *d = fit(&m, NULL, 1);
    ck_assert_uint_eq(lgd_detector_n_members(d), lgd_n_members);
    for (size_t i = 0; i < 300; i++) {
        float row[LGD_COLUMNS];
        lgd_attribution a;
        get_row(&m, i, row);
        row[i % LGD_COL_STARTUP] += (float)(i % 30);
        lgd_detector_explain(d, row, true, &a);
        for (size_t k = 0; k < lgd_n_members; k++) {
            double alone = -log2(a.member_p[k]) - lgd_members[k]->handicap;
            if (alone > 0 && a.surprise < alone - 1e-6) ck_abort_msg("row %zu: %s", i, lgd_members[k]->name);
        }
    }
    lgd_detector_free(d);
    lgd_matrix_release(&m);
}
END_TEST

START_TEST(test_members_tell_their_bits_when_asked) {
    enum { N = 2500 };
    static float own[N], again[N], members[LGD_MAX_MEMBERS * N];
    lgd_matrix m = draw_rows(N, 1);
    lgd_detector *d = fit(&m, NULL, 1);
    ck_assert_int_eq(lgd_detector_score(d, NULL, &m, own, NULL), LGD_OK);
    ck_assert_int_eq(lgd_detector_score_members(d, NULL, &m, again, members, NULL), LGD_OK);
    ck_assert_int_eq(memcmp(own, again, sizeof own), 0);
    for (size_t i = 0; i < N; i += 7) {
        float row[LGD_COLUMNS];
        lgd_attribution a;
        get_row(&m, i, row);
        lgd_detector_explain(d, row, false, &a);
        for (size_t k = 0; k < lgd_detector_n_members(d); k++) {
            double bits = (double)members[k * N + i], p = bits > 0 ? exp2(-bits) : 1;
            if (!(fabs(p - a.member_p[k]) < 1e-5)) ck_abort_msg("row %zu, member %zu: %g", i, k, bits);
        }
    }
    lgd_detector_free(d);
    lgd_matrix_release(&m);
}
END_TEST

START_TEST(test_where_nobody_judges_lines_none_is_surprising) {
    lgd_matrix m = draw_rows(N_ROWS, 1);
    lgd_detector *d = fit(&m, "counts=1", 1), *back = NULL;
    lgd_buf saved = {0};
    ck_assert_uint_eq(lgd_detector_n_members(d), 0);
    ck_assert_int_eq(lgd_detector_save(d, &saved, NULL), LGD_OK);
    ck_assert_int_eq(lgd_detector_load(lgd_buf_sv(&saved), &back, NULL), LGD_OK);
    for (size_t i = 0; i < 100; i++) {
        float row[LGD_COLUMNS];
        lgd_attribution a;
        get_row(&m, i, row);
        row[LGD_COL_TEMPLATE] = 40;
        ck_assert(surprise_of(d, row) == 0 && surprise_of(back, row) == 0);
        ck_assert(lgd_detector_bits(back, 0) < lgd_detector_threshold(back, 0.5));
        lgd_detector_explain(back, row, true, &a);
        ck_assert(a.surprise == 0);
    }
    lgd_buf_release(&saved);
    lgd_detector_free(back);
    lgd_detector_free(d);
    lgd_matrix_release(&m);
}
END_TEST

static void expect_same_saved(const lgd_detector *a, const lgd_detector *b) {
    lgd_buf x = {0}, y = {0};
    ck_assert_int_eq(lgd_detector_save(a, &x, NULL), LGD_OK);
    ck_assert_int_eq(lgd_detector_save(b, &y, NULL), LGD_OK);
    ck_assert(lgd_sv_eq(lgd_buf_sv(&x), lgd_buf_sv(&y)));
    lgd_buf_release(&x);
    lgd_buf_release(&y);
}

/* Rows [at, at + n) as a matrix of their own. */
static lgd_status score_from(const lgd_detector *d, const lgd_matrix *m, size_t at, size_t n, float *ret) {
    lgd_matrix view = {m->x + at, n, m->capacity};
    return lgd_detector_score(d, NULL, &view, ret, NULL);
}

START_TEST(test_threads_and_cuts_do_not_matter) {
    enum { N = 9000 };
    static float whole[N], part[N];
    lgd_matrix m = draw_rows(N, 1);
    lgd_detector *d = fit(&m, NULL, 1);
    for (size_t threads = 2; threads <= 5; threads += 3) {
        lgd_detector *again = fit(&m, NULL, threads);
        expect_same_saved(d, again);
        lgd_detector_free(again);
    }
    ck_assert_int_eq(lgd_detector_score(d, NULL, &m, whole, NULL), LGD_OK);
    for (size_t at = 0; at < N; at += 777)
        ck_assert_int_eq(score_from(d, &m, at, at + 777 < N ? 777 : N - at, part + at), LGD_OK);
    ck_assert_int_eq(memcmp(whole, part, sizeof whole), 0);
    ck_assert_uint_gt(lgd_detector_fit_rows(d), 0);
    lgd_detector_free(d);
    lgd_detector_free(NULL);
    lgd_matrix_release(&m);
}
END_TEST

START_TEST(test_a_calibration_expects_what_it_saw) {
    enum { N = 9000, K = 12 };
    static float surprise[N], members[LGD_MAX_MEMBERS * N];
    double expected[K];
    lgd_matrix m = draw_rows(N, 1);
    lgd_detector *d = fit(&m, NULL, 1);
    size_t n = lgd_detector_expected(d, SIZE_MAX, expected, K), n_members = lgd_detector_n_members(d);
    ck_assert(n > 4 && n <= K && expected[0] == 1.0);
    ck_assert_int_eq(lgd_detector_score_members(d, NULL, &m, surprise, members, NULL), LGD_OK);
    for (size_t k = 0; k < n; k++) {
        double share = 0;
        for (size_t i = 0; i < N; i++) share += lgd_detector_bits(d, (double)surprise[i]) >= (double)k;
        ck_assert_msg(fabs(share / N - expected[k]) < 0.01, "%zu bits: %g, expected %g", k, share / N, expected[k]);
    }
    for (size_t i = 0; i < n_members; i++) /* what says bits itself has nothing to be held against */
        ck_assert((lgd_detector_expected(d, i, expected, K) == 0) ==
                  !strcmp(lgd_detector_member_name(d, i), "novelty"));
    lgd_detector_free(d);
    lgd_matrix_release(&m);
}
END_TEST

START_TEST(test_the_rate_that_is_asked_for_is_about_what_is_flagged) {
    enum { N = 9000 };
    static float surprise[N];
    lgd_matrix m = draw_rows(N, 1), fresh = draw_rows(N, 2);
    lgd_detector *d = fit(&m, NULL, 1);
    double threshold = lgd_detector_threshold(d, 0.05), last = 0;
    double flagged = 0;
    ck_assert_int_eq(lgd_detector_score(d, NULL, &fresh, surprise, NULL), LGD_OK);
    for (size_t i = 0; i < N; i++) flagged += lgd_detector_bits(d, (double)surprise[i]) >= threshold;
    ck_assert_msg(flagged > N * 0.05 / 3 && flagged < N * 0.05 * 3, "%g", flagged);
    for (double x = -10; x < 100; x += 0.1) {
        double bits = lgd_detector_bits(d, x);
        if (!(bits >= last)) ck_abort_msg("%g", x);
        last = bits;
    }
    lgd_detector_free(d);
    lgd_matrix_release(&m);
    lgd_matrix_release(&fresh);
}
END_TEST

/* ---- explanations ---- */

static void check_explanation(const lgd_detector *d, const float *row, size_t i) {
    lgd_attribution a;
    float rest[LGD_COLUMNS], ordinary[LGD_COLUMNS] = {0};
    double sum = 0;
    lgd_detector_explain(d, row, true, &a);
    if (!(fabs(a.surprise - surprise_of(d, row)) < 1e-3)) ck_abort_msg("row %zu: %g", i, a.surprise);
    memcpy(rest, row, sizeof rest);
    for (size_t c = 0; c < LGD_COLUMNS; c++) {
        if (!(a.shares[c] >= 0) || (a.shares[c] > 0 && row[c] <= 0)) ck_abort_msg("row %zu: %g", i, a.shares[c]);
        sum += a.shares[c];
        if (a.shares[c] > 0) rest[c] = 0;
    }
    if (sum > 0 && !(fabs(sum - 1) < 1e-9)) ck_abort_msg("row %zu: shares are %g together", i, sum);
    double left = surprise_of(d, rest), floor_of_all = surprise_of(d, ordinary);
    double most = left < floor_of_all ? floor_of_all : left;
    if (a.surprise > 8 && !(most < a.surprise / 2)) ck_abort_msg("row %zu: %g of %g are left", i, left, a.surprise);
}

START_TEST(test_what_is_told_is_enough) {
    lgd_matrix m = draw_rows(N_ROWS, 1);
    const char *const ensembles[] = {NULL, "novelty=1", "iforest=0.6,novelty=0.4"};
    for (size_t e = 0; e < 3; e++) {
        lgd_detector *d = fit(&m, ensembles[e], 1);
        for (size_t i = 0; i < 300; i++) {
            float row[LGD_COLUMNS];
            get_row(&m, i, row);
            row[i % 5] += (float)(i % 30);
            row[5 + i % 5] += (float)(i % 20);
            check_explanation(d, row, i);
        }
        float twice[LGD_COLUMNS] = {0}; /* two reasons that say the same */
        twice[LGD_COL_TEMPLATE] = twice[LGD_COL_VALUE] = twice[LGD_COL_NUMBER] = 15;
        check_explanation(d, twice, 999);
        lgd_detector_free(d);
    }
    lgd_matrix_release(&m);
}
END_TEST

START_TEST(test_nothing_is_told_of_an_ordinary_row) {
    lgd_matrix m = draw_rows(N_ROWS, 1);
    lgd_detector *d = fit(&m, NULL, 1);
    float row[LGD_COLUMNS] = {0};
    lgd_attribution a;
    lgd_detector_explain(d, row, true, &a);
    for (size_t c = 0; c < LGD_COLUMNS; c++) ck_assert(a.shares[c] == 0);
    for (size_t k = 0; k < lgd_n_members; k++) ck_assert(a.member_p[k] > 0 && a.member_p[k] <= 1);
    lgd_detector_free(d);
    lgd_matrix_release(&m);
}
END_TEST

/* ---- saved form ---- */

START_TEST(test_a_detector_comes_back_the_same) {
    const char *const ensembles[] = {NULL, "novelty=2,iforest=1"};
    lgd_matrix m = draw_rows(N_ROWS, 1);
    static float a[N_ROWS], b[N_ROWS];
    for (size_t e = 0; e < 2; e++) {
        lgd_buf saved = {0};
        lgd_detector *d = fit(&m, ensembles[e], 1), *back = NULL;
        ck_assert_int_eq(lgd_detector_save(d, &saved, NULL), LGD_OK);
        ck_assert_int_eq(lgd_detector_load(lgd_buf_sv(&saved), &back, NULL), LGD_OK);
        expect_same_saved(d, back);
        ck_assert_int_eq(lgd_detector_score(d, NULL, &m, a, NULL), LGD_OK);
        ck_assert_int_eq(lgd_detector_score(back, NULL, &m, b, NULL), LGD_OK);
        ck_assert_int_eq(memcmp(a, b, sizeof a), 0);
        ck_assert(lgd_detector_threshold(d, 0.01) == lgd_detector_threshold(back, 0.01));
        ck_assert_uint_eq(lgd_detector_fit_rows(d), lgd_detector_fit_rows(back));
        lgd_detector_free(back);
        lgd_detector_free(d);
        lgd_buf_release(&saved);
    }
    lgd_matrix_release(&m);
}
END_TEST

/* Surprise of the first eight rows. */
static lgd_status score_first(const lgd_detector *d, const lgd_matrix *m, float *ret, lgd_err *err) {
    lgd_matrix view = {m->x, 8, m->capacity};
    return lgd_detector_score(d, NULL, &view, ret, err);
}

static void try_forged(lgd_sv bytes, const lgd_matrix *m) {
    lgd_detector *back = NULL;
    lgd_err err = {0};
    float surprise[8], row[LGD_COLUMNS];
    lgd_status status = lgd_detector_load(bytes, &back, &err);
    if (status != LGD_OK && (status != LGD_E_DAMAGED || back || !err.text[0])) ck_abort_msg("status %d", status);
    if (status != LGD_OK) return;
    lgd_attribution a;
    if (score_first(back, m, surprise, NULL) != LGD_OK) ck_abort_msg("score");
    for (size_t i = 0; i < 8; i++) {
        get_row(m, i, row);
        if (isnan(surprise[i])) ck_abort_msg("not a number");
        lgd_detector_explain(back, row, true, &a);
    }
    lgd_detector_free(back);
}

START_TEST(test_no_damaged_byte_does_harm) {
    lgd_matrix m = draw_rows(1000, 1);
    lgd_buf saved = {0};
    lgd_detector *d = fit(&m, NULL, 1), *back = NULL;
    ck_assert_int_eq(lgd_detector_save(d, &saved, NULL), LGD_OK);
    lgd_rng r;
    lgd_rng_init(&r, 8);
    for (size_t n = 0; n < saved.n; n += n < 100 ? 1 : 1009)
        if (lgd_detector_load((lgd_sv){saved.p, n}, &back, NULL) != LGD_E_DAMAGED) ck_abort_msg("%zu bytes", n);
    for (size_t i = 0; i < 1500; i++) {
        size_t at = i < 300 ? i / 5 : lgd_rng_below(&r, (uint32_t)saved.n);
        char old = saved.p[at];
        saved.p[at] = (char)(old ^ (1 << lgd_rng_below(&r, 8)));
        try_forged(lgd_buf_sv(&saved), &m);
        saved.p[at] = old;
    }
    lgd_buf_add_char(&saved, 0);
    ck_assert_int_eq(lgd_detector_load(lgd_buf_sv(&saved), &back, NULL), LGD_E_DAMAGED);
    lgd_buf_release(&saved);
    lgd_detector_free(d);
    lgd_matrix_release(&m);
}
END_TEST

static lgd_status whole_life(const lgd_matrix *m, lgd_buf *saved, lgd_err *err) {
    lgd_detector *d = NULL, *back = NULL;
    lgd_fit_options o = options(42);
    float surprise[8];
    lgd_ensemble e;
    lgd_status status = lgd_pool_new(2, &o.pool, err);
    if (status == LGD_OK) status = lgd_ensemble_parse("iforest=0.6,novelty=0.4", &e, err);
    if (status == LGD_OK) status = lgd_detector_fit(m, &e, &o, &d, err);
    if (status == LGD_OK) status = lgd_detector_save(d, saved, err);
    if (status == LGD_OK) status = lgd_detector_load(lgd_buf_sv(saved), &back, err);
    if (status == LGD_OK) status = score_first(back, m, surprise, err);
    lgd_detector_free(d);
    lgd_detector_free(back);
    lgd_pool_free(o.pool);
    return status;
}

START_TEST(test_failing_allocations_are_told) {
    lgd_matrix m = draw_rows(800, 1);
    lgd_status status = LGD_E_MEMORY;
    uint64_t k = 0;
    bool late = false; /* a pool does without threads whose start fails, so a success may come before the end */
    while (status != LGD_OK || !late) {
        lgd_buf saved = {0};
        lgd_err err = {0};
        k++;
        lgd_alloc_fail_at(k, k % 2 == 0);
        status = whole_life(&m, &saved, &err);
        lgd_alloc_fail_at(0, false);
        late = k > 10;
        if (status != LGD_OK && (status != LGD_E_MEMORY || !err.text[0])) ck_abort_msg("allocation %d", (int)k);
        lgd_buf_release(&saved);
    }
    ck_assert_uint_gt(k, 15);
    lgd_matrix_release(&m);
}
END_TEST

Suite *detect_suite(void) {
    Suite *suite = suite_create("detect");
    TCase *tests = tcase_create("detect");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, test_bits_are_those_of_the_share_that_scores_as_high);
    tcase_add_test(tests, test_ranks_by_weight_count_weight);
    tcase_add_test(tests, test_bits_never_fall_as_the_score_rises);
    tcase_add_test(tests, test_the_tail_has_the_slope_that_was_asked_for);
    tcase_add_test(tests, test_few_scores_calibrate_too);
    tcase_add_test(tests, test_a_threshold_flags_about_what_was_asked_for);
    tcase_add_test(tests, test_a_forest_is_made_by_its_seed);
    tcase_add_test(tests, test_an_outlier_stands_out);
    tcase_add_test(tests, test_a_forest_of_few_or_equal_rows_is_finite);
    tcase_add_test(tests, test_a_forged_forest_does_no_harm);
    tcase_add_test(tests, test_too_few_rows_are_refused);
    tcase_add_test(tests, test_weights_make_the_mean_of_bits);
    tcase_add_test(tests, test_no_member_drags_the_ensemble_down);
    tcase_add_test(tests, test_members_tell_their_bits_when_asked);
    tcase_add_test(tests, test_where_nobody_judges_lines_none_is_surprising);
    tcase_add_test(tests, test_threads_and_cuts_do_not_matter);
    tcase_add_test(tests, test_a_calibration_expects_what_it_saw);
    tcase_add_test(tests, test_the_rate_that_is_asked_for_is_about_what_is_flagged);
    tcase_add_test(tests, test_what_is_told_is_enough);
    tcase_add_test(tests, test_novelty_ranks_values_and_hours_among_the_training);
    tcase_add_test(tests, test_nothing_is_told_of_an_ordinary_row);
    tcase_add_test(tests, test_a_detector_comes_back_the_same);
    tcase_add_test(tests, test_no_damaged_byte_does_harm);
    tcase_add_test(tests, test_failing_allocations_are_told);
    suite_add_tcase(suite, tests);
    return suite;
}
