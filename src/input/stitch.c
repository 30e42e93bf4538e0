/*
 * stitch: a line in, "belongs to the record before it" out.
 *
 * Rules, in the order they are asked (a blank line never continues and ends a trace):
 *   1. `Traceback (most recent call last):` continues and opens a trace; at the end of a line with a header it only opens.
 *   2. An indented line continues, unless the file indents too much for that to mean anything; in a trace, and when it
 *      is a frame (`at x.y(`, `File "`, `... 12 more`), it continues even then.
 *   3. `goroutine 7 [running]:` continues and opens a trace (Go).
 *   4. In a trace: a Go call `pkg.f(...)` or `created by` continues; `SomeError: text` continues and ends it; all else ends it.
 *   5. `Caused by: `, `Suppressed: `, frames, and a Java exception class at the start of the line continue.
 * Each rule looks at the line once from its start: linear in the line, no regular expression, constant work for most lines.
 */
#include "stitch.h"

#define TRACEBACK         "Traceback (most recent call last):"
#define VOTE_LINES        200 /* of a file's start that are asked ... */
#define VOTE_MAX_INDENTED 30  /* ... and the per cent of them that may be indented */

static bool is_digit(char c) { return c >= '0' && c <= '9'; }
static bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
static bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
static bool is_name(char c) { return is_lower(c) || is_upper(c) || is_digit(c) || c == '_' || c == '$'; }

static lgd_sv skip(lgd_sv s, size_t n) { return (lgd_sv){s.p + n, s.n - n}; }

static bool ends_with(lgd_sv s, lgd_sv end) { return s.n >= end.n && memcmp(s.p + s.n - end.n, end.p, end.n) == 0; }

static lgd_sv without_indent(lgd_sv line) {
    size_t i = 0;
    while (i < line.n && (line.p[i] == ' ' || (line.p[i] >= '\t' && line.p[i] <= '\r'))) i++;
    return skip(line, i);
}

bool lgd_blank(lgd_sv line) { return without_indent(line).n == 0; }

/* Length of `name(.name)*` at the start of s; *ret_last is where its last name starts. */
static size_t dotted_name(lgd_sv s, size_t *ret_last) {
    size_t i = 0;
    *ret_last = 0;
    for (; i < s.n && (is_name(s.p[i]) || (s.p[i] == '.' && i > 0 && s.p[i - 1] != '.')); i++)
        if (s.p[i] == '.') *ret_last = i + 1;
    return i;
}

/* ([a-z_$][\w$]*\.)+[A-Z][\w$]*(Exception|Error|Throwable)(:|$) */
static bool is_java_exception(lgd_sv line) {
    if (line.n == 0 || is_digit(line.p[0]) || is_upper(line.p[0])) return false;
    size_t last, n = dotted_name(line, &last);
    if (last == 0 || last >= n || !is_upper(line.p[last]) || (n < line.n && line.p[n] != ':')) return false;
    const lgd_sv name = {line.p + last, n - last};
    return ends_with(name, LGD_SV("Exception")) || ends_with(name, LGD_SV("Error")) ||
           ends_with(name, LGD_SV("Throwable"));
}

/* The last line of a Python traceback: `KeyError`, `ValueError: text`, `socket.timeout: timed out`. */
static bool is_python_error(lgd_sv line) {
    size_t last, n = dotted_name(line, &last);
    if (n == 0 || n == last || is_digit(line.p[0]) || (last == 0 && !is_upper(line.p[0]))) return false;
    return n == line.n || (line.p[n] == ':' && (n + 1 == line.n || line.p[n + 1] == ' '));
}

/* `main.(*T).run(0xc000010000)` or `created by net/http.(*Server).Serve` */
static bool is_go_call(lgd_sv line) {
    if (lgd_sv_starts(line, LGD_SV("created by "))) return true;
    if (line.n == 0 || line.p[line.n - 1] != ')' || is_digit(line.p[0])) return false;
    size_t i = 0;
    while (i < line.n && (is_name(line.p[i]) || memchr("./*-()", line.p[i], 6) != NULL)) i++;
    return memchr(line.p, '(', i) != NULL;
}

/* `at com.acme.Service.run(Service.java:42)`, `File "x.py", line 3`, `... 12 more`; s starts behind the indentation. */
static bool is_frame(lgd_sv s) {
    if (s.n < 5) return false;
    if (s.p[0] == '.') return memcmp(s.p, "... ", 4) == 0 && is_digit(s.p[4]);
    if (s.p[0] == 'F') return lgd_sv_starts(s, LGD_SV("File \""));
    if (s.p[0] != 'a' || memcmp(s.p, "at ", 3) != 0) return false;
    for (size_t i = 3; i < s.n && s.p[i] != ' '; i++)
        if (s.p[i] == '(') return i > 3;
    return false;
}

bool lgd_stitch(lgd_sv line, bool indent, bool *in_trace) {
    const bool was_in_trace = *in_trace;
    const lgd_sv body = without_indent(line);
    if (body.n == 0) return *in_trace = false;
    if (body.p[body.n - 1] == ':' && ends_with(body, LGD_SV(TRACEBACK))) {
        *in_trace = true;
        return body.n == sizeof TRACEBACK - 1;
    }
    if (body.n < line.n) return indent || was_in_trace || is_frame(body);
    if (line.p[0] == 'g' && lgd_sv_starts(line, LGD_SV("goroutine ")) && line.p[line.n - 1] == ':')
        return *in_trace = true;
    if (was_in_trace) {
        if (is_go_call(line)) return true;
        *in_trace = false;
        if (is_python_error(line)) return true;
    }
    if (line.p[0] == 'C') return lgd_sv_starts(line, LGD_SV("Caused by: "));
    if (line.p[0] == 'S') return lgd_sv_starts(line, LGD_SV("Suppressed: "));
    return is_frame(line) || is_java_exception(line);
}

bool lgd_line_continues(lgd_sv line, bool *in_trace) { return lgd_stitch(line, true, in_trace); }

bool lgd_stitch_indent(lgd_sv sample) {
    size_t lines = 0, indented = 0;
    while (sample.n > 0 && lines < VOTE_LINES) {
        const char *end = memchr(sample.p, '\n', sample.n);
        const lgd_sv line = {sample.p, end != NULL ? (size_t)(end - sample.p) : sample.n};
        const lgd_sv body = without_indent(line);
        lines++;
        indented += body.n > 0 && body.n < line.n && !is_frame(body);
        sample = skip(sample, line.n + (end != NULL));
    }
    return indented * 100 <= lines * VOTE_MAX_INDENTED;
}
