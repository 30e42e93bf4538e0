/*
 * template/tokens: interned token texts with their classes, for clustering, where equal texts must compare fast. The
 * texts are views into the signatures.
 */
#include "miner.h"

#include "symbols.h"

static bool text_equal(const void *ctx, uint32_t item, const void *key) {
    return lgd_sv_eq(((const token_table *)ctx)->texts[item], *(const lgd_sv *)key);
}

lgd_status token_intern(token_table *t, lgd_sv text, uint32_t *ret_id, lgd_err *err) {
    uint64_t hash = lgd_hash_sv(text, 0x7461626c65u);
    uint32_t id = lgd_index_find(&t->index, hash, text_equal, t, &text);
    if (id == LGD_INDEX_NONE) {
        LGD_TRY(lgd_grow((void **)&t->texts, &t->capacity, t->n + 1, sizeof *t->texts, UINT32_MAX, err));
        LGD_TRY(lgd_grow((void **)&t->classes, &t->class_capacity, t->n + 1, 1, UINT32_MAX, err));
        id = (uint32_t)t->n;
        LGD_TRY(lgd_index_add(&t->index, hash, id, err));
        t->texts[t->n] = text;
        t->classes[t->n++] = (uint8_t)token_classify(text);
    }
    *ret_id = id;
    return LGD_OK;
}

lgd_status token_table_init(token_table *t, lgd_err *err) {
    static const char symbols[] = {SYM_ANY, SYM_EMPTY};
    *t = (token_table){0};
    for (uint32_t i = 0; i < sizeof symbols; i++) {
        uint32_t id = 0;
        LGD_TRY(token_intern(t, (lgd_sv){&symbols[i], 1}, &id, err));
    }
    return LGD_OK;
}

void token_table_release(token_table *t) {
    lgd_free(t->texts);
    lgd_free(t->classes);
    lgd_index_release(&t->index);
    *t = (token_table){0};
}

bool token_announces(lgd_sv text) {
    static const char *const words[] = {"user", "username", "account", "host", "hostname", "login"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (lgd_sv_eq_nocase(text, lgd_sv_of(words[i]))) return true;
    return false;
}
