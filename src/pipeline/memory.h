/*
 * Private to pipeline: what a model keeps of its training for `train --update` to learn from again: the plan, and samples
 * of rows of columns, of sessions and of windows, each item with the weight of what it stands for. A scan does not read it.
 */
#ifndef LGD_PIPELINE_MEMORY_H
#define LGD_PIPELINE_MEMORY_H

#include "plan.h"
#include "sessions.h"

enum {
    MEMORY_ROWS = 1 << 15,
    MEMORY_SESSIONS = 1 << 15,
    MEMORY_INPUTS = 64,
    MEMORY_IDS = 1 << 20, /* in sequences and counts of all sessions */
    /* what they are made into again: copies by weight */
    RECALLED_ROWS = 1 << 19,
    RECALLED_SESSIONS = 1 << 17,
    RECALLED_IDS = 1 << 22
};

/* ---- rows of columns ---- */

typedef struct memory_rows {
    float *x; /* [n, LGD_COLUMNS] */
    float *weights;
    size_t n;
} memory_rows;

void memory_rows_release(memory_rows *m);
/* Of older rows, whose weights are scaled by `weight`, and those of a training: a sample. older: may be NULL. */
lgd_status memory_rows_draw(const memory_rows *older, double weight, const lgd_matrix *rows, uint64_t salt,
                            memory_rows *ret, lgd_err *err);
/* Appends copies by weight. */
lgd_status memory_rows_recall(const memory_rows *m, double weight, lgd_matrix *rows, lgd_err *err);
void memory_rows_save(const memory_rows *m, lgd_buf *out);
/* Hostile bytes; the cursor may be bad afterwards. Errors: memory. */
lgd_status memory_rows_load(lgd_cursor *c, memory_rows *ret, lgd_err *err);

/* ---- sessions ---- */

/* Texts and arrays live in the memory's arena. */
typedef struct memory_session {
    const lgd_template_count *counts;
    const lgd_template_id *sequence;
    const float *scores; /* [n_seats]: what the ensemble's members said of it when it was new */
    size_t n_counts, n_sequence;
    float weight;
    bool held_out;
} memory_session;

typedef struct memory_sessions {
    memory_session *items; /* oldest first */
    size_t n, n_seats;     /* no seats: the ensemble needs no scores */
    lgd_arena arena;
} memory_sessions;

void memory_sessions_release(memory_sessions *m);
/* As memory_rows_draw; of the table the rows from `first` on, scores: [n_seats, table->n]. */
typedef struct memory_source {
    const session_table *table;
    size_t first;
    const float *scores;
    size_t n_seats;
} memory_source;
lgd_status memory_sessions_draw(const memory_sessions *older, double weight, const memory_source *s, uint64_t salt,
                                memory_sessions *ret, lgd_err *err);
/* Puts copies by weight into an empty table, as rows that no name finds; ret: by row the item (owned by the caller). */
lgd_status memory_sessions_recall(const memory_sessions *m, double weight, session_table *t, uint32_t **ret,
                                  lgd_err *err);
void memory_sessions_save(const memory_sessions *m, lgd_buf *out);
/* As memory_rows_load. */
lgd_status memory_sessions_load(lgd_cursor *c, size_t n_templates, memory_sessions *ret, lgd_err *err);

/* ---- all of it ---- */

typedef struct memory {
    plan plan;
    uint64_t learned[MEMORY_INPUTS]; /* what a training's inputs were: a hash of all their records; latest first */
    size_t n_learned;
    memory_rows rows;
    memory_sessions sessions;
    lgd_buf windows; /* lgd_corpus_remember; empty: no network was wanted */
} memory;

void memory_free(memory *m); /* takes NULL */
lgd_status memory_save(const memory *m, lgd_buf *out, lgd_err *err);
/* bytes are hostile. n_templates: of the model's store. Errors: damaged; memory. */
lgd_status memory_load(lgd_sv bytes, size_t n_templates, memory **ret, lgd_err *err);

/* ---- samples ---- */

/* At most `most` of n items stay, weights[i] becomes what item i then stands for, 0 where it is out. importances: how much
 * likelier an item is to stay than its weight says; NULL: not at all. */
lgd_status memory_draw(float *weights, const float *importances, size_t n, size_t most, uint64_t salt, lgd_err *err);

/* Weights, in order, to whole numbers of copies: running sums are rounded. */
typedef struct memory_copies {
    double sum, made;
} memory_copies;
size_t memory_copies_next(memory_copies *c, double weight);

#endif
