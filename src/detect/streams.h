/* Private to detect: the streams of a log that are open, found by their hash. What is known of one is the caller's. */
#ifndef LGD_DETECT_STREAMS_H
#define LGD_DETECT_STREAMS_H

#include "logdetect/base.h"

enum { MAX_SESSIONS = 1 << 20, MAX_OTHER_STREAMS = 1 << 16, MAX_STREAM_BYTES = 1 << 26 };

/* What each state begins with. */
typedef struct stream_state {
    uint64_t key;
    uint64_t used; /* when it was last: the caller's clock */
} stream_state;

typedef struct stream_table {
    char *states; /* [n] of stride bytes */
    size_t stride, n, capacity, limit;
    lgd_index index;
} stream_table;

/* stride: bytes of a state, a multiple of 8. Fewer streams than limit where states of that size take MAX_STREAM_BYTES. */
void stream_table_init(stream_table *t, size_t stride, size_t limit);
void stream_table_release(stream_table *t);
void stream_table_clear(stream_table *t);
static inline bool stream_table_is_full(const stream_table *t) { return t->n == t->limit; }
static inline stream_state *stream_at(const stream_table *t, size_t item) {
    return (stream_state *)(void *)(t->states + item * t->stride);
}
/* Its number or LGD_INDEX_NONE. */
uint32_t stream_find(const stream_table *t, uint64_t key);
/* One more, zero but for its key; it must be absent, and the table not full. Errors: memory. */
lgd_status stream_add(stream_table *t, uint64_t key, uint32_t *ret_item, lgd_err *err);
/* The last used come first from now on; find does not work until stream_table_keep. */
void stream_table_sort_by_use(stream_table *t);
/* Forgets all but the first n. Errors: memory. */
lgd_status stream_table_keep(stream_table *t, size_t n, lgd_err *err);

#endif
