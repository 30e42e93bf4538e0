/*
 * detect/novelty: how new is this line by itself - its template, its values, its hour - weighed with the level it states,
 * less a discount while a process starts up, when it says things that it says once in its life.
 *
 *     max(template bits, number bits, B(value bits), B(hour bits)) + level prior - 6 during start-up
 *
 * A value's bits are those of its own slot, and a log has many slots: what it means that one of them is surprised is told
 * by how often training rows were. B is the rank among them (lgd_calibrate) up to the highest, and less than a template
 * never seen has: nothing that training holds, cross-scored, is as new as that. What lies beyond all of them by a bit is,
 * and nothing is more: a new value that comes again and again is one change. Template bits are a rank among all events
 * already.
 */
#include "members.h"

static const float startup_discount = 6;
static const double known_discount = 1; /* bits that what the training has, too, is less than new */

enum { RANKED = 2 };
static const lgd_column ranked[RANKED] = {LGD_COL_VALUE, LGD_COL_HOUR};

typedef struct novelty {
    double most_known; /* bits */
    lgd_calibration ranks[RANKED];
} novelty;

static void release(void *state) {
    novelty *s = state;
    if (!s) return;
    for (size_t k = 0; k < RANKED; k++) lgd_calibration_release(&s->ranks[k]);
    lgd_free(s);
}

static lgd_status rank_columns(novelty *s, const lgd_matrix *rows, float *scores, lgd_err *err) {
    for (size_t k = 0; k < RANKED; k++) {
        memcpy(scores, rows->x + (size_t)ranked[k] * rows->capacity, rows->n_rows * sizeof *scores);
        LGD_TRY(lgd_calibrate(scores, rows->n_rows, 1, 1, &s->ranks[k], err));
    }
    return LGD_OK;
}

static lgd_status fit(const lgd_matrix *rows, const lgd_fit_options *o, void **ret_state, lgd_err *err) {
    novelty *s = lgd_calloc(1, sizeof *s);
    float *scores = lgd_alloc(rows->n_rows * sizeof *scores);
    lgd_status status =
        s && scores ? rank_columns(s, rows, scores, err) : lgd_fail_memory(err, rows->n_rows * sizeof *scores);
    if (s) s->most_known = o->newcomer_bits > known_discount ? o->newcomer_bits - known_discount : 0;
    lgd_free(scores);
    if (status == LGD_OK)
        *ret_state = s;
    else
        release(s);
    return status;
}

static double ranked_bits(const novelty *s, size_t k, double x) {
    const lgd_calibration *c = &s->ranks[k];
    if (x <= 0 || c->n == 0) return 0;
    double beyond = x - (double)c->scores[c->n - 1];
    if (beyond > 0) return s->most_known + (beyond < known_discount ? beyond : known_discount);
    double bits = lgd_calibration_bits(c, x);
    return bits < s->most_known ? bits : s->most_known;
}

static void score(const void *state, const lgd_matrix *rows, size_t begin, size_t end, float *scores) {
    const novelty *s = state;
    for (size_t i = begin; i < end; i++) {
        float most = lgd_matrix_at(rows, i, LGD_COL_TEMPLATE), number = lgd_matrix_at(rows, i, LGD_COL_NUMBER);
        if (number > most) most = number;
        for (size_t k = 0; k < RANKED; k++) {
            float bits = (float)ranked_bits(s, k, (double)lgd_matrix_at(rows, i, ranked[k]));
            if (bits > most) most = bits;
        }
        scores[i] =
            most + lgd_matrix_at(rows, i, LGD_COL_LEVEL) - startup_discount * lgd_matrix_at(rows, i, LGD_COL_STARTUP);
    }
}

static void save(const void *state, lgd_buf *out) {
    const novelty *s = state;
    lgd_put_f64(out, s->most_known);
    for (size_t k = 0; k < RANKED; k++) calibration_save(&s->ranks[k], out);
}

static lgd_status load(lgd_sv bytes, void **ret_state, lgd_err *err) {
    novelty *s = lgd_calloc(1, sizeof *s);
    if (!s) return lgd_fail_memory(err, sizeof *s);
    lgd_cursor c = lgd_cursor_of(bytes);
    s->most_known = lgd_get_f64(&c);
    if (!(s->most_known >= 0 && s->most_known <= 1000)) c.bad = true;
    lgd_status status = LGD_OK;
    for (size_t k = 0; k < RANKED && status == LGD_OK; k++) status = calibration_load(&c, &s->ranks[k], err);
    if (status == LGD_OK) status = lgd_cursor_done(&c, "detector: novelty", err);
    if (status == LGD_OK)
        *ret_state = s;
    else
        release(s);
    return status;
}

const lgd_member lgd_novelty = {.name = "novelty",
                                .what = "new or rare templates and values, unusual hours, weighed with the level",
                                .handicap = 0,
                                .is_bits = true,
                                .fit = fit,
                                .score = score,
                                .save = save,
                                .load = load,
                                .release = release};
