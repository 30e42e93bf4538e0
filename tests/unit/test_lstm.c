/*
 * Tests of detect/lstm and follower on small grammars: what is out of place, missing or cut off scores highest; what is
 * said does not depend on calls, threads or what was forgotten; no saved byte is trusted.
 */
#include "../../src/detect/lstm.h"
#include "../../src/detect/prefix_cache.h"
#include "../../src/detect/streams.h"

#include "lstm_log.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>

Suite *lstm_suite(void);

static step_log training, scanned;
static lgd_foretold told[LOG_MAX_STEPS], told_again[LOG_MAX_STEPS];

/* ---- logs ---- */

static void add_ordinary(step_log *log, lgd_rng *r, uint64_t stream) {
    char letters[32] = "";
    for (uint32_t n = 1 + lgd_rng_below(r, 3); n > 0; n--) strcat(letters, "ABCD");
    strcat(letters, "E");
    log_add(log, stream, letters);
}

/* Sessions of ABCD, once to three times, then E. */
static void fill_training(size_t n_sessions) {
    lgd_rng r;
    lgd_rng_init(&r, 3);
    training.n = 0;
    for (uint64_t s = 0; s < n_sessions; s++) add_ordinary(&training, &r, 1000 + s);
    log_interleave(&training, 4);
}

static lgd_lstm *learn(size_t n_sessions, size_t held_every) {
    lgd_lstm_options o = small_options();
    fill_training(n_sessions);
    return learn_log(&training, &o, held_every, NULL);
}

/* The first letter of a log with these letters where streams are processes. */
static void fill_scanned(size_t n_sessions) {
    static const char *const odd[] = {"ABCE", "ABDCE", "BCDE", "ABCDABCD", "ABCDE?", "E", "?", "ABCDEABCDEABCDE"};
    lgd_rng r;
    lgd_rng_init(&r, 7);
    scanned.n = 0;
    for (uint64_t s = 0; s < n_sessions; s++) {
        add_ordinary(&scanned, &r, 1000 + s);
        if (s % 3 == 0) log_add(&scanned, 20000 + s, odd[s / 3 % 8]);
        if (s % 5 == 0) add_ordinary(&scanned, &r, s % 100);
    }
    log_interleave(&scanned, 8);
}

static lgd_follower *follow_with(const lgd_lstm *l, lgd_engine *e, size_t most_prefixes) {
    lgd_follower *f = NULL;
    lgd_err err = {0};
    ck_assert_msg(follower_new(l, e, most_prefixes, &f, &err) == LGD_OK, "%s", err.text);
    return f;
}

/* Follows the log in calls of so many steps. */
static void follow_in(lgd_follower *f, const step_log *log, size_t call, lgd_foretold *ret) {
    for (size_t i = 0; i < log->n; i += call) {
        size_t n = log->n - i < call ? log->n - i : call;
        ck_assert_int_eq(lgd_follower_add(f, log->steps + i, n, ret + i, NULL), LGD_OK);
    }
    ck_assert_int_eq(lgd_follower_finish(f, NULL), LGD_OK);
}

/* One session alone. ret: of each event. */
static lgd_lstm_session follow_one(const lgd_lstm *l, const char *letters, lgd_foretold *ret) {
    lgd_engine e = open_engine(NULL);
    lgd_follower *f = follow_with(l, &e, PREFIX_CACHE_MOST);
    lgd_lstm_session s;
    scanned.n = 0;
    log_add(&scanned, 500, letters);
    follow_in(f, &scanned, 1000, ret);
    if (lgd_follower_session(f, 501, &s)) ck_abort_msg("something is known of a session that never was");
    ck_assert(lgd_follower_session(f, 500, &s));
    lgd_follower_free(f);
    lgd_engine_close(&e);
    return s;
}

/* ---- what is learned ---- */

START_TEST(test_what_is_out_of_place_scores_highest) {
    static const struct {
        const char *letters;
        lgd_template_id at;
    } odd[] = {{"ABDCE", 4},
               {"ABCE", 4},
               {"ACDE", 2},
               {"BCDE", 1},
               {"ABBCDE", 1},
               {"ABCDEE", 4},
               {"ABC", LGD_ORDER_END},
               {"ABCDABCD", LGD_ORDER_END}};
    lgd_lstm *l = learn(200, 5);
    for (size_t i = 0; i < 3; i++) {
        lgd_lstm_session s = follow_one(l, &"ABCDABCDABCDE"[4 * i], told);
        ck_assert_msg(s.at_worst.score < 2, "%zu: %g", i, (double)s.at_worst.score);
    }
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
        lgd_lstm_session s = follow_one(l, odd[i].letters, told);
        ck_assert_msg(s.at_worst.score > 5, "%s: %g", odd[i].letters, (double)s.at_worst.score);
        if (i) ck_assert_msg(s.at == odd[i].at, "%s: worst is %u", odd[i].letters, (unsigned)s.at);
    }
    lgd_lstm_free(l);
    lgd_lstm_free(NULL);
}
END_TEST

/* What is told of an event is what the network says of its window up to it, which is ranked here by hand. */
START_TEST(test_what_is_told_is_what_the_network_says) {
    static const char letters[] = "ABDC";
    enum { N = sizeof letters - 1, STEPS = 6 };
    lgd_lstm *l = learn(200, 5);
    lgd_engine e = open_engine(NULL);
    lgd_ranker *r = NULL;
    int32_t inputs[STEPS], targets[STEPS];
    lgd_ranked ranked[STEPS];
    (void)follow_one(l, letters, told);
    for (size_t t = 0; t < STEPS; t++) {
        inputs[t] = t == 0 ? ROW_START : t < N ? targets[t - 1] : -1;
        targets[t] = t < N ? vocab_find(&l->vocab, (lgd_template_id)(letters[t] - 'A'))->row : -1;
    }
    ck_assert_uint_eq(l->net->shape.steps, STEPS);
    ck_assert_int_eq(lgd_ranker_new(l->net, &e, &r, NULL), LGD_OK);
    ck_assert_int_eq(lgd_ranker_run(r, &(lgd_windows){.n = 1, .inputs = inputs, .targets = targets}, ranked, NULL),
                     LGD_OK);
    for (size_t t = 0; t < N; t++) {
        double step = exp2(1.0 / 64); /* log2 p comes in steps */
        double p = exp2((double)ranked[t].log2_p), p_best = exp2((double)ranked[t].log2_p_best);
        ck_assert_double_gt((double)told[t].p, p / step);
        ck_assert_double_lt((double)told[t].p, p * step);
        ck_assert_double_gt((double)told[t].p_expected, p_best / step);
        ck_assert_double_lt((double)told[t].p_expected, p_best * step);
        ck_assert_uint_eq(told[t].expected, l->vocab.ids[ranked[t].best]);
        double ratio = log2((double)told[t].p_expected / (double)told[t].p);
        ck_assert_double_le((double)told[t].score, ratio + 1e-4); /* or less, by its cap */
    }
    lgd_ranker_free(r);
    lgd_engine_close(&e);
    lgd_lstm_free(l);
}
END_TEST

START_TEST(test_the_worst_is_told_with_what_was_expected) {
    lgd_lstm *l = learn(200, 5);
    lgd_lstm_session s = follow_one(l, "ABCE", told);
    ck_assert_uint_eq(s.at, 4);
    ck_assert_uint_eq(s.before[0], 0);
    ck_assert_uint_eq(s.before[2], 2);
    ck_assert_uint_eq(s.at_worst.expected, 3);
    ck_assert(s.at_worst.p_expected > 0.9f && s.at_worst.p < 0.05f);
    ck_assert_mem_eq(&s.at_worst, &told[3], sizeof told[3]);
    s = follow_one(l, "BCDE", told);
    ck_assert(s.at == 1 && s.before[0] == LGD_ORDER_START && s.before[2] == LGD_ORDER_START);
    ck_assert_uint_eq(s.at_worst.expected, 0);
    s = follow_one(l, "A?B?", told); /* of two that are as bad it is the first */
    ck_assert(s.at == LGD_NO_TEMPLATE && s.before[2] == 0 && told[1].score == told[3].score);
    (void)follow_one(l, "ABCDED", told);
    ck_assert_uint_eq(told[5].expected, LGD_ORDER_END);
    lgd_lstm_free(l);
}
END_TEST

START_TEST(test_what_training_does_not_know_scores_as_much_as_can_be) {
    lgd_lstm *l = learn(200, 5);
    float most = bits64_value(l->vocab.unknown.cap);
    static const lgd_template_id strangers[] = {5, 4711, LGD_NO_TEMPLATE};
    for (size_t i = 0; i < 3; i++) {
        lgd_engine e = open_engine(NULL);
        lgd_follower *f = follow_with(l, &e, PREFIX_CACHE_MOST);
        ck_assert_int_eq(lgd_follower_add(f, &(lgd_step){1, true, strangers[i]}, 1, told, NULL), LGD_OK);
        ck_assert(told[0].score == most && told[0].p == 0 && told[0].expected == 0);
        lgd_follower_free(f);
        lgd_engine_close(&e);
    }
    for (lgd_template_id id = 0; id < 5; id++) ck_assert(bits64_value(vocab_find(&l->vocab, id)->cap) < most);
    lgd_lstm_free(l);
}
END_TEST

/* The probabilities of all that can come after these letters, the end with them. */
static double sum_after(const lgd_lstm *l, const char *letters, lgd_template_id n_templates) {
    lgd_engine e = open_engine(NULL);
    lgd_follower *f = follow_with(l, &e, PREFIX_CACHE_MOST);
    double sum = 0;
    scanned.n = 0;
    for (lgd_template_id id = 0; id <= n_templates; id++) {
        log_add(&scanned, 1000 + id, letters);
        scanned.steps[scanned.n++] = (lgd_step){1000 + id, true, id < n_templates ? id : LGD_ORDER_END};
    }
    follow_in(f, &scanned, scanned.n, told);
    for (size_t i = strlen(letters); i < scanned.n; i += strlen(letters) + 1) sum += (double)told[i].p;
    lgd_follower_free(f);
    lgd_engine_close(&e);
    return sum;
}

/* Half of 1/64 bit, which rounding may cost. */
#define ROUNDING 0.0055

START_TEST(test_probabilities_sum_to_one) {
    lgd_lstm *l = learn(200, 5);
    static const char *const contexts[] = {"A", "ABC", "ABCDABCD", "BBB"};
    for (size_t i = 0; i < 4; i++) {
        double sum = sum_after(l, contexts[i], 5);
        ck_assert_msg(fabs(sum - 1) < ROUNDING, "%s: %g", contexts[i], sum);
    }
    lgd_lstm_free(l);
}
END_TEST

/* 1,500 templates, far more than rows: those of a shared row are told apart by their share of it. */
START_TEST(test_rare_templates_share_their_rows_probability) {
    lgd_lstm_options o = small_options();
    lgd_rng r;
    lgd_rng_init(&r, 5);
    training.n = 0;
    for (uint64_t s = 0; s < 3000; s++) /* template 0, then one of many */
        for (size_t k = 0; k < 2; k++) {
            lgd_template_id id = k ? 1 + (s < 1499 ? (uint32_t)s : lgd_rng_below(&r, 200)) : 0;
            training.steps[training.n++] = (lgd_step){1000 + s, true, id};
        }
    o.epochs = 2;
    lgd_lstm_fit_summary summary;
    lgd_lstm *l = learn_log(&training, &o, 0, &summary);
    ck_assert_uint_eq(summary.vocab, VOCAB_MAX_ROWS);
    double sum = sum_after(l, "A", 1500);
    ck_assert_msg(fabs(sum - 1) < ROUNDING, "%g", sum);
    size_t shared = 0;
    for (lgd_template_id id = 0; id < 1500; id++) shared += vocab_find(&l->vocab, id)->share < 0;
    ck_assert_uint_gt(shared, 300);
    lgd_lstm_free(l);
}
END_TEST

/* A model of n templates that came once each, and of a network that learned nothing. */
static lgd_lstm *make_untrained(size_t n, uint32_t rows) {
    lgd_lstm *l = lgd_calloc(1, sizeof *l);
    vocab_count *counts = lgd_alloc(n * sizeof *counts);
    for (size_t i = 0; i < n; i++) counts[i] = (vocab_count){(lgd_template_id)i, 1};
    ck_assert_int_eq(vocab_init(&l->vocab, counts, n, 10, VOCAB_MAX_ROWS, NULL), LGD_OK);
    lgd_net_shape shape = {.vocab = rows, .width = 4, .steps = 6, .n_layers = 1, .units = {4}};
    ck_assert_int_eq(lgd_net_new(&shape, 1, &l->net, NULL), LGD_OK);
    return l;
}

/* Where a shared row is expected, none of those that share it alike is a surprise. */
START_TEST(test_what_shares_the_expected_row_is_told_from_the_likeliest_of_it) {
    lgd_lstm *l = make_untrained(1500, VOCAB_MAX_ROWS);
    const vocab_place *p = vocab_find(&l->vocab, 1400);
    l->net->params[lgd_net_tensor(l->net, "prior")->at + p->row] = 50;
    lgd_engine e = open_engine(NULL);
    lgd_follower *f = follow_with(l, &e, PREFIX_CACHE_MOST);
    ck_assert_int_lt(p->share, -64);
    ck_assert_int_eq(lgd_follower_add(f, &(lgd_step){1, true, 1400}, 1, told, NULL), LGD_OK);
    ck_assert(told[0].score == 0 && told[0].p_expected > 0.99f && told[0].expected == LGD_NO_TEMPLATE);
    ck_assert_double_eq_tol(log2((double)told[0].p), (double)bits64_value(p->share), 0.02);
    lgd_follower_free(f);
    lgd_engine_close(&e);
    lgd_lstm_free(l);
}
END_TEST

START_TEST(test_only_sessions_have_an_end) {
    lgd_lstm_options o = small_options();
    training.n = 0;
    for (uint64_t s = 0; s < 60; s++) log_add(&training, 1 + s, "ABCABCABCABCABC");
    lgd_lstm *l = learn_log(&training, &o, 6, NULL);
    ck_assert_uint_eq(l->vocab.n_ends, 0);
    lgd_engine e = open_engine(NULL);
    lgd_follower *f = follow_with(l, &e, PREFIX_CACHE_MOST);
    lgd_lstm_session s;
    follow_in(f, &training, 100, told);
    ck_assert(!lgd_follower_session(f, 1, &s));
    for (size_t i = 0; i < training.n; i++)
        if (told[i].score > 1) ck_abort_msg("event %zu: %g", i, (double)told[i].score);
    lgd_follower_free(f);
    lgd_engine_close(&e);
    lgd_lstm_free(l);
}
END_TEST

/* The second window of a session knows the last event of the first, and a new input starts anew but for sessions. */
START_TEST(test_context_goes_on_within_a_stream) {
    lgd_lstm *l = learn(200, 5);
    lgd_engine e = open_engine(NULL);
    lgd_follower *f = follow_with(l, &e, PREFIX_CACHE_MOST);
    scanned.n = 0;
    log_add(&scanned, 7, "ABCDAB"); /* a window is full */
    ck_assert_int_eq(lgd_follower_add(f, scanned.steps, 6, told, NULL), LGD_OK);
    ck_assert_int_eq(lgd_follower_add(f, &(lgd_step){7, false, 2}, 1, told, NULL), LGD_OK);
    ck_assert(told[0].score < 1);
    lgd_follower_begin_input(f);
    ck_assert_int_eq(lgd_follower_add(f, &(lgd_step){7, false, 3}, 1, told, NULL), LGD_OK);
    ck_assert_msg(told[0].score > 5 && told[0].expected == 0, "%g", (double)told[0].score);
    for (size_t i = 0; i < 2; i++) { /* a session goes on in the next input */
        ck_assert_int_eq(lgd_follower_add(f, &(lgd_step){700, true, (lgd_template_id)i}, 1, told, NULL), LGD_OK);
        lgd_follower_begin_input(f);
    }
    ck_assert(told[0].score < 1);
    lgd_follower_free(f);
    lgd_engine_close(&e);
    lgd_lstm_free(l);
}
END_TEST

START_TEST(test_bits_are_calibrated_by_held_out_sessions) {
    lgd_lstm *few = learn(200, 5), *enough = learn(300, 5); /* 40 and 60 are held out */
    lgd_lstm_session a = follow_one(few, "ABCE", told), b = follow_one(enough, "ABCE", told);
    /* Few of them carry few bits, however high the score. */
    ck_assert_msg(a.bits > 1 && a.bits < log2(41) + 2.5, "%g of %g", a.bits, (double)a.at_worst.score);
    ck_assert(enough->calibration.n > 0);
    double usual = follow_one(enough, "ABCDE", told).bits;
    ck_assert_msg(b.bits > usual + 1.5 && b.bits < 20, "%g, usual %g", b.bits, usual);
    lgd_lstm_free(few);
    lgd_lstm_free(enough);
}
END_TEST

/* Where all sessions score alike, what is beyond them by as many bits as they carry has these bits. */
START_TEST(test_what_training_never_had_counts_where_all_of_it_is_alike) {
    float alike[63] = {0}, apart[63];
    lgd_calibration c = {0};
    ck_assert_int_eq(lgd_calibrate(alike, 63, 0, 0.25, &c, NULL), LGD_OK);
    ck_assert_double_eq(lgd_calibration_bits(&c, 8), 2);
    calibration_carry(&c, 63);
    ck_assert_double_eq(lgd_calibration_bits(&c, 0), 0);
    ck_assert_double_eq(lgd_calibration_bits(&c, 3), 3);
    ck_assert_double_eq(lgd_calibration_bits(&c, 6), 6);
    ck_assert_double_eq(lgd_calibration_bits(&c, 8), 6.5);
    lgd_calibration_release(&c);
    for (int i = 0; i < 63; i++) apart[i] = (float)i / 8;
    ck_assert_int_eq(lgd_calibrate(apart, 63, 0, 0.25, &c, NULL), LGD_OK);
    double before = lgd_calibration_bits(&c, 20);
    calibration_carry(&c, 63); /* one bit is all that the last of them left */
    ck_assert_double_eq(lgd_calibration_bits(&c, 7.75), 5);
    ck_assert_double_le(lgd_calibration_bits(&c, 20) - before, 0.75);
    lgd_calibration_release(&c);
    calibration_carry(&c, 63); /* of no scores */
    ck_assert_uint_eq(c.n, 0);
}
END_TEST

START_TEST(test_squared_errors_rank_too) {
    lgd_lstm_options o = small_options();
    o.loss = LGD_LOSS_SQUARED;
    o.epochs = 20;
    fill_training(200);
    lgd_lstm *l = learn_log(&training, &o, 5, NULL);
    lgd_lstm_session good = follow_one(l, "ABCDABCDE", told), bad = follow_one(l, "ABCE", told);
    ck_assert_msg(good.at_worst.score < 0.7f && bad.at_worst.score > 1, "%g, %g", (double)good.at_worst.score,
                  (double)bad.at_worst.score);
    ck_assert(bad.at == 4 && bad.at_worst.expected == 3 && bad.at_worst.p == 0);
    ck_assert(follow_one(l, "ABCZ", told).at_worst.score >= 2);
    lgd_lstm_free(l);
}
END_TEST

/* ---- fitting ---- */

START_TEST(test_a_fit_tells_what_it_did) {
    lgd_lstm_options o = small_options();
    lgd_lstm_fit_summary s;
    fill_training(100);
    lgd_lstm_free(learn_log(&training, &o, 5, &s));
    ck_assert_uint_ge(s.windows, 100);
    ck_assert(s.distinct == s.fitted + s.held && s.fitted >= 4 && s.held >= 4 && s.distinct < 30);
    ck_assert_uint_eq(s.vocab, ROW_TEMPLATES + 5);
    ck_assert(s.epochs == o.epochs && s.stop == LGD_STOP_EPOCHS);
    ck_assert(s.loss > 0 && s.loss < 1 && s.held_loss > 0 && s.held_loss < 1);
}
END_TEST

START_TEST(test_no_more_windows_are_fitted_than_allowed) {
    lgd_lstm_options o = small_options();
    lgd_lstm_fit_summary s;
    fill_training(200);
    o.max_windows = 4;
    o.epochs = 1;
    lgd_lstm_free(learn_log(&training, &o, 5, &s));
    ck_assert(s.fitted == 4 && s.held == 1);
}
END_TEST

/* Fewer windows than a batch, sessions shorter than a window, nothing held out. */
START_TEST(test_a_small_log_is_learned) {
    lgd_lstm_options o = small_options();
    training.n = 0;
    for (uint64_t s = 0; s < 16; s++) log_add(&training, 100 + s, "AB");
    o.steps = 20;
    lgd_lstm_fit_summary s;
    lgd_lstm *l = learn_log(&training, &o, 0, &s);
    ck_assert(s.windows == 16 && s.distinct == 1 && s.held == 0);
    ck_assert(follow_one(l, "AB", told).at_worst.score < 0.5f && follow_one(l, "A", told).at_worst.score > 4);
    lgd_lstm_free(l);
}
END_TEST

static lgd_status try_fit(size_t n_sessions, bool of_nothing, lgd_lstm_options o, uint32_t steps, lgd_err *err) {
    lgd_engine e = open_engine(NULL);
    lgd_lstm *l = NULL;
    lgd_lstm_fit_summary summary;
    training.n = 0;
    for (uint64_t s = 0; s < n_sessions; s++)
        log_add(&training, (of_nothing ? 1 : 100) + s, of_nothing ? "???" : "ABC");
    lgd_corpus *c = gather(&training, &o, 0);
    o.steps = steps;
    lgd_status status = lgd_lstm_fit(c, &o, &e, NULL, &l, &summary, err);
    ck_assert(status == LGD_OK || (!l && err->text[0]));
    lgd_lstm_free(l);
    lgd_corpus_free(c);
    lgd_engine_close(&e);
    return status;
}

START_TEST(test_what_cannot_be_learned_is_refused) {
    lgd_err err[5] = {{0}};
    lgd_lstm_options o = small_options(), wide = small_options();
    o.epochs = 1;
    wide.n_layers = 99;
    ck_assert_int_eq(try_fit(0, false, o, 6, &err[0]), LGD_E_DATA);
    ck_assert_int_eq(try_fit(15, false, o, 6, &err[1]), LGD_E_DATA);
    ck_assert(strstr(err[1].text, "15 windows") && strstr(err[1].text, "16"));
    ck_assert_int_eq(try_fit(90, true, o, 6, &err[2]), LGD_E_DATA);
    ck_assert_int_eq(try_fit(20, false, o, 7, &err[3]), LGD_E_USAGE);
    ck_assert_int_eq(try_fit(20, false, wide, 6, &err[4]), LGD_E_USAGE);
    ck_assert_int_eq(try_fit(16, false, o, 6, &err[4]), LGD_OK);
}
END_TEST

static void count_epochs(void *ctx, const lgd_epoch *epoch) {
    ck_assert_uint_eq(epoch->number, ++*(uint32_t *)ctx);
    ck_assert(isfinite(epoch->loss) && isfinite(epoch->held_loss));
}

START_TEST(test_each_epoch_is_told) {
    lgd_lstm_options o = small_options();
    lgd_engine e = open_engine(NULL);
    lgd_lstm *l = NULL;
    lgd_lstm_fit_summary summary;
    uint32_t n = 0;
    fill_training(50);
    o.epochs = 3;
    lgd_corpus *c = gather(&training, &o, 5);
    lgd_lstm_course course = {.told = count_epochs, .ctx = &n};
    ck_assert_int_eq(lgd_lstm_fit(c, &o, &e, &course, &l, &summary, NULL), LGD_OK);
    ck_assert(n == 3 && summary.epochs == 3);
    lgd_lstm_free(l);
    lgd_corpus_free(c);
    lgd_engine_close(&e);
}
END_TEST

/* ---- following: the same, however it is done ---- */

static void assert_same_sessions(const lgd_follower *a, const lgd_follower *b, size_t n) {
    for (uint64_t s = 1000; s < 1000 + n; s++)
        for (uint64_t k = 0; k < 2; k++) {
            lgd_lstm_session x = {0}, y = {0};
            if (lgd_follower_session(a, s + 19000 * k, &x) != lgd_follower_session(b, s + 19000 * k, &y) ||
                memcmp(&x, &y, sizeof x) != 0)
                ck_abort_msg("session %d", (int)s);
        }
}

START_TEST(test_the_result_does_not_depend_on_calls) {
    static const size_t calls[] = {1, 7, 1000};
    lgd_lstm *l = learn(100, 0);
    lgd_engine e = open_engine(NULL);
    lgd_follower *a = follow_with(l, &e, PREFIX_CACHE_MOST), *b = follow_with(l, &e, PREFIX_CACHE_MOST);
    fill_scanned(200);
    follow_in(a, &scanned, scanned.n, told);
    follow_in(b, &scanned, calls[_i], told_again);
    ck_assert_mem_eq(told, told_again, scanned.n * sizeof *told);
    assert_same_sessions(a, b, 200);
    lgd_follower_free(a);
    lgd_follower_free(b);
    lgd_engine_close(&e);
    lgd_lstm_free(l);
}
END_TEST

START_TEST(test_the_result_does_not_depend_on_threads) {
    lgd_pool *pool = NULL;
    lgd_lstm_options o = small_options();
    lgd_lstm *l[2];
    lgd_buf saved[2] = {{0}};
    ck_assert_int_eq(lgd_pool_new(3, &pool, NULL), LGD_OK);
    fill_training(300);
    o.epochs = 2;
    for (size_t i = 0; i < 2; i++) {
        lgd_engine e = open_engine(i ? pool : NULL);
        lgd_corpus *c = gather(&training, &o, 5);
        lgd_lstm_fit_summary summary;
        ck_assert_int_eq(lgd_lstm_fit(c, &o, &e, NULL, &l[i], &summary, NULL), LGD_OK);
        ck_assert_int_eq(lgd_lstm_save(l[i], &saved[i], NULL), LGD_OK);
        lgd_corpus_free(c);
        fill_scanned(200);
        lgd_follower *f = follow_with(l[i], &e, PREFIX_CACHE_MOST);
        follow_in(f, &scanned, scanned.n, i ? told_again : told);
        lgd_follower_free(f);
        lgd_engine_close(&e);
    }
    ck_assert(lgd_sv_eq(lgd_buf_sv(&saved[0]), lgd_buf_sv(&saved[1])));
    ck_assert_mem_eq(told, told_again, scanned.n * sizeof *told);
    for (size_t i = 0; i < 2; i++) {
        lgd_buf_release(&saved[i]);
        lgd_lstm_free(l[i]);
    }
    lgd_pool_free(pool);
}
END_TEST

/* A cache of 16 entries is emptied again and again. */
START_TEST(test_the_result_does_not_depend_on_what_was_forgotten) {
    lgd_lstm *l = learn(100, 0);
    lgd_engine e = open_engine(NULL);
    lgd_follower *a = follow_with(l, &e, PREFIX_CACHE_MOST), *b = follow_with(l, &e, 16);
    fill_scanned(100);
    follow_in(a, &scanned, scanned.n, told);
    follow_in(b, &scanned, 100, told_again);
    ck_assert_mem_eq(told, told_again, scanned.n * sizeof *told);
    assert_same_sessions(a, b, 100);
    lgd_follower_free(a);
    lgd_follower_free(b);
    lgd_engine_close(&e);
    lgd_lstm_free(l);
}
END_TEST

/* Other streams are forgotten, but not the one that goes on all the time. */
START_TEST(test_streams_that_are_followed_are_bounded) {
    static const char letters[] = "ABCDABCDABCDE";
    enum { N_STREAMS = 3 * MAX_OTHER_STREAMS / 2, FIRST = MAX_OTHER_STREAMS * 3 / 4, EVERY = 3000 };
    lgd_lstm *l = learn(200, 5);
    lgd_engine e = open_engine(NULL);
    lgd_follower *f = follow_with(l, &e, PREFIX_CACHE_MOST);
    lgd_foretold one, first = {0};
    for (uint64_t s = 0; s < N_STREAMS; s++) {
        size_t at = s < FIRST ? 0 : (s - FIRST) / EVERY;
        if (s >= FIRST && (s - FIRST) % EVERY == 0 && at < sizeof letters - 1) {
            lgd_template_id id = (lgd_template_id)(letters[at] - 'A');
            ck_assert_int_eq(lgd_follower_add(f, &(lgd_step){N_STREAMS, false, id}, 1, &one, NULL), LGD_OK);
            ck_assert_msg(one.score < 2, "event %zu: %g", at, (double)one.score);
        }
        ck_assert_int_eq(lgd_follower_add(f, &(lgd_step){s, false, 0}, 1, &one, NULL), LGD_OK);
        if (s == 0) first = one;
        if (memcmp(&one, &first, sizeof one) != 0) ck_abort_msg("stream %d", (int)s);
    }
    lgd_follower_free(f);
    lgd_engine_close(&e);
    lgd_lstm_free(l);
}
END_TEST

/* ---- saved form ---- */

START_TEST(test_what_is_saved_comes_back_the_same) {
    lgd_lstm *l = learn(300, 5), *back = NULL;
    lgd_buf saved = {0}, again = {0};
    lgd_engine e = open_engine(NULL);
    ck_assert_int_eq(lgd_lstm_save(l, &saved, NULL), LGD_OK);
    ck_assert_int_eq(lgd_lstm_load(lgd_buf_sv(&saved), 5, &back, NULL), LGD_OK);
    ck_assert_int_eq(lgd_lstm_save(back, &again, NULL), LGD_OK);
    ck_assert(lgd_sv_eq(lgd_buf_sv(&saved), lgd_buf_sv(&again)));
    fill_scanned(100);
    lgd_follower *a = follow_with(l, &e, PREFIX_CACHE_MOST), *b = follow_with(back, &e, PREFIX_CACHE_MOST);
    follow_in(a, &scanned, scanned.n, told);
    follow_in(b, &scanned, scanned.n, told_again);
    ck_assert_mem_eq(told, told_again, scanned.n * sizeof *told);
    assert_same_sessions(a, b, 100);
    lgd_follower_free(a);
    lgd_follower_free(b);
    lgd_lstm_free(back);
    back = NULL;
    ck_assert_int_eq(lgd_lstm_load(lgd_buf_sv(&saved), 4, &back, NULL), LGD_E_DAMAGED); /* a template too many */
    lgd_buf_add_char(&saved, 0);
    ck_assert_int_eq(lgd_lstm_load(lgd_buf_sv(&saved), 5, &back, NULL), LGD_E_DAMAGED);
    ck_assert_ptr_null(back);
    lgd_buf_release(&saved);
    lgd_buf_release(&again);
    lgd_engine_close(&e);
    lgd_lstm_free(l);
}
END_TEST

/* Whatever loads is safe to use, and never says what is not a number. */
static bool try_forged(lgd_sv bytes, lgd_engine *e) {
    lgd_lstm *l = NULL;
    lgd_err err = {0};
    lgd_status status = lgd_lstm_load(bytes, 5, &l, &err);
    if (status != LGD_OK) {
        if ((status != LGD_E_DAMAGED && status != LGD_E_MEMORY) || l || !err.text[0])
            ck_abort_msg("status %d: %s", status, err.text);
        return false;
    }
    lgd_follower *f = follow_with(l, e, 64);
    follow_in(f, &scanned, scanned.n, told);
    for (size_t i = 0; i < scanned.n; i++) {
        const lgd_foretold *x = &told[i];
        bool template_or_mark = x->expected < 5 || x->expected == LGD_ORDER_END || x->expected == LGD_NO_TEMPLATE;
        if (!isfinite(x->score) || !(x->p >= 0) || !(x->p_expected >= 0) || !template_or_mark)
            ck_abort_msg("event %zu: %g, p %g of %g", i, (double)x->score, (double)x->p, (double)x->p_expected);
    }
    lgd_lstm_session s;
    ck_assert(lgd_follower_session(f, 1000, &s) && isfinite(s.bits));
    lgd_follower_free(f);
    lgd_lstm_free(l);
    return true;
}

START_TEST(test_no_damaged_byte_does_harm) {
    lgd_lstm_options o = small_options();
    lgd_buf saved = {0};
    lgd_engine e = open_engine(NULL);
    lgd_rng r;
    o.steps = 4;
    o.width = o.units[0] = 3;
    o.epochs = 1;
    fill_training(300);
    lgd_lstm *l = learn_log(&training, &o, 5, NULL);
    ck_assert_int_eq(lgd_lstm_save(l, &saved, NULL), LGD_OK);
    fill_scanned(2);
    for (size_t n = 0; n < saved.n; n++)
        if (try_forged((lgd_sv){saved.p, n}, &e)) ck_abort_msg("%zu of %zu bytes", n, saved.n);
    lgd_rng_init(&r, 9);
    for (size_t i = 0; i < 2 * saved.n; i++) {
        size_t at = i / 2;
        char old = saved.p[at];
        saved.p[at] = (char)(i % 2 ? 0xff : old ^ (1 << lgd_rng_below(&r, 8)));
        (void)try_forged(lgd_buf_sv(&saved), &e);
        saved.p[at] = old;
    }
    ck_assert(try_forged(lgd_buf_sv(&saved), &e));
    lgd_buf_release(&saved);
    lgd_engine_close(&e);
    lgd_lstm_free(l);
}
END_TEST

START_TEST(test_a_network_of_other_rows_is_damaged) {
    lgd_buf saved = {0};
    for (uint32_t more = 0; more < 3; more++) {
        lgd_lstm *l = make_untrained(5, ROW_TEMPLATES + 4 + more), *back = NULL;
        lgd_buf_clear(&saved);
        ck_assert_int_eq(lgd_lstm_save(l, &saved, NULL), LGD_OK);
        ck_assert_int_eq(lgd_lstm_load(lgd_buf_sv(&saved), 5, &back, NULL), more == 1 ? LGD_OK : LGD_E_DAMAGED);
        lgd_lstm_free(l);
        lgd_lstm_free(back);
    }
    lgd_buf_release(&saved);
}
END_TEST

START_TEST(test_the_default_network_is_small) {
    lgd_lstm_options o;
    lgd_lstm_options_init(&o);
    lgd_net_shape shape = {.vocab = VOCAB_MAX_ROWS, .width = o.width, .steps = o.steps, .n_layers = o.n_layers};
    memcpy(shape.units, o.units, sizeof shape.units);
    lgd_net *net = NULL;
    ck_assert_int_eq(lgd_net_new(&shape, o.seed, &net, NULL), LGD_OK);
    ck_assert_uint_lt(net->n_params * sizeof(float), 1 << 19);
    lgd_net_free(net);
}
END_TEST

/* ---- memory ---- */

static lgd_status whole_life(lgd_engine *e, lgd_buf *saved, lgd_err *err) {
    lgd_lstm_options o = small_options();
    lgd_corpus *c = NULL;
    lgd_lstm *l = NULL, *back = NULL;
    lgd_follower *f = NULL;
    lgd_lstm_fit_summary summary;
    o.epochs = 1;
    lgd_status status = lgd_corpus_new(&o, &c, err);
    for (size_t i = 0; i < training.n && status == LGD_OK; i++)
        status = lgd_corpus_add(c, &training.steps[i], training.steps[i].stream % 2 == 0, err);
    if (status == LGD_OK) status = lgd_lstm_fit(c, &o, e, NULL, &l, &summary, err);
    if (status == LGD_OK) status = lgd_lstm_save(l, saved, err);
    if (status == LGD_OK) status = lgd_lstm_load(lgd_buf_sv(saved), 5, &back, err);
    if (status == LGD_OK) status = follower_new(back, e, 32, &f, err);
    if (status == LGD_OK) status = lgd_follower_add(f, scanned.steps, scanned.n, told, err);
    if (status == LGD_OK) status = lgd_follower_finish(f, err);
    lgd_follower_free(f);
    lgd_lstm_free(l);
    lgd_lstm_free(back);
    lgd_corpus_free(c);
    return status;
}

START_TEST(test_failing_allocations_are_told) {
    lgd_status status = LGD_E_MEMORY;
    lgd_engine e = open_engine(NULL);
    uint64_t k = 0;
    fill_training(102); /* enough to be calibrated */
    fill_scanned(10);
    while (status != LGD_OK && k < 5000) {
        lgd_buf saved = {0};
        lgd_err err = {0};
        k++;
        lgd_alloc_fail_at(k, k % 2 == 0);
        status = whole_life(&e, &saved, &err);
        lgd_alloc_fail_at(0, false);
        if (status != LGD_OK && (status != LGD_E_MEMORY || !err.text[0])) ck_abort_msg("allocation %d", (int)k);
        lgd_buf_release(&saved);
    }
    ck_assert_int_eq(status, LGD_OK);
    ck_assert_uint_gt(k, 60);
    lgd_engine_close(&e);
}
END_TEST

Suite *lstm_suite(void) {
    Suite *s = suite_create("lstm");
    TCase *scores = tcase_create("scores"), *fit = tcase_create("fit"), *follow = tcase_create("follow");
    TCase *saved = tcase_create("saved");
    tcase_add_test(scores, test_what_is_out_of_place_scores_highest);
    tcase_add_test(scores, test_the_worst_is_told_with_what_was_expected);
    tcase_add_test(scores, test_what_is_told_is_what_the_network_says);
    tcase_add_test(scores, test_what_training_does_not_know_scores_as_much_as_can_be);
    tcase_add_test(scores, test_probabilities_sum_to_one);
    tcase_add_test(scores, test_rare_templates_share_their_rows_probability);
    tcase_add_test(scores, test_what_shares_the_expected_row_is_told_from_the_likeliest_of_it);
    tcase_add_test(scores, test_only_sessions_have_an_end);
    tcase_add_test(scores, test_context_goes_on_within_a_stream);
    tcase_add_test(scores, test_bits_are_calibrated_by_held_out_sessions);
    tcase_add_test(scores, test_what_training_never_had_counts_where_all_of_it_is_alike);
    tcase_add_test(scores, test_squared_errors_rank_too);
    suite_add_tcase(s, scores);
    tcase_add_test(fit, test_a_fit_tells_what_it_did);
    tcase_add_test(fit, test_no_more_windows_are_fitted_than_allowed);
    tcase_add_test(fit, test_a_small_log_is_learned);
    tcase_add_test(fit, test_what_cannot_be_learned_is_refused);
    tcase_add_test(fit, test_each_epoch_is_told);
    suite_add_tcase(s, fit);
    tcase_add_loop_test(follow, test_the_result_does_not_depend_on_calls, 0, 3);
    tcase_add_test(follow, test_the_result_does_not_depend_on_threads);
    tcase_add_test(follow, test_the_result_does_not_depend_on_what_was_forgotten);
    tcase_add_test(follow, test_streams_that_are_followed_are_bounded);
    suite_add_tcase(s, follow);
    tcase_add_test(saved, test_what_is_saved_comes_back_the_same);
    tcase_add_test(saved, test_no_damaged_byte_does_harm);
    tcase_add_test(saved, test_a_network_of_other_rows_is_damaged);
    tcase_add_test(saved, test_the_default_network_is_small);
    tcase_add_test(saved, test_failing_allocations_are_told);
    suite_add_tcase(s, saved);
    return s;
}
