/*
 * template/store: the frozen table. Signatures seen in training map to their pattern by an exact lookup, so a trained
 * line always matches its own template again; others go to the best pattern that fits (match.c).
 *
 * Saved form: templates {text, count}, patterns {template, count, tokens}, signatures {pattern, bytes}.
 */
#include "store.h"

#include "miner.h"
#include "symbols.h"

enum { MAX_SAVED = 1u << 20 }; /* entries of a table that a model file may claim */

size_t lgd_store_n_templates(const lgd_store *s) { return s->n_templates; }
size_t lgd_store_n_patterns(const lgd_store *s) { return s->n_patterns; }
size_t lgd_store_n_signatures(const lgd_store *s) { return s->n_signatures; }
uint32_t lgd_store_n_slots(const lgd_store *s) { return s->n_slots; }
const lgd_template *lgd_store_template(const lgd_store *s, lgd_template_id id) { return &s->templates[id]; }
const lgd_pattern *lgd_store_pattern(const lgd_store *s, uint32_t pattern) { return &s->patterns[pattern]; }

void lgd_store_free(lgd_store *s) {
    if (!s) return;
    lgd_free(s->templates);
    lgd_free(s->patterns);
    lgd_free(s->signatures);
    lgd_free(s->names);
    lgd_index_release(&s->index);
    pattern_index_release(&s->by_shape);
    lgd_arena_release(&s->arena);
    lgd_free(s);
}

/* ---- exact lookup ---- */

static bool signature_equal(const void *ctx, uint32_t item, const void *key) {
    return lgd_sv_eq(((const lgd_store *)ctx)->signatures[item].bytes, *(const lgd_sv *)key);
}

uint32_t store_find(const lgd_store *s, lgd_sv signature_bytes, bool *ret_exact) {
    uint64_t hash = lgd_hash_sv(signature_bytes, s->hash_key);
    uint32_t item = lgd_index_find(&s->index, hash, signature_equal, s, &signature_bytes);
    *ret_exact = item != LGD_INDEX_NONE;
    return *ret_exact ? s->signatures[item].pattern : match_pattern(s, signature_bytes);
}

uint32_t lgd_store_find(const lgd_store *s, lgd_sv signature_bytes) {
    bool exact;
    return store_find(s, signature_bytes, &exact);
}

/* ---- making ---- */

/* Counts the tokens and slots of every pattern and finds the slots' names. */
static lgd_status number_slots(lgd_store *s, lgd_err *err) {
    for (size_t i = 0; i < s->n_patterns; i++) {
        lgd_pattern *p = &s->patterns[i];
        p->slot_base = s->n_slots;
        p->n_slots = (uint32_t)slot_count(p->tokens, &p->n_tokens);
        s->n_slots += p->n_slots;
    }
    s->names = lgd_calloc(s->n_slots, sizeof *s->names);
    if (!s->names) return lgd_fail_memory(err, s->n_slots * sizeof *s->names);
    for (size_t i = 0; i < s->n_patterns; i++) {
        lgd_pattern *p = &s->patterns[i];
        p->names = s->names + p->slot_base;
        (void)slot_names(p->tokens, s->names + p->slot_base, p->n_slots);
    }
    return LGD_OK;
}

/* Derives what is not saved, and builds the indices. */
lgd_status store_finish(lgd_store *s, lgd_err *err) {
    LGD_TRY(number_slots(s, err));
    for (size_t i = 0; i < s->n_signatures; i++) {
        lgd_sv bytes = s->signatures[i].bytes;
        uint64_t hash = lgd_hash_sv(bytes, s->hash_key);
        if (lgd_index_find(&s->index, hash, signature_equal, s, &bytes) != LGD_INDEX_NONE)
            return lgd_fail(err, LGD_E_DAMAGED, "templates: the same signature twice");
        LGD_TRY(lgd_index_add(&s->index, hash, (uint32_t)i, err));
    }
    return pattern_index_build(s, err);
}

lgd_status store_allocate(lgd_store *s, size_t n_templates, size_t n_patterns, size_t n_signatures, lgd_err *err) {
    s->templates = lgd_calloc(n_templates, sizeof *s->templates);
    s->patterns = lgd_calloc(n_patterns, sizeof *s->patterns);
    s->signatures = lgd_calloc(n_signatures, sizeof *s->signatures);
    if (!s->templates || !s->patterns || !s->signatures)
        return lgd_fail_memory(err, n_signatures * sizeof *s->signatures);
    s->n_templates = n_templates;
    s->n_patterns = n_patterns;
    s->n_signatures = n_signatures;
    return LGD_OK;
}

lgd_status store_keep(lgd_store *s, lgd_sv text, lgd_sv *ret, lgd_err *err) {
    return lgd_arena_copy(&s->arena, text, ret) ? LGD_OK : lgd_fail_memory(err, text.n);
}

static lgd_status fill(lgd_store *s, const sig_row *rows, const clustering *c, lgd_err *err) {
    for (size_t i = 0; i < s->n_templates; i++) {
        s->templates[i].count = c->templates[i].count;
        LGD_TRY(store_keep(s, c->templates[i].text, &s->templates[i].text, err));
    }
    for (size_t i = 0; i < s->n_patterns; i++) {
        s->patterns[i].template_id = c->parts[i].template_id;
        s->patterns[i].count = c->parts[i].count;
        LGD_TRY(store_keep(s, c->parts[i].pattern, &s->patterns[i].tokens, err));
    }
    for (size_t i = 0; i < s->n_signatures; i++) {
        s->signatures[i].pattern = c->part_of[i];
        LGD_TRY(store_keep(s, rows[i].bytes, &s->signatures[i].bytes, err));
    }
    return store_finish(s, err);
}

lgd_status store_make(const sig_row *rows, size_t n_rows, const clustering *c, uint64_t hash_key, lgd_store **ret,
                      lgd_err *err) {
    lgd_store *s = lgd_calloc(1, sizeof *s);
    if (!s) return lgd_fail_memory(err, sizeof *s);
    s->hash_key = hash_key;
    lgd_status status = store_allocate(s, c->n_templates, c->n_parts, n_rows, err);
    if (status == LGD_OK) status = fill(s, rows, c, err);
    if (status == LGD_OK)
        *ret = s;
    else
        lgd_store_free(s);
    return status;
}

/* ---- saved form ---- */

lgd_status lgd_store_save(const lgd_store *s, lgd_buf *out, lgd_err *err) {
    lgd_put_u32(out, (uint32_t)s->n_templates);
    for (size_t i = 0; i < s->n_templates; i++) {
        lgd_put_u64(out, s->templates[i].count);
        lgd_put_sv(out, s->templates[i].text);
    }
    lgd_put_u32(out, (uint32_t)s->n_patterns);
    for (size_t i = 0; i < s->n_patterns; i++) {
        lgd_put_u32(out, s->patterns[i].template_id);
        lgd_put_u64(out, s->patterns[i].count);
        lgd_put_sv(out, s->patterns[i].tokens);
    }
    lgd_put_u32(out, (uint32_t)s->n_signatures);
    for (size_t i = 0; i < s->n_signatures; i++) {
        lgd_put_u32(out, s->signatures[i].pattern);
        lgd_put_sv(out, s->signatures[i].bytes);
    }
    return out->failed ? lgd_fail_memory(err, out->n) : LGD_OK;
}

static size_t n_tokens_of(lgd_sv rest) {
    lgd_sv text;
    bool space;
    size_t n = 0;
    while (token_next(&rest, &text, &space)) n++;
    return n;
}

/* Every token starts with its spacing byte, and there are no more than the lexer makes. */
static bool is_encoded(lgd_sv s) {
    return s.n == 0 || ((s.p[0] == SYM_SPACED || s.p[0] == SYM_GLUED) && n_tokens_of(s) <= LGD_MAX_TOKENS + 1);
}

static lgd_status read_templates(lgd_store *s, lgd_cursor *c, lgd_err *err) {
    for (size_t i = 0; i < s->n_templates && !c->bad; i++) {
        s->templates[i].count = lgd_get_u64(c);
        LGD_TRY(store_keep(s, lgd_get_sv(c), &s->templates[i].text, err));
    }
    return LGD_OK;
}

static lgd_status read_patterns(lgd_store *s, lgd_cursor *c, lgd_err *err) {
    for (size_t i = 0; i < s->n_patterns && !c->bad; i++) {
        s->patterns[i].template_id = lgd_get_u32(c);
        s->patterns[i].count = lgd_get_u64(c);
        LGD_TRY(store_keep(s, lgd_get_sv(c), &s->patterns[i].tokens, err));
        c->bad |= s->patterns[i].template_id >= s->n_templates || !is_encoded(s->patterns[i].tokens);
    }
    return LGD_OK;
}

static lgd_status read_signatures(lgd_store *s, lgd_cursor *c, lgd_err *err) {
    for (size_t i = 0; i < s->n_signatures && !c->bad; i++) {
        uint32_t pattern = s->signatures[i].pattern = lgd_get_u32(c);
        LGD_TRY(store_keep(s, lgd_get_sv(c), &s->signatures[i].bytes, err));
        c->bad |= pattern >= s->n_patterns || !is_encoded(s->signatures[i].bytes);
        c->bad = c->bad || n_tokens_of(s->signatures[i].bytes) != n_tokens_of(s->patterns[pattern].tokens);
    }
    return LGD_OK;
}

static lgd_status load(lgd_store *s, lgd_cursor *c, lgd_err *err) {
    size_t n = lgd_get_count(c, 12);
    if (n > MAX_SAVED) c->bad = true;
    if (!c->bad && !(s->templates = lgd_calloc(n, sizeof *s->templates))) return lgd_fail_memory(err, n);
    s->n_templates = c->bad ? 0 : n;
    LGD_TRY(read_templates(s, c, err));
    n = lgd_get_count(c, 16);
    if (n > MAX_SAVED) c->bad = true;
    if (!c->bad && !(s->patterns = lgd_calloc(n, sizeof *s->patterns))) return lgd_fail_memory(err, n);
    s->n_patterns = c->bad ? 0 : n;
    LGD_TRY(read_patterns(s, c, err));
    n = lgd_get_count(c, 8);
    if (n > MAX_SAVED) c->bad = true;
    if (!c->bad && !(s->signatures = lgd_calloc(n, sizeof *s->signatures))) return lgd_fail_memory(err, n);
    s->n_signatures = c->bad ? 0 : n;
    LGD_TRY(read_signatures(s, c, err));
    LGD_TRY(lgd_cursor_done(c, "templates", err));
    return store_finish(s, err);
}

lgd_status lgd_store_load(lgd_sv bytes, uint64_t hash_key, lgd_store **ret_store, lgd_err *err) {
    lgd_store *s = lgd_calloc(1, sizeof *s);
    if (!s) return lgd_fail_memory(err, sizeof *s);
    s->hash_key = hash_key;
    lgd_cursor c = lgd_cursor_of(bytes);
    lgd_status status = load(s, &c, err);
    if (status == LGD_OK)
        *ret_store = s;
    else
        lgd_store_free(s);
    return status;
}
