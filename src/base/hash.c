/*
 * base/hash: keyed hashing, the hash index, CRC-32C.
 *
 * The hash folds 128-bit products, 16 bytes a step (wyhash, Wang Yi 2019, public domain; construction only). The key is
 * random for each process, so that a log cannot be written to collide; nothing that is printed depends on it.
 */
#include "logdetect/base.h"

static uint64_t fold(uint64_t a, uint64_t b) {
    __extension__ typedef unsigned __int128 u128;
    u128 product = (u128)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static uint64_t load64(const unsigned char *p) {
    uint64_t x;
    memcpy(&x, p, 8);
    return x;
}

static const uint64_t salt0 = 0xa0761d6478bd642fu, salt1 = 0xe7037ed1a0b428dbu;

uint64_t lgd_hash(const void *bytes, size_t n, uint64_t key) {
    const unsigned char *p = bytes;
    uint64_t h = key ^ fold(n ^ salt0, key ^ salt1);
    size_t left = n;
    for (; left > 16; left -= 16, p += 16) h = fold(load64(p) ^ salt1, load64(p + 8) ^ h);
    unsigned char tail[16] = {0};
    if (left) memcpy(tail, p, left);
    h = fold(load64(tail) ^ salt1, load64(tail + 8) ^ h);
    return fold(h ^ salt0, n ^ salt1 ^ key);
}

uint64_t lgd_hash_u64(uint64_t x, uint64_t key) { return fold(fold(x ^ salt0, key ^ salt1) ^ x, salt1); }

/* ---- index ---- */

uint32_t lgd_index_find(const lgd_index *ix, uint64_t hash, lgd_index_equal equal, const void *ctx, const void *key) {
    if (ix->n_slots == 0) return LGD_INDEX_NONE;
    uint32_t tag = (uint32_t)(hash >> 32);
    for (size_t i = tag & (ix->n_slots - 1);; i = (i + 1) & (ix->n_slots - 1)) {
        if (ix->slots[i] == 0) return LGD_INDEX_NONE;
        if (ix->tags[i] == tag && equal(ctx, ix->slots[i] - 1, key)) return ix->slots[i] - 1;
    }
}

static void place(lgd_index *ix, uint32_t slot_value, uint32_t tag) {
    size_t i = tag & (ix->n_slots - 1);
    while (ix->slots[i]) i = (i + 1) & (ix->n_slots - 1);
    ix->slots[i] = slot_value;
    ix->tags[i] = tag;
}

/* The tag, the upper half of the hash, gives both the home slot and the quick comparison, so growing needs no rehash. */
static lgd_status index_grow(lgd_index *ix, lgd_err *err) {
    size_t n = ix->n_slots ? ix->n_slots * 2 : 64;
    lgd_index bigger = {lgd_calloc(n, sizeof *bigger.slots), lgd_calloc(n, sizeof *bigger.tags), n, ix->n_items};
    if (!bigger.slots || !bigger.tags) {
        lgd_index_release(&bigger);
        return lgd_fail_memory(err, n * 8);
    }
    for (size_t i = 0; i < ix->n_slots; i++)
        if (ix->slots[i]) place(&bigger, ix->slots[i], ix->tags[i]);
    lgd_index_release(ix);
    *ix = bigger;
    return LGD_OK;
}

lgd_status lgd_index_add(lgd_index *ix, uint64_t hash, uint32_t item, lgd_err *err) {
    if ((ix->n_items + 1) * 2 > ix->n_slots) LGD_TRY(index_grow(ix, err));
    place(ix, item + 1, (uint32_t)(hash >> 32));
    ix->n_items++;
    return LGD_OK;
}

void lgd_index_clear(lgd_index *ix) {
    if (ix->n_slots) memset(ix->slots, 0, ix->n_slots * sizeof *ix->slots);
    ix->n_items = 0;
}

void lgd_index_release(lgd_index *ix) {
    lgd_free(ix->slots);
    lgd_free(ix->tags);
    *ix = (lgd_index){0};
}

/* ---- CRC-32C, one table lookup a byte; the table costs as much as 2 KiB of input ---- */

static uint32_t crc_byte(uint32_t crc) {
    for (int bit = 0; bit < 8; bit++) crc = (crc >> 1) ^ (0x82f63b78u & (0u - (crc & 1)));
    return crc;
}

uint32_t lgd_crc32c(uint32_t crc, const void *bytes, size_t n) {
    uint32_t table[256];
    for (uint32_t i = 0; i < 256; i++) table[i] = crc_byte(i);
    const unsigned char *p = bytes;
    crc = ~crc;
    for (size_t i = 0; i < n; i++) crc = table[(crc ^ p[i]) & 0xff] ^ (crc >> 8);
    return ~crc;
}
