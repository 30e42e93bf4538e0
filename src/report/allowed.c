/*
 * report/allowed: what a scan's summary tells beside its counts: whether the model fits the log, and what the allow-list
 * kept from being told, with the hits of each rule. Cost: linear in the rules.
 */
#include "output.h"

static void put_rules(lgd_json *j, const lgd_allowed *a) {
    lgd_json_array(j, "rules");
    for (size_t i = 0; i < a->n_rules; i++) {
        lgd_json_object(j, NULL);
        lgd_json_u64(j, "line", a->rules[i].line);
        lgd_json_string(j, "rule", a->rules[i].text);
        lgd_json_string(j, "state", lgd_sv_of(a->rules[i].state));
        lgd_json_u64(j, "hits", a->rules[i].hits);
        lgd_json_object_end(j);
    }
    lgd_json_array_end(j);
}

static void put_allowed(lgd_json *j, const lgd_allowed *a) {
    if (!a) {
        lgd_json_null(j, "allowed");
        return;
    }
    lgd_json_object(j, "allowed");
    lgd_json_file(j, "path", a->path);
    lgd_json_u64(j, "anomalies", a->anomalies);
    lgd_json_u64(j, "sessions", a->sessions);
    lgd_json_u64(j, "incidents", a->incidents);
    put_rules(j, a);
    lgd_json_object_end(j);
}

void lgd_record_scan_fields(lgd_json *j, const lgd_summary *s) {
    if (s->fitness) {
        lgd_json_u64(j, "unseen_events", s->fitness->unseen_events);
        lgd_json_optional(j, "fit", lgd_sv_of(s->fitness->n_reasons ? lgd_fit_name(s->fitness->fit) : NULL));
    } else {
        lgd_json_null(j, "unseen_events");
        lgd_json_null(j, "fit");
    }
    put_allowed(j, s->allowed);
}

static uint64_t count_state(const lgd_allowed *a, const char *state) {
    uint64_t n = 0;
    for (size_t i = 0; i < a->n_rules; i++) n += strcmp(a->rules[i].state, state) == 0;
    return n;
}

/* "Allowed by model/allow.txt: 3 anomalous lines, 0 sessions, 1 incident; of 4 rules 2 had no hit, 1 expired" */
void lgd_text_allowed(lgd_buf *b, const lgd_allowed *a) {
    enum { PATH_BYTES = 200 };
    if (!a || a->n_rules == 0) return;
    uint64_t unused = count_state(a, "unused"), expired = count_state(a, "expired");
    add(b, "Allowed by ");
    lgd_escape_terminal(b, a->path, PATH_BYTES);
    add(b, ": ");
    lgd_text_plural(b, a->anomalies, "anomalous line");
    add(b, ", ");
    lgd_text_plural(b, a->sessions, "session");
    add(b, ", ");
    lgd_text_plural(b, a->incidents, "incident");
    add(b, "; of ");
    lgd_text_plural(b, a->n_rules, "rule");
    lgd_buf_printf(b, " %llu had no hit, %llu expired\n", (unsigned long long)unused, (unsigned long long)expired);
}
