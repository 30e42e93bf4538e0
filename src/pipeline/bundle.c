/*
 * pipeline/bundle: the model file's sections.
 *
 *     meta       seed, rates, session pattern, sizes
 *     formats    profiles of the inputs that were learned from
 *     template   the frozen table
 *     examples   a message of each template
 *     baseline   what is normal
 *     rhythm     how often each template comes
 *     detector   members and calibrations
 *     incident   scores of the training's own groups
 *     sessions   counts of templates in a session; this and the next two only where sessions were learned
 *     lstm       the network that foretells events; only where one was learned
 *     order      which template follows which two in a session
 *     ensemble   who judges sessions, and calibrations
 *     memory     what an update goes on from; scans do not read it
 */
#include "bundle.h"

#include "memory.h"
#include "sessions.h"

#include <math.h>

/* Baseline 2: types of values, first and last time of a template; 3: units, cut values; 4: folds of values and hours.
 * Rhythm 2: hours of rare templates. Sessions 2: how many have a count. All other sections are of version 1. */
enum { BASELINE_VERSION = 4, RHYTHM_VERSION = 2, SESSIONS_VERSION = 2 };

void bundle_release(bundle *b) {
    lgd_free(b->session);
    for (size_t i = 0; i < b->n_profiles; i++) lgd_profile_free(b->profiles[i]);
    lgd_store_free(b->store);
    examples_release(&b->examples);
    lgd_baseline_free(b->baseline);
    lgd_rhythm_free(b->rhythm);
    lgd_detector_free(b->detector);
    lgd_counts_free(b->counts);
    lgd_order_free(b->order);
    lgd_lstm_free(b->lstm);
    lgd_session_ensemble_free(b->session_ensemble);
    memory_free(b->memory);
    *b = (bundle){0};
}

double bundle_fpr(const bundle *b, const lgd_config *config) {
    double fpr = config->fpr > 0 ? config->fpr : b->target_fpr;
    if (config->sensitivity_given && config->sensitivity == LGD_SENSITIVITY_LOW) fpr /= 10;
    if (config->sensitivity_given && config->sensitivity == LGD_SENSITIVITY_HIGH) fpr *= 10;
    return fpr < 0.5 ? fpr : 0.5;
}

/* Lines that open incidents and count for them are nearly as surprising as a template never seen. */
double bundle_strong(const bundle *b) { return lgd_baseline_newcomer_bits(b->baseline) - 0.25; }

/* One false incident for a thousand false anomalies. */
lgd_grouping bundle_grouping(const bundle *b, double fpr) {
    lgd_grouping o;
    float scores[MAX_SCORES];
    lgd_grouping_init(&o);
    memcpy(scores, b->incident_scores, b->n_incident_scores * sizeof *scores);
    o.strong = bundle_strong(b);
    o.threshold = lgd_incident_threshold(scores, b->n_incident_scores, fpr * 1e-3 * (double)b->simulated_events);
    if (o.threshold < o.strong) o.threshold = o.strong;
    return o;
}

/* ---- writing ---- */

static lgd_status put_formats(const bundle *b, lgd_buf *out, lgd_err *err) {
    lgd_buf one = {0};
    lgd_status status = LGD_OK;
    lgd_put_u32(out, (uint32_t)b->n_profiles);
    for (size_t i = 0; i < b->n_profiles && status == LGD_OK; i++) {
        lgd_buf_clear(&one);
        status = lgd_profile_save(b->profiles[i], &one, err);
        lgd_put_sv(out, lgd_buf_sv(&one));
    }
    lgd_buf_release(&one);
    return status;
}

static void put_meta(const bundle *b, lgd_buf *out) {
    lgd_put_u64(out, b->seed);
    lgd_put_f64(out, b->target_fpr);
    lgd_put_f64(out, b->contamination);
    lgd_put_u8(out, b->session != NULL);
    lgd_put_sv(out, lgd_sv_of(b->session));
    lgd_put_u64(out, b->n_lines);
}

static void put_incident(const bundle *b, lgd_buf *out) {
    lgd_put_u64(out, b->simulated_events);
    lgd_put_u32(out, (uint32_t)b->n_incident_scores);
    for (size_t i = 0; i < b->n_incident_scores; i++) lgd_put_f32(out, b->incident_scores[i]);
}

static lgd_status put_sections(const bundle *b, lgd_model_writer *w, lgd_err *err) {
    put_meta(b, lgd_model_section(w, "meta", 1));
    LGD_TRY(put_formats(b, lgd_model_section(w, "formats", 1), err));
    LGD_TRY(lgd_store_save(b->store, lgd_model_section(w, "template", 1), err));
    examples_save(&b->examples, lgd_store_n_templates(b->store), lgd_model_section(w, "examples", 1));
    LGD_TRY(lgd_baseline_save(b->baseline, lgd_model_section(w, "baseline", BASELINE_VERSION), err));
    LGD_TRY(lgd_rhythm_save(b->rhythm, lgd_model_section(w, "rhythm", RHYTHM_VERSION), err));
    LGD_TRY(lgd_detector_save(b->detector, lgd_model_section(w, "detector", 1), err));
    put_incident(b, lgd_model_section(w, "incident", 1));
    if (b->lstm) LGD_TRY(lgd_lstm_save(b->lstm, lgd_model_section(w, "lstm", 1), err));
    if (b->memory) LGD_TRY(memory_save(b->memory, lgd_model_section(w, "memory", 1), err));
    if (!b->counts) return LGD_OK;
    LGD_TRY(lgd_counts_save(b->counts, lgd_model_section(w, "sessions", SESSIONS_VERSION), err));
    LGD_TRY(lgd_order_save(b->order, lgd_model_section(w, "order", 1), err));
    return lgd_session_ensemble_save(b->session_ensemble, lgd_model_section(w, "ensemble", 1), err);
}

lgd_status bundle_save(const bundle *b, const char *output, lgd_err *err) {
    lgd_model_writer *w = NULL;
    LGD_TRY(lgd_model_writer_new(&w, err));
    lgd_status status = put_sections(b, w, err);
    if (status == LGD_OK) status = lgd_model_write(w, output, err);
    lgd_model_writer_free(w);
    return status;
}

/* ---- reading ---- */

static lgd_status section_of(const lgd_model_reader *r, const char *id, uint32_t version, lgd_sv *ret, lgd_err *err) {
    const lgd_section *s = lgd_model_find(r, id);
    if (!s)
        return lgd_fail(err, LGD_E_DAMAGED, "%s: damaged: section %s is missing; train again", lgd_model_reader_path(r),
                        id);
    if (s->version != version)
        return lgd_fail(err, LGD_E_DAMAGED,
                        "%s: section %s has version %u, this program reads version %u; upgrade it or train again",
                        lgd_model_reader_path(r), id, (unsigned)s->version, (unsigned)version);
    *ret = s->bytes;
    return LGD_OK;
}

static lgd_status section_cursor(const lgd_model_reader *r, const char *id, lgd_sv *ret, lgd_err *err) {
    return section_of(r, id, 1, ret, err);
}

static lgd_status get_meta(bundle *b, lgd_sv bytes, lgd_err *err) {
    lgd_cursor c = lgd_cursor_of(bytes);
    b->seed = lgd_get_u64(&c);
    b->target_fpr = lgd_get_f64(&c);
    b->contamination = lgd_get_f64(&c);
    bool has_session = lgd_get_u8(&c) != 0;
    lgd_sv session = lgd_get_sv(&c);
    b->n_lines = lgd_get_u64(&c);
    if (!(b->target_fpr > 0 && b->target_fpr < 1)) c.bad = true;
    LGD_TRY(lgd_cursor_done(&c, "meta", err));
    if (!has_session) return LGD_OK;
    b->session = lgd_alloc(session.n + 1);
    if (!b->session) return lgd_fail_memory(err, session.n + 1);
    memcpy(b->session, session.p, session.n);
    b->session[session.n] = 0;
    return LGD_OK;
}

static lgd_status get_formats(bundle *b, lgd_sv bytes, lgd_err *err) {
    lgd_cursor c = lgd_cursor_of(bytes);
    size_t n = lgd_get_count(&c, 4);
    if (n > MAX_PROFILES) c.bad = true;
    for (size_t i = 0; i < n && !c.bad; i++) {
        lgd_sv one = lgd_get_sv(&c);
        if (!c.bad) LGD_TRY(lgd_profile_load(one, &b->profiles[b->n_profiles], err));
        b->n_profiles += !c.bad;
    }
    return lgd_cursor_done(&c, "formats", err);
}

static lgd_status get_incident(bundle *b, lgd_sv bytes, lgd_err *err) {
    lgd_cursor c = lgd_cursor_of(bytes);
    b->simulated_events = lgd_get_u64(&c);
    b->n_incident_scores = lgd_get_count(&c, 4);
    if (b->n_incident_scores > MAX_SCORES) c.bad = true;
    if (c.bad) b->n_incident_scores = 0;
    for (size_t i = 0; i < b->n_incident_scores; i++) b->incident_scores[i] = lgd_get_f32(&c);
    return lgd_cursor_done(&c, "incident", err);
}

/* Who judges sessions by their lines has to judge lines. */
static lgd_status check_line_judges(const bundle *b, lgd_err *err) {
    line_judges j;
    size_t wanted = 0;
    line_judges_find(b->session_ensemble, b->detector, &j);
    for (size_t i = 0; i < lgd_session_ensemble_n(b->session_ensemble); i++)
        wanted += lgd_session_ensemble_role(b->session_ensemble, i)->sessions == LGD_JUDGE_BY_LINES;
    return j.n == wanted ? LGD_OK : lgd_fail(err, LGD_E_DAMAGED, "ensemble: a member of it judges no lines");
}

static lgd_status get_sections(bundle *b, const lgd_model_reader *r, uint64_t hash_key, lgd_err *err) {
    lgd_sv bytes = {0};
    LGD_TRY(section_cursor(r, "meta", &bytes, err));
    LGD_TRY(get_meta(b, bytes, err));
    LGD_TRY(section_cursor(r, "formats", &bytes, err));
    LGD_TRY(get_formats(b, bytes, err));
    LGD_TRY(section_cursor(r, "template", &bytes, err));
    LGD_TRY(lgd_store_load(bytes, hash_key, &b->store, err));
    LGD_TRY(section_cursor(r, "examples", &bytes, err));
    LGD_TRY(examples_load(bytes, lgd_store_n_templates(b->store), &b->examples, err));
    LGD_TRY(section_of(r, "baseline", BASELINE_VERSION, &bytes, err));
    LGD_TRY(lgd_baseline_load(bytes, lgd_store_n_templates(b->store), lgd_store_n_slots(b->store), &b->baseline, err));
    LGD_TRY(section_of(r, "rhythm", RHYTHM_VERSION, &bytes, err));
    LGD_TRY(lgd_rhythm_load(bytes, lgd_store_n_templates(b->store), &b->rhythm, err));
    LGD_TRY(section_cursor(r, "detector", &bytes, err));
    LGD_TRY(lgd_detector_load(bytes, &b->detector, err));
    LGD_TRY(section_cursor(r, "incident", &bytes, err));
    LGD_TRY(get_incident(b, bytes, err));
    if (lgd_model_find(r, "lstm")) {
        LGD_TRY(section_cursor(r, "lstm", &bytes, err));
        LGD_TRY(lgd_lstm_load(bytes, lgd_store_n_templates(b->store), &b->lstm, err));
    }
    if (!lgd_model_find(r, "sessions")) return LGD_OK;
    LGD_TRY(section_of(r, "sessions", SESSIONS_VERSION, &bytes, err));
    LGD_TRY(lgd_counts_load(bytes, lgd_store_n_templates(b->store), &b->counts, err));
    LGD_TRY(section_cursor(r, "order", &bytes, err));
    LGD_TRY(lgd_order_load(bytes, lgd_store_n_templates(b->store), &b->order, err));
    LGD_TRY(section_cursor(r, "ensemble", &bytes, err));
    LGD_TRY(lgd_session_ensemble_load(bytes, &b->session_ensemble, err));
    return check_line_judges(b, err);
}

lgd_status bundle_load(const char *path, uint64_t hash_key, bundle *ret, lgd_err *err) {
    lgd_model_reader *r = NULL;
    lgd_err inner = {0};
    *ret = (bundle){0};
    LGD_TRY(lgd_model_open(path, &r, err));
    lgd_status status = get_sections(ret, r, hash_key, &inner);
    ret->checksum = lgd_model_checksum(r);
    if (status != LGD_OK) {
        bool named =
            lgd_sv_starts(lgd_sv_of(inner.text), lgd_sv_of(lgd_model_reader_path(r))) || status == LGD_E_MEMORY;
        if (named)
            status = lgd_fail(err, status, "%s", inner.text);
        else
            status = lgd_fail(err, status, "%s: damaged: %.700s; train again", lgd_model_reader_path(r), inner.text);
        bundle_release(ret);
    }
    lgd_model_close(r);
    return status;
}
