/*
 * pipeline/train: learn, save, and say what was learned and whether it is enough.
 */
#include "learn.h"

#include <math.h>

/* --days N: everything older than N days before the newest line stays out. One more pass, over headers alone. */
static lgd_status nothing_more(void *ctx, batch *b, const lgd_block *block, uint64_t first, lgd_err *err) {
    (void)ctx;
    (void)b;
    (void)block;
    (void)first;
    (void)err;
    return LGD_OK;
}

static lgd_status limit_days(run *r, uint64_t days, lgd_err *err) {
    bundle b = {0};
    batch x = {.profiles = b.profiles, .n_profiles = &b.n_profiles};
    lgd_status status = batch_init(&x, r->pool, NULL, err);
    if (status == LGD_OK) status = run_pass(r, &x, "days", true, nothing_more, NULL, err);
    int64_t newest = x.tally.end_ns;
    batch_release(&x);
    bundle_release(&b);
    LGD_TRY(status);
    if (newest == LGD_NO_TIME) return lgd_fail(err, LGD_E_DATA, "--days: no line has a timestamp; nothing was written");
    int64_t since = newest - (int64_t)days * INT64_C(86400000000000);
    if (r->since_ns == LGD_NO_TIME || since > r->since_ns) r->since_ns = since;
    return LGD_OK;
}

/* Nobody is left to judge where the network alone was to, and there is none. */
static bool nobody_judges(const plan *p, const bundle *b) {
    for (size_t i = 0; i < p->ensemble.n; i++)
        if (b->lstm || p->ensemble.seats[i].role->sessions != LGD_JUDGE_BY_LSTM) return false;
    return true;
}

static lgd_status advise(const plan *p, const bundle *b, const learned *l, lgd_train_summary *s, lgd_arena *arena,
                         lgd_err *err) {
    lgd_buf text = {0};
    if (s->events < 10000)
        lgd_buf_printf(&text, "%llu events are few; 10,000 and several days make the rates hold",
                       (unsigned long long)s->events);
    else if (s->coverage < 0.99)
        lgd_buf_printf(&text, "%.1f %% of new lines will be of unknown templates; more days would lower that",
                       100 * (1 - s->coverage));
    else
        lgd_buf_printf(&text, "%s", "many events, and few of the next ones will be of unknown templates");
    if (b->counts && lgd_counts_suspects(b->counts) > 0)
        lgd_buf_printf(&text, "; about %.2f %% of the training sessions look anomalous",
                       100 * lgd_counts_suspects(b->counts));
    if (lgd_detector_n_members(b->detector) == 0)
        lgd_buf_printf(&text, "; no member of the ensemble judges lines%s",
                       b->counts ? ": only sessions can be anomalous"
                                 : ", and there are no sessions: nothing can be found");
    if (nobody_judges(p, b))
        lgd_buf_printf(&text, "; of the ensemble there is but the network, and it could not be learned: "
                              "nothing can be found");
    if (l->dropped_signatures)
        lgd_buf_printf(&text, "; %llu rare signatures with %llu events were dropped from a full table",
                       (unsigned long long)l->dropped_signatures, (unsigned long long)l->dropped_events);
    bool ok = !text.failed && lgd_arena_copy(arena, lgd_buf_sv(&text), &s->advice);
    lgd_buf_release(&text);
    return ok ? LGD_OK : lgd_fail_memory(err, 128);
}

/* A key that was found is let go in silence; one that was asked for is not. */
static lgd_status tell_dropped_sessions(const run *r, const bundle *b, const learned *l, lgd_arena *arena,
                                        lgd_summary *s, lgd_err *err) {
    if (!session_pattern(r->config) || b->session) return LGD_OK;
    return run_add_problem(arena, s, err,
                           "--session: '%.200s' ties lines into %llu session%s, need %d to learn what a normal one is; "
                           "learned without sessions",
                           session_pattern(r->config), (unsigned long long)l->sessions_dropped,
                           l->sessions_dropped == 1 ? "" : "s", LGD_MIN_SESSIONS);
}

static lgd_status summarize(const run *r, const bundle *b, const learned *l, lgd_arena *arena, lgd_train_summary *ret,
                            lgd_err *err) {
    lgd_train_summary s = {0};
    LGD_TRY(run_summarize(r, &l->batch, arena, &s.read, err));
    LGD_TRY(tell_dropped_sessions(r, b, l, arena, &s.read, err));
    s.events = lgd_baseline_n_events(b->baseline);
    s.templates = s.read.templates = lgd_store_n_templates(b->store);
    s.signatures = l->signatures;
    s.dropped_events = l->dropped_events;
    s.singletons = lgd_baseline_singletons(b->baseline);
    s.coverage = 1 - (double)s.singletons / (double)s.events;
    s.fit_rows = l->rows;
    s.threshold = s.read.threshold = exp2(-lgd_detector_threshold(b->detector, b->target_fpr));
    s.read.requested_fpr = b->target_fpr;
    s.incident_threshold_bits = bundle_grouping(b, b->target_fpr).threshold;
    s.training_anomalies = s.read.anomalies = l->training_anomalies;
    s.training_incidents = s.read.incidents = l->training_incidents;
    s.sessions = b->counts ? lgd_counts_n_sessions(b->counts) : 0;
    s.network = l->network;
    if (b->counts && !lgd_arena_copy(arena, lgd_sv_of(b->session), &s.session_key))
        return lgd_fail_memory(err, strlen(b->session));
    if (!lgd_arena_copy(arena, lgd_sv_of(l->network_problem.text), &s.network_problem))
        return lgd_fail_memory(err, strlen(l->network_problem.text));
    s.enough = s.events >= 10000 && s.coverage >= 0.99;
    *ret = s;
    return LGD_OK;
}

static lgd_status train(run *r, bundle *b, learned *l, lgd_arena *arena, lgd_train_summary *ret, lgd_err *err) {
    plan p;
    LGD_TRY(plan_make(r->config, &p, err));
    if (r->config->days) LGD_TRY(limit_days(r, r->config->days, err));
    LGD_TRY(learn(r, &p, b, l, err));
    LGD_TRY(summarize(r, b, l, arena, ret, err));
    LGD_TRY(advise(&p, b, l, ret, arena, err));
    return bundle_save(b, r->config->output, err);
}

lgd_status lgd_train(const lgd_config *config, const lgd_world *world, lgd_arena *arena, lgd_train_summary *ret_summary,
                     lgd_outcome *ret_outcome, lgd_err *err) {
    run r = {0};
    bundle b = {0};
    learned l = {0};
    lgd_status status = run_init(&r, config, world, err);
    if (status == LGD_OK) status = train(&r, &b, &l, arena, ret_summary, err);
    if (status == LGD_OK) {
        run_outcome(&r, &l.batch, ret_outcome);
        ret_outcome->anomalies = 0;
    }
    batch_release(&l.batch);
    bundle_release(&b);
    run_release(&r);
    return status;
}
