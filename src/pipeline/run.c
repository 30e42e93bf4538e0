/*
 * pipeline/run: the pass over all inputs.
 */
#include "run.h"

#include <stdio.h>

static lgd_status read_time(const run *r, const char *text, const char *option, int64_t *ret, lgd_err *err) {
    lgd_timestamp t;
    lgd_clock clock;
    *ret = LGD_NO_TIME;
    if (!text) return LGD_OK;
    lgd_sv s = lgd_sv_of(text);
    lgd_clock_init(&clock, r->zone, LGD_NO_TIME);
    size_t n = lgd_timestamp_parse(s, &t);
    if (n == s.n && (t.is_epoch || t.year >= 0)) *ret = lgd_clock_resolve(&clock, &t);
    if (*ret != LGD_NO_TIME) return LGD_OK;
    return lgd_fail(err, LGD_E_USAGE,
                    "--%s '%.100s': is no date such as 2026-03-02 or 2026-03-02T15:04:05Z; nothing was done", option,
                    text);
}

/* The built-in formats and the user's. */
static lgd_status read_formats(run *r, lgd_err *err) {
    const lgd_config *c = r->config;
    lgd_err inner = {0};
    LGD_TRY(lgd_formats_new(lgd_builtin_formats(), &r->formats, err));
    for (size_t i = 0; i < c->format_files.n; i++) LGD_TRY(lgd_formats_read(r->formats, c->format_files.items[i], err));
    if (!c->line_format) return LGD_OK;
    lgd_status status = lgd_formats_force(r->formats, lgd_sv_of(c->line_format), &inner);
    return status == LGD_OK ? LGD_OK : lgd_fail(err, status, "--line-format %s", inner.text);
}

/* Before anything is read: a GPU that was asked for and is not there is an error of the command line. */
static lgd_status open_engine(run *r, lgd_err *err) {
    static const char *const names[] = {"auto", "cpu", "cuda"};
    lgd_err why = {0};
    const char *device = names[r->config->device];
    lgd_status status = lgd_engine_open(device, r->pool, &r->engine, &why);
    if (status != LGD_OK) return lgd_fail(err, status, "--device %s: %s", device, why.text);
    r->engine.warn = r->world->warn;
    r->engine.ctx = r->world->ctx;
    return LGD_OK;
}

lgd_status run_init(run *r, const lgd_config *config, const lgd_world *world, lgd_err *err) {
    *r = (run){.config = config, .world = world};
    LGD_TRY(lgd_zone_new(config->tz, &r->zone, err));
    LGD_TRY(read_formats(r, err));
    LGD_TRY(read_time(r, config->since, "since", &r->since_ns, err));
    LGD_TRY(read_time(r, config->until, "until", &r->until_ns, err));
    LGD_TRY(lgd_pool_new(world->n_threads, &r->pool, err));
    LGD_TRY(open_engine(r, err));
    if (config->inputs.n == 0)
        return lgd_fail(err, LGD_E_USAGE, "no input: name files, or - for standard input; nothing was done");
    for (size_t i = 0; i < config->inputs.n; i++)
        LGD_TRY(lgd_input_add(&r->list, config->inputs.items[i], config->recursive, err));
    r->profile_of = lgd_calloc(r->list.n_files, sizeof *r->profile_of);
    return r->profile_of ? LGD_OK : lgd_fail_memory(err, r->list.n_files * sizeof *r->profile_of);
}

bool session_is_auto(const lgd_config *config) { return !config->session || strcmp(config->session, "auto") == 0; }

const char *session_pattern(const lgd_config *config) {
    return session_is_auto(config) || strcmp(config->session, "none") == 0 ? NULL : config->session;
}

lgd_status run_set_key(run *r, const char *pattern, lgd_err *err) {
    if (!pattern || r->key) return LGD_OK;
    return session_key_new(pattern, &r->key, err);
}

void run_drop_key(run *r) {
    lgd_regex_free(r->key);
    r->key = NULL;
}

void run_release(run *r) {
    lgd_regex_free(r->key);
    lgd_engine_close(&r->engine);
    lgd_pool_free(r->pool);
    lgd_formats_free(r->formats);
    lgd_zone_free(r->zone);
    lgd_input_list_release(&r->list);
    lgd_free(r->profile_of);
    *r = (run){0};
}

/* ---- the pass ---- */

static uint64_t total_bytes(const run *r) {
    uint64_t sum = 0;
    for (size_t i = 0; i < r->list.n_files; i++) sum += r->list.files[i].size_bytes;
    return sum;
}

/* Bytes on disk of the files before the current one, and of the current one as far as can be told. */
static void tell_progress(const run *r, const char *phase, const lgd_block *block) {
    if (!r->world->progress) return;
    uint64_t done = 0;
    for (size_t i = 0; i < block->file; i++) done += r->list.files[i].size_bytes;
    const lgd_input_file *f = &r->list.files[block->file];
    done += f->disk_bytes;
    r->world->progress(r->world->ctx, phase, done, total_bytes(r));
}

static uint64_t lines_of(const lgd_block *block) {
    uint64_t n = 0;
    for (size_t i = 0; i < block->n_records; i++) n += block->records[i].n_lines;
    return n;
}

/* The next block of which something is left. */
static lgd_status next_block(run *r, lgd_reader *reader, lgd_block *ret, lgd_err *err) {
    bool first = false;
    do {
        LGD_TRY(lgd_reader_next(reader, ret, err));
        if (ret->n_records == 0 || !r->sieve.pick) break;
        r->sieve.n_lines += lines_of(ret);
        LGD_TRY(r->sieve.pick(r->sieve.ctx, ret, err));
        r->sieve.n_lines -= lines_of(ret);
        first = ret->first = first || ret->first;
    } while (ret->n_records == 0);
    return LGD_OK;
}

static lgd_status read_blocks(run *r, batch *b, lgd_reader *reader, const char *phase, run_block each, void *ctx,
                              lgd_err *err) {
    lgd_block block;
    for (;;) {
        LGD_TRY(next_block(r, reader, &block, err));
        if (block.n_records == 0) return LGD_OK;
        uint64_t first = b->tally.events;
        LGD_TRY(batch_parse(b, &block, &r->list.files[block.file], err));
        if (b->n_chain && !r->profile_of[block.file]) r->profile_of[block.file] = b->chain[0] + 1;
        LGD_TRY(each(ctx, b, &block, first, err));
        tell_progress(r, phase, &block);
    }
}

void run_warn(const run *r, const char *text) {
    lgd_buf safe = {0};
    lgd_escape_terminal(&safe, lgd_sv_of(text), 1000);
    lgd_buf_add_char(&safe, '\0');
    if (r->world->warn && !safe.failed) r->world->warn(r->world->ctx, safe.p);
    lgd_buf_release(&safe);
}

static void warn_of_inputs(run *r) {
    if (r->warned || !r->world->warn) return;
    r->warned = true;
    lgd_buf text = {0};
    for (size_t i = 0; i < r->list.n_files; i++) {
        const lgd_input_file *f = &r->list.files[i];
        if (!f->problem) continue;
        lgd_buf_clear(&text);
        lgd_buf_printf(&text, "%s: %s; %s", f->path, f->problem,
                       f->state == LGD_INPUT_UNREADABLE ? "skipped" : "what came before was used");
        lgd_buf_add_char(&text, '\0');
        if (!text.failed) run_warn(r, text.p);
    }
    lgd_buf_release(&text);
}

lgd_status run_pass(run *r, batch *b, const char *phase, bool several, run_block each, void *ctx, lgd_err *err) {
    lgd_reader *reader = NULL;
    lgd_input_options o = {
        .multiline = r->config->multiline, .text = r->config->text, .spool = several, .spool_dir = r->world->spool_dir};
    b->zone = r->zone;
    b->since_ns = r->since_ns;
    b->until_ns = r->until_ns;
    b->no_header = r->config->no_header;
    b->formats = r->formats;
    b->multiline = r->config->multiline;
    b->forced = r->config->line_format != NULL;
    b->tally = (tally){.start_ns = LGD_NO_TIME, .end_ns = LGD_NO_TIME};
    memset(r->profile_of, 0, r->list.n_files * sizeof *r->profile_of);
    r->sieve.n_lines = 0;
    if (r->sieve.begin) r->sieve.begin(r->sieve.ctx);
    LGD_TRY(lgd_reader_open(&r->list, &o, &reader, err));
    lgd_status status = read_blocks(r, b, reader, phase, each, ctx, err);
    lgd_reader_close(reader);
    if (status == LGD_OK) warn_of_inputs(r);
    return status;
}

/* ---- what was read ---- */

lgd_status run_check_inputs(run *r, lgd_err *err) {
    for (size_t i = 0; i < r->list.n_files; i++)
        if (r->list.files[i].state != LGD_INPUT_UNREADABLE) return LGD_OK;
    return lgd_fail(err, LGD_E_IO, "none of the inputs could be read; nothing was written");
}

bool run_is_incomplete(const run *r) {
    for (size_t i = 0; i < r->list.n_files; i++)
        if (r->list.files[i].state != LGD_INPUT_DONE) return true;
    return false;
}

void run_outcome(const run *r, const batch *b, lgd_outcome *ret) {
    ret->incomplete = run_is_incomplete(r);
    ret->lines = b->tally.lines + r->sieve.n_lines;
    ret->bytes = 0;
    for (size_t i = 0; i < r->list.n_files; i++) ret->bytes += r->list.files[i].bytes;
}

/* The list doubles at each power of two, so that a folder of many unreadable files costs linear memory. */
static lgd_status append_problem(lgd_arena *arena, lgd_summary *summary, lgd_sv sentence, lgd_err *err) {
    size_t n = summary->n_problems;
    lgd_sv *problems = (lgd_sv *)(uintptr_t)summary->problems; /* made here, below */
    if ((n & (n - 1)) == 0) {
        size_t n_bytes = (n ? 2 * n : 1) * sizeof *problems;
        problems = lgd_arena_alloc(arena, n_bytes);
        if (!problems) return lgd_fail_memory(err, n_bytes);
        if (n) memcpy(problems, summary->problems, n * sizeof *problems);
        summary->problems = problems;
    }
    problems[summary->n_problems++] = sentence;
    return LGD_OK;
}

lgd_status run_add_problem(lgd_arena *arena, lgd_summary *summary, lgd_err *err, const char *format, ...) {
    char text[512];
    va_list args;
    va_start(args, format);
    int n = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    lgd_sv copy;
    size_t length = n < 0 ? 0 : (size_t)n < sizeof text ? (size_t)n : sizeof text - 1;
    if (!lgd_arena_copy(arena, (lgd_sv){text, length}, &copy)) return lgd_fail_memory(err, length);
    return append_problem(arena, summary, copy, err);
}

static lgd_status summarize_input(const lgd_input_file *f, lgd_arena *arena, lgd_summary *s, lgd_input_status *ret,
                                  lgd_err *err) {
    static const char *const states[] = {"waiting", "done", "unreadable", "damaged"};
    *ret = (lgd_input_status){
        .state = states[f->state], .lines = f->lines, .bytes = f->bytes, .compression = f->compression};
    if (!lgd_arena_copy(arena, lgd_sv_of(f->path), &ret->path) ||
        !lgd_arena_copy(arena, lgd_sv_of(f->problem), &ret->problem))
        return lgd_fail_memory(err, strlen(f->path));
    if (f->problem) LGD_TRY(run_add_problem(arena, s, err, "%.200s: %.200s", f->path, f->problem));
    if (f->cut_lines)
        LGD_TRY(run_add_problem(arena, s, err,
                                "%.200s: %llu lines were longer than the limit; %llu bytes of them were left out",
                                f->path, (unsigned long long)f->cut_lines, (unsigned long long)f->cut_bytes));
    return LGD_OK;
}

/* Counts lines under a name that may be there already. */
static lgd_status count_format(lgd_summary *s, lgd_count *formats, lgd_sv name, uint64_t n, lgd_arena *arena,
                               lgd_err *err) {
    size_t k = 0;
    if (n == 0) return LGD_OK;
    while (k < s->n_formats && !lgd_sv_eq(formats[k].name, name)) k++;
    if (k == s->n_formats) {
        formats[k] = (lgd_count){0};
        if (!lgd_arena_copy(arena, name, &formats[k].name)) return lgd_fail_memory(err, name.n);
        s->n_formats++;
    }
    formats[k].n += n;
    return LGD_OK;
}

static lgd_status summarize_formats(const batch *b, lgd_arena *arena, lgd_summary *s, lgd_err *err) {
    size_t n_profiles = b->n_profiles ? *b->n_profiles : 0,
           n_bytes = n_profiles * LGD_PROFILE_MAX_FORMATS * sizeof(lgd_count);
    lgd_count *formats = lgd_arena_alloc(arena, n_bytes);
    if (!formats) return lgd_fail_memory(err, n_bytes);
    for (size_t i = 0; i < n_profiles; i++)
        for (size_t k = 0; k < lgd_profile_n_formats(b->profiles[i]); k++)
            LGD_TRY(count_format(s, formats, lgd_profile_format_name(b->profiles[i], k), b->tally.format_lines[i][k],
                                 arena, err));
    s->formats = formats;
    if (b->tally.over_limit == 0) return LGD_OK;
    lgd_sv name = b->tally.over_limit_name;
    return run_add_problem(arena, s, err,
                           "line format %.*s: its pattern ran out of its limits on %llu lines; they are taken as if it "
                           "did not match",
                           (int)name.n, name.p, (unsigned long long)b->tally.over_limit);
}

lgd_status run_summarize(const run *r, const batch *b, lgd_arena *arena, lgd_summary *ret, lgd_err *err) {
    const tally *t = &b->tally;
    lgd_summary s = {.lines_read = t->lines,
                     .records = t->records,
                     .scored = t->scored_lines,
                     .start_ns = t->start_ns,
                     .end_ns = t->end_ns,
                     .n_inputs = r->list.n_files,
                     .complete = !run_is_incomplete(r)};
    uint64_t accounted = s.scored, in_files = 0;
    for (int i = 0; i < LGD_SKIP_COUNT; i++) {
        s.skipped[i] = (lgd_count){lgd_sv_of(lgd_skip_name((lgd_skip)i)), t->skipped[i]};
        accounted += t->skipped[i];
    }
    lgd_input_status *inputs = lgd_arena_alloc(arena, r->list.n_files * sizeof *inputs);
    if (!inputs) return lgd_fail_memory(err, r->list.n_files * sizeof *inputs);
    for (size_t i = 0; i < r->list.n_files; i++) {
        LGD_TRY(summarize_input(&r->list.files[i], arena, &s, &inputs[i], err));
        in_files += r->list.files[i].lines;
        size_t profile = r->profile_of[i];
        lgd_sv name = profile ? lgd_sv_of(lgd_profile_name(b->profiles[profile - 1])) : LGD_SV("");
        if (!lgd_arena_copy(arena, name, &inputs[i].format)) return lgd_fail_memory(err, name.n);
    }
    s.inputs = inputs;
    if (accounted != s.lines_read || in_files != s.lines_read + r->sieve.n_lines)
        return lgd_fail(err, LGD_E_DATA,
                        "counts do not add up: %llu lines in files, %llu in records, %llu scored or skipped; trust "
                        "nothing of this run",
                        (unsigned long long)in_files, (unsigned long long)s.lines_read, (unsigned long long)accounted);
    LGD_TRY(summarize_formats(b, arena, &s, err));
    *ret = s;
    return LGD_OK;
}
