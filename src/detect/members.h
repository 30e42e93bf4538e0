/* Private to detect: the members, one file each. A new one is a file, a line here, a row in members.c and
 * one in ensemble.c. */
#ifndef LGD_DETECT_MEMBERS_H
#define LGD_DETECT_MEMBERS_H

#include "logdetect/detect.h"

extern const lgd_member lgd_iforest;
extern const lgd_member lgd_novelty;
extern const lgd_member lgd_ngram;
extern const lgd_member lgd_rate;
extern const lgd_member lgd_foretelling; /* `lstm`, of lines */

/* stateless.c: for members without a state of their own. */
lgd_status stateless_fit(const lgd_matrix *rows, const lgd_fit_options *o, void **ret_state, lgd_err *err);
void stateless_save(const void *state, lgd_buf *out);
lgd_status stateless_load(lgd_sv bytes, void **ret_state, lgd_err *err);
void stateless_release(void *state);

/* calibrate.c: of n scores in bits, a bit more of score than any of them had is a bit, up to what n of them carry,
 * log2(n + 1); the slope of the tail holds from there on. Where all of them are alike they carry nothing up to the last
 * knot, and only the way beyond it tells what is not as they were. */
void calibration_carry(lgd_calibration *c, size_t n);
/* From now on a score of x says no more than `bits`, and a lower one neither. Errors: memory. */
lgd_status calibration_lower(lgd_calibration *c, double x, double bits, lgd_err *err);
/* calibrate.c: as lgd_calibration_threshold, for few scores: where none is as rare as the rate, nothing in the training speaks
 * for a threshold far above the last knot, and it is half a bit above it or, if that is higher, where twice the rate is. */
double calibration_session_threshold(const lgd_calibration *c, double rate);
/* In the model file. */
void calibration_save(const lgd_calibration *c, lgd_buf *out);
lgd_status calibration_load(lgd_cursor *c, lgd_calibration *ret, lgd_err *err);

/* drift.c: ret: [n], the weights of training sessions in order of appearance; their mean is 1. */
void drift_weights(size_t n, double *ret);

/* Weights of sessions in a model file sum up to no more: beyond any log, and far from what overflows. */
#define MOST_WEIGHT 1e15

/* ensemble.c: by name, or NULL. */
const lgd_role *role_find(lgd_sv name);
/* Sums and products of such weights stay finite. */
bool is_weight(double weight);

#endif
