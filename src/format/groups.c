/*
 * groups: sample lines -> layouts. The lines are grouped by the place of their first time, a layout is learned for each
 * group that is large enough (learn.c), and a group that a divider field splits into two formats, one of them with a
 * clearly longer header, is learned as two. Cost: O(lines x steps); runs once for an input. Deterministic: nothing
 * depends on anything but the lines.
 */
#include "learn.h"
#include "profile.h"

#include <stdlib.h>

enum { MAX_DEPTH = 3, N_KEYS = KEY_KINDS * KEY_WORDS };

typedef struct counted {
    layout layout;
    size_t n_lines;
} counted;

/* All that learning needs; the arena goes with it. */
typedef struct work {
    lgd_arena arena;
    learner learner;
    counted found[MAX_LAYOUTS];
    size_t n_found;
    size_t n_lines;       /* of the whole sample */
    size_t n_with_header; /* lines of groups that have a layout */
    bool out_of_memory;
} work;

static void keep(work *w, sample s, const layout *l) {
    if (l->n_steps == 0 || w->n_found == MAX_LAYOUTS) return;
    bool is_rare = s.n * 5 < w->n_lines && l->key.word > 0;
    if (is_rare && l->n_steps < 3) return;
    w->found[w->n_found] = (counted){*l, s.n};
    learn_component(&w->learner, s, &w->found[w->n_found++].layout);
    w->n_with_header += s.n;
}

/* Parts s into members and others. */
static bool divide(work *w, sample s, const bool *member, sample ret[2]) {
    lgd_sv *lines[2] = {lgd_arena_alloc(&w->arena, s.n * sizeof(lgd_sv)),
                        lgd_arena_alloc(&w->arena, s.n * sizeof(lgd_sv))};
    if (!lines[0] || !lines[1]) return false;
    size_t n[2] = {0, 0};
    for (size_t i = 0; i < s.n; i++) {
        size_t side = member[i] ? 0 : 1;
        lines[side][n[side]++] = s.lines[i];
    }
    for (size_t side = 0; side < 2; side++) ret[side] = (sample){lines[side], n[side]};
    return true;
}

/* Learns a group as one layout, or as two groups if one of them gains two steps by it. */
static void learn_group(work *w, sample s, line_key key, int depth) {
    layout common = {.key = key};
    learn_layout(&w->learner, s, &common);
    bool *member = lgd_arena_alloc(&w->arena, s.n * sizeof(bool));
    if (!member) {
        w->out_of_memory = true;
        return;
    }
    if (depth < MAX_DEPTH && learn_divider(&w->learner, s, &common, member) != FIELD_KINDS) {
        sample half[2];
        layout l[2] = {{.key = key}, {.key = key}};
        if (!divide(w, s, member, half)) {
            w->out_of_memory = true;
            return;
        }
        for (size_t side = 0; side < 2; side++) learn_layout(&w->learner, half[side], &l[side]);
        size_t best = l[0].n_steps > l[1].n_steps ? l[0].n_steps : l[1].n_steps;
        if (best >= common.n_steps + 2u) {
            for (size_t side = 0; side < 2; side++) learn_group(w, half[side], key, depth + 1);
            return;
        }
    }
    keep(w, s, &common);
}

/* A layout that is there already, for lines without a time or with an earlier one, takes these lines too: their time
 * stands in the message. */
static bool is_taken(const work *w, sample s, line_key key) {
    for (size_t k = 0; k < w->n_found; k++) {
        const layout *l = &w->found[k].layout;
        if (l->key.kind != KEY_NONE && l->key.word >= key.word) continue;
        size_t hits = 0;
        for (size_t i = 0; i < s.n; i++) {
            line_head head = line_head_of(s.lines[i]);
            lgd_cut cut;
            hits += layout_run(l, s.lines[i], &head, NULL, &cut);
        }
        if (is_vote(hits, s.n)) return true;
    }
    return false;
}

static int by_steps(const void *a, const void *b) {
    const counted *x = a, *y = b;
    if (x->layout.n_steps != y->layout.n_steps) return x->layout.n_steps > y->layout.n_steps ? -1 : 1;
    return memcmp(&x->layout, &y->layout, sizeof x->layout);
}

/* Orders the layouts and marks the most frequent of each key and of all. */
static void settle(work *w, lgd_profile *p) {
    qsort(w->found, w->n_found, sizeof w->found[0], by_steps);
    size_t largest = 0;
    for (size_t i = 0; i < w->n_found; i++) {
        bool is_main = true;
        for (size_t k = 0; k < w->n_found; k++) {
            bool more =
                w->found[k].n_lines > w->found[i].n_lines || (w->found[k].n_lines == w->found[i].n_lines && k < i);
            if (more && line_key_equal(w->found[k].layout.key, w->found[i].layout.key)) is_main = false;
        }
        if (w->found[i].n_lines > w->found[largest].n_lines) largest = i;
        p->layouts[i] = w->found[i].layout;
        p->layouts[i].is_main = is_main;
    }
    p->n_layouts = (uint8_t)w->n_found;
    p->largest = (uint8_t)largest;
    p->mostly_headers = 2 * w->n_with_header >= w->n_lines;
    if (w->n_found == 0) p->mostly_headers = 0;
}

size_t profile_min_group(size_t n) {
    if (n >= 500) return n / 50;
    return n >= 50 ? 10 : (n + 4) / 5;
}

/* A time at the very front says more: such groups are measured against the lines that have a time anywhere. In a file of
 * stack traces they are few. */
static size_t min_front_group(size_t n, size_t n_timed) {
    size_t least = profile_min_group(n_timed);
    return least > n / 100 ? least : n / 100;
}

static void learn_groups(work *w, const lgd_sv *lines, size_t n, lgd_profile *p) {
    uint8_t *codes = lgd_arena_alloc(&w->arena, n);
    lgd_sv *group = lgd_arena_alloc(&w->arena, n * sizeof *group);
    w->learner.cursors = lgd_arena_alloc(&w->arena, n * sizeof *w->learner.cursors);
    w->learner.hashes = lgd_arena_alloc(&w->arena, n * sizeof *w->learner.hashes);
    if (!codes || !group || !w->learner.cursors || !w->learner.hashes) {
        w->out_of_memory = true;
        return;
    }
    size_t counts[N_KEYS] = {0}, n_timed = 0;
    w->n_lines = n;
    for (size_t i = 0; i < n; i++) {
        line_head head = line_head_of(lines[i]);
        time_hit hit;
        line_key key = line_key_of(&head, &hit);
        codes[i] = (uint8_t)(key.kind * KEY_WORDS + key.word);
        counts[codes[i]]++;
        n_timed += key.kind != KEY_NONE;
    }
    for (;;) { /* the largest group first */
        size_t code = 0;
        for (size_t k = 1; k < N_KEYS; k++) code = counts[k] > counts[code] ? k : code;
        bool in_front = code / KEY_WORDS != KEY_NONE && code % KEY_WORDS == 0;
        size_t least = in_front ? min_front_group(n, n_timed) : profile_min_group(n);
        if (counts[code] == 0 || counts[code] < least) break;
        counts[code] = 0;
        sample s = {group, 0};
        for (size_t i = 0; i < n; i++) {
            if (codes[i] == code) group[s.n++] = lines[i];
        }
        line_key key = {(uint8_t)(code / KEY_WORDS), (uint8_t)(code % KEY_WORDS)};
        if (!is_taken(w, s, key)) learn_group(w, s, key, 0);
    }
    settle(w, p);
}

lgd_status profile_learn_groups(lgd_profile *p, const lgd_sv *lines, size_t n, lgd_err *err) {
    work *w = lgd_calloc(1, sizeof *w);
    if (!w) return lgd_fail_memory(err, sizeof *w);
    learn_groups(w, lines, n, p);
    bool done = !w->out_of_memory;
    lgd_arena_release(&w->arena);
    lgd_free(w);
    return done ? LGD_OK : lgd_fail_memory(err, n * sizeof(cursor));
}
