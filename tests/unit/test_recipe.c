/*
 * Tests of recipes: those that are shipped are read and say what their names say, what is wrong is told with its line, and
 * a plan is the recipe with the options that outrank it.
 */
#include "../../src/pipeline/plan.h"
#include "commands.h"
#include "folder.h"

#include <check.h>
#include <stdio.h>

Suite *recipe_suite(void);

/* ---- the files ---- */

static lgd_arena arena;

static void make(void) {
    folder_make();
    arena = (lgd_arena){0};
}

static void clean(void) {
    lgd_arena_release(&arena);
    folder_remove();
}

static lgd_recipe find(const char *what) {
    lgd_recipe r;
    lgd_err err = {0};
    ck_assert_msg(lgd_recipe_find(what, lgd_builtin_recipes(), &arena, &r, &err) == LGD_OK, "%s", err.text);
    return r;
}

static void expect_same_network(const lgd_recipe_lstm *a, const lgd_recipe_lstm *b) {
    ck_assert_uint_eq(a->n_layers, b->n_layers);
    for (size_t i = 0; i < a->n_layers; i++) ck_assert_uint_eq(a->layers[i], b->layers[i]);
    ck_assert(a->steps == b->steps && a->embedding == b->embedding && a->epochs == b->epochs);
    ck_assert(a->windows == b->windows && a->dropout == b->dropout && a->squared == b->squared);
}

START_TEST(test_the_default_recipe_is_the_default) {
    lgd_recipe shipped = find("default"), built_in;
    lgd_recipe_init(&built_in);
    ck_assert_uint_eq(shipped.n_members, 0);
    expect_same_network(&shipped.lstm, &built_in.lstm);
}
END_TEST

START_TEST(test_the_brief_recipe_is_that_of_the_brief) {
    lgd_recipe r = find("brief");
    static const uint32_t layers[] = {64, 32, 32, 64};
    ck_assert_uint_eq(r.n_members, 2);
    ck_assert(lgd_sv_eq(r.members[0].name, LGD_SV("iforest")) && r.members[0].weight == 0.6);
    ck_assert(lgd_sv_eq(r.members[1].name, LGD_SV("lstm")) && r.members[1].weight == 0.4);
    ck_assert(r.lstm.n_layers == 4 && memcmp(r.lstm.layers, layers, sizeof layers) == 0);
    ck_assert(r.lstm.steps == 20 && r.lstm.epochs == 50 && r.lstm.squared);
}
END_TEST

START_TEST(test_the_fast_recipe_has_everyone_but_the_network) {
    lgd_recipe r = find("fast");
    ck_assert_uint_gt(r.n_members, 0);
    for (size_t i = 0; i < r.n_members; i++) {
        ck_assert(r.members[i].weight == 0);
        ck_assert(!lgd_sv_eq(r.members[i].name, LGD_SV("lstm")));
    }
}
END_TEST

START_TEST(test_a_recipe_of_your_own_is_read_from_its_file) {
    lgd_recipe r = find(LGD_SOURCE_DIR "/models/brief.yaml");
    ck_assert(r.n_members == 2 && r.name.n > 18 && memcmp(r.name.p + r.name.n - 18, "/models/brief.yaml", 18) == 0);
    ck_assert(lgd_recipe_is_path("a/b") && lgd_recipe_is_path("x.yaml") && lgd_recipe_is_path("./brief"));
    ck_assert(!lgd_recipe_is_path("brief") && !lgd_recipe_is_path("yaml") && !lgd_recipe_is_path(""));
}
END_TEST

START_TEST(test_a_name_that_is_not_there_is_told_with_those_that_are) {
    lgd_recipe r;
    lgd_err err = {0};
    ck_assert_int_eq(lgd_recipe_find("fats", lgd_builtin_recipes(), &arena, &r, &err), LGD_E_USAGE);
    ck_assert_msg(strstr(err.text, "--recipe 'fats'") && strstr(err.text, "brief, default, fast"), "%s", err.text);
    err = (lgd_err){0};
    ck_assert_int_eq(lgd_recipe_find("no/such.yaml", lgd_builtin_recipes(), &arena, &r, &err), LGD_E_IO);
    ck_assert_msg(strstr(err.text, "no/such.yaml"), "%s", err.text);
}
END_TEST

/* ---- what is refused ---- */

START_TEST(test_what_is_wrong_is_told_with_its_line) {
    static const struct {
        const char *yaml, *words;
    } rows[] = {
        {"member: [counts]\n", "r.yaml:1: member: no such key; a recipe has members and lstm"},
        {"members:\n  counts: 1\n  counts: 2\n", "r.yaml:3: counts: is here twice"},
        {"members: counts\n", "r.yaml:1: members: takes a list of names, or a map of names to weights"},
        {"members: []\n", "r.yaml:1: members: takes a list"},
        {"members: {}\n", "r.yaml:1: members: takes a list"},
        {"members:\n  - counts\n  - [rate]\n", "r.yaml:3: members: takes a list of names"},
        {"members:\n  counts: 1\n  rate: much\n", "r.yaml:3: rate: takes a weight"},
        {"members:\n  counts: 0\n", "r.yaml:2: counts: takes a weight"},
        {"members:\n  counts: -1\n", "r.yaml:2: counts: takes a weight"},
        {"members:\n  counts: [1]\n", "r.yaml:2: counts: takes a weight"},
        {"members: [a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q]\n", "r.yaml:1: members: takes at most 16 members"},
        {"lstm: big\n", "r.yaml:1: lstm: takes a map"},
        {"lstm:\n  units: 3\n", "r.yaml:2: units: no such key; lstm has layers, steps,"},
        {"lstm:\n  steps: 1\n", "r.yaml:2: steps: takes a whole number from 2 to 1000"},
        {"lstm:\n  steps: 1001\n", "r.yaml:2: steps: takes a whole number from 2 to 1000"},
        {"lstm:\n  steps: 20.5\n", "r.yaml:2: steps: takes a whole number"},
        {"lstm:\n  steps: [20]\n", "r.yaml:2: steps: takes a whole number"},
        {"lstm:\n  steps: 20\n  epochs: 0\n", "r.yaml:3: epochs: takes a whole number from 1 to 10000"},
        {"lstm: {embedding: 0}\n", "r.yaml:1: embedding: takes a whole number from 1 to 1024"},
        {"lstm: {windows: 4294967297}\n", "r.yaml:1: windows: takes a whole number from 16 to 131072"},
        {"lstm: {dropout: 1}\n", "r.yaml:1: dropout: takes a number from 0 to 0.9"},
        {"lstm: {dropout: nan}\n", "r.yaml:1: dropout: takes a number from 0 to 0.9"},
        {"lstm: {loss: MSE}\n", "r.yaml:1: loss: takes cross-entropy or mse"},
        {"lstm: {layers: 64}\n", "r.yaml:1: layers: takes a list of 1 to 8 whole numbers from 1 to 1024"},
        {"lstm: {layers: []}\n", "r.yaml:1: layers: takes a list"},
        {"lstm: {layers: [0]}\n", "r.yaml:1: layers: takes a list"},
        {"lstm: {layers: [1025]}\n", "r.yaml:1: layers: takes a list"},
        {"lstm: {layers: [1,2,3,4,5,6,7,8,9]}\n", "r.yaml:1: layers: takes a list"},
        {"lstm: {layers: [[1]]}\n", "r.yaml:1: layers: takes a list"},
        {"members: &x [counts]\n", "r.yaml:1: anchors"},
        {"- counts\n", "r.yaml:1: "},
        {"members: [counts\n", "r.yaml:"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        lgd_recipe r = {.n_members = 99};
        lgd_err err = {0};
        ck_assert_msg(lgd_recipe_parse("r.yaml", lgd_sv_of(rows[i].yaml), &arena, &r, &err) == LGD_E_USAGE, "%s",
                      rows[i].yaml);
        ck_assert_uint_eq(r.n_members, 99);
        ck_assert_msg(strncmp(err.text, rows[i].words, strlen(rows[i].words)) == 0 &&
                          strstr(err.text, "nothing was done"),
                      "%s: %s", rows[i].yaml, err.text);
    }
}
END_TEST

START_TEST(test_what_is_left_out_is_the_default) {
    lgd_recipe r, preset;
    lgd_recipe_init(&preset);
    ck_assert_int_eq(lgd_recipe_parse("r", LGD_SV(""), &arena, &r, NULL), LGD_OK);
    ck_assert_uint_eq(r.n_members, 0);
    expect_same_network(&r.lstm, &preset.lstm);
    ck_assert_int_eq(lgd_recipe_parse("r", LGD_SV("lstm: {layers: [8, 4], dropout: 0.25}"), &arena, &r, NULL), LGD_OK);
    ck_assert(r.lstm.n_layers == 2 && r.lstm.layers[0] == 8 && r.lstm.layers[1] == 4 && r.lstm.dropout == 0.25);
    ck_assert(r.lstm.steps == preset.lstm.steps && r.lstm.windows == preset.lstm.windows);
}
END_TEST

/* ---- plans ---- */

/* options: name, value, ..., NULL. */
static lgd_status plan_of(const char *const *options, plan *ret, lgd_err *err) {
    lgd_config c;
    lgd_config_init(&c, LGD_CMD_TRAIN);
    for (size_t i = 0; options[i]; i += 2) set_option(&c, LGD_CMD_TRAIN, options[i], options[i + 1]);
    lgd_status status = plan_make(&c, ret, err);
    lgd_config_release(&c);
    return status;
}

static plan planned(const char *const *options) {
    plan p;
    lgd_err err = {0};
    ck_assert_msg(plan_of(options, &p, &err) == LGD_OK, "%s", err.text);
    return p;
}
#define OPTIONS(...) ((const char *const[]){__VA_ARGS__, NULL})

START_TEST(test_options_outrank_the_recipe) {
    plan p = planned(OPTIONS("seed", "7"));
    ck_assert(p.ensemble.n == lgd_n_roles && !p.ensemble.weighted);
    ck_assert(p.lstm.seed == 7 && p.lstm.steps == 20 && p.lstm.epochs == 50 && p.lstm.n_layers == 4);
    ck_assert(p.lstm.width == 16 && p.lstm.units[3] == 64 && p.lstm.loss == LGD_LOSS_CROSS_ENTROPY);
    ck_assert_uint_eq(p.lstm.max_windows, 16384);
    p = planned(OPTIONS("recipe", "brief", "ensemble", "counts=1", "epochs", "3", "sequence-length", "9"));
    ck_assert(p.ensemble.n == 1 && p.ensemble.weighted && p.ensemble.seats[0].weight == 1);
    ck_assert(p.lstm.steps == 9 && p.lstm.epochs == 3 && p.lstm.loss == LGD_LOSS_SQUARED);
    p = planned(OPTIONS("recipe", "fast"));
    ck_assert(p.ensemble.n == 5 && !p.ensemble.weighted);
}
END_TEST

static void put_file(const char *path, const char *text) {
    FILE *f = fopen(path, "w");
    ck_assert_ptr_nonnull(f);
    ck_assert_int_ge(fputs(text, f), 0);
    ck_assert_int_eq(fclose(f), 0);
}

START_TEST(test_members_that_do_not_exist_are_told_with_their_line) {
    static const struct {
        const char *yaml, *words;
    } rows[] = {{"members:\n  counts: 1\n  nosuch: 1\n", ":3: members: there is no member 'nosuch'; nothing was done"},
                {"members: [counts, counts]\n", ":1: members: 'counts' is named twice"},
                {"members: {counts: 1001}\n", ":1: members: 'counts' needs a weight from 0.001 to 1000"}};
    const char *path = in_folder("mine.yaml");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        plan p;
        lgd_err err = {0};
        put_file(path, rows[i].yaml);
        ck_assert_int_eq(plan_of(OPTIONS("recipe", path), &p, &err), LGD_E_USAGE);
        ck_assert_msg(strncmp(err.text, path, strlen(path)) == 0 && strstr(err.text, rows[i].words), "%s", err.text);
    }
}
END_TEST

START_TEST(test_failing_allocations_are_told) {
    lgd_config c;
    lgd_status status = LGD_E_MEMORY;
    uint64_t k = 0;
    lgd_config_init(&c, LGD_CMD_TRAIN);
    set_option(&c, LGD_CMD_TRAIN, "recipe", "fast");
    while (status != LGD_OK && k < 200) {
        plan p;
        lgd_err err = {0};
        k++;
        lgd_alloc_fail_at(k, k % 2 == 0);
        status = plan_make(&c, &p, &err);
        lgd_alloc_fail_at(0, false);
        if (status != LGD_OK && (status != LGD_E_MEMORY || !err.text[0])) ck_abort_msg("allocation %d", (int)k);
    }
    ck_assert_int_eq(status, LGD_OK);
    ck_assert_uint_gt(k, 1);
    lgd_config_release(&c);
}
END_TEST

Suite *recipe_suite(void) {
    Suite *suite = suite_create("recipe");
    TCase *tests = tcase_create("recipe");
    tcase_add_checked_fixture(tests, make, clean);
    tcase_add_test(tests, test_the_default_recipe_is_the_default);
    tcase_add_test(tests, test_the_brief_recipe_is_that_of_the_brief);
    tcase_add_test(tests, test_the_fast_recipe_has_everyone_but_the_network);
    tcase_add_test(tests, test_a_recipe_of_your_own_is_read_from_its_file);
    tcase_add_test(tests, test_a_name_that_is_not_there_is_told_with_those_that_are);
    tcase_add_test(tests, test_what_is_wrong_is_told_with_its_line);
    tcase_add_test(tests, test_what_is_left_out_is_the_default);
    tcase_add_test(tests, test_options_outrank_the_recipe);
    tcase_add_test(tests, test_members_that_do_not_exist_are_told_with_their_line);
    tcase_add_test(tests, test_failing_allocations_are_told);
    suite_add_tcase(suite, tests);
    return suite;
}
