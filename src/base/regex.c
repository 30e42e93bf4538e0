/*
 * base/regex: see regex.h. The limits are the work that PCRE2 may do for one line before it gives up: about a hundred
 * thousand steps, one MiB of heap. A pattern without nested repetition never comes near them.
 */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "logdetect/regex.h"

#include <pcre2.h>

enum { MATCH_LIMIT = 100000, DEPTH_LIMIT = 1000, HEAP_LIMIT_KIB = 1024, MAX_NAMES = LGD_REGEX_MAX_GROUPS };

typedef struct named_group {
    lgd_sv name; /* in PCRE2's own table */
    uint32_t group;
} named_group;

struct lgd_regex {
    pcre2_code *code;
    named_group names[MAX_NAMES];
    size_t n_names;
};

struct lgd_matcher {
    pcre2_match_data *data;
    pcre2_match_context *context;
    uint32_t n_set; /* groups that the last match wrote, group 0 included */
};

static lgd_status fail_compile(int code, size_t at, lgd_err *err) {
    unsigned char why[128];
    (void)pcre2_get_error_message(code, why, sizeof why);
    return lgd_fail(err, LGD_E_USAGE, "at character %zu: %s", at, (const char *)why);
}

/* PCRE2 keeps its names sorted; they are wanted by number. */
static void collect_names(lgd_regex *re) {
    uint32_t n = 0, entry_bytes = 0;
    PCRE2_SPTR table = NULL;
    (void)pcre2_pattern_info(re->code, PCRE2_INFO_NAMECOUNT, &n);
    (void)pcre2_pattern_info(re->code, PCRE2_INFO_NAMEENTRYSIZE, &entry_bytes);
    (void)pcre2_pattern_info(re->code, PCRE2_INFO_NAMETABLE, &table);
    for (uint32_t i = 0; i < n; i++) {
        const unsigned char *entry = table + (size_t)i * entry_bytes;
        named_group g = {lgd_sv_of((const char *)entry + 2), (uint32_t)entry[0] << 8 | entry[1]};
        size_t at = re->n_names++;
        for (; at > 0 && re->names[at - 1].group > g.group; at--) re->names[at] = re->names[at - 1];
        re->names[at] = g;
    }
}

lgd_status lgd_regex_new(lgd_sv pattern, bool anchored, lgd_regex **ret_regex, lgd_err *err) {
    int code = 0;
    PCRE2_SIZE at = 0;
    uint32_t n_groups = 0;
    /* Set here and not for each match: the latter would keep the machine code from being used. */
    uint32_t options = PCRE2_NEVER_BACKSLASH_C | PCRE2_NEVER_UTF | PCRE2_DUPNAMES | (anchored ? PCRE2_ANCHORED : 0);
    if (pattern.n > LGD_REGEX_MAX_BYTES)
        return lgd_fail(err, LGD_E_USAGE, "at character %d: the pattern is longer than that", LGD_REGEX_MAX_BYTES);
    lgd_regex *re = lgd_calloc(1, sizeof *re);
    if (!re) return lgd_fail_memory(err, sizeof *re);
    re->code = pcre2_compile((PCRE2_SPTR)pattern.p, pattern.n, options, &code, &at, NULL);
    if (!re->code) {
        lgd_free(re);
        return code == PCRE2_ERROR_HEAP_FAILED ? lgd_fail_memory(err, pattern.n) : fail_compile(code, at, err);
    }
    (void)pcre2_pattern_info(re->code, PCRE2_INFO_CAPTURECOUNT, &n_groups);
    if (n_groups > LGD_REGEX_MAX_GROUPS) {
        lgd_regex_free(re);
        return lgd_fail(err, LGD_E_USAGE, "at character 0: more than %d groups", LGD_REGEX_MAX_GROUPS);
    }
    collect_names(re);
    *ret_regex = re;
    return LGD_OK;
}

void lgd_regex_free(lgd_regex *re) {
    if (!re) return;
    pcre2_code_free(re->code);
    lgd_free(re);
}

void lgd_regex_speed_up(lgd_regex *re) { (void)pcre2_jit_compile(re->code, PCRE2_JIT_COMPLETE); }

size_t lgd_regex_n_names(const lgd_regex *re) { return re->n_names; }

lgd_sv lgd_regex_name(const lgd_regex *re, size_t i, uint32_t *ret_group) {
    *ret_group = re->names[i].group;
    return re->names[i].name;
}

lgd_status lgd_matcher_new(lgd_matcher **ret_matcher, lgd_err *err) {
    lgd_matcher *m = lgd_calloc(1, sizeof *m);
    if (!m) return lgd_fail_memory(err, sizeof *m);
    m->data = pcre2_match_data_create(LGD_REGEX_MAX_GROUPS + 1, NULL);
    m->context = pcre2_match_context_create(NULL);
    if (!m->data || !m->context) {
        lgd_matcher_free(m);
        return lgd_fail_memory(err, LGD_REGEX_MAX_GROUPS * 2 * sizeof(PCRE2_SIZE));
    }
    (void)pcre2_set_match_limit(m->context, MATCH_LIMIT);
    (void)pcre2_set_depth_limit(m->context, DEPTH_LIMIT);
    (void)pcre2_set_heap_limit(m->context, HEAP_LIMIT_KIB);
    *ret_matcher = m;
    return LGD_OK;
}

void lgd_matcher_free(lgd_matcher *m) {
    if (!m) return;
    pcre2_match_data_free(m->data);
    pcre2_match_context_free(m->context);
    lgd_free(m);
}

lgd_match lgd_regex_match(const lgd_regex *re, lgd_matcher *m, lgd_sv text) {
    int n = pcre2_match(re->code, (PCRE2_SPTR)(text.p ? text.p : ""), text.n, 0, 0, m->data, m->context);
    m->n_set = n > 0 ? (uint32_t)n : 0;
    if (n > 0) return LGD_MATCH_YES;
    bool over = n == PCRE2_ERROR_MATCHLIMIT || n == PCRE2_ERROR_DEPTHLIMIT || n == PCRE2_ERROR_HEAPLIMIT ||
                n == PCRE2_ERROR_JIT_STACKLIMIT;
    return over ? LGD_MATCH_OVER_LIMIT : LGD_MATCH_NO;
}

lgd_sv lgd_matcher_group(const lgd_matcher *m, lgd_sv text, uint32_t group) {
    const PCRE2_SIZE *at = pcre2_get_ovector_pointer(m->data);
    if (group >= m->n_set || at[2 * group] == PCRE2_UNSET) return (lgd_sv){NULL, 0};
    size_t begin = at[2 * group], end = at[2 * group + 1];
    return (lgd_sv){text.p + begin, end > begin ? end - begin : 0}; /* \K can set the start behind the end */
}
