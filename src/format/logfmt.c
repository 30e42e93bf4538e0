/*
 * logfmt: a line of key=value pairs -> its named values. Words without `=` may stand between pairs, but the line must
 * start with one and name a level and a message: text that holds a few assignments is no logfmt. One pass.
 */
#include "chars.h"
#include "fields.h"

enum { MIN_PAIRS = 3 };

static bool is_key(char c) { return is_word(c) || is_one_of(c, ".-@/"); }

/* Behind the closing quote of the string that opens at `at`; 0 if it stays open. */
static size_t quoted_end(lgd_sv s, size_t at, bool *ret_escaped) {
    for (size_t i = at + 1; i < s.n; i++) {
        if (s.p[i] == '"') return i + 1;
        if (s.p[i] != '\\') continue;
        *ret_escaped = true;
        i++;
    }
    return 0;
}

static size_t plain_end(lgd_sv s, size_t at) {
    while (at < s.n && !is_blank(s.p[at])) at++;
    return at;
}

bool logfmt_read(lgd_sv line, const field_names *names, line_values *ret) {
    *ret = (line_values){.names = names};
    size_t at = 0;
    for (;;) {
        while (at < line.n && is_blank(line.p[at])) at++;
        if (at >= line.n) break;
        size_t begin = at;
        while (at < line.n && is_key(line.p[at])) at++;
        if (at == begin || byte_at(line, at) != '=') {
            if (ret->n_pairs == 0) return false;
            at = plain_end(line, at);
            continue;
        }
        lgd_sv key = slice(line, begin, at++);
        bool escaped = false;
        size_t end = byte_at(line, at) == '"' ? quoted_end(line, at, &escaped) : 0;
        lgd_sv text = end ? slice(line, at + 1, end - 1) : slice(line, at, plain_end(line, at));
        values_see(ret, (lgd_sv){0}, key);
        values_offer(ret, (lgd_sv){0}, key, text, escaped && end > 0);
        at = end ? end : at + text.n;
    }
    if (names) return values_are_complete(ret);
    return ret->n_pairs >= MIN_PAIRS && ret->value[VALUE_LEVEL].found && ret->value[VALUE_MESSAGE].found;
}
