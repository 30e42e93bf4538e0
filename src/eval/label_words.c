/*
 * eval/label_words: what people call things in files of labels. Names and words as published sets have them: HDFS
 * (BlockId, Label: Normal or Anomaly), the supercomputers (LineId, Label: - or the name of an alert), and the 0 and 1 of
 * programs. Case, blanks and the signs that tie words together do not count in names of columns.
 */
#include "labels.h"

static const struct {
    label_column column;
    const char *name;
} columns[] = {
    {LABEL_SESSION, "blockid"}, {LABEL_SESSION, "session"},   {LABEL_SESSION, "sessionid"},
    {LABEL_SESSION, "id"},      {LABEL_SESSION, "sequence"},  {LABEL_SESSION, "sequenceid"},
    {LABEL_SESSION, "traceid"}, {LABEL_SESSION, "requestid"}, {LABEL_SESSION, "instanceid"},
    {LABEL_SESSION, "taskid"},  {LABEL_SESSION, "node"},      {LABEL_LINE, "lineid"},
    {LABEL_LINE, "line"},       {LABEL_LINE, "lineno"},       {LABEL_LINE, "linenumber"},
    {LABEL_FILE, "file"},       {LABEL_FILE, "filename"},     {LABEL_FILE, "path"},
    {LABEL_FILE, "logfile"},    {LABEL_LABEL, "label"},       {LABEL_LABEL, "labels"},
    {LABEL_LABEL, "anomaly"},   {LABEL_LABEL, "isanomaly"},   {LABEL_LABEL, "anomalous"},
    {LABEL_LABEL, "class"},     {LABEL_LABEL, "truth"},       {LABEL_LABEL, "groundtruth"},
    {LABEL_LABEL, "target"},
};

enum { NAME_MAX_BYTES = 32 };

label_column label_column_of(lgd_sv name) {
    char bare[NAME_MAX_BYTES];
    size_t n = 0;
    for (size_t i = 0; i < name.n; i++) {
        if (strchr(" _-.", name.p[i]) && name.p[i]) continue;
        if (n == sizeof bare) return LABEL_COLUMNS;
        bare[n++] = name.p[i];
    }
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++)
        if (lgd_sv_eq_nocase((lgd_sv){bare, n}, lgd_sv_of(columns[i].name))) return columns[i].column;
    return LABEL_COLUMNS;
}

const char *label_column_names(label_column c) {
    static const char *const names[LABEL_COLUMNS] = {
        [LABEL_SESSION] = "BlockId, Session or Id",
        [LABEL_LINE] = "LineId or Line",
        [LABEL_FILE] = "File or Path",
        [LABEL_LABEL] = "Label, Anomaly or Class",
    };
    return names[c];
}

lgd_truth label_truth_of(lgd_sv word) {
    static const char *const normal[] = {"normal", "0", "false", "no", "-", "benign", "negative", "ok", "0.0"};
    static const char *const anomalous[] = {"anomaly", "1",      "true",     "yes",   "anomalous", "abnormal",
                                            "attack",  "failed", "positive", "fault", "failure",   "1.0"};
    for (size_t i = 0; i < sizeof normal / sizeof *normal; i++)
        if (lgd_sv_eq_nocase(word, lgd_sv_of(normal[i]))) return LGD_TRUTH_NORMAL;
    for (size_t i = 0; i < sizeof anomalous / sizeof *anomalous; i++)
        if (lgd_sv_eq_nocase(word, lgd_sv_of(anomalous[i]))) return LGD_TRUTH_ANOMALOUS;
    return LGD_TRUTH_UNKNOWN;
}

lgd_truth lgd_label_cut(lgd_sv *line) {
    size_t n = 0;
    while (n < line->n && line->p[n] != ' ' && line->p[n] != '\t') n++;
    if (n == 0) return LGD_TRUTH_UNKNOWN;
    lgd_truth truth = n == 1 && line->p[0] == '-' ? LGD_TRUTH_NORMAL : LGD_TRUTH_ANOMALOUS;
    n += n < line->n;
    *line = (lgd_sv){line->p + n, line->n - n};
    return truth;
}
