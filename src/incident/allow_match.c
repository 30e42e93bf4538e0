/*
 * incident/allow_match: does a rule of the list allow this line, session or incident? Only what would be told is asked
 * for, so a walk over the rules is cheap enough: O(rules), each a comparison or a search with limits.
 */
#include "allow.h"

/* Shell patterns of * and ?, over bytes: the last star takes one byte more whenever what follows does not fit. */
static bool fits(lgd_sv glob, lgd_sv text) {
    size_t g = 0, t = 0, star = SIZE_MAX, taken = 0;
    while (t < text.n) {
        if (g < glob.n && glob.p[g] == '*') {
            star = g++;
            taken = t;
        } else if (g < glob.n && (glob.p[g] == '?' || glob.p[g] == text.p[t])) {
            g++;
            t++;
        } else if (star != SIZE_MAX) {
            g = star + 1;
            t = ++taken;
        } else {
            return false;
        }
    }
    while (g < glob.n && glob.p[g] == '*') g++;
    return g == glob.n;
}

static bool in_scope(const lgd_allow_rule *r, const lgd_allow_subject *s) {
    const lgd_sv *w = r->words;
    if (r->until_ns != LGD_NO_TIME && (s->time_ns == LGD_NO_TIME || s->time_ns >= r->until_ns)) return false;
    return (!w[LGD_ALLOW_FILE].p || fits(w[LGD_ALLOW_FILE], s->file)) &&
           (!w[LGD_ALLOW_COMPONENT].p || fits(w[LGD_ALLOW_COMPONENT], s->component)) &&
           (!w[LGD_ALLOW_SESSION].p || (s->session.n && fits(w[LGD_ALLOW_SESSION], s->session)));
}

static bool finds(lgd_allow *a, const lgd_regex *re, lgd_sv text) {
    if (text.n > LGD_ALLOW_LOOKED) text.n = LGD_ALLOW_LOOKED;
    lgd_match match = lgd_regex_match(re, a->matcher, text);
    a->over_limit += match == LGD_MATCH_OVER_LIMIT;
    return match == LGD_MATCH_YES;
}

static bool is_about(const lgd_allow *a, const lgd_allow_rule *r) {
    return a->shown.n && lgd_sv_eq(r->words[LGD_ALLOW_TEMPLATE], lgd_buf_sv(&a->shown));
}

static bool allows(lgd_allow *a, const lgd_allow_rule *r, const lgd_allow_subject *s, bool is_session) {
    if (r->words[LGD_ALLOW_INCIDENT].p || !in_scope(r, s)) return false;
    if (r->regex) return !is_session && finds(a, r->regex, s->raw);
    if (!r->words[LGD_ALLOW_TEMPLATE].p) return true; /* session alone, which is in scope */
    return is_about(a, r);
}

static lgd_status find(lgd_allow *a, const lgd_allow_subject *s, bool is_session, bool *ret, lgd_err *err) {
    lgd_buf_clear(&a->shown);
    lgd_escape_terminal(&a->shown, s->template_text, SIZE_MAX);
    if (a->shown.failed) return lgd_fail_memory(err, s->template_text.n);
    size_t i = 0;
    while (i < a->n_rules && !allows(a, &a->rules[i], s, is_session)) i++;
    *ret = i < a->n_rules;
    if (*ret) a->rules[i].hits++;
    return LGD_OK;
}

lgd_status lgd_allow_line(lgd_allow *a, const lgd_allow_subject *s, bool *ret, lgd_err *err) {
    return find(a, s, false, ret, err);
}

lgd_status lgd_allow_session(lgd_allow *a, const lgd_allow_subject *s, bool *ret, lgd_err *err) {
    return find(a, s, true, ret, err);
}

static size_t find_incident(const lgd_allow *a, const char *id) {
    size_t i = 0;
    while (i < a->n_rules && !(id && lgd_sv_eq(a->rules[i].words[LGD_ALLOW_INCIDENT], lgd_sv_of(id)))) i++;
    return i;
}

bool lgd_allow_incident(lgd_allow *a, const char *id) {
    size_t i = find_incident(a, id);
    if (i == a->n_rules) return false;
    a->rules[i].hits++;
    return true;
}

bool lgd_allow_line_of_incident(const lgd_allow *a, const char *id) { return find_incident(a, id) < a->n_rules; }

uint64_t lgd_allow_over_limit(const lgd_allow *a) { return a->over_limit; }
