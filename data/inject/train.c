/*
 * inject/train: what is normal, by the library's own stages: templates, slots, hours and rates from its training, and
 * from one more pass which template follows which in a session or stream. Cost: a training without the network.
 */
#include "inject.h"

#include <stdlib.h>

static lgd_status set_option(lgd_config *c, const char *name, const char *value, lgd_err *err) {
    const lgd_option *row = lgd_option_find(lgd_sv_of(name), LGD_CMD_TRAIN);
    return row ? lgd_option_set(c, row, lgd_sv_of(value), LGD_CMD_TRAIN, err)
               : lgd_fail(err, LGD_E_USAGE, "no option --%s", name);
}

/* ---- pairs ---- */

static bool pair_equal(const void *ctx, uint32_t item, const void *key) {
    const inject_pair *row = &((const inject_normal *)ctx)->pairs[item], *k = key;
    return row->previous == k->previous && row->next == k->next;
}

static uint64_t pair_hash(lgd_template_id previous, lgd_template_id next) {
    return lgd_hash_u64((uint64_t)previous << 32 | next, 0x70616972u);
}

static lgd_status count_pair(inject_normal *n, lgd_template_id previous, lgd_template_id next, lgd_err *err) {
    inject_pair key = {previous, next, 0};
    uint64_t hash = pair_hash(previous, next);
    uint32_t found = lgd_index_find(&n->pair_index, hash, pair_equal, n, &key);
    if (found == LGD_INDEX_NONE) {
        found = (uint32_t)n->n_pairs;
        LGD_TRY(lgd_grow((void **)&n->pairs, &n->pairs_capacity, n->n_pairs + 1, sizeof key, UINT32_MAX, err));
        LGD_TRY(lgd_index_add(&n->pair_index, hash, found, err));
        n->pairs[n->n_pairs++] = key;
    }
    n->pairs[found].count++;
    n->followed[previous]++;
    return LGD_OK;
}

uint64_t inject_pair_count(const inject_normal *n, lgd_template_id previous, lgd_template_id next) {
    inject_pair key = {previous, next, 0};
    uint32_t found = lgd_index_find(&n->pair_index, pair_hash(previous, next), pair_equal, n, &key);
    return found == LGD_INDEX_NONE ? 0 : n->pairs[found].count;
}

/* The last template of each thread. */
typedef struct last_row {
    uint64_t thread;
    lgd_template_id id;
} last_row;

typedef struct pair_pass {
    inject_normal *normal;
    last_row *rows;
    size_t n, capacity;
    lgd_index index;
} pair_pass;

static bool thread_equal(const void *ctx, uint32_t item, const void *key) {
    return ((const pair_pass *)ctx)->rows[item].thread == *(const uint64_t *)key;
}

static lgd_status follow(pair_pass *p, uint64_t thread, lgd_template_id id, lgd_err *err) {
    uint32_t found = lgd_index_find(&p->index, thread, thread_equal, p, &thread);
    if (found == LGD_INDEX_NONE) {
        LGD_TRY(lgd_grow((void **)&p->rows, &p->capacity, p->n + 1, sizeof *p->rows, UINT32_MAX, err));
        LGD_TRY(lgd_index_add(&p->index, thread, (uint32_t)p->n, err));
        p->rows[p->n++] = (last_row){thread, id};
        return LGD_OK;
    }
    LGD_TRY(count_pair(p->normal, p->rows[found].id, id, err));
    p->rows[found].id = id;
    return LGD_OK;
}

static lgd_status pairs_block(void *ctx, batch *b, const lgd_block *block, uint64_t first, lgd_err *err) {
    pair_pass *p = ctx;
    (void)first;
    for (size_t i = 0; i < b->events.n; i++) {
        lgd_sv session = b->origins[i].parse->session;
        uint64_t stream = b->events.stream[i] ? lgd_hash_u64(b->events.stream[i], block->file + 1) : 0;
        uint64_t thread = session.n ? lgd_hash_sv(session, 1) : stream;
        if (thread && b->events.template_id[i] != LGD_NO_TEMPLATE)
            LGD_TRY(follow(p, thread, b->events.template_id[i], err));
    }
    return LGD_OK;
}

static lgd_status learn_pairs(inject_normal *n, lgd_err *err) {
    pair_pass p = {.normal = n};
    batch b = {0};
    n->followed = lgd_calloc(lgd_store_n_templates(n->model.store), sizeof *n->followed);
    if (!n->followed) return lgd_fail_memory(err, lgd_store_n_templates(n->model.store) * sizeof *n->followed);
    lgd_status status = batch_init(&b, n->run.pool, n->run.key, err);
    b.store = n->model.store;
    b.profiles = n->model.profiles;
    b.n_profiles = &n->model.n_profiles;
    b.n_model_profiles = n->model.n_profiles;
    if (status == LGD_OK) status = run_pass(&n->run, &b, "pairs", false, pairs_block, &p, err);
    batch_release(&b);
    lgd_free(p.rows);
    lgd_index_release(&p.index);
    return status;
}

/* ---- training ---- */

lgd_status inject_normal_learn(inject_normal *n, const char *pattern, const char *session, const lgd_world *world,
                               lgd_err *err) {
    plan p;
    learned l = {0};
    lgd_config_init(&n->config, LGD_CMD_TRAIN);
    LGD_TRY(set_option(&n->config, "input", pattern, err));
    LGD_TRY(set_option(&n->config, "tz", "UTC", err));
    LGD_TRY(set_option(&n->config, "recipe", "fast", err));
    if (session) LGD_TRY(set_option(&n->config, "session", session, err));
    LGD_TRY(plan_make(&n->config, &p, err));
    LGD_TRY(run_init(&n->run, &n->config, world, err));
    lgd_status status = learn(&n->run, &p, &n->model, &l, err);
    batch_release(&l.batch);
    return status == LGD_OK ? learn_pairs(n, err) : status;
}

void inject_normal_release(inject_normal *n) {
    run_release(&n->run);
    lgd_config_release(&n->config);
    bundle_release(&n->model);
    lgd_free(n->pairs);
    lgd_free(n->followed);
    lgd_index_release(&n->pair_index);
    lgd_lexer_release(&n->lexer);
}

lgd_status inject_normal_read(inject_normal *n, lgd_sv message, lgd_template_id *ret, lgd_err *err) {
    lgd_signature s;
    LGD_TRY(lgd_lex(&n->lexer, message, &s, err));
    uint32_t pattern = lgd_store_find(n->model.store, s.bytes);
    *ret = pattern == LGD_NO_PATTERN ? LGD_NO_TEMPLATE : lgd_store_pattern(n->model.store, pattern)->template_id;
    return LGD_OK;
}
