/*
 * pipeline/session_key: the user's regular expression that ties lines together.
 */
#include "sessions.h"

enum { MAX_KEY = 256 };

lgd_status session_key_new(const char *pattern, lgd_regex **ret, lgd_err *err) {
    lgd_err inner = {0};
    lgd_status status = lgd_regex_new(lgd_sv_of(pattern), false, ret, &inner);
    if (status == LGD_E_USAGE)
        return lgd_fail(err, status, "--session '%.200s': %s; nothing was done", pattern, inner.text);
    if (status != LGD_OK) return lgd_fail(err, status, "%s", inner.text);
    lgd_regex_speed_up(*ret);
    return LGD_OK;
}

lgd_sv session_key_find(const lgd_regex *key, lgd_matcher *m, lgd_sv line, uint64_t *over_limit) {
    lgd_match match = lgd_regex_match(key, m, line);
    *over_limit += match == LGD_MATCH_OVER_LIMIT;
    if (match != LGD_MATCH_YES) return (lgd_sv){"", 0};
    lgd_sv found = lgd_matcher_group(m, line, 1);
    if (!found.p) found = lgd_matcher_group(m, line, 0);
    return (lgd_sv){found.p, found.n < MAX_KEY ? found.n : MAX_KEY};
}
