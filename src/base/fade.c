/*
 * base/fade: counts that lose weight and stay whole. A count of n at weight w is w n on average: rounding down would let
 * what is rare fade at once, rounding to the nearest would keep it for ever. So the running sums of a row of counts are
 * rounded, with one offset for the row that a hash has chosen (systematic sampling, Madow & Madow 1944): each count is off
 * by less than one, and so is their sum. O(1) a count.
 */
#include "logdetect/base.h"

#include <math.h>

double lgd_hash_unit(uint64_t hash) { return (double)((hash >> 11) + 1) * 0x1p-53; }

lgd_fading lgd_fading_begin(double weight, uint64_t key, uint64_t salt) {
    return (lgd_fading){.weight = weight, .offset = 1 - lgd_hash_unit(lgd_hash_u64(key, salt))};
}

uint64_t lgd_fading_next(lgd_fading *f, uint64_t n) {
    f->seen += n;
    uint64_t kept = (uint64_t)floor(f->weight * (double)f->seen + f->offset), next = kept - f->kept;
    f->kept = kept;
    return next;
}
