/*
 * The first line names a time zone, the others are timestamps in the order of one clock. A written timestamp has fields
 * of a calendar and takes no more than there is; a resolved one is written as RFC 3339 and read as the same instant.
 */
#include "fuzz.h"

#include "logdetect/format.h"
#include "logdetect/report.h"

static void check_fields(const lgd_timestamp *t) {
    if (t->is_epoch) return;
    MUST(t->month >= -1 && t->month <= 12 && t->month != 0 && t->day >= -1 && t->day <= 31 && t->day != 0);
    MUST(t->hour >= -1 && t->hour <= 24 && t->minute >= -1 && t->minute <= 59 && t->second >= -1 && t->second <= 60);
    MUST(t->nanosecond >= -1 && t->nanosecond < 1000000000);
    MUST(!t->has_zone || (t->zone_s > -86400 && t->zone_s < 86400));
}

static void check_instant(int64_t now) {
    lgd_buf text = {0};
    lgd_zone *utc = NULL;
    lgd_clock clock;
    lgd_timestamp again;
    MUST(lgd_zone_new("UTC", &utc, NULL) == LGD_OK);
    lgd_format_time(&text, now);
    MUST(lgd_timestamp_parse(lgd_buf_sv(&text), &again) == text.n);
    lgd_clock_init(&clock, utc, LGD_NO_TIME);
    MUST(lgd_clock_resolve(&clock, &again) == now);
    lgd_zone_free(utc);
    lgd_buf_release(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n) {
    lgd_sv input = {(const char *)bytes, n};
    lgd_sv name = fuzz_line(&input);
    char zone_name[64] = "";
    lgd_zone *zone = NULL;
    lgd_clock clock;
    if (name.n >= sizeof zone_name) return 0;
    if (name.n) memcpy(zone_name, name.p, name.n);
    if (lgd_zone_new(zone_name, &zone, NULL) != LGD_OK) MUST(lgd_zone_new("UTC", &zone, NULL) == LGD_OK);
    lgd_clock_init(&clock, zone, input.n % 2 ? LGD_NO_TIME : INT64_C(1772600000) * 1000000000);
    while (input.n) {
        lgd_sv line = fuzz_line(&input);
        lgd_timestamp t;
        size_t taken = lgd_timestamp_parse(line, &t);
        MUST(taken <= line.n);
        if (taken == 0) continue;
        check_fields(&t);
        int64_t now = lgd_clock_resolve(&clock, &t);
        if (now != LGD_NO_TIME) check_instant(now);
    }
    lgd_zone_free(zone);
    return 0;
}
