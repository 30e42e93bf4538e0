/*
 * pipeline/info: what is inside a model, for people and for programs.
 */
#include "bundle.h"

static const uint64_t any_key = 1; /* nothing here meets hostile input at speed */

/* A member as the ensemble has it; weight 0: none. */
static void put_member(lgd_buf *out, size_t i, const char *name, double weight) {
    lgd_buf_printf(out, "%s%s", i ? ", " : "", name);
    if (weight > 0) lgd_buf_printf(out, " %.6g", weight);
}

static void put_members(lgd_buf *out, const bundle *b) {
    lgd_buf_printf(out, "\n  members        ");
    if (lgd_detector_n_members(b->detector) == 0) lgd_buf_printf(out, "none that judges lines");
    for (size_t i = 0; i < lgd_detector_n_members(b->detector); i++)
        put_member(out, i, lgd_detector_member_name(b->detector, i), lgd_detector_member_weight(b->detector, i));
    if (!b->session_ensemble) return;
    lgd_buf_printf(out, "\n  of sessions    ");
    for (size_t i = 0; i < lgd_session_ensemble_n(b->session_ensemble); i++)
        put_member(out, i, lgd_session_ensemble_role(b->session_ensemble, i)->name,
                   lgd_session_ensemble_weight(b->session_ensemble, i));
}

static void put_network(lgd_buf *out, const lgd_net *net) {
    const lgd_net_shape *s = &net->shape;
    lgd_buf_printf(out, "\n  network        layers of");
    for (size_t i = 0; i < s->n_layers; i++) lgd_buf_printf(out, " %u", (unsigned)s->units[i]);
    lgd_buf_printf(out, ", windows of %u, %u rows", (unsigned)s->steps, (unsigned)s->vocab);
    if (s->loss == LGD_LOSS_CROSS_ENTROPY) lgd_buf_printf(out, " of %u", (unsigned)s->width);
    lgd_buf_printf(out, ", %s, ", lgd_net_loss_name(s->loss));
    lgd_format_count(out, net->n_params);
    lgd_buf_printf(out, " parameters");
}

static void info_text(const bundle *b, const lgd_model_reader *r, lgd_buf *out) {
    lgd_buf_printf(out, "%s: logdetect model, format %u, %llu bytes, checksum %08x\n", lgd_model_reader_path(r),
                   LGD_MODEL_FORMAT_VERSION, (unsigned long long)lgd_model_size_bytes(r),
                   (unsigned)lgd_model_checksum(r));
    lgd_buf_printf(out, "  events         ");
    lgd_format_count(out, lgd_baseline_n_events(b->baseline));
    if (lgd_baseline_start_ns(b->baseline) != LGD_NO_TIME) {
        lgd_buf_printf(out, ", ");
        lgd_format_time_text(out, lgd_baseline_start_ns(b->baseline));
        lgd_buf_printf(out, " to ");
        lgd_format_time_text(out, lgd_baseline_end_ns(b->baseline));
        lgd_buf_printf(out, " UTC");
    }
    lgd_buf_printf(out, "\n  templates      ");
    lgd_format_count(out, lgd_store_n_templates(b->store));
    lgd_buf_printf(out, " (%llu seen once), %zu patterns, %zu signatures\n",
                   (unsigned long long)lgd_baseline_singletons(b->baseline), lgd_store_n_patterns(b->store),
                   lgd_store_n_signatures(b->store));
    lgd_buf_printf(out, "  formats        ");
    for (size_t i = 0; i < b->n_profiles; i++)
        lgd_buf_printf(out, "%s%s", i ? "; " : "", lgd_profile_name(b->profiles[i]));
    lgd_buf_printf(out, "\n  sessions       ");
    lgd_escape_terminal(out, b->session ? lgd_sv_of(b->session) : LGD_SV("none"), 200);
    put_members(out, b);
    if (b->lstm) put_network(out, lgd_lstm_net(b->lstm));
    lgd_buf_printf(out, "\n  made with      seed %llu, false alarms %.3g %%, contamination %.3g %%\n",
                   (unsigned long long)b->seed, 100 * b->target_fpr, 100 * b->contamination);
    lgd_buf_printf(out, "  sections       ");
    for (size_t i = 0; i < lgd_model_n_sections(r); i++) {
        const lgd_section *s = lgd_model_section_at(r, i);
        lgd_buf_printf(out, "%s%s %zu", i ? ", " : "", s->id, s->bytes.n);
    }
    lgd_buf_printf(out, "\n");
}

static void json_seat(lgd_json *j, const char *name, double weight) {
    lgd_json_object(j, NULL);
    lgd_json_string(j, "name", lgd_sv_of(name));
    if (weight > 0)
        lgd_json_f64(j, "weight", weight);
    else
        lgd_json_optional(j, "weight", (lgd_sv){"", 0}); /* null */
    lgd_json_object_end(j);
}

static void json_ensemble(lgd_json *j, const bundle *b) {
    lgd_json_object(j, "ensemble");
    lgd_json_array(j, "lines");
    for (size_t i = 0; i < lgd_detector_n_members(b->detector); i++)
        json_seat(j, lgd_detector_member_name(b->detector, i), lgd_detector_member_weight(b->detector, i));
    lgd_json_array_end(j);
    lgd_json_array(j, "sessions");
    for (size_t i = 0; b->session_ensemble && i < lgd_session_ensemble_n(b->session_ensemble); i++)
        json_seat(j, lgd_session_ensemble_role(b->session_ensemble, i)->name,
                  lgd_session_ensemble_weight(b->session_ensemble, i));
    lgd_json_array_end(j);
    lgd_json_object_end(j);
}

static void json_network(lgd_json *j, const lgd_net *net) {
    const lgd_net_shape *s = &net->shape;
    lgd_json_object(j, "network");
    lgd_json_array(j, "layers");
    for (size_t i = 0; i < s->n_layers; i++) lgd_json_u64(j, NULL, s->units[i]);
    lgd_json_array_end(j);
    lgd_json_u64(j, "steps", s->steps);
    lgd_json_u64(j, "vocabulary", s->vocab);
    if (s->loss == LGD_LOSS_CROSS_ENTROPY)
        lgd_json_u64(j, "embedding", s->width);
    else
        lgd_json_null(j, "embedding"); /* one-hot vectors */
    lgd_json_string(j, "loss_kind", lgd_sv_of(lgd_net_loss_name(s->loss)));
    lgd_json_f64(j, "dropout", s->dropout);
    lgd_json_u64(j, "parameters", net->n_params);
    lgd_json_object_end(j);
}

static void info_json(const bundle *b, const lgd_model_reader *r, lgd_buf *out) {
    lgd_json j = {out, false};
    lgd_json_object(&j, NULL);
    lgd_json_u64(&j, "schema_version", 1);
    lgd_json_file(&j, "path", lgd_sv_of(lgd_model_reader_path(r)));
    lgd_json_u64(&j, "format_version", LGD_MODEL_FORMAT_VERSION);
    lgd_json_u64(&j, "bytes", lgd_model_size_bytes(r));
    lgd_json_u64(&j, "checksum", lgd_model_checksum(r));
    lgd_json_u64(&j, "events", lgd_baseline_n_events(b->baseline));
    lgd_json_u64(&j, "lines", b->n_lines);
    lgd_json_time(&j, "time_start", lgd_baseline_start_ns(b->baseline));
    lgd_json_time(&j, "time_end", lgd_baseline_end_ns(b->baseline));
    lgd_json_u64(&j, "templates", lgd_store_n_templates(b->store));
    lgd_json_u64(&j, "patterns", lgd_store_n_patterns(b->store));
    lgd_json_u64(&j, "signatures", lgd_store_n_signatures(b->store));
    lgd_json_u64(&j, "seed", b->seed);
    lgd_json_f64(&j, "target_fpr", b->target_fpr);
    lgd_json_f64(&j, "contamination", b->contamination);
    lgd_json_f64(&j, "incident_threshold", bundle_grouping(b, b->target_fpr).threshold);
    lgd_json_array(&j, "training_incident_scores"); /* the highest: between two of them lies the threshold */
    for (size_t i = 0; i < b->n_incident_scores && i < 10; i++) lgd_json_f64(&j, NULL, (double)b->incident_scores[i]);
    lgd_json_array_end(&j);
    lgd_json_array(&j, "formats");
    for (size_t i = 0; i < b->n_profiles; i++) lgd_json_string(&j, NULL, lgd_sv_of(lgd_profile_name(b->profiles[i])));
    lgd_json_array_end(&j);
    lgd_json_optional(&j, "session", lgd_sv_of(b->session));
    lgd_json_array(&j, "members");
    for (size_t i = 0; i < lgd_detector_n_members(b->detector); i++)
        lgd_json_string(&j, NULL, lgd_sv_of(lgd_detector_member_name(b->detector, i)));
    lgd_json_array_end(&j);
    json_ensemble(&j, b);
    if (b->lstm)
        json_network(&j, lgd_lstm_net(b->lstm));
    else
        lgd_json_null(&j, "network");
    lgd_json_object_end(&j);
    lgd_buf_add_char(out, '\n');
}

lgd_status lgd_model_info(const char *path, lgd_output_format format, lgd_buf *out, lgd_err *err) {
    bundle b = {0};
    lgd_model_reader *r = NULL;
    LGD_TRY(bundle_load(path, any_key, &b, err));
    lgd_status status = lgd_model_open(path, &r, err);
    if (status == LGD_OK) (format == LGD_FORMAT_JSON ? info_json : info_text)(&b, r, out);
    lgd_model_close(r);
    bundle_release(&b);
    return status == LGD_OK && out->failed ? lgd_fail_memory(err, out->n) : status;
}
