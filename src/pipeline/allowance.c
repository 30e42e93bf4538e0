/*
 * pipeline/allowance: the allow-list of a scan. A list that cannot be read, or a line of it that is no rule, does not stop the
 * scan: it is told, the rest of the list counts, and the exit status says that something was damaged. So a typing
 * mistake never hides anything, and never keeps a digest from being made.
 *
 * Expired is what ended before the log did; the log's time decides, line by line, and no clock.
 */
#include "allowance.h"

#include <errno.h>
#include <sys/stat.h>

void allowance_release(allowance *a) {
    lgd_allow_free(a->list);
    lgd_buf_release(&a->path);
    *a = (allowance){0};
}

/* ---- the file ---- */

lgd_status allowance_path(const char *model, lgd_buf *ret, lgd_err *err) {
    lgd_model_reader *r = NULL;
    LGD_TRY(lgd_model_open(model, &r, err));
    lgd_status status = lgd_model_allow_path(lgd_model_reader_path(r), ret, err);
    lgd_model_close(r);
    return status;
}

lgd_status allowance_read(const char *path, const char *undone, lgd_buf *ret, bool *ret_there, lgd_err *err) {
    struct stat st;
    *ret_there = stat(path, &st) == 0 || errno != ENOENT;
    return *ret_there ? lgd_file_read(path, LGD_ALLOW_MAX_BYTES, undone, ret, err) : LGD_OK;
}

/* ---- a scan's ---- */

static void warn_of_rules(const allowance *a, const run *r) {
    lgd_buf text = {0};
    for (size_t i = 0; i < lgd_allow_n_problems(a->list); i++) {
        const lgd_allow_problem *p = lgd_allow_problem_at(a->list, i);
        lgd_buf_clear(&text);
        lgd_buf_printf(&text, "%s:%zu: %.*s; the rule was ignored", a->path.p, p->line, (int)p->what.n, p->what.p);
        lgd_buf_add_char(&text, '\0');
        if (!text.failed) run_warn(r, text.p);
    }
    lgd_buf_release(&text);
}

static const char ignored[] = "it was ignored, and nothing is allowed";

static lgd_status parse(allowance *a, const run *r, lgd_sv text, lgd_err *err) {
    lgd_err inner = {0};
    lgd_status status = lgd_allow_parse(text, r->zone, &a->list, &inner);
    if (status == LGD_E_DAMAGED) return lgd_fail(err, status, "%s: %s; %s", a->path.p, inner.text, ignored);
    return status == LGD_OK ? LGD_OK : lgd_fail(err, status, "%s", inner.text);
}

lgd_status allowance_open(allowance *a, const run *r, const char *model, lgd_err *err) {
    lgd_buf text = {0};
    bool there = false;
    if (!model) return LGD_OK;
    LGD_TRY(allowance_path(model, &a->path, err));
    lgd_status status = allowance_read(a->path.p, ignored, &text, &there, &a->trouble);
    if (status == LGD_OK && there) status = parse(a, r, lgd_buf_sv(&text), &a->trouble);
    lgd_buf_release(&text);
    if (status == LGD_E_MEMORY) return lgd_fail(err, status, "%s", a->trouble.text);
    if (status != LGD_OK) run_warn(r, a->trouble.text);
    if (a->list) warn_of_rules(a, r);
    return LGD_OK;
}

/* ---- what it allows ---- */

lgd_status allowance_line(allowance *a, const lgd_allow_subject *s, bool *ret, lgd_err *err) {
    *ret = false;
    if (!a->list) return LGD_OK;
    LGD_TRY(lgd_allow_line(a->list, s, ret, err));
    a->anomalies += *ret;
    return LGD_OK;
}

lgd_status allowance_session(allowance *a, lgd_session_finding *f, const lgd_newcomers *names, int64_t end_ns,
                             lgd_err *err) {
    bool allowed = false;
    lgd_allow_subject s = {.session = f->session, .file = f->file, .time_ns = end_ns};
    if (!a->list || !f->verdict.is_anomaly) return LGD_OK;
    if (f->template_id != LGD_NO_TEMPLATE) s.template_text = lgd_newcomers_text(names, f->template_id);
    LGD_TRY(lgd_allow_session(a->list, &s, &allowed, err));
    f->verdict.is_anomaly = !allowed;
    a->sessions += allowed;
    return LGD_OK;
}

bool allowance_incident(allowance *a, const char *id) {
    bool allowed = a->list && lgd_allow_incident(a->list, id);
    a->incidents += allowed;
    return allowed;
}

bool allowance_line_of_incident(allowance *a, const char *id) {
    bool allowed = a->list && lgd_allow_line_of_incident(a->list, id);
    a->anomalies += allowed;
    return allowed;
}

/* ---- what is told of it ---- */

static bool is_expired(const lgd_allow_rule *rule, int64_t end_ns) {
    return rule->until_ns != LGD_NO_TIME && end_ns != LGD_NO_TIME && end_ns >= rule->until_ns;
}

static lgd_status tell_problems(const allowance *a, lgd_arena *arena, lgd_summary *summary, bool *ret_damaged,
                                lgd_err *err) {
    if (a->trouble.status != LGD_OK) {
        *ret_damaged = true;
        LGD_TRY(run_add_problem(arena, summary, err, "%s", a->trouble.text));
    }
    if (!a->list) return LGD_OK;
    for (size_t i = 0; i < lgd_allow_n_problems(a->list); i++) {
        const lgd_allow_problem *p = lgd_allow_problem_at(a->list, i);
        *ret_damaged = true;
        LGD_TRY(run_add_problem(arena, summary, err, "%.200s:%zu: %.*s; the rule was ignored", a->path.p, p->line,
                                (int)p->what.n, p->what.p));
    }
    if (lgd_allow_over_limit(a->list))
        LGD_TRY(run_add_problem(arena, summary, err,
                                "%.200s: a regex ran out of its limits on %llu lines; they are not allowed by it",
                                a->path.p, (unsigned long long)lgd_allow_over_limit(a->list)));
    return LGD_OK;
}

/* Rules that have ended are told: what they allowed comes back, and somebody should know why. */
static lgd_status tell_expired(const allowance *a, lgd_arena *arena, lgd_summary *summary, lgd_err *err) {
    for (size_t i = 0; i < lgd_allow_n(a->list); i++) {
        const lgd_allow_rule *rule = lgd_allow_at(a->list, i);
        lgd_sv until = rule->words[LGD_ALLOW_UNTIL];
        if (!is_expired(rule, summary->end_ns)) continue;
        LGD_TRY(run_add_problem(arena, summary, err,
                                "%.200s:%zu: this rule ended with %.*s; what it allowed is told again", a->path.p,
                                rule->line, (int)until.n, until.p));
    }
    return LGD_OK;
}

lgd_status allowance_summarize(const allowance *a, lgd_arena *arena, lgd_summary *summary, bool *ret_damaged,
                               lgd_err *err) {
    LGD_TRY(tell_problems(a, arena, summary, ret_damaged, err));
    if (!a->list) return LGD_OK;
    LGD_TRY(tell_expired(a, arena, summary, err));
    size_t n = lgd_allow_n(a->list), n_bytes = sizeof(lgd_allowed) + n * sizeof(lgd_allowed_rule);
    lgd_allowed *told = lgd_arena_alloc(arena, n_bytes);
    if (!told) return lgd_fail_memory(err, n_bytes);
    lgd_allowed_rule *rules = (lgd_allowed_rule *)(void *)(told + 1);
    for (size_t i = 0; i < n; i++) {
        const lgd_allow_rule *rule = lgd_allow_at(a->list, i);
        const char *state = rule->hits ? "used" : "unused";
        rules[i] = (lgd_allowed_rule){rule->line, rule->text, rule->hits, state};
        if (is_expired(rule, summary->end_ns)) rules[i].state = "expired";
    }
    *told = (lgd_allowed){lgd_sv_of(a->path.p), a->anomalies, a->sessions, a->incidents, rules, n};
    summary->allowed = told;
    return LGD_OK;
}
