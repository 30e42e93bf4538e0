/*
 * Private to pipeline: one block of records -> parsed events. The work on each record (header, lexing, lookup, values)
 * runs on all threads; what depends on order (year of a timestamp, ids of new templates) runs after it, in order.
 */
#ifndef LGD_PIPELINE_BATCH_H
#define LGD_PIPELINE_BATCH_H

#include "bundle.h"
#include "sessions.h"

enum { MAX_EVENT_VALUES = 16, MAX_CHAIN = 4 };

/* One record after the parallel part. */
typedef struct parsed {
    const lgd_record *record; /* the block's, or one made of several that a wrapper had parted */
    lgd_cut cut;
    bool blank;
    bool joined;      /* the record before it, to which it belongs, holds it */
    uint8_t link;     /* the profile of the file that cut it */
    lgd_sv body;      /* the message as it stands in the first line; header.message speaks for all of them */
    uint32_t pattern; /* LGD_NO_PATTERN: unknown, or there is no store yet */
    lgd_sv signature, raw_signature; /* in a worker's arena; empty when the pattern is known and not mined */
    const lgd_observation *values;
    uint32_t n_values;
    lgd_sv session; /* its key; empty: none */
} parsed;

/* Scratch of one worker. */
typedef struct worker {
    lgd_lexer lexer;
    lgd_arena arena;
    lgd_cutter *cutter;
    lgd_matcher *matcher; /* NULL: no session key */
    uint64_t over_limit;  /* lines on which the session key ran out of its limits */
    lgd_err err;
} worker;

/* A scored event: where it came from. */
typedef struct origin {
    const lgd_record *record;
    const parsed *parse;
    lgd_header header; /* with its time resolved */
    uint32_t unit; /* its component as incidents count it, hashed; where there is none, its template stands for it */
} origin;

/* What is counted of a run over the inputs. */
typedef struct tally {
    uint64_t lines, records, scored_lines, events;
    uint64_t skipped[LGD_SKIP_COUNT];
    int64_t start_ns, end_ns;
    uint64_t over_limit;    /* lines on which the pattern of a format ran out of its limits */
    lgd_sv over_limit_name; /* that of the first one; lives as long as its profile */
    uint64_t format_lines[MAX_PROFILES][LGD_PROFILE_MAX_FORMATS]; /* by profile and its format */
} tally;

typedef struct batch {
    /* what it works with; set once */
    lgd_pool *pool;
    const lgd_zone *zone;
    const lgd_store *store;   /* NULL: mining */
    lgd_newcomers *newcomers; /* NULL: none are expected */
    bool keep_signatures;
    bool no_header;
    const lgd_formats *formats;
    bool forced;                /* formats has one for all lines */
    int64_t since_ns, until_ns; /* LGD_NO_TIME: open; until is exclusive */
    /* profiles: those of the model, those learned on the way behind them */
    lgd_profile **profiles;
    size_t *n_profiles;
    size_t n_model_profiles; /* those that are preferred when they fit */
    const lgd_regex *session_key;
    /* state */
    worker *workers;
    size_t n_workers;
    const lgd_block *block;
    size_t chain[MAX_CHAIN];    /* profiles of the current file; the first that fits a line cuts it */
    size_t n_chain, n_attempts; /* attempts to find a further one */
    bool multiline;             /* put lines together that a wrapper had parted */
    lgd_line_state inside;      /* of the lines inside wrappers of the current file */
    lgd_clock clock;
    uint32_t last_unit, last_stream; /* of the last line with a header */
    parsed *parses;
    size_t parses_capacity;
    origin *origins;
    lgd_events events;
    size_t capacity;
    tally tally;
} batch;

/* key: of sessions, or NULL; borrowed. */
lgd_status batch_init(batch *b, lgd_pool *pool, const lgd_regex *key, lgd_err *err);
uint64_t batch_over_limit(const batch *b); /* lines on which the session key ran out of its limits */
void batch_release(batch *b);
/* Parses a block; the events of the batch are those that are scored. file: its entry in the list. */
lgd_status batch_parse(batch *b, const lgd_block *block, const lgd_input_file *file, lgd_err *err);
/* ---- unwrap.c ---- */

/* Whether some lines of the file are wrapped, so that what belongs together can be found only behind the cut. */
bool batch_has_wrapped(const batch *b);
/* Records that are cut, in their order: those that continue the one before inside its wrapper become part of it. */
lgd_status batch_join_wrapped(batch *b, const lgd_block *block, lgd_err *err);

/* ---- profiles.c ---- */

/* Chooses the profile of a file from its first lines: among the known ones, or a new one. */
lgd_status batch_begin_file(batch *b, const lgd_block *block, lgd_err *err);
/* After a block was parsed: the lines that no profile of the file fits may choose a further one; then parse it again. */
lgd_status batch_extend_chain(batch *b, const lgd_block *block, bool *ret_extended, lgd_err *err);
/* Cuts a line's header off. Errors go to the worker. */
lgd_status batch_cut(const batch *b, worker *w, lgd_sv line, parsed *ret);

#endif
