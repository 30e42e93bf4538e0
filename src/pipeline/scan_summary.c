/*
 * pipeline/scan_summary: what a scan came to - its counts, its outcome for the exit status, and the problems that its
 * reader has to know of: what was left out, and what was judged by less than was asked for.
 */
#include "scan_state.h"

#include <math.h>

static lgd_status add_problems(scan *s, lgd_summary *sum, lgd_err *err) {
    if (s->own_model)
        LGD_TRY(run_add_problem(&s->arena, sum, err,
                                "no model was given: what is normal was learned from the input itself"));
    if (lgd_grouper_n_left_out(s->grouper))
        LGD_TRY(run_add_problem(&s->arena, sum, err, "%llu more incidents than can be kept were left out",
                                (unsigned long long)lgd_grouper_n_left_out(s->grouper)));
    if (pending_n_undecided(s->pending))
        LGD_TRY(run_add_problem(&s->arena, sum, err,
                                "%llu findings were told before their incident was known; their incident is null",
                                (unsigned long long)pending_n_undecided(s->pending)));
    if (s->run.key && s->model.counts && s->sessions.n == 0 && s->batch.tally.records)
        LGD_TRY(run_add_problem(&s->arena, sum, err, "no line has the session key '%.200s': no session was judged",
                                s->model.session));
    if (s->own_model && session_pattern(s->run.config) && !s->model.session)
        LGD_TRY(run_add_problem(&s->arena, sum, err,
                                "--session: '%.200s' ties too few sessions together; lines were judged without them",
                                session_pattern(s->run.config)));
    if (s->run.config->adapt && !(s->run.key && s->model.counts))
        LGD_TRY(run_add_problem(&s->arena, sum, err, "--adapt: there are no sessions, and nothing else is followed"));
    if (s->sessions.n_left_out)
        LGD_TRY(run_add_problem(&s->arena, sum, err,
                                "more than %d sessions: %llu events of the rest were left out of them", MAX_SESSIONS,
                                (unsigned long long)s->sessions.n_left_out));
    if (batch_over_limit(&s->batch))
        LGD_TRY(run_add_problem(&s->arena, sum, err,
                                "the session key ran out of its limits on %llu lines: they belong to none",
                                (unsigned long long)batch_over_limit(&s->batch)));
    if (lgd_newcomers_is_full(s->newcomers))
        LGD_TRY(run_add_problem(&s->arena, sum, err,
                                "more new templates than can be kept: the rest share the number behind the last"));
    return LGD_OK;
}

lgd_status scan_summarize(scan *s, lgd_summary *ret, lgd_outcome *ret_outcome, lgd_err *err) {
    LGD_TRY(run_summarize(&s->run, &s->batch, &s->arena, ret, err));
    ret->anomalies = s->n_anomalies - pending_n_allowed(s->pending);
    ret->incidents = lgd_grouper_n_incidents(s->grouper) - s->verdicts.allowed.incidents;
    ret->has_sessions = s->model.counts != NULL && s->run.key != NULL;
    ret->sessions = s->sessions.n;
    ret->anomalous_sessions = s->n_anomalous_sessions;
    ret->templates = lgd_store_n_templates(s->model.store);
    ret->new_templates = lgd_newcomers_count(s->newcomers);
    ret->threshold = exp2(-s->verdicts.threshold_bits);
    ret->requested_fpr = s->fpr;
    run_outcome(&s->run, &s->batch, ret_outcome);
    ret_outcome->anomalies = ret->anomalies + ret->incidents; /* some are of signals alone */
    LGD_TRY(allowance_summarize(&s->verdicts.allowed, &s->arena, ret, &ret_outcome->incomplete, err));
    LGD_TRY(adaptation_tell(&s->adaptation, &s->arena, ret, err));
    LGD_TRY(fitness_judge(&s->fitness, &s->batch, &s->arena, ret, err));
    return add_problems(s, ret, err);
}
