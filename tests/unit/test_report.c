/*
 * Tests of the outputs over hostile findings: JSON is parsed again with cJSON, text holds no control byte, CSV no formula,
 * numbers are finite, members stand in the order of the contract.
 */
#include "logdetect/report.h"

#include <check.h>
#include <cJSON.h>
#include <math.h>

/* Escape sequences, NUL, DEL, C1, invalid and overlong UTF-8, a right-to-left override, quotes, markup, a formula. */
#define HOSTILE                                                                                                        \
    "=cmd()|' \x1b]8;;x\x07 \x1b[31m \0 \x7f \xc2\x9b \xff\xc0\xaf \xed\xa0\x80 \xe2\x80\xae \"q\" \\ </script> "      \
    "\r\n,\t%n%s"
static const lgd_sv hostile = {HOSTILE, sizeof HOSTILE - 1};

typedef struct sink_state {
    lgd_buf text;
    size_t n_writes;
    lgd_status answer;
} sink_state;

static lgd_status collect(void *ctx, lgd_sv bytes, lgd_err *err) {
    sink_state *s = ctx;
    s->n_writes++;
    lgd_buf_add_sv(&s->text, bytes);
    return s->answer == LGD_OK ? LGD_OK : lgd_fail(err, s->answer, "the sink failed");
}

static const char *const member_names[] = {"iforest", "ngram"};

static lgd_report_head head_of(lgd_emit emit, bool explain, bool color) {
    return (lgd_report_head){.tool_version = "1.2.3",
                             .model_path = hostile,
                             .model_checksum = 0x00c0ffee,
                             .model_templates = 142,
                             .model_events = 48211,
                             .model_start_ns = 0,
                             .model_end_ns = LGD_NO_TIME,
                             .members = member_names,
                             .n_members = 2,
                             .emit = emit,
                             .explain = explain,
                             .color = color};
}

static lgd_verdict verdict_of(bool is_anomaly, double bits) {
    return (lgd_verdict){.score = 0.99996,
                         .bits = bits,
                         .p_value = 4e-5,
                         .is_anomaly = is_anomaly,
                         .members = {{"iforest", 1e-3}, {"ngram", NAN}},
                         .n_members = 2,
                         .factors = {{LGD_NEW_TEMPLATE, hostile, hostile, hostile, 0.75},
                                     {LGD_LENGTH, LGD_SV("long"), {NULL, 0}, {NULL, 0}, 0.24996}},
                         .n_factors = 2};
}

static lgd_finding finding_of(uint64_t line, bool is_anomaly, double bits) {
    static const lgd_param params[2] = {
        {.value = {HOSTILE, sizeof HOSTILE - 1}, .name = {HOSTILE, sizeof HOSTILE - 1}, .type = "quoted"},
        {.value = {"7 ms", 4}, .type = "duration", .has_number = true, .number = 7, .unit = {"ms", 2}}};
    return (lgd_finding){.file = hostile,
                         .line = line,
                         .offset = UINT64_MAX,
                         .n_lines = 1,
                         .header = {.start_ns = 1772615642123000000, .level = LGD_LEVEL_ERROR, .message = hostile},
                         .raw = hostile,
                         .template_id = 9,
                         .template_text = hostile,
                         .params = params,
                         .n_params = 2,
                         .threshold = 0.01,
                         .verdict = verdict_of(is_anomaly, bits)};
}

static lgd_session_finding session_of(void) {
    return (lgd_session_finding){hostile, hostile, 1, 9, 7, 3, verdict_of(true, INFINITY)};
}

static lgd_incident incident_of(void) {
    static const lgd_template_id ids[2] = {9, 4};
    static const lgd_sv texts[2] = {{HOSTILE, sizeof HOSTILE - 1}, {"a <*>", 5}};
    static const lgd_evidence related[2] = {{{HOSTILE, sizeof HOSTILE - 1}, 3, 0, {HOSTILE, sizeof HOSTILE - 1}, 9, 2},
                                            {{"b.log", 5}, 8, LGD_NO_TIME, {"fatal", 5}, 8, 1112}};
    return (lgd_incident){.id = "0123456789abcdef",
                          .status = "closed",
                          .severity = LGD_CRITICAL,
                          .title = hostile,
                          .start_ns = 1772615642000000000,
                          .end_ns = 1772615643000000000,
                          .lines = 23,
                          .anomalies = 21,
                          .first = {hostile, 7, 1772615642000000000, hostile, 5, 1},
                          .related = related,
                          .n_related = 2,
                          .template_ids = ids,
                          .templates = texts,
                          .n_templates = 2,
                          .n_templates_all = 2,
                          .files = texts,
                          .n_files = 2,
                          .normal_sequence = texts,
                          .n_normal_sequence = 2,
                          .actual_sequence = texts,
                          .n_actual_sequence = 2,
                          .verdict = verdict_of(true, 41.2)};
}

static lgd_summary summary_of(bool sessions) {
    static const lgd_count formats[1] = {{{HOSTILE, sizeof HOSTILE - 1}, 12}};
    static const lgd_sv problems[1] = {{HOSTILE, sizeof HOSTILE - 1}};
    static const lgd_learned learned[1] = {{LGD_NO_TIME, 40, 77, {HOSTILE, sizeof HOSTILE - 1}}};
    static const lgd_input_status inputs[1] = {{.path = {HOSTILE, sizeof HOSTILE - 1},
                                                .state = "damaged",
                                                .problem = {HOSTILE, sizeof HOSTILE - 1},
                                                .lines = 15,
                                                .bytes = 99,
                                                .compression = "gzip",
                                                .format = {"json", 4}}};
    static const lgd_allowed_rule rules[2] = {{3, {HOSTILE, sizeof HOSTILE - 1}, 4, "used"},
                                              {5, {"b", 1}, 0, "expired"}};
    static const lgd_allowed allowed = {{HOSTILE, sizeof HOSTILE - 1}, 4, 1, 2, rules, 2};
    static const lgd_sv reasons[1] = {{HOSTILE, sizeof HOSTILE - 1}};
    static const lgd_fitness fitness = {.fit = LGD_DRIFTING,
                                        .reasons = reasons,
                                        .n_reasons = 1,
                                        .events = 12,
                                        .unseen_events = 3,
                                        .unseen = NAN,
                                        .anomalous = INFINITY,
                                        .lines = 12,
                                        .lines_in_format = 9,
                                        .sessions = 5,
                                        .shift = 0.5,
                                        .shift_bits = 3,
                                        .members = {{"counts", true, 0.25}, {"lstm", false, 0}},
                                        .n_members = 2};
    return (lgd_summary){.fitness = &fitness,
                         .allowed = &allowed,
                         .lines_read = 1234567,
                         .records = 12,
                         .scored = 1234564,
                         .skipped = {{LGD_SV("empty"), 3}, {LGD_SV("before"), 0}, {LGD_SV("after"), 0}},
                         .anomalies = 2,
                         .incidents = 1,
                         .sessions = 5,
                         .anomalous_sessions = 1,
                         .has_sessions = sessions,
                         .templates = 9,
                         .new_templates = 1,
                         .threshold = 0.01,
                         .requested_fpr = NAN,
                         .start_ns = LGD_NO_TIME,
                         .end_ns = LGD_NO_TIME,
                         .formats = formats,
                         .n_formats = 1,
                         .inputs = inputs,
                         .n_inputs = 1,
                         .complete = false,
                         .problems = problems,
                         .n_problems = 1,
                         .adapts = sessions,
                         .learned = learned,
                         .n_learned = sessions};
}

/* One normal line, two anomalies, a session, `n_incidents` incidents, the summary. */
static lgd_status write_report(lgd_output_format format, lgd_report_head head, size_t n_incidents, sink_state *s,
                               lgd_err *err) {
    lgd_report *r = NULL;
    LGD_TRY(lgd_report_new(format, &head, (lgd_sink){collect, s}, &r, err));
    lgd_finding f[3] = {finding_of(1, false, 0), finding_of(2, true, 5), finding_of(3, true, INFINITY)};
    lgd_session_finding session = session_of();
    lgd_incident incident = incident_of();
    lgd_summary summary = summary_of(true);
    lgd_status status = LGD_OK;
    for (size_t i = 0; i < 3 && status == LGD_OK; i++)
        status = lgd_report_finding(r, &f[i], i == 1 ? incident.id : NULL, err);
    if (status == LGD_OK) status = lgd_report_session(r, &session, err);
    for (size_t i = 0; i < n_incidents && status == LGD_OK; i++) status = lgd_report_incident(r, &incident, err);
    if (status == LGD_OK) status = lgd_report_end(r, &summary, err);
    lgd_report_free(r);
    return status;
}

static lgd_buf report_of(lgd_output_format format, lgd_report_head head, size_t n_incidents) {
    sink_state s = {0};
    lgd_err err = {0};
    ck_assert_msg(write_report(format, head, n_incidents, &s, &err) == LGD_OK, "%s", err.text);
    return s.text;
}

/* ---- JSON ---- */

/* The names of an object's members, separated by blanks, are exactly `names`. */
static void assert_members(const cJSON *object, const char *names) {
    lgd_buf got = {0};
    ck_assert(cJSON_IsObject(object));
    for (const cJSON *m = object->child; m; m = m->next)
        lgd_buf_printf(&got, "%s%s", m == object->child ? "" : " ", m->string);
    lgd_buf_add_char(&got, 0);
    ck_assert_str_eq(got.p, names);
    lgd_buf_release(&got);
}

static const cJSON *at(const cJSON *object, const char *key) {
    const cJSON *found = cJSON_GetObjectItemCaseSensitive(object, key);
    ck_assert_msg(found != NULL, "no member %s", key);
    return found;
}

#define FINDING_MEMBERS                                                                                                \
    "file line offset timestamp level component message raw template_id template params session score bits p_value "   \
    "threshold is_anomaly members factors incident"
#define SESSION_MEMBERS "session first_line last_line lines template_id score bits p_value is_anomaly members factors"
#define INCIDENT_MEMBERS                                                                                               \
    "id status severity title start end lines anomalies first_line templates files score bits factors"
#define SUMMARY_MEMBERS                                                                                                \
    "lines_read records scored skipped anomalies incidents sessions templates new_templates threshold requested_fpr "  \
    "time_start time_end formats complete problems learned unseen_events fit allowed"

static void assert_finding(const cJSON *f) {
    ck_assert_str_eq(at(f, "timestamp")->valuestring, "2026-03-04T09:14:02.123Z");
    ck_assert_str_eq(at(f, "level")->valuestring, "error");
    ck_assert(cJSON_IsNull(at(f, "component")) && cJSON_IsNull(at(f, "session")));
    ck_assert(cJSON_IsNumber(at(f, "template_id")));
    ck_assert_int_eq(cJSON_GetArraySize(at(f, "params")), 2);
    assert_members(at(f, "params")->child, "value type name");
    assert_members(at(f, "params")->child->next, "value type number unit");
    ck_assert(at(at(f, "params")->child->next, "number")->valuedouble == 7);
    ck_assert(at(at(f, "members"), "iforest")->valuedouble == 1e-3);
    ck_assert(at(at(f, "members"), "ngram")->valuedouble == 0);
    ck_assert_int_eq(cJSON_GetArraySize(at(f, "factors")), 2);
    assert_members(at(f, "factors")->child, "kind text typical actual share");
    ck_assert_str_eq(at(at(f, "factors")->child, "kind")->valuestring, "NEW_TEMPLATE");
    ck_assert_ptr_nonnull(strstr(at(f, "message")->valuestring, "\x1b[31m"));
}

static void assert_incident(const cJSON *i) {
    ck_assert_str_eq(at(i, "severity")->valuestring, "critical");
    ck_assert_str_eq(at(i, "start")->valuestring, "2026-03-04T09:14:02Z");
    assert_members(at(i, "first_line"), "file line timestamp raw");
    assert_members(at(i, "templates")->child, "id template");
    ck_assert_int_eq(cJSON_GetArraySize(at(i, "files")), 2);
}

/* cJSON_Parse stops at a NUL byte, so none may be in the text; it checks escapes but not UTF-8, so that is done here. */
static cJSON *parse_json(const char *p, size_t n) {
    for (size_t i = 0, step; i < n; i += step) {
        uint32_t c = 0;
        step = lgd_utf8_decode((lgd_sv){p + i, n - i}, &c);
        ck_assert_msg(step > 0, "invalid UTF-8 at %zu", i);
        ck_assert_msg(c >= 0x20 && !(c >= 0x7f && c < 0xa0) && c != '<', "U+%04X at %zu is not escaped", (unsigned)c,
                      i);
    }
    const char *end = NULL;
    cJSON *json = cJSON_ParseWithLengthOpts(p, n, &end, false);
    ck_assert_ptr_nonnull(json);
    ck_assert_ptr_eq(end, p + n);
    return json;
}

START_TEST(json_is_one_document_in_the_order_of_the_contract) {
    lgd_buf text = report_of(LGD_FORMAT_JSON, head_of(LGD_EMIT_ANOMALIES, false, false), 2);
    ck_assert_int_eq(text.p[text.n - 1], '\n');
    cJSON *json = parse_json(text.p, text.n - 1);
    assert_members(json, "schema_version tool model input summary incidents sessions anomalies");
    assert_members(at(json, "tool"), "name version");
    assert_members(at(json, "model"), "path checksum templates events start end session members");
    ck_assert_str_eq(at(at(json, "model"), "checksum")->valuestring, "00c0ffee");
    ck_assert(cJSON_IsNull(at(at(json, "model"), "end")));
    assert_members(at(json, "input")->child, "path state problem lines bytes compression format");
    assert_members(at(json, "summary"), SUMMARY_MEMBERS);
    assert_members(at(at(json, "summary"), "learned")->child, "since sessions of text");
    ck_assert(cJSON_IsNull(at(at(at(json, "summary"), "learned")->child, "since")));
    ck_assert(at(at(json, "summary"), "requested_fpr")->valuedouble == 0);
    ck_assert(at(at(at(json, "summary"), "skipped"), "empty")->valuedouble == 3);
    ck_assert_int_eq(cJSON_GetArraySize(at(json, "incidents")), 2);
    assert_members(at(json, "incidents")->child, INCIDENT_MEMBERS);
    assert_incident(at(json, "incidents")->child);
    ck_assert_int_eq(cJSON_GetArraySize(at(json, "anomalies")), 2);
    assert_members(at(json, "sessions")->child, SESSION_MEMBERS);
    assert_members(at(json, "anomalies")->child, FINDING_MEMBERS);
    assert_finding(at(json, "anomalies")->child);
    ck_assert_str_eq(at(at(json, "anomalies")->child, "incident")->valuestring, "0123456789abcdef");
    ck_assert(cJSON_IsNull(at(at(json, "anomalies")->child->next, "incident")));
    cJSON_Delete(json);
    lgd_buf_release(&text);
}
END_TEST

START_TEST(json_file_names_stay_readable) {
    lgd_buf text = {0};
    lgd_json j = {.out = &text};
    lgd_json_array(&j, NULL);
    lgd_json_file(&j, NULL, LGD_SV("caf\xe9.log"));
    lgd_json_file(&j, NULL, LGD_SV("caf\xc3\xa9\n.log"));
    lgd_json_array_end(&j);
    lgd_buf_add_char(&text, 0);
    ck_assert_str_eq(text.p, "[\"caf\\\\xe9.log\",\"caf\xc3\xa9\\n.log\"]");
    lgd_buf_release(&text);
}
END_TEST

static const struct {
    lgd_emit emit;
    const char *types;
} lines_cases[] = {
    {LGD_EMIT_ANOMALIES, "anomaly anomaly session incident summary "},
    {LGD_EMIT_ALL, "line line anomaly line anomaly session incident summary "},
};

START_TEST(a_check_tells_of_the_model_alone) {
    lgd_report_head head = head_of(LGD_EMIT_ANOMALIES, false, false);
    lgd_summary summary = summary_of(true);
    sink_state to = {0};
    ck_assert_int_eq(lgd_report_check(LGD_FORMAT_JSON, &head, &summary, (lgd_sink){collect, &to}, NULL), LGD_OK);
    lgd_buf b = to.text;
    cJSON *tree = cJSON_ParseWithLength(b.p, b.n);
    assert_members(tree,
                   "schema_version tool model input verdict reasons events coverage templates formats alarms shift "
                   "age lines_read scored skipped time_start time_end complete problems");
    const cJSON *members = cJSON_GetObjectItem(cJSON_GetObjectItem(tree, "shift"), "members");
    ck_assert_str_eq(cJSON_GetObjectItem(tree, "verdict")->valuestring, "drifting");
    ck_assert(cJSON_GetObjectItem(members, "counts")->valuedouble == 0.25);
    ck_assert(cJSON_IsNull(cJSON_GetObjectItem(members, "lstm")));
    ck_assert(cJSON_GetObjectItem(tree, "coverage")->valuedouble == 0.75);
    cJSON_Delete(tree);
    lgd_buf_release(&b);
    to = (sink_state){0};
    ck_assert_int_eq(lgd_report_check(LGD_FORMAT_TEXT, &head, &summary, (lgd_sink){collect, &to}, NULL), LGD_OK);
    b = to.text;
    lgd_buf_add_char(&b, 0);
    ck_assert_ptr_nonnull(strstr(b.p, "drifting; train again soon:\n"));
    ck_assert_ptr_nonnull(strstr(b.p, "75.0 % of 12 events have a known template"));
    ck_assert_ptr_nonnull(strstr(b.p, "; counts 25.0 %\n"));
    ck_assert_ptr_null(strchr(b.p, 0x1b));
    lgd_buf_release(&b);
}
END_TEST

START_TEST(a_summary_tells_what_was_allowed) {
    lgd_buf b = report_of(LGD_FORMAT_JSON, head_of(LGD_EMIT_ANOMALIES, false, false), 1);
    cJSON *tree = cJSON_ParseWithLength(b.p, b.n), *summary = cJSON_GetObjectItem(tree, "summary");
    const cJSON *allowed = cJSON_GetObjectItem(summary, "allowed"), *rules = cJSON_GetObjectItem(allowed, "rules");
    assert_members(allowed, "path anomalies sessions incidents rules");
    ck_assert_int_eq(cJSON_GetArraySize(rules), 2);
    assert_members(cJSON_GetArrayItem(rules, 0), "line rule state hits");
    ck_assert_str_eq(cJSON_GetObjectItem(cJSON_GetArrayItem(rules, 1), "state")->valuestring, "expired");
    ck_assert(cJSON_GetObjectItem(summary, "unseen_events")->valuedouble == 3.0);
    ck_assert_str_eq(cJSON_GetObjectItem(summary, "fit")->valuestring, "drifting");
    cJSON_Delete(tree);
    lgd_buf_release(&b);
    b = report_of(LGD_FORMAT_TEXT, head_of(LGD_EMIT_ANOMALIES, false, false), 1);
    lgd_buf_add_char(&b, 0);
    ck_assert_ptr_nonnull(
        strstr(b.p, ": 4 anomalous lines, 1 session, 2 incidents; of 2 rules 0 had no hit, 1 expired\n"));
    lgd_buf_release(&b);
}
END_TEST

START_TEST(jsonl_has_one_typed_record_a_line) {
    lgd_buf text = report_of(LGD_FORMAT_JSONL, head_of(lines_cases[_i].emit, false, false), 1), types = {0};
    for (size_t i = 0, n; i < text.n; i += n + 1) {
        const char *end = memchr(text.p + i, '\n', text.n - i);
        ck_assert_ptr_nonnull(end);
        n = (size_t)(end - (text.p + i));
        cJSON *json = parse_json(text.p + i, n);
        const char *type = at(json, "type")->valuestring;
        lgd_buf_printf(&types, "%s ", type);
        if (strcmp(type, "anomaly") == 0) {
            assert_members(json, "type " FINDING_MEMBERS);
            assert_finding(json);
        } else if (strcmp(type, "line") == 0) {
            assert_members(json, "type " FINDING_MEMBERS);
        } else if (strcmp(type, "session") == 0) {
            assert_members(json, "type " SESSION_MEMBERS);
            ck_assert(at(json, "bits")->valuedouble == 0);
        } else if (strcmp(type, "incident") == 0) {
            assert_members(json, "type " INCIDENT_MEMBERS);
            assert_incident(json);
        } else {
            assert_members(json, "type " SUMMARY_MEMBERS);
        }
        cJSON_Delete(json);
    }
    lgd_buf_add_char(&types, 0);
    ck_assert_str_eq(types.p, lines_cases[_i].types);
    lgd_buf_release(&types);
    lgd_buf_release(&text);
}
END_TEST

START_TEST(jsonl_writes_as_it_goes) {
    sink_state s = {0};
    lgd_report_head head = head_of(LGD_EMIT_ANOMALIES, false, false);
    lgd_report *r = NULL;
    lgd_finding f = finding_of(2, true, 5);
    ck_assert_int_eq(lgd_report_new(LGD_FORMAT_JSONL, &head, (lgd_sink){collect, &s}, &r, NULL), LGD_OK);
    ck_assert_int_eq(lgd_report_finding(r, &f, NULL, NULL), LGD_OK);
    ck_assert_uint_eq(s.n_writes, 1);
    ck_assert(s.text.n > 0 && s.text.p[s.text.n - 1] == '\n');
    lgd_report_free(r);
    lgd_buf_release(&s.text);
}
END_TEST

START_TEST(json_keeps_64_mib_and_tells_what_is_left_out) {
    enum { RAW_BYTES = 1 << 20, N_FINDINGS = 70 };
    sink_state s = {0};
    lgd_report_head head = head_of(LGD_EMIT_ANOMALIES, false, false);
    lgd_report *r = NULL;
    lgd_summary summary = summary_of(false);
    lgd_finding f = finding_of(1, true, 5);
    char *raw = lgd_alloc(RAW_BYTES);
    memset(raw, 'x', RAW_BYTES);
    f.raw = (lgd_sv){raw, RAW_BYTES};
    ck_assert_int_eq(lgd_report_new(LGD_FORMAT_JSON, &head, (lgd_sink){collect, &s}, &r, NULL), LGD_OK);
    for (int i = 0; i < N_FINDINGS; i++) ck_assert_int_eq(lgd_report_finding(r, &f, NULL, NULL), LGD_OK);
    ck_assert_int_eq(lgd_report_end(r, &summary, NULL), LGD_OK);
    ck_assert_uint_lt(s.text.n, (65u << 20));
    cJSON *json = cJSON_ParseWithLength(s.text.p, s.text.n);
    ck_assert_int_eq(cJSON_GetArraySize(at(json, "anomalies")), 63);
    ck_assert_ptr_null(cJSON_GetObjectItemCaseSensitive(json, "sessions"));
    const cJSON *problems = at(at(json, "summary"), "problems");
    ck_assert_int_eq(cJSON_GetArraySize(problems), 2);
    ck_assert_ptr_nonnull(strstr(problems->child->next->valuestring, "7 anomalies are left out"));
    cJSON_Delete(json);
    lgd_report_free(r);
    lgd_buf_release(&s.text);
    lgd_free(raw);
}
END_TEST

/* ---- CSV ---- */

/* Splits RFC 4180 text into cells; returns their number and checks that every row has as many. */
static size_t count_csv_rows(const lgd_buf *b, size_t n_columns) {
    size_t n_rows = 0, n_cells = 1;
    bool quoted = false;
    for (size_t i = 0; i < b->n; i++) {
        if (b->p[i] == '"')
            quoted = !quoted;
        else if (!quoted && b->p[i] == ',')
            n_cells++;
        else if (!quoted && b->p[i] == '\n') {
            ck_assert_uint_eq(n_cells, n_columns);
            n_rows++;
            n_cells = 1;
        }
    }
    ck_assert(!quoted && n_cells == 1);
    return n_rows;
}

START_TEST(csv_has_whole_rows_without_formulas) {
    for (int all = 0; all < 2; all++) {
        lgd_buf text = report_of(LGD_FORMAT_CSV, head_of(all ? LGD_EMIT_ALL : LGD_EMIT_ANOMALIES, false, false), 1);
        ck_assert_uint_eq(count_csv_rows(&text, 21), all ? 4 : 3);
        lgd_buf_add_char(&text, 0);
        ck_assert_ptr_nonnull(strstr(text.p, "\r\n\"'=cmd()"));
        ck_assert_ptr_null(strstr(text.p, ",=cmd()"));
        ck_assert_ptr_null(strstr(text.p, ",\"=cmd()"));
        ck_assert_ptr_null(strchr(text.p, '\x1b'));
        lgd_buf_release(&text);
    }
}
END_TEST

static const struct {
    const char *in, *out;
} cells[] = {
    {"", ""},
    {"plain", "plain"},
    {"a,b", "\"a,b\""},
    {"say \"x\"", "\"say \"\"x\"\"\""},
    {"=1+1", "'=1+1"},
    {"+1", "'+1"},
    {"-1", "'-1"},
    {"@x", "'@x"},
    {"\tx", "'\tx"},
    {"\rx", "\"'\rx\""},
    {"a\nb", "\"a\nb\""},
    {"a=b", "a=b"},
    {" x", "\" x\""},
    {"\x1b[0m", "\\x1b[0m"},
    {"\xff", "\\xff"},
    {"gr\xc3\xbc\xc3\x9f", "gr\xc3\xbc\xc3\x9f"},
    {"=a,b", "\"'=a,b\""},
};

START_TEST(csv_cells) {
    lgd_buf b = {0};
    lgd_csv_cell(&b, lgd_sv_of(cells[_i].in));
    lgd_buf_add_char(&b, 0);
    ck_assert_str_eq(b.p, cells[_i].out);
    lgd_buf_release(&b);
}
END_TEST

/* ---- text ---- */

/* Printable ASCII and valid UTF-8 only, apart from line ends and, with colour, our own SGR sequences. */
static void assert_terminal_safe(const lgd_buf *b, bool color) {
    for (size_t i = 0, n; i < b->n; i += n) {
        static const char *const own[] = {"\x1b[1;31m", "\x1b[31m", "\x1b[33m", "\x1b[36m", "\x1b[0m"};
        uint32_t c = 0;
        n = 0;
        for (size_t k = 0; color && n == 0 && k < sizeof own / sizeof own[0]; k++)
            if (lgd_sv_starts((lgd_sv){b->p + i, b->n - i}, lgd_sv_of(own[k]))) n = strlen(own[k]);
        if (n) continue;
        n = lgd_utf8_decode((lgd_sv){b->p + i, b->n - i}, &c);
        ck_assert_msg(n > 0, "invalid UTF-8 at %zu", i);
        bool control = (c < 0x20 && c != '\n') || (c >= 0x7f && c < 0xa0) || (c >= 0x202a && c <= 0x202e);
        ck_assert_msg(!control, "U+%04X at %zu", (unsigned)c, i);
    }
}

START_TEST(text_is_safe_on_a_terminal) {
    for (unsigned i = 0; i < 8; i++) {
        bool color = i & 1;
        lgd_buf text = report_of(LGD_FORMAT_TEXT, head_of(LGD_EMIT_ANOMALIES, i & 2, color), i & 4 ? 7 : 0);
        assert_terminal_safe(&text, color);
        lgd_buf_release(&text);
    }
}
END_TEST

/* Found by tests/fuzz/fuzz_report.c: a percentage that is no number was made a whole one. */
START_TEST(text_takes_shares_that_are_no_numbers) {
    static const double shares[] = {INFINITY, -INFINITY, NAN, -1, 1e300};
    for (size_t i = 0; i < sizeof shares / sizeof shares[0]; i++) {
        sink_state s = {0};
        lgd_report_head head = head_of(LGD_EMIT_ANOMALIES, true, false);
        lgd_report *r = NULL;
        lgd_incident incident = incident_of();
        lgd_summary summary = summary_of(false);
        incident.verdict.factors[0].share = shares[i];
        ck_assert_int_eq(lgd_report_new(LGD_FORMAT_TEXT, &head, (lgd_sink){collect, &s}, &r, NULL), LGD_OK);
        ck_assert_int_eq(lgd_report_incident(r, &incident, NULL), LGD_OK);
        ck_assert_int_eq(lgd_report_end(r, &summary, NULL), LGD_OK);
        lgd_buf_add_char(&s.text, 0);
        ck_assert_ptr_nonnull(strstr(s.text.p, i < 4 ? " 0 %  NEW_TEMPLATE" : "100 %  NEW_TEMPLATE"));
        lgd_report_free(r);
        lgd_buf_release(&s.text);
    }
}
END_TEST

static size_t count_of(const lgd_buf *b, const char *needle) {
    size_t n = 0;
    for (const char *p = b->p; (p = strstr(p, needle)) != NULL; p++) n++;
    return n;
}

START_TEST(text_explains_the_first_incidents) {
    lgd_buf text = report_of(LGD_FORMAT_TEXT, head_of(LGD_EMIT_ANOMALIES, false, false), 103);
    lgd_buf_add_char(&text, 0);
    ck_assert_ptr_eq(strstr(text.p, "Scanned 1,234,567 lines in 1 file; no timestamps were found\n"), text.p);
    ck_assert_uint_eq(count_of(&text, "Skipped 3 lines: 3 empty\n"), 1);
    ck_assert_uint_eq(count_of(&text, "2 anomalous lines, 1 of 5 sessions anomalous, 1 incident"), 1);
    ck_assert_uint_eq(count_of(&text, "(threshold: one normal line in 100)"), 1);
    ck_assert_uint_eq(count_of(&text, "CRITICAL"), 100);
    ck_assert_uint_eq(count_of(&text, "    first:   "), 5);
    ck_assert_uint_eq(
        count_of(&text, "2026-03-04 09:14:02 - 09:14:03 UTC, 23 lines in 2 files, score 0.9999 (41.2 bits)"), 5);
    ck_assert_uint_eq(count_of(&text, "1,112x  b.log:8  fatal"), 5);
    ck_assert_uint_eq(count_of(&text, " 75 %  NEW_TEMPLATE "), 6);
    ck_assert_uint_eq(count_of(&text, "... and 3 more incidents; --format json has them all"), 1);
    ck_assert_uint_eq(count_of(&text, "The result is incomplete"), 1);
    lgd_buf_release(&text);
    text = report_of(LGD_FORMAT_TEXT, head_of(LGD_EMIT_ANOMALIES, true, false), 103);
    lgd_buf_add_char(&text, 0);
    ck_assert_uint_eq(count_of(&text, "    first:   "), 103);
    lgd_buf_release(&text);
}
END_TEST

/* 20 anomalies of rising and falling surprise: the five largest, largest first, of equals the earlier. */
START_TEST(text_without_incidents_shows_the_most_surprising_lines) {
    sink_state s = {0};
    lgd_report_head head = head_of(LGD_EMIT_ANOMALIES, false, false);
    lgd_report *r = NULL;
    lgd_summary summary = summary_of(false);
    summary.incidents = 0;
    ck_assert_int_eq(lgd_report_new(LGD_FORMAT_TEXT, &head, (lgd_sink){collect, &s}, &r, NULL), LGD_OK);
    for (uint64_t i = 0; i < 20; i++) {
        lgd_finding f = finding_of(100 + i, true, (double)(i * 7 % 10));
        f.file = LGD_SV("a.log");
        f.raw = LGD_SV("raw");
        ck_assert_int_eq(lgd_report_finding(r, &f, NULL, NULL), LGD_OK);
    }
    ck_assert_int_eq(lgd_report_end(r, &summary, NULL), LGD_OK);
    lgd_buf_add_char(&s.text, 0);
    ck_assert_uint_eq(count_of(&s.text, "No incidents. The most surprising lines:\n"), 1);
    ck_assert_uint_eq(count_of(&s.text, "a.log:"), 5);
    static const char *const order[] = {"a.log:107", "a.log:117", "a.log:104", "a.log:114", "a.log:101"};
    const char *last = s.text.p;
    for (size_t i = 0; i < 5; i++) {
        const char *found = strstr(last, order[i]);
        ck_assert_msg(found != NULL, "%s is not there or too early", order[i]);
        last = found;
    }
    lgd_report_free(r);
    lgd_buf_release(&s.text);
}
END_TEST

START_TEST(text_of_a_quiet_day) {
    sink_state s = {0};
    lgd_report_head head = head_of(LGD_EMIT_ANOMALIES, false, false);
    lgd_report *r = NULL;
    lgd_summary summary = {.start_ns = LGD_NO_TIME, .end_ns = LGD_NO_TIME, .complete = true};
    head.model_path = LGD_SV("model/model.lgd");
    ck_assert_int_eq(lgd_report_new(LGD_FORMAT_TEXT, &head, (lgd_sink){collect, &s}, &r, NULL), LGD_OK);
    ck_assert_int_eq(lgd_report_end(r, &summary, NULL), LGD_OK);
    lgd_buf_add_char(&s.text, 0);
    ck_assert_str_eq(s.text.p, "Scanned 0 lines in 0 files\n"
                               "Model model/model.lgd: 142 templates from 48,211 events, 1970-01-01 00:00:00 UTC\n"
                               "0 anomalous lines, 0 incidents\n\n"
                               "No incidents.\n");
    lgd_report_free(r);
    lgd_buf_release(&s.text);
}
END_TEST

/* ---- all outputs ---- */

static const lgd_output_format formats[] = {LGD_FORMAT_TEXT, LGD_FORMAT_JSON, LGD_FORMAT_JSONL, LGD_FORMAT_CSV};

START_TEST(the_status_of_the_sink_comes_back) {
    sink_state s = {.answer = LGD_E_CLOSED};
    lgd_err err = {0};
    ck_assert_int_eq(write_report(formats[_i], head_of(LGD_EMIT_ALL, false, false), 1, &s, &err), LGD_E_CLOSED);
    ck_assert_uint_eq(s.n_writes, 1);
    lgd_buf_release(&s.text);
}
END_TEST

START_TEST(every_failing_allocation_is_a_status) {
    lgd_report_head head = head_of(LGD_EMIT_ALL, true, true);
    for (uint64_t k = 1; k < 2000; k++) {
        sink_state s = {0};
        lgd_err err = {0};
        lgd_alloc_fail_at(k, false);
        lgd_status status = write_report(formats[_i], head, 2, &s, &err);
        bool whole = !s.text.failed;
        lgd_alloc_fail_at(0, false);
        lgd_buf_release(&s.text);
        if (status == LGD_OK && whole) {
            /* the k-th allocation was never reached: all before it have failed once */
            ck_assert_uint_gt(k, 3);
            return;
        }
        ck_assert(status == LGD_E_MEMORY || !whole);
    }
    ck_abort_msg("never succeeded");
}
END_TEST

START_TEST(the_same_findings_give_the_same_bytes) {
    lgd_report_head head = head_of(LGD_EMIT_ALL, true, true);
    lgd_buf a = report_of(formats[_i], head, 3), b = report_of(formats[_i], head, 3);
    ck_assert(a.n > 0 && lgd_sv_eq(lgd_buf_sv(&a), lgd_buf_sv(&b)));
    lgd_buf_release(&a);
    lgd_buf_release(&b);
}
END_TEST

/* ---- pieces ---- */

static const struct {
    int64_t time_ns;
    const char *rfc3339, *text;
} times[] = {
    {LGD_NO_TIME, "", "no time"},
    {0, "1970-01-01T00:00:00Z", "1970-01-01 00:00:00"},
    {-1, "1969-12-31T23:59:59.999999999Z", "1969-12-31 23:59:59"},
    {1709208000500000000, "2024-02-29T12:00:00.500Z", "2024-02-29 12:00:00"},
    {951782400000001000, "2000-02-29T00:00:00.000001Z", "2000-02-29 00:00:00"},
    {4107542399000000000, "2100-02-28T23:59:59Z", "2100-02-28 23:59:59"},
    {4107542400000000000, "2100-03-01T00:00:00Z", "2100-03-01 00:00:00"},
    {INT64_MAX, "2262-04-11T23:47:16.854775807Z", "2262-04-11 23:47:16"},
    {INT64_MIN + 1, "1677-09-21T00:12:43.145224193Z", "1677-09-21 00:12:43"},
};

START_TEST(times_as_text) {
    lgd_buf a = {0}, b = {0};
    lgd_format_time(&a, times[_i].time_ns);
    lgd_format_time_text(&b, times[_i].time_ns);
    lgd_buf_add_char(&a, 0);
    lgd_buf_add_char(&b, 0);
    ck_assert_str_eq(a.p, times[_i].rfc3339);
    ck_assert_str_eq(b.p, times[_i].text);
    lgd_buf_release(&a);
    lgd_buf_release(&b);
}
END_TEST

START_TEST(counts_and_names) {
    lgd_buf b = {0};
    static const uint64_t counts[] = {0, 7, 999, 1000, 1234567, UINT64_MAX};
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        lgd_format_count(&b, counts[i]);
        lgd_buf_add_char(&b, ' ');
    }
    lgd_buf_add_char(&b, 0);
    ck_assert_str_eq(b.p, "0 7 999 1,000 1,234,567 18,446,744,073,709,551,615 ");
    lgd_buf_release(&b);
    for (int k = 0; k < LGD_FACTOR_KINDS; k++) ck_assert_ptr_nonnull(lgd_factor_kind_name((lgd_factor_kind)k));
    ck_assert_str_eq(lgd_factor_kind_name(LGD_LENGTH), "LENGTH");
    ck_assert_str_eq(lgd_severity_name(LGD_LOW), "low");
    ck_assert_str_eq(lgd_severity_name(LGD_CRITICAL), "critical");
}
END_TEST

Suite *report_suite(void);
Suite *report_suite(void) {
    Suite *s = suite_create("report");
    TCase *json = tcase_create("json");
    tcase_set_timeout(json, 30);
    tcase_add_test(json, json_is_one_document_in_the_order_of_the_contract);
    tcase_add_test(json, json_file_names_stay_readable);
    tcase_add_test(json, a_check_tells_of_the_model_alone);
    tcase_add_test(json, a_summary_tells_what_was_allowed);
    tcase_add_loop_test(json, jsonl_has_one_typed_record_a_line, 0, 2);
    tcase_add_test(json, jsonl_writes_as_it_goes);
    tcase_add_test(json, json_keeps_64_mib_and_tells_what_is_left_out);
    suite_add_tcase(s, json);
    TCase *csv = tcase_create("csv");
    tcase_add_test(csv, csv_has_whole_rows_without_formulas);
    tcase_add_loop_test(csv, csv_cells, 0, sizeof cells / sizeof cells[0]);
    suite_add_tcase(s, csv);
    TCase *text = tcase_create("text");
    tcase_add_test(text, text_is_safe_on_a_terminal);
    tcase_add_test(text, text_takes_shares_that_are_no_numbers);
    tcase_add_test(text, text_explains_the_first_incidents);
    tcase_add_test(text, text_without_incidents_shows_the_most_surprising_lines);
    tcase_add_test(text, text_of_a_quiet_day);
    suite_add_tcase(s, text);
    TCase *all = tcase_create("all");
    tcase_add_loop_test(all, the_status_of_the_sink_comes_back, 0, 4);
    tcase_add_loop_test(all, every_failing_allocation_is_a_status, 0, 4);
    tcase_add_loop_test(all, the_same_findings_give_the_same_bytes, 0, 4);
    tcase_add_loop_test(all, times_as_text, 0, sizeof times / sizeof times[0]);
    tcase_add_test(all, counts_and_names);
    suite_add_tcase(s, all);
    return s;
}
