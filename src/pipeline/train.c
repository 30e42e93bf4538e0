/*
 * pipeline/train: learn, save, and say what was learned and whether it is enough.
 */
#include "learn.h"

#include "memory.h"

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

/* What an update cannot know: whether it is given what it has had, or another log. */
static void advise_update(const past *x, const lgd_train_summary *s, lgd_buf *text) {
    bool overlaps = x->is_update && s->read.start_ns != LGD_NO_TIME && x->old_end_ns != LGD_NO_TIME &&
                    s->read.start_ns < x->old_end_ns;
    if (overlaps)
        lgd_buf_printf(text, "%s",
                       "; the input begins before the end of what the model has learned: lines that it "
                       "has learned already count twice (--since leaves them out)");
    if (x->is_update && s->unknown_events * 2 > s->new_events)
        lgd_buf_printf(text,
                       "; %.0f %% of the input's events have templates that the model did not know: is it the "
                       "same system's log?",
                       100 * (double)s->unknown_events / (double)s->new_events);
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
    advise_update(l->past, s, &text);
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

static lgd_status make_plan(run *r, past *x, plan *ret, lgd_err *err) {
    if (!r->config->update) return plan_make(r->config, ret, err);
    LGD_TRY(past_open(x, r->config, r->world->hash_key, err));
    return past_plan(x, r->config, ret, err);
}

static void summarize_update(const past *x, const bundle *b, const learned *l, lgd_train_summary *s) {
    s->updated = x->is_update;
    s->new_events = l->new_events;
    s->new_templates = lgd_store_n_templates(b->store) - x->old_templates;
    for (size_t i = x->old_templates; i < lgd_store_n_templates(b->store); i++)
        s->unknown_events += lgd_baseline_count(b->baseline, (lgd_template_id)i);
    s->old_events = x->old_events;
    s->old_weight = x->weight;
}

static lgd_status train(run *r, past *x, bundle *b, learned *l, lgd_arena *arena, lgd_train_summary *ret,
                        lgd_err *err) {
    plan p;
    LGD_TRY(make_plan(r, x, &p, err));
    if (r->config->days) LGD_TRY(limit_days(r, r->config->days, err));
    b->memory = lgd_calloc(1, sizeof *b->memory);
    if (!b->memory) return lgd_fail_memory(err, sizeof *b->memory);
    l->past = x;
    LGD_TRY(learn_on(r, &p, x, b, l, err));
    LGD_TRY(summarize(r, b, l, arena, ret, err));
    summarize_update(x, b, l, ret);
    LGD_TRY(advise(&p, b, l, ret, arena, err));
    LGD_TRY(past_check_current(x, r->config, err));
    return bundle_save(b, r->config->output, err);
}

lgd_status lgd_train(const lgd_config *config, const lgd_world *world, lgd_arena *arena, lgd_train_summary *ret_summary,
                     lgd_outcome *ret_outcome, lgd_err *err) {
    run r = {0};
    bundle b = {0};
    learned l = {0};
    past x = {.weight = 1};
    lgd_status status = run_init(&r, config, world, err);
    if (status == LGD_OK) status = train(&r, &x, &b, &l, arena, ret_summary, err);
    if (status == LGD_OK) {
        run_outcome(&r, &l.batch, ret_outcome);
        ret_outcome->anomalies = 0;
    }
    batch_release(&l.batch);
    bundle_release(&b);
    past_release(&x);
    run_release(&r);
    return status;
}
