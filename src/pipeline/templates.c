/*
 * pipeline/templates: every template of a model with what training saw of it: how often, when first and last, a message,
 * and the values in its places. For people a table, or with details a block each; for programs one JSON document.
 *
 * A template owns one or several patterns, each with places of its own; they are told pattern by pattern. Cost: linear
 * in the model.
 */
#include "bundle.h"
#include "logdetect/logdetect.h"

#include <math.h>

enum { SHOWN_VALUES = 3, TEXT_BYTES = 2000, VALUE_BYTES = 40, NAME_WIDTH = 12, TYPE_WIDTH = 10 };

static const uint64_t any_key = 1; /* nothing here meets hostile input at speed */

typedef struct catalogue {
    const bundle *b;
    lgd_buf *out;
    uint32_t *patterns; /* their numbers, by template */
    uint32_t *begin;    /* of each template in it, and its end behind the last */
} catalogue;

/* Patterns by template, in their order: a counting sort. */
static lgd_status sort_patterns(catalogue *c, lgd_err *err) {
    const lgd_store *s = c->b->store;
    size_t n = lgd_store_n_templates(s), n_patterns = lgd_store_n_patterns(s);
    c->patterns = lgd_calloc(n_patterns, sizeof *c->patterns);
    c->begin = lgd_calloc(n + 2, sizeof *c->begin);
    if (!c->patterns || !c->begin) return lgd_fail_memory(err, (n + n_patterns) * sizeof *c->begin);
    for (uint32_t p = 0; p < n_patterns; p++) c->begin[lgd_store_pattern(s, p)->template_id + 2]++;
    for (size_t i = 2; i < n + 2; i++) c->begin[i] += c->begin[i - 1];
    for (uint32_t p = 0; p < n_patterns; p++) c->patterns[c->begin[lgd_store_pattern(s, p)->template_id + 1]++] = p;
    return LGD_OK;
}

static lgd_slot_summary summary_of(const catalogue *c, uint32_t slot) {
    lgd_slot_summary s;
    return lgd_baseline_slot(c->b->baseline, slot, &s) ? s : (lgd_slot_summary){0};
}

/* ---- JSON ---- */

static void put_numbers(lgd_json *j, const lgd_slot_summary *s) {
    static const char *const keys[] = {"min", "median", "max"};
    const double x[] = {s->min, s->median, s->max};
    for (int i = 0; i < 3; i++)
        if (s->n_numbers && !s->mixed && (i != 1 || s->has_median))
            lgd_json_f64(j, keys[i], x[i]);
        else
            lgd_json_null(j, keys[i]);
}

static void put_values(lgd_json *j, const lgd_slot_summary *s) {
    if (s->many)
        lgd_json_null(j, "distinct");
    else
        lgd_json_u64(j, "distinct", s->n_values);
    lgd_json_array(j, "values");
    for (size_t i = 0; i < s->n_values; i++) {
        lgd_json_object(j, NULL);
        lgd_json_string(j, "value", s->values[i].text);
        lgd_json_bool(j, "cut", s->values[i].cut);
        lgd_json_u64(j, "count", s->values[i].count);
        lgd_json_object_end(j);
    }
    lgd_json_array_end(j);
}

static void put_param(const catalogue *c, lgd_json *j, const lgd_pattern *p, uint32_t number, uint32_t slot) {
    lgd_slot_summary s = summary_of(c, p->slot_base + slot);
    lgd_json_object(j, NULL);
    lgd_json_u64(j, "pattern", number);
    lgd_json_optional(j, "name", lgd_pattern_slot_name(p, slot));
    lgd_json_array(j, "types");
    for (unsigned t = 0; t < LGD_VALUE_TYPES; t++)
        if (s.types >> t & 1) lgd_json_string(j, NULL, lgd_sv_of(lgd_value_type_name((lgd_value_type)t)));
    lgd_json_array_end(j);
    lgd_json_u64(j, "n", s.n);
    lgd_json_u64(j, "numbers", s.n_numbers);
    lgd_json_optional(j, "unit", s.mixed ? LGD_SV("mixed") : s.unit);
    put_numbers(j, &s);
    put_values(j, &s);
    lgd_json_object_end(j);
}

static void put_template(const catalogue *c, lgd_json *j, lgd_template_id id) {
    const lgd_template *t = lgd_store_template(c->b->store, id);
    lgd_json_object(j, NULL);
    lgd_json_u64(j, "id", id);
    lgd_json_u64(j, "count", t->count);
    lgd_json_string(j, "template", t->text);
    lgd_json_time(j, "first_seen", lgd_baseline_first_ns(c->b->baseline, id));
    lgd_json_time(j, "last_seen", lgd_baseline_last_ns(c->b->baseline, id));
    lgd_json_optional(j, "example", examples_text(&c->b->examples, id));
    lgd_json_array(j, "params");
    for (uint32_t i = c->begin[id]; i < c->begin[id + 1]; i++) {
        const lgd_pattern *p = lgd_store_pattern(c->b->store, c->patterns[i]);
        for (uint32_t slot = 0; slot < p->n_slots; slot++) put_param(c, j, p, i - c->begin[id], slot);
    }
    lgd_json_array_end(j);
    lgd_json_object_end(j);
}

static void put_document(const catalogue *c, const char *path) {
    lgd_json j = {c->out, false};
    lgd_json_object(&j, NULL);
    lgd_json_u64(&j, "schema_version", 1);
    lgd_json_tool(&j, LGD_VERSION);
    lgd_json_object(&j, "model");
    lgd_json_file(&j, "path", lgd_sv_of(path));
    lgd_json_u64(&j, "checksum", c->b->checksum);
    lgd_json_u64(&j, "events", lgd_baseline_n_events(c->b->baseline));
    lgd_json_u64(&j, "examples_left_out", c->b->examples.n_left_out);
    lgd_json_object_end(&j);
    lgd_json_array(&j, "templates");
    for (size_t i = 0; i < lgd_store_n_templates(c->b->store); i++) put_template(c, &j, (lgd_template_id)i);
    lgd_json_array_end(&j);
    lgd_json_object_end(&j);
    lgd_buf_add_char(c->out, '\n');
}

/* ---- text ---- */

static void add(lgd_buf *b, const char *text) { lgd_buf_add_sv(b, lgd_sv_of(text)); }

/* Blanks up to a width behind what was written from `start` on; two at least. */
static void pad(lgd_buf *b, size_t start, size_t width) {
    size_t used = b->n - start;
    lgd_buf_printf(b, "%*s", used + 2 < width ? (int)(width - used) : 2, "");
}

static void put_count(lgd_buf *b, uint64_t n, int width) {
    lgd_buf text = {0};
    lgd_format_count(&text, n);
    lgd_buf_printf(b, "%*.*s", width, (int)text.n, text.n ? text.p : "");
    b->failed |= text.failed;
    lgd_buf_release(&text);
}

static void put_row(const catalogue *c, lgd_template_id id) {
    const lgd_template *t = lgd_store_template(c->b->store, id);
    lgd_buf_printf(c->out, "%6u", (unsigned)id);
    put_count(c->out, t->count, 12);
    add(c->out, "  ");
    size_t start = c->out->n;
    lgd_format_time_text(c->out, lgd_baseline_last_ns(c->b->baseline, id));
    pad(c->out, start, 21);
    lgd_escape_terminal(c->out, t->text, TEXT_BYTES);
    add(c->out, "\n");
}

/* As it is: whole numbers in full, others with all their digits. */
static void put_number(lgd_buf *b, double x) {
    char text[32];
    if (x == floor(x) && fabs(x) < 1e15)
        lgd_buf_printf(b, "%.0f", x);
    else
        lgd_buf_add(b, text, lgd_format_f64(x, text));
}

static void put_top_values(lgd_buf *b, const lgd_slot_summary *s) {
    for (size_t i = 0; i < s->n_values && i < SHOWN_VALUES; i++) {
        if (i) add(b, ", ");
        lgd_escape_terminal(b, s->values[i].text, VALUE_BYTES);
        if (s->values[i].cut) add(b, "...");
        add(b, " ");
        lgd_format_share(b, s->values[i].count, s->n, 1);
    }
    if (s->n_values > SHOWN_VALUES) lgd_buf_printf(b, " ...; %zu different", s->n_values);
}

/* "0 to 20, median 4; 864 values, more than 16 different" */
static void put_statistics(lgd_buf *b, const lgd_slot_summary *s) {
    bool numbers = s->n_numbers == s->n && s->n_values != 1;
    if (numbers && s->mixed) add(b, "in several units; ");
    if (numbers && !s->mixed) {
        put_number(b, s->min);
        add(b, " to ");
        put_number(b, s->max);
        if (s->unit.n) {
            add(b, " ");
            lgd_escape_terminal(b, s->unit, VALUE_BYTES);
        }
        if (s->has_median) {
            add(b, s->exact ? ", median " : ", median about ");
            put_number(b, s->median);
        }
        add(b, "; ");
    }
    if (!s->many) put_top_values(b, s);
    if (s->many) {
        lgd_format_count(b, s->n);
        lgd_buf_printf(b, " values, more than %d different", LGD_SLOT_VALUES);
    }
}

static void put_slot(const catalogue *c, const lgd_pattern *p, uint32_t slot) {
    lgd_buf *b = c->out;
    lgd_slot_summary s = summary_of(c, p->slot_base + slot);
    lgd_sv name = lgd_pattern_slot_name(p, slot);
    add(b, "          ");
    size_t start = b->n;
    if (name.n)
        lgd_escape_terminal(b, name, SIZE_MAX);
    else
        lgd_buf_printf(b, "%u.", (unsigned)slot + 1);
    pad(b, start, NAME_WIDTH);
    if (s.n == 0) {
        add(b, "(no values are kept)\n");
        return;
    }
    start = b->n;
    for (unsigned t = 0, n = 0; t < LGD_VALUE_TYPES; t++)
        if (s.types >> t & 1) lgd_buf_printf(b, "%s%s", n++ ? "/" : "", lgd_value_type_name((lgd_value_type)t));
    pad(b, start, TYPE_WIDTH);
    put_statistics(b, &s);
    add(b, "\n");
}

static void put_times(const catalogue *c, lgd_template_id id) {
    int64_t first = lgd_baseline_first_ns(c->b->baseline, id), last = lgd_baseline_last_ns(c->b->baseline, id);
    if (first == LGD_NO_TIME) return;
    add(c->out, ", ");
    lgd_format_time_text(c->out, first);
    if (last != first) {
        add(c->out, " to ");
        lgd_format_time_text(c->out, last);
    }
    add(c->out, " UTC");
}

static void put_block(const catalogue *c, lgd_template_id id) {
    const lgd_template *t = lgd_store_template(c->b->store, id);
    lgd_buf *b = c->out;
    lgd_sv example = examples_text(&c->b->examples, id);
    uint32_t n_patterns = c->begin[id + 1] - c->begin[id];
    lgd_buf_printf(b, "%s%6u  ", id ? "\n" : "", (unsigned)id);
    lgd_escape_terminal(b, t->text, TEXT_BYTES);
    add(b, "\n        ");
    lgd_format_count(b, t->count);
    add(b, t->count == 1 ? " event" : " events");
    put_times(c, id);
    add(b, "\n");
    if (example.n) {
        add(b, "        first: ");
        lgd_escape_terminal(b, example, TEXT_BYTES);
        add(b, "\n");
    }
    for (uint32_t i = c->begin[id]; i < c->begin[id + 1]; i++) {
        const lgd_pattern *p = lgd_store_pattern(c->b->store, c->patterns[i]);
        if (n_patterns > 1 && p->n_slots) lgd_buf_printf(b, "        in %llu of them:\n", (unsigned long long)p->count);
        for (uint32_t slot = 0; slot < p->n_slots; slot++) put_slot(c, p, slot);
    }
}

static void put_text(const catalogue *c, bool details) {
    if (!details) add(c->out, "    id       count  last seen, UTC       template\n");
    for (size_t i = 0; i < lgd_store_n_templates(c->b->store); i++)
        (details ? put_block : put_row)(c, (lgd_template_id)i);
    if (details && c->b->examples.n_left_out)
        lgd_buf_printf(c->out, "\nFor %llu templates no message was kept: there are too many.\n",
                       (unsigned long long)c->b->examples.n_left_out);
}

lgd_status lgd_model_templates(const char *path, lgd_output_format format, bool details, lgd_buf *out, lgd_err *err) {
    bundle b = {0};
    catalogue c = {.b = &b, .out = out};
    LGD_TRY(bundle_load(path, any_key, &b, err));
    lgd_status status = sort_patterns(&c, err);
    if (status == LGD_OK && format == LGD_FORMAT_JSON) put_document(&c, path);
    if (status == LGD_OK && format != LGD_FORMAT_JSON) put_text(&c, details);
    lgd_free(c.patterns);
    lgd_free(c.begin);
    bundle_release(&b);
    return status == LGD_OK && out->failed ? lgd_fail_memory(err, out->n) : status;
}
