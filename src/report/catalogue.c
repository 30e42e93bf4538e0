/*
 * report/catalogue: the templates of a model with what training saw of each, as one JSON document or as text
 * (catalogue_text.c). The members are the contract of docs/OUTPUT.md. Cost: linear in what is shown.
 */
#include "output.h"

static void put_numbers(lgd_json *j, const lgd_place *p) {
    static const char *const keys[] = {"min", "median", "max"};
    const double x[] = {p->min, p->median, p->max};
    for (int i = 0; i < 3; i++)
        if (p->n_numbers && !p->mixed && (i != 1 || p->has_median))
            lgd_json_f64(j, keys[i], x[i]);
        else
            lgd_json_null(j, keys[i]);
}

static void put_values(lgd_json *j, const lgd_place *p) {
    if (p->many)
        lgd_json_null(j, "distinct");
    else
        lgd_json_u64(j, "distinct", p->n_values);
    lgd_json_array(j, "values");
    for (size_t i = 0; i < p->n_values; i++) {
        lgd_json_object(j, NULL);
        lgd_json_string(j, "value", p->values[i].text);
        lgd_json_bool(j, "cut", p->values[i].cut);
        lgd_json_u64(j, "count", p->values[i].n);
        lgd_json_object_end(j);
    }
    lgd_json_array_end(j);
}

static void put_place(const lgd_catalogue *c, lgd_json *j, const lgd_place *p) {
    lgd_json_object(j, NULL);
    lgd_json_u64(j, "pattern", p->pattern);
    lgd_json_optional(j, "name", p->name);
    lgd_json_array(j, "types");
    for (size_t t = 0; t < c->n_types; t++)
        if (p->types >> t & 1) lgd_json_string(j, NULL, lgd_sv_of(c->type_names[t]));
    lgd_json_array_end(j);
    lgd_json_u64(j, "n", p->n);
    lgd_json_u64(j, "numbers", p->n_numbers);
    lgd_json_optional(j, "unit", p->mixed ? LGD_SV("mixed") : p->unit);
    put_numbers(j, p);
    put_values(j, p);
    lgd_json_object_end(j);
}

static void put_entry(const lgd_catalogue *c, lgd_json *j, const lgd_catalogue_entry *e) {
    lgd_json_object(j, NULL);
    lgd_json_u64(j, "id", e->id);
    lgd_json_u64(j, "count", e->count);
    lgd_json_string(j, "template", e->text);
    lgd_json_time(j, "first_seen", e->first_ns);
    lgd_json_time(j, "last_seen", e->last_ns);
    lgd_json_optional(j, "example", e->example);
    lgd_json_array(j, "params");
    for (size_t i = 0; i < e->n_places; i++) put_place(c, j, &e->places[i]);
    lgd_json_array_end(j);
    lgd_json_object_end(j);
}

void lgd_catalogue_begin(lgd_output_format format, lgd_catalogue *c) {
    lgd_json *j = &c->json;
    if (format != LGD_FORMAT_JSON) {
        lgd_text_catalogue_begin(c);
        return;
    }
    *j = (lgd_json){c->out, false};
    lgd_json_object(j, NULL);
    lgd_json_u64(j, "schema_version", 1);
    lgd_json_tool(j, c->tool_version);
    lgd_json_object(j, "model");
    lgd_json_file(j, "path", c->model_path);
    lgd_json_u64(j, "checksum", c->model_checksum);
    lgd_json_u64(j, "events", c->model_events);
    lgd_json_u64(j, "examples_left_out", c->examples_left_out);
    lgd_json_object_end(j);
    lgd_json_array(j, "templates");
}

void lgd_catalogue_add(lgd_output_format format, lgd_catalogue *c, const lgd_catalogue_entry *e) {
    if (format == LGD_FORMAT_JSON)
        put_entry(c, &c->json, e);
    else
        lgd_text_catalogue_add(c, e);
}

void lgd_catalogue_end(lgd_output_format format, lgd_catalogue *c) {
    if (format != LGD_FORMAT_JSON) {
        lgd_text_catalogue_end(c);
        return;
    }
    lgd_json_array_end(&c->json);
    lgd_json_object_end(&c->json);
    lgd_buf_add_char(c->out, '\n');
}
