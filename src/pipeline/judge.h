/* Private to pipeline: what a scan says of labelled units, unit by unit. */
#ifndef LGD_PIPELINE_JUDGE_H
#define LGD_PIPELINE_JUDGE_H

#include "split.h"

/* A window of lines as far as it was seen. */
typedef struct window {
    uint32_t file;
    uint64_t n; /* lines */
    double bits[LGD_MAX_SCORERS];
    lgd_truth truth;
    bool alarm;
} window;

typedef struct judge {
    /* set by the caller */
    const split *split;
    const lgd_input_list *list;
    uint64_t window; /* lines; 0: none */
    /* filled by the scan */
    lgd_scores scores;
    uint64_t n_unlabelled; /* units */
    uint64_t n_sessions;   /* labelled or not */
    lgd_sv first_session;  /* without a label; empty: none */
    uint8_t *seen;         /* by labelled session */
    window open;
    const char *path; /* of the last finding, and its input */
    uint32_t file;
    lgd_arena arena;
} judge;

lgd_status judge_init(judge *j, lgd_err *err);
/* For an observer. */
lgd_status judge_line(judge *j, const lgd_finding *f, lgd_err *err);
lgd_status judge_session(judge *j, const lgd_session_finding *f, lgd_err *err);
/* The last window. */
lgd_status judge_finish(judge *j, lgd_err *err);
void judge_release(judge *j);

#endif
