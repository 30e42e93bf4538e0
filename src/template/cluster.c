/*
 * template/cluster: signatures -> templates, at the end of training and when the table is full.
 *
 *     sort by (count, text) -> similarity clusters -> low-cardinality split -> parts -> texts -> subsumption merge
 *
 * The canonical order makes the result independent of the order of lines. Where the clusters are divided is in split.c.
 */
#include "miner.h"

#include "symbols.h"

#include <stdlib.h>

enum {
    MANY_PARTS = 5,     /* more of several places have to be seen */
    MIN_PART_LINES = 3, /* so often each, on average */
    MAX_PARTS = 128     /* of a cluster, so that several places of few words do not multiply */
};

typedef struct work {
    const sig_row *rows;
    size_t n_rows;
    sig_tokens *sorted;
    token_row *token_rows;
    token_table tokens;
    cluster_list clusters;
    clustering *out;
    size_t parts_capacity;
    lgd_sv *texts; /* by part */
    lgd_buf scratch;
} work;

/* ---- canonical order ---- */

typedef struct order_key {
    const sig_row *row;
    uint32_t number;
} order_key;

static int canonical(const void *a, const void *b) {
    const sig_row *x = ((const order_key *)a)->row, *y = ((const order_key *)b)->row;
    if (x->count != y->count) return x->count > y->count ? -1 : 1;
    return lgd_sv_cmp(x->bytes, y->bytes);
}

static size_t count_tokens(lgd_sv rest) {
    lgd_sv text;
    bool space;
    size_t n = 0;
    while (token_next(&rest, &text, &space)) n++;
    return n;
}

static lgd_status decode(work *w, const order_key *order, lgd_err *err) {
    size_t total = 0, at = 0;
    for (size_t i = 0; i < w->n_rows; i++) total += count_tokens(w->rows[i].bytes);
    w->token_rows = lgd_alloc(total * sizeof *w->token_rows);
    if (!w->token_rows) return lgd_fail_memory(err, total * sizeof *w->token_rows);
    for (size_t i = 0; i < w->n_rows; i++) {
        lgd_sv rest = order[i].row->bytes, text;
        bool space;
        w->sorted[i] = (sig_tokens){w->token_rows + at, 0, order[i].number};
        for (; token_next(&rest, &text, &space); at++, w->sorted[i].n++) {
            w->token_rows[at].space = space;
            LGD_TRY(token_intern(&w->tokens, text, &w->token_rows[at].id, err));
        }
    }
    return LGD_OK;
}

static lgd_status sort_rows(work *w, lgd_err *err) {
    order_key *order = lgd_alloc(w->n_rows * sizeof *order);
    w->sorted = lgd_calloc(w->n_rows, sizeof *w->sorted);
    lgd_status status = LGD_OK;
    if (!order || !w->sorted) {
        status = lgd_fail_memory(err, w->n_rows * sizeof *order);
    } else {
        for (uint32_t i = 0; i < w->n_rows; i++) order[i] = (order_key){&w->rows[i], i};
        qsort(order, w->n_rows, sizeof *order, canonical);
        status = decode(w, order, err);
    }
    lgd_free(order);
    return status;
}

/* ---- parts ---- */

static const token_row *token_at(const work *w, const sig_cluster *c, size_t member, uint32_t position) {
    return &w->sorted[c->members[member]].tokens[position];
}

static bool same_values(const work *w, const sig_cluster *c, size_t a, size_t b, const split_place *at, size_t n) {
    for (size_t k = 0; k < n; k++) {
        uint32_t x = token_at(w, c, a, at[k].position)->id, y = token_at(w, c, b, at[k].position)->id;
        if (split_value(&w->tokens, &at[k], x) != split_value(&w->tokens, &at[k], y)) return false;
    }
    return true;
}

/* The pattern of the members marked `part`: a token where all agree, a wildcard where not; spaced if any is. True where
 * nothing was ever false says nothing: a variable. */
static void encode_pattern(work *w, const sig_cluster *c, const uint32_t *part_of, uint32_t part) {
    lgd_buf_clear(&w->scratch);
    for (uint32_t i = 0; i < c->n; i++) {
        uint32_t id = UINT32_MAX;
        bool space = false;
        for (size_t m = 0; m < c->n_members; m++) {
            if (part_of[m] != part) continue;
            const token_row *t = token_at(w, c, m, i);
            space |= t->space;
            id = id == UINT32_MAX || id == t->id ? t->id : TOKEN_ANY;
        }
        lgd_buf_add_char(&w->scratch, space ? SYM_SPACED : SYM_GLUED);
        if (id == c->pattern[i] && token_is_boolean(w->tokens.texts[id]))
            lgd_buf_add_char(&w->scratch, SYM_VAR);
        else
            lgd_buf_add_sv(&w->scratch, w->tokens.texts[id]);
    }
}

/* ---- text ---- */

static bool has_boolean(lgd_sv rest) {
    lgd_sv text;
    bool space;
    while (token_next(&rest, &text, &space))
        if (token_is_boolean(text)) return true;
    return false;
}

/* If every uncollapsed form of the part has the same shape, the text is made from these: it shows each element of a list
 * of fixed length. Leaves the common pattern in `pattern`; false if there is none. */
static bool forms_pattern(work *w, const sig_cluster *c, const uint32_t *part_of, uint32_t part, lgd_buf *pattern) {
    bool any_form = false, same = true;
    for (size_t m = 0; m < c->n_members && same; m++) {
        if (part_of[m] != part) continue;
        const sig_row *row = &w->rows[w->sorted[c->members[m]].row];
        any_form |= row->form.n > 0;
        /* whether a boolean is text is known for tokens of the pattern, not for those of a form */
        same = !row->mixed_forms && !has_boolean(row->bytes) &&
               form_join(pattern, row->form.n ? row->form : row->bytes, &w->scratch);
    }
    return same && any_form;
}

static lgd_status part_text(work *w, const sig_cluster *c, const uint32_t *part_of, uint32_t part, lgd_sv pattern,
                            lgd_sv *ret, lgd_err *err) {
    lgd_buf forms = {0}, text = {0};
    render_tokens(forms_pattern(w, c, part_of, part, &forms) ? lgd_buf_sv(&forms) : pattern, &text);
    bool ok =
        !forms.failed && !w->scratch.failed && !text.failed && lgd_arena_copy(&w->out->arena, lgd_buf_sv(&text), ret);
    lgd_buf_release(&forms);
    lgd_buf_release(&text);
    return ok ? LGD_OK : lgd_fail_memory(err, pattern.n);
}

static lgd_status add_part(work *w, const sig_cluster *c, const uint32_t *part_of, uint32_t part, lgd_err *err) {
    clustering *out = w->out;
    size_t capacity = w->parts_capacity;
    LGD_TRY(lgd_grow((void **)&out->parts, &capacity, out->n_parts + 1, sizeof *out->parts, UINT32_MAX, err));
    lgd_sv *texts = lgd_realloc(w->texts, capacity * sizeof *texts);
    if (!texts) return lgd_fail_memory(err, capacity * sizeof *texts);
    w->texts = texts;
    w->parts_capacity = capacity;
    part_row row = {.n_tokens = c->n};
    encode_pattern(w, c, part_of, part);
    if (w->scratch.failed || !lgd_arena_copy(&out->arena, lgd_buf_sv(&w->scratch), &row.pattern))
        return lgd_fail_memory(err, w->scratch.n);
    LGD_TRY(part_text(w, c, part_of, part, row.pattern, &w->texts[out->n_parts], err));
    for (size_t m = 0; m < c->n_members; m++) {
        if (part_of[m] != part) continue;
        uint32_t number = w->sorted[c->members[m]].row;
        out->part_of[number] = (uint32_t)out->n_parts;
        row.count += w->rows[number].count;
    }
    out->parts[out->n_parts++] = row;
    return LGD_OK;
}

/* Numbers the parts of a cluster by first member with the same values at the first n constant positions `at`. More than
 * MAX_PARTS are not counted. */
static uint32_t try_parts(const work *w, const sig_cluster *c, const split_place *at, size_t n, uint32_t *part_of,
                          uint32_t *first) {
    uint32_t n_parts = 0;
    for (size_t m = 0; m < c->n_members; m++) {
        uint32_t p = 0;
        while (p < n_parts && !same_values(w, c, first[p], m, at, n)) p++;
        if (p == MAX_PARTS) return p + 1;
        if (p == n_parts) first[n_parts++] = (uint32_t)m;
        part_of[m] = p;
    }
    return n_parts;
}

/* Positions are left out from the end until the parts are few enough. Places of a few words each multiply: where most of
 * what came of it was hardly seen, they are the fields of a record, and no events. */
static uint32_t number_parts(const work *w, const sig_cluster *c, uint32_t *part_of) {
    uint32_t first[MAX_PARTS], n_parts;
    split_place at[SPLIT_MAX_PLACES];
    size_t n = split_places(&w->tokens, w->sorted, c, at);
    while ((n_parts = try_parts(w, c, at, n, part_of, first)) > MAX_PARTS) n--;
    if (n >= 2 && n_parts > MANY_PARTS && c->count < MIN_PART_LINES * n_parts)
        n_parts = try_parts(w, c, at, 0, part_of, first);
    return n_parts;
}

static lgd_status split_cluster(work *w, const sig_cluster *c, lgd_err *err) {
    uint32_t *part_of = lgd_alloc(c->n_members * sizeof *part_of);
    if (!part_of) return lgd_fail_memory(err, c->n_members * sizeof *part_of);
    uint32_t n_parts = number_parts(w, c, part_of);
    lgd_status status = LGD_OK;
    for (uint32_t p = 0; p < n_parts && status == LGD_OK; p++) status = add_part(w, c, part_of, p, err);
    lgd_free(part_of);
    return status;
}

/* ---- templates ---- */

typedef struct rank_key {
    uint64_t count;
    lgd_sv text;
    uint32_t group;
} rank_key;

static int by_rank(const void *a, const void *b) {
    const rank_key *x = a, *y = b;
    if (x->count != y->count) return x->count > y->count ? -1 : 1;
    return lgd_sv_cmp(x->text, y->text);
}

/* Parts whose texts are merged are one template; ids go by count, most frequent first. */
static lgd_status name_templates(work *w, uint32_t *into, rank_key *ranks, uint32_t *id_of, lgd_err *err) {
    clustering *out = w->out;
    uint64_t *counts = lgd_alloc(out->n_parts * sizeof *counts);
    if (!counts) return lgd_fail_memory(err, out->n_parts * sizeof *counts);
    for (size_t i = 0; i < out->n_parts; i++) counts[i] = out->parts[i].count;
    lgd_status status = merge_texts(w->texts, counts, out->n_parts, into, err);
    lgd_free(counts);
    LGD_TRY(status);
    for (uint32_t i = 0; i < out->n_parts; i++) ranks[i] = (rank_key){0, w->texts[i], i};
    for (uint32_t i = 0; i < out->n_parts; i++) ranks[into[i]].count += out->parts[i].count;
    qsort(ranks, out->n_parts, sizeof *ranks, by_rank);
    while (out->n_templates < out->n_parts && ranks[out->n_templates].count) out->n_templates++;
    out->templates = lgd_calloc(out->n_templates, sizeof *out->templates);
    if (!out->templates) return lgd_fail_memory(err, out->n_templates * sizeof *out->templates);
    for (uint32_t t = 0; t < out->n_templates; t++) {
        id_of[ranks[t].group] = t;
        out->templates[t] = (lgd_template){ranks[t].text, ranks[t].count};
    }
    for (uint32_t i = 0; i < out->n_parts; i++) out->parts[i].template_id = id_of[into[i]];
    return LGD_OK;
}

static lgd_status make_templates(work *w, lgd_err *err) {
    size_t n = w->out->n_parts;
    uint32_t *into = lgd_alloc(2 * n * sizeof *into);
    rank_key *ranks = lgd_alloc(n * sizeof *ranks);
    lgd_status status = into && ranks ? name_templates(w, into, ranks, into + n, err)
                                      : lgd_fail_memory(err, n * (sizeof *into + sizeof *ranks));
    lgd_free(into);
    lgd_free(ranks);
    return status;
}

static lgd_status run(work *w, lgd_err *err) {
    LGD_TRY(token_table_init(&w->tokens, err));
    LGD_TRY(sort_rows(w, err));
    w->out->part_of = lgd_calloc(w->n_rows, sizeof *w->out->part_of);
    if (!w->out->part_of) return lgd_fail_memory(err, w->n_rows * sizeof *w->out->part_of);
    LGD_TRY(cluster_tree(w->sorted, w->n_rows, w->rows, &w->tokens, &w->clusters, err));
    for (size_t i = 0; i < w->clusters.n; i++) LGD_TRY(split_cluster(w, &w->clusters.items[i], err));
    return make_templates(w, err);
}

lgd_status cluster_signatures(const sig_row *rows, size_t n_rows, clustering *ret, lgd_err *err) {
    *ret = (clustering){0};
    work w = {.rows = rows, .n_rows = n_rows, .out = ret};
    lgd_status status = run(&w, err);
    lgd_free(w.sorted);
    lgd_free(w.token_rows);
    token_table_release(&w.tokens);
    cluster_list_release(&w.clusters);
    lgd_free(w.texts);
    lgd_buf_release(&w.scratch);
    if (status != LGD_OK) clustering_release(ret);
    return status;
}

void clustering_release(clustering *c) {
    lgd_free(c->parts);
    lgd_free(c->part_of);
    lgd_free(c->templates);
    lgd_arena_release(&c->arena);
    *c = (clustering){0};
}
