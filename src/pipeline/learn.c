/*
 * pipeline/learn: training, in three passes over the inputs.
 *
 *     1  lines -> signatures -> templates (frozen from here on)
 *     2  events -> baseline: counts by template, transition, hour, window, value, in folds; windows -> network
 *     3  events -> cross-scored columns -> members, calibration; the training's own groups -> incident threshold
 *
 * Nothing is kept for each line but its row of columns, and of these at most MAX_ROWS, the latest; so memory is flat.
 */
#include "learn.h"

#include "discover.h"
#include "foretell.h"
#include "session_fit.h"
#include "signals.h"

#include <math.h>
#include <stdlib.h>

enum { BLOCKS = 100, MAX_ROWS = 1 << 19 };

/* What simulating groups needs of an event. */
typedef struct trace {
    int64_t time_ns;
    uint32_t stream, unit, file;
    lgd_template_id template_id;
} trace;

typedef struct learner {
    run *r;
    bundle *b;
    lgd_miner *miner;
    lgd_tracker *tracker;
    uint64_t n_events, block_events, skip_events;
    uint64_t fold_base; /* number of the first event, as folds count them */
    lgd_matrix rows;
    trace *traces;
    uint32_t *row_sessions; /* by row: in the table, where members judge sessions by their lines */
    size_t traces_capacity, row_sessions_capacity;
    const plan *plan;
    past *past;
    session_fit sessions;
    foretelling foretelling;
    discovery *discovery; /* NULL: the session key is not to be found */
    learned *out;
} learner;

/* ---- pass 1 ---- */

/* The line from the first field on that is no timestamp. */
static lgd_sv behind_time(const lgd_record *r, const lgd_header *h, lgd_sv body) {
    const lgd_sv fields[] = {h->pid, h->component, body};
    const char *start = r->text.p + r->head_n;
    for (size_t i = 0; i < 3; i++)
        if (fields[i].n && fields[i].p >= r->text.p && fields[i].p < start) start = fields[i].p;
    return (lgd_sv){start, (size_t)(r->text.p + r->head_n - start)};
}

static lgd_status mine_block(void *ctx, batch *b, const lgd_block *block, uint64_t first, lgd_err *err) {
    learner *l = ctx;
    (void)block;
    (void)first;
    for (size_t i = 0; i < b->events.n; i++) {
        const origin *o = &b->origins[i];
        past_see(l->past, o->record->text);
        LGD_TRY(lgd_miner_add(l->miner, o->parse->signature, o->parse->raw_signature, err));
        if (l->discovery)
            LGD_TRY(discovery_add(l->discovery, behind_time(o->record, &o->header, o->parse->body),
                                  lgd_value_hash(o->parse->signature), err));
    }
    return LGD_OK;
}

static void use_profiles(learner *l, batch *b, bool model) {
    b->profiles = l->b->profiles;
    b->n_profiles = &l->b->n_profiles;
    b->n_model_profiles = model ? l->b->n_profiles : 0;
}

static lgd_status check_events(const learner *l, lgd_err *err) {
    const char *what = l->past->is_update ? "update a model" : "learn what is normal";
    unsigned least = l->past->is_update ? LGD_UPDATE_MIN_EVENTS : LGD_TRAIN_MIN_EVENTS;
    if (l->n_events >= least) return LGD_OK;
    return lgd_fail(err, LGD_E_DATA, "only %llu events, need %u to %s; nothing was written",
                    (unsigned long long)l->n_events, least, what);
}

static lgd_status make_store(learner *l, lgd_err *err) {
    return l->past->is_update ? past_extend_store(l->past, l->miner, &l->b->store, err)
                              : lgd_miner_freeze(l->miner, &l->b->store, err);
}

static lgd_status mine(learner *l, lgd_err *err) {
    batch b = {.keep_signatures = true};
    lgd_status status = batch_init(&b, l->r->pool, NULL, err);
    use_profiles(l, &b, l->past->is_update);
    if (status == LGD_OK) status = lgd_miner_new(l->r->world->hash_key, 0, &l->miner, err);
    if (status == LGD_OK) status = run_pass(l->r, &b, "templates", true, mine_block, l, err);
    if (status == LGD_OK) status = run_check_inputs(l->r, err);
    l->n_events = b.tally.events;
    l->out->new_events = l->n_events;
    l->b->n_lines += b.tally.scored_lines;
    if (l->past->is_update) past_weigh(l->past, l->r->config, b.tally.start_ns, b.tally.end_ns);
    batch_release(&b);
    LGD_TRY(status);
    LGD_TRY(check_events(l, err));
    LGD_TRY(past_check_inputs(l->past, err));
    LGD_TRY(make_store(l, err));
    l->out->signatures = lgd_miner_n_signatures(l->miner);
    l->out->dropped_signatures = lgd_miner_n_dropped(l->miner);
    l->out->dropped_events = lgd_miner_n_dropped_events(l->miner);
    lgd_miner_free(l->miner);
    l->miner = NULL;
    return LGD_OK;
}

/* ---- pass 2 ---- */

/* Its message as the log has it, of several lines the first; what stands for all of them is made text, and is shown only
 * where that line says nothing. */
static lgd_sv example_of(const origin *o) {
    lgd_sv text = lgd_sv_trim(o->parse->body);
    const char *end = text.n ? memchr(text.p, '\n', text.n) : NULL;
    if (end) text.n = (size_t)(end - text.p);
    return text.n ? text : o->header.message;
}

static lgd_status begin_input(learner *l, lgd_err *err) {
    lgd_tracker_begin_input(l->tracker);
    return lgd_rhythm_begin_input(l->b->rhythm, err);
}

static lgd_status baseline_block(void *ctx, batch *b, const lgd_block *block, uint64_t first, lgd_err *err) {
    learner *l = ctx;
    if (block->first) LGD_TRY(begin_input(l, err));
    for (size_t i = 0; i < b->events.n; i++)
        if (b->events.template_id[i] != LGD_NO_TEMPLATE)
            LGD_TRY(examples_add(&l->b->examples, b->events.template_id[i], example_of(&b->origins[i]), err));
    for (size_t i = 0; i < b->events.n && l->r->key; i++) {
        const origin *o = &b->origins[i];
        if (o->parse->session.n == 0) continue;
        session_event e = {o->parse->session,
                           b->events.template_id[i],
                           (uint32_t)block->file,
                           o->record->line,
                           o->record->n_lines,
                           b->events.start_ns[i],
                           NULL,
                           event_is_held_out(l->fold_base + first + i, l->block_events)};
        LGD_TRY(session_table_add(&l->sessions.table, &e, err));
        if (first + i < l->skip_events) l->sessions.first = l->sessions.table.n;
    }
    LGD_TRY(foretelling_collect(&l->foretelling, b, block, l->fold_base + first, l->block_events, err));
    LGD_TRY(lgd_rhythm_learn(l->b->rhythm, &b->events, err));
    return lgd_baseline_learn(l->b->baseline, l->tracker, &b->events, l->fold_base + first, l->block_events, err);
}

static lgd_status pass_over(learner *l, batch *b, const char *phase, run_block each, lgd_err *err) {
    LGD_TRY(batch_init(b, l->r->pool, l->r->key, err));
    b->store = l->b->store;
    use_profiles(l, b, true);
    return run_pass(l->r, b, phase, true, each, l, err);
}

static lgd_status learn_baseline(learner *l, lgd_err *err) {
    batch b = {0};
    size_t n = lgd_store_n_templates(l->b->store);
    LGD_TRY(past_baseline(l->past, l->b->store, &l->b->baseline, err));
    LGD_TRY(lgd_tracker_new(n, &l->tracker, err));
    LGD_TRY(past_rhythm(l->past, n, &l->b->rhythm, err));
    lgd_status status = pass_over(l, &b, "baseline", baseline_block, err);
    batch_release(&b);
    if (status == LGD_OK) status = lgd_rhythm_settle(l->b->rhythm, err);
    return status == LGD_OK ? lgd_baseline_finish(l->b->baseline, err) : status;
}

/* ---- pass 3 ---- */

static lgd_status keep_row_sessions(learner *l, const batch *b, size_t from, lgd_err *err) {
    size_t n = l->rows.n_rows;
    if (!session_fit_wants_lines(&l->sessions, l->b)) return LGD_OK;
    LGD_TRY(
        lgd_grow((void **)&l->row_sessions, &l->row_sessions_capacity, n, sizeof *l->row_sessions, UINT32_MAX, err));
    for (size_t i = from; i < b->events.n; i++) {
        lgd_sv name = b->origins[i].parse->session;
        l->row_sessions[n - b->events.n + i] = name.n ? session_table_find(&l->sessions.table, name) : LGD_INDEX_NONE;
    }
    return LGD_OK;
}

static lgd_status keep_traces(learner *l, const batch *b, const lgd_block *block, size_t from, lgd_err *err) {
    size_t n = l->rows.n_rows;
    LGD_TRY(lgd_grow((void **)&l->traces, &l->traces_capacity, n, sizeof *l->traces, UINT32_MAX, err));
    for (size_t i = from; i < b->events.n; i++) {
        lgd_template_id id = b->events.template_id[i];
        l->traces[n - b->events.n + i] =
            (trace){b->events.start_ns[i], b->events.stream[i], b->origins[i].unit, (uint32_t)block->file, id};
    }
    return keep_row_sessions(l, b, from, err);
}

/* Rows before skip_events only move the tracker on. */
static lgd_status rows_block(void *ctx, batch *b, const lgd_block *block, uint64_t first, lgd_err *err) {
    learner *l = ctx;
    if (block->first) LGD_TRY(begin_input(l, err));
    size_t before = l->rows.n_rows;
    LGD_TRY(lgd_rhythm_measure(l->b->rhythm, &b->events, l->fold_base + first, l->block_events, (uint32_t)block->file,
                               err));
    LGD_TRY(lgd_extract(l->b->baseline, l->tracker, &b->events, l->fold_base + first, l->block_events, &l->rows, NULL,
                        err));
    LGD_TRY(foretelling_fill(&l->foretelling, b, block, &l->rows, before, NULL, err));
    size_t from = first >= l->skip_events                ? 0
                  : l->skip_events - first < b->events.n ? (size_t)(l->skip_events - first)
                                                         : b->events.n;
    if (from == 0) return keep_traces(l, b, block, 0, err);
    size_t kept = b->events.n - from;
    for (size_t c = 0; c < LGD_COLUMNS; c++)
        memmove(l->rows.x + c * l->rows.capacity + before, l->rows.x + c * l->rows.capacity + before + from,
                kept * sizeof(float));
    l->rows.n_rows = before + kept;
    return kept ? keep_traces(l, b, block, from, err) : LGD_OK;
}

/* ---- simulating what a scan would have told ---- */

static lgd_status find_signals(const learner *l, double least_bits, training_signals *ret, lgd_err *err) {
    LGD_TRY(training_signals_find(l->b, least_bits, ret, err));
    if (l->rows.n_rows) training_signals_skip(ret, l->traces[0].file, l->traces[0].time_ns);
    return LGD_OK;
}

static lgd_status simulate(learner *l, const float *surprise, training_signals *told, lgd_grouper **ret, lgd_err *err) {
    lgd_grouping o;
    lgd_grouping_init(&o);
    o.strong = bundle_strong(l->b);
    o.threshold = HUGE_VAL;
    LGD_TRY(lgd_grouper_new(&o, ret, err));
    double threshold = lgd_detector_threshold(l->b->detector, l->b->target_fpr);
    for (size_t i = 0; i < l->rows.n_rows; i++) {
        const trace *t = &l->traces[i];
        uint64_t group = 0;
        if (i && t->file != l->traces[i - 1].file) {
            LGD_TRY(training_signals_add(told, t->file, INT64_MIN, i, *ret, err));
            LGD_TRY(lgd_grouper_finish(*ret, err));
        }
        LGD_TRY(training_signals_add(told, t->file, t->time_ns, i, *ret, err));
        if (lgd_detector_bits(l->b->detector, (double)surprise[i]) < threshold) continue;
        l->out->training_anomalies++;
        lgd_anomaly a = {.file = t->file,
                         .number = i,
                         .n_lines = 1,
                         .time_ns = t->time_ns,
                         .surprise = (double)surprise[i],
                         .template_id = t->template_id,
                         .previous = LGD_NO_TEMPLATE,
                         .stream = t->stream,
                         .unit = t->unit};
        LGD_TRY(lgd_grouper_add(*ret, &a, &group, err));
    }
    LGD_TRY(training_signals_add(told, UINT32_MAX, INT64_MAX, l->rows.n_rows, *ret, err));
    return lgd_grouper_finish(*ret, err);
}

static int descending(const void *a, const void *b) {
    float x = *(const float *)a, y = *(const float *)b;
    return (x < y) - (x > y);
}

static lgd_status keep_scores(learner *l, const lgd_grouper *g, lgd_err *err) {
    size_t n = 0;
    const float *scores = lgd_grouper_scores(g, &n);
    float *sorted = lgd_alloc(n * sizeof *sorted);
    if (!sorted) return lgd_fail_memory(err, n * sizeof *sorted);
    if (n) memcpy(sorted, scores, n * sizeof *sorted);
    qsort(sorted, n, sizeof *sorted, descending);
    l->b->n_incident_scores = n < MAX_SCORES ? n : MAX_SCORES;
    for (size_t i = 0; i < l->b->n_incident_scores; i++) l->b->incident_scores[i] = sorted[i];
    lgd_free(sorted);
    l->b->simulated_events = l->rows.n_rows;
    if (l->past->is_update) past_add_incidents(l->past, l->b);
    double threshold = bundle_grouping(l->b, l->b->target_fpr).threshold;
    for (size_t i = 0; i < n; i++) l->out->training_incidents += (double)scores[i] >= threshold;
    return LGD_OK;
}

static lgd_status learn_incidents(learner *l, lgd_err *err) {
    lgd_grouper *g = NULL;
    training_signals told = {0};
    float *surprise = lgd_alloc(l->rows.n_rows * sizeof *surprise);
    if (!surprise) return lgd_fail_memory(err, l->rows.n_rows * sizeof *surprise);
    lgd_status status = lgd_detector_score(l->b->detector, l->r->pool, &l->rows, surprise, err);
    if (status == LGD_OK) status = find_signals(l, bundle_strong(l->b), &told, err);
    if (status == LGD_OK) status = simulate(l, surprise, &told, &g, err);
    if (status == LGD_OK) status = keep_scores(l, g, err);
    lgd_grouper_free(g);
    training_signals_release(&told);
    lgd_free(surprise);
    return status;
}

static lgd_status learn_detector(learner *l, lgd_err *err) {
    LGD_TRY(foretelling_begin(&l->foretelling, l->r, l->b, err));
    LGD_TRY(pass_over(l, &l->out->batch, "scores", rows_block, err));
    LGD_TRY(lgd_rhythm_finish(l->b->rhythm, err));
    lgd_fit_options o = {l->b->seed,      l->b->contamination,
                         l->block_events, l->fold_base + l->skip_events,
                         l->r->pool,      lgd_baseline_newcomer_bits(l->b->baseline)};
    size_t n_own = l->rows.n_rows;
    if (l->past->is_update) LGD_TRY(memory_rows_recall(&l->past->memory->rows, l->past->weight, &l->rows, err));
    LGD_TRY(lgd_detector_fit(&l->rows, &l->plan->ensemble, &o, &l->b->detector, err));
    l->out->rows = l->rows.n_rows;
    l->rows.n_rows = n_own; /* what follows tells of them alone */
    if (l->row_sessions) LGD_TRY(session_fit_lines(&l->sessions, l->b, l->r->pool, &l->rows, l->row_sessions, err));
    LGD_TRY(session_fit_foretold(&l->sessions, &l->foretelling, l->b, err));
    LGD_TRY(session_fit_ensemble(&l->sessions, l->b, err));
    LGD_TRY(past_keep(l->past, l->plan, &l->rows, &l->sessions, l->b, err));
    return learn_incidents(l, err);
}

/* ---- sessions ---- */

static lgd_status windows_block(void *ctx, batch *b, const lgd_block *block, uint64_t first, lgd_err *err) {
    learner *l = ctx;
    return foretelling_collect(&l->foretelling, b, block, l->fold_base + first, l->block_events, err);
}

/* Windows that followed a key which is let go, now by processes and files. */
static lgd_status collect_again(learner *l, lgd_err *err) {
    batch b = {0};
    if (!l->foretelling.corpus) return LGD_OK;
    lgd_corpus_free(l->foretelling.corpus);
    l->foretelling.corpus = NULL;
    LGD_TRY(lgd_corpus_new(&l->plan->lstm, &l->foretelling.corpus, err));
    LGD_TRY(past_recall_windows(l->past, l->b->store, l->foretelling.corpus, err));
    lgd_status status = pass_over(l, &b, "windows", windows_block, err);
    batch_release(&b);
    return status;
}

/* A key that ties too few sessions together is let go. */
static lgd_status learn_sessions(learner *l, lgd_err *err) {
    if (!l->r->key) return LGD_OK;
    if (!l->past->had_sessions && l->sessions.table.n < LGD_MIN_SESSIONS) {
        l->out->sessions_dropped = l->sessions.table.n;
        lgd_free(l->b->session);
        l->b->session = NULL;
        run_drop_key(l->r);
        return collect_again(l, err);
    }
    LGD_TRY(session_fit_members(&l->sessions, &l->plan->ensemble, l->b, err));
    past_recall_scores(l->past, &l->sessions, l->b);
    return LGD_OK;
}

static lgd_status keep_session_pattern(bundle *b, const char *pattern, lgd_err *err) {
    if (!pattern) return LGD_OK;
    size_t n = strlen(pattern) + 1;
    b->session = lgd_alloc(n);
    if (!b->session) return lgd_fail_memory(err, n);
    memcpy(b->session, pattern, n);
    return LGD_OK;
}

static lgd_status find_session_key(learner *l, lgd_err *err) {
    if (!l->discovery) return LGD_OK;
    lgd_buf pattern = {0};
    lgd_status status = discovery_pattern(l->discovery, &pattern, err);
    if (status == LGD_OK && pattern.n > 1) status = keep_session_pattern(l->b, pattern.p, err);
    lgd_buf_release(&pattern);
    return status == LGD_OK ? run_set_key(l->r, l->b->session, err) : status;
}

static lgd_status learn_in_passes(learner *l, lgd_err *err) {
    run *r = l->r;
    if (plan_wants_network(l->plan)) LGD_TRY(foretelling_open(&l->foretelling, r, err));
    if (!l->past->had_sessions) {
        LGD_TRY(keep_session_pattern(l->b, session_pattern(r->config), err));
        if (session_is_auto(r->config)) LGD_TRY(discovery_new(&l->discovery, err));
    }
    LGD_TRY(run_set_key(r, l->b->session, err));
    LGD_TRY(mine(l, err));
    LGD_TRY(find_session_key(l, err));
    l->block_events = l->n_events / BLOCKS + 1;
    l->fold_base = past_first_block(l->past) * l->block_events;
    uint64_t period = l->block_events * LGD_FOLDS;
    if (l->n_events > MAX_ROWS) l->skip_events = (l->n_events - MAX_ROWS + period - 1) / period * period;
    l->foretelling.hash_key = r->world->hash_key;
    if (plan_wants_network(l->plan)) LGD_TRY(lgd_corpus_new(&l->plan->lstm, &l->foretelling.corpus, err));
    if (l->past->is_update) LGD_TRY(past_recall_sessions(l->past, &l->sessions, err));
    LGD_TRY(past_recall_windows(l->past, l->b->store, l->foretelling.corpus, err));
    LGD_TRY(learn_baseline(l, err));
    LGD_TRY(learn_sessions(l, err));
    LGD_TRY(foretelling_fit(&l->foretelling, r, l->plan, l->b, &l->out->network, &l->out->network_problem, err));
    return learn_detector(l, err);
}

lgd_status learn_on(run *r, const plan *p, past *x, bundle *b, learned *ret, lgd_err *err) {
    learner l = {.r = r, .plan = p, .past = x, .b = b, .out = ret};
    l.sessions.table = (session_table){.hash_key = r->world->hash_key, .keep_sequences = true};
    b->seed = r->config->seed;
    b->target_fpr = r->config->target_fpr;
    b->contamination = r->config->contamination;
    if (x->is_update) past_begin(x, b);
    lgd_status status = learn_in_passes(&l, err);
    discovery_free(l.discovery);
    lgd_miner_free(l.miner);
    lgd_tracker_free(l.tracker);
    lgd_matrix_release(&l.rows);
    lgd_free(l.traces);
    lgd_free(l.row_sessions);
    session_fit_release(&l.sessions);
    foretelling_release(&l.foretelling);
    return status;
}

lgd_status learn(run *r, const plan *p, bundle *b, learned *ret, lgd_err *err) {
    past none = {.weight = 1};
    return learn_on(r, p, &none, b, ret, err);
}
