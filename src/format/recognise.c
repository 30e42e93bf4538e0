/*
 * recognise: (kind, place in a line) -> field or nothing. The grammar of each kind is in docs/FORMATS.md.
 *
 * Hand-written scanners, one for each kind, each with a look at the first byte that settles most calls. They never look
 * back, but PIPE for its bar and TIME for a date, and never beyond the head of the line that the caller cut off.
 */
#include "recognise.h"

#include "chars.h"

enum { PIPE_MAX = 80, BRACKET_MAX = 200, TAG_MAX = 128, LEVEL_MAX = 13, LATE_WORDS = 2, NAME_MAX = 40 };

static bool is_end(lgd_sv head, size_t at) { return at >= head.n || has_class(head.p[at], CHAR_STOP); }

static size_t skip_one_of(lgd_sv head, size_t at, const char *set) {
    return is_one_of(byte_at(head, at), set) ? at + 1 : at;
}

static size_t skip_blanks(lgd_sv head, size_t at) {
    while (at < head.n && is_blank(head.p[at])) at++;
    return at;
}

size_t gap_end(lgd_sv head, size_t at) {
    at = skip_blanks(head, at);
    return byte_at(head, at) == '|' ? skip_blanks(head, at + 1) : at;
}

size_t word_end(lgd_sv head, size_t at) {
    while (!is_end(head, at)) at++;
    return at;
}

static char closing(char open) {
    switch (open) {
    case '[': return ']';
    case '(': return ')';
    case '{': return '}';
    case '<': return '>';
    case '"': return '"';
    default: return '\0';
    }
}

static size_t pipe_field(lgd_sv head, size_t at, field *ret) {
    size_t before = at, end = at;
    while (before > 0 && is_blank(head.p[before - 1])) before--;
    if (before == 0 || head.p[before - 1] != '|') return 0;
    while (end < head.n && end - at <= PIPE_MAX && head.p[end] != '|') end++;
    if (byte_at(head, end) != '|' || end - at > PIPE_MAX) return 0;
    ret->text = lgd_sv_trim(slice(head, at, end));
    return end;
}

/* glog writes the level as a letter glued to the date. */
static lgd_level glued_level(lgd_sv text) {
    return text.n > 1 && is_letter(text.p[0]) && is_digit(text.p[1]) ? lgd_level_of(slice(text, 0, 1)) : LGD_LEVEL_NONE;
}

/* Shell histories write #1714557601, tcsh #+1714557601. */
static size_t skip_history_mark(lgd_sv head, size_t at) {
    if (byte_at(head, at) != '#') return at;
    return at + 1 + (byte_at(head, at + 1) == '+');
}

/* Routers mark a clock that is not set or not in step: *May  1, .May  1. */
static size_t skip_clock_mark(lgd_sv head, size_t at) {
    return is_one_of(byte_at(head, at), "*.") && is_letter(byte_at(head, at + 1)) ? at + 1 : at;
}

/* The date of this time of day is glued to something: `x::2024-05-01 10:00:07`. No date is better than the wrong one. */
static bool is_behind_date(lgd_sv head, size_t at) {
    static const char form[] = "dddd-dd-dd ";
    size_t n = sizeof form - 1;
    if (at < n) return false;
    for (size_t i = 0; i < n; i++) {
        char c = head.p[at - n + i];
        if (form[i] == 'd' ? !is_digit(c) : form[i] == '-' ? !is_one_of(c, "-/.") : c != ' ') return false;
    }
    return true;
}

static size_t time_field(lgd_sv head, size_t at, bool epoch, field *ret) {
    char open = byte_at(head, at), close = open == '{' ? '\0' : closing(open);
    if (close) at++;
    char first = byte_at(head, at);
    if (!is_word(first)) {
        at = epoch ? skip_history_mark(head, at) : skip_clock_mark(head, at);
        first = byte_at(head, at);
    }
    if (!is_digit(first) && (epoch ? first != '@' : !is_letter(first))) return 0;
    size_t n = lgd_timestamp_parse((lgd_sv){head.p + at, head.n - at}, &ret->written);
    if (n == 0 || ret->written.is_epoch != epoch) return 0;
    if (ret->written.month < 0 && !epoch && is_behind_date(head, at)) return 0;
    ret->text = slice(head, at, at + n);
    ret->level = glued_level(ret->text);
    at += n;
    if (close && byte_at(head, at) == close) at++;
    return skip_one_of(head, at, ",:;");
}

/* Behind the letters of a level word and its number, as in DEBUG2. */
static size_t level_word_end(lgd_sv head, size_t at) {
    size_t end = at, limit = head.n - at > LEVEL_MAX ? at + LEVEL_MAX + 1 : head.n;
    while (end < limit && is_letter(head.p[end])) end++;
    if (end - at < 3 || end - at > LEVEL_MAX) return at;
    return is_digit(byte_at(head, end)) ? end + 1 : end;
}

/* Behind Apache's [core: and the [Server thread/ of Log4j's short layouts, `at` if there is none. */
static size_t level_name_end(lgd_sv head, size_t at, char close) {
    size_t end = at;
    while (end < head.n && end - at < NAME_MAX && (is_word(head.p[end]) || is_one_of(head.p[end], " -#."))) end++;
    bool is_name = end > at && is_one_of(byte_at(head, end), ":/") && is_letter(byte_at(head, end + 1));
    return is_name && byte_at(head, level_word_end(head, end + 1)) == close ? end + 1 : at;
}

/* [error], ( WARN ), <info>; `at` is behind the bracket. */
static size_t bracketed_level(lgd_sv head, size_t at, char close, field *ret) {
    size_t begin = skip_blanks(head, at), name_end = level_name_end(head, begin, close);
    if (name_end > begin && head.p[name_end - 1] == ':') ret->name = slice(head, begin, name_end - 1);
    size_t end = level_word_end(head, name_end);
    ret->text = slice(head, name_end, end);
    ret->level = lgd_level_of(ret->text);
    if (ret->level == LGD_LEVEL_NONE) return 0;
    end = skip_blanks(head, end);
    if (byte_at(head, end) != close) return 0;
    end++;
    if (byte_at(head, end) == '[' || byte_at(head, end) == '(') return end;
    if (close == '"' && is_one_of(byte_at(head, end), ",;")) return end + 1; /* a column */
    end = skip_one_of(head, end, ":,;");
    return end < head.n && is_end(head, end) ? end : 0;
}

/* What stands in the brackets of the time behind the level: `INFO]` and `INFO/MainProcess]`. */
static size_t in_time_bracket(lgd_sv head, size_t at) {
    size_t end = byte_at(head, at) == ']' ? at + 1 : word_end(head, at);
    return head.p[end - 1] == ']' && is_end(head, end) ? end : 0;
}

static size_t level_field(lgd_sv head, size_t at, field *ret) {
    char first = byte_at(head, at), close = is_letter(first) ? '\0' : closing(first);
    ret->name = (lgd_sv){0};
    if (close) return bracketed_level(head, at + 1, close, ret);
    size_t end = level_word_end(head, at);
    if (end == at) return 0;
    ret->text = slice(head, at, end);
    ret->level = lgd_level_of(ret->text);
    if (ret->level == LGD_LEVEL_NONE) return 0;
    if (end >= head.n) return 0;
    char next = head.p[end];
    if (is_blank(next)) return end;
    if (next == ']' || next == '/') return in_time_bracket(head, end);
    /* Python's default layout glues: WARNING:root:text; so do columns, and INFO[0012] text. Capitals alone, for `error:text`
     * is prose. */
    if (is_one_of(next, ":,;[") && ret->text.p[0] <= 'Z' && ret->text.p[1] <= 'Z') return end + (next != '[');
    end = skip_one_of(head, end, ":,;");
    return end < head.n && is_end(head, end) ? end : 0;
}

/* What is no known level has to be capitals alone: it is not kept in the message. */
static size_t any_level_field(lgd_sv head, size_t at, field *ret) {
    size_t end = level_field(head, at, ret);
    if (end) return end;
    char close = closing(byte_at(head, at));
    size_t begin = close ? at + 1 : at;
    for (end = begin; end < head.n && head.p[end] >= 'A' && head.p[end] <= 'Z';) end++;
    if (end - begin < 3 || end - begin > LEVEL_MAX) return 0;
    ret->text = slice(head, begin, end);
    ret->level = LGD_LEVEL_NONE;
    if (close && byte_at(head, end++) != close) return 0;
    end = skip_one_of(head, end, ":,;");
    return end < head.n && is_end(head, end) ? end : 0;
}

/* PostgreSQL's `user@db LOG:`, where lines of the server itself have no user. The words before must not be a sentence:
 * the level stands in capitals with a colon behind it. */
static size_t late_level_field(lgd_sv head, size_t at, field *ret) {
    for (size_t words = 0; words <= LATE_WORDS && at < head.n; words++) {
        size_t end = level_field(head, at, ret), last = word_end(head, at);
        if (end && byte_at(head, last - 1) == ':' && ret->text.p == head.p + at && ret->text.p[0] <= 'Z') return end;
        at = gap_end(head, last);
    }
    return 0;
}

static size_t letter_field(lgd_sv head, size_t at, field *ret) {
    char c = byte_at(head, at);
    if (!is_one_of(c, "VDIWEFCN") || at + 1 >= head.n) return 0;
    bool slash = head.p[at + 1] == '/';
    if (!slash && !is_end(head, at + 1)) return 0;
    ret->text = slice(head, at, at + 1);
    ret->level = lgd_level_of(ret->text);
    return at + 1 + slash;
}

static size_t number_field(lgd_sv head, size_t at, field *ret) {
    char open = byte_at(head, at), close = open == '[' || open == '(' ? closing(open) : '\0';
    if (close || open == '#') at++;
    size_t begin = at, end = digits_end(head, at + (byte_at(head, at) == '-'));
    if (end == begin || !is_digit(head.p[end - 1])) return 0;
    ret->text = slice(head, begin, end);
    if (close) {
        if (byte_at(head, end) != close) return 0;
        end++;
    }
    end = skip_one_of(head, end, ":,;");
    return is_end(head, end) ? end : 0;
}

/* Behind ` (x)`, or `at` itself. */
static size_t skip_round(lgd_sv head, size_t at) {
    size_t p = at + (byte_at(head, at) == ' ');
    if (byte_at(head, p) != '(') return at;
    while (p < head.n && p - at < TAG_MAX && head.p[p] != ')' && !is_blank(head.p[p])) p++;
    return byte_at(head, p) == ')' ? p + 1 : at;
}

/* `[digits]` or Android's `(  digits)`, then `:`. */
static size_t tag_pid(lgd_sv head, size_t at, field *ret) {
    char close = closing(head.p[at]);
    size_t begin = close == ')' ? skip_blanks(head, at + 1) : at + 1, end = digits_end(head, begin);
    if (end == begin || byte_at(head, end) != close) return 0;
    lgd_sv pid = slice(head, begin, end);
    end = skip_round(head, end + 1);
    if (byte_at(head, end) != ':' || !is_end(head, end + 1)) return 0;
    ret->pid = pid;
    return end + 1;
}

/* file.c:12 */
static bool is_place(lgd_sv text) {
    size_t end = text.n;
    while (end > 0 && is_digit(text.p[end - 1])) end--;
    return end > 0 && end < text.n && text.p[end - 1] == ':';
}

/* The colon of `name:`, or the bracket that closes [time level name]. */
static inline bool ends_name(lgd_sv head, size_t at, size_t p) {
    char c = head.p[p];
    if ((c != ':' && c != ']') || !is_end(head, p + 1)) return false;
    return c == ':' || !is_place(slice(head, at, p));
}

/* name: and name[pid]:. Behind a skipped word a name with a pid may have two blanks inside. */
static size_t tag_field(lgd_sv head, size_t at, bool after_word, field *ret) {
    size_t inner_blanks = 0;
    ret->pid = (lgd_sv){0};
    if (byte_at(head, at) == ':') return 0;
    for (size_t p = at; p < head.n && p - at < TAG_MAX; p++) {
        char c = head.p[p];
        if (!has_class(c, CHAR_TAG)) continue;
        if (p > at && (c == '[' || c == '(')) {
            size_t end = tag_pid(head, p, ret);
            if (end) {
                ret->text = slice(head, at, p);
                return end;
            }
            if (c == '[') return 0;
        }
        if (is_blank(c)) {
            if (c != ' ' || !after_word || ++inner_blanks > 2 || is_end(head, p + 1)) return 0;
        } else if (inner_blanks == 0 && p > at && ends_name(head, at, p)) {
            ret->text = slice(head, at, p);
            return p + 1;
        } else if (c != ':' && c != '(') {
            return 0;
        }
    }
    return 0;
}

static bool is_source_extension(lgd_sv e) {
    static const char *const known[] = {"c",  "cc", "cpp", "cxx", "h",  "hpp",   "go", "py",  "java", "rs", "lua",
                                        "js", "ts", "rb",  "kt",  "cs", "scala", "m",  "php", "mm",   "pl", "swift"};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (lgd_sv_eq(e, lgd_sv_of(known[i]))) return true;
    }
    return false;
}

static size_t source_field(lgd_sv head, size_t at, field *ret) {
    size_t p = at, dot = 0;
    for (; p < head.n && p - at < TAG_MAX; p++) {
        char c = head.p[p];
        if (c == '.') dot = p;
        if (!is_word(c) && !is_one_of(c, "./\\-+@~")) break;
    }
    if (byte_at(head, p) != ':' || dot <= at || !is_source_extension(slice(head, dot + 1, p))) return 0;
    ret->text = slice(head, at, p);
    size_t end = digits_end(head, p + 1);
    if (end == p + 1) return 0;
    if (byte_at(head, end) == ':' && is_digit(byte_at(head, end + 1))) end = digits_end(head, end + 1);
    end = skip_one_of(head, end, ":],");
    return is_end(head, end) ? end : 0;
}

static size_t bracket_field(lgd_sv head, size_t at, field *ret) {
    char open = byte_at(head, at), close = open == '"' ? '\0' : closing(open);
    if (!close) return 0;
    size_t depth = 0, p = at;
    for (; p < head.n && p - at <= BRACKET_MAX; p++) {
        if (head.p[p] == open) depth++;
        if (head.p[p] == close && --depth == 0) break;
    }
    if (p >= head.n || depth > 0) return 0;
    ret->text = slice(head, at + 1, p);
    p = skip_one_of(head, p + 1, ":,");
    return is_end(head, p) || head.p[p] == '[' ? p : 0;
}

static size_t separator_field(lgd_sv head, size_t at) {
    size_t end = at;
    while (end < head.n && end - at < 4 && !is_blank(head.p[end])) end++;
    if (end < head.n && !is_blank(head.p[end])) return 0;
    lgd_sv s = slice(head, at, end);
    switch (s.n) {
    case 1: return is_one_of(s.p[0], "-|:>*") ? end : 0;
    case 2: {
        bool is_double = s.p[0] == s.p[1] && is_one_of(s.p[0], "-:");
        return is_double || (s.p[1] == '>' && is_one_of(s.p[0], "=-")) ? end : 0;
    }
    case 3: return memcmp(s.p, "---", 3) == 0 ? end : 0;
    default: return 0;
    }
}

static size_t to_separator_field(lgd_sv head, size_t at, field *ret) {
    size_t begin = at, last = at;
    for (int word = 0; word < MAX_SKIP; word++) {
        if (at >= head.n) return 0;
        last = word_end(head, at);
        at = gap_end(head, last);
        size_t end = separator_field(head, at);
        if (end == 0) continue;
        ret->text = slice(head, begin, last);
        return end;
    }
    return 0;
}

static size_t pad_field(lgd_sv head, size_t at, field *ret) {
    size_t end = word_end(head, at);
    if (end == at || end >= head.n) return 0;
    if (head.p[end] != '\t' && !(head.p[end] == ' ' && byte_at(head, end + 1) == ' ')) return 0;
    ret->text = slice(head, at, end);
    return end;
}

size_t field_recognise(field_kind kind, lgd_sv head, size_t at, bool after_word, field *ret) {
    if (at >= head.n) return 0;
    switch (kind) {
    case FIELD_PIPE: return pipe_field(head, at, ret);
    case FIELD_TIME: return time_field(head, at, false, ret);
    case FIELD_EPOCH: return time_field(head, at, true, ret);
    case FIELD_LEVEL: return level_field(head, at, ret);
    case FIELD_LETTER: return letter_field(head, at, ret);
    case FIELD_NUMBER: return number_field(head, at, ret);
    case FIELD_TAG: return tag_field(head, at, after_word, ret);
    case FIELD_SOURCE: return source_field(head, at, ret);
    case FIELD_BRACKET: return bracket_field(head, at, ret);
    case FIELD_SEPARATOR: return separator_field(head, at);
    case FIELD_TO_SEPARATOR: return to_separator_field(head, at, ret);
    case FIELD_PAD: return pad_field(head, at, ret);
    case FIELD_ANY_LEVEL: return any_level_field(head, at, ret);
    case FIELD_LATE_LEVEL: return late_level_field(head, at, ret);
    case FIELD_KINDS: break;
    }
    return 0;
}
