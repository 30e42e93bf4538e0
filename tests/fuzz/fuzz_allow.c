/*
 * Arbitrary bytes as an allow-list, and as the lines that it is asked about: every line is a comment, a rule or a
 * problem; a rule can be added to the list as it was read, and removed, which leaves the list as it was.
 */
#include "fuzz.h"

#include "logdetect/allow.h"

static lgd_zone *zone;

static size_t count_lines(lgd_sv text) {
    size_t n = 0;
    while (text.n) n += lgd_sv_trim(fuzz_line(&text)).n > 0;
    return n;
}

static void check_rule(const lgd_allow_rule *r) {
    int subjects = 0;
    for (int k = 0; k <= LGD_ALLOW_INCIDENT; k++) subjects += r->words[k].p != NULL;
    MUST(subjects == 1 || (subjects == 0 && r->words[LGD_ALLOW_SESSION].p));
    MUST((r->regex != NULL) == (r->words[LGD_ALLOW_REGEX].p != NULL));
    for (int k = 0; k < LGD_ALLOW_KEYS; k++) MUST(r->words[k].p == NULL || r->words[k].n > 0);
}

/* Writes a rule again from its words: the same rule comes out. */
static void check_again(const lgd_allow_rule *r) {
    lgd_buf words[LGD_ALLOW_KEYS] = {0}, text = {0}, without = {0};
    lgd_sv views[LGD_ALLOW_KEYS];
    lgd_allow *again = NULL;
    size_t n = 0, line = 1;
    for (int k = 0; k < LGD_ALLOW_KEYS; k++) {
        if (!r->words[k].p) continue;
        lgd_buf_printf(&words[n], "%s=", lgd_allow_key_name((lgd_allow_key)k));
        lgd_buf_add_sv(&words[n], r->words[k]);
        views[n] = lgd_buf_sv(&words[n]);
        n++;
    }
    lgd_status status = lgd_allow_add(LGD_SV(""), views, n, zone, &text, NULL);
    MUST(status == LGD_OK || text.n > LGD_ALLOW_MAX_BYTES);
    if (status == LGD_OK) {
        MUST(lgd_allow_parse(lgd_buf_sv(&text), zone, &again, NULL) == LGD_OK && lgd_allow_n(again) == 1);
        for (int k = 0; k < LGD_ALLOW_KEYS; k++) MUST(lgd_sv_eq(lgd_allow_at(again, 0)->words[k], r->words[k]));
        MUST(lgd_allow_remove(lgd_buf_sv(&text), &line, 1, zone, &without, NULL) == LGD_OK && without.n == 0);
    }
    lgd_allow_free(again);
    for (size_t i = 0; i < n; i++) lgd_buf_release(&words[i]);
    lgd_buf_release(&text);
    lgd_buf_release(&without);
}

static void ask(lgd_allow *a, lgd_sv text) {
    while (text.n) {
        lgd_sv line = fuzz_line(&text);
        lgd_allow_subject s = {.template_text = line, .raw = line, .component = line, .session = line, .file = line};
        bool ret = false;
        MUST(lgd_allow_line(a, &s, &ret, NULL) == LGD_OK);
        MUST(lgd_allow_session(a, &s, &ret, NULL) == LGD_OK);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n) {
    lgd_sv text = {(const char *)bytes, n};
    lgd_allow *a = NULL;
    if (!zone) MUST(lgd_zone_new("UTC", &zone, NULL) == LGD_OK);
    MUST(lgd_allow_parse(text, zone, &a, NULL) == LGD_OK);
    MUST(lgd_allow_n(a) + lgd_allow_n_problems(a) <= count_lines(text));
    for (size_t i = 0; i < lgd_allow_n(a); i++) {
        check_rule(lgd_allow_at(a, i));
        if (i < 4) check_again(lgd_allow_at(a, i));
    }
    ask(a, text);
    lgd_allow_free(a);
    return 0;
}
