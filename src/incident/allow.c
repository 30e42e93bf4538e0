/*
 * incident/allow: the text of an allow-list -> rules. One line after the other; a line that is no rule is kept with what
 * is wrong with it, since a list that says less than its author thinks must say so. Cost: linear in the text, and a
 * compilation for each regex.
 *
 * Invariant: a rule has one subject (template, regex, incident, or session alone), and nothing that cannot narrow it.
 */
#include "allow.h"

#include <stdio.h>

static const char *const key_names[LGD_ALLOW_KEYS] = {"template", "regex", "incident", "session", "component",
                                                      "file",     "until", "reason",   "by"};

const char *lgd_allow_key_name(lgd_allow_key key) { return key_names[key]; }

size_t lgd_allow_n(const lgd_allow *a) { return a->n_rules; }
const lgd_allow_rule *lgd_allow_at(const lgd_allow *a, size_t i) { return &a->rules[i]; }
size_t lgd_allow_n_problems(const lgd_allow *a) { return a->n_problems; }
const lgd_allow_problem *lgd_allow_problem_at(const lgd_allow *a, size_t i) { return &a->problems[i]; }

void lgd_allow_free(lgd_allow *a) {
    if (!a) return;
    for (size_t i = 0; i < a->n_rules; i++) lgd_regex_free(a->rules[i].regex);
    lgd_free(a->rules);
    lgd_free(a->problems);
    lgd_matcher_free(a->matcher);
    lgd_arena_release(&a->arena);
    lgd_buf_release(&a->shown);
    lgd_free(a);
}

/* ---- lines and words ---- */

bool allow_next_line(lgd_sv *rest, lgd_sv *ret) {
    if (rest->n == 0) return false;
    const char *end = memchr(rest->p, '\n', rest->n);
    size_t n = end ? (size_t)(end - rest->p) : rest->n;
    *ret = (lgd_sv){rest->p, n};
    rest->p += n + (end != NULL);
    rest->n -= n + (end != NULL);
    return true;
}

bool allow_is_comment(lgd_sv line) {
    lgd_sv text = lgd_sv_trim(line);
    return text.n == 0 || text.p[0] == '#';
}

static bool is_blank(char c) { return c == ' ' || c == '\t'; }

bool allow_needs_quotes(lgd_sv value) {
    for (size_t i = 0; i < value.n; i++)
        if (is_blank(value.p[i]) || value.p[i] == '"') return true;
    return value.n == 0;
}

static size_t find_char(lgd_sv s, char c) {
    const char *at = s.n ? memchr(s.p, c, s.n) : NULL;
    return at ? (size_t)(at - s.p) : s.n;
}

static lgd_sv behind(lgd_sv s, size_t n) { return (lgd_sv){s.p + n, s.n - n}; }

/* Takes a value in quotes off *rest, which starts behind the first of them. The problem, or NULL. */
static const char *take_quoted(lgd_allow *a, lgd_sv *rest, lgd_sv *ret, bool *failed) {
    char *to = lgd_arena_alloc(&a->arena, rest->n);
    size_t n = 0;
    if (!to) return *failed = true, NULL;
    for (;;) {
        size_t at = find_char(*rest, '"');
        if (at == rest->n) return "a quote is not closed";
        if (at) memcpy(to + n, rest->p, at);
        n += at;
        *rest = behind(*rest, at + 1);
        if (rest->n == 0 || rest->p[0] != '"') break;
        to[n++] = '"';
        *rest = behind(*rest, 1);
    }
    *ret = (lgd_sv){to, n};
    return rest->n && !is_blank(rest->p[0]) ? "something stands right behind a closing quote" : NULL;
}

static const char *take_value(lgd_allow *a, lgd_sv *rest, lgd_sv *ret, bool *failed) {
    if (rest->n && rest->p[0] == '"') {
        *rest = behind(*rest, 1);
        return take_quoted(a, rest, ret, failed);
    }
    size_t n = 0;
    while (n < rest->n && !is_blank(rest->p[n])) n++;
    *ret = (lgd_sv){rest->p, n};
    *rest = behind(*rest, n);
    return memchr(ret->p, '"', n) ? "a quote stands within a value; put the whole value in quotes" : NULL;
}

static lgd_allow_key find_key(lgd_sv name) {
    int k = 0;
    while (k < LGD_ALLOW_KEYS && !lgd_sv_eq(name, lgd_sv_of(key_names[k]))) k++;
    return (lgd_allow_key)k;
}

/* The words of a line. The problem, or NULL. */
static const char *read_words(lgd_allow *a, lgd_sv line, lgd_allow_rule *ret, bool *failed) {
    for (size_t i = 0; i < line.n; i++)
        if (((unsigned char)line.p[i] < 0x20 && line.p[i] != '\t') || line.p[i] == 0x7f) return "a control byte";
    while ((line = lgd_sv_trim(line)).n) {
        size_t n = find_char(line, '=');
        lgd_sv name = {line.p, n}, value = {"", 0};
        lgd_allow_key key = find_key(name);
        if (n == line.n) return "a word is not of the form key=value";
        if (key == LGD_ALLOW_KEYS)
            return "an unknown key; there are template, regex, incident, session, component, file, until, reason, by";
        line = behind(line, n + 1);
        const char *problem = take_value(a, &line, &value, failed);
        if (problem || *failed) return problem;
        if (ret->words[key].p) return "a key is there twice";
        if (value.n == 0) return "a value is empty";
        ret->words[key] = value;
    }
    return NULL;
}

/* ---- what the words mean ---- */

/* A template as it is shown, so that one whose text has control bytes can be written in a line. Shown twice is shown once. */
static bool show_template(lgd_allow *a, lgd_sv text, lgd_sv *ret) {
    lgd_buf_clear(&a->shown);
    lgd_escape_terminal(&a->shown, text, SIZE_MAX);
    return !a->shown.failed && lgd_arena_copy(&a->arena, lgd_buf_sv(&a->shown), ret);
}

static bool is_incident_id(lgd_sv s) {
    for (size_t i = 0; i < s.n; i++)
        if (!(s.p[i] >= '0' && s.p[i] <= '9') && !(s.p[i] >= 'a' && s.p[i] <= 'f')) return false;
    return s.n == 16;
}

static const char *check_subject(const lgd_allow_rule *r) {
    const lgd_sv *w = r->words;
    int subjects =
        (w[LGD_ALLOW_TEMPLATE].p != NULL) + (w[LGD_ALLOW_REGEX].p != NULL) + (w[LGD_ALLOW_INCIDENT].p != NULL);
    if (subjects > 1) return "template, regex and incident exclude each other; give one";
    if (subjects == 0 && !w[LGD_ALLOW_SESSION].p) return "it names no template, regex, incident or session";
    if (subjects == 0 && w[LGD_ALLOW_COMPONENT].p) return "component narrows a template or a regex, not a session";
    if (!w[LGD_ALLOW_INCIDENT].p) return NULL;
    if (w[LGD_ALLOW_SESSION].p || w[LGD_ALLOW_COMPONENT].p || w[LGD_ALLOW_FILE].p || w[LGD_ALLOW_UNTIL].p)
        return "an incident is one already: session, component, file and until cannot narrow it";
    return is_incident_id(w[LGD_ALLOW_INCIDENT]) ? NULL : "incident takes the 16 digits of an id";
}

/* Of 2026-12-31, alone or before a time. */
static bool has_date_form(lgd_sv s) {
    static const char form[] = "0000-00-00";
    size_t n = sizeof form - 1;
    for (size_t i = 0; i < n; i++)
        if (i >= s.n || (form[i] == '0' ? s.p[i] < '0' || s.p[i] > '9' : s.p[i] != form[i])) return false;
    return s.n == n || s.p[n] == 'T' || s.p[n] == ' ';
}

/* A date lasts to the end of its day. Other forms that logs have are no date: how long would 31/12 last? */
static const char *read_until(lgd_sv text, const lgd_zone *zone, int64_t *ret) {
    lgd_timestamp t;
    lgd_clock clock;
    if (!text.p) return NULL;
    lgd_clock_init(&clock, zone, LGD_NO_TIME);
    size_t n = lgd_timestamp_parse(text, &t);
    if (n == text.n && (t.is_epoch || has_date_form(text))) *ret = lgd_clock_resolve(&clock, &t);
    if (*ret == LGD_NO_TIME) return "until takes a date such as 2026-12-31, or 2026-12-31T15:04:05Z";
    if (t.is_epoch || text.n > sizeof "2026-12-31" - 1) return NULL;
    int64_t day = lgd_days_from_civil(t.year, (unsigned)t.month, (unsigned)t.day) + 1;
    *ret = lgd_zone_to_utc(zone, day * 86400) * 1000000000;
    return NULL;
}

/* The problem is written to what, empty: none. */
static lgd_status read_rule(lgd_allow *a, lgd_sv line, const lgd_zone *zone, lgd_allow_rule *r, lgd_buf *what,
                            lgd_err *err) {
    bool failed = false;
    lgd_err inner = {0};
    const char *problem = read_words(a, line, r, &failed);
    if (failed) return lgd_fail_memory(err, line.n);
    if (!problem) problem = check_subject(r);
    if (!problem) problem = read_until(r->words[LGD_ALLOW_UNTIL], zone, &r->until_ns);
    if (problem) lgd_buf_add_sv(what, lgd_sv_of(problem));
    if (problem) return LGD_OK;
    lgd_sv *text = &r->words[LGD_ALLOW_TEMPLATE];
    if (text->p && !show_template(a, *text, text)) return lgd_fail_memory(err, text->n);
    if (!r->words[LGD_ALLOW_REGEX].p) return LGD_OK;
    lgd_status status = lgd_regex_new(r->words[LGD_ALLOW_REGEX], false, &r->regex, &inner);
    if (status == LGD_E_USAGE) return lgd_buf_printf(what, "regex: %s", inner.text), LGD_OK;
    if (status != LGD_OK) return lgd_fail(err, status, "%s", inner.text);
    lgd_regex_speed_up(r->regex);
    return LGD_OK;
}

static lgd_status keep_problem(lgd_allow *a, size_t line, lgd_sv what, lgd_err *err) {
    lgd_allow_problem p = {.line = line};
    LGD_TRY(lgd_grow((void **)&a->problems, &a->problems_capacity, a->n_problems + 1, sizeof *a->problems,
                     LGD_ALLOW_MAX_RULES, err));
    if (!lgd_arena_copy(&a->arena, what, &p.what)) return lgd_fail_memory(err, what.n);
    a->problems[a->n_problems++] = p;
    return LGD_OK;
}

static lgd_status read_line(lgd_allow *a, lgd_sv line, size_t number, const lgd_zone *zone, lgd_err *err) {
    lgd_buf what = {0};
    if (a->n_rules + a->n_problems == LGD_ALLOW_MAX_RULES)
        return lgd_fail(err, LGD_E_DAMAGED, "has more than %d rules", LGD_ALLOW_MAX_RULES);
    LGD_TRY(
        lgd_grow((void **)&a->rules, &a->rules_capacity, a->n_rules + 1, sizeof *a->rules, LGD_ALLOW_MAX_RULES, err));
    lgd_allow_rule *r = &a->rules[a->n_rules];
    *r = (lgd_allow_rule){.line = number, .text = lgd_sv_trim(line), .until_ns = LGD_NO_TIME};
    lgd_status status = read_rule(a, line, zone, r, &what, err);
    if (status == LGD_OK && what.failed) status = lgd_fail_memory(err, what.n);
    if (status == LGD_OK && what.n)
        status = keep_problem(a, number, lgd_buf_sv(&what), err);
    else if (status == LGD_OK)
        a->n_rules++;
    lgd_buf_release(&what);
    return status;
}

static lgd_status read_all(lgd_allow *a, lgd_sv text, const lgd_zone *zone, lgd_err *err) {
    lgd_sv line, rest;
    if (!lgd_arena_copy(&a->arena, text, &rest)) return lgd_fail_memory(err, text.n);
    if (lgd_sv_starts(rest, LGD_SV("\xef\xbb\xbf"))) rest = behind(rest, 3);
    for (size_t number = 1; allow_next_line(&rest, &line); number++)
        if (!allow_is_comment(line)) LGD_TRY(read_line(a, lgd_sv_trim(line), number, zone, err));
    return LGD_OK;
}

lgd_status lgd_allow_parse(lgd_sv text, const lgd_zone *zone, lgd_allow **ret, lgd_err *err) {
    lgd_allow *a = lgd_calloc(1, sizeof *a);
    if (!a) return lgd_fail_memory(err, sizeof *a);
    lgd_status status = read_all(a, text, zone, err);
    if (status == LGD_OK) status = lgd_matcher_new(&a->matcher, err);
    if (status == LGD_OK)
        *ret = a;
    else
        lgd_allow_free(a);
    return status;
}
