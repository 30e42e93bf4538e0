/* Profiles and cuts for tests: each fails the test when the library does. */
#ifndef LGD_TEST_CUTTING_H
#define LGD_TEST_CUTTING_H

#include <check.h>

#include "logdetect/format.h"

#define ASSERT_SV(sv, expected)                                                                                        \
    ck_assert_msg(lgd_sv_eq((sv), lgd_sv_of(expected)), "'%.*s', expected '%s'", (int)(sv).n, (sv).p, (expected))

/* formats may be NULL. */
lgd_profile *learn_profile(const lgd_formats *formats, const lgd_sv *lines, size_t n);
lgd_cut cut_sv(const lgd_profile *p, lgd_arena *arena, lgd_sv line);
lgd_cut cut_line(const lgd_profile *p, lgd_arena *arena, const char *line);
double fit_lines(const lgd_profile *p, const lgd_sv *lines, size_t n);

#endif
