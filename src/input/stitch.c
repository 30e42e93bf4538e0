/*
 * stitch: a line in, "belongs to the record before it" out. Rules, in the order they are asked:
 *
 *   1. A structure that is open takes the lines that can be part of it, and only those: a Python traceback and the ones
 *      chained to it, goroutines, a Rust panic, numbered frames, text of an exception, braces, a MySQL slow log entry.
 *      Those that hold blank lines by nature take one, a statement takes all.
 *   2. `Traceback (most recent call last):` continues and opens a traceback; at the end of a line with a header it only opens.
 *   3. What ends in `{` or `[` opens braces: the lines up to the closing one are indented or start with a sign of JSON.
 *      A `{` alone starts a record, unless records of this input start with a time.
 *   4. A line behind a blank one does not continue.
 *   5. An indented line continues, unless the input indents too much for that to mean anything; frames do even then.
 *   6. Lines that only traces have (`Caused by: `, `goroutine 7 [running]:`, a Java exception class, `Stack trace:` ...).
 *   7. Where records start with a time or a level, also `XError: text` and bare names of Go functions.
 *
 * A line that starts like a record ends braces, texts and slow log entries, and each has a largest number of lines, so
 * that what never closes cannot eat a log.
 * Cost: linear in the line; constant for most lines.
 */
#include "stitch.h"

#define TRACEBACK         "Traceback (most recent call last):"
#define JOURNAL_ENTRY     "__CURSOR=" /* its first line, as journalctl -o export writes it */
#define VOTE_LINES        200         /* of a file's start that are asked ... */
#define VOTE_MAX_INDENTED 30          /* ... and the per cent of them that may be indented */
#define MAX_TEXT_LINES    20          /* of one exception */
#define MAX_BRACE_LINES   500
#define MAX_SLOW_LINES    500 /* of a statement */
#define MAX_ENTRY_LINES   200 /* of a journal entry */

typedef enum open_kind {
    OPEN_NONE,
    OPEN_PYTHON,       /* the frames of a traceback */
    OPEN_PYTHON_TEXT,  /* its error was there */
    OPEN_PYTHON_CHAIN, /* it was said that another traceback follows */
    OPEN_TEXT,         /* the text of an exception, no frame yet */
    OPEN_TRACE,        /* frames of Java, .NET, JavaScript, PHP */
    OPEN_CARET,        /* JavaScript's `^` below a line of the program: the error follows */
    OPEN_GO,
    OPEN_RUST,
    OPEN_BRACES,
    OPEN_SLOW_HEAD, /* `# ` lines of a slow log entry; depth: the user was there, or what it took */
    OPEN_SLOW_BODY, /* its statement */
    OPEN_ENTRY      /* names and values of a journal entry, up to a blank line */
} open_kind;

static bool open_as(lgd_line_state *s, open_kind kind, bool continues) {
    s->open = (uint8_t)kind;
    s->n_lines = 0;
    s->depth = 0;
    return continues;
}

static bool is_traceback(lgd_sv body) { return body.p[body.n - 1] == ':' && line_ends_with(body, LGD_SV(TRACEBACK)); }

/* ---- what is open ---- */

static bool takes_blank(const lgd_line_state *s) {
    return s->open == OPEN_PYTHON_TEXT || s->open == OPEN_PYTHON_CHAIN || s->open == OPEN_CARET || s->open == OPEN_GO ||
           s->open == OPEN_SLOW_BODY || (s->open == OPEN_TRACE && s->depth > 0);
}

/* Text of an exception goes on as long as nothing looks like a record, where records can be told. */
static bool takes_text(lgd_line_state *s, lgd_sv line) {
    return s->dated && ++s->n_lines <= MAX_TEXT_LINES && !line_is_dated(line);
}

static bool in_python(lgd_line_state *s, lgd_sv line, lgd_sv body) {
    if (body.n < line.n || line_is_frame(line)) return true;
    if (!line_is_python_error(line)) return false;
    return open_as(s, OPEN_PYTHON_TEXT, true);
}

static bool announces_traceback(lgd_sv line) {
    return lgd_sv_starts(line, LGD_SV("During handling of the above exception")) ||
           lgd_sv_starts(line, LGD_SV("The above exception was the direct cause"));
}

static bool in_python_text(lgd_line_state *s, lgd_sv line, bool after_blank) {
    if (announces_traceback(line)) return open_as(s, OPEN_PYTHON_CHAIN, true);
    return !after_blank && line_without_indent(line).n == line.n && takes_text(s, line);
}

/* A line that ends in an opening sign, or the first one of an object. A `[` alone does not count: what follows it are
 * records. */
static void open_braces(lgd_line_state *s, lgd_sv body) {
    const char last = body.p[body.n - 1];
    const bool ends_open = last == '{' || (last == '[' && body.n > 1);
    if (!ends_open && !(body.p[0] == '{' && last == ',')) return;
    const int32_t depth = line_braces(body);
    if (!ends_open && depth <= 0) return;
    (void)open_as(s, OPEN_BRACES, true);
    s->depth = depth > 0 ? depth : 1;
}

/* depth: numbered frames, `#3 x.php(12): f()`, were seen, or a `^`: more may follow behind a blank line. */
static bool in_trace(lgd_line_state *s, lgd_sv line, lgd_sv body, bool after_blank) {
    if (lgd_sv_starts(line, LGD_SV("[previous exception]")) || (s->depth > 0 && lgd_sv_starts(line, LGD_SV("Next "))) ||
        lgd_sv_starts(line, LGD_SV("Node.js v")))
        return true;
    if (after_blank) return false;
    const bool numbered = line.p[0] == '#' && line_is_digit(line_at(line, 1));
    s->depth |= numbered;
    if (body.n < line.n) open_braces(s, body);
    if (body.n < line.n || numbered) return true;
    return s->depth > 0 && lgd_sv_starts(line, LGD_SV("\"}")) && open_as(s, OPEN_NONE, true);
}

static bool in_text(lgd_line_state *s, lgd_sv line, lgd_sv body) {
    if (line_is_frame(body) || body.n < line.n) {
        s->open = OPEN_TRACE;
        return true;
    }
    return !line_is_java_exception(line) && takes_text(s, line);
}

static bool in_caret(lgd_line_state *s, lgd_sv line, lgd_sv body, bool after_blank) {
    if (body.n < line.n) return !after_blank;
    if (!line_is_python_error(line) && !line_is_named_error(line)) return false;
    (void)open_as(s, OPEN_TEXT, true);
    s->depth = 1;
    return true;
}

static bool in_go(lgd_sv line, lgd_sv body, bool after_blank) {
    if (lgd_sv_starts(line, LGD_SV("goroutine ")) || lgd_sv_starts(line, LGD_SV("[signal "))) return true;
    if (after_blank) return false;
    return body.n < line.n || line_is_go_call(line) || line_is_go_name(line) ||
           lgd_sv_starts(line, LGD_SV("exit status ")) || lgd_sv_starts(line, LGD_SV("...additional frames elided")) ||
           lgd_sv_starts(line, LGD_SV("runtime stack:"));
}

static bool in_rust(lgd_line_state *s, lgd_sv line, lgd_sv body) {
    s->n_lines++;
    if (body.n < line.n || lgd_sv_starts(line, LGD_SV("note: ")) || lgd_sv_eq(line, LGD_SV("stack backtrace:")))
        return true;
    return s->n_lines == 1 && s->depth > 0 && !line_is_dated(line); /* the text of the panic */
}

/* `1714557601.5,`: a member of a list that could be taken for a time. */
static bool is_number(lgd_sv body) {
    for (size_t i = 0; i < body.n; i++)
        if (!line_is_digit(body.p[i]) && memchr(".,-+eE", body.p[i], 6) == NULL) return false;
    return true;
}

static bool in_braces(lgd_line_state *s, lgd_sv line, lgd_sv body) {
    if (++s->n_lines > MAX_BRACE_LINES || (line_is_dated(body) && !is_number(body))) return false;
    const char c = line.p[0];
    const bool sign = c == '}' || c == ']' || ((c == '{' || c == '[') && line.n == 1);
    if (body.n == line.n && !sign && !line_is_json_member(line)) return false;
    s->depth += line_braces(body);
    if (s->depth <= 0) s->open = OPEN_NONE;
    return true;
}

/* Up to the head of the next entry, or the lines that a server writes when it starts. */
static bool in_slow_body(lgd_sv line) {
    return !line_is_slow_head(line) && !line_is_dated(line) && !line_ends_with(line, LGD_SV(" started with:"));
}

static bool in_slow_head(lgd_line_state *s, lgd_sv line) {
    if (line.p[0] != '#') return s->depth > 0 && in_slow_body(line) && open_as(s, OPEN_SLOW_BODY, true);
    if (lgd_sv_starts(line, LGD_SV("# Time: "))) return false;
    const bool user = lgd_sv_starts(line, LGD_SV("# User@Host: "));
    if (user && s->depth > 0) return false;
    s->depth |= user || lgd_sv_starts(line, LGD_SV("# Query_time: "));
    return ++s->n_lines <= MAX_SLOW_LINES;
}

/* Where indentation means nothing, an indented line may be a record. */
static bool is_indented_record(const lgd_line_state *s, lgd_sv line, lgd_sv body) {
    return !s->indent && body.n < line.n && line_is_dated(body) && !is_number(body);
}

static bool in_open(lgd_line_state *s, lgd_sv line, lgd_sv body, bool after_blank) {
    if (is_indented_record(s, line, body)) return false;
    switch ((open_kind)s->open) {
    case OPEN_NONE: return false;
    case OPEN_PYTHON: return in_python(s, line, body);
    case OPEN_PYTHON_TEXT: return in_python_text(s, line, after_blank);
    case OPEN_PYTHON_CHAIN: return is_traceback(body) && body.n == line.n && open_as(s, OPEN_PYTHON, true);
    case OPEN_TEXT: return in_text(s, line, body);
    case OPEN_TRACE: return in_trace(s, line, body, after_blank);
    case OPEN_CARET: return in_caret(s, line, body, after_blank);
    case OPEN_GO: return in_go(line, body, after_blank);
    case OPEN_RUST: return in_rust(s, line, body);
    case OPEN_BRACES: return in_braces(s, line, body);
    case OPEN_SLOW_HEAD: return in_slow_head(s, line);
    case OPEN_SLOW_BODY: return ++s->n_lines <= MAX_SLOW_LINES && in_slow_body(line);
    case OPEN_ENTRY:
        return ++s->n_lines <= MAX_ENTRY_LINES && !lgd_sv_starts(line, LGD_SV(JOURNAL_ENTRY)) && !line_is_dated(line);
    }
    return false;
}

/* ---- what opens, and what continues by itself ---- */

static bool is_marker(lgd_sv line) {
    static const char *const markers[] = {
        "Stack trace:", "stack backtrace:", "Backtrace:", "Call Trace:", "Call stack:", "Stacktrace:", "[stacktrace]"};
    for (size_t k = 0; k < sizeof markers / sizeof *markers; k++)
        if (lgd_sv_eq(line, lgd_sv_of(markers[k]))) return true;
    return false;
}

/* thread 'main' panicked at .., thread 'main' (17) panicked at .. */
static bool is_rust_panic(lgd_sv line) {
    if (!lgd_sv_starts(line, LGD_SV("thread '"))) return false;
    const char *quote = memchr(line.p + 8, '\'', line.n - 8);
    if (quote == NULL) return false;
    lgd_sv behind = line_skip(line, (size_t)(quote - line.p) + 1);
    if (lgd_sv_starts(behind, LGD_SV(" ("))) {
        const char *end = memchr(behind.p, ')', behind.n);
        if (end != NULL) behind = line_skip(behind, (size_t)(end - behind.p) + 1);
    }
    return lgd_sv_starts(behind, LGD_SV(" panicked at "));
}

/* The same behind a header: ends in `:2:5:`, and the text follows. */
static bool is_rust_panic_logged(lgd_sv line) {
    static const char words[] = "' panicked at ";
    return line.n > 24 && line_is_digit(line.p[line.n - 2]) && line_is_dated(line) &&
           memmem(line.p, line.n, words, sizeof words - 1) != NULL;
}

/* Lines that start what is no continuation of anything. */
static bool opens_record(lgd_line_state *s, lgd_sv line) {
    switch (line.p[0]) {
    case 'p': return lgd_sv_starts(line, LGD_SV("panic: ")) && open_as(s, OPEN_GO, true);
    case 'f': return lgd_sv_starts(line, LGD_SV("fatal error: ")) && open_as(s, OPEN_GO, true);
    case '#':
        if (!line_is_slow_head(line)) return false;
        (void)open_as(s, OPEN_SLOW_HEAD, true);
        s->depth = !lgd_sv_starts(line, LGD_SV("# Time: "));
        return true;
    case '_': return lgd_sv_starts(line, LGD_SV(JOURNAL_ENTRY)) && open_as(s, OPEN_ENTRY, true);
    case 't':
        if (!is_rust_panic(line)) return false;
        (void)open_as(s, OPEN_RUST, true);
        s->depth = line.p[line.n - 1] == ':'; /* its text follows */
        return true;
    default: return false;
    }
}

/* A line that is not indented and that only traces have. */
static bool is_part_of_trace(lgd_line_state *s, lgd_sv line) {
    switch (line.p[0]) {
    case 'C':
        if (lgd_sv_starts(line, LGD_SV("Caused by: "))) return open_as(s, OPEN_TEXT, true);
        break;
    case 'S':
        if (lgd_sv_starts(line, LGD_SV("Suppressed: "))) return open_as(s, OPEN_TEXT, true);
        break;
    case 'g':
        if (lgd_sv_starts(line, LGD_SV("goroutine ")) && line.p[line.n - 1] == ':') return open_as(s, OPEN_GO, true);
        break;
    case '-':
        if (lgd_sv_starts(line, LGD_SV("---> "))) return open_as(s, OPEN_TEXT, true);
        if (lgd_sv_starts(line, LGD_SV("--- End of "))) return open_as(s, OPEN_TRACE, true);
        return false;
    case '#': return s->dated && lgd_sv_starts(line, LGD_SV("#0 ")) && open_as(s, OPEN_TRACE, true);
    case '{': return s->dated && line.n == 1; /* the object that the line before told of */
    default: break;
    }
    if (line_is_frame(line) || line_is_ruby_frame(line) || is_marker(line)) return open_as(s, OPEN_TRACE, true);
    if (line_is_java_exception(line) || (s->dated && line_is_named_error(line))) return open_as(s, OPEN_TEXT, true);
    return s->dated && line_is_go_name(line) && open_as(s, OPEN_GO, true);
}

static bool fresh(lgd_line_state *s, lgd_sv line, lgd_sv body, bool after_blank) {
    if (is_traceback(body)) return open_as(s, OPEN_PYTHON, body.n == sizeof TRACEBACK - 1) && !after_blank;
    bool continues = false;
    if (line.p[line.n - 1] == ':' && is_rust_panic_logged(line)) {
        (void)open_as(s, OPEN_RUST, true);
        s->depth = 1;
        return false;
    }
    if (body.n < line.n) {
        if (body.p[0] == '^') (void)open_as(s, OPEN_CARET, true);
        continues = s->indent || line_is_frame(body);
    } else if (!line_is_digit(line.p[0]) && !opens_record(s, line)) {
        continues = is_part_of_trace(s, line);
    }
    open_braces(s, body);
    return continues && !after_blank;
}

bool lgd_line_continues(lgd_sv line, lgd_line_state *s) {
    const lgd_sv body = line_without_indent(line);
    const bool after_blank = s->after_blank;
    s->after_blank = body.n == 0;
    if (body.n == 0) {
        if (takes_blank(s) && (!after_blank || s->open == OPEN_SLOW_BODY)) return true;
        return open_as(s, OPEN_NONE, false);
    }
    if (s->open != OPEN_NONE) {
        if (in_open(s, line, body, after_blank)) return true;
        s->open = OPEN_NONE;
    }
    return fresh(s, line, body, after_blank);
}

/* ---- the layout of an input ---- */

lgd_line_state lgd_line_state_of(lgd_sv sample) {
    size_t lines = 0, indented = 0, numbered = 0, records = 0, dated = 0;
    lgd_line_state state = {.indent = true, .dated = true};
    while (sample.n > 0 && lines < VOTE_LINES) {
        const char *end = memchr(sample.p, '\n', sample.n);
        const lgd_sv line = {sample.p, end != NULL ? (size_t)(end - sample.p) : sample.n};
        const lgd_sv body = line_without_indent(line);
        const bool continues = lgd_line_continues(line, &state);
        sample = line_skip(sample, line.n + (end != NULL));
        lines++;
        if (body.n > 0 && body.n < line.n) {
            indented += !line_is_frame(body);
            numbered += line_is_digit(body.p[0]) || line_is_dated(body);
        } else if (body.n > 0 && !continues) {
            records++;
            dated += line_is_dated(line);
        }
    }
    state = (lgd_line_state){.dated = dated > 0 && dated * 2 >= records};
    state.indent = indented * 100 <= lines * VOTE_MAX_INDENTED || (state.dated && numbered * 10 <= indented);
    return state;
}
