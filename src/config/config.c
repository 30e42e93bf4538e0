/*
 * config: the struct behind the options. lgd_option_set is the only way a value gets into it, wherever the value comes
 * from (default, YAML, command line): text -> checked value -> field at the row's offset. Nothing is changed on failure.
 */
#include "logdetect/config.h"

enum { SHOWN_BYTES = 80, MAX_STRINGS = 1 << 20 }; /* of a refused value in messages; most values of one list */

static lgd_status refuse(const lgd_option *row, lgd_sv value, const char *allowed, lgd_err *err) {
    int n = (int)(value.n < SHOWN_BYTES ? value.n : SHOWN_BYTES);
    return lgd_fail(err, LGD_E_USAGE, "--%s: '%.*s' is not allowed; it takes %s", row->name, n, value.p ? value.p : "",
                    allowed);
}

static lgd_status refuse_number(const lgd_option *row, lgd_sv value, const char *kind, lgd_err *err) {
    char low[32], high[32];
    int n_low = (int)lgd_format_f64(row->min, low), n_high = (int)lgd_format_f64(row->max, high);
    lgd_buf allowed = {0};
    lgd_buf_printf(&allowed, "%s from %.*s to %.*s", kind, n_low, low, n_high, high);
    lgd_buf_add_char(&allowed, 0);
    lgd_status status = refuse(row, value, allowed.failed ? kind : allowed.p, err);
    lgd_buf_release(&allowed);
    return status;
}

static lgd_status set_bool(const lgd_option *row, lgd_sv value, bool *field, lgd_err *err) {
    if (lgd_sv_eq(value, LGD_SV("on")) || lgd_sv_eq(value, LGD_SV("true")))
        *field = true;
    else if (lgd_sv_eq(value, LGD_SV("off")) || lgd_sv_eq(value, LGD_SV("false")))
        *field = false;
    else
        return refuse(row, value, "on or off", err);
    return LGD_OK;
}

/* Both ends of a range of counts are whole numbers below 2^53, so that comparing as double is exact. */
static lgd_status parse_count(const lgd_option *row, lgd_sv value, uint64_t *ret, lgd_err *err) {
    uint64_t x = 0;
    if (!lgd_parse_u64(value, &x) || (double)x < row->min || (double)x > row->max)
        return refuse_number(row, value, "a whole number", err);
    *ret = x;
    return LGD_OK;
}

static lgd_status add_count(const lgd_option *row, lgd_sv value, uint32_t *field, lgd_err *err) {
    uint64_t x = 0;
    LGD_TRY(parse_count(row, value, &x, err));
    uint64_t sum = *field + x;
    *field = sum > (uint64_t)row->max ? (uint32_t)row->max : (uint32_t)sum;
    return LGD_OK;
}

static lgd_status set_f64(const lgd_option *row, lgd_sv value, double *field, lgd_err *err) {
    double x = 0;
    if (!lgd_parse_f64(value, &x) || x < row->min || x > row->max) return refuse_number(row, value, "a number", err);
    *field = x;
    return LGD_OK;
}

static lgd_status copy_string(const lgd_option *row, lgd_sv value, char **ret_copy, lgd_err *err) {
    if (value.n == 0)
        return lgd_fail(err, LGD_E_USAGE, "--%s: the value is empty; it takes %s", row->name, row->argument);
    if (memchr(value.p, 0, value.n)) return refuse(row, value, "text without NUL bytes", err);
    char *copy = lgd_alloc(value.n + 1);
    if (!copy) return lgd_fail_memory(err, value.n + 1);
    memcpy(copy, value.p, value.n);
    copy[value.n] = 0;
    *ret_copy = copy;
    return LGD_OK;
}

static lgd_status set_string(const lgd_option *row, lgd_sv value, char **field, lgd_err *err) {
    char *copy = NULL;
    LGD_TRY(copy_string(row, value, &copy, err));
    lgd_free(*field);
    *field = copy;
    return LGD_OK;
}

static lgd_status add_string(const lgd_option *row, lgd_sv value, lgd_strings *field, lgd_err *err) {
    void *items = field->items;
    lgd_status status = lgd_grow(&items, &field->capacity, field->n + 1, sizeof *field->items, MAX_STRINGS, err);
    field->items = items;
    LGD_TRY(status);
    LGD_TRY(copy_string(row, value, &field->items[field->n], err));
    field->n++;
    return LGD_OK;
}

/* The place of value in a list such as "text|json"; SIZE_MAX if it is not there. */
static size_t choice_index(const char *choices, lgd_sv value) {
    for (size_t i = 0;; i++) {
        size_t n = strcspn(choices, "|");
        if (lgd_sv_eq(value, (lgd_sv){choices, n})) return i;
        if (!choices[n]) return SIZE_MAX;
        choices += n + 1;
    }
}

/* Every enum of lgd_config is set through its row, by its place in the row's full list of choices. */
static lgd_status set_choice(const lgd_option *row, lgd_sv value, unsigned command, void *field, lgd_err *err) {
    _Static_assert(sizeof(lgd_output_format) == sizeof(unsigned) && sizeof(lgd_sensitivity) == sizeof(unsigned) &&
                       sizeof(lgd_color) == sizeof(unsigned) && sizeof(lgd_emit) == sizeof(unsigned) &&
                       sizeof(lgd_device) == sizeof(unsigned) && sizeof(lgd_by) == sizeof(unsigned),
                   "an enum is stored as unsigned");
    const char *allowed = lgd_option_choices(row, command);
    if (choice_index(allowed, value) == SIZE_MAX) return refuse(row, value, allowed, err);
    unsigned index = (unsigned)choice_index(row->choices, value);
    memcpy(field, &index, sizeof index);
    return LGD_OK;
}

static lgd_status set_field(lgd_config *c, const lgd_option *row, lgd_sv value, unsigned command, lgd_err *err) {
    void *field = (char *)c + row->offset;
    switch (row->type) {
    case LGD_OPTION_FLAG:
    case LGD_OPTION_ON_OFF: return set_bool(row, value, field, err);
    case LGD_OPTION_COUNT: return add_count(row, value, field, err);
    case LGD_OPTION_U64: return parse_count(row, value, field, err);
    case LGD_OPTION_F64: return set_f64(row, value, field, err);
    case LGD_OPTION_STRING: return set_string(row, value, field, err);
    case LGD_OPTION_STRINGS: return add_string(row, value, field, err);
    case LGD_OPTION_CHOICE: return set_choice(row, value, command, field, err);
    }
    return lgd_fail(err, LGD_E_USAGE, "--%s: this option cannot be set", row->name);
}

lgd_status lgd_option_set(lgd_config *c, const lgd_option *row, lgd_sv value, unsigned command, lgd_err *err) {
    LGD_TRY(set_field(c, row, value, command, err));
    if (row->offset == offsetof(lgd_config, format)) c->format_given = true;
    if (row->offset == offsetof(lgd_config, sensitivity)) c->sensitivity_given = true;
    return LGD_OK;
}

/* No default is a string, so nothing is allocated here; a test sets every default and so proves that each is allowed. */
void lgd_config_init(lgd_config *c, unsigned command) {
    *c = (lgd_config){0};
    for (size_t i = 0; i < lgd_n_options; i++) {
        const char *preset = lgd_option_default(&lgd_options[i], command);
        if (preset) (void)set_field(c, &lgd_options[i], lgd_sv_of(preset), command, NULL);
    }
}

void lgd_strings_release(lgd_strings *s) {
    for (size_t i = 0; i < s->n; i++) lgd_free(s->items[i]);
    lgd_free(s->items);
    *s = (lgd_strings){0};
}

void lgd_config_release(lgd_config *c) {
    if (!c) return;
    for (size_t i = 0; i < lgd_n_options; i++) {
        void *field = (char *)c + lgd_options[i].offset;
        if (lgd_options[i].type == LGD_OPTION_STRING)
            lgd_free(*(char **)field);
        else if (lgd_options[i].type == LGD_OPTION_STRINGS)
            lgd_strings_release(field);
    }
    *c = (lgd_config){0};
}
