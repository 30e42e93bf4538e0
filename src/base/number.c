/*
 * base/number: numbers in and out, whatever the locale says about decimal points.
 *
 * Reading goes through strtod on a copy in which the locale's point is put in place; writing takes the shortest of
 * %.6g .. %.17g that reads back, with the locale's point replaced.
 */
#include "logdetect/base.h"

#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

bool lgd_parse_u64(lgd_sv s, uint64_t *ret) {
    if (s.n == 0) return false;
    uint64_t x = 0;
    for (size_t i = 0; i < s.n; i++) {
        unsigned digit = (unsigned)((unsigned char)s.p[i] - '0');
        if (digit > 9 || x > (UINT64_MAX - digit) / 10) return false;
        x = x * 10 + digit;
    }
    *ret = x;
    return true;
}

static size_t digits(lgd_sv s, size_t i) {
    size_t start = i;
    while (i < s.n && s.p[i] >= '0' && s.p[i] <= '9') i++;
    return i - start;
}

/* [-]digits[.digits][e[+-]digits], and nothing else. */
static bool well_formed(lgd_sv s) {
    size_t i = s.n && s.p[0] == '-' ? 1 : 0;
    size_t n = digits(s, i);
    if (n == 0) return false;
    i += n;
    if (i < s.n && s.p[i] == '.') {
        n = digits(s, i + 1);
        if (n == 0) return false;
        i += 1 + n;
    }
    if (i < s.n && (s.p[i] == 'e' || s.p[i] == 'E')) {
        i++;
        if (i < s.n && (s.p[i] == '+' || s.p[i] == '-')) i++;
        n = digits(s, i);
        if (n == 0) return false;
        i += n;
    }
    return i == s.n;
}

static char decimal_point(void) {
    const struct lconv *l = localeconv();
    return l && l->decimal_point && l->decimal_point[0] ? l->decimal_point[0] : '.';
}

bool lgd_parse_f64(lgd_sv s, double *ret) {
    char text[64];
    if (s.n >= sizeof text || !well_formed(s)) return false;
    memcpy(text, s.p, s.n);
    text[s.n] = 0;
    char *point = strchr(text, '.');
    if (point) *point = decimal_point();
    double x = strtod(text, NULL);
    if (!isfinite(x)) return false;
    *ret = x;
    return true;
}

size_t lgd_format_f64(double x, char out[32]) {
    if (!isfinite(x)) x = 0;
    int n = 0;
    for (int precision = 6; precision <= 17; precision++) {
        n = snprintf(out, 32, "%.*g", precision, x);
        if (strtod(out, NULL) == x) break;
    }
    char *point = memchr(out, decimal_point(), (size_t)n);
    if (point) *point = '.';
    return (size_t)n;
}

void lgd_format_probability(lgd_buf *b, double p) {
    if (p >= 0.995)
        lgd_buf_add_sv(b, LGD_SV(" (p >0.99)"));
    else if (p > 0)
        lgd_buf_printf(b, " (p %.2g)", p);
}

void lgd_format_share(lgd_buf *b, uint64_t n, uint64_t of, int decimals) {
    if (n == 0 || n >= of) {
        lgd_buf_add_sv(b, n ? LGD_SV("100 %") : LGD_SV("0 %"));
        return;
    }
    const unsigned steps = decimals ? 1000 : 100; /* 100 % in units of the last digit */
    unsigned shown = (unsigned)round((double)n / (double)of * steps);
    const char *mark = "";
    if (shown == 0) mark = "<", shown = 1;
    if (shown >= steps) mark = ">", shown = steps - 1;
    if (decimals)
        lgd_buf_printf(b, "%s%u.%u %%", mark, shown / 10, shown % 10);
    else
        lgd_buf_printf(b, "%s%u %%", mark, shown);
}

/* In billionths: what is less than that is nothing. */
void lgd_format_estimate(lgd_buf *b, double share) {
    const double parts = 1e9;
    uint64_t n = share >= 1 ? (uint64_t)parts : share > 0 ? (uint64_t)(share * parts + 0.5) : 0;
    lgd_format_share(b, n, (uint64_t)parts, 1);
}

void lgd_format_duration(lgd_buf *b, int64_t ns) {
    double s = (double)ns / 1e9;
    if (s < 120)
        lgd_buf_printf(b, "%.1f s", s);
    else if (s < 7200)
        lgd_buf_printf(b, "%.0f min", s / 60);
    else
        lgd_buf_printf(b, "%.1f h", s / 3600);
}
