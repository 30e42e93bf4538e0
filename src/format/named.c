/*
 * named: a line and a format of the table -> a cut.
 *
 * A format of kind text is a list of patterns; the first that matches at the start of the line cuts it, and its named
 * groups are the fields; a line whose time cannot be read is of another format. The other kinds are sets of names that
 * must be there. Cost: that of the regular expression on the head of the line, which its limits bound; or one pass.
 */
#include "named.h"

#include "chars.h"
#include "layout.h"

enum { HEAD_BYTES = 4096 };

/* ---- making ---- */

static lgd_status compile(named_format *f, size_t i, lgd_err *err) {
    line_pattern *p = &f->patterns[i];
    lgd_err inner = {0};
    lgd_status status = lgd_regex_new(f->spec.patterns[i], true, &p->regex, &inner);
    if (status == LGD_E_USAGE) return lgd_fail(err, status, "pattern %zu: %s", i + 1, inner.text);
    if (status != LGD_OK) return lgd_fail(err, status, "%s", inner.text);
    for (size_t k = 0; k < lgd_regex_n_names(p->regex); k++) {
        uint32_t group = 0;
        lgd_sv name = lgd_regex_name(p->regex, k, &group);
        uint8_t role = 0;
        while (role < VALUE_ROLES && !lgd_sv_eq(name, lgd_sv_of(role_names[role]))) role++;
        if (role == VALUE_ROLES)
            return lgd_fail(err, LGD_E_USAGE,
                            "pattern %zu: no field is called '%.*s': there are message, time, level, component, pid "
                            "and host",
                            i + 1, (int)(name.n < 64 ? name.n : 64), name.p);
        p->roles[p->n_roles++] = (group_role){(uint8_t)group, role};
    }
    return LGD_OK;
}

lgd_status named_new(lgd_sv bytes, named_format **ret, lgd_err *err) {
    named_format *f = lgd_calloc(1, sizeof *f);
    if (!f) return lgd_fail_memory(err, sizeof *f);
    lgd_buf_add_sv(&f->bytes, bytes);
    lgd_status status = LGD_OK;
    if (f->bytes.failed)
        status = lgd_fail_memory(err, bytes.n);
    else if (!spec_load(lgd_buf_sv(&f->bytes), &f->spec))
        status = lgd_fail(err, LGD_E_DAMAGED, "not a sound line format; nothing was loaded");
    for (size_t i = 0; i < f->spec.n_patterns && status == LGD_OK; i++) status = compile(f, i, err);
    f->names = (field_names){f->spec.fields, f->spec.required, f->spec.n_required};
    if (status != LGD_OK) {
        named_free(f);
        return status;
    }
    *ret = f;
    return LGD_OK;
}

void named_free(named_format *f) {
    if (!f) return;
    for (size_t i = 0; i < MAX_PATTERNS; i++) lgd_regex_free(f->patterns[i].regex);
    lgd_buf_release(&f->bytes);
    lgd_free(f);
}

void named_speed_up(named_format *f) {
    for (size_t i = 0; i < f->spec.n_patterns; i++) lgd_regex_speed_up(f->patterns[i].regex);
}

lgd_status lgd_cutter_new(lgd_arena *arena, lgd_cutter **ret_cutter, lgd_err *err) {
    lgd_cutter *c = lgd_calloc(1, sizeof *c);
    if (!c) return lgd_fail_memory(err, sizeof *c);
    c->arena = arena;
    lgd_status status = lgd_matcher_new(&c->matcher, err);
    if (status != LGD_OK) {
        lgd_free(c);
        return status;
    }
    *ret_cutter = c;
    return LGD_OK;
}

void lgd_cutter_free(lgd_cutter *c) {
    if (!c) return;
    lgd_matcher_free(c->matcher);
    lgd_free(c);
}

/* ---- time and level ---- */

/* Digits, perhaps with a fraction, counted in units of unit_ns since 1970. */
static bool read_count(lgd_sv text, int64_t unit_ns, lgd_timestamp *ret) {
    size_t end = digits_end(text, 0);
    uint64_t whole = 0;
    if (end == 0 || !lgd_parse_u64(slice(text, 0, end), &whole) || whole > (uint64_t)(INT64_MAX / unit_ns))
        return false;
    int64_t ns = (int64_t)whole * unit_ns, digit_ns = unit_ns / 10;
    if (byte_at(text, end) == '.') {
        for (end++; end < text.n && is_digit(text.p[end]); end++, digit_ns /= 10) {
            int64_t part = digit_ns * (text.p[end] - '0');
            if (ns > INT64_MAX - part) return false;
            ns += part;
        }
    }
    if (end != text.n) return false;
    *ret = (lgd_timestamp){.year = -1, .month = -1, .day = -1, .hour = -1, .is_epoch = true, .epoch_ns = ns};
    return true;
}

/* In `a/b/year` and `a-b-year` the general rules take a for the month, in `a.b.year` for the day. */
static void choose_day(lgd_sv text, bool day_first, lgd_timestamp *t) {
    size_t end = digits_end(text, 0);
    bool numeric = end > 0 && end <= 2 && is_digit(byte_at(text, end + 1)) && is_one_of(byte_at(text, end), "/-.");
    bool read_day_first = byte_at(text, end) == '.';
    if (!numeric || read_day_first == day_first || t->month < 1 || t->day < 1 || t->day > 12) return;
    int8_t day = t->month;
    t->month = t->day;
    t->day = day;
}

static bool read_time(time_form form, lgd_sv text, lgd_timestamp *ret) {
    static const int64_t units[TIME_FORMS] = {0, 0, 0, 1000000000, 1000000, 1000, 1};
    if (units[form]) return read_count(text, units[form], ret);
    if (lgd_timestamp_parse(text, ret) == 0) return false;
    if (form != TIME_AUTO) choose_day(text, form == TIME_DAY_FIRST, ret);
    return true;
}

/* What the format calls a level, else NONE. */
static lgd_level named_level(const format_spec *s, lgd_sv text) {
    uint64_t priority;
    if (s->priorities && lgd_parse_u64(text, &priority) && priority < 192) return priority_level((uint32_t)priority);
    for (size_t i = 0; i < s->n_levels; i++)
        if (lgd_sv_eq(s->levels[i].text, text)) return s->levels[i].level;
    return LGD_LEVEL_NONE;
}

/* ---- cutting ---- */

static void collect(const line_pattern *p, const lgd_matcher *m, lgd_sv line, lgd_sv ret[VALUE_ROLES]) {
    memset(ret, 0, VALUE_ROLES * sizeof *ret);
    for (size_t i = 0; i < p->n_roles; i++) {
        lgd_sv *text = &ret[p->roles[i].role];
        if (!text->p) *text = lgd_matcher_group(m, line, p->roles[i].group);
    }
    if (ret[VALUE_MESSAGE].p) return;
    lgd_sv all = lgd_matcher_group(m, line, 0); /* without such a group, what follows the header */
    ret[VALUE_MESSAGE] = slice(line, (size_t)(all.p - line.p) + all.n, line.n);
}

static bool take_texts(const named_format *f, lgd_sv line, const line_head *head, const lgd_sv text[VALUE_ROLES],
                       lgd_cut *ret) {
    lgd_header *h = &ret->header;
    cut_whole(line, ret);
    if (text[VALUE_TIME].n > 0) {
        ret->has_time = read_time(f->spec.time, text[VALUE_TIME], &ret->written);
        if (!ret->has_time) return false;
    }
    h->level = named_level(&f->spec, text[VALUE_LEVEL]);
    if (h->level == LGD_LEVEL_NONE) h->level = lgd_level_of(text[VALUE_LEVEL]);
    if (h->level == LGD_LEVEL_NONE) h->level = head->level;
    if (text[VALUE_COMPONENT].n) h->component = text[VALUE_COMPONENT];
    if (text[VALUE_PID].n) h->pid = text[VALUE_PID];
    if (text[VALUE_HOST].n) h->host = text[VALUE_HOST];
    lgd_sv message = lgd_sv_trim(text[VALUE_MESSAGE]);
    if (message.n) h->message = f->spec.wrap ? text[VALUE_MESSAGE] : message; /* a line inside may be indented */
    return true;
}

/* The head of a line is enough: the work for one that makes a pattern try again and again is bounded by its square. A
 * message that reaches the end of the head goes on to the end of the line. */
static lgd_sv head_of(lgd_sv line) { return (lgd_sv){line.p, line.n < HEAD_BYTES ? line.n : HEAD_BYTES}; }

static void cut_text(const named_format *f, lgd_sv line, lgd_cutter *c, lgd_cut *ret) {
    line_head start = line_head_of(line);
    lgd_sv head = head_of(line);
    for (size_t i = 0; i < f->spec.n_patterns; i++) {
        lgd_sv text[VALUE_ROLES];
        lgd_match match = lgd_regex_match(f->patterns[i].regex, c->matcher, head);
        if (match == LGD_MATCH_OVER_LIMIT) ret->over_limit = f->spec.name;
        if (match != LGD_MATCH_YES) continue;
        collect(&f->patterns[i], c->matcher, head, text);
        lgd_sv *message = &text[VALUE_MESSAGE];
        if (message->p + message->n == head.p + head.n) message->n += line.n - head.n;
        ret->fits = take_texts(f, line, &start, text, ret);
        if (ret->fits) return;
    }
}

static lgd_status cut_values(const named_format *f, lgd_sv line, lgd_cutter *c, lgd_cut *ret, lgd_err *err) {
    line_values v;
    bool read = f->spec.kind == SPEC_JSON      ? json_read(line, &f->names, &v)
                : f->spec.kind == SPEC_JOURNAL ? journal_read(line, &f->names, &v)
                                               : logfmt_read(line, &f->names, &v);
    if (!read || !values_are_complete(&v)) return LGD_OK;
    cut_whole(line, ret);
    LGD_TRY(values_cut(&v, line, c->arena, ret, err));
    lgd_sv time = v.value[VALUE_TIME].found ? v.value[VALUE_TIME].text : (lgd_sv){0};
    if (f->spec.time != TIME_AUTO && time.n) ret->has_time = read_time(f->spec.time, time, &ret->written);
    lgd_level level = v.value[VALUE_LEVEL].found ? named_level(&f->spec, v.value[VALUE_LEVEL].text) : LGD_LEVEL_NONE;
    if (level != LGD_LEVEL_NONE) ret->header.level = level;
    ret->fits = true;
    return LGD_OK;
}

lgd_status named_cut(const named_format *f, lgd_sv line, lgd_cutter *cutter, lgd_cut *ret, lgd_err *err) {
    ret->fits = false;
    if (f->spec.kind != SPEC_TEXT) return cut_values(f, line, cutter, ret, err);
    cut_text(f, line, cutter, ret);
    return LGD_OK;
}
