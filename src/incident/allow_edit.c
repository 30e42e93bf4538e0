/*
 * incident/allow_edit: the text of an allow-list with a rule more or less. Lines that are not touched stay byte for byte,
 * comments above all: they say why. A new rule is read as one of the list before it becomes part of it.
 */
#include "allow.h"

static void add_value(lgd_buf *b, lgd_sv value) {
    if (!allow_needs_quotes(value)) {
        lgd_buf_add_sv(b, value);
        return;
    }
    lgd_buf_add_char(b, '"');
    for (size_t i = 0; i < value.n; i++) {
        if (value.p[i] == '"') lgd_buf_add_char(b, '"');
        lgd_buf_add_char(b, value.p[i]);
    }
    lgd_buf_add_char(b, '"');
}

/* A template may have control bytes, which are written as they are shown. */
static void add_word(lgd_buf *b, lgd_sv word) {
    lgd_buf shown = {0};
    const char *equals = word.n ? memchr(word.p, '=', word.n) : NULL;
    size_t n = equals ? (size_t)(equals - word.p) + 1 : word.n;
    lgd_sv key = {word.p, n}, value = {word.p + n, word.n - n};
    lgd_buf_add_sv(b, key);
    if (lgd_sv_eq(key, LGD_SV("template="))) {
        lgd_escape_terminal(&shown, value, SIZE_MAX);
        value = lgd_buf_sv(&shown);
    }
    if (equals) add_value(b, value);
    b->failed |= shown.failed;
    lgd_buf_release(&shown);
}

/* A word with a line end would be several rules, or half of one. */
static lgd_status check_one(lgd_sv line, const lgd_allow *one, lgd_err *err) {
    lgd_buf shown = {0};
    lgd_sv what = LGD_SV("it is empty");
    if (one->n_problems) what = one->problems[0].what;
    if (memchr(line.p ? line.p : "", '\n', line.n))
        what = LGD_SV("a control byte");
    else if (one->n_rules == 1)
        return LGD_OK;
    lgd_escape_terminal(&shown, line, 200);
    lgd_status status =
        lgd_fail(err, LGD_E_USAGE, "%.*s: %.*s", (int)shown.n, shown.n ? shown.p : "", (int)what.n, what.p);
    lgd_buf_release(&shown);
    return status;
}

/* Two rules are one when all but what is said for people is the same. */
static bool same_rule(const lgd_allow_rule *a, const lgd_allow_rule *b) {
    for (int k = 0; k < LGD_ALLOW_REASON; k++)
        if ((a->words[k].p == NULL) != (b->words[k].p == NULL) || !lgd_sv_eq(a->words[k], b->words[k])) return false;
    return true;
}

static lgd_status check_new(const lgd_allow *list, const lgd_allow_rule *rule, lgd_err *err) {
    for (size_t i = 0; i < list->n_rules; i++)
        if (same_rule(&list->rules[i], rule))
            return lgd_fail(err, LGD_E_USAGE, "this rule is there already, in line %zu", list->rules[i].line);
    return LGD_OK;
}

static lgd_status append(lgd_sv text, lgd_sv line, lgd_buf *ret, lgd_err *err) {
    lgd_buf_add_sv(ret, text);
    if (text.n && text.p[text.n - 1] != '\n') lgd_buf_add_char(ret, '\n');
    lgd_buf_add_sv(ret, line);
    lgd_buf_add_char(ret, '\n');
    if (ret->n > LGD_ALLOW_MAX_BYTES)
        return lgd_fail(err, LGD_E_USAGE, "the list would be larger than %d MiB", LGD_ALLOW_MAX_BYTES >> 20);
    return ret->failed ? lgd_fail_memory(err, text.n) : LGD_OK;
}

lgd_status lgd_allow_add(lgd_sv text, const lgd_sv *words, size_t n, const lgd_zone *zone, lgd_buf *ret, lgd_err *err) {
    lgd_buf line = {0};
    lgd_allow *list = NULL, *one = NULL;
    for (size_t i = 0; i < n; i++) {
        if (i) lgd_buf_add_char(&line, ' ');
        add_word(&line, words[i]);
    }
    lgd_status status = line.failed ? lgd_fail_memory(err, line.n) : LGD_OK;
    if (status == LGD_OK) status = lgd_allow_parse(lgd_buf_sv(&line), zone, &one, err);
    if (status == LGD_OK) status = check_one(lgd_buf_sv(&line), one, err);
    if (status == LGD_OK) status = lgd_allow_parse(text, zone, &list, err);
    if (status == LGD_OK) status = check_new(list, &one->rules[0], err);
    if (status == LGD_OK) status = append(text, lgd_buf_sv(&line), ret, err);
    lgd_allow_free(list);
    lgd_allow_free(one);
    lgd_buf_release(&line);
    return status;
}

/* ---- removing ---- */

static bool is_listed(const lgd_allow *list, size_t line) {
    for (size_t i = 0; i < list->n_rules; i++)
        if (list->rules[i].line == line) return true;
    for (size_t i = 0; i < list->n_problems; i++)
        if (list->problems[i].line == line) return true;
    return false;
}

static bool holds(const size_t *lines, size_t n, size_t line) {
    for (size_t i = 0; i < n; i++)
        if (lines[i] == line) return true;
    return false;
}

lgd_status lgd_allow_remove(lgd_sv text, const size_t *lines, size_t n, const lgd_zone *zone, lgd_buf *ret,
                            lgd_err *err) {
    lgd_allow *list = NULL;
    lgd_sv line, rest = text;
    LGD_TRY(lgd_allow_parse(text, zone, &list, err));
    lgd_status status = LGD_OK;
    for (size_t i = 0; i < n && status == LGD_OK; i++)
        if (!is_listed(list, lines[i])) status = lgd_fail(err, LGD_E_USAGE, "line %zu is no rule", lines[i]);
    lgd_allow_free(list);
    LGD_TRY(status);
    for (size_t number = 1; allow_next_line(&rest, &line); number++)
        if (!holds(lines, n, number)) lgd_buf_add(ret, line.p, (size_t)(rest.p - line.p));
    return ret->failed ? lgd_fail_memory(err, text.n) : LGD_OK;
}
