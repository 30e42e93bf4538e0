/*
 * pipeline/unwrap: lines inside the lines of a wrapper (a container's log) -> records of several lines.
 *
 * A wrapper gives each line of a stack trace a header of its own, so the input room cannot see that they belong together.
 * When a block is cut, the lines inside are asked in their order, by the same rules as lines of a file; a record that
 * continues the one right before it becomes part of it: their lines count as one record, and the message stands for all
 * of them. Records are not joined over the end of a block. Cost: O(bytes) for wrapped lines, nothing for others.
 */
#include "batch.h"

enum { MAX_JOINED_LINES = 1000, VOTE_LINES = 200 };

bool batch_has_wrapped(const batch *b) {
    for (size_t i = 0; i < b->n_chain; i++)
        if (lgd_profile_wraps(b->profiles[b->chain[i]])) return true;
    return false;
}

static lgd_sv without_end(lgd_sv line) {
    while (line.n && (line.p[line.n - 1] == '\n' || line.p[line.n - 1] == '\r')) line.n--;
    return line;
}

static lgd_sv inside_of(const parsed *p) { return without_end(p->cut.wrapped); }

static lgd_status out_of_memory(const lgd_buf *b, lgd_err *err) { return lgd_fail_memory(err, b->n + 1); }

/* How the lines inside are laid out: the same votes as for a file. */
static lgd_status vote(batch *b, size_t n_records, lgd_err *err) {
    lgd_buf sample = {0};
    for (size_t i = 0, n = 0; i < n_records && n < VOTE_LINES; i++) {
        if (b->parses[i].cut.wrapped.n == 0 || b->parses[i].blank) continue;
        lgd_buf_add_sv(&sample, inside_of(&b->parses[i]));
        lgd_buf_add_char(&sample, '\n');
        n++;
    }
    lgd_status status = sample.failed ? out_of_memory(&sample, err) : LGD_OK;
    if (status == LGD_OK) b->inside = lgd_line_state_of(lgd_buf_sv(&sample));
    lgd_buf_release(&sample);
    return status;
}

static bool same_wrapper(const batch *b, const parsed *x, const parsed *y) {
    return lgd_sv_eq(lgd_profile_format_name(b->profiles[b->chain[x->link]], x->cut.format),
                     lgd_profile_format_name(b->profiles[b->chain[y->link]], y->cut.format));
}

/* ---- one record of several ---- */

static lgd_status keep(lgd_arena *arena, const lgd_buf *text, lgd_sv *ret, lgd_err *err) {
    return !text->failed && lgd_arena_copy(arena, lgd_buf_sv(text), ret) ? LGD_OK : out_of_memory(text, err);
}

/* The lines inside as a record, for the message that stands for all of them. */
static lgd_status set_message(parsed *first, lgd_sv inside, uint32_t n_lines, lgd_arena *arena, lgd_err *err) {
    lgd_sv head = inside_of(first), body = first->body;
    lgd_record r = {.text = inside, .head_n = (uint32_t)head.n, .n_lines = n_lines};
    if (body.p < head.p || body.p + body.n > head.p + head.n) return LGD_OK; /* made text: it speaks for itself */
    first->cut.header.message = (lgd_sv){inside.p + (body.p - head.p), body.n};
    return lgd_record_message(&r, arena, &first->cut, err);
}

/* Records begin .. end-1 become one. */
static lgd_status join(batch *b, size_t begin, size_t end, lgd_err *err) {
    lgd_buf raw = {0}, inside = {0};
    lgd_sv raw_text = {0}, inside_text = {0};
    lgd_arena *arena = &b->workers[0].arena;
    parsed *first = &b->parses[begin];
    lgd_record *whole = lgd_arena_alloc(arena, sizeof *whole);
    if (!whole) return lgd_fail_memory(err, sizeof *whole);
    *whole = *first->record;
    for (size_t i = begin; i < end; i++) {
        if (i > begin) {
            lgd_buf_add_char(&raw, '\n');
            lgd_buf_add_char(&inside, '\n');
            b->parses[i].joined = true;
            whole->n_lines += b->parses[i].record->n_lines;
            whole->flags |= b->parses[i].record->flags;
        }
        lgd_buf_add_sv(&raw, b->parses[i].record->text);
        lgd_buf_add_sv(&inside, inside_of(&b->parses[i]));
    }
    lgd_status status = keep(arena, &raw, &raw_text, err);
    if (status == LGD_OK) status = keep(arena, &inside, &inside_text, err);
    lgd_buf_release(&raw);
    lgd_buf_release(&inside);
    LGD_TRY(status);
    whole->text = raw_text;
    first->record = whole;
    return set_message(first, inside_text, (uint32_t)(end - begin), arena, err);
}

lgd_status batch_join_wrapped(batch *b, const lgd_block *block, lgd_err *err) {
    size_t begin = 0, n = block->n_records;
    bool open = false; /* records begin .. i-1 are one so far */
    if (block->first) LGD_TRY(vote(b, n, err));
    for (size_t i = 0; i < n; i++) {
        const parsed *p = &b->parses[i];
        bool wrapped = p->cut.wrapped.n > 0 && !p->blank && p->record->n_lines == 1;
        bool continues = wrapped && lgd_line_continues(inside_of(p), &b->inside);
        if (continues && open && i - begin < MAX_JOINED_LINES && same_wrapper(b, p, &b->parses[begin])) continue;
        if (open && i - begin > 1) LGD_TRY(join(b, begin, i, err));
        begin = i;
        open = wrapped;
    }
    return open && n - begin > 1 ? join(b, begin, n, err) : LGD_OK;
}
