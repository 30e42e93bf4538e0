/*
 * template/match: unknown signatures against patterns.
 *
 * A candidate has the same number of tokens and the same first word, or a variable there. Equal tokens count 2, a
 * variable under a variable 1, a word under a wildcard nothing; anything else is another event. A new word at a place
 * that has only ever held a few words therefore matches nothing: "Started" and "Paused" are known, "Crashed" is new.
 */
#include "store.h"
#include "symbols.h"

#include <stdlib.h>

enum { MAX_CANDIDATES = 512 };

/* First token that is no punctuation, if it is a word; empty for a variable. */
static lgd_sv first_word(lgd_sv tokens) {
    lgd_sv text;
    bool space;
    while (token_next(&tokens, &text, &space)) {
        token_class class = token_classify(text);
        if (class == CLASS_PUNCT) continue;
        return class > CLASS_WORD ? (lgd_sv){"", 0} : text;
    }
    return (lgd_sv){"", 0};
}

/* ---- index ---- */

typedef struct bucket_key {
    uint32_t n_tokens;
    lgd_sv first;
} bucket_key;

static uint64_t bucket_hash(const lgd_store *s, bucket_key key) {
    return lgd_hash_u64(lgd_hash_sv(key.first, s->hash_key) + key.n_tokens, s->hash_key);
}

static bool bucket_equal(const void *ctx, uint32_t item, const void *key) {
    const pattern_bucket *b = &((const lgd_store *)ctx)->by_shape.buckets[item];
    const bucket_key *k = key;
    return b->n_tokens == k->n_tokens && lgd_sv_eq(b->first, k->first);
}

typedef struct order_row {
    uint32_t n_tokens, number;
    lgd_sv first;
    uint64_t count;
} order_row;

static int by_bucket(const void *a, const void *b) {
    const order_row *x = a, *y = b;
    if (x->n_tokens != y->n_tokens) return x->n_tokens < y->n_tokens ? -1 : 1;
    int order = lgd_sv_cmp(x->first, y->first);
    if (order) return order;
    if (x->count != y->count) return x->count > y->count ? -1 : 1;
    return (x->number > y->number) - (x->number < y->number);
}

static lgd_status add_buckets(lgd_store *s, const order_row *rows, lgd_err *err) {
    pattern_index *x = &s->by_shape;
    for (uint32_t i = 0; i < s->n_patterns; i++) {
        const order_row *row = &rows[i];
        x->order[i] = row->number;
        pattern_bucket *last = x->n_buckets ? &x->buckets[x->n_buckets - 1] : NULL;
        if (last && last->n_tokens == row->n_tokens && lgd_sv_eq(last->first, row->first)) {
            last->end = i + 1;
            continue;
        }
        x->buckets[x->n_buckets] = (pattern_bucket){row->n_tokens, row->first, i, i + 1};
        uint64_t hash = bucket_hash(s, (bucket_key){row->n_tokens, row->first});
        LGD_TRY(lgd_index_add(&x->index, hash, (uint32_t)x->n_buckets++, err));
    }
    return LGD_OK;
}

lgd_status pattern_index_build(lgd_store *s, lgd_err *err) {
    size_t n = s->n_patterns;
    order_row *rows = lgd_alloc(n * sizeof *rows);
    s->by_shape.order = lgd_alloc(n * sizeof *s->by_shape.order);
    s->by_shape.buckets = lgd_alloc(n * sizeof *s->by_shape.buckets);
    lgd_status status = LGD_OK;
    if (!rows || !s->by_shape.order || !s->by_shape.buckets) {
        status = lgd_fail_memory(err, n * sizeof *rows);
    } else {
        for (uint32_t i = 0; i < n; i++) {
            const lgd_pattern *p = &s->patterns[i];
            rows[i] = (order_row){p->n_tokens, i, first_word(p->tokens), p->count};
        }
        qsort(rows, n, sizeof *rows, by_bucket);
        status = add_buckets(s, rows, err);
    }
    lgd_free(rows);
    return status;
}

void pattern_index_release(pattern_index *x) {
    lgd_free(x->order);
    lgd_free(x->buckets);
    lgd_index_release(&x->index);
}

/* ---- matching ---- */

typedef struct decoded {
    lgd_sv text[LGD_MAX_TOKENS + 2];
    uint8_t class[LGD_MAX_TOKENS + 2];
    size_t n;
} decoded;

static void decode(lgd_sv rest, decoded *ret) {
    bool space;
    ret->n = 0;
    while (ret->n < LGD_MAX_TOKENS + 2 && token_next(&rest, &ret->text[ret->n], &space)) {
        ret->class[ret->n] = (uint8_t)token_classify(ret->text[ret->n]);
        ret->n++;
    }
}

/* How well the tokens fit the pattern; -1: not at all. */
static int fit(lgd_sv pattern, const decoded *d) {
    lgd_sv text;
    bool space;
    int score = 0;
    for (size_t i = 0; i < d->n && token_next(&pattern, &text, &space); i++) {
        bool punct = d->class[i] == CLASS_PUNCT;
        if (lgd_sv_eq(text, d->text[i]))
            score += 2;
        else if (token_is(text, SYM_VAR) && (d->class[i] >= CLASS_NAME || token_is_boolean(d->text[i])))
            score += 1;
        else if (!token_is(text, SYM_ANY) || punct)
            return -1;
    }
    return score;
}

static void best_in_bucket(const lgd_store *s, bucket_key key, const decoded *d, int *best, uint32_t *found) {
    uint32_t number = lgd_index_find(&s->by_shape.index, bucket_hash(s, key), bucket_equal, s, &key);
    if (number == LGD_INDEX_NONE) return;
    const pattern_bucket *b = &s->by_shape.buckets[number];
    for (uint32_t i = b->begin; i < b->end && i - b->begin < MAX_CANDIDATES; i++) {
        uint32_t p = s->by_shape.order[i];
        int score = fit(s->patterns[p].tokens, d);
        bool tie = score == *best && *found != LGD_NO_PATTERN && s->patterns[p].count > s->patterns[*found].count;
        if (score < 0 || (score <= *best && !tie)) continue;
        *best = score;
        *found = p;
    }
}

uint32_t match_pattern(const lgd_store *s, lgd_sv signature_bytes) {
    decoded d;
    int best = -1;
    uint32_t found = LGD_NO_PATTERN;
    lgd_sv first = first_word(signature_bytes);
    decode(signature_bytes, &d);
    best_in_bucket(s, (bucket_key){(uint32_t)d.n, first}, &d, &best, &found);
    if (first.n) best_in_bucket(s, (bucket_key){(uint32_t)d.n, {"", 0}}, &d, &best, &found);
    return found;
}
