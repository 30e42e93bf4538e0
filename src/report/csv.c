/*
 * report/csv: a table for spreadsheets, one row for each anomaly, or for each line with --emit all. Sessions, incidents
 * and the summary have other columns and are not in it; the incident of an anomaly is named by its id.
 */
#include "output.h"

static const char header[] =
    "file,line,offset,timestamp,level,component,message,template_id,template,session,score,bits,"
    "p_value,threshold,is_anomaly,factor,reason,typical,actual,incident,raw\r\n";

static lgd_status begin(lgd_report *r, lgd_err *err) {
    lgd_buf_add(&r->out, header, sizeof header - 1);
    return lgd_report_flush(r, err);
}

static void cell(lgd_buf *b, lgd_sv text) {
    lgd_csv_cell(b, text);
    lgd_buf_add_char(b, ',');
}

static void count(lgd_buf *b, uint64_t n) { lgd_buf_printf(b, "%llu,", (unsigned long long)n); }

static void number(lgd_buf *b, double x) {
    char text[32];
    lgd_buf_add(b, text, lgd_format_f64(x, text));
    lgd_buf_add_char(b, ',');
}

static void put_verdict(lgd_buf *b, const lgd_finding *f) {
    const lgd_verdict *v = &f->verdict;
    number(b, v->score);
    number(b, v->bits);
    number(b, v->p_value);
    number(b, f->threshold);
    lgd_buf_add_sv(b, v->is_anomaly ? LGD_SV("true,") : LGD_SV("false,"));
    const lgd_factor *top = v->n_factors ? &v->factors[0] : NULL;
    cell(b, lgd_sv_of(top ? lgd_factor_kind_name(top->kind) : NULL));
    cell(b, top ? top->text : (lgd_sv){0});
    cell(b, top ? top->typical : (lgd_sv){0});
    cell(b, top ? top->actual : (lgd_sv){0});
}

static lgd_status finding(lgd_report *r, const lgd_finding *f, const char *incident_id, lgd_err *err) {
    if (!f->verdict.is_anomaly && r->head.emit != LGD_EMIT_ALL) return LGD_OK;
    lgd_buf *b = &r->out;
    cell(b, f->file);
    count(b, f->line);
    count(b, f->offset);
    lgd_format_time(b, f->header.start_ns);
    lgd_buf_add_char(b, ',');
    cell(b, lgd_sv_of(lgd_level_name(f->header.level)));
    cell(b, f->header.component);
    cell(b, f->header.message);
    count(b, f->template_id);
    cell(b, f->template_text);
    cell(b, f->session);
    put_verdict(b, f);
    cell(b, lgd_sv_of(incident_id));
    lgd_csv_cell(b, f->raw);
    lgd_buf_add_sv(b, LGD_SV("\r\n"));
    return lgd_report_flush(r, err);
}

static lgd_status end(lgd_report *r, const lgd_summary *s, lgd_err *err) {
    (void)s;
    return lgd_report_flush(r, err);
}

const lgd_report_ops lgd_report_csv = {.begin = begin, .finding = finding, .end = end};
