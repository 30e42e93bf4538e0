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

#endif
