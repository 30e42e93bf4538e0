/* Private to detect: what the network said of the last event of a sequence, by a hash of the sequence. */
#ifndef LGD_DETECT_PREFIX_CACHE_H
#define LGD_DETECT_PREFIX_CACHE_H

#include "vocab.h"

enum { PREFIX_CACHE_FIRST = 1 << 12, PREFIX_CACHE_MOST = 1 << 19 };

enum { PREFIX_NONE, PREFIX_PENDING, PREFIX_KNOWN };

/* 16 bytes, so that none lies across two cache lines. */
typedef struct prefix_entry {
    uint64_t hash; /* alone says which sequence it is */
    union {
        struct {
            bits64 p, p_best; /* log2; LGD_LOSS_SQUARED: the error, 0 */
        };
        uint32_t slot; /* PREFIX_PENDING: where the answer will be */
    };
    uint16_t best; /* row */
    uint16_t state;
} prefix_entry;

typedef struct prefix_cache {
    prefix_entry *entries;
    size_t n, capacity, most; /* capacities: powers of two */
} prefix_cache;

/* most: entries that it may grow to. Errors: memory. */
lgd_status prefix_cache_init(prefix_cache *c, size_t most, lgd_err *err);
void prefix_cache_release(prefix_cache *c);
void prefix_cache_clear(prefix_cache *c);
/* NULL: not there. Valid until something is added. */
prefix_entry *prefix_cache_find(const prefix_cache *c, uint64_t hash);
/* Whether it has grown as far as it may, and nothing more can be added. */
bool prefix_cache_is_full(const prefix_cache *c);
/* Adds what is absent, pending. Errors: memory. */
lgd_status prefix_cache_add(prefix_cache *c, uint64_t hash, uint32_t slot, lgd_err *err);

#endif
