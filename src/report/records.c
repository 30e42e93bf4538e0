/*
 * report/records: finding, session, incident and summary -> JSON. Shared by the document (json.c) and the lines
 * (jsonl.c), so that both say the same. The members and their order are the contract of docs/OUTPUT.md.
 *
 * Every number that is printed is finite: the JSON writer sees to it. Cost: linear in the text of a record.
 */
#include "output.h"

void lgd_json_time(lgd_json *j, const char *key, int64_t time_ns) {
    lgd_buf text = {0};
    lgd_format_time(&text, time_ns);
    if (text.n)
        lgd_json_string(j, key, lgd_buf_sv(&text));
    else
        lgd_json_null(j, key);
    j->out->failed |= text.failed;
    lgd_buf_release(&text);
}

void lgd_json_optional(lgd_json *j, const char *key, lgd_sv value) {
    if (value.n)
        lgd_json_string(j, key, value);
    else
        lgd_json_null(j, key);
}

static bool is_utf8(lgd_sv s) {
    for (size_t i = 0, n; i < s.n; i += n) {
        uint32_t c = 0;
        n = lgd_utf8_decode((lgd_sv){s.p + i, s.n - i}, &c);
        if (n == 0) return false;
    }
    return true;
}

/* A name in another encoding has to stay recognisable, so its bytes are shown and not replaced. */
void lgd_json_file(lgd_json *j, const char *key, lgd_sv name) {
    if (is_utf8(name)) {
        lgd_json_string(j, key, name);
        return;
    }
    lgd_buf shown = {0};
    lgd_escape_terminal(&shown, name, SIZE_MAX);
    lgd_json_string(j, key, lgd_buf_sv(&shown));
    j->out->failed |= shown.failed;
    lgd_buf_release(&shown);
}

void lgd_json_params(lgd_json *j, const char *key, const lgd_param *params, size_t n) {
    lgd_json_array(j, key);
    for (size_t i = 0; i < n; i++) {
        const lgd_param *p = &params[i];
        lgd_json_object(j, NULL);
        lgd_json_string(j, "value", p->value);
        lgd_json_string(j, "type", lgd_sv_of(p->type));
        if (p->name.n) lgd_json_string(j, "name", p->name);
        if (p->has_number) lgd_json_f64(j, "number", p->number);
        if (p->unit.n) lgd_json_string(j, "unit", p->unit);
        lgd_json_object_end(j);
    }
    lgd_json_array_end(j);
}

static void put_type(lgd_json *j, const char *type) {
    if (type) lgd_json_string(j, "type", lgd_sv_of(type));
}

static void put_factors(lgd_json *j, const lgd_verdict *v) {
    lgd_json_array(j, "factors");
    for (size_t i = 0; i < v->n_factors; i++) {
        const lgd_factor *f = &v->factors[i];
        lgd_json_object(j, NULL);
        lgd_json_string(j, "kind", lgd_sv_of(lgd_factor_kind_name(f->kind)));
        lgd_json_string(j, "text", f->text);
        lgd_json_string(j, "typical", f->typical);
        lgd_json_string(j, "actual", f->actual);
        lgd_json_f64(j, "share", f->share);
        lgd_json_object_end(j);
    }
    lgd_json_array_end(j);
}

static void put_members(lgd_json *j, const lgd_verdict *v) {
    lgd_json_object(j, "members");
    for (size_t i = 0; i < v->n_members; i++) lgd_json_f64(j, v->members[i].name, v->members[i].p_value);
    lgd_json_object_end(j);
}

void lgd_record_strings(lgd_json *j, const char *key, const lgd_sv *items, size_t n) {
    lgd_json_array(j, key);
    for (size_t i = 0; i < n; i++) lgd_json_string(j, NULL, items[i]);
    lgd_json_array_end(j);
}

void lgd_record_finding(lgd_json *j, const char *type, const lgd_finding *f, const char *incident_id) {
    const lgd_verdict *v = &f->verdict;
    lgd_json_object(j, NULL);
    put_type(j, type);
    lgd_json_file(j, "file", f->file);
    lgd_json_u64(j, "line", f->line);
    lgd_json_u64(j, "offset", f->offset);
    lgd_json_time(j, "timestamp", f->header.start_ns);
    lgd_json_optional(j, "level", lgd_sv_of(lgd_level_name(f->header.level)));
    lgd_json_optional(j, "component", f->header.component);
    lgd_json_string(j, "message", f->header.message);
    lgd_json_string(j, "raw", f->raw);
    lgd_json_u64(j, "template_id", f->template_id);
    lgd_json_string(j, "template", f->template_text);
    lgd_json_params(j, "params", f->params, f->n_params);
    lgd_json_optional(j, "session", f->session);
    lgd_json_f64(j, "score", v->score);
    lgd_json_f64(j, "bits", v->bits);
    lgd_json_f64(j, "p_value", v->p_value);
    lgd_json_f64(j, "threshold", f->threshold);
    lgd_json_bool(j, "is_anomaly", v->is_anomaly);
    put_members(j, v);
    put_factors(j, v);
    lgd_json_optional(j, "incident", lgd_sv_of(incident_id));
    lgd_json_object_end(j);
}

void lgd_record_session(lgd_json *j, const char *type, const lgd_session_finding *s) {
    const lgd_verdict *v = &s->verdict;
    lgd_json_object(j, NULL);
    put_type(j, type);
    lgd_json_string(j, "session", s->session);
    lgd_json_u64(j, "first_line", s->first_line);
    lgd_json_u64(j, "last_line", s->last_line);
    lgd_json_u64(j, "lines", s->lines);
    if (s->template_id == LGD_NO_TEMPLATE)
        lgd_json_null(j, "template_id");
    else
        lgd_json_u64(j, "template_id", s->template_id);
    lgd_json_f64(j, "score", v->score);
    lgd_json_f64(j, "bits", v->bits);
    lgd_json_f64(j, "p_value", v->p_value);
    lgd_json_bool(j, "is_anomaly", v->is_anomaly);
    put_members(j, v);
    put_factors(j, v);
    lgd_json_object_end(j);
}

static void put_first_line(lgd_json *j, const lgd_evidence *e) {
    lgd_json_object(j, "first_line");
    lgd_json_file(j, "file", e->file);
    lgd_json_u64(j, "line", e->line);
    lgd_json_time(j, "timestamp", e->time_ns);
    lgd_json_string(j, "raw", e->raw);
    lgd_json_object_end(j);
}

static void put_templates(lgd_json *j, const lgd_incident *i) {
    lgd_json_array(j, "templates");
    for (size_t k = 0; k < i->n_templates; k++) {
        lgd_json_object(j, NULL);
        lgd_json_u64(j, "id", i->template_ids[k]);
        lgd_json_string(j, "template", i->templates[k]);
        lgd_json_object_end(j);
    }
    lgd_json_array_end(j);
}

void lgd_record_incident(lgd_json *j, const char *type, const lgd_incident *i) {
    lgd_json_object(j, NULL);
    put_type(j, type);
    lgd_json_string(j, "id", lgd_sv_of(i->id));
    lgd_json_string(j, "status", lgd_sv_of(i->status));
    lgd_json_string(j, "severity", lgd_sv_of(lgd_severity_name(i->severity)));
    lgd_json_string(j, "title", i->title);
    lgd_json_time(j, "start", i->start_ns);
    lgd_json_time(j, "end", i->end_ns);
    lgd_json_u64(j, "lines", i->lines);
    lgd_json_u64(j, "anomalies", i->anomalies);
    put_first_line(j, &i->first);
    put_templates(j, i);
    lgd_json_array(j, "files");
    for (size_t k = 0; k < i->n_files; k++) lgd_json_file(j, NULL, i->files[k]);
    lgd_json_array_end(j);
    lgd_json_f64(j, "score", i->verdict.score);
    lgd_json_f64(j, "bits", i->verdict.bits);
    put_factors(j, &i->verdict);
    lgd_json_object_end(j);
}

void lgd_record_model(lgd_json *j, const lgd_report_head *head) {
    lgd_json_object(j, "model");
    if (head->model_path.n) {
        char checksum[9];
        for (unsigned i = 0; i < 8; i++) checksum[i] = "0123456789abcdef"[head->model_checksum >> (28 - 4 * i) & 15];
        lgd_json_file(j, "path", head->model_path);
        lgd_json_string(j, "checksum", (lgd_sv){checksum, 8});
    } else {
        lgd_json_null(j, "path");
        lgd_json_null(j, "checksum");
    }
    lgd_json_u64(j, "templates", head->model_templates);
    lgd_json_u64(j, "events", head->model_events);
    lgd_json_time(j, "start", head->model_start_ns);
    lgd_json_time(j, "end", head->model_end_ns);
    lgd_json_optional(j, "session", head->session_key);
    lgd_json_array(j, "members");
    for (size_t i = 0; i < head->n_members; i++) lgd_json_string(j, NULL, lgd_sv_of(head->members[i]));
    lgd_json_array_end(j);
    lgd_json_object_end(j);
}

void lgd_json_tool(lgd_json *j, const char *version) {
    lgd_json_object(j, "tool");
    lgd_json_string(j, "name", LGD_SV("logdetect"));
    lgd_json_string(j, "version", lgd_sv_of(version));
    lgd_json_object_end(j);
}

void lgd_json_inputs(lgd_json *j, const lgd_input_status *inputs, size_t n_inputs) {
    lgd_json_array(j, "input");
    for (size_t i = 0; i < n_inputs; i++) {
        const lgd_input_status *in = &inputs[i];
        lgd_json_object(j, NULL);
        lgd_json_file(j, "path", in->path);
        lgd_json_string(j, "state", lgd_sv_of(in->state));
        lgd_json_optional(j, "problem", in->problem);
        lgd_json_u64(j, "lines", in->lines);
        lgd_json_u64(j, "bytes", in->bytes);
        lgd_json_string(j, "compression", lgd_sv_of(in->compression));
        lgd_json_optional(j, "format", in->format);
        lgd_json_object_end(j);
    }
    lgd_json_array_end(j);
}

void lgd_record_counts(lgd_json *j, const char *key, const lgd_count *counts, size_t n) {
    lgd_json_object(j, key);
    for (size_t i = 0; i < n; i++) {
        lgd_json_key_sv(j, counts[i].name);
        lgd_json_u64(j, NULL, counts[i].n);
    }
    lgd_json_object_end(j);
}

static void put_learned(lgd_json *j, const lgd_summary *s) {
    lgd_json_array(j, "learned");
    for (size_t i = 0; i < s->n_learned; i++) {
        const lgd_learned *l = &s->learned[i];
        lgd_json_object(j, NULL);
        lgd_json_time(j, "since", l->since_ns);
        lgd_json_u64(j, "sessions", l->sessions);
        lgd_json_u64(j, "of", l->of);
        lgd_json_string(j, "text", l->text);
        lgd_json_object_end(j);
    }
    lgd_json_array_end(j);
}

void lgd_json_summary_fields(lgd_json *j, const lgd_summary *s) {
    lgd_json_u64(j, "lines_read", s->lines_read);
    lgd_json_u64(j, "records", s->records);
    lgd_json_u64(j, "scored", s->scored);
    lgd_record_counts(j, "skipped", s->skipped, LGD_SKIP_COUNT);
    lgd_json_u64(j, "anomalies", s->anomalies);
    lgd_json_u64(j, "incidents", s->incidents);
    lgd_json_u64(j, "sessions", s->sessions);
    lgd_json_u64(j, "templates", s->templates);
    lgd_json_u64(j, "new_templates", s->new_templates);
    lgd_json_f64(j, "threshold", s->threshold);
    lgd_json_f64(j, "requested_fpr", s->requested_fpr);
    lgd_json_time(j, "time_start", s->start_ns);
    lgd_json_time(j, "time_end", s->end_ns);
    lgd_record_counts(j, "formats", s->formats, s->n_formats);
    lgd_json_bool(j, "complete", s->complete);
    lgd_record_strings(j, "problems", s->problems, s->n_problems);
    if (s->adapts) put_learned(j, s);
}
