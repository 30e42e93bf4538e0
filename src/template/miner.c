/*
 * template/miner: counts signatures. This is all that training does for a line: a hash lookup and an increment; the
 * thinking comes at the end, over some hundreds of signatures instead of millions of lines.
 *
 * Bounded: at most max_signatures rows. A full table is compacted: the clusters of what is there replace their members,
 * and their patterns catch what comes later (docs/TEMPLATES.md, "A full table").
 */
#include "miner.h"

#include "symbols.h"

#include <stdlib.h>

static const size_t max_bytes = 64u << 20; /* of signatures: a log may be made of long ones */

struct lgd_miner {
    uint64_t hash_key;
    size_t max_rows;
    sig_row *rows;
    size_t n_rows, capacity;
    lgd_index index;
    lgd_arena arena;
    lgd_buf joined, scratch; /* for joining forms */
    lgd_store *general;      /* patterns of earlier compactions, or NULL */
    uint64_t n_dropped, n_dropped_events;
};

typedef struct row_key {
    lgd_sv bytes;
    uint64_t hash;
} row_key;

static bool row_equal(const void *ctx, uint32_t item, const void *key) {
    const sig_row *row = &((const lgd_miner *)ctx)->rows[item];
    const row_key *k = key;
    return row->hash == k->hash && lgd_sv_eq(row->bytes, k->bytes);
}

lgd_status lgd_miner_new(uint64_t hash_key, size_t max_signatures, lgd_miner **ret_miner, lgd_err *err) {
    lgd_miner *m = lgd_calloc(1, sizeof *m);
    if (!m) return lgd_fail_memory(err, sizeof *m);
    m->hash_key = hash_key;
    m->max_rows = max_signatures ? max_signatures : LGD_MINER_MAX_SIGNATURES;
    *ret_miner = m;
    return LGD_OK;
}

void lgd_miner_free(lgd_miner *m) {
    if (!m) return;
    lgd_free(m->rows);
    lgd_index_release(&m->index);
    lgd_arena_release(&m->arena);
    lgd_buf_release(&m->joined);
    lgd_buf_release(&m->scratch);
    lgd_store_free(m->general);
    lgd_free(m);
}

size_t lgd_miner_n_signatures(const lgd_miner *m) { return m->n_rows; }
uint64_t lgd_miner_n_dropped(const lgd_miner *m) { return m->n_dropped; }
uint64_t lgd_miner_n_dropped_events(const lgd_miner *m) { return m->n_dropped_events; }

static lgd_status keep(lgd_arena *arena, lgd_sv s, lgd_sv *ret, lgd_err *err) {
    return lgd_arena_copy(arena, s, ret) ? LGD_OK : lgd_fail_memory(err, s.n);
}

/* The row of a signature, made if it is not there. */
static lgd_status find_or_add(lgd_miner *m, lgd_sv bytes, uint32_t *ret_row, lgd_err *err) {
    row_key key = {bytes, lgd_hash_sv(bytes, m->hash_key)};
    uint32_t row = lgd_index_find(&m->index, key.hash, row_equal, m, &key);
    if (row == LGD_INDEX_NONE) {
        LGD_TRY(lgd_grow((void **)&m->rows, &m->capacity, m->n_rows + 1, sizeof *m->rows, m->max_rows, err));
        sig_row fresh = {.hash = key.hash};
        LGD_TRY(keep(&m->arena, bytes, &fresh.bytes, err));
        row = (uint32_t)m->n_rows;
        LGD_TRY(lgd_index_add(&m->index, key.hash, row, err));
        m->rows[m->n_rows++] = fresh;
    }
    *ret_row = row;
    return LGD_OK;
}

static lgd_status keep_form(lgd_miner *m, sig_row *row, lgd_sv form, lgd_err *err) {
    if (row->mixed_forms || lgd_sv_eq(row->form, form)) return LGD_OK;
    lgd_buf_clear(&m->joined);
    lgd_buf_add_sv(&m->joined, row->form);
    row->mixed_forms = !form_join(&m->joined, form, &m->scratch);
    if (m->joined.failed || m->scratch.failed) return lgd_fail_memory(err, form.n);
    if (row->mixed_forms || lgd_sv_eq(lgd_buf_sv(&m->joined), row->form)) return LGD_OK;
    return keep(&m->arena, lgd_buf_sv(&m->joined), &row->form, err);
}

/* ---- a full table ---- */

static int by_count(const void *a, const void *b) {
    const sig_row *x = a, *y = b;
    if (x->count != y->count) return x->count > y->count ? -1 : 1;
    return lgd_sv_cmp(x->bytes, y->bytes);
}

/* Moves rows (old memory) into the emptied miner, the most frequent ones, at most `most`. */
static lgd_status refill(lgd_miner *m, const sig_row *rows, size_t n, size_t most, lgd_err *err) {
    for (size_t i = 0; i < n; i++) {
        if (i >= most || m->arena.used_bytes > max_bytes / 2) {
            m->n_dropped++;
            m->n_dropped_events += rows[i].count;
            continue;
        }
        uint32_t row = 0;
        LGD_TRY(find_or_add(m, rows[i].bytes, &row, err));
        m->rows[row].count += rows[i].count;
    }
    return LGD_OK;
}

/* Parts as rows, most frequent first. Their text lives in the clustering. */
static sig_row *rows_of_parts(const clustering *c) {
    sig_row *rows = lgd_calloc(c->n_parts, sizeof *rows);
    for (size_t i = 0; rows && i < c->n_parts; i++)
        rows[i] = (sig_row){.bytes = c->parts[i].pattern, .count = c->parts[i].count};
    if (rows) qsort(rows, c->n_parts, sizeof *rows, by_count);
    return rows;
}

static lgd_status compact(lgd_miner *m, lgd_err *err) {
    clustering c = {0};
    lgd_store *general = NULL;
    LGD_TRY(cluster_signatures(m->rows, m->n_rows, &c, err));
    lgd_status status = store_make(m->rows, m->n_rows, &c, m->hash_key, &general, err);
    sig_row *rows = status == LGD_OK ? rows_of_parts(&c) : NULL;
    if (status == LGD_OK && !rows) status = lgd_fail_memory(err, c.n_parts * sizeof *rows);
    if (status != LGD_OK) {
        lgd_store_free(general);
        goto out;
    }
    lgd_store_free(m->general);
    m->general = general;
    m->n_rows = 0;
    lgd_index_clear(&m->index);
    lgd_arena_clear(&m->arena);
    status = refill(m, rows, c.n_parts, m->max_rows * 3 / 4, err);
out:
    lgd_free(rows);
    clustering_release(&c);
    return status;
}

/* What a signature is counted as: itself, or the pattern of an earlier compaction that it fits. */
static lgd_sv counted_as(const lgd_miner *m, lgd_sv bytes) {
    row_key key = {bytes, lgd_hash_sv(bytes, m->hash_key)};
    if (!m->general || lgd_index_find(&m->index, key.hash, row_equal, m, &key) != LGD_INDEX_NONE) return bytes;
    uint32_t pattern = lgd_store_find(m->general, bytes);
    return pattern == LGD_NO_PATTERN ? bytes : lgd_store_pattern(m->general, pattern)->tokens;
}

lgd_status lgd_miner_add(lgd_miner *m, lgd_sv signature_bytes, lgd_sv raw_bytes, lgd_err *err) {
    if (m->n_rows == m->max_rows || m->arena.used_bytes > max_bytes) LGD_TRY(compact(m, err));
    lgd_sv bytes = counted_as(m, signature_bytes);
    bool has_list = raw_bytes.n != signature_bytes.n && bytes.p == signature_bytes.p;
    uint32_t row = 0;
    LGD_TRY(find_or_add(m, bytes, &row, err));
    m->rows[row].count++;
    return has_list ? keep_form(m, &m->rows[row], raw_bytes, err) : LGD_OK;
}

/* ---- the end of training ---- */

lgd_status lgd_miner_freeze(lgd_miner *m, lgd_store **ret_store, lgd_err *err) {
    clustering c = {0};
    LGD_TRY(cluster_signatures(m->rows, m->n_rows, &c, err));
    lgd_status status = store_make(m->rows, m->n_rows, &c, m->hash_key, ret_store, err);
    clustering_release(&c);
    return status;
}

lgd_status lgd_miner_extend(lgd_miner *m, const lgd_store *old, double weight, uint64_t salt, lgd_store **ret_store,
                            lgd_err *err) {
    extension_losses lost = {0};
    extension_options o = {m->rows, m->n_rows, m->max_rows, weight, salt};
    LGD_TRY(store_extend(old, &o, ret_store, &lost, err));
    m->n_dropped += lost.signatures;
    m->n_dropped_events += lost.events;
    return LGD_OK;
}
