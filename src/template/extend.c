/*
 * template/extend: a frozen table and the signatures of a later log -> a frozen table that knows both.
 *
 *     known     a signature that the older table has: counted there
 *     fitting   one that fits an older pattern: from now on it is of that pattern by name, so that no later pattern
 *               that fits it better takes it away
 *     fresh     all others: clustered among themselves, as in a training; their templates and patterns stand behind the
 *               older ones; a text that is there already is that template
 *
 * Numbers of templates, patterns and slots of the older table stay. What two trainings would have made one template, since
 * the second log shows that a word of the first is a variable, stays two: ids are promised to lists of allowed ones.
 * Bounded by most_signatures. Cost: that of clustering the fresh ones, and linear in the table.
 */
#include "store.h"

#include "miner.h"

#include <stdlib.h>

typedef struct extension {
    const lgd_store *old;
    const extension_options *o;
    const sig_row **order; /* new rows, most frequent first */
    uint32_t *pattern;     /* by place in the order: its older pattern; LGD_NO_PATTERN */
    uint32_t *number;      /* by place: its place among the fresh ones */
    bool *is_known;
    size_t n, n_known; /* rows that find room */
    sig_row *fresh;
    size_t n_fresh;
    clustering made;
    lgd_template_id *ids; /* of the templates made */
    size_t n_new_ids;
    lgd_index texts; /* of older templates */
    lgd_store *out;
} extension;

/* ---- what is new ---- */

static int most_first(const void *a, const void *b) {
    const sig_row *x = *(const sig_row *const *)a, *y = *(const sig_row *const *)b;
    if (x->count != y->count) return x->count > y->count ? -1 : 1;
    return lgd_sv_cmp(x->bytes, y->bytes);
}

/* What is known needs no room; of the others the rarest stay out. */
static void sort_out(extension *x, extension_losses *lost) {
    size_t room = x->o->most_signatures, n_rows = x->n;
    room = room > x->old->n_signatures ? room - x->old->n_signatures : 0;
    x->n = 0;
    for (size_t i = 0; i < n_rows; i++) {
        const sig_row *row = x->order[i];
        bool known = false;
        uint32_t pattern = store_find(x->old, row->bytes, &known);
        if (!known && x->n - x->n_known == room) {
            lost->signatures++;
            lost->events += row->count;
            continue;
        }
        x->n_known += known;
        x->is_known[x->n] = known;
        x->pattern[x->n] = pattern;
        x->number[x->n] = (uint32_t)x->n_fresh;
        if (pattern == LGD_NO_PATTERN) x->fresh[x->n_fresh++] = *row;
        x->order[x->n++] = row;
    }
}

static lgd_status take_rows(extension *x, extension_losses *lost, lgd_err *err) {
    size_t n = x->n = x->o->n_rows;
    x->order = lgd_alloc(n * sizeof *x->order);
    x->pattern = lgd_alloc(n * sizeof *x->pattern);
    x->number = lgd_alloc(n * sizeof *x->number);
    x->is_known = lgd_alloc(n * sizeof *x->is_known);
    x->fresh = lgd_alloc(n * sizeof *x->fresh);
    if (!x->order || !x->pattern || !x->number || !x->is_known || !x->fresh)
        return lgd_fail_memory(err, n * (sizeof *x->order + sizeof *x->fresh + 9));
    for (size_t i = 0; i < n; i++) x->order[i] = &x->o->rows[i];
    if (n) qsort(x->order, n, sizeof *x->order, most_first);
    sort_out(x, lost);
    return cluster_signatures(x->fresh, x->n_fresh, &x->made, err);
}

/* ---- ids ---- */

static bool text_equal(const void *ctx, uint32_t item, const void *key) {
    return lgd_sv_eq(((const lgd_store *)ctx)->templates[item].text, *(const lgd_sv *)key);
}

static uint32_t find_text(const extension *x, lgd_sv text) {
    return lgd_index_find(&x->texts, lgd_hash_sv(text, x->old->hash_key), text_equal, x->old, &text);
}

/* Several older templates may have one text; the first is meant. */
static lgd_status give_ids(extension *x, lgd_err *err) {
    x->ids = lgd_alloc(x->made.n_templates * sizeof *x->ids);
    if (!x->ids) return lgd_fail_memory(err, x->made.n_templates * sizeof *x->ids);
    for (uint32_t i = 0; i < x->old->n_templates; i++) {
        lgd_sv text = x->old->templates[i].text;
        if (find_text(x, text) != LGD_INDEX_NONE) continue;
        LGD_TRY(lgd_index_add(&x->texts, lgd_hash_sv(text, x->old->hash_key), i, err));
    }
    for (size_t i = 0; i < x->made.n_templates; i++) {
        uint32_t same = find_text(x, x->made.templates[i].text);
        x->ids[i] = same == LGD_INDEX_NONE ? (uint32_t)(x->old->n_templates + x->n_new_ids++) : same;
    }
    return LGD_OK;
}

/* ---- the table of both ---- */

static lgd_status copy_templates(const extension *x, lgd_err *err) {
    lgd_store *s = x->out;
    for (size_t i = 0; i < x->old->n_templates; i++)
        LGD_TRY(store_keep(s, x->old->templates[i].text, &s->templates[i].text, err));
    for (size_t i = 0; i < x->made.n_templates; i++)
        if (x->ids[i] >= x->old->n_templates)
            LGD_TRY(store_keep(s, x->made.templates[i].text, &s->templates[x->ids[i]].text, err));
    return LGD_OK;
}

static lgd_status copy_patterns(const extension *x, lgd_err *err) {
    lgd_store *s = x->out;
    size_t n_old = x->old->n_patterns;
    lgd_fading f = lgd_fading_begin(x->o->weight, n_old, x->o->salt);
    for (size_t i = 0; i < n_old; i++) {
        const lgd_pattern *p = &x->old->patterns[i];
        s->patterns[i].template_id = p->template_id;
        s->patterns[i].count = lgd_fading_next(&f, p->count);
        LGD_TRY(store_keep(s, p->tokens, &s->patterns[i].tokens, err));
    }
    for (size_t i = 0; i < x->made.n_parts; i++) {
        const part_row *p = &x->made.parts[i];
        s->patterns[n_old + i].template_id = x->ids[p->template_id];
        s->patterns[n_old + i].count = p->count;
        LGD_TRY(store_keep(s, p->pattern, &s->patterns[n_old + i].tokens, err));
    }
    return LGD_OK;
}

static lgd_status copy_signatures(const extension *x, lgd_err *err) {
    lgd_store *s = x->out;
    size_t n = x->old->n_signatures;
    for (size_t i = 0; i < n; i++) {
        s->signatures[i].pattern = x->old->signatures[i].pattern;
        LGD_TRY(store_keep(s, x->old->signatures[i].bytes, &s->signatures[i].bytes, err));
    }
    for (size_t i = 0; i < x->n; i++) {
        uint32_t pattern = x->pattern[i];
        if (pattern != LGD_NO_PATTERN)
            s->patterns[pattern].count += x->order[i]->count;
        else
            pattern = (uint32_t)x->old->n_patterns + x->made.part_of[x->number[i]];
        if (x->is_known[i]) continue;
        s->signatures[n].pattern = pattern;
        LGD_TRY(store_keep(s, x->order[i]->bytes, &s->signatures[n++].bytes, err));
    }
    return LGD_OK;
}

static lgd_status fill(const extension *x, lgd_err *err) {
    lgd_store *s = x->out;
    size_t n_signatures = x->old->n_signatures + x->n - x->n_known;
    LGD_TRY(
        store_allocate(s, x->old->n_templates + x->n_new_ids, x->old->n_patterns + x->made.n_parts, n_signatures, err));
    LGD_TRY(copy_templates(x, err));
    LGD_TRY(copy_patterns(x, err));
    LGD_TRY(copy_signatures(x, err));
    for (size_t i = 0; i < s->n_patterns; i++) s->templates[s->patterns[i].template_id].count += s->patterns[i].count;
    return store_finish(s, err);
}

lgd_status store_extend(const lgd_store *old, const extension_options *o, lgd_store **ret, extension_losses *ret_losses,
                        lgd_err *err) {
    extension x = {.old = old, .o = o};
    lgd_status status = take_rows(&x, ret_losses, err);
    if (status == LGD_OK) status = give_ids(&x, err);
    if (status == LGD_OK && !(x.out = lgd_calloc(1, sizeof *x.out))) status = lgd_fail_memory(err, sizeof *x.out);
    if (status == LGD_OK) {
        x.out->hash_key = old->hash_key;
        status = fill(&x, err);
    }
    lgd_free(x.order);
    lgd_free(x.pattern);
    lgd_free(x.number);
    lgd_free(x.is_known);
    lgd_free(x.fresh);
    lgd_free(x.ids);
    lgd_index_release(&x.texts);
    clustering_release(&x.made);
    if (status == LGD_OK)
        *ret = x.out;
    else
        lgd_store_free(x.out);
    return status;
}
