/*
 * Private to pipeline: what every command over inputs shares - the list of inputs, threads, zone, the pass over all
 * blocks, and the part of the summary that says what was read.
 */
#ifndef LGD_PIPELINE_RUN_H
#define LGD_PIPELINE_RUN_H

#include "batch.h"
#include "logdetect/nn.h"

/* Takes records out of blocks before anything is made of them; pick NULL: takes none. */
typedef struct sieve {
    void (*begin)(void *ctx); /* of a pass */
    /* Leaves block->records as they are and points it to others. */
    lgd_status (*pick)(void *ctx, lgd_block *block, lgd_err *err);
    void *ctx;
    uint64_t n_lines; /* taken out in this pass */
} sieve;

typedef struct run {
    const lgd_config *config;
    const lgd_world *world;
    lgd_pool *pool;
    lgd_engine engine;
    lgd_zone *zone;
    lgd_input_list list;
    int64_t since_ns, until_ns;
    lgd_formats *formats;
    lgd_regex *key;     /* of sessions; NULL: none */
    size_t *profile_of; /* by input: index of its profile + 1, 0: not read */
    sieve sieve;
    bool warned; /* of inputs that cannot be read: once for all passes */
} run;

lgd_status run_init(run *r, const lgd_config *config, const lgd_world *world, lgd_err *err);
bool session_is_auto(const lgd_config *config); /* the key is to be found */
/* The pattern that --session names; NULL: none. */
const char *session_pattern(const lgd_config *config);
/* pattern: of the session key, NULL for none. */
lgd_status run_set_key(run *r, const char *pattern, lgd_err *err);
void run_drop_key(run *r);
void run_release(run *r);

/* Called for each parsed block; `first` is the number of its first event in this pass. */
typedef lgd_status (*run_block)(void *ctx, batch *b, const lgd_block *block, uint64_t first, lgd_err *err);
/* Reads all inputs once. several: more passes over the same inputs will come, so pipes are kept. */
lgd_status run_pass(run *r, batch *b, const char *phase, bool several, run_block each, void *ctx, lgd_err *err);

/* After a pass: an error if nothing could be read at all. */
lgd_status run_check_inputs(run *r, lgd_err *err);
bool run_is_incomplete(const run *r);
/* Fills the fields that come from reading. Arrays and texts go to arena. */
lgd_status run_summarize(const run *r, const batch *b, lgd_arena *arena, lgd_summary *ret, lgd_err *err);
/* Appends a sentence to summary->problems. */
lgd_status run_add_problem(lgd_arena *arena, lgd_summary *summary, lgd_err *err, const char *format, ...)
    LGD_PRINTF(4, 5);
/* Tells the user, whose terminal is safe from it. */
void run_warn(const run *r, const char *text);
void run_outcome(const run *r, const batch *b, lgd_outcome *ret);

#endif
