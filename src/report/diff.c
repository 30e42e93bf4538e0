/*
 * report/diff: what differs between two logs, as JSON, JSON Lines and CSV; text is in diff_text.c. The members and their
 * order are the contract of docs/OUTPUT.md.
 */
#include "output.h"

static void put_example(lgd_json *j, const lgd_change *c) {
    lgd_json_object(j, "example");
    lgd_json_file(j, "file", c->file);
    lgd_json_u64(j, "line", c->line);
    lgd_json_time(j, "timestamp", c->time_ns);
    lgd_json_string(j, "text", c->raw);
    lgd_json_object_end(j);
}

static void put_change(lgd_json *j, const char *type, const lgd_change *c) {
    lgd_json_object(j, NULL);
    if (type) lgd_json_string(j, "type", lgd_sv_of(type));
    lgd_json_string(j, "kind", lgd_sv_of(lgd_change_kind_name(c->kind)));
    lgd_json_u64(j, "template_id", c->template_id);
    lgd_json_string(j, "template", c->template_text);
    lgd_json_optional(j, "level", lgd_sv_of(lgd_level_name(c->level)));
    lgd_json_u64(j, "good", c->good);
    lgd_json_u64(j, "bad", c->bad);
    lgd_json_f64(j, "good_share", c->good_share);
    lgd_json_f64(j, "bad_share", c->bad_share);
    if (c->good)
        lgd_json_f64(j, "ratio", c->ratio);
    else
        lgd_json_null(j, "ratio");
    lgd_json_f64(j, "bits", c->bits);
    lgd_json_f64(j, "q_value", c->q_value);
    lgd_json_bool(j, "significant", c->significant);
    put_example(j, c);
    lgd_json_object_end(j);
}

static void put_side(lgd_json *j, const char *key, const lgd_diff_side *side) {
    const lgd_summary *s = &side->read;
    lgd_json_object(j, key);
    lgd_json_file(j, "name", side->name);
    lgd_json_u64(j, "events", side->events);
    lgd_json_u64(j, "events_left_out", side->events_left_out);
    lgd_json_u64(j, "lines_read", s->lines_read);
    lgd_json_u64(j, "records", s->records);
    lgd_record_counts(j, "skipped", s->skipped, LGD_SKIP_COUNT);
    lgd_json_time(j, "time_start", s->start_ns);
    lgd_json_time(j, "time_end", s->end_ns);
    lgd_record_counts(j, "formats", s->formats, s->n_formats);
    lgd_json_bool(j, "complete", s->complete);
    lgd_record_strings(j, "problems", s->problems, s->n_problems);
    lgd_json_inputs(j, s->inputs, s->n_inputs);
    lgd_json_object_end(j);
}

static void put_summary_fields(lgd_json *j, const lgd_diff *d) {
    lgd_json_u64(j, "templates", d->templates);
    for (int k = LGD_CHANGE_NEW; k < LGD_CHANGE_KINDS; k++)
        lgd_json_u64(j, lgd_change_kind_name((lgd_change_kind)k), d->n[k]);
    lgd_json_object(j, "unchanged");
    lgd_json_u64(j, "templates", d->templates - d->n_changes);
    lgd_json_u64(j, "good", d->unchanged_good);
    lgd_json_u64(j, "bad", d->unchanged_bad);
    lgd_json_object_end(j);
    if (d->good.events && d->bad.events)
        lgd_json_f64(j, "scale", d->scale);
    else
        lgd_json_null(j, "scale");
    lgd_json_u64(j, "scale_templates", d->scale_templates);
    lgd_json_f64(j, "max_q", d->max_q);
    lgd_json_f64(j, "min_ratio", d->min_ratio);
    lgd_json_bool(j, "complete", d->good.read.complete && d->bad.read.complete);
}

static void put_document(lgd_buf *b, const lgd_diff *d) {
    lgd_json j = {.out = b};
    lgd_json_object(&j, NULL);
    lgd_json_u64(&j, "schema_version", 1);
    lgd_json_tool(&j, d->tool_version);
    put_side(&j, "good", &d->good);
    put_side(&j, "bad", &d->bad);
    lgd_json_object(&j, "summary");
    put_summary_fields(&j, d);
    lgd_json_object_end(&j);
    lgd_json_array(&j, "changes");
    for (size_t i = 0; i < d->n_changes; i++) put_change(&j, NULL, &d->changes[i]);
    lgd_json_array_end(&j);
    lgd_json_object_end(&j);
    lgd_buf_add_char(b, '\n');
}

static void put_lines(lgd_buf *b, const lgd_diff *d) {
    for (size_t i = 0; i < d->n_changes; i++) {
        put_change(&(lgd_json){.out = b}, "change", &d->changes[i]);
        lgd_buf_add_char(b, '\n');
    }
    lgd_json j = {.out = b};
    lgd_json_object(&j, NULL);
    lgd_json_string(&j, "type", LGD_SV("summary"));
    put_summary_fields(&j, d);
    put_side(&j, "good", &d->good);
    put_side(&j, "bad", &d->bad);
    lgd_json_object_end(&j);
    lgd_buf_add_char(b, '\n');
}

/* ---- CSV ---- */

static void number(lgd_buf *b, double x) {
    char text[32];
    lgd_buf_add_char(b, ',');
    lgd_buf_add(b, text, lgd_format_f64(x, text));
}

static void cell(lgd_buf *b, lgd_sv text) {
    lgd_buf_add_char(b, ',');
    lgd_csv_cell(b, text);
}

static void put_row(lgd_buf *b, const lgd_change *c) {
    lgd_csv_cell(b, lgd_sv_of(lgd_change_kind_name(c->kind)));
    lgd_buf_printf(b, ",%u", (unsigned)c->template_id);
    cell(b, c->template_text);
    cell(b, lgd_sv_of(lgd_level_name(c->level)));
    lgd_buf_printf(b, ",%llu,%llu", (unsigned long long)c->good, (unsigned long long)c->bad);
    number(b, c->good_share);
    number(b, c->bad_share);
    if (c->good)
        number(b, c->ratio);
    else
        lgd_buf_add_char(b, ',');
    number(b, c->bits);
    number(b, c->q_value);
    lgd_buf_add_sv(b, c->significant ? LGD_SV(",true") : LGD_SV(",false"));
    cell(b, c->file);
    lgd_buf_printf(b, ",%llu,", (unsigned long long)c->line);
    lgd_format_time(b, c->time_ns);
    cell(b, c->raw);
    lgd_buf_add_sv(b, LGD_SV("\r\n"));
}

static void put_table(lgd_buf *b, const lgd_diff *d) {
    lgd_buf_add_sv(b, LGD_SV("kind,template_id,template,level,good,bad,good_share,bad_share,ratio,bits,q_value,"
                             "significant,file,line,timestamp,text\r\n"));
    for (size_t i = 0; i < d->n_changes; i++) put_row(b, &d->changes[i]);
}

lgd_status lgd_report_diff(lgd_output_format format, const lgd_diff *d, lgd_sink sink, lgd_err *err) {
    lgd_buf b = {0};
    switch (format) {
    case LGD_FORMAT_JSON: put_document(&b, d); break;
    case LGD_FORMAT_JSONL: put_lines(&b, d); break;
    case LGD_FORMAT_CSV: put_table(&b, d); break;
    case LGD_FORMAT_TEXT: lgd_text_diff(&b, d); break;
    }
    lgd_status status = b.failed ? lgd_fail_memory(err, b.n) : sink.write(sink.ctx, lgd_buf_sv(&b), err);
    lgd_buf_release(&b);
    return status;
}
