/*
 * learn: sample lines of one key -> layout. Synchronised cursors with a vote.
 *
 * Every line has a cursor. In each round the first pair (words to skip, recogniser), in a fixed order, that succeeds for
 * 95 % of the lines becomes the next step, and all cursors move behind it; lines that lack it only skip the words. Rounds
 * end when no pair finds its majority. So a header is what the lines share, a message is where they part.
 * Cost: at most 16 rounds x 33 pairs x lines, each O(length of a field); a pair is given up at its 5 % of failures.
 */
#include "learn.h"

#include <stdlib.h>

#include "chars.h"

enum { FEW_LINES = 10 };

typedef struct learn_state {
    bool has_level, has_tag, closed; /* closed: behind a TAG or TO_SEPARATOR only bars and separators follow */
    size_t n_pids;                   /* tags with a pid */
} learn_state;

/* In the order in which a round tries them, and how many words each may have before it. */
static const struct {
    field_kind kind;
    uint8_t max_skip;
} candidates[] = {{FIELD_LEVEL, 4},  {FIELD_LETTER, 1}, {FIELD_PIPE, 0},   {FIELD_TIME, 4},    {FIELD_EPOCH, 4},
                  {FIELD_NUMBER, 0}, {FIELD_TAG, 2},    {FIELD_SOURCE, 0}, {FIELD_BRACKET, 1}, {FIELD_SEPARATOR, 0}};
enum { N_CANDIDATES = sizeof candidates / sizeof candidates[0] };

static bool is_level(field_kind kind) {
    return kind == FIELD_LEVEL || kind == FIELD_LETTER || kind == FIELD_LATE_LEVEL || kind == FIELD_ANY_LEVEL;
}

static bool is_allowed(const learn_state *s, field_kind kind, uint8_t skip) {
    if (s->closed && kind == FIELD_LEVEL) return skip == 0 && !s->has_level;
    if (s->closed) return skip == 0 && (kind == FIELD_PIPE || kind == FIELD_SEPARATOR);
    if (is_level(kind)) return !s->has_level;
    if (kind == FIELD_TAG) return !s->has_tag && (skip == 0 || !s->has_level);
    return true;
}

static size_t after_words(const cursor *c, uint8_t skip) {
    size_t at = c->at;
    for (uint8_t i = 0; i < skip; i++) at = gap_end(c->head.text, word_end(c->head.text, at));
    return at;
}

static size_t count_hits(const cursor *cursors, size_t n, field_kind kind, uint8_t skip, size_t wanted) {
    size_t misses = 0;
    for (size_t i = 0; i < n && n - misses >= wanted; i++) {
        field f;
        size_t at = after_words(&cursors[i], skip);
        misses += field_recognise(kind, cursors[i].head.text, at, skip > 0, &f) == 0;
    }
    return n - misses;
}

/* At least 95 of 100. */
static bool has_vote(const cursor *cursors, size_t n, field_kind kind, uint8_t skip) {
    size_t wanted = (n * 95 + 99) / 100;
    return n > 0 && count_hits(cursors, n, kind, skip, wanted) >= wanted;
}

/* Programs have levels of their own beside the known ones: more than four of five lines have a level that is known. */
static bool has_level_column(const cursor *cursors, size_t n) {
    size_t wanted = n * 4 / 5 + 1;
    return n > 0 && count_hits(cursors, n, FIELD_LEVEL, 0, wanted) >= wanted;
}

static void advance(cursor *cursors, size_t n, step s, learn_state *state) {
    for (size_t i = 0; i < n; i++) {
        field f = {0};
        size_t at = after_words(&cursors[i], s.skip);
        size_t end = field_recognise((field_kind)s.kind, cursors[i].head.text, at, s.skip > 0, &f);
        cursors[i].at = end ? gap_end(cursors[i].head.text, end) : at;
        state->n_pids += f.pid.n > 0;
    }
}

static int compare_u64(const void *a, const void *b) {
    const uint64_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

size_t count_distinct(uint64_t *hashes, size_t n) {
    qsort(hashes, n, sizeof *hashes, compare_u64);
    size_t distinct = n > 0;
    for (size_t i = 1; i < n; i++) distinct += hashes[i] != hashes[i - 1];
    return distinct;
}

/* A padded word is a column of a header only if it has few values; else two blanks just happen in messages. */
static bool is_pad_column(learner *w, size_t n) {
    if (n < FEW_LINES || !has_vote(w->cursors, n, FIELD_PAD, 0)) return false;
    size_t hits = 0;
    for (size_t i = 0; i < n; i++) {
        field f;
        if (field_recognise(FIELD_PAD, w->cursors[i].head.text, w->cursors[i].at, false, &f))
            w->hashes[hits++] = lgd_hash_sv(f.text, 0);
    }
    size_t most = n / 20 > 3 ? n / 20 : 3;
    return count_distinct(w->hashes, hits) <= most;
}

/* Messages may start with a word such as error; and an F in all lines (of whole records, say) is no level. */
static bool is_plausible(const learner *w, size_t n, const learn_state *state, field_kind kind, uint8_t skip) {
    if (kind != FIELD_LETTER && (kind != FIELD_LEVEL || !state->closed)) return true;
    size_t hits = 0;
    for (size_t i = 0; i < n; i++) {
        field f = {0};
        size_t at = after_words(&w->cursors[i], skip);
        if (!field_recognise(kind, w->cursors[i].head.text, at, skip > 0, &f)) continue;
        bool marked = f.text.p[f.text.n] == ':' || f.text.p != w->cursors[i].head.text.p + at;
        hits += kind == FIELD_LETTER ? f.level != LGD_LEVEL_FATAL : marked;
    }
    return 2 * hits > n;
}

/* The next step, kind FIELD_KINDS if there is none. */
static step find_step(learner *w, size_t n, const learn_state *state) {
    bool is_column = !state->closed && !state->has_level && has_level_column(w->cursors, n);
    for (uint8_t skip = 0; skip <= (uint8_t)MAX_SKIP; skip++) {
        for (size_t c = 0; c < N_CANDIDATES; c++) {
            field_kind kind = candidates[c].kind;
            if (skip > candidates[c].max_skip || !is_allowed(state, kind, skip)) continue;
            if (has_vote(w->cursors, n, kind, skip) && is_plausible(w, n, state, kind, skip))
                return (step){(uint8_t)kind, skip};
        }
        if (skip == 0 && is_column && has_vote(w->cursors, n, FIELD_ANY_LEVEL, 0)) return (step){FIELD_ANY_LEVEL, 0};
    }
    if (!state->closed) {
        if (is_column) return (step){FIELD_LEVEL, 0};
        if (!state->has_level && has_vote(w->cursors, n, FIELD_LATE_LEVEL, 0)) return (step){FIELD_LATE_LEVEL, 0};
        if (has_vote(w->cursors, n, FIELD_TO_SEPARATOR, 0)) return (step){FIELD_TO_SEPARATOR, 0};
        if (is_pad_column(w, n)) return (step){FIELD_PAD, 0};
    }
    return (step){FIELD_KINDS, 0};
}

/* Brackets and words alone are no header: something must say so. A bare `word:` is text, a `name[pid]:` is not. */
static bool has_strong_step(const layout *l, const learn_state *state, size_t n) {
    for (size_t i = 0; i < l->n_steps; i++) {
        field_kind kind = (field_kind)l->steps[i].kind;
        if (is_strong(kind) && (kind != FIELD_TAG || 2 * state->n_pids >= n)) return true;
    }
    return false;
}

void learn_layout(learner *w, sample s, layout *l) {
    learn_state state = {0};
    l->n_steps = 0;
    l->component_step = NO_STEP;
    l->component_word = 0;
    for (size_t i = 0; i < s.n; i++) {
        w->cursors[i].head = line_head_of(s.lines[i]);
        w->cursors[i].at = w->cursors[i].head.start;
    }
    while (l->n_steps < MAX_STEPS) {
        step next = find_step(w, s.n, &state);
        if (next.kind == FIELD_KINDS) break;
        l->steps[l->n_steps++] = next;
        advance(w->cursors, s.n, next, &state);
        state.has_level |= is_level((field_kind)next.kind);
        state.has_tag |= next.kind == FIELD_TAG;
        state.closed |= next.kind == FIELD_TAG || next.kind == FIELD_TO_SEPARATOR;
    }
    if (!has_strong_step(l, &state, s.n)) l->n_steps = 0;
}

field_kind learn_divider(const learner *w, sample s, const layout *l, bool *member) {
    static const field_kind dividers[] = {FIELD_LEVEL, FIELD_BRACKET, FIELD_TAG, FIELD_NUMBER};
    for (size_t i = 0; i < l->n_steps; i++) {
        if (l->steps[i].kind == FIELD_TAG || l->steps[i].kind == FIELD_TO_SEPARATOR) return FIELD_KINDS;
    }
    for (size_t d = 0; d < sizeof dividers / sizeof dividers[0]; d++) {
        size_t hits = 0;
        for (size_t i = 0; i < s.n; i++) {
            field f;
            const cursor *c = &w->cursors[i];
            member[i] = field_recognise(dividers[d], c->head.text, c->at, false, &f) > 0;
            hits += member[i];
        }
        if (hits * 5 >= s.n && hits * 5 <= s.n * 4) return dividers[d];
    }
    return FIELD_KINDS;
}
