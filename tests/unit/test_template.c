/*
 * Tests of room template behind the lexer (examples of clustering: test_cluster.c), the promises of a store: the order of
 * lines does not matter, every trained line is found again, no damaged byte does harm.
 */
#include "logdetect/template.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

Suite *template_suite(void);

static const uint64_t hash_key = 0x5eed;

static lgd_signature lex(lgd_lexer *x, lgd_sv message) {
    lgd_signature s;
    if (lgd_lex(x, message, &s, NULL) != LGD_OK) ck_abort_msg("not lexed");
    return s;
}

/* ---- mining ---- */

static lgd_miner *miner(size_t max_signatures) {
    lgd_miner *m = NULL;
    ck_assert_int_eq(lgd_miner_new(hash_key, max_signatures, &m, NULL), LGD_OK);
    return m;
}

static lgd_status add(lgd_miner *m, lgd_lexer *x, lgd_sv line, lgd_err *err) {
    lgd_signature s;
    LGD_TRY(lgd_lex(x, line, &s, err));
    return lgd_miner_add(m, s.bytes, s.raw_bytes, err);
}

static lgd_store *freeze(lgd_miner *m) {
    lgd_store *s = NULL;
    lgd_err err = {0};
    ck_assert_msg(lgd_miner_freeze(m, &s, &err) == LGD_OK, "%s", err.text);
    lgd_miner_free(m);
    return s;
}

static lgd_store *learn(const lgd_sv *lines, size_t n) {
    lgd_miner *m = miner(0);
    lgd_lexer x = {0};
    for (size_t i = 0; i < n; i++)
        if (add(m, &x, lines[i], NULL) != LGD_OK) ck_abort_msg("line %zu", i);
    lgd_lexer_release(&x);
    return freeze(m);
}

static uint32_t pattern_of(const lgd_store *s, lgd_sv line) {
    lgd_lexer x = {0};
    uint32_t p = lgd_store_find(s, lex(&x, line).bytes);
    lgd_lexer_release(&x);
    return p;
}

/* The text of a line's template; empty if it has none. */
static lgd_sv template_of(const lgd_store *s, lgd_sv line) {
    uint32_t p = pattern_of(s, line);
    return p == LGD_NO_PATTERN ? (lgd_sv){"", 0} : lgd_store_template(s, lgd_store_pattern(s, p)->template_id)->text;
}

/* ---- a small log with all of it ---- */

enum { CORPUS = 1200 };

typedef struct corpus {
    lgd_arena arena;
    lgd_sv lines[CORPUS];
} corpus;

static const char *const words[] = {"alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta"};
static const char *const verbs[] = {"Started", "Paused", "Resumed"};

static void put_line(lgd_buf *b, lgd_rng *r) {
    uint32_t n = lgd_rng_below(r, 1000000);
    const char *word = words[lgd_rng_below(r, 8)], *verb = verbs[lgd_rng_below(r, 3)];
    switch (lgd_rng_below(r, 10)) {
    case 0:
        lgd_buf_printf(b, "Received block blk_%u of size %u from /10.0.%u.%u:50010", n, n / 3, n % 256, n % 7);
        break;
    case 1: lgd_buf_printf(b, "disk %s is mounted read only after %u ms", word, n); break;
    case 2: lgd_buf_printf(b, "job %u has %s on the node", n % 50, verb); break;
    case 3: lgd_buf_printf(b, "session opened for user %s by (uid=%u)", word, n % 3); break;
    case 4: lgd_buf_printf(b, "GET /api/v1/%s?id=%u 200 %ums", word, n, n % 900); break;
    case 5: lgd_buf_printf(b, "queue sizes %u, %u, %u", n, n + 1, n + 2); break;
    case 6:
        lgd_buf_printf(b, "replicas");
        for (uint32_t i = 0; i < 3 + n % 4; i++) lgd_buf_printf(b, " 10.0.0.%u%s", i, n % 2 ? "," : "");
        break;
    case 7: lgd_buf_printf(b, "auth failure; rhost=%s user=%s", n % 2 ? "10.0.0.1" : "", word); break;
    case 8: lgd_buf_printf(b, "%s:%u closed", n % 2 ? "peer" : "host.example.com", n % 65536); break;
    default: lgd_buf_printf(b, "%s %s", word, verb); break;
    }
}

static void corpus_make(corpus *c) {
    lgd_rng r;
    lgd_rng_init(&r, 4);
    lgd_buf b = {0};
    for (size_t i = 0; i < CORPUS; i++) {
        lgd_buf_clear(&b);
        put_line(&b, &r);
        if (!lgd_arena_copy(&c->arena, lgd_buf_sv(&b), &c->lines[i])) ck_abort_msg("memory");
    }
    lgd_buf_release(&b);
}

static void shuffle(corpus *c, uint64_t seed) {
    lgd_rng r;
    lgd_rng_init(&r, seed);
    for (uint32_t i = CORPUS; i > 1; i--) {
        uint32_t k = lgd_rng_below(&r, i);
        lgd_sv swap = c->lines[k];
        c->lines[k] = c->lines[i - 1];
        c->lines[i - 1] = swap;
    }
}

static void expect_same_tables(const lgd_store *a, const lgd_store *b) {
    ck_assert_uint_eq(lgd_store_n_templates(a), lgd_store_n_templates(b));
    ck_assert_uint_eq(lgd_store_n_patterns(a), lgd_store_n_patterns(b));
    ck_assert_uint_eq(lgd_store_n_signatures(a), lgd_store_n_signatures(b));
    ck_assert_uint_eq(lgd_store_n_slots(a), lgd_store_n_slots(b));
    for (lgd_template_id i = 0; i < lgd_store_n_templates(a); i++) {
        const lgd_template *x = lgd_store_template(a, i), *y = lgd_store_template(b, i);
        ck_assert_msg(lgd_sv_eq(x->text, y->text) && x->count == y->count, "template %u: %.*s | %.*s", i,
                      (int)x->text.n, x->text.p, (int)y->text.n, y->text.p);
    }
    for (uint32_t i = 0; i < lgd_store_n_patterns(a); i++) {
        const lgd_pattern *x = lgd_store_pattern(a, i), *y = lgd_store_pattern(b, i);
        ck_assert(lgd_sv_eq(x->tokens, y->tokens) && x->template_id == y->template_id && x->count == y->count);
        ck_assert(x->n_tokens == y->n_tokens && x->slot_base == y->slot_base && x->n_slots == y->n_slots);
    }
}

START_TEST(test_the_order_of_lines_does_not_matter) {
    corpus c = {0};
    corpus_make(&c);
    lgd_store *first = learn(c.lines, CORPUS);
    ck_assert_uint_ge(lgd_store_n_templates(first), 10);
    for (uint64_t seed = 1; seed <= 3; seed++) {
        shuffle(&c, seed);
        lgd_store *again = learn(c.lines, CORPUS);
        expect_same_tables(first, again);
        lgd_store_free(again);
    }
    lgd_store_free(first);
    lgd_arena_release(&c.arena);
}
END_TEST

/* Lists of one shape and many spacings, and one of another shape: whichever comes first. */
START_TEST(test_the_order_of_lists_does_not_matter) {
    static const char *const lists[] = {
        "set 10.0.0.1 10.0.0.2 10.0.0.3 10.0.0.4", "set 10.0.0.1,10.0.0.2 10.0.0.3 10.0.0.4",
        "set 10.0.0.1, 10.0.0.2, 10.0.0.3",        "set 10.0.0.1,10.0.0.2, 10.0.0.3",
        "set 10.0.0.1, 10.0.0.2,10.0.0.3",         "set 10.0.0.1,10.0.0.2,10.0.0.3",
        "set 10.0.0.1 ,10.0.0.2,10.0.0.3"};
    enum { N = sizeof lists / sizeof *lists };
    lgd_sv text = {0};
    lgd_store *first = NULL;
    for (size_t turn = 0; turn < N; turn++) {
        lgd_sv lines[N];
        for (size_t i = 0; i < N; i++) lines[i] = lgd_sv_of(lists[(i + turn) % N]);
        lgd_store *s = learn(lines, N);
        ck_assert_uint_eq(lgd_store_n_templates(s), 1);
        if (!first) text = lgd_store_template(s, 0)->text;
        lgd_sv now = lgd_store_template(s, 0)->text;
        ck_assert_msg(lgd_sv_eq(text, now), "'%.*s', and '%.*s'", (int)text.n, text.p, (int)now.n, now.p);
        if (first)
            lgd_store_free(s);
        else
            first = s;
    }
    lgd_store_free(first);
}
END_TEST

START_TEST(test_every_trained_line_finds_its_template) {
    corpus c = {0};
    corpus_make(&c);
    lgd_store *s = learn(c.lines, CORPUS);
    uint64_t *counts = lgd_calloc(lgd_store_n_templates(s), sizeof *counts), sum = 0;
    for (size_t i = 0; i < CORPUS; i++) {
        uint32_t p = pattern_of(s, c.lines[i]);
        if (p == LGD_NO_PATTERN) ck_abort_msg("%.*s", (int)c.lines[i].n, c.lines[i].p);
        counts[lgd_store_pattern(s, p)->template_id]++;
    }
    for (lgd_template_id i = 0; i < lgd_store_n_templates(s); i++) {
        ck_assert_uint_eq(counts[i], lgd_store_template(s, i)->count);
        ck_assert(i == 0 || lgd_store_template(s, i - 1)->count >= counts[i]);
        sum += counts[i];
    }
    ck_assert_uint_eq(sum, CORPUS);
    lgd_free(counts);
    lgd_store_free(s);
    lgd_arena_release(&c.arena);
}
END_TEST

START_TEST(test_nothing_can_be_learned_from_nothing) {
    lgd_store *s = learn(NULL, 0);
    ck_assert_uint_eq(lgd_store_n_templates(s), 0);
    ck_assert_uint_eq(pattern_of(s, LGD_SV("anything")), LGD_NO_PATTERN);
    lgd_store_free(s);
    s = learn(&(lgd_sv){"", 0}, 1);
    ck_assert_uint_eq(lgd_store_n_templates(s), 1);
    ck_assert_uint_eq(pattern_of(s, LGD_SV(" ")), 0);
    lgd_store_free(s);
}
END_TEST

/* Five places of five words each: if all were constant, every line would be a template, at a cost of their square. */
START_TEST(test_places_of_few_words_do_not_multiply) {
    enum { LINES = 5 * 5 * 5 * 5 * 5 };
    lgd_miner *m = miner(0);
    lgd_lexer x = {0};
    lgd_buf b = {0};
    for (uint32_t i = 0; i < LINES; i++) {
        lgd_buf_clear(&b);
        lgd_buf_printf(&b, "the doors of all these rooms were painted in the colours");
        for (uint32_t k = 0, rest = i; k < 5; k++, rest /= 5) lgd_buf_printf(&b, " %s", words[rest % 5]);
        if (add(m, &x, lgd_buf_sv(&b), NULL) != LGD_OK) ck_abort_msg("line %u", i);
    }
    lgd_store *s = freeze(m);
    ck_assert_uint_lt(lgd_store_n_templates(s), LINES / 2);
    ck_assert_uint_ne(pattern_of(s, lgd_buf_sv(&b)), LGD_NO_PATTERN);
    lgd_store_free(s);
    lgd_buf_release(&b);
    lgd_lexer_release(&x);
}
END_TEST

/* ---- values ---- */

START_TEST(test_values_stand_in_their_slots) {
    static const char *const lines[] = {"GET /x took 5 ms from 10.0.0.1, dumped core.17 for alpha at last",
                                        "GET /y took 7 ms from 10.0.0.2, dumped core.18 for beta at last",
                                        "GET /y took 7 ms from 10.0.0.2, dumped core.18 for gamma at last",
                                        "GET /y took 7 ms from 10.0.0.2, dumped core.18 for delta at last",
                                        "GET /y took 7 ms from 10.0.0.2, dumped core.18 for eta at last",
                                        "GET /y took 7 ms from 10.0.0.2, dumped core.18 for zeta at last"};
    static const struct {
        const char *text;
        lgd_value_type type;
    } expected[] = {{"/longer/path", LGD_VALUE_PATH},
                    {"123", LGD_VALUE_NUMBER},
                    {"10.9.9.9:80", LGD_VALUE_IP},
                    {"2275", LGD_VALUE_NUMBER},
                    {"omega", LGD_VALUE_NONE}};
    lgd_sv views[6],
        message = LGD_SV("GET /longer/path took 123 ms from 10.9.9.9:80, dumped core.2275 for omega at last");
    for (size_t i = 0; i < 6; i++) views[i] = lgd_sv_of(lines[i]);
    lgd_store *s = learn(views, 6);
    lgd_lexer x = {0};
    lgd_signature signature = lex(&x, message);
    uint32_t number = lgd_store_find(s, signature.bytes);
    ck_assert_uint_ne(number, LGD_NO_PATTERN);
    const lgd_pattern *p = lgd_store_pattern(s, number);
    lgd_value values[8];
    size_t n = lgd_pattern_values(p, &signature, message, values, 8);
    ck_assert_uint_eq(n, 5);
    ck_assert_uint_eq(p->n_slots, 5);
    for (size_t i = 0; i < n; i++) {
        ck_assert_msg(lgd_sv_eq(values[i].text, lgd_sv_of(expected[i].text)), "value %zu: %.*s", i,
                      (int)values[i].text.n, values[i].text.p);
        ck_assert_int_eq(values[i].type, expected[i].type);
    }
    ck_assert_uint_eq(lgd_pattern_values(p, &signature, message, values, 2), 2);
    lgd_lexer_release(&x);
    lgd_store_free(s);
}
END_TEST

START_TEST(test_slots_are_numbered_one_after_the_other) {
    corpus c = {0};
    corpus_make(&c);
    lgd_store *s = learn(c.lines, CORPUS);
    uint32_t next = 0;
    for (uint32_t i = 0; i < lgd_store_n_patterns(s); i++) {
        ck_assert_uint_eq(lgd_store_pattern(s, i)->slot_base, next);
        next += lgd_store_pattern(s, i)->n_slots;
    }
    ck_assert_uint_eq(lgd_store_n_slots(s), next);
    lgd_store_free(s);
    lgd_arena_release(&c.arena);
}
END_TEST

/* ---- a full table ---- */

/* Distinct words without digits. */
static void put_word(lgd_buf *b, uint32_t i) {
    lgd_buf_add_char(b, 'q');
    for (int k = 0; k < 4; k++, i /= 26) lgd_buf_add_char(b, (char)('a' + i % 26));
}

static void put_distinct(lgd_buf *b, uint32_t i) {
    lgd_buf_clear(b);
    lgd_buf_printf(b, "module %s says that item ", words[i % 8]);
    put_word(b, i);
    lgd_buf_printf(b, " was seen by the %s for the first time", words[i % 4]);
}

START_TEST(test_a_full_table_stays_bounded_and_matches) {
    enum { LINES = 10000, MOST = 50 };
    lgd_miner *m = miner(MOST);
    lgd_lexer x = {0};
    lgd_buf b = {0};
    for (uint32_t i = 0; i < LINES; i++) {
        put_distinct(&b, i);
        if (add(m, &x, lgd_buf_sv(&b), NULL) != LGD_OK) ck_abort_msg("line %u", i);
        if (lgd_miner_n_signatures(m) > MOST) ck_abort_msg("%zu signatures", lgd_miner_n_signatures(m));
    }
    lgd_store *s = freeze(m);
    uint32_t found = 0;
    for (uint32_t i = 0; i < LINES; i++) {
        put_distinct(&b, i);
        found += lgd_store_find(s, lex(&x, lgd_buf_sv(&b)).bytes) != LGD_NO_PATTERN;
    }
    ck_assert_uint_le(lgd_store_n_templates(s), MOST);
    ck_assert_uint_ge(found, LINES * 9 / 10);
    lgd_store_free(s);
    lgd_buf_release(&b);
    lgd_lexer_release(&x);
}
END_TEST

START_TEST(test_second_words_without_end_are_one_template) {
    lgd_miner *m = miner(0);
    lgd_lexer x = {0};
    lgd_buf b = {0};
    for (uint32_t i = 0; i < 1000; i++) { /* more than are compared in a leaf */
        lgd_buf_clear(&b);
        lgd_buf_printf(&b, "removing ");
        put_word(&b, i);
        if (add(m, &x, lgd_buf_sv(&b), NULL) != LGD_OK) ck_abort_msg("line %u", i);
    }
    lgd_store *s = freeze(m);
    ck_assert_uint_eq(lgd_store_n_templates(s), 1);
    lgd_store_free(s);
    lgd_buf_release(&b);
    lgd_lexer_release(&x);
}
END_TEST

START_TEST(test_a_full_table_of_strangers_counts_what_it_drops) {
    enum { LINES = 2000, MOST = 50 };
    lgd_miner *m = miner(MOST);
    lgd_lexer x = {0};
    lgd_buf b = {0};
    for (uint32_t i = 0; i < LINES; i++) {
        lgd_buf_clear(&b); /* nothing in common: a first word and a length of its own */
        for (uint32_t k = 0; k < 1 + i % 20; k++) {
            put_word(&b, i * 31 + k * 7919);
            lgd_buf_add_char(&b, ' ');
        }
        if (add(m, &x, lgd_buf_sv(&b), NULL) != LGD_OK) ck_abort_msg("line %u", i);
        if (add(m, &x, LGD_SV("heartbeat 5 of all"), NULL) != LGD_OK) ck_abort_msg("line %u", i);
    }
    ck_assert_uint_le(lgd_miner_n_signatures(m), MOST);
    ck_assert_uint_gt(lgd_miner_n_dropped(m), 0);
    ck_assert_uint_ge(lgd_miner_n_dropped_events(m), lgd_miner_n_dropped(m));
    ck_assert_uint_lt(lgd_miner_n_dropped_events(m), LINES); /* the heartbeat is not among them */
    lgd_store *s = freeze(m);
    ck_assert(lgd_sv_eq(template_of(s, LGD_SV("heartbeat 6 of all")), LGD_SV("heartbeat <*> of all")));
    lgd_store_free(s);
    lgd_buf_release(&b);
    lgd_lexer_release(&x);
}
END_TEST

/* ---- saved form ---- */

static lgd_status load(lgd_sv bytes, uint64_t key, lgd_store **ret) {
    lgd_err err = {0};
    return lgd_store_load(bytes, key, ret, &err);
}

START_TEST(test_a_store_comes_back_the_same_under_another_key) {
    corpus c = {0};
    lgd_buf saved = {0}, again = {0};
    lgd_store *back = NULL;
    corpus_make(&c);
    lgd_store *s = learn(c.lines, CORPUS);
    ck_assert_int_eq(lgd_store_save(s, &saved, NULL), LGD_OK);
    ck_assert_int_eq(load(lgd_buf_sv(&saved), ~hash_key, &back), LGD_OK);
    expect_same_tables(s, back);
    ck_assert_int_eq(lgd_store_save(back, &again, NULL), LGD_OK);
    ck_assert(lgd_sv_eq(lgd_buf_sv(&saved), lgd_buf_sv(&again)));
    for (size_t i = 0; i < CORPUS; i++)
        if (pattern_of(s, c.lines[i]) != pattern_of(back, c.lines[i])) ck_abort_msg("line %zu", i);
    lgd_store_free(back);
    lgd_store_free(s);
    lgd_buf_release(&saved);
    lgd_buf_release(&again);
    lgd_arena_release(&c.arena);
}
END_TEST

/* Two equal signatures could never both be found; many of them would make the index slow. */
START_TEST(test_a_signature_that_is_there_twice_is_damaged) {
    lgd_store *s = NULL;
    lgd_buf saved = {0};
    lgd_put_u32(&saved, 1);
    lgd_put_u64(&saved, 2);
    lgd_put_sv(&saved, LGD_SV("go"));
    lgd_put_u32(&saved, 1);
    lgd_put_u32(&saved, 0);
    lgd_put_u64(&saved, 2);
    lgd_put_sv(&saved, LGD_SV("\2go"));
    lgd_put_u32(&saved, 2);
    for (int i = 0; i < 2; i++) {
        lgd_put_u32(&saved, 0);
        lgd_put_sv(&saved, LGD_SV("\2go"));
    }
    ck_assert_int_eq(load(lgd_buf_sv(&saved), hash_key, &s), LGD_E_DAMAGED);
    lgd_buf_release(&saved);
}
END_TEST

/* Uses everything of a store that was made from damaged bytes. */
static void exercise(const lgd_store *s, const lgd_sv *lines, size_t n) {
    lgd_lexer x = {0};
    lgd_buf text = {0};
    lgd_value values[LGD_MAX_TOKENS];
    for (size_t i = 0; i < n; i++) {
        lgd_signature signature;
        if (lgd_lex(&x, lines[i], &signature, NULL) != LGD_OK) ck_abort_msg("memory");
        uint32_t p = lgd_store_find(s, signature.bytes);
        if (p == LGD_NO_PATTERN) continue;
        const lgd_pattern *pattern = lgd_store_pattern(s, p);
        size_t found = lgd_pattern_values(pattern, &signature, lines[i], values, LGD_MAX_TOKENS);
        for (size_t v = 0; v < found; v++) lgd_buf_add_sv(&text, values[v].text);
        lgd_buf_add_sv(&text, lgd_store_template(s, pattern->template_id)->text);
        lgd_signature_render(pattern->tokens, &text);
    }
    lgd_buf_release(&text);
    lgd_lexer_release(&x);
}

START_TEST(test_no_damaged_byte_does_harm) {
    static const char *const lines[] = {
        "job 5 has Started on it", "job 5 has Paused on it", "core.5 was dumped", "k= 1, 2, 3", "alpha beta gamma", ""};
    static const unsigned char flips[] = {0x01, 0x02, 0x04, 0x80, 0xff};
    lgd_sv views[6];
    lgd_buf saved = {0};
    size_t accepted = 0;
    for (size_t i = 0; i < 6; i++) views[i] = lgd_sv_of(lines[i]);
    lgd_store *s = learn(views, 6), *back = NULL;
    ck_assert_int_eq(lgd_store_save(s, &saved, NULL), LGD_OK);
    for (size_t n = 0; n < saved.n; n++) {
        char *copy = malloc(n ? n : 1);
        memcpy(copy, saved.p, n);
        if (load((lgd_sv){copy, n}, hash_key, &back) != LGD_E_DAMAGED) ck_abort_msg("%zu bytes were taken", n);
        free(copy);
    }
    for (size_t i = 0; i < saved.n * 5; i++) {
        saved.p[i / 5] = (char)(saved.p[i / 5] ^ flips[i % 5]);
        lgd_status status = load(lgd_buf_sv(&saved), hash_key, &back);
        if (status == LGD_OK) {
            accepted++;
            exercise(back, views, 6);
            lgd_store_free(back);
        } else if (status != LGD_E_DAMAGED) {
            ck_abort_msg("flip %zu: status %d", i, status);
        }
        saved.p[i / 5] = (char)(saved.p[i / 5] ^ flips[i % 5]);
    }
    ck_assert_uint_lt(accepted, saved.n * 5);
    lgd_buf_add_char(&saved, 0);
    ck_assert_int_eq(load(lgd_buf_sv(&saved), hash_key, &back), LGD_E_DAMAGED);
    lgd_buf_release(&saved);
    lgd_store_free(s);
}
END_TEST

/* ---- memory ---- */

static lgd_status mine_save_load(lgd_buf *saved, lgd_err *err) {
    static const char *const lines[] = {
        "job 5 has Started on it", "job 5 has Paused on it", "set 1, 2, 3",
        "set 1, 2, 3, 4",          "peer:5 closed it now",   "10.0.0.1:80 closed it now"};
    lgd_miner *m = NULL;
    lgd_store *s = NULL, *back = NULL;
    lgd_newcomers *n = NULL;
    lgd_template_id id;
    bool first;
    lgd_lexer x = {0};
    lgd_status status = lgd_miner_new(hash_key, 5, &m, err);
    for (size_t i = 0; i < 6 && status == LGD_OK; i++) status = add(m, &x, lgd_sv_of(lines[i]), err);
    if (status == LGD_OK) status = lgd_miner_freeze(m, &s, err);
    if (status == LGD_OK) status = lgd_store_save(s, saved, err);
    if (status == LGD_OK) status = lgd_store_load(lgd_buf_sv(saved), 1, &back, err);
    if (status == LGD_OK) status = lgd_newcomers_new(back, 1, &n, err);
    if (status == LGD_OK) status = lgd_newcomers_id(n, LGD_SV("\2a\1b"), &id, &first, err);
    lgd_newcomers_free(n);
    lgd_store_free(back);
    lgd_store_free(s);
    lgd_miner_free(m);
    lgd_lexer_release(&x);
    return status;
}

START_TEST(test_failing_allocations_are_told) {
    lgd_status status = LGD_E_MEMORY;
    uint64_t k = 0;
    while (status != LGD_OK) {
        lgd_buf saved = {0};
        lgd_err err = {0};
        k++;
        lgd_alloc_fail_at(k, k % 2 == 0);
        status = mine_save_load(&saved, &err);
        lgd_alloc_fail_at(0, false);
        if (status != LGD_OK && (status != LGD_E_MEMORY || !err.text[0])) ck_abort_msg("allocation %d", (int)k);
        lgd_buf_release(&saved);
    }
    ck_assert_uint_gt(k, 50);
}
END_TEST

/* ---- newcomers ---- */

START_TEST(test_newcomers_are_numbered_and_capped) {
    lgd_store *s = learn(&LGD_SV("only this"), 1);
    lgd_newcomers *n = NULL;
    lgd_lexer x = {0};
    lgd_buf b = {0};
    lgd_template_id id = 0;
    bool first = false;
    ck_assert_int_eq(lgd_newcomers_new(s, hash_key, &n, NULL), LGD_OK);
    for (uint32_t i = 0; i < LGD_MAX_NEWCOMERS + 10; i++) {
        lgd_buf_clear(&b);
        put_word(&b, i);
        lgd_signature signature = {0};
        if (lgd_lex(&x, lgd_buf_sv(&b), &signature, NULL) != LGD_OK) ck_abort_msg("memory");
        lgd_status status = lgd_newcomers_id(n, signature.bytes, &id, &first, NULL);
        bool fits = i < LGD_MAX_NEWCOMERS - 1; /* the last one stands for the rest */
        if (status != LGD_OK || first != fits || id != 1 + (fits ? i : LGD_MAX_NEWCOMERS - 1)) ck_abort_msg("%u", i);
    }
    ck_assert_uint_eq(lgd_newcomers_count(n), LGD_MAX_NEWCOMERS - 1);
    ck_assert(lgd_newcomers_is_full(n) && lgd_newcomers_is_rest(n, id) && !lgd_newcomers_is_rest(n, id - 1));
    ck_assert(lgd_sv_eq(lgd_newcomers_text(n, id), LGD_SV("<*>")));
    ck_assert_int_eq(lgd_newcomers_id(n, lex(&x, LGD_SV("qbaaa")).bytes, &id, &first, NULL), LGD_OK);
    ck_assert(id == 2 && !first);
    ck_assert(lgd_sv_eq(lgd_newcomers_text(n, 2), LGD_SV("qbaaa")));
    ck_assert(lgd_sv_eq(lgd_newcomers_text(n, 0), LGD_SV("only this")));
    lgd_newcomers_free(n);
    lgd_newcomers_free(NULL);
    lgd_store_free(s);
    lgd_buf_release(&b);
    lgd_lexer_release(&x);
}
END_TEST

START_TEST(test_newcomers_of_long_texts_are_capped_too) {
    enum { LONG = 8 << 20 };
    lgd_store *s = learn(&LGD_SV("only this"), 1);
    lgd_newcomers *n = NULL;
    lgd_template_id id = 0;
    bool first = false;
    char *bytes = lgd_alloc(LONG);
    ck_assert_ptr_nonnull(bytes);
    memset(bytes, 'a', LONG);
    bytes[0] = '\1';
    ck_assert_int_eq(lgd_newcomers_new(s, hash_key, &n, NULL), LGD_OK);
    for (char c = 'a'; c < 'k'; c++) {
        bytes[1] = c;
        ck_assert_int_eq(lgd_newcomers_id(n, (lgd_sv){bytes, LONG}, &id, &first, NULL), LGD_OK);
        ck_assert(first == !lgd_newcomers_is_rest(n, id) && lgd_newcomers_is_full(n) == !first);
    }
    ck_assert(lgd_newcomers_count(n) == 4 && id == 5);
    lgd_free(bytes);
    lgd_newcomers_free(n);
    lgd_store_free(s);
}
END_TEST

Suite *template_suite(void) {
    Suite *suite = suite_create("template");
    TCase *tests = tcase_create("template");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, test_the_order_of_lines_does_not_matter);
    tcase_add_test(tests, test_the_order_of_lists_does_not_matter);
    tcase_add_test(tests, test_every_trained_line_finds_its_template);
    tcase_add_test(tests, test_nothing_can_be_learned_from_nothing);
    tcase_add_test(tests, test_places_of_few_words_do_not_multiply);
    tcase_add_test(tests, test_values_stand_in_their_slots);
    tcase_add_test(tests, test_slots_are_numbered_one_after_the_other);
    tcase_add_test(tests, test_a_full_table_stays_bounded_and_matches);
    tcase_add_test(tests, test_second_words_without_end_are_one_template);
    tcase_add_test(tests, test_a_full_table_of_strangers_counts_what_it_drops);
    tcase_add_test(tests, test_a_store_comes_back_the_same_under_another_key);
    tcase_add_test(tests, test_a_signature_that_is_there_twice_is_damaged);
    tcase_add_test(tests, test_no_damaged_byte_does_harm);
    tcase_add_test(tests, test_failing_allocations_are_told);
    tcase_add_test(tests, test_newcomers_are_numbered_and_capped);
    tcase_add_test(tests, test_newcomers_of_long_texts_are_capped_too);
    suite_add_tcase(suite, tests);
    return suite;
}
