/*
 * report/jsonl: one JSON object a line, each with its "type", handed to the sink record by record. With --emit all each
 * line is a `line` record, and an anomalous one is an `anomaly` record after it. The last record is the summary.
 */
#include "output.h"

static lgd_status end_line(lgd_report *r, lgd_err *err) {
    lgd_buf_add_char(&r->out, '\n');
    return lgd_report_flush(r, err);
}

static lgd_status finding(lgd_report *r, const lgd_finding *f, const char *incident_id, lgd_err *err) {
    if (r->head.emit == LGD_EMIT_ALL) {
        lgd_record_finding(&(lgd_json){.out = &r->out}, "line", f, incident_id);
        LGD_TRY(end_line(r, err));
    }
    if (!f->verdict.is_anomaly) return LGD_OK;
    lgd_record_finding(&(lgd_json){.out = &r->out}, "anomaly", f, incident_id);
    return end_line(r, err);
}

static lgd_status session(lgd_report *r, const lgd_session_finding *s, lgd_err *err) {
    lgd_record_session(&(lgd_json){.out = &r->out}, "session", s);
    return end_line(r, err);
}

static lgd_status incident(lgd_report *r, const lgd_incident *i, lgd_err *err) {
    lgd_record_incident(&(lgd_json){.out = &r->out}, "incident", i);
    return end_line(r, err);
}

static lgd_status end(lgd_report *r, const lgd_summary *s, lgd_err *err) {
    lgd_json j = {.out = &r->out};
    lgd_json_object(&j, NULL);
    lgd_json_string(&j, "type", LGD_SV("summary"));
    lgd_json_summary_fields(&j, s);
    lgd_record_scan_fields(&j, s);
    lgd_json_object_end(&j);
    return end_line(r, err);
}

const lgd_report_ops lgd_report_jsonl = {.finding = finding, .session = session, .incident = incident, .end = end};
