/*
 * detect/ensemble: "iforest=0.6,counts=0.4" -> seats. One ensemble serves both levels; what each name means there is a row
 * of the table. The handicaps of sessions are measured (docs/DETECTORS.md, "Sessions"): alone, the order ranks worse than
 * the counts.
 */
#include "members.h"

#include <math.h>

/* The first that judges sessions wins a draw there. */
const lgd_role lgd_roles[] = {
    {"counts", NULL, LGD_JUDGE_BY_COUNTS, 0},         {"iforest", &lgd_iforest, LGD_JUDGE_BY_LINES, 4},
    {"novelty", &lgd_novelty, LGD_JUDGE_BY_LINES, 0}, {"ngram", &lgd_ngram, LGD_JUDGE_BY_ORDER, 4},
    {"rate", &lgd_rate, LGD_JUDGE_BY_LINES, 4},       {"lstm", &lgd_foretelling, LGD_JUDGE_BY_LSTM, 0},
};
const size_t lgd_n_roles = sizeof lgd_roles / sizeof *lgd_roles;
_Static_assert(sizeof lgd_roles / sizeof *lgd_roles <= LGD_MAX_MEMBERS, "an ensemble has a seat for each");

const lgd_role *role_find(lgd_sv name) {
    for (size_t i = 0; i < lgd_n_roles; i++)
        if (lgd_sv_eq(name, lgd_sv_of(lgd_roles[i].name))) return &lgd_roles[i];
    return NULL;
}

bool is_weight(double weight) { return weight >= 1e-3 && weight <= 1e3; }

void lgd_ensemble_init(lgd_ensemble *e) {
    *e = (lgd_ensemble){0};
    for (size_t i = 0; i < lgd_n_roles; i++) e->seats[e->n++].role = &lgd_roles[i];
}

static bool has_role(const lgd_ensemble *e, const lgd_role *role) {
    for (size_t i = 0; i < e->n; i++)
        if (e->seats[i].role == role) return true;
    return false;
}

/* entry: what was said, for the message. */
static lgd_status add_entry(lgd_ensemble *e, lgd_sv name, double weight, lgd_sv entry, lgd_err *err) {
    const lgd_role *role = role_find(name);
    bool mixed = e->n && e->weighted != (weight != 0);
    if (!role) return lgd_fail(err, LGD_E_USAGE, "there is no member '%.*s'", (int)name.n, name.p);
    if (mixed || (weight != 0 && !is_weight(weight)))
        return lgd_fail(err, LGD_E_USAGE, "'%.*s' needs a weight from 0.001 to 1000, as in %s=0.6", (int)entry.n,
                        entry.p, role->name);
    if (has_role(e, role)) return lgd_fail(err, LGD_E_USAGE, "'%s' is named twice", role->name);
    e->seats[e->n++] = (lgd_seat){role, weight};
    e->weighted = weight != 0;
    return LGD_OK;
}

lgd_status lgd_ensemble_add(lgd_ensemble *e, lgd_sv name, double weight, lgd_err *err) {
    return add_entry(e, name, weight, name, err);
}

/* name=weight; what is no number or 0 is told as a weight that is not allowed. */
static lgd_status parse_entry(lgd_ensemble *e, lgd_sv entry, lgd_err *err) {
    const char *equals = entry.n ? memchr(entry.p, '=', entry.n) : NULL;
    lgd_sv name = equals ? (lgd_sv){entry.p, (size_t)(equals - entry.p)} : entry;
    double weight = 0;
    bool ok = equals && lgd_parse_f64((lgd_sv){equals + 1, entry.n - name.n - 1}, &weight) && weight != 0;
    return add_entry(e, name, ok ? weight : (double)NAN, entry, err);
}

lgd_status lgd_ensemble_parse(const char *text, lgd_ensemble *ret, lgd_err *err) {
    lgd_ensemble e = {0};
    lgd_sv rest = lgd_sv_of(text);
    for (bool more = text != NULL; more;) {
        const char *comma = memchr(rest.p, ',', rest.n);
        lgd_sv entry = {rest.p, comma ? (size_t)(comma - rest.p) : rest.n};
        lgd_err inner = {0};
        lgd_status status = parse_entry(&e, lgd_sv_trim(entry), &inner);
        if (status != LGD_OK) return lgd_fail(err, status, "--ensemble: %s; nothing was done", inner.text);
        more = comma != NULL;
        if (more) rest = (lgd_sv){comma + 1, rest.n - entry.n - 1};
    }
    if (!text) lgd_ensemble_init(&e);
    *ret = e;
    return LGD_OK;
}
