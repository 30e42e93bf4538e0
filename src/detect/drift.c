/*
 * detect/drift: what a training session says of the sessions to come. Logs drift, so a session weighs half as much for
 * each quarter of the training that lies behind it; the mean weight is 1. The same weights count in the models and in the
 * ranks of their calibration, as conformal p-values beyond exchangeability ask (Barber, Candes, Ramdas & Tibshirani 2023):
 * else what belongs to a phase that has ended takes the highest ranks, and the rate that is asked for is never reached.
 */
#include "members.h"

#include <math.h>

void drift_weights(size_t n, double *ret) {
    double sum = 0, half_life = (double)n / 4;
    for (size_t i = 0; i < n; i++) sum += ret[i] = exp2(-(double)(n - 1 - i) / half_life);
    for (size_t i = 0; i < n; i++) ret[i] *= (double)n / sum;
}
