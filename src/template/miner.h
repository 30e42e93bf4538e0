/* Private to template: the table of signatures that training counts and clustering reads. */
#ifndef LGD_TEMPLATE_MINER_H
#define LGD_TEMPLATE_MINER_H

#include "logdetect/template.h"

typedef struct sig_row {
    lgd_sv bytes;
    uint64_t hash;
    uint64_t count;
    lgd_sv form;      /* of a signature with a list in it: its uncollapsed forms joined, for rendering; empty: none */
    bool mixed_forms; /* they differ in shape, so there is no joined one */
} sig_row;

/* What clustering makes: parts, each with its members and its token pattern, and the templates they belong to. */
typedef struct part_row {
    lgd_sv pattern; /* encoded, SYM_ANY where members differ */
    uint32_t n_tokens;
    uint64_t count;
    uint32_t template_id;
} part_row;

typedef struct clustering {
    part_row *parts;
    size_t n_parts;
    uint32_t *part_of; /* by signature number */
    lgd_template *templates;
    size_t n_templates;
    lgd_arena arena; /* owns all text above */
} clustering;

lgd_status cluster_signatures(const sig_row *rows, size_t n_rows, clustering *ret, lgd_err *err);
void clustering_release(clustering *c);

/* cluster_tree.c: greedy similarity clusters over sorted signatures (steps 1 and 2). */
typedef struct token_row {
    uint32_t id; /* interned text */
    bool space;
} token_row;

typedef struct sig_tokens {
    const token_row *tokens;
    uint32_t n;
    uint32_t row; /* signature number in the miner */
} sig_tokens;

typedef struct token_table {
    lgd_sv *texts;
    uint8_t *classes;
    size_t n, capacity, class_capacity;
    lgd_index index;
} token_table;

enum { TOKEN_ANY = 0, TOKEN_EMPTY = 1 }; /* interned first */

lgd_status token_table_init(token_table *t, lgd_err *err);
lgd_status token_intern(token_table *t, lgd_sv text, uint32_t *ret_id, lgd_err *err);
void token_table_release(token_table *t);

typedef struct sig_cluster {
    uint32_t *pattern; /* token ids, TOKEN_ANY where members differ */
    uint32_t n;
    uint32_t *members; /* positions in the sorted signatures */
    size_t n_members, capacity;
    uint64_t count;
    uint32_t next; /* next cluster of the same leaf, UINT32_MAX = none */
} sig_cluster;

typedef struct cluster_list {
    sig_cluster *items;
    size_t n, capacity;
} cluster_list;

/* sorted: signatures in canonical order; counts: by signature number. */
lgd_status cluster_tree(const sig_tokens *sorted, size_t n, const sig_row *rows, const token_table *tokens,
                        cluster_list *ret, lgd_err *err);
void cluster_list_release(cluster_list *c);

/* split.c: the places at which a cluster is divided. */
enum { SPLIT_MAX_PLACES = 64 };
typedef struct split_place {
    uint32_t position;
    bool states_only; /* words for a state divide there; all else is one value */
} split_place;
/* Returns how many; sorted as in cluster_tree. */
size_t split_places(const token_table *t, const sig_tokens *sorted, const sig_cluster *c, split_place *ret);
/* What a token counts as at a place: itself, or TOKEN_ANY. */
uint32_t split_value(const token_table *t, const split_place *place, uint32_t id);

/* render.c */
/* Appends the template text of a token sequence whose differing positions are SYM_ANY. */
void render_tokens(lgd_sv encoded, lgd_buf *out);

/* forms.c */
/* Joins a form to the pattern of those before (empty: the first): a wildcard where they differ, spaced where either is.
 * Free of order. False when the shapes differ: another number of tokens, or commas elsewhere. */
bool form_join(lgd_buf *pattern, lgd_sv form, lgd_buf *scratch);

/* merge.c: subsumption merge over rendered texts (step 5): into[i] = the text that i joins, itself if none. */
lgd_status merge_texts(const lgd_sv *texts, const uint64_t *counts, size_t n, uint32_t *into, lgd_err *err);

/* extend.c: the frozen table of an older one and of rows, which find no more room than is left. */
typedef struct extension_options {
    const sig_row *rows;
    size_t n_rows, most_signatures;
    double weight; /* of the older counts */
    uint64_t salt;
} extension_options;
typedef struct extension_losses {
    uint64_t signatures, events;
} extension_losses;
lgd_status store_extend(const lgd_store *old, const extension_options *o, lgd_store **ret, extension_losses *ret_losses,
                        lgd_err *err);

/* store.c: the frozen table of a clustering. */
lgd_status store_make(const sig_row *rows, size_t n_rows, const clustering *c, uint64_t hash_key, lgd_store **ret,
                      lgd_err *err);

#endif
