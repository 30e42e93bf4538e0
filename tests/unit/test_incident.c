/*
 * Tests of room incident: what belongs together is one group, weak lines open none, scores count each component once,
 * ids are stable, nothing grows without bound, and the reasons add up to the score.
 */
#include "logdetect/incident.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>

Suite *incident_suite(void);

static const int64_t second_ns = 1000000000;
static const double strong = 10, threshold = 15;

/* ---- a grouper and what it is given ---- */

static lgd_grouping grouping(void) {
    lgd_grouping o;
    lgd_grouping_init(&o);
    ck_assert(o.near_ns > 0 && o.near_ns < o.gap_ns && o.gap_events > 0);
    o.strong = strong;
    o.threshold = threshold;
    return o;
}

static lgd_grouper *grouper(const lgd_grouping *o) {
    lgd_grouper *g = NULL;
    ck_assert_int_eq(lgd_grouper_new(o, &g, NULL), LGD_OK);
    return g;
}

static const lgd_verdict *verdict(void) {
    static lgd_verdict v;
    v = (lgd_verdict){.score = 0.999, .bits = 10, .p_value = 0.001, .is_anomaly = true, .n_factors = 1};
    v.factors[0] = (lgd_factor){LGD_NEW_TEMPLATE, LGD_SV("never seen"), LGD_SV("0 of 9"), LGD_SV("first time"), 0.999};
    return &v;
}

/* An anomaly of template, stream and unit `kind` at a time. Fields are changed in place before it is added. */
static lgd_anomaly anomaly(uint32_t kind, int64_t time_ns, double surprise) {
    return (lgd_anomaly){.line = 7,
                         .n_lines = 1,
                         .time_ns = time_ns,
                         .surprise = surprise,
                         .template_id = kind,
                         .previous = LGD_NO_TEMPLATE,
                         .stream = kind,
                         .unit = kind,
                         .raw = LGD_SV("something went wrong"),
                         .component = LGD_SV("db"),
                         .verdict = verdict()};
}

static uint64_t add(lgd_grouper *g, lgd_anomaly a) {
    uint64_t group = 0;
    lgd_err err = {0};
    if (lgd_grouper_add(g, &a, &group, &err) != LGD_OK) ck_abort_msg("%s", err.text);
    return group;
}

static void finish(lgd_grouper *g) {
    ck_assert_int_eq(lgd_grouper_finish(g, NULL), LGD_OK);
    ck_assert_int_eq(lgd_grouper_rank(g, NULL), LGD_OK);
}

/* ---- names ---- */

static lgd_sv template_text(const void *ctx, lgd_template_id id) {
    static const char *const texts[] = {"zero <*>", "one <*>", "two <*>", "three <*>", "other <*>"};
    (void)ctx;
    return lgd_sv_of(texts[id < 4 ? id : 4]);
}
static lgd_template_id successor(const void *ctx, lgd_template_id id) {
    (void)ctx;
    return id == 0 ? 3 : LGD_NO_TEMPLATE;
}
static lgd_sv file_name(const void *ctx, uint32_t file) {
    (void)ctx;
    return file ? LGD_SV("b.log") : LGD_SV("a.log");
}
static const lgd_names names = {template_text, successor, file_name, NULL};

static lgd_incident incident(const lgd_grouper *g, size_t rank, lgd_arena *arena) {
    lgd_incident i;
    lgd_err err = {0};
    ck_assert_msg(lgd_grouper_incident(g, rank, &names, arena, &i, &err) == LGD_OK, "%s", err.text);
    return i;
}

/* ---- grouping ---- */

/* distance: from the anomaly before, in units of near_ns and gap_ns; kind: what it is like. */
START_TEST(test_moments_and_likeness_make_a_group) {
    static const struct {
        const char *name;
        double near, gap;
        uint32_t kind;
        bool same;
    } rows[] = {{"at once", 0, 0, 2, true},
                {"a moment later", 0.9, 0, 2, true},
                {"later and unlike", 1.5, 0, 2, false},
                {"later and alike", 1.5, 0, 1, true},
                {"at the end of the gap, alike", 0, 0.9, 1, true},
                {"behind the gap, alike", 0, 1.1, 1, false}};
    lgd_grouping o = grouping();
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        lgd_grouper *g = grouper(&o);
        int64_t later = (int64_t)(rows[i].near * (double)o.near_ns + rows[i].gap * (double)o.gap_ns);
        uint64_t first = add(g, anomaly(1, second_ns, 20)),
                 second = add(g, anomaly(rows[i].kind, second_ns + later, 20));
        ck_assert_msg((first == second) == rows[i].same, "%s", rows[i].name);
        lgd_grouper_free(g);
    }
}
END_TEST

/* A new message that comes every half minute, each time from another process, is one incident. */
START_TEST(test_a_strange_line_that_comes_again_is_of_the_same_group) {
    const lgd_grouping o = grouping();
    lgd_grouper *g = grouper(&o);
    lgd_anomaly first = anomaly(1, 0, 12), again = anomaly(1, 30 * second_ns, 12), weak = anomaly(1, 60 * second_ns, 9);
    again.stream = again.unit = 8;
    weak.stream = weak.unit = 9;
    uint64_t group = add(g, first);
    ck_assert_uint_eq(add(g, again), group);
    ck_assert_uint_eq(add(g, weak), LGD_NO_GROUP);
    lgd_grouper_free(g);
}
END_TEST

START_TEST(test_events_without_time_are_near_by_their_number) {
    lgd_grouping o = grouping();
    lgd_grouper *g = grouper(&o);
    lgd_anomaly a = anomaly(1, LGD_NO_TIME, 20);
    a.number = 5;
    uint64_t first = add(g, a);
    a.number = 6;
    ck_assert_uint_eq(add(g, a), first);
    a.number = 7 + o.gap_events;
    ck_assert_uint_ne(add(g, a), first);
    finish(g);
    ck_assert_uint_eq(lgd_grouper_n_incidents(g), 2);
    lgd_grouper_free(g);
}
END_TEST

START_TEST(test_times_apart_by_centuries_are_apart) {
    lgd_grouping o = grouping();
    lgd_grouper *g = grouper(&o);
    int64_t then = -INT64_C(8500000000) * second_ns, now = INT64_C(8500000000) * second_ns;
    uint64_t first = add(g, anomaly(1, then, 20)), second = add(g, anomaly(1, now, 20)),
             third = add(g, anomaly(1, then, 20));
    ck_assert(first != second && second != third);
    lgd_grouper_free(g);
}
END_TEST

START_TEST(test_weak_lines_never_open_a_group) {
    lgd_grouping o = grouping();
    lgd_grouper *g = grouper(&o);
    size_t n = 0;
    for (int i = 0; i < 50; i++) ck_assert_uint_eq(add(g, anomaly(1, second_ns, strong - 0.01)), LGD_NO_GROUP);
    uint64_t group = add(g, anomaly(1, second_ns, 20));
    ck_assert_uint_ne(group, LGD_NO_GROUP);
    for (uint32_t i = 0; i < 50; i++) ck_assert_uint_eq(add(g, anomaly(i, second_ns, strong - 0.01)), group);
    finish(g);
    const float *scores = lgd_grouper_scores(g, &n);
    ck_assert_uint_eq(n, 1);
    ck_assert(fabs((double)scores[0] - 20) < 1e-5); /* they count for nothing */
    lgd_arena arena = {0};
    ck_assert_uint_eq(incident(g, 0, &arena).anomalies, 51);
    lgd_arena_release(&arena);
    ck_assert_int_eq(lgd_grouper_fate(g, LGD_NO_GROUP), LGD_FATE_NONE);
    ck_assert_ptr_null(lgd_grouper_id(g, LGD_NO_GROUP));
    lgd_grouper_free(g);
}
END_TEST

START_TEST(test_each_component_counts_once_and_less_than_the_one_before) {
    lgd_grouping o = grouping();
    lgd_grouper *g = grouper(&o);
    size_t n = 0;
    static const struct {
        uint32_t unit;
        double surprise;
    } rows[] = {{2, 12}, {1, 11}, {1, 20}, {3, 10}, {2, 11}, {1, 19}, {3, 10}, {4, 9.9}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) add(g, anomaly(rows[i].unit, second_ns, rows[i].surprise));
    finish(g);
    const float *scores = lgd_grouper_scores(g, &n);
    ck_assert_uint_eq(n, 1);
    ck_assert(fabs((double)scores[0] - (20 + 0.7 * 12 + 0.49 * 10)) < 1e-4);
    lgd_grouper_free(g);
}
END_TEST

START_TEST(test_a_group_becomes_an_incident_at_the_threshold) {
    lgd_grouping o = grouping();
    lgd_grouper *g = grouper(&o);
    uint64_t group = add(g, anomaly(1, second_ns, 11));
    ck_assert_int_eq(lgd_grouper_fate(g, group), LGD_FATE_OPEN);
    ck_assert_ptr_null(lgd_grouper_id(g, group));
    uint64_t low = add(g, anomaly(9, second_ns + 2 * o.near_ns, 11));
    ck_assert_uint_ne(low, group);
    ck_assert_uint_eq(add(g, anomaly(1, second_ns, threshold)), group);
    ck_assert_int_eq(lgd_grouper_fate(g, group), LGD_FATE_INCIDENT);
    finish(g);
    ck_assert_int_eq(lgd_grouper_fate(g, group), LGD_FATE_INCIDENT);
    ck_assert_int_eq(lgd_grouper_fate(g, low), LGD_FATE_NONE);
    ck_assert_ptr_nonnull(lgd_grouper_id(g, group));
    ck_assert_ptr_null(lgd_grouper_id(g, low));
    ck_assert_uint_eq(lgd_grouper_n_incidents(g), 1);
    lgd_grouper_free(g);
    lgd_grouper_free(NULL);
}
END_TEST

/* ---- bounds ---- */

/* Groups of their own, all within the gap. */
static lgd_grouper *many_groups(size_t n, double surprise) {
    lgd_grouping o = grouping();
    o.gap_ns = INT64_C(1000000) * second_ns;
    lgd_grouper *g = grouper(&o);
    for (uint32_t i = 0; i < n; i++) {
        lgd_anomaly a = anomaly(100 + i, second_ns + (int64_t)i * 2 * o.near_ns, surprise);
        a.number = i;
        if (add(g, a) != i) ck_abort_msg("group %u", i);
    }
    return g;
}

START_TEST(test_the_group_that_was_quiet_longest_closes_first) {
    lgd_grouper *g = many_groups(1000, 11);
    size_t n = 0, open = 0;
    for (uint64_t i = 0; i < 1000; i++) open += lgd_grouper_fate(g, i) == LGD_FATE_OPEN;
    ck_assert(open > 0 && open <= 64);
    ck_assert_int_eq(lgd_grouper_fate(g, 0), LGD_FATE_NONE);
    ck_assert_int_eq(lgd_grouper_fate(g, 999), LGD_FATE_OPEN);
    finish(g);
    (void)lgd_grouper_scores(g, &n);
    ck_assert_uint_eq(n, 1000);
    lgd_grouper_free(g);
}
END_TEST

START_TEST(test_incidents_past_the_most_are_counted) {
    lgd_grouper *g = many_groups(5000, 20);
    finish(g);
    ck_assert_uint_lt(lgd_grouper_n_incidents(g), 5000);
    ck_assert_uint_eq(lgd_grouper_n_incidents(g) + lgd_grouper_n_left_out(g), 5000);
    lgd_grouper_free(g);
}
END_TEST

START_TEST(test_an_incident_of_anything_is_small) {
    lgd_grouping o = grouping();
    lgd_grouper *g = grouper(&o);
    lgd_arena arena = {0};
    char raw[5000];
    memset(raw, '\xff', sizeof raw);
    for (uint32_t i = 0; i < 2000; i++) {
        lgd_anomaly a = anomaly(i, second_ns, 20 + i % 100);
        a.file = i % 40;
        a.raw = (lgd_sv){raw, sizeof raw};
        add(g, a);
    }
    finish(g);
    lgd_incident x = incident(g, 0, &arena);
    ck_assert_uint_eq(x.anomalies, 2000);
    ck_assert(x.n_related <= 10 && x.n_templates <= 10 && x.n_related > 0 && x.n_files > 0);
    ck_assert_uint_le(x.n_templates_all, 2000);
    ck_assert(x.first.raw.n <= 512 && x.related[0].raw.n <= 512);
    for (size_t i = 1; i < x.n_related; i++) ck_assert(x.related[i].bits <= x.related[i - 1].bits);
    lgd_arena_release(&arena);
    lgd_grouper_free(g);
}
END_TEST

/* ---- what is told ---- */

START_TEST(test_an_incident_tells_what_it_is_made_of) {
    lgd_grouping o = grouping();
    lgd_grouper *g = grouper(&o);
    lgd_arena arena = {0};
    lgd_anomaly a = anomaly(1, 10 * second_ns, 12), b = anomaly(2, 12 * second_ns, 30),
                weak = anomaly(2, 13 * second_ns, 2);
    a.n_lines = 3;
    b.previous = 0; /* what usually comes behind it is 3 */
    b.file = 1;
    b.line = 99;
    b.raw = LGD_SV("worse");
    add(g, a);
    add(g, b);
    add(g, weak);
    finish(g);
    lgd_incident x = incident(g, 0, &arena);
    ck_assert_str_eq(x.status, "closed");
    ck_assert_uint_eq(strspn(x.id, "0123456789abcdef"), 16);
    ck_assert_int_eq(x.start_ns, 10 * second_ns);
    ck_assert_int_eq(x.end_ns, 12 * second_ns);
    ck_assert(x.anomalies == 3 && x.lines == 5 && x.n_templates_all == 2 && x.n_files == 2 && x.n_related == 2);
    ck_assert(lgd_sv_eq(x.first.raw, LGD_SV("something went wrong")) && x.first.line == 7);
    ck_assert(lgd_sv_eq(x.related[0].raw, LGD_SV("worse")) && x.related[0].line == 99 && x.related[0].count == 2);
    ck_assert(lgd_sv_eq(x.related[0].file, LGD_SV("b.log")) && lgd_sv_eq(x.files[0], LGD_SV("a.log")));
    ck_assert(x.template_ids[0] == 2 && lgd_sv_eq(x.templates[1], LGD_SV("one <*>")));
    ck_assert_msg(lgd_sv_eq(x.title, LGD_SV("New: two <*> (db)")), "%.*s", (int)x.title.n, x.title.p);
    ck_assert(x.n_normal_sequence == 2 && lgd_sv_eq(x.normal_sequence[1], LGD_SV("three <*>")));
    ck_assert(x.n_actual_sequence == 2 && lgd_sv_eq(x.actual_sequence[0], LGD_SV("zero <*>")) &&
              lgd_sv_eq(x.actual_sequence[1], LGD_SV("two <*>")));
    ck_assert(fabs(x.verdict.bits - (30 + 0.7 * 12)) < 1e-9);
    ck_assert(x.verdict.n_factors == 1 && lgd_sv_eq(x.verdict.factors[0].text, LGD_SV("never seen")));
    lgd_arena_release(&arena);
    lgd_grouper_free(g);
}
END_TEST

START_TEST(test_incidents_are_ranked_by_score) {
    static const double surprises[] = {16, 40, 22, 90, 30, 16};
    lgd_grouping o = grouping();
    lgd_grouper *g = grouper(&o);
    lgd_arena arena = {0};
    for (int i = 0; i < 6; i++) add(g, anomaly(1, second_ns + i * 2 * o.gap_ns, surprises[i]));
    finish(g);
    ck_assert_uint_eq(lgd_grouper_n_incidents(g), 6);
    lgd_incident last = incident(g, 0, &arena);
    ck_assert(last.verdict.bits == 90);
    for (size_t i = 1; i < 6; i++) {
        lgd_incident x = incident(g, i, &arena);
        ck_assert(x.verdict.bits <= last.verdict.bits && x.severity <= last.severity);
        last = x;
    }
    lgd_arena_release(&arena);
    lgd_grouper_free(g);
}
END_TEST

static void id_of(lgd_anomaly first, bool more, char ret[17]) {
    lgd_grouping o = grouping();
    lgd_grouper *g = grouper(&o);
    uint64_t group = add(g, first);
    if (more) add(g, anomaly(3, first.time_ns + second_ns, 50));
    finish(g);
    const char *id = lgd_grouper_id(g, group);
    ck_assert_ptr_nonnull(id);
    memcpy(ret, id, 17);
    lgd_grouper_free(g);
}

START_TEST(test_ids_are_those_of_the_first_line) {
    lgd_anomaly a = anomaly(1, 5 * second_ns, 20), moved = a, other = a, later = a;
    char id[17], again[17];
    id_of(a, false, id);
    moved.file = 3; /* rotated away and compressed: another file, another line number */
    moved.line = 1234;
    moved.number = 99;
    moved.surprise = 30;
    id_of(moved, true, again);
    ck_assert_str_eq(id, again);
    other.raw = LGD_SV("something else went wrong");
    id_of(other, false, again);
    ck_assert_str_ne(id, again);
    later.time_ns++;
    id_of(later, false, again);
    ck_assert_str_ne(id, again);
}
END_TEST

/* ---- several inputs ---- */

/* An incident of file 0 from 0 to 3 s, and one of `file` at a time. Returns how many incidents there are. */
static size_t two_inputs(uint32_t file, int64_t time_ns, bool told, bool *ret_same_id) {
    lgd_grouping o = grouping();
    lgd_grouper *g = grouper(&o);
    uint64_t first = add(g, anomaly(1, 0, 20));
    ck_assert_uint_eq(add(g, anomaly(1, 3 * second_ns, 20)), first);
    ck_assert_int_eq(lgd_grouper_finish(g, NULL), LGD_OK);
    lgd_anomaly b = anomaly(2, time_ns, 30);
    b.file = file;
    b.raw = LGD_SV("seen from the other side");
    uint64_t second = add(g, b);
    ck_assert_uint_ne(second, first);
    if (told) ck_assert_ptr_nonnull(lgd_grouper_id(g, second));
    finish(g);
    *ret_same_id = strcmp(lgd_grouper_id(g, first), lgd_grouper_id(g, second)) == 0;
    size_t n = lgd_grouper_n_incidents(g);
    lgd_arena arena = {0};
    lgd_incident x = incident(g, 0, &arena);
    if (n == 1) ck_assert(x.anomalies == 3 && x.n_files == 2 && x.verdict.bits > 30 && x.start_ns <= 0);
    lgd_arena_release(&arena);
    lgd_grouper_free(g);
    return n;
}

START_TEST(test_one_fault_in_two_inputs_is_one_incident) {
    bool same = false;
    ck_assert_uint_eq(two_inputs(1, second_ns, false, &same), 1);
    ck_assert(same);
    ck_assert_uint_eq(two_inputs(1, 1000 * second_ns, false, &same), 2); /* another time */
    ck_assert(!same);
    ck_assert_uint_eq(two_inputs(0, second_ns, false, &same), 2); /* the same file */
    ck_assert(!same);
    ck_assert_uint_eq(two_inputs(1, second_ns, true, &same), 2); /* its id was given out */
    ck_assert(!same);
}
END_TEST

/* Found by review: a moment later is beyond what a time can say. */
START_TEST(test_one_fault_at_the_end_of_time_is_one_incident) {
    const lgd_grouping o = grouping();
    lgd_grouper *g = grouper(&o);
    for (uint32_t file = 0; file < 2; file++) {
        lgd_anomaly a = anomaly(1 + file, INT64_MAX - second_ns + file, 30);
        a.file = file;
        (void)add(g, a);
        ck_assert_int_eq(lgd_grouper_finish(g, NULL), LGD_OK);
    }
    finish(g);
    ck_assert_uint_eq(lgd_grouper_n_incidents(g), 1);
    lgd_grouper_free(g);
}
END_TEST

START_TEST(test_an_error_is_worse_than_its_bits) {
    static const lgd_level levels[] = {LGD_LEVEL_INFO, LGD_LEVEL_WARN, LGD_LEVEL_ERROR, LGD_LEVEL_FATAL};
    static const lgd_severity wanted[] = {LGD_LOW, LGD_LOW, LGD_MEDIUM, LGD_HIGH};
    lgd_grouping o = grouping();
    lgd_arena arena = {0};
    for (int i = 0; i < 4; i++) {
        lgd_grouper *g = grouper(&o);
        lgd_anomaly a = anomaly(1, second_ns, o.threshold + 1), weak = anomaly(1, second_ns, o.strong - 1);
        a.level = levels[i];
        weak.level = LGD_LEVEL_FATAL; /* has no say */
        add(g, a);
        add(g, weak);
        finish(g);
        ck_assert_int_eq(incident(g, 0, &arena).severity, wanted[i]);
        lgd_grouper_free(g);
    }
    lgd_arena_release(&arena);
}
END_TEST

/* ---- the threshold ---- */

static size_t above(const float *scores, size_t n, double x) {
    size_t found = 0;
    for (size_t i = 0; i < n; i++) found += (double)scores[i] >= x;
    return found;
}

START_TEST(test_the_highest_score_of_a_training_may_be_a_fault) {
    float fault[] = {65, 22, 14, 13, 12}, none[] = {22, 14, 13, 12}, near[] = {23, 22, 20, 17.5f, 15};
    double x = lgd_incident_threshold(fault, 5, 1);
    ck_assert_msg(x > 14 && x <= 18, "%g", x); /* not in the widest gap, from 22 to 65 */
    ck_assert(lgd_incident_threshold(none, 4, 1) == x);
    double y = lgd_incident_threshold(near, 5, 1); /* no gap of 4 bits under the room above the highest */
    ck_assert(y == 25);
}
END_TEST

START_TEST(test_the_threshold_lies_where_scores_are_emptiest) {
    float scores[] = {9, 50, 10, 8}, ascending[] = {8, 9, 10, 50}, ties[] = {7, 7, 7, 7};
    double x = lgd_incident_threshold(scores, 4, 1);
    ck_assert(x > 10 && x < 50);
    ck_assert(lgd_incident_threshold(ascending, 4, 1) == x);
    ck_assert(lgd_incident_threshold(scores, 4, 0) > 50); /* none at all */
    ck_assert(lgd_incident_threshold(NULL, 0, 1) > 0);
    ck_assert(lgd_incident_threshold(ties, 4, 0) > 7);
    ck_assert(isfinite(lgd_incident_threshold(ties, 4, 1000)));
}
END_TEST

START_TEST(test_no_more_incidents_than_twice_what_was_allowed) {
    static const double allowed[] = {0, 0.3, 1, 2.5, 10, 40};
    lgd_rng r;
    lgd_rng_init(&r, 6);
    for (int round = 0; round < 200; round++) {
        float scores[300];
        size_t n = 1 + lgd_rng_below(&r, 300);
        for (size_t i = 0; i < n; i++) scores[i] = (float)(10 - 5 * log2(1 - lgd_rng_unit(&r)));
        for (size_t a = 0; a < 6; a++) {
            double x = lgd_incident_threshold(scores, n, allowed[a]);
            if ((double)above(scores, n, x) > ceil(2 * allowed[a])) ck_abort_msg("%g allowed: %g", allowed[a], x);
        }
    }
}
END_TEST

/* ---- reasons ---- */

typedef struct scene {
    lgd_baseline *baseline;
    lgd_events e;
    lgd_template_id id;
    int64_t time_ns;
    uint8_t level;
    uint32_t length, stream, n_values;
    lgd_observation value;
    const lgd_observation *values;
    lgd_context context;
} scene;

static void scene_make(scene *s) {
    *s = (scene){.id = 1, .time_ns = 5 * second_ns, .level = LGD_LEVEL_ERROR, .length = 50, .n_values = 1};
    s->value = (lgd_observation){.slot = 0, .hash = 3, .text = LGD_SV("42"), .number = 42, .is_number = true};
    s->values = &s->value;
    s->e = (lgd_events){1, &s->id, &s->time_ns, &s->level, &s->length, &s->stream, &s->n_values, &s->values};
    s->context = (lgd_context){.previous = 0, .gap_ns = 90 * second_ns, .gap_max_ns = second_ns};
    lgd_tracker *t = NULL;
    ck_assert_int_eq(lgd_tracker_new(4, &t, NULL), LGD_OK);
    ck_assert_int_eq(lgd_baseline_new(4, 2, &s->baseline, NULL), LGD_OK);
    ck_assert_int_eq(lgd_baseline_learn(s->baseline, t, &s->e, 0, 1, NULL), LGD_OK);
    ck_assert_int_eq(lgd_baseline_finish(s->baseline, NULL), LGD_OK);
    lgd_tracker_free(t);
}

static lgd_verdict explain(const scene *s, const double *shares, double score, lgd_arena *arena) {
    lgd_verdict v = {.n_factors = 99};
    lgd_err err = {0};
    lgd_reasons r = {s->baseline, &s->context, &s->e, 0, shares, score, template_text, NULL};
    ck_assert_msg(lgd_explain(&r, arena, &v, &err) == LGD_OK, "%s", err.text);
    return v;
}

START_TEST(test_the_shares_of_factors_add_up_to_the_score) {
    scene s;
    scene_make(&s);
    lgd_rng r;
    lgd_rng_init(&r, 2);
    for (int round = 0; round < 200; round++) {
        double shares[LGD_COLUMNS] = {0}, all = 0, sum = 0, score = lgd_rng_unit(&r);
        lgd_arena arena = {0};
        uint32_t n = 1 + lgd_rng_below(&r, LGD_COLUMNS);
        for (uint32_t k = 0; k < n; k++) all += shares[lgd_rng_below(&r, LGD_COL_STARTUP)] = lgd_rng_unit(&r) + 0.1;
        all = 0;
        for (int c = 0; c < LGD_COLUMNS; c++) all += shares[c];
        for (int c = 0; c < LGD_COLUMNS; c++) shares[c] /= all;
        lgd_verdict v = explain(&s, shares, score, &arena);
        ck_assert(v.n_factors > 0 && v.n_factors <= LGD_MAX_FACTORS);
        for (size_t i = 0; i < v.n_factors; i++) {
            const lgd_factor *f = &v.factors[i];
            sum += f->share;
            if (!f->text.n || !f->typical.n || !f->actual.n || f->kind >= LGD_FACTOR_KINDS)
                ck_abort_msg("factor %zu", i);
            if (i && f->share > v.factors[i - 1].share) ck_abort_msg("factor %zu is larger than the one before", i);
        }
        if (!(fabs(sum - score) < 1e-9)) ck_abort_msg("%g together, not %g", sum, score);
        lgd_arena_release(&arena);
    }
    lgd_baseline_free(s.baseline);
}
END_TEST

START_TEST(test_each_column_is_put_into_its_words) {
    static const struct {
        lgd_column column;
        lgd_factor_kind kind;
        const char *words; /* somewhere in what is told */
    } rows[] = {{LGD_COL_TEMPLATE, LGD_NEW_TEMPLATE, "first time"},
                {LGD_COL_SEQUENCE, LGD_SEQUENCE, "zero <*>"},
                {LGD_COL_BURST, LGD_BURST, "minute"},
                {LGD_COL_LEVEL, LGD_LEVEL_RATIO, "error"},
                {LGD_COL_LENGTH, LGD_LENGTH, "50 bytes"},
                {LGD_COL_HOUR, LGD_UNUSUAL_TIME, "00:00"},
                {LGD_COL_VALUE, LGD_RARE_VALUE, "42"},
                {LGD_COL_NUMBER, LGD_NUMERIC_RANGE, "42"},
                {LGD_COL_GAP, LGD_SILENCE, "90.0 s"},
                {LGD_COL_ERRORS, LGD_LEVEL_RATIO, "minute"}};
    scene s;
    scene_make(&s);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        double shares[LGD_COLUMNS] = {0};
        lgd_arena arena = {0};
        lgd_buf all = {0};
        shares[rows[i].column] = 1;
        lgd_verdict v = explain(&s, shares, 0.9, &arena);
        ck_assert_uint_eq(v.n_factors, 1);
        ck_assert_int_eq(v.factors[0].kind, rows[i].kind);
        lgd_buf_add_sv(&all, v.factors[0].text);
        lgd_buf_add_sv(&all, v.factors[0].typical);
        lgd_buf_add_sv(&all, v.factors[0].actual);
        lgd_buf_add_char(&all, 0);
        ck_assert_msg(strstr(all.p, rows[i].words) != NULL, "%s: %s", lgd_column_name(rows[i].column), all.p);
        lgd_buf_release(&all);
        lgd_arena_release(&arena);
    }
    lgd_baseline_free(s.baseline);
}
END_TEST

/* Bytes that a log may have: a NUL, quotes, and a character of two bytes that the cut falls into. */
static lgd_sv hostile_text(const void *ctx, lgd_template_id id) {
    static char text[2][80];
    (void)ctx;
    memset(text[id % 2], 'x', sizeof text[0]);
    memcpy(text[id % 2], id % 2 ? "saw\0\"" : "was\0\"", 5);
    memcpy(text[id % 2] + 59, "\xc3\xa4", 2);
    return (lgd_sv){text[id % 2], sizeof text[0]};
}

START_TEST(test_a_template_is_told_up_to_a_whole_character) {
    static const lgd_column columns[] = {LGD_COL_FORETOLD, LGD_COL_SEQUENCE};
    scene s;
    scene_make(&s);
    s.context.p_expected = 0.75;
    for (size_t i = 0; i < 2; i++) {
        double shares[LGD_COLUMNS] = {0};
        lgd_arena arena = {0};
        lgd_verdict v = {0};
        lgd_reasons r = {s.baseline, &s.context, &s.e, 0, shares, 1, hostile_text, NULL};
        shares[columns[i]] = 1;
        ck_assert_int_eq(lgd_explain(&r, &arena, &v, NULL), LGD_OK);
        lgd_sv typical = v.factors[0].typical;
        size_t begin = strlen(i ? "after " : "expected ");
        ck_assert_uint_ge(typical.n, begin + 61);
        ck_assert_mem_eq(typical.p + begin, "\"was\0\"", 6);
        ck_assert_mem_eq(typical.p + begin + 58, "xx\"", 3); /* 59 bytes of it, then the quote */
        lgd_arena_release(&arena);
    }
    lgd_baseline_free(s.baseline);
}
END_TEST

START_TEST(test_what_was_foretold_is_told_as_it_is) {
    static const struct {
        lgd_template_id expected;
        double p, p_expected;
        const char *typical, *actual;
    } rows[] = {
        {2, 0.001, 0.75, "expected \"two <*>\" (p 0.75)", "saw \"one <*>\" (p 0.001)"},
        {2, 0.001, 1, "expected \"two <*>\" (p >0.99)", "saw \"one <*>\" (p 0.001)"},
        {2, 0, 0.75, "expected \"two <*>\" (p 0.75)", "saw \"one <*>\""}, /* unknown to the network */
        {2, 0, 0, "expected \"two <*>\"", "saw \"one <*>\""},             /* squared errors */
        {LGD_ORDER_END, 0.1, 0.5, "expected the end of the session (p 0.5)", "saw \"one <*>\" (p 0.1)"},
        {LGD_NO_TEMPLATE, 0.1, 0.5, "expected one of several rare templates (p 0.5)", "saw \"one <*>\" (p 0.1)"}};
    double shares[LGD_COLUMNS] = {[LGD_COL_FORETOLD] = 1};
    scene s;
    scene_make(&s);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        lgd_arena arena = {0};
        s.context.expected = rows[i].expected;
        s.context.p = rows[i].p;
        s.context.p_expected = rows[i].p_expected;
        lgd_verdict v = explain(&s, shares, 1, &arena);
        ck_assert_int_eq(v.factors[0].kind, LGD_SEQUENCE);
        ck_assert_msg(lgd_sv_eq(v.factors[0].typical, lgd_sv_of(rows[i].typical)), "%zu: %.*s", i,
                      (int)v.factors[0].typical.n, v.factors[0].typical.p);
        ck_assert_msg(lgd_sv_eq(v.factors[0].actual, lgd_sv_of(rows[i].actual)), "%zu: %.*s", i,
                      (int)v.factors[0].actual.n, v.factors[0].actual.p);
        lgd_arena_release(&arena);
    }
    lgd_baseline_free(s.baseline);
}
END_TEST

/* ---- signals ---- */

static lgd_anomaly silent(uint32_t kind, int64_t at_ns, double surprise) {
    lgd_anomaly a = anomaly(kind, at_ns - 60 * second_ns, surprise); /* its last line */
    a.is_signal = a.lasts = true;
    a.at_ns = at_ns;
    a.n_lines = 0;
    a.unit = LGD_RHYTHM_UNIT;
    return a;
}

START_TEST(test_a_silence_keeps_its_group_open_until_it_ends) {
    lgd_grouping o = grouping();
    lgd_grouper *g = grouper(&o);
    lgd_arena arena = {0};
    int64_t hour_ns = 3600 * second_ns, start = 100 * hour_ns;
    uint64_t first = add(g, silent(1, start, 11));
    ck_assert_uint_ne(add(g, anomaly(3, start + hour_ns, 20)), first); /* of something else, and later */
    ck_assert_uint_eq(add(g, silent(2, start + 2 * hour_ns, 12)), first);
    ck_assert_int_eq(lgd_grouper_fate(g, first), LGD_FATE_OPEN);
    lgd_anomaly over = silent(1, start + 3 * hour_ns, 30);
    ck_assert_int_eq(lgd_grouper_raise(g, first, &over, NULL), LGD_OK);
    ck_assert_int_eq(lgd_grouper_fate(g, first), LGD_FATE_INCIDENT);
    over = silent(2, start + 4 * hour_ns, 14);
    ck_assert_int_eq(lgd_grouper_raise(g, first, &over, NULL), LGD_OK);
    ck_assert_uint_ne(add(g, silent(2, start + 6 * hour_ns, 20)), first); /* it is closed */
    finish(g);
    ck_assert_uint_eq(lgd_grouper_n_incidents(g), 3);
    lgd_incident i = incident(g, 0, &arena);
    ck_assert_double_eq_tol(i.verdict.bits, 30, 1e-9); /* two silences are one component */
    ck_assert_int_eq(i.start_ns, start);
    ck_assert_int_eq(i.end_ns, start + 4 * hour_ns);
    ck_assert_int_eq(i.first.time_ns, start - 60 * second_ns);
    ck_assert_uint_eq(i.lines, 0);
    ck_assert_uint_eq(i.anomalies, 2);
    lgd_arena_release(&arena);
    lgd_grouper_free(g);
}
END_TEST

START_TEST(test_a_long_silence_ties_nothing_to_it_but_its_beginning) {
    lgd_grouping o = grouping();
    lgd_grouper *g = grouper(&o);
    int64_t start = 1000 * second_ns;
    lgd_anomaly a = silent(1, start, 20), over = silent(1, start + 7200 * second_ns, 25);
    uint64_t group = add(g, a);
    ck_assert_int_eq(lgd_grouper_raise(g, group, &over, NULL), LGD_OK);
    lgd_anomaly other = anomaly(3, start + 3600 * second_ns, 20);
    other.file = 1;
    ck_assert_int_eq(lgd_grouper_finish(g, NULL), LGD_OK); /* the other input follows */
    ck_assert_uint_ne(add(g, other), group);
    finish(g);
    ck_assert_uint_eq(lgd_grouper_n_incidents(g), 2);
    lgd_grouper_free(g);
}
END_TEST

START_TEST(test_nothing_is_told_of_nothing) {
    scene s;
    scene_make(&s);
    double none[LGD_COLUMNS] = {0}, starting[LGD_COLUMNS] = {0};
    lgd_arena arena = {0};
    starting[LGD_COL_STARTUP] = 1; /* a discount is no reason */
    ck_assert_uint_eq(explain(&s, none, 0, &arena).n_factors, 0);
    ck_assert_uint_eq(explain(&s, starting, 0.5, &arena).n_factors, 0);
    lgd_arena_release(&arena);
    lgd_baseline_free(s.baseline);
}
END_TEST

/* ---- memory ---- */

static lgd_status whole_life(lgd_arena *arena, lgd_err *err) {
    lgd_grouping o = grouping();
    lgd_grouper *g = NULL;
    lgd_incident x;
    uint64_t group = 0;
    LGD_TRY(lgd_grouper_new(&o, &g, err));
    lgd_status status = LGD_OK;
    for (uint32_t i = 0; i < 30 && status == LGD_OK; i++) {
        lgd_anomaly a = anomaly(i % 5, (int64_t)(i % 10) * o.gap_ns / 3, 20 + i);
        a.file = i / 10;
        if (i % 10 == 0) status = lgd_grouper_finish(g, err);
        if (status == LGD_OK) status = lgd_grouper_add(g, &a, &group, err);
    }
    if (status == LGD_OK) status = lgd_grouper_finish(g, err);
    if (status == LGD_OK) status = lgd_grouper_rank(g, err);
    for (size_t i = 0; status == LGD_OK && i < lgd_grouper_n_incidents(g); i++)
        status = lgd_grouper_incident(g, i, &names, arena, &x, err);
    lgd_grouper_free(g);
    return status;
}

START_TEST(test_failing_allocations_are_told) {
    lgd_status status = LGD_E_MEMORY;
    uint64_t k = 0;
    while (status != LGD_OK) {
        lgd_arena arena = {0};
        lgd_err err = {0};
        k++;
        lgd_alloc_fail_at(k, k % 2 == 0);
        status = whole_life(&arena, &err);
        lgd_alloc_fail_at(0, false);
        if (status != LGD_OK && (status != LGD_E_MEMORY || !err.text[0])) ck_abort_msg("allocation %d", (int)k);
        lgd_arena_release(&arena);
    }
    ck_assert_uint_gt(k, 50);
}
END_TEST

Suite *incident_suite(void) {
    Suite *suite = suite_create("incident");
    TCase *tests = tcase_create("incident");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, test_moments_and_likeness_make_a_group);
    tcase_add_test(tests, test_a_strange_line_that_comes_again_is_of_the_same_group);
    tcase_add_test(tests, test_events_without_time_are_near_by_their_number);
    tcase_add_test(tests, test_times_apart_by_centuries_are_apart);
    tcase_add_test(tests, test_weak_lines_never_open_a_group);
    tcase_add_test(tests, test_each_component_counts_once_and_less_than_the_one_before);
    tcase_add_test(tests, test_a_group_becomes_an_incident_at_the_threshold);
    tcase_add_test(tests, test_the_group_that_was_quiet_longest_closes_first);
    tcase_add_test(tests, test_incidents_past_the_most_are_counted);
    tcase_add_test(tests, test_an_incident_of_anything_is_small);
    tcase_add_test(tests, test_an_incident_tells_what_it_is_made_of);
    tcase_add_test(tests, test_incidents_are_ranked_by_score);
    tcase_add_test(tests, test_ids_are_those_of_the_first_line);
    tcase_add_test(tests, test_one_fault_in_two_inputs_is_one_incident);
    tcase_add_test(tests, test_one_fault_at_the_end_of_time_is_one_incident);
    tcase_add_test(tests, test_the_highest_score_of_a_training_may_be_a_fault);
    tcase_add_test(tests, test_an_error_is_worse_than_its_bits);
    tcase_add_test(tests, test_the_threshold_lies_where_scores_are_emptiest);
    tcase_add_test(tests, test_no_more_incidents_than_twice_what_was_allowed);
    tcase_add_test(tests, test_the_shares_of_factors_add_up_to_the_score);
    tcase_add_test(tests, test_each_column_is_put_into_its_words);
    tcase_add_test(tests, test_a_template_is_told_up_to_a_whole_character);
    tcase_add_test(tests, test_what_was_foretold_is_told_as_it_is);
    tcase_add_test(tests, test_a_silence_keeps_its_group_open_until_it_ends);
    tcase_add_test(tests, test_a_long_silence_ties_nothing_to_it_but_its_beginning);
    tcase_add_test(tests, test_nothing_is_told_of_nothing);
    tcase_add_test(tests, test_failing_allocations_are_told);
    suite_add_tcase(suite, tests);
    return suite;
}
