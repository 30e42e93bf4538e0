/*
 * jsonline: a line that is one JSON object -> its named values. A scanner over the top level and one level below it: no
 * tree, no recursion, no allocation, one pass (a nested object that is worth a look is passed twice).
 *
 * It is as strict as it must be to tell a JSON line from text that starts with a brace; numbers and literals are taken as
 * they come. Nesting is tracked in the bits of one word, which caps it at 64.
 */
#include "chars.h"
#include "fields.h"

enum { MAX_DEPTH = 64, MAX_NESTED = 8 };

typedef struct scanner {
    lgd_sv s;
    size_t at;
} scanner;

typedef struct nested {
    lgd_sv key, object;
} nested;

static bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

/* The next byte that is no white space, NUL at the end. */
static char next(scanner *j) {
    while (j->at < j->s.n && is_space(j->s.p[j->at])) j->at++;
    return byte_at(j->s, j->at);
}

static bool take(scanner *j, char c) {
    if (next(j) != c) return false;
    j->at++;
    return true;
}

/* At the opening quote. The text is without quotes and not unescaped. */
static bool read_string(scanner *j, lgd_sv *ret, bool *ret_escaped) {
    size_t begin = j->at + 1;
    bool escaped = false;
    for (size_t i = begin; i < j->s.n; i++) {
        if (j->s.p[i] == '"') {
            *ret = slice(j->s, begin, i);
            *ret_escaped = escaped;
            j->at = i + 1;
            return true;
        }
        if (j->s.p[i] == '\\') {
            escaped = true;
            i++;
        }
    }
    return false;
}

/* At an opening bracket: to behind its closing one. depth: of what it stands in. */
static bool skip_nested(scanner *j, unsigned depth) {
    uint64_t objects = 0; /* bit i: level i is an object */
    unsigned top = 0;
    while (j->at < j->s.n) {
        char c = j->s.p[j->at];
        lgd_sv text;
        bool escaped;
        if (c == '"') {
            if (!read_string(j, &text, &escaped)) return false;
            continue;
        }
        if (c == '{' || c == '[') {
            if (depth + ++top > MAX_DEPTH) return false;
            objects = objects << 1 | (c == '{');
        } else if (c == '}' || c == ']') {
            if ((objects & 1) != (c == '}')) return false;
            objects >>= 1;
            top--;
        }
        j->at++;
        if (top == 0) return true;
    }
    return false;
}

static bool read_scalar(scanner *j, lgd_sv *ret) {
    size_t begin = j->at;
    while (j->at < j->s.n && (is_word(j->s.p[j->at]) || is_one_of(j->s.p[j->at], "+-."))) j->at++;
    *ret = slice(j->s, begin, j->at);
    return ret->n > 0;
}

/* One value. Objects that are worth it are noted in inner for a second pass; NULL: at the second level. */
static bool read_value(scanner *j, lgd_sv parent, lgd_sv key, line_values *v, nested *inner, size_t *n_inner) {
    lgd_sv text;
    bool escaped = false;
    char c = next(j);
    if (c == '"') {
        if (!read_string(j, &text, &escaped)) return false;
        values_offer(v, parent, key, text, escaped);
        return true;
    }
    if (c == '{' || c == '[') {
        size_t begin = j->at;
        if (!skip_nested(j, inner ? 1 : 2)) return false;
        text = slice(j->s, begin, j->at);
        if (inner && c == '{' && *n_inner < MAX_NESTED && values_is_container(v, key))
            inner[(*n_inner)++] = (nested){key, text};
        return true;
    }
    if (!read_scalar(j, &text)) return false;
    if (!lgd_sv_eq(text, LGD_SV("null"))) values_offer(v, parent, key, text, false);
    return true;
}

/* Members of the object that j stands at. */
static bool read_members(scanner *j, lgd_sv parent, line_values *v, nested *inner, size_t *n_inner) {
    if (!take(j, '{')) return false;
    if (take(j, '}')) return true;
    do {
        lgd_sv key;
        bool escaped;
        if (next(j) != '"' || !read_string(j, &key, &escaped) || !take(j, ':')) return false;
        values_see(v, parent, key);
        if (!read_value(j, parent, key, v, inner, n_inner)) return false;
    } while (take(j, ','));
    return take(j, '}');
}

bool json_read(lgd_sv line, const field_names *names, line_values *ret) {
    nested inner[MAX_NESTED];
    size_t n_inner = 0;
    scanner j = {line, 0};
    if (next(&j) != '{') return false;
    *ret = (line_values){.names = names};
    if (!read_members(&j, (lgd_sv){0}, ret, inner, &n_inner)) return false;
    if (next(&j), j.at < line.n) return false;
    for (size_t i = 0; i < n_inner; i++) {
        scanner object = {inner[i].object, 0};
        if (!read_members(&object, inner[i].key, ret, NULL, NULL)) return false;
    }
    return true;
}
