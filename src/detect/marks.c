/*
 * detect/marks: how often was a deviation seen of late? Each session that shows it adds one; what was there fades by
 * e for each MARK_SESSIONS sessions of whatever kind that come after it. A burst of n in a row leaves
 * MARK_SESSIONS (1 - exp(-n / MARK_SESSIONS)), what makes up a share s of all sessions for ever tends to
 * MARK_SESSIONS s: one number says both how many and how dense.
 *
 * O(1) for a session. Bounded: of more than MAX_MARKS the faded ones are forgotten, and where none has faded, all.
 */
#include "adapt.h"

#include <math.h>

static const double mark_sessions = 100; /* MARK_SESSIONS */
static const double faded = 0.5;         /* evidence below which a run is over */

static bool mark_equal(const void *ctx, uint32_t item, const void *key) {
    const lgd_deviation *x = &((const mark_table *)ctx)->rows[item].what, *k = key;
    return x->kind == k->kind && x->id == k->id;
}

static uint64_t mark_hash(lgd_deviation what) {
    return lgd_hash_u64((uint64_t)what.kind << 32 | what.id, 0x6d61726b73u);
}

mark *mark_table_find(mark_table *t, lgd_deviation what) {
    uint32_t item = lgd_index_find(&t->index, mark_hash(what), mark_equal, t, &what);
    return item == LGD_INDEX_NONE ? NULL : &t->rows[item];
}

static double evidence_at(const mark *m, uint64_t session) {
    return m->evidence * exp(-(double)(session - m->last_session) / mark_sessions);
}

static lgd_status forget_faded(mark_table *t, uint64_t session, lgd_err *err) {
    size_t kept = 0;
    for (size_t i = 0; i < t->n; i++)
        if (evidence_at(&t->rows[i], session) >= faded) t->rows[kept++] = t->rows[i];
    t->n = kept < t->n ? kept : 0;
    lgd_index_clear(&t->index);
    for (size_t i = 0; i < t->n; i++) LGD_TRY(lgd_index_add(&t->index, mark_hash(t->rows[i].what), (uint32_t)i, err));
    return LGD_OK;
}

lgd_status mark_table_note(mark_table *t, lgd_deviation what, uint64_t session, int64_t time_ns, mark **ret,
                           lgd_err *err) {
    mark *m = mark_table_find(t, what);
    if (!m) {
        if (t->n == MAX_MARKS) LGD_TRY(forget_faded(t, session, err));
        LGD_TRY(lgd_grow((void **)&t->rows, &t->capacity, t->n + 1, sizeof *t->rows, MAX_MARKS, err));
        LGD_TRY(lgd_index_add(&t->index, mark_hash(what), (uint32_t)t->n, err));
        m = &t->rows[t->n++];
        *m = (mark){.what = what};
    }
    double left = evidence_at(m, session);
    if (left < faded) *m = (mark){.what = what, .first_session = session, .since_ns = time_ns};
    m->evidence = left + 1;
    m->last_session = session;
    m->sessions++;
    *ret = m;
    return LGD_OK;
}

void mark_table_release(mark_table *t) {
    lgd_free(t->rows);
    lgd_index_release(&t->index);
    *t = (mark_table){0};
}
