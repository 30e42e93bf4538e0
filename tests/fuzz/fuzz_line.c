/*
 * Lines of arbitrary bytes through the whole way of a parse: profile, cut, lexer, miner, store, values. What was learned
 * is found again, before and after the store has been saved, with a value for each of its slots.
 */
#include "fuzz.h"

#include "logdetect/format.h"
#include "logdetect/template.h"

#include <math.h>

enum { MAX_LINES = 256, MAX_VALUES = 2048 };

static bool inside(lgd_sv part, lgd_sv whole) {
    return part.n == 0 || (part.p >= whole.p && part.p + part.n <= whole.p + whole.n);
}

static void check_value(const lgd_value *v, lgd_sv message) {
    double number = 0;
    lgd_sv unit;
    MUST(inside(v->text, message) && v->type < LGD_VALUE_TYPES && v->name.n <= 32);
    if (lgd_value_unit(v->text, &number, &unit)) MUST(isfinite(number) && inside(unit, v->text));
}

static void check_line(const lgd_store *store, const lgd_store *loaded, lgd_lexer *lexer, lgd_sv message) {
    static lgd_value values[MAX_VALUES];
    lgd_signature s;
    lgd_buf text = {0};
    MUST(lgd_lex(lexer, message, &s, NULL) == LGD_OK);
    uint32_t found = lgd_store_find(store, s.bytes);
    MUST(found < lgd_store_n_patterns(store));
    MUST(found == lgd_store_find(loaded, s.bytes));
    const lgd_pattern *p = lgd_store_pattern(store, found);
    MUST(p->template_id < lgd_store_n_templates(store) && p->slot_base + p->n_slots <= lgd_store_n_slots(store));
    size_t n = lgd_pattern_values(p, &s, message, values, MAX_VALUES);
    MUST(n == p->n_slots);
    for (size_t i = 0; i < n; i++) check_value(&values[i], message);
    n = lgd_signature_values(&s, message, values, MAX_VALUES);
    for (size_t i = 0; i < n; i++) check_value(&values[i], message);
    lgd_signature_render(s.bytes, &text);
    lgd_buf_release(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n_bytes) {
    lgd_sv input = {(const char *)bytes, n_bytes}, lines[MAX_LINES];
    lgd_profile *profile = NULL;
    lgd_miner *miner = NULL;
    lgd_store *store = NULL, *loaded = NULL;
    lgd_lexer lexer = {0};
    lgd_arena arena = {0};
    lgd_cutter *cutter = NULL;
    lgd_buf saved = {0};
    size_t n = 0;
    for (; n < MAX_LINES && input.n; n++) lines[n] = fuzz_line(&input);
    MUST(lgd_cutter_new(&arena, &cutter, NULL) == LGD_OK);
    MUST(lgd_profile_learn(NULL, lines, n, &profile, NULL) == LGD_OK);
    MUST(lgd_miner_new(fuzz_hash_key, 64, &miner, NULL) == LGD_OK);
    for (size_t i = 0; i < n; i++) {
        lgd_cut cut;
        lgd_signature s;
        MUST(lgd_profile_cut(profile, lines[i], cutter, &cut, NULL) == LGD_OK);
        MUST(cut.header.message.n > 0 || lgd_sv_trim(lines[i]).n == 0);
        lines[i] = cut.header.message;
        MUST(lgd_lex(&lexer, lines[i], &s, NULL) == LGD_OK && s.n_tokens <= LGD_MAX_TOKENS);
        MUST(lgd_miner_add(miner, s.bytes, s.raw_bytes, NULL) == LGD_OK);
    }
    MUST(lgd_miner_freeze(miner, &store, NULL) == LGD_OK && lgd_store_save(store, &saved, NULL) == LGD_OK);
    MUST(lgd_store_load(lgd_buf_sv(&saved), fuzz_hash_key + 1, &loaded, NULL) == LGD_OK);
    for (size_t i = 0; i < n && !lgd_miner_n_dropped(miner); i++) check_line(store, loaded, &lexer, lines[i]);
    lgd_store_free(loaded);
    lgd_store_free(store);
    lgd_miner_free(miner);
    lgd_profile_free(profile);
    lgd_cutter_free(cutter);
    lgd_lexer_release(&lexer);
    lgd_arena_release(&arena);
    lgd_buf_release(&saved);
    return 0;
}
