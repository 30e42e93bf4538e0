/*
 * pipeline/scan: records -> events -> columns -> bits -> findings -> incidents -> report, block by block. The model is
 * only read. Without one, the scan learns from its own input first and says so.
 */
#include "scan.h"
#include "budget.h"
#include "learn.h"
#include "logdetect/logdetect.h"
#include "params.h"
#include "scan_state.h"

#include <math.h>

/* ---- scoring ---- */

static lgd_status reserve_member_bits(scan *s, size_t n, lgd_err *err) {
    if (s->line_judges.n == 0 && s->fitness.n_members == 0) return LGD_OK;
    return lgd_grow((void **)&s->member_bits, &s->member_bits_capacity, n * lgd_detector_n_members(s->model.detector),
                    sizeof *s->member_bits, UINT32_MAX, err);
}

static lgd_status score_block(scan *s, batch *b, const lgd_block *block, lgd_err *err) {
    size_t n = b->events.n;
    LGD_TRY(lgd_grow((void **)&s->contexts, &s->contexts_capacity, n, sizeof *s->contexts, UINT32_MAX, err));
    LGD_TRY(lgd_grow((void **)&s->surprise, &s->surprise_capacity, n, sizeof *s->surprise, UINT32_MAX, err));
    LGD_TRY(lgd_grow((void **)&s->bits, &s->bits_capacity, n, sizeof *s->bits, UINT32_MAX, err));
    s->rows.n_rows = 0;
    LGD_TRY(lgd_extract(s->model.baseline, s->tracker, &b->events, 0, 0, &s->rows, s->contexts, err));
    LGD_TRY(foretelling_fill(&s->foretelling, b, block, &s->rows, 0, s->contexts, err));
    LGD_TRY(reserve_member_bits(s, n, err));
    LGD_TRY(lgd_detector_score_members(s->model.detector, s->run.pool, &s->rows, s->surprise, s->member_bits, err));
    for (size_t i = 0; i < n; i++) s->bits[i] = lgd_detector_bits(s->model.detector, (double)s->surprise[i]);
    LGD_TRY(verdicts_fill(&s->verdicts, b, s->bits, lgd_sv_of(s->run.list.files[block->file].path), err));
    fitness_add(&s->fitness, &(fit_events){&b->events, s->verdicts.lines, s->bits, s->member_bits});
    return LGD_OK;
}

/* ---- one finding ---- */

static lgd_sv template_text(const void *ctx, lgd_template_id id) { return lgd_newcomers_text(ctx, id); }

/* Every line tells its members' p-values; reasons are for anomalies, since finding them costs many scorings. */
static lgd_status explain(scan *s, const batch *b, size_t i, lgd_verdict *v, lgd_err *err) {
    float row[LGD_COLUMNS];
    lgd_attribution a;
    for (int c = 0; c < LGD_COLUMNS; c++) row[c] = lgd_matrix_at(&s->rows, i, (lgd_column)c);
    lgd_detector_explain(s->model.detector, row, v->is_anomaly, &a);
    v->n_members = lgd_detector_n_members(s->model.detector);
    for (size_t m = 0; m < v->n_members; m++) v->members[m] = (lgd_member_p){s->members[m], a.member_p[m]};
    if (!v->is_anomaly) return LGD_OK;
    lgd_reasons r = {s->model.baseline, &s->contexts[i], &b->events,    i,
                     a.shares,          v->score,        template_text, s->newcomers};
    return lgd_explain(&r, &s->arena, v, err);
}

static lgd_status add_anomaly(scan *s, const batch *b, size_t i, const lgd_finding *f, uint32_t file,
                              uint64_t *ret_group, lgd_err *err) {
    const origin *o = &b->origins[i];
    lgd_template_id id = b->events.template_id[i];
    lgd_anomaly a = {.file = file,
                     .line = f->line,
                     .n_lines = f->n_lines,
                     .number = b->tally.events - b->events.n + i,
                     .time_ns = b->events.start_ns[i],
                     .surprise = (double)s->surprise[i],
                     .level = f->header.level,
                     .template_id = id,
                     .previous = s->contexts[i].previous,
                     .stream = b->events.stream[i],
                     .unit = o->unit,
                     .raw = f->raw,
                     .component = o->header.component,
                     .verdict = &f->verdict};
    s->n_anomalies++;
    return lgd_grouper_add(s->grouper, &a, ret_group, err);
}

static lgd_status report_event(scan *s, const batch *b, size_t i, uint32_t file, lgd_err *err) {
    const origin *o = &b->origins[i];
    lgd_param params[MAX_PARAMS];
    uint64_t group = LGD_NO_GROUP;
    double bits = s->bits[i];
    lgd_finding f = {.file = lgd_sv_of(s->run.list.files[file].path),
                     .line = o->record->line,
                     .offset = o->record->offset,
                     .n_lines = o->record->n_lines,
                     .header = o->header,
                     .raw = o->record->text,
                     .template_id = b->events.template_id[i],
                     .params = params,
                     .session = o->parse->session,
                     .threshold = exp2(-verdicts_threshold(&s->verdicts, b->events.start_ns[i]))};
    f.template_text = lgd_newcomers_text(s->newcomers, f.template_id);
    f.verdict =
        (lgd_verdict){.bits = bits, .p_value = exp2(-bits), .is_anomaly = s->verdicts.lines[i] == LINE_ANOMALOUS};
    f.verdict.score = 1 - f.verdict.p_value;
    LGD_TRY(params_find(s->model.store, &s->lexer, o, params, &f.n_params, err));
    LGD_TRY(explain(s, b, i, &f.verdict, err));
    if (f.verdict.is_anomaly) LGD_TRY(add_anomaly(s, b, i, &f, file, &group, err));
    lgd_status status = pending_add(s->pending, &f, group, err);
    lgd_arena_clear(&s->arena);
    return status;
}

static lgd_status count_sessions(scan *s, const batch *b, uint32_t file, lgd_err *err) {
    for (size_t i = 0; i < b->events.n && s->model.counts; i++) {
        const origin *o = &b->origins[i];
        if (o->parse->session.n == 0) continue;
        float bits[LGD_MAX_MEMBERS];
        for (size_t k = 0; k < s->line_judges.n; k++)
            bits[k] =
                s->verdicts.lines[i] == LINE_ALLOWED ? 0 : s->member_bits[s->line_judges.members[k] * b->events.n + i];
        session_event e = {o->parse->session,  b->events.template_id[i], file, o->record->line,
                           o->record->n_lines, b->events.start_ns[i],    bits, false};
        if (s->adaptation.adapt) LGD_TRY(adaptation_see(&s->adaptation, e.id, (lgd_level)b->events.level[i], err));
        LGD_TRY(session_table_add(&s->sessions, &e, err));
    }
    return LGD_OK;
}

/* Groups end with their input, as in training; those of different inputs meet again in lgd_grouper_rank. */
static lgd_status begin_input(scan *s, lgd_err *err) {
    lgd_tracker_begin_input(s->tracker);
    fitness_begin_input(&s->fitness);
    LGD_TRY(signals_end_input(s->signals, err));
    return lgd_grouper_finish(s->grouper, err);
}

static lgd_status scan_block(void *ctx, batch *b, const lgd_block *block, uint64_t first, lgd_err *err) {
    scan *s = ctx;
    (void)first;
    if (block->first) LGD_TRY(begin_input(s, err));
    LGD_TRY(score_block(s, b, block, err));
    LGD_TRY(count_sessions(s, b, (uint32_t)block->file, err));
    for (size_t i = 0; i < b->events.n; i++) {
        LGD_TRY(signals_step(s->signals, b, i, (uint32_t)block->file, err));
        if (s->all_lines || s->verdicts.lines[i] == LINE_ANOMALOUS)
            LGD_TRY(report_event(s, b, i, (uint32_t)block->file, err));
    }
    LGD_TRY(signals_end_block(s->signals, b, (uint32_t)block->file, err));
    return pending_flush(s->pending, false, err);
}

/* ---- the end ---- */

static lgd_template_id usual_successor(const void *ctx, lgd_template_id id) {
    const scan *s = ctx;
    double p = 0;
    return lgd_baseline_successor(s->model.baseline, id, &p);
}

static lgd_sv name_of_template(const void *ctx, lgd_template_id id) {
    return template_text(((const scan *)ctx)->newcomers, id);
}
static lgd_sv name_of_file(const void *ctx, uint32_t file) {
    return lgd_sv_of(((const scan *)ctx)->run.list.files[file].path);
}

static lgd_status report_incidents(scan *s, lgd_err *err) {
    lgd_names names = {name_of_template, usual_successor, name_of_file, s};
    for (size_t i = 0; i < lgd_grouper_n_incidents(s->grouper); i++) {
        lgd_incident incident;
        LGD_TRY(lgd_grouper_incident(s->grouper, i, &names, &s->arena, &incident, err));
        if (!allowance_incident(&s->verdicts.allowed, incident.id))
            LGD_TRY(lgd_report_incident(s->report, &incident, err));
        lgd_arena_clear(&s->arena);
    }
    return LGD_OK;
}

static lgd_status report_sessions(scan *s, lgd_err *err) {
    if (!s->model.counts) return LGD_OK;
    if (s->foretelling.follower) LGD_TRY(lgd_follower_finish(s->foretelling.follower, err));
    session_judge judge = {s->model.session_ensemble,
                           s->model.counts,
                           s->model.order,
                           &s->foretelling,
                           s->adaptation.adapt,
                           lgd_session_ensemble_threshold(s->model.session_ensemble, s->model.counts, s->fpr),
                           {name_of_template, name_of_file, s},
                           &s->arena};
    if (judge.adapt) {
        judge.counts = lgd_adapt_counts(judge.adapt);
        judge.order = lgd_adapt_order(judge.adapt);
    }
    for (size_t i = 0; i < s->sessions.n; i++) {
        lgd_session_finding f;
        LGD_TRY(session_finding(&judge, &s->sessions.rows[i], &f, err));
        LGD_TRY(allowance_session(&s->verdicts.allowed, &f, s->newcomers, s->batch.tally.end_ns, err));
        fitness_add_session(&s->fitness, f.verdict.is_anomaly);
        s->n_anomalous_sessions += f.verdict.is_anomaly;
        if (s->all_sessions || f.verdict.is_anomaly) LGD_TRY(lgd_report_session(s->report, &f, err));
        lgd_arena_clear(&s->arena);
    }
    return LGD_OK;
}

static lgd_status finish(scan *s, lgd_outcome *ret_outcome, lgd_err *err) {
    lgd_summary sum;
    LGD_TRY(signals_end_input(s->signals, err));
    LGD_TRY(lgd_grouper_finish(s->grouper, err));
    LGD_TRY(lgd_grouper_rank(s->grouper, err));
    LGD_TRY(pending_flush(s->pending, true, err));
    LGD_TRY(report_sessions(s, err));
    LGD_TRY(report_incidents(s, err));
    LGD_TRY(scan_summarize(s, &sum, ret_outcome, err));
    return lgd_report_end(s->report, &sum, err);
}

/* ---- the beginning ---- */

static lgd_status get_model(scan *s, lgd_err *err) {
    const lgd_config *c = s->run.config;
    if (s->model.store) return LGD_OK;
    if (c->model) return bundle_load(c->model, s->run.world->hash_key, &s->model, err);
    learned l = {0};
    plan p;
    s->own_model = true;
    LGD_TRY(plan_make(c, &p, err));
    if (!c->recipe && !c->ensemble && !c->epochs) plan_leave_out_network(&p);
    lgd_status status = learn(&s->run, &p, &s->model, &l, err);
    batch_release(&l.batch);
    return status;
}

static lgd_status open_report(scan *s, lgd_sink sink, bool color, lgd_err *err) {
    const lgd_config *c = s->run.config;
    lgd_report_head head = {.tool_version = LGD_VERSION,
                            .model_path = lgd_sv_of(c->model),
                            .emit = c->emit,
                            .explain = c->explain,
                            .color = color,
                            .members = s->members};
    head.model_checksum = s->model.checksum;
    head.session_key = lgd_sv_of(s->model.session);
    head.model_templates = lgd_store_n_templates(s->model.store);
    head.model_events = lgd_baseline_n_events(s->model.baseline);
    head.model_start_ns = lgd_baseline_start_ns(s->model.baseline);
    head.model_end_ns = lgd_baseline_end_ns(s->model.baseline);
    head.n_members = lgd_detector_n_members(s->model.detector);
    for (size_t i = 0; i < head.n_members; i++) s->members[i] = lgd_detector_member_name(s->model.detector, i);
    if (s->observer) return lgd_report_observed(s->observer, &head, &s->report, err);
    return lgd_report_new(c->format, &head, sink, &s->report, err);
}

static bool detector_weighs_network(const lgd_detector *d) {
    for (size_t i = 0; i < lgd_detector_n_members(d); i++)
        if (strcmp(lgd_detector_member_name(d, i), "lstm") == 0) return lgd_detector_member_weight(d, i) > 0;
    return false;
}

/* Sessions are judged by what the model learned of them, so its own key is the one that counts. */
static lgd_status set_session_key(scan *s, lgd_err *err) {
    const char *asked = session_pattern(s->run.config);
    bool none = !asked && !session_is_auto(s->run.config);
    s->sessions.hash_key = s->run.world->hash_key;
    s->sessions.order = s->model.order;
    if (s->model.session_ensemble) line_judges_find(s->model.session_ensemble, s->model.detector, &s->line_judges);
    s->sessions.n_line_members = s->line_judges.n;
    if (asked && !s->own_model && (!s->model.session || strcmp(asked, s->model.session) != 0))
        return lgd_fail(err, LGD_E_USAGE,
                        "--session: the model was trained %s%s%s; train again with this key, or leave --session away",
                        s->model.session ? "with '" : "without sessions", s->model.session ? s->model.session : "",
                        s->model.session ? "'" : "");
    if (none && s->model.session && s->model.lstm && detector_weighs_network(s->model.detector))
        return lgd_fail(
            err, LGD_E_USAGE,
            "--session none: the model's network follows sessions by '%s' and has a weight; leave it away, or "
            "train again with --session none",
            s->model.session);
    return none ? LGD_OK : run_set_key(&s->run, s->model.session, err);
}

/* Measures go by what a model says: nothing is allowed there, and whether it fits the log is another question. */
static lgd_status begin_judging(scan *s, lgd_err *err) {
    const char *model = s->run.config->model;
    bool is_check = s->observer && s->observer->fitness, measured = s->own_model || (s->observer && !is_check);
    s->fpr = bundle_fpr(&s->model, s->run.config);
    LGD_TRY(verdicts_begin(&s->verdicts, &s->run, &s->model, s->fpr, err));
    LGD_TRY(allowance_open(&s->verdicts.allowed, &s->run, measured ? NULL : model, err));
    return fitness_begin(&s->fitness, measured ? NULL : &s->model, is_check, err);
}

static lgd_status prepare(scan *s, lgd_sink sink, bool color, lgd_err *err) {
    const lgd_config *c = s->run.config;
    double budget = 0;
    if (c->budget) LGD_TRY(budget_parse(c->budget, &budget, err));
    LGD_TRY(get_model(s, err));
    LGD_TRY(begin_judging(s, err));
    s->all_lines = s->observer ? s->observer->finding != NULL : c->emit == LGD_EMIT_ALL;
    s->all_sessions = s->observer ? s->observer->session != NULL : c->emit == LGD_EMIT_ALL;
    LGD_TRY(lgd_newcomers_new(s->model.store, s->run.world->hash_key, &s->newcomers, err));
    LGD_TRY(lgd_tracker_new(lgd_store_n_templates(s->model.store), &s->tracker, err));
    lgd_grouping o = bundle_grouping(&s->model, s->fpr);
    if (c->budget) LGD_TRY(budget_apply(&s->model, budget, &o, err));
    LGD_TRY(lgd_grouper_new(&o, &s->grouper, err));
    LGD_TRY(signals_new(&s->model, o.strong, s->grouper, &s->signals, err));
    signals_allow(s->signals, &s->verdicts.allowed, &s->run.list);
    LGD_TRY(open_report(s, sink, color, err));
    LGD_TRY(pending_new(s->grouper, s->report, &s->verdicts.allowed, s->run.list.n_files > 1, &s->pending, err));
    LGD_TRY(set_session_key(s, err));
    LGD_TRY(foretelling_begin(&s->foretelling, &s->run, &s->model, err));
    s->sessions.keep_sequences = c->adapt;
    if (c->adapt) LGD_TRY(adaptation_begin(&s->adaptation, &s->model, s->newcomers, s->fpr, err));
    LGD_TRY(batch_init(&s->batch, s->run.pool, s->run.key, err));
    s->batch.store = s->model.store;
    s->batch.newcomers = s->newcomers;
    s->batch.profiles = s->model.profiles;
    s->batch.n_profiles = &s->model.n_profiles;
    s->batch.n_model_profiles = s->model.n_profiles;
    return LGD_OK;
}

static void release(scan *s) {
    pending_free(s->pending);
    lgd_report_free(s->report);
    signals_free(s->signals);
    lgd_grouper_free(s->grouper);
    lgd_tracker_free(s->tracker);
    lgd_newcomers_free(s->newcomers);
    lgd_matrix_release(&s->rows);
    lgd_free(s->contexts);
    lgd_free(s->surprise);
    lgd_free(s->bits);
    lgd_free(s->member_bits);
    lgd_lexer_release(&s->lexer);
    lgd_arena_release(&s->arena);
    session_table_release(&s->sessions);
    foretelling_release(&s->foretelling);
    adaptation_release(&s->adaptation);
    batch_release(&s->batch);
    fitness_release(&s->fitness);
    verdicts_release(&s->verdicts);
    bundle_release(&s->model);
    run_release(&s->run);
}

static lgd_status scan_inputs(scan *s, lgd_sink sink, bool color, lgd_outcome *ret_outcome, lgd_err *err) {
    LGD_TRY(prepare(s, sink, color, err));
    LGD_TRY(run_pass(&s->run, &s->batch, "scan", false, scan_block, s, err));
    LGD_TRY(run_check_inputs(&s->run, err));
    return finish(s, ret_outcome, err);
}

lgd_status scan_observed(run *r, bundle *model, const lgd_observer *observer, lgd_outcome *ret_outcome, lgd_err *err) {
    scan s = {.run = *r, .model = *model, .observer = observer};
    *r = (run){0};
    *model = (bundle){0};
    lgd_status status = scan_inputs(&s, (lgd_sink){0}, false, ret_outcome, err);
    release(&s);
    return status;
}

lgd_status lgd_scan(const lgd_config *config, const lgd_world *world, lgd_sink sink, bool color,
                    lgd_outcome *ret_outcome, lgd_err *err) {
    scan s = {0};
    lgd_status status = run_init(&s.run, config, world, err);
    if (status == LGD_OK) status = scan_inputs(&s, sink, color, ret_outcome, err);
    release(&s);
    return status;
}
