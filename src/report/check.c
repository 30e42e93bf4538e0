/*
 * report/check: whether a model fits a log, by the summary of a scan: as text or as one JSON document. The members are the contract of docs/OUTPUT.md.
 */
#include "output.h"

/* Nanoseconds that the log begins after the model's end, negative if it begins before; false: no times. Differences of
 * times that a log may claim do not fit into 64 bits. */
static bool find_age(const lgd_report_head *h, const lgd_summary *s, double *ret_s) {
    if (h->model_end_ns == LGD_NO_TIME || s->start_ns == LGD_NO_TIME) return false;
    *ret_s = ((double)s->start_ns - (double)h->model_end_ns) / 1e9;
    return true;
}

static double span_s(int64_t start_ns, int64_t end_ns) {
    return start_ns == LGD_NO_TIME ? 0 : ((double)end_ns - (double)start_ns) / 1e9;
}

/* ---- JSON ---- */

static void put_span(lgd_json *j, const char *key, int64_t start_ns, int64_t end_ns) {
    if (start_ns == LGD_NO_TIME)
        lgd_json_null(j, key);
    else
        lgd_json_f64(j, key, span_s(start_ns, end_ns));
}

static void put_age(lgd_json *j, const lgd_report_head *h, const lgd_summary *s) {
    double age_s = 0;
    lgd_json_object(j, "age");
    if (find_age(h, s, &age_s))
        lgd_json_f64(j, "seconds", age_s);
    else
        lgd_json_null(j, "seconds");
    put_span(j, "model_span", h->model_start_ns, h->model_end_ns);
    put_span(j, "log_span", s->start_ns, s->end_ns);
    lgd_json_object_end(j);
}

static void put_templates(lgd_json *j, const lgd_fitness *f) {
    lgd_json_object(j, "templates");
    lgd_json_u64(j, "seen", f->templates);
    lgd_json_u64(j, "unseen", f->unseen_templates);
    lgd_json_u64(j, "unseen_events", f->unseen_events);
    lgd_json_f64(j, "unseen_share", f->unseen);
    lgd_json_f64(j, "expected_share", f->expected_unseen);
    lgd_json_u64(j, "gone", f->gone_templates);
    lgd_json_f64(j, "gone_share", f->gone_share);
    lgd_json_object_end(j);
}

static void put_alarms(lgd_json *j, const lgd_fitness *f) {
    lgd_json_object(j, "alarms");
    lgd_json_u64(j, "anomalies", f->anomalies);
    lgd_json_f64(j, "share", f->anomalous);
    lgd_json_u64(j, "sessions", f->sessions);
    lgd_json_u64(j, "anomalous_sessions", f->anomalous_sessions);
    lgd_json_f64(j, "session_share", f->typical_sessions);
    lgd_json_f64(j, "requested_fpr", f->rate);
    lgd_json_object_end(j);
}

static void put_shift(lgd_json *j, const lgd_fitness *f) {
    lgd_json_object(j, "shift");
    lgd_json_f64(j, "ensemble", f->shift);
    lgd_json_u64(j, "bits", f->shift_bits);
    lgd_json_object(j, "members");
    for (size_t i = 0; i < f->n_members; i++)
        if (f->members[i].known)
            lgd_json_f64(j, f->members[i].name, f->members[i].shift);
        else
            lgd_json_null(j, f->members[i].name);
    lgd_json_object_end(j);
    lgd_json_object_end(j);
}

static void put_formats(lgd_json *j, const lgd_summary *s) {
    lgd_json_object(j, "formats");
    lgd_json_u64(j, "lines", s->fitness->lines);
    lgd_json_u64(j, "fitting", s->fitness->lines_in_format);
    lgd_record_counts(j, "of", s->formats, s->n_formats);
    lgd_json_object_end(j);
}

static void put_read(lgd_json *j, const lgd_summary *s) {
    lgd_json_u64(j, "lines_read", s->lines_read);
    lgd_json_u64(j, "scored", s->scored);
    lgd_record_counts(j, "skipped", s->skipped, LGD_SKIP_COUNT);
    lgd_json_time(j, "time_start", s->start_ns);
    lgd_json_time(j, "time_end", s->end_ns);
    lgd_json_bool(j, "complete", s->complete);
    lgd_record_strings(j, "problems", s->problems, s->n_problems);
}

static void put_json(lgd_buf *b, const lgd_report_head *h, const lgd_summary *s) {
    const lgd_fitness *f = s->fitness;
    lgd_json j = {.out = b};
    lgd_json_object(&j, NULL);
    lgd_json_u64(&j, "schema_version", 1);
    lgd_json_tool(&j, h->tool_version);
    lgd_record_model(&j, h);
    lgd_json_inputs(&j, s->inputs, s->n_inputs);
    lgd_json_string(&j, "verdict", lgd_sv_of(lgd_fit_name(f->fit)));
    lgd_record_strings(&j, "reasons", f->reasons, f->n_reasons);
    lgd_json_u64(&j, "events", f->events);
    lgd_json_f64(&j, "coverage", f->events ? 1 - (double)f->unseen_events / (double)f->events : 0);
    put_templates(&j, f);
    put_formats(&j, s);
    put_alarms(&j, f);
    put_shift(&j, f);
    put_age(&j, h, s);
    put_read(&j, s);
    lgd_json_object_end(&j);
    lgd_buf_add_char(b, '\n');
}

/* ---- text ---- */

static void say_duration(lgd_buf *b, double s) {
    if (s < 7200)
        lgd_buf_printf(b, "%.0f min", s / 60);
    else if (s < 2 * 86400)
        lgd_buf_printf(b, "%.1f h", s / 3600);
    else
        lgd_buf_printf(b, "%.1f days", s / 86400);
}

static void put_row(lgd_buf *b, const char *label) { lgd_buf_printf(b, "  %-15s", label); }

static void text_age(lgd_buf *b, const lgd_report_head *h, const lgd_summary *s) {
    double age_s = 0;
    put_row(b, "age");
    if (!find_age(h, s, &age_s)) {
        add(b, "unknown: no times\n");
        return;
    }
    add(b, "the log begins ");
    say_duration(b, age_s < 0 ? -age_s : age_s);
    add(b, age_s < 0 ? " before" : " after");
    add(b, " the model's end; it takes ");
    say_duration(b, span_s(s->start_ns, s->end_ns));
    add(b, ", the model's log took ");
    say_duration(b, span_s(h->model_start_ns, h->model_end_ns));
    add(b, "\n");
}

static void text_templates(lgd_buf *b, const lgd_fitness *f) {
    put_row(b, "coverage");
    lgd_format_share(b, f->events - f->unseen_events, f->events, 1);
    add(b, " of ");
    lgd_text_plural(b, f->events, "event");
    add(b, " have a known template, typically ");
    lgd_format_estimate(b, 1 - f->unseen);
    add(b, "; expected ");
    lgd_format_estimate(b, 1 - f->expected_unseen);
    add(b, "\n");
    put_row(b, "templates");
    lgd_format_count(b, f->unseen_templates);
    add(b, " of ");
    lgd_format_count(b, f->templates);
    add(b, " were never seen in training; ");
    lgd_format_count(b, f->gone_templates);
    add(b, " of the training's are gone, which made ");
    lgd_format_estimate(b, f->gone_share);
    add(b, " of it\n");
}

static void text_alarms(lgd_buf *b, const lgd_fitness *f) {
    put_row(b, "anomalies");
    lgd_format_share(b, f->anomalies, f->events, 1);
    add(b, " of events, typically ");
    lgd_format_estimate(b, f->anomalous);
    if (f->sessions) {
        add(b, "; ");
        lgd_format_share(b, f->anomalous_sessions, f->sessions, 1);
        add(b, " of ");
        lgd_text_plural(b, f->sessions, "session");
        add(b, ", typically ");
        lgd_format_estimate(b, f->typical_sessions);
    }
    lgd_buf_printf(b, "; asked for: %.3g %%\n", 100 * f->rate);
}

static void text_shift(lgd_buf *b, const lgd_fitness *f) {
    put_row(b, "shift");
    if (f->shift > 0) {
        lgd_format_estimate(b, f->shift);
        lgd_buf_printf(b, " more events than in training have %u bits or more", (unsigned)f->shift_bits);
    } else {
        add(b, "events surprise no more than in training");
    }
    for (size_t i = 0, n = 0; i < f->n_members; i++)
        if (f->members[i].known) {
            lgd_buf_printf(b, "%s%s ", n++ ? ", " : "; ", f->members[i].name);
            lgd_format_estimate(b, f->members[i].shift);
        }
    add(b, "\n");
}

static void text_head(lgd_buf *b, const lgd_report_head *h, const lgd_summary *s) {
    lgd_buf_printf(b, "Model ");
    lgd_escape_terminal(b, h->model_path, 200);
    add(b, ": ");
    lgd_text_plural(b, h->model_templates, "template");
    add(b, " from ");
    lgd_text_plural(b, h->model_events, "event");
    add(b, ", ");
    lgd_text_range(b, h->model_start_ns, h->model_end_ns);
    add(b, "\nLog: ");
    lgd_text_plural(b, s->lines_read, "line");
    add(b, " in ");
    lgd_text_plural(b, s->n_inputs, "file");
    add(b, ", ");
    lgd_text_range(b, s->start_ns, s->end_ns);
    add(b, "\n\n");
}

static void text_sentences(lgd_buf *b, const lgd_sv *items, size_t n) {
    for (size_t i = 0; i < n; i++) {
        add(b, "  - ");
        lgd_escape_terminal(b, items[i], 400);
        add(b, "\n");
    }
}

static void put_text(lgd_buf *b, const lgd_report_head *h, const lgd_summary *s) {
    static const char *const advice[] = {"", "; train again soon", "; train again"};
    const lgd_fitness *f = s->fitness;
    text_head(b, h, s);
    text_templates(b, f);
    put_row(b, "formats");
    lgd_format_share(b, f->lines_in_format, f->lines, 1);
    add(b, " of lines are as the model knows them\n");
    text_alarms(b, f);
    text_shift(b, f);
    text_age(b, h, s);
    lgd_buf_printf(b, "\n%s%s:\n", lgd_fit_name(f->fit), advice[f->fit]);
    text_sentences(b, f->reasons, f->n_reasons);
    if (s->n_problems) add(b, s->complete ? "Please note:\n" : "Some input could not be read:\n");
    text_sentences(b, s->problems, s->n_problems);
}

lgd_status lgd_report_check(lgd_output_format format, const lgd_report_head *head, const lgd_summary *s, lgd_sink sink,
                            lgd_err *err) {
    lgd_buf b = {0};
    (format == LGD_FORMAT_JSON ? put_json : put_text)(&b, head, s);
    lgd_status status = b.failed ? lgd_fail_memory(err, b.n) : sink.write(sink.ctx, lgd_buf_sv(&b), err);
    lgd_buf_release(&b);
    return status;
}
