/*
 * pipeline/templates: every template of a model with what training saw of it, gathered from the table, the baseline and
 * the examples, and handed to the report one by one.
 *
 * A template owns one or several patterns, each with places of its own; they are told pattern by pattern. Cost: linear
 * in the model.
 */
#include "bundle.h"
#include "logdetect/logdetect.h"

_Static_assert((int)LGD_PLACE_VALUES >= (int)LGD_SLOT_VALUES, "all values that are kept can be told");

static const uint64_t any_key = 1; /* nothing here meets hostile input at speed */

typedef struct reader {
    const bundle *b;
    uint32_t *patterns; /* their numbers, by template */
    uint32_t *begin;    /* of each template in it, and its end behind the last */
    lgd_place *places;  /* of one template */
    size_t capacity;
} reader;

/* Patterns by template, in their order: a counting sort. */
static lgd_status sort_patterns(reader *r, lgd_err *err) {
    const lgd_store *s = r->b->store;
    size_t n = lgd_store_n_templates(s), n_patterns = lgd_store_n_patterns(s);
    r->patterns = lgd_calloc(n_patterns, sizeof *r->patterns);
    r->begin = lgd_calloc(n + 2, sizeof *r->begin);
    if (!r->patterns || !r->begin) return lgd_fail_memory(err, (n + n_patterns) * sizeof *r->begin);
    for (uint32_t p = 0; p < n_patterns; p++) r->begin[lgd_store_pattern(s, p)->template_id + 2]++;
    for (size_t i = 2; i < n + 2; i++) r->begin[i] += r->begin[i - 1];
    for (uint32_t p = 0; p < n_patterns; p++) r->patterns[r->begin[lgd_store_pattern(s, p)->template_id + 1]++] = p;
    return LGD_OK;
}

static lgd_place place_of(const reader *r, const lgd_pattern *p, uint32_t slot) {
    lgd_slot_summary s;
    lgd_place ret = {.pattern_events = p->count, .number = slot, .name = lgd_pattern_slot_name(p, slot)};
    if (!lgd_baseline_slot(r->b->baseline, p->slot_base + slot, &s)) return ret;
    ret.types = s.types;
    ret.n = s.n;
    ret.n_numbers = s.n_numbers;
    ret.unit = s.unit;
    ret.mixed = s.mixed;
    ret.has_median = s.has_median;
    ret.exact = s.exact;
    ret.min = s.min;
    ret.median = s.median;
    ret.max = s.max;
    ret.many = s.many;
    ret.n_values = s.n_values;
    for (size_t i = 0; i < s.n_values; i++)
        ret.values[i] = (lgd_place_value){s.values[i].text, s.values[i].cut, s.values[i].count};
    return ret;
}

/* *ret points into the reader until the next call. */
static lgd_status read_entry(reader *r, lgd_template_id id, lgd_catalogue_entry *ret, lgd_err *err) {
    const lgd_template *t = lgd_store_template(r->b->store, id);
    size_t n = 0;
    for (uint32_t i = r->begin[id]; i < r->begin[id + 1]; i++) {
        const lgd_pattern *p = lgd_store_pattern(r->b->store, r->patterns[i]);
        LGD_TRY(lgd_grow((void **)&r->places, &r->capacity, n + p->n_slots, sizeof *r->places, UINT32_MAX, err));
        for (uint32_t slot = 0; slot < p->n_slots; slot++) {
            r->places[n] = place_of(r, p, slot);
            r->places[n++].pattern = i - r->begin[id];
        }
    }
    *ret = (lgd_catalogue_entry){.id = id,
                                 .text = t->text,
                                 .count = t->count,
                                 .first_ns = lgd_baseline_first_ns(r->b->baseline, id),
                                 .last_ns = lgd_baseline_last_ns(r->b->baseline, id),
                                 .example = examples_text(&r->b->examples, id),
                                 .places = r->places,
                                 .n_places = n,
                                 .n_patterns = r->begin[id + 1] - r->begin[id]};
    return LGD_OK;
}

static lgd_status put_all(reader *r, lgd_output_format format, lgd_catalogue *c, lgd_err *err) {
    lgd_catalogue_entry e;
    LGD_TRY(sort_patterns(r, err));
    lgd_catalogue_begin(format, c);
    for (size_t i = 0; i < lgd_store_n_templates(r->b->store); i++) {
        LGD_TRY(read_entry(r, (lgd_template_id)i, &e, err));
        lgd_catalogue_add(format, c, &e);
    }
    lgd_catalogue_end(format, c);
    return LGD_OK;
}

lgd_status lgd_model_templates(const char *path, lgd_output_format format, bool details, lgd_buf *out, lgd_err *err) {
    bundle b = {0};
    reader r = {.b = &b};
    const char *type_names[LGD_VALUE_TYPES];
    for (unsigned t = 0; t < LGD_VALUE_TYPES; t++) type_names[t] = lgd_value_type_name((lgd_value_type)t);
    LGD_TRY(bundle_load(path, any_key, &b, err));
    lgd_catalogue c = {.tool_version = LGD_VERSION,
                       .model_path = lgd_sv_of(path),
                       .model_checksum = b.checksum,
                       .model_events = lgd_baseline_n_events(b.baseline),
                       .examples_left_out = b.examples.n_left_out,
                       .type_names = type_names,
                       .n_types = LGD_VALUE_TYPES,
                       .details = details,
                       .out = out};
    lgd_status status = put_all(&r, format, &c, err);
    lgd_free(r.patterns);
    lgd_free(r.begin);
    lgd_free(r.places);
    bundle_release(&b);
    return status == LGD_OK && out->failed ? lgd_fail_memory(err, out->n) : status;
}
