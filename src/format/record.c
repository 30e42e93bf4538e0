/*
 * record: a record of several lines -> the text that its header is looked for in, and the message that stands for all of
 * its lines. A record of one line costs one comparison.
 *
 *     JSON object on several lines   is read as one line, the reader skips white space
 *     entry of an exported journal   is read as a whole (journal.c)
 *     MySQL slow log entry           its times and counts, and the statement
 *     stack trace                    trace.c
 *     anything else                  the first line's message; if that says next to nothing, up to three lines
 *
 * Free text behind a first line that says what happened is left to the raw record: its words would make a template each.
 */
#include "record.h"

#include "chars.h"

enum { MAX_JOINED_LINES = 3, MAX_JOINED = 1024, MAX_TRACE_MESSAGE = 8192 };

/* `{`, then a member or nothing, up to `}`: not the `{'a': 1}` of other languages. */
static bool is_object(lgd_sv text) {
    if (text.n < 2 || text.p[0] != '{' || text.p[text.n - 1] != '}') return false;
    const lgd_sv inside = lgd_sv_trim(slice(text, 1, text.n));
    return inside.p[0] == '"' || inside.p[0] == '}';
}

lgd_sv lgd_record_line(const lgd_record *r) {
    const lgd_sv head = {r->text.p, r->head_n};
    bool whole = r->n_lines > 1 && (is_object(lgd_sv_trim(r->text)) || lgd_sv_starts(head, LGD_SV("__CURSOR=")));
    return whole ? r->text : head;
}

/* Takes the next line off *rest. */
static lgd_sv next_line(lgd_sv *rest) {
    const char *end = memchr(rest->p, '\n', rest->n);
    const lgd_sv line = slice(*rest, 0, end != NULL ? (size_t)(end - rest->p) : rest->n);
    *rest = slice(*rest, line.n + (end != NULL), rest->n);
    return line;
}

/* Appends a line, a blank before it; false when it did not fit in whole. */
static bool put_line(char *out, size_t *n, lgd_sv line) {
    line = lgd_sv_trim(line);
    if (line.n == 0) return true;
    if (*n > 0 && *n < MAX_JOINED) out[(*n)++] = ' ';
    const size_t fits = line.n < MAX_JOINED - *n ? line.n : MAX_JOINED - *n;
    memcpy(out + *n, line.p, fits);
    *n += fits;
    return fits == line.n;
}

static lgd_status keep(const char *bytes, size_t n, lgd_arena *arena, lgd_sv *ret, lgd_err *err) {
    return lgd_arena_copy(arena, (lgd_sv){bytes, n}, ret) ? LGD_OK : lgd_fail_memory(err, n);
}

/* ---- slow log ---- */

static bool is_slow_log(lgd_sv text) {
    static const char *const heads[] = {"# Time: ", "# User@Host: ", "# Query_time: "};
    for (size_t k = 0; k < sizeof heads / sizeof *heads; k++)
        if (lgd_sv_starts(text, lgd_sv_of(heads[k]))) return true;
    return false;
}

/* `SET timestamp=1;`, `SET insert_id=2,timestamp=1;` and `use x;` stand before the statement and are none. */
static bool is_preamble(lgd_sv line) {
    static const char *const starts[] = {"use ", "SET timestamp=", "SET insert_id=", "SET last_insert_id="};
    for (size_t k = 0; k < sizeof starts / sizeof *starts; k++)
        if (lgd_sv_starts(line, lgd_sv_of(starts[k]))) return true;
    return false;
}

/* When: the head's time if it has a zone, else the server's own, which is in UTC, else the head's. */
static void slow_time(lgd_sv line, lgd_cut *cut) {
    static const char mark[] = "timestamp=";
    const bool head = lgd_sv_starts(line, LGD_SV("# Time: "));
    size_t at = sizeof "# Time: " - 1;
    lgd_timestamp written;
    if (!head) {
        const char *set = is_preamble(line) ? memmem(line.p, line.n, mark, sizeof mark - 1) : NULL;
        if (set == NULL || (cut->has_time && (cut->written.has_zone || cut->written.is_epoch))) return;
        at = (size_t)(set - line.p) + sizeof mark - 1;
    }
    const lgd_sv text = slice(line, at, line.n);
    if (lgd_timestamp_parse(text, &written) == 0) return;
    cut->written = written;
    cut->has_time = true;
}

/* The line with the durations, without its sign; then the statement, or the preamble where there is no other. */
static lgd_status slow_message(lgd_sv text, lgd_arena *arena, lgd_cut *cut, lgd_err *err) {
    char out[MAX_JOINED];
    size_t n = 0, before = 0;
    lgd_sv preamble = {text.p, 0};
    for (bool fits = true; fits && text.n > 0;) {
        const lgd_sv line = lgd_sv_trim(next_line(&text));
        slow_time(line, cut);
        if (lgd_sv_starts(line, LGD_SV("# Query_time: ")) || lgd_sv_starts(line, LGD_SV("# administrator command: "))) {
            fits = put_line(out, &n, slice(line, 2, line.n));
            before = n;
        } else if (is_preamble(line)) {
            preamble = line;
        } else if (!lgd_sv_starts(line, LGD_SV("#"))) {
            fits = put_line(out, &n, line);
        }
    }
    if (n == before) (void)put_line(out, &n, preamble);
    return n > 0 ? keep(out, n, arena, &cut->header.message, err) : LGD_OK;
}

/* ---- plain text ---- */

/* No word, or one or two that announce more: no event can be told by it. */
static bool says_little(lgd_sv message) {
    size_t words = 0, letters = 0;
    for (size_t i = 0; i <= message.n && words < 3; i++) {
        const bool letter = is_letter(byte_at(message, i));
        words += !letter && letters > 1;
        letters = letter ? letters + 1 : 0;
    }
    return words == 0 || (words < 3 && message.p[message.n - 1] == ':');
}

static lgd_status join_lines(lgd_sv rest, lgd_arena *arena, lgd_sv *message, lgd_err *err) {
    char out[MAX_JOINED];
    size_t n = 0;
    bool fits = put_line(out, &n, *message);
    for (size_t k = 0; fits && k < MAX_JOINED_LINES && rest.n > 0; k++) fits = put_line(out, &n, next_line(&rest));
    return keep(out, n, arena, message, err);
}

/* Text behind the first line. found: it is a trace. */
static lgd_status message_of_lines(lgd_sv first, lgd_sv rest, bool may_join, lgd_arena *arena, lgd_sv *message,
                                   lgd_err *err) {
    bool found = false;
    if (rest.n > 0 && rest.p[0] == '\n') rest = slice(rest, 1, rest.n);
    if (rest.n == 0 || first.n > MAX_TRACE_MESSAGE) return LGD_OK;
    LGD_TRY(trace_digest(first, rest, arena, message, &found, err));
    return found || !may_join || !says_little(first) ? LGD_OK : join_lines(rest, arena, message, err);
}

lgd_status lgd_record_message(const lgd_record *r, lgd_arena *arena, lgd_cut *cut, lgd_err *err) {
    lgd_sv *message = &cut->header.message;
    *message = lgd_sv_trim(*message);
    const bool whole = lgd_record_line(r).n > r->head_n; /* an object or an entry: its message is all there is */
    if (r->n_lines > 1 && is_slow_log(r->text)) return slow_message(r->text, arena, cut, err);
    if (r->n_lines > 1 && !whole)
        return message_of_lines(*message, slice(r->text, r->head_n, r->text.n), true, arena, message, err);
    lgd_sv rest = *message; /* if it was made from JSON it may hold a trace */
    if (memchr(rest.p, '\n', rest.n) == NULL) return LGD_OK;
    const lgd_sv first = lgd_sv_trim(next_line(&rest));
    return message_of_lines(first, rest, false, arena, message, err);
}
