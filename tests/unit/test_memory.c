/*
 * Tests of what a model remembers for an update: samples that stand for what they were drawn from, copies that stand for the
 * sample, and the saved form, in which no damaged byte does harm.
 */
#include "../../src/pipeline/memory.h"

#include <check.h>
#include <stdio.h>

Suite *memory_suite(void);

static const uint64_t hash_key = 0x5eed;

/* ---- samples ---- */

START_TEST(test_a_sample_stands_for_all_and_prefers_what_matters) {
    enum { N = 20000, MOST = 2000 };
    static float weights[N], importances[N];
    double sum = 0;
    size_t n = 0, n_important = 0;
    for (size_t i = 0; i < N; i++) weights[i] = 1, importances[i] = i % 100 ? 1 : 50;
    ck_assert_int_eq(memory_draw(weights, importances, N, MOST, 9, NULL), LGD_OK);
    for (size_t i = 0; i < N; i++) {
        sum += (double)weights[i];
        n += weights[i] > 0;
        n_important += weights[i] > 0 && i % 100 == 0;
        ck_assert(weights[i] == 0 || weights[i] >= 1);
    }
    ck_assert_uint_eq(n, MOST);
    ck_assert_uint_eq(n_important, N / 100); /* all of them: each has more than its share */
    ck_assert_double_eq_tol(sum, N, 0.1 * N);
    memory_copies copies = {0};
    for (size_t i = n = 0; i < N; i++) n += memory_copies_next(&copies, 0.25 * (double)weights[i]);
    ck_assert_double_eq_tol((double)n, 0.25 * sum, 1);
}
END_TEST

static lgd_matrix matrix(size_t n) {
    lgd_matrix m = {0};
    ck_assert_int_eq(lgd_matrix_reserve(&m, n, NULL), LGD_OK);
    m.n_rows = n;
    for (size_t i = 0; i < n; i++)
        for (size_t c = 0; c < LGD_COLUMNS; c++) m.x[c * m.capacity + i] = (i + c) % 4 ? 0 : (float)(i % 31) + 0.5f;
    return m;
}

START_TEST(test_rows_are_remembered_and_recalled) {
    lgd_matrix rows = matrix(300), back = {0};
    memory_rows drawn = {0}, loaded = {0};
    lgd_buf saved = {0};
    ck_assert_int_eq(memory_rows_draw(NULL, 1, &rows, 4, &drawn, NULL), LGD_OK);
    memory_rows_save(&drawn, &saved);
    lgd_cursor c = lgd_cursor_of(lgd_buf_sv(&saved));
    ck_assert_int_eq(memory_rows_load(&c, &loaded, NULL), LGD_OK);
    ck_assert(!c.bad && c.p == c.end);
    ck_assert_int_eq(memory_rows_recall(&loaded, 1, &back, NULL), LGD_OK);
    ck_assert_uint_eq(back.n_rows, rows.n_rows);
    for (size_t i = 0; i < rows.n_rows; i++)
        for (size_t k = 0; k < LGD_COLUMNS; k++)
            if (lgd_matrix_at(&back, i, (lgd_column)k) != lgd_matrix_at(&rows, i, (lgd_column)k))
                ck_abort_msg("%zu", i);
    memory_rows next = {0};
    ck_assert_int_eq(memory_rows_draw(&loaded, 0.5, &rows, 4, &next, NULL), LGD_OK);
    ck_assert_uint_eq(next.n, 600);
    back.n_rows = 0;
    ck_assert_int_eq(memory_rows_recall(&next, 1, &back, NULL), LGD_OK);
    ck_assert_uint_eq(back.n_rows, 450);
    memory_rows_release(&drawn);
    memory_rows_release(&loaded);
    memory_rows_release(&next);
    lgd_matrix_release(&rows);
    lgd_matrix_release(&back);
    lgd_buf_release(&saved);
}
END_TEST

START_TEST(test_rows_are_bounded) {
    lgd_matrix rows = matrix(3 * MEMORY_ROWS), back = {0};
    memory_rows drawn = {0};
    double sum = 0;
    ck_assert_int_eq(memory_rows_draw(NULL, 1, &rows, 4, &drawn, NULL), LGD_OK);
    ck_assert_uint_eq(drawn.n, MEMORY_ROWS);
    for (size_t i = 0; i < drawn.n; i++) sum += (double)drawn.weights[i];
    ck_assert_double_eq_tol(sum, 3.0 * MEMORY_ROWS, 0.1 * MEMORY_ROWS);
    ck_assert_int_eq(memory_rows_recall(&drawn, 100, &back, NULL), LGD_OK);
    ck_assert_uint_le(back.n_rows, RECALLED_ROWS + 1);
    memory_rows_release(&drawn);
    lgd_matrix_release(&rows);
    lgd_matrix_release(&back);
}
END_TEST

/* ---- sessions ---- */

enum { N_SESSIONS = 103 };

/* Session i has template i % 5 once and template 6 i times. */
static session_table table_of(size_t n) {
    session_table t = {.hash_key = hash_key, .keep_sequences = true};
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k <= i % 30; k++) {
            char name[24];
            snprintf(name, sizeof name, "s%zu", i);
            lgd_template_id id = k ? 6 : (lgd_template_id)(i % 5);
            session_event e = {.name = lgd_sv_of(name), .id = id, .line = i, .n_lines = 1, .held_out = i % 7 == 0};
            ck_assert_int_eq(session_table_add(&t, &e, NULL), LGD_OK);
        }
    return t;
}

static bool same_session(const session_row *a, const session_row *b) {
    return a->n_counts == b->n_counts && a->n_sequence == b->n_sequence && a->held_out == b->held_out &&
           memcmp(a->counts, b->counts, a->n_counts * sizeof *a->counts) == 0 &&
           memcmp(a->sequence, b->sequence, a->n_sequence * sizeof *a->sequence) == 0;
}

static memory_sessions remember(const session_table *t, const float *scores, size_t n_seats) {
    memory_sessions m = {0};
    memory_source s = {t, 0, scores, n_seats};
    ck_assert_int_eq(memory_sessions_draw(NULL, 1, &s, 4, &m, NULL), LGD_OK);
    return m;
}

START_TEST(test_sessions_are_remembered_and_recalled_in_order) {
    static float scores[2 * N_SESSIONS];
    for (size_t i = 0; i < 2 * N_SESSIONS; i++) scores[i] = (float)i;
    session_table t = table_of(N_SESSIONS), back = {.hash_key = hash_key};
    memory_sessions m = remember(&t, scores, 2), loaded = {0};
    lgd_buf saved = {0};
    uint32_t *items = NULL;
    memory_sessions_save(&m, &saved);
    lgd_cursor c = lgd_cursor_of(lgd_buf_sv(&saved));
    ck_assert_int_eq(memory_sessions_load(&c, 7, &loaded, NULL), LGD_OK);
    ck_assert(!c.bad && c.p == c.end);
    ck_assert_int_eq(memory_sessions_recall(&loaded, 1, &back, &items, NULL), LGD_OK);
    ck_assert_uint_eq(back.n, N_SESSIONS);
    for (size_t i = 0; i < N_SESSIONS; i++) {
        ck_assert_uint_eq(items[i], i);
        ck_assert(same_session(&back.rows[i], &t.rows[i]));
        ck_assert(loaded.items[i].scores[1] == (float)(N_SESSIONS + i));
    }
    ck_assert_uint_eq(session_table_find(&back, LGD_SV("s1")),
                      LGD_INDEX_NONE); /* a later one of that name is another */
    lgd_free(items);
    memory_sessions_release(&m);
    memory_sessions_release(&loaded);
    session_table_release(&t);
    session_table_release(&back);
    lgd_buf_release(&saved);
}
END_TEST

START_TEST(test_copies_of_a_session_are_of_one_fold) {
    session_table t = table_of(N_SESSIONS), back = {.hash_key = hash_key};
    memory_sessions m = remember(&t, NULL, 0);
    uint32_t *items = NULL;
    size_t n_astray = 0, fold_of[N_SESSIONS];
    for (size_t i = 0; i < N_SESSIONS; i++) m.items[i].weight = 3.3f, fold_of[i] = LGD_FOLDS;
    ck_assert_int_eq(memory_sessions_recall(&m, 1, &back, &items, NULL), LGD_OK);
    ck_assert_double_eq_tol((double)back.n, 3.3 * N_SESSIONS, LGD_FOLDS);
    for (size_t i = 0; i < back.n; i++) {
        if (fold_of[items[i]] == LGD_FOLDS) fold_of[items[i]] = i % LGD_FOLDS;
        n_astray += fold_of[items[i]] != i % LGD_FOLDS;
    }
    ck_assert_uint_le(n_astray, 3 * LGD_FOLDS); /* the last ones */
    lgd_free(items);
    memory_sessions_release(&m);
    session_table_release(&t);
    session_table_release(&back);
}
END_TEST

START_TEST(test_sessions_are_bounded) {
    enum { N = 3000, LONG = 600 };
    session_table t = {.hash_key = hash_key, .keep_sequences = true};
    for (size_t i = 0; i < N; i++)
        for (size_t k = 0; k < LONG; k++) {
            char name[24];
            snprintf(name, sizeof name, "s%zu", i);
            session_event e = {.name = lgd_sv_of(name), .id = (lgd_template_id)(k % 5), .n_lines = 1};
            if (session_table_add(&t, &e, NULL) != LGD_OK) ck_abort_msg("session %zu", i);
        }
    memory_sessions m = remember(&t, NULL, 0);
    size_t ids = 0;
    double sum = 0;
    for (size_t i = 0; i < m.n; i++) ids += m.items[i].n_sequence, sum += (double)m.items[i].weight;
    ck_assert_uint_le(ids, MEMORY_IDS);
    ck_assert_uint_gt(m.n, N / 10);
    ck_assert_double_eq_tol(sum, N, 0.1 * N);
    memory_sessions_release(&m);
    session_table_release(&t);
}
END_TEST

/* ---- the section ---- */

static memory *example(void) {
    lgd_matrix rows = matrix(20);
    session_table t = table_of(12);
    memory *m = lgd_calloc(1, sizeof *m);
    lgd_ensemble_init(&m->plan.ensemble);
    lgd_lstm_options_init(&m->plan.lstm);
    m->learned[m->n_learned++] = 77;
    ck_assert_int_eq(memory_rows_draw(NULL, 1, &rows, 1, &m->rows, NULL), LGD_OK);
    m->sessions = remember(&t, NULL, 0);
    lgd_buf_add_sv(&m->windows, LGD_SV("windows"));
    lgd_matrix_release(&rows);
    session_table_release(&t);
    return m;
}

START_TEST(test_the_section_comes_back_and_no_damaged_byte_does_harm) {
    memory *m = example(), *back = NULL;
    lgd_buf saved = {0}, again = {0};
    ck_assert_int_eq(memory_save(m, &saved, NULL), LGD_OK);
    ck_assert_int_eq(memory_load(lgd_buf_sv(&saved), 7, &back, NULL), LGD_OK);
    ck_assert_int_eq(memory_save(back, &again, NULL), LGD_OK);
    ck_assert(lgd_sv_eq(lgd_buf_sv(&saved), lgd_buf_sv(&again)));
    memory_free(back);
    for (size_t n = 0; n < saved.n; n++)
        ck_assert_int_eq(memory_load((lgd_sv){saved.p, n}, 7, &back, NULL), LGD_E_DAMAGED);
    for (size_t n = 0; n < saved.n; n++) {
        lgd_err err = {0};
        saved.p[n] ^= 0x55;
        if (memory_load(lgd_buf_sv(&saved), 7, &back, &err) == LGD_OK) memory_free(back);
        saved.p[n] ^= 0x55;
    }
    ck_assert_int_eq(memory_load(lgd_buf_sv(&saved), 6, &back, NULL),
                     LGD_E_DAMAGED); /* of a template that is not there */
    memory_free(m);
    memory_free(NULL);
    lgd_buf_release(&saved);
    lgd_buf_release(&again);
}
END_TEST

Suite *memory_suite(void) {
    Suite *suite = suite_create("memory");
    TCase *tests = tcase_create("memory");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, test_a_sample_stands_for_all_and_prefers_what_matters);
    tcase_add_test(tests, test_rows_are_remembered_and_recalled);
    tcase_add_test(tests, test_rows_are_bounded);
    tcase_add_test(tests, test_sessions_are_remembered_and_recalled_in_order);
    tcase_add_test(tests, test_copies_of_a_session_are_of_one_fold);
    tcase_add_test(tests, test_sessions_are_bounded);
    tcase_add_test(tests, test_the_section_comes_back_and_no_damaged_byte_does_harm);
    suite_add_tcase(suite, tests);
    return suite;
}
