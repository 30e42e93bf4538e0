/*
 * trace_line: a line of a stack trace -> its kind, the name in it and what it says. Java, Python, Go, JavaScript, .NET,
 * Ruby, PHP, Rust, gdb and the Linux kernel; nothing has to say which language it is.
 *
 * Frames of the runtime that stand on top of every trace of a language (Rust's and Go's panic machinery) are no frames
 * here: they would be the top of all of them. Cost: O(line), of which 1 KiB is looked at.
 */
#include "chars.h"
#include "trace.h"

enum { MAX_LOOK = 1024 };

static lgd_sv behind(lgd_sv s, size_t n) { return (lgd_sv){s.p + n, s.n - n}; }

static bool ends_with(lgd_sv s, lgd_sv end) { return s.n >= end.n && memcmp(s.p + s.n - end.n, end.p, end.n) == 0; }

/* Index of what in s, s.n if it is not there. */
static size_t find(lgd_sv s, lgd_sv what) {
    for (size_t i = 0; i + what.n <= s.n; i++)
        if (s.p[i] == what.p[0] && memcmp(s.p + i, what.p, what.n) == 0) return i;
    return s.n;
}

static lgd_sv until(lgd_sv s, const char *set) {
    size_t i = 0;
    while (i < s.n && !is_one_of(s.p[i], set)) i++;
    return slice(s, 0, i);
}

/* ---- exceptions ---- */

static bool is_type_char(char c) { return is_word(c) || is_one_of(c, "$.:\\"); }

/* End of a type's name, `a.b.C`, `A::B`, `A\B`; a `:` counts only in pairs. */
static size_t type_end(lgd_sv s, size_t at) {
    size_t i = at;
    while (i < s.n && is_type_char(s.p[i])) {
        if (s.p[i] == ':') {
            if (byte_at(s, i + 1) != ':') break;
            i++;
        }
        i++;
    }
    return i < s.n ? i : s.n;
}

static bool is_error_name(lgd_sv name) {
    static const char *const ends[] = {"Exception", "Error", "Throwable", "Fault", "Interrupt", "Exit"};
    for (size_t k = 0; k < sizeof ends / sizeof *ends; k++)
        if (ends_with(name, lgd_sv_of(ends[k]))) return true;
    return false;
}

/* `type: text`, `type (text)`, `type [CODE]: text` or nothing but the type; any_name: the place says that it is one. */
static bool read_exception(lgd_sv s, bool any_name, trace_line *ret) {
    const size_t n = type_end(s, 0);
    if (n == 0 || !is_letter(s.p[0])) return false;
    const lgd_sv name = slice(s, 0, n);
    if (!any_name && !is_error_name(name)) return false;
    const char next = byte_at(s, n);
    if (n < s.n && next != ':' && !(next == ' ' && is_one_of(byte_at(s, n + 1), "([")) && next != '(') return false;
    ret->kind = TRACE_EXCEPTION;
    ret->name = name;
    ret->text = lgd_sv_trim(behind(s, n + (next == ':')));
    return true;
}

lgd_sv trace_exception_in(lgd_sv message) {
    if (message.n > MAX_LOOK) message.n = MAX_LOOK;
    if (lgd_sv_starts(message, LGD_SV("panic: ")) || find(message, LGD_SV(" panicked at ")) < message.n)
        return LGD_SV("panic");
    for (size_t i = 0; i < message.n;) {
        if (!is_letter(message.p[i])) {
            i++;
            continue;
        }
        const size_t end = type_end(message, i);
        const char next = byte_at(message, end);
        const bool whole =
            end == message.n || is_one_of(next, ":)(") || (next == ' ' && byte_at(message, end + 1) == '[');
        if (whole && is_error_name(slice(message, i, end))) return slice(message, i, end);
        i = end;
    }
    return (lgd_sv){message.p, 0};
}

/* Words that an exception follows. */
static bool read_led_exception(lgd_sv s, trace_line *ret) {
    static const char *const leads[] = {"Caused by: ", "---> ", "Next ", "[previous exception] [object] ("};
    for (size_t k = 0; k < sizeof leads / sizeof *leads; k++) {
        const lgd_sv lead = lgd_sv_of(leads[k]);
        if (!lgd_sv_starts(s, lead)) continue;
        s = behind(s, lead.n);
        if (lgd_sv_starts(s, LGD_SV("(Inner Exception #"))) s = behind(s, find(s, LGD_SV(") ")));
        s = lgd_sv_trim(lgd_sv_starts(s, LGD_SV(") ")) ? behind(s, 2) : s);
        return read_exception(s, k < 2, ret);
    }
    return false;
}

/* ---- frames ---- */

static bool is_of_runtime(lgd_sv name) {
    static const char *const starts[] = {
        "std::",    "core::",      "alloc::", "rust_begin_unwind", "rust_panic", "__rust",
        "<alloc::", "backtrace::", "panic",   "runtime.",          "runtime/"};
    for (size_t k = 0; k < sizeof starts / sizeof *starts; k++)
        if (lgd_sv_starts(name, lgd_sv_of(starts[k]))) return true;
    return false;
}

static void set_frame(trace_line *ret, lgd_sv file, lgd_sv name) {
    ret->kind = is_of_runtime(name) ? TRACE_OTHER : TRACE_FRAME;
    ret->file = file;
    ret->name = name;
}

/* Behind `at `. */
static bool read_at(lgd_sv s, trace_line *ret) {
    if (lgd_sv_starts(s, LGD_SV("async "))) s = behind(s, 6);
    if (lgd_sv_starts(s, LGD_SV("new "))) s = behind(s, 4);
    const lgd_sv name = until(s, "( ");
    if (name.n == 0) return false;
    const char next = byte_at(s, name.n), then = byte_at(s, name.n + 1);
    if (next == '(' || (next == ' ' && (then == '(' || then == '[')) ||
        lgd_sv_starts(behind(s, name.n), LGD_SV(" in "))) {
        set_frame(ret, (lgd_sv){name.p, 0}, name);
        return true;
    }
    if (name.n < s.n || !is_digit(s.p[s.n - 1])) return false;
    size_t end = s.n; /* file:line:column */
    for (int part = 0; part < 2; part++) {
        size_t i = end;
        while (i > 0 && is_digit(s.p[i - 1])) i--;
        if (i > 0 && i < end && s.p[i - 1] == ':') end = i - 1;
    }
    ret->kind = TRACE_PLACE;
    ret->file = slice(s, 0, end);
    return true;
}

/* Behind `File "`. */
static bool read_python(lgd_sv s, trace_line *ret) {
    const lgd_sv file = until(s, "\"");
    const lgd_sv rest = behind(s, file.n);
    const size_t in = find(rest, LGD_SV(", in "));
    if (in == rest.n) return false;
    set_frame(ret, file, behind(rest, in + 5));
    return true;
}

/* `file.rb:12:in 'f'`, behind `from `. */
static bool read_ruby(lgd_sv s, trace_line *ret) {
    const size_t in = find(s, LGD_SV(":in "));
    if (in == s.n || in == 0 || !is_digit(s.p[in - 1]) || memchr(s.p, ' ', in) != NULL) return false;
    set_frame(ret, until(s, ":"), until(behind(s, in + 5), "'"));
    return true;
}

/* Behind `#3 `: PHP's `file(12): f()`, gdb's `0x1 in f (x) at y.c:1`. */
static bool read_numbered(lgd_sv s, trace_line *ret) {
    s = lgd_sv_trim(s);
    const size_t place = find(s, LGD_SV("): ")), internal = find(s, LGD_SV("]: ")), in = find(s, LGD_SV(" in "));
    if (place < s.n)
        s = behind(s, place + 3);
    else if (internal < s.n)
        s = behind(s, internal + 3);
    else if (lgd_sv_starts(s, LGD_SV("0x")) && in < s.n)
        s = behind(s, in + 4);
    const lgd_sv name = until(s, "( ");
    if (name.n == 0 || !(is_letter(name.p[0]) || name.p[0] == '_')) return false;
    set_frame(ret, (lgd_sv){name.p, 0}, name);
    return true;
}

/* Rust's `12: a::b`, `12: 0x5581 - a::b::h0123456789abcdef`. */
static bool read_rust(lgd_sv s, trace_line *ret) {
    const size_t n = digits_end(s, 0);
    if (n == 0 || byte_at(s, n) != ':' || byte_at(s, n + 1) != ' ') return false;
    s = lgd_sv_trim(behind(s, n + 1));
    ret->counted = true;
    const size_t dash = lgd_sv_starts(s, LGD_SV("0x")) ? find(s, LGD_SV(" - ")) : s.n;
    set_frame(ret, (lgd_sv){s.p, 0}, dash < s.n ? behind(s, dash + 3) : s);
    return true;
}

/* Go's `main.(*T).run(0xc000)` or, from loggers, `main.(*T).run`; no blank outside the arguments. */
static bool read_go(lgd_sv s, trace_line *ret) {
    size_t i = 0, dots = 0;
    for (; i < s.n && (is_word(s.p[i]) || is_one_of(s.p[i], "./*-()[]")); i++) {
        dots += s.p[i] == '.';
        if (s.p[i] == '(' && byte_at(s, i + 1) != '*') break;
    }
    if (i == 0 || dots == 0 || !is_letter(s.p[0])) return false;
    if (i < s.n && !(s.p[i] == '(' && s.p[s.n - 1] == ')')) return false;
    set_frame(ret, (lgd_sv){s.p, 0}, slice(s, 0, i));
    return true;
}

/* The kernel's `f+0x12/0x34`, perhaps with `? ` or `[<address>] ` before it. */
static bool read_kernel(lgd_sv s, trace_line *ret) {
    if (lgd_sv_starts(s, LGD_SV("[<"))) s = lgd_sv_trim(behind(s, until(s, " ").n));
    if (lgd_sv_starts(s, LGD_SV("? "))) s = behind(s, 2);
    const lgd_sv name = until(s, "+ ");
    if (name.n == 0 || !lgd_sv_starts(behind(s, name.n), LGD_SV("+0x"))) return false;
    set_frame(ret, (lgd_sv){name.p, 0}, name);
    return true;
}

static bool read_frame(lgd_sv s, bool indented, trace_line *ret) {
    switch (s.p[0]) {
    case 'a':
        if (lgd_sv_starts(s, LGD_SV("at "))) return read_at(behind(s, 3), ret);
        break;
    case 'F':
        if (lgd_sv_starts(s, LGD_SV("File \""))) return read_python(behind(s, 6), ret);
        break;
    case 'f':
        if (lgd_sv_starts(s, LGD_SV("from "))) return read_ruby(behind(s, 5), ret);
        break;
    case '#': {
        const size_t n = digits_end(s, 1);
        return n > 1 && byte_at(s, n) == ' ' && read_numbered(behind(s, n), ret);
    }
    default: break;
    }
    if (is_digit(s.p[0])) return read_rust(s, ret);
    if (read_kernel(s, ret)) return true;
    return !indented && (read_ruby(s, ret) || read_go(s, ret));
}

trace_line trace_line_of(lgd_sv line, bool in_python) {
    trace_line ret = {.kind = TRACE_OTHER};
    if (line.n > MAX_LOOK) line.n = MAX_LOOK;
    lgd_sv s = line;
    while (s.n > 0 && is_blank(s.p[0])) s = behind(s, 1);
    s = lgd_sv_trim(s);
    ret.indent = line.n - s.n;
    if (s.n == 0) return ret;
    ret.indent = (size_t)(s.p - line.p);
    if (ends_with(s, LGD_SV(TRACE_PYTHON_HEAD))) {
        ret.kind = TRACE_TRACEBACK;
    } else if (lgd_sv_starts(s, LGD_SV("Suppressed: "))) {
        ret.kind = TRACE_SUPPRESSED;
    } else if (lgd_sv_starts(s, LGD_SV("--- End of inner "))) {
        ret.kind = TRACE_SECTION;
    } else if (lgd_sv_starts(s, LGD_SV("goroutine "))) {
        ret.kind = TRACE_THREAD;
    } else if (ret.indent == 0 && lgd_sv_starts(s, LGD_SV("panic(")) && s.p[s.n - 1] == ')') {
        ret.kind = TRACE_PANIC;
    } else if (!read_led_exception(s, &ret) && !(ret.indent > 0 && in_python && s.p[0] != 'F')) {
        if (!read_frame(s, ret.indent > 0, &ret)) (void)read_exception(s, in_python && ret.indent == 0, &ret);
    }
    return ret;
}
