/*
 * Tests of detect/corpus, vocab, streams and prefix_cache: which windows a log is cut into and how often each came, what a
 * sample of too many is, which row a template gets, and that all of it stays bounded.
 */
#include "../../src/detect/corpus.h"
#include "../../src/detect/prefix_cache.h"
#include "../../src/detect/vocab.h"

#include "lstm_log.h"

#include <check.h>
#include <math.h>

Suite *corpus_suite(void);

static step_log log_;

static lgd_lstm_options options_of(uint32_t steps) {
    lgd_lstm_options o = small_options();
    o.steps = steps;
    return o;
}

static lgd_corpus *finished(uint32_t steps, size_t held_every) {
    lgd_lstm_options o = options_of(steps);
    lgd_corpus *c = gather(&log_, &o, held_every);
    ck_assert_int_eq(corpus_finish(c, NULL), LGD_OK);
    return c;
}

static corpus_sample draw(const lgd_corpus *c, bool held_out, size_t most) {
    corpus_sample s;
    ck_assert_int_eq(corpus_draw(c, held_out, most, &s, NULL), LGD_OK);
    return s;
}

static lgd_template_id id_of(char letter) {
    return letter == '^' ? LGD_ORDER_START : letter == '$' ? LGD_ORDER_END : (lgd_template_id)(letter - 'A');
}

/* How often the window came: its context, then its events; '^' and '$' are the ends of a session. 0: never. */
static uint32_t count_of(const lgd_corpus *c, bool held_out, const char *letters) {
    for (size_t i = 0; i < c->n_windows; i++) {
        const corpus_window *w = corpus_window_at(c, i);
        bool same = w->held_out == held_out && w->n + 1U == strlen(letters);
        for (size_t k = 0; same && k <= w->n; k++) same = w->ids[k] == id_of(letters[k]);
        if (same) return w->count;
    }
    return 0;
}

/* ---- windows ---- */

START_TEST(test_windows_follow_each_other_and_a_session_has_an_end) {
    log_.n = 0;
    for (uint64_t s = 0; s < 3; s++) log_add(&log_, 101 + s, "ABCDEFG");
    log_interleave(&log_, 1);
    lgd_corpus *c = finished(3, 0);
    ck_assert_uint_eq(count_of(c, false, "^ABC"), 3);
    ck_assert_uint_eq(count_of(c, false, "CDEF"), 3);
    ck_assert_uint_eq(count_of(c, false, "FG$"), 3);
    ck_assert_uint_eq(c->n_windows, 3);
    ck_assert_uint_eq(c->n_seen[0], 9);
    ck_assert_uint_eq(c->n_ends, 3);
    ck_assert_uint_eq(c->counts[0], 3);
    lgd_corpus_free(c);
    lgd_corpus_free(NULL);
}
END_TEST

START_TEST(test_an_end_behind_a_full_window_has_its_own) {
    log_.n = 0;
    log_add(&log_, 100, "ABC");
    lgd_corpus *c = finished(3, 0);
    ck_assert_uint_eq(count_of(c, false, "^ABC"), 1);
    ck_assert_uint_eq(count_of(c, false, "C$"), 1);
    lgd_corpus_free(c);
}
END_TEST

START_TEST(test_a_stream_that_is_no_session_ends_without_an_end) {
    log_.n = 0;
    log_add(&log_, 7, "ABCDE");
    lgd_corpus *c = finished(3, 0);
    ck_assert_uint_eq(count_of(c, false, "^ABC"), 1);
    ck_assert_uint_eq(count_of(c, false, "CDE"), 1);
    ck_assert_uint_eq(c->n_windows, 2);
    ck_assert_uint_eq(c->n_ends, 0);
    lgd_corpus_free(c);
}
END_TEST

START_TEST(test_a_new_input_ends_streams_but_no_sessions) {
    lgd_lstm_options o = options_of(3);
    lgd_corpus *c = NULL;
    ck_assert_int_eq(lgd_corpus_new(&o, &c, NULL), LGD_OK);
    for (size_t input = 0; input < 2; input++) {
        lgd_corpus_begin_input(c);
        for (lgd_template_id id = 0; id < 2; id++) {
            ck_assert_int_eq(lgd_corpus_add(c, &(lgd_step){5, false, id}, false, NULL), LGD_OK);
            ck_assert_int_eq(lgd_corpus_add(c, &(lgd_step){5, true, id}, false, NULL), LGD_OK);
        }
    }
    ck_assert_int_eq(corpus_finish(c, NULL), LGD_OK);
    ck_assert_uint_eq(count_of(c, false, "^AB"), 2);
    ck_assert_uint_eq(count_of(c, false, "^ABA"), 1);
    ck_assert_uint_eq(count_of(c, false, "AB$"), 1);
    lgd_corpus_free(c);
}
END_TEST

START_TEST(test_held_out_windows_are_counted_apart) {
    log_.n = 0;
    for (uint64_t s = 100; s < 110; s++) log_add(&log_, s, s % 2 ? "AB" : "ABA");
    lgd_corpus *c = finished(4, 5); /* 100 and 105 are held out */
    ck_assert_uint_eq(count_of(c, false, "^AB$"), 4);
    ck_assert_uint_eq(count_of(c, true, "^AB$"), 1);
    ck_assert_uint_eq(count_of(c, false, "^ABA$"), 4);
    ck_assert_uint_eq(count_of(c, true, "^ABA$"), 1);
    ck_assert_uint_eq(c->counts[0], 4 + 8);
    ck_assert_uint_eq(c->n_ends, 8);
    ck_assert_uint_eq(c->n_kept, 2);
    ck_assert_uint_eq(c->n_kept_events, 5);
    lgd_corpus_free(c);
}
END_TEST

START_TEST(test_a_session_is_held_out_as_a_whole) {
    lgd_lstm_options o = options_of(3);
    lgd_corpus *c = NULL;
    ck_assert_int_eq(lgd_corpus_new(&o, &c, NULL), LGD_OK);
    for (uint32_t i = 0; i < 6; i++) ck_assert_int_eq(lgd_corpus_add(c, &(lgd_step){1, true, i}, i < 3, NULL), LGD_OK);
    ck_assert_int_eq(corpus_finish(c, NULL), LGD_OK);
    ck_assert_uint_eq(count_of(c, true, "^ABC"), 1);
    ck_assert_uint_eq(count_of(c, true, "CDEF"), 1);
    ck_assert_uint_eq(count_of(c, true, "F$"), 1);
    ck_assert_uint_eq(c->n_windows, 3);
    lgd_corpus_free(c);
}
END_TEST

/* A log may be one endless stream: what is held out is decided for each of its windows. */
START_TEST(test_windows_of_other_streams_are_held_out_one_by_one) {
    lgd_lstm_options o = options_of(3);
    lgd_corpus *c = NULL;
    ck_assert_int_eq(lgd_corpus_new(&o, &c, NULL), LGD_OK);
    for (uint32_t i = 0; i < 30; i++) { /* the third window in each five */
        bool held_out = i % 15 == 6;
        ck_assert_int_eq(lgd_corpus_add(c, &(lgd_step){1, false, i % 3}, held_out, NULL), LGD_OK);
    }
    ck_assert_int_eq(corpus_finish(c, NULL), LGD_OK);
    ck_assert_uint_eq(count_of(c, true, "CABC"), 2);
    ck_assert_uint_eq(count_of(c, false, "CABC"), 7);
    ck_assert_uint_eq(c->counts[0], 8);
    ck_assert_uint_eq(c->n_kept, 0);
    lgd_corpus_free(c);
}
END_TEST

/* ---- samples ---- */

/* 3 to the power of 9 windows, of which those that begin with AAA came ten times. */
static lgd_corpus *many_windows(uint64_t first_stream) {
    lgd_lstm_options o = options_of(9);
    lgd_corpus *c = NULL;
    ck_assert_int_eq(lgd_corpus_new(&o, &c, NULL), LGD_OK);
    for (uint64_t i = 0; i < 19683; i++)
        for (size_t k = 0; k < 9; k++) {
            uint64_t digits = (i * 7919 + first_stream) % 19683;
            size_t times = digits % 27 == 0 ? 10 : 1;
            for (size_t d = 0; d < k; d++) digits /= 3;
            for (size_t t = 0; t < times; t++)
                if (lgd_corpus_add(c, &(lgd_step){i * 10 + t, false, (lgd_template_id)(digits % 3)}, false, NULL))
                    ck_abort();
        }
    ck_assert_int_eq(corpus_finish(c, NULL), LGD_OK);
    return c;
}

START_TEST(test_a_sample_is_bounded_and_stands_for_all) {
    lgd_corpus *c = many_windows(0);
    ck_assert_uint_eq(c->n_windows, 19683);
    corpus_sample all = draw(c, false, 1 << 20), some = draw(c, false, 2000);
    double total = 0, estimate = 0;
    size_t frequent = 0;
    for (size_t i = 0; i < all.n; i++) total += (double)all.weights[i];
    for (size_t i = 0; i < some.n; i++) {
        estimate += (double)some.weights[i];
        frequent += some.windows[i]->count == 10;
    }
    ck_assert_uint_eq(all.n, 19683);
    ck_assert_uint_eq(some.n, 2000);
    ck_assert_double_eq_tol(estimate / total, 1, 0.05);
    ck_assert_msg(frequent > 150 && frequent < 300, "%zu of 729",
                  frequent); /* sqrt(10) times as likely as the others */
    corpus_sample_release(&all);
    corpus_sample_release(&some);
    lgd_corpus_free(c);
}
END_TEST

START_TEST(test_a_sample_does_not_depend_on_the_order_of_the_log) {
    lgd_corpus *a = many_windows(0), *b = many_windows(1234);
    corpus_sample x = draw(a, false, 500), y = draw(b, false, 500);
    for (size_t i = 0; i < 500; i++)
        if (x.windows[i]->hash != y.windows[i]->hash || x.weights[i] != y.weights[i]) ck_abort_msg("window %zu", i);
    corpus_sample_release(&x);
    corpus_sample_release(&y);
    lgd_corpus_free(a);
    lgd_corpus_free(b);
}
END_TEST

START_TEST(test_distinct_windows_are_bounded) {
    lgd_lstm_options o = options_of(2);
    lgd_corpus *c = NULL;
    ck_assert_int_eq(lgd_corpus_new(&o, &c, NULL), LGD_OK);
    for (uint32_t i = 0; i < 3 * CORPUS_MAX_WINDOWS; i++) {
        if (lgd_corpus_add(c, &(lgd_step){1, false, i % 600}, false, NULL)) ck_abort();
        if (lgd_corpus_add(c, &(lgd_step){1, false, i / 600}, false, NULL)) ck_abort();
        if (c->n_windows > CORPUS_MAX_WINDOWS) ck_abort();
    }
    ck_assert_uint_eq(c->n_windows + c->n_forgotten, 3 * CORPUS_MAX_WINDOWS);
    ck_assert_uint_eq(c->n_seen[0], 3 * CORPUS_MAX_WINDOWS);
    ck_assert_uint_ge(c->n_windows, CORPUS_MAX_WINDOWS / 2);
    lgd_corpus_free(c);
    o.steps = LGD_NET_MAX_STEPS; /* long windows are fewer, and so are states of streams */
    c = NULL;
    ck_assert_int_eq(lgd_corpus_new(&o, &c, NULL), LGD_OK);
    ck_assert_uint_le(c->most_windows * c->stride, CORPUS_MAX_BYTES);
    ck_assert_uint_le(c->sessions.limit * c->sessions.stride, MAX_STREAM_BYTES);
    ck_assert_uint_gt(c->sessions.limit, 10000);
    lgd_corpus_free(c);
}
END_TEST

START_TEST(test_open_streams_are_bounded_and_what_is_forgotten_was_counted) {
    lgd_lstm_options o = options_of(4);
    lgd_corpus *c = NULL;
    ck_assert_int_eq(lgd_corpus_new(&o, &c, NULL), LGD_OK);
    for (uint64_t s = 0; s < 2 * MAX_OTHER_STREAMS; s++) {
        if (lgd_corpus_add(c, &(lgd_step){s, false, 0}, false, NULL)) ck_abort();
        if (s % 100 == 0 && lgd_corpus_add(c, &(lgd_step){3, false, 1}, false, NULL)) ck_abort();
        if (c->others.n > MAX_OTHER_STREAMS) ck_abort();
    }
    ck_assert_int_eq(corpus_finish(c, NULL), LGD_OK);
    ck_assert_uint_ge(count_of(c, false, "^A"), 2 * MAX_OTHER_STREAMS - 2);
    /* what is used is not forgotten: 1,311 events and the one of its turn, the first window has another context */
    ck_assert_uint_eq(count_of(c, false, "BBBBB"), 1312 / 4 - 1);
    lgd_corpus_free(c);
}
END_TEST

START_TEST(test_held_out_sessions_are_a_sample) {
    lgd_lstm_options o = options_of(4);
    lgd_corpus *c = NULL;
    size_t n = 0, late = 0;
    ck_assert_int_eq(lgd_corpus_new(&o, &c, NULL), LGD_OK);
    for (uint64_t s = 0; s < 10000; s++)
        for (lgd_template_id id = 0; id < 3; id++)
            if (lgd_corpus_add(c, &(lgd_step){s, true, id + (s >= 5000)}, true, NULL)) ck_abort();
    for (size_t i = 0; i < c->n_held; i++) {
        if (!c->held[i].ids) continue;
        ck_assert(c->held[i].n == 3 && c->held[i].priority < c->held_below);
        late += c->held[i].ids[0] == 1;
        n++;
    }
    ck_assert_uint_eq(n, c->n_kept);
    ck_assert_uint_eq(3 * n, c->n_kept_events);
    ck_assert_msg(n <= CORPUS_MAX_SESSIONS && n > CORPUS_MAX_SESSIONS / 4, "%zu", n);
    ck_assert_msg(late > n / 3 && late < 2 * n / 3, "%zu of %zu", late, n);
    lgd_corpus_free(c);
}
END_TEST

START_TEST(test_an_endless_held_out_session_is_let_go) {
    lgd_lstm_options o = options_of(4);
    lgd_corpus *c = NULL;
    ck_assert_int_eq(lgd_corpus_new(&o, &c, NULL), LGD_OK);
    for (uint32_t i = 0; i < 2 * CORPUS_MAX_SESSION_EVENTS; i++)
        if (lgd_corpus_add(c, &(lgd_step){1, true, i % 3}, true, NULL)) ck_abort();
    /* Cut short, it would end where no session does, and that would calibrate ends. */
    ck_assert_uint_eq(c->n_kept_events, 0);
    ck_assert_uint_eq(c->n_kept, 0);
    lgd_corpus_free(c);
}
END_TEST

START_TEST(test_windows_of_an_impossible_length_are_refused) {
    static const uint32_t steps[] = {0, LGD_NET_MAX_STEPS + 1};
    lgd_lstm_options o = options_of(steps[_i]);
    lgd_corpus *c = NULL;
    ck_assert_int_eq(lgd_corpus_new(&o, &c, NULL), LGD_E_USAGE);
    ck_assert_ptr_null(c);
}
END_TEST

/* ---- vocabulary ---- */

/* Templates 10, 20, ..; of each, one less than of the one before, and never fewer than one. */
static vocab make_vocab(size_t n, uint32_t first_count, uint32_t most_rows) {
    vocab v;
    vocab_count *counts = lgd_alloc(n * sizeof *counts);
    for (size_t i = 0; i < n; i++) {
        uint32_t less = (uint32_t)i;
        counts[i] = (vocab_count){10 * ((lgd_template_id)i + 1), first_count > less ? first_count - less : 1};
    }
    ck_assert_int_eq(vocab_init(&v, counts, n, 100, most_rows, NULL), LGD_OK);
    return v;
}

START_TEST(test_rows_go_by_frequency) {
    vocab v = make_vocab(5, 9, VOCAB_MAX_ROWS);
    ck_assert_uint_eq(v.n_rows, ROW_TEMPLATES + 5);
    for (lgd_template_id i = 0; i < 5; i++) {
        const vocab_place *p = vocab_find(&v, 10 * (i + 1));
        ck_assert_uint_eq(p->row, ROW_TEMPLATES + i);
        ck_assert_uint_eq(v.ids[p->row], 10 * (i + 1));
        ck_assert_int_eq(p->share, 0);
        /* u: count and total have one more for each template, the end and the unknown */
        double u = (9.0 - i + 1) / (9 + 8 + 7 + 6 + 5 + 100 + 5 + 2);
        double n = 9.0 - i, most = fmin(fmax(log2(16 * (n + 1)), -log2(8 * u)), -log2(0.01 * u));
        ck_assert_double_eq_tol((double)bits64_value(p->cap), most, 4.0 / 64);
    }
    ck_assert_uint_eq(vocab_find(&v, LGD_ORDER_END)->row, ROW_END);
    static const lgd_template_id strangers[] = {0, 11, 60, 1 << 20, LGD_NO_TEMPLATE};
    for (size_t i = 0; i < 5; i++) {
        ck_assert_uint_eq(vocab_find(&v, strangers[i])->row, ROW_UNKNOWN);
        ck_assert_int_gt(vocab_find(&v, strangers[i])->cap, vocab_find(&v, 50)->cap);
    }
    vocab_release(&v);
    vocab_release(&v);
}
END_TEST

START_TEST(test_equal_templates_stand_by_id) {
    vocab v = make_vocab(20, 0, VOCAB_MAX_ROWS);
    for (lgd_template_id i = 0; i < 20; i++) ck_assert_uint_eq(vocab_find(&v, 10 * (i + 1))->row, ROW_TEMPLATES + i);
    vocab_release(&v);
}
END_TEST

/* As many templates as rows, one more, and many more. */
START_TEST(test_rare_templates_share_rows) {
    static const struct {
        size_t n;
        uint32_t most, rows;
        size_t own;
    } cases[] = {{VOCAB_MAX_ROWS - 3, VOCAB_MAX_ROWS, VOCAB_MAX_ROWS, VOCAB_MAX_ROWS - 3},
                 {VOCAB_MAX_ROWS - 2, VOCAB_MAX_ROWS, VOCAB_MAX_ROWS, VOCAB_MAX_ROWS - 67},
                 {5000, VOCAB_MAX_ROWS, VOCAB_MAX_ROWS, VOCAB_MAX_ROWS - 67},
                 {300, VOCAB_MAX_ONE_HOT, VOCAB_MAX_ONE_HOT, VOCAB_MAX_ONE_HOT - 67}};
    vocab v = make_vocab(cases[_i].n, 6000, cases[_i].most);
    static double in_row[VOCAB_MAX_ROWS];
    memset(in_row, 0, sizeof in_row);
    ck_assert_uint_eq(v.n_rows, cases[_i].rows);
    for (size_t i = 0; i < cases[_i].n; i++) {
        lgd_template_id id = 10 * ((lgd_template_id)i + 1);
        const vocab_place *p = vocab_find(&v, id);
        bool own = i < cases[_i].own;
        if (p->row < ROW_TEMPLATES || p->row >= v.n_rows || v.ids[p->row] != (own ? id : LGD_NO_TEMPLATE) ||
            p->share > v.top[p->row] || own != (p->row < ROW_TEMPLATES + cases[_i].own))
            ck_abort_msg("template %zu: row %u", i, (unsigned)p->row);
        in_row[p->row] += exp2((double)bits64_value(p->share));
    }
    for (size_t i = ROW_TEMPLATES; i < v.n_rows; i++) /* 1/64 bit is 1.1 %, half of it is lost by rounding */
        if (in_row[i] != 0 && fabs(in_row[i] - 1) > 0.006) ck_abort_msg("row %zu: %g", i, in_row[i]);
    vocab_release(&v);
}
END_TEST

START_TEST(test_bits_are_kept_in_sixty_fourths) {
    ck_assert_int_eq(bits64_of(1), 64);
    ck_assert_int_eq(bits64_of(-0.51 / 64), -1);
    ck_assert_int_eq(bits64_of(1e30), 511 * 64);
    ck_assert_int_eq(bits64_of(-INFINITY), -511 * 64);
    ck_assert_int_eq(bits64_of(NAN), -511 * 64);
}
END_TEST

START_TEST(test_a_saved_vocabulary_comes_back_or_is_refused) {
    vocab v = make_vocab(200, 50, VOCAB_MAX_ONE_HOT), back;
    lgd_buf saved = {0};
    vocab_save(&v, &saved);
    lgd_cursor c = lgd_cursor_of(lgd_buf_sv(&saved));
    ck_assert_int_eq(vocab_load(&c, 2001, VOCAB_MAX_ONE_HOT, &back, NULL), LGD_OK);
    ck_assert_int_eq(lgd_cursor_done(&c, "vocabulary", NULL), LGD_OK);
    ck_assert_mem_eq(back.ids, v.ids, sizeof v.ids);
    ck_assert_mem_eq(back.places, v.places, v.n_places * sizeof *v.places);
    vocab_release(&back);
    c = lgd_cursor_of(lgd_buf_sv(&saved)); /* the last id is 2000 */
    ck_assert_int_eq(vocab_load(&c, 2000, VOCAB_MAX_ONE_HOT, &back, NULL), LGD_OK);
    ck_assert(c.bad && !back.counts && !back.places);
    static const struct {
        lgd_template_id id[2];
        uint32_t n[2];
    } forged[] = {{{5, 5}, {1, 1}}, {{6, 5}, {1, 1}}, {{5, 6}, {1, 0}}};
    for (size_t i = 0; i < 3; i++) {
        lgd_buf_clear(&saved);
        lgd_put_u64(&saved, UINT64_MAX);
        lgd_put_u32(&saved, 2);
        for (size_t k = 0; k < 2; k++) {
            lgd_put_u32(&saved, forged[i].id[k]);
            lgd_put_u32(&saved, forged[i].n[k]);
        }
        c = lgd_cursor_of(lgd_buf_sv(&saved));
        ck_assert_int_eq(vocab_load(&c, 100, VOCAB_MAX_ROWS, &back, NULL), LGD_OK);
        ck_assert_msg(c.bad && !back.counts, "row %zu", i);
    }
    lgd_buf_release(&saved);
    vocab_release(&v);
}
END_TEST

/* ---- prefix cache ---- */

START_TEST(test_a_cache_finds_what_it_was_given_until_it_is_full) {
    prefix_cache c;
    size_t n = 0;
    ck_assert_int_eq(prefix_cache_init(&c, 1 << 14, NULL), LGD_OK);
    while (!prefix_cache_is_full(&c)) {
        ck_assert_int_eq(prefix_cache_add(&c, lgd_hash_u64(n, 1), (uint32_t)n, NULL), LGD_OK);
        n++;
    }
    ck_assert_uint_eq(n, 3 << 12);
    for (size_t i = 0; i < n; i++) {
        const prefix_entry *e = prefix_cache_find(&c, lgd_hash_u64(i, 1));
        if (!e || e->slot != i || e->state != PREFIX_PENDING) ck_abort_msg("entry %zu", i);
    }
    ck_assert_ptr_null(prefix_cache_find(&c, lgd_hash_u64(n, 1)));
    prefix_cache_clear(&c);
    ck_assert_ptr_null(prefix_cache_find(&c, lgd_hash_u64(0, 1)));
    ck_assert(!prefix_cache_is_full(&c));
    prefix_cache_release(&c);
}
END_TEST

/* ---- memory ---- */

static lgd_status whole_life(lgd_err *err) {
    lgd_lstm_options o = options_of(3);
    lgd_corpus *c = NULL;
    corpus_sample s = {0};
    lgd_status status = lgd_corpus_new(&o, &c, err);
    for (size_t i = 0; i < log_.n && status == LGD_OK; i++)
        status = lgd_corpus_add(c, &log_.steps[i], log_.steps[i].stream % 3 == 0, err);
    if (status == LGD_OK) status = corpus_finish(c, err);
    if (status == LGD_OK) status = corpus_draw(c, false, 4, &s, err);
    corpus_sample_release(&s);
    lgd_corpus_free(c);
    return status;
}

START_TEST(test_failing_allocations_are_told) {
    lgd_status status = LGD_E_MEMORY;
    uint64_t k = 0;
    log_.n = 0;
    for (uint64_t s = 90; s < 130; s++) log_add(&log_, s, "ABCDBACD?ABDCBAAA");
    while (status != LGD_OK && k < 1000) {
        lgd_err err = {0};
        k++;
        lgd_alloc_fail_at(k, k % 2 == 0);
        status = whole_life(&err);
        lgd_alloc_fail_at(0, false);
        if (status != LGD_OK && (status != LGD_E_MEMORY || !err.text[0])) ck_abort_msg("allocation %d", (int)k);
    }
    ck_assert_int_eq(status, LGD_OK);
    ck_assert_uint_gt(k, 15);
}
END_TEST

Suite *corpus_suite(void) {
    Suite *s = suite_create("corpus");
    TCase *windows = tcase_create("windows"), *samples = tcase_create("samples"), *rows = tcase_create("vocabulary");
    tcase_add_test(windows, test_windows_follow_each_other_and_a_session_has_an_end);
    tcase_add_test(windows, test_an_end_behind_a_full_window_has_its_own);
    tcase_add_test(windows, test_a_stream_that_is_no_session_ends_without_an_end);
    tcase_add_test(windows, test_a_new_input_ends_streams_but_no_sessions);
    tcase_add_test(windows, test_held_out_windows_are_counted_apart);
    tcase_add_test(windows, test_a_session_is_held_out_as_a_whole);
    tcase_add_test(windows, test_windows_of_other_streams_are_held_out_one_by_one);
    tcase_add_loop_test(windows, test_windows_of_an_impossible_length_are_refused, 0, 2);
    tcase_add_test(windows, test_failing_allocations_are_told);
    suite_add_tcase(s, windows);
    tcase_add_test(samples, test_a_sample_is_bounded_and_stands_for_all);
    tcase_add_test(samples, test_a_sample_does_not_depend_on_the_order_of_the_log);
    tcase_add_test(samples, test_distinct_windows_are_bounded);
    tcase_add_test(samples, test_open_streams_are_bounded_and_what_is_forgotten_was_counted);
    tcase_add_test(samples, test_held_out_sessions_are_a_sample);
    tcase_add_test(samples, test_an_endless_held_out_session_is_let_go);
    suite_add_tcase(s, samples);
    tcase_add_test(rows, test_rows_go_by_frequency);
    tcase_add_test(rows, test_equal_templates_stand_by_id);
    tcase_add_loop_test(rows, test_rare_templates_share_rows, 0, 4);
    tcase_add_test(rows, test_bits_are_kept_in_sixty_fourths);
    tcase_add_test(rows, test_a_saved_vocabulary_comes_back_or_is_refused);
    tcase_add_test(rows, test_a_cache_finds_what_it_was_given_until_it_is_full);
    suite_add_tcase(s, rows);
    return s;
}
