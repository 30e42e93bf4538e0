/*
 * pipeline/diff: two logs -> one table of templates -> what is new, gone, more or less frequent.
 *
 *     1  lines of GOOD, then of BAD -> signatures -> templates of both
 *     2  the same lines -> counts of each template on each side, the first line of each
 *
 * Each side is read as parse reads its input, with the layouts that were learned on the way, those of GOOD preferred for
 * BAD. What is counted depends on the lines alone; memory is bounded by the templates. How counts are compared is
 * detect/compare's.
 */
#include "examples.h"
#include "logdetect/logdetect.h"
#include "run.h"

#include <stdlib.h>

enum { GOOD, BAD, SIDES };

/* Where a template was first seen on a side. */
typedef struct sighting {
    uint64_t line;
    int64_t time_ns;
    uint32_t file;
    uint8_t level;
} sighting;

typedef struct side {
    char *input[1];
    lgd_config config; /* the user's, with this side as its only input; owns nothing */
    run run;
    batch batch; /* of the last pass: what was read */
    sighting *first;
    size_t first_capacity;
    examples lines;             /* first lines of templates */
    uint64_t n_mined, n_events; /* in each of both passes: the same, unless the log changes under our hands */
    uint64_t n_left_out;        /* of templates beyond those that can be kept */
} side;

typedef struct differ {
    side sides[SIDES];
    bundle model; /* layouts and templates alone */
    size_t n_good_profiles;
    lgd_miner *miner;
    lgd_newcomers *newcomers;
    lgd_compared *rows; /* by template */
    size_t n_rows, rows_capacity;
    lgd_comparison *comparisons;
    lgd_change *changes;
    uint64_t n_dropped;
    lgd_arena arena; /* of the report */
} differ;

/* ---- passes ---- */

typedef struct pass {
    differ *d;
    side *side;
    int which;
} pass;

/* The side's last batch stays, for what it says of the reading. */
static lgd_status read_side(differ *d, int which, const char *phase, bool several, run_block each, lgd_err *err) {
    side *s = &d->sides[which];
    pass p = {d, s, which};
    batch_release(&s->batch);
    LGD_TRY(batch_init(&s->batch, s->run.pool, NULL, err));
    s->batch.keep_signatures = several;
    s->batch.store = d->model.store;
    s->batch.newcomers = d->newcomers;
    s->batch.profiles = d->model.profiles;
    s->batch.n_profiles = &d->model.n_profiles;
    s->batch.n_model_profiles = d->n_good_profiles;
    return run_pass(&s->run, &s->batch, phase, several, each, &p, err);
}

static lgd_status mine_block(void *ctx, batch *b, const lgd_block *block, uint64_t first, lgd_err *err) {
    pass *p = ctx;
    (void)block;
    (void)first;
    for (size_t i = 0; i < b->events.n; i++)
        LGD_TRY(lgd_miner_add(p->d->miner, b->origins[i].parse->signature, b->origins[i].parse->raw_signature, err));
    return LGD_OK;
}

static lgd_status check_side(side *s, lgd_err *err) {
    if (run_check_inputs(&s->run, NULL) == LGD_OK) return LGD_OK;
    return lgd_fail(err, LGD_E_IO, "%.200s: nothing of it could be read; nothing was compared", s->input[0]);
}

static lgd_status mine(differ *d, const lgd_world *world, lgd_err *err) {
    LGD_TRY(lgd_miner_new(world->hash_key, 0, &d->miner, err));
    for (int k = 0; k < SIDES; k++) {
        LGD_TRY(read_side(d, k, "templates", true, mine_block, err));
        LGD_TRY(check_side(&d->sides[k], err));
        d->sides[k].n_mined = d->sides[k].batch.tally.events;
        if (k == GOOD) d->n_good_profiles = d->model.n_profiles;
    }
    LGD_TRY(lgd_miner_freeze(d->miner, &d->model.store, err));
    d->n_dropped = lgd_miner_n_dropped(d->miner);
    lgd_miner_free(d->miner);
    d->miner = NULL;
    return lgd_newcomers_new(d->model.store, world->hash_key, &d->newcomers, err);
}

/* ---- counting ---- */

static lgd_status reserve_row(differ *d, lgd_template_id id, lgd_err *err) {
    size_t n = (size_t)id + 1;
    if (n <= d->n_rows) return LGD_OK;
    LGD_TRY(lgd_grow((void **)&d->rows, &d->rows_capacity, n, sizeof *d->rows, UINT32_MAX, err));
    for (int k = 0; k < SIDES; k++)
        LGD_TRY(lgd_grow((void **)&d->sides[k].first, &d->sides[k].first_capacity, n, sizeof *d->sides[k].first,
                         UINT32_MAX, err));
    memset(d->rows + d->n_rows, 0, (n - d->n_rows) * sizeof *d->rows);
    d->n_rows = n;
    return LGD_OK;
}

static lgd_status keep_first(side *s, lgd_template_id id, const origin *o, uint32_t file, lgd_err *err) {
    const lgd_record *r = o->record;
    s->first[id] = (sighting){r->line, o->header.start_ns, file, (uint8_t)o->header.level};
    return examples_add(&s->lines, id, lgd_sv_trim((lgd_sv){r->text.p, r->head_n}), err);
}

static lgd_status count_block(void *ctx, batch *b, const lgd_block *block, uint64_t first, lgd_err *err) {
    pass *p = ctx;
    differ *d = p->d;
    for (size_t i = 0; i < b->events.n; i++) {
        lgd_template_id id = b->events.template_id[i];
        if (lgd_newcomers_is_rest(d->newcomers, id)) {
            p->side->n_left_out++;
            continue;
        }
        LGD_TRY(reserve_row(d, id, err));
        lgd_compared *row = &d->rows[id];
        uint64_t *count = p->which == GOOD ? &row->good : &row->bad;
        uint32_t *blocks = p->which == GOOD ? row->good_blocks : row->bad_blocks;
        if ((*count)++ == 0) LGD_TRY(keep_first(p->side, id, &b->origins[i], (uint32_t)block->file, err));
        uint64_t part = (first + i) * LGD_COMPARE_BLOCKS / (p->side->n_mined + !p->side->n_mined);
        if (part >= LGD_COMPARE_BLOCKS) part = LGD_COMPARE_BLOCKS - 1;
        blocks[part] += blocks[part] < UINT32_MAX;
    }
    return LGD_OK;
}

static lgd_status count(differ *d, lgd_err *err) {
    size_t n = lgd_store_n_templates(d->model.store);
    if (n) LGD_TRY(reserve_row(d, (lgd_template_id)n - 1, err));
    for (int k = 0; k < SIDES; k++) {
        LGD_TRY(read_side(d, k, "diff", false, count_block, err));
        d->sides[k].n_events = d->sides[k].batch.tally.events;
    }
    uint64_t sums[SIDES] = {d->sides[GOOD].n_left_out, d->sides[BAD].n_left_out};
    for (size_t i = 0; i < d->n_rows; i++) {
        sums[GOOD] += d->rows[i].good;
        sums[BAD] += d->rows[i].bad;
    }
    for (int k = 0; k < SIDES; k++)
        if (sums[k] != d->sides[k].n_events)
            return lgd_fail(err, LGD_E_DATA, "counts do not add up: %llu events of templates, %llu of %.200s",
                            (unsigned long long)sums[k], (unsigned long long)d->sides[k].n_events,
                            d->sides[k].input[0]);
    return LGD_OK;
}

/* ---- the report ---- */

static lgd_change change_of(const differ *d, lgd_template_id id) {
    const lgd_compared *row = &d->rows[id];
    const lgd_comparison *c = &d->comparisons[id];
    bool in_bad = c->kind == LGD_CHANGE_NEW || c->kind == LGD_CHANGE_MORE;
    const side *s = &d->sides[in_bad ? BAD : GOOD];
    const sighting *first = &s->first[id];
    uint64_t n_good = d->sides[GOOD].n_events, n_bad = d->sides[BAD].n_events;
    return (lgd_change){.kind = c->kind,
                        .template_id = id,
                        .template_text = lgd_newcomers_text(d->newcomers, id),
                        .level = (lgd_level)first->level,
                        .good = row->good,
                        .bad = row->bad,
                        .good_share = n_good ? (double)row->good / (double)n_good : 0,
                        .bad_share = n_bad ? (double)row->bad / (double)n_bad : 0,
                        .ratio = c->ratio,
                        .bits = c->bits,
                        .q_value = c->q_value,
                        .significant = c->significant,
                        .file = lgd_sv_of(s->run.list.files[first->file].path),
                        .line = first->line,
                        .time_ns = first->time_ns,
                        .raw = examples_text(&s->lines, id)};
}

/* Surest first; of equally sure ones the more severe, then the more frequent. */
static int by_surprise(const void *a, const void *b) {
    const lgd_change *x = a, *y = b;
    if (x->bits != y->bits) return x->bits > y->bits ? -1 : 1;
    if (x->level != y->level) return x->level > y->level ? -1 : 1;
    uint64_t n = x->good + x->bad, m = y->good + y->bad;
    if (n != m) return n > m ? -1 : 1;
    return (x->template_id > y->template_id) - (x->template_id < y->template_id);
}

/* Of the times of its events, in seconds; 0: not known. */
static double span_of(const side *s) {
    const tally *t = &s->batch.tally;
    return t->start_ns == LGD_NO_TIME ? 0 : ((double)t->end_ns - (double)t->start_ns) / 1e9;
}

static double expected_scale(const differ *d) {
    double good = span_of(&d->sides[GOOD]), bad = span_of(&d->sides[BAD]);
    return good > 0 && bad > 0 ? bad / good : 1;
}

static lgd_status find_changes(differ *d, lgd_diff *out, lgd_err *err) {
    lgd_compare_summary s;
    size_t n = 0;
    d->comparisons = lgd_calloc(d->n_rows, sizeof *d->comparisons);
    d->changes = lgd_alloc(d->n_rows * sizeof *d->changes);
    if (!d->comparisons || !d->changes) return lgd_fail_memory(err, d->n_rows * sizeof *d->changes);
    LGD_TRY(lgd_compare(d->rows, d->n_rows, expected_scale(d), d->comparisons, &s, err));
    for (size_t i = 0; i < d->n_rows; i++) {
        out->templates += d->rows[i].good + d->rows[i].bad > 0;
        if (d->comparisons[i].kind != LGD_CHANGE_NONE) {
            d->changes[n++] = change_of(d, (lgd_template_id)i);
            continue;
        }
        out->unchanged_good += d->rows[i].good;
        out->unchanged_bad += d->rows[i].bad;
    }
    qsort(d->changes, n, sizeof *d->changes, by_surprise);
    out->changes = d->changes;
    out->n_changes = n;
    out->scale = s.scale;
    out->scale_templates = s.n_both;
    out->max_q = s.max_q;
    out->min_ratio = s.min_ratio;
    memcpy(out->n, s.n, sizeof out->n);
    return LGD_OK;
}

static lgd_status describe_side(differ *d, int which, lgd_diff_side *ret, lgd_err *err) {
    const side *s = &d->sides[which];
    ret->name = lgd_sv_of(s->input[0]);
    ret->events = s->n_events;
    ret->events_left_out = s->n_left_out;
    LGD_TRY(run_summarize(&s->run, &s->batch, &d->arena, &ret->read, err));
    if (s->lines.n_left_out)
        LGD_TRY(run_add_problem(&d->arena, &ret->read, err, "the first lines of %llu templates were not kept",
                                (unsigned long long)s->lines.n_left_out));
    if (which == BAD && d->n_dropped)
        LGD_TRY(run_add_problem(&d->arena, &ret->read, err, "%llu rare signatures were dropped from a full table",
                                (unsigned long long)d->n_dropped));
    if (s->n_events != s->n_mined)
        LGD_TRY(run_add_problem(&d->arena, &ret->read, err,
                                "it changed while it was read: it had %llu events first, and %llu when they were "
                                "counted; what is sure is not to be trusted",
                                (unsigned long long)s->n_mined, (unsigned long long)s->n_events));
    if (s->n_left_out)
        LGD_TRY(run_add_problem(&d->arena, &ret->read, err,
                                "%llu events were not compared: they have more templates than can be kept",
                                (unsigned long long)s->n_left_out));
    return LGD_OK;
}

/* ---- the command ---- */

static lgd_status open_sides(differ *d, const lgd_config *config, const lgd_world *world, lgd_err *err) {
    if (config->inputs.n != SIDES)
        return lgd_fail(err, LGD_E_USAGE, "diff: it takes two logs, GOOD and BAD (a glob in quotes), and not %zu",
                        config->inputs.n);
    if (strcmp(config->inputs.items[GOOD], "-") == 0 && strcmp(config->inputs.items[BAD], "-") == 0)
        return lgd_fail(err, LGD_E_USAGE, "diff: only one of the two logs can be standard input");
    for (int k = 0; k < SIDES; k++) {
        side *s = &d->sides[k];
        s->input[0] = config->inputs.items[k];
        s->config = *config;
        s->config.inputs = (lgd_strings){s->input, 1, 1};
        LGD_TRY(run_init(&s->run, &s->config, world, err));
    }
    return LGD_OK;
}

static lgd_status compare_logs(differ *d, const lgd_config *config, const lgd_world *world, lgd_diff *out,
                               lgd_err *err) {
    LGD_TRY(open_sides(d, config, world, err));
    LGD_TRY(mine(d, world, err));
    LGD_TRY(count(d, err));
    LGD_TRY(find_changes(d, out, err));
    LGD_TRY(describe_side(d, GOOD, &out->good, err));
    return describe_side(d, BAD, &out->bad, err);
}

/* Any two logs differ in a line that came once; only what is significant counts. */
static void outcome_of(const differ *d, const lgd_diff *diff, lgd_outcome *ret) {
    *ret = (lgd_outcome){0};
    for (size_t i = 0; i < diff->n_changes; i++) ret->anomalies += diff->changes[i].significant;
    for (int k = 0; k < SIDES; k++) {
        lgd_outcome one = {0};
        run_outcome(&d->sides[k].run, &d->sides[k].batch, &one);
        ret->incomplete |= one.incomplete;
        ret->lines += one.lines;
        ret->bytes += one.bytes;
    }
}

static void release(differ *d) {
    for (int k = 0; k < SIDES; k++) {
        batch_release(&d->sides[k].batch);
        run_release(&d->sides[k].run);
        examples_release(&d->sides[k].lines);
        lgd_free(d->sides[k].first);
    }
    lgd_miner_free(d->miner);
    lgd_newcomers_free(d->newcomers);
    bundle_release(&d->model);
    lgd_free(d->rows);
    lgd_free(d->comparisons);
    lgd_free(d->changes);
    lgd_arena_release(&d->arena);
}

lgd_status lgd_diff_logs(const lgd_config *config, const lgd_world *world, lgd_sink sink, bool color,
                         lgd_outcome *ret_outcome, lgd_err *err) {
    differ d = {0};
    lgd_diff diff = {.tool_version = LGD_VERSION, .color = color};
    lgd_status status = compare_logs(&d, config, world, &diff, err);
    if (status == LGD_OK) status = lgd_report_diff(config->format, &diff, sink, err);
    if (status == LGD_OK) outcome_of(&d, &diff, ret_outcome);
    release(&d);
    return status;
}
