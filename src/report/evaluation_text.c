/*
 * report/evaluation_text: how well scores agree with labels, on a terminal: what was tested against what, how the
 * ensemble and each member rank, what thresholds make of the ensemble's score, and the false alarms that were asked for
 * and seen.
 *
 * Everything that comes from a log or a file of labels goes through lgd_escape_terminal.
 */
#include "output.h"

#include <stdio.h>

enum { NAME_BYTES = 200, PROBLEM_BYTES = 400, SCORER_WIDTH = 16, CELL_WIDTH = 10 };

static void put_share(lgd_buf *b, bool defined, double x) {
    char text[32] = "-";
    if (defined) (void)snprintf(text, sizeof text, "%.4f", x);
    lgd_buf_printf(b, "%*s", CELL_WIDTH, text);
}

/* ---- what was tested ---- */

/* "12,345 windows of 100 lines, 17 of them anomalous" */
static void put_units(lgd_buf *b, const lgd_evaluation *e) {
    lgd_text_plural(b, e->units, e->unit);
    if (e->window) {
        add(b, " of ");
        lgd_text_plural(b, e->window, "line");
    }
    add(b, ", ");
    lgd_format_count(b, e->anomalous);
    add(b, " of them anomalous");
}

static void put_training(lgd_buf *b, const lgd_evaluation *e) {
    const lgd_eval_training *t = &e->training;
    if (e->learned.model_path.n) {
        add(b, "Model   ");
        lgd_escape_terminal(b, e->learned.model_path, NAME_BYTES);
    } else {
        add(b, "Trained ");
        lgd_text_plural(b, t->units, t->by_session ? "session" : "record");
        lgd_buf_printf(b,
                       t->normal_only ? t->by_session ? ", the first %.4g %% of the normal ones"
                                                      : ", the normal ones of the first %.4g %% of the log"
                                      : ", the first %.4g %% of the log",
                       100 * t->share);
    }
    add(b, ": ");
    lgd_text_plural(b, e->learned.model_events, "event");
    add(b, ", ");
    lgd_text_plural(b, e->learned.model_templates, "template");
    add(b, "\n");
}

static void put_tested(lgd_buf *b, const lgd_evaluation *e) {
    add(b, "Tested  ");
    put_units(b, e);
    add(b, "\nLabels  ");
    if (e->labels_path.n)
        lgd_escape_terminal(b, e->labels_path, NAME_BYTES);
    else
        add(b, "the first word of each line");
    add(b, ": ");
    lgd_format_count(b, e->labels);
    add(b, ", ");
    lgd_format_count(b, e->labels_anomalous);
    add(b, " of them anomalous\n");
}

/* ---- figures ---- */

static void put_ranking(lgd_buf *b, const lgd_evaluation *e) {
    lgd_buf_printf(b, "\n%-*s%*s%*s", SCORER_WIDTH, "Ranking", CELL_WIDTH, "AP", CELL_WIDTH, "ROC-AUC");
    for (size_t i = 0; e->n_scorers && i < e->scorers[0].n_ranks; i++) {
        char head[24];
        (void)snprintf(head, sizeof head, "P@%llu", (unsigned long long)e->scorers[0].ranks[i].k);
        lgd_buf_printf(b, "%*s", CELL_WIDTH, head);
    }
    add(b, "\n");
    for (size_t i = 0; i < e->n_scorers; i++) {
        const lgd_measure *m = &e->scorers[i];
        lgd_buf_printf(b, "  %-*s", SCORER_WIDTH - 2, m->name);
        put_share(b, m->ranked, m->average_precision);
        put_share(b, m->ranked, m->roc_auc);
        for (size_t k = 0; k < m->n_ranks; k++) put_share(b, true, m->ranks[k].precision);
        add(b, "\n");
    }
    if (e->not_ranked.n) {
        add(b, "  -: ");
        lgd_buf_add_sv(b, e->not_ranked);
        add(b, "\n");
    }
}

static void put_row(lgd_buf *b, const char *name, const lgd_confusion *c) {
    static bool (*const rates[])(const lgd_confusion *, double *) = {lgd_precision, lgd_recall, lgd_f1};
    lgd_buf_printf(b, "  %-*s", SCORER_WIDTH - 2, name);
    for (size_t i = 0; i < 3; i++) {
        double x = 0;
        bool defined = rates[i](c, &x);
        put_share(b, defined, x);
    }
    const uint64_t counts[] = {c->tp, c->fp, c->fn, c->tn};
    for (size_t i = 0; i < 4; i++) lgd_text_count(b, counts[i], CELL_WIDTH);
    add(b, "\n");
}

static void put_thresholds(lgd_buf *b, const lgd_evaluation *e) {
    static const char *const heads[] = {"Precision", "Recall", "F1", "TP", "FP", "FN", "TN"};
    lgd_buf_printf(b, "\n%-*s", SCORER_WIDTH, "Alarms");
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) lgd_buf_printf(b, "%*s", CELL_WIDTH, heads[i]);
    add(b, "\n");
    put_row(b, "the tool's own", &e->alarms);
    for (size_t i = 0; i < LGD_SCORE_THRESHOLDS && e->n_scorers; i++) {
        char name[24];
        (void)snprintf(name, sizeof name, "score >= %g", lgd_score_thresholds[i]);
        put_row(b, name, &e->scorers[0].at[i]);
    }
}

static void put_rates(lgd_buf *b, const lgd_evaluation *e) {
    const lgd_confusion *c = &e->alarms;
    double x = 0;
    lgd_buf_printf(b, "\nFalse alarms: asked for %.4g %% of %s, seen ", 100 * e->requested_fpr,
                   e->training.by_session ? "sessions" : "lines");
    if (!lgd_false_alarm_rate(c, &x)) {
        add(b, "none: nothing normal was tested\n");
        return;
    }
    lgd_buf_printf(b, "%.4g %% (", 100 * x);
    lgd_format_count(b, c->fp);
    add(b, " of ");
    lgd_format_count(b, c->fp + c->tn);
    lgd_buf_printf(b, " normal %ss)\n", e->unit);
}

static void put_problems(lgd_buf *b, const lgd_summary *s) {
    if (s->complete && s->n_problems == 0) return;
    add(b, s->complete ? "\nPlease note:\n" : "\nThe result is incomplete, because some input could not be read:\n");
    for (size_t i = 0; i < s->n_problems; i++) {
        add(b, "  - ");
        lgd_escape_terminal(b, s->problems[i], PROBLEM_BYTES);
        add(b, "\n");
    }
}

void lgd_text_evaluation(lgd_buf *b, const lgd_evaluation *e) {
    put_training(b, e);
    put_tested(b, e);
    put_ranking(b, e);
    put_thresholds(b, e);
    put_rates(b, e);
    put_problems(b, &e->read);
}
