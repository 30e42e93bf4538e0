/*
 * pipeline/session_finding: what is said of a session at the end of the input: what its ensemble makes of its members'
 * bits, and the one reason of the member that speaks.
 */
#include "foretell.h"
#include "sessions.h"

#include <math.h>

void line_judges_find(const lgd_session_ensemble *e, const lgd_detector *d, line_judges *ret) {
    *ret = (line_judges){0};
    for (size_t seat = 0; seat < lgd_session_ensemble_n(e); seat++) {
        const lgd_role *role = lgd_session_ensemble_role(e, seat);
        for (size_t m = 0; m < lgd_detector_n_members(d) && role->sessions == LGD_JUDGE_BY_LINES; m++)
            if (strcmp(lgd_detector_member_name(d, m), role->name) == 0) ret->members[ret->n++] = m;
    }
}

/* ---- words ---- */

typedef struct words {
    lgd_buf text, typical, actual;
} words;

static lgd_status add_factor(words *w, lgd_factor_kind kind, lgd_arena *arena, lgd_verdict *v, lgd_err *err) {
    lgd_factor *f = &v->factors[v->n_factors++];
    *f = (lgd_factor){.kind = kind, .share = v->score};
    bool ok = !w->text.failed && !w->typical.failed && !w->actual.failed &&
              lgd_arena_copy(arena, lgd_buf_sv(&w->text), &f->text) &&
              lgd_arena_copy(arena, lgd_buf_sv(&w->typical), &f->typical) &&
              lgd_arena_copy(arena, lgd_buf_sv(&w->actual), &f->actual);
    lgd_buf_release(&w->text);
    lgd_buf_release(&w->typical);
    lgd_buf_release(&w->actual);
    return ok ? LGD_OK : lgd_fail_memory(err, 256);
}

static void say_template(const session_judge *j, lgd_template_id id, lgd_buf *b) {
    if (id == LGD_ORDER_START || id == LGD_ORDER_END) {
        lgd_buf_printf(b, "the session's %s", id == LGD_ORDER_START ? "start" : "end");
        return;
    }
    lgd_sv text = j->names.template_text(j->names.ctx, id);
    lgd_buf_add_char(b, '"');
    lgd_buf_add_sv(b, lgd_sv_cut(text, 100));
    lgd_buf_add_char(b, '"');
}

static lgd_status say_count(const session_judge *j, const lgd_count_reason *r, lgd_verdict *v, lgd_err *err) {
    words w = {0};
    lgd_buf_printf(&w.text, "unusual count of ");
    say_template(j, r->id, &w.text);
    lgd_buf_printf(&w.typical, "%u in %.2f %% of sessions", (unsigned)r->typical, 100 * r->typical_share);
    lgd_buf_printf(&w.actual, "%u, in %.2f %% of sessions", (unsigned)r->actual, 100 * r->actual_share);
    return add_factor(&w, LGD_COUNT, j->arena, v, err);
}

static lgd_status say_order(const session_judge *j, const lgd_order_state *s, lgd_verdict *v, lgd_err *err) {
    words w = {0};
    double p = 0;
    lgd_template_id usual = lgd_order_usual(j->order, s->before, &p);
    lgd_buf_printf(&w.text, "unusual order behind ");
    say_template(j, s->before, &w.text);
    if (usual != LGD_NO_TEMPLATE) {
        say_template(j, usual, &w.typical);
        lgd_format_probability(&w.typical, p);
    }
    say_template(j, s->at, &w.actual);
    return add_factor(&w, LGD_SEQUENCE, j->arena, v, err);
}

/* What came before the worst event, and what it was. */
static void say_actual(const session_judge *j, const lgd_lstm_session *s, lgd_buf *b) {
    size_t first = 0;
    while (first < 2 && s->before[first] == LGD_ORDER_START && s->before[first + 1] == LGD_ORDER_START) first++;
    for (size_t i = first; i < 3; i++) {
        say_template(j, s->before[i], b);
        lgd_buf_printf(b, " > ");
    }
    lgd_buf_printf(b, "saw ");
    say_template(j, s->at, b);
}

static lgd_status say_foretold(const session_judge *j, const lgd_lstm_session *s, lgd_verdict *v, lgd_err *err) {
    words w = {0};
    lgd_buf_printf(&w.text, "unusual sequence behind ");
    say_template(j, s->before[2], &w.text);
    lgd_buf_printf(&w.typical, "expected ");
    if (s->at_worst.expected == LGD_NO_TEMPLATE)
        lgd_buf_printf(&w.typical, "one of several rare templates");
    else
        say_template(j, s->at_worst.expected, &w.typical);
    say_actual(j, s, &w.actual);
    lgd_format_probability(&w.typical,
                           (double)s->at_worst.p_expected); /* what was learned by squared errors knows none */
    lgd_format_probability(&w.actual, (double)s->at_worst.p);
    return add_factor(&w, LGD_SEQUENCE, j->arena, v, err);
}

/* bits: of the session by this member. */
static lgd_status say_line(const session_judge *j, const worst_line *worst, double bits, lgd_verdict *v, lgd_err *err) {
    words w = {0};
    lgd_sv file = j->names.file(j->names.ctx, worst->file);
    lgd_buf_printf(&w.text, "surprising line of ");
    say_template(j, worst->id, &w.text);
    lgd_buf_printf(&w.typical, "less surprising ones in %.2f %% of sessions", 100 * (1 - exp2(-bits)));
    lgd_buf_add_sv(&w.actual, file);
    lgd_buf_printf(&w.actual, ":%llu, %.1f bits", (unsigned long long)worst->line, (double)worst->bits);
    return add_factor(&w, LGD_LINE, j->arena, v, err);
}

/* ---- the finding ---- */

/* What the seats say, and why. */
typedef struct testimony {
    double scores[LGD_MAX_MEMBERS];
    lgd_count_reason reason;
    const worst_line *worst[LGD_MAX_MEMBERS]; /* by seat */
    lgd_lstm_session foretold;
} testimony;

/* Sums that fade and are made up for come back to what they were but for their last digits, by which sessions that are
 * equally odd would be told apart. */
static double settled(const session_judge *j, double bits) {
    const double steps = 1 << 20;
    return j->adapt ? round(bits * steps) / steps : bits;
}

static lgd_worst network_worst(const lgd_lstm_session *s, double bits) {
    return (lgd_worst){{s->before[1], s->before[2]}, s->at, bits};
}

static double network_bits(const session_judge *j, const lgd_lstm_session *s) {
    lgd_worst w = network_worst(s, s->bits);
    return j->adapt ? settled(j, lgd_adapt_bits(j->adapt, &w)) : s->bits;
}

/* Its templates in order; empty if not all of them were kept. */
static lgd_sequence whole_sequence(const session_row *row) {
    uint64_t events = 0;
    for (size_t i = 0; i < row->n_counts; i++) events += row->counts[i].n;
    return events == row->n_sequence ? (lgd_sequence){row->sequence, row->n_sequence} : (lgd_sequence){NULL, 0};
}

/* The order of a session, by what is known at its end. */
static void follow_again(const session_judge *j, session_row *row) {
    if (!j->adapt || !j->order || whole_sequence(row).n == 0) return;
    lgd_order_begin(&row->order);
    for (size_t i = 0; i < row->n_sequence; i++) lgd_order_step(j->order, &row->order, row->sequence[i]);
}

static void hear(const session_judge *j, session_row *row, testimony *ret) {
    lgd_session session = {row->counts, row->n_counts};
    size_t n_lines = 0;
    *ret = (testimony){.reason.id = LGD_NO_TEMPLATE, .foretold.at = LGD_NO_TEMPLATE};
    for (size_t i = 0; i < lgd_session_ensemble_n(j->ensemble); i++)
        switch (lgd_session_ensemble_role(j->ensemble, i)->sessions) {
        case LGD_JUDGE_BY_COUNTS:
            ret->scores[i] = settled(j, lgd_counts_bits(j->counts, &session, &ret->reason));
            break;
        case LGD_JUDGE_BY_ORDER: ret->scores[i] = settled(j, lgd_order_end(j->order, &row->order)); break;
        case LGD_JUDGE_BY_LSTM:
            if (foretelling_session(j->foretelling, row->name, &ret->foretold))
                ret->scores[i] = network_bits(j, &ret->foretold);
            break;
        case LGD_JUDGE_BY_LINES:
            ret->worst[i] = &row->worst[n_lines++];
            ret->scores[i] = (double)ret->worst[i]->bits;
            break;
        }
}

static lgd_status say_reason(const session_judge *j, const session_row *row, const testimony *t,
                             const lgd_session_opinion *o, lgd_verdict *v, lgd_err *err) {
    switch (lgd_session_ensemble_role(j->ensemble, o->speaker)->sessions) {
    case LGD_JUDGE_BY_COUNTS: return t->reason.id == LGD_NO_TEMPLATE ? LGD_OK : say_count(j, &t->reason, v, err);
    case LGD_JUDGE_BY_ORDER: return say_order(j, &row->order, v, err);
    case LGD_JUDGE_BY_LSTM: return say_foretold(j, &t->foretold, v, err);
    case LGD_JUDGE_BY_LINES: return say_line(j, t->worst[o->speaker], o->member_bits[o->speaker], v, err);
    }
    return LGD_OK;
}

/* The template that say_reason puts first. */
static lgd_template_id reason_template(const session_judge *j, const session_row *row, const testimony *t,
                                       size_t speaker) {
    lgd_template_id id = LGD_NO_TEMPLATE;
    switch (lgd_session_ensemble_role(j->ensemble, speaker)->sessions) {
    case LGD_JUDGE_BY_COUNTS: id = t->reason.id; break;
    case LGD_JUDGE_BY_ORDER: id = row->order.at; break;
    case LGD_JUDGE_BY_LSTM: id = t->foretold.at; break;
    case LGD_JUDGE_BY_LINES: id = t->worst[speaker]->id; break;
    }
    return id == LGD_ORDER_START || id == LGD_ORDER_END ? LGD_NO_TEMPLATE : id;
}

/* What is known goes on with this session. */
static lgd_status adapt(const session_judge *j, const session_row *row, const testimony *t,
                        const lgd_session_opinion *o, lgd_err *err) {
    if (!j->adapt) return LGD_OK;
    lgd_adapt_session s = {.session = {row->counts, row->n_counts},
                           .sequence = whole_sequence(row),
                           .start_ns = row->start_ns,
                           .bits = o->bits,
                           .order.at = LGD_NO_TEMPLATE,
                           .network.at = LGD_NO_TEMPLATE};
    for (size_t i = 0; i < lgd_session_ensemble_n(j->ensemble); i++) {
        const lgd_role *role = lgd_session_ensemble_role(j->ensemble, i);
        double handicap = lgd_session_ensemble_weight(j->ensemble, i) > 0 ? 0 : role->session_handicap;
        double bits = o->member_bits[i] - handicap;
        if (role->sessions == LGD_JUDGE_BY_ORDER)
            s.order = (lgd_worst){{LGD_NO_TEMPLATE, row->order.before}, row->order.at, bits};
        if (role->sessions == LGD_JUDGE_BY_LSTM) s.network = network_worst(&t->foretold, t->foretold.bits - handicap);
    }
    return lgd_adapt_add(j->adapt, &s, err);
}

lgd_status session_finding(const session_judge *j, session_row *row, lgd_session_finding *ret, lgd_err *err) {
    testimony t;
    lgd_session_opinion o;
    follow_again(j, row);
    hear(j, row, &t);
    lgd_session_ensemble_judge(j->ensemble, t.scores, &o);
    lgd_session_finding f = {.session = row->name,
                             .file = j->names.file(j->names.ctx, row->file),
                             .first_line = row->first_line,
                             .last_line = row->last_line,
                             .lines = row->lines,
                             .template_id = o.bits > 0 ? reason_template(j, row, &t, o.speaker) : LGD_NO_TEMPLATE};
    f.verdict = (lgd_verdict){.bits = o.bits, .p_value = exp2(-o.bits), .is_anomaly = o.bits >= j->threshold};
    f.verdict.score = 1 - f.verdict.p_value;
    f.verdict.n_members = lgd_session_ensemble_n(j->ensemble);
    for (size_t i = 0; i < f.verdict.n_members; i++)
        f.verdict.members[i] = (lgd_member_p){lgd_session_ensemble_role(j->ensemble, i)->name, exp2(-o.member_bits[i])};
    if (o.bits > 0) LGD_TRY(say_reason(j, row, &t, &o, &f.verdict, err));
    LGD_TRY(adapt(j, row, &t, &o, err));
    *ret = f;
    return LGD_OK;
}
