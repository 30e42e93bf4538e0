/*
 * stitch_line: a line in, what kind of line it is out. See stitch.h for the kinds.
 *
 * Each question looks at the line once from its start, or at a few bytes of its end: linear, no regular expression, and
 * for a line that is not meant mostly one look at its first byte. Fixed words and shapes only; nothing is remembered.
 */
#include "stitch.h"

static bool is_name(char c) { return line_is_lower(c) || line_is_upper(c) || line_is_digit(c) || c == '_' || c == '$'; }

bool line_ends_with(lgd_sv s, lgd_sv end) { return s.n >= end.n && memcmp(s.p + s.n - end.n, end.p, end.n) == 0; }

lgd_sv line_without_indent(lgd_sv line) {
    size_t i = 0;
    while (i < line.n && (line.p[i] == ' ' || (line.p[i] >= '\t' && line.p[i] <= '\r'))) i++;
    return line_skip(line, i);
}

static size_t digits(lgd_sv s, size_t at) {
    size_t i = at;
    while (line_is_digit(line_at(s, i))) i++;
    return i - at;
}

static bool is_one_of(char c, const char *set) { return c != '\0' && strchr(set, c) != NULL; }

/* ---- times and levels ---- */

/* Digits at the start: 2024-05, 05/01/24, 10:00:07, 081109 203615, 20240501T, 1714557601.5 */
static bool is_numeric_time(lgd_sv s) {
    const size_t n = digits(s, 0);
    const char c = line_at(s, n), next = line_at(s, n + 1);
    if (n == 4) return is_one_of(c, "-/.") && line_is_digit(next);
    if (n == 6) return c == ' ' && line_is_digit(next == ' ' ? line_at(s, n + 2) : next);
    if (n == 8 || n == 14) return n == 14 || (is_one_of(c, "T -") && line_is_digit(next));
    if (n == 10 || n == 13) return s.p[0] == '1' && is_one_of(c, " .,:\t");
    if (n == 0 || n > 2 || !is_one_of(c, "-/.:") || !line_is_digit(next)) return false;
    const size_t m = digits(s, n + 1);
    const char behind = line_at(s, n + 1 + m), then = line_at(s, n + 2 + m);
    return m <= 2 && (behind == c || (behind == ' ' && c != '.')) && line_is_digit(then);
}

/* Index of the three letters at the start of s in names, which holds them one behind the other; SIZE_MAX: none. */
static bool is_in_names(lgd_sv s, const char *names) {
    for (; s.n > 3 && *names != '\0'; names += 3)
        if (memcmp(s.p, names, 3) == 0) return true;
    return false;
}

static bool is_worded_time(lgd_sv s) {
    if (is_in_names(s, "MonTueWedThuFriSatSun")) {
        const size_t i = s.p[3] == ',' ? 4 : 3;
        return line_at(s, i) == ' ' && (line_is_digit(line_at(s, i + 1)) || line_is_upper(line_at(s, i + 1)));
    }
    if (is_in_names(s, "JanFebMarAprMayJunJulAugSepOctNovDec"))
        return s.p[3] == ' ' && line_is_digit(line_at(s, 4) == ' ' ? line_at(s, 5) : line_at(s, 4));
    return is_one_of(s.p[0], "IWEFD") && digits(s, 1) == 4 && line_at(s, 5) == ' ' && line_is_digit(line_at(s, 6));
}

static bool is_level(lgd_sv s, bool bracketed) {
    static const char *const words[] = {"TRACE", "DEBUG",    "INFO",   "NOTICE",  "WARN", "WARNING",
                                        "ERROR", "CRITICAL", "SEVERE", "VERBOSE", "FATAL"};
    size_t n = 0;
    while (line_is_upper(line_at(s, n)) || (bracketed && line_is_lower(line_at(s, n)))) n++;
    if (n < 4 || n > 8 || line_is_lower(line_at(s, n))) return false;
    for (size_t k = 0; k < sizeof words / sizeof *words; k++)
        if (lgd_sv_eq_nocase((lgd_sv){s.p, n}, lgd_sv_of(words[k]))) return true;
    return false;
}

bool line_is_dated(lgd_sv line) {
    const bool bracketed = line.n > 0 && is_one_of(line.p[0], "[(<");
    if (bracketed && line.p[0] == '<') { /* the priority of syslog */
        const size_t n = digits(line, 1);
        if (n > 0 && line_at(line, n + 1) == '>') line = line_skip(line, n + 1);
        if (line_is_digit(line_at(line, 1)) && line_at(line, 2) == ' ') line = line_skip(line, 2); /* its version */
    }
    if (bracketed) line = line_skip(line, 1);
    if (line.n < 4) return false;
    if (line_is_digit(line.p[0])) return is_numeric_time(line);
    return is_worded_time(line) || is_level(line, bracketed);
}

/* ---- names ---- */

/* Length of `name(.name)*` at the start of s; *ret_last is where its last name starts. */
static size_t dotted_name(lgd_sv s, size_t *ret_last) {
    size_t i = 0;
    *ret_last = 0;
    for (; i < s.n && (is_name(s.p[i]) || (s.p[i] == '.' && i > 0 && s.p[i - 1] != '.')); i++)
        if (s.p[i] == '.') *ret_last = i + 1;
    return i;
}

static bool is_error_name(lgd_sv name) {
    return line_ends_with(name, LGD_SV("Exception")) || line_ends_with(name, LGD_SV("Error")) ||
           line_ends_with(name, LGD_SV("Throwable"));
}

/* ([a-z_$][\w$]*\.)+[A-Z][\w$]*(Exception|Error|Throwable)(:|$) */
bool line_is_java_exception(lgd_sv line) {
    if (line.n == 0 || line_is_digit(line.p[0]) || line_is_upper(line.p[0])) return false;
    size_t last, n = dotted_name(line, &last);
    if (last == 0 || last >= n || !line_is_upper(line.p[last]) || (n < line.n && line.p[n] != ':')) return false;
    return is_error_name((lgd_sv){line.p + last, n - last});
}

bool line_is_named_error(lgd_sv line) {
    if (line.n == 0 || !line_is_upper(line.p[0])) return false;
    size_t last, n = dotted_name(line, &last);
    const char next = line_at(line, n);
    if (last >= n || !(next == ':' || next == ' ') || line_at(line, n + 1) != (next == ':' ? ' ' : '[')) return false;
    return is_error_name((lgd_sv){line.p + last, n - last});
}

bool line_is_python_error(lgd_sv line) {
    size_t last, n = dotted_name(line, &last);
    if (n == 0 || n == last || line_is_digit(line.p[0])) return false;
    if (last == 0 && !line_is_upper(line.p[0]) && !is_error_name((lgd_sv){line.p, n})) return false;
    return n == line.n || (line.p[n] == ':' && (n + 1 == line.n || line.p[n + 1] == ' '));
}

static bool is_go_char(char c) { return is_name(c) || is_one_of(c, "./*-()[]"); }

bool line_is_go_call(lgd_sv line) {
    if (lgd_sv_starts(line, LGD_SV("created by "))) return true;
    if (line.n == 0 || line.p[line.n - 1] != ')' || line_is_digit(line.p[0])) return false;
    size_t i = 0;
    while (i < line.n && is_go_char(line.p[i])) i++;
    return memchr(line.p, '(', i) != NULL;
}

bool line_is_go_name(lgd_sv line) {
    if (line.n == 0 || !line_is_lower(line.p[0]) || !is_name(line.p[line.n - 1])) return false;
    size_t i = 0, last_dot = 0;
    for (; i < line.n && is_go_char(line.p[i]); i++)
        if (line.p[i] == '.') last_dot = i;
    return i == line.n && last_dot > 0 && !line_is_digit(line.p[last_dot + 1]);
}

/* ---- frames ---- */

/* Ends as JavaScript's places do: `:12:3`, `:12:3)` or `(<anonymous>)`. */
static bool ends_with_place(lgd_sv s) {
    if (line_ends_with(s, LGD_SV("(<anonymous>)")) || line_ends_with(s, LGD_SV("(native)"))) return true;
    size_t i = s.n;
    if (i > 0 && s.p[i - 1] == '{' && i > 2) i -= 2; /* an object follows */
    if (i > 0 && s.p[i - 1] == ')') i--;
    for (int part = 0; part < 2; part++) {
        const size_t end = i;
        while (i > 0 && line_is_digit(s.p[i - 1])) i--;
        if (i == end || i == 0 || s.p[--i] != ':') return false;
    }
    return true;
}

bool line_is_ruby_frame(lgd_sv line) {
    if (line.n < 8 || line.p[line.n - 1] != '\'') return false;
    for (size_t i = 1; i + 6 < line.n && line.p[i] != ' '; i++)
        if (line.p[i] == ':' && line_is_digit(line.p[i - 1]) && memcmp(line.p + i, ":in ", 4) == 0)
            return line.p[i + 4] == '\'' || line.p[i + 4] == '`';
    return false;
}

bool line_is_frame(lgd_sv s) {
    if (s.n < 5) return false;
    if (s.p[0] == '.') return memcmp(s.p, "... ", 4) == 0 && line_is_digit(s.p[4]);
    if (s.p[0] == 'F') return lgd_sv_starts(s, LGD_SV("File \""));
    if (s.p[0] == 'f') return lgd_sv_starts(s, LGD_SV("from ")) && line_is_ruby_frame(line_skip(s, 5));
    if (s.p[0] != 'a' || memcmp(s.p, "at ", 3) != 0) return false;
    for (size_t i = 3; i < s.n && s.p[i] != ' '; i++)
        if (s.p[i] == '(') return i > 3;
    return ends_with_place(s);
}

/* ---- other structures ---- */

bool line_is_json_member(lgd_sv line) {
    if (line.n < 3 || line.p[0] != '"') return false;
    const char *end = memchr(line.p + 1, '"', line.n - 1);
    if (end == NULL) return false;
    const lgd_sv behind = line_without_indent(line_skip(line, (size_t)(end - line.p) + 1));
    return line_at(behind, 0) == ':';
}

bool line_is_slow_head(lgd_sv line) {
    if (lgd_sv_starts(line, LGD_SV("# User@Host: "))) return true;
    if (lgd_sv_starts(line, LGD_SV("# Time: "))) return line_is_digit(line_at(line, 8));
    return lgd_sv_starts(line, LGD_SV("# Query_time: ")) && line_is_digit(line_at(line, 14));
}

int32_t line_braces(lgd_sv line) {
    int32_t depth = 0;
    bool quoted = false;
    for (size_t i = 0; i < line.n; i++) {
        const char c = line.p[i];
        if (quoted && c == '\\')
            i++;
        else if (c == '"')
            quoted = !quoted;
        else if (!quoted)
            depth += (c == '{' || c == '[') - (c == '}' || c == ']');
    }
    return depth;
}
