/*
 * pipeline/past: the older model of an update. What is counted goes on from its faded counters (template/extend,
 * feature/go_on, feature/rhythm_go_on); what is fitted is fitted anew, on a bounded sample of what it was fitted on and on
 * what is new.
 *
 *     weight = 2^(-age / half-life),   age = the time that the input covers beyond the end of the older model; where either
 *                                      has no times an update is a day
 *
 * A pause between the two in which nobody looked is no reason to forget, so it does not count. What was learned once and
 * never comes again weighs half after a half-life and is gone in the end, so counters stay bounded, as the memory is.
 */
#include "past.h"

#include "logdetect/input.h"

#include <math.h>
#include <stdlib.h>

static const double day_ns = 86400e9;

/* ---- opening ---- */

static lgd_status load_memory(past *p, const char *path, lgd_err *err) {
    lgd_model_reader *r = NULL;
    lgd_err inner = {0};
    LGD_TRY(lgd_model_open(path, &r, err));
    const char *name = lgd_model_reader_path(r);
    const lgd_section *s = lgd_model_find(r, "memory");
    lgd_status status = LGD_E_DAMAGED;
    if (lgd_model_checksum(r) != p->old.checksum)
        status = lgd_fail(err, LGD_E_DATA, "%s: was replaced while it was read; nothing was written", name);
    else if (!s)
        status = lgd_fail(err, LGD_E_DATA, "%s: keeps nothing for an update, as an older version made it; train again",
                          name);
    else if (s->version != 1)
        status = lgd_fail(err, LGD_E_DATA,
                          "%s: section memory has version %u, this program reads version 1; upgrade it or train again",
                          name, (unsigned)s->version);
    else if ((status = memory_load(s->bytes, lgd_store_n_templates(p->old.store), &p->memory, &inner)) != LGD_OK)
        status = lgd_fail(err, status, "%s: damaged: %.700s; train again", name, inner.text);
    lgd_model_close(r);
    return status;
}

lgd_status past_open(past *p, const lgd_config *config, uint64_t hash_key, lgd_err *err) {
    const char *path = config->model ? config->model : config->output;
    LGD_TRY(bundle_load(path, hash_key, &p->old, err));
    p->is_update = true;
    p->had_sessions = p->old.session != NULL;
    p->old_events = lgd_baseline_n_events(p->old.baseline);
    p->old_end_ns = lgd_baseline_end_ns(p->old.baseline);
    p->salt = lgd_hash_u64(p->old_events, (uint64_t)p->old_end_ns);
    p->old_templates = lgd_store_n_templates(p->old.store);
    return load_memory(p, path, err);
}

lgd_status past_check_current(const past *p, const lgd_config *config, lgd_err *err) {
    lgd_model_reader *r = NULL;
    if (!p->is_update || config->model) return LGD_OK;
    LGD_TRY(lgd_model_open(config->output, &r, err));
    bool same = lgd_model_checksum(r) == p->old.checksum;
    lgd_model_close(r);
    return same ? LGD_OK
                : lgd_fail(err, LGD_E_DATA, "%s: was replaced by another training meanwhile; nothing was written",
                           config->output);
}

void past_release(past *p) {
    bundle_release(&p->old);
    memory_free(p->memory);
    lgd_free(p->recalled);
    *p = (past){0};
}

/* ---- options ---- */

static lgd_status differs(const char *option, const char *what, lgd_err *err) {
    return lgd_fail(err, LGD_E_USAGE, "--%s: %s; an update cannot change it: train again, or leave it out", option,
                    what);
}

static bool same_ensemble(const lgd_ensemble *a, const lgd_ensemble *b) {
    if (a->n != b->n || a->weighted != b->weighted) return false;
    for (size_t i = 0; i < a->n; i++)
        if (a->seats[i].role != b->seats[i].role || a->seats[i].weight != b->seats[i].weight) return false;
    return true;
}

static bool same_network(const lgd_lstm_options *a, const lgd_lstm_options *b) {
    return a->steps == b->steps && a->width == b->width && a->n_layers == b->n_layers &&
           memcmp(a->units, b->units, a->n_layers * sizeof *a->units) == 0 && a->loss == b->loss &&
           a->dropout == b->dropout;
}

/* A number that is the default may not have been given at all. */
static lgd_status check_numbers(const past *p, const lgd_config *c, lgd_err *err) {
    lgd_config preset;
    lgd_config_init(&preset, LGD_CMD_TRAIN);
    bool seed = c->seed == preset.seed || c->seed == p->old.seed;
    bool fpr = c->target_fpr == preset.target_fpr || c->target_fpr == p->old.target_fpr;
    bool dirt = c->contamination == preset.contamination || c->contamination == p->old.contamination;
    lgd_config_release(&preset);
    if (!seed) return differs("seed", "the model was made with another", err);
    if (!fpr) return differs("target-fpr", "the model was made for another", err);
    return dirt ? LGD_OK : differs("contamination", "the model was made for another", err);
}

static lgd_status check_session(const past *p, const lgd_config *c, lgd_err *err) {
    const char *pattern = session_pattern(c);
    if (session_is_auto(c) || !p->old.session) return LGD_OK;
    if (pattern && strcmp(pattern, p->old.session) == 0) return LGD_OK;
    return differs("session", "the model has another key", err);
}

lgd_status past_plan(const past *p, const lgd_config *c, plan *ret, lgd_err *err) {
    plan own = p->memory->plan, said = own;
    if (c->recipe || c->ensemble) LGD_TRY(plan_make(c, &said, err));
    LGD_TRY(check_numbers(p, c, err));
    LGD_TRY(check_session(p, c, err));
    if (!same_ensemble(&own.ensemble, &said.ensemble))
        return differs(c->ensemble ? "ensemble" : "recipe", "the model has other members or weights", err);
    if (c->sequence_length && c->sequence_length != own.lstm.steps)
        return differs("sequence-length", "the network of the model has another", err);
    if (c->recipe && !same_network(&own.lstm, &said.lstm))
        return differs("recipe", "the network of the model is another", err);
    if (c->epochs) own.lstm.epochs = (uint32_t)c->epochs, own.lstm.max_passes = 0;
    own.lstm.seed = p->old.seed;
    *ret = own;
    return LGD_OK;
}

void past_begin(past *p, bundle *b) {
    bundle *old = &p->old;
    b->seed = old->seed;
    b->target_fpr = old->target_fpr;
    b->contamination = old->contamination;
    b->session = old->session;
    b->n_profiles = old->n_profiles;
    b->examples = old->examples;
    memcpy(b->profiles, old->profiles, sizeof b->profiles);
    old->session = NULL;
    old->n_profiles = 0;
    old->examples = (examples){0};
}

/* ---- which inputs ---- */

/* A sum: the same records in other files are the same. */
void past_see(past *p, lgd_sv record) { p->inputs += lgd_hash_sv(record, 0x7265636f7264u); }

/* A job that runs twice is the usual reason, and would make what was odd on that day look like a habit. */
lgd_status past_check_inputs(const past *p, lgd_err *err) {
    const memory *m = p->memory;
    for (size_t i = 0; m && i < m->n_learned; i++)
        if (m->learned[i] == p->inputs)
            return lgd_fail(err, LGD_E_DATA, "the model has learned just these records before; nothing was written");
    return LGD_OK;
}

static void keep_inputs(const past *p, memory *next) {
    const memory *m = p->memory;
    next->learned[next->n_learned++] = p->inputs;
    for (size_t i = 0; m && i < m->n_learned && next->n_learned < MEMORY_INPUTS; i++)
        next->learned[next->n_learned++] = m->learned[i];
}

/* ---- counters ---- */

void past_weigh(past *p, const lgd_config *config, int64_t oldest_ns, int64_t newest_ns) {
    static const double most_events = 0x1p31; /* so that no counter of them overflows */
    bool timed = newest_ns != LGD_NO_TIME && p->old_end_ns != LGD_NO_TIME;
    int64_t since_ns = oldest_ns > p->old_end_ns ? oldest_ns : p->old_end_ns;
    double days = timed ? ((double)newest_ns - (double)since_ns) / day_ns : 1, events = (double)p->old_events;
    p->weight = days > 0 ? exp2(-days / config->half_life) : 1;
    if (p->weight * events > most_events) p->weight = most_events / events;
}

uint64_t past_first_block(const past *p) { return p->salt >> 40; }

lgd_status past_extend_store(const past *p, lgd_miner *m, lgd_store **ret, lgd_err *err) {
    return lgd_miner_extend(m, p->old.store, p->weight, p->salt, ret, err);
}

lgd_status past_baseline(const past *p, const lgd_store *s, lgd_baseline **ret, lgd_err *err) {
    size_t n = lgd_store_n_templates(s), n_slots = lgd_store_n_slots(s);
    if (!p->is_update) return lgd_baseline_new(n, n_slots, ret, err);
    return lgd_baseline_go_on(p->old.baseline, n, n_slots, p->weight, p->salt, ret, err);
}

lgd_status past_rhythm(const past *p, size_t n_templates, lgd_rhythm **ret, lgd_err *err) {
    if (!p->is_update) return lgd_rhythm_new(n_templates, ret, err);
    return lgd_rhythm_go_on(p->old.rhythm, n_templates, p->weight, p->salt, ret, err);
}

/* Scores are thinned by lot: a rank among so many events is kept so. */
void past_add_incidents(const past *p, bundle *b) {
    const bundle *old = &p->old;
    size_t n_new = b->n_incident_scores, n = 0;
    float fresh[MAX_SCORES], *all = b->incident_scores;
    memcpy(fresh, all, n_new * sizeof *fresh);
    for (size_t i = 0, k = 0; n < MAX_SCORES && (i < old->n_incident_scores || k < n_new);) {
        bool is_old = i < old->n_incident_scores && (k == n_new || old->incident_scores[i] >= fresh[k]);
        if (is_old && lgd_hash_unit(lgd_hash_u64(i, p->salt)) > p->weight) {
            i++;
            continue;
        }
        all[n++] = is_old ? old->incident_scores[i++] : fresh[k++];
    }
    b->n_incident_scores = n;
    b->simulated_events += (uint64_t)(p->weight * (double)old->simulated_events);
}

/* ---- samples ---- */

static lgd_status recall_held_sessions(const past *p, lgd_corpus *c, lgd_err *err) {
    const memory_sessions *m = &p->memory->sessions;
    memory_copies copies = {0};
    for (size_t i = 0; i < m->n; i++) {
        const memory_session *s = &m->items[i];
        bool left = s->held_out && memory_copies_next(&copies, fmin(1, p->weight * (double)s->weight)) > 0;
        if (left) LGD_TRY(lgd_corpus_recall_session(c, s->sequence, s->n_sequence, err));
    }
    return LGD_OK;
}

lgd_status past_recall_sessions(past *p, session_fit *f, lgd_err *err) {
    LGD_TRY(memory_sessions_recall(&p->memory->sessions, p->weight, &f->table, &p->recalled, err));
    p->n_recalled = f->table.n;
    return LGD_OK;
}

lgd_status past_recall_windows(const past *p, const lgd_store *s, lgd_corpus *c, lgd_err *err) {
    const memory *m = p->memory;
    if (!c || !m || m->windows.n == 0) return LGD_OK;
    LGD_TRY(lgd_corpus_recall(c, lgd_buf_sv(&m->windows), lgd_store_n_templates(s), p->weight, p->salt, err));
    return recall_held_sessions(p, c, err);
}

void past_recall_scores(const past *p, const session_fit *f, const bundle *b) {
    const memory_sessions *m = p->memory ? &p->memory->sessions : NULL;
    size_t n_seats = b->session_ensemble ? lgd_session_ensemble_n(b->session_ensemble) : 0;
    if (!f->scores || !m || m->n_seats != n_seats) return;
    for (size_t i = 0; i < n_seats; i++) {
        lgd_session_judge by = lgd_session_ensemble_role(b->session_ensemble, i)->sessions;
        if (by != LGD_JUDGE_BY_LINES && by != LGD_JUDGE_BY_LSTM) continue; /* fitted anew, on these too */
        for (size_t k = 0; k < p->n_recalled; k++) f->scores[i * f->table.n + k] = m->items[p->recalled[k]].scores[i];
    }
}

lgd_status past_keep(const past *p, const plan *made_by, const lgd_matrix *rows, const session_fit *f, bundle *b,
                     lgd_err *err) {
    if (!b->memory) return LGD_OK;
    const memory_rows *older_rows = p->memory ? &p->memory->rows : NULL;
    const memory_sessions *older = p->memory ? &p->memory->sessions : NULL;
    size_t n_seats = f->scores ? lgd_session_ensemble_n(b->session_ensemble) : 0;
    memory_source s = {&f->table, p->n_recalled, f->scores, n_seats};
    b->memory->plan = *made_by;
    keep_inputs(p, b->memory);
    LGD_TRY(memory_rows_draw(older_rows, p->weight, rows, p->salt, &b->memory->rows, err));
    if (!b->session) return LGD_OK; /* those of a key that was let go are of no use */
    return memory_sessions_draw(older, p->weight, &s, p->salt, &b->memory->sessions, err);
}
