/*
 * detect/streams: hash of a stream -> what is known of it. States lie densely, an index finds them. Sessions stay to the
 * end, since they may go on at any time; of other streams the longer half unused is forgotten when the table is full,
 * which costs O(n log n) for n / 2 new streams.
 */
#include "streams.h"

#include <stdlib.h>

static uint64_t hash_of(uint64_t key) { return lgd_hash_u64(key, 0x73747265616d73u); }

static bool has_key(const void *ctx, uint32_t item, const void *key) {
    return stream_at(ctx, item)->key == *(const uint64_t *)key;
}

void stream_table_init(stream_table *t, size_t stride, size_t limit) {
    *t = (stream_table){.stride = stride, .limit = limit};
}

void stream_table_release(stream_table *t) {
    lgd_free(t->states);
    lgd_index_release(&t->index);
    *t = (stream_table){0};
}

void stream_table_clear(stream_table *t) {
    lgd_index_clear(&t->index);
    t->n = 0;
}

uint32_t stream_find(const stream_table *t, uint64_t key) {
    return lgd_index_find(&t->index, hash_of(key), has_key, t, &key);
}

lgd_status stream_add(stream_table *t, uint64_t key, uint32_t *ret_item, lgd_err *err) {
    LGD_TRY(lgd_grow((void **)&t->states, &t->capacity, t->n + 1, t->stride, t->limit, err));
    LGD_TRY(lgd_index_add(&t->index, hash_of(key), (uint32_t)t->n, err));
    stream_state *s = stream_at(t, t->n);
    memset(s, 0, t->stride);
    s->key = key;
    *ret_item = (uint32_t)t->n++;
    return LGD_OK;
}

static int later_first(const void *a, const void *b) {
    const stream_state *x = a, *y = b;
    return (x->used < y->used) - (x->used > y->used);
}

void stream_table_sort_by_use(stream_table *t) {
    if (t->n) qsort(t->states, t->n, t->stride, later_first);
}

lgd_status stream_table_keep(stream_table *t, size_t n, lgd_err *err) {
    lgd_index_clear(&t->index);
    t->n = 0;
    for (; t->n < n; t->n++) LGD_TRY(lgd_index_add(&t->index, hash_of(stream_at(t, t->n)->key), (uint32_t)t->n, err));
    return LGD_OK;
}
