/*
 * template/mask_time: dates and times of day inside a message, and durations written as "<1 sec".
 */
#include "mask.h"

/* h:mm[:ss[.frac]] with `colon` between the parts at i: end, or 0. */
static size_t skip_clock(lgd_sv m, size_t i, char colon, bool seconds_needed) {
    size_t end = few_digits(m, i, 2);
    if (!end || char_at(m, end) != colon) return 0;
    size_t minutes = few_digits(m, end + 1, 2);
    if (minutes != end + 3) return 0;
    end = minutes;
    if (char_at(m, end) != colon) return seconds_needed ? 0 : end;
    size_t seconds = few_digits(m, end + 1, 2);
    if (seconds != end + 3) return seconds_needed ? 0 : end;
    end = seconds;
    if ((char_at(m, end) == '.' || char_at(m, end) == ',') && is_digit(char_at(m, end + 1)))
        end = skip_digits(m, end + 1);
    return end;
}

size_t mask_clock(spot s) {
    if (is_word(s.prev)) return 0;
    size_t end = skip_clock(s.m, s.i, ':', false);
    return end && !is_word(char_at(s.m, end)) ? end - s.i : 0;
}

/* One of names at i, as its first three letters or in full, at a word's end: end, or 0. */
static size_t name_at(lgd_sv m, size_t i, const char *const *names, size_t n_names) {
    size_t end = i;
    while (is_alpha(char_at(m, end))) end++;
    if (end - i < 3) return 0;
    for (size_t k = 0; k < n_names; k++) {
        if (memcmp(m.p + i, names[k], 3) != 0) continue; /* no two begin with the same three */
        size_t full = strlen(names[k]);
        return end - i == 3 || (end - i == full && memcmp(m.p + i, names[k], full) == 0) ? end : 0;
    }
    return 0;
}

static const char *const months[] = {"January", "February", "March",     "April",   "May",      "June",
                                     "July",    "August",   "September", "October", "November", "December"};
static const char *const weekdays[] = {"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"};

static size_t skip_blanks(lgd_sv m, size_t i) {
    while (char_at(m, i) == ' ') i++;
    return i;
}

/* " yyyy" at i: end, or i. */
static size_t skip_year(lgd_sv m, size_t i) {
    size_t start = skip_blanks(m, i), end = few_digits(m, start, 4);
    return start > i && end == start + 4 && !is_word(char_at(m, end)) && char_at(m, end) != ':' ? end : i;
}

static size_t skip_zone(lgd_sv m, size_t i) {
    size_t start = skip_blanks(m, i), end = start;
    while (char_at(m, end) >= 'A' && char_at(m, end) <= 'Z') end++;
    bool zone = start > i && end - start >= 3 && end - start <= 4 && !is_word(char_at(m, end));
    return zone ? end : i;
}

size_t mask_date_words(spot s) {
    char c = char_at(s.m, s.i);
    if (c < 'A' || c > 'W' || !is_alpha(char_at(s.m, s.i + 2))) return 0;
    size_t i = name_at(s.m, s.i, weekdays, 7);
    if (i) {
        if (char_at(s.m, i) == ',') i++;
        i = skip_blanks(s.m, i);
    } else {
        i = s.i;
    }
    size_t month = name_at(s.m, i, months, 12);
    if (!month) return 0;
    size_t day = few_digits(s.m, skip_blanks(s.m, month), 2);
    if (!day) return 0;
    if (char_at(s.m, day) == ',') day++;
    size_t clock = skip_blanks(s.m, skip_year(s.m, day));
    size_t end = skip_clock(s.m, clock, ':', true);
    if (!end || is_word(char_at(s.m, end))) return 0;
    return skip_year(s.m, skip_zone(s.m, end)) - s.i;
}

/* Z or +hh[:]mm at i: end, or i. */
static size_t skip_offset(lgd_sv m, size_t i) {
    if (char_at(m, i) == 'Z' && !is_word(char_at(m, i + 1))) return i + 1;
    if (char_at(m, i) != '+' && char_at(m, i) != '-') return i;
    size_t hours = few_digits(m, i + 1, 4);
    if (hours == i + 5) return hours;
    if (hours == i + 3 && char_at(m, hours) == ':' && few_digits(m, hours + 1, 2) == hours + 3) return hours + 3;
    return i;
}

/* A time of day behind a date that ends at i; end, or i. */
static size_t skip_time_part(lgd_sv m, size_t i, const char *between) {
    size_t start = i;
    while (char_at(m, start) && strchr(between, char_at(m, start))) start++;
    if (start == i) return i;
    size_t end = skip_clock(m, start, ':', true);
    if (!end) end = skip_clock(m, start, '.', true);
    if (!end || is_word(char_at(m, end))) {
        if (!end || char_at(m, end) != 'Z') return i;
    }
    return skip_offset(m, end);
}

static size_t date_year_first(lgd_sv m, size_t i) {
    size_t year = few_digits(m, i, 4);
    char sep = char_at(m, year);
    if (year != i + 4 || (sep != '-' && sep != '/' && sep != '.')) return 0;
    size_t month = few_digits(m, year + 1, 2);
    if (!month || char_at(m, month) != sep) return 0;
    size_t day = few_digits(m, month + 1, 2);
    return day ? skip_time_part(m, day, "T :-") : 0;
}

static size_t date_day_first(lgd_sv m, size_t i) {
    size_t day = few_digits(m, i, 2);
    if (!day || char_at(m, day) != '/') return 0;
    size_t month = few_digits(m, day + 1, 2);
    if (!month) month = name_at(m, day + 1, months, 12);
    if (!month || char_at(m, month) != '/') return 0;
    size_t year = few_digits(m, month + 1, 4);
    if (!year || (year - month - 1 != 2 && year - month - 1 != 4)) return 0;
    size_t end = skip_time_part(m, year, ": ");
    if (end > year && char_at(m, end) == ' ') {
        size_t zone = skip_offset(m, end + 1);
        if (zone > end + 1) end = zone;
    }
    return end;
}

size_t mask_date_numeric(spot s) {
    if (is_word(s.prev)) return 0;
    size_t end = date_year_first(s.m, s.i);
    if (!end) end = date_day_first(s.m, s.i);
    return end && !is_word(char_at(s.m, end)) ? end - s.i : 0;
}

size_t mask_below(spot s) {
    static const char *const names[] = {"seconds", "second", "secs", "sec",       "minutes",   "minute", "mins",
                                        "min",     "ms",     "us",   "\xc2\xb5s", "\xce\xbcs", "s"};
    size_t i = s.i + 1;
    if (char_at(s.m, i) == ' ') i++;
    size_t end = skip_digits(s.m, i);
    if (end == i) return 0;
    if (char_at(s.m, end) == '.' && is_digit(char_at(s.m, end + 1))) end = skip_digits(s.m, end + 1);
    if (char_at(s.m, end) == ' ') end++;
    for (size_t k = 0; k < sizeof names / sizeof *names; k++) {
        size_t n = strlen(names[k]);
        if (s.m.n - end >= n && memcmp(s.m.p + end, names[k], n) == 0 && !is_word(char_at(s.m, end + n)))
            return end + n - s.i;
    }
    return 0;
}
