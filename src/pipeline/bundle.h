/*
 * Private to pipeline: everything that a model holds, as one object. Training fills it, saving writes it section by
 * section, scanning reads it and changes nothing in it.
 */
#ifndef LGD_PIPELINE_BUNDLE_H
#define LGD_PIPELINE_BUNDLE_H

#include "examples.h"
#include "logdetect/detect.h"
#include "logdetect/format.h"
#include "logdetect/incident.h"
#include "logdetect/model.h"
#include "logdetect/pipeline.h"
#include "logdetect/rhythm.h"

enum { MAX_PROFILES = 64, MAX_SCORES = 1024 };

typedef struct bundle {
    uint64_t seed;
    double target_fpr, contamination;
    char *session; /* PCRE2 pattern, NULL: none */
    lgd_profile *profiles[MAX_PROFILES];
    size_t n_profiles;
    lgd_store *store;
    examples examples; /* by template */
    lgd_baseline *baseline;
    lgd_rhythm *rhythm;
    lgd_detector *detector;
    /* groups that cross-scored training events made, highest first, and how many events those were */
    float incident_scores[MAX_SCORES];
    size_t n_incident_scores;
    uint64_t simulated_events;
    lgd_counts *counts;                     /* of sessions; NULL: none were learned */
    lgd_order *order;                       /* likewise */
    lgd_session_ensemble *session_ensemble; /* likewise */
    lgd_lstm *lstm;                         /* NULL: none was learned */
    struct memory *memory;                  /* for updates; NULL: not loaded, or none is to be saved */
    uint64_t n_lines;                       /* physical lines learned from */
    uint32_t checksum;                      /* of the file it was loaded from; 0: none */
} bundle;

void bundle_release(bundle *b);
lgd_status bundle_save(const bundle *b, const char *output, lgd_err *err);
/* The bundle does not point into the file. */
lgd_status bundle_load(const char *path, uint64_t hash_key, bundle *ret, lgd_err *err);

/* Tail probability that makes a line an anomaly, for a scan's options. */
double bundle_fpr(const bundle *b, const lgd_config *config);
/* Least surprise of a line that opens an incident. */
double bundle_strong(const bundle *b);
/* Times and thresholds of grouping at that rate. */
lgd_grouping bundle_grouping(const bundle *b, double fpr);

#endif
