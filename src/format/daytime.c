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

/* Behind one blank: ' ', or the no-break spaces that Java and macOS print before AM and PM. */
static size_t half_day_gap(const reader *r) {
    lgd_sv rest = slice(r->s, r->at, r->s.n);
    if (peek(r) == ' ') return r->at + 1;
    if (rest.n >= 3 && memcmp(rest.p, "\xE2\x80\xAF", 3) == 0) return r->at + 3;
    return r->at + (rest.n >= 2 && memcmp(rest.p, "\xC2\xA0", 2) == 0 ? 2 : 0);
}

/* " AM", "pm": turns the hour of a 12-hour clock. */
static void half_day(reader *r, lgd_timestamp *t) {
    size_t at = half_day_gap(r);
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
        int16_t hours;
    } names[] = {{"UTC", 0},   {"GMT", 0},   {"EST", -5}, {"EDT", -4},  {"CST", -6},  {"CDT", -5},
                 {"MST", -7},  {"MDT", -6},  {"PST", -8}, {"PDT", -7},  {"WET", 0},   {"WEST", 1},
                 {"CET", 1},   {"CEST", 2},  {"EET", 2},  {"EEST", 3},  {"MSK", 3},   {"JST", 9},
                 {"KST", 9},   {"HKT", 8},   {"SGT", 8},  {"AWST", 8},  {"AEST", 10}, {"AEDT", 11},
                 {"NZST", 12}, {"NZDT", 13}, {"SAST", 2}, {"HST", -10}, {"AKST", -9}, {"AKDT", -8}};
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

/* A sign, hh[:]mm, or fewer digits where min allows it: 4 behind a blank, 2 behind the time, 1 behind GMT. Minutes are
 * quarters of an hour: " -1234" behind a time is a number. */
static bool zone_digits(reader *r, size_t min, lgd_timestamp *t) {
    reader z = *r;
    int32_t sign = peek(&z) == '-' ? -1 : 1, h, m = 0;
    z.at++;
    size_t n = digits_end(z.s, z.at) - z.at;
    if (n != 4 && n != 2 && (n != 1 || min > 1)) return false;
    h = fixed(&z, n < 2 ? n : 2);
    if (n == 4) {
        m = fixed(&z, 2);
    } else if (peek(&z) == ':' && is_digit(peek2(&z))) {
        z.at++;
        if (!number(&z, 2, 2, &m)) return false;
    } else if (n < min) {
        return false;
    }
    if (h > 14 || m > 59 || m % 15 != 0 || is_word(peek(&z))) return false;
    t->has_zone = true;
    t->zone_s = sign * (h * 3600 + m * 60);
    *r = z;
    return true;
}

/* Behind the capitals that start at `at`, no more than a zone has. */
static size_t capitals_end(lgd_sv s, size_t at) {
    size_t end = at;
    while (end < s.n && end < at + 5 && s.p[end] >= 'A' && s.p[end] <= 'Z') end++;
    return end;
}

/* Z, a known abbreviation, or GMT+2. */
static bool zone_letters(reader *r, bool glued, lgd_timestamp *t) {
    size_t end = capitals_end(r->s, r->at);
    lgd_sv word = slice(r->s, r->at, end);
    int32_t hours = 0;
    if (glued && to_lower(peek(r)) == 'z' && !is_word(peek2(r)))
        end = r->at + 1;
    else if (is_word(byte_at(r->s, end)) || !zone_name(word, &hours))
        return false;
    r->at = end;
    t->has_zone = true;
    t->zone_s = hours * 3600;
    if (word.n == 3 && hours == 0 && is_one_of(peek(r), "+-")) (void)zone_digits(r, 1, t);
    return true;
}

/* The name of a zone that is known already, or of UTC: `[Europe/Berlin]` of Java, `[UTC]`. */
static bool zone_bracket(reader *r, lgd_timestamp *t) {
    size_t at = r->at + 1, end = at;
    bool is_path = false;
    for (; end < r->s.n && end < at + 40 && (is_word(r->s.p[end]) || is_one_of(r->s.p[end], "/-+")); end++)
        is_path |= r->s.p[end] == '/';
    if (byte_at(r->s, end) != ']' || !(byte_at(r->s, at) >= 'A' && byte_at(r->s, at) <= 'Z')) return false;
    int32_t hours = 0;
    if (!zone_name(slice(r->s, at, end), &hours) && !(is_path && t->has_zone)) return false;
    if (!t->has_zone) t->zone_s = hours * 3600;
    t->has_zone = true;
    r->at = end + 1;
    return true;
}

/* What may follow an offset and says it again: " UTC", " (CEST)", " (Central European Summer Time)". */
static void zone_again(reader *r) {
    if (peek(r) != ' ') return;
    size_t at = r->at + 1;
    int32_t hours;
    if (byte_at(r->s, at) != '(') {
        size_t end = capitals_end(r->s, at);
        if (!is_word(byte_at(r->s, end)) && zone_name(slice(r->s, at, end), &hours)) r->at = end;
        return;
    }
    size_t end = ++at;
    while (end < r->s.n && end < at + 50 && (is_letter(r->s.p[end]) || r->s.p[end] == ' ')) end++;
    lgd_sv name = slice(r->s, at, end);
    bool is_zone = zone_name(name, &hours) || (name.n > 5 && memcmp(name.p + name.n - 5, " Time", 5) == 0);
    if (byte_at(r->s, end) == ')' && is_zone) r->at = end + 1;
}

static void zone(reader *r, lgd_timestamp *t) {
    reader z = *r;
    bool glued = blanks(&z, 1) == 0;
    char c = peek(&z);
    if (c == '+' || c == '-') {
        if (!zone_digits(&z, glued ? 2 : 4, t)) return;
    } else if (c == '[' ? !zone_bracket(&z, t) : !is_letter(c) || !zone_letters(&z, glued, t)) {
        return;
    }
    if (is_digit(z.s.p[z.at - 1])) zone_again(&z);
    if (peek(&z) == '[') (void)zone_bracket(&z, t);
    *r = z;
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
