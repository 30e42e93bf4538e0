/* Private to eval: the table behind lgd_labels, and the words of people's label files. */
#ifndef LGD_EVAL_LABELS_H
#define LGD_EVAL_LABELS_H

#include "logdetect/eval.h"

/* Lines of one truth: [first, end). */
typedef struct label_span {
    uint64_t first, end;
    lgd_truth truth;
} label_span;

typedef struct label_file {
    lgd_sv name; /* empty: of any input */
    label_span *spans;
    size_t n, capacity;
    bool unsorted;
} label_file;

typedef struct label_session {
    lgd_sv name;
    uint64_t row; /* of the labels file: where it was said first */
    lgd_truth truth;
} label_session;

struct lgd_labels {
    lgd_label_kind kind;
    bool have_files;
    label_session *sessions;
    size_t n_sessions, sessions_capacity;
    label_file *files;
    size_t n_files, files_capacity;
    uint64_t n_lines, n_anomalous, n_repeated;
    lgd_index index;
    uint64_t hash_key;
    lgd_arena arena;
};

/* Errors: data for a label that contradicts an earlier one, without the path. */
lgd_status label_add_session(lgd_labels *l, lgd_sv name, uint64_t row, lgd_truth truth, lgd_err *err);
/* Number of the file of that name, added if it is new. */
lgd_status label_find_file(lgd_labels *l, lgd_sv name, uint32_t *ret, lgd_err *err);
/* Brings lines into order. Errors: data for a line that is labelled both ways, without the path. */
lgd_status label_finish(lgd_labels *l, lgd_err *err);

typedef enum label_column { LABEL_SESSION, LABEL_LINE, LABEL_FILE, LABEL_LABEL, LABEL_COLUMNS } label_column;
/* What a column of that name holds; LABEL_COLUMNS: nothing of interest. */
label_column label_column_of(lgd_sv name);
const char *label_column_names(label_column c); /* as in "Label, Anomaly or Class" */
/* UNKNOWN: the word is neither. */
lgd_truth label_truth_of(lgd_sv word);

#endif
