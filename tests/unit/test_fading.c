/*
 * Tests of how an older model is gone on from: counts that fade and still add up, a store and a baseline that take on what
 * is new behind what they have, windows that are recalled.
 */
#include "../../src/detect/corpus.h"

#include "lstm_log.h"
#include "story.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

Suite *fading_suite(void);

/* ---- fading ---- */

START_TEST(test_counts_fade_to_their_share_and_keep_their_sum) {
    uint64_t rare = 0;
    for (uint64_t key = 0; key < 2000; key++) {
        lgd_fading row = lgd_fading_begin(0.3, key, 7), whole = row, full = lgd_fading_begin(1, key, 7);
        uint64_t sum = 0;
        for (uint64_t n = 0; n < 9; n++) {
            uint64_t left = lgd_fading_next(&row, n);
            ck_assert_uint_le(left, (uint64_t)ceil(0.3 * (double)n));
            ck_assert_uint_eq(lgd_fading_next(&full, n), n);
            sum += left;
        }
        ck_assert_uint_eq(sum, lgd_fading_next(&whole, 36));
        lgd_fading one = lgd_fading_begin(0.3, key, 8);
        rare += lgd_fading_next(&one, 1);
    }
    ck_assert_uint_ge(rare, 540); /* of 600: a 1 is kept with the chance of the weight */
    ck_assert_uint_le(rare, 660);
}
END_TEST

START_TEST(test_small_numbers_are_short_and_come_back) {
    static const uint64_t numbers[] = {0, 1, 127, 128, 300, UINT32_MAX, UINT64_MAX};
    lgd_buf b = {0};
    for (size_t i = 0; i < 7; i++) lgd_put_varint(&b, numbers[i]);
    ck_assert_uint_eq(b.n, 1 + 1 + 1 + 2 + 2 + 5 + 10);
    lgd_cursor c = lgd_cursor_of(lgd_buf_sv(&b)), less = lgd_cursor_of((lgd_sv){b.p, b.n - 1});
    for (size_t i = 0; i < 7; i++) ck_assert_uint_eq(lgd_get_varint(&c, UINT64_MAX), numbers[i]);
    ck_assert(!c.bad && c.p == c.end);
    for (size_t i = 0; i < 7; i++) (void)lgd_get_varint(&less, UINT64_MAX);
    ck_assert(less.bad);
    lgd_cursor most = lgd_cursor_of((lgd_sv){b.p + 3, 2}),
               over = lgd_cursor_of(LGD_SV("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x7f"));
    ck_assert_uint_eq(lgd_get_varint(&most, 127), 0);
    ck_assert(most.bad);
    ck_assert_uint_eq(lgd_get_varint(&over, UINT64_MAX), 0);
    ck_assert(over.bad);
    lgd_buf_release(&b);
}
END_TEST

/* ---- the store ---- */

static const uint64_t hash_key = 0x5eed;

static void mine(lgd_miner *m, const char *line, unsigned times) {
    lgd_lexer x = {0};
    lgd_signature s;
    ck_assert_int_eq(lgd_lex(&x, lgd_sv_of(line), &s, NULL), LGD_OK);
    for (unsigned i = 0; i < times; i++) ck_assert_int_eq(lgd_miner_add(m, s.bytes, s.raw_bytes, NULL), LGD_OK);
    lgd_lexer_release(&x);
}

static lgd_miner *miner(size_t most) {
    lgd_miner *m = NULL;
    ck_assert_int_eq(lgd_miner_new(hash_key, most, &m, NULL), LGD_OK);
    return m;
}

static const lgd_pattern *pattern_of(const lgd_store *s, const char *line) {
    lgd_lexer x = {0};
    lgd_signature signature;
    ck_assert_int_eq(lgd_lex(&x, lgd_sv_of(line), &signature, NULL), LGD_OK);
    uint32_t p = lgd_store_find(s, signature.bytes);
    lgd_lexer_release(&x);
    return p == LGD_NO_PATTERN ? NULL : lgd_store_pattern(s, p);
}

static lgd_template_id id_of(const lgd_store *s, const char *line) {
    const lgd_pattern *p = pattern_of(s, line);
    return p ? p->template_id : LGD_NO_TEMPLATE;
}

static lgd_store *older_store(void) {
    lgd_store *s = NULL;
    lgd_miner *m = miner(0);
    mine(m, "Started worker 17 of pool blue", 40);
    mine(m, "Paused worker 17 of pool blue", 8);
    mine(m, "cache miss for key 99", 20);
    ck_assert_int_eq(lgd_miner_freeze(m, &s, NULL), LGD_OK);
    lgd_miner_free(m);
    return s;
}

static lgd_store *extend(const lgd_store *old, lgd_miner *m, double weight) {
    lgd_store *s = NULL;
    ck_assert_int_eq(lgd_miner_extend(m, old, weight, 1, &s, NULL), LGD_OK);
    return s;
}

START_TEST(test_a_store_takes_on_what_is_new_and_keeps_its_ids) {
    static const char *const lines[] = {"Started worker 17 of pool blue", "Paused worker 17 of pool blue",
                                        "cache miss for key 99"};
    lgd_store *old = older_store();
    lgd_miner *m = miner(0);
    mine(m, "cache miss for key 5", 7);
    mine(m, "disk sda1 is 91 % full", 3);
    lgd_store *both = extend(old, m, 0.5);
    for (size_t i = 0; i < 3; i++) {
        const lgd_pattern *p = pattern_of(old, lines[i]), *q = pattern_of(both, lines[i]);
        ck_assert_uint_eq(p->template_id, q->template_id);
        ck_assert_uint_eq(p->slot_base, q->slot_base);
        ck_assert(
            lgd_sv_eq(lgd_store_template(old, p->template_id)->text, lgd_store_template(both, q->template_id)->text));
    }
    ck_assert_uint_eq(id_of(old, "disk sda1 is 91 % full"), LGD_NO_TEMPLATE);
    ck_assert_uint_eq(id_of(both, "disk sda1 is 91 % full"), lgd_store_n_templates(old));
    ck_assert_uint_eq(lgd_store_template(both, id_of(both, lines[2]))->count, 17); /* 20 / 2 + 7 */
    ck_assert_uint_eq(lgd_store_template(both, id_of(both, "disk sda1 is 91 % full"))->count, 3);
    lgd_store_free(old);
    lgd_store_free(both);
    lgd_miner_free(m);
}
END_TEST

/* What fits an older pattern stays with it, whatever else comes to be known. */
START_TEST(test_what_an_older_pattern_has_taken_no_later_one_takes_away) {
    static const char *const regions[] = {"alpha", "beta", "gamma", "delta",  "epsilon", "zeta", "eta",
                                          "theta", "iota", "kappa", "lambda", "mu",      "nu",   "xi"};
    lgd_store *old = NULL;
    lgd_miner *m = miner(0);
    for (size_t i = 0; i < sizeof regions / sizeof *regions; i++) {
        char line[64];
        snprintf(line, sizeof line, "region %s answered late again", regions[i]);
        mine(m, line, 2);
    }
    ck_assert_int_eq(lgd_miner_freeze(m, &old, NULL), LGD_OK);
    lgd_miner_free(m);
    const char *seen = "region omega answered late again";
    lgd_template_id id = id_of(old, seen);
    ck_assert_uint_ne(id, LGD_NO_TEMPLATE);
    m = miner(0);
    mine(m, seen, 1);
    mine(m, "something else altogether", 5);
    lgd_store *second = extend(old, m, 1);
    ck_assert_uint_eq(id_of(second, seen), id);
    ck_assert_uint_eq(lgd_store_n_signatures(second), lgd_store_n_signatures(old) + 2);
    lgd_store_free(old);
    lgd_store_free(second);
    lgd_miner_free(m);
}
END_TEST

START_TEST(test_a_full_store_leaves_out_the_rarest_and_counts_them) {
    lgd_store *old = older_store();
    lgd_miner *m = miner(lgd_store_n_signatures(old) + 1);
    mine(m, "cache miss for key 5", 1); /* known: needs no room */
    mine(m, "it happened twice", 2);
    mine(m, "and that but once", 1);
    lgd_store *both = extend(old, m, 1);
    ck_assert_uint_ne(id_of(both, "it happened twice"), LGD_NO_TEMPLATE);
    ck_assert_uint_eq(id_of(both, "and that but once"), LGD_NO_TEMPLATE);
    ck_assert_uint_eq(lgd_miner_n_dropped(m), 1);
    ck_assert_uint_eq(lgd_miner_n_dropped_events(m), 1);
    lgd_store_free(old);
    lgd_store_free(both);
    lgd_miner_free(m);
}
END_TEST

START_TEST(test_an_extended_store_comes_back_the_same) {
    lgd_store *old = older_store(), *back = NULL;
    lgd_miner *m = miner(0);
    mine(m, "disk sda1 is 91 % full", 3);
    lgd_store *both = extend(old, m, 0.1);
    lgd_buf a = {0}, b = {0};
    ck_assert_int_eq(lgd_store_save(both, &a, NULL), LGD_OK);
    ck_assert_int_eq(lgd_store_load(lgd_buf_sv(&a), hash_key, &back, NULL), LGD_OK);
    ck_assert_int_eq(lgd_store_save(back, &b, NULL), LGD_OK);
    ck_assert(lgd_sv_eq(lgd_buf_sv(&a), lgd_buf_sv(&b)));
    lgd_store_free(old);
    lgd_store_free(both);
    lgd_store_free(back);
    lgd_miner_free(m);
    lgd_buf_release(&a);
    lgd_buf_release(&b);
}
END_TEST

/* ---- the baseline ---- */

enum { N_TEMPLATES = 6, N_SLOTS = 2, N_STORY = 800 };

/* Templates by turns, the last one rare; words in slot 0, numbers in slot 1. */
static story *tell(size_t first, size_t n) {
    static const char *const words[] = {"GET", "PUT", "POST"};
    story *s = story_new();
    for (size_t k = first; k < first + n; k++) {
        size_t i = story_add(s);
        s->ids[i] = k % 97 == 0 ? N_TEMPLATES - 1 : (lgd_template_id)(k % (N_TEMPLATES - 1));
        s->times[i] = INT64_C(1772600000000000000) + (int64_t)k * 40000000000;
        s->levels[i] = k % 50 ? LGD_LEVEL_INFO : LGD_LEVEL_WARN;
        s->lengths[i] = (uint32_t)(30 + k % 7);
        s->streams[i] = 1 + 2 * (uint32_t)(k % 3);
        s->n_values[i] = 1;
        s->values[i] = &s->held[i];
        s->held[i] = (lgd_observation){.slot = k % 2, .text = lgd_sv_of(words[k % 3])};
        s->held[i].is_number = k % 2;
        s->held[i].number = (double)(10 + k % 13);
        s->held[i].hash = lgd_value_hash(s->held[i].text);
    }
    return s;
}

static void learn(lgd_baseline *b, lgd_tracker *t, const story *s, uint64_t first) {
    ck_assert_int_eq(lgd_baseline_learn(b, t, &s->e, first, 10, NULL), LGD_OK);
}

static lgd_baseline *go_on(const lgd_baseline *old, double weight) {
    lgd_baseline *b = NULL;
    ck_assert_int_eq(lgd_baseline_go_on(old, N_TEMPLATES, N_SLOTS, weight, 3, &b, NULL), LGD_OK);
    return b;
}

static lgd_tracker *tracker(void) {
    lgd_tracker *t = NULL;
    ck_assert_int_eq(lgd_tracker_new(N_TEMPLATES, &t, NULL), LGD_OK);
    return t;
}

START_TEST(test_two_halves_at_full_weight_are_one_training) {
    story *first = tell(0, N_STORY), *second = tell(N_STORY, N_STORY), *whole = tell(0, 2 * N_STORY);
    lgd_baseline *at_once = story_learn(whole, N_TEMPLATES, N_SLOTS), *half = NULL;
    lgd_tracker *t = tracker();
    ck_assert_int_eq(lgd_baseline_new(N_TEMPLATES, N_SLOTS, &half, NULL), LGD_OK);
    learn(half, t, first, 0);
    lgd_baseline *both = go_on(half, 1);
    learn(both, t, second, N_STORY);
    ck_assert_int_eq(lgd_baseline_finish(both, NULL), LGD_OK);
    ck_assert_uint_eq(lgd_baseline_n_events(both), 2 * N_STORY);
    for (lgd_template_id id = 0; id < N_TEMPLATES; id++) {
        double p = 0, q = 0;
        ck_assert_uint_eq(lgd_baseline_count(both, id), lgd_baseline_count(at_once, id));
        ck_assert_uint_eq(lgd_baseline_successor(both, id, &p), lgd_baseline_successor(at_once, id, &q));
        ck_assert(p == q && lgd_baseline_last_ns(both, id) == lgd_baseline_last_ns(at_once, id));
        ck_assert_double_eq_tol(lgd_baseline_mean_length(both, id), lgd_baseline_mean_length(at_once, id), 1e-9);
    }
    for (uint32_t slot = 0; slot < N_SLOTS; slot++) {
        lgd_slot_summary a, b;
        ck_assert(lgd_baseline_slot(both, slot, &a) && lgd_baseline_slot(at_once, slot, &b));
        ck_assert(a.n == b.n && a.n_values == b.n_values && a.min == b.min && a.max == b.max);
        ck_assert_uint_eq(a.values[0].count, b.values[0].count);
    }
    ck_assert(lgd_baseline_newcomer_bits(both) == lgd_baseline_newcomer_bits(at_once));
    lgd_tracker_free(t);
    lgd_baseline_free(at_once);
    lgd_baseline_free(half);
    lgd_baseline_free(both);
    free(first);
    free(second);
    free(whole);
}
END_TEST

/* Loading refuses counters that do not add up. */
START_TEST(test_a_faded_baseline_adds_up_at_any_weight) {
    story *s = tell(0, 4 * N_STORY);
    lgd_baseline *old = story_learn(s, N_TEMPLATES, N_SLOTS);
    for (double weight = 1; weight > 1e-5; weight *= 0.7) {
        lgd_buf saved = {0};
        lgd_err err = {0};
        lgd_baseline *b = go_on(old, weight), *back = NULL;
        ck_assert_int_eq(lgd_baseline_finish(b, NULL), LGD_OK);
        double events = (double)lgd_baseline_n_events(b);
        ck_assert(fabs(events - weight * (double)lgd_baseline_n_events(old)) <= N_TEMPLATES);
        ck_assert_int_eq(lgd_baseline_save(b, &saved, NULL), LGD_OK);
        lgd_status status = lgd_baseline_load(lgd_buf_sv(&saved), N_TEMPLATES, N_SLOTS, &back, &err);
        ck_assert_msg(status == LGD_OK, "weight %g: %s", weight, err.text);
        lgd_baseline_free(b);
        lgd_baseline_free(back);
        lgd_buf_release(&saved);
    }
    lgd_baseline_free(old);
    free(s);
}
END_TEST

START_TEST(test_what_does_not_come_again_is_new_in_the_end) {
    story *s = tell(0, N_STORY);
    lgd_baseline *b = story_learn(s, N_TEMPLATES, N_SLOTS);
    ck_assert_uint_eq(lgd_baseline_count(b, N_TEMPLATES - 1), 9);
    for (int day = 0; day < 400; day++) {
        lgd_baseline *next = NULL;
        ck_assert_int_eq(lgd_baseline_go_on(b, N_TEMPLATES, N_SLOTS, 0.9, (uint64_t)day, &next, NULL), LGD_OK);
        lgd_baseline_free(b);
        b = next;
    }
    lgd_slot_summary slot;
    for (lgd_template_id id = 0; id < N_TEMPLATES; id++) ck_assert_uint_eq(lgd_baseline_count(b, id), 0);
    ck_assert(!lgd_baseline_slot(b, 0, &slot) || slot.n == 0);
    lgd_baseline_free(b);
    free(s);
}
END_TEST

/* ---- windows ---- */

static step_log log_;

static uint64_t total(const lgd_corpus *c, bool held_out) {
    uint64_t n = 0;
    for (size_t i = 0; i < c->n_windows; i++)
        if (corpus_window_at(c, i)->held_out == held_out) n += corpus_window_at(c, i)->count;
    return n;
}

static lgd_corpus *remembered(const lgd_lstm_options *o, lgd_buf *ret) {
    log_.n = 0;
    for (uint64_t s = 0; s < 60; s++) log_add(&log_, 101 + s, s % 3 ? "ABCDEFG" : "ABD?");
    log_interleave(&log_, 5);
    lgd_corpus *c = gather(&log_, o, 4);
    ck_assert_int_eq(corpus_finish(c, NULL), LGD_OK);
    ck_assert_int_eq(lgd_corpus_remember(c, o, ret, NULL), LGD_OK);
    return c;
}

START_TEST(test_windows_are_recalled_with_their_counts) {
    lgd_lstm_options o = small_options();
    lgd_buf saved = {0}, again = {0};
    lgd_corpus *c = remembered(&o, &saved), *back = NULL;
    ck_assert_int_eq(lgd_corpus_new(&o, &back, NULL), LGD_OK);
    ck_assert_int_eq(lgd_corpus_recall(back, lgd_buf_sv(&saved), 7, 1, 2, NULL), LGD_OK);
    ck_assert_uint_eq(back->n_windows, c->n_windows);
    ck_assert_uint_eq(total(back, false), total(c, false));
    ck_assert_uint_eq(total(back, true), total(c, true));
    ck_assert_uint_eq(back->n_seen[0], c->n_seen[0]);
    ck_assert_int_eq(corpus_finish(back, NULL), LGD_OK);
    ck_assert_int_eq(lgd_corpus_remember(back, &o, &again, NULL), LGD_OK);
    ck_assert(lgd_sv_eq(lgd_buf_sv(&saved), lgd_buf_sv(&again)));
    lgd_corpus_free(c);
    lgd_corpus_free(back);
    lgd_buf_release(&saved);
    lgd_buf_release(&again);
}
END_TEST

START_TEST(test_recalled_windows_fade) {
    lgd_lstm_options o = small_options();
    lgd_buf saved = {0};
    lgd_corpus *c = remembered(&o, &saved), *half = NULL, *none = NULL;
    ck_assert_int_eq(lgd_corpus_new(&o, &half, NULL), LGD_OK);
    ck_assert_int_eq(lgd_corpus_new(&o, &none, NULL), LGD_OK);
    ck_assert_int_eq(lgd_corpus_recall(half, lgd_buf_sv(&saved), 7, 0.5, 2, NULL), LGD_OK);
    ck_assert_int_eq(lgd_corpus_recall(none, lgd_buf_sv(&saved), 7, 1e-9, 2, NULL), LGD_OK);
    ck_assert_double_eq_tol((double)total(half, false), 0.5 * (double)total(c, false), (double)c->n_windows);
    ck_assert_uint_eq(none->n_windows, 0);
    lgd_corpus_free(c);
    lgd_corpus_free(half);
    lgd_corpus_free(none);
    lgd_buf_release(&saved);
}
END_TEST

START_TEST(test_damaged_windows_are_refused) {
    lgd_lstm_options o = small_options(), shorter = small_options();
    lgd_buf saved = {0};
    lgd_corpus *c = remembered(&o, &saved), *back = NULL;
    shorter.steps = 3;
    ck_assert_int_eq(lgd_corpus_new(&shorter, &back, NULL), LGD_OK);
    ck_assert_int_eq(lgd_corpus_recall(back, lgd_buf_sv(&saved), 7, 1, 2, NULL), LGD_E_DAMAGED);
    lgd_corpus_free(back);
    for (size_t n = 0; n < 2 * saved.n; n++) {
        ck_assert_int_eq(lgd_corpus_new(&o, &back, NULL), LGD_OK);
        if (n < saved.n) {
            ck_assert_int_eq(lgd_corpus_recall(back, (lgd_sv){saved.p, n}, 7, 1, 2, NULL), LGD_E_DAMAGED);
        } else { /* any other byte: harmless */
            lgd_err err = {0};
            saved.p[n - saved.n] ^= 0x55;
            (void)(lgd_corpus_recall(back, lgd_buf_sv(&saved), 7, 1, 2, &err) == LGD_OK);
            saved.p[n - saved.n] ^= 0x55;
        }
        lgd_corpus_free(back);
    }
    lgd_corpus_free(c);
    lgd_buf_release(&saved);
}
END_TEST

Suite *fading_suite(void) {
    Suite *suite = suite_create("fading");
    TCase *tests = tcase_create("fading");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, test_counts_fade_to_their_share_and_keep_their_sum);
    tcase_add_test(tests, test_small_numbers_are_short_and_come_back);
    tcase_add_test(tests, test_a_store_takes_on_what_is_new_and_keeps_its_ids);
    tcase_add_test(tests, test_what_an_older_pattern_has_taken_no_later_one_takes_away);
    tcase_add_test(tests, test_a_full_store_leaves_out_the_rarest_and_counts_them);
    tcase_add_test(tests, test_an_extended_store_comes_back_the_same);
    tcase_add_test(tests, test_two_halves_at_full_weight_are_one_training);
    tcase_add_test(tests, test_a_faded_baseline_adds_up_at_any_weight);
    tcase_add_test(tests, test_what_does_not_come_again_is_new_in_the_end);
    tcase_add_test(tests, test_windows_are_recalled_with_their_counts);
    tcase_add_test(tests, test_recalled_windows_fade);
    tcase_add_test(tests, test_damaged_windows_are_refused);
    suite_add_tcase(suite, tests);
    return suite;
}
