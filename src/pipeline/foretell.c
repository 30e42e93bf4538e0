/*
 * pipeline/foretell: events -> steps of streams -> the network's column. A stream is the event's session where it has
 * one, else its process or thread, else its file. In a training the second pass collects windows, the network is fitted
 * before the third, and the third follows the same events as a scan would. With --checkpoint what the fit is between its
 * epochs goes to a file, and comes from there.
 */
#include "foretell.h"

#include "memory.h"

#include <errno.h>
#include <unistd.h>

/* Many times the state of a usual network, 2 MB. */
enum { MAX_STATE_BYTES = 64 << 20 };

void foretelling_release(foretelling *f) {
    lgd_corpus_free(f->corpus);
    lgd_buf_release(&f->state);
    lgd_follower_free(f->follower);
    lgd_free(f->steps);
    lgd_free(f->told);
    *f = (foretelling){0};
}

static lgd_step step_of(const foretelling *f, const batch *b, size_t i) {
    lgd_sv session = b->origins[i].parse->session;
    if (session.n) return (lgd_step){lgd_hash_sv(session, f->hash_key), true, b->events.template_id[i]};
    return (lgd_step){b->events.stream[i], false, b->events.template_id[i]};
}

/* ---- training ---- */

bool plan_wants_network(const plan *p) {
    for (size_t i = 0; i < p->ensemble.n; i++)
        if (p->ensemble.seats[i].role->sessions == LGD_JUDGE_BY_LSTM) return true;
    return false;
}

bool event_is_held_out(uint64_t event, uint64_t block_events) {
    return lgd_fold_of(event, block_events) == LGD_FOLDS - 1;
}

lgd_status foretelling_collect(foretelling *f, const batch *b, const lgd_block *block, uint64_t first,
                               uint64_t block_events, lgd_err *err) {
    if (!f->corpus) return LGD_OK;
    if (block->first) lgd_corpus_begin_input(f->corpus);
    for (size_t i = 0; i < b->events.n; i++) {
        lgd_step step = step_of(f, b, i);
        LGD_TRY(lgd_corpus_add(f->corpus, &step, event_is_held_out(first + i, block_events), err));
    }
    return LGD_OK;
}

lgd_status foretelling_open(foretelling *f, const run *r, lgd_err *err) {
    const char *path = r->config->checkpoint;
    if (!path || (access(path, F_OK) != 0 && errno == ENOENT)) return LGD_OK;
    return lgd_file_read(path, MAX_STATE_BYTES, "nothing was written", &f->state, err);
}

typedef struct teller {
    const run *r;
    uint32_t epochs;
    bool warned;
} teller;

static void tell_epoch(void *ctx, const lgd_epoch *epoch) {
    const teller *t = ctx;
    if (t->r->world->progress) t->r->world->progress(t->r->world->ctx, "network", epoch->number, t->epochs);
}

/* A file that cannot be written is no reason to end what takes long. What could not be read back is not written. */
static lgd_status keep_state(void *ctx, lgd_sv state, lgd_err *err) {
    teller *t = ctx;
    lgd_err why = {0};
    const char *path = t->r->config->checkpoint;
    lgd_status status = state.n > MAX_STATE_BYTES
                            ? lgd_fail(&why, LGD_E_MEMORY, "%s: the network is too large for it", path)
                            : lgd_file_replace(path, state, &why);
    if (status == LGD_OK || t->warned) return LGD_OK;
    t->warned = true;
    lgd_buf text = {0};
    lgd_buf_printf(&text, "%s; the training goes on without it", why.text);
    lgd_buf_add_char(&text, '\0');
    if (!text.failed) run_warn(t->r, text.p);
    status = text.failed ? lgd_fail_memory(err, text.n) : LGD_OK;
    lgd_buf_release(&text);
    return status;
}

lgd_status foretelling_fit(foretelling *f, run *r, const plan *p, bundle *b, lgd_lstm_fit_summary *ret,
                           lgd_err *ret_problem, lgd_err *err) {
    if (!f->corpus) return LGD_OK;
    lgd_err why = {0};
    teller t = {.r = r, .epochs = p->lstm.epochs};
    const char *path = r->config->checkpoint;
    lgd_lstm_course course = {tell_epoch, path ? keep_state : NULL, &t, lgd_buf_sv(&f->state), path};
    lgd_status status = lgd_lstm_fit(f->corpus, &p->lstm, &r->engine, &course, &b->lstm, ret, &why);
    lgd_buf_release(&f->state);
    if (b->memory && (status == LGD_OK || status == LGD_E_DATA))
        LGD_TRY(lgd_corpus_remember(f->corpus, &p->lstm, &b->memory->windows, err));
    lgd_corpus_free(f->corpus);
    f->corpus = NULL;
    /* A log too short for it still has all the other members; but who gave it a weight means it. */
    if (status == LGD_E_DATA && p->ensemble.weighted)
        return lgd_fail(err, status,
                        "the ensemble gives lstm a weight, and there is no network: %.700s; nothing was written",
                        why.text);
    if (status != LGD_E_DATA) return status == LGD_OK ? LGD_OK : lgd_fail(err, status, "%s", why.text);
    *ret_problem = why;
    return LGD_OK;
}

/* ---- following ---- */

lgd_status foretelling_begin(foretelling *f, run *r, const bundle *b, lgd_err *err) {
    f->hash_key = r->world->hash_key;
    /* Without its sessions, a network that was trained on them has nothing to say. */
    if (!b->lstm || (b->session && !r->key)) return LGD_OK;
    return lgd_follower_new(b->lstm, &r->engine, &f->follower, err);
}

static void put_context(const lgd_foretold *told, lgd_context *c) {
    c->expected = told->expected;
    c->p = (double)told->p;
    c->p_expected = (double)told->p_expected;
}

lgd_status foretelling_fill(foretelling *f, const batch *b, const lgd_block *block, lgd_matrix *rows, size_t first_row,
                            lgd_context *contexts, lgd_err *err) {
    size_t n = b->events.n;
    if (!f->follower || n == 0) return LGD_OK;
    if (block->first) lgd_follower_begin_input(f->follower);
    LGD_TRY(lgd_grow((void **)&f->steps, &f->steps_capacity, n, sizeof *f->steps, UINT32_MAX, err));
    LGD_TRY(lgd_grow((void **)&f->told, &f->told_capacity, n, sizeof *f->told, UINT32_MAX, err));
    for (size_t i = 0; i < n; i++) f->steps[i] = step_of(f, b, i);
    LGD_TRY(lgd_follower_add(f->follower, f->steps, n, f->told, err));
    float *column = rows->x + LGD_COL_FORETOLD * rows->capacity + first_row;
    for (size_t i = 0; i < n; i++) column[i] = f->told[i].score;
    for (size_t i = 0; i < n && contexts; i++) put_context(&f->told[i], &contexts[i]);
    return LGD_OK;
}

bool foretelling_session(const foretelling *f, lgd_sv name, lgd_lstm_session *ret) {
    return f->follower && lgd_follower_session(f->follower, lgd_hash_sv(name, f->hash_key), ret);
}
