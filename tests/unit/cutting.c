#include "cutting.h"

lgd_profile *learn_profile(const lgd_formats *formats, const lgd_sv *lines, size_t n) {
    lgd_profile *p = NULL;
    lgd_err err = {0};
    ck_assert_msg(lgd_profile_learn(formats, lines, n, &p, &err) == LGD_OK, "%s", err.text);
    return p;
}

lgd_cut cut_sv(const lgd_profile *p, lgd_arena *arena, lgd_sv line) {
    lgd_cut c;
    lgd_err err = {0};
    lgd_cutter *cutter = NULL;
    ck_assert_int_eq(lgd_cutter_new(arena, &cutter, &err), LGD_OK);
    ck_assert_int_eq(lgd_profile_cut(p, line, cutter, &c, &err), LGD_OK);
    ck_assert(c.header.start_ns == LGD_NO_TIME);
    lgd_cutter_free(cutter);
    return c;
}

lgd_cut cut_line(const lgd_profile *p, lgd_arena *arena, const char *line) { return cut_sv(p, arena, lgd_sv_of(line)); }

double fit_lines(const lgd_profile *p, const lgd_sv *lines, size_t n) {
    double share = -1;
    lgd_arena arena = {0};
    lgd_err err = {0};
    lgd_cutter *cutter = NULL;
    ck_assert_int_eq(lgd_cutter_new(&arena, &cutter, &err), LGD_OK);
    ck_assert_int_eq(lgd_profile_fit(p, lines, n, cutter, &share, &err), LGD_OK);
    lgd_cutter_free(cutter);
    lgd_arena_release(&arena);
    return share;
}
