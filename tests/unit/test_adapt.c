/*
 * Tests of detect/adapt: what many sessions begin to do is told some forty times and then learned, with its own
 * frequencies; what looks like a fault, is rare, or is over soon is told as ever; where nothing is learned, nothing changes.
 */
#include "logdetect/detect.h"

#include <check.h>
#include <math.h>

Suite *adapt_suite(void);

/* ---- sessions: opened, 1 to 6 steps, a retry in half of them, 3 copies, sent, closed ---- */

enum { OPENED, STEP, RETRY, COPY, SENT, CLOSED, FAILED, N_TEMPLATES, NEWCOMER };
enum { N_TRAINING = 1200, MOST_EVENTS = 32, MOST_IDS = NEWCOMER + 1 };

typedef struct story {
    lgd_template_count counts[MOST_IDS];
    lgd_template_id ids[MOST_EVENTS];
    size_t n_counts, n_ids;
} story;

static void tell(story *s, lgd_template_id id, uint32_t n) {
    if (n) s->counts[s->n_counts++] = (lgd_template_count){id, n};
    for (uint32_t i = 0; i < n; i++) s->ids[s->n_ids++] = id;
}

/* What is not as it should be. */
typedef enum oddity { NOTHING, NOT_CLOSED, FIVE_COPIES, NINE_COPIES, ANNOUNCED, FAULTY, CUT_SHORT } oddity;

static story draw(lgd_rng *r, oddity odd) {
    story s = {0};
    tell(&s, OPENED, 1);
    tell(&s, STEP, 1 + lgd_rng_below(r, 6));
    if (odd == CUT_SHORT) return s;
    tell(&s, RETRY, lgd_rng_below(r, 2));
    tell(&s, COPY, odd == FIVE_COPIES ? 5 : odd == NINE_COPIES ? 9 : 3);
    tell(&s, FAILED, odd == FAULTY);
    tell(&s, NEWCOMER, odd == ANNOUNCED);
    tell(&s, SENT, 1);
    tell(&s, CLOSED, odd != NOT_CLOSED);
    return s;
}

static bool is_failed(const void *ctx, lgd_template_id id) {
    (void)ctx;
    return id == FAILED;
}

/* ---- a log ---- */

typedef struct fixture {
    lgd_counts *counts;
    lgd_order *order;
    lgd_adapt *adapt;
    lgd_rng rng;
    double threshold;
    int64_t now_ns, pause_ns; /* between sessions; 0: there is no time */
    lgd_worst network;        /* of sessions that are odd */
} fixture;

/* Statistics that have seen nothing but the training. */
static void begin(fixture *f) {
    lgd_adapt_options options = {f->threshold, is_failed, NULL};
    lgd_adapt_free(f->adapt);
    ck_assert_int_eq(lgd_adapt_new(f->counts, f->order, &options, &f->adapt, NULL), LGD_OK);
}

static void set_up(fixture *f) {
    static story stories[N_TRAINING];
    static lgd_session sessions[N_TRAINING];
    static lgd_sequence sequences[N_TRAINING];
    lgd_counts_options o = {N_TEMPLATES, 0.01};
    *f = (fixture){.network.at = LGD_NO_TEMPLATE};
    lgd_rng_init(&f->rng, 7);
    for (size_t i = 0; i < N_TRAINING; i++) {
        stories[i] = draw(&f->rng, NOTHING);
        sessions[i] = (lgd_session){stories[i].counts, stories[i].n_counts};
        sequences[i] = (lgd_sequence){stories[i].ids, stories[i].n_ids};
    }
    ck_assert_int_eq(lgd_counts_fit(sessions, N_TRAINING, &o, NULL, &f->counts, NULL), LGD_OK);
    ck_assert_int_eq(lgd_order_fit(sequences, N_TRAINING, N_TEMPLATES, NULL, &f->order, NULL), LGD_OK);
    f->threshold = lgd_counts_threshold(f->counts, 0.01);
    begin(f);
}

static void tear_down(fixture *f) {
    lgd_adapt_free(f->adapt);
    lgd_order_free(f->order);
    lgd_counts_free(f->counts);
}

static double counts_bits(const fixture *f, const story *s) {
    lgd_session session = {s->counts, s->n_counts};
    return lgd_counts_bits(lgd_adapt_counts(f->adapt), &session, NULL);
}

static lgd_worst order_worst(const fixture *f, const story *s) {
    lgd_order_state state;
    lgd_order_begin(&state);
    for (size_t i = 0; i < s->n_ids; i++) lgd_order_step(lgd_adapt_order(f->adapt), &state, s->ids[i]);
    double bits = lgd_order_end(lgd_adapt_order(f->adapt), &state);
    return (lgd_worst){{LGD_NO_TEMPLATE, state.before}, state.at, bits - 4};
}

static lgd_status judge(fixture *f, const story *s, oddity odd, double *ret_bits) {
    lgd_adapt_session x = {.session = {s->counts, s->n_counts},
                           .sequence = {s->ids, s->n_ids},
                           .start_ns = f->pause_ns ? f->now_ns : LGD_NO_TIME,
                           .bits = counts_bits(f, s),
                           .order = order_worst(f, s),
                           .network = odd == NOTHING ? (lgd_worst){.at = LGD_NO_TEMPLATE} : f->network};
    if (x.order.bits > x.bits) x.bits = x.order.bits;
    if (x.network.at != LGD_NO_TEMPLATE) x.bits = fmax(x.bits, lgd_adapt_bits(f->adapt, &x.network));
    f->now_ns += f->pause_ns;
    *ret_bits = x.bits;
    return lgd_adapt_add(f->adapt, &x, NULL);
}

/* n sessions, of which one in `every` is odd. Returns how many of these were told. */
static size_t run(fixture *f, size_t n, size_t every, oddity odd) {
    size_t told = 0;
    for (size_t i = 0; i < n; i++) {
        double bits = 0;
        oddity what = i % every == every - 1 ? odd : NOTHING;
        story s = draw(&f->rng, what);
        ck_assert_int_eq(judge(f, &s, what, &bits), LGD_OK);
        told += what != NOTHING && bits >= f->threshold;
    }
    return told;
}

/* Bits of the next session if it were such a one; it is not added. */
static double bits_now(const fixture *f, oddity odd) {
    lgd_rng r;
    lgd_rng_init(&r, 3);
    story s = draw(&r, odd);
    return fmax(counts_bits(f, &s), order_worst(f, &s).bits);
}

/* ---- what is learned ---- */

START_TEST(test_a_phase_is_told_some_forty_times_and_learned) {
    static const struct {
        oddity odd;
        lgd_deviation what;
    } rows[] = {{NOT_CLOSED, {LGD_DEVIATION_ABSENT, CLOSED}},
                {FIVE_COPIES, {LGD_DEVIATION_MORE, COPY}},
                {ANNOUNCED, {LGD_DEVIATION_MORE, NEWCOMER}}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        fixture f;
        set_up(&f);
        run(&f, 200, 1, NOTHING);
        size_t told = run(&f, 400, 1, rows[i].odd);
        ck_assert_msg(told >= 31 && told <= 45, "row %zu: %zu told", i, told);
        ck_assert_uint_eq(lgd_adapt_n_phases(f.adapt), 1);
        const lgd_phase *p = lgd_adapt_phase(f.adapt, 0);
        ck_assert_uint_eq(p->sessions, told);
        ck_assert_int_eq(p->parts[0].kind, rows[i].what.kind);
        ck_assert_uint_eq(p->parts[0].id, rows[i].what.id);
        ck_assert_double_lt(bits_now(&f, rows[i].odd), 2);
        ck_assert_double_lt(bits_now(&f, NOTHING), f.threshold - 2);
        tear_down(&f);
    }
}
END_TEST

START_TEST(test_half_of_the_sessions_are_a_phase_too) {
    fixture f;
    set_up(&f);
    size_t told = run(&f, 600, 2, NOT_CLOSED);
    ck_assert_msg(told > 40 && told < 80, "%zu told", told);
    ck_assert_uint_eq(lgd_adapt_n_phases(f.adapt), 1);
    ck_assert_double_lt(bits_now(&f, NOT_CLOSED), f.threshold - 2);
    tear_down(&f);
}
END_TEST

START_TEST(test_the_new_count_has_its_own_frequency) {
    fixture f;
    set_up(&f);
    run(&f, 300, 1, FIVE_COPIES);
    ck_assert_double_ge(bits_now(&f, NINE_COPIES), f.threshold);
    ck_assert_double_ge(bits_now(&f, NOT_CLOSED), f.threshold);
    double old = bits_now(&f, NOTHING);
    run(&f, 600, 1, FIVE_COPIES);
    ck_assert_double_gt(bits_now(&f, NOTHING), old); /* three copies have become rarer */
    tear_down(&f);
}
END_TEST

START_TEST(test_the_network_is_bounded_where_it_was_learned) {
    fixture f;
    set_up(&f);
    f.network = (lgd_worst){{COPY, SENT}, LGD_ORDER_END, 12};
    lgd_worst elsewhere = {{OPENED, STEP}, LGD_ORDER_END, 12};
    ck_assert_double_eq(lgd_adapt_bits(f.adapt, &f.network), 12);
    run(&f, 400, 1, NOT_CLOSED);
    ck_assert_double_lt(lgd_adapt_bits(f.adapt, &f.network), 2);
    ck_assert_double_eq(lgd_adapt_bits(f.adapt, &elsewhere), 12);
    tear_down(&f);
}
END_TEST

START_TEST(test_a_second_phase_is_told_on_its_own) {
    fixture f;
    set_up(&f);
    run(&f, 300, 1, NOT_CLOSED);
    run(&f, 300, 1, NOTHING);
    size_t told = run(&f, 300, 1, FIVE_COPIES);
    ck_assert_msg(told >= 31 && told <= 45, "%zu told", told);
    ck_assert_uint_eq(lgd_adapt_n_phases(f.adapt), 2);
    tear_down(&f);
}
END_TEST

/* ---- what is not ---- */

START_TEST(test_faults_and_what_is_rare_or_soon_over_stay_as_they_are) {
    static const struct {
        const char *name;
        oddity odd;
        size_t n, every;
    } rows[] = {{"an error in each session", FAULTY, 400, 1},
                {"sessions cut short", CUT_SHORT, 400, 1},
                {"a burst of thirty", NOT_CLOSED, 30, 1},
                {"one in thirty for hours", NOT_CLOSED, 6000, 30},
                {"one in five for hours", FIVE_COPIES, 3000, 5}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        fixture f;
        set_up(&f);
        double before = bits_now(&f, rows[i].odd);
        size_t told = run(&f, rows[i].n, rows[i].every, rows[i].odd);
        ck_assert_msg(told == rows[i].n / rows[i].every, "%s: %zu told", rows[i].name, told);
        ck_assert_msg(lgd_adapt_n_phases(f.adapt) == 0, "%s", rows[i].name);
        ck_assert_msg(bits_now(&f, rows[i].odd) >= before, "%s", rows[i].name);
        tear_down(&f);
    }
}
END_TEST

START_TEST(test_bursts_that_come_again_do_not_add_up) {
    fixture f;
    set_up(&f);
    for (size_t i = 0; i < 6; i++) {
        ck_assert_uint_eq(run(&f, 30, 1, NOT_CLOSED), 30);
        run(&f, 300, 1, NOTHING);
    }
    ck_assert_uint_eq(lgd_adapt_n_phases(f.adapt), 0);
    tear_down(&f);
}
END_TEST

START_TEST(test_a_phase_lasts_five_minutes) {
    fixture f;
    set_up(&f);
    f.pause_ns = 1000000000;
    size_t told = run(&f, 250, 1, NOT_CLOSED);
    ck_assert_uint_eq(told, 250);
    told += run(&f, 250, 1, NOT_CLOSED);
    ck_assert_msg(told > 295 && told < 305, "%zu told", told);
    ck_assert_int_eq(lgd_adapt_phase(f.adapt, 0)->since_ns, 0);
    tear_down(&f);
}
END_TEST

START_TEST(test_without_a_phase_nothing_changes) {
    fixture f;
    set_up(&f);
    double before[CUT_SHORT + 1];
    for (int i = 0; i <= CUT_SHORT; i++) before[i] = bits_now(&f, (oddity)i);
    run(&f, 2000, 100, NOT_CLOSED);
    for (int i = 0; i <= CUT_SHORT; i++) ck_assert_double_eq(bits_now(&f, (oddity)i), before[i]);
    tear_down(&f);
}
END_TEST

/* ---- the rest ---- */

START_TEST(test_the_same_sessions_give_the_same_bits) {
    fixture f, g;
    set_up(&f);
    set_up(&g);
    ck_assert_uint_eq(run(&f, 500, 2, NOT_CLOSED), run(&g, 500, 2, NOT_CLOSED));
    for (int i = 0; i <= CUT_SHORT; i++) ck_assert_double_eq(bits_now(&f, (oddity)i), bits_now(&g, (oddity)i));
    tear_down(&f);
    tear_down(&g);
}
END_TEST

START_TEST(test_the_order_is_not_needed) {
    fixture f;
    set_up(&f);
    lgd_adapt *a = NULL;
    lgd_adapt_options o = {f.threshold, NULL, NULL};
    ck_assert_int_eq(lgd_adapt_new(f.counts, NULL, &o, &a, NULL), LGD_OK);
    ck_assert_ptr_null(lgd_adapt_order(a));
    for (int i = 0; i < 100; i++) {
        story s = draw(&f.rng, NOT_CLOSED);
        lgd_adapt_session x = {.session = {s.counts, s.n_counts},
                               .start_ns = LGD_NO_TIME,
                               .order.at = LGD_NO_TEMPLATE,
                               .network.at = LGD_NO_TEMPLATE};
        x.bits = lgd_counts_bits(lgd_adapt_counts(a), &x.session, NULL);
        ck_assert_int_eq(lgd_adapt_add(a, &x, NULL), LGD_OK);
    }
    ck_assert_uint_eq(lgd_adapt_n_phases(a), 1);
    lgd_adapt_free(a);
    tear_down(&f);
}
END_TEST

/* What follows a session's close after a phase of sessions that go on with COPY for so many events. */
static lgd_template_id usual_after_close(fixture *f, size_t n_ids) {
    static lgd_template_id ids[LGD_ADAPT_EVENTS + 1];
    for (size_t i = 0; i < n_ids; i++) ids[i] = i % 2 ? COPY : CLOSED;
    begin(f);
    for (int i = 0; i < 60; i++) {
        story s = draw(&f->rng, NINE_COPIES);
        lgd_adapt_session x = {.session = {s.counts, s.n_counts},
                               .sequence = {ids, n_ids},
                               .start_ns = LGD_NO_TIME,
                               .bits = counts_bits(f, &s),
                               .order.at = LGD_NO_TEMPLATE,
                               .network.at = LGD_NO_TEMPLATE};
        ck_assert_int_eq(lgd_adapt_add(f->adapt, &x, NULL), LGD_OK);
    }
    ck_assert_uint_eq(lgd_adapt_n_phases(f->adapt), 1); /* their counts are learned */
    double p = 0;
    return lgd_order_usual(lgd_adapt_order(f->adapt), CLOSED, &p);
}

START_TEST(test_the_order_of_a_session_without_end_is_not_followed) {
    fixture f;
    set_up(&f);
    ck_assert_uint_eq(usual_after_close(&f, LGD_ADAPT_EVENTS), COPY);
    ck_assert_uint_eq(usual_after_close(&f, LGD_ADAPT_EVENTS + 1), LGD_ORDER_END);
    tear_down(&f);
}
END_TEST

/* Every allocation of the way from the first odd session to what is learned fails once. */
START_TEST(test_no_memory_is_a_status) {
    bool done = false;
    fixture f;
    set_up(&f);
    for (uint64_t n = 1; !done && n < 1000; n++) {
        lgd_status status = LGD_OK;
        begin(&f);
        lgd_alloc_fail_at(n, false);
        for (size_t i = 0; i < 60 && status == LGD_OK; i++) {
            double bits = 0;
            story s = draw(&f.rng, ANNOUNCED);
            status = judge(&f, &s, ANNOUNCED, &bits);
        }
        lgd_alloc_fail_at(0, false);
        done = status == LGD_OK;
        ck_assert(done || status == LGD_E_MEMORY);
    }
    ck_assert(done);
    tear_down(&f);
}
END_TEST

Suite *adapt_suite(void) {
    Suite *s = suite_create("adapt");
    TCase *learned = tcase_create("learned"), *not_learned = tcase_create("not learned"), *rest = tcase_create("rest");
    tcase_add_test(learned, test_a_phase_is_told_some_forty_times_and_learned);
    tcase_add_test(learned, test_half_of_the_sessions_are_a_phase_too);
    tcase_add_test(learned, test_the_new_count_has_its_own_frequency);
    tcase_add_test(learned, test_the_network_is_bounded_where_it_was_learned);
    tcase_add_test(learned, test_a_second_phase_is_told_on_its_own);
    tcase_add_test(not_learned, test_faults_and_what_is_rare_or_soon_over_stay_as_they_are);
    tcase_add_test(not_learned, test_bursts_that_come_again_do_not_add_up);
    tcase_add_test(not_learned, test_a_phase_lasts_five_minutes);
    tcase_add_test(not_learned, test_without_a_phase_nothing_changes);
    tcase_add_test(rest, test_the_same_sessions_give_the_same_bits);
    tcase_add_test(rest, test_the_order_is_not_needed);
    tcase_add_test(rest, test_the_order_of_a_session_without_end_is_not_followed);
    tcase_add_test(rest, test_no_memory_is_a_status);
    suite_add_tcase(s, learned);
    suite_add_tcase(s, not_learned);
    suite_add_tcase(s, rest);
    return s;
}
