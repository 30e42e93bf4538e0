/*
 * Tests of room feature: what the tracker remembers, what the baseline counts, and that columns are finite, zero for
 * what is ordinary and larger for what is rarer, whatever the events are.
 */
#include "story.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>

Suite *feature_suite(void);

static const int64_t second_ns = 1000000000;
static const int64_t start_ns = INT64_C(1772600000) * 1000000000;

/* ---- events ---- */

enum { N_TEMPLATES = 8, N_SLOTS = 6, BLOCK = 10 };

/* An event of a stream at a time; further fields are set in place. Returns its number. */
static size_t tell(story *s, lgd_template_id id, int64_t time_ns, uint32_t stream) {
    size_t i = story_add(s);
    s->ids[i] = id;
    s->times[i] = time_ns;
    s->levels[i] = LGD_LEVEL_INFO;
    s->lengths[i] = 40;
    s->streams[i] = stream;
    return i;
}

static void tell_value(story *s, lgd_template_id id, int64_t time_ns, uint32_t slot, const char *text) {
    size_t i = tell(s, id, time_ns, 0);
    s->held[i] = (lgd_observation){.slot = slot, .text = lgd_sv_of(text)};
    s->held[i].hash = lgd_value_hash(s->held[i].text);
    lgd_observation *o = &s->held[i];
    o->is_number = lgd_value_unit(o->text, &o->number, &o->unit);
    s->values[i] = &s->held[i];
    s->n_values[i] = 1;
}

static void tell_number(story *s, lgd_template_id id, int64_t time_ns, uint32_t slot, double number) {
    tell_value(s, id, time_ns, slot, "number");
    lgd_observation *o = &s->held[s->e.n - 1];
    o->number = number;
    o->is_number = true;
    o->hash = lgd_value_hash((lgd_sv){(const char *)&o->number, sizeof o->number});
}

/* ---- learning and extracting ---- */

static lgd_tracker *tracker(void) {
    lgd_tracker *t = NULL;
    ck_assert_int_eq(lgd_tracker_new(N_TEMPLATES, &t, NULL), LGD_OK);
    return t;
}

typedef struct table {
    lgd_matrix m;
    lgd_context contexts[MAX_EVENTS];
} table;

static table *extract(const lgd_baseline *b, const story *s, uint64_t cross_block) {
    table *ret = calloc(1, sizeof *ret);
    lgd_tracker *t = tracker();
    ck_assert_int_eq(lgd_extract(b, t, &s->e, 0, cross_block, &ret->m, ret->contexts, NULL), LGD_OK);
    ck_assert_uint_eq(ret->m.n_rows, s->e.n);
    lgd_tracker_free(t);
    for (size_t i = 0; i < s->e.n; i++)
        for (lgd_column c = 0; c < LGD_COLUMNS; c++)
            if (!isfinite(lgd_matrix_at(&ret->m, i, c))) ck_abort_msg("event %zu: %s", i, lgd_column_name(c));
    return ret;
}

static void table_free(table *t) {
    lgd_matrix_release(&t->m);
    free(t);
}

static double at(const table *t, size_t row, lgd_column c) { return (double)lgd_matrix_at(&t->m, row, c); }

/* An ordinary log: templates 0..5 in turn in two streams, a line each second; all slots filled. */
static void tell_ordinary(story *s, size_t n) {
    static const char *const methods[] = {"GET", "GET", "GET", "POST", "PUT"};
    lgd_rng r;
    lgd_rng_init(&r, 5);
    for (size_t i = 0; i < n; i++) {
        int64_t now = start_ns + (int64_t)i * second_ns;
        switch (i % 6) {
        case 0: tell_value(s, 0, now, 0, methods[i / 6 % 5]); break;
        case 1: tell_number(s, 1, now, 1, 100 + 100 * lgd_rng_unit(&r)); break;
        case 2: tell_number(s, 2, now, 2, (double)i); break; /* a counter */
        default: tell(s, (lgd_template_id)(i % 6), now, 0); break;
        }
        s->streams[s->e.n - 1] = i / 6 % 2 ? 77 : 88;
        s->levels[s->e.n - 1] = i % 60 == 3 ? LGD_LEVEL_WARN : LGD_LEVEL_INFO;
        s->lengths[s->e.n - 1] = 40 + (uint32_t)(i % 6) + lgd_rng_below(&r, 5);
    }
}

/* ---- the tracker ---- */

START_TEST(test_the_predecessor_is_that_of_the_stream) {
    static const struct {
        lgd_template_id id;
        uint32_t stream;
        lgd_template_id previous;
    } rows[] = {{0, 1, LGD_NO_TEMPLATE},
                {1, 2, LGD_NO_TEMPLATE},
                {2, 1, 0},
                {3, 2, 1},
                {4, 1, 2},
                {5, 0, LGD_NO_TEMPLATE},
                {6, 0, 5},
                {0, 2, 3},
                {0, 2, 0}};
    enum { N = sizeof rows / sizeof *rows };
    story *s = story_new();
    for (size_t i = 0; i < N; i++) tell(s, rows[i].id, start_ns, rows[i].stream);
    lgd_baseline *b = story_learn(s, N_TEMPLATES, N_SLOTS);
    table *x = extract(b, s, 0);
    for (size_t i = 0; i < N; i++) ck_assert_uint_eq(x->contexts[i].previous, rows[i].previous);
    table_free(x);
    lgd_baseline_free(b);
    free(s);
}
END_TEST

START_TEST(test_windows_count_and_end) {
    static const struct {
        int64_t second;
        lgd_template_id id;
        uint32_t count, events; /* in the window so far */
    } rows[] = {{0, 0, 1, 1}, {1, 0, 2, 2}, {2, 1, 1, 3}, {3, 0, 3, 4}, {60, 0, 1, 1}, {61, 1, 1, 2}, {600, 1, 1, 1}};
    enum { N = sizeof rows / sizeof *rows };
    story *s = story_new();
    int64_t minute = start_ns / LGD_WINDOW_NS * LGD_WINDOW_NS;
    for (size_t i = 0; i < N; i++) tell(s, rows[i].id, minute + rows[i].second * second_ns, 0);
    s->levels[1] = LGD_LEVEL_ERROR;
    lgd_baseline *b = story_learn(s, N_TEMPLATES, N_SLOTS);
    table *x = extract(b, s, 0);
    for (size_t i = 0; i < N; i++) {
        ck_assert_uint_eq(x->contexts[i].window_count, rows[i].count);
        ck_assert_uint_eq(x->contexts[i].window_events, rows[i].events);
        ck_assert_uint_eq(x->contexts[i].window_warnings, i >= 1 && i <= 3 ? 1 : 0);
    }
    table_free(x);
    lgd_baseline_free(b);
    free(s);
}
END_TEST

START_TEST(test_gaps_are_never_negative) {
    static const struct {
        int64_t time_ns, gap_ns;
    } rows[] = {{0, -1},
                {5, 5},
                {2, 0}, /* back in time */
                {6, 1}, /* since the latest, not the last */
                {LGD_NO_TIME, -1},
                {INT64_C(100000000000), INT64_C(99999999994)},
                {-INT64_C(9000000000) * 1000000000, 0},
                {INT64_MAX, INT64_MAX - INT64_C(100000000000)}};
    enum { N = sizeof rows / sizeof *rows };
    story *s = story_new();
    for (size_t i = 0; i < N; i++) tell(s, 0, rows[i].time_ns, 0);
    tell(s, 1, -INT64_C(9000000000) * 1000000000, 0);
    tell(s, 1, INT64_MAX, 0); /* further apart than a number can say */
    lgd_baseline *b = story_learn(s, N_TEMPLATES, N_SLOTS);
    table *x = extract(b, s, 0);
    for (size_t i = 0; i < N; i++)
        ck_assert_msg(x->contexts[i].gap_ns == rows[i].gap_ns, "event %zu: %lld", i, (long long)x->contexts[i].gap_ns);
    ck_assert_int_eq(x->contexts[N].gap_ns, -1);
    ck_assert_int_gt(x->contexts[N + 1].gap_ns, 0);
    table_free(x);
    lgd_baseline_free(b);
    free(s);
}
END_TEST

START_TEST(test_nothing_comes_before_a_new_input) {
    story *s = story_new();
    tell(s, 0, start_ns, 9);
    tell(s, 0, start_ns + second_ns, 9);
    lgd_baseline *b = story_learn(s, N_TEMPLATES, N_SLOTS);
    lgd_tracker *t = tracker();
    table *x = calloc(1, sizeof *x);
    ck_assert_int_eq(lgd_extract(b, t, &s->e, 0, 0, &x->m, x->contexts, NULL), LGD_OK);
    lgd_tracker_begin_input(t);
    ck_assert_int_eq(lgd_extract(b, t, &s->e, 0, 0, &x->m, x->contexts + 2, NULL), LGD_OK);
    ck_assert_uint_eq(x->m.n_rows, 4);
    for (size_t i = 0; i < 4; i++) {
        ck_assert_uint_eq(x->contexts[i].previous, i % 2 ? 0 : LGD_NO_TEMPLATE);
        ck_assert_int_eq(x->contexts[i].gap_ns, i % 2 ? second_ns : -1);
        ck_assert_uint_eq(x->contexts[i].window_count, 1 + i % 2);
    }
    lgd_tracker_free(t);
    lgd_tracker_free(NULL);
    table_free(x);
    lgd_baseline_free(b);
    free(s);
}
END_TEST

START_TEST(test_a_process_starts_up_when_it_is_first_heard_of) {
    story *s = story_new();
    tell(s, 0, start_ns, 1);                  /* perhaps it was there before the log began: nobody knows */
    tell(s, 0, start_ns + 60 * second_ns, 2); /* begins */
    tell(s, 0, start_ns + 61 * second_ns, 2); /* still starting */
    tell(s, 0, start_ns + 61 * second_ns, 1);
    tell(s, 0, start_ns + 61 * second_ns, 0);  /* no process at all */
    tell(s, 0, start_ns + 600 * second_ns, 2); /* settled */
    static const double expected[] = {1, 1, 1, 0, 0, 0};
    for (int lives_long = 0; lives_long < 2; lives_long++) {
        story *training = story_new();
        for (uint32_t i = 0; i < 400; i++)
            tell(training, 0, start_ns + i * second_ns, lives_long ? 1 + i % 2 : 1 + i / 2);
        lgd_baseline *b = story_learn(training, N_TEMPLATES, N_SLOTS);
        table *x = extract(b, s, 0);
        for (size_t i = 0; i < 6; i++) /* where each process says two lines, none of them is a start-up */
            ck_assert_msg(at(x, i, LGD_COL_STARTUP) == lives_long * expected[i], "event %zu", i);
        table_free(x);
        lgd_baseline_free(b);
        free(training);
    }
    free(s);
}
END_TEST

/* ---- the baseline ---- */

START_TEST(test_the_baseline_counts) {
    story *s = story_new();
    tell_ordinary(s, 600);
    tell(s, 6, LGD_NO_TIME, 5);
    tell(s, 7, start_ns - second_ns, 5);
    tell(s, 12345, start_ns, 5); /* no template of the model: left out */
    lgd_baseline *b = story_learn(s, N_TEMPLATES, N_SLOTS);
    double p = 0;
    ck_assert_uint_eq(lgd_baseline_n_events(b), 602);
    ck_assert_uint_eq(lgd_baseline_singletons(b), 2);
    ck_assert_uint_eq(lgd_baseline_count(b, 3), 100);
    ck_assert_uint_eq(lgd_baseline_count(b, 6), 1);
    ck_assert_uint_eq(lgd_baseline_count(b, 12345), 0);
    ck_assert_int_eq(lgd_baseline_start_ns(b), start_ns - second_ns);
    ck_assert_int_eq(lgd_baseline_end_ns(b), start_ns + 599 * second_ns);
    ck_assert_double_eq_tol(lgd_baseline_warning_share(b), 10.0 / 602, 1e-12);
    ck_assert_double_eq_tol(lgd_baseline_mean_length(b, 6), 40, 1e-9);
    ck_assert_uint_eq(lgd_baseline_successor(b, 3, &p), 4);
    ck_assert_double_eq_tol(p, 1, 1e-12);
    ck_assert_uint_eq(lgd_baseline_successor(b, 6, &p), 7);
    ck_assert_uint_eq(lgd_baseline_successor(b, 7, &p), LGD_NO_TEMPLATE);
    ck_assert_uint_eq(lgd_baseline_successor(b, 12345, &p), LGD_NO_TEMPLATE);
    lgd_baseline_free(b);
    lgd_baseline_free(NULL);
    free(s);
}
END_TEST

START_TEST(test_a_log_is_ordinary_to_itself) {
    static const lgd_column columns[] = {LGD_COL_BURST, LGD_COL_GAP, LGD_COL_ERRORS, LGD_COL_SEQUENCE};
    story *s = story_new();
    tell_ordinary(s, 1200);
    lgd_baseline *b = story_learn(s, N_TEMPLATES, N_SLOTS);
    table *x = extract(b, s, 0);
    for (size_t i = 0; i < s->e.n; i++)
        for (size_t c = 0; c < sizeof columns / sizeof *columns; c++)
            if (at(x, i, columns[c]) > 0)
                ck_abort_msg("event %zu: %s %g", i, lgd_column_name(columns[c]), at(x, i, columns[c]));
    table_free(x);
    lgd_baseline_free(b);
    free(s);
}
END_TEST

/* One unusual event behind an ordinary log, and the column that is to say so. */
START_TEST(test_each_column_sees_its_kind_of_surprise) {
    story *s = story_new(), *t = story_new();
    tell_ordinary(s, 1200);
    tell_ordinary(t, 1200);
    int64_t now = start_ns + 1200 * second_ns;
    size_t newcomer = tell(t, 9999, now, 0);
    size_t disorder = tell(t, 5, now, 88), late = tell(t, 0, now, 88); /* 0 comes behind 5; what comes behind 0 is 1 */
    size_t wrong = tell(t, 4, now, 88);
    size_t error = tell(t, 3, now, 0);
    t->levels[error] = LGD_LEVEL_ERROR;
    size_t longer = tell(t, 3, now, 0);
    t->lengths[longer] = 100000;
    for (int i = 0; i < 200; i++) tell(t, 5, now, 0);
    size_t burst = t->e.n - 1;
    for (int i = 0; i < 100; i++) t->levels[tell(t, 3, now, 0)] = LGD_LEVEL_ERROR;
    size_t errors = t->e.n - 1, gap = tell(t, 5, now + 86400 * second_ns, 0);
    tell_value(t, 0, now, 0, "DELETE");
    size_t value = t->e.n - 1;
    tell_number(t, 1, now, 1, 1e9);
    size_t number = t->e.n - 1;
    const struct {
        size_t event;
        lgd_column column;
    } rows[] = {{newcomer, LGD_COL_TEMPLATE}, {wrong, LGD_COL_SEQUENCE}, {burst, LGD_COL_BURST},
                {error, LGD_COL_LEVEL},       {longer, LGD_COL_LENGTH},  {errors, LGD_COL_ERRORS},
                {gap, LGD_COL_GAP},           {value, LGD_COL_VALUE},    {number, LGD_COL_NUMBER}};
    lgd_baseline *b = story_learn(s, N_TEMPLATES, N_SLOTS);
    table *x = extract(b, t, 0);
    for (size_t r = 0; r < sizeof rows / sizeof *rows; r++) {
        double most = -INFINITY, own = at(x, rows[r].event, rows[r].column);
        for (size_t i = 0; i < 1200; i++) most = fmax(most, at(x, i, rows[r].column));
        ck_assert_msg(own > most, "%s: %g, and %g before", lgd_column_name(rows[r].column), own, most);
    }
    ck_assert(at(x, disorder, LGD_COL_SEQUENCE) <= at(x, wrong, LGD_COL_SEQUENCE));
    ck_assert(at(x, late, LGD_COL_SEQUENCE) < at(x, wrong, LGD_COL_SEQUENCE));
    ck_assert_int_eq(x->contexts[value].value, 0);
    ck_assert_int_eq(x->contexts[value].number, -1);
    ck_assert_int_eq(x->contexts[number].number, 0);
    ck_assert_uint_eq(x->contexts[wrong].pair_count, 0);
    ck_assert_uint_gt(x->contexts[wrong].previous_count, 0);
    table_free(x);
    lgd_baseline_free(b);
    free(s);
    free(t);
}
END_TEST

/* A template that is seen in one block only is new to itself, as it would be to a scan. */
START_TEST(test_training_events_are_told_by_the_other_folds) {
    story *s = story_new();
    tell_ordinary(s, 20 * BLOCK);
    for (size_t i = 0; i < BLOCK / 2; i++) s->ids[3 * BLOCK + i] = 7;
    lgd_baseline *b = story_learn(s, N_TEMPLATES, N_SLOTS);
    table *scan = extract(b, s, 0), *cross = extract(b, s, BLOCK);
    double fresh = lgd_baseline_newcomer_bits(b);
    ck_assert(fresh > 0);
    for (size_t i = 0; i < s->e.n; i++) {
        double own = at(cross, i, LGD_COL_TEMPLATE);
        if (s->ids[i] == 7)
            ck_assert(fabs(own - fresh) < 1e-4 && at(scan, i, LGD_COL_TEMPLATE) < own);
        else if (!(own < fresh))
            ck_abort_msg("event %zu: %g", i, own);
    }
    table_free(scan);
    table_free(cross);
    lgd_baseline_free(b);
    free(s);
}
END_TEST

START_TEST(test_folds_share_the_blocks) {
    size_t blocks[LGD_FOLDS] = {0};
    for (uint64_t i = 0; i < 1000; i++) {
        unsigned fold = lgd_fold_of(i * 7, 7);
        ck_assert_uint_lt(fold, LGD_FOLDS);
        for (uint64_t k = 1; k < 7; k++)
            if (lgd_fold_of(i * 7 + k, 7) != fold) ck_abort_msg("event %d of block %d", (int)k, (int)i);
        blocks[fold]++;
    }
    for (int f = 0; f < LGD_FOLDS; f++) ck_assert(blocks[f] > 1000 / LGD_FOLDS / 2);
}
END_TEST

/* ---- values ---- */

/* What a scan says to one observation in a slot. */
static double ask(const lgd_baseline *b, const char *text, uint32_t slot, lgd_column c) {
    story *s = story_new();
    tell_value(s, 0, start_ns, slot, text);
    table *x = extract(b, s, 0);
    double ret = at(x, 0, c);
    table_free(x);
    free(s);
    return ret;
}

START_TEST(test_rare_values_are_rarer_and_new_ones_rarest) {
    story *s = story_new();
    for (size_t i = 0; i < 400; i++) tell_value(s, 0, start_ns, 0, i == 77 ? "PUT" : i % 4 ? "GET" : "POST");
    lgd_baseline *b = story_learn(s, N_TEMPLATES, N_SLOTS);
    double get = ask(b, "GET", 0, LGD_COL_VALUE), post = ask(b, "POST", 0, LGD_COL_VALUE);
    double put = ask(b, "PUT", 0, LGD_COL_VALUE), fresh = ask(b, "DELETE", 0, LGD_COL_VALUE);
    ck_assert(get < post && post < put && put <= fresh);
    ck_assert(get >= 0 && get < 1e-2);
    ck_assert(ask(b, "DELETE", N_SLOTS + 5, LGD_COL_VALUE) == 0); /* no slot of the model */
    lgd_observation known = s->held[77], other = {.hash = lgd_value_hash(LGD_SV("DELETE"))};
    ck_assert(!lgd_baseline_value_is_new(b, &known) && lgd_baseline_value_is_new(b, &other));
    lgd_buf text = {0};
    lgd_baseline_describe_values(b, 0, &text);
    ck_assert_msg(lgd_sv_starts(lgd_buf_sv(&text), LGD_SV("GET 75 %, POST 25 %, PUT <1 %")), "%.*s", (int)text.n,
                  text.p);
    lgd_baseline_describe_values(b, N_SLOTS, &text);
    lgd_buf_release(&text);
    lgd_baseline_free(b);
    free(s);
}
END_TEST

START_TEST(test_values_as_frequent_as_others_are_told_too) {
    static const char *const values[] = {"GET", "POST", "PUT"};
    story *s = story_new();
    lgd_buf text = {0};
    for (size_t i = 0; i < 300; i++) tell_value(s, 0, start_ns, 0, values[i % 3]);
    lgd_baseline *b = story_learn(s, N_TEMPLATES, N_SLOTS);
    lgd_baseline_describe_values(b, 0, &text);
    ck_assert_msg(lgd_sv_eq(lgd_buf_sv(&text), LGD_SV("GET 33 %, POST 33 %, PUT 33 %")), "%.*s", (int)text.n, text.p);
    lgd_buf_release(&text);
    lgd_baseline_free(b);
    free(s);
}
END_TEST

START_TEST(test_a_value_of_each_run_is_no_surprise) {
    static const char *const ids[] = {"a1b2", "c3d4", "e5f6", "a7b8", "c9d0"};
    story *s = story_new();
    for (size_t i = 0; i < 400; i++) { /* a word, and in the other place what every block of events has anew */
        tell_value(s, 0, start_ns, 0, "ready");
        tell_value(s, 1, start_ns, 1, ids[lgd_fold_of(s->e.n, BLOCK)]);
    }
    lgd_baseline *b = story_learn(s, N_TEMPLATES, N_SLOTS);
    double word = ask(b, "steady", 0, LGD_COL_VALUE), id = ask(b, "e1f2", 1, LGD_COL_VALUE);
    ck_assert_msg(word > 8 && id < 0.1, "%g %g", word, id);
    lgd_baseline_free(b);
    free(s);
}
END_TEST

START_TEST(test_the_event_that_brings_a_value_late_is_new_to_training) {
    story *s = story_new();
    for (size_t i = 0; i < 400; i++) tell_value(s, 0, start_ns, 0, i < 30 ? "early" : i < 300 ? "usual" : "late");
    lgd_baseline *b = story_learn(s, N_TEMPLATES, N_SLOTS);
    table *x = extract(b, s, BLOCK);
    double brings = at(x, 300, LGD_COL_VALUE), follows = at(x, 301, LGD_COL_VALUE);
    ck_assert_msg(brings > 7 && follows < 3, "%g %g", brings, follows);
    ck_assert(at(x, 30, LGD_COL_VALUE) < 3); /* the place was not known by then */
    ck_assert(fabs(brings - ask(b, "never", 0, LGD_COL_VALUE)) < 1e-4);
    table_free(x);
    lgd_baseline_free(b);
    free(s);
}
END_TEST

START_TEST(test_a_level_says_less_of_what_is_known) {
    story *s = story_new(), *one = story_new();
    for (size_t i = 0; i < 200; i++) s->levels[tell(s, i % 20 ? 0 : 1, start_ns, 0)] = LGD_LEVEL_ERROR;
    lgd_baseline *b = story_learn(s, N_TEMPLATES, N_SLOTS);
    for (lgd_template_id id = 0; id < 3; id++) one->levels[tell(one, id, start_ns, 0)] = LGD_LEVEL_ERROR;
    table *x = extract(b, one, 0);
    double often = at(x, 0, LGD_COL_LEVEL), seldom = at(x, 1, LGD_COL_LEVEL), never = at(x, 2, LGD_COL_LEVEL);
    ck_assert_msg(never == 8 && seldom < never / 2 && often < seldom / 2 && often > 0, "%g %g %g", never, seldom,
                  often);
    table_free(x);
    lgd_baseline_free(b);
    free(one);
    free(s);
}
END_TEST

/* Fifteen days of a line each ten minutes; template 1 keeps to its hours, template 2 to those of a day that moves on. */
START_TEST(test_an_hour_is_odd_by_its_distance) {
    story *s = story_new(), *one = story_new();
    const int64_t hour_ns = 3600 * second_ns, midnight_ns = start_ns / (24 * hour_ns) * 24 * hour_ns;
    for (int64_t i = 0; i < 12 * 144 && s->e.n < MAX_EVENTS; i++) {
        int64_t now = midnight_ns + i * hour_ns / 6, hour = i / 6 % 24, day = i / 144;
        bool works = hour >= 9 && hour < 17, moves = (hour + 24 - day * 2 % 24) % 24 < 6;
        tell(s, works && i % 2 ? 1 : moves ? 2 : 0, now, 0);
    }
    lgd_baseline *b = story_learn(s, N_TEMPLATES, N_SLOTS);
    for (int k = 0; k < 2; k++) tell(one, 1, midnight_ns + (k ? 18 : 2) * hour_ns, 0);
    table *x = extract(b, one, 0);
    double night = at(x, 0, LGD_COL_HOUR), evening = at(x, 1, LGD_COL_HOUR);
    ck_assert_msg(night > evening + 6, "%g %g", night, evening);
    table_free(x);
    lgd_baseline_free(b);
    free(one);
    free(s);
}
END_TEST

START_TEST(test_where_each_run_brings_a_value_a_new_one_is_nothing_new) {
    static const char *const runs[] = {"a", "b", "c", "d", "e", "f", "g", "h", "i", "j"};
    story *s = story_new(), *constant = story_new();
    for (size_t i = 0; i < 1000; i++) {
        tell_value(s, 0, start_ns, 0, runs[i / 100]);
        tell_value(constant, 0, start_ns, 0, "a");
    }
    lgd_baseline *b = story_learn(s, N_TEMPLATES, N_SLOTS), *c = story_learn(constant, N_TEMPLATES, N_SLOTS);
    ck_assert(fabs(ask(b, "k", 0, LGD_COL_VALUE) - log2(1001 / 10.0)) < 1e-4);
    ck_assert(fabs(ask(c, "k", 0, LGD_COL_VALUE) - log2(1001)) < 1e-4);
    lgd_baseline_free(b);
    lgd_baseline_free(c);
    free(s);
    free(constant);
}
END_TEST

START_TEST(test_a_slot_of_many_values_takes_any) {
    static char names[400][8];
    story *s = story_new();
    for (size_t i = 0; i < 400; i++) {
        for (size_t k = 0, n = i; k < 4; k++, n /= 8) names[i][k] = (char)('a' + n % 8);
        tell_value(s, 0, start_ns, 0, names[i]);
    }
    lgd_baseline *b = story_learn(s, N_TEMPLATES, N_SLOTS);
    ck_assert(ask(b, "never-seen", 0, LGD_COL_VALUE) == 0);
    lgd_baseline_free(b);
    free(s);
}
END_TEST

START_TEST(test_numbers_out_of_range_are_rarer_the_further_they_are) {
    static const char *const further[] = {"3000", "30000", "3e6", "3e9"}, *const below[] = {"10", "1", "0"};
    story *s = story_new();
    lgd_buf text = {0};
    lgd_rng r;
    lgd_rng_init(&r, 1);
    for (size_t i = 0; i < 400; i++)
        tell_number(s, 0, start_ns, 1, i == 9 ? 100 : i == 10 ? 200 : 100 + 100 * lgd_rng_unit(&r));
    lgd_baseline *b = story_learn(s, N_TEMPLATES, N_SLOTS);
    double inside = ask(b, "150", 1, LGD_COL_NUMBER), last = inside;
    ck_assert(inside < 1);
    for (size_t i = 0; i < 4; i++) {
        double number = 0, bits;
        ck_assert(lgd_parse_f64(lgd_sv_of(further[i]), &number));
        story *one = story_new();
        tell_number(one, 0, start_ns, 1, number);
        table *x = extract(b, one, 0);
        bits = at(x, 0, LGD_COL_NUMBER);
        ck_assert_msg(bits > last, "%s: %g", further[i], bits);
        last = bits;
        table_free(x);
        free(one);
    }
    last = inside;
    for (size_t i = 0; i < 3; i++) {
        double bits = ask(b, below[i], 1, LGD_COL_NUMBER);
        ck_assert_msg(bits > last, "%s: %g", below[i], bits);
        last = bits;
    }
    lgd_baseline_describe_range(b, 1, &text);
    ck_assert_msg(lgd_sv_eq(lgd_buf_sv(&text), LGD_SV("100 to 200 in 400 values")), "%.*s", (int)text.n, text.p);
    lgd_buf_release(&text);
    lgd_baseline_free(b);
    free(s);
}
END_TEST

START_TEST(test_where_no_fraction_was_seen_one_is_next_to_zero) {
    story *whole = story_new(), *broken = story_new();
    for (size_t i = 0; i < 60; i++) {
        tell_number(whole, 0, start_ns, 1, 0);
        tell_number(broken, 0, start_ns, 1, i == 7 ? 0.01 : 0);
    }
    lgd_baseline *b = story_learn(whole, N_TEMPLATES, N_SLOTS), *c = story_learn(broken, N_TEMPLATES, N_SLOTS);
    double one = ask(b, "1", 1, LGD_COL_NUMBER), minus = ask(b, "-1", 1, LGD_COL_NUMBER);
    ck_assert_msg(one > 0 && one < log2(61) + 2, "%g", one); /* no more than 60 values carry, and an octave */
    ck_assert(minus > 0 && minus < log2(61) + 2);
    ck_assert(ask(b, "0.01", 1, LGD_COL_NUMBER) > 0);
    ck_assert(fabs(ask(b, "64", 1, LGD_COL_NUMBER) - (one + 2 * 6)) < 1e-4);
    ck_assert(ask(c, "1", 1, LGD_COL_NUMBER) > one);
    lgd_baseline_free(b);
    lgd_baseline_free(c);
    free(whole);
    free(broken);
}
END_TEST

START_TEST(test_a_number_in_another_unit_is_compared_in_that_of_its_place) {
    static const char *const normal[] = {"100ms", "200ms", "0.15s", "130000us"};
    story *s = story_new();
    for (int i = 0; i < 400; i++) tell_value(s, 0, start_ns, 1, normal[lgd_hash_u64((uint64_t)i, 1) % 4]);
    lgd_baseline *b = story_learn(s, N_TEMPLATES, N_SLOTS);
    ck_assert(ask(b, "0.2s", 1, LGD_COL_NUMBER) < 2);
    ck_assert(ask(b, "200", 1, LGD_COL_NUMBER) == 0); /* of what? */
    ck_assert(ask(b, "200 KB", 1, LGD_COL_NUMBER) == 0);
    double twice = ask(b, "400ms", 1, LGD_COL_NUMBER), far = ask(b, "100s", 1, LGD_COL_NUMBER);
    ck_assert_msg(twice > 0 && far > twice + 10, "%g %g", twice, far);
    lgd_baseline_free(b);
    free(s);
}
END_TEST

START_TEST(test_a_counter_is_no_quantity) {
    story *s = story_new();
    for (size_t i = 0; i < 1000; i++) tell_number(s, 0, start_ns, 2, 5000 + (double)(i * i));
    lgd_baseline *b = story_learn(s, N_TEMPLATES, N_SLOTS);
    ck_assert(ask(b, "99999999", 2, LGD_COL_NUMBER) == 0);
    lgd_baseline_free(b);
    free(s);
}
END_TEST

/* ---- degenerate logs ---- */

static void untimed(story *s) {
    tell_ordinary(s, 300);
    for (size_t i = 0; i < 300; i++) s->times[i] = LGD_NO_TIME;
}

static void single(story *s) { tell(s, 0, start_ns, 0); }

static void equal(story *s) {
    for (int i = 0; i < 300; i++) tell_number(s, 0, start_ns, 0, 7);
}

static void huge(story *s) {
    static const double numbers[] = {1e308, -1e308, 5e-324, -5e-324, 0, 1e-300, 1};
    static const int64_t times[] = {INT64_MAX, INT64_MIN + 1, 0, -1, INT64_MAX - 1, LGD_NO_TIME};
    for (size_t i = 0; i < 420; i++) {
        tell_number(s, i % 3 ? 0 : 9999, times[i % 6], (uint32_t)(i % 9), numbers[i % 7]);
        s->lengths[i] = i % 2 ? UINT32_MAX : 0;
        s->levels[i] = (uint8_t)i;
        s->streams[i] = (uint32_t)(i * 0x9e3779b9u);
    }
    s->ids[5] = LGD_NO_TEMPLATE;
}

static void nothing(story *s) { (void)s; }

START_TEST(test_columns_are_finite_for_any_log) {
    void (*const logs[])(story *) = {nothing, single, equal, untimed, huge};
    enum { N = sizeof logs / sizeof *logs };
    for (size_t i = 0; i < N; i++) {
        story *learned = story_new();
        logs[i](learned);
        lgd_baseline *b = story_learn(learned, N_TEMPLATES, N_SLOTS);
        for (size_t k = 0; k < N; k++) {
            story *scanned = story_new();
            logs[k](scanned);
            table_free(extract(b, scanned, 0)); /* extract checks */
            if (i == k) table_free(extract(b, scanned, BLOCK));
            free(scanned);
        }
        lgd_buf text = {0};
        for (uint32_t slot = 0; slot <= N_SLOTS; slot++) {
            lgd_baseline_describe_values(b, slot, &text);
            lgd_baseline_describe_range(b, slot, &text);
        }
        ck_assert(isfinite(lgd_baseline_warning_share(b)) && isfinite(lgd_baseline_mean_length(b, 0)));
        lgd_buf_release(&text);
        lgd_baseline_free(b);
        free(learned);
    }
}
END_TEST

START_TEST(test_a_matrix_keeps_its_rows_as_it_grows) {
    lgd_matrix m = {0};
    for (size_t i = 0; i < 5000; i++) {
        if (lgd_matrix_reserve(&m, 1, NULL) != LGD_OK) ck_abort_msg("memory");
        for (size_t c = 0; c < LGD_COLUMNS; c++) m.x[c * m.capacity + i] = (float)(i * LGD_COLUMNS + c);
        m.n_rows++;
    }
    size_t same = 0;
    for (size_t i = 0; i < 5000; i++)
        for (lgd_column c = 0; c < LGD_COLUMNS; c++) same += lgd_matrix_at(&m, i, c) == (float)(i * LGD_COLUMNS + c);
    ck_assert_uint_eq(same, 5000 * LGD_COLUMNS);
    lgd_matrix_release(&m);
    ck_assert_ptr_null(m.x);
}
END_TEST

/* ---- saved form ---- */

static lgd_status load(lgd_sv bytes, lgd_baseline **ret) {
    lgd_err err = {0};
    return lgd_baseline_load(bytes, N_TEMPLATES, N_SLOTS, ret, &err);
}

START_TEST(test_a_baseline_comes_back_the_same) {
    story *s = story_new();
    lgd_buf saved = {0}, again = {0};
    lgd_baseline *back = NULL;
    tell_ordinary(s, 1200);
    tell(s, 9999, start_ns, 0);
    lgd_baseline *b = story_learn(s, N_TEMPLATES, N_SLOTS);
    ck_assert_int_eq(lgd_baseline_save(b, &saved, NULL), LGD_OK);
    ck_assert_int_eq(load(lgd_buf_sv(&saved), &back), LGD_OK);
    ck_assert_int_eq(lgd_baseline_save(back, &again, NULL), LGD_OK);
    ck_assert(lgd_sv_eq(lgd_buf_sv(&saved), lgd_buf_sv(&again)));
    table *x = extract(b, s, 0), *y = extract(back, s, 0);
    for (lgd_column c = 0; c < LGD_COLUMNS; c++)
        ck_assert_msg(
            memcmp(x->m.x + (size_t)c * x->m.capacity, y->m.x + (size_t)c * y->m.capacity, s->e.n * sizeof(float)) == 0,
            "%s", lgd_column_name(c));
    double p = 0, q = 0;
    for (lgd_template_id i = 0; i < N_TEMPLATES; i++) {
        ck_assert_uint_eq(lgd_baseline_successor(b, i, &p), lgd_baseline_successor(back, i, &q));
        ck_assert(p == q);
    }
    table_free(x);
    table_free(y);
    lgd_buf_release(&saved);
    lgd_buf_release(&again);
    lgd_baseline_free(back);
    lgd_baseline_free(b);
    free(s);
}
END_TEST

/* Bytes of the saved form, each with what cannot be: found by tests/fuzz/fuzz_model.c as columns that are no numbers. */
static const struct {
    size_t at;
    uint64_t bits;
} impossible[] = {
    {0, UINT64_MAX},                     /* events: not the sum of the templates' counts */
    {8, 301},                            /* warnings: more than events */
    {48, 0},                             /* events of a fold: not the sum of the templates' counts */
    {88, UINT64_C(0x4000000000000000)},  /* largest share of warnings: 2 */
    {128, UINT64_MAX},                   /* events of an hour: not the sum of the templates' */
    {476, 0},                            /* successors of a template that is followed, and an hour behind it */
    {596, UINT64_C(0x8000000000000000)}, /* longest gap of a template: less than nothing */
    {636, UINT64_C(0x7fe0000000000000)}, /* sum of the logarithms of lengths: 9e307 */
    {644, UINT64_C(0xbff0000000000000)}, /* their squares: -1 */
    {660, UINT64_C(0x8000000000000000)}, /* last time of a template: before its first */
};

START_TEST(test_a_baseline_that_does_not_add_up_is_damaged) {
    story *s = story_new();
    lgd_buf saved = {0};
    lgd_baseline *back = NULL;
    tell_ordinary(s, 300);
    lgd_baseline *b = story_learn(s, N_TEMPLATES, N_SLOTS);
    ck_assert_int_eq(lgd_baseline_save(b, &saved, NULL), LGD_OK);
    for (size_t i = 0; i < 8; i++) saved.p[impossible[_i].at + i] = (char)(impossible[_i].bits >> (8 * i) & 0xff);
    ck_assert_int_eq(load(lgd_buf_sv(&saved), &back), LGD_E_DAMAGED);
    lgd_buf_release(&saved);
    lgd_baseline_free(b);
    free(s);
}
END_TEST

START_TEST(test_no_damaged_byte_does_harm) {
    story *s = story_new();
    lgd_buf saved = {0}, text = {0};
    lgd_baseline *back = NULL;
    tell_ordinary(s, 300);
    lgd_baseline *b = story_learn(s, N_TEMPLATES, N_SLOTS);
    ck_assert_int_eq(lgd_baseline_save(b, &saved, NULL), LGD_OK);
    for (size_t n = 0; n < saved.n; n++)
        if (load((lgd_sv){saved.p, n}, &back) != LGD_E_DAMAGED) ck_abort_msg("%zu bytes were taken", n);
    s->e.n = 30;
    lgd_tracker *t = tracker();
    for (size_t i = 0; i < saved.n * 2; i++) {
        char mask = i % 2 ? (char)0x81 : (char)0xff;
        saved.p[i / 2] = (char)(saved.p[i / 2] ^ mask);
        lgd_status status = load(lgd_buf_sv(&saved), &back);
        if (status == LGD_OK) {
            lgd_matrix m = {0};
            lgd_tracker_begin_input(t);
            if (lgd_extract(back, t, &s->e, 0, 0, &m, NULL, NULL) != LGD_OK) ck_abort_msg("flip %zu", i);
            for (lgd_column c = 0; c < LGD_COLUMNS; c++)
                for (size_t row = 0; row < m.n_rows; row++)
                    if (!isfinite(lgd_matrix_at(&m, row, c))) ck_abort_msg("flip %zu: %s", i, lgd_column_name(c));
            lgd_buf_clear(&text);
            for (uint32_t slot = 0; slot < N_SLOTS; slot++) lgd_baseline_describe_values(back, slot, &text);
            lgd_matrix_release(&m);
            lgd_baseline_free(back);
        } else if (status != LGD_E_DAMAGED) {
            ck_abort_msg("flip %zu: status %d", i, status);
        }
        saved.p[i / 2] = (char)(saved.p[i / 2] ^ mask);
    }
    ck_assert_int_ne(lgd_baseline_load(lgd_buf_sv(&saved), N_TEMPLATES + 1, N_SLOTS, &back, NULL), LGD_OK);
    lgd_tracker_free(t);
    lgd_buf_release(&saved);
    lgd_buf_release(&text);
    lgd_baseline_free(b);
    free(s);
}
END_TEST

static lgd_status whole_life(const story *s, lgd_buf *saved, lgd_matrix *m, lgd_err *err) {
    lgd_baseline *b = NULL, *back = NULL;
    lgd_tracker *t = NULL;
    lgd_status status = lgd_baseline_new(N_TEMPLATES, N_SLOTS, &b, err);
    if (status == LGD_OK) status = lgd_tracker_new(N_TEMPLATES, &t, err);
    if (status == LGD_OK) status = lgd_baseline_learn(b, t, &s->e, 0, BLOCK, err);
    if (status == LGD_OK) status = lgd_baseline_finish(b, err);
    if (status == LGD_OK) status = lgd_baseline_save(b, saved, err);
    if (status == LGD_OK) status = lgd_baseline_load(lgd_buf_sv(saved), N_TEMPLATES, N_SLOTS, &back, err);
    if (status == LGD_OK) status = lgd_extract(back, t, &s->e, 0, 0, m, NULL, err);
    lgd_tracker_free(t);
    lgd_baseline_free(b);
    lgd_baseline_free(back);
    return status;
}

START_TEST(test_failing_allocations_are_told) {
    story *s = story_new();
    lgd_status status = LGD_E_MEMORY;
    uint64_t k = 0;
    tell_ordinary(s, 60);
    while (status != LGD_OK) {
        lgd_buf saved = {0};
        lgd_matrix m = {0};
        lgd_err err = {0};
        k++;
        lgd_alloc_fail_at(k, k % 2 == 0);
        status = whole_life(s, &saved, &m, &err);
        lgd_alloc_fail_at(0, false);
        if (status != LGD_OK && (status != LGD_E_MEMORY || !err.text[0])) ck_abort_msg("allocation %d", (int)k);
        lgd_buf_release(&saved);
        lgd_matrix_release(&m);
    }
    ck_assert_uint_gt(k, 15);
    free(s);
}
END_TEST

Suite *feature_suite(void) {
    Suite *suite = suite_create("feature");
    TCase *tests = tcase_create("feature");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, test_the_predecessor_is_that_of_the_stream);
    tcase_add_test(tests, test_windows_count_and_end);
    tcase_add_test(tests, test_gaps_are_never_negative);
    tcase_add_test(tests, test_nothing_comes_before_a_new_input);
    tcase_add_test(tests, test_a_process_starts_up_when_it_is_first_heard_of);
    tcase_add_test(tests, test_the_baseline_counts);
    tcase_add_test(tests, test_a_log_is_ordinary_to_itself);
    tcase_add_test(tests, test_each_column_sees_its_kind_of_surprise);
    tcase_add_test(tests, test_training_events_are_told_by_the_other_folds);
    tcase_add_test(tests, test_folds_share_the_blocks);
    tcase_add_test(tests, test_rare_values_are_rarer_and_new_ones_rarest);
    tcase_add_test(tests, test_values_as_frequent_as_others_are_told_too);
    tcase_add_test(tests, test_a_value_of_each_run_is_no_surprise);
    tcase_add_test(tests, test_the_event_that_brings_a_value_late_is_new_to_training);
    tcase_add_test(tests, test_a_level_says_less_of_what_is_known);
    tcase_add_test(tests, test_an_hour_is_odd_by_its_distance);
    tcase_add_test(tests, test_where_each_run_brings_a_value_a_new_one_is_nothing_new);
    tcase_add_test(tests, test_a_slot_of_many_values_takes_any);
    tcase_add_test(tests, test_numbers_out_of_range_are_rarer_the_further_they_are);
    tcase_add_test(tests, test_where_no_fraction_was_seen_one_is_next_to_zero);
    tcase_add_test(tests, test_a_number_in_another_unit_is_compared_in_that_of_its_place);
    tcase_add_test(tests, test_a_counter_is_no_quantity);
    tcase_add_test(tests, test_columns_are_finite_for_any_log);
    tcase_add_test(tests, test_a_matrix_keeps_its_rows_as_it_grows);
    tcase_add_test(tests, test_a_baseline_comes_back_the_same);
    tcase_add_loop_test(tests, test_a_baseline_that_does_not_add_up_is_damaged, 0,
                        sizeof impossible / sizeof impossible[0]);
    tcase_add_test(tests, test_no_damaged_byte_does_harm);
    tcase_add_test(tests, test_failing_allocations_are_told);
    suite_add_tcase(suite, tests);
    return suite;
}
