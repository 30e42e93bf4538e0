/*
 * report/format: times, counts and cells as they stand in outputs. No locale, no clock: the same value gives the same bytes.
 *
 * Days become dates by the era arithmetic of Howard Hinnant, "chrono-compatible low-level date algorithms" (2014), which
 * is exact over the whole range of a 64-bit nanosecond clock (1677 to 2262).
 */
#include "logdetect/report.h"

typedef struct civil {
    int64_t year;
    unsigned month, day, hour, minute, second, nanosecond;
} civil;

static int64_t floor_divide(int64_t a, int64_t b) { return a / b - (a % b < 0); }

static civil civil_from_ns(int64_t time_ns) {
    const int64_t ns_per_s = 1000000000, s_per_day = 86400, days_per_era = 146097;
    int64_t s = floor_divide(time_ns, ns_per_s);
    int64_t days = floor_divide(s, s_per_day);
    unsigned of_day = (unsigned)(s - days * s_per_day);
    int64_t shifted = days + 719468; /* since 0000-03-01, so that a leap day ends its year */
    int64_t era = floor_divide(shifted, days_per_era);
    unsigned day = (unsigned)(shifted - era * days_per_era);
    unsigned year = (day - day / 1460 + day / 36524 - day / 146096) / 365;
    unsigned of_year = day - (365 * year + year / 4 - year / 100);
    unsigned month = (5 * of_year + 2) / 153; /* 0 is March */
    return (civil){.year = (int64_t)year + era * 400 + (month >= 10),
                   .month = month < 10 ? month + 3 : month - 9,
                   .day = of_year - (153 * month + 2) / 5 + 1,
                   .hour = of_day / 3600,
                   .minute = of_day / 60 % 60,
                   .second = of_day % 60,
                   .nanosecond = (unsigned)((time_ns % ns_per_s + ns_per_s) % ns_per_s)};
}

void lgd_format_time(lgd_buf *b, int64_t time_ns) {
    if (time_ns == LGD_NO_TIME) return;
    civil c = civil_from_ns(time_ns);
    lgd_buf_printf(b, "%04lld-%02u-%02uT%02u:%02u:%02u", (long long)c.year, c.month, c.day, c.hour, c.minute, c.second);
    if (c.nanosecond % 1000)
        lgd_buf_printf(b, ".%09u", c.nanosecond);
    else if (c.nanosecond % 1000000)
        lgd_buf_printf(b, ".%06u", c.nanosecond / 1000);
    else if (c.nanosecond)
        lgd_buf_printf(b, ".%03u", c.nanosecond / 1000000);
    lgd_buf_add_char(b, 'Z');
}

void lgd_format_time_text(lgd_buf *b, int64_t time_ns) {
    if (time_ns == LGD_NO_TIME) {
        lgd_buf_add_sv(b, LGD_SV("no time"));
        return;
    }
    civil c = civil_from_ns(time_ns);
    lgd_buf_printf(b, "%04lld-%02u-%02u %02u:%02u:%02u", (long long)c.year, c.month, c.day, c.hour, c.minute, c.second);
}

void lgd_format_count(lgd_buf *b, uint64_t n) {
    char text[32];
    size_t at = sizeof text;
    for (unsigned digits = 0; digits == 0 || n; digits++, n /= 10) {
        if (digits && digits % 3 == 0) text[--at] = ',';
        text[--at] = (char)('0' + n % 10);
    }
    lgd_buf_add(b, text + at, sizeof text - at);
}

/* ---- CSV ---- */

static bool is_formula_start(char c) { return c == '=' || c == '+' || c == '-' || c == '@' || c == '\t' || c == '\r'; }

/* Line ends and tabs stay as they are inside quotes; other control bytes have no business in a cell. */
static void csv_char(lgd_buf *b, lgd_sv bytes, uint32_t c) {
    bool space = c == '\t' || c == '\n' || c == '\r';
    if (c == '"')
        lgd_buf_add_sv(b, LGD_SV("\"\""));
    else if ((c < 0x20 && !space) || c == 0x7f)
        lgd_buf_printf(b, "\\x%02x", (unsigned)c);
    else if (c >= 0x80 && c < 0xa0)
        lgd_buf_printf(b, "\\u%04x", (unsigned)c);
    else
        lgd_buf_add_sv(b, bytes);
}

static bool csv_needs_quotes(lgd_sv text) {
    for (size_t i = 0; i < text.n; i++)
        if (text.p[i] == ',' || text.p[i] == '"' || text.p[i] == '\n' || text.p[i] == '\r') return true;
    return text.n && (text.p[0] == ' ' || text.p[text.n - 1] == ' ');
}

void lgd_csv_cell(lgd_buf *b, lgd_sv text) {
    bool quotes = csv_needs_quotes(text);
    if (quotes) lgd_buf_add_char(b, '"');
    if (text.n && is_formula_start(text.p[0])) lgd_buf_add_char(b, '\'');
    for (size_t i = 0, n; i < text.n; i += n) {
        uint32_t c = 0;
        n = lgd_utf8_decode((lgd_sv){text.p + i, text.n - i}, &c);
        if (n)
            csv_char(b, (lgd_sv){text.p + i, n}, c);
        else
            lgd_buf_printf(b, "\\x%02x", (unsigned)(unsigned char)text.p[i]), n = 1;
    }
    if (quotes) lgd_buf_add_char(b, '"');
}
