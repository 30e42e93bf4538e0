/*
 * Tests of the messages that a model keeps of its templates: the first of each, cut, bounded.
 */
#include "../../src/pipeline/examples.h"

#include <check.h>

Suite *examples_suite(void);

START_TEST(test_the_first_is_kept_and_cut) {
    char longer[EXAMPLE_BYTES + 8];
    examples x = {0}, back = {0};
    lgd_buf saved = {0};
    memset(longer, 'x', sizeof longer);
    memcpy(longer + EXAMPLE_BYTES - 1, "\xc3\xa4", 2); /* a character across the limit */
    ck_assert_int_eq(examples_add(&x, 2, (lgd_sv){longer, sizeof longer}, NULL), LGD_OK);
    ck_assert_int_eq(examples_add(&x, 2, LGD_SV("later"), NULL), LGD_OK);
    ck_assert_int_eq(examples_add(&x, 0, LGD_SV("zero"), NULL), LGD_OK);
    examples_save(&x, 5, &saved);
    ck_assert_int_eq(examples_load(lgd_buf_sv(&saved), 5, &back, NULL), LGD_OK);
    ck_assert_uint_eq(examples_text(&back, 2).n, EXAMPLE_BYTES - 1);
    ck_assert(lgd_sv_eq(examples_text(&back, 0), LGD_SV("zero")));
    ck_assert_uint_eq(examples_text(&back, 1).n + examples_text(&back, 4).n + examples_text(&back, 99).n, 0);
    examples_release(&x);
    examples_release(&back);
    lgd_buf_release(&saved);
}
END_TEST

START_TEST(test_all_together_are_bounded_and_counted) {
    enum { N = ALL_EXAMPLES_BYTES / EXAMPLE_BYTES };
    static char text[EXAMPLE_BYTES];
    examples x = {0};
    memset(text, 'x', sizeof text);
    for (uint32_t i = 0; i < N + 7; i++)
        if (examples_add(&x, i, (lgd_sv){text, sizeof text}, NULL) != LGD_OK) ck_abort_msg("example %u", i);
    ck_assert_uint_eq(x.n_left_out, 7);
    ck_assert_uint_eq(examples_text(&x, N - 1).n, EXAMPLE_BYTES);
    ck_assert_uint_eq(examples_text(&x, N).n, 0);
    ck_assert_int_eq(examples_add(&x, N, LGD_SV("again"), NULL), LGD_OK); /* counted once */
    ck_assert_uint_eq(x.n_left_out, 7);
    examples_release(&x);
}
END_TEST

START_TEST(test_damaged_bytes_are_refused) {
    examples x = {0}, back = {0};
    lgd_buf saved = {0};
    ck_assert_int_eq(examples_add(&x, 1, LGD_SV("one"), NULL), LGD_OK);
    examples_save(&x, 2, &saved);
    ck_assert_int_eq(examples_load(lgd_buf_sv(&saved), 3, &back, NULL), LGD_E_DAMAGED);
    for (size_t n = 0; n < saved.n; n++) {
        examples_release(&back);
        ck_assert_int_eq(examples_load((lgd_sv){saved.p, n}, 2, &back, NULL), LGD_E_DAMAGED);
    }
    for (size_t i = 12; i < saved.n; i++) { /* any length of any text: harmless */
        lgd_err err = {0};
        examples_release(&back);
        saved.p[i] ^= 0x7f;
        (void)(examples_load(lgd_buf_sv(&saved), 2, &back, &err) == LGD_OK);
        saved.p[i] ^= 0x7f;
    }
    examples_release(&back);
    examples_release(&x);
    lgd_buf_release(&saved);
}
END_TEST

Suite *examples_suite(void) {
    Suite *s = suite_create("examples");
    TCase *t = tcase_create("examples");
    tcase_add_test(t, test_the_first_is_kept_and_cut);
    tcase_add_test(t, test_all_together_are_bounded_and_counted);
    tcase_add_test(t, test_damaged_bytes_are_refused);
    suite_add_tcase(s, t);
    return s;
}
