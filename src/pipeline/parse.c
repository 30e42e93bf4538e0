/*
 * pipeline/parse: each record with its header and template, one line of CSV or JSON each. With a model its frozen
 * templates are used; without one they are mined from the input, which is therefore read twice.
 */
#include "params.h"
#include "run.h"

enum { FLUSH_BYTES = 1 << 16 };

typedef struct parser {
    run run;
    bundle model;
    lgd_miner *miner;
    batch batch;
    lgd_newcomers *newcomers;
    lgd_lexer lexer;
    lgd_buf out, cell; /* records to be written; the parameters of one, as JSON */
    lgd_sink sink;
    bool csv;
} parser;

static lgd_status mine_block(void *ctx, batch *b, const lgd_block *block, uint64_t first, lgd_err *err) {
    parser *p = ctx;
    (void)block;
    (void)first;
    for (size_t i = 0; i < b->events.n; i++)
        LGD_TRY(lgd_miner_add(p->miner, b->origins[i].parse->signature, b->origins[i].parse->raw_signature, err));
    return LGD_OK;
}

static lgd_status mine(parser *p, lgd_err *err) {
    batch b = {.keep_signatures = true, .profiles = p->model.profiles, .n_profiles = &p->model.n_profiles};
    lgd_status status = batch_init(&b, p->run.pool, NULL, err);
    if (status == LGD_OK) status = lgd_miner_new(p->run.world->hash_key, 0, &p->miner, err);
    if (status == LGD_OK) status = run_pass(&p->run, &b, "templates", true, mine_block, p, err);
    batch_release(&b);
    return status == LGD_OK ? lgd_miner_freeze(p->miner, &p->model.store, err) : status;
}

/* ---- one record ---- */

static void put_csv_text(lgd_buf *out, lgd_sv text) {
    lgd_buf_add_char(out, ',');
    lgd_csv_cell(out, text);
}

static void put_csv(lgd_buf *out, lgd_buf *cell, const lgd_finding *f, lgd_sv format) {
    lgd_csv_cell(out, f->file);
    lgd_buf_printf(out, ",%llu,%llu,", (unsigned long long)f->line, (unsigned long long)f->offset);
    if (f->header.start_ns != LGD_NO_TIME) lgd_format_time(out, f->header.start_ns);
    put_csv_text(out, lgd_sv_of(lgd_level_name(f->header.level)));
    put_csv_text(out, f->header.component);
    put_csv_text(out, f->header.message);
    lgd_buf_printf(out, ",%u", (unsigned)f->template_id);
    put_csv_text(out, f->template_text);
    lgd_buf_clear(cell);
    lgd_json_params(&(lgd_json){cell, false}, NULL, f->params, f->n_params);
    put_csv_text(out, lgd_buf_sv(cell));
    put_csv_text(out, f->header.host);
    put_csv_text(out, f->header.pid);
    put_csv_text(out, format);
    out->failed |= cell->failed;
    lgd_buf_add_sv(out, LGD_SV("\r\n"));
}

static void put_json(lgd_buf *out, const lgd_finding *f, lgd_sv format) {
    lgd_json j = {out, false};
    lgd_json_object(&j, NULL);
    lgd_json_file(&j, "file", f->file);
    lgd_json_u64(&j, "line", f->line);
    lgd_json_u64(&j, "offset", f->offset);
    lgd_json_time(&j, "timestamp", f->header.start_ns);
    lgd_json_optional(&j, "level", lgd_sv_of(lgd_level_name(f->header.level)));
    lgd_json_optional(&j, "host", f->header.host);
    lgd_json_optional(&j, "component", f->header.component);
    lgd_json_optional(&j, "pid", f->header.pid);
    lgd_json_string(&j, "message", f->header.message);
    lgd_json_u64(&j, "template_id", f->template_id);
    lgd_json_string(&j, "template", f->template_text);
    lgd_json_params(&j, "params", f->params, f->n_params);
    lgd_json_string(&j, "format", format);
    lgd_json_object_end(&j);
    lgd_buf_add_char(out, '\n');
}

static lgd_status flush(parser *p, size_t at_least, lgd_err *err) {
    if (p->out.failed) return lgd_fail_memory(err, p->out.n);
    if (p->out.n < at_least) return LGD_OK;
    LGD_TRY(p->sink.write(p->sink.ctx, lgd_buf_sv(&p->out), err));
    lgd_buf_clear(&p->out);
    return LGD_OK;
}

static lgd_status put_record(parser *p, const batch *b, size_t i, uint32_t file, lgd_err *err) {
    const origin *o = &b->origins[i];
    lgd_param params[MAX_PARAMS];
    lgd_finding f = {.file = lgd_sv_of(p->run.list.files[file].path),
                     .line = o->record->line,
                     .offset = o->record->offset,
                     .header = o->header,
                     .template_id = b->events.template_id[i],
                     .params = params};
    f.template_text = lgd_newcomers_text(p->newcomers, f.template_id);
    LGD_TRY(params_find(p->model.store, &p->lexer, o, params, &f.n_params, err));
    lgd_sv format = lgd_profile_format_name(b->profiles[b->chain[o->parse->link]], o->parse->cut.format);
    if (p->csv)
        put_csv(&p->out, &p->cell, &f, format);
    else
        put_json(&p->out, &f, format);
    return flush(p, FLUSH_BYTES, err);
}

static lgd_status print_block(void *ctx, batch *b, const lgd_block *block, uint64_t first, lgd_err *err) {
    parser *p = ctx;
    (void)first;
    for (size_t i = 0; i < b->events.n; i++) LGD_TRY(put_record(p, b, i, (uint32_t)block->file, err));
    return LGD_OK;
}

static lgd_status parse(parser *p, lgd_err *err) {
    const lgd_config *c = p->run.config;
    if (c->model)
        LGD_TRY(bundle_load(c->model, p->run.world->hash_key, &p->model, err));
    else
        LGD_TRY(mine(p, err));
    LGD_TRY(lgd_newcomers_new(p->model.store, p->run.world->hash_key, &p->newcomers, err));
    LGD_TRY(batch_init(&p->batch, p->run.pool, NULL, err));
    p->batch.store = p->model.store;
    p->batch.newcomers = p->newcomers;
    p->batch.profiles = p->model.profiles;
    p->batch.n_profiles = &p->model.n_profiles;
    p->batch.n_model_profiles = p->model.n_profiles;
    p->csv = c->format == LGD_FORMAT_CSV;
    if (p->csv)
        lgd_buf_add_sv(&p->out,
                       LGD_SV("file,line,offset,timestamp,level,component,message,template_id,template,params,host,pid,"
                              "format\r\n"));
    LGD_TRY(run_pass(&p->run, &p->batch, "parse", false, print_block, p, err));
    LGD_TRY(run_check_inputs(&p->run, err));
    return flush(p, p->out.n ? 1 : SIZE_MAX, err);
}

lgd_status lgd_parse(const lgd_config *config, const lgd_world *world, lgd_sink sink, lgd_outcome *ret_outcome,
                     lgd_err *err) {
    parser p = {.sink = sink};
    lgd_status status = run_init(&p.run, config, world, err);
    if (status == LGD_OK) status = parse(&p, err);
    if (status == LGD_OK) run_outcome(&p.run, &p.batch, ret_outcome);
    lgd_miner_free(p.miner);
    lgd_newcomers_free(p.newcomers);
    lgd_lexer_release(&p.lexer);
    lgd_buf_release(&p.out);
    lgd_buf_release(&p.cell);
    batch_release(&p.batch);
    bundle_release(&p.model);
    run_release(&p.run);
    return status;
}
