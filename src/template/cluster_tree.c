/*
 * template/cluster_tree: steps 1 and 2 of clustering - Drain's leaf (token count, first word) and its similarity, over
 * signatures in canonical order.
 *
 * Similarity of a cluster's pattern and a signature of the same length, position by position: equal words count for
 * both sums, equal variables for neither (so the threshold adapts to the share of variables), differing words only for
 * the total; punctuation must be equal. Cost: signatures x clusters of the leaf, at most MAX_LEAF.
 */
#include "miner.h"

#include "symbols.h"

#include <stdlib.h>

static const double min_similarity = 0.6;
enum {
    MAX_LEAF = 256, /* clusters compared in a leaf, so that a hostile log costs linear time */
    MANY_WORDS = 8  /* at the second place of messages of two words: a value */
};

typedef struct leaf {
    uint32_t n_tokens, first; /* first: token id, TOKEN_ANY for a variable */
    uint32_t head, tail;      /* clusters, in order of making */
    uint32_t n_clusters;
} leaf;

typedef struct tree {
    const token_table *tokens;
    cluster_list *clusters;
    leaf *leaves;
    size_t n_leaves, capacity;
    lgd_index index;
} tree;

static bool leaf_equal(const void *ctx, uint32_t item, const void *key) {
    const leaf *a = &((const tree *)ctx)->leaves[item], *b = key;
    return a->n_tokens == b->n_tokens && a->first == b->first;
}

static uint32_t first_word(const token_table *t, const sig_tokens *s) {
    for (uint32_t i = 0; i < s->n; i++) {
        uint32_t id = s->tokens[i].id;
        if (t->classes[id] == CLASS_PUNCT) continue;
        return t->classes[id] > CLASS_WORD ? TOKEN_ANY : id;
    }
    return TOKEN_EMPTY;
}

static lgd_status find_leaf(tree *t, const sig_tokens *s, uint32_t *ret, lgd_err *err) {
    leaf key = {s->n, first_word(t->tokens, s), UINT32_MAX, UINT32_MAX, 0};
    uint64_t hash = lgd_hash_u64((uint64_t)key.n_tokens << 32 | key.first, 0x6c656166u);
    uint32_t found = lgd_index_find(&t->index, hash, leaf_equal, t, &key);
    if (found == LGD_INDEX_NONE) {
        LGD_TRY(lgd_grow((void **)&t->leaves, &t->capacity, t->n_leaves + 1, sizeof *t->leaves, UINT32_MAX, err));
        found = (uint32_t)t->n_leaves;
        LGD_TRY(lgd_index_add(&t->index, hash, found, err));
        t->leaves[t->n_leaves++] = key;
    }
    *ret = found;
    return LGD_OK;
}

typedef struct likeness {
    double sim;
    uint32_t ties; /* equal variables: decides between equal similarities */
} likeness;

/* sim < 0: cannot be one event. */
static likeness compare(const token_table *t, const uint32_t *pattern, const sig_tokens *s) {
    double equal = 0, total = 0;
    uint32_t ties = 0;
    for (uint32_t i = 0; i < s->n; i++) {
        uint32_t a = pattern[i], b = s->tokens[i].id;
        token_class ca = t->classes[a], cb = t->classes[b];
        if (a == TOKEN_ANY) {
            if (cb == CLASS_PUNCT) return (likeness){-1, 0};
            total += 1;
        } else if (a == b) {
            if (ca == CLASS_VAR || ca == CLASS_ANY)
                ties++;
            else if (ca > CLASS_EMPTY)
                equal += 1, total += 1;
        } else if (ca == CLASS_PUNCT || cb == CLASS_PUNCT) {
            return (likeness){-1, 0};
        } else if (!token_is_boolean(t->texts[a]) || !token_is_boolean(t->texts[b])) {
            total += ca > CLASS_WORD && cb > CLASS_WORD ? 0.5 : 1;
        }
    }
    return (likeness){total > 0 ? equal / total : 1, ties};
}

static uint32_t best_cluster(const tree *t, const leaf *l, const sig_tokens *s) {
    likeness best = {min_similarity, 0};
    uint32_t found = UINT32_MAX, seen = 0;
    for (uint32_t c = l->head; c != UINT32_MAX && seen < MAX_LEAF; c = t->clusters->items[c].next, seen++) {
        likeness x = compare(t->tokens, t->clusters->items[c].pattern, s);
        bool better = x.sim > best.sim || (x.sim == best.sim && (found == UINT32_MAX || x.ties > best.ties));
        if (x.sim < min_similarity || !better) continue;
        best = x;
        found = c;
    }
    return found;
}

static lgd_status add_member(sig_cluster *c, uint32_t position, lgd_err *err) {
    LGD_TRY(lgd_grow((void **)&c->members, &c->capacity, c->n_members + 1, sizeof *c->members, UINT32_MAX, err));
    c->members[c->n_members++] = position;
    return LGD_OK;
}

static lgd_status new_cluster(tree *t, leaf *l, const sig_tokens *s, uint32_t *ret, lgd_err *err) {
    cluster_list *list = t->clusters;
    LGD_TRY(lgd_grow((void **)&list->items, &list->capacity, list->n + 1, sizeof *list->items, UINT32_MAX, err));
    sig_cluster fresh = {.pattern = lgd_alloc(s->n * sizeof(uint32_t)), .n = s->n, .next = UINT32_MAX};
    if (!fresh.pattern) return lgd_fail_memory(err, s->n * sizeof(uint32_t));
    for (uint32_t i = 0; i < s->n; i++) fresh.pattern[i] = s->tokens[i].id;
    *ret = (uint32_t)list->n;
    list->items[list->n++] = fresh;
    if (l->head == UINT32_MAX)
        l->head = *ret;
    else
        list->items[l->tail].next = *ret;
    l->tail = *ret;
    l->n_clusters++;
    return LGD_OK;
}

static lgd_status place(tree *t, const sig_tokens *s, uint32_t position, uint64_t count, lgd_err *err) {
    uint32_t number = 0;
    LGD_TRY(find_leaf(t, s, &number, err));
    leaf *l = &t->leaves[number];
    uint32_t found = best_cluster(t, l, s);
    if (found == UINT32_MAX) {
        LGD_TRY(new_cluster(t, l, s, &found, err));
    } else {
        uint32_t *pattern = t->clusters->items[found].pattern;
        for (uint32_t i = 0; i < s->n; i++)
            if (pattern[i] != s->tokens[i].id) pattern[i] = TOKEN_ANY;
    }
    t->clusters->items[found].count += count;
    return add_member(&t->clusters->items[found], position, err);
}

/* ---- messages of two words ---- */

/* One of two words is less than the similarity asks for, so "removing X" would be an event for each X. The place of the
 * second word of a pattern that has exactly two, both plain; 0 if it has not. */
static uint32_t second_word(const token_table *t, const sig_cluster *c) {
    uint32_t found = 0, n = 0;
    for (uint32_t i = 0; i < c->n; i++) {
        token_class class = t->classes[c->pattern[i]];
        if (class == CLASS_PUNCT || class == CLASS_VAR || class == CLASS_EMPTY) continue;
        if (class != CLASS_WORD || n == 2) return 0;
        found = i;
        n++;
    }
    return n == 2 ? found : 0;
}

static bool differ_only_at(const token_table *t, const sig_cluster *a, const sig_cluster *b, uint32_t place) {
    for (uint32_t i = 0; i < a->n; i++)
        if (i != place && a->pattern[i] != b->pattern[i]) return false;
    return a->pattern[place] != b->pattern[place] && t->classes[b->pattern[place]] == CLASS_WORD;
}

static lgd_status join_cluster(sig_cluster *a, sig_cluster *b, uint32_t place, lgd_err *err) {
    for (size_t m = 0; m < b->n_members; m++) LGD_TRY(add_member(a, b->members[m], err));
    a->pattern[place] = TOKEN_ANY;
    a->count += b->count;
    b->n_members = 0;
    return LGD_OK;
}

/* Joins to cluster number `first` of a leaf what differs from it in the second of two words, if that is much. */
static lgd_status join_words(tree *t, uint32_t first, lgd_err *err) {
    sig_cluster *items = t->clusters->items, *a = &items[first];
    uint32_t n = 1, place = second_word(t->tokens, a);
    if (place == 0) return LGD_OK;
    for (uint32_t c = a->next; c != UINT32_MAX && n < MANY_WORDS; c = items[c].next)
        n += items[c].n_members && differ_only_at(t->tokens, a, &items[c], place);
    if (n < MANY_WORDS) return LGD_OK;
    for (uint32_t c = a->next; c != UINT32_MAX; c = items[c].next)
        if (items[c].n_members && differ_only_at(t->tokens, a, &items[c], place))
            LGD_TRY(join_cluster(a, &items[c], place, err));
    return LGD_OK;
}

static lgd_status join_short(tree *t, lgd_err *err) {
    for (size_t i = 0; i < t->n_leaves; i++) {
        if (t->leaves[i].n_clusters < MANY_WORDS) continue;
        uint32_t seen = 0, c = t->leaves[i].head;
        for (; c != UINT32_MAX && seen < MAX_LEAF; c = t->clusters->items[c].next) {
            if (t->clusters->items[c].n_members == 0) continue;
            LGD_TRY(join_words(t, c, err));
            seen++;
        }
    }
    return LGD_OK;
}

/* Clusters that were joined to others leave the list. */
static void drop_empty(cluster_list *list) {
    size_t kept = 0;
    for (size_t i = 0; i < list->n; i++) {
        sig_cluster c = list->items[i];
        if (c.n_members) {
            list->items[kept++] = c;
            continue;
        }
        lgd_free(c.pattern);
        lgd_free(c.members);
    }
    list->n = kept;
}

lgd_status cluster_tree(const sig_tokens *sorted, size_t n, const sig_row *rows, const token_table *tokens,
                        cluster_list *ret, lgd_err *err) {
    tree t = {.tokens = tokens, .clusters = ret};
    lgd_status status = LGD_OK;
    for (size_t i = 0; i < n && status == LGD_OK; i++)
        status = place(&t, &sorted[i], (uint32_t)i, rows[sorted[i].row].count, err);
    if (status == LGD_OK) status = join_short(&t, err);
    drop_empty(ret);
    lgd_free(t.leaves);
    lgd_index_release(&t.index);
    return status;
}

void cluster_list_release(cluster_list *c) {
    for (size_t i = 0; i < c->n; i++) {
        lgd_free(c->items[i].pattern);
        lgd_free(c->items[i].members);
    }
    lgd_free(c->items);
    *c = (cluster_list){0};
}
