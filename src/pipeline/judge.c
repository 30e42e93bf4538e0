/*
 * pipeline/judge: findings of a scan -> scores with their truth. A line brings its bits; a window the most of its lines; a
 * session what was said of it. A window holds lines of one input, and its truth is that of the labelled ones among them.
 * Units without a label are counted and left out.
 */
#include "judge.h"

#include <math.h>

lgd_status judge_init(judge *j, lgd_err *err) {
    size_t n = j->split->sessions ? (size_t)lgd_labels_n(j->split->sessions) : 0;
    j->file = UINT32_MAX;
    j->seen = lgd_calloc(n + 1, 1);
    return j->seen ? LGD_OK : lgd_fail_memory(err, n);
}

void judge_release(judge *j) {
    lgd_scores_release(&j->scores);
    lgd_free(j->seen);
    lgd_arena_release(&j->arena);
}

/* The ensemble, then its members. A p-value below the smallest number is beyond all others. */
static void take_bits(judge *j, const lgd_verdict *v, double *bits) {
    j->scores.n_scorers = 1 + v->n_members;
    j->scores.names[0] = "ensemble";
    bits[0] = v->bits;
    for (size_t i = 0; i < v->n_members; i++) {
        j->scores.names[1 + i] = v->members[i].name;
        bits[1 + i] = v->members[i].p_value > 0 ? 0 - log2(v->members[i].p_value) : 1100; /* no -0 */
    }
}

static lgd_status add_unit(judge *j, const double *bits, lgd_truth truth, bool alarm, lgd_err *err) {
    j->n_unlabelled += truth == LGD_TRUTH_UNKNOWN;
    if (truth == LGD_TRUTH_UNKNOWN) return LGD_OK;
    return lgd_scores_add(&j->scores, bits, truth == LGD_TRUTH_ANOMALOUS, alarm, err);
}

/* ---- lines ---- */

static uint32_t file_of(judge *j, const char *path) {
    for (size_t i = 0; i < j->list->n_files && path != j->path; i++)
        if (j->list->files[i].path == path) {
            j->path = path;
            j->file = (uint32_t)i;
        }
    return j->file;
}

static lgd_status close_window(judge *j, lgd_err *err) {
    window w = j->open;
    j->open = (window){0};
    return w.n ? add_unit(j, w.bits, w.truth, w.alarm, err) : LGD_OK;
}

static lgd_status add_to_window(judge *j, uint32_t file, const window *line, lgd_err *err) {
    window *w = &j->open;
    if (w->n && w->file != file) LGD_TRY(close_window(j, err));
    w->file = file;
    for (size_t i = 0; i < j->scores.n_scorers; i++)
        if (w->n == 0 || line->bits[i] > w->bits[i]) w->bits[i] = line->bits[i];
    if (line->truth > w->truth) w->truth = line->truth;
    w->alarm |= line->alarm;
    return ++w->n == j->window ? close_window(j, err) : LGD_OK;
}

lgd_status judge_line(judge *j, const lgd_finding *f, lgd_err *err) {
    uint32_t file = file_of(j, f->file.p);
    window line = {.alarm = f->verdict.is_anomaly};
    line.truth = lgd_labels_lines(j->split->labels, j->split->label_file[file], f->line, f->n_lines);
    take_bits(j, &f->verdict, line.bits);
    if (j->window) return add_to_window(j, file, &line, err);
    return add_unit(j, line.bits, line.truth, line.alarm, err);
}

lgd_status judge_finish(judge *j, lgd_err *err) { return close_window(j, err); }

/* ---- sessions ---- */

lgd_status judge_session(judge *j, const lgd_session_finding *f, lgd_err *err) {
    double bits[LGD_MAX_SCORERS];
    const lgd_labels *labels = j->split->sessions;
    uint32_t session = lgd_labels_session(labels, f->session);
    lgd_truth truth = session == LGD_INDEX_NONE ? LGD_TRUTH_UNKNOWN : lgd_labels_truth(labels, session);
    take_bits(j, &f->verdict, bits);
    j->n_sessions++;
    if (session != LGD_INDEX_NONE) {
        j->seen[session] = 1;
        if (j->split->share > 0 && j->split->side[session] != SPLIT_TEST) return LGD_OK;
    } else if (j->first_session.n == 0 && !lgd_arena_copy(&j->arena, f->session, &j->first_session))
        return lgd_fail_memory(err, f->session.n);
    return add_unit(j, bits, truth, f->verdict.is_anomaly, err);
}
