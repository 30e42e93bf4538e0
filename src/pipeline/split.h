/*
 * Private to pipeline: which part of a labelled log trains and which is tested. The first pass over it surveys, later
 * ones see one part through a sieve.
 *
 * By line the first share of the lines trains. By session it is the first share of the labelled sessions in order of
 * their first lines, with all that has no label as far as that goes; of normal sessions alone, when only they train, and
 * then all that is not among them is tested. By line, what is not labelled normal and comes before the border is in
 * neither part when only what is normal trains.
 */
#ifndef LGD_PIPELINE_SPLIT_H
#define LGD_PIPELINE_SPLIT_H

#include "logdetect/eval.h"
#include "run.h"

typedef enum split_part { SPLIT_ALL, SPLIT_TRAIN, SPLIT_TEST, SPLIT_NEITHER } split_part;

typedef struct split {
    /* set by the caller */
    double share; /* 0: all is tested */
    bool in_line; /* the label is the first word of each line: it is cut off */
    bool by_session, normal_only;
    lgd_labels *labels; /* of lines or sessions; in_line: filled by the survey */
    split_part part;    /* what a pass sees */
    /* found by the survey */
    lgd_labels *sessions;   /* by session: labels, or made of those of lines */
    lgd_labels *joined;     /* these; NULL: none */
    uint32_t *label_file;   /* by input */
    uint64_t *lines_before; /* by input */
    uint64_t border;        /* lines up to it are before the test, in all inputs together */
    uint8_t *side;          /* by labelled session: a split_part; SPLIT_ALL: it is not in the log */
    uint64_t n_with_key;    /* records that are of a session */
    lgd_sv first_key;       /* of the first; empty: none */
    /* of the last pass */
    uint64_t n_records, n_left_out; /* that were seen; that were in neither part */
    /* state */
    run *run; /* until the survey is done */
    const lgd_regex *key;
    lgd_matcher *matcher;
    lgd_record *kept;
    size_t kept_capacity;
    uint32_t *order; /* labelled sessions, by first line */
    uint64_t *starts;
    size_t n_order, order_capacity, starts_capacity;
    uint64_t over_limit;
    lgd_arena arena;
} split;

/* The run's key is that of sessions. Reads the inputs once if that is needed, and puts the sieve into the run. */
lgd_status split_survey(split *s, run *r, lgd_err *err);
uint64_t split_n_sessions(const split *s, split_part part); /* labelled ones */
void split_release(split *s);

#endif
