/*
 * pipeline/eval: a labelled log -> how well the detector finds what is labelled. With a model all of the log is tested;
 * without one the log is split, its first part trains and the rest is tested. Training and scan are those of the other
 * commands: the part is chosen before they see a line, and labels are compared with what has been scored.
 *
 *     labels -> survey: parts -> learn | load -> scan -> scores and truth -> measures -> report
 *
 * Memory: 8 bytes for each unit and scorer, besides what training and a scan take.
 */
#include "judge.h"
#include "learn.h"
#include "logdetect/logdetect.h"
#include "scan.h"

static const double default_share = 0.6;

typedef struct evaluator {
    const lgd_config *asked;
    lgd_config config; /* the same, with every labelled line a record of its own; owns nothing */
    lgd_sink sink;
    run run; /* until the scan takes it over */
    bundle model;
    lgd_labels *labels;
    split split;
    judge judge;
    plan plan;
    lgd_evaluation out;
    lgd_measure measures[LGD_MAX_SCORERS];
    lgd_buf reason; /* why nothing is ranked */
    lgd_arena arena;
} evaluator;

/* ---- what was asked for ---- */

static lgd_status check_options(const lgd_config *c, lgd_err *err) {
    if (!c->labels && !c->labels_in_line)
        return lgd_fail(err, LGD_E_USAGE,
                        "eval: there are no labels; name a file with --labels, or say --labels-in-line");
    if (c->labels && c->labels_in_line)
        return lgd_fail(err, LGD_E_USAGE, "--labels and --labels-in-line exclude each other; give one");
    if (c->labels && strcmp(c->labels, "-") == 0)
        return lgd_fail(err, LGD_E_USAGE, "--labels -: labels are read from a file, not from standard input");
    if (c->model && c->split > 0)
        return lgd_fail(err, LGD_E_USAGE, "--split: with --model nothing is learned; give one of the two");
    if (c->model && c->train_normal)
        return lgd_fail(err, LGD_E_USAGE, "--train-normal: with --model nothing is learned; give one of the two");
    return LGD_OK;
}

static lgd_status read_labels(evaluator *e, lgd_err *err) {
    const lgd_config *c = e->asked;
    bool by_session = c->by == LGD_BY_SESSION;
    LGD_TRY(lgd_labels_new(e->run.world->hash_key, &e->labels, err));
    if (c->labels)
        LGD_TRY(
            lgd_labels_read(e->labels, c->labels, c->by == LGD_BY_LINE ? LGD_LABELS_OF_LINES : LGD_LABELS_AUTO, err));
    if (c->by == LGD_BY_LABELS) by_session = lgd_labels_kind(e->labels) == LGD_LABELS_OF_SESSIONS;
    if (by_session && c->window)
        return lgd_fail(err, LGD_E_USAGE, "--window: windows are of lines, and sessions are evaluated; say --by line");
    bool one_file = c->labels && lgd_labels_kind(e->labels) == LGD_LABELS_OF_LINES && !lgd_labels_have_files(e->labels);
    if (one_file && e->run.list.n_files > 1)
        return lgd_fail(err, LGD_E_DATA, "%s: has no column of files, and there are %zu inputs; nothing was evaluated",
                        c->labels, e->run.list.n_files);
    e->split = (split){.share = c->model       ? 0
                                : c->split > 0 ? c->split
                                               : default_share,
                       .in_line = c->labels_in_line,
                       .by_session = by_session,
                       .normal_only = c->train_normal,
                       .labels = e->labels};
    return LGD_OK;
}

/* ---- the model ---- */

static lgd_status set_key(evaluator *e, lgd_err *err) {
    const lgd_config *c = e->asked;
    const char *key = c->model ? e->model.session : session_pattern(c);
    if (!e->split.by_session) return LGD_OK;
    if (!session_pattern(c) && !session_is_auto(c))
        return lgd_fail(err, LGD_E_USAGE,
                        "--session none: sessions are to be evaluated; name their key, or say --by line");
    if (!key && c->model)
        return lgd_fail(err, LGD_E_USAGE, "%s: was trained without sessions; train with --session, or say --by line",
                        c->model);
    if (!key)
        return lgd_fail(err, LGD_E_USAGE,
                        "--by session: the log is split by sessions before anything is learned; name their key with "
                        "--session REGEX");
    return run_set_key(&e->run, key, err);
}

/* What the names of sessions look like on both sides, where they do not meet. */
static lgd_status fail_to_meet(const evaluator *e, lgd_sv in_log, lgd_err *err) {
    lgd_sv name = lgd_labels_n(e->split.sessions) ? lgd_labels_name(e->split.sessions, 0) : LGD_SV("");
    return lgd_fail(err, LGD_E_DATA,
                    "no session of the log has a label: the log has '%.*s', the labels '%.*s'; nothing was evaluated",
                    (int)in_log.n, in_log.p, (int)(name.n < 100 ? name.n : 100), name.p);
}

static lgd_status check_train_part(const evaluator *e, lgd_err *err) {
    const split *s = &e->split;
    if (!s->by_session || split_n_sessions(s, SPLIT_TRAIN)) return LGD_OK;
    if (s->n_order == 0) return fail_to_meet(e, s->first_key, err);
    return lgd_fail(err, LGD_E_DATA,
                    "%.4g %% of the %s sessions with a label, %zu in all, are none to train on; nothing was evaluated",
                    100 * s->share, s->normal_only ? "normal" : "log's", s->n_order);
}

static lgd_status learn_part(evaluator *e, lgd_err *err) {
    learned l = {0};
    LGD_TRY(check_train_part(e, err));
    e->split.part = SPLIT_TRAIN;
    lgd_status status = learn(&e->run, &e->plan, &e->model, &l, err);
    batch_release(&l.batch);
    e->out.training.units = e->split.by_session ? split_n_sessions(&e->split, SPLIT_TRAIN) : e->split.n_records;
    e->out.training.left_out = e->split.n_left_out;
    e->split.part = SPLIT_TEST;
    return status;
}

static lgd_status get_model(evaluator *e, lgd_err *err) {
    const lgd_config *c = &e->config;
    LGD_TRY(c->model ? bundle_load(c->model, e->run.world->hash_key, &e->model, err) : plan_make(c, &e->plan, err));
    LGD_TRY(set_key(e, err));
    LGD_TRY(split_survey(&e->split, &e->run, err));
    if (!c->model) LGD_TRY(learn_part(e, err));
    if (e->split.by_session && !e->model.counts)
        return lgd_fail(err, LGD_E_DATA,
                        "there are too few sessions to learn what a normal one is; nothing was evaluated");
    return LGD_OK;
}

/* ---- what came of it ---- */

static lgd_status check_units(const evaluator *e, lgd_err *err) {
    const judge *j = &e->judge;
    if (j->scores.n) return LGD_OK;
    if (e->split.by_session && j->n_sessions == 0)
        return lgd_fail(err, LGD_E_DATA, "--session '%.200s' matches no line; nothing was evaluated",
                        (const char *)e->out.learned.session_key.p);
    if (e->split.by_session && j->first_session.n) return fail_to_meet(e, j->first_session, err);
    if (e->split.by_session) return lgd_fail(err, LGD_E_DATA, "no session is left to be tested; nothing was evaluated");
    return lgd_fail(err, LGD_E_DATA, "none of the lines that were to be tested has a label; nothing was evaluated");
}

static uint64_t count_absent(evaluator *e) {
    const lgd_labels *l = e->split.labels;
    uint64_t n = 0;
    if (e->split.in_line) return 0;
    if (lgd_labels_kind(l) == LGD_LABELS_OF_SESSIONS) {
        for (uint32_t i = 0; i < lgd_labels_n(l); i++) {
            bool seen = e->judge.seen[i] || (e->split.side && e->split.side[i] != SPLIT_ALL);
            if (!seen && n++ == 0) e->out.absent_example = lgd_labels_name(l, i);
        }
        return n;
    }
    for (uint32_t k = 0; k < lgd_labels_n_files(l); k++) {
        uint64_t last = 0; /* of the inputs that these labels are of */
        for (size_t i = 0; i < e->judge.list->n_files; i++)
            if (e->split.label_file[i] == k && e->judge.list->files[i].lines > last)
                last = e->judge.list->files[i].lines;
        n += lgd_labels_n_behind(l, k, last);
    }
    return n;
}

static const char *s_of(uint64_t n) { return n == 1 ? "" : "s"; }

static lgd_status add_problems(evaluator *e, lgd_err *err) {
    lgd_evaluation *out = &e->out;
    lgd_summary *s = &out->read;
    lgd_sv name = lgd_sv_cut(out->absent_example, 100);
    if (out->unlabelled)
        LGD_TRY(run_add_problem(&e->arena, s, err, "%llu %s%s without a label: left out",
                                (unsigned long long)out->unlabelled, out->unit, s_of(out->unlabelled)));
    if (out->labels_absent)
        LGD_TRY(run_add_problem(&e->arena, s, err, "%llu label%s of %s that are not in the log%s%.*s%s",
                                (unsigned long long)out->labels_absent, s_of(out->labels_absent),
                                e->split.by_session ? "sessions" : "lines", name.n ? ", such as '" : "", (int)name.n,
                                name.p, name.n ? "'" : ""));
    if (out->labels_repeated)
        LGD_TRY(run_add_problem(&e->arena, s, err, "%llu repeated label%s", (unsigned long long)out->labels_repeated,
                                s_of(out->labels_repeated)));
    return LGD_OK;
}

static lgd_status explain_ranking(evaluator *e, lgd_err *err) {
    const lgd_scores *s = &e->judge.scores;
    if (s->n_anomalous > 0 && s->n_anomalous < s->n) return LGD_OK;
    lgd_buf_printf(&e->reason, "not defined: no %s that was tested is labelled %s", e->out.unit,
                   s->n_anomalous ? "normal" : "anomalous");
    e->out.not_ranked = lgd_buf_sv(&e->reason);
    return e->reason.failed ? lgd_fail_memory(err, 64) : LGD_OK;
}

static void describe(evaluator *e) {
    lgd_evaluation *out = &e->out;
    const lgd_labels *labels = e->split.by_session ? e->split.sessions : e->split.labels;
    out->labels_path = lgd_sv_of(e->asked->labels);
    out->window = e->asked->window;
    out->training.share = e->split.share;
    out->training.by_session = e->split.by_session;
    out->training.normal_only = e->split.normal_only;
    out->labels = lgd_labels_n(labels);
    out->labels_anomalous = lgd_labels_n_anomalous(labels);
    out->labels_repeated = lgd_labels_n_repeated(e->split.labels);
    out->labels_absent = count_absent(e);
    out->units = e->judge.scores.n;
    out->anomalous = e->judge.scores.n_anomalous;
    out->unlabelled = e->judge.n_unlabelled;
    out->alarms = lgd_measure_alarms(&e->judge.scores);
}

static lgd_status measure(evaluator *e, lgd_err *err) {
    const lgd_scores *s = &e->judge.scores;
    for (size_t i = 0; i < s->n_scorers; i++) LGD_TRY(lgd_measure_scorer(s, i, &e->measures[i], err));
    e->out.scorers = e->measures;
    e->out.n_scorers = s->n_scorers;
    return explain_ranking(e, err);
}

/* ---- the observer of the scan ---- */

static lgd_status begin(void *ctx, const lgd_report_head *head, lgd_err *err) {
    (void)err;
    ((evaluator *)ctx)->out.learned = *head;
    return LGD_OK;
}

static lgd_status on_line(void *ctx, const lgd_finding *f, lgd_err *err) {
    return judge_line(&((evaluator *)ctx)->judge, f, err);
}

static lgd_status on_session(void *ctx, const lgd_session_finding *f, lgd_err *err) {
    return judge_session(&((evaluator *)ctx)->judge, f, err);
}

/* What the scan says at its end is still there, so the report is written now. */
static lgd_status on_end(void *ctx, const lgd_summary *s, lgd_err *err) {
    evaluator *e = ctx;
    LGD_TRY(judge_finish(&e->judge, err));
    LGD_TRY(check_units(e, err));
    describe(e);
    e->out.read = *s;
    e->out.requested_fpr = s->requested_fpr;
    LGD_TRY(add_problems(e, err));
    LGD_TRY(measure(e, err));
    return lgd_report_evaluation(e->config.format, &e->out, e->sink, err);
}

/* ---- the command ---- */

static lgd_status evaluate(evaluator *e, const lgd_world *world, lgd_outcome *ret_outcome, lgd_err *err) {
    LGD_TRY(check_options(e->asked, err));
    LGD_TRY(run_init(&e->run, &e->config, world, err));
    LGD_TRY(read_labels(e, err));
    e->out.unit = e->split.by_session ? "session" : e->asked->window ? "window" : "line";
    LGD_TRY(get_model(e, err));
    lgd_input_list list = e->run.list; /* stays where it is in the scan */
    e->judge.split = &e->split;
    e->judge.list = &list;
    e->judge.window = e->asked->window;
    LGD_TRY(judge_init(&e->judge, err));
    lgd_observer o = {.begin = begin, .end = on_end, .ctx = e};
    if (e->split.by_session)
        o.session = on_session;
    else
        o.finding = on_line;
    return scan_observed(&e->run, &e->model, &o, ret_outcome, err);
}

lgd_status lgd_eval(const lgd_config *config, const lgd_world *world, lgd_sink sink, lgd_outcome *ret_outcome,
                    lgd_err *err) {
    evaluator e = {.asked = config, .config = *config, .sink = sink};
    if (config->labels_in_line) e.config.multiline = false;
    lgd_status status = evaluate(&e, world, ret_outcome, err);
    judge_release(&e.judge);
    split_release(&e.split);
    lgd_labels_free(e.labels);
    bundle_release(&e.model);
    run_release(&e.run);
    lgd_buf_release(&e.reason);
    lgd_arena_release(&e.arena);
    return status;
}
