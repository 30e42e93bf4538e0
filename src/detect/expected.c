/*
 * detect/expected: what a calibration says its scores look like, so that those of another log can be held against them.
 * O(knots).
 */
#include "detector.h"

#include <math.h>

/* Share of the calibration's scores with at least so many bits. */
static double share_at_least(const lgd_calibration *c, double bits) {
    size_t i = 0;
    while (i < c->n && (double)c->bits[i] < bits) i++;
    return bits <= 0 ? 1 : i < c->n ? exp2(-(double)c->bits[i]) : 0;
}

size_t lgd_detector_expected(const lgd_detector *d, size_t member, double *ret, size_t n) {
    const lgd_calibration *c = member < d->n ? &d->seats[member].calibration : &d->calibration;
    if (c->n == 0) return 0;
    size_t carried = (size_t)c->bits[c->n - 1] + 1; /* beyond the last knot bits go on by a slope, and are no shares */
    for (size_t k = 0; k < n; k++) ret[k] = share_at_least(c, (double)k);
    return carried < n ? carried : n;
}
