/*
 * eval: how well scores agree with labels. Labels of lines and sessions as people publish them; scores of a scan, a column
 * for each scorer; and what is measured of them: precision and recall at thresholds, average precision, the area
 * under the ROC curve, precision among the first k.
 *
 *     labels file -> lgd_labels        scan -> lgd_scores        both -> lgd_measure
 *
 * A unit is what a label is of: a line (a record of several counts once), a window of lines, or a session.
 */
#ifndef LOGDETECT_EVAL_H
#define LOGDETECT_EVAL_H

#include "logdetect/finding.h"

/* ---- labels ---- */

typedef enum lgd_truth { LGD_TRUTH_UNKNOWN, LGD_TRUTH_NORMAL, LGD_TRUTH_ANOMALOUS } lgd_truth;
typedef enum lgd_label_kind { LGD_LABELS_AUTO, LGD_LABELS_OF_LINES, LGD_LABELS_OF_SESSIONS } lgd_label_kind;

typedef struct lgd_labels lgd_labels;

/* None yet. hash_key: random. Errors: memory. */
LGD_MUST_CHECK lgd_status lgd_labels_new(uint64_t hash_key, lgd_labels **ret, lgd_err *err);
void lgd_labels_free(lgd_labels *l); /* takes NULL */
/* Reads a table with a header, separated by commas, semicolons or tabs, quoted as in RFC 4180, of any encoding and
 * compression that a log may have. Columns are found by their names: of a session (BlockId, session, id ...) or of a line
 * (LineId, line ...) and perhaps its file, and the label (Label, anomaly, class ...). Normal is `Normal`, `0`, `false`, `-`
 * and the like, anomalous is `Anomaly`, `1`, `true` and the like; where `-` stands for normal, every other word is an
 * alert. AUTO: lines where there is a column of them, else sessions. Errors: io; data, with the line, for a missing header
 * or column, an unknown label, a number that is none, and for labels that contradict each other. O(labels log labels). */
LGD_MUST_CHECK lgd_status lgd_labels_read(lgd_labels *l, const char *path, lgd_label_kind kind, lgd_err *err);
lgd_label_kind lgd_labels_kind(const lgd_labels *l); /* of what was read */
bool lgd_labels_have_files(const lgd_labels *l);     /* there is a column that names files */
uint64_t lgd_labels_n(const lgd_labels *l);          /* without repetitions */
uint64_t lgd_labels_n_anomalous(const lgd_labels *l);
uint64_t lgd_labels_n_repeated(const lgd_labels *l); /* labels that say again what was said */

/* Number of a session, LGD_INDEX_NONE where it has no label; below lgd_labels_n. */
uint32_t lgd_labels_session(const lgd_labels *l, lgd_sv name);
lgd_truth lgd_labels_truth(const lgd_labels *l, uint32_t session);
lgd_sv lgd_labels_name(const lgd_labels *l, uint32_t session);

/* What labels are called that are of this input: by its path as it was given, else by the name of the file alone; all
 * where no column names files. LGD_INDEX_NONE: none is of it. */
uint32_t lgd_labels_file(const lgd_labels *l, lgd_sv path);
/* Of the lines [first, first + n_lines): anomalous where one is, else normal where one is. O(log labels). */
lgd_truth lgd_labels_lines(const lgd_labels *l, uint32_t file, uint64_t first, uint64_t n_lines);
uint64_t lgd_labels_n_behind(const lgd_labels *l, uint32_t file, uint64_t last); /* labels of lines behind that one */
uint32_t lgd_labels_n_files(const lgd_labels *l);

/* A label of a session from one of its lines: it is anomalous where one of them is. Errors: memory. */
LGD_MUST_CHECK lgd_status lgd_labels_join(lgd_labels *l, lgd_sv session, lgd_truth truth, lgd_err *err);

/* For logs that bear the label as their first word, `-` where the line is normal. Number of a file's labels; then the
 * label of a line, in the order of the file. Errors: memory. */
LGD_MUST_CHECK lgd_status lgd_labels_add_file(lgd_labels *l, lgd_sv path, uint32_t *ret, lgd_err *err);
LGD_MUST_CHECK lgd_status lgd_labels_add_line(lgd_labels *l, uint32_t file, uint64_t line, lgd_truth truth,
                                              lgd_err *err);
/* Cuts it off: the label, and the blank behind it. UNKNOWN for a line that is empty or begins with a blank; *line is left. */
lgd_truth lgd_label_cut(lgd_sv *line);

/* ---- scores ---- */

enum { LGD_MAX_SCORERS = LGD_MAX_MEMBERS + 1 }; /* the ensemble, then its members */

/* Units with their truth and what each scorer said, in bits. 8 bytes for each scorer and 2 more for each unit. */
typedef struct lgd_scores {
    const char *names[LGD_MAX_SCORERS];
    size_t n_scorers; /* set before the first is added */
    double *bits[LGD_MAX_SCORERS];
    uint8_t *anomalous, *alarm; /* by label; by the tool's own threshold */
    size_t n, n_anomalous, n_alarms;
    size_t capacity;
} lgd_scores;
/* bits: [n_scorers] */
LGD_MUST_CHECK lgd_status lgd_scores_add(lgd_scores *s, const double *bits, bool anomalous, bool alarm, lgd_err *err);
void lgd_scores_release(lgd_scores *s);

/* ---- measures ---- */

typedef struct lgd_confusion {
    uint64_t tp, fp, fn, tn;
} lgd_confusion;
/* Each is false, and *ret untouched, where it is not defined: no alarms; nothing anomalous; neither; nothing normal. */
bool lgd_precision(const lgd_confusion *c, double *ret);
bool lgd_recall(const lgd_confusion *c, double *ret);
bool lgd_f1(const lgd_confusion *c, double *ret);
bool lgd_false_alarm_rate(const lgd_confusion *c, double *ret);

typedef struct lgd_precision_at {
    uint64_t k;
    double precision;
} lgd_precision_at;

/* What is called anomalous from that many bits on. */
typedef struct lgd_curve_point {
    double bits;
    uint64_t tp, fp;
} lgd_curve_point;

enum { LGD_SCORE_THRESHOLDS = 4, LGD_RANKS = 4, LGD_CURVE_POINTS = 100 };
extern const double lgd_score_thresholds[LGD_SCORE_THRESHOLDS]; /* 0.5, 0.7, 0.9, 0.95 */

typedef struct lgd_measure {
    const char *name;
    lgd_confusion at[LGD_SCORE_THRESHOLDS]; /* alarms: score >= threshold, score = 1 - 2^-bits */
    bool ranked;                            /* there are units of both kinds; else the two below are not defined */
    double average_precision; /* sum of (R_i - R_(i-1)) P_i over groups of equal scores: ties cannot flatter */
    double roc_auc;           /* P(anomalous above normal), ties count half (Mann and Whitney 1947) */
    lgd_precision_at
        ranks[LGD_RANKS]; /* k = 10, 100, 1000 as far as there are so many, and the number of anomalous units */
    size_t n_ranks;
    /* Of precision over recall, or ROC: one where recall has risen by one per cent. */
    lgd_curve_point curve[LGD_CURVE_POINTS];
    size_t n_points;
} lgd_measure;
/* Where equal scores straddle rank k, the precision is that of any order of them on average. O(n log n). Errors: memory. */
LGD_MUST_CHECK lgd_status lgd_measure_scorer(const lgd_scores *s, size_t scorer, lgd_measure *ret, lgd_err *err);
/* Alarms: what the tool itself called anomalous. */
lgd_confusion lgd_measure_alarms(const lgd_scores *s);

#endif
