/*
 * detect/adapt: statistics of sessions that follow the log. A log has phases: from some hour on, sessions no longer end as
 * they did, or say something more. A phase and a fault are told apart by what each session shows:
 *
 *     odd        a session within two bits of being told, or told. What makes it odd are its deviations: counts, and where
 *                order and network are most surprised.
 *     clean      none of its deviations speaks of a fault, and it is not cut short (lgd_adapt_options, follow.c)
 *     evidence   of a deviation: clean odd sessions that show it, fading (marks.c). ENOUGH of it is 40 in a row, or more
 *                where fewer than all show it; less than a third of all never have it. 30 failures in a row do not.
 *     learned    a deviation with enough evidence, and those that come with it and hardly ever without. Odd sessions are
 *                held until all they show is learned; then they count as sessions of the training do.
 *
 * Counts and order are copies that go on learning; the network cannot, so how surprised it may be is bounded by how often
 * sessions were odd to it in that place (places.c). Weights are those that the training would give (counts.c): each session
 * that is followed weighs 1 - 2^(-1/h) of all, what was there 2^(-1/h), h a quarter of the training's sessions.
 *
 * Cost: odd sessions O(their deviations); followed ones are added in batches. Bounded: MAX_HELD odd sessions, a batch of
 * followed ones, the order of those of up to LGD_ADAPT_EVENTS events.
 */
#include "adapt.h"

#include <math.h>
#include <stdlib.h>

enum { MAX_HELD = 128, MIN_BATCH = 64, MAX_BATCH = 1024, MAX_PHASES = 1000, MIN_HALF_LIFE = 250 };

static const double odd_margin = 2;            /* bits below the threshold */
static const double enough = 32.9;             /* 100 (1 - exp(-40 / 100)), see marks.c */
static const double still = 5;                 /* evidence from which on what was accepted stays so */
static const double least_duration_ns = 300e9; /* what is over in less is a burst */

/* A session that is kept: until what it shows is learned, or until its batch is full. */
typedef struct kept {
    lgd_template_count *counts;
    lgd_template_id *ids;
    size_t n_counts, n_ids;
    lgd_worst network;
    lgd_deviation shows[MAX_DEVIATIONS];
    size_t n_shows;
} kept;

typedef struct kept_list {
    kept *rows;
    size_t n, capacity;
} kept_list;

struct lgd_adapt {
    lgd_adapt_options o;
    lgd_counts *counts;
    lgd_order *order; /* NULL */
    double half_life; /* sessions */
    uint64_t session; /* number of the one at hand */
    mark_table marks;
    place_table places;
    kept_list held;  /* odd ones, oldest first */
    kept_list batch; /* to be followed */
    size_t batch_sessions;
    bool following;
    lgd_phase *phases;
    size_t n_phases, phases_capacity;
    uint64_t last_learned; /* session at which the last phase was */
};

/* ---- kept sessions ---- */

static void kept_release(kept *k) {
    lgd_free(k->counts);
    lgd_free(k->ids);
}

static void kept_list_clear(kept_list *l) {
    for (size_t i = 0; i < l->n; i++) kept_release(&l->rows[i]);
    l->n = 0;
}

static void *copy_of(const void *items, size_t n, size_t size) {
    void *copy = lgd_alloc(n ? n * size : size);
    if (copy && n) memcpy(copy, items, n * size);
    return copy;
}

/* Takes k over. */
static lgd_status kept_list_add(kept_list *l, kept k, size_t most, lgd_err *err) {
    lgd_status status = k.counts && k.ids ? LGD_OK : lgd_fail_memory(err, k.n_ids * sizeof *k.ids);
    if (status == LGD_OK && l->n == most) {
        kept_release(&l->rows[0]);
        memmove(l->rows, l->rows + 1, --l->n * sizeof *l->rows);
    }
    if (status == LGD_OK) status = lgd_grow((void **)&l->rows, &l->capacity, l->n + 1, sizeof *l->rows, most, err);
    if (status == LGD_OK)
        l->rows[l->n++] = k;
    else
        kept_release(&k);
    return status;
}

/* A log may be one session: what is kept of each is bounded. An order that is not kept is one that is not known. */
static kept keep(const lgd_adapt_session *s) {
    size_t n_ids = s->sequence.n <= LGD_ADAPT_EVENTS ? s->sequence.n : 0;
    return (kept){.counts = copy_of(s->session.counts, s->session.n, sizeof *s->session.counts),
                  .ids = copy_of(s->sequence.ids, n_ids, sizeof *s->sequence.ids),
                  .n_counts = s->session.n,
                  .n_ids = n_ids,
                  .network = s->network};
}

/* A threshold of few bits leaves no room below it. */
static double odd_bits(const lgd_adapt *a) { return fmax(a->o.threshold - odd_margin, a->o.threshold / 2); }

/* ---- following ---- */

/* What the sessions of a batch weigh: together as much as the others lose, the later ones more. */
static double weigh(const lgd_adapt *a, double *weights) {
    size_t n = a->batch.n;
    double one = a->counts->model.weight * (1 - exp2(-1 / a->half_life));
    for (size_t i = 0; i < n; i++) weights[i] = one * exp2(-(double)(n - 1 - i) / a->half_life);
    return exp2(-(double)n / a->half_life);
}

static lgd_status follow_places(lgd_adapt *a, const double *weights, double fade, lgd_err *err) {
    place_table_fade(&a->places, fade);
    for (size_t i = 0; i < a->batch.n; i++)
        if (a->batch.rows[i].network.at != LGD_NO_TEMPLATE && a->batch.rows[i].network.bits >= odd_bits(a))
            LGD_TRY(place_table_add(&a->places, &a->batch.rows[i].network, weights[i], err));
    return LGD_OK;
}

static lgd_status follow_as(lgd_adapt *a, double *weights, lgd_session *sessions, lgd_sequence *sequences,
                            lgd_err *err) {
    size_t n = a->batch.n;
    double fade = weigh(a, weights);
    for (size_t i = 0; i < n; i++) {
        const kept *k = &a->batch.rows[i];
        sessions[i] = (lgd_session){k->counts, k->n_counts};
        sequences[i] = (lgd_sequence){k->ids, k->n_ids};
    }
    LGD_TRY(follow_places(a, weights, fade, err));
    if (a->order) LGD_TRY(order_follow(a->order, sequences, weights, n, fade, err));
    a->counts->n_sessions += n;
    return count_model_follow(&a->counts->model, sessions, weights, n, fade, err);
}

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* A training with the sessions of the batch would have had scores such as theirs, so nine tenths of them say no more than
 * their share does. scores: room for the batch. */
static lgd_status calibrate_batch(lgd_adapt *a, double *scores, lgd_err *err) {
    size_t n = a->batch.n;
    double left = exp2(-(double)n / a->half_life);
    for (size_t i = 0; i < n; i++) {
        lgd_session s = {a->batch.rows[i].counts, a->batch.rows[i].n_counts};
        lgd_template_id id;
        scores[i] = count_model_score(&a->counts->model, &s, &id);
    }
    qsort(scores, n, sizeof *scores, ascending);
    return calibration_lower(&a->counts->calibration, scores[n * 9 / 10], -log2(1 - left), err);
}

/* learned: it is what a phase is learned from. */
static lgd_status follow_batch(lgd_adapt *a, bool learned, lgd_err *err) {
    size_t n = a->batch.n, n_bytes = n * (sizeof(double) + sizeof(lgd_session) + sizeof(lgd_sequence));
    if (n == 0) return LGD_OK;
    double *weights = lgd_alloc(n * sizeof *weights);
    lgd_session *sessions = lgd_alloc(n * sizeof *sessions);
    lgd_sequence *sequences = lgd_alloc(n * sizeof *sequences);
    bool ok = weights && sessions && sequences;
    lgd_status status = ok ? follow_as(a, weights, sessions, sequences, err) : lgd_fail_memory(err, n_bytes);
    if (status == LGD_OK && learned) status = calibrate_batch(a, weights, err);
    lgd_free(weights);
    lgd_free(sessions);
    lgd_free(sequences);
    kept_list_clear(&a->batch);
    return status;
}

static lgd_status follow(lgd_adapt *a, kept k, lgd_err *err) {
    LGD_TRY(kept_list_add(&a->batch, k, SIZE_MAX, err));
    return a->batch.n >= a->batch_sessions ? follow_batch(a, false, err) : LGD_OK;
}

/* ---- what a session shows ---- */

static bool speaks_of_fault(const lgd_adapt *a, lgd_template_id id) {
    bool is_mark = id == LGD_ORDER_START || id == LGD_ORDER_END || id == LGD_NO_TEMPLATE;
    return !is_mark && a->o.is_fault && a->o.is_fault(a->o.ctx, id);
}

/* Fewer faults than usual are none. */
static bool is_clean(const lgd_adapt *a, const lgd_adapt_session *s, lgd_deviation d, bool cut_short) {
    if (d.kind == LGD_DEVIATION_ABSENT || d.kind == LGD_DEVIATION_FEWER) return !cut_short;
    if (d.id == LGD_ORDER_END) return !cut_short;
    const lgd_worst *w = d.kind == LGD_DEVIATION_ORDER ? &s->order : &s->network;
    bool behind_fault = d.kind != LGD_DEVIATION_MORE && speaks_of_fault(a, w->before[1]);
    return !speaks_of_fault(a, d.id) && !behind_fault;
}

/* Fills k->shows. Returns whether all of it is clean. */
static bool find_deviations(const lgd_adapt *a, const lgd_adapt_session *s, kept *k) {
    double odd = odd_bits(a);
    bool cut_short = counts_is_cut_short(a->counts, &s->session), clean = true;
    k->n_shows = counts_deviations(a->counts, &s->session, odd, k->shows, MAX_DEVIATIONS - 2);
    if (s->order.at != LGD_NO_TEMPLATE && s->order.bits >= odd)
        k->shows[k->n_shows++] = (lgd_deviation){LGD_DEVIATION_ORDER, s->order.at};
    if (s->network.at != LGD_NO_TEMPLATE && lgd_adapt_bits(a, &s->network) >= odd)
        k->shows[k->n_shows++] = (lgd_deviation){LGD_DEVIATION_LSTM, s->network.at};
    for (size_t i = 0; i < k->n_shows; i++) clean &= is_clean(a, s, k->shows[i], cut_short);
    return clean;
}

static bool shows(const kept *k, lgd_deviation d) {
    for (size_t i = 0; i < k->n_shows; i++)
        if (k->shows[i].kind == d.kind && k->shows[i].id == d.id) return true;
    return false;
}

/* ---- learning ---- */

static bool is_accepted(lgd_adapt *a, lgd_deviation d) {
    const mark *m = mark_table_find(&a->marks, d);
    return m && m->accepted;
}

static bool all_accepted(lgd_adapt *a, const kept *k) {
    for (size_t i = 0; i < k->n_shows; i++)
        if (!is_accepted(a, k->shows[i])) return false;
    return k->n_shows > 0;
}

/* Whether d comes with `main`, in a quarter of its sessions or more, and hardly ever without. What the order is odd at
 * varies more than counts do, so twice is enough for it. */
static bool comes_with(const lgd_adapt *a, lgd_deviation d, lgd_deviation main) {
    size_t with_main = 0, with_d = 0, both = 0;
    for (size_t i = 0; i < a->held.n; i++) {
        bool has_main = shows(&a->held.rows[i], main), has_d = shows(&a->held.rows[i], d);
        with_main += has_main;
        with_d += has_d;
        both += has_main && has_d;
    }
    bool is_count = d.kind != LGD_DEVIATION_ORDER && d.kind != LGD_DEVIATION_LSTM;
    return (is_count ? 4 * both >= with_main : both >= 2) && 10 * both >= 9 * with_d;
}

static void accept(lgd_adapt *a, lgd_deviation d, lgd_phase *p) {
    mark *m = mark_table_find(&a->marks, d);
    if (!m || m->accepted) return;
    m->accepted = true;
    if (p->n_parts < LGD_PHASE_PARTS) p->parts[p->n_parts++] = d;
}

/* The held sessions of which all is learned by now are followed, at once. */
static lgd_status release_held(lgd_adapt *a, lgd_err *err) {
    size_t left = 0, n = a->held.n;
    lgd_status status = LGD_OK;
    a->held.n = 0;
    for (size_t i = 0; i < n; i++) {
        kept *k = &a->held.rows[i];
        if (status == LGD_OK && all_accepted(a, k))
            status = kept_list_add(&a->batch, *k, SIZE_MAX, err);
        else
            a->held.rows[left++] = *k;
    }
    a->held.n = left;
    return status == LGD_OK ? follow_batch(a, true, err) : status;
}

/* What has enough evidence soon after another phase began together with it is of that phase. */
static lgd_status phase_of(lgd_adapt *a, const mark *m, lgd_phase **ret, lgd_err *err) {
    if (a->n_phases == 0 || (m->first_session > a->last_learned && a->n_phases < MAX_PHASES)) {
        LGD_TRY(
            lgd_grow((void **)&a->phases, &a->phases_capacity, a->n_phases + 1, sizeof *a->phases, MAX_PHASES, err));
        a->phases[a->n_phases++] =
            (lgd_phase){.since_ns = m->since_ns, .sessions = m->sessions, .of = a->session - m->first_session + 1};
    }
    a->last_learned = a->session;
    *ret = &a->phases[a->n_phases - 1];
    return LGD_OK;
}

static lgd_status learn(lgd_adapt *a, const mark *m, lgd_err *err) {
    lgd_phase *p = NULL;
    lgd_deviation main = m->what;
    LGD_TRY(phase_of(a, m, &p, err));
    accept(a, main, p);
    for (size_t i = 0; i < a->held.n; i++) {
        const kept *k = &a->held.rows[i];
        for (size_t d = 0; d < k->n_shows; d++)
            if (!is_accepted(a, k->shows[d]) && comes_with(a, k->shows[d], main)) accept(a, k->shows[d], p);
    }
    a->following = true;
    LGD_TRY(follow_batch(a, false, err));
    return release_held(a, err);
}

static bool has_lasted(const mark *m, int64_t now_ns) {
    if (m->since_ns == LGD_NO_TIME || now_ns == LGD_NO_TIME) return true;
    return fabs((double)now_ns - (double)m->since_ns) >= least_duration_ns; /* the next file may begin earlier */
}

/* Counts what it shows. *ret: a deviation that is to be learned now; its evidence is 0 where none is. */
static lgd_status note(lgd_adapt *a, const kept *k, int64_t start_ns, mark *ret, lgd_err *err) {
    for (size_t i = 0; i < k->n_shows; i++) {
        mark *m = NULL;
        LGD_TRY(mark_table_note(&a->marks, k->shows[i], a->session, start_ns, &m, err));
        if (m->evidence < still) m->accepted = false;
        bool ready = !m->accepted && m->evidence >= enough && has_lasted(m, start_ns);
        if (ready && m->evidence > ret->evidence) *ret = *m;
    }
    return LGD_OK;
}

static lgd_status add_odd(lgd_adapt *a, const lgd_adapt_session *s, lgd_err *err) {
    kept k = keep(s);
    mark ready = {0};
    lgd_status status = LGD_OK;
    bool clean = find_deviations(a, s, &k);
    if (clean && k.n_shows) status = note(a, &k, s->start_ns, &ready, err);
    if (status != LGD_OK || !clean || k.n_shows == 0) {
        kept_release(&k);
        return status;
    }
    if (all_accepted(a, &k)) return follow(a, k, err);
    LGD_TRY(kept_list_add(&a->held, k, MAX_HELD, err));
    return ready.evidence > 0 ? learn(a, &ready, err) : LGD_OK;
}

lgd_status lgd_adapt_add(lgd_adapt *a, const lgd_adapt_session *s, lgd_err *err) {
    a->session++;
    if (s->bits >= odd_bits(a)) return add_odd(a, s, err);
    return a->following ? follow(a, keep(s), err) : LGD_OK;
}

/* ---- what others ask ---- */

double lgd_adapt_bits(const lgd_adapt *a, const lgd_worst *network) {
    double weight = place_table_weight(&a->places, network);
    double most = log2((a->counts->model.weight + 1) / (weight + 1));
    return weight > 0 && network->bits > most ? (most > 0 ? most : 0) : network->bits;
}

const lgd_counts *lgd_adapt_counts(const lgd_adapt *a) { return a->counts; }
const lgd_order *lgd_adapt_order(const lgd_adapt *a) { return a->order; }
size_t lgd_adapt_n_phases(const lgd_adapt *a) { return a->n_phases; }
const lgd_phase *lgd_adapt_phase(const lgd_adapt *a, size_t i) { return &a->phases[i]; }

/* ---- beginning and end ---- */

/* Copies go the way that a model file goes. */
static lgd_status copy_counts(const lgd_counts *c, lgd_counts **ret, lgd_err *err) {
    lgd_buf bytes = {0};
    lgd_status status = lgd_counts_save(c, &bytes, err);
    if (status == LGD_OK) status = lgd_counts_load(lgd_buf_sv(&bytes), c->model.n_templates, ret, err);
    lgd_buf_release(&bytes);
    return status;
}

static lgd_status copy_order(const lgd_order *o, size_t n_templates, lgd_order **ret, lgd_err *err) {
    lgd_buf bytes = {0};
    lgd_status status = lgd_order_save(o, &bytes, err);
    if (status == LGD_OK) status = lgd_order_load(lgd_buf_sv(&bytes), n_templates, ret, err);
    lgd_buf_release(&bytes);
    return status;
}

lgd_status lgd_adapt_new(const lgd_counts *counts, const lgd_order *order, const lgd_adapt_options *o, lgd_adapt **ret,
                         lgd_err *err) {
    lgd_adapt *a = lgd_calloc(1, sizeof *a);
    if (!a) return lgd_fail_memory(err, sizeof *a);
    double half_life = (double)counts->n_sessions / 4, batch = (double)counts->n_sessions / 256;
    a->o = *o;
    a->half_life = half_life > MIN_HALF_LIFE ? half_life : MIN_HALF_LIFE;
    a->batch_sessions = batch < MIN_BATCH ? MIN_BATCH : batch > MAX_BATCH ? MAX_BATCH : (size_t)batch;
    lgd_status status = copy_counts(counts, &a->counts, err);
    if (status == LGD_OK && order) status = copy_order(order, counts->model.n_templates, &a->order, err);
    if (status == LGD_OK)
        *ret = a;
    else
        lgd_adapt_free(a);
    return status;
}

void lgd_adapt_free(lgd_adapt *a) {
    if (!a) return;
    lgd_counts_free(a->counts);
    lgd_order_free(a->order);
    mark_table_release(&a->marks);
    place_table_release(&a->places);
    kept_list_clear(&a->held);
    kept_list_clear(&a->batch);
    lgd_free(a->held.rows);
    lgd_free(a->batch.rows);
    lgd_free(a->phases);
    lgd_free(a);
}
