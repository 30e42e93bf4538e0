/*
 * Tests of detect/ensemble and detect/session_ensemble: a text becomes seats or is refused in words, a name means something on both
 * levels, sessions are judged as the weights or the handicaps say, rates hold, and no saved byte is trusted.
 */
#include "logdetect/detect.h"

#include <check.h>
#include <math.h>

Suite *ensemble_suite(void);

/* ---- the text ---- */

START_TEST(test_a_bad_ensemble_is_refused_in_words) {
    static const struct {
        const char *ensemble, *words;
    } rows[] = {{"nosuch=1", "there is no member 'nosuch'"},
                {"iforest=0.6,iforest=0.4", "twice"},
                {"iforest", "weight"},
                {"iforest=", "weight"},
                {"iforest=0", "weight"},
                {"iforest=-1", "'iforest=-1' needs a weight"},
                {"iforest=x", "weight"},
                {"", "''"},
                {",", "''"},
                {"iforest=1,", "''"},
                {"iforest=1;novelty=1", "weight"},
                {"=1", "''"},
                {"iforest=nan", "weight"},
                {"IFOREST=1", "IFOREST"},
                {"counts=1,iforest", "weight"},
                {"iforest=1e999", "weight"},
                {"iforest=1e308,novelty=1e308", "weight"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        lgd_ensemble e = {.n = 77};
        lgd_err err = {0};
        ck_assert_msg(lgd_ensemble_parse(rows[i].ensemble, &e, &err) == LGD_E_USAGE, "'%s'", rows[i].ensemble);
        ck_assert_uint_eq(e.n, 77);
        ck_assert_msg(strncmp(err.text, "--ensemble: ", 12) == 0 && strstr(err.text, rows[i].words) &&
                          strstr(err.text, "nothing was done"),
                      "'%s': %s", rows[i].ensemble, err.text);
    }
}
END_TEST

static lgd_ensemble ensemble_of(const char *text) {
    lgd_ensemble e;
    lgd_err err = {0};
    ck_assert_msg(lgd_ensemble_parse(text, &e, &err) == LGD_OK, "%s", err.text);
    return e;
}

START_TEST(test_a_text_becomes_seats_in_its_order) {
    lgd_ensemble e = ensemble_of(" rate=2, counts=0.5 ,ngram=1e-3");
    ck_assert(e.n == 3 && e.weighted);
    ck_assert_str_eq(e.seats[0].role->name, "rate");
    ck_assert_str_eq(e.seats[1].role->name, "counts");
    ck_assert(e.seats[0].weight == 2 && e.seats[1].weight == 0.5 && e.seats[2].weight == 1e-3);
    e = ensemble_of(NULL);
    ck_assert(e.n == lgd_n_roles && !e.weighted);
}
END_TEST

START_TEST(test_weights_are_for_all_or_for_none) {
    lgd_ensemble e = {0};
    ck_assert_int_eq(lgd_ensemble_add(&e, LGD_SV("novelty"), 0, NULL), LGD_OK);
    ck_assert_int_eq(lgd_ensemble_add(&e, LGD_SV("rate"), 1, NULL), LGD_E_USAGE);
    ck_assert_int_eq(lgd_ensemble_add(&e, LGD_SV("novelty"), 0, NULL), LGD_E_USAGE);
    ck_assert_int_eq(lgd_ensemble_add(&e, LGD_SV("rate"), 0, NULL), LGD_OK);
    ck_assert(e.n == 2 && !e.weighted);
}
END_TEST

/* ---- who judges sessions ---- */

static lgd_session_ensemble *judges_of(const lgd_ensemble *e) {
    lgd_session_ensemble *s = NULL;
    ck_assert_int_eq(lgd_session_ensemble_new(e, &s, NULL), LGD_OK);
    return s;
}

static lgd_ensemble listed(const char *a, const char *b) {
    lgd_ensemble e = {0};
    ck_assert_int_eq(lgd_ensemble_add(&e, lgd_sv_of(a), 0, NULL), LGD_OK);
    ck_assert_int_eq(lgd_ensemble_add(&e, lgd_sv_of(b), 0, NULL), LGD_OK);
    return e;
}

static void expect_seats(const lgd_ensemble *e, const char *names, bool calibrated) {
    lgd_session_ensemble *s = judges_of(e);
    lgd_buf got = {0};
    for (size_t i = 0; i < lgd_session_ensemble_n(s); i++)
        lgd_buf_printf(&got, "%s%s", i ? " " : "", lgd_session_ensemble_role(s, i)->name);
    lgd_buf_add_char(&got, 0);
    ck_assert_str_eq(got.p, names);
    ck_assert(lgd_session_ensemble_is_calibrated(s) == calibrated);
    lgd_buf_release(&got);
    lgd_session_ensemble_free(s);
}

START_TEST(test_every_name_can_judge_sessions) {
    for (size_t i = 0; i < lgd_n_roles; i++) {
        lgd_ensemble e = {0};
        ck_assert_int_eq(lgd_ensemble_add(&e, lgd_sv_of(lgd_roles[i].name), 0.5, NULL), LGD_OK);
        expect_seats(&e, lgd_roles[i].name, true);
    }
}
END_TEST

START_TEST(test_without_weights_those_who_know_sessions_judge_them) {
    lgd_ensemble e = ensemble_of(NULL);
    expect_seats(&e, "counts ngram lstm", false);
    e = listed("iforest", "counts");
    expect_seats(&e, "counts", false);
    e = listed("novelty", "ngram");
    expect_seats(&e, "ngram", true);
    e = listed("novelty", "iforest");
    expect_seats(&e, "novelty iforest", true);
    e = ensemble_of("iforest=0.6,counts=0.4");
    expect_seats(&e, "iforest counts", true);
    lgd_session_ensemble_free(NULL);
}
END_TEST

/* ---- judging ---- */

START_TEST(test_by_default_the_order_speaks_only_when_it_is_much_surer) {
    static const struct {
        double counts, order, bits;
        size_t speaker;
    } rows[] = {{5, 8, 5, 0}, {5, 9, 5, 0}, {5, 9.5, 5.5, 1}, {0, 3, 0, 0}, {0, 4.25, 0.25, 1}, {30, 2, 30, 0}};
    lgd_ensemble all = ensemble_of(NULL);
    lgd_session_ensemble *s = judges_of(&all);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        lgd_session_opinion o;
        lgd_session_ensemble_judge(s, (double[]){rows[i].counts, rows[i].order}, &o);
        ck_assert(o.bits == rows[i].bits && o.speaker == rows[i].speaker);
        ck_assert(o.member_bits[0] == rows[i].counts && o.member_bits[1] == rows[i].order);
    }
    lgd_session_ensemble_free(s);
}
END_TEST

enum { N_SESSIONS = 2000, MAX_SEATS = 3 };
static float scores[MAX_SEATS * N_SESSIONS];
static bool suspect[N_SESSIONS];

/* Bits as of calibrated members: a share of 2^-b has b bits or more. */
static void draw_scores(uint64_t seed) {
    lgd_rng r;
    lgd_rng_init(&r, seed);
    for (size_t i = 0; i < MAX_SEATS * N_SESSIONS; i++) scores[i] = (float)-log2(1 - lgd_rng_unit(&r));
    memset(suspect, 0, sizeof suspect);
}

static lgd_session_ensemble *fit(const char *text) {
    lgd_ensemble e = ensemble_of(text);
    lgd_session_ensemble *s = judges_of(&e);
    ck_assert_int_eq(lgd_session_ensemble_fit(s, scores, suspect, N_SESSIONS, NULL), LGD_OK);
    return s;
}

static double bits_of(const lgd_session_ensemble *s, double a, double b, double c) {
    lgd_session_opinion o;
    lgd_session_ensemble_judge(s, (double[MAX_SEATS]){a, b, c}, &o);
    return o.bits;
}

START_TEST(test_weights_make_the_mean_of_bits) {
    draw_scores(1);
    lgd_session_ensemble *s = fit("counts=0.5,ngram=1.5"), *scaled = fit("counts=1,ngram=3");
    for (double a = 0; a < 20; a += 0.7)
        for (double b = 0; b < 20; b += 1.3) {
            /* what has the same mean is as surprising, and scaling changes nothing */
            double mean = (a + 3 * b) / 4;
            ck_assert_double_eq_tol(bits_of(s, a, b, 0), bits_of(s, mean, mean, 0), 1e-9);
            ck_assert_double_eq_tol(bits_of(s, a, b, 0), bits_of(scaled, a, b, 0), 1e-4);
            ck_assert(bits_of(s, a, b + 1, 0) >= bits_of(s, a, b, 0));
        }
    lgd_session_ensemble_free(s);
    lgd_session_ensemble_free(scaled);
}
END_TEST

START_TEST(test_the_rate_that_is_asked_for_is_about_what_is_flagged) {
    static const char *const ensembles[] = {"counts=1", "counts=0.5,ngram=0.5", "iforest=0.6,ngram=0.4",
                                            "novelty=1,rate=2,counts=3"};
    for (size_t e = 0; e < sizeof ensembles / sizeof *ensembles; e++) {
        draw_scores(1);
        lgd_session_ensemble *s = fit(ensembles[e]);
        double threshold = lgd_session_ensemble_threshold(s, NULL, 0.02), flagged = 0;
        draw_scores(2);
        for (size_t i = 0; i < N_SESSIONS; i++)
            flagged += bits_of(s, (double)scores[i], (double)scores[N_SESSIONS + i],
                               (double)scores[2 * N_SESSIONS + i]) >= threshold;
        ck_assert_msg(flagged > N_SESSIONS * 0.02 / 3 && flagged < N_SESSIONS * 0.02 * 3, "%s: %g", ensembles[e],
                      flagged);
        lgd_session_ensemble_free(s);
    }
}
END_TEST

/* Every session has a line of 10 bits; that says nothing of a session. */
START_TEST(test_the_worst_of_many_lines_is_calibrated_first) {
    draw_scores(1);
    for (size_t i = 0; i < N_SESSIONS; i++) scores[i] = 10 + scores[i] / 100;
    lgd_session_ensemble *s = fit("novelty=1");
    lgd_session_opinion o;
    lgd_session_ensemble_judge(s, (double[]){10.001}, &o);
    ck_assert(o.member_bits[0] < 0.5 && o.bits < 0.5);
    lgd_session_ensemble_judge(s, (double[]){40}, &o);
    ck_assert(o.member_bits[0] > 20 && o.bits > 20 && o.speaker == 0);
    lgd_session_ensemble_free(s);
}
END_TEST

START_TEST(test_who_carries_the_mean_speaks) {
    draw_scores(1);
    lgd_session_ensemble *s = fit("counts=0.25,ngram=1");
    lgd_session_opinion o;
    lgd_session_ensemble_judge(s, (double[]){10, 3}, &o);
    ck_assert_uint_eq(o.speaker, 1);
    lgd_session_ensemble_judge(s, (double[]){13, 3}, &o);
    ck_assert_uint_eq(o.speaker, 0);
    lgd_session_ensemble_free(s);
}
END_TEST

START_TEST(test_suspects_calibrate_nothing) {
    draw_scores(1);
    for (size_t i = 0; i < N_SESSIONS; i += 20) {
        suspect[i] = true;
        scores[i] = scores[N_SESSIONS + i] = 60;
    }
    lgd_session_ensemble *without = fit("iforest=1,counts=1");
    memset(suspect, 0, sizeof suspect);
    lgd_session_ensemble *with = fit("iforest=1,counts=1");
    ck_assert(bits_of(without, 60, 60, 0) > 20);
    ck_assert(bits_of(with, 60, 60, 0) < 6);
    lgd_session_ensemble_free(with);
    lgd_session_ensemble_free(without);
}
END_TEST

/* ---- what members tell of the training ---- */

START_TEST(test_the_order_tells_what_training_sessions_were_to_others) {
    enum { N = 200, ODD = 77 };
    static const lgd_template_id usual[] = {0, 1, 2, 3}, odd[] = {0, 2, 1, 3};
    lgd_sequence sequences[N];
    float bits[N];
    lgd_order *o = NULL, *again = NULL;
    for (size_t i = 0; i < N; i++) sequences[i] = (lgd_sequence){i == ODD ? odd : usual, 4};
    ck_assert_int_eq(lgd_order_fit(sequences, N, 4, bits, &o, NULL), LGD_OK);
    ck_assert_int_eq(lgd_order_fit(sequences, N, 4, NULL, &again, NULL), LGD_OK);
    for (size_t i = 0; i < N; i++) ck_assert(i == ODD ? bits[i] > 6.5f : bits[i] < 6.2f);
    lgd_order_free(o);
    lgd_order_free(again);
}
END_TEST

/* ---- saved form ---- */

static void expect_same(const lgd_session_ensemble *a, const lgd_session_ensemble *b) {
    lgd_buf x = {0}, y = {0};
    ck_assert_int_eq(lgd_session_ensemble_save(a, &x, NULL), LGD_OK);
    ck_assert_int_eq(lgd_session_ensemble_save(b, &y, NULL), LGD_OK);
    ck_assert(lgd_sv_eq(lgd_buf_sv(&x), lgd_buf_sv(&y)));
    lgd_buf_release(&x);
    lgd_buf_release(&y);
    for (double i = 0; i < 20; i++) ck_assert(bits_of(a, i, i / 2, i / 3) == bits_of(b, i, i / 2, i / 3));
}

START_TEST(test_an_ensemble_comes_back_the_same) {
    static const char *const ensembles[] = {NULL, "counts=1", "iforest=0.6,ngram=0.4", "novelty=1,rate=2,counts=3"};
    for (size_t e = 0; e < sizeof ensembles / sizeof *ensembles; e++) {
        draw_scores(1);
        lgd_session_ensemble *s = fit(ensembles[e]), *back = NULL;
        lgd_buf saved = {0};
        ck_assert_int_eq(lgd_session_ensemble_save(s, &saved, NULL), LGD_OK);
        ck_assert_int_eq(lgd_session_ensemble_load(lgd_buf_sv(&saved), &back, NULL), LGD_OK);
        expect_same(s, back);
        lgd_buf_release(&saved);
        lgd_session_ensemble_free(back);
        lgd_session_ensemble_free(s);
    }
}
END_TEST

static void put_seat(lgd_buf *b, const char *name, double weight) {
    lgd_put_sv(b, lgd_sv_of(name));
    lgd_put_f64(b, weight);
    lgd_put_f64(b, 1); /* a calibration without knots */
    lgd_put_u32(b, 0);
}

START_TEST(test_impossible_ensembles_are_refused) {
    static const struct {
        uint8_t weighted;
        const char *names[2];
        double weights[2];
    } rows[] = {{1, {"counts", "counts"}, {1, 1}},  {1, {"counts", "nosuch"}, {1, 1}},
                {1, {"counts", "ngram"}, {1, 0}},   {0, {"counts", "ngram"}, {1, 1}},
                {0, {"counts", "iforest"}, {0, 0}}, {1, {"counts", "ngram"}, {1, -1}},
                {1, {"counts", "ngram"}, {1e9, 1}}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        lgd_buf b = {0};
        lgd_session_ensemble *s = NULL;
        lgd_put_u8(&b, rows[i].weighted);
        lgd_put_u32(&b, 2);
        for (size_t k = 0; k < 2; k++) put_seat(&b, rows[i].names[k], rows[i].weights[k]);
        lgd_put_f64(&b, 1);
        lgd_put_u32(&b, 0);
        ck_assert_msg(lgd_session_ensemble_load(lgd_buf_sv(&b), &s, NULL) == LGD_E_DAMAGED && !s, "row %zu", i);
        lgd_buf_release(&b);
    }
}
END_TEST

START_TEST(test_no_damaged_byte_does_harm) {
    draw_scores(1);
    lgd_session_ensemble *s = fit("novelty=1,rate=2,counts=3"), *back = NULL;
    lgd_buf saved = {0};
    lgd_rng r;
    lgd_rng_init(&r, 8);
    ck_assert_int_eq(lgd_session_ensemble_save(s, &saved, NULL), LGD_OK);
    for (size_t n = 0; n < saved.n; n += n < 200 ? 1 : 97)
        if (lgd_session_ensemble_load((lgd_sv){saved.p, n}, &back, NULL) != LGD_E_DAMAGED) ck_abort_msg("%zu bytes", n);
    for (size_t i = 0; i < 2000; i++) {
        size_t at = i < 500 ? i / 5 : lgd_rng_below(&r, (uint32_t)saved.n);
        char old = saved.p[at];
        saved.p[at] = (char)(old ^ (1 << lgd_rng_below(&r, 8)));
        lgd_err err = {0};
        lgd_status status = lgd_session_ensemble_load(lgd_buf_sv(&saved), &back, &err);
        saved.p[at] = old;
        if (status != LGD_OK && (status != LGD_E_DAMAGED || !err.text[0])) ck_abort_msg("byte %zu: %d", at, status);
        if (status != LGD_OK) continue;
        if (isnan(bits_of(back, 7, 9, 11))) ck_abort_msg("byte %zu: not a number", at);
        lgd_session_ensemble_free(back);
        back = NULL;
    }
    lgd_buf_release(&saved);
    lgd_session_ensemble_free(s);
}
END_TEST

static lgd_status whole_life(lgd_buf *saved, lgd_err *err) {
    lgd_ensemble e;
    lgd_session_ensemble *s = NULL, *back = NULL;
    lgd_status status = lgd_ensemble_parse("iforest=0.6,ngram=0.4", &e, err);
    if (status == LGD_OK) status = lgd_session_ensemble_new(&e, &s, err);
    if (status == LGD_OK) status = lgd_session_ensemble_fit(s, scores, suspect, N_SESSIONS, err);
    if (status == LGD_OK) status = lgd_session_ensemble_save(s, saved, err);
    if (status == LGD_OK) status = lgd_session_ensemble_load(lgd_buf_sv(saved), &back, err);
    lgd_session_ensemble_free(s);
    lgd_session_ensemble_free(back);
    return status;
}

START_TEST(test_failing_allocations_are_told) {
    lgd_status status = LGD_E_MEMORY;
    uint64_t k = 0;
    draw_scores(1);
    while (status != LGD_OK && k < 200) {
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
    ck_assert_uint_gt(k, 8);
}
END_TEST

Suite *ensemble_suite(void) {
    Suite *suite = suite_create("ensemble");
    TCase *tests = tcase_create("ensemble");
    tcase_add_test(tests, test_a_bad_ensemble_is_refused_in_words);
    tcase_add_test(tests, test_a_text_becomes_seats_in_its_order);
    tcase_add_test(tests, test_weights_are_for_all_or_for_none);
    tcase_add_test(tests, test_every_name_can_judge_sessions);
    tcase_add_test(tests, test_without_weights_those_who_know_sessions_judge_them);
    tcase_add_test(tests, test_by_default_the_order_speaks_only_when_it_is_much_surer);
    tcase_add_test(tests, test_weights_make_the_mean_of_bits);
    tcase_add_test(tests, test_the_rate_that_is_asked_for_is_about_what_is_flagged);
    tcase_add_test(tests, test_the_worst_of_many_lines_is_calibrated_first);
    tcase_add_test(tests, test_who_carries_the_mean_speaks);
    tcase_add_test(tests, test_suspects_calibrate_nothing);
    tcase_add_test(tests, test_the_order_tells_what_training_sessions_were_to_others);
    tcase_add_test(tests, test_an_ensemble_comes_back_the_same);
    tcase_add_test(tests, test_impossible_ensembles_are_refused);
    tcase_add_test(tests, test_no_damaged_byte_does_harm);
    tcase_add_test(tests, test_failing_allocations_are_told);
    suite_add_tcase(suite, tests);
    return suite;
}
