/*
 * pipeline/sessions: what each session held - its extent and how often each template came - and what is said of it at the
 * end of the input. Bounded: MAX_SESSIONS sessions of MAX_SESSION_TEMPLATES templates; what is beyond is counted.
 */
#include "sessions.h"

#include <math.h>

static bool name_equal(const void *ctx, uint32_t item, const void *key) {
    return lgd_sv_eq(((const session_table *)ctx)->rows[item].name, *(const lgd_sv *)key);
}

static lgd_status find_row(session_table *t, lgd_sv name, session_row **ret, lgd_err *err) {
    uint64_t hash = lgd_hash_sv(name, t->hash_key);
    uint32_t item = lgd_index_find(&t->index, hash, name_equal, t, &name);
    *ret = NULL;
    if (item == LGD_INDEX_NONE && t->n < MAX_SESSIONS) {
        LGD_TRY(lgd_grow((void **)&t->rows, &t->capacity, t->n + 1, sizeof *t->rows, MAX_SESSIONS, err));
        session_row row = {0};
        lgd_order_begin(&row.order);
        if (!lgd_arena_copy(&t->arena, name, &row.name)) return lgd_fail_memory(err, name.n);
        LGD_TRY(lgd_index_add(&t->index, hash, (uint32_t)t->n, err));
        item = (uint32_t)t->n;
        t->rows[t->n++] = row;
    }
    if (item != LGD_INDEX_NONE) *ret = &t->rows[item];
    return LGD_OK;
}

static lgd_status count_template(session_row *row, lgd_template_id id, lgd_err *err) {
    for (size_t i = 0; i < row->n_counts; i++)
        if (row->counts[i].id == id) return row->counts[i].n++, LGD_OK;
    if (row->n_counts == MAX_SESSION_TEMPLATES) return LGD_OK;
    LGD_TRY(lgd_grow((void **)&row->counts, &row->capacity, row->n_counts + 1, sizeof *row->counts,
                     MAX_SESSION_TEMPLATES, err));
    row->counts[row->n_counts++] = (lgd_template_count){id, 1};
    return LGD_OK;
}

static lgd_status follow_order(session_table *t, session_row *row, lgd_template_id id, lgd_err *err) {
    if (t->order) lgd_order_step(t->order, &row->order, id);
    if (!t->keep_sequences || row->n_sequence == MAX_SEQUENCE || t->n_kept == MAX_SEQUENCES) return LGD_OK;
    LGD_TRY(lgd_grow((void **)&row->sequence, &row->sequence_capacity, row->n_sequence + 1, sizeof *row->sequence,
                     MAX_SEQUENCE, err));
    row->sequence[row->n_sequence++] = id;
    t->n_kept++;
    return LGD_OK;
}

lgd_status session_table_add(session_table *t, lgd_sv name, lgd_template_id id, uint32_t file, uint64_t line,
                             uint32_t n_lines, lgd_err *err) {
    session_row *row = NULL;
    LGD_TRY(find_row(t, name, &row, err));
    if (!row) return t->n_left_out++, LGD_OK;
    if (row->lines == 0) {
        row->file = file;
        row->first_line = line;
    }
    row->last_line = line + n_lines - 1;
    row->lines += n_lines;
    LGD_TRY(follow_order(t, row, id, err));
    return count_template(row, id, err);
}

void session_table_release(session_table *t) {
    for (size_t i = 0; i < t->n; i++) {
        lgd_free(t->rows[i].counts);
        lgd_free(t->rows[i].sequence);
    }
    lgd_free(t->rows);
    lgd_index_release(&t->index);
    lgd_arena_release(&t->arena);
    *t = (session_table){0};
}

/* ---- what is said ---- */

/* The order speaks only when it is 16 times surer than the counts: alone it is the weaker judge (docs/DETECTORS.md). */
static const double order_handicap = 4;

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
    lgd_buf_add(b, text.p, text.n < 100 ? text.n : 100);
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
        lgd_buf_printf(&w.typical, " (p %.2f)", p);
    }
    say_template(j, s->at, &w.actual);
    return add_factor(&w, LGD_SEQUENCE, j->arena, v, err);
}

lgd_status session_finding(const session_judge *j, session_row *row, lgd_session_finding *ret, lgd_err *err) {
    lgd_count_reason reason;
    lgd_session session = {row->counts, row->n_counts};
    double counts = lgd_counts_bits(j->counts, &session, &reason), order = lgd_order_end(j->order, &row->order);
    bool by_order = order - order_handicap > counts;
    double bits = by_order ? order - order_handicap : counts;
    lgd_session_finding f = {.session = row->name,
                             .file = j->names.file(j->names.ctx, row->file),
                             .first_line = row->first_line,
                             .last_line = row->last_line,
                             .lines = row->lines};
    f.verdict = (lgd_verdict){.bits = bits, .p_value = exp2(-bits), .is_anomaly = bits >= j->threshold, .n_members = 2};
    f.verdict.score = 1 - f.verdict.p_value;
    f.verdict.members[0] = (lgd_member_p){"counts", exp2(-counts)};
    f.verdict.members[1] = (lgd_member_p){"ngram", exp2(-order)};
    if (by_order)
        LGD_TRY(say_order(j, &row->order, &f.verdict, err));
    else if (reason.id != LGD_NO_TEMPLATE && bits > 0)
        LGD_TRY(say_count(j, &reason, &f.verdict, err));
    *ret = f;
    return LGD_OK;
}
