/*
 * pipeline/profiles: how the lines of the current file are laid out.
 *
 * A file starts with the profile that its first lines choose. Where more than a few lines of a block fit none of the
 * file's profiles - the log changed its format, or holds several - those lines choose a further one. A line is cut by the
 * first profile that it fits. All of it depends on the blocks alone, so every pass over a file cuts it in the same way.
 */
#include "batch.h"

enum { SAMPLE_LINES = 1000, MIN_MISFITS = 20, MISFIT_SHARE = 10, MAX_ATTEMPTS = 8 };

static lgd_status best_fitting(const batch *b, size_t n_profiles, const lgd_sv *lines, size_t n, size_t *ret_best,
                               double *ret_fit, lgd_err *err) {
    *ret_best = 0;
    *ret_fit = -1;
    for (size_t i = 0; i < n_profiles; i++) {
        double fit = 0;
        LGD_TRY(lgd_profile_fit(b->profiles[i], lines, n, b->workers[0].cutter, &fit, err));
        if (fit <= *ret_fit) continue;
        *ret_fit = fit;
        *ret_best = i;
    }
    return LGD_OK;
}

static size_t find_equal(const batch *b, const lgd_profile *p, size_t n) {
    size_t i = 0;
    while (i < n && !lgd_profile_equal(b->profiles[i], p)) i++;
    return i;
}

/* Adds a profile unless it is there; takes ownership. Full: the best of the others has to do. */
static lgd_status adopt(batch *b, lgd_profile *p, const lgd_sv *lines, size_t n, size_t *ret, lgd_err *err) {
    double fit = 0;
    *ret = find_equal(b, p, *b->n_profiles);
    if (*ret == MAX_PROFILES) {
        lgd_profile_free(p);
        return best_fitting(b, MAX_PROFILES, lines, n, ret, &fit, err);
    }
    if (*ret < *b->n_profiles)
        lgd_profile_free(p);
    else
        b->profiles[(*b->n_profiles)++] = p;
    return LGD_OK;
}

/* Lines that look like some of the training are cut as they were there. Others take the trained profile that fits them
 * nearly as well as their own would, so that a file too short to learn from is cut like the logs it belongs to. */
static lgd_status choose(batch *b, lgd_profile *own, const lgd_sv *lines, size_t n, size_t *ret, lgd_err *err) {
    double fit = 0, own_fit = 0;
    size_t best = 0;
    *ret = find_equal(b, own, b->n_model_profiles);
    if (*ret == b->n_model_profiles && !b->no_header && !b->forced) {
        LGD_TRY(best_fitting(b, b->n_model_profiles, lines, n, &best, &fit, err));
        LGD_TRY(lgd_profile_fit(own, lines, n, b->workers[0].cutter, &own_fit, err));
        if (b->n_model_profiles && fit >= own_fit - 0.05) *ret = best;
    }
    return LGD_OK;
}

static lgd_status choose_profile(batch *b, const lgd_sv *lines, size_t n, size_t *ret, lgd_err *err) {
    lgd_profile *own = NULL;
    if (b->no_header)
        LGD_TRY(lgd_profile_none(&own, err));
    else
        LGD_TRY(lgd_profile_learn(b->formats, lines, n, &own, err));
    lgd_status status = choose(b, own, lines, n, ret, err);
    if (status == LGD_OK && *ret == b->n_model_profiles) return adopt(b, own, lines, n, ret, err);
    lgd_profile_free(own);
    return status;
}

lgd_status batch_begin_file(batch *b, const lgd_block *block, lgd_err *err) {
    lgd_sv lines[SAMPLE_LINES];
    size_t n = 0;
    for (size_t i = 0; i < block->n_records && n < SAMPLE_LINES; i++) {
        lgd_sv head = lgd_record_line(&block->records[i]);
        if (lgd_sv_trim(head).n) lines[n++] = head;
    }
    b->n_attempts = 0;
    if (n == 0) return LGD_OK; /* nothing but blank lines so far */
    LGD_TRY(choose_profile(b, lines, n, &b->chain[0], err));
    b->n_chain = 1;
    return LGD_OK;
}

static bool is_misfit(const parsed *p) { return !p->blank && !p->joined && !p->cut.fits; }

/* Lines that fit no profile, evenly from the whole block; 0 if they are too few to matter. */
static size_t sample_misfits(const batch *b, const lgd_block *block, lgd_sv ret[SAMPLE_LINES]) {
    size_t n_misfits = 0, n_lines = 0, n = 0;
    for (size_t i = 0; i < block->n_records; i++) {
        n_lines += !b->parses[i].blank;
        n_misfits += is_misfit(&b->parses[i]);
    }
    if (n_misfits < MIN_MISFITS || n_misfits * MISFIT_SHARE < n_lines) return 0;
    size_t step = (n_misfits + SAMPLE_LINES - 1) / SAMPLE_LINES, k = 0;
    for (size_t i = 0; i < block->n_records; i++)
        if (is_misfit(&b->parses[i]) && k++ % step == 0) ret[n++] = lgd_record_line(&block->records[i]);
    return n;
}

lgd_status batch_extend_chain(batch *b, const lgd_block *block, bool *ret_extended, lgd_err *err) {
    lgd_sv lines[SAMPLE_LINES];
    *ret_extended = false;
    if (b->no_header || b->forced || b->n_chain == MAX_CHAIN || b->n_attempts == MAX_ATTEMPTS) return LGD_OK;
    size_t n = sample_misfits(b, block, lines);
    if (n == 0) return LGD_OK;
    size_t profile = 0;
    double fit = 0;
    b->n_attempts++;
    LGD_TRY(choose_profile(b, lines, n, &profile, err));
    LGD_TRY(lgd_profile_fit(b->profiles[profile], lines, n, b->workers[0].cutter, &fit, err));
    for (size_t i = 0; i < b->n_chain; i++)
        if (b->chain[i] == profile) return LGD_OK;
    if (fit * MISFIT_SHARE < 1) return LGD_OK;
    b->chain[b->n_chain++] = profile;
    *ret_extended = true;
    return LGD_OK;
}

lgd_status batch_cut(const batch *b, worker *w, lgd_sv line, parsed *ret) {
    lgd_sv over_limit = {"", 0};
    for (ret->link = 0; ret->link < b->n_chain; ret->link++) {
        LGD_TRY(lgd_profile_cut(b->profiles[b->chain[ret->link]], line, w->cutter, &ret->cut, &w->err));
        if (ret->cut.over_limit.n) over_limit = ret->cut.over_limit;
        if (ret->cut.fits) break;
    }
    if (!ret->cut.fits) ret->link = 0;
    if (!ret->cut.fits && b->n_chain > 1)
        LGD_TRY(lgd_profile_cut(b->profiles[b->chain[0]], line, w->cutter, &ret->cut, &w->err));
    if (over_limit.n) ret->cut.over_limit = over_limit;
    return LGD_OK;
}
