/*
 * Tests of a fit of detect/lstm that is cut short: from any of its states it ends in the same bytes, one that is over ends
 * at once, and a state of another fit or a damaged one is refused.
 */
#include "lstm_log.h"

#include <check.h>
#include <stdlib.h>

Suite *resume_suite(void);

static step_log training;

/* Sessions of ABCD, once to three times, then E; longer ones are those of `odd`. */
static void fill_training(bool odd) {
    static const char *const sessions[] = {"ABCDE", "ABCDABCDE", "ABCDABCDABCDE"};
    training.n = 0;
    for (uint64_t s = 0; s < 60; s++) log_add(&training, 1000 + s, sessions[s % 3]);
    if (odd) log_add(&training, 2000, "ABDCE");
    log_interleave(&training, 4);
}

/* Sessions without any order: what is learned of them does not hold for others. */
static void fill_noise(void) {
    lgd_rng r;
    lgd_rng_init(&r, 6);
    training.n = 0;
    for (uint64_t s = 0; s < 40; s++) {
        char letters[] = "??????";
        for (size_t i = 0; letters[i]; i++) letters[i] = (char)('A' + lgd_rng_below(&r, 5));
        log_add(&training, 1000 + s, letters);
    }
}

static lgd_lstm_options options(void) {
    lgd_lstm_options o = small_options();
    o.epochs = 4;
    return o;
}

/* ---- what a fit leaves behind ---- */

enum { MOST_EPOCHS = 100 };

typedef struct record {
    lgd_buf states[MOST_EPOCHS];
    size_t n, refuse_at;
    uint64_t fail_at; /* which allocation of the fit fails */
    uint32_t told;
} record;

static void count_epoch(void *ctx, const lgd_epoch *epoch) {
    record *r = ctx;
    (void)epoch;
    r->told++;
}

static lgd_status keep_state(void *ctx, lgd_sv state, lgd_err *err) {
    record *r = ctx;
    ck_assert_uint_lt(r->n, MOST_EPOCHS);
    if (r->refuse_at && r->n + 1 == r->refuse_at) return lgd_fail(err, LGD_E_IO, "no room");
    lgd_buf_add_sv(&r->states[r->n], state);
    return r->states[r->n++].failed ? lgd_fail_memory(err, state.n) : LGD_OK;
}

static void record_release(record *r) {
    for (size_t i = 0; i < r->n; i++) lgd_buf_release(&r->states[i]);
}

/* Fits the training log from a state, the first of all if it is empty, to the saved form of the network. */
static lgd_status fit_from(lgd_sv state, const lgd_lstm_options *o, record *r, lgd_buf *ret,
                           lgd_lstm_fit_summary *ret_summary, lgd_err *err) {
    lgd_engine e = open_engine(NULL);
    lgd_lstm *l = NULL;
    lgd_lstm_course course = {count_epoch, keep_state, r, state, "x.state"};
    lgd_corpus *c = gather(&training, o, 5);
    lgd_alloc_fail_at(r->fail_at, r->fail_at % 2 == 0);
    lgd_status status = lgd_lstm_fit(c, o, &e, &course, &l, ret_summary, err);
    lgd_alloc_fail_at(0, false);
    if (status == LGD_OK) status = lgd_lstm_save(l, ret, err);
    lgd_lstm_free(l);
    lgd_corpus_free(c);
    lgd_engine_close(&e);
    return status;
}

static void assert_same_summary(const lgd_lstm_fit_summary *a, const lgd_lstm_fit_summary *b) {
    ck_assert(a->epochs == b->epochs && a->stop == b->stop);
    ck_assert_mem_eq(&a->loss, &b->loss, sizeof a->loss);
    ck_assert_mem_eq(&a->held_loss, &b->held_loss, sizeof a->held_loss);
}

/* From each of its states, or the last one and every so many before it, a fit comes to the same end. */
static lgd_stop compare_ends(const lgd_lstm_options *o, size_t every) {
    record whole = {0};
    lgd_buf saved = {0};
    lgd_lstm_fit_summary summary;
    lgd_err err = {0};
    ck_assert_msg(fit_from(LGD_SV(""), o, &whole, &saved, &summary, &err) == LGD_OK, "%s", err.text);
    ck_assert(whole.n == summary.epochs && whole.told == whole.n);
    for (size_t i = (whole.n - 1) % every; i < whole.n; i += every) {
        record rest = {0};
        lgd_buf again = {0};
        lgd_lstm_fit_summary other;
        ck_assert_msg(fit_from(lgd_buf_sv(&whole.states[i]), o, &rest, &again, &other, &err) == LGD_OK, "%s", err.text);
        ck_assert_uint_eq(rest.told, whole.n - 1 - i);
        ck_assert_uint_eq(rest.n, rest.told);
        for (size_t k = 0; k < rest.n; k++)
            ck_assert(lgd_sv_eq(lgd_buf_sv(&rest.states[k]), lgd_buf_sv(&whole.states[i + 1 + k])));
        ck_assert(lgd_sv_eq(lgd_buf_sv(&saved), lgd_buf_sv(&again)));
        assert_same_summary(&summary, &other);
        lgd_buf_release(&again);
        record_release(&rest);
    }
    lgd_buf_release(&saved);
    record_release(&whole);
    return summary.stop;
}

START_TEST(test_a_fit_goes_on_as_if_it_had_never_stopped) {
    lgd_lstm_options o = options();
    fill_training(false);
    ck_assert_int_eq(compare_ends(&o, 1), LGD_STOP_EPOCHS);
}
END_TEST

START_TEST(test_a_fit_that_ran_out_of_patience_stays_over) {
    lgd_lstm_options o = options();
    fill_noise();
    o.epochs = MOST_EPOCHS;
    ck_assert_int_eq(compare_ends(&o, 7), LGD_STOP_PATIENCE);
}
END_TEST

/* ---- what is refused ---- */

static lgd_buf first_state(void) {
    lgd_lstm_options o = options();
    record r = {0};
    lgd_buf saved = {0};
    lgd_lstm_fit_summary summary;
    fill_training(false);
    ck_assert_int_eq(fit_from(LGD_SV(""), &o, &r, &saved, &summary, NULL), LGD_OK);
    lgd_buf first = r.states[0];
    r.states[0] = (lgd_buf){0};
    record_release(&r);
    lgd_buf_release(&saved);
    return first;
}

static void expect_refused(lgd_sv state, const lgd_lstm_options *o, lgd_status expected, const char *text) {
    record r = {0};
    lgd_buf saved = {0};
    lgd_lstm_fit_summary summary = {.epochs = 99};
    lgd_err err = {0};
    lgd_status status = fit_from(state, o, &r, &saved, &summary, &err);
    ck_assert_msg(status == expected && strstr(err.text, text), "%d: %s", (int)status, err.text);
    ck_assert_msg(strncmp(err.text, "x.state: ", 9) == 0, "%s", err.text);
    ck_assert(r.told == 0 && r.n == 0 && saved.n == 0 && summary.epochs == 99);
}

START_TEST(test_a_state_of_another_fit_is_refused) {
    lgd_buf state = first_state();
    lgd_lstm_options same = options(), longer = options(), seed = options(), wider = options();
    longer.epochs++;
    seed.seed++;
    wider.units[0]++;
    expect_refused(lgd_buf_sv(&state), &longer, LGD_E_USAGE,
                   "of another network, or trained with other options or logs;");
    expect_refused(lgd_buf_sv(&state), &seed, LGD_E_USAGE, "of another network");
    expect_refused(lgd_buf_sv(&state), &wider, LGD_E_USAGE, "of another network");
    fill_training(true);
    expect_refused(lgd_buf_sv(&state), &same, LGD_E_USAGE, "or logs;");
    lgd_buf_release(&state);
}
END_TEST

START_TEST(test_a_damaged_state_is_refused) {
    lgd_buf state = first_state();
    lgd_lstm_options o = options();
    for (size_t n = 1; n < state.n; n += n < 40 ? 1 : state.n / 8)
        expect_refused((lgd_sv){state.p, n}, &o, LGD_E_DAMAGED, "damaged: ");
    for (size_t i = 0; i < state.n; i += i < 60 ? 1 : state.n / 8) {
        bool version = i >= 8 && i < 12;
        state.p[i] ^= 0x10;
        expect_refused(lgd_buf_sv(&state), &o, version ? LGD_E_USAGE : LGD_E_DAMAGED,
                       version ? "version" : "damaged: ");
        state.p[i] ^= 0x10;
    }
    lgd_buf_add_char(&state, 0);
    expect_refused(lgd_buf_sv(&state), &o, LGD_E_DAMAGED, "checksum");
    lgd_buf_release(&state);
}
END_TEST

/* Whoever forges a state computes its checksum too. */
START_TEST(test_a_forged_state_does_no_harm) {
    enum { HEAD = 16 };
    lgd_buf state = first_state(), saved = {0};
    lgd_lstm_options o = options();
    lgd_rng rng;
    size_t n_refused = 0;
    lgd_rng_init(&rng, 5);
    for (size_t i = 0; i < 150; i++) {
        record r = {0};
        lgd_lstm_fit_summary summary;
        lgd_err err = {0};
        size_t at = i < 120 ? HEAD + i : HEAD + lgd_rng_below(&rng, (uint32_t)(state.n - HEAD));
        char old = state.p[at];
        state.p[at] = (char)(i % 2 ? 0xff : old ^ (1 << lgd_rng_below(&rng, 8)));
        lgd_buf head = {0};
        lgd_put_u32(&head, lgd_crc32c(0, state.p + HEAD, state.n - HEAD));
        memcpy(state.p + HEAD - head.n, head.p, head.n);
        lgd_status status = fit_from(lgd_buf_sv(&state), &o, &r, &saved, &summary, &err);
        if (status != LGD_OK && status != LGD_E_USAGE && status != LGD_E_DAMAGED && status != LGD_E_DATA)
            ck_abort_msg("byte %zu: %d %s", at, (int)status, err.text);
        n_refused += status != LGD_OK;
        state.p[at] = old;
        lgd_buf_release(&head);
        record_release(&r);
    }
    ck_assert_uint_gt(n_refused, 60);
    lgd_buf_release(&state);
    lgd_buf_release(&saved);
}
END_TEST

START_TEST(test_who_keeps_the_states_can_end_the_fit) {
    lgd_lstm_options o = options();
    record r = {.refuse_at = 2};
    lgd_buf saved = {0};
    lgd_lstm_fit_summary summary;
    lgd_err err = {0};
    fill_training(false);
    ck_assert_int_eq(fit_from(LGD_SV(""), &o, &r, &saved, &summary, &err), LGD_E_IO);
    ck_assert_str_eq(err.text, "no room");
    ck_assert(r.n == 1 && r.told == 2 && saved.n == 0);
    record_release(&r);
}
END_TEST

START_TEST(test_failing_allocations_are_told) {
    lgd_buf state = first_state();
    lgd_lstm_options o = options();
    lgd_status status = LGD_E_MEMORY;
    uint64_t k = 0;
    while (status != LGD_OK && k < 5000) {
        record r = {.fail_at = ++k};
        lgd_buf saved = {0};
        lgd_lstm_fit_summary summary;
        lgd_err err = {0};
        status = fit_from(lgd_buf_sv(&state), &o, &r, &saved, &summary, &err);
        if (status != LGD_OK && (status != LGD_E_MEMORY || !err.text[0])) ck_abort_msg("allocation %d", (int)k);
        lgd_buf_release(&saved);
        record_release(&r);
    }
    ck_assert_int_eq(status, LGD_OK);
    ck_assert_uint_gt(k, 40);
    lgd_buf_release(&state);
}
END_TEST

Suite *resume_suite(void) {
    Suite *s = suite_create("resume");
    TCase *goes_on = tcase_create("goes on"), *refused = tcase_create("refused");
    tcase_add_test(goes_on, test_a_fit_goes_on_as_if_it_had_never_stopped);
    tcase_add_test(goes_on, test_a_fit_that_ran_out_of_patience_stays_over);
    tcase_add_test(goes_on, test_who_keeps_the_states_can_end_the_fit);
    suite_add_tcase(s, goes_on);
    tcase_add_test(refused, test_a_state_of_another_fit_is_refused);
    tcase_add_test(refused, test_a_damaged_state_is_refused);
    tcase_add_test(refused, test_a_forged_state_does_no_harm);
    tcase_add_test(refused, test_failing_allocations_are_told);
    suite_add_tcase(s, refused);
    return s;
}
