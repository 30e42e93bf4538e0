/*
 * Lines of arbitrary bytes as every string of a report, in every form; the first bytes are its numbers. JSON is what
 * cJSON reads, from the first byte to the last; nothing that is written does anything to a terminal.
 */
#include "fuzz.h"

#include "logdetect/report.h"

#include <cJSON.h>

static lgd_status collect(void *ctx, lgd_sv bytes, lgd_err *err) {
    (void)err;
    lgd_buf_add_sv(ctx, bytes);
    return LGD_OK;
}

static lgd_verdict verdict_of(const lgd_sv *s, double bits, bool is_anomaly) {
    return (lgd_verdict){.score = bits / 4,
                         .bits = bits,
                         .p_value = 1 / bits,
                         .is_anomaly = is_anomaly,
                         .members = {{"iforest", bits}, {"ngram", 0}},
                         .n_members = 2,
                         .factors = {{LGD_NEW_TEMPLATE, s[0], s[1], s[2], 0.75}, {LGD_LENGTH, s[3], s[4], s[5], bits}},
                         .n_factors = 2};
}

static lgd_incident incident_of(const lgd_sv *s, const lgd_evidence *related, double bits, int64_t now) {
    static const lgd_template_id ids[2] = {9, 4};
    return (lgd_incident){.id = "0123456789abcdef",
                          .status = "closed",
                          .severity = LGD_HIGH,
                          .title = s[6],
                          .start_ns = now,
                          .end_ns = now,
                          .lines = 23,
                          .anomalies = 21,
                          .first = related[0],
                          .related = related,
                          .n_related = 2,
                          .template_ids = ids,
                          .templates = s,
                          .n_templates = 2,
                          .n_templates_all = 2,
                          .files = s + 2,
                          .n_files = 2,
                          .normal_sequence = s + 4,
                          .n_normal_sequence = 2,
                          .actual_sequence = s + 6,
                          .n_actual_sequence = 2,
                          .verdict = verdict_of(s, bits, true)};
}

static void write_findings(lgd_report *r, const lgd_sv *s, double bits, int64_t now) {
    lgd_evidence related[2] = {{.file = s[0], .line = 3, .time_ns = now, .raw = s[1], .bits = bits, .count = 2},
                               {.file = s[2], .line = 8, .time_ns = LGD_NO_TIME, .raw = s[3], .bits = 8, .count = 12}};
    lgd_param params[8];
    for (int i = 0; i < 8; i++)
        params[i] = (lgd_param){.value = s[i], .name = s[7 - i], .type = "id", .has_number = true, .number = bits};
    for (int i = 0; i < 2; i++) {
        lgd_finding f = {.file = s[0],
                         .line = 1,
                         .offset = 2,
                         .n_lines = 1,
                         .raw = s[5],
                         .template_id = 9,
                         .template_text = s[6],
                         .params = params,
                         .n_params = 8,
                         .session = s[7],
                         .threshold = 0.01,
                         .verdict = verdict_of(s, bits, i)};
        f.header = (lgd_header){.start_ns = now, .level = LGD_LEVEL_ERROR, .component = s[1], .message = s[4]};
        MUST(lgd_report_finding(r, &f, i ? "0123456789abcdef" : NULL, NULL) == LGD_OK);
    }
    lgd_session_finding session = {.session = s[4], .file = s[5], .lines = 7, .verdict = verdict_of(s, bits, true)};
    MUST(lgd_report_session(r, &session, NULL) == LGD_OK);
    lgd_incident incident = incident_of(s, related, bits, now);
    MUST(lgd_report_incident(r, &incident, NULL) == LGD_OK);
}

static void write_report(lgd_output_format format, lgd_emit emit, const lgd_sv *s, double bits, int64_t now,
                         lgd_buf *out) {
    static const char *const members[] = {"iforest", "ngram"};
    lgd_report *r = NULL;
    lgd_count formats[2] = {{s[0], 12}, {s[1], UINT64_MAX}};
    lgd_input_status input = {.path = s[2], .state = "damaged", .problem = s[3], .compression = "gzip", .format = s[4]};
    lgd_report_head head = {.tool_version = "1.2.3",
                            .model_path = s[5],
                            .model_start_ns = now,
                            .model_end_ns = LGD_NO_TIME,
                            .members = members,
                            .n_members = 2,
                            .emit = emit,
                            .explain = emit == LGD_EMIT_ALL};
    lgd_summary summary = {.lines_read = 9,
                           .records = 8,
                           .scored = 7,
                           .skipped = {{s[6], 2}, {s[7], 0}, {s[0], 0}},
                           .anomalies = 2,
                           .has_sessions = true,
                           .threshold = bits,
                           .requested_fpr = bits,
                           .start_ns = now,
                           .end_ns = now,
                           .formats = formats,
                           .n_formats = 2,
                           .inputs = &input,
                           .n_inputs = 1,
                           .problems = s,
                           .n_problems = 8};
    lgd_allowed_rule rule = {1, s[3], (uint64_t)now, "used"};
    lgd_allowed allowed = {s[2], (uint64_t)now, 1, 2, &rule, 1};
    lgd_fitness fitness = {.reasons = s, .n_reasons = 6, .unseen = bits, .anomalous = bits, .gone_share = bits};
    fitness.shift = fitness.typical_sessions = fitness.rate = fitness.expected_unseen = bits;
    fitness.events = fitness.lines = fitness.sessions = (uint64_t)now;
    summary.allowed = &allowed;
    summary.fitness = &fitness;
    MUST(lgd_report_new(format, &head, (lgd_sink){collect, out}, &r, NULL) == LGD_OK);
    write_findings(r, s, bits, now);
    MUST(lgd_report_end(r, &summary, NULL) == LGD_OK);
    lgd_report_free(r);
    if (format == LGD_FORMAT_TEXT || (format == LGD_FORMAT_JSON && emit == LGD_EMIT_ALL)) {
        if (format == LGD_FORMAT_JSON) lgd_buf_clear(out); /* one document at a time */
        MUST(lgd_report_check(format, &head, &summary, (lgd_sink){collect, out}, NULL) == LGD_OK);
    }
}

static void write_diff(lgd_output_format format, const lgd_sv *s, double x, int64_t now, lgd_buf *out) {
    lgd_change changes[4];
    for (int i = 0; i < 4; i++) {
        changes[i] =
            (lgd_change){.kind = (lgd_change_kind)(LGD_CHANGE_NEW + i), .template_text = s[i], .level = LGD_LEVEL_WARN};
        changes[i].good = changes[i].bad = (uint64_t)now;
        changes[i].good_share = changes[i].bad_share = changes[i].ratio = changes[i].bits = changes[i].q_value = x;
        changes[i].file = s[4];
        changes[i].time_ns = now;
        changes[i].raw = s[5 + i % 3];
    }
    lgd_diff d = {.tool_version = "1.2.3", .scale = x, .max_q = x, .min_ratio = x, .changes = changes, .n_changes = 4};
    for (int k = LGD_CHANGE_NEW; k < LGD_CHANGE_KINDS; k++) d.n[k] = (uint64_t)now;
    d.good = d.bad =
        (lgd_diff_side){.name = s[6], .read = {.start_ns = now, .end_ns = now, .problems = s, .n_problems = 8}};
    MUST(lgd_report_diff(format, &d, (lgd_sink){collect, out}, NULL) == LGD_OK);
}

static void must_be_json(lgd_sv s) {
    const char *end = NULL;
    cJSON *json = cJSON_ParseWithLengthOpts(s.p, s.n, &end, false);
    MUST(json != NULL && end == s.p + s.n);
    cJSON_Delete(json);
}

/* Every output is its format, and harmless. */
static void check(lgd_output_format format, lgd_buf *out) {
    lgd_sv text = lgd_buf_sv(out);
    MUST(text.n > 0 && text.p[text.n - 1] == '\n');
    for (lgd_sv rest = text; format == LGD_FORMAT_JSONL && rest.n;) must_be_json(fuzz_line(&rest));
    if (format == LGD_FORMAT_JSON) must_be_json((lgd_sv){text.p, text.n - 1});
    for (size_t at = 0; format == LGD_FORMAT_CSV && at < out->n; at++)
        if (out->p[at] == '\r' || out->p[at] == '\t') out->p[at] = ' '; /* line ends and tabs stay in a cell */
    fuzz_must_be_printable(text);
    lgd_buf_release(out);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n) {
    lgd_sv input = {(const char *)bytes, n}, s[8];
    int64_t now;
    double bits;
    if (n < sizeof now + sizeof bits) return 0;
    memcpy(&now, input.p, sizeof now);
    memcpy(&bits, input.p + sizeof now, sizeof bits);
    input = (lgd_sv){input.p + sizeof now + sizeof bits, n - sizeof now - sizeof bits};
    for (int i = 0; i < 8; i++) s[i] = fuzz_line(&input);
    for (int i = 0; i < 8; i++) {
        lgd_buf out = {0};
        lgd_output_format format = (lgd_output_format)(i / 2);
        write_report(format, i % 2 ? LGD_EMIT_ALL : LGD_EMIT_ANOMALIES, s, bits, now, &out);
        check(format, &out);
        write_diff(format, s, bits, now, &out);
        check(format, &out);
    }
    return 0;
}
