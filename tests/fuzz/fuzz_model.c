/*
 * A section of a model from arbitrary bytes. The first byte chooses the section; the next two are the numbers of
 * templates and slots that a baseline is loaded for. What loads does its work, and what it saves loads again and is
 * saved as the same bytes.
 */
#include "fuzz.h"

#include "../../src/pipeline/examples.h"
#include "logdetect/detect.h"
#include "logdetect/format.h"
#include "logdetect/rhythm.h"

#include <math.h>

enum { N_EVENTS = 24 };
static size_t n_templates, n_slots;

static bool try_store(lgd_sv bytes, lgd_buf *out) {
    lgd_store *s = NULL;
    lgd_lexer lexer = {0};
    lgd_signature signature;
    lgd_value values[8];
    if (lgd_store_load(bytes, fuzz_hash_key, &s, NULL) != LGD_OK) return false;
    for (uint32_t p = 0; p < lgd_store_n_patterns(s); p++) {
        lgd_sv message = lgd_store_template(s, lgd_store_pattern(s, p)->template_id)->text;
        MUST(lgd_lex(&lexer, message, &signature, NULL) == LGD_OK);
        uint32_t found = lgd_store_find(s, signature.bytes);
        if (found != LGD_NO_PATTERN)
            (void)lgd_pattern_values(lgd_store_pattern(s, found), &signature, message, values, 8);
    }
    MUST(lgd_store_save(s, out, NULL) == LGD_OK);
    lgd_lexer_release(&lexer);
    lgd_store_free(s);
    return true;
}

static bool try_profile(lgd_sv bytes, lgd_buf *out) {
    lgd_profile *p = NULL;
    lgd_arena arena = {0};
    lgd_cut cut;
    lgd_cutter *cutter = NULL;
    if (lgd_profile_load(bytes, &p, NULL) != LGD_OK) return false;
    MUST(lgd_cutter_new(&arena, &cutter, NULL) == LGD_OK);
    MUST(lgd_profile_cut(p, LGD_SV("2026-01-02 03:04:05,678 host app[12]: ERROR [x] a: b"), cutter, &cut, NULL) ==
         LGD_OK);
    MUST(lgd_profile_cut(p, LGD_SV("Jan  2 03:04:05"), cutter, &cut, NULL) == LGD_OK);
    MUST(lgd_profile_cut(p, LGD_SV("{\"time\":1,\"msg\":\"x\\u0041\"}"), cutter, &cut, NULL) == LGD_OK);
    MUST(lgd_profile_cut(p, LGD_SV("ts=1 level=info msg=\"a b\""), cutter, &cut, NULL) == LGD_OK);
    MUST(lgd_profile_cut(p, bytes, cutter, &cut, NULL) == LGD_OK);
    MUST(lgd_profile_save(p, out, NULL) == LGD_OK && lgd_profile_name(p) != NULL);
    lgd_cutter_free(cutter);
    lgd_arena_release(&arena);
    lgd_profile_free(p);
    return true;
}

/* Columns of events of all templates and slots, with and without time, and of a template that is new. */
static void use_baseline(const lgd_baseline *b, lgd_matrix *rows) {
    lgd_template_id ids[N_EVENTS];
    int64_t times[N_EVENTS];
    uint8_t levels[N_EVENTS];
    uint32_t lengths[N_EVENTS], streams[N_EVENTS], n_values[N_EVENTS];
    lgd_observation held[N_EVENTS];
    const lgd_observation *values[N_EVENTS];
    lgd_context contexts[N_EVENTS];
    lgd_tracker *t = NULL;
    for (uint32_t i = 0; i < N_EVENTS; i++) {
        ids[i] = i % (uint32_t)(n_templates + 1);
        times[i] = i % 5 ? (int64_t)i * 20000000000 : LGD_NO_TIME;
        levels[i] = (uint8_t)(i % LGD_LEVEL_COUNT);
        lengths[i] = i * i * i;
        streams[i] = i % 2;
        n_values[i] = n_slots > 0;
        held[i] =
            (lgd_observation){i % (uint32_t)(n_slots + !n_slots), i, LGD_SV("x"), i * 1e3, i % 2, LGD_VALUE_NUMBER,
                              i % 3 ? LGD_SV("") : LGD_SV("ms")};
        values[i] = &held[i];
    }
    lgd_events e = {N_EVENTS, ids, times, levels, lengths, streams, n_values, values};
    MUST(lgd_tracker_new(n_templates, &t, NULL) == LGD_OK);
    MUST(lgd_extract(b, t, &e, 0, 0, rows, contexts, NULL) == LGD_OK);
    lgd_tracker_free(t);
    for (size_t i = 0; i < N_EVENTS; i++)
        for (int c = 0; c < LGD_COLUMNS; c++) MUST(isfinite(lgd_matrix_at(rows, i, (lgd_column)c)));
}

static bool try_baseline(lgd_sv bytes, lgd_buf *out) {
    lgd_baseline *b = NULL;
    lgd_matrix rows = {0};
    lgd_buf words = {0};
    if (lgd_baseline_load(bytes, n_templates, n_slots, &b, NULL) != LGD_OK) return false;
    use_baseline(b, &rows);
    for (uint32_t s = 0; s < n_slots; s++) {
        lgd_slot_summary known;
        if (lgd_baseline_slot(b, s, &known)) MUST(isfinite(known.median) && known.n_values <= LGD_SLOT_VALUES);
        lgd_baseline_describe_values(b, s, &words);
        lgd_baseline_describe_range(b, s, &words);
    }
    for (uint32_t t = 0; t <= n_templates; t++) {
        double p = 0;
        (void)lgd_baseline_successor(b, t, &p);
        MUST(isfinite(lgd_baseline_mean_length(b, t)));
    }
    MUST(isfinite(lgd_baseline_newcomer_bits(b)) && isfinite(lgd_baseline_warning_share(b)));
    MUST(lgd_baseline_save(b, out, NULL) == LGD_OK);
    lgd_buf_release(&words);
    lgd_matrix_release(&rows);
    lgd_baseline_free(b);
    return true;
}

static bool try_examples(lgd_sv bytes, lgd_buf *out) {
    examples x = {0};
    bool loads = examples_load(bytes, n_templates, &x, NULL) == LGD_OK;
    if (loads) examples_save(&x, n_templates, out);
    for (uint32_t i = 0; i <= n_templates; i++) MUST(examples_text(&x, i).n <= EXAMPLE_BYTES);
    examples_release(&x);
    return loads;
}

static bool try_detector(lgd_sv bytes, lgd_buf *out) {
    static float x[LGD_COLUMNS][N_EVENTS];
    lgd_matrix rows = {&x[0][0], N_EVENTS, N_EVENTS};
    float surprise[N_EVENTS], row[LGD_COLUMNS];
    lgd_detector *d = NULL;
    lgd_attribution a;
    if (lgd_detector_load(bytes, &d, NULL) != LGD_OK) return false;
    for (int c = 0; c < LGD_COLUMNS; c++)
        for (int i = 0; i < N_EVENTS; i++) x[c][i] = (float)((i * (c + 3)) % 17) * (i % 3 ? 1.0f : 0.0f);
    MUST(lgd_detector_score(d, NULL, &rows, surprise, NULL) == LGD_OK);
    for (int i = 0; i < N_EVENTS; i++) {
        for (int c = 0; c < LGD_COLUMNS; c++) row[c] = x[c][i];
        MUST(!isnan(surprise[i]) && !isnan(lgd_detector_bits(d, (double)surprise[i])));
        lgd_detector_explain(d, row, true, &a);
        for (int c = 0; c < LGD_COLUMNS; c++) MUST(a.shares[c] >= 0 && a.shares[c] <= 1 + 1e-9);
    }
    MUST(!isnan(lgd_detector_threshold(d, 0.01)) && lgd_detector_save(d, out, NULL) == LGD_OK);
    lgd_detector_free(d);
    return true;
}

static bool try_counts(lgd_sv bytes, lgd_buf *out) {
    static const lgd_template_count counts[] = {{0, 1}, {2, 40}, {5, UINT32_MAX}, {70000, 3}, {UINT32_MAX, 0}};
    lgd_counts *c = NULL;
    lgd_count_reason reason;
    if (lgd_counts_load(bytes, n_templates, &c, NULL) != LGD_OK) return false;
    for (size_t n = 0; n <= sizeof counts / sizeof counts[0]; n++) {
        lgd_session s = {counts, n};
        MUST(!isnan(lgd_counts_bits(c, &s, &reason)));
    }
    MUST(!isnan(lgd_counts_threshold(c, 0.01)) && !isnan(lgd_counts_suspects(c)));
    MUST(lgd_counts_save(c, out, NULL) == LGD_OK);
    lgd_counts_free(c);
    return true;
}

static bool try_order(lgd_sv bytes, lgd_buf *out) {
    lgd_order *o = NULL;
    lgd_order_state s;
    if (lgd_order_load(bytes, n_templates, &o, NULL) != LGD_OK) return false;
    lgd_order_begin(&s);
    for (uint32_t i = 0; i < 3 * N_EVENTS; i++) {
        double p = 0;
        lgd_order_step(o, &s, i * i % (uint32_t)(n_templates + 2));
        if (lgd_order_usual(o, i, &p) != LGD_NO_TEMPLATE) MUST(p >= 0 && p <= 1);
    }
    MUST(!isnan(s.most) && !isnan(lgd_order_end(o, &s)));
    MUST(lgd_order_save(o, out, NULL) == LGD_OK);
    lgd_order_free(o);
    return true;
}

static bool try_ensemble(lgd_sv bytes, lgd_buf *out) {
    lgd_session_ensemble *e = NULL;
    if (lgd_session_ensemble_load(bytes, &e, NULL) != LGD_OK) return false;
    MUST(lgd_session_ensemble_n(e) > 0 && lgd_session_ensemble_n(e) <= LGD_MAX_MEMBERS);
    for (int i = 0; i < N_EVENTS; i++) {
        double scores[LGD_MAX_MEMBERS];
        lgd_session_opinion o;
        for (int k = 0; k < LGD_MAX_MEMBERS; k++) scores[k] = (i * (k + 3)) % 17;
        lgd_session_ensemble_judge(e, scores, &o);
        MUST(!isnan(o.bits) && o.speaker < lgd_session_ensemble_n(e));
    }
    MUST(lgd_session_ensemble_save(e, out, NULL) == LGD_OK);
    lgd_session_ensemble_free(e);
    return true;
}

static void check_foretold(const lgd_foretold *t) {
    MUST(isfinite(t->score) && t->score >= 0);
    MUST(t->p >= 0 && t->p <= 1 && t->p_expected >= 0 && t->p_expected <= 1);
    MUST(t->expected < n_templates || t->expected == LGD_ORDER_END || t->expected == LGD_NO_TEMPLATE);
}

/* Two streams at once, one of them a session, through known, new and no templates. */
static void follow(const lgd_lstm *l) {
    enum { SESSION = 7, OTHER = 8 };
    lgd_step steps[N_EVENTS];
    lgd_foretold told[N_EVENTS];
    lgd_lstm_session session;
    lgd_follower *f = NULL;
    lgd_engine engine;
    MUST(lgd_engine_open("cpu", NULL, &engine, NULL) == LGD_OK);
    MUST(lgd_follower_new(l, &engine, &f, NULL) == LGD_OK);
    for (uint32_t i = 0; i < N_EVENTS; i++)
        steps[i] = (lgd_step){i % 3 ? SESSION : OTHER, i % 3 != 0,
                              i % 7 ? i * i % (uint32_t)(n_templates + 2) : LGD_NO_TEMPLATE};
    lgd_follower_begin_input(f);
    MUST(lgd_follower_add(f, steps, N_EVENTS, told, NULL) == LGD_OK && lgd_follower_finish(f, NULL) == LGD_OK);
    for (size_t i = 0; i < N_EVENTS; i++) check_foretold(&told[i]);
    MUST(lgd_follower_session(f, SESSION, &session) && !lgd_follower_session(f, OTHER, &session));
    check_foretold(&session.at_worst);
    MUST(!isnan(session.bits) && session.bits >= 0);
    lgd_follower_free(f);
    lgd_engine_close(&engine);
}

/* An update of half the weight. */
static void go_on(const lgd_rhythm *old, const lgd_events *e) {
    lgd_rhythm *r = NULL;
    lgd_buf out = {0};
    MUST(lgd_rhythm_go_on(old, n_templates + 1, 0.5, 7, &r, NULL) == LGD_OK);
    MUST(lgd_rhythm_begin_input(r, NULL) == LGD_OK);
    MUST(lgd_rhythm_learn(r, e, NULL) == LGD_OK && lgd_rhythm_settle(r, NULL) == LGD_OK);
    MUST(lgd_rhythm_begin_input(r, NULL) == LGD_OK);
    MUST(lgd_rhythm_measure(r, e, 0, 1, 0, NULL) == LGD_OK && lgd_rhythm_finish(r, NULL) == LGD_OK);
    MUST(lgd_rhythm_save(r, &out, NULL) == LGD_OK);
    lgd_rhythm_free(r);
    r = NULL;
    MUST(lgd_rhythm_load(lgd_buf_sv(&out), n_templates + 1, &r, NULL) == LGD_OK);
    lgd_buf_release(&out);
    lgd_rhythm_free(r);
}

/* Events of all templates and of one that is new, ten hours apart and then at the ends of time. */
static bool try_rhythm(lgd_sv bytes, lgd_buf *out) {
    lgd_template_id ids[N_EVENTS];
    int64_t times[N_EVENTS];
    lgd_events e = {.n = N_EVENTS, .template_id = ids, .start_ns = times};
    const lgd_signal *signals = NULL;
    size_t n = 0;
    lgd_rhythm *r = NULL;
    lgd_listener *l = NULL;
    if (lgd_rhythm_load(bytes, n_templates, &r, NULL) != LGD_OK) return false;
    MUST(lgd_listener_new(r, 1, &l, NULL) == LGD_OK);
    for (uint32_t i = 0; i < N_EVENTS; i++) {
        ids[i] = i % (uint32_t)(n_templates + 1);
        times[i] = i + 3 < N_EVENTS ? (int64_t)i * 36000000000000 : i + 2 < N_EVENTS ? INT64_MAX : -INT64_MAX;
    }
    for (size_t i = 0; i < N_EVENTS; i++) {
        MUST(lgd_listener_step(l, &e, i, &signals, &n, NULL) == LGD_OK);
        for (size_t k = 0; k < n; k++) MUST(!isnan(signals[k].bits) && signals[k].template_id < n_templates);
    }
    MUST(lgd_listener_end_input(l, &signals, &n, NULL) == LGD_OK);
    MUST(lgd_rhythm_save(r, out, NULL) == LGD_OK);
    go_on(r, &e);
    lgd_listener_free(l);
    lgd_rhythm_free(r);
    return true;
}

static bool try_lstm(lgd_sv bytes, lgd_buf *out) {
    lgd_lstm *l = NULL;
    if (lgd_lstm_load(bytes, n_templates, &l, NULL) != LGD_OK) return false;
    follow(l);
    MUST(lgd_lstm_save(l, out, NULL) == LGD_OK);
    lgd_lstm_free(l);
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n) {
    static bool (*const sections[])(lgd_sv, lgd_buf *) = {try_store,  try_profile, try_baseline, try_detector,
                                                          try_counts, try_order,   try_examples, try_ensemble,
                                                          try_lstm,   try_rhythm};
    lgd_sv input = {(const char *)bytes, n};
    size_t section = fuzz_byte(&input) % (sizeof sections / sizeof sections[0]);
    n_templates = fuzz_byte(&input);
    n_slots = fuzz_byte(&input);
    lgd_buf first = {0}, second = {0};
    if (sections[section](input, &first)) {
        MUST(sections[section](lgd_buf_sv(&first), &second));
        MUST(lgd_sv_eq(lgd_buf_sv(&first), lgd_buf_sv(&second)));
    }
    lgd_buf_release(&first);
    lgd_buf_release(&second);
    return 0;
}
