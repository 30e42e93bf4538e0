/*
 * pipeline/fitness: a scan's events -> is the model still fit for this log? Measured are the share of events whose
 * template training did not have, the shares of anomalous events and sessions, and how calibrated bits are distributed.
 *
 * A fault, too, makes many anomalies and new templates, but it comes and goes; a log that the model does not fit differs
 * nearly everywhere. So shares are those of a typical stretch (meter.c) of each input; inputs count by their events.
 * Cost: O(1) an event, a fixed amount of memory and two words for each template.
 *
 * Calibrated p-values of events like those of the training are valid: a share u of them at most is u or less (Vovk et
 * al. 2005), and by the calibration it is known how much less, where scores come in lumps. What is looked for is a larger
 * share; that a log surprises less is no fault of the model. The limits of all measures are round numbers, fitted to no
 * log (docs/DETECTORS.md).
 */
#include "fitness.h"

#include <math.h>

enum { EVENTS_BLOCK = 256, SESSIONS_BLOCK = 32 }; /* the first ones */

static void empty_input(fitness *f) { f->input.unseen = f->input.anomalous = (meter){.block_n = EVENTS_BLOCK}; }

lgd_status fitness_begin(fitness *f, const bundle *model, bool is_asked_for, lgd_err *err) {
    *f = (fitness){.model = model, .is_asked_for = is_asked_for, .sessions = {.block_n = SESSIONS_BLOCK}};
    empty_input(f);
    if (!model) return LGD_OK;
    size_t n = lgd_store_n_templates(model->store);
    if (is_asked_for) f->n_members = lgd_detector_n_members(model->detector);
    f->counts = lgd_calloc(n, sizeof *f->counts);
    return f->counts ? LGD_OK : lgd_fail_memory(err, n * sizeof *f->counts);
}

void fitness_release(fitness *f) {
    lgd_free(f->counts);
    *f = (fitness){0};
}

/* ---- measuring ---- */

void fitness_begin_input(fitness *f) {
    f->unseen += (double)f->input.unseen.n * meter_typical(&f->input.unseen);
    f->anomalous += (double)f->input.anomalous.n * meter_typical(&f->input.anomalous);
    f->events += f->input.unseen.n;
    f->unseen_events += f->input.unseen.hits;
    f->anomalies += f->input.anomalous.hits;
    empty_input(f);
}

static void add_bits(fitness *f, size_t member, double bits) {
    f->bins[member][bits >= FIT_BINS - 1 ? FIT_BINS - 1 : bits > 0 ? (size_t)bits : 0]++;
}

void fitness_add(fitness *f, const fit_events *e) {
    if (!f->model) return;
    size_t n_known = lgd_store_n_templates(f->model->store), n = e->events->n;
    for (size_t i = 0; i < n; i++) {
        lgd_template_id id = e->events->template_id[i];
        /* What is allowed is known to the user, if not to the model. */
        meter_add(&f->input.unseen, id >= n_known && e->verdicts[i] != LINE_ALLOWED);
        meter_add(&f->input.anomalous, e->verdicts[i] == LINE_ANOMALOUS);
        add_bits(f, LGD_MAX_MEMBERS, e->bits[i]);
        for (size_t m = 0; m < f->n_members; m++) add_bits(f, m, (double)e->member_bits[m * n + i]);
        if (id < n_known) f->counts[id]++;
    }
}

void fitness_add_session(fitness *f, bool is_anomaly) { meter_add(&f->sessions, is_anomaly); }

/* One-sided Kolmogorov-Smirnov statistic over whole bits: how much larger the share of events with at least *ret_bits is
 * than in the calibration, where it is most. */
static double shift_of(const fitness *f, size_t member, uint32_t *ret_bits) {
    double at_least[FIT_BINS], most = 0;
    uint64_t n_at_least = f->events;
    size_t of = member == LGD_MAX_MEMBERS ? SIZE_MAX : member;
    size_t n = lgd_detector_expected(f->model->detector, of, at_least, FIT_BINS);
    *ret_bits = 0;
    for (size_t k = 0; k < n; k++) {
        double more = (double)n_at_least / (double)f->events - at_least[k];
        n_at_least -= f->bins[member][k];
        if (more <= most) continue;
        most = more;
        *ret_bits = (uint32_t)k;
    }
    return most;
}

/* ---- of the log as a whole ---- */

static void measure_templates(const fitness *f, const lgd_summary *s, lgd_fitness *ret) {
    const lgd_baseline *b = f->model->baseline;
    double n_learned = (double)lgd_baseline_n_events(b), gone = 0;
    ret->unseen_templates = s->new_templates;
    ret->templates = s->new_templates;
    for (lgd_template_id t = 0; t < lgd_store_n_templates(f->model->store); t++) {
        double count = (double)lgd_baseline_count(b, t);
        ret->templates += f->counts[t] > 0;
        if (f->counts[t] || count * (double)f->events < 10 * n_learned)
            continue; /* fewer than 10 were to be expected */
        ret->gone_templates++;
        gone += count;
    }
    if (n_learned <= 0) return;
    ret->gone_share = gone / n_learned;
    ret->expected_unseen = (double)lgd_baseline_singletons(b) / n_learned; /* Good 1953 */
}

/* Lines that are cut by what the model learned of their layout. */
static void measure_formats(const batch *b, lgd_fitness *ret) {
    for (size_t i = 0; i < *b->n_profiles; i++)
        for (size_t k = 0; k < lgd_profile_n_formats(b->profiles[i]); k++) {
            uint64_t n = b->tally.format_lines[i][k];
            bool fits =
                i < b->n_model_profiles && !lgd_sv_eq(lgd_profile_format_name(b->profiles[i], k), LGD_SV("other"));
            ret->lines += n;
            ret->lines_in_format += fits ? n : 0;
        }
}

static void measure(const fitness *f, const batch *b, const lgd_summary *s, lgd_fitness *ret) {
    *ret = (lgd_fitness){.events = f->events,
                         .unseen_events = f->unseen_events,
                         .anomalies = f->anomalies,
                         .sessions = s->sessions,
                         .anomalous_sessions = s->anomalous_sessions,
                         .rate = s->requested_fpr,
                         .n_members = f->n_members};
    measure_templates(f, s, ret);
    measure_formats(b, ret);
    if (f->events == 0) return;
    ret->unseen = f->unseen / (double)f->events;
    ret->anomalous = f->anomalous / (double)f->events;
    ret->typical_sessions = meter_typical(&f->sessions);
    ret->shift = shift_of(f, LGD_MAX_MEMBERS, &ret->shift_bits);
    double any[FIT_BINS];
    uint32_t bits;
    for (size_t m = 0; m < f->n_members; m++) {
        ret->members[m].name = lgd_detector_member_name(f->model->detector, m);
        ret->members[m].known = lgd_detector_expected(f->model->detector, m, any, FIT_BINS) > 0;
        ret->members[m].shift = shift_of(f, m, &bits);
    }
}

/* ---- the verdict ---- */

enum { MAX_REASONS = 6, ENOUGH_EVENTS = 100 };

typedef struct judge {
    lgd_fitness *fitness;
    lgd_sv *reasons; /* [MAX_REASONS] */
    size_t n_grave;  /* reasons of an unfit model, which come first */
    bool is_grave;   /* the one that is being said */
    lgd_arena *arena;
    lgd_buf text;
} judge;

/* Worse is what the verdict is; a measure below its first limit says nothing. */
static bool is_beyond(judge *j, double x, double drifting, double unfit) {
    lgd_fit fit = x >= unfit ? LGD_UNFIT : x >= drifting ? LGD_DRIFTING : LGD_FIT;
    if (fit > j->fitness->fit) j->fitness->fit = fit;
    j->is_grave = fit == LGD_UNFIT;
    lgd_buf_clear(&j->text);
    return fit != LGD_FIT;
}

static lgd_status say(judge *j, lgd_err *err) {
    size_t at = j->is_grave ? j->n_grave++ : j->fitness->n_reasons;
    lgd_sv text;
    if (j->text.failed || !lgd_arena_copy(j->arena, lgd_buf_sv(&j->text), &text))
        return lgd_fail_memory(err, j->text.n);
    memmove(&j->reasons[at + 1], &j->reasons[at], (j->fitness->n_reasons - at) * sizeof *j->reasons);
    j->reasons[at] = text;
    j->fitness->n_reasons++;
    return LGD_OK;
}

/* "12.3 % of its WHAT" */
static void begin_share(judge *j, double share, const char *what) {
    lgd_format_estimate(&j->text, share);
    lgd_buf_printf(&j->text, "%s", what);
}

static lgd_status judge_formats(judge *j, lgd_err *err) {
    const lgd_fitness *f = j->fitness;
    double other = f->lines ? 1 - (double)f->lines_in_format / (double)f->lines : 0;
    if (!is_beyond(j, other, .25, .5)) return LGD_OK;
    begin_share(j, other, " of its lines have none of the model's formats");
    return say(j, err);
}

static lgd_status judge_templates(judge *j, lgd_err *err) {
    const lgd_fitness *f = j->fitness;
    double margin = 2 * f->expected_unseen;
    if (!is_beyond(j, f->unseen, .05 + margin, .25 + margin)) return LGD_OK;
    begin_share(j, f->unseen, " of its events have templates that training never saw, where ");
    begin_share(j, f->expected_unseen, " were to be expected");
    return say(j, err);
}

static lgd_status judge_gone(judge *j, lgd_err *err) {
    if (!is_beyond(j, j->fitness->gone_share, .5, HUGE_VAL)) return LGD_OK;
    begin_share(j, j->fitness->gone_share, " of the training's events had templates that are gone");
    return say(j, err);
}

static lgd_status judge_alarms(judge *j, double share, const char *what, lgd_err *err) {
    double rate = j->fitness->rate;
    if (!is_beyond(j, share, fmin(5 * rate, .25), fmin(25 * rate, .5))) return LGD_OK;
    begin_share(j, share, what);
    lgd_buf_printf(&j->text, " are anomalous, where %.3g %% were asked for", 100 * rate);
    return say(j, err);
}

static lgd_status judge_shift(judge *j, lgd_err *err) {
    const lgd_fitness *f = j->fitness;
    if (!is_beyond(j, f->shift, .2, HUGE_VAL)) return LGD_OK;
    begin_share(j, f->shift, " more of its events than of the training's");
    lgd_buf_printf(&j->text, " have %u bits of surprise or more", (unsigned)f->shift_bits);
    return say(j, err);
}

static lgd_status judge_all(judge *j, lgd_err *err) {
    const lgd_fitness *f = j->fitness;
    LGD_TRY(judge_formats(j, err));
    LGD_TRY(judge_templates(j, err));
    LGD_TRY(judge_gone(j, err));
    LGD_TRY(judge_alarms(j, f->anomalous, " of its lines", err));
    if (f->sessions >= LGD_MIN_SESSIONS) LGD_TRY(judge_alarms(j, f->typical_sessions, " of its sessions", err));
    LGD_TRY(judge_shift(j, err));
    if (f->n_reasons) return LGD_OK;
    begin_share(j, 1 - f->unseen,
                " of its events have templates that the model knows, and they surprise it no more than the "
                "training's did");
    return say(j, err);
}

lgd_status fitness_judge(fitness *f, const batch *b, lgd_arena *arena, lgd_summary *summary, lgd_err *err) {
    if (!f->model) return LGD_OK;
    lgd_fitness *told = lgd_arena_alloc(arena, sizeof *told);
    lgd_sv *reasons = lgd_arena_alloc(arena, MAX_REASONS * sizeof *reasons);
    if (!told || !reasons) return lgd_fail_memory(err, sizeof *told);
    fitness_begin_input(f); /* none follows: the last one ends */
    measure(f, b, summary, told);
    told->reasons = reasons;
    judge j = {.fitness = told, .reasons = reasons, .arena = arena};
    summary->fitness = told;
    if (f->events < ENOUGH_EVENTS && f->is_asked_for)
        return lgd_fail(err, LGD_E_DATA,
                        "only %llu events, need %d to tell whether the model fits; nothing was decided",
                        (unsigned long long)f->events, ENOUGH_EVENTS);
    if (f->events < ENOUGH_EVENTS) return LGD_OK;
    lgd_status status = judge_all(&j, err);
    lgd_buf_release(&j.text);
    LGD_TRY(status);
    if (told->fit != LGD_UNFIT || f->is_asked_for) return LGD_OK;
    return run_add_problem(arena, summary, err, "this log does not fit the model: %.*s; train again",
                           (int)told->reasons[0].n, told->reasons[0].p);
}
