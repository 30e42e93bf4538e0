/*
 * pipeline/sessions: what each session held - its extent, how often each template came, its most surprising lines.
 * Bounded: MAX_SESSIONS sessions of MAX_SESSION_TEMPLATES templates; what is beyond is counted.
 */
#include "sessions.h"

static bool name_equal(const void *ctx, uint32_t item, const void *key) {
    return lgd_sv_eq(((const session_table *)ctx)->rows[item].name, *(const lgd_sv *)key);
}

uint32_t session_table_find(const session_table *t, lgd_sv name) {
    return lgd_index_find(&t->index, lgd_hash_sv(name, t->hash_key), name_equal, t, &name);
}

static lgd_status new_row(session_table *t, lgd_sv name, lgd_err *err) {
    LGD_TRY(lgd_grow((void **)&t->rows, &t->capacity, t->n + 1, sizeof *t->rows, MAX_SESSIONS, err));
    session_row row = {0};
    size_t worst_bytes = t->n_line_members * sizeof *row.worst;
    lgd_order_begin(&row.order);
    if (!lgd_arena_copy(&t->arena, name, &row.name)) return lgd_fail_memory(err, name.n);
    if (worst_bytes && !(row.worst = lgd_arena_alloc(&t->arena, worst_bytes))) return lgd_fail_memory(err, worst_bytes);
    for (size_t i = 0; i < t->n_line_members; i++) row.worst[i] = (worst_line){.id = LGD_NO_TEMPLATE};
    LGD_TRY(lgd_index_add(&t->index, lgd_hash_sv(name, t->hash_key), (uint32_t)t->n, err));
    t->rows[t->n++] = row;
    return LGD_OK;
}

static lgd_status find_row(session_table *t, lgd_sv name, session_row **ret, lgd_err *err) {
    uint32_t item = session_table_find(t, name);
    *ret = NULL;
    if (item == LGD_INDEX_NONE && t->n < MAX_SESSIONS) {
        LGD_TRY(new_row(t, name, err));
        item = (uint32_t)t->n - 1;
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

static void keep_worst(const session_table *t, session_row *row, const session_event *e) {
    for (size_t i = 0; i < t->n_line_members; i++)
        if (row->worst[i].id == LGD_NO_TEMPLATE || e->bits[i] > row->worst[i].bits)
            row->worst[i] = (worst_line){e->bits[i], e->id, e->file, e->line};
}

lgd_status session_table_add(session_table *t, const session_event *e, lgd_err *err) {
    session_row *row = NULL;
    LGD_TRY(find_row(t, e->name, &row, err));
    if (!row) return t->n_left_out++, LGD_OK;
    if (row->lines == 0) {
        row->file = e->file;
        row->held_out = e->held_out;
        row->first_line = e->line;
        row->start_ns = e->start_ns;
    }
    row->last_line = e->line + e->n_lines - 1;
    row->lines += e->n_lines;
    keep_worst(t, row, e);
    LGD_TRY(follow_order(t, row, e->id, err));
    return count_template(row, e->id, err);
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
