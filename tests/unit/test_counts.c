/*
 * Tests of detect/counts and of the members that look at order and rate: sessions whose counts are not those of the
 * training are more surprising than those whose counts are, contamination does not hide its own kind, the reason is the
 * count that was made odd, and no saved byte is trusted.
 */
#include "logdetect/detect.h"

#include <check.h>
#include <math.h>

Suite *counts_suite(void);

/* ---- sessions ---- */

/* Templates of an ordinary session: opened and closed once each, a retry in half of them, 1 to 6 steps, always 3 copies. */
enum { OPENED, CLOSED, RETRY, STEP, COPY, FAULT, N_TEMPLATES };
enum { N_SESSIONS = 1200, UNKNOWN = N_TEMPLATES + 3 };

typedef struct session_set {
    lgd_template_count counts[N_SESSIONS][N_TEMPLATES];
    lgd_session sessions[N_SESSIONS];
} session_set;
static session_set set;
static const lgd_counts_options options = {N_TEMPLATES, 0.01};

static lgd_session pack(const uint32_t n[N_TEMPLATES], lgd_template_count *room) {
    size_t k = 0;
    for (lgd_template_id id = 0; id < N_TEMPLATES; id++)
        if (n[id]) room[k++] = (lgd_template_count){id, n[id]};
    return (lgd_session){room, k};
}

static void draw(lgd_rng *r, uint32_t n[N_TEMPLATES]) {
    const uint32_t ordinary[N_TEMPLATES] = {
        [OPENED] = 1, [CLOSED] = 1, [RETRY] = lgd_rng_below(r, 2), [STEP] = 1 + lgd_rng_below(r, 6), [COPY] = 3};
    memcpy(n, ordinary, sizeof ordinary);
}

/* Sessions that are not ordinary deviate by one count each. */
static const lgd_template_count kinds[] = {{CLOSED, 0}, {OPENED, 2}, {COPY, 2}, {FAULT, 1}, {CLOSED, 2},
                                           {COPY, 4},   {OPENED, 3}, {COPY, 0}, {FAULT, 2}, {COPY, 6}};
enum { N_KINDS = sizeof kinds / sizeof *kinds };

/* One session in `every` is faulty, of the first n_kinds kinds in turn; the first kind comes `times` times as often as the
 * others. every = 0: none is. */
static void fill_with(size_t every, size_t n_kinds, size_t times) {
    lgd_rng r;
    size_t n_faulty = 0;
    lgd_rng_init(&r, 5);
    for (size_t i = 0; i < N_SESSIONS; i++) {
        uint32_t n[N_TEMPLATES];
        draw(&r, n);
        if (every && i % every == every / 2) {
            size_t turn = n_faulty++ % (n_kinds + times - 1);
            const lgd_template_count *kind = &kinds[turn < times ? 0 : turn - times + 1];
            n[kind->id] = kind->n;
        }
        set.sessions[i] = pack(n, set.counts[i]);
    }
}

static void fill(size_t every) { fill_with(every, N_KINDS, 1); }

static lgd_counts *learn(size_t n, double rate) {
    lgd_counts *c = NULL;
    lgd_err err = {0};
    ck_assert_msg(lgd_counts_fit(set.sessions, n, &(lgd_counts_options){N_TEMPLATES, rate}, NULL, &c, &err) == LGD_OK,
                  "%s", err.text);
    return c;
}

static double bits_of(const lgd_counts *c, const uint32_t n[N_TEMPLATES], lgd_count_reason *ret) {
    lgd_template_count room[N_TEMPLATES];
    lgd_session s = pack(n, room);
    return lgd_counts_bits(c, &s, ret);
}

/* An ordinary session in which one count is another. */
static double bits_with(const lgd_counts *c, lgd_template_id id, uint32_t count, lgd_count_reason *ret) {
    uint32_t n[N_TEMPLATES] = {1, 1, 1, 3, 3, 0};
    n[id] = count;
    return bits_of(c, n, ret);
}

/* ---- ranking ---- */

START_TEST(test_ordinary_sessions_stay_below_the_threshold) {
    fill(0);
    lgd_counts *c = learn(N_SESSIONS, 0.01);
    double threshold = lgd_counts_threshold(c, 0.01);
    ck_assert(threshold > 0 && isfinite(threshold));
    ck_assert_uint_eq(lgd_counts_n_sessions(c), N_SESSIONS);
    for (uint32_t steps = 1; steps <= 6; steps++)
        for (uint32_t retry = 0; retry <= 1; retry++) {
            const uint32_t n[N_TEMPLATES] = {1, 1, retry, steps, 3, 0};
            if (bits_of(c, n, NULL) >= threshold) ck_abort_msg("%u steps, %u retries", steps, retry);
        }
    lgd_counts_free(c);
    lgd_counts_free(NULL);
}
END_TEST

START_TEST(test_odd_counts_are_more_surprising_than_usual_ones) {
    static const struct {
        lgd_template_id id;
        uint32_t count;
    } odd[] = {{CLOSED, 0}, {OPENED, 2}, {COPY, 2}, {COPY, 4}, {COPY, 0}, {FAULT, 1}, {COPY, 4000000000u}, {STEP, 500}};
    fill(0);
    lgd_counts *c = learn(N_SESSIONS, 0.01);
    double threshold = lgd_counts_threshold(c, 0.01);
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
        lgd_count_reason reason;
        double bits = bits_with(c, odd[i].id, odd[i].count, &reason);
        ck_assert_msg(isfinite(bits) && bits >= threshold, "row %zu: %g bits, threshold %g", i, bits, threshold);
        ck_assert_uint_eq(reason.id, odd[i].id);
        ck_assert_uint_eq(reason.actual, odd[i].count);
        ck_assert(reason.actual_share == 0);
    }
    /* what never varies is more of a surprise than what does */
    ck_assert(bits_with(c, COPY, 2, NULL) > bits_with(c, STEP, 7, NULL));
    lgd_counts_free(c);
}
END_TEST

START_TEST(test_a_template_that_training_does_not_know_is_as_surprising_as_can_be) {
    fill(0);
    lgd_counts *c = learn(N_SESSIONS, 0.01);
    const lgd_template_count counts[] = {{OPENED, 1}, {CLOSED, 1}, {STEP, 3}, {COPY, 3}, {UNKNOWN, 2}};
    lgd_count_reason reason;
    double bits = lgd_counts_bits(c, &(lgd_session){counts, 5}, &reason);
    ck_assert(bits >= lgd_counts_threshold(c, 0.01));
    ck_assert(bits >= bits_with(c, CLOSED, 0, NULL) && bits >= bits_with(c, COPY, 2, NULL));
    ck_assert(reason.id == UNKNOWN && reason.actual == 2 && reason.typical == 0 && reason.typical_share == 1);
    lgd_counts_free(c);
}
END_TEST

START_TEST(test_a_session_of_nothing_lacks_what_always_comes) {
    fill(0);
    lgd_counts *c = learn(N_SESSIONS, 0.01);
    lgd_count_reason reason;
    ck_assert(lgd_counts_bits(c, &(lgd_session){NULL, 0}, &reason) >= lgd_counts_threshold(c, 0.01));
    ck_assert(reason.id == OPENED || reason.id == CLOSED || reason.id == COPY || reason.id == STEP);
    ck_assert(reason.actual == 0 && reason.typical > 0);
    lgd_counts_free(c);
}
END_TEST

START_TEST(test_the_order_of_counts_in_a_session_does_not_matter) {
    fill(0);
    lgd_counts *c = learn(N_SESSIONS, 0.01);
    const lgd_template_count one[] = {{OPENED, 1}, {CLOSED, 1}, {STEP, 3}, {COPY, 2}};
    const lgd_template_count two[] = {{COPY, 2}, {STEP, 3}, {CLOSED, 1}, {OPENED, 1}};
    ck_assert(lgd_counts_bits(c, &(lgd_session){one, 4}, NULL) == lgd_counts_bits(c, &(lgd_session){two, 4}, NULL));
    lgd_counts_free(c);
}
END_TEST

START_TEST(test_the_reason_tells_the_numbers_of_the_training) {
    fill(0);
    lgd_counts *c = learn(N_SESSIONS, 0.01);
    lgd_count_reason reason;
    bits_with(c, CLOSED, 0, &reason);
    ck_assert(reason.id == CLOSED && reason.actual == 0 && reason.typical == 1);
    ck_assert_double_eq_tol(reason.typical_share, 1, 1e-9);
    ck_assert(reason.actual_share < 1e-9);
    bits_with(c, STEP, 500, &reason); /* each of its six counts comes about as often */
    ck_assert(reason.id == STEP && reason.typical >= 1 && reason.typical <= 6);
    ck_assert(reason.typical_share > 1.0 / 6 && reason.typical_share < 1.0 / 3);
    lgd_counts_free(c);
}
END_TEST

/* Whatever sessions weigh, drift and suspicion included. */
START_TEST(test_shares_in_a_reason_can_be_recounted) {
    fill(33);
    lgd_counts *c = learn(N_SESSIONS, 0.001);
    for (size_t k = 0; k < N_KINDS; k++) {
        lgd_count_reason reason;
        size_t n_actual = 0, n_typical = 0;
        bits_with(c, kinds[k].id, kinds[k].n, &reason);
        for (size_t i = 0; i < N_SESSIONS; i++) {
            uint32_t n = 0;
            for (size_t j = 0; j < set.sessions[i].n; j++)
                if (set.sessions[i].counts[j].id == kinds[k].id) n = set.sessions[i].counts[j].n;
            n_actual += n == kinds[k].n;
            n_typical += n == reason.typical;
        }
        ck_assert(n_actual > 0 && reason.id == kinds[k].id);
        ck_assert_double_eq_tol(reason.actual_share, (double)n_actual / N_SESSIONS, 1e-12);
        ck_assert_double_eq_tol(reason.typical_share, (double)n_typical / N_SESSIONS, 1e-12);
    }
    lgd_counts_free(c);
}
END_TEST

/* ---- training that is not clean, or too small ---- */

START_TEST(test_contamination_does_not_hide_its_own_kind) {
    static const uint32_t faulty[N_TEMPLATES] = {1, 0, 1, 3, 3, 0};
    fill(33); /* 3 % */
    lgd_counts *c = learn(N_SESSIONS, 0.001);
    double threshold = lgd_counts_threshold(c, 0.001), suspects = lgd_counts_suspects(c);
    size_t flagged = 0, truly = 0;
    ck_assert_msg(suspects > 0.02 && suspects < 0.04, "%g", suspects);
    ck_assert(bits_of(c, faulty, NULL) >= threshold);
    ck_assert(bits_of(c, faulty, NULL) > bits_with(c, STEP, 1, NULL));
    for (size_t i = 0; i < N_SESSIONS; i++) {
        flagged += lgd_counts_bits(c, &set.sessions[i], NULL) >= threshold;
        truly += i % 33 == 16;
    }
    ck_assert_uint_eq(flagged, truly);
    lgd_counts_free(c);
}
END_TEST

/* A kind that comes four times as often as others is no less of a surprise for it. */
START_TEST(test_a_fault_that_recurs_is_as_surprising_as_one_that_came_once) {
    fill_with(30, N_KINDS, 4);
    lgd_counts *c = learn(N_SESSIONS, 0.001);
    double recurs = bits_with(c, kinds[0].id, kinds[0].n, NULL), once = bits_with(c, kinds[3].id, kinds[3].n, NULL);
    ck_assert_msg(recurs > once - 1 && recurs >= lgd_counts_threshold(c, 0.001), "%g and %g bits", recurs, once);
    lgd_counts_free(c);
}
END_TEST

/* What one session in 40 does in always the same way is told, and yet part of what the log is like. */
START_TEST(test_a_habit_of_one_kind_is_no_contamination) {
    static float bits[N_SESSIONS];
    static bool suspect[N_SESSIONS];
    lgd_counts *c = NULL;
    fill_with(40, 1, 1);
    ck_assert_int_eq(lgd_counts_fit(set.sessions, N_SESSIONS, &options, &(lgd_counts_cross){bits, suspect}, &c, NULL),
                     LGD_OK);
    ck_assert(lgd_counts_suspects(c) > 0.02);
    for (size_t i = 0; i < N_SESSIONS; i++)
        if (suspect[i]) ck_abort_msg("session %zu", i);
    ck_assert(bits_with(c, kinds[0].id, kinds[0].n, NULL) < lgd_counts_threshold(c, 0.001));
    ck_assert(bits_with(c, kinds[3].id, kinds[3].n, NULL) > bits_with(c, kinds[0].id, kinds[0].n, NULL));
    lgd_counts_free(c);
}
END_TEST

/* Deviations that were in the first quarter of the training alone take hardly any of the false alarms that are allowed. */
START_TEST(test_a_phase_that_ended_does_not_raise_the_threshold) {
    double thresholds[2];
    for (size_t late = 0; late < 2; late++) {
        fill(0);
        for (size_t k = 0; k < 12; k++) {
            uint32_t n[N_TEMPLATES] = {1, 1, 1, 3 + k % 2, 3, 0};
            size_t i = late ? N_SESSIONS - 100 + 5 * k : 5 * k;
            n[kinds[k % 2].id] = kinds[k % 2].n;
            set.sessions[i] = pack(n, set.counts[i]);
        }
        lgd_counts *c = learn(N_SESSIONS, 0.01);
        thresholds[late] = bits_with(c, STEP, 12, NULL) - lgd_counts_threshold(c, 0.01);
        lgd_counts_free(c);
    }
    ck_assert_msg(thresholds[0] > thresholds[1], "%g and %g bits", thresholds[0], thresholds[1]);
}
END_TEST

/* 60 sessions say nothing of one in a thousand: the threshold is where twice the rate would be. */
START_TEST(test_few_sessions_have_the_lowest_threshold_that_the_rate_allows) {
    fill(0);
    lgd_counts *c = learn(60, 0.001);
    ck_assert_double_eq_tol(lgd_counts_threshold(c, 0.001), -log2(0.002), 1e-9);
    lgd_counts_free(c);
}
END_TEST

START_TEST(test_a_clean_training_has_hardly_any_suspects) {
    fill(0);
    lgd_counts *c = learn(N_SESSIONS, 0.001);
    ck_assert(lgd_counts_suspects(c) < 0.01);
    lgd_counts_free(c);
}
END_TEST

/* One session in 25 is faulty: more than the rate explains. */
START_TEST(test_training_sessions_are_told_as_others_see_them) {
    static float bits[N_SESSIONS];
    static bool suspect[N_SESSIONS];
    const lgd_counts_cross cross = {bits, suspect};
    for (size_t every = 0; every <= 25; every += 25) {
        lgd_counts *c = NULL, *alone = NULL;
        fill(every);
        ck_assert_int_eq(lgd_counts_fit(set.sessions, N_SESSIONS, &options, &cross, &c, NULL), LGD_OK);
        double threshold = lgd_counts_threshold(c, 0.01);
        for (size_t i = 0; i < N_SESSIONS; i++) {
            bool odd = every && i % every == every / 2;
            if (suspect[i] != odd) ck_abort_msg("session %zu of 1 in %zu", i, every);
            if (odd && !((double)bits[i] > threshold)) ck_abort_msg("session %zu: %g bits", i, (double)bits[i]);
        }
        alone = learn(N_SESSIONS, 0.01);
        ck_assert(lgd_counts_threshold(alone, 0.01) == threshold);
        lgd_counts_free(alone);
        lgd_counts_free(c);
    }
}
END_TEST

START_TEST(test_too_few_sessions_are_refused) {
    lgd_counts *c = NULL;
    fill(0);
    for (size_t n = 0; n < 50; n += 7) {
        lgd_err err = {0};
        ck_assert_int_eq(lgd_counts_fit(set.sessions, n, &options, NULL, &c, &err), LGD_E_DATA);
        ck_assert(!c && strstr(err.text, "sessions") && strstr(err.text, "50"));
    }
    lgd_counts_free(learn(50, 0.01));
}
END_TEST

START_TEST(test_sessions_that_are_all_the_same_can_be_learned) {
    static const uint32_t n[N_TEMPLATES] = {1, 1, 1, 3, 3, 0};
    for (size_t i = 0; i < N_SESSIONS; i++) set.sessions[i] = pack(n, set.counts[i]);
    lgd_counts *c = learn(200, 0.01);
    ck_assert(bits_of(c, n, NULL) < lgd_counts_threshold(c, 0.01));
    ck_assert(bits_with(c, CLOSED, 0, NULL) >= lgd_counts_threshold(c, 0.01));
    lgd_counts_free(c);
}
END_TEST

/* ---- saved form ---- */

static lgd_buf saved_of(const lgd_counts *c) {
    lgd_buf b = {0};
    ck_assert_int_eq(lgd_counts_save(c, &b, NULL), LGD_OK);
    ck_assert(b.n > 0 && !b.failed);
    return b;
}

START_TEST(test_what_is_saved_comes_back_the_same) {
    fill(33);
    lgd_counts *c = learn(N_SESSIONS, 0.01), *again = learn(N_SESSIONS, 0.01), *back = NULL;
    lgd_buf a = saved_of(c), b = saved_of(again);
    ck_assert(lgd_sv_eq(lgd_buf_sv(&a), lgd_buf_sv(&b))); /* the same training gives the same bytes */
    ck_assert_int_eq(lgd_counts_load(lgd_buf_sv(&a), N_TEMPLATES, &back, NULL), LGD_OK);
    for (size_t i = 0; i < N_SESSIONS; i++) {
        lgd_count_reason x, y;
        double own = lgd_counts_bits(c, &set.sessions[i], &x), its = lgd_counts_bits(back, &set.sessions[i], &y);
        if (own != its || x.id != y.id || x.typical != y.typical || x.typical_share != y.typical_share)
            ck_abort_msg("session %zu: %g and %g bits", i, own, its);
    }
    ck_assert(lgd_counts_threshold(c, 0.001) == lgd_counts_threshold(back, 0.001));
    ck_assert(lgd_counts_suspects(c) == lgd_counts_suspects(back));
    ck_assert_uint_eq(lgd_counts_n_sessions(back), N_SESSIONS);
    lgd_buf_release(&b);
    b = saved_of(back);
    ck_assert(lgd_sv_eq(lgd_buf_sv(&a), lgd_buf_sv(&b)));
    lgd_buf_release(&a);
    lgd_buf_release(&b);
    lgd_counts_free(c);
    lgd_counts_free(again);
    lgd_counts_free(back);
}
END_TEST

/* Whatever loads is safe to use, and never says what is not a number. */
static bool try_forged(lgd_sv bytes) {
    lgd_counts *c = NULL;
    lgd_err err = {0};
    lgd_status status = lgd_counts_load(bytes, N_TEMPLATES, &c, &err);
    if (status != LGD_OK) {
        if (status != LGD_E_DAMAGED || c || !err.text[0]) ck_abort_msg("status %d: %s", status, err.text);
        return false;
    }
    for (size_t i = 0; i < 40; i++) {
        lgd_count_reason reason;
        double bits = lgd_counts_bits(c, &set.sessions[i], &reason);
        if (!(bits >= 0) || isnan(reason.typical_share) || isnan(reason.actual_share)) ck_abort_msg("%g bits", bits);
    }
    if (isnan(lgd_counts_threshold(c, 0.01))) ck_abort_msg("threshold");
    lgd_counts_free(c);
    return true;
}

START_TEST(test_no_damaged_byte_does_harm) {
    fill(33);
    lgd_counts *c = learn(200, 0.01), *back = NULL;
    lgd_buf saved = saved_of(c);
    lgd_rng r;
    lgd_rng_init(&r, 9);
    for (size_t n = 0; n < saved.n; n++)
        if (try_forged((lgd_sv){saved.p, n})) ck_abort_msg("%zu of %zu bytes", n, saved.n);
    for (size_t i = 0; i < 8 * saved.n; i++) {
        size_t at = i / 8;
        char old = saved.p[at];
        saved.p[at] = (char)(i % 8 < 6 ? old ^ (1 << lgd_rng_below(&r, 8)) : i % 8 == 6 ? 0x7f : 0xff);
        (void)try_forged(lgd_buf_sv(&saved));
        saved.p[at] = old;
    }
    lgd_buf_add_char(&saved, 0);
    ck_assert_int_eq(lgd_counts_load(lgd_buf_sv(&saved), N_TEMPLATES, &back, NULL), LGD_E_DAMAGED);
    saved.n--;
    ck_assert_int_eq(lgd_counts_load(lgd_buf_sv(&saved), N_TEMPLATES - 1, &back, NULL), LGD_E_DAMAGED);
    lgd_buf_release(&saved);
    lgd_counts_free(c);
}
END_TEST

/* A histogram of more counts than training ever keeps. */
START_TEST(test_a_histogram_beyond_its_limit_is_damaged) {
    lgd_buf saved = {0};
    lgd_counts *back = NULL;
    lgd_put_u64(&saved, 100);
    lgd_put_f64(&saved, 0);
    lgd_put_f64(&saved, 100);
    lgd_put_u32(&saved, 1);
    for (int k = 0; k < 3; k++) lgd_put_f64(&saved, 0.3);
    lgd_put_u32(&saved, 5000);
    for (uint32_t value = 0; value < 5000; value++) {
        lgd_put_u32(&saved, value);
        lgd_put_f64(&saved, 1);
        lgd_put_u32(&saved, 1);
    }
    lgd_put_f64(&saved, 1); /* a calibration without knots */
    lgd_put_u32(&saved, 0);
    ck_assert_int_eq(lgd_counts_load(lgd_buf_sv(&saved), 1, &back, NULL), LGD_E_DAMAGED);
    lgd_buf_release(&saved);
}
END_TEST

/* Found by review: shares beyond 1 and weights beyond all made infinities, and those what is not a number. */
static const struct {
    const char *name;
    double suspects, weight, mix[3], present, slope;
    float score, bits;
    lgd_status status;
} forged_numbers[] = {{"sound", 0, 100, {0.9, 0.09, 0.01}, 10, 0, 9, 5, LGD_OK},
                      {"a share of 1e308", 0, 100, {1e308, 0.09, 0.01}, 10, 0, 9, 5, LGD_E_DAMAGED},
                      {"a share below 0", 0, 100, {0.9, -0.1, 0.01}, 10, 0, 9, 5, LGD_E_DAMAGED},
                      {"shares of more than all", 0, 100, {0.9, 0.9, 0.01}, 10, 0, 9, 5, LGD_E_DAMAGED},
                      {"sessions of more than all", 0, 100, {0.9, 0.09, 0.01}, 11, 0, 9, 5, LGD_E_DAMAGED},
                      {"sessions beyond count", 0, 1e308, {0.9, 0.09, 0.01}, 1e308, 0, 9, 5, LGD_E_DAMAGED},
                      {"more suspects than sessions", 2, 100, {0.9, 0.09, 0.01}, 10, 0, 9, 5, LGD_E_DAMAGED},
                      {"a steep tail", 0, 100, {0.9, 0.09, 0.01}, 10, 1e300, 9, 5, LGD_E_DAMAGED},
                      {"a score beyond all", 0, 100, {0.9, 0.09, 0.01}, 10, 0, 3e38F, 5, LGD_E_DAMAGED},
                      {"bits beyond all", 0, 100, {0.9, 0.09, 0.01}, 10, 0, 9, 3e38F, LGD_E_DAMAGED}};

START_TEST(test_numbers_beyond_all_are_damaged) {
    lgd_buf saved = {0};
    lgd_counts *back = NULL;
    lgd_put_u64(&saved, 100);
    lgd_put_f64(&saved, forged_numbers[_i].suspects);
    lgd_put_f64(&saved, forged_numbers[_i].weight);
    lgd_put_u32(&saved, 1);
    for (int k = 0; k < 3; k++) lgd_put_f64(&saved, forged_numbers[_i].mix[k]);
    lgd_put_u32(&saved, 2);
    for (uint32_t value = 0; value < 2; value++) {
        lgd_put_u32(&saved, value);
        lgd_put_f64(&saved, value ? forged_numbers[_i].present : 90);
        lgd_put_u32(&saved, value ? 10 : 90);
    }
    lgd_put_f64(&saved, forged_numbers[_i].slope);
    lgd_put_u32(&saved, 1);
    lgd_put_f32(&saved, forged_numbers[_i].score);
    lgd_put_f32(&saved, forged_numbers[_i].bits);
    ck_assert_msg(lgd_counts_load(lgd_buf_sv(&saved), 1, &back, NULL) == forged_numbers[_i].status, "%s",
                  forged_numbers[_i].name);
    lgd_counts_free(back);
    lgd_buf_release(&saved);
}
END_TEST

static lgd_status whole_life(lgd_buf *saved, lgd_err *err) {
    lgd_counts *c = NULL, *back = NULL;
    lgd_status status = lgd_counts_fit(set.sessions, 60, &options, NULL, &c, err);
    if (status == LGD_OK) status = lgd_counts_save(c, saved, err);
    if (status == LGD_OK) status = lgd_counts_load(lgd_buf_sv(saved), N_TEMPLATES, &back, err);
    lgd_counts_free(c);
    lgd_counts_free(back);
    return status;
}

START_TEST(test_failing_allocations_are_told) {
    fill(0);
    lgd_status status = LGD_E_MEMORY;
    uint64_t k = 0;
    while (status != LGD_OK && k < 5000) {
        lgd_buf saved = {0};
        lgd_err err = {0};
        k++;
        lgd_alloc_fail_at(k, k % 2 == 0);
        status = whole_life(&saved, &err);
        lgd_alloc_fail_at(0, false);
        if (status != LGD_OK && (status != LGD_E_MEMORY || !err.text[0])) ck_abort_msg("allocation %d", (int)k);
        lgd_buf_release(&saved);
    }
    ck_assert_int_eq(status, LGD_OK);
    ck_assert_uint_gt(k, 30);
}
END_TEST

/* Found by tests/fuzz/fuzz_model.c: a follower more frequent than what it follows, or than nothing at all. */
START_TEST(test_a_forged_order_has_probabilities) {
    static const float weights[][2] = {{0, 0}, {0, 5}, {1, 5}, {3e38F, 5}};
    lgd_buf bytes = {0};
    lgd_order *o = NULL;
    double p = -1;
    lgd_put_u32(&bytes, 1); /* templates */
    lgd_put_u32(&bytes, 2);
    for (uint32_t i = 0; i < 2; i++) { /* template 0, then template 0 behind it */
        lgd_put_u32(&bytes, UINT32_MAX);
        lgd_put_u32(&bytes, 0);
        lgd_put_u32(&bytes, i ? 0 : UINT32_MAX);
        lgd_put_f32(&bytes, weights[_i][i]);
        lgd_put_u32(&bytes, 1);
    }
    lgd_put_f64(&bytes, 0); /* no calibration */
    lgd_put_u32(&bytes, 0);
    bool is_sound = weights[_i][0] < 3e38F;
    ck_assert_int_eq(lgd_order_load(lgd_buf_sv(&bytes), 1, &o, NULL), is_sound ? LGD_OK : LGD_E_DAMAGED);
    bool known = weights[_i][1] > 0; /* what never came is not usual */
    if (is_sound) {
        ck_assert_uint_eq(lgd_order_usual(o, 0, &p), known ? 0 : LGD_NO_TEMPLATE);
        ck_assert_msg(known ? p >= 0 && p <= 1 : p == -1, "%f", p);
    }
    lgd_order_free(o);
    lgd_buf_release(&bytes);
}
END_TEST

/* ---- members that look at order and rate, alone ---- */

enum { N_ROWS = 2000 };

/* Ordinary rows: small surprises of order, and now and then of rate. */
static lgd_matrix ordinary_rows(void) {
    lgd_matrix m = {0};
    lgd_rng r;
    lgd_rng_init(&r, 11);
    ck_assert_int_eq(lgd_matrix_reserve(&m, N_ROWS, NULL), LGD_OK);
    m.n_rows = N_ROWS;
    for (size_t i = 0; i < N_ROWS; i++)
        for (size_t c = 0; c < LGD_COLUMNS; c++) {
            bool quiet = c == LGD_COL_STARTUP || (c != LGD_COL_SEQUENCE && lgd_rng_below(&r, 10) > 0);
            m.x[c * m.capacity + i] = quiet ? 0 : (float)(-0.5 * log2(1 - lgd_rng_unit(&r)));
        }
    return m;
}

static lgd_detector *alone(const lgd_matrix *rows, const char *ensemble) {
    lgd_detector *d = NULL;
    lgd_err err = {0};
    lgd_fit_options o = {.seed = 42, .contamination = 0.01, .block_events = 10};
    lgd_ensemble e;
    ck_assert_int_eq(lgd_ensemble_parse(ensemble, &e, NULL), LGD_OK);
    ck_assert_int_eq(lgd_pool_new(1, &o.pool, NULL), LGD_OK);
    ck_assert_msg(lgd_detector_fit(rows, &e, &o, &d, &err) == LGD_OK, "%s", err.text);
    lgd_pool_free(o.pool);
    ck_assert_uint_eq(lgd_detector_n_members(d), 1);
    return d;
}

/* Bits of a row in which one column alone is not ordinary. */
static double bits_of_column(const lgd_detector *d, lgd_column c, float x) {
    float row[LGD_COLUMNS] = {0}, surprise = 0;
    row[c] = x;
    lgd_matrix one = {row, 1, 1};
    ck_assert_int_eq(lgd_detector_score(d, NULL, &one, &surprise, NULL), LGD_OK);
    return lgd_detector_bits(d, (double)surprise);
}

START_TEST(test_the_member_for_order_sees_order_alone) {
    lgd_matrix rows = ordinary_rows();
    lgd_detector *d = alone(&rows, "ngram=1");
    ck_assert_str_eq(lgd_detector_member_name(d, 0), "ngram");
    ck_assert(bits_of_column(d, LGD_COL_SEQUENCE, 14) >= lgd_detector_threshold(d, 0.01));
    ck_assert(bits_of_column(d, LGD_COL_SEQUENCE, 14) > bits_of_column(d, LGD_COL_SEQUENCE, 8));
    ck_assert(bits_of_column(d, LGD_COL_SEQUENCE, 0.2f) < lgd_detector_threshold(d, 0.01));
    for (lgd_column c = 0; c < LGD_COLUMNS; c++)
        if (c != LGD_COL_SEQUENCE) ck_assert(bits_of_column(d, c, 14) == bits_of_column(d, c, 0));
    lgd_detector_free(d);
    lgd_matrix_release(&rows);
}
END_TEST

START_TEST(test_the_member_for_rate_sees_bursts_silences_and_warnings) {
    static const lgd_column seen[] = {LGD_COL_BURST, LGD_COL_GAP, LGD_COL_ERRORS};
    lgd_matrix rows = ordinary_rows();
    lgd_detector *d = alone(&rows, "rate=1");
    ck_assert_str_eq(lgd_detector_member_name(d, 0), "rate");
    for (size_t i = 0; i < 3; i++) {
        ck_assert(bits_of_column(d, seen[i], 12) >= lgd_detector_threshold(d, 0.01));
        ck_assert(bits_of_column(d, seen[i], 12) > bits_of_column(d, seen[i], 7));
        ck_assert(bits_of_column(d, seen[i], 0) < lgd_detector_threshold(d, 0.01));
    }
    ck_assert(bits_of_column(d, LGD_COL_SEQUENCE, 14) == bits_of_column(d, LGD_COL_SEQUENCE, 0));
    ck_assert(bits_of_column(d, LGD_COL_VALUE, 14) == bits_of_column(d, LGD_COL_VALUE, 0));
    lgd_detector_free(d);
    lgd_matrix_release(&rows);
}
END_TEST

Suite *counts_suite(void) {
    Suite *suite = suite_create("counts");
    TCase *tests = tcase_create("counts");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, test_ordinary_sessions_stay_below_the_threshold);
    tcase_add_test(tests, test_odd_counts_are_more_surprising_than_usual_ones);
    tcase_add_test(tests, test_a_template_that_training_does_not_know_is_as_surprising_as_can_be);
    tcase_add_test(tests, test_a_session_of_nothing_lacks_what_always_comes);
    tcase_add_test(tests, test_the_order_of_counts_in_a_session_does_not_matter);
    tcase_add_test(tests, test_the_reason_tells_the_numbers_of_the_training);
    tcase_add_test(tests, test_shares_in_a_reason_can_be_recounted);
    tcase_add_test(tests, test_contamination_does_not_hide_its_own_kind);
    tcase_add_test(tests, test_a_fault_that_recurs_is_as_surprising_as_one_that_came_once);
    tcase_add_test(tests, test_a_habit_of_one_kind_is_no_contamination);
    tcase_add_test(tests, test_a_phase_that_ended_does_not_raise_the_threshold);
    tcase_add_test(tests, test_few_sessions_have_the_lowest_threshold_that_the_rate_allows);
    tcase_add_test(tests, test_a_clean_training_has_hardly_any_suspects);
    tcase_add_test(tests, test_training_sessions_are_told_as_others_see_them);
    tcase_add_test(tests, test_too_few_sessions_are_refused);
    tcase_add_test(tests, test_sessions_that_are_all_the_same_can_be_learned);
    tcase_add_test(tests, test_what_is_saved_comes_back_the_same);
    tcase_add_test(tests, test_no_damaged_byte_does_harm);
    tcase_add_test(tests, test_a_histogram_beyond_its_limit_is_damaged);
    tcase_add_loop_test(tests, test_numbers_beyond_all_are_damaged, 0, sizeof forged_numbers / sizeof *forged_numbers);
    tcase_add_test(tests, test_failing_allocations_are_told);
    tcase_add_loop_test(tests, test_a_forged_order_has_probabilities, 0, 4);
    tcase_add_test(tests, test_the_member_for_order_sees_order_alone);
    tcase_add_test(tests, test_the_member_for_rate_sees_bursts_silences_and_warnings);
    suite_add_tcase(suite, tests);
    return suite;
}
