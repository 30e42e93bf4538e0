/*
 * pipeline/plan: --recipe, --ensemble, --epochs, --sequence-length -> the ensemble and the network to learn. All of it is
 * checked here, before anything is read.
 */
#include "plan.h"

static lgd_status seat_members(const lgd_recipe *r, lgd_ensemble *ret, lgd_err *err) {
    lgd_ensemble e = {0};
    if (r->n_members == 0) lgd_ensemble_init(&e);
    for (size_t i = 0; i < r->n_members; i++) {
        const lgd_recipe_member *m = &r->members[i];
        lgd_err inner = {0};
        lgd_status status = lgd_ensemble_add(&e, m->name, m->weight, &inner);
        if (status != LGD_OK)
            return lgd_fail(err, status, "%.*s:%zu: members: %s; nothing was done", (int)r->name.n, r->name.p, m->line,
                            inner.text);
    }
    *ret = e;
    return LGD_OK;
}

static lgd_lstm_options network_of(const lgd_recipe_lstm *r, const lgd_config *c) {
    _Static_assert((int)LGD_RECIPE_LAYERS == (int)LGD_NET_MAX_LAYERS, "a recipe has room for every layer of a network");
    lgd_lstm_options o;
    lgd_lstm_options_init(&o);
    o.seed = c->seed;
    o.steps = c->sequence_length ? (uint32_t)c->sequence_length : r->steps;
    o.width = r->embedding;
    o.n_layers = (uint32_t)r->n_layers;
    o.loss = r->squared ? LGD_LOSS_SQUARED : LGD_LOSS_CROSS_ENTROPY;
    o.dropout = r->dropout;
    o.max_windows = r->windows;
    o.epochs = c->epochs ? (uint32_t)c->epochs : r->epochs;
    if (c->epochs) o.max_passes = 0; /* who counts epochs gets them */
    memcpy(o.units, r->layers, sizeof o.units);
    return o;
}

lgd_status plan_make(const lgd_config *c, plan *ret, lgd_err *err) {
    lgd_recipe recipe;
    lgd_arena arena = {0};
    lgd_status status = LGD_OK;
    lgd_recipe_init(&recipe);
    if (c->recipe) status = lgd_recipe_find(c->recipe, lgd_builtin_recipes(), &arena, &recipe, err);
    plan p = {.lstm = network_of(&recipe.lstm, c)};
    if (status == LGD_OK)
        status =
            c->ensemble ? lgd_ensemble_parse(c->ensemble, &p.ensemble, err) : seat_members(&recipe, &p.ensemble, err);
    if (status == LGD_OK) *ret = p;
    lgd_arena_release(&arena);
    return status;
}

void plan_leave_out_network(plan *p) {
    size_t n = 0;
    for (size_t i = 0; i < p->ensemble.n; i++)
        if (p->ensemble.seats[i].role->sessions != LGD_JUDGE_BY_LSTM) p->ensemble.seats[n++] = p->ensemble.seats[i];
    p->ensemble.n = n;
}
