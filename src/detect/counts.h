/* Private to detect: histograms of template counts over sessions. */
#ifndef LGD_DETECT_COUNTS_H
#define LGD_DETECT_COUNTS_H

#include "members.h"

enum { MAX_BINS = 256 }; /* of a template's histogram */

/* A count, the weight of the training sessions that have it, and what it is worth. */
typedef struct count_bin {
    uint32_t value;
    double weight;
    double norm;       /* of the kernel around it */
    double bits;       /* -log2 of its smoothed probability */
    double surprise;   /* max(0, -log2 of its conformal p - entropy) */
    uint32_t sessions; /* of the training that have it, whatever they weigh: what a reason tells */
} count_bin;

typedef struct count_table {
    count_bin *bins; /* by value, ascending; 0 is always the first */
    uint32_t n_bins, capacity;
    double mix[3]; /* seen, near, any: weights of the smoothing */
    double entropy;
} count_table;

typedef struct count_model {
    count_table *tables; /* by template */
    size_t n_templates;
    double weight;   /* of all sessions */
    uint32_t *usual; /* templates whose absence is a surprise, largest first */
    size_t n_usual;
} count_model;

struct lgd_counts {
    count_model model;
    lgd_calibration calibration; /* of cross scores */
    uint64_t n_sessions;
    double suspects;
};

/* Adds weight to a count's bin. */
lgd_status count_table_add(count_table *t, uint32_t value, double weight, lgd_err *err);
/* The bin that count_table_add has put it into. */
count_bin *count_table_bin(const count_table *t, uint32_t value);
/* weights: one a session; 0 leaves it out. */
lgd_status count_model_fit(const lgd_session *sessions, const double *weights, size_t n, size_t n_templates,
                           count_model *ret, lgd_err *err);
void count_model_release(count_model *m);
/* What is left of the weight of all sessions is of those without the template. */
void count_model_fill_absent(count_model *m);
/* Counts the sessions in each bin. */
void count_model_tally(count_model *m, const lgd_session *sessions, size_t n);
/* Derives bits, entropy, surprise and the usual templates from bins and mix. */
lgd_status count_model_finish(count_model *m, lgd_err *err);
/* Surprise of a template's coming n times. */
double count_model_surprise(const count_model *m, lgd_template_id id, uint32_t n);
bool session_has_template(const lgd_session *s, lgd_template_id id);
/* The largest surprise over templates; *ret_id the template. */
double count_model_score(const count_model *m, const lgd_session *s, lgd_template_id *ret_id);

/* What a session deviates by most. */
typedef struct count_deviation {
    lgd_template_id id; /* LGD_NO_TEMPLATE: by nothing */
    uint32_t n;
    double bits;
} count_deviation;
/* From bits instead of conformal p, less twice the entropy, the session itself left out with weight 1. */
count_deviation count_model_leave_one_out(const count_model *m, const lgd_session *s);

/* suspects.c: the sessions of a training that look anomalous. */
typedef struct suspects {
    double share;
    bool *is; /* [n], false before: those of a contaminated training */
} suspects;
/* weights: [n]; lowers those of the suspects of a contaminated training. Errors: memory. */
lgd_status suspects_find(const lgd_session *sessions, size_t n, const lgd_counts_options *o, double *weights,
                         suspects *ret, lgd_err *err);

#endif
