/*
 * pipeline/adaptation: which templates speak of a fault, by the levels of their lines and by their words; and what was
 * learned, in words. What a fault is need not be known exactly: a phase whose templates look like one is told for longer
 * than it has to be, a fault that is taken for a phase would be told no more.
 */
#include "adaptation.h"

#include <ctype.h>

void adaptation_release(adaptation *a) {
    lgd_adapt_free(a->adapt);
    lgd_free(a->levels);
    *a = (adaptation){0};
}

lgd_status adaptation_see(adaptation *a, lgd_template_id id, lgd_level level, lgd_err *err) {
    size_t most = a->n_templates + LGD_MAX_NEWCOMERS;
    if (level < LGD_LEVEL_WARN || id >= most) return LGD_OK;
    LGD_TRY(lgd_grow((void **)&a->levels, &a->levels_capacity, id + (size_t)1, sizeof *a->levels, most, err));
    for (; a->n_levels <= id; a->n_levels++) a->levels[a->n_levels] = LGD_LEVEL_NONE;
    if (level > a->levels[id]) a->levels[id] = (uint8_t)level;
    return LGD_OK;
}

/* ---- words of faults ---- */

/* Whole words, or ends of names such as IOException. */
static bool is_fault_word(lgd_sv word) {
    static const char *const words[] = {"abort",   "aborted", "cannot",      "corrupt",   "corrupted", "crash",
                                        "crashed", "denied",  "dropped",     "fail",      "failed",    "failing",
                                        "failure", "fatal",   "killed",      "lost",      "panic",     "refused",
                                        "timeout", "unable",  "unreachable", "unexpected"};
    static const char *const ends[] = {"error", "errors", "exception", "fault"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (lgd_sv_eq_nocase(word, lgd_sv_of(words[i]))) return true;
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        lgd_sv end = lgd_sv_of(ends[i]);
        if (word.n >= end.n && lgd_sv_eq_nocase((lgd_sv){word.p + word.n - end.n, end.n}, end)) return true;
    }
    return false;
}

static bool has_fault_word(lgd_sv text) {
    for (size_t i = 0, begin = 0; i <= text.n; i++) {
        if (i < text.n && isalpha((unsigned char)text.p[i])) continue;
        if (i > begin && is_fault_word((lgd_sv){text.p + begin, i - begin})) return true;
        begin = i + 1;
    }
    return false;
}

static bool is_fault(const void *ctx, lgd_template_id id) {
    const adaptation *a = ctx;
    if (id < a->n_levels && a->levels[id] >= LGD_LEVEL_WARN) return true;
    return lgd_newcomers_is_rest(a->newcomers, id) || has_fault_word(lgd_newcomers_text(a->newcomers, id));
}

lgd_status adaptation_begin(adaptation *a, const bundle *b, const lgd_newcomers *newcomers, double fpr, lgd_err *err) {
    if (!b->counts) return LGD_OK;
    lgd_adapt_options o = {lgd_session_ensemble_threshold(b->session_ensemble, b->counts, fpr), is_fault, a};
    a->newcomers = newcomers;
    a->n_templates = lgd_store_n_templates(b->store);
    return lgd_adapt_new(b->counts, b->order, &o, &a->adapt, err);
}

/* ---- what was learned ---- */

static void say_part(const adaptation *a, lgd_deviation d, lgd_buf *b) {
    static const char *const words[] = {[LGD_DEVIATION_ABSENT] = "no ",
                                        [LGD_DEVIATION_FEWER] = "fewer of ",
                                        [LGD_DEVIATION_MORE] = "more of ",
                                        [LGD_DEVIATION_ORDER] = "another order at ",
                                        [LGD_DEVIATION_LSTM] = "another sequence at "};
    bool is_new = d.kind == LGD_DEVIATION_MORE && d.id >= a->n_templates;
    lgd_buf_printf(b, "%s", is_new ? "new: " : words[d.kind]);
    if (d.id == LGD_ORDER_END) {
        lgd_buf_printf(b, "the session's end");
        return;
    }
    lgd_buf_add_char(b, '"');
    lgd_buf_add_sv(b, lgd_sv_cut(lgd_newcomers_text(a->newcomers, d.id), 100));
    lgd_buf_add_char(b, '"');
}

static bool is_count(lgd_deviation d) { return d.kind != LGD_DEVIATION_ORDER && d.kind != LGD_DEVIATION_LSTM; }

/* Where counts have changed, order and sequence have too, which goes without saying. */
static void say_phase(const adaptation *a, const lgd_phase *p, lgd_buf *b) {
    bool any_count = false;
    size_t said = 0;
    for (size_t i = 0; i < p->n_parts; i++) any_count |= is_count(p->parts[i]);
    for (size_t i = 0; i < p->n_parts; i++) {
        if (any_count && !is_count(p->parts[i])) continue;
        if (said++) lgd_buf_printf(b, ", ");
        say_part(a, p->parts[i], b);
    }
}

lgd_status adaptation_tell(const adaptation *a, lgd_arena *arena, lgd_summary *summary, lgd_err *err) {
    size_t n = a->adapt ? lgd_adapt_n_phases(a->adapt) : 0, n_bytes = n * sizeof(lgd_learned);
    lgd_learned *rows = n ? lgd_arena_alloc(arena, n_bytes) : NULL;
    if (n && !rows) return lgd_fail_memory(err, n_bytes);
    for (size_t i = 0; i < n; i++) {
        const lgd_phase *p = lgd_adapt_phase(a->adapt, i);
        lgd_buf text = {0};
        rows[i] = (lgd_learned){.since_ns = p->since_ns, .sessions = p->sessions, .of = p->of};
        say_phase(a, p, &text);
        bool ok = !text.failed && lgd_arena_copy(arena, lgd_buf_sv(&text), &rows[i].text);
        lgd_buf_release(&text);
        if (!ok) return lgd_fail_memory(err, 256);
    }
    summary->learned = rows;
    summary->n_learned = n;
    summary->adapts = a->adapt != NULL;
    return LGD_OK;
}
