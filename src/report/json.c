/*
 * report/json: one document. Its head needs the summary, which comes last, so findings, sessions and incidents are kept
 * as the JSON they will be, and the document is put together at the end.
 *
 * Findings and sessions share 64 MiB of such text. What comes after that is left out, counted, and told in `problems`:
 * who wants everything takes jsonl, which keeps nothing.
 */
#include "output.h"

enum { MAX_KEPT_BYTES = 64 << 20 };

typedef struct list {
    lgd_buf text; /* records with commas between them */
    uint64_t left_out;
} list;

typedef struct state {
    list anomalies, sessions, incidents;
    size_t kept_bytes;
} state;

static lgd_status check(const lgd_buf *b, lgd_err *err) { return b->failed ? lgd_fail_memory(err, b->n) : LGD_OK; }

/* Moves the record in r->out to the end of l, if there is still room. Once one is left out, so are all later ones of
 * its kind: what is kept is then the beginning, not a choice by size. */
static lgd_status keep(lgd_report *r, list *l, lgd_err *err) {
    state *st = r->state;
    LGD_TRY(check(&r->out, err));
    if (l->left_out || r->out.n > MAX_KEPT_BYTES - st->kept_bytes) {
        l->left_out++;
    } else {
        if (l->text.n) lgd_buf_add_char(&l->text, ',');
        lgd_buf_add_sv(&l->text, lgd_buf_sv(&r->out));
        st->kept_bytes += r->out.n;
    }
    lgd_buf_clear(&r->out);
    return check(&l->text, err);
}

static lgd_status finding(lgd_report *r, const lgd_finding *f, const char *incident_id, lgd_err *err) {
    state *st = r->state;
    if (!f->verdict.is_anomaly) return LGD_OK;
    if (st->anomalies.left_out) return st->anomalies.left_out++, LGD_OK;
    lgd_record_finding(&(lgd_json){.out = &r->out}, NULL, f, incident_id);
    return keep(r, &st->anomalies, err);
}

static lgd_status session(lgd_report *r, const lgd_session_finding *s, lgd_err *err) {
    state *st = r->state;
    if (st->sessions.left_out) return st->sessions.left_out++, LGD_OK;
    lgd_record_session(&(lgd_json){.out = &r->out}, NULL, s);
    return keep(r, &st->sessions, err);
}

/* Incidents are what the document is for: they come few, each of bounded size, and are always kept. */
static lgd_status incident(lgd_report *r, const lgd_incident *i, lgd_err *err) {
    state *st = r->state;
    lgd_json j = {.out = &st->incidents.text, .need_comma = st->incidents.text.n > 0};
    lgd_record_incident(&j, NULL, i);
    return check(&st->incidents.text, err);
}

static void put_list(lgd_json *j, const char *key, const list *l) {
    lgd_json_array(j, key);
    lgd_buf_add_sv(j->out, lgd_buf_sv(&l->text));
    lgd_json_array_end(j);
}

static void describe(lgd_buf *b, const list *l, const char *what) {
    if (l->left_out)
        lgd_buf_printf(b, "%llu %s are left out here, which holds 64 MiB of them; --format jsonl gives all",
                       (unsigned long long)l->left_out, what);
}

/* The summary with the sentences on what was left out behind its own problems. */
static lgd_status put_summary(lgd_report *r, lgd_json *j, const lgd_summary *s, lgd_err *err) {
    const state *st = r->state;
    lgd_buf sentences[2] = {{0}, {0}};
    describe(&sentences[0], &st->anomalies, "anomalies");
    describe(&sentences[1], &st->sessions, "sessions");
    size_t n_bytes = (s->n_problems + 2) * sizeof(lgd_sv);
    lgd_sv *problems = lgd_alloc(n_bytes);
    lgd_status status = problems ? LGD_OK : lgd_fail_memory(err, n_bytes);
    if (status == LGD_OK) {
        lgd_summary all = *s;
        if (s->n_problems) memcpy(problems, s->problems, s->n_problems * sizeof *problems);
        all.problems = problems;
        for (size_t i = 0; i < 2; i++)
            if (sentences[i].n) problems[all.n_problems++] = lgd_buf_sv(&sentences[i]);
        lgd_json_object(j, "summary");
        lgd_json_summary_fields(j, &all);
        lgd_record_scan_fields(j, &all);
        lgd_json_object_end(j);
    }
    lgd_free(problems);
    lgd_buf_release(&sentences[0]);
    lgd_buf_release(&sentences[1]);
    return status;
}

static lgd_status end(lgd_report *r, const lgd_summary *s, lgd_err *err) {
    const state *st = r->state;
    lgd_json j = {.out = &r->out};
    lgd_json_object(&j, NULL);
    lgd_json_u64(&j, "schema_version", 1);
    lgd_json_tool(&j, r->head.tool_version);
    lgd_record_model(&j, &r->head);
    lgd_json_inputs(&j, s->inputs, s->n_inputs);
    LGD_TRY(put_summary(r, &j, s, err));
    put_list(&j, "incidents", &st->incidents);
    if (s->has_sessions) put_list(&j, "sessions", &st->sessions);
    put_list(&j, "anomalies", &st->anomalies);
    lgd_json_object_end(&j);
    lgd_buf_add_char(&r->out, '\n');
    return lgd_report_flush(r, err);
}

static void release(lgd_report *r) {
    state *st = r->state;
    lgd_buf_release(&st->anomalies.text);
    lgd_buf_release(&st->sessions.text);
    lgd_buf_release(&st->incidents.text);
}

const lgd_report_ops lgd_report_json = {
    .state_bytes = sizeof(state),
    .finding = finding,
    .session = session,
    .incident = incident,
    .end = end,
    .release = release,
};
