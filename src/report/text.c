/*
 * report/text: what a scan looks like on a terminal. First what was read and against what, then the incidents, worst
 * first, then what is wrong with the input. Incidents come before the summary that the page opens with, so they are
 * kept as the text they will be; of the findings only the few most surprising are.
 *
 *     findings -> top anomalies (shown when there is no incident)     incidents -> text, the first five explained
 *     sessions -> top sessions                                        summary   -> the page
 */
#include "output.h"

enum { TOP = 5, MAX_INCIDENTS = 100 };

typedef struct top_entry {
    double bits;
    lgd_buf text;
} top_entry;

/* The most surprising so far, largest first; of equals the earlier. */
typedef struct top_list {
    top_entry entries[TOP];
    size_t n;
} top_list;

typedef struct state {
    top_list anomalies, sessions;
    lgd_buf incidents;
    uint64_t n_incidents;
} state;

static lgd_status check(const lgd_buf *b, lgd_err *err) { return b->failed ? lgd_fail_memory(err, b->n) : LGD_OK; }

/* Makes room for an entry of that many bits and returns its empty text; NULL if there are TOP better ones. */
static lgd_buf *top_insert(top_list *top, double bits) {
    if (top->n == TOP && !(bits > top->entries[TOP - 1].bits)) return NULL;
    if (top->n < TOP) top->n++;
    size_t at = top->n - 1;
    top_entry last = top->entries[at]; /* its memory is used again */
    for (; at > 0 && bits > top->entries[at - 1].bits; at--) top->entries[at] = top->entries[at - 1];
    lgd_buf_clear(&last.text);
    top->entries[at] = (top_entry){bits, last.text};
    return &top->entries[at].text;
}

static void top_print(lgd_buf *b, const top_list *top) {
    for (size_t i = 0; i < top->n; i++) {
        if (i) lgd_buf_add_char(b, '\n');
        lgd_buf_add_sv(b, lgd_buf_sv(&top->entries[i].text));
    }
}

static void top_release(top_list *top) {
    for (size_t i = 0; i < TOP; i++) lgd_buf_release(&top->entries[i].text);
}

static lgd_status finding(lgd_report *r, const lgd_finding *f, const char *incident_id, lgd_err *err) {
    (void)incident_id;
    state *st = r->state;
    lgd_buf *b = f->verdict.is_anomaly ? top_insert(&st->anomalies, f->verdict.bits) : NULL;
    if (!b) return LGD_OK;
    add(b, "    ");
    lgd_text_place(b, f->file, f->line, f->raw);
    lgd_text_factors(b, &f->verdict, "why:", 2);
    return check(b, err);
}

static lgd_status session(lgd_report *r, const lgd_session_finding *s, lgd_err *err) {
    enum { NAME_BYTES = 80 };
    state *st = r->state;
    lgd_buf *b = s->verdict.is_anomaly ? top_insert(&st->sessions, s->verdict.bits) : NULL;
    if (!b) return LGD_OK;
    add(b, "    ");
    lgd_escape_terminal(b, s->session, NAME_BYTES);
    add(b, ": ");
    lgd_text_plural(b, s->lines, "line");
    lgd_buf_printf(b, ", %llu to %llu, ", (unsigned long long)s->first_line, (unsigned long long)s->last_line);
    lgd_text_surprise(b, &s->verdict);
    lgd_buf_add_char(b, '\n');
    lgd_text_factors(b, &s->verdict, "why:", 2);
    return check(b, err);
}

static lgd_status incident(lgd_report *r, const lgd_incident *i, lgd_err *err) {
    state *st = r->state;
    if (++st->n_incidents > MAX_INCIDENTS && !r->head.explain) return LGD_OK;
    lgd_text_incident(&st->incidents, i, st->n_incidents, r->head.color, r->head.explain);
    return check(&st->incidents, err);
}

/* ---- the page ---- */

/* One empty line before the next section, whatever the one before ended with. */
static void section(lgd_buf *b) {
    if (b->n < 2 || b->p[b->n - 2] != '\n') lgd_buf_add_char(b, '\n');
}

static void put_input(lgd_buf *b, const lgd_summary *s) {
    add(b, "Scanned ");
    lgd_text_plural(b, s->lines_read, "line");
    add(b, " in ");
    lgd_text_plural(b, s->n_inputs, "file");
    if (s->start_ns != LGD_NO_TIME) {
        add(b, ", ");
        lgd_text_range(b, s->start_ns, s->end_ns);
    } else if (s->records) {
        add(b, "; no timestamps were found");
    }
    add(b, "\n");
    uint64_t skipped = s->lines_read - s->scored;
    if (skipped == 0) return;
    add(b, "Skipped ");
    lgd_text_plural(b, skipped, "line");
    for (size_t i = 0, n = 0; i < LGD_SKIP_COUNT; i++) {
        if (s->skipped[i].n == 0) continue;
        add(b, n++ ? ", " : ": ");
        lgd_format_count(b, s->skipped[i].n);
        lgd_buf_add_char(b, ' ');
        lgd_escape_terminal(b, s->skipped[i].name, SIZE_MAX);
    }
    add(b, "\n");
}

static void put_model(lgd_buf *b, const lgd_report_head *head, const lgd_summary *s) {
    enum { PATH_BYTES = 200 };
    if (head->model_path.n) {
        add(b, "Model ");
        lgd_escape_terminal(b, head->model_path, PATH_BYTES);
        add(b, ": ");
    } else {
        add(b, "No model was given: what is normal was learned from this input itself, ");
    }
    lgd_text_plural(b, head->model_templates, "template");
    add(b, " from ");
    lgd_text_plural(b, head->model_events, "event");
    if (head->model_path.n && head->model_start_ns != LGD_NO_TIME) {
        add(b, ", ");
        lgd_text_range(b, head->model_start_ns, head->model_end_ns);
    }
    if (s->new_templates) {
        add(b, "; ");
        lgd_text_plural(b, s->new_templates, "template");
        add(b, s->new_templates == 1 ? " is new" : " are new");
    }
    add(b, "\n");
}

static void put_totals(lgd_buf *b, const lgd_summary *s) {
    lgd_text_plural(b, s->anomalies, "anomalous line");
    if (s->has_sessions) {
        add(b, ", ");
        lgd_format_count(b, s->anomalous_sessions);
        add(b, " of ");
        lgd_text_plural(b, s->sessions, "session");
        add(b, " anomalous");
    }
    add(b, ", ");
    lgd_text_plural(b, s->incidents, "incident");
    if (s->threshold > 0 && s->threshold < 1) {
        add(b, " (threshold: one normal line in ");
        double one_in = 1 / s->threshold;
        lgd_format_count(b, one_in < 1e15 ? (uint64_t)(one_in + 0.5) : UINT64_C(1000000000000000));
        add(b, ")");
    }
    add(b, "\n");
    lgd_text_allowed(b, s->allowed);
    add(b, "\n");
}

static void put_incidents(lgd_buf *b, const state *st, const lgd_report_head *head) {
    lgd_buf_add_sv(b, lgd_buf_sv(&st->incidents));
    if (st->n_incidents > MAX_INCIDENTS && !head->explain) {
        add(b, "    ... and ");
        lgd_text_plural(b, st->n_incidents - MAX_INCIDENTS, "more incident");
        add(b, "; --format json has them all\n");
    }
    if (st->n_incidents > 0) return;
    if (st->anomalies.n == 0) {
        add(b, "No incidents.\n");
        return;
    }
    add(b, "No incidents. The most surprising lines:\n\n");
    top_print(b, &st->anomalies);
}

static void put_sessions(lgd_buf *b, const state *st) {
    if (st->sessions.n == 0) return;
    section(b);
    add(b, "The most surprising sessions:\n\n");
    top_print(b, &st->sessions);
}

static void put_learned(lgd_buf *b, const lgd_summary *s) {
    enum { LEARNED_BYTES = 400 };
    if (s->n_learned == 0) return;
    section(b);
    add(b, "Learned, and no longer told:\n");
    for (size_t i = 0; i < s->n_learned; i++) {
        const lgd_learned *l = &s->learned[i];
        add(b, "  - new");
        if (l->since_ns != LGD_NO_TIME) {
            add(b, " since ");
            lgd_format_time_text(b, l->since_ns);
        }
        add(b, ": ");
        lgd_escape_terminal(b, l->text, LEARNED_BYTES);
        add(b, " (");
        lgd_format_count(b, l->sessions);
        add(b, " of ");
        lgd_text_plural(b, l->of, "session");
        add(b, ")\n");
    }
}

static void put_problems(lgd_buf *b, const lgd_summary *s) {
    enum { PROBLEM_BYTES = 400 };
    if (s->n_problems == 0 && s->complete) return;
    section(b);
    add(b, s->complete ? "Please note:\n" : "The result is incomplete, because some input could not be read:\n");
    for (size_t i = 0; i < s->n_problems; i++) {
        add(b, "  - ");
        lgd_escape_terminal(b, s->problems[i], PROBLEM_BYTES);
        lgd_buf_add_char(b, '\n');
    }
}

static lgd_status end(lgd_report *r, const lgd_summary *s, lgd_err *err) {
    put_input(&r->out, s);
    put_model(&r->out, &r->head, s);
    put_totals(&r->out, s);
    put_incidents(&r->out, r->state, &r->head);
    put_sessions(&r->out, r->state);
    put_learned(&r->out, s);
    put_problems(&r->out, s);
    return lgd_report_flush(r, err);
}

static void release(lgd_report *r) {
    state *st = r->state;
    top_release(&st->anomalies);
    top_release(&st->sessions);
    lgd_buf_release(&st->incidents);
}

const lgd_report_ops lgd_report_text = {
    .state_bytes = sizeof(state),
    .finding = finding,
    .session = session,
    .incident = incident,
    .end = end,
    .release = release,
};
