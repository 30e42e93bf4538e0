#include "lstm_log.h"

#include <check.h>

void log_add(step_log *log, uint64_t stream, const char *letters) {
    for (const char *p = letters; *p; p++) {
        ck_assert_uint_lt(log->n, LOG_MAX_STEPS);
        lgd_template_id id = *p == '?' ? LGD_NO_TEMPLATE : (lgd_template_id)(*p - 'A');
        log->steps[log->n++] = (lgd_step){stream, stream >= 100, id};
    }
}

void log_interleave(step_log *log, uint64_t seed) {
    enum { AT_ONCE = 8 };
    static step_log dealt;
    size_t ends[AT_ONCE], next[AT_ONCE] = {0}, n_open = 0, at = 0;
    lgd_rng r;
    lgd_rng_init(&r, seed);
    dealt.n = 0;
    while (at < log->n || n_open) {
        while (n_open < AT_ONCE && at < log->n) { /* takes in what comes next of one stream */
            size_t end = at;
            while (end < log->n && log->steps[end].stream == log->steps[at].stream) end++;
            next[n_open] = at;
            ends[n_open++] = at = end;
        }
        size_t k = lgd_rng_below(&r, (uint32_t)n_open);
        dealt.steps[dealt.n++] = log->steps[next[k]++];
        if (next[k] < ends[k]) continue;
        next[k] = next[--n_open];
        ends[k] = ends[n_open];
    }
    memcpy(log, &dealt, sizeof dealt);
}

lgd_lstm_options small_options(void) {
    lgd_lstm_options o;
    lgd_lstm_options_init(&o);
    o.steps = 6;
    o.width = 6;
    o.n_layers = 1;
    o.units[0] = 10;
    o.epochs = 8;
    return o;
}

lgd_engine open_engine(lgd_pool *pool) {
    lgd_engine e = {0};
    lgd_err err = {0};
    ck_assert_msg(lgd_engine_open("cpu", pool, &e, &err) == LGD_OK, "%s", err.text);
    return e;
}

lgd_corpus *gather(const step_log *log, const lgd_lstm_options *o, size_t held_every) {
    lgd_corpus *c = NULL;
    ck_assert_int_eq(lgd_corpus_new(o, &c, NULL), LGD_OK);
    for (size_t i = 0; i < log->n; i++) {
        bool held_out = held_every && log->steps[i].stream % held_every == 0;
        ck_assert_int_eq(lgd_corpus_add(c, &log->steps[i], held_out, NULL), LGD_OK);
    }
    return c;
}

lgd_lstm *learn_log(const step_log *log, const lgd_lstm_options *o, size_t held_every, lgd_lstm_fit_summary *ret) {
    lgd_corpus *c = gather(log, o, held_every);
    lgd_engine e = open_engine(NULL);
    lgd_lstm *l = NULL;
    lgd_lstm_fit_summary summary;
    lgd_err err = {0};
    ck_assert_msg(lgd_lstm_fit(c, o, &e, NULL, &l, &summary, &err) == LGD_OK, "%s", err.text);
    if (ret) *ret = summary;
    lgd_engine_close(&e);
    lgd_corpus_free(c);
    return l;
}
