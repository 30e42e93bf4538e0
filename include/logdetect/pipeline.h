/*
 * pipeline: the stages wired together. What a command of the CLI calls; no printing here.
 */
#ifndef LOGDETECT_PIPELINE_H
#define LOGDETECT_PIPELINE_H

#include "logdetect/config.h"
#include "logdetect/detect.h"
#include "logdetect/input.h"
#include "logdetect/model.h"
#include "logdetect/recipe.h"
#include "logdetect/report.h"

/* What the library needs from the world and may not fetch itself. */
typedef struct lgd_world {
    uint64_t hash_key; /* random, for tables: keeps attackers from choosing collisions; results never depend on it */
    size_t n_threads;  /* >= 1 */
    const char *spool_dir; /* for pipes that are read twice */
    /* Told now and then, at most a few times for each block; may be NULL. total_bytes 0: unknown. */
    void (*progress)(void *ctx, const char *phase, uint64_t done_bytes, uint64_t total_bytes);
    /* A sentence of the shape `PATH[:LINE]: what happened; what was done`, for standard error; may be NULL. */
    void (*warn)(void *ctx, const char *text);
    void *ctx;
} lgd_world;

/* The line formats of data/formats, for lgd_formats_new. */
lgd_sv lgd_builtin_formats(void);
/* The recipes of models/, for lgd_recipe_find. */
lgd_sv lgd_builtin_recipes(void);

/* The outcome of a command that ran to its end. */
typedef struct lgd_outcome {
    bool incomplete; /* some input was missing, unreadable or damaged: exit status 3 */
    uint64_t anomalies;
    uint64_t lines, bytes; /* read, for the speed line */
} lgd_outcome;

/* What training learned and whether it is enough. Strings live in the caller's arena. */
typedef struct lgd_train_summary {
    lgd_summary read; /* lines, skips, formats, inputs, problems */
    uint64_t events, templates, signatures, singletons, dropped_events;
    double
        coverage; /* estimated probability that the next event's template is known (Good 1953): 1 - singletons/events */
    uint64_t fit_rows;
    double threshold, incident_threshold_bits;
    uint64_t training_anomalies, training_incidents; /* at that threshold, cross-scored */
    bool enough;                                     /* coverage >= .99 and >= 10,000 events */
    lgd_sv advice;                                   /* one sentence */
    uint64_t sessions;
    lgd_sv session_key;           /* the pattern that tells them apart, found or given; empty: none */
    lgd_lstm_fit_summary network; /* epochs 0: none was learned */
    lgd_sv network_problem;       /* why not, where the ensemble has one; else empty */
    bool updated;                 /* it goes on from an older model; then also: */
    uint64_t new_events, new_templates, old_events;
    uint64_t unknown_events; /* of new templates */
    double old_weight;       /* of the older model's events, 0..1; `events` holds what is left of them */
} lgd_train_summary;

/* Fewest events a model can be made from. */
#define LGD_TRAIN_MIN_EVENTS 500u
/* And one that is there can be updated from. */
#define LGD_UPDATE_MIN_EVENTS 100u

/* Learns from config->inputs and writes the model to config->output. On any failure an older model stays as it was. With
 * config->update it goes on from config->model, or from config->output where that is NULL: what is new is learned, what is
 * older weighs half as much for each config->half_life days that the input covers beyond what the model has learned.
 * Errors: data when there are fewer than LGD_TRAIN_MIN_EVENTS events (LGD_UPDATE_MIN_EVENTS): `only N lines, need M`; for
 * an update what loading a model says, data for one that keeps nothing to go on from, usage for options that say what that
 * model is not. */
LGD_MUST_CHECK lgd_status lgd_train(const lgd_config *config, const lgd_world *world, lgd_arena *arena,
                                    lgd_train_summary *ret_summary, lgd_outcome *ret_outcome, lgd_err *err);

/* Scans config->inputs with config->model (NULL: learns from the input itself first) and reports to sink. */
LGD_MUST_CHECK lgd_status lgd_scan(const lgd_config *config, const lgd_world *world, lgd_sink sink, bool color,
                                   lgd_outcome *ret_outcome, lgd_err *err);

/* Writes each record with its template to sink, csv or jsonl. With config->model its templates are used, else they are
 * mined from the input. */
LGD_MUST_CHECK lgd_status lgd_parse(const lgd_config *config, const lgd_world *world, lgd_sink sink,
                                    lgd_outcome *ret_outcome, lgd_err *err);

/* Compares the two logs config->inputs names, GOOD and BAD, each a file, a glob, a folder or -, on one table of templates
 * mined from both, and writes what is new, gone, more or less frequent. outcome->anomalies: how many changes. Errors: usage
 * for any other number of inputs; io when nothing of a side could be read. */
LGD_MUST_CHECK lgd_status lgd_diff_logs(const lgd_config *config, const lgd_world *world, lgd_sink sink, bool color,
                                        lgd_outcome *ret_outcome, lgd_err *err);

/* Scores config->inputs and compares with labels (config->labels, labels_in_line), line by line, by windows or by
 * sessions; without config->model the first share of the log trains (config->split) and the rest is tested. Writes the
 * measures to sink, text or json. Errors: usage; io and data of the labels; data where nothing that is tested has a label, or no
 * session is found; those of lgd_train. */
LGD_MUST_CHECK lgd_status lgd_eval(const lgd_config *config, const lgd_world *world, lgd_sink sink,
                                   lgd_outcome *ret_outcome, lgd_err *err);

/* What is inside a model, as text or JSON. */
LGD_MUST_CHECK lgd_status lgd_model_info(const char *path, lgd_output_format format, lgd_buf *out, lgd_err *err);
/* Whether config->model still fits config->inputs: coverage, formats, alarms, drift and a verdict, as text or JSON.
 * outcome->anomalies: 1 unless it fits. Errors as of lgd_scan. */
LGD_MUST_CHECK lgd_status lgd_model_check(const lgd_config *config, const lgd_world *world, lgd_sink sink,
                                          lgd_outcome *ret_outcome, lgd_err *err);
/* The list of what is allowed beside a model (allow.h): shown; with a rule more, given as words key=value (or id=N, a
 * template of the model); with lines less. *ret_sound: every line of it is a rule. Errors: usage; those of files. */
LGD_MUST_CHECK lgd_status lgd_model_allow_list(const char *model, const lgd_config *config, lgd_buf *out,
                                               bool *ret_sound, lgd_err *err);
LGD_MUST_CHECK lgd_status lgd_model_allow_add(const char *model, const lgd_config *config, const lgd_strings *rule,
                                              lgd_buf *out, lgd_err *err);
LGD_MUST_CHECK lgd_status lgd_model_allow_remove(const char *model, const lgd_config *config,
                                                 const lgd_strings *numbers, lgd_buf *out, lgd_err *err);
/* Every template with its count, times, first message and the values of its places; as text a row each, or with details
 * a block. */
LGD_MUST_CHECK lgd_status lgd_model_templates(const char *path, lgd_output_format format, bool details, lgd_buf *out,
                                              lgd_err *err);

#endif
