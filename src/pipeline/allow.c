/*
 * pipeline/allow: the allow-list beside a model, shown and edited. Every change is an atomic replacement of the file;
 * lines that are not touched stay as they are.
 */
#include "allowance.h"
#include "logdetect/logdetect.h"

static const uint64_t any_key = 1; /* nothing here meets hostile input at speed */

/* The list of one command. */
typedef struct edit {
    lgd_zone *zone;
    lgd_buf path, text;
    bool there;
} edit;

static lgd_status open_list(edit *e, const char *model, const char *tz, lgd_err *err) {
    LGD_TRY(lgd_zone_new(tz, &e->zone, err));
    LGD_TRY(allowance_path(model, &e->path, err));
    return allowance_read(e->path.p, "nothing was done", &e->text, &e->there, err);
}

static void release_list(edit *e) {
    lgd_zone_free(e->zone);
    lgd_buf_release(&e->path);
    lgd_buf_release(&e->text);
}

/* Without the path or the end of the sentence, which are the same for all. */
static lgd_status fail_edit(const edit *e, lgd_status status, const lgd_err *inner, lgd_err *err) {
    if (status == LGD_OK || status == LGD_E_MEMORY) return lgd_fail(err, status, "%s", inner->text);
    return lgd_fail(err, status, "%s: %s; nothing was changed", e->path.p, inner->text);
}

/* ---- list ---- */

static void text_rule(const lgd_allow_rule *r, lgd_buf *out) {
    lgd_buf_printf(out, "%6zu  ", r->line);
    lgd_escape_terminal(out, r->text, SIZE_MAX);
    lgd_buf_add_char(out, '\n');
}

static void text_problem(const lgd_allow_problem *p, lgd_buf *out) {
    lgd_buf_printf(out, "%6zu  is no rule: %.*s\n", p->line, (int)p->what.n, p->what.p);
}

/* In the order of the file. */
static void text_list(const edit *e, const lgd_allow *a, lgd_buf *out) {
    size_t problem = 0, n_problems = lgd_allow_n_problems(a);
    if (!e->there) lgd_buf_printf(out, "%s: there is no such list yet\n", e->path.p);
    for (size_t i = 0; i < lgd_allow_n(a); i++) {
        const lgd_allow_rule *r = lgd_allow_at(a, i);
        while (problem < n_problems && lgd_allow_problem_at(a, problem)->line < r->line)
            text_problem(lgd_allow_problem_at(a, problem++), out);
        text_rule(r, out);
    }
    while (problem < n_problems) text_problem(lgd_allow_problem_at(a, problem++), out);
}

static void json_rule(lgd_json *j, const lgd_allow_rule *r) {
    lgd_json_object(j, NULL);
    lgd_json_u64(j, "line", r->line);
    for (int k = 0; k < LGD_ALLOW_KEYS; k++) lgd_json_optional(j, lgd_allow_key_name((lgd_allow_key)k), r->words[k]);
    lgd_json_object_end(j);
}

static void json_list(const edit *e, const lgd_allow *a, lgd_buf *out) {
    lgd_json j = {.out = out};
    lgd_json_object(&j, NULL);
    lgd_json_u64(&j, "schema_version", 1);
    lgd_json_tool(&j, LGD_VERSION);
    lgd_json_file(&j, "path", lgd_sv_of(e->path.p));
    lgd_json_array(&j, "rules");
    for (size_t i = 0; i < lgd_allow_n(a); i++) json_rule(&j, lgd_allow_at(a, i));
    lgd_json_array_end(&j);
    lgd_json_array(&j, "problems");
    for (size_t i = 0; i < lgd_allow_n_problems(a); i++) {
        lgd_json_object(&j, NULL);
        lgd_json_u64(&j, "line", lgd_allow_problem_at(a, i)->line);
        lgd_json_string(&j, "problem", lgd_allow_problem_at(a, i)->what);
        lgd_json_object_end(&j);
    }
    lgd_json_array_end(&j);
    lgd_json_object_end(&j);
    lgd_buf_add_char(out, '\n');
}

lgd_status lgd_model_allow_list(const char *model, const lgd_config *config, lgd_buf *out, bool *ret_sound,
                                lgd_err *err) {
    edit e = {0};
    lgd_allow *a = NULL;
    lgd_err inner = {0};
    lgd_status status = open_list(&e, model, config->tz, err);
    if (status == LGD_OK) {
        status = lgd_allow_parse(lgd_buf_sv(&e.text), e.zone, &a, &inner);
        if (status != LGD_OK) status = fail_edit(&e, status, &inner, err);
    }
    if (status == LGD_OK) {
        (config->format == LGD_FORMAT_JSON ? json_list : text_list)(&e, a, out);
        *ret_sound = lgd_allow_n_problems(a) == 0;
    }
    lgd_allow_free(a);
    release_list(&e);
    return status == LGD_OK && out->failed ? lgd_fail_memory(err, out->n) : status;
}

/* ---- add, remove ---- */

/* Numbers of templates change with a training, so a rule by number is written by the text: "id=17". */
static lgd_status find_template(const char *model, lgd_sv number, lgd_buf *ret, lgd_err *err) {
    bundle b = {0};
    uint64_t id = 0;
    LGD_TRY(bundle_load(model, any_key, &b, err));
    size_t n = lgd_store_n_templates(b.store);
    lgd_status status = LGD_OK;
    if (!lgd_parse_u64(number, &id) || id >= n)
        status = lgd_fail(err, LGD_E_USAGE,
                          "id=%.*s: the model's templates are 0 to %zu; a new one is named by its text, template=...; "
                          "nothing was changed",
                          (int)lgd_sv_cut(number, 40).n, number.p, n - 1);
    lgd_buf_add_sv(ret, LGD_SV("template="));
    if (status == LGD_OK) lgd_buf_add_sv(ret, lgd_store_template(b.store, (lgd_template_id)id)->text);
    bundle_release(&b);
    return status == LGD_OK && ret->failed ? lgd_fail_memory(err, ret->n) : status;
}

static lgd_status find_words(const char *model, const lgd_strings *from, lgd_sv *to, lgd_buf *made, lgd_err *err) {
    for (size_t i = 0; i < from->n; i++) {
        to[i] = lgd_sv_of(from->items[i]);
        if (!lgd_sv_starts(to[i], LGD_SV("id="))) continue;
        if (made->n) return lgd_fail(err, LGD_E_USAGE, "id is there twice; nothing was changed");
        LGD_TRY(find_template(model, (lgd_sv){to[i].p + 3, to[i].n - 3}, made, err));
        to[i] = lgd_buf_sv(made);
    }
    return LGD_OK;
}

/* What changes a list. */
typedef struct change {
    const lgd_sv *words; /* of a rule to add, NULL: none */
    const size_t *lines; /* to remove */
    size_t n;
} change;

static lgd_status apply(const char *model, const char *tz, const change *c, lgd_buf *out, lgd_err *err) {
    edit e = {0};
    lgd_buf text = {0};
    lgd_err inner = {0};
    lgd_status status = open_list(&e, model, tz, err);
    if (status == LGD_OK) {
        lgd_sv old = lgd_buf_sv(&e.text);
        status = c->words ? lgd_allow_add(old, c->words, c->n, e.zone, &text, &inner)
                          : lgd_allow_remove(old, c->lines, c->n, e.zone, &text, &inner);
        if (status != LGD_OK) status = fail_edit(&e, status, &inner, err);
    }
    if (status == LGD_OK) status = lgd_file_replace(e.path.p, lgd_buf_sv(&text), err);
    if (status == LGD_OK) lgd_buf_printf(out, "%s: %s\n", e.path.p, c->words ? "1 rule was added" : "removed");
    lgd_buf_release(&text);
    release_list(&e);
    return status == LGD_OK && out->failed ? lgd_fail_memory(err, out->n) : status;
}

lgd_status lgd_model_allow_add(const char *model, const lgd_config *config, const lgd_strings *rule, lgd_buf *out,
                               lgd_err *err) {
    lgd_buf made = {0};
    lgd_sv *words = lgd_alloc(rule->n * sizeof *words);
    if (!words) return lgd_fail_memory(err, rule->n * sizeof *words);
    lgd_status status = find_words(model, rule, words, &made, err);
    if (status == LGD_OK) status = apply(model, config->tz, &(change){.words = words, .n = rule->n}, out, err);
    lgd_free(words);
    lgd_buf_release(&made);
    return status;
}

lgd_status lgd_model_allow_remove(const char *model, const lgd_config *config, const lgd_strings *numbers, lgd_buf *out,
                                  lgd_err *err) {
    size_t *lines = lgd_alloc(numbers->n * sizeof *lines);
    if (!lines) return lgd_fail_memory(err, numbers->n * sizeof *lines);
    lgd_status status = LGD_OK;
    for (size_t i = 0; i < numbers->n && status == LGD_OK; i++) {
        uint64_t line = 0;
        if (!lgd_parse_u64(lgd_sv_of(numbers->items[i]), &line) || line > LGD_ALLOW_MAX_BYTES)
            status = lgd_fail(err, LGD_E_USAGE,
                              "model allow: remove takes numbers of lines, not '%.80s'; nothing was changed",
                              numbers->items[i]);
        lines[i] = (size_t)line;
    }
    if (status == LGD_OK) status = apply(model, config->tz, &(change){.lines = lines, .n = numbers->n}, out, err);
    lgd_free(lines);
    return status;
}
