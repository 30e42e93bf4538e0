/* Made-up logs for tests of the LSTM: steps of many streams, interleaved, and a small network that learns them. */
#ifndef LGD_TEST_LSTM_LOG_H
#define LGD_TEST_LSTM_LOG_H

#include "logdetect/detect.h"

enum { LOG_MAX_STEPS = 1 << 16 };

typedef struct step_log {
    lgd_step steps[LOG_MAX_STEPS];
    size_t n;
} step_log;

/* Adds the letters of a session, template 0 for 'A', '?' for none; another stream if its number is below 100. */
void log_add(step_log *log, uint64_t stream, const char *letters);
/* Deals the steps anew, as they would come from sessions that run at the same time: streams keep their order. */
void log_interleave(step_log *log, uint64_t seed);

/* A network that is small enough for a test: width 6, one layer of 10 units, windows of 6 events. */
lgd_lstm_options small_options(void);
lgd_engine open_engine(lgd_pool *pool);
/* Every held_every-th stream is held out; 0: none. Fails the test when the library does. */
lgd_corpus *gather(const step_log *log, const lgd_lstm_options *o, size_t held_every);
lgd_lstm *learn_log(const step_log *log, const lgd_lstm_options *o, size_t held_every, lgd_lstm_fit_summary *ret);

#endif
