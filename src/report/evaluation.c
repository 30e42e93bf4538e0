/*
 * report/evaluation: how well scores agree with labels, as JSON; text is in evaluation_text.c. The members and their
 * order are the contract of docs/OUTPUT.md. What is not defined is null.
 */
#include "output.h"

typedef bool (*rate_of)(const lgd_confusion *c, double *ret);

static void put_rate(lgd_json *j, const char *key, rate_of rate, const lgd_confusion *c) {
    double x = 0;
    if (rate(c, &x))
        lgd_json_f64(j, key, x);
    else
        lgd_json_null(j, key);
}

static void put_confusion(lgd_json *j, const lgd_confusion *c) {
    lgd_json_u64(j, "tp", c->tp);
    lgd_json_u64(j, "fp", c->fp);
    lgd_json_u64(j, "fn", c->fn);
    lgd_json_u64(j, "tn", c->tn);
    put_rate(j, "precision", lgd_precision, c);
    put_rate(j, "recall", lgd_recall, c);
    put_rate(j, "f1", lgd_f1, c);
    put_rate(j, "false_alarm_rate", lgd_false_alarm_rate, c);
}

static void put_ranking(lgd_json *j, const lgd_measure *m) {
    if (m->ranked) {
        lgd_json_f64(j, "average_precision", m->average_precision);
        lgd_json_f64(j, "roc_auc", m->roc_auc);
    } else {
        lgd_json_null(j, "average_precision");
        lgd_json_null(j, "roc_auc");
    }
    lgd_json_array(j, "precision_at");
    for (size_t i = 0; i < m->n_ranks; i++) {
        lgd_json_object(j, NULL);
        lgd_json_u64(j, "k", m->ranks[i].k);
        lgd_json_f64(j, "precision", m->ranks[i].precision);
        lgd_json_object_end(j);
    }
    lgd_json_array_end(j);
}

static void put_curve(lgd_json *j, const lgd_measure *m) {
    lgd_json_array(j, "curve");
    for (size_t i = 0; i < m->n_points; i++) {
        lgd_json_object(j, NULL);
        lgd_json_f64(j, "bits", m->curve[i].bits);
        lgd_json_u64(j, "tp", m->curve[i].tp);
        lgd_json_u64(j, "fp", m->curve[i].fp);
        lgd_json_object_end(j);
    }
    lgd_json_array_end(j);
}

static void put_scorer(lgd_json *j, const lgd_measure *m) {
    lgd_json_object(j, NULL);
    lgd_json_string(j, "name", lgd_sv_of(m->name));
    put_ranking(j, m);
    lgd_json_array(j, "thresholds");
    for (size_t i = 0; i < LGD_SCORE_THRESHOLDS; i++) {
        lgd_json_object(j, NULL);
        lgd_json_f64(j, "score", lgd_score_thresholds[i]);
        put_confusion(j, &m->at[i]);
        lgd_json_object_end(j);
    }
    lgd_json_array_end(j);
    put_curve(j, m);
    lgd_json_object_end(j);
}

static void put_training(lgd_json *j, const lgd_evaluation *e) {
    const lgd_eval_training *t = &e->training;
    if (!(t->share > 0)) {
        lgd_json_null(j, "training");
        return;
    }
    lgd_json_object(j, "training");
    lgd_json_f64(j, "share", t->share);
    lgd_json_bool(j, "normal_only", t->normal_only);
    lgd_json_u64(j, "units", t->units);
    lgd_json_u64(j, "left_out", t->left_out);
    lgd_json_object_end(j);
}

static void put_labels(lgd_json *j, const lgd_evaluation *e) {
    lgd_json_object(j, "labels");
    if (e->labels_path.n)
        lgd_json_file(j, "path", e->labels_path);
    else
        lgd_json_null(j, "path");
    lgd_json_u64(j, "labels", e->labels);
    lgd_json_u64(j, "anomalous", e->labels_anomalous);
    lgd_json_u64(j, "repeated", e->labels_repeated);
    lgd_json_u64(j, "absent", e->labels_absent);
    lgd_json_object_end(j);
}

static void put_tested(lgd_json *j, const lgd_evaluation *e) {
    lgd_json_object(j, "tested");
    lgd_json_string(j, "unit", lgd_sv_of(e->unit));
    if (e->window)
        lgd_json_u64(j, "window", e->window);
    else
        lgd_json_null(j, "window");
    lgd_json_u64(j, "units", e->units);
    lgd_json_u64(j, "anomalous", e->anomalous);
    lgd_json_u64(j, "unlabelled", e->unlabelled);
    lgd_json_object_end(j);
}

static void put_alarms(lgd_json *j, const lgd_evaluation *e) {
    lgd_json_object(j, "alarms");
    lgd_json_f64(j, "requested_fpr", e->requested_fpr);
    put_confusion(j, &e->alarms);
    lgd_json_object_end(j);
}

static void put_document(lgd_buf *b, const lgd_evaluation *e) {
    lgd_json j = {.out = b};
    lgd_json_object(&j, NULL);
    lgd_json_u64(&j, "schema_version", 1);
    lgd_json_tool(&j, e->learned.tool_version);
    lgd_record_model(&j, &e->learned);
    lgd_json_inputs(&j, e->read.inputs, e->read.n_inputs);
    put_labels(&j, e);
    put_training(&j, e);
    put_tested(&j, e);
    put_alarms(&j, e);
    lgd_json_array(&j, "scorers");
    for (size_t i = 0; i < e->n_scorers; i++) put_scorer(&j, &e->scorers[i]);
    lgd_json_array_end(&j);
    lgd_json_optional(&j, "not_ranked", e->not_ranked);
    lgd_json_bool(&j, "complete", e->read.complete);
    lgd_record_strings(&j, "problems", e->read.problems, e->read.n_problems);
    lgd_json_object_end(&j);
    lgd_buf_add_char(b, '\n');
}

lgd_status lgd_report_evaluation(lgd_output_format format, const lgd_evaluation *e, lgd_sink sink, lgd_err *err) {
    lgd_buf b = {0};
    if (format == LGD_FORMAT_JSON)
        put_document(&b, e);
    else
        lgd_text_evaluation(&b, e);
    lgd_status status = b.failed ? lgd_fail_memory(err, b.n) : sink.write(sink.ctx, lgd_buf_sv(&b), err);
    lgd_buf_release(&b);
    return status;
}
