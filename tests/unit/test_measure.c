/*
 * Tests of measures and labels: figures computed by hand and by the definitions, ties, one class, every way to write a
 * file of labels and to get it wrong.
 */
#include "folder.h"
#include "logdetect/eval.h"

#include <check.h>
#include <math.h>
#include <stdio.h>

Suite *measure_suite(void);

static void setup(void) { folder_make(); }

static void teardown(void) {
    lgd_alloc_fail_at(0, false);
    folder_remove();
}

/* ---- measures ---- */

static lgd_scores scores_of(const double *bits, const char *truth) {
    lgd_scores s = {.n_scorers = 1, .names = {"x"}};
    for (size_t i = 0; truth[i]; i++)
        ck_assert_int_eq(lgd_scores_add(&s, &bits[i], truth[i] == '1', bits[i] >= 6, NULL), LGD_OK);
    return s;
}

static lgd_measure measure(const lgd_scores *s) {
    lgd_measure m;
    ck_assert_int_eq(lgd_measure_scorer(s, 0, &m, NULL), LGD_OK);
    return m;
}

static void assert_near(double got, double wanted) {
    ck_assert_msg(fabs(got - wanted) < 1e-12, "%g, not %g", got, wanted);
}

/* Groups 9: +; 8: + -; 5: -; 1: +. AP = (1 + 2/3 + 3/5) / 3; of the six pairs 1 + 1/2 + 1 + 1 are in order. */
START_TEST(test_ranking_by_hand) {
    const double bits[] = {1, 8, 9, 5, 8};
    lgd_scores s = scores_of(bits, "10101");
    lgd_measure m = measure(&s);
    ck_assert(m.ranked);
    assert_near(m.average_precision, (1 + 2.0 / 3 + 3.0 / 5) / 3);
    assert_near(m.roc_auc, 3.5 / 6);
    ck_assert_uint_eq(m.n_ranks, 1);
    ck_assert_uint_eq(m.ranks[0].k, 3);
    assert_near(m.ranks[0].precision, 2.0 / 3);
    const lgd_curve_point wanted[] = {{9, 1, 0}, {8, 2, 1}, {1, 3, 2}};
    ck_assert_uint_eq(m.n_points, 3);
    for (size_t i = 0; i < 3; i++) {
        assert_near(m.curve[i].bits, wanted[i].bits);
        ck_assert(m.curve[i].tp == wanted[i].tp && m.curve[i].fp == wanted[i].fp);
    }
    lgd_scores_release(&s);
}
END_TEST

/* Twenty of one score, five of them anomalous: of any ten 2.5 are, whatever the order. */
START_TEST(test_ties_cannot_flatter) {
    double bits[20] = {0};
    lgd_scores s = scores_of(bits, "11111000000000000000");
    lgd_measure m = measure(&s);
    assert_near(m.average_precision, 0.25);
    assert_near(m.roc_auc, 0.5);
    ck_assert_uint_eq(m.n_ranks, 2);
    assert_near(m.ranks[0].precision, 0.25);
    assert_near(m.ranks[1].precision, 0.25);
    lgd_scores_release(&s);
}
END_TEST

/* A score is 1 - 2^-bits: 1 bit is 0.5, and counts there. */
START_TEST(test_thresholds_by_hand) {
    const double bits[] = {0, 1, 2, 4, 5, 0.99};
    lgd_scores s = scores_of(bits, "010010");
    lgd_measure m = measure(&s);
    const lgd_confusion wanted[LGD_SCORE_THRESHOLDS] = {{2, 2, 0, 2}, {1, 2, 1, 2}, {1, 1, 1, 3}, {1, 0, 1, 4}};
    for (size_t i = 0; i < LGD_SCORE_THRESHOLDS; i++)
        ck_assert_msg(memcmp(&m.at[i], &wanted[i], sizeof wanted[i]) == 0, "at %g: %d %d %d %d",
                      lgd_score_thresholds[i], (int)m.at[i].tp, (int)m.at[i].fp, (int)m.at[i].fn, (int)m.at[i].tn);
    lgd_scores_release(&s);
}
END_TEST

START_TEST(test_rates_by_hand_and_where_they_are_none) {
    const lgd_confusion c = {6, 2, 3, 9}, none = {0};
    double x = -1;
    ck_assert(lgd_precision(&c, &x));
    assert_near(x, 0.75);
    ck_assert(lgd_recall(&c, &x));
    assert_near(x, 2.0 / 3);
    ck_assert(lgd_f1(&c, &x));
    assert_near(x, 12.0 / 17);
    ck_assert(lgd_false_alarm_rate(&c, &x));
    assert_near(x, 2.0 / 11);
    x = -1;
    ck_assert(!lgd_precision(&none, &x) && !lgd_recall(&none, &x) && !lgd_f1(&none, &x));
    ck_assert(!lgd_false_alarm_rate(&none, &x) && x < 0);
}
END_TEST

START_TEST(test_one_class_is_not_ranked) {
    const double bits[] = {7, 6, 5};
    for (int k = 0; k < 3; k++) {
        lgd_scores s = scores_of(bits, k == 0 ? "000" : k == 1 ? "111" : "");
        lgd_measure m = measure(&s);
        ck_assert(!m.ranked);
        lgd_confusion c = lgd_measure_alarms(&s);
        ck_assert_uint_eq(c.tp + c.fp, k == 2 ? 0 : 2);
        ck_assert_uint_eq(c.tp + c.fp + c.fn + c.tn, s.n);
        lgd_scores_release(&s);
    }
}
END_TEST

/* However many there are, the curve has room. */
START_TEST(test_the_curve_has_a_point_for_each_per_cent) {
    lgd_scores s = {.n_scorers = 1, .names = {"x"}};
    for (int i = 0; i < 3000; i++) {
        double bits = 3000 - i;
        ck_assert_int_eq(lgd_scores_add(&s, &bits, i % 3 == 0, false, NULL), LGD_OK);
    }
    lgd_measure m = measure(&s);
    ck_assert_uint_eq(m.n_points, 100);
    for (size_t i = 0; i < 100; i++) ck_assert_uint_eq(m.curve[i].tp, 10 * (i + 1));
    lgd_scores_release(&s);
}
END_TEST

/* By the definitions, in O(n^2): the precision at each positive's threshold, and pairs. */
static void measure_slowly(const lgd_scores *s, double *ret_ap, double *ret_auc) {
    double ap = 0, pairs = 0;
    for (size_t i = 0; i < s->n; i++) {
        double hits = 0, seen = 0;
        for (size_t k = 0; k < s->n; k++) {
            bool at_least = s->bits[0][k] >= s->bits[0][i];
            seen += at_least;
            hits += at_least && s->anomalous[k];
            if (s->anomalous[i] && !s->anomalous[k])
                pairs += s->bits[0][i] > s->bits[0][k] ? 1 : s->bits[0][i] == s->bits[0][k] ? 0.5 : 0;
        }
        if (s->anomalous[i]) ap += hits / seen;
    }
    *ret_ap = ap / (double)s->n_anomalous;
    *ret_auc = pairs / (double)s->n_anomalous / (double)(s->n - s->n_anomalous);
}

START_TEST(test_ranking_is_what_the_definitions_say) {
    lgd_rng r;
    lgd_rng_init(&r, 7);
    for (uint32_t round = 0; round < 20; round++) {
        lgd_scores s = {.n_scorers = 1, .names = {"x"}};
        for (uint32_t i = 0; i < 300; i++) {
            bool anomalous = i == 0 || (i > 1 && lgd_rng_below(&r, 10) == 0);
            double bits = lgd_rng_below(&r, 5 + round * 20) + anomalous * lgd_rng_below(&r, 6);
            ck_assert_int_eq(lgd_scores_add(&s, &bits, anomalous, false, NULL), LGD_OK);
        }
        double ap = 0, auc = 0;
        measure_slowly(&s, &ap, &auc);
        lgd_measure m = measure(&s);
        assert_near(m.average_precision, ap);
        assert_near(m.roc_auc, auc);
        ck_assert(m.n_points > 0 && m.n_points <= LGD_CURVE_POINTS);
        ck_assert_uint_eq(m.curve[m.n_points - 1].tp, s.n_anomalous);
        lgd_scores_release(&s);
    }
}
END_TEST

/* ---- labels ---- */

static const char *put(const char *bytes, size_t n) {
    const char *path = in_folder("labels.csv");
    FILE *f = fopen(path, "wb");
    ck_assert_ptr_nonnull(f);
    ck_assert_uint_eq(fwrite(bytes, 1, n, f), n);
    fclose(f);
    return path;
}

static lgd_labels *read_ok(const char *bytes, size_t n, lgd_label_kind kind) {
    lgd_labels *l = NULL;
    lgd_err err = {0};
    ck_assert_int_eq(lgd_labels_new(1, &l, NULL), LGD_OK);
    ck_assert_msg(lgd_labels_read(l, put(bytes, n), kind, &err) == LGD_OK, "%s", err.text);
    return l;
}

#define READ(text) read_ok((text), sizeof(text) - 1, LGD_LABELS_AUTO)

static lgd_truth truth_of(const lgd_labels *l, const char *name) {
    uint32_t k = lgd_labels_session(l, lgd_sv_of(name));
    return k == LGD_INDEX_NONE ? LGD_TRUTH_UNKNOWN : lgd_labels_truth(l, k);
}

/* The same three labels in many hands. */
START_TEST(test_sessions_are_read_however_they_are_written) {
    static const struct {
        const char *bytes;
        size_t n;
    } files[] = {
#define F(text) {text, sizeof(text) - 1}
        F("BlockId,Label\na,Normal\nb,Anomaly\nc,Normal\n"),
        F("BlockId,Label\r\na,Normal\r\nb,Anomaly\r\nc,Normal"),
        F("\xef\xbb\xbfsession_id;is_anomaly\na;0\nb;1\nc;0\n"),
        F("x\tLABEL\ty\tId\n1\tfalse\t2\ta\n1\ttrue\t2\tb\n1\tno\t2\tc\n"),
        F("\n\"Session\",\"class\"\n\"a\", \"normal\" \n\n\"b\",\"attack\"\nc,benign\n"),
        F("note,Session,Label\n\"two\nlines, \"\"quoted\"\"\",a,-\n\xe9\xff,b,KERNDTLB\n,c,-\n"),
        F("\xff\xfe"
          "I\0d\0,\0L\0a\0b\0e\0l\0\n\0a\0,\0000\0\n\0b\0,\0001\0\n\0c\0,\0000\0\n\0"),
    };
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        lgd_labels *l = read_ok(files[i].bytes, files[i].n, LGD_LABELS_AUTO);
        ck_assert_int_eq(lgd_labels_kind(l), LGD_LABELS_OF_SESSIONS);
        ck_assert_uint_eq(lgd_labels_n(l), 3);
        ck_assert_uint_eq(lgd_labels_n_anomalous(l), 1);
        ck_assert_int_eq(truth_of(l, "a"), LGD_TRUTH_NORMAL);
        ck_assert_int_eq(truth_of(l, "b"), LGD_TRUTH_ANOMALOUS);
        ck_assert_int_eq(truth_of(l, "d"), LGD_TRUTH_UNKNOWN);
        lgd_labels_free(l);
    }
}
END_TEST

START_TEST(test_lines_of_files_are_found) {
    lgd_labels *l = READ("File,Line,Label\nx/a.log,3,1\nx/a.log,1,0\nb.log,7,1\nx/a.log,2,0\nx/a.log,3,1\nb.log,8,1\n");
    ck_assert_int_eq(lgd_labels_kind(l), LGD_LABELS_OF_LINES);
    ck_assert(lgd_labels_have_files(l));
    ck_assert_uint_eq(lgd_labels_n(l), 5);
    ck_assert_uint_eq(lgd_labels_n_anomalous(l), 3);
    ck_assert_uint_eq(lgd_labels_n_repeated(l), 1);
    uint32_t a = lgd_labels_file(l, LGD_SV("x/a.log")), b = lgd_labels_file(l, LGD_SV("/somewhere/b.log"));
    ck_assert_uint_eq(lgd_labels_file(l, LGD_SV("c.log")), LGD_INDEX_NONE);
    ck_assert_int_eq(lgd_labels_lines(l, a, 1, 2), LGD_TRUTH_NORMAL);
    ck_assert_int_eq(lgd_labels_lines(l, a, 2, 2), LGD_TRUTH_ANOMALOUS);
    ck_assert_int_eq(lgd_labels_lines(l, a, 4, 9), LGD_TRUTH_UNKNOWN);
    ck_assert_int_eq(lgd_labels_lines(l, b, 1, 6), LGD_TRUTH_UNKNOWN);
    ck_assert_int_eq(lgd_labels_lines(l, b, 1, 7), LGD_TRUTH_ANOMALOUS);
    ck_assert_int_eq(lgd_labels_lines(l, LGD_INDEX_NONE, 1, 7), LGD_TRUTH_UNKNOWN);
    ck_assert_uint_eq(lgd_labels_n_behind(l, a, 2), 1);
    ck_assert_uint_eq(lgd_labels_n_behind(l, b, 7), 1);
    ck_assert_uint_eq(lgd_labels_n_behind(l, b, 0), 2);
    lgd_labels_free(l);
}
END_TEST

START_TEST(test_a_quote_within_a_cell_is_a_byte) {
    lgd_labels *l =
        READ("LineId\tLabel\tContent\n1\t-\tdisk 5\" failed\n2\tX\tfan\n3\t-\t \"a\n\"\"b\"\" c\"\n4\tX\t7\" up\n");
    ck_assert_uint_eq(lgd_labels_n(l), 4);
    ck_assert_uint_eq(lgd_labels_n_anomalous(l), 2);
    ck_assert_int_eq(lgd_labels_lines(l, 0, 4, 1), LGD_TRUTH_ANOMALOUS);
    lgd_labels_free(l);
}
END_TEST

START_TEST(test_lines_outrank_sessions_unless_asked) {
    static const char text[] = "LineId,Node,Label\n1,n1,-\n2,n1,APPREAD\n";
    lgd_labels *l = READ(text);
    ck_assert_int_eq(lgd_labels_kind(l), LGD_LABELS_OF_LINES);
    ck_assert_int_eq(lgd_labels_lines(l, 0, 2, 1), LGD_TRUTH_ANOMALOUS);
    lgd_labels_free(l);
}
END_TEST

START_TEST(test_a_session_is_as_bad_as_its_worst_line) {
    lgd_labels *l = NULL;
    ck_assert_int_eq(lgd_labels_new(1, &l, NULL), LGD_OK);
    const lgd_truth truths[] = {LGD_TRUTH_NORMAL, LGD_TRUTH_ANOMALOUS, LGD_TRUTH_NORMAL, LGD_TRUTH_UNKNOWN};
    for (size_t i = 0; i < 4; i++) ck_assert_int_eq(lgd_labels_join(l, LGD_SV("n1"), truths[i], NULL), LGD_OK);
    ck_assert_int_eq(lgd_labels_join(l, LGD_SV("n2"), LGD_TRUTH_UNKNOWN, NULL), LGD_OK);
    ck_assert_int_eq(lgd_labels_join(l, LGD_SV("n3"), LGD_TRUTH_NORMAL, NULL), LGD_OK);
    ck_assert_uint_eq(lgd_labels_n(l), 2);
    ck_assert_uint_eq(lgd_labels_n_anomalous(l), 1);
    ck_assert_int_eq(truth_of(l, "n1"), LGD_TRUTH_ANOMALOUS);
    ck_assert_int_eq(truth_of(l, "n2"), LGD_TRUTH_UNKNOWN);
    lgd_labels_free(l);
}
END_TEST

START_TEST(test_what_is_wrong_is_told_with_its_line) {
    static const struct {
        const char *text, *said;
    } rows[] = {
        {"", "labels.csv: is empty"},
        {"\n \n", "labels.csv: is empty"},
        {"Id,Label\n", "has a header and no labels"},
        {"a,Normal\nb,Anomaly\n", "labels.csv:1: is no header: 'Normal' is a label"},
        {"Id,What\na,b\n", "labels.csv:1: no column is called Label"},
        {"Who,Label\na,1\n", "labels.csv:1: no column is called BlockId"},
        {"Id,Label\na,0\n\nb,odd\n", "labels.csv:4: the label 'odd' is neither"},
        {"Id,Label\na,0\nb\n", "labels.csv:3: the label is missing"},
        {"Id,Label\n,0\n", "labels.csv:2: the session has no name"},
        {"Id,Label\na,0\nb,1\na,1\n", "labels.csv:4: session 'a' is anomalous here and normal in line 2"},
        {"Id,Label\na,\"0\nb,1\n", "labels.csv:2: a quote is opened and not closed"},
        {"Line,Label\n0,1\n", "labels.csv:2: '0' is no number of a line"},
        {"Line,Label\n1e3,1\n", "labels.csv:2: '1e3' is no number of a line"},
        {"Line,Label\n99999999999999999999,1\n", "is no number of a line"},
        {"Line,Label\n2,1\n1,0\n2,0\n", "labels.csv: line 2 is labelled both normal and anomalous"},
        {"File,Line,Label\nx,2,1\nx,2,0\n", "labels.csv: line 2 of x is labelled both"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        lgd_labels *l = NULL;
        lgd_err err = {0};
        ck_assert_int_eq(lgd_labels_new(1, &l, NULL), LGD_OK);
        lgd_status status = lgd_labels_read(l, put(rows[i].text, strlen(rows[i].text)), LGD_LABELS_AUTO, &err);
        ck_assert_msg(status == LGD_E_DATA && strstr(err.text, rows[i].said), "%s: %d, %s", rows[i].text, status,
                      err.text);
        ck_assert_ptr_nonnull(strstr(err.text, "; nothing was evaluated"));
        lgd_labels_free(l);
    }
}
END_TEST

START_TEST(test_files_that_cannot_be_read_are_told) {
    lgd_labels *l = NULL;
    ck_assert_int_eq(lgd_labels_new(1, &l, NULL), LGD_OK);
    const char *const paths[] = {in_folder("none.csv"), folder, in_folder("*.csv")};
    for (size_t i = 0; i < 3; i++) {
        lgd_err err = {0};
        ck_assert_int_ne(lgd_labels_read(l, paths[i], LGD_LABELS_AUTO, &err), LGD_OK);
        ck_assert_ptr_nonnull(strstr(err.text, "; nothing was evaluated"));
    }
    lgd_labels_free(l);
}
END_TEST

START_TEST(test_the_label_of_a_line_is_cut_off) {
    static const struct {
        const char *line, *left;
        lgd_truth truth;
    } rows[] = {{"- 1117838570 x", "1117838570 x", LGD_TRUTH_NORMAL},
                {"KERNDTLB 1 x", "1 x", LGD_TRUTH_ANOMALOUS},
                {"-- x", "x", LGD_TRUTH_ANOMALOUS},
                {"-", "", LGD_TRUTH_NORMAL},
                {"-\tx", "x", LGD_TRUTH_NORMAL},
                {" x", " x", LGD_TRUTH_UNKNOWN},
                {"", "", LGD_TRUTH_UNKNOWN}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        lgd_sv line = lgd_sv_of(rows[i].line);
        ck_assert_int_eq(lgd_label_cut(&line), rows[i].truth);
        ck_assert(lgd_sv_eq(line, lgd_sv_of(rows[i].left)));
    }
}
END_TEST

START_TEST(test_reading_without_memory_is_told) {
    static const char text[] = "Id,Label\na,0\nb,1\na,0\nc,1\n";
    const char *path = put(text, sizeof text - 1);
    bool done = false;
    uint64_t n_failed = 0;
    for (uint64_t k = 1; !done && k < 200; k++) {
        lgd_labels *l = NULL;
        lgd_err err = {0};
        lgd_alloc_fail_at(k, false);
        lgd_status status = lgd_labels_new(1, &l, &err);
        if (status == LGD_OK) status = lgd_labels_read(l, path, LGD_LABELS_AUTO, &err);
        lgd_alloc_fail_at(0, false);
        done = status == LGD_OK;
        n_failed += !done;
        if (!done) ck_assert_int_eq(status, LGD_E_MEMORY);
        if (done) ck_assert_uint_eq(lgd_labels_n(l), 3);
        lgd_labels_free(l);
    }
    ck_assert(done);
    ck_assert_uint_gt(n_failed, 5);
}
END_TEST

Suite *measure_suite(void) {
    Suite *s = suite_create("measure");
    TCase *t = tcase_create("measure");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, test_ranking_by_hand);
    tcase_add_test(t, test_ties_cannot_flatter);
    tcase_add_test(t, test_thresholds_by_hand);
    tcase_add_test(t, test_rates_by_hand_and_where_they_are_none);
    tcase_add_test(t, test_one_class_is_not_ranked);
    tcase_add_test(t, test_the_curve_has_a_point_for_each_per_cent);
    tcase_add_test(t, test_ranking_is_what_the_definitions_say);
    tcase_add_test(t, test_sessions_are_read_however_they_are_written);
    tcase_add_test(t, test_lines_of_files_are_found);
    tcase_add_test(t, test_a_quote_within_a_cell_is_a_byte);
    tcase_add_test(t, test_lines_outrank_sessions_unless_asked);
    tcase_add_test(t, test_a_session_is_as_bad_as_its_worst_line);
    tcase_add_test(t, test_what_is_wrong_is_told_with_its_line);
    tcase_add_test(t, test_files_that_cannot_be_read_are_told);
    tcase_add_test(t, test_the_label_of_a_line_is_cut_off);
    tcase_add_test(t, test_reading_without_memory_is_told);
    suite_add_tcase(s, t);
    return s;
}
