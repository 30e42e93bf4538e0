/*
 * template/merge: step 5, subsumption. A template whose text differs from another's only where that one has a wildcard
 * is the same event: "host:80 opened" joins "<*> opened". Compared are texts cut at white space, in buckets of the same
 * words; templates with fewer than two pieces with a letter are too bare to be compared.
 *
 * Cost: n log n for the order, and in a bucket each against the MAX_BUCKET most frequent ones that are not joined yet.
 */
#include "chars.h"
#include "miner.h"

#include <stdlib.h>

enum { MAX_BUCKET = 256 };

typedef struct merge_row {
    lgd_sv text;
    lgd_sv shape; /* pieces with a wildcard replaced by `*`; empty: takes no part */
    uint64_t count;
    uint32_t number;
    bool joined;
} merge_row;

static bool next_piece(lgd_sv *rest, lgd_sv *ret) {
    while (rest->n && is_space(rest->p[0])) rest->p++, rest->n--;
    size_t n = 0;
    while (n < rest->n && !is_space(rest->p[n])) n++;
    *ret = (lgd_sv){rest->p, n};
    rest->p += n;
    rest->n -= n;
    return n > 0;
}

static bool has_wildcard(lgd_sv s) {
    for (size_t i = 0; i + 3 <= s.n; i++)
        if (memcmp(s.p + i, "<*>", 3) == 0) return true;
    return false;
}

static bool has_letter(lgd_sv s) {
    for (size_t i = 0; i < s.n; i++)
        if (is_alpha(s.p[i])) return true;
    return false;
}

static lgd_status make_shape(merge_row *row, lgd_arena *arena, lgd_err *err) {
    lgd_buf shape = {0};
    lgd_sv rest = row->text, piece;
    size_t letters = 0;
    while (next_piece(&rest, &piece)) {
        letters += has_letter(piece);
        lgd_buf_add_sv(&shape, has_wildcard(piece) ? LGD_SV("*") : piece);
        lgd_buf_add_char(&shape, ' ');
    }
    bool ok = !shape.failed;
    row->shape = (lgd_sv){"", 0};
    if (ok && letters >= 2) ok = lgd_arena_copy(arena, lgd_buf_sv(&shape), &row->shape);
    lgd_buf_release(&shape);
    return ok ? LGD_OK : lgd_fail_memory(err, row->text.n);
}

static lgd_sv bare(lgd_sv s) {
    while (s.n && s.p[0] && strchr(".,:;()[]", s.p[0])) s.p++, s.n--;
    while (s.n && s.p[s.n - 1] && strchr(".,:;()[]", s.p[s.n - 1])) s.n--;
    return s;
}

/* Every piece of a equals b's, or b's is a bare wildcard. */
static bool subsumes(lgd_sv b, lgd_sv a) {
    lgd_sv x, y;
    for (;;) {
        bool more_a = next_piece(&a, &x), more_b = next_piece(&b, &y);
        if (!more_a || !more_b) return more_a == more_b;
        if (!lgd_sv_eq(x, y) && !lgd_sv_eq(bare(y), LGD_SV("<*>"))) return false;
    }
}

static int by_shape(const void *a, const void *b) {
    const merge_row *x = a, *y = b;
    int order = lgd_sv_cmp(x->shape, y->shape);
    if (order) return order;
    if (x->count != y->count) return x->count > y->count ? -1 : 1;
    order = lgd_sv_cmp(x->text, y->text);
    return order ? order : (x->number > y->number) - (x->number < y->number);
}

static void join_bucket(merge_row *rows, size_t n, uint32_t *into) {
    size_t most = n < MAX_BUCKET ? n : MAX_BUCKET; /* the most frequent ones */
    for (size_t a = 0; a < n; a++) {
        for (size_t b = 0; b < most; b++) {
            if (b == a || rows[b].joined || !subsumes(rows[b].text, rows[a].text)) continue;
            into[rows[a].number] = rows[b].number;
            rows[a].joined = true;
            break;
        }
    }
}

/* Equal texts are one from the start: the first of them stands for all. */
static void join_equal(merge_row *rows, size_t n, uint32_t *into) {
    for (size_t i = 1; i < n; i++) {
        if (!lgd_sv_eq(rows[i].text, rows[i - 1].text)) continue;
        into[rows[i].number] = into[rows[i - 1].number];
        rows[i].joined = true;
    }
}

static int by_text(const void *a, const void *b) {
    const merge_row *x = a, *y = b;
    int order = lgd_sv_cmp(x->text, y->text);
    return order ? order : (x->number > y->number) - (x->number < y->number);
}

static void follow_chains(uint32_t *into, size_t n) {
    for (size_t i = 0; i < n; i++)
        while (into[into[i]] != into[i]) into[i] = into[into[i]];
}

/* Line counts of equal texts are added up before the buckets are ordered by them. */
static void add_counts(merge_row *rows, size_t n, const uint32_t *into, uint64_t *sums) {
    memset(sums, 0, n * sizeof *sums);
    for (size_t i = 0; i < n; i++) sums[into[rows[i].number]] += rows[i].count;
    for (size_t i = 0; i < n; i++) rows[i].count = sums[rows[i].number];
}

static size_t keep_comparable(merge_row *rows, size_t n) {
    size_t kept = 0;
    for (size_t i = 0; i < n; i++)
        if (!rows[i].joined && rows[i].shape.n) rows[kept++] = rows[i];
    return kept;
}

lgd_status merge_texts(const lgd_sv *texts, const uint64_t *counts, size_t n, uint32_t *into, lgd_err *err) {
    lgd_arena arena = {0};
    merge_row *rows = lgd_calloc(n, sizeof *rows);
    uint64_t *sums = lgd_alloc(n * sizeof *sums);
    lgd_status status = rows && sums ? LGD_OK : lgd_fail_memory(err, n * sizeof *rows);
    for (uint32_t i = 0; i < n && status == LGD_OK; i++) {
        into[i] = i;
        rows[i] = (merge_row){.text = texts[i], .count = counts[i], .number = i};
        status = make_shape(&rows[i], &arena, err);
    }
    if (status == LGD_OK) {
        qsort(rows, n, sizeof *rows, by_text);
        join_equal(rows, n, into);
        add_counts(rows, n, into, sums);
        size_t kept = keep_comparable(rows, n);
        qsort(rows, kept, sizeof *rows, by_shape);
        for (size_t start = 0, end; start < kept; start = end) {
            for (end = start + 1; end < kept && lgd_sv_eq(rows[start].shape, rows[end].shape);) end++;
            join_bucket(rows + start, end - start, into);
        }
        follow_chains(into, n);
    }
    lgd_free(rows);
    lgd_free(sums);
    lgd_arena_release(&arena);
    return status;
}
