/*
 * base/string: views of bytes, and the names that stages share.
 */
#include "logdetect/event.h"

lgd_sv lgd_sv_of(const char *c_string) { return c_string ? (lgd_sv){c_string, strlen(c_string)} : (lgd_sv){"", 0}; }

bool lgd_sv_eq(lgd_sv a, lgd_sv b) { return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0); }

int lgd_sv_cmp(lgd_sv a, lgd_sv b) {
    size_t n = a.n < b.n ? a.n : b.n;
    int order = n ? memcmp(a.p, b.p, n) : 0;
    if (order) return order < 0 ? -1 : 1;
    return (a.n > b.n) - (a.n < b.n);
}

static bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

lgd_sv lgd_sv_trim(lgd_sv s) {
    while (s.n && is_space(s.p[0])) s.p++, s.n--;
    while (s.n && is_space(s.p[s.n - 1])) s.n--;
    return s;
}

lgd_sv lgd_sv_cut(lgd_sv s, size_t max_bytes) {
    enum { MOST_MORE = 3 }; /* bytes of a character behind its first */
    if (s.n <= max_bytes) return s;
    size_t n = max_bytes;
    while (n && max_bytes - n < MOST_MORE && ((unsigned char)s.p[n] & 0xc0) == 0x80) n--;
    return (lgd_sv){s.p, ((unsigned char)s.p[n] & 0xc0) == 0x80 ? max_bytes : n};
}

bool lgd_sv_starts(lgd_sv s, lgd_sv prefix) {
    return s.n >= prefix.n && (prefix.n == 0 || memcmp(s.p, prefix.p, prefix.n) == 0);
}

static char lower(char c) { return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c; }

bool lgd_sv_eq_nocase(lgd_sv a, lgd_sv b) {
    if (a.n != b.n) return false;
    for (size_t i = 0; i < a.n; i++)
        if (lower(a.p[i]) != lower(b.p[i])) return false;
    return true;
}

const char *lgd_skip_name(lgd_skip skip) {
    static const char *const names[LGD_SKIP_COUNT] = {"empty", "before", "after"};
    return skip < LGD_SKIP_COUNT ? names[skip] : "unknown";
}

const char *lgd_level_name(lgd_level level) {
    static const char *const names[LGD_LEVEL_COUNT] = {"", "trace", "debug", "info", "warning", "error", "critical"};
    return level < LGD_LEVEL_COUNT ? names[level] : "";
}
