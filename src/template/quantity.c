/*
 * template/quantity: the number and the unit in the text of a value, and how units that measure the same relate.
 *
 *     12.5ms -> 12.5 ms     1,033 bytes (1.01 KB) -> 1033 bytes     3.66e-02 -> 0.0366     1h30m -> 5400 s
 *
 * Cost: O(length), of a number at most MOST_BYTES.
 */
#include "mask.h"

enum { MOST_BYTES = 40 };

bool lgd_value_number(lgd_sv text, double *ret) {
    char plain[64];
    size_t n = 0, i = 0;
    if (i < text.n && (text.p[i] == '-' || text.p[i] == '+')) {
        if (text.p[i] == '-') plain[n++] = '-';
        i++;
    }
    bool point = false;
    size_t start = i;
    for (; i < text.n && n < MOST_BYTES; i++) {
        char c = text.p[i];
        bool digit_follows = i + 1 < text.n && is_digit(text.p[i + 1]);
        if (is_digit(c))
            plain[n++] = c;
        else if (c == '.' && !point && digit_follows && n)
            plain[n++] = c, point = true;
        else if (c != ',' || point || !digit_follows)
            break;
    }
    for (size_t end = i > start ? skip_exponent(text, start, i) : i; i < end && n < sizeof plain;)
        plain[n++] = text.p[i++];
    return lgd_parse_f64((lgd_sv){plain, n}, ret);
}

/* ---- a number and its unit ---- */

/* End of a number with a sign, groups of thousands, one point and an exponent; 0 if there is none, or more than that. */
static size_t number_end(lgd_sv s) {
    size_t i = s.n && (s.p[0] == '-' || s.p[0] == '+'), start = i;
    i = skip_digits(s, i);
    size_t group = i - start;
    if (group == 0) return 0;
    bool grouped = group <= 3;
    while (char_at(s, i) == ',' && is_digit(char_at(s, i + 1))) {
        size_t from = ++i;
        i = skip_digits(s, i);
        grouped &= i - from == 3;
        if (!grouped) return 0;
    }
    if (char_at(s, i) == '.' && is_digit(char_at(s, i + 1))) i = skip_digits(s, i + 1);
    i = skip_exponent(s, start, i);
    return i <= MOST_BYTES ? i : 0;
}

static size_t skip_letters(lgd_sv s, size_t i) {
    while (i < s.n && is_alpha(s.p[i])) i++;
    return i;
}

/* `bytes` of "1033 bytes (1.00 KB)": one word or a per cent sign, perhaps by time (MB/s), and what repeats the value in
 * brackets. */
static bool take_unit(lgd_sv rest, lgd_sv *ret) {
    size_t begin = rest.n > 1 && rest.p[0] == ' ', i = begin;
    i = char_at(rest, i) == '%' ? i + 1 : skip_letters(rest, i);
    if (char_at(rest, i) == '/' && skip_letters(rest, i + 1) > i + 1) i = skip_letters(rest, i + 1);
    bool repeated = i + 2 < rest.n && rest.p[i] == ' ' && rest.p[i + 1] == '(' && rest.p[rest.n - 1] == ')';
    if (i < rest.n && !repeated) return false;
    *ret = (lgd_sv){rest.p + begin, i - begin};
    return true;
}

/* 1h30m as seconds. */
static bool take_parts(lgd_sv text, double *ret) {
    static const char names[] = "dhms";
    static const double seconds[] = {86400, 3600, 60, 1};
    size_t i = text.n && (text.p[0] == '-' || text.p[0] == '+');
    if (text.n > MOST_BYTES || skip_time_parts(text, i) != text.n) return false;
    double sum = 0, part = 0;
    while (i < text.n) {
        if (!lgd_value_number((lgd_sv){text.p + i, text.n - i}, &part)) return false;
        while (!is_alpha(text.p[i])) i++;
        sum += part * seconds[strchr(names, text.p[i++]) - names];
    }
    *ret = text.p[0] == '-' ? -sum : sum;
    return true;
}

bool lgd_value_unit(lgd_sv text, double *ret_number, lgd_sv *ret_unit) {
    lgd_sv unit;
    size_t end = number_end(text);
    if (!end) return false;
    if (take_parts(text, ret_number)) return *ret_unit = LGD_SV("s"), true;
    if (!take_unit((lgd_sv){text.p + end, text.n - end}, &unit)) return false;
    if (!lgd_value_number((lgd_sv){text.p, end}, ret_number)) return false;
    *ret_unit = unit;
    return true;
}

/* ---- units that measure the same ---- */

enum measure { TIME = 1, BYTES };

typedef struct unit_row {
    const char *name;
    double factor; /* seconds, bytes */
    enum measure measure;
} unit_row;

static const unit_row rows[] = {
    {"s", 1, TIME},
    {"ms", 1e-3, TIME},
    {"us", 1e-6, TIME},
    {"\xc2\xb5s", 1e-6, TIME},
    {"\xce\xbcs", 1e-6, TIME},
    {"ns", 1e-9, TIME},
    {"sec", 1, TIME},
    {"secs", 1, TIME},
    {"second", 1, TIME},
    {"seconds", 1, TIME},
    {"m", 60, TIME},
    {"min", 60, TIME},
    {"mins", 60, TIME},
    {"minute", 60, TIME},
    {"minutes", 60, TIME},
    {"h", 3600, TIME},
    {"hr", 3600, TIME},
    {"hrs", 3600, TIME},
    {"hour", 3600, TIME},
    {"hours", 3600, TIME},
    {"d", 86400, TIME},
    {"day", 86400, TIME},
    {"days", 86400, TIME},
    {"B", 1, BYTES},
    {"byte", 1, BYTES},
    {"bytes", 1, BYTES},
    {"Byte", 1, BYTES},
    {"Bytes", 1, BYTES},
    {"k", 1024, BYTES},
    {"kB", 1024, BYTES},
};

/* K, KB, KiB and so on: 1024 bytes, whoever wrote them. */
static bool binary_unit(lgd_sv name, unit_row *ret) {
    static const char prefixes[] = "KMGTP";
    const char *at = name.n && name.n <= 3 ? memchr(prefixes, name.p[0], 5) : NULL;
    lgd_sv rest = at ? (lgd_sv){name.p + 1, name.n - 1} : name;
    if (!at ||
        !(rest.n == 0 || lgd_sv_eq(rest, LGD_SV("B")) || lgd_sv_eq(rest, LGD_SV("i")) || lgd_sv_eq(rest, LGD_SV("iB"))))
        return false;
    *ret = (unit_row){"", 1, BYTES};
    for (const char *p = prefixes; p <= at; p++) ret->factor *= 1024;
    return true;
}

static bool find_unit(lgd_sv name, unit_row *ret) {
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (lgd_sv_eq(name, lgd_sv_of(rows[i].name))) return *ret = rows[i], true;
    return binary_unit(name, ret);
}

/* Takes "/s" off a unit. */
static lgd_sv take_rate(lgd_sv *unit) {
    const char *slash = unit->n ? memchr(unit->p, '/', unit->n) : NULL;
    if (!slash) return (lgd_sv){"", 0};
    lgd_sv rate = {slash, (size_t)(unit->p + unit->n - slash)};
    unit->n -= rate.n;
    return rate;
}

bool lgd_unit_ratio(lgd_sv from, lgd_sv to, double *ret) {
    unit_row a, b;
    if (lgd_sv_eq(from, to)) return *ret = 1, true;
    lgd_sv rate = take_rate(&from), other = take_rate(&to);
    if (!lgd_sv_eq(rate, other) || !find_unit(from, &a) || !find_unit(to, &b) || a.measure != b.measure) return false;
    *ret = a.factor / b.factor;
    return true;
}
