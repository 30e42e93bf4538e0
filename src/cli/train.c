/*
 * cli/train: the command that learns a model, and what it says about it: a page for people or one JSON document.
 */
#include "cli.h"

static void add(lgd_buf *b, const char *text) { lgd_buf_add_sv(b, lgd_sv_of(text)); }

static void put_count(lgd_buf *b, uint64_t n, const char *noun) {
    lgd_format_count(b, n);
    lgd_buf_printf(b, " %s%s", noun, n == 1 ? "" : "s");
}

static void put_head(lgd_buf *b, const lgd_train_summary *s) {
    add(b, "Learned from ");
    put_count(b, s->updated ? s->new_events : s->events, "event");
    add(b, " (");
    put_count(b, s->read.lines_read, "line");
    add(b, ", ");
    put_count(b, s->read.n_inputs, "file");
    add(b, ")");
    if (s->read.start_ns != LGD_NO_TIME) {
        add(b, ", ");
        lgd_format_time_text(b, s->read.start_ns);
        add(b, " to ");
        lgd_format_time_text(b, s->read.end_ns);
        add(b, " UTC");
    }
    add(b, "\n");
}

static void put_skipped(lgd_buf *b, const lgd_summary *s) {
    size_t n = 0;
    for (size_t i = 0; i < LGD_SKIP_COUNT; i++) {
        if (s->skipped[i].n == 0) continue;
        add(b, n++ ? ", " : "  skipped lines  ");
        lgd_format_count(b, s->skipped[i].n);
        add(b, " ");
        lgd_escape_terminal(b, s->skipped[i].name, SIZE_MAX);
    }
    if (n) add(b, "\n");
}

static const char *stop_name(lgd_stop stop) {
    switch (stop) {
    case LGD_STOP_EPOCHS: return "epochs";
    case LGD_STOP_PATIENCE: return "patience";
    case LGD_STOP_NOT_FINITE: return "not finite";
    case LGD_STOP_NOT: break;
    }
    return "";
}

/* How well the network does in windows that it was not fitted on, or, where none was held out, in its own. */
static void put_losses(lgd_buf *b, const lgd_lstm_fit_summary *n) {
    lgd_buf_printf(b, ", %s %.3f %s", n->held ? "held-out" : "fitted", n->held ? n->held_loss : n->loss,
                   n->loss_kind == LGD_LOSS_SQUARED ? "error" : "bits an event");
}

static void put_network(lgd_buf *b, const lgd_train_summary *s) {
    const lgd_lstm_fit_summary *n = &s->network;
    static const char *const why[] = {[LGD_STOP_NOT] = "",
                                      [LGD_STOP_EPOCHS] = "",
                                      [LGD_STOP_PATIENCE] = " until it got no better",
                                      [LGD_STOP_NOT_FINITE] = " until its loss was not finite"};
    if (s->network_problem.n) {
        add(b, "  network        none: ");
        lgd_escape_terminal(b, s->network_problem, SIZE_MAX);
        add(b, "\n");
    }
    if (n->epochs == 0) return;
    add(b, "  network        ");
    put_count(b, n->windows, "window");
    add(b, " (");
    lgd_format_count(b, n->distinct);
    add(b, " distinct), ");
    put_count(b, n->epochs, "epoch");
    add(b, why[n->stop]);
    put_losses(b, n);
    add(b, "\n");
}

static void put_update(lgd_buf *b, const lgd_train_summary *s) {
    if (!s->updated) return;
    add(b, "  went on from   ");
    put_count(b, s->old_events, "older event");
    lgd_buf_printf(b, " at a weight of %.3g: ", s->old_weight);
    put_count(b, s->events, "event");
    add(b, " now, ");
    put_count(b, s->new_templates, "new template");
    add(b, "\n");
}

static void put_learned(lgd_buf *b, const lgd_train_summary *s) {
    add(b, "  templates      ");
    lgd_format_count(b, s->templates);
    add(b, " (");
    lgd_format_count(b, s->singletons);
    lgd_buf_printf(b, " seen once)\n  coverage       %.3f %% of the next events have a known template, by estimate\n",
                   100 * s->coverage);
    if (s->sessions) {
        add(b, "  sessions       ");
        lgd_format_count(b, s->sessions);
        add(b, ", by ");
        lgd_escape_terminal(b, s->session_key, 200);
        add(b, "\n");
    }
    put_network(b, s);
    lgd_buf_printf(b,
                   "  threshold      p <= %.3g for lines (asked for: %.3g %% false alarms), %.1f bits for incidents\n",
                   s->threshold, 100 * s->read.requested_fpr, s->incident_threshold_bits);
    add(b, "  in training    ");
    put_count(b, s->training_anomalies, "anomalous line");
    add(b, ", ");
    put_count(b, s->training_incidents, "incident");
    add(b, "\n");
}

static void put_problems(lgd_buf *b, const lgd_summary *s) {
    for (size_t i = 0; i < s->n_problems; i++) {
        add(b, "  note           ");
        lgd_escape_terminal(b, s->problems[i], SIZE_MAX);
        add(b, "\n");
    }
}

static void put_text(lgd_buf *b, const lgd_train_summary *s, const char *model) {
    put_head(b, s);
    put_skipped(b, &s->read);
    put_update(b, s);
    put_learned(b, s);
    put_problems(b, &s->read);
    add(b, s->enough ? "  enough         yes" : "  enough         not yet");
    if (s->advice.n) {
        add(b, ": ");
        lgd_escape_terminal(b, s->advice, SIZE_MAX);
    }
    add(b, "\nThe model is in ");
    lgd_escape_terminal(b, lgd_sv_of(model), SIZE_MAX);
    add(b, "\n");
}

static void json_network(lgd_json *j, const lgd_train_summary *s) {
    const lgd_lstm_fit_summary *n = &s->network;
    lgd_json_optional(j, "network_problem", s->network_problem);
    if (n->epochs == 0) {
        lgd_json_null(j, "network");
        return;
    }
    lgd_json_object(j, "network");
    lgd_json_u64(j, "windows", n->windows);
    lgd_json_u64(j, "distinct", n->distinct);
    lgd_json_u64(j, "fitted", n->fitted);
    lgd_json_u64(j, "held_out", n->held);
    lgd_json_u64(j, "vocabulary", n->vocab);
    lgd_json_u64(j, "epochs", n->epochs);
    lgd_json_optional(j, "stopped_by", lgd_sv_of(stop_name(n->stop)));
    lgd_json_string(j, "loss_kind", lgd_sv_of(lgd_net_loss_name(n->loss_kind)));
    lgd_json_f64(j, "loss", n->loss);
    if (n->held)
        lgd_json_f64(j, "held_out_loss", n->held_loss);
    else
        lgd_json_null(j, "held_out_loss");
    lgd_json_object_end(j);
}

static void json_update(lgd_json *j, const lgd_train_summary *s) {
    if (!s->updated) {
        lgd_json_null(j, "update");
        return;
    }
    lgd_json_object(j, "update");
    lgd_json_u64(j, "old_events", s->old_events);
    lgd_json_f64(j, "old_weight", s->old_weight);
    lgd_json_u64(j, "new_events", s->new_events);
    lgd_json_u64(j, "new_templates", s->new_templates);
    lgd_json_u64(j, "unknown_events", s->unknown_events);
    lgd_json_object_end(j);
}

static void put_json(lgd_buf *b, const lgd_train_summary *s, const char *model) {
    lgd_json j = {.out = b};
    lgd_summary read = s->read;
    read.templates = s->templates;
    read.threshold = s->threshold;
    read.sessions = s->sessions;
    lgd_json_object(&j, NULL);
    lgd_json_u64(&j, "schema_version", 1);
    lgd_json_tool(&j, LGD_VERSION);
    lgd_json_object(&j, "model");
    lgd_json_file(&j, "path", lgd_sv_of(model));
    lgd_json_object_end(&j);
    lgd_json_inputs(&j, read.inputs, read.n_inputs);
    lgd_json_object(&j, "summary");
    lgd_json_summary_fields(&j, &read);
    lgd_json_u64(&j, "events", s->events);
    lgd_json_u64(&j, "signatures", s->signatures);
    lgd_json_u64(&j, "singletons", s->singletons);
    lgd_json_u64(&j, "dropped_events", s->dropped_events);
    lgd_json_f64(&j, "coverage", s->coverage);
    lgd_json_u64(&j, "fit_rows", s->fit_rows);
    lgd_json_f64(&j, "incident_threshold_bits", s->incident_threshold_bits);
    lgd_json_u64(&j, "training_anomalies", s->training_anomalies);
    lgd_json_u64(&j, "training_incidents", s->training_incidents);
    json_network(&j, s);
    json_update(&j, s);
    lgd_json_bool(&j, "enough", s->enough);
    lgd_json_string(&j, "advice", s->advice);
    lgd_json_object_end(&j);
    lgd_json_object_end(&j);
    add(b, "\n");
}

static lgd_status print_summary(const lgd_config *c, const lgd_train_summary *s, lgd_err *err) {
    lgd_buf text = {0}, model = {0};
    lgd_status status = lgd_model_path(c->output, &model, err);
    if (status == LGD_OK && c->format == LGD_FORMAT_JSON)
        put_json(&text, s, model.p);
    else if (status == LGD_OK)
        put_text(&text, s, model.p);
    if (status == LGD_OK) status = lgd_output_print(&text, err);
    lgd_buf_release(&text);
    lgd_buf_release(&model);
    return status;
}

lgd_status lgd_train_run(lgd_cli *cli, lgd_outcome *ret_outcome, lgd_err *err) {
    const lgd_config *c = &cli->config;
    if (!c->output) return lgd_fail(err, LGD_E_USAGE, "train: --output is missing; it says where the model goes");
    if (strcmp(c->output, "-") == 0)
        return lgd_fail(err, LGD_E_USAGE, "--output: a model cannot go to standard output; it takes a folder or x.lgd");
    if (c->model && !c->update)
        return lgd_fail(err, LGD_E_USAGE, "--model: a training makes its own; with --update it goes on from that one");
    lgd_world world;
    LGD_TRY(lgd_world_init(&world, cli, err));
    lgd_arena arena = {0};
    lgd_train_summary summary = {0};
    lgd_status status = lgd_train(c, &world, &arena, &summary, ret_outcome, err);
    lgd_console_clear_bar(&cli->console);
    bool wanted = !c->quiet || c->format == LGD_FORMAT_JSON; /* who asks for JSON means to read it */
    if (status == LGD_OK && wanted) status = print_summary(c, &summary, err);
    lgd_arena_release(&arena);
    return status;
}
