/*
 * pipeline/session_key: the user's regular expression that ties lines together. The only regular expression on the path
 * of a line, and only if the user gave one; compiled by PCRE2 to machine code, with limits on matching, depth and heap,
 * so that no line can stall it.
 */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "sessions.h"

enum { MATCH_LIMIT = 100000, DEPTH_LIMIT = 1000, HEAP_LIMIT_KIB = 1024, MAX_KEY = 256 };

struct session_key {
    pcre2_code *code;
};

struct session_matcher {
    pcre2_match_data *data;
    pcre2_match_context *context;
};

lgd_status session_key_new(const char *pattern, session_key **ret, lgd_err *err) {
    int code = 0;
    PCRE2_SIZE at = 0;
    session_key *k = lgd_calloc(1, sizeof *k);
    if (!k) return lgd_fail_memory(err, sizeof *k);
    k->code = pcre2_compile((PCRE2_SPTR)pattern, PCRE2_ZERO_TERMINATED, PCRE2_NEVER_BACKSLASH_C, &code, &at, NULL);
    if (!k->code) {
        unsigned char why[128];
        (void)pcre2_get_error_message(code, why, sizeof why);
        lgd_free(k);
        return lgd_fail(err, LGD_E_USAGE, "--session '%.200s': at character %zu: %s; nothing was done", pattern,
                        (size_t)at, (char *)why);
    }
    (void)pcre2_jit_compile(k->code, PCRE2_JIT_COMPLETE); /* where there is none, the interpreter matches */
    *ret = k;
    return LGD_OK;
}

void session_key_free(session_key *k) {
    if (!k) return;
    pcre2_code_free(k->code);
    lgd_free(k);
}

lgd_status session_matcher_new(const session_key *k, session_matcher **ret, lgd_err *err) {
    session_matcher *m = lgd_calloc(1, sizeof *m);
    if (!m) return lgd_fail_memory(err, sizeof *m);
    m->data = pcre2_match_data_create_from_pattern(k->code, NULL);
    m->context = pcre2_match_context_create(NULL);
    if (!m->data || !m->context) {
        session_matcher_free(m);
        return lgd_fail_memory(err, 1024);
    }
    (void)pcre2_set_match_limit(m->context, MATCH_LIMIT);
    (void)pcre2_set_depth_limit(m->context, DEPTH_LIMIT);
    (void)pcre2_set_heap_limit(m->context, HEAP_LIMIT_KIB);
    *ret = m;
    return LGD_OK;
}

void session_matcher_free(session_matcher *m) {
    if (!m) return;
    pcre2_match_data_free(m->data);
    pcre2_match_context_free(m->context);
    lgd_free(m);
}

lgd_sv session_key_find(const session_key *k, session_matcher *m, lgd_sv line, uint64_t *over_limit) {
    int n = pcre2_match(k->code, (PCRE2_SPTR)line.p, line.n, 0, 0, m->data, m->context);
    if (n < 0) {
        *over_limit += n != PCRE2_ERROR_NOMATCH;
        return (lgd_sv){"", 0};
    }
    const PCRE2_SIZE *at = pcre2_get_ovector_pointer(m->data);
    size_t group = n > 1 && at[2] != PCRE2_UNSET ? 1 : 0;
    if (at[2 * group] > at[2 * group + 1]) return (lgd_sv){"", 0};
    size_t length = at[2 * group + 1] - at[2 * group];
    return (lgd_sv){line.p + at[2 * group], length < MAX_KEY ? length : MAX_KEY};
}
