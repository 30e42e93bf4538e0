/*
 * daytime: the second half of a timestamp: time of day, fraction, AM or PM, zone. Used by every form of timestamp.c.
 * Pure, O(length). The zone is read only where it cannot be anything else: a sign with hours and quarters of an hour, or a
 * known abbreviation.
 */
#include "reader.h"

static bool set_time(lgd_timestamp *t, int32_t hour, int32_t minute, int32_t second) {
    if (hour > 24 || minute > 59 || second > 60 || (hour == 24 && (minute > 0 || second > 0))) return false;
    t->hour = (int8_t)hour;
    t->minute = (int8_t)minute;
    t->second = (int8_t)second;
    return true;
}

/* The fraction of a second; digits behind the ninth are dropped. */
static void fraction(reader *r, lgd_timestamp *t) {
    char c = peek(r);
    if ((c != '.' && c != ',' && c != ':') || !is_digit(peek2(r))) return;
    size_t begin = r->at + 1, end = digits_end(r->s, begin);
    int32_t ns = 0;
    for (size_t i = begin; i < begin + 9; i++) ns = ns * 10 + (i < end ? r->s.p[i] - '0' : 0);
    t->nanosecond = ns;
    r->at = end;
}

/* " AM", "pm": turns the hour of a 12-hour clock. */
static void half_day(reader *r, lgd_timestamp *t) {
    size_t at = r->at + (peek(r) == ' ');
    char half = to_lower(byte_at(r->s, at));
    if ((half != 'a' && half != 'p') || to_lower(byte_at(r->s, at + 1)) != 'm' || is_word(byte_at(r->s, at + 2)))
        return;
    if (t->hour < 1 || t->hour > 12) return;
    t->hour = (int8_t)(t->hour % 12 + (half == 'p' ? 12 : 0));
    r->at = at + 2;
}

/* Abbreviations that mean one thing in logs; others are ambiguous and stay unread. Compared as one padded word. */
static bool zone_name(lgd_sv word, int32_t *ret_hours) {
    static const struct {
        char name[4];
        int8_t hours;
    } names[] = {{"UTC", 0},  {"GMT", 0},  {"EST", -5}, {"EDT", -4},  {"CST", -6},  {"CDT", -5},
                 {"MST", -7}, {"MDT", -6}, {"PST", -8}, {"PDT", -7},  {"WET", 0},   {"WEST", 1},
                 {"CET", 1},  {"CEST", 2}, {"EET", 2},  {"EEST", 3},  {"MSK", 3},   {"JST", 9},
                 {"KST", 9},  {"HKT", 8},  {"SGT", 8},  {"AEST", 10}, {"AEDT", 11}, {"NZST", 12}};
    char padded[4] = {0};
    /* INFO and WARN stand here in most logs: they are told apart by their last letter. */
    if (word.n < 3 || word.n > 4 || !is_one_of(word.p[word.n - 1], "TCK")) return false;
    memcpy(padded, word.p, word.n);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (memcmp(padded, names[i].name, sizeof padded) != 0) continue;
        *ret_hours = names[i].hours;
        return true;
    }
    return false;
}

/* +hh[:]mm; glued to the time also +hh. Minutes are quarters of an hour: " -1234" behind a time is a number. */
static bool zone_digits(reader *r, bool glued, lgd_timestamp *t) {
    int32_t sign = peek(r) == '-' ? -1 : 1, h, m = 0;
    r->at++;
    size_t n = digits_end(r->s, r->at) - r->at;
    if (n == 4 || n == 2) {
        h = fixed(r, 2);
        if (n == 4) {
            m = fixed(r, 2);
        } else if (peek(r) == ':') {
            r->at++;
            if (!number(r, 2, 2, &m)) return false;
        } else if (!glued) {
            return false;
        }
        if (h > 14 || m > 59 || m % 15 != 0 || is_word(peek(r))) return false;
        t->has_zone = true;
        t->zone_s = sign * (h * 3600 + m * 60);
        return true;
    }
    return false;
}

static void zone(reader *r, lgd_timestamp *t) {
    reader z = *r;
    bool glued = blanks(&z, 1) == 0;
    char c = peek(&z);
    if (c == '+' || c == '-') {
        if (zone_digits(&z, glued, t)) *r = z;
        return;
    }
    if (c < 'A' || c > 'Z') return;
    size_t end = z.at;
    while (end < z.s.n && end < z.at + 5 && z.s.p[end] >= 'A' && z.s.p[end] <= 'Z') end++;
    lgd_sv word = slice(z.s, z.at, end);
    int32_t hours = 0;
    if (is_word(byte_at(z.s, end)) || !((glued && lgd_sv_eq(word, LGD_SV("Z"))) || zone_name(word, &hours))) return;
    t->has_zone = true;
    t->zone_s = hours * 3600;
    r->at = end;
}

bool time_of_day(reader *r, lgd_timestamp *t, unsigned forms) {
    reader w = *r;
    int32_t hour, minute, second = 0;
    if (!number(&w, 1, 2, &hour)) return false;
    char separator = peek(&w);
    bool dots = separator == '.' && (forms & DOTS) && w.at - r->at == 2;
    if (!dots && separator != ':') return false;
    w.at++;
    if (!number(&w, dots ? 2 : 1, 2, &minute)) return false;
    bool has_second = peek(&w) == separator && is_digit(peek2(&w));
    if (has_second) {
        w.at++;
        if (!number(&w, dots ? 2 : 1, 2, &second)) return false;
    } else if (dots || !(forms & SHORT)) {
        return false;
    }
    if (!set_time(t, hour, minute, second)) return false;
    if (has_second) fraction(&w, t);
    half_day(&w, t);
    zone(&w, t);
    *r = w;
    return true;
}

bool compact_time(reader *r, lgd_timestamp *t) {
    if (digits_end(r->s, r->at) - r->at != 6) return false;
    int32_t hour = fixed(r, 2), minute = fixed(r, 2), second = fixed(r, 2);
    if (!set_time(t, hour, minute, second)) return false;
    if (peek(r) != ':') fraction(r, t);
    zone(r, t);
    return true;
}
