/*
 * timestamp: bytes at a place in a line -> the fields of a timestamp as written. Nothing is resolved here (clock.c).
 *
 * The first character picks the family, the number of leading digits the form; the forms are listed in docs/FORMATS.md:
 *   letter    Mon d [yyyy] TIME [yyyy] - weekday[,] Mon d | d Mon [yyyy] TIME [zone] [yyyy] - weekday DATE - glog's Lmmdd
 *   1-2 digits  h:m:s - d/Mon/yyyy TIME - m/d[/yy] TIME      4 digits  yyyy-mm-dd [TIME], yyyy-ddd, yyyy-Www-d, yyyy-Mon-d
 *   6, 8, 14 digits  yymmdd TIME, yyyymmdd TIME, yyyymmddhhmmss      9-19 digits and @, epoch.c
 * A match must end where a word ends: an IPv4 address, a version or a MAC address is no time.
 * Cost: O(length of the timestamp), no table but the month names. Pure.
 */
#include "reader.h"

static bool set_date(lgd_timestamp *t, int32_t year, int32_t month, int32_t day) {
    if (month < 1 || month > 12 || day < 1 || day > 31) return false;
    t->year = year;
    t->month = (int8_t)month;
    t->day = (int8_t)day;
    return true;
}

/* Two digits of a year, as POSIX reads them. */
static int32_t full_year(int32_t year) { return year >= 100 ? year : year < 69 ? 2000 + year : 1900 + year; }

/* ---- names ---- */

/* The letters at the reader are one of the names, in three letters or whole. Returns its number, -1 if it is none. */
static int name_of(reader *r, const char *const *names, int n) {
    char three[3];
    for (size_t i = 0; i < 3; i++) three[i] = to_lower(byte_at(r->s, r->at + i));
    for (int k = 0; k < n; k++) {
        if (memcmp(three, names[k], 3) != 0) continue;
        size_t end = r->at;
        while (end < r->s.n && is_letter(r->s.p[end])) end++;
        lgd_sv word = slice(r->s, r->at, end);
        if (word.n != 3 && !lgd_sv_eq_nocase(word, lgd_sv_of(names[k]))) continue;
        r->at = end;
        return k;
    }
    return -1;
}

static int month_name(reader *r) {
    static const char *const names[12] = {"january", "february", "march",     "april",   "may",      "june",
                                          "july",    "august",   "september", "october", "november", "december"};
    return name_of(r, names, 12) + 1;
}

static bool weekday_name(reader *r) {
    static const char *const names[7] = {"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"};
    return name_of(r, names, 7) >= 0;
}

/* The separators between a date and its time. Columns may be filled up with blanks. */
static bool gap(reader *r, const char *set) {
    size_t n = 0;
    while (n < 8 && is_one_of(peek(r), set)) {
        r->at++;
        n++;
    }
    return n > 0;
}

/* ---- dates that start with digits ---- */

/* The day of a year as month and day. */
static bool set_ordinal(lgd_timestamp *t, int32_t year, int32_t day) {
    int32_t month = 12;
    int64_t first = lgd_days_from_civil(year, 1, 1);
    while (month > 1 && lgd_days_from_civil(year, (unsigned)month, 1) - first >= day) month--;
    day -= (int32_t)(lgd_days_from_civil(year, (unsigned)month, 1) - first);
    return set_date(t, year, month, day);
}

/* ISO 8601's Www-d: week 1 is the week of 4 January, day 1 is Monday. The date may lie in a neighbouring year. */
static bool week_date(reader *r, lgd_timestamp *t, int32_t year) {
    int32_t week, day;
    r->at++;
    if (!number(r, 2, 2, &week) || !take(r, '-') || !number(r, 1, 1, &day)) return false;
    if (week < 1 || week > 53 || day < 1 || day > 7) return false;
    int64_t first = lgd_days_from_civil(year, 1, 1), fourth = first + 3;
    int64_t monday = fourth - (fourth + 3 + 7 * INT64_C(200000)) % 7; /* 1970-01-01 was a Thursday */
    int64_t of_year = monday + (week - 1) * 7 + day - first;
    int64_t length = lgd_days_from_civil(year + 1, 1, 1) - first;
    if (of_year < 1) return set_date(t, year - 1, 12, (int32_t)(31 + of_year));
    if (of_year > length) return set_date(t, year + 1, 1, (int32_t)(of_year - length));
    return set_ordinal(t, year, (int32_t)of_year);
}

/* What follows "yyyy-": mm-dd, ddd, Mon-dd or Www-d. */
static bool behind_year(reader *r, lgd_timestamp *t, int32_t year, char separator) {
    int32_t month, day;
    if (is_digit(peek(r))) {
        if (separator == ' ') return false; /* numbers in columns */
        if (digits_end(r->s, r->at) - r->at == 3) return set_ordinal(t, year, fixed(r, 3));
        if (!number(r, 1, 2, &month)) return false;
    } else if (peek(r) == 'W' && separator == '-') {
        return week_date(r, t, year);
    } else {
        month = month_name(r);
    }
    return take(r, separator) && number(r, 1, 2, &day) && set_date(t, year, month, day);
}

/* yyyy-mm-dd and its like, alone or with a time. */
static bool year_first(reader *r, lgd_timestamp *t) {
    int32_t year = fixed(r, 4);
    char separator = peek(r);
    if (!is_one_of(separator, "-/. :")) return false;
    r->at++;
    if (!behind_year(r, t, year, separator)) return false;
    reader w = *r;
    if (gap(&w, "T _:-,t\t\"") && time_of_day(&w, t, DOTS | SHORT)) {
        *r = w;
        return true;
    }
    /* A date alone: not the front of a file name or of a longer number. */
    char next = peek(r);
    return !is_one_of(separator, " :") && (!is_one_of(next, "-/._:") || !is_word(peek2(r)));
}

/* d/Mon/yyyy TIME, d Mon TIME; the reader is behind the day. */
static bool day_month_name(reader *r, lgd_timestamp *t, int32_t day) {
    char separator = peek(r);
    r->at++;
    int month = month_name(r);
    int32_t year;
    if (month == 0 || !take(r, separator)) return false;
    reader w = *r;
    if (separator == ' ' && set_date(t, -1, month, day) && time_of_day(&w, t, COLONS)) {
        *r = w;
        return true;
    }
    if (!number(r, 4, 4, &year) && !number(r, 2, 2, &year)) return false;
    return set_date(t, full_year(year), month, day) && gap(r, ": -T,") && time_of_day(r, t, DOTS);
}

/* Which of three numbers is the year, month, day. A four-digit year stands last; of two digits each, a first number
 * above 12 is the year unless dots say d.m.y. A number above 12 in the place of the month swaps month and day. */
static bool order_date(lgd_timestamp *t, char separator, const int32_t part[3], bool has_third) {
    int32_t year = -1, month = part[0], day = part[1];
    if (has_third) {
        bool year_first_form = part[2] < 100 && part[0] > 12 && separator != '.' && part[1] <= 12;
        if (year_first_form) {
            year = part[0], month = part[1], day = part[2];
        } else {
            year = part[2];
            if (separator == '.') month = part[1], day = part[0];
        }
        year = full_year(year);
    }
    if (month > 12) {
        int32_t swap = month;
        month = day, day = swap;
    }
    return set_date(t, year, month, day);
}

/* m/d TIME, m/d/y TIME; the reader is behind the first number. */
static bool numeric_date(reader *r, lgd_timestamp *t, int32_t first) {
    char separator = peek(r);
    int32_t part[3] = {first, 0, 0};
    r->at++;
    if (!number(r, 1, 2, &part[1])) return false;
    bool has_third = peek(r) == separator && is_digit(peek2(r));
    if (has_third) {
        r->at++;
        if (!number(r, 4, 4, &part[2]) && !number(r, 2, 2, &part[2])) return false;
    }
    if (!order_date(t, separator, part, has_third)) return false;
    (void)take(r, ',');
    return gap(r, "T -|\t") && time_of_day(r, t, has_third ? SHORT : COLONS);
}

static bool one_or_two_digits(reader *r, lgd_timestamp *t) {
    reader start = *r;
    int32_t first;
    if (!number(r, 1, 2, &first)) return false;
    char separator = peek(r), next = peek2(r);
    switch (separator) {
    case ':': *r = start; return time_of_day(r, t, COLONS);
    case '/':
    case '-':
    case '.':
        if (is_digit(next)) return numeric_date(r, t, first);
        return is_letter(next) && day_month_name(r, t, first);
    case ' ': return is_letter(next) && day_month_name(r, t, first);
    default: return false;
    }
}

/* yymmdd hhmmss, yymmdd TIME */
static bool short_compact(reader *r, lgd_timestamp *t) {
    int32_t year = fixed(r, 2), month = fixed(r, 2), day = fixed(r, 2);
    if (!set_date(t, full_year(year), month, day)) return false;
    size_t n = blanks(r, 3);
    return (n == 1 && compact_time(r, t)) || (n > 0 && time_of_day(r, t, COLONS));
}

/* yyyymmdd TIME, yyyymmddThhmmss, yyyymmddhhmmss. */
static bool compact(reader *r, lgd_timestamp *t) {
    int32_t year = fixed(r, 4), month = fixed(r, 2), day = fixed(r, 2);
    if (year < 1900 || year > 2099 || !set_date(t, year, month, day)) return false;
    if (is_digit(peek(r))) return compact_time(r, t);
    char separator = peek(r);
    if (!is_one_of(separator, "- _T.")) return false;
    r->at++;
    reader w = *r;
    if (time_of_day(&w, t, COLONS)) {
        *r = w;
        return true;
    }
    return separator != ' ' && compact_time(r, t);
}

/* ---- dates that start with letters ---- */

/* " yyyy" behind a date or its time. */
static void late_year(reader *r, lgd_timestamp *t) {
    reader w = *r;
    int32_t year;
    if (t->year >= 0 || blanks(&w, 1) == 0 || !number(&w, 4, 4, &year) || year < 1900 || year > 2199) return;
    if (is_word(peek(&w)) || peek(&w) == ':') return;
    t->year = year;
    *r = w;
}

/* Behind a time: a zone of capitals that is not known stands before a year only. */
static void unknown_zone(reader *r) {
    reader w = *r;
    if (blanks(&w, 1) == 0) return;
    size_t begin = w.at;
    while (w.at < begin + 5 && peek(&w) >= 'A' && peek(&w) <= 'Z') w.at++;
    if (w.at - begin < 3 || w.at - begin > 4 || peek(&w) != ' ') return;
    if (digits_end(w.s, w.at + 1) - (w.at + 1) == 4) *r = w;
}

/* Mon-dd-yy TIME, Mon/d/yyyy TIME; the reader is behind the month. */
static bool month_day_year(reader *r, lgd_timestamp *t, int32_t month) {
    char separator = peek(r);
    int32_t day, year;
    r->at++;
    if (!number(r, 1, 2, &day) || !take(r, separator)) return false;
    if (!number(r, 4, 4, &year) && !number(r, 2, 2, &year)) return false;
    return set_date(t, full_year(year), month, day) && gap(r, " :T,") && time_of_day(r, t, COLONS);
}

/* Mon d, or with weekday also d Mon; then [yyyy] TIME [zone] [yyyy]. */
static bool month_first(reader *r, lgd_timestamp *t, bool weekday) {
    int32_t day;
    int month = month_name(r);
    if (month > 0) {
        if (is_one_of(peek(r), "-/")) return month_day_year(r, t, month);
        if (blanks(r, 2) == 0 || !number(r, 1, 2, &day)) return false;
    } else {
        if (!weekday || !number(r, 1, 2, &day) || blanks(r, 1) == 0) return false;
        month = month_name(r);
    }
    if (month == 0 || !set_date(t, -1, month, day)) return false;
    (void)take(r, ',');
    late_year(r, t);
    if (t->year >= 0) (void)take(r, ',');
    if (blanks(r, 2) == 0 || !time_of_day(r, t, COLONS)) return false;
    if (weekday && !t->has_zone && t->year < 0) unknown_zone(r);
    late_year(r, t);
    return true;
}

/* glog and klog: a level letter, mmdd and the time. */
static bool glog(reader *r, lgd_timestamp *t) {
    r->at++;
    int32_t month = fixed(r, 2), day = fixed(r, 2);
    return set_date(t, -1, month, day) && blanks(r, 1) == 1 && time_of_day(r, t, COLONS);
}

static bool letter_first(reader *r, lgd_timestamp *t) {
    if (digits_end(r->s, r->at + 1) - (r->at + 1) == 4) return is_one_of(peek(r), "IWEFD") && glog(r, t);
    bool weekday = weekday_name(r);
    if (weekday) {
        (void)take(r, ',');
        if (blanks(r, 2) == 0) return false;
        /* journalctl's Wed 2024-05-01, RFC 850's Wednesday, 01-May-24 */
        size_t n = digits_end(r->s, r->at) - r->at;
        if (n == 4) return year_first(r, t);
        if (n == 2 && byte_at(r->s, r->at + 2) == '-') return one_or_two_digits(r, t);
    }
    return month_first(r, t, weekday);
}

static bool digit_first(reader *r, lgd_timestamp *t) {
    size_t n = digits_end(r->s, r->at) - r->at;
    switch (n) {
    case 1:
    case 2: return one_or_two_digits(r, t);
    case 4: return year_first(r, t);
    case 6: return short_compact(r, t);
    case 8:
    case 14: return compact(r, t);
    default: return n >= 9 && since_1970(r, t, n);
    }
}

size_t lgd_timestamp_parse(lgd_sv s, lgd_timestamp *ret) {
    lgd_timestamp t = {.year = -1, .month = -1, .day = -1, .hour = -1, .minute = -1, .second = -1, .nanosecond = -1};
    reader r = {s, 0};
    char first = byte_at(s, 0);
    bool found = is_digit(first)    ? digit_first(&r, &t)
                 : is_letter(first) ? letter_first(&r, &t)
                                    : first == '@' && tai64n(&r, &t);
    if (!found) return 0;
    char next = peek(&r);
    bool goes_on = (next == '.' || (next == ':' && !t.is_epoch)) && is_digit(peek2(&r));
    if (is_word(next) || (goes_on && is_digit(s.p[r.at - 1]))) return 0;
    if (t.month < 0 && !t.is_epoch && t.nanosecond < 0 && next == ':' && peek2(&r) == ':') return 0; /* IPv6 */
    *ret = t;
    return r.at;
}
