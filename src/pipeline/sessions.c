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
    return count_template(row, id, err);
}

void session_table_release(session_table *t) {
    for (size_t i = 0; i < t->n; i++) lgd_free(t->rows[i].counts);
    lgd_free(t->rows);
    lgd_index_release(&t->index);
    lgd_arena_release(&t->arena);
    *t = (session_table){0};
}

/* ---- what is said ---- */

static lgd_status put_reason(const lgd_count_reason *r, const session_names *names, lgd_arena *arena, lgd_verdict *v,
                             lgd_err *err) {
    lgd_buf text = {0}, typical = {0}, actual = {0};
    lgd_sv name = names->template_text(names->ctx, r->id);
    lgd_buf_printf(&text, "unusual count of \"%.*s\"", (int)(name.n < 100 ? name.n : 100), name.p);
    lgd_buf_printf(&typical, "%u in %.2f %% of sessions", (unsigned)r->typical, 100 * r->typical_share);
    lgd_buf_printf(&actual, "%u, in %.2f %% of sessions", (unsigned)r->actual, 100 * r->actual_share);
    lgd_factor *f = &v->factors[v->n_factors++];
    *f = (lgd_factor){.kind = LGD_COUNT, .share = v->score};
    bool ok = !text.failed && !typical.failed && !actual.failed && lgd_arena_copy(arena, lgd_buf_sv(&text), &f->text) &&
              lgd_arena_copy(arena, lgd_buf_sv(&typical), &f->typical) &&
              lgd_arena_copy(arena, lgd_buf_sv(&actual), &f->actual);
    lgd_buf_release(&text);
    lgd_buf_release(&typical);
    lgd_buf_release(&actual);
    return ok ? LGD_OK : lgd_fail_memory(err, 256);
}

lgd_status session_judge(const lgd_counts *c, const session_row *row, double threshold, const session_names *names,
                         lgd_arena *arena, lgd_session_finding *ret, lgd_err *err) {
    lgd_count_reason reason;
    lgd_session session = {row->counts, row->n_counts};
    double bits = lgd_counts_bits(c, &session, &reason);
    lgd_session_finding f = {.session = row->name,
                             .file = names->file(names->ctx, row->file),
                             .first_line = row->first_line,
                             .last_line = row->last_line,
                             .lines = row->lines};
    f.verdict = (lgd_verdict){.bits = bits, .p_value = exp2(-bits), .is_anomaly = bits >= threshold, .n_members = 1};
    f.verdict.score = 1 - f.verdict.p_value;
    f.verdict.members[0] = (lgd_member_p){"counts", f.verdict.p_value};
    if (reason.id != LGD_NO_TEMPLATE && bits > 0) LGD_TRY(put_reason(&reason, names, arena, &f.verdict, err));
    *ret = f;
    return LGD_OK;
}
