/*
 * detect/prefix_cache: an open-addressing table of at most 3/4 load, which grows by doubling and is emptied as a whole. A
 * key is 64 bits of hash and nothing beside it: among 400,000 sequences two are the same by chance once in 2 * 10^8 runs.
 */
#include "prefix_cache.h"

_Static_assert(sizeof(prefix_entry) == 16, "four entries fill a cache line");

static lgd_status make_room(prefix_cache *c, size_t capacity, lgd_err *err) {
    prefix_entry *entries = lgd_calloc(capacity, sizeof *entries);
    if (!entries) return lgd_fail_memory(err, capacity * sizeof *entries);
    c->entries = entries;
    c->capacity = capacity;
    return LGD_OK;
}

lgd_status prefix_cache_init(prefix_cache *c, size_t most, lgd_err *err) {
    *c = (prefix_cache){.most = most};
    return make_room(c, most < PREFIX_CACHE_FIRST ? most : PREFIX_CACHE_FIRST, err);
}

void prefix_cache_release(prefix_cache *c) {
    lgd_free(c->entries);
    *c = (prefix_cache){0};
}

void prefix_cache_clear(prefix_cache *c) {
    memset(c->entries, 0, c->capacity * sizeof *c->entries);
    c->n = 0;
}

/* The entry of that hash, or the empty one where it would be. */
static prefix_entry *seek(const prefix_cache *c, uint64_t hash) {
    size_t mask = c->capacity - 1, i = hash & mask;
    while (c->entries[i].state != PREFIX_NONE && c->entries[i].hash != hash) i = (i + 1) & mask;
    return &c->entries[i];
}

prefix_entry *prefix_cache_find(const prefix_cache *c, uint64_t hash) {
    prefix_entry *e = seek(c, hash);
    return e->state == PREFIX_NONE ? NULL : e;
}

static bool is_loaded(const prefix_cache *c) { return c->n >= c->capacity / 4 * 3; }

bool prefix_cache_is_full(const prefix_cache *c) { return is_loaded(c) && c->capacity >= c->most; }

static lgd_status grow(prefix_cache *c, lgd_err *err) {
    prefix_cache old = *c;
    LGD_TRY(make_room(c, 2 * old.capacity, err));
    for (size_t i = 0; i < old.capacity; i++)
        if (old.entries[i].state != PREFIX_NONE) *seek(c, old.entries[i].hash) = old.entries[i];
    lgd_free(old.entries);
    return LGD_OK;
}

lgd_status prefix_cache_add(prefix_cache *c, uint64_t hash, uint32_t slot, lgd_err *err) {
    if (is_loaded(c)) LGD_TRY(grow(c, err));
    *seek(c, hash) = (prefix_entry){.hash = hash, .slot = slot, .state = PREFIX_PENDING};
    c->n++;
    return LGD_OK;
}
