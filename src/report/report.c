/*
 * report: the table of outputs, and the one way from findings to a sink. Which output does what stands in its own file.
 */
#include "output.h"

static const lgd_report_ops *ops_of(lgd_output_format format) {
    switch (format) {
    case LGD_FORMAT_TEXT: return &lgd_report_text;
    case LGD_FORMAT_JSON: return &lgd_report_json;
    case LGD_FORMAT_JSONL: return &lgd_report_jsonl;
    case LGD_FORMAT_CSV: return &lgd_report_csv;
    }
    return NULL;
}

lgd_status lgd_report_new(lgd_output_format format, const lgd_report_head *head, lgd_sink sink, lgd_report **ret_report,
                          lgd_err *err) {
    const lgd_report_ops *ops = ops_of(format);
    if (!ops) return lgd_fail(err, LGD_E_USAGE, "there is no output format %d", (int)format);
    return lgd_report_make(ops, head, sink, ret_report, err);
}

lgd_status lgd_report_make(const lgd_report_ops *ops, const lgd_report_head *head, lgd_sink sink,
                           lgd_report **ret_report, lgd_err *err) {
    lgd_report *r = lgd_calloc(1, sizeof *r);
    if (!r) return lgd_fail_memory(err, sizeof *r);
    *r = (lgd_report){.ops = ops, .head = *head, .sink = sink, .state = lgd_calloc(1, ops->state_bytes)};
    lgd_status status = r->state ? LGD_OK : lgd_fail_memory(err, ops->state_bytes);
    if (status == LGD_OK && ops->begin) status = ops->begin(r, err);
    if (status != LGD_OK) {
        lgd_report_free(r);
        return status;
    }
    *ret_report = r;
    return LGD_OK;
}

lgd_status lgd_report_finding(lgd_report *r, const lgd_finding *f, const char *incident_id, lgd_err *err) {
    return r->ops->finding(r, f, incident_id, err);
}

lgd_status lgd_report_session(lgd_report *r, const lgd_session_finding *s, lgd_err *err) {
    return r->ops->session ? r->ops->session(r, s, err) : LGD_OK;
}

lgd_status lgd_report_incident(lgd_report *r, const lgd_incident *i, lgd_err *err) {
    return r->ops->incident ? r->ops->incident(r, i, err) : LGD_OK;
}

lgd_status lgd_report_end(lgd_report *r, const lgd_summary *s, lgd_err *err) { return r->ops->end(r, s, err); }

void lgd_report_free(lgd_report *r) {
    if (!r) return;
    if (r->state && r->ops->release) r->ops->release(r);
    lgd_free(r->state);
    lgd_buf_release(&r->out);
    lgd_free(r);
}

lgd_status lgd_report_flush(lgd_report *r, lgd_err *err) {
    if (r->out.failed) return lgd_fail_memory(err, r->out.n);
    lgd_status status = r->out.n ? r->sink.write(r->sink.ctx, lgd_buf_sv(&r->out), err) : LGD_OK;
    lgd_buf_clear(&r->out);
    return status;
}
