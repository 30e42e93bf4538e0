/*
 * detect/places: where sessions surprise the network most - the two templates before, and the one that came. How often a
 * place is the worst of a session says how surprising it can be, whatever the network thinks of it: -log2 of the share
 * of sessions, as for a count. O(1). Bounded: beyond MAX_PLACES none is added, and stays as surprising as it was.
 */
#include "adapt.h"

static bool place_equal(const void *ctx, uint32_t item, const void *key) {
    const lgd_worst *x = &((const place_table *)ctx)->rows[item].place, *k = key;
    return x->before[0] == k->before[0] && x->before[1] == k->before[1] && x->at == k->at;
}

static uint64_t place_hash(const lgd_worst *p) {
    return lgd_hash_u64((uint64_t)p->before[0] << 32 | p->before[1], lgd_hash_u64(p->at, 0x706c616365u));
}

static place_row *find(const place_table *t, const lgd_worst *place) {
    uint32_t item = lgd_index_find(&t->index, place_hash(place), place_equal, t, place);
    return item == LGD_INDEX_NONE ? NULL : &t->rows[item];
}

lgd_status place_table_add(place_table *t, const lgd_worst *place, double weight, lgd_err *err) {
    place_row *x = find(t, place);
    if (!x) {
        if (t->n == MAX_PLACES) return LGD_OK;
        LGD_TRY(lgd_grow((void **)&t->rows, &t->capacity, t->n + 1, sizeof *t->rows, MAX_PLACES, err));
        LGD_TRY(lgd_index_add(&t->index, place_hash(place), (uint32_t)t->n, err));
        x = &t->rows[t->n++];
        *x = (place_row){*place, 0};
    }
    x->weight += weight;
    return LGD_OK;
}

void place_table_fade(place_table *t, double fade) {
    for (size_t i = 0; i < t->n; i++) t->rows[i].weight *= fade;
}

double place_table_weight(const place_table *t, const lgd_worst *place) {
    const place_row *x = find(t, place);
    return x ? x->weight : 0;
}

void place_table_release(place_table *t) {
    lgd_free(t->rows);
    lgd_index_release(&t->index);
    *t = (place_table){0};
}
