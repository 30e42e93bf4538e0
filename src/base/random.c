/*
 * base/random: xoshiro256** (Blackman & Vigna 2018), seeded through splitmix64 (Steele et al. 2014). The same seed gives
 * the same numbers on every machine.
 */
#include "logdetect/base.h"

static uint64_t splitmix64(uint64_t *x) {
    uint64_t z = (*x += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

void lgd_rng_init(lgd_rng *r, uint64_t seed) {
    for (int i = 0; i < 4; i++) r->s[i] = splitmix64(&seed);
}

static uint64_t rotate(uint64_t x, int k) { return (x << k) | (x >> (64 - k)); }

uint64_t lgd_rng_next(lgd_rng *r) {
    uint64_t *s = r->s;
    uint64_t result = rotate(s[1] * 5, 7) * 9, t = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotate(s[3], 45);
    return result;
}

/* Lemire 2019: multiply and reject, without bias. */
uint32_t lgd_rng_below(lgd_rng *r, uint32_t bound) {
    for (;;) {
        uint64_t product = (lgd_rng_next(r) >> 32) * bound;
        if ((uint32_t)product >= (uint32_t)(0u - bound) % bound) return (uint32_t)(product >> 32);
    }
}

double lgd_rng_unit(lgd_rng *r) { return (double)(lgd_rng_next(r) >> 11) * 0x1.0p-53; }
