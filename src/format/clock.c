/*
 * clock: timestamps as written, in the order of one input -> UTC. Fills in what is not written: year, date, zone.
 *
 * The parts that are missing are chosen so that time moves on: the first line lies as late as the input's mtime allows
 * (a file holds nothing that was written after it), every later line as close behind the one before as its own digits
 * allow. Small steps back are disorder and stay steps back; a step back of half a year is a New Year, and one of more than
 * two hours a midnight where only times of day are written. Cost: O(1), and one search in the zone's transitions.
 * Invariant: the result lies within what int64 nanoseconds hold (1678..2261), or it is LGD_NO_TIME.
 */
#include "zone.h"

enum { MINUTE_S = 60, HOUR_S = 3600, DAY_S = 86400 };
#define SECOND_NS    INT64_C(1000000000)
#define LIMIT_S      INT64_C(9223200000)    /* as many seconds as int64 holds nanoseconds */
#define DEFAULT_YEAR 2000                   /* nothing is known: no mtime, no year. A leap year */
#define NEW_YEAR_S   (INT64_C(180) * DAY_S) /* a longer step back is a New Year */
#define MIDNIGHT_S   INT64_C(7200) /* a longer step back of a time of day is a midnight; an hour may be a zone's */
#define DISORDER_S   (INT64_C(2) * DAY_S) /* lines of the old year may still follow the first of the new one */

/* Days since 1970-01-01, after Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms" (2013). */
int64_t lgd_days_from_civil(int64_t year, unsigned month, unsigned day) {
    int64_t y = year - (month <= 2);
    int64_t era = (y >= 0 ? y : y - 399) / 400;
    int64_t year_of_era = y - era * 400;
    int64_t day_of_year = (153 * ((int64_t)month + (month > 2 ? -3 : 9)) + 2) / 5 + (int64_t)day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468;
}

static int64_t floor_div(int64_t a, int64_t b) { return a / b - (a % b < 0); }

static int32_t year_of_days(int64_t days) {
    int64_t year = 1970 + floor_div(days * 400, 146097);
    while (lgd_days_from_civil(year, 1, 1) > days) year--;
    while (lgd_days_from_civil(year + 1, 1, 1) <= days) year++;
    return (int32_t)year;
}

static bool is_leap(int32_t year) { return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0; }

static bool is_date(int32_t year, int month, int day) {
    static const int8_t lengths[13] = {0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (year < 1678 || year > 2261 || month < 1 || month > 12 || day < 1) return false;
    return day <= lengths[month] + (month == 2 && is_leap(year));
}

void lgd_clock_init(lgd_clock *clock, const lgd_zone *zone, int64_t mtime_ns) {
    *clock = (lgd_clock){.zone = zone, .base_ns = mtime_ns, .last_ns = LGD_NO_TIME, .year = -1, .cached_day = -1};
}

static int64_t days_of(lgd_clock *clock, int32_t year, int month, int day) {
    int64_t key = (int64_t)year * 512 + month * 32 + day;
    if (key != clock->cached_day) {
        clock->cached_day = key;
        clock->cached_days = lgd_days_from_civil(year, (unsigned)month, (unsigned)day);
    }
    return clock->cached_days;
}

static int64_t time_of_day_s(const lgd_timestamp *w) {
    return w->hour < 0 ? 0 : w->hour * (int64_t)HOUR_S + w->minute * MINUTE_S + w->second;
}

/* Local seconds to UTC. In the hour that a fold repeats, a step back means that its second pass has begun. */
static int64_t to_utc(const lgd_clock *clock, const lgd_timestamp *w, int64_t local_s) {
    if (w->has_zone) return local_s - w->zone_s;
    int64_t second, first = zone_readings(clock->zone, local_s, &second);
    bool behind = clock->last_ns != LGD_NO_TIME && first < floor_div(clock->last_ns, SECOND_NS) - MINUTE_S;
    return behind && second > first && second >= floor_div(clock->last_ns, SECOND_NS) - MINUTE_S ? second : first;
}

static int64_t utc_of_year(lgd_clock *clock, const lgd_timestamp *w, int32_t year) {
    return to_utc(clock, w, days_of(clock, year, w->month, w->day) * DAY_S + time_of_day_s(w));
}

static int64_t local_days(const lgd_clock *clock, int64_t utc_ns) {
    int64_t utc_s = floor_div(utc_ns, SECOND_NS);
    return floor_div(utc_s + zone_offset_at(clock->zone, utc_s), DAY_S);
}

/* ---- timestamps without a year ---- */

/* The nearest year that has the date: other than `year` only for 29 February. Of two equally near the later one. */
static int32_t year_with_date(const lgd_timestamp *w, int32_t year) {
    for (int32_t away = 0; away <= 4; away++) {
        if (is_date(year + away, w->month, w->day)) return year + away;
        if (is_date(year - away, w->month, w->day)) return year - away;
    }
    return -1;
}

/* The latest year that does not put the first line a day or more behind the mtime. */
static int32_t first_year(lgd_clock *clock, const lgd_timestamp *w) {
    if (clock->base_ns == LGD_NO_TIME) return year_with_date(w, DEFAULT_YEAR);
    int64_t limit_s = floor_div(clock->base_ns, SECOND_NS) + DAY_S;
    int32_t year = year_of_days(local_days(clock, clock->base_ns)) + 1; /* mtime 31 December, line 1 January */
    for (int32_t n = 0; n < 10; n++, year--) {
        if (is_date(year, w->month, w->day) && utc_of_year(clock, w, year) <= limit_s) return year;
    }
    return -1;
}

static int32_t next_year(lgd_clock *clock, const lgd_timestamp *w) {
    int64_t last_s = floor_div(clock->last_ns, SECOND_NS);
    int32_t year = year_with_date(w, clock->year >= 0 ? clock->year : year_of_days(local_days(clock, clock->last_ns)));
    if (year < 0) return -1;
    int64_t utc_s = utc_of_year(clock, w, year);
    if (utc_s < last_s - NEW_YEAR_S && is_date(year + 1, w->month, w->day)) return year + 1;
    bool old_year = utc_s > last_s + NEW_YEAR_S && is_date(year - 1, w->month, w->day) &&
                    utc_of_year(clock, w, year - 1) >= last_s - DISORDER_S;
    return old_year ? year - 1 : year;
}

/* ---- timestamps without a date ---- */

static int64_t on_day(const lgd_clock *clock, const lgd_timestamp *w, int64_t day) {
    return to_utc(clock, w, day * DAY_S + time_of_day_s(w));
}

static int64_t utc_of_day_time(const lgd_clock *clock, const lgd_timestamp *w) {
    if (clock->last_ns == LGD_NO_TIME) {
        if (clock->base_ns == LGD_NO_TIME) return on_day(clock, w, lgd_days_from_civil(DEFAULT_YEAR, 1, 1));
        int64_t day = local_days(clock, clock->base_ns), utc_s = on_day(clock, w, day);
        return utc_s > floor_div(clock->base_ns, SECOND_NS) + HOUR_S ? on_day(clock, w, day - 1) : utc_s;
    }
    int64_t last_s = floor_div(clock->last_ns, SECOND_NS), day = local_days(clock, clock->last_ns);
    int64_t utc_s = on_day(clock, w, day);
    if (utc_s < last_s - MIDNIGHT_S) return on_day(clock, w, day + 1);
    if (utc_s > last_s + 12 * HOUR_S) {
        int64_t before = on_day(clock, w, day - 1);
        if (before >= last_s - HOUR_S) return before;
    }
    return utc_s;
}

static int64_t resolve(lgd_clock *clock, const lgd_timestamp *w) {
    if (w->is_epoch) return w->epoch_ns;
    int64_t utc_s;
    if (w->month < 0) {
        utc_s = utc_of_day_time(clock, w);
    } else {
        int32_t year = w->year;
        if (year < 0) {
            year = clock->last_ns == LGD_NO_TIME ? first_year(clock, w) : next_year(clock, w);
            if (year >= 0) clock->year = year;
        }
        if (!is_date(year, w->month, w->day)) return LGD_NO_TIME;
        utc_s = utc_of_year(clock, w, year);
    }
    if (utc_s < -LIMIT_S || utc_s > LIMIT_S) return LGD_NO_TIME; /* a day rolled on from an absurd mtime */
    return utc_s * SECOND_NS + (w->nanosecond > 0 ? w->nanosecond : 0);
}

int64_t lgd_clock_resolve(lgd_clock *clock, const lgd_timestamp *written) {
    int64_t ns = resolve(clock, written);
    if (ns != LGD_NO_TIME) clock->last_ns = ns;
    return ns;
}
