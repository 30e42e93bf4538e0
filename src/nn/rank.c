/*
 * nn/rank: windows -> what the network says of each target. Full pieces of PIECE windows first, the rest in pieces of
 * FEW; a network with much to keep gets smaller pieces, MAX_NUMBERS numbers for a worker. Workers take pieces as they
 * come. A GPU takes larger ones, one after the other and all of one size, since its products depend on theirs.
 */
#include "pass.h"

#include <math.h>

enum { PIECE = 96, FEW = 8, DEVICE_PIECE = 1024, MAX_NUMBERS = 1 << 22 };

typedef struct seat {
    pass full, few; /* made when they are first needed */
} seat;

/* What scoring keeps on a backend. */
typedef struct place {
    lgd_compute *c;
    lgd_real *params;
    seat *seats; /* by worker */
    size_t n_seats, piece, few;
} place;

struct lgd_ranker {
    const lgd_net *net;
    lgd_engine *e;
    place place;
};

static void place_release(place *p) {
    for (size_t i = 0; i < p->n_seats; i++) {
        pass_release(&p->seats[i].full);
        pass_release(&p->seats[i].few);
    }
    lgd_free(p->seats);
    if (p->c && p->c->backend) p->c->backend->free(p->c, p->params);
    *p = (place){0};
}

/* Windows of a piece, by the numbers that a pass keeps for each. */
static size_t piece_of(const lgd_net_shape *s, bool host) {
    size_t numbers = s->vocab + 2 * (size_t)s->width, most = host ? PIECE : DEVICE_PIECE;
    for (size_t i = 0; i < s->n_layers; i++) numbers += 6 * (size_t)s->units[i];
    size_t piece = MAX_NUMBERS * (host ? 1u : 64u) / (numbers * s->steps);
    return piece < 1 ? 1 : piece < most ? piece : most;
}

static lgd_status place_init(place *p, lgd_compute *c, const lgd_net *net, lgd_pool *pool, lgd_err *err) {
    bool host = c->backend->on_host;
    size_t n = host ? lgd_pool_size(pool) : 1, n_bytes = net->n_params * sizeof(lgd_real);
    *p = (place){.c = c, .piece = piece_of(&net->shape, host)};
    p->few = host && p->piece > FEW ? FEW : p->piece;
    p->seats = lgd_calloc(n, sizeof *p->seats);
    p->params = c->backend->alloc(c, n_bytes);
    if (!p->seats || !p->params) {
        lgd_status status = p->seats ? pass_no_array(c, n_bytes, err) : lgd_fail_memory(err, n * sizeof *p->seats);
        place_release(p);
        return status;
    }
    p->n_seats = n;
    c->backend->put(c, p->params, net->params, n_bytes);
    return LGD_OK;
}

lgd_status lgd_ranker_new(const lgd_net *net, lgd_engine *e, lgd_ranker **ret, lgd_err *err) {
    lgd_ranker *r = lgd_calloc(1, sizeof *r);
    if (!r) return lgd_fail_memory(err, sizeof *r);
    r->net = net;
    r->e = e;
    *ret = r;
    return LGD_OK;
}

void lgd_ranker_free(lgd_ranker *r) {
    if (!r) return;
    place_release(&r->place);
    lgd_free(r);
}

/* ---- pieces ---- */

typedef struct rank_job {
    lgd_ranker *r;
    const lgd_windows *w;
    lgd_ranked *ret;
    size_t n_full; /* pieces of place.piece windows; those behind them have place.few */
    _Atomic bool failed;
    lgd_err *errs; /* by worker */
} rank_job;

static float bits(lgd_real natural) { return (float)((double)natural * 1.4426950408889634); }

static void take_ranks(const rank_job *job, pass *p, size_t first, size_t n) {
    size_t steps = job->r->net->shape.steps;
    bool squared = job->r->net->shape.loss == LGD_LOSS_SQUARED;
    const lgd_backend *b = p->c->backend;
    b->get(p->c, p->host_p, p->log_p, p->rows * sizeof *p->host_p);
    b->get(p->c, p->host_best_p, p->log_p_best, p->rows * sizeof *p->host_best_p);
    b->get(p->c, p->host_best, p->best, p->rows * sizeof *p->host_best);
    for (size_t i = 0; i < n; i++)
        for (size_t t = 0; t < steps; t++) {
            size_t from = t * p->n + i, to = (first + i) * steps + t;
            job->ret[to] = (lgd_ranked){0};
            if (job->w->targets[to] < 0) continue;
            job->ret[to] = squared
                               ? (lgd_ranked){(float)p->host_p[from], 0, p->host_best[from]}
                               : (lgd_ranked){bits(p->host_p[from]), bits(p->host_best_p[from]), p->host_best[from]};
        }
}

static lgd_status do_piece(const rank_job *job, size_t piece, size_t worker) {
    place *at = &job->r->place;
    bool full = piece < job->n_full;
    size_t size = full ? at->piece : at->few;
    size_t first = full ? piece * size : job->n_full * at->piece + (piece - job->n_full) * size;
    size_t n = job->w->n - first < size ? job->w->n - first : size;
    pass *p = full ? &at->seats[worker].full : &at->seats[worker].few;
    if (!p->c) LGD_TRY(pass_init(p, at->c, job->r->net, size, false, &job->errs[worker]));
    const lgd_windows alike = {job->w->n, job->w->inputs, job->w->targets, NULL}; /* weights are for losses */
    pass_fill(p, &(pass_batch){.windows = &alike, .first = first, .n = n, .scale = 1});
    pass_rank(p, at->params);
    take_ranks(job, p, first, n);
    return LGD_OK;
}

static void do_pieces(void *ctx, size_t begin, size_t end, size_t worker) {
    rank_job *job = ctx;
    for (size_t i = begin; i < end && !job->failed; i++)
        if (do_piece(job, i, worker) != LGD_OK) job->failed = true;
}

static lgd_status rank_here(lgd_ranker *r, const lgd_windows *w, lgd_ranked *ret, lgd_err *err) {
    size_t n_full = w->n / r->place.piece, rest = w->n - n_full * r->place.piece;
    lgd_err *errs = lgd_calloc(r->place.n_seats, sizeof *errs);
    if (!errs) return lgd_fail_memory(err, r->place.n_seats * sizeof *errs);
    rank_job job = {.r = r, .w = w, .ret = ret, .n_full = n_full, .errs = errs};
    size_t pieces = n_full + (rest + r->place.few - 1) / r->place.few;
    if (r->place.c->backend->on_host)
        lgd_pool_run(r->e->pool, pieces, 1, do_pieces, &job);
    else
        do_pieces(&job, 0, pieces, 0);
    lgd_status status = r->place.c->backend->finish(r->place.c, err);
    for (size_t i = 0; status == LGD_OK && i < r->place.n_seats; i++)
        if (errs[i].status != LGD_OK) status = lgd_fail(err, errs[i].status, "%s", errs[i].text);
    lgd_free(errs);
    return status;
}

lgd_status lgd_ranker_run(lgd_ranker *r, const lgd_windows *w, lgd_ranked *ret, lgd_err *err) {
    for (;;) {
        lgd_compute *c = lgd_engine_pick(r->e, lgd_net_flops(&r->net->shape) * (double)w->n);
        lgd_err why = {0};
        lgd_status status = LGD_OK;
        if (r->place.c != c) {
            place_release(&r->place);
            status = place_init(&r->place, c, r->net, r->e->pool, &why);
        }
        if (status == LGD_OK) status = rank_here(r, w, ret, &why);
        if (status == LGD_OK) return LGD_OK;
        place_release(&r->place);
        if (status == LGD_E_DEVICE && lgd_engine_give_up(r->e, c, &why)) continue;
        return lgd_fail(err, status, "%s", why.text);
    }
}
