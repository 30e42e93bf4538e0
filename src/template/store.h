/* Private to template: the frozen table, shared by store.c, match.c and slots.c. */
#ifndef LGD_TEMPLATE_STORE_H
#define LGD_TEMPLATE_STORE_H

#include "logdetect/template.h"

typedef struct stored_signature {
    lgd_sv bytes;
    uint32_t pattern;
} stored_signature;

/* Patterns by (token count, first word or wildcard), most frequent first within a bucket. */
typedef struct pattern_bucket {
    uint32_t n_tokens;
    lgd_sv first;        /* empty: starts with a variable */
    uint32_t begin, end; /* in `order` */
} pattern_bucket;

typedef struct pattern_index {
    uint32_t *order; /* pattern numbers, bucket by bucket */
    pattern_bucket *buckets;
    size_t n_buckets;
    lgd_index index;
} pattern_index;

struct lgd_store {
    uint64_t hash_key;
    lgd_template *templates;
    size_t n_templates;
    lgd_pattern *patterns;
    size_t n_patterns;
    stored_signature *signatures;
    size_t n_signatures;
    uint32_t n_slots;
    lgd_sv *names;   /* [n_slots], views into the patterns' tokens */
    lgd_index index; /* signature bytes -> stored_signature */
    pattern_index by_shape;
    lgd_arena arena;
};

/* store.c: making one. Tables of so many rows; a text of the store's own; then everything that is derived. */
lgd_status store_allocate(lgd_store *s, size_t n_templates, size_t n_patterns, size_t n_signatures, lgd_err *err);
lgd_status store_keep(lgd_store *s, lgd_sv text, lgd_sv *ret, lgd_err *err);
lgd_status store_finish(lgd_store *s, lgd_err *err);

/* As lgd_store_find; *ret_exact: the table has the signature itself. */
uint32_t store_find(const lgd_store *s, lgd_sv signature_bytes, bool *ret_exact);

lgd_status pattern_index_build(lgd_store *s, lgd_err *err);
void pattern_index_release(pattern_index *x);
/* The pattern that an unknown signature fits best, or LGD_NO_PATTERN. */
uint32_t match_pattern(const lgd_store *s, lgd_sv signature_bytes);

/* What the text calls the slots of encoded tokens: fills at most max, returns how many. */
size_t slot_names(lgd_sv tokens, lgd_sv *ret, size_t max);
/* Slots of encoded tokens, and how many tokens there are. */
size_t slot_count(lgd_sv tokens, uint32_t *ret_n_tokens);

#endif
