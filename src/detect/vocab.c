/*
 * detect/vocab: counts of the fitted templates -> rows of the network. The most frequent ones have rows of their own; if
 * there are more than rows, the others are dealt to the last VOCAB_SHARED_ROWS by a hash of the id. All of it follows from
 * the counts, which are what is saved.
 */
#include "vocab.h"

#include <math.h>
#include <stdlib.h>

bits64 bits64_of(double bits) {
    double least = -511, most = 511;
    return (bits64)round(64 * (bits > least ? bits < most ? bits : most : least));
}

static int most_first(const void *a, const void *b) {
    const vocab_count *x = a, *y = b;
    if (x->n != y->n) return x->n < y->n ? 1 : -1;
    return (x->id > y->id) - (x->id < y->id);
}

/* ---- rows ---- */

static uint32_t shared_row(const vocab *v, lgd_template_id id) {
    return v->n_rows - VOCAB_SHARED_ROWS + (uint32_t)(lgd_hash_u64(id, 0x726f77u) % VOCAB_SHARED_ROWS);
}

/* sorted: most frequent first. */
static void give_rows(vocab *v, const vocab_count *sorted, uint32_t most_rows) {
    size_t rows = most_rows - ROW_TEMPLATES, own = v->n <= rows ? v->n : rows - VOCAB_SHARED_ROWS;
    v->n_rows = (uint32_t)(ROW_TEMPLATES + (v->n <= rows ? v->n : rows));
    for (size_t i = 0; i < v->n_rows; i++) v->ids[i] = LGD_NO_TEMPLATE;
    v->ids[ROW_END] = LGD_ORDER_END;
    for (size_t i = 0; i < v->n; i++) {
        lgd_template_id id = sorted[i].id;
        v->places[id].row = (uint16_t)(i < own ? ROW_TEMPLATES + i : shared_row(v, id));
        if (i < own) v->ids[ROW_TEMPLATES + i] = id;
    }
}

static double rarity(double count, double total) { return -log2((count + 1) / total); }

/* The most that can be said against an event: an event that came `count` times elsewhere may come here next time with a
 * chance of 1 in count (rule of succession), whatever the network is sure of; a rare one is unusual anywhere. */
static bits64 cap_of(double count, double total) {
    double out_of_place = log2(16 * (count + 1)), rare = rarity(count, total) - 3;
    return bits64_of(fmin(fmax(out_of_place, rare), rarity(count, total) + 6.6));
}

/* What was never fitted is nowhere in its place. */
static bits64 cap_of_unknown(double total) { return bits64_of(rarity(0, total) + 6.6); }

static void share_rows(vocab *v) {
    uint64_t in_row[VOCAB_MAX_ROWS] = {0};
    double all = (double)v->n_ends + (double)v->n + 2; /* each template, the end and the unknown once more */
    for (size_t i = 0; i < v->n; i++) {
        in_row[v->places[v->counts[i].id].row] += v->counts[i].n;
        all += (double)v->counts[i].n;
    }
    for (uint32_t i = ROW_TEMPLATES; i < v->n_rows; i++) v->top[i] = bits64_of(-INFINITY);
    for (size_t i = 0; i < v->n; i++) {
        vocab_place *p = &v->places[v->counts[i].id];
        p->share = bits64_of(log2((double)v->counts[i].n / (double)in_row[p->row]));
        p->cap = cap_of((double)v->counts[i].n, all);
        if (p->share > v->top[p->row]) v->top[p->row] = p->share;
    }
    v->end = (vocab_place){.row = ROW_END, .cap = cap_of((double)v->n_ends, all)};
    v->unknown = (vocab_place){.row = ROW_UNKNOWN, .cap = cap_of_unknown(all)};
    for (size_t i = 0; i < v->n_places; i++)
        if (v->places[i].row == ROW_START) v->places[i] = v->unknown;
}

lgd_status vocab_init(vocab *v, vocab_count *counts, size_t n, uint64_t n_ends, uint32_t most_rows, lgd_err *err) {
    *v = (vocab){.counts = counts, .n = n, .n_ends = n_ends};
    v->n_places = n ? (size_t)counts[n - 1].id + 1 : 0;
    v->places = lgd_calloc(v->n_places, sizeof *v->places);
    vocab_count *sorted = lgd_alloc(n * sizeof *sorted);
    if (!v->places || !sorted) {
        size_t n_bytes = v->n_places * sizeof *v->places + n * sizeof *sorted;
        lgd_free(sorted);
        vocab_release(v);
        return lgd_fail_memory(err, n_bytes);
    }
    if (n) {
        memcpy(sorted, counts, n * sizeof *sorted);
        qsort(sorted, n, sizeof *sorted, most_first);
    }
    give_rows(v, sorted, most_rows);
    share_rows(v);
    lgd_free(sorted);
    return LGD_OK;
}

void vocab_release(vocab *v) {
    lgd_free(v->counts);
    lgd_free(v->places);
    *v = (vocab){0};
}

/* ---- saved form ---- */

void vocab_save(const vocab *v, lgd_buf *out) {
    lgd_put_u64(out, v->n_ends);
    lgd_put_u32(out, (uint32_t)v->n);
    for (size_t i = 0; i < v->n; i++) {
        lgd_put_u32(out, v->counts[i].id);
        lgd_put_u32(out, v->counts[i].n);
    }
}

lgd_status vocab_load(lgd_cursor *c, size_t n_templates, uint32_t most_rows, vocab *ret, lgd_err *err) {
    uint64_t n_ends = lgd_get_u64(c);
    size_t n = lgd_get_count(c, 8);
    *ret = (vocab){0};
    vocab_count *counts = lgd_alloc(n * sizeof *counts);
    if (!counts) return lgd_fail_memory(err, n * sizeof *counts);
    for (size_t i = 0; i < n && !c->bad; i++) {
        counts[i] = (vocab_count){.id = lgd_get_u32(c)};
        counts[i].n = lgd_get_u32(c);
        bool ordered = i == 0 || counts[i].id > counts[i - 1].id;
        if (!ordered || counts[i].id >= n_templates || counts[i].n == 0) c->bad = true;
    }
    if (!c->bad) return vocab_init(ret, counts, n, n_ends, most_rows, err);
    lgd_free(counts);
    return LGD_OK;
}
