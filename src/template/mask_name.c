/*
 * template/mask_name: literals, identifiers, addresses, hosts, paths.
 *
 * Recognisers that fail behind a long run of characters note its end: from wherever in the run they start, they come to
 * the same end and fail again. So a line made to be tried again and again costs linear time.
 */
#include "mask.h"
#include "symbols.h"

enum { MAX_RUN = 256 };

/* What stands before i, perhaps with a blank between, makes it a value: `key=`, `"key":`, or an element of a list. */
static bool is_value_place(lgd_sv m, size_t i) {
    if (i && m.p[i - 1] == ' ') i--;
    if (i == 0) return false;
    char before = m.p[i - 1], quote = i >= 2 ? m.p[i - 2] : ' ';
    return before == '=' || before == ',' || before == '[' || (before == ':' && (quote == '"' || quote == '\''));
}

static bool is_absent(lgd_sv word) {
    static const char *const words[] = {"null", "NULL", "nil", "None"};
    for (size_t k = 0; k < sizeof words / sizeof *words; k++)
        if (lgd_sv_eq(word, lgd_sv_of(words[k]))) return true;
    return false;
}

/* What is not there is a value wherever it is named. True and false are one in data; elsewhere they may tell what happened,
 * which clustering decides. */
size_t mask_literal(spot s) {
    if (!memchr("nNtTfF", s.m.p[s.i], 6) || s.prev == '.' || s.prev == '-') return 0;
    size_t end = skip_word(s.m, s.i), n = end - s.i;
    char next = char_at(s.m, end);
    if (n < 3 || n > 5 || next == '.' || next == '-') return 0;
    lgd_sv word = {s.m.p + s.i, n};
    return is_absent(word) || (token_is_boolean(word) && is_value_place(s.m, s.i)) ? n : 0;
}

size_t mask_uuid(spot s) {
    static const unsigned groups[] = {8, 4, 4, 4, 12};
    size_t i = s.i;
    if (is_word(s.prev) || s.m.n - i < 36) return 0;
    for (size_t g = 0; g < 5; g++) {
        if (g && char_at(s.m, i++) != '-') return 0;
        for (unsigned k = 0; k < groups[g]; k++)
            if (!is_hex(char_at(s.m, i++))) return 0;
    }
    return is_word(char_at(s.m, i)) ? 0 : i - s.i;
}

static bool ends_url(char c) { return is_space(c) || (c && strchr(",;\"'<>()[]", c)); }

size_t mask_url(spot s) {
    size_t i = s.i;
    if (i < s.known->no_url || char_at(s.m, i) < 'a' || char_at(s.m, i) > 'z') return 0;
    for (char c = char_at(s.m, i); (c >= 'a' && c <= 'z') || is_digit(c) || c == '+' || c == '.' || c == '-';) {
        c = char_at(s.m, ++i);
    }
    s.known->no_url = i;
    if (char_at(s.m, i) != ':' || char_at(s.m, i + 1) != '/' || char_at(s.m, i + 2) != '/') return 0;
    size_t start = i += 3;
    while (!ends_url(char_at(s.m, i))) i++;
    while (i > start && (s.m.p[i - 1] == '.' || s.m.p[i - 1] == ':')) i--;
    return i > start ? i - s.i : 0;
}

static bool is_label(char c) { return is_word(c) || c == '-'; }

static size_t skip_label(lgd_sv m, size_t i) {
    while (is_label(char_at(m, i))) i++;
    return i;
}

size_t mask_label_end(spot s) {
    known *k = s.known;
    if (s.i < k->label_begin || s.i >= k->label_end) {
        k->label_begin = s.i;
        k->label_end = skip_label(s.m, s.i);
    }
    return k->label_end;
}

static bool is_mailbox(char c) { return is_word(c) || c == '.' || c == '+' || c == '-'; }

size_t mask_email(spot s) {
    size_t i = s.i;
    if (i < s.known->no_email) return 0;
    while (is_mailbox(char_at(s.m, i))) i++;
    s.known->no_email = i;
    if (i == s.i || char_at(s.m, i) != '@') return 0;
    size_t end = skip_label(s.m, i + 1);
    if (end == i + 1) return 0;
    size_t labels = 0;
    while (char_at(s.m, end) == '.') {
        size_t label = skip_label(s.m, end + 1);
        if (label == end + 1) break;
        end = label;
        labels++;
    }
    return labels ? end - s.i : 0;
}

static size_t skip_hex(lgd_sv m, size_t i, size_t most) {
    size_t end = i;
    while (is_hex(char_at(m, end))) end++;
    return end - i <= most ? end : i;
}

/* MAC addresses and the like: 3+ groups of 1-2 digits with colons, 6+ groups of 2 with dashes. */
size_t mask_colon_hex(spot s) {
    if (is_word(s.prev) || s.prev == ':' || s.prev == '.' || s.prev == '-') return 0;
    for (size_t pass = 0; pass < 2; pass++) {
        char sep = pass ? '-' : ':';
        size_t i = s.i, groups = 0;
        for (;;) {
            size_t end = skip_hex(s.m, i, 2);
            if (end == i || (pass && end != i + 2)) break;
            groups++;
            i = end;
            if (char_at(s.m, i) != sep) break;
            i++;
        }
        bool whole = groups >= (pass ? 6u : 3u) && i > s.i && s.m.p[i - 1] != sep;
        if (whole && !is_word(char_at(s.m, i)) && char_at(s.m, i) != ':') return i - s.i;
    }
    return 0;
}

/* Four numbers of up to three digits at i: end, or 0. */
static size_t skip_quad(lgd_sv m, size_t i) {
    for (size_t part = 0; part < 4; part++) {
        if (part && char_at(m, i++) != '.') return 0;
        i = few_digits(m, i, 3);
        if (!i) return 0;
    }
    return i;
}

/* What may stand behind the last group, which begins at `last`: an IPv4 address that this is the start of, the function
 * of a PCI device ("0000:00:1f.1"), or a zone. Its end, or i. */
static size_t skip_ip6_tail(lgd_sv m, size_t last, size_t i) {
    if (char_at(m, i) == '%') {
        size_t zone = skip_word(m, i + 1);
        return zone > i + 1 ? zone : i;
    }
    if (char_at(m, i) != '.') return i;
    size_t quad = skip_quad(m, last);
    if (quad) return quad;
    bool function = is_digit(char_at(m, i + 1)) && !is_word(char_at(m, i + 2)) && char_at(m, i + 2) != '.';
    return function ? i + 2 : i;
}

/* At least two colons and up to nine groups of 0-4 hex digits. */
size_t mask_ip6(spot s) {
    if (is_word(s.prev) || s.prev == ':' || s.prev == '.') return 0;
    size_t i = s.i, last = i, colons = 0, groups = 0;
    bool digit = false;
    while (groups < 9) {
        size_t end = skip_hex(s.m, i, 4);
        for (size_t k = i; k < end; k++) digit |= is_digit(s.m.p[k]);
        groups += end > i;
        last = i;
        i = end;
        if (char_at(s.m, i) != ':') break;
        i++;
        colons++;
    }
    if (colons < 2 || !digit) return 0;
    i = skip_ip6_tail(s.m, last, i);
    return is_word(char_at(s.m, i)) || char_at(s.m, i) == ':' ? 0 : i - s.i;
}

/* "10.0.0.1", "/10.0.0.1:80", "10.0.0.0/8", "0.0.0.0/0.0.0.0:80"; the `/` of "localhost/10.0.0.1" is text. */
size_t mask_ip4(spot s) {
    if (is_word(s.prev) || s.prev == '.') return 0;
    size_t i = skip_quad(s.m, s.i + (char_at(s.m, s.i) == '/'));
    if (!i) return 0;
    size_t second = char_at(s.m, i) == '/' ? skip_quad(s.m, i + 1) : 0;
    if (second) i = second;
    char c = char_at(s.m, i);
    if ((c == ':' || c == '/') && is_digit(char_at(s.m, i + 1))) {
        size_t port = skip_digits(s.m, i + 1);
        if (!is_word(char_at(s.m, port))) i = port;
    }
    return is_word(char_at(s.m, i)) ? 0 : i - s.i;
}

size_t mask_windows_path(spot s) {
    if (is_word(s.prev) || char_at(s.m, s.i + 1) != ':' || char_at(s.m, s.i + 2) != '\\') return 0;
    size_t i = s.i + 3;
    while (!is_space(char_at(s.m, i)) && !strchr("\"',;", char_at(s.m, i))) i++;
    return i > s.i + 3 ? i - s.i : 0;
}

/* A query behind a path, "?key=value&...": end, or i. Its first `=` is looked for in MAX_RUN bytes. */
static size_t skip_query(lgd_sv m, size_t i) {
    bool pair = false;
    size_t end = i + 1;
    if (char_at(m, i) != '?') return i;
    for (; is_path(char_at(m, end)) || char_at(m, end) == '?'; end++) {
        pair |= m.p[end] == '=';
        if (!pair && end - i > MAX_RUN) return i;
    }
    return pair ? end : i;
}

size_t mask_path(spot s) {
    if (is_word(s.prev) || (s.prev && strchr("/.>)]", s.prev))) return 0;
    size_t i = s.i + 1;
    while (is_path(char_at(s.m, i))) i++;
    while (i > s.i + 1 && (s.m.p[i - 1] == '.' || s.m.p[i - 1] == ':')) i--;
    i = skip_query(s.m, i);
    return i > s.i + 1 ? i - s.i : 0;
}

/* End of label(.label)* at i, i if there is none; how many dots are in it and where its last label starts. */
static size_t skip_dotted(lgd_sv m, size_t i, size_t *ret_dots, size_t *ret_last) {
    size_t n = 0, end = skip_label(m, i);
    *ret_last = i;
    while (end > i && char_at(m, end) == '.' && is_label(char_at(m, end + 1))) {
        *ret_last = end + 1;
        end = skip_label(m, end + 1);
        n++;
    }
    *ret_dots = n;
    return end;
}

/* A host without a dot: a number in it, no name of something else (eth0), and neither a `_` nor a dash at its end. */
static bool is_numbered_host(lgd_sv label) {
    bool whole = label.p[label.n - 1] != '-' && !memchr(label.p, '_', label.n);
    return whole && token_has_digit(label) && !token_is_name(label);
}

size_t mask_host_port(spot s) {
    size_t dots, last;
    if (s.i < s.known->no_host || is_word(s.prev) || s.prev == '.') return 0;
    size_t end = skip_dotted(s.m, s.i, &dots, &last), port = skip_digits(s.m, end + 1);
    s.known->no_host = end;
    if (end == s.i || char_at(s.m, end) != ':' || port == end + 1) return 0;
    if (!is_alpha(s.m.p[last])) return s.known->no_host = last, 0; /* but its last label may be a host */
    bool goes_on = is_word(char_at(s.m, port)) || (char_at(s.m, port) == '.' && is_digit(char_at(s.m, port + 1)));
    bool host = dots || is_numbered_host((lgd_sv){s.m.p + s.i, end - s.i});
    return host && !goes_on ? port - s.i : 0;
}

size_t mask_dotted_digit(spot s) {
    size_t dots, last;
    if (s.i < s.known->no_dotted || is_word(s.prev) || s.prev == '.') return 0;
    size_t end = skip_dotted(s.m, s.i, &dots, &last);
    s.known->no_dotted = end;
    if (dots < 2 || is_word(char_at(s.m, end)) || char_at(s.m, end) == '(') return 0;
    return token_has_digit((lgd_sv){s.m.p + s.i, end - s.i}) ? end - s.i : 0;
}
