/*
 * vote: sample lines -> the formats of the table that they have.
 *
 * A line speaks for each format that cuts it, with as many votes as bytes of it the format explains: a format that finds
 * process and component says more than one that finds the time alone; of JSON and logfmt, which explain a line as a whole,
 * each name that a format demands counts eight. The format with most votes takes its lines, then the others vote on the
 * rest, until no format has a group of lines that is more than noise. Formats of the user come first.
 *
 * Every format is asked on the first lines, on every 32nd line and on lines that no candidate cuts, else only the
 * candidates are; when many such lines in a row have brought no new candidate, one in sixteen is asked for. Cost: about
 * (1 + candidates) matches for each line.
 */
#include "profile.h"

enum { FULL_LINES = 32, FULL_MISSES = 100, SPARSE = 16, SPREAD = 32, NAME_BYTES = 8 };
#define NONE SIZE_MAX

typedef struct candidate {
    const named_format *format;
    uint16_t *explained; /* for each line: 1 + bytes of its header; 0: it is of another format */
} candidate;

typedef struct ballot {
    const lgd_formats *formats;
    const lgd_sv *lines;
    size_t n;
    lgd_cutter *cutter;
    candidate *candidates;
    size_t n_candidates;
    uint8_t *place; /* of a format of the table among the candidates, + 1; 0: it is none */
    bool *taken;    /* lines that have their format */
    lgd_arena arena;
} ballot;

static lgd_status ask(ballot *b, size_t format, size_t line, bool *ret_fits, lgd_err *err) {
    lgd_cut cut;
    const named_format *f = b->formats->items[format];
    LGD_TRY(named_cut(f, b->lines[line], b->cutter, &cut, err));
    *ret_fits |= cut.fits;
    if (!cut.fits) return LGD_OK;
    if (b->place[format] == 0) {
        if (b->n_candidates == UINT8_MAX) return LGD_OK;
        candidate *c = &b->candidates[b->n_candidates++];
        *c = (candidate){f, lgd_arena_alloc(&b->arena, b->n * sizeof *c->explained)};
        if (!c->explained) return lgd_fail_memory(err, b->n * sizeof *c->explained);
        memset(c->explained, 0, b->n * sizeof *c->explained);
        b->place[format] = (uint8_t)b->n_candidates;
    }
    size_t whole = b->lines[line].n, message = cut.header.message.n;
    size_t bytes = (message < whole ? whole - message : 0) + NAME_BYTES * f->spec.n_required;
    b->candidates[b->place[format] - 1].explained[line] = (uint16_t)(1 + (bytes < 60000 ? bytes : 60000));
    return LGD_OK;
}

static lgd_status ask_all(ballot *b, lgd_err *err) {
    size_t misses = 0;
    for (size_t i = 0; i < b->n; i++) {
        bool fits = false, all = i < FULL_LINES || i % SPREAD == 0;
        for (size_t f = 0; f < b->formats->n; f++)
            if (all || b->place[f]) LGD_TRY(ask(b, f, i, &fits, err));
        if (fits || all || (misses >= FULL_MISSES && i % SPARSE > 0)) continue;
        for (size_t f = 0; f < b->formats->n; f++)
            if (!b->place[f]) LGD_TRY(ask(b, f, i, &fits, err));
        misses = fits ? 0 : misses + 1;
    }
    return LGD_OK;
}

/* The candidate with most votes among those that have lines enough. */
static size_t winner(const ballot *b, bool user) {
    size_t best = NONE;
    uint64_t most = 0;
    for (size_t c = 0; c < b->n_candidates; c++) {
        uint64_t votes = 0;
        size_t lines = 0;
        const candidate *x = &b->candidates[c];
        if (user && x->format->rank >= b->formats->n_user) continue;
        for (size_t i = 0; i < b->n; i++) {
            if (b->taken[i] || x->explained[i] == 0) continue;
            votes += x->explained[i];
            lines++;
        }
        bool first = votes == most && best != NONE && x->format->rank < b->candidates[best].format->rank;
        if (lines == 0 || lines < profile_min_group(b->n) || (votes <= most && !first)) continue;
        best = c;
        most = votes;
    }
    return best;
}

static lgd_status elect(ballot *b, lgd_profile *p, lgd_err *err) {
    for (bool user = true; p->n_named < MAX_NAMED;) {
        size_t c = winner(b, user);
        if (c == NONE && !user) break;
        if (c == NONE) {
            user = false;
            continue;
        }
        for (size_t i = 0; i < b->n; i++) b->taken[i] |= b->candidates[c].explained[i] > 0;
        LGD_TRY(profile_add_named(p, b->candidates[c].format, err));
    }
    return LGD_OK;
}

lgd_status profile_vote(const lgd_formats *formats, const lgd_sv *lines, size_t n, lgd_cutter *cutter, lgd_profile *p,
                        lgd_err *err) {
    ballot b = {.formats = formats, .lines = lines, .n = n, .cutter = cutter};
    if (n == 0 || formats->n == 0) return LGD_OK;
    b.candidates = lgd_arena_alloc(&b.arena, formats->n * sizeof *b.candidates);
    b.place = lgd_arena_alloc(&b.arena, formats->n);
    b.taken = lgd_arena_alloc(&b.arena, n * sizeof *b.taken);
    lgd_status status = LGD_OK;
    if (!b.candidates || !b.place || !b.taken) status = lgd_fail_memory(err, formats->n * sizeof *b.candidates + n);
    if (status == LGD_OK) {
        memset(b.place, 0, formats->n);
        memset(b.taken, 0, n * sizeof *b.taken);
        status = ask_all(&b, err);
    }
    if (status == LGD_OK) status = elect(&b, p, err);
    lgd_arena_release(&b.arena);
    return status;
}
