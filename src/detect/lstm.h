/* Private to detect: a fitted LSTM over windows of templates, shared by fitting, following and the saved form. */
#ifndef LGD_DETECT_LSTM_H
#define LGD_DETECT_LSTM_H

#include "members.h"
#include "vocab.h"

struct lgd_lstm {
    vocab vocab;
    lgd_net *net;                /* ids are the vocabulary's rows */
    lgd_calibration calibration; /* of the worst score of a session; without knots: too few were held out */
};

/* A follower that remembers at most most_prefixes (a power of two) sequences. */
lgd_status follower_new(const lgd_lstm *l, lgd_engine *e, size_t most_prefixes, lgd_follower **ret, lgd_err *err);

/* ---- lstm_state.c: a fit between its epochs ---- */

/* A hash of the windows, and of what has `before` already. */
uint64_t lstm_state_windows(const lgd_windows *w, size_t steps, uint64_t before);
/* windows: their hash; s: as far as the fit is. Errors: memory. */
lgd_status lstm_state_save(const lgd_trainer *t, uint64_t windows, const lgd_lstm_fit_summary *s, lgd_buf *out,
                           lgd_err *err);
/* From course->resume: t, and epochs, losses and stop of *s. Errors name the state and leave both as they were: usage for
 * one of other windows, another network or options; damaged; memory. */
lgd_status lstm_state_load(const lgd_lstm_course *course, uint64_t windows, lgd_trainer *t, lgd_lstm_fit_summary *s,
                           lgd_err *err);

#endif
