/* zone: what the clock needs of a time zone beyond the public contract. */
#ifndef LGD_FORMAT_ZONE_H
#define LGD_FORMAT_ZONE_H

#include "logdetect/format.h"

/* Seconds east of UTC that are in force at utc_s. */
int32_t zone_offset_at(const lgd_zone *zone, int64_t utc_s);
/* Both readings of a local time; they differ only in the hour that a fold repeats. *ret_second >= the result. */
int64_t zone_readings(const lgd_zone *zone, int64_t local_s, int64_t *ret_second);

#endif
