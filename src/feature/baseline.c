/*
 * feature/baseline: learning what is normal, one event at a time: counters only. Memory is bounded by the number of
 * templates, MAX_SLOTS slots and MAX_PAIRS transitions; what does not fit is counted and left out.
 */
#include "feature.h"

#include <math.h>

lgd_status lgd_baseline_new(size_t n_templates, size_t n_slots, lgd_baseline **ret, lgd_err *err) {
    lgd_baseline *b = lgd_calloc(1, sizeof *b);
    if (!b) return lgd_fail_memory(err, sizeof *b);
    b->n_templates = n_templates;
    b->n_slots = n_slots < MAX_SLOTS ? n_slots : MAX_SLOTS;
    b->templates = lgd_calloc(n_templates, sizeof *b->templates);
    b->slots = lgd_calloc(b->n_slots, sizeof *b->slots);
    b->rare_events = lgd_calloc(MAX_RARE, sizeof *b->rare_events);
    b->start_ns = b->end_ns = LGD_NO_TIME;
    if (!b->templates || !b->slots || !b->rare_events) {
        lgd_baseline_free(b);
        return lgd_fail_memory(err, n_templates * sizeof *b->templates);
    }
    for (size_t i = 0; i < n_templates; i++) {
        b->templates[i].best_successor = LGD_NO_TEMPLATE;
        b->templates[i].first_ns = b->templates[i].last_ns = LGD_NO_TIME;
    }
    *ret = b;
    return LGD_OK;
}

void lgd_baseline_free(lgd_baseline *b) {
    if (!b) return;
    lgd_free(b->templates);
    lgd_free(b->slots);
    lgd_free(b->pairs);
    lgd_free(b->rare_events);
    lgd_index_release(&b->pair_index);
    lgd_free(b);
}

/* ---- transitions ---- */

static bool pair_equal(const void *ctx, uint32_t item, const void *key) {
    const pair_row *row = &((const lgd_baseline *)ctx)->pairs[item], *k = key;
    return row->previous == k->previous && row->next == k->next;
}

static uint64_t pair_hash(lgd_template_id previous, lgd_template_id next) {
    return lgd_hash_u64((uint64_t)previous << 32 | next, 0x70616972u);
}

const pair_row *baseline_pair(const lgd_baseline *b, lgd_template_id previous, lgd_template_id next) {
    pair_row key = {.previous = previous, .next = next};
    uint32_t found = lgd_index_find(&b->pair_index, pair_hash(previous, next), pair_equal, b, &key);
    return found == LGD_INDEX_NONE ? NULL : &b->pairs[found];
}

lgd_status baseline_add_pair(lgd_baseline *b, lgd_template_id previous, lgd_template_id next, unsigned fold,
                             lgd_err *err) {
    pair_row key = {.previous = previous, .next = next};
    uint64_t hash = pair_hash(previous, next);
    uint32_t found = lgd_index_find(&b->pair_index, hash, pair_equal, b, &key);
    if (found == LGD_INDEX_NONE) {
        if (b->n_pairs == MAX_PAIRS) return b->pairs_left_out++, LGD_OK;
        LGD_TRY(lgd_grow((void **)&b->pairs, &b->pairs_capacity, b->n_pairs + 1, sizeof *b->pairs, MAX_PAIRS, err));
        found = (uint32_t)b->n_pairs;
        LGD_TRY(lgd_index_add(&b->pair_index, hash, found, err));
        b->pairs[b->n_pairs++] = key;
        b->templates[previous].successors++;
    }
    b->pairs[found].count[fold]++;
    b->templates[previous].followed[fold]++;
    return LGD_OK;
}

/* ---- one event ---- */

static void learn_time(lgd_baseline *b, template_stats *t, const step *s, int64_t now, unsigned fold) {
    if (b->start_ns == LGD_NO_TIME || now < b->start_ns) b->start_ns = now;
    if (b->end_ns == LGD_NO_TIME || now > b->end_ns) b->end_ns = now;
    if (t->first_ns == LGD_NO_TIME || now < t->first_ns) t->first_ns = now;
    if (t->last_ns == LGD_NO_TIME || now > t->last_ns) t->last_ns = now;
    int64_t second = now / 1000000000 - (now % 1000000000 < 0);
    unsigned hour = (unsigned)(((second / 3600) % HOURS + HOURS) % HOURS);
    t->hours[hour]++;
    t->hour_folds[fold] |= 1u << hour;
    if (b->hours[hour]++ == 0 || second / 86400 > b->hour_last_day[hour]) b->hour_days[hour]++;
    if (second / 86400 > b->hour_last_day[hour]) b->hour_last_day[hour] = second / 86400;
    if (s->window_count > t->peak[fold]) t->peak[fold] = s->window_count;
    if (s->gap_ns > t->gap_max_ns[fold]) t->gap_max_ns[fold] = s->gap_ns;
    if (s->window_events >= MIN_WINDOW) {
        double share = (double)s->window_warnings / s->window_events;
        if (share > b->warning_peak[fold]) b->warning_peak[fold] = share;
    }
}

static lgd_status learn_one(lgd_baseline *b, const step *s, const lgd_events *e, size_t i, occasion at, lgd_err *err) {
    unsigned fold = (unsigned)at.fold;
    lgd_template_id id = e->template_id[i];
    if (id >= b->n_templates) return LGD_OK;
    template_stats *t = &b->templates[id];
    double log_length = log(1.0 + e->length[i]);
    t->count[fold]++;
    t->log_length_sum += log_length;
    t->log_length_squares += log_length * log_length;
    b->n_events++;
    b->fold_events[fold]++;
    b->stream_events += e->stream[i] != 0;
    b->n_streams += e->stream[i] != 0 && s->new_stream;
    b->warnings += e->level[i] >= LGD_LEVEL_WARN;
    if (e->start_ns[i] != LGD_NO_TIME) learn_time(b, t, s, e->start_ns[i], fold);
    for (uint32_t v = 0; v < e->n_values[i]; v++)
        if (e->values[i][v].slot < b->n_slots) slot_learn(&b->slots[e->values[i][v].slot], &e->values[i][v], at);
    if (s->previous < b->n_templates) LGD_TRY(baseline_add_pair(b, s->previous, id, fold, err));
    return LGD_OK;
}

lgd_status lgd_baseline_learn(lgd_baseline *b, lgd_tracker *t, const lgd_events *e, uint64_t first,
                              uint64_t block_events, lgd_err *err) {
    for (size_t i = 0; i < e->n; i++) {
        step s = tracker_step(t, e, i);
        occasion at = {(int)lgd_fold_of(first + i, block_events), first + i};
        LGD_TRY(learn_one(b, &s, e, i, at, err));
    }
    return LGD_OK;
}

lgd_status lgd_baseline_finish(lgd_baseline *b, lgd_err *err) {
    (void)err;
    memset(b->rare_events, 0, MAX_RARE * sizeof *b->rare_events);
    b->singletons = 0;
    for (size_t i = 0; i < b->n_templates; i++) {
        uint64_t count = total_of(b->templates[i].count);
        b->singletons += count == 1;
        if (count < MAX_RARE) b->rare_events[count] += count;
    }
    for (size_t i = 1; i < MAX_RARE; i++) b->rare_events[i] += b->rare_events[i - 1];
    for (size_t i = 0; i < b->n_pairs; i++) {
        const pair_row *p = &b->pairs[i];
        template_stats *t = &b->templates[p->previous];
        uint32_t count = (uint32_t)total_of(p->count);
        if (count < t->best_count || (count == t->best_count && p->next >= t->best_successor)) continue;
        t->best_count = count;
        t->best_successor = p->next;
    }
    return LGD_OK;
}

/* ---- what others ask ---- */

uint64_t lgd_baseline_n_events(const lgd_baseline *b) { return b->n_events; }
uint64_t lgd_baseline_singletons(const lgd_baseline *b) { return b->singletons; }
int64_t lgd_baseline_start_ns(const lgd_baseline *b) { return b->start_ns; }
int64_t lgd_baseline_end_ns(const lgd_baseline *b) { return b->end_ns; }

double lgd_baseline_newcomer_bits(const lgd_baseline *b) {
    return -log2((double)(b->rare_events[1] + 1) / (double)(b->n_events + 1));
}

uint64_t lgd_baseline_count(const lgd_baseline *b, lgd_template_id t) {
    return t < b->n_templates ? total_of(b->templates[t].count) : 0;
}

lgd_template_id lgd_baseline_successor(const lgd_baseline *b, lgd_template_id t, double *ret_p) {
    if (t >= b->n_templates || b->templates[t].best_count == 0) return LGD_NO_TEMPLATE;
    *ret_p = (double)b->templates[t].best_count / (double)total_of(b->templates[t].followed);
    return b->templates[t].best_successor;
}

double lgd_baseline_mean_length(const lgd_baseline *b, lgd_template_id t) {
    uint64_t count = lgd_baseline_count(b, t);
    return count ? exp(b->templates[t].log_length_sum / (double)count) - 1 : 0;
}

double lgd_baseline_warning_share(const lgd_baseline *b) {
    return b->n_events ? (double)b->warnings / (double)b->n_events : 0;
}
