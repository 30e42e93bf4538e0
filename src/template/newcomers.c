/*
 * template/newcomers: events that a frozen store does not know get ids behind its own, in order of appearance. Bounded:
 * when there are LGD_MAX_NEWCOMERS - 1, or 64 MiB of them, all others share the id behind the last one, so that a log in
 * which every line is new costs a fixed amount.
 */
#include "logdetect/template.h"

static const size_t max_bytes = 64u << 20; /* of texts */

struct lgd_newcomers {
    const lgd_store *store;
    uint64_t hash_key;
    lgd_sv *bytes;
    lgd_sv *texts;
    size_t n, capacity, text_capacity;
    bool is_full; /* one found no place; none is added any more */
    lgd_index index;
    lgd_arena arena;
};

lgd_status lgd_newcomers_new(const lgd_store *store, uint64_t hash_key, lgd_newcomers **ret, lgd_err *err) {
    lgd_newcomers *n = lgd_calloc(1, sizeof *n);
    if (!n) return lgd_fail_memory(err, sizeof *n);
    n->store = store;
    n->hash_key = hash_key;
    *ret = n;
    return LGD_OK;
}

void lgd_newcomers_free(lgd_newcomers *n) {
    if (!n) return;
    lgd_free(n->bytes);
    lgd_free(n->texts);
    lgd_index_release(&n->index);
    lgd_arena_release(&n->arena);
    lgd_free(n);
}

static bool bytes_equal(const void *ctx, uint32_t item, const void *key) {
    return lgd_sv_eq(((const lgd_newcomers *)ctx)->bytes[item], *(const lgd_sv *)key);
}

static lgd_status add(lgd_newcomers *n, lgd_sv bytes, uint64_t hash, lgd_err *err) {
    LGD_TRY(lgd_grow((void **)&n->bytes, &n->capacity, n->n + 1, sizeof *n->bytes, LGD_MAX_NEWCOMERS, err));
    LGD_TRY(lgd_grow((void **)&n->texts, &n->text_capacity, n->n + 1, sizeof *n->texts, LGD_MAX_NEWCOMERS, err));
    lgd_buf text = {0};
    lgd_signature_render(bytes, &text);
    bool ok = !text.failed && lgd_arena_copy(&n->arena, bytes, &n->bytes[n->n]) &&
              lgd_arena_copy(&n->arena, lgd_buf_sv(&text), &n->texts[n->n]);
    lgd_buf_release(&text);
    if (!ok) return lgd_fail_memory(err, bytes.n);
    LGD_TRY(lgd_index_add(&n->index, hash, (uint32_t)n->n, err));
    n->n++;
    return LGD_OK;
}

lgd_status lgd_newcomers_id(lgd_newcomers *n, lgd_sv signature_bytes, lgd_template_id *ret_id, bool *ret_first,
                            lgd_err *err) {
    uint64_t hash = lgd_hash_sv(signature_bytes, n->hash_key);
    uint32_t item = lgd_index_find(&n->index, hash, bytes_equal, n, &signature_bytes);
    bool first = false;
    if (item == LGD_INDEX_NONE) {
        n->is_full |= n->n == LGD_MAX_NEWCOMERS - 1 || n->arena.used_bytes >= max_bytes;
        first = !n->is_full;
        item = (uint32_t)n->n;
        if (first) LGD_TRY(add(n, signature_bytes, hash, err));
    }
    *ret_id = (lgd_template_id)(lgd_store_n_templates(n->store) + item);
    *ret_first = first;
    return LGD_OK;
}

size_t lgd_newcomers_count(const lgd_newcomers *n) { return n->n; }

bool lgd_newcomers_is_full(const lgd_newcomers *n) { return n->is_full; }

bool lgd_newcomers_is_rest(const lgd_newcomers *n, lgd_template_id id) {
    return n->is_full && id == lgd_store_n_templates(n->store) + n->n;
}

lgd_sv lgd_newcomers_text(const lgd_newcomers *n, lgd_template_id id) {
    size_t known = lgd_store_n_templates(n->store);
    if (id < known) return lgd_store_template(n->store, id)->text;
    return id - known < n->n ? n->texts[id - known] : LGD_SV("<*>"); /* the rest: anything */
}
