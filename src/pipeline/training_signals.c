/*
 * pipeline/training_signals: signals of the training, each judged by the folds that it is not of, into the groups of which
 * the incident threshold is learned. They are added with what they came to at their end; a scan adds a silence when it
 * is recognised and raises it then.
 */
#include "signals.h"

lgd_status training_signals_find(const bundle *b, double least_bits, training_signals *ret, lgd_err *err) {
    return lgd_rhythm_signals(b->rhythm, least_bits, &ret->items, &ret->n, err);
}

void training_signals_release(training_signals *t) {
    lgd_free(t->items);
    *t = (training_signals){0};
}

static bool is_before(const lgd_rhythm_cross *x, uint32_t file, int64_t time_ns) {
    return x->file != file ? x->file < file : x->start_ns < time_ns;
}

void training_signals_skip(training_signals *t, uint32_t file, int64_t time_ns) {
    while (t->at < t->n && is_before(&t->items[t->at], file, time_ns)) t->at++;
}

lgd_status training_signals_add(training_signals *t, uint32_t file, int64_t time_ns, uint64_t number, lgd_grouper *g,
                                lgd_err *err) {
    for (; t->at < t->n && is_before(&t->items[t->at], file, time_ns); t->at++) {
        const lgd_rhythm_cross *x = &t->items[t->at];
        uint64_t group = 0;
        lgd_anomaly a = {.file = x->file,
                         .number = number,
                         .n_lines = 1,
                         .time_ns = x->start_ns,
                         .surprise = x->bits,
                         .template_id = x->template_id,
                         .previous = LGD_NO_TEMPLATE,
                         .unit = LGD_RHYTHM_UNIT,
                         .is_signal = true,
                         .at_ns = x->start_ns};
        LGD_TRY(lgd_grouper_add(g, &a, &group, err));
    }
    return LGD_OK;
}
