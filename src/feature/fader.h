/* Private to feature: what counts of an update fade by. */
#ifndef LGD_FEATURE_FADER_H
#define LGD_FEATURE_FADER_H

#include "logdetect/base.h"

typedef struct fader {
    double weight;
    uint64_t salt;
} fader;

static inline lgd_fading fader_begin(const fader *f, uint64_t key) { return lgd_fading_begin(f->weight, key, f->salt); }

/* A row of counts, which keep their sum. */
static inline void fade_counts(lgd_fading f, const uint32_t *from, size_t n, uint32_t *ret) {
    for (size_t i = 0; i < n; i++) ret[i] = (uint32_t)lgd_fading_next(&f, from[i]);
}

/* Monotone in n, for one offset. */
static inline uint64_t fade_one(lgd_fading f, uint64_t n) { return lgd_fading_next(&f, n); }

#endif
