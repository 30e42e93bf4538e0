/*
 * feature/rhythm_days: on how many days something came. Logs overlap in time (two hosts), and their files come newest first
 * as often as oldest first, so that a day counts once by a rule that knows no order: a window of 64 days, up to the last
 * one, tells which were there. A source and the times of the day of its templates count by this same rule; else one could
 * have come on more days than its log was read. Cost: O(1) a day.
 */
#include "rhythm.h"

enum { WINDOW_DAYS = 64 };

static bool count_day(seen_days *d, uint64_t bit) {
    if (d->recent & bit || d->n == UINT32_MAX) return false;
    d->recent |= bit;
    d->n++;
    return true;
}

bool days_add(seen_days *d, int64_t day) {
    int64_t ago = d->last - day;
    if (d->n == 0 || ago < 0) {
        d->recent = d->n > 0 && -ago < WINDOW_DAYS ? d->recent << -ago : 0;
        d->last = day;
        ago = 0;
    }
    return ago < WINDOW_DAYS && count_day(d, UINT64_C(1) << ago);
}

/* Those before its window are counted as far as there is room for them behind the last that is known. */
void days_merge(seen_days *into, const seen_days *from) {
    if (into->n == 0) {
        *into = *from;
        return;
    }
    uint32_t older = from->n;
    for (uint64_t left = from->recent; left; left &= left - 1) older--;
    int64_t room = from->last - WINDOW_DAYS - into->last;
    if (room < older) older = room > 0 ? (uint32_t)room : 0;
    into->n += older < UINT32_MAX - into->n ? older : UINT32_MAX - into->n;
    for (int64_t ago = WINDOW_DAYS - 1; ago >= 0; ago--)
        if (from->recent >> ago & 1) days_add(into, from->last - ago);
}

void days_close(seen_days *d) { d->recent = UINT64_MAX; }
