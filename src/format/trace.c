/*
 * trace: the first line of a record and the lines behind it -> one message that stands for the stack trace: what the
 * event is, in words that stay the same.
 *
 *     types/top frame: message of the first line  type: text  [root type: text]  at frame frame frame
 *
 * The first word - simple names of the outermost and the root exception and of the function on top - keeps traces apart,
 * since templates start with the first word (docs/TEMPLATES.md); what follows it is for people and for the values in it.
 * With several exceptions the frames are the top one of the first and two of the last. Line numbers, arguments and
 * generated names are left out, they change with each build.
 *
 * Cost: one pass over the record, 1 KiB of each line; memory is the result, at most 1,600 bytes longer than the message.
 */
#include "trace.h"

#include "chars.h"
#include "record.h"

enum { TOP = 3, MAX_NAME = 96, MAX_SAID = 160, HEAD_BYTES = 320, TAIL_BYTES = 1024 };

/* ---- bounded text ---- */

void trace_put(trace_text *out, lgd_sv s) {
    const size_t room = out->capacity - out->n, n = s.n < room ? s.n : room;
    memcpy(out->p + out->n, s.p, n);
    out->n += n;
}

static void put_char(trace_text *out, char c) { trace_put(out, (lgd_sv){&c, 1}); }

/* A dot between labels: none at the start, none twice. */
static void put_dot(trace_text *out, size_t start) {
    if (out->n > start && out->p[out->n - 1] != '.') put_char(out, '.');
}

static size_t skip_hex(lgd_sv s, size_t i) {
    while (i < s.n && (is_digit(s.p[i]) || (to_lower(s.p[i]) >= 'a' && to_lower(s.p[i]) <= 'f'))) i++;
    return i;
}

/* Behind the type arguments that open at i. */
static size_t skip_arguments(lgd_sv s, size_t i) {
    const char open = s.p[i], close = open == '[' ? ']' : '>';
    size_t depth = 0;
    for (; i < s.n; i++) {
        depth += s.p[i] == open;
        if (s.p[i] == close && --depth == 0) return i + 1;
    }
    return s.n;
}

/* The byte at i of a name; returns where the next one stands. */
static size_t put_name_byte(trace_text *out, size_t start, lgd_sv s, size_t i) {
    const char c = s.p[i], next = byte_at(s, i + 1);
    if (c == '/' && next == '0') return skip_hex(s, i + 3); /* the address of a lambda */
    if (c == '[' || (c == '<' && i > 0 && is_word(s.p[i - 1]))) return skip_arguments(s, i);
    if (c == '/' || c == ' ') {
        out->n = start; /* what stood before is a path, a module, a kind of block */
    } else if (c == '$' && is_digit(next)) {
        return digits_end(s, i + 1);
    } else if (is_one_of(c, ".:\\#") || (c == '-' && next == '>')) {
        if (c == ':' && next == ':' && byte_at(s, i + 2) == 'h' && skip_hex(s, i + 3) == i + 19)
            return s.n; /* a hash */
        put_dot(out, start);
    } else if (is_letter(c) || c == '_' || c == '$' || (unsigned char)c >= 0x80) {
        put_char(out, c);
    } else if (c == '-' || c == '@') {
        put_char(out, '_');
    }
    return i + 1;
}

static void put_labels(trace_text *out, lgd_sv s) {
    const size_t start = out->n;
    static const char closure[] = ".func"; /* Go: a number was behind it */
    const size_t n_closure = sizeof closure - 1;
    for (size_t i = 0; i < s.n && out->n - start < MAX_NAME;) i = put_name_byte(out, start, s, i);
    while (out->n > start && is_one_of(out->p[out->n - 1], ".$")) out->n--;
    while (out->n - start > n_closure && memcmp(out->p + out->n - n_closure, closure, n_closure) == 0)
        out->n -= n_closure;
}

/* The name of a file without its folders and its extension. */
static lgd_sv base_name(lgd_sv file) {
    size_t start = file.n, end = file.n;
    while (start > 0 && !is_one_of(file.p[start - 1], "/\\")) start--;
    for (size_t i = start + 1; i < file.n; i++)
        if (file.p[i] == '.') end = i;
    return slice(file, start, end);
}

void trace_put_name(trace_text *out, lgd_sv file, lgd_sv name) {
    const size_t start = out->n;
    put_labels(out, base_name(file));
    put_dot(out, start);
    put_labels(out, name);
    if (out->n > start && out->p[out->n - 1] == '.') out->n--;
}

/* Behind the closing quote of what opens at i, 0 if it does not close: quotes inside words are none. */
static size_t quoted_end(lgd_sv s, size_t i) {
    const char close = s.p[i] == '`' ? '\'' : s.p[i];
    if (i > 0 && is_word(s.p[i - 1])) return 0;
    for (size_t k = i + 1; k < s.n; k++) {
        if (s.p[k] == '\\')
            k++;
        else if ((s.p[k] == close || s.p[k] == s.p[i]) && !is_word(byte_at(s, k + 1)))
            return k + 1;
    }
    return 0;
}

void trace_put_said(trace_text *out, lgd_sv text, size_t max_bytes) {
    const size_t most = out->n + max_bytes;
    for (size_t i = 0, end; i < text.n && out->n < most;) {
        const char c = text.p[i];
        if ((c == '"' || c == '\'' || c == '`') && (end = quoted_end(text, i)) > 0) {
            trace_put(out, LGD_SV("'...'"));
            i = end;
        } else {
            put_char(out, (unsigned char)c < ' ' ? ' ' : c);
            i++;
        }
    }
    if (out->n < most) return;
    size_t end = out->n; /* cut: no part of a word */
    while (end > most - max_bytes && out->p[end - 1] != ' ') end--;
    if (end > most - max_bytes) out->n = end - 1;
}

/* ---- the walk over the lines ---- */

typedef struct frames {
    lgd_sv file[TOP], name[TOP];
    size_t n;
    bool innermost_last;
} frames;

typedef struct walk {
    frames first, last;          /* of the first exception, and of the last that has frames of its own */
    lgd_sv type[2], text[2];     /* the first exception and the last */
    size_t n_types, n_sections;  /* sections that have frames */
    bool new_section, in_python; /* the next frame starts one; frames come outermost first */
    bool numbered, done;         /* places belong to the frames before them; another thread */
    size_t suppressed;           /* what is indented more is left out, if not 0 */
} walk;

static void add_frame(walk *w, const trace_line *l) {
    if (w->new_section || w->n_sections == 0) {
        frames *fresh = w->n_sections == 0 ? &w->first : &w->last;
        *fresh = (frames){.innermost_last = w->in_python};
        w->n_sections++;
        w->new_section = false;
    }
    frames *f = w->n_sections == 1 ? &w->first : &w->last;
    if (f->n == TOP && !f->innermost_last) return;
    if (f->n == TOP) {
        memmove(f->file, f->file + 1, (TOP - 1) * sizeof *f->file);
        memmove(f->name, f->name + 1, (TOP - 1) * sizeof *f->name);
        f->n--;
    }
    f->file[f->n] = l->file;
    f->name[f->n++] = l->name;
}

static void add_exception(walk *w, const trace_line *l) {
    const size_t k = w->n_types == 0 ? 0 : 1;
    w->type[k] = l->name;
    w->text[k] = l->text;
    w->n_types = k + 1;
    w->new_section |= !w->in_python;
}

static void take_line(walk *w, lgd_sv line) {
    const trace_line l = trace_line_of(line, w->in_python);
    if (w->suppressed > 0 && l.indent + 1 > w->suppressed) return;
    w->suppressed = 0;
    w->numbered |= l.counted;
    switch (l.kind) {
    case TRACE_OTHER: break;
    case TRACE_EXCEPTION: add_exception(w, &l); break;
    case TRACE_FRAME: add_frame(w, &l); break;
    case TRACE_PLACE:
        if (!w->numbered) add_frame(w, &l);
        break;
    case TRACE_SECTION: w->new_section = true; break;
    case TRACE_TRACEBACK: w->new_section = w->in_python = true; break;
    case TRACE_SUPPRESSED: w->suppressed = l.indent + 2; break;
    case TRACE_THREAD: w->done = w->n_sections > 0; break;
    case TRACE_PANIC: w->n_sections = 0; break;
    }
}

/* A first line that says nothing but that something follows: the text of Rust's panics. */
static bool is_text_of_panic(lgd_sv message, lgd_sv line) {
    return message.n > 0 && message.p[message.n - 1] == ':' && line.n > 0 && !is_blank(line.p[0]);
}

static void walk_lines(walk *w, lgd_sv message, lgd_sv rest) {
    for (bool first = true; rest.n > 0 && !w->done; first = false) {
        const char *end = memchr(rest.p, '\n', rest.n);
        const lgd_sv line = slice(rest, 0, end != NULL ? (size_t)(end - rest.p) : rest.n);
        rest = slice(rest, line.n + (end != NULL), rest.n);
        const size_t before = w->n_types + w->n_sections;
        take_line(w, line);
        if (first && w->n_types + w->n_sections == before && !w->in_python && is_text_of_panic(message, line))
            w->text[0] = line;
    }
}

/* ---- the message ---- */

/* The k-th frame from the top. */
static void put_frame(trace_text *out, const frames *f, size_t k) {
    if (f->innermost_last) k = f->n - 1 - k;
    trace_put_name(out, f->file[k], f->name[k]);
}

/* The last labels of a name. */
static void put_short(trace_text *out, lgd_sv name, size_t labels) {
    size_t i = name.n;
    while (i > 0 && (name.p[i - 1] != '.' || --labels > 0)) i--;
    trace_put(out, slice(name, i, name.n));
}

static void put_simple_type(trace_text *out, lgd_sv type) {
    char bytes[MAX_NAME];
    trace_text name = {bytes, 0, sizeof bytes};
    trace_put_name(&name, (lgd_sv){"", 0}, type);
    put_short(out, (lgd_sv){bytes, name.n}, 1);
}

static void put_head(trace_text *out, const walk *w, lgd_sv message) {
    lgd_sv outer = trace_exception_in(message);
    if (outer.n == 0 && w->n_types > 0) outer = w->type[0];
    put_simple_type(out, outer);
    const lgd_sv root = w->n_types > 0 ? w->type[w->n_types - 1] : outer;
    if (!lgd_sv_eq(root, outer)) {
        if (out->n > 0) put_char(out, '/');
        put_simple_type(out, root);
    }
    if (w->n_sections > 0) {
        char bytes[2 * MAX_NAME + 1];
        trace_text name = {bytes, 0, sizeof bytes};
        put_frame(&name, &w->first, 0);
        if (out->n > 0) put_char(out, '/');
        put_short(out, (lgd_sv){bytes, name.n}, 2);
    }
    if (out->n > 0) trace_put(out, LGD_SV(": "));
}

static void put_tail(trace_text *out, const walk *w) {
    for (size_t k = 0; k < w->n_types; k++) {
        put_char(out, ' ');
        trace_put_name(out, (lgd_sv){"", 0}, w->type[k]);
        put_char(out, ':');
        if (w->text[k].n > 0) put_char(out, ' ');
        trace_put_said(out, w->text[k], MAX_SAID);
    }
    if (w->n_types == 0 && w->text[0].n > 0) {
        put_char(out, ' ');
        trace_put_said(out, w->text[0], MAX_SAID);
    }
    if (w->n_sections == 0) return;
    const bool two = w->n_sections > 1;
    trace_put(out, LGD_SV(" at"));
    for (size_t k = 0; k < w->first.n && k < (two ? 1 : TOP); k++) {
        put_char(out, ' ');
        put_frame(out, &w->first, k);
    }
    for (size_t k = 0; two && k < w->last.n && k < TOP - 1; k++) {
        put_char(out, ' ');
        put_frame(out, &w->last, k);
    }
}

lgd_status trace_digest(lgd_sv message, lgd_sv rest, lgd_arena *arena, lgd_sv *ret, bool *ret_found, lgd_err *err) {
    char head_bytes[HEAD_BYTES], tail_bytes[TAIL_BYTES];
    trace_text head = {head_bytes, 0, sizeof head_bytes}, tail = {tail_bytes, 0, sizeof tail_bytes};
    walk w = {.in_python = message.n >= sizeof TRACE_PYTHON_HEAD - 1 &&
                           memcmp(message.p + message.n - (sizeof TRACE_PYTHON_HEAD - 1), TRACE_PYTHON_HEAD,
                                  sizeof TRACE_PYTHON_HEAD - 1) == 0};
    walk_lines(&w, message, rest);
    *ret_found = w.n_types + w.n_sections > 0;
    if (!*ret_found) return LGD_OK;
    put_head(&head, &w, message);
    put_tail(&tail, &w);
    trace_text all = {lgd_arena_alloc(arena, head.n + message.n + tail.n), 0, head.n + message.n + tail.n};
    if (all.p == NULL) return lgd_fail_memory(err, all.capacity);
    trace_put(&all, (lgd_sv){head.p, head.n});
    trace_put(&all, message);
    trace_put(&all, (lgd_sv){tail.p, tail.n});
    *ret = (lgd_sv){all.p, all.n};
    return LGD_OK;
}
