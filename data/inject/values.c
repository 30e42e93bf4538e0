/*
 * inject/values: kinds that change values of lines that are there: one never seen in a place of few values, and numbers that
 * drift away from what their place holds. The rest of the line, its time too, stays.
 */
#include "inject.h"

#include <ctype.h>
#include <math.h>

enum { TRIES = 400, MIN_VALUES = 300, RARE_LINES = 3, DRIFT_LINES = 24, MIN_DRIFT = 12 };

static const slot_stats *slot_of(const inject_plan *p, const inject_value *v) {
    const lgd_baseline *b = p->normal->model.baseline;
    return v->slot < b->n_slots ? &b->slots[v->slot] : NULL;
}

static lgd_sv text_of(const inject_record *r, inject_span s) { return (lgd_sv){r->text.p + s.at, s.n}; }

/* The value of the record in that slot, or NULL. */
static const inject_value *value_in(const inject_record *r, uint32_t slot) {
    for (uint32_t i = 0; i < r->n_values; i++)
        if (r->values[i].slot == slot) return &r->values[i];
    return NULL;
}

/* Whether the message is still of its template with this value; a value outside the message cannot change that. */
static lgd_status fits(inject_plan *p, const inject_record *r, const inject_value *v, lgd_sv by, bool *ret) {
    lgd_buf b = {0};
    lgd_template_id id = LGD_NO_TEMPLATE;
    const char *begin = r->text.p + r->message.at, *value = r->text.p + v->text.at;
    *ret = false;
    if (r->message.n == 0 || value < begin || value >= begin + r->message.n) return LGD_OK;
    lgd_buf_add(&b, begin, (size_t)(value - begin));
    lgd_buf_add_sv(&b, by);
    lgd_buf_add(&b, value + v->text.n, r->message.n - (size_t)(value - begin) - v->text.n);
    lgd_status status =
        b.failed ? lgd_fail_memory(p->err, b.n) : inject_normal_read(p->normal, lgd_buf_sv(&b), &id, p->err);
    lgd_buf_release(&b);
    *ret = id == r->template_id;
    return status;
}

/* ---- a value never seen ---- */

static bool holds_few(const slot_stats *s) { return s && !s->open && s->n >= MIN_VALUES && s->n_numbers == 0; }

/* The same letters and digits by class, all of them others. */
static void mutate(inject_plan *p, lgd_sv text, lgd_buf *b) {
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        uint32_t by = 1 + lgd_rng_below(&p->rng, 8);
        if (islower((unsigned char)c))
            c = (char)('a' + ((uint32_t)(c - 'a') + by) % 26);
        else if (isupper((unsigned char)c))
            c = (char)('A' + ((uint32_t)(c - 'A') + by) % 26);
        else if (isdigit((unsigned char)c))
            c = (char)('1' + ((uint32_t)(c - '0') + by) % 9);
        lgd_buf_add_char(b, c);
    }
}

static bool is_known(const slot_stats *s, lgd_sv value) {
    for (uint8_t i = 0; i < s->n_values; i++)
        if (s->values[i].hash == lgd_value_hash(value)) return true;
    return false;
}

/* Puts the value into this line and the next few of its template. */
static lgd_status spread_value(inject_plan *p, uint32_t record, uint32_t to, uint32_t slot, lgd_sv by,
                               inject_fault *ret) {
    size_t n = 0;
    const inject_record *records = p->log->records;
    const uint32_t *lines = inject_log_of(p->log, records[record].template_id, record, to, &n);
    *ret = (inject_fault){INJECT_RARE_VALUE, record, record, records[record].template_id};
    for (size_t i = 0; i < n && i < RARE_LINES; i++) {
        const inject_value *v = value_in(&records[lines[i]], slot);
        if (!v) continue;
        LGD_TRY(inject_replace(p, lines[i], v->text, by));
        ret->last = lines[i];
    }
    return LGD_OK;
}

static lgd_status try_rare_value(inject_plan *p, uint32_t record, uint32_t to, inject_fault *ret) {
    const inject_record *r = &p->log->records[record];
    bool ok = false;
    for (uint32_t i = 0; i < r->n_values; i++) {
        const inject_value *v = &r->values[i];
        const slot_stats *s = slot_of(p, v);
        if (!holds_few(s) || v->text.n < 3) continue;
        lgd_buf b = {0};
        mutate(p, text_of(r, v->text), &b);
        lgd_status status = b.failed ? lgd_fail_memory(p->err, b.n) : fits(p, r, v, lgd_buf_sv(&b), &ok);
        ok = ok && !is_known(s, lgd_buf_sv(&b));
        if (status == LGD_OK && ok) status = spread_value(p, record, to, v->slot, lgd_buf_sv(&b), ret);
        lgd_buf_release(&b);
        if (status != LGD_OK || ok) return status;
    }
    return LGD_E_DATA;
}

lgd_status inject_rare_value(inject_plan *p, uint32_t from, uint32_t to, inject_fault *ret) {
    for (int i = 0; i < TRIES; i++) {
        lgd_status status = try_rare_value(p, inject_draw(p, from, to), to, ret);
        if (status != LGD_E_DATA) return status;
    }
    return LGD_E_DATA;
}

/* ---- numbers that drift ---- */

/* Logarithms of a slot's numbers: their mean and deviation. False if it holds no quantity that varies. */
static bool moments(const slot_stats *s, double *ret_mean, double *ret_deviation) {
    if (!s || s->n_numbers < MIN_VALUES || !slot_is_quantity(s)) return false;
    double mean = s->log_sum / s->n_numbers, variance = s->log_squares / s->n_numbers - mean * mean;
    *ret_mean = mean;
    *ret_deviation = sqrt(variance > 0 ? variance : 0);
    return variance > 1e-3;
}

/* Bytes of the number in front of its unit, and how many of them stand behind the point; 0: none that can be rewritten. */
static size_t number_bytes(lgd_sv text, int *ret_decimals) {
    size_t n = 0, point = 0;
    for (; n < text.n && (isdigit((unsigned char)text.p[n]) || (text.p[n] == '.' && !point)); n++)
        if (text.p[n] == '.') point = n + 1;
    *ret_decimals = point ? (int)(n - point) : 0;
    return n && n != point ? n : 0;
}

/* The number times 2^octaves, as this text writes it. */
static bool write_drifted(lgd_sv text, double octaves, lgd_buf *b) {
    int decimals = 0;
    size_t n = number_bytes(text, &decimals);
    double x = 0;
    if (n == 0 || !lgd_parse_f64((lgd_sv){text.p, n}, &x)) return false;
    double by = (1 + x) * exp2(octaves) - 1;
    if (by > 9e15) return false;
    lgd_buf_printf(b, "%.*f", decimals, by);
    lgd_buf_add(b, text.p + n, text.n - n);
    return !b->failed;
}

static lgd_status drift_one(inject_plan *p, uint32_t record, uint32_t slot, double octaves, bool *ret) {
    const inject_record *r = &p->log->records[record];
    const inject_value *v = value_in(r, slot);
    lgd_buf b = {0};
    *ret = false;
    if (!v || !v->is_number || !write_drifted(text_of(r, v->text), octaves, &b)) {
        lgd_buf_release(&b);
        return LGD_OK;
    }
    lgd_status status = fits(p, r, v, lgd_buf_sv(&b), ret);
    if (status == LGD_OK && *ret) status = inject_replace(p, record, v->text, lgd_buf_sv(&b));
    lgd_buf_release(&b);
    return status;
}

/* From a third of the way to all of it: three deviations and an octave. */
static lgd_status drift(inject_plan *p, const uint32_t *lines, size_t n, const inject_value *v, inject_fault *ret) {
    double mean = 0, deviation = 0;
    if (!moments(slot_of(p, v), &mean, &deviation)) return LGD_E_DATA;
    *ret = (inject_fault){INJECT_NUMERIC_DRIFT, lines[0], lines[0], p->log->records[lines[0]].template_id};
    for (size_t i = 0; i < n; i++) {
        bool done = false;
        double way = (1 + 2 * (double)i / (double)(n - 1)) / 3;
        LGD_TRY(drift_one(p, lines[i], v->slot, way * (3 * deviation + 1), &done));
        if (done) ret->last = lines[i];
        if (i == 0 && !done) return LGD_E_DATA;
    }
    return LGD_OK;
}

lgd_status inject_numeric_drift(inject_plan *p, uint32_t from, uint32_t to, inject_fault *ret) {
    for (int i = 0; i < TRIES; i++) {
        uint32_t record = inject_draw(p, from, to);
        const inject_record *r = &p->log->records[record];
        size_t n = 0;
        if (r->n_values == 0) continue;
        const uint32_t *lines = inject_log_of(p->log, r->template_id, record, to, &n);
        if (n < MIN_DRIFT) continue;
        lgd_status status =
            drift(p, lines, n < DRIFT_LINES ? n : DRIFT_LINES, &r->values[lgd_rng_below(&p->rng, r->n_values)], ret);
        if (status != LGD_E_DATA) return status;
    }
    return LGD_E_DATA;
}
