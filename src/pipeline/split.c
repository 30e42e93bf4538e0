/*
 * pipeline/split: see split.h. The survey reads records alone: it cuts labels off, matches the key of sessions and
 * notes where each labelled session begins. Cost: one pass without lexing, two for sessions whose lines are labelled; in
 * memory some bytes for each labelled session.
 */
#include "split.h"

/* ---- one record ---- */

/* r without its label, where lines bear one. */
static lgd_truth take_label(const split *s, lgd_record *r) {
    if (!s->in_line) return LGD_TRUTH_UNKNOWN;
    lgd_sv text = r->text;
    lgd_truth truth = lgd_label_cut(&text);
    size_t n = r->text.n - text.n;
    r->head_n -= (uint32_t)(n < r->head_n ? n : r->head_n);
    r->offset += n;
    r->text = text;
    return truth;
}

static lgd_sv key_of(split *s, const lgd_record *r) {
    if (!s->key) return (lgd_sv){"", 0};
    return session_key_find(s->key, s->matcher, lgd_record_line(r), &s->over_limit);
}

static uint64_t place_of(const split *s, size_t file, const lgd_record *r) { return s->lines_before[file] + r->line; }

/* ---- the survey ---- */

static lgd_status note_session(split *s, lgd_sv key, uint64_t place, lgd_err *err) {
    uint32_t session = lgd_labels_session(s->sessions, key);
    if (s->n_with_key++ == 0 && !lgd_arena_copy(&s->arena, key, &s->first_key)) return lgd_fail_memory(err, key.n);
    if (session == LGD_INDEX_NONE || s->side[session] != SPLIT_ALL) return LGD_OK;
    s->side[session] = SPLIT_TEST;
    LGD_TRY(lgd_grow((void **)&s->order, &s->order_capacity, s->n_order + 1, sizeof *s->order, UINT32_MAX, err));
    LGD_TRY(lgd_grow((void **)&s->starts, &s->starts_capacity, s->n_order + 1, sizeof *s->starts, UINT32_MAX, err));
    s->order[s->n_order] = session;
    s->starts[s->n_order++] = place;
    return LGD_OK;
}

/* Labels of lines become labels of the sessions they are of; of no more than a scan follows. */
static lgd_status join_session(split *s, size_t file, const lgd_record *r, lgd_sv key, lgd_truth truth, lgd_err *err) {
    bool full = lgd_labels_n(s->joined) >= MAX_SESSIONS;
    if (full && lgd_labels_session(s->joined, key) == LGD_INDEX_NONE) return LGD_OK;
    if (!s->in_line) truth = lgd_labels_lines(s->labels, s->label_file[file], r->line, r->n_lines);
    return lgd_labels_join(s->joined, key, truth, err);
}

typedef lgd_status (*each_record)(split *s, size_t file, lgd_record *r, lgd_err *err);

static lgd_status learn_labels(split *s, size_t file, lgd_record *r, lgd_err *err) {
    lgd_truth truth = take_label(s, r);
    if (truth != LGD_TRUTH_UNKNOWN) LGD_TRY(lgd_labels_add_line(s->labels, s->label_file[file], r->line, truth, err));
    lgd_sv key = s->joined ? key_of(s, r) : (lgd_sv){"", 0};
    return key.n ? join_session(s, file, r, key, truth, err) : LGD_OK;
}

static lgd_status find_sessions(split *s, size_t file, lgd_record *r, lgd_err *err) {
    (void)take_label(s, r);
    lgd_sv key = key_of(s, r);
    return key.n ? note_session(s, key, place_of(s, file, r), err) : LGD_OK;
}

/* The reader counts lines. */
static lgd_status only_count(split *s, size_t file, lgd_record *r, lgd_err *err) {
    (void)s;
    (void)file;
    (void)r;
    (void)err;
    return LGD_OK;
}

static lgd_status read_records(split *s, lgd_reader *reader, each_record each, lgd_err *err) {
    for (;;) {
        lgd_block block;
        LGD_TRY(lgd_reader_next(reader, &block, err));
        if (block.n_records == 0) return LGD_OK;
        for (size_t i = 0; i < block.file && block.first; i++)
            s->lines_before[i + 1] = s->lines_before[i] + s->run->list.files[i].lines;
        for (size_t i = 0; i < block.n_records; i++) {
            lgd_record r = block.records[i];
            LGD_TRY(each(s, block.file, &r, err));
        }
    }
}

static lgd_status walk(split *s, each_record each, lgd_err *err) {
    const lgd_config *c = s->run->config;
    lgd_reader *reader = NULL;
    lgd_input_options o = {
        .multiline = c->multiline, .text = c->text, .spool = true, .spool_dir = s->run->world->spool_dir};
    LGD_TRY(lgd_reader_open(&s->run->list, &o, &reader, err));
    lgd_status status = read_records(s, reader, each, err);
    lgd_reader_close(reader);
    return status == LGD_OK ? run_check_inputs(s->run, err) : status;
}

/* ---- the parts ---- */

static void share_sessions(split *s) {
    size_t n = 0, n_train = 0;
    for (size_t i = 0; i < s->n_order; i++)
        n += !s->normal_only || lgd_labels_truth(s->sessions, s->order[i]) == LGD_TRUTH_NORMAL;
    n = (size_t)((double)n * s->share);
    s->border = 0;
    for (size_t i = 0; i < s->n_order && n_train < n; i++) {
        if (s->normal_only && lgd_labels_truth(s->sessions, s->order[i]) != LGD_TRUTH_NORMAL) continue;
        s->side[s->order[i]] = SPLIT_TRAIN;
        n_train++;
        s->border = i + 1 < s->n_order ? s->starts[i + 1] - 1 : UINT64_MAX;
    }
}

static void share_lines(split *s) {
    uint64_t n = 0;
    for (size_t i = 0; i < s->run->list.n_files; i++) {
        s->lines_before[i] = n;
        n += s->run->list.files[i].lines;
    }
    s->border = (uint64_t)((double)n * s->share);
}

static split_part part_of(split *s, size_t file, const lgd_record *r) {
    bool before = place_of(s, file, r) <= s->border;
    if (s->by_session) {
        lgd_sv key = key_of(s, r);
        uint32_t session = key.n ? lgd_labels_session(s->sessions, key) : LGD_INDEX_NONE;
        if (session != LGD_INDEX_NONE) return (split_part)s->side[session];
        return before && !s->normal_only ? SPLIT_TRAIN : SPLIT_TEST;
    }
    if (!before) return SPLIT_TEST;
    if (!s->normal_only) return SPLIT_TRAIN;
    bool normal = lgd_labels_lines(s->labels, s->label_file[file], r->line, r->n_lines) == LGD_TRUTH_NORMAL;
    return normal ? SPLIT_TRAIN : SPLIT_NEITHER;
}

/* ---- the sieve ---- */

static void begin(void *ctx) {
    split *s = ctx;
    s->n_records = s->n_left_out = 0;
}

static lgd_status pick(void *ctx, lgd_block *block, lgd_err *err) {
    split *s = ctx;
    size_t n = 0;
    LGD_TRY(lgd_grow((void **)&s->kept, &s->kept_capacity, block->n_records, sizeof *s->kept, UINT32_MAX, err));
    for (size_t i = 0; i < block->n_records; i++) {
        lgd_record *r = &s->kept[n];
        *r = block->records[i];
        (void)take_label(s, r);
        split_part part = s->part == SPLIT_ALL ? SPLIT_ALL : part_of(s, block->file, r);
        n += part == s->part;
        s->n_left_out += part == SPLIT_NEITHER;
    }
    s->n_records += n;
    block->records = s->kept;
    block->n_records = n;
    return LGD_OK;
}

/* ---- all of it ---- */

static lgd_status name_files(split *s, lgd_err *err) {
    size_t n = s->run->list.n_files;
    s->label_file = lgd_alloc(n * sizeof *s->label_file);
    s->lines_before = lgd_calloc(n + 1, sizeof *s->lines_before);
    if (!s->label_file || !s->lines_before) return lgd_fail_memory(err, n * sizeof *s->lines_before);
    for (size_t i = 0; i < n; i++) {
        lgd_sv path = lgd_sv_of(s->run->list.files[i].path);
        s->label_file[i] = lgd_labels_file(s->labels, path);
        if (s->in_line) LGD_TRY(lgd_labels_add_file(s->labels, path, &s->label_file[i], err));
    }
    return LGD_OK;
}

static lgd_status survey_sessions(split *s, lgd_err *err) {
    s->side = lgd_calloc((size_t)lgd_labels_n(s->sessions) + 1, 1);
    if (!s->side) return lgd_fail_memory(err, (size_t)lgd_labels_n(s->sessions));
    LGD_TRY(walk(s, find_sessions, err));
    if (s->n_with_key) return LGD_OK;
    return lgd_fail(err, LGD_E_DATA, "--session '%.200s' matches no line; nothing was evaluated",
                    session_pattern(s->run->config));
}

lgd_status split_survey(split *s, run *r, lgd_err *err) {
    bool of_lines = s->in_line || lgd_labels_kind(s->labels) == LGD_LABELS_OF_LINES;
    s->run = r;
    s->key = s->by_session ? r->key : NULL;
    LGD_TRY(lgd_matcher_new(&s->matcher, err));
    LGD_TRY(name_files(s, err));
    s->sessions = s->labels;
    if (s->by_session && of_lines) {
        LGD_TRY(lgd_labels_new(r->world->hash_key, &s->joined, err));
        s->sessions = s->joined;
    }
    if (s->in_line || s->joined) LGD_TRY(walk(s, learn_labels, err));
    if (s->by_session && s->share > 0) {
        LGD_TRY(survey_sessions(s, err));
        share_sessions(s);
    } else if (s->share > 0) {
        if (!s->in_line) LGD_TRY(walk(s, only_count, err));
        share_lines(s);
    }
    if (s->in_line || s->share > 0) r->sieve = (sieve){begin, pick, s, 0};
    return LGD_OK;
}

uint64_t split_n_sessions(const split *s, split_part part) {
    uint64_t n = 0;
    for (size_t i = 0; i < s->n_order; i++) n += s->side[s->order[i]] == part;
    return n;
}

void split_release(split *s) {
    lgd_labels_free(s->joined);
    lgd_matcher_free(s->matcher);
    lgd_free(s->label_file);
    lgd_free(s->lines_before);
    lgd_free(s->side);
    lgd_free(s->kept);
    lgd_free(s->order);
    lgd_free(s->starts);
    lgd_arena_release(&s->arena);
}
