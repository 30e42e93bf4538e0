/*
 * eval/scores: units of a scan -> columns, one for each scorer, with their truth. Units come in the order of the log
 * and stay in it; what is measured does not depend on the order.
 */
#include "logdetect/eval.h"

static lgd_status grow(lgd_scores *s, lgd_err *err) {
    size_t capacity = s->capacity;
    for (size_t i = 0; i < s->n_scorers; i++) {
        capacity = s->capacity;
        LGD_TRY(lgd_grow((void **)&s->bits[i], &capacity, s->n + 1, sizeof *s->bits[i], UINT32_MAX, err));
    }
    size_t truths = s->capacity, alarms = s->capacity;
    LGD_TRY(lgd_grow((void **)&s->anomalous, &truths, capacity, 1, UINT32_MAX, err));
    LGD_TRY(lgd_grow((void **)&s->alarm, &alarms, capacity, 1, UINT32_MAX, err));
    s->capacity = capacity;
    return LGD_OK;
}

lgd_status lgd_scores_add(lgd_scores *s, const double *bits, bool anomalous, bool alarm, lgd_err *err) {
    if (s->n == s->capacity) LGD_TRY(grow(s, err));
    for (size_t i = 0; i < s->n_scorers; i++) s->bits[i][s->n] = bits[i];
    s->anomalous[s->n] = anomalous;
    s->alarm[s->n++] = alarm;
    s->n_anomalous += anomalous;
    s->n_alarms += alarm;
    return LGD_OK;
}

void lgd_scores_release(lgd_scores *s) {
    for (size_t i = 0; i < LGD_MAX_SCORERS; i++) lgd_free(s->bits[i]);
    lgd_free(s->anomalous);
    lgd_free(s->alarm);
    *s = (lgd_scores){0};
}
