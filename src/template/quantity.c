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
