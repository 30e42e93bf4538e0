/*
 * Private to pipeline: a training's past: the older model that an update goes on from, and what is left for the next
 * update. A training on its past and on new input is what `train --update` does (docs/decisions/0012).
 */
#ifndef LGD_PIPELINE_PAST_H
#define LGD_PIPELINE_PAST_H

#include "memory.h"
#include "session_fit.h"

/* Start with {.weight = 1}: there is none. */
typedef struct past {
    bool is_update;              /* else all others but weight are 0 */
    bool had_sessions;           /* the older model has a session key */
    bundle old;                  /* what is taken from it is gone from it */
    memory *memory;              /* of the older model */
    double weight;               /* of what is older, 0..1; known after the first pass */
    uint64_t salt;               /* of the rounding of faded counts */
    int64_t old_end_ns;          /* LGD_NO_TIME: none */
    uint64_t old_events, inputs; /* inputs: a hash of their records, in any order; added to by past_see */
    size_t old_templates;
    uint32_t *recalled; /* by row of the session table: its session in the memory */
    size_t n_recalled;
} past;

/* Opens the model that config names. Errors: what bundle_load says; data for a model that remembers nothing. */
lgd_status past_open(past *p, const lgd_config *config, uint64_t hash_key, lgd_err *err);
void past_release(past *p);
/* The plan of the older model. Errors: usage where an option of the command line says something else. */
lgd_status past_plan(const past *p, const lgd_config *config, plan *ret, lgd_err *err);
/* Formats, examples, session key and rates of the older model go to the new one. */
void past_begin(past *p, bundle *b);

/* In the first pass, each record. */
void past_see(past *p, lgd_sv record);
/* After it. Errors: data for inputs that the older model has learned already. */
lgd_status past_check_inputs(const past *p, lgd_err *err);
/* oldest_ns, newest_ns: of the input; LGD_NO_TIME: none. */
void past_weigh(past *p, const lgd_config *config, int64_t oldest_ns, int64_t newest_ns);
lgd_status past_extend_store(const past *p, lgd_miner *m, lgd_store **ret, lgd_err *err);
/* Number of the first block of folds: another at each update, or an hour of the day would be of one fold on all days, and
 * what comes at that hour would be unknown to the others for ever. 0 without a past. */
uint64_t past_first_block(const past *p);
/* The baseline to learn upon; without a past an empty one. */
lgd_status past_baseline(const past *p, const lgd_store *s, lgd_baseline **ret, lgd_err *err);
/* Likewise. */
lgd_status past_rhythm(const past *p, size_t n_templates, lgd_rhythm **ret, lgd_err *err);

/* Before the second pass: recalled sessions in front of the table, windows in an empty corpus (NULL: no network). */
lgd_status past_recall_sessions(past *p, session_fit *f, lgd_err *err);
lgd_status past_recall_windows(const past *p, const lgd_store *s, lgd_corpus *c, lgd_err *err);
/* What members that are not fitted again said of the recalled sessions, once f->scores are there. */
void past_recall_scores(const past *p, const session_fit *f, const bundle *b);
/* Older scores of incidents, thinned, among the bundle's. */
void past_add_incidents(const past *p, bundle *b);

/* At the end: what the next update goes on from, but for its windows, to b->memory if there is one. rows: those of this
 * training alone. */
lgd_status past_keep(const past *p, const plan *made_by, const lgd_matrix *rows, const session_fit *f, bundle *b,
                     lgd_err *err);

/* Before the model is written: the one to be replaced is the one that was gone on from. Errors: data if it is not. */
lgd_status past_check_current(const past *p, const lgd_config *config, lgd_err *err);

#endif
